/* The parts of watch: what they share. Private to watch*.c. */
#ifndef BF_RISK_WATCH_IN_H
#define BF_RISK_WATCH_IN_H

#include "watch.h"

#define ASSET_MAX	24
#define POLL_MIN_MS	25	/* an order in flight is asked for after this, */
#define POLL_MAX_MS	400	/* then after twice as long, up to this */
#define SETTLE_MAX_MS	1600	/* the same for reading the account after it: dearer */
#define LAG_MS		10000	/* how far the exchange's answers may lag behind an order; recvWindow
				 * and this after it left, an unseen one is none */
#define UNREAD_MS	60000	/* a reader that is always behind is not waited for longer */
#define PAUSE_TIMES	3	/* after a question that failed: so much longer than it took */
#define TRIES_MAX	8	/* orders that did not fill, in a row, until it is said to be stuck */
#define PAUSE_MAX_MS	30000	/* between them at most; */
#define PAUSE_SOME_MS	1000	/* after one that filled in part */
#define LOOK_MS		1000	/* rules that follow time are looked at so often */
#define CANCEL_MS	5000	/* what was to be cancelled and still stands is cancelled again */
#define HOLD_MS		3000	/* a balance that jumped may be a transfer not told of yet */
#define INCOME_AGAIN_MS	2000	/* income rows come late: they are read twice, so far apart */

#define SLOT_MS		300000	/* of the marks of equity of a rolling day */
#define SLOTS		288	/* 24 h of them */

/* An order's realised profit, until it ends. */
#define CLOSING_MAX	64
#define ROWS_MAX	4096
struct closing { enum market m; uint64_t id; char asset[ASSET_MAX]; dec sum; };

/* Equity, and transfers until then, at the first look in a slot. */
struct mark_of_equity { int64_t slot; dec equity, moved; };

/* What came and went in a day. */
struct sums { dec realised, fees, funding, transfers, other; };	/* fees < 0 are paid */

/* Of one asset: its balance as it should be by what was counted. The real one is another while something that changed
 * it is not told of yet. */
struct till { enum market m; char asset[ASSET_MAX]; dec booked; int64_t begun_ms; };	/* exchange time */

/* Income rows that have still to be read. */
struct owed {
	int	reads;			/* 0: none */
	bool	first;			/* none was read whole yet: until then events are not counted, as their rows will be */
	bool	failed;			/* the last one */
	int64_t	due_ms;			/* monotonic */
};

/*
 * One wallet, or (multi) all of them as one margin in USD: its figures of this look, and
 * its day. Money in its asset.
 */
struct purse {
	enum market m;
	bool	multi;			/* asset is then "USD" */
	char	asset[ASSET_MAX];
	/* of this look */
	bool	seen, known;		/* known: the next five */
	bool	held;			/* positions are */
	dec	notional, equity, upnl;
	bool	has_ratio, ruined;	/* ruined: maintenance, and no equity */
	dec	ratio;			/* a fraction */
	/* its day; anchored: it has begun */
	bool	anchored;
	int64_t	day;			/* number of the calendar day in the zone */
	int64_t	anchor_ms;
	dec	anchor, anchor_upnl;
	struct sums sums;		/* since the anchor */
	struct sums later; int64_t later_day;	/* of a day that has begun, but was not looked at yet */
	dec	moved;			/* transfers since ever */
	dec	peak, last;		/* peak adjusted for transfers; equity as last looked at; in whole */
	int	streak;
	dec	streak_sum;
	unsigned latched;		/* rules that hold until the next day: bits by enum rule */
	bool	flatten;		/* until nothing is held */
	enum rule flatten_rule;
	int64_t	hold_ms;		/* monotonic: loss and drawdown are not judged until then; 0 never held, or for good reason */
	bool	asked;			/* rows were, in this hold */
	struct mark_of_equity *ring;	/* SLOTS of a rolling day; NULL: none yet */
};

/* What a rule is about. symbol "": the purse; side POS_BOTH also of all of a symbol. */
struct subject {
	const struct purse *w;		/* NULL: of a symbol not held */
	enum market m;
	const char *symbol;
	enum pos_side side;
};

/* A rule that does not hold, of one subject. */
struct alarm {
	enum rule rule;
	enum market m;
	char	asset[ASSET_MAX], symbol[SYMBOL_MAX];
	enum pos_side side;
	bool	seen;			/* in this look */
	bool	on;			/* else it is only being timed */
	int64_t	since_ms;		/* monotonic */
	int	step;			/* of volatility, from 1 */
	dec	base[3];		/* of volatility: what was held when it left calm, by side */
	dec	value, limit;
	bool	bounded;		/* value means something */
	enum action act;
	int64_t	cancel_ms;		/* monotonic: of the last cancels; 0 */
};

/* The orders that reduce one symbol: one in flight, and how the ladder stands. */
enum flight { FLY_NONE, FLY_SENT, FLY_ENDED };	/* ended: the account is not known to show it */
struct fly {
	enum flight state;
	enum market m;
	char	symbol[SYMBOL_MAX], asset[ASSET_MAX], client_id[CLIENT_ID_MAX];
	enum pos_side side;
	enum rule rule;
	dec	held, qty, executed;	/* held: |amt| when it left */
	int64_t	left_ms, since_ms, asked_ms, wait_ms;	/* monotonic; since: not read yet, or ended */
	int	tries;			/* in a row that did not fill */
	int64_t	next_ms;		/* not before */
	bool	stuck;			/* said */
};

/* What a look wants off a position. */
struct want {
	const struct purse *w;
	const struct position *p;
	const struct contract *c;
	dec	qty;
	enum rule rule;
	dec	value, limit;
	bool	bounded;
	bool	whole;			/* of a purse: waits while others of it fly */
};

struct seen { char symbol[SYMBOL_MAX]; enum pos_side side; dec amt, mark, away; bool has, moved; };

struct watch {
	const struct limits *l;
	int	(*id)(void *arg, char out[static CLIENT_ID_MAX]);
	void	*arg;
	struct purse *purse; int npurse, cpurse;
	struct figures_kept kept[MARKETS];
	struct alarm *alarm; int nalarm, calarm;
	unsigned alarmed;		/* rules that have one: bits by enum rule */
	int	found;			/* the one found last: the next to be looked for mostly follows it */
	struct fly *fly; int nfly, cfly;
	struct want *want; int nwant, cwant;
	bool	*adds; int cadds;		/* of each open order: whether it could add risk; of one look at them */
	struct seen *seen[MARKETS]; int nseen[MARKETS], cseen[MARKETS];
	struct closing closing[CLOSING_MAX]; unsigned nclosing;
	uint64_t rows[ROWS_MAX]; unsigned nrows;	/* fills and income rows counted: a ring of hashes */
	/* Exchange times. What happened until low was counted; rows tell of what came after it, up to the first event; events
	 * from there on, but for what a row has told. */
	int64_t	since_ms[MARKETS];	/* of the last event counted */
	int64_t	low_ms[MARKETS], first_ms[MARKETS];	/* 0: none */
	int64_t	income_ms[MARKETS];	/* of the last income row counted */
	struct owed owed[MARKETS];
	struct till *till; int ntill, ctill;
	struct {
		enum market m;
		char	symbol[SYMBOL_MAX], asset[ASSET_MAX];
		int64_t	ms;
		dec	sum;
		bool	any;
	} row_close;			/* under way */
	int64_t	recv_window_ms;
	uint64_t print;			/* fingerprint of what was looked at last */
	uint64_t purses[MARKETS];	/* the same of balances and amounts, for the distance to liquidation */
	int64_t	due_ms;			/* monotonic: look again though nothing changed */
	int64_t	full_ms;		/* monotonic: of the last look at everything */
	bool	dirty, full;
	bool	save_now, save_late; int64_t saved_ms;
	bool	said_blind, said_stuck, bad;	/* bad: out of memory */
	unsigned blind;			/* rules of which it was said that they cannot be judged: bits */
};

/* One look. */
struct look { struct watch *wt; struct world *w; struct wish *out; unsigned blocked, blind; bool full; };

/* watch.c */
void watch_say(struct wish *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void *watch_grow(struct watch *wt, void *list, int *cap, int n, size_t size);	/* or NULL */
struct alarm *watch_find(struct watch *wt, enum rule r, const struct subject *s);
struct alarm *watch_timer(struct look *k, enum rule r, const struct subject *s);	/* a new one, not on; NULL: memory */
void watch_block(struct look *k, enum rule r, enum action act);
/* A rule was judged: over the limit, or surely within it again. The alarm, if it is on. */
struct alarm *watch_judged(struct look *k, enum rule r, const struct subject *s, const struct limit *l, bool over,
    bool within, bool bounded, dec value, dec limit);
void watch_blind(struct look *k, enum rule r, const struct limit *l, const char *what);
void watch_wake(struct look *k, int64_t mono_ms);
uint64_t watch_mix(uint64_t h, const dec *d);	/* one number more in a fingerprint */

/* watch_purse.c */
struct purse *watch_purse(struct watch *wt, enum market m, const char *asset, bool multi);	/* NULL: memory */
struct purse *watch_known_purse(struct watch *wt, enum market m, const char *asset, bool multi);	/* none is made */
struct purse *watch_purse_of(struct watch *wt, const struct world *w, enum market m, const struct position *p);
bool watch_readable(const struct world *w, enum market m);
const struct asset_rate *watch_rate(const struct asset_rates *rates, const char *asset);	/* or NULL */
void watch_purses(struct look *k);
/* The figures of multi-assets mode. false: they cannot be told. */
bool watch_united(struct purse *p, const struct account *a, const struct contracts *cs,
    const struct asset_rates *rates);

/* watch_rules.c: one function a rule */
void watch_rules(struct look *k);
bool watch_below(dec value, dec max);
dec  watch_target(const struct limit *l, int percent);	/* what reductions lead to: given, or percent of the limit */
void watch_keep(struct look *k, enum rule r, const struct subject *s, const struct limit *l);
/* watch_pos.c */
void watch_liq_distance(struct look *k, const struct limit *l);
void watch_isolated_ratio(struct look *k, const struct limit *l);
void watch_unprotected(struct look *k, const struct limit *l);
void watch_volatility(struct look *k, const struct limit *l);

/* watch_act.c */
void watch_notice(struct look *k, const struct alarm *a, const struct purse *p, const struct limit *l, bool cleared);
void watch_cancel(struct look *k, struct alarm *a, const struct purse *p);
void watch_want_all(struct look *k, const struct purse *p, enum rule r, dec value, dec limit, bool bounded);

/* watch_reduce.c */
bool watch_flying(const struct watch *wt, const struct purse *p);	/* an order of one of its symbols is in flight */
void watch_want(struct look *k, const struct want *w);
void watch_flush(struct look *k);	/* the wants become orders */
/* The heaviest position of a purse that can be traded, and its value in the purse's unit; NULL: none. */
const struct position *watch_heaviest(struct look *k, const struct purse *p, const struct contract **c, dec *notional);
dec  watch_step(const struct contract *c);	/* of market orders */
const struct contract *watch_traded(const struct look *k, const char *symbol);	/* NULL: it cannot be, now */
/*
 * The smallest quantity on the step after which ok() holds on a copy of the account, by halving; all of it if none does,
 * as where isolated margin goes with what is closed.
 */
typedef bool holds_fn(const struct look *k, const struct account *a, const struct position *p, const void *arg);
bool watch_halve(dec *out, const struct look *k, enum market m, const struct position *p, const struct contract *c,
    holds_fn *ok, const void *arg);
/* The quantity q of a position of abs, worth notional, after which (sum - q unit) / (equity - q unit cost) <= target:
 * rounded up to step, at most abs. false: nothing to do, or no room. */
bool watch_size(dec *out, dec sum, dec equity, dec notional, dec abs, dec target, dec cost, dec step);

/* watch_fly.c */
void watch_follow(struct look *k);	/* what is in flight: questions */
void watch_order_event(struct watch *wt, struct world *w, const struct tok *t, const struct tok *rec, struct wish *out);
bool watch_ended(const char *status);	/* of an order: nothing more comes of it */

/* watch_day.c */
struct till *day_till(struct look *k, enum market m, const struct wallet *w);	/* made if needed; NULL: memory */
void day_owe(struct watch *wt, enum market m);	/* events do not tell all since the last one counted */
void day_wish(struct look *k);
void day_look(struct look *k, struct purse *p);		/* anchor, new day, peak, marks */
/* Since its day began; base: what it began with, and what was brought in since. */
bool day_loss(dec *loss, dec *base, const struct purse *p, const struct limit *l, int64_t now_ms);
bool day_drawdown(dec *out, const struct purse *p);	/* percent */
void day_event(struct watch *wt, struct world *w, const struct tok *t, const struct tok *rec);
void day_parts(const struct purse *p, struct buf *b);

static inline bool
watch_same(const char *a, enum pos_side as, const char *b, enum pos_side bs)
{
	return as == bs && __builtin_strcmp(a, b) == 0;
}

#endif

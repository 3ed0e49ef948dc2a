/*
 * The inside of the engine, shared by its files (listed in engine.h). Nobody
 * else includes it, but for tests of them.
 *
 * A failed allocation or a number out of room sets bad, and the engine stops:
 * every changing call of engine.h looks at it before and after.
 *
 * Cost: nothing on the way of an order walks all orders, accounts or symbols.
 * What a wallet answers for is kept as sums, moved on by the holds that
 * changed (hold_stale, acct_fresh); price levels stand in a search tree.
 */
#ifndef BF_SIM_STATE_H
#define BF_SIM_STATE_H

#include "engine.h"
#include "num.h"

/* ms from its making: how long what came to nothing (an order without a fill, a
 * conditional one that made none) is kept, and everything else. */
#define KEPT_SHORT	(3 * INT64_C(86400000))
#define KEPT_LONG	(90 * INT64_C(86400000))
/* A GTC order is ended by the venue then. */
#define GTC_LIFE	(365 * INT64_C(86400000))

struct acct;
struct hold;
struct level;
struct sym;

struct ord {
	struct engine_order o;	/* the public part; first, so that both have one address */
	struct acct	*a;
	struct hold	*h;
	struct level	*level;		/* while resting */
	struct ord	*lprev, *lnext;	/* queue of its price level */
	dec		 ahead;		/* outside quantity between lprev (or the front) and it */
	struct ord	*aprev, *anext;	/* open orders of its account */
	struct ord	*hprev, *hnext;	/* open orders of its hold */
	struct ord	*cnext;		/* same bucket of client ids, newer first */
	bool		 resting;	/* in the book */
	bool		 open;		/* in the open lists */
	bool		 counted;	/* its rest is in bid or ask of its leg */
	bool		 covered;	/* its rest is in reducing of its leg (reduce, resting) */
	struct algo	*algo;		/* it came from there; NULL */
	size_t		 timer;		/* place in the engine's timers + 1; 0: none (GTD) */
};

/* A conditional order. */
struct algo {
	struct engine_algo o;	/* first */
	struct acct	*a;
	struct hold	*h;
	struct ord	*ord;		/* once triggered and kept */
	struct algo	*sprev, *snext;	/* waiting ones of the symbol */
	struct algo	*aprev, *anext;	/* waiting ones of the account */
	bool		 waiting;
	size_t		 timer;
};

/* One leg of an account's dealings in a symbol. */
struct pos {
	dec	amt, entry;
	dec	paid;		/* fees and funding minus PnL booked for the position held: section 8 */
	dec	realized;	/* PnL ever booked */
	dec	iso;		/* isolated wallet */
	dec	bid, ask;	/* value of the rest of open orders that may open: linear price x
				 * rest; inverse rest x size / price, at 8 decimals half up */
	dec	reducing;	/* rest of resting reduce-only orders and exits */
	int	norders;	/* open ones */
	bool	liquidating, warned;	/* isolated */
	int64_t	since_ms;	/* of liquidating */
	int64_t	update_ms;
	dec	cash;		/* for engine_check: what trades paid in and out (section 5: linear
				 * -dq x price, inverse dq x size / price at FINE decimals) */
	dec	dust;		/* and how far rounding may have carried us from it */
};

/* What holds add up to. All in the wallet's asset. */
struct sums {
	dec	iso;		/* isolated wallets */
	dec	upnl, cross_upnl;
	dec	maint, cross_maint;
	dec	pos_im, cross_pos_im, order_im;
	dec	open_loss;	/* of resting orders that may open a position */
	int	ncross;		/* cross positions */
};

/* An account's dealings in one symbol: made at the first need, never freed
 * before the account. */
struct hold {
	struct acct	*a;
	struct sym	*s;
	struct pos	 pos[3];	/* by enum pos_mode */
	int		 leverage;
	bool		 isolated;
	struct ord	*open, *open_last;	/* by making */
	int		 norders;	/* of all legs */
	int		 nalgos;	/* waiting ones */
	struct sums	 sums;		/* its part of the wallet's sums */
	bool		 stale;		/* sums are to be computed anew */
	struct hold	*stale_next;	/* in acct.stale */
	bool		 touched;	/* a leg's amt changed in this call: sweep, algos */
	struct hold	*touched_next;	/* in engine.touched */
	size_t		 place;		/* in sym.holds */
	size_t		 countdown;	/* timer; 0: none */
	int		 adl[3];	/* quantiles, renewed every 30 s */
};

/* One asset of an account. */
struct wallet {
	dec	balance;
	dec	paid_in;	/* deposits and withdrawals */
	dec	fees;		/* commissions paid */
	dec	insurance;	/* from (> 0) or to the fund */
	dec	funding;	/* received minus paid */
	dec	dust;		/* restored: unexplained by the above */
	struct sums sums;
	bool	liquidating, warned;	/* cross, single-asset mode */
	int64_t	since_ms;
	int64_t	update_ms;
};

struct acct {
	int	number;		/* < 0: the market maker, the insurance fund */
	struct wallet	*wallet;	/* by asset */
	struct hold	**hold;		/* by symbol; NULL: none yet */
	struct hold	**holds; int nholds, cholds;	/* those there are */
	struct hold	*stale;
	bool	hedge, multi, burn;
	int	tier;
	bool	liquidating, warned;	/* multi-assets mode */
	int64_t	since_ms;
	bool	due;			/* in engine.due_accts: margins to be looked at */
	struct ord *open, *open_last;
	int	nalgos;			/* waiting, all symbols */
	struct algo *waiting;		/* those, newest first */
	int	judged;			/* of orders: looked at 3 days after their making */
	/* Histories, oldest first; what is forgotten leaves the front. */
	struct ord **orders; int norders, corders;
	struct engine_trade *trades; int ntrades, ctrades;
	struct engine_income *income; int nincome, cincome;
	struct engine_amend *amends; int namends, camends;
	struct engine_margin_move *moves; int nmoves, cmoves;
	struct algo **algos; int nalgo_all, calgos;
};

/* Orders of one price, first come first, with the outside's quantity between
 * them: each order's `ahead`, then tail. */
struct level {
	dec	price, qty;	/* qty: all of it */
	dec	outside;	/* of it, the outside's: the sum of ahead and tail */
	dec	tail;		/* outside quantity behind the last order */
	struct ord *head, *last;
	/* the tree and the list of changed levels: book.c's own */
	struct level *up, *left, *right;
	uint32_t rank;
	bool	dirty;
	bool	named;		/* while a snapshot is put in: it is in there */
	dec	was;		/* when it became dirty: what was published */
	enum order_side side;
	struct level *dnext;
};

struct side { struct level *root, *best; int n; };

/* Prices between which no waiting conditional order has anything to do; low and
 * high: whether there are such bounds. */
struct band { bool low, high; dec from, to; };

struct sym {
	int		index;
	struct contract	c;		/* rules.status moves */
	int		asset;
	dec		mark, index_price, last;
	struct side	bids, asks;
	struct level	*dirty;		/* changed in this call */
	bool		changed;	/* in engine.changed */
	struct sym	*changed_next;
	dec		seen_mark, seen_index;	/* as eng_price_moved last saw them */
	int		follows;	/* collateral whose USD index is this symbol's; -1 none */
	uint64_t	next_floor;	/* restored: no id below it may be given out; 0 */
	uint64_t	update_id;	/* of the last level published */
	uint64_t	trade_id;
	struct engine_level *quotes; int nquotes;	/* of the engine's own maker, in the book */
	struct ord	**orders; uint64_t norders, corders;	/* the k-th has id base_id + k;
					 * NULL: forgotten */
	uint64_t	base_id;	/* of orders[0]; moves up as old ones are forgotten */
	struct hold	**holds; size_t nholds, cholds;	/* of all accounts */
	struct algo	*algos;		/* waiting */
	bool		last_moved;	/* since algo_price last looked at it */
	bool		triggering;	/* algo_price is running */
	bool		algo_look;	/* the bands below do not tell: look at all */
	struct band	quiet[2];	/* of the last price, of the mark */
	dec		open_interest;	/* sum of the longs of all accounts and the house */
	/* funding (fund.c) */
	int64_t		next_funding;
	int64_t		next_sample;
	dec		premium_sum;	/* sum of i x P_i */
	int64_t		samples;
	dec		rate;		/* running estimate */
	dec		premium;	/* of the last sample */
	int		extreme_count, calm_count;	/* at the cap; within 0.025 % */
	dec		basis[30]; int nbasis, basis_at;	/* P2: mid - index, 5 s apart */
	dec		settle_sum; int64_t settle_n;	/* index, the last 30 min before delivery */
	int64_t		next_settle_sample;
	int		next_hours;	/* funding interval from the next settlement on; 0: the same */
	bool		delivered;	/* nothing falls due any more */
};

struct asset {
	struct engine_asset_info info;
	dec	fees;			/* taken from all */
	bool	pinned;			/* its index was set by hand: it follows no symbol */
};

/* Something to be done at a time: a heap by time, then by number. */
enum timer_kind { TIMER_GTD, TIMER_ALGO_GTD, TIMER_COUNTDOWN };
struct timer { int64_t at; uint64_t n; enum timer_kind kind; void *what; };

struct engine {
	bool		bad;
	struct engine_config c;
	struct sym	**sym; int nsym;
	struct asset	*asset; int nasset;
	struct acct	maker, fund;
	struct acct	**acct; int nacct, cacct;
	struct hold	*touched;
	struct sym	*changed;	/* symbols with dirty levels: eng_changed */
	int		*slot; int nslot;	/* symbols by name: number + 1, 0 free */
	int		bnb;		/* the asset fees may be paid in; -1 */
	int		nheld;		/* legs of users that hold something */
	int		nmulti;		/* accounts in multi-assets mode */
	bool		started;	/* the clock runs */
	bool		unpadded;	/* a sym.next_floor is to be seen to */
	struct acct	**due_accts; int ndue, cdue;	/* margins changed by a price */
	struct ord	**bucket; size_t nbucket, nhashed;
	struct timer	*timer; size_t ntimer, ctimer; uint64_t timer_n;
	uint64_t	nliquidations, nsettlements;
	uint64_t	seed;		/* of made-up client ids */
	uint64_t	tran_id, algo_id, amend_id;
	int64_t		next_forget, next_adl;
	int64_t		next_liq;	/* the first waiting liquidation; 0: none (liq.c) */
	int64_t		next_fund;	/* the first thing due in fund.c, or earlier; 0: to be found */
	bool		settling;	/* a delivery is being booked: PnL is DELIVERED_SETTELMENT */
	bool		ticking;	/* engine_tick is running */
	int64_t		now;
};

/* One trade as both sides see it. */
struct fill { uint64_t id; dec price, qty; };

/* --- engine.c: life, for all files; clock.c: time; price.c: marks, the maker --- */
void eng_emit(struct engine *e, struct engine_event *ev);	/* fills ms and market */
/* Record the exchange's no; returns -1. */
int eng_refuse(struct fault *f, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int eng_misuse(struct fault *f, const char *what);
/* Stop or not: -1 and FAULT_LOCAL once bad. */
int eng_sound(const struct engine *e, struct fault *f);
/*
 * The beginning of every changing call: account (acct -1: none wanted) and
 * symbol (sym -1: none wanted) must be there, the engine sound, and what is due
 * until now_ms is done; e->now is now_ms. The end: eng_finish.
 */
int eng_begin(struct engine *e, int acct, int sym, int64_t now_ms, struct fault *f);
void eng_start(struct engine *e, int64_t now_ms);	/* the clock begins to run */
/* Surplus reduce-only orders go, closePosition orders without a position
 * expire, accounts that are due are checked, books are published; -1 once bad. */
int eng_finish(struct engine *e, struct fault *f);
/* The account's margins are to be looked at by eng_finish. */
void eng_due(struct engine *e, struct acct *a);
/* A level of the symbol has become dirty: eng_finish publishes its book. To be
 * called by book.c whenever it puts a level on an empty dirty list. */
void eng_changed(struct engine *e, struct sym *s);
/* Room for one more of *n elements of the given size; false, and bad, without. */
bool eng_grow(bool *bad, void *pp, int n, int *cap, size_t size);
struct acct *eng_acct(const struct engine *e, int acct);		/* NULL: none */
struct sym *eng_sym(const struct engine *e, int sym);			/* NULL: none */
void eng_name(struct engine *e, const struct sym *s);	/* query.c: engine_symbol finds it */
/* Money as it may be paid in: at most 8 decimals, and below 10^15, so that no
 * sum of it runs out of digits. */
bool eng_is_money(dec d);
/* The symbol's mark, index or last has moved: stale holds, algos, due accounts. */
void eng_price_moved(struct engine *e, struct sym *s);
/* An error code where the markets differ: give the USDⓈ-M one. */
int eng_code(const struct sym *s, int usdm);

/* --- book.c --- */
struct level *book_best(const struct sym *s, enum order_side side);	/* NULL: empty */
struct level *book_next(const struct level *l);		/* the next worse one; NULL */
dec  book_qty(const struct sym *s, enum order_side side, dec price);
void book_add(struct engine *e, struct sym *s, struct ord *o);
void book_remove(struct engine *e, struct sym *s, struct ord *o);
/* A resting order's rest shrinks by q; call before o.filled grows. */
void book_take(struct engine *e, struct sym *s, struct ord *o, dec q);
/* Outside quantity of a price as an absolute number: the queue model of
 * engine_outside, without any trading. */
void book_outside(struct engine *e, struct sym *s, enum order_side side, dec price, dec qty);
/* Outside quantity in front of the level's first order (or all of it, without
 * orders) shrinks by q: it was traded. */
void book_outside_take(struct engine *e, struct sym *s, struct level *l, dec q);
dec  book_outside_front(const struct level *l);	/* how much there is in front */
/* Whether an order of this side at limit trades with price. */
bool book_crosses(enum order_side side, dec limit, dec price);
/* All outside quantity that is not in level goes. */
void book_outside_only(struct engine *e, struct sym *s, const struct engine_level *level, int n);
void book_publish(struct engine *e, struct sym *s);
void book_free(struct sym *s);
const char *book_check(const struct sym *s, bool *bad);	/* for engine_check */

/* --- acct.c: money, trades; pos.c: one leg; figures.c: sums --- */
struct hold *acct_hold(struct engine *e, struct acct *a, struct sym *s);	/* makes it; NULL: bad */
struct hold *acct_hold_at(const struct acct *a, int sym);			/* NULL: none yet */
struct wallet *hold_wallet(const struct hold *h);
static inline struct pos *
hold_leg(struct hold *h, enum pos_mode m)
{
	return &h->pos[m];
}
/* Whether any leg holds something. */
static inline bool
hold_held(const struct hold *h)
{
	return dec_sign(h->pos[0].amt) != 0 || dec_sign(h->pos[1].amt) != 0 ||
	    dec_sign(h->pos[2].amt) != 0;
}
/* Something its sums depend on has changed. */
void hold_stale(struct hold *h);
/* All stale holds of the account are computed anew, and the wallets' sums with them. */
void acct_fresh(struct engine *e, struct acct *a);
/* The sums of one hold, computed from nothing (check.c compares). */
void hold_sums(const struct engine *e, const struct hold *h, struct sums *out, bool *bad);

/* The figures of a wallet (single-asset), or of all USDⓈ-M in USD (multi). */
struct figures {
	struct sums s;
	dec	wallet, cross;	/* cross wallet */
	dec	equity;		/* with cross PnL */
	dec	available;
};
void acct_figures(struct engine *e, struct acct *a, int asset, struct figures *out, bool *bad);
void acct_figures_multi(struct engine *e, struct acct *a, struct figures *out, bool *bad);
/* What an order of this hold may still use, in the hold's asset. */
dec  hold_available(struct engine *e, struct hold *h, bool *bad);

struct leg pos_leg(const struct sym *s, const struct pos *p);
dec  sym_value(const struct sym *s, dec qty, dec price, bool *bad);	/* unsigned notional */
/* Section 15.2: what q of an order would lose at once, valued at mark; 0 at least. */
dec  sym_open_loss(const struct sym *s, enum order_side side, dec price, dec q, bool *bad);
dec  pos_notional(const struct sym *s, const struct pos *p, bool *bad);	/* signed, at mark */
dec  pos_upnl(const struct sym *s, const struct pos *p, bool *bad);
dec  pos_maint(const struct sym *s, const struct pos *p, bool *bad);
dec  pos_break_even(const struct sym *s, const struct pos *p, bool *bad);
/* Section 3: max(|N + bid|, |N - ask|) of a leg, and the margin it asks for. */
dec  pos_exposure(const struct sym *s, const struct pos *p, dec bid, dec ask, bool *bad);
dec  margin_of(dec exposure, int leverage, bool *bad);
void pos_brief(const struct hold *h, enum pos_mode m, struct engine_pos_brief *out, bool *bad);
/* What q of side could still open, behind what closes: 0..q. closable: signed
 * position left to close, moved on by the answer. */
dec  pos_opening(enum order_side side, dec q, dec *closable, bool *bad);
/*
 * Book one side of a trade on a leg: position, isolated wallet, wallets, fee at
 * rate (a fraction of the value; in BNB when the account burns it and has it),
 * open interest, income rows (not of the house). In a liquidation PnL stays in
 * the isolated wallet and nothing is released from it. The hold becomes stale
 * and touched.
 */
struct booked { dec pnl, fee; int fee_asset; dec quote, base; };
struct booked acct_book(struct engine *e, struct hold *h, enum pos_mode leg, enum order_side side,
    const struct fill *x, dec rate, bool liquidation);
/* ACCOUNT_UPDATE with the hold's wallet (and extra asset, -1: none) and, if leg
 * >= 0, that leg of h. change: bc. */
void acct_event(struct engine *e, struct acct *a, const char *reason, int asset, dec change,
    const struct hold *h, int leg, int extra);
void acct_income(struct engine *e, struct acct *a, const char *type, const struct sym *s, int asset,
    dec amount, uint64_t trade_id);
/* Money between the insurance fund and the account (> 0: to it), and nothing told. */
void acct_from_fund(struct engine *e, struct acct *a, int asset, dec amt);
/* The same as INSURANCE_CLEAR; into the isolated wallet of the leg, if h is not
 * NULL and isolated. */
void acct_insure(struct engine *e, struct acct *a, int asset, struct hold *h, enum pos_mode leg,
    dec amt);
/* What an amount of USD is in the asset, at the ask rate; 0 at least. */
dec  acct_asset_part(const struct engine *e, int asset, dec usd, bool *bad);
int  acct_leverage(const struct sym *s);	/* of a new hold */
/* A leg held `was` and holds `now`: open interest, and the count of holders. */
void acct_held(struct engine *e, const struct hold *h, dec was, dec now);
/* USD per unit for multi-assets equity (bid if amt > 0, else ask); 0 unknown. */
dec  asset_rate(const struct engine *e, int asset, bool ask, bool *bad);

/* --- outside.c: engine_outside without eng_begin and eng_finish --- */
void outside_set(struct engine *e, struct sym *s, const struct engine_level *level, int n,
    bool reset);

/* --- match.c: the life of an order --- */
static inline enum order_side
side_other(enum order_side side)
{
	return side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
}
static inline dec
order_rest(const struct ord *o)	/* no overflow: 0 <= filled <= qty, one scale */
{
	return (dec){ o->o.qty.c - o->o.filled.c, o->o.qty.scale };
}
/* Make a known, open order; NULL, and bad, without memory. Emits EXEC_NEW. */
struct ord *order_new(struct engine *e, struct hold *h, const struct engine_order *proto);
void order_event(struct engine *e, struct ord *o, enum exec_type x);
/* End an open order. */
void order_end(struct engine *e, struct ord *o, enum order_status st, int reason);
/* Book a trade for an order: position, money, order state, events. */
void order_settle(struct engine *e, struct ord *o, const struct fill *x, bool maker);
/* Trade o with the other side of the book (users' and outside) as far as limit
 * allows. */
void order_match(struct engine *e, struct ord *o, dec limit);
/* One trade of q at price: the taker's side; maker or taker NULL: the outside.
 * The quantity of an outside maker is taken from its level by the caller. */
void order_trade(struct engine *e, struct sym *s, struct ord *maker, struct ord *taker,
    enum order_side side, dec price, dec q);
/* Into the book, counted and covered as it ought to be; and out of all that. */
void order_rest_in(struct engine *e, struct ord *o);
void order_rest_out(struct engine *e, struct ord *o);
/* Expire reduce-only orders that the position no longer covers. */
void order_sweep(struct engine *e, struct hold *h);
struct ord *order_find(const struct engine *e, const struct acct *a, int sym, const char *client_id,
    bool open_only);
struct ord *order_by_id(const struct sym *s, uint64_t id);	/* NULL */
/* The open order of the hold that a call asks for: by id, or if id is 0 by client
 * id (may be NULL). NULL: none. */
struct ord *order_asked(const struct engine *e, const struct hold *h, uint64_t id,
    const char *client_id);
/* Put back an order as it was, without an event (restore.c): known by its id and
 * client id; an open one rests again at the end of its queue. Ids of a symbol
 * must ascend. NULL: they do not, or bad. */
struct ord *order_restore(struct engine *e, struct hold *h, const struct engine_order *was);
/* How much of q the order may still do: all, unless it is reduce-only. */
dec  order_allowed(const struct ord *o, dec q);
/* Its rest goes into bid or ask of its leg, where that is due. */
void order_count(struct engine *e, struct ord *o);
/* A made-up client id. */
void order_client_id(struct engine *e, char out[static ENGINE_CLIENT_ID]);
/* End what is a year old, and forget what the venue would, by KEPT_SHORT and KEPT_LONG. */
void order_forget(struct engine *e);

/* --- kept.c: finding orders again, and forgetting them --- */
bool kept_add(struct engine *e, struct ord *o);	/* o->o.id is set here; false: bad */
/* The next order of the symbol gets this id; false: that one is past, or bad. */
bool kept_next(struct engine *e, struct sym *s, uint64_t id);

/* --- order.c, filters.c, afford.c, cancel.c --- */
/*
 * A request as engine_place treats it, without eng_begin and eng_finish. from:
 * the algo it comes from (its orig_type, stop, flags go into the order; closed
 * ones take all of the position), or NULL.
 */
int order_enter(struct engine *e, struct hold *h, const struct engine_request *r, struct algo *from,
    struct ord **out, struct fault *f);
/* eng_begin, and the hold of a changing call; NULL, and *f says why. */
struct hold *order_begin(struct engine *e, int acct, int sym, int64_t now_ms, struct fault *f);
/* The filters and the price of priceMatch, as they hold for algo orders too:
 * the venue's texts; price and qty come back at the symbol's scales. */
int order_filters(const struct sym *s, const struct rules_order *o, dec ref, dec *price, dec *qty,
    struct fault *f);	/* ref: the mark; an algo order's trigger price */
int order_match_price(const struct sym *s, enum order_side side, enum price_match m, dec *out,
    struct fault *f);
/* positionSide against the account's mode, reduceOnly against it: -4061, -1106. */
int order_mode(const struct acct *a, enum pos_mode m, bool reduce, struct fault *f);
int order_client_ok(const char *client_id, struct fault *f);	/* -4015 */
int order_gtd_ok(const struct engine *e, int64_t gtd_ms, struct fault *f);	/* -5040 */
int order_status_ok(const struct sym *s, struct fault *f);	/* -1122 -4140 -4141 */
int order_liquidating(const struct hold *h, enum pos_mode m, struct fault *f);	/* -2023 */
/* A number out of room while judging: nothing was done. -1000. */
int order_unknown(struct fault *f);
/* -2022: nothing to reduce, or more than that. -4118: others, open reduce-only
 * orders, hold the position already. */
int order_covered(const struct hold *h, enum pos_mode m, enum order_side side, dec q, dec others,
    struct fault *f);
bool order_is_exit(enum order_side side, enum pos_mode m);	/* of hedge mode */
/*
 * Whether the account can bear q more at price on that leg: the additional
 * requirement with its open loss, and the leverage cap. instead: an order it
 * takes the place of (a modification), or NULL. -2019 -2027.
 */
int order_afford(struct engine *e, struct hold *h, enum pos_mode m, enum order_side side, dec price,
    dec q, const struct ord *instead, struct fault *f);
bool order_would_take(const struct sym *s, enum order_side side, dec limit);
int  order_cancel_hold(struct engine *e, struct hold *h);	/* how many there were */

/* --- timer.c --- */
/* slot: where the timer's place is kept (0: none); re-arming moves it. */
void timer_set(struct engine *e, enum timer_kind kind, void *what, size_t *slot, int64_t at);
void timer_clear(struct engine *e, size_t *slot);
int64_t timer_due(const struct engine *e);
void timer_run(struct engine *e, int64_t now_ms);	/* the first one, at its time */

/* --- algo.c --- */
/* Made, linked and announced as NEW (algo_place.c), and its end. */
struct algo *algo_new(struct engine *e, struct hold *h, const struct engine_algo *proto);
/* Put back one as it was, without an event (restore.c); its order, if it is
 * still kept, must be there. NULL: ids do not ascend, or bad. */
struct algo *algo_restore(struct engine *e, struct hold *h, const struct engine_algo *was);
void algo_end(struct engine *e, struct algo *a, enum algo_status st);
void algo_trigger(struct engine *e, struct algo *a);
/* The price its trigger goes by. */
dec  algo_ref(const struct algo *a);
/* Whether that price is one to trigger at. */
bool algo_reached(const struct algo *a, dec price);
/* The engine order of one that triggers is made: TRIGGERED. */
void algo_made(struct engine *e, struct algo *a, struct ord *o);
/* A price moved: trigger what is due. Called within eng_price_moved, and by what
 * moves the last price by trading. */
void algo_price(struct engine *e, struct sym *s);
/* A leg went flat: closePosition orders of it expire. */
void algo_sweep(struct engine *e, struct hold *h);
/* Its engine order has ended or changed. */
void algo_order(struct engine *e, struct ord *o);
void algo_expire(struct engine *e, struct algo *a);	/* GTD */
void algo_forget(struct engine *e);
void algo_cancel_hold(struct engine *e, struct hold *h, enum algo_status st);	/* all waiting ones */

/* --- restore.c --- */
void restore_pad(struct engine *e);	/* after all is back: ids go on where they were */

/* --- liq.c (with autoclose.c and scope.h), adl.c, fund.c, deliver.c --- */
/* Look at the margins of an account: all its wallets and isolated legs. */
void liq_check(struct engine *e, struct acct *a);
/* When a waiting liquidation is due (exchange time); INT64_MAX. */
int64_t liq_due(const struct engine *e);
/* Close q of side against the opposite legs at the bankruptcy price, in the
 * order of their score; what could be closed. */
dec  adl_close(struct engine *e, struct ord *o, dec price, dec q);
void adl_rank(struct engine *e);	/* renew the quantiles */
int64_t fund_due(const struct engine *e);
/* The first settlement or delivery due until now_ms, at its time, and the samples
 * before it; or samples alone. Never past the next timer or waiting liquidation. */
void fund_run(struct engine *e, int64_t now_ms);
/* Next times, from e->now: at the start, and when a symbol gets its first price
 * (before that there is nothing to sample; calling it again is harmless). */
void fund_start(struct engine *e, struct sym *s);
void deliver_run(struct engine *e, struct sym *s);	/* deliver.c: at its date */

#endif

/*
 * All that bf-risk knows, and nothing it does: accounts, prices, volatility, what was let through,
 * health. Pure: time comes in, and it can be written down and read back, so that a decision can be made
 * again from its record.
 */
#ifndef BF_RISK_WORLD_H
#define BF_RISK_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/account.h"
#include "core/contract.h"
#include "core/figures.h"
#include "core/intent.h"
#include "core/scan.h"

struct now { int64_t ms, mono_ms; };	/* exchange time, and monotonic */

/*
 * Volatility of one symbol, from its marks. Decimals throughout: a return is (p - p0) / p0 at 12
 * decimals, cut off. The window is VOL_WINDOW buckets of bucket_ms. range: (max - min) / min over
 * the window and the bucket under way; ewma: the square root of the mean of squared returns a
 * bucket (from the first mark of one to the first of the next), weight 2 / (VOL_WINDOW + 1),
 * scaled to the window. Both in percent, 8 decimals, rounded up. A return over m buckets, of
 * which some had no mark, counts as m of its square / m each. A pause longer than the window
 * begins anew.
 */
#define VOL_BUCKETS	64
#define VOL_WINDOW	60		/* buckets in the window */
struct vol {
	int64_t	bucket_ms, at;		/* at: number of the newest bucket; bucket_ms 0: nothing is kept */
	struct { dec low, high; } b[VOL_BUCKETS];	/* a ring; high 0: no mark in it */
	dec	last;			/* price at the end of the last bucket: the first of the newest */
	dec	var;			/* ewma of squared returns, 24 decimals */
	bool	primed;			/* var holds a return */
	/* Private: the range last asked for again, as long as there is no other mark. */
	bool	kept, kept_known;
	int64_t	kept_first;
	dec	kept_range;
};
void vol_init(struct vol *v, int64_t window_ms);	/* bucket_ms is rounded up to whole ms */
void vol_add(struct vol *v, dec price, int64_t at_ms);	/* older than the newest bucket: dropped */
bool vol_range(dec *out, const struct vol *v, int64_t now_ms);	/* false: no marks in the window */
bool vol_range_again(dec *out, struct vol *v, int64_t now_ms);	/* the same, at once if asked before */
bool vol_ewma(dec *out, const struct vol *v, int64_t now_ms);	/* false: too few */

struct sym {
	char	symbol[SYMBOL_MAX];
	size_t	n;
	dec	mark, index;		/* 0: never seen */
	int64_t	mark_ms, mono_ms;	/* E of the record; when it arrived here */
	dec	ref, ref_next;		/* marks of before, for mark-jump: once there are enough, ref is one to two */
	int64_t	ref_ms, ref_next_ms;	/* ref_window_ms older than mark; ref_next is the next ref */
	struct contract *c;		/* private: NULL until it is known; when it was not, so many others were: */
	size_t	others;
	enum market named;		/* private: by its name */
	bool	piped;			/* its marks come down the pipe (else asked for) */
	int64_t	exit_mono_ms;		/* when an exit of it was let through last; 0 never */
	struct vol vol;
	unsigned blocked;		/* event rules that block new risk in it now, as world.blocked; set by watch */
};

/* An intent that was let through but is not in the account's state yet: it counts. */
struct pending {
	char		symbol[SYMBOL_MAX];
	char		client_id[CLIENT_ID_MAX];
	enum market	market;
	enum order_side	side;
	enum pos_side	pos_side;
	dec		qty, price;	/* price: at which it counts, worst */
	bool		market_order;
	bool		once;		/* it fills when it arrives, or never */
	bool		algo;		/* conditional */
	uint64_t	after_id;	/* an order of its client id with this id or a lower one is an earlier one */
	int64_t		mono_ms;	/* when it was let through */
	int64_t		unread_ms;	/* until when the next program had not read it; 0 */
};
#define PENDING_MAX	256
#define PENDING_MS	10000	/* by then an intent that was read shows in the account, or never */

/* A modification that was let through: until an event shows it, or that time is over, its order counts as no less than this,
 * whatever a reading says that was asked for before it arrived. */
struct modified {
	char		symbol[SYMBOL_MAX];
	enum market	market;
	uint64_t	id;
	dec		asked_qty, asked_price;	/* as the last one has it; 0: not */
	dec		qty, price;	/* as it counts */
	int64_t		mono_ms;
};
#define MODIFIED_MAX	256

/* What passed lately: for rates, duplicates, repetition. A ring. */
#define PASSED_MAX	4096
struct passed { int64_t mono_ms; uint64_t what; };	/* when, and passed_what() */

struct health {
	bool	latched;		/* of the profile or of the intent's scope */
	char	latch_why[200];
	int64_t	clock_error_ms;		/* of the offset; -1 not known */
	bool	stream_seen, stream_up;	/* the account's stream, by bf.conn records and events on the pipe; of
					 * two (of two markets) both must be up */
	bool	stream_lost[MARKETS];	/* private: its bf.conn said down */
	int64_t	stream_mono_ms;		/* when it last showed life */
};

struct world {
	struct now	now;
	struct account	acct[MARKETS];
	bool		served[MARKETS];	/* the market is looked at */
	int64_t		loaded_mono_ms[MARKETS];	/* of the last full read; 0 never */
	bool		down[MARKETS];		/* the last read failed */
	struct contracts cs;
	struct asset_rates rates;
	struct sym     *sym; size_t nsym, csym;	/* hash by symbol; see sym_find */
	uint64_t	seed;
	int64_t		vol_window_ms;
	int64_t		ref_window_ms;
	int64_t		mark_at_ms;		/* E of the mark price record that was read last; 0: it had none */
	int64_t		max_future_ms;		/* a mark from further in the future is none; one that is older
						 * is remembered, but moves no position */
	struct pending	pending[PENDING_MAX]; int npending;
	struct modified	modified[MODIFIED_MAX]; int nmodified;	/* the orders in acct are changed by it already */
	struct passed	passed[PASSED_MAX]; unsigned npassed;	/* npassed: of all; the newest is
					 * passed[(npassed - 1) % PASSED_MAX] */
	struct health	health;
	unsigned	blocked;		/* event rules that block new risk now: bits by enum rule, set by watch */
	/* Changed by events of ours: what a reader may want to look at again. */
	unsigned long	version;
};

#define SYMS_MAX	8192

void world_free(struct world *w);	/* also rates.r, the contracts and the accounts */
/* Good until the next sym_slot or mark of a new symbol. n bytes, no NUL needed. */
struct sym *sym_find(const struct world *w, const char *symbol, size_t n);	/* or NULL */
struct sym *sym_slot(struct world *w, const char *symbol, size_t n);		/* made if needed; NULL: too many, memory */

/*
 * A mark price record of the pipe; remembered if it is news, also in the account, and its index,
 * and its funding in the contract. true: of a position held. Dropped: a mark from further in the future than
 * max_future_ms, or older (by E) than the one known.
 */
bool world_mark(struct world *w, const struct tok *t, const struct tok *rec);
/*
 * The same from numbers, index 0: not told. piped false: asked for. Where marks come down the pipe, one that was
 * asked for goes to the account's positions, if it is newer, but not into sym: a stream that died must not look fresh.
 */
bool world_price(struct world *w, const char *symbol, size_t n, dec mark, dec index, int64_t at_ms, bool piped);
/*
 * Any other record: account events (the market by its "st", or by the symbol), bf.conn of the user stream. 1: it changed
 * something; 0: no news, or not ours; -1: f: it cannot be understood, or says that events were missed (bf.gap, bf.recovered and
 * bf.reconcile of the account): the account should be read anew. Events of a market that is not served are passed over.
 */
int  world_event(struct world *w, const struct tok *t, const struct tok *rec, struct fault *f);
/* What makes two intents the same order, for duplicates and repetition: symbol, side, position side, type, quantity,
 * price and trigger, by value (1.0 is 1.00). Its upper half is without price and trigger: of orders that are alike. */
uint64_t passed_what(const struct intent *in);
/*
 * An intent that adds risk was let through: among the passed, and pending at this price (a place); of a
 * modification the open order counts as the larger and dearer of both until an event or a reading tells. With
 * PENDING_MAX pending already the oldest must give way: judge refuses before that.
 */
void world_passed(struct world *w, const struct intent *in, enum market m, dec price);
/* An exit was let through: until the account shows it, what is held of its symbol may be gone when an order against it fills. */
void world_exit(struct world *w, const struct intent *in);
/* After a whole read of m's account (world.acct[m] is new; loaded_mono_ms and down are the caller's): what is seen open there
 * is pending no more, nor what is too old. waiting: the next program has not read all we wrote. */
void world_loaded(struct world *w, enum market m, bool waiting);
/* Which market a symbol is of: by its contract, or its name. false: no name at all. */
bool world_market(const struct world *w, const char *symbol, enum market *m);

/*
 * Of the worst that open and pending orders, and extra (may be NULL), could make of a symbol (and side, in hedge
 * mode): max(N + buys, sells - N), signed by which. A position against which an order waits may be closed before the order
 * fills, and exits always pass: only what fills at once is set off against it, and not behind an exit on its way. In the margin asset (and in value: quote asset, USD). Orders that
 * only reduce do not count; conditional ones count at their trigger or price, whichever is dearer; an
 * order without either at the mark, or, while it is pending too, as that. side: POS_BOTH in hedge mode is that which extra
 * opens. false: it cannot be told (the account is not known, an inverse contract's size, no price, no room).
 */
struct worst { dec n, value; };
bool worst_of(struct worst *out, const struct world *w, enum market m, const char *symbol, enum pos_side side,
    const struct pending *extra);
/*
 * The same summed over one wallet: gross, and net (|long and short worst|, whichever is larger). A contract whose margin
 * asset is not known counts. asset NULL: all of the market, gross in USD by assetIndex (rates) too. One walk of positions and
 * orders.
 */
struct exposure { dec gross, gross_value, net_value; };
bool exposure_of(struct exposure *out, const struct world *w, enum market m, const char *asset, const struct pending *extra);

/* One position, and what works on it. n: in the margin asset; value: of an inverse one in USD (a linear one's is n). */
struct leg_sum {
	const char *symbol;
	enum pos_side side;
	const struct contract *c;
	const char *asset;		/* of its margin; not NUL-terminated; asset_n 0: not known */
	size_t	asset_n;
	bool	inverse;
	dec	size, mark;		/* 0: not known */
	int64_t	exit_ms;		/* an exit is on its way since then; 0: none */
	struct sides { dec held, buys, sells, buys_at_once, sells_at_once; } n, value;	/* at once: of all buys, of all sells */
};

/*
 * The same for who tries one quantity after the other: all but the leg that an order is of is summed once. leg, w and what
 * asset says must outlive it. extra: of that leg, or NULL.
 */
struct exposure_rest {
	struct exposure e;		/* without net_value */
	struct sides	net;
	struct leg_sum	own;
	bool		ours;		/* own counts */
	bool		in_usd;
	const struct asset_rates *rates;
};
bool exposure_begin(struct exposure_rest *out, const struct world *w, enum market m, const char *asset,
    const struct pending *leg);
bool exposure_with(struct exposure *out, const struct exposure_rest *r, const struct pending *extra);

/*
 * The part of it that a decision on an intent of symbol rests on, as JSON, and read back into a zeroed world (on a
 * fault, too, world_free): accounts, orders, pending, rates, health, time; marks and contracts with brackets of what is held,
 * open or pending; volatility and filters of symbol alone. symbol NULL: of all these. passed_ms: how far back the passed
 * ones go. Deciding again on what was read back gives the same.
 */
void world_json(const struct world *w, const char *symbol, int64_t passed_ms, struct buf *out);
int  world_read(struct world *w, const struct tok *t, const struct tok *v, struct fault *f);

#endif

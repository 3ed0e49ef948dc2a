/*
 * The inside of the engine, shared by its files: engine.c (life, feed), setup.c
 * (accounts and their settings), book.c (price levels), acct.c (money and
 * positions), match.c (the life of an order), order.c (orders coming in), liq.c
 * (liquidation), query.c, check.c. Nobody else includes it.
 *
 * A failed allocation or a number out of room sets bad, and the engine stops:
 * every changing call of engine.h looks at it before and after.
 */
#ifndef BF_SIM_STATE_H
#define BF_SIM_STATE_H

#include "engine.h"
#include "num.h"

struct acct;
struct level;

struct ord {
	struct engine_order o;	/* the public part; first, so that both have one address */
	struct acct	*a;
	struct ord	*lprev, *lnext;	/* queue of its price level */
	struct ord	*aprev, *anext;	/* open orders of its account */
	struct ord	*hnext;		/* same bucket of client ids, newer first */
	bool		 resting;	/* in the book */
	bool		 open;		/* in the open list of its account */
	bool		 counted;	/* its rest is in bid or ask of the position */
};

/* An account's dealings in one symbol. */
struct pos {
	dec	amt, entry;
	dec	paid;		/* fees minus PnL booked for the position held: section 8 */
	dec	realized;	/* PnL ever booked */
	bool	isolated;
	dec	iso;		/* isolated wallet */
	int	leverage;
	dec	bid, ask;	/* price x rest of open orders that may open a position */
	int	norders;	/* open ones */
	bool	touched;	/* amt changed in this call: reduce-only orders to be looked at */
	bool	liquidating, warned;	/* isolated */
	int64_t	since_ms;	/* of liquidating */
	int64_t	update_ms;
	dec	cash;		/* for engine_check: what trades paid in and out, exactly */
	dec	dust;		/* and how far rounding may have carried us from it */
};

struct acct {
	int	number;		/* < 0: the market maker, the insurance fund */
	dec	wallet;
	dec	paid_in;	/* deposits and withdrawals */
	dec	fees;		/* commissions paid */
	dec	insurance;	/* from (> 0) or to the fund */
	struct pos pos[ENGINE_SYMBOLS];
	struct ord *open, *open_last;
	const struct ord **orders; int norders, corders;
	struct engine_trade *trades; int ntrades, ctrades;
	bool	liquidating, warned;	/* cross */
	int64_t	since_ms;
	int64_t	update_ms;
};

/* Orders of one price, first come first. */
struct level { dec price, qty; struct ord *head, *tail; };

/* Sorted from the worst price to the best, so that the best goes cheaply. */
struct side { struct level *v; int n, cap; };

/* A level that changed in this call, and what it held before. */
struct dirty { enum order_side side; dec price, was; };

struct sym {
	int		index;
	struct rules	rules;
	struct tiers	tiers;
	struct engine_maker maker;
	dec		mark, last;
	struct side	bids, asks;
	struct dirty	*dirty; int ndirty, cdirty;
	uint64_t	update_id;	/* of the last level published */
	uint64_t	trade_id;
	uint64_t	first_id;
	struct ord	**orders; int norders, corders;	/* the k-th has id first_id + k */
	struct ord	*quotes; int nquotes;		/* the maker's own */
};

struct engine {
	bool		bad;
	struct engine_config c;
	struct sym	sym[ENGINE_SYMBOLS];
	int		nsym;
	struct acct	maker, fund;
	struct acct	**acct; int nacct, cacct;
	dec		fees;		/* taken from all */
	struct ord	**bucket; size_t nbucket, nhashed;
	uint64_t	nliquidations;
	uint64_t	seed;		/* of made-up client ids */
	int64_t		now;
};

/* One trade as both sides see it. */
struct fill { uint64_t id; dec price, qty; };

/* --- engine.c --- */
void eng_emit(struct engine *e, const struct engine_event *ev);
/* Record the exchange's no; returns -1. */
int eng_refuse(struct fault *f, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
int eng_misuse(struct fault *f, const char *what);
/* Stop or not: -1 and FAULT_LOCAL once bad. */
int eng_sound(const struct engine *e, struct fault *f);
/* Room for one more of *n elements of the given size; false, and bad, without. */
bool eng_grow(bool *bad, void *pp, int n, int *cap, size_t size);
struct acct *eng_acct(const struct engine *e, int acct);		/* NULL: none */
struct sym *eng_sym(struct engine *e, int sym);
const struct sym *eng_sym_at(const struct engine *e, int sym);
/* Money as it may be paid in: at most 8 decimals, and below 10^15, so that no
 * sum of it runs out of digits. */
bool eng_is_money(dec d);
/* After the trades of a call: surplus reduce-only orders go, books are published. */
void eng_finish(struct engine *e);

/* --- book.c --- */
const struct side *book_side(const struct sym *s, enum order_side side);
const struct level *book_best(const struct sym *s, enum order_side side);	/* NULL: empty */
dec  book_qty(const struct sym *s, enum order_side side, dec price);
void book_add(struct engine *e, struct sym *s, struct ord *o);
void book_remove(struct engine *e, struct sym *s, struct ord *o);
/* A resting order's rest shrinks by q; call before o.filled grows. */
void book_take(struct engine *e, struct sym *s, struct ord *o, dec q);
/* Whether an order of this side at limit trades with price. */
bool book_crosses(enum order_side side, dec limit, dec price);
void book_publish(struct engine *e, struct sym *s);
void book_free(struct sym *s);

/* --- acct.c --- */
struct figures {
	dec	wallet, iso;	/* iso: sum of isolated wallets */
	dec	upnl, cross_upnl;
	dec	maint, cross_maint;
	dec	pos_im, cross_pos_im, order_im;
	dec	open_loss;	/* of resting orders that may open a position */
	int	ncross;		/* cross positions */
	dec	cross, equity;	/* cross wallet; with cross PnL */
	dec	available;
};
void acct_figures(const struct engine *e, const struct acct *a, struct figures *out, bool *bad);
dec  acct_cross(const struct acct *a, int nsym, bool *bad);	/* cross wallet */
dec  pos_notional(const struct sym *s, const struct pos *p, bool *bad);	/* signed, at mark */
dec  pos_upnl(const struct sym *s, const struct pos *p, bool *bad);
dec  pos_maint(const struct sym *s, const struct pos *p, bool *bad);
dec  pos_break_even(const struct pos *p, bool *bad);
/* max(|N + bid|, |N - ask|), and the margin it asks for at the position's leverage. */
dec  pos_exposure(const struct sym *s, const struct pos *p, dec bid, dec ask, bool *bad);
dec  pos_margin(const struct pos *p, dec exposure, bool *bad);
struct leg pos_leg(const struct pos *p);
void pos_brief(const struct sym *s, const struct pos *p, struct engine_pos_brief *out, bool *bad);
/* What q of side could still open, behind what closes: 0..q. closable: signed
 * position left to close, moved on by the answer. */
dec  pos_opening(enum order_side side, dec q, dec *closable, bool *bad);
/*
 * Book one side of a trade: position, isolated wallet, wallet, fee at rate (a
 * fraction of the value). In a liquidation PnL stays in the isolated wallet and
 * nothing is released from it.
 */
struct booked { dec pnl, fee; };
struct booked acct_book(struct engine *e, struct sym *s, struct acct *a, enum order_side side,
    const struct fill *x, dec rate, bool liquidation);
/* ACCOUNT_UPDATE with the balance and, if s is not NULL, that position. */
void acct_event(struct engine *e, struct acct *a, const char *reason, dec change,
    const struct sym *s);
/* Money between the insurance fund and the account (> 0: to it); into the
 * isolated wallet of s, unless that is cross. */
void acct_insure(struct engine *e, struct acct *a, const struct sym *s, dec amt);

/* --- match.c --- */
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
/* Make a known, open order; NULL, and bad, without memory. */
struct ord *order_new(struct engine *e, struct sym *s, struct acct *a,
    const struct engine_order *proto);
void order_event(struct engine *e, struct ord *o, enum exec_type x);
/* End an open order. */
void order_end(struct engine *e, struct ord *o, enum order_status st, int reason);
/* Book a trade for an order: position, money, order state, events. */
void order_settle(struct engine *e, struct sym *s, struct ord *o, const struct fill *x, bool maker);
/* Trade o with the other side of the book as far as limit allows. */
void order_match(struct engine *e, struct sym *s, struct ord *o, dec limit);
/* Expire reduce-only orders that the position no longer covers. */
void order_sweep(struct engine *e, struct sym *s, struct acct *a);
struct ord *order_find(const struct engine *e, const struct acct *a, int sym, const char *client_id,
    bool open_only);

/* --- liq.c --- */
void liq_check(struct engine *e);

#endif

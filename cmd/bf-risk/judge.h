/*
 * The leverage rule: pure. An intent is judged on the state it would lead to;
 * a position that has grown too heavy is sized down. Effective leverage is
 * sum|notional| / equity of the wallet, at mark prices.
 */
#ifndef BF_RISK_JUDGE_H
#define BF_RISK_JUDGE_H

#include <stdbool.h>

#include "core/account.h"
#include "core/intent.h"
#include "core/rules.h"

/* An intent let through but not yet seen in the account's state: it counts. */
struct pending {
	char		symbol[SYMBOL_MAX];
	char		client_id[CLIENT_ID_MAX];
	enum order_side	side;
	enum pos_side	pos_side;
	dec		qty, price;	/* price: of the order, or the mark for MARKET */
	int64_t		mono_ms;	/* when it was let through */
	int64_t		unread_ms;	/* until when the next program had not read it; 0 */
};

/* What a position is worth, signed: at its mark, or while none is known (an
 * event opened it) at entry and profit as last told. false: out of room. */
bool position_notional(const struct position *p, dec *out);

/*
 * What the account could hold at worst, were all open and pending orders of
 * one side to fill: per symbol (and side, in hedge mode)
 * max(|N + buys|, |N - sells|), summed for one margin asset. With extra, that
 * order counts too. false: out of room.
 */
bool exposure(const struct account *a, const char *asset, const struct pending *p, int n,
    const struct pending *extra, dec *out);

/* The verdict on an intent that adds risk. */
struct verdict {
	bool	pass;
	dec	before, after;		/* effective leverage; 0 if without bound */
	bool	bounded;		/* equity is positive */
	dec	nearest;		/* the greatest quantity on step that passes; 0 if none */
};

/*
 * Judge extra (quantity and price set) against limit. It passes when the
 * exposure does not grow, or when exposure / equity stays at or below limit,
 * the cost of what is added (a fraction of its value: fee and spread) paid from
 * the equity. Else a fill at the limit would at once be reduced again.
 * step: for nearest. false: account unknown, or out of room; then refuse.
 */
bool judge(const struct account *a, const char *asset, const struct pending *p, int n,
    const struct pending *extra, dec limit, dec cost, dec step, struct verdict *out);

/*
 * The quantity to take off one position of size abs at mark, so that
 * (sum - q mark) / (equity - q mark cost) <= target: rounded up to step, never
 * more than abs, and at most max (0: no cap). cost: what a unit of traded value
 * costs in fee and spread, as a fraction. false: nothing to do, or out of room.
 */
bool size_reduction(dec *out, dec sum, dec equity, dec mark, dec abs, dec target, dec cost,
    dec step, dec max);

#endif

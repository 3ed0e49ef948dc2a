/*
 * The figures of a whole account, recomputed from wallets, positions, open orders, marks and
 * brackets: what the exchange would show, and what it does not. Pure; formulas as in
 * margin.h (sections 2 to 5, 12, 13, 15, 16, 18). Money at 8 decimals, cut off.
 *
 * Missing is not zero: each figure has its has_ flag, and without it means nothing.
 */
#ifndef BF_CORE_FIGURES_H
#define BF_CORE_FIGURES_H

#include <stdbool.h>

#include "core/account.h"
#include "core/contract.h"
#include "core/multi.h"

/* A row of assetIndex: for multi-assets mode. */
struct asset_rate { char asset[24]; dec index, bid_buffer, ask_buffer; };
struct asset_rates { struct asset_rate *r; int n; };

/* Of one position that is not flat. In the margin asset, but for prices and value. */
struct position_figures {
	const struct position *p;
	const struct contract *c;	/* NULL: not known */
	bool has_notional;	dec notional;	/* signed, at mark */
	bool has_value;		dec value;	/* |.| in the quote asset; inverse: USD */
	bool has_upnl;		dec upnl;
	bool has_im;		dec im;		/* at mark and configured leverage */
	bool has_maint;		dec maint;	int tier;	/* of the notional at mark, from 1 */
	bool has_liq;		dec liq;	/* 0: there is none */
				dec liq_above;	/* a second one, above it; 0: none. Of two legs in cross margin */
	bool has_away;		dec away, away_price;	/* to the nearer: percent of the mark (2 decimals, cut
						 * off; 0 where it has been reached), and in price */
	bool has_bankruptcy;	dec bankruptcy;	/* of an isolated one; 0: none */
	bool has_leverage;	dec leverage;	/* effective: |N| / isolated margin, or / equity of the wallet */
	bool has_ratio;		dec ratio;	/* margin ratio of an isolated one, of the cross wallet otherwise */
	bool has_roe;		dec roe;	/* upnl / im, a fraction, 4 decimals */
};

/* Of one wallet, single-asset mode; in its asset. */
struct wallet_figures {
	const struct wallet *w;
	bool has_sums;		/* the next five: prices and sizes of all its positions are known */
	dec notional;		/* sum of |N| */
	dec net;		/* sum of N */
	dec upnl, cross_upnl;
	dec equity;		/* cross wallet + isolated wallets + upnl: the margin balance */
	bool has_maint;		dec maint, cross_maint;
	bool has_im;		dec im, open_im;	/* of positions, of open orders */
	bool has_available;	dec available;	/* section 15.1 */
	bool has_leverage;	dec leverage;	/* notional / equity */
	bool has_ratio;		dec ratio;	/* cross: cross_maint / (cross wallet + cross_upnl) */
};

struct figures {
	struct position_figures *pos;	int npos;
	struct wallet_figures	*wal;	int nwal;
	bool multi;		/* multi-assets mode: the wallets are one margin, in USD: */
	bool has_multi;		struct multi_sum sum;
	dec multi_notional;
	bool has_multi_leverage; dec multi_leverage;
	bool has_multi_ratio;	dec multi_ratio;
};

/* All of a, with what cs and rates (NULL: none) know. Points into a and cs. -1: out of memory. */
int  figures_make(struct figures *out, const struct account *a, const struct contracts *cs,
    const struct asset_rates *rates, struct fault *f);
void figures_free(struct figures *fg);
const struct position_figures *figures_position(const struct figures *fg, const char *symbol, enum pos_side side);
const struct wallet_figures *figures_wallet(const struct figures *fg, const char *asset);

/* Parts of it, for who asks often; nothing is allocated. false: it cannot be told. */
bool figures_sums(struct wallet_figures *out, const struct account *a, const struct contracts *cs,
    const struct wallet *w);	/* all but what needs open orders (has_im: im alone) */
/* The same, for who asks at every mark price: what follows from a position is kept until the position, its contract or
 * its tier is another. kept is of one account and one cs; zero it at first. */
struct kept;
struct figures_kept { struct kept *v; int n; };
bool figures_sums_again(struct wallet_figures *out, const struct account *a, const struct contracts *cs,
    const struct wallet *w, struct figures_kept *kept);
void figures_kept_free(struct figures_kept *kept);
/* The prices between which p (or its wallet) is not liquidated, others at their marks. */
bool figures_liquidation_bounds(struct liq_bounds *out, const struct account *a, const struct contracts *cs,
    const struct asset_rates *rates, const struct position *p);

/*
 * Liquidation prices of one wallet of single-asset mode, for who tries one order after the other on one symbol: what is
 * not of that symbol is summed once. asset and symbol must outlive it; a is the same each time but for the symbol's rows
 * and the wallet. false: something of it cannot be told, or no memory.
 */
struct figures_need;
struct figures_rest {
	const struct contracts *cs;
	const char *asset, *symbol;
	dec	percent;
	dec	upnl, maint;	/* of cross positions */
	struct figures_need *need; int n;
	dec	most;		/* the greatest need that is known */
	bool	any;		/* one is not */
};
bool figures_rest(struct figures_rest *out, const struct account *a, const struct contracts *cs, const char *asset,
    const char *symbol, dec percent);
void figures_rest_free(struct figures_rest *r);
/* The wallet with the symbol's rows as they are in a now: cross_upnl and cross_maint alone. */
bool figures_rest_wallet(struct wallet_figures *out, const struct figures_rest *r, const struct account *a);
/* The next of the others' cross positions that may be nearer to liquidation than percent: *at is its row. *i: 0 at first. */
bool figures_rest_next(int *i, const struct figures_rest *r, const struct wallet_figures *s, int *at);
/* Of one position in a wallet with these sums: p, c, upnl, maint and the liquidation prices. */
void figures_alone(struct position_figures *out, const struct account *a, const struct contracts *cs,
    const struct wallet_figures *s, const struct position *p);

/*
 * Initial margin that the orders and the position of one symbol (and side, in hedge mode)
 * need together (section 3): *im of the position, *open of the orders beyond it. false: mark,
 * leverage or size is not known.
 */
bool figures_symbol_margin(dec *im, dec *open, const struct account *a, const struct contract *c,
    enum pos_side side);

/* Something that could be done, tried on a copy (account_copy) of an account. */

/* An order filled whole at price with its fee (in the margin asset, 0 at least): section 7, the
 * isolated wallet as cost.h says, the break-even price by section 8. reduce: takes no more than
 * there is. leverage, isolated: of the symbol, where no row of it is known. The mark stays (0 of a
 * symbol never seen: account_mark it then). Whether the margin suffices is not judged.
 * -1: FAULT_REJECTED with why (-2022 of a reduction of nothing, what is not known), or memory. */
struct fill { const struct contract *c; enum order_side side; enum pos_side pos_side; dec qty, price, fee;
	bool reduce; int leverage; bool isolated; };
int  account_fill(struct account *a, const struct fill *fi, struct fault *f);
/* The leverage of a symbol; margin in (> 0) or out of an isolated position; the margin type of a
 * symbol without position. As the exchange would: what it refuses is FAULT_REJECTED with its code
 * (-4161 or -4150, -2027, -2028, -4048, -4051...), where that follows from what is known. Settings
 * are kept in the rows of the symbol: without any, nothing changes. What is available is judged
 * with the contracts that a was given (account_contracts). */
int  account_set_leverage(struct account *a, const struct contract *c, int leverage, struct fault *f);
int  account_set_isolated(struct account *a, const struct contract *c, bool isolated, struct fault *f);
int  account_move_margin(struct account *a, const struct contract *c, enum pos_side side, dec amount, struct fault *f);

#endif

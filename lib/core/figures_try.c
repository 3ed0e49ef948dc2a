/* An order that could be filled, tried on an account. Sections are those of the margin
 * mathematics sheet, see margin.h. */
#include <string.h>

#include "core/calc.h"
#include "core/figures_in.h"

#define MONEY	8	/* decimals of money, cut off, as the exchange does */

/* One fill on its way: rows are copies, put back when all of it is sound. */
struct filling {
	const struct fill *fi;
	struct position p;
	struct wallet w;
	struct leg leg;
	dec closed, opened;
	dec pnl;		/* realised */
	dec paid;		/* of the position: what its break-even price stands for */
	bool has_paid;
};

/* The row it changes, as it is or as a new one: settings and mark are of the symbol. */
static void
find_row(struct filling *g, const struct account *a)
{
	const struct contract *c = g->fi->c;
	const struct position *old = account_find(a, c->rules.symbol, g->fi->pos_side), *p;

	memset(&g->p, 0, sizeof g->p);
	if (old != NULL) {
		g->p = *old;
	} else {
		memcpy(g->p.symbol, c->rules.symbol, sizeof g->p.symbol);
		g->p.side = g->fi->pos_side;
		g->p.isolated = g->fi->isolated;
		for (p = a->pos; p < a->pos + a->npos; p++) {
			if (strcmp(p->symbol, c->rules.symbol) != 0)
				continue;
			g->p.isolated = p->isolated;
			g->p.mark = p->mark;
			g->p.mark_ms = p->mark_ms;
		}
	}
	memcpy(g->p.margin_asset, c->rules.margin, sizeof g->p.margin_asset);
	g->p.kind = c->kind;
	g->p.size = c->size;
	if (g->p.leverage == 0)
		g->p.leverage = account_leverage_of(a, c->rules.symbol);
	if (g->p.leverage == 0)
		g->p.leverage = g->fi->leverage;
	g->leg = (struct leg){ c->kind, g->p.amt, g->p.entry, c->size };
}

static int
check_fill(const struct account *a, const struct fill *fi, struct fault *f)
{
	bool exit = fi->reduce || (fi->pos_side == POS_LONG && fi->side == SIDE_SELL) ||
	    (fi->pos_side == POS_SHORT && fi->side == SIDE_BUY);
	const struct position *p = account_find(a, fi->c->rules.symbol, fi->pos_side);

	if (!account_has(a, PART_WALLETS | PART_POSITIONS))
		return figures_refuse(f, 0, "the account is not known");
	if (dec_sign(fi->qty) <= 0 || dec_sign(fi->price) <= 0 || dec_sign(fi->c->size) <= 0 ||
	    dec_sign(fi->fee) < 0 || (fi->side != SIDE_BUY && fi->side != SIDE_SELL))
		return figures_refuse(f, 0, "quantity, price or contract size is not known");
	if (a->hedge != (fi->pos_side != POS_BOTH))
		return figures_refuse(f, -4061, "Order's position side does not match user's setting.");
	if (account_find_wallet(a, fi->c->rules.margin) == NULL)
		return figures_refuse(f, 0, "the wallet of its margin asset is not known");
	if (p != NULL && account_held(p) && dec_sign(p->entry) <= 0)
		return figures_refuse(f, 0, "the entry price of the position is not known");
	if (exit && (p == NULL || dec_sign(p->amt) != -(int)fi->side))
		return figures_refuse(f, -2022, "ReduceOnly Order is rejected.");
	return 0;
}

/* How much of it closes, and how much opens. An exit takes no more than there is. */
static bool
split(struct filling *g)
{
	const struct fill *fi = g->fi;
	bool against = dec_sign(g->leg.amt) == -(int)fi->side;

	g->closed = against ? dec_min(fi->qty, dec_abs(g->leg.amt)) : dec_int(0);
	if (!dec_sub(&g->opened, fi->qty, g->closed))
		return false;
	if (fi->reduce || (against && fi->pos_side != POS_BOTH))
		g->opened = dec_int(0);
	return true;
}

static dec
signed_qty(const struct filling *g, dec q)
{
	return g->fi->side == SIDE_SELL ? dec_neg(q) : q;
}

/* The part of the fee that falls to q of what is filled. */
static bool
fee_part(const struct filling *g, dec q, dec *out)
{
	dec all;

	return dec_add(&all, g->closed, g->opened) && dec_mul(out, g->fi->fee, q) &&
	    dec_div(out, *out, all, MONEY, DEC_DOWN);
}

/* Section 7: collateral is released pro rata with what is closed; money is cut off. */
static bool
release(dec *iso, dec closed, dec held)
{
	dec out;

	return dec_mul(&out, *iso, closed) && dec_div(&out, out, held, MONEY, DEC_DOWN) && dec_sub(iso, *iso, out);
}

static bool
close_part(struct filling *g)
{
	struct leg part = g->leg;
	dec fee;

	part.amt = signed_qty(g, dec_neg(g->closed));	/* with its own sign */
	if (!margin_pnl(&g->pnl, &part, g->fi->price) || !fee_part(g, g->closed, &fee) ||
	    (g->p.isolated && !release(&g->p.isolated_wallet, g->closed, dec_abs(g->leg.amt))))
		return false;
	if (!dec_sub(&g->leg.amt, g->leg.amt, part.amt) || !dec_add(&g->paid, g->paid, fee) ||
	    !dec_sub(&g->paid, g->paid, g->pnl))
		return false;
	if (dec_sign(g->leg.amt) == 0) {	/* what comes now begins anew */
		g->leg.entry = g->paid = dec_int(0);
		g->has_paid = true;
	}
	return true;
}

static bool
open_part(struct filling *g)
{
	struct leg part = g->leg;
	dec more = signed_qty(g, g->opened), n, im, fee;

	part.amt = more;
	if (!fee_part(g, g->opened, &fee) || !dec_add(&g->paid, g->paid, fee) ||
	    !margin_average(&g->leg.entry, &g->leg, more, g->fi->price) ||
	    !dec_add(&g->leg.amt, g->leg.amt, more))
		return false;
	return !g->p.isolated || (margin_fill_value(&n, &part, g->fi->price) &&
	    margin_initial(&im, n, g->p.leverage) &&
	    dec_add(&g->p.isolated_wallet, g->p.isolated_wallet, im));
}

/* PnL and fee are the wallet's; what the isolated wallet was given or gave is the cross
 * wallet's. */
static bool
settle(struct filling *g, dec iso_was)
{
	struct wallet *w = &g->w;
	dec d;

	return dec_sub(&d, g->pnl, g->fi->fee) && dec_add(&w->balance, w->balance, d) &&
	    dec_add(&w->cross, w->cross, d) && dec_add(&w->cross, w->cross, iso_was) &&
	    dec_sub(&w->cross, w->cross, g->p.isolated_wallet);
}

/* What the row shows of it. */
static bool
show(struct filling *g)
{
	dec zero = dec_int(0);

	g->p.amt = g->leg.amt;
	g->p.entry = g->leg.entry;
	if (!account_held(&g->p)) {
		account_flatten(&g->p);
		g->p.isolated_wallet = zero;
		return true;
	}
	if (!g->has_paid || !calc_break_even(&g->p.break_even, &g->leg, g->paid, zero))
		g->p.break_even = zero;
	if (dec_sign(g->p.mark) <= 0)
		g->p.upnl = zero;
	return account_revalue(&g->p);
}

static bool
fill(struct filling *g)
{
	dec iso = g->p.isolated ? g->p.isolated_wallet : dec_int(0);

	g->has_paid = !account_held(&g->p) || (dec_sign(g->p.break_even) > 0 &&
	    margin_pnl(&g->paid, &g->leg, g->p.break_even));
	if (!g->p.isolated)
		g->p.isolated_wallet = iso;
	return split(g) && (dec_sign(g->closed) == 0 || close_part(g)) &&
	    (dec_sign(g->opened) == 0 || open_part(g)) && settle(g, iso) && show(g);
}

int
account_fill(struct account *a, const struct fill *fi, struct fault *f)
{
	struct filling g = { .fi = fi };
	struct position *p;
	struct wallet *w;

	if (check_fill(a, fi, f) == -1)
		return -1;
	w = account_find_wallet(a, fi->c->rules.margin);
	find_row(&g, a);
	g.w = *w;
	if (g.p.isolated && g.p.leverage < 1)
		return figures_refuse(f, 0, "the leverage of the symbol is not known");
	if (!fill(&g))
		return figures_refuse(f, 0, "a number is out of room");
	if ((p = account_find(a, fi->c->rules.symbol, fi->pos_side)) != NULL)
		*p = g.p;
	else if (account_add_position(a, &g.p, f) == -1)
		return -1;
	*w = g.w;
	return 0;
}

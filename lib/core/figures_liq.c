/* The liquidation price of a position in its account: sections 12.2 and 16.4 of the margin
 * mathematics sheet, see margin.h. */
#include <string.h>

#include "core/figures_in.h"

#define FINE	16	/* decimals of a quotient that is computed on with */
#define WEIGHED	14	/* of a weighed rate */

/* The legs that stand and fall together: both of a symbol in cross margin. */
struct legs {
	struct liq_leg leg[2];
	int n;
	bool has_value;		/* the next two: their marks are known */
	dec upnl, maint;
};

static bool
add_leg(struct legs *ls, const struct holding *h)
{
	struct holding v;

	if (!h->has_leg || h->tiers == NULL)
		return false;
	ls->leg[ls->n++] = (struct liq_leg){ h->leg, h->tiers };
	v = *h;
	if (!v.has_value && dec_sign(h->p->mark) > 0) {
		v.has_value = margin_notional(&v.notional, &h->leg, h->p->mark) &&
		    margin_pnl(&v.upnl, &h->leg, h->p->mark);
		v.has_maint = v.has_value && margin_maintenance(&v.maint, h->tiers, v.notional);
	}
	ls->has_value = ls->has_value && v.has_maint && dec_add(&ls->upnl, ls->upnl, v.upnl) &&
	    dec_add(&ls->maint, ls->maint, v.maint);
	return true;
}

static bool
cross_legs(struct legs *ls, const struct account *a, const struct contracts *cs, const struct holding *h)
{
	enum pos_side other = h->p->side == POS_LONG ? POS_SHORT : POS_LONG;
	const struct position *twin = NULL;
	struct holding t;

	*ls = (struct legs){ .has_value = true };
	if (h->p->side != POS_BOTH)
		twin = account_find(a, h->p->symbol, other);
	if (!add_leg(ls, h))
		return false;
	if (twin == NULL || !account_held(twin) || twin->isolated)
		return true;
	holding_of(&t, cs, twin);
	return add_leg(ls, &t);
}

/* TMM1 and UPNL1: the other contracts in the cross wallet, one by one. */
static bool
others(dec *tmm, dec *upnl, const struct account *a, const struct contracts *cs, const struct holding *h)
{
	struct holding o;

	*tmm = *upnl = dec_int(0);
	for (const struct position *p = a->pos; p < a->pos + a->npos; p++) {
		if (!account_held(p) || p->isolated || strcmp(p->symbol, h->p->symbol) == 0)
			continue;
		holding_at_mark(&o, cs, p);
		if (*o.asset == '\0')
			return false;
		if (strcmp(o.asset, h->asset) != 0)
			continue;
		if (!o.has_value || !o.has_maint || !dec_add(tmm, *tmm, o.maint) ||
		    !dec_add(upnl, *upnl, o.upnl))
			return false;
	}
	return true;
}

static const struct wallet_figures *
sums_of(const struct account *a, const struct wallet_figures *sums, const char *asset)
{
	for (int i = 0; sums != NULL && i < a->nwal; i++)
		if (strcmp(a->wal[i].asset, asset) == 0)
			return &sums[i];
	return NULL;
}

static bool
liq_single(struct liq_bounds *out, const struct account *a, const struct contracts *cs,
    const struct wallet_figures *s, const struct holding *h, const struct legs *ls)
{
	const struct wallet *w = account_find_wallet(a, h->asset);
	dec tmm, upnl;

	if (w == NULL)
		return false;
	if (s != NULL && s->has_sums && s->has_maint && ls->has_value) {
		if (!dec_sub(&tmm, s->cross_maint, ls->maint) || !dec_sub(&upnl, s->cross_upnl, ls->upnl))
			return false;
	} else if (!others(&tmm, &upnl, a, cs, h)) {
		return false;
	}
	return margin_liquidation_bounds(out, ls->leg, ls->n, w->cross, tmm, upnl);
}

/* Section 16.2 charges what must be kept at the ask rate of its asset, and the equity at the bid or ask rate. In terms
 * of that rate the tiers weigh ask / rate. */
static bool
weigh(struct tiers *out, const struct tiers *ts, dec ask, dec rate)
{
	*out = *ts;
	for (struct tier *at = out->tier; at < out->tier + out->n; at++)
		if (!dec_mul(&at->mmr, at->mmr, ask) || !dec_div(&at->mmr, at->mmr, rate, WEIGHED, DEC_UP) ||
		    !dec_mul(&at->cum, at->cum, ask) || !dec_div(&at->cum, at->cum, rate, WEIGHED, DEC_DOWN))
			return false;
	return true;
}

/* All assets in units of the margin asset of this contract, which counts at one rate whatever its sign. */
static bool
at_rate(struct liq_bounds *out, const struct legs *ls, const struct multi_sum *rest, dec own, dec ask, dec rate)
{
	struct legs l = *ls;
	struct tiers ts;
	dec wb, tmm;

	if (!weigh(&ts, ls->leg[0].tiers, ask, rate))	/* both legs are of one symbol */
		return false;
	for (int i = 0; i < l.n; i++)
		l.leg[i].tiers = &ts;
	return dec_div(&wb, rest->equity, rate, FINE, DEC_DOWN) && dec_div(&tmm, rest->maint, rate, FINE, DEC_DOWN) &&
	    margin_liquidation_bounds(out, l.leg, l.n, wb, tmm, own);
}

/*
 * Section 16.2: of the equity of an asset the lesser of its values at bid and ask counts: all holds where it holds at
 * both. The contract's own asset is taken out of the sum and set against the price; collateral that moves with it is
 * left at its index.
 */
static bool
liq_together(struct liq_bounds *out, const struct account *a, const struct contracts *cs,
    const struct asset_rates *rates, const struct wallet_figures *sums, const struct holding *h,
    const struct legs *ls)
{
	const struct asset_rate *r = figures_rate(rates, h->asset);
	const struct wallet *w = account_find_wallet(a, h->asset);
	const struct wallet_figures *own_sums = sums_of(a, sums, h->asset);
	struct wallet_figures own;
	struct less less = { h->asset, { 0, 0 }, ls->maint };
	struct multi_sum s;
	struct liq_bounds at_bid, at_ask;
	dec ask, bid;

	if (r == NULL || w == NULL || !ls->has_value)
		return false;
	if (own_sums != NULL)
		own = *own_sums;
	else
		figures_sums(&own, a, cs, w);
	if (!own.has_sums)
		return false;
	less.upnl = own.equity;
	if (!dec_sub(&own.equity, own.equity, ls->upnl) || !figures_together(&s, a, cs, rates, sums, &less, false) ||
	    !multi_ask(&ask, r->index, r->ask_buffer) || !multi_bid(&bid, r->index, r->bid_buffer) ||
	    !at_rate(&at_bid, ls, &s, own.equity, ask, bid) || !at_rate(&at_ask, ls, &s, own.equity, ask, ask))
		return false;
	margin_narrow(&at_ask, &at_bid);
	*out = at_ask;
	return true;
}

bool
figures_liq_in(struct liq_bounds *out, const struct account *a, const struct contracts *cs,
    const struct wallet_figures *s, const struct holding *h)
{
	struct liq_leg one = { h->leg, h->tiers };
	struct legs ls;

	if (!h->has_leg || h->tiers == NULL)
		return false;
	if (h->p->isolated)
		return margin_liquidation_bounds(out, &one, 1, h->p->isolated_wallet, dec_int(0), dec_int(0));
	return *h->asset != '\0' && account_has(a, PART_WALLETS | PART_POSITIONS) && cross_legs(&ls, a, cs, h) &&
	    liq_single(out, a, cs, s, h, &ls);
}

bool
figures_liq(struct liq_bounds *out, const struct account *a, const struct contracts *cs,
    const struct asset_rates *rates, const struct wallet_figures *sums, const struct holding *h)
{
	struct legs ls;

	if (!a->multi_assets || h->p->isolated)
		return figures_liq_in(out, a, cs, sums_of(a, sums, h->asset), h);
	return h->has_leg && h->tiers != NULL && *h->asset != '\0' && account_has(a, PART_WALLETS | PART_POSITIONS) &&
	    cross_legs(&ls, a, cs, h) && liq_together(out, a, cs, rates, sums, h, &ls);
}

bool
figures_liquidation_bounds(struct liq_bounds *out, const struct account *a, const struct contracts *cs,
    const struct asset_rates *rates, const struct position *p)
{
	struct holding h;

	if (!account_held(p)) {
		*out = (struct liq_bounds){ .dead = false };
		return true;
	}
	holding_of(&h, cs, p);
	return figures_liq(out, a, cs, rates, NULL, &h);
}

/* A wallet on which one order after the other is tried: of all but one symbol once, of that symbol each time. */
#include <stdlib.h>
#include <string.h>

#include "core/figures_in.h"

#define FINE	12	/* decimals of a price at the edge */

/* Of a cross position: what the surplus of its wallet must exceed so that it is far enough, whatever else is in it. */
struct figures_need { int at; bool known; dec surplus; };

void
figures_rest_free(struct figures_rest *r)
{
	free(r->need);
	*r = (struct figures_rest){ 0 };
}

/* The charge of the dearest tier: margin.c, section 12. */
static bool
charge(dec *out, const struct tiers *ts, dec notional)
{
	dec v;

	for (int i = 0; i < ts->n; i++) {
		if (!dec_mul(&v, dec_abs(notional), ts->tier[i].mmr) || !dec_sub(&v, v, ts->tier[i].cum))
			return false;
		*out = i == 0 ? v : dec_max(*out, v);
	}
	return ts->n > 0;
}

/* By how much less surplus there is with the mark of this leg at price. */
static bool
lost(dec *out, const struct holding *h, dec price)
{
	dec n, upnl, maint, d;

	return margin_notional(&n, &h->leg, price) && margin_pnl(&upnl, &h->leg, price) && charge(&maint, h->tiers, n) &&
	    dec_sub(&d, h->upnl, upnl) && dec_add(&d, d, maint) && dec_sub(&d, d, h->maint) && dec_add(out, *out, d);
}

/*
 * A liquidation price is cut off at 8 decimals, a distance at 12, and the sums here at 8: this much beyond the edge none of
 * that is in doubt. What is nearer is looked at with the true figures.
 */
static bool
edges(dec *low, dec *high, dec mark, dec percent)
{
	static const dec finest = { 1, 9 }, doubt = { 2, 8 }, hundredth = { 1, 2 };
	dec d;

	return dec_add(&d, percent, finest) && dec_mul(&d, d, hundredth) && dec_mul(&d, d, mark) && dec_add(&d, d, doubt) &&
	    dec_sub(low, mark, d) && dec_add(high, mark, d) && dec_rescale(low, *low, FINE, DEC_FLOOR) &&
	    dec_rescale(high, *high, FINE, DEC_CEIL) && dec_sign(*low) > 0;
}

/* What is left above maintenance is concave in the price (in its inverse, of an inverse contract): what is kept at both
 * edges is kept between. */
static bool
need_of(dec *out, const struct account *a, const struct contracts *cs, const struct holding *h, dec percent)
{
	static const dec doubt = { 1, 6 };
	const struct position *twin = h->p->side == POS_BOTH ? NULL :
	    account_find(a, h->p->symbol, h->p->side == POS_LONG ? POS_SHORT : POS_LONG);
	dec low, high, down = dec_int(0), up = dec_int(0);
	struct holding t;

	if (!edges(&low, &high, h->p->mark, percent) || !lost(&down, h, low) || !lost(&up, h, high))
		return false;
	if (twin != NULL && account_held(twin) && !twin->isolated) {
		holding_at_mark(&t, cs, twin);
		if (!t.has_maint || dec_cmp(twin->mark, h->p->mark) != 0 || !lost(&down, &t, low) || !lost(&up, &t, high))
			return false;
	}
	return dec_add(out, dec_max(dec_max(down, up), dec_int(0)), doubt);
}

/* false: its figures cannot be told. */
static bool
add_other(struct figures_rest *r, const struct account *a, const struct holding *h, int at)
{
	struct figures_need *n = &r->need[r->n];
	struct liq_bounds b;

	if (!h->has_value || !h->has_maint)
		return false;
	if (h->p->isolated)	/* nothing of the wallet moves it */
		return figures_liq(&b, a, r->cs, NULL, NULL, h);
	n->at = at;
	if ((n->known = need_of(&n->surplus, a, r->cs, h, r->percent)))
		r->most = dec_max(r->most, n->surplus);
	else
		r->any = true;
	r->n++;
	return dec_add(&r->upnl, r->upnl, h->upnl) && dec_add(&r->maint, r->maint, h->maint);
}

static bool
add_others(struct figures_rest *r, const struct account *a)
{
	struct holding h;

	for (int i = 0; i < a->npos; i++) {
		if (!account_held(&a->pos[i]) || strcmp(a->pos[i].symbol, r->symbol) == 0)
			continue;
		holding_at_mark(&h, r->cs, &a->pos[i]);
		if (*h.asset == '\0' || strcmp(h.asset, a->pos[i].margin_asset) != 0)
			return false;
		if (strcmp(h.asset, r->asset) == 0 && !add_other(r, a, &h, i))
			return false;
	}
	return true;
}

bool
figures_rest(struct figures_rest *out, const struct account *a, const struct contracts *cs, const char *asset,
    const char *symbol, dec percent)
{
	*out = (struct figures_rest){ .cs = cs, .asset = asset, .symbol = symbol, .percent = percent };
	if (a->multi_assets || !account_has(a, PART_WALLETS | PART_POSITIONS) ||
	    (out->need = calloc((size_t)a->npos + 1, sizeof *out->need)) == NULL)
		return false;
	if (add_others(out, a))
		return true;
	figures_rest_free(out);
	return false;
}

/* Its sums with the symbol's rows as they are in a now. */
bool
figures_rest_wallet(struct wallet_figures *out, const struct figures_rest *r, const struct account *a)
{
	struct holding h;

	*out = (struct wallet_figures){ .w = account_find_wallet(a, r->asset), .cross_upnl = r->upnl, .cross_maint = r->maint };
	for (const struct position *p = a->pos; p < a->pos + a->npos; p++) {
		if (!account_held(p) || strcmp(p->symbol, r->symbol) != 0)
			continue;
		holding_at_mark(&h, r->cs, p);
		if (!h.has_maint || strcmp(h.asset, r->asset) != 0 || strcmp(p->margin_asset, r->asset) != 0)
			return false;
		if (!p->isolated && (!dec_add(&out->cross_upnl, out->cross_upnl, h.upnl) ||
		    !dec_add(&out->cross_maint, out->cross_maint, h.maint)))
			return false;
	}
	out->has_sums = out->has_maint = true;
	return out->w != NULL;
}

bool
figures_rest_next(int *i, const struct figures_rest *r, const struct wallet_figures *s, int *at)
{
	dec left;
	bool all;

	if (!dec_add(&left, s->w->cross, s->cross_upnl) || !dec_sub(&left, left, s->cross_maint))
		left = dec_int(0);
	all = dec_sign(left) <= 0;
	if (*i == 0 && !all && !r->any && dec_cmp(left, r->most) > 0)
		return false;
	for (; *i < r->n; ++*i)
		if (all || !r->need[*i].known || dec_cmp(left, r->need[*i].surplus) <= 0) {
			*at = r->need[(*i)++].at;
			return true;
		}
	return false;
}

void
figures_alone(struct position_figures *out, const struct account *a, const struct contracts *cs,
    const struct wallet_figures *s, const struct position *p)
{
	struct liq_bounds b;
	struct holding h;

	holding_at_mark(&h, cs, p);
	*out = (struct position_figures){ .p = p, .c = h.c, .has_upnl = h.has_value, .upnl = h.upnl, .has_maint = h.has_maint,
		.maint = h.maint };
	if (!(out->has_liq = figures_liq_in(&b, a, cs, s, &h)))
		return;
	out->liq = margin_bound(&b);
	out->liq_above = dec_sign(b.low) > 0 ? b.high : dec_int(0);
}

/* All figures of an account at once. Sections are those of the margin mathematics sheet, see
 * margin.h. */
#include <stdlib.h>
#include <string.h>

#include "core/figures_in.h"

/* On the way: what is made, and of what. */
struct making {
	struct figures *fg;
	const struct account *a;
	const struct contracts *cs;
	const struct asset_rates *rates;
	bool has_uni;		/* equity and maintenance of all assets are known: */
	struct multi_sum uni;
};

/*
 * Wallets
 */

static void
wallet_of(struct making *m, struct wallet_figures *s, const struct wallet *w)
{
	dec cross_im;

	if (!figures_purse(s, &cross_im, m->a, m->cs, w))
		return;
	s->has_im = s->has_im && figures_open_margin(&s->open_im, m->a, m->cs, w->asset);
	s->has_available = s->has_im && !m->a->multi_assets &&
	    figures_available(&s->available, s, cross_im);
}

/* What a notional in this asset is worth in USD. */
static bool
in_usd(const struct making *m, dec *out, dec n, const char *asset)
{
	const struct asset_rate *r = figures_rate(m->rates, asset);

	return r != NULL && dec_mul(out, n, r->index) && dec_rescale(out, *out, 8, DEC_DOWN);
}

static bool
all_notional(const struct making *m, dec *out)
{
	const struct wallet_figures *s = m->fg->wal;
	dec n;

	*out = dec_int(0);
	for (int i = 0; i < m->fg->nwal; i++, s++) {
		if (!s->has_sums)
			return false;
		if (dec_sign(s->notional) == 0)
			continue;
		if (!in_usd(m, &n, s->notional, s->w->asset) || !dec_add(out, *out, n))
			return false;
	}
	return true;
}

static void
together(struct making *m)
{
	struct figures *fg = m->fg;

	fg->multi = m->a->multi_assets;
	if (!fg->multi)
		return;
	m->has_uni = figures_together(&m->uni, m->a, m->cs, m->rates, fg->wal, NULL, false);
	fg->has_multi = figures_together(&fg->sum, m->a, m->cs, m->rates, fg->wal, NULL, true) &&
	    all_notional(m, &fg->multi_notional);
	fg->has_multi_leverage = m->has_uni && all_notional(m, &fg->multi_notional) &&
	    margin_leverage(&fg->multi_leverage, fg->multi_notional, m->uni.equity);
	fg->has_multi_ratio = m->has_uni && margin_ratio(&fg->multi_ratio, m->uni.maint, m->uni.equity);
}

/*
 * Positions
 */

/* Equity and maintenance margin of what a position lives or dies with, in its asset or USD. */
static bool
unit_of(const struct making *m, const struct position_figures *pf, const struct wallet_figures *s,
    dec *equity, dec *maint)
{
	if (pf->p->isolated) {
		*maint = pf->maint;
		return pf->has_maint && pf->has_upnl &&
		    dec_add(equity, pf->p->isolated_wallet, pf->upnl);
	}
	if (m->a->multi_assets) {
		*equity = m->uni.equity;
		*maint = m->uni.maint;
		return m->has_uni;
	}
	if (s == NULL || !s->has_sums || !s->has_maint)
		return false;
	*maint = s->cross_maint;
	return dec_add(equity, s->w->cross, s->cross_upnl);
}

/* How far a price is; 0: there is none. */
static bool
gap(dec *out, dec mark, dec price)
{
	return dec_sign(price) > 0 && dec_sub(out, mark, price) && (*out = dec_abs(*out), true);
}

/* How far the nearer price is. What is beyond it is at it. No price: nowhere, unless nothing is
 * left at any price. */
static void
distance(struct position_figures *pf, dec equity, dec maint)
{
	dec d, up, zero = { 0, 2 };

	if (dec_cmp(maint, equity) >= 0) {
		pf->has_away = true;
		pf->away = pf->away_price = zero;
		return;
	}
	pf->has_away = pf->has_liq && dec_sign(pf->p->mark) > 0 && gap(&d, pf->p->mark, pf->liq);
	if (pf->has_away && gap(&up, pf->p->mark, pf->liq_above))
		d = dec_min(d, up);
	pf->has_away = pf->has_away && dec_mul(&pf->away, d, dec_int(100)) &&
	    dec_div(&pf->away, pf->away, pf->p->mark, 2, DEC_DOWN);
	pf->away_price = pf->has_away ? d : zero;
}

/* Section 18: |N| of its own isolated margin, or of the equity of its wallet. */
static void
leverage_of(const struct making *m, struct position_figures *pf, const struct wallet_figures *s,
    const char *asset)
{
	dec n = dec_abs(pf->notional), equity;

	if (!pf->has_notional)
		return;
	if (pf->p->isolated)
		pf->has_leverage = pf->has_upnl && dec_add(&equity, pf->p->isolated_wallet, pf->upnl) &&
		    margin_leverage(&pf->leverage, n, equity);
	else if (m->a->multi_assets)
		pf->has_leverage = m->has_uni && in_usd(m, &n, n, asset) &&
		    margin_leverage(&pf->leverage, n, m->uni.equity);
	else
		pf->has_leverage = s != NULL && s->has_sums && margin_leverage(&pf->leverage, n, s->equity);
}

/* By itself: nothing of others is in these. */
static void
alone(struct position_figures *pf, const struct holding *h)
{
	pf->has_notional = pf->has_upnl = h->has_value;
	pf->notional = h->notional;
	pf->upnl = h->upnl;
	pf->has_im = h->has_im;
	pf->im = h->im;
	pf->has_maint = h->has_maint;
	pf->maint = h->maint;
	if (h->has_maint)
		pf->tier = (int)(tiers_of(h->tiers, h->notional) - h->tiers->tier) + 1;
	pf->value = dec_abs(h->notional);
	pf->has_value = h->leg.kind == LINEAR ? h->has_value : dec_sign(h->leg.size) > 0 &&
	    dec_mul(&pf->value, dec_abs(h->leg.amt), h->leg.size);
	pf->has_roe = h->has_im && dec_div(&pf->roe, h->upnl, h->im, 4, DEC_DOWN);
	pf->has_bankruptcy = h->p->isolated && h->has_leg &&
	    margin_bankruptcy(&pf->bankruptcy, &h->leg, h->p->isolated_wallet);
}

static void
position_of(const struct making *m, struct position_figures *pf, const struct position *p)
{
	const struct wallet_figures *s;
	struct liq_bounds b;
	struct holding h;
	dec equity, maint;

	holding_at_mark(&h, m->cs, p);
	pf->p = p;
	pf->c = h.c;
	alone(pf, &h);
	s = figures_wallet(m->fg, h.asset);
	pf->has_liq = figures_liq(&b, m->a, m->cs, m->rates, m->fg->wal, &h);
	if (pf->has_liq) {
		pf->liq = margin_bound(&b);
		pf->liq_above = dec_sign(b.low) > 0 ? b.high : dec_int(0);
	}
	leverage_of(m, pf, s, h.asset);
	if (unit_of(m, pf, s, &equity, &maint)) {
		pf->has_ratio = margin_ratio(&pf->ratio, maint, equity);
		distance(pf, equity, maint);
	}
}

int
figures_make(struct figures *out, const struct account *a, const struct contracts *cs,
    const struct asset_rates *rates, struct fault *f)
{
	struct making m = { .fg = out, .a = a, .cs = cs, .rates = rates };

	memset(out, 0, sizeof *out);
	out->pos = calloc((size_t)a->npos + 1, sizeof *out->pos);
	out->wal = calloc((size_t)a->nwal + 1, sizeof *out->wal);
	if (out->pos == NULL || out->wal == NULL) {
		figures_free(out);
		return account_no_memory(f);
	}
	for (; out->nwal < a->nwal; out->nwal++)
		wallet_of(&m, &out->wal[out->nwal], &a->wal[out->nwal]);
	together(&m);
	for (int i = 0; i < a->npos; i++)
		if (account_held(&a->pos[i]))
			position_of(&m, &out->pos[out->npos++], &a->pos[i]);
	return 0;
}

void
figures_free(struct figures *fg)
{
	free(fg->pos);
	free(fg->wal);
	memset(fg, 0, sizeof *fg);
}

const struct position_figures *
figures_position(const struct figures *fg, const char *symbol, enum pos_side side)
{
	for (int i = 0; i < fg->npos; i++)
		if (fg->pos[i].p->side == side && strcmp(fg->pos[i].p->symbol, symbol) == 0)
			return &fg->pos[i];
	return NULL;
}

const struct wallet_figures *
figures_wallet(const struct figures *fg, const char *asset)
{
	for (int i = 0; i < fg->nwal; i++)
		if (strcmp(fg->wal[i].w->asset, asset) == 0)
			return &fg->wal[i];
	return NULL;
}

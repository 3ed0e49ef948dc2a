/* What may be asked of positions and wallets. Sections are those of the margin
 * mathematics sheet. Sums that are stale are computed anew on the way; nothing
 * else changes. */
#include "state.h"

/* Sums kept are no part of the state: asking may renew them. */
static struct engine *
own(const struct engine *e)
{
	return (struct engine *)e;
}

/*
 * Liquidation price
 */

/* Section 12.2: the wallet that answers, and what else it carries. */
struct backing { dec wallet, maint, upnl; };

/* Single-asset: the cross wallet; all that is not of this contract stands. */
static void
backing_cross(struct engine *e, const struct hold *h, struct backing *b, bool *bad)
{
	struct figures f;

	acct_figures(e, h->a, h->s->asset, &f, bad);
	b->wallet = f.cross;
	b->maint = num_sub(bad, f.s.cross_maint, h->sums.cross_maint);
	b->upnl = num_sub(bad, f.s.cross_upnl, h->sums.cross_upnl);
}

/* Section 16.4: all equity in units of the contract's asset, without the PnL of
 * the contract itself. */
static void
backing_multi(struct engine *e, const struct hold *h, struct backing *b, bool *bad)
{
	struct figures f;
	dec rate;

	acct_figures_multi(e, h->a, &f, bad);
	rate = asset_rate(e, h->s->asset, true, bad);
	*b = (struct backing){ { 0, 0 }, { 0, 0 }, { 0, 0 } };
	if (dec_sign(rate) <= 0)
		return;
	b->wallet = num_sub(bad, num_div(bad, f.equity, rate, MONEY), h->sums.cross_upnl);
	b->maint = num_sub(bad, num_div(bad, f.s.maint, rate, MONEY), h->sums.cross_maint);
}

/* Hedge mode under cross margin has one price for both legs. */
static dec
liquidation_price(struct engine *e, const struct hold *h, enum pos_mode leg, bool *bad)
{
	struct backing b = { h->pos[leg].iso, { 0, 0 }, { 0, 0 } };
	struct liq_leg legs[3];
	dec price = { 0, 0 };
	int n = 0;

	if (dec_sign(h->pos[leg].amt) == 0)
		return price;
	for (int i = 0; i < 3; i++)
		if (dec_sign(h->pos[i].amt) != 0 && (!h->isolated || i == (int)leg))
			legs[n++] = (struct liq_leg){ pos_leg(h->s, &h->pos[i]), &h->s->c.tiers };
	if (!h->isolated && h->a->multi && h->s->c.market == USDM)
		backing_multi(e, h, &b, bad);
	else if (!h->isolated)
		backing_cross(e, h, &b, bad);
	return num_ok(bad, margin_liquidation(&price, legs, n, b.wallet, b.maint, b.upnl), &price);
}

/*
 * Positions
 */

/* A symbol the account never dealt in. */
static void
unused(const struct sym *s, struct engine_position *r)
{
	r->leverage = acct_leverage(s);
	r->max_notional = tiers_cap(&s->c.tiers, r->leverage);
}

static void
used(struct engine *e, const struct hold *h, enum pos_mode leg, struct engine_position *r,
    bool *bad)
{
	const struct pos *p = &h->pos[leg];
	const struct sym *s = h->s;

	acct_fresh(e, h->a);
	r->amt = p->amt;
	r->entry = p->entry;
	r->break_even = pos_break_even(s, p, bad);
	r->upnl = pos_upnl(s, p, bad);
	r->notional = pos_notional(s, p, bad);
	r->liq = liquidation_price(e, h, leg, bad);
	r->isolated = h->isolated;
	if (h->isolated) {
		r->iso_wallet = p->iso;
		r->iso_margin = num_add(bad, p->iso, r->upnl);
	}
	r->pos_im = margin_of(r->notional, h->leverage, bad);
	r->im = margin_of(pos_exposure(s, p, p->bid, p->ask, bad), h->leverage, bad);
	r->order_im = num_sub(bad, r->im, r->pos_im);
	r->maint = pos_maint(s, p, bad);
	r->bid = p->bid;
	r->ask = p->ask;
	r->leverage = h->leverage;
	r->max_notional = tiers_cap(&s->c.tiers, h->leverage);
	r->adl = h->adl[leg];
	r->open_orders = p->norders;
	r->update_ms = p->update_ms;
}

bool
engine_position(const struct engine *e, int acct, int sym, enum pos_mode leg,
    struct engine_position *out)
{
	const struct acct *a = eng_acct(e, acct);
	const struct sym *s = eng_sym(e, sym);
	struct engine_position r = { 0 };
	bool bad = false;

	if (a == NULL || s == NULL || leg < MODE_BOTH || leg > MODE_SHORT)
		return false;
	if (acct_hold_at(a, sym) == NULL)
		unused(s, &r);
	else
		used(own(e), acct_hold_at(a, sym), leg, &r, &bad);
	r.mark = s->mark;
	r.amt.scale = s->c.rules.step.scale;	/* 0 before the first trade has no scale */
	if (!bad)
		*out = r;
	return !bad;
}

/*
 * Wallets
 */

static void
balance_of(const struct figures *f, struct engine_balance *b, bool *bad)
{
	dec d;

	b->wallet = f->wallet;
	b->upnl = f->s.upnl;
	b->margin = num_add(bad, f->wallet, f->s.upnl);
	b->maint = f->s.maint;
	b->pos_im = f->s.pos_im;
	b->order_im = f->s.order_im;
	b->im = num_add(bad, f->s.pos_im, f->s.order_im);
	b->cross_wallet = f->cross;
	b->cross_upnl = f->s.cross_upnl;
	b->available = f->available;
	/* Section 15.1: unrealised profit may not be withdrawn. */
	d = num_sub(bad, num_sub(bad, f->cross, f->s.cross_pos_im), f->s.order_im);
	b->withdraw = dec_max((dec){ 0, MONEY }, dec_min(f->available, d));
}

/* Multi-assets mode: an asset shares in what is available of all; what may be
 * taken out of it is its own. */
static void
share(struct engine *e, struct acct *a, int asset, struct engine_balance *b, bool *bad)
{
	struct figures f;
	dec usd;

	acct_figures_multi(e, a, &f, bad);
	b->available = acct_asset_part(e, asset, f.available, bad);
	usd = num_sub(bad, f.available, dec_max(dec_int(0), f.s.upnl));
	b->withdraw = dec_min(acct_asset_part(e, asset, usd, bad),
	    dec_max((dec){ 0, MONEY }, a->wallet[asset].balance));
}

bool
engine_balance(const struct engine *e, int acct, int asset, struct engine_balance *out)
{
	struct acct *a = eng_acct(e, acct);
	struct engine_balance b = { 0 };
	struct figures f;
	bool bad = false;

	if (a == NULL || asset < 0 || asset >= e->nasset)
		return false;
	acct_figures(own(e), a, asset, &f, &bad);
	balance_of(&f, &b, &bad);
	if (a->multi && e->asset[asset].info.market == USDM)
		share(own(e), a, asset, &b, &bad);
	b.update_ms = a->wallet[asset].update_ms;
	if (!bad)
		*out = b;
	return !bad;
}

bool
engine_totals(const struct engine *e, int acct, struct engine_balance *out)
{
	struct acct *a = eng_acct(e, acct);
	struct engine_balance b = { 0 };
	struct figures f;
	bool bad = false;

	if (a == NULL || !a->multi)
		return engine_balance(e, acct, 0, out);
	acct_figures_multi(own(e), a, &f, &bad);
	balance_of(&f, &b, &bad);
	b.margin = f.equity;
	b.withdraw = dec_max((dec){ 0, MONEY },
	    num_sub(&bad, f.available, dec_max(dec_int(0), f.s.upnl)));
	for (int i = 0; i < e->nasset; i++)
		if (e->asset[i].info.market == USDM && a->wallet[i].update_ms > b.update_ms)
			b.update_ms = a->wallet[i].update_ms;
	if (!bad)
		*out = b;
	return !bad;
}

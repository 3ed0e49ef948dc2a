/* What an account's holds add up to. Sections are those of the margin
 * mathematics sheet: 15.1 is account identities, 16 multi-assets mode. */
#include "core/multi.h"

#include "state.h"

/*
 * Sums of a hold
 */

dec
sym_open_loss(const struct sym *s, enum order_side side, dec price, dec q, bool *bad)
{
	struct pos p = { .amt = side == SIDE_BUY ? q : dec_neg(q), .entry = price };

	return dec_max((dec){ 0, MONEY }, dec_neg(pos_upnl(s, &p, bad)));
}

/*
 * Orders that wait on the wrong side of the mark, from the best on: what trades
 * first closes first. Few or none do, so the book is walked, not the orders of
 * the hold: those that lose nothing are not looked at.
 */
static dec
open_losses(const struct hold *h, enum order_side side, bool *bad)
{
	dec closable[3] = { h->pos[0].amt, h->pos[1].amt, h->pos[2].amt }, sum = { 0, MONEY }, q;
	const struct level *l;
	const struct ord *o;

	for (l = book_best(h->s, side); l != NULL; l = book_next(l)) {
		if (dec_cmp(l->price, h->s->mark) * (int)side <= 0)
			break;
		for (o = l->head; o != NULL; o = o->lnext) {
			if (o->h != h || !o->counted)
				continue;
			q = pos_opening(side, order_rest(o), &closable[o->o.pos_mode], bad);
			sum = num_add(bad, sum, sym_open_loss(h->s, side, o->o.price, q, bad));
		}
	}
	return sum;
}

static void
leg_sums(const struct hold *h, const struct pos *p, struct sums *f, bool *bad)
{
	dec u, m, im;

	f->iso = num_add(bad, f->iso, p->iso);
	if (dec_sign(p->amt) == 0 && dec_sign(p->bid) == 0 && dec_sign(p->ask) == 0)
		return;
	im = margin_of(pos_notional(h->s, p, bad), h->leverage, bad);
	m = margin_of(pos_exposure(h->s, p, p->bid, p->ask, bad), h->leverage, bad);
	f->pos_im = num_add(bad, f->pos_im, im);
	f->order_im = num_add(bad, f->order_im, num_sub(bad, m, im));
	if (dec_sign(p->amt) == 0)
		return;
	u = pos_upnl(h->s, p, bad);
	m = pos_maint(h->s, p, bad);
	f->upnl = num_add(bad, f->upnl, u);
	f->maint = num_add(bad, f->maint, m);
	if (h->isolated)
		return;
	f->ncross++;
	f->cross_upnl = num_add(bad, f->cross_upnl, u);
	f->cross_maint = num_add(bad, f->cross_maint, m);
	f->cross_pos_im = num_add(bad, f->cross_pos_im, im);
}

static const struct sums nothing = {
	{ 0, MONEY }, { 0, MONEY }, { 0, MONEY }, { 0, MONEY }, { 0, MONEY }, { 0, MONEY },
	{ 0, MONEY }, { 0, MONEY }, { 0, MONEY }, 0
};

void
hold_sums(const struct engine *e, const struct hold *h, struct sums *out, bool *bad)
{
	struct sums f = nothing;

	(void)e;
	for (int i = 0; i < 3; i++)
		leg_sums(h, &h->pos[i], &f, bad);
	if (h->norders > 0 && dec_sign(h->s->mark) > 0) {
		f.open_loss = open_losses(h, SIDE_BUY, bad);
		f.open_loss = num_add(bad, f.open_loss, open_losses(h, SIDE_SELL, bad));
	}
	*out = f;
}

/*
 * Sums of a wallet
 */

void
hold_stale(struct hold *h)
{
	if (h->stale || h->a->number < 0)	/* nobody asks what the house may do */
		return;
	h->stale = true;
	h->stale_next = h->a->stale;
	h->a->stale = h;
}

/* io + fresh - was */
static dec
moved(dec io, dec was, dec fresh, bool *bad)
{
	return num_sub(bad, num_add(bad, io, fresh), was);
}

static void
move_sums(struct sums *io, const struct sums *was, const struct sums *now, bool *bad)
{
	io->iso = moved(io->iso, was->iso, now->iso, bad);
	io->upnl = moved(io->upnl, was->upnl, now->upnl, bad);
	io->cross_upnl = moved(io->cross_upnl, was->cross_upnl, now->cross_upnl, bad);
	io->maint = moved(io->maint, was->maint, now->maint, bad);
	io->cross_maint = moved(io->cross_maint, was->cross_maint, now->cross_maint, bad);
	io->pos_im = moved(io->pos_im, was->pos_im, now->pos_im, bad);
	io->cross_pos_im = moved(io->cross_pos_im, was->cross_pos_im, now->cross_pos_im, bad);
	io->order_im = moved(io->order_im, was->order_im, now->order_im, bad);
	io->open_loss = moved(io->open_loss, was->open_loss, now->open_loss, bad);
	io->ncross += now->ncross - was->ncross;
}

void
acct_fresh(struct engine *e, struct acct *a)
{
	struct hold *h;
	struct sums now;

	while ((h = a->stale) != NULL) {
		a->stale = h->stale_next;
		h->stale = false;
		hold_sums(e, h, &now, &e->bad);
		move_sums(&hold_wallet(h)->sums, &h->sums, &now, &e->bad);
		h->sums = now;
	}
}

/*
 * Figures
 */

/* Section 15.1: what is left of the equity of the cross wallet. */
static void
set_available(struct figures *f, dec free, bool *bad)
{
	free = num_sub(bad, free, f->s.open_loss);
	f->available = dec_max((dec){ 0, MONEY }, free);
}

void
acct_figures(struct engine *e, struct acct *a, int asset, struct figures *out, bool *bad)
{
	struct figures f = { .wallet = a->wallet[asset].balance };
	dec d;

	acct_fresh(e, a);
	f.s = a->wallet[asset].sums;
	f.cross = num_sub(bad, f.wallet, f.s.iso);
	f.equity = num_add(bad, f.cross, f.s.cross_upnl);
	d = num_sub(bad, num_sub(bad, f.equity, f.s.cross_pos_im), f.s.order_im);
	set_available(&f, d, bad);
	*out = f;
}

dec
asset_rate(const struct engine *e, int asset, bool ask, bool *bad)
{
	const struct engine_asset_info *i = &e->asset[asset].info;
	dec d = { 0, 0 };

	if (dec_sign(i->index) <= 0)
		return d;
	return num_ok(bad, ask ? multi_ask(&d, i->index, i->ask_buffer) :
	    multi_bid(&d, i->index, i->bid_buffer), &d);
}

/* An amount in USD: what one has at the bid rate, what one owes at the ask. */
static dec
in_usd(const struct engine *e, int asset, dec amt, bool *bad)
{
	return num_money(bad, num_mul(bad, amt, asset_rate(e, asset, dec_sign(amt) < 0, bad)));
}

/* A requirement in USD: at the ask rate. */
static dec
need_usd(const struct engine *e, int asset, dec amt, bool *bad)
{
	return num_money(bad, num_mul(bad, amt, asset_rate(e, asset, true, bad)));
}

/* Section 16.2: one asset into the sums in USD. There are no isolated positions. */
static void
add_asset(const struct engine *e, const struct acct *a, int asset, struct figures *f,
    struct multi_sum *sum, bool *bad)
{
	const struct engine_asset_info *i = &e->asset[asset].info;
	const struct wallet *w = &a->wallet[asset];
	const struct sums *s = &w->sums;
	struct multi_asset m = { num_add(bad, w->balance, s->upnl),
		num_add(bad, s->pos_im, s->order_im), s->maint, i->index, i->bid_buffer,
		i->ask_buffer };
	bool ok = multi_add(sum, &m);

	*bad |= !ok;
	f->wallet = num_add(bad, f->wallet, in_usd(e, asset, w->balance, bad));
	f->s.upnl = num_add(bad, f->s.upnl, in_usd(e, asset, s->upnl, bad));
	f->s.pos_im = num_add(bad, f->s.pos_im, need_usd(e, asset, s->pos_im, bad));
	f->s.order_im = num_add(bad, f->s.order_im, need_usd(e, asset, s->order_im, bad));
	f->s.open_loss = num_add(bad, f->s.open_loss, need_usd(e, asset, s->open_loss, bad));
	f->s.ncross += s->ncross;
}

void
acct_figures_multi(struct engine *e, struct acct *a, struct figures *out, bool *bad)
{
	const dec zero = { 0, MONEY };
	struct figures f = { nothing, zero, zero, zero, zero };
	struct multi_sum sum = { zero, zero, zero, zero };
	const struct engine_asset_info *info;

	acct_fresh(e, a);
	for (int i = 0; i < e->nasset; i++) {
		info = &e->asset[i].info;
		if (info->market == USDM && dec_sign(info->index) > 0 &&
		    (dec_sign(a->wallet[i].balance) != 0 || a->wallet[i].sums.ncross > 0 ||
		    dec_sign(a->wallet[i].sums.order_im) != 0))
			add_asset(e, a, i, &f, &sum, bad);
	}
	f.cross = f.wallet;
	f.equity = sum.equity;
	f.s.maint = f.s.cross_maint = sum.maint;
	f.s.cross_upnl = f.s.upnl;
	f.s.cross_pos_im = f.s.pos_im;
	set_available(&f, sum.available, bad);
	*out = f;
}

/* What may be used of an asset out of what is available in USD. */
dec
acct_asset_part(const struct engine *e, int asset, dec usd, bool *bad)
{
	dec rate = asset_rate(e, asset, true, bad);

	if (dec_sign(rate) <= 0 || dec_sign(usd) <= 0)
		return (dec){ 0, MONEY };
	return num_div(bad, usd, rate, MONEY);
}

dec
hold_available(struct engine *e, struct hold *h, bool *bad)
{
	struct figures f;

	if (h->a->multi && h->s->c.market == USDM) {
		acct_figures_multi(e, h->a, &f, bad);
		return acct_asset_part(e, h->s->asset, f.available, bad);
	}
	acct_figures(e, h->a, h->s->asset, &f, bad);
	return f.available;
}

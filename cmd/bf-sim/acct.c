/* Positions, wallets and margin of an account. Sections are those of the margin
 * mathematics sheet: "15.1" is account identities. */
#include "state.h"

struct leg
pos_leg(const struct pos *p)
{
	return (struct leg){ LINEAR, p->amt, p->entry, dec_int(1) };
}

dec
pos_notional(const struct sym *s, const struct pos *p, bool *bad)
{
	struct leg l = pos_leg(p);
	dec d = { 0, 0 };

	return num_ok(bad, margin_notional(&d, &l, s->mark), &d);
}

dec
pos_upnl(const struct sym *s, const struct pos *p, bool *bad)
{
	struct leg l = pos_leg(p);
	dec d = { 0, 0 };

	return num_ok(bad, margin_pnl(&d, &l, s->mark), &d);
}

dec
pos_maint(const struct sym *s, const struct pos *p, bool *bad)
{
	dec d = { 0, 0 };

	if (dec_sign(p->amt) == 0)
		return d;
	return num_ok(bad, margin_maintenance(&d, &s->tiers, pos_notional(s, p, bad)), &d);
}

/* Section 3: one-way, orders of opposite sides do not add up. */
dec
pos_exposure(const struct sym *s, const struct pos *p, dec bid, dec ask, bool *bad)
{
	dec n = pos_notional(s, p, bad);

	return dec_max(dec_abs(num_add(bad, n, bid)), dec_abs(num_sub(bad, n, ask)));
}

dec
pos_margin(const struct pos *p, dec exposure, bool *bad)
{
	dec d = { 0, 0 };

	return num_ok(bad, margin_initial(&d, exposure, p->leverage), &d);
}

/* Section 8: entry + s (fees paid - PnL booked) / q, for the position held. */
dec
pos_break_even(const struct pos *p, bool *bad)
{
	dec d;

	if (dec_sign(p->amt) == 0)
		return dec_int(0);
	d = num_add(bad, num_mul(bad, p->entry, p->amt), p->paid);
	return num_div(bad, d, p->amt, FINE);
}

void
pos_brief(const struct sym *s, const struct pos *p, struct engine_pos_brief *out, bool *bad)
{
	*out = (struct engine_pos_brief){
		.sym = s->index, .amt = p->amt, .entry = p->entry,
		.break_even = pos_break_even(p, bad), .realized = p->realized,
		.upnl = pos_upnl(s, p, bad), .isolated = p->isolated, .iso_wallet = p->iso,
		.mark = s->mark, .maint = pos_maint(s, p, bad)
	};
}

dec
pos_opening(enum order_side side, dec q, dec *closable, bool *bad)
{
	dec c;

	if (dec_sign(*closable) != -(int)side)
		return q;
	c = dec_min(q, dec_abs(*closable));
	*closable = side == SIDE_BUY ? num_add(bad, *closable, c) : num_sub(bad, *closable, c);
	return num_sub(bad, q, c);
}

dec
acct_cross(const struct acct *a, int nsym, bool *bad)
{
	dec d = a->wallet;

	for (int i = 0; i < nsym; i++)
		d = num_sub(bad, d, a->pos[i].iso);
	return d;
}

/* Section 15.2: what resting orders would lose at once if they were filled. */
static dec
open_losses(const struct engine *e, const struct acct *a, bool *bad)
{
	dec closable[ENGINE_SYMBOLS], sum = { 0, MONEY }, q, d;
	const struct ord *o;
	int i;

	for (i = 0; i < e->nsym; i++)
		closable[i] = a->pos[i].amt;
	for (o = a->open; o != NULL; o = o->anext) {
		if (!o->counted)
			continue;
		i = o->o.sym;
		q = pos_opening(o->o.side, order_rest(o), &closable[i], bad);
		d = num_sub(bad, o->o.price, e->sym[i].mark);
		if (o->o.side == SIDE_SELL)
			d = dec_neg(d);
		if (dec_sign(d) > 0)
			sum = num_add(bad, sum, num_mul(bad, d, q));
	}
	return num_money(bad, sum);
}

static void
pos_figures(const struct sym *s, const struct pos *p, struct figures *f, bool *bad)
{
	dec u, m, im;

	f->iso = num_add(bad, f->iso, p->iso);
	im = pos_margin(p, pos_notional(s, p, bad), bad);
	m = pos_margin(p, pos_exposure(s, p, p->bid, p->ask, bad), bad);
	f->pos_im = num_add(bad, f->pos_im, im);
	f->order_im = num_add(bad, f->order_im, num_sub(bad, m, im));
	if (dec_sign(p->amt) == 0)
		return;
	u = pos_upnl(s, p, bad);
	m = pos_maint(s, p, bad);
	f->upnl = num_add(bad, f->upnl, u);
	f->maint = num_add(bad, f->maint, m);
	if (p->isolated)
		return;
	f->ncross++;
	f->cross_upnl = num_add(bad, f->cross_upnl, u);
	f->cross_maint = num_add(bad, f->cross_maint, m);
	f->cross_pos_im = num_add(bad, f->cross_pos_im, im);
}

/* Section 15.1. */
void
acct_figures(const struct engine *e, const struct acct *a, struct figures *out, bool *bad)
{
	const dec zero = { 0, MONEY };
	struct figures f = { a->wallet, zero, zero, zero, zero, zero, zero, zero, zero, zero, 0,
		zero, zero, zero };
	const struct pos *p;
	int i;

	for (i = 0; i < e->nsym; i++) {
		p = &a->pos[i];
		if (dec_sign(p->amt) != 0 || p->norders != 0 || dec_sign(p->iso) != 0)
			pos_figures(&e->sym[i], p, &f, bad);
	}
	if (a->open != NULL)
		f.open_loss = open_losses(e, a, bad);
	f.cross = num_sub(bad, f.wallet, f.iso);
	f.equity = num_add(bad, f.cross, f.cross_upnl);
	f.available = num_sub(bad, f.equity, f.cross_pos_im);
	f.available = num_sub(bad, f.available, f.order_im);
	f.available = dec_max(zero, num_sub(bad, f.available, f.open_loss));
	*out = f;
}

/* The closing part of a trade, q > 0: PnL, and the isolated wallet's share. */
static dec
close_part(struct engine *e, struct pos *p, dec q, dec price, bool liquidation)
{
	struct leg l = pos_leg(p);
	dec pnl = { 0, 0 }, out = p->iso, held = dec_abs(p->amt);
	bool all = dec_cmp(q, held) == 0;

	l.amt = dec_sign(p->amt) > 0 ? q : dec_neg(q);
	pnl = num_ok(&e->bad, margin_pnl(&pnl, &l, price), &pnl);
	if (p->isolated && liquidation) {
		p->iso = num_add(&e->bad, p->iso, pnl);
	} else if (p->isolated) {	/* section 7: pro rata */
		if (!all)
			out = num_div(&e->bad, num_mul(&e->bad, p->iso, q), held, MONEY);
		p->iso = num_sub(&e->bad, p->iso, out);
	}
	p->amt = num_sub(&e->bad, p->amt, l.amt);
	if (all)
		p->entry = dec_int(0);
	return pnl;
}

/* The opening part, dq signed. */
static void
open_part(struct engine *e, struct acct *a, struct pos *p, dec dq, dec price)
{
	struct leg l = pos_leg(p);
	dec entry = { 0, 0 }, im, cross;

	if (p->isolated) {	/* section 7: value x IMR, but never more than there is */
		im = pos_margin(p, num_mul(&e->bad, dec_abs(dq), price), &e->bad);
		cross = acct_cross(a, e->nsym, &e->bad);
		im = dec_max(dec_int(0), dec_min(im, cross));
		p->iso = num_add(&e->bad, p->iso, im);
	}
	p->entry = num_ok(&e->bad, margin_average(&entry, &l, dq, price), &entry);
	p->amt = num_add(&e->bad, p->amt, dq);
}

/* Trade dq (signed) at price; fee is not cut off yet, for the break-even price. */
static dec
pos_trade(struct engine *e, struct acct *a, struct pos *p, dec dq, dec price, dec fee,
    bool liquidation)
{
	enum order_side side = dec_sign(dq) > 0 ? SIDE_BUY : SIDE_SELL;
	dec closable = p->amt, q = dec_abs(dq), pnl = { 0, MONEY }, open;

	open = pos_opening(side, q, &closable, &e->bad);
	if (dec_cmp(open, q) < 0) {
		pnl = close_part(e, p, num_sub(&e->bad, q, open), price, liquidation);
		p->paid = num_sub(&e->bad, num_add(&e->bad, p->paid, fee), pnl);
	}
	if (dec_sign(p->amt) == 0)
		p->paid = dec_int(0);
	if (dec_sign(open) > 0) {
		if (dec_cmp(open, q) < 0)
			fee = num_div(&e->bad, num_mul(&e->bad, fee, open), q, FINE);
		p->paid = num_add(&e->bad, p->paid, fee);
		open_part(e, a, p, side == SIDE_BUY ? open : dec_neg(open), price);
	}
	return pnl;
}

/* What engine_check compares: exact cash, and a bound on the rounding so far:
 * one unit of money a trade, and half a unit of the entry price for each coin. */
static void
keep_books(struct engine *e, struct pos *p, dec dq, dec price)
{
	static const dec unit = { 1, MONEY }, fine = { 1, FINE };
	dec d;

	p->cash = num_sub(&e->bad, p->cash, num_mul(&e->bad, dq, price));
	d = num_add(&e->bad, dec_abs(p->amt), dec_abs(dq));
	d = num_add(&e->bad, num_mul(&e->bad, d, fine), unit);
	p->dust = num_add(&e->bad, p->dust, d);
}

struct booked
acct_book(struct engine *e, struct sym *s, struct acct *a, enum order_side side,
    const struct fill *x, dec rate, bool liquidation)
{
	struct pos *p = &a->pos[s->index];
	dec dq = side == SIDE_BUY ? x->qty : dec_neg(x->qty), fee;
	struct booked b;

	fee = num_mul(&e->bad, num_mul(&e->bad, x->qty, x->price), rate);
	b.fee = num_money(&e->bad, fee);
	b.pnl = pos_trade(e, a, p, dq, x->price, fee, liquidation);
	keep_books(e, p, dq, x->price);
	a->wallet = num_sub(&e->bad, num_add(&e->bad, a->wallet, b.pnl), b.fee);
	a->fees = num_add(&e->bad, a->fees, b.fee);
	e->fees = num_add(&e->bad, e->fees, b.fee);
	p->realized = num_add(&e->bad, p->realized, b.pnl);
	p->touched = a->number >= 0;	/* the house has no reduce-only orders */
	p->update_ms = a->update_ms = e->now;
	return b;
}

void
acct_event(struct engine *e, struct acct *a, const char *reason, dec change, const struct sym *s)
{
	struct engine_event ev = { .kind = EV_ACCOUNT, .acct = a->number, .sym = -1 };
	struct engine_pos_brief brief;

	if (a->number < 0 || e->c.sink == NULL)
		return;
	ev.u.account.reason = reason;
	ev.u.account.balance = true;
	ev.u.account.wallet = a->wallet;
	ev.u.account.cross = acct_cross(a, e->nsym, &e->bad);
	ev.u.account.change = change;
	if (s != NULL) {
		ev.sym = s->index;
		pos_brief(s, &a->pos[s->index], &brief, &e->bad);
		ev.u.account.pos = &brief;
		ev.u.account.npos = 1;
	}
	eng_emit(e, &ev);
}

void
acct_insure(struct engine *e, struct acct *a, const struct sym *s, dec amt)
{
	struct pos *p = s == NULL ? NULL : &a->pos[s->index];

	if (dec_sign(amt) == 0)
		return;
	a->wallet = num_add(&e->bad, a->wallet, amt);
	a->insurance = num_add(&e->bad, a->insurance, amt);
	e->fund.wallet = num_sub(&e->bad, e->fund.wallet, amt);
	e->fund.insurance = num_sub(&e->bad, e->fund.insurance, amt);
	if (p != NULL && p->isolated)
		p->iso = num_add(&e->bad, p->iso, amt);
	a->update_ms = e->now;
	acct_event(e, a, "INSURANCE_CLEAR", amt, s);
}

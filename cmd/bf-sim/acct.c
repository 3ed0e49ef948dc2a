/* Positions and wallets of an account. Sections are those of the margin
 * mathematics sheet: "7" is entry averaging and position changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define LEVERAGE	20	/* of a new account, as on the venue */
#define BNB_OFF		((dec){ 9, 1 })	/* section 17: 10 % off a fee paid in BNB */
#define COSTS		16	/* decimals of what an inverse position has paid, in coins */

/*
 * Holds
 */

struct hold *
acct_hold_at(const struct acct *a, int sym)
{
	return a->hold[sym];
}

struct wallet *
hold_wallet(const struct hold *h)
{
	return &h->a->wallet[h->s->asset];
}

/* Room for one more in the symbol's list, whose counts are of another kind. */
static bool
room_in_symbol(struct engine *e, struct sym *s)
{
	size_t want = s->cholds == 0 ? 16 : 2 * s->cholds;
	struct hold **v;

	if (s->nholds < s->cholds)
		return true;
	if ((v = realloc(s->holds, want * sizeof *v)) == NULL) {
		e->bad = true;
		return false;
	}
	s->holds = v;
	s->cholds = want;
	return true;
}

int
acct_leverage(const struct sym *s)
{
	int most = s->c.tiers.tier[0].max_leverage;

	return most < LEVERAGE ? most : LEVERAGE;
}

struct hold *
acct_hold(struct engine *e, struct acct *a, struct sym *s)
{
	struct hold *h = a->hold[s->index];

	if (h != NULL)
		return h;
	if (!eng_grow(&e->bad, &a->holds, a->nholds, &a->cholds, sizeof *a->holds) ||
	    !room_in_symbol(e, s))
		return NULL;
	if ((h = calloc(1, sizeof *h)) == NULL) {
		e->bad = true;
		return NULL;
	}
	h->a = a;
	h->s = s;
	h->leverage = acct_leverage(s);
	h->place = s->nholds;
	s->holds[s->nholds++] = h;
	a->holds[a->nholds++] = h;
	a->hold[s->index] = h;
	return h;
}

static void
touch(struct engine *e, struct hold *h)
{
	if (h->touched || h->a->number < 0)	/* the house has no orders to sweep */
		return;
	h->touched = true;
	h->touched_next = e->touched;
	e->touched = h;
}

/*
 * Trades
 */

/* One side of a trade on its way into the books. */
struct deal {
	struct hold	*h;
	struct pos	*p;
	enum order_side	side;
	dec		qty, price;
	dec		cost;	/* fee as charged, not cut off, in the contract's asset */
	bool		liquidation;
};

/* The closing part of a trade, q > 0: PnL, and the isolated wallet's share. */
static dec
close_part(struct engine *e, const struct deal *d, dec q)
{
	struct pos *p = d->p;
	struct leg l = pos_leg(d->h->s, p);
	dec pnl = { 0, 0 }, out = p->iso, held = dec_abs(p->amt);
	bool all = dec_cmp(q, held) == 0;

	l.amt = dec_sign(p->amt) > 0 ? q : dec_neg(q);
	pnl = num_ok(&e->bad, margin_pnl(&pnl, &l, d->price), &pnl);
	if (d->h->isolated && d->liquidation) {
		p->iso = num_add(&e->bad, p->iso, pnl);
	} else if (d->h->isolated) {	/* section 7: pro rata */
		if (!all)
			out = num_div(&e->bad, num_mul(&e->bad, p->iso, q), held, MONEY);
		p->iso = num_sub(&e->bad, p->iso, out);
	}
	p->amt = num_sub(&e->bad, p->amt, l.amt);
	if (all)
		p->entry = dec_int(0);
	return pnl;
}

/* The cross wallet in the middle of a trade, which may have moved iso. */
static dec
cross_of(struct engine *e, const struct deal *d)
{
	hold_stale(d->h);
	acct_fresh(e, d->h->a);
	return num_sub(&e->bad, hold_wallet(d->h)->balance, hold_wallet(d->h)->sums.iso);
}

/* Section 7: an opening takes value x IMR into the isolated wallet, but never
 * more than there is. The PnL of cross positions counts, as it did when the order
 * was judged (section 15.1): the cross wallet may be negative against it. */
static void
isolate(struct engine *e, const struct deal *d, dec q)
{
	dec cross = cross_of(e, d), upnl = hold_wallet(d->h)->sums.cross_upnl, im;

	cross = num_add(&e->bad, cross, dec_max(dec_int(0), upnl));
	im = margin_of(sym_value(d->h->s, q, d->price, &e->bad), d->h->leverage, &e->bad);
	im = dec_max(dec_int(0), dec_min(im, cross));
	d->p->iso = num_add(&e->bad, d->p->iso, im);
}

/* The PnL of a closing part is the account's. Of an isolated one that was closed
 * beyond its bankruptcy price (left < 0: what it released, with PnL and fee) the
 * cross wallet bears what it can; the rest comes from what is still isolated. */
static void
credit(struct engine *e, const struct deal *d, dec pnl, dec left)
{
	struct wallet *w = hold_wallet(d->h);
	dec most;

	w->balance = num_add(&e->bad, w->balance, pnl);
	if (!d->h->isolated || d->liquidation || dec_sign(left) >= 0)
		return;
	most = dec_min(dec_min(d->p->iso, num_money(&e->bad, dec_neg(left))),
	    dec_neg(cross_of(e, d)));
	if (dec_sign(most) > 0)
		d->p->iso = num_sub(&e->bad, d->p->iso, most);
}

static void
open_part(struct engine *e, const struct deal *d, dec q)
{
	struct leg l = pos_leg(d->h->s, d->p);
	dec dq = d->side == SIDE_BUY ? q : dec_neg(q), entry = { 0, 0 };

	if (d->h->isolated)
		isolate(e, d, q);
	d->p->entry = num_ok(&e->bad, margin_average(&entry, &l, dq, d->price), &entry);
	d->p->amt = num_add(&e->bad, d->p->amt, dq);
}

/* What opening q of the deal adds to the costs of the position. Inverse, section
 * 8: fresh rows follow EP (1 + s rate) exactly, so the fee counts as fee / (1 +
 * s rate), which is what the general formula makes that of. */
static dec
opening_cost(struct engine *e, const struct deal *d, dec q)
{
	dec cost = d->cost, value, den;

	if (dec_cmp(q, d->qty) < 0)
		cost = num_div(&e->bad, num_mul(&e->bad, cost, q), d->qty, COSTS);
	if (d->h->s->c.market == USDM || dec_sign(cost) == 0)
		return cost;
	value = num_mul(&e->bad, q, d->h->s->c.size);	/* USD; cost x price is USD too */
	den = num_mul(&e->bad, num_scale(&e->bad, cost, FINE), d->price);
	den = d->side == SIDE_BUY ? num_add(&e->bad, value, den) : num_sub(&e->bad, value, den);
	return num_div(&e->bad, num_mul(&e->bad, cost, value), den, COSTS);
}

/* Change the position; the PnL of what it closed, which the wallet has then: what
 * opens next is paid out of it. */
static dec
pos_trade(struct engine *e, const struct deal *d)
{
	struct pos *p = d->p;
	dec closable = p->amt, pnl = { 0, MONEY }, was = p->iso, left, open;

	open = pos_opening(d->side, d->qty, &closable, &e->bad);
	if (dec_cmp(open, d->qty) < 0) {
		pnl = close_part(e, d, num_sub(&e->bad, d->qty, open));
		left = num_add(&e->bad, num_sub(&e->bad, was, p->iso), pnl);
		credit(e, d, pnl, num_sub(&e->bad, left, d->cost));
		p->paid = num_sub(&e->bad, num_add(&e->bad, p->paid, d->cost), pnl);
	}
	if (dec_sign(p->amt) == 0)
		p->paid = dec_int(0);
	if (dec_sign(open) > 0) {
		p->paid = num_add(&e->bad, p->paid, opening_cost(e, d, open));
		open_part(e, d, open);
	}
	return pnl;
}

/*
 * What engine_check compares: exact cash, and a bound on the rounding so far.
 * Linear: one unit of money a trade, and half a unit of the entry price for each
 * coin. Inverse: the same, and a unit of entry is worth Q / entry^2 of it.
 */
static dec
inverse_dust(struct engine *e, const struct deal *d, dec was)
{
	dec q = num_add(&e->bad, dec_abs(d->p->amt), d->qty), low = d->price, v;

	if (dec_sign(was) > 0)
		low = dec_min(low, was);
	if (dec_sign(d->p->entry) > 0)
		low = dec_min(low, d->p->entry);
	q = num_mul(&e->bad, q, d->h->s->c.size);
	v = num_div(&e->bad, num_div(&e->bad, q, low, FINE), low, 2);
	v = num_mul(&e->bad, num_add(&e->bad, v, dec_int(4)), (dec){ 1, FINE });
	return num_add(&e->bad, v, (dec){ 1, MONEY });
}

static void
keep_books(struct engine *e, const struct deal *d, dec was)
{
	dec dq = d->side == SIDE_BUY ? d->qty : dec_neg(d->qty), v;
	struct pos *p = d->p;

	if (d->h->s->c.market == COINM) {
		v = num_mul(&e->bad, dq, d->h->s->c.size);
		p->cash = num_add(&e->bad, p->cash, num_div(&e->bad, v, d->price, FINE));
		p->dust = num_add(&e->bad, p->dust, inverse_dust(e, d, was));
		return;
	}
	p->cash = num_sub(&e->bad, p->cash, num_mul(&e->bad, dq, d->price));
	v = num_add(&e->bad, dec_abs(p->amt), d->qty);
	v = num_add(&e->bad, num_mul(&e->bad, v, (dec){ 1, FINE }), (dec){ 1, MONEY });
	p->dust = num_add(&e->bad, p->dust, v);
}

/*
 * Fees
 */

/* The fee in BNB, if the account wants that and has it: 0 else. */
static dec
bnb_fee(struct engine *e, const struct hold *h, dec fee, int bnb)
{
	dec bnb_usd, usd, amt;

	if (!h->a->burn || h->s->c.market != USDM || bnb == -1 || bnb == h->s->asset ||
	    dec_sign(fee) <= 0)
		return dec_int(0);
	bnb_usd = e->asset[bnb].info.index;
	usd = e->asset[h->s->asset].info.index;
	if (dec_sign(bnb_usd) <= 0 || dec_sign(usd) <= 0)
		return dec_int(0);
	amt = num_scale(&e->bad, num_mul(&e->bad, fee, BNB_OFF), FINE);
	amt = num_div(&e->bad, num_mul(&e->bad, amt, usd), bnb_usd, MONEY);
	return dec_cmp(amt, h->a->wallet[bnb].balance) <= 0 ? amt : dec_int(0);
}

/* Section 17: value x rate, in the contract's asset or in BNB. Fills in what was
 * charged, and d's cost. */
static void
charge(struct engine *e, struct deal *d, dec rate, struct booked *b)
{
	const struct sym *s = d->h->s;
	struct acct *a = d->h->a;
	int bnb = a->burn ? e->bnb : -1;
	struct wallet *w;
	dec fee, paid;

	fee = num_mul(&e->bad, num_mul(&e->bad, d->qty, s->c.market == USDM ? d->price : s->c.size),
	    rate);
	if (s->c.market == COINM)
		fee = num_div(&e->bad, fee, d->price, COSTS);
	paid = bnb_fee(e, d->h, fee, bnb);
	b->fee_asset = dec_sign(paid) > 0 ? bnb : s->asset;
	b->fee = dec_sign(paid) > 0 ? paid : num_money(&e->bad, fee);
	d->cost = dec_sign(paid) > 0 ? num_mul(&e->bad, fee, BNB_OFF) : fee;
	if (dec_sign(b->fee) == 0)
		return;
	w = &a->wallet[b->fee_asset];
	w->balance = num_sub(&e->bad, w->balance, b->fee);
	w->fees = num_add(&e->bad, w->fees, b->fee);
	w->update_ms = e->now;
	e->asset[b->fee_asset].fees = num_add(&e->bad, e->asset[b->fee_asset].fees, b->fee);
}

/* Longs, for the open interest. */
static dec
long_part(dec amt)
{
	return dec_sign(amt) > 0 ? amt : dec_int(0);
}

void
acct_held(struct engine *e, const struct hold *h, dec was, dec now)
{
	struct sym *s = h->s;

	s->open_interest = num_add(&e->bad, s->open_interest, long_part(now));
	s->open_interest = num_sub(&e->bad, s->open_interest, long_part(was));
	if (h->a->number >= 0)
		e->nheld += (dec_sign(now) != 0) - (dec_sign(was) != 0);
}

struct booked
acct_book(struct engine *e, struct hold *h, enum pos_mode leg, enum order_side side,
    const struct fill *x, dec rate, bool liquidation)
{
	struct pos *p = hold_leg(h, leg);
	struct deal d = { h, p, side, x->qty, x->price, dec_int(0), liquidation };
	struct wallet *w = hold_wallet(h);
	dec was = p->amt, entry = p->entry;
	struct booked b = { .base = x->qty };

	b.quote = num_mul(&e->bad, x->qty, h->s->c.market == USDM ? x->price : h->s->c.size);
	if (h->s->c.market == COINM)
		b.base = sym_value(h->s, x->qty, x->price, &e->bad);
	charge(e, &d, rate, &b);
	b.pnl = pos_trade(e, &d);
	keep_books(e, &d, entry);
	acct_held(e, h, was, p->amt);
	p->realized = num_add(&e->bad, p->realized, b.pnl);
	p->update_ms = w->update_ms = e->now;
	hold_stale(h);
	touch(e, h);
	acct_income(e, h->a, "COMMISSION", h->s, b.fee_asset, dec_neg(b.fee), x->id);
	acct_income(e, h->a, e->settling ? "DELIVERED_SETTELMENT" : "REALIZED_PNL", h->s,
	    h->s->asset, b.pnl, x->id);
	return b;
}

/*
 * What is told and written down
 */

static struct engine_wallet_brief
wallet_brief(struct engine *e, const struct acct *a, int asset, dec change)
{
	const struct wallet *w = &a->wallet[asset];

	return (struct engine_wallet_brief){ asset, w->balance,
		num_sub(&e->bad, w->balance, w->sums.iso), change };
}

void
acct_event(struct engine *e, struct acct *a, const char *reason, int asset, dec change,
    const struct hold *h, int leg, int extra)
{
	struct engine_event ev = { .kind = EV_ACCOUNT, .acct = a->number, .sym = -1 };
	struct engine_wallet_brief w[2];
	struct engine_pos_brief brief;

	if (a->number < 0 || e->c.sink == NULL)
		return;
	acct_fresh(e, a);
	w[0] = wallet_brief(e, a, asset, change);
	ev.u.account.reason = reason;
	ev.u.account.wallet = w;
	ev.u.account.nwallet = 1;
	ev.u.account.about = -1;
	if (extra >= 0 && extra != asset)
		w[ev.u.account.nwallet++] = wallet_brief(e, a, extra, dec_int(0));
	if (h != NULL) {
		ev.sym = h->s->index;
		if (strcmp(reason, "FUNDING_FEE") == 0)
			ev.u.account.about = h->s->index;
	}
	if (h != NULL && leg >= 0) {
		pos_brief(h, (enum pos_mode)leg, &brief, &e->bad);
		ev.u.account.pos = &brief;
		ev.u.account.npos = 1;
	}
	eng_emit(e, &ev);
}

void
acct_income(struct engine *e, struct acct *a, const char *type, const struct sym *s, int asset,
    dec amount, uint64_t trade_id)
{
	struct engine_event ev = { .kind = EV_INCOME, .acct = a->number, .sym = -1 };
	struct engine_income *r;

	if (a->number < 0 || dec_sign(amount) == 0 ||
	    !eng_grow(&e->bad, &a->income, a->nincome, &a->cincome, sizeof *a->income))
		return;
	r = &a->income[a->nincome++];
	*r = (struct engine_income){ .type = type, .sym = s == NULL ? -1 : s->index,
		.asset = asset, .amount = num_money(&e->bad, amount), .tran_id = ++e->tran_id,
		.trade_id = trade_id, .time_ms = e->now };
	if (trade_id != 0)
		snprintf(r->info, sizeof r->info, "%llu", (unsigned long long)trade_id);
	else
		snprintf(r->info, sizeof r->info, "%s", type);
	ev.sym = r->sym;
	ev.u.income.row = r;
	eng_emit(e, &ev);
}

void
acct_from_fund(struct engine *e, struct acct *a, int asset, dec amt)
{
	struct wallet *w = &a->wallet[asset], *fund = &e->fund.wallet[asset];

	w->balance = num_add(&e->bad, w->balance, amt);
	w->insurance = num_add(&e->bad, w->insurance, amt);
	fund->balance = num_sub(&e->bad, fund->balance, amt);
	fund->insurance = num_sub(&e->bad, fund->insurance, amt);
	w->update_ms = e->now;
}

void
acct_insure(struct engine *e, struct acct *a, int asset, struct hold *h, enum pos_mode leg, dec amt)
{
	if (dec_sign(amt) == 0)
		return;
	acct_from_fund(e, a, asset, amt);
	if (h != NULL && h->isolated) {
		h->pos[leg].iso = num_add(&e->bad, h->pos[leg].iso, amt);
		hold_stale(h);
	}
	acct_income(e, a, "INSURANCE_CLEAR", h == NULL ? NULL : h->s, asset, amt, 0);
	acct_event(e, a, "INSURANCE_CLEAR", asset, amt, h, h == NULL ? -1 : (int)leg, -1);
}

/*
 * Liquidation: section 13 of the margin mathematics sheet, steps 3 to 8.
 *
 * What the venue does not publish is done as simply as can be: the greatest
 * position goes first; opposite legs of one contract (hedge mode, cross) are
 * offset against each other at the mark price, without fee; the fund takes all
 * of a position or nothing.
 */
#include <stdio.h>

#include "scope.h"

/* An amount of the scope in the wallet's asset of a symbol. Section 16.4: at the
 * ask rate; 0 if the asset has none. */
static dec
in_asset(struct engine *e, const struct scope *c, const struct sym *s, dec amt)
{
	dec rate;

	if (c->kind != MULTI)
		return amt;
	rate = asset_rate(e, s->asset, true, &e->bad);
	return dec_sign(rate) <= 0 ? dec_int(0) : num_div(&e->bad, amt, rate, MONEY);
}

/*
 * The exchange's own orders
 */

static struct ord *
autoclose(struct engine *e, struct hold *h, enum pos_mode m, dec price, dec q)
{
	struct engine_order proto = { .type = ORDER_LIMIT, .orig_type = ORDER_LIMIT,
		.tif = TIF_IOC, .stp = STP_NONE, .kind = KIND_LIQUIDATION };

	proto.side = dec_sign(hold_leg(h, m)->amt) > 0 ? SIDE_SELL : SIDE_BUY;
	proto.pos_mode = m;
	proto.price = price;
	proto.qty = num_scale(&e->bad, q, h->s->c.rules.step.scale);
	snprintf(proto.client_id, sizeof proto.client_id, "autoclose-%llu",
	    (unsigned long long)++e->nliquidations);
	return order_new(e, h, &proto);
}

static void
force_event(struct engine *e, const struct ord *o)
{
	struct engine_event ev = { .kind = EV_FORCE, .acct = -1, .sym = o->o.sym };

	ev.u.force.o = &o->o;
	eng_emit(e, &ev);
}

/* Step 3: what both legs of a contract hold is closed at the mark, the one
 * against the other; no money moves but the PnL. */
static void
offset(struct engine *e, struct hold *h)
{
	struct fill x = { .price = h->s->mark };
	struct ord *l, *s;

	x.qty = dec_min(dec_abs(h->pos[MODE_LONG].amt), dec_abs(h->pos[MODE_SHORT].amt));
	if (dec_sign(x.qty) == 0 || dec_sign(x.price) == 0)
		return;
	if ((l = autoclose(e, h, MODE_LONG, x.price, x.qty)) == NULL ||
	    (s = autoclose(e, h, MODE_SHORT, x.price, x.qty)) == NULL)
		return;
	x.id = ++h->s->trade_id;
	order_settle(e, l, &x, false);
	order_settle(e, s, &x, false);
}

static void
offset_all(struct engine *e, const struct scope *c)
{
	int i;

	if (!c->a->hedge || c->kind == ISOLATED)
		return;
	for (i = 0; i < c->a->nholds && !e->bad; i++)
		if (scope_has(c, c->a->holds[i]))
			offset(e, c->a->holds[i]);
}

/*
 * Step 4: which position, how much, at which price
 */

static dec
weight(struct engine *e, const struct scope *c, const struct hold *h, enum pos_mode m)
{
	dec n = dec_abs(pos_notional(h->s, &h->pos[m], &e->bad)), rate;

	if (c->kind != MULTI)
		return n;
	rate = asset_rate(e, h->s->asset, true, &e->bad);
	return dec_sign(rate) > 0 ? num_mul(&e->bad, n, rate) : n;
}

/* The position to reduce: the one of greatest notional; NULL: none has a mark. */
static struct hold *
greatest(struct engine *e, const struct scope *c, enum pos_mode *leg)
{
	struct hold *h, *best = NULL;
	dec n, most = { 0, 0 };
	int i, m;

	for (i = 0; i < c->a->nholds; i++) {
		h = c->a->holds[i];
		if (!scope_has(c, h) || dec_sign(h->s->mark) == 0)
			continue;
		for (m = MODE_BOTH; m <= MODE_SHORT; m++) {
			if (!scope_leg(c, h, (enum pos_mode)m))
				continue;
			n = weight(e, c, h, (enum pos_mode)m);
			if (best != NULL && dec_cmp(n, most) <= 0)
				continue;
			best = h;
			most = n;
			*leg = (enum pos_mode)m;
		}
	}
	return best;
}

/* What brings the position down one tier; all of it in the first. The venue's
 * own steps are not published. */
static dec
step_qty(struct engine *e, const struct sym *s, const struct pos *p)
{
	dec n = dec_abs(pos_notional(s, p, &e->bad)), all = dec_abs(p->amt), q;
	const struct tier *t = tiers_of(&s->c.tiers, n);

	if (t == NULL || dec_sign(t->floor) == 0)
		return all;
	q = num_sub(&e->bad, n, t->floor);
	q = s->c.market == USDM ? num_div(&e->bad, q, s->mark, MONEY) :
	    num_div(&e->bad, num_mul(&e->bad, q, s->mark), s->c.size, MONEY);
	q = num_add(&e->bad, num_floor(&e->bad, q, s->c.rules.step), s->c.rules.step);
	return dec_min(q, all);
}

/* Section 12.6: the price of zero equity, with what other positions of the scope
 * stand at counted as wallet. 0 if there is none. */
static dec
bankruptcy(struct engine *e, const struct scope *c, const struct sym *s, const struct pos *p)
{
	struct leg l = pos_leg(s, p);
	dec price = { 0, 0 }, wb;

	wb = num_sub(&e->bad, in_asset(e, c, s, c->equity), pos_upnl(s, p, &e->bad));
	return num_ok(&e->bad, margin_bankruptcy(&price, &l, wb), &price);
}

/* No bankruptcy price, but money: the position alone could not eat it up. Then
 * the bound of percent prices, as for anybody's order. */
static dec
bound_price(struct engine *e, const struct sym *s, enum order_side side)
{
	const struct rules *r = &s->c.rules;
	dec by = side == SIDE_SELL ? r->mult_down : r->mult_up;

	if (dec_sign(by) <= 0)
		by = side == SIDE_SELL ? (dec){ 95, 2 } : (dec){ 105, 2 };
	return num_mul(&e->bad, s->mark, by);
}

/* The limit of a liquidation order: the bankruptcy price, on the tick that
 * leaves the account no worse. */
static dec
worst_price(struct engine *e, const struct scope *c, const struct sym *s, const struct pos *p)
{
	enum order_side side = dec_sign(p->amt) > 0 ? SIDE_SELL : SIDE_BUY;
	dec price = bankruptcy(e, c, s, p), tick = s->c.rules.tick;

	if (dec_sign(price) <= 0 && dec_sign(c->equity) > 0)
		price = bound_price(e, s, side);
	price = side == SIDE_SELL ? num_ceil(&e->bad, price, tick) :
	    num_floor(&e->bad, price, tick);
	return dec_max(price, tick);
}

/* Step 5: the fee on what was executed, as far as collateral goes. */
static void
take_fee(struct engine *e, struct scope *c, struct hold *h, enum pos_mode m, const struct ord *o)
{
	dec value = h->s->c.market == USDM ? o->o.quote : o->o.base, fee, most;

	fee = num_money(&e->bad, num_mul(&e->bad, value, h->s->c.rules.liquidation_fee));
	scope_measure(e, c);
	most = in_asset(e, c, h->s, c->equity);
	if (c->kind != MULTI)
		most = dec_min(most, c->wallet);
	fee = dec_max(dec_int(0), dec_min(fee, most));
	if (dec_sign(fee) > 0)
		acct_insure(e, c->a, h->s->asset, h, m, dec_neg(fee));
}

/*
 * Steps 7 and 8: what the book did not take
 */

/* What the fund owns of an asset, with its positions at mark. */
static dec
fund_equity(struct engine *e, int asset)
{
	dec sum = e->fund.wallet[asset].balance;
	const struct hold *h;
	int i;

	for (i = 0; i < e->fund.nholds; i++) {
		h = e->fund.holds[i];
		if (h->s->asset == asset && dec_sign(h->pos[MODE_BOTH].amt) != 0)
			sum = num_add(&e->bad, sum, pos_upnl(h->s, &h->pos[MODE_BOTH], &e->bad));
	}
	return sum;
}

/* Whether the fund may take a position at price: always without ADL; else it
 * must have money, and keep some after the loss at mark. */
static bool
fund_takes(struct engine *e, const struct sym *s, const struct pos *p, dec price)
{
	struct leg l = pos_leg(s, p);
	dec pnl = { 0, 0 }, has;

	if (!e->c.adl)
		return true;
	l.entry = price;
	pnl = num_ok(&e->bad, margin_pnl(&pnl, &l, s->mark), &pnl);
	has = fund_equity(e, s->asset);
	return dec_sign(has) > 0 && dec_sign(num_add(&e->bad, has, pnl)) >= 0;
}

/*
 * The whole position goes at its bankruptcy price: to the fund, or by ADL to
 * those on the other side, and to the fund what they do not hold. Where
 * equity is gone at any price above zero there is no such price, and the mark is
 * used; true: it was the bankruptcy price, what is left is rounding.
 */
static bool
take_over(struct engine *e, struct scope *c, struct hold *h, enum pos_mode m)
{
	struct pos *p = hold_leg(h, m);
	struct fill x = { 0 };
	struct hold *fund;
	struct ord *o;
	bool exact;

	scope_measure(e, c);
	x.price = bankruptcy(e, c, h->s, p);
	if (!(exact = dec_sign(x.price) > 0))
		x.price = h->s->mark;
	x.qty = dec_abs(p->amt);
	if ((fund = acct_hold(e, &e->fund, h->s)) == NULL ||
	    (o = autoclose(e, h, m, x.price, x.qty)) == NULL)
		return false;
	if (!fund_takes(e, h->s, p, x.price))
		x.qty = num_sub(&e->bad, x.qty, adl_close(e, o, x.price, x.qty));
	if (dec_sign(x.qty) > 0 && !e->bad) {
		x.id = ++h->s->trade_id;
		acct_book(e, fund, MODE_BOTH, side_other(o->o.side), &x, dec_int(0), false);
		order_settle(e, o, &x, false);
	}
	force_event(e, o);
	return exact;
}

/* One order into the book, its fee, and what it could not sell to the fund. */
static bool
reduce(struct engine *e, struct scope *c, struct hold *h, enum pos_mode m, bool *taken)
{
	struct pos *p = hold_leg(h, m);
	dec price = worst_price(e, c, h->s, p);
	struct ord *o = autoclose(e, h, m, price, step_qty(e, h->s, p));
	bool left;

	if (o == NULL)
		return false;
	order_match(e, o, price);
	if ((left = o->open))
		order_end(e, o, STATUS_EXPIRED, 2);
	if (dec_sign(o->o.filled) > 0) {
		force_event(e, o);
		take_fee(e, c, h, m, o);
	}
	if (left && !e->bad && dec_sign(p->amt) != 0)
		*taken |= take_over(e, c, h, m);
	return true;
}

/*
 * The end of it
 */

/* The account gives amt (> 0: gets) in an exchange of collateral; the other side
 * is the insurance fund. */
static void
exchange(struct engine *e, struct acct *a, int asset, dec amt)
{
	acct_from_fund(e, a, asset, amt);
	acct_income(e, a, "AUTO_EXCHANGE", NULL, asset, amt, 0);
	acct_event(e, a, "AUTO_EXCHANGE", asset, amt, NULL, -1, -1);
}

/*
 * Section 16.2: at a liquidation a debt in one asset is made good from the
 * others, in the order of their numbers, at the plain index (the buffers of the
 * venue's automatic exchange are not published).
 */
static void
convert(struct engine *e, struct acct *a, int debt)
{
	struct wallet *w = &a->wallet[debt];
	dec price = e->asset[debt].info.index, at, need, give;
	int i;

	for (i = 0; i < e->nasset && dec_sign(w->balance) < 0 && !e->bad; i++) {
		at = e->asset[i].info.index;
		if (e->asset[i].info.market != USDM || dec_sign(a->wallet[i].balance) <= 0 ||
		    dec_sign(at) <= 0 || dec_sign(price) <= 0)
			continue;
		need = dec_neg(w->balance);
		give = num_mul(&e->bad, need, price);
		give = num_ok(&e->bad, dec_div(&give, give, at, MONEY, DEC_UP), &give);
		if (dec_cmp(give, a->wallet[i].balance) > 0) {
			give = a->wallet[i].balance;
			need = num_div(&e->bad, num_mul(&e->bad, give, at), price, MONEY);
		}
		exchange(e, a, i, dec_neg(give));
		exchange(e, a, debt, need);
	}
}

/* Multi-assets mode: what is owed is paid from what is there; when no position
 * is left that may change it, the rest by the fund. */
static void
settle_debts(struct engine *e, const struct scope *c)
{
	dec owed;
	int i;

	for (i = 0; i < e->nasset && !e->bad; i++) {
		if (e->asset[i].info.market != USDM ||
		    dec_sign(c->a->wallet[i].balance) >= 0)
			continue;
		convert(e, c->a, i);
		owed = c->a->wallet[i].balance;
		if (c->npos == 0 && dec_sign(owed) < 0)
			acct_insure(e, c->a, i, NULL, MODE_BOTH, dec_neg(owed));
	}
}

/* An isolated leg is gone: what its wallet still has is free again. */
static void
release(struct engine *e, struct scope *c)
{
	struct pos *p = hold_leg(c->h, c->leg);

	if (dec_sign(p->iso) == 0)
		return;
	p->iso = dec_int(0);
	hold_stale(c->h);
	acct_event(e, c->a, "INSURANCE_CLEAR", c->h->s->asset, dec_int(0), c->h, (int)c->leg, -1);
}

void
scope_clear(struct engine *e, struct scope *c, bool taken)
{
	bool owes;

	scope_measure(e, c);
	if (c->kind == MULTI) {
		settle_debts(e, c);
		return;
	}
	if (c->npos > 0)
		return;
	owes = dec_sign(c->wallet) < 0 || (taken && dec_sign(c->wallet) > 0);
	if (c->kind == CROSS && owes)
		acct_insure(e, c->a, c->asset, NULL, MODE_BOTH, dec_neg(c->wallet));
	if (c->kind == ISOLATED && owes)
		acct_insure(e, c->a, c->h->s->asset, c->h, c->leg, dec_neg(c->wallet));
	if (c->kind == ISOLATED)
		release(e, c);
}

void
scope_liquidate(struct engine *e, struct scope *c)
{
	enum pos_mode m = MODE_BOTH;
	struct hold *h;
	bool taken = false;

	offset_all(e, c);
	scope_measure(e, c);
	while (!e->bad && scope_due(c)) {
		if ((h = greatest(e, c, &m)) == NULL || !reduce(e, c, h, m, &taken))
			break;
		scope_measure(e, c);
	}
	scope_clear(e, c, taken);
}


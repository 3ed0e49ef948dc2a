/*
 * Margin checks and liquidation: section 13 of the margin mathematics sheet. A
 * scope is what answers for a position: the cross wallet with all positions it
 * carries, or one isolated position with its own wallet.
 */
#include <stdio.h>

#include "state.h"

struct scope {
	struct acct	*a;
	struct sym	*s;	/* NULL: cross */
	dec	maint, equity, wallet;
	int	npos;
};

static void
measure(const struct engine *e, struct scope *c, bool *bad)
{
	const struct pos *p;
	struct figures f;

	if (c->s == NULL) {
		acct_figures(e, c->a, &f, bad);
		c->maint = f.cross_maint;
		c->equity = f.equity;
		c->wallet = f.cross;
		c->npos = f.ncross;
		return;
	}
	p = &c->a->pos[c->s->index];
	c->maint = pos_maint(c->s, p, bad);
	c->wallet = p->iso;
	c->equity = num_add(bad, p->iso, pos_upnl(c->s, p, bad));
	c->npos = dec_sign(p->amt) != 0;
}

/* Ratio >= 100 %: maintenance reaches the margin balance. */
static bool
due(const struct scope *c)
{
	return c->npos > 0 && dec_cmp(c->maint, c->equity) >= 0;
}

/* Step 2: every order of the wallet goes, er 5; of an isolated position only
 * those of its symbol. */
static void
cancel_scope(struct engine *e, const struct scope *c)
{
	struct ord *o, *next;

	for (o = c->a->open; o != NULL; o = next) {
		next = o->anext;
		if (c->s == NULL || o->o.sym == c->s->index)
			order_end(e, o, STATUS_EXPIRED, 5);
	}
}

/* The position to reduce: of a cross wallet the one of greatest notional. */
static struct sym *
greatest(struct engine *e, const struct scope *c)
{
	struct sym *best = c->s;
	dec n, most = { 0, 0 };
	int i;

	for (i = 0; c->s == NULL && i < e->nsym; i++) {
		if (c->a->pos[i].isolated || dec_sign(c->a->pos[i].amt) == 0)
			continue;
		n = dec_abs(pos_notional(&e->sym[i], &c->a->pos[i], &e->bad));
		if (best == NULL || dec_cmp(n, most) > 0) {
			best = &e->sym[i];
			most = n;
		}
	}
	return best;
}

/* Step 4: what brings the position down one tier; all of it in the first. The
 * venue's own steps are not published. */
static dec
step_qty(struct engine *e, const struct sym *s, const struct pos *p)
{
	dec n = dec_abs(pos_notional(s, p, &e->bad)), all = dec_abs(p->amt), q;
	const struct tier *t = tiers_of(&s->tiers, n);

	if (t == NULL || dec_sign(t->floor) == 0)
		return all;
	q = num_div(&e->bad, num_sub(&e->bad, n, t->floor), s->mark, MONEY);
	q = num_add(&e->bad, num_floor(&e->bad, q, s->rules.step), s->rules.step);
	return dec_min(q, all);
}

/* Section 12.6: the price of zero equity, with what other cross positions
 * stand at counted as wallet. 0 if there is none. */
static dec
bankruptcy(struct engine *e, const struct scope *c, const struct sym *s)
{
	const struct pos *p = &c->a->pos[s->index];
	struct leg l = pos_leg(p);
	dec price = { 0, 0 }, wb;

	wb = num_sub(&e->bad, c->equity, pos_upnl(s, p, &e->bad));
	return num_ok(&e->bad, margin_bankruptcy(&price, &l, wb), &price);
}

static struct ord *
autoclose(struct engine *e, const struct scope *c, struct sym *s, dec price, dec q)
{
	struct engine_order proto = { .type = ORDER_LIMIT, .tif = TIF_IOC, .stp = STP_NONE,
		.liquidation = true };

	proto.side = dec_sign(c->a->pos[s->index].amt) > 0 ? SIDE_SELL : SIDE_BUY;
	proto.price = price;
	proto.qty = num_scale(&e->bad, q, s->rules.step.scale);
	snprintf(proto.client_id, sizeof proto.client_id, "autoclose-%llu",
	    (unsigned long long)++e->nliquidations);
	return order_new(e, s, c->a, &proto);
}

static void
force_event(struct engine *e, const struct ord *o)
{
	struct engine_event ev = { .kind = EV_FORCE, .acct = -1, .sym = o->o.sym };

	ev.u.force.o = &o->o;
	eng_emit(e, &ev);
}

/* The limit of a liquidation order: the bankruptcy price, on the tick that
 * leaves the account no worse. */
static dec
worst_price(struct engine *e, const struct sym *s, enum order_side side, dec bankrupt)
{
	dec p = side == SIDE_SELL ? num_ceil(&e->bad, bankrupt, s->rules.tick) :
	    num_floor(&e->bad, bankrupt, s->rules.tick);

	return dec_max(p, s->rules.tick);
}

/* Step 5: the fee on what was executed, as far as collateral goes. */
static void
take_fee(struct engine *e, struct scope *c, struct sym *s, dec executed)
{
	dec fee = num_money(&e->bad, num_mul(&e->bad, executed, s->rules.liquidation_fee));

	measure(e, c, &e->bad);
	fee = dec_max(dec_int(0), dec_min(fee, dec_min(c->equity, c->wallet)));
	acct_insure(e, c->a, s, dec_neg(fee));
}

/* Step 7: the fund takes the position at its bankruptcy price. Where equity is
 * gone at any price above zero there is none, and the mark is used. */
static void
take_over(struct engine *e, struct scope *c, struct sym *s)
{
	struct pos *p = &c->a->pos[s->index];
	struct fill x = { 0 };
	struct ord *o;

	measure(e, c, &e->bad);
	x.price = bankruptcy(e, c, s);
	if (dec_sign(x.price) <= 0)
		x.price = s->mark;
	x.qty = dec_abs(p->amt);
	if ((o = autoclose(e, c, s, x.price, x.qty)) == NULL)
		return;
	x.id = ++s->trade_id;
	acct_book(e, s, &e->fund, side_other(o->o.side), &x, dec_int(0), false);
	order_settle(e, s, o, &x, false);
	force_event(e, o);
}

/* One order into the book, its fee, and what it could not sell to the fund:
 * then true. */
static bool
reduce(struct engine *e, struct scope *c)
{
	struct sym *s = greatest(e, c);
	enum order_side side = dec_sign(c->a->pos[s->index].amt) > 0 ? SIDE_SELL : SIDE_BUY;
	dec price = worst_price(e, s, side, bankruptcy(e, c, s));
	struct ord *o = autoclose(e, c, s, price, step_qty(e, s, &c->a->pos[s->index]));
	bool left;

	if (o == NULL)
		return false;
	order_match(e, s, o, price);
	left = o->open;
	if (left)
		order_end(e, o, STATUS_EXPIRED, 2);
	if (dec_sign(o->o.filled) > 0) {
		force_event(e, o);
		take_fee(e, c, s, o->o.quote);
	}
	if (left && !e->bad)
		take_over(e, c, s);
	return left;
}

/* What is over when the last position is gone: a deficit the fund makes good,
 * dust of a take-over it keeps; the rest of an isolated wallet is free again. */
static void
clear(struct engine *e, struct scope *c, bool taken)
{
	measure(e, c, &e->bad);
	if (c->npos > 0)
		return;
	if (dec_sign(c->wallet) < 0 || taken)
		acct_insure(e, c->a, c->s, dec_neg(c->wallet));
	if (c->s != NULL)
		c->a->pos[c->s->index].iso = dec_int(0);
}

static void
liquidate(struct engine *e, struct scope *c)
{
	bool taken = false;

	while (!e->bad && due(c)) {
		taken |= reduce(e, c);
		measure(e, c, &e->bad);
	}
	clear(e, c, taken);
}

static void
margin_call(struct engine *e, const struct scope *c)
{
	struct engine_event ev = { .kind = EV_MARGIN_CALL, .acct = c->a->number, .sym = -1 };
	struct engine_pos_brief brief[ENGINE_SYMBOLS];
	const struct pos *p;
	int i, n = 0;

	for (i = 0; i < e->nsym; i++) {
		p = &c->a->pos[i];
		if (dec_sign(p->amt) == 0 || (c->s == NULL ? p->isolated : c->s->index != i))
			continue;
		pos_brief(&e->sym[i], p, &brief[n++], &e->bad);
	}
	if (c->s != NULL)
		ev.sym = c->s->index;
	ev.u.call.cross = c->s == NULL;
	ev.u.call.cross_wallet = acct_cross(c->a, e->nsym, &e->bad);
	ev.u.call.pos = brief;
	ev.u.call.npos = n;
	eng_emit(e, &ev);
}

/* The venue's threshold is not published; 80 % is assumed. */
static bool
high(const struct scope *c, bool *bad)
{
	static const dec most = { 8, 1 };

	return c->npos > 0 && dec_cmp(c->maint, num_mul(bad, c->equity, most)) >= 0;
}

static void
check_scope(struct engine *e, struct scope *c)
{
	struct pos *p = c->s == NULL ? NULL : &c->a->pos[c->s->index];
	bool *on = p == NULL ? &c->a->liquidating : &p->liquidating;
	bool *warned = p == NULL ? &c->a->warned : &p->warned;
	int64_t *since = p == NULL ? &c->a->since_ms : &p->since_ms;

	measure(e, c, &e->bad);
	if (!due(c)) {
		*on = false;
		if (high(c, &e->bad) && !*warned)
			margin_call(e, c);
		*warned = high(c, &e->bad);
		if (c->npos == 0)
			clear(e, c, false);
		return;
	}
	if (!*on) {
		cancel_scope(e, c);
		*on = true;
		*since = e->now;
	}
	if (e->now - *since < e->c.liquidation_ms)
		return;
	liquidate(e, c);
	*on = *warned = false;
}

static bool
marked(const struct engine *e, const struct acct *a)
{
	for (int i = 0; i < e->nsym; i++)
		if (dec_sign(a->pos[i].amt) != 0)
			return true;
	return dec_sign(a->wallet) < 0;
}

void
liq_check(struct engine *e)
{
	struct scope c;
	int i, k;

	for (i = 0; i < e->nacct && !e->bad; i++) {
		c.a = e->acct[i];
		if (!marked(e, c.a))
			continue;
		for (k = 0; k < e->nsym; k++) {
			c.s = &e->sym[k];
			if (c.a->pos[k].isolated && dec_sign(c.a->pos[k].amt) != 0)
				check_scope(e, &c);
		}
		c.s = NULL;
		check_scope(e, &c);
	}
}

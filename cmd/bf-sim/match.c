/* The life of an order: made, matched by price and time, filled, ended. */
#include <stdlib.h>

#include "state.h"

/*
 * What is counted of an open order
 */

static dec
worth(struct engine *e, const struct ord *o)
{
	return sym_value(o->h->s, order_rest(o), o->o.price, &e->bad);
}

/* Orders that may wait and may open a position. */
static bool
counts(const struct engine_order *o)
{
	return o->type == ORDER_LIMIT && o->kind == KIND_USER && !o->reduce &&
	    (o->tif == TIF_GTC || o->tif == TIF_GTX || o->tif == TIF_GTD);
}

static dec *
sum_of(const struct ord *o)
{
	struct pos *p = hold_leg(o->h, o->o.pos_mode);

	return o->o.side == SIDE_BUY ? &p->bid : &p->ask;
}

void
order_count(struct engine *e, struct ord *o)
{
	if (o->counted || !o->open || !counts(&o->o))
		return;
	*sum_of(o) = num_add(&e->bad, *sum_of(o), worth(e, o));
	o->counted = true;
	hold_stale(o->h);
}

/* true: it was counted. */
static bool
uncount(struct engine *e, struct ord *o)
{
	if (!o->counted)
		return false;
	*sum_of(o) = num_sub(&e->bad, *sum_of(o), worth(e, o));
	o->counted = false;
	hold_stale(o->h);
	return true;
}

void
order_rest_in(struct engine *e, struct ord *o)
{
	struct pos *p = hold_leg(o->h, o->o.pos_mode);

	book_add(e, o->h->s, o);
	order_count(e, o);
	hold_stale(o->h);	/* its open loss counts from here on */
	if (!o->o.reduce || o->covered)
		return;
	p->reducing = num_add(&e->bad, p->reducing, order_rest(o));
	o->covered = true;
}

void
order_rest_out(struct engine *e, struct ord *o)
{
	struct pos *p = hold_leg(o->h, o->o.pos_mode);

	book_remove(e, o->h->s, o);
	hold_stale(o->h);
	(void)uncount(e, o);
	if (o->covered)
		p->reducing = num_sub(&e->bad, p->reducing, order_rest(o));
	o->covered = false;
}

/*
 * Making and ending
 */

static void
open_link(struct ord *o)
{
	struct acct *a = o->a;
	struct hold *h = o->h;

	o->aprev = a->open_last;
	*(a->open_last != NULL ? &a->open_last->anext : &a->open) = o;
	a->open_last = o;
	o->hprev = h->open_last;
	*(h->open_last != NULL ? &h->open_last->hnext : &h->open) = o;
	h->open_last = o;
	o->open = true;
	h->norders++;
	hold_leg(h, o->o.pos_mode)->norders++;
}

static void
open_unlink(struct ord *o)
{
	struct acct *a = o->a;
	struct hold *h = o->h;

	*(o->aprev != NULL ? &o->aprev->anext : &a->open) = o->anext;
	*(o->anext != NULL ? &o->anext->aprev : &a->open_last) = o->aprev;
	*(o->hprev != NULL ? &o->hprev->hnext : &h->open) = o->hnext;
	*(o->hnext != NULL ? &o->hnext->hprev : &h->open_last) = o->hprev;
	o->aprev = o->anext = o->hprev = o->hnext = NULL;
	o->open = false;
	h->norders--;
	hold_leg(h, o->o.pos_mode)->norders--;
}

static struct ord *
make(struct engine *e, struct hold *h, const struct engine_order *proto)
{
	struct ord *o = calloc(1, sizeof *o);

	if (o == NULL) {
		e->bad = true;
		return NULL;
	}
	o->o = *proto;
	o->a = h->a;
	o->h = h;
	o->o.acct = h->a->number;
	o->o.sym = h->s->index;
	return o;
}

struct ord *
order_new(struct engine *e, struct hold *h, const struct engine_order *proto)
{
	struct ord *o = make(e, h, proto);

	if (o == NULL)
		return NULL;
	o->o.filled = (dec){ 0, proto->qty.scale };
	o->o.quote = o->o.base = o->o.coins = dec_int(0);
	o->o.status = STATUS_NEW;
	o->o.time_ms = o->o.update_ms = e->now;
	if (o->o.algo_id == 0)
		o->o.orig_type = o->o.type;
	if (o->o.client_id[0] == '\0')
		order_client_id(e, o->o.client_id);
	if (!kept_add(e, o)) {
		if (order_by_id(h->s, o->o.id) != o)	/* else it is freed with its symbol */
			free(o);
		return NULL;
	}
	open_link(o);
	order_count(e, o);
	order_event(e, o, EXEC_NEW);
	return o;
}

struct ord *
order_restore(struct engine *e, struct hold *h, const struct engine_order *was)
{
	struct ord *o;

	if (!kept_next(e, h->s, was->id) || (o = make(e, h, was)) == NULL)
		return NULL;
	if (!kept_add(e, o)) {
		if (order_by_id(h->s, o->o.id) != o)
			free(o);
		return NULL;
	}
	if (!order_open(&o->o))
		return o;
	open_link(o);
	order_rest_in(e, o);
	if (o->o.tif == TIF_GTD)
		timer_set(e, TIMER_GTD, o, &o->timer, o->o.gtd_ms);
	return o;
}

static void
order_emit(struct engine *e, struct ord *o, struct engine_event *ev, enum exec_type x)
{
	const struct pos *p = hold_leg(o->h, o->o.pos_mode);

	if (o->a->number < 0)
		return;
	ev->kind = EV_ORDER;
	ev->acct = o->a->number;
	ev->sym = o->o.sym;
	ev->u.order.o = &o->o;
	ev->u.order.x = x;
	ev->u.order.bid = p->bid;
	ev->u.order.ask = p->ask;
	eng_emit(e, ev);
}

void
order_event(struct engine *e, struct ord *o, enum exec_type x)
{
	struct engine_event ev = { 0 };

	ev.u.order.last_qty = (dec){ 0, o->o.qty.scale };
	ev.u.order.fee_asset = -1;
	order_emit(e, o, &ev, x);
}

/* Out of the book and of everything that counts open orders. */
static void
order_close(struct engine *e, struct ord *o)
{
	order_rest_out(e, o);
	timer_clear(e, &o->timer);
	if (!o->open)
		return;
	open_unlink(o);
	if (dec_sign(o->o.filled) == 0 && o->o.time_ms < e->now - KEPT_SHORT)
		o->a->judged = 0;	/* it was passed over while it was open */
}

void
order_end(struct engine *e, struct ord *o, enum order_status st, int reason)
{
	order_close(e, o);
	o->o.status = st;
	o->o.reason = reason;
	o->o.update_ms = e->now;
	order_event(e, o, st == STATUS_CANCELED ? EXEC_CANCELED : EXEC_EXPIRED);
	if (o->algo != NULL)
		algo_order(e, o);
}

/*
 * Trades
 */

static dec
fee_rate(const struct engine *e, const struct ord *o, bool maker)
{
	dec m, t;

	/* sections 14 and 17: a fee of its own, or none; a delivery costs the taker's */
	if (o->a->number < 0 || o->o.kind == KIND_LIQUIDATION || o->o.kind == KIND_ADL)
		return dec_int(0);
	engine_fee_rates(e, o->a->number, o->o.sym, &m, &t);
	return maker ? m : t;
}

static void
keep_trade(struct engine *e, struct ord *o, const struct fill *x, const struct booked *b,
    bool maker)
{
	struct acct *a = o->a;

	if (!eng_grow(&e->bad, &a->trades, a->ntrades, &a->ctrades, sizeof *a->trades))
		return;
	a->trades[a->ntrades++] = (struct engine_trade){
		.id = x->id, .order_id = o->o.id, .sym = o->o.sym, .side = o->o.side,
		.pos_mode = o->o.pos_mode, .maker = maker, .price = x->price, .qty = x->qty,
		.quote = b->quote, .base = b->base, .commission = b->fee,
		.fee_asset = b->fee_asset, .pnl = b->pnl, .time_ms = e->now
	};
}

/* What a fill is in base coin; booked quantities have lost digits to rounding. */
static dec
coins_of(struct engine *e, const struct ord *o, const struct fill *x)
{
	const struct contract *c = &o->h->s->c;

	return c->market == USDM ? x->qty :
	    num_div(&e->bad, num_mul(&e->bad, x->qty, c->size), x->price, 16);
}

/* The order's own figures; it closes when nothing is left. */
static void
fill(struct engine *e, struct ord *o, const struct fill *x, const struct booked *b)
{
	struct pos *p = hold_leg(o->h, o->o.pos_mode);
	bool counted;

	if (o->resting)
		book_take(e, o->h->s, o, x->qty);
	if (o->covered)
		p->reducing = num_sub(&e->bad, p->reducing, x->qty);
	counted = uncount(e, o);
	o->o.filled = num_add(&e->bad, o->o.filled, x->qty);
	o->o.quote = num_add(&e->bad, o->o.quote, b->quote);
	if (dec_sign(o->o.coins) == 0)	/* put back from a store, which does not keep them */
		o->o.coins = o->o.base;
	o->o.coins = num_add(&e->bad, o->o.coins, coins_of(e, o, x));
	o->o.base = num_add(&e->bad, o->o.base, b->base);
	o->o.status = dec_sign(order_rest(o)) == 0 ? STATUS_FILLED : STATUS_PARTIALLY_FILLED;
	o->o.update_ms = e->now;
	if (counted)
		order_count(e, o);
	if (o->o.status == STATUS_FILLED)
		order_close(e, o);
}

static bool
is_calculated(const struct ord *o)
{
	return o->o.kind == KIND_LIQUIDATION || o->o.kind == KIND_ADL;
}

void
order_settle(struct engine *e, struct ord *o, const struct fill *x, bool maker)
{
	int asset = o->h->s->asset;
	struct engine_event ev = { 0 };
	struct booked b;

	b = acct_book(e, o->h, o->o.pos_mode, o->o.side, x, fee_rate(e, o, maker),
	    o->o.kind == KIND_LIQUIDATION);
	fill(e, o, x, &b);
	if (o->a->number < 0)
		return;
	keep_trade(e, o, x, &b, maker);
	acct_event(e, o->a, "ORDER", asset, dec_int(0), o->h, (int)o->o.pos_mode,
	    b.fee_asset == asset ? -1 : b.fee_asset);
	ev.u.order.trade_id = x->id;
	ev.u.order.last_qty = x->qty;
	ev.u.order.last_price = x->price;
	ev.u.order.commission = b.fee;
	ev.u.order.fee_asset = b.fee_asset;
	ev.u.order.pnl = b.pnl;
	ev.u.order.maker = maker;
	order_emit(e, o, &ev, is_calculated(o) ? EXEC_CALCULATED : EXEC_TRADE);
	if (o->algo != NULL && !o->open)
		algo_order(e, o);
}

dec
order_allowed(const struct ord *o, dec q)
{
	const struct pos *p = hold_leg(o->h, o->o.pos_mode);

	if (!o->o.reduce)
		return q;
	if (dec_sign(p->amt) != -(int)o->o.side)
		return (dec){ 0, q.scale };
	return dec_min(q, dec_abs(p->amt));
}

/*
 * Matching
 */

/* One side of a trade with the outside: the house, which pays and owes nothing else. */
static void
settle_house(struct engine *e, struct sym *s, enum order_side side, const struct fill *x)
{
	struct hold *h = acct_hold(e, &e->maker, s);

	if (h != NULL)
		(void)acct_book(e, h, MODE_BOTH, side, x, dec_int(0), false);
}

/* maker or taker NULL: the outside. */
void
order_trade(struct engine *e, struct sym *s, struct ord *maker, struct ord *taker,
    enum order_side side, dec price, dec q)
{
	struct engine_event ev = { .kind = EV_TRADE, .acct = -1, .sym = s->index };
	struct fill x = { ++s->trade_id, price, q };

	s->last = price;
	s->last_moved = true;
	if (maker == NULL && taker != NULL)
		settle_house(e, s, side_other(side), &x);
	if (maker != NULL)
		order_settle(e, maker, &x, true);
	if (taker != NULL)
		order_settle(e, taker, &x, false);
	else if (maker != NULL)
		settle_house(e, s, side, &x);
	ev.u.trade.id = x.id;
	ev.u.trade.price = price;
	ev.u.trade.qty = q;
	ev.u.trade.buyer_maker = side == SIDE_SELL;
	eng_emit(e, &ev);
}

/*
 * Own orders meet: the taker's mode decides, the resting one's is irrelevant;
 * no effect with FOK and GTX. true: one of them is gone, look again.
 */
static bool
prevent(struct engine *e, struct ord *maker, struct ord *taker)
{
	int reason = taker->o.tif == TIF_IOC && taker->o.type == ORDER_LIMIT ? 3 : 1;
	enum order_stp stp = taker->o.stp;

	if (maker->a != taker->a || stp == STP_NONE || taker->o.tif == TIF_FOK ||
	    taker->o.tif == TIF_GTX)
		return false;
	if (stp != STP_EXPIRE_TAKER)
		order_end(e, maker, STATUS_EXPIRED_IN_MATCH, 1);
	if (stp != STP_EXPIRE_MAKER)
		order_end(e, taker, STATUS_EXPIRED_IN_MATCH, reason);
	return true;
}

/* Trade with what stands first in the queue of the level; false: o is at its end. */
static bool
match_one(struct engine *e, struct ord *o, struct level *l)
{
	dec front = book_outside_front(l), q;
	struct sym *s = o->h->s;
	struct ord *m = l->head;
	dec price = l->price;

	if (dec_sign(front) == 0 && prevent(e, m, o))
		return true;
	if (dec_sign(q = order_allowed(o, order_rest(o))) == 0) {
		order_end(e, o, STATUS_EXPIRED, 4);
		return false;
	}
	if (dec_sign(front) > 0) {
		q = dec_min(q, front);
		book_outside_take(e, s, l, q);
		order_trade(e, s, NULL, o, o->o.side, price, q);
		return true;
	}
	q = dec_min(q, order_allowed(m, order_rest(m)));
	if (dec_sign(q) == 0)
		order_end(e, m, STATUS_EXPIRED, 4);
	else
		order_trade(e, s, m, o, o->o.side, price, q);
	return true;
}

void
order_match(struct engine *e, struct ord *o, dec limit)
{
	enum order_side other = side_other(o->o.side);
	struct level *l;

	while (!e->bad && o->open && (l = book_best(o->h->s, other)) != NULL &&
	    book_crosses(o->o.side, limit, l->price))
		if (!match_one(e, o, l))
			break;
}

/*
 * Reduce-only orders of a leg, er 4: all of them when the position is gone or
 * turned, else those furthest from trading until the rest is covered.
 */
static struct ord *
surplus(const struct hold *h, enum pos_mode m)
{
	const struct pos *p = &h->pos[m];
	struct ord *o, *worst = NULL;

	for (o = h->open; o != NULL; o = o->hnext) {
		if (!o->covered || o->o.pos_mode != m)
			continue;
		if (dec_sign(p->amt) != -(int)o->o.side)
			return o;
		if (worst == NULL || dec_cmp(o->o.price, worst->o.price) * (int)o->o.side <= 0)
			worst = o;	/* on equal price the newest */
	}
	return dec_cmp(p->reducing, dec_abs(p->amt)) > 0 ? worst : NULL;
}

void
order_sweep(struct engine *e, struct hold *h)
{
	static const enum pos_mode legs[] = { MODE_BOTH, MODE_LONG, MODE_SHORT };
	struct ord *o;
	size_t i;

	for (i = 0; i < sizeof legs / sizeof *legs; i++)
		while (!e->bad && dec_sign(h->pos[legs[i]].reducing) != 0 &&
		    (o = surplus(h, legs[i])) != NULL)
			order_end(e, o, STATUS_EXPIRED, 4);
}

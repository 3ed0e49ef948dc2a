/* The life of an order: made, matched by price and time, filled, ended. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

/*
 * Client ids
 */

static uint64_t
hash_of(int acct, int sym, const char *id)	/* FNV-1a */
{
	uint64_t h = 14695981039346656037u ^ (uint64_t)acct << 8 ^ (uint64_t)sym;

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * 1099511628211u;
	return h ^ h >> 32;
}

static bool
rehash(struct engine *e)
{
	size_t n = e->nbucket == 0 ? 256 : 2 * e->nbucket, i, k;
	struct ord **b = calloc(n, sizeof *b), *o, *next, **tail;

	if (b == NULL)
		return false;
	for (i = 0; i < e->nbucket; i++)
		for (o = e->bucket[i]; o != NULL; o = next) {
			next = o->hnext;
			o->hnext = NULL;
			k = hash_of(o->o.acct, o->o.sym, o->o.client_id) & (n - 1);
			for (tail = &b[k]; *tail != NULL; tail = &(*tail)->hnext)
				;	/* newer stay before older */
			*tail = o;
		}
	free(e->bucket);
	e->bucket = b;
	e->nbucket = n;
	return true;
}

static bool
remember(struct engine *e, struct ord *o)
{
	struct ord **b;

	if (e->nhashed >= e->nbucket && !rehash(e))
		return false;
	b = &e->bucket[hash_of(o->o.acct, o->o.sym, o->o.client_id) & (e->nbucket - 1)];
	o->hnext = *b;
	*b = o;
	e->nhashed++;
	return true;
}

struct ord *
order_find(const struct engine *e, const struct acct *a, int sym, const char *client_id,
    bool open_only)
{
	struct ord *o;

	if (e->nbucket == 0)
		return NULL;
	o = e->bucket[hash_of(a->number, sym, client_id) & (e->nbucket - 1)];
	for (; o != NULL; o = o->hnext)
		if (o->a == a && o->o.sym == sym && (o->open || !open_only) &&
		    strcmp(o->o.client_id, client_id) == 0)
			return o;
	return NULL;
}

/* 22 letters and digits, like the venue's own; splitmix64 of a counter. */
static void
make_client_id(struct engine *e, char out[static ENGINE_CLIENT_ID])
{
	static const char set[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	uint64_t x = 0;
	int i;

	for (i = 0; i < 22; i++) {
		if (i % 8 == 0) {
			x = e->seed += 0x9e3779b97f4a7c15u;
			x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
			x = (x ^ x >> 27) * 0x94d049bb133111ebu;
			x ^= x >> 31;
		}
		out[i] = set[x % 62];
		x /= 62;
	}
	out[i] = '\0';
}

/*
 * Making and ending
 */

static void
open_link(struct acct *a, struct ord *o)
{
	o->aprev = a->open_last;
	if (a->open_last != NULL)
		a->open_last->anext = o;
	else
		a->open = o;
	a->open_last = o;
	o->open = true;
	a->pos[o->o.sym].norders++;
}

static void
open_unlink(struct acct *a, struct ord *o)
{
	if (o->aprev != NULL)
		o->aprev->anext = o->anext;
	else
		a->open = o->anext;
	if (o->anext != NULL)
		o->anext->aprev = o->aprev;
	else
		a->open_last = o->aprev;
	o->aprev = o->anext = NULL;
	o->open = false;
	a->pos[o->o.sym].norders--;
}

/* Move q of the order's value in or out of the position's bid or ask. */
static void
count(struct engine *e, struct ord *o, dec q, bool in)
{
	struct pos *p = &o->a->pos[o->o.sym];
	dec *sum = o->o.side == SIDE_BUY ? &p->bid : &p->ask;
	dec v = num_mul(&e->bad, o->o.price, q);

	*sum = in ? num_add(&e->bad, *sum, v) : num_sub(&e->bad, *sum, v);
}

struct ord *
order_new(struct engine *e, struct sym *s, struct acct *a, const struct engine_order *proto)
{
	struct ord *o;

	if (!eng_grow(&e->bad, &s->orders, s->norders, &s->corders, sizeof *s->orders) ||
	    !eng_grow(&e->bad, &a->orders, a->norders, &a->corders, sizeof *a->orders))
		return NULL;
	if ((o = calloc(1, sizeof *o)) == NULL) {
		e->bad = true;
		return NULL;
	}
	o->o = *proto;
	o->a = a;
	o->o.acct = a->number;
	o->o.sym = s->index;
	o->o.id = s->first_id + (uint64_t)s->norders;
	o->o.filled = (dec){ 0, proto->qty.scale };
	o->o.quote = dec_int(0);
	o->o.status = STATUS_NEW;
	o->o.time_ms = o->o.update_ms = e->now;
	if (o->o.client_id[0] == '\0')
		make_client_id(e, o->o.client_id);
	if (!remember(e, o)) {
		e->bad = true;
		free(o);
		return NULL;
	}
	s->orders[s->norders++] = o;
	a->orders[a->norders++] = o;
	open_link(a, o);
	o->counted = o->o.type == ORDER_LIMIT && !o->o.reduce && !o->o.liquidation &&
	    (o->o.tif == TIF_GTC || o->o.tif == TIF_GTX);
	if (o->counted)
		count(e, o, o->o.qty, true);
	order_event(e, o, EXEC_NEW);
	return o;
}

static void
order_emit(struct engine *e, struct ord *o, struct engine_event *ev, enum exec_type x)
{
	const struct pos *p = &o->a->pos[o->o.sym];

	if (o->a->number < 0)
		return;
	ev->kind = EV_ORDER;
	ev->acct = o->a->number;
	ev->sym = o->o.sym;
	ev->u.order.o = &o->o;
	ev->u.order.x = x;
	ev->u.order.bid_notional = p->bid;
	ev->u.order.ask_notional = p->ask;
	eng_emit(e, ev);
}

void
order_event(struct engine *e, struct ord *o, enum exec_type x)
{
	struct engine_event ev = { 0 };

	ev.u.order.last_qty = (dec){ 0, o->o.qty.scale };
	order_emit(e, o, &ev, x);
}

/* Out of the book and of everything that counts open orders. */
static void
order_close(struct engine *e, struct ord *o)
{
	book_remove(e, &e->sym[o->o.sym], o);
	if (o->counted)
		count(e, o, order_rest(o), false);
	o->counted = false;
	if (o->open)
		open_unlink(o->a, o);
}

void
order_end(struct engine *e, struct ord *o, enum order_status st, int reason)
{
	order_close(e, o);
	o->o.status = st;
	o->o.reason = reason;
	o->o.update_ms = e->now;
	order_event(e, o, st == STATUS_CANCELED ? EXEC_CANCELED : EXEC_EXPIRED);
}

/*
 * Trades
 */

static dec
fee_rate(const struct engine *e, const struct ord *o, bool maker)
{
	if (o->a->number < 0 || o->o.liquidation)	/* section 17: a fee of its own */
		return dec_int(0);
	return maker ? e->c.maker_fee : e->c.taker_fee;
}

static void
keep_trade(struct engine *e, struct ord *o, const struct fill *x, const struct booked *b,
    bool maker)
{
	struct acct *a = o->a;
	struct engine_trade *t;

	if (!eng_grow(&e->bad, &a->trades, a->ntrades, &a->ctrades, sizeof *a->trades))
		return;
	t = &a->trades[a->ntrades++];
	*t = (struct engine_trade){
		.id = x->id, .order_id = o->o.id, .sym = o->o.sym, .side = o->o.side,
		.maker = maker, .price = x->price, .qty = x->qty,
		.quote = num_mul(&e->bad, x->price, x->qty),
		.commission = b->fee, .pnl = b->pnl, .time_ms = e->now
	};
}

void
order_settle(struct engine *e, struct sym *s, struct ord *o, const struct fill *x, bool maker)
{
	struct engine_event ev = { 0 };
	struct booked b;

	if (o->resting)
		book_take(e, s, o, x->qty);
	if (o->counted)
		count(e, o, x->qty, false);
	b = acct_book(e, s, o->a, o->o.side, x, fee_rate(e, o, maker), o->o.liquidation);
	o->o.filled = num_add(&e->bad, o->o.filled, x->qty);
	o->o.quote = num_add(&e->bad, o->o.quote, num_mul(&e->bad, x->price, x->qty));
	o->o.status = dec_sign(order_rest(o)) == 0 ? STATUS_FILLED : STATUS_PARTIALLY_FILLED;
	o->o.update_ms = e->now;
	if (o->o.status == STATUS_FILLED)
		order_close(e, o);
	if (o->a->number < 0)
		return;
	keep_trade(e, o, x, &b, maker);
	acct_event(e, o->a, "ORDER", dec_int(0), s);
	ev.u.order.trade_id = x->id;
	ev.u.order.last_qty = x->qty;
	ev.u.order.last_price = x->price;
	ev.u.order.commission = b.fee;
	ev.u.order.pnl = b.pnl;
	ev.u.order.maker = maker;
	order_emit(e, o, &ev, o->o.liquidation ? EXEC_CALCULATED : EXEC_TRADE);
}

static void
trade(struct engine *e, struct sym *s, struct ord *maker, struct ord *taker, dec q)
{
	struct engine_event ev = { .kind = EV_TRADE, .acct = -1, .sym = s->index };
	struct fill x = { ++s->trade_id, maker->o.price, q };

	s->last = x.price;
	order_settle(e, s, maker, &x, true);
	order_settle(e, s, taker, &x, false);
	ev.u.trade.id = x.id;
	ev.u.trade.price = x.price;
	ev.u.trade.qty = q;
	ev.u.trade.buyer_maker = maker->o.side == SIDE_BUY;
	eng_emit(e, &ev);
}

/* How much of q the order may still do: all, unless it is reduce-only. */
static dec
allowed(const struct ord *o, dec q)
{
	const struct pos *p = &o->a->pos[o->o.sym];

	if (!o->o.reduce)
		return q;
	if (dec_sign(p->amt) != -(int)o->o.side)
		return (dec){ 0, q.scale };
	return dec_min(q, dec_abs(p->amt));
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

	if (maker->a != taker->a || stp == STP_NONE || taker->a->number < 0 ||
	    taker->o.tif == TIF_FOK || taker->o.tif == TIF_GTX)
		return false;
	if (stp != STP_EXPIRE_TAKER)
		order_end(e, maker, STATUS_EXPIRED_IN_MATCH, 1);
	if (stp != STP_EXPIRE_MAKER)
		order_end(e, taker, STATUS_EXPIRED_IN_MATCH, reason);
	return true;
}

/* Whether a taker may go on: neither filled nor ended on the way. */
static bool
live(const struct ord *o)
{
	return dec_sign(order_rest(o)) > 0 && (o->open || o->a->number < 0);
}

void
order_match(struct engine *e, struct sym *s, struct ord *o, dec limit)
{
	const struct level *l;
	struct ord *m;
	dec q;

	while (!e->bad && live(o) && (l = book_best(s, side_other(o->o.side))) != NULL &&
	    book_crosses(o->o.side, limit, l->price)) {
		m = l->head;
		if (prevent(e, m, o))
			continue;
		if (dec_sign(q = allowed(o, order_rest(o))) == 0) {
			order_end(e, o, STATUS_EXPIRED, 4);
			break;
		}
		if (dec_sign(allowed(m, order_rest(m))) == 0) {
			order_end(e, m, STATUS_EXPIRED, 4);
			continue;
		}
		q = dec_min(q, allowed(m, order_rest(m)));
		trade(e, s, m, o, q);
	}
}

/*
 * Reduce-only orders, er 4: all of them when the position is gone or turned,
 * else those furthest from trading until the rest is covered.
 */
static struct ord *
surplus(const struct acct *a, int sym, bool *bad)
{
	const struct pos *p = &a->pos[sym];
	struct ord *o, *worst = NULL;
	dec sum = { 0, 0 };

	for (o = a->open; o != NULL; o = o->anext) {
		if (o->o.sym != sym || !o->o.reduce)
			continue;
		if (dec_sign(p->amt) != -(int)o->o.side)
			return o;
		sum = num_add(bad, sum, order_rest(o));
		if (worst == NULL || dec_cmp(o->o.price, worst->o.price) * (int)o->o.side <= 0)
			worst = o;	/* on equal price the newest */
	}
	return dec_cmp(sum, dec_abs(p->amt)) > 0 ? worst : NULL;
}

void
order_sweep(struct engine *e, struct sym *s, struct acct *a)
{
	struct ord *o;

	while (!e->bad && (o = surplus(a, s->index, &e->bad)) != NULL)
		order_end(e, o, STATUS_EXPIRED, 4);
}

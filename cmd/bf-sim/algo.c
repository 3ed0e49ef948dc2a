/*
 * The life of a conditional order: it waits for a price, then
 * becomes an order, and follows that one's fate. algo_place.c lets them in.
 */
#include <stdio.h>
#include <stdlib.h>

#include "state.h"

/*
 * Waiting
 */

static void
wait_link(struct algo *a)
{
	struct acct *c = a->a;
	struct sym *s = a->h->s;

	a->snext = s->algos;
	if (s->algos != NULL)
		s->algos->sprev = a;
	s->algos = a;
	a->anext = c->waiting;
	if (c->waiting != NULL)
		c->waiting->aprev = a;
	c->waiting = a;
	a->waiting = true;
	s->algo_look = true;
	a->h->nalgos++;
	c->nalgos++;
}

static void
wait_unlink(struct engine *e, struct algo *a)
{
	if (!a->waiting)
		return;
	timer_clear(e, &a->timer);
	*(a->sprev != NULL ? &a->sprev->snext : &a->h->s->algos) = a->snext;
	if (a->snext != NULL)
		a->snext->sprev = a->sprev;
	*(a->aprev != NULL ? &a->aprev->anext : &a->a->waiting) = a->anext;
	if (a->anext != NULL)
		a->anext->aprev = a->aprev;
	a->sprev = a->snext = a->aprev = a->anext = NULL;
	a->waiting = false;
	a->h->nalgos--;
	a->a->nalgos--;
}

static void
algo_event(struct engine *e, struct algo *a)
{
	struct engine_event ev = { .kind = EV_ALGO, .acct = a->o.acct, .sym = a->o.sym };

	ev.u.algo.o = &a->o;
	a->o.update_ms = e->now;
	eng_emit(e, &ev);
}

static struct algo *
keep(struct engine *e, struct hold *h, const struct engine_algo *proto)
{
	struct acct *c = h->a;
	struct algo *a;

	if (!eng_grow(&e->bad, &c->algos, c->nalgo_all, &c->calgos, sizeof *c->algos))
		return NULL;
	if ((a = calloc(1, sizeof *a)) == NULL) {
		e->bad = true;
		return NULL;
	}
	c->algos[c->nalgo_all++] = a;
	a->o = *proto;
	a->a = c;
	a->h = h;
	a->o.acct = c->number;
	a->o.sym = h->s->index;
	return a;
}

static void
start_waiting(struct engine *e, struct algo *a)
{
	wait_link(a);
	if (a->o.gtd_ms != 0)
		timer_set(e, TIMER_ALGO_GTD, a, &a->timer, a->o.gtd_ms);
}

/* Venue ids of this kind are beyond four thousand billions. */
struct algo *
algo_new(struct engine *e, struct hold *h, const struct engine_algo *proto)
{
	static const uint64_t first = 4000000016522655u;
	struct algo *a = keep(e, h, proto);

	if (a == NULL)
		return NULL;
	if (e->algo_id < first)
		e->algo_id = first - 1;
	a->o.id = ++e->algo_id;
	a->o.status = ALGO_NEW;
	a->o.time_ms = e->now;
	start_waiting(e, a);
	algo_event(e, a);
	return a;
}

struct algo *
algo_restore(struct engine *e, struct hold *h, const struct engine_algo *was)
{
	const struct acct *c = h->a;
	struct algo *a;

	if (c->nalgo_all > 0 && c->algos[c->nalgo_all - 1]->o.id >= was->id)
		return NULL;
	if ((a = keep(e, h, was)) == NULL)
		return NULL;
	if (e->algo_id < was->id)
		e->algo_id = was->id;
	a->o.order = NULL;
	if (was->order_id != 0 && (a->ord = order_by_id(h->s, was->order_id)) != NULL) {
		a->ord->algo = a;
		a->o.order = &a->ord->o;
	}
	if (was->status == ALGO_NEW)
		start_waiting(e, a);
	return a;
}

void
algo_end(struct engine *e, struct algo *a, enum algo_status st)
{
	wait_unlink(e, a);
	a->o.status = st;
	algo_event(e, a);
}

/*
 * Triggering
 */

dec
algo_ref(const struct algo *a)
{
	return a->o.by_mark ? a->h->s->mark : a->h->s->last;
}

/* Which way the price has to go: up, or down. */
static bool
wants_up(const struct engine_algo *o)
{
	bool profit = o->type == ORDER_TAKE_PROFIT || o->type == ORDER_TAKE_PROFIT_MARKET;

	return (o->side == SIDE_BUY) != profit;
}

bool
algo_reached(const struct algo *a, dec price)
{
	int d = dec_cmp(price, a->o.trigger);

	return wants_up(&a->o) ? d >= 0 : d <= 0;
}

/* Where a trailing stop turns into an order. */
static dec
turn_of(struct engine *e, const struct algo *a)
{
	dec way = num_div(&e->bad, a->o.callback, dec_int(100), FINE);

	way = num_add(&e->bad, dec_int(1), a->o.side == SIDE_BUY ? way : dec_neg(way));
	return num_mul(&e->bad, a->o.extreme, way);
}

/* A trailing stop: the extreme follows the price, and is told when it begins to. */
static bool
trail(struct engine *e, struct algo *a, dec price)
{
	int side = (int)a->o.side;

	if (!a->o.active) {
		if (dec_cmp(price, a->o.activate) * side > 0)
			return false;
		a->o.active = true;
		a->o.extreme = price;
		algo_event(e, a);
	}
	if (dec_cmp(price, a->o.extreme) * side < 0)
		a->o.extreme = price;
	return dec_cmp(price, turn_of(e, a)) * side >= 0;
}

/* priceProtect: mark and last must not be too far apart. */
static bool
is_protected(struct engine *e, const struct algo *a)
{
	const struct sym *s = a->h->s;
	dec off, most;

	if (!a->o.protect || dec_sign(s->c.rules.trigger_protect) == 0)
		return false;
	off = dec_abs(num_sub(&e->bad, s->mark, s->last));
	most = num_mul(&e->bad, s->mark, s->c.rules.trigger_protect);
	return dec_cmp(off, most) > 0;
}

static void
narrow(struct band *b, dec price, bool up)
{
	if (up && (!b->high || dec_cmp(price, b->to) < 0)) {
		b->high = true;
		b->to = price;
	} else if (!up && (!b->low || dec_cmp(price, b->from) > 0)) {
		b->low = true;
		b->from = price;
	}
}

static bool
within(const struct band *b, dec price)
{
	return (!b->low || dec_cmp(price, b->from) > 0) && (!b->high || dec_cmp(price, b->to) < 0);
}

/* The prices at which this one is to be looked at again. */
static void
note_bounds(struct engine *e, const struct algo *a)
{
	struct band *b = &a->h->s->quiet[a->o.by_mark];
	bool buy = a->o.side == SIDE_BUY;

	if (a->o.type != ORDER_TRAILING_STOP_MARKET) {
		narrow(b, a->o.trigger, wants_up(&a->o));
	} else if (!a->o.active) {
		narrow(b, a->o.activate, !buy);
	} else {
		narrow(b, a->o.extreme, !buy);
		narrow(b, turn_of(e, a), buy);
	}
}

static bool
is_due(struct engine *e, struct algo *a)
{
	bool trails = a->o.type == ORDER_TRAILING_STOP_MARKET;
	dec price = algo_ref(a);

	if (trails ? !trail(e, a, price) : !algo_reached(a, price)) {
		note_bounds(e, a);
		return false;
	}
	if (!is_protected(e, a))
		return true;
	a->h->s->algo_look = true;	/* both prices have a say in it */
	return false;
}

static struct engine_request
request_of(const struct engine_algo *o)
{
	bool limit = o->type == ORDER_STOP || o->type == ORDER_TAKE_PROFIT;

	return (struct engine_request){
		.side = o->side, .pos_mode = o->pos_mode,
		.type = limit ? ORDER_LIMIT : ORDER_MARKET, .tif = o->tif, .stp = o->stp,
		.reduce = o->reduce, .price = o->price, .qty = o->qty, .client_id = o->client_id,
		.match = limit ? o->match : MATCH_NONE, .gtd_ms = o->gtd_ms
	};
}

void
algo_made(struct engine *e, struct algo *a, struct ord *o)
{
	o->algo = a;
	a->ord = o;
	a->o.order = &o->o;
	a->o.order_id = o->o.id;
	a->o.status = ALGO_TRIGGERED;
	algo_event(e, a);
}

void
algo_trigger(struct engine *e, struct algo *a)
{
	struct engine_request r = request_of(&a->o);
	struct fault f = { 0 };
	struct ord *o;

	a->o.trigger_ms = e->now;
	algo_end(e, a, ALGO_TRIGGERING);
	if (order_enter(e, a->h, &r, a, &o, &f) == 0 || e->bad)
		return;
	snprintf(a->o.reject, sizeof a->o.reject, "%.*s", (int)sizeof a->o.reject - 1, f.text);
	algo_end(e, a, ALGO_REJECTED);
}

/* Of several that are due the oldest; trailing ones learn the price here. */
static struct algo *
next_due(struct engine *e, struct sym *s)
{
	struct algo *a, *first = NULL;

	s->last_moved = s->algo_look = false;
	s->quiet[0] = s->quiet[1] = (struct band){ .low = false };
	for (a = s->algos; a != NULL && !e->bad; a = a->snext)
		if (is_due(e, a) && (first == NULL || a->o.id < first->o.id))
			first = a;
	return first;
}

/* What triggers may move the last price again; that is looked at here, and not
 * by the trade itself. Each turn takes one away, so it ends. */
void
algo_price(struct engine *e, struct sym *s)
{
	struct algo *a;

	if (s->triggering || dec_sign(s->mark) == 0)
		return;
	if (!s->algo_look && within(&s->quiet[0], s->last) && within(&s->quiet[1], s->mark)) {
		s->last_moved = false;
		return;
	}
	s->triggering = true;
	while (!e->bad && (a = next_due(e, s)) != NULL)
		algo_trigger(e, a);
	s->triggering = false;
}

/*
 * What else becomes of them
 */

/* closePosition orders whose leg has nothing left for them to close. The trades
 * of a liquidation have moved the last price: its orders come from elsewhere. */
void
algo_sweep(struct engine *e, struct hold *h)
{
	struct algo *a, *next;

	for (a = h->nalgos > 0 ? h->a->waiting : NULL; a != NULL; a = next) {
		next = a->anext;
		if (a->h == h && a->o.close &&
		    dec_sign(h->pos[a->o.pos_mode].amt) != -(int)a->o.side)
			algo_end(e, a, ALGO_EXPIRED);
	}
	if (h->s->last_moved)
		algo_price(e, h->s);
}

void
algo_order(struct engine *e, struct ord *o)
{
	if (!o->open && o->algo->o.status == ALGO_TRIGGERED)
		algo_end(e, o->algo, ALGO_FINISHED);
}

void
algo_expire(struct engine *e, struct algo *a)
{
	algo_end(e, a, ALGO_EXPIRED);
}

void
algo_cancel_hold(struct engine *e, struct hold *h, enum algo_status st)
{
	struct algo *a, *next;

	for (a = h->nalgos > 0 ? h->a->waiting : NULL; a != NULL; a = next) {
		next = a->anext;
		if (a->h == h)
			algo_end(e, a, st);
	}
}

static bool
is_over(const struct engine *e, const struct algo *a)
{
	if (a->waiting || (a->ord != NULL && a->ord->open))
		return false;
	return a->o.time_ms < e->now - (a->o.order_id == 0 ? KEPT_SHORT : KEPT_LONG);
}

static void
forget(struct engine *e, struct acct *c)
{
	struct algo *a;
	int i, n = 0;

	for (i = 0; i < c->nalgo_all; i++) {
		a = c->algos[i];
		if (!is_over(e, a)) {
			c->algos[n++] = a;
			continue;
		}
		if (a->ord != NULL)
			a->ord->algo = NULL;
		free(a);
	}
	c->nalgo_all = n;
}

void
algo_forget(struct engine *e)
{
	for (int i = 0; i < e->nacct; i++)
		forget(e, e->acct[i]);
}

/*
 * Price-time priority: price levels in a search tree (a treap), orders of a
 * level by arrival, outside quantity between and behind them. Better prices
 * stand left, so the best level is the leftmost one.
 *
 * A level that runs empty stays in the tree until the end of the call, because
 * its quantity is still to be published; everybody but this file passes it over.
 */
#include <stdlib.h>

#include "random.h"
#include "state.h"

static struct side *
own_side(struct sym *s, enum order_side side)
{
	return side == SIDE_BUY ? &s->bids : &s->asks;
}

bool
book_crosses(enum order_side side, dec limit, dec price)
{
	return side == SIDE_BUY ? dec_cmp(price, limit) <= 0 : dec_cmp(price, limit) >= 0;
}

static bool
empty(const struct level *l)
{
	return l->head == NULL && dec_sign(l->outside) == 0;
}

/*
 * The tree
 */

/* < 0: a is the better price of that side. */
static int
order_of(enum order_side side, dec a, dec b)
{
	return dec_cmp(b, a) * (int)side;
}

/* Ranks must look random, but be the same in every run. */
static uint32_t
rank_of(const struct sym *s, enum order_side side, dec price)
{
	uint64_t x = (uint64_t)price.c * 2 + (side == SIDE_BUY);

	return (uint32_t)(mix64(x + (uint64_t)(s->index + 1) * MIX_STEP) >> 32);
}

static struct level *
leftmost(struct level *l)
{
	while (l != NULL && l->left != NULL)
		l = l->left;
	return l;
}

/* The next one, empty or not. */
static struct level *
after(const struct level *l)
{
	if (l->right != NULL)
		return leftmost(l->right);
	while (l->up != NULL && l->up->right == l)
		l = l->up;
	return l->up;
}

/* Where the tree's link to l is kept. */
static struct level **
link_of(struct side *b, const struct level *l)
{
	if (l->up == NULL)
		return &b->root;
	return l->up->left == l ? &l->up->left : &l->up->right;
}

/* l goes up one place, its parent down. */
static void
rotate_up(struct side *b, struct level *l)
{
	struct level *p = l->up, **link = link_of(b, p), *moved;

	if (p->left == l) {
		moved = p->left = l->right;
		l->right = p;
	} else {
		moved = p->right = l->left;
		l->left = p;
	}
	if (moved != NULL)
		moved->up = p;
	l->up = p->up;
	p->up = l;
	*link = l;
}

static struct level *
find(const struct side *b, enum order_side side, dec price)
{
	struct level *l = b->root;
	int d;

	while (l != NULL && (d = order_of(side, price, l->price)) != 0)
		l = d < 0 ? l->left : l->right;
	return l;
}

/* The level of that price, made if there is none; NULL: bad. */
static struct level *
level_at(struct engine *e, struct sym *s, enum order_side side, dec price)
{
	struct side *b = own_side(s, side);
	struct level *l, *up = NULL, **link = &b->root;
	const dec none = { 0, s->c.rules.step.scale };
	int d;

	while ((l = *link) != NULL) {
		if ((d = order_of(side, price, l->price)) == 0)
			return l;
		up = l;
		link = d < 0 ? &l->left : &l->right;
	}
	if ((l = calloc(1, sizeof *l)) == NULL) {
		e->bad = true;
		return NULL;
	}
	l->price = price;
	l->qty = l->outside = l->tail = none;
	l->side = side;
	l->rank = rank_of(s, side, price);
	l->up = up;
	*link = l;
	while (l->up != NULL && l->up->rank < l->rank)
		rotate_up(b, l);
	return l;
}

static void
unlink_level(struct side *b, struct level *l)
{
	struct level *c;

	while (l->left != NULL && l->right != NULL)
		rotate_up(b, l->left->rank >= l->right->rank ? l->left : l->right);
	c = l->left != NULL ? l->left : l->right;
	*link_of(b, l) = c;
	if (c != NULL)
		c->up = l->up;
}

/*
 * Change
 */

/* Remember a level before it changes. */
static void
touch(struct engine *e, struct sym *s, struct level *l)
{
	if (l->dirty)
		return;
	eng_changed(e, s);
	l->dirty = true;
	l->was = l->qty;
	l->dnext = s->dirty;
	s->dirty = l;
}

/* After a change: whether it counts, and which is the best. */
static void
recount(struct sym *s, struct level *l, bool was_empty)
{
	struct side *b = own_side(s, l->side);

	if (empty(l) == was_empty)
		return;
	b->n += was_empty ? 1 : -1;
	if (!was_empty && b->best == l)
		b->best = book_next(l);
	else if (was_empty && (b->best == NULL || order_of(l->side, l->price, b->best->price) < 0))
		b->best = l;
}

struct level *
book_best(const struct sym *s, enum order_side side)
{
	return side == SIDE_BUY ? s->bids.best : s->asks.best;
}

struct level *
book_next(const struct level *l)
{
	struct level *n = after(l);

	while (n != NULL && empty(n))
		n = after(n);
	return n;
}

dec
book_qty(const struct sym *s, enum order_side side, dec price)
{
	const struct level *l = find(side == SIDE_BUY ? &s->bids : &s->asks, side, price);

	return l == NULL ? (dec){ 0, s->c.rules.step.scale } : l->qty;
}

void
book_add(struct engine *e, struct sym *s, struct ord *o)
{
	struct level *l = level_at(e, s, o->o.side, o->o.price);
	bool was_empty;

	if (l == NULL)
		return;
	was_empty = empty(l);
	touch(e, s, l);
	o->level = l;
	o->ahead = l->tail;
	l->tail = (dec){ 0, l->outside.scale };
	o->lprev = l->last;
	o->lnext = NULL;
	if (l->last != NULL)
		l->last->lnext = o;
	else
		l->head = o;
	l->last = o;
	l->qty = num_add(&e->bad, l->qty, order_rest(o));
	o->resting = true;
	recount(s, l, was_empty);
}

void
book_take(struct engine *e, struct sym *s, struct ord *o, dec q)
{
	touch(e, s, o->level);
	o->level->qty = num_sub(&e->bad, o->level->qty, q);
}

/* What was ahead of it is now ahead of the next one. */
void
book_remove(struct engine *e, struct sym *s, struct ord *o)
{
	struct level *l = o->level;
	dec *behind;

	if (!o->resting)
		return;
	book_take(e, s, o, order_rest(o));
	behind = o->lnext != NULL ? &o->lnext->ahead : &l->tail;
	*behind = num_add(&e->bad, *behind, o->ahead);
	if (o->lprev != NULL)
		o->lprev->lnext = o->lnext;
	else
		l->head = o->lnext;
	if (o->lnext != NULL)
		o->lnext->lprev = o->lprev;
	else
		l->last = o->lprev;
	o->lprev = o->lnext = NULL;
	o->level = NULL;
	o->resting = false;
	recount(s, l, false);
}

/*
 * The outside
 */

/* Take as much of *q as *from holds. */
static void
take_part(struct engine *e, dec *from, dec *q)
{
	dec t = dec_min(*from, *q);

	*from = num_sub(&e->bad, *from, t);
	*q = num_sub(&e->bad, *q, t);
}

/* From the back: what came last gives way first. */
static void
shrink(struct engine *e, struct level *l, dec q)
{
	struct ord *o;

	take_part(e, &l->tail, &q);
	for (o = l->last; o != NULL && dec_sign(q) > 0; o = o->lprev)
		take_part(e, &o->ahead, &q);
}

void
book_outside(struct engine *e, struct sym *s, enum order_side side, dec price, dec qty)
{
	struct level *l = dec_sign(qty) > 0 ? level_at(e, s, side, price) :
	    find(own_side(s, side), side, price);
	bool was_empty;
	dec more;

	if (l == NULL || dec_sign(more = num_sub(&e->bad, qty, l->outside)) == 0)
		return;
	was_empty = empty(l);
	touch(e, s, l);
	if (dec_sign(more) > 0)
		l->tail = num_add(&e->bad, l->tail, more);
	else
		shrink(e, l, dec_neg(more));
	l->outside = qty;
	l->qty = num_add(&e->bad, l->qty, more);
	recount(s, l, was_empty);
}

dec
book_outside_front(const struct level *l)
{
	return l->head != NULL ? l->head->ahead : l->tail;
}

void
book_outside_take(struct engine *e, struct sym *s, struct level *l, dec q)
{
	dec *front = l->head != NULL ? &l->head->ahead : &l->tail;

	if (dec_sign(q) == 0)
		return;
	touch(e, s, l);
	*front = num_sub(&e->bad, *front, q);
	l->outside = num_sub(&e->bad, l->outside, q);
	l->qty = num_sub(&e->bad, l->qty, q);
	recount(s, l, false);
}

static void
name_levels(struct sym *s, const struct engine_level *level, int n, bool named)
{
	struct level *l;
	int i;

	for (i = 0; i < n; i++)
		if ((l = find(own_side(s, level[i].side), level[i].side, level[i].price)) != NULL)
			l->named = named;
}

void
book_outside_only(struct engine *e, struct sym *s, const struct engine_level *level, int n)
{
	static const enum order_side sides[] = { SIDE_BUY, SIDE_SELL };
	struct level *l, *next;
	size_t i;

	name_levels(s, level, n, true);
	for (i = 0; i < sizeof sides / sizeof *sides; i++)
		for (l = book_best(s, sides[i]); l != NULL; l = next) {
			next = book_next(l);
			if (!l->named)
				book_outside(e, s, l->side, l->price, (dec){ 0, l->qty.scale });
		}
	name_levels(s, level, n, false);
}

/*
 * Publishing
 */

/* The changed levels, first changed first; how many. */
static int
in_order(struct sym *s)
{
	struct level *l, *next, *list = NULL;
	int n = 0;

	for (l = s->dirty; l != NULL; l = next, n++) {
		next = l->dnext;
		l->dnext = list;
		list = l;
	}
	s->dirty = list;
	return n;
}

/* Those whose quantity is not what it was; empty ones leave the tree here. */
static int
take_changed(struct sym *s, struct engine_level *out)
{
	struct level *l, *next;
	int n = 0;

	for (l = s->dirty; l != NULL; l = next) {
		next = l->dnext;
		l->dnext = NULL;
		l->dirty = false;
		if (dec_cmp(l->qty, l->was) != 0)
			out[n++] = (struct engine_level){ l->side, l->price, l->qty };
		if (empty(l)) {
			unlink_level(own_side(s, l->side), l);
			free(l);
		}
	}
	s->dirty = NULL;
	return n;
}

void
book_publish(struct engine *e, struct sym *s)
{
	struct engine_event ev = { .kind = EV_BOOK, .acct = -1, .sym = s->index };
	struct engine_level *l;
	int n;

	if (s->dirty == NULL)
		return;
	if ((l = malloc((size_t)in_order(s) * sizeof *l)) == NULL) {
		e->bad = true;
		return;
	}
	if ((n = take_changed(s, l)) > 0) {
		ev.u.book.level = l;
		ev.u.book.n = n;
		ev.u.book.pu = s->update_id;
		ev.u.book.U = s->update_id + 1;
		ev.u.book.u = s->update_id += (uint64_t)n;
		eng_emit(e, &ev);
	}
	free(l);
}

static void
free_side(struct side *b)
{
	struct level *l = b->root, *up;

	while (l != NULL) {
		if (l->left != NULL) {
			l = l->left;
		} else if (l->right != NULL) {
			l = l->right;
		} else {
			up = l->up;
			*link_of(b, l) = NULL;
			free(l);
			l = up;
		}
	}
	*b = (struct side){ NULL, NULL, 0 };
}

void
book_free(struct sym *s)
{
	s->dirty = NULL;
	free_side(&s->bids);
	free_side(&s->asks);
}

/*
 * For engine_check
 */

static const char *
check_level(const struct level *l, bool *bad)
{
	dec qty = l->outside, outside = l->tail;
	const struct ord *o, *prev = NULL;

	if (empty(l) || l->dirty || l->named)
		return "a level is empty, or not published";
	if (dec_sign(l->tail) < 0)
		return "an outside quantity is negative";
	for (o = l->head; o != NULL; prev = o, o = o->lnext) {
		if (o->level != l || !o->resting || o->lprev != prev || o->o.side != l->side ||
		    dec_cmp(o->o.price, l->price) != 0 || dec_sign(order_rest(o)) <= 0)
			return "an order is not where it rests";
		if (dec_sign(o->ahead) < 0)
			return "an outside quantity is negative";
		qty = num_add(bad, qty, order_rest(o));
		outside = num_add(bad, outside, o->ahead);
	}
	if (prev != l->last)
		return "a level's queue has no end";
	if (dec_cmp(qty, l->qty) != 0 || dec_cmp(outside, l->outside) != 0)
		return "a level's quantity is not the sum of its orders";
	return NULL;
}

static const char *
check_place(const struct side *b, const struct level *l, const struct level *next)
{
	if (l->up == NULL ? b->root != l : l->up->left != l && l->up->right != l)
		return "a level's place in the tree is lost";
	if (l->up != NULL && l->up->rank < l->rank)
		return "the tree of levels is out of balance";
	if (next != NULL && order_of(l->side, l->price, next->price) >= 0)
		return "levels are not sorted";
	return NULL;
}

static const char *
check_side(const struct side *b, bool *bad)
{
	const struct level *l;
	const char *why = NULL;
	int n = 0;

	if (b->best != leftmost(b->root))
		return "the best level is not the first";
	for (l = b->best; l != NULL && why == NULL; l = after(l), n++)
		if ((why = check_level(l, bad)) == NULL)
			why = check_place(b, l, after(l));
	return why == NULL && n != b->n ? "the count of levels is off" : why;
}

const char *
book_check(const struct sym *s, bool *bad)
{
	const char *why;

	if (s->dirty != NULL)
		return "changed levels are not published";
	if ((why = check_side(&s->bids, bad)) != NULL || (why = check_side(&s->asks, bad)) != NULL)
		return why;
	if (s->bids.best != NULL && s->asks.best != NULL &&
	    dec_cmp(s->bids.best->price, s->asks.best->price) >= 0)
		return "a book is crossed";
	return NULL;
}

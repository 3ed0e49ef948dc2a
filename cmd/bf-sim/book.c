/* Price-time priority: levels sorted by price, orders of a level by arrival. */
#include <stdlib.h>
#include <string.h>

#include "state.h"

const struct side *
book_side(const struct sym *s, enum order_side side)
{
	return side == SIDE_BUY ? &s->bids : &s->asks;
}

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

const struct level *
book_best(const struct sym *s, enum order_side side)
{
	const struct side *b = book_side(s, side);

	return b->n == 0 ? NULL : &b->v[b->n - 1];
}

/* Where price stands or belongs: the first level not worse than it. */
static int
place_of(const struct side *b, enum order_side side, dec price)
{
	int lo = 0, hi = b->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (dec_cmp(b->v[mid].price, price) * (int)side < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct level *
level_at(const struct side *b, enum order_side side, dec price)
{
	int i = place_of(b, side, price);

	return i < b->n && dec_cmp(b->v[i].price, price) == 0 ? &b->v[i] : NULL;
}

dec
book_qty(const struct sym *s, enum order_side side, dec price)
{
	const struct level *l = level_at(book_side(s, side), side, price);

	return l == NULL ? (dec){ 0, s->rules.step.scale } : l->qty;
}

/* Remember a level before it changes. */
static void
touch(struct engine *e, struct sym *s, enum order_side side, dec price)
{
	int i;

	for (i = s->ndirty - 1; i >= 0; i--)
		if (s->dirty[i].side == side && dec_cmp(s->dirty[i].price, price) == 0)
			return;
	if (!eng_grow(&e->bad, &s->dirty, s->ndirty, &s->cdirty, sizeof *s->dirty))
		return;
	s->dirty[s->ndirty++] = (struct dirty){ side, price, book_qty(s, side, price) };
}

void
book_add(struct engine *e, struct sym *s, struct ord *o)
{
	enum order_side side = o->o.side;
	struct side *b = own_side(s, side);
	struct level *l;
	int i;

	touch(e, s, side, o->o.price);
	i = place_of(b, side, o->o.price);
	if (i == b->n || dec_cmp(b->v[i].price, o->o.price) != 0) {
		if (!eng_grow(&e->bad, &b->v, b->n, &b->cap, sizeof *b->v))
			return;
		memmove(&b->v[i + 1], &b->v[i], (size_t)(b->n - i) * sizeof *b->v);
		b->v[i] = (struct level){ o->o.price, { 0, s->rules.step.scale }, NULL, NULL };
		b->n++;
	}
	l = &b->v[i];
	o->lprev = l->tail;
	o->lnext = NULL;
	if (l->tail != NULL)
		l->tail->lnext = o;
	else
		l->head = o;
	l->tail = o;
	l->qty = num_add(&e->bad, l->qty, order_rest(o));
	o->resting = true;
}

void
book_take(struct engine *e, struct sym *s, struct ord *o, dec q)
{
	struct level *l;

	touch(e, s, o->o.side, o->o.price);
	l = level_at(book_side(s, o->o.side), o->o.side, o->o.price);
	if (l != NULL)
		l->qty = num_sub(&e->bad, l->qty, q);
}

void
book_remove(struct engine *e, struct sym *s, struct ord *o)
{
	struct side *b = own_side(s, o->o.side);
	struct level *l;
	int i;

	if (!o->resting)
		return;
	book_take(e, s, o, order_rest(o));
	i = place_of(b, o->o.side, o->o.price);
	l = &b->v[i];
	if (o->lprev != NULL)
		o->lprev->lnext = o->lnext;
	else
		l->head = o->lnext;
	if (o->lnext != NULL)
		o->lnext->lprev = o->lprev;
	else
		l->tail = o->lprev;
	o->lprev = o->lnext = NULL;
	o->resting = false;
	if (l->head == NULL) {
		b->n--;
		memmove(l, l + 1, (size_t)(b->n - i) * sizeof *l);
	}
}

/* One event of all levels whose quantity is not what it was at the last one. */
void
book_publish(struct engine *e, struct sym *s)
{
	struct engine_event ev = { .kind = EV_BOOK, .acct = -1, .sym = s->index };
	struct engine_level *l;
	int i, n = 0;
	dec now;

	if (s->ndirty == 0)
		return;
	l = malloc((size_t)s->ndirty * sizeof *l);
	if (l == NULL) {
		e->bad = true;
		return;
	}
	for (i = 0; i < s->ndirty; i++) {
		now = book_qty(s, s->dirty[i].side, s->dirty[i].price);
		if (dec_cmp(now, s->dirty[i].was) != 0)
			l[n++] = (struct engine_level){ s->dirty[i].side, s->dirty[i].price, now };
	}
	s->ndirty = 0;
	if (n > 0) {
		ev.u.book.level = l;
		ev.u.book.n = n;
		ev.u.book.pu = s->update_id;
		ev.u.book.U = s->update_id + 1;
		ev.u.book.u = s->update_id += (uint64_t)n;
		eng_emit(e, &ev);
	}
	free(l);
}

void
book_free(struct sym *s)
{
	free(s->bids.v);
	free(s->asks.v);
	free(s->dirty);
}

/* The book: best quotes, changes, the best levels. */
#include <string.h>

#include "pushes.h"

#define LEVELS_MAX	20

/*
 * Changes since the last message of a stream
 */

/* Where a level stands in the changes, or belongs: bids first, by price. */
static int
find_change(const struct changes *c, const struct engine_level *l, bool *found)
{
	int lo = 0, hi = c->n, mid, cmp;

	*found = false;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		cmp = c->v[mid].side != l->side ? (l->side == SIDE_BUY ? 1 : -1) :
		    dec_cmp(c->v[mid].price, l->price);
		if (cmp == 0) {
			*found = true;
			return mid;
		}
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
add_change(struct changes *c, const struct engine_level *l)
{
	bool found;
	int i = find_change(c, l, &found);
	struct engine_level *v;

	if (!found) {
		if ((v = streams_room(c->v, c->n, &c->cap, sizeof *v)) == NULL)
			return false;
		c->v = v;
		memmove(&c->v[i + 1], &c->v[i], (size_t)(c->n - i) * sizeof *c->v);
		c->n++;
	}
	c->v[i] = *l;
	return true;
}

/* Without memory the stream loses its way: a gap in pu shows it to the client. */
static void
add_changes(struct pushes *p, struct stream *st, const struct engine_event *ev)
{
	for (int i = 0; i < ev->u.book.n; i++)
		if (!add_change(&st->changes, &ev->u.book.level[i])) {
			st->changes.n = 0;
			st->last_u = ev->u.book.u;
			return;
		}
	push_wake(p, st, ev->ms);
}

void
on_book(struct pushes *p, const struct engine_event *ev)
{
	struct push_sym *y = &p->sym[ev->sym];
	struct stream *st = streams_first(p->s->streams, ST_DEPTH, ev->sym);

	y->book_ms = ev->ms;
	if (!y->dirty) {
		y->dirty = true;
		p->dirty[p->ndirty++] = ev->sym;
	}
	for (; st != NULL; st = st->same)
		if (st->nsub > 0)
			add_changes(p, st, ev);
	push_wake_all(p, ST_PARTIAL, ev->sym, ev->ms);
}

/*
 * Depth
 */

static void
put_levels(struct buf *b, const char *key, const struct engine_level *v, int n)
{
	jw_open(b, key, '[');
	for (int i = 0; i < n; i++) {
		jw_open(b, NULL, '[');
		jw_dec(b, NULL, v[i].price);
		jw_dec(b, NULL, v[i].qty);
		jw_close(b, ']');
	}
	jw_close(b, ']');
}

/* Bids stand before asks in the changes. */
static void
put_changes(struct buf *b, const struct changes *c)
{
	int n = 0;

	while (n < c->n && c->v[n].side == SIDE_BUY)
		n++;
	put_levels(b, "b", c->v, n);
	put_levels(b, "a", c->n > n ? &c->v[n] : NULL, c->n - n);
}

static void
put_best(struct pushes *p, const struct stream *st)
{
	struct engine_level v[LEVELS_MAX];
	int n = st->levels < LEVELS_MAX ? st->levels : LEVELS_MAX;

	put_levels(&p->b, "b", v, engine_depth(p->s->engine, st->sym, SIDE_BUY, v, n));
	put_levels(&p->b, "a", v, engine_depth(p->s->engine, st->sym, SIDE_SELL, v, n));
}

/* E is when it is told, T when the book last changed. */
static void
put_times(struct pushes *p, int sym, int64_t now)
{
	jw_i64(&p->b, "T", p->sym[sym].book_ms != 0 ? p->sym[sym].book_ms : now);
}

void
show_depth(struct pushes *p, struct stream *st, int64_t now)
{
	uint64_t u = engine_update_id(p->s->engine, st->sym);
	struct buf *b = push_begin(p);

	push_head(p, "depthUpdate", st->sym, now);
	put_times(p, st->sym, now);
	jw_u64(b, "U", st->last_u + (st->last_u < u));
	jw_u64(b, "u", u);
	jw_u64(b, "pu", st->last_u);
	if (st->kind == ST_DEPTH)
		put_changes(b, &st->changes);
	else
		put_best(p, st);
	push_pair(p, st->sym);
	jw_close(b, '}');
	st->changes.n = 0;
	st->last_u = u;
	streams_push(p->s->streams, st, b);
}

/*
 * The best quotes
 */

static void
put_top(struct pushes *p, int sym, int64_t now)
{
	const struct push_sym *y = &p->sym[sym];
	struct buf *b = push_begin(p);

	push_head(p, "bookTicker", sym, now);
	jw_u64(b, "u", engine_update_id(p->s->engine, sym));
	jw_dec(b, "b", y->bid.price);
	jw_dec(b, "B", y->bid.qty);
	jw_dec(b, "a", y->ask.price);
	jw_dec(b, "A", y->ask.qty);
	put_times(p, sym, now);
	push_pair(p, sym);
	jw_close(b, '}');
}

static bool
same(const struct engine_level *a, const struct engine_level *b)
{
	return dec_cmp(a->price, b->price) == 0 && dec_cmp(a->qty, b->qty) == 0;
}

/* Look at the top; whether it is not the one known. An empty side has 0 and 0. */
static bool
look(struct pushes *p, int sym)
{
	const struct engine *e = p->s->engine;
	const struct rules *r = engine_rules(e, sym);
	struct push_sym *y = &p->sym[sym];
	struct engine_level bid = { SIDE_BUY, { 0, r->tick.scale }, { 0, r->step.scale } }, ask = bid;
	bool news;

	(void)engine_depth(e, sym, SIDE_BUY, &bid, 1);
	(void)engine_depth(e, sym, SIDE_SELL, &ask, 1);
	news = !same(&bid, &y->bid) || !same(&ask, &y->ask);
	y->bid = bid;
	y->ask = ask;
	return news;
}

void
settle_top(struct pushes *p, int sym, int64_t now)
{
	bool one = streams_wanted(p->s->streams, ST_BOOK, sym);
	bool all = streams_wanted(p->s->streams, ST_BOOK_ALL, -1);

	if ((!one && !all) || !look(p, sym))
		return;
	p->sym[sym].top = true;
	push_wake_all(p, ST_BOOK_ALL, -1, now);
	if (!one)
		return;
	put_top(p, sym, now);
	streams_push_all(p->s->streams, ST_BOOK, sym, &p->b);
}

void
show_top(struct pushes *p, struct stream *st, int64_t now)
{
	(void)look(p, st->sym);
	put_top(p, st->sym, now);
	streams_push(p->s->streams, st, &p->b);
}

/* Those that have changed since the last round. */
void
show_tops(struct pushes *p, struct stream *st, int64_t now)
{
	for (int i = 0; i < p->nsym; i++) {
		if (!p->sym[i].top && !p->alone)
			continue;
		if (!p->alone)
			p->sym[i].top = false;
		(void)look(p, i);
		put_top(p, i, now);
		streams_push(p->s->streams, st, &p->b);
	}
}

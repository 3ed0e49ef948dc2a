#include <stdlib.h>
#include <string.h>

#include "core/book.h"
#include "core/book_held.h"
#include "core/book_read.h"
#include "core/book_side.h"

/* Ids that go back while event time goes on this far have begun anew: the exchange was
 * restarted. A late copy of a diff has the time that the diff had. */
#define ANEW_MS	10000

/* The best levels as book_changed saw them last: n bids, and from l + want the asks. */
struct seen { struct level *l; int want; int n[2]; bool valid; };

struct book {
	enum book_state	  state;
	uint64_t	  u;
	int64_t		  E, T;
	struct side	  side[2];	/* asks, bids: by the bool of the interface */
	struct held	  held;
	uint64_t	  held_u;	/* of the last one held */
	int64_t		  held_E;
	struct depth_room room;
	struct book_gap	  gap;
	bool		  has_gap;
	struct seen	  seen;
	bool		  touched;	/* since book_changed looked */
};

struct book *
book_new(void)
{
	return calloc(1, sizeof (struct book));
}

void
book_free(struct book *b)
{
	if (b == NULL)
		return;
	side_clear(&b->side[0]);
	side_clear(&b->side[1]);
	held_clear(&b->held);
	free(b->room.d);
	free(b->seen.l);
	free(b);
}

void
book_void(struct book *b, bool keep)
{
	side_clear(&b->side[0]);
	side_clear(&b->side[1]);
	b->state = BOOK_EMPTY;
	b->u = 0;
	b->E = b->T = 0;
	b->seen.valid = false;
	if (!keep)
		held_clear(&b->held);
}

static enum book_result
no_memory(struct book *b)
{
	book_void(b, false);
	b->has_gap = false;
	return BOOK_GAP;
}

/* Whether a diff whose u is below one before it is no late copy. */
static bool
anew(const struct depth *d, int64_t E)
{
	return E != 0 && d->E > E && d->E - E > ANEW_MS;
}

static enum book_result
hold(struct book *b, const struct depth *d)
{
	if (b->held.from != b->held.to && d->u < b->held_u && anew(d, b->held_E))
		held_clear(&b->held);
	if (!held_add(&b->held, d))
		return no_memory(b);
	b->held_u = d->u;
	b->held_E = d->E;
	return BOOK_HELD;
}

/* Whether d can be the first one after a snapshot of lastUpdateId id, which it may not be
 * older than. One that follows the snapshot's own last update has all that is newer. */
static bool
joins(const struct depth *d, uint64_t id)
{
	return d->U <= id || (d->has_pu && d->pu == id);
}

/* What the rule says of d, with the book JOINING or LIVE. */
static enum book_result
judge(const struct book *b, const struct depth *d)
{
	bool joining = b->state == BOOK_JOINING;

	if (d->u < b->u && anew(d, b->E))
		return BOOK_GAP;
	if (d->u < b->u || (d->u == b->u && !joining))
		return BOOK_OLD;
	if (joining ? joins(d, b->u) : d->has_pu && d->pu == b->u)
		return BOOK_APPLIED;
	return BOOK_GAP;
}

static bool
set_levels(struct book *b, const struct depth *d)
{
	const struct level *l = d->l, *bids_end = l + d->bids, *end = bids_end + d->asks;

	for (; l < bids_end; l++)
		if (!side_set(&b->side[true], l))
			return false;
	for (; l < end; l++)
		if (!side_set(&b->side[false], l))
			return false;
	return true;
}

static bool
apply(struct book *b, const struct depth *d, enum book_state next)
{
	if (!set_levels(b, d))
		return false;
	b->state = next;
	b->u = d->u;
	if (d->E != 0)
		b->E = d->E;
	if (d->T != 0)
		b->T = d->T;
	b->touched = true;
	return true;
}

/* d does not follow: remember how, and begin anew. */
static void
broken(struct book *b, const struct depth *d)
{
	b->gap = (struct book_gap){ .u = b->u, .pu = d->pu, .U = d->U, .has_pu = d->has_pu };
	b->has_gap = true;
	book_void(b, true);
}

static enum book_result
take(struct book *b, const struct depth *d)
{
	enum book_result r;

	if (b->state == BOOK_EMPTY)
		return hold(b, d);
	if ((r = judge(b, d)) == BOOK_APPLIED)
		return apply(b, d, BOOK_LIVE) ? r : no_memory(b);
	if (r == BOOK_GAP) {
		broken(b, d);
		if (hold(b, d) != BOOK_HELD)
			return BOOK_GAP;
	}
	return r;
}

/* What was read into the room goes where it belongs, if it could be read. */
static enum book_result
pass(struct book *b, enum depth_result read, enum book_result (*to)(struct book *, const struct depth *))
{
	enum book_result r = BOOK_BAD;

	switch (read) {
	case DEPTH_OK:
		r = to(b, b->room.d);
		break;
	case DEPTH_BAD:
		book_void(b, true);
		break;
	case DEPTH_MEMORY:
		r = no_memory(b);
		break;
	}
	depth_room_trim(&b->room);
	return r;
}

enum book_result
book_diff(struct book *b, const struct tok *t, const struct tok *v)
{
	return pass(b, depth_read_diff(&b->room, t, v), take);
}

/* The first of the diffs held that a snapshot of id does not cover. */
static const struct depth *
first_after(const struct book *b, uint64_t id)
{
	const struct depth *d = NULL;

	while ((d = held_next(&b->held, d)) != NULL && d->u < id)
		;
	return d;
}

/* The diffs held from d on, until one does not follow. */
static enum book_result
catch_up(struct book *b, const struct depth *d)
{
	enum book_result r;

	for (; d != NULL; d = held_next(&b->held, d)) {
		r = judge(b, d);
		if (r == BOOK_APPLIED && !apply(b, d, BOOK_LIVE))
			return no_memory(b);
		if (r == BOOK_GAP) {
			broken(b, d);
			held_drop_before(&b->held, d);
			return r;
		}
	}
	held_clear(&b->held);
	return BOOK_APPLIED;
}

static enum book_result
begin(struct book *b, const struct depth *snap)
{
	const struct depth *d = first_after(b, snap->u);

	if (b->state == BOOK_LIVE ? snap->u <= b->u : snap->u < b->u)
		return BOOK_OLD;
	if (d != NULL && !joins(d, snap->u))
		return BOOK_OLD;
	book_void(b, true);
	if (!apply(b, snap, BOOK_JOINING))
		return no_memory(b);
	return catch_up(b, d);
}

enum book_result
book_snapshot(struct book *b, const struct tok *t, const struct tok *v)
{
	return pass(b, depth_read_snapshot(&b->room, t, v), begin);
}

/*
 * What is told
 */

enum book_state
book_state(const struct book *b)
{
	return b->state;
}

uint64_t
book_u(const struct book *b)
{
	return b->u;
}

int64_t
book_E(const struct book *b)
{
	return b->E;
}

int64_t
book_T(const struct book *b)
{
	return b->T;
}

bool
book_gap(const struct book *b, struct book_gap *out)
{
	if (b->has_gap)
		*out = b->gap;
	return b->has_gap;
}

int
book_levels(const struct book *b, bool bids)
{
	return b->side[bids].levels;
}

bool
book_level(const struct book *b, bool bids, int n, dec *price, dec *qty)
{
	const struct level *l = side_nth(&b->side[bids], n);

	if (l == NULL)
		return false;
	*price = (dec){ bids ? l->p : -l->p, l->ps };
	*qty = (dec){ l->q, l->qs };
	return true;
}

bool
book_crossed(const struct book *b)
{
	const struct level *bid = side_nth(&b->side[true], 0), *ask = side_nth(&b->side[false], 0);
	struct level price;

	if (bid == NULL || ask == NULL)
		return false;
	price = *ask;
	price.p = -price.p;
	return level_cmp(bid, &price) >= 0;
}

/* Bring what was seen of a side up to date; whether it was not. */
static bool
look(struct level *seen, int *n, const struct side *s, int want)
{
	const struct level *l;
	struct side_pos at = { 0 };
	bool changed = false;
	int i;

	for (i = 0; i < want && (l = side_next(s, &at)) != NULL; i++) {
		if (i < *n && l->p == seen[i].p && l->ps == seen[i].ps &&
		    l->q == seen[i].q && l->qs == seen[i].qs)
			continue;
		seen[i] = *l;
		changed = true;
	}
	changed |= i != *n;
	*n = i;
	return changed;
}

/* Room for what is seen of so many levels a side, with nothing seen yet. */
static bool
look_anew(struct seen *s, int levels)
{
	struct level *l;

	s->n[0] = s->n[1] = 0;
	s->valid = true;
	if (s->want == levels)
		return true;
	s->valid = false;
	if ((l = realloc(s->l, 2 * (size_t)levels * sizeof *l)) == NULL)
		return false;
	s->l = l;
	s->want = levels;
	return s->valid = true;
}

bool
book_changed(struct book *b, int levels)
{
	bool bids, asks, anew_now;

	if (levels > BOOK_LEVELS_MAX)
		levels = BOOK_LEVELS_MAX;
	if (levels < 1)
		levels = 1;
	anew_now = !b->seen.valid || b->seen.want != levels;
	if (anew_now && !look_anew(&b->seen, levels))
		return true;
	if (!anew_now && !b->touched)
		return false;
	b->touched = false;
	bids = look(b->seen.l, &b->seen.n[0], &b->side[true], levels);
	asks = look(b->seen.l + levels, &b->seen.n[1], &b->side[false], levels);
	return anew_now || bids || asks;
}

/*
 * As the exchange writes it
 */

/* The digits of n / 10^scale, backward from end; returns where they start. */
static char *
put_number(char *end, int64_t n, int scale)
{
	uint64_t c = n < 0 ? -(uint64_t)n : (uint64_t)n;
	char *p = end;

	for (int i = 0; i < scale; i++, c /= 10)
		*--p = (char)('0' + c % 10);
	if (scale > 0)
		*--p = '.';
	do
		*--p = (char)('0' + c % 10);
	while ((c /= 10) != 0);
	return p;
}

static void
put_level(struct buf *out, const struct level *l, bool first)
{
	char text[2 * DEC_STR + 8], *end = text + sizeof text, *p = end - 2;

	memcpy(p, "\"]", 2);
	p = put_number(p, l->q, l->qs) - 3;
	memcpy(p, "\",\"", 3);
	p = put_number(p, l->p, l->ps) - 2;
	memcpy(p, "[\"", 2);
	if (!first)
		*--p = ',';
	buf_put(out, p, (size_t)(end - p));
}

static void
put_side(struct buf *out, const char *key, const struct side *s, int levels)
{
	const struct level *l;
	struct side_pos at = { 0 };

	jw_open(out, key, '[');
	for (int i = 0; i < levels && (l = side_next(s, &at)) != NULL; i++)
		put_level(out, l, i == 0);
	jw_close(out, ']');
}

void
book_put(const struct book *b, const char *symbol, int levels, struct buf *out)
{
	jw_open(out, NULL, '{');
	jw_str(out, "e", "depthUpdate");
	jw_i64(out, "E", b->E);
	jw_i64(out, "T", b->T);
	jw_str(out, "s", symbol);
	jw_u64(out, "u", b->u);
	put_side(out, "b", &b->side[true], levels);
	put_side(out, "a", &b->side[false], levels);
	jw_close(out, '}');
}

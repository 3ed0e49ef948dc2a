#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "books.h"
#include "core/book.h"

#define CROSSED_MS	1000	/* so long crossed, and the book is wrong */
#define WAIT_MS		250	/* before a snapshot is asked for once more; doubled each time, */
#define WAIT_MAX_MS	8000	/* up to this */
#define CALM_MS		10000	/* a book in step this long has forgotten the breaks before */
#define ANEW_MS		10000	/* as core/book has it: ids that went back while time went on */

struct one {
	enum market	 m;
	char		*symbol;
	char		*stream;	/* what feeds it; NULL: nothing has, or its connection went */
	struct book	*book;
	uint64_t	 u;		/* of the book as it last was; 0: it was none yet */
	bool		 fed;		/* diffs came since the book was void: they tell an old snapshot */
	/* snapshots */
	bool		 asked;		/* one is on its way */
	int		 breaks, again;	/* in a row: of the book; snapshots of no use for it */
	int64_t		 ask_from, ask_wait;	/* not before ask_from + ask_wait */
	int64_t		 live_from;	/* since when it is LIVE; 0: it is not */
	/* what the reader knows */
	bool		 told;		/* of a gap, and not yet of its end */
	bool		 crossed;
	int64_t		 crossed_from;
	uint64_t	 put_u;		/* of the last book put; put_E too; 0: none */
	int64_t		 put_E, put_next;	/* put_next: by the interval */
};

struct books {
	struct one	**v;		/* in the order they came */
	int		  n, cap;
	struct one	**slot;		/* the same by symbol: open addressing, a power of 2 */
	size_t		  slots;
	int		  levels, interval_ms;
	const char	 *by;
	const struct books_ops *ops;
	void		 *arg;
	struct buf	  rec;
};

int
books_open(struct books **out, int levels, int interval_ms, const char *by, const struct books_ops *ops, void *arg)
{
	struct books *b = calloc(1, sizeof *b);

	if (b == NULL)
		return -1;
	b->levels = levels;
	b->interval_ms = interval_ms;
	b->by = by;
	b->ops = ops;
	b->arg = arg;
	*out = b;
	return 0;
}

static void
one_free(struct one *o)
{
	if (o == NULL)
		return;
	book_free(o->book);
	free(o->symbol);
	free(o->stream);
	free(o);
}

void
books_free(struct books *b)
{
	if (b == NULL)
		return;
	for (int i = 0; i < b->n; i++)
		one_free(b->v[i]);
	free(b->v);
	free(b->slot);
	buf_free(&b->rec);
	free(b);
}

/*
 * Symbols
 */

/* Where the symbol is among the slots, or the free one where it goes. */
static struct one **
slot_of(const struct books *b, enum market m, const char *symbol)
{
	uint64_t h = UINT64_C(14695981039346656037) + (uint64_t)m;	/* FNV-1a */
	struct one *o;
	size_t i;

	for (const char *p = symbol; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
	for (i = h & (b->slots - 1); (o = b->slot[i]) != NULL; i = (i + 1) & (b->slots - 1))
		if (o->m == m && strcmp(o->symbol, symbol) == 0)
			break;
	return &b->slot[i];
}

static struct one *
find(const struct books *b, enum market m, const char *symbol)
{
	return b->slots == 0 ? NULL : *slot_of(b, m, symbol);
}

/* Room for one more; half of the slots stay free. */
static bool
grow(struct books *b)
{
	struct one **v, **old = b->slot;
	int cap;

	if (b->n < b->cap)
		return true;
	cap = b->cap == 0 ? 16 : b->cap * 2;
	if ((v = realloc(b->v, (size_t)cap * sizeof *v)) == NULL)
		return false;
	b->v = v;
	if ((v = calloc(2 * (size_t)cap, sizeof *v)) == NULL)
		return false;
	b->cap = cap;
	b->slot = v;
	b->slots = 2 * (size_t)cap;
	for (int i = 0; i < b->n; i++)
		*slot_of(b, b->v[i]->m, b->v[i]->symbol) = b->v[i];
	free(old);
	return true;
}

/* The one of the symbol, new if it must be; NULL: out of memory. */
static struct one *
take(struct books *b, enum market m, const char *symbol)
{
	struct one *o = find(b, m, symbol);

	if (o != NULL)
		return o;
	if (!grow(b) || (o = calloc(1, sizeof *o)) == NULL)
		return NULL;
	o->m = m;
	if ((o->symbol = strdup(symbol)) == NULL || (o->book = book_new()) == NULL) {
		one_free(o);
		return NULL;
	}
	*slot_of(b, m, symbol) = o;
	return b->v[b->n++] = o;
}

/*
 * Notices
 */

static void
note(struct books *b, const struct one *o, const char *e, int64_t now)
{
	buf_reset(&b->rec);
	jw_open(&b->rec, NULL, '{');
	jw_str(&b->rec, "e", e);
	jw_i64(&b->rec, "E", now);
	jw_str(&b->rec, "by", b->by);
	jw_str(&b->rec, "stream", o->stream == NULL ? "" : o->stream);
	jw_str(&b->rec, "s", o->symbol);
	jw_str(&b->rec, "what", "book");
}

static void
note_id(struct books *b, const char *key, uint64_t id)
{
	if (id == 0)
		jw_null(&b->rec, key);
	else
		jw_u64(&b->rec, key, id);
}

static void
note_end(struct books *b, const struct one *o, int64_t now)
{
	jw_close(&b->rec, '}');
	b->ops->put(b->arg, "", o->symbol, now, &b->rec);
}

static void
no_memory(struct books *b, const char *symbol, int64_t now)
{
	buf_reset(&b->rec);
	b->rec.bad = true;
	b->ops->put(b->arg, "", symbol, now, &b->rec);
}

/* Once until it is in step again. to 0: not known. */
static void
tell_gap(struct books *b, struct one *o, const char *why, uint64_t from, uint64_t to, int64_t now)
{
	if (o->told)
		return;
	o->told = true;
	note(b, o, "bf.gap", now);
	jw_str(&b->rec, "why", why);
	note_id(b, "from", from);
	note_id(b, "to", to);
	note_end(b, o, now);
}

/* A gap that core/book found. */
static void
tell_break(struct books *b, struct one *o, int64_t now)
{
	struct book_gap gap;
	char why[96], pu[24] = "-1";

	if (!book_gap(o->book, &gap)) {
		tell_gap(b, o, "out of memory", o->u, 0, now);
		return;
	}
	if (gap.has_pu)
		snprintf(pu, sizeof pu, "%llu", (unsigned long long)gap.pu);
	snprintf(why, sizeof why, "pu %s does not follow u %llu", pu, (unsigned long long)gap.u);
	tell_gap(b, o, why, gap.u, gap.U, now);
}

static void
tell_recovered(struct books *b, struct one *o, int64_t now)
{
	if (!o->told)
		return;
	o->told = false;
	note(b, o, "bf.recovered", now);
	jw_u64(&b->rec, "u", book_u(o->book));
	note_end(b, o, now);
}

/*
 * Snapshots: one at a time for a symbol
 */

static int64_t
wait_of(int n)
{
	return n > 5 ? WAIT_MAX_MS : (int64_t)WAIT_MS << n;
}

/* Whether `wait` has gone by since *from; a clock that was set back begins anew. */
static bool
passed(int64_t *from, int64_t wait, int64_t now)
{
	if (now < *from)
		*from = now;
	return now - *from >= wait;
}

static void
ask_later(struct one *o, int64_t wait, int64_t now)
{
	o->ask_from = now;
	o->ask_wait = wait;
}

/* A book that does not come into being: the first time may be an accident. */
static void
tell_none(struct books *b, struct one *o, const char *why, int64_t now)
{
	if (o->again >= 1 && b->ops->want != NULL)
		tell_gap(b, o, why, o->u, 0, now);
}

/* The last one was of no use. */
static void
ask_again(struct one *o, int64_t at_least, int64_t now)
{
	int64_t wait = wait_of(o->again);

	if (o->again < 6)
		o->again++;
	ask_later(o, at_least > wait ? at_least : wait, now);
}

/* If one is needed. Not before a diff has come: only against that does an answer out of
 * a cache, which may be half a minute old, show its age. */
static void
ask(struct books *b, struct one *o, int64_t now)
{
	if (b->ops->want == NULL || o->asked || !o->fed || book_state(o->book) != BOOK_EMPTY ||
	    !passed(&o->ask_from, o->ask_wait, now))
		return;
	o->asked = true;
	b->ops->want(b->arg, o->m, o->symbol);
}

/*
 * The book, in step or not
 */

/* The book has become void. The first break after a calm time is mended at once, one that
 * comes soon after another waits: a feed that breaks all the time asks for little. */
static void
broke(struct one *o, int64_t now)
{
	if (o->live_from != 0 && passed(&o->live_from, CALM_MS, now))
		o->breaks = 0;
	ask_later(o, o->breaks == 0 ? 0 : wait_of(o->breaks - 1), now);
	if (o->breaks < 7)
		o->breaks++;
	o->live_from = 0;
	o->crossed = false;
}

static void
drop(struct one *o, int64_t now)
{
	book_void(o->book, false);
	o->fed = false;
	broke(o, now);
}

/* Whether the book is of before the last one put, and not of ids that began anew. */
static bool
stale(const struct one *o)
{
	return book_u(o->book) < o->put_u &&
	    (o->put_E == 0 || book_E(o->book) - o->put_E <= ANEW_MS);
}

static bool
presentable(const struct one *o)
{
	return book_state(o->book) != BOOK_EMPTY && !o->crossed && o->stream != NULL && !stale(o);
}

/* Put it if it is news; whether it was. */
static bool
show(struct books *b, struct one *o, int64_t now)
{
	if (!presentable(o))
		return false;
	tell_recovered(b, o, now);
	if (book_u(o->book) == o->put_u || !book_changed(o->book, b->levels))
		return false;
	buf_reset(&b->rec);
	book_put(o->book, o->symbol, b->levels, &b->rec);
	o->put_u = book_u(o->book);
	o->put_E = book_E(o->book);
	b->ops->put(b->arg, o->stream, o->symbol, o->put_E, &b->rec);
	return true;
}

/* For one update a book may be crossed, as it is on the exchange's wire now and then. */
static void
mind_crossed(struct books *b, struct one *o, int64_t now)
{
	if (!o->crossed || !passed(&o->crossed_from, CROSSED_MS, now))
		return;
	tell_gap(b, o, "crossed", o->u, 0, now);
	drop(o, now);
}

/* Diffs or a snapshot have been applied. */
static void
moved(struct books *b, struct one *o, int64_t now)
{
	bool crossed = book_crossed(o->book);

	o->u = book_u(o->book);
	o->again = 0;
	if (o->live_from == 0 && book_state(o->book) == BOOK_LIVE)
		o->live_from = now;
	if (crossed && !o->crossed)
		o->crossed_from = now;
	o->crossed = crossed;
	mind_crossed(b, o, now);
	if (b->interval_ms == 0)
		show(b, o, now);
}

/* Whether the stream is the one that feeds the book: the first that came. The diffs of
 * another speed are another chain. */
static bool
feeds(struct one *o, const char *stream)
{
	if (o->stream == NULL)
		o->stream = strdup(stream);
	return o->stream != NULL && strcmp(o->stream, stream) == 0;
}

void
books_diff(struct books *b, enum market m, const char *stream, const char *symbol, const struct tok *t,
    const struct tok *v, int64_t now)
{
	struct one *o = take(b, m, symbol);
	bool was;

	if (o == NULL || (!feeds(o, stream) && o->stream == NULL)) {
		no_memory(b, symbol, now);
		return;
	}
	if (strcmp(o->stream, stream) != 0)
		return;
	was = book_state(o->book) != BOOK_EMPTY;
	switch (book_diff(o->book, t, v)) {
	case BOOK_APPLIED:
		moved(b, o, now);
		break;
	case BOOK_HELD:
		o->fed = true;
		break;
	case BOOK_OLD:
		break;
	case BOOK_GAP:
		tell_break(b, o, now);
		broke(o, now);
		o->fed = true;
		break;
	case BOOK_BAD:
		tell_gap(b, o, "bad diff", o->u, 0, now);
		if (was)
			drop(o, now);
		break;
	}
	ask(b, o, now);
}

void
books_snapshot(struct books *b, enum market m, const char *symbol, const struct tok *t, const struct tok *v,
    int64_t now)
{
	bool offline = b->ops->want == NULL, was;
	struct one *o = offline ? take(b, m, symbol) : find(b, m, symbol);

	if (o == NULL && offline)
		no_memory(b, symbol, now);
	if (o == NULL)
		return;
	o->asked = false;
	if (!offline && !o->fed)	/* the diffs it was meant for are gone */
		return;
	was = book_state(o->book) != BOOK_EMPTY;
	switch (book_snapshot(o->book, t, v)) {
	case BOOK_APPLIED:
		moved(b, o, now);
		break;
	case BOOK_GAP:
		tell_break(b, o, now);
		broke(o, now);
		break;
	case BOOK_BAD:
		if (was) {
			tell_gap(b, o, "bad snapshot", o->u, 0, now);
			drop(o, now);
		} else {
			tell_none(b, o, "bad snapshot", now);
		}
		ask_again(o, 0, now);
		break;
	default:
		if (!was)
			ask_again(o, 0, now);
		break;
	}
}

void
books_no_snapshot(struct books *b, enum market m, const char *symbol, int64_t wait_ms, const char *why,
    int64_t now)
{
	struct one *o = find(b, m, symbol);
	char text[200];

	if (o == NULL)
		return;
	o->asked = false;
	if (why != NULL) {
		snprintf(text, sizeof text, "no snapshot: %s", why);
		tell_none(b, o, text, now);
	}
	ask_again(o, wait_ms, now);
}

void
books_lost(struct books *b, enum market m, const char *stream, int64_t now)
{
	for (int i = 0; i < b->n; i++) {
		struct one *o = b->v[i];

		if (o->m != m || o->stream == NULL || strcmp(o->stream, stream) != 0)
			continue;
		if (book_state(o->book) != BOOK_EMPTY)
			tell_gap(b, o, "connection lost", o->u, 0, now);
		drop(o, now);
		free(o->stream);
		o->stream = NULL;
	}
}

const char *
books_lacks(const struct books *b, enum market m, const char *symbol)
{
	const struct one *o = find(b, m, symbol);

	if (o == NULL || (o->stream == NULL && book_state(o->book) == BOOK_EMPTY))
		return "neither changes nor a snapshot of it came";
	if (o->stream == NULL)
		return "no changes of it came";
	if (o->put_u != 0)
		return NULL;
	return o->u == 0 ? "no snapshot came" : "its changes do not follow the snapshot";
}

/* The interval goes on from where it was due, so that ticks which come a little late do
 * not add up; but what was missed is not made up for. */
static void
show_at_interval(struct books *b, struct one *o, int64_t now)
{
	if (o->put_next - now > b->interval_ms)		/* the clock was set back */
		o->put_next = now;
	if (now < o->put_next || !show(b, o, now))
		return;
	o->put_next += b->interval_ms;
	if (o->put_next <= now)
		o->put_next = now + b->interval_ms;
}

void
books_tick(struct books *b, int64_t now)
{
	for (int i = 0; i < b->n; i++) {
		struct one *o = b->v[i];

		mind_crossed(b, o, now);
		ask(b, o, now);
		if (b->interval_ms > 0)
			show_at_interval(b, o, now);
	}
}

#include <stdlib.h>
#include <string.h>

#include "feed.h"

#define KEPT_DIFFS	256	/* waiting for a snapshot: of @100ms depth 25 s */
#define KEPT_LEVELS	4096	/* in them altogether */

/* What gives the mark while no markPrice came: the better source silences the
 * lesser ones. */
enum source { FROM_NOTHING, FROM_KLINE, FROM_DEPTH, FROM_TRADE, FROM_TOP, FROM_MARK };

/* BOOK_TOPS: no depth seen, or it was dropped: bookTicker is the book. */
enum book_state { BOOK_TOPS, BOOK_SNAPSHOT, BOOK_CHAINED };

struct diff { uint64_t U, u, pu; struct engine_level *level; int n; };

struct paper_symbol {
	enum source	 source;
	enum book_state	 state;
	bool		 had_snapshot;	/* and so waits for the next one after a gap */
	bool		 book;		/* it was told of: the engine's maker is gone */
	bool		 traded;	/* its trades give the last price, not its klines */
	uint64_t	 u;		/* of the last depth record used */
	struct engine_level top[2];	/* told from bookTicker: bid, ask; qty 0: none */
	dec		 mark;		/* told from source */
	struct diff	*kept;		/* the latest diffs, for a snapshot that is older */
	int		 nkept, nlevels;
};

struct paper {
	struct engine	*e;
	int		 n;
	struct paper_symbol *s;
};

struct paper *
paper_new(struct engine *e)
{
	struct paper *p = calloc(1, sizeof *p);
	int n = engine_symbols(e);

	if (p == NULL || (p->s = calloc(n > 0 ? (size_t)n : 1, sizeof *p->s)) == NULL) {
		free(p);
		return NULL;
	}
	p->e = e;
	p->n = n;
	return p;
}

/*
 * The diffs kept. A snapshot asked for while diffs come in is older than the
 * last of them: those after it are put on top of it.
 */

static void
forget_oldest(struct paper_symbol *s)
{
	s->nlevels -= s->kept[0].n;
	free(s->kept[0].level);
	s->nkept--;
	memmove(s->kept, s->kept + 1, (size_t)s->nkept * sizeof *s->kept);
}

static void
forget_kept(struct paper_symbol *s)
{
	for (int i = 0; i < s->nkept; i++)
		free(s->kept[i].level);
	free(s->kept);
	s->kept = NULL;
	s->nkept = s->nlevels = 0;
}

void
paper_free(struct paper *p)
{
	if (p == NULL)
		return;
	for (int i = 0; i < p->n; i++)
		forget_kept(&p->s[i]);
	free(p->s);
	free(p);
}

static int
keep(struct paper_symbol *s, const struct feed_record *r, struct fault *f)
{
	struct diff d = { r->U, r->u, r->pu, NULL, r->nlevel };

	if (s->kept == NULL && (s->kept = calloc(KEPT_DIFFS, sizeof *s->kept)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	while (s->nkept > 0 && (s->nkept == KEPT_DIFFS || s->nlevels + d.n > KEPT_LEVELS))
		forget_oldest(s);
	if (d.n > 0 && (d.level = malloc((size_t)d.n * sizeof *d.level)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (d.n > 0)
		memcpy(d.level, r->level, (size_t)d.n * sizeof *d.level);
	s->kept[s->nkept++] = d;
	s->nlevels += d.n;
	return 0;
}

/* The kept diff that a snapshot of u meets; -1: none of them. */
static int
meets(const struct paper_symbol *s, uint64_t u)
{
	for (int i = 0; i < s->nkept; i++)
		if (s->kept[i].u >= u)
			return s->kept[i].U <= u || s->kept[i].pu == u ? i : -1;
	return -1;
}

/*
 * Without a book of its own in the feed, the engine's maker quotes around the
 * mark. It leaves with the first of what the feed tells, which resets the book.
 */
static int
take_book(struct paper *p, int sym, struct fault *f)
{
	static const struct engine_maker none = { .gap = 1 };

	if (p->s[sym].book)
		return 0;
	p->s[sym].book = true;
	return engine_set_maker(p->e, sym, &none, f);
}

/*
 * Depth
 */

/* All of the outside goes. */
static int
drop(struct paper *p, int sym, int64_t now_ms, struct fault *f)
{
	struct paper_symbol *s = &p->s[sym];

	s->state = BOOK_TOPS;
	memset(s->top, 0, sizeof s->top);
	return engine_outside(p->e, sym, NULL, 0, true, now_ms, f);
}

static int
put_diff(struct paper *p, int sym, uint64_t u, const struct engine_level *level, int n, bool reset,
    int64_t now_ms, struct fault *f)
{
	p->s[sym].state = BOOK_CHAINED;
	p->s[sym].u = u;
	return engine_outside(p->e, sym, level, n, reset, now_ms, f);
}

/* A snapshot older than the diffs that are in the book already. */
static bool
too_late(const struct paper_symbol *s, uint64_t u)
{
	return s->state == BOOK_CHAINED && u < s->u && meets(s, u) < 0;
}

static int
put_snapshot(struct paper *p, int sym, const struct feed_record *r, int64_t now_ms, struct fault *f)
{
	struct paper_symbol *s = &p->s[sym];
	int i, got;

	if (too_late(s, r->u))
		return 0;
	i = meets(s, r->u);
	s->state = BOOK_SNAPSHOT;
	s->u = r->u;
	s->had_snapshot = true;
	got = engine_outside(p->e, sym, r->level, r->nlevel, true, now_ms, f);
	for (; got == 0 && i >= 0 && i < s->nkept; i++)
		got = put_diff(p, sym, s->kept[i].u, s->kept[i].level, s->kept[i].n, false, now_ms, f);
	forget_kept(s);
	return got;
}

/* Whether a diff is the next one. */
static bool
follows(const struct paper_symbol *s, const struct feed_record *r)
{
	if (s->state == BOOK_SNAPSHOT && r->U <= s->u && r->u >= s->u)
		return true;
	return r->pu != 0 ? r->pu == s->u : r->U <= s->u + 1;
}

static int
take_diff(struct paper *p, int sym, const struct feed_record *r, int64_t now_ms, struct fault *f)
{
	struct paper_symbol *s = &p->s[sym];
	bool fresh;

	if (s->state != BOOK_TOPS && r->u <= s->u && !(s->state == BOOK_SNAPSHOT && r->u == s->u))
		return 0;	/* older than the book */
	if (s->state != BOOK_TOPS && !follows(s, r)) {
		forget_kept(s);
		if (drop(p, sym, now_ms, f) == -1)
			return -1;
	}
	fresh = s->state == BOOK_TOPS;
	if ((!s->had_snapshot || fresh) && keep(s, r, f) == -1)
		return -1;
	if (fresh && s->had_snapshot)
		return 0;
	return put_diff(p, sym, r->u, r->level, r->nlevel, fresh, now_ms, f);
}

/*
 * Mark
 */

/* A price that may serve as mark and index until markPrice comes. */
static int
give_mark(struct paper *p, int sym, enum source from, dec price, int64_t now_ms, struct fault *f)
{
	struct paper_symbol *s = &p->s[sym];

	if (from < s->source || dec_sign(price) <= 0)
		return 0;
	if (s->source != FROM_NOTHING && dec_cmp(s->mark, price) == 0) {
		s->source = from;
		return 0;
	}
	s->source = from;
	s->mark = price;
	return engine_mark(p->e, sym, price, now_ms, f);
}

static dec
middle_of_book(const struct paper *p, int sym)
{
	struct engine_level b, a;
	dec mid;

	if (engine_depth(p->e, sym, SIDE_BUY, &b, 1) != 1 ||
	    engine_depth(p->e, sym, SIDE_SELL, &a, 1) != 1 ||
	    !dec_add(&mid, b.price, a.price) || !dec_div(&mid, mid, dec_int(2), 8, DEC_DOWN))
		return dec_int(0);
	return mid;
}

/*
 * The kinds of records
 */

static int
use_mark(struct paper *p, int sym, const struct feed_record *r, int64_t now_ms, struct fault *f)
{
	p->s[sym].source = FROM_MARK;
	return engine_mark_index(p->e, sym, r->price, dec_sign(r->index) > 0 ? r->index : r->price,
	    now_ms, f);
}

static int
use_depth(struct paper *p, int sym, const struct feed_record *r, int64_t now_ms, struct fault *f)
{
	int got = take_book(p, sym, f);

	if (got == 0)
		got = r->reset ? put_snapshot(p, sym, r, now_ms, f) : take_diff(p, sym, r, now_ms, f);
	if (got == -1 || p->s[sym].source > FROM_DEPTH || p->s[sym].state == BOOK_TOPS)
		return got;
	return give_mark(p, sym, FROM_DEPTH, middle_of_book(p, sym), now_ms, f);
}

/*
 * A bookTicker: each side it knows takes the place of what was told of it
 * before; what goes goes first, so that nothing crosses on the way.
 */
static int
move_tops(struct engine_level top[static 2], const struct engine_level *l, int n,
    struct engine_level out[static 4])
{
	struct engine_level *told;
	int got = 0;

	for (int i = 0; i < n; i++) {
		told = &top[l[i].side == SIDE_BUY ? 0 : 1];
		if (dec_sign(l[i].qty) == 0 || dec_sign(told->qty) == 0 ||
		    dec_cmp(told->price, l[i].price) == 0)
			continue;
		out[got] = *told;
		out[got++].qty = dec_int(0);
	}
	for (int i = 0; i < n; i++)
		if (dec_sign(l[i].qty) > 0)
			out[got++] = top[l[i].side == SIDE_BUY ? 0 : 1] = l[i];
	return got;
}

static int
use_top(struct paper *p, int sym, const struct feed_record *r, int64_t now_ms, struct fault *f)
{
	struct paper_symbol *s = &p->s[sym];
	struct engine_level out[4];
	bool first = !s->book;
	int n;

	if (s->state == BOOK_TOPS && r->nlevel == 2) {
		n = move_tops(s->top, r->level, 2, out);
		if (n > 0 && (take_book(p, sym, f) == -1 ||
		    engine_outside(p->e, sym, out, n, first, now_ms, f) == -1))
			return -1;
	}
	return give_mark(p, sym, FROM_TOP, r->price, now_ms, f);
}

/* The first mark comes before the trade: what the trade sets off needs one. */
static int
use_trade(struct paper *p, int sym, const struct feed_record *r, int64_t now_ms, struct fault *f)
{
	struct paper_symbol *s = &p->s[sym];

	s->traded = true;
	if (s->source == FROM_NOTHING &&
	    give_mark(p, sym, FROM_TRADE, r->price, now_ms, f) == -1)
		return -1;
	if (engine_outside_trade(p->e, sym, r->taker, r->price, r->qty, now_ms, f) == -1)
		return -1;
	return give_mark(p, sym, FROM_TRADE, r->price, now_ms, f);
}

static int
use_kline(struct paper *p, int sym, const struct feed_record *r, int64_t now_ms, struct fault *f)
{
	if (!p->s[sym].traded && engine_last(p->e, sym, r->price, now_ms, f) == -1)
		return -1;
	return give_mark(p, sym, FROM_KLINE, r->price, now_ms, f);
}

int
paper_apply(struct paper *p, const struct feed_record *r, int64_t now_ms, struct fault *f)
{
	static int (*const use[])(struct paper *, int, const struct feed_record *, int64_t,
	    struct fault *) = {
		[FEED_MARK] = use_mark, [FEED_DEPTH] = use_depth, [FEED_BOOK] = use_top,
		[FEED_TRADE] = use_trade, [FEED_KLINE] = use_kline
	};
	int sym = engine_symbol(p->e, r->symbol);

	return sym < 0 ? 0 : use[r->kind](p, sym, r, now_ms, f);
}

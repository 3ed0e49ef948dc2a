/*
 * The local book and bf-stream's books under a fuzzer. An input is lines: a JSON object
 * with lastUpdateId is a snapshot, any other value a diff; and by their first letter
 *
 *	v  the book is made void    k  the same, but what is held stays
 *	l  the connection is lost   n  the snapshot could not be had
 *	t  time goes by, "t 1000" ms
 *
 * Each goes to a book, to bf-stream's books at once (one that puts every change, one with an
 * interval, one offline), and after each the promises of their headers must hold. Built by
 * `make fuzz`.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../cmd/bf-stream/books.h"
#include "core/book.h"

#define MUST(what)	do {							\
	if (!(what)) {								\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);	\
		abort();							\
	}									\
} while (0)

#define LEVELS	5
#define WALK	300	/* levels looked at one by one */

static struct scan in, out;
static unsigned long put, gaps, recovered, lived;

/*
 * core/book
 */

static void
check_side(const struct book *b, bool bids)
{
	dec price, qty, before = { 0 };
	int n = book_levels(b, bids), i;

	MUST(n >= 0 && n <= BOOK_LEVELS_MAX);
	for (i = 0; i < n && i < WALK; i++, before = price) {
		MUST(book_level(b, bids, i, &price, &qty));
		MUST(dec_sign(price) >= 0 && dec_sign(qty) > 0);
		MUST(i == 0 || dec_cmp(price, before) == (bids ? -1 : 1));
	}
	if (n > 0)
		MUST(book_level(b, bids, n - 1, &price, &qty));
	MUST(!book_level(b, bids, n, &price, &qty) && !book_level(b, bids, -1, &price, &qty));
}

static void
check_written_side(const struct book *b, const struct tok *arr, bool bids)
{
	const struct tok *v, *p;
	dec price, qty, x;
	int i = 0;

	MUST(arr != NULL && arr->kind == SCAN_ARR);
	MUST((int)arr->n == (book_levels(b, bids) < LEVELS ? book_levels(b, bids) : LEVELS));
	for (v = scan_first(arr); v != NULL; v = scan_next(out.t, arr, v), i++) {
		MUST(book_level(b, bids, i, &price, &qty));
		MUST(v->n == 2 && (p = scan_first(v)) != NULL);
		MUST(scan_dec(p, &x) && x.c == price.c && x.scale == price.scale);
		MUST(scan_dec(scan_next(out.t, v, p), &x) && x.c == qty.c && x.scale == qty.scale);
	}
}

static void
check_written(const struct book *b)
{
	static struct buf rec;

	buf_reset(&rec);
	book_put(b, "BTCUSDT", LEVELS, &rec);
	MUST(!rec.bad && scan_doc(&out, rec.p, rec.len) > 0);
	check_written_side(b, scan_get(out.t, out.t, "b"), true);
	check_written_side(b, scan_get(out.t, out.t, "a"), false);
}

static void
check_crossed(const struct book *b)
{
	dec bid, ask, qty;
	bool both = book_level(b, true, 0, &bid, &qty) && book_level(b, false, 0, &ask, &qty);

	MUST(book_crossed(b) == (both && dec_cmp(bid, ask) >= 0));
}

static void
check(struct book *b)
{
	check_side(b, true);
	check_side(b, false);
	check_crossed(b);
	check_written(b);
	book_changed(b, LEVELS);
	MUST(!book_changed(b, LEVELS));
	if (book_state(b) == BOOK_EMPTY)
		MUST(book_u(b) == 0 && book_levels(b, true) == 0 && book_levels(b, false) == 0);
}

static void
to_book(struct book *b, const struct tok *v, bool snap)
{
	enum book_state was = book_state(b);
	enum book_result r;
	uint64_t u = book_u(b);

	book_changed(b, LEVELS);
	r = snap ? book_snapshot(b, v, v) : book_diff(b, v, v);
	switch (r) {
	case BOOK_APPLIED:
		MUST(snap ? book_state(b) != BOOK_EMPTY : book_state(b) == BOOK_LIVE);
		MUST(was == BOOK_EMPTY || book_u(b) > u || (was == BOOK_JOINING && book_u(b) == u));
		break;
	case BOOK_HELD:
		MUST(!snap && was == BOOK_EMPTY && book_state(b) == BOOK_EMPTY);
		break;
	case BOOK_OLD:
		MUST(book_state(b) == was && book_u(b) == u && !book_changed(b, LEVELS));
		break;
	case BOOK_GAP: case BOOK_BAD:
		MUST(book_state(b) == BOOK_EMPTY);
		MUST(snap || r == BOOK_BAD || was != BOOK_EMPTY);
		break;
	}
	lived += book_state(b) == BOOK_LIVE;
	check(b);
}

/*
 * bf-stream's books: what the reader sees
 */

struct reader {
	struct books	*books;
	bool		 asked, gap;
	uint64_t	 u;
	int64_t		 E;
};

static bool
top(const struct tok *rec, const char *key, dec *price)
{
	const struct tok *v = scan_get(out.t, rec, key);

	if (v == NULL || (v = scan_first(v)) == NULL)
		return false;
	return scan_dec(scan_first(v), price);
}

static uint64_t
number(const struct tok *v)
{
	char text[32];

	MUST(v != NULL && v->kind == SCAN_NUM && v->len < sizeof text);
	memcpy(text, v->p, v->len);
	text[v->len] = '\0';
	return strtoull(text, NULL, 10);
}

static void
see_book(struct reader *r, const struct tok *v, int64_t E)
{
	uint64_t u = number(scan_get(out.t, v, "u"));
	dec bid, ask;

	MUST(!r->gap);
	MUST(u > r->u || E - r->E > 10000);
	MUST(!top(v, "b", &bid) || !top(v, "a", &ask) || dec_cmp(bid, ask) < 0);
	r->u = u;
	r->E = E;
	put++;
}

static void
see(void *arg, const char *stream, const char *symbol, int64_t E, struct buf *rec)
{
	struct reader *r = arg;
	const struct tok *v;

	MUST(!rec->bad && scan_doc(&out, rec->p, rec->len) > 0);
	v = out.t;
	MUST(scan_get_is(v, v, "s", "BTCUSDT") && strcmp(symbol, "BTCUSDT") == 0);
	if (scan_get_is(v, v, "e", "bf.gap")) {
		MUST(!r->gap && *stream == '\0');
		r->gap = true;
		gaps++;
	} else if (scan_get_is(v, v, "e", "bf.recovered")) {
		MUST(r->gap && *stream == '\0');
		r->gap = false;
		recovered++;
	} else {
		MUST(scan_get_is(v, v, "e", "depthUpdate") && *stream != '\0');
		see_book(r, v, E);
	}
}

static void
want(void *arg, enum market m, const char *symbol)
{
	struct reader *r = arg;

	MUST(!r->asked && m == MARKET_USDM && strcmp(symbol, "BTCUSDT") == 0);
	r->asked = true;
}

static const struct books_ops online = { want, see }, offline = { NULL, see };

static void
to_reader(struct reader *r, const struct tok *v, bool snap, int64_t now)
{
	if (!snap) {
		books_diff(r->books, MARKET_USDM, "btcusdt@depth", "BTCUSDT", v, v, now);
		return;
	}
	r->asked = false;
	books_snapshot(r->books, MARKET_USDM, "BTCUSDT", v, v, now);
}

/*
 * Lines
 */

struct all { struct book *book; struct reader r[3]; int64_t now; };

static void
other(struct all *a, const char *p, size_t n)
{
	int64_t ms = 0;

	for (size_t i = 2; i < n && i < 8 && p[i] >= '0' && p[i] <= '9'; i++)
		ms = ms * 10 + (p[i] - '0');
	if (*p == 't')
		a->now += ms;
	if (*p == 'v' || *p == 'k') {
		book_void(a->book, *p == 'k');
		check(a->book);
	}
	for (struct reader *r = a->r; r < a->r + 3; r++)
		switch (*p) {
		case 'l':
			books_lost(r->books, MARKET_USDM, "btcusdt@depth", a->now);
			break;
		case 'n':
			r->asked = false;
			books_no_snapshot(r->books, MARKET_USDM, "BTCUSDT", ms, ms % 2 == 0 ? "refused" : NULL, a->now);
			break;
		case 't':
			books_tick(r->books, a->now);
			break;
		}
}

static void
one_line(struct all *a, const char *p, size_t n)
{
	bool snap;

	if (n == 0)
		return;
	if (scan_doc(&in, p, n) <= 0) {
		other(a, p, n);
		return;
	}
	snap = scan_get(in.t, in.t, "lastUpdateId") != NULL;
	to_book(a->book, in.t, snap);
	for (struct reader *r = a->r; r < a->r + 3; r++)
		to_reader(r, in.t, snap, a->now);
}

static void
open_reader(struct reader *r, int interval_ms, const struct books_ops *ops)
{
	MUST(books_open(&r->books, LEVELS, interval_ms, "fuzz", ops, r) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct all a = { .now = 1000, .book = book_new() };
	const char *p = (const char *)data, *end = p + n, *nl;

	MUST(a.book != NULL);
	open_reader(&a.r[0], 0, &online);
	open_reader(&a.r[1], 100, &online);
	open_reader(&a.r[2], 0, &offline);
	for (; p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		one_line(&a, p, (size_t)(nl - p));
		a.now += 10;
	}
	for (int i = 0; i < 3; i++)
		books_free(a.r[i].books);
	book_free(a.book);
	return 0;
}

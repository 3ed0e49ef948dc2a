/*
 * bf-stream's books: what is asked for and what is told, as dialogues. Each line has its
 * time, what comes in, and all that goes out because of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-stream/books.h"
#include "bookrig.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define STREAM	"btcusdt@depth@100ms"

static struct buf said;		/* all that went out, in short */
static struct buf last;		/* the last record, as it was */
static struct scan in, out;
static int waiting;		/* snapshots asked for and not answered */

static void
member(const struct tok *v, const char *key)
{
	const struct tok *x = scan_get(out.t, v, key);

	assert_non_null(x);
	buf_put(&said, x->p, x->len);
}

/* "[gap pu 5 does not follow u 3: 3 to 6]", "[recovered 8]", "[8 BIDS / ASKS]" */
static void
heard(void *arg, const char *stream, const char *symbol, int64_t E, struct buf *rec)
{
	const struct tok *v;
	int64_t at;

	(void)arg;
	assert_true(scan_doc(&out, rec->p, rec->len) > 0);
	v = out.t;
	assert_true(scan_get_is(v, v, "s", symbol));
	assert_true(scan_get_i64(v, v, "E", &at) && at == E);
	buf_reset(&last);
	buf_put(&last, rec->p, rec->len);
	if (said.len > 0)
		buf_chr(&said, ' ');
	buf_chr(&said, '[');
	if (scan_get_is(v, v, "e", "bf.gap")) {
		buf_str(&said, "gap ");
		member(v, "why");
		buf_str(&said, ": ");
		member(v, "from");
		buf_str(&said, " to ");
		member(v, "to");
	} else if (scan_get_is(v, v, "e", "bf.recovered")) {
		buf_str(&said, "recovered ");
		member(v, "u");
	} else {
		assert_string_not_equal(stream, "");
		if (strcmp(symbol, "BTCUSDT") != 0)
			buf_printf(&said, "%s ", symbol);
		member(v, "u");
		buf_chr(&said, ' ');
		member(v, "b");
		buf_chr(&said, ' ');
		member(v, "a");
	}
	buf_chr(&said, ']');
	rec->bad = true;	/* it may be taken apart */
}

static void
wanted(void *arg, enum market m, const char *symbol)
{
	(void)arg;
	assert_int_equal(m, MARKET_USDM);
	assert_int_equal(waiting++, 0);
	buf_printf(&said, "%s[want %s]", said.len > 0 ? " " : "", symbol);
}

static const struct books_ops online = { wanted, heard }, offline = { NULL, heard };

struct line { int64_t at; const char *say, *out; };

/* "tick", "lost", "none MS" (books_no_snapshot), "bad" (a diff that is none), "@bad" (a
 * snapshot that is none), "other DIFF" (from another stream), a diff or a snapshot in short. */
static void
say(struct books *b, const char *s, int64_t now)
{
	const char *stream = STREAM;
	struct buf m = { 0 };

	if (strcmp(s, "tick") == 0) {
		books_tick(b, now);
		return;
	}
	if (strcmp(s, "lost") == 0) {
		books_lost(b, MARKET_COINM, STREAM, now);	/* of the other market: another one */
		books_lost(b, MARKET_USDM, "btcusdt@depth", now);
		books_lost(b, MARKET_USDM, STREAM, now);
		return;
	}
	if (strncmp(s, "none ", 5) == 0) {
		waiting--;
		books_no_snapshot(b, MARKET_USDM, "BTCUSDT", atoi(s + 5), NULL, now);
		return;
	}
	if (strncmp(s, "refused ", 8) == 0) {
		waiting--;
		books_no_snapshot(b, MARKET_USDM, "BTCUSDT", 0, s + 8, now);
		return;
	}
	if (strncmp(s, "other ", 6) == 0) {
		stream = "btcusdt@depth";
		s += 6;
	}
	if (strstr(s, "bad") != NULL)
		buf_str(&m, "{\"code\":-1000}");
	else
		from_short(&m, s);
	assert_true(scan_doc(&in, m.p, m.len) > 0);
	if (*s == '@') {
		waiting = 0;
		books_snapshot(b, MARKET_USDM, "BTCUSDT", in.t, in.t, now);
	} else {
		books_diff(b, MARKET_USDM, stream, "BTCUSDT", in.t, in.t, now);
	}
	buf_free(&m);
}

static void
dialogue(const struct books_ops *ops, int levels, int interval_ms, const struct line *l, size_t n)
{
	struct books *b;

	waiting = 0;
	assert_int_equal(books_open(&b, levels, interval_ms, "bf-stream", ops, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		buf_reset(&said);
		buf_str(&said, "");
		say(b, l[i].say, l[i].at);
		if (strcmp(said.p, l[i].out) != 0)
			fail_msg("%lld %s: %s; not %s", (long long)l[i].at, l[i].say, said.p, l[i].out);
	}
	books_free(b);
}

#define DIALOGUE(ops, levels, interval, ...)	do {			\
	static const struct line lines[] = { __VA_ARGS__ };		\
	dialogue(ops, levels, interval, lines, LEN(lines));		\
} while (0)

static void
a_book_is_put_when_its_best_levels_change(void **state)
{
	(void)state;
	DIALOGUE(&online, 2, 0,
		{ 1000, "10-12<9 98x1 / 103x1", "[want BTCUSDT]" },
		{ 1100, "13-15<12 99x1 /", "" },
		{ 1150, "tick", "" },
		{ 1200, "@14 97x1 / 102x1 104x1",
		    "[15 [[\"99\",\"1\"],[\"97\",\"1\"]] [[\"102\",\"1\"],[\"104\",\"1\"]]]" },
		{ 1300, "16-17<15 96x3 / 105x3", "" },		/* below the two best */
		{ 1400, "18-19<17 97x1 / 104x1", "" },		/* the same again */
		{ 1500, "20-21<19 99x0 /",
		    "[21 [[\"97\",\"1\"],[\"96\",\"3\"]] [[\"102\",\"1\"],[\"104\",\"1\"]]]" },
		{ 1600, "20-21<19 99x9 /", "" },		/* once more */
		{ 1600, "tick", "" },
		{ 1700, "22-23<21 97x0 96x0 / 102x0 104x0 105x0", "[23 [] []]" },
	);
}

static void
a_gap_is_told_once_and_a_snapshot_is_asked_for_once(void **state)
{
	(void)state;
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1100, "@11 /", "[12 [[\"98\",\"1\"]] []]" },
		{ 19000, "16-18<15 98x4 /", "[gap pu 15 does not follow u 12: 12 to 16] [want BTCUSDT]" },
		{ 19100, "19-20<18 98x5 /", "" },
		{ 19200, "tick", "" },
		{ 19300, "26-28<25 98x6 /", "" },		/* another hole, before the answer */
		{ 19400, "@17 98x4 /", "" },			/* joins, but only up to that hole */
		{ 19649, "tick", "" },
		{ 19650, "tick", "[want BTCUSDT]" },
		{ 19700, "29-30<28 98x7 /", "" },
		{ 19800, "@27 98x6 /", "[recovered 30] [30 [[\"98\",\"7\"]] []]" },
		{ 19900, "31-32<30 98x8 /", "[32 [[\"98\",\"8\"]] []]" },
	);
}

static void
an_old_snapshot_is_asked_for_again_ever_later(void **state)
{
	(void)state;
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1000, "@5 97x1 /", "" },
		{ 1249, "tick", "" }, { 1250, "tick", "[want BTCUSDT]" }, { 1250, "tick", "" },
		{ 2000, "@5 97x1 /", "" },
		{ 2499, "13-15<12 98x2 /", "" }, { 2500, "tick", "[want BTCUSDT]" },
		{ 3000, "@5 97x1 /", "" },
		{ 3999, "tick", "" }, { 4000, "tick", "[want BTCUSDT]" },
		{ 4000, "@5 97x1 /", "" },
		{ 5999, "tick", "" }, { 6000, "16-18<15 98x3 /", "[want BTCUSDT]" },
		{ 6000, "@5 97x1 /", "" },
		{ 9999, "tick", "" }, { 10000, "tick", "[want BTCUSDT]" },
		{ 10000, "@5 97x1 /", "" },
		{ 17999, "tick", "" }, { 18000, "tick", "[want BTCUSDT]" },
		{ 18000, "@5 97x1 /", "" },
		{ 25999, "tick", "" }, { 26000, "tick", "[want BTCUSDT]" },	/* 8 s at most */
		{ 26000, "@10 97x1 /", "[18 [[\"98\",\"3\"]] []]" },		/* all was kept */
		/* and the next time the waits begin anew */
		{ 90000, "22-23<21 98x1 /", "[gap pu 21 does not follow u 18: 18 to 22] [want BTCUSDT]" },
		{ 90000, "@5 97x1 /", "" },
		{ 90249, "tick", "" }, { 90250, "tick", "[want BTCUSDT]" },
	);
}

static void
what_could_not_be_had_is_asked_for_after_the_time_given(void **state)
{
	(void)state;
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1000, "none 60000", "" },
		{ 60999, "tick", "" }, { 61000, "tick", "[want BTCUSDT]" },
		{ 61000, "none 0", "" },		/* no time given: not at once either */
		{ 61499, "tick", "" }, { 61500, "tick", "[want BTCUSDT]" },
		{ 61500, "@bad", "[gap bad snapshot: null to null]" },	/* an answer that is none */
		{ 62499, "tick", "" }, { 62500, "tick", "[want BTCUSDT]" },
		{ 62500, "none 10000", "" },
		{ 50000, "tick", "" },			/* the clock was set back: the wait begins anew */
		{ 59999, "tick", "" }, { 60000, "tick", "[want BTCUSDT]" },
		{ 60000, "@12 98x1 /", "[recovered 12] [12 [[\"98\",\"1\"]] []]" },
	);
}

static void
a_book_that_does_not_come_into_being_is_told_once(void **state)
{
	(void)state;
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1000, "refused HTTP 503", "" },	/* once may be an accident */
		{ 1250, "tick", "[want BTCUSDT]" },
		{ 1250, "refused HTTP 503", "[gap no snapshot: HTTP 503: null to null]" },
		{ 1750, "tick", "[want BTCUSDT]" },
		{ 1750, "refused HTTP 503", "" },
		{ 2750, "tick", "[want BTCUSDT]" },
		{ 2750, "@12 98x1 /", "[recovered 12] [12 [[\"98\",\"1\"]] []]" },
		{ 2800, "13-14<12 98x2 /", "[14 [[\"98\",\"2\"]] []]" },
	);
	DIALOGUE(&online, 1, 0,		/* a full window is no fault of the exchange's */
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1000, "none 0", "" }, { 1250, "tick", "[want BTCUSDT]" },
		{ 1250, "none 0", "" }, { 1750, "tick", "[want BTCUSDT]" },
		{ 1750, "@12 98x1 /", "[12 [[\"98\",\"1\"]] []]" },
	);
}

static void
a_feed_that_breaks_all_the_time_asks_for_little(void **state)
{
	(void)state;
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1000, "@12 98x1 /", "[12 [[\"98\",\"1\"]] []]" },
		{ 1100, "20-22<19 98x2 /", "[gap pu 19 does not follow u 12: 12 to 20] [want BTCUSDT]" },
		{ 1100, "@22 98x2 /", "[recovered 22] [22 [[\"98\",\"2\"]] []]" },
		{ 1200, "30-32<29 98x3 /", "[gap pu 29 does not follow u 22: 22 to 30]" },
		{ 1449, "tick", "" }, { 1450, "tick", "[want BTCUSDT]" },
		{ 1450, "@32 98x3 /", "[recovered 32] [32 [[\"98\",\"3\"]] []]" },
		{ 1500, "40-42<39 98x4 /", "[gap pu 39 does not follow u 32: 32 to 40]" },
		{ 1999, "tick", "" }, { 2000, "tick", "[want BTCUSDT]" },
		{ 2000, "@42 98x4 /", "[recovered 42] [42 [[\"98\",\"4\"]] []]" },
		/* ten calm seconds later that is forgotten */
		{ 12000, "50-52<49 98x5 /", "[gap pu 49 does not follow u 42: 42 to 50] [want BTCUSDT]" },
	);
}

static void
nothing_is_shown_of_a_snapshot_from_before_the_diffs(void **state)
{
	(void)state;
	/* the connection goes while the answer is on its way: it is of no use */
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1100, "lost", "" },
		{ 1200, "@12 98x1 /", "" },
		{ 1300, "tick", "" },
		{ 9000, "40-42<39 95x1 /", "[want BTCUSDT]" },
		{ 9100, "@41 96x1 /", "[42 [[\"96\",\"1\"]] []]" },
	);
	/* or comes after the new diffs have begun */
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1100, "lost", "" },
		{ 1300, "40-42<39 95x1 /", "" },
		{ 1400, "@12 98x1 /", "" },
		{ 1650, "tick", "[want BTCUSDT]" },
		{ 1700, "@41 96x1 /", "[42 [[\"96\",\"1\"]] []]" },
	);
}

static void
a_lost_connection_is_a_gap_until_the_next_snapshot(void **state)
{
	(void)state;
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1100, "@12 98x1 /", "[12 [[\"98\",\"1\"]] []]" },
		{ 2000, "lost", "[gap connection lost: 12 to null]" },
		{ 2100, "lost", "" },
		{ 2200, "tick", "" },
		{ 3000, "20-22<19 98x2 /", "[want BTCUSDT]" },
		{ 3100, "@15 98x1 /", "" },
		{ 3350, "tick", "[want BTCUSDT]" },
		{ 3400, "@22 98x2 /", "[recovered 22] [22 [[\"98\",\"2\"]] []]" },
	);
	/* nothing happened meanwhile: in step again, but the book is not put a second time */
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1100, "@12 98x1 /", "[12 [[\"98\",\"1\"]] []]" },
		{ 2000, "lost", "[gap connection lost: 12 to null]" },
		{ 3000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 3100, "@12 98x1 /", "[recovered 12]" },
		{ 3200, "13-14<12 97x1 /", "[14 [[\"98\",\"1\"]] []]" },
	);
	/* the other speed may take over then, and not before */
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1050, "other 10-14<9 98x9 /", "" },
		{ 1100, "@12 98x1 /", "[12 [[\"98\",\"1\"]] []]" },
		{ 1200, "other 13-14<12 98x9 /", "" },
		{ 2000, "lost", "[gap connection lost: 12 to null]" },
		{ 3000, "other 20-22<19 98x2 /", "[want BTCUSDT]" },
		{ 3100, "@22 98x2 /", "[recovered 22] [22 [[\"98\",\"2\"]] []]" },
	);
}

static void
a_bad_diff_voids_the_book(void **state)
{
	(void)state;
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 1100, "@12 98x1 /", "[12 [[\"98\",\"1\"]] []]" },
		{ 2000, "bad", "[gap bad diff: 12 to null]" },
		{ 2001, "bad", "" },
		{ 2002, "tick", "" },
		{ 2100, "20-22<19 98x2 /", "[want BTCUSDT]" },
		{ 2150, "bad", "" },
		{ 2200, "@22 98x2 /", "[recovered 22] [22 [[\"98\",\"2\"]] []]" },
	);
	DIALOGUE(&online, 1, 0,		/* from the start */
		{ 1000, "bad", "[gap bad diff: null to null]" },
		{ 1100, "tick", "" },
	);
}

static void
a_crossed_book_is_not_shown_and_after_a_second_void(void **state)
{
	(void)state;
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 / 100x1", "[want BTCUSDT]" },
		{ 1100, "@12 98x1 / 100x1", "[12 [[\"98\",\"1\"]] [[\"100\",\"1\"]]]" },
		{ 2000, "13-14<12 100x1 /", "" },
		{ 2900, "15-16<14 100x2 /", "" },
		{ 2950, "tick", "" },
		{ 2990, "17-18<16 100x0 /", "" },	/* as it was before */
		{ 2995, "19-20<18 97x2 99x1 /", "[20 [[\"99\",\"1\"]] [[\"100\",\"1\"]]]" },
		{ 3000, "21-22<20 / 99x1 98x1", "" },
		{ 3999, "23-24<22 96x1 /", "" },
		{ 4000, "tick", "[gap crossed: 24 to null]" },
		{ 4001, "tick", "" },
		{ 4100, "25-26<24 99x0 /", "[want BTCUSDT]" },
		{ 4200, "@26 98x1 / 99x1", "[recovered 26] [26 [[\"98\",\"1\"]] [[\"99\",\"1\"]]]" },
	);
	/* by the next diff, if that is sooner than a tick; and a crossed snapshot is no recovery */
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-12<9 98x1 / 100x1", "[want BTCUSDT]" },
		{ 1100, "@12 98x1 / 98x1", "" },
		{ 2100, "13-14<12 97x1 /", "[gap crossed: 14 to null]" },
		{ 2200, "15-16<14 97x2 /", "[want BTCUSDT]" },
		{ 2300, "@16 98x1 / 98x1", "" },
		{ 2400, "17-18<16 98x0 97x1 /", "[recovered 18] [18 [[\"97\",\"1\"]] [[\"98\",\"1\"]]]" },
	);
}

static void
no_book_is_older_than_one_before(void **state)
{
	(void)state;
	/* the new connection lags: its diffs and the snapshot are of before */
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-22<9 98x1 /", "[want BTCUSDT]" },
		{ 1100, "@22 98x1 /", "[22 [[\"98\",\"1\"]] []]" },
		{ 2000, "lost", "[gap connection lost: 22 to null]" },
		{ 3000, "10-12<9 98x7 /", "[want BTCUSDT]" },
		{ 3100, "@12 98x7 /", "" },
		{ 3200, "13-20<12 98x8 /", "" },
		{ 3300, "21-22<20 98x1 /", "[recovered 22]" },
		{ 3400, "23-24<22 98x9 /", "[24 [[\"98\",\"9\"]] []]" },
	);
	/* but ids may begin anew */
	DIALOGUE(&online, 1, 0,
		{ 1000, "10-22<9 98x1 / E=1000", "[want BTCUSDT]" },
		{ 1100, "@22 98x1 / E=1100", "[22 [[\"98\",\"1\"]] []]" },
		{ 30000, "2-3<1 98x2 / E=30000", "[gap pu 1 does not follow u 22: 22 to 2] [want BTCUSDT]" },
		{ 30100, "@3 98x2 / E=30100", "[recovered 3] [3 [[\"98\",\"2\"]] []]" },
		{ 30200, "4-5<3 98x3 / E=30200", "[5 [[\"98\",\"3\"]] []]" },
	);
}

static void
at_an_interval_only_the_newest_book_is_put(void **state)
{
	(void)state;
	DIALOGUE(&online, 1, 1000,
		{ 5000, "10-12<9 98x1 /", "[want BTCUSDT]" },
		{ 5100, "@12 98x1 /", "" },
		{ 5200, "13-14<12 98x2 /", "" },
		{ 5210, "tick", "[14 [[\"98\",\"2\"]] []]" },
		{ 5300, "15-16<14 98x3 /", "" },
		{ 5400, "17-18<16 98x4 /", "" },
		{ 6209, "tick", "" },
		{ 6230, "tick", "[18 [[\"98\",\"4\"]] []]" },
		{ 6300, "19-20<18 98x5 /", "" },
		{ 7210, "tick", "[20 [[\"98\",\"5\"]] []]" },	/* late ticks do not add up */
		{ 8210, "tick", "" },				/* unchanged */
		{ 9500, "21-22<20 98x6 /", "" },
		{ 9510, "tick", "[22 [[\"98\",\"6\"]] []]" },	/* the first news at once */
		{ 9600, "23-24<22 98x7 /", "" },
		{ 10509, "tick", "" },
		{ 10510, "tick", "[24 [[\"98\",\"7\"]] []]" },
		{ 10600, "25-26<24 98x8 / 97x1", "" },		/* crossed when it is time */
		{ 11510, "tick", "" },
		{ 11520, "27-28<26 / 97x0", "" },
		{ 11530, "tick", "[28 [[\"98\",\"8\"]] []]" },
		{ 11600, "39-40<38 98x9 /", "[gap pu 38 does not follow u 28: 28 to 39] [want BTCUSDT]" },
		{ 11700, "@40 98x9 /", "" },
		{ 12530, "tick", "[recovered 40] [40 [[\"98\",\"9\"]] []]" },
		{ 12600, "41-42<40 98x1 /", "" },
		{ 2000, "tick", "[42 [[\"98\",\"1\"]] []]" },	/* the clock was set back */
		{ 2100, "43-44<42 98x2 /", "" },
		{ 3000, "tick", "[44 [[\"98\",\"2\"]] []]" },
	);
}

static void
offline_nothing_is_asked_for(void **state)
{
	(void)state;
	DIALOGUE(&offline, 1, 0,
		{ 0, "@12 98x1 /", "" },
		{ 1000, "8-9<7 98x7 /", "" },
		{ 1100, "10-13<9 98x2 /", "[13 [[\"98\",\"2\"]] []]" },
		{ 1200, "20-22<19 98x3 /", "[gap pu 19 does not follow u 13: 13 to 20]" },
		{ 9000, "tick", "" },
		{ 9100, "23-24<22 98x4 /", "" },
		{ 9200, "@5 98x1 /", "" },
		{ 9300, "@21 98x1 /", "[recovered 24] [24 [[\"98\",\"4\"]] []]" },
		{ 9400, "@bad", "[gap bad snapshot: 24 to null]" },
	);
	DIALOGUE(&offline, 1, 0,		/* the snapshot in between */
		{ 1000, "8-9<7 98x7 /", "" },
		{ 1100, "10-13<9 98x2 /", "" },
		{ 1200, "@12 98x1 /", "[13 [[\"98\",\"2\"]] []]" },
	);
	DIALOGUE(&offline, 1, 0,		/* of long before */
		{ 0, "@2 98x1 /", "" },
		{ 1000, "8-9<7 98x7 /", "[gap pu 7 does not follow u 2: 2 to 8]" },
		{ 1100, "10-13<9 98x2 /", "" },
	);
}

static void
records_have_all_their_members(void **state)
{
	struct books *b;

	(void)state;
	buf_reset(&said);
	waiting = 0;
	assert_int_equal(books_open(&b, 5, 0, "bf-stream", &online, NULL), 0);
	say(b, "5123107850310-5123107853551<5123107850146 61800.10x0.000 / 61800.30x2.209 E=1723161256451",
	    1723161256500);
	say(b, "@5123107852948 61800.20x2.909 61800.10x0.696 61800.00x20.004 / E=1723161256501", 1723161256600);
	assert_string_equal(last.p, "{\"e\":\"depthUpdate\",\"E\":1723161256451,\"T\":0,\"s\":\"BTCUSDT\","
	    "\"u\":5123107853551,\"b\":[[\"61800.20\",\"2.909\"],[\"61800.00\",\"20.004\"]],"
	    "\"a\":[[\"61800.30\",\"2.209\"]]}");
	say(b, "5123107853600-5123107853700<-1 /", 1723161256700);
	assert_string_equal(last.p, "{\"e\":\"bf.gap\",\"E\":1723161256700,\"by\":\"bf-stream\",\"stream\":\"" STREAM
	    "\",\"s\":\"BTCUSDT\",\"what\":\"book\",\"why\":\"pu -1 does not follow u 5123107853551\","
	    "\"from\":5123107853551,\"to\":5123107853600}");
	waiting = 0;
	books_snapshot(b, MARKET_USDM, "ETHUSDT", in.t, in.t, 1723161256700);	/* nobody asked */
	books_no_snapshot(b, MARKET_COINM, "BTCUSDT", 0, NULL, 1723161256700);
	say(b, "@5123107853700 /", 1723161256800);
	assert_string_equal(said.p, "[want BTCUSDT] [5123107853551 [[\"61800.20\",\"2.909\"],[\"61800.00\",\"20.004\"]] "
	    "[[\"61800.30\",\"2.209\"]]] [gap pu -1 does not follow u 5123107853551: 5123107853551 to 5123107853600] "
	    "[want BTCUSDT] [recovered 5123107853700] [5123107853700 [] []]");
	books_free(b);
	books_free(NULL);
}

/* Thousands of symbols: each has its own book. */
static void
symbols_are_kept_apart(void **state)
{
	enum { N = 3000 };
	char symbol[32], stream[40], want[64];
	struct books *b;
	struct buf m = { 0 };

	(void)state;
	assert_int_equal(books_open(&b, 1, 0, "bf-stream", &online, NULL), 0);
	for (int turn = 0; turn < 3; turn++)
		for (int i = 0; i < N; i++) {
			snprintf(symbol, sizeof symbol, "S%dUSDT", i);
			snprintf(stream, sizeof stream, "s%dusdt@depth", i);
			buf_reset(&said);
			waiting = 0;
			buf_reset(&m);
			if (turn == 1)
				buf_printf(&m, "{\"lastUpdateId\":%d,\"bids\":[],\"asks\":[]}", 10 + i);
			else
				buf_printf(&m, "{\"U\":%d,\"u\":%d,\"pu\":%d,\"b\":[[\"%d\",\"1\"]],\"a\":[]}",
				    10 + i + turn, 10 + i + turn, 10 + i, 100 + i + turn);
			assert_true(scan_doc(&in, m.p, m.len) > 0);
			if (turn == 1)
				books_snapshot(b, MARKET_USDM, symbol, in.t, in.t, 1000);
			else
				books_diff(b, MARKET_USDM, stream, symbol, in.t, in.t, 1000);
			if (turn == 0)
				snprintf(want, sizeof want, "[want %s]", symbol);
			else
				snprintf(want, sizeof want, "[%s %d [[\"%d\",\"1\"]] []]", symbol, 10 + i + turn - (turn == 1),
				    100 + i + turn - (turn == 1));
			assert_string_equal(said.p, want);
		}
	buf_free(&m);
	books_free(b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_book_is_put_when_its_best_levels_change),
		cmocka_unit_test(a_gap_is_told_once_and_a_snapshot_is_asked_for_once),
		cmocka_unit_test(an_old_snapshot_is_asked_for_again_ever_later),
		cmocka_unit_test(what_could_not_be_had_is_asked_for_after_the_time_given),
		cmocka_unit_test(a_book_that_does_not_come_into_being_is_told_once),
		cmocka_unit_test(a_feed_that_breaks_all_the_time_asks_for_little),
		cmocka_unit_test(nothing_is_shown_of_a_snapshot_from_before_the_diffs),
		cmocka_unit_test(a_lost_connection_is_a_gap_until_the_next_snapshot),
		cmocka_unit_test(a_bad_diff_voids_the_book),
		cmocka_unit_test(a_crossed_book_is_not_shown_and_after_a_second_void),
		cmocka_unit_test(no_book_is_older_than_one_before),
		cmocka_unit_test(at_an_interval_only_the_newest_book_is_put),
		cmocka_unit_test(offline_nothing_is_asked_for),
		cmocka_unit_test(records_have_all_their_members),
		cmocka_unit_test(symbols_are_kept_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

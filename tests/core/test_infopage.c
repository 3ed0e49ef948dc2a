/* Paging over a range of candles: against two exchanges that answer as the real ones are
 * documented to, with and without holes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../../cmd/bf-info/ask.h"
#include "../../cmd/bf-info/candle.h"
#include "../../cmd/bf-info/page.h"
#include "../../cmd/bf-info/progress.h"

#define MINUTE	INT64_C(60000)
#define DAY	INT64_C(86400000)
/* `date -u -d 2024-01-01 +%s` and so on */
#define Y2024	INT64_C(1704067200000)
#define Y2025	INT64_C(1735689600000)

static struct fault fault;

static const struct interval *
iv(const char *name)
{
	const struct interval *v = interval_find(name, false);

	assert_non_null(v);
	return v;
}

static void
intervals_open_where_the_calendar_has_them(void **state)
{
	static const struct { const char *name; int64_t ms, open, next; } row[] = {
		/* 2024-02-29T13:47:12.345Z, a Thursday of a leap year */
		{ "1m", 1709214432345, 1709214420000, 1709214480000 },
		{ "1h", 1709214432345, 1709211600000, 1709215200000 },
		{ "4h", 1709214432345, 1709208000000, 1709222400000 },
		{ "1d", 1709214432345, 1709164800000, 1709251200000 },
		{ "1w", 1709214432345, 1708905600000, 1709510400000 },	/* Mondays 02-26, 03-04 */
		{ "1M", 1709214432345, 1706745600000, 1709251200000 },	/* 02-01, 03-01 */
		{ "1M", 1703980800000, 1701388800000, 1704067200000 },	/* 2023-12-31: 12-01, 2024-01-01 */
		{ "1w", 345600000, 345600000, 950400000 },		/* 1970-01-05 was one */
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(interval_floor(iv(row[i].name), row[i].ms), row[i].open);
		assert_int_equal(interval_add(iv(row[i].name), row[i].open, 1), row[i].next);
		assert_int_equal(interval_add(iv(row[i].name), row[i].next, -1), row[i].open);
	}
	assert_int_equal(interval_add(iv("1M"), Y2024, 12), Y2025);
	assert_int_equal(interval_add(iv("1M"), Y2025, -12), Y2024);
}

static void
there_is_no_second_and_no_other_period(void **state)
{
	(void)state;
	assert_null(interval_find("1s", false));
	assert_null(interval_find("1H", false));
	assert_null(interval_find("", false));
	assert_non_null(interval_find("8h", false));
	assert_null(interval_find("8h", true));
	assert_null(interval_find("1m", true));
	assert_non_null(interval_find("5m", true));
}

/*
 * An exchange: candles from `first` to before `last`, but for those in [hole, hole_end)
 */

struct venue { const struct interval *iv; int64_t first, last, hole, hole_end; };

static bool
has(const struct venue *m, int64_t open)
{
	return open >= m->first && open < m->last && !(open >= m->hole && open < m->hole_end);
}

/* The openings an answer holds; returns how many. */
static int
answer(const struct venue *m, const struct pager *p, int64_t *out)
{
	int64_t open = interval_floor(m->iv, p->start);
	int n = 0;

	if (open < p->start)
		open = interval_add(m->iv, open, 1);
	if (p->backward)
		assert_true(p->end - p->start <= 200 * DAY);
	for (; open <= p->end && open < m->last; open = interval_add(m->iv, open, 1)) {
		if (!has(m, open))
			continue;
		if (n == p->limit && !p->backward)
			return n;
		if (n == p->limit) {
			memmove(out, out + 1, (size_t)(n - 1) * sizeof *out);
			n--;
		}
		out[n++] = open;
	}
	return n;
}

struct walked { long rows, missing, holes, queries, weight; int64_t from, to; };

static struct walked
walk(struct pager *p, const struct venue *m, int64_t after)
{
	struct walked w = { 0 };
	int64_t open[1500], expect = -1;
	struct hole hole;
	int n, got;

	p->iv = m->iv;
	pager_begin(p, after);
	while (pager_ask(p)) {
		w.queries++;
		w.weight += p->limit < 100 ? 1 : p->limit < 500 ? 2 : p->limit <= 1000 ? 5 : 10;
		assert_in_range(p->limit, 1, 1500);
		assert_true(p->start <= p->end);
		n = answer(m, p, open);
		for (int i = 0; i < n; i++) {
			got = pager_take(p, open[i], interval_add(m->iv, open[i], 1) - 1, &hole, &fault);
			assert_int_not_equal(got, -1);
			assert_true(expect == -1 || got == 1 || open[i] == expect);
			if (got == 1) {
				w.holes++;
				w.missing += hole.missing;
				w.from = hole.from;
				w.to = hole.to;
			}
			w.rows++;
			expect = interval_add(m->iv, open[i], 1);
		}
		pager_end(p);
		assert_true(w.queries < 100000);
	}
	return w;
}

static struct pager
range_of(int64_t from, int64_t to, bool coin)
{
	return (struct pager){ .from = from, .to = to, .left = -1, .most = 1500, .weighs = true, .backward = coin,
		.span = coin ? 200 * DAY : 0 };
}

static void
a_year_of_minutes_comes_whole_and_at_the_least_weight(void **state)
{
	struct venue m = { iv("1m"), Y2024 - DAY, Y2025 + DAY, 0, 0 };
	struct pager p = range_of(Y2024, Y2025, false);
	struct walked w = walk(&p, &m, -1);

	(void)state;
	assert_int_equal(w.rows, 366 * 1440);
	assert_int_equal(w.holes, 0);
	/* 499 rows for 2; 1500 for 10 would be 3520 */
	assert_int_equal(w.queries, (366 * 1440 + 498) / 499);
	assert_true(w.weight <= 2 * (366 * 1440 / 499 + 1));
}

static void
windows_counted_from_their_end_lose_nothing(void **state)
{
	static const char *const name[] = { "1m", "15m", "1h", "1d", "1w", "1M" };

	(void)state;
	for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
		struct venue m = { iv(name[i]), Y2024 - 40 * DAY, Y2025 + 40 * DAY, 0, 0 };
		struct pager usdm = range_of(Y2024, Y2025, false), coinm = range_of(Y2024, Y2025, true);
		struct walked w = walk(&usdm, &m, -1), v = walk(&coinm, &m, -1);

		assert_true(w.rows > 0 && w.rows == v.rows);
		assert_int_equal(v.holes, 0);
	}
}

static void
months_are_twelve_a_year_whatever_their_length(void **state)
{
	struct venue m = { iv("1M"), Y2024 - 400 * DAY, Y2025 + 40 * DAY, 0, 0 };
	struct pager p = range_of(Y2024, Y2025, true);

	(void)state;
	assert_int_equal(walk(&p, &m, -1).rows, 12);
}

static void
a_hole_is_told_once_with_its_first_and_last(void **state)
{
	/* 700 minutes: longer than a page, so that windows lie wholly in it */
	struct venue m = { iv("1m"), Y2024, Y2025, Y2024 + 1000 * MINUTE, Y2024 + 1700 * MINUTE };

	(void)state;
	for (int coin = 0; coin < 2; coin++) {
		struct pager p = range_of(Y2024, Y2024 + 3 * DAY, coin);
		struct walked w = walk(&p, &m, -1);

		assert_int_equal(w.rows, 3 * 1440 - 700);
		assert_int_equal(w.holes, 1);
		assert_int_equal(w.missing, 700);
		assert_int_equal(w.from, Y2024 + 1000 * MINUTE);
		assert_int_equal(w.to, Y2024 + 1699 * MINUTE);
	}
}

static void
a_hole_of_months_is_counted_by_the_calendar(void **state)
{
	/* March to May 2024 are missing */
	struct venue m = { iv("1M"), Y2024, Y2025, 1709251200000, 1717200000000 };
	struct pager p = range_of(Y2024, Y2025, false);
	struct walked w = walk(&p, &m, -1);

	(void)state;
	assert_int_equal(w.rows, 9);
	assert_int_equal(w.missing, 3);
	assert_int_equal(w.to, 1714521600000);		/* 2024-05-01 */
}

static void
before_the_listing_and_after_the_end_is_no_hole(void **state)
{
	struct venue m = { iv("1h"), Y2024 + 100 * DAY, Y2024 + 200 * DAY, 0, 0 };

	(void)state;
	for (int coin = 0; coin < 2; coin++) {
		struct pager p = range_of(Y2024, Y2025, coin);
		struct walked w = walk(&p, &m, -1);

		assert_int_equal(w.rows, 2400);
		assert_int_equal(w.holes, 0);
	}
}

static void
going_on_after_any_candle_gives_the_rest(void **state)
{
	struct venue m = { iv("1m"), Y2024, Y2025, Y2024 + 500 * MINUTE, Y2024 + 510 * MINUTE };

	(void)state;
	for (int64_t k = 0; k < 1440; k += 7) {
		struct pager p = range_of(Y2024, Y2024 + DAY, false);
		struct walked w = walk(&p, &m, Y2024 + k * MINUTE);
		long left = 1439 - (long)k;

		/* within the hole it was told as far as there, and only the rest is a hole */
		assert_int_equal(w.rows + w.missing, left);
		assert_int_equal(w.missing, k < 500 ? 10 : k < 509 ? 509 - k : 0);
	}
}

static void
so_many_rows_and_no_more(void **state)
{
	static const long left[] = { 1, 99, 100, 499, 500, 1234 };
	struct venue m = { iv("1m"), Y2024, Y2025, 0, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof left / sizeof *left; i++)
		for (int coin = 0; coin < 2; coin++) {
			struct pager p = range_of(Y2024, Y2025, coin);

			p.left = left[i];
			assert_int_equal(walk(&p, &m, -1).rows, left[i]);
		}
}

static void
rows_that_are_wrong_are_named(void **state)
{
	static const struct { int64_t before, open, close; const char *says; } row[] = {
		{ -1, Y2024 - MINUTE, -1, "not of the time" },
		{ -1, Y2024 + DAY, -1, "not of the time" },
		{ -1, Y2024 + 1, -1, "another interval" },
		{ -1, Y2024 + MINUTE, Y2024 + 6 * MINUTE - 1, "another interval" },
		{ Y2024 + MINUTE, Y2024 + MINUTE, -1, "twice" },
		{ Y2024 + 2 * MINUTE, Y2024, -1, "out of order" },
		{ -1, INT64_MIN, -1, "not of the time" },
		{ -1, INT64_MAX, -1, "not of the time" },
	};
	struct hole hole;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct pager p = range_of(Y2024, Y2024 + DAY, false);

		p.iv = iv("1m");
		pager_begin(&p, -1);
		assert_true(pager_ask(&p));
		if (row[i].before != -1)
			assert_int_not_equal(pager_take(&p, row[i].before, -1, &hole, &fault), -1);
		assert_int_equal(pager_take(&p, row[i].open, row[i].close, &hole, &fault), -1);
		assert_int_equal(fault.kind, FAULT_AGAIN);
		assert_non_null(strstr(fault.text, row[i].says));
		assert_non_null(strstr(fault.text, row[i].before == -1 ? "row 1" : "row 2"));
	}
}

static void
more_rows_than_were_asked_for_are_refused(void **state)
{
	struct pager p = range_of(Y2024, Y2025, false);
	struct hole hole;

	(void)state;
	p.iv = iv("1m");
	p.left = 2;
	pager_begin(&p, -1);
	assert_true(pager_ask(&p));
	assert_int_equal(p.limit, 2);
	assert_int_equal(pager_take(&p, Y2024, -1, &hole, &fault), 0);
	assert_int_equal(pager_take(&p, Y2024 + MINUTE, -1, &hole, &fault), 0);
	assert_int_equal(pager_take(&p, Y2024 + 2 * MINUTE, -1, &hole, &fault), -1);
}

static void
nothing_is_asked_for_an_empty_range(void **state)
{
	struct pager p = range_of(Y2024, Y2024, false);

	(void)state;
	p.iv = iv("1m");
	pager_begin(&p, -1);
	assert_false(pager_ask(&p));
	p.to = Y2025;
	pager_begin(&p, Y2025);		/* a file that has more already */
	assert_false(pager_ask(&p));
}

/*
 * Candles
 */

static int
read_one(struct candle *k, struct scan *doc, const char *text)
{
	assert_true(scan_doc(doc, text, strlen(text)) > 0);
	return candle_read(k, doc->t, doc->t, &fault);
}

static void
a_candle_keeps_its_digits(void **state)
{
	/* the answer of the documentation */
	static const char row[] = "[1499040000000,\"0.01634790\",\"0.80000000\",\"0.01575800\",\"0.01577100\","
	    "\"148976.11427815\",1499644799999,\"2434.19055334\",308,\"1756.87402397\",\"28.46694368\","
	    "\"17928899.62484339\"]";
	struct candle_of of = { "last", "BTCUSDT", NULL, "1w" };
	struct scan doc = { 0 };
	struct buf b = { 0 };
	struct candle k;

	(void)state;
	assert_int_equal(read_one(&k, &doc, row), 0);
	candle_put(&b, &k, &of, true, 5);
	assert_string_equal(b.p, "{\"e\":\"bf.kline\",\"E\":1499644799999,\"kind\":\"last\",\"s\":\"BTCUSDT\",\"i\":\"1w\","
	    "\"t\":1499040000000,\"T\":1499644799999,\"o\":\"0.01634790\",\"h\":\"0.80000000\",\"l\":\"0.01575800\","
	    "\"c\":\"0.01577100\",\"v\":\"148976.11427815\",\"q\":\"2434.19055334\",\"n\":308,\"V\":\"1756.87402397\","
	    "\"Q\":\"28.46694368\",\"x\":true}");
	buf_reset(&b);
	of.contract = "PERPETUAL";
	candle_put(&b, &k, &of, false, 1499040000005);
	assert_non_null(strstr(b.p, "\"E\":1499040000005,"));
	assert_non_null(strstr(b.p, "\"s\":\"BTCUSDT\",\"ct\":\"PERPETUAL\","));
	assert_non_null(strstr(b.p, "\"x\":false}"));
	buf_free(&b);
	scan_free(&doc);
}

static void
what_is_no_candle_is_refused_by_place(void **state)
{
	static const struct { const char *text, *says; } row[] = {
		{ "{}", "open time" },
		{ "[]", "open time" },
		{ "[1,\"2\"]", "high" },
		{ "[1,\"2\",\"abc\",\"2\",\"2\",\"2\",3,\"2\",4,\"2\",\"2\",\"0\"]", "high" },
		{ "[1,\"2\",\"2\",\"2\",\"\",\"2\",3,\"2\",4,\"2\",\"2\",\"0\"]", "close" },
		{ "[1,\"2\",\"2\",\"2\",\"2\",null,3,\"2\",4,\"2\",\"2\",\"0\"]", "volume" },
		{ "[1.5,\"2\",\"2\",\"2\",\"2\",\"2\",3,\"2\",4,\"2\",\"2\",\"0\"]", "milliseconds" },
		{ "[1,\"2\",\"2\",\"2\",\"2\",\"2\",[],\"2\",4,\"2\",\"2\",\"0\"]", "close time" },
	};
	struct candle k;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct scan doc = { 0 };

		assert_int_equal(read_one(&k, &doc, row[i].text), -1);
		assert_int_equal(fault.kind, FAULT_AGAIN);
		assert_non_null(strstr(fault.text, row[i].says));
		scan_free(&doc);
	}
}

/*
 * While it runs
 */

static void
patience_grows_and_ends_after_about_a_minute(void **state)
{
	int64_t sum = 0, last = 0, ms;
	int n = 0;

	(void)state;
	for (; (ms = ask_patience(n)) != -1; n++) {
		assert_true(ms >= last);
		last = ms;
		sum += ms;
	}
	assert_in_range(sum, 50000, 70000);
	assert_int_equal(ask_patience(n + 1000), -1);
}

static void
the_bar_fits_its_line_and_knows_what_is_left(void **state)
{
	struct progress p = { .name = "klines BTCUSDT 1m", .from = 0, .to = 1000, .begun_at = 0 };
	struct buf b = { 0 };

	(void)state;
	progress_line(&b, &p, 250, 5000, 10000, 79);
	assert_string_equal(b.p, "klines BTCUSDT 1m [####............]  25 %  5000 rows  500/s  0:30 left");
	/* a run that went on at half of it: what is left goes by what it did itself */
	buf_reset(&b);
	p.begun_at = 500;
	progress_line(&b, &p, 750, 5000, 10000, 79);
	assert_string_equal(b.p, "klines BTCUSDT 1m [############....]  75 %  5000 rows  500/s  0:10 left");
	buf_reset(&b);
	p.to = 0;	/* not known */
	progress_line(&b, &p, 750, 5000, 10000, 79);
	assert_string_equal(b.p, "klines BTCUSDT 1m  5000 rows");
	p.to = 1000000000000;
	for (int cols = 0; cols < 200; cols++) {
		buf_reset(&b);
		progress_line(&b, &p, 999999999999, 999999999, 3600000, cols);
		assert_true(cols < 80 || (int)b.len <= cols);
	}
	buf_free(&b);
}

#define T(name)	cmocka_unit_test(name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(intervals_open_where_the_calendar_has_them),
		T(there_is_no_second_and_no_other_period),
		T(a_year_of_minutes_comes_whole_and_at_the_least_weight),
		T(windows_counted_from_their_end_lose_nothing),
		T(months_are_twelve_a_year_whatever_their_length),
		T(a_hole_is_told_once_with_its_first_and_last),
		T(a_hole_of_months_is_counted_by_the_calendar),
		T(before_the_listing_and_after_the_end_is_no_hole),
		T(going_on_after_any_candle_gives_the_rest),
		T(so_many_rows_and_no_more),
		T(rows_that_are_wrong_are_named),
		T(more_rows_than_were_asked_for_are_refused),
		T(nothing_is_asked_for_an_empty_range),
		T(a_candle_keeps_its_digits),
		T(what_is_no_candle_is_refused_by_place),
		T(patience_grows_and_ends_after_about_a_minute),
		T(the_bar_fits_its_line_and_knows_what_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

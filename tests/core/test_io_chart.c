/* Small pictures, drawn by hand from the rules of chart.h. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "io/chart.h"
#include "decimal.h"
#include "recorded.h"

#define MINUTE	60000

static const struct chart small = { .w = 24, .h = 8, .unicode = true };
static struct buf out;

static void
is(const char *want)
{
	assert_false(out.bad);
	if (strcmp(out.p, want) != 0)
		print_error("got:\n%swanted:\n%s", out.p, want);
	assert_string_equal(out.p, want);
	buf_free(&out);
}

/* Rises all the way; falls with wicks; does not move; rises with wicks. */
static const struct bar four[] = {
	{ 0, 10, 20, 10, 20, 0, false }, { MINUTE, 18, 20, 10, 12, 0, false },
	{ 2 * MINUTE, 15, 15, 15, 15, 0, false }, { 3 * MINUTE, 12, 20, 10, 15, 0, false },
};

static void
candles_are_bodies_and_wicks_in_half_lines(void **state)
{
	(void)state;
	chart_candles(&out, &small, "four", four, 4, 0);
	is("four\n"
	    "┃ │   │             ├ 19\n"
	    "┃ █   │             │\n"
	    "┃ █ ╻ ╽             │\n"
	    "┃ █   ┃             │\n"
	    "┃ │   │             ├ 11\n"
	    "┬───────────────────┘\n"
	    "00:00\n");
}

static void
ascii_will_do(void **state)
{
	struct chart c = small;

	(void)state;
	c.unicode = false;
	chart_candles(&out, &c, "four", four, 4, 0);
	is("four\n"
	    "+ |   |             + 19\n"
	    "+ #   |             |\n"
	    "+ # + +             |\n"
	    "+ #   +             |\n"
	    "+ |   |             + 11\n"
	    "+-------------------+\n"
	    "00:00\n");
}

static void
colour_goes_on_and_off_with_what_it_is_for(void **state)
{
	struct chart c = small;
	struct bar one = four[0];

	(void)state;
	c.colour = true;
	chart_candles(&out, &c, "one", &one, 1, 0);
	assert_non_null(strstr(out.p, "\n\033[0m\033[32m┃"));
	assert_non_null(strstr(out.p, "\033[0m\033[2m│\033[0m\n"));
	buf_reset(&out);
	one.o = 20;
	one.c = 10;
	chart_candles(&out, &c, "one", &one, 1, 0);
	assert_non_null(strstr(out.p, "\033[31m█"));
	buf_free(&out);
}

static void
a_hole_is_an_empty_column(void **state)
{
	struct bar v[3] = { four[0], { .t = MINUTE, .none = true }, four[0] };

	(void)state;
	v[2].t = 2 * MINUTE;
	chart_candles(&out, &small, "hole", v, 3, 0);
	assert_non_null(strstr(out.p, "\n┃   ┃ "));
	buf_free(&out);
}

/* Nine lines from 1 to 3, without decimals: 3, 2, 1; from 1 to 2 the line in the middle is neither. */
static void
a_price_is_named_once(void **state)
{
	struct chart c = small;
	struct bar one = four[0];
	const char *first;

	(void)state;
	c.h = 12;
	one.o = one.l = 1;
	one.c = one.h = 2;
	chart_candles(&out, &c, "one", &one, 1, 0);
	assert_non_null(first = strstr(out.p, "├ 2\n"));
	assert_null(strstr(first + 1, "├ 2\n"));
	assert_non_null(strstr(out.p, "├ 1\n"));
	buf_reset(&out);
	one.c = one.h = 3;
	chart_candles(&out, &c, "one", &one, 1, 0);
	assert_non_null(strstr(out.p, "├ 3\n"));
	assert_non_null(strstr(out.p, "├ 2\n"));
	assert_non_null(strstr(out.p, "├ 1\n"));
	buf_free(&out);
}

static void
volume_stands_below_when_there_is_any(void **state)
{
	struct chart c = small;
	struct bar v[2] = { four[0], four[0] };

	(void)state;
	c.h = 10;	/* 7 lines: 5 for prices, one blank, one of volume */
	v[0].v = 8;
	v[1].v = 3;
	chart_candles(&out, &c, "volume", v, 2, 0);
	is("volume\n"
	    "┃ ┃                 ├ 19\n"
	    "┃ ┃                 │\n"
	    "┃ ┃                 │\n"
	    "┃ ┃                 │\n"
	    "┃ ┃                 ├ 11\n"
	    "                    │\n"
	    "█ ▃                 │\n"
	    "┬───────────────────┘\n"
	    "00:00\n");
}

static void
many_candles_share_a_column(void **state)
{
	struct bar v[40], m[40];

	(void)state;
	for (int i = 0; i < 40; i++)	/* up by one each, and a spike of the second of each pair */
		v[i] = (struct bar){ i * MINUTE, i, i + 1 + i % 2 * 5, i, i + 1, 1, false };
	assert_int_equal(chart_merge(m, v, 40, 2), 20);
	assert_true(m[3].t == 6 * MINUTE && m[3].o == 6 && m[3].h == 13 && m[3].l == 6 && m[3].c == 8 && m[3].v == 2);
	assert_int_equal(chart_merge(m, v, 39, 2), 20);
	assert_true(m[19].v == 1);
	v[38].none = true;
	assert_int_equal(chart_merge(m, v, 39, 2), 20);
	assert_true(m[19].none && m[19].t == 38 * MINUTE);
}

static void
one_price_all_along_is_in_the_middle(void **state)
{
	struct bar v = { 0, 5, 5, 5, 5, 0, false };

	(void)state;
	chart_candles(&out, &small, "flat", &v, 1, 0);
	/* the third of five lines */
	assert_non_null(strstr(out.p, "flat\n                     ├ 5\n                     │\n╻"));
	buf_free(&out);
}

static void
bars_stand_on_zero_and_hang_from_it(void **state)
{
	static const struct point v[] = { { 0, 1 }, { MINUTE, -1 }, { 2 * MINUTE, 2 }, { 3 * MINUTE, 0 } };
	struct chart c = small;

	(void)state;
	chart_series(&out, &c, "bars", v, 4, 0);
	is("bars\n"
	    "    █             ├ 2.0\n"
	    "▄   █             │\n"
	    "█   █ ▁           ├ 0.0\n"
	    "  █               │\n"
	    "  ▀               │\n"
	    "┬─────────────────┘\n"
	    "00:00\n");
	c.unicode = false;
	chart_series(&out, &c, "bars", v, 4, 0);
	is("bars\n"
	    "    #             + 2.0\n"
	    "#   #             |\n"
	    "#   # _           + 0.0\n"
	    "  #               |\n"
	    "  #               |\n"
	    "+-----------------+\n"
	    "00:00\n");
}

static void
values_far_from_zero_stand_on_their_least(void **state)
{
	static const struct point v[] = { { 0, 1000 }, { MINUTE, 1005 } };

	(void)state;
	chart_series(&out, &small, "far", v, 2, 0);
	/* five lines for 999 to 1005: the least is one of them less a sixth */
	assert_non_null(strstr(out.p, "far\n  █"));
	assert_non_null(strstr(out.p, "\n▇ █"));
	buf_free(&out);
}

/* 16 lines: a mark at every fourth, of numbers that a person reads at once; none at the top, which is not round. */
static void
an_axis_with_room_has_round_numbers(void **state)
{
	static const struct point zero[] = { { 0, 3 }, { MINUTE, 9756.31 } }, far[] = { { 0, 59871 }, { MINUTE, 60212 } },
	    below[] = { { 0, -31 }, { MINUTE, 44 } };
	struct chart c = small;

	(void)state;
	c.h = 19;
	chart_series(&out, &c, "zero", zero, 2, 0);
	assert_non_null(strstr(out.p, "├ 7500\n"));
	assert_non_null(strstr(out.p, "├ 5000\n"));
	assert_non_null(strstr(out.p, "├ 2500\n"));
	assert_null(strstr(out.p, "├ 9756"));
	buf_reset(&out);
	chart_series(&out, &c, "far", far, 2, 0);
	assert_non_null(strstr(out.p, "├ 60000\n"));
	assert_non_null(strstr(out.p, "├ 60150\n"));
	buf_reset(&out);
	chart_series(&out, &c, "below", below, 2, 0);
	assert_non_null(strstr(out.p, "├ 20\n"));
	assert_non_null(strstr(out.p, "├ 0\n"));
	assert_non_null(strstr(out.p, "├ -20\n"));
	buf_free(&out);
}

static void
depth_is_cumulated_from_the_middle_out(void **state)
{
	struct chart_level bids[] = { { D("99"), D("1") }, { D("98"), D("1") } };
	struct chart_level asks[] = { { D("101"), D("2") }, { D("102"), D("1") } };

	(void)state;
	chart_depth(&out, &small, "book", bids, 2, asks, 2);
	is("book\n"
	    "                   █ ├ 3\n"
	    "▃             ▃▃▃▃▃█ ├ 2\n"
	    "█             ██████ │\n"
	    "█▅▅▅▅▅        ██████ │\n"
	    "██████        ██████ │\n"
	    "┬─────────┬──────┬───┘\n"
	    "98        100    102\n");
}

static void
half_a_book_and_a_book_of_one_level_are_drawn(void **state)
{
	struct chart_level one = { D("100"), D("1") };

	(void)state;
	chart_depth(&out, &small, "bids", &one, 1, NULL, 0);
	chart_depth(&out, &small, "asks", NULL, 0, &one, 1);
	chart_depth(&out, &small, "both", &one, 1, &one, 1);
	assert_false(out.bad);
	buf_free(&out);
}

static void
titles_and_sizes_are_taken_as_they_come(void **state)
{
	struct chart c = small;

	(void)state;
	for (c.w = -1; c.w < 40; c.w += 3)
		for (c.h = -1; c.h < 20; c.h += 2)
			chart_candles(&out, &c, "a\033[2Jb", four, 4, 8);
	assert_null(strchr(out.p, '\033'));
	assert_non_null(strstr(out.p, "a\\x1b[2Jb\n"));
	buf_free(&out);
}

/* The real crash of 2025-02-03: the low of the three days is at 02:08, 0.2185. */
static void
the_low_of_a_crash_is_on_the_lowest_line_of_the_chart(void **state)
{
	struct chart c = { .w = 200, .h = 40, .unicode = false };
	char *text = recorded("usdm/klines-ALGOUSDT-1m-2025-02-02_04.csv.gz"), *line = text, *end;
	struct bar *v = calloc(5000, sizeof *v);
	double low = 1;
	int n = 0, lowest = 0;

	(void)state;
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		long long t;

		if (sscanf(line, "%lld,%lf,%lf,%lf,%lf,%lf", &t, &v[n].o, &v[n].h, &v[n].l, &v[n].c, &v[n].v) != 6)
			continue;	/* the headings */
		v[n].t = t;
		if (v[n].l < low) {
			low = v[n].l;
			lowest = n;
		}
		n++;
	}
	free(text);
	assert_int_equal(n, 4320);
	assert_true(low == 0.2185);
	chart_candles(&out, &c, "ALGOUSDT", v, n, 4);
	/* 37 lines, 7 of them volume, one blank: the 29th below the title is the lowest price */
	line = out.p;
	for (int i = 0; i < 29; i++)
		line = strchr(line, '\n') + 1;
	/* 192 columns: 23 minutes each */
	end = line + lowest / 23;
	assert_true(*end == '|' || *end == '#' || *end == '+');
	assert_true(strspn(line, " ") == (size_t)(end - line));
	free(v);
	buf_free(&out);
}

#define T(name)	cmocka_unit_test(name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(candles_are_bodies_and_wicks_in_half_lines),
		T(ascii_will_do),
		T(colour_goes_on_and_off_with_what_it_is_for),
		T(a_hole_is_an_empty_column),
		T(a_price_is_named_once),
		T(volume_stands_below_when_there_is_any),
		T(many_candles_share_a_column),
		T(one_price_all_along_is_in_the_middle),
		T(bars_stand_on_zero_and_hang_from_it),
		T(values_far_from_zero_stand_on_their_least),
		T(an_axis_with_room_has_round_numbers),
		T(depth_is_cumulated_from_the_middle_out),
		T(half_a_book_and_a_book_of_one_level_are_drawn),
		T(titles_and_sizes_are_taken_as_they_come),
		T(the_low_of_a_crash_is_on_the_lowest_line_of_the_chart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The local book. Dialogues, row by row, for each part of the rule; messages that are
 * none; random dialogues against a book so simple that it is right; and the recordings,
 * whose figures others have counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/book.h"
#include "bookrig.h"
#include "recorded.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

static struct scan sc;

/* A message of n bytes that ends where its memory ends, so that ASan sees a step over. */
static const struct tok *
scanned(const char *s, size_t n)
{
	static char *copy;

	free(copy);
	if ((copy = malloc(n)) == NULL)
		fail_msg("out of memory");
	memcpy(copy, s, n);
	if (scan_doc(&sc, copy, n) <= 0)
		fail_msg("not JSON: %.*s", (int)n, s);
	return sc.t;
}

static enum book_result
diff(struct book *b, const char *json)
{
	const struct tok *v = scanned(json, strlen(json));

	return book_diff(b, v, v);
}

static enum book_result
snapshot(struct book *b, const char *json)
{
	const struct tok *v = scanned(json, strlen(json));

	return book_snapshot(b, v, v);
}

static const char *
result_name(enum book_result r)
{
	static const char *const name[] = {
		[BOOK_APPLIED] = "applied", [BOOK_HELD] = "held", [BOOK_OLD] = "old",
		[BOOK_GAP] = "gap", [BOOK_BAD] = "bad"
	};

	return name[r];
}

static const char *
state_name(enum book_state s)
{
	static const char *const name[] = {
		[BOOK_EMPTY] = "empty", [BOOK_JOINING] = "joining", [BOOK_LIVE] = "live"
	};

	return name[s];
}

static void
show_side(struct buf *out, const struct book *b, bool bids)
{
	char p[DEC_STR], q[DEC_STR];
	dec price, qty;

	for (int i = 0; book_level(b, bids, i, &price, &qty); i++) {
		dec_print(price, p);
		dec_print(qty, q);
		buf_printf(out, "%s%sx%s", i > 0 || !bids ? " " : "", p, q);
	}
}

/* "live 8: 99x1 / 101x2" */
static const char *
show(const struct book *b)
{
	static struct buf out;

	buf_reset(&out);
	buf_printf(&out, "%s %llu: ", state_name(book_state(b)), (unsigned long long)book_u(b));
	show_side(&out, b, true);
	buf_str(&out, " /");
	show_side(&out, b, false);
	return out.p;
}

static const char *
say(struct book *b, const char *line)
{
	static char heard[64];
	struct buf m = { 0 };

	if (strncmp(line, "void", 4) == 0) {	/* "void" or "void keep" */
		book_void(b, strcmp(line, "void keep") == 0);
		return "void";
	}
	from_short(&m, line);
	snprintf(heard, sizeof heard, "%s", result_name(*line == '@' ? snapshot(b, m.p) : diff(b, m.p)));
	buf_free(&m);
	return heard;
}

struct line { const char *say, *result, *book; };	/* book NULL: as in the line before */

static void
dialogue(const struct line *l, size_t n)
{
	struct book *b = book_new();
	const char *want = "";

	assert_non_null(b);
	for (size_t i = 0; i < n; i++) {
		const char *heard = say(b, l[i].say);

		if (l[i].book != NULL)
			want = l[i].book;
		if (strcmp(heard, l[i].result) != 0 || strcmp(show(b), want) != 0)
			fail_msg("%s: %s, %s; not %s, %s", l[i].say, heard, show(b), l[i].result, want);
	}
	book_free(b);
}

#define DIALOGUE(...)	do {						\
	static const struct line lines[] = { __VA_ARGS__ };		\
	dialogue(lines, LEN(lines));					\
} while (0)

static void
diffs_wait_for_a_snapshot_and_the_first_one_spans_it(void **state)
{
	(void)state;
	DIALOGUE(
		{ "10-12<9 98x1 / 103x1",  "held", "empty 0:  /" },
		{ "13-15<12 99x1 / 102x1", "held", NULL },
		{ "16-18<15 99x2 /",       "held", NULL },
		{ "@14 97x7 / 104x7",      "applied", "live 18: 99x2 97x7 / 102x1 104x7" },
		{ "20-21<18 / 102x0",      "applied", "live 21: 99x2 97x7 / 104x7" },
	);
	/* u of the first one is the snapshot's own id */
	DIALOGUE(
		{ "10-12<9 98x1 /",	"held", "empty 0:  /" },
		{ "@12 98x1 / 100x1",	"applied", "live 12: 98x1 / 100x1" },
		{ "13-13<12 98x0 /",	"applied", "live 13:  / 100x1" },
	);
	/* and U is */
	DIALOGUE(
		{ "10-12<8 98x1 /",	"held", "empty 0:  /" },
		{ "@10 97x1 / 100x1",	"applied", "live 12: 98x1 97x1 / 100x1" },
	);
}

static void
the_snapshot_may_come_first_and_older_diffs_are_dropped(void **state)
{
	(void)state;
	DIALOGUE(
		{ "@14 97x7 / 104x7",	"applied", "joining 14: 97x7 / 104x7" },
		{ "8-9<7 97x1 /",	"old", NULL },
		{ "10-13<9 97x2 /",	"old", NULL },
		{ "14-18<13 97x3 /",	"applied", "live 18: 97x3 / 104x7" },
	);
	/* one that begins after it but follows its very id joins */
	DIALOGUE(
		{ "@14 97x7 / 104x7",	"applied", "joining 14: 97x7 / 104x7" },
		{ "17-18<14 97x3 /",	"applied", "live 18: 97x3 / 104x7" },
	);
	/* one that follows something else does not */
	DIALOGUE(
		{ "@14 97x7 / 104x7",	"applied", "joining 14: 97x7 / 104x7" },
		{ "17-18<16 97x3 /",	"gap", "empty 0:  /" },
		{ "19-20<18 96x3 /",	"held", NULL },
		{ "@17 97x7 / 104x7",	"applied", "live 20: 97x3 96x3 / 104x7" },
	);
}

static void
a_snapshot_newer_than_all_that_is_held_joins_later(void **state)
{
	(void)state;
	DIALOGUE(
		{ "10-12<9 98x1 /",	"held", "empty 0:  /" },
		{ "13-15<12 99x1 /",	"held", NULL },
		{ "@20 97x7 / 104x7",	"applied", "joining 20: 97x7 / 104x7" },
		{ "16-18<15 99x1 /",	"old", NULL },
		{ "19-22<18 97x0 /",	"applied", "live 22:  / 104x7" },
	);
	/* a newer snapshot takes its place, an older one does not */
	DIALOGUE(
		{ "@20 97x7 /",		"applied", "joining 20: 97x7 /" },
		{ "@19 96x7 /",		"old", NULL },
		{ "@25 95x7 /",		"applied", "joining 25: 95x7 /" },
		{ "19-22<18 97x0 /",	"old", NULL },
		{ "23-26<22 95x8 /",	"applied", "live 26: 95x8 /" },
	);
}

static void
a_snapshot_older_than_what_is_held_keeps_all(void **state)
{
	(void)state;
	DIALOGUE(
		{ "10-12<9 98x1 /",	"held", "empty 0:  /" },
		{ "13-15<12 99x1 /",	"held", NULL },
		{ "@8 97x7 /",		"old", NULL },
		{ "16-18<15 97x1 /",	"held", NULL },
		{ "@9 96x1 /",		"applied", "live 18: 99x1 98x1 97x1 96x1 /" },
	);
	DIALOGUE(
		{ "10-12<9 98x1 /",	"held", "empty 0:  /" },
		{ "@3 97x7 /",		"old", NULL },
		{ "@10 97x7 /",		"applied", "live 12: 98x1 97x7 /" },
		/* nor does one that a live book is past */
		{ "@11 1x1 /",		"old", NULL },
		{ "@12 1x1 /",		"old", NULL },
		{ "13-14<12 98x2 /",	"applied", "live 14: 98x2 97x7 /" },
	);
}

static void
a_diff_that_does_not_follow_voids_the_book_and_is_held(void **state)
{
	(void)state;
	DIALOGUE(
		{ "@10 98x1 / 100x1",	"applied", "joining 10: 98x1 / 100x1" },
		{ "10-12<9 98x2 /",	"applied", "live 12: 98x2 / 100x1" },
		{ "16-18<15 98x4 /",	"gap", "empty 0:  /" },
		{ "19-20<18 97x5 /",	"held", NULL },
		{ "@14 95x1 / 100x1",	"old", NULL },		/* from within the hole */
		{ "@17 98x4 / 100x1",	"applied", "live 20: 98x4 97x5 / 100x1" },
	);
	/* Spot's rule (U is the u before and one) is not this one */
	DIALOGUE(
		{ "@10 98x1 /",		"applied", "joining 10: 98x1 /" },
		{ "10-12<9 98x2 /",	"applied", "live 12: 98x2 /" },
		{ "13-14<11 98x3 /",	"gap", "empty 0:  /" },
	);
	/* a partial depth event follows nothing */
	DIALOGUE(
		{ "@10 98x1 /",		"applied", "joining 10: 98x1 /" },
		{ "10-12<9 98x2 /",	"applied", "live 12: 98x2 /" },
		{ "13-13<-1 98x3 /",	"gap", "empty 0:  /" },
	);
}

static void
a_hole_among_the_diffs_held_is_found_by_the_snapshot(void **state)
{
	(void)state;
	DIALOGUE(
		{ "10-12<9 98x1 /",	"held", "empty 0:  /" },
		{ "16-18<15 98x2 /",	"held", NULL },
		{ "19-20<18 97x3 /",	"held", NULL },
		{ "@11 90x1 /",		"gap", NULL },
		{ "@15 90x1 /",		"applied", "live 20: 98x2 97x3 90x1 /" },	/* pu of the first is 15 */
	);
	/* a snapshot from after the hole does not mind it */
	DIALOGUE(
		{ "10-12<9 98x1 /",	"held", "empty 0:  /" },
		{ "16-18<15 98x2 /",	"held", NULL },
		{ "@17 90x1 /",		"applied", "live 18: 98x2 90x1 /" },
	);
	/* two holes */
	DIALOGUE(
		{ "10-12<9 98x1 /",	"held", "empty 0:  /" },
		{ "16-18<15 98x2 /",	"held", NULL },
		{ "26-28<25 98x3 /",	"held", NULL },
		{ "@10 90x1 /",		"gap", NULL },
		{ "@16 90x1 /",		"gap", NULL },
		{ "@26 90x1 /",		"applied", "live 28: 98x3 90x1 /" },
	);
}

static void
what_comes_twice_or_late_is_dropped(void **state)
{
	(void)state;
	DIALOGUE(
		{ "@10 98x1 /",		"applied", "joining 10: 98x1 /" },
		{ "10-12<9 98x2 /",	"applied", "live 12: 98x2 /" },
		{ "10-12<9 98x9 /",	"old", NULL },
		{ "13-15<12 98x3 /",	"applied", "live 15: 98x3 /" },
		{ "10-12<9 98x9 /",	"old", NULL },
		{ "13-15<12 98x9 /",	"old", NULL },
		{ "16-17<15 98x4 /",	"applied", "live 17: 98x4 /" },
	);
	/* among the held ones too */
	DIALOGUE(
		{ "10-12<9 98x2 /",	"held", "empty 0:  /" },
		{ "10-12<9 98x9 /",	"held", NULL },
		{ "13-15<12 98x3 /",	"held", NULL },
		{ "10-12<9 98x9 /",	"held", NULL },
		{ "16-17<15 98x4 /",	"held", NULL },
		{ "@10 97x1 /",		"applied", "live 17: 98x4 97x1 /" },
	);
}

/* The exchange was restarted: a book that waits for greater ids would wait for ever. */
static void
ids_that_begin_anew_void_the_book(void **state)
{
	(void)state;
	DIALOGUE(
		{ "@1000 98x1 / E=5000",	"applied", "joining 1000: 98x1 /" },
		{ "999-1001<9 98x2 / E=6000",	"applied", "live 1001: 98x2 /" },
		{ "3-4<2 98x2 / E=16000",	"old", NULL },	/* may still be a late one */
		{ "5-6<4 97x2 / E=16001",	"gap", "empty 0:  /" },
		{ "7-8<6 97x3 / E=16002",	"held", NULL },
		{ "@6 90x1 / E=16002",		"applied", "live 8: 97x3 90x1 /" },
	);
	/* while diffs are held: those of before are of no use */
	DIALOGUE(
		{ "998-999<9 98x1 / E=5000",	"held", "empty 0:  /" },
		{ "5-6<4 97x2 / E=96000",	"held", NULL },
		{ "@5 90x1 / E=96000",		"applied", "live 6: 97x2 90x1 /" },
	);
}

static void
void_throws_all_away_but_what_it_is_told_to_keep(void **state)
{
	(void)state;
	DIALOGUE(
		{ "10-12<9 98x1 /",	"held", "empty 0:  /" },
		{ "void keep",		"void", NULL },
		{ "13-15<12 99x1 /",	"held", NULL },
		{ "@11 97x7 /",		"applied", "live 15: 99x1 98x1 97x7 /" },
		{ "void keep",		"void", "empty 0:  /" },
		{ "16-18<15 99x1 /",	"held", NULL },
		{ "void",		"void", NULL },
		{ "@16 97x7 /",		"applied", "joining 16: 97x7 /" },
	);
}

static void
levels_are_absolute_and_the_last_one_counts(void **state)
{
	(void)state;
	DIALOGUE(
		{ "@10 98x1 97x1 / 100x1 101x1", "applied", "joining 10: 98x1 97x1 / 100x1 101x1" },
		/* an unknown level is deleted, a known one set twice */
		{ "10-11<9 50x0 97x5 97x6 / 200x0 100x0 100x3", "applied", "live 11: 98x1 97x6 / 100x3 101x1" },
		/* there, gone, and there again */
		{ "12-12<11 98x0 98x2 98x0 / 100x0 100x1", "applied", "live 12: 97x6 / 100x1 101x1" },
		/* nothing at all */
		{ "13-13<12 /", "applied", "live 13: 97x6 / 100x1 101x1" },
		/* empty sides */
		{ "14-14<13 97x0 / 100x0 101x0.000", "applied", "live 14:  /" },
		{ "15-15<14 / 100x1", "applied", "live 15:  / 100x1" },
		{ "16-16<15 101x1 /", "applied", "live 16: 101x1 / 100x1" },	/* crossed, as it came */
	);
	/* zeros and doubles of a snapshot */
	DIALOGUE(
		{ "@10 98x1 97x0 98x2 /",	"applied", "joining 10: 98x2 /" },
	);
}

static void
digits_stay_and_prices_are_compared_by_value(void **state)
{
	(void)state;
	DIALOGUE(
		{ "@10 61659.70x1.486 / 61659.80x0.981", "applied", "joining 10: 61659.70x1.486 / 61659.80x0.981" },
		{ "10-11<9 61659.7x1.4860 / 61659.8000x2", "applied", "live 11: 61659.7x1.4860 / 61659.8000x2" },
		{ "12-12<11 61659.700x0.00 61659x1.0 / 61659.80x0", "applied", "live 12: 61659x1.0 /" },
		{ "13-13<12 61659.000000000000000000000000000000000001x1 /",
		    "bad", "empty 0:  /" },	/* 41 digits have no room */
	);
	DIALOGUE(
		{ "@1 0.000000000000000000000000000000000001x9000000000000000000 / 1x0.10", "applied",
		    "joining 1: 0.000000000000000000000000000000000001x9000000000000000000 / 1x0.10" },
		{ "1-2<0 0.000000000000000000000000000000000020x1 8999999999999999999x1 /", "applied",
		    "live 2: 8999999999999999999x1 0.000000000000000000000000000000000020x1 "
		    "0.000000000000000000000000000000000001x9000000000000000000 / 1x0.10" },
	);
}

static void
what_is_no_diff_is_bad_and_voids_the_book(void **state)
{
	static const char *const row[] = {
		"1", "\"x\"", "null", "[]", "{}", "[{\"U\":11}]",
		/* a member is missing */
		"{\"u\":12,\"pu\":10,\"b\":[],\"a\":[]}", "{\"U\":11,\"pu\":10,\"b\":[],\"a\":[]}",
		"{\"U\":11,\"u\":12,\"b\":[],\"a\":[]}",	/* as Spot has it */
		"{\"U\":11,\"u\":12,\"pu\":10,\"a\":[]}", "{\"U\":11,\"u\":12,\"pu\":10,\"b\":[]}",
		/* or of the wrong kind */
		"{\"U\":null,\"u\":12,\"pu\":10,\"b\":[],\"a\":[]}", "{\"U\":[11],\"u\":12,\"pu\":10,\"b\":[],\"a\":[]}",
		"{\"U\":11,\"u\":12,\"pu\":null,\"b\":[],\"a\":[]}", "{\"U\":11,\"u\":12,\"pu\":\"x\",\"b\":[],\"a\":[]}",
		"{\"U\":11,\"u\":12,\"pu\":10,\"b\":{},\"a\":[]}", "{\"U\":11,\"u\":12,\"pu\":10,\"b\":[],\"a\":\"\"}",
		/* ids */
		"{\"U\":13,\"u\":12,\"pu\":10,\"b\":[],\"a\":[]}", "{\"U\":-1,\"u\":12,\"pu\":10,\"b\":[],\"a\":[]}",
		"{\"U\":11,\"u\":12.0,\"pu\":10,\"b\":[],\"a\":[]}", "{\"U\":11,\"u\":12e1,\"pu\":10,\"b\":[],\"a\":[]}",
		"{\"U\":11,\"u\":18446744073709551616,\"pu\":10,\"b\":[],\"a\":[]}",
		"{\"U\":11,\"u\":\"\",\"pu\":10,\"b\":[],\"a\":[]}", "{\"U\":11,\"u\":12,\"pu\":1.5,\"b\":[],\"a\":[]}",
		/* levels */
#define LEVEL(l)	"{\"U\":11,\"u\":12,\"pu\":10,\"b\":[[\"9\",\"1\"]," l "],\"a\":[]}",		\
			"{\"U\":11,\"u\":12,\"pu\":10,\"b\":[],\"a\":[[\"9\",\"1\"]," l "]}"
		LEVEL("1"), LEVEL("\"9\""), LEVEL("null"), LEVEL("{}"), LEVEL("[]"), LEVEL("[\"9\"]"),
		LEVEL("[[\"9\"],\"1\"]"), LEVEL("[{\"a\":\"9\"},\"1\"]"), LEVEL("[\"9\",[\"1\"]]"), LEVEL("[\"9\",null]"),
		LEVEL("[true,\"1\"]"), LEVEL("[\"\",\"1\"]"), LEVEL("[\"9\",\"\"]"), LEVEL("[\"x\",\"1\"]"),
		LEVEL("[\"9\",\"1x\"]"), LEVEL("[\"9.\",\"1\"]"), LEVEL("[\".9\",\"1\"]"), LEVEL("[\"9..1\",\"1\"]"),
		LEVEL("[\" 9\",\"1\"]"), LEVEL("[\"+9\",\"1\"]"), LEVEL("[\"09\",\"1\"]"), LEVEL("[\"0x9\",\"1\"]"),
		LEVEL("[\"1e\",\"1\"]"), LEVEL("[9,1e99]"), LEVEL("[\"9E+\",1]"), LEVEL("[\"9\",\"-1E-3\"]"),
		LEVEL("[\"-9\",\"1\"]"), LEVEL("[\"9\",\"-1\"]"), LEVEL("[-9,1]"), LEVEL("[\"NaN\",\"1\"]"),
		LEVEL("[\"Infinity\",\"1\"]"), LEVEL("[\"9\",\"1\\u0000\"]"), LEVEL("[\"\\u0039\\n\",\"1\"]"),
		LEVEL("[\"1234567890123456789012345678901234567890\",\"1\"]"),
		LEVEL("[\"9\",\"1234567890123456789012345678901234567890\"]"),
		LEVEL("[\"9\",\"9223372036854775808\"]"), LEVEL("[\"99999999999.999999999\",\"1\"]"),
		LEVEL("[\"0.0000000000000000000000000000000000001\",\"1\"]"),
	};
	struct book *b = book_new();

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		say(b, "@10 98x1 / 100x1");
		if (diff(b, row[i]) != BOOK_BAD)
			fail_msg("not bad: %s", row[i]);
		assert_string_equal(show(b), "empty 0:  /");
	}
	book_free(b);
}

static void
what_is_no_snapshot_is_bad_and_what_is_held_stays(void **state)
{
	static const char *const row[] = {
		"[]", "{}", "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}",
		"{\"bids\":[],\"asks\":[]}", "{\"lastUpdateId\":11,\"bids\":[]}", "{\"lastUpdateId\":11,\"asks\":[]}",
		"{\"lastUpdateId\":null,\"bids\":[],\"asks\":[]}", "{\"lastUpdateId\":-1,\"bids\":[],\"asks\":[]}",
		"{\"lastUpdateId\":\"1e3\",\"bids\":[],\"asks\":[]}",
		"{\"lastUpdateId\":11,\"bids\":[[\"1\",\"-1\"]],\"asks\":[]}",
		"{\"lastUpdateId\":99999999999999999999,\"bids\":[],\"asks\":[]}",
	};
	struct book *b = book_new();

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		say(b, "10-12<9 98x1 /");
		if (snapshot(b, row[i]) != BOOK_BAD)
			fail_msg("not bad: %s", row[i]);
		assert_string_equal(say(b, "@11 97x1 /"), "applied");
		assert_string_equal(show(b), "live 12: 98x1 97x1 /");
		book_void(b, false);
	}
	book_free(b);
}

static void
what_is_unusual_but_clear_is_taken(void **state)
{
	struct book *b = book_new();

	(void)state;
	/* ids as strings, numbers for prices, more members in a level, times missing or absurd */
	assert_int_equal(snapshot(b, "{\"lastUpdateId\":\"18446744073709551610\",\"bids\":[[9.50,1]],"
	    "\"asks\":[[\"1\\u0030\",\"2\",[]]]}"), BOOK_APPLIED);
	assert_string_equal(show(b), "joining 18446744073709551610: 9.50x1 / 10x2");
	assert_int_equal(book_E(b), 0);
	assert_int_equal(book_T(b), 0);
	assert_int_equal(diff(b, "{\"\\u0055\":1,\"u\":\"18446744073709551615\",\"pu\":\"0\",\"E\":1723161256299,"
	    "\"T\":\"1723161256298\",\"a\":[],\"b\":[[\"9.5\",\"7\",\"x\",{\"y\":[1]}],[\"8\",\"1\"]]}"), BOOK_APPLIED);
	assert_string_equal(show(b), "live 18446744073709551615: 9.5x7 8x1 / 10x2");
	assert_int_equal(book_E(b), 1723161256299);
	assert_int_equal(book_T(b), 1723161256298);
	assert_int_equal(diff(b, "{\"U\":5,\"u\":18446744073709551615,\"pu\":-1,\"E\":-5,\"T\":{},\"b\":[],\"a\":[]}"),
	    BOOK_OLD);
	assert_int_equal(book_E(b), 1723161256299);
	book_free(b);
}

/* As JSON writers print them: the same levels, whatever their dress. */
static void
exponents_and_zeros_without_end_are_plain_decimals(void **state)
{
	struct book *b = book_new();

	(void)state;
	assert_int_equal(snapshot(b, "{\"lastUpdateId\":10,\"bids\":[[\"5998870E-2\",9.15e-1],"
	    "[\"59987.90000000000000000000\",\"457E-3\"]],\"asks\":[[6E4,\"1.04300000000000000000\"]]}"), BOOK_APPLIED);
	assert_string_equal(show(b), "joining 10: 59988.70x0.915 59987.9x0.457 / 60000x1.043");
	assert_int_equal(diff(b, "{\"U\":10,\"u\":12,\"pu\":9,\"b\":[[\"59988.7\",\"0E-3\"]],"
	    "\"a\":[[\"60000.00000000000000000000\",\"2\"]]}"), BOOK_APPLIED);
	assert_string_equal(show(b), "live 12: 59987.9x0.457 / 60000x2");
	book_free(b);
}

static void
how_it_broke_is_remembered(void **state)
{
	struct book *b = book_new();
	struct book_gap gap;

	(void)state;
	assert_false(book_gap(b, &gap));
	say(b, "@10 98x1 /");
	say(b, "10-12<9 98x1 /");
	say(b, "16-18<15 98x1 /");
	assert_true(book_gap(b, &gap));
	assert_true(gap.u == 12 && gap.has_pu && gap.pu == 15 && gap.U == 16);
	say(b, "26-28<-1 98x1 /");
	assert_string_equal(say(b, "@17 98x1 /"), "gap");
	assert_true(book_gap(b, &gap));
	assert_true(gap.u == 18 && !gap.has_pu && gap.U == 26);
	book_free(b);
}

static void
only_the_levels_asked_for_make_a_change(void **state)
{
	struct book *b = book_new();

	(void)state;
	assert_true(book_changed(b, 2));
	assert_false(book_changed(b, 2));
	say(b, "@10 98x1 97x1 96x1 / 100x1 101x1 102x1");
	assert_true(book_changed(b, 2));
	assert_false(book_changed(b, 2));
	say(b, "10-11<9 96x2 95x1 / 102x2");
	assert_false(book_changed(b, 2));
	assert_true(book_changed(b, 3));	/* another number: as if for the first time */
	assert_false(book_changed(b, 3));
	say(b, "12-12<11 98x1 97x1 / 100x1");	/* the same again */
	assert_false(book_changed(b, 3));
	say(b, "13-13<12 / 102x3");
	assert_true(book_changed(b, 3));
	say(b, "14-14<13 97x0 /");
	assert_true(book_changed(b, 3));
	say(b, "15-15<14 / 101x0 102x0");
	assert_true(book_changed(b, 3));
	say(b, "16-16<15 98x1.0 /");		/* the digits are shown */
	assert_true(book_changed(b, 3));
	say(b, "void");
	assert_true(book_changed(b, 3));
	assert_false(book_changed(b, 3));
	assert_true(book_changed(b, -1));
	assert_true(book_changed(b, 2000000000));
	assert_false(book_changed(b, 2000000000));
	book_free(b);
}

static void
it_is_written_as_the_exchange_writes_partial_depth(void **state)
{
	struct book *b = book_new();
	struct buf out = { 0 };

	(void)state;
	say(b, "@10 98.10x1.000 97x12 0.00001x3 / 100x0.001 E=1723161256501");
	book_put(b, "BTC\"USDT", 2, &out);
	assert_string_equal(out.p, "{\"e\":\"depthUpdate\",\"E\":1723161256501,\"T\":0,\"s\":\"BTC\\\"USDT\",\"u\":10,"
	    "\"b\":[[\"98.10\",\"1.000\"],[\"97\",\"12\"]],\"a\":[[\"100\",\"0.001\"]]}");
	buf_reset(&out);
	book_void(b, false);
	book_put(b, "X", 2, &out);
	assert_string_equal(out.p, "{\"e\":\"depthUpdate\",\"E\":0,\"T\":0,\"s\":\"X\",\"u\":0,\"b\":[],\"a\":[]}");
	buf_reset(&out);
	/* appended after a line, all there are */
	buf_str(&out, "{}\n");
	say(b, "@10 0.00001x0.00000010 3x1 / 9000000000000000000x9000000000000000000 E=5");
	book_put(b, "X", 1000, &out);
	assert_string_equal(out.p, "{}\n{\"e\":\"depthUpdate\",\"E\":5,\"T\":0,\"s\":\"X\",\"u\":10,"
	    "\"b\":[[\"3\",\"1\"],[\"0.00001\",\"0.00000010\"]],"
	    "\"a\":[[\"9000000000000000000\",\"9000000000000000000\"]]}");
	buf_free(&out);
	book_free(b);
}

static void
a_book_that_crosses_says_so(void **state)
{
	static const struct { const char *snap; bool crossed; } row[] = {
		{ "@1 /", false }, { "@1 9x1 /", false }, { "@1 / 9x1", false },
		{ "@1 9x1 / 10x1", false }, { "@1 10x1 / 10x1", true }, { "@1 10.00x1 / 10.0x1", true },
		{ "@1 10.01x1 / 10x1", true }, { "@1 9.999x1 / 10.0x1", false },
		{ "@1 11x1 / 10x1 12x1", true }, { "@1 9x1 / 0.0x1", true },
	};
	struct book *b = book_new();

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		book_void(b, false);
		say(b, row[i].snap);
		if (book_crossed(b) != row[i].crossed)
			fail_msg("%s", row[i].snap);
	}
	book_free(b);
}

/*
 * Bounds
 */

/* A diff of n levels a side, bids from `from` down or up by `step` ticks, asks the other way. */
static void
long_diff(struct buf *out, int id, int from, int step, int n)
{
	buf_reset(out);
	buf_printf(out, "{\"U\":%d,\"u\":%d,\"pu\":%d,\"b\":[", id, id, id - 1);
	for (int i = 0; i < n; i++)
		buf_printf(out, "%s[\"%d\",\"%d\"]", i > 0 ? "," : "", from + i * step, 1 + i % 9);
	buf_str(out, "],\"a\":[");
	for (int i = 0; i < n; i++)
		buf_printf(out, "%s[\"%d\",\"%d\"]", i > 0 ? "," : "", 9000000 - from - i * step, 1 + i % 9);
	buf_str(out, "]}");
}

static void
expect_best(const struct book *b, int best)
{
	dec price, qty;

	for (int side = 0; side < 2; side++) {
		assert_int_equal(book_levels(b, side), BOOK_LEVELS_MAX);
		for (int i = 0; i < BOOK_LEVELS_MAX; i += i < 200 ? 1 : 97) {
			assert_true(book_level(b, side, i, &price, &qty));
			assert_true(price.c == (side ? best - i : 9000000 - best + i));
		}
		assert_false(book_level(b, side, BOOK_LEVELS_MAX, &price, &qty));
		assert_false(book_level(b, side, -1, &price, &qty));
	}
}

static void
beyond_the_bound_the_worst_levels_go(void **state)
{
	static const struct { int from, step; } row[] = { { 1000000, 1 }, { 1024999, -1 } };
	struct book *b = book_new();
	struct buf m = { 0 };

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		book_void(b, false);
		say(b, "@1 /");
		long_diff(&m, 1, row[i].from, row[i].step, 25000);
		assert_int_equal(diff(b, m.p), BOOK_APPLIED);
		expect_best(b, 1024999);
		/* a better one drives out the worst, a worse one stays out */
		say(b, "2-2<1 1025000x1 5x1 / 7975000x1 8999999x1");
		expect_best(b, 1025000);
	}
	buf_free(&m);
	book_free(b);
}

static void
a_million_levels_in_one_diff_are_borne(void **state)
{
	struct book *b = book_new();
	struct buf m = { 0 };

	(void)state;
	say(b, "@1 /");
	long_diff(&m, 1, 1000000, 1, 500000);
	assert_int_equal(diff(b, m.p), BOOK_APPLIED);
	expect_best(b, 1499999);
	/* held, it is more than may be held: then nothing is */
	book_void(b, false);
	assert_string_equal(say(b, "1-1<0 7x1 /"), "held");
	assert_int_equal(diff(b, m.p), BOOK_HELD);
	assert_string_equal(say(b, "2-2<1 8x1 /"), "held");
	assert_string_equal(say(b, "@1 5x1 /"), "applied");	/* 2-2 follows it */
	assert_string_equal(show(b), "live 2: 8x1 5x1 /");
	buf_free(&m);
	book_free(b);
}

static void
of_too_many_diffs_held_the_oldest_go(void **state)
{
	enum { N = 60000 };	/* of 7 levels: about 36,000 have room, and 27,000 stay when room is made */
	struct book *b = book_new();
	struct buf m = { 0 };
	dec price, qty;

	(void)state;
	for (int i = 1; i <= N; i++) {
		buf_reset(&m);
		buf_printf(&m, "{\"U\":%d,\"u\":%d,\"pu\":%d,\"b\":[[\"%d\",\"1\"],[\"1\",\"1\"],[\"2\",\"1\"],"
		    "[\"3\",\"1\"],[\"4\",\"1\"],[\"5\",\"1\"],[\"6\",\"1\"]],\"a\":[]}", i, i, i - 1, 100 + i);
		assert_int_equal(diff(b, m.p), BOOK_HELD);
	}
	assert_string_equal(say(b, "@10 1x1 /"), "old");
	assert_string_equal(say(b, "@20000 1x1 /"), "old");
	assert_string_equal(say(b, "@35000 1x1 /"), "applied");
	assert_int_equal(book_state(b), BOOK_LIVE);
	assert_int_equal(book_u(b), N);
	assert_true(book_level(b, true, 0, &price, &qty) && price.c == 100 + N);
	assert_int_equal(book_levels(b, true), BOOK_LEVELS_MAX);
	buf_free(&m);
	book_free(b);
}

/*
 * Random dialogues. The exchange makes single updates, each with an id; ids of other
 * symbols lie between them. An event carries some of them, the last quantity for each
 * price. A snapshot is the book after any one of them. So at any time the book must be
 * what the updates up to its u make, whatever was lost, doubled or swapped on the way;
 * and its answers must be those of the rule, written down once more.
 */

#define PRICES	40	/* bids below, asks from the half on */
#define EVENTS	60
#define UPDATES	(EVENTS * 4)

struct update { uint64_t id; int price, qty; };
struct event { uint64_t U, u, pu; int from, to; };	/* updates from..to - 1 */

static struct world {
	struct update	up[UPDATES];
	struct event	ev[EVENTS];
	int		ups;
} world;

static struct model {
	enum book_state	state;
	uint64_t	u;
	int		qty[PRICES];
	int		held[8 * EVENTS], n;
} model;

static uint64_t seed;

static int
draw(int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int)(seed % (uint64_t)n);
}

static void
make_world(void)
{
	uint64_t id = 1000, last = 900;
	struct event *e;

	world.ups = 0;
	for (int i = 0; i < EVENTS; i++) {
		e = &world.ev[i];
		e->pu = last;
		e->from = world.ups;
		for (int k = 1 + draw(4); k > 0; k--) {
			id += 1 + (uint64_t)(draw(3) == 0 ? draw(20) : 0);
			world.up[world.ups++] = (struct update){ id, draw(PRICES), draw(3) == 0 ? 0 : 1 + draw(9) };
		}
		e->to = world.ups;
		e->U = world.up[e->from].id;
		last = e->u = id;
	}
}

/* The updates up to id, from nothing. */
static void
truth(int qty[PRICES], uint64_t id)
{
	memset(qty, 0, PRICES * sizeof *qty);
	for (int i = 0; i < world.ups && world.up[i].id <= id; i++)
		qty[world.up[i].price] = world.up[i].qty;
}

static void
write_price(struct buf *out, int price, int qty)
{
	static const char *const zeros[] = { "", "0", "00", "000000000000000" };

	buf_printf(out, "[\"%d.%d%s\",\"%d%s%s\"]", price / 10, price % 10, zeros[draw(4)], qty,
	    draw(2) == 0 ? "." : ".0", zeros[1 + draw(3)]);
}

static void
write_prices(struct buf *out, const char *key, const int *qty, const bool *in, int from, int to)
{
	bool first = true;
	int at;

	jw_open(out, key, '[');
	for (int i = from, turn = draw(to - from); i < to; i++) {
		at = from + (i - from + turn) % (to - from);
		if (!in[at])
			continue;
		if (!first)
			buf_chr(out, ',');
		first = false;
		write_price(out, at, qty[at]);
	}
	jw_close(out, ']');
}

static void
write_event(struct buf *out, const struct event *e)
{
	int qty[PRICES];
	bool in[PRICES] = { false };

	truth(qty, e->u);
	for (int i = e->from; i < e->to; i++)
		in[world.up[i].price] = true;
	buf_reset(out);
	jw_open(out, NULL, '{');
	jw_u64(out, "U", e->U);
	jw_u64(out, "u", e->u);
	jw_u64(out, "pu", e->pu);
	write_prices(out, "b", qty, in, 0, PRICES / 2);
	write_prices(out, "a", qty, in, PRICES / 2, PRICES);
	jw_close(out, '}');
}

static void
write_snapshot(struct buf *out, uint64_t id)
{
	int qty[PRICES];
	bool in[PRICES];

	truth(qty, id);
	for (int i = 0; i < PRICES; i++)
		in[i] = qty[i] > 0;
	buf_reset(out);
	jw_open(out, NULL, '{');
	jw_u64(out, "lastUpdateId", id);
	write_prices(out, "bids", qty, in, 0, PRICES / 2);
	write_prices(out, "asks", qty, in, PRICES / 2, PRICES);
	jw_close(out, '}');
}

static bool
model_follows(const struct event *e)
{
	if (model.state == BOOK_LIVE)
		return e->pu == model.u;
	return e->U <= model.u || e->pu == model.u;
}

static void
model_apply(const struct event *e)
{
	for (int i = e->from; i < e->to; i++)
		model.qty[world.up[i].price] = world.up[i].qty;
	model.u = e->u;
	model.state = BOOK_LIVE;
}

static void
model_void(void)
{
	model.state = BOOK_EMPTY;
	model.u = 0;
	memset(model.qty, 0, sizeof model.qty);
}

static enum book_result
model_diff(int i)
{
	const struct event *e = &world.ev[i];

	if (model.state == BOOK_EMPTY) {
		model.held[model.n++] = i;
		return BOOK_HELD;
	}
	if (e->u < model.u || (e->u == model.u && model.state == BOOK_LIVE))
		return BOOK_OLD;
	if (model_follows(e)) {
		model_apply(e);
		return BOOK_APPLIED;
	}
	model_void();
	model.held[model.n++] = i;
	return BOOK_GAP;
}

static enum book_result
model_snapshot(uint64_t id)
{
	int k = 0, n = model.n, held[LEN(model.held)];

	if (model.state == BOOK_LIVE ? id <= model.u : model.state == BOOK_JOINING && id < model.u)
		return BOOK_OLD;
	while (k < n && world.ev[model.held[k]].u < id)
		k++;
	if (k < n && world.ev[model.held[k]].U > id && world.ev[model.held[k]].pu != id)
		return BOOK_OLD;
	memcpy(held, model.held, sizeof held);
	model.n = 0;
	truth(model.qty, id);
	model.u = id;
	model.state = BOOK_JOINING;
	for (; k < n; k++)
		if (model_diff(held[k]) == BOOK_GAP) {
			while (++k < n)
				model.held[model.n++] = held[k];
			return BOOK_GAP;
		}
	return BOOK_APPLIED;
}

/* Whether a side of the book has exactly the quantities given. */
static void
expect_side(const struct book *b, bool bids, const int *qty)
{
	int at = 0, from = bids ? PRICES / 2 - 1 : PRICES / 2, step = bids ? -1 : 1;
	dec p, q;

	for (int i = 0, price = from; i < PRICES / 2; i++, price += step) {
		if (qty[price] == 0)
			continue;
		if (!book_level(b, bids, at++, &p, &q))
			fail_msg("%d is missing", price);
		assert_int_equal(dec_cmp(p, (dec){ price, 1 }), 0);
		assert_int_equal(dec_cmp(q, dec_int(qty[price])), 0);
	}
	assert_int_equal(book_levels(b, bids), at);
}

static void
expect_same(const struct book *b, enum book_result got, enum book_result want, uint64_t id)
{
	int qty[PRICES];

	if (got != want || book_state(b) != model.state || book_u(b) != model.u)
		fail_msg("seed %llu, %llu: %s, %s; not %s, %s %llu", (unsigned long long)seed,
		    (unsigned long long)id, result_name(got), show(b), result_name(want),
		    state_name(model.state), (unsigned long long)model.u);
	expect_side(b, true, model.qty);
	expect_side(b, false, model.qty);
	truth(qty, book_u(b));
	expect_side(b, true, qty);
	expect_side(b, false, qty);
}

static void
hear_event(struct book *b, int i)
{
	struct buf m = { 0 };
	enum book_result want;

	write_event(&m, &world.ev[i]);
	want = model_diff(i);
	expect_same(b, diff(b, m.p), want, world.ev[i].u);
	buf_free(&m);
}

static void
hear_snapshot(struct book *b, uint64_t id)
{
	struct buf m = { 0 };
	enum book_result want;

	write_snapshot(&m, id);
	want = model_snapshot(id);
	expect_same(b, snapshot(b, m.p), want, id);
	buf_free(&m);
}

static void
random_dialogues_end_as_in_a_simple_book(void **state)
{
	int live = 0, gaps = 0, old = 0;

	(void)state;
	for (int turn = 1; turn <= 4000; turn++) {
		struct book *b = book_new();
		int loss, back;

		seed = (uint64_t)turn * UINT64_C(0x9e3779b97f4a7c15);
		loss = draw(3) == 0 ? 2 + draw(20) : 1000000;
		back = 1 + draw(30);
		make_world();
		memset(&model, 0, sizeof model);
		for (int i = 0; i < EVENTS; i++) {
			if (draw(loss) == 0)
				continue;
			if (draw(loss) == 0 && i + 1 < EVENTS) {
				hear_event(b, i + 1);
				hear_event(b, i);
				i++;
			} else {
				hear_event(b, i);
			}
			gaps += model.state == BOOK_EMPTY && model.n == 1;
			if (draw(12) == 0)
				hear_event(b, draw(i + 1));	/* once more, or late */
			if (model.state == BOOK_EMPTY ? draw(5) == 0 : draw(40) == 0) {
				int k = world.ev[i].to - 1 - draw(back) + draw(4);

				k = k < 0 ? 0 : k < world.ups ? k : world.ups - 1;
				hear_snapshot(b, world.up[k].id);
				old += model.state == BOOK_EMPTY;
			}
		}
		live += model.state == BOOK_LIVE;
		book_free(b);
	}
	assert_true(live > 1500 && gaps > 1500 && old > 1500);
}

/* Books of up to some thousand levels, which come and go in runs and at random, against a
 * quantity for each price. */

#define WIDE	3000	/* prices of a side */

static void
wide_side(struct buf *m, const char *key, int *qty, int from)
{
	int n = 1 + draw(120), at = draw(WIDE), run = draw(4), gone = draw(4);

	jw_open(m, key, '[');
	for (int i = 0; i < n; i++) {
		at = run == 0 ? draw(WIDE) : run == 1 ? (at + 1) % WIDE : run == 2 ? (at + WIDE - 1) % WIDE :
		    (at + draw(20)) % WIDE;
		qty[at] = draw(4) < gone ? 0 : 1 + draw(1000);
		jw_open(m, NULL, '[');
		jw_dec(m, NULL, dec_int(from + at));
		jw_dec(m, NULL, dec_int(qty[at]));
		jw_close(m, ']');
	}
	jw_close(m, ']');
}

static void
expect_wide(const struct book *b, bool bids, const int *qty, int from)
{
	int n = 0, step = bids ? -1 : 1;
	dec p, q;

	for (int i = 0, at = bids ? WIDE - 1 : 0; i < WIDE; i++, at += step) {
		if (qty[at] == 0)
			continue;
		if (!book_level(b, bids, n++, &p, &q) || p.c != from + at || q.c != qty[at])
			fail_msg("%d", from + at);
	}
	assert_int_equal(book_levels(b, bids), n);
}

static void
wide_books_keep_every_level(void **state)
{
	static int bid[WIDE], ask[WIDE];
	struct book *b = book_new();
	struct buf m = { 0 };
	int most = 0;

	(void)state;
	seed = UINT64_C(0x9e3779b97f4a7c15);
	say(b, "@1 /");
	for (int i = 2; i < 4000; i++) {
		buf_reset(&m);
		jw_open(&m, NULL, '{');
		jw_i64(&m, "U", i);
		jw_i64(&m, "u", i);
		jw_i64(&m, "pu", i - 1);
		wide_side(&m, "b", bid, 1);
		wide_side(&m, "a", ask, 1 + WIDE);
		jw_close(&m, '}');
		assert_int_equal(diff(b, m.p), BOOK_APPLIED);
		if (i % 8 == 0) {
			expect_wide(b, true, bid, 1);
			expect_wide(b, false, ask, 1 + WIDE);
		}
		if (book_levels(b, true) > most)
			most = book_levels(b, true);
	}
	assert_true(most > 1500);
	buf_free(&m);
	book_free(b);
}

/*
 * The recordings
 */

struct ticker { uint64_t u; const char *s; dec b, B, a, A; };

struct reference {
	const char *file, *symbol;	/* below BF_TEST_DATA; as its snapshot is named */
	int	    applied;
	uint64_t    u;			/* 0: not in the figures */
	int	    bids, asks;		/* 0: not in the figures */
	const char *top;		/* "bid xqty / ask xqty" where the figures have it */
};

static const struct reference references[] = {
	{ "usdm/ws-btcusdt-2024-08-08", "btcusdt", 6547, UINT64_C(5123135475514), 5018, 4578,
	    "61659.70 x1.486 / 61659.80 x0.981" },
	{ "coinm/ws-btcusd_perp-2024-08-08", "btcusd_perp", 9432, UINT64_C(1007199876970), 1155, 1243,
	    "61741.9 x1739 / 61742.0 x1697" },
	{ "usdm/ws-sushi_akro_keep_ctk-2021-07-22", "sushiusdt", 252, 0, 0, 0, "7.6120 / 7.6160" },
	{ "usdm/ws-sushi_akro_keep_ctk-2021-07-22", "akrousdt", 188, 0, 0, 0, "0.01734 / 0.01735" },
	{ "usdm/ws-sushi_akro_keep_ctk-2021-07-22", "keepusdt", 132, 0, 0, 0, "0.2463 / 0.2467" },
	{ "usdm/ws-sushi_akro_keep_ctk-2021-07-22", "ctkusdt", 180, 0, 0, 0, "1.01100 / 1.01200" },
	{ "coinm/ws-10symbols-2021-07-22", "btcusd_211231", 191, UINT64_C(167006263635), 998, 984,
	    "32627.7 x77 / 32627.8 x14" },
	{ "coinm/ws-10symbols-2021-07-22", "bchusd_perp", 0, 0, 0, 0, NULL },
	{ "coinm/ws-10symbols-2021-07-22", "bchusd_210924", 0, 0, 0, 0, NULL },
	{ "coinm/ws-10symbols-2021-07-22", "eosusd_perp", 0, 0, 0, 0, NULL },
	{ "coinm/ws-10symbols-2021-07-22", "etcusd_perp", 0, 0, 0, 0, NULL },
	{ "coinm/ws-10symbols-2021-07-22", "ethusd_210924", 0, 0, 0, 0, NULL },
	{ "coinm/ws-10symbols-2021-07-22", "linkusd_211231", 0, 0, 0, 0, NULL },
	{ "coinm/ws-10symbols-2021-07-22", "linkusd_perp", 0, 0, 0, 0, NULL },
	{ "coinm/ws-10symbols-2021-07-22", "trxusd_perp", 0, 0, 0, 0, NULL },
	{ "coinm/ws-10symbols-2021-07-22", "xrpusd_perp", 0, 0, 0, 0, NULL },
};

static void
expect_top(const struct book *b, const char *want)
{
	char p[4][DEC_STR], got[200];
	dec price, qty;

	for (int side = 0; side < 2; side++) {
		assert_true(book_level(b, side == 0, 0, &price, &qty));
		dec_print(price, p[2 * side]);
		dec_print(qty, p[2 * side + 1]);
	}
	if (strchr(want, 'x') != NULL)
		snprintf(got, sizeof got, "%s x%s / %s x%s", p[0], p[1], p[2], p[3]);
	else
		snprintf(got, sizeof got, "%s / %s", p[0], p[2]);
	assert_string_equal(got, want);
}

static void
expect_figures(const struct book *b, const struct reference *r, int applied)
{
	assert_int_equal(book_state(b), BOOK_LIVE);
	if (r->applied != 0 && applied != -1)
		assert_int_equal(applied, r->applied);
	if (r->u != 0)
		assert_true(book_u(b) == r->u);
	if (r->bids != 0) {
		assert_int_equal(book_levels(b, true), r->bids);
		assert_int_equal(book_levels(b, false), r->asks);
	}
	if (r->top != NULL)
		expect_top(b, r->top);
}

/* Of a bookTicker all that a book can be compared with. */
static bool
read_ticker(struct ticker *k, const struct tok *d, const char *symbol)
{
	int64_t u;

	if (!scan_get_is(sc.t, d, "e", "bookTicker") || !scan_get_is(sc.t, d, "s", symbol))
		return false;
	assert_true(scan_get_i64(sc.t, d, "u", &u) && scan_get_dec(sc.t, d, "b", &k->b) &&
	    scan_get_dec(sc.t, d, "B", &k->B) && scan_get_dec(sc.t, d, "a", &k->a) &&
	    scan_get_dec(sc.t, d, "A", &k->A));
	k->u = (uint64_t)u;
	return true;
}

static bool
same_dec(dec a, dec b)
{
	return a.c == b.c && a.scale == b.scale;	/* the digits too */
}

static void
expect_ticker(const struct book *b, const struct ticker *k)
{
	dec p, q;

	assert_true(book_level(b, true, 0, &p, &q) && same_dec(p, k->b) && same_dec(q, k->B));
	assert_true(book_level(b, false, 0, &p, &q) && same_dec(p, k->a) && same_dec(q, k->A));
}

struct recording { char *text; size_t *at; int n; char name[64]; };	/* lines: at[i] to at[i + 1] - 1 */

static const struct recording *
recording(const char *name)
{
	static struct recording r;
	char path[128], *p;

	if (strcmp(r.name, name) == 0)
		return &r;
	free(r.text);
	free(r.at);
	snprintf(path, sizeof path, "%s.ndjson.gz", name);
	r = (struct recording){ .text = recorded(path) };
	snprintf(r.name, sizeof r.name, "%s", name);
	for (p = r.text; *p != '\0'; p = strchr(p, '\n') + 1, r.n++) {
		if (r.n % 4096 == 0 && (r.at = realloc(r.at, ((size_t)r.n + 4098) * sizeof *r.at)) == NULL)
			fail_msg("out of memory");
		r.at[r.n] = (size_t)(p - r.text);
	}
	r.at[r.n] = (size_t)(p - r.text);
	return &r;
}

static const struct tok *
frame(const struct recording *r, int i)
{
	if (scan_doc(&sc, r->text + r->at[i], r->at[i + 1] - r->at[i] - 1) <= 0)
		fail_msg("%s: line %d", r->name, i + 1);
	return scan_get(sc.t, sc.t, "data");
}

static void
give_snapshot(struct book *b, const struct reference *r)
{
	char path[160], *text;

	snprintf(path, sizeof path, "%s.rest-depth-%s.json", r->file, r->symbol);
	text = recorded(path);
	assert_int_equal(snapshot(b, text), BOOK_APPLIED);
	free(text);
}

static void
upper(char out[static 32], const char *s)
{
	int i;

	for (i = 0; s[i] != '\0' && i < 31; i++)
		out[i] = (char)(s[i] >= 'a' && s[i] <= 'z' ? s[i] - 32 : s[i]);
	out[i] = '\0';
}

/* The bookTickers of a symbol. */
static struct ticker *
tickers(const struct recording *rec, const char *symbol, int *n)
{
	struct ticker *k = calloc((size_t)rec->n, sizeof *k);

	assert_non_null(k);
	*n = 0;
	for (int i = 0; i < rec->n; i++)
		*n += read_ticker(&k[*n], frame(rec, i), symbol);
	return k;
}

/* The whole of a recording into a book, its snapshot first; returns how many bookTickers
 * had the u of a diff, all of which were the same as the book's top. */
static int
replay(const struct reference *r)
{
	const struct recording *rec = recording(r->file);
	struct book *b = book_new();
	const struct tok *d;
	struct ticker *k;
	char symbol[32];
	int applied = 0, same = 0, n, at = 0;

	upper(symbol, r->symbol);
	k = tickers(rec, symbol, &n);
	give_snapshot(b, r);
	for (int i = 0; i < rec->n; i++) {
		d = frame(rec, i);
		if (!scan_get_is(sc.t, d, "e", "depthUpdate") || !scan_get_is(sc.t, d, "s", symbol))
			continue;
		switch (book_diff(b, sc.t, d)) {
		case BOOK_APPLIED:
			applied++;
			break;
		case BOOK_OLD:
			assert_int_equal(applied, 0);
			continue;
		default:
			fail_msg("%s: line %d: %s", r->file, i + 1, show(b));
		}
		assert_false(book_crossed(b));
		while (at < n && k[at].u < book_u(b))
			at++;
		for (; at < n && k[at].u == book_u(b); at++, same++)
			expect_ticker(b, &k[at]);
	}
	expect_figures(b, r, applied);
	book_free(b);
	free(k);
	return same;
}

/* All symbols of a file. */
static int
replay_file(const char *file)
{
	int same = 0;

	for (size_t i = 0; i < LEN(references); i++)
		if (strcmp(references[i].file, file) == 0)
			same += replay(&references[i]);
	return same;
}

static void
six_minutes_of_btcusdt(void **state)
{
	(void)state;
	assert_int_equal(replay_file("usdm/ws-btcusdt-2024-08-08"), 629);
}

static void
two_minutes_of_btcusd_perp(void **state)
{
	(void)state;
	assert_int_equal(replay_file("coinm/ws-btcusd_perp-2024-08-08"), 378);
}

static void
half_a_minute_of_four_symbols(void **state)
{
	(void)state;
	assert_int_equal(replay_file("usdm/ws-sushi_akro_keep_ctk-2021-07-22"), 50);
}

static void
half_a_minute_of_ten_coin_margined_symbols(void **state)
{
	(void)state;
	assert_int_equal(replay_file("coinm/ws-10symbols-2021-07-22"), 212);
}

/* As it happened: the snapshot's answer came after line 54. And much later: the same. */
static void
a_snapshot_that_comes_late_ends_in_the_same_book(void **state)
{
	static const struct { const struct reference *r; int after; } row[] = {
		{ &references[0], 54 }, { &references[0], 20000 }, { &references[1], 36 }, { &references[1], 16000 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		const struct recording *rec = recording(row[i].r->file);
		struct book *b = book_new();
		const struct tok *d;

		for (int n = 0; n < rec->n; n++) {
			if (n == row[i].after)
				give_snapshot(b, row[i].r);
			d = frame(rec, n);
			if (scan_get_is(sc.t, d, "e", "depthUpdate"))
				assert_in_range(book_diff(b, sc.t, d), BOOK_APPLIED, BOOK_HELD);
		}
		expect_figures(b, row[i].r, -1);
		book_free(b);
	}
}

/* One diff in a hundred lost: each loss is found at the very next diff. */
static void
what_is_lost_of_a_recording_is_found_at_once(void **state)
{
	const struct reference *r = &references[0];
	const struct recording *rec = recording(r->file);
	struct book *b = book_new();
	const struct tok *d;
	int n = 0, lost = 0, found = 0;
	bool hole = false;

	(void)state;
	for (int i = 0; i < rec->n && n < 3001; i++) {
		d = frame(rec, i);
		if (!scan_get_is(sc.t, d, "e", "depthUpdate"))
			continue;
		if (++n > 50 && n % 100 == 0) {
			lost++;
			hole = true;
			continue;
		}
		if (book_state(b) == BOOK_EMPTY && !hole) {
			/* any book will do: one that is as old as the diff before */
			int64_t pu;
			char snap[64];

			assert_true(scan_get_i64(sc.t, d, "pu", &pu));
			snprintf(snap, sizeof snap, "@%lld 1x1 /", (long long)pu);
			book_void(b, false);
			say(b, snap);
			d = frame(rec, i);
		}
		if (book_diff(b, sc.t, d) == BOOK_GAP) {
			assert_true(hole);
			found++;
		} else {
			assert_false(hole);
		}
		hole = false;
	}
	assert_int_equal(lost, 30);
	assert_int_equal(found, 30);
	book_free(b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(diffs_wait_for_a_snapshot_and_the_first_one_spans_it),
		cmocka_unit_test(the_snapshot_may_come_first_and_older_diffs_are_dropped),
		cmocka_unit_test(a_snapshot_newer_than_all_that_is_held_joins_later),
		cmocka_unit_test(a_snapshot_older_than_what_is_held_keeps_all),
		cmocka_unit_test(a_diff_that_does_not_follow_voids_the_book_and_is_held),
		cmocka_unit_test(a_hole_among_the_diffs_held_is_found_by_the_snapshot),
		cmocka_unit_test(what_comes_twice_or_late_is_dropped),
		cmocka_unit_test(ids_that_begin_anew_void_the_book),
		cmocka_unit_test(void_throws_all_away_but_what_it_is_told_to_keep),
		cmocka_unit_test(levels_are_absolute_and_the_last_one_counts),
		cmocka_unit_test(digits_stay_and_prices_are_compared_by_value),
		cmocka_unit_test(what_is_no_diff_is_bad_and_voids_the_book),
		cmocka_unit_test(what_is_no_snapshot_is_bad_and_what_is_held_stays),
		cmocka_unit_test(what_is_unusual_but_clear_is_taken),
		cmocka_unit_test(exponents_and_zeros_without_end_are_plain_decimals),
		cmocka_unit_test(how_it_broke_is_remembered),
		cmocka_unit_test(only_the_levels_asked_for_make_a_change),
		cmocka_unit_test(it_is_written_as_the_exchange_writes_partial_depth),
		cmocka_unit_test(a_book_that_crosses_says_so),
		cmocka_unit_test(beyond_the_bound_the_worst_levels_go),
		cmocka_unit_test(a_million_levels_in_one_diff_are_borne),
		cmocka_unit_test(of_too_many_diffs_held_the_oldest_go),
		cmocka_unit_test(random_dialogues_end_as_in_a_simple_book),
		cmocka_unit_test(wide_books_keep_every_level),
		cmocka_unit_test(six_minutes_of_btcusdt),
		cmocka_unit_test(two_minutes_of_btcusd_perp),
		cmocka_unit_test(half_a_minute_of_four_symbols),
		cmocka_unit_test(half_a_minute_of_ten_coin_margined_symbols),
		cmocka_unit_test(a_snapshot_that_comes_late_ends_in_the_same_book),
		cmocka_unit_test(what_is_lost_of_a_recording_is_found_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

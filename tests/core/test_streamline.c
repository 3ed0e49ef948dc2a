/* How far a stream has come, and how one connection takes over from another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-stream/feed.h"

static const struct stream_row trades = {
	.name = "aggTrade", .of = OF_SYMBOL, .suffix = "aggTrade", .event = "aggTrade", .serial = "a",
};
static const struct stream_row marks = {
	.name = "markPrice", .of = OF_SYMBOL, .suffix = "markPrice", .event = "markPriceUpdate", .latest = true,
	.serial = "E",
};
static const struct stream_row forced = {
	.name = "forceOrder", .of = OF_SYMBOL, .suffix = "forceOrder", .event = "forceOrder", .serial = "E",
};

static char name_a[] = "btcusdt@aggTrade", name_m[] = "btcusdt@markPrice", name_f[] = "!forceOrder@arr";
static struct want want[] = {
	{ MARKET_USDM, &trades, name_a, NULL }, { MARKET_USDM, &marks, name_m, NULL },
	{ MARKET_USDM, &forced, name_f, NULL },
};
static const struct want *part_w[] = { &want[0], &want[1], &want[2] };
static struct part part = { .market = MARKET_USDM, .w = part_w, .n = 3 };

static struct app app;
static struct feed feed;
static struct link newcomer;
static char out[4096];		/* serials delivered, and notices */

/* What over.c asks of the rest of the program. */
void
take_deliver(struct app *a, struct key *k, const struct mark *m, const struct tok *t, const struct tok *v)
{
	(void)a, (void)t, (void)v;
	if (key_take(k, m) == TAKE_NEW)
		snprintf(out + strlen(out), sizeof out - strlen(out), "%llu ", (unsigned long long)m->serial);
}
struct buf *
app_note(struct app *a, const char *kind)
{
	snprintf(out + strlen(out), sizeof out - strlen(out), "bf.%s ", kind);
	buf_reset(&a->note);
	return &a->note;
}
void app_note_end(struct app *a) { (void)a; }

static int
begin(void **state)
{
	struct wants w = { .w = want, .n = 3 };
	struct fault f;

	(void)state;
	memset(&app, 0, sizeof app);
	memset(&feed, 0, sizeof feed);
	memset(&newcomer, 0, sizeof newcomer);
	out[0] = '\0';
	app.wants = w;
	feed.a = &app;
	feed.part = &part;
	newcomer.feed = &feed;
	return lines_make(&app.lines, &app.wants, &f);
}

static int
end(void **state)
{
	(void)state;
	lines_drop(&app.lines);
	free(newcomer.held);
	buf_free(&newcomer.bytes);
	buf_free(&app.note);
	return 0;
}

static struct key *
key(int line)
{
	return line_key(&app.lines, &app.lines.line[line], "BTCUSDT", 7);
}

/* A record of that serial, from the old connection (or the newcomer). */
static void
comes(bool from_newcomer, int line, const char *json)
{
	struct scan sc = { 0 };
	struct key *k = key(line);
	struct mark m;

	assert_true(scan_doc(&sc, json, strlen(json)) > 0);
	record_mark(&m, app.lines.line[line].w->row, sc.t, sc.t);
	if (from_newcomer ? over_newcomer(&feed, k, &m, sc.t) : over_wants(&feed, k, &m))
		take_deliver(&app, k, &m, sc.t, sc.t);
	if (!from_newcomer)
		over_old(&feed, k);
	scan_free(&sc);
}

static void
trade(bool from_newcomer, int id)
{
	char json[64];

	snprintf(json, sizeof json, "{\"e\":\"aggTrade\",\"E\":5,\"s\":\"BTCUSDT\",\"a\":%d}", id);
	comes(from_newcomer, 0, json);
}

#define OLD	false
#define NEW	true

static void
streams_are_found_by_market_and_name(void **state)
{
	(void)state;
	assert_ptr_equal(line_find(&app.lines, MARKET_USDM, name_a, strlen(name_a)), &app.lines.line[0]);
	assert_ptr_equal(line_find(&app.lines, MARKET_USDM, name_f, strlen(name_f)), &app.lines.line[2]);
	assert_null(line_find(&app.lines, MARKET_COINM, name_a, strlen(name_a)));
	assert_null(line_find(&app.lines, MARKET_USDM, name_a, strlen(name_a) - 1));
}

static void
many_symbols_of_a_stream_keep_their_own_keys(void **state)
{
	char s[16];
	struct key *k[5000];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(s, sizeof s, "S%dUSDT", i);
		assert_non_null(k[i] = line_key(&app.lines, &app.lines.line[2], s, strlen(s)));
		k[i]->serial = (uint64_t)i;
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(s, sizeof s, "S%dUSDT", i);
		assert_ptr_equal(line_key(&app.lines, &app.lines.line[2], s, strlen(s)), k[i]);
	}
}

static void
the_same_record_twice_is_one(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		trade(OLD, 7);
	trade(OLD, 8);
	trade(OLD, 7);
	assert_string_equal(out, "7 8 ");
	assert_int_equal(app.lines.line[0].again, 2);
}

static void
a_trade_that_comes_late_is_not_lost_but_an_old_price_is_dropped(void **state)
{
	(void)state;
	trade(OLD, 3);
	trade(OLD, 2);
	assert_string_equal(out, "3 2 ");
	assert_int_equal(app.lines.line[0].behind, 1);
	comes(OLD, 1, "{\"e\":\"markPriceUpdate\",\"E\":20,\"s\":\"BTCUSDT\",\"p\":\"1\"}");
	comes(OLD, 1, "{\"e\":\"markPriceUpdate\",\"E\":19,\"s\":\"BTCUSDT\",\"p\":\"2\"}");
	assert_string_equal(out, "3 2 20 ");
}

static void
two_liquidations_of_one_millisecond_are_two(void **state)
{
	(void)state;
	comes(OLD, 2, "{\"e\":\"forceOrder\",\"E\":9,\"o\":{\"s\":\"BTCUSDT\",\"q\":\"1\"}}");
	comes(OLD, 2, "{\"e\":\"forceOrder\",\"E\":9,\"o\":{\"s\":\"BTCUSDT\",\"q\":\"2\"}}");
	comes(OLD, 2, "{\"e\":\"forceOrder\",\"E\":9,\"o\":{\"s\":\"BTCUSDT\",\"q\":\"1\"}}");
	assert_string_equal(out, "9 9 ");
}

static void
a_newcomer_behind_the_old_one_joins_at_once(void **state)
{
	(void)state;
	trade(OLD, 1);
	trade(OLD, 2);
	feed.next = &newcomer;
	trade(NEW, 2);		/* the old one has given it already */
	assert_true(key(0)->over);
	trade(NEW, 3);
	trade(OLD, 3);
	trade(OLD, 4);
	trade(NEW, 4);
	trade(NEW, 5);
	assert_string_equal(out, "1 2 3 4 5 ");
	assert_true(over_done(&feed));
}

static void
a_newcomer_ahead_waits_for_the_old_one(void **state)
{
	(void)state;
	trade(OLD, 1);
	feed.next = &newcomer;
	trade(NEW, 4);
	trade(NEW, 5);
	assert_false(over_done(&feed));
	trade(OLD, 2);
	trade(OLD, 3);
	assert_string_equal(out, "1 2 3 ");
	trade(OLD, 4);		/* here they meet */
	assert_string_equal(out, "1 2 3 4 5 ");
	assert_true(over_done(&feed));
	trade(OLD, 5);
	trade(NEW, 6);
	assert_string_equal(out, "1 2 3 4 5 6 ");
}

static void
an_old_one_that_dies_before_they_meet_keeps_nothing_back(void **state)
{
	(void)state;
	trade(OLD, 1);
	feed.next = &newcomer;
	trade(NEW, 4);
	trade(NEW, 5);
	over_force(&feed);
	assert_string_equal(out, "1 4 5 ");	/* that 2 and 3 are missing is told where it is delivered */
}

static void
an_old_one_that_dies_where_they_join_leaves_none(void **state)
{
	(void)state;
	trade(OLD, 3);
	feed.next = &newcomer;
	trade(NEW, 4);
	trade(NEW, 5);
	over_force(&feed);
	assert_string_equal(out, "3 4 5 ");
}

static void
a_newcomer_that_dies_leaves_the_old_one_where_it_was(void **state)
{
	(void)state;
	trade(OLD, 1);
	feed.next = &newcomer;
	trade(NEW, 1);
	for (int i = 2; i <= 30; i++)
		trade(NEW, i);
	over_reset(&feed);
	feed.next = NULL;
	out[0] = '\0';
	for (int i = 2; i <= 32; i++)	/* the old one lags: all but the last two are known */
		trade(OLD, i);
	assert_string_equal(out, "31 32 ");
}

/* Else nothing of it would come any more, or not before the old ids are reached again. */
static void
ids_that_begin_anew_are_not_taken_for_old(void **state)
{
	(void)state;
	comes(OLD, 0, "{\"e\":\"aggTrade\",\"E\":100000,\"s\":\"BTCUSDT\",\"a\":900}");
	over_reset(&feed);
	key(0)->floor = 900;
	comes(OLD, 0, "{\"e\":\"aggTrade\",\"E\":101000,\"s\":\"BTCUSDT\",\"a\":899}");
	comes(OLD, 0, "{\"e\":\"aggTrade\",\"E\":120000,\"s\":\"BTCUSDT\",\"a\":1}");
	comes(OLD, 0, "{\"e\":\"aggTrade\",\"E\":120001,\"s\":\"BTCUSDT\",\"a\":2}");
	assert_string_equal(out, "900 1 2 ");
}

/* Whichever is first with a record gives it, so that neither can take it with it. */
static void
a_newcomer_that_lags_and_dies_costs_nothing(void **state)
{
	(void)state;
	for (int i = 1; i <= 20; i++)
		trade(OLD, i);
	feed.next = &newcomer;
	trade(NEW, 5);		/* it joins, and is far behind */
	assert_true(key(0)->over);
	trade(NEW, 6);		/* older than what is remembered one by one */
	trade(OLD, 21);
	trade(OLD, 22);
	over_reset(&feed);
	feed.next = NULL;
	trade(OLD, 23);
	assert_string_equal(out, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 ");
}

static void
silence_repetition_and_nothing_at_all_are_told_apart(void **state)
{
	struct line ln = { .since = 1000 };

	(void)state;
	assert_int_equal(line_health(&ln, 5000, 5000), HEALTH_OK);
	assert_int_equal(line_health(&ln, 6001, 5000), HEALTH_NEVER);
	ln.heard = ln.fresh = 7000;
	assert_int_equal(line_health(&ln, 12000, 5000), HEALTH_OK);
	assert_int_equal(line_health(&ln, 12001, 5000), HEALTH_SILENT);
	ln.heard = 12000;
	assert_int_equal(line_health(&ln, 12001, 5000), HEALTH_REPEATS);
	assert_int_equal(line_health(&ln, 99999, 0), HEALTH_OK);	/* silence is normal for it */
	ln.since = 0;
	assert_int_equal(line_health(&ln, 99999, 5000), HEALTH_OK);	/* not subscribed */
	ln.since = 90000;	/* subscribed anew: it has its time again */
	assert_int_equal(line_health(&ln, 94000, 5000), HEALTH_OK);
	assert_int_equal(line_health(&ln, 95001, 5000), HEALTH_SILENT);
}

/* Both connections give the same numbers, each in order, mixed in any way; at some moment
 * the newcomer takes over. */
static void
whatever_the_order_each_record_comes_once_and_in_order(void **state)
{
	unsigned seed = 1;

	for (int round = 0; round < 2000; round++) {
		int old = 0, begun = 0, young = 0, want_n = 0;
		char want_out[4096] = "";

		end(state);
		assert_int_equal(begin(state), 0);
		for (int step = 0; step < 60; step++) {
			seed = seed * 1103515245 + 12345;
			unsigned d = seed >> 16;

			if (feed.next == NULL && begun == 0 && d % 10 == 0 && old > 0) {
				feed.next = &newcomer;
				begun = young = old + (int)(d / 10 % 5) - 2 > 0 ? old + (int)(d / 10 % 5) - 2 : 1;
				young--;
			} else if (feed.next != NULL && d % 2 == 0) {
				trade(NEW, ++young);
			} else if (begun == 0 || old < young + 3) {
				trade(OLD, ++old);
			}
		}
		while (begun != 0 && old < young)
			trade(OLD, ++old);
		while (begun != 0 && young < old)
			trade(NEW, ++young);
		for (want_n = 1; want_n <= old; want_n++)
			snprintf(want_out + strlen(want_out), sizeof want_out - strlen(want_out), "%d ", want_n);
		assert_string_equal(out, want_out);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(streams_are_found_by_market_and_name),
		T(many_symbols_of_a_stream_keep_their_own_keys),
		T(the_same_record_twice_is_one),
		T(a_trade_that_comes_late_is_not_lost_but_an_old_price_is_dropped),
		T(two_liquidations_of_one_millisecond_are_two),
		T(a_newcomer_behind_the_old_one_joins_at_once),
		T(a_newcomer_ahead_waits_for_the_old_one),
		T(an_old_one_that_dies_before_they_meet_keeps_nothing_back),
		T(an_old_one_that_dies_where_they_join_leaves_none),
		T(a_newcomer_that_dies_leaves_the_old_one_where_it_was),
		T(a_newcomer_that_lags_and_dies_costs_nothing),
		T(ids_that_begin_anew_are_not_taken_for_old),
		T(silence_repetition_and_nothing_at_all_are_told_apart),
		T(whatever_the_order_each_record_comes_once_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

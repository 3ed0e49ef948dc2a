/* What the account's stream has told: trades once, orders and positions as they stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-stream/known.h"

static struct known *k;

static int begin(void **state) { (void)state; return (k = known_new()) == NULL ? -1 : 0; }
static int end(void **state) { (void)state; known_free(k); return 0; }

static void
take(const char *json)
{
	struct scan sc = { 0 };

	assert_true(scan_doc(&sc, json, strlen(json)) > 0);
	assert_int_equal(known_take(k, sc.t, sc.t), 0);
	scan_free(&sc);
}

static int
orders(void)
{
	int n;

	(void)known_orders(k, &n);
	return n;
}

static const char *
amount(const char *symbol, const char *side)
{
	static char s[DEC_STR];
	struct holding *h = known_holding(k, symbol, side);

	if (h == NULL)
		return "flat";
	dec_print(h->amount, s);
	return s;
}

static void
a_trade_is_new_once(void **state)
{
	(void)state;
	assert_false(known_trade(k, "BTCUSDT", 42, 5));
	assert_true(known_trade(k, "BTCUSDT", 42, 5));
	assert_false(known_trade(k, "ETHUSDT", 42, 5));
	assert_true(known_has_trade(k, "ETHUSDT", 42, 5));
	assert_false(known_has_trade(k, "ETHUSDT", 43, 5));
}

/* Two own orders met, as selfTradePreventionMode=NONE lets them: one trade, two fills. */
static void
both_orders_of_a_trade_with_oneself_are_new(void **state)
{
	(void)state;
	assert_false(known_trade(k, "BTCUSDT", 42, 8389765929445198309));
	assert_false(known_trade(k, "BTCUSDT", 42, 8389765929445198310));
	assert_true(known_trade(k, "BTCUSDT", 42, 8389765929445198309));
	assert_true(known_has_trade(k, "BTCUSDT", 42, 8389765929445198310));
}

/* Older ones are forgotten one by one, and no other goes with them. */
static void
the_latest_trades_are_remembered_whatever_came_before(void **state)
{
	const int64_t n = 3 * TRADES_KNOWN + 17;

	(void)state;
	for (int64_t i = 1; i <= n; i++)
		assert_false(known_trade(k, i % 3 == 0 ? "BTCUSDT" : "ETHUSDT", i * 7919, i % 7));
	for (int64_t i = n - TRADES_KNOWN + 1; i <= n; i++)
		assert_true(known_has_trade(k, i % 3 == 0 ? "BTCUSDT" : "ETHUSDT", i * 7919, i % 7));
	for (int64_t i = 1; i <= n - TRADES_KNOWN; i++)
		assert_false(known_has_trade(k, i % 3 == 0 ? "BTCUSDT" : "ETHUSDT", i * 7919, i % 7));
}

static void
an_order_stands_from_its_first_event_to_its_last(void **state)
{
	(void)state;
	take("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"i\":8389765929445198309,\"X\":\"NEW\",\"z\":\"0\"}}");
	assert_int_equal(orders(), 1);
	take("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"i\":8389765929445198309,\"X\":\"PARTIALLY_FILLED\",\"z\":\"0.4\"}}");
	assert_int_equal(dec_cmp(known_order(k, false, "BTCUSDT", 8389765929445198309)->executed,
	    (dec){ 4, 1 }), 0);
	take("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"i\":8389765929445198309,\"X\":\"FILLED\",\"z\":\"1\"}}");
	assert_int_equal(orders(), 0);
}

static void
events_out_of_order_never_take_an_order_back(void **state)
{
	(void)state;
	take("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"i\":5,\"X\":\"PARTIALLY_FILLED\",\"z\":\"0.7\"}}");
	take("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"i\":5,\"X\":\"PARTIALLY_FILLED\",\"z\":\"0.3\"}}");
	assert_int_equal(dec_cmp(known_order(k, false, "BTCUSDT", 5)->executed, (dec){ 7, 1 }), 0);
	take("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"i\":5,\"X\":\"CANCELED\",\"z\":\"0.7\"}}");
	take("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"i\":5,\"X\":\"NEW\",\"z\":\"0\"}}");
	assert_int_equal(orders(), 0);
}

static void
a_conditional_order_is_another_one_than_a_regular_order_of_the_same_id(void **state)
{
	(void)state;
	take("{\"e\":\"ALGO_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"aid\":7,\"X\":\"NEW\"}}");
	take("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"i\":7,\"X\":\"NEW\",\"z\":\"0\"}}");
	assert_int_equal(orders(), 2);
	take("{\"e\":\"ALGO_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"aid\":7,\"X\":\"CANCELED\"}}");
	assert_int_equal(orders(), 1);
	assert_non_null(known_order(k, false, "BTCUSDT", 7));
}

/* Only what changed is in an ACCOUNT_UPDATE: what it does not name stays. */
static void
positions_are_merged_and_flat_ones_go(void **state)
{
	(void)state;
	take("{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"P\":[{\"s\":\"BTCUSDT\",\"pa\":\"0.5\",\"ps\":\"LONG\"},"
	    "{\"s\":\"BTCUSDT\",\"pa\":\"-0.2\",\"ps\":\"SHORT\"}]}}");
	assert_string_equal(amount("BTCUSDT", "LONG"), "0.5");
	take("{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"P\":[{\"s\":\"BTCUSDT\",\"pa\":\"0\",\"ps\":\"LONG\"}]}}");
	assert_string_equal(amount("BTCUSDT", "LONG"), "flat");
	assert_string_equal(amount("BTCUSDT", "SHORT"), "-0.2");
	take("{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"m\":\"FUNDING_FEE\",\"B\":[],\"P\":[]}}");
	assert_string_equal(amount("BTCUSDT", "SHORT"), "-0.2");
}

static void
what_is_odd_is_passed_over(void **state)
{
	static const char *const odd[] = {
		"{\"e\":\"ORDER_TRADE_UPDATE\"}", "{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":[]}",
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":1,\"i\":\"x\"}}", "{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"P\":{}}}",
		"{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"P\":[1,null,{\"s\":\"B\",\"ps\":\"BOTH\",\"pa\":\"\"}]}}", "{}", "[]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		take(odd[i]);
	assert_int_equal(orders(), 0);
	assert_string_equal(amount("B", "BOTH"), "flat");
}

static void
an_event_of_the_same_bytes_is_the_same(void **state)
{
	(void)state;
	assert_false(known_event(k, "{\"a\":1}", 7));
	assert_true(known_event(k, "{\"a\":1}", 7));
	assert_false(known_event(k, "{\"a\":2}", 7));
}

static void
trades_are_read_from_both_kinds_of_event(void **state)
{
	static const struct { const char *json; bool is; int64_t id; } row[] = {
		{ "{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"i\":7,\"t\":9,\"x\":\"TRADE\"}}", true, 9 },
		{ "{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"t\":0,\"x\":\"NEW\"}}", false, 0 },
		{ "{\"e\":\"TRADE_LITE\",\"s\":\"BTCUSDT\",\"i\":7,\"t\":9}", true, 9 },
		{ "{\"e\":\"ACCOUNT_UPDATE\",\"t\":9,\"s\":\"BTCUSDT\"}", false, 0 },
	};
	struct scan sc = { 0 };
	char symbol[SYMBOL_MAX];
	int64_t id, order;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_true(scan_doc(&sc, row[i].json, strlen(row[i].json)) > 0);
		assert_int_equal(event_trade(sc.t, sc.t, symbol, &id, &order), row[i].is);
		if (row[i].is) {
			assert_int_equal(id, row[i].id);
			assert_int_equal(order, 7);
		}
	}
	scan_free(&sc);
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_trade_is_new_once),
		T(both_orders_of_a_trade_with_oneself_are_new),
		T(the_latest_trades_are_remembered_whatever_came_before),
		T(an_order_stands_from_its_first_event_to_its_last),
		T(events_out_of_order_never_take_an_order_back),
		T(a_conditional_order_is_another_one_than_a_regular_order_of_the_same_id),
		T(positions_are_merged_and_flat_ones_go),
		T(what_is_odd_is_passed_over),
		T(an_event_of_the_same_bytes_is_the_same),
		T(trades_are_read_from_both_kinds_of_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a name is to a market. Contract types and statuses are the exchange's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/listed.h"
#include "core/near.h"
#include "recorded.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define S	LISTED_SYMBOL
#define P	LISTED_PAIR
#define K	LISTED_CONTRACT
#define A	LISTED_ASSET

static struct scan sc;

static const char coinm[] = "{\"symbols\":["
    "{\"symbol\":\"BTCUSD_PERP\",\"pair\":\"BTCUSD\",\"contractType\":\"PERPETUAL\",\"contractStatus\":\"TRADING\","
    "\"baseAsset\":\"BTC\"},"
    "{\"symbol\":\"BTCUSD_260925\",\"pair\":\"BTCUSD\",\"contractType\":\"CURRENT_QUARTER\",\"contractStatus\":\"TRADING\"},"
    "{\"symbol\":\"SOLUSD_PERP\",\"pair\":\"SOLUSD\",\"contractType\":\"PERPETUAL\",\"contractStatus\":\"SETTLING\"},"
    "{\"symbol\":\"SOLUSD_260925\",\"pair\":\"SOLUSD\",\"contractType\":\"CURRENT_QUARTER\",\"contractStatus\":\"TRADING\"},"
    "{\"symbol\":\"GALAUSD_PERP\",\"pair\":\"GALAUSD\",\"contractType\":\"PERPETUAL DELIVERING\","
    "\"contractStatus\":\"DELIVERING\"},"
    "{\"symbol\":\"\",\"pair\":\"\",\"contractType\":\"\"},7,{}]}";

static void
test_kinds(void **state)
{
	static const struct { const char *name; unsigned as, live; const char *symbol; } row[] = {
		{ "BTCUSD_PERP", S, S, "BTCUSD_PERP" },
		{ "BTCUSD_260925", S, S, "BTCUSD_260925" },
		{ "BTCUSD", P | A, P | A, "BTCUSD_PERP" },
		{ "BTCUSD_PERPETUAL", K, K, "BTCUSD_PERP" },
		{ "BTCUSD_CURRENT_QUARTER", K, K, "BTCUSD_260925" },
		{ "SOLUSD_PERP", S, 0, "SOLUSD_PERP" },
		{ "SOLUSD", P, P, "SOLUSD_260925" },	/* of two contracts the one that trades */
		{ "SOLUSD_PERPETUAL", K, 0, "SOLUSD_PERP" },
		{ "GALAUSD", P, 0, "GALAUSD_PERP" },
		{ "GALAUSD_PERPETUAL", 0, 0, "" },
		{ "btcusd_perp", 0, 0, "" }, { "BTCUSD_", 0, 0, "" }, { "BTC", 0, 0, "" }, { "USD", 0, 0, "" },
		{ "", 0, 0, "" }, { "_", 0, 0, "" }, { "BTCUSD_PERP ", 0, 0, "" },
	};
	struct listed l;

	(void)state;
	assert_true(scan_doc(&sc, coinm, sizeof coinm - 1) > 0);
	for (size_t i = 0; i < LEN(row); i++) {
		listed_find(&l, sc.t, sc.t, row[i].name);
		if (l.as != row[i].as || l.live != row[i].live || strcmp(l.symbol, row[i].symbol) != 0)
			fail_msg("%s: as %u, live %u, %s", row[i].name, l.as, l.live, l.symbol);
	}
	listed_find(&l, sc.t, sc.t, "SOLUSD_PERP");
	assert_string_equal(l.pair, "SOLUSD");
	assert_string_equal(l.contract, "PERPETUAL");
	assert_string_equal(l.status, "SETTLING");
	scan_doc(&sc, "{\"code\":-1003}", 14);
	listed_find(&l, sc.t, sc.t, "BTCUSD_PERP");
	assert_int_equal(l.as, 0);
}

static void
test_assets(void **state)
{
	static const char info[] = "{\"assets\":[{\"asset\":\"BFUSD\"}],\"symbols\":[{\"symbol\":\"ADAUSDT\","
	    "\"pair\":\"ADAUSDT\",\"baseAsset\":\"ADA\",\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\"}]}";
	struct listed l;

	(void)state;
	assert_true(scan_doc(&sc, info, sizeof info - 1) > 0);
	for (const char *const *n = (const char *const[]){ "ADAUSD", "USDTUSD", "BFUSDUSD", NULL }; *n != NULL; n++) {
		listed_find(&l, sc.t, sc.t, *n);
		assert_int_equal(l.as, A);
	}
	listed_find(&l, sc.t, sc.t, "XRPUSD");
	assert_int_equal(l.as, 0);
}

static void
test_status(void **state)
{
	static const struct { const char *status; bool live; } row[] = {
		{ "TRADING", true }, { "PRE_DELIVERING", true }, { "PRE_SETTLE", true }, { "TRADING_HALT", true },
		{ "", true }, { "PENDING_TRADING", false }, { "DELIVERING", false }, { "DELIVERED", false },
		{ "SETTLING", false }, { "CLOSE", false },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		assert_int_equal(listed_live(row[i].status), row[i].live);
}

/* Counted in the file: 552 + 3 that trade and one in PRE_SETTLE, of 647. */
static void
test_real(void **state)
{
	char *text = recorded("usdm/rest-exchangeInfo-testnet-2025-11-26.json.gz"), symbol[SYMBOL_MAX];
	const struct tok *list, *v;
	struct listed l;
	int n = 0, live = 0;

	(void)state;
	assert_true(scan_doc(&sc, text, strlen(text)) > 0);
	list = scan_get(sc.t, sc.t, "symbols");
	for (v = scan_first(list); v != NULL; v = scan_next(sc.t, list, v), n++) {
		assert_true(scan_get_str(sc.t, v, "symbol", symbol, sizeof symbol));
		listed_find(&l, sc.t, sc.t, symbol);
		assert_int_equal(l.as & S, S);
		live += (l.live & S) != 0;
	}
	assert_int_equal(n, 647);
	assert_int_equal(live, 556);
	listed_find(&l, sc.t, sc.t, "BTCUSDT_CURRENT_QUARTER");
	assert_int_equal(l.live, K);
	free(text);
}

static void
test_near(void **state)
{
	static const char *const names[] = { "markPrice", "bookTicker", "ticker", "miniTicker", "depth", "depth5" };
	static const struct { const char *asked, *text; } row[] = {
		{ "bookTickr", "; near: bookTicker" }, { "MARKPRICE", "; near: markPrice" },
		{ "bookTikcer", "; near: bookTicker" }, { "dept", "; near: depth, depth5" }, { "xyz", "" }, { "", "" },
		{ "mini", "; near: miniTicker" }, { "ti", "; near: ticker" },
	};
	struct near near;
	char text[300];

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		near_begin(&near, row[i].asked);
		for (size_t k = 0; k < 2 * LEN(names); k++)	/* twice: each is named once */
			near_add(&near, names[k % LEN(names)]);
		near_text(&near, text, sizeof text);
		assert_string_equal(text, row[i].text);
	}
	near_begin(&near, "dept");
	near_add(&near, "depth");
	near_add(&near, "depth5");
	near_text(&near, text, 12);
	assert_string_equal(text, "; near: dep");
	near_more(&near, text, 12);		/* no room: as it was */
	assert_string_equal(text, "; near: dep");
	*text = '\0';
	for (int i = 0; i < 2; i++)
		near_more(&near, text, sizeof text);
	assert_string_equal(text, "; near: depth, depth5, depth, depth5");
}

static int
cleanup(void **state)
{
	(void)state;
	scan_free(&sc);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds), cmocka_unit_test(test_assets), cmocka_unit_test(test_status),
		cmocka_unit_test(test_real), cmocka_unit_test(test_near),
	};

	return cmocka_run_group_tests(tests, NULL, cleanup);
}

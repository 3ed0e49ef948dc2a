/* Stream names: what the tables of the exchange's documents say of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/specs.h"
#include "../../cmd/bf-sim/streams.h"
#include "../../cmd/bf-sim/user.h"

#define START	INT64_C(1786171884000)	/* 2026-08-08 */
#define KEY	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define CM_KEY	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct sim sim;

/* In the place of user.c: two keys there are. */
bool
user_key_of(const struct user *u, const char *key, size_t n, int *acct, enum product *m)
{
	(void)u;
	*acct = 0;
	*m = n == USER_KEY && memcmp(key, CM_KEY, n) == 0 ? COINM : USDM;
	return n == USER_KEY && (memcmp(key, KEY, n) == 0 || *m == COINM);
}

static int
setup(void **state)
{
	struct engine_config c = engine_config_default();
	struct specs sp = { NULL, 0 };
	struct fault f;

	(void)state;
	if (specs_builtin(&sp, START, &f) == -1)
		return -1;
	c.contracts = sp.v;
	c.ncontracts = sp.n;
	c.start_ms = START;
	sim.engine = engine_new(&c, &f);
	specs_free(&sp);
	return sim.engine == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	engine_free(sim.engine);
	return 0;
}

enum { P = ROUTE_PUBLIC, M = ROUTE_MARKET, U = ROUTE_USER, R = ROUTE_ROOT };

static void
test_known(void **state)
{
	static const struct {
		const char *name;
		enum stream_kind kind;
		unsigned routes;
		int ms;
		const char *symbol;	/* NULL: none */
	} row[] = {
		{ "btcusdt@markPrice", ST_MARK, M, 3000, "BTCUSDT" },
		{ "btcusdt@markPrice@1s", ST_MARK, M, 1000, "BTCUSDT" },
		{ "btcusd_perp@markPrice", ST_MARK, M | R, 3000, "BTCUSD_PERP" },
		{ "btcusd@markPrice@1s", ST_MARK_PAIR, M | R, 1000, "BTCUSD_PERP" },
		{ "!markPrice@arr", ST_MARK_ALL, M | R, 3000, NULL },
		{ "!markPrice@arr@1s", ST_MARK_ALL, M | R, 1000, NULL },
		{ "btcusd@indexPrice", ST_INDEX, R, 3000, "BTCUSD_PERP" },
		{ "btcusdt@bookTicker", ST_BOOK, P | R, 0, "BTCUSDT" },
		{ "btcusd_perp@bookTicker", ST_BOOK, R, 0, "BTCUSD_PERP" },
		{ "!bookTicker", ST_BOOK_ALL, P | R, 5000, NULL },
		{ "btcusdt@aggTrade", ST_AGG, M, 0, "BTCUSDT" },
		{ "btcusdt@trade", ST_TRADE, P | M | R, 0, "BTCUSDT" },
		{ "btcusdt@depth", ST_DEPTH, P | R, 250, "BTCUSDT" },
		{ "btcusdt@depth@500ms", ST_DEPTH, P | R, 500, "BTCUSDT" },
		{ "btcusd_perp@depth@100ms", ST_DEPTH, R, 100, "BTCUSD_PERP" },
		{ "btcusdt@depth20@100ms", ST_PARTIAL, P | R, 100, "BTCUSDT" },
		{ "btcusdt@depth5", ST_PARTIAL, P | R, 250, "BTCUSDT" },
		{ "btcusdt@ticker", ST_TICKER, M, 2000, "BTCUSDT" },
		{ "btcusd_perp@miniTicker", ST_MINI, R, 500, "BTCUSD_PERP" },
		{ "!miniTicker@arr", ST_MINI_ALL, M | R, 1000, NULL },
		{ "!ticker@arr", ST_TICKER_ALL, M | R, 1000, NULL },
		{ "!forceOrder@arr", ST_FORCE_ALL, M | R, 1000, NULL },
		{ "!contractInfo", ST_CONTRACT, M | R, 0, NULL },
		{ "btcusdt@kline_1M", ST_KLINE, M, 250, "BTCUSDT" },
		{ "btcusd_perp@kline_1m", ST_KLINE, M | R, 250, "BTCUSD_PERP" },
		{ "btcusdt_perpetual@continuousKline_1s", ST_CONTINUOUS, M, 250, "BTCUSDT" },
		{ "btcusd_perpetual@continuousKline_1h", ST_CONTINUOUS, M | R, 250, "BTCUSD_PERP" },
		{ "btcusd@indexPriceKline_1m", ST_INDEX_KLINE, M | R, 250, "BTCUSD_PERP" },
		{ "btcusd_perp@markPriceKline_1w", ST_MARK_KLINE, M | R, 250, "BTCUSD_PERP" },
		{ "!assetIndex@arr", ST_ASSET_ALL, M, 1000, NULL },
		{ "usdtusd@assetIndex", ST_ASSET, M, 1000, NULL },
		{ "tradingSession", ST_SILENT, M, 1000, NULL },
		{ "btcusdt@rpiDepth@500ms", ST_SILENT, P | R, 500, "BTCUSDT" },
		{ KEY, ST_USER, U, 0, NULL },
		{ KEY "@ORDER_TRADE_UPDATE", ST_USER, U, 0, NULL },
		{ CM_KEY, ST_USER, R, 0, NULL },
	};
	struct stream st;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (!names_read(&st, row[i].name, &sim) || st.kind != row[i].kind ||
		    st.routes != row[i].routes || st.period_ms != row[i].ms)
			fail_msg("%s: kind %d routes %u every %d ms", row[i].name, (int)st.kind,
			    st.routes, st.period_ms);
		assert_string_equal(st.name, row[i].name);
		assert_int_equal(st.sym, row[i].symbol == NULL ? -1 :
		    engine_symbol(sim.engine, row[i].symbol));
	}
}

static void
test_unknown(void **state)
{
	static const char *const row[] = {
		"", "@", "btcusdt", "btcusdt@", "@trade", "BTCUSDT@trade", "btcusdt@Trade",
		"nosuch@trade", "btcusdt@depth7", "btcusdt@depth@", "btcusdt@depth5@1s",
		"btcusdt@kline_1s", "btcusdt@kline_", "btcusdt@kline_7m", "btcusdt@indexPrice",
		"btcusdt@markPriceKline_1m", "btcusd_perp@compositeIndex", "btcusdt@!ticker@arr",
		"btcusd@kline_1m", "btcusdt@continuousKline_1m", "xyzusd@assetIndex",
		"btcusdt_@continuousKline_1m", "!nosuch",
		"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
	};
	struct stream st;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (names_read(&st, row[i], &sim))
			fail_msg("%s: taken for a stream", row[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

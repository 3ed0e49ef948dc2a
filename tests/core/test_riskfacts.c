/*
 * The rules of bf-risk about what must be so at all: account, contract, clock, stream, latch.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judgerig.h"

#define BTC	"BTCUSDT", POS_BOTH
#define ETH	"ETHUSDT", POS_BOTH

static void
test_account_unknown(void **state)
{
	(void)state;
	rig();
	limit(R_ACCOUNT_AGE, "14");
	limit(R_MAX_LEV, "5");
	w.loaded_mono_ms[MARKET_USDM] = MONO0 - 14000;
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	w.loaded_mono_ms[MARKET_USDM] = MONO0 - 14001;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "account-unknown", "14.001", "at most 14000 allowed");
	assert_true(passes(order("BTCUSD_PERP", POS_BOTH, SIDE_BUY, "1", NULL)));	/* the other market's is well */
	w.loaded_mono_ms[MARKET_USDM] = 0;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "account-unknown", "", "state is not known");
	w.loaded_mono_ms[MARKET_USDM] = MONO0;
	w.down[MARKET_USDM] = true;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "account-unknown", "", "state is not known");
	w.down[MARKET_USDM] = false;
	w.acct[MARKET_USDM].known = false;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "account-unknown", "", "state is not known");
	w.acct[MARKET_USDM].known = true;
	w.served[MARKET_USDM] = false;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "account-unknown", "", "not looked at");
	w.served[MARKET_USDM] = true;
	w.npending = PENDING_MAX;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "account-unknown", "", "too many orders");
	w.npending = 0;
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
}

static void
test_contract(void **state)
{
	(void)state;
	rig();
	breaks(order("BTCUSD", POS_BOTH, SIDE_BUY, "0.1", NULL), "symbol", "BTCUSD", "symbol: BTCUSD: not listed");
	assert_int_equal(v.b[0].code, -1121);
	breaks(order("A\033[2J", POS_BOTH, SIDE_BUY, "0.1", NULL), "symbol", "A?[2J", "not listed");
	contracts_find(&w.cs, "ETHUSDT")->rules.complete = false;
	breaks(order(ETH, SIDE_BUY, "0.1", NULL), "symbol", "ETHUSDT", "filters");
	copy(l.asset, sizeof l.asset, "USDC");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "asset", "USDT", "margined in USDT, and this bf-risk guards USDC");
	assert_string_equal(v.b[0].limit, "USDC");
	l.asset[0] = '\0';
	copy(contracts_find(&w.cs, "BTCUSDT")->rules.status, 24, "SETTLING");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "status", "SETTLING", "BTCUSDT is SETTLING, not TRADING");
	assert_int_equal(v.b[0].code, -4140);
}

static void
test_symbols(void **state)
{
	(void)state;
	rig();
	l.allow = calloc(2, sizeof *l.allow);
	l.deny = calloc(1, sizeof *l.deny);
	assert_true(l.allow != NULL && l.deny != NULL);
	copy(l.allow[0], SYMBOL_MAX, "BTCUSDT");
	copy(l.allow[1], SYMBOL_MAX, "BTCUSDC");
	copy(l.deny[0], SYMBOL_MAX, "BTCUSDC");
	limit(R_SYMBOLS, "0");
	l.nallow = 2;
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	breaks(order(ETH, SIDE_BUY, "0.1", NULL), "symbols", "ETHUSDT", "not among those allowed");
	l.ndeny = 1;
	breaks(order("BTCUSDC", POS_BOTH, SIDE_BUY, "0.1", NULL), "symbols", "BTCUSDC", "is denied");
	l.nallow = 0;
	assert_true(passes(order(ETH, SIDE_BUY, "0.1", NULL)));
}

static void
test_isolated_only(void **state)
{
	(void)state;
	rig();
	limit(R_ISOLATED, "0");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "account-unknown", NULL, "margin type of BTCUSDT is not known");
	hold(BTC, "0", "0", "60000");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "isolated-only", "cross", "only isolated");
	w.acct[MARKET_USDM].pos[0].isolated = true;
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
}

static void
test_health(void **state)
{
	(void)state;
	rig();
	limit(R_CLOCK, "50");
	w.health.clock_error_ms = 50;
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	w.health.clock_error_ms = 51;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "clock", "51", "limit 50 ms");
	assert_int_equal(v.kind, FAULT_CLOCK);
	w.health.clock_error_ms = -1;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "clock", "", "not known");
	w.health.clock_error_ms = 0;
	limit(R_USER_STREAM, "60");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "user-stream", "", "never seen");
	w.health.stream_seen = true;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "user-stream", "", "is down");
	w.health.stream_up = true;
	w.health.stream_mono_ms = MONO0 - 60000;
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	w.health.stream_mono_ms--;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "user-stream", "60.001", "no life for 60.001 s, limit 60 s");
}

static void
test_latch_and_block(void **state)
{
	(void)state;
	rig();
	w.health.latched = true;
	copy(w.health.latch_why, sizeof w.health.latch_why, "by hand");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "kill-latch", "", "no new risk: by hand");
	assert_int_equal(v.kind, FAULT_TRIPPED);
	limit(R_CLOCK, "1");
	assert_false(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	assert_int_equal(v.n, 2);
	assert_int_equal(v.kind, FAULT_TRIPPED);
	rig();
	copy(limit(R_DAILY_LOSS, "500")->reason, REASON_MAX, "sleep on it");
	w.blocked = 1u << R_DAILY_LOSS | 1u << R_VOLATILITY;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "blocked", "daily-loss", "volatility, daily-loss (sleep on it)");
	assert_int_equal(v.b[0].rule, R_DAILY_LOSS);
}

/* What the account's mode makes an exit passes, whatever else is wrong. */
static void
test_exit(void **state)
{
	(void)state;
	rig();
	limit(R_MAX_LEV, "0.001");
	w.health.latched = true;
	assert_true(passes(order("BTCUSDT", POS_LONG, SIDE_SELL, "9", NULL)));	/* one-way: reduceOnly */
	assert_false(passes(order("BTCUSDT", POS_SHORT, SIDE_SELL, "9", NULL)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_account_unknown),
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_isolated_only),
		cmocka_unit_test(test_health),
		cmocka_unit_test(test_latch_and_block),
		cmocka_unit_test(test_exit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

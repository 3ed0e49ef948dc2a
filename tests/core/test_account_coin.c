/*
 * COIN-M: the shapes of its answers, sizes of contracts, marks and sums in coins. REAL:
 * rows of real accounts; DOC: samples of Binance's documentation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "account_rig.h"
#include "core/contract.h"
#include "decimal.h"
#include "recorded.h"

static struct contracts cs;

static void
contract(const char *symbol, const char *margin, const char *size)
{
	struct rules r = { .contract_size = D(size) };

	snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
	snprintf(r.margin, sizeof r.margin, "%s", margin);
	assert_non_null(contracts_set(&cs, &r, dec_sign(r.contract_size) > 0 ? MARKET_COINM : MARKET_USDM));
}

static int
begin(void **state)
{
	contracts_free(&cs);
	return fresh(state);
}

static int
end(void **state)
{
	contracts_free(&cs);
	return cleanup(state);
}

/* REAL: positionRisk of COIN-M: neither marginAsset nor notional nor initialMargin. */
#define ROW(symbol, side, amt, entry, mark, upnl, type, wallet)				\
	"{\"symbol\":\"" symbol "\",\"positionAmt\":\"" amt "\",\"entryPrice\":\"" entry "\","	\
	"\"breakEvenPrice\":\"0.0\",\"markPrice\":\"" mark "\",\"unRealizedProfit\":\"" upnl "\","	\
	"\"liquidationPrice\":\"0\",\"leverage\":\"125\",\"maxQty\":\"50\",\"marginType\":\"" type "\","	\
	"\"isolatedMargin\":\"" wallet "\",\"isAutoAddMargin\":\"false\","	\
	"\"positionSide\":\"" side "\",\"updateTime\":0}"
#define HELD	ROW("BTCUSD_PERP", "BOTH", "2", "37643.10000021", "38103.05510455", "0.00006413",	\
	"isolated", "0.00274471")

static void
test_rows(void **state)
{
	struct position *p;

	(void)state;
	reads(account_read_positions, "[" HELD "," ROW("ETHUSD_261225", "BOTH", "0", "0.0", "0.00000000",
	    "0.00000000", "cross", "0.00000000") "]");
	p = account_position(&a, "BTCUSD_PERP", POS_BOTH);
	assert_int_equal(p->kind, INVERSE);	/* the name says so */
	same(p->size, "0");			/* and nobody the size */
	same(p->isolated_wallet, "0.00268058");
	assert_int_equal(p->leverage, 125);
	assert_string_equal(p->margin_asset, "BTC");
	assert_false(a.hedge);
	p = account_position(&a, "ETHUSD_261225", POS_BOTH);
	assert_string_equal(p->margin_asset, "ETH");
	assert_false(p->isolated);
	/* hedge mode has flat BOTH rows too */
	reads(account_read_positions, "["
	    ROW("BTCUSD_PERP", "LONG", "2", "37643.1", "38103", "0.00006412", "cross", "0.00000000") ","
	    ROW("BTCUSD_PERP", "SHORT", "0", "0.0", "38103", "0", "cross", "0.00000000") ","
	    ROW("BTCUSD_PERP", "BOTH", "0", "0.0", "38103", "0", "cross", "0.00000000") "]");
	assert_true(a.hedge);
	assert_int_equal(a.npos, 3);
	refuses(account_read_positions, "[" ROW("BTCUSD_PERP", "BOTH", "2", "37643.1", "38103", "0.0001",
	    "isolated", "0.00000000") "]", "isolatedMargin");
}

/* Until the size is told, a profit stays as it was told; then it follows the mark. */
static void
test_size(void **state)
{
	struct position *p;

	(void)state;
	reads(account_read_positions, "[" HELD "]");
	p = account_position(&a, "BTCUSD_PERP", POS_BOTH);
	assert_true(account_mark(&a, "BTCUSD_PERP", 11, D("40000"), 5));
	same(p->mark, "40000");
	same(p->upnl, "0.00006413");
	contract("BTCUSD_PERP", "BTC", "100");
	account_contracts(&a, &cs);
	same(p->size, "100");
	same(p->upnl, "0.00031305");	/* WORKED: 200 x (1 / 37643.10000021 - 1 / 40000) */
	assert_true(account_mark(&a, "BTCUSD_PERP", 11, D("38103.05510455"), 6));
	same(p->upnl, "0.00006413");	/* REAL, as the exchange printed it */
	/* one that comes later, and whose rules come later still */
	event(1, "{\"e\":\"ACCOUNT_UPDATE\",\"T\":7,\"a\":{\"B\":[],\"P\":[{\"s\":\"ETHUSD_PERP\","
	    "\"pa\":\"-3\",\"ep\":\"2000\",\"up\":\"0.001\",\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"}]}}");
	p = account_position(&a, "ETHUSD_PERP", POS_BOTH);
	assert_int_equal(p->kind, INVERSE);
	same(p->upnl, "0.001");
	contract("ETHUSD_PERP", "ETH", "10");
	assert_true(account_mark(&a, "ETHUSD_PERP", 11, D("1600"), 8));
	same(p->size, "10");
	same(p->upnl, "0.00375");	/* WORKED: 30 x (1 / 1600 - 1 / 2000) */
	/* an event's own figure is older than the mark */
	event(1, "{\"e\":\"ACCOUNT_UPDATE\",\"T\":9,\"a\":{\"B\":[],\"P\":[{\"s\":\"ETHUSD_PERP\","
	    "\"pa\":\"-6\",\"ep\":\"2000\",\"up\":\"5\",\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"}]}}");
	same(p->upnl, "0.0075");
	/* a whole read keeps size and mark */
	reads(account_read_positions, "[" HELD "]");
	p = account_position(&a, "BTCUSD_PERP", POS_BOTH);
	same(p->size, "100");
	assert_int_equal(p->mark_ms, 6);
}

/* What the contracts say goes before what a name looks like. */
static void
test_told(void **state)
{
	(void)state;
	event(1, "{\"e\":\"ACCOUNT_UPDATE\",\"T\":7,\"a\":{\"P\":[{\"s\":\"FOOBAR\",\"pa\":\"1\","
	    "\"ep\":\"2\",\"up\":\"0\",\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"}]}}");
	assert_string_equal(a.pos[0].margin_asset, "");
	contract("FOOBAR", "BAR", "0");
	account_contracts(&a, &cs);
	assert_string_equal(a.pos[0].margin_asset, "BAR");
	assert_int_equal(a.pos[0].kind, LINEAR);
}

static void
test_sum(void **state)
{
	struct account_sum s;

	(void)state;
	reads(account_read_wallets, "{\"assets\":[{\"asset\":\"BTC\",\"walletBalance\":\"0.02\","
	    "\"crossWalletBalance\":\"0.01731942\",\"availableBalance\":\"0.01\"}]}");
	reads(account_read_orders, "[]");
	reads(account_read_positions, "[" HELD "]");
	assert_false(account_sum(&a, "BTC", &s));	/* the size is not known */
	contract("BTCUSD_PERP", "BTC", "100");
	account_contracts(&a, &cs);
	assert_true(account_sum(&a, "BTC", &s));
	same(s.notional, "0.00524892");	/* REAL */
	same(s.upnl, "0.00006413");
	same(s.wallet, "0.02");
	same(s.equity, "0.02006413");	/* cross, isolated and profit */
	/* no mark: what the event told of the profit tells the notional, Q / EP - upnl */
	reads(account_read_positions, "[]");
	event(1, "{\"e\":\"ACCOUNT_UPDATE\",\"T\":1,\"a\":{\"B\":[],\"P\":[{\"s\":\"BTCUSD_PERP\","
	    "\"pa\":\"-100\",\"ep\":\"25000\",\"up\":\"0.1\",\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"}]}}");
	assert_true(account_sum(&a, "BTC", &s));
	same(s.notional, "0.5");	/* WORKED: -0.4 - 0.1, so the mark is 20000 */
	event(1, "{\"e\":\"markPriceUpdate\",\"E\":2,\"s\":\"BTCUSD_PERP\",\"p\":\"20000\"}");
	assert_true(account_sum(&a, "BTC", &s));
	same(s.notional, "0.5");
	same(s.upnl, "0.1");
}

/* The answer in a line of recorded samples: {"name":..., "response":...}. */
static void
sample(reader *read, char *text, const char *name)
{
	char key[128], *line, *stop;
	struct fault f;

	snprintf(key, sizeof key, "{\"name\":\"%s\"", name);
	if ((line = strstr(text, key)) == NULL)
		fail_msg("%s: no such sample", name);
	stop = strchr(line, '\n');
	assert_true(scan_doc(&sc, line, stop != NULL ? (size_t)(stop - line) : strlen(line)) > 0);
	if (read(&a, sc.t, scan_get(sc.t, sc.t, "response"), &f) != 0)
		fail_msg("%s: %s", name, f.text);
}

/* DOC */
static void
test_samples(void **state)
{
	char *text = recorded("coinm/doc-samples-rest-api.ndjson");

	(void)state;
	sample(account_read_positions, text, "position_information");
	sample(account_read_wallets, text, "futures_account_balance");
	same(a.wal[0].balance, "0.0025");
	sample(account_read_wallets, text, "account_information");
	same(a.wal[0].cross, "0.00241969");
	sample(account_read_orders, text, "current_all_open_orders");
	assert_true(a.known);
	assert_int_equal(a.nord, 1);
	assert_string_equal(a.pos[0].margin_asset, "BTC");
	assert_int_equal(a.pos[0].kind, INVERSE);
	free(text);
}

#define T(f)	cmocka_unit_test_setup(f, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_rows),
		T(test_size),
		T(test_told),
		T(test_sum),
		T(test_samples),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}

/*
 * The rules of bf-risk about how much, and the verdict: what passes, what would, what is
 * said. Every figure is worked by hand; the arithmetic stands beside it.
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
test_max_lev(void **state)
{
	static const struct {
		const char *what, *wallet, *amt, *entry, *mark, *oqty, *oprice;
		const char *symbol; enum order_side way; const char *qty, *price;
		const char *limit, *value, *nearest;	/* value NULL: passes */
	} row[] = {
		{ "below: (30000 + 18000) / 10000", "10000", "0.5", "60000", "60000", NULL, NULL,
		  "BTCUSDT", SIDE_BUY, "0.3", NULL, "5", NULL, "0" },
		{ "above: (30000 + 24000) / 10000; 20000 / 60000 is 0.333 on step", "10000", "0.5", "60000", "60000", NULL, NULL,
		  "BTCUSDT", SIDE_BUY, "0.4", NULL, "5", "5.4000", "0.333" },
		{ "and the quantity named passes: (30000 + 19980) / 10000", "10000", "0.5", "60000", "60000", NULL, NULL,
		  "BTCUSDT", SIDE_BUY, "0.333", NULL, "5", NULL, "0" },
		{ "at the limit passes: (30000 + 0.4 x 62500) / 10000", "10000", "0.5", "60000", "60000", NULL, NULL,
		  "BTCUSDT", SIDE_BUY, "0.4", "62500", "5.5", NULL, "0" },
		{ "a hair above does not, though it shows as 5.5001: 55000.02 / 10000", "10000", "0.5", "60000", "60000", NULL, NULL,
		  "BTCUSDT", SIDE_BUY, "0.4", "62500.05", "5.5", "5.5001", "0.399" },
		{ "through flat: |30000 - 120000| / 10000; (30000 + 50000) / 60000 is 1.333 on step", "10000", "0.5", "60000", "60000",
		  NULL, NULL, "BTCUSDT", SIDE_SELL, "2", NULL, "5", "9.0000", "1.333" },
		{ "open orders take their room: (30000 + 15000 + 6000) / 10000; 5000 / 60000", "10000", "0.5", "60000", "60000",
		  "0.3", "50000", "BTCUSDT", SIDE_BUY, "0.1", NULL, "5", "5.1000", "0.083" },
		{ "already above, nothing that grows passes", "5000", "0.5", "60000", "60000", NULL, NULL,
		  "BTCUSDT", SIDE_BUY, "0.001", NULL, "5", "6.0120", "0" },
		{ "but what does not grow does: max(30000, 24000) / 5000", "5000", "0.5", "60000", "60000", NULL, NULL,
		  "BTCUSDT", SIDE_SELL, "0.1", NULL, "5", NULL, "0" },
		{ "an unrealised loss is no equity: (25000 + 5000) / (10000 - 5000)", "10000", "0.5", "60000", "50000", NULL, NULL,
		  "BTCUSDT", SIDE_BUY, "0.1", NULL, "5", "6.0000", "0" },
		{ "no equity: what does not grow passes", "4000", "0.5", "60000", "50000", NULL, NULL,
		  "BTCUSDT", SIDE_SELL, "0.001", NULL, "5", NULL, "0" },
		{ "a limit order counts at the mark if that is dearer: 60000 / 10000", "10000", "0", "60000", "60000", NULL, NULL,
		  "BTCUSDT", SIDE_BUY, "1", "58000", "5.9", "6.0000", "0.983" },
		{ "a sell at its price: 62000 / 10000", "10000", "0", "60000", "60000", NULL, NULL,
		  "BTCUSDT", SIDE_SELL, "1", "62000", "6.1", "6.2000", "0.983" },
		{ "another symbol adds to the rest: 30000 + 20001; 20000 / 3000", "10000", "0.5", "60000", "60000", NULL, NULL,
		  "ETHUSDT", SIDE_SELL, "6.667", NULL, "5", "5.0001", "6.666" },
		{ "one whose mark is not known counts at its entry: (30000 + 24000) / 10000", "10000", "0.5", "60000", "0", NULL, NULL,
		  "BTCUSDT", SIDE_BUY, "0.4", NULL, "5", "5.4000", "0.333" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		print_message("%s\n", row[i].what);
		rig();
		limit(R_MAX_LEV, row[i].limit);
		wallet(MARKET_USDM, "USDT", row[i].wallet);
		hold(BTC, row[i].amt, row[i].entry, row[i].mark);
		if (dec_sign(D(row[i].mark)) > 0)
			mark("BTCUSDT", row[i].mark);
		if (row[i].oqty != NULL)
			open_order(BTC, SIDE_BUY, row[i].oqty, "0", row[i].oprice);
		assert_int_equal(passes(order(row[i].symbol, POS_BOTH, row[i].way, row[i].qty, row[i].price)), row[i].value == NULL);
		if (row[i].value == NULL)
			continue;
		assert_string_equal(v.b[0].name, "max-lev");
		assert_string_equal(v.b[0].value, row[i].value);
		assert_string_equal(v.b[0].limit, row[i].limit);
		assert_true(v.has_nearest);
		same(v.nearest, row[i].nearest);
	}
}

static void
test_max_lev_texts(void **state)
{
	(void)state;
	rig();
	copy(limit(R_MAX_LEV, "5")->reason, REASON_MAX, "the desk's mandate");
	hold(BTC, "0.5", "60000", "60000");
	assert_false(passes(order(BTC, SIDE_BUY, "0.4", NULL)));
	assert_string_equal(v.b[0].text,
	    "max-lev: effective leverage would be 5.4000, limit 5; quantity 0.333 would pass (the desk's mandate)");
	l.r[R_MAX_LEV].reason[0] = '\0';
	wallet(MARKET_USDM, "USDT", "5000");
	assert_false(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	assert_string_equal(v.b[0].text, "max-lev: effective leverage would be 7.2000, limit 5; no quantity would pass");
	wallet(MARKET_USDM, "USDT", "0");
	assert_false(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	assert_string_equal(v.b[0].text, "max-lev: the account has no equity to carry new risk");
	assert_string_equal(v.b[0].value, "");
	assert_int_equal(v.kind, FAULT_REJECTED);
}

/* A reason that does not fit is cut between characters. */
static void
test_long_reason(void **state)
{
	const char *s;
	char *reason;

	(void)state;
	rig();
	reason = limit(R_MAX_LEV, "5")->reason;
	for (int i = 0; i + 4 < REASON_MAX; i += 3)
		copy(reason + i, 4, "\xe2\x82\xac");
	assert_false(passes(order(BTC, SIDE_BUY, "1", NULL)));
	s = strrchr(v.b[0].text, '\xe2');
	assert_non_null(s);
	assert_string_equal(s, "\xe2\x82\xac");
}

/* Fee and spread of what is added come off the equity: at 10 basis points
 * 5 (10000 + 0.001 x 30000) / 1.005 = 49900.49, so 19900.49 / 60000 = 0.3316. */
static void
test_cost(void **state)
{
	(void)state;
	rig();
	limit(R_MAX_LEV, "5");
	l.cost = D("0.001");
	hold(BTC, "0.5", "60000", "60000");
	assert_false(passes(order(BTC, SIDE_BUY, "0.332", NULL)));
	same(v.nearest, "0.331");
	assert_string_equal(v.b[0].value, "5.0020");	/* 49920 / (10000 - 19.92) = 5.00196 */
	assert_true(passes(order(BTC, SIDE_BUY, "0.331", NULL)));
}

/* What is not known is not judged. */
static void
test_unknown(void **state)
{
	(void)state;
	rig();
	limit(R_MAX_LEV, "5");
	assert_true(passes(order(BTC, SIDE_BUY, "0.001", NULL)));
	breaks(order("BTCUSDC", POS_BOTH, SIDE_BUY, "0.001", NULL), "account-unknown", NULL, "max-lev");	/* no such wallet */
	hold(BTC, "0.5", "60000", "60000");
	w.acct[MARKET_USDM].pos[0].margin_asset[0] = '\0';
	copy(w.acct[MARKET_USDM].pos[0].symbol, SYMBOL_MAX, "NEWUSDT");
	breaks(order(BTC, SIDE_BUY, "0.001", NULL), "account-unknown", NULL, "max-lev");
}

/* A limit order of 0.5 BTC more on 0.5 held: values of 30000 each. At the limit, and a hair below. */
static void
test_notional(void **state)
{
	static const struct { enum rule r; const char *name, *limit, *below, *value, *nearest; } row[] = {
		{ R_ORDER_NOTIONAL, "order-notional", "30000", "29999.99", "30000", "0.499" },
		{ R_POSITION_NOTIONAL, "position-notional", "60000", "59999.99", "60000", "0.499" },
		{ R_GROSS_NOTIONAL, "gross-notional", "66000", "65999.99", "66000", "0.499" },	/* and 2 ETH short */
		{ R_NET_NOTIONAL, "net-notional", "54000", "53999.99", "54000", "0.499" },	/* less those */
		{ R_SYMBOL_LEV, "symbol-lev", "6", "5.9999", "6", "0.499" },	/* 60000 / 10000 */
		{ R_MAX_LEV, "max-lev", "6.6", "6.5999", "6.6", "0.499" },
		{ R_MARGIN_USE, "margin-use", "33", "32.9999", "33", "0.499" },	/* 66000 / 20 of 10000 */
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		rig();
		hold(BTC, "0.5", "60000", "60000");
		hold(ETH, "-2", "3000", "3000");
		limit(row[i].r, row[i].limit);
		assert_true(passes(order(BTC, SIDE_BUY, "0.5", "60000")));
		limit(row[i].r, row[i].below);
		breaks(order(BTC, SIDE_BUY, "0.5", "60000"), row[i].name, NULL, row[i].name);
		same(D(v.b[0].value), row[i].value);
		same(v.nearest, row[i].nearest);
		limit(row[i].r, "0.0001");
		if (row[i].r == R_ORDER_NOTIONAL)	/* fat fingers sell, too */
			assert_false(passes(order(BTC, SIDE_SELL, "0.1", NULL)));
		else		/* what does not grow passes, above the limit too */
			assert_true(passes(order(BTC, SIDE_SELL, "0.1", NULL)));
	}
}

/* A limit of one symbol's own comes in place of the common one. */
static void
test_per_symbol(void **state)
{
	struct symbol_limit *own = calloc(1, sizeof *own);

	(void)state;
	rig();
	assert_non_null(own);
	limit(R_POSITION_NOTIONAL, "1000");
	copy(own->symbol, sizeof own->symbol, "BTCUSDT");
	own->rule = R_POSITION_NOTIONAL;
	own->l = (struct limit){ .on = true, .max = D("30000") };
	l.own = own;
	l.nown = 1;
	assert_true(passes(order(BTC, SIDE_BUY, "0.5", NULL)));
	breaks(order(BTC, SIDE_BUY, "0.501", NULL), "position-notional", "30060", "limit 30000");
	breaks(order(ETH, SIDE_BUY, "0.334", NULL), "position-notional", "1002", "limit 1000");
}

static void
test_hedge(void **state)
{
	(void)state;
	rig();
	w.acct[MARKET_USDM].hedge = true;
	hold("BTCUSDT", POS_LONG, "0.5", "60000", "60000");
	hold("BTCUSDT", POS_SHORT, "-0.5", "60000", "60000");
	limit(R_POSITION_NOTIONAL, "66000");	/* both sides: neither covers the other */
	limit(R_MAX_LEV, "6.6");
	limit(R_MARGIN_USE, "33");
	assert_true(passes(order("BTCUSDT", POS_SHORT, SIDE_SELL, "0.1", NULL)));
	assert_false(passes(order("BTCUSDT", POS_SHORT, SIDE_SELL, "0.101", NULL)));
	assert_int_equal(v.n, 3);
	same(v.nearest, "0.1");
	assert_false(passes(order("BTCUSDT", POS_LONG, SIDE_BUY, "0.101", NULL)));
	/* without positionSide a SELL opens SHORT: no exit of the long */
	assert_false(passes(order("BTCUSDT", POS_BOTH, SIDE_SELL, "0.101", NULL)));
	limit(R_NET_NOTIONAL, "6000");		/* they do cover each other here */
	assert_true(passes(order("BTCUSDT", POS_LONG, SIDE_BUY, "0.1", NULL)));
}

/* 100 contracts of 100 USD at 50000 are 0.2 BTC, of 1 BTC. */
static void
test_inverse(void **state)
{
	(void)state;
	rig();
	hold("BTCUSD_PERP", POS_BOTH, "100", "50000", "50000");
	limit(R_MAX_LEV, "0.4");
	limit(R_POSITION_NOTIONAL, "20000");
	assert_true(passes(order("BTCUSD_PERP", POS_BOTH, SIDE_BUY, "100", NULL)));
	assert_false(passes(order("BTCUSD_PERP", POS_BOTH, SIDE_BUY, "101", NULL)));
	assert_int_equal(v.n, 2);
	assert_string_equal(breach("max-lev")->value, "0.4020");
	same(D(breach("position-notional")->value), "20100");
	same(v.nearest, "100");
	assert_int_equal(v.market, MARKET_COINM);
	/* at 40000 a contract is worth 0.0025 BTC: it counts where it is worth most */
	assert_false(passes(order("BTCUSD_PERP", POS_BOTH, SIDE_BUY, "100", "40000")));
	assert_string_equal(breach("max-lev")->value, "0.4500");
	same(v.nearest, "80");
	same(v.counted, "40000");
}

/* One margin: 10000 USDT at 1 and 1000 USDC at 0.9, its buffer 10 %: 10000 + 810; all wallets' positions. */
static void
test_multi_assets(void **state)
{
	struct asset_rate rates[2];

	(void)state;
	rig();
	w.acct[MARKET_USDM].multi_assets = true;
	wallet(MARKET_USDM, "USDC", "1000");
	rates[0] = (struct asset_rate){ "USDT", D("1"), D("0"), D("0") };
	rates[1] = (struct asset_rate){ "USDC", D("0.9"), D("0.1"), D("0.1") };
	w.rates = (struct asset_rates){ rates, 2 };
	hold("BTCUSDC", POS_BOTH, "0.5", "60000", "60000");
	limit(R_MAX_LEV, "4.717");	/* (27000 + 24000) / 10810 = 4.71786 */
	assert_true(passes(order(BTC, SIDE_BUY, "0.399", NULL)));
	breaks(order(BTC, SIDE_BUY, "0.4", NULL), "max-lev", "4.7179", "quantity 0.399 would pass");
	w.rates.n = 1;
	breaks(order(BTC, SIDE_BUY, "0.001", NULL), "account-unknown", NULL, "max-lev");
	w.rates = (struct asset_rates){ 0 };
}

/*
 * The verdict
 */

static void
test_all_reasons(void **state)
{
	(void)state;
	rig();
	limit(R_MAX_LEV, "5");
	limit(R_ORDER_NOTIONAL, "30000");
	limit(R_PRICE_BAND, "5");
	assert_false(passes(order(BTC, SIDE_BUY, "1", "66000")));
	assert_int_equal(v.n, 3);
	assert_string_equal(v.b[0].name, "max-lev");
	assert_string_equal(v.b[1].name, "order-notional");
	assert_string_equal(breach("price-band")->value, "10.0000");
	assert_false(v.has_nearest);	/* no quantity cures the price */
	/* of those about size the nearest is one that passes all of them: 30000 / 66000 */
	assert_non_null(strstr(v.b[0].text, "; quantity 0.454 would pass the rules about size"));
	/* what cannot be told of any quantity does not make it none */
	contracts_find(&w.cs, "BTCUSDT")->funding_ms = 0;
	limit(R_FUNDING, "5");
	assert_false(passes(order(BTC, SIDE_BUY, "1", "66000")));
	assert_int_equal(v.n, 4);
	assert_non_null(strstr(v.b[0].text, "; quantity 0.454 would pass the rules about size"));
}

static void
test_clip(void **state)
{
	(void)state;
	rig();
	limit(R_MAX_LEV, "5")->clip = true;
	limit(R_ORDER_NOTIONAL, "30000")->clip = true;
	assert_true(passes(order(BTC, SIDE_BUY, "1", NULL)));
	assert_true(v.clipped);
	assert_int_equal(v.n, 2);
	same(v.qty, "0.5");
	contracts_find(&w.cs, "BTCUSDT")->rules.min_notional = D("30000.01");	/* the exchange takes no less */
	assert_false(passes(order(BTC, SIDE_BUY, "1", NULL)));
	contracts_find(&w.cs, "BTCUSDT")->rules.min_notional = D("30000");
	assert_true(passes(order(BTC, SIDE_BUY, "1", NULL)));
	contracts_find(&w.cs, "BTCUSDT")->rules.mkt_min_qty = D("0.501");
	assert_false(passes(order(BTC, SIDE_BUY, "1", NULL)));
	assert_true(passes(order(BTC, SIDE_BUY, "1", "60000")));	/* that was of market orders */
	l.r[R_ORDER_NOTIONAL].clip = false;		/* one that rejects rejects */
	assert_false(passes(order(BTC, SIDE_BUY, "1", "60000")));
	assert_false(v.clipped);
	l.r[R_ORDER_NOTIONAL].clip = true;
	limit(R_PRICE_BAND, "1");
	assert_false(passes(order(BTC, SIDE_BUY, "1", "61000")));	/* and what no size cures */
	assert_false(v.clipped);
}

static void
test_modify(void **state)
{
	struct intent in = { .op = OP_MODIFY, .symbol = "BTCUSDT", .qty = D("0.6"), .order_id = 101 };

	(void)state;
	rig();
	limit(R_MAX_LEV, "5");
	breaks(in, "account-unknown", NULL, "not among the open orders");
	open_order(BTC, SIDE_BUY, "0.5", "0.1", "60000");
	assert_true(passes(in));		/* 0.5 x 60000 in place of 0.4 x 60000 */
	in.qty = D("0.934");
	breaks(in, "max-lev", "5.0040", "quantity 0.933 would pass");	/* 0.1 of it is filled */
	in.qty = D("0");
	in.price = D("70000");
	assert_true(passes(in));		/* 0.4 x 70000 */
	in.price = D("125000.1");
	assert_false(passes(in));		/* 0.4 x 125000.1 */
	in.order_id = 0;
	copy(in.client_id, sizeof in.client_id, "own-1");
	in.price = D("125000");
	assert_true(passes(in));
	limit(R_MAX_LEV, "1");			/* above already: it may shrink, not grow */
	in.price = D("59000");
	in.qty = D("0.4");
	assert_true(passes(in));
	in.qty = D("0.501");
	assert_false(passes(in));
	in.qty = D("0.1");			/* nothing left of it */
	breaks(in, "account-unknown", NULL, "filled already");
	in.qty = D("0.4");
	in.side = SIDE_SELL;
	breaks(in, "account-unknown", NULL, "other side");
	w.acct[MARKET_USDM].ord[0].reduce = true;
	in.side = SIDE_BUY;
	in.qty = D("9");
	assert_true(passes(in));		/* it can only reduce, however large */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_max_lev),
		cmocka_unit_test(test_max_lev_texts),
		cmocka_unit_test(test_long_reason),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_notional),
		cmocka_unit_test(test_per_symbol),
		cmocka_unit_test(test_hedge),
		cmocka_unit_test(test_inverse),
		cmocka_unit_test(test_multi_assets),
		cmocka_unit_test(test_all_reasons),
		cmocka_unit_test(test_clip),
		cmocka_unit_test(test_modify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The rules of bf-risk about prices and the stream of orders. Every figure is worked by hand.
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

static struct intent
conditional(const char *type, enum order_side way, const char *qty, const char *trigger, const char *price)
{
	struct intent in = order(BTC, way, qty, price);

	copy(in.type, sizeof in.type, type);
	in.algo = true;
	in.trigger = D(trigger);
	return in;
}

/*
 * Prices
 */

static void
test_price_band(void **state)
{
	static const struct { enum order_side way; const char *price, *value, *nearest; } row[] = {
		{ SIDE_BUY, "63000", NULL, NULL },	/* 60000 x 1.05 */
		{ SIDE_BUY, "63000.1", "5.0002", "price 62997 would" },
		{ SIDE_BUY, "1", NULL, NULL },		/* far away, but it harms nobody */
		{ SIDE_SELL, "57000", NULL, NULL },
		{ SIDE_SELL, "56999.9", "5.0002", "price 57002 would" },
		{ SIDE_SELL, "999999", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		rig();
		contracts_find(&w.cs, "BTCUSDT")->rules.tick = D("11");
		limit(R_PRICE_BAND, "5");
		if (row[i].value == NULL)
			assert_true(passes(order(BTC, row[i].way, "0.1", row[i].price)));
		else
			breaks(order(BTC, row[i].way, "0.1", row[i].price), "price-band", row[i].value, row[i].nearest);
	}
}

/* A market order is judged at what it may pay at worst: 50 bps are 0.5 %. */
static void
test_price_band_market(void **state)
{
	struct intent in;

	(void)state;
	rig();
	limit(R_PRICE_BAND, "0.5")->slippage = D("50");
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	same(v.counted, "60300");
	assert_true(passes(order(BTC, SIDE_SELL, "0.1", NULL)));
	same(v.counted, "60000");	/* worth most at the mark */
	limit(R_PRICE_BAND, "0.4999");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "price-band", "0.5000", "worst price 60300 is");
	breaks(order(BTC, SIDE_SELL, "0.1", NULL), "price-band", "0.5000", "worst price 59700 is");
	in = order(BTC, SIDE_BUY, "0.1", "1");		/* matched to the book: the price says nothing */
	in.price = D("0");
	copy(in.price_match, sizeof in.price_match, "OPPONENT");
	breaks(in, "price-band", "0.5000", "worst price 60300 is");
	/* the same worst price counts for size */
	limit(R_PRICE_BAND, "1");
	limit(R_ORDER_NOTIONAL, "6029.99");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "order-notional", "6030", "quantity 0.099 would pass");
}

/* A conditional order is where its trigger is when it is filled. */
static void
test_price_band_conditional(void **state)
{
	(void)state;
	rig();
	limit(R_PRICE_BAND, "1")->slippage = D("50");
	assert_true(passes(conditional("STOP", SIDE_BUY, "0.1", "66000", "66660")));
	breaks(conditional("STOP", SIDE_BUY, "0.1", "66000", "66660.1"), "price-band", "1.0002", "above its trigger");
	assert_true(passes(conditional("STOP_MARKET", SIDE_BUY, "0.1", "66000", NULL)));
	same(v.counted, "66330");
}

static void
test_mark_age(void **state)
{
	(void)state;
	rig();
	limit(R_MARK_AGE, "10");
	sym_find(&w, "BTCUSDT", 7)->mark_ms = T0 - 10000;
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	sym_find(&w, "BTCUSDT", 7)->mark_ms = T0 - 10001;
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "stale-mark", "10.001", "is stale: 10001 ms old, at most 10000 allowed");
	assert_string_equal(v.b[0].limit, "10");
	mark("BTCUSDT", "60000");
	sym_find(&w, "BTCUSDT", 7)->mono_ms = MONO0 - 10001;	/* of now by its own time, but it came long ago */
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "stale-mark", "10.001", "stale");
	sym_find(&w, "BTCUSDT", 7)->mark = D("0");
	limit(R_MAX_LEV, "5");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "stale-mark", "", "no fresh mark price of BTCUSDT");
	assert_true(passes(order(ETH, SIDE_BUY, "0.1", NULL)));
	contract(MARKET_USDM, "NEWUSDT", "USDT", "0", "1", "0.1");
	breaks(order("NEWUSDT", POS_BOTH, SIDE_BUY, "1", NULL), "stale-mark", "", "no fresh mark price of NEWUSDT");
}

static void
test_mark_jump(void **state)
{
	struct sym *s;

	(void)state;
	rig();
	limit(R_MARK_JUMP, "10");
	s = sym_find(&w, "BTCUSDT", 7);
	s->ref = D("66000");
	s->mark = D("59400");			/* 6600 of 66000; 1 % of the index */
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	s->mark = D("59399.99");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "mark-jump", "10.0001", "from that of a moment ago");
	s->ref = D("0");
	s->index = D("54000");
	s->mark = D("59400");
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	s->mark = D("59400.01");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "mark-jump", "10.0001", "from its index");
	s->index = D("0");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "account-unknown", NULL, "neither an earlier mark nor the index");
}

/* Marks that are 60000 and then 61200 within the window: a range of 2 %. */
static void
wild(void)
{
	struct sym *s = sym_find(&w, "BTCUSDT", 7);

	vol_init(&s->vol, 300000);
	vol_add(&s->vol, D("61200"), T0 - 20000);
	vol_add(&s->vol, D("60000"), T0 - 1000);
}

static void
test_volatile_market(void **state)
{
	(void)state;
	rig();
	limit(R_VOLATILE_MARKET, "2");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "account-unknown", NULL, "volatility of BTCUSDT is not known");
	wild();
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	limit(R_VOLATILE_MARKET, "1.9999");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "volatile-market", NULL, "no market order while volatility of BTCUSDT is 2");
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", "60000")));
}

static void
test_protect(void **state)
{
	struct limit *lim;

	(void)state;
	rig();
	wild();
	lim = limit(R_VOLATILE_MARKET, "1");
	lim->protect = true;
	lim->slippage = D("33");		/* 60198, 59802 */
	contracts_find(&w.cs, "BTCUSDT")->rules.tick = D("5");
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	assert_true(v.protect);
	same(v.price, "60195");			/* on the tick, toward the mark */
	same(v.counted, "60195");
	assert_true(passes(order(BTC, SIDE_SELL, "0.1", NULL)));
	same(v.price, "59805");
	limit(R_PRICE_BAND, "0.3");		/* what would break another rule is none */
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "price-band", "0.3250", "price 60195 is");
	assert_false(v.protect);
	limit(R_PRICE_BAND, "1");
	lim->max = D("3");			/* calm enough */
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	assert_false(v.protect);
}

/*
 * The stream of orders
 */

static struct intent
passed(const char *qty, int64_t at)
{
	struct intent in = order(BTC, SIDE_BUY, qty, NULL);
	int64_t now = w.now.mono_ms;

	w.now.mono_ms = at;
	world_passed(&w, &in, MARKET_USDM, D("60000"));
	w.now.mono_ms = now;
	w.npending = 0;
	return in;
}

static void
test_rates(void **state)
{
	(void)state;
	rig();
	limit(R_RATE_SECOND, "3");
	limit(R_RATE_MINUTE, "5");
	passed("0.1", MONO0 - 60000);	/* one a minute ago is none of this minute */
	passed("0.2", MONO0 - 59999);
	passed("0.3", MONO0 - 1000);
	passed("0.4", MONO0 - 999);
	passed("0.5", MONO0);
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));	/* the 3rd and the 5th */
	limit(R_RATE_SECOND, "2");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "rate-second", "3", "limit 2");
	limit(R_RATE_SECOND, "3");
	limit(R_RATE_MINUTE, "4");
	breaks(order(ETH, SIDE_SELL, "0.1", NULL), "rate-minute", "5", "limit 4");
}

static void
test_duplicate(void **state)
{
	struct intent in;

	(void)state;
	rig();
	limit(R_DUPLICATE, "500");
	in = passed("0.1", MONO0 - 500);
	assert_true(passes(in));
	in = passed("0.1", MONO0 - 499);
	breaks(in, "duplicate", "499", "the same order passed 499 ms ago, limit 500 ms");
	assert_true(passes(order(BTC, SIDE_BUY, "0.2", NULL)));
	assert_true(passes(order(BTC, SIDE_SELL, "0.1", NULL)));
	assert_true(passes(order(ETH, SIDE_BUY, "0.1", NULL)));
	in.qty = D("0.10");		/* the same number */
	assert_false(passes(in));
}

static void
test_repeat(void **state)
{
	struct intent in;

	(void)state;
	rig();
	limit(R_REPEAT, "3")->window_ms = 10000;
	passed("0.1", MONO0 - 10000);
	passed("0.1", MONO0 - 9999);
	passed("0.2", MONO0 - 5000);
	passed("0.1", MONO0 - 10);
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	limit(R_REPEAT, "2");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "repeat", "3", "number 3 of its kind within 10 s");
	assert_true(passes(order(BTC, SIDE_BUY, "0.2", NULL)));
	in = order(BTC, SIDE_BUY, "0.1", "59000");	/* alike at whatever price */
	world_passed(&w, &in, MARKET_USDM, D("60000"));
	in.price = D("59001");
	world_passed(&w, &in, MARKET_USDM, D("60000"));
	in.price = D("59002");
	breaks(in, "repeat", "3", "number 3");
	limit(R_DUPLICATE, "1000");
	limit(R_REPEAT, "9");
	assert_true(passes(in));			/* and yet not the same */
}

static void
test_self_match(void **state)
{
	struct intent in;

	(void)state;
	rig();
	limit(R_SELF_MATCH, "0");
	open_order(BTC, SIDE_SELL, "0.1", "0", "61000");
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", "60999.9")));
	breaks(order(BTC, SIDE_BUY, "0.1", "61000"), "self-match", "61000", "own order 101 own-1 at 61000");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "self-match", "61000", "own order 101");
	assert_true(passes(order(BTC, SIDE_SELL, "0.1", NULL)));
	assert_true(passes(order(ETH, SIDE_BUY, "0.1", "61000")));
	in = order(BTC, SIDE_BUY, "0.1", "61000");
	copy(in.tif, sizeof in.tif, "GTX");	/* it would not trade at once */
	assert_true(passes(in));
	assert_true(passes(conditional("STOP", SIDE_BUY, "0.1", "61000", "61000")));
	w.acct[MARKET_USDM].ord[0].algo = true;
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", "61000")));
	w.acct[MARKET_USDM].nord = 0;
	in = order(BTC, SIDE_SELL, "0.1", "61000");	/* on its way, not seen open yet */
	world_passed(&w, &in, MARKET_USDM, D("61000"));
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", "60000")));
	breaks(order(BTC, SIDE_BUY, "0.1", "61000"), "self-match", NULL, "on its way");
}

static void
test_open_orders(void **state)
{
	struct open_order *o;
	struct intent in;

	(void)state;
	rig();
	limit(R_OPEN_ORDERS, "2");
	open_order(BTC, SIDE_BUY, "0.1", "0", "50000");
	open_order(BTC, SIDE_SELL, "0.1", "0", "70000")->reduce = true;	/* an exit */
	open_order(ETH, SIDE_BUY, "0.1", "0", "2000");
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", "50000")));
	o = open_order(BTC, SIDE_BUY, "0.1", "0.05", "51000");	/* filled in part, it waits still */
	breaks(order(BTC, SIDE_SELL, "0.1", "61000"), "open-orders", "3", "open order 3 of BTCUSDT that could add risk, limit 2");
	o->algo = true;						/* conditional ones count, and are counted */
	breaks(conditional("STOP", SIDE_BUY, "0.1", "61000", "61000"), "open-orders", "3", "order 3");
	assert_true(passes(order(ETH, SIDE_BUY, "0.1", "2000")));
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));	/* these do not wait */
	in = order(BTC, SIDE_BUY, "0.1", "60000");
	copy(in.tif, sizeof in.tif, "IOC");
	assert_true(passes(in));
	/* let through a moment ago, not seen open yet; what fills at once is none */
	world_passed(&w, &in, MARKET_USDM, D("60000"));
	o->reduce = true;
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", "50000")));
	in = order(BTC, SIDE_BUY, "0.1", "50000");
	world_passed(&w, &in, MARKET_USDM, D("50000"));
	breaks(in, "open-orders", "3", "order 3");
	/* a modification makes no more of them, also where they are too many already */
	limit(R_OPEN_ORDERS, "1");
	in = order(BTC, SIDE_BUY, "0.1", "50001");
	in.op = OP_MODIFY;
	in.order_id = 101;
	assert_true(passes(in));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_price_band),
		cmocka_unit_test(test_price_band_market),
		cmocka_unit_test(test_price_band_conditional),
		cmocka_unit_test(test_mark_age),
		cmocka_unit_test(test_mark_jump),
		cmocka_unit_test(test_volatile_market),
		cmocka_unit_test(test_protect),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_repeat),
		cmocka_unit_test(test_self_match),
		cmocka_unit_test(test_open_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

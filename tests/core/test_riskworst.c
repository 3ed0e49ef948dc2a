/* What could be held at worst (cmd/bf-risk/world_worst.c). Numbers by hand: sums of price x quantity,
 * of an inverse contract contracts x 100 USD / price. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "worldrig.h"

static void
is(dec got, const char *want)
{
	char text[DEC_STR];

	dec_print_short(got, text);
	assert_string_equal(text, want);
}

static void
worst_is(const struct world *w, const char *symbol, enum pos_side side, const struct pending *extra, const char *n,
    const char *value)
{
	enum market m;
	struct worst got;

	assert_true(world_market(w, symbol, &m));
	assert_true(worst_of(&got, w, m, symbol, side, extra));
	is(got.n, n);
	is(got.value, value);
}

static void
exposure_is(const struct world *w, enum market m, const char *asset, const struct pending *extra, const char *gross,
    const char *gross_value, const char *net_value)
{
	struct exposure_rest rest;
	struct exposure e, bare;

	if (extra != NULL) {	/* without it the parts are the whole too, and trying leaves no trace */
		assert_true(exposure_begin(&rest, w, m, asset, extra) && exposure_with(&e, &rest, extra));
		assert_true(exposure_with(&e, &rest, NULL) && exposure_of(&bare, w, m, asset, NULL));
		assert_int_equal(dec_cmp(e.gross, bare.gross), 0);
		assert_int_equal(dec_cmp(e.gross_value, bare.gross_value), 0);
		assert_int_equal(dec_cmp(e.net_value, bare.net_value), 0);
	}
	assert_true(exposure_of(&e, w, m, asset, extra));
	is(e.gross, gross);
	is(e.gross_value, gross_value);
	is(e.net_value, net_value);
}

static struct pending
extra(const char *symbol, enum order_side side, enum pos_side ps, const char *qty, const char *price)
{
	struct pending p = { .side = side, .pos_side = ps, .qty = D(qty), .price = D(price) };

	snprintf(p.symbol, sizeof p.symbol, "%s", symbol);
	return p;
}

static void
test_position_and_orders_of_either_side(void **state)
{
	struct world *w = world_new();
	struct pending sell = extra("BTCUSDT", SIDE_SELL, POS_BOTH, "0.05", "61000");

	(void)state;
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "0", "0");
	put_position(w, "BTCUSDT", "BOTH", "0.01", "60000", "62000");
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "620", "620");
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "58000", "NEW", "b", 1);
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1200", "1200");	/* 620 + 580 */
	put_order(w, "BTCUSDT", "SELL", "BOTH", "0.02", "63000", "NEW", "s", 2);
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "-1260", "-1260");	/* what is held may be gone when it fills */
	worst_is(w, "BTCUSDT", POS_BOTH, &sell, "-4310", "-4310");	/* 1260 + 3050 */
	put_order(w, "BTCUSDT", "SELL", "BOTH", "0.02", "63000", "CANCELED", "s", 2);
	worst_is(w, "BTCUSDT", POS_BOTH, &sell, "-3050", "-3050");
	worst_is(w, "ETHUSDT", POS_BOTH, &sell, "0", "0");
	exposure_is(w, MARKET_USDM, "USDT", &sell, "3050", "3050", "2430");	/* net: 620 - 3050 */
	world_end(w);
}

static void
test_what_only_reduces_does_not_count(void **state)
{
	struct world *w = world_new();

	(void)state;
	put_position(w, "BTCUSDT", "BOTH", "0.01", "60000", "62000");
	put_order(w, "BTCUSDT", "SELL", "BOTH", "0.9", "63000", "NEW", "s", 2);
	w->acct[MARKET_USDM].ord[0].reduce = true;
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "620", "620");
	w->acct[MARKET_USDM].ord[0].reduce = false;
	w->acct[MARKET_USDM].ord[0].close_all = true;
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "620", "620");
	exposure_is(w, MARKET_USDM, "USDT", NULL, "620", "620", "620");
	w->acct[MARKET_USDM].ord[0].close_all = false;
	exposure_is(w, MARKET_USDM, "USDT", NULL, "56700", "56700", "56080");
	world_end(w);
}

static void
test_conditional_orders_at_the_dearer_price(void **state)
{
	struct world *w = world_new();
	struct open_order *o;

	(void)state;
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "65100", "NEW", "s", 1);
	o = w->acct[MARKET_USDM].ord;
	o->algo = true;
	o->trigger = D("65000");
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "651", "651");
	o->price = D("0");
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "650", "650");
	o->filled = D("0.004");
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "390", "390");
	/* an inverse one is worth more coins at the lower: 10 x 100 / 50000 */
	put_order(w, "BTCUSD_PERP", "SELL", "BOTH", "10", "50000", "NEW", "s", 1);
	o = w->acct[MARKET_COINM].ord;
	o->algo = true;
	o->trigger = D("62500");
	worst_is(w, "BTCUSD_PERP", POS_BOTH, NULL, "-0.02", "-1000");
	world_end(w);
}

/* Nobody else would count it: at the mark, unless it is pending here. */
static void
test_open_orders_without_a_price(void **state)
{
	struct world *w = world_new();
	struct intent in = order("{'symbol':'BTCUSDT','side':'BUY','type':'MARKET','quantity':'0.01','newClientOrderId':'m'}");
	struct worst got;

	(void)state;
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "0", "NEW", "m", 1);
	assert_false(worst_of(&got, w, MARKET_USDM, "BTCUSDT", POS_BOTH, NULL));	/* no mark either */
	mark(w, "BTCUSDT", "60000", T0);
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "600", "600");
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "0", "EXPIRED", "m", 1);
	world_passed(w, &in, MARKET_USDM, D("60500"));
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "0", "NEW", "m", 2);
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "605", "605");	/* once */
	exposure_is(w, MARKET_USDM, "USDT", NULL, "605", "605", "605");
	world_end(w);
}

static void
test_pending_orders_count_once(void **state)
{
	struct world *w = world_new();
	struct intent in = order("{'symbol':'ETHUSDT','side':'SELL','type':'LIMIT','quantity':'1','price':'2000',"
	    "'newClientOrderId':'p'}");

	(void)state;
	world_passed(w, &in, MARKET_USDM, D("2100"));
	worst_is(w, "ETHUSDT", POS_BOTH, NULL, "-2100", "-2100");
	exposure_is(w, MARKET_USDM, "USDT", NULL, "2100", "2100", "2100");
	exposure_is(w, MARKET_COINM, "BTC", NULL, "0", "0", "0");
	put_order(w, "ETHUSDT", "SELL", "BOTH", "1", "2000", "NEW", "p", 4);
	worst_is(w, "ETHUSDT", POS_BOTH, NULL, "-2000", "-2000");
	exposure_is(w, MARKET_USDM, "USDT", NULL, "2000", "2000", "2000");
	world_end(w);
}

static void
test_a_modification_counts_as_the_dearer_of_both(void **state)
{
	struct world *w = world_new();
	struct intent up = order("{'op':'modify','symbol':'BTCUSDT','side':'BUY','origClientOrderId':'b','quantity':'0.03',"
	    "'price':'57000'}");
	struct intent other = order("{'op':'modify','symbol':'BTCUSDT','side':'BUY','orderId':77,'quantity':'9','price':'57000'}");
	struct intent coin = order("{'op':'modify','symbol':'BTCUSD_PERP','side':'BUY','orderId':2,'quantity':'10','price':'40000'}");

	(void)state;
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "58000", "NEW", "b", 1);
	world_passed(w, &up, MARKET_USDM, D("58000"));
	assert_int_equal(w->npending, 0);
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1740", "1740");	/* 0.03 x 58000 */
	world_passed(w, &other, MARKET_USDM, D("58000"));
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1740", "1740");
	assert_int_equal(w->npassed, 2);
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.03", "57000", "NEW", "b", 1);	/* the event tells */
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1710", "1710");
	put_order(w, "BTCUSD_PERP", "BUY", "BOTH", "10", "50000", "NEW", "c", 2);
	world_passed(w, &coin, MARKET_COINM, D("40000"));
	worst_is(w, "BTCUSD_PERP", POS_BOTH, NULL, "0.025", "1000");
	world_end(w);
}

/* 1 BTC long at 60000: an order to sell 3 leads to 2 short if it fills at once, and to 3 if an exit comes before it. */
static void
test_orders_that_cross_flat(void **state)
{
	struct world *w = world_new();
	struct pending flip = extra("BTCUSDT", SIDE_SELL, POS_BOTH, "3", "60000");
	struct intent out = order("{'symbol':'BTCUSDT','side':'SELL','type':'MARKET','quantity':'1','reduceOnly':'true'}");
	struct intent stop = order("{'symbol':'BTCUSDT','side':'SELL','type':'STOP_MARKET','triggerPrice':'50000','closePosition':'true'}");
	struct intent same = order("{'symbol':'BTCUSDT','side':'SELL','type':'LIMIT','timeInForce':'IOC','quantity':'3','price':'60000'}");

	(void)state;
	put_position(w, "BTCUSDT", "BOTH", "1", "60000", "60000");
	worst_is(w, "BTCUSDT", POS_BOTH, &flip, "-180000", "-180000");	/* it waits */
	flip.once = true;
	flip.mono_ms = w->now.mono_ms;
	worst_is(w, "BTCUSDT", POS_BOTH, &flip, "-120000", "-120000");
	exposure_is(w, MARKET_USDM, "USDT", &flip, "120000", "120000", "120000");
	world_exit(w, &stop);		/* it waits, and is no exit yet */
	worst_is(w, "BTCUSDT", POS_BOTH, &flip, "-120000", "-120000");
	world_passed(w, &same, MARKET_USDM, D("60000"));
	w->now.mono_ms += 10;
	world_exit(w, &out);		/* behind what passed, and before what comes */
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "-120000", "-120000");
	flip.mono_ms = w->now.mono_ms;
	worst_is(w, "BTCUSDT", POS_BOTH, &flip, "-300000", "-300000");
	w->now.mono_ms += 10000;	/* it shows in the account by now */
	world_loaded(w, MARKET_USDM, false);
	worst_is(w, "BTCUSDT", POS_BOTH, &flip, "-120000", "-120000");
	world_end(w);
}

/* Who reads us does not keep up: the exit is still before what comes. */
static void
test_an_exit_that_was_not_read_yet(void **state)
{
	struct world *w = world_new();
	struct pending flip = extra("BTCUSDT", SIDE_SELL, POS_BOTH, "3", "60000");
	struct intent out = order("{'symbol':'BTCUSDT','side':'SELL','type':'MARKET','quantity':'1','reduceOnly':'true'}");

	(void)state;
	put_position(w, "BTCUSDT", "BOTH", "1", "60000", "60000");
	world_exit(w, &out);
	for (int i = 0; i < 3; i++) {
		w->now.mono_ms += 9000;
		world_loaded(w, MARKET_USDM, true);
	}
	flip.once = true;
	flip.mono_ms = w->now.mono_ms;
	worst_is(w, "BTCUSDT", POS_BOTH, &flip, "-180000", "-180000");
	world_end(w);
}

/* A reading that was asked for before a modification arrived does not undo it, nor does an event from before it. */
static void
test_a_modification_outlives_an_old_reading(void **state)
{
	struct world *w = world_new();
	struct intent up = order("{'op':'modify','symbol':'BTCUSDT','side':'BUY','orderId':1,'quantity':'0.03','price':'57000'}");
	struct intent match = order("{'op':'modify','symbol':'BTCUSDT','side':'BUY','orderId':1,'quantity':'0.03','priceMatch':'QUEUE'}");

	(void)state;
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "58000", "NEW", "b", 1);
	world_passed(w, &up, MARKET_USDM, D("58000"));
	w->acct[MARKET_USDM].ord[0].qty = D("0.01");	/* as an old reading has it */
	world_loaded(w, MARKET_USDM, false);
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1740", "1740");
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "58000", "PARTIALLY_FILLED", "b", 1);
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1740", "1740");
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.03", "57000", "NEW", "b", 1);
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1710", "1710");
	world_passed(w, &match, MARKET_USDM, D("61000"));	/* a price of which only the worst is known */
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1830", "1830");
	w->acct[MARKET_USDM].ord[0].price = D("57000");
	w->now.mono_ms += 9999;
	world_loaded(w, MARKET_USDM, false);
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1830", "1830");
	w->acct[MARKET_USDM].ord[0].price = D("57000");
	w->now.mono_ms += 1;		/* never sent, or seen by now */
	world_loaded(w, MARKET_USDM, false);
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1710", "1710");
	world_passed(w, &up, MARKET_USDM, D("58000"));
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "58000", "CANCELED", "b", 1);
	assert_int_equal(w->nmodified, 0);
	world_end(w);
}

/* What the first order of an id does is not what the second does. */
static void
test_two_orders_of_one_client_id(void **state)
{
	struct world *w = world_new();
	struct intent in = order("{'symbol':'BTCUSDT','side':'BUY','type':'LIMIT','quantity':'0.01','price':'60000','newClientOrderId':'x'}");

	(void)state;
	world_passed(w, &in, MARKET_USDM, D("60000"));
	world_passed(w, &in, MARKET_USDM, D("60000"));
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1200", "1200");
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "60000", "NEW", "x", 7);
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "1200", "1200");
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "60000", "FILLED", "x", 7);
	assert_int_equal(w->npending, 1);
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "60000", "NEW", "x", 8);
	assert_int_equal(w->npending, 0);
	/* one that is open already is not the one on its way */
	world_passed(w, &in, MARKET_USDM, D("60000"));
	world_loaded(w, MARKET_USDM, false);
	assert_int_equal(w->npending, 1);
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "60000", "CANCELED", "x", 8);
	assert_int_equal(w->npending, 1);
	world_end(w);
}

static void
test_hedge_mode_keeps_the_sides_apart(void **state)
{
	struct world *w = world_new();
	struct pending open = extra("BTCUSDT", SIDE_SELL, POS_BOTH, "0.01", "60000");
	struct worst got;

	(void)state;
	put_position(w, "BTCUSDT", "LONG", "0.02", "60000", "60000");
	put_position(w, "BTCUSDT", "SHORT", "-0.01", "60000", "60000");
	assert_true(w->acct[MARKET_USDM].hedge);
	put_order(w, "BTCUSDT", "BUY", "LONG", "0.01", "59000", "NEW", "l", 1);
	put_order(w, "BTCUSDT", "SELL", "LONG", "0.5", "70000", "NEW", "x", 2);	/* an exit */
	worst_is(w, "BTCUSDT", POS_LONG, NULL, "1790", "1790");
	worst_is(w, "BTCUSDT", POS_SHORT, NULL, "-600", "-600");
	worst_is(w, "BTCUSDT", POS_SHORT, &open, "-1200", "-1200");	/* a SELL without a side opens SHORT */
	worst_is(w, "BTCUSDT", POS_BOTH, &open, "-1200", "-1200");
	worst_is(w, "BTCUSDT", POS_LONG, &open, "1790", "1790");
	assert_false(worst_of(&got, w, MARKET_USDM, "BTCUSDT", POS_BOTH, NULL));
	/* gross 1790 + 1200; net: 1200 - 600 and 590 of buys: 1190; 600 of sells: 0 */
	exposure_is(w, MARKET_USDM, "USDT", &open, "2990", "2990", "1190");
	world_end(w);
}

static void
test_one_way_mode_has_one_leg(void **state)
{
	struct world *w = world_new();
	struct pending p = extra("BTCUSDT", SIDE_BUY, POS_LONG, "0.01", "60000");

	(void)state;
	put_position(w, "BTCUSDT", "BOTH", "0.01", "60000", "60000");
	worst_is(w, "BTCUSDT", POS_LONG, &p, "1200", "1200");
	exposure_is(w, MARKET_USDM, "USDT", &p, "1200", "1200", "1200");
	world_end(w);
}

/* 5 contracts of 100 USD at 50000 are 0.01 BTC; 3 more at 40000 0.0075; cut or rounded at 8 decimals. */
static void
test_inverse_contracts(void **state)
{
	struct world *w = world_new();
	struct pending p = extra("BTCUSD_PERP", SIDE_BUY, POS_BOTH, "3", "40000");
	struct pending q = extra("BTCUSD_PERP", SIDE_SELL, POS_BOTH, "30", "70000");

	(void)state;
	put_position(w, "BTCUSD_PERP", "BOTH", "5", "60000", "50000");
	worst_is(w, "BTCUSD_PERP", POS_BOTH, NULL, "0.01", "500");
	worst_is(w, "BTCUSD_PERP", POS_BOTH, &p, "0.0175", "800");
	/* 3000 / 70000 = 0.042857142..., rounded up; 0.01 less if it fills at once */
	worst_is(w, "BTCUSD_PERP", POS_BOTH, &q, "-0.04285715", "-3000");
	q.once = true;
	worst_is(w, "BTCUSD_PERP", POS_BOTH, &q, "-0.03285715", "-2500");
	exposure_is(w, MARKET_COINM, "BTC", &p, "0.0175", "800", "800");
	exposure_is(w, MARKET_COINM, "ETH", &p, "0", "0", "0");
	exposure_is(w, MARKET_USDM, "USDT", NULL, "0", "0", "0");
	world_end(w);
}

/* An event opened it, and no mark has come: entry and profit as told. 0.01 x 60000 + 20; 500 USD: 500/62500 = 0.008,
 * and a profit of -0.002 BTC: it is worth 0.01. */
static void
test_a_position_without_a_mark(void **state)
{
	struct world *w = world_new();

	(void)state;
	feed(w, "{'e':'ACCOUNT_UPDATE','E':1780000000000,'T':1780000000000,'a':{'B':[],'P':[{'s':'BTCUSDT','ps':'BOTH','pa':'0.01',"
	    "'ep':'60000','up':'20','mt':'cross','iw':'0'}]}}");
	worst_is(w, "BTCUSDT", POS_BOTH, NULL, "620", "620");
	exposure_is(w, MARKET_USDM, "USDT", NULL, "620", "620", "620");
	feed(w, "{'e':'ACCOUNT_UPDATE','E':1780000000000,'T':1780000000000,'a':{'B':[],'P':[{'s':'BTCUSD_PERP','ps':'BOTH','pa':'5',"
	    "'ep':'62500','up':'-0.002','mt':'cross','iw':'0'}]}}");
	worst_is(w, "BTCUSD_PERP", POS_BOTH, NULL, "0.01", "500");
	world_end(w);
}

static void
test_wallets_are_told_apart(void **state)
{
	struct world *w = world_new();

	(void)state;
	put_position(w, "BTCUSDT", "BOTH", "0.01", "60000", "60000");
	put_position(w, "ETHUSDT", "BOTH", "-1", "2000", "2000");
	put_position(w, "ETHUSDC", "BOTH", "2", "2000", "2000");
	put_order(w, "ETHUSDC", "BUY", "BOTH", "1", "1900", "NEW", "l", 1);
	exposure_is(w, MARKET_USDM, "USDT", NULL, "2600", "2600", "1400");
	exposure_is(w, MARKET_USDM, "USDC", NULL, "5900", "5900", "5900");
	/* a symbol that nothing is known of: it may be of either */
	put_order(w, "NEWCOIN", "BUY", "BOTH", "10", "1", "NEW", "n", 2);
	exposure_is(w, MARKET_USDM, "USDC", NULL, "5910", "5910", "5910");
	exposure_is(w, MARKET_USDM, "USDT", NULL, "2610", "2610", "1400");
	world_end(w);
}

static void
test_all_wallets_in_usd(void **state)
{
	struct world *w = world_new();
	struct exposure e;

	(void)state;
	put_position(w, "BTCUSDT", "BOTH", "0.01", "60000", "60000");
	put_position(w, "ETHUSDC", "BOTH", "-1", "2000", "2000");
	put_position(w, "BTCUSD_PERP", "BOTH", "5", "50000", "50000");
	assert_false(exposure_of(&e, w, MARKET_USDM, NULL, NULL));	/* no rates are known */
	exposure_is(w, MARKET_COINM, NULL, NULL, "500", "500", "500");
	w->rates.r = calloc(2, sizeof *w->rates.r);
	assert_non_null(w->rates.r);
	w->rates.n = 2;
	w->rates.r[0] = (struct asset_rate){ "USDT", D("1.01"), D("0"), D("0") };
	w->rates.r[1] = (struct asset_rate){ "USDC", D("0.99"), D("0"), D("0") };
	exposure_is(w, MARKET_USDM, NULL, NULL, "2586", "2586", "1374");	/* 606 + 1980 */
	world_end(w);
}

static void
test_what_cannot_be_told(void **state)
{
	struct world *w = world_new();
	struct pending p = extra("ETHUSD_PERP", SIDE_BUY, POS_BOTH, "3", "2000");
	struct pending none = extra("BTCUSDT", SIDE_BUY, POS_BOTH, "3", "0");
	struct pending huge = extra("BTCUSDT", SIDE_BUY, POS_BOTH, "9999999999999999999999999", "9999999999999999999999999");
	struct exposure e;
	struct worst got;

	(void)state;
	assert_false(worst_of(&got, w, MARKET_COINM, "ETHUSD_PERP", POS_BOTH, &p));	/* the size of a contract */
	assert_false(exposure_of(&e, w, MARKET_COINM, "ETH", &p));
	assert_true(exposure_of(&e, w, MARKET_COINM, "BTC", &p));	/* its coin is in the name */
	assert_false(worst_of(&got, w, MARKET_USDM, "BTCUSDT", POS_BOTH, &none));
	assert_false(worst_of(&got, w, MARKET_USDM, "BTCUSDT", POS_BOTH, &huge));
	assert_false(exposure_of(&e, w, MARKET_USDM, "USDT", &huge));
	w->acct[MARKET_USDM].known = false;
	assert_false(worst_of(&got, w, MARKET_USDM, "BTCUSDT", POS_BOTH, NULL));
	assert_false(exposure_of(&e, w, MARKET_USDM, "USDT", NULL));
	world_end(w);
}

/* The sum over a wallet's symbols of worst_of is the gross: two ways to one number, over random accounts. */
static void
test_exposure_is_the_sum_of_the_worst(void **state)
{
	static const char *const symbol[] = { "BTCUSDT", "ETHUSDT", "AUSDT", "BUSDT", "CUSDT" };
	uint64_t seed = 12345;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct world *w = world_new();
		struct worst one;
		struct exposure e;
		dec sum = dec_int(0);
		char qty[32], price[32], id[16];

		for (int i = 2; i < 5; i++)
			add_contract(w, symbol[i], "USDT", "0");
		for (int i = 0; i < 12; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			snprintf(qty, sizeof qty, "%s0.%03u", i < 3 && seed >> 62 & 1 ? "-" : "", (unsigned)(seed >> 33) % 999 + 1);
			snprintf(price, sizeof price, "%u.%u", (unsigned)(seed >> 43) % 5000 + 1, (unsigned)(seed >> 53) % 10);
			snprintf(id, sizeof id, "o%d", i);
			if (i < 3)
				put_position(w, symbol[i], "BOTH", qty, price, price);
			else
				put_order(w, symbol[(seed >> 50) % 5], seed >> 63 ? "BUY" : "SELL", "BOTH", qty, price, "NEW", id,
				    (unsigned)i + 1);
		}
		for (int i = 0; i < 5; i++) {
			assert_true(worst_of(&one, w, MARKET_USDM, symbol[i], POS_BOTH, NULL));
			assert_true(dec_add(&sum, sum, dec_abs(one.n)));
		}
		assert_true(exposure_of(&e, w, MARKET_USDM, "USDT", NULL));
		assert_int_equal(dec_cmp(e.gross, sum), 0);
		assert_true(dec_cmp(e.net_value, e.gross) <= 0 && dec_sign(e.net_value) >= 0);
		world_end(w);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_position_and_orders_of_either_side),
		cmocka_unit_test(test_what_only_reduces_does_not_count),
		cmocka_unit_test(test_conditional_orders_at_the_dearer_price),
		cmocka_unit_test(test_open_orders_without_a_price),
		cmocka_unit_test(test_pending_orders_count_once),
		cmocka_unit_test(test_a_modification_counts_as_the_dearer_of_both),
		cmocka_unit_test(test_orders_that_cross_flat),
		cmocka_unit_test(test_an_exit_that_was_not_read_yet),
		cmocka_unit_test(test_a_modification_outlives_an_old_reading),
		cmocka_unit_test(test_two_orders_of_one_client_id),
		cmocka_unit_test(test_hedge_mode_keeps_the_sides_apart),
		cmocka_unit_test(test_one_way_mode_has_one_leg),
		cmocka_unit_test(test_inverse_contracts),
		cmocka_unit_test(test_a_position_without_a_mark),
		cmocka_unit_test(test_wallets_are_told_apart),
		cmocka_unit_test(test_all_wallets_in_usd),
		cmocka_unit_test(test_what_cannot_be_told),
		cmocka_unit_test(test_exposure_is_the_sum_of_the_worst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

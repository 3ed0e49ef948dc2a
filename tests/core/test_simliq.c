/*
 * Liquidation and auto-deleveraging of the simulated exchange. DOC, PEER: figures
 * of API samples and of test data of other projects; WORKED: computed from the
 * exchange's published formulas with Python's decimal module.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "moneyrig.h"

static void
open_plain(struct rig *r)
{
	rig_open(r, engine_config_default());
}

/* Bids of the outside: one level, all others gone. */
static void
bid(struct rig *r, int s, const char *price, const char *qty)
{
	struct engine_level l = { SIDE_BUY, D(price), D(qty) };

	ok(r, engine_outside(r->e, s, &l, 1, true, r->now, &r->f));
}

static void
move_margin(struct rig *r, int acct, int s, enum pos_mode leg, const char *amt)
{
	ok(r, engine_move_margin(r->e, acct, s, leg, D(amt), r->now, &r->f));
}

/*
 * Isolated
 */

/* DOC: 0.003 at 10359.38, isolated wallet 3.19230721; liquidated at 9332.61. */
static int
documented(struct rig *r, int s)
{
	int a = engine_account_new(r->e, D("10"), NULL);

	mark(r, s, "10348.27548846");
	isolate(r, a, s);
	leverage(r, a, s, 10);
	seed(r, a, s, "0.003", "10359.38");
	move_margin(r, a, s, MODE_BOTH, "0.08449321");
	assert_dec(position(r, a, s, MODE_BOTH).iso_wallet, "3.19230721");
	return a;
}

/* WORKED: filled at 9320 it loses 3.11814; the fee of 0.3495 is more than is left. */
static void
test_the_fee_takes_no_more_than_the_collateral(void **state)
{
	struct rig r;
	int a, btc;

	(void)state;
	open_plain(&r);
	btc = sym(&r, "BTCUSDT");
	a = documented(&r, btc);
	mark(&r, btc, "9500");
	bid(&r, btc, "9320", "1");
	r.kinds = KIND(EV_ORDER) | KIND(EV_ACCOUNT) | KIND(EV_FORCE) | KIND(EV_TRADE) |
	    KIND(EV_INCOME);
	mark(&r, btc, "9332.61");
	assert_dec(position(&r, a, btc, MODE_BOTH).amt, "0.003");
	mark(&r, btc, "9332.60");
	assert_log(&r,
	    "order 2 autoclose-1 NEW NEW 0@0 n=0 rp=0 er=0\n"
	    "income 2 REALIZED_PNL BTCUSDT USDT -3.11814\n"
	    "account 2 ORDER USDT wb=6.88186 cw=6.80769279 bc=0 pa=0 ep=0 iw=0.07416721\n"
	    "order 2 autoclose-1 CALCULATED FILLED 0.003@9320 n=0 rp=-3.11814 er=0\n"
	    "trade 0.003@9320\n"
	    "force SELL 0.003 of 0.003 at 9295.3\n"
	    "income 2 INSURANCE_CLEAR BTCUSDT USDT -0.07416721\n"
	    "account 2 INSURANCE_CLEAR USDT wb=6.80769279 cw=6.80769279 bc=-0.07416721"
	    " pa=0 ep=0 iw=0\n");
	assert_dec(insurance(&r, USDM, "USDT"), "1000000.07416721");
	rig_close(&r);
}

/* WORKED: 9280 is below the bankruptcy price of 9295.2776, at which the fund takes
 * it; the wallet's part is gone, the rest of it untouched. */
static void
test_worse_bids_are_not_taken_but_the_fund_is(void **state)
{
	const struct engine_order *o;
	struct rig r;
	int a, btc;

	(void)state;
	open_plain(&r);
	btc = sym(&r, "BTCUSDT");
	a = documented(&r, btc);
	mark(&r, btc, "9500");
	bid(&r, btc, "9280", "1");
	r.kinds = KIND(EV_FORCE) | KIND(EV_TRADE);
	mark(&r, btc, "9285");
	assert_log(&r, "force SELL 0.003 of 0.003 at 9295.27759666\n");
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "6.80769279");
	o = engine_order_at(r.e, a, 0);
	assert_int_equal(o->status, STATUS_EXPIRED);
	assert_dec(o->filled, "0");
	o = engine_order_at(r.e, a, 1);
	assert_int_equal(o->status, STATUS_FILLED);
	assert_int_equal(o->kind, KIND_LIQUIDATION);
	assert_dec(insurance(&r, USDM, "USDT"), "1000000");	/* its loss is in the position */
	rig_close(&r);
}

/* WORKED: 1000 ETH at 3500 with 150 000 are due at 3372.2727, in the fourth tier. */
static void
test_large_positions_step_down_the_tiers(void **state)
{
	const struct engine_order *o, *resting;
	struct rig r;
	int a, eth;

	(void)state;
	open_plain(&r);
	eth = sym(&r, "ETHUSDT");
	a = engine_account_new(r.e, D("150000"), NULL);
	mark(&r, eth, "3500");
	isolate(&r, a, eth);
	seed(&r, a, eth, "1000", "3500");
	resting = limit(&r, a, eth, SIDE_SELL, "10", "3600");
	bid(&r, eth, "3372.1", "5000");
	mark(&r, eth, "3372.28");
	assert_null(engine_order_at(r.e, a, 1));
	mark(&r, eth, "3372.27");
	assert_int_equal(resting->status, STATUS_EXPIRED);
	assert_int_equal(resting->reason, 5);
	o = engine_order_at(r.e, a, 1);
	assert_string_equal(o->client_id, "autoclose-1");
	assert_dec(o->filled, "110.392");	/* (3 372 270 - 3 000 000) / 3372.27, up */
	o = engine_order_at(r.e, a, 2);		/* its fee leaves too little for tier 3 */
	assert_dec(o->filled, "711.687");	/* (889.608 x 3372.27 - 600 000) / 3372.27, up */
	assert_dec(position(&r, a, eth, MODE_BOTH).amt, "0");
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "0");
	rig_close(&r);
}

/* What an isolated leg has left after its liquidation is free again: 1 BTC at
 * 60000 with 1000 is due at 59236.94...; sold at 59900 the fee is 748.75. */
static void
test_what_is_left_is_free_again(void **state)
{
	struct rig r;
	int a, btc;

	(void)state;
	open_plain(&r);
	btc = sym(&r, "BTCUSDT");
	a = engine_account_new(r.e, D("1000"), NULL);
	mark(&r, btc, "60000");
	isolate(&r, a, btc);
	seed(&r, a, btc, "1", "60000");
	bid(&r, btc, "59900", "10");
	mark(&r, btc, "59000");
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "151.25");	/* 1000 - 100 - 748.75 */
	assert_dec(balance(&r, a, USDM, "USDT").cross_wallet, "151.25");
	assert_dec(balance(&r, a, USDM, "USDT").available, "151.25");
	rig_close(&r);
}

/* PEER: 2 contracts at 37643.10000021 with 0.00268058 BTC: 25119.97445760. WORKED:
 * bankrupt at 25019.8949; filled at 25100, what is left is less than the fee. */
static void
test_an_inverse_position(void **state)
{
	struct rig r;
	int a, perp;

	(void)state;
	for (int filled = 0; filled < 2; filled++) {
		open_plain(&r);
		perp = sym(&r, "BTCUSD_PERP");
		a = engine_account_new(r.e, D("0"), NULL);
		deposit(&r, a, COINM, "BTC", "0.01");
		mark(&r, perp, "38103.05510455");
		isolate(&r, a, perp);
		seed(&r, a, perp, "2", "37643.10000021");
		assert_dec(position(&r, a, perp, MODE_BOTH).iso_wallet, "0.00026565");
		move_margin(&r, a, perp, MODE_BOTH, "0.00241493");
		assert_dec(position(&r, a, perp, MODE_BOTH).iso_margin, "0.00274471");
		if (filled)
			bid(&r, perp, "25100", "1000");
		mark(&r, perp, "25120.01");	/* the last decimal of BTC is 3 cents of price */
		assert_dec(position(&r, a, perp, MODE_BOTH).amt, "2");
		r.kinds = KIND(EV_FORCE);
		mark(&r, perp, "25119.94");
		assert_log(&r, filled ? "force SELL 2 of 2 at 25019.9\n" :
		    "force SELL 2 of 2 at 25019.89487809\n");
		assert_dec(balance(&r, a, COINM, "BTC").wallet, "0.00731942");
		assert_dec(balance(&r, a, COINM, "BTC").available, "0.00731942");
		/* 0.00268058 - 0.00265506 */
		assert_dec(insurance(&r, COINM, "BTC"), filled ? "1000000.00002552" : "1000000");
		rig_close(&r);
	}
}

/* Each leg of hedge mode stands alone; orders of the other leg stay. */
static void
test_an_isolated_leg_goes_alone(void **state)
{
	struct engine_request q = { .side = SIDE_SELL, .pos_mode = MODE_SHORT, .type = ORDER_LIMIT,
		.qty = D("0.1"), .price = D("70000") };
	const struct engine_order *other, *own;
	struct rig r;
	int a, btc;

	(void)state;
	open_plain(&r);
	btc = sym(&r, "BTCUSDT");
	a = engine_account_new(r.e, D("10000"), NULL);
	ok(&r, engine_set_hedge(r.e, a, true, r.now, &r.f));
	mark(&r, btc, "60000");
	isolate(&r, a, btc);
	seed(&r, a, btc, "1", "60000");
	seed(&r, a, btc, "-0.5", "60000");
	ok(&r, engine_place(r.e, a, btc, &q, r.now, &other, &r.f));
	q.side = SIDE_BUY;
	q.pos_mode = MODE_LONG;
	q.price = D("50000");
	ok(&r, engine_place(r.e, a, btc, &q, r.now, &own, &r.f));
	mark(&r, btc, "57000");
	assert_dec(position(&r, a, btc, MODE_LONG).amt, "0");
	assert_dec(position(&r, a, btc, MODE_SHORT).amt, "-0.5");
	assert_int_equal(own->reason, 5);
	assert_true(order_open(other));
	rig_close(&r);
}

/*
 * Cross
 */

/* WORKED: long 1 at 60000, short 1 at 61000, wallet 500: due at 160000. There the
 * legs are offset, and 1500 remain. */
static void
test_opposite_legs_are_offset_first(void **state)
{
	struct rig r;
	int a, btc;

	(void)state;
	open_plain(&r);
	btc = sym(&r, "BTCUSDT");
	a = engine_account_new(r.e, D("500"), NULL);
	ok(&r, engine_set_hedge(r.e, a, true, r.now, &r.f));
	mark(&r, btc, "60000");
	seed(&r, a, btc, "1", "60000");
	seed(&r, a, btc, "-1", "61000");
	mark(&r, btc, "159999.9");
	assert_dec(position(&r, a, btc, MODE_LONG).amt, "1");
	r.kinds = KIND(EV_FORCE) | KIND(EV_TRADE) | KIND(EV_ORDER);
	mark(&r, btc, "160000");
	assert_log(&r,
	    "order 2 autoclose-1 NEW NEW 0@0 n=0 rp=0 er=0\n"
	    "order 2 autoclose-2 NEW NEW 0@0 n=0 rp=0 er=0\n"
	    "order 2 autoclose-1 CALCULATED FILLED 1@160000 n=0 rp=100000 er=0\n"
	    "order 2 autoclose-2 CALCULATED FILLED 1@160000 n=0 rp=-99000 er=0\n");
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "1500");
	rig_close(&r);
}

/* Step 2: orders of all symbols of the wallet and conditional ones end; those of
 * another wallet do not. */
static void
test_a_cross_liquidation_ends_the_orders_of_its_wallet(void **state)
{
	struct engine_algo_request q = { .side = SIDE_SELL, .type = ORDER_STOP_MARKET,
		.reduce = true, .qty = D("0.1"), .trigger = D("50000") };
	const struct engine_order *eth_order, *usdc_order;
	const struct engine_algo *stop;
	struct rig r;
	int a, btc, eth, usdc;

	(void)state;
	open_plain(&r);
	btc = sym(&r, "BTCUSDT");
	eth = sym(&r, "ETHUSDT");
	usdc = sym(&r, "BTCUSDC");
	a = engine_account_new(r.e, D("10000"), NULL);
	deposit(&r, a, USDM, "USDC", "10000");
	mark(&r, btc, "60000");
	mark(&r, eth, "3000");
	mark(&r, usdc, "60000");
	seed(&r, a, btc, "3", "60000");
	eth_order = limit(&r, a, eth, SIDE_BUY, "1", "2000");
	usdc_order = limit(&r, a, usdc, SIDE_BUY, "0.1", "50000");
	ok(&r, engine_algo_place(r.e, a, btc, &q, r.now, &stop, &r.f));
	/* (10000 + 50 - 180000) / (3 x 0.005 - 3) = 56934.67...; warned at 57002.09... */
	r.kinds = KIND(EV_MARGIN_CALL) | KIND(EV_ALGO);
	mark(&r, btc, "57002.1");
	assert_log(&r, "");
	mark(&r, btc, "57002");
	mark(&r, btc, "57001");
	assert_log(&r, "call 2 cross cw=10000 n=1 mm=805.03\n");
	mark(&r, btc, "56900");
	assert_log(&r, "algo 2 EXPIRED\n");
	assert_int_equal(stop->status, ALGO_EXPIRED);
	assert_int_equal(eth_order->reason, 5);
	assert_true(order_open(usdc_order));
	assert_dec(position(&r, a, btc, MODE_BOTH).amt, "0");
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "0");
	assert_dec(balance(&r, a, USDM, "USDC").wallet, "10000");
	rig_close(&r);
}

static void
test_a_liquidation_waits_and_refuses_orders(void **state)
{
	struct engine_config c = engine_config_default();
	struct engine_request q = { .side = SIDE_BUY, .type = ORDER_LIMIT, .qty = D("0.1"),
		.price = D("50000") };
	struct rig r;
	int a, b, btc;

	(void)state;
	c.liquidation_ms = 1000;
	rig_open(&r, c);
	btc = sym(&r, "BTCUSDT");
	a = engine_account_new(r.e, D("10000"), NULL);
	b = engine_account_new(r.e, D("10000"), NULL);
	mark(&r, btc, "60000");
	seed(&r, a, btc, "3", "60000");
	mark(&r, btc, "56900");
	assert_int_equal(engine_due(r.e), r.now + 1000);
	r.now += 300;
	seed(&r, b, btc, "5", "57000");		/* due at 55258.7... */
	mark(&r, btc, "55200");
	assert_int_equal(engine_place(r.e, a, btc, &q, r.now, NULL, &r.f), -1);
	assert_int_equal(r.f.code, -2023);
	tick(&r, r.now + 699);
	assert_dec(position(&r, a, btc, MODE_BOTH).amt, "3");
	tick(&r, r.now + 1);
	assert_dec(position(&r, a, btc, MODE_BOTH).amt, "0");
	assert_dec(position(&r, b, btc, MODE_BOTH).amt, "5");
	assert_int_equal(engine_due(r.e), r.now + 300);
	mark(&r, btc, "56000");			/* saved */
	tick(&r, r.now + 1000);
	assert_dec(position(&r, b, btc, MODE_BOTH).amt, "5");
	mark(&r, btc, "55200");
	assert_int_equal(engine_place(r.e, b, btc, &q, r.now, NULL, &r.f), -1);
	assert_int_equal(r.f.code, -2023);
	deposit(&r, b, USDM, "USDT", "20000");	/* saved by the owner, at once */
	ok(&r, engine_place(r.e, b, btc, &q, r.now, NULL, &r.f));
	tick(&r, r.now + 1000);
	assert_dec(position(&r, b, btc, MODE_BOTH).amt, "5");
	rig_close(&r);
}

/*
 * Multi-assets mode
 */

/* WORKED: 100 USDT and 1000 USDC, long 0.5 BTC at 20000: equity 1100 + 0.5 (P -
 * 20000) meets 0.002 P at 17871.48...; bankrupt at 17800. The loss of 1100 USDT
 * leaves a debt of 1000, which the USDC pays. */
static void
test_other_assets_pay_in_multi_assets_mode(void **state)
{
	struct rig r;
	int a, btc;

	(void)state;
	open_plain(&r);
	btc = sym(&r, "BTCUSDT");
	a = engine_account_new(r.e, D("100"), NULL);
	deposit(&r, a, USDM, "USDC", "1000");
	ok(&r, engine_set_multi(r.e, a, true, r.now, &r.f));
	mark(&r, btc, "20000");
	seed(&r, a, btc, "0.5", "20000");
	mark(&r, btc, "17871.5");
	assert_dec(position(&r, a, btc, MODE_BOTH).amt, "0.5");
	r.kinds = KIND(EV_INCOME) | KIND(EV_FORCE);
	mark(&r, btc, "17871.4");
	assert_log(&r,
	    "income 2 REALIZED_PNL BTCUSDT USDT -1100\n"
	    "force SELL 0.5 of 0.5 at 17800\n"
	    "income 2 AUTO_EXCHANGE - USDC -1000\n"
	    "income 2 AUTO_EXCHANGE - USDT 1000\n");
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "0");
	assert_dec(balance(&r, a, USDM, "USDC").wallet, "0");
	rig_close(&r);
}

/*
 * Auto-deleveraging
 */

/* No fund: the short that won most with most leverage gives its position at the
 * bankruptcy price, free of charge, and loses its orders; the next one the rest. */
static void
test_adl_takes_the_first_in_line(void **state)
{
	struct engine_config c = engine_config_default();
	const struct engine_order *o, *resting;
	struct rig r;
	int a, rich, poor, btc;

	(void)state;
	c.insurance = D("0");
	rig_open(&r, c);
	btc = sym(&r, "BTCUSDT");
	a = engine_account_new(r.e, D("3000"), NULL);
	rich = engine_account_new(r.e, D("100000"), NULL);
	poor = engine_account_new(r.e, D("5000"), NULL);
	mark(&r, btc, "60000");
	isolate(&r, a, btc);
	seed(&r, a, btc, "1", "60000");
	seed(&r, rich, btc, "-0.8", "60000");
	seed(&r, poor, btc, "-0.8", "60000");
	resting = limit(&r, poor, btc, SIDE_BUY, "0.1", "50000");
	mark(&r, btc, "58000");
	tick(&r, r.now + 30000);
	assert_int_equal(position(&r, poor, btc, MODE_BOTH).adl, 4);
	assert_int_equal(position(&r, rich, btc, MODE_BOTH).adl, 2);
	assert_int_equal(position(&r, a, btc, MODE_BOTH).adl, 0);
	r.kinds = KIND(EV_ORDER) | KIND(EV_FORCE) | KIND(EV_TRADE);
	mark(&r, btc, "56000");		/* bankrupt at 57000 */
	assert_int_equal(resting->status, STATUS_CANCELED);
	assert_non_null(strstr(r.log.p,
	    "order 4 adl_autoclose NEW NEW 0@0 n=0 rp=0 er=0\n"
	    "order 4 adl_autoclose CALCULATED FILLED 0.8@57000 n=0 rp=2400 er=0\n"
	    "order 2 autoclose-2 CALCULATED PARTIALLY_FILLED 0.8@57000 n=0 rp=-2400 er=0\n"
	    "order 3 adl_autoclose NEW NEW 0@0 n=0 rp=0 er=0\n"
	    "order 3 adl_autoclose CALCULATED FILLED 0.2@57000 n=0 rp=600 er=0\n"
	    "order 2 autoclose-2 CALCULATED FILLED 0.2@57000 n=0 rp=-600 er=0\n"
	    "force SELL 1 of 1 at 57000\n"));
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "0");
	assert_dec(balance(&r, poor, USDM, "USDT").wallet, "7400");
	assert_dec(position(&r, poor, btc, MODE_BOTH).amt, "0");
	assert_dec(position(&r, rich, btc, MODE_BOTH).amt, "-0.6");
	o = engine_order_at(r.e, rich, 0);
	assert_int_equal(o->kind, KIND_ADL);
	assert_dec(insurance(&r, USDM, "USDT"), "0");
	rig_close(&r);
}

/* With a fund that can pay, or without ADL, nobody is deleveraged. */
static void
test_the_fund_comes_before_adl(void **state)
{
	struct engine_config c;
	struct rig r;
	int a, b, btc;

	(void)state;
	for (int i = 0; i < 3; i++) {
		c = engine_config_default();
		c.adl = i != 1;
		c.insurance = i == 0 ? D("1000") : i == 1 ? D("0") : D("999.99");
		rig_open(&r, c);
		btc = sym(&r, "BTCUSDT");
		a = engine_account_new(r.e, D("3000"), NULL);
		b = engine_account_new(r.e, D("100000"), NULL);
		mark(&r, btc, "60000");
		isolate(&r, a, btc);
		seed(&r, a, btc, "1", "60000");
		seed(&r, b, btc, "-1", "60000");
		mark(&r, btc, "56000");		/* the fund would lose 1000 at once */
		assert_dec(position(&r, a, btc, MODE_BOTH).amt, "0");
		assert_dec(position(&r, b, btc, MODE_BOTH).amt, i == 2 ? "0" : "-1");
		rig_close(&r);
	}
}

/*
 * Anything: accounts of all modes, orders at random, jumping prices, a thin book, a
 * small fund. The invariants hold after every call.
 */

struct chaos { struct rig r; uint64_t x; unsigned long nforce, nadl; int s[4]; };

static void
count_event(void *arg, const struct engine_event *ev)
{
	struct chaos *c = arg;

	c->nforce += ev->kind == EV_FORCE;
	c->nadl += ev->kind == EV_ORDER && ev->u.order.o->kind == KIND_ADL;
}

static int
any(struct chaos *c, int n)	/* 0 .. n-1 */
{
	c->x = c->x * 6364136223846793005u + 1442695040888963407u;
	return (int)(c->x >> 33) % n;
}

static dec
price_near(struct chaos *c, int s, int spread)	/* within spread per mille of the mark */
{
	dec d = engine_mark_price(c->r.e, s);

	assert_true(dec_mul(&d, d, (dec){ 1000 - spread + any(c, 2 * spread + 1), 3 }));
	assert_true(dec_floor(&d, d, engine_rules(c->r.e, s)->tick));
	return d;
}

static dec
quantity(struct chaos *c, int s)
{
	return engine_contract(c->r.e, s)->market == COINM ? dec_int(1 + any(c, 500)) :
	    (dec){ 1 + any(c, 3000), 3 };
}

/* 2: cross, 3: isolated, 4: hedge cross, 5: hedge isolated, 6: multi, 7: hedge multi */
static void
make_accounts(struct chaos *c)
{
	struct rig *r = &c->r;
	int a, i;

	for (a = 2; a < 8; a++) {
		assert_int_equal(engine_account_new(r->e, D("8000"), NULL), a);
		deposit(r, a, USDM, "USDC", "4000");
		deposit(r, a, COINM, "BTC", "0.2");
		if (a == 4 || a == 5 || a == 7)
			ok(r, engine_set_hedge(r->e, a, true, r->now, &r->f));
		for (i = 0; i < 4 && (a == 3 || a == 5); i++)
			isolate(r, a, c->s[i]);
		if (a > 5)
			ok(r, engine_set_multi(r->e, a, true, r->now, &r->f));
	}
}

static void
any_order(struct chaos *c)
{
	int a = any(c, 8), s = c->s[any(c, 4)];
	struct engine_request q = { .side = any(c, 2) ? SIDE_BUY : SIDE_SELL,
		.type = any(c, 3) == 0 ? ORDER_MARKET : ORDER_LIMIT, .stp = STP_EXPIRE_MAKER,
		.qty = quantity(c, s), .price = price_near(c, s, 10) };

	if (engine_hedge(c->r.e, a))
		q.pos_mode = any(c, 2) ? MODE_LONG : MODE_SHORT;
	if (engine_place(c->r.e, a, s, &q, c->r.now, NULL, &c->r.f) == -1)
		assert_int_equal(c->r.f.kind, FAULT_REJECTED);
	rig_check(&c->r);
}

static void
any_book(struct chaos *c, int s)
{
	struct engine_level l[6];
	dec d = price_near(c, s, 5), tick = engine_rules(c->r.e, s)->tick;
	int i;

	for (i = 0; i < 6; i++) {
		l[i] = (struct engine_level){ i < 3 ? SIDE_BUY : SIDE_SELL, d, quantity(c, s) };
		assert_true(dec_mul(&l[i].price, tick, dec_int(10 * (i < 3 ? -1 - i : i - 2))));
		assert_true(dec_add(&l[i].price, d, l[i].price));
	}
	ok(&c->r, engine_outside(c->r.e, s, l, 6, true, c->r.now, &c->r.f));
}

static void
any_step(struct chaos *c)
{
	int s = c->s[any(c, 4)], what = any(c, 20);
	dec rate = { any(c, 601) - 300, 5 }, d;

	if (what < 11) {
		any_order(c);
	} else if (what < 15) {
		any_book(c, s);
	} else if (what < 18) {
		d = price_near(c, s, what == 17 ? 60 : 10);
		ok(&c->r, engine_prices(c->r.e, s, d, d, c->r.now, &c->r.f));
	} else if (what < 19) {
		ok(&c->r, engine_fund(c->r.e, s, &rate, c->r.now, &c->r.f));
	} else {
		tick(&c->r, c->r.now + any(c, 7200) * INT64_C(1000));
	}
}

static void
test_invariants_hold_in_a_wild_market(void **state)
{
	static const char *const name[] = { "BTCUSDT", "ETHUSDT", "BTCUSDC", "BTCUSD_PERP" };
	struct engine_config cf = engine_config_default();
	struct chaos c;
	unsigned long nforce = 0, nadl = 0;
	int i, k;

	(void)state;
	for (k = 0; k < 8; k++) {
		memset(&c, 0, sizeof c);
		c.x = (uint64_t)k + 1;
		cf.liquidation_ms = k % 2 * 3000;
		cf.insurance = k % 4 < 2 ? D("1") : D("100000");
		rig_open_with(&c.r, cf, count_event, &c);
		for (i = 0; i < 4; i++) {
			c.s[i] = sym(&c.r, name[i]);
			mark(&c.r, c.s[i], i == 1 ? "3000" : "60000");
		}
		make_accounts(&c);
		for (i = 0; i < 1500; i++)
			any_step(&c);
		nforce += c.nforce;
		nadl += c.nadl;
		rig_close(&c.r);
	}
	assert_true(nforce > 50);	/* or it does not reach what it should */
	assert_true(nadl > 5);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_fee_takes_no_more_than_the_collateral),
		cmocka_unit_test(test_worse_bids_are_not_taken_but_the_fund_is),
		cmocka_unit_test(test_large_positions_step_down_the_tiers),
		cmocka_unit_test(test_what_is_left_is_free_again),
		cmocka_unit_test(test_an_inverse_position),
		cmocka_unit_test(test_an_isolated_leg_goes_alone),
		cmocka_unit_test(test_opposite_legs_are_offset_first),
		cmocka_unit_test(test_a_cross_liquidation_ends_the_orders_of_its_wallet),
		cmocka_unit_test(test_a_liquidation_waits_and_refuses_orders),
		cmocka_unit_test(test_other_assets_pay_in_multi_assets_mode),
		cmocka_unit_test(test_adl_takes_the_first_in_line),
		cmocka_unit_test(test_the_fund_comes_before_adl),
		cmocka_unit_test(test_invariants_hold_in_a_wild_market),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

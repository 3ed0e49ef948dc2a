/* Orders of the simulated exchange beyond plain matching: modifications, time,
 * conditional orders, hedge mode, contracts, and the world outside in the book. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/specs.h"
#include "simrig.h"

#define DAY	INT64_C(86400000)
#ifndef SEEDS
#define SEEDS	16	/* of the random runs */
#endif

static void
tick(struct rig *r, int64_t ms)
{
	r->now += ms;
	assert_int_equal(engine_tick(r->e, r->now, NULL), 0);
	rig_check(r);
}

static void
outside(struct rig *r, const char *side, const char *price, const char *qty)
{
	struct engine_level l = { *side == 'b' ? SIDE_BUY : SIDE_SELL, D(price), D(qty) };

	if (engine_outside(r->e, BTC, &l, 1, false, ++r->now, &r->f) == -1)
		fail_msg("%s", r->f.text);
	rig_check(r);
}

static void
outside_trade(struct rig *r, enum order_side taker, const char *price, const char *qty)
{
	if (engine_outside_trade(r->e, BTC, taker, D(price), D(qty), ++r->now, &r->f) == -1)
		fail_msg("%s", r->f.text);
	rig_check(r);
}

static void
last(struct rig *r, const char *price)
{
	assert_int_equal(engine_last(r->e, BTC, D(price), ++r->now, NULL), 0);
	rig_check(r);
}

static void
seed(struct rig *r, int acct, const char *amt)
{
	assert_int_equal(engine_seed_position(r->e, acct, BTC, D(amt), D("60000"), r->now, NULL), 0);
}

/*
 * Prices and times that are found
 */

static void
test_price_match_takes_its_price_from_the_book(void **state)
{
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	assert_int_equal(try_place(&r, 0, BTC, "BUY 0.010 match=1", NULL), -5041);
	for (int i = 0; i < 5; i++) {
		char price[16];

		snprintf(price, sizeof price, "%d", 60010 + i);
		outside(&r, "a", price, "1");
	}
	outside(&r, "b", "59990", "1");
	assert_dec(place(&r, 0, BTC, "BUY 0.010 match=5")->price, "59990");
	assert_dec(place(&r, 0, BTC, "BUY 0.010 match=2")->price, "60014");
	assert_int_equal(try_place(&r, 0, BTC, "BUY 0.010 match=3", NULL), -5041);
	assert_int_equal(try_place(&r, 0, BTC, "BUY 0.010 match=9", NULL), -5037);
	assert_order(engine_order_at(r.e, 0, 1), "FILLED", "0.01");	/* at 60010 */
	assert_dec(engine_trade_at(r.e, 0, 0)->price, "60010");
	rig_close(&r);
}

static void
test_good_till_date_ends_on_its_second(void **state)
{
	const struct engine_order *o;
	char text[64];
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	snprintf(text, sizeof text, "BUY 0.010 @ 59000 GTD=%lld", (long long)r.now + 600000);
	assert_int_equal(try_place(&r, 0, BTC, text, NULL), -5040);
	assert_int_equal(try_place(&r, 0, BTC, "BUY 0.010 @ 59000 GTD=253402300799000", NULL), -5040);
	o = place(&r, 0, BTC, "BUY 0.010 @ 59000 GTD=1700001000999");
	assert_true(o->gtd_ms == 1700001000000);
	assert_true(engine_due(r.e) <= 1700001000000);
	tick(&r, 1700000999999 - r.now);
	assert_order(o, "NEW", "0");
	tick(&r, 1);
	assert_order(o, "EXPIRED", "0");
	assert_true(o->update_ms == 1700001000000);
	rig_close(&r);
}

static void
test_the_countdown_cancels_unless_it_is_called_again(void **state)
{
	const struct engine_order *o, *other;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	mark(&r, ETH, "3000");
	o = place(&r, 0, BTC, "BUY 0.010 @ 59000");
	other = place(&r, 0, ETH, "BUY 0.010 @ 2990");
	assert_int_equal(engine_countdown(r.e, 0, BTC, 1000, r.now, NULL), 0);
	tick(&r, 999);
	assert_int_equal(engine_countdown(r.e, 0, BTC, 1000, r.now, NULL), 0);
	tick(&r, 999);
	assert_order(o, "NEW", "0");
	tick(&r, 1);
	assert_order(o, "CANCELED", "0");
	assert_order(other, "NEW", "0");
	o = place(&r, 0, BTC, "BUY 0.010 @ 59000");
	assert_int_equal(engine_countdown(r.e, 0, BTC, 1000, r.now, NULL), 0);
	assert_int_equal(engine_countdown(r.e, 0, BTC, 0, r.now, NULL), 0);
	tick(&r, 5000);
	assert_order(o, "NEW", "0");
	assert_int_equal(engine_countdown(r.e, 0, BTC, -1, r.now, NULL), -1);
	/* a caller whose clock is behind counts from the exchange's own time */
	assert_int_equal(engine_countdown(r.e, 0, BTC, 1000, r.now - 5000, NULL), 0);
	tick(&r, 999);
	assert_order(o, "NEW", "0");
	tick(&r, 1);
	assert_order(o, "CANCELED", "0");
	rig_close(&r);
}

static void
test_a_symbol_that_does_not_trade_takes_no_orders_but_cancels(void **state)
{
	const struct engine_order *o;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	o = place(&r, 0, BTC, "BUY 0.010 @ 59000");
	assert_int_equal(engine_set_status(r.e, BTC, "SETTLING", r.now, NULL), 0);
	assert_int_equal(try_place(&r, 0, BTC, "BUY 0.010 @ 59000", NULL), -4140);
	assert_int_equal(engine_set_status(r.e, BTC, "CLOSE", r.now, NULL), 0);
	assert_int_equal(try_place(&r, 0, BTC, "BUY 0.010 @ 59000", NULL), -4141);
	assert_int_equal(engine_cancel(r.e, 0, BTC, o->id, NULL, r.now, NULL, NULL), 0);
	rig_close(&r);
}

/*
 * Modifying
 */

/* 0, or the code of the refusal. */
static int
modify(struct rig *r, const struct engine_order *o, const char *qty, const char *price)
{
	struct engine_change c = { .side = o->side, .qty = D(qty), .price = D(price),
		.modify_id = 7 };
	int got;

	got = engine_modify(r->e, o->acct, o->sym, o->id, NULL, &c, ++r->now, NULL, &r->f);
	rig_check(r);
	return got == 0 ? 0 : r->f.code;
}

static void
test_modifying_has_its_codes(void **state)
{
	static const struct { const char *qty, *price; int code; } row[] = {
		{ "0.010", "59000", -5027 },
		{ "0.010", "59000.05", -4014 },
		{ "0.010", "64000", -4016 },
		{ "0.0105", "59000", -1111 },
		{ "0", "59000", -4003 },
		{ "0.010", "0", -4001 },
		{ "0.000", "59000", -4003 },
		{ "600", "59000", -2019 },
		{ "0.020", "59000", 0 },
		{ "0.020", "59001", 0 },
	};
	struct engine_change c = { .side = SIDE_SELL, .qty = { 1, 2 }, .price = { 59002, 0 } };
	const struct engine_order *o;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	o = place(&r, 0, BTC, "BUY 0.010 @ 59000");
	for (size_t i = 0; i < LEN(row); i++)
		if (modify(&r, o, row[i].qty, row[i].price) != row[i].code)
			fail_msg("%s @ %s: %d %s", row[i].qty, row[i].price, r.f.code, r.f.text);
	assert_int_equal(o->amended, 2);
	assert_true(o->modify_id == 7);
	assert_int_equal(o->stp, STP_NONE);
	assert_dec(position(&r, 0, BTC).bid, "1180.02");
	assert_int_equal(engine_amend_at(r.e, 0, 1)->count, 2);
	assert_dec(engine_amend_at(r.e, 0, 1)->price_was, "59000");
	assert_dec(engine_amend_at(r.e, 0, 1)->price, "59001");
	assert_null(engine_amend_at(r.e, 0, 2));
	assert_int_equal(engine_modify(r.e, 0, BTC, o->id, NULL, &c, r.now, NULL, &r.f), -1);
	assert_int_equal(r.f.code, -1117);
	c.side = SIDE_BUY;
	c.reduce = true;
	assert_int_equal(engine_modify(r.e, 0, BTC, o->id, NULL, &c, r.now, NULL, &r.f), -1);
	assert_int_equal(r.f.code, -5047);
	assert_int_equal(engine_cancel(r.e, 0, BTC, o->id, NULL, r.now, NULL, NULL), 0);
	assert_int_equal(modify(&r, o, "0.030", "59000"), -2013);
	o = place(&r, 0, BTC, "BUY 0.002 @ 57000");
	assert_int_equal(modify(&r, o, "0.001", "49000"), -5029);
	rig_close(&r);
}

static void
test_a_modified_order_goes_to_the_back_and_may_trade(void **state)
{
	const struct engine_order *a, *b, *gtx;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	a = place(&r, 0, BTC, "SELL 0.010 @ 60010 id=a");
	b = place(&r, 0, BTC, "SELL 0.010 @ 60010 id=b");
	assert_int_equal(modify(&r, a, "0.020", "60010"), 0);
	place(&r, 1, BTC, "BUY 0.015 @ 60010");
	assert_order(b, "FILLED", "0.01");
	assert_order(a, "PARTIALLY_FILLED", "0.005");
	place(&r, 1, BTC, "BUY 0.010 @ 60000 id=m");
	r.kinds = 1u << EV_ORDER;
	assert_int_equal(modify(&r, a, "0.020", "60000"), 0);	/* takes 0.010 */
	assert_log(&r,
	    "order 0 a AMENDMENT PARTIALLY_FILLED 0@0 n=0 rp=0 er=0\n"
	    "order 1 m TRADE FILLED 0.01@60000 n=0.12 rp=0 er=0\n"
	    "order 0 a TRADE PARTIALLY_FILLED 0.01@60000 n=0.3 rp=0 er=0\n");
	assert_int_equal(modify(&r, a, "0.015", "60000"), 0);	/* not more than was filled */
	assert_order(a, "CANCELED", "0.015");
	place(&r, 0, BTC, "SELL 0.010 @ 60010");
	gtx = place(&r, 1, BTC, "BUY 0.010 @ 60000 GTX");
	assert_int_equal(modify(&r, gtx, "0.010", "60010"), 0);
	assert_order(gtx, "CANCELED", "0");
	rig_close(&r);
}

static void
test_a_modified_reduce_only_order_stays_within_the_position(void **state)
{
	const struct engine_order *a;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	seed(&r, 0, "0.100");
	a = place(&r, 0, BTC, "SELL 0.060 @ 60100 reduce");
	place(&r, 0, BTC, "SELL 0.030 @ 60200 reduce");
	assert_int_equal(modify(&r, a, "0.071", "60100"), -4118);
	assert_int_equal(modify(&r, a, "0.101", "60100"), -2022);
	assert_int_equal(modify(&r, a, "0.070", "60100"), 0);
	rig_close(&r);
}

/*
 * Hedge mode, COIN-M
 */

static void
test_hedge_mode_keeps_two_legs(void **state)
{
	const struct engine_order *o;
	struct engine_position p;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	assert_int_equal(engine_set_hedge(r.e, 0, true, r.now, NULL), 0);
	assert_int_equal(try_place(&r, 0, BTC, "BUY 0.010 @ 59000", NULL), -4061);
	assert_int_equal(try_place(&r, 0, BTC, "SELL 0.010 @ 61000 LONG", NULL), -2022);
	outside(&r, "a", "60000.1", "5");
	outside(&r, "b", "59999.9", "5");
	place(&r, 0, BTC, "BUY 0.100 LONG");
	place(&r, 0, BTC, "SELL 0.050 SHORT");
	assert_true(engine_position(r.e, 0, BTC, MODE_LONG, &p));
	assert_dec(p.amt, "0.1");
	assert_true(engine_position(r.e, 0, BTC, MODE_SHORT, &p));
	assert_dec(p.amt, "-0.05");
	assert_int_equal(try_place(&r, 0, BTC, "SELL 0.010 @ 61000 LONG reduce", NULL), -1106);
	assert_int_equal(try_place(&r, 0, BTC, "SELL 0.101 LONG", NULL), -2022);	/* no turn */
	o = place(&r, 0, BTC, "SELL 0.100 @ 61000 LONG");
	assert_true(o->reduce);
	assert_int_equal(try_place(&r, 0, BTC, "SELL 0.001 @ 61000 LONG", NULL), -4118);
	place(&r, 0, BTC, "SELL 0.040 LONG");
	assert_order(o, "EXPIRED", "0");
	assert_int_equal(o->reason, 4);
	place(&r, 0, BTC, "BUY 0.050 SHORT");
	assert_true(engine_position(r.e, 0, BTC, MODE_SHORT, &p));
	assert_dec(p.amt, "0");
	assert_true(engine_position(r.e, 0, BTC, MODE_LONG, &p));
	assert_dec(p.amt, "0.06");
	rig_close(&r);
}

/* Section 15.2 of the margin sheet, inverse: 0.00833333 and 0.00027824 of loss. */
static void
test_contracts_are_worth_their_size_over_the_price(void **state)
{
	const struct engine_order *o, *t;
	struct engine_position p;
	struct rig r;
	int sym, btc;

	(void)state;
	rig_open(&r, 0);
	sym = engine_symbol(r.e, "BTCUSD_PERP");
	btc = engine_asset_of(r.e, sym);
	mark(&r, sym, "59900");
	assert_int_equal(try_place(&r, 0, sym, "BUY 100 @ 60000", NULL), -2019);
	assert_int_equal(engine_deposit(r.e, 0, btc, D("0.00861156"), r.now, NULL), 0);
	assert_int_equal(try_place(&r, 0, sym, "BUY 100 @ 60000", NULL), -2019);
	assert_int_equal(engine_deposit(r.e, 0, btc, D("0.00000001"), r.now, NULL), 0);
	o = place(&r, 0, sym, "BUY 100 @ 60000");
	assert_true(engine_position(r.e, 0, sym, MODE_BOTH, &p));
	assert_dec(p.bid, "0.16666667");
	assert_int_equal(engine_deposit(r.e, 1, btc, D("1"), r.now, NULL), 0);
	t = place(&r, 1, sym, "SELL 30 @ 60000");
	assert_order(t, "FILLED", "30");
	assert_dec(t->quote, "3000");
	assert_dec(t->base, "0.05");
	assert_dec(engine_trade_at(r.e, 1, 0)->commission, "0.000025");	/* section 17 */
	assert_int_equal(engine_trade_at(r.e, 1, 0)->fee_asset, btc);
	assert_true(engine_position(r.e, 0, sym, MODE_BOTH, &p));
	assert_dec(p.bid, "0.11666667");
	assert_int_equal(try_place(&r, 0, sym, "BUY 1 @ 59000 GTD=1700009999000", NULL), -1115);
	assert_int_equal(try_place(&r, 0, sym, "BUY 1.5 @ 59000", NULL), -1111);
	assert_int_equal(modify(&r, o, "100", "60000"), -4197);
	rig_close(&r);
}

/*
 * The world outside
 */

static void
test_the_outside_is_traded_with_in_its_turn(void **state)
{
	const struct engine_order *o;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	outside(&r, "b", "59990", "0.5");
	o = place(&r, 0, BTC, "BUY 0.100 @ 59990");
	outside(&r, "b", "59990", "0.8");	/* 0.5, the order, 0.3 */
	r.kinds = 1u << EV_TRADE | 1u << EV_BOOK;
	outside_trade(&r, SIDE_SELL, "59990", "0.45");
	assert_order(o, "NEW", "0");
	assert_log(&r, "trade 1 0.45@59990 sold\nbook 4-4 b0.45@59990\n");
	outside_trade(&r, SIDE_SELL, "59990", "0.09");
	assert_order(o, "PARTIALLY_FILLED", "0.04");
	assert_log(&r, "trade 2 0.05@59990 sold\ntrade 3 0.04@59990 sold\nbook 5-5 b0.36@59990\n");
	assert_dec(engine_last_price(r.e, BTC), "59990");
	r.kinds = 0;
	place(&r, 1, BTC, "SELL 0.200");	/* 0.06 of the order, 0.14 behind it */
	assert_order(o, "FILLED", "0.1");
	assert_true(engine_trade_at(r.e, 0, 0)->maker);
	/* what a broken feed may say is refused, and stops nothing */
	assert_int_equal(engine_outside_trade(r.e, BTC, SIDE_SELL, D("59990"),
	    D("99999999999999999999999999999999999"), r.now, &r.f), -1);
	assert_int_equal(r.f.kind, FAULT_USAGE);
	assert_false(engine_stopped(r.e));
	rig_close(&r);
}

static void
test_a_trade_through_a_price_fills_who_waits_there(void **state)
{
	const struct engine_order *better, *at, *worse;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	better = place(&r, 0, BTC, "SELL 0.010 @ 60005");
	at = place(&r, 0, BTC, "SELL 0.010 @ 60010");
	worse = place(&r, 0, BTC, "SELL 0.010 @ 60020");
	outside(&r, "a", "60004", "1");		/* the feed has not taken it away yet */
	r.kinds = 1u << EV_TRADE;
	outside_trade(&r, SIDE_BUY, "60010", "0.050");
	assert_log(&r, "trade 1 0.01@60005 bought\ntrade 2 0.01@60010 bought\n"
	    "trade 3 0.03@60010 bought\n");
	assert_order(better, "FILLED", "0.01");
	assert_order(at, "FILLED", "0.01");
	assert_order(worse, "NEW", "0");
	rig_close(&r);
}

static void
test_an_outside_level_runs_through_orders_and_pushes_stale_ones_away(void **state)
{
	const struct engine_order *o;
	struct engine_level l[2] = { { SIDE_BUY, { 0, 0 }, { 0, 0 } } };
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	outside(&r, "b", "59995", "1");
	outside(&r, "b", "59990", "1");
	o = place(&r, 0, BTC, "BUY 0.030 @ 59992");
	outside(&r, "a", "59991", "0.020");
	assert_order(o, "PARTIALLY_FILLED", "0.02");
	assert_dec(engine_trade_at(r.e, 0, 0)->price, "59992");
	assert_int_equal(engine_depth(r.e, BTC, SIDE_SELL, l, 2), 0);
	assert_int_equal(engine_depth(r.e, BTC, SIDE_BUY, l, 2), 2);
	assert_dec(l[0].price, "59992");	/* 59995 is gone */
	l[0] = (struct engine_level){ SIDE_SELL, D("60001"), D("2") };
	assert_int_equal(engine_outside(r.e, BTC, l, 1, true, ++r.now, NULL), 0);
	assert_int_equal(engine_depth(r.e, BTC, SIDE_BUY, l, 2), 1);	/* a snapshot: our own */
	assert_int_equal(engine_depth(r.e, BTC, SIDE_SELL, l, 2), 1);
	l[0].price = D("60001.005");
	assert_int_equal(engine_outside(r.e, BTC, l, 1, false, ++r.now, &r.f), -1);
	assert_int_equal(r.f.kind, FAULT_USAGE);
	rig_close(&r);
}

/*
 * Conditional orders
 */

/* "SELL 0.1 STOP_MARKET 59000", price after @, then any of close, reduce, mark,
 * protect, cb=, act=, id=. */
static struct engine_algo_request
parse_algo(const char *text, char id[static RIG_ID])
{
	static const struct { const char *name; enum order_type t; } types[] = {
		{ "STOP", ORDER_STOP }, { "STOP_MARKET", ORDER_STOP_MARKET },
		{ "TP", ORDER_TAKE_PROFIT }, { "TP_MARKET", ORDER_TAKE_PROFIT_MARKET },
		{ "TRAIL", ORDER_TRAILING_STOP_MARKET }, { "LIMIT", ORDER_LIMIT }
	};
	struct engine_algo_request q = { .side = SIDE_BUY };
	char copy[128], *p, *save = NULL;
	int n = 0;

	snprintf(copy, sizeof copy, "%s", text);
	for (p = strtok_r(copy, " ", &save); p != NULL; p = strtok_r(NULL, " ", &save), n++) {
		if (n == 0)
			q.side = strcmp(p, "BUY") == 0 ? SIDE_BUY : SIDE_SELL;
		else if (n == 1)
			q.qty = D(p);
		else if (n == 2) {
			for (size_t i = 0; i < LEN(types); i++)
				if (strcmp(types[i].name, p) == 0)
					q.type = types[i].t;
		} else if (*p == '@')
			q.price = D(p + 1);
		else if (strcmp(p, "close") == 0)
			q.close = true;
		else if (strcmp(p, "reduce") == 0)
			q.reduce = true;
		else if (strcmp(p, "mark") == 0)
			q.by_mark = true;
		else if (strcmp(p, "protect") == 0)
			q.protect = true;
		else if (strcmp(p, "LONG") == 0)
			q.pos_mode = MODE_LONG;
		else if (strncmp(p, "cb=", 3) == 0)
			q.callback = D(p + 3);
		else if (strncmp(p, "act=", 4) == 0)
			q.activate = D(p + 4);
		else if (strncmp(p, "GTD=", 4) == 0)
			q.tif = TIF_GTD, q.gtd_ms = atoll(p + 4);
		else if (strncmp(p, "id=", 3) == 0)
			snprintf(id, RIG_ID, "%s", p + 3), q.client_id = id;
		else
			q.trigger = D(p);
	}
	return q;
}

static int
try_algo(struct rig *r, int acct, const char *text, const struct engine_algo **a)
{
	char id[RIG_ID] = "";
	struct engine_algo_request q = parse_algo(text, id);
	int got;

	got = engine_algo_place(r->e, acct, BTC, &q, ++r->now, a, &r->f);
	rig_check(r);
	return got == 0 ? 0 : r->f.code;
}

static const struct engine_algo *
algo(struct rig *r, int acct, const char *text)
{
	const struct engine_algo *a = NULL;

	if (try_algo(r, acct, text, &a) != 0)
		fail_msg("%s: %d %s", text, r->f.code, r->f.text);
	return a;
}

static void
assert_algo(const struct engine_algo *a, const char *status)
{
	assert_string_equal(algo_status_name(a->status), status);
}

static void
test_a_stop_lives_as_the_venue_tells_it(void **state)
{
	const struct engine_algo *a;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	seed(&r, 0, "0.100");
	outside(&r, "b", "58990", "1");
	r.kinds = 1u << EV_ALGO | 1u << EV_ORDER;
	a = algo(&r, 0, "SELL 0.100 STOP_MARKET 59000 reduce id=sl");
	assert_true(a->id > 4000000000000000u);
	assert_log(&r, "algo 0 sl NEW\n");
	last(&r, "59000.10");
	assert_log(&r, "");
	last(&r, "59000");
	assert_log(&r, "algo 0 sl TRIGGERING\n"
	    "order 0 sl NEW NEW 0@0 n=0 rp=0 er=0\n"
	    "algo 0 sl TRIGGERED\n"
	    "order 0 sl TRADE FILLED 0.1@58990 n=2.9495 rp=-101 er=0\n"
	    "algo 0 sl FINISHED\n");
	assert_int_equal(a->order->orig_type, ORDER_STOP_MARKET);
	assert_int_equal(a->order->type, ORDER_MARKET);
	assert_dec(a->order->stop, "59000");
	assert_true(a->order->algo_id == a->id && a->order_id == a->order->id);
	assert_true(a->trigger_ms == r.now);
	assert_ptr_equal(engine_algo(r.e, 0, USDM, 0, "sl"), a);
	assert_ptr_equal(engine_algo(r.e, 0, USDM, a->id, NULL), a);
	assert_null(engine_algo(r.e, 0, COINM, a->id, NULL));
	assert_int_equal(engine_algo_cancel(r.e, 0, USDM, a->id, NULL, r.now, NULL, &r.f), -1);
	assert_int_equal(r.f.code, -2011);
	rig_close(&r);
}

static void
test_which_way_each_type_triggers(void **state)
{
	static const struct { const char *order, *not_yet, *now; } row[] = {
		{ "BUY 0.010 STOP_MARKET 60100", "60099.9", "60100" },
		{ "SELL 0.010 STOP_MARKET 59900", "59900.1", "59900" },
		{ "BUY 0.010 TP_MARKET 59900", "59900.1", "59900" },
		{ "SELL 0.010 TP_MARKET 60100", "60099.9", "60100" },
		{ "BUY 0.010 STOP 60100 @60200", "60099.9", "60100" },
		{ "SELL 0.010 TP 60100 @60050", "60099.9", "60100" },
		{ "BUY 0.010 TRAIL cb=1", "60599.9", "60600" },
		{ "SELL 0.010 TRAIL cb=0.5", "59700.1", "59700" },
	};
	const struct engine_algo *a;
	struct rig r;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		rig_open(&r, 0);
		mark(&r, BTC, "60000");
		a = algo(&r, 0, row[i].order);
		last(&r, row[i].not_yet);
		assert_algo(a, "NEW");
		last(&r, row[i].now);
		assert_string_not_equal(algo_status_name(a->status), "NEW");
		rig_close(&r);
	}
}

static void
test_a_trailing_stop_follows_once_it_is_active(void **state)
{
	const struct engine_algo *a;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	seed(&r, 0, "0.100");
	outside(&r, "b", "60390", "1");		/* what it will hit */
	r.kinds = 1u << EV_ALGO;
	assert_int_equal(try_algo(&r, 0, "SELL 0.1 TRAIL cb=1 act=59999 reduce", NULL), -2021);
	a = algo(&r, 0, "SELL 0.1 TRAIL cb=1 act=60500 reduce id=t");
	assert_false(a->active);
	last(&r, "59000");			/* falls, but is not active */
	last(&r, "60500");
	assert_true(a->active);
	assert_log(&r, "algo 0 t NEW\nalgo 0 t NEW\n");
	last(&r, "61000");
	assert_dec(a->extreme, "61000");
	last(&r, "60390.1");
	assert_algo(a, "NEW");
	last(&r, "60390");			/* 61000 x 0.99 */
	assert_algo(a, "FINISHED");
	assert_dec(a->order->filled, "0.1");
	rig_close(&r);
}

static void
test_mark_or_last_and_protection(void **state)
{
	const struct engine_algo *by_mark, *by_last, *safe;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	by_mark = algo(&r, 0, "SELL 0.010 STOP_MARKET 58000 mark");
	by_last = algo(&r, 0, "SELL 0.010 STOP_MARKET 56000");
	safe = algo(&r, 0, "SELL 0.010 STOP_MARKET 56000 protect");
	last(&r, "56000");	/* 6.7 % below the mark: more than triggerProtect */
	assert_algo(by_mark, "NEW");
	assert_algo(by_last, "FINISHED");
	assert_algo(safe, "NEW");
	mark(&r, BTC, "58000");	/* 3.4 % */
	assert_algo(by_mark, "FINISHED");
	assert_algo(safe, "FINISHED");
	rig_close(&r);
}

static void
test_close_position_takes_all_and_ends_with_the_position(void **state)
{
	const struct engine_algo *stop, *take;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	seed(&r, 0, "0.100");
	outside(&r, "b", "58990", "5");
	stop = algo(&r, 0, "SELL 0 STOP_MARKET 59000 close");
	take = algo(&r, 0, "SELL 0 TP_MARKET 61000 close");
	assert_int_equal(try_algo(&r, 0, "SELL 0 STOP_MARKET 59100 close", NULL), -4130);
	assert_int_equal(try_algo(&r, 0, "SELL 0.1 STOP_MARKET 59100 close", NULL), -4137);
	assert_int_equal(try_algo(&r, 0, "SELL 0 STOP_MARKET 59100 close reduce", NULL), -1106);
	assert_int_equal(try_algo(&r, 0, "SELL 0 STOP 59100 @59000 close", NULL), -4136);
	last(&r, "59000");
	assert_algo(stop, "FINISHED");
	assert_dec(stop->order->qty, "0.1");
	assert_true(stop->order->close && stop->order->reduce);
	assert_dec(position(&r, 0, BTC).amt, "0");
	assert_algo(take, "EXPIRED");
	rig_close(&r);
}

static void
test_conditional_orders_have_their_codes(void **state)
{
	static const struct { const char *order; int code; } row[] = {
		{ "SELL 0.010 STOP_MARKET 60000", -2021 },
		{ "SELL 0.010 TP_MARKET 59999.9", -2021 },
		{ "BUY 0.010 STOP_MARKET 59999", -2021 },
		{ "SELL 0.010 STOP_MARKET", -1102 },
		{ "SELL 0.010 STOP 59000", -1102 },
		{ "SELL 0.010 TRAIL", -1102 },
		{ "SELL 0.010 TRAIL cb=0.05", -2007 },
		{ "SELL 0.010 TRAIL cb=20.1", -2007 },
		{ "SELL 0.010 TRAIL cb=1 act=60000.05", -4135 },
		{ "SELL 0.010 LIMIT 59000", -1116 },
		{ "SELL 0.010 STOP_MARKET -1", -4006 },
		{ "BUY 0.010 STOP_MARKET 5000000", -4007 },
		{ "SELL 0.010 STOP_MARKET 59000.05", -4014 },
		{ "SELL 0.010 STOP_MARKET 59000.051", -1111 },
		{ "SELL 0 STOP_MARKET 59000", -4003 },
		{ "SELL 0.0105 STOP_MARKET 59000", -1111 },
		{ "SELL 0.0005 STOP_MARKET 59000", -1111 },
		{ "SELL 130 STOP_MARKET 59000", -4005 },
		{ "BUY 0.010 STOP 61000 @64050.1", -4183 },	/* 61000 x 1.05 = 64050 */
		{ "BUY 0.010 STOP 61000 @64050", 0 },
		{ "SELL 0.010 STOP 59000 @56049.9", -4184 },
		{ "SELL 0.010 STOP_MARKET 59000 LONG", -4061 },
		{ "SELL 0.010 STOP_MARKET 59000 id=a,b", -4015 },
		{ "SELL 0.010 STOP_MARKET 59000 id=twice", -4116 },
		{ "SELL 0.010 STOP_MARKET 59000 GTD=1700000000000", -5040 },
		{ "SELL 0.001 STOP_MARKET 49000", -4164 },
		{ "SELL 0.001 STOP_MARKET 49000 reduce", 0 },
	};
	struct rig r;
	int n;

	(void)state;
	rig_open(&r, 0);
	assert_int_equal(try_algo(&r, 0, row[0].order, NULL), -1122);
	mark(&r, BTC, "60000");
	algo(&r, 0, "SELL 0.010 STOP_MARKET 58000 id=twice");
	for (size_t i = 0; i < LEN(row); i++)
		if (try_algo(&r, 0, row[i].order, NULL) != row[i].code)
			fail_msg("%s: %d %s", row[i].order, r.f.code, r.f.text);
	assert_int_equal(engine_algo_cancel_all(r.e, 0, BTC, r.now, &n, NULL), 0);
	assert_int_equal(n, 3);
	for (n = 0; n < 200; n++)
		algo(&r, 0, "SELL 0.010 STOP_MARKET 58000");
	assert_int_equal(try_algo(&r, 0, "SELL 0.010 STOP_MARKET 58000", NULL), -4045);
	rig_close(&r);
}

static void
test_a_refused_trigger_says_why(void **state)
{
	const struct engine_algo *a;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	r.kinds = 1u << EV_ALGO | 1u << EV_ORDER;
	a = algo(&r, 0, "SELL 0.010 STOP_MARKET 59000 reduce id=r");
	last(&r, "59000");
	assert_log(&r, "algo 0 r NEW\nalgo 0 r TRIGGERING\nalgo 0 r REJECTED\n");
	assert_string_equal(a->reject, "ReduceOnly Order is rejected.");
	assert_null(engine_order_at(r.e, 0, 0));
	rig_close(&r);
}

/* Each sells into the book and pushes the last price to the next one's trigger. */
static void
test_stops_may_set_one_another_off(void **state)
{
	const struct engine_algo *a[4];
	char text[64];
	struct rig r;
	int i;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	for (i = 0; i < 4; i++) {
		snprintf(text, sizeof text, "%d", 59900 - 100 * i);
		outside(&r, "b", text, "0.010");
		snprintf(text, sizeof text, "SELL 0.010 STOP_MARKET %d", 59900 - 100 * i);
		a[i] = algo(&r, 0, text);
	}
	place(&r, 1, BTC, "SELL 0.010");	/* 59900 */
	for (i = 0; i < 3; i++) {
		assert_algo(a[i], "FINISHED");
		assert_order(a[i]->order, "FILLED", "0.01");
	}
	assert_algo(a[3], "FINISHED");
	assert_order(a[3]->order, "EXPIRED", "0");	/* nobody left to buy */
	assert_dec(engine_last_price(r.e, BTC), "59600");
	rig_close(&r);
}

static void
test_a_trigger_may_be_pulled_by_hand_and_a_date_may_end_it(void **state)
{
	const struct engine_algo *a;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	a = algo(&r, 0, "BUY 0.010 TP 59000 @59010 id=x");
	assert_int_equal(engine_algo_trigger(r.e, 0, USDM, 0, "x", ++r.now, NULL), 0);
	assert_algo(a, "TRIGGERED");
	assert_order(a->order, "NEW", "0");
	assert_int_equal(engine_cancel(r.e, 0, BTC, a->order_id, NULL, ++r.now, NULL, NULL), 0);
	assert_algo(a, "FINISHED");
	a = algo(&r, 0, "BUY 0.010 TP 59000 @59010 GTD=1700001000000");
	tick(&r, 1700001000000 - r.now);
	assert_algo(a, "EXPIRED");
	rig_close(&r);
}

/*
 * Retention
 */

static void
test_the_venue_forgets(void **state)
{
	const struct engine_order *o;
	const struct engine_algo *a;
	uint64_t unfilled, filled, stop, after;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	unfilled = place(&r, 0, BTC, "BUY 0.010 @ 59000 IOC id=u")->id;
	outside(&r, "a", "60001", "1");
	filled = place(&r, 0, BTC, "BUY 0.010")->id;
	a = algo(&r, 0, "BUY 0.010 STOP_MARKET 60100 id=s");
	last(&r, "60100");
	stop = a->order_id;
	assert_algo(a, "FINISHED");
	o = place(&r, 0, BTC, "BUY 0.010 @ 58000 id=open");
	tick(&r, 3 * DAY - 3600000);
	assert_non_null(engine_order(r.e, 0, BTC, unfilled, NULL));
	tick(&r, 2 * 3600000);
	assert_null(engine_order(r.e, 0, BTC, unfilled, NULL));
	assert_null(engine_order(r.e, 0, BTC, 0, "u"));
	assert_true(engine_order_at(r.e, 0, 0)->id == filled);
	assert_non_null(engine_order(r.e, 0, BTC, stop, NULL));
	assert_int_equal(engine_cancel(r.e, 0, BTC, o->id, NULL, ++r.now, NULL, NULL), 0);
	tick(&r, 3600000);		/* its three days were over long ago */
	assert_null(engine_order(r.e, 0, BTC, 0, "open"));
	tick(&r, 87 * DAY);
	assert_null(engine_order_at(r.e, 0, 0));
	assert_null(engine_algo_at(r.e, 0, 0));
	assert_null(engine_trade_at(r.e, 0, 0));
	after = place(&r, 0, BTC, "BUY 0.010 @ 59000 IOC")->id;
	assert_true(after > stop && after > filled);
	rig_close(&r);
}

static void
test_a_gtc_order_ends_after_a_year(void **state)
{
	const struct engine_order *o;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	o = place(&r, 0, BTC, "BUY 0.010 @ 59000 id=old");
	tick(&r, 365 * DAY - 3600000);
	assert_true(order_open(o));
	tick(&r, 2 * 3600000);
	assert_null(engine_open_first(r.e, 0));
	rig_close(&r);
}

/*
 * All of it at random
 */

static uint64_t dice;

/* What a run has reached, or it proves little. */
static struct { unsigned long trades, amended, forced, algo[ALGO_EXPIRED + 1]; } reached;

static void
count_event(void *arg, const struct engine_event *ev)
{
	(void)arg;
	if (ev->kind == EV_ALGO)
		reached.algo[ev->u.algo.o->status]++;
	else if (ev->kind == EV_TRADE)
		reached.trades++;
	else if (ev->kind == EV_ORDER) {
		reached.amended += ev->u.order.x == EXEC_AMENDMENT;
		reached.forced += ev->u.order.x == EXEC_CALCULATED;
	}
}

static int
roll(int n)
{
	return (int)(mix64(dice += MIX_STEP) % (unsigned)n);
}

/* Within 1 % of the mark, or beyond it where a trigger is wanted. */
static dec
around(const struct engine *e, int sym, int off)
{
	dec d = dec_int(roll(201) - 100 + off), tick = engine_rules(e, sym)->tick;

	assert_true(dec_mul(&d, d, (dec){ 1, 4 }) && dec_mul(&d, d, engine_mark_price(e, sym)));
	assert_true(dec_add(&d, d, engine_mark_price(e, sym)) && dec_floor(&d, d, tick));
	return d;
}

static dec
some_qty(const struct engine *e, int sym)
{
	return engine_contract(e, sym)->market == COINM ? dec_int(1 + roll(300)) :
	    (dec){ 1 + roll(600), 3 };
}

static enum pos_mode
some_leg(const struct engine *e, int acct)
{
	return engine_hedge(e, acct) ? (enum pos_mode)(1 + roll(2)) : MODE_BOTH;
}

static void
random_order(struct rig *r, int acct, int sym)
{
	struct engine_request q = {
		.side = roll(2) ? SIDE_BUY : SIDE_SELL, .pos_mode = some_leg(r->e, acct),
		.type = roll(3) ? ORDER_LIMIT : ORDER_MARKET, .tif = (enum order_tif)roll(5),
		.stp = (enum order_stp)roll(4), .price = around(r->e, sym, 0),
		.qty = some_qty(r->e, sym), .gtd_ms = r->now + 600000 + roll(900000)
	};

	q.reduce = q.pos_mode == MODE_BOTH && roll(4) == 0;
	if (q.type == ORDER_LIMIT && roll(6) == 0)
		q.match = (enum price_match)roll(9);
	if (engine_place(r->e, acct, sym, &q, r->now, NULL, &r->f) == -1)
		assert_int_equal(r->f.kind, FAULT_REJECTED);
}

static void
random_algo(struct rig *r, int acct, int sym)
{
	struct engine_algo_request q = {
		.side = roll(2) ? SIDE_BUY : SIDE_SELL, .pos_mode = some_leg(r->e, acct),
		.type = (enum order_type)(ORDER_STOP + roll(5)), .tif = (enum order_tif)roll(5),
		.protect = roll(2), .by_mark = roll(2), .trigger = around(r->e, sym, 0),
		.gtd_ms = r->now + 600000 + roll(900000)
	};

	q.close = roll(3) == 0;
	q.reduce = !q.close && q.pos_mode == MODE_BOTH && roll(2);
	if (!q.close)
		q.qty = some_qty(r->e, sym);
	if (q.type == ORDER_STOP || q.type == ORDER_TAKE_PROFIT)
		q.price = around(r->e, sym, 0);
	if (q.type == ORDER_TRAILING_STOP_MARKET) {
		q.callback = (dec){ 1 + roll(9), 1 };
		if (roll(2))
			q.activate = around(r->e, sym, 0);
	}
	if (engine_algo_place(r->e, acct, sym, &q, r->now, NULL, &r->f) == -1)
		assert_int_equal(r->f.kind, FAULT_REJECTED);
}

static void
random_outside(struct rig *r, int sym)
{
	struct engine_level l[6];
	int i, n = 1 + roll(6);

	if (roll(3) == 0) {
		engine_outside_trade(r->e, sym, roll(2) ? SIDE_BUY : SIDE_SELL, around(r->e, sym, 0),
		    some_qty(r->e, sym), r->now, NULL);
		return;
	}
	for (i = 0; i < n; i++) {
		l[i].side = roll(2) ? SIDE_BUY : SIDE_SELL;
		l[i].price = around(r->e, sym, l[i].side == SIDE_BUY ? -60 : 60);
		l[i].qty = roll(4) ? some_qty(r->e, sym) : dec_int(0);
	}
	if (engine_outside(r->e, sym, l, n, roll(20) == 0, r->now, &r->f) == -1)
		fail_msg("outside: %s", r->f.text);
}

static void
random_change(struct rig *r, int acct)
{
	const struct engine_order *o = engine_open_first(r->e, acct);
	struct engine_change c = { .modify_id = roll(9) };

	for (int k = roll(4); k > 0 && o != NULL && engine_open_next(o) != NULL; k--)
		o = engine_open_next(o);
	if (o == NULL)
		return;
	if (roll(3) == 0) {
		if (engine_cancel(r->e, acct, o->sym, o->id, NULL, r->now, NULL, &r->f) == -1)
			assert_int_equal(r->f.code, -2011);	/* its time has come before */
		return;
	}
	c.side = o->side;
	c.price = roll(3) ? around(r->e, o->sym, 0) : o->price;
	c.qty = roll(3) ? some_qty(r->e, o->sym) : o->qty;
	c.reduce = roll(5) == 0;
	engine_modify(r->e, acct, o->sym, o->id, NULL, &c, r->now, NULL, NULL);
}

static void
random_setting(struct rig *r, int acct, int sym)
{
	switch (roll(6)) {
	case 0:
		engine_cancel_all(r->e, acct, sym, r->now, NULL, NULL);
		engine_algo_cancel_all(r->e, acct, sym, r->now, NULL, NULL);
		engine_set_isolated(r->e, acct, sym, roll(2), r->now, NULL);
		break;
	case 1:
		engine_set_hedge(r->e, acct, roll(2), r->now, NULL);
		break;
	case 2:
		engine_set_leverage(r->e, acct, sym, 20 + roll(100), r->now, NULL, NULL);
		break;
	case 3:
		engine_deposit(r->e, acct, USDT, dec_int(roll(2000)), r->now, NULL);
		break;
	case 4:
		engine_countdown(r->e, acct, sym, roll(3) * 1000, r->now, NULL);
		break;
	default:
		r->now += roll(4) == 0 ? roll(1000) * 600000 : roll(60000);
		assert_int_equal(engine_tick(r->e, r->now, NULL), 0);
	}
}

static void
random_mark(struct rig *r, int sym)
{
	dec p = around(r->e, sym, roll(6) ? 0 : roll(2) ? 400 : -400);

	if (engine_mark(r->e, sym, p, r->now, &r->f) == -1)
		fail_msg("mark %d %s: %s", sym, S(p), r->f.text);
}

/* None that waits has been passed over. */
static void
check_waiting(const struct rig *r, int acct)
{
	const struct engine_algo *a;
	bool profit;
	dec price;
	int d;

	for (int i = 0; (a = engine_algo_at(r->e, acct, i)) != NULL; i++) {
		if (a->status != ALGO_NEW || a->protect)
			continue;
		price = a->by_mark ? engine_mark_price(r->e, a->sym) : engine_last_price(r->e, a->sym);
		if (a->type == ORDER_TRAILING_STOP_MARKET) {
			assert_true(!a->active || dec_cmp(a->extreme, price) * (int)a->side <= 0);
			assert_true(a->active || dec_cmp(price, a->activate) * (int)a->side > 0);
			continue;
		}
		profit = a->type == ORDER_TAKE_PROFIT || a->type == ORDER_TAKE_PROFIT_MARKET;
		d = dec_cmp(price, a->trigger) * (profit ? -1 : 1) * (int)a->side;
		assert_true(d < 0);
	}
}

static void
random_step(struct rig *r, const int *syms)
{
	int acct = roll(3), sym = syms[roll(3)], what = roll(100);

	r->now += roll(50);
	if (what < 45)
		random_order(r, acct, sym);
	else if (what < 55)
		random_algo(r, acct, sym);
	else if (what < 70)
		random_outside(r, sym);
	else if (what < 82)
		random_change(r, acct);
	else if (what < 94)
		random_mark(r, sym);
	else
		random_setting(r, acct, sym);
}

static void
test_invariants_hold_whatever_comes(void **state)
{
	struct engine_config c = engine_config_default();
	int syms[3] = { BTC, ETH, 0 }, i, step;
	struct rig r;

	(void)state;
	for (int seed = 1; seed <= SEEDS; seed++) {
		memset(&r, 0, sizeof r);
		dice = (uint64_t)seed;
		r.now = 1700000000000;
		c.sink = count_event;
		c.liquidation_ms = seed % 3 == 0 ? 20 : 0;
		c.insurance = seed % 2 == 0 ? dec_int(3) : dec_int(1000000);
		assert_non_null(r.e = engine_new(&c, NULL));
		syms[2] = engine_symbol(r.e, "BTCUSD_PERP");
		for (i = 0; i < 3; i++) {
			assert_int_equal(engine_account_new(r.e, dec_int(1000 + 2000 * i), NULL), i);
			assert_int_equal(engine_deposit(r.e, i, engine_asset_of(r.e, syms[2]), (dec){ 2, 1 },
			    r.now, NULL), 0);
			assert_int_equal(engine_mark(r.e, syms[i], dec_int(i == 1 ? 3000 : 60000), r.now,
			    NULL), 0);
		}
		for (step = 0; step < 1500; step++) {
			const char *why;

			random_step(&r, syms);
			if ((why = engine_check(r.e)) != NULL)
				fail_msg("seed %d, step %d: %s", seed, step, why);
			check_waiting(&r, step % 3);
		}
		engine_free(r.e);
	}
	assert_true(reached.trades > 5000 && reached.amended > 300 && reached.forced > 40);
	for (i = ALGO_NEW; i <= ALGO_EXPIRED; i++)
		assert_true(reached.algo[i] > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_price_match_takes_its_price_from_the_book),
		cmocka_unit_test(test_good_till_date_ends_on_its_second),
		cmocka_unit_test(test_the_countdown_cancels_unless_it_is_called_again),
		cmocka_unit_test(test_a_symbol_that_does_not_trade_takes_no_orders_but_cancels),
		cmocka_unit_test(test_modifying_has_its_codes),
		cmocka_unit_test(test_a_modified_order_goes_to_the_back_and_may_trade),
		cmocka_unit_test(test_a_modified_reduce_only_order_stays_within_the_position),
		cmocka_unit_test(test_hedge_mode_keeps_two_legs),
		cmocka_unit_test(test_contracts_are_worth_their_size_over_the_price),
		cmocka_unit_test(test_the_outside_is_traded_with_in_its_turn),
		cmocka_unit_test(test_a_trade_through_a_price_fills_who_waits_there),
		cmocka_unit_test(test_an_outside_level_runs_through_orders_and_pushes_stale_ones_away),
		cmocka_unit_test(test_a_stop_lives_as_the_venue_tells_it),
		cmocka_unit_test(test_which_way_each_type_triggers),
		cmocka_unit_test(test_a_trailing_stop_follows_once_it_is_active),
		cmocka_unit_test(test_mark_or_last_and_protection),
		cmocka_unit_test(test_close_position_takes_all_and_ends_with_the_position),
		cmocka_unit_test(test_conditional_orders_have_their_codes),
		cmocka_unit_test(test_a_refused_trigger_says_why),
		cmocka_unit_test(test_stops_may_set_one_another_off),
		cmocka_unit_test(test_a_trigger_may_be_pulled_by_hand_and_a_date_may_end_it),
		cmocka_unit_test(test_the_venue_forgets),
		cmocka_unit_test(test_a_gtc_order_ends_after_a_year),
		cmocka_unit_test(test_invariants_hold_whatever_comes),
	};

	return cmocka_run_group_tests_name("simorder", tests, NULL, NULL);
}

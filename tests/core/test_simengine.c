/* The simulated exchange: matching, margin, liquidation. Known answers are the
 * venue's (recorded account rows, FAQ figures) or follow from its formulas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/specs.h"
#include "simrig.h"

/*
 * Matching
 */

static void
test_better_price_first_then_the_older(void **state)
{
	const struct engine_order *a, *b, *c, *t;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	a = place(&r, 0, BTC, "SELL 0.010 @ 60010");
	b = place(&r, 0, BTC, "SELL 0.010 @ 60000");
	c = place(&r, 0, BTC, "SELL 0.010 @ 60000");
	r.kinds = 1u << EV_TRADE;
	t = place(&r, 1, BTC, "BUY 0.015 @ 60010");
	assert_order(t, "FILLED", "0.015");
	assert_order(b, "FILLED", "0.01");
	assert_order(c, "PARTIALLY_FILLED", "0.005");
	assert_order(a, "NEW", "0");
	assert_dec(order_avg(r.e, t), "60000");
	t = place(&r, 1, BTC, "BUY 0.010 @ 60020");
	assert_log(&r, "trade 1 0.01@60000 bought\ntrade 2 0.005@60000 bought\n"
	    "trade 3 0.005@60000 bought\ntrade 4 0.005@60010 bought\n");
	assert_dec(t->quote, "600.05");
	rig_close(&r);
}

static void
test_a_rest_waits_and_is_found_by_both_ids(void **state)
{
	const struct engine_order *o, *t;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	place(&r, 0, BTC, "SELL 0.004 @ 60000");
	o = place(&r, 1, BTC, "BUY 0.010 @ 60000 id=mine");
	assert_order(o, "PARTIALLY_FILLED", "0.004");
	assert_ptr_equal(engine_order(r.e, 1, BTC, o->id, NULL), o);
	assert_ptr_equal(engine_order(r.e, 1, BTC, 0, "mine"), o);
	assert_null(engine_order(r.e, 0, BTC, o->id, NULL));
	assert_ptr_equal(engine_open_first(r.e, 1), o);
	assert_null(engine_open_next(o));
	assert_int_equal(try_place(&r, 1, BTC, "BUY 0.010 @ 60000 id=mine", NULL), -4116);
	assert_string_equal(r.f.text, "ClientOrderId is duplicated.");
	assert_int_equal(engine_cancel(r.e, 1, BTC, 0, "mine", ++r.now, NULL, NULL), 0);
	assert_order(o, "CANCELED", "0.004");
	assert_int_equal(engine_cancel(r.e, 1, BTC, o->id, NULL, ++r.now, NULL, &r.f), -1);
	assert_int_equal(r.f.code, -2011);
	t = place(&r, 1, BTC, "BUY 0.010 @ 60000 id=mine");	/* free again, once closed */
	assert_ptr_equal(engine_order(r.e, 1, BTC, 0, "mine"), t);
	assert_int_equal(t->id, o->id + 1);
	assert_ptr_equal(engine_order_at(r.e, 1, 0), o);
	assert_ptr_equal(engine_order_at(r.e, 1, 1), t);
	assert_null(engine_order_at(r.e, 1, 2));
	rig_close(&r);
}

static void
test_ids_are_small_for_btc_and_beyond_doubles_for_the_others(void **state)
{
	const struct engine_order *o;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	mark(&r, ETH, "3000");
	assert_true(place(&r, 0, BTC, "BUY 0.010 @ 59000")->id < 1ull << 53);
	o = place(&r, 0, ETH, "BUY 0.010 @ 2990");
	assert_true(o->id == 8389765606284283461u);
	assert_int_equal(strlen(o->client_id), 22);
	assert_int_equal(engine_set_first_id(r.e, ETH, 7, &r.f), -1);
	assert_int_equal(engine_set_first_id(r.e, SOL, 7, &r.f), 0);
	rig_close(&r);
}

static void
test_time_in_force(void **state)
{
	static const struct {
		const char *order, *status, *filled;
		int code, reason;
	} row[] = {	/* against 0.010 @ 60000 and 0.010 @ 60010 */
		{ "BUY 0.015 @ 60000 IOC", "EXPIRED", "0.01", 0, 2 },
		{ "BUY 0.020 @ 60010 IOC", "FILLED", "0.02", 0, 0 },
		{ "BUY 0.010 @ 59990 IOC", "EXPIRED", "0", 0, 2 },
		{ "BUY 0.020 @ 60010 FOK", "FILLED", "0.02", 0, 0 },
		{ "BUY 0.020 @ 60000 FOK", NULL, NULL, -5021, 0 },
		{ "BUY 0.021 @ 60010 FOK", NULL, NULL, -5021, 0 },
		{ "BUY 0.010 @ 60000 GTX", NULL, NULL, -5022, 0 },
		{ "BUY 0.010 @ 59999.90 GTX", "NEW", "0", 0, 0 },
		{ "BUY 0.020 @ 60000 GTC", "PARTIALLY_FILLED", "0.01", 0, 0 },
		{ "BUY 0.020", "FILLED", "0.02", 0, 0 },
		{ "BUY 0.030", "EXPIRED", "0.02", 0, 9 },
	};
	const struct engine_order *o;
	struct rig r;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		rig_open(&r, 0);
		mark(&r, BTC, "60000");
		place(&r, 0, BTC, "SELL 0.010 @ 60000");
		place(&r, 0, BTC, "SELL 0.010 @ 60010");
		assert_int_equal(try_place(&r, 1, BTC, row[i].order, &o), row[i].code);
		if (row[i].code == 0) {
			assert_order(o, row[i].status, row[i].filled);
			assert_int_equal(o->reason, row[i].reason);
		} else {	/* and it is not in the history */
			assert_null(engine_order_at(r.e, 1, 0));
		}
		rig_close(&r);
	}
}

static void
test_self_trade_prevention_is_the_takers_choice(void **state)
{
	static const struct { const char *order, *maker, *taker, *filled; int er; } row[] = {
		{ "BUY 0.020 @ 60000",	     "EXPIRED_IN_MATCH", "PARTIALLY_FILLED", "0.01", 0 },
		{ "BUY 0.020 @ 60000 taker", "NEW", "EXPIRED_IN_MATCH", "0", 1 },
		{ "BUY 0.020 @ 60000 IOC taker", "NEW", "EXPIRED_IN_MATCH", "0", 3 },
		{ "BUY 0.020 @ 60000 both",  "EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH", "0", 1 },
		{ "BUY 0.020 @ 60000 none",  "FILLED", "FILLED", "0.02", 0 },
		{ "BUY 0.020 @ 60000 FOK",   "FILLED", "FILLED", "0.02", 0 },	/* no effect */
	};
	const struct engine_order *m, *t;
	struct rig r;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		rig_open(&r, 0);
		mark(&r, BTC, "60000");
		m = place(&r, 1, BTC, "SELL 0.010 @ 60000");	/* its own, and first */
		place(&r, 0, BTC, "SELL 0.010 @ 60000");
		t = place(&r, 1, BTC, row[i].order);
		assert_string_equal(order_status_name(m->status), row[i].maker);
		assert_order(t, row[i].taker, row[i].filled);
		assert_int_equal(t->reason, row[i].er);
		rig_close(&r);
	}
}

static void
test_reduce_only_never_opens(void **state)
{
	const struct engine_order *a, *b;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	assert_int_equal(try_place(&r, 0, BTC, "SELL 0.010 @ 60100 reduce", NULL), -2022);
	assert_string_equal(r.f.text, "ReduceOnly Order is rejected.");
	assert_int_equal(engine_seed_position(r.e, 0, BTC, D("0.100"), D("60000"), r.now, NULL), 0);
	assert_int_equal(try_place(&r, 0, BTC, "BUY 0.010 @ 59000 reduce", NULL), -2022);
	assert_int_equal(try_place(&r, 0, BTC, "SELL 0.101 reduce", NULL), -2022);
	a = place(&r, 0, BTC, "SELL 0.060 @ 60100 reduce");
	b = place(&r, 0, BTC, "SELL 0.040 @ 60200 reduce");
	assert_dec(position(&r, 0, BTC).ask, "0");	/* needs no margin */
	assert_int_equal(try_place(&r, 0, BTC, "SELL 0.001 @ 60200 reduce", NULL), -4118);
	place(&r, 1, BTC, "BUY 0.050 @ 60000");
	place(&r, 0, BTC, "SELL 0.030 reduce");	/* goes before those that wait */
	assert_order(a, "NEW", "0");
	assert_order(b, "EXPIRED", "0");	/* 0.07 left cannot cover both */
	assert_int_equal(b->reason, 4);
	place(&r, 0, BTC, "SELL 0.020 @ 60000");
	assert_dec(position(&r, 0, BTC).amt, "0.05");
	assert_order(a, "EXPIRED", "0");
	place(&r, 1, BTC, "BUY 0.050 @ 60000");
	place(&r, 0, BTC, "SELL 0.050 reduce");
	assert_dec(position(&r, 0, BTC).amt, "0");
	rig_close(&r);
}

static void
test_a_turned_position_takes_reduce_only_orders_along(void **state)
{
	const struct engine_order *a;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	assert_int_equal(engine_seed_position(r.e, 0, BTC, D("0.010"), D("60000"), r.now, NULL), 0);
	a = place(&r, 0, BTC, "SELL 0.010 @ 60100 reduce");
	place(&r, 1, BTC, "BUY 0.030 @ 60000");
	place(&r, 0, BTC, "SELL 0.030");
	assert_dec(position(&r, 0, BTC).amt, "-0.02");
	assert_order(a, "EXPIRED", "0");
	assert_int_equal(a->reason, 4);
	rig_close(&r);
}

static void
test_reduce_only_is_cut_short_within_one_match(void **state)
{
	const struct engine_order *a, *t;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	assert_int_equal(engine_seed_position(r.e, 0, BTC, D("0.100"), D("60000"), r.now, NULL), 0);
	place(&r, 0, BTC, "SELL 0.050 @ 60000");
	a = place(&r, 0, BTC, "SELL 0.100 @ 60010 reduce");
	t = place(&r, 1, BTC, "BUY 0.200 @ 60010 IOC");
	assert_order(t, "EXPIRED", "0.1");
	assert_order(a, "EXPIRED", "0.05");
	assert_int_equal(a->reason, 4);
	assert_dec(position(&r, 0, BTC).amt, "0");
	rig_close(&r);
}

static void
test_filters_refuse_by_the_exchanges_code_and_text(void **state)
{
	static const struct { int sym; const char *order; int code; const char *text; } row[] = {
		{ BTC, "BUY 0.010 @ 60000.03", -4014, "Price not increased by tick size." },
		{ BTC, "BUY 0.010 @ 60000.031", -1111,
		  "Precision is over the maximum defined for this asset." },
		{ BTC, "BUY 0.0101 @ 60000", -1111, NULL },
		{ BTC, "BUY 0.010 @ 0", -4001, "Price less than 0." },
		{ BTC, "BUY 0.010 @ -1", -4001, NULL },
		{ BTC, "BUY 0.010 @ 500", -4013, "Price less than min price." },
		{ BTC, "BUY 0.010 @ 5000000", -4002, "Price greater than max price." },
		{ BTC, "BUY 0 @ 60000", -4003, "Quantity less than or equal to zero." },
		{ BTC, "BUY 1000.001 @ 60000", -4005, "Quantity greater than max quantity." },
		{ BTC, "BUY 120.001", -4005, NULL },
		{ BTC, "BUY 0.010 @ 63000.10", -4016, "Limit price can't be higher than 63000.00." },
		{ BTC, "SELL 0.010 @ 56999.90", -4024, "Limit price can't be lower than 57000.00." },
		{ BTC, "BUY 0.001 @ 49999.90", -4164,
		  "Order's notional must be no smaller than 50 (unless you choose reduce only)." },
		{ ETH, "BUY 0.006 @ 3000", -4164,
		  "Order's notional must be no smaller than 20 (unless you choose reduce only)." },
		{ ETH, "BUY 0.006", -4164, NULL },
		{ SOL, "BUY 0.01 @ 150.0050", -4014, NULL },
		{ DOGE, "BUY 10.5 @ 0.2", -1111, NULL },
		{ BTC, "BUY 0.010 @ 60000 LONG", -4061,
		  "Order's position side does not match user's setting." },
		{ BTC, "BUY 0.010 @ 60000 id=12345678901234567890123456789012345678", -4015, NULL },
		{ BTC, "BUY 400.000 @ 60000", -2019, "Margin is insufficient." },
		{ BTC, "BUY 0.010 @ 63000", 0, NULL },	/* the bounds themselves pass */
		{ BTC, "SELL 0.010 @ 57000", 0, NULL },
		{ BTC, "BUY 0.001 @ 50000", 0, NULL },
		{ BTC, "BUY 0.0100 @ 60000.000", 0, NULL },
		{ SOL, "BUY 0.04 @ 149.9900", 0, NULL },
		{ DOGE, "BUY 25 @ 0.200000", 0, NULL },
	};
	struct rig r;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		rig_open(&r, 0);
		mark(&r, BTC, "60000");
		mark(&r, ETH, "3000");
		mark(&r, SOL, "150");
		mark(&r, DOGE, "0.2");
		if (try_place(&r, 0, row[i].sym, row[i].order, NULL) != row[i].code)
			fail_msg("%s: %d %s", row[i].order, r.f.code, r.f.text);
		if (row[i].text != NULL)
			assert_string_equal(r.f.text, row[i].text);
		rig_close(&r);
	}
}

static void
test_a_tested_order_leaves_nothing_behind(void **state)
{
	char id[RIG_ID] = "";
	struct engine_request q = parse("BUY 0.010 @ 60000 GTX id=t", id);
	struct rig r;

	(void)state;
	rig_open(&r, 0);
	r.kinds = ~0u;
	assert_int_equal(engine_place_test(r.e, 0, BTC, &q, ++r.now, &r.f), -1);
	assert_int_equal(r.f.code, -1122);
	mark(&r, BTC, "60000");
	buf_reset(&r.log);
	assert_int_equal(engine_place_test(r.e, 0, BTC, &q, ++r.now, &r.f), 0);
	q.price = D("60000.05");
	assert_int_equal(engine_place_test(r.e, 0, BTC, &q, ++r.now, &r.f), -1);
	assert_int_equal(r.f.code, -4014);
	assert_null(r.log.len > 0 ? r.log.p : NULL);
	assert_null(engine_order(r.e, 0, BTC, 0, "t"));
	place(&r, 0, BTC, "BUY 0.010 @ 60000 IOC id=t");
	assert_order(engine_order(r.e, 0, BTC, 0, "t"), "EXPIRED", "0");	/* closed, kept */
	rig_close(&r);
}

static void
test_orders_are_limited_and_need_a_market(void **state)
{
	struct rig r;
	int i, n;

	(void)state;
	rig_open(&r, 0);
	assert_int_equal(try_place(&r, 0, BTC, "BUY 0.010 @ 60000", NULL), -1122);
	mark(&r, BTC, "60000");
	assert_int_equal(place(&r, 0, BTC, "BUY 0.010")->status, STATUS_EXPIRED);
	for (i = 0; i < 200; i++)
		place(&r, 0, BTC, "BUY 0.001 @ 59000");
	assert_int_equal(try_place(&r, 0, BTC, "BUY 0.001 @ 59000", NULL), -2025);
	assert_int_equal(place(&r, 0, BTC, "BUY 0.001 @ 59000 IOC")->status, STATUS_EXPIRED);
	assert_int_equal(engine_cancel_all(r.e, 0, BTC, ++r.now, &n, NULL), 0);
	assert_int_equal(n, 200);
	assert_dec(position(&r, 0, BTC).bid, "0");
	place(&r, 0, BTC, "BUY 0.001 @ 59000");
	rig_close(&r);
}

static void
test_a_market_order_stays_within_its_bound(void **state)
{
	const struct engine_order *o;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	place(&r, 0, BTC, "SELL 0.010 @ 62990");
	place(&r, 0, BTC, "SELL 0.010 @ 63000.10");
	o = place(&r, 1, BTC, "BUY 0.020");	/* 5 % of 60000 is 63000 */
	assert_order(o, "EXPIRED", "0.01");
	assert_int_equal(o->reason, 9);
	assert_int_equal(try_place(&r, 1, BTC, "BUY 0.020", NULL), -4131);
	assert_string_equal(r.f.text,
	    "The counterparty's best price does not meet the PERCENT_PRICE filter limit.");
	rig_close(&r);
}

/*
 * The market maker
 */

static void
quote(struct rig *r, int sym, const char *spread, int levels, int gap, const char *qty)
{
	struct engine_maker m = { D(spread), levels, gap, D(qty) };

	if (engine_set_maker(r->e, sym, &m, &r->f) == -1)
		fail_msg("%s", r->f.text);
}

static void
test_the_maker_quotes_around_the_price(void **state)
{
	struct engine_level l[4];
	const struct engine_order *o;
	struct rig r;

	(void)state;
	rig_open(&r, 0);
	quote(&r, BTC, "0.0001", 3, 10, "1.000");
	r.kinds = 1u << EV_BOOK;
	mark(&r, BTC, "60000.04");	/* half a spread is 3.000002 */
	assert_log(&r, "book 1-6 b1@59997 b1@59996 b1@59995 a1@60003.1 a1@60004.1 a1@60005.1\n");
	o = place(&r, 0, BTC, "BUY 1.500");
	assert_order(o, "FILLED", "1.5");
	assert_dec(o->quote, "90005.15");
	assert_log(&r, "book 7-8 a0@60003.1 a0.5@60004.1\n");
	mark(&r, BTC, "60000.14");	/* fresh quotes, a tick higher on one side only */
	assert_int_equal(engine_depth(r.e, BTC, SIDE_SELL, l, 4), 3);
	assert_dec(l[0].price, "60003.2");
	assert_dec(l[0].qty, "1");
	assert_dec(engine_last_price(r.e, BTC), "60004.1");
	assert_true(engine_update_id(r.e, BTC) > 8);
	rig_close(&r);
}

static void
test_the_maker_runs_through_resting_orders(void **state)
{
	const struct engine_order *o;
	const struct engine_trade *t;
	struct rig r;

	(void)state;
	rig_open(&r, 0);
	quote(&r, BTC, "0", 2, 1, "0.300");
	mark(&r, BTC, "60000");
	o = place(&r, 0, BTC, "BUY 0.500 @ 59900 GTX");
	mark(&r, BTC, "59900");		/* its ask is a tick above: not yet */
	assert_order(o, "NEW", "0");
	mark(&r, BTC, "59899.80");
	assert_order(o, "FILLED", "0.5");	/* 0.3 and 0.2 of two quotes */
	t = engine_trade_at(r.e, 0, 0);
	assert_true(t->maker);
	assert_dec(t->price, "59900");
	assert_dec(t->qty, "0.3");
	assert_dec(t->commission, "3.594");	/* 0.3 x 59900 x 0.0002 */
	rig_close(&r);
}

/*
 * Money
 */

static void
test_entry_is_averaged_and_pnl_is_booked(void **state)
{
	struct engine_position p;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	place(&r, 1, BTC, "SELL 0.500 @ 60000");
	place(&r, 0, BTC, "BUY 0.500");
	p = position(&r, 0, BTC);
	assert_dec(p.entry, "60000");
	assert_dec(p.break_even, "60030");	/* EP x (1 + paid fee rate) */
	assert_dec(position(&r, 1, BTC).break_even, "59988");	/* short, maker */
	mark(&r, BTC, "63000");
	place(&r, 1, BTC, "SELL 0.250 @ 63000");
	place(&r, 0, BTC, "BUY 0.250");
	p = position(&r, 0, BTC);
	assert_dec(p.entry, "61000");
	assert_dec(p.upnl, "1500");
	assert_dec(balance(&r, 0).wallet, "999977.125");	/* 15 and 7.875 of fees */
	mark(&r, BTC, "64000");
	place(&r, 1, BTC, "BUY 0.300 @ 64000");
	place(&r, 0, BTC, "SELL 0.300");
	p = position(&r, 0, BTC);
	assert_dec(p.entry, "61000");
	assert_dec(p.amt, "0.45");
	assert_dec(engine_trade_at(r.e, 0, 2)->pnl, "900");
	assert_dec(balance(&r, 0).wallet, "1000867.525");
	/* EP + (15 + 7.875 + 9.6 - 900) / 0.45, cut off */
	assert_dec(p.break_even, "59072.166666666666");
	rig_close(&r);
}

static void
test_commission_is_taken_by_role(void **state)
{
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	place(&r, 1, BTC, "SELL 0.050 @ 60000 id=m");
	r.kinds = 1u << EV_ORDER | 1u << EV_ACCOUNT;
	place(&r, 0, BTC, "BUY 0.050 id=t");
	assert_log(&r,
	    "order 0 t NEW NEW 0@0 n=0 rp=0 er=0\n"
	    "account 1 ORDER wb=999999.4 cw=999999.4 bc=0 pa=-0.05 ep=60000 iw=0\n"
	    "order 1 m TRADE FILLED 0.05@60000 n=0.6 rp=0 er=0\n"
	    "account 0 ORDER wb=999998.5 cw=999998.5 bc=0 pa=0.05 ep=60000 iw=0\n"
	    "order 0 t TRADE FILLED 0.05@60000 n=1.5 rp=0 er=0\n");
	assert_dec(engine_fees(r.e, USDT), "2.1");
	rig_close(&r);
}

static void
test_opposite_orders_need_no_extra_margin(void **state)
{
	struct engine_position p;
	struct rig r;

	(void)state;
	rig_open_at(&r, ETH, "3295.19713112");
	assert_int_equal(engine_seed_position(r.e, 0, ETH, D("0.117"), D("3295"), r.now, NULL), 0);
	place(&r, 0, ETH, "BUY 0.100 @ 3288.00");
	place(&r, 0, ETH, "SELL 0.100 @ 3297.00");
	p = position(&r, 0, ETH);	/* a row of a real account, all digits */
	assert_dec(p.notional, "385.53806434");
	assert_dec(p.bid, "328.8");
	assert_dec(p.ask, "329.7");
	assert_dec(p.pos_im, "19.27690321");
	assert_dec(p.order_im, "16.44");
	assert_dec(p.im, "35.71690321");
	assert_dec(p.maint, "1.54215225");
	rig_close(&r);
}

static void
test_the_cost_of_an_order_includes_its_open_loss(void **state)
{
	static const struct { const char *wallet, *mark, *order; int code; } row[] = {
		/* FAQ: 9253.30 at 20x with mark 9259.84: buy 462.665, sell 469.205 */
		{ "462.665", "9259.84", "BUY 1 @ 9253.30", 0 },
		{ "462.664", "9259.84", "BUY 1 @ 9253.30", -2019 },
		{ "469.205", "9259.84", "SELL 1 @ 9253.30", 0 },
		{ "469.204", "9259.84", "SELL 1 @ 9253.30", -2019 },
		/* 1000 at 20x: 0.32206 at 60100, 0.32310 at 59900 */
		{ "1000", "60000", "BUY 0.322 @ 60100", 0 },
		{ "1000", "60000", "BUY 0.323 @ 60100", -2019 },
		{ "1000", "60000", "SELL 0.323 @ 59900", 0 },
		{ "1000", "60000", "SELL 0.324 @ 59900", -2019 },
		{ "0", "60000", "BUY 0.001 @ 60000", -2019 },
	};
	struct rig r;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		rig_open(&r, 0);
		mark(&r, BTC, row[i].mark);
		assert_int_equal(engine_account_new(r.e, D(row[i].wallet), NULL), 2);
		if (try_place(&r, 2, BTC, row[i].order, NULL) != row[i].code)
			fail_msg("%s: %d", row[i].order, r.f.code);
		rig_close(&r);
	}
}

static void
test_a_market_order_is_valued_a_little_worse(void **state)
{
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "103000");
	place(&r, 0, BTC, "SELL 1 @ 102946.8");
	assert_int_equal(engine_account_new(r.e, D("5149.91"), NULL), 2);
	assert_int_equal(engine_account_new(r.e, D("5149.92"), NULL), 3);
	/* best ask x 1.0005 / 20 = 5149.9137 */
	assert_int_equal(try_place(&r, 2, BTC, "BUY 1", NULL), -2019);
	place(&r, 3, BTC, "BUY 1");
	rig_close(&r);
}

/* The mark may lift a position over the cap of its leverage; it may still go. */
static void
test_closing_is_not_held_up_by_the_leverage_cap(void **state)
{
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	assert_int_equal(engine_set_leverage(r.e, 0, BTC, 125, r.now, NULL, NULL), 0);
	assert_int_equal(engine_seed_position(r.e, 0, BTC, D("0.800"), D("60000"), r.now, NULL), 0);
	mark(&r, BTC, "63000");
	assert_int_equal(try_place(&r, 0, BTC, "BUY 0.001 @ 63000", NULL), -2027);
	place(&r, 0, BTC, "SELL 0.100 @ 63000");
	rig_close(&r);
}

static void
test_closing_is_free_of_margin(void **state)
{
	struct rig r;
	int a;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	a = engine_account_new(r.e, D("10000"), NULL);
	assert_int_equal(engine_seed_leverage(r.e, a, BTC, D("20"), r.now, NULL), 0);
	assert_dec(balance(&r, a).available, "1");	/* 3.333 x 60000 / 20 = 9999 */
	assert_int_equal(try_place(&r, a, BTC, "BUY 0.001 @ 60000", NULL), -2019);
	place(&r, a, BTC, "SELL 6.555 @ 61000");	/* up to twice its value */
	place(&r, 0, BTC, "BUY 4.000 @ 60000");
	assert_int_equal(try_place(&r, a, BTC, "SELL 3.333 @ 60000", NULL), -2019);
	place(&r, a, BTC, "SELL 3.333 reduce");
	assert_dec(position(&r, a, BTC).amt, "0");
	rig_close(&r);
}

/* A resting order that would lose at once holds its loss back as well. */
static void
test_available_counts_everything_reserved(void **state)
{
	struct rig r;
	int a;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	a = engine_account_new(r.e, D("10000"), NULL);
	place(&r, a, BTC, "BUY 1 @ 60100");
	assert_dec(balance(&r, a).order_im, "3005");
	assert_dec(balance(&r, a).available, "6895");	/* and 100 of open loss */
	assert_dec(balance(&r, a).withdraw, "6895");
	place(&r, 0, BTC, "SELL 1 @ 60100");
	mark(&r, BTC, "61000");
	assert_dec(balance(&r, a).wallet, "9987.98");	/* maker: 60100 x 0.0002 */
	assert_dec(balance(&r, a).margin, "10887.98");
	assert_dec(balance(&r, a).available, "7837.98");	/* - 3050 */
	assert_dec(balance(&r, a).withdraw, "6937.98");	/* profit stays */
	assert_int_equal(engine_seed_leverage(r.e, 1, ETH, D("-2"), r.now, &r.f), -1);
	mark(&r, ETH, "3000");
	assert_int_equal(engine_seed_leverage(r.e, 1, ETH, D("-2"), r.now, &r.f), 0);
	assert_dec(position(&r, 1, ETH).amt, "-666.666");
	rig_close(&r);
}

static void
test_isolated_margin_moves_with_the_position(void **state)
{
	struct engine_position p;
	struct engine_balance b;
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	assert_int_equal(engine_set_isolated(r.e, 0, BTC, true, r.now, NULL), 0);
	assert_int_equal(engine_set_leverage(r.e, 0, BTC, 10, r.now, NULL, NULL), 0);
	place(&r, 1, BTC, "SELL 0.500 @ 60000");
	place(&r, 0, BTC, "BUY 0.500");
	p = position(&r, 0, BTC);
	assert_dec(p.iso_wallet, "3000");
	b = balance(&r, 0);
	assert_dec(b.wallet, "999985");
	assert_dec(b.cross_wallet, "996985");
	assert_dec(b.available, "996985");
	mark(&r, BTC, "61000");
	p = position(&r, 0, BTC);
	assert_dec(p.iso_margin, "3500");
	assert_dec(p.liq, "54216.86746987");	/* (3000 - 30000) / (0.5 x 0.004 - 0.5) */
	assert_int_equal(engine_move_margin(r.e, 0, BTC, MODE_BOTH, D("-451"), r.now, &r.f), -1);
	assert_int_equal(r.f.code, -4051);	/* 3500 - 30500 / 10 */
	assert_int_equal(engine_move_margin(r.e, 0, BTC, MODE_BOTH, D("-450"), r.now, &r.f), 0);
	assert_int_equal(engine_move_margin(r.e, 0, BTC, MODE_BOTH, D("450"), r.now, &r.f), 0);
	place(&r, 1, BTC, "BUY 0.200 @ 61000");
	place(&r, 0, BTC, "SELL 0.200");	/* releases two fifths */
	p = position(&r, 0, BTC);
	assert_dec(p.iso_wallet, "1800");
	assert_dec(balance(&r, 0).wallet, "1000178.9");	/* + 200 - 6.1 */
	place(&r, 1, BTC, "BUY 0.400 @ 61000");
	place(&r, 0, BTC, "SELL 0.400");	/* through zero */
	p = position(&r, 0, BTC);
	assert_dec(p.amt, "-0.1");
	assert_dec(p.entry, "61000");
	assert_dec(p.iso_wallet, "610");
	assert_dec(p.break_even, "60969.5");
	rig_close(&r);
}

static void
test_settings_are_guarded(void **state)
{
	struct rig r;
	dec cap;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	r.kinds = 1u << EV_CONFIG;
	assert_int_equal(engine_set_leverage(r.e, 0, BTC, 50, r.now, &cap, NULL), 0);
	assert_dec(cap, "12000000");
	assert_log(&r, "config 0 50\n");
	assert_int_equal(engine_set_leverage(r.e, 0, BTC, 126, r.now, NULL, &r.f), -1);
	assert_int_equal(r.f.code, -4028);
	assert_string_equal(r.f.text, "Leverage 126 is not valid");
	assert_int_equal(engine_set_leverage(r.e, 0, BTC, 0, r.now, NULL, &r.f), -1);
	assert_int_equal(r.f.code, -4028);
	assert_int_equal(engine_set_isolated(r.e, 0, BTC, false, r.now, &r.f), -1);
	assert_int_equal(r.f.code, -4046);
	assert_string_equal(r.f.text, "No need to change margin type.");
	place(&r, 0, BTC, "BUY 0.100 @ 59000");
	assert_int_equal(engine_set_isolated(r.e, 0, BTC, true, r.now, &r.f), -1);
	assert_int_equal(r.f.code, -4047);
	assert_int_equal(engine_cancel_all(r.e, 0, BTC, r.now, NULL, NULL), 0);
	assert_int_equal(engine_seed_position(r.e, 0, BTC, D("2"), D("60000"), r.now, NULL), 0);
	assert_int_equal(engine_set_isolated(r.e, 0, BTC, true, r.now, &r.f), -1);
	assert_int_equal(r.f.code, -4048);
	assert_int_equal(engine_set_leverage(r.e, 0, BTC, 125, r.now, NULL, &r.f), -1);
	assert_int_equal(r.f.code, -2027);	/* 120 000 is more than tier 1 */
	assert_int_equal(engine_set_leverage(r.e, 0, BTC, 100, r.now, NULL, &r.f), 0);
	assert_int_equal(try_place(&r, 0, BTC, "BUY 8.001 @ 60000", NULL), -2027);
	assert_string_equal(r.f.text,
	    "Exceeded the maximum allowable position at current leverage.");
	assert_int_equal(engine_move_margin(r.e, 0, BTC, MODE_BOTH, D("1"), r.now, &r.f), -1);
	assert_int_equal(r.f.code, -4049);
	rig_close(&r);
}

static void
test_settings_with_a_position_are_guarded(void **state)
{
	struct rig r;

	(void)state;
	rig_open_at(&r, BTC, "60000");
	assert_int_equal(engine_set_isolated(r.e, 1, BTC, true, r.now, &r.f), 0);
	assert_int_equal(engine_move_margin(r.e, 1, BTC, MODE_BOTH, D("1"), r.now, &r.f), -1);
	assert_int_equal(r.f.code, -4054);
	assert_int_equal(engine_seed_position(r.e, 1, BTC, D("1"), D("60000"), r.now, NULL), 0);
	assert_int_equal(engine_move_margin(r.e, 1, BTC, MODE_BOTH, D("0"), r.now, &r.f), -1);
	assert_int_equal(r.f.code, -4055);
	assert_int_equal(engine_move_margin(r.e, 1, BTC, MODE_BOTH, D("1000000"), r.now, &r.f), -1);
	assert_int_equal(r.f.code, -4050);
	assert_int_equal(engine_set_leverage(r.e, 1, BTC, 19, r.now, NULL, &r.f), -1);
	assert_int_equal(r.f.code, -4161);
	assert_int_equal(engine_set_leverage(r.e, 1, BTC, 21, r.now, NULL, &r.f), 0);
	assert_int_equal(engine_account_new(r.e, D("7000"), NULL), 2);
	assert_int_equal(engine_seed_position(r.e, 2, BTC, D("2"), D("60000"), r.now, NULL), 0);
	assert_int_equal(engine_set_leverage(r.e, 2, BTC, 17, r.now, NULL, &r.f), -1);
	assert_int_equal(r.f.code, -2028);	/* 120 000 / 17 > 7000 */
	assert_int_equal(engine_set_leverage(r.e, 2, BTC, 18, r.now, NULL, &r.f), 0);
	assert_int_equal(engine_deposit(r.e, 2, USDT, D("-400"), r.now, &r.f), -1);
	assert_int_equal(r.f.code, -2018);	/* 7000 - 6666.67 may go */
	assert_int_equal(engine_deposit(r.e, 2, USDT, D("-300"), r.now, &r.f), 0);
	assert_dec(balance(&r, 2).wallet, "6700");
	rig_close(&r);
}

/*
 * Liquidation
 */

/* Example 2 of section 12.5: 0.003 at 10359.38, isolated wallet 3.19230721. */
static int
example(struct rig *r)
{
	int a = engine_account_new(r->e, D("10"), NULL);

	mark(r, BTC, "10348.27548846");
	assert_int_equal(engine_set_isolated(r->e, a, BTC, true, r->now, NULL), 0);
	assert_int_equal(engine_set_leverage(r->e, a, BTC, 10, r->now, NULL, NULL), 0);
	assert_int_equal(engine_seed_position(r->e, a, BTC, D("0.003"), D("10359.38"), r->now,
	    NULL), 0);
	assert_int_equal(engine_move_margin(r->e, a, BTC, MODE_BOTH, D("0.08449321"), r->now, NULL), 0);
	return a;
}

static void
test_the_documented_isolated_position_is_liquidated_where_it_should(void **state)
{
	struct engine_position p;
	struct rig r;
	int a;

	(void)state;
	rig_open(&r, 0);
	a = example(&r);
	p = position(&r, a, BTC);
	assert_dec(p.iso_wallet, "3.19230721");
	assert_dec(p.iso_margin, "3.15899368");
	assert_true(dec_cmp(p.liq, D("9332.608")) >= 0 && dec_cmp(p.liq, D("9332.609")) < 0);
	mark(&r, BTC, "9500");
	place(&r, 0, BTC, "BUY 0.010 @ 9320 id=b");	/* the fill of section 13 */
	r.kinds = 1u << EV_ORDER | 1u << EV_ACCOUNT | 1u << EV_FORCE | 1u << EV_TRADE;
	mark(&r, BTC, "9332.61");
	assert_dec(position(&r, a, BTC).amt, "0.003");
	assert_log(&r, "");
	mark(&r, BTC, "9332.60");
	assert_log(&r,
	    "order 2 autoclose-1 NEW NEW 0@0 n=0 rp=0 er=0\n"
	    "account 0 ORDER wb=999999.994408 cw=999999.994408 bc=0 pa=0.003 ep=9320 iw=0\n"
	    "order 0 b TRADE PARTIALLY_FILLED 0.003@9320 n=0.005592 rp=0 er=0\n"
	    "account 2 ORDER wb=6.88186 cw=6.80769279 bc=0 pa=0 ep=0 iw=0.07416721\n"
	    "order 2 autoclose-1 CALCULATED FILLED 0.003@9320 n=0 rp=-3.11814 er=0\n"
	    "trade 1 0.003@9320 sold\n"
	    "force SELL 0.003 of 0.003 at 9295.3 avg 9320\n"
	    "account 2 INSURANCE_CLEAR wb=6.80769279 cw=6.80769279 bc=-0.07416721 pa=0 ep=0 iw=0\n");
	assert_dec(engine_insurance(r.e, USDT), "1000000.07416721");
	rig_close(&r);
}

static void
test_below_bankruptcy_the_fund_takes_over(void **state)
{
	const struct engine_order *o;
	struct rig r;
	int a;

	(void)state;
	rig_open(&r, 0);
	a = example(&r);
	mark(&r, BTC, "9500");
	place(&r, 0, BTC, "BUY 0.010 @ 9280");	/* worse than 9295.2776 */
	r.kinds = 1u << EV_FORCE | 1u << EV_TRADE;
	mark(&r, BTC, "9285");
	assert_log(&r, "force SELL 0.003 of 0.003 at 9295.27759666 avg 9295.27759\n");
	assert_dec(balance(&r, a).wallet, "6.80769279");	/* the isolated part is gone */
	assert_dec(position(&r, a, BTC).iso_wallet, "0");
	o = engine_order_at(r.e, a, 0);
	assert_order(o, "EXPIRED", "0");
	assert_order(engine_order_at(r.e, a, 1), "FILLED", "0.003");
	assert_dec(engine_insurance(r.e, USDT), "1000000");	/* its loss is in the position */
	rig_close(&r);
}

/* 1 BTC at 50000 with 399.2: at 49800 maintenance is 199.2, and so is equity. */
static void
test_a_ratio_of_exactly_one_liquidates(void **state)
{
	struct rig r;
	int a;

	(void)state;
	rig_open(&r, 0);
	a = engine_account_new(r.e, D("399.2"), NULL);
	mark(&r, BTC, "50000");
	assert_int_equal(engine_set_isolated(r.e, a, BTC, true, r.now, NULL), 0);
	assert_int_equal(engine_set_leverage(r.e, a, BTC, 125, r.now, NULL, NULL), 0);
	assert_int_equal(engine_seed_position(r.e, a, BTC, D("1"), D("50000"), r.now, NULL), 0);
	mark(&r, BTC, "49800.00000001");
	assert_dec(position(&r, a, BTC).amt, "1");
	mark(&r, BTC, "49800");
	assert_dec(position(&r, a, BTC).amt, "0");
	rig_close(&r);
}

/* A bankruptcy price of 8 decimals does not close a large position to the last
 * unit of money; the fund squares it. */
static void
test_a_take_over_leaves_no_dust(void **state)
{
	static const char *const amount[] = { "123457", "-123457" };
	static const char *const crash[] = { "0.1", "0.3" };
	struct rig r;
	int a, i;

	(void)state;
	for (i = 0; i < 2; i++) {
		rig_open(&r, 0);
		a = engine_account_new(r.e, D("1000"), NULL);
		mark(&r, DOGE, "0.2");
		assert_int_equal(engine_set_isolated(r.e, a, DOGE, true, r.now, NULL), 0);
		assert_int_equal(engine_seed_position(r.e, a, DOGE, D(amount[i]), D("0.2"), r.now,
		    NULL), 0);
		mark(&r, DOGE, crash[i]);
		assert_dec(balance(&r, a).wallet, "0");
		assert_int_equal(dec_cmp(engine_insurance(r.e, USDT), D("1000000")), i == 0 ? -1 : 1);
		rig_close(&r);
	}
}

static void
test_isolated_positions_stay_out_of_a_cross_liquidation(void **state)
{
	struct engine_position p;
	struct rig r;
	int a;

	(void)state;
	rig_open(&r, 0);
	quote(&r, BTC, "0.0001", 20, 5, "2");
	a = engine_account_new(r.e, D("20000"), NULL);
	mark(&r, BTC, "60000");
	mark(&r, ETH, "3000");
	assert_int_equal(engine_set_isolated(r.e, a, ETH, true, r.now, NULL), 0);
	assert_int_equal(engine_seed_position(r.e, a, ETH, D("100"), D("3000"), r.now, NULL), 0);
	assert_int_equal(engine_seed_position(r.e, a, BTC, D("1"), D("60000"), r.now, NULL), 0);
	assert_dec(balance(&r, a).cross_wallet, "5000");
	mark(&r, BTC, "54000");
	assert_dec(position(&r, a, BTC).amt, "0");
	p = position(&r, a, ETH);
	assert_dec(p.amt, "100");
	assert_dec(p.iso_wallet, "15000");
	assert_dec(balance(&r, a).wallet, "15000");
	rig_close(&r);
}

static void
test_the_cross_price_counts_the_other_positions(void **state)
{
	struct rig r;
	int a;

	(void)state;
	rig_open(&r, 0);
	a = engine_account_new(r.e, D("20000"), NULL);
	mark(&r, BTC, "60000");
	mark(&r, ETH, "3000");
	assert_int_equal(engine_seed_position(r.e, a, BTC, D("3"), D("60000"), r.now, NULL), 0);
	assert_int_equal(engine_seed_position(r.e, a, ETH, D("-50"), D("3000"), r.now, NULL), 0);
	mark(&r, ETH, "3100");	/* loses 5000, needs 155000 x 0.005 - 50 = 725 */
	/* (20000 - 725 - 5000 + 50 - 180000) / (0.015 - 3) */
	assert_dec(position(&r, a, BTC).liq, "55502.51256281");
	rig_close(&r);
}

static void
test_large_positions_step_down_the_tiers(void **state)
{
	const struct engine_order *o, *resting;
	struct engine_position p;
	struct rig r;
	int a;

	(void)state;
	rig_open(&r, 0);
	quote(&r, ETH, "0.0001", 20, 1, "200");
	a = engine_account_new(r.e, D("150000"), NULL);
	mark(&r, ETH, "3500");
	assert_int_equal(engine_set_isolated(r.e, a, ETH, true, r.now, NULL), 0);
	assert_int_equal(engine_seed_position(r.e, a, ETH, D("1000"), D("3500"), r.now, NULL), 0);
	p = position(&r, a, ETH);
	assert_dec(p.iso_wallet, "150000");
	assert_true(dec_cmp(p.liq, D("3372.2727")) >= 0 && dec_cmp(p.liq, D("3372.2728")) < 0);
	resting = place(&r, a, ETH, "SELL 10 @ 3600 GTX");
	mark(&r, ETH, "3372.28");
	assert_null(engine_order_at(r.e, a, 1));
	mark(&r, ETH, "3372.27");
	assert_order(resting, "EXPIRED", "0");
	assert_int_equal(resting->reason, 5);
	o = engine_order_at(r.e, a, 1);
	assert_true(o->kind == KIND_LIQUIDATION);
	assert_string_equal(o->client_id, "autoclose-1");
	assert_order(o, "FILLED", "110.392");	/* (3 372 270 - 3 000 000) / 3372.27, up */
	o = engine_order_at(r.e, a, 2);		/* its fee leaves too little for tier 3 */
	assert_order(o, "FILLED", "711.687");
	assert_dec(position(&r, a, ETH).amt, "0");
	assert_dec(balance(&r, a).wallet, "0");
	rig_close(&r);
}

/* The demo: 10 000 USDT, effective leverage 20, cross. */
static void
test_a_cross_account_is_liquidated_at_its_price(void **state)
{
	struct engine_position p;
	struct rig r;
	dec liq, at;
	int a;

	(void)state;
	rig_open(&r, 0);
	quote(&r, BTC, "0.0001", 20, 5, "2");
	a = engine_account_new(r.e, D("10000"), NULL);
	mark(&r, BTC, "60000");
	assert_int_equal(engine_seed_leverage(r.e, a, BTC, D("20"), r.now, NULL), 0);
	p = position(&r, a, BTC);
	assert_dec(p.amt, "3.333");
	assert_dec(p.notional, "199980");
	/* (10000 + 50 - 199980) / (3.333 x 0.005 - 3.333) */
	assert_dec(liq = p.liq, "57271.05373853");
	r.kinds = 1u << EV_MARGIN_CALL;
	for (at = D("60000"); dec_cmp(at, liq) > 0; assert_true(dec_sub(&at, at, D("7.3")))) {
		assert_dec(position(&r, a, BTC).amt, "3.333");
		mark(&r, BTC, S(at));
	}
	assert_string_equal(r.log.p, "call 2 cross cw=10000 n=1 mm=905.4961075\n");
	mark(&r, BTC, S(at));
	assert_dec(position(&r, a, BTC).amt, "0");
	assert_dec(balance(&r, a).wallet, "0");
	assert_true(dec_cmp(engine_insurance(r.e, USDT), D("1000000")) > 0);
	rig_close(&r);
}

static void
test_a_crash_in_one_step_costs_the_fund_not_more_than_the_wallet(void **state)
{
	struct rig r;
	int a;

	(void)state;
	rig_open(&r, 0);
	quote(&r, BTC, "0.0001", 20, 5, "2");
	quote(&r, ETH, "0.0001", 20, 5, "40");
	a = engine_account_new(r.e, D("20000"), NULL);
	mark(&r, BTC, "60000");
	mark(&r, ETH, "3000");
	assert_int_equal(engine_seed_position(r.e, a, BTC, D("3"), D("60000"), r.now, NULL), 0);
	assert_int_equal(engine_seed_position(r.e, a, ETH, D("-50"), D("3000"), r.now, NULL), 0);
	mark(&r, BTC, "30000");
	assert_dec(position(&r, a, BTC).amt, "0");
	assert_dec(position(&r, a, ETH).amt, "0");
	assert_dec(balance(&r, a).wallet, "0");
	/* So deep that the greater position, a short, is broke even at price 0. */
	a = engine_account_new(r.e, D("20000"), NULL);
	mark(&r, BTC, "60000");
	assert_int_equal(engine_seed_position(r.e, a, BTC, D("3"), D("60000"), r.now, NULL), 0);
	assert_int_equal(engine_seed_position(r.e, a, ETH, D("-31"), D("3000"), r.now, NULL), 0);
	mark(&r, BTC, "20000");
	assert_dec(engine_order_at(r.e, a, 1)->price, "3000");	/* taken over at mark */
	assert_dec(position(&r, a, BTC).amt, "0");
	assert_dec(position(&r, a, ETH).amt, "0");
	assert_dec(balance(&r, a).wallet, "0");
	rig_close(&r);
}

static void
test_orders_are_refused_while_liquidation_waits(void **state)
{
	struct rig r;
	int a;

	(void)state;
	rig_open(&r, 1000);
	quote(&r, BTC, "0.0001", 20, 5, "2");
	a = engine_account_new(r.e, D("10000"), NULL);
	mark(&r, BTC, "60000");
	assert_int_equal(engine_seed_leverage(r.e, a, BTC, D("20"), r.now, NULL), 0);
	mark(&r, BTC, "57000");
	assert_int_equal(try_place(&r, a, BTC, "SELL 1 reduce", NULL), -2023);
	assert_string_equal(r.f.text, "User in liquidation mode now.");
	r.now += 990;
	assert_int_equal(engine_tick(r.e, r.now, NULL), 0);
	assert_dec(position(&r, a, BTC).amt, "3.333");
	r.now += 10;
	assert_int_equal(engine_tick(r.e, r.now, NULL), 0);
	assert_dec(position(&r, a, BTC).amt, "0");
	assert_int_equal(try_place(&r, a, BTC, "SELL 1", NULL), -2019);	/* over, and poor */
	rig_close(&r);

	rig_open(&r, 1000);
	a = engine_account_new(r.e, D("10000"), NULL);
	mark(&r, BTC, "60000");
	assert_int_equal(engine_seed_leverage(r.e, a, BTC, D("20"), r.now, NULL), 0);
	mark(&r, BTC, "57000");
	mark(&r, BTC, "58000");		/* the market came back in time */
	r.now += 2000;
	assert_int_equal(engine_tick(r.e, r.now, NULL), 0);
	assert_dec(position(&r, a, BTC).amt, "3.333");
	place(&r, a, BTC, "SELL 1 @ 59000 reduce");
	rig_close(&r);
}

/*
 * All of it at random
 */

struct mirror {		/* what a client would know from events alone */
	struct engine_level l[2][512];
	int	n[2];
	uint64_t last;
};

struct chaos {
	struct engine *e;
	struct mirror m[2];
	uint64_t seed, hash;
	unsigned long nevents, nliq;
};

static uint64_t
next(struct chaos *c)
{
	return mix64(c->seed += MIX_STEP);
}

static int
roll(struct chaos *c, int n)
{
	return (int)(next(c) % (unsigned)n);
}

static void
mix(struct chaos *c, const char *s)
{
	for (; *s != '\0'; s++)
		c->hash = (c->hash ^ (unsigned char)*s) * 1099511628211u;
}

static void
mirror_level(struct mirror *m, const struct engine_level *l)
{
	int s = l->side == SIDE_BUY, i;

	for (i = 0; i < m->n[s]; i++)
		if (dec_cmp(m->l[s][i].price, l->price) == 0)
			break;
	if (dec_sign(l->qty) == 0) {
		assert_true(i < m->n[s]);
		m->l[s][i] = m->l[s][--m->n[s]];
		return;
	}
	assert_true(i < (int)LEN(m->l[0]));
	m->l[s][i] = *l;
	if (i == m->n[s])
		m->n[s]++;
}

static void
watch(void *arg, const struct engine_event *ev)
{
	struct chaos *c = arg;
	char text[160];
	int i;

	c->nevents++;
	snprintf(text, sizeof text, "%d %d %d", (int)ev->kind, ev->acct, ev->sym);
	mix(c, text);
	if (ev->kind == EV_ORDER) {
		snprintf(text, sizeof text, "%s %s %s %s", ev->u.order.o->client_id,
		    exec_type_name(ev->u.order.x), S(ev->u.order.last_qty),
		    S(ev->u.order.commission));
		mix(c, text);
		c->nliq += ev->u.order.x == EXEC_CALCULATED;
	} else if (ev->kind == EV_BOOK) {
		assert_true(ev->u.book.pu == c->m[ev->sym].last);
		assert_true(ev->u.book.U == ev->u.book.pu + 1);
		c->m[ev->sym].last = ev->u.book.u;
		for (i = 0; i < ev->u.book.n; i++)
			mirror_level(&c->m[ev->sym], &ev->u.book.level[i]);
	} else if (ev->kind == EV_ACCOUNT) {
		for (i = 0; i < ev->u.account.nwallet; i++)
			mix(c, S(ev->u.account.wallet[i].wallet));
	}
}

/* A book built from events is the book. */
static void
compare_books(struct chaos *c)
{
	struct engine_level l[512];
	const struct mirror *m;
	int sym, s, i, k, n;

	for (sym = 0; sym < 2; sym++)
		for (s = 0; s < 2; s++) {
			m = &c->m[sym];
			n = engine_depth(c->e, sym, s == 1 ? SIDE_BUY : SIDE_SELL, l, 512);
			assert_int_equal(n, m->n[s]);
			for (i = 0; i < n; i++) {
				for (k = 0; k < n; k++)
					if (dec_cmp(m->l[s][k].price, l[i].price) == 0)
						break;
				assert_true(k < n);
				assert_int_equal(dec_cmp(m->l[s][k].qty, l[i].qty), 0);
			}
		}
}

/* Every order is executed exactly once: its fills are its trades, no more. */
static void
compare_ledger(const struct engine *e, int acct)
{
	const struct engine_order *o;
	const struct engine_trade *t;
	int i, k;
	dec sum;

	for (i = 0; (o = engine_order_at(e, acct, i)) != NULL; i += 7) {
		sum = dec_int(0);
		for (k = 0; (t = engine_trade_at(e, acct, k)) != NULL; k++)
			if (t->order_id == o->id && t->sym == o->sym)
				assert_true(dec_add(&sum, sum, t->qty));
		assert_int_equal(dec_cmp(sum, o->filled), 0);
		assert_true(dec_cmp(o->filled, o->qty) <= 0);
		assert_int_equal(o->status == STATUS_FILLED, dec_cmp(o->filled, o->qty) == 0);
	}
}

static dec
around(struct chaos *c, dec price, dec tick)	/* up to 1 % off, now and then off the grid */
{
	dec d = dec_int(roll(c, 201) - 100);

	assert_true(dec_mul(&d, d, (dec){ 1, 4 }) && dec_mul(&d, d, price));
	assert_true(dec_add(&d, d, price) && dec_floor(&d, d, tick));
	if (roll(c, 50) == 0)
		assert_true(dec_add(&d, d, (dec){ 3, 3 }));
	return d;
}

static void
random_order(struct chaos *c, int64_t now)
{
	int sym = roll(c, 2), acct = roll(c, 3);
	const struct rules *rules = engine_rules(c->e, sym);
	struct engine_request q = {
		.side = roll(c, 2) ? SIDE_BUY : SIDE_SELL,
		.type = roll(c, 3) ? ORDER_LIMIT : ORDER_MARKET,
		.tif = (enum order_tif)roll(c, 4), .stp = (enum order_stp)roll(c, 4),
		.reduce = roll(c, 4) == 0,
		.price = around(c, engine_mark_price(c->e, sym), rules->tick),
	};
	struct fault f;

	q.qty = (dec){ 1 + roll(c, roll(c, 10) == 0 ? 6000 : 600), 3 };
	if (engine_place(c->e, acct, sym, &q, now, NULL, &f) == -1) {
		assert_int_equal(f.kind, FAULT_REJECTED);
		assert_true(f.code < -1000 && f.text[0] != '\0' && strchr(f.text, '%') == NULL);
	}
}

static void
random_step(struct chaos *c, int64_t now)
{
	const struct engine_order *o;
	int acct = roll(c, 3), sym = roll(c, 2), what = roll(c, 100);
	dec p;

	if (what < 60) {
		random_order(c, now);
	} else if (what < 75) {
		if ((o = engine_open_first(c->e, acct)) != NULL)
			engine_cancel(c->e, acct, o->sym, o->id, NULL, now, NULL, NULL);
	} else if (what < 92) {
		p = around(c, engine_mark_price(c->e, sym), (dec){ 1, 3 });
		assert_int_equal(engine_mark(c->e, sym, p, now, NULL), 0);
	} else if (what < 94) {
		engine_set_leverage(c->e, acct, sym, 1 + roll(c, 125), now, NULL, NULL);
	} else if (what < 96) {
		engine_cancel_all(c->e, acct, sym, now, NULL, NULL);
		engine_set_isolated(c->e, acct, sym, roll(c, 2), now, NULL);
	} else if (what < 98) {
		engine_move_margin(c->e, acct, sym, MODE_BOTH, dec_int(roll(c, 201) - 100), now, NULL);
	} else if (what == 98) {
		engine_deposit(c->e, acct, USDT, dec_int(roll(c, 2000) - 500), now, NULL);
	} else {
		engine_tick(c->e, now, NULL);
	}
}

static void
run(struct chaos *c, uint64_t seed, int steps, int64_t liquidation_ms)
{
	struct engine_config cf = engine_config_default();
	struct engine_maker m = { { 2, 4 }, 5, 30, { 500, 3 } };
	struct specs specs = { 0 };
	const char *why;
	int i;

	memset(c, 0, sizeof *c);
	c->seed = seed;
	cf.sink = watch;
	cf.arg = c;
	assert_int_equal(specs_builtin(&specs, 0, NULL), 0);
	cf.contracts = specs.v;		/* BTCUSDT, ETHUSDT */
	cf.ncontracts = 2;
	cf.liquidation_ms = liquidation_ms;
	assert_non_null(c->e = engine_new(&cf, NULL));
	specs_free(&specs);
	for (i = 0; i < 3; i++)
		assert_int_equal(engine_account_new(c->e, dec_int(2000 + 4000 * i), NULL), i);
	assert_int_equal(engine_set_maker(c->e, 0, &m, NULL), 0);
	assert_int_equal(engine_set_maker(c->e, 1, &m, NULL), 0);
	assert_int_equal(engine_mark(c->e, 0, D("60000"), 0, NULL), 0);
	assert_int_equal(engine_mark(c->e, 1, D("3000"), 0, NULL), 0);
	for (i = 0; i < steps; i++) {
		random_step(c, i);
		if ((why = engine_check(c->e)) != NULL)
			fail_msg("seed %llu, step %d: %s", (unsigned long long)seed, i, why);
		if (i % 50 == 0)
			compare_books(c);
	}
	compare_books(c);
	for (i = 0; i < 3; i++)
		compare_ledger(c->e, i);
	engine_free(c->e);
}

static void
test_invariants_hold_whatever_comes(void **state)
{
	static struct chaos c, again;
	unsigned long nliq = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 24; seed++) {
		run(&c, seed, 1500, seed % 3 == 0 ? 20 : 0);
		nliq += c.nliq;
	}
	assert_true(nliq > 10);		/* or the run does not reach what it should */
	run(&again, 24, 1500, 20);	/* the same calls, the same events */
	assert_int_equal(again.nevents, c.nevents);
	assert_true(again.hash == c.hash);
}

/*
 * The built-in contracts
 */

static void
test_brackets_are_continuous(void **state)
{
	static const char *const cum[] = { "0", "50", "950", "11450", "131450", "381450",
		"2006450", "9506450", "17506450", "27506450", "80506450", "280506450" };
	const struct tiers *ts;
	struct rig r;
	dec mm;
	int i;

	(void)state;
	rig_open(&r, 0);
	ts = engine_tiers(r.e, ETH);	/* the published table */
	assert_int_equal(ts->n, LEN(cum));
	for (i = 0; i < ts->n; i++)
		assert_dec(ts->tier[i].cum, cum[i]);
	assert_true(margin_maintenance(&mm, ts, D("5000000")));
	assert_dec(mm, "38550");
	assert_int_equal(engine_symbol(r.e, "DOGEUSDT"), DOGE);
	assert_int_equal(engine_symbol(r.e, "NOPE"), -1);
	rig_close(&r);
}

static void
test_wrong_calls_are_said_to_be_wrong(void **state)
{
	struct specs specs = { 0 };
	struct engine_config c = engine_config_default();
	struct engine_maker m = { { 0, 0 }, 1, 0, { 1, 0 } };
	struct rig r;

	(void)state;
	rig_open(&r, 0);
	assert_int_equal(specs_builtin(&specs, 0, NULL), 0);
	c.contracts = specs.v;
	c.ncontracts = 2;
	specs.v[1] = specs.v[0];
	assert_null(engine_new(&c, &r.f));
	assert_string_equal(r.f.text, "BTCUSDT: given twice");
	specs.v[1].rules.symbol[0] = '\0';
	assert_null(engine_new(&c, &r.f));
	specs_free(&specs);
	assert_int_equal(engine_mark(r.e, BTC, D("0"), 1, &r.f), -1);
	assert_int_equal(r.f.kind, FAULT_USAGE);
	assert_int_equal(engine_mark(r.e, engine_symbols(r.e), D("1"), 1, &r.f), -1);
	assert_int_equal(engine_mark(r.e, -1, D("1"), 1, &r.f), -1);
	assert_int_equal(engine_set_maker(r.e, BTC, &m, &r.f), -1);
	assert_int_equal(engine_account_new(r.e, D("-1"), &r.f), -1);
	assert_int_equal(engine_account_new(r.e, D("1000000000000000000"), &r.f), -1);
	assert_int_equal(engine_cancel(r.e, 9, BTC, 1, NULL, 1, NULL, &r.f), -1);
	assert_int_equal(engine_seed_position(r.e, 0, BTC, D("1"), D("60000"), 1, &r.f), -1);
	assert_false(engine_stopped(r.e));
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_better_price_first_then_the_older),
		cmocka_unit_test(test_a_rest_waits_and_is_found_by_both_ids),
		cmocka_unit_test(test_ids_are_small_for_btc_and_beyond_doubles_for_the_others),
		cmocka_unit_test(test_time_in_force),
		cmocka_unit_test(test_self_trade_prevention_is_the_takers_choice),
		cmocka_unit_test(test_reduce_only_never_opens),
		cmocka_unit_test(test_a_turned_position_takes_reduce_only_orders_along),
		cmocka_unit_test(test_reduce_only_is_cut_short_within_one_match),
		cmocka_unit_test(test_filters_refuse_by_the_exchanges_code_and_text),
		cmocka_unit_test(test_a_tested_order_leaves_nothing_behind),
		cmocka_unit_test(test_orders_are_limited_and_need_a_market),
		cmocka_unit_test(test_a_market_order_stays_within_its_bound),
		cmocka_unit_test(test_the_maker_quotes_around_the_price),
		cmocka_unit_test(test_the_maker_runs_through_resting_orders),
		cmocka_unit_test(test_entry_is_averaged_and_pnl_is_booked),
		cmocka_unit_test(test_commission_is_taken_by_role),
		cmocka_unit_test(test_opposite_orders_need_no_extra_margin),
		cmocka_unit_test(test_the_cost_of_an_order_includes_its_open_loss),
		cmocka_unit_test(test_a_market_order_is_valued_a_little_worse),
		cmocka_unit_test(test_closing_is_not_held_up_by_the_leverage_cap),
		cmocka_unit_test(test_closing_is_free_of_margin),
		cmocka_unit_test(test_available_counts_everything_reserved),
		cmocka_unit_test(test_isolated_margin_moves_with_the_position),
		cmocka_unit_test(test_settings_are_guarded),
		cmocka_unit_test(test_settings_with_a_position_are_guarded),
		cmocka_unit_test(test_the_documented_isolated_position_is_liquidated_where_it_should),
		cmocka_unit_test(test_below_bankruptcy_the_fund_takes_over),
		cmocka_unit_test(test_a_ratio_of_exactly_one_liquidates),
		cmocka_unit_test(test_a_take_over_leaves_no_dust),
		cmocka_unit_test(test_isolated_positions_stay_out_of_a_cross_liquidation),
		cmocka_unit_test(test_the_cross_price_counts_the_other_positions),
		cmocka_unit_test(test_large_positions_step_down_the_tiers),
		cmocka_unit_test(test_a_cross_account_is_liquidated_at_its_price),
		cmocka_unit_test(test_a_crash_in_one_step_costs_the_fund_not_more_than_the_wallet),
		cmocka_unit_test(test_orders_are_refused_while_liquidation_waits),
		cmocka_unit_test(test_invariants_hold_whatever_comes),
		cmocka_unit_test(test_brackets_are_continuous),
		cmocka_unit_test(test_wrong_calls_are_said_to_be_wrong),
	};

	return cmocka_run_group_tests_name("simengine", tests, NULL, NULL);
}

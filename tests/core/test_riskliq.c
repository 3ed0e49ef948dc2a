/*
 * The rules of bf-risk about liquidation, margin and funding. Every figure is worked by hand.
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
#include "../../cmd/bf-risk/judge_in.h"

#define BTC	"BTCUSDT", POS_BOTH
#define ETH	"ETHUSDT", POS_BOTH

/* 10000 USDT, long 1 at 60000, 0.5 % less 50 in the second tier: (10000 + 50 - 60000) / (0.005 - 1) =
 * 50201.005, 16.3316 % below the mark. */
static void
test_liq_distance(void **state)
{
	struct intent in;

	(void)state;
	rig();
	limit(R_LIQ_DISTANCE, "16.3316");
	assert_true(passes(order(BTC, SIDE_BUY, "1", NULL)));
	limit(R_LIQ_DISTANCE, "16.3317");
	breaks(order(BTC, SIDE_BUY, "1", NULL), "liq-distance", "16.3316", "; quantity 0.999 would pass");
	/* what waits on the same side is filled first, */
	open_order(BTC, SIDE_BUY, "0.5", "0", "50000");
	limit(R_LIQ_DISTANCE, "16.3316");
	assert_true(passes(order(BTC, SIDE_BUY, "0.5", "59000")));
	assert_false(passes(order(BTC, SIDE_BUY, "0.501", "59000")));
	same(v.nearest, "0.5");
	/* and what is on its way */
	w.acct[MARKET_USDM].nord = 0;
	in = order(BTC, SIDE_BUY, "0.5", NULL);
	world_passed(&w, &in, MARKET_USDM, D("60000"));
	assert_true(passes(order(BTC, SIDE_BUY, "0.5", "59000")));
	assert_false(passes(order(BTC, SIDE_BUY, "0.501", "59000")));
	w.npending = 0;
	/* far below the limit: what leads away from liquidation passes, what leads there does not */
	hold(BTC, "3", "60000", "60000");
	assert_true(passes(order(BTC, SIDE_SELL, "0.1", NULL)));
	assert_false(passes(order(BTC, SIDE_BUY, "0.001", NULL)));
	same(v.nearest, "0");
	/* another position of the wallet is what comes near */
	breaks(order(ETH, SIDE_BUY, "1", NULL), "liq-distance", NULL, "no quantity would pass");
	contracts_find(&w.cs, "BTCUSDT")->tiers.n = 0;
	breaks(order(ETH, SIDE_BUY, "1", NULL), "account-unknown", NULL, "liq-distance");
}

/* Hedged, both legs have one price, below: the short's distance is as far as the long's. 1.3 long, 0.2 short:
 * (66000 - 10000 - 50) / (1.1 - 1.3 x 0.005 - 0.2 x 0.004) = 51203.44, 14.6609 %. */
static void
test_liq_distance_hedged(void **state)
{
	(void)state;
	rig();
	w.acct[MARKET_USDM].hedge = true;
	hold("BTCUSDT", POS_LONG, "0.8", "60000", "60000");
	hold("BTCUSDT", POS_SHORT, "-0.2", "60000", "60000");
	limit(R_LIQ_DISTANCE, "20");
	assert_true(passes(order("BTCUSDT", POS_SHORT, SIDE_SELL, "0.1", NULL)));
	assert_true(passes(order("BTCUSDT", POS_LONG, SIDE_BUY, "0.1", NULL)));
	breaks(order("BTCUSDT", POS_LONG, SIDE_BUY, "0.5", NULL), "liq-distance", "14.6609", "quantity 0.213 would pass");
}

/* Two prices: of legs that nearly outweigh each other the one above counts too. With 635 USDT, 1.2 long and 1.187
 * short at 60000: (635 - 780 + 100) / (2.387 x 0.005 - 0.013) below, (635 - 780 + 1900) / (2.387 x 0.0065 - 0.013) above
 * if the third tier is 0.65 % less 950; at 690000 that is 1.11 % away. */
static void
test_liq_distance_above(void **state)
{
	struct tiers *ts;

	(void)state;
	rig();
	w.acct[MARKET_USDM].hedge = true;
	ts = &contracts_find(&w.cs, "BTCUSDT")->tiers;
	*ts = (struct tiers){ .n = 3, .tier = { { D("0"), D("50000"), D("0.004"), D("0"), 125 },
		{ D("50000"), D("600000"), D("0.005"), D("50"), 100 }, { D("600000"), D("90000000"), D("0.0065"), D("950"), 75 } } };
	wallet(MARKET_USDM, "USDT", "635");
	hold("BTCUSDT", POS_LONG, "1.200", "60000", "690000");
	hold("BTCUSDT", POS_SHORT, "-1.187", "60000", "690000");
	limit(R_LIQ_DISTANCE, "1");
	assert_true(passes(order("ETHUSDT", POS_LONG, SIDE_BUY, "0.1", NULL)));
	breaks(order("ETHUSDT", POS_LONG, SIDE_BUY, "0.3", NULL), "liq-distance", "0.9048", "at least 1 %");
}

/* Isolated, 3000 behind 1 BTC: (3000 - 60000 + 50) / (0.005 - 1) = 57236.18, 4.6063 % away. 3000 more behind
 * 2 BTC: (6000 - 120000 + 50) / (0.01 - 2) = 57261.31, 4.5644 %. */
static void
test_liq_distance_isolated(void **state)
{
	struct position *p;

	(void)state;
	rig();
	p = hold(BTC, "1", "60000", "60000");
	p->isolated = true;
	p->isolated_wallet = D("3000");
	limit(R_LIQ_DISTANCE, "4.6064");
	assert_true(passes(order(ETH, SIDE_BUY, "1", NULL)));	/* it comes no nearer by that */
	breaks(order(BTC, SIDE_BUY, "1", NULL), "liq-distance", "4.5644", "at least 4.6064 %");
	limit(R_LIQ_DISTANCE, "4.5644");
	assert_true(passes(order(BTC, SIDE_BUY, "1", NULL)));
	/* one position below the limit is no leave for another to go there */
	limit(R_LIQ_DISTANCE, "40");
	assert_true(passes(order(ETH, SIDE_BUY, "5", NULL)));
	assert_false(passes(order(ETH, SIDE_BUY, "10", NULL)));
	assert_true(dec_sign(v.nearest) > 0);
	/* less than is to be maintained, 250: nothing is far enough, and it may not grow */
	p->isolated_wallet = D("200");
	assert_true(passes(order(ETH, SIDE_BUY, "5", NULL)));
	wallet(MARKET_USDM, "USDT", "100000");
	assert_true(passes(order(BTC, SIDE_SELL, "0.5", NULL)));
	p->isolated = false;
	wallet(MARKET_USDM, "USDT", "200");
	breaks(order(BTC, SIDE_BUY, "0.001", NULL), "liq-distance", "0.0000", "no quantity would pass");
	assert_true(passes(order(BTC, SIDE_SELL, "0.5", NULL)));
}

static void
test_margin_use_unknown(void **state)
{
	(void)state;
	rig();
	limit(R_MARGIN_USE, "50");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "account-unknown", NULL, "leverage set for BTCUSDT is not known");
	hold(BTC, "0", "0", "60000");
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
}

/* 0.2 BTC at 60000 pay 12 at 0.1 %: 12 bps of 10000. */
static void
test_funding(void **state)
{
	struct intent in;
	struct contract *c;

	(void)state;
	rig();
	c = contracts_find(&w.cs, "BTCUSDT");
	limit(R_FUNDING, "12");
	breaks(order(BTC, SIDE_BUY, "0.1", NULL), "account-unknown", NULL, "funding rate of BTCUSDT is not known");
	c->funding_rate = D("0.001");
	c->funding_ms = T0 + 30 * 60000;
	c->funding_hours = 4;
	assert_true(passes(order(BTC, SIDE_BUY, "0.2", NULL)));
	breaks(order(BTC, SIDE_BUY, "0.201", NULL), "funding-cost", "12.0600", "in 30 min would cost");
	same(v.nearest, "0.2");
	assert_true(passes(order(BTC, SIDE_SELL, "1", NULL)));	/* a short receives */
	hold(BTC, "-0.1", "60000", "60000");
	assert_true(passes(order(BTC, SIDE_BUY, "0.3", NULL)));
	assert_false(passes(order(BTC, SIDE_BUY, "0.301", NULL)));
	open_order(BTC, SIDE_BUY, "0.1", "0", "59000");		/* what waits and what is on its way counts */
	assert_true(passes(order(BTC, SIDE_BUY, "0.2", NULL)));
	in = order(BTC, SIDE_BUY, "0.1", NULL);
	world_passed(&w, &in, MARKET_USDM, D("60000"));
	assert_true(passes(order(BTC, SIDE_BUY, "0.1", NULL)));
	assert_false(passes(order(BTC, SIDE_BUY, "0.101", NULL)));
	w.npending = w.acct[MARKET_USDM].nord = 0;
	l.r[R_FUNDING].window_ms = 29 * 60000;
	assert_true(passes(order(BTC, SIDE_BUY, "0.301", NULL)));	/* later */
	c->funding_ms = T0 - 4 * 3600000 + 29 * 60000;			/* passed: the next is 4 h after it */
	assert_false(passes(order(BTC, SIDE_BUY, "0.301", NULL)));
	c->funding_hours = 0;
	assert_false(passes(order(BTC, SIDE_BUY, "0.001", NULL)));
	c->funding_ms = 0;
	copy(c->rules.contract, sizeof c->rules.contract, "CURRENT_QUARTER");
	assert_true(passes(order(BTC, SIDE_BUY, "0.301", NULL)));
}

/*
 * What is tried with the order's symbol alone gives what all figures made anew give: accounts at random, of both markets and
 * modes, cross and isolated, with orders open and on their way, orders and modifications, at limits that lie at a distance
 * found, or beside it by the least there is.
 */
static uint64_t seed = 1;

static int
any(int n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int)(seed >> 33) % n;
}

static const char *
number(char out[static 32], const char *sign, int whole, int thousandths)
{
	snprintf(out, 32, "%s%d.%03d", sign, whole, thousandths);
	return out;
}

static const struct { enum market m; const char *symbol, *mark; } many[] = {
	{ MARKET_USDM, "BTCUSDT", "60000" }, { MARKET_USDM, "ETHUSDT", "3000" }, { MARKET_USDM, "DOGEUSDT", "0.00012345" },
	{ MARKET_USDM, "SOLUSDT", "150.5" }, { MARKET_USDM, "BTCUSDC", "60000" }, { MARKET_COINM, "BTCUSD_PERP", "50000" },
	{ MARKET_COINM, "BTCUSD_261225", "51000" },
};

static dec
times(dec a, dec b)
{
	assert_true(dec_mul(&a, a, b));
	return a;
}

/* Worth up to most in the quote asset. */
static dec
size_at(size_t i, int most)
{
	dec qty = { any(most) + 1, 0 }, d;

	if (many[i].m == MARKET_COINM)
		return times(qty, D("0.01"));
	assert_true(dec_div(&d, qty, D(many[i].mark), 3, DEC_UP));
	return d;
}

static void
hold_any(size_t i, enum pos_side side)
{
	dec amt = size_at(i, 30000), near = { 90 + any(21), 2 };
	bool shorts = side == POS_SHORT || (side == POS_BOTH && any(2));
	struct position *p = hold(many[i].symbol, side, shorts ? "-1" : "1", many[i].mark, many[i].mark);

	assert_true(dec_rescale(&p->amt, shorts ? dec_neg(amt) : amt, many[i].m == MARKET_COINM ? 0 : 3, DEC_UP));
	p->entry = times(p->entry, near);
	if (any(4) == 0) {
		char n[32];

		p->isolated = true;
		p->isolated_wallet = D(many[i].m == MARKET_COINM ? number(n, "", 0, any(1000)) : number(n, "", any(3000), any(1000)));
	}
}

static void
rig_any(void)
{
	char n[32];
	bool hedge;

	rig();
	hedge = any(2);
	contract(MARKET_USDM, "DOGEUSDT", "USDT", "0", "1", "0.00000001");
	contract(MARKET_USDM, "SOLUSDT", "USDT", "0", "0.01", "0.01");
	contract(MARKET_COINM, "BTCUSD_261225", "BTC", "100", "1", "0.1");
	wallet(MARKET_USDM, "USDT", number(n, "", any(20000), any(1000)));
	wallet(MARKET_COINM, "BTC", number(n, "", 0, any(1000)));
	l.cost = any(2) ? D("0.0007") : D("0");
	for (int m = 0; m < MARKETS; m++)
		w.acct[m].hedge = hedge;
	for (size_t i = 0; i < LEN(many); i++) {
		mark(many[i].symbol, many[i].mark);
		if (any(3) > 0)
			hold_any(i, hedge ? POS_LONG : POS_BOTH);
		if (hedge && any(3) == 0)
			hold_any(i, POS_SHORT);
	}
}

static struct intent
order_any(size_t i)
{
	bool hedge = w.acct[many[i].m].hedge, sell = any(2);
	struct intent in = order(many[i].symbol, !hedge ? POS_BOTH : sell ? POS_SHORT : POS_LONG, sell ? SIDE_SELL : SIDE_BUY, "1", NULL);

	assert_true(dec_rescale(&in.qty, size_at(i, 60000), many[i].m == MARKET_COINM ? 0 : 3, DEC_UP));
	if (any(2)) {
		copy(in.type, sizeof in.type, "LIMIT");
		in.price = times(D(many[i].mark), (dec){ 95 + any(11), 2 });
	}
	return in;
}

/* Both ways, the second also as it is while sizing. Whether it could be told, and what. */
static bool
both(dec *out, const struct intent *in, dec least)
{
	struct ask q;
	dec quick, first;
	bool told;

	l.r[R_LIQ_DISTANCE].max = least;
	ask_open(&q, &w, &l, in);
	assert_true(ask_priced(&q));
	ask_before(&q);
	ask_try(&q, q.in.qty);
	told = liq_plainly(out, &q, least);
	for (int again = 0; again < 2; again++) {	/* what was filled is out again */
		assert_int_equal(liq_nearest(&quick, &q, least), told);
		q.sizing = true;
		assert_int_equal(liq_nearest(&first, &q, least), told);
		q.sizing = false;
		if (told) {
			assert_int_equal(dec_cmp(quick, *out), 0);
			assert_int_equal(dec_sign(first) < 0, dec_sign(*out) < 0);
		}
	}
	ask_close(&q);
	return told;
}

static void
test_liq_quickly(void **state)
{
	int found = 0, beside = 0;

	(void)state;
	for (int turn = 0; turn < 4000; turn++) {
		size_t i = (size_t)any((int)LEN(many));
		struct intent in;
		dec d, at;

		rig_any();
		limit(R_LIQ_DISTANCE, "50");
		in = order_any(i);
		if (any(4) == 0)
			world_passed(&w, &in, many[i].m, D(many[i].mark));
		if (any(4) == 0) {
			struct open_order *o = open_order(in.symbol, in.pos_side, in.side, "1", "0", many[i].mark);

			if (any(2)) {
				in.op = OP_MODIFY;
				in.order_id = o->id;
				in.price = D(many[i].mark);
			}
		}
		if (any(20) == 0)
			contracts_find(&w.cs, many[any((int)LEN(many))].symbol)->tiers.n = 0;
		if (!both(&d, &in, (dec){ any(150), 0 }) || dec_sign(d) <= 0)
			continue;
		found++;
		assert_true(both(&at, &in, d));		/* at it: far enough */
		assert_true(dec_sign(at) < 0 || dec_cmp(at, d) < 0);
		assert_true(dec_add(&at, d, (dec){ 1, 12 }) && both(&at, &in, at));
		beside += dec_cmp(at, d) == 0;
	}
	assert_true(found > 400);
	assert_int_equal(beside, found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_liq_distance),
		cmocka_unit_test(test_liq_distance_hedged),
		cmocka_unit_test(test_liq_distance_above),
		cmocka_unit_test(test_liq_distance_isolated),
		cmocka_unit_test(test_liq_quickly),
		cmocka_unit_test(test_margin_use_unknown),
		cmocka_unit_test(test_funding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Every figure here comes from outside our code. FAQ, DOC: Binance's support
 * pages and API samples. REAL: rows of real accounts that people have
 * published. WORKED: computed from the published formulas with Python's
 * decimal module, and checked by root finding on equity less maintenance.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/margin.h"
#include "decimal.h"
#include "recorded.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

/* got cut off at the decimals want is written with, as pages print figures. */
static void
same(dec got, const char *want)
{
	char s[DEC_STR];
	dec w = D(want);

	assert_true(dec_rescale(&got, got, w.scale, DEC_DOWN));
	dec_print(got, s);
	assert_string_equal(s, want);
}

/* The same, but one unit in the last decimal of want is let pass. */
static void
near(dec got, const char *want)
{
	char s[DEC_STR];
	dec w = D(want), off;

	assert_true(dec_sub(&off, got, w));
	dec_print(got, s);
	if (dec_cmp(dec_abs(off), (dec){ 1, w.scale }) > 0)
		fail_msg("%s, not %s", s, want);
}

static struct leg
leg(enum contract_kind kind, const char *amt, const char *entry, const char *size)
{
	return (struct leg){ kind, D(amt), D(entry), D(size) };
}

struct step { const char *floor, *cap, *mmr, *cum; int lev; };

static struct tiers
tiers(const struct step *step, size_t n)
{
	struct tiers ts = { 0 };

	for (size_t i = 0; i < n; i++)
		ts.tier[ts.n++] = (struct tier){ D(step[i].floor), D(step[i].cap),
		    D(step[i].mmr), D(step[i].cum), step[i].lev };
	return ts;
}

/* One tier for everything: what an example says of rate and deduction. */
static struct tiers
flat(const char *mmr, const char *cum)
{
	return tiers(&(struct step){ "0", "1000000000000", mmr, cum, 125 }, 1);
}

/* ETHUSDT, October 2024, as published with its deductions. */
static const struct step eth[] = {
	{ "0",	       "50000",	     "0.004",  "0",	    125 },
	{ "50000",     "600000",     "0.005",  "50",	    100 },
	{ "600000",    "3000000",    "0.0065", "950",	     75 },
	{ "3000000",   "12000000",   "0.01",   "11450",	     50 },
	{ "12000000",  "50000000",   "0.02",   "131450",     25 },
	{ "50000000",  "65000000",   "0.025",  "381450",     20 },
	{ "65000000",  "150000000",  "0.05",   "2006450",    10 },
	{ "150000000", "320000000",  "0.1",    "9506450",     5 },
	{ "320000000", "400000000",  "0.125",  "17506450",    4 },
	{ "400000000", "530000000",  "0.15",   "27506450",    3 },
	{ "530000000", "800000000",  "0.25",   "80506450",    2 },
	{ "800000000", "1200000000", "0.5",    "280506450",   1 },
};

/* BTCUSD_PERP, 2021, in coins. */
static const struct step btcusd[] = {
	{ "0",	  "5",	   "0.004", "0",       125 },
	{ "5",	  "10",	   "0.005", "0.005",   100 },
	{ "10",	  "20",	   "0.01",  "0.055",	50 },
	{ "20",	  "50",	   "0.025", "0.355",	20 },
	{ "50",	  "100",   "0.05",  "1.605",	10 },
	{ "100",  "200",   "0.1",   "6.605",	 5 },
	{ "200",  "400",   "0.125", "11.605",	 4 },
	{ "400",  "1000",  "0.15",  "21.605",	 3 },
	{ "1000", "1500",  "0.25",  "121.605",	 2 },
	{ "1500", "10000", "0.5",   "496.605",	 1 },
};

static void
test_notional_and_pnl(void **state)
{
	static const struct {
		enum contract_kind kind;
		const char *amt, *entry, *size, *mark, *notional, *pnl;
	} row[] = {
		/* DOC positionRisk; short: 10 at 6563.86 */
		{ LINEAR, "20", "6563.665", "1", "6679.50671178", "133590.13423560", "2316.83423560" },
		{ LINEAR, "-10", "6563.86", "1", "6679.50671178", "-66795.06711780", "-1156.46711780" },
		/* DOC positionRisk v3, ADAUSDT */
		{ LINEAR, "30", "0.385", "1", "0.41047590", "12.31427700", "0.76427700" },
		/* DOC, BTCUSD_201225 */
		{ INVERSE, "1", "11707.70000003", "100", "11788.66626667", "0.00848272", "0.00005866" },
		/* REAL, BTCUSD_PERP */
		{ INVERSE, "2", "37643.10000021", "100", "38103.05510455", "0.00524892", "0.00006413" },
		/* WORKED: closing 20 contracts; 30 at settlement */
		{ INVERSE, "20", "61440", "100", "64000", "0.03125000", "0.00130208" },
		{ INVERSE, "30", "61440", "100", "64000", "0.04687500", "0.00195312" },
		{ LINEAR, "0.3", "61000", "1", "64000", "19200.00000000", "900.00000000" },
		/* REAL, AAPLUSDT: the mark was printed with 8 decimals */
		{ LINEAR, "0.02", "313.20000000000005", "1", "313.19672593", "6.26393451", "-0.00006548" },
		/* flat, and no price known */
		{ INVERSE, "0", "0", "100", "0", "0", "0" },
		{ LINEAR, "0", "0", "1", "0", "0", "0" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		struct leg l = leg(row[i].kind, row[i].amt, row[i].entry, row[i].size);
		dec n, p;

		assert_true(margin_notional(&n, &l, D(row[i].mark)));
		same(n, row[i].notional);
		assert_true(margin_pnl(&p, &l, D(row[i].mark)));
		same(p, row[i].pnl);
	}
}

static void
test_no_room_leaves_out_alone(void **state)
{
	struct leg big = leg(LINEAR, "99999999999999999999999999999999999999", "1", "1");
	struct leg coin = leg(INVERSE, "1", "60000", "100");
	dec out = D("7");

	(void)state;
	assert_false(margin_notional(&out, &big, D("99999999999999999999")));
	assert_false(margin_pnl(&out, &big, D("99999999999999999999")));
	assert_false(margin_notional(&out, &coin, D("0")));
	assert_false(margin_pnl(&out, &coin, D("0")));
	assert_false(margin_initial(&out, D("100"), 0));
	assert_false(margin_leverage(&out, D("100"), D("0")));
	assert_false(margin_leverage(&out, D("100"), D("-1")));
	assert_false(margin_ratio(&out, D("1"), D("0")));
	same(out, "7");
}

static void
test_initial(void **state)
{
	static const struct { const char *notional; int lev; const char *want; } row[] = {
		{ "385.53806434", 20, "19.27690321" },		/* REAL */
		{ "-385.53806434", 20, "19.27690321" },
		{ "12.31427700", 20, "0.61571385" },		/* DOC */
		{ "0.4", 20, "0.02000000" },			/* FAQ, coins */
		{ "9253.30", 20, "462.66500000" },		/* FAQ */
		{ "100", 3, "33.33333300" },	/* 1/3 is 0.33333333 */
		{ "100", 6, "16.66666700" },	/* 1/6 is 0.16666667 */
	};
	dec got;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_true(margin_initial(&got, D(row[i].notional), row[i].lev));
		same(got, row[i].want);
	}
}

static void
test_maintenance(void **state)
{
	static const struct {
		const struct step *step;
		size_t n;
		const char *notional, *want;
	} row[] = {
		{ eth, LEN(eth), "5000000", "38550.00000000" },		/* WORKED, by slices */
		{ eth, LEN(eth), "-5000000", "38550.00000000" },
		{ eth, LEN(eth), "385.53806434", "1.54215225" },	/* REAL */
		{ eth, LEN(eth), "0", "0.00000000" },
		{ btcusd, LEN(btcusd), "0.4", "0.00160000" },		/* FAQ */
		{ btcusd, LEN(btcusd), "300", "25.89500000" },		/* FAQ */
		{ btcusd, LEN(btcusd), "7", "0.03000000" },		/* WORKED */
	};
	struct tiers none = { 0 };
	dec got;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		struct tiers ts = tiers(row[i].step, row[i].n);

		assert_true(margin_maintenance(&got, &ts, D(row[i].notional)));
		same(got, row[i].want);
	}
	assert_false(margin_maintenance(&got, &none, D("1")));
}

static void
test_tiers(void **state)
{
	struct tiers ts = tiers(eth, LEN(eth)), none = { 0 };

	(void)state;
	assert_null(tiers_of(&none, D("1")));
	assert_ptr_equal(tiers_of(&ts, D("0")), &ts.tier[0]);
	assert_ptr_equal(tiers_of(&ts, D("50000")), &ts.tier[0]);	/* N = cap is inside */
	assert_ptr_equal(tiers_of(&ts, D("-50000.00000001")), &ts.tier[1]);
	assert_ptr_equal(tiers_of(&ts, D("1200000000")), &ts.tier[11]);
	assert_ptr_equal(tiers_of(&ts, D("9900000000")), &ts.tier[11]);
	same(tiers_cap(&ts, 125), "50000");
	same(tiers_cap(&ts, 101), "50000");
	same(tiers_cap(&ts, 100), "600000");
	same(tiers_cap(&ts, 20), "65000000");
	same(tiers_cap(&ts, 1), "1200000000");
	same(tiers_cap(&ts, 126), "0");
}

static void
test_average(void **state)
{
	struct leg l = leg(LINEAR, "0.5", "60000", "1");
	struct leg c = leg(INVERSE, "50", "60000", "100");
	struct leg s = leg(LINEAR, "-0.5", "60000", "1");
	struct leg none = leg(LINEAR, "0", "0", "1");
	struct leg fine = leg(INVERSE, "900000", "61234.123456789012", "100");
	dec got = D("0");

	(void)state;
	/* WORKED: 5000 USD and 3000 USD give a harmonic mean */
	assert_true(margin_average(&got, &l, D("0.25"), D("63000")));
	same(got, "61000.000000000000");
	assert_true(margin_average(&got, &c, D("30"), D("64000")));
	same(got, "61440.000000000000");
	assert_true(margin_average(&got, &s, D("-0.25"), D("63000")));
	same(got, "61000.000000000000");
	assert_true(margin_average(&got, &none, D("-2"), D("63000.5")));
	same(got, "63000.5");
	/* WORKED: with Python's decimal; prices of 12 decimals and large sizes have room */
	assert_true(margin_average(&got, &fine, D("900001"), D("61235.123456790013")));
	same(got, "61234.623452984633");
	assert_true(margin_average(&got, &none, D("-2"), D("63000.5")));
	assert_false(margin_average(&got, &l, D("-0.25"), D("63000")));
	assert_false(margin_average(&got, &none, D("0"), D("63000")));
	same(got, "63000.5");
}

static dec
liquidation(const struct leg *l, const struct tiers *ts, const char *wb)
{
	struct liq_leg one = { *l, ts };
	dec got;

	assert_true(margin_liquidation(&got, &one, 1, D(wb), D("0"), D("0")));
	return got;
}

static void
test_liquidation_isolated(void **state)
{
	static const struct {
		enum contract_kind kind;
		const char *amt, *entry, *size, *wb, *mmr, *cum, *want;
	} row[] = {
		/* DOC: 3.15899368 less upnl -0.03331353 */
		{ LINEAR, "0.003", "10359.38", "1", "3.19230721", "0.004", "0", "9332.60" },
		/* DOC, hedge mode: each side has its own */
		{ LINEAR, "20", "6563.665", "1", "13200.70726908", "0.005", "50", "5930.78" },
		{ LINEAR, "-10", "6563.86", "1", "6570.42511771", "0.005", "50", "7189.95" },
		/* REAL, BTCUSD_PERP */
		{ INVERSE, "2", "37643.10000021", "100", "0.00268058", "0.004", "0", "25119.97445760" },
		/* WORKED: 1000 USD short; from a wallet of Q / EP on there is none */
		{ INVERSE, "-10", "60000", "100", "0.005", "0.004", "0", "85371.4285" },
		{ INVERSE, "-10", "60000", "100", "0.01666667", "0.004", "0", "0" },
		{ INVERSE, "-10", "60000", "100", "0.02", "0.004", "0", "0" },
		{ LINEAR, "1", "60000", "1", "60000", "0.004", "0", "0" },
		{ LINEAR, "1", "60000", "1", "70000", "0.004", "0", "0" },
		{ LINEAR, "0", "0", "1", "100", "0.004", "0", "0" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		struct leg l = leg(row[i].kind, row[i].amt, row[i].entry, row[i].size);
		struct tiers ts = flat(row[i].mmr, row[i].cum);

		same(liquidation(&l, &ts, row[i].wb), row[i].want);
	}
}

/*
 * Isolated positions of real accounts with the exchange's own liquidation
 * price (positionRisk v2, 2024; quoted in public code). The entry price the
 * exchange prints is itself rounded: one unit of the last decimal is let pass.
 * Tiers of October 2024; AAPLUSDT from a published report of August 2026.
 */
static void
test_liquidation_real(void **state)
{
	static const struct step btc[] = {
		{ "0", "50000", "0.004", "0", 125 }, { "50000", "600000", "0.005", "50", 100 }
	};
	static const struct step doge[] = {
		{ "0", "10000", "0.005", "0", 75 }, { "10000", "50000", "0.007", "20", 50 }
	};
	static const struct step ena[] = {
		{ "0", "10000", "0.01", "0", 75 }, { "10000", "80000", "0.015", "50", 50 },
		{ "80000", "400000", "0.02", "450", 25 }
	};
	static const struct step aapl[] = {
		{ "0", "100000", "0.025", "0", 20 }, { "100000", "500000", "0.0333", "830", 15 }
	};
	static const struct {
		const struct step *step;
		size_t n;
		const char *amt, *entry, *wallet, *want;
	} row[] = {
		{ btc, 2, "-0.002", "66351.2", "13.21988880", "72670.46254980" },
		{ doge, 2, "5923", "0.1066545918361", "108.48734857", "0.08878222" },
		{ ena, 3, "65457", "0.4281605481461", "11962.99576933", "0.24836096" },
		{ eth, 12, "5.737", "2614.8", "5722.76987864", "1623.77551366" },
		{ aapl, 2, "0.02", "313.20000000000005", "0.31074682", "305.29503487" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		struct leg l = leg(LINEAR, row[i].amt, row[i].entry, "1");
		struct tiers ts = tiers(row[i].step, row[i].n);

		near(liquidation(&l, &ts, row[i].wallet), row[i].want);
	}
}

static void
test_liquidation_cross(void **state)
{
	/* FAQ: two contracts in one wallet; the other one's figures by hand */
	struct tiers btc = flat("0.025", "16300"), got_eth = flat("0.1", "135365");
	struct leg l = leg(LINEAR, "109.488", "32481.98", "1");
	struct leg other = leg(LINEAR, "3683.979", "1456.84", "1");
	struct liq_leg one = { l, &btc };
	dec n, tmm1, upnl1, got;

	(void)state;
	assert_true(margin_notional(&n, &other, D("1335.18")));
	assert_true(margin_maintenance(&tmm1, &got_eth, n));
	same(tmm1, "356512.508");
	assert_true(margin_pnl(&upnl1, &other, D("1335.18")));
	near(upnl1, "-448192.89");	/* printed rounded */
	assert_true(margin_liquidation(&got, &one, 1, D("1535443.01"), tmm1, upnl1));
	same(got, "26316.89");
}

static void
test_liquidation_hedge(void **state)
{
	struct tiers t2 = tiers(eth, 2), t1 = flat("0.004", "0"), high = flat("0.005", "50");
	struct tiers none = { 0 };
	struct liq_leg linear[] = {
		{ leg(LINEAR, "2", "60000", "1"), &t2 }, { leg(LINEAR, "-0.5", "62000", "1"), &t2 }
	};
	struct liq_leg coin[] = {
		{ leg(INVERSE, "200", "60000", "100"), &t1 },
		{ leg(INVERSE, "-50", "62000", "100"), &t1 }
	};
	struct liq_leg hedged[] = {
		{ leg(LINEAR, "1", "60000", "1"), &high }, { leg(LINEAR, "-1", "61000", "1"), &high }
	};
	struct liq_leg zero[] = {
		{ leg(LINEAR, "0", "0", "1"), NULL }, { leg(LINEAR, "0.003", "10359.38", "1"), &t1 }
	};
	dec got;

	(void)state;
	/* WORKED: long in tier 2, short in tier 1 */
	assert_true(margin_liquidation(&got, linear, 2, D("5000"), D("300"), D("-200")));
	same(got, "56754.03225806");
	assert_true(margin_liquidation(&got, coin, 2, D("0.02"), D("0.001"), D("-0.0005")));
	same(got, "55680.8945");
	/* fully hedged: both legs' maintenance grows with the price */
	assert_true(margin_liquidation(&got, hedged, 2, D("500"), D("0"), D("0")));
	same(got, "160000.00000000");
	/* a flat leg counts for nothing, a leg without tiers cannot be judged */
	assert_true(margin_liquidation(&got, zero, 2, D("3.19230721"), D("0"), D("0")));
	same(got, "9332.60");
	zero[1].tiers = &none;
	assert_false(margin_liquidation(&got, zero, 2, D("1"), D("0"), D("0")));
	zero[1].tiers = NULL;
	assert_false(margin_liquidation(&got, zero, 2, D("1"), D("0"), D("0")));
	same(got, "9332.60");
}

/*
 * WORKED: long 1.2, short 1.19 at 60000, 500; 0.4 % to 1 000 000, then 1 % less 6000. Both low:
 * (500 - 600) / (2.39 x 0.004 - 0.01) = 227272.727; both high: (500 - 600 + 12000) / (2.39 x 0.01 - 0.01) = 856115.108.
 */
static void
test_bounds(void **state)
{
	struct tiers ts = { .n = 2, .tier = { { D("0"), D("1000000"), D("0.004"), D("0"), 125 },
		{ D("1000000"), D("9000000"), D("0.01"), D("6000"), 50 } } };
	struct liq_leg two[] = { { leg(LINEAR, "1.2", "60000", "1"), &ts }, { leg(LINEAR, "-1.19", "60000", "1"), &ts } };
	struct liq_bounds b, c = { .low = D("230000") }, none = { .dead = false };
	dec got;

	(void)state;
	assert_true(margin_liquidation_bounds(&b, two, 2, D("500"), D("0"), D("0")) && !b.dead);
	same(b.low, "227272.72727272");
	same(b.high, "856115.10791366");
	assert_true(margin_liquidation(&got, two, 2, D("500"), D("0"), D("0")));
	same(got, "227272.72727272");
	/* each leg alone has one side */
	assert_true(margin_liquidation_bounds(&b, two, 1, D("5000"), D("0"), D("0")));
	assert_true(dec_sign(b.low) > 0 && dec_sign(b.high) == 0 && !b.dead);
	assert_true(margin_liquidation_bounds(&b, two + 1, 1, D("5000"), D("0"), D("0")));
	assert_true(dec_sign(b.low) == 0 && dec_sign(b.high) > 0 && !b.dead);
	/* nothing is left at any price, which is not that nothing can happen */
	assert_true(margin_liquidation_bounds(&b, two, 2, D("-90000"), D("0"), D("0")));
	assert_true(b.dead && dec_sign(b.low) == 0 && dec_sign(b.high) == 0);
	/* where both hold */
	assert_true(margin_liquidation_bounds(&b, two, 2, D("500"), D("0"), D("0")));
	margin_narrow(&b, &none);
	same(b.low, "227272.72727272");
	margin_narrow(&b, &c);
	same(b.low, "230000");
	same(b.high, "856115.10791366");
	c = (struct liq_bounds){ .high = D("220000") };
	margin_narrow(&b, &c);
	assert_true(b.dead);
}

static void
test_tier_of_the_result(void **state)
{
	/* WORKED: tiers 1 to 3 give 3363.45, 3366.78, 3370.96, all beyond their caps */
	struct tiers ts = tiers(eth, LEN(eth));
	struct leg l = leg(LINEAR, "1000", "3500", "1");

	(void)state;
	same(liquidation(&l, &ts, "150000"), "3372.27272727");
}

/* Equity less maintenance at a price. */
static dec
left_at(const struct liq_leg *legs, int n, dec wb, dec price)
{
	dec v;

	for (int i = 0; i < n; i++) {
		assert_true(margin_pnl(&v, &legs[i].leg, price));
		assert_true(dec_add(&wb, wb, v));
		assert_true(margin_notional(&v, &legs[i].leg, price));
		assert_true(margin_maintenance(&v, legs[i].tiers, v));
		assert_true(dec_sub(&wb, wb, v));
	}
	return wb;
}

/*
 * At the price found nothing is left, by margin_pnl and margin_maintenance,
 * which know nothing of the solution. The price is cut off at 1e-8, so a leg
 * of q may be off by some q * 1e-8, and each figure by 1e-8 more. Where no
 * price was found, what is left has one sign at any price.
 */
static void
check_liquidation(const struct liq_leg *legs, int n, const char *part)
{
	static const char *const probe[] = { "1", "100", "2000", "3400", "9000", "70000", "900000" };
	dec wb, price, left, off, slack = D("0.00000008");

	assert_true(margin_notional(&wb, &legs[0].leg, legs[0].leg.entry));
	assert_true(dec_mul(&wb, dec_abs(wb), D(part)));
	assert_true(margin_liquidation(&price, legs, n, wb, D("0"), D("0")));
	if (dec_sign(price) == 0) {
		left = left_at(legs, n, wb, D("0.5"));
		for (size_t i = 0; i < LEN(probe); i++)
			assert_int_equal(dec_sign(left_at(legs, n, wb, D(probe[i]))), dec_sign(left));
		return;
	}
	for (int i = 0; i < n; i++) {
		assert_true(dec_mul(&off, dec_abs(legs[i].leg.amt), D("0.00000003")));
		assert_true(dec_add(&slack, slack, off));
	}
	left = left_at(legs, n, wb, price);
	assert_true(dec_cmp(dec_abs(left), slack) <= 0);
}

/* From the first tier to beyond the last, one leg and two, both kinds. */
static void
test_liquidation_balances(void **state)
{
	static const char *const amts[] = {
		"0.001", "-0.001", "10", "-10", "149.5", "-149.5", "2000", "-2000", "90000",
		"-90000", "140000", "-300000"
	};
	static const char *const parts[] = { "0.006", "0.05", "0.31", "0.9" };
	struct tiers ts = tiers(eth, LEN(eth)), coins = tiers(btcusd, LEN(btcusd));

	(void)state;
	for (size_t i = 0; i < LEN(amts); i++)
		for (size_t j = 0; j < LEN(amts); j++)
			for (size_t k = 0; k < LEN(parts); k++) {
				struct liq_leg two[] = {
					{ leg(LINEAR, amts[i], "3500", "1"), &ts },
					{ leg(LINEAR, amts[j], "3300", "1"), &ts },
				};
				struct liq_leg coin[] = {
					{ leg(INVERSE, amts[i], "60000", "100"), &coins },
					{ leg(INVERSE, amts[j], "62000", "100"), &coins },
				};

				check_liquidation(two, 1, parts[k]);
				check_liquidation(two, 2, parts[k]);
				check_liquidation(coin, 1, parts[k]);
				check_liquidation(coin, 2, parts[k]);
			}
}

static void
test_bankruptcy(void **state)
{
	struct leg l = leg(LINEAR, "0.003", "10359.38", "1");
	struct leg s = leg(LINEAR, "-1", "60000", "1");
	struct leg c = leg(INVERSE, "2", "37643.10000021", "100");
	struct leg full = leg(INVERSE, "-10", "60000", "100");
	dec got;

	(void)state;
	assert_true(margin_bankruptcy(&got, &l, D("3.19230721")));
	same(got, "9295.2775");		/* WORKED */
	assert_true(margin_bankruptcy(&got, &c, D("0.00268058")));
	same(got, "25019.8948");	/* WORKED */
	assert_true(margin_bankruptcy(&got, &s, D("3000")));
	same(got, "63000.00000000");
	assert_true(margin_bankruptcy(&got, &full, D("0.02")));
	same(got, "0");			/* never */
	assert_true(margin_bankruptcy(&got, &l, D("50")));
	same(got, "0");			/* the wallet pays for all of it */
}

static void
test_ratios(void **state)
{
	dec got;

	(void)state;
	/* DOC: 31.0448 on 3.15899368 is 9.83 while 10 is configured */
	assert_true(margin_leverage(&got, D("31.04482646"), D("3.15899368")));
	same(got, "9.8275");
	assert_true(margin_leverage(&got, D("-31.04482646"), D("3.15899368")));
	same(got, "9.8275");
	assert_true(margin_leverage(&got, D("100.0001"), D("100")));
	same(got, "1.0001");	/* rounded up */
	/* WORKED: 40 of 1500; FAQ: 199.596 of 416.02 */
	assert_true(margin_ratio(&got, D("40"), D("1500")));
	same(got, "0.02666667");
	assert_true(margin_ratio(&got, D("199.596"), D("416.02")));
	same(got, "0.4797");
}

/*
 * leverageBracket
 */

static struct scan sc;

static int
parse(struct tiers *ts, const char *json, struct fault *f)
{
	if (scan_doc(&sc, json, strlen(json)) <= 0)
		fail_msg("bad test: %s", json);
	return tiers_parse(ts, sc.t, sc.t, f);
}

#define ROW(floor, cap, mmr, cum)						\
	"{\"bracket\":1,\"initialLeverage\":20,\"notionalCap\":" cap		\
	",\"notionalFloor\":" floor ",\"maintMarginRatio\":" mmr ",\"cum\":" cum "}"

static void
test_parse(void **state)
{
	struct tiers ts;
	struct fault f;

	(void)state;
	/* REAL: AAPLUSDT */
	assert_int_equal(parse(&ts, "{\"symbol\":\"AAPLUSDT\",\"brackets\":["
	    ROW("0", "100000", "0.025", "0.0") "," ROW("100000", "500000", "0.0333", "830.0")
	    "]}", &f), 0);
	assert_int_equal(ts.n, 2);
	same(ts.tier[1].cap, "500000");
	same(ts.tier[1].mmr, "0.0333");
	same(ts.tier[1].cum, "830");
	assert_int_equal(ts.tier[1].max_leverage, 20);
	/* An adjusted user: half as wide again, and the deduction follows */
	assert_int_equal(parse(&ts, "{\"symbol\":\"AAPLUSDT\",\"notionalCoef\":1.5,\"brackets\":["
	    ROW("0", "100000", "0.025", "0.0") "," ROW("100000", "500000", "0.0333", "830.0")
	    "]}", &f), 0);
	same(ts.tier[1].floor, "150000");
	same(ts.tier[1].cap, "750000");
	same(ts.tier[1].cum, "1245");
	/* DOC: COIN-M, with its misspelling */
	assert_int_equal(parse(&ts, "{\"symbol\":\"BTCUSD_PERP\",\"notionalCoef\":1.5,\"brackets\":"
	    "[{\"bracket\":1,\"initialLeverage\":125,\"qtyCap\":50,\"qtylFloor\":0,"
	    "\"maintMarginRatio\":0.004,\"cum\":0}]}", &f), 0);
	same(ts.tier[0].cap, "75");
}

static void
test_parse_refuses(void **state)
{
	static const struct { const char *json, *field; } row[] = {
		{ "[]", "brackets" },
		{ "{}", "brackets" },
		{ "{\"brackets\":{}}", "brackets" },
		/* DOC sample of ETHUSDT: nothing in it to compute with */
		{ "{\"symbol\":\"ETHUSDT\",\"notionalCoef\":1.5,\"brackets\":[]}", "brackets" },
		{ "{\"brackets\":[1]}", "brackets[0]" },
		{ "{\"brackets\":[" ROW("0", "5", "\"\"", "0") "]}", "maintMarginRatio" },
		{ "{\"brackets\":[" ROW("0", "5", "1", "0") "]}", "maintMarginRatio" },
		{ "{\"brackets\":[" ROW("-1", "5", "0.1", "0") "]}", "notionalFloor" },
		{ "{\"brackets\":[" ROW("5", "5", "0.1", "0") "]}", "notionalCap" },
		{ "{\"brackets\":[" ROW("0", "5", "0.1", "null") "]}", "cum" },
		{ "{\"brackets\":[" ROW("0", "5", "0.1", "0") "," ROW("0", "9", "0.2", "0") "]}",
		  "brackets[1]" },
		{ "{\"notionalCoef\":0,\"brackets\":[" ROW("0", "5", "0.1", "0") "]}", "notionalCoef" },
	};
	struct tiers ts = { .n = 7 };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(parse(&ts, row[i].json, &f), -1);
		assert_int_equal(f.kind, FAULT_REJECTED);
		if (strstr(f.text, row[i].field) == NULL)
			fail_msg("%s does not name %s", f.text, row[i].field);
	}
	assert_int_equal(ts.n, 7);
}

/* Every bracket of the exchange of October 2024: the deductions it prints are
 * those the recursion gives, so a charge is the same from either tier. */
static void
test_real_brackets(void **state)
{
	char *text = recorded("usdm/derived-leverageBracket-mainnet-2024-10-24.json.gz");
	const struct tok *v;
	struct tiers ts;
	struct fault f;
	int symbols = 0, rows = 0;
	dec a, b;

	(void)state;
	assert_true(scan_doc(&sc, text, strlen(text)) > 0);
	for (v = scan_first(sc.t); v != NULL; v = scan_next(sc.t, sc.t, v)) {
		assert_int_equal(tiers_parse(&ts, sc.t, v, &f), 0);
		symbols++;
		rows += ts.n;
		for (int k = 1; k < ts.n; k++) {
			dec at = ts.tier[k].floor;

			assert_true(dec_mul(&a, at, ts.tier[k - 1].mmr));
			assert_true(dec_sub(&a, a, ts.tier[k - 1].cum));
			assert_true(dec_mul(&b, at, ts.tier[k].mmr));
			assert_true(dec_sub(&b, b, ts.tier[k].cum));
			assert_int_equal(dec_cmp(a, b), 0);
		}
	}
	assert_int_equal(symbols, 349);
	assert_int_equal(rows, 2805);
	free(text);
}

static int
cleanup(void **state)
{
	(void)state;
	scan_free(&sc);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notional_and_pnl),
		cmocka_unit_test(test_no_room_leaves_out_alone),
		cmocka_unit_test(test_initial),
		cmocka_unit_test(test_maintenance),
		cmocka_unit_test(test_tiers),
		cmocka_unit_test(test_average),
		cmocka_unit_test(test_liquidation_isolated),
		cmocka_unit_test(test_liquidation_real),
		cmocka_unit_test(test_liquidation_cross),
		cmocka_unit_test(test_liquidation_hedge),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_tier_of_the_result),
		cmocka_unit_test(test_liquidation_balances),
		cmocka_unit_test(test_bankruptcy),
		cmocka_unit_test(test_ratios),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_real_brackets),
	};

	return cmocka_run_group_tests(tests, NULL, cleanup);
}

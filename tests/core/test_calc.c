/*
 * Single figures for who plans a trade. Examples of "Futures margin mathematics": FAQ is
 * Binance's support page, DOC a sample of its documentation, REAL a row of a real account,
 * WORKED checked by a second method. Where each worked number of its sections is tested:
 *
 *	2, 4, 5		test_margin (notional, tiers, PnL), 10 too
 *	3		test_margin, test_cost; orders and position together: test_figures
 *	6		here
 *	7		test_margin (average), test_figures (what a fill does)
 *	8		here; the recorded rows: test_figures
 *	9, 11		test_funding
 *	12		test_margin, test_cost, and in an account: test_figures
 *	13		ratio: test_margin, test_figures; the fee of a liquidation: here and test_simliq
 *	14		test_adl
 *	15.1		test_figures
 *	15.2, 15.3	here
 *	16		test_multi; as an account, and 16.4: test_figures
 *	17		here, test_cost
 *	18		test_margin, test_figures
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/calc.h"
#include "decimal.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

static struct leg
leg(enum contract_kind kind, const char *amt, const char *entry, const char *size)
{
	return (struct leg){ kind, D(amt), D(entry), D(size) };
}

static void
same(dec got, const char *want)
{
	char s[DEC_STR];

	dec_print_short(got, s);
	assert_string_equal(s, want);
}

/* As many decimals as were published, rounded. */
static void
begins(dec got, const char *want)
{
	dec w = D(want);
	char s[DEC_STR];

	assert_true(dec_rescale(&got, got, w.scale, DEC_HALF_UP));
	dec_print(got, s);
	assert_string_equal(s, want);
}

/* Section 17. */
static void
test_fee(void **state)
{
	static const struct {
		enum contract_kind kind;
		const char *amt, *size, *price, *rate, *want;
	} row[] = {
		{ LINEAR,  "0.05",  "1",   "60000", "0.0005",  "1.5" },		/* WORKED */
		{ LINEAR,  "-0.05", "1",   "60000", "0.00045", "1.35" },	/* with BNB, 10 % off */
		{ INVERSE, "30",    "100", "60000", "0.0005",  "0.000025" },	/* WORKED */
		{ LINEAR,  "0.02",  "1",   "313.20000", "0.0004", "0.0025056" },	/* REAL */
		{ INVERSE, "-1",    "100", "8800",  "0.0004",  "0.00000454" },	/* DOC, of /dapi */
		/* WORKED: the fees wanted of two liquidations (section 13) */
		{ LINEAR,  "0.003", "1",   "9320",  "0.0125",  "0.3495" },
		{ LINEAR,  "0.003", "1",   "9280",  "0.0125",  "0.348" },
		{ LINEAR,  "0",	    "1",   "9280",  "0.0125",  "0" },
	};
	dec got;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		struct leg l = leg(row[i].kind, row[i].amt, "1", row[i].size);

		assert_true(calc_fee(&got, &l, D(row[i].price), D(row[i].rate)));
		same(got, row[i].want);
	}
}

/* Section 13: what is left of the collateral of 12.5 #2 after a liquidation fill. */
static void
test_liquidation_fill(void **state)
{
	struct leg l = leg(LINEAR, "0.003", "10359.38", "1");
	dec pnl, left;

	(void)state;
	assert_true(margin_pnl(&pnl, &l, D("9320")));
	same(pnl, "-3.11814");
	assert_true(dec_add(&left, D("3.19230721"), pnl));
	same(left, "0.07416721");	/* less than the fee wanted: all of it goes */
	assert_true(margin_pnl(&pnl, &l, D("9280")));
	same(pnl, "-3.23814");
	assert_true(dec_add(&left, D("3.19230721"), pnl));
	same(left, "-0.04583279");	/* the fund pays it */
}

/* Section 6. */
static void
test_roe(void **state)
{
	struct leg l = leg(LINEAR, "20", "6563.665", "1");
	struct leg c = leg(INVERSE, "1", "11707.70000003", "100");
	struct leg s = leg(LINEAR, "-20", "6563.665", "1");
	dec got;

	(void)state;
	/* DOC: as percentages, 34.686 and 35.298; 13.83 and 13.74 */
	assert_true(calc_roe_mark(&got, &l, D("6679.50671178"), 20));
	begins(got, "0.34686");
	assert_true(calc_roe_entry(&got, &l, D("6679.50671178"), 20));
	begins(got, "0.35298");
	assert_true(calc_roe_mark(&got, &c, D("11788.66626667"), 20));
	begins(got, "0.1383");
	assert_true(calc_roe_entry(&got, &c, D("11788.66626667"), 20));
	begins(got, "0.1374");
	assert_true(calc_roe_mark(&got, &s, D("6679.50671178"), 20));
	begins(got, "-0.34686");
	assert_false(calc_roe_mark(&got, &l, D("0"), 20));
	assert_false(calc_roe_entry(&got, &l, D("6679"), 0));
	begins(got, "-0.34686");
}

static void
test_target(void **state)
{
	/* WORKED: at 20x from 60000 for half as much again */
	static const struct { enum contract_kind kind; const char *amt, *want; } row[] = {
		{ LINEAR,  "1",	 "61500.00" },
		{ LINEAR,  "-1", "58500.00" },
		{ INVERSE, "1",	 "61538.46" },
		{ INVERSE, "-1", "58536.59" },
	};
	dec got, back;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		struct leg l = leg(row[i].kind, row[i].amt, "60000", row[i].kind == LINEAR ? "1" : "100");

		assert_true(calc_target(&got, &l, D("0.5"), 20));
		begins(got, row[i].want);
		assert_true(calc_roe_entry(&back, &l, got, 20));
		begins(back, "0.5000");
	}
	/* a coin short that would have to gain more than there can be */
	struct leg c = leg(INVERSE, "1", "60000", "100"), s = leg(LINEAR, "-1", "60000", "1");

	assert_false(calc_target(&got, &c, D("20"), 20));
	assert_false(calc_target(&got, &s, D("20"), 20));
	assert_true(calc_target(&got, &s, D("-20"), 20));
	same(got, "120000");
}

/* Section 8. */
static void
test_break_even(void **state)
{
	static const struct { const char *amt, *entry, *rate, *want; } fresh[] = {
		/* REAL: taker with BNB, taker, maker with BNB */
		{ "7",	"2.3483",	  "0.00045", "2.349356735" },
		{ "7",	"43371.83333334", "0.0004",  "43389.182066673336" },
		{ "-7", "2.34",		  "0.00018", "2.3395788" },
	};
	struct leg l = leg(LINEAR, "2", "60000", "1"), c = leg(INVERSE, "20", "60000", "100");
	struct leg s = leg(LINEAR, "-2", "60000", "1"), cs = leg(INVERSE, "-20", "60000", "100");
	dec got;

	(void)state;
	for (size_t i = 0; i < LEN(fresh); i++) {
		struct leg f = leg(LINEAR, fresh[i].amt, fresh[i].entry, "1");

		assert_true(calc_break_even_fresh(&got, &f, D(fresh[i].rate)));
		same(got, fresh[i].want);
	}
	/* WORKED: there and back at 0.05 % each way, either kind */
	assert_true(calc_break_even(&got, &l, D("60"), D("0.0005")));
	begins(got, "60060.03");
	assert_true(calc_break_even(&got, &c, D("0.0000166666666667"), D("0.0005")));
	begins(got, "60060.03");
	/* one way is the exchange's: EP + s paid / q */
	assert_true(calc_break_even(&got, &l, D("60"), D("0")));
	same(got, "60030");
	assert_true(calc_break_even(&got, &s, D("60"), D("0")));
	same(got, "59970");
	/* what was earned already moves it the other way; to where nothing can be lost */
	assert_true(calc_break_even(&got, &l, D("-600"), D("0")));
	same(got, "59700");
	assert_false(calc_break_even(&got, &l, D("-120000"), D("0")));
	assert_false(calc_break_even(&got, &l, D("-130000"), D("0")));
	same(got, "59700");
	/* WORKED: 1 / (1 / 60000 + 0.0001 / 2000) */
	assert_true(calc_break_even(&got, &cs, D("0.0001"), D("0")));
	begins(got, "59820.5384");
	/* a coin long cannot win back more than all its coins */
	assert_false(calc_break_even(&got, &c, D("0.034"), D("0")));
}

/* Closing at the break-even price leaves nothing, by margin_pnl and calc_fee. */
static void
test_break_even_closes_at_nothing(void **state)
{
	static const char *const amts[] = { "1", "-1", "250", "-250" };
	static const char *const paid[] = { "0", "0.0004", "-0.0003", "0.0021" };

	(void)state;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < LEN(amts); i++)
			for (size_t j = 0; j < LEN(paid); j++) {
				struct leg l = leg(k == 0 ? LINEAR : INVERSE, amts[i], "43210.5", k == 0 ? "1" : "100");
				dec x, pnl, fee = { 0, 0 };

				assert_true(calc_break_even(&x, &l, D(paid[j]), D("0.0005")));
				assert_true(margin_pnl(&pnl, &l, x) && calc_fee(&fee, &l, x, D("0.0005")));
				assert_true(dec_sub(&pnl, pnl, fee) && dec_sub(&pnl, pnl, D(paid[j])));
				/* the price has 8 decimals: 250 of them may be off by 1.25e-6 */
				assert_true(dec_cmp(dec_abs(pnl), D("0.00000130")) <= 0);
			}
}

/* Section 15.2. */
static void
test_order_cost(void **state)
{
	static const struct {
		enum contract_kind kind;
		const char *amt, *price, *mark, *bid, *ask;
		const char *assumed, *im, *loss, *cost;
	} row[] = {
		/* FAQ: buy, and the same as a sell */
		{ LINEAR, "1", "9253.30", "9259.84", "0", "0", "9253.3", "462.665", "0", "462.665" },
		{ LINEAR, "-1", "9253.30", "9259.84", "0", "0", "9253.3", "462.665", "6.54", "469.205" },
		/* a clone's document: a market buy; the loss is against the mark */
		{ LINEAR, "1", "0", "102998.2734", "0", "102946.8", "102998.2734", "5149.91367", "0", "5149.91367" },
		/* WORKED: coins */
		{ INVERSE, "100", "60000", "59900", "0", "0", "60000", "0.00833333", "0.00027824", "0.00861157" },
		/* a market sell: the better of bid and mark; a bid not known */
		{ LINEAR, "-1", "0", "60000", "60010", "0", "60010", "3000.5", "0", "3000.5" },
		{ LINEAR, "-1", "0", "60000", "0", "0", "60000", "3000", "0", "3000" },
		{ LINEAR, "1", "0", "60000", "0", "0", "60030", "3001.5", "30", "3031.5" },
	};
	struct leg l = leg(LINEAR, "1", "0", "1");
	struct order_cost c = { .im = D("7") };

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		struct leg o = leg(row[i].kind, row[i].amt, row[i].price, row[i].kind == LINEAR ? "1" : "100");

		assert_true(calc_order_cost(&c, &o, D(row[i].mark), D(row[i].bid), D(row[i].ask), 20));
		same(c.assumed, row[i].assumed);
		same(c.im, row[i].im);
		same(c.open_loss, row[i].loss);
		same(c.cost, row[i].cost);
	}
	assert_false(calc_order_cost(&c, &l, D("0"), D("0"), D("0"), 20));
	assert_false(calc_order_cost(&c, &l, D("1"), D("0"), D("0"), 0));
	same(c.im, "3001.5");
}

static struct max_open
max_open(enum order_side side, const char *price, const char *mark, const char *available)
{
	return (struct max_open){ .kind = LINEAR, .size = D("1"), .price = D(price), .mark = D(mark),
		.available = D(available), .step = D("0.00001"), .leverage = 20, .side = side };
}

/* Section 15.3. */
static void
test_max_open(void **state)
{
	struct tiers ts = { 2, { { D("0"), D("50000"), D("0.004"), D("0"), 125 },
		{ D("50000"), D("600000"), D("0.005"), D("50"), 10 } } };
	struct max_open m = max_open(SIDE_BUY, "60100", "60000", "1000");
	dec got;

	(void)state;
	assert_true(calc_max_open(&got, &m));
	same(got, "0.32206");		/* WORKED */
	m = max_open(SIDE_SELL, "59900", "60000", "1000");
	assert_true(calc_max_open(&got, &m));
	same(got, "0.3231");		/* WORKED: 0.32310 */
	m = max_open(SIDE_BUY, "60000", "60000", "3000");
	assert_true(calc_max_open(&got, &m));
	same(got, "1");			/* exactly, on a step */
	m.step = D("0.3");
	assert_true(calc_max_open(&got, &m));
	same(got, "0.9");
	m.max_qty = D("0.5");
	assert_true(calc_max_open(&got, &m));
	same(got, "0.3");
	/* the tier that still allows 20x ends at 50000: (50000 - 6000 - 1000) / 60000 */
	m = max_open(SIDE_BUY, "60000", "60000", "300000");
	m.tiers = &ts;
	m.held = D("0.1");
	m.same_orders = D("1000");
	assert_true(calc_max_open(&got, &m));
	same(got, "0.71666");
	m.leverage = 10;		/* (600000 - 7000) / 60000 */
	assert_true(calc_max_open(&got, &m));
	same(got, "9.88333");
	m.leverage = 126;		/* no tier allows it */
	assert_true(calc_max_open(&got, &m));
	same(got, "0");
	/* against a position: it is closed first, and its margin of 300 is free */
	m = max_open(SIDE_SELL, "60000", "60000", "2700");
	m.held = D("0.1");
	assert_true(calc_max_open(&got, &m));
	same(got, "1.1");
	/* WORKED, section 3: what waits to sell uses that up first. 2700 x 20 + 2 x 6000 - 4000, - 9000, and, as it
	 * bound margin of its own above 12000 already, no less than what is available buys */
	m.same_orders = D("4000");
	assert_true(calc_max_open(&got, &m));
	same(got, "1.03333");
	m.same_orders = D("9000");
	assert_true(calc_max_open(&got, &m));
	same(got, "0.95");
	m.same_orders = D("15000");
	assert_true(calc_max_open(&got, &m));
	same(got, "0.9");
	m.tiers = &ts;			/* 50000 + 6000 - 55000, and what is more than full */
	m.same_orders = D("55000");
	assert_true(calc_max_open(&got, &m));
	same(got, "0.01666");
	m.same_orders = D("57000");
	assert_true(calc_max_open(&got, &m));
	same(got, "0");
	m.tiers = NULL;
	m.same_orders = D("0");
	m.available = D("-400");	/* nothing left: the position can still be closed */
	assert_true(calc_max_open(&got, &m));
	same(got, "0.1");
	m.step = D("0");
	assert_false(calc_max_open(&got, &m));
}

static void
test_max_open_inverse(void **state)
{
	struct max_open m = { .kind = INVERSE, .size = D("100"), .price = D("60000"), .mark = D("59900"),
		.available = D("0.00861158"), .step = D("1"), .leverage = 20, .side = SIDE_BUY };
	struct tiers ts = { 1, { { D("0"), D("5"), D("0.004"), D("0"), 125 } } };
	dec got;

	(void)state;
	/* the order of section 15.2 costs 0.00861157: just that many */
	assert_true(calc_max_open(&got, &m));
	same(got, "100");
	m.available = D("0.00861");
	assert_true(calc_max_open(&got, &m));
	same(got, "99");
	/* no loss at once: 0.5 x 20 x 50000 / 100 contracts */
	m.price = m.mark = D("50000");
	m.available = D("0.5");
	assert_true(calc_max_open(&got, &m));
	same(got, "5000");
	m.tiers = &ts;			/* 5 coins at 50000 are 2500 contracts */
	assert_true(calc_max_open(&got, &m));
	same(got, "2500");
	m.held = D("-400");		/* 400 of them close */
	assert_true(calc_max_open(&got, &m));
	same(got, "2900");
}

/* The greatest quantity can be paid for, the next step cannot: by calc_order_cost. */
static void
test_max_open_is_the_most(void **state)
{
	static const char *const prices[] = { "59000", "59999.5", "60000", "60123.45", "66000" };
	static const int levs[] = { 1, 5, 20, 125 };

	(void)state;
	for (int k = 0; k < 2; k++)
		for (int s = -1; s <= 1; s += 2)
			for (size_t i = 0; i < LEN(prices); i++)
				for (size_t j = 0; j < LEN(levs); j++) {
					struct max_open m = { .kind = k == 0 ? LINEAR : INVERSE, .size = D(k == 0 ? "1" : "100"),
						.price = D(prices[i]), .mark = D("60000"), .available = D(k == 0 ? "12345.678" : "3.21"),
						.step = D(k == 0 ? "0.001" : "1"), .leverage = levs[j], .side = s < 0 ? SIDE_SELL : SIDE_BUY };
					struct leg l = { m.kind, { 0, 0 }, m.price, m.size };
					struct order_cost c;
					dec q, more;

					assert_true(calc_max_open(&q, &m) && dec_add(&more, q, m.step));
					l.amt = s < 0 ? dec_neg(q) : q;
					assert_true(calc_order_cost(&c, &l, m.mark, D("0"), D("0"), m.leverage));
					assert_true(dec_cmp(c.cost, m.available) <= 0);
					l.amt = s < 0 ? dec_neg(more) : more;
					assert_true(calc_order_cost(&c, &l, m.mark, D("0"), D("0"), m.leverage));
					assert_true(dec_cmp(c.cost, m.available) > 0);
				}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fee),
		cmocka_unit_test(test_liquidation_fill),
		cmocka_unit_test(test_roe),
		cmocka_unit_test(test_target),
		cmocka_unit_test(test_break_even),
		cmocka_unit_test(test_break_even_closes_at_nothing),
		cmocka_unit_test(test_order_cost),
		cmocka_unit_test(test_max_open),
		cmocka_unit_test(test_max_open_inverse),
		cmocka_unit_test(test_max_open_is_the_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

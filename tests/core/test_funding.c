/*
 * Mark price and funding. WORKED: computed from the exchange's published
 * formulas with Python's decimal module. FAQ: a rule stated on a support page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/funding.h"
#include "decimal.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define HOUR	INT64_C(3600000)

static const char *
S(dec d)	/* several may be in use at once */
{
	static char ring[8][DEC_STR];
	static unsigned k;
	char *p = ring[k++ % LEN(ring)];

	dec_print_short(d, p);
	return p;
}

#define assert_dec(d, want)	assert_string_equal(S(d), want)

/* WORKED: index 60000, last rate 0.01 %, 3 h left. */
static void
test_the_mark_is_the_median_of_three_prices(void **state)
{
	static const struct { int hours; const char *basis, *last, *want; } row[] = {
		{ 8, "12.4", "60030", "60012.4" },	/* P2 */
		{ 8, "-5", "60030", "60002.25" },	/* P1 */
		{ 4, "-5", "60030", "60004.5" },	/* P1 of a 4 h contract */
		{ 8, "12.4", "60007.1", "60007.1" },	/* P3 */
		{ 8, "12.4", "1", "60002.25" },
		{ 8, "12.4", "0", "60007.325" },	/* no trade yet: between P1 and P2 */
	};
	dec mp;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_true(mark_perpetual(&mp, D("60000"), D("0.0001"), 3 * HOUR,
		    row[i].hours * HOUR, D(row[i].basis), D(row[i].last)));
		assert_dec(mp, row[i].want);
	}
}

static void
test_a_mark_is_cut_off_at_8_decimals(void **state)
{
	dec mp;

	(void)state;
	/* 0.12345678 x (1 + 0.0001 x 1 / 3) = 0.123460895226... */
	assert_true(mark_perpetual(&mp, D("0.12345678"), D("0.0001"), 1, 3, D("1"), D("0.1")));
	assert_dec(mp, "0.12346089");
}

static void
test_a_mark_out_of_range_is_refused(void **state)
{
	dec mp = D("7"), x = D("1"), none = D("0");

	(void)state;
	assert_false(mark_perpetual(&mp, none, none, 1, 8, none, x));
	assert_false(mark_perpetual(&mp, x, none, -1, 8, none, x));
	assert_false(mark_perpetual(&mp, x, none, 9, 8, none, x));
	assert_false(mark_perpetual(&mp, x, none, 0, 0, none, x));
	assert_dec(mp, "7");
}

/* WORKED: +0.033328 % and -0.024996 % as percents of 6 decimals; here the same
 * figures cut off, not rounded. */
static void
test_premium_samples(void **state)
{
	static const struct { const char *bid, *ask, *want; } row[] = {
		{ "60030", "60050", "0.00033327" },	/* 20 / 60010 = 0.000333277... */
		{ "60000", "59995", "-0.00024995" },	/* -15 / 60010 = -0.000249958... */
		{ "60000", "60020", "0" },		/* the index between them */
		{ "60030", "0", "0.00033327" },		/* no asks */
		{ "0", "59995", "-0.00024995" },
		{ "0", "0", "0" },
	};
	dec p;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_true(funding_premium(&p, D(row[i].bid), D(row[i].ask), D("60010")));
		assert_dec(p, row[i].want);
	}
	assert_false(funding_premium(&p, D("1"), D("1"), D("0")));
}

static void
test_the_impact_notional_is_200_times_the_leverage(void **state)
{
	(void)state;
	assert_dec(funding_impact_notional(20), "4000");	/* FAQ */
	assert_dec(funding_impact_notional(125), "25000");
}

/* WORKED: (1 x 0.04 + 2 x 0.06 + 3 x 0.10) / 6 % */
static void
test_later_samples_weigh_more(void **state)
{
	static const char *const sample[] = { "0.0004", "0.0006", "0.0010" };
	struct premium p = { { 0, 0 }, 0 };
	dec mean;

	(void)state;
	assert_true(premium_mean(&mean, &p));
	assert_dec(mean, "0");
	for (size_t i = 0; i < LEN(sample); i++)
		assert_true(premium_add(&p, D(sample[i])));
	assert_true(premium_mean(&mean, &p));
	assert_dec(mean, "0.000766666666");
	for (p = (struct premium){ { 0, 0 }, 0 }; p.n < 5760; )	/* 8 hours of them */
		assert_true(premium_add(&p, D("-0.00012345")));
	assert_true(premium_mean(&mean, &p));
	assert_dec(mean, "-0.00012345");
}

static void
test_rates(void **state)
{
	static const struct { const char *premium; int hours; const char *cap, *want; } row[] = {
		/* WORKED */
		{ "0.0003", 8, "0.02", "0.0001" },
		{ "0.0003", 4, "0.02", "0.00005" },
		{ "0.0012", 8, "0.02", "0.0007" },
		{ "0.0012", 4, "0.02", "0.00035" },
		{ "0.0012", 1, "0.02", "0.0000875" },
		{ "-0.0009", 8, "0.02", "-0.0004" },
		{ "0.0052", 8, "0.003", "0.003" },
		{ "-0.0052", 8, "0.003", "-0.003" },
		/* FAQ: between -0.04 % and 0.06 % the interest alone counts */
		{ "-0.0004", 8, "0.02", "0.0001" },
		{ "0.0006", 8, "0.02", "0.0001" },
		{ "0.0003", 1, "0.02", "0.0000125" },
		/* WORKED: half up at 8 decimals */
		{ "0.00061003", 1, "0.02", "0.00001375" },	/* 0.00001375375 */
		{ "0.00061004", 1, "0.02", "0.00001376" },	/* 0.000013755 */
	};
	dec f;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_true(funding_rate(&f, D(row[i].premium), D("0.0001"), row[i].hours,
		    dec_neg(D(row[i].cap)), D(row[i].cap)));
		assert_dec(f, row[i].want);
	}
	assert_false(funding_rate(&f, D("0"), D("0"), 0, D("-1"), D("1")));
	assert_false(funding_rate(&f, D("0"), D("0"), 25, D("-1"), D("1")));
	assert_false(funding_rate(&f, D("0"), D("0"), 8, D("1"), D("-1")));
}

/* WORKED: mark 60500, rate 0.01 %. */
static void
test_payments(void **state)
{
	static const struct { enum contract_kind kind; const char *amt, *size, *rate, *want; }
	row[] = {
		{ LINEAR, "0.75", "1", "0.0001", "-4.5375" },
		{ LINEAR, "-0.75", "1", "0.0001", "4.5375" },
		{ LINEAR, "0.75", "1", "-0.0001", "4.5375" },
		{ INVERSE, "-80", "100", "0.0001", "0.00001322" },
		{ INVERSE, "80", "100", "0.0001", "-0.00001322" },
		{ LINEAR, "0", "1", "0.0001", "0" },
	};
	struct leg l;
	dec d;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		l = (struct leg){ row[i].kind, D(row[i].amt), D("60000"), D(row[i].size) };
		assert_true(funding_payment(&d, &l, D("60500"), D(row[i].rate)));
		assert_dec(d, row[i].want);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_mark_is_the_median_of_three_prices),
		cmocka_unit_test(test_a_mark_is_cut_off_at_8_decimals),
		cmocka_unit_test(test_a_mark_out_of_range_is_refused),
		cmocka_unit_test(test_premium_samples),
		cmocka_unit_test(test_the_impact_notional_is_200_times_the_leverage),
		cmocka_unit_test(test_later_samples_weigh_more),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_payments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Carry. WORKED: computed with Python's decimal module. Payments are those of the worked examples
 * of funding (0.75 BTC at 60500 and 0.01 %: 4.5375 USDT).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/carry.h"
#include "core/funding.h"
#include "decimal.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define HOUR	INT64_C(3600000)

static void
is(dec d, const char *want)
{
	char s[DEC_STR];

	dec_print_short(d, s);
	assert_string_equal(s, want);
}

static void
a_year_has_so_many_intervals(void **state)
{
	static const struct { const char *rate; int hours; const char *want; } row[] = {
		{ "0.0001", 8, "10.95" },
		{ "0.00005", 4, "10.95" },	/* the same by two intervals */
		{ "0.0000125", 1, "10.95" },
		{ "-0.00375", 4, "-821.25" },
		{ "0.00001", 3, "2.92" },
		{ "0.00000001", 7, "0.0013" },	/* 0.00125..: half up */
		{ "0", 8, "0" },
	};
	dec d;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_true(carry_annual(&d, D(row[i].rate), row[i].hours));
		is(d, row[i].want);
	}
}

static void
an_interval_is_of_1_to_24_hours(void **state)
{
	static const int bad[] = { 0, -8, 25 };
	dec d = D("7");

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_false(carry_annual(&d, D("0.0001"), bad[i]));
		assert_false(carry_hourly(&d, D("1"), bad[i]));
		assert_int_equal(carry_settlements(0, bad[i], HOUR), 0);
	}
	is(d, "7");
}

static void
an_hour_is_its_part_of_a_payment(void **state)
{
	struct leg l = { .kind = LINEAR, .amt = D("0.75"), .entry = D("60000"), .size = D("1") };
	dec d;

	(void)state;
	assert_true(funding_payment(&d, &l, D("60500"), D("0.0001")));
	is(d, "-4.5375");
	assert_true(carry_hourly(&d, d, 8));
	is(d, "-0.5671875");
	assert_true(carry_hourly(&d, D("0.00001322"), 8));
	is(d, "0.00000165");
	assert_true(carry_hourly(&d, D("-2"), 3));
	is(d, "-0.66666667");
}

static void
a_basis_is_of_the_index(void **state)
{
	dec d;

	(void)state;
	assert_true(carry_basis(&d, D("60012.4"), D("60000")));
	is(d, "2.07");
	assert_true(carry_basis(&d, D("59990"), D("60000")));
	is(d, "-1.67");
	assert_false(carry_basis(&d, D("1"), D("0")));
	assert_false(carry_basis(&d, D("1"), D("-1")));
}

static void
settlements_are_counted_from_the_next_one(void **state)
{
	static const struct { int64_t left; int hours; int64_t span, want; } row[] = {
		{ 2 * HOUR, 8, 2 * HOUR - 1, 0 },
		{ 2 * HOUR, 8, 2 * HOUR, 1 },	/* that instant is within */
		{ 2 * HOUR, 8, 10 * HOUR - 1, 1 },
		{ 2 * HOUR, 8, 10 * HOUR, 2 },
		{ 0, 1, 24 * HOUR, 25 },
		{ HOUR, 4, 24 * HOUR, 6 },
		{ -1, 8, 24 * HOUR, 0 },	/* not known */
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		assert_int_equal(carry_settlements(row[i].left, row[i].hours, row[i].span), row[i].want);
}

static void
the_mean_of_rates(void **state)
{
	struct carry_rates c = { 0 };
	dec d = D("7");

	(void)state;
	assert_false(carry_mean(&d, &c));
	is(d, "7");
	assert_true(carry_add(&c, D("0.0001")));
	assert_true(carry_add(&c, D("-0.00005")));
	assert_true(carry_add(&c, D("0.0001")));
	assert_true(carry_mean(&d, &c));
	is(d, "0.00005");
	c = (struct carry_rates){ D("0.00000001"), 2 };
	assert_true(carry_mean(&d, &c));
	is(d, "0.00000001");	/* half up */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_year_has_so_many_intervals),
		cmocka_unit_test(an_interval_is_of_1_to_24_hours),
		cmocka_unit_test(an_hour_is_its_part_of_a_payment),
		cmocka_unit_test(a_basis_is_of_the_index),
		cmocka_unit_test(settlements_are_counted_from_the_next_one),
		cmocka_unit_test(the_mean_of_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

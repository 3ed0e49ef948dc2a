/* Volatility from marks (cmd/bf-risk/vol.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../cmd/bf-risk/world.h"
#include "decimal.h"

static void
is(dec got, const char *want)
{
	char text[DEC_STR];

	dec_print(got, text);
	assert_string_equal(text, want);
}

static void
ewma_is(const struct vol *v, int64_t now_ms, const char *want)
{
	dec d;

	assert_true(vol_ewma(&d, v, now_ms));
	is(d, want);
}

static void
range_is(const struct vol *v, int64_t now_ms, const char *want)
{
	dec d;

	assert_true(vol_range(&d, v, now_ms));
	is(d, want);
}

/*
 * Independently, with Python's decimal at 80 digits: returns r = (p - p0) / p0 cut at 12 decimals, x = r r / m for m buckets,
 * var = x at first, then (59 var + 2 x) / 61 at 24 decimals half up, for each of the m; sqrt(60 var) up at 12,
 * in percent up at 8:
 *	100, 101				var 0.0001				7.74596670
 *	..., 99.5				var 0.000103953003642664412521		7.89758205
 *	..., 99.5, (none), 102			var 0.000114418648969522350115		8.28560133
 */
static void
test_ewma(void **state)
{
	struct vol v;
	dec d;

	(void)state;
	vol_init(&v, 60000);
	assert_int_equal(v.bucket_ms, 1000);
	vol_add(&v, D("100"), 1000000);
	assert_false(vol_ewma(&d, &v, 1000000));	/* one mark is no return */
	vol_add(&v, D("103"), 1000999);			/* within the bucket: not its first */
	assert_false(vol_ewma(&d, &v, 1000999));
	vol_add(&v, D("101"), 1001000);
	is(v.var, "0.000100000000000000000000");
	ewma_is(&v, 1001000, "7.74596670");
	vol_add(&v, D("99.5"), 1002500);
	is(v.var, "0.000103953003642664412521");
	ewma_is(&v, 1002500, "7.89758205");
	vol_add(&v, D("99.5"), 1003100);
	vol_add(&v, D("102"), 1005900);
	is(v.var, "0.000114418648969522350115");
	ewma_is(&v, 1005900, "8.28560133");
}

/* A crash in four marks, as above: var 0.001623248003395450132741, 31.20815282; its range is
 * (122574.46 - 102000.5) / 102000.5 = 20.17045014..., up. */
static void
test_crash(void **state)
{
	static const char *const p[] = { "122574.46", "118000.1", "110250.33", "102000.5" };
	struct vol v;

	(void)state;
	vol_init(&v, 60000);
	for (int i = 0; i < 4; i++)
		vol_add(&v, D(p[i]), 5000 + i * 1000);
	ewma_is(&v, 8000, "31.20815282");
	range_is(&v, 8000, "20.17045015");
}

/* (102.7 - 98.25) / 98.25 = 4.529262086...; a bucket drops out when the window has passed it. */
static void
test_range(void **state)
{
	struct vol v;
	dec d;

	(void)state;
	vol_init(&v, 60000);
	assert_false(vol_range(&d, &v, 1000));
	vol_add(&v, D("100"), 100000);
	range_is(&v, 100000, "0.00000000");
	vol_add(&v, D("98.25"), 100500);
	vol_add(&v, D("102.7"), 110000);
	vol_add(&v, D("102.7"), 150000);
	range_is(&v, 150000, "4.52926209");
	range_is(&v, 160999, "4.52926209");	/* bucket 100 is the 60th before 160: in it still */
	vol_add(&v, D("102.7"), 161000);
	range_is(&v, 161000, "0.00000000");
	range_is(&v, 221999, "0.00000000");	/* 161 is the last that is left */
	assert_false(vol_range(&d, &v, 222000));
	assert_false(vol_ewma(&d, &v, 222000));
}

static void
test_time_backwards_changes_nothing(void **state)
{
	struct vol v, was;

	(void)state;
	vol_init(&v, 60000);
	vol_add(&v, D("100"), 100000);
	vol_add(&v, D("101"), 101000);
	was = v;
	vol_add(&v, D("1"), 100999);
	vol_add(&v, D("1"), -5);
	vol_add(&v, D("0"), 101000);
	vol_add(&v, D("-3"), 102000);
	assert_memory_equal(&v, &was, sizeof v);
}

static void
test_a_long_pause_begins_anew(void **state)
{
	struct vol v;
	dec d;

	(void)state;
	vol_init(&v, 60000);
	vol_add(&v, D("100"), 100000);
	vol_add(&v, D("110"), 101000);
	vol_add(&v, D("50"), 161999);	/* 60 buckets on: counts, as 60 returns of a 60th each */
	assert_true(vol_ewma(&d, &v, 161999));
	range_is(&v, 161999, "120.00000000");
	vol_add(&v, D("20"), 222000);	/* 61 on */
	assert_false(vol_ewma(&d, &v, 222000));
	range_is(&v, 222000, "0.00000000");
}

/* No price, however absurd, breaks it, and a great one counts as great. */
static void
test_absurd_prices(void **state)
{
	static const char *const p[] = { "0.000000000001", "99999999999999999999999999999999999999", "0.5",
	    "1000000", "0.000000000000000000000000000000000001", "3" };
	struct vol v;
	dec d;

	(void)state;
	vol_init(&v, 1);
	assert_int_equal(v.bucket_ms, 1);
	for (int i = 0; i < 600; i++) {
		vol_add(&v, D(p[i % 6]), i);
		vol_range(&d, &v, i);
		if (i > 0) {
			assert_true(vol_ewma(&d, &v, i));
			assert_true(dec_cmp(d, dec_int(1000)) > 0);
		}
	}
	vol_init(&v, 0);	/* switched off */
	vol_add(&v, D("1"), 1);
	assert_false(vol_range(&d, &v, 1));
	assert_false(vol_ewma(&d, &v, 1));
}

/* The range that is kept is the one there is: in every order of marks and looks, also when time alone goes on. */
static void
test_range_again(void **state)
{
	uint64_t x = 88172645463325252u;
	int64_t now_ms = 0;
	struct vol v;
	dec d, e;

	(void)state;
	vol_init(&v, 6000);	/* buckets of 100 ms */
	assert_false(vol_range_again(&d, &v, 1));
	for (int i = 0; i < 50000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		now_ms += (int64_t)(x % 97 == 0 ? x / 97 % 9000 : x / 97 % 50);
		if (x / 9409 % 3 == 0)
			vol_add(&v, dec_int(1000 + (int64_t)(x / 28227 % 100)), now_ms - (int64_t)(x / 2822700 % 120));
		if (x / 338724000 % 2 == 0)
			continue;
		if (vol_range(&d, &v, now_ms) != vol_range_again(&e, &v, now_ms))
			fail_msg("mark %d: known to one of them alone", i);
		if (vol_range(&d, &v, now_ms))
			assert_int_equal(dec_cmp(d, e), 0);
	}
	vol_init(&v, 0);
	assert_false(vol_range_again(&d, &v, 1));
}

/* The root is the least number of 12 decimals whose square is not below: by its definition. */
static void
test_root_is_rounded_up(void **state)
{
	struct vol v;
	dec one, d, less, sq, want;

	(void)state;
	vol_init(&v, 60000);
	vol_add(&v, D("1"), 0);
	v.primed = true;
	for (i128 n = 1; n < (i128)1 << 100; n = n * 7 + 3) {
		v.var = (dec){ n, 24 };
		assert_true(vol_ewma(&d, &v, 0));
		/* percent at 8 decimals: d / 100 has 10, so d >= 100 root, and d - 1e-8 < it */
		assert_true(dec_mul(&want, v.var, dec_int(60 * 10000)));
		assert_true(dec_mul(&sq, d, d) && dec_cmp(sq, want) >= 0);
		one = (dec){ 1, 8 };
		assert_true(dec_sub(&less, d, one) && dec_mul(&sq, less, less));
		assert_true(dec_cmp(sq, want) < 0);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ewma),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_time_backwards_changes_nothing),
		cmocka_unit_test(test_a_long_pause_begins_anew),
		cmocka_unit_test(test_absurd_prices),
		cmocka_unit_test(test_root_is_rounded_up),
		cmocka_unit_test(test_range_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../cmd/bf-time/drift.h"

#define S	INT64_C(1000000)	/* us */

static void
test_two_fixes(void **state)
{
	struct drift d = { 0 };
	int64_t ppb, error;

	(void)state;
	assert_false(drift_ppb(&d, &ppb, &error));
	/* known to 1 ms, 100 s apart, 2 ms further: 2000 us in 100 s are 20 ppm, and
	 * each end may be 1 ms off: 10 ppm */
	assert_true(drift_add(&d, 0, 5000, 6000));
	assert_false(drift_ppb(&d, &ppb, &error));
	assert_true(drift_add(&d, 100 * S, 7000, 8000));
	assert_true(drift_ppb(&d, &ppb, &error));
	assert_int_equal(ppb, 20000);
	assert_int_equal(error, 10000);
}

/* Too short a span says nothing: it stays unknown until the bounds are near. */
static void
test_span(void **state)
{
	struct drift d = { 0 };
	int64_t ppb, error;
	int t;

	(void)state;
	for (t = 0; t < 200; t += 10) {
		assert_true(drift_add(&d, t * S, 0, 10000));	/* known to 10 ms */
		if (drift_ppb(&d, &ppb, &error))
			break;
	}
	assert_int_equal(t, 100);		/* 10 ms / 100 s = 100 ppm */
	assert_int_equal(ppb, 0);
	assert_int_equal(error, 100000);
}

/* A second measuring at once divides by nothing. */
static void
test_same_moment(void **state)
{
	struct drift d = { 0 };
	int64_t ppb, error;

	(void)state;
	assert_true(drift_add(&d, 5 * S, 0, 10));
	assert_true(drift_add(&d, 5 * S, 100, 110));
	assert_true(drift_add(&d, 5 * S + 999999, 100, 110));
	assert_false(drift_ppb(&d, &ppb, &error));
}

/* A jump of either clock: what was before does not count any more. */
static void
test_jump(void **state)
{
	struct drift d = { 0 };
	int64_t ppb, error;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_true(drift_add(&d, i * 10 * S, 0, 1000));
	assert_true(drift_ppb(&d, &ppb, &error));
	assert_false(drift_add(&d, 100 * S, 5 * S, 5 * S + 1000));
	assert_false(drift_ppb(&d, &ppb, &error));
	assert_true(drift_add(&d, 200 * S, 5 * S, 5 * S + 1000));
	assert_true(drift_ppb(&d, &ppb, &error));
	assert_int_equal(ppb, 0);
}

/* A clock that changes its pace, as one that warms up: what came since counts, and
 * soon says the new one. The bounds never hold neither. */
static void
test_pace(void **state)
{
	struct drift d = { 0 };
	int64_t ppb, error, is = 0;
	int kept = 0;

	(void)state;
	for (int i = 0; i < 100; i++, is += 10 * 20)		/* 20 ppm */
		assert_true(drift_add(&d, i * 10 * S, is - 100, is + 100));
	assert_true(drift_ppb(&d, &ppb, &error));
	assert_true(ppb - error <= 20000 && 20000 <= ppb + error && error < 1000);
	for (int i = 100; i < 200; i++, is += 10 * 30)		/* 30 ppm */
		kept += drift_add(&d, i * 10 * S, is - 100, is + 100);
	assert_true(kept < 100);
	assert_true(drift_ppb(&d, &ppb, &error));
	assert_true(ppb - error <= 30000 && 30000 <= ppb + error && error < 1000);
}

/* Whatever the true drift, if each interval holds the true difference the bounds
 * hold the drift; over any number of fixes, more than are kept; and they end up
 * near. */
static void
test_truth(void **state)
{
	(void)state;
	srand(3);
	for (int round = 0; round < 300; round++) {
		struct drift d = { 0 };
		int64_t truth = rand() % 200001 - 100000, at, is, ppb, error, below, above;	/* ppb */
		int64_t start = (int64_t)rand() * 1000 - INT64_C(1000000000000);

		for (int i = 0; i < 300; i++) {
			at = (int64_t)i * 10 * S + rand() % S;
			is = start + truth * (at / 1000) / 1000000;
			below = rand() % 5000 + 1;	/* 1: for what the division cut */
			above = rand() % 5000 + 1;
			assert_true(drift_add(&d, at, is - below, is + above));
			assert_true(d.n <= DRIFT_KEPT);
			if (drift_ppb(&d, &ppb, &error)) {
				assert_true(ppb - error <= truth && truth <= ppb + error);
				assert_true(error <= DRIFT_ERROR_MAX);
			}
		}
		assert_true(drift_ppb(&d, &ppb, &error));
		assert_true(error < 2000);	/* 2 x 5 ms in 50 min are 3333 at worst */
	}
}

/* Numbers at the ends of what the caller can hand in do not overflow. */
static void
test_ends(void **state)
{
	static const int64_t far = INT64_C(100000000000000000);
	struct drift d = { 0 };
	int64_t ppb, error;

	(void)state;
	assert_true(drift_add(&d, 0, -far, far));
	assert_true(drift_add(&d, S, -far, far));
	assert_false(drift_ppb(&d, &ppb, &error));
	assert_true(drift_add(&d, far, far - 1, far));
	assert_false(drift_add(&d, far + S, -far, -far + 1));
	assert_false(drift_ppb(&d, &ppb, &error));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_fixes),
		cmocka_unit_test(test_span),
		cmocka_unit_test(test_same_moment),
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_truth),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

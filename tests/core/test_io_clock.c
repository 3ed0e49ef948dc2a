#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/clock.h"
#include "io/state.h"

static char dir[200];

static struct profile
profile(void)
{
	struct profile p;

	memset(&p, 0, sizeof p);
	snprintf(p.rest, sizeof p.rest, "http://127.0.0.1:1");
	snprintf(p.state_dir, sizeof p.state_dir, "%s", dir);
	return p;
}

static void
test_best(void **state)
{
	static const struct {
		const char *name;
		struct time_sample s[5];
		bool want;
		int64_t offset, error, rtt;
	} row[] = {
		{ "the lowest round trip wins, biased to the past by half of it",
		  { { 1000, 1040, 8020 }, { 2000, 2010, 9005 }, { 3000, 3030, 10020 } },
		  true, 9005 - 2010, 11, 10 },
		{ "one slow sample among good ones says nothing",
		  { { 1000, 3000, 9500 }, { 4000, 4020, 11010 } }, true, 11010 - 4020, 21, 20 },
		{ "all slower than 500 ms: not known",
		  { { 1000, 1501, 8000 }, { 2000, 4000, 9000 } }, false, 0, 0, 0 },
		{ "no samples: not known", { { 0, 0, 0 } }, false, 0, 0, 0 },
		{ "a clock that went back between the reads is no sample",
		  { { 1000, 900, 8000 }, { 2000, 2100, 9050 } }, true, 9050 - 2100, 101, 100 },
		{ "good samples that contradict each other make it less sure",
		  { { 1000, 1010, 8005 }, { 2000, 2012, 9805 } }, true, 8005 - 1010, 11 + 788, 10 },
		{ "a server without a time is no sample", { { 1000, 1010, 0 } }, false, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct offset o = { .offset_ms = 77 };
		bool got = offset_best(&o, row[i].s, 5);

		if (got != row[i].want)
			fail_msg("%s", row[i].name);
		assert_int_equal(o.known, row[i].want);
		if (!got) {
			assert_int_equal(o.offset_ms, 77);
			continue;
		}
		assert_int_equal(o.offset_ms, row[i].offset);
		assert_int_equal(o.rtt_ms, row[i].rtt);
		assert_int_equal(o.error_ms, row[i].error);
	}
}

/* Whatever the way there and back, the true offset is not before the estimate
 * and not further after it than error_ms. */
static void
test_best_bounds(void **state)
{
	struct time_sample s[5];
	struct offset o;
	int64_t truth;

	(void)state;
	srand(1);
	for (int round = 0; round < 2000; round++) {
		truth = rand() % 20000 - 10000;
		for (int i = 0; i < 5; i++) {
			int there = rand() % 200, back = rand() % 200;

			s[i].t1 = 1000000 + i * 1000;
			s[i].server = s[i].t1 + there + truth;
			s[i].t4 = s[i].t1 + there + back;
		}
		assert_true(offset_best(&o, s, 5));
		assert_true(o.offset_ms <= truth);
		assert_true(truth - o.offset_ms <= o.error_ms);
	}
}

static struct offset
measured(void)
{
	return (struct offset){ .offset_ms = -1234, .error_ms = 7, .rtt_ms = 6,
		.measured_ms = clock_wall_ms(), .wall_minus_mono_ms = clock_gap_ms(), .known = true };
}

static void
test_store(void **state)
{
	struct profile p = profile();
	struct offset o = measured(), got = { 0 };
	struct fault f;

	(void)state;
	assert_int_equal(offset_load(&p, &got, &f), 0);
	assert_int_equal(offset_store(&p, &o, &f), 0);
	assert_int_equal(offset_load(&p, &got, &f), 1);
	assert_true(got.known);
	assert_int_equal(got.offset_ms, o.offset_ms);
	assert_int_equal(got.error_ms, o.error_ms);
	assert_int_equal(got.measured_ms, o.measured_ms);
	assert_int_equal(got.wall_minus_mono_ms, o.wall_minus_mono_ms);
}

/* An offset is not trusted when: it is old, comes from the future, the wall
 * clock stepped, the address is another. */
static void
test_distrust(void **state)
{
	static const int64_t age[] = { OFFSET_AGE_MS + 1000, -10000 }, step[] = { 10000, -10000, 300 };
	struct profile p = profile();
	struct offset o, got = { 0 };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		o = measured();
		o.measured_ms -= age[i];
		assert_int_equal(offset_store(&p, &o, &f), 0);
		assert_int_equal(offset_load(&p, &got, &f), 0);
	}
	for (size_t i = 0; i < 3; i++) {
		o = measured();
		o.wall_minus_mono_ms += step[i];
		assert_int_equal(offset_store(&p, &o, &f), 0);
		assert_int_equal(offset_load(&p, &got, &f), 0);
	}
	o = measured();
	assert_int_equal(offset_store(&p, &o, &f), 0);
	snprintf(p.rest, sizeof p.rest, "http://127.0.0.1:2");
	assert_int_equal(offset_load(&p, &got, &f), 0);
	assert_int_equal(got.measured_ms, 0);
}

static void
test_damaged(void **state)
{
	static const char *const text[] = { "", "{", "[]", "null", "{\"offset_ms\":1}", "\0\0\0\0" };
	struct profile p = profile();
	struct offset got = { 0 };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		assert_int_equal(state_write(dir, "clock.json", text[i], strlen(text[i]), &f), 0);
		assert_int_equal(offset_load(&p, &got, &f), 0);
	}
}

static void
test_clocks(void **state)
{
	int64_t gap = clock_gap_ms(), d;
	char boot[40];

	(void)state;
	d = clock_wall_ms() - clock_mono_ms() - gap;
	assert_true(d > -CLOCK_STEP_MS && d < CLOCK_STEP_MS);
	clock_boot_id(boot);
	assert_true(strlen(boot) < 40);
}

static int
setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof dir, "%.100s/bf-clock-XXXXXX", tmp != NULL ? tmp : "/tmp");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	char cmd[300];

	(void)state;
	snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
	return system(cmd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_best),
		cmocka_unit_test(test_best_bounds),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_distrust),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

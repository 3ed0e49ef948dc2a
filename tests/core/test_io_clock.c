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

/* Rows give all times in ms, which are easier to read. */
static void
scale(struct time_sample *out, const struct time_sample *ms, int n)
{
	for (int i = 0; i < n; i++)
		out[i] = (struct time_sample){ ms[i].t1_us * 1000, ms[i].t4_us * 1000, ms[i].server_ms };
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
		  { { 1000, 1010, 8005 }, { 2000, 2012, 9805 } }, true, 8005 - 1010, 11 + 787, 10 },
		{ "a server without a time is no sample", { { 1000, 1010, 0 } }, false, 0, 0, 0 },
		{ "nor is one whose time no clock can show",
		  { { 1000, 1010, INT64_MAX }, { 1000, 1020, -1 } }, false, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct offset o = { .offset_ms = 77 };
		struct time_sample sample[5];
		bool got;

		scale(sample, row[i].s, 5);
		got = offset_best(&o, NULL, sample, 5);
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

/* Microseconds are cut to whole milliseconds outward: the offset down, the error
 * up, whatever the sign. */
static void
test_outward(void **state)
{
	static const struct { struct time_sample s; int64_t offset, error, rtt; } row[] = {
		/* low 5000000 - 1000250 = 3999750; high 5001000 - 1000000 = 4001000 */
		{ { 1000000, 1000250, 5000 }, 3999, 2, 1 },
		/* low -4000250, high -3999000: from -4001 it is 2.001 ms and more to there */
		{ { 9000000, 9000250, 5000 }, -4001, 2, 1 },
		/* no time at all between sending and receiving: still the millisecond cut */
		{ { 1000000, 1000000, 5000 }, 4000, 1, 0 },
		{ { 1000001, 1000001, 5000 }, 3999, 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct offset o;

		assert_true(offset_best(&o, NULL, &row[i].s, 1));
		assert_int_equal(o.offset_ms, row[i].offset);
		assert_int_equal(o.error_ms, row[i].error);
		assert_int_equal(o.rtt_ms, row[i].rtt);
	}
}

/* Nearest rank, as its textbook example has it: of 15, 20, 35, 40, 50 the 50th
 * percentile is 35; of 3, 6, 7, 8, 8, 10, 13, 15, 16, 20 the 50th is 8. */
static void
test_figures(void **state)
{
	static const struct {
		int n, t[10];	/* round trips in ms */
		int p50, p90, used;
	} row[] = {
		{ 5, { 35, 20, 50, 15, 40 }, 35, 50, 2 },
		{ 10, { 20, 6, 7, 8, 3, 10, 13, 15, 16, 8 }, 8, 16, 3 },
		{ 1, { 7 }, 7, 7, 1 },
		{ 2, { 10, 2000 }, 10, 2000, 1 },
		{ 3, { 499, 501, 500 }, 500, 501, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct time_figures fig = { 0 };
		struct time_sample s[10];
		struct offset o;

		for (int k = 0; k < row[i].n; k++)
			s[k] = (struct time_sample){ 1000000, 1000000 + row[i].t[k] * 1000, 5000 };
		assert_true(offset_best(&o, &fig, s, row[i].n));
		assert_int_equal(fig.answered, row[i].n);
		assert_int_equal(fig.rtt_p50_us, row[i].p50 * 1000);
		assert_int_equal(fig.rtt_p90_us, row[i].p90 * 1000);
		assert_int_equal(fig.used, row[i].used);
		assert_int_equal(fig.rtt_min_us, fig.at_us - 1000000);
		assert_true(fig.rtt_max_us >= fig.rtt_p90_us);
		assert_int_equal(fig.high_us - fig.low_us, fig.rtt_min_us + 1000);
	}
}

/* More samples than anybody may ask for are cut, not written past the end. */
static void
test_many(void **state)
{
	static struct time_sample s[TIME_SAMPLES_MAX + 20];
	struct time_figures fig;
	struct offset o;

	(void)state;
	for (int i = 0; i < TIME_SAMPLES_MAX + 20; i++)
		s[i] = (struct time_sample){ 1000000, 1010000 - i, 5000 };
	assert_true(offset_best(&o, &fig, s, TIME_SAMPLES_MAX + 20));
	assert_int_equal(fig.answered, TIME_SAMPLES_MAX);
	assert_int_equal(fig.rtt_min_us, 10000 - TIME_SAMPLES_MAX + 1);
}

/* Whatever the way there and back, the true offset is not before the estimate and
 * not further after it than error_ms; and the finer bounds hold it too. The server
 * cuts its time to milliseconds. */
static void
test_best_bounds(void **state)
{
	struct time_figures fig;
	struct time_sample s[5];
	struct offset o;
	int64_t truth, there, back, at;

	(void)state;
	srand(1);
	for (int round = 0; round < 5000; round++) {
		truth = rand() % 20000000 - 10000000;
		for (int i = 0; i < 5; i++) {
			there = rand() % (round % 2 == 0 ? 200000 : 400);
			back = rand() % (round % 3 == 0 ? 200000 : 400);
			s[i].t1_us = INT64_C(1000000000) + i * 1000000 + rand() % 1000;
			at = s[i].t1_us + there + truth;
			s[i].server_ms = at / 1000;
			s[i].t4_us = s[i].t1_us + there + back;
		}
		assert_true(offset_best(&o, &fig, s, 5));
		assert_true(o.offset_ms * 1000 <= truth);
		assert_true(truth - o.offset_ms * 1000 <= o.error_ms * 1000);
		assert_true(fig.low_us <= truth && truth <= fig.high_us);
	}
}

static void
test_step(void **state)
{
	(void)state;
	assert_int_equal(clock_step_ms(5000, 5000), 0);
	assert_int_equal(clock_step_ms(5000, 5000 + CLOCK_STEP_MS), 0);
	assert_int_equal(clock_step_ms(5000, 5000 - CLOCK_STEP_MS), 0);
	assert_int_equal(clock_step_ms(5000, 5251), 251);
	assert_int_equal(clock_step_ms(5000, -5000), -10000);
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
	assert_int_equal(offset_load(&p, p.rest, &got, &f), 0);
	assert_int_equal(offset_store(&p, p.rest, &o, &f), 0);
	assert_int_equal(offset_load(&p, p.rest, &got, &f), 1);
	assert_true(got.known);
	assert_int_equal(got.offset_ms, o.offset_ms);
	assert_int_equal(got.error_ms, o.error_ms);
	assert_int_equal(got.measured_ms, o.measured_ms);
	assert_int_equal(got.wall_minus_mono_ms, o.wall_minus_mono_ms);
}

/* What is stored is what the last good measuring said; but a surer one of the last
 * minute stays, unless the new one contradicts it. */
static void
test_surer(void **state)
{
	static const struct {
		const char *name;
		int64_t had_error, had_age, offset, error, want;
	} row[] = {
		{ "a surer one replaces", 20, 10000, 990, 5, 990 },
		{ "a less sure one does not, for a minute", 5, 10000, 990, 20, 1000 },
		{ "as sure: the newer one", 5, 10000, 998, 5, 998 },
		{ "after a minute it does", 5, 60000, 990, 20, 990 },
		{ "and when the old one cannot be true", 5, 10000, 1006, 20, 1006 },
		{ "either way", 5, 10000, 979, 20, 979 },
		{ "an old one from the future does not count", 5, -100, 990, 20, 990 },
	};
	struct profile p = profile();
	struct offset had, o, got;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		state_write(dir, "clock.json", "", 0, &f);
		had = measured();
		o = measured();
		had.offset_ms = 1000;
		had.error_ms = row[i].had_error;
		had.measured_ms -= row[i].had_age;
		o.offset_ms = row[i].offset;
		o.error_ms = row[i].error;
		assert_int_equal(offset_store(&p, p.rest, &had, &f), 0);
		assert_int_equal(offset_store(&p, p.rest, &o, &f), 0);
		assert_int_equal(offset_load(&p, p.rest, &got, &f), 1);
		if (got.offset_ms != row[i].want)
			fail_msg("%s: %lld", row[i].name, (long long)got.offset_ms);
	}
}

/* The markets of a profile share an offset where they have one address, and only
 * there: another machine has another clock. */
static void
test_markets(void **state)
{
	struct profile p = profile();
	struct offset o = measured(), got;
	struct fault f;
	char other[] = "http://127.0.0.1:2", third[] = "http://127.0.0.1:3", same[] = "http://127.0.0.1:1";

	(void)state;
	assert_int_equal(offset_store(&p, p.rest, &o, &f), 0);
	assert_int_equal(offset_load(&p, same, &got, &f), 1);
	assert_int_equal(offset_load(&p, other, &got, &f), 0);
	o.offset_ms = 4321;
	assert_int_equal(offset_store(&p, other, &o, &f), 0);
	assert_int_equal(offset_load(&p, other, &got, &f), 1);
	assert_int_equal(got.offset_ms, 4321);
	assert_int_equal(offset_load(&p, p.rest, &got, &f), 1);
	assert_int_equal(got.offset_ms, -1234);
	assert_int_equal(offset_load(&p, third, &got, &f), 0);	/* COIN-M has moved */
}

/* An offset is not trusted when: it is old, comes from the future, the wall
 * clock stepped, it is unsure, the address is another. */
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
		assert_int_equal(offset_store(&p, p.rest, &o, &f), 0);
		assert_int_equal(offset_load(&p, p.rest, &got, &f), 0);
	}
	for (size_t i = 0; i < 3; i++) {
		o = measured();
		o.wall_minus_mono_ms += step[i];
		assert_int_equal(offset_store(&p, p.rest, &o, &f), 0);
		assert_int_equal(offset_load(&p, p.rest, &got, &f), 0);
	}
	o = measured();
	o.error_ms = OFFSET_ERROR_MS + 1;
	assert_int_equal(offset_store(&p, p.rest, &o, &f), 0);
	assert_int_equal(offset_load(&p, p.rest, &got, &f), 0);
	o = measured();
	assert_int_equal(offset_store(&p, p.rest, &o, &f), 0);
	assert_int_equal(offset_load(&p, p.rest, &got, &f), 1);
	memset(&got, 0, sizeof got);
	snprintf(p.rest, sizeof p.rest, "http://127.0.0.1:2");
	assert_int_equal(offset_load(&p, p.rest, &got, &f), 0);
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
		assert_int_equal(offset_load(&p, p.rest, &got, &f), 0);
	}
}

/* A file in which one number is beyond all bounds is none, and nothing overflows. */
static void
test_absurd(void **state)
{
	static const char *const key[] = { "offset_ms", "error_ms", "rtt_ms", "measured_ms",
		"wall_minus_mono_ms" };
	static const char *const number[] = { "9223372036854775807", "-9223372036854775808",
		"99999999999999999999", "1e3", "null" };
	struct profile p = profile();
	struct offset o, got = { 0 };
	struct fault f;
	char text[512];
	int n;

	(void)state;
	for (size_t k = 0; k <= 5; k++)		/* 5: none; the rest of the file is good */
		for (size_t i = 0; i < 5; i++) {
			char boot[40];

			clock_boot_id(boot);
			o = measured();
			n = snprintf(text, sizeof text, "{\"boot\":\"%s\",\"rest\":\"%s\"", boot, p.rest);
			for (size_t m = 0; m < 5; m++) {
				const int64_t good[] = { o.offset_ms, o.error_ms, o.rtt_ms, o.measured_ms,
					o.wall_minus_mono_ms };

				if (m == k)
					n += snprintf(text + n, sizeof text - (size_t)n, ",\"%s\":%s", key[m], number[i]);
				else
					n += snprintf(text + n, sizeof text - (size_t)n, ",\"%s\":%lld", key[m],
					    (long long)good[m]);
			}
			n += snprintf(text + n, sizeof text - (size_t)n, "}\n");
			assert_int_equal(state_write(dir, "clock.json", text, (size_t)n, &f), 0);
			assert_int_equal(offset_load(&p, p.rest, &got, &f), k == 5);
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
	d = clock_mono_us() / 1000 - clock_mono_ms();
	assert_true(d > -CLOCK_STEP_MS && d <= 0);
	d = clock_gap_us() / 1000 - gap;
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
		cmocka_unit_test(test_outward),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_best_bounds),
		cmocka_unit_test(test_step),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_surer),
		cmocka_unit_test(test_markets),
		cmocka_unit_test(test_distrust),
		cmocka_unit_test(test_absurd),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* Numbers in the head of an answer; RFC 9110 5.5 says how a field looks, 15.2 what an interim answer is. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io/heads.h"

static void
a_number_is_taken_as_it_is_written(void **state)
{
	static const struct { const char *line; enum head h; int64_t want; } row[] = {
		{ "x-mbx-used-weight-1m: 2390\r\n", HEAD_WEIGHT_1M, 2390 },
		{ "X-MBX-USED-WEIGHT-1M:2390\r\n", HEAD_WEIGHT_1M, 2390 },
		{ "x-mbx-order-count-10s: 0\r\n", HEAD_ORDERS_10S, 0 },
		{ "X-Mbx-Order-Count-1m: \t7 \t\n", HEAD_ORDERS_1M, 7 },
		{ "Retry-After: 35", HEAD_RETRY_AFTER, 35 },
		/* not plain numbers, or not those */
		{ "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n", HEAD_RETRY_AFTER, -1 },
		{ "Retry-After: 35s\r\n", HEAD_RETRY_AFTER, -1 },
		{ "Retry-After: -3\r\n", HEAD_RETRY_AFTER, -1 },
		{ "Retry-After: 3 5\r\n", HEAD_RETRY_AFTER, -1 },
		{ "Retry-After: 1.5\r\n", HEAD_RETRY_AFTER, -1 },
		{ "Retry-After:\r\n", HEAD_RETRY_AFTER, -1 },
		{ "Retry-After:", HEAD_RETRY_AFTER, -1 },
		{ "Retry-After", HEAD_RETRY_AFTER, -1 },
		{ "Retry-After 35\r\n", HEAD_RETRY_AFTER, -1 },
		{ "xRetry-After: 35\r\n", HEAD_RETRY_AFTER, -1 },
		{ "x-mbx-used-weight-1mx: 5\r\n", HEAD_WEIGHT_1M, -1 },
		{ "x-mbx-used-weight: 5\r\n", HEAD_WEIGHT_1M, -1 },
		{ "\r\n", HEAD_WEIGHT_1M, -1 },
		{ "", HEAD_WEIGHT_1M, -1 },
	};
	struct heads h;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		heads_forget(&h);
		heads_line(&h, row[i].line, strlen(row[i].line));
		for (int k = 0; k < HEADS; k++)
			if (h.n[k] != (k == (int)row[i].h ? row[i].want : -1))
				fail_msg("%s: %lld", row[i].line, (long long)h.n[k]);
	}
}

static int64_t
after(const char *const *line)
{
	struct heads h;

	heads_forget(&h);
	for (; *line != NULL; line++)
		heads_line(&h, *line, strlen(*line));
	return h.n[HEAD_RETRY_AFTER];
}

static void
the_greatest_of_the_last_head_counts(void **state)
{
	static const char *const twice[] = { "HTTP/1.1 429 Too Many Requests\r\n", "Retry-After: 7\r\n",
		"Retry-After: 40\r\n", "Retry-After: 9\r\n", "\r\n", NULL };
	static const char *const interim[] = { "HTTP/1.1 103 Early Hints\r\n", "Retry-After: 40\r\n", "\r\n",
		"HTTP/2 200 \r\n", "Server: x\r\n", "\r\n", NULL };

	(void)state;
	assert_int_equal(after(twice), 40);
	assert_int_equal(after(interim), -1);
}

static void
a_number_too_great_is_still_great(void **state)
{
	static const char line[] = "x-mbx-order-count-1m: 99999999999999999999999999\r\n";
	struct heads h;

	(void)state;
	heads_forget(&h);
	assert_int_equal(heads_count(&h, HEAD_ORDERS_1M), -1);
	heads_line(&h, line, sizeof line - 1);
	assert_true(h.n[HEAD_ORDERS_1M] > INT_MAX);
	assert_int_equal(heads_count(&h, HEAD_ORDERS_1M), INT_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_taken_as_it_is_written),
		cmocka_unit_test(the_greatest_of_the_last_head_counts),
		cmocka_unit_test(a_number_too_great_is_still_great),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

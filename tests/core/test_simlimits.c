/* Rate limits of bf-sim: windows, refusals, bans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/limits.h"

#define T0	INT64_C(1700000040000)	/* begins a minute */
#define HERE	"127.0.0.1"

static struct fault f;

static const char *
text(struct buf *b)
{
	jw_close(b, '}');
	return b->p;
}

static void
test_windows_are_fixed(void **state)
{
	struct limits *l = limits_new(10, 0);

	(void)state;
	assert_int_equal(limits_weight(l, HERE, 10, T0 + 59999, &f), 0);
	assert_int_equal(limits_weight(l, HERE, 1, T0 + 59999, &f), -1);
	assert_int_equal(f.http, 429);
	assert_int_equal(f.code, -1003);
	assert_int_equal(f.retry_ms, 1);
	assert_int_equal(limits_weight(l, "10.0.0.1", 10, T0 + 59999, &f), 0);
	assert_int_equal(limits_weight(l, HERE, 10, T0 + 60000, &f), 0);
	limits_free(l);
}

static void
test_patience_then_bans_that_double(void **state)
{
	struct limits *l = limits_new(1, 0);
	int64_t now = T0, most = INT64_C(3) * 24 * 3600 * 1000, want = 120000;

	(void)state;
	assert_int_equal(limits_weight(l, HERE, 1, now, &f), 0);
	for (int i = 0; i < LIMITS_PATIENCE; i++) {
		assert_int_equal(limits_weight(l, HERE, 1, now, &f), -1);
		assert_int_equal(f.http, 429);
	}
	for (int i = 0; i < 20; i++) {
		assert_int_equal(limits_weight(l, HERE, 1, now, &f), -1);
		assert_int_equal(f.http, 418);
		assert_int_equal(f.code, -1003);
		assert_int_equal(f.retry_ms, want);
		want = 2 * want > most ? most : 2 * want;
	}
	assert_int_equal(f.retry_ms, most);
	assert_int_equal(limits_pool(l, HERE, POOL_DATA, now, &f), -1);
	assert_int_equal(f.http, 418);
	assert_int_equal(limits_weight(l, "10.0.0.1", 1, now, &f), 0);
	assert_int_equal(limits_weight(l, HERE, 1, now + most, &f), 0);
	limits_free(l);
}

static void
test_pools_stand_alone(void **state)
{
	struct limits *l = limits_new(1, 0);
	int64_t five = T0 / 300000 * 300000;

	(void)state;
	for (int i = 0; i < 500; i++)
		assert_int_equal(limits_pool(l, HERE, POOL_FUNDING, five, &f), 0);
	assert_int_equal(limits_pool(l, HERE, POOL_FUNDING, five + 299999, &f), -1);
	assert_int_equal(f.http, 429);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(limits_pool(l, HERE, POOL_DATA, five, &f), 0);
	assert_int_equal(limits_pool(l, HERE, POOL_DATA, five, &f), -1);
	assert_int_equal(limits_pool(l, HERE, POOLS - 1, five, &f), 0);
	assert_int_equal(limits_weight(l, HERE, 1, five, &f), 0);
	assert_int_equal(limits_pool(l, HERE, POOL_FUNDING, five + 300000, &f), 0);
	limits_free(l);
}

static void
test_orders_of_an_account(void **state)
{
	struct limits *l = limits_new(0, 0);
	int64_t now = T0;

	(void)state;
	for (int i = 0; i < 60; i++)
		assert_int_equal(limits_order(l, 0, 5, 1, now, &f), 0);
	assert_int_equal(limits_order(l, 0, 1, 1, now + 9999, &f), -1);
	assert_int_equal(f.http, 429);
	assert_int_equal(f.code, -1015);
	assert_non_null(strstr(f.text, "300 orders per TEN_SECONDS"));
	assert_int_equal(f.retry_ms, 1);
	assert_int_equal(limits_order(l, 3, 1, 1, now, &f), 0);
	assert_int_equal(limits_order(l, 0, 0, 1139, now + 10000, &f), 0);
	assert_int_equal(limits_order(l, 0, 1, 1, now + 10000, &f), 0);
	assert_int_equal(limits_order(l, 0, 1, 1, now + 10000, &f), -1);
	assert_non_null(strstr(f.text, "1200 orders per MINUTE"));
	assert_int_equal(limits_order(l, 0, 1, 1, now + 60000, &f), 0);
	limits_free(l);
}

static void
test_what_is_told(void **state)
{
	struct limits *l = limits_new(0, 0);
	struct buf b = { 0 };

	(void)state;
	limits_weight(l, HERE, 7, T0, &f);
	limits_order(l, 1, 5, 1, T0, &f);
	limits_headers(l, HERE, true, 1, T0, &b);
	assert_string_equal(b.p, "x-mbx-used-weight-1m: 7\r\n"
	    "x-mbx-order-count-10s: 5\r\nx-mbx-order-count-1m: 1\r\n");
	buf_reset(&b);
	limits_headers(l, HERE, false, 1, T0 + 10000, &b);
	assert_string_equal(b.p, "x-mbx-order-count-10s: 0\r\nx-mbx-order-count-1m: 1\r\n");
	buf_reset(&b);
	jw_open(&b, NULL, '{');
	limits_json(l, "rateLimits", false, true, &b);
	assert_string_equal(text(&b), "{\"rateLimits\":["
	    "{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":2400},"
	    "{\"rateLimitType\":\"ORDERS\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":1200}]}");
	buf_reset(&b);
	jw_open(&b, NULL, '{');
	limits_json(l, "rateLimits", true, false, &b);
	assert_string_equal(text(&b), "{\"rateLimits\":["
	    "{\"rateLimitType\":\"ORDERS\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":1200},"
	    "{\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\",\"intervalNum\":10,\"limit\":300}]}");
	buf_reset(&b);
	jw_open(&b, NULL, '{');
	limits_counts(l, "rateLimits", HERE, -1, T0, &b);
	assert_string_equal(text(&b), "{\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\","
	    "\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":2400,\"count\":7}]}");
	buf_free(&b);
	limits_free(l);
}

static void
test_set_by_faults(void **state)
{
	struct limits *l = limits_new(100, 0);

	(void)state;
	limits_set_used(l, NULL, 99, false, T0);	/* before anybody came */
	assert_int_equal(limits_weight(l, HERE, 1, T0, &f), 0);
	assert_int_equal(limits_weight(l, HERE, 1, T0, &f), -1);
	limits_set_used(l, HERE, -50, true, T0);
	assert_int_equal(limits_weight(l, HERE, 1, T0, &f), 0);
	limits_order(l, 0, 1, 1, T0, &f);
	limits_set_orders10s(l, -1, 300, T0);
	assert_int_equal(limits_order(l, 0, 1, 1, T0, &f), -1);
	limits_ban(l, NULL, 60, T0);
	assert_int_equal(limits_weight(l, "10.9.8.7", 1, T0 + 59999, &f), -1);
	assert_int_equal(f.http, 418);
	assert_int_equal(limits_weight(l, HERE, 1, T0 + 60000, &f), 0);
	limits_free(l);
}

static void
test_many_addresses(void **state)
{
	struct limits *l = limits_new(1, 0);
	char ip[32];

	(void)state;
	limits_ban(l, "10.0.0.0", 3600, T0);
	for (int i = 1; i < 5000; i++) {
		snprintf(ip, sizeof ip, "10.0.%d.%d", i / 250, i % 250);
		assert_int_equal(limits_weight(l, ip, 1, T0 + i, &f), 0);
	}
	assert_int_equal(limits_weight(l, "10.0.0.0", 1, T0 + 5000, &f), -1);
	limits_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_windows_are_fixed),
		cmocka_unit_test(test_patience_then_bans_that_double),
		cmocka_unit_test(test_pools_stand_alone),
		cmocka_unit_test(test_orders_of_an_account),
		cmocka_unit_test(test_what_is_told),
		cmocka_unit_test(test_set_by_faults),
		cmocka_unit_test(test_many_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

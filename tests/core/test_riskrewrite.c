/* What leaves changed is the intent it was, but for what was changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-risk/rewrite.h"
#include "core/intent.h"

static struct scan sc;
static struct buf out;

static const char *
rewritten(const char *json, struct new_member *m, int n)
{
	buf_reset(&out);
	if (scan_doc(&sc, json, strlen(json)) <= 0)
		fail_msg("bad test: %s", json);
	rewrite(&out, sc.t, m, n);
	assert_false(out.bad);
	return out.p;
}

static void
test_rows(void **state)
{
	static const struct { const char *in, *want; } row[] = {
		/* numbers and strings, whatever stands between them */
		{ "{\"quantity\":1.50}", "{\"quantity\":\"0.7\"}\n" },
		{ " { \"a\" : 1e5 ,\t\"quantity\":\"2\",\"b\":[1, {\"quantity\":3}]}", "{\"a\":1e5,\"quantity\":\"0.7\",\"b\":[1, {\"quantity\":3}]}\n" },
		/* names and texts with escapes; an escaped name is that name */
		{ "{\"quant\\u0069ty\":\"2\",\"n\\\"o\":\"x\\\\\\ny\\u00e9\"}", "{\"quant\\u0069ty\":\"0.7\",\"n\\\"o\":\"x\\\\\\ny\\u00e9\"}\n" },
		/* no other member is taken for it */
		{ "{\"Quantity\":1,\"quantity2\":2,\"\":null}", "{\"Quantity\":1,\"quantity2\":2,\"\":null,\"quantity\":\"0.7\"}\n" },
		{ "{}", "{\"quantity\":\"0.7\"}\n" },
		/* given twice it would be a riddle who reads which */
		{ "{\"quantity\":1,\"x\":true,\"quantity\":2}", "{\"quantity\":\"0.7\",\"x\":true}\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct new_member m[] = { { .name = "quantity", .value = "0.7" } };

		assert_string_equal(rewritten(row[i].in, m, 1), row[i].want);
	}
}

static uint32_t
dice(uint32_t n)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (uint32_t)(x >> 33) % n;
}

/* A market order made of these in any order and spelling. */
static void
make(struct buf *b)
{
	static const char *const part[] = { "\"symbol\":\"BTCUSDT\"", "\"side\":\"BUY\"", "\"type\":\"MARKET\"", "\"quantity\":0.0120",
	    "\"newClientOrderId\":\"a-1\"", "\"price\":\"0\"", "\"pr\\u0069ceProtect\":false", "\"stopPrice\":\"0.00\"", "\"priceMatch\":\"NONE\"",
	    "\"note\":\"\\u20ac \\\"q\\\" {[,:\"", "\"x\":{\"quantity\":[1,2,{}]}", "\"closePosition\":false", "\"goodTillDate\":0",
	    "\"positionSide\":\"LONG\"", "\"newOrderRespType\":\"RESULT\"", "\"s\\u00fc\":null", "\"selfTradePreventionMode\":\"NONE\"" };
	static const char *const space[] = { "", " ", "\t", "  " };
	enum { PARTS = sizeof part / sizeof *part, NEEDED = 5 };
	int at[PARTS], n = 0;

	for (int i = 0; i < PARTS; i++)
		if (i < NEEDED || dice(2) == 0)
			at[n++] = i;
	for (int i = n - 1; i > 0; i--) {
		int k = (int)dice((uint32_t)i + 1), was = at[i];

		at[i] = at[k];
		at[k] = was;
	}
	buf_reset(b);
	buf_chr(b, '{');
	for (int i = 0; i < n; i++)
		buf_printf(b, "%s%s%s%s", i > 0 ? "," : "", space[dice(4)], part[at[i]], space[dice(4)]);
	buf_chr(b, '}');
}

static void
test_reads_back(void **state)
{
	struct intent was, now;
	struct buf b = { 0 };
	struct fault f;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct new_member m[] = { { .name = "quantity", .value = "0.007" }, { .name = "type", .value = "LIMIT" },
		    { .name = "price", .value = "60300.0" }, { .name = "timeInForce", .value = "IOC" } };
		bool protect = dice(2) == 0, clip = !protect || dice(2) == 0;

		make(&b);
		if (scan_doc(&sc, b.p, b.len) <= 0 || intent_read(&was, sc.t, sc.t, &f) == -1)
			fail_msg("bad test: %s: %s", f.text, b.p);
		rewritten(b.p, clip ? m : m + 1, (clip ? 1 : 0) + (protect ? 3 : 0));
		if (scan_doc(&sc, out.p, out.len) <= 0 || intent_read(&now, sc.t, sc.t, &f) == -1)
			fail_msg("%s: %s", f.text, out.p);
		assert_string_equal(now.type, protect ? "LIMIT" : "MARKET");
		assert_string_equal(now.qty_s, clip ? "0.007" : "0.0120");
		assert_string_equal(now.price_s, protect ? "60300.0" : was.price_s);
		assert_string_equal(now.tif, protect ? "IOC" : was.tif);
		assert_string_equal(now.symbol, was.symbol);
		assert_string_equal(now.client_id, was.client_id);
		assert_string_equal(now.resp_type, was.resp_type);
		assert_int_equal(now.side, was.side);
		assert_int_equal(now.pos_side, was.pos_side);
		assert_int_equal(now.reduce_only, was.reduce_only);
		assert_int_equal(now.close_position, was.close_position);
		if (strstr(b.p, "note") != NULL)
			assert_non_null(strstr(out.p, "\"note\":\"\\u20ac \\\"q\\\" {[,:\""));
		if (strstr(b.p, "\"x\"") != NULL)
			assert_non_null(strstr(out.p, "\"x\":{\"quantity\":[1,2,{}]}"));
	}
	buf_free(&b);
}

static int
end(void **state)
{
	(void)state;
	buf_free(&out);
	scan_free(&sc);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_reads_back) };

	return cmocka_run_group_tests(tests, NULL, end);
}

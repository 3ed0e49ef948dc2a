/* The simulator's parameters: query and body, and the JSON of the WebSocket API
 * and of batches, as real clients were seen to send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/scan.h"

#include "../../cmd/bf-sim/params.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

/* A copy of exactly n bytes, so that a sanitizer sees a read beyond. */
static struct http_span
exactly(const char *p, size_t n)
{
	char *copy = malloc(n > 0 ? n : 1);

	assert_non_null(copy);
	memcpy(copy, p, n);
	return (struct http_span){ copy, n };
}

static void
let_go(struct http_span s)
{
	free((void *)(uintptr_t)s.p);
}

/* 0, or the code of the refusal. */
static int
read_n(struct params *p, const char *query, size_t nq, const char *body, size_t nb)
{
	struct http_span q = exactly(query, nq), b = exactly(body, nb);
	struct fault f = { 0 };
	int r;

	memset(p, 0, sizeof *p);
	r = params_read(p, q, b, &f);
	let_go(q);
	let_go(b);
	assert_true(r == 0 || (f.kind == FAULT_REJECTED && f.http == 400 && f.code != 0));
	return r == 0 ? 0 : f.code;
}

static int
read_text(struct params *p, const char *query, const char *body)
{
	return read_n(p, query, strlen(query), body, strlen(body));
}

static int
read_json(struct params *p, const char *text)
{
	struct http_span s = exactly(text, strlen(text));
	struct scan sc = { 0 };
	struct fault f = { 0 };
	int r;

	memset(p, 0, sizeof *p);
	assert_true(scan_doc(&sc, s.p, s.n) > 0);
	r = params_json(p, sc.t, sc.t, &f);
	scan_free(&sc);
	let_go(s);
	assert_true(r == 0 || (f.kind == FAULT_REJECTED && f.http == 400 && f.code != 0));
	return r == 0 ? 0 : f.code;
}

static void
assert_param(const struct params *p, const char *name, const char *want)
{
	const char *v = params_get(p, name);

	if (want == NULL)
		assert_null(v);
	else {
		assert_non_null(v);
		assert_string_equal(v, want);
	}
}

static void
test_query_and_body(void **state)
{
	static const struct { const char *query, *body, *name, *want; } row[] = {
		{ "symbol=BTCUSDT&side=BUY", "", "side", "BUY" },
		{ "", "symbol=BTCUSDT&side=BUY", "symbol", "BTCUSDT" },
		{ "symbol=BTCUSDT", "quantity=1&price=9000", "price", "9000" },
		{ "side=BUY", "side=SELL", "side", "BUY" },	/* the query wins */
		{ "symbol=%E6%B5%8B%E8%AF%95USDT", "", "symbol", "测试USDT" },
		{ "symbol=%e6%b5%8b%e8%af%95USDT", "", "symbol", "测试USDT" },
		{ "newClientOrderId=x%3Aa%2Fb", "", "newClientOrderId", "x:a/b" },
		{ "a=b+c", "", "a", "b c" },
		{ "a=1&&b=2&", "", "b", "2" },
		{ "a", "", "a", "" },
		{ "a=", "", "a", "" },
		{ "a=b=c", "", "a", "b=c" },
		{ "a=1", "", "b", NULL },
		{ "=x", "", "", "x" },
		/* ccxt sends batches unencoded, the others do not */
		{ "", "batchOrders=[{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\"}]&recvWindow=5000",
		    "batchOrders", "[{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\"}]" },
		{ "batchOrders=%5B%7B%22price%22%3A%2210001%22%7D%5D", "", "batchOrders",
		    "[{\"price\":\"10001\"}]" },
	};
	struct params p;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(read_text(&p, row[i].query, row[i].body), 0);
		assert_param(&p, row[i].name, row[i].want);
		params_free(&p);
	}
}

static void
test_refused(void **state)
{
	static const struct { const char *query, *body; int code; } row[] = {
		{ "a=%", "", -1100 }, { "a=%4", "", -1100 }, { "a=%zz", "", -1100 },
		{ "%G0=1", "", -1100 }, { "a=1", "b=%4", -1100 },
		{ "a=%00", "", -1100 }, { "a%00=1", "", -1100 },
		{ "a=%ff", "", -1100 }, { "a=\xc0\xaf", "", -1100 },	/* not UTF-8 */
		{ "a=%ed%a0%80", "", -1100 },				/* a surrogate */
		{ "", "a=%e6%b5", -1100 },				/* half a character */
		{ "a=1&a=2", "", -1101 }, { "", "a=1&b=1&a=1", -1101 },
		{ "%61=1&a=2", "", -1101 },
	};
	struct params p;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(read_text(&p, row[i].query, row[i].body), row[i].code);
		params_free(&p);
	}
	assert_int_equal(read_n(&p, "a=b\0c", 5, "", 0), -1100);
	params_free(&p);
}

/* One more than there is room for; and the most bytes a form may decode to. */
static void
test_many(void **state)
{
	char text[8 * (PARAMS_MAX + 1)] = "";
	struct params p;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < PARAMS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "p%d&", i);
	assert_int_equal(read_text(&p, text, ""), 0);
	assert_int_equal(p.n, PARAMS_MAX);
	params_free(&p);
	snprintf(text + n, sizeof text - n, "z=1");
	assert_int_equal(read_text(&p, text, ""), -1101);
	params_free(&p);
}

/* Any two bytes, in either place, do no harm. */
static void
test_any_bytes(void **state)
{
	static const char set[] = "a=&%+0\xff\0[";
	struct params p;
	char two[2];

	(void)state;
	for (size_t i = 0; i < sizeof set; i++)
		for (size_t j = 0; j < sizeof set; j++) {
			two[0] = set[i];
			two[1] = set[j];
			(void)read_n(&p, two, 2, "x=1", 3);
			params_free(&p);
			(void)read_n(&p, "x=1", 3, two, 2);
			params_free(&p);
		}
}

static void
test_json(void **state)
{
	static const struct { const char *text, *name, *want; } row[] = {
		{ "{}", "a", NULL },
		{ "{\"quantity\":0.001}", "quantity", "0.001" },
		{ "{\"quantity\":\"0.0010\"}", "quantity", "0.0010" },
		{ "{\"timestamp\":1591702613943,\"side\":\"BUY\"}", "timestamp", "1591702613943" },
		{ "{\"orderId\":8389766058155948588}", "orderId", "8389766058155948588" },
		{ "{\"reduceOnly\":true,\"x\":false}", "reduceOnly", "true" },
		{ "{\"price\":1E+3}", "price", "1E+3" },
		{ "{\"price\":null,\"a\":1}", "price", NULL },
		{ "{\"price\":null,\"a\":1}", "a", "1" },
		{ "{\"symbol\":\"\\u6d4b\\u8bd5USDT\"}", "symbol", "测试USDT" },
		{ "{\"a\":\"x\\\"\\\\\\/y\"}", "a", "x\"\\/y" },
		{ "{\"a\":\"\"}", "a", "" },
		{ "{\"\\u0061\":\"1\"}", "a", "1" },
		{ "{\"l\":[1, {\"b\":2}],\"m\":3}", "l", "[1, {\"b\":2}]" },
		{ "{\"l\":[1, {\"b\":2}],\"m\":3}", "m", "3" },
	};
	struct params p;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(read_json(&p, row[i].text), 0);
		assert_param(&p, row[i].name, row[i].want);
		params_free(&p);
	}
}

static void
test_json_refused(void **state)
{
	static const struct { const char *text; int code; } row[] = {
		{ "[]", -1102 }, { "1", -1102 }, { "\"a\"", -1102 }, { "null", -1102 },
		{ "{\"a\":1,\"a\":1}", -1101 }, { "{\"a\":1,\"\\u0061\":\"1\"}", -1101 },
		{ "{\"a\":\"x\\u0000\"}", -1100 }, { "{\"\\u0000\":1}", -1100 },
	};
	struct params p;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(read_json(&p, row[i].text), row[i].code);
		params_free(&p);
	}
}

static void
test_decode(void **state)
{
	static const struct { const char *in, *want; } row[] = {
		{ "btcusdt%40depth", "btcusdt@depth" }, { "", "" }, { "%41", "A" },
		{ "%", NULL }, { "%00", NULL }, { "12345678901234567890", NULL },
	};
	struct http_span s;
	char out[20];

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		s = exactly(row[i].in, strlen(row[i].in));
		assert_int_equal(params_decode(s, out, sizeof out), row[i].want != NULL);
		if (row[i].want != NULL)
			assert_string_equal(out, row[i].want);
		let_go(s);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query_and_body), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many), cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_json), cmocka_unit_test(test_json_refused),
		cmocka_unit_test(test_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

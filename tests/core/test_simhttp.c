/* The simulator's HTTP reader: the rules of RFC 9112, and the requests real
 * clients were seen to send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/http.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define HOST	"Host: x\r\n"

static void
assert_span(struct http_span s, const char *want)
{
	if (!http_is(s, want))
		fail_msg("'%.*s' is not '%s'", (int)s.n, s.p, want);
}

/* A copy of exactly n bytes, so that a sanitizer sees a read beyond. */
static char *
exactly(const char *p, size_t n)
{
	char *copy = malloc(n > 0 ? n : 1);

	assert_non_null(copy);
	memcpy(copy, p, n);
	return copy;
}

/* One byte more each time, and each time at another place. */
static int
feed(const char *p, size_t n, struct http_state *st, char **last, struct http_req *r)
{
	int got = HTTP_MORE;

	*last = NULL;
	for (size_t i = 1; i <= n && got == HTTP_MORE; i++) {
		free(*last);
		*last = exactly(p, i);
		got = http_parse(st, *last, i, r);
	}
	return got;
}

static bool
same(struct http_span a, struct http_span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* The verdict on p, which must not depend on how it comes in. */
static int
verdict(const char *p, size_t n)
{
	struct http_state a = { 0 }, b = { 0 };
	struct http_req ra, rb;
	char *whole = exactly(p, n), *last;
	int got = http_parse(&a, whole, n, &ra);

	assert_int_equal(feed(p, n, &b, &last, &rb), got);
	if (got == HTTP_DONE) {
		assert_int_equal(a.size, b.size);
		assert_true(same(ra.method, rb.method) && same(ra.path, rb.path));
		assert_true(same(ra.query, rb.query) && same(ra.body, rb.body));
		assert_true(same(ra.fields, rb.fields) && ra.minor == rb.minor);
		assert_true(ra.close == rb.close && ra.upgrade == rb.upgrade);
	}
	free(whole);
	free(last);
	return got;
}

static void
test_parts(void **state)
{
	static const char text[] =
	    "DELETE /fapi/v1/order?symbol=BTCUSDT&a=%5B%22b?&signature=0f HTTP/1.1\r\n"
	    "Host: 127.0.0.1:9\r\nX-MBX-APIKEY: \t Key=1 \t\r\nEmpty:\r\n"
	    "Content-Length: 7\r\n\r\nbody=%1NEXT";
	struct http_state st = { 0 };
	struct http_span v;
	struct http_req r;

	(void)state;
	assert_int_equal(http_parse(&st, text, sizeof text - 1, &r), HTTP_DONE);
	assert_int_equal(st.size, sizeof text - 1 - 4);
	assert_span(r.method, "DELETE");
	assert_span(r.path, "/fapi/v1/order");
	assert_span(r.query, "symbol=BTCUSDT&a=%5B%22b?&signature=0f");
	assert_span(r.body, "body=%1");
	assert_true(http_field(&r, "x-mbx-apikey", &v));
	assert_span(v, "Key=1");
	assert_true(http_field(&r, "EMPTY", &v));
	assert_span(v, "");
	assert_false(http_field(&r, "X-MBX", &v));
	assert_false(http_field(&r, "X-MBX-APIKEY2", &v));
	assert_false(r.close);
	assert_false(r.upgrade);
	assert_int_equal(r.minor, 1);
}

static void
test_verdicts(void **state)
{
	static const struct { const char *in; int want; } row[] = {
		{ "GET / HTTP/1.1\r\n" HOST "\r\n", HTTP_DONE },
		{ "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", HTTP_DONE },
		{ "GET / HTTP/1.0\r\n\r\n", HTTP_DONE },
		{ "GET /[{\"a\":1}] HTTP/1.1\r\n" HOST "\r\n", HTTP_DONE },
		{ "GET /?s=\xe5\xb8\x81USDT HTTP/1.1\r\n" HOST "\r\n", HTTP_DONE },
		{ "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", HTTP_DONE },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", HTTP_DONE },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 003\r\n\r\nabc", HTTP_DONE },
		/* not whole yet */
		{ "", HTTP_MORE },
		{ "\r\n", HTTP_MORE },
		{ "GET / HTTP/1.1\r\n" HOST "\r", HTTP_MORE },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nab", HTTP_MORE },
		/* noise */
		{ "\x16\x03\x01\x02", 400 },
		{ "{\"method\":1}", 400 },
		{ "\n", 400 },
		{ "GET / HTTP/1.1\n" HOST "\n", 400 },
		{ "GET /\r\n", 400 },
		{ "GET  / HTTP/1.1\r\n", 400 },
		{ "GET / HTTP/1.1 \r\n", 400 },
		{ "GET / http/1.1\r\n", 400 },
		{ "GET / HTTP/1.10\r\n", 400 },
		{ " GET / HTTP/1.1\r\n", 400 },
		{ "G@T / HTTP/1.1\r\n", 400 },
		{ "GET * HTTP/1.1\r\n", 400 },
		{ "GET x HTTP/1.1\r\n", 400 },
		{ "GET http:// HTTP/1.1\r\n", 400 },
		{ "GET /\x01 HTTP/1.1\r\n", 400 },
		{ "GET /\t HTTP/1.1\r\n", 400 },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400 },	/* HTTP/2 without asking */
		{ "GET / HTTP/2.0\r\n" HOST "\r\n", 505 },
		/* headers */
		{ "GET / HTTP/1.1\r\n" HOST "A: 1\r\n folded\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n folded: 1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "A : 1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST ": 1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "A: 1\rB: 2\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "A: 1\nB: 2\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "Expect: a miracle\r\n\r\n", 417 },
		/* bodies */
		{ "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 411 },
		{ "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
		  "Content-Length: 3\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 3, 3\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: -3\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 1048576\r\n\r\n", HTTP_MORE },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 1048577\r\n\r\n", 413 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551619\r\n\r\n", 413 },
		{ "POST / HTTP/1.1\r\n" HOST
		  "Content-Length: 99999999999999999999999999999999999999999\r\n\r\n", 413 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		int got = verdict(row[i].in, strlen(row[i].in));

		if (got != row[i].want)
			fail_msg("row %zu (%s): %d, not %d", i, row[i].in, got, row[i].want);
	}
	assert_int_equal(verdict("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 25), 400);
}

static void
test_targets(void **state)
{
	static const struct { const char *target, *path, *query; } row[] = {
		{ "/", "/", "" },
		{ "/a?", "/a", "" },
		{ "/a?b?c#d", "/a", "b?c#d" },
		{ "/stream?streams=a@b/c@d", "/stream", "streams=a@b/c@d" },
		{ "/%2F%3f?%26", "/%2F%3f", "%26" },
		{ "http://127.0.0.1:8080/a/b?c", "/a/b", "c" },
		{ "HTTP://h", "/", "" },
		{ "ws://h?q", "/", "q" },
		{ "//double//slash", "//double//slash", "" },
	};
	struct http_state st;
	struct http_req r;
	char text[128];
	int n;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		st = (struct http_state){ 0 };
		n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" HOST "\r\n", row[i].target);
		assert_int_equal(http_parse(&st, text, (size_t)n, &r), HTTP_DONE);
		assert_span(r.path, row[i].path);
		assert_span(r.query, row[i].query);
	}
}

static void
test_connection(void **state)
{
	static const struct { const char *version, *fields; bool close, upgrade; } row[] = {
		{ "1.1", "", false, false },
		{ "1.1", "Connection: close\r\n", true, false },
		{ "1.1", "Connection: x, CLOSE\r\n", true, false },
		{ "1.1", "Connection: x\r\nconnection:close\r\n", true, false },
		{ "1.1", "Connection: closed\r\n", false, false },
		{ "1.1", "X-Connection: close\r\n", false, false },
		{ "1.0", "", true, false },
		{ "1.0", "Connection: Keep-Alive\r\n", false, false },
		{ "1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n", false, true },
		{ "1.1", "Connection: Upgrade\r\nUpgrade: h2c\r\n", false, false },
		{ "1.1", "Upgrade: websocket\r\n", false, false },
		{ "1.0", "Connection: Upgrade\r\nUpgrade: websocket\r\n", true, false },
	};
	struct http_state st;
	struct http_req r;
	char text[128];
	int n;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		st = (struct http_state){ 0 };
		n = snprintf(text, sizeof text, "GET / HTTP/%s\r\n" HOST "%s\r\n", row[i].version,
		    row[i].fields);
		assert_int_equal(http_parse(&st, text, (size_t)n, &r), HTTP_DONE);
		if (r.close != row[i].close || r.upgrade != row[i].upgrade)
			fail_msg("row %zu: close %d, upgrade %d", i, r.close, r.upgrade);
	}
}

static void
test_pipeline(void **state)
{
	static const char text[] =
	    "POST /1 HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nGET"
	    "GET /2 HTTP/1.1\r\n" HOST "\r\n\r\n"
	    "GET /3 HTTP/1.1\r\n" HOST "\r\n";
	const char *p = text, *end = text + sizeof text - 1;
	char want[] = "/1";
	struct http_state st;
	struct http_req r;

	(void)state;
	for (; p < end; p += st.size, want[1]++) {
		st = (struct http_state){ 0 };
		assert_int_equal(http_parse(&st, p, (size_t)(end - p), &r), HTTP_DONE);
		assert_span(r.path, want);
		assert_span(r.body, want[1] == '1' ? "GET" : "");
	}
	assert_int_equal(want[1], '4');
}

/* A head of exactly size bytes. */
static char *
head_of(size_t size)
{
	static const char start[] = "GET / HTTP/1.1\r\n" HOST "A: ";
	char *p = malloc(size);

	assert_non_null(p);
	memset(p, 'a', size);
	memcpy(p, start, sizeof start - 1);
	memcpy(p + size - 4, "\r\n\r\n", 4);
	return p;
}

static void
test_head_limit(void **state)
{
	char *fits = head_of(HTTP_HEAD_MAX), *over = head_of(HTTP_HEAD_MAX + 1);
	struct http_state st = { 0 };
	struct http_req r;
	size_t n;

	(void)state;
	assert_int_equal(http_parse(&st, fits, HTTP_HEAD_MAX, &r), HTTP_DONE);
	st = (struct http_state){ 0 };
	assert_int_equal(http_parse(&st, over, HTTP_HEAD_MAX + 1, &r), 431);
	st = (struct http_state){ 0 };
	for (n = 1; http_parse(&st, over, n, &r) == HTTP_MORE; )
		n++;
	assert_int_equal(n, HTTP_HEAD_MAX);
	free(fits);
	free(over);
}

static void
test_expect(void **state)
{
	static const char text[] =
	    "POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\nExpect: 100-Continue\r\n\r\nab";
	struct http_state st = { 0 };
	struct http_req r;

	(void)state;
	assert_int_equal(http_parse(&st, text, sizeof text - 4, &r), HTTP_MORE);
	assert_false(st.expect);
	assert_int_equal(http_parse(&st, text, sizeof text - 3, &r), HTTP_MORE);
	assert_true(st.expect);
	assert_int_equal(http_parse(&st, text, sizeof text - 1, &r), HTTP_DONE);
	assert_span(r.body, "ab");
}

/* Any bytes: no crash, and the same verdict whichever way they come. */
static void
test_noise(void **state)
{
	static const char alphabet[] = "GET /HTP1.0:\r\n\r\n\r\n a?";
	char text[48] = "GET / HTTP/1.1\r\n";
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		for (size_t i = round % 2 ? 16 : 0; i < sizeof text; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		if (round % 2)
			memcpy(text, "GET / HTTP/1.1\r\n", 16);
		verdict(text, sizeof text);
	}
}

static void
test_heads(void **state)
{
	struct buf b = { 0 };

	(void)state;
	http_head(&b, 200, NULL, NULL, 5, false);
	assert_string_equal(b.p, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "Content-Length: 5\r\nConnection: keep-alive\r\n\r\n");
	buf_reset(&b);
	http_head(&b, 418, "text/html", "Retry-After: 7\r\n", 0, true);
	assert_string_equal(b.p, "HTTP/1.1 418 I'm a teapot\r\nContent-Type: text/html\r\n"
	    "Content-Length: 0\r\nRetry-After: 7\r\nConnection: close\r\n\r\n");
	buf_reset(&b);
	http_head(&b, 204, NULL, NULL, 0, false);
	assert_string_equal(b.p, "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
	buf_free(&b);
	assert_string_equal(http_reason(799), "Unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_connection),
		cmocka_unit_test(test_pipeline),
		cmocka_unit_test(test_head_limit),
		cmocka_unit_test(test_expect),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_heads),
	};

	return cmocka_run_group_tests_name("simhttp", tests, NULL, NULL);
}

/*
 * The answers are those that Binance documents or that users reported, with
 * what is known of the order behind each; F01 and so on are their numbers in
 * our list of failure modes, in the order of reply.c's table.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/reply.h"
#include "core/show.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

#define NOW	1700000000000LL
#define DAYS3	(3 * 86400 * 1000LL)
#define JSON	"application/json;charset=UTF-8"
#define HTML	"text/html; charset=utf-8"

#define OK	FAULT_NONE
#define NO	FAULT_REJECTED
#define AGAIN	FAULT_AGAIN
#define CLOCK	FAULT_CLOCK
#define KEY	FAULT_KEY
#define DOUBT	FAULT_UNKNOWN

#define UNKNOWN_503	"Unknown error, please check your request or try again later."
#define INTERNAL_503	"Internal error; unable to process your request. Please try again."
#define THROTTLED	"Request throttled by system-level protection. " \
			"Reduce-only/close-position orders are exempt. Please try again."
#define ERR(code, msg)	"{\"code\":" #code ",\"msg\":\"" msg "\"}"
#define PAGE_502	"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n" \
			"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
#define PAGE_403	"<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\" " \
			"\"http://www.w3.org/TR/html4/loose.dtd\"><H1>403 ERROR</H1>" \
			"<H2>The request could not be satisfied.</H2>Request blocked."

static struct fault fault;

static enum fault_kind
judged(int http, const char *type, const char *body, size_t n, long long retry_after, bool mutates)
{
	const struct reply r = { .http = http, .type = type, .body = body, .n = n,
		.retry_after = retry_after, .detail = "" };
	int ret;

	memset(&fault, 0, sizeof fault);
	ret = reply_judge(&r, mutates, NOW, &fault);
	assert_int_equal(ret, fault.kind == FAULT_NONE ? 0 : -1);
	assert_true(show_clean(fault.text, strlen(fault.text)));
	return fault.kind;
}

struct row { int http; const char *type, *body; enum fault_kind mutation, read; int code; const char *says; };

static void
run(const struct row *r, size_t rows)
{
	enum fault_kind want, got;

	for (; rows > 0; rows--, r++)
		for (int mutates = 0; mutates <= 1; mutates++) {
			want = mutates ? r->mutation : r->read;
			got = judged(r->http, r->type, r->body, strlen(r->body), -1, mutates);
			if (got != want)
				fail_msg("%d %s (%s): %s, not %s", r->http, r->body,
				    mutates ? "mutation" : "read", fault_word(got), fault_word(want));
			if (got == FAULT_NONE)
				continue;
			assert_int_equal(fault.http, r->http);
			assert_int_equal(fault.code, r->code);
			if (strstr(fault.text, r->says) == NULL)
				fail_msg("%d %s: %s", r->http, r->body, fault.text);
		}
}

static void
a_success_is_one_complete_value_under_200(void **state)
{
	static const struct row row[] = {
		{ 200, JSON, "{\"orderId\":1,\"status\":\"NEW\"}", OK, OK, 0, "" },
		{ 200, JSON, " {\"orderId\":1}\r\n", OK, OK, 0, "" },
		{ 200, "", "{\"orderId\":1}", OK, OK, 0, "" },
		{ 200, JSON, "[{\"code\":-4164,\"msg\":\"x\"},{\"orderId\":1}]", OK, OK, 0, "" },	/* F17 */
		{ 200, JSON, "[]", OK, OK, 0, "" },
		{ 200, JSON, "{\"code\":200,\"msg\":\"success\"}", OK, OK, 0, "" },
		{ 200, JSON, "{\"code\":\"200\",\"msg\":\"success\"}", OK, OK, 0, "" },
		{ 200, JSON, "{\"code\":200,\"msg\":\"The operation of cancel all open order is done.\"}", OK, OK, 0, "" },
		{ 200, JSON, "{}", DOUBT, OK, 0, "no answer to rely on: {}" },	/* ping; no order */
	};

	(void)state;
	run(row, LEN(row));
}

static void
a_200_that_is_no_answer_is_never_a_success(void **state)
{
	static const struct row row[] = {
		/* F97, F11 */
		{ 200, JSON, "", DOUBT, AGAIN, 0, "HTTP 200, no answer to rely on, application/json;charset=UTF-8, empty body" },
		{ 200, HTML, "<html>hi</html>", DOUBT, AGAIN, 0, "text/html; charset=utf-8: <html>hi</html>" },
		{ 200, HTML, "{\"orderId\":1}", DOUBT, AGAIN, 0, "text/html" },
		{ 200, "Text/HTML", "{\"orderId\":1}", DOUBT, AGAIN, 0, "Text/HTML" },
		{ 200, JSON, "null", DOUBT, AGAIN, 0, ": null" },
		{ 200, JSON, "true", DOUBT, AGAIN, 0, "true" },
		{ 200, JSON, "\"ok\"", DOUBT, AGAIN, 0, "ok" },
		{ 200, JSON, "5", DOUBT, AGAIN, 0, "5" },
		{ 200, JSON, "   ", DOUBT, AGAIN, 0, "" },
		{ 200, JSON, "{\"orderId\":1,\"stat", DOUBT, AGAIN, 0, "{\"orderId\":1,\"stat" },
		{ 200, JSON, "{\"orderId\":1}}", DOUBT, AGAIN, 0, "" },
		{ 200, JSON, "{\"orderId\":1}{\"orderId\":2}", DOUBT, AGAIN, 0, "" },
		{ 200, JSON, "\xef\xbb\xbf{\"orderId\":1}", DOUBT, AGAIN, 0, "\\ufeff{" },
		{ 200, JSON, "{\"orderId\":1,\"orderId\":2}", DOUBT, AGAIN, 0, "" },
		{ 200, JSON, "{\"s\":\"\xff\"}", DOUBT, AGAIN, 0, "\\xff" },
		{ 200, JSON, "{\"orderId\":01}", DOUBT, AGAIN, 0, "" },
		{ 200, JSON, "{\"code\":0,\"msg\":\"\"}", DOUBT, AGAIN, 0, "HTTP 200, 0" },
		{ 200, JSON, "{\"code\":1,\"msg\":\"x\"}", DOUBT, AGAIN, 1, "HTTP 200, 1" },
		{ 200, JSON, "{\"code\":null,\"orderId\":1}", DOUBT, AGAIN, 0, "" },
		{ 200, JSON, "{\"code\":200.0}", DOUBT, AGAIN, 0, "" },
		{ 200, JSON, "{\"code\":200,\"code\":-2019}", DOUBT, AGAIN, 0, "" },
		{ 200, JSON, "{\"code\":4294967496}", DOUBT, AGAIN, 0, "" },	/* 200 + 2^32 */
		/* other statuses are not in the table, whatever they say */
		{ 201, JSON, "{\"orderId\":1}", DOUBT, AGAIN, 0, "HTTP 201" },
		{ 202, JSON, "{\"orderId\":1}", DOUBT, AGAIN, 0, "" },
		{ 204, "", "", DOUBT, AGAIN, 0, "HTTP 204, empty body" },
		{ 100, "", "", DOUBT, AGAIN, 0, "" },
		{ 0, "", "", DOUBT, AGAIN, 0, "" },
		{ 301, HTML, "Moved", DOUBT, AGAIN, 0, "HTTP 301, text/html; charset=utf-8: Moved" },
		{ 302, JSON, "{\"code\":-2019,\"msg\":\"x\"}", DOUBT, AGAIN, -2019, "" },
		/* an error in the place of a success: its code decides */
		{ 200, JSON, ERR(-2019, "Margin is insufficient."), NO, NO, -2019, "HTTP 200, -2019: Margin is insufficient." },
		{ 200, JSON, ERR(-1007, "Timeout"), DOUBT, AGAIN, -1007, "" },
		{ 200, JSON, ERR(-9999, "new"), DOUBT, NO, -9999, "" },
	};

	(void)state;
	run(row, LEN(row));
}

static void
what_happened_to_an_order_is_told_by_status_code_and_text(void **state)
{
	static const struct row row[] = {
		{ 503, JSON, ERR(-1001, UNKNOWN_503), DOUBT, AGAIN, -1001, "HTTP 503, -1001: Unknown error" },	/* F01 */
		{ 503, JSON, "{\"msg\":\"" UNKNOWN_503 "\"}", DOUBT, AGAIN, 0, "HTTP 503: Unknown error" },
		{ 408, JSON, ERR(-1007, "Timeout waiting for response from backend server. "
		  "Send status unknown; execution status unknown."), DOUBT, AGAIN, -1007, "" },			/* F02 */
		{ 400, JSON, ERR(-1007, "Timeout"), DOUBT, AGAIN, -1007, "" },
		{ 503, JSON, ERR(-1007, "Timeout"), DOUBT, AGAIN, -1007, "" },
		{ 408, "", "", DOUBT, AGAIN, 0, "" },
		{ 408, JSON, ERR(-2019, "Margin is insufficient."), DOUBT, AGAIN, -2019, "" },
		{ 400, JSON, ERR(-1006, "An unexpected response was received from the message bus. "
		  "Execution status unknown."), DOUBT, AGAIN, -1006, "" },					/* F03 */
		{ 500, JSON, ERR(-1006, "x"), DOUBT, AGAIN, -1006, "" },
		{ 429, JSON, ERR(-1006, "x"), DOUBT, AGAIN, -1006, "" },
		{ 400, JSON, ERR(-1000, "An unknown error occurred while processing the request."),
		  DOUBT, AGAIN, -1000, "" },
		{ 503, JSON, "{\"msg\":\"Service Unavailable.\"}", AGAIN, AGAIN, 0, "HTTP 503: Service Unavailable." },	/* F04 */
		{ 503, JSON, ERR(-1001, "Service Unavailable."), AGAIN, AGAIN, -1001, "" },
		{ 503, JSON, ERR(-1007, "Service Unavailable."), DOUBT, AGAIN, -1007, "" },
		{ 503, "text/plain", "Service Unavailable.", DOUBT, AGAIN, 0, "text/plain: Service Unavailable." },
		{ 502, JSON, "{\"msg\":\"Service Unavailable.\"}", DOUBT, AGAIN, 0, "" },
		{ 503, JSON, ERR(-1001, INTERNAL_503), AGAIN, AGAIN, -1001, "" },				/* F05 */
		{ 503, JSON, ERR(-1000, INTERNAL_503), DOUBT, AGAIN, -1000, "" },
		{ 503, JSON, "{\"msg\":\"" INTERNAL_503 "\"}", DOUBT, AGAIN, 0, "" },
		{ 500, JSON, ERR(-1001, INTERNAL_503), DOUBT, AGAIN, -1001, "" },
		{ 400, JSON, ERR(-1001, INTERNAL_503), DOUBT, NO, -1001, "" },
		{ 503, JSON, ERR(-1008, THROTTLED), AGAIN, AGAIN, -1008, "" },					/* F06 */
		{ 503, JSON, ERR(-1008, "Server is currently overloaded with other requests."), AGAIN, AGAIN, -1008, "" },
		{ 503, JSON, ERR(-1008, "Server is currently overloaded"), AGAIN, AGAIN, -1008, "" },
		{ 502, JSON, ERR(-1008, THROTTLED), DOUBT, AGAIN, -1008, "" },
		{ 502, "text/html", PAGE_502, DOUBT, AGAIN, 0,
		  "HTTP 502, text/html: <html>\\x0d\\x0a<head><title>502 Bad Gateway</title>" },			/* F07 */
		{ 504, "", "", DOUBT, AGAIN, 0, "HTTP 504, empty body" },
		{ 500, JSON, ERR(-2019, "Margin is insufficient."), DOUBT, AGAIN, -2019, "" },
		{ 503, JSON, "", DOUBT, AGAIN, 0, "" },
		{ 503, JSON, ERR(-1003, "Too many requests"), DOUBT, AGAIN, -1003, "" },
		{ 503, HTML, "{\"msg\":\"Service Unavailable.\"}", DOUBT, AGAIN, 0, "" },
		{ 500, JSON, "{\"msg\":\"Request occur unknown error.\"}", DOUBT, AGAIN, 0, "" },
		{ 400, JSON, ERR(-4116, "ClientOrderId is duplicated."), DOUBT, NO, -4116, "" },			/* F12 */
		{ 400, JSON, ERR(-2013, "Order does not exist."), NO, NO, -2013, "" },				/* F13 */
		{ 400, JSON, ERR(-2011, "Unknown order sent."), NO, NO, -2011, "" },				/* F15 */
		{ 400, JSON, ERR(-1021, "Timestamp for this request is outside of the recvWindow."),
		  CLOCK, CLOCK, -1021, "" },									/* F22 */
		{ 400, JSON, ERR(-1021, "Timestamp for this request was 1000ms ahead of the server's time."),
		  CLOCK, CLOCK, -1021, "" },									/* F23 */
		{ 400, JSON, ERR(-5028, "Timestamp for this request is outside of the ME recvWindow."),
		  AGAIN, AGAIN, -5028, "" },									/* F26 */
		{ 400, JSON, ERR(-1016, "This service is no longer available."), AGAIN, AGAIN, -1016, "" },	/* F96 */
		{ 503, JSON, ERR(-1016, "This service is no longer available."), AGAIN, AGAIN, -1016, "" },
		{ 503, JSON, ERR(-1016, "This service"), DOUBT, AGAIN, -1016, "" },
	};

	(void)state;
	run(row, LEN(row));
}

static void
a_documented_no_is_a_no(void **state)
{
	static const int no[] = {
		-1013, -1014, -1020, -1023, -1100, -1102, -1106, -1111, -1121, -1136, -2010, -2011, -2013, -2018,
		-2019, -2021, -2022, -2023, -2027, -4000, -4003, -4014, -4015, -4061, -4087, -4088, -4109, -4118,
		-4120, -4131, -4164, -4192, -4400, -4401, -4402, -4517, -4531, -5021, -5022, -5027, -5047,
	};
	static const int key[] = { -1002, -1022, -2014, -2015, -2017 };
	static const int new[] = { 0, 1, 200, 2019, -1, -9, -999, -1001, -1098, -1137, -1999, -3000, -3999, -6000, -20190 };
	static const int http[] = { 400, 422, 409 };
	char body[64];
	int n;

#define EACH(list, h, mutation, read)						\
	for (size_t i = 0; i < LEN(list); i++) {				\
		n = snprintf(body, sizeof body, "{\"code\":%d,\"msg\":\"m\"}", list[i]);	\
		if (judged(h, JSON, body, (size_t)n, -1, true) != mutation ||	\
		    judged(h, JSON, body, (size_t)n, -1, false) != read)	\
			fail_msg("%d %s: %s", h, body, fault.text);		\
	}
	(void)state;
	for (size_t k = 0; k < LEN(http); k++) {
		EACH(no, http[k], NO, NO)
		EACH(key, http[k], KEY, KEY)
		EACH(new, http[k], DOUBT, NO)
	}
	EACH(no, 500, DOUBT, AGAIN)
	EACH(no, 503, DOUBT, AGAIN)
	EACH(key, 401, KEY, KEY)
	EACH(key, 503, DOUBT, AGAIN)
#undef EACH
}

static void
limits_keys_and_blocks_are_known_by_status(void **state)
{
	static const struct row row[] = {
		{ 401, JSON, ERR(-2015, "Invalid API-key, IP, or permissions for action, request ip: 1.2.3.4"),
		  KEY, KEY, -2015, "permissions for action, request ip: 1.2.3.4" },				/* F35 */
		{ 400, JSON, ERR(-2014, "API-key format invalid."), KEY, KEY, -2014, "" },
		{ 401, "", "", KEY, KEY, 0, "HTTP 401" },
		{ 401, JSON, ERR(-1007, "Timeout"), DOUBT, AGAIN, -1007, "" },
		{ 400, JSON, ERR(-1022, "Signature for this request is not valid."), KEY, KEY, -1022, "" },	/* F37 */
		{ 429, JSON, ERR(-1003, "Too many requests; current limit of IP(1.2.3.4) is 2400 requests per minute."),
		  AGAIN, AGAIN, -1003, "HTTP 429, -1003" },							/* F27 */
		{ 429, "", "", AGAIN, AGAIN, 0, "too many requests, empty body" },
		{ 429, HTML, "<html>429</html>", AGAIN, AGAIN, 0, "" },
		{ 418, JSON, ERR(-1003, "Way too many requests"), AGAIN, AGAIN, -1003, "" },			/* F28 */
		{ 418, "", "", AGAIN, AGAIN, 0, "banned for a time" },
		{ 403, "text/html", PAGE_403, AGAIN, AGAIN, 0, "HTTP 403, blocked on the way, text/html: " },	/* F30 */
		{ 403, JSON, ERR(-2015, "x"), KEY, KEY, -2015, "" },
		{ 429, JSON, ERR(-1015, "Too many new orders; current limit is 300 orders per TEN_SECONDS."),
		  AGAIN, AGAIN, -1015, "" },									/* F33 */
		{ 400, JSON, ERR(-1015, "Too many new orders"), AGAIN, AGAIN, -1015, "" },
		{ 451, JSON, ERR(0, "Service unavailable from a restricted location according to 'b. Eligibility'"),
		  NO, NO, 0, "HTTP 451, 0, not served to this place or address: Service unavailable from a" },	/* F36 */
		{ 451, HTML, "<html>", NO, NO, 0, "HTTP 451" },
		{ 404, HTML, "<html>404</html>", NO, NO, 0, "HTTP 404, no such path" },
		{ 404, "", "", NO, NO, 0, "" },
		{ 404, JSON, ERR(-4116, "ClientOrderId is duplicated."), DOUBT, NO, -4116, "" },
		{ 400, HTML, "<html>400 Bad Request</html>", DOUBT, NO, 0, "" },
		{ 400, "", "", DOUBT, NO, 0, "" },
		{ 405, "", "", DOUBT, NO, 0, "" },
		{ 413, HTML, "<html>", DOUBT, NO, 0, "" },
		{ 499, "", "", DOUBT, NO, 0, "" },
		{ 400, JSON, ERR(-4400, "Futures Trading Quantitative Rules violated, only reduceOnly order is allowed, "
		  "please try again later."), NO, NO, -4400, "" },						/* F38 */
	};

	(void)state;
	run(row, LEN(row));
}

static void
how_long_to_wait_is_bounded(void **state)
{
	static const struct { int http; const char *body; long long retry_after, want; } row[] = {
		{ 429, ERR(-1003, "Too many"), 35, 35000 },
		{ 429, ERR(-1003, "Too many"), -1, 60000 },
		{ 429, "", -1, 60000 },
		{ 429, "", 0, 1000 },
		{ 429, "", -5, 60000 },
		{ 429, "", 99999999999LL, DAYS3 },
		{ 429, "", LLONG_MAX, DAYS3 },
		{ 418, "", 259200, DAYS3 },
		{ 418, "", 259201, DAYS3 },
		/* the later of the two ends */
		{ 418, ERR(-1003, "Way too many requests; IP(1.2.3.4) banned until 1700000120000. Please"), -1, 120000 },
		{ 418, ERR(-1003, "Way too many requests; IP(1.2.3.4) banned until 1700000120000. Please"), 35, 120000 },
		{ 418, ERR(-1003, "Way too many requests; IP(1.2.3.4) banned until 1700000120000. Please"), 300, 300000 },
		{ 418, ERR(-1003, "banned until 1699999999999."), -1, 1000 },
		{ 418, ERR(-1003, "banned until 1700000000001."), -1, 1000 },
		{ 418, ERR(-1003, "banned until 99999999999999999999999."), -1, DAYS3 },
		{ 418, ERR(-1003, "banned until 1800000000000."), 1, DAYS3 },
		{ 418, ERR(-1003, "banned until tomorrow."), -1, 60000 },
		{ 418, "banned until ", -1, 60000 },
		{ 418, "<p>banned until 1700000007000", -1, 7000 },
		{ 400, ERR(-1003, "banned until 1700000120000"), -1, 120000 },
		{ 429, ERR(-1015, "Too many new orders"), -1, 10000 },
		{ 429, ERR(-1015, "Too many new orders"), 3, 3000 },
		{ 403, PAGE_403, -1, 300000 },
		{ 403, PAGE_403, 1, 300000 },
		{ 400, ERR(-1016, "This service is no longer available."), -1, 60000 },
		{ 400, ERR(-2019, "Margin is insufficient."), 35, 0 },
		{ 503, ERR(-1008, THROTTLED), -1, 0 },
		{ 502, PAGE_502, -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		judged(row[i].http, "", row[i].body, strlen(row[i].body), row[i].retry_after, true);
		if (fault.retry_ms != row[i].want)
			fail_msg("%d %s: %lld ms", row[i].http, row[i].body, fault.retry_ms);
	}
}

static void
no_complete_answer_is_unknown_unless_nothing_was_sent(void **state)
{
	struct reply r = { .transport = TRANSPORT_NOT_SENT, .retry_after = -1, .type = "",
		.detail = "Failed to connect to 127.0.0.1 port 1" };

	(void)state;
	assert_int_equal(reply_judge(&r, true, NOW, &fault), -1);			/* F10 */
	assert_int_equal(fault.kind, FAULT_AGAIN);
	assert_string_equal(fault.text, "not sent: Failed to connect to 127.0.0.1 port 1");

	r.transport = TRANSPORT_LOST;							/* F08, F09 */
	r.detail = "";
	assert_int_equal(reply_judge(&r, true, NOW, &fault), -1);
	assert_int_equal(fault.kind, FAULT_UNKNOWN);
	assert_string_equal(fault.text, "no complete answer");
	assert_int_equal(reply_judge(&r, false, NOW, &fault), -1);
	assert_int_equal(fault.kind, FAULT_AGAIN);

	/* F11: what did arrive of the body is not looked at, even if it would do */
	r.http = 200;
	r.body = "{\"orderId\":1}";
	r.n = strlen(r.body);
	assert_int_equal(reply_judge(&r, true, NOW, &fault), -1);
	assert_int_equal(fault.kind, FAULT_UNKNOWN);
	assert_int_equal(fault.http, 200);
	assert_int_equal(fault.code, 0);

	r.http = 429;		/* cut short, but the wait stands in its head */
	r.retry_after = 35;
	assert_int_equal(reply_judge(&r, true, NOW, &fault), -1);
	assert_int_equal(fault.kind, FAULT_UNKNOWN);
	assert_int_equal(fault.retry_ms, 35000);

	/* and nobody has to want to know why */
	assert_int_equal(reply_judge(&r, true, NOW, NULL), -1);
	r.transport = TRANSPORT_OK;
	assert_int_equal(reply_judge(&r, true, NOW, NULL), -1);
}

/* F05: one byte of the message changed, left out or put in is another message. */
static void
one_byte_beside_a_known_503_is_unknown(void **state)
{
	static const struct { const char *head, *msg; } row[] = {
		{ "{\"code\":-1001,\"msg\":\"", INTERNAL_503 },
		{ "{\"code\":-1001,\"msg\":\"", "Service Unavailable." },
		{ "{\"msg\":\"", "Service Unavailable." },
		{ "{\"code\":-1016,\"msg\":\"", "This service is no longer available." },
	};
	char body[256];
	size_t from, n, len;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		from = strlen(row[i].head);
		len = strlen(row[i].msg);
		n = (size_t)snprintf(body, sizeof body, "%s%s\"}", row[i].head, row[i].msg);
		assert_int_equal(judged(503, JSON, body, n, -1, true), AGAIN);
		for (size_t k = 0; k < len; k++)
			for (int c = 0; c < 256; c++) {
				if ((unsigned char)row[i].msg[k] == c)
					continue;
				body[from + k] = (char)c;
				assert_int_equal(judged(503, JSON, body, n, -1, true), DOUBT);
				body[from + k] = row[i].msg[k];
			}
		for (size_t k = 0; k <= len; k++) {	/* left out; put in */
			if (k < len) {
				n = (size_t)snprintf(body, sizeof body, "%s%.*s%s\"}", row[i].head,
				    (int)k, row[i].msg, row[i].msg + k + 1);
				assert_int_equal(judged(503, JSON, body, n, -1, true), DOUBT);
			}
			n = (size_t)snprintf(body, sizeof body, "%s%.*s.%s\"}", row[i].head,
			    (int)k, row[i].msg, row[i].msg + k);
			assert_int_equal(judged(503, JSON, body, n, -1, true), DOUBT);
		}
	}
}

#define HEX64	"3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"

static void
a_text_tells_neither_address_nor_signature(void **state)
{
	static const struct { const char *body, *want; } row[] = {
		{ "<p>GET /fapi/v1/order?symbol=BTCUSDT&signature=" HEX64 " failed",
		  "HTTP 502: <p>GET /fapi/v1/order?symbol=BTCUSDT&[...] failed" },
		{ "see https://fapi.binance.com/fapi/v1/order?a=b&c=d, or http://x", "HTTP 502: see [url] or [url]" },
		{ "\"wss://h/private/ws?listenKey=k\"", "HTTP 502: \"[url]\"" },
		{ "key " HEX64, "HTTP 502: key [...]" },
		{ "x=ATEuJPvzWUFs0d1x9FwudUJsSfMMWR%2BbkdrxtbOYgFkZj36Ol%2FvwKDGm9U", "HTTP 502: [...]" },
		{ "a://b", "HTTP 502: [url]" },
		{ "://", "HTTP 502: [url]" },
		{ "a:/b", "HTTP 502: a:/b" },
		{ "{\"msg\":\"at https://h/?signature=" HEX64 " x\"}", "HTTP 502: at [url] x" },
		{ "{\"msg\":\"\\u001b[2J\\u202e\\n\"}", "HTTP 502: \\x1b[2J\\u202e\\x0a" },
		{ "{\"msg\":\"a\\u0000b\"}", "HTTP 502: a\\u0000b" },
		{ "{\"msg\":5}", "HTTP 502: {\"msg\":5}" },
		{ "{\"code\":-1111,\"msg\":\"Precision is over the maximum\"}",
		  "HTTP 502, -1111: Precision is over the maximum" },
	};
	char body[600], sig[] = HEX64;
	struct reply r = { .transport = TRANSPORT_LOST, .retry_after = -1,
		.detail = "recv from https://fapi.binance.com/x?signature=" HEX64 ": reset\n" };

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		judged(502, "", row[i].body, strlen(row[i].body), -1, true);
		assert_string_equal(fault.text, row[i].want);
	}
	reply_judge(&r, true, NOW, &fault);
	assert_string_equal(fault.text, "no complete answer: recv from [url] reset\\x0a");

	/* wherever the text is cut, no useful part of a signature stands in it */
	sig[8] = '\0';
	for (int pad = 0; pad < 300; pad++) {
		snprintf(body, sizeof body, "%*s" HEX64, pad, "");
		judged(502, HTML, body, strlen(body), -1, true);
		assert_null(strstr(fault.text, sig));
	}
}

static void
a_body_is_shown_in_part_and_escaped(void **state)
{
	static char big[1 << 16];
	const char *shown;

	(void)state;
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = " \n"[i % 2];
	judged(500, "", big, sizeof big, -1, true);
	shown = strchr(fault.text, ':') + 2;
	assert_in_range(strlen(shown), 150, 200);
	memset(big, 'A', sizeof big);
	judged(500, "", big, sizeof big, -1, true);
	assert_string_equal(fault.text, "HTTP 500: [...]");
	judged(500, "x\r\n\x1b[31m text/plain; which goes on and on and on and on and on", "\xff\xfe", 2, -1, true);
	assert_non_null(strstr(fault.text, "x\\x0d\\x0a\\x1b[31m"));
	assert_non_null(strstr(fault.text, ": \\xff\\xfe"));
	judged(500, NULL, "x", 1, -1, true);		/* no type at all */
	assert_string_equal(fault.text, "HTTP 500: x");
}

/* Any bytes under any status: judged, and for a mutation AGAIN, NO and OK come
 * only from answers that say so. */
static void
any_bytes_are_judged(void **state)
{
	static const int http[] = { 200, 201, 302, 400, 401, 403, 404, 408, 418, 429, 451, 500, 502, 503, 504 };
	static const char *const seed[] = {
		ERR(-1001, UNKNOWN_503), ERR(-2019, "Margin is insufficient."), "{\"orderId\":1,\"status\":\"NEW\"}",
		PAGE_502, ERR(-1003, "banned until 1700000120000"), "[{\"code\":-4164}]",
	};
	char body[512], *copy;
	enum fault_kind kind;
	size_t n;
	int h;

	(void)state;
	srand(2);
	for (int i = 0; i < 60000; i++) {
		const char *s = seed[(size_t)rand() % LEN(seed)];

		n = strlen(s);
		memcpy(body, s, n);
		for (int k = rand() % 4; k > 0; k--)
			body[(size_t)rand() % n] = (char)rand();
		if (rand() % 4 == 0)
			n = (size_t)rand() % (n + 1);
		copy = malloc(n + 1);	/* of exact size, so that a byte too far is seen */
		assert_non_null(copy);
		copy = realloc(memcpy(copy, body, n), n > 0 ? n : 1);
		h = http[(size_t)rand() % LEN(http)];
		kind = judged(h, JSON, copy, n, rand() % 3 - 1, true);
		if (h / 100 == 5 && h != 503)
			assert_int_equal(kind, DOUBT);
		if (kind == OK)
			assert_int_equal(h, 200);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_success_is_one_complete_value_under_200),
		cmocka_unit_test(a_200_that_is_no_answer_is_never_a_success),
		cmocka_unit_test(what_happened_to_an_order_is_told_by_status_code_and_text),
		cmocka_unit_test(a_documented_no_is_a_no),
		cmocka_unit_test(limits_keys_and_blocks_are_known_by_status),
		cmocka_unit_test(how_long_to_wait_is_bounded),
		cmocka_unit_test(no_complete_answer_is_unknown_unless_nothing_was_sent),
		cmocka_unit_test(one_byte_beside_a_known_503_is_unknown),
		cmocka_unit_test(a_text_tells_neither_address_nor_signature),
		cmocka_unit_test(a_body_is_shown_in_part_and_escaped),
		cmocka_unit_test(any_bytes_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

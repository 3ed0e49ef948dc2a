#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/rest.h"
#include "peer.h"

#define ORDER	"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&newClientOrderId=x1"
#define CANCEL	"symbol=BTCUSDT&origClientOrderId=x1"
#define ANSWER	"{\"orderId\":8389765606284283461,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\"}"

static struct session s;
static struct fault f;

static int
setup(void **state)
{
	(void)state;
	peer_start();
	home_make(peer->port, "");
	if (session_open(&s, NULL, MARKET_USDM, true, &f) == -1)
		fail_msg("%s", f.text);
	memset(&f, 0, sizeof f);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	session_close(&s);
	peer_stop();
	home_remove();
	return 0;
}

static int
call(enum ep ep, const char *query)
{
	int r = session_call(&s, ep, query, true, &f);

	if (r == 0)
		memset(&f, 0, sizeof f);
	return r;
}

/* The same as an order or its cancel, kept connection or not. */
static const struct { enum ep ep; const char *query, *begin; } mutation[] = {
	{ EP_ORDER_PLACE, ORDER, "POST /fapi/v1/order?" },
	{ EP_ORDER_CANCEL, CANCEL, "DELETE /fapi/v1/order?" },
};

static void
test_once(void **state)
{
	static const enum peer_end ends[] = { END_FIN, END_RST };

	(void)state;
	for (size_t m = 0; m < 2; m++)
		for (size_t e = 0; e < 2; e++) {
			/* a first request that is answered keeps the connection; the
			 * second is read and not answered; a third would be */
			SCRIPT({ .body = "{}", .cut = -1 }, { .cut = 0, .end = ends[e] },
			    { .body = ANSWER, .cut = -1 });
			assert_int_equal(call(EP_ORDER_GET, CANCEL), 0);
			assert_int_equal(call(mutation[m].ep, mutation[m].query), -1);
			assert_int_equal(f.kind, FAULT_UNKNOWN);
			assert_int_equal(peer_saw(mutation[m].begin), 1);
			assert_int_equal(session_transmissions(&s), 1);
		}
}

/* The control: a read is repeated, so the script above does provoke it. */
static void
test_read_repeats(void **state)
{
	(void)state;
	SCRIPT({ .body = "{}", .cut = -1 }, { .cut = 0, .end = END_FIN }, { .body = "{}", .cut = -1 });
	assert_int_equal(call(EP_ORDER_GET, CANCEL), 0);
	assert_int_equal(call(EP_ORDER_GET, CANCEL), 0);
	assert_int_equal(peer_saw("GET /fapi/v1/order?"), 3);
	assert_true(session_transmissions(&s) >= 2);
}

/* A connection that died while idle is noticed before sending. */
static void
test_idle_death(void **state)
{
	(void)state;
	for (int end = END_FIN; end <= END_RST; end++) {
		SCRIPT({ .body = "{}", .cut = -1, .end = (enum peer_end)end }, { .body = ANSWER, .cut = -1 });
		assert_int_equal(call(EP_ORDER_GET, CANCEL), 0);
		poll(NULL, 0, 20);
		assert_int_equal(call(EP_ORDER_PLACE, ORDER), 0);
		assert_int_equal(peer_saw("POST"), 1);
	}
}

static void
test_fresh_death(void **state)
{
	(void)state;
	for (size_t m = 0; m < 2; m++)
		for (int end = END_FIN; end <= END_RST; end++) {
			SCRIPT({ .cut = 0, .end = (enum peer_end)end });
			assert_int_equal(call(mutation[m].ep, mutation[m].query), -1);
			assert_int_equal(f.kind, FAULT_UNKNOWN);
			assert_int_equal(peer_saw(mutation[m].begin), 1);
		}
}

/* Every cut of a reply leaves a mutation unknown and a read to be repeated. */
static void
test_cuts(void **state)
{
	const char *head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
	int all = (int)strlen(head) + (int)strlen("Content-Length: 63\r\n\r\n") + (int)strlen(ANSWER);

	(void)state;
	for (int no_length = 0; no_length < 2; no_length++)
		for (int cut = 1; cut < all - 22 * no_length; cut += cut < all - 70 ? 7 : 1) {
			SCRIPT({ .head = head, .body = ANSWER, .cut = cut, .end = END_FIN,
			    .no_length = no_length });
			assert_int_equal(call(EP_ORDER_PLACE, ORDER), -1);
			assert_int_equal(f.kind, FAULT_UNKNOWN);
			assert_int_equal(peer_saw("POST"), 1);
		}
	for (int cut = 1; cut < all; cut += 40) {
		SCRIPT({ .head = head, .body = ANSWER, .cut = cut, .end = END_FIN });
		assert_int_equal(call(EP_ORDER_GET, CANCEL), -1);
		assert_int_equal(f.kind, FAULT_AGAIN);
	}
}

static void
test_refused_connection(void **state)
{
	(void)state;
	assert_int_equal(session_sync(&s, true, &f), 0);
	peer_die();
	/* the kept connection is dead, and nobody listens any more */
	poll(NULL, 0, 20);
	for (size_t m = 0; m < 2; m++) {
		assert_int_equal(call(mutation[m].ep, mutation[m].query), -1);
		assert_int_equal(f.kind, FAULT_AGAIN);
		assert_int_equal(f.http, 0);
		assert_int_equal(session_transmissions(&s), 0);
		assert_null(strstr(f.text, "signature"));
	}
	assert_int_equal(call(EP_ORDER_GET, CANCEL), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
}

/* Whether the peer sees so many connections: it may be a moment behind. */
static bool
connected(int n)
{
	for (int i = 0; i < 5000 && peer->connections < n; i++)
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	return peer->connections == n;
}

/* No TLS, no request: nothing can have been accepted. */
static void
test_handshake(void **state)
{
	char rest[300];
	struct session tls;

	(void)state;
	SCRIPT({ .body = ANSWER, .cut = -1 });
	session_close(&s);
	home_remove();
	home_make(peer->port, "");
	snprintf(rest, sizeof rest, "sed -i s/http:/https:/ %s/.config/bf/config", home);
	assert_int_equal(system(rest), 0);
	assert_int_equal(session_open(&tls, NULL, MARKET_USDM, true, &f), 0);
	tls.off = (struct offset){ .measured_ms = clock_wall_ms(), .known = true,
		.wall_minus_mono_ms = clock_gap_ms() };
	for (size_t m = 0; m < 2; m++) {
		assert_int_equal(session_call(&tls, mutation[m].ep, mutation[m].query, true, &f), -1);
		assert_int_equal(f.kind, FAULT_AGAIN);
		assert_int_equal(session_transmissions(&tls), 0);
	}
	assert_int_equal(peer->nlog, 0);
	assert_true(connected(2));
	session_close(&tls);
}

static void
test_time_out(void **state)
{
	(void)state;
	assert_int_equal(session_sync(&s, true, &f), 0);
	SCRIPT({ .body = ANSWER, .cut = -1, .stall_ms = 600 });
	s.timeout_ms = 200;
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), -1);
	assert_int_equal(f.kind, FAULT_UNKNOWN);
	assert_int_equal(peer_saw("POST"), 1);
}

static void
test_html(void **state)
{
	static const char head[] = "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n";
	static const char page[] = "<html><head><title>502 Bad Gateway</title></head></html>";

	(void)state;
	SCRIPT({ .head = head, .body = page, .cut = -1 });
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), -1);
	assert_int_equal(f.kind, FAULT_UNKNOWN);
	assert_int_equal(f.http, 502);
	assert_int_equal(peer_saw("POST"), 1);
	assert_int_equal(call(EP_ORDER_GET, CANCEL), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(peer_saw("GET"), 3);	/* tried again twice */
}

static void
test_ban(void **state)
{
	static const struct { const char *head; long long ms; } row[] = {
		{ "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 35\r\n", 35000 },
		{ "HTTP/1.1 418 I'm a teapot\r\nRetry-After: 7\r\nRetry-After: 40\r\n", 40000 },
		{ "HTTP/1.1 429 Too Many Requests\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n", 60000 },
		{ "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 99999999999999999999999\r\n", 259200000 },
	};
	int64_t left;

	(void)state;
	assert_int_equal(session_sync(&s, true, &f), 0);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct session other;

		SCRIPT({ .head = row[i].head, .body = "{\"code\":-1003,\"msg\":\"Too many requests.\"}",
		    .cut = -1 });
		assert_int_equal(call(EP_ORDER_GET, CANCEL), -1);
		assert_int_equal(f.kind, FAULT_AGAIN);
		assert_int_equal(f.retry_ms, row[i].ms);
		assert_int_equal(peer->nlog, 1);	/* not tried again by itself */
		left = limits_banned_until(s.lim) - session_now(&s);
		assert_true(left > row[i].ms - 2000 && left < row[i].ms + 1000);
		/* nothing leaves any more: no read, no order, no other process */
		assert_int_equal(call(EP_ORDER_PLACE, ORDER), -1);
		assert_int_equal(f.kind, FAULT_AGAIN);
		assert_true(f.retry_ms > 0);
		assert_int_equal(session_open(&other, NULL, MARKET_USDM, true, &f), 0);
		assert_int_equal(session_call(&other, EP_PING, "", true, &f), -1);
		session_close(&other);
		assert_int_equal(peer->nlog, 1);
		assert_int_equal(peer->times, 0);
		/* the next row begins in a fresh home */
		session_close(&s);
		home_remove();
		home_make(peer->port, "");
		assert_int_equal(session_open(&s, NULL, MARKET_USDM, true, &f), 0);
		assert_int_equal(session_sync(&s, true, &f), 0);
	}
}

/* -1015 is the account's order rate: queries go on, orders do not. */
static void
test_order_rate(void **state)
{
	(void)state;
	SCRIPT({ .head = "HTTP/1.1 429 Too Many Requests\r\n", .cut = -1, .body =
	    "{\"code\":-1015,\"msg\":\"Too many new orders; current limit is 300 orders per TEN_SECONDS.\"}" },
	    { .body = "{}", .cut = -1 });
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(f.code, -1015);
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), -1);
	assert_int_equal(f.http, 0);
	assert_int_equal(peer_saw("POST"), 1);
	assert_int_equal(call(EP_ORDER_GET, CANCEL), 0);
}

static void
test_counters(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nx-mbx-used-weight-1m: 2390\r\n"
	    "X-MBX-ORDER-COUNT-10S: 299\r\n";
	int64_t left;

	(void)state;
	assert_int_equal(session_sync(&s, true, &f), 0);
	/* headers of an answer near the end of a window are not believed: stay clear of one */
	left = 10000 - session_now(&s) % 10000;
	if (left < 2000)
		poll(NULL, 0, (int)left + 20);
	SCRIPT({ .head = head, .body = "{}", .cut = -1 });
	assert_int_equal(call(EP_ORDER_GET, CANCEL), 0);
	assert_int_equal(session_call(&s, EP_ORDER_GET, CANCEL, false, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(f.http, 0);
	assert_int_equal(session_call(&s, EP_ORDER_PLACE, ORDER, false, &f), -1);
	assert_int_equal(peer->nlog, 1);
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), -1);	/* "{}" is no answer to an order */
	assert_int_equal(f.kind, FAULT_UNKNOWN);
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), -1);	/* 300 of 300 */
	assert_int_equal(f.http, 0);
	assert_int_equal(peer_saw("POST"), 1);
}

#define LATE	{ .head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n", .cut = -1, \
	.body = "{\"code\":-1021,\"msg\":\"Timestamp for this request is outside of the recvWindow.\"}" }

static void
test_late(void **state)
{
	(void)state;
	assert_int_equal(session_sync(&s, true, &f), 0);
	for (size_t m = 0; m < 2; m++) {
		SCRIPT(LATE, { .body = ANSWER, .cut = -1 });
		peer->skew_ms = 7000;
		assert_int_equal(call(mutation[m].ep, mutation[m].query), 0);
		assert_int_equal(peer_saw(mutation[m].begin), 2);
		assert_int_equal(peer->times, 5);
		assert_int_equal(session_transmissions(&s), 2);
		SCRIPT(LATE);
		assert_int_equal(call(mutation[m].ep, mutation[m].query), -1);
		assert_int_equal(f.kind, FAULT_CLOCK);
		assert_int_equal(peer_saw(mutation[m].begin), 2);
	}
	/* one that was stamped beforehand is its caller's to sign anew */
	SCRIPT(LATE);
	s.stamp_ms = session_now(&s);
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), -1);
	assert_int_equal(peer_saw("POST"), 1);
	assert_int_equal(s.stamp_ms, 0);
}

/* The head on the wire: signature last, over exactly what goes before it. */
static void
test_wire(void **state)
{
	const char *p;
	char want[400];

	(void)state;
	SCRIPT({ .body = ANSWER, .cut = -1 });
	assert_int_equal(session_sync(&s, true, &f), 0);
	s.stamp_ms = INT64_C(1591702613943);
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), 0);
	snprintf(want, sizeof want, "POST /fapi/v1/order?%s&timestamp=1591702613943&recvWindow=5000&signature=", ORDER);
	assert_memory_equal(peer->log[0], want, strlen(want));
	p = peer->log[0] + strlen(want);
	assert_int_equal(strspn(p, "0123456789abcdef"), 64);
	assert_memory_equal(p + 64, " HTTP/1.1\r\n", 11);
	assert_non_null(strstr(p, "\r\nX-MBX-APIKEY: 0123456789abcdef"));
	assert_non_null(strstr(p, "\r\nContent-Length: 0\r\n"));
	assert_null(strstr(p, "Expect:"));
	assert_null(strstr(p, "Accept-Encoding:"));
	SCRIPT({ .body = "{}", .cut = -1 });
	assert_int_equal(call(EP_PING, ""), 0);
	assert_memory_equal(peer->log[0], "GET /fapi/v1/ping HTTP/1.1\r\n", 28);
	assert_null(strstr(peer->log[0], "X-MBX"));		/* the key goes only where it is needed */
	assert_int_equal(call(EP_LISTEN_KEY_KEEP, ""), 0);
	assert_memory_equal(peer->log[1], "PUT /fapi/v1/listenKey HTTP/1.1\r\n", 33);
	assert_non_null(strstr(peer->log[1], "\r\nX-MBX-APIKEY: "));
	assert_int_equal(peer->connections, 0);		/* all over the first one */
}

/* A proxy of the environment, a redirect, a flood: none of it is followed. */
static void
test_hostile(void **state)
{
	static const char moved[] = "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\n";

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	SCRIPT({ .body = "{}", .cut = -1 });
	assert_int_equal(call(EP_PING, ""), 0);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	SCRIPT({ .head = moved, .body = "{}", .cut = -1 });
	assert_int_equal(call(EP_ORDER_PLACE, ORDER), -1);
	assert_int_equal(f.kind, FAULT_UNKNOWN);
	assert_int_equal(f.http, 307);
	assert_int_equal(peer->nlog, 1);
}

static void
test_clock_step(void **state)
{
	int64_t t;

	(void)state;
	SCRIPT({ .body = "{}", .cut = -1 });
	assert_int_equal(call(EP_ORDER_GET, CANCEL), 0);
	assert_int_equal(peer->times, 5);
	t = session_now(&s);
	/* as if the wall clock had been set 10 s ahead since */
	s.off.wall_minus_mono_ms -= 10000;
	assert_true(session_now(&s) < t - 9000);	/* time goes on by the monotonic clock */
	assert_false(s.off.known);
	assert_int_equal(call(EP_ORDER_GET, CANCEL), 0);
	assert_true(s.off.known);			/* from what another tool stored, or anew */
	assert_true(session_now(&s) - t < 5000);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_once), TEST(test_read_repeats), TEST(test_idle_death), TEST(test_fresh_death),
		TEST(test_cuts), TEST(test_refused_connection), TEST(test_handshake), TEST(test_time_out), TEST(test_html),
		TEST(test_ban), TEST(test_order_rate), TEST(test_counters), TEST(test_late),
		TEST(test_wire), TEST(test_hostile), TEST(test_clock_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

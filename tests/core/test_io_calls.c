/* Requests over lanes: what the peer wrote down is the oracle, not what the client says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/calls.h"
#include "peer.h"

#define ORDER	"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&newClientOrderId=x1"
#define CANCEL	"symbol=BTCUSDT&origClientOrderId=x1"
#define ANSWER	"{\"orderId\":8389765606284283461,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\"}"
#define LANES	2
#define ASKED	4
#define PATIENCE_MS	20000

static struct session s;
static struct calls *c;
static struct fault f;

/* What was told of each request. */
static struct told { int n; bool ok; struct fault f; char value[200]; } told[ASKED];

static void
on_done(void *arg, const struct fault *fa, const struct tok *t, const struct tok *v)
{
	struct told *d = arg;

	d->n++;
	d->ok = fa == NULL;
	if (fa != NULL)
		d->f = *fa;
	assert_true((fa == NULL) == (v != NULL) && (v == NULL || t != NULL));
	if (v != NULL)
		snprintf(d->value, sizeof d->value, "%.*s", (int)v->len, v->p);
}

static void
turn(void)
{
	struct pollfd p[16];
	int timeout = 100, n = calls_poll(c, p, 16, &timeout);

	poll(p, (nfds_t)n, timeout);
	calls_step(c);
}

static bool
until(bool (*what)(void))
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;

	while (!what() && clock_mono_ms() < end)
		turn();
	return what();
}

static bool all_free(void) { return calls_free(c) == LANES; }
static bool arrived(void) { return peer->nlog > 0; }

/* Ask, and turn until it was told: once. */
static const struct told *
call(enum ep ep, const char *query)
{
	memset(told, 0, sizeof told);
	if (calls_send(c, ep, query, 0, 0, on_done, &told[0], &f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(told[0].n, 0);
	assert_true(until(all_free));
	assert_int_equal(told[0].n, 1);
	return &told[0];
}

/* The peer writes down what it sees a moment after it has it. */
static bool
peer_has(const int *count, int n)
{
	for (int i = 0; i < 5000 && *count < n; i++)
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	return *count == n;
}

static int
setup(void **state)
{
	(void)state;
	peer_start();
	home_make(peer->port, "");
	if (session_open(&s, NULL, MARKET_USDM, true, &f) == -1 || session_sync(&s, true, &f) == -1 ||
	    calls_open(&c, &s, LANES, &f) == -1)
		fail_msg("%s", f.text);
	memset(&f, 0, sizeof f);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	calls_close(c);
	session_close(&s);
	peer_stop();
	home_remove();
	return 0;
}

/* One after the other they share a connection; the signature covers the bytes that arrive. */
static void
test_reuse(void **state)
{
	(void)state;
	SCRIPT({ .body = ANSWER, .cut = -1 });
	for (int i = 0; i < 3; i++) {
		assert_true(call(EP_ORDER_PLACE, ORDER)->ok);
		assert_string_equal(told[0].value, ANSWER);
	}
	assert_true(call(EP_ORDER_CANCEL, CANCEL)->ok);
	assert_int_equal(peer->connections, 1);
	assert_int_equal(peer_saw("POST /fapi/v1/order?" ORDER "&timestamp="), 3);
	assert_int_equal(peer_saw("DELETE /fapi/v1/order?" CANCEL "&timestamp="), 1);
	assert_int_equal(calls_sent(c), 4);
	for (int i = 0; i < 4; i++) {
		assert_non_null(strstr(peer->log[i], "&signature="));
		assert_non_null(strstr(peer->log[i], "X-MBX-APIKEY: "));
	}
}

/* The stamp is the caller's. */
static void
test_stamp(void **state)
{
	(void)state;
	SCRIPT({ .body = ANSWER, .cut = -1 });
	memset(told, 0, sizeof told);
	assert_int_equal(calls_send(c, EP_ORDER_PLACE, ORDER, INT64_C(1499827319559), 0, on_done, &told[0], &f), 0);
	assert_true(until(all_free));
	assert_int_equal(peer_saw("POST /fapi/v1/order?" ORDER "&timestamp=1499827319559&recvWindow="), 1);
}

/* At once each has a connection of its own, and no more than max do. */
static void
test_max(void **state)
{
	(void)state;
	SCRIPT({ .body = ANSWER, .cut = -1 });
	memset(told, 0, sizeof told);
	assert_int_equal(calls_free(c), LANES);
	for (int i = 0; i < LANES; i++) {
		assert_int_equal(calls_send(c, EP_ORDER_PLACE, ORDER, 0, 0, on_done, &told[i], &f), 0);
		assert_int_equal(calls_free(c), LANES - 1 - i);
	}
	assert_int_equal(calls_send(c, EP_ORDER_PLACE, ORDER, 0, 0, on_done, &told[2], &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_true(until(all_free));
	assert_true(told[0].n == 1 && told[0].ok && told[1].n == 1 && told[1].ok && told[2].n == 0);
	assert_int_equal(peer->connections, LANES);
	assert_int_equal(peer_saw("POST"), LANES);
	/* both connections are kept, and a single request takes one of them */
	assert_true(call(EP_ORDER_PLACE, ORDER)->ok);
	assert_int_equal(peer->connections, LANES);
}

/* What changes state goes out once, on a kept connection that dies under it as on a new one. */
static void
test_once(void **state)
{
	static const struct { enum ep ep; const char *query, *begin; } row[] = {
		{ EP_ORDER_PLACE, ORDER, "POST /fapi/v1/order?" },
		{ EP_ORDER_CANCEL, CANCEL, "DELETE /fapi/v1/order?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		for (int end = END_FIN; end <= END_RST; end++) {
			long before;

			/* the first is answered and keeps the connection; the second is read and not
			 * answered; a third would be */
			SCRIPT({ .body = "{}", .cut = -1 }, { .cut = 0, .end = (enum peer_end)end },
			    { .body = ANSWER, .cut = -1 });
			assert_true(call(EP_ORDER_GET, CANCEL)->ok);
			before = calls_sent(c);
			assert_false(call(row[i].ep, row[i].query)->ok);
			assert_int_equal(told[0].f.kind, FAULT_UNKNOWN);
			assert_int_equal(peer_saw(row[i].begin), 1);
			assert_int_equal(calls_sent(c) - before, 1);
			/* on a new connection */
			SCRIPT({ .cut = 0, .end = (enum peer_end)end }, { .body = ANSWER, .cut = -1 });
			assert_false(call(row[i].ep, row[i].query)->ok);
			assert_int_equal(told[0].f.kind, FAULT_UNKNOWN);
			assert_int_equal(peer_saw(row[i].begin), 1);
		}
}

/* The control: a read is repeated by libcurl, so that the script above does provoke it. */
static void
test_read_repeats(void **state)
{
	(void)state;
	SCRIPT({ .body = "{}", .cut = -1 }, { .cut = 0, .end = END_FIN }, { .body = "{}", .cut = -1 });
	assert_true(call(EP_ORDER_GET, CANCEL)->ok);
	assert_true(call(EP_ORDER_GET, CANCEL)->ok);
	assert_int_equal(peer_saw("GET /fapi/v1/order?"), 3);
}

/* A connection that died while idle is noticed before sending. */
static void
test_stale(void **state)
{
	(void)state;
	for (int end = END_FIN; end <= END_RST; end++) {
		SCRIPT({ .body = "{}", .cut = -1, .end = (enum peer_end)end }, { .body = ANSWER, .cut = -1 });
		assert_true(call(EP_ORDER_GET, CANCEL)->ok);
		poll(NULL, 0, 20);
		assert_true(call(EP_ORDER_PLACE, ORDER)->ok);
		assert_int_equal(peer_saw("POST"), 1);
	}
}

/* A reply cut anywhere leaves what changes state unknown. */
static void
test_cuts(void **state)
{
	const int all = (int)strlen("HTTP/1.1 200 OK\r\nContent-Length: 63\r\nContent-Type: application/json\r\n\r\n" ANSWER);

	(void)state;
	for (int cut = 1; cut < all; cut += cut < all - 8 ? 7 : 1) {
		SCRIPT({ .body = ANSWER, .cut = cut, .end = END_FIN });
		assert_false(call(EP_ORDER_PLACE, ORDER)->ok);
		assert_int_equal(told[0].f.kind, FAULT_UNKNOWN);
		assert_int_equal(peer_saw("POST"), 1);
	}
	SCRIPT({ .body = ANSWER, .cut = 60, .end = END_FIN });
	assert_false(call(EP_ORDER_GET, CANCEL)->ok);
	assert_int_equal(told[0].f.kind, FAULT_AGAIN);
}

/* A time-out of its own, or the session's: unknown; and the lane is of use again. */
static void
test_time_out(void **state)
{
	(void)state;
	SCRIPT({ .body = ANSWER, .cut = -1, .stall_ms = 600 }, { .body = ANSWER, .cut = -1 });
	memset(told, 0, sizeof told);
	assert_int_equal(calls_send(c, EP_ORDER_PLACE, ORDER, 0, 100, on_done, &told[0], &f), 0);
	assert_true(until(all_free));
	assert_true(told[0].n == 1 && !told[0].ok);
	assert_int_equal(told[0].f.kind, FAULT_UNKNOWN);
	assert_int_equal(peer_saw("POST"), 1);
	assert_true(call(EP_ORDER_PLACE, ORDER)->ok);
	assert_int_equal(peer_saw("POST"), 2);
	SCRIPT({ .body = ANSWER, .cut = -1, .stall_ms = 600 });
	s.timeout_ms = 100;
	assert_false(call(EP_ORDER_CANCEL, CANCEL)->ok);
	assert_int_equal(told[0].f.kind, FAULT_UNKNOWN);
	assert_int_equal(peer_saw("DELETE"), 1);
}

/* One that waits does not hold up another. */
static void
test_apart(void **state)
{
	(void)state;
	SCRIPT({ .cut = 0 }, { .body = ANSWER, .cut = -1 });	/* the first is never answered */
	memset(told, 0, sizeof told);
	assert_int_equal(calls_send(c, EP_ORDER_PLACE, ORDER, 0, PATIENCE_MS, on_done, &told[0], &f), 0);
	assert_true(until(arrived));
	for (int i = 1; i < 3; i++) {
		int64_t end = clock_mono_ms() + PATIENCE_MS / 2;

		assert_int_equal(calls_send(c, EP_ORDER_CANCEL, CANCEL, 0, 0, on_done, &told[i], &f), 0);
		while (told[i].n == 0 && clock_mono_ms() < end)
			turn();
		assert_true(told[i].n == 1 && told[i].ok);
	}
	assert_int_equal(told[0].n, 0);
	assert_int_equal(peer->connections, 2);
}

/* What is under way at the end is dropped, and nothing is told of it any more. */
static void
test_close(void **state)
{
	(void)state;
	SCRIPT({ .cut = 0 });
	memset(told, 0, sizeof told);
	for (int i = 0; i < LANES; i++)
		assert_int_equal(calls_send(c, EP_ORDER_PLACE, ORDER, 0, 0, on_done, &told[i], &f), 0);
	assert_true(until(arrived));
	calls_close(c);
	c = NULL;
	assert_int_equal(told[0].n, 0);
	assert_int_equal(told[1].n, 0);
	assert_int_equal(calls_open(&c, &s, LANES, &f), 0);
	assert_int_equal(calls_free(c), LANES);
	assert_int_equal(calls_sent(c), 0);
	calls_close(NULL);
}

/* Nobody listens: nothing left, and it is known. */
static void
test_refused(void **state)
{
	(void)state;
	peer_die();
	assert_false(call(EP_ORDER_PLACE, ORDER)->ok);
	assert_int_equal(told[0].f.kind, FAULT_AGAIN);
	assert_int_equal(told[0].f.http, 0);
	assert_int_equal(calls_sent(c), 0);
	assert_null(strstr(told[0].f.text, "signature"));
}

/* Connections made before they are needed are those that are used. */
static void
test_warm(void **state)
{
	(void)state;
	SCRIPT({ .body = ANSWER, .cut = -1 });
	calls_warm(c, LANES + 3);
	assert_true(until(all_free));
	assert_true(peer_has(&peer->times, LANES));
	assert_int_equal(peer->connections, LANES);
	assert_int_equal(peer->nlog, 0);
	assert_true(call(EP_ORDER_PLACE, ORDER)->ok);
	assert_int_equal(peer->connections, LANES);
	peer_die();
	calls_warm(c, 1);	/* that it fails is nobody's failure */
	assert_true(until(all_free));
}

/* What a market has not is not asked for. */
static void
test_usage(void **state)
{
	(void)state;
	SCRIPT({ .body = ANSWER, .cut = -1 });
	s.market = MARKET_COINM;
	assert_int_equal(calls_send(c, EP_ORDER_TEST, ORDER, 0, 0, on_done, &told[0], &f), -1);
	assert_int_equal(f.kind, FAULT_USAGE);
	s.market = MARKET_USDM;
	assert_int_equal(calls_free(c), LANES);
	assert_int_equal(peer->nlog, 0);
}

/* A limit that one lane is told of holds for all that is taken afterwards. */
static void
test_limit(void **state)
{
	(void)state;
	SCRIPT({ .head = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 35\r\n", .cut = -1,
	    .body = "{\"code\":-1003,\"msg\":\"Too many requests.\"}" });
	assert_int_equal(calls_take(c, EP_ORDER_PLACE, ORDER, 1, false, &f), 0);
	assert_false(call(EP_ORDER_PLACE, ORDER)->ok);
	assert_int_equal(told[0].f.kind, FAULT_AGAIN);
	assert_int_equal(told[0].f.retry_ms, 35000);
	assert_int_equal(calls_take(c, EP_ORDER_PLACE, ORDER, 1, false, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_true(f.retry_ms > 0);
	assert_int_equal(calls_take(c, EP_ORDER_GET, CANCEL, 0, true, &f), -1);
}

/* Who is told may ask again from there: in another lane, or it is told that none is free. */
static int again_r[2];

static void
ask_again(void *arg, const struct fault *fa, const struct tok *t, const struct tok *v)
{
	(void)arg, (void)fa, (void)t, (void)v;
	for (int i = 0; i < 2; i++)
		again_r[i] = calls_send(c, EP_ORDER_CANCEL, CANCEL, 0, 0, on_done, &told[i], &f);
}

static void
test_again(void **state)
{
	(void)state;
	SCRIPT({ .body = ANSWER, .cut = -1 });
	memset(told, 0, sizeof told);
	assert_int_equal(calls_send(c, EP_ORDER_PLACE, ORDER, 0, 0, ask_again, NULL, &f), 0);
	assert_true(until(all_free));
	assert_int_equal(again_r[0], 0);
	assert_int_equal(again_r[1], -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_true(told[0].n == 1 && told[0].ok && told[1].n == 0);
	assert_int_equal(peer_saw("DELETE"), 1);
}

#define CASE(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_reuse), CASE(test_stamp), CASE(test_max), CASE(test_once), CASE(test_read_repeats),
		CASE(test_stale), CASE(test_cuts), CASE(test_time_out), CASE(test_apart), CASE(test_close),
		CASE(test_refused), CASE(test_warm), CASE(test_usage), CASE(test_limit), CASE(test_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

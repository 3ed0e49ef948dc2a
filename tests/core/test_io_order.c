#include <sys/resource.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/order.h"
#include "peer.h"

#define JSON		"Content-Type: application/json\r\n"
#define BAD		"HTTP/1.1 400 Bad Request\r\n" JSON
#define OK(b)		{ .body = (b), .cut = -1 }
#define NO(code)	{ .head = BAD, .cut = -1, .body = "{\"code\":" #code ",\"msg\":\"no.\"}" }
#define IN_DOUBT	{ .head = "HTTP/1.1 503 Service Unavailable\r\n" JSON, .cut = -1, .body = \
	"{\"code\":-1001,\"msg\":\"Unknown error, please check your request or try again later.\"}" }
#define LOST		{ .cut = 0, .end = END_RST }
/* How the journal names the cancel of x1: its mark is FNV-1a of "usdm", "BTCUSDT", "x1", each with its NUL. */
#define CANCEL_X1	"~x1.97a07bf7"
/* To each such question, however many there are: a slow machine asks less often. */
#define TO(q, b)	{ .to = "GET /fapi/v1/" q "?", .body = (b), .cut = -1 }
#define NOT_THERE	{ .to = "GET /fapi/v1/order?", .head = BAD, .cut = -1, .body = \
	"{\"code\":-2013,\"msg\":\"no.\"}" }

/* The order as a query shows it; the id has more digits than a double. */
#define ORDER(status, side, qty) \
	"{\"orderId\":8389765606284283461,\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"x1\",\"side\":\"" side \
	"\",\"status\":\"" status "\",\"origQty\":\"" qty "\",\"price\":\"9000.0\",\"executedQty\":\"0\"}"
#define MINE	ORDER("NEW", "BUY", "1.0")

static const char place[] = "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"quantity\":\"1\","
    "\"price\":9000.00,\"newClientOrderId\":\"x1\",\"note\":\"mine\"}";
static const char cancel[] = "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"origClientOrderId\":\"x1\"}";
static const char cancel_all[] = "{\"op\":\"cancel-all\",\"symbol\":\"BTCUSDT\"}";

static struct session s;
static struct journal *j;
static struct order_ctx ctx;
static struct buf result;
static struct fault f;
static volatile int stop;

static void
open_all(void)
{
	if (session_open(&s, NULL, MARKET_USDM, true, &f) == -1 ||
	    journal_open(&j, &s.prof, NULL, &f) == -1)
		fail_msg("%s", f.text);
	ctx = (struct order_ctx){ .s = &s, .j = j, .resolve_ms = 4000, .lag_ms = 1, .stop = &stop };
}

static int
setup(void **state)
{
	(void)state;
	stop = 0;
	peer_start();
	home_make(peer->port, "recv_window = 500\n");
	open_all();
	if (session_sync(&s, true, &f) == -1)
		fail_msg("%s", f.text);
	memset(&f, 0, sizeof f);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	order_end(&ctx);
	journal_close(j);
	session_close(&s);
	buf_free(&result);
	peer_stop();
	home_remove();
	return 0;
}

static enum outcome
send_line(const char *line)
{
	struct tok t[64];
	struct intent in;

	if (scan_json(line, strlen(line), t, 64, NULL) <= 0 || intent_read(&in, t, t, &f) == -1)
		fail_msg("%s", f.text);
	memset(&f, 0, sizeof f);
	return order_send(&ctx, &in, line, strlen(line), &result, &f);
}

/* The journal as "what:id what:id ..." */
struct seen { char text[1000]; char data[4000]; };

static int
on_line(void *arg, const struct journal_line *l)
{
	struct seen *seen = arg;
	size_t n = strlen(seen->text);

	snprintf(seen->text + n, sizeof seen->text - n, "%s%s:%s", n > 0 ? " " : "", l->what, l->id);
	snprintf(seen->data, sizeof seen->data, "%.*s", (int)l->data_n, l->data);
	return 0;
}

static const struct seen *
journal(void)
{
	static struct seen seen;
	int damaged;

	memset(&seen, 0, sizeof seen);
	if (journal_walk(j, 3, session_now(&s), on_line, &seen, &damaged, &f) == -1)
		fail_msg("%s", f.text);
	return &seen;
}

static void
test_accepted(void **state)
{
	(void)state;
	SCRIPT(OK("{\"symbol\":\"BTCUSDT\",\n \"side\":\"BUY\",\"clientOrderId\":\"x1\",\"orderId\":8389765606284283461}"));
	assert_int_equal(send_line(place), OUT_RESULT);
	assert_string_equal(result.p,
	    "{\"symbol\":\"BTCUSDT\", \"side\":\"BUY\",\"clientOrderId\":\"x1\",\"orderId\":8389765606284283461}");
	assert_string_equal(journal()->text, "intent:x1 result:x1");
	assert_int_equal(peer->nlog, 1);
}

static int
on_intent(void *arg, const struct journal_line *l)
{
	char *out = arg;

	if (strcmp(l->what, "intent") == 0)
		snprintf(out, 1000, "%.*s", (int)l->data_n, l->data);
	return 0;
}

/* The journal holds the intent as it came and the very time that is signed. */
static void
test_journal(void **state)
{
	char data[1000], want[1000];
	const char *p;
	int damaged;

	(void)state;
	SCRIPT(NO(-2019));
	assert_int_equal(send_line(place), OUT_REFUSED);
	SCRIPT(IN_DOUBT, OK(MINE));
	assert_int_equal(send_line(place), OUT_RESULT);
	assert_string_equal(journal()->text, "intent:x1 refused:x1 intent:x1 unknown:x1 resolved:x1");
	assert_string_equal(journal()->data, MINE);
	assert_int_equal(journal_walk(j, 3, session_now(&s), on_intent, data, &damaged, &f), 0);
	p = strstr(peer->log[0], "&timestamp=");
	assert_non_null(p);
	snprintf(want, sizeof want, "{\"intent\":%s,\"profile\":\"peer\",\"timestamp\":%.13s,\"recvWindow\":500,"
	    "\"market\":\"usdm\"}", place, p + 11);
	assert_string_equal(data, want);
}

static void
test_refused(void **state)
{
	static const struct { struct act act; enum fault_kind kind; int code; } row[] = {
		{ NO(-2019), FAULT_REJECTED, -2019 },
		{ NO(-1111), FAULT_REJECTED, -1111 },
		{ NO(-2015), FAULT_KEY, -2015 },
		{ { .head = "HTTP/1.1 503 Service Unavailable\r\n" JSON, .cut = -1,
		    .body = "{\"code\":-1008,\"msg\":\"Request throttled\"}" }, FAULT_AGAIN, -1008 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		peer_script(&row[i].act, 1);
		assert_int_equal(send_line(place), OUT_REFUSED);
		assert_int_equal(f.kind, row[i].kind);
		assert_int_equal(f.code, row[i].code);
		assert_int_equal(peer->nlog, 1);
	}
}

/* What settles an order in doubt; never a second POST. */
static void
test_found(void **state)
{
	(void)state;
	SCRIPT(IN_DOUBT, OK(MINE));
	assert_int_equal(send_line(place), OUT_RESULT);
	assert_string_equal(result.p, MINE);
	assert_int_equal(peer_saw("POST"), 1);
	SCRIPT(LOST, NO(-2013), OK(MINE));
	assert_int_equal(send_line(place), OUT_RESULT);
	assert_int_equal(peer_saw("POST"), 1);
	SCRIPT(NO(-4116), OK(MINE));
	assert_int_equal(send_line(place), OUT_RESULT);
	assert_int_equal(peer_saw("POST"), 1);
	assert_string_equal(journal()->text, "intent:x1 unknown:x1 resolved:x1 intent:x1 unknown:x1 "
	    "resolved:x1 intent:x1 unknown:x1 resolved:x1");
}

static void
test_conflict(void **state)
{
	static const struct act found[] = { OK(ORDER("NEW", "BUY", "2")), OK(ORDER("NEW", "SELL", "1")) };
	struct act script[2] = { NO(-4116) };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		script[1] = found[i];
		peer_script(script, 2);
		assert_int_equal(send_line(place), OUT_UNKNOWN);
		assert_int_equal(f.kind, FAULT_UNKNOWN);
		assert_int_equal(peer->nlog, 2);
	}
	SCRIPT(OK("{\"symbol\":\"BTCUSDT\",\"side\":\"SELL\",\"clientOrderId\":\"x1\"}"));
	assert_int_equal(send_line(place), OUT_UNKNOWN);	/* an answer to somebody else */
	SCRIPT(OK("{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"clientOrderId\":\"x2\"}"));
	assert_int_equal(send_line(place), OUT_UNKNOWN);
	assert_int_equal(f.kind, FAULT_UNKNOWN);
}

/* A 200 that is no answer to this: it may stand all the same, so it is looked up. */
static void
test_strange_answer(void **state)
{
	(void)state;
	SCRIPT(OK("[]"), OK(MINE));
	assert_int_equal(send_line(place), OUT_RESULT);
	assert_string_equal(result.p, MINE);
	assert_int_equal(peer_saw("POST"), 1);
	SCRIPT(OK("{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"clientOrderId\":\"x2\"}"), OK(MINE));
	assert_int_equal(send_line(place), OUT_RESULT);
	assert_int_equal(peer_saw("POST"), 1);
	assert_string_equal(journal()->text, "intent:x1 unknown:x1 resolved:x1 intent:x1 unknown:x1 "
	    "resolved:x1");
}

/* Absent only after the bound, twice, and with orders and trades looked at. */
static void
test_absent(void **state)
{
	(void)state;
	/* the look after 0.2 s is too early to count */
	ctx.lag_ms = 200;
	SCRIPT(LOST, NOT_THERE, TO("openOrders", "[]"), TO("userTrades", "[]"));
	assert_int_equal(send_line(place), OUT_ABSENT);
	assert_int_equal(f.kind, FAULT_REJECTED);
	assert_int_equal(peer_saw("POST"), 1);
	assert_true(peer_saw("GET /fapi/v1/order?") >= 2);
	assert_int_equal(peer_saw("GET /fapi/v1/openOrders?symbol=BTCUSDT&"), 1);
	assert_int_equal(peer_saw("GET /fapi/v1/userTrades?symbol=BTCUSDT&startTime="), 1);
	assert_string_equal(journal()->text, "intent:x1 unknown:x1 absent:x1");
}

static void
test_not_absent(void **state)
{
	(void)state;
	ctx.lag_ms = 200;
	SCRIPT(LOST, NOT_THERE, TO("openOrders", "[" MINE "]"));
	assert_int_equal(send_line(place), OUT_RESULT);
	SCRIPT(LOST, NOT_THERE, TO("openOrders", "[]"), TO("userTrades", "[{\"id\":1,\"orderId\":7,\"side\":\"SELL\"},"
	    "{\"id\":2,\"orderId\":8389765606284283461,\"side\":\"BUY\"}]"),
	    TO("allOrders", "[" ORDER("FILLED", "BUY", "1") "]"));
	assert_int_equal(send_line(place), OUT_RESULT);
	assert_non_null(strstr(result.p, "FILLED"));
	assert_int_equal(peer_saw("GET /fapi/v1/allOrders?symbol=BTCUSDT&orderId=8389765606284283461&"), 1);
	assert_int_equal(peer_saw("POST"), 1);
}

/* Said to exist, but never shown; and an exchange that cannot be asked. */
static void
test_stays_unknown(void **state)
{
	(void)state;
	ctx.resolve_ms = 2500;
	SCRIPT(NO(-4116), NO(-2013));
	assert_int_equal(send_line(place), OUT_UNKNOWN);
	assert_int_equal(f.kind, FAULT_UNKNOWN);
	assert_int_equal(peer_saw("GET /fapi/v1/openOrders"), 0);
	ctx.resolve_ms = 300;
	SCRIPT(LOST);
	assert_int_equal(send_line(place), OUT_UNKNOWN);
	assert_int_equal(peer_saw("POST"), 1);
	assert_string_equal(journal()->text, "intent:x1 unknown:x1 intent:x1 unknown:x1");
}

static void
test_late(void **state)
{
	(void)state;
	SCRIPT(NO(-1021), OK(MINE));
	assert_int_equal(send_line(place), OUT_RESULT);
	assert_int_equal(peer_saw("POST"), 2);
	assert_string_equal(journal()->text, "intent:x1 intent:x1 result:x1");
	SCRIPT(NO(-1021));
	assert_int_equal(send_line(place), OUT_REFUSED);
	assert_int_equal(f.kind, FAULT_CLOCK);
	assert_int_equal(peer_saw("POST"), 2);
}

static void
test_cancel(void **state)
{
	(void)state;
	SCRIPT(OK(ORDER("CANCELED", "BUY", "1")));
	assert_int_equal(send_line(cancel), OUT_RESULT);
	assert_int_equal(peer_saw("DELETE /fapi/v1/order?symbol=BTCUSDT&origClientOrderId=x1&"), 1);
	assert_string_equal(journal()->text, "intent:" CANCEL_X1 " result:" CANCEL_X1);
	SCRIPT(NO(-2011), OK(ORDER("FILLED", "BUY", "1")));
	assert_int_equal(send_line(cancel), OUT_RESULT);
	assert_non_null(strstr(result.p, "FILLED"));
	SCRIPT(NO(-2011), NO(-2013));
	assert_int_equal(send_line(cancel), OUT_REFUSED);
	assert_int_equal(f.code, -2011);
	assert_int_equal(peer->nlog, 2);
	SCRIPT(LOST, OK(ORDER("NEW", "BUY", "1")), OK(ORDER("CANCELED", "BUY", "1")));
	assert_int_equal(send_line(cancel), OUT_RESULT);
	assert_int_equal(peer_saw("DELETE"), 1);
	SCRIPT(LOST, OK(ORDER("PARTIALLY_FILLED", "BUY", "1")));
	assert_int_equal(send_line(cancel), OUT_ABSENT);
	assert_int_equal(peer_saw("DELETE"), 1);
}

static void
test_cancel_all(void **state)
{
	(void)state;
	SCRIPT(OK("{\"code\":200,\"msg\":\"The operation of cancel all open order is done.\"}"));
	assert_int_equal(send_line(cancel_all), OUT_RESULT);
	SCRIPT(OK("{\"symbol\":\"BTCUSDT\"}"));
	assert_int_equal(send_line(cancel_all), OUT_UNKNOWN);
	ctx.lag_ms = 200;
	SCRIPT(LOST, OK("[]"));		/* before the bound an empty list proves nothing */
	assert_int_equal(send_line(cancel_all), OUT_RESULT);
	assert_int_equal(peer_saw("DELETE"), 1);
	SCRIPT(LOST, OK("[" MINE "]"));
	assert_int_equal(send_line(cancel_all), OUT_ABSENT);
	assert_int_equal(peer_saw("DELETE"), 1);
}

/* What cannot be written down is not sent. */
static void
test_no_journal(void **state)
{
	struct rlimit was, none;

	(void)state;
	SCRIPT(OK(MINE));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	none = was;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_FSIZE, &none);
	assert_int_equal(send_line(place), OUT_REFUSED);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_int_equal(peer->nlog, 0);
}

static void
test_stopped(void **state)
{
	(void)state;
	SCRIPT(OK(MINE));
	stop = 1;
	assert_int_equal(send_line(place), OUT_REFUSED);
	assert_int_equal(peer->nlog, 0);
}

static void
stop_now(void *arg, const char *sentence)
{
	int *said = arg;

	(void)sentence;
	stop = 1;
	++*said;
}

/* Asked to stop while an order is in doubt: said, and settled before the end. */
static void
test_stopped_in_doubt(void **state)
{
	int said = 0;

	(void)state;
	ctx.notice = stop_now;
	ctx.arg = &said;
	SCRIPT(LOST, NO(-2013), OK(MINE));
	assert_int_equal(send_line(place), OUT_RESULT);
	assert_int_equal(said, 2);
	assert_int_equal(peer_saw("POST"), 1);
}

/* Send from a child that is killed while the exchange thinks. */
static void
killed_midway(const char *line)
{
	pid_t pid;

	order_end(&ctx);
	journal_close(j);
	session_close(&s);
	if ((pid = fork()) == 0) {
		open_all();
		send_line(line);
		_exit(0);
	}
	while (peer->nlog == 0)
		poll(NULL, 0, 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	open_all();
}

#define SLOWLY	{ .body = MINE, .cut = -1, .stall_ms = 300 }

static void
test_recover(void **state)
{
	struct buf out = { 0 };

	(void)state;
	SCRIPT(OK(MINE), SLOWLY, OK(MINE));
	assert_int_equal(order_recover(&ctx, &out, &f), 0);	/* nothing to do, nothing asked */
	assert_int_equal(peer->nlog, 0);
	SCRIPT(SLOWLY, OK(MINE));
	killed_midway(place);
	assert_int_equal(order_recover(&ctx, &out, &f), 0);
	assert_int_equal(peer_saw("POST"), 1);
	assert_non_null(strstr(out.p, "{\"e\":\"bf.recovered\",\"E\":"));
	assert_non_null(strstr(out.p, "\"clientOrderId\":\"x1\",\"outcome\":\"result\",\"order\":" MINE));
	assert_non_null(strstr(out.p, "\"intent\":{\"symbol\":\"BTCUSDT\""));
	assert_string_equal(journal()->text, "intent:x1 resolved:x1");
	buf_reset(&out);
	assert_int_equal(order_recover(&ctx, &out, &f), 0);	/* a second run changes nothing */
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

static void
test_recover_absent(void **state)
{
	struct buf out = { 0 };

	(void)state;
	SCRIPT(SLOWLY, NO(-2013), NO(-2013), NO(-2013), NO(-2013), OK("[]"));
	killed_midway(place);
	poll(NULL, 0, 600);
	SCRIPT(NO(-2013), NO(-2013), OK("[]"));
	assert_int_equal(order_recover(&ctx, &out, &f), 0);
	assert_non_null(strstr(out.p, "\"outcome\":\"absent\",\"order\":null"));
	assert_string_equal(journal()->text, "intent:x1 absent:x1");
	assert_int_equal(peer_saw("POST"), 0);
	buf_free(&out);
}

static void
test_recover_unreachable(void **state)
{
	struct buf out = { 0 };

	(void)state;
	SCRIPT(SLOWLY, OK(MINE));
	killed_midway(cancel);
	peer_die();
	ctx.resolve_ms = 300;
	assert_int_equal(order_recover(&ctx, &out, &f), 1);
	assert_non_null(strstr(out.p, "\"outcome\":\"unknown\",\"order\":null"));
	assert_string_equal(journal()->text, "intent:" CANCEL_X1);	/* the next start tries again */
	buf_free(&out);
}

/* Many open requests and an exchange that is silent: the time holds for all together. */
static void
test_recover_silent(void **state)
{
	int64_t now = session_now(&s), begun = clock_mono_ms();
	struct buf out = { 0 };
	char data[300], id[12];

	(void)state;
	SCRIPT({ .body = MINE, .cut = -1, .stall_ms = 1000 });
	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof id, "x%d", i);
		snprintf(data, sizeof data, "{\"intent\":%s,\"timestamp\":%lld,\"recvWindow\":500}", place,
		    (long long)now);
		assert_int_equal(journal_put(j, now, "intent", id, data, strlen(data), false, &f), 0);
	}
	s.timeout_ms = 200;
	ctx.resolve_ms = 300;
	assert_int_equal(order_recover(&ctx, &out, &f), 20);
	assert_true(clock_mono_ms() - begun < 5000);
	buf_free(&out);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_accepted), TEST(test_journal), TEST(test_refused), TEST(test_found),
		TEST(test_conflict), TEST(test_absent), TEST(test_not_absent), TEST(test_stays_unknown),
		TEST(test_late), TEST(test_cancel), TEST(test_cancel_all), TEST(test_no_journal),
		TEST(test_stopped), TEST(test_stopped_in_doubt), TEST(test_recover), TEST(test_recover_absent),
		TEST(test_recover_unreachable), TEST(test_strange_answer),
		TEST(test_recover_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

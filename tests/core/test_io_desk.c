/*
 * The desk against a peer that answers by a script: what a request is sent for, how often, and
 * what is told of it. What the peer wrote down and the journal are the oracles.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/desk.h"
#include "peer.h"

#define JSON		"Content-Type: application/json\r\n"
#define BAD		"HTTP/1.1 400 Bad Request\r\n" JSON
#define OK(b)		{ .body = (b), .cut = -1 }
#define NO(code)	{ .head = BAD, .cut = -1, .body = "{\"code\":" #code ",\"msg\":\"no.\"}" }
#define DOUBT(ms)	{ .head = "HTTP/1.1 503 Service Unavailable\r\n" JSON, .cut = -1, .stall_ms = (ms), .body = \
	"{\"code\":-1001,\"msg\":\"Unknown error, please check your request or try again later.\"}" }

#define ORDER(side)	"{\"orderId\":8389765606284283461,\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"x1\"," \
	"\"side\":\"" side "\",\"status\":\"NEW\",\"origQty\":\"1.0\",\"price\":\"9000.0\",\"executedQty\":\"0\"}"
#define EVENT	"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1,\"T\":4000000000000,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"x1\"," \
	"\"S\":\"BUY\",\"x\":\"NEW\",\"X\":\"NEW\",\"i\":7,\"q\":\"1\",\"p\":\"9000\",\"z\":\"0\"}}"
#define LITE	"{\"e\":\"TRADE_LITE\",\"E\":1,\"T\":4000000000000,\"s\":\"BTCUSDT\",\"q\":\"1\",\"p\":\"9000\"," \
	"\"S\":\"BUY\",\"c\":\"x1\",\"i\":7}"

#define TOLD_MAX	16
#define NOT_TOLD	(-1)

static struct session s;
static struct journal *j;
static struct desk *d;
static struct desk_conf conf;
static struct fault f;
static volatile int stop;
static int told[TOLD_MAX];	/* by the number that is its tag */
static char why[TOLD_MAX][256];

static struct session *
session_for(void *arg, enum market m, struct fault *fault)
{
	(void)arg, (void)fault;
	return m == MARKET_USDM ? &s : NULL;
}

static void
done(void *arg, void *tag, enum outcome out, const char *result, size_t n, const struct fault *fault)
{
	ptrdiff_t i = (char *)tag - (char *)arg;

	(void)result, (void)n;
	assert_int_equal(told[i], NOT_TOLD);
	told[i] = (int)out;
	snprintf(why[i], sizeof why[i], "%s", fault != NULL ? fault->text : "");
}

static char base[TOLD_MAX];	/* tags point into it */

static int
setup(void **state)
{
	(void)state;
	stop = 0;
	for (int i = 0; i < TOLD_MAX; i++)
		told[i] = NOT_TOLD;
	peer_start();
	home_make(peer->port, "recv_window = 500\n");
	if (session_open(&s, NULL, MARKET_USDM, true, &f) == -1 ||
	    journal_open(&j, &s.prof, NULL, &f) == -1 || session_sync(&s, true, &f) == -1)
		fail_msg("%s", f.text);
	conf = (struct desk_conf){ .session = session_for, .j = j, .via = VIA_REST, .in_flight = 1,
	    .resolve_ms = 600, .lag_ms = 1, .stop = &stop, .done = done, .arg = base };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	desk_close(d);
	d = NULL;
	journal_close(j);
	session_close(&s);
	peer_stop();
	home_remove();
	return 0;
}

static void
open_desk(void)
{
	if (desk_open(&d, &conf, &f) == -1)
		fail_msg("%s", f.text);
}

static void
add(int tag, const char *line)
{
	struct tok t[64];
	struct intent in;

	if (scan_json(line, strlen(line), t, 64, NULL) <= 0 || intent_read(&in, t, t, &f) == -1 ||
	    desk_add(d, MARKET_USDM, &in, line, strlen(line), base + tag, &f) == -1)
		fail_msg("%s", f.text);
}

static void
place(int tag, const char *symbol, const char *id)
{
	char line[300];

	snprintf(line, sizeof line, "{\"symbol\":\"%s\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"timeInForce\":\"GTC\","
	    "\"quantity\":\"1\",\"price\":\"9000\",\"newClientOrderId\":\"%s\"}", symbol, id);
	add(tag, line);
}

static void
cancel(int tag, const char *symbol, const char *id)
{
	char line[200];

	snprintf(line, sizeof line, "{\"op\":\"cancel\",\"symbol\":\"%s\",\"origClientOrderId\":\"%s\"}", symbol, id);
	add(tag, line);
}

static void
turn(void)
{
	desk_turn(d, NULL, 0, 20);
}

/* Turns until all are told. */
static void
run(void)
{
	for (int i = 0; desk_pending(d) > 0; i++) {
		if (i == 5000)
			fail_msg("%d are still pending", desk_pending(d));
		turn();
	}
}

static void
hear(const char *event)
{
	struct scan sc = { 0 };

	assert_true(scan_doc(&sc, event, strlen(event)) > 0);
	desk_event(d, sc.t, sc.t);
	scan_free(&sc);
}

static int
on_line(void *arg, const struct journal_line *l)
{
	char *text = arg;
	size_t n = strlen(text);

	snprintf(text + n, 1000 - n, "%s%s:%s", n > 0 ? " " : "", l->what, l->id);
	return 0;
}

/* The journal as "what:id what:id ..." */
static const char *
journal(void)
{
	static char text[1000];
	int damaged;

	text[0] = '\0';
	if (journal_walk(j, 3, session_now(&s), on_line, text, &damaged, &f) == -1)
		fail_msg("%s", f.text);
	return text;
}

/* What desk_recover finds: the number that is left, and a record that has part. */
static void
assert_recovers(int left, const char *part)
{
	struct buf out = { 0 };

	assert_int_equal(desk_recover(d, 700, &out, &f), left);
	assert_int_equal(desk_unknown(d), left);
	if (part == NULL)
		assert_int_equal(out.len, 0);
	else if (out.len == 0 || strstr(out.p, part) == NULL)
		fail_msg("%s: not in: %s", part, out.len > 0 ? out.p : "");
	buf_free(&out);
}

/*
 * Refused by name for its time
 */

static void
test_signed_anew(void **state)
{
	(void)state;
	open_desk();
	SCRIPT(NO(-1021), OK(ORDER("BUY")));
	place(0, "BTCUSDT", "x1");
	run();
	assert_int_equal(told[0], OUT_RESULT);
	assert_int_equal(peer->nlog, 2);
	assert_string_equal(journal(), "intent:x1 intent:x1 result:x1");
}

static void
test_signed_anew_once(void **state)
{
	(void)state;
	open_desk();
	SCRIPT(NO(-1021), NO(-1021), OK(ORDER("BUY")));
	place(0, "BTCUSDT", "x1");
	run();
	assert_int_equal(told[0], OUT_REFUSED);
	assert_int_equal(peer->nlog, 2);
	assert_string_equal(journal(), "intent:x1 intent:x1 refused:x1");
	assert_recovers(0, NULL);
}

/* Until it has been refused for its time, and waits to be sent again. */
static void
refuse_for_time(void)
{
	int before;

	open_desk();
	SCRIPT(NO(-1021), OK(ORDER("BUY")));
	before = peer->times;
	place(0, "BTCUSDT", "x1");
	for (int i = 0; peer->times == before && i < 500; i++)
		turn();
	assert_int_equal(peer->nlog, 1);
	assert_int_equal(told[0], NOT_TOLD);
}

/* What ends it then is in the journal too, or the next start would look it up. */
static void
test_stopped_before_the_second(void **state)
{
	(void)state;
	refuse_for_time();
	stop = 1;
	run();
	assert_int_equal(told[0], OUT_REFUSED);
	assert_int_equal(peer->nlog, 1);
	assert_string_equal(journal(), "intent:x1 refused:x1");
}

/* The exchange contradicts itself: an order that stands is not sent again. */
static void
test_event_before_the_second(void **state)
{
	(void)state;
	refuse_for_time();
	hear(EVENT);
	run();
	assert_int_equal(told[0], OUT_RESULT);
	assert_int_equal(peer->nlog, 1);
	assert_string_equal(journal(), "intent:x1 result:x1");
}

static void
test_fill_before_the_second(void **state)
{
	(void)state;
	refuse_for_time();
	hear(LITE);
	run();
	assert_int_equal(told[0], OUT_RESULT);
	assert_int_equal(peer_saw("POST"), 1);
	assert_int_equal(peer_saw("GET /fapi/v1/order?"), 1);
}

static void
test_event_before_the_refusal(void **state)
{
	(void)state;
	open_desk();
	SCRIPT({ .head = BAD, .cut = -1, .stall_ms = 200, .body = "{\"code\":-1021,\"msg\":\"no.\"}" });
	place(0, "BTCUSDT", "x1");
	turn();
	hear(EVENT);
	run();
	assert_int_equal(told[0], OUT_RESULT);
	assert_int_equal(peer->nlog, 1);
}

/* One measurement for all of a batch. */
static void
test_batch_signed_anew(void **state)
{
	(void)state;
	open_desk();
	SCRIPT(NO(-1021), NO(-2019));
	place(0, "BTCUSDT", "x1");
	place(1, "ETHUSDT", "x2");
	place(2, "SOLUSDT", "x3");
	run();
	for (int i = 0; i < 3; i++)
		assert_int_equal(told[i], OUT_REFUSED);
	assert_int_equal(peer->nlog, 2);
	assert_in_range(peer->times, 1, 5);
}

/*
 * Answers that do not fit
 */

static void
test_batch_of_wrong_length(void **state)
{
	static const struct act wrong[] = { OK("[]"), OK("[" ORDER("BUY") "]"), OK("{}"), OK("[1,2]") };

	(void)state;
	open_desk();
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char id[2][8] = { { 0 } };

		SCRIPT(wrong[i], DOUBT(0));
		snprintf(id[0], sizeof id[0], "a%zu", i);
		snprintf(id[1], sizeof id[1], "b%zu", i);
		place((int)(2 * i), "BTCUSDT", id[0]);
		place((int)(2 * i + 1), "ETHUSDT", id[1]);
		run();
		assert_int_equal(told[2 * i], OUT_UNKNOWN);
		assert_int_equal(told[2 * i + 1], OUT_UNKNOWN);
		assert_int_equal(peer_saw("POST"), 1);
		assert_int_equal(desk_unknown(d), (int)(2 * i + 2));
	}
}

/* Looked at by hand, or anew: it stays one, however often it is asked for. */
static void
test_unknown_for_good(void **state)
{
	(void)state;
	open_desk();
	SCRIPT(DOUBT(0), OK(ORDER("SELL")));
	place(0, "BTCUSDT", "x1");
	run();
	assert_int_equal(told[0], OUT_UNKNOWN);
	assert_int_equal(desk_unknown(d), 1);
	for (int i = 0; i < 3; i++)
		assert_recovers(1, "\"outcome\":\"unknown\"");
	SCRIPT(OK(ORDER("BUY")));
	assert_recovers(0, "\"outcome\":\"result\"");
	assert_recovers(0, NULL);
	assert_string_equal(journal(), "intent:x1 unknown:x1 resolved:x1");
}

static void
test_unreadable_line(void **state)
{
	(void)state;
	open_desk();
	SCRIPT(NO(-2013));
	assert_int_equal(journal_put(j, session_now(&s), "intent", "z1", "{}", 2, true, &f), 0);
	for (int i = 0; i < 3; i++)
		assert_recovers(1, "cannot be read");
	assert_int_equal(peer->nlog, 0);
}

/* A stop is not kept waiting: the journal has them. */
static void
test_stopped_recovery(void **state)
{
	struct buf out = { 0 };

	(void)state;
	open_desk();
	SCRIPT(DOUBT(0));
	place(0, "BTCUSDT", "x1");
	run();
	stop = 1;
	assert_int_equal(desk_recover(d, 3600 * 1000, &out, &f), 1);
	assert_non_null(strstr(out.p, "\"outcome\":\"unknown\""));
	buf_free(&out);
}

/*
 * Turns
 */

/* What is looked up takes no lane from what is to be sent. */
static void
test_lanes_for_orders(void **state)
{
	static const char *const symbols[] = { "AUSDT", "BUSDT", "CUSDT", "DUSDT", "EUSDT", "FUSDT" };

	(void)state;
	open_desk();
	SCRIPT(DOUBT(0), DOUBT(0), DOUBT(0), DOUBT(0), DOUBT(0), DOUBT(0), DOUBT(300));
	for (int i = 0; i < 6; i++)
		cancel(i, symbols[i], "c1");
	for (int i = 0; peer->nlog < 7 && i < 500; i++)
		turn();
	for (int i = 0; i < 10; i++)	/* the peer is slow now: the others are under way as well */
		turn();
	cancel(6, "GUSDT", "c1");
	run();
	assert_int_equal(peer_saw("DELETE"), 7);
	for (int i = 0; i < 7; i++)
		if (told[i] != OUT_UNKNOWN)
			fail_msg("%d: %d, %s", i, told[i], why[i]);
}

/* A cancel waits for what becomes of its order; not for ever. */
static void
test_cancel_of_what_stays_unknown(void **state)
{
	(void)state;
	open_desk();
	SCRIPT(DOUBT(0));
	place(0, "BTCUSDT", "x1");
	cancel(1, "BTCUSDT", "x1");
	for (int i = 0; told[0] == NOT_TOLD && i < 500; i++) {
		assert_int_equal(peer_saw("DELETE"), 0);
		turn();
	}
	assert_int_equal(told[0], OUT_UNKNOWN);
	place(2, "BTCUSDT", "x2");
	cancel(3, "BTCUSDT", "x1");
	for (int i = 0; told[2] == NOT_TOLD && peer_saw("DELETE") < 2 && i < 500; i++)
		turn();
	assert_int_equal(peer_saw("DELETE"), 2);
	run();
}

/* Those that add risk wait while one is unknown, whatever their symbol; a cancel does not. */
static void
test_unknown_holds_up_what_adds_risk(void **state)
{
	(void)state;
	conf.in_flight = 8;
	open_desk();
	SCRIPT(DOUBT(0));
	place(0, "BTCUSDT", "x1");
	for (int i = 0; strstr(journal(), "unknown:x1") == NULL && i < 500; i++)
		turn();
	place(1, "ETHUSDT", "x2");
	cancel(2, "ETHUSDT", "y");
	cancel(3, "SOLUSDT", "y");
	for (int i = 0; told[0] == NOT_TOLD && i < 500; i++) {
		assert_int_equal(peer_saw("POST /fapi/v1/order?"), 1);
		turn();
	}
	run();
	assert_int_equal(peer_saw("DELETE"), 2);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

/* Places by their id; cancels by theirs, with a mark behind it or, of before, without. */
static void
test_names(void **state)
{
	static const struct { const char *name, *id; bool want; } row[] = {
		{ "x1", "x1", true }, { "x1", "x2", false }, { "x1.97a07bf7", "x1", false },
		{ "~x1", "x1", true }, { "~@x1", "x1", true }, { "~x1.97a07bf7", "x1", true },
		{ "~@x1.97a07bf7", "x1", true }, { "~x12.97a07bf7", "x1", false },
		{ "~x1.97a07bf7", "x12", false }, { "~x1.97a07bfg", "x1", false },
		{ "~#8389765606284283461.0123abcd", "#8389765606284283461", true },
		{ "~#83897656062842834.0123abcd", "#8389765606284283461", false },
		/* 36 characters, of which 29 fit */
		{ "~abcdefghijklmnopqrstuvwxyz012.0123abcd", "abcdefghijklmnopqrstuvwxyz0123456789", true },
		{ "~abcdefghijklmnopqrstuvwxyz013.0123abcd", "abcdefghijklmnopqrstuvwxyz0123456789", false },
		{ "~", "x1", false }, { "~.0123abcd", "x1", false }, { "=17", "17", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (desk_names(row[i].name, row[i].id) != row[i].want)
			fail_msg("%s, %s", row[i].name, row[i].id);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_signed_anew), TEST(test_signed_anew_once), TEST(test_stopped_before_the_second),
		TEST(test_event_before_the_second), TEST(test_fill_before_the_second),
		TEST(test_event_before_the_refusal), TEST(test_batch_signed_anew),
		TEST(test_batch_of_wrong_length), TEST(test_unknown_for_good), TEST(test_unreadable_line),
		TEST(test_stopped_recovery), TEST(test_lanes_for_orders),
		TEST(test_cancel_of_what_stays_unknown), TEST(test_unknown_holds_up_what_adds_risk),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../cmd/bf-order/list_page.h"
#include "peer.h"

/* A page of orders, and one of trades: id and time. */
#define ORDER(id, time)	"{\"orderId\":" #id ",\"time\":" #time "}"
#define TRADE(id, time)	"{\"id\":" #id ",\"time\":" #time "}"
#define PAGE(...)	{ .body = "[" __VA_ARGS__ "]", .cut = -1 }

static const struct listing trades = { "fills", EP_USER_TRADES, EP_USER_TRADES, EP_USER_TRADES,
	"id", NULL, "time", NULL, "fromId", true };

/* Nothing is printed here. */
void
emit(struct app *a)
{
	(void)a;
}

static struct session s;
static struct feed fe;
static struct fault f;

static int
setup(void **state)
{
	(void)state;
	peer_start();
	home_make(peer->port, "");
	if (session_open(&s, NULL, MARKET_USDM, true, &f) == -1)
		fail_msg("%s", f.text);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	feed_free(&fe);
	session_close(&s);
	peer_stop();
	home_remove();
	return 0;
}

/* The window of 10 to 20, two rows a page. */
static void
begin(const struct listing *l)
{
	feed_free(&fe);
	fe = (struct feed){ .s = &s, .l = l, .symbol = "BTCUSDT", .most = 2 };
	feed_window(&fe, 10, 20);
}

/* The ids of the window as "1 2 3", with "!" where it fails. */
static const char *
ids(void)
{
	static char text[200];
	const struct row *row;
	size_t n = 0;

	text[0] = '\0';
	while ((row = feed_next(&fe, &f)) != NULL && n < sizeof text - 24) {
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%lld", n > 0 ? " " : "", (long long)row->id);
		feed_step(&fe);
	}
	if (f.kind != FAULT_NONE)
		snprintf(text + n, sizeof text - n, "!");
	return text;
}

static void
test_by_id(void **state)
{
	(void)state;
	SCRIPT(PAGE(ORDER(9007199254740993, 10) "," ORDER(9007199254740994, 10)), PAGE(ORDER(9007199254740997, 10)));
	begin(&listings[REGULAR]);
	assert_string_equal(ids(), "9007199254740993 9007199254740994 9007199254740997");
	assert_int_equal(peer_saw("GET /fapi/v1/allOrders?symbol=BTCUSDT&limit=2&startTime=10&endTime=20&"), 1);
	assert_int_equal(peer_saw("GET /fapi/v1/allOrders?symbol=BTCUSDT&limit=2&orderId=9007199254740995&"
	    "startTime=10&endTime=20&"), 1);
	assert_int_equal(peer->nlog, 2);
}

/* Times are left out where they exclude the id; what is behind the window is of the next one. */
static void
test_alone(void **state)
{
	(void)state;
	SCRIPT(PAGE(TRADE(1, 10) "," TRADE(2, 10)), PAGE(TRADE(3, 20) "," TRADE(4, 21)));
	begin(&trades);
	assert_string_equal(ids(), "1 2 3");
	assert_int_equal(peer_saw("GET /fapi/v1/userTrades?symbol=BTCUSDT&limit=2&fromId=3&timestamp="), 1);
	assert_int_equal(peer->nlog, 2);
}

/* One that pays no heed to the id gives the first page again: then an overlap of time does it. */
static void
test_by_time(void **state)
{
	(void)state;
	SCRIPT(PAGE(ORDER(1, 10) "," ORDER(2, 11)), PAGE(ORDER(1, 10) "," ORDER(2, 11)),
	    PAGE(ORDER(2, 11) "," ORDER(3, 12)), PAGE(ORDER(3, 12)));
	begin(&listings[REGULAR]);
	assert_string_equal(ids(), "1 2 3");
	assert_int_equal(peer_saw("GET /fapi/v1/allOrders?symbol=BTCUSDT&limit=2&startTime=11&endTime=20&"), 1);
	assert_int_equal(peer_saw("GET /fapi/v1/allOrders?symbol=BTCUSDT&limit=2&startTime=12&endTime=20&"), 1);
}

/* What cannot be proven to be whole is a failure, and ends. */
static void
test_gaps(void **state)
{
	(void)state;
	SCRIPT(PAGE(ORDER(1, 10) "," ORDER(2, 10)));	/* again and again */
	begin(&listings[REGULAR]);
	assert_string_equal(ids(), "1 2!");
	assert_non_null(strstr(f.text, "one millisecond"));
	SCRIPT(PAGE(ORDER(2, 10) "," ORDER(1, 11)));
	begin(&listings[REGULAR]);
	assert_string_equal(ids(), "!");
	assert_non_null(strstr(f.text, "order of their ids"));
	SCRIPT(PAGE(ORDER(2, 11)), PAGE(""));	/* alone on its page it may be as it likes */
	begin(&listings[REGULAR]);
	assert_string_equal(ids(), "2");
}

static void
test_no_list(void **state)
{
	static const struct act bad[] = {
		{ .body = "{}", .cut = -1 }, PAGE("1"), PAGE("{\"orderId\":1}"), PAGE("{\"time\":10}"),
		PAGE("{\"orderId\":\"x\",\"time\":10}"), PAGE("null"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		peer_script(&bad[i], 1);
		begin(&listings[REGULAR]);
		assert_string_equal(ids(), "!");
		assert_int_equal(f.kind, FAULT_AGAIN);
	}
}

/* Ids of one window say nothing about those of another. */
static void
test_windows(void **state)
{
	(void)state;
	SCRIPT(PAGE(ORDER(7, 10)), PAGE(ORDER(3, 21)));
	begin(&listings[REGULAR]);
	assert_string_equal(ids(), "7");
	feed_window(&fe, 21, 30);
	assert_string_equal(ids(), "3");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_by_id, setup, teardown),
		cmocka_unit_test_setup_teardown(test_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_by_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gaps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_windows, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

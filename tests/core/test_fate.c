/*
 * What may be concluded from what. F01 and so on are the numbers of our list of failure
 * modes; the bodies are those that Binance documents or that users reported.
 */
#include "core/reply.h"
#include "faterig.h"

#define TEXT_503	"Unknown error, please check your request or try again later."

/*
 * Part A: each answer, with the order executed behind it and not
 */

enum { DOUBT = 0, NO };

static const struct {
	const char *name;
	enum transport transport;
	int http;
	const char *type, *body;
	int want;		/* in doubt, or a definite no of this kind */
	enum fault_kind kind;
} rows[] = {
	{ "F01", TRANSPORT_OK, 503, "application/json", "{\"code\":-1001,\"msg\":\"" TEXT_503 "\"}", DOUBT, 0 },
	{ "F01 without code", TRANSPORT_OK, 503, "application/json", "{\"msg\":\"" TEXT_503 "\"}", DOUBT, 0 },
	{ "F02", TRANSPORT_OK, 408, "application/json", "{\"code\":-1007,\"msg\":\"Timeout waiting for "
	  "response from backend server. Send status unknown; execution status unknown.\"}", DOUBT, 0 },
	{ "F03", TRANSPORT_OK, 400, "application/json", "{\"code\":-1006,\"msg\":\"An unexpected response "
	  "was received from the message bus. Execution status unknown.\"}", DOUBT, 0 },
	{ "F04", TRANSPORT_OK, 503, "application/json", "{\"code\":-1,\"msg\":\"Service Unavailable.\"}", NO,
	  FAULT_AGAIN },
	{ "F05", TRANSPORT_OK, 503, "application/json", "{\"code\":-1001,\"msg\":\"Internal error; unable to "
	  "process your request. Please try again.\"}", NO, FAULT_AGAIN },
	{ "F05, one byte off", TRANSPORT_OK, 503, "application/json", "{\"code\":-1001,\"msg\":\"Internal "
	  "error; unable to process your request. Please try again!\"}", DOUBT, 0 },
	{ "F06", TRANSPORT_OK, 503, "application/json", "{\"code\":-1008,\"msg\":\"Request throttled\"}", NO,
	  FAULT_AGAIN },
	{ "F07 page", TRANSPORT_OK, 502, "text/html", "<html><head><title>502 Bad Gateway</title></head>", DOUBT, 0 },
	{ "F07 empty", TRANSPORT_OK, 504, "", "", DOUBT, 0 },
	{ "F08, F09", TRANSPORT_LOST, 0, "", "", DOUBT, 0 },
	{ "F10", TRANSPORT_NOT_SENT, 0, "", "", NO, FAULT_AGAIN },
	{ "F11", TRANSPORT_OK, 200, "application/json", "{\"orderId\":8389765606284283461,\"symb", DOUBT, 0 },
	{ "F12", TRANSPORT_OK, 400, "application/json", "{\"code\":-4116,\"msg\":\"ClientOrderId is "
	  "duplicated.\"}", DOUBT, 0 },
	{ "F21", TRANSPORT_OK, 400, "application/json", "{\"code\":-2019,\"msg\":\"Margin is "
	  "insufficient.\"}", NO, FAULT_REJECTED },
	{ "F37", TRANSPORT_OK, 401, "application/json", "{\"code\":-2015,\"msg\":\"Invalid API-key\"}", NO,
	  FAULT_KEY },
	{ "F22", TRANSPORT_OK, 400, "application/json", "{\"code\":-1021,\"msg\":\"Timestamp for this request "
	  "is outside of the recvWindow.\"}", NO, FAULT_CLOCK },
	{ "F97 page", TRANSPORT_OK, 200, "text/html", "<html>", DOUBT, 0 },
	{ "F97 {}", TRANSPORT_OK, 200, "application/json", "{}", DOUBT, 0 },
	{ "an array", TRANSPORT_OK, 200, "application/json", "[]", DOUBT, 0 },
	{ "-2019 under 200", TRANSPORT_OK, 200, "application/json", "{\"code\":-2019,\"msg\":\"no\"}", NO,
	  FAULT_REJECTED },
	{ "S27", TRANSPORT_OK, 200, "application/json", ORDER_OF("NEW", "SELL", "1", "9000", "0"), DOUBT, 0 },
};

static void
send_row(size_t i)
{
	struct reply r = { .transport = rows[i].transport, .http = rows[i].http, .type = rows[i].type,
		.body = rows[i].body, .n = strlen(rows[i].body), .retry_after = -1, .detail = "" };
	struct fault f;

	begin(limit_order());
	mono = 50;
	if (reply_judge(&r, true, now_ms(), &f) == -1)
		fate_answer(&fa, &f, NULL, NULL, mono);
	else
		answer(rows[i].body);
	if (rows[i].want == DOUBT && fa.state != FATE_LOOK)
		fail_msg("%s: not looked up", rows[i].name);
}

static void
test_in_doubt_executed(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		send_row(i);
		if (rows[i].want == NO)
			continue;
		look(ASK_ORDER, "-2013");	/* F13: reads lag behind */
		look(ASK_ORDER, ORDER("FILLED", "1.000"));
		assert_out(OUT_RESULT, "FILLED");
		assert_true(fa.was_unknown);
	}
}

/* -2013 twice after the bound, open orders, trades. One that is said to exist stays unknown. */
static void
test_in_doubt_never_executed(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		send_row(i);
		if (rows[i].want == NO)
			continue;
		look_until_bound(ASK_ORDER, "-2013");
		look(ASK_ORDER, "-2013");
		look(ASK_ORDER, "-2013");
		if (strcmp(rows[i].name, "F12") == 0) {
			look(ASK_ORDER, "-2013");
			fate_give_up(&fa);
			assert_out(OUT_UNKNOWN, "still unknown");
			continue;
		}
		look(ASK_OPEN, "[]");
		look(ASK_TRADES, "[]");
		assert_out(OUT_ABSENT, "x1: not executed");
		assert_int_equal(fa.f.kind, FAULT_REJECTED);
	}
}

static void
test_definite(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		send_row(i);
		if (rows[i].want == DOUBT)
			continue;
		assert_out(OUT_REFUSED, "");
		assert_int_equal(fa.f.kind, rows[i].kind);
		assert_false(fa.was_unknown);
	}
}

/* F20: what an acknowledgement lacks is not needed. */
static void
test_accepted(void **state)
{
	static const char ack[] = "{\"orderId\":" ID ",\"symbol\":\"BTCUSDT\",\"status\":\"NEW\","
	    "\n\"clientOrderId\":\"x1\",\"side\":\"BUY\",\"executedQty\":\"0\"}";
	int64_t due;

	(void)state;
	begin(limit_order());
	assert_int_equal(fate_next(&fa, mono, &due), ASK_NOTHING);
	assert_true(due == INT64_MAX);
	answer(ack);
	assert_out(OUT_RESULT, "\"orderId\":" ID);
	assert_null(strchr(fa.found.p, '\n'));
	assert_false(fa.was_unknown);
	answer_no(FAULT_REJECTED, 400, -2019);	/* nothing moves it any more */
	fate_give_up(&fa);
	assert_out(OUT_RESULT, "NEW");
	begin(stop_order());
	answer(ALGO("NEW"));
	assert_out(OUT_RESULT, "4000000016522655");
	begin(cancel_order(true));
	answer("{\"algoId\":4000000016522655,\"clientAlgoId\":\"x1\",\"code\":\"200\",\"msg\":\"success\"}");
	assert_out(OUT_RESULT, "success");
	begin(cancel_every(false));
	answer("{\"code\":200,\"msg\":\"The operation of cancel all open order is done.\"}");
	assert_out(OUT_RESULT, "done");
}

/* Each is not the answer, or not the order, that was asked for. */
static void
test_another_order(void **state)
{
	static const struct { const char *body, *field; } row[] = {
		{ ORDER_OF("NEW", "SELL", "1", "9000", "0"), "side" },
		{ ORDER_OF("NEW", "BUY", "1.001", "9000", "0"), "origQty" },
		{ ORDER_OF("NEW", "BUY", "0.5", "9000", "0"), "origQty" },
		{ ORDER_OF("NEW", "BUY", "1", "9000.01", "0"), "price" },
		{ "{\"symbol\":\"ETHUSDT\",\"clientOrderId\":\"x1\",\"side\":\"BUY\"}", "symbol" },
		{ "{\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"x2\",\"side\":\"BUY\"}", "clientOrderId" },
		{ "{\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"x1\",\"side\":\"BUY\",\"price\":\"9000\"}", "origQty" },
		/* placed before this was signed: the id was used before */
		{ "{\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"x1\",\"side\":\"BUY\",\"price\":\"9000\","
		  "\"origQty\":\"1\",\"time\":1699999990000}", "time" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		begin(limit_order());
		in_doubt();
		look(ASK_ORDER, row[i].body);
		assert_out(OUT_UNKNOWN, row[i].field);
		assert_non_null(strstr(fa.f.text, "looked at by hand"));
	}
}

static struct intent
trailing(void)
{
	struct intent in = stop_order();

	memcpy(in.type, "TRAILING_STOP_MARKET", 21);
	in.trigger_s[0] = '\0';
	set_dec(&in.activate, in.activate_s, "8100");
	set_dec(&in.callback, in.callback_s, "1");
	return in;
}

static struct intent
closing(void)
{
	struct intent in = stop_order();

	in.close_position = true;
	in.qty_s[0] = '\0';
	in.qty = (dec){ 0 };
	return in;
}

static void
test_another_algo(void **state)
{
#define TRAIL(activate, rate) "{\"algoId\":7,\"clientAlgoId\":\"x1\",\"orderType\":\"TRAILING_STOP_MARKET\"," \
	"\"symbol\":\"BTCUSDT\",\"side\":\"SELL\",\"quantity\":\"1\",\"algoStatus\":\"NEW\"," \
	"\"activatePrice\":\"" activate "\",\"callbackRate\":\"" rate "\"}"
#define CLOSE(yes) "{\"algoId\":7,\"clientAlgoId\":\"x1\",\"orderType\":\"STOP_MARKET\",\"symbol\":\"BTCUSDT\"," \
	"\"side\":\"SELL\",\"quantity\":\"0\",\"triggerPrice\":\"8000\",\"closePosition\":" yes "}"
	const struct { struct intent in; const char *body, *field; } row[] = {
		{ stop_order(), ALGO("NEW"), NULL },
		{ stop_order(), ALGO("ODD_NEW_STATUS"), NULL },
		{ stop_order(), ALGO_OF("NEW", "STOP_MARKET", "1", "8000.1"), "triggerPrice" },
		{ stop_order(), ALGO_OF("NEW", "TAKE_PROFIT_MARKET", "1", "8000"), "orderType" },
		{ stop_order(), ALGO_OF("NEW", "STOP_MARKET", "2", "8000"), "quantity" },
		{ trailing(), TRAIL("8100.0", "1.0"), NULL },
		{ trailing(), TRAIL("", ""), NULL },		/* a query leaves them out */
		{ trailing(), TRAIL("8200", "1"), "activatePrice" },
		{ trailing(), TRAIL("8100", "2"), "callbackRate" },
		{ closing(), CLOSE("true"), NULL },
		{ closing(), CLOSE("false"), "closePosition" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		begin(row[i].in);
		in_doubt();
		look(ASK_ORDER, row[i].body);
		assert_out(row[i].field == NULL ? OUT_RESULT : OUT_UNKNOWN, row[i].field == NULL ? "x1" : row[i].field);
	}
}

static void
test_position_side(void **state)
{
	struct intent in = limit_order();

	(void)state;
	in.has_pos_side = true;
	in.pos_side = POS_LONG;
	begin(in);
	in_doubt();
	look(ASK_ORDER, ORDER("NEW", "0"));
	assert_out(OUT_UNKNOWN, "positionSide");
	in.pos_side = POS_BOTH;
	begin(in);
	in_doubt();
	look(ASK_ORDER, ORDER("NEW", "0"));
	assert_out(OUT_RESULT, "NEW");
}

/* The exchange may shrink an order that only reduces; the price of priceMatch is its own. */
static void
test_not_quite_the_same(void **state)
{
	struct intent in = limit_order();

	(void)state;
	in.reduce_only = in.has_reduce_only = true;
	begin(in);
	in_doubt();
	look(ASK_ORDER, ORDER_OF("NEW", "BUY", "0.4", "9000", "0"));
	assert_out(OUT_RESULT, "0.4");
	in = limit_order();
	in.price_s[0] = '\0';
	memcpy(in.price_match, "QUEUE", 6);
	begin(in);
	in_doubt();
	look(ASK_ORDER, ORDER_OF("NEW", "BUY", "1", "8999", "0"));
	assert_out(OUT_RESULT, "8999");
}

/*
 * When
 */

static void
test_schedule(void **state)
{
	static const int64_t at[] = { 200, 500, 1000, 2000, 4000, 9000, 14000, 19000 };
	int64_t due;

	(void)state;
	begin(limit_order());
	mono = 1000;
	in_doubt();
	for (size_t i = 0; i < LEN(at); i++) {
		assert_int_equal(fate_next(&fa, 1000 + at[i] - 1, &due), ASK_NOTHING);
		assert_int_equal(due, 1000 + at[i]);
		look(ASK_ORDER, "0");
	}
	assert_looking();
	begin(limit_order());		/* of an earlier run: at once */
	mono = 70;
	fate_recover(&fa, mono);
	assert_int_equal(fate_next(&fa, 70, &due), ASK_ORDER);
	assert_true(fa.was_unknown);
}

/* After a restart the bound has mostly passed: four questions settle it. */
static void
test_recover_absent(void **state)
{
	(void)state;
	begin(limit_order());
	leap = 60000;
	fate_recover(&fa, mono);
	look(ASK_ORDER, "-2013");
	look(ASK_ORDER, "-2013");
	look(ASK_OPEN, "[]");
	look(ASK_TRADES, "[]");
	assert_out(OUT_ABSENT, "");
	assert_true(mono < 1000);
}

/* Misses that are too early, or not in a row, do not count; nor do those between two failures. */
static void
test_bound(void **state)
{
	(void)state;
	begin(limit_order());
	in_doubt();
	for (int i = 0; i < 6; i++)
		looked_at(BOUND, NULL, -2013);	/* at the bound is not after it */
	looked_at(BOUND + 1, NULL, -2013);
	looked_at(BOUND + 1, NULL, 0);
	looked_at(BOUND + 1, NULL, -2013);
	assert_int_equal(wait_ask(), ASK_ORDER);
	looked_at(BOUND + 1, NULL, -2013);
	assert_int_equal(wait_ask(), ASK_OPEN);
	looked_at(BOUND, "[]", 0);		/* set back meanwhile: asked too early */
	assert_int_equal(wait_ask(), ASK_ORDER);
	assert_looking();
}

/* F08: executed at the last moment, shown at the last moment. */
static void
test_late(void **state)
{
	(void)state;
	begin(limit_order());
	in_doubt();
	look_until_bound(ASK_ORDER, "-2013");
	look(ASK_ORDER, ORDER("NEW", "0"));
	assert_out(OUT_RESULT, "NEW");
	begin(limit_order());		/* the answer itself comes late */
	in_doubt();
	look(ASK_ORDER, "-2013");
	answer(ORDER("NEW", "0"));
	assert_out(OUT_RESULT, "NEW");
	begin(limit_order());
	in_doubt();
	look(ASK_ORDER, "-2013");
	answer_no(FAULT_REJECTED, 400, -2019);
	assert_out(OUT_REFUSED, "-2019");
}

/* A clock of the exchange that is set ahead makes nothing appear sooner. */
static void
test_clock_leaps(void **state)
{
	(void)state;
	for (int when = 0; when < 2; when++) {
		begin(limit_order());
		in_doubt();
		if (when == 1)
			look(ASK_ORDER, "-2013");
		leap = 3600000;
		while (wait_ask() != ASK_NOTHING && mono < 12000)
			look(ASK_ORDER, "-2013");
		assert_looking();
		look(ASK_ORDER, ORDER("NEW", "0"));
		assert_out(OUT_RESULT, "NEW");
	}
	begin(limit_order());		/* and back: it waits the longer */
	in_doubt();
	look(ASK_ORDER, "-2013");
	leap = -20000;
	while (wait_ask() != ASK_NOTHING && mono < 35000)
		look(ASK_ORDER, "-2013");
	look(ASK_ORDER, "-2013");
	look(ASK_ORDER, "-2013");
	look(ASK_OPEN, "[]");
	look(ASK_TRADES, "[]");
	assert_out(OUT_ABSENT, "");
}

/* F14 */
static void
test_out_of_history(void **state)
{
	(void)state;
	for (int algo = 0; algo < 2; algo++) {
		begin(algo ? stop_order() : limit_order());
		leap = INT64_C(4) * 86400 * 1000;
		fate_recover(&fa, mono);
		look(ASK_ORDER, "-2013");
		look(ASK_ORDER, "-2013");
		assert_out(OUT_UNKNOWN, "history");
	}
}

/*
 * The orders behind trades
 */

#define TRADE(id, order, side)	"{\"id\":" id ",\"orderId\":" order ",\"side\":\"" side "\"}"
#define OTHER(id)	"{\"orderId\":" id ",\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"other\",\"side\":\"BUY\"}"

static void
to_trades_on(enum market m)
{
	begin_on(limit_order(), m);
	in_doubt();
	look_until_bound(ASK_ORDER, "-2013");
	look(ASK_ORDER, "-2013");
	look(ASK_ORDER, "-2013");
	look(ASK_OPEN, "[" OTHER("5") "]");
	assert_int_equal(wait_ask(), ASK_TRADES);
}

static void
to_trades(void)
{
	to_trades_on(MARKET_USDM);
}

static void
assert_query(const char *want)
{
	struct buf q = { 0 };
	int64_t due;

	(void)fate_query(&fa, fate_next(&fa, mono, &due), &q);
	assert_string_equal(q.p, want);
	buf_free(&q);
}

static void
test_trades(void **state)
{
	(void)state;
	to_trades();
	look(ASK_TRADES, "[" TRADE("1", "9", "BUY") "," TRADE("2", "7", "BUY") "," TRADE("3", "6", "SELL") "]");
	assert_query("symbol=BTCUSDT&orderId=7&limit=1000");
	look(ASK_TRADED, "[" OTHER("7") "," OTHER("8") "," ORDER("FILLED", "1") "]");
	assert_out(OUT_RESULT, "FILLED");
	to_trades();
	look(ASK_TRADES, "[" TRADE("1", "7", "BUY") "]");
	look(ASK_TRADED, "[" OTHER("7") "]");
	assert_out(OUT_ABSENT, "");
	/* an order of before with our id, which may be used again once that has ended */
	to_trades();
	look(ASK_TRADES, "[" TRADE("1", "7", "BUY") "]");
	look(ASK_TRADED, "[" OTHER("7") ",{\"orderId\":8,\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"x1\","
	    "\"side\":\"BUY\",\"time\":1699999998999}]");
	assert_out(OUT_ABSENT, "");
}

/* Where the numbers behind trades lie far apart, the next page begins at the next of them. */
static void
test_traded_pages(void **state)
{
	(void)state;
	to_trades_on(MARKET_COINM);
	look(ASK_TRADES, "[" TRADE("1", "70", "BUY") "," TRADE("2", "7", "BUY") "," TRADE("3", ID, "BUY") "]");
	assert_query("symbol=BTCUSDT&orderId=7&limit=100");
	look(ASK_TRADED, "[" OTHER("7") "," OTHER("70") "," OTHER("71") "]");
	assert_query("symbol=BTCUSDT&orderId=" ID "&limit=100");
	look(ASK_TRADED, "[" ORDER("FILLED", "1") "]");
	assert_out(OUT_RESULT, ID);
}

static void
put_trades(struct buf *b, int first, int n)
{
	buf_reset(b);
	buf_str(b, "[");
	for (int i = 0; i < n; i++)
		buf_printf(b, "%s{\"id\":%d,\"orderId\":%d,\"side\":\"%s\"}", i > 0 ? "," : "", first + i,
		    (first + i) / 2 + 1, (first + i) % 2 == 0 ? "BUY" : "SELL");
	buf_str(b, "]");
}

/* As many trades as one answer holds, and more; hundreds of orders behind them. */
static void
test_trades_pages(void **state)
{
	struct buf b = { 0 };

	(void)state;
	to_trades();
	put_trades(&b, 0, 1000);
	look(ASK_TRADES, b.p);
	assert_query("symbol=BTCUSDT&fromId=1000&limit=1000");
	put_trades(&b, 1000, 3);
	look(ASK_TRADES, b.p);
	assert_query("symbol=BTCUSDT&orderId=1&limit=1000");
	buf_reset(&b);
	buf_str(&b, "[" OTHER("1"));
	for (int i = 2; i <= 502; i++)
		buf_printf(&b, ",{\"orderId\":%d,\"clientOrderId\":\"o%d\"}", i, i);
	buf_str(&b, "]");
	look(ASK_TRADED, b.p);
	assert_out(OUT_ABSENT, "");
	to_trades();			/* the same page again and again is no page */
	put_trades(&b, 0, 1000);
	look(ASK_TRADES, b.p);
	look(ASK_TRADES, b.p);
	assert_int_equal(wait_ask(), ASK_ORDER);
	assert_looking();
	look(ASK_ORDER, "-2013");	/* from the beginning */
	look(ASK_OPEN, "[]");
	assert_query("symbol=BTCUSDT&startTime=1699999999000&limit=1000");
	look(ASK_TRADES, "[]");
	assert_out(OUT_ABSENT, "");
	buf_free(&b);
}

/* What is not known in full proves nothing; the next look may. */
static void
test_trades_not_known(void **state)
{
	static const char *const bad[] = { "0", "{}", "[{\"id\":1,\"orderId\":\"x\",\"side\":\"BUY\"}]",
		"[{\"orderId\":7,\"side\":\"BUY\"}]", "[[]]" };
	/* not the one that was asked for, or not in full */
	static const char *const short_of[] = { "[]", "[" OTHER("8") "]", "{}", "0", OTHER("7"),
		"[{\"orderId\":7,\"side\":\"BUY\"}]" };

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		to_trades();
		look(ASK_TRADES, bad[i]);
		look(ASK_ORDER, "-2013");
		look(ASK_OPEN, "[]");
		look(ASK_TRADES, "[]");
		assert_out(OUT_ABSENT, "");
	}
	for (size_t i = 0; i < LEN(short_of); i++) {
		to_trades();
		look(ASK_TRADES, "[" TRADE("1", "7", "BUY") "]");
		look(ASK_TRADED, short_of[i]);
		assert_int_equal(wait_ask(), ASK_ORDER);
		assert_looking();
	}
	to_trades();			/* asked before the bound, by a clock that was set back */
	looked_at(BOUND, "[]", 0);
	assert_int_equal(wait_ask(), ASK_ORDER);
	assert_looking();
}

/*
 * Conditional orders
 */

static void
test_algo_absent(void **state)
{
	(void)state;
	begin(stop_order());
	in_doubt();
	look_until_bound(ASK_ORDER, "-2013");
	look(ASK_ORDER, "-2013");
	look(ASK_ORDER, "-2013");
	look(ASK_OPEN, "[]");
	look(ASK_HISTORY, "[]");
	assert_out(OUT_ABSENT, "");
	begin(stop_order());
	in_doubt();
	look_until_bound(ASK_ORDER, "-2013");
	look(ASK_ORDER, "-2013");
	look(ASK_ORDER, "-2013");
	look(ASK_OPEN, "[]");
	look(ASK_HISTORY, "[" ALGO("FINISHED") "]");
	assert_out(OUT_RESULT, "FINISHED");
}

/* COIN-M documents neither the query for one nor the history. */
static void
test_algo_not_served(void **state)
{
	(void)state;
	begin_on(stop_order(), MARKET_COINM);
	in_doubt();
	look(ASK_ORDER, "-5000");
	look(ASK_OPEN, "[" ALGO("NEW") "]");
	assert_out(OUT_RESULT, "NEW");
	begin_on(stop_order(), MARKET_COINM);
	in_doubt();
	do {
		look(ASK_ORDER, "-5000");
		look(ASK_OPEN, "[]");
		look(ASK_HISTORY, "[]");
	} while (fa.state == FATE_LOOK && mono < 60000);
	assert_out(OUT_ABSENT, "");
	assert_true(mono > WINDOW + LAG);
	begin_on(stop_order(), MARKET_COINM);
	in_doubt();
	for (int i = 0; i < 12; i++) {
		look(ASK_ORDER, "-5000");
		look(ASK_OPEN, "[]");
		look(ASK_HISTORY, "-5000");
	}
	assert_looking();	/* it may have triggered, or ended */
	fate_give_up(&fa);
	assert_out(OUT_UNKNOWN, "x1");
}

/* The numbers for a duplicate, per market. */
static void
test_duplicate(void **state)
{
	static const struct { enum market m; int code; bool exists; } row[] = {
		{ MARKET_USDM, -4116, true }, { MARKET_USDM, -4115, true }, { MARKET_USDM, -4111, false },
		{ MARKET_COINM, -4116, true }, { MARKET_COINM, -4111, true }, { MARKET_COINM, -4115, false },
	};

	(void)state;
	for (size_t i = 0; i < 2 * LEN(row); i++) {
		begin_on(i % 2 ? stop_order() : limit_order(), row[i / 2].m);
		answer_no(FAULT_REJECTED, 400, row[i / 2].code);
		if (!row[i / 2].exists) {
			assert_out(OUT_REFUSED, "");
			continue;
		}
		/* it may be older: this is what it is a duplicate of */
		look(ASK_ORDER, i % 2 ? ALGO("NEW") : ORDER("NEW", "0"));
		assert_out(OUT_RESULT, "NEW");
	}
	begin(limit_order());
	answer_no(FAULT_UNKNOWN, 400, -4116);
	look(ASK_ORDER, "{\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"x1\",\"side\":\"BUY\","
	    "\"price\":\"9000\",\"origQty\":\"1\",\"time\":1699999990000}");
	assert_out(OUT_RESULT, "1699999990000");
}

/*
 * Questions
 */

static void
test_queries(void **state)
{
	struct intent by_id = cancel_order(false), algo_by_id = cancel_order(true);
	const struct { struct intent in; enum fate_ask ask; enum ep ep; const char *query; } row[] = {
		{ limit_order(), ASK_ORDER, EP_ORDER_GET, "symbol=BTCUSDT&origClientOrderId=x1" },
		{ limit_order(), ASK_OPEN, EP_OPEN_ORDERS, "symbol=BTCUSDT" },
		{ limit_order(), ASK_TRADES, EP_USER_TRADES,
		  "symbol=BTCUSDT&startTime=1699999999000&limit=1000" },
		{ limit_order(), ASK_TRADED, EP_ALL_ORDERS, "symbol=BTCUSDT&orderId=" ID "&limit=1000" },
		{ stop_order(), ASK_ORDER, EP_ALGO_ORDER_GET, "clientAlgoId=x1" },
		{ stop_order(), ASK_OPEN, EP_OPEN_ALGO_ORDERS, "symbol=BTCUSDT" },
		{ stop_order(), ASK_HISTORY, EP_ALL_ALGO_ORDERS,
		  "symbol=BTCUSDT&startTime=1699999999000&limit=1000" },
		{ modification(1), ASK_AMENDMENTS, EP_AMENDMENTS,
		  "symbol=BTCUSDT&origClientOrderId=x1&startTime=1699999999000&limit=100" },
		{ by_id, ASK_ORDER, EP_ORDER_GET, "symbol=BTCUSDT&orderId=" ID },
		{ algo_by_id, ASK_ORDER, EP_ALGO_ORDER_GET, "algoId=" ID },
		{ algo_by_id, ASK_HISTORY, EP_ALL_ALGO_ORDERS, "symbol=BTCUSDT&algoId=" ID "&limit=1000" },
		{ cancel_order(true), ASK_HISTORY, EP_ALL_ALGO_ORDERS, "symbol=BTCUSDT&limit=1000" },
	};
	struct buf q = { 0 };

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		begin(row[i].in);
		if (i == 8 || i == 9 || i == 10)
			fa.in.order_id = UINT64_C(8389765606284283461);
		assert_non_null(fa.traded = malloc(sizeof *fa.traded));
		fa.traded[0] = UINT64_C(8389765606284283461);
		fa.ntraded = fa.traded_room = 1;
		buf_reset(&q);
		assert_int_equal(fate_query(&fa, row[i].ask, &q), row[i].ep);
		assert_string_equal(q.p, row[i].query);
	}
	buf_free(&q);
}

/* Every kind of JSON where another one is wanted: nothing is concluded, nothing breaks. */
static void
test_odd_shapes(void **state)
{
	static const char *const odd[] = { "[]", "{}", "null", "1", "\"x\"", "[[]]", "[1]", "[{}]", "true" };
	const struct intent in[] = { limit_order(), stop_order(), cancel_order(false), cancel_order(true),
		cancel_every(false), modification(1) };
	enum fate_ask ask;

	(void)state;
	for (size_t k = 0; k < LEN(in); k++)
		for (size_t i = 0; i < LEN(odd); i++) {
			begin(in[k]);
			in_doubt();
			answer(odd[i]);
			for (ask = wait_ask(); fa.state == FATE_LOOK && mono < 12000; ask = wait_ask())
				looked_at(now_ms(), odd[i], 0);
			(void)ask;
			if (fa.state == FATE_DONE && fa.out != OUT_UNKNOWN)
				fail_msg("%s of %d: %d", odd[i], (int)k, (int)fa.out);
		}
}

/* What is not what was asked for is left alone. */
static void
test_stray_look(void **state)
{
	struct fault f = fault_of(FAULT_REJECTED, 400, -2013);

	(void)state;
	begin(limit_order());
	fate_looked(&fa, ASK_ORDER, &f, NULL, NULL, BOUND + 1, 0);
	assert_int_equal(fa.state, FATE_SENT);
	in_doubt();
	fate_looked(&fa, ASK_TRADES, &f, NULL, NULL, BOUND + 1, 0);
	fate_looked(&fa, ASK_NOTHING, &f, NULL, NULL, BOUND + 1, 0);
	assert_looking();
	assert_int_equal(wait_ask(), ASK_ORDER);
	fate_give_up(&fa);
	assert_out(OUT_UNKNOWN, "HTTP 503, -1001");
	assert_int_equal(fa.f.code, -1001);
}

#define TEST(f)	cmocka_unit_test_teardown(f, rig_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_in_doubt_executed), TEST(test_in_doubt_never_executed), TEST(test_definite),
		TEST(test_accepted), TEST(test_another_order), TEST(test_another_algo),
		TEST(test_position_side), TEST(test_not_quite_the_same), TEST(test_schedule),
		TEST(test_recover_absent), TEST(test_bound), TEST(test_late), TEST(test_clock_leaps),
		TEST(test_out_of_history), TEST(test_trades), TEST(test_traded_pages),
		TEST(test_trades_pages), TEST(test_trades_not_known),
		TEST(test_algo_absent), TEST(test_algo_not_served), TEST(test_duplicate),
		TEST(test_queries), TEST(test_odd_shapes), TEST(test_stray_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

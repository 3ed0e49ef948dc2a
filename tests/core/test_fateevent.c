/* What the user stream tells of a request: F02, F18, F57 to F60, F63. */
#include "faterig.h"

#define TRADED(x, status, done, ms) \
	"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1,\"T\":" ms ",\"o\":{\"s\":\"BTCUSDT\",\"c\":\"x1\",\"S\":\"BUY\"," \
	"\"o\":\"LIMIT\",\"f\":\"GTC\",\"q\":\"1.000\",\"p\":\"9000.00\",\"ap\":\"0\",\"x\":\"" x "\",\"X\":\"" status \
	"\",\"i\":" ID ",\"z\":\"" done "\",\"ps\":\"BOTH\",\"R\":false}}"
#define LATER	"1700000000100"
#define AMENDED(x, m, qty, price, ms) \
	"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1,\"T\":" ms ",\"o\":{\"s\":\"BTCUSDT\",\"c\":\"x1\",\"S\":\"BUY\"," \
	"\"o\":\"LIMIT\",\"q\":\"" qty "\",\"p\":\"" price "\",\"x\":\"" x "\",\"X\":\"NEW\",\"i\":" ID m ",\"z\":\"0\"}}"
#define ALGO_EVENT(status, qty) \
	"{\"e\":\"ALGO_UPDATE\",\"T\":" LATER ",\"E\":1,\"o\":{\"caid\":\"x1\",\"aid\":4000000016522655," \
	"\"at\":\"CONDITIONAL\",\"o\":\"STOP_MARKET\",\"s\":\"BTCUSDT\",\"S\":\"SELL\",\"ps\":\"BOTH\",\"f\":\"GTC\"," \
	"\"q\":\"" qty "\",\"X\":\"" status "\",\"ai\":\"\",\"tp\":\"8000\",\"p\":\"0\",\"cp\":false,\"tt\":0}}"

/* F02, F57: also before the answer; then an answer that says nothing needs no look. */
static void
test_settles(void **state)
{
	(void)state;
	begin(limit_order());
	in_doubt();
	assert_true(event(TRADED("TRADE", "FILLED", "1.000", LATER)));
	assert_out(OUT_RESULT, "\"status\":\"FILLED\"");
	assert_non_null(strstr(fa.found.p, "\"orderId\":" ID ",\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"x1\""));
	assert_non_null(strstr(fa.found.p, "\"executedQty\":\"1.000\""));
	assert_true(fa.was_unknown);
	begin(limit_order());
	assert_true(event(TRADED("TRADE", "FILLED", "1", LATER)));
	assert_int_equal(fa.state, FATE_SENT);
	in_doubt();
	assert_out(OUT_RESULT, "FILLED");
	assert_false(fa.was_unknown);
	begin(limit_order());
	assert_true(event(TRADED("TRADE", "FILLED", "1", LATER)));
	fate_give_up(&fa);
	assert_out(OUT_RESULT, "FILLED");
	begin(limit_order());		/* F18: the answer is the exchange's all the same */
	assert_true(event(TRADED("TRADE", "FILLED", "1", LATER)));
	answer(ORDER("NEW", "0"));
	assert_out(OUT_RESULT, "\"status\":\"NEW\"");
	assert_false(event(TRADED("TRADE", "FILLED", "1", LATER)));	/* it is done */
}

/* A refusal that is said to be definite is none if the order is there. */
static void
test_against_refusal(void **state)
{
	(void)state;
	begin(limit_order());
	assert_true(event(TRADED("NEW", "NEW", "0", LATER)));
	answer_no(FAULT_AGAIN, 503, -1008);
	assert_out(OUT_RESULT, "NEW");
	begin(limit_order());
	answer_no(FAULT_AGAIN, 503, -1008);
	assert_out(OUT_REFUSED, "-1008");
}

/* F58, F59: whatever the order of arrival, the latest state is kept. */
static void
test_out_of_order(void **state)
{
	static const struct { const char *first, *second, *kept; } row[] = {
		{ TRADED("TRADE", "FILLED", "1", LATER), TRADED("TRADE", "PARTIALLY_FILLED", "0.5", LATER), "FILLED\"" },
		{ TRADED("TRADE", "PARTIALLY_FILLED", "0.5", LATER), TRADED("TRADE", "FILLED", "1", LATER), "\"FILLED\"" },
		{ TRADED("CANCELED", "CANCELED", "0", LATER), TRADED("NEW", "NEW", "0", LATER), "CANCELED" },
		{ TRADED("TRADE", "PARTIALLY_FILLED", "0.5", LATER), TRADED("NEW", "NEW", "0", LATER), "0.5" },
		{ TRADED("TRADE", "PARTIALLY_FILLED", "0.5", LATER),
		  TRADED("TRADE", "PARTIALLY_FILLED", "0.4", LATER), "0.5" },
		{ TRADED("CANCELED", "CANCELED", "0.5", LATER), TRADED("X", "FOO", "0.5", LATER), "CANCELED" },
		{ TRADED("NEW", "FOO", "0", LATER), TRADED("CANCELED", "CANCELED", "0", LATER), "CANCELED" },
		{ TRADED("TRADE", "FILLED", "1", LATER), TRADED("TRADE", "FILLED", "1", LATER), "\"FILLED\"" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		begin(limit_order());
		assert_true(event(row[i].first));
		assert_true(event(row[i].second));
		in_doubt();
		assert_out(OUT_RESULT, row[i].kept);
	}
}

/* F63 */
static void
test_unknown_status(void **state)
{
	(void)state;
	begin(limit_order());
	in_doubt();
	assert_true(event(TRADED("NEW", "TRADING_HALT", "0", LATER)));
	assert_out(OUT_RESULT, "TRADING_HALT");
}

static void
test_left_alone(void **state)
{
	static const char *const odd[] = {
		"{}", "[]", "null", "{\"e\":\"ORDER_TRADE_UPDATE\"}", "{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":[]}",
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"c\":\"x1\"}}",
		"{\"e\":\"ACCOUNT_UPDATE\",\"o\":{\"s\":\"BTCUSDT\",\"c\":\"x1\"}}",
		/* another symbol, id, side, price; and one of before it was signed */
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":" LATER ",\"o\":{\"s\":\"ETHUSDT\",\"c\":\"x1\",\"S\":\"BUY\","
		  "\"q\":\"1\",\"p\":\"9000\",\"X\":\"NEW\",\"i\":1,\"z\":\"0\"}}",
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":" LATER ",\"o\":{\"s\":\"BTCUSDT\",\"c\":\"x2\",\"S\":\"BUY\","
		  "\"q\":\"1\",\"p\":\"9000\",\"X\":\"NEW\",\"i\":1,\"z\":\"0\"}}",
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":" LATER ",\"o\":{\"s\":\"BTCUSDT\",\"c\":\"x1\",\"S\":\"SELL\","
		  "\"q\":\"1\",\"p\":\"9000\",\"X\":\"NEW\",\"i\":1,\"z\":\"0\"}}",
		"{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":" LATER ",\"o\":{\"s\":\"BTCUSDT\",\"c\":\"x1\",\"S\":\"BUY\","
		  "\"q\":\"1\",\"p\":\"9001\",\"X\":\"NEW\",\"i\":1,\"z\":\"0\"}}",
		TRADED("TRADE", "FILLED", "1", "1699999990000"),
		ALGO_EVENT("NEW", "1"),
	};

	(void)state;
	begin(limit_order());
	in_doubt();
	for (size_t i = 0; i < LEN(odd); i++)
		if (event(odd[i]))
			fail_msg("taken: %s", odd[i]);
	assert_looking();
	begin(cancel_every(false));
	in_doubt();
	assert_false(event(TRADED("CANCELED", "CANCELED", "0", LATER)));
	assert_looking();
}

static void
test_cancel(void **state)
{
	(void)state;
	begin(cancel_order(false));
	in_doubt();
	assert_false(event(TRADED("TRADE", "PARTIALLY_FILLED", "0.5", LATER)));
	assert_looking();
	assert_true(event(TRADED("CANCELED", "CANCELED", "0.5", LATER)));
	assert_out(OUT_RESULT, "CANCELED");
	begin(cancel_order(false));	/* then -2011 needs no look */
	assert_true(event(TRADED("TRADE", "FILLED", "1", LATER)));
	answer_no(FAULT_REJECTED, 400, -2011);
	assert_out(OUT_RESULT, "FILLED");
}

static void
test_modify(void **state)
{
	static const char mine[] = AMENDED("AMENDMENT", ",\"M\":\"77\"", "2", "9100", LATER);
	static const char plain[] = AMENDED("AMENDMENT", "", "2", "9100", LATER);
	static const char other[] = AMENDED("AMENDMENT", ",\"M\":\"78\"", "2", "9100", LATER);
	static const char old[] = AMENDED("AMENDMENT", "", "2", "9100", "1699999990000");
	static const char fresh[] = AMENDED("NEW", "", "2", "9100", LATER);	/* from before an earlier change */
	static const char values[] = AMENDED("AMENDMENT", "", "2", "9050", LATER);
	static const struct { int64_t id; const char *event; bool taken; } row[] = {
		{ 77, mine, true }, { 77, plain, false }, { 77, other, false }, { 0, plain, true },
		{ 0, mine, false }, { 0, old, false }, { 0, fresh, false }, { 0, values, false },
	};
	struct intent in = modification(77);

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		begin(modification(row[i].id));
		in_doubt();
		if (event(row[i].event) != row[i].taken)
			fail_msg("%d, %s", (int)i, row[i].event);
		if (row[i].taken)
			assert_out(OUT_RESULT, "\"price\":\"9100\"");
	}
	begin(modification(77));
	in_doubt();
	assert_true(event(mine));
	assert_non_null(strstr(fa.found.p, "\"modifyId\":77,"));
	in.price_s[0] = '\0';		/* by priceMatch */
	memcpy(in.price_match, "QUEUE", 6);
	begin(in);
	in_doubt();
	assert_false(event(values));
	assert_true(event(AMENDED("AMENDMENT", ",\"M\":\"77\"", "2", "9050", LATER)));
}

static void
test_algo(void **state)
{
	(void)state;
	begin(stop_order());
	in_doubt();
	assert_false(event(ALGO_EVENT("NEW", "2")));
	assert_true(event(ALGO_EVENT("NEW", "1")));
	assert_out(OUT_RESULT, "{\"algoId\":4000000016522655,\"clientAlgoId\":\"x1\"");
	assert_non_null(strstr(fa.found.p, "\"algoStatus\":\"NEW\""));
	assert_non_null(strstr(fa.found.p, "\"triggerPrice\":\"8000\""));
	begin(stop_order());
	assert_true(event(ALGO_EVENT("TRIGGERED", "1")));
	assert_true(event(ALGO_EVENT("TRIGGERING", "1")));
	in_doubt();
	assert_out(OUT_RESULT, "TRIGGERED");
	begin(cancel_order(true));
	in_doubt();
	assert_false(event(ALGO_EVENT("TRIGGERED", "1")));
	assert_looking();
	assert_true(event(ALGO_EVENT("EXPIRED", "1")));
	assert_out(OUT_RESULT, "EXPIRED");
}

/* F60: a hint that it exists, and no more: then it is not absent. */
static void
test_trade_lite(void **state)
{
	static const char lite[] = "{\"e\":\"TRADE_LITE\",\"E\":1,\"T\":" LATER ",\"s\":\"BTCUSDT\",\"q\":\"1\","
	    "\"p\":\"9000\",\"c\":\"x1\",\"S\":\"BUY\",\"l\":\"1\",\"t\":5,\"i\":" ID "}";

	(void)state;
	for (int when = 0; when < 2; when++) {
		begin(limit_order());
		in_doubt();
		if (when == 0)
			assert_false(event(lite));
		look_until_bound(ASK_ORDER, "-2013");
		look(ASK_ORDER, "-2013");
		look(ASK_ORDER, "-2013");
		if (when == 1) {
			look(ASK_OPEN, "[]");
			assert_false(event(lite));
			look(ASK_TRADES, "[]");
		}
		assert_looking();
		look(ASK_ORDER, ORDER("FILLED", "1"));
		assert_out(OUT_RESULT, "FILLED");
	}
	begin(limit_order());		/* nor is it refused */
	event(lite);
	answer_no(FAULT_AGAIN, 503, -1008);
	assert_looking();
}

/* Out of memory is told, and never as a refusal or absence. */
static void
test_no_memory(void **state)
{
	(void)state;
	begin(limit_order());
	assert_true(event(TRADED("NEW", "NEW", "0", LATER)));
	fa.early.bad = true;
	in_doubt();
	assert_looking();
	fate_give_up(&fa);
	assert_out(OUT_UNKNOWN, "x1");
}

/* Every field there is, under its name of REST, as it came. */
static void
test_names(void **state)
{
	static const char rec[] = "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":2,\"T\":3,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"TEST\","
	    "\"S\":\"SELL\",\"o\":\"TRAILING_STOP_MARKET\",\"f\":\"GTC\",\"q\":\"0.001\",\"p\":\"0\",\"ap\":\"0\","
	    "\"sp\":\"7103.04\",\"x\":\"NEW\",\"X\":\"NEW\",\"i\":" ID ",\"l\":\"0\",\"z\":\"0\",\"L\":\"0\","
	    "\"T\":1568879465650,\"t\":0,\"b\":\"0\",\"a\":\"9.91\",\"m\":false,\"R\":false,\"wt\":\"CONTRACT_PRICE\","
	    "\"ot\":\"TRAILING_STOP_MARKET\",\"ps\":\"LONG\",\"cp\":false,\"AP\":\"7476.89\",\"cr\":\"5.0\","
	    "\"pP\":false,\"si\":0,\"ss\":0,\"rp\":\"0\",\"V\":\"EXPIRE_TAKER\",\"pm\":\"OPPONENT\",\"gtd\":0,"
	    "\"er\":\"0\",\"new\":1}}";
	struct scan sc = { 0 };
	struct buf b = { 0 };

	(void)state;
	assert_true(scan_doc(&sc, rec, strlen(rec)) > 0);
	assert_true(fate_event_order(&b, sc.t, sc.t));
	assert_string_equal(b.p, "{\"orderId\":" ID ",\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"TEST\","
	    "\"side\":\"SELL\",\"positionSide\":\"LONG\",\"status\":\"NEW\",\"type\":\"TRAILING_STOP_MARKET\","
	    "\"origType\":\"TRAILING_STOP_MARKET\",\"timeInForce\":\"GTC\",\"price\":\"0\",\"origQty\":\"0.001\","
	    "\"executedQty\":\"0\",\"avgPrice\":\"0\",\"stopPrice\":\"7103.04\",\"reduceOnly\":false,"
	    "\"closePosition\":false,\"priceProtect\":false,\"workingType\":\"CONTRACT_PRICE\","
	    "\"priceMatch\":\"OPPONENT\",\"selfTradePreventionMode\":\"EXPIRE_TAKER\",\"goodTillDate\":0,"
	    "\"activatePrice\":\"7476.89\",\"priceRate\":\"5.0\",\"updateTime\":3}");
	buf_free(&b);
	scan_free(&sc);
}

#define TEST(f)	cmocka_unit_test_teardown(f, rig_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_settles), TEST(test_against_refusal), TEST(test_out_of_order),
		TEST(test_unknown_status), TEST(test_left_alone), TEST(test_cancel), TEST(test_modify),
		TEST(test_algo), TEST(test_trade_lite), TEST(test_no_memory), TEST(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

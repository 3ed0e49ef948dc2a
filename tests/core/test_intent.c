#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/intent.h"
#include "core/show.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

static struct scan sc;
static struct buf query;
static struct intent in;
static struct fault fault;

static const struct tok *
scanned(const char *line)
{
	if (scan_doc(&sc, line, strlen(line)) < 0)
		fail_msg("a test's own line is no JSON: %s", line);
	return sc.t;
}

static int
reads(const char *line)
{
	const struct tok *v = scanned(line);

	memset(&in, 0x55, sizeof in);
	memset(&fault, 0, sizeof fault);
	return intent_read(&in, sc.t, v, &fault);
}

static int
clean_up(void **state)
{
	(void)state;
	scan_free(&sc);
	buf_free(&query);
	return 0;
}

#define LIMIT	"\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\""
#define FULL	LIMIT ",\"quantity\":\"1\",\"price\":\"9000\""
#define MARKET	"\"symbol\":\"BTCUSDT\",\"side\":\"SELL\",\"type\":\"MARKET\",\"quantity\":\"1\""

static const struct { const char *line, *query; } good[] = {
	/* Binance's signing example, in the order of the endpoint's table */
	{ "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"quantity\":1,\"price\":9000,"
	  "\"timeInForce\":\"GTC\"}",
	  "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=9000" },
	/* and the message of the non-ASCII signing vector, up to its timestamp */
	{ "{\"symbol\":\"测试USDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"quantity\":1,\"price\":\"30\"}",
	  "symbol=%E6%B5%8B%E8%AF%95USDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=30" },
	{ "{\"symbol\":\"\\u6d4b\\u8bd5USDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"quantity\":1,\"price\":\"30\"}",
	  "symbol=%E6%B5%8B%E8%AF%95USDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=30" },
	{ "{" MARKET "}", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1" },
	{ "{\"op\":\"place\"," MARKET "}", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1" },
	/* digits as written, from numbers and strings */
	{ "{" LIMIT ",\"quantity\":0.0010,\"price\":\"60000.10\"}",
	  "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.0010&price=60000.10" },
	{ "{" LIMIT ",\"quantity\":\"12345678901234567890.123456\",\"price\":1}",
	  "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=12345678901234567890.123456&price=1" },
	/* every parameter, in the table's order whatever the line's */
	{ "{\"goodTillDate\":1760000999000,\"selfTradePreventionMode\":\"EXPIRE_TAKER\","
	  "\"newOrderRespType\":\"RESULT\",\"newClientOrderId\":\"a:b/c\",\"reduceOnly\":true,\"price\":\"1\","
	  "\"quantity\":\"2\",\"timeInForce\":\"GTD\",\"type\":\"LIMIT\",\"positionSide\":\"BOTH\","
	  "\"side\":\"SELL\",\"symbol\":\"BTCUSDT\"}",
	  "symbol=BTCUSDT&side=SELL&positionSide=BOTH&type=LIMIT&timeInForce=GTD&quantity=2&price=1"
	  "&reduceOnly=true&newClientOrderId=a%3Ab%2Fc&newOrderRespType=RESULT"
	  "&selfTradePreventionMode=EXPIRE_TAKER&goodTillDate=1760000999000" },
	{ "{" LIMIT ",\"quantity\":\"2\",\"priceMatch\":\"QUEUE_5\",\"timeInForce\":\"GTX\"}",
	  "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=2&priceMatch=QUEUE_5" },
	{ "{" FULL ",\"priceMatch\":\"NONE\"}",
	  "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=9000" },
	{ "{" MARKET ",\"reduceOnly\":\"true\"}",
	  "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1&reduceOnly=true" },
	{ "{" MARKET ",\"reduceOnly\":false}",
	  "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1&reduceOnly=false" },
	{ "{" MARKET ",\"positionSide\":\"LONG\"}",
	  "symbol=BTCUSDT&side=SELL&positionSide=LONG&type=MARKET&quantity=1" },
	/* extra members never reach the exchange; triggers may stand if they are off */
	{ "{" MARKET ",\"note\":\"x&price=1\",\"recvWindow\":9,\"signature\":\"f\",\"note2\":{\"price\":1}}",
	  "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1" },
	{ "{" MARKET ",\"stopPrice\":\"0\",\"closePosition\":false,\"activatePrice\":null,\"triggerPrice\":\"\"}",
	  "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1" },
	/* a parameter cannot smuggle another one in */
	{ "{\"symbol\":\"BTC&side=SELL\",\"side\":\"BUY\",\"type\":\"MARKET\",\"quantity\":1}",
	  "symbol=BTC%26side%3DSELL&side=BUY&type=MARKET&quantity=1" },
	/* member names are compared with escapes seen through */
	{ "{\"s\\u0079mbol\":\"BTCUSDT\",\"side\":\"SEL\\u004c\",\"type\":\"MARKET\",\"quantity\":\"\\u0031\"}",
	  "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1" },

	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"orderId\":8389765929445198309}",
	  "symbol=BTCUSDT&orderId=8389765929445198309" },
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"orderId\":\"8389765929445198309\"}",
	  "symbol=BTCUSDT&orderId=8389765929445198309" },
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"origClientOrderId\":\"bf-1/2\"}",
	  "symbol=BTCUSDT&origClientOrderId=bf-1%2F2" },
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"newClientOrderId\":\"bf-1\"}",
	  "symbol=BTCUSDT&origClientOrderId=bf-1" },
	/* an open order made into its cancel: the id decides, the rest is not looked at */
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"orderId\":7,\"origClientOrderId\":\"x\",\"status\":\"NEW\","
	  "\"type\":\"STOP_MARKET\",\"side\":\"BUY\",\"price\":\"0\",\"stopPrice\":\"9\"}",
	  "symbol=BTCUSDT&orderId=7" },
	{ "{\"op\":\"cancel-all\",\"symbol\":\"BTCUSDT\"}", "symbol=BTCUSDT" },
};

static void
an_intent_becomes_the_endpoint_s_parameters(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(good); i++) {
		if (reads(good[i].line) == -1)
			fail_msg("%s: %s", good[i].line, fault.text);
		buf_reset(&query);
		buf_str(&query, "/path?");
		intent_query(&in, &query);
		assert_false(query.bad);
		assert_string_equal(query.p + 6, good[i].query);
	}
}

static const struct { const char *line; int code; const char *says; } bad[] = {
	/* the record */
	{ "[]", 0, "intent []: must be a JSON object" },
	{ "{\"op\":\"cancel\",\"op\":\"place\"," FULL "}", -1101, "op place: given twice" },
	{ "{" FULL ",\"side\":\"SELL\"}", -1101, "side SELL: given twice" },
	{ "{" FULL ",\"sid\\u0065\":\"SELL\"}", -1101, "side SELL: given twice" },
	{ "{" FULL ",\"note\":1,\"note\":2}", -1101, "intent: some member is given twice" },
	{ "{\"op\":\"modify\"," FULL "}", 0, "op modify: this version does not serve it" },
	{ "{\"op\":\"cancelAll\",\"symbol\":\"BTCUSDT\"}", 0, "must be place, cancel or cancel-all" },
	{ "{\"op\":\"PLACE\"," FULL "}", 0, "op PLACE: must be" },
	{ "{\"op\":null," FULL "}", 0, "op null: must be" },
	{ "{\"op\":{}," FULL "}", 0, "op {}: must be" },
	/* missing */
	{ "{}", -1102, "symbol: missing" },
	{ "{\"symbol\":\"BTCUSDT\"}", -1102, "side: missing" },
	{ "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"quantity\":1,\"price\":1}", -1102, "type: missing" },
	{ "{" LIMIT ",\"price\":1}", -1102, "quantity: missing" },
	{ "{" LIMIT ",\"quantity\":1}", -1102, "price: missing; a LIMIT order needs price or priceMatch" },
	{ "{" LIMIT ",\"quantity\":1,\"priceMatch\":\"NONE\"}", -1102, "price: missing" },
	{ "{" FULL ",\"timeInForce\":\"GTD\"}", -1102, "goodTillDate: missing; GTD needs it" },
	/* malformed */
	{ "{\"symbol\":\"\",\"side\":\"BUY\"}", -1121, "symbol : must be" },
	{ "{\"symbol\":5,\"side\":\"BUY\"}", -1121, "symbol 5: must be" },
	{ "{\"symbol\":\"BTC\\u0000USDT\",\"side\":\"BUY\"}", -1121, "symbol BTC\\u0000USDT: must be" },
	{ "{\"symbol\":\"BTC\\u001b\",\"side\":\"BUY\"}", -1121, "symbol BTC\\u001b: must be" },
	{ "{\"symbol\":\"BTC\\n\",\"side\":\"BUY\"}", -1121, "symbol" },
	{ "{\"symbol\":\"BTC\xc2\x9b\",\"side\":\"BUY\"}", -1121, "symbol BTC\\u009b: must be" },
	{ "{\"symbol\":\"\xe2\x80\xae\",\"side\":\"BUY\"}", -1121, "symbol \\u202e: must be" },
	{ "{\"symbol\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"side\":\"BUY\"}",
	  -1121, "1 to 63 bytes" },
	{ "{\"symbol\":\"BTCUSDT\",\"side\":\"buy\",\"type\":\"MARKET\"}", -1117, "side buy: must be BUY or SELL" },
	{ "{\"symbol\":\"BTCUSDT\",\"side\":null,\"type\":\"MARKET\"}", -1117, "side null: must be" },
	{ "{" FULL ",\"positionSide\":\"BUY\"}", -4060, "positionSide BUY: must be" },
	{ "{" FULL ",\"positionSide\":\"\"}", -4060, "positionSide" },
	{ "{" FULL ",\"timeInForce\":\"GTE_GTC\"}", -1115, "timeInForce GTE_GTC: must be" },
	{ "{" FULL ",\"timeInForce\":\"GTC IOC\"}", -1115, "timeInForce" },
	{ "{" FULL ",\"timeInForce\":\"\"}", -1115, "timeInForce" },
	{ "{" FULL ",\"timeInForce\":null}", -1115, "timeInForce null" },
	{ "{" FULL ",\"reduceOnly\":1}", -1102, "reduceOnly 1: must be true or false" },
	{ "{" FULL ",\"reduceOnly\":\"TRUE\"}", -1102, "reduceOnly TRUE" },
	{ "{" FULL ",\"newOrderRespType\":\"FULL\"}", -1136, "newOrderRespType FULL: must be ACK or RESULT" },
	{ "{" LIMIT ",\"quantity\":1,\"priceMatch\":\"OPPONENT_1\"}", -5037, "priceMatch OPPONENT_1" },
	{ "{" FULL ",\"selfTradePreventionMode\":\"DECREMENT\"}", -5039, "selfTradePreventionMode" },
	{ "{" FULL ",\"timeInForce\":\"GTD\",\"goodTillDate\":253402300799000}", -5040, "goodTillDate" },
	{ "{" FULL ",\"timeInForce\":\"GTD\",\"goodTillDate\":1.7e12}", -5040, "goodTillDate 1.7e12" },
	{ "{" FULL ",\"newClientOrderId\":\"\"}", -4015, "newClientOrderId" },
	{ "{" FULL ",\"newClientOrderId\":\"a b\"}", -4015, "newClientOrderId a b: must be" },
	{ "{" FULL ",\"newClientOrderId\":5}", -4015, "newClientOrderId 5" },
	{ "{" FULL ",\"newClientOrderId\":\"1234567890123456789012345678901234567\"}", -4015, "newClientOrderId" },
	{ "{" FULL ",\"newClientOrderId\":\"autoclose-1\"}", -4015, "reserved by the exchange" },
	{ "{" FULL ",\"newClientOrderId\":\"adl_autoclose\"}", -4015, "reserved by the exchange" },
	/* numbers */
	{ "{" LIMIT ",\"quantity\":1e3,\"price\":1}", -1102, "quantity 1e3: must be a decimal in plain notation" },
	{ "{" LIMIT ",\"quantity\":\"1E-3\",\"price\":1}", -1102, "quantity 1E-3" },
	{ "{" LIMIT ",\"quantity\":\"+1\",\"price\":1}", -1102, "quantity +1" },
	{ "{" LIMIT ",\"quantity\":\" 1\",\"price\":1}", -1102, "quantity  1" },
	{ "{" LIMIT ",\"quantity\":\"0x1\",\"price\":1}", -1102, "quantity" },
	{ "{" LIMIT ",\"quantity\":\"NaN\",\"price\":1}", -1102, "quantity" },
	{ "{" LIMIT ",\"quantity\":\"\",\"price\":1}", -1102, "quantity" },
	{ "{" LIMIT ",\"quantity\":\"1,5\",\"price\":1}", -1102, "quantity" },
	{ "{" LIMIT ",\"quantity\":null,\"price\":1}", -1102, "quantity null" },
	{ "{" LIMIT ",\"quantity\":[1],\"price\":1}", -1102, "quantity [1]" },
	{ "{" LIMIT ",\"quantity\":true,\"price\":1}", -1102, "quantity true" },
	{ "{" LIMIT ",\"quantity\":123456789012345678901234567890123456789012345678901234567890,\"price\":1}",
	  -1102, "quantity 1234567890" },
	{ "{" LIMIT ",\"quantity\":0,\"price\":1}", -4003, "quantity 0: must be above 0" },
	{ "{" LIMIT ",\"quantity\":\"-0.000\",\"price\":1}", -4003, "quantity -0.000" },
	{ "{" LIMIT ",\"quantity\":-1,\"price\":1}", -4003, "quantity -1" },
	{ "{" LIMIT ",\"quantity\":1,\"price\":0.00}", -4001, "price 0.00: must be above 0" },
	{ "{" LIMIT ",\"quantity\":1,\"price\":\"\"}", -1102, "price" },
	/* together */
	{ "{" MARKET ",\"timeInForce\":\"GTC\"}", -1114, "timeInForce GTC: not for a MARKET order" },
	{ "{" MARKET ",\"price\":\"1\"}", -1106, "price 1: not for a MARKET order" },
	{ "{" MARKET ",\"priceMatch\":\"QUEUE\"}", -5038, "priceMatch QUEUE: not for a MARKET order" },
	{ "{" MARKET ",\"goodTillDate\":1760000999000}", -1106, "goodTillDate" },
	{ "{" FULL ",\"priceMatch\":\"QUEUE\"}", -1106, "price 9000: not together with priceMatch" },
	{ "{" FULL ",\"goodTillDate\":1760000999000}", -1106, "only with timeInForce GTD" },
	{ "{" FULL ",\"positionSide\":\"LONG\",\"reduceOnly\":true}", -1106, "reduceOnly true: not with positionSide" },
	{ "{" FULL ",\"orderId\":5}", -1106, "orderId 5: not a parameter of place" },
	{ "{" FULL ",\"origClientOrderId\":\"x\"}", -1106, "origClientOrderId x: not a parameter of place" },
	/* not served */
	{ "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"STOP_MARKET\",\"closePosition\":true}", -4120,
	  "LIMIT and MARKET only" },
	{ "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"TRAILING_STOP_MARKET\",\"quantity\":1}", -4120,
	  "type TRAILING_STOP_MARKET: this version serves LIMIT and MARKET only (-4120)" },
	{ "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"STOP_LOSS\",\"quantity\":1}", -1116, "type STOP_LOSS" },
	{ "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"limit\",\"quantity\":1}", -1116, "type limit: must be" },
	{ "{" MARKET ",\"stopPrice\":\"9000\"}", -4120, "stopPrice 9000: this version serves" },
	{ "{" MARKET ",\"closePosition\":\"true\"}", -4120, "closePosition true" },
	{ "{" MARKET ",\"callbackRate\":0.1}", -4120, "callbackRate 0.1" },
	{ "{" MARKET ",\"triggerPrice\":{}}", -4120, "triggerPrice {}" },
	/* cancels */
	{ "{\"op\":\"cancel\",\"orderId\":1}", -1102, "symbol: missing" },
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\"}", -1102, "orderId: missing; cancel needs orderId or" },
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"orderId\":0}", -1102, "orderId 0: must be a positive integer" },
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"orderId\":8.389765929445198e18}", -1102, "orderId 8.38" },
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"orderId\":null}", -1102, "orderId null" },
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"origClientOrderId\":\"a&b\"}", -4015, "origClientOrderId a&b" },
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"origClientOrderId\":\"a\",\"newClientOrderId\":\"b\"}", -1128,
	  "newClientOrderId b: not together with origClientOrderId" },
	{ "{\"op\":\"cancel-all\"}", -1102, "symbol: missing" },
	/* asked for less than it would do */
	{ "{\"op\":\"cancel-all\",\"symbol\":\"BTCUSDT\",\"side\":\"BUY\"}", -1106, "side BUY: not a parameter of cancel-all" },
	{ "{\"op\":\"cancel-all\",\"symbol\":\"BTCUSDT\",\"orderId\":1}", -1106, "orderId 1: not a parameter of cancel-all" },
};

static void
a_bad_intent_is_refused_by_field_value_and_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_int_equal(reads(bad[i].line), -1);
		assert_int_equal(fault.kind, FAULT_REJECTED);
		if (fault.code != bad[i].code || strstr(fault.text, bad[i].says) == NULL)
			fail_msg("%s: %d, %s", bad[i].line, fault.code, fault.text);
		assert_true(show_clean(fault.text, strlen(fault.text)));
	}
}

static void
an_intent_keeps_digits_and_says_what_was_given(void **state)
{
	(void)state;
	assert_int_equal(reads("{" LIMIT ",\"quantity\":0.0010,\"price\":\"60000.10\"}"), 0);
	assert_int_equal(in.op, OP_PLACE);
	assert_int_equal(in.side, SIDE_BUY);
	assert_int_equal(in.pos_side, POS_BOTH);
	assert_string_equal(in.qty_s, "0.0010");
	assert_string_equal(in.price_s, "60000.10");
	assert_true(in.qty.c == 10 && in.qty.scale == 4);
	assert_true(in.price.c == 6000010 && in.price.scale == 2);
	assert_string_equal(in.tif, "GTC");
	assert_false(in.has_pos_side || in.has_reduce_only || in.reduce_only);
	assert_string_equal(in.client_id, "");
	assert_int_equal(in.order_id, 0);

	assert_int_equal(reads("{" MARKET ",\"reduceOnly\":\"true\",\"positionSide\":\"BOTH\"}"), 0);
	assert_true(in.has_pos_side && in.has_reduce_only && in.reduce_only);
	assert_string_equal(in.tif, "");
	assert_int_equal(dec_sign(in.price), 0);

	assert_int_equal(reads("{\"op\":\"cancel\",\"symbol\":\"X\",\"orderId\":9223372036854775807}"), 0);
	assert_true(in.order_id == INT64_MAX);
	assert_int_equal(reads("{\"op\":\"cancel\",\"symbol\":\"X\",\"orderId\":9223372036854775808}"), -1);
}

static void
an_event_a_result_or_a_trade_is_no_intent(void **state)
{
	static const struct { const char *line; enum record_kind want; } row[] = {
		{ "{" FULL "}", REC_INTENT },
		{ "{\"symbol\":1,\"side\":null}", REC_INTENT },		/* a bad one, to be said so */
		{ "{\"op\":\"cancel\"}", REC_INTENT },
		{ "{\"op\":\"dance\"}", REC_INTENT },
		{ "{\"op\":\"cancel\",\"symbol\":\"X\",\"orderId\":1,\"status\":\"NEW\",\"side\":\"BUY\"}", REC_INTENT },
		{ "{\"symbol\":\"X\",\"side\":\"BUY\",\"orderId\":1}", REC_INTENT },
		{ "{\"symbol\":\"X\",\"side\":\"BUY\",\"status\":\"my note\"}", REC_INTENT },
		{ "{\"e\":\"bf.reject\"," FULL "}", REC_OTHER },
		{ "{\"e\":null," FULL "}", REC_OTHER },
		{ "{\"\\u0065\":1," FULL "}", REC_OTHER },
		{ "{\"symbol\":\"BTCUSDT\"}", REC_OTHER },
		{ "{\"side\":\"BUY\"}", REC_OTHER },
		{ "{\"intent\":{" FULL "}}", REC_OTHER },
		{ "{}", REC_OTHER },
		{ "[{" FULL "}]", REC_OTHER },
		{ "\"op\"", REC_OTHER },
		/* what POST order, and userTrades, answer */
		{ "{\"orderId\":22542179,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\",\"clientOrderId\":\"t\",\"price\":\"1\","
		  "\"origQty\":\"10\",\"side\":\"BUY\",\"type\":\"LIMIT\"}", REC_OTHER },
		{ "{\"symbol\":\"BTCUSDT\",\"id\":67880589,\"orderId\":270093109,\"side\":\"SELL\",\"price\":\"28511.00\","
		  "\"qty\":\"0.010\"}", REC_OTHER },
	};
	const struct tok *v;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		v = scanned(row[i].line);
		if (intent_kind(sc.t, v) != row[i].want)
			fail_msg("%s", row[i].line);
	}
}

static void
what_can_only_shrink_a_position_is_known_from_the_intent(void **state)
{
	static const struct { const char *line; bool want; } row[] = {
		{ "{" MARKET "}", false },
		{ "{" MARKET ",\"reduceOnly\":false}", false },
		{ "{" MARKET ",\"reduceOnly\":true}", true },
		{ "{" MARKET ",\"positionSide\":\"BOTH\"}", false },
		{ "{" MARKET ",\"positionSide\":\"LONG\"}", true },
		{ "{" MARKET ",\"positionSide\":\"SHORT\"}", false },
		{ "{" FULL ",\"positionSide\":\"LONG\"}", false },
		{ "{" FULL ",\"positionSide\":\"SHORT\"}", true },
		{ "{\"op\":\"cancel\",\"symbol\":\"X\",\"orderId\":1}", true },
		{ "{\"op\":\"cancel-all\",\"symbol\":\"X\"}", true },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(reads(row[i].line), 0);
		assert_int_equal(intent_reduces(&in), row[i].want);
	}
}

static void
a_client_id_is_checked_as_the_exchange_does(void **state)
{
	static const struct { const char *id; bool want; } row[] = {
		{ "", false }, { "a", true }, { ".A-Z:/a-z0-9_-", true }, { "a b", false },
		{ "a&b", false }, { "a+b", false }, { "a%20", false }, { "\xc3\xa9", false }, { "a\n", false },
		{ "123456789012345678901234567890123456", true },
		{ "1234567890123456789012345678901234567", false },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		assert_int_equal(client_id_ok(row[i].id), row[i].want);
}

/* Known answers by Python: int.from_bytes(bytes) in base 36. */
static void
a_made_client_id_is_prefix_time_and_random(void **state)
{
	static const unsigned char zero[12], ones[12] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const unsigned char count[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	char id[CLIENT_ID_MAX];

	(void)state;
	client_id_make(id, "bf-", 1760000007980, zero);
	assert_string_equal(id, "bf-mgj6k9ik-0000000000000000000");
	client_id_make(id, "bf-", 1760000007980, ones);
	assert_string_equal(id, "bf-mgj6k9ik-7oiylpimjg5u2ca1ypr");
	client_id_make(id, "x", 0, count);
	assert_string_equal(id, "x0-0136x1bfzy1wgzvzaj0");
	/* the longest time, and a prefix that has to give way */
	client_id_make(id, "a-very-long-prefix-indeed-", INT64_MAX, ones);
	assert_string_equal(id, "a-v1y2p0ij32e8e7-7oiylpimjg5u2ca1ypr");
	assert_int_equal(strlen(id), 36);
	assert_true(client_id_ok(id));
	client_id_make(id, "", -1, ones);
	assert_string_equal(id, "0-7oiylpimjg5u2ca1ypr");
}

static void
a_value_is_percent_encoded_as_utf_8(void **state)
{
	static const struct { const char *in, *want; } row[] = {
		{ "", "" },
		{ "AZaz09-_.~", "AZaz09-_.~" },
		{ "测试USDT", "%E6%B5%8B%E8%AF%95USDT" },
		{ " +&=%/:?#\"[]{},", "%20%2B%26%3D%25%2F%3A%3F%23%22%5B%5D%7B%7D%2C" },
		{ "\x01\x7f\xff", "%01%7F%FF" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		buf_reset(&query);
		buf_str(&query, "");
		query_escape(&query, row[i].in);
		assert_string_equal(query.p, row[i].want);
	}
}

/* Bytes of good lines changed at random: read, refused, or no JSON; a text
 * that a terminal obeys never, and what is read makes a query of one line. */
static void
a_damaged_intent_never_harms(void **state)
{
	char line[1024];
	size_t n, len;

	(void)state;
	srand(1);
	for (int i = 0; i < 60000; i++) {
		n = (size_t)rand() % LEN(good);
		len = strlen(good[n].line);
		memcpy(line, good[n].line, len + 1);
		for (int k = rand() % 3; k >= 0; k--)
			line[(size_t)rand() % len] = "\"\\{}[]:,0e-.ubnt\x7f\xc2\x9b "[rand() % 20];
		if (scan_doc(&sc, line, len) < 0)
			continue;
		intent_kind(sc.t, sc.t);
		if (intent_read(&in, sc.t, sc.t, &fault) == -1) {
			assert_int_equal(fault.kind, FAULT_REJECTED);
			assert_true(show_clean(fault.text, strlen(fault.text)));
			continue;
		}
		buf_reset(&query);
		intent_query(&in, &query);
		for (const char *p = query.p; *p != '\0'; p++)
			assert_true(*p > ' ' && *p < 0x7f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_intent_becomes_the_endpoint_s_parameters),
		cmocka_unit_test(a_bad_intent_is_refused_by_field_value_and_rule),
		cmocka_unit_test(an_intent_keeps_digits_and_says_what_was_given),
		cmocka_unit_test(an_event_a_result_or_a_trade_is_no_intent),
		cmocka_unit_test(what_can_only_shrink_a_position_is_known_from_the_intent),
		cmocka_unit_test(a_client_id_is_checked_as_the_exchange_does),
		cmocka_unit_test(a_made_client_id_is_prefix_time_and_random),
		cmocka_unit_test(a_value_is_percent_encoded_as_utf_8),
		cmocka_unit_test(a_damaged_intent_never_harms),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}

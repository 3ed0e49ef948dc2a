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

#define SELL	"\"symbol\":\"BTCUSDT\",\"side\":\"SELL\""
#define STOP	SELL ",\"triggerPrice\":\"59000\""
#define ALGO	"algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL"
#define MODIFY	"\"op\":\"modify\",\"symbol\":\"BTCUSDT\""

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
	{ "{\"op\":\"cancel-all\",\"symbol\":\"BTCUSD_PERP\",\"algo\":true}", "symbol=BTCUSD_PERP" },
	/* an algo id is the account's: the exchange asks for no symbol */
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"algoId\":2000000000000000001}", "algoId=2000000000000000001" },
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"clientAlgoId\":\"a/b\",\"algo\":true}", "clientAlgoId=a%2Fb" },
	/* an open conditional order made into its cancel */
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"algoId\":7,\"clientAlgoId\":\"x\",\"algoStatus\":\"NEW\","
	  "\"side\":\"SELL\",\"quantity\":\"0.01\",\"triggerPrice\":\"9\",\"actualOrderId\":\"\"}", "algoId=7" },

	/* conditional orders, in the order of the algo endpoint's table */
	{ "{" STOP ",\"type\":\"STOP\",\"price\":\"58000\",\"quantity\":\"1\"}",
	  ALGO "&type=STOP&timeInForce=GTC&quantity=1&price=58000&triggerPrice=59000" },
	{ "{" STOP ",\"type\":\"TAKE_PROFIT\",\"priceMatch\":\"OPPONENT\",\"price\":\"0\",\"quantity\":1,"
	  "\"timeInForce\":\"GTX\"}",
	  ALGO "&type=TAKE_PROFIT&timeInForce=GTX&quantity=1&triggerPrice=59000&priceMatch=OPPONENT" },
	{ "{" STOP ",\"type\":\"STOP_MARKET\",\"closePosition\":\"true\",\"reduceOnly\":false,\"quantity\":\"0\","
	  "\"price\":\"0.00\"}",
	  ALGO "&type=STOP_MARKET&triggerPrice=59000&closePosition=true" },
	{ "{" STOP ",\"type\":\"TAKE_PROFIT_MARKET\",\"quantity\":\"1\",\"closePosition\":false,\"reduceOnly\":true}",
	  ALGO "&type=TAKE_PROFIT_MARKET&quantity=1&triggerPrice=59000&reduceOnly=true" },
	{ "{" SELL ",\"type\":\"TRAILING_STOP_MARKET\",\"quantity\":\"1\",\"callbackRate\":0.1,\"triggerPrice\":\"\"}",
	  ALGO "&type=TRAILING_STOP_MARKET&quantity=1&callbackRate=0.1" },
	{ "{" SELL ",\"type\":\"TRAILING_STOP_MARKET\",\"quantity\":\"1\",\"callbackRate\":\"1.50\","
	  "\"activationPrice\":\"61000.5\",\"activatePrice\":\"\",\"workingType\":\"MARK_PRICE\"}",
	  ALGO "&type=TRAILING_STOP_MARKET&quantity=1&workingType=MARK_PRICE&activatePrice=61000.5&callbackRate=1.50" },
	/* every parameter of one; old names for the new */
	{ "{" SELL ",\"type\":\"STOP\",\"goodTillDate\":\"1790000000000\",\"selfTradePreventionMode\":\"NONE\","
	  "\"newOrderRespType\":\"ACK\",\"newClientOrderId\":\"x:1\",\"reduceOnly\":\"false\",\"priceProtect\":\"true\","
	  "\"workingType\":\"CONTRACT_PRICE\",\"stopPrice\":59000,\"price\":58000,\"quantity\":1,\"timeInForce\":\"GTD\","
	  "\"positionSide\":\"BOTH\",\"algoType\":\"CONDITIONAL\",\"algo\":true}",
	  "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&positionSide=BOTH&type=STOP&timeInForce=GTD&quantity=1"
	  "&price=58000&triggerPrice=59000&workingType=CONTRACT_PRICE&priceProtect=true&reduceOnly=false"
	  "&clientAlgoId=x%3A1&newOrderRespType=ACK&selfTradePreventionMode=NONE&goodTillDate=1790000000000" },
	/* a client id has either name */
	{ "{" MARKET ",\"clientAlgoId\":\"a\"}", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1&newClientOrderId=a" },
	/* what the exchange's order objects say of parameters that are not used */
	{ "{" FULL ",\"stopPrice\":\"0\",\"activatePrice\":\"\",\"callbackRate\":\"\",\"closePosition\":false,"
	  "\"priceProtect\":false,\"workingType\":\"CONTRACT_PRICE\",\"priceMatch\":\"NONE\",\"goodTillDate\":0,"
	  "\"reduceOnly\":false,\"origType\":\"LIMIT\",\"avgPrice\":\"0.00\",\"cumQuote\":\"0\"}",
	  "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=9000&reduceOnly=false" },
	{ "{" MARKET ",\"price\":\"0\",\"stopPrice\":0,\"priceMatch\":\"\"}",
	  "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1" },

	{ "{" MODIFY ",\"orderId\":8389765929445198309,\"side\":\"BUY\",\"quantity\":\"2\",\"price\":\"60000.10\"}",
	  "symbol=BTCUSDT&side=BUY&orderId=8389765929445198309&quantity=2&price=60000.10" },
	{ "{" MODIFY ",\"origClientOrderId\":\"a:b\",\"price\":1}", "symbol=BTCUSDT&origClientOrderId=a%3Ab&price=1" },
	{ "{" MODIFY ",\"newClientOrderId\":\"a\",\"quantity\":1}", "symbol=BTCUSDT&origClientOrderId=a&quantity=1" },
	{ "{" MODIFY ",\"orderId\":7,\"side\":\"SELL\",\"quantity\":1,\"priceMatch\":\"QUEUE\",\"price\":\"0\","
	  "\"modifyId\":42,\"reduceOnly\":true}",
	  "symbol=BTCUSDT&side=SELL&orderId=7&quantity=1&priceMatch=QUEUE&modifyId=42&reduceOnly=true" },
	/* an open order made into its modification: orderId wins, its other members stay */
	{ "{" MODIFY ",\"orderId\":7,\"origClientOrderId\":\"x\",\"status\":\"NEW\",\"type\":\"LIMIT\",\"side\":\"BUY\","
	  "\"price\":\"59000\",\"origQty\":\"1\",\"timeInForce\":\"GTX\",\"positionSide\":\"LONG\",\"reduceOnly\":false,"
	  "\"closePosition\":false,\"stopPrice\":\"0\",\"priceMatch\":\"NONE\",\"goodTillDate\":0}",
	  "symbol=BTCUSDT&side=BUY&orderId=7&price=59000" },
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
	{ "{\"op\":\"cancelAll\",\"symbol\":\"BTCUSDT\"}", 0, "must be place, modify, cancel or cancel-all" },
	{ "{\"op\":\"PLACE\"," FULL "}", 0, "op PLACE: must be" },
	{ "{\"op\":null," FULL "}", 0, "op null: must be" },
	{ "{\"op\":{}," FULL "}", 0, "op {}: must be" },
	/* missing */
	{ "{}", -1102, "symbol: missing" },
	{ "{\"symbol\":\"BTCUSDT\"}", -1102, "side: missing" },
	{ "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"quantity\":1,\"price\":1}", -1102, "type: missing" },
	{ "{" LIMIT ",\"price\":1}", -1102, "quantity: missing" },
	{ "{" LIMIT ",\"quantity\":1}", -1102, "price: missing; an order of this type needs price or priceMatch" },
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
	{ "{" MARKET ",\"timeInForce\":\"GTC\"}", -1114, "timeInForce GTC: not for a market order" },
	{ "{" MARKET ",\"price\":\"1\"}", -1106, "price 1: not for a market order" },
	{ "{" MARKET ",\"priceMatch\":\"QUEUE\"}", -5038, "priceMatch QUEUE: not for a market order" },
	{ "{" MARKET ",\"goodTillDate\":1760000999000}", -1106, "goodTillDate" },
	{ "{" FULL ",\"priceMatch\":\"QUEUE\"}", -1106, "price 9000: not together with priceMatch" },
	{ "{" FULL ",\"goodTillDate\":1760000999000}", -1106, "only with timeInForce GTD" },
	{ "{" FULL ",\"positionSide\":\"LONG\",\"reduceOnly\":true}", -2022, "reduceOnly true: an exit from LONG" },
	{ "{" FULL ",\"orderId\":5}", -1106, "orderId 5: not a parameter of place" },
	{ "{" FULL ",\"origClientOrderId\":\"x\"}", -1106, "origClientOrderId x: not a parameter of place" },
	/* conditional */
	{ "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"STOP_MARKET\",\"closePosition\":true}", -1102,
	  "triggerPrice: missing (-1102)" },
	{ "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"STOP_LOSS\",\"quantity\":1}", -1116, "type STOP_LOSS" },
	{ "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"limit\",\"quantity\":1}", -1116, "type limit: must be" },
	{ "{" MARKET ",\"stopPrice\":\"9000\"}", -1106, "stopPrice 9000: only with a conditional type" },
	{ "{" MARKET ",\"closePosition\":\"true\"}", -4136, "closePosition true: only for STOP_MARKET" },
	{ "{" MARKET ",\"triggerPrice\":{}}", -1102, "triggerPrice {}: must be a decimal" },
	{ "{" MARKET ",\"reduceonly\":true}", -1103, "reduceonly true: no parameter; reduceOnly is meant (-1103)" },
	{ "{" MARKET ",\"reduce\x5f" "Only\":true}", -1103, "reduceOnly is meant" },
	/* cancels */
	{ "{\"op\":\"cancel\",\"orderId\":1}", -1102, "symbol: missing" },
	{ "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\"}", -1102, "orderId: missing; cancel needs orderId, orig" },
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
		/* POST algoOrder */
		{ "{\"algoId\":2146760,\"clientAlgoId\":\"t\",\"algoType\":\"CONDITIONAL\",\"orderType\":\"STOP\","
		  "\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"algoStatus\":\"NEW\"}", REC_OTHER },
		{ "{\"op\":\"modify\"}", REC_INTENT },
		{ "{\"symbol\":\"X\",\"side\":\"BUY\",\"algoId\":1}", REC_INTENT },	/* a bad one */
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
		{ "{" STOP ",\"type\":\"STOP_MARKET\",\"closePosition\":true}", true },
		{ "{" STOP ",\"type\":\"STOP_MARKET\",\"quantity\":1}", false },
		{ "{" STOP ",\"type\":\"STOP_MARKET\",\"quantity\":1,\"positionSide\":\"LONG\"}", true },
		/* of a modify nobody knows: the order may be an entry, and grow */
		{ "{" MODIFY ",\"orderId\":1,\"side\":\"SELL\",\"quantity\":1,\"reduceOnly\":true}", false },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(reads(row[i].line), 0);
		assert_int_equal(intent_reduces(&in), row[i].want);
	}
}

static void
the_endpoint_follows_from_type_and_id(void **state)
{
	static const struct { const char *line; enum ep ep; bool market; } row[] = {
		{ "{" FULL "}", EP_ORDER_PLACE, false },
		{ "{" MARKET "}", EP_ORDER_PLACE, true },
		{ "{" STOP ",\"type\":\"STOP\",\"price\":1,\"quantity\":1}", EP_ALGO_PLACE, false },
		{ "{" STOP ",\"type\":\"STOP_MARKET\",\"quantity\":1}", EP_ALGO_PLACE, true },
		{ "{" STOP ",\"type\":\"TAKE_PROFIT\",\"price\":1,\"quantity\":1}", EP_ALGO_PLACE, false },
		{ "{" STOP ",\"type\":\"TAKE_PROFIT_MARKET\",\"quantity\":1}", EP_ALGO_PLACE, true },
		{ "{" SELL ",\"type\":\"TRAILING_STOP_MARKET\",\"quantity\":1,\"callbackRate\":1}", EP_ALGO_PLACE, true },
		{ "{" MODIFY ",\"orderId\":1,\"price\":1}", EP_ORDER_MODIFY, false },
		{ "{\"op\":\"cancel\",\"symbol\":\"X\",\"orderId\":1}", EP_ORDER_CANCEL, false },
		{ "{\"op\":\"cancel\",\"symbol\":\"X\",\"orderId\":1,\"algo\":false}", EP_ORDER_CANCEL, false },
		{ "{\"op\":\"cancel\",\"symbol\":\"X\",\"algoId\":1}", EP_ALGO_CANCEL, false },
		{ "{\"op\":\"cancel\",\"symbol\":\"X\",\"clientAlgoId\":\"a\"}", EP_ALGO_CANCEL, false },
		{ "{\"op\":\"cancel-all\",\"symbol\":\"X\"}", EP_CANCEL_ALL, false },
		{ "{\"op\":\"cancel-all\",\"symbol\":\"X\",\"algo\":false}", EP_CANCEL_ALL, false },
		{ "{\"op\":\"cancel-all\",\"symbol\":\"X\",\"algo\":\"true\"}", EP_CANCEL_ALL_ALGO, false },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(reads(row[i].line), 0);
		if (intent_endpoint(&in) != row[i].ep || intent_is_market(&in) != row[i].market)
			fail_msg("%s", row[i].line);
	}
	assert_string_equal(intent_op_word(OP_PLACE), "place");
	assert_string_equal(intent_op_word(OP_MODIFY), "modify");
	assert_string_equal(intent_op_word(OP_CANCEL), "cancel");
	assert_string_equal(intent_op_word(OP_CANCEL_ALL), "cancel-all");
}

static void
a_conditional_intent_keeps_its_digits_too(void **state)
{
	(void)state;
	assert_int_equal(reads("{" SELL ",\"type\":\"TRAILING_STOP_MARKET\",\"quantity\":\"1.0\",\"callbackRate\":\"0.50\","
	    "\"activatePrice\":\"61000.10\",\"priceProtect\":true,\"clientAlgoId\":\"a\"}"), 0);
	assert_true(in.algo && in.price_protect && in.has_price_protect);
	assert_string_equal(in.callback_s, "0.50");
	assert_true(in.callback.c == 50 && in.callback.scale == 2);
	assert_string_equal(in.activate_s, "61000.10");
	assert_true(in.activate.c == 6100010 && in.activate.scale == 2);
	assert_string_equal(in.client_id, "a");
	assert_string_equal(in.tif, "");

	assert_int_equal(reads("{" STOP ",\"type\":\"STOP_MARKET\",\"closePosition\":true,\"quantity\":\"0.00\"}"), 0);
	assert_true(in.algo && in.close_position && !in.has_reduce_only);
	assert_string_equal(in.trigger_s, "59000");
	assert_string_equal(in.qty_s, "");
	assert_true(in.trigger.c == 59000 && dec_sign(in.qty) == 0);

	assert_int_equal(reads("{" MODIFY ",\"orderId\":7,\"quantity\":\"0.10\",\"modifyId\":\"42\"}"), 0);
	assert_int_equal(in.op, OP_MODIFY);
	assert_int_equal(in.side, 0);
	assert_int_equal(in.modify_id, 42);
	assert_string_equal(in.qty_s, "0.10");
	assert_string_equal(in.price_s, "");
	assert_string_equal(in.tif, "");
	assert_false(in.algo);
}

/*
 * Position modes. positionSide and reduceOnly are as the exchange wants them in the mode:
 * usdm 4.4: LONG or SHORT in hedge mode, and no reduceOnly; BOTH in one-way mode.
 */
static const struct { const char *more; bool hedge, changed; const char *head, *tail; } fits[] = {
	/* hedge mode: an order opens unless it says that it reduces */
	{ "\"side\":\"BUY\"", true, true, "side=BUY&positionSide=LONG", "" },
	{ "\"side\":\"SELL\"", true, true, "side=SELL&positionSide=SHORT", "" },
	{ "\"side\":\"BUY\",\"positionSide\":\"BOTH\"", true, true, "side=BUY&positionSide=LONG", "" },
	{ "\"side\":\"BUY\",\"reduceOnly\":true", true, true, "side=BUY&positionSide=SHORT", "" },
	{ "\"side\":\"SELL\",\"reduceOnly\":true", true, true, "side=SELL&positionSide=LONG", "" },
	{ "\"side\":\"SELL\",\"reduceOnly\":false", true, true, "side=SELL&positionSide=SHORT", "" },
	{ "\"side\":\"SELL\",\"positionSide\":\"LONG\",\"reduceOnly\":true", true, true, "side=SELL&positionSide=LONG", "" },
	{ "\"side\":\"BUY\",\"positionSide\":\"SHORT\",\"reduceOnly\":true", true, true, "side=BUY&positionSide=SHORT", "" },
	{ "\"side\":\"BUY\",\"positionSide\":\"LONG\"", true, false, "side=BUY&positionSide=LONG", "" },
	{ "\"side\":\"SELL\",\"positionSide\":\"LONG\"", true, false, "side=SELL&positionSide=LONG", "" },
	/* one-way mode: an exit is reduceOnly */
	{ "\"side\":\"BUY\"", false, false, "side=BUY", "" },
	{ "\"side\":\"SELL\",\"reduceOnly\":true", false, false, "side=SELL", "&reduceOnly=true" },
	{ "\"side\":\"SELL\",\"positionSide\":\"BOTH\"", false, false, "side=SELL&positionSide=BOTH", "" },
	{ "\"side\":\"BUY\",\"positionSide\":\"LONG\"", false, true, "side=BUY", "" },
	{ "\"side\":\"SELL\",\"positionSide\":\"SHORT\"", false, true, "side=SELL", "" },
	{ "\"side\":\"SELL\",\"positionSide\":\"LONG\"", false, true, "side=SELL", "&reduceOnly=true" },
	{ "\"side\":\"BUY\",\"positionSide\":\"SHORT\",\"reduceOnly\":true", false, true, "side=BUY", "&reduceOnly=true" },
	{ "\"side\":\"BUY\",\"positionSide\":\"SHORT\",\"reduceOnly\":false", false, true, "side=BUY", "&reduceOnly=true" },
};

static void
one_language_fits_both_position_modes(void **state)
{
	char line[256], want[256];
	bool changed, shrinks;

	(void)state;
	for (size_t i = 0; i < LEN(fits); i++) {
		snprintf(line, sizeof line, "{\"symbol\":\"X\",\"type\":\"MARKET\",\"quantity\":1,%s}", fits[i].more);
		if (reads(line) == -1)
			fail_msg("%s: %s", line, fault.text);
		shrinks = intent_reduces(&in);
		assert_int_equal(intent_fit(&in, fits[i].hedge, &changed, &fault), 0);
		assert_int_equal(changed, fits[i].changed);
		assert_int_equal(intent_reduces(&in), shrinks);
		buf_reset(&query);
		intent_query(&in, &query);
		snprintf(want, sizeof want, "symbol=X&%s&type=MARKET&quantity=1%s", fits[i].head, fits[i].tail);
		assert_string_equal(query.p, want);
		assert_int_equal(intent_fit(&in, fits[i].hedge, &changed, &fault), 0);
		assert_false(changed);
	}
}

static void
a_closing_stop_fits_both_position_modes(void **state)
{
	static const struct { const char *more; bool hedge, changed, has; enum pos_side side; } row[] = {
		{ "\"side\":\"SELL\"", true, true, true, POS_LONG },
		{ "\"side\":\"BUY\"", true, true, true, POS_SHORT },
		{ "\"side\":\"SELL\",\"positionSide\":\"LONG\"", true, false, true, POS_LONG },
		{ "\"side\":\"SELL\"", false, false, false, POS_BOTH },
		{ "\"side\":\"SELL\",\"positionSide\":\"LONG\"", false, true, false, POS_BOTH },
	};
	char line[256];
	bool changed;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		snprintf(line, sizeof line, "{\"symbol\":\"X\",\"type\":\"STOP_MARKET\",\"triggerPrice\":1,"
		    "\"closePosition\":true,%s}", row[i].more);
		assert_int_equal(reads(line), 0);
		assert_int_equal(intent_fit(&in, row[i].hedge, &changed, &fault), 0);
		assert_int_equal(changed, row[i].changed);
		assert_int_equal(in.has_pos_side, row[i].has);
		assert_int_equal(in.pos_side, row[i].side);
		assert_false(in.reduce_only || in.has_reduce_only);	/* the exchange refuses it with closePosition */
		assert_true(in.close_position && intent_reduces(&in));
	}
}

static void
an_exit_that_would_open_is_refused_in_either_mode(void **state)
{
	struct intent was;
	bool changed;

	(void)state;
	assert_int_equal(reads("{" MARKET ",\"positionSide\":\"SHORT\"}"), 0);
	in.reduce_only = in.has_reduce_only = true;	/* not as read: that refuses it itself */
	for (int hedge = 0; hedge < 2; hedge++) {
		memset(&fault, 0, sizeof fault);
		assert_int_equal(intent_fit(&in, hedge, &changed, &fault), -1);
		assert_int_equal(fault.kind, FAULT_REJECTED);
		assert_int_equal(fault.code, -2022);
		assert_non_null(strstr(fault.text, "positionSide SHORT"));
	}
	/* what is no place stays as it is */
	assert_int_equal(reads("{" MODIFY ",\"orderId\":7,\"side\":\"BUY\",\"price\":1}"), 0);
	was = in;
	assert_int_equal(intent_fit(&in, true, &changed, &fault), 0);
	assert_false(changed);
	assert_memory_equal(&in, &was, sizeof in);
}

/* The WebSocket API wants integers as JSON integers, decimals as strings. */
static void
integers_are_integers_in_json(void **state)
{
	struct params ps;

	(void)state;
	assert_int_equal(reads("{" MODIFY ",\"orderId\":\"8389765929445198309\",\"side\":\"BUY\",\"price\":60000.10,"
	    "\"modifyId\":42}"), 0);
	buf_reset(&query);
	intent_params(&in, &ps);
	jw_open(&query, NULL, '{');
	params_members(&ps, &query);
	jw_close(&query, '}');
	assert_string_equal(query.p, "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"orderId\":8389765929445198309,"
	    "\"price\":\"60000.10\",\"modifyId\":42}");
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
		cmocka_unit_test(the_endpoint_follows_from_type_and_id),
		cmocka_unit_test(a_conditional_intent_keeps_its_digits_too),
		cmocka_unit_test(one_language_fits_both_position_modes),
		cmocka_unit_test(a_closing_stop_fits_both_position_modes),
		cmocka_unit_test(an_exit_that_would_open_is_refused_in_either_mode),
		cmocka_unit_test(integers_are_integers_in_json),
		cmocka_unit_test(a_client_id_is_checked_as_the_exchange_does),
		cmocka_unit_test(a_made_client_id_is_prefix_time_and_random),
		cmocka_unit_test(a_damaged_intent_never_harms),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}

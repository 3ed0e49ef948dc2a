/* Orders from arguments: each becomes an intent that reads as what was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-order/words.h"
#include "core/intent.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define NOW	INT64_C(1760000000000)

static struct buf out;
static struct scan sc;
static struct words w;
static char text[512], *word[32];
static struct fault fault;

static const struct opt opts[] = { OPTS_WORDS, { 0, NULL, NULL, NULL } };

static int
clean_up(void **state)
{
	(void)state;
	buf_free(&out);
	scan_free(&sc);
	return 0;
}

static int
take_option(char *name)
{
	char *arg = strchr(name, '=');

	if (arg != NULL)
		*arg++ = '\0';
	for (const struct opt *o = opts; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0) {
			assert_int_equal(arg != NULL, o->arg != NULL);
			return words_option(&w, o->ch, arg, &fault);
		}
	fail_msg("no option --%s", name);
	return -1;
}

/* "buy X 1 @ 2 --tif=GTC": options into w, words into word; their number, -1 on a fault. */
static int
parse(const char *line)
{
	char *p, *save = NULL;
	int n = 0;

	snprintf(text, sizeof text, "%s", line);
	memset(&w, 0, sizeof w);
	memset(&fault, 0, sizeof fault);
	for (p = strtok_r(text, " ", &save); p != NULL; p = strtok_r(NULL, " ", &save))
		if (strncmp(p, "--", 2) != 0)
			word[n++] = p;
		else if (take_option(p + 2) != 1)
			return -1;
	return n;
}

static int
run(const char *line)
{
	int n = parse(line);

	buf_reset(&out);
	if (n == -1)
		return -1;
	if (strcmp(word[0], "modify") == 0)
		return words_modify(&out, &w, word, n, &fault);
	if (strcmp(word[0], "cancel") == 0)
		return words_cancel(&out, &w, word[1], n > 2 ? word[2] : NULL, &fault);
	return words_place(&out, &w, word, n, NOW, &fault);
}

/* What goes out is what the exchange's tables ask for of such an order. */
static const struct { const char *line, *query; } good[] = {
	{ "buy BTCUSDT 0.01 @ 60000", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000" },
	{ "sell BTCUSDT 0.01 @60000.10", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000.10" },
	{ "buy BTCUSDT 0.01 @ 60000 --post-only", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.01&price=60000" },
	{ "buy BTCUSDT 0.01 @ 60000 --post-only --tif=GTX", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.01&price=60000" },
	{ "buy BTCUSDT 0.01 @ 60000 --tif=IOC --client-id=a/1", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.01&price=60000&newClientOrderId=a%2F1&newOrderRespType=RESULT" },
	{ "sell ETHUSDT 1 market --reduce-only --response=RESULT", "symbol=ETHUSDT&side=SELL&type=MARKET&quantity=1&reduceOnly=true&newOrderRespType=RESULT" },
	{ "sell ETHUSDT 1 market --position-side=LONG", "symbol=ETHUSDT&side=SELL&positionSide=LONG&type=MARKET&quantity=1&newOrderRespType=RESULT" },
	{ "sell ETHUSDT 1 market --response=ACK", "symbol=ETHUSDT&side=SELL&type=MARKET&quantity=1&newOrderRespType=ACK" },
	{ "sell ETHUSDT 1 match OPPONENT --tif=FOK", "symbol=ETHUSDT&side=SELL&type=LIMIT&timeInForce=FOK&quantity=1&newOrderRespType=RESULT&priceMatch=OPPONENT" },
	{ "sell ETHUSDT 1 stop 5 @ 4 --tif=IOC", "algoType=CONDITIONAL&symbol=ETHUSDT&side=SELL&type=STOP&timeInForce=IOC&quantity=1&price=4&triggerPrice=5" },
	{ "buy BTCUSDT 1 match QUEUE_5 --stp=EXPIRE_BOTH", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&priceMatch=QUEUE_5&selfTradePreventionMode=EXPIRE_BOTH" },
	{ "buy BTCUSDT 1 --price-match=QUEUE_5", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&priceMatch=QUEUE_5" },
	{ "buy BTCUSDT 1 @ 5 --good-till=1760001000000", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTD&quantity=1&price=5&goodTillDate=1760001000000" },
	{ "buy BTCUSDT 1 @ 5 --good-till=90m --tif=GTD", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTD&quantity=1&price=5&goodTillDate=1760005400000" },
	{ "buy BTCUSDT 1 @ 5 --good-till=12h", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTD&quantity=1&price=5&goodTillDate=1760043200000" },
	{ "buy BTCUSDT 1 @ 5 --good-till=3d", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTD&quantity=1&price=5&goodTillDate=1760259200000" },
	{ "sell BTCUSDT 1 stop 59000", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=1&triggerPrice=59000" },
	{ "sell BTCUSDT 1 stop --trigger-price=59000", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=1&triggerPrice=59000" },
	{ "sell BTCUSDT all stop 59000 --working-type=mark --price-protect", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=59000&workingType=MARK_PRICE&closePosition=true&priceProtect=true" },
	{ "buy BTCUSDT all take-profit 50000 --working-type=contract", "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT_MARKET&triggerPrice=50000&workingType=CONTRACT_PRICE&closePosition=true" },
	{ "sell BTCUSDT stop 59000 --close-position", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=59000&closePosition=true" },
	{ "sell BTCUSDT all stop 59000 --close-position", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=59000&closePosition=true" },
	{ "buy BTCUSDT take-profit --trigger-price=50000 --close-position", "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT_MARKET&triggerPrice=50000&closePosition=true" },
	{ "sell BTCUSDT 1 stop 59000 @ 58900", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP&timeInForce=GTC&quantity=1&price=58900&triggerPrice=59000" },
	{ "sell BTCUSDT 1 stop 59000 match OPPONENT", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP&timeInForce=GTC&quantity=1&triggerPrice=59000&priceMatch=OPPONENT" },
	{ "sell BTCUSDT 1 take-profit 61000 @61000 --post-only", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT&timeInForce=GTX&quantity=1&price=61000&triggerPrice=61000" },
	{ "sell BTCUSDT 1 trail 1.5", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=1&callbackRate=1.5" },
	{ "sell BTCUSDT 1 trail 1.5 from 61000", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=1&activatePrice=61000&callbackRate=1.5" },
	{ "sell BTCUSDT 1 trail --callback-rate=2 --activate-price=61000 --client-id=c", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=1&activatePrice=61000&callbackRate=2&clientAlgoId=c" },
	{ "modify BTCUSDT 8389765929445198309 0.02 @ 60000", "symbol=BTCUSDT&orderId=8389765929445198309&quantity=0.02&price=60000" },
	{ "modify BTCUSDT bf-1 0.02 match QUEUE", "symbol=BTCUSDT&origClientOrderId=bf-1&quantity=0.02&priceMatch=QUEUE" },
	{ "modify BTCUSDT 7 @ 60000 --modify-id=42", "symbol=BTCUSDT&orderId=7&price=60000&modifyId=42" },
	{ "modify BTCUSDT 7 0.02 --reduce-only", "symbol=BTCUSDT&orderId=7&quantity=0.02&reduceOnly=true" },
	{ "modify BTCUSDT @60000 --client-id=7", "symbol=BTCUSDT&origClientOrderId=7&price=60000" },
	{ "modify BTCUSDT 0.02 --client-id=7 --price-match=QUEUE", "symbol=BTCUSDT&origClientOrderId=7&quantity=0.02&priceMatch=QUEUE" },
	{ "cancel BTCUSDT 7", "symbol=BTCUSDT&orderId=7" },
	{ "cancel BTCUSDT bf-7", "symbol=BTCUSDT&origClientOrderId=bf-7" },
	{ "cancel BTCUSDT --client-id=7", "symbol=BTCUSDT&origClientOrderId=7" },
	{ "cancel BTCUSDT 7 --algo", "algoId=7" },
	{ "cancel BTCUSDT bf-7 --algo", "clientAlgoId=bf-7" },
	{ "cancel BTCUSDT --client-id=7 --algo", "clientAlgoId=7" },
};

static void
words_become_the_intent_that_was_meant(void **state)
{
	struct buf query = { 0 };
	struct intent in;

	(void)state;
	for (size_t i = 0; i < LEN(good); i++) {
		if (run(good[i].line) == -1)
			fail_msg("%s: %s", good[i].line, fault.text);
		assert_null(words_stray(&w, word[0]));
		if (scan_doc(&sc, out.p, out.len) <= 0 || intent_read(&in, sc.t, sc.t, &fault) == -1)
			fail_msg("%s: %s: %s", good[i].line, out.p, fault.text);
		buf_reset(&query);
		intent_query(&in, &query);
		if (strcmp(query.p, good[i].query) != 0)
			fail_msg("%s: %s", good[i].line, query.p);
	}
	buf_free(&query);
}

static void
what_cannot_be_meant_is_said_with_the_word(void **state)
{
	static const struct { const char *line, *says; } row[] = {
		{ "buy BTCUSDT", "buy takes a symbol, a quantity" },
		{ "buy BTCUSDT market", "buy takes a symbol, a quantity" },
		{ "sell BTCUSDT stop 58000", "sell takes a symbol, a quantity" },
		{ "sell BTCUSDT --close-position", "sell takes a symbol, a quantity" },
		{ "sell BTCUSDT market --close-position", "all: goes with" },
		{ "sell BTCUSDT stop 58000 @ 57000 --close-position", "all: goes with" },
		{ "buy BTCUSDT 1", "say the price, as in \"@ 60000\", or \"market\"" },
		{ "buy BTCUSDT 1 60000", "60000: expected \"@ PRICE\"" },
		{ "buy BTCUSDT 1 @", "@: expected a price after it" },
		{ "buy BTCUSDT 1 @ market", "@: expected a price after it" },
		{ "buy BTCUSDT 1 @ 5 @ 6", "@: said twice" },
		{ "buy BTCUSDT 1 @ 5 6", "6: expected" },
		{ "buy BTCUSDT 1 market market", "market: an order is only one of" },
		{ "buy BTCUSDT 1 stop 5 take-profit 6", "take-profit: an order is only one of" },
		{ "buy BTCUSDT 1 market @ 5", "market: has no price of its own" },
		{ "buy BTCUSDT 1 trail 1 @ 5", "trail: has no price of its own" },
		{ "buy BTCUSDT 1 match", "match: expected a mode" },
		{ "buy BTCUSDT 1 match QUEUE @ 5", "match: takes the price from the book" },
		{ "buy BTCUSDT 1 match QUEUE --price-match=QUEUE", "--price-match: said twice" },
		{ "buy BTCUSDT 1 stop", "stop: expected the price that triggers" },
		{ "buy BTCUSDT 1 stop @ 5", "stop: expected the price that triggers" },
		{ "buy BTCUSDT 1 stop 5 --trigger-price=5", "--trigger-price: said twice" },
		{ "buy BTCUSDT 1 trail", "trail: expected a percentage" },
		{ "buy BTCUSDT 1 trail 1 from", "from: expected a price" },
		{ "buy BTCUSDT all market", "all: goes with" },
		{ "buy BTCUSDT all @ 5", "all: goes with" },
		{ "buy BTCUSDT all stop 5 @ 6", "all: goes with" },
		{ "buy BTCUSDT all trail 1", "all: goes with" },
		{ "buy BTCUSDT 1 market --post-only", "--post-only is for an order with a price" },
		{ "buy BTCUSDT 1 @ 5 --post-only --tif=IOC", "--post-only is for an order with a price" },
		{ "buy BTCUSDT 1 @ 5 --tif=GTC --tif=IOC", "--tif: given twice" },
		{ "buy BTCUSDT 1 @ 5 --client-id=", "--client-id: its value is empty" },
		{ "buy BTCUSDT 1 stop 5 --working-type=last", "--working-type: last: expected mark or contract" },
		{ "buy BTCUSDT 1 @ 5 --good-till=soon", "--good-till: soon: expected" },
		{ "buy BTCUSDT 1 @ 5 --good-till=0", "--good-till: 0: expected" },
		{ "buy BTCUSDT 1 @ 5 --good-till=5w", "--good-till: 5w: expected" },
		{ "buy BTCUSDT 1 @ 5 --good-till=5dd", "--good-till: 5dd: expected" },
		{ "buy BTCUSDT 1 @ 5 --good-till=-5m", "--good-till: -5m: expected" },
		{ "buy BTCUSDT 1 @ 5 --good-till=9999999d", "--good-till: 9999999d: expected" },
		{ "buy BTCUSDT 1 @ 5 --good-till=99999999999999999999", "expected milliseconds" },
		{ "modify BTCUSDT", "modify takes a symbol, an order id" },
		{ "modify BTCUSDT 7", "modify takes a new quantity" },
		{ "modify BTCUSDT --client-id=7", "modify takes a new quantity" },
		{ "modify BTCUSDT 7 1 stop 5", "modify changes the quantity and the price only" },
		{ "modify BTCUSDT 7 1 market", "modify changes the quantity and the price only" },
		{ "modify BTCUSDT 7 1 @ 5 match QUEUE", "match: takes the price from the book" },
		{ "modify BTCUSDT 7 1 2", "2: expected" },
		{ "cancel BTCUSDT", "cancel takes a symbol and an order id or client id" },
		{ "cancel BTCUSDT 7 --client-id=8", "cancel takes a symbol and an order id or client id" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		if (run(row[i].line) == 0)
			fail_msg("%s: was taken: %s", row[i].line, out.p);
		assert_int_equal(fault.kind, FAULT_USAGE);
		if (strstr(fault.text, row[i].says) == NULL)
			fail_msg("%s: %s", row[i].line, fault.text);
	}
}

/* What is of the exchange is for the intent's reader, with the exchange's number. */
static void
what_the_exchange_would_refuse_is_left_to_the_reader(void **state)
{
	static const struct { const char *line; int code; } row[] = {
		{ "buy BTCUSDT 1e3 @ 5", -1102 }, { "buy BTCUSDT 0 market", -4003 },
		{ "buy BTCUSDT 1 @ 5 --tif=gtc", -1115 }, { "buy BTCUSDT 1 market --tif=GTC", -1114 },
		{ "buy BTCUSDT 1 @ 5 --good-till=3d --tif=GTC", -1106 },
		{ "buy BTCUSDT 1 @ 5 --trigger-price=4", -1106 }, { "buy BTCUSDT 1 @ 5 from 4", -1106 },
		{ "buy BTCUSDT 1 stop 5 --close-position", -4137 }, { "buy BTCUSDT 1 market --close-position", -4136 },
		{ "buy BTCUSDT 1 trail 0.05", -2007 }, { "buy BTCUSDT 1 match BEST", -5037 },
		{ "buy BTCUSDT 1 market --position-side=LONG --reduce-only", -2022 },
		{ "buy BTC\x1b 1 market", -1121 }, { "cancel BTCUSDT a&b", -4015 },
		{ "cancel BTCUSDT 99999999999999999999", -1102 }, { "modify BTCUSDT 7 1 --modify-id=x", -1102 },
	};
	struct intent in;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		if (run(row[i].line) == -1)
			fail_msg("%s: %s", row[i].line, fault.text);
		assert_true(scan_doc(&sc, out.p, out.len) > 0);
		assert_int_equal(intent_read(&in, sc.t, sc.t, &fault), -1);
		if (fault.code != row[i].code)
			fail_msg("%s: %d, %s", row[i].line, fault.code, fault.text);
	}
}

static void
an_option_that_does_not_go_with_a_command_is_named(void **state)
{
	static const struct { const char *verb, *option, *stray; } row[] = {
		{ "buy", "x --tif=GTC", NULL }, { "sell", "x --algo", "--algo" }, { "buy", "x --modify-id=1", "--modify-id" },
		{ "modify", "x --tif=GTC", "--tif" }, { "modify", "x --post-only", "--post-only" },
		{ "modify", "x --modify-id=1 --price-match=QUEUE --reduce-only --client-id=a", NULL },
		{ "modify", "x --algo", "--algo" }, { "cancel", "x --algo --client-id=a", NULL },
		{ "cancel", "x --stp=NONE", "--stp" }, { "cancel-all", "x --algo", NULL },
		{ "cancel-all", "x --client-id=a", "--client-id" }, { "query", "x --algo --client-id=a", NULL },
		{ "recover", "x --algo", "--algo" }, { "recover", "x", NULL }, { NULL, "x --tif=GTC", "--tif" },
		{ NULL, "x", NULL },
	};
	const char *got;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(parse(row[i].option), 1);
		got = words_stray(&w, row[i].verb);
		if (row[i].stray == NULL)
			assert_null(got);
		else {
			assert_non_null(got);
			assert_string_equal(got, row[i].stray);
		}
	}
	assert_int_equal(words_option(&w, OPT_WORDS + WORDS, NULL, &fault), 0);
	assert_int_equal(words_option(&w, 'h', NULL, &fault), 0);
	assert_int_equal(words_option(&w, OPT_PROFILE, NULL, &fault), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_the_intent_that_was_meant),
		cmocka_unit_test(what_cannot_be_meant_is_said_with_the_word),
		cmocka_unit_test(what_the_exchange_would_refuse_is_left_to_the_reader),
		cmocka_unit_test(an_option_that_does_not_go_with_a_command_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}

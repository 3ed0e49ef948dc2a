#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/streams.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

/* Names and routes as Binance's pages list them. */
static const struct { const char *word, *symbol, *want; enum route route; } good[] = {
	{ "markPrice", "BTCUSDT", "btcusdt@markPrice@1s", ROUTE_MARKET },
	{ "markPrice@1s", "BTCUSDT", "btcusdt@markPrice@1s", ROUTE_MARKET },
	{ "markPrice", NULL, "!markPrice@arr@1s", ROUTE_MARKET },
	{ "markPrice@1s", NULL, "!markPrice@arr@1s", ROUTE_MARKET },
	{ "bookTicker", "btcusdt", "btcusdt@bookTicker", ROUTE_PUBLIC },
	{ "bookTicker", NULL, "!bookTicker", ROUTE_PUBLIC },
	{ "aggTrade", "BTCUSDT_260925", "btcusdt_260925@aggTrade", ROUTE_MARKET },
	{ "depth", "BTCUSDT", "btcusdt@depth", ROUTE_PUBLIC },
	{ "depth@100ms", "BTCUSDT", "btcusdt@depth@100ms", ROUTE_PUBLIC },
	{ "depth@500ms", "1000SHIBUSDT", "1000shibusdt@depth@500ms", ROUTE_PUBLIC },
	{ "depth5", "BTCUSDT", "btcusdt@depth5", ROUTE_PUBLIC },
	{ "depth10@500ms", "BTCUSDT", "btcusdt@depth10@500ms", ROUTE_PUBLIC },
	{ "depth20@100ms", "BTCUSDT", "btcusdt@depth20@100ms", ROUTE_PUBLIC },
	{ "kline_1m", "BTCUSDT", "btcusdt@kline_1m", ROUTE_MARKET },
	{ "kline_1M", "BTCUSDT", "btcusdt@kline_1M", ROUTE_MARKET },
	{ "kline_12h", "BTCUSD_PERP", "btcusd_perp@kline_12h", ROUTE_MARKET },
	{ "miniTicker", "BTCUSDT", "btcusdt@miniTicker", ROUTE_MARKET },
	{ "miniTicker", NULL, "!miniTicker@arr", ROUTE_MARKET },
	{ "ticker", "BTCUSDT", "btcusdt@ticker", ROUTE_MARKET },
	{ "ticker", NULL, "!ticker@arr", ROUTE_MARKET },
	{ "forceOrder", "BTCUSDT", "btcusdt@forceOrder", ROUTE_MARKET },
	{ "forceOrder", NULL, "!forceOrder@arr", ROUTE_MARKET },
	{ "contractInfo", NULL, "!contractInfo", ROUTE_MARKET },
	/* only ASCII letters have a lower case here */
	{ "ticker", "测试USDT", "测试usdt@ticker", ROUTE_MARKET },
	{ "ticker", "ÄUSDT", "Äusdt@ticker", ROUTE_MARKET },
};

static const struct { const char *word, *symbol, *says; } bad[] = {
	{ "trade", "BTCUSDT", "unknown; there are markPrice, " },
	{ "", "BTCUSDT", "unknown" },
	{ "@1s", "BTCUSDT", "unknown" },
	{ "_1m", "BTCUSDT", "unknown" },
	{ "user", NULL, "unknown" },
	{ "markprice", "BTCUSDT", "did you mean markPrice?" },
	{ "DEPTH@100ms", "BTCUSDT", "did you mean depth?" },
	{ "markPrice@3s", "BTCUSDT", "one of: @1s" },
	{ "markPrice@", "BTCUSDT", "one of: @1s" },
	{ "markPrice@1s@1s", "BTCUSDT", "one of: @1s" },
	{ "depth@250ms", "BTCUSDT", "one of: @100ms @500ms; or none" },
	{ "depth@100ms ", "BTCUSDT", "one of: @100ms @500ms; or none" },
	{ "depth@100ms @500ms", "BTCUSDT", "one of" },
	{ "depth7", "BTCUSDT", "unknown" },
	{ "depth5_1m", "BTCUSDT", "depth5 takes no interval" },
	{ "ticker@1s", "BTCUSDT", "ticker takes no speed" },
	{ "kline", "BTCUSDT", "needs an interval, as in kline_1m: 1m 3m" },
	{ "kline_", "BTCUSDT", "needs an interval" },
	{ "kline_1s", "BTCUSDT", "needs an interval" },
	{ "kline_2m", "BTCUSDT", "needs an interval" },
	{ "kline_1", "BTCUSDT", "needs an interval" },
	{ "kline_1m 3m", "BTCUSDT", "needs an interval" },
	{ "kline_1m@1s", "BTCUSDT", "kline takes no speed" },
	{ "kline_1m", NULL, "needs a symbol" },
	{ "depth", NULL, "needs a symbol" },
	{ "aggTrade", NULL, "needs a symbol" },
	{ "contractInfo", "BTCUSDT", "takes no symbol" },
	{ "ticker", "", "not a symbol" },
	{ "ticker", "btcusdt@depth/ethusdt", "not a symbol" },
	{ "ticker", "btcusdt/!ticker", "not a symbol" },
	{ "ticker", "BTC USDT", "not a symbol" },
	{ "ticker", "BTC\nUSDT", "BTC\\x0aUSDT" },
	{ "ticker", "BTC\xffUSDT", "BTC\\xffUSDT" },
	{ "\x1b[2Jx", "BTCUSDT", "\\x1b[2Jx: unknown" },
};

static void
a_word_becomes_the_exchange_s_name_and_route(void **state)
{
	const struct stream_row *r;
	struct buf b = { 0 };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < LEN(good); i++) {
		buf_reset(&b);
		if (stream_name(&b, &r, good[i].word, good[i].symbol, &f) == -1)
			fail_msg("%s: %s", good[i].word, f.text);
		assert_string_equal(b.p, good[i].want);
		assert_int_equal(r->route, good[i].route);
		assert_true(stream_known(good[i].word));
	}
	buf_free(&b);
}

static void
what_the_exchange_would_meet_with_silence_is_an_error(void **state)
{
	const struct stream_row *r = NULL;
	struct buf b = { 0 };
	struct fault f;

	(void)state;
	buf_str(&b, "a/");
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_int_equal(stream_name(&b, &r, bad[i].word, bad[i].symbol, &f), -1);
		assert_int_equal(f.kind, FAULT_USAGE);
		if (strstr(f.text, bad[i].says) == NULL)
			fail_msg("%s: %s", bad[i].word, f.text);
		assert_string_equal(b.p, "a/");
		assert_null(r);
	}
	buf_free(&b);
}

static void
every_row_says_how_to_be_used(void **state)
{
	const struct stream_row *r;
	struct buf b = { 0 };
	struct fault f;
	char word[32];

	(void)state;
	for (r = stream_rows; r->name != NULL; r++) {
		assert_true(r->suffix != NULL || r->all != NULL);
		assert_true(r->help != NULL && *r->help != '\0');
		snprintf(word, sizeof word, "%s%s", r->name, r->interval ? "_1m" : "");
		assert_int_equal(stream_name(&b, NULL, word, r->suffix != NULL ? "X" : NULL, &f), 0);
		/* and the list of the error for an unknown one has it */
		stream_name(&b, NULL, "?", NULL, &f);
		assert_non_null(strstr(f.text, word));
	}
	buf_free(&b);
}

static void
a_symbol_is_no_stream(void **state)
{
	static const char *const symbols[] = {
		"BTCUSDT", "btcusdt", "BTCUSDT_260925", "测试USDT", "user", "DEPTHUSDT", "TICKER1", "",
	};

	(void)state;
	for (size_t i = 0; i < LEN(symbols); i++)
		assert_false(stream_known(symbols[i]));
	assert_true(stream_known("markprice"));		/* so that it is an error */
	assert_true(stream_known("depth@7ms"));
	assert_true(stream_known("kline"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_becomes_the_exchange_s_name_and_route),
		cmocka_unit_test(what_the_exchange_would_meet_with_silence_is_an_error),
		cmocka_unit_test(every_row_says_how_to_be_used),
		cmocka_unit_test(a_symbol_is_no_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/scan.h"
#include "core/streams.h"
#include "recorded.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

#define U	MARKET_USDM
#define C	MARKET_COINM

/* Words, and the names and routes as Binance's pages list them. */
static const struct {
	enum market m;
	const char *word, *symbol, *want;
	enum route route;
} good[] = {
	{ U, "markPrice", "BTCUSDT", "btcusdt@markPrice@1s", ROUTE_MARKET },
	{ U, "markPrice@1s", "BTCUSDT", "btcusdt@markPrice@1s", ROUTE_MARKET },
	{ U, "markPrice@3s", "BTCUSDT", "btcusdt@markPrice", ROUTE_MARKET },
	{ U, "markPrice", NULL, "!markPrice@arr@1s", ROUTE_MARKET },
	{ U, "markPrice@1s", NULL, "!markPrice@arr@1s", ROUTE_MARKET },
	{ U, "markPrice@3s", NULL, "!markPrice@arr", ROUTE_MARKET },
	{ U, "bookTicker", "btcusdt", "btcusdt@bookTicker", ROUTE_PUBLIC },
	{ U, "bookTicker", NULL, "!bookTicker", ROUTE_PUBLIC },
	{ U, "aggTrade", "BTCUSDT_260925", "btcusdt_260925@aggTrade", ROUTE_MARKET },
	{ U, "trade", "BTCUSDT", "btcusdt@trade", ROUTE_MARKET },
	{ U, "depth", "BTCUSDT", "btcusdt@depth", ROUTE_PUBLIC },
	{ U, "depth@100ms", "BTCUSDT", "btcusdt@depth@100ms", ROUTE_PUBLIC },
	{ U, "depth@500ms", "1000SHIBUSDT", "1000shibusdt@depth@500ms", ROUTE_PUBLIC },
	{ U, "depth5", "BTCUSDT", "btcusdt@depth5", ROUTE_PUBLIC },
	{ U, "depth10@500ms", "BTCUSDT", "btcusdt@depth10@500ms", ROUTE_PUBLIC },
	{ U, "depth20@100ms", "BTCUSDT", "btcusdt@depth20@100ms", ROUTE_PUBLIC },
	{ U, "rpiDepth", "BTCUSDT", "btcusdt@rpiDepth@500ms", ROUTE_PUBLIC },
	{ U, "rpiDepth@500ms", "BTCUSDT", "btcusdt@rpiDepth@500ms", ROUTE_PUBLIC },
	{ U, "kline_1m", "BTCUSDT", "btcusdt@kline_1m", ROUTE_MARKET },
	{ U, "kline_1M", "BTCUSDT", "btcusdt@kline_1M", ROUTE_MARKET },
	{ U, "continuousKline_1s", "BTCUSDT_PERPETUAL", "btcusdt_perpetual@continuousKline_1s",
	  ROUTE_MARKET },
	{ U, "continuousKline_1M", "BTCUSDT", "btcusdt_perpetual@continuousKline_1M", ROUTE_MARKET },
	{ U, "continuousKline_1h", "BTCUSDT_CURRENT_QUARTER",
	  "btcusdt_current_quarter@continuousKline_1h", ROUTE_MARKET },
	{ U, "continuousKline_3m", "btcusdt_next_quarter", "btcusdt_next_quarter@continuousKline_3m",
	  ROUTE_MARKET },
	{ U, "continuousKline_1m", "AAPLUSDT_TRADIFI_PERPETUAL",
	  "aaplusdt_tradifi_perpetual@continuousKline_1m", ROUTE_MARKET },
	{ U, "miniTicker", "BTCUSDT", "btcusdt@miniTicker", ROUTE_MARKET },
	{ U, "miniTicker", NULL, "!miniTicker@arr", ROUTE_MARKET },
	{ U, "ticker", "BTCUSDT", "btcusdt@ticker", ROUTE_MARKET },
	{ U, "ticker", NULL, "!ticker@arr", ROUTE_MARKET },
	{ U, "forceOrder", "BTCUSDT", "btcusdt@forceOrder", ROUTE_MARKET },
	{ U, "forceOrder", NULL, "!forceOrder@arr", ROUTE_MARKET },
	{ U, "compositeIndex", "DEFIUSDT", "defiusdt@compositeIndex", ROUTE_MARKET },
	{ U, "contractInfo", NULL, "!contractInfo", ROUTE_MARKET },
	{ U, "assetIndex", NULL, "!assetIndex@arr", ROUTE_MARKET },
	{ U, "assetIndex", "ADAUSD", "adausd@assetIndex", ROUTE_MARKET },
	{ U, "tradingSession", NULL, "tradingSession", ROUTE_MARKET },
	/* only ASCII letters have a lower case here */
	{ U, "ticker", "测试USDT", "测试usdt@ticker", ROUTE_MARKET },
	{ U, "ticker", "ÄUSDT", "Äusdt@ticker", ROUTE_MARKET },

	{ C, "indexPrice", "BTCUSD", "btcusd@indexPrice", ROUTE_MARKET },
	{ C, "indexPrice@1s", "BTCUSD", "btcusd@indexPrice@1s", ROUTE_MARKET },
	{ C, "indexPrice@3s", "BTCUSD", "btcusd@indexPrice", ROUTE_MARKET },
	{ C, "pairMarkPrice", "BTCUSD", "btcusd@markPrice@1s", ROUTE_MARKET },
	{ C, "pairMarkPrice@3s", "BTCUSD", "btcusd@markPrice", ROUTE_MARKET },
	{ C, "markPrice", "BTCUSD_PERP", "btcusd_perp@markPrice@1s", ROUTE_MARKET },
	{ C, "markPrice@3s", "BTCUSD_260925", "btcusd_260925@markPrice", ROUTE_MARKET },
	{ C, "markPrice", NULL, "!markPrice@arr@1s", ROUTE_MARKET },
	{ C, "indexPriceKline_15m", "BTCUSD", "btcusd@indexPriceKline_15m", ROUTE_MARKET },
	{ C, "markPriceKline_1w", "BTCUSD_PERP", "btcusd_perp@markPriceKline_1w", ROUTE_MARKET },
	{ C, "continuousKline_1m", "BTCUSD_NEXT_QUARTER", "btcusd_next_quarter@continuousKline_1m",
	  ROUTE_MARKET },
	{ C, "aggTrade", "BTCUSD_PERP", "btcusd_perp@aggTrade", ROUTE_MARKET },
	{ C, "trade", "BTCUSD_PERP", "btcusd_perp@trade", ROUTE_MARKET },
	{ C, "kline_12h", "BTCUSD_PERP", "btcusd_perp@kline_12h", ROUTE_MARKET },
	{ C, "miniTicker", "BTCUSD_PERP", "btcusd_perp@miniTicker", ROUTE_MARKET },
	{ C, "miniTicker", NULL, "!miniTicker@arr", ROUTE_MARKET },
	{ C, "ticker", "BTCUSD_PERP", "btcusd_perp@ticker", ROUTE_MARKET },
	{ C, "ticker", NULL, "!ticker@arr", ROUTE_MARKET },
	{ C, "bookTicker", "BTCUSD_PERP", "btcusd_perp@bookTicker", ROUTE_PUBLIC },
	{ C, "bookTicker", NULL, "!bookTicker", ROUTE_PUBLIC },
	{ C, "depth", "BTCUSD_PERP", "btcusd_perp@depth", ROUTE_PUBLIC },
	{ C, "depth20@500ms", "BTCUSD_PERP", "btcusd_perp@depth20@500ms", ROUTE_PUBLIC },
	{ C, "forceOrder", "BTCUSD_PERP", "btcusd_perp@forceOrder", ROUTE_MARKET },
	{ C, "forceOrder", NULL, "!forceOrder@arr", ROUTE_MARKET },
	{ C, "contractInfo", NULL, "!contractInfo", ROUTE_MARKET },
};

static const struct { const char *word, *symbol, *says; } bad[] = {
	{ "trader", "BTCUSDT", "unknown; there are markPrice bookTicker aggTrade trade depth " },
	{ "", "BTCUSDT", "unknown" },
	{ "@1s", "BTCUSDT", "unknown" },
	{ "_1m", "BTCUSDT", "unknown" },
	{ "user", NULL, "unknown" },
	{ "markprice", "BTCUSDT", "did you mean markPrice?" },
	{ "DEPTH@100ms", "BTCUSDT", "did you mean depth?" },
	{ "markPrice@2s", "BTCUSDT", "one of: @1s @3s; or none" },
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
	{ "ticker", "_perp", "not a symbol" },
	{ "rpiDepth@100ms", "BTCUSDT", "one of: @500ms" },
	{ "rpiDepth", NULL, "needs a symbol" },
	{ "continuousKline", "BTCUSDT", "as in continuousKline_1m: 1s 1m" },
	{ "continuousKline_1m", NULL, "needs a pair and contract type" },
	{ "continuousKline_1m", "BTCUSDT_260925", "_CURRENT_QUARTER" },
	{ "continuousKline_1m", "BTCUSD_PERP", "_PERPETUAL" },
	{ "tradingSession", "BTCUSDT", "takes no symbol" },
	{ "assetIndex", "BTCUSD_PERP", "takes an asset such as BTCUSD" },
	{ "indexPrice", "BTCUSD", "USDⓈ-M has none, only COIN-M" },
	{ "pairMarkPrice", "BTCUSD", "only COIN-M" },
	{ "indexPriceKline_1m", "BTCUSD", "only COIN-M" },
	{ "markPriceKline_1m", NULL, "only COIN-M" },
};

static const struct { const char *word, *symbol, *says; } bad_coinm[] = {
	{ "compositeIndex", "BTCUSD_PERP", "compositeIndex: COIN-M has none, only USDⓈ-M" },
	{ "assetIndex", NULL, "COIN-M has none" },
	{ "tradingSession", NULL, "COIN-M has none" },
	{ "rpiDepth", "BTCUSD_PERP", "COIN-M has none" },
	{ "markPrice", "BTCUSD", "takes a symbol such as BTCUSD_PERP, not BTCUSD" },
	{ "kline_1m", "BTCUSD", "takes a symbol such as BTCUSD_PERP" },
	{ "indexPrice", "BTCUSD_PERP", "takes a pair such as BTCUSD, not BTCUSD_PERP" },
	{ "pairMarkPrice", "BTCUSD_260925", "takes a pair such as BTCUSD" },
	{ "indexPrice", NULL, "needs a pair, there is no form for all" },
	{ "indexPriceKline", "BTCUSD", "needs an interval" },
	{ "indexPriceKline_1s", "BTCUSD", "needs an interval" },
	{ "nope", NULL, "indexPriceKline_1m markPriceKline_1m" },
};

/* Whole names that the exchange does not have, or not in this writing. */
static const struct { enum market m; const char *name; } no_names[] = {
	{ U, "" }, { U, "@" }, { U, "@aggTrade" }, { U, "btcusdt" }, { U, "btcusdt@" },
	{ U, "BTCUSDT@aggTrade" }, { U, "btcusdt@aggtrade" }, { U, "btcusdt@aggTrade@1s" },
	{ U, "btcusdt@aggTrade " }, { U, "btcusdt@kline" }, { U, "btcusdt@kline_" },
	{ U, "btcusdt@kline_1s" }, { U, "btcusdt@depth7" }, { U, "btcusdt@depth@250ms" },
	{ U, "btcusdt@depth@100ms@100ms" }, { U, "btcusdt@rpiDepth" }, { U, "btcusdt@markPrice@3s" },
	{ U, "!markPrice@arr@3s" }, { U, "!markPrice" }, { U, "!aggTrade@arr" }, { U, "!ticker" },
	{ U, "!bookTicker@arr" }, { U, "ticker" }, { U, "btcusdt@continuousKline_1m" },
	{ U, "btcusdt_perp@continuousKline_1m" }, { U, "btcusd@indexPrice" }, { U, "x@contractInfo" },
	{ U, "btcusdt@pairMarkPrice" }, { U, "tradingSession@1s" }, { U, "btcusdt/@ticker" },
	{ U, "btc usdt@ticker" }, { U, "btc\xffusdt@ticker" },
	{ C, "btcusd@ticker" }, { C, "btcusd_perp@indexPrice" }, { C, "btcusd_perp@rpiDepth@500ms" },
	{ C, "!assetIndex@arr" }, { C, "tradingSession" }, { C, "btcusd_perp@compositeIndex" },
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
		if (stream_name(&b, &r, good[i].m, good[i].word, good[i].symbol, &f) == -1)
			fail_msg("%s: %s", good[i].word, f.text);
		assert_string_equal(b.p, good[i].want);
		assert_int_equal(r->route, good[i].route);
		assert_non_null(stream_find(good[i].word));
	}
	buf_free(&b);
}

static void
refused(enum market m, const char *word, const char *symbol, const char *says)
{
	const struct stream_row *r = NULL;
	struct buf b = { 0 };
	struct fault f;

	buf_str(&b, "a/");
	assert_int_equal(stream_name(&b, &r, m, word, symbol, &f), -1);
	assert_int_equal(f.kind, FAULT_USAGE);
	if (strstr(f.text, says) == NULL)
		fail_msg("%s: %s", word, f.text);
	assert_string_equal(b.p, "a/");
	assert_null(r);
	buf_free(&b);
}

static void
what_the_exchange_would_meet_with_silence_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(bad); i++)
		refused(U, bad[i].word, bad[i].symbol, bad[i].says);
	for (size_t i = 0; i < LEN(bad_coinm); i++)
		refused(C, bad_coinm[i].word, bad_coinm[i].symbol, bad_coinm[i].says);
}

static void
a_name_of_the_exchange_gives_its_word_back(void **state)
{
	struct buf word = { 0 }, symbol = { 0 }, again = { 0 };
	const struct stream_row *r, *same;
	const char *at;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < LEN(good); i++) {
		buf_reset(&word), buf_reset(&symbol), buf_reset(&again);
		if (!stream_parse(good[i].want, good[i].m, &r, &word, &symbol))
			fail_msg("%s: not taken", good[i].want);
		at = strchr(good[i].want, '@');
		if (good[i].symbol == NULL)
			assert_int_equal(symbol.len, 0);
		else {
			assert_int_equal(symbol.len, at - good[i].want);
			assert_memory_equal(symbol.p, good[i].want, symbol.len);
		}
		assert_int_equal(stream_name(&again, &same, good[i].m, word.p,
		    good[i].symbol == NULL ? NULL : symbol.p, &f), 0);
		assert_string_equal(again.p, good[i].want);
		assert_ptr_equal(same, r);
		assert_int_equal(strncmp(good[i].word, r->name, strlen(r->name)), 0);
	}
	buf_free(&word), buf_free(&symbol), buf_free(&again);
}

static void
what_is_no_name_gives_nothing(void **state)
{
	struct buf word = { 0 }, symbol = { 0 };
	const struct stream_row *r = NULL;

	(void)state;
	for (size_t i = 0; i < LEN(no_names); i++) {
		if (stream_parse(no_names[i].name, no_names[i].m, &r, &word, &symbol))
			fail_msg("\"%s\" is taken for %s", no_names[i].name, r->name);
		assert_null(r);
		assert_int_equal(word.len + symbol.len, 0);
	}
	buf_free(&word), buf_free(&symbol);
}

/* The pair of COIN-M and its contracts have names of one form. */
static void
the_mark_price_of_a_pair_is_told_from_that_of_a_symbol(void **state)
{
	struct buf word = { 0 }, symbol = { 0 };
	const struct stream_row *r;

	(void)state;
	assert_true(stream_parse("btcusd@markPrice@1s", C, &r, &word, &symbol));
	assert_string_equal(r->name, "pairMarkPrice");
	assert_true(stream_parse("btcusd_perp@markPrice@1s", C, &r, &word, &symbol));
	assert_string_equal(r->name, "markPrice");
	assert_string_equal(word.p, "pairMarkPrice@1smarkPrice@1s");	/* appended */
	assert_string_equal(symbol.p, "btcusdbtcusd_perp");
	buf_free(&word), buf_free(&symbol);
}

static void
every_row_says_how_to_be_used(void **state)
{
	static const char *const symbol[] = { "X_PERP", "X", "X", "X" };
	const struct stream_row *r;
	struct buf b = { 0 };
	struct fault f;
	char word[32];

	(void)state;
	for (r = stream_rows; r->name != NULL; r++) {
		assert_true(r->suffix != NULL || r->all != NULL);
		assert_int_equal(r->suffix == NULL, r->of == OF_NONE);
		assert_int_equal(r->all == NULL, r->all_markets == 0);
		assert_int_equal(r->all_markets & ~r->markets, 0);
		assert_true(r->help != NULL && *r->help != '\0');
		assert_true(r->event != NULL && r->serial != NULL && r->key != NULL);
		snprintf(word, sizeof word, "%s%s", r->name, r->interval ? "_1m" : "");
		for (int m = 0; m < MARKETS; m++) {
			if ((r->markets & 1u << m) == 0)
				continue;
			assert_int_equal(stream_name(&b, NULL, (enum market)m, word,
			    r->of != OF_NONE ? symbol[r->of] : NULL, &f), 0);
			/* and the list of the error for an unknown one has it */
			stream_name(&b, NULL, (enum market)m, "a_name_that_is_too_long_to_be_shown", NULL, &f);
			if (strstr(f.text, word) == NULL)
				fail_msg("%s not in: %s", word, f.text);
		}
	}
	buf_free(&b);
}

/* `e` as in the documentation's sample of each stream. */
static void
an_event_finds_its_row(void **state)
{
	static const struct { const char *e, *row; } want[] = {
		{ "markPriceUpdate", "markPrice" }, { "bookTicker", "bookTicker" },
		{ "aggTrade", "aggTrade" }, { "trade", "trade" }, { "depthUpdate", "depth" },
		{ "kline", "kline" }, { "continuous_kline", "continuousKline" },
		{ "24hrMiniTicker", "miniTicker" }, { "24hrTicker", "ticker" },
		{ "forceOrder", "forceOrder" }, { "compositeIndex", "compositeIndex" },
		{ "contractInfo", "contractInfo" }, { "assetIndexUpdate", "assetIndex" },
		{ "EquityUpdate", "tradingSession" }, { "CommodityUpdate", "tradingSession" },
		{ "KR_EquityUpdate", "tradingSession" }, { "HK_EquityUpdate", "tradingSession" },
		{ "CN_EquityUpdate", "tradingSession" }, { "FXUpdate", "tradingSession" },
		{ "indexPriceUpdate", "indexPrice" }, { "indexPrice_kline", "indexPriceKline" },
		{ "markPrice_kline", "markPriceKline" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(want); i++) {
		const struct stream_row *r = stream_of_event(want[i].e, strlen(want[i].e));

		if (r == NULL || strcmp(r->name, want[i].row) != 0)
			fail_msg("%s: %s", want[i].e, r == NULL ? "none" : r->name);
	}
	assert_null(stream_of_event("", 0));
	assert_null(stream_of_event("depth", 5));
	assert_null(stream_of_event("depthUpdate2", 12));
	assert_null(stream_of_event("EquityUpdate CommodityUpdate", 28));
	assert_null(stream_of_event("ORDER_TRADE_UPDATE", 18));
	assert_null(stream_of_event("bf.conn", 7));
	assert_non_null(stream_of_event("kline\",\"E\":1", 5));	/* n bytes, whatever follows */
}

/* The page's placeholders, filled in as it tells to. */
static void
fill_in(char name[static 128])
{
	static const struct { const char *mark, *text; } fill[] = {
		{ "<pair>_<contractType>", "btcusd_perpetual" }, { "<symbol>", "btcusd_perp" },
		{ "<pair>", "btcusd" }, { "depth<levels>", "depth5" }, { "_<interval>", "_1m" },
		{ "Price@<updateSpeed>", "Price@1s" }, { "arr@<updateSpeed>", "arr@1s" },
		{ "@<updateSpeed>", "@100ms" },
	};

	for (size_t i = 0; i < LEN(fill); i++) {
		char *p = strstr(name, fill[i].mark), rest[128];

		if (p == NULL)
			continue;
		snprintf(rest, sizeof rest, "%s", p + strlen(fill[i].mark));
		snprintf(p, 128 - (size_t)(p - name), "%s%s", fill[i].text, rest);
	}
	assert_null(strchr(name, '<'));
}

/* Each sample of the documentation names its stream and shows the event: its `e` is
 * the row's, and the members that serial and key name are there. */
static void
sample(const char *line, enum market m)
{
	struct buf word = { 0 }, symbol = { 0 };
	const struct stream_row *r;
	const struct tok *v, *o;
	struct scan sc = { 0 };
	char name[128], e[40];

	assert_true(scan_doc(&sc, line, strlen(line)) > 0);
	assert_true(scan_get_str(sc.t, sc.t, "stream", name, sizeof name));
	fill_in(name);
	if (!stream_parse(name, m, &r, &word, &symbol))
		fail_msg("%s: not taken", name);
	v = scan_get(sc.t, sc.t, "response");
	if (v->kind == SCAN_ARR)
		v = scan_first(v);
	assert_true(scan_get_str(sc.t, v, "e", e, sizeof e));
	if (strstr(r->event, e) == NULL)
		fail_msg("%s: event %s, not %s", name, e, r->event);
	assert_non_null(scan_get(sc.t, v, r->serial));
	o = strncmp(r->key, "o.", 2) == 0 ? scan_get(sc.t, v, "o") :
	    strncmp(r->key, "k.", 2) == 0 ? scan_get(sc.t, v, "k") : v;
	/* a stream of one pair or symbol may do without */
	if (r->all != NULL || o != v)
		assert_non_null(scan_get(sc.t, o, o == v ? r->key : r->key + 2));
	scan_free(&sc), buf_free(&word), buf_free(&symbol);
}

static void
the_documentation_s_samples_fit_their_rows(void **state)
{
	static const char *const file[] = { [U] = "usdm/doc-samples-websocket-streams.ndjson",
	    [C] = "coinm/doc-samples-websocket-streams.ndjson" };
	int n = 0;

	(void)state;
	for (int m = 0; m < MARKETS; m++) {
		char *text = recorded(file[m]), *line, *save = NULL;

		for (line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save), n++)
			sample(line, (enum market)m);
		free(text);
	}
	assert_int_equal(n, 20 + 19);
}

/* What serial promises, seen on recordings: it grows from event to event of a stream. */
static void
serials_grow_in_recordings(void **state)
{
	static const struct { const char *file; enum market m; int lines; } rec[] = {
		{ "usdm/ws-sushi_akro_keep_ctk-2021-07-22.ndjson.gz", U, 1535 },
		{ "coinm/ws-10symbols-2021-07-22.ndjson.gz", C, 4371 },
	};
	struct { char name[64]; int64_t last; } seen[64];
	struct scan sc = { 0 };

	(void)state;
	for (size_t i = 0; i < LEN(rec); i++) {
		char *text = recorded(rec[i].file), *line, *save = NULL, name[64];
		int n = 0, lines = 0, k;
		int64_t serial;

		for (line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save), lines++) {
			struct buf word = { 0 }, symbol = { 0 };
			const struct stream_row *r;

			assert_true(scan_doc(&sc, line, strlen(line)) > 0);
			assert_true(scan_get_str(sc.t, sc.t, "stream", name, sizeof name));
			if (!stream_parse(name, rec[i].m, &r, &word, &symbol))
				fail_msg("%s: not taken", name);
			assert_true(scan_get_i64(sc.t, scan_get(sc.t, sc.t, "data"), r->serial, &serial));
			for (k = 0; k < n && strcmp(seen[k].name, name) != 0; k++)
				;
			assert_true(k < (int)LEN(seen));
			if (k == n)
				snprintf(seen[n++].name, sizeof seen[0].name, "%s", name);
			else
				assert_true(serial > seen[k].last);
			seen[k].last = serial;
			buf_free(&word), buf_free(&symbol);
		}
		assert_int_equal(lines, rec[i].lines);
		free(text);
	}
	scan_free(&sc);
}

static void
a_symbol_is_no_stream(void **state)
{
	static const char *const symbols[] = {
		"BTCUSDT", "btcusdt", "BTCUSDT_260925", "测试USDT", "user", "DEPTHUSDT", "TICKER1", "",
	};

	(void)state;
	for (size_t i = 0; i < LEN(symbols); i++)
		assert_null(stream_find(symbols[i]));
	assert_non_null(stream_find("markprice"));		/* so that it is an error */
	assert_non_null(stream_find("depth@7ms"));
	assert_non_null(stream_find("kline"));
	assert_non_null(stream_find("continuousKline_9z"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_becomes_the_exchange_s_name_and_route),
		cmocka_unit_test(what_the_exchange_would_meet_with_silence_is_an_error),
		cmocka_unit_test(a_name_of_the_exchange_gives_its_word_back),
		cmocka_unit_test(what_is_no_name_gives_nothing),
		cmocka_unit_test(the_mark_price_of_a_pair_is_told_from_that_of_a_symbol),
		cmocka_unit_test(every_row_says_how_to_be_used),
		cmocka_unit_test(an_event_finds_its_row),
		cmocka_unit_test(the_documentation_s_samples_fit_their_rows),
		cmocka_unit_test(serials_grow_in_recordings),
		cmocka_unit_test(a_symbol_is_no_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

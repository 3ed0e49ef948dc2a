/* bf-info's listings of answers that the simulator never gives: the documentation's
 * samples, and answers that are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>

#include <cmocka.h>

#include "../../cmd/bf-info/info.h"
#include "../../cmd/bf-info/plot.h"
#include "../../cmd/bf-info/verbs.h"
#include "peer.h"

const struct verb range_verbs[] = { { .name = NULL } };

#define REPLY(text) { .body = text, .cut = -1 }
#define INFO_OF(list) REPLY("{\"rateLimits\":[],\"symbols\":[" list "]}")
#define UM(name) "{\"symbol\":\"" name "\",\"pair\":\"" name "\",\"contractType\":\"PERPETUAL\",\"status\":\"TRADING\"}"
#define CM(name, pair) "{\"symbol\":\"" name "\",\"pair\":\"" pair "\",\"contractType\":\"PERPETUAL\"," \
	"\"contractStatus\":\"TRADING\",\"contractSize\":100}"
#define INFO	INFO_OF(UM("BTCUSDT") "," UM("DEFIUSDT") "," UM("AAPLUSDT"))
#define COIN	INFO_OF(CM("BTCUSD_PERP", "BTCUSD"))
/* The peer serves one connection at a time: the next market has its own. */
#define INFO_END { .body = "{\"rateLimits\":[],\"symbols\":[" UM("BTCUSDT") "]}", .cut = -1, .end = END_FIN }

static const struct tool tool = { "bf-info", "", NULL };
static struct fault f;
static char text[65536];

/* What a chart of a book is given. */
static struct { int calls, bids, asks; dec best, last; } drawn;

int
plot_check(const struct app *a, struct fault *fault)
{
	(void)a;
	(void)fault;
	return 0;
}

int
plot_depth(struct app *a, const char *title, const struct chart_level *bids, int nbids, const struct chart_level *asks,
    int nasks, struct fault *fault)
{
	(void)a;
	(void)fault;
	assert_string_equal(title, "BTCUSDT");
	drawn.calls++;
	drawn.bids = nbids;
	drawn.asks = nasks;
	drawn.best = nbids > 0 ? bids[0].price : dec_int(0);
	drawn.last = nasks > 0 ? asks[nasks - 1].qty : dec_int(0);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	peer_start();
	home_make(peer->port, "");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	peer_stop();
	home_remove();
	return 0;
}

static const char *plot;	/* --plot */

/* What a subcommand prints, in text; its return value. */
static int
show(const char *format, const char *verb, const char *word)
{
	struct app a = { .tool = &tool, .from = -1, .to = -1, .limit = -1, .plot = plot };
	char path[300], *words[] = { (char *)(uintptr_t)word };
	struct fault cf;
	ssize_t n;
	int fd, r;

	snprintf(path, sizeof path, "%s/out", home);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	a.verb = info_verb(&tool, verb, &f);
	assert_non_null(a.verb);
	info_begin(&a);
	assert_int_equal(printer_open(&a.out, fd, &(struct print_as){ .format = format }, a.verb->cols, &f), 0);
	r = info_market(&a, MARKET_USDM, &f);
	if (r == 0)
		r = a.verb->run(&a, words, word != NULL ? 1 : 0, &f);
	assert_int_equal(printer_close(&a.out, &cf), 0);
	venue_close(&a.v);
	buf_free(&a.rec);
	n = pread(fd, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return r;
}

static void
shows(const char *format, const char *verb, const char *word, const char *want)
{
	if (show(format, verb, word) == -1)
		fail_msg("%s: %s", verb, f.text);
	assert_string_equal(text, want);
}

/* Line breaks between tokens would be records of their own on a pipe. */
static void
test_raw(void **state)
{
	(void)state;
	SCRIPT(INFO, REPLY("{\n  \"symbol\": \"BTCUSDT\",\n  \"id\": 8389765606284283461,\n  \"x\": \"\"\n}"));
	shows("ndjson", "openInterest", "BTCUSDT", "{  \"symbol\": \"BTCUSDT\",  \"id\": 8389765606284283461,  \"x\": \"\"}\n");
}

/* 11793.63104562 - 11781.80495970 = 11.82608592, of which 11781.8 is 10.0376 bps. */
static void
test_price(void **state)
{
	(void)state;
	SCRIPT(INFO, REPLY("{\"symbol\":\"BTCUSDT\",\"price\":\"11795.00\",\"time\":1589437530011}"),
	    REPLY("{\"symbol\":\"BTCUSDT\",\"markPrice\":\"11793.63104562\",\"indexPrice\":\"11781.80495970\","
	    "\"lastFundingRate\":\"0.00038246\",\"nextFundingTime\":1597392000000,\"time\":1597370495002}"));
	assert_int_equal(show("ndjson", "price", "BTCUSDT"), 0);
	assert_non_null(strstr(text, "\"lastPrice\":\"11795.00\",\"markPrice\":\"11793.63104562\",\"indexPrice\":\"11781.80495970\","
	    "\"lastMinusMark\":\"1.36895438\",\"lastMinusMarkBps\":\"1.16\",\"markMinusIndex\":\"11.82608592\","
	    "\"markMinusIndexBps\":\"10.04\",\"basis\":\"13.19504030\",\"basisBps\":\"11.20\","
	    "\"lastTime\":1589437530011,\"markTime\":1597370495002}\n"));
	/* no trade yet, no index: what is not known is null, and so is what would follow from it */
	SCRIPT(REPLY("{\"symbol\":\"BTCUSDT\",\"price\":\"0.00\"}"),
	    REPLY("{\"symbol\":\"BTCUSDT\",\"markPrice\":\"11793.63\",\"indexPrice\":\"\",\"time\":1597370495002}"));
	assert_int_equal(show("ndjson", "price", "BTCUSDT"), 0);
	assert_non_null(strstr(text, "\"lastPrice\":null,\"markPrice\":\"11793.63\",\"indexPrice\":null,"
	    "\"lastMinusMark\":null,\"lastMinusMarkBps\":null,\"markMinusIndex\":null,\"markMinusIndexBps\":null,"
	    "\"basis\":null,\"basisBps\":null,\"lastTime\":null,\"markTime\":1597370495002}\n"));
}

/* A contract that fundingInfo does not list: nothing is known of interval and bounds. */
static void
test_funding(void **state)
{
	(void)state;
	SCRIPT(INFO, REPLY("[{\"symbol\":\"BLZUSDT\",\"adjustedFundingRateCap\":\"0.02500000\",\"fundingIntervalHours\":8}]"),
	    REPLY("{\"symbol\":\"BTCUSDT\",\"markPrice\":\"11793.63\",\"lastFundingRate\":\"-1E-4\",\"nextFundingTime\":0}"));
	assert_int_equal(show("ndjson", "funding", "BTCUSDT"), 0);
	assert_non_null(strstr(text, "\"lastFundingRate\":\"-0.0001\",\"nextFundingTime\":null,\"markPrice\":\"11793.63\","
	    "\"interestRate\":null,\"fundingIntervalHours\":null,\"adjustedFundingRateCap\":null,"
	    "\"adjustedFundingRateFloor\":null}\n"));
}

/* The account's own coefficient comes with every tier; COIN-M in coins. */
static void
test_brackets(void **state)
{
	(void)state;
	setenv("BF_PROFILE", "peer", 1);
	SCRIPT(INFO, REPLY("[{\"symbol\":\"BTCUSDT\",\"notionalCoef\":1.50,\"brackets\":[{\"bracket\":1,\"initialLeverage\":75,"
	    "\"notionalCap\":10000,\"notionalFloor\":0,\"maintMarginRatio\":0.0065,\"cum\":0.0}]}]"));
	shows("ndjson", "brackets", "BTCUSDT", "{\"symbol\":\"BTCUSDT\",\"bracket\":1,\"initialLeverage\":75,\"notionalCap\":10000,"
	    "\"notionalFloor\":0,\"maintMarginRatio\":0.0065,\"cum\":0.0,\"notionalCoef\":1.50}\n");
	SCRIPT(REPLY("[{\"symbol\":\"BTCUSDT\",\"brackets\":[7]}]"));
	assert_int_equal(show("ndjson", "brackets", "BTCUSDT"), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	SCRIPT(REPLY("[{\"brackets\":[]}]"));
	assert_int_equal(show("ndjson", "brackets", "BTCUSDT"), -1);
	assert_string_equal(text, "");
}

/* The documentation's sample; and what is none. */
static void
test_standing(void **state)
{
	static const char *const wrong[] = { "{}", "[]", "{\"indicators\":[]}", "{\"indicators\":{\"BTCUSDT\":7}}",
		"{\"indicators\":{\"BTCUSDT\":[7]}}" };

	(void)state;
	setenv("BF_PROFILE", "peer", 1);
	SCRIPT(REPLY("{\"indicators\":{\"BTCUSDT\":[{\"isLocked\":true,\"plannedRecoverTime\":1545741270000,\"indicator\":\"UFR\","
	    "\"value\":0.05,\"triggerValue\":0.995},{\"indicator\":\"GCR\"}],\"ETHUSDT\":[]},\"updateTime\":1545741270000}"));
	shows("table", "tradingStatus", NULL,
	    "SYMBOL   INDICATOR  VALUE  TRIGGER  LOCKED  UNTIL\n"
	    "BTCUSDT  UFR         0.05    0.995  true    2018-12-25 12:34:30\n"
	    "BTCUSDT  GCR            -        -  -       -\n");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const struct act a = { .body = wrong[i], .cut = -1 };

		peer_script(&a, 1);
		if (wrong[i][0] == '[')	/* nothing is said: nothing is shown */
			assert_int_equal(show("table", "tradingStatus", NULL), 0);
		else {
			assert_int_equal(show("table", "tradingStatus", NULL), -1);
			assert_int_equal(f.kind, FAULT_AGAIN);
			assert_non_null(strstr(f.text, "apiTradingStatus: "));
		}
	}
}

/* -1 for a price that is not told; "Opening" hours; a composite index. */
static void
test_rows(void **state)
{
	(void)state;
	SCRIPT(INFO, REPLY("{\"symbol\":\"AAPLUSDT\",\"time\":1745401553408,\"constituents\":["
	    "{\"exchange\":\"binance\",\"symbol\":\"AAPLUSDT\",\"price\":\"94057.03000000\",\"weight\":\"0.51282051\"},"
	    "{\"exchange\":\"other\",\"symbol\":\"AAPL\",\"price\":\"-1\",\"weight\":\"-1\"}]}"));
	shows("table", "constituents", "AAPLUSDT",
	    "INDEX     EXCHANGE  SYMBOL       PRICE      WEIGHT\n"
	    "AAPLUSDT  binance   AAPLUSDT  94057.03  0.51282051\n"
	    "AAPLUSDT  other     AAPL             -           -\n");
	SCRIPT(REPLY("{\"updateTime\":1761286643918,\"marketSchedules\":{\"EQUITY\":{\"sessions\":["
	    "{\"startTime\":1761177600000,\"endTime\":1761206400000,\"type\":\"OVERNIGHT\"},"
	    "{\"startTime\":1761206400000,\"endTime\":1761226200000,\"type\":\"PRE_MARKET\"}]},\"FX\":{\"sessions\":[]}}}"));
	shows("table", "schedule", NULL,
	    "MARKET  FROM                 TO                   SESSION\n"
	    "EQUITY  2025-10-23 00:00:00  2025-10-23 08:00:00  OVERNIGHT\n"
	    "EQUITY  2025-10-23 08:00:00  2025-10-23 13:30:00  PRE_MARKET\n");
	SCRIPT(REPLY("[{\"symbol\":\"DEFIUSDT\",\"time\":1589437530011,\"component\":\"baseAsset\",\"baseAssetList\":["
	    "{\"baseAsset\":\"BAL\",\"quoteAsset\":\"USDT\",\"weightInQuantity\":\"1.04406228\",\"weightInPercentage\":\"0.02783900\"}]}]"));
	shows("table", "indexInfo", "DEFIUSDT",
	    "INDEX     ASSET  QUOTE    QUANTITY     SHARE\n"
	    "DEFIUSDT  BAL    USDT   1.04406228  0.027839\n");
	SCRIPT(REPLY("[{\"symbols\":[\"BTCUSDT\",\"ETHUSDT\"],\"assets\":[{\"asset\":\"USDC\",\"marginBalance\":\"299999998.6497832\","
	    "\"updateTime\":1745366402000},{\"asset\":\"BTC\",\"marginBalance\":\"61.61378919\",\"updateTime\":1745366402000}]}]"));
	shows("table", "insurance", NULL,
	    "ASSET             BALANCE  UPDATED              FOR SYMBOLS\n"
	    "USDC   299999998.6497832   2025-04-23 00:00:02  BTCUSDT,ETHUSDT\n"
	    "BTC           61.61378919  2025-04-23 00:00:02  BTCUSDT,ETHUSDT\n");
}

/* The index of a COIN-M contract is that of its pair, under symbol=. */
static void
test_coin_index(void **state)
{
	(void)state;
	SCRIPT(INFO_END, COIN, REPLY("{\"symbol\":\"BTCUSD\",\"time\":1697422647853,\"constituents\":[]}"));
	shows("ndjson", "constituents", "BTCUSD_PERP", "{\"symbol\":\"BTCUSD\",\"time\":1697422647853,\"constituents\":[]}\n");
	assert_int_equal(peer_saw("GET /dapi/v1/constituents?symbol=BTCUSD HTTP"), 1);
}

/* Levels that are none, sides that are missing: nothing is drawn. One side empty is a book. */
static void
test_ladder(void **state)
{
	static const char *const wrong[] = {
		"{\"lastUpdateId\":1,\"bids\":[]}", "{\"lastUpdateId\":1,\"bids\":{},\"asks\":[]}",
		"{\"bids\":[[\"1\"]],\"asks\":[]}", "{\"bids\":[[\"-1\",\"1\"]],\"asks\":[]}",
		"{\"bids\":[[\"x\",\"1\"]],\"asks\":[]}", "{\"bids\":[{\"p\":\"1\"}],\"asks\":[]}", "[]", "{}"
	};

	(void)state;
	SCRIPT(INFO, REPLY("{\"lastUpdateId\":1027024,\"E\":1589436922972,\"T\":1589436922959,"
	    "\"bids\":[[\"4.00000000\",\"431.00000000\"]],\"asks\":[[\"4.00000200\",\"12.00000000\"]]}"));
	shows("table", "book", "BTCUSDT",
	    "SIDE       PRICE  QTY  CUM QTY    CUM VALUE   BPS\n"
	    "ask     4.000002   12       12    48.000024  0.00\n"
	    "spread  0.000002    -        -            -  0.00\n"
	    "bid     4.000000  431      431  1724.000000  0.00\n");
	SCRIPT(REPLY("{\"bids\":[[\"9638.00000000\",\"431.00000000\"]],\"asks\":[]}"));
	shows("table", "book", "BTCUSDT",
	    "SIDE    PRICE  QTY  CUM QTY  CUM VALUE  BPS\n"
	    "spread      -    -        -          -    -\n"
	    "bid      9638  431      431    4153978    -\n");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const struct act a = { .body = wrong[i], .cut = -1 };

		peer_script(&a, 1);
		assert_int_equal(show("table", "book", "BTCUSDT"), -1);
		assert_int_equal(f.kind, FAULT_AGAIN);
		assert_null(strstr(text, "bid"));
	}
	/* more than there is room for in a sum: no sum, and no crash */
	SCRIPT(REPLY("{\"bids\":[[\"99999999999999999999999999999999999999\",\"99999999999999999999999999999999999999\"],"
	    "[\"99999999999999999999999999999999999998\",\"99999999999999999999999999999999999999\"]],\"asks\":[[\"1\",\"1\"]]}"));
	assert_int_equal(show("table", "book", "BTCUSDT"), 0);
}

/* A chart gets all levels, best first, and of these more than a table has. */
static void
test_drawn(void **state)
{
	(void)state;
	SCRIPT(INFO, REPLY("{\"bids\":[[\"9638.0\",\"431\"],[\"9637.0\",\"1\"]],\"asks\":[[\"9639.0\",\"5\"],[\"9640\",\"6\"],"
	    "[\"9641\",\"7.5\"]]}"));
	plot = "";
	assert_int_equal(show("ndjson", "book", "BTCUSDT"), 0);
	plot = NULL;
	assert_string_equal(text, "");
	assert_int_equal(drawn.calls, 1);
	assert_int_equal(drawn.bids, 2);
	assert_int_equal(drawn.asks, 3);
	assert_int_equal(dec_cmp(drawn.best, dec_int(9638)), 0);
	assert_int_equal(dec_cmp(drawn.last, (dec){ 75, 1 }), 0);
	assert_int_equal(peer_saw("GET /fapi/v1/depth?symbol=BTCUSDT&limit=500 HTTP"), 1);
}

/* An element that is no object is no record. */
static void
test_no_record(void **state)
{
	static const char *const wrong[] = { "[1,2]", "[\"x\"]", "[[]]", "[null]", "[{\"symbol\":\"BTCUSDT\"},true]" };
	static const char *const verbs[] = { "ticker", "bookTicker", "openInterest", "trades", "adl", "fees" };

	(void)state;
	SCRIPT(INFO);
	assert_int_equal(show("ndjson", "filters", "BTCUSDT"), 0);	/* the rules are kept now */
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		for (size_t j = 0; j < sizeof verbs / sizeof *verbs; j++) {
			const struct act a = { .body = wrong[i], .cut = -1 };

			peer_script(&a, 1);
			assert_int_equal(show("ndjson", verbs[j], "BTCUSDT"), -1);
			assert_int_equal(f.kind, FAULT_AGAIN);
			assert_non_null(strstr(f.text, verbs[j]));
		}
}

/* The same name in both markets is USDⓈ-M's; the rules come of the right list. */
static void
test_two_markets(void **state)
{
	(void)state;
	SCRIPT(INFO_END, COIN, REPLY("[{\"symbol\":\"BTCUSD_PERP\",\"pair\":\"BTCUSD\",\"price\":\"9647.8\"}]"),
	    REPLY("[{\"symbol\":\"BTCUSD_PERP\",\"pair\":\"BTCUSD\",\"markPrice\":\"9647.80\",\"indexPrice\":\"9650\"}]"));
	assert_int_equal(show("ndjson", "price", "BTCUSD_PERP"), 0);
	assert_int_equal(peer_saw("GET /fapi/v1/exchangeInfo"), 1);
	assert_int_equal(peer_saw("GET /dapi/v1/exchangeInfo"), 1);
	assert_int_equal(peer_saw("GET /dapi/v1/ticker/price?symbol=BTCUSD_PERP"), 1);
	assert_non_null(strstr(text, "\"lastMinusMark\":\"0.00\",\"lastMinusMarkBps\":\"0.00\",\"markMinusIndex\":\"-2.20\","
	    "\"markMinusIndexBps\":\"-2.28\""));
}

#define TEST(t)	cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_raw), TEST(test_price), TEST(test_funding), TEST(test_brackets), TEST(test_standing), TEST(test_rows),
		TEST(test_coin_index), TEST(test_ladder), TEST(test_drawn), TEST(test_no_record), TEST(test_two_markets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

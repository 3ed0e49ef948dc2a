/* Words of the command line against two markets; names, statuses and contract types are
 * such as the exchange has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../cmd/bf-stream/ask.h"
#include "io/state.h"
#include "peer.h"
#include "recorded.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define U	MARKET_USDM
#define C	MARKET_COINM

#define SYM(symbol, pair, type, status, base, quote) "{\"symbol\":\"" symbol "\",\"pair\":\"" pair \
	"\",\"contractType\":\"" type "\",\"" status "\",\"baseAsset\":\"" base "\",\"quoteAsset\":\"" quote "\"}"
#define UM(symbol, pair, type, status, base) SYM(symbol, pair, type, "status\":\"" status, base, "USDT")
#define CM(symbol, pair, type, status, base) SYM(symbol, pair, type, "contractStatus\":\"" status, base, "USD")

static const char usdm[] = "{\"assets\":[{\"asset\":\"USDC\"}],\"symbols\":["
    UM("BTCUSDT", "BTCUSDT", "PERPETUAL", "TRADING", "BTC") ","
    UM("ETHUSDT", "ETHUSDT", "PERPETUAL", "TRADING", "ETH") ","
    UM("BTCUSDT_260925", "BTCUSDT", "CURRENT_QUARTER", "TRADING", "BTC") ","
    UM("BTCUSDT_250627", "BTCUSDT", "CURRENT_QUARTER DELIVERING", "DELIVERING", "BTC") ","
    UM("AAPLUSDT", "AAPLUSDT", "TRADIFI_PERPETUAL", "TRADING", "AAPL") ","
    UM("DEFIUSDT", "DEFIUSDT", "PERPETUAL", "TRADING", "DEFI") ","
    UM("EOSUSDT", "EOSUSDT", "PERPETUAL", "SETTLING", "EOS") ","
    UM("OMGUSDT", "OMGUSDT", "PERPETUAL", "PENDING_TRADING", "OMG") ","
    UM("MKRUSDT", "MKRUSDT", "PERPETUAL", "CLOSE", "MKR") ","
    UM("FLMUSDT", "FLMUSDT", "PERPETUAL", "PRE_SETTLE", "FLM") ","
    UM("HALTUSDT", "HALTUSDT", "PERPETUAL", "TRADING_HALT", "HALT") ","
    UM("BTCUSDT_260626", "BTCUSDT", "CURRENT_MONTH", "TRADING", "BTC") ","
    UM("测试测试USDT", "测试测试USDT", "PERPETUAL", "TRADING", "测试测试") "]}";
static const char coinm[] = "{\"symbols\":["
    CM("BTCUSD_PERP", "BTCUSD", "PERPETUAL", "TRADING", "BTC") ","
    CM("BTCUSD_260925", "BTCUSD", "CURRENT_QUARTER", "PRE_DELIVERING", "BTC") ","
    CM("ETHUSD_PERP", "ETHUSD", "PERPETUAL", "TRADING", "ETH") ","
    CM("GALAUSD_PERP", "GALAUSD", "PERPETUAL_DELIVERING", "DELIVERING", "GALA") ","
    CM("SOLUSD_PERP", "SOLUSD", "PERPETUAL", "SETTLING", "SOL") ","
    CM("SOLUSD_260925", "SOLUSD", "CURRENT_QUARTER", "TRADING", "SOL") "]}";

static struct xinfo x[MARKETS];
static int opened[MARKETS];
static const char *no_coinm;	/* what is said instead of a session of COIN-M */
static enum fault_kind no_coinm_kind;

/* exchangeInfo is there already: a session is asked for, and not used. */
static struct session *
open_fake(void *arg, enum market m, struct fault *f)
{
	static struct session s[MARKETS];

	(void)arg;
	opened[m]++;
	if (m == C && no_coinm != NULL) {
		fault_set(f, no_coinm_kind, "%s", no_coinm);
		return NULL;
	}
	s[m].market = m;
	return &s[m];
}

static void
feed(enum market m, const char *text)
{
	buf_str(&x[m].text, text);
	assert_true(scan_doc(&x[m].doc, x[m].text.p, x[m].text.len) > 0);
}

static int
setup(void **state)
{
	(void)state;
	feed(U, usdm);
	feed(C, coinm);
	memset(opened, 0, sizeof opened);
	no_coinm = NULL;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	xinfo_free(&x[U]);
	xinfo_free(&x[C]);
	return 0;
}

/* Blank-separated words; "-coinm", "-usdm", "-offline", "-file=F" are options here. */
static int
read_words(struct wants *w, const char *text, struct fault *f)
{
	static char copy[512];
	char *word[64], *save = NULL, *p;
	struct ask a = { .words = word, .checked = true };

	snprintf(copy, sizeof copy, "%s", text);
	for (p = strtok_r(copy, " ", &save); p != NULL; p = strtok_r(NULL, " ", &save))
		if (strcmp(p, "-coinm") == 0 || strcmp(p, "-usdm") == 0) {
			a.market = p[1] == 'c' ? C : U;
			a.market_given = true;
		} else if (strcmp(p, "-offline") == 0)
			a.checked = false;
		else if (strncmp(p, "-file=", 6) == 0)
			a.symbols_from = p + 6;
		else
			word[a.n++] = p;
	return wants_read(w, &a, open_fake, NULL, x, f);
}

/* "U:btcusdt@aggTrade=BTCUSDT C:... user:U" */
static void
shown(const struct wants *w, char *out, size_t size)
{
	size_t n = 0;

	*out = '\0';
	for (int i = 0; i < w->n; i++) {
		const struct want *v = &w->w[i];

		n += (size_t)snprintf(out + n, size - n, "%s%c:%s=%s", n > 0 ? " " : "",
		    v->market == U ? 'U' : 'C', v->name, v->symbol != NULL ? v->symbol : "");
	}
	for (int m = 0; m < MARKETS; m++)
		if (w->user[m])
			n += (size_t)snprintf(out + n, size - n, "%suser:%c", n > 0 ? " " : "", m == U ? 'U' : 'C');
}

static void
gives(const char *words, const char *want)
{
	struct wants w;
	struct fault f;
	char got[2048];

	if (read_words(&w, words, &f) == -1)
		fail_msg("%s: %s", words, f.text);
	shown(&w, got, sizeof got);
	if (strcmp(got, want) != 0)
		fail_msg("%s: %s, not %s", words, got, want);
	wants_free(&w);
}

static void
fails(const char *words, enum fault_kind kind, const char *says)
{
	struct wants w;
	struct fault f = { 0 };

	assert_int_equal(read_words(&w, words, &f), -1);
	if (f.kind != kind || strstr(f.text, says) == NULL)
		fail_msg("%s: kind %d: %s, not %d: %s", words, (int)f.kind, f.text, (int)kind, says);
	assert_int_equal(f.code, kind == FAULT_REJECTED ? -1121 : 0);
	assert_int_equal(w.n, 0);
	assert_null(w.w);
}

static void
each_stream_is_wanted_for_each_symbol(void **state)
{
	(void)state;
	gives("markPrice BTCUSDT", "U:btcusdt@markPrice@1s=BTCUSDT");
	gives("BTCUSDT markPrice ETHUSDT depth@100ms", "U:btcusdt@markPrice@1s=BTCUSDT "
	    "U:ethusdt@markPrice@1s=ETHUSDT U:btcusdt@depth@100ms=BTCUSDT U:ethusdt@depth@100ms=ETHUSDT");
	gives("ticker 测试测试USDT", "U:测试测试usdt@ticker=测试测试USDT");
	gives("kline_1m FLMUSDT HALTUSDT", "U:flmusdt@kline_1m=FLMUSDT U:haltusdt@kline_1m=HALTUSDT");
	assert_int_equal(opened[C], 0);	/* nobody asked for it */
}

static void
without_a_symbol_it_is_the_form_for_all(void **state)
{
	(void)state;
	gives("markPrice bookTicker", "U:!markPrice@arr@1s= U:!bookTicker=");
	gives("-coinm ticker forceOrder contractInfo", "C:!ticker@arr= C:!forceOrder@arr= C:!contractInfo=");
	gives("tradingSession assetIndex", "U:tradingSession= U:!assetIndex@arr=");
	assert_int_equal(opened[U] + opened[C], 0);	/* nothing to look up */
	fails("-coinm assetIndex", FAULT_USAGE, "stream assetIndex: COIN-M has none, only USDⓈ-M");
	fails("aggTrade", FAULT_USAGE, "needs a symbol");
	fails("-coinm indexPrice", FAULT_USAGE, "needs a pair");
}

static void
a_symbol_picks_its_market(void **state)
{
	(void)state;
	gives("aggTrade BTCUSDT BTCUSD_PERP", "U:btcusdt@aggTrade=BTCUSDT C:btcusd_perp@aggTrade=BTCUSD_PERP");
	opened[U] = opened[C] = 0;
	gives("markPrice BTCUSD_PERP", "C:btcusd_perp@markPrice@1s=BTCUSD_PERP");
	assert_int_equal(opened[U], 0);		/* by its form it is looked for on COIN-M */
	gives("aggTrade user BTCUSD_PERP", "C:btcusd_perp@aggTrade=BTCUSD_PERP user:C");
	gives("aggTrade user BTCUSD_PERP BTCUSDT",
	    "C:btcusd_perp@aggTrade=BTCUSD_PERP U:btcusdt@aggTrade=BTCUSDT user:U user:C");
	gives("user", "user:U");
	gives("-coinm user", "user:C");
	gives("ticker user", "U:!ticker@arr= user:U");
	gives("user btcusd_perp@aggTrade", "C:btcusd_perp@aggTrade=BTCUSD_PERP user:C");
}

static void
the_market_that_was_given_is_the_only_one(void **state)
{
	(void)state;
	gives("-coinm aggTrade user BTCUSD_PERP", "C:btcusd_perp@aggTrade=BTCUSD_PERP user:C");
	gives("-coinm btcusd_perp@aggTrade", "C:btcusd_perp@aggTrade=BTCUSD_PERP");
	fails("-coinm aggTrade BTCUSDT", FAULT_REJECTED, "symbol BTCUSDT: not listed");
	fails("-coinm btcusdt@aggTrade", FAULT_USAGE, "stream btcusdt@aggTrade: COIN-M has none");
	assert_int_equal(opened[U], 0);
	opened[C] = 0;
	gives("-usdm aggTrade user BTCUSDT", "U:btcusdt@aggTrade=BTCUSDT user:U");
	fails("-usdm depth20 BTCUSD_260925", FAULT_REJECTED, "symbol BTCUSD_260925: not listed");
	fails("-usdm aggTrade user BTCUSD_PERP", FAULT_REJECTED, "symbol BTCUSD_PERP: not listed");
	fails("-usdm indexPrice BTCUSD", FAULT_USAGE, "stream indexPrice: USDⓈ-M has none, only COIN-M has it");
	fails("-coinm rpiDepth BTCUSDT", FAULT_USAGE, "stream rpiDepth: COIN-M has none, only USDⓈ-M has it");
	fails("-usdm btcusd@indexPrice", FAULT_USAGE, "USDⓈ-M has none, only COIN-M has it");
	assert_int_equal(opened[C], 0);
	gives("-offline -coinm aggTrade BTCUSDT", "U:btcusdt@aggTrade=BTCUSDT");	/* what there is tells */
}

static void
pairs_contracts_and_assets_come_from_symbols(void **state)
{
	(void)state;
	gives("indexPrice BTCUSD", "C:btcusd@indexPrice=BTCUSD");
	gives("indexPrice@1s pairMarkPrice BTCUSD_PERP",
	    "C:btcusd@indexPrice@1s=BTCUSD C:btcusd@markPrice@1s=BTCUSD");
	gives("indexPriceKline_1m BTCUSD_PERP BTCUSD_260925 BTCUSD", "C:btcusd@indexPriceKline_1m=BTCUSD");
	gives("markPriceKline_1h BTCUSD_PERP", "C:btcusd_perp@markPriceKline_1h=BTCUSD_PERP");
	gives("continuousKline_1m BTCUSDT BTCUSDT_260925 AAPLUSDT",
	    "U:btcusdt_perpetual@continuousKline_1m=BTCUSDT_PERPETUAL "
	    "U:btcusdt_current_quarter@continuousKline_1m=BTCUSDT_CURRENT_QUARTER "
	    "U:aaplusdt_tradifi_perpetual@continuousKline_1m=AAPLUSDT_TRADIFI_PERPETUAL");
	gives("continuousKline_1m BTCUSD BTCUSD_CURRENT_QUARTER",
	    "C:btcusd_perpetual@continuousKline_1m=BTCUSD_PERPETUAL "
	    "C:btcusd_current_quarter@continuousKline_1m=BTCUSD_CURRENT_QUARTER");
	gives("assetIndex BTCUSD USDCUSD", "U:btcusd@assetIndex=BTCUSD U:usdcusd@assetIndex=USDCUSD");
	fails("continuousKline_1m SOLUSD", FAULT_REJECTED, "SOLUSD_PERPETUAL: does not trade");
	fails("continuousKline_1m ETHUSD_CURRENT_QUARTER", FAULT_REJECTED, "contract ETHUSD_CURRENT_QUARTER: not listed");
	fails("continuousKline_1m BTCUSDT_260626", FAULT_USAGE, "one of _PERPETUAL");
	fails("indexPrice BTSUSD", FAULT_REJECTED, "pair BTSUSD: not listed; near: BTCUSD");
	fails("assetIndex BTCUSDT", FAULT_REJECTED, "asset BTCUSDT: not listed; near: BTCUSD");
}

static void
the_exchange_s_own_names_do_too(void **state)
{
	(void)state;
	gives("btcusdt@aggTrade !ticker@arr btcusd_perp@depth5@500ms", "U:btcusdt@aggTrade=BTCUSDT "
	    "U:!ticker@arr= C:btcusd_perp@depth5@500ms=BTCUSD_PERP");
	gives("btcusdt@markPrice btcusd@markPrice btcusd@indexPrice@1s", "U:btcusdt@markPrice=BTCUSDT "
	    "C:btcusd@markPrice=BTCUSD C:btcusd@indexPrice@1s=BTCUSD");
	gives("btcusdt_current_quarter@continuousKline_1s btcusd@assetIndex",
	    "U:btcusdt_current_quarter@continuousKline_1s=BTCUSDT_CURRENT_QUARTER U:btcusd@assetIndex=BTCUSD");
	gives("测试测试usdt@kline_1M", "U:测试测试usdt@kline_1M=测试测试USDT");
	gives("-coinm !markPrice@arr", "C:!markPrice@arr=");
	gives("!contractInfo depth BTCUSDT", "U:!contractInfo= U:btcusdt@depth=BTCUSDT");
	fails("-coinm !assetIndex@arr", FAULT_USAGE, "COIN-M has none, only USDⓈ-M");
	fails("BTCUSDT@aggTrade", FAULT_USAGE, "near: btcusdt@aggTrade");
	fails("btcusdt@aggtrade", FAULT_USAGE, "near: btcusdt@aggTrade");
	fails("btcusdt@kline", FAULT_USAGE, "near: btcusdt@kline_1m");
	fails("!tickers@arr", FAULT_USAGE, "near: !ticker@arr");
	fails("bookTrader@100ms", FAULT_USAGE, "bookTrader@100ms: the exchange has no such name");
	fails("!", FAULT_USAGE, "no such name");
	fails("@", FAULT_USAGE, "no such name");
	fails("btcusd@compositeIndex", FAULT_USAGE, "COIN-M has none");
	fails("btcustd@aggTrade", FAULT_REJECTED, "symbol BTCUSTD: not listed; near: BTCUSDT");
	fails("eosusdt@aggTrade", FAULT_REJECTED, "SETTLING");
	fails("btcusdt@aggTrade ETHUSDT", FAULT_USAGE, "ETHUSDT: no such stream");
}

static void
the_same_stream_twice_is_one(void **state)
{
	(void)state;
	gives("markPrice markPrice@1s btcusdt@markPrice@1s BTCUSDT BTCUSDT ticker",
	    "U:btcusdt@markPrice@1s=BTCUSDT U:btcusdt@ticker=BTCUSDT");
	gives("ticker !ticker@arr ticker", "U:!ticker@arr=");
}

static void
what_a_market_lacks_is_refused_by_name(void **state)
{
	(void)state;
	fails("compositeIndex BTCUSD_PERP", FAULT_USAGE,
	    "stream compositeIndex: COIN-M has none, only USDⓈ-M has it: BTCUSD_PERP");
	fails("rpiDepth BTCUSDT BTCUSD_PERP", FAULT_USAGE, "stream rpiDepth: COIN-M has none");
	fails("indexPrice BTCUSDT", FAULT_USAGE,
	    "stream indexPrice: USDⓈ-M has none, only COIN-M has it: BTCUSDT");
	fails("markPriceKline_1m BTCUSD_PERP BTCUSDT", FAULT_USAGE, "USDⓈ-M has none");
	fails("compositeIndex DEFIUSTD", FAULT_REJECTED, "near: DEFIUSDT");
}

static void
a_name_that_does_not_exist_is_refused_with_what_comes_near(void **state)
{
	(void)state;
	fails("markPrice BTCUSD", FAULT_REJECTED, "symbol BTCUSD: not listed; near: BTCUSDT");
	fails("markPrice BTCUSD", FAULT_REJECTED, "; of its pair: BTCUSD_PERP, BTCUSD_260925");
	fails("markPrice btcusdt", FAULT_REJECTED, "near: BTCUSDT");
	fails("markPrice BTCUSD_PREP", FAULT_REJECTED, "near: BTCUSD_PERP");
	fails("markPrice bookTickr BTCUSDT", FAULT_REJECTED, "symbol bookTickr: not listed; near: bookTicker");
	fails("markPrice XYZ", FAULT_REJECTED, "symbol XYZ: not listed");
	fails("ticker \x1b[2J\n", FAULT_REJECTED, "symbol \\x1b[2J\\x0a: not listed");
	fails("ticker AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", FAULT_REJECTED, "not listed");
}

static void
a_contract_that_does_not_trade_is_refused(void **state)
{
	(void)state;
	fails("markPrice EOSUSDT", FAULT_REJECTED, "symbol EOSUSDT: does not trade, its status is SETTLING");
	fails("markPrice OMGUSDT", FAULT_REJECTED, "PENDING_TRADING");
	fails("markPrice MKRUSDT", FAULT_REJECTED, "CLOSE");
	fails("markPrice BTCUSDT_250627", FAULT_REJECTED,
	    "its status is DELIVERING; of its pair: BTCUSDT, BTCUSDT_260925");
	fails("markPrice GALAUSD_PERP", FAULT_REJECTED, "DELIVERING");
	fails("indexPrice GALAUSD", FAULT_REJECTED, "pair GALAUSD: does not trade");
	gives("indexPrice SOLUSD", "C:solusd@indexPrice=SOLUSD");	/* one of its contracts does */
}

static void
clumsy_words_are_usage_errors(void **state)
{
	(void)state;
	fails("", FAULT_USAGE, "no stream named; see bf-stream --help");
	fails("BTCUSDT", FAULT_USAGE, "BTCUSDT: no such stream; a stream goes with a symbol: bf-stream bookTicker BTCUSDT; see");
	fails("bookTickr", FAULT_USAGE, "bookTickr: no such stream; near: bookTicker; see");
	fails("markprice BTCUSDT", FAULT_USAGE, "did you mean markPrice?");
	fails("depth@250ms BTCUSDT", FAULT_USAGE, "one of: @100ms @500ms");
	fails("kline BTCUSDT", FAULT_USAGE, "needs an interval");
	fails("contractInfo BTCUSDT", FAULT_USAGE, "takes no symbol, but got BTCUSDT");
	fails("tradingSession markPrice BTCUSDT", FAULT_USAGE, "takes no symbol");
	fails("user BTCUSDT", FAULT_USAGE, "user takes no symbol, its events are of the whole account: BTCUSDT");
	fails("indexPriceKline BTCUSD", FAULT_USAGE, "needs an interval");
	assert_int_equal(opened[U] + opened[C], 0);	/* all of it before anything is asked */
}

static void
offline_a_name_is_what_its_form_says(void **state)
{
	(void)state;
	gives("-offline markPrice NEVERUSDT BTCUSD_210924",
	    "U:neverusdt@markPrice@1s=NEVERUSDT C:btcusd_210924@markPrice@1s=BTCUSD_210924");
	gives("-offline indexPrice BTCUSD_PERP XUSD", "C:btcusd@indexPrice=BTCUSD C:xusd@indexPrice=XUSD");
	gives("-offline continuousKline_1m BTCUSDT BTCUSD_PERP XUSD XUSDT_NEXT_QUARTER",
	    "U:btcusdt_perpetual@continuousKline_1m=BTCUSDT_PERPETUAL "
	    "C:btcusd_perpetual@continuousKline_1m=BTCUSD_PERPETUAL "
	    "C:xusd_perpetual@continuousKline_1m=XUSD_PERPETUAL "
	    "U:xusdt_next_quarter@continuousKline_1m=XUSDT_NEXT_QUARTER");
	gives("-offline assetIndex BTCUSD", "U:btcusd@assetIndex=BTCUSD");
	gives("-offline xusdt@depth xusd_perp@trade user", "U:xusdt@depth=XUSDT C:xusd_perp@trade=XUSD_PERP user:U user:C");
	fails("-offline compositeIndex BTCUSD_PERP", FAULT_USAGE, "COIN-M has none");
	fails("-offline indexPrice BTCUSDT", FAULT_USAGE, "USDⓈ-M has none");
	fails("-offline markPrice BTCUSD", FAULT_USAGE, "takes a symbol such as BTCUSD_PERP");
	assert_int_equal(opened[U] + opened[C], 0);
}

static void
a_market_that_cannot_be_asked(void **state)
{
	(void)state;
	no_coinm = "profile x: no address of COIN-M";
	no_coinm_kind = FAULT_USAGE;
	gives("markPrice BTCUSDT", "U:btcusdt@markPrice@1s=BTCUSDT");
	fails("markPrice BTCUSTD", FAULT_REJECTED, "near: BTCUSDT");	/* that is what is wrong */
	fails("markPrice BTCUSD_PERP", FAULT_USAGE, no_coinm);
	no_coinm_kind = FAULT_AGAIN;	/* it may be there: unknown is not a no */
	fails("markPrice BTCUSTD", FAULT_AGAIN, no_coinm);
}

/*
 * --symbols-from
 */

static char file[] = "/tmp/bf-test-symbols.XXXXXX";

static void
symbols(const char *text, size_t n)
{
	FILE *fp = fopen(file, "w");

	assert_non_null(fp);
	assert_int_equal(fwrite(text, 1, n, fp), n);
	fclose(fp);
}

static const char *
with(const char *words)
{
	static char text[256];

	snprintf(text, sizeof text, "-file=%s %s", file, words);
	return text;
}

static void
symbols_come_from_a_file_too(void **state)
{
	static const char list[] = "# mine\nBTCUSDT\tETHUSDT # both\r\n\n#EOSUSDT\n  BTCUSD_PERP\r\n测试测试USDT";
	char says[200];
	int fd = mkstemp(file);

	(void)state;
	assert_true(fd != -1);
	close(fd);
	symbols(list, sizeof list - 1);
	gives(with("trade"), "U:btcusdt@trade=BTCUSDT U:ethusdt@trade=ETHUSDT C:btcusd_perp@trade=BTCUSD_PERP "
	    "U:测试测试usdt@trade=测试测试USDT");
	gives(with("trade FLMUSDT"), "U:flmusdt@trade=FLMUSDT U:btcusdt@trade=BTCUSDT U:ethusdt@trade=ETHUSDT "
	    "C:btcusd_perp@trade=BTCUSD_PERP U:测试测试usdt@trade=测试测试USDT");
	fails(with("user"), FAULT_USAGE, "user takes no symbol");
	fails(with(""), FAULT_USAGE, "no such stream");
	symbols("BTCUSDT\n\nETHUSDT BTCUSTD\n", 25);
	snprintf(says, sizeof says, "%s:3: symbol BTCUSTD: not listed; near: BTCUSDT", file);
	fails(with("trade"), FAULT_REJECTED, says);
	symbols("# none\n\n", 8);
	fails(with("ticker"), FAULT_USAGE, "there is no symbol in it");
	symbols("", 0);
	fails(with("ticker"), FAULT_USAGE, "there is no symbol in it");
	symbols("BTCUSDT\nETH\0USDT\n", 17);
	fails(with("ticker"), FAULT_USAGE, ":2: a NUL byte");
	unlink(file);
	fails(with("ticker"), FAULT_USAGE, "No such file");
	fails("-file=/ ticker", FAULT_LOCAL, "");
}

/*
 * With an exchange behind it
 */

static struct session real[MARKETS];

static struct session *
open_real(void *arg, enum market m, struct fault *f)
{
	(void)arg;
	return session_open(&real[m], NULL, m, false, f) == -1 ? NULL : &real[m];
}

/* Two sessions, and the peer has an ear for one at a time. */
#define ONE	{ .body = "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"pair\":\"BTCUSDT\",\"status\":\"TRADING\"}," \
		"{\"symbol\":\"OMGUSDT\",\"pair\":\"OMGUSDT\",\"status\":\"PENDING_TRADING\"}]}", .cut = -1, .end = END_FIN }
#define TWO	{ .body = "{\"symbols\":[{\"symbol\":\"NEWUSDT\",\"pair\":\"NEWUSDT\",\"status\":\"TRADING\"}," \
		"{\"symbol\":\"OMGUSDT\",\"pair\":\"OMGUSDT\",\"status\":\"TRADING\"}]}", .cut = -1, .end = END_FIN }
#define COIN	{ .body = "{\"symbols\":[{\"symbol\":\"BTCUSD_PERP\",\"pair\":\"BTCUSD\"," \
		"\"contractStatus\":\"TRADING\",\"contractType\":\"PERPETUAL\"}]}", .cut = -1, .end = END_FIN }

static int
peer_setup(void **state)
{
	(void)state;
	peer_start();
	home_make(peer->port, "");
	return 0;
}

static int
peer_teardown(void **state)
{
	(void)state;
	peer_stop();
	home_remove();
	return 0;
}

/* The ticker of one symbol or two, by a process that knows nothing yet. */
static int
ask_real(struct wants *w, const char *one, const char *two, struct fault *f)
{
	char a1[16], a2[16], ticker[] = "ticker", *words[] = { ticker, a1, a2 };
	struct ask a = { .words = words, .n = two == NULL ? 2 : 3, .checked = true };
	int r;

	snprintf(a1, sizeof a1, "%s", one);
	snprintf(a2, sizeof a2, "%s", two == NULL ? "" : two);
	r = wants_read(w, &a, open_real, NULL, x, f);

	for (int m = 0; m < MARKETS; m++) {
		session_close(&real[m]);
		memset(&real[m], 0, sizeof real[m]);
		xinfo_free(&x[m]);
	}
	return r;
}

static void
an_old_list_is_asked_for_again_before_a_name_is_refused(void **state)
{
	struct wants w;
	struct fault f;

	(void)state;
	SCRIPT(ONE);
	assert_int_equal(ask_real(&w, "BTCUSDT", NULL, &f), 0);
	wants_free(&w);
	assert_int_equal(peer->nlog, 1);
	assert_int_equal(ask_real(&w, "BTCUSDT", NULL, &f), 0);	/* from the cache */
	wants_free(&w);
	assert_int_equal(peer->nlog, 1);
	SCRIPT(COIN, TWO, COIN);	/* not in the cache: the other market, then the first anew */
	assert_int_equal(ask_real(&w, "NEWUSDT", "OMGUSDT", &f), 0);
	assert_int_equal(w.n, 2);
	wants_free(&w);
	assert_int_equal(peer_saw("GET /dapi/v1/exchangeInfo"), 1);
	assert_int_equal(peer_saw("GET /fapi/v1/exchangeInfo"), 1);
	SCRIPT(COIN);
	assert_int_equal(ask_real(&w, "BTCUSD_PERP", NULL, &f), 0);	/* the caches are two */
	wants_free(&w);
	assert_int_equal(peer->nlog, 0);
	SCRIPT(TWO, COIN);
	assert_int_equal(ask_real(&w, "XUSDT", NULL, &f), -1);
	assert_int_equal(f.kind, FAULT_REJECTED);
	assert_int_equal(peer->nlog, 2);
}

/* Real lists: every contract that trades is found, and no other. */
static void
every_symbol_of_real_lists_is_found_or_refused(void **state)
{
	static const struct { const char *file; enum market m; const char *status; int n, live; } list[] = {
		{ "usdm/rest-exchangeInfo-testnet-2025-11-26.json.gz", U, "status", 647, 556 },
		{ "usdm/rest-exchangeInfo-mainnet-2021-07-22.json.gz", U, "status", 122, 121 },
		{ "coinm/rest-exchangeInfo-mainnet-2021-07-22.json.gz", C, "contractStatus", 36, 36 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(list); i++) {
		char *text = recorded(list[i].file), trade[] = "trade", *words[2] = { trade, NULL };
		const struct tok *all, *v;
		int n = 0, live = 0;

		teardown(NULL);
		feed(list[i].m, text);
		feed(list[i].m == U ? C : U, "{\"symbols\":[{}]}");
		all = scan_get(x[list[i].m].doc.t, x[list[i].m].doc.t, "symbols");
		for (v = scan_first(all); v != NULL; v = scan_next(x[list[i].m].doc.t, all, v), n++) {
			struct ask a = { .words = words, .n = 2, .checked = true };
			char symbol[SYMBOL_MAX];
			struct wants w;
			struct fault f;

			assert_true(scan_get_str(x[list[i].m].doc.t, v, "symbol", symbol, sizeof symbol));
			words[1] = symbol;
			if (wants_read(&w, &a, open_fake, NULL, x, &f) == 0) {
				live++;
				assert_int_equal(w.n, 1);
				assert_int_equal(w.w[0].market, list[i].m);
				assert_string_equal(w.w[0].symbol, symbol);
				wants_free(&w);
			} else {
				assert_int_equal(f.kind, FAULT_REJECTED);
				assert_non_null(strstr(f.text, "does not trade"));
			}
		}
		assert_int_equal(n, list[i].n);
		assert_int_equal(live, list[i].live);
		free(text);
	}
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_stream_is_wanted_for_each_symbol),
		TEST(without_a_symbol_it_is_the_form_for_all),
		TEST(a_symbol_picks_its_market),
		TEST(the_market_that_was_given_is_the_only_one),
		TEST(pairs_contracts_and_assets_come_from_symbols),
		TEST(the_exchange_s_own_names_do_too),
		TEST(the_same_stream_twice_is_one),
		TEST(what_a_market_lacks_is_refused_by_name),
		TEST(a_name_that_does_not_exist_is_refused_with_what_comes_near),
		TEST(a_contract_that_does_not_trade_is_refused),
		TEST(clumsy_words_are_usage_errors),
		TEST(offline_a_name_is_what_its_form_says),
		TEST(a_market_that_cannot_be_asked),
		TEST(symbols_come_from_a_file_too),
		cmocka_unit_test_setup_teardown(an_old_list_is_asked_for_again_before_a_name_is_refused,
		    peer_setup, peer_teardown),
		TEST(every_symbol_of_real_lists_is_found_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Answers and events are samples of Binance's documentation (DOC) or rows of
 * real accounts that people have published (REAL), here and there shortened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "account_rig.h"
#include "recorded.h"

/* DOC: positionRisk v3; initialMargin and maintMargin of that answer. */
#define ADA	"{\"symbol\":\"ADAUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"30\","	\
	"\"entryPrice\":\"0.385\",\"breakEvenPrice\":\"0.385077\","			\
	"\"markPrice\":\"0.41047590\",\"unRealizedProfit\":\"0.76427700\","		\
	"\"liquidationPrice\":\"0\",\"isolatedMargin\":\"0\",\"notional\":\"12.31427700\","	\
	"\"marginAsset\":\"USDT\",\"isolatedWallet\":\"0\",\"initialMargin\":\"0.61571385\","	\
	"\"maintMargin\":\"0.08004280\",\"positionInitialMargin\":\"0.61571385\","	\
	"\"openOrderInitialMargin\":\"0\",\"adl\":2,\"bidNotional\":\"0\","		\
	"\"askNotional\":\"0\",\"updateTime\":1720736417660}"

/* REAL: positionRisk v2, isolated. */
#define AAPL	"{\"symbol\":\"AAPLUSDT\",\"positionAmt\":\"0.02\","			\
	"\"entryPrice\":\"313.20000000000005\",\"breakEvenPrice\":\"313.32528\","	\
	"\"markPrice\":\"313.19672593\",\"unRealizedProfit\":\"-0.00006548\","		\
	"\"liquidationPrice\":\"305.29503487\",\"leverage\":\"20\","			\
	"\"maxNotionalValue\":\"100000\",\"marginType\":\"isolated\","			\
	"\"isolatedMargin\":\"0.31068134\",\"isAutoAddMargin\":\"false\","		\
	"\"positionSide\":\"BOTH\",\"notional\":\"6.26393451\","			\
	"\"isolatedWallet\":\"0.31074682\",\"updateTime\":1786165144675,"		\
	"\"isolated\":true,\"adlQuantile\":0}"

#define USDT	"{\"asset\":\"USDT\",\"walletBalance\":\"23.72469206\","			\
	"\"unrealizedProfit\":\"0.00000000\",\"marginBalance\":\"23.72469206\","		\
	"\"crossWalletBalance\":\"23.41394524\",\"crossUnPnl\":\"0.00000000\","		\
	"\"availableBalance\":\"23.10\",\"updateTime\":1625474304765}"

static void
test_positions_v3(void **state)
{
	struct position *p;

	(void)state;
	reads(account_read_positions, "[" ADA "]");
	p = account_position(&a, "ADAUSDT", POS_BOTH);
	assert_non_null(p);
	assert_null(account_position(&a, "ADAUSDT", POS_LONG));
	assert_null(account_position(&a, "BTCUSDT", POS_BOTH));
	same(p->amt, "30");
	same(p->entry, "0.385");
	same(p->break_even, "0.385077");
	same(p->upnl, "0.764277");
	same(p->liq, "0");
	same(p->initial_margin, "0.61571385");
	same(p->maint_margin, "0.0800428");
	assert_string_equal(p->margin_asset, "USDT");
	assert_false(p->isolated);
	assert_int_equal(p->leverage, 0);
	assert_int_equal(p->adl, 2);
	assert_int_equal(a.as_of_ms, 1720736417660);
	assert_false(a.known);
	assert_false(a.hedge);
	/* v3 lists only what is open: absent is flat */
	reads(account_read_positions, "[]");
	assert_int_equal(a.npos, 0);
}

static void
test_positions_v2(void **state)
{
	struct position *p;

	(void)state;
	reads(account_read_positions, "[" AAPL "]");
	p = account_position(&a, "AAPLUSDT", POS_BOTH);
	assert_non_null(p);
	assert_true(p->isolated);
	same(p->isolated_wallet, "0.31074682");
	same(p->liq, "305.29503487");
	assert_int_equal(p->leverage, 20);
	assert_string_equal(p->margin_asset, "USDT");
	/* v3 has no leverage: what was known stays */
	reads(account_read_positions, "[{\"symbol\":\"AAPLUSDT\",\"positionSide\":\"BOTH\","
	    "\"positionAmt\":\"0\"}]");
	p = account_position(&a, "AAPLUSDT", POS_BOTH);
	assert_int_equal(p->leverage, 20);
	assert_true(p->isolated);
	same(p->amt, "0");
	/* COIN-M may print isolatedMargin alone; it is wallet and upnl together (REAL) */
	reads(account_read_positions, "[{\"symbol\":\"BTCUSD_PERP\",\"positionSide\":\"BOTH\","
	    "\"positionAmt\":\"2\",\"entryPrice\":\"37643.10000021\","
	    "\"markPrice\":\"38103.05510455\",\"unRealizedProfit\":\"0.00006413\","
	    "\"liquidationPrice\":\"25119.97445760\",\"marginType\":\"isolated\","
	    "\"isolatedMargin\":\"0.00274471\"}]");
	p = account_position(&a, "BTCUSD_PERP", POS_BOTH);
	same(p->isolated_wallet, "0.00268058");
	assert_string_equal(p->margin_asset, "BTC");
}

static void
test_positions_hedge(void **state)
{
	(void)state;
	reads(account_read_positions, "["
	    "{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"0\"},"
	    "{\"symbol\":\"BTCUSDT\",\"positionSide\":\"LONG\",\"positionAmt\":\"0\"},"
	    "{\"symbol\":\"BTCUSDT\",\"positionSide\":\"SHORT\",\"positionAmt\":\"0\"}]");
	assert_true(a.hedge);
	assert_int_equal(a.npos, 3);
	reads(account_read_positions, "["
	    "{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"0\"}]");
	assert_false(a.hedge);
}

/* One row of ADA with one member replaced. */
static void
refuse_row(const char *member, const char *with)
{
	char text[2048], name[32], *at;
	size_t n = strlen(member);

	snprintf(text, sizeof text, "[" ADA "]");
	at = strstr(text, member);
	assert_non_null(at);
	memmove(at + strlen(with), at + n, strlen(at + n) + 1);
	memcpy(at, with, strlen(with));
	snprintf(name, sizeof name, "%.*s", (int)strcspn(member + 1, "\""), member + 1);
	refuses(account_read_positions, text, name);
}

static void
test_positions_refused(void **state)
{
	static const char *const lists[] = { "{}", "null", "\"\"", "{\"code\":-1021,\"msg\":\"\"}" };

	(void)state;
	reads(account_read_positions, "[" AAPL "]");
	for (size_t i = 0; i < LEN(lists); i++)
		refuses(account_read_positions, lists[i], "positionRisk");
	refuse_row("\"symbol\":\"ADAUSDT\"", "\"symbol\":\"\"");
	refuse_row("\"positionSide\":\"BOTH\"", "\"x\":0");
	refuse_row("\"positionSide\":\"BOTH\"", "\"positionSide\":\"UP\"");
	refuse_row("\"positionAmt\":\"30\"", "\"positionAmt\":\"\"");
	refuse_row("\"positionAmt\":\"30\"", "\"x\":0");
	refuse_row("\"entryPrice\":\"0.385\"", "\"entryPrice\":\"\"");
	refuse_row("\"markPrice\":\"0.41047590\"", "\"markPrice\":\"0\"");
	refuse_row("\"unRealizedProfit\":\"0.76427700\"", "\"unRealizedProfit\":null");
	refuse_row("\"liquidationPrice\":\"0\"", "\"liquidationPrice\":\"\"");
	refuse_row("\"updateTime\":1720736417660", "\"updateTime\":1.5");
	refuses(account_read_positions, "[" ADA "," ADA "]", "positionSide");
	assert_non_null(account_position(&a, "AAPLUSDT", POS_BOTH));
}

static void
test_wallets(void **state)
{
	(void)state;
	reads(account_read_wallets, "{\"totalWalletBalance\":\"126.7\",\"assets\":[" USDT "]}");
	assert_int_equal(a.nwal, 1);
	same(a.wal[0].balance, "23.72469206");
	same(a.wal[0].cross, "23.41394524");
	same(a.wal[0].available, "23.1");
	/* REAL: balance v2 is a list of its own */
	reads(account_read_wallets, "[{\"accountAlias\":\"SgsR\",\"asset\":\"USDT\","
	    "\"balance\":\"24.30489058\",\"crossWalletBalance\":\"24.30489058\","
	    "\"crossUnPnl\":\"0.00000000\",\"availableBalance\":\"24.30489058\","
	    "\"maxWithdrawAmount\":\"24.30489058\",\"marginAvailable\":true,"
	    "\"updateTime\":1785718214133}]");
	same(a.wal[0].balance, "24.30489058");
	refuses(account_read_wallets, "{}", "assets");
	refuses(account_read_wallets, "{\"code\":-2015,\"msg\":\"\"}", "assets");
	/* an inactive account's strings are empty: unknown is not nothing */
	refuses(account_read_wallets, "{\"assets\":[{\"asset\":\"USDT\",\"walletBalance\":\"\","
	    "\"crossWalletBalance\":\"1\",\"availableBalance\":\"1\"}]}", "USDT: walletBalance");
	refuses(account_read_wallets, "{\"assets\":[{\"asset\":\"USDT\",\"walletBalance\":\"1\","
	    "\"availableBalance\":\"1\"}]}", "USDT: crossWalletBalance");
	refuses(account_read_wallets, "{\"assets\":[" USDT "," USDT "]}", "asset");
	same(a.wal[0].balance, "24.30489058");
}

/* DOC: openOrders */
#define ORDER(id, status, filled)						\
	"{\"avgPrice\":\"0.00000\",\"clientOrderId\":\"abc\",\"cumQuote\":\"0\","	\
	"\"executedQty\":\"" filled "\",\"orderId\":" id ",\"origQty\":\"0.40\","	\
	"\"origType\":\"TRAILING_STOP_MARKET\",\"price\":\"0\",\"reduceOnly\":false,"	\
	"\"side\":\"BUY\",\"positionSide\":\"SHORT\",\"status\":\"" status "\","	\
	"\"stopPrice\":\"9300\",\"closePosition\":false,\"symbol\":\"BTCUSDT\","	\
	"\"time\":1579276756075,\"timeInForce\":\"GTC\",\"updateTime\":1579276756075}"

static void
test_orders(void **state)
{
	(void)state;
	/* an id above 2^53 keeps its digits */
	reads(account_read_orders, "[" ORDER("8389765512345678901", "NEW", "0") ","
	    ORDER("7", "PARTIALLY_FILLED", "0.1") "]");
	assert_int_equal(a.nord, 2);
	assert_true(a.ord[0].id == UINT64_C(8389765512345678901));
	assert_int_equal(a.ord[0].side, SIDE_BUY);
	assert_int_equal(a.ord[0].pos_side, POS_SHORT);
	assert_true(a.ord[0].reduce);	/* a SHORT that buys can only shrink */
	same(a.ord[0].price, "0");
	same(a.ord[1].qty, "0.4");
	same(a.ord[1].filled, "0.1");
	assert_string_equal(a.ord[0].client_id, "abc");
	refuses(account_read_orders, "{\"code\":-1000}", "openOrders");
	refuses(account_read_orders, "[" ORDER("7", "NEW", "") "]", "executedQty");
	refuses(account_read_orders, "[" ORDER("\"\"", "NEW", "0") "]", "orderId");
	refuses(account_read_orders, "[" ORDER("1", "", "0") "]", "status");
	reads(account_read_orders, "[]");
	assert_int_equal(a.nord, 0);
}

static void
test_known_and_config(void **state)
{
	struct position *p;

	(void)state;
	reads(account_read_positions, "[" ADA "]");
	reads(account_read_orders, "[]");
	assert_false(a.known);
	reads(account_read_wallets, "{\"assets\":[" USDT "]}");
	assert_true(a.known);
	/* DOC: symbolConfig; a symbol without a position is passed over */
	reads(account_read_config, "[{\"symbol\":\"BTCUSDT\",\"marginType\":\"CROSSED\","
	    "\"isAutoAddMargin\":false,\"leverage\":21,\"maxNotionalValue\":\"1000000\"},"
	    "{\"symbol\":\"ADAUSDT\",\"marginType\":\"ISOLATED\",\"isAutoAddMargin\":false,"
	    "\"leverage\":20,\"maxNotionalValue\":\"1000000\"}]");
	p = account_position(&a, "ADAUSDT", POS_BOTH);
	assert_int_equal(p->leverage, 20);
	assert_true(p->isolated);
	refuses(account_read_config, "[{\"symbol\":\"ADAUSDT\",\"marginType\":\"CROSSED\","
	    "\"leverage\":5},{\"symbol\":\"BTCUSDT\",\"marginType\":\"CROSSED\"}]",
	    "BTCUSDT: leverage");
	assert_int_equal(p->leverage, 20);
	/* DOC: ACCOUNT_CONFIG_UPDATE */
	event(1, "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1611646737479,\"T\":1611646737476,"
	    "\"ac\":{\"s\":\"ADAUSDT\",\"l\":25}}");
	assert_int_equal(p->leverage, 25);
	event(0, "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1611646737479,\"T\":1611646737476,"
	    "\"ac\":{\"s\":\"BTCUSDT\",\"l\":25}}");
	event(1, "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1611646737479,\"T\":1611646737476,"
	    "\"ai\":{\"j\":true}}");
	assert_true(a.multi_assets);
	event(0, "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1611646737479,\"T\":1611646737476,"
	    "\"ai\":{\"j\":true}}");
	event(-1, "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1611646737479,\"T\":1611646737476,"
	    "\"ai\":{\"j\":\"\"}}");
	assert_true(a.multi_assets);
	event(-1, "{\"e\":\"ACCOUNT_CONFIG_UPDATE\",\"E\":1611646737479,\"T\":1611646737476,"
	    "\"ac\":{\"s\":\"ADAUSDT\",\"l\":\"\"}}");
}

/* DOC: ACCOUNT_UPDATE */
#define UPDATE(T, B, P)	"{\"e\":\"ACCOUNT_UPDATE\",\"E\":" T ",\"T\":" T		\
	",\"a\":{\"m\":\"ORDER\",\"B\":[" B "],\"P\":[" P "]}}"
#define BAL(wb, cw)	"{\"a\":\"USDT\",\"wb\":\"" wb "\",\"cw\":\"" cw "\",\"bc\":\"50.12345678\"}"
#define POS(ps, pa, ep, up, mt, iw)						\
	"{\"s\":\"BTCUSDT\",\"pa\":\"" pa "\",\"ep\":\"" ep "\",\"bep\":\"0\",\"cr\":\"200\","	\
	"\"up\":\"" up "\",\"mt\":\"" mt "\",\"iw\":\"" iw "\",\"ps\":\"" ps "\"}"

static void
test_account_update(void **state)
{
	struct position *p;

	(void)state;
	event(1, UPDATE("1564745798939", BAL("122624.12345678", "100.12345678"),
	    POS("BOTH", "0", "0.00000", "0", "isolated", "0.00000000") ","
	    POS("LONG", "20", "6563.6", "2850.21200", "isolated", "13200.70726908") ","
	    POS("SHORT", "-10", "6563.8", "-1423.15600", "isolated", "6570.42511771")));
	assert_int_equal(a.npos, 3);
	assert_true(a.hedge);
	assert_int_equal(a.as_of_ms, 1564745798939);
	p = account_position(&a, "BTCUSDT", POS_SHORT);
	same(p->amt, "-10");
	same(p->entry, "6563.8");
	same(p->upnl, "-1423.156");
	same(p->isolated_wallet, "6570.42511771");
	assert_true(p->isolated);
	assert_string_equal(p->margin_asset, "USDT");
	same(a.wal[0].balance, "122624.12345678");
	same(a.wal[0].cross, "100.12345678");
	/* only what changed is listed: the rest stays */
	event(1, UPDATE("1564745798940", "", POS("LONG", "15", "6563.6", "0", "cross", "")));
	assert_int_equal(a.npos, 3);
	p = account_position(&a, "BTCUSDT", POS_LONG);
	same(p->amt, "15");
	assert_false(p->isolated);
	same(p->isolated_wallet, "0");
	same(account_position(&a, "BTCUSDT", POS_SHORT)->amt, "-10");
	/* older than what is known: dropped */
	event(0, UPDATE("1564745798938", BAL("1", "1"), POS("LONG", "99", "1", "0", "cross", "")));
	same(p->amt, "15");
	same(a.wal[0].cross, "100.12345678");
	/* cross funding: a wallet alone, and it may be negative */
	event(1, UPDATE("1564745798950", BAL("-0.5", "-0.5"), ""));
	same(a.wal[0].balance, "-0.5");
	/* flat */
	event(1, UPDATE("1564745798960", "", POS("LONG", "0", "0", "0", "cross", "0")));
	same(account_position(&a, "BTCUSDT", POS_LONG)->entry, "0");
}

static void
test_account_update_refused(void **state)
{
	static const struct { const char *json, *field; } row[] = {
		{ UPDATE("20", BAL("2", "2"), POS("BOTH", "", "1", "0", "cross", "")), "pa" },
		{ UPDATE("20", BAL("2", "2"), POS("BOTH", "2", "", "0", "cross", "")), "ep" },
		{ UPDATE("20", BAL("2", "2"), POS("BOTH", "2", "1", "", "cross", "")), "up" },
		{ UPDATE("20", BAL("2", "2"), POS("BOTH", "2", "1", "0", "isolated", "")), "iw" },
		{ UPDATE("20", BAL("", "2"), POS("BOTH", "2", "1", "0", "cross", "")), "wb" },
		{ UPDATE("20", BAL("2", ""), ""), "cw" },
		{ "{\"e\":\"ACCOUNT_UPDATE\",\"E\":20,\"T\":20}", "a" },
		{ "{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"B\":[],\"P\":[]}}", "E" },
	};

	(void)state;
	event(1, UPDATE("10", BAL("1", "1"), POS("BOTH", "1", "1", "0", "cross", "")));
	for (size_t i = 0; i < LEN(row); i++) {
		refuses(account_event, row[i].json, row[i].field);
		same(a.pos[0].amt, "1");
		same(a.wal[0].balance, "1");	/* all or nothing */
	}
}

static void
test_marks(void **state)
{
	struct position *p;

	(void)state;
	reads(account_read_positions, "[" ADA "]");
	p = account_position(&a, "ADAUSDT", POS_BOTH);
	event(1, "{\"e\":\"markPriceUpdate\",\"E\":1720736417700,\"s\":\"ADAUSDT\","
	    "\"p\":\"0.40000000\",\"T\":1720800000000}");
	same(p->mark, "0.4");
	same(p->upnl, "0.45");		/* 30 x 0.015 */
	assert_int_equal(p->mark_ms, 1720736417700);
	assert_int_equal(a.as_of_ms, 1720736417660);	/* says nothing of the account */
	/* older, of others, or worth nothing */
	event(0, "{\"e\":\"markPriceUpdate\",\"E\":1720736417699,\"s\":\"ADAUSDT\",\"p\":\"9\"}");
	event(0, "{\"e\":\"markPriceUpdate\",\"E\":1720736417701,\"s\":\"ADAUSD\",\"p\":\"9\"}");
	event(0, "{\"e\":\"markPriceUpdate\",\"E\":1720736417701,\"s\":\"ADAUSDTX\",\"p\":\"\"}");
	event(-1, "{\"e\":\"markPriceUpdate\",\"E\":1720736417701,\"s\":\"ADAUSDT\",\"p\":\"\"}");
	event(-1, "{\"e\":\"markPriceUpdate\",\"E\":1720736417701,\"s\":\"ADAUSDT\",\"p\":\"0\"}");
	same(p->mark, "0.4");
	/* up of an event is older than our mark */
	event(1, "{\"e\":\"ACCOUNT_UPDATE\",\"E\":1720736417800,\"T\":1720736417800,\"a\":{\"P\":["
	    "{\"s\":\"ADAUSDT\",\"pa\":\"-60\",\"ep\":\"0.41\",\"up\":\"7\",\"mt\":\"cross\","
	    "\"iw\":\"0\",\"ps\":\"BOTH\"}]}}");
	same(p->upnl, "0.6");
	/* a new answer does not replace a mark whose time is known by one without */
	reads(account_read_positions, "[" ADA "]");
	p = account_position(&a, "ADAUSDT", POS_BOTH);
	same(p->mark, "0.4");
	same(p->upnl, "0.45");
	assert_true(account_mark(&a, "ADAUSDT...", 7, (dec){ 5, 1 }, 1720736417900));
	same(p->upnl, "3.45");
	assert_false(account_mark(&a, "ADAUSDT", 7, (dec){ 0, 0 }, 1720736418000));
	/* flat: a mark is kept, but nothing is held */
	event(1, UPDATE("5", "", POS("BOTH", "0", "0", "0", "cross", "0")));
	assert_false(account_mark(&a, "BTCUSDT", 7, (dec){ 60000, 0 }, 6));
	same(account_position(&a, "BTCUSDT", POS_BOTH)->mark, "60000");
}

/* DOC: ORDER_TRADE_UPDATE, shortened to what is read. */
#define TRADE(T, id, x, X, q, z)						\
	"{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":" T ",\"T\":" T ",\"o\":{\"s\":\"BTCUSDT\","	\
	"\"c\":\"TEST\",\"S\":\"BUY\",\"o\":\"LIMIT\",\"f\":\"GTC\",\"q\":\"" q "\","	\
	"\"p\":\"7100.50\",\"x\":\"" x "\",\"X\":\"" X "\",\"i\":" id ",\"z\":\"" z "\","	\
	"\"R\":false,\"ps\":\"BOTH\",\"cp\":false}}"

static void
test_order_life(void **state)
{
	(void)state;
	event(1, TRADE("100", "8886774", "NEW", "NEW", "0.010", "0"));
	event(0, TRADE("100", "8886774", "NEW", "NEW", "0.010", "0"));	/* twice */
	assert_int_equal(a.nord, 1);
	same(a.ord[0].qty, "0.01");
	same(a.ord[0].price, "7100.5");
	assert_false(a.ord[0].reduce);
	event(1, TRADE("110", "8886774", "TRADE", "PARTIALLY_FILLED", "0.010", "0.004"));
	same(a.ord[0].filled, "0.004");
	assert_string_equal(a.ord[0].status, "PARTIALLY_FILLED");
	/* late, from another connection: filled never goes back */
	event(0, TRADE("105", "8886774", "TRADE", "PARTIALLY_FILLED", "0.010", "0.002"));
	event(0, TRADE("110", "8886774", "NEW", "NEW", "0.010", "0"));
	same(a.ord[0].filled, "0.004");
	/* modified */
	event(1, TRADE("120", "8886774", "AMENDMENT", "PARTIALLY_FILLED", "0.020", "0.004"));
	same(a.ord[0].qty, "0.02");
	event(0, TRADE("110", "8886774", "TRADE", "PARTIALLY_FILLED", "0.010", "0.004"));
	same(a.ord[0].qty, "0.02");
	/* an answer that lags behind does not take a fill back */
	reads(account_read_orders, "[" ORDER("8886774", "NEW", "0") "]");
	same(a.ord[0].filled, "0.004");
	event(1, TRADE("130", "8886774", "TRADE", "FILLED", "0.020", "0.020"));
	assert_int_equal(a.nord, 0);
	/* what is over is over, whoever says otherwise late */
	event(0, TRADE("130", "8886774", "TRADE", "FILLED", "0.020", "0.020"));
	event(0, TRADE("100", "8886774", "NEW", "NEW", "0.010", "0"));
	assert_int_equal(a.nord, 0);
	event(0, TRADE("2000000000000", "5", "CANCELED", "CANCELED", "0.010", "0"));
	reads(account_read_orders, "[" ORDER("5", "NEW", "0") "," ORDER("6", "NEW", "0") "]");
	assert_int_equal(a.nord, 1);
	assert_true(a.ord[0].id == 6);
	/* an id given anew, later: another order (an exchange that was set back) */
	event(1, TRADE("2000000000001", "5", "NEW", "NEW", "0.010", "0"));
	assert_int_equal(a.nord, 2);
}

static void
test_order_ends(void **state)
{
	static const char *const end[] = {
		TRADE("2", "1", "CANCELED", "CANCELED", "1", "0"),
		TRADE("2", "1", "TRADE", "FILLED", "1", "1"),
		TRADE("2", "1", "EXPIRED", "EXPIRED", "1", "0.5"),
		TRADE("2", "1", "EXPIRED", "EXPIRED_IN_MATCH", "1", "0"),
		TRADE("2", "1", "NEW", "REJECTED", "1", "0"),
	};
	static const char *const open[] = {
		TRADE("2", "1", "CALCULATED", "NEW_ADL", "1", "0.5"),
		TRADE("2", "1", "CALCULATED", "NEW_INSURANCE", "1", "0.5"),
		TRADE("2", "1", "NEW", "PENDING_NEW", "1", "0"),
		TRADE("2", "1", "NEW", "A_STATUS_NOBODY_HAS_HEARD_OF_YET", "1", "0"),
	};

	for (size_t i = 0; i < LEN(end); i++) {
		fresh(state);
		event(1, TRADE("1", "1", "NEW", "NEW", "1", "0"));
		event(1, TRADE("1", "2", "NEW", "NEW", "1", "0"));
		event(1, end[i]);
		assert_int_equal(a.nord, 1);
		assert_true(a.ord[0].id == 2);
	}
	for (size_t i = 0; i < LEN(open); i++) {
		fresh(state);
		event(1, TRADE("1", "1", "NEW", "NEW", "1", "0"));
		event(1, open[i]);
		assert_int_equal(a.nord, 1);
	}
	refuses(account_event, TRADE("3", "1", "NEW", "NEW", "", "0"), "q");
	refuses(account_event, TRADE("3", "1", "NEW", "NEW", "1", ""), "z");
	refuses(account_event, TRADE("3", "1", "NEW", "", "1", "0"), "X");
	refuses(account_event, TRADE("3", "\"\"", "NEW", "NEW", "1", "0"), "i");
	refuses(account_event, "{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":1}", "o");
}

/* More ends than are remembered: the ring turns, nothing is overrun. */
static void
test_many_orders(void **state)
{
	char text[512];

	(void)state;
	for (int i = 1; i <= 3 * ENDED_MAX; i++)
		for (int k = 0; k < 2; k++) {
			snprintf(text, sizeof text, "{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":%d,\"o\":{"
			    "\"s\":\"BTCUSDT\",\"S\":\"SELL\",\"q\":\"1\",\"p\":\"0\",\"X\":\"%s\","
			    "\"i\":%d,\"z\":\"0\"}}", i, k == 0 ? "NEW" : "CANCELED", i);
			event(1, text);
		}
	assert_int_equal(a.nord, 0);
	event(0, text);
}

static void
test_not_ours(void **state)
{
	(void)state;
	event(0, "{\"e\":\"aggTrade\",\"E\":123456789,\"s\":\"BTCUSDT\",\"p\":\"0.001\"}");
	event(0, "{\"e\":\"bf.conn\"}");
	event(0, "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\"}");
	event(0, "{\"e\":7}");
	event(0, "[]");
	event(0, "\"ACCOUNT_UPDATE\"");
	event(0, "{\"e\":\"markPriceUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"p\":\"1\"}");
}

static void
test_sum(void **state)
{
	struct account_sum s;

	(void)state;
	reads(account_read_positions, "[" ADA "," AAPL "]");
	reads(account_read_wallets, "{\"assets\":[" USDT "]}");
	assert_false(account_sum(&a, "USDT", &s));	/* orders were not read */
	reads(account_read_orders, "[]");
	a.multi_assets = true;		/* the wallet alone is not the margin */
	assert_false(account_sum(&a, "USDT", &s));
	a.multi_assets = false;
	assert_true(account_sum(&a, "USDT", &s));
	same(s.notional, "18.5782115186");	/* 12.314277 + 6.2639345186 */
	same(s.upnl, "0.76421152");
	same(s.wallet, "23.72469206");
	/* 23.41394524 + 0.764277 + (0.31074682 - 0.00006548, DOC isolatedMargin 0.31068134) */
	same(s.equity, "24.48890358");
	same(s.maint, "0.0800428");
	assert_false(account_sum(&a, "USDC", &s));	/* absent is not zero */
	/* a COIN-M position cannot be valued here */
	event(1, "{\"e\":\"ACCOUNT_UPDATE\",\"T\":1,\"a\":{\"B\":[{\"a\":\"BTC\",\"wb\":\"1\","
	    "\"cw\":\"1\"}],\"P\":[{\"s\":\"BTCUSD_PERP\",\"pa\":\"2\",\"ep\":\"37643.1\","
	    "\"up\":\"0.0001\",\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"}]}}");
	assert_false(account_sum(&a, "BTC", &s));
	assert_true(account_sum(&a, "USDT", &s));
	/* one whose margin asset is not known may be anybody's */
	event(1, "{\"e\":\"ACCOUNT_UPDATE\",\"T\":1,\"a\":{\"P\":[{\"s\":\"XYZABC\",\"pa\":\"2\","
	    "\"ep\":\"3\",\"up\":\"0.5\",\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"}]}}");
	assert_false(account_sum(&a, "USDT", &s));
}

/* FAQ: two long contracts in one cross wallet; without a mark of BTC, the
 * notional follows from what the event said of its profit. */
static void
test_sum_from_events(void **state)
{
	struct account_sum s;

	(void)state;
	reads(account_read_positions, "[]");
	reads(account_read_orders, "[]");
	reads(account_read_wallets, "{\"assets\":[]}");
	event(1, "{\"e\":\"ACCOUNT_UPDATE\",\"T\":1,\"a\":{\"B\":[{\"a\":\"USDT\","
	    "\"wb\":\"1535443.01\",\"cw\":\"1535443.01\"}],\"P\":["
	    "{\"s\":\"ETHUSDT\",\"pa\":\"3683.979\",\"ep\":\"1456.84\",\"up\":\"0\","
	    "\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"},"
	    "{\"s\":\"BTCUSDT\",\"pa\":\"109.488\",\"ep\":\"32481.98\",\"up\":\"-10948.8\","
	    "\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"}]}}");
	event(1, "{\"e\":\"markPriceUpdate\",\"E\":2,\"s\":\"ETHUSDT\",\"p\":\"1335.18\"}");
	assert_true(account_sum(&a, "USDT", &s));
	/* 3683.979 x 1335.18 + 109.488 x (32481.98 - 100) */
	same(s.notional, "8464213.30746");
	same(s.upnl, "-459141.68514");
	same(s.equity, "1076301.32486");
}

/*
 * All samples of the documentation at hand
 */

static void
test_sample_events(void **state)
{
	static const struct { const char *name; int want, orders; } row[] = {
		{ "order_update_new", 1, 1 },
		{ "order_update_trade", 1, 1 },
		{ "order_update_trade_partial", 1, 1 },
		{ "order_update_calculated_pending", 1, 1 },
		{ "order_update_calculated", 0, 0 },	/* filled: never seen open */
		{ "order_update_settlement", 0, 0 },
		{ "order_update_delivery", 0, 0 },
		{ "order_update_adl", 1, 1 },		/* NEW_ADL */
		{ "order_update_insurance", 1, 1 },	/* NEW_INSURANCE */
		{ "account_update", 1, 0 },
		{ "account_update_bnfcr", 1, 0 },
		{ "mark_price_stream", 0, 0 },		/* not held */
		{ "trade_lite", 0, 0 },
		{ "algo_update_new", 1, 1 },
		{ "algo_update_canceled", 0, 0 },
		{ "depth_update_stream", 0, 0 },
	};
	char path[128], *text;

	for (size_t i = 0; i < LEN(row); i++) {
		fresh(state);
		snprintf(path, sizeof path, "usdm/nautilus-crates/%s.json", row[i].name);
		text = recorded(path);
		event(row[i].want, text);
		if (a.nord != row[i].orders)
			fail_msg("%s: %d orders", row[i].name, a.nord);
		free(text);
	}
}

/* The answer in a line of recorded samples: {"name":..., "response":...}. */
static void
sample(reader *read, char *text, const char *name)
{
	char key[128], *line, *end;
	struct fault f;

	snprintf(key, sizeof key, "{\"name\":\"%s\"", name);
	if ((line = strstr(text, key)) == NULL)
		fail_msg("%s: no such sample", name);
	end = strchr(line, '\n');
	assert_true(scan_doc(&sc, line, end != NULL ? (size_t)(end - line) : strlen(line)) > 0);
	if (read(&a, sc.t, scan_get(sc.t, sc.t, "response"), &f) != 0)
		fail_msg("%s: %s", name, f.text);
}

static void
test_sample_answers(void **state)
{
	char *text = recorded("usdm/doc-samples-rest-api.ndjson");

	(void)state;
	sample(account_read_positions, text, "position_information_v2");
	sample(account_read_positions, text, "position_information_v3");
	sample(account_read_wallets, text, "account_information_v2");
	sample(account_read_wallets, text, "account_information_v3");
	sample(account_read_orders, text, "current_all_open_orders");
	sample(account_read_config, text, "symbol_configuration");
	assert_true(a.known);
	assert_int_equal(a.npos, 1);
	assert_int_equal(a.nord, 1);
	assert_int_equal(a.nwal, 1);
	same(a.wal[0].cross, "23.72469206");
	free(text);
	text = recorded("usdm/rest-real-positionRisk-isolated.json");
	reads(account_read_positions, text);
	assert_int_equal(a.npos, 4);
	for (int i = 0; i < a.npos; i++) {
		assert_true(a.pos[i].isolated);
		assert_string_equal(a.pos[i].margin_asset, "USDT");
	}
	free(text);
}

#define T(f)	cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_positions_v3),
		T(test_positions_v2),
		T(test_positions_hedge),
		T(test_positions_refused),
		T(test_wallets),
		T(test_orders),
		T(test_known_and_config),
		T(test_account_update),
		T(test_account_update_refused),
		T(test_marks),
		T(test_order_life),
		T(test_order_ends),
		T(test_many_orders),
		T(test_not_ours),
		T(test_sum),
		T(test_sum_from_events),
		T(test_sample_events),
		T(test_sample_answers),
	};

	return cmocka_run_group_tests(tests, NULL, cleanup);
}

#include <stdlib.h>
#include <string.h>

#include "core/endpoint.h"

#define P(version, name)	{ "/fapi/" version "/" name, "/dapi/v1/" name }
#define U(version, name)	{ "/fapi/" version "/" name, NULL }	/* no such thing on COIN-M, or not yet served */
#define D(name)			{ "/futures/data/" name, "/futures/data/" name }
#define W(usdm, coinm)		{ { usdm, 0 }, { coinm, 0 } }
#define WA(one, all, cone, call) { { one, all }, { cone, call } }
#define OWN(rate)		{ rate, RATE_WEIGHT }	/* COIN-M counts these as weight */
#define READ			SEC_NONE, PURPOSE_READ, false
#define SIGNED			SEC_SIGNED, PURPOSE_GUARD, false
#define GUARD			SEC_SIGNED, PURPOSE_GUARD, true
#define TRADE			SEC_SIGNED, PURPOSE_TRADE, true

static const struct endpoint table[EP_COUNT] = {
/*			    method    path				   weight		   by */
[EP_PING]		= { "GET",    P("v1", "ping"),			   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_TIME]		= { "GET",    P("v1", "time"),			   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, SEC_NONE, PURPOSE_GUARD, false },
[EP_EXCHANGE_INFO]	= { "GET",    P("v1", "exchangeInfo"),		   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_DEPTH]		= { "GET",    P("v1", "depth"),			   W(20, 20),		   WEIGH_DEPTH,	 { 0 }, 0, READ },
[EP_RPI_DEPTH]		= { "GET",    U("v1", "rpiDepth"),		   W(20, 0),		   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_TRADES]		= { "GET",    P("v1", "trades"),		   W(5, 5),		   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_HISTORICAL_TRADES]	= { "GET",    P("v1", "historicalTrades"),	   W(200, 200),		   WEIGH_SYMBOL, { 0 }, 0, SEC_KEY, PURPOSE_READ, false },
[EP_AGG_TRADES]		= { "GET",    P("v1", "aggTrades"),		   W(20, 20),		   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_KLINES]		= { "GET",    P("v1", "klines"),		   W(10, 10),		   WEIGH_KLINES, { 0 }, 0, READ },
[EP_CONTINUOUS_KLINES]	= { "GET",    P("v1", "continuousKlines"),	   W(10, 10),		   WEIGH_KLINES, { 0 }, 0, READ },
[EP_INDEX_KLINES]	= { "GET",    P("v1", "indexPriceKlines"),	   W(10, 10),		   WEIGH_KLINES, { 0 }, 0, READ },
[EP_MARK_KLINES]	= { "GET",    P("v1", "markPriceKlines"),	   W(10, 10),		   WEIGH_KLINES, { 0 }, 0, READ },
[EP_PREMIUM_KLINES]	= { "GET",    P("v1", "premiumIndexKlines"),	   W(10, 10),		   WEIGH_KLINES, { 0 }, 0, READ },
[EP_PREMIUM_INDEX]	= { "GET",    P("v1", "premiumIndex"),		   WA(1, 10, 10, 10),	   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_FUNDING_INFO]	= { "GET",    P("v1", "fundingInfo"),		   W(0, 0),		   WEIGH_SYMBOL, OWN(RATE_FUNDING), 0, READ },
[EP_FUNDING_RATE]	= { "GET",    P("v1", "fundingRate"),		   W(0, 1),		   WEIGH_SYMBOL, OWN(RATE_FUNDING), 0, READ },
[EP_TICKER_24H]		= { "GET",    P("v1", "ticker/24hr"),		   WA(1, 40, 1, 40),	   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_TICKER_PRICE]	= { "GET",    P("v2", "ticker/price"),		   WA(1, 2, 1, 2),	   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_BOOK_TICKER]	= { "GET",    P("v1", "ticker/bookTicker"),	   WA(2, 5, 2, 5),	   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_OPEN_INTEREST]	= { "GET",    P("v1", "openInterest"),		   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_INDEX_INFO]		= { "GET",    U("v1", "indexInfo"),		   W(1, 0),		   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_ASSET_INDEX]	= { "GET",    U("v1", "assetIndex"),		   WA(1, 10, 0, 0),	   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_CONSTITUENTS]	= { "GET",    P("v1", "constituents"),		   W(2, 2),		   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_INSURANCE]		= { "GET",    U("v1", "insuranceBalance"),	   W(1, 0),		   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_ADL_RISK]		= { "GET",    U("v1", "symbolAdlRisk"),		   W(1, 0),		   WEIGH_SYMBOL, { 0 }, 0, READ },
[EP_SCHEDULE]		= { "GET",    U("v1", "tradingSchedule"),	   W(5, 0),		   WEIGH_SYMBOL, { 0 }, 0, READ },

[EP_OPEN_INTEREST_HIST]	= { "GET",    D("openInterestHist"),		   W(0, 1),		   WEIGH_SYMBOL, OWN(RATE_DATA), 0, READ },
[EP_TOP_POSITION_RATIO]	= { "GET",    D("topLongShortPositionRatio"),	   W(0, 1),		   WEIGH_SYMBOL, OWN(RATE_DATA), 0, READ },
[EP_TOP_ACCOUNT_RATIO]	= { "GET",    D("topLongShortAccountRatio"),	   W(0, 1),		   WEIGH_SYMBOL, OWN(RATE_DATA), 0, READ },
[EP_GLOBAL_RATIO]	= { "GET",    D("globalLongShortAccountRatio"),	   W(0, 1),		   WEIGH_SYMBOL, OWN(RATE_DATA), 0, READ },
[EP_TAKER_RATIO]	= { "GET",    { "/futures/data/takerlongshortRatio", "/futures/data/takerBuySellVol" },
								   W(0, 1),		   WEIGH_SYMBOL, OWN(RATE_DATA), 0, READ },
[EP_BASIS]		= { "GET",    D("basis"),			   W(0, 1),		   WEIGH_SYMBOL, OWN(RATE_DATA), 0, READ },
[EP_DELIVERY_PRICE]	= { "GET",    { "/futures/data/delivery-price", NULL },
								   W(0, 0),		   WEIGH_SYMBOL, OWN(RATE_DATA), 0, READ },

[EP_ORDER_PLACE]	= { "POST",   P("v1", "order"),			   W(0, 0),		   WEIGH_SYMBOL, { 0 }, 1, TRADE },
[EP_ORDER_TEST]		= { "POST",   U("v1", "order/test"),		   W(1, 0),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_ORDER_MODIFY]	= { "PUT",    P("v1", "order"),			   W(0, 0),		   WEIGH_SYMBOL, { 0 }, 1, TRADE },
[EP_ORDER_CANCEL]	= { "DELETE", P("v1", "order"),			   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, GUARD },
[EP_ORDER_GET]		= { "GET",    P("v1", "order"),			   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_BATCH_PLACE]	= { "POST",   P("v1", "batchOrders"),		   W(5, 5),		   WEIGH_SYMBOL, { 0 }, 5, TRADE },
[EP_BATCH_MODIFY]	= { "PUT",    P("v1", "batchOrders"),		   W(5, 5),		   WEIGH_SYMBOL, { 0 }, 5, TRADE },
[EP_BATCH_CANCEL]	= { "DELETE", P("v1", "batchOrders"),		   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, GUARD },
[EP_OPEN_ORDERS]	= { "GET",    P("v1", "openOrders"),		   WA(1, 40, 1, 40),	   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_ALL_ORDERS]		= { "GET",    P("v1", "allOrders"),		   W(5, 5),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_CANCEL_ALL]		= { "DELETE", P("v1", "allOpenOrders"),		   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, GUARD },
[EP_USER_TRADES]	= { "GET",    P("v1", "userTrades"),		   W(5, 5),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_AMENDMENTS]		= { "GET",    P("v1", "orderAmendment"),	   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_ALGO_PLACE]		= { "POST",   P("v1", "algoOrder"),		   W(0, 0),		   WEIGH_SYMBOL, { 0 }, 1, TRADE },
[EP_ALGO_CANCEL]	= { "DELETE", P("v1", "algoOrder"),		   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, GUARD },
[EP_ALGO_ORDER_GET]	= { "GET",    P("v1", "algoOrder"),		   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_OPEN_ALGO_ORDERS]	= { "GET",    P("v1", "openAlgoOrders"),	   WA(1, 40, 1, 40),	   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_ALL_ALGO_ORDERS]	= { "GET",    P("v1", "allAlgoOrders"),		   W(5, 5),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_CANCEL_ALL_ALGO]	= { "DELETE", P("v1", "algoOpenOrders"),	   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, GUARD },

[EP_ACCOUNT]		= { "GET",    { "/fapi/v3/account", "/dapi/v1/account" },   W(5, 5),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_BALANCE]		= { "GET",    { "/fapi/v3/balance", "/dapi/v1/balance" },   W(5, 1),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_POSITION_RISK]	= { "GET",    P("v3", "positionRisk"),		   W(5, 1),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_SYMBOL_CONFIG]	= { "GET",    U("v1", "symbolConfig"),		   W(5, 0),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_ACCOUNT_CONFIG]	= { "GET",    U("v1", "accountConfig"),		   W(5, 0),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_INCOME]		= { "GET",    P("v1", "income"),		   W(30, 20),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_LEVERAGE_BRACKET]	= { "GET",    { "/fapi/v1/leverageBracket", "/dapi/v2/leverageBracket" },
								   WA(1, 1, 1, 2),	   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_COMMISSION_RATE]	= { "GET",    P("v1", "commissionRate"),	   W(20, 20),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_ADL_QUANTILE]	= { "GET",    P("v1", "adlQuantile"),		   W(5, 5),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_TRADING_STATUS]	= { "GET",    U("v1", "apiTradingStatus"),	   WA(1, 10, 0, 0),	   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_POSITION_MODE]	= { "GET",    P("v1", "positionSide/dual"),	   W(30, 30),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_POSITION_MODE_SET]	= { "POST",   P("v1", "positionSide/dual"),	   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, GUARD },
[EP_MULTI_ASSETS]	= { "GET",    U("v1", "multiAssetsMargin"),	   W(30, 0),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_MULTI_ASSETS_SET]	= { "POST",   U("v1", "multiAssetsMargin"),	   W(1, 0),		   WEIGH_SYMBOL, { 0 }, 0, GUARD },
[EP_LEVERAGE]		= { "POST",   P("v1", "leverage"),		   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, SEC_SIGNED, PURPOSE_GUARD, true },
[EP_MARGIN_TYPE]	= { "POST",   P("v1", "marginType"),		   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, SEC_SIGNED, PURPOSE_GUARD, true },
[EP_POSITION_MARGIN]	= { "POST",   P("v1", "positionMargin"),	   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, GUARD },
[EP_POSITION_MARGIN_HISTORY] = { "GET", P("v1", "positionMargin/history"), W(1, 1),	   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
[EP_COUNTDOWN]		= { "POST",   P("v1", "countdownCancelAll"),	   W(10, 10),		   WEIGH_SYMBOL, { 0 }, 0, GUARD },
[EP_LISTEN_KEY_NEW]	= { "POST",   P("v1", "listenKey"),		   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, SEC_KEY, PURPOSE_GUARD, false },
[EP_LISTEN_KEY_KEEP]	= { "PUT",    P("v1", "listenKey"),		   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, SEC_KEY, PURPOSE_GUARD, false },
[EP_LISTEN_KEY_CLOSE]	= { "DELETE", P("v1", "listenKey"),		   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, SEC_KEY, PURPOSE_GUARD, false },

[EP_KEY_RIGHTS]		= { "GET",    { "/sapi/v1/account/apiRestrictions", "/sapi/v1/account/apiRestrictions" },
								   W(1, 1),		   WEIGH_SYMBOL, { 0 }, 0, SIGNED },
};

const struct endpoint *
endpoint(enum ep ep)
{
	return &table[ep];
}

/* The value of a parameter of a query, and its length; NULL without it. */
static const char *
param(const char *query, const char *name, size_t *n)
{
	size_t len = strlen(name);

	for (; query != NULL && *query != '\0'; query = strchr(query, '&')) {
		query += *query == '&';
		if (strncmp(query, name, len) == 0 && query[len] == '=') {
			*n = strcspn(query + len + 1, "&");
			return query + len + 1;
		}
	}
	return NULL;
}

/* The steps in which the weight grows with limit=; without one the exchange
 * takes 500. */
static int
weight_by_limit(const char *query, const int (*step)[2])
{
	size_t n = 0;
	const char *v = param(query, "limit", &n);
	long limit = v == NULL || n == 0 ? 500 : strtol(v, NULL, 10);

	while ((*step)[0] != 0 && limit > (*step)[0])
		step++;
	return (*step)[1];
}

int
endpoint_weight(const struct endpoint *e, enum market m, const char *query)
{
	static const int depth[][2] = { { 50, 2 }, { 100, 5 }, { 500, 10 }, { 0, 20 } };
	static const int klines[][2] = { { 99, 1 }, { 499, 2 }, { 1000, 5 }, { 0, 10 } };
	const struct weight *w = &e->weight[m];
	size_t n = 0;

	if (e->by == WEIGH_DEPTH)
		return weight_by_limit(query, depth);
	if (e->by == WEIGH_KLINES)
		return weight_by_limit(query, klines);
	if (w->all == 0 || param(query, "symbol", &n) != NULL || param(query, "pair", &n) != NULL)
		return w->one;
	return w->all;
}

enum market
market_other(enum market m)
{
	return m == MARKET_USDM ? MARKET_COINM : MARKET_USDM;
}

const char *
market_title(enum market m)
{
	return m == MARKET_COINM ? "COIN-M" : "USDⓈ-M";
}

const char *
market_word(enum market m)
{
	return m == MARKET_COINM ? "coinm" : "usdm";
}

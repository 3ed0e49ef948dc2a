/*
 * Every request the toolkit makes, one row each: method, path on either market,
 * weight, order cost, security. A new endpoint is one row in endpoint.c and one
 * name here.
 */
#ifndef BF_CORE_ENDPOINT_H
#define BF_CORE_ENDPOINT_H

#include <stdbool.h>

enum market { MARKET_USDM, MARKET_COINM, MARKETS };

enum security {
	SEC_NONE,	/* public */
	SEC_KEY,	/* key header only (listenKey, historical trades) */
	SEC_SIGNED	/* key header, timestamp and signature */
};

/* What the request does, which decides who may use the reserved budget. */
enum purpose {
	PURPOSE_READ,	/* market data and other reads */
	PURPOSE_GUARD,	/* queries of own state, cancels: has reserved budget */
	PURPOSE_TRADE	/* places or amends an order; reserved only if it reduces */
};

/* What is counted per IP beside the request weight: requests of some endpoints
 * have a window of their own, and so have two things that are no requests. */
enum rate {
	RATE_WEIGHT,	/* the common one: weight a minute */
	RATE_FUNDING,	/* fundingRate and fundingInfo of USDⓈ-M: 500 in 5 min */
	RATE_DATA,	/* the statistics of USDⓈ-M: 1000 in 5 min */
	RATE_CONNECT,	/* WebSocket connections: 300 in 5 min */
	RATE_SNAPSHOT,	/* ours: books that ask for a snapshot, of all processes: 10 in 10 s */
	RATES
};

/* How the weight of a request depends on its query. */
enum weigh {
	WEIGH_SYMBOL,	/* one with symbol= or pair=, another without */
	WEIGH_DEPTH,	/* by limit=: 2, 5, 10, 20 */
	WEIGH_KLINES	/* by limit=: 1, 2, 5, 10 */
};

enum ep {
	/* the market */
	EP_PING, EP_TIME, EP_EXCHANGE_INFO, EP_DEPTH, EP_RPI_DEPTH, EP_TRADES, EP_HISTORICAL_TRADES,
	EP_AGG_TRADES, EP_KLINES, EP_CONTINUOUS_KLINES, EP_INDEX_KLINES, EP_MARK_KLINES,
	EP_PREMIUM_KLINES, EP_PREMIUM_INDEX, EP_FUNDING_INFO, EP_FUNDING_RATE, EP_TICKER_24H,
	EP_TICKER_PRICE, EP_BOOK_TICKER, EP_OPEN_INTEREST, EP_INDEX_INFO, EP_ASSET_INDEX,
	EP_CONSTITUENTS, EP_INSURANCE, EP_ADL_RISK, EP_SCHEDULE,
	/* its statistics */
	EP_OPEN_INTEREST_HIST, EP_TOP_POSITION_RATIO, EP_TOP_ACCOUNT_RATIO, EP_GLOBAL_RATIO,
	EP_TAKER_RATIO, EP_BASIS, EP_DELIVERY_PRICE,
	/* orders */
	EP_ORDER_PLACE, EP_ORDER_TEST, EP_ORDER_MODIFY, EP_ORDER_CANCEL, EP_ORDER_GET,
	EP_BATCH_PLACE, EP_BATCH_MODIFY, EP_BATCH_CANCEL,
	EP_OPEN_ORDERS, EP_ALL_ORDERS, EP_CANCEL_ALL, EP_USER_TRADES, EP_AMENDMENTS,
	EP_ALGO_PLACE, EP_ALGO_CANCEL, EP_ALGO_ORDER_GET, EP_OPEN_ALGO_ORDERS, EP_ALL_ALGO_ORDERS,
	EP_CANCEL_ALL_ALGO,
	/* the account */
	EP_ACCOUNT, EP_BALANCE, EP_POSITION_RISK, EP_SYMBOL_CONFIG, EP_ACCOUNT_CONFIG, EP_INCOME,
	EP_LEVERAGE_BRACKET, EP_COMMISSION_RATE, EP_ADL_QUANTILE, EP_TRADING_STATUS,
	EP_POSITION_MODE, EP_POSITION_MODE_SET, EP_MULTI_ASSETS, EP_MULTI_ASSETS_SET,
	EP_LEVERAGE, EP_MARGIN_TYPE, EP_POSITION_MARGIN, EP_POSITION_MARGIN_HISTORY, EP_COUNTDOWN,
	EP_LISTEN_KEY_NEW, EP_LISTEN_KEY_KEEP, EP_LISTEN_KEY_CLOSE,
	/* of the spot API: session_open_spot */
	EP_KEY_RIGHTS,
	EP_COUNT
};

struct weight { int one, all; };	/* with a symbol, or the only one; without (0: the same) */

struct endpoint {
	const char	*method;	/* "GET", ... */
	const char	*path[MARKETS];	/* NULL: not there, or not served by this version */
	struct weight	 weight[MARKETS];
	enum weigh	 by;
	enum rate	 rate[MARKETS];	/* other than RATE_WEIGHT: one request of that pool */
	int		 orders;	/* cost in the account's order counters */
	enum security	 security;
	enum purpose	 purpose;
	bool		 mutates;	/* changes state: one transmission, UNKNOWN if unanswered */
};

/* The row of an endpoint; never NULL for a valid ep. */
const struct endpoint *endpoint(enum ep ep);

/* What a request with this query ("symbol=BTCUSDT&limit=100") adds to the
 * weight of its IP. */
int endpoint_weight(const struct endpoint *e, enum market m, const char *query);

/* "USDⓈ-M" or "COIN-M", for a sentence. */
const char *market_title(enum market m);
/* The other one. */
enum market market_other(enum market m);
/* "usdm" or "coinm", as an option has it. */
const char *market_word(enum market m);

#endif

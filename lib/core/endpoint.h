/*
 * Every request the toolkit makes, one row each: method, path, weight, order
 * cost, security. A new endpoint is one row in endpoint.c and one name here.
 */
#ifndef BF_CORE_ENDPOINT_H
#define BF_CORE_ENDPOINT_H

#include <stdbool.h>

enum market { MARKET_USDM, MARKET_COINM };

enum security {
	SEC_NONE,	/* public */
	SEC_KEY,	/* key header only (listenKey) */
	SEC_SIGNED	/* key header, timestamp and signature */
};

/* What the request does, which decides who may use the reserved budget. */
enum purpose {
	PURPOSE_READ,	/* market data and other reads */
	PURPOSE_GUARD,	/* queries of own state, cancels: has reserved budget */
	PURPOSE_TRADE	/* places or amends an order; reserved only if it reduces */
};

enum ep {
	EP_PING, EP_TIME, EP_EXCHANGE_INFO, EP_DEPTH, EP_PREMIUM_INDEX,
	EP_FUNDING_INFO, EP_FUNDING_RATE, EP_BOOK_TICKER,
	EP_ORDER_PLACE, EP_ORDER_CANCEL, EP_ORDER_GET,
	EP_OPEN_ORDERS, EP_CANCEL_ALL, EP_USER_TRADES,
	EP_OPEN_ALGO_ORDERS, EP_CANCEL_ALL_ALGO,
	EP_ACCOUNT, EP_BALANCE, EP_POSITION_RISK, EP_SYMBOL_CONFIG, EP_ACCOUNT_CONFIG,
	EP_LEVERAGE_BRACKET, EP_COMMISSION_RATE, EP_POSITION_MODE,
	EP_LEVERAGE, EP_MARGIN_TYPE,
	EP_LISTEN_KEY_NEW, EP_LISTEN_KEY_KEEP, EP_LISTEN_KEY_CLOSE,
	EP_COUNT
};

struct endpoint {
	const char	*method;	/* "GET", ... */
	const char	*usdm;		/* path on fapi; NULL if none */
	const char	*coinm;		/* path on dapi; NULL if none or not yet served */
	int		 weight;	/* IP weight with a symbol, or the only one */
	int		 weight_all;	/* IP weight without a symbol; 0: same as weight */
	int		 orders;	/* cost in the account's order counters */
	enum security	 security;
	enum purpose	 purpose;
	bool		 mutates;	/* changes state: one transmission, UNKNOWN if unanswered */
};

/* The row of an endpoint; never NULL for a valid ep. */
const struct endpoint *endpoint(enum ep ep);

#endif

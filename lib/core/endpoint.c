#include "core/endpoint.h"

#define F1	"/fapi/v1/"
#define F3	"/fapi/v3/"

static const struct endpoint table[EP_COUNT] = {
/*			  method    USDⓈ-M path		  COIN-M  w  all ord security    purpose	mutates */
[EP_PING]		= { "GET",    F1 "ping",		  0,  1,  0, 0, SEC_NONE,   PURPOSE_READ,  false },
[EP_TIME]		= { "GET",    F1 "time",		  0,  1,  0, 0, SEC_NONE,   PURPOSE_GUARD, false },
[EP_EXCHANGE_INFO]	= { "GET",    F1 "exchangeInfo",	  0,  1,  0, 0, SEC_NONE,   PURPOSE_READ,  false },
[EP_DEPTH]		= { "GET",    F1 "depth",		  0, 20,  0, 0, SEC_NONE,   PURPOSE_READ,  false },
[EP_PREMIUM_INDEX]	= { "GET",    F1 "premiumIndex",	  0,  1, 10, 0, SEC_NONE,   PURPOSE_READ,  false },
[EP_FUNDING_INFO]	= { "GET",    F1 "fundingInfo",		  0,  0,  0, 0, SEC_NONE,   PURPOSE_READ,  false },
[EP_FUNDING_RATE]	= { "GET",    F1 "fundingRate",		  0,  0,  0, 0, SEC_NONE,   PURPOSE_READ,  false },
[EP_BOOK_TICKER]	= { "GET",    F1 "ticker/bookTicker",	  0,  2,  5, 0, SEC_NONE,   PURPOSE_READ,  false },
[EP_ORDER_PLACE]	= { "POST",   F1 "order",		  0,  0,  0, 1, SEC_SIGNED, PURPOSE_TRADE, true },
[EP_ORDER_CANCEL]	= { "DELETE", F1 "order",		  0,  1,  0, 0, SEC_SIGNED, PURPOSE_GUARD, true },
[EP_ORDER_GET]		= { "GET",    F1 "order",		  0,  1,  0, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_OPEN_ORDERS]	= { "GET",    F1 "openOrders",		  0,  1, 40, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_CANCEL_ALL]		= { "DELETE", F1 "allOpenOrders",	  0,  1,  0, 0, SEC_SIGNED, PURPOSE_GUARD, true },
[EP_USER_TRADES]	= { "GET",    F1 "userTrades",		  0,  5,  0, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_OPEN_ALGO_ORDERS]	= { "GET",    F1 "openAlgoOrders",	  0,  1, 40, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_CANCEL_ALL_ALGO]	= { "DELETE", F1 "algoOpenOrders",	  0,  1,  0, 0, SEC_SIGNED, PURPOSE_GUARD, true },
[EP_ACCOUNT]		= { "GET",    F3 "account",		  0,  5,  0, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_BALANCE]		= { "GET",    F3 "balance",		  0,  5,  0, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_POSITION_RISK]	= { "GET",    F3 "positionRisk",	  0,  5,  0, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_SYMBOL_CONFIG]	= { "GET",    F1 "symbolConfig",	  0,  5,  0, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_ACCOUNT_CONFIG]	= { "GET",    F1 "accountConfig",	  0,  5,  0, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_LEVERAGE_BRACKET]	= { "GET",    F1 "leverageBracket",	  0,  1,  0, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_COMMISSION_RATE]	= { "GET",    F1 "commissionRate",	  0, 20,  0, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_POSITION_MODE]	= { "GET",    F1 "positionSide/dual",	  0, 30,  0, 0, SEC_SIGNED, PURPOSE_GUARD, false },
[EP_LEVERAGE]		= { "POST",   F1 "leverage",		  0,  1,  0, 0, SEC_SIGNED, PURPOSE_GUARD, true },
[EP_MARGIN_TYPE]	= { "POST",   F1 "marginType",		  0,  1,  0, 0, SEC_SIGNED, PURPOSE_GUARD, true },
[EP_LISTEN_KEY_NEW]	= { "POST",   F1 "listenKey",		  0,  1,  0, 0, SEC_KEY,    PURPOSE_GUARD, false },
[EP_LISTEN_KEY_KEEP]	= { "PUT",    F1 "listenKey",		  0,  1,  0, 0, SEC_KEY,    PURPOSE_GUARD, false },
[EP_LISTEN_KEY_CLOSE]	= { "DELETE", F1 "listenKey",		  0,  1,  0, 0, SEC_KEY,    PURPOSE_GUARD, false },
};

const struct endpoint *
endpoint(enum ep ep)
{
	return &table[ep];
}

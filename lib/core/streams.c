/* The table of streams. */
#include "core/streams.h"

#define BOTH		(ON_USDM | ON_COINM)
#define BOOK_SPEEDS	"@100ms @500ms"
#define MARK_SPEEDS	"@1s @3s"	/* 3 s is the form without a speed */

/*
 * Silence that is odd. What is sent by the clock (each second or three, whatever
 * the market does) and what changes with each order has 10 s; what needs a trade has
 * 60 s, for a quiet contract goes that long without one. trade is among them although
 * rare trades make it silent: no page documents it, so it may be withdrawn, and only
 * the silence tells. forceOrder and contractInfo may say nothing for days.
 */
#define BY_CLOCK	10000
#define BY_ORDER	10000
#define BY_TRADE	60000
#define ANY		0

/*
 * Of two events of a symbol in an overlap of connections the one with the greater
 * serial is the newer one, and an equal one is a copy. Where the exchange counts
 * (a, t, u) that is it; elsewhere the event time, for a stream has one event of a
 * symbol at a time.
 */
const struct stream_row stream_rows[] = {
	{ .name = "markPrice", .of = OF_SYMBOL, .markets = BOTH, .suffix = "markPrice@1s",
	  .all = "!markPrice@arr@1s", .all_markets = BOTH, .speeds = MARK_SPEEDS,
	  .route = ROUTE_MARKET, .event = "markPriceUpdate", .latest = true, .serial = "E",
	  .key = "s", .silence_ms = BY_CLOCK,
	  .help = "mark and index price, funding; also @3s" },
	{ .name = "bookTicker", .of = OF_SYMBOL, .markets = BOTH, .suffix = "bookTicker",
	  .all = "!bookTicker", .all_markets = BOTH, .speeds = "",
	  .route = ROUTE_PUBLIC, .event = "bookTicker", .latest = true, .serial = "u",
	  .key = "s", .silence_ms = BY_ORDER,
	  .help = "best bid and ask; of all symbols every 5 s" },
	{ .name = "aggTrade", .of = OF_SYMBOL, .markets = BOTH, .suffix = "aggTrade", .speeds = "",
	  .route = ROUTE_MARKET, .event = "aggTrade", .serial = "a",
	  .chain = CHAIN_COUNT, .key = "s", .silence_ms = BY_TRADE,
	  .help = "trades, joined by price and taker" },
	{ .name = "trade", .of = OF_SYMBOL, .markets = BOTH, .suffix = "trade", .speeds = "",
	  .route = ROUTE_MARKET, .event = "trade", .serial = "t",
	  .chain = CHAIN_COUNT, .key = "s", .silence_ms = BY_TRADE,
	  .help = "each trade; not documented by the exchange" },
	{ .name = "depth", .of = OF_SYMBOL, .markets = BOTH, .suffix = "depth", .speeds = BOOK_SPEEDS,
	  .route = ROUTE_PUBLIC, .event = "depthUpdate", .serial = "u",
	  .chain = CHAIN_PU, .key = "s", .silence_ms = BY_ORDER,
	  .help = "changes of the book; also @100ms, @500ms" },
	{ .name = "depth5", .of = OF_SYMBOL, .markets = BOTH, .suffix = "depth5", .speeds = BOOK_SPEEDS,
	  .route = ROUTE_PUBLIC, .event = "depthUpdate", .latest = true, .serial = "u",
	  .key = "s", .silence_ms = BY_ORDER,
	  .help = "its best 5 levels; also @100ms, @500ms" },
	{ .name = "depth10", .of = OF_SYMBOL, .markets = BOTH, .suffix = "depth10", .speeds = BOOK_SPEEDS,
	  .route = ROUTE_PUBLIC, .event = "depthUpdate", .latest = true, .serial = "u",
	  .key = "s", .silence_ms = BY_ORDER,
	  .help = "its best 10 levels" },
	{ .name = "depth20", .of = OF_SYMBOL, .markets = BOTH, .suffix = "depth20", .speeds = BOOK_SPEEDS,
	  .route = ROUTE_PUBLIC, .event = "depthUpdate", .latest = true, .serial = "u",
	  .key = "s", .silence_ms = BY_ORDER,
	  .help = "its best 20 levels" },
	{ .name = "rpiDepth", .of = OF_SYMBOL, .markets = ON_USDM, .suffix = "rpiDepth@500ms",
	  .speeds = "@500ms",
	  .route = ROUTE_PUBLIC, .event = "depthUpdate", .serial = "u",
	  .chain = CHAIN_PU, .key = "s", .silence_ms = BY_ORDER,
	  .help = "changes of the book with retail (RPI) orders" },
	{ .name = "kline", .of = OF_SYMBOL, .markets = BOTH, .suffix = "kline", .speeds = "",
	  .interval = true,
	  .route = ROUTE_MARKET, .event = "kline", .latest = true, .serial = "E",
	  .key = "s", .silence_ms = BY_TRADE,
	  .help = "candles, such as kline_1m" },
	{ .name = "continuousKline", .of = OF_CONTRACT, .markets = BOTH, .suffix = "continuousKline",
	  .speeds = "", .interval = true,
	  .route = ROUTE_MARKET, .event = "continuous_kline", .latest = true, .serial = "E",
	  .key = "ps", .silence_ms = BY_TRADE,
	  .help = "candles of PAIR_CONTRACTTYPE, or of a pair" },
	{ .name = "miniTicker", .of = OF_SYMBOL, .markets = BOTH, .suffix = "miniTicker",
	  .all = "!miniTicker@arr", .all_markets = BOTH, .speeds = "",
	  .route = ROUTE_MARKET, .event = "24hrMiniTicker", .latest = true, .serial = "E",
	  .key = "s", .silence_ms = BY_TRADE,
	  .help = "24 h open, high, low, close and volume" },
	{ .name = "ticker", .of = OF_SYMBOL, .markets = BOTH, .suffix = "ticker",
	  .all = "!ticker@arr", .all_markets = BOTH, .speeds = "",
	  .route = ROUTE_MARKET, .event = "24hrTicker", .latest = true, .serial = "E",
	  .key = "s", .silence_ms = BY_TRADE,
	  .help = "24 h statistics" },
	{ .name = "forceOrder", .of = OF_SYMBOL, .markets = BOTH, .suffix = "forceOrder",
	  .all = "!forceOrder@arr", .all_markets = BOTH, .speeds = "",
	  .route = ROUTE_MARKET, .event = "forceOrder", .serial = "E",
	  .key = "o.s", .silence_ms = ANY,
	  .help = "liquidations, at most one a symbol and second" },
	{ .name = "compositeIndex", .of = OF_SYMBOL, .markets = ON_USDM, .suffix = "compositeIndex",
	  .speeds = "",
	  .route = ROUTE_MARKET, .event = "compositeIndex", .latest = true, .serial = "E",
	  .key = "s", .silence_ms = BY_CLOCK,
	  .help = "what an index contract is made of" },
	{ .name = "contractInfo", .of = OF_NONE, .markets = BOTH,
	  .all = "!contractInfo", .all_markets = BOTH, .speeds = "",
	  .route = ROUTE_MARKET, .event = "contractInfo", .serial = "E",
	  .key = "s", .silence_ms = ANY,
	  .help = "contracts listed, settled, new brackets" },
	{ .name = "assetIndex", .of = OF_ASSET, .markets = ON_USDM, .suffix = "assetIndex",
	  .all = "!assetIndex@arr", .all_markets = ON_USDM, .speeds = "",
	  .route = ROUTE_MARKET, .event = "assetIndexUpdate", .latest = true, .serial = "E",
	  .key = "s", .silence_ms = BY_CLOCK,
	  .help = "what an asset counts as margin, as BTCUSD" },
	/* Several kinds of event and no symbol: all of them are to be kept. */
	{ .name = "tradingSession", .of = OF_NONE, .markets = ON_USDM,
	  .all = "tradingSession", .all_markets = ON_USDM, .speeds = "",
	  .route = ROUTE_MARKET, .serial = "E", .key = "e", .silence_ms = BY_CLOCK,
	  .event = "EquityUpdate CommodityUpdate KR_EquityUpdate HK_EquityUpdate CN_EquityUpdate FXUpdate",
	  .help = "which markets of shares and goods are open" },
	{ .name = "indexPrice", .of = OF_PAIR, .markets = ON_COINM, .suffix = "indexPrice",
	  .speeds = MARK_SPEEDS,
	  .route = ROUTE_MARKET, .event = "indexPriceUpdate", .latest = true, .serial = "E",
	  .key = "s", .silence_ms = BY_CLOCK,
	  .help = "index price of a pair (COIN-M)" },
	{ .name = "pairMarkPrice", .of = OF_PAIR, .markets = ON_COINM, .suffix = "markPrice@1s",
	  .speeds = MARK_SPEEDS,
	  .route = ROUTE_MARKET, .event = "markPriceUpdate", .latest = true, .serial = "E",
	  .key = "s", .silence_ms = BY_CLOCK,
	  .help = "mark prices of a pair's contracts (COIN-M)" },
	{ .name = "indexPriceKline", .of = OF_PAIR, .markets = ON_COINM, .suffix = "indexPriceKline",
	  .speeds = "", .interval = true,
	  .route = ROUTE_MARKET, .event = "indexPrice_kline", .latest = true, .serial = "E",
	  .key = "ps", .silence_ms = BY_TRADE,
	  .help = "candles of a pair's index price (COIN-M)" },
	{ .name = "markPriceKline", .of = OF_SYMBOL, .markets = ON_COINM, .suffix = "markPriceKline",
	  .speeds = "", .interval = true,
	  .route = ROUTE_MARKET, .event = "markPrice_kline", .latest = true, .serial = "E",
	  .key = "k.s", .silence_ms = BY_TRADE,
	  .help = "candles of the mark price (COIN-M)" },
	{ .name = NULL }
};

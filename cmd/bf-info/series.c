/* What can be asked for over a range, and the subcommands for it. */
#include "range.h"

#define DAY_MS		INT64_C(86400000)

#define STATISTICS	.shape = SHAPE_PERIODS, .time = "timestamp", .most = 500, .keep_ms = 30 * DAY_MS
#define BY_PAIR		{ true, true }
#define COIN_PAIR	{ false, true }

enum { KLINES, CONTINUOUS, INDEX, MARK, PREMIUM, AGGS, TRADES, FUNDING, INTEREST, TOP_POSITION, TOP_ACCOUNT,
	GLOBAL, TAKER, BASIS };

static const struct series series[] = {
[KLINES]	= { .name = "klines", .ep = EP_KLINES, .shape = SHAPE_CANDLES, .kind = "last", .most = 1500 },
[CONTINUOUS]	= { .name = "continuousKlines", .ep = EP_CONTINUOUS_KLINES, .shape = SHAPE_CANDLES, .most = 1500,
		    .kind = "continuous", .pair = BY_PAIR, .contract = BY_PAIR },
[INDEX]		= { .name = "indexPriceKlines", .ep = EP_INDEX_KLINES, .shape = SHAPE_CANDLES, .kind = "index",
		    .pair = BY_PAIR, .most = 1500 },
[MARK]		= { .name = "markPriceKlines", .ep = EP_MARK_KLINES, .shape = SHAPE_CANDLES, .kind = "mark",
		    .most = 1500 },
[PREMIUM]	= { .name = "premiumIndexKlines", .ep = EP_PREMIUM_KLINES, .shape = SHAPE_CANDLES, .kind = "premium",
		    .most = 1500 },
[AGGS]		= { .name = "aggTrades", .ep = EP_AGG_TRADES, .shape = SHAPE_IDS, .time = "T", .id = "a", .value = "p",
		    .most = 1000, .keep_ms = 2 * DAY_MS },
[TRADES]	= { .name = "historicalTrades", .ep = EP_HISTORICAL_TRADES, .shape = SHAPE_IDS, .time = "time",
		    .id = "id", .value = "price", .most = 500, .by_id = true },
[FUNDING]	= { .name = "fundingRate", .ep = EP_FUNDING_RATE, .shape = SHAPE_TIMES, .time = "fundingTime",
		    .value = "fundingRate", .most = 1000 },
[INTEREST]	= { .name = "openInterestHist", .ep = EP_OPEN_INTEREST_HIST, .pair = COIN_PAIR, .contract = COIN_PAIR,
		    .value = "sumOpenInterest", STATISTICS },
[TOP_POSITION]	= { .name = "topLongShortPositionRatio", .ep = EP_TOP_POSITION_RATIO, .pair = COIN_PAIR,
		    .value = "longShortRatio", STATISTICS },
[TOP_ACCOUNT]	= { .name = "topLongShortAccountRatio", .ep = EP_TOP_ACCOUNT_RATIO, .pair = COIN_PAIR,
		    .value = "longShortRatio", STATISTICS },
[GLOBAL]	= { .name = "globalLongShortAccountRatio", .ep = EP_GLOBAL_RATIO, .pair = COIN_PAIR,
		    .value = "longShortRatio", STATISTICS },
[TAKER]		= { .name = "takerRatio", .ep = EP_TAKER_RATIO, .pair = COIN_PAIR, .contract = COIN_PAIR,
		    .value = "buySellRatio", .coin_value = "takerBuyVol", STATISTICS },
[BASIS]		= { .name = "basis", .ep = EP_BASIS, .pair = BY_PAIR, .contract = BY_PAIR,
		    .value = "basisRate", STATISTICS },
};

#define VERB(fn, which) \
	static int \
	fn(struct app *a, char *const words[], int n, struct fault *f) \
	{ \
		return range_run(a, &series[which], words, n, f); \
	}
VERB(do_klines, KLINES)
VERB(do_continuous, CONTINUOUS)
VERB(do_index, INDEX)
VERB(do_mark, MARK)
VERB(do_premium, PREMIUM)
VERB(do_aggs, AGGS)
VERB(do_trades, TRADES)
VERB(do_funding, FUNDING)
VERB(do_interest, INTEREST)
VERB(do_top_position, TOP_POSITION)
VERB(do_top_account, TOP_ACCOUNT)
VERB(do_global, GLOBAL)
VERB(do_taker, TAKER)
VERB(do_basis, BASIS)

#define END	{ NULL, NULL, 0 }

static const struct column kline_cols[] = {
	{ "OPENS", "when:t|from", COL_LEFT }, { "OPEN", "o", COL_DEC | COL_MORE(6) }, { "HIGH", "h", COL_DEC }, { "LOW", "l", COL_DEC },
	{ "CLOSE", "c", COL_DEC }, { "VOLUME", "v", COL_DEC | COL_MORE(4) }, { "TURNOVER", "q", COL_DEC | COL_MORE(3) },
	{ "TRADES", "n", COL_RIGHT | COL_MORE(2) }, { "CLOSED", "x", COL_LEFT | COL_MORE(1) }, { "MISSING", "missing", COL_RIGHT | COL_MORE(5) }, END
};
static const struct column agg_cols[] = {
	{ "TIME", "when:T", COL_LEFT }, { "ID", "a", COL_RIGHT }, { "PRICE", "p", COL_DEC }, { "QTY", "q", COL_DEC },
	{ "FIRST", "f", COL_RIGHT | COL_MORE(1) }, { "LAST", "l", COL_RIGHT | COL_MORE(1) }, { "BUYER MAKER", "m", COL_LEFT }, END
};
static const struct column trade_cols[] = {
	{ "TIME", "when:time", COL_LEFT }, { "ID", "id", COL_RIGHT }, { "PRICE", "price", COL_DEC }, { "QTY", "qty", COL_DEC },
	{ "IN QUOTE", "quoteQty", COL_DEC | COL_MORE(1) }, { "BUYER MAKER", "isBuyerMaker", COL_LEFT }, END
};
static const struct column coin_trade_cols[] = {
	{ "TIME", "when:time", COL_LEFT }, { "ID", "id", COL_RIGHT }, { "PRICE", "price", COL_DEC },
	{ "CONTRACTS", "qty", COL_DEC }, { "IN COIN", "baseQty", COL_DEC | COL_MORE(1) }, { "BUYER MAKER", "isBuyerMaker", COL_LEFT }, END
};
static const struct column funding_cols[] = {
	{ "TIME", "when:fundingTime", COL_LEFT }, { "SYMBOL", "symbol", COL_LEFT }, { "RATE", "fundingRate", COL_DEC },
	{ "MARK", "markPrice", COL_DEC }, { "TYPE", "rateType", COL_LEFT | COL_MORE(1) }, END
};
static const struct column interest_cols[] = {
	{ "TIME", "when:timestamp|from", COL_LEFT }, { "OPEN INTEREST", "sumOpenInterest", COL_DEC },
	{ "VALUE", "sumOpenInterestValue", COL_DEC }, { "MISSING", "missing", COL_RIGHT | COL_MORE(5) }, END
};
static const struct column account_cols[] = {
	{ "TIME", "when:timestamp|from", COL_LEFT }, { "LONG/SHORT", "longShortRatio", COL_DEC }, { "LONG", "longAccount", COL_DEC },
	{ "SHORT", "shortAccount", COL_DEC }, { "MISSING", "missing", COL_RIGHT | COL_MORE(5) }, END
};
static const struct column coin_position_cols[] = {
	{ "TIME", "when:timestamp|from", COL_LEFT }, { "LONG/SHORT", "longShortRatio", COL_DEC }, { "LONG", "longPosition", COL_DEC },
	{ "SHORT", "shortPosition", COL_DEC }, { "MISSING", "missing", COL_RIGHT | COL_MORE(5) }, END
};
static const struct column taker_cols[] = {
	{ "TIME", "when:timestamp|from", COL_LEFT }, { "BUY/SELL", "buySellRatio", COL_DEC }, { "BOUGHT", "buyVol", COL_DEC },
	{ "SOLD", "sellVol", COL_DEC }, { "MISSING", "missing", COL_RIGHT | COL_MORE(5) }, END
};
static const struct column coin_taker_cols[] = {
	{ "TIME", "when:timestamp|from", COL_LEFT }, { "BOUGHT", "takerBuyVol", COL_DEC }, { "SOLD", "takerSellVol", COL_DEC },
	{ "BOUGHT COIN", "takerBuyVolValue", COL_DEC }, { "SOLD COIN", "takerSellVolValue", COL_DEC },
	{ "MISSING", "missing", COL_RIGHT | COL_MORE(5) }, END
};
static const struct column basis_cols[] = {
	{ "TIME", "when:timestamp|from", COL_LEFT }, { "PAIR", "pair", COL_LEFT | COL_MORE(1) }, { "CONTRACT", "contractType", COL_LEFT | COL_MORE(2) },
	{ "FUTURES", "futuresPrice", COL_DEC }, { "INDEX", "indexPrice", COL_DEC }, { "BASIS", "basis", COL_DEC },
	{ "RATE", "basisRate", COL_DEC }, { "A YEAR", "annualizedBasisRate", COL_DEC },
	{ "MISSING", "missing", COL_RIGHT | COL_MORE(5) }, END
};
static const struct column change_cols[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "symbol", COL_LEFT }, { "FIELD", "field", COL_LEFT },
	{ "WAS", "was", COL_RIGHT }, { "IS", "is", COL_RIGHT }, END
};

#define OVER	(TAKES_TIMES | TAKES_LIMIT | TAKES_SAVE | TAKES_PLOT)
#define STATS	(OVER | TAKES_PERIOD)

const struct verb range_verbs[] = {
	{ .name = "klines", .run = do_klines, .cols = kline_cols, .takes = OVER, .args = "SYMBOL INTERVAL",
	  .help = "candles of the last price", .also = "candles" },
	{ .name = "continuousKlines", .run = do_continuous, .cols = kline_cols, .takes = OVER | TAKES_CONTRACT,
	  .args = "PAIR INTERVAL", .help = "candles of a contract type", .also = "continuous" },
	{ .name = "indexPriceKlines", .run = do_index, .cols = kline_cols, .takes = OVER, .args = "PAIR INTERVAL",
	  .help = "candles of the index", .also = "index-klines" },
	{ .name = "markPriceKlines", .run = do_mark, .cols = kline_cols, .takes = OVER, .args = "SYMBOL INTERVAL",
	  .help = "candles of the mark price", .also = "mark-klines" },
	{ .name = "premiumIndexKlines", .run = do_premium, .cols = kline_cols, .takes = OVER, .args = "SYMBOL INTERVAL",
	  .help = "candles of the premium index", .also = "premium-klines" },
	{ .name = "aggTrades", .run = do_aggs, .cols = agg_cols, .takes = OVER, .args = "SYMBOL",
	  .help = "aggregate trades of the last 48 hours", .also = "agg-trades" },
	{ .name = "historicalTrades", .run = do_trades, .cols = trade_cols, .coin_cols = coin_trade_cols, .need_key = true,
	  .takes = OVER & ~(unsigned)TAKES_TIMES, .args = "SYMBOL [ID]", .help = "trades of the last month, from an id on",
	  .also = "old-trades" },
	{ .name = "fundingRate", .run = do_funding, .cols = funding_cols, .takes = OVER, .args = "SYMBOL",
	  .help = "fundings that were settled", .also = "funding-history" },
	{ .name = "openInterestHist", .run = do_interest, .cols = interest_cols, .takes = STATS | TAKES_CONTRACT,
	  .args = "SYMBOL", .help = "open interest of the last 30 days", .also = "open-interest-history" },
	{ .name = "topLongShortPositionRatio", .run = do_top_position, .cols = account_cols, .coin_cols = coin_position_cols,
	  .takes = STATS, .args = "SYMBOL", .help = "long and short of top traders, by positions", .also = "top-positions" },
	{ .name = "topLongShortAccountRatio", .run = do_top_account, .cols = account_cols, .takes = STATS,
	  .args = "SYMBOL", .help = "the same, by accounts", .also = "top-accounts" },
	{ .name = "globalLongShortAccountRatio", .run = do_global, .cols = account_cols, .takes = STATS,
	  .args = "SYMBOL", .help = "long and short of all accounts", .also = "long-short" },
	{ .name = "takerRatio", .run = do_taker, .cols = taker_cols, .coin_cols = coin_taker_cols,
	  .takes = STATS | TAKES_CONTRACT, .args = "SYMBOL", .help = "what takers bought and sold",
	  .also = "takerlongshortRatio takerBuySellVol" },
	{ .name = "basis", .run = do_basis, .cols = basis_cols, .takes = STATS | TAKES_CONTRACT, .args = "PAIR",
	  .help = "futures price less index" },
	{ .name = "watch", .run = do_watch, .cols = change_cols, .takes = TAKES_ROUNDS, .args = "[SYMBOL ...]",
	  .help = "a record for each change of the rules" },
	{ .name = NULL }
};

/* Answers that bf-info prints as they came: prices, books, trades, indices. */
#include "core/record_in.h"

#define SYMBOL	M("symbol", STR, "the symbol")
#define PAIR	O("pair", STR, "the pair (COIN-M)")

static const struct record_member mark[] = {
	SYMBOL, PAIR,
	M("markPrice", DEC, "the mark price"),
	M("indexPrice", DEC, "the index price"),
	M("estimatedSettlePrice", DEC, "the settlement price as it is estimated"),
	M("lastFundingRate", DECS, "the funding rate to come; \"\" of a delivery contract"),
	M("interestRate", DECS, "the part of it that is interest"),
	M("nextFundingTime", MS, "when the next funding is; 0 of a delivery contract"),
	M("time", MS, "when"),
	END
};

static const struct record_member ticker[] = {
	SYMBOL, PAIR,
	M("priceChange", DEC, "the change"), M("priceChangePercent", DEC, "the change in percent"),
	M("weightedAvgPrice", DEC, "the mean price, by volume"),
	M("lastPrice", DEC, "the last price"), M("lastQty", DEC, "the last quantity"),
	M("openPrice", DEC, "open"), M("highPrice", DEC, "high"), M("lowPrice", DEC, "low"),
	M("volume", DEC, "base asset, of COIN-M contracts"),
	O("quoteVolume", DEC, "quote asset"),
	O("baseVolume", DEC, "the coin (COIN-M)"),
	M("openTime", MS, "from when on"), M("closeTime", MS, "until when"),
	M("firstId", INT, "the first trade's id"), M("lastId", INT, "the last one's"),
	M("count", INT, "how many trades"),
	END
};

static const struct record_member best[] = {
	SYMBOL, PAIR,
	M("bidPrice", DEC, "best bid"), M("bidQty", DEC, "its quantity"),
	M("askPrice", DEC, "best ask"), M("askQty", DEC, "its quantity"),
	M("time", MS, "when"),
	O("lastUpdateId", ID, "the update of the book"),
	END
};

static const struct record_member book[] = {
	M("lastUpdateId", ID, "the update it is of"),
	O("symbol", STR, "the symbol (COIN-M)"), PAIR,
	O("E", MS, "when"), O("T", MS, "when, in the engine"),
	M("bids", ARR, "best first"), M("bids[]", ARR, "price and quantity"), M("bids[][]", DEC, ""),
	M("asks", ARR, "best first"), M("asks[]", ARR, "price and quantity"), M("asks[][]", DEC, ""),
	END
};

static const struct record_member trade[] = {
	M("id", ID, "the trade's id"),
	M("price", DEC, "the price"),
	M("qty", DEC, "the quantity"),
	O("quoteQty", DEC, "its value"),
	O("baseQty", DEC, "its value in coin (COIN-M)"),
	M("time", MS, "when"),
	M("isBuyerMaker", BOOL, "the buyer stood in the book"),
	O("isRPITrade", BOOL, "with a retail (RPI) order"),
	END
};

static const struct record_member agg_trade[] = {
	M("a", ID, "the aggregate's id"),
	M("p", DEC, "the price"),
	M("q", DEC, "the quantity"),
	O("nq", DEC, "the quantity without retail (RPI) orders"),
	M("f", INT, "the first trade's id"), M("l", INT, "the last one's"),
	M("T", MS, "when"),
	M("m", BOOL, "the buyer stood in the book"),
	END
};

static const struct record_member interest[] = {
	SYMBOL, PAIR,
	M("openInterest", DEC, "base asset, of COIN-M contracts"),
	O("contractType", STR, "the contract type (COIN-M)"),
	M("time", MS, "when"),
	END
};

static const struct record_member insurance[] = {
	M("symbols", ARR, "the symbols that share it"), M("symbols[]", STR, "a symbol"),
	M("assets", ARR, "what is in it"),
	M("assets[].asset", STR, "the asset"),
	M("assets[].marginBalance", DEC, "how much"),
	M("assets[].updateTime", MS, "when"),
	END
};

static const struct record_member adl[] = {
	SYMBOL,
	M("adlRisk", STR, "low, medium, high"),
	M("updateTime", MS, "when"),
	END
};

static const struct record_member schedule[] = {
	M("updateTime", MS, "when"),
	M("marketSchedules", OBJ, "a member for each market: its sessions, with startTime, endTime and type"),
	END
};

static const struct record_member delivery[] = {
	M("deliveryTime", MS, "when"),
	M("deliveryPrice", EITHER, "at what price"),
	END
};

static const struct record_member constituents[] = {
	SYMBOL,
	M("time", MS, "when"),
	M("constituents", ARR, "the markets it is made of"),
	M("constituents[].exchange", STR, "the exchange"),
	M("constituents[].symbol", STR, "its symbol"),
	O("constituents[].price", DEC, "its price"),
	O("constituents[].weight", DEC, "its weight"),
	END
};

static const struct record_member asset_index[] = {
	M("symbol", STR, "the asset, as BTCUSD"),
	M("time", MS, "when"),
	M("index", DEC, "its index price"),
	M("bidBuffer", DEC, "bid buffer"), M("askBuffer", DEC, "ask buffer"),
	M("bidRate", DEC, "bid rate"), M("askRate", DEC, "ask rate"),
	M("autoExchangeBidBuffer", DEC, "bid buffer of automatic exchange"),
	M("autoExchangeAskBuffer", DEC, "ask buffer of it"),
	M("autoExchangeBidRate", DEC, "bid rate of it"), M("autoExchangeAskRate", DEC, "ask rate of it"),
	END
};

static const struct record_member index_info[] = {
	SYMBOL,
	M("time", MS, "when"),
	M("component", STR, "what it is made of"),
	M("baseAssetList", ARR, "the parts"),
	M("baseAssetList[].baseAsset", STR, "base"),
	O("baseAssetList[].quoteAsset", STR, "quote"),
	M("baseAssetList[].weightInQuantity", DEC, "weight as a quantity"),
	M("baseAssetList[].weightInPercentage", DEC, "weight as a fraction"),
	END
};

#define ANSWER(name, what, members) { "info." name, RECORD_ANSWER, "", "bf-info", EXCHANGES, what, members }

const struct record_row record_answers[] = {
	ANSWER("mark", "Mark and index price, funding rate: bf-info mark.", mark),
	ANSWER("ticker", "The last 24 hours: bf-info ticker.", ticker),
	ANSWER("bookTicker", "Best bid and ask: bf-info bookTicker.", best),
	ANSWER("book", "A book: bf-info book.", book),
	ANSWER("trades", "A trade: bf-info trades, historicalTrades.", trade),
	ANSWER("aggTrades", "Trades, joined by price and taker: bf-info aggTrades.", agg_trade),
	ANSWER("openInterest", "Open interest: bf-info openInterest.", interest),
	ANSWER("insurance", "An insurance fund: bf-info insurance.", insurance),
	ANSWER("adl", "The risk of auto-deleveraging: bf-info adl.", adl),
	ANSWER("schedule", "Trading hours: bf-info schedule.", schedule),
	ANSWER("deliveryPrice", "A delivery: bf-info deliveryPrice.", delivery),
	ANSWER("constituents", "What an index is made of: bf-info constituents.", constituents),
	ANSWER("assetIndex", "What an asset counts as collateral: bf-info assetIndex.", asset_index),
	ANSWER("indexInfo", "A composite index: bf-info indexInfo.", index_info),
	END_ROW
};

/* Events of the market, as the exchange sends them. */
#include "core/record_in.h"

#define SYMBOL	M("s", STR, "the symbol")
#define PAIR	O("ps", STR, "the pair")
#define KIND	O("st", INT, "1 USDM, 2 COIN-M")
#define TRADED	M("T", MS, "when, in the engine")

static const struct record_member mark[] = {
	TIME, SYMBOL,
	M("p", DEC, "the mark price"),
	O("ap", DEC, "its moving average"),
	M("i", DEC, "the index price"),
	M("P", DEC, "the settlement price as it is estimated"),
	M("r", DECS, "the funding rate to come; \"\" of a delivery contract"),
	M("T", MS, "when the next funding is; 0 of a delivery contract"),
	KIND,
	END
};

static const struct record_member best[] = {
	TIME, SYMBOL, PAIR,
	M("u", ID, "the update of the book"),
	M("b", DEC, "best bid"), M("B", DEC, "its quantity"),
	M("a", DEC, "best ask"), M("A", DEC, "its quantity"),
	TRADED, KIND,
	END
};

static const struct record_member agg_trade[] = {
	TIME, SYMBOL,
	M("a", ID, "the aggregate's id"),
	M("p", DEC, "the price"),
	M("q", DEC, "the quantity"),
	O("nq", DEC, "the quantity without retail (RPI) orders"),
	M("f", INT, "the first trade's id"), M("l", INT, "the last one's"),
	TRADED,
	M("m", BOOL, "the buyer stood in the book"),
	KIND,
	END
};

static const struct record_member trade[] = {
	TIME, SYMBOL,
	TRADED,
	M("t", ID, "the trade's id"),
	M("p", DEC, "the price"),
	M("q", DEC, "the quantity"),
	M("X", STR, "MARKET, INSURANCE_FUND, ADL, NA"),
	M("m", BOOL, "the buyer stood in the book"),
	KIND,
	END
};

/* bf-stream's books have no chain, and so neither U nor pu. */
static const struct record_member depth[] = {
	TIME, SYMBOL, PAIR,
	TRADED,
	O("U", ID, "the first update in it; not of a book that was put together here"),
	M("u", ID, "the last update in it"),
	O("pu", INT, "the u of the event before"),
	M("b", ARR, "bids"), M("b[]", ARR, "price and quantity; of a change 0 is: none any more"), M("b[][]", DEC, ""),
	M("a", ARR, "asks"), M("a[]", ARR, "price and quantity"), M("a[][]", DEC, ""),
	KIND,
	END
};

#define DAY \
	M("o", DEC, "open"), M("h", DEC, "high"), M("l", DEC, "low"), M("c", DEC, "last price"), \
	M("v", DEC, "volume: base asset, of COIN-M contracts"), \
	M("q", DEC, "volume: quote asset, of COIN-M the coin")

static const struct record_member mini[] = {
	TIME, SYMBOL, PAIR,
	DAY, KIND,
	END
};

static const struct record_member ticker[] = {
	TIME, SYMBOL, PAIR,
	M("p", DEC, "the change"), M("P", DEC, "the change in percent"),
	M("w", DEC, "the mean price, by volume"),
	M("Q", DEC, "the last quantity"),
	DAY,
	M("O", MS, "from when on"), M("C", MS, "until when"),
	M("F", INT, "the first trade's id"), M("L", INT, "the last one's"),
	M("n", INT, "how many trades"),
	KIND,
	END
};

static const struct record_member force[] = {
	TIME, PAIR, KIND,
	M("o", OBJ, "the order of the liquidation"),
	M("o.s", STR, "the symbol"),
	O("o.ps", STR, "the pair"),
	W("o.S", "BUY|SELL", "the side"),
	M("o.o", STR, "the type"), M("o.f", STR, "how long it stands"),
	M("o.q", DEC, "the quantity"), M("o.p", DEC, "the price"), M("o.ap", DEC, "the mean price"),
	M("o.X", STR, "the status"),
	M("o.l", DEC, "the last quantity filled"), M("o.z", DEC, "the quantity filled so far"),
	M("o.T", MS, "when"),
	END
};

static const struct record_member composite[] = {
	TIME, SYMBOL,
	M("p", DEC, "the price"),
	M("C", STR, "what it is made of"),
	M("c", ARR, "the parts"),
	M("c[].b", STR, "base"), M("c[].q", STR, "quote"),
	M("c[].w", DEC, "weight as a quantity"), M("c[].W", DEC, "weight as a fraction"),
	O("c[].i", DEC, "index price"),
	KIND,
	END
};

static const struct record_member contract[] = {
	TIME, SYMBOL, PAIR,
	M("ct", STR, "the contract type"),
	M("dt", MS, "when it is delivered"), M("ot", MS, "since when it is traded"),
	M("cs", STR, "its status"),
	O("bks", ARR, "its leverage brackets, if they changed"),
	M("bks[].bs", INT, "bracket"), M("bks[].bnf", NUM, "above"), M("bks[].bnc", NUM, "up to"),
	M("bks[].mmr", NUM, "maintenance margin rate"), M("bks[].cf", NUM, "amount taken off"),
	M("bks[].mi", INT, "least leverage"), M("bks[].ma", INT, "greatest leverage"),
	KIND,
	END
};

static const struct record_member asset[] = {
	TIME,
	M("s", STR, "the asset, as BTCUSD"),
	M("i", DEC, "its index price"),
	M("b", DEC, "bid buffer"), M("a", DEC, "ask buffer"),
	M("B", DEC, "bid rate"), M("A", DEC, "ask rate"),
	M("q", DEC, "bid buffer of automatic exchange"), M("g", DEC, "ask buffer of it"),
	M("Q", DEC, "bid rate of it"), M("G", DEC, "ask rate of it"),
	END
};

static const struct record_member session[] = {
	TIME,
	M("t", MS, "its beginning"), M("T", MS, "its end"),
	M("S", STR, "PRE_MARKET, REGULAR, AFTER_MARKET, OVERNIGHT, NO_TRADING"),
	END
};

static const struct record_member index_price[] = {
	TIME,
	O("i", STR, "the pair"), O("s", STR, "the pair"),
	M("p", DEC, "the index price"),
	END
};

#define SESSIONS "EquityUpdate|CommodityUpdate|KR_EquityUpdate|HK_EquityUpdate|CN_EquityUpdate|FXUpdate"
#define EVENT(name, what, members) { name, RECORD_MARKET, "e=" name, "bf-stream", EXCHANGES, what, members }

const struct record_row record_market[] = {
	EVENT("markPriceUpdate", "Mark and index price, funding: markPrice, pairMarkPrice.", mark),
	EVENT("bookTicker", "Best bid and ask: bookTicker.", best),
	EVENT("aggTrade", "Trades, joined by price and taker: aggTrade.", agg_trade),
	EVENT("trade", "A trade: trade.", trade),
	EVENT("depthUpdate", "A book's best levels, or changes: depth5, depth10, depth20, depth, rpiDepth, and books that "
	    "are put together here.", depth),
	EVENT("24hrMiniTicker", "The last 24 hours: miniTicker.", mini),
	EVENT("24hrTicker", "The last 24 hours: ticker.", ticker),
	EVENT("forceOrder", "A liquidation: forceOrder.", force),
	EVENT("compositeIndex", "What an index contract is made of: compositeIndex.", composite),
	EVENT("contractInfo", "A contract is listed, settled, or has other brackets: contractInfo.", contract),
	EVENT("assetIndexUpdate", "What an asset counts as margin: assetIndex.", asset),
	{ "tradingSession", RECORD_MARKET, "e=" SESSIONS, "bf-stream", EXCHANGES,
	  "Which market of shares and goods is open: tradingSession.", session },
	EVENT("indexPriceUpdate", "The index price of a pair (COIN-M): indexPrice.", index_price),
	END_ROW
};

/* Reports of bf-time, bf-info and bf-profile that are our own. */
#include "core/record_in.h"

static const struct record_member time[] = {
	TIME,
	M("profile", STR, "the profile"),
	MARKET,
	M("serverTime", MS, "the exchange's time"),
	M("offset", INT, "ms to add to this clock"),
	M("error", INT, "ms by which that may be wrong, either way"),
	M("rtt", INT, "ms there and back, of the sample that was used"),
	M("rttMin", NUM, "ms, of all samples the shortest"),
	M("rttP50", NUM, "ms, the median"),
	M("rttP90", NUM, "ms, longer than nine of ten"),
	M("rttMax", NUM, "ms, the longest"),
	M("samples", INT, "how many were asked for"),
	M("used", INT, "how many were used"),
	M("rejected", INT, "how many were too odd"),
	M("lost", INT, "how many had no answer"),
	ON("drift", NUM, "of --watch: this clock's drift, in parts per million; null: not known yet"),
	ON("driftError", NUM, "by which that may be wrong, either way"),
	END
};

static const struct record_member probe[] = {
	TIME,
	M("profile", STR, "the profile"),
	M("use", STR, "which of its addresses: rest, ws, coinm_rest, ..."),
	M("host", STR, "the host"),
	M("port", INT, "the port"),
	N("address", STR, "one of its addresses; null: the name was not found"),
	N("connect", NUM, "ms until it was connected"),
	N("tls", NUM, "ms for TLS"),
	N("firstByte", NUM, "ms until the answer began"),
	N("tlsVersion", STR, "TLSv1.3, ..."),
	N("certDays", INT, "days until its certificate ends"),
	N("http", INT, "status of the answer"),
	M("ok", BOOL, "it can be used"),
	M("why", STR, "if not, the reason"),
	END
};

static const struct record_member filters[] = {
	TIME,
	M("symbol", STR, "the symbol"),
	N("status", STR, "TRADING, ..."),
	N("contractType", STR, "PERPETUAL, ..."),
	N("contractSize", DEC, "USD a contract, of COIN-M"),
	N("pricePrecision", INT, "decimals of a price"),
	N("quantityPrecision", INT, "decimals of a quantity"),
	N("tickSize", DEC, "a price is a multiple of it"),
	N("minPrice", DEC, "the least price"),
	N("maxPrice", DEC, "the greatest"),
	N("stepSize", DEC, "a quantity is a multiple of it"),
	N("minQty", DEC, "the least quantity"),
	N("maxQty", DEC, "the greatest"),
	N("marketStepSize", DEC, "the same of market orders"),
	N("marketMinQty", DEC, "the same of market orders"),
	N("marketMaxQty", DEC, "the same of market orders"),
	N("minNotional", DEC, "the least value of an order"),
	N("multiplierUp", DEC, "how far above the mark a price may be"),
	N("multiplierDown", DEC, "how far below"),
	N("maxNumOrders", INT, "open orders of the symbol, at most"),
	N("maxMoveOrderLimit", INT, "how often an order may be modified"),
	N("liquidationFee", DEC, "the fee of a liquidation, as a fraction"),
	N("marketTakeBound", DEC, "how far from the mark a market order fills, as a fraction"),
	N("triggerProtect", DEC, "how far last and mark price may be apart with priceProtect"),
	END
};

static const struct record_member funding[] = {
	TIME,
	M("symbol", STR, "the symbol"),
	N("lastFundingRate", DEC, "the rate to come, as a fraction"),
	N("nextFundingTime", MS, "when"),
	N("markPrice", DEC, "the mark price"),
	N("interestRate", DEC, "the part of the rate that is interest"),
	N("fundingIntervalHours", INT, "hours between fundings; null: not told of this contract"),
	N("adjustedFundingRateCap", DEC, "the highest rate there may be"),
	N("adjustedFundingRateFloor", DEC, "the lowest"),
	END
};

static const struct record_member price[] = {
	TIME,
	M("symbol", STR, "the symbol"),
	N("lastPrice", DEC, "of the last trade"),
	N("markPrice", DEC, "what margin and profit are reckoned by"),
	N("indexPrice", DEC, "of the spot markets"),
	N("lastMinusMark", DEC, "last less mark price"),
	N("lastMinusMarkBps", DEC, "the same in hundredths of a percent"),
	N("markMinusIndex", DEC, "mark less index price"),
	N("markMinusIndexBps", DEC, "the same in hundredths of a percent"),
	N("basis", DEC, "last less index price"),
	N("basisBps", DEC, "the same in hundredths of a percent"),
	N("lastTime", MS, "of the last price"),
	N("markTime", MS, "of the mark price"),
	END
};

static const struct record_member kline[] = {
	TIME,
	W("kind", "last|mark|index|premium|continuous", "of which price"),
	M("s", STR, "the symbol or pair"),
	O("ct", STR, "of a continuous one, the contract type"),
	M("i", STR, "the interval"),
	M("t", MS, "its opening"),
	M("T", MS, "its close"),
	M("o", DEC, "open"), M("h", DEC, "high"), M("l", DEC, "low"), M("c", DEC, "close"),
	M("v", DEC, "volume: base asset, of COIN-M contracts"),
	M("q", DEC, "volume: quote asset, of COIN-M the coin"),
	M("n", INT, "trades"),
	M("V", DEC, "what takers bought of v"),
	M("Q", DEC, "what takers bought of q"),
	M("x", BOOL, "it is over"),
	END
};

static const struct record_member range[] = {
	M("E", MS, "where it begins; 0 of rows by id"),
	W("by", "bf-info", "the program"),
	MARKET,
	M("what", STR, "the series"),
	M("s", STR, "the symbol or pair"),
	O("ct", STR, "the contract type"),
	O("i", STR, "the interval or period"),
	M("from", INT, "the time or the id it begins with"),
	END
};

static const struct record_member change[] = {
	TIME,
	W("by", "bf-info", "the program"),
	M("symbol", STR, "the symbol"),
	M("field", STR, "what changed, or listed"),
	M("was", ANY, "what it was; null: it was not there"),
	M("is", ANY, "what it is; null: it is no more"),
	END
};

static const struct record_member profile[] = {
	M("E", MS, "when, by this machine's clock: no exchange is asked"),
	M("profile", STR, "its name"),
	M("default", BOOL, "it is the one where none is named"),
	M("from", ARR, "where it is said"),
	W("from[]", "built in|config|file", "one of these, each adding to the one before"),
	N("exchange", STR, "live, demo, or the address of another one"),
	N("keyIn", STR, "where its key is"),
	N("key", STR, "the first 4 characters of the API key"),
	N("maxOrderNotional", DEC, "cap; null: none"),
	N("maxPositionNotional", DEC, "cap; null: none"),
	N("maxPriceDistance", DEC, "cap, in percent; null: none"),
	N("maxOrdersPerMinute", INT, "cap; null: none"),
	N("symbols", STR, "only these, with blanks between; null: all"),
	N("why", STR, "what is wrong with it"),
	END
};

static const struct record_member profile_value[] = {
	M("E", MS, "when, by this machine's clock: no exchange is asked"),
	M("profile", STR, "the profile"),
	M("name", STR, "the key of the configuration, or another thing that holds"),
	N("value", STR, "its value; null: none"),
	M("from", STR, "file and line, or why it is so"),
	END
};

static const struct record_member doctor[] = {
	TIME,
	M("profile", STR, "the profile"),
	M("check", STR, "what was looked at"),
	W("state", "ok|warn|bad|skipped", "how it is"),
	M("msg", STR, "the finding, in words"),
	M("mend", STR, "what would mend it; empty: nothing has to be"),
	END
};

#define REPORT(name, tool, what, members) { name, RECORD_REPORT, "e=" name, tool, OURS, what, members }

const struct record_row record_reports[] = {
	REPORT("bf.time", "bf-time", "The exchange's time, and this clock's offset.", time),
	REPORT("bf.probe", "bf-time", "One address of the exchange, tried.", probe),
	REPORT("bf.filters", "bf-info", "The rules that an order must keep; null is no such rule.", filters),
	REPORT("bf.funding", "bf-info", "Funding as it is now.", funding),
	REPORT("bf.price", "bf-info", "Last, mark and index price, and how far apart they are.", price),
	REPORT("bf.kline", "bf-info", "A candle.", kline),
	REPORT("bf.range", "bf-info", "The first line of a file of --save.", range),
	REPORT("bf.change", "bf-info", "A change of the rules of a contract.", change),
	REPORT("bf.profile", "bf-profile", "A profile there is.", profile),
	REPORT("bf.profile.value", "bf-profile", "What holds in a profile, and from where.", profile_value),
	REPORT("bf.doctor", "bf-profile", "What doctor found.", doctor),
	END_ROW
};

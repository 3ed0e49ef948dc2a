/* Answers that bf-info prints as they came: fundings and statistics, over time. */
#include "core/record_in.h"

#define PAIR	O("pair", STR, "the pair (COIN-M)")
#define AT	M("timestamp", EITHER, "when")

static const struct record_member funding[] = {
	M("symbol", STR, "the symbol"),
	M("fundingTime", MS, "when"),
	M("fundingRate", DEC, "the rate, as a fraction"),
	O("markPrice", DECS, "the mark price; \"\" of old ones"),
	O("rateType", STR, "Regular, Special"),
	END
};

static const struct record_member interest[] = {
	O("symbol", STR, "the symbol"), PAIR,
	O("contractType", STR, "the contract type (COIN-M)"),
	M("sumOpenInterest", DEC, "base asset, of COIN-M contracts"),
	O("sumOpenInterestValue", DEC, "quote asset, of COIN-M the coin"),
	O("CMCCirculatingSupply", DEC, "coins there are"),
	AT,
	END
};

static const struct record_member ratio[] = {
	O("symbol", STR, "the symbol"), PAIR,
	M("longShortRatio", DEC, "long by short"),
	O("longAccount", DEC, "the part that is long"), O("shortAccount", DEC, "the part that is short"),
	O("longPosition", DEC, "the same of positions (COIN-M)"), O("shortPosition", DEC, "the same of positions (COIN-M)"),
	AT,
	END
};

static const struct record_member taker[] = {
	O("buySellRatio", DEC, "bought by sold"),
	O("buyVol", DEC, "bought"), O("sellVol", DEC, "sold"),
	PAIR,
	O("contractType", STR, "the contract type (COIN-M)"),
	O("takerBuyVol", DEC, "bought, contracts (COIN-M)"), O("takerSellVol", DEC, "sold"),
	O("takerBuyVolValue", DEC, "bought, coin (COIN-M)"), O("takerSellVolValue", DEC, "sold"),
	AT,
	END
};

static const struct record_member basis[] = {
	M("pair", STR, "the pair"),
	M("contractType", STR, "the contract type"),
	M("indexPrice", DEC, "the index price"),
	M("futuresPrice", DEC, "the price of the contract"),
	M("basis", DEC, "that less the index"),
	M("basisRate", DEC, "the same by the index"),
	O("annualizedBasisRate", DECS, "the same by the year; \"\" of a perpetual"),
	AT,
	END
};

#define ANSWER(name, what, members) { "info." name, RECORD_ANSWER, "", "bf-info", EXCHANGES, what, members }

const struct record_row record_statistics[] = {
	ANSWER("fundingRate", "A funding that was settled: bf-info fundingRate.", funding),
	ANSWER("openInterestHist", "Open interest over time: bf-info openInterestHist.", interest),
	ANSWER("ratio", "Long and short: bf-info topLongShortPositionRatio, topLongShortAccountRatio, "
	    "globalLongShortAccountRatio.", ratio),
	ANSWER("takerRatio", "What takers bought and sold: bf-info takerRatio.", taker),
	ANSWER("basis", "Futures price less index: bf-info basis.", basis),
	END_ROW
};

/* Answers that bf-info prints as they came: contracts, brackets, fees, restrictions, limits. */
#include "core/record_in.h"

static const struct record_member symbol[] = {
	M("symbol", STR, "the symbol"),
	O("pair", STR, "the pair"),
	O("contractType", STR, "PERPETUAL, CURRENT_QUARTER, ..."),
	O("deliveryDate", MS, "when it is delivered"), O("onboardDate", MS, "since when it is traded"),
	O("status", STR, "TRADING, ..."),
	O("contractStatus", STR, "the same (COIN-M)"),
	O("contractSize", EITHER, "USD a contract (COIN-M)"),
	M("baseAsset", STR, "base"), M("quoteAsset", STR, "quote"), O("marginAsset", STR, "the asset of the margin"),
	O("pricePrecision", INT, "decimals of a price"), O("quantityPrecision", INT, "decimals of a quantity"),
	O("baseAssetPrecision", INT, "decimals of the base asset"), O("quotePrecision", INT, "decimals of the quote asset"),
	O("equalQtyPrecision", INT, "decimals (COIN-M)"),
	O("maintMarginPercent", DEC, "not the maintenance margin: see the brackets"),
	O("requiredMarginPercent", DEC, "not the margin either"),
	O("underlyingType", STR, "COIN, INDEX, ..."),
	O("underlyingSubType", ARR, "what kind"), M("underlyingSubType[]", STR, "a word"),
	O("triggerProtect", DEC, "how far last and mark price may be apart with priceProtect"),
	O("liquidationFee", DEC, "the fee of a liquidation"),
	O("marketTakeBound", DEC, "how far from the mark a market order fills"),
	O("maxMoveOrderLimit", INT, "how often an order may be modified"),
	O("filters", ARR, "the rules that an order must keep; bf-info filters has them in one record"),
	M("filters[].filterType", STR, "PRICE_FILTER, LOT_SIZE, ..."),
	O("orderTypes", ARR, "the types there are"), M("orderTypes[]", STR, "a type"),
	O("timeInForce", ARR, "the words there are"), M("timeInForce[]", STR, "a word"),
	O("permissionSets", ARR, "who may trade it"), M("permissionSets[]", STR, "a word"),
	END
};

static const struct record_member bracket[] = {
	M("symbol", STR, "the symbol"),
	M("bracket", INT, "the tier"),
	M("initialLeverage", INT, "the greatest leverage in it"),
	O("notionalFloor", NUM, "above this value"), O("notionalCap", NUM, "up to this"),
	O("qtylFloor", NUM, "above this amount of coin (COIN-M; the exchange's own spelling)"),
	O("qtyCap", NUM, "up to this (COIN-M)"),
	M("maintMarginRatio", NUM, "maintenance margin rate"),
	M("cum", NUM, "amount taken off"),
	O("notionalCoef", NUM, "by what the account's tiers are wider than those of others"),
	END
};

static const struct record_member fees[] = {
	M("symbol", STR, "the symbol"),
	M("makerCommissionRate", DEC, "of an order that stood in the book, as a fraction"),
	M("takerCommissionRate", DEC, "of one that did not"),
	O("rpiCommissionRate", DEC, "of retail (RPI) orders"),
	END
};

static const struct record_member standing[] = {
	M("indicators", OBJ, "a member for each symbol, and ACCOUNT for all: the ratios by which it is restricted, with indicator "
	    "(UFR, IFER, GCR, DR, TMV), value, triggerValue, isLocked and plannedRecoverTime; empty: none"),
	M("updateTime", MS, "when"),
	END
};

static const struct record_member limit[] = {
	M("rateLimitType", STR, "REQUEST_WEIGHT, ORDERS"),
	M("interval", STR, "SECOND, MINUTE"),
	M("intervalNum", INT, "of how many of these"),
	M("limit", INT, "how much in one"),
	END
};

#define ANSWER(name, what, members) { "info." name, RECORD_ANSWER, "", "bf-info", EXCHANGES, what, members }

const struct record_row record_rules[] = {
	ANSWER("symbols", "A contract: bf-info symbols.", symbol),
	ANSWER("brackets", "A leverage bracket: bf-info brackets.", bracket),
	ANSWER("fees", "The account's fees: bf-info fees.", fees),
	ANSWER("tradingStatus", "Whether the account is restricted: bf-info tradingStatus.", standing),
	ANSWER("limits", "A rate limit: bf-info limits.", limit),
	END_ROW
};

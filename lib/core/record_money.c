/* Reports of bf-position. */
#include "core/record_in.h"

static const struct record_member position[] = {
	TIME,
	M("symbol", STR, "the symbol"),
	W("positionSide", SIDES, "which position"),
	M("positionAmt", DEC, "the amount; below 0 it is short"),
	M("entryPrice", DEC, "the mean price it was opened at"),
	M("breakEvenPrice", DEC, "the price at which fees and funding are earned; 0: not told"),
	N("markPrice", DEC, "the mark price"),
	N("notional", DEC, "its value at the mark price, in the quote asset; of COIN-M in coin"),
	N("unRealizedProfit", DEC, "profit at the mark price"),
	W("marginType", "isolated|crossed", "the margin it has"),
	M("isolatedWallet", DEC, "the margin of an isolated one"),
	N("initialMargin", DEC, "what it binds"),
	N("maintMargin", DEC, "what it must keep"),
	M("leverage", INT, "the leverage that is set"),
	N("effectiveLeverage", DEC, "its value by the equity behind it"),
	N("liquidationPrice", DEC, "as the exchange tells; 0: none"),
	N("liquidationPriceOwn", DEC, "as it is computed here"),
	N("liquidationPriceAbove", DEC, "a second one above the mark price"),
	N("distance", DEC, "how far the mark price may go until then, in percent"),
	M("adl", INT, "place in the queue of auto-deleveraging, 0 to 4"),
	MARKET,
	M("marginAsset", STR, "the asset of its margin"),
	ON("contractSize", DEC, "USD a contract, of COIN-M"),
	N("value", DEC, "its value in USD or the quote asset"),
	N("tier", INT, "the leverage bracket it is in"),
	N("bankruptcyPrice", DEC, "the price at which all margin is gone"),
	N("distancePrice", DEC, "distance as a price"),
	N("marginRatio", DEC, "maintenance margin by equity; 1 is liquidation"),
	N("roe", DEC, "profit by initial margin"),
	N("pnlNet", DEC, "profit with the fees and funding since it was opened"),
	N("fundingRate", DEC, "the rate to come"),
	N("fundingDue", DEC, "what it would pay at that rate; below 0: pays"),
	N("fundingAt", MS, "when"),
	N("fundingMinutes", INT, "minutes until then"),
	M("openOrders", INT, "open orders of the symbol"),
	M("protected", BOOL, "a stop stands for all of it"),
	M("protectedQuantity", DEC, "for how much of it"),
	M("protection", ARR, "the orders that would close it"),
	M("protection[].type", STR, "the type"),
	W("protection[].side", "BUY|SELL", "the side"),
	N("protection[].triggerPrice", DEC, "the trigger"),
	N("protection[].price", DEC, "the limit price"),
	W("protection[].workingType", "MARK_PRICE|CONTRACT_PRICE", "which price triggers it"),
	N("protection[].quantity", DEC, "the quantity; null: all"),
	M("protection[].closePosition", BOOL, "it closes all"),
	O("protection[].algoId", ID, "the id of a conditional one"),
	O("protection[].clientAlgoId", STR, "the client id of a conditional one"),
	O("protection[].orderId", ID, "the id of another"),
	O("protection[].clientOrderId", STR, "the client id of another"),
	M("protection[].covers", DEC, "how much of the position it would close"),
	O("stale", BOOL, "of --watch: what is shown is old, for the stream is down"),
	END
};

static const struct record_member account[] = {
	TIME,
	M("asset", STR, "the asset; USD: all assets as one margin"),
	MARKET,
	O("multiAssets", BOOL, "true: all assets as one margin"),
	O("walletBalance", DEC, "the balance, without profit that is not realised"),
	O("crossWalletBalance", DEC, "the part of it that is not in isolated positions"),
	N("availableBalance", DEC, "what new orders could use, as the exchange tells"),
	ON("availableBalanceOwn", DEC, "the same as it is computed here"),
	ON("unrealizedProfit", DEC, "profit of the positions"),
	N("marginBalance", DEC, "the equity"),
	N("initialMargin", DEC, "what positions and orders bind"),
	ON("openOrderInitialMargin", DEC, "the part of it that is of orders"),
	N("maintMargin", DEC, "what must be kept"),
	N("marginRatio", DEC, "maintenance margin by equity; 1 is liquidation"),
	N("notional", DEC, "the value of all positions"),
	ON("netNotional", DEC, "the same, long less short"),
	N("effectiveLeverage", DEC, "notional by equity"),
	END
};

static const struct record_member compare[] = {
	TIME,
	MARKET,
	O("symbol", STR, "the symbol of a position"),
	OW("positionSide", SIDES, "which position"),
	O("asset", STR, "the asset of a wallet"),
	M("figures", OBJ, "a member for each figure: told by the exchange, own as computed here, within what they may "
	    "differ, same, approximate"),
	M("same", BOOL, "all are the same"),
	END
};

static const struct record_member calc[] = {
	M("symbol", STR, "the symbol, or \"\""),
	W("side", "long|short", "the side"),
	W("kind", "linear|inverse", "USDM or COIN-M"),
	W("marginType", "isolated|crossed", "the margin"),
	M("quantity", DEC, "the amount"),
	O("contractSize", DEC, "USD a contract, of an inverse one"),
	M("entryPrice", DEC, "the entry price"),
	M("markPrice", DEC, "the mark price"),
	N("leverage", INT, "the leverage"),
	M("notional", DEC, "the value at the mark price"),
	N("initialMargin", DEC, "what it binds"),
	N("tier", INT, "the leverage bracket"),
	N("maintMargin", DEC, "what it must keep"),
	N("wallet", DEC, "the margin behind it"),
	N("marginBalance", DEC, "that with the profit"),
	N("marginRatio", DEC, "maintenance margin by that"),
	N("effectiveLeverage", DEC, "value by that"),
	N("liquidationPrice", DEC, "the liquidation price; null: none, or not known"),
	N("bankruptcyPrice", DEC, "the price at which all margin is gone"),
	N("pnl", DEC, "profit"),
	N("openFee", DEC, "the fee of opening"),
	N("closeFee", DEC, "the fee of closing at the mark price"),
	N("pnlNet", DEC, "profit less both"),
	N("roe", DEC, "profit by margin at the mark price"),
	N("roeEntry", DEC, "profit by margin at the entry price"),
	N("breakEvenPrice", DEC, "the price at which the fees are earned"),
	N("breakEvenClosed", DEC, "the same, with the fees reckoned apart"),
	N("target25", DEC, "the price for a return of 25 percent"),
	N("target50", DEC, "of 50 percent"),
	N("target100", DEC, "of 100 percent"),
	N("fundingDue", DEC, "one funding at the rate given"),
	N("settlements", INT, "how many in the hours given"),
	N("fundingTotal", DEC, "all of them"),
	N("orderCost", DEC, "what the order would bind"),
	N("maxQuantity", DEC, "the greatest quantity the wallet allows"),
	END
};

#define VIEW(at) \
	N(at ".positionAmt", DEC, "the position"), \
	N(at ".entryPrice", DEC, "its entry price"), \
	N(at ".notional", DEC, "its value"), \
	N(at ".initialMargin", DEC, "what it binds"), \
	N(at ".maintMargin", DEC, "what it must keep"), \
	N(at ".liquidationPrice", DEC, "its liquidation price"), \
	N(at ".distance", DEC, "how far that is, in percent"), \
	N(at ".effectiveLeverage", DEC, "its leverage"), \
	N(at ".accountLeverage", DEC, "that of the account"), \
	N(at ".marginRatio", DEC, "that of the account"), \
	N(at ".walletBalance", DEC, "the wallet"), \
	N(at ".availableBalance", DEC, "what could be used")

static const struct record_member what_if[] = {
	TIME,
	MARKET,
	M("symbol", STR, "the symbol"),
	W("side", "BUY|SELL", "the side"),
	W("positionSide", SIDES, "which position"),
	W("type", "MARKET|LIMIT", "the type"),
	M("quantity", DEC, "the quantity"),
	M("price", DEC, "the price it is taken to fill at"),
	M("markPrice", DEC, "the mark price"),
	M("reduceOnly", BOOL, "it only reduces"),
	M("leverage", INT, "the leverage that is set"),
	W("marginType", "isolated|crossed", "the margin"),
	N("fee", DEC, "the fee"),
	N("assumedPrice", DEC, "the price the exchange reckons margin by"),
	N("orderMargin", DEC, "what the order binds"),
	N("openLoss", DEC, "what it is in loss at once"),
	N("cost", DEC, "both together"),
	N("maxQuantity", DEC, "the greatest quantity there could be"),
	M("before", OBJ, "as it is"), VIEW("before"),
	M("after", OBJ, "as it would be"), VIEW("after"),
	END
};

#define PREVIEW(at) \
	ON(at "liquidationPriceBefore", DEC, "the liquidation price before"), \
	ON(at "liquidationPriceAfter", DEC, "and after"), \
	ON(at "effectiveLeverageBefore", DEC, "the effective leverage before"), \
	ON(at "effectiveLeverageAfter", DEC, "and after")
#define PREVIEWS \
	PREVIEW(""), \
	O("positions", ARR, "the same of each, where there are several"), \
	M("positions[].symbol", STR, "the symbol"), \
	W("positions[].positionSide", SIDES, "which position"), \
	PREVIEW("positions[]."), \
	ON("availableBefore", DEC, "what could be used before"), \
	ON("availableAfter", DEC, "and after")

static const struct record_member setting[] = {
	TIME,
	MARKET,
	M("symbol", STR, "the symbol"),
	M("leverage", INT, "the leverage as it is now"),
	M("marginType", STR, "the margin as it is now: ISOLATED, CROSSED"),
	M("changed", BOOL, "whether anything was changed"),
	M("changes", ARR, "what was"),
	W("changes[]", "leverage|marginType", "a setting"),
	O("dryRun", BOOL, "true: it would be so"),
	PREVIEWS,
	END
};

static const struct record_member margin[] = {
	TIME,
	MARKET,
	M("symbol", STR, "the symbol"),
	W("positionSide", SIDES, "which position"),
	M("amount", DEC, "what was moved into it; below 0: out of it"),
	M("asset", STR, "of which asset"),
	M("changed", BOOL, "it was"),
	O("dryRun", BOOL, "true: it would be so"),
	M("isolatedWalletBefore", DEC, "its margin before"),
	M("isolatedWalletAfter", DEC, "and after"),
	ON("liquidationPrice", DEC, "its liquidation price then"),
	PREVIEWS,
	END
};

static const struct record_member mode[] = {
	TIME,
	OW("positionMode", "one-way|hedge", "the position mode as it is now"),
	OW("multiAssets", "off|on", "the multi-assets mode as it is now"),
	M("changed", BOOL, "whether it was changed"),
	O("dryRun", BOOL, "true: it would be so"),
	PREVIEWS,
	END
};

static const struct record_member paid[] = {
	TIME,
	MARKET,
	M("symbol", STR, "the symbol"),
	W("positionSide", SIDES, "which position"),
	M("positionAmt", DEC, "the amount"),
	N("markPrice", DEC, "the mark price"),
	M("asset", STR, "the asset it is paid in"),
	N("fundingRate", DEC, "the rate to come"),
	N("fundingIntervalHours", INT, "hours between fundings"),
	O("nextFundingTime", MS, "when"),
	O("minutes", INT, "minutes until then"),
	N("due", DEC, "what it pays then; below 0: pays"),
	N("perHour", DEC, "the same by the hour"),
	M("hours", INT, "how far the look ahead goes"),
	M("settlements", INT, "how many fundings that is"),
	N("ahead", DEC, "what they come to at that rate"),
	N("rateMean", DEC, "the mean rate of the past"),
	M("rates", INT, "of how many"),
	N("dueAtMean", DEC, "what it pays at the mean"),
	N("rateOverMean", DEC, "how much the rate to come is over it"),
	M("since", MS, "since when it was counted what was paid"),
	M("paid", DEC, "what was"),
	M("payments", INT, "how often"),
	END
};

static const struct record_member carry[] = {
	TIME,
	MARKET,
	M("symbol", STR, "the symbol"),
	M("fundingRate", DEC, "the rate to come"),
	M("fundingIntervalHours", INT, "hours between fundings"),
	M("annual", DEC, "what a year comes to at that rate"),
	{ "pays", RECORD_STR, true, true, "LONG|SHORT", "who pays; null: nobody" },
	M("nextFundingTime", MS, "when"),
	N("basis", DEC, "mark less index price, by the index"),
	N("markPrice", DEC, "the mark price"),
	N("indexPrice", DEC, "the index price"),
	ON("rateMean", DEC, "of a symbol that was named: the mean rate of the past"),
	O("rates", INT, "of how many"),
	ON("annualMean", DEC, "what a year comes to at the mean"),
	ON("rateOverMean", DEC, "how much the rate to come is over it"),
	END
};

static const struct record_member income[] = {
	TIME,
	MARKET,
	M("symbol", STR, "the symbol, or \"\""),
	M("incomeType", STR, "REALIZED_PNL, FUNDING_FEE, COMMISSION, TRANSFER, ..."),
	M("income", DEC, "the amount; below 0: paid"),
	M("asset", STR, "the asset"),
	M("time", MS, "when"),
	O("info", STR, "what else the exchange says of it"),
	O("tranId", EITHER, "the id of the transaction"),
	O("tradeId", EITHER, "the id of the trade, or \"\""),
	END
};

static const struct record_member income_sum[] = {
	TIME,
	MARKET,
	M("asset", STR, "the asset"),
	O("symbol", STR, "the symbol, if one was named"),
	M("since", MS, "from when on"),
	M("until", MS, "until when"),
	M("rows", INT, "how many there are"),
	M("byType", OBJ, "a member for each kind: its sum"),
	M("sum", DEC, "the sum of all"),
	O("opening", DEC, "the balance before"),
	O("closing", DEC, "the balance after"),
	ON("balanced", BOOL, "the rows add up to the balance; null: they do not go back to the first"),
	END
};

static const struct record_member equity[] = {
	TIME,
	MARKET,
	M("asset", STR, "the asset"),
	M("income", DEC, "what came and went in the hour or day that ends then"),
	M("rows", INT, "in how many rows"),
	M("balance", DEC, "the balance at its end"),
	END
};

#define REPORT(name, is, what, members) { name, RECORD_REPORT, is, "bf-position", OURS, what, members }

const struct record_row record_money[] = {
	REPORT("bf.position", "e=bf.position", "A position.", position),
	REPORT("bf.account", "e=bf.account", "A wallet.", account),
	REPORT("bf.compare", "e=bf.compare", "Figures of the exchange beside our own.", compare),
	REPORT("bf.calc", "e=bf.calc", "A position that is reckoned by, and nobody holds. It has no E.", calc),
	REPORT("bf.what-if", "e=bf.what-if", "What an order would make of the account.", what_if),
	REPORT("bf.setting", "e=bf.setting;what=;amount=", "Leverage and margin type of a symbol.", setting),
	REPORT("bf.setting.margin", "e=bf.setting;what=;changes=", "Margin was moved into or out of a position.", margin),
	REPORT("bf.setting.mode", "e=bf.setting;what=position mode|multi-assets mode", "A mode of the account.", mode),
	REPORT("bf.position.funding", "e=bf.position.funding", "Funding of a position.", paid),
	REPORT("bf.carry", "e=bf.carry", "What a contract pays for being held.", carry),
	{ "bf.income", RECORD_REPORT, "e=bf.income", "bf-position", EXCHANGES,
	  "A row of the account's history: the exchange's own, with e, E and market in front.", income },
	REPORT("bf.income.summary", "e=bf.income.summary", "The sum of such rows.", income_sum),
	REPORT("bf.equity", "e=bf.equity", "The balance at the end of an hour or a day.", equity),
	END_ROW
};

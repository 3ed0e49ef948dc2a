/* Results: the exchange's answers to what was ordered, as bf-order prints them. */
#include "core/record_in.h"

/* Of placing, modifying, cancelling and looking up. */
static const struct record_member order[] = {
	M("orderId", ID, "the order's id"),
	M("symbol", STR, "the symbol"),
	O("pair", STR, "the pair"),
	M("clientOrderId", STR, "its client id"),
	M("status", STR, "NEW, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED, EXPIRED_IN_MATCH, REJECTED"),
	W("side", "BUY|SELL", "the side"),
	OW("positionSide", SIDES, "which position"),
	O("type", STR, "the type"),
	O("origType", STR, "the type it was placed with"),
	O("timeInForce", STR, "how long it stands"),
	O("price", DEC, "the limit price; 0: none"),
	O("origQty", DEC, "the quantity"),
	O("executedQty", DEC, "how much of it is filled"),
	O("cumQty", DEC, "the same"),
	O("avgPrice", DEC, "the mean price of its fills"),
	O("cumQuote", DEC, "their value"),
	O("cumBase", DEC, "their value in coin (COIN-M)"),
	O("stopPrice", DEC, "the trigger; 0: none"),
	O("activatePrice", DECS, "of a trailing one"),
	O("priceRate", DECS, "of a trailing one, in percent"),
	O("reduceOnly", BOOL, "it only reduces"),
	O("closePosition", BOOL, "it closes all"),
	O("priceProtect", BOOL, "it does not trigger while last and mark price are far apart"),
	O("workingType", STR, "which price triggers it"),
	O("priceMatch", STR, "the price it follows, or NONE"),
	O("selfTradePreventionMode", STR, "what happens when it would trade with itself"),
	O("goodTillDate", MS, "of GTD; 0: none"),
	O("time", MS, "when it was placed"),
	O("updateTime", MS, "when it last changed"),
	O("modifyId", EITHER, "the id that a modify was given"),
	END
};

static const struct record_member algo[] = {
	M("algoId", ID, "the id"),
	M("clientAlgoId", STR, "its client id"),
	O("algoType", STR, "CONDITIONAL"),
	M("orderType", STR, "the type"),
	M("symbol", STR, "the symbol"),
	W("side", "BUY|SELL", "the side"),
	OW("positionSide", SIDES, "which position"),
	O("timeInForce", STR, "how long the order will stand"),
	O("quantity", DECS, "the quantity; 0 or \"\": all"),
	M("algoStatus", STR, "NEW, TRIGGERING, TRIGGERED, FINISHED, CANCELED, REJECTED, EXPIRED"),
	O("triggerPrice", DECS, "the trigger"),
	O("price", DECS, "the limit price"),
	O("workingType", STR, "which price triggers it"),
	O("priceMatch", STR, "the price it follows, or NONE"),
	O("closePosition", BOOL, "it closes all"),
	O("priceProtect", BOOL, "it does not trigger while last and mark price are far apart"),
	O("reduceOnly", BOOL, "it only reduces"),
	O("activatePrice", DECS, "of a trailing one"),
	O("callbackRate", DECS, "of a trailing one, in percent"),
	O("actualOrderId", STR, "the order it became, or \"\""),
	O("actualPrice", DECS, "the mean price of that one's fills"),
	O("actualQty", DECS, "how much of that one is filled"),
	O("actualType", STR, "the type of that one"),
	O("selfTradePreventionMode", STR, "what happens when it would trade with itself"),
	O("createTime", MS, "when it was placed"),
	O("updateTime", MS, "when it last changed"),
	O("triggerTime", MS, "when it was triggered; 0: not yet"),
	O("goodTillDate", MS, "of GTD; 0: none"),
	END
};

static const struct record_member algo_cancel[] = {
	M("algoId", ID, "the id"),
	M("clientAlgoId", STR, "its client id"),
	M("code", EITHER, "200"),
	M("msg", STR, "success"),
	END
};

static const struct record_member all[] = {
	M("code", EITHER, "200"),
	M("msg", STR, "what was done, as a sentence"),
	O("symbol", STR, "of both kinds of orders: the symbol"),
	ON("open", INT, "of both kinds of orders: how many are left, 0; null: that could not be read"),
	END
};

static const struct record_member fill[] = {
	M("id", ID, "the trade's id"),
	M("symbol", STR, "the symbol"),
	O("pair", STR, "the pair"),
	M("orderId", ID, "the order's id"),
	W("side", "BUY|SELL", "the side"),
	OW("positionSide", SIDES, "which position"),
	M("price", DEC, "the price"),
	M("qty", DEC, "the quantity"),
	O("quoteQty", DEC, "its value"),
	O("baseQty", DEC, "its value in coin (COIN-M)"),
	M("commission", DEC, "the fee"),
	M("commissionAsset", STR, "the asset of the fee"),
	M("realizedPnl", DEC, "profit that it realised"),
	O("marginAsset", STR, "the asset of the margin"),
	M("time", MS, "when"),
	O("buyer", BOOL, "it bought"),
	O("maker", BOOL, "the order stood in the book"),
	END
};

static const struct record_member tested[] = { END };

#define RESULT(name, what, members) { name, RECORD_RESULT, "", "bf-order", EXCHANGES, what, members }

const struct record_row record_results[] = {
	RESULT("order", "An order: the answer to placing, modifying or cancelling it, and each that open, history and "
	    "query list.", order),
	RESULT("algo", "A conditional order.", algo),
	RESULT("algo.cancel", "The answer to cancelling a conditional order.", algo_cancel),
	RESULT("cancel-all", "The answer to cancelling all orders of a symbol. Of both kinds together, which is two "
	    "requests, it is bf-order's own, with symbol and open.", all),
	RESULT("fill", "A fill of the account.", fill),
	{ "test", RECORD_RESULT, "", "bf-order", OURS, "The answer to a test of an order may be empty.", tested },
	END_ROW
};

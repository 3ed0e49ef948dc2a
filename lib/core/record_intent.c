/* Order intents: the parameters of the order endpoints, by their own names. */
#include "core/record_in.h"

/* Names and words as intent_member.c reads them; a test holds the two together. */
static const struct record_member members[] = {
	OW("op", "place|modify|cancel|cancel-all", "what to do; not there: place"),
	M("symbol", STR, "the symbol"),
	OW("side", "BUY|SELL", "the side"),
	OW("positionSide", SIDES, "which position, in hedge mode"),
	OW("type", "LIMIT|MARKET|STOP|STOP_MARKET|TAKE_PROFIT|TAKE_PROFIT_MARKET|TRAILING_STOP_MARKET", "the type"),
	OW("algoType", "CONDITIONAL", "of a conditional order"),
	OW("timeInForce", "GTC|IOC|FOK|GTX|GTD|RPI", "how long it stands"),
	O("quantity", EITHER, "the quantity; of COIN-M contracts"),
	O("price", EITHER, "the limit price"),
	O("priceMatch", STR, "OPPONENT or QUEUE, alone or with _5, _10, _20: a price the exchange chooses"),
	ON("triggerPrice", EITHER, "the trigger"),
	ON("stopPrice", EITHER, "the same"),
	OW("workingType", "MARK_PRICE|CONTRACT_PRICE", "which price triggers it"),
	O("priceProtect", ANY, "true: it does not trigger while last and mark price are far apart"),
	O("closePosition", ANY, "true: it closes all"),
	O("reduceOnly", ANY, "true: it only reduces"),
	ON("activatePrice", EITHER, "of a trailing one, where it begins to trail"),
	ON("activationPrice", EITHER, "the same"),
	ON("callbackRate", EITHER, "of a trailing one, how far back triggers it, in percent"),
	O("newClientOrderId", STR, "a client id: 1 to 36 of A-Z a-z 0-9 . : / _ -"),
	O("clientAlgoId", STR, "the same of a conditional order"),
	OW("newOrderRespType", "ACK|RESULT", "what to wait for"),
	OW("selfTradePreventionMode", "NONE|EXPIRE_TAKER|EXPIRE_MAKER|EXPIRE_BOTH", "what happens when it would trade with "
	    "itself"),
	ON("goodTillDate", EITHER, "of GTD, in milliseconds"),
	O("orderId", EITHER, "the order to modify or cancel"),
	O("origClientOrderId", STR, "the same by its client id"),
	O("algoId", EITHER, "the conditional order to cancel"),
	ON("modifyId", EITHER, "an id of your own that the answer to a modify has"),
	O("algo", ANY, "true: of a conditional order"),
	END
};

const struct record_row record_intents[] = {
	{ "intent", RECORD_INTENT, "", "bf-risk", EXCHANGES,
	  "An order to be placed, modified or cancelled. It has symbol, and side or op; true and false, and numbers, may be "
	  "strings. What the exchange does not know travels along, and never reaches it.", members },
	END_ROW
};

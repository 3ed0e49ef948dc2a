/* What bf-sim writes: its first line, and its ledger. */
#include "core/record_in.h"

static const struct record_member ready[] = {
	TIME,
	M("rest", STR, "the address of its REST API"),
	M("ws", STR, "the address of its streams"),
	O("key", STR, "the key of its one account"),
	O("secret", STR, "the secret of that key: of this simulator, and of nothing else"),
	O("accounts", ARR, "the names of its accounts, if there are several"),
	M("accounts[]", STR, "a name"),
	N("profile", STR, "the profile that was written (--profile-out)"),
	END
};

/* Of each line of the ledger. */
#define LINE \
	TIME, \
	M("feed_E", INT, "the time of the newest record of the feed; 0: none")
#define ACCOUNT	O("account", STR, "the account, if there are several")
#define ORDER \
	LINE, \
	M("symbol", STR, "the symbol"), \
	W("side", "BUY|SELL", "the side"), \
	M("clientOrderId", STR, "the client id"), \
	M("orderId", ID, "the id"), \
	ACCOUNT, \
	OW("positionSide", "LONG|SHORT", "which position, in hedge mode")

static const struct record_member request[] = {
	LINE,
	M("method", STR, "the method"),
	M("path", STR, "the path; of the WebSocket API the method's name"),
	M("http", INT, "the status that was answered; 0: none"),
	O("code", INT, "the code it was refused with"),
	O("said", INT, "the code of an answer that a fault put in its place"),
	M("query", STR, "its parameters, without the signature"),
	O("clientOrderId", STR, "the client id in it"),
	ACCOUNT,
	END
};

static const struct record_member opened[] = {
	LINE,
	M("path", STR, "the path"),
	M("query", STR, "the query"),
	END
};

static const struct record_member plain[] = { LINE, END };

static const struct record_member order[] = {
	ORDER,
	M("type", STR, "the type"),
	M("timeInForce", STR, "how long it stands"),
	M("qty", DEC, "the quantity"),
	M("price", DEC, "the price; 0: none"),
	M("reduceOnly", BOOL, "it only reduces"),
	O("algoId", ID, "the conditional order it came of"),
	END
};

static const struct record_member fill[] = {
	ORDER,
	M("price", DEC, "the price"),
	M("qty", DEC, "the quantity"),
	M("fee", DEC, "the fee"),
	O("feeAsset", STR, "its asset, if that is not USDT"),
	M("realized", DEC, "profit that it realised"),
	M("maker", BOOL, "the order stood in the book"),
	M("tradeId", ID, "the id of the trade"),
	END
};

static const struct record_member done[] = {
	ORDER,
	M("status", STR, "the status at its end"),
	M("executed", DEC, "how much of it was filled"),
	M("reason", INT, "the exchange's number of the reason; 0: none"),
	END
};

static const struct record_member amend[] = {
	ORDER,
	M("qty", DEC, "the quantity now"),
	M("price", DEC, "the price now"),
	M("count", INT, "how often it was modified"),
	END
};

static const struct record_member algo[] = {
	LINE,
	M("symbol", STR, "the symbol"),
	W("side", "BUY|SELL", "the side"),
	M("clientAlgoId", STR, "the client id"),
	M("algoId", ID, "the id"),
	ACCOUNT,
	M("type", STR, "the type"),
	M("status", STR, "the status"),
	M("qty", DEC, "the quantity; 0: all"),
	M("trigger", DEC, "the trigger"),
	O("orderId", ID, "the order that it became"),
	END
};

static const struct record_member mark[] = {
	LINE,
	M("s", STR, "the symbol"),
	M("p", DEC, "the mark price"),
	END
};

static const struct record_member funding[] = {
	LINE,
	M("symbol", STR, "the symbol"),
	M("rate", DEC, "the rate"),
	M("mark", DEC, "the mark price"),
	M("special", BOOL, "out of its turn"),
	END
};

static const struct record_member income[] = {
	LINE,
	O("symbol", STR, "the symbol"),
	M("type", STR, "the kind"),
	M("asset", STR, "the asset"),
	M("amount", DEC, "the amount"),
	ACCOUNT,
	END
};

static const struct record_member liquidation[] = {
	LINE,
	M("symbol", STR, "the symbol"),
	W("side", "BUY|SELL", "the side of the exchange's orders"),
	ACCOUNT,
	M("qty", DEC, "the quantity"),
	M("mark", DEC, "the mark price"),
	M("price", DEC, "the mean price it was closed at"),
	M("left", DEC, "what is left in the wallet"),
	END
};

#define OF_ALL(word) word "|liq_" word "|adl_" word "|settle_" word
#define SIM(name, words, what, members) \
	{ "bf.sim." name, RECORD_REPORT, "e=bf.sim;what=" words, "bf-sim", OURS, what, members }

const struct record_row record_sim[] = {
	{ "bf.sim", RECORD_REPORT, "e=bf.sim;what=", "bf-sim", OURS, "The first line: it is ready.", ready },
	SIM("request", "request", "Ledger: a request was answered.", request),
	SIM("ws", "ws", "Ledger: a WebSocket was opened.", opened),
	SIM("order", OF_ALL("order"), "Ledger: an order was accepted; of the exchange's own the word says whose.", order),
	SIM("fill", OF_ALL("fill"), "Ledger: an order was filled, or a part of it.", fill),
	SIM("order-end", OF_ALL("order_end"), "Ledger: an order stands no more.", done),
	SIM("amend", OF_ALL("amend"), "Ledger: an order was modified.", amend),
	SIM("algo", "algo", "Ledger: a conditional order, as it is now.", algo),
	SIM("mark", "mark", "Ledger: a mark price.", mark),
	SIM("funding", "funding", "Ledger: a funding.", funding),
	SIM("income", "income", "Ledger: money that came otherwise than by a fill.", income),
	SIM("liquidation", "liquidation", "Ledger: a position was liquidated.", liquidation),
	SIM("feed-end", "feed_end", "Ledger: the feed is at its end.", plain),
	END_ROW
};

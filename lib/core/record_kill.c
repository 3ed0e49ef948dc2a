/* Steps of bf-kill. */
#include "core/record_in.h"

#define STEP \
	TIME, \
	W("by", "bf-kill", "the program"), \
	M("profile", STR, "the profile"), \
	M("ms", MS, "since the program began")
#define FAILED \
	O("category", STR, "of one that failed, the kind of failure"), \
	O("code", INT, "the exchange's code, or 0"), \
	O("msg", STR, "the reason")
#define TIMES(null_or_not) \
	null_or_not("blockedMs", MS, "when the latch was set, since the beginning"), \
	null_or_not("cancelledMs", MS, "when no order was left"), \
	null_or_not("flatMs", MS, "when no position was left"), \
	M("requests", INT, "how many requests it took")

static const struct record_member latch[] = {
	STEP,
	O("symbol", STR, "the symbol that is latched; not there: all"),
	OW("side", "long|short", "the side that is latched; not there: both"),
	O("latch", STR, "of the state of a part, the name of its file"),
	N("latched", BOOL, "whether it is set; null: that cannot be read, and counts as set"),
	M("reason", STR, "why it was set, or is no more"),
	O("record", ANY, "the record that it was set by (--when)"),
	END
};

static const struct record_member cancel[] = {
	STEP,
	MARKET,
	M("symbol", STR, "the symbol"),
	W("kind", "orders|algo", "regular or conditional orders"),
	N("open", INT, "how many were open; null: not known"),
	W("outcome", "accepted|refused|unknown", "what became of the request"),
	FAILED,
	END
};

static const struct record_member flatten[] = {
	STEP,
	MARKET,
	M("symbol", STR, "the symbol"),
	OW("positionSide", "LONG|SHORT", "which position, in hedge mode"),
	M("positionAmt", DEC, "the position to close"),
	M("rung", STR, "which try: market, opponent 5, opponent 20, then at prices further and further from the mark"),
	M("quantity", DEC, "of the order"),
	O("price", DEC, "of the order, if it has one"),
	M("clientOrderId", STR, "of the order"),
	W("outcome", "accepted|refused|absent|unknown", "what became of it"),
	O("order", OBJ, "of one accepted, the exchange's answer"),
	FAILED,
	END
};

static const struct record_member proof[] = {
	STEP,
	N("openOrders", INT, "orders that are open; null: not known"),
	N("openAlgoOrders", INT, "conditional orders that are open"),
	N("positions", INT, "positions that are held"),
	N("unsettled", INT, "requests whose fate is not known"),
	END
};

static const struct record_member end[] = {
	STEP,
	O("cancelled", BOOL, "of --level cancel: no order is left"),
	M("flat", BOOL, "it is proven that nothing is left"),
	TIMES(N),
	M("left", ARR, "what is left, or could not be looked at"),
	MARKET_OF("left[].market"),
	M("left[].kind", STR, "what it is"),
	O("left[].symbol", STR, "the symbol"),
	O("left[].orderId", ID, "of an order"),
	O("left[].algoId", ID, "of a conditional order"),
	OW("left[].positionSide", "LONG|SHORT", "of a position, in hedge mode"),
	O("left[].positionAmt", DEC, "of a position"),
	M("left[].why", STR, "why it is left, as far as known"),
	FAILED,
	END
};

static const struct record_member deadman[] = {
	STEP,
	W("outcome", "armed|disarmed|failed", "what became of the countdown"),
	M("countdownMs", MS, "its length"),
	M("symbols", ARR, "the symbols whose orders it cancels"),
	M("symbols[]", STR, "a symbol"),
	M("notCovered", ARR, "what the exchange does not cancel by it"),
	M("notCovered[]", STR, "positions, algoOrders"),
	FAILED,
	END
};

static const struct record_member drill[] = {
	STEP,
	M("positions", INT, "how many there were"),
	M("orders", INT, "how many there were"),
	M("algoOrders", INT, "conditional orders that there were"),
	M("flat", BOOL, "nothing was left"),
	TIMES(M),
	END
};

#define KILL(step, what, members) \
	{ "bf.kill." step, RECORD_NOTICE, "e=bf.kill;step=" step, "bf-kill", OURS, what, members }

const struct record_row record_kill[] = {
	KILL("latch", "The latch was set, or could not be.", latch),
	KILL("reset", "The latch was taken off.", latch),
	KILL("status", "The state of the latch, and one more of each of its parts.", latch),
	KILL("cancel", "All open orders of a symbol, of one kind, were to be cancelled.", cancel),
	KILL("flatten", "A position was to be closed, or a piece of it.", flatten),
	KILL("proof", "What the exchange says is left.", proof),
	KILL("end", "The end: what was done, when, and what is left.", end),
	KILL("deadman", "The exchange's countdown was set, or could not be.", deadman),
	KILL("drill", "The end of a drill.", drill),
	END_ROW
};

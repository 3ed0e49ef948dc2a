/* Notices and reports about orders. */
#include "core/record_in.h"

static const struct record_member error[] = {
	TIME,
	M("by", STR, "the program"),
	M("category", STR, "the kind of failure: rejected, usage, unavailable, clock, key, tripped, local, unknown"),
	M("code", INT, "the exchange's code, or 0"),
	M("msg", STR, "the reason"),
	M("retryable", BOOL, "it surely was not accepted, and may be asked again"),
	W("outcome", "refused|unknown", "unknown: it may or may not stand; the journal says which"),
	N("intent", OBJ, "the intent"),
	END
};

static const struct record_member settled[] = {
	TIME,
	M("clientOrderId", STR, "the order's client id"),
	W("outcome", "result|refused|absent|unknown", "what became of the request"),
	N("order", OBJ, "of a result, the order as the exchange has it"),
	O("msg", STR, "else the reason"),
	M("intent", ANY, "the intent; null if the journal's line cannot be read"),
	END
};

static const struct record_member naked[] = {
	TIME,
	W("by", "bf-order|bf-risk", "the program"),
	M("symbol", STR, "the symbol"),
	W("positionSide", SIDES, "which position"),
	M("code", INT, "the exchange's code, or 0"),
	M("msg", STR, "what happened"),
	N("intent", OBJ, "the intent of the stop; null where it is not known, and by bf-risk"),
	END
};

static const struct record_member dry[] = {
	TIME,
	W("by", "bf-order", "the program"),
	MARKET,
	W("method", "GET|POST|PUT|DELETE", "of the request"),
	N("path", STR, "of the request"),
	M("query", STR, "its parameters, without the signature"),
	M("cost", OBJ, "what the order would do; null: not known"),
	N("cost.price", DEC, "the price reckoned with"),
	N("cost.notional", DEC, "its value, in the quote asset"),
	N("cost.fee", DEC, "the fee"),
	N("cost.margin", DEC, "the margin it binds"),
	N("cost.positionAmt", DEC, "the position as it would be"),
	N("cost.leverage", DEC, "its leverage"),
	N("cost.liquidationPrice", DEC, "its liquidation price; 0: none"),
	M("intent", OBJ, "the intent"),
	END
};

static const struct record_member journal[] = {
	TIME,
	W("what", "intent|result|refused|unknown|resolved|absent", "what the line says"),
	M("id", STR, "the client id of the order, or the name of the request"),
	M("data", ANY, "of an intent: intent, profile, timestamp, recvWindow, market; of a result the exchange's answer; "
	    "of the others the reason"),
	M("crc", STR, "checksum of the line"),
	END
};

const struct record_row record_order_notices[] = {
	{ "bf.error", RECORD_NOTICE, "e=bf.error", "bf-order", OURS,
	  "An intent that was not accepted, or whose fate is not known.", error },
	{ "bf.recovered", RECORD_NOTICE, "e=bf.recovered;what=", "bf-order bf-kill", OURS,
	  "The outcome of a request that was unknown, in this run or an earlier one.", settled },
	{ "bf.unprotected", RECORD_NOTICE, "e=bf.unprotected", "bf-order bf-risk", OURS,
	  "A position may stand without its stop.", naked },
	{ "bf.dryrun", RECORD_REPORT, "e=bf.dryrun", "bf-order", OURS,
	  "A request that --dry-run did not send.", dry },
	{ "bf.journal", RECORD_REPORT, "e=bf.journal", "bf-order", OURS,
	  "A line of the order journal.", journal },
	END_ROW
};

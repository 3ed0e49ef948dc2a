/* What bf-risk says. */
#include "core/record_in.h"

#define ACTIONS	"notice|block|cancel|reduce|flatten|trip"
#define OUTCOMES "pass|clip|protect|reject"

static const struct record_member changed[] = {
	TIME,
	W("by", "bf-risk", "the program"),
	M("rule", STR, "the rule"),
	O("msg", STR, "the reason"),
	O("quantity", DEC, "of one cut, the quantity that goes on"),
	O("price", DEC, "of one protected, the limit price it was given"),
	M("intent", OBJ, "the intent as it came"),
	END
};

static const struct record_member alarm[] = {
	TIME,
	W("by", "bf-risk", "the program"),
	M("rule", STR, "the rule"),
	N("value", DEC, "what is measured; null: without bound, or not measured"),
	M("limit", DEC, "what is allowed"),
	M("msg", STR, "as a sentence"),
	M("reason", STR, "why the rule is there, as its file says"),
	OW("market", "usdm|coinm", "which market"),
	O("asset", STR, "the wallet"),
	O("symbol", STR, "the symbol"),
	OW("positionSide", SIDES, "which position"),
	O("anchorTime", MS, "of a rule of the day: when it began"),
	O("anchor", DEC, "the equity then"),
	O("equity", DEC, "the equity now"),
	O("loss", DEC, "what was lost since"),
	O("realised", DEC, "the part of it that is realised"),
	O("unrealised", DEC, "the part that is not"),
	O("fees", DEC, "fees paid since"),
	O("funding", DEC, "funding paid and received since"),
	O("transfers", DEC, "what was brought in and taken out since"),
	O("other", DEC, "what else came and went"),
	O("peak", DEC, "the highest equity"),
	O("streak", INT, "losses in a row"),
	O("cleared", BOOL, "true: the rule holds again"),
	O("stuck", BOOL, "true: it was acted upon in vain"),
	END
};

#define VERDICT(at) \
	M(at "pass", BOOL, "whether it may go on"), \
	O(at "kind", STR, "of one that may not, the kind of failure"), \
	MARKET_OF(at "market"), \
	O(at "clipped", DEC, "the quantity it was cut to"), \
	O(at "protect", DEC, "the limit price it was given"), \
	O(at "nearest", DEC, "the greatest quantity that would pass"), \
	M(at "counted", DEC, "how much of it adds to risk"), \
	M(at "breaches", ARR, "the rules that do not hold"), \
	M(at "breaches[].rule", STR, "the rule"), \
	O(at "breaches[].code", INT, "the code"), \
	M(at "breaches[].limit", STR, "what it allows"), \
	M(at "breaches[].value", STR, "what the intent comes to"), \
	M(at "breaches[].text", STR, "the reason")

static const struct record_member decision[] = {
	TIME,
	W("by", "bf-risk", "the program"),
	M("n", ID, "its number in this run"),
	M("intent", ANY, "the intent"),
	M("verdict", OBJ, "what was decided"),
	VERDICT("verdict."),
	M("limits", OBJ, "the rules it was decided by"),
	M("world", OBJ, "all that was known: accounts, orders, prices"),
	END
};

#define BROKEN(path, always_or_not) \
	always_or_not(path, ARR, "the rules that were asked"), \
	M(path "[].rule", STR, "the rule"), \
	O(path "[].holds", BOOL, "whether it holds"), \
	O(path "[].limit", STR, "what it allows"), \
	O(path "[].unit", STR, "the unit of that"), \
	O(path "[].value", STR, "what the intent comes to"), \
	O(path "[].text", STR, "the reason")
#define CHANGE \
	O("quantity", DEC, "the quantity it is cut to"), \
	O("price", DEC, "the limit price it is given"), \
	O("nearest", DEC, "the greatest quantity that would pass")

static const struct record_member explain[] = {
	TIME,
	M("n", INT, "the decision's number"),
	M("same", BOOL, "decided again it came out the same"),
	OW("outcome", OUTCOMES, "how it comes out"),
	CHANGE,
	BROKEN("rules", O),
	M("text", STR, "all of it as a sentence"),
	O("intent", OBJ, "the intent"),
	O("verdict", OBJ, "what was decided then"),
	O("again", OBJ, "what is decided now"),
	END
};

static const struct record_member replayed[] = {
	TIME,
	O("n", INT, "the decision's number"),
	M("file", STR, "where the intent stands"),
	M("line", INT, "in which line"),
	W("was", OUTCOMES, "how it came out then"),
	W("now", OUTCOMES, "how it comes out under these rules"),
	CHANGE,
	BROKEN("rules", O),
	M("intent", ANY, "the intent"),
	END
};

static const struct record_member acted[] = {
	TIME,
	O("file", STR, "where the record stands after which it would have acted"),
	O("line", INT, "in which line"),
	M("action", OBJ, "the line that would have been written, or the latch (action trip, why)"),
	END
};

#define THEN_NOW(path, what) \
	M(path, OBJ, what), \
	M(path ".then", INT, "as it was"), \
	M(path ".now", INT, "under these rules")

static const struct record_member summary[] = {
	TIME,
	M("intents", INT, "how many intents there were"),
	M("exits", INT, "of them, those that reduce"),
	THEN_NOW("passed", "how many passed"),
	THEN_NOW("changed", "how many were cut or protected"),
	THEN_NOW("blocked", "how many were refused"),
	M("rules", OBJ, "a member for each rule that refuses: how many"),
	M("notional", OBJ, "the value of what is refused, by market"),
	M("notional.usdm", DEC, "in the quote asset"),
	M("notional.coinm", DEC, "in USD"),
	M("actions", OBJ, "what the rules over events would have done"),
	M("actions.notices", INT, "notices"),
	M("actions.reductions", INT, "orders that reduce"),
	M("actions.cancels", INT, "cancels"),
	M("actions.trips", INT, "latches"),
	M("unread", INT, "lines that could not be read"),
	END
};

static const struct record_member rule[] = {
	TIME,
	M("rule", STR, "the rule, or cost or asset"),
	O("symbol", STR, "of a rule of one symbol"),
	O("max", STR, "what it allows"),
	O("unit", STR, "the unit of that"),
	O("allow", ARR, "symbols that are allowed"),
	M("allow[]", STR, "a symbol"),
	O("deny", ARR, "symbols that are not"),
	M("deny[]", STR, "a symbol"),
	O("target", DEC, "what to reduce to"),
	O("slippage", DEC, "how far a price may be from the mark"),
	O("window", INT, "seconds; of funding, minutes"),
	O("measure", STR, "ewma or range"),
	O("steps", STR, "the steps of a ladder"),
	O("hysteresis", DEC, "how far back within the limit it holds again"),
	O("day", STR, "when a day begins: UTC, rolling, +01:00"),
	OW("action", ACTIONS "|protect|reject", "what it does over events"),
	OW("on-breach", "clip|reject", "what it does over intents"),
	M("what", STR, "what the rule is"),
	O("reason", STR, "why it is there, as its file says"),
	M("from", STR, "where it was set: FILE:LINE, option, default"),
	END
};

const struct record_row record_risk[] = {
	{ "bf.risk.intent", RECORD_NOTICE, "e=bf.risk;action=clip|protect", "bf-risk", OURS,
	  "An intent that goes on, but smaller, or with a price.", changed },
	{ "bf.risk", RECORD_NOTICE, "e=bf.risk;action=" ACTIONS, "bf-risk", OURS,
	  "A rule over events does not hold, or holds again.", alarm },
	{ "bf.decision", RECORD_REPORT, "e=bf.decision", "bf-risk", OURS,
	  "A decision, with all that it rests on: a line of --log.", decision },
	{ "bf.rule", RECORD_REPORT, "e=bf.rule", "bf-risk", OURS, "A rule as it is set: --check.", rule },
	{ "bf.explain", RECORD_REPORT, "e=bf.explain", "bf-risk", OURS, "A decision, made again.", explain },
	{ "bf.replay", RECORD_REPORT, "e=bf.replay;action=", "bf-risk", OURS,
	  "An intent of a recording under other rules.", replayed },
	{ "bf.replay.action", RECORD_REPORT, "e=bf.replay;was=", "bf-risk", OURS,
	  "What a rule over events would have done there.", acted },
	{ "bf.replay.summary", RECORD_REPORT, "e=bf.replay.summary", "bf-risk", OURS, "The end of a replay.", summary },
	END_ROW
};

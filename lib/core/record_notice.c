/* Notices: what a pipe says of itself. */
#include "core/record_in.h"

static const struct record_member reject[] = {
	TIME,
	M("by", STR, "the program that refused it"),
	M("rule", STR, "the check or rule that it breaks"),
	M("code", INT, "the exchange's code for such a refusal, or 0"),
	M("msg", STR, "the reason, as a sentence"),
	M("limit", STR, "what is allowed; \"\" if the rule has no number"),
	M("value", STR, "what the intent has, or would come to"),
	O("reasons", ARR, "all rules that it breaks, if there are several (bf-risk)"),
	M("reasons[].rule", STR, "the rule"),
	M("reasons[].limit", STR, "what it allows"),
	M("reasons[].value", STR, "what the intent would come to"),
	M("reasons[].msg", STR, "the reason"),
	O("nearest", DEC, "the greatest quantity that would pass (bf-risk)"),
	N("intent", OBJ, "the intent; null if it was no object"),
	END
};

static const struct record_member conn[] = {
	TIME,
	W("by", "bf-stream", "the program"),
	M("conn", STR, "the connection: public, market, user, ..., of COIN-M with -coinm"),
	W("state", "up|down|replaced", "what became of it"),
	M("why", STR, "the reason, or \"\""),
	END
};

static const struct record_member gap[] = {
	TIME,
	M("stream", STR, "the stream, as the exchange names it"),
	O("s", STR, "the symbol; not there for a stream of all symbols"),
	OW("what", "book", "it is of a local book, which is out of step"),
	O("lost", INT, "how many records a slow reader lost"),
	ON("from", INT, "the last id before the gap or, without ids, the time when it began; null: not known"),
	ON("to", INT, "the first id after it, or the time when it ended"),
	M("why", STR, "the reason"),
	END
};

static const struct record_member hole[] = {
	TIME,
	M("what", STR, "the series: klines, ..."),
	M("s", STR, "the symbol or pair"),
	M("i", STR, "the interval"),
	M("from", MS, "opening of the first candle that is missing"),
	M("to", MS, "opening of the last one"),
	M("missing", INT, "how many are missing"),
	END
};

static const struct record_member lag[] = {
	TIME,
	W("by", "bf-stream", "the program"),
	M("stream", STR, "the stream"),
	O("s", STR, "the symbol"),
	MARKET,
	W("state", "ok|never|silent|repeats|late", "what is odd about it, or that it is so no more"),
	M("ms", MS, "for how long, or by how much"),
	END
};

static const struct record_member step[] = {
	TIME,
	W("by", "bf-time", "the program"),
	W("why", "clock_step", "what happened"),
	M("step_ms", INT, "by how much the wall clock was set ahead; below 0: back"),
	END
};

static const struct record_member missed[] = {
	TIME,
	W("by", "bf-stream", "the program"),
	MARKET,
	M("from", MS, "when the stream was lost"),
	M("to", MS, "when it was there again"),
	O("fill", OBJ, "a fill that no event told of: a row of the exchange's list of trades"),
	O("order", OBJ, "an order that is another one than the events said, as the exchange has it"),
	END
};

static const struct record_member book[] = {
	TIME,
	W("by", "bf-stream", "the program"),
	M("stream", STR, "the stream of the book"),
	M("s", STR, "the symbol"),
	M("u", ID, "the update that the book is in step with"),
	END
};

static const struct record_member moved[] = {
	TIME,
	O("market", STR, "which market (bf-stream)"),
	O("from", MS, "when the stream was lost (bf-stream)"),
	O("to", MS, "when it was there again (bf-stream)"),
	M("s", STR, "the symbol"),
	W("ps", SIDES, "which position"),
	M("was", DEC, "its amount by the events"),
	M("is", DEC, "its amount as the exchange told when asked"),
	END
};

static const struct record_member looked[] = {
	TIME,
	W("by", "bf-stream", "the program"),
	MARKET,
	M("from", MS, "when the stream was lost"),
	M("to", MS, "when it was there again"),
	O("fills", INT, "fills that were found"),
	O("orders", INT, "orders that were found changed"),
	O("positions", INT, "positions that were found changed"),
	O("why", STR, "of a look that failed, the reason"),
	END
};

const struct record_row record_notices[] = {
	{ "bf.reject", RECORD_NOTICE, "e=bf.reject", "bf-order bf-risk", OURS,
	  "An intent that was refused here, before it was sent.", reject },
	{ "bf.conn", RECORD_NOTICE, "e=bf.conn", "bf-stream", OURS,
	  "A connection that came up, broke, or was replaced.", conn },
	{ "bf.gap", RECORD_NOTICE, "e=bf.gap;by=bf-stream", "bf-stream", OURS,
	  "Events are missing at this place.", gap },
	{ "bf.gap.rows", RECORD_NOTICE, "e=bf.gap;by=bf-info", "bf-info", OURS,
	  "Candles or statistics that the exchange does not have.", hole },
	{ "bf.lag", RECORD_NOTICE, "e=bf.lag", "bf-stream", OURS,
	  "A stream that is silent or late, or is so no more.", lag },
	{ "bf.clock", RECORD_NOTICE, "e=bf.clock", "bf-time", OURS,
	  "The wall clock of this machine was set.", step },
	{ "bf.recovered.account", RECORD_NOTICE, "e=bf.recovered;what=fill|order", "bf-stream", OURS,
	  "A fill or an order of the account that was missed, and is known now.", missed },
	{ "bf.recovered.book", RECORD_NOTICE, "e=bf.recovered;what=book", "bf-stream", OURS,
	  "A local book that is in step again.", book },
	{ "bf.reconcile.position", RECORD_NOTICE, "e=bf.reconcile;by=bf-stream|bf-risk;what=position_mismatch",
	  "bf-stream bf-risk", OURS, "A position that is another one than the events said.", moved },
	{ "bf.reconcile", RECORD_NOTICE, "e=bf.reconcile;what=done|incomplete|failed", "bf-stream", OURS,
	  "The end of a look at what was missed.", looked },
	END_ROW
};

/* Events of an account, as the exchange sends them. */
#include "core/record_in.h"

#define DONE	M("T", MS, "when, in the engine")
#define ALIAS	O("i", STR, "a name of the account (COIN-M)")

static const struct record_member order[] = {
	TIME, DONE, ALIAS,
	M("o", OBJ, "the order"),
	M("o.s", STR, "the symbol"),
	M("o.c", STR, "its client id; autoclose-..., adl_autoclose, settlement_autoclose-... are the exchange's own"),
	W("o.S", "BUY|SELL", "the side"),
	M("o.o", STR, "the type"),
	M("o.f", STR, "how long it stands"),
	M("o.q", DEC, "the quantity"),
	M("o.p", DEC, "the limit price; 0: none"),
	M("o.ap", DEC, "the mean price of its fills"),
	M("o.sp", DEC, "the trigger"),
	M("o.x", STR, "what happened: NEW, TRADE, CANCELED, EXPIRED, AMENDMENT, CALCULATED"),
	M("o.X", STR, "the status"),
	M("o.i", ID, "its id"),
	O("o.M", EITHER, "the id that a modify was given"),
	M("o.l", DEC, "the last quantity filled"),
	M("o.z", DEC, "the quantity filled so far"),
	M("o.L", DEC, "the last price"),
	ON("o.N", STR, "the asset of the fee"),
	O("o.n", DEC, "the fee"),
	M("o.T", MS, "when it traded"),
	M("o.t", INT, "the trade's id; 0: none"),
	O("o.b", DEC, "value of open bids"), O("o.a", DEC, "value of open asks"),
	M("o.m", BOOL, "this fill stood in the book"),
	M("o.R", BOOL, "it only reduces"),
	M("o.wt", STR, "which price triggers it"),
	M("o.ot", STR, "the type it was placed with"),
	W("o.ps", SIDES, "which position"),
	O("o.cp", BOOL, "it closes all"),
	O("o.AP", DEC, "of a trailing one, where it begins to trail"),
	O("o.cr", DEC, "of a trailing one, how far back triggers it"),
	O("o.ma", STR, "the asset of the margin (COIN-M)"),
	O("o.pP", BOOL, "price protection"),
	O("o.si", INT, "nothing"), O("o.ss", INT, "nothing"),
	M("o.rp", DEC, "profit that this fill realised"),
	O("o.V", STR, "what happens when it would trade with itself"),
	O("o.pm", STR, "the price it follows, or NONE"),
	O("o.gtd", MS, "of GTD; 0: none"),
	O("o.er", EITHER, "why it expired, a number; 0: it did not"),
	END
};

static const struct record_member lite[] = {
	TIME, DONE,
	M("s", STR, "the symbol"),
	M("q", DEC, "the order's quantity"), M("p", DEC, "its price"),
	M("m", BOOL, "this fill stood in the book"),
	M("c", STR, "the order's client id"),
	W("S", "BUY|SELL", "the side"),
	M("L", DEC, "the price"), M("l", DEC, "the quantity"),
	M("t", ID, "the trade's id"), M("i", ID, "the order's id"),
	END
};

static const struct record_member account[] = {
	TIME, DONE, ALIAS,
	M("a", OBJ, "what changed"),
	M("a.m", STR, "why: ORDER, FUNDING_FEE, DEPOSIT, WITHDRAW, MARGIN_TRANSFER, MARGIN_TYPE_CHANGE, ..."),
	O("a.S", STR, "of a funding, the symbol"),
	O("a.B", ARR, "balances that changed"),
	M("a.B[].a", STR, "the asset"),
	M("a.B[].wb", DEC, "the balance"),
	M("a.B[].cw", DEC, "the part of it that is not in isolated positions"),
	M("a.B[].bc", DEC, "the change, without profit and fees"),
	O("a.P", ARR, "positions that changed"),
	M("a.P[].s", STR, "the symbol"),
	M("a.P[].pa", DEC, "the amount; below 0 it is short"),
	M("a.P[].ep", DEC, "the entry price"),
	O("a.P[].bep", DEC, "the break-even price"),
	M("a.P[].cr", DEC, "profit realised so far, before fees"),
	M("a.P[].up", DEC, "profit at the mark price"),
	W("a.P[].mt", "cross|isolated", "the margin it has"),
	M("a.P[].iw", DEC, "the margin of an isolated one"),
	O("a.P[].ma", STR, "the asset of the margin"),
	W("a.P[].ps", SIDES, "which position"),
	END
};

static const struct record_member algo[] = {
	TIME, DONE,
	M("o", OBJ, "the conditional order"),
	M("o.caid", STR, "its client id"), M("o.aid", ID, "its id"),
	M("o.at", STR, "CONDITIONAL"),
	M("o.o", STR, "the type"),
	M("o.s", STR, "the symbol"),
	W("o.S", "BUY|SELL", "the side"),
	W("o.ps", SIDES, "which position"),
	M("o.f", STR, "how long the order will stand"),
	M("o.q", DECS, "the quantity"),
	M("o.X", STR, "NEW, TRIGGERING, TRIGGERED, FINISHED, CANCELED, REJECTED, EXPIRED"),
	O("o.ai", STR, "the order it became, or \"\""),
	O("o.ap", DECS, "the mean price of that one's fills"),
	O("o.aq", DECS, "how much of that one is filled"),
	O("o.act", STR, "the type of that one"),
	O("o.tp", DECS, "the trigger"),
	O("o.p", DECS, "the limit price"),
	O("o.V", STR, "what happens when it would trade with itself"),
	O("o.wt", STR, "which price triggers it"),
	O("o.pm", STR, "the price it follows, or NONE"),
	O("o.cp", BOOL, "it closes all"), O("o.pP", BOOL, "price protection"),
	O("o.R", BOOL, "it only reduces"),
	O("o.tt", MS, "when it was triggered; 0: not yet"),
	O("o.gtd", MS, "of GTD; 0: none"),
	O("o.rm", STR, "why it was refused"),
	O("o.ia", BOOL, "a trailing one trails"),
	END
};

static const struct record_member config[] = {
	TIME, DONE, ALIAS,
	O("ac", OBJ, "the leverage of a symbol"),
	M("ac.s", STR, "the symbol"), M("ac.l", INT, "the leverage"),
	O("ai", OBJ, "the multi-assets mode"),
	M("ai.j", BOOL, "it is on"),
	END
};

static const struct record_member call[] = {
	TIME, ALIAS,
	O("cw", DEC, "the cross wallet"),
	M("p", ARR, "the positions at risk"),
	M("p[].s", STR, "the symbol"),
	W("p[].ps", SIDES, "which position"),
	M("p[].pa", DEC, "the amount"),
	M("p[].mt", STR, "CROSSED, ISOLATED"),
	M("p[].iw", DEC, "the margin of an isolated one"),
	M("p[].mp", DEC, "the mark price"),
	M("p[].up", DEC, "profit at it"),
	M("p[].mm", DEC, "the margin it must keep"),
	END
};

static const struct record_member expired[] = {
	M("E", EITHER, "when, in the exchange's time"),
	O("listenKey", STR, "the key of the stream"),
	END
};

static const struct record_member strategy[] = {
	TIME, DONE,
	O("su", OBJ, "the strategy"),
	O("gu", OBJ, "the grid"),
	END
};

static const struct record_member refused[] = {
	TIME, DONE,
	M("or", OBJ, "the conditional order"),
	M("or.s", STR, "the symbol"), M("or.i", ID, "its id"), M("or.r", STR, "why it was refused"),
	END
};

#define EVENT(name, what, members) { name, RECORD_ACCOUNT, "e=" name, "bf-stream", EXCHANGES, what, members }

const struct record_row record_account[] = {
	EVENT("ORDER_TRADE_UPDATE", "An order that changed.", order),
	EVENT("TRADE_LITE", "A fill, sooner and with less (USDM).", lite),
	EVENT("ACCOUNT_UPDATE", "Balances and positions that changed.", account),
	EVENT("ALGO_UPDATE", "A conditional order that changed.", algo),
	EVENT("ACCOUNT_CONFIG_UPDATE", "Leverage or multi-assets mode changed.", config),
	EVENT("MARGIN_CALL", "Positions are near liquidation.", call),
	EVENT("listenKeyExpired", "The stream's key is over, and so is the stream.", expired),
	{ "STRATEGY_UPDATE", RECORD_ACCOUNT, "e=STRATEGY_UPDATE|GRID_UPDATE", "bf-stream", EXCHANGES,
	  "A strategy or grid that the exchange runs.", strategy },
	EVENT("CONDITIONAL_ORDER_TRIGGER_REJECT", "A conditional order refused at its trigger (not sent any more).", refused),
	END_ROW
};

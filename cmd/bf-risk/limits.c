#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits_in.h"

#define BIT(a)		(1u << (a))
#define STOPS		(BIT(ACT_NOTICE) | BIT(ACT_BLOCK) | BIT(ACT_CANCEL) | BIT(ACT_FLATTEN) | BIT(ACT_TRIP))
#define ALL		(STOPS | BIT(ACT_REDUCE))
#define WHOLE		"1"
#define RING		"4096"	/* PASSED_MAX of world.h: more cannot be remembered */

const struct rule_row rule_rows[RULES] = {
	[R_MAX_LEV] = { .name = "max-lev", .what = "effective leverage of the wallet", .unit = UNIT_TIMES,
	    .intents = true, .events = true, .def = ACT_REDUCE, .keys = "target", .clips = true, .actions = ALL },
	[R_SYMBOL_LEV] = { .name = "symbol-lev", .what = "a symbol's notional at worst over the wallet's equity",
	    .unit = UNIT_TIMES, .intents = true, .keys = "", .per_symbol = true, .clips = true },
	[R_ORDER_NOTIONAL] = { .name = "order-notional", .what = "value of one order", .unit = UNIT_MONEY,
	    .intents = true, .keys = "", .per_symbol = true, .clips = true },
	[R_POSITION_NOTIONAL] = { .name = "position-notional", .what = "value of a symbol's position at worst",
	    .unit = UNIT_MONEY, .intents = true, .keys = "", .per_symbol = true, .clips = true },
	[R_GROSS_NOTIONAL] = { .name = "gross-notional", .what = "sum of all positions' values at worst",
	    .unit = UNIT_MONEY, .intents = true, .keys = "", .clips = true },
	[R_NET_NOTIONAL] = { .name = "net-notional", .what = "long less short value at worst", .unit = UNIT_MONEY,
	    .intents = true, .keys = "", .clips = true },
	[R_MARGIN_USE] = { .name = "margin-use", .what = "initial margin of the equity", .unit = UNIT_PERCENT,
	    .most = "100", .intents = true, .keys = "", .clips = true },
	[R_LIQ_DISTANCE] = { .name = "liq-distance", .what = "distance of the mark price to liquidation",
	    .unit = UNIT_PERCENT, .most = "99", .minimum = true, .intents = true, .events = true, .def = ACT_REDUCE,
	    .keys = "target", .per_symbol = true, .clips = true, .actions = ALL },
	[R_PRICE_BAND] = { .name = "price-band", .what = "an order's price from the mark, to the worse side",
	    .unit = UNIT_PERCENT, .most = "100", .intents = true, .keys = "slippage", .per_symbol = true },
	[R_MARK_AGE] = { .name = "mark-age", .what = "age of the mark price", .unit = UNIT_SECONDS, .most = "3600",
	    .intents = true, .keys = "" },
	[R_MARK_JUMP] = { .name = "mark-jump", .what = "mark price from the one of a moment ago, or from the index",
	    .unit = UNIT_PERCENT, .most = "100", .intents = true, .keys = "window", .per_symbol = true, .window_s = 60 },
	[R_SYMBOLS] = { .name = "symbols", .what = "symbols that may be traded", .unit = UNIT_NONE, .intents = true,
	    .keys = "allow deny" },
	[R_STATUS] = { .name = "status", .what = "the contract is TRADING", .unit = UNIT_NONE, .intents = true,
	    .keys = "" },
	[R_ISOLATED] = { .name = "isolated-only", .what = "new risk under isolated margin only", .unit = UNIT_NONE,
	    .intents = true, .keys = "" },
	[R_RATE_SECOND] = { .name = "rate-second", .what = "orders let through in one second", .unit = UNIT_COUNT,
	    .least = WHOLE, .most = RING, .intents = true, .keys = "" },
	[R_RATE_MINUTE] = { .name = "rate-minute", .what = "orders let through in one minute", .unit = UNIT_COUNT,
	    .least = WHOLE, .most = RING, .intents = true, .keys = "" },
	[R_DUPLICATE] = { .name = "duplicate", .what = "the same order again within this time", .unit = UNIT_MS,
	    .least = WHOLE, .most = "600000", .minimum = true, .intents = true, .keys = "" },
	[R_REPEAT] = { .name = "repeat", .what = "orders alike within the window", .unit = UNIT_COUNT,
	    .least = WHOLE, .most = RING, .intents = true, .keys = "window", .window_s = 60 },
	[R_SELF_MATCH] = { .name = "self-match", .what = "no trade with an own open order", .unit = UNIT_NONE,
	    .intents = true, .keys = "" },
	[R_FUNDING] = { .name = "funding-cost", .what = "funding at the next settlement, of the equity",
	    .unit = UNIT_BPS, .most = "10000", .intents = true, .keys = "window", .per_symbol = true, .clips = true },
	[R_VOLATILE_MARKET] = { .name = "volatile-market", .what = "market orders while volatility is above",
	    .unit = UNIT_PERCENT, .most = "100", .intents = true, .keys = "action slippage window measure",
	    .per_symbol = true, .window_s = 300 },
	[R_CLOCK] = { .name = "clock", .what = "uncertainty of the exchange's time", .unit = UNIT_MS, .least = WHOLE,
	    .most = "60000", .intents = true, .keys = "" },
	[R_USER_STREAM] = { .name = "user-stream", .what = "time since the account's stream showed life",
	    .unit = UNIT_SECONDS, .most = "86400", .intents = true, .keys = "" },
	[R_ACCOUNT_AGE] = { .name = "account-age", .what = "time since the account was read", .unit = UNIT_SECONDS,
	    .most = "86400", .intents = true, .keys = "" },
	[R_MARGIN_RATIO] = { .name = "margin-ratio", .what = "maintenance margin of the equity", .unit = UNIT_PERCENT,
	    .most = "100", .events = true, .def = ACT_REDUCE, .keys = "target", .actions = ALL },
	[R_DAILY_LOSS] = { .name = "daily-loss", .what = "loss since the day began, fees and funding included",
	    .unit = UNIT_MONEY, .events = true, .def = ACT_BLOCK, .keys = "day", .actions = STOPS },
	[R_DRAWDOWN] = { .name = "drawdown", .what = "equity below its peak", .unit = UNIT_PERCENT, .most = "100",
	    .events = true, .def = ACT_BLOCK, .keys = "", .actions = STOPS },
	[R_LOSING_STREAK] = { .name = "losing-streak", .what = "closes with a loss in a row", .unit = UNIT_COUNT,
	    .least = WHOLE, .most = "1000", .events = true, .def = ACT_BLOCK, .keys = "", .actions = STOPS },
	[R_VOLATILITY] = { .name = "volatility", .what = "volatility of a symbol held", .unit = UNIT_PERCENT,
	    .most = "100", .events = true, .def = ACT_BLOCK, .keys = "measure window steps hysteresis",
	    .per_symbol = true, .actions = ALL, .window_s = 300 },
	[R_UNPROTECTED] = { .name = "unprotected", .what = "time a position is without a stop", .unit = UNIT_SECONDS,
	    .least = WHOLE, .most = "86400", .events = true, .def = ACT_NOTICE, .keys = "", .per_symbol = true,
	    .actions = STOPS },
	[R_OPEN_ORDERS] = { .name = "open-orders", .what = "orders of a symbol that wait and could add risk",
	    .unit = UNIT_COUNT, .least = WHOLE, .most = "1000", .intents = true, .keys = "", .per_symbol = true },
};

enum rule
rule_by_name(const char *name)
{
	for (int r = 0; r < RULES; r++)
		if (strcmp(rule_rows[r].name, name) == 0)
			return (enum rule)r;
	return RULES;
}

const char *
action_word(enum action a)
{
	static const char *const word[] = {
		[ACT_NOTICE] = "notice", [ACT_BLOCK] = "block", [ACT_CANCEL] = "cancel", [ACT_REDUCE] = "reduce",
		[ACT_FLATTEN] = "flatten", [ACT_TRIP] = "trip",
	};

	return word[a];
}

const char *
unit_word(enum unit u)
{
	static const char *const word[] = {
		[UNIT_TIMES] = "times", [UNIT_MONEY] = "money", [UNIT_PERCENT] = "percent", [UNIT_BPS] = "bps",
		[UNIT_SECONDS] = "seconds", [UNIT_MS] = "ms", [UNIT_COUNT] = "count", [UNIT_NONE] = "none",
	};

	return word[u];
}

void
limit_init(struct limit *l, const struct rule_row *row)
{
	enum rule r = (enum rule)(row - rule_rows);

	memset(l, 0, sizeof *l);
	l->act = row->def;
	l->window_ms = (int64_t)row->window_s * 1000;
	if (r == R_PRICE_BAND || r == R_VOLATILE_MARKET)
		l->slippage = dec_int(50);
	if (r == R_VOLATILITY)
		l->hysteresis = dec_int(20);
}

/* What is on without a file: no order on an old price, an unread account or a contract that does not trade. */
void
limits_init(struct limits *l)
{
	memset(l, 0, sizeof *l);
	for (int r = 0; r < RULES; r++)
		limit_init(&l->r[r], &rule_rows[r]);
	l->cost = (dec){ .c = 10, .scale = 4 };
	l->r[R_MARK_AGE].on = l->r[R_ACCOUNT_AGE].on = l->r[R_STATUS].on = true;
	l->r[R_MARK_AGE].max = dec_int(10);
	l->r[R_ACCOUNT_AGE].max = dec_int(14);
}

void
limits_free(struct limits *l)
{
	free(l->own);
	free(l->allow);
	free(l->deny);
	memset(l, 0, sizeof *l);
}

const struct limit *
limit_of(const struct limits *l, enum rule r, const char *symbol)
{
	if (symbol != NULL)
		for (int i = 0; i < l->nown; i++)
			if (l->own[i].rule == r && strcmp(l->own[i].symbol, symbol) == 0)
				return &l->own[i].l;
	return &l->r[r];
}

/* The window of a rule that is on, be it for one symbol. */
static int64_t
window_of(const struct limits *l, enum rule r)
{
	if (l->r[r].on)
		return l->r[r].window_ms;
	for (int i = 0; i < l->nown; i++)
		if (l->own[i].rule == r && l->own[i].l.on)
			return l->own[i].l.window_ms;
	return 0;
}

void
limits_windows(const struct limits *l, int64_t *vol_ms, int64_t *ref_ms)
{
	*vol_ms = window_of(l, R_VOLATILITY);
	if (*vol_ms == 0)
		*vol_ms = window_of(l, R_VOLATILE_MARKET);
	*ref_ms = window_of(l, R_MARK_JUMP);
}

/*
 * The rules and their limits: what a rules file may say, what holds by default, and what the
 * options tighten. One row a rule in limits.c, one function a rule in judge_*.c or watch_*.c.
 */
#ifndef BF_RISK_LIMITS_H
#define BF_RISK_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/dec.h"
#include "core/fault.h"
#include "core/rules.h"

/* A new rule comes last, wherever it is asked: decisions that were written down say by these numbers which rules
 * block (world.blocked). Its place in the reader's order is that of its row in judge.c. */
enum rule {
	/* over intents, on the projected state; "name" in files and records */
	R_MAX_LEV,		/* "max-lev": effective leverage of the wallet. Over events too: reduce */
	R_SYMBOL_LEV,		/* "symbol-lev": |N| of the symbol at worst / equity of the wallet */
	R_ORDER_NOTIONAL,	/* "order-notional" */
	R_POSITION_NOTIONAL,	/* "position-notional": of the symbol, at worst */
	R_GROSS_NOTIONAL,	/* "gross-notional": sum of |N| at worst */
	R_NET_NOTIONAL,		/* "net-notional": |sum of N| at worst */
	R_MARGIN_USE,		/* "margin-use": initial margin / equity, percent */
	R_LIQ_DISTANCE,		/* "liq-distance": percent of the mark, at least; over events too */
	R_PRICE_BAND,		/* "price-band": percent from the mark, to the worse side; a market order
				 * at its synthetic worst price (key slippage, bps) */
	R_MARK_AGE,		/* "mark-age": seconds */
	R_MARK_JUMP,		/* "mark-jump": percent from the mark of a moment ago (key window) or from
				 * the index: an absurd reference */
	R_SYMBOLS,		/* "symbols": a list of those allowed ("allow"), or not ("deny") */
	R_STATUS,		/* "status": the contract must be TRADING; always on */
	R_ISOLATED,		/* "isolated-only" */
	R_RATE_SECOND, R_RATE_MINUTE,	/* "rate-second", "rate-minute": orders that passed */
	R_DUPLICATE,		/* "duplicate": the same order again within so many ms */
	R_REPEAT,		/* "repeat": so many executions alike in the window (key window, seconds) */
	R_SELF_MATCH,		/* "self-match": it would trade with an own open order */
	R_FUNDING,		/* "funding-cost": at the next settlement, bps of the equity, if that is within
				 * key window (minutes; 0: always) */
	R_VOLATILE_MARKET,	/* "volatile-market": market orders while volatility (percent) is above; action
				 * reject, or protect: they become IOC limits at slippage bps */
	R_CLOCK,		/* "clock": ms of uncertainty at most */
	R_USER_STREAM,		/* "user-stream": account events must flow: seconds since the stream was last
				 * known to live (bf.conn up, a keepalive) */
	R_ACCOUNT_AGE,		/* "account-age": seconds since the account was read; always on */
	/* over events alone */
	R_MARGIN_RATIO,		/* "margin-ratio": percent */
	R_DAILY_LOSS,		/* "daily-loss": in the wallet's asset, or percent ("5%") of the anchor's equity; key
				 * day: a time zone (UTC, +02:00) or "rolling" */
	R_DRAWDOWN,		/* "drawdown": percent from the peak of equity, adjusted for transfers */
	R_LOSING_STREAK,	/* "losing-streak": closes in a row with a loss, at most */
	R_VOLATILITY,		/* "volatility": percent; keys measure (ewma, range), window (seconds), steps
				 * ("2:75 4:50 6:0": at 2 % down to 75 % of the position...), hysteresis (percent of
				 * the threshold by which it must fall before a step is left) */
	R_UNPROTECTED,		/* "unprotected": seconds a position may be without a stop */
	/* over intents again */
	R_OPEN_ORDERS,		/* "open-orders": of a symbol that wait and could add risk, conditional ones too */
	RULES
};

_Static_assert(RULES <= 32, "a rule is a bit of an unsigned");

enum action {	/* what an event rule does, each including what is milder */
	ACT_NOTICE,	/* a bf.risk record */
	ACT_BLOCK,	/* and no new risk while it lasts */
	ACT_CANCEL,	/* and cancels of what could add risk */
	ACT_REDUCE,	/* and reducing orders until it holds again */
	ACT_FLATTEN,	/* and all of the wallet's positions closed */
	ACT_TRIP	/* and the kill latch tripped */
};

#define REASON_MAX	200
#define STEPS_MAX	8

struct step { dec at; dec keep; };	/* percent of volatility; percent of the position to keep */

struct limit {
	bool	on;
	dec	max;			/* the limit (of liq-distance the minimum), in the rule's unit */
	dec	target;			/* reductions lead to it; 0: the rule's default */
	dec	slippage;		/* basis points */
	bool	percent;		/* max is percent (daily-loss) */
	int64_t	window_ms;		/* 0: the rule's default */
	enum action act;
	bool	clip;			/* on-breach = clip; else reject */
	bool	protect;		/* volatile-market */
	bool	ewma;			/* volatility: measure */
	struct step step[STEPS_MAX];	int nstep;
	dec	hysteresis;		/* percent */
	bool	rolling;		/* daily-loss: else a calendar day, */
	int	zone_min;		/* minutes east of UTC */
	char	reason[REASON_MAX];	/* of the file; goes into every record */
	int	line;			/* of the file; 0: the default; LINE_OPTION: an option */
};
#define LINE_OPTION	(-1)

#define ALLOW_MAX	256
struct limits {
	struct limit	r[RULES];
	/* [RULE SYMBOL]: a limit of one symbol in place of the common one, for rules that are about a symbol. */
	struct symbol_limit { char symbol[SYMBOL_MAX]; enum rule rule; struct limit l; } *own; int nown;
	char		(*allow)[SYMBOL_MAX], (*deny)[SYMBOL_MAX]; int nallow, ndeny;
	dec		cost;		/* fee and spread of an order, a fraction of its value; 0.001 */
	char		asset[24];	/* only this wallet's contracts; "" all */
	char		file[256];	/* the rules file, as it was named; "" none */
	int		cost_line, asset_line;	/* where they are from, as limit.line */
};

/* One row: the name, what its limit is measured in, and what is not nonsense. */
enum unit { UNIT_TIMES, UNIT_MONEY, UNIT_PERCENT, UNIT_BPS, UNIT_SECONDS, UNIT_MS, UNIT_COUNT, UNIT_NONE };
struct rule_row {
	const char *name, *what;	/* what: a phrase for --check and the page */
	enum unit unit;
	const char *least, *most;	/* of max, as decimals; NULL: above 0; no bound */
	bool	minimum;		/* the limit is a least, not a most: tighter is more */
	bool	intents, events;	/* which it looks at */
	enum action def;		/* of event rules, where the file does not say */
	const char *keys;		/* keys it takes beside max, reason and on-breach or action, blank-separated */
	bool	per_symbol;
	bool	clips;			/* a smaller quantity can cure it: on-breach may be clip */
	unsigned actions;		/* bits by enum action: those that the rule knows */
	int	window_s;		/* default of key window, seconds; limits_init puts it in */
};
extern const struct rule_row rule_rows[RULES];
enum rule rule_by_name(const char *name);	/* RULES: none */
const char *action_word(enum action a);

const char *unit_word(enum unit u);

/* Defaults: what is always on. l need not be zeroed. */
void limits_init(struct limits *l);
void limits_free(struct limits *l);
/* A rules file over them. FAULT_USAGE naming file, line, key, value and rule: an unknown section or key, a
 * duplicate, a limit without reason, nonsense (a target above the limit, steps that do not climb, ...). */
int  limits_file(struct limits *l, const char *file, struct fault *f);
/* --limit NAME=VALUE, and the named options: only tighter than what holds already (or of a rule that is off).
 * what: what the user calls it, for the fault. */
int  limits_tighten(struct limits *l, enum rule r, const char *value, const char *what, struct fault *f);
/* The argument of --limit: "NAME=VALUE". */
int  limits_option(struct limits *l, const char *arg, struct fault *f);
/* --target-lev (after --max-lev), --cost (basis points), --asset, --on-breach reject|clip: by the same rule, called last.
 * clip holds only where the file does not speak of a rule; reject holds everywhere. */
int  limits_target(struct limits *l, const char *value, const char *what, struct fault *f);
int  limits_cost(struct limits *l, const char *bps, const char *what, struct fault *f);
int  limits_asset(struct limits *l, const char *name, const char *what, struct fault *f);
int  limits_on_breach(struct limits *l, const char *word, const char *what, struct fault *f);
/* Over how long the world keeps volatility and reference marks, so that the rules that are on can be judged; 0: none is. */
void limits_windows(const struct limits *l, int64_t *vol_ms, int64_t *ref_ms);
/* What holds for a symbol. */
const struct limit *limit_of(const struct limits *l, enum rule r, const char *symbol);
/* The effective limits as bf.rule records, one each that is on: for --check. */
void limits_put(const struct limits *l, struct buf *out, int64_t now_ms);
/* All of them as one JSON value, and read back: decisions carry them. */
void limits_json(const struct limits *l, struct buf *out);
/* l need not be zeroed; limits_free it, after a failure too. */
int  limits_read(struct limits *l, const struct tok *t, const struct tok *v, struct fault *f);

#endif

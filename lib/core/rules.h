/*
 * The contract rules of a symbol (exchangeInfo), and the check of an order
 * against them before it leaves: the exchange's own code for each breach, and
 * the nearest value that would pass.
 */
#ifndef BF_CORE_RULES_H
#define BF_CORE_RULES_H

#include <stdbool.h>

#include "core/dec.h"
#include "core/fault.h"
#include "core/near.h"
#include "core/scan.h"

#define SYMBOL_MAX	64	/* bytes of a symbol with its NUL; symbols may be UTF-8 */

/* A filter part whose value is 0, or whose filter is absent, is switched off. Of
 * either market; COIN-M has contracts of a size, and no MIN_NOTIONAL. */
struct rules {
	char	symbol[SYMBOL_MAX], pair[SYMBOL_MAX];
	char	status[24], contract[32];	/* TRADING...; PERPETUAL... */
	char	base[24], quote[24], margin[24];
	int	price_precision, qty_precision;	/* decimals accepted at most; -1 unknown */
	dec	min_price, max_price, tick;	/* PRICE_FILTER */
	dec	min_qty, max_qty, step;		/* LOT_SIZE */
	dec	mkt_min_qty, mkt_max_qty, mkt_step;	/* MARKET_LOT_SIZE */
	dec	min_notional;			/* MIN_NOTIONAL */
	dec	mult_up, mult_down;		/* PERCENT_PRICE */
	int	max_orders;			/* MAX_NUM_ORDERS */
	dec	liquidation_fee, market_take_bound, trigger_protect;
	dec	contract_size;			/* COIN-M: USD a contract; 0: the quantity is of the base asset */
	bool	complete;	/* price and lot filters are there: else no order may be sent */
};

/*
 * Read one element of exchangeInfo.symbols. Only `symbol` is required; what is
 * missing stays 0 or empty. FAULT_REJECTED with the field named otherwise.
 */
int rules_parse(struct rules *out, const struct tok *t, const struct tok *symbol, struct fault *f);

/* Find symbol (exact bytes) in a whole exchangeInfo answer and read it.
 * FAULT_REJECTED, code -1121 if it is not listed; names up to three near ones. */
int rules_find(struct rules *out, const struct tok *t, const struct tok *exchange_info,
    const char *symbol, struct fault *f);
/* Its two halves, for who looks in more than one answer: add an answer's symbols to
 * those that come near; and the fault, near_by being near_text's. Returns -1. */
void rules_near(struct near *near, const struct tok *t, const struct tok *exchange_info);
int rules_not_listed(const char *symbol, const char *near_by, struct fault *f);

enum order_side { SIDE_BUY = 1, SIDE_SELL = -1 };

/* What the check needs to know of an order. A price of 0 means absent (MARKET,
 * priceMatch); so does a quantity of 0 of an exit (closePosition) or of a
 * modification, else it is code -4003. */
struct rules_order {
	enum order_side	side;		/* 0: not known (a modification); then no price is rounded,
					 * and none is given as nearest */
	bool		market;		/* MARKET and what triggers into one: no price */
	bool		reduce;		/* reduceOnly, closePosition, or hedge-mode exit */
	bool		modify;		/* of an order that stands: codes of a modification (-5029) */
	dec		price, qty;
	dec		trigger;	/* triggerPrice or activatePrice; 0: none. A conditional order's
					 * price is judged against it, not against the mark */
	bool		activate;	/* trigger is an activatePrice: code -4135, no multiplier, and
					 * not what the order is worth */
};

/* One broken rule. */
struct finding {
	int	code;			/* the exchange's, e.g. -4014 */
	const char *field;		/* "price", "quantity", "triggerPrice", "activatePrice",
					 * "symbol" (static) */
	const char *rule;		/* "tickSize", "minQty", "notional", ... (static) */
	/* nearest: a value of field that passes every rule, once the other fields have
	 * theirs; prices as in rules_round, a quantity not above what was asked unless
	 * there is a minimum; "" if none would do */
	char	value[DEC_STR], limit[DEC_STR], nearest[DEC_STR];
};

#define FINDINGS_MAX	12	/* 4 of each number */

/*
 * All breaches at once, in the order the exchange would look at them; returns
 * their number (0: passes). mark: the mark price, for PERCENT_PRICE and the
 * notional of a market order; 0 if unknown, and then those are not judged.
 * A missing filter is no check (the exchange decides), but rules without price
 * and lot filter (complete == false) give code -1121.
 *
 * The codes are the market's (COIN-M: contract_size > 0), for what differs:
 *					USDS-M		COIN-M
 *	price over trigger x multiplier	-4183 -4184	-4151 -4152
 *	notional too small		-4164		-4178
 *	... of a modification		-5029		-5029
 * How far a trigger may be from the mark (-4210, -4211) is not judged: against which price
 * the exchange holds it is not documented, and a wrong guess of ours must not keep
 * a position from being protected. COIN-M quantities are whole contracts, written
 * without decimals: 1.0 is -1111 too.
 */
int rules_check(const struct rules *r, const struct rules_order *o, dec mark,
    struct finding out[static FINDINGS_MAX]);

/* What rules_round has changed. */
struct rounded { bool qty, price, trigger; };
/*
 * --round: the order onto the contract's grid (tickSize, stepSize, or the decimals
 * where there is no step) in the safe direction:
 *
 *			BUY	SELL
 *	quantity	down	down	never more than was asked
 *	price		down	up	never a worse one
 *	stop		down	up	toward the market: it triggers earlier
 *	take profit	down	up	away from it: never less profit
 *	activatePrice	down	up	away from it, as a take profit
 *
 * A buy's stop waits above the market and its take profit below; a sell's the other
 * way round. So the direction follows from the side alone, and stop (the trigger is a
 * stop's) decides nothing. What is on the grid stays as it is written. Bounds are not
 * the grid: what is below or above one stays, and so does what would become 0; the
 * check then finds it. *did: what was changed. false: out of room, nothing is changed.
 */
bool rules_round(const struct rules *r, struct rules_order *o, bool stop, struct rounded *did);

/* What an order of qty at price is worth in the quote asset (COIN-M: USD; contracts
 * times their size, at any price). false: out of room. */
bool rules_notional(dec *out, const struct rules *r, dec qty, dec price);

/* The finding as a sentence: "price 60000.03: not a multiple of tickSize 0.10;
 * nearest 60000.00 (-4014)". */
void finding_text(const struct finding *fi, char *out, size_t size);

#endif

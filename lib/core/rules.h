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
 * priceMatch); so does a quantity of 0 of an exit (closePosition), else it is
 * code -4003. */
struct rules_order {
	enum order_side	side;
	bool		market;		/* MARKET: no price */
	bool		reduce;		/* reduceOnly, closePosition, or hedge-mode exit */
	dec		price, qty;
};

/* One broken rule. */
struct finding {
	int	code;			/* the exchange's, e.g. -4014 */
	const char *field;		/* "price", "quantity", "symbol" (static) */
	const char *rule;		/* "tickSize", "minQty", "notional", ... (static) */
	/* nearest: a value of field that passes every rule; "" if none would do */
	char	value[DEC_STR], limit[DEC_STR], nearest[DEC_STR];
};

#define FINDINGS_MAX	8

/*
 * All breaches at once, in the order the exchange would look at them; returns
 * their number (0: passes). mark: the mark price, for PERCENT_PRICE and the
 * notional of a market order; 0 if unknown, and then those are not judged.
 * A missing filter is no check (the exchange decides), but rules without price
 * and lot filter (complete == false) give code -1121.
 */
int rules_check(const struct rules *r, const struct rules_order *o, dec mark,
    struct finding out[static FINDINGS_MAX]);

/* The finding as a sentence: "price 60000.03: not a multiple of tickSize 0.10;
 * nearest 60000.00 (-4014)". */
void finding_text(const struct finding *fi, char *out, size_t size);

#endif

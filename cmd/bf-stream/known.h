/*
 * What the account's stream has told so far, so that after a gap it can be said what was
 * missed: trades seen, orders that stand, positions. Pure.
 */
#ifndef BF_STREAM_KNOWN_H
#define BF_STREAM_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/dec.h"
#include "core/rules.h"
#include "core/scan.h"

#define TRADES_KNOWN	65536	/* trades remembered, the latest; older ones are never asked for again */
#define EVENTS_KNOWN	4096	/* events remembered by their bytes, and orders that ended */

struct stand {			/* an order that stands */
	char	symbol[SYMBOL_MAX];
	int64_t	id;		/* orderId, or algoId */
	bool	algo;
	dec	executed, price, qty;
};
struct holding {		/* a position that is not flat */
	char	symbol[SYMBOL_MAX], side[8];
	dec	amount;
	bool	found;
};

struct known;
struct known *known_new(void);	/* NULL: out of memory */
void known_free(struct known *k);

/* Whether an event of these bytes was noted before; if not, note it. */
bool known_event(struct known *k, const char *p, size_t n);
/* Whether the order's part in the trade was noted before; if not, note it. An account that
 * traded with itself has two orders in one trade. */
bool known_trade(struct known *k, const char *symbol, int64_t id, int64_t order);
bool known_has_trade(const struct known *k, const char *symbol, int64_t id, int64_t order);

/* Note what an event says of orders and positions. -1: out of memory. */
int known_take(struct known *k, const struct tok *t, const struct tok *v);
/* The trade of an ORDER_TRADE_UPDATE or TRADE_LITE, and its order; false: it is none. */
bool event_trade(const struct tok *t, const struct tok *v, char symbol[static SYMBOL_MAX], int64_t *id,
    int64_t *order);
/* Whether orders and positions were looked at as a whole: only then what is not noted is new. */
bool known_whole(const struct known *k);
void known_set_whole(struct known *k);

/* The orders and positions noted; good until the next change. */
struct stand *known_orders(struct known *k, int *n);
struct holding *known_holdings(struct known *k, int *n);
struct stand *known_order(struct known *k, bool algo, const char *symbol, int64_t id);
struct holding *known_holding(struct known *k, const char *symbol, const char *side);
/* Put one there, or change it; an order that ended, a position that is flat, goes. An order
 * that ended does not come back, however late what is said of it. */
int known_put_order(struct known *k, const struct stand *is, bool ended);
int known_put_holding(struct known *k, const char *symbol, const char *side, dec amount);

#endif

/* What the parts of world share: nobody else's business. */
#ifndef BF_RISK_WORLD_IN_H
#define BF_RISK_WORLD_IN_H

#include <string.h>

#include "world.h"

#define FNV_BASIS	14695981039346656037ull

static inline uint64_t
fnv(uint64_t h, const void *p, size_t n)
{
	const unsigned char *s = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ s[i]) * 1099511628211ull;
	return h;
}

/* BTCUSD_PERP, BTCUSD_261225: a COIN-M contract has its coin and USD there. */
static inline bool
named_inverse(const char *symbol)
{
	return strstr(symbol, "USD_") != NULL;
}

/* On which of an account's positions an order works: one-way mode knows but one; in hedge mode
 * an order that does not say so opens. */
static inline enum pos_side
order_leg(const struct account *a, enum pos_side said, enum order_side side)
{
	if (!a->hedge)
		return POS_BOTH;
	return said != POS_BOTH ? said : side == SIDE_BUY ? POS_LONG : POS_SHORT;
}

/* An open order that has a price to count by. */
static inline bool
order_priced(const struct open_order *o)
{
	return dec_sign(o->price) > 0 || (o->algo && dec_sign(o->trigger) > 0);
}

/* Whether order o of market m is what was let through as p. */
static inline bool
same_order(const struct pending *p, enum market m, const struct open_order *o)
{
	return p->market == m && p->algo == o->algo && o->id > p->after_id && p->client_id[0] != '\0' &&
	    strcmp(p->client_id, o->client_id) == 0 && strcmp(p->symbol, o->symbol) == 0;
}

/*
 * Records of a world as tables of members, written and read by one row each. What is 0, false or
 * "" is left out (a decimal only if it has no scale either), words excepted.
 */
enum member_kind {
	M_DEC, M_I64, M_U64, M_INT, M_UINT, M_BOOL,
	M_TEXT,		/* char[size]; too long is refused */
	M_PROSE,	/* the same, cut where it is too long */
	M_SIDE, M_POS, M_KIND, M_MARKET	/* enums, as words */
};
struct member { const char *key; enum member_kind kind; size_t at, size; bool need; };
struct shape { const char *what; const struct member *m; int n; };

extern const struct shape shape_world, shape_market, shape_position, shape_order, shape_wallet, shape_contract,
    shape_filters, shape_sym, shape_vol, shape_pending, shape_rate, shape_health;

/* The word of an enum's value: "BUY" "SELL", "BOTH" "LONG" "SHORT", "linear" "inverse", "usdm" "coinm". */
const char *member_word(enum member_kind kind, int value);	/* NULL: none */

/* Of a market, for shape_market. */
struct market_part { bool served, down, hedge, multi_assets, known; int64_t loaded_mono_ms, as_of_ms; enum market m; };

#endif

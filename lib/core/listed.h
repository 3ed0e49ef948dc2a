/* What a name is to a market: looked up in its exchangeInfo. */
#ifndef BF_CORE_LISTED_H
#define BF_CORE_LISTED_H

#include <stdbool.h>

#include "core/rules.h"
#include "core/scan.h"

enum listed_as {
	LISTED_SYMBOL	= 1,	/* BTCUSDT, BTCUSD_PERP */
	LISTED_PAIR	= 2,	/* BTCUSD, the pair of some symbol */
	LISTED_CONTRACT	= 4,	/* BTCUSD_CURRENT_QUARTER: the pair and contract type of one */
	LISTED_ASSET	= 8	/* BTCUSD: an asset against the dollar, as the asset index has it */
};

struct listed {
	unsigned as;		/* enum listed_as; 0: there is no such name */
	unsigned live;		/* of these, what some contract that still trades stands for */
	/* of a symbol; of a pair or contract: of the one that trades, or else the last one */
	char	 symbol[SYMBOL_MAX], pair[SYMBOL_MAX], contract[32], status[24];
};

/*
 * Look name up in a whole exchangeInfo answer of either market (exact bytes). A
 * symbol is only looked for as such and as an asset, for its pair is in out.
 */
void listed_find(struct listed *out, const struct tok *t, const struct tok *exchange_info,
    const char *name);

/* Whether a contract of this status has, or may soon have again, a market: not
 * one that is yet to begin, is being settled or delivered, or is closed. A status
 * that is not known is taken for one that trades. */
bool listed_live(const char *status);

#endif

/* The values a contract allows for one number; for rules_check and rules_round. */
#ifndef BF_CORE_RULES_GRID_H
#define BF_CORE_RULES_GRID_H

#include "core/rules.h"

/* low <= x <= high, x = base + k step. */
struct grid {
	dec	low, high;	/* high 0: no bound */
	dec	base, step;	/* step 0: no steps */
	bool	own;		/* step is the filter's, not of the precision */
	int	precision;	/* decimals; -1: no limit */
};

struct grid grid_price(const struct rules *r);
/* market: MARKET_LOT_SIZE where there is one. */
struct grid grid_qty(const struct rules *r, bool market);
/* x moved onto the grid, down or up, whatever the bounds. */
bool grid_snap(dec *out, const struct grid *g, dec x, bool up);

#endif

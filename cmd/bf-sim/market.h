/* What REST and streams both tell of the market. */
#ifndef BF_SIM_MARKET_H
#define BF_SIM_MARKET_H

#include "core/buf.h"
#include "engine.h"

/* "key":[["price","qty"],...], the best n of a side. */
void market_levels(const struct engine *e, int sym, enum order_side side, const char *key, int n,
    struct buf *out);
/* The best of both sides; 0 and 0 where there is none. */
void market_top(const struct engine *e, int sym, struct engine_level *bid, struct engine_level *ask);
/* One ["price","qty"]. */
void market_level(struct buf *out, dec price, dec qty);
/* Every 8 hours; the rate is 0 here. */
int64_t market_next_funding(int64_t now_ms);

#endif

#include "market.h"

#define FUNDING_MS	(INT64_C(8) * 3600 * 1000)
#define LEVELS_MAX	1000

void
market_level(struct buf *out, dec price, dec qty)
{
	jw_open(out, NULL, '[');
	jw_dec(out, NULL, price);
	jw_dec(out, NULL, qty);
	jw_close(out, ']');
}

void
market_levels(const struct engine *e, int sym, enum order_side side, const char *key, int n,
    struct buf *out)
{
	struct engine_level v[LEVELS_MAX];

	n = engine_depth(e, sym, side, v, n < LEVELS_MAX ? n : LEVELS_MAX);
	jw_open(out, key, '[');
	for (int i = 0; i < n; i++)
		market_level(out, v[i].price, v[i].qty);
	jw_close(out, ']');
}

void
market_top(const struct engine *e, int sym, struct engine_level *bid, struct engine_level *ask)
{
	const struct rules *r = engine_rules(e, sym);

	*bid = *ask = (struct engine_level){ SIDE_BUY, { 0, r->tick.scale }, { 0, r->step.scale } };
	(void)engine_depth(e, sym, SIDE_BUY, bid, 1);
	(void)engine_depth(e, sym, SIDE_SELL, ask, 1);
}

int64_t
market_next_funding(int64_t now_ms)
{
	return (now_ms / FUNDING_MS + 1) * FUNDING_MS;
}

/* What is in scope: of a symbol, of a side, or all. */
#include <string.h>

#include "kill.h"

bool
scope_symbol(const struct scope *sc, const char *symbol)
{
	for (int i = 0; i < sc->n; i++)
		if (strcmp(sc->symbol[i], symbol) == 0)
			return true;
	return sc->n == 0;
}

int
scope_position(const struct scope *sc, const struct held *h)
{
	enum order_side is = dec_sign(h->amt) > 0 ? SIDE_BUY : SIDE_SELL;

	return scope_symbol(sc, h->symbol) && (sc->side == 0 || sc->side == is);
}

/* Of the long side are orders that open or close a long: in hedge mode those that say LONG, else what buys
 * and does not only reduce, and what sells and does. */
static int
order_side_of(const struct tok *t, const struct tok *v, enum order_side *out)
{
	bool reduce = false, close = false, buy = scan_get_is(t, v, "side", "BUY");

	if (scan_get_is(t, v, "positionSide", "LONG"))
		*out = SIDE_BUY;
	else if (scan_get_is(t, v, "positionSide", "SHORT"))
		*out = SIDE_SELL;
	else if (!buy && !scan_get_is(t, v, "side", "SELL"))
		return -1;
	else {
		(void)scan_get_bool(t, v, "reduceOnly", &reduce);
		(void)scan_get_bool(t, v, "closePosition", &close);
		*out = buy != (reduce || close) ? SIDE_BUY : SIDE_SELL;
	}
	return 0;
}

int
scope_order(const struct scope *sc, const struct tok *t, const struct tok *v)
{
	char symbol[SYMBOL_MAX];
	enum order_side is;

	if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol))
		return -1;
	if (!scope_symbol(sc, symbol))
		return 0;
	if (sc->side == 0)
		return 1;
	return order_side_of(t, v, &is) == -1 ? -1 : is == sc->side;
}

void
scope_latches(const struct scope *sc, void (*each)(void *arg, const struct latch_scope *one), void *arg)
{
	struct latch_scope one = { NULL, sc->side };

	if (sc->n == 0)
		each(arg, &one);
	for (int i = 0; i < sc->n; i++) {
		one.symbol = sc->symbol[i];
		each(arg, &one);
	}
}

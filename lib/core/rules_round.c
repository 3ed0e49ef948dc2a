/* Contract grids, and an order moved onto them. */
#include "core/rules_grid.h"

static struct grid
grid(dec low, dec high, dec step, int decimals)
{
	struct grid g = { low, high, low, step, true, decimals };

	if (dec_sign(step) == 0) {	/* no step: as fine as can be written */
		g.own = false;
		g.base = dec_int(0);
		if (decimals >= 0)
			g.step = (dec){ 1, decimals };
	}
	return g;
}

struct grid
grid_price(const struct rules *r)
{
	return grid(r->min_price, r->max_price, r->tick, r->price_precision);
}

struct grid
grid_qty(const struct rules *r, bool market)
{
	bool own = dec_sign(r->mkt_min_qty) != 0 || dec_sign(r->mkt_max_qty) != 0 ||
	    dec_sign(r->mkt_step) != 0;
	/* Contracts are whole. */
	int decimals = dec_sign(r->contract_size) > 0 ? 0 : r->qty_precision;

	return market && own ? grid(r->mkt_min_qty, r->mkt_max_qty, r->mkt_step, decimals) :
	    grid(r->min_qty, r->max_qty, r->step, decimals);
}

bool
grid_snap(dec *out, const struct grid *g, dec x, bool up)
{
	if (dec_sign(g->step) == 0) {
		*out = x;
		return true;
	}
	return dec_sub(&x, x, g->base) &&
	    (up ? dec_ceil(&x, x, g->step) : dec_floor(&x, x, g->step)) &&
	    dec_add(out, g->base, x);
}

/* One number onto its grid; 0 is absent, and nothing becomes it. */
static bool
round_one(dec *x, const struct grid *g, bool up, bool *did)
{
	dec d;

	if (dec_sign(*x) <= 0)
		return true;
	if (!grid_snap(&d, g, *x, up))
		return false;
	if (dec_sign(d) <= 0 || dec_cmp(d, *x) == 0)
		return true;
	*x = d;
	*did = true;
	return true;
}

/* Below the least quantity there is none to round to. Of contracts also the
 * decimals go: 10.0 is written 10. */
static bool
round_qty(dec *x, const struct grid *g, bool contracts, bool *did)
{
	if (dec_cmp(*x, g->low) >= 0 && !round_one(x, g, false, did))
		return false;
	if (contracts && x->scale > 0 && dec_decimals(*x) == 0) {
		*did = true;
		return dec_rescale(x, *x, 0, DEC_DOWN);
	}
	return true;
}

bool
rules_round(const struct rules *r, struct rules_order *o, bool stop, struct rounded *did)
{
	struct grid price = grid_price(r), qty = grid_qty(r, o->market);
	bool up = o->side == SIDE_SELL;
	struct rules_order n = *o;
	struct rounded d = { false, false, false };

	(void)stop;	/* the table in rules.h */
	if (!round_qty(&n.qty, &qty, dec_sign(r->contract_size) > 0, &d.qty))
		return false;
	if ((int)o->side != 0 && ((!n.market && !round_one(&n.price, &price, up, &d.price)) ||
	    !round_one(&n.trigger, &price, up, &d.trigger)))
		return false;
	*o = n;
	*did = d;
	return true;
}

bool
rules_notional(dec *out, const struct rules *r, dec qty, dec price)
{
	return dec_mul(out, qty, dec_sign(r->contract_size) > 0 ? r->contract_size : price);
}

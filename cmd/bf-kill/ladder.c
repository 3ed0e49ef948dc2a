/*
 * The rungs by which a position is closed, each reaching further than the one before: at the market; at
 * the 5th and the 20th price of the other side; then at prices further and further from the mark, up to the
 * end of the band the contract allows. A market order fills no further than the contract's marketTakeBound,
 * which mostly is narrower than that band.
 */
#include <stdio.h>
#include <string.h>

#include "kill.h"

#define BY_PRICE	3	/* the first rung of these; the last one is at the end of the band */

static const char *const words[RUNGS] = {
	"market", "opponent 5", "opponent 20", "quarter of the band", "half of the band", "three quarters of the band",
	"end of the band"
};

const char *
ladder_word(int rung)
{
	return words[rung];
}

/* The end of the band: mark times the multiplier; by marketTakeBound where there is none. */
static bool
band_end(const struct rules *r, const struct held *h, bool sell, dec *out)
{
	dec mult = sell ? r->mult_down : r->mult_up, bound = r->market_take_bound;

	if (dec_sign(mult) <= 0) {
		if (dec_sign(bound) <= 0 || !dec_add(&mult, dec_int(1), sell ? dec_neg(bound) : bound))
			return false;
	}
	return dec_mul(out, h->mark, mult);
}

/* mark + (end - mark) x k / 4, onto the grid toward the mark, and inside of the price filter. */
static bool
rung_price(const struct rules *r, const struct held *h, int rung, bool sell, dec *price)
{
	dec end, way, quarters = dec_int(rung - BY_PRICE + 1);

	if (dec_sign(h->mark) <= 0 || dec_sign(r->tick) <= 0 || !band_end(r, h, sell, &end) ||
	    !dec_sub(&way, end, h->mark) || !dec_mul(&way, way, quarters) || !dec_mul(&way, way, (dec){ 25, 2 }) ||
	    !dec_add(price, h->mark, way))
		return false;
	if (dec_sign(r->max_price) > 0)
		*price = dec_min(*price, r->max_price);
	if (dec_sign(r->min_price) > 0)
		*price = dec_max(*price, r->min_price);
	return (sell ? dec_ceil(price, *price, r->tick) : dec_floor(price, *price, r->tick)) && dec_sign(*price) > 0;
}

/* As much of left as one order may have, on the grid if anything is left of it then. */
static dec
one_order(const struct rules *r, bool market, dec left)
{
	dec max = market && dec_sign(r->mkt_max_qty) > 0 ? r->mkt_max_qty : r->max_qty;
	dec grid = market && dec_sign(r->mkt_step) > 0 ? r->mkt_step : r->step, qty = left;

	if (dec_sign(max) > 0)
		qty = dec_min(qty, max);
	if (dec_sign(grid) > 0 && dec_floor(&grid, qty, grid) && dec_sign(grid) > 0)
		qty = grid;
	return qty;
}

bool
ladder_intent(const struct rules *r, const struct held *h, int rung, dec left, struct intent *in, dec *qty)
{
	bool sell = dec_sign(h->amt) > 0, market = rung == 0;

	memset(in, 0, sizeof *in);
	in->op = OP_PLACE;
	memcpy(in->symbol, h->symbol, sizeof in->symbol);
	in->side = sell ? SIDE_SELL : SIDE_BUY;
	in->pos_side = h->side;
	in->has_pos_side = h->side != POS_BOTH;
	in->has_reduce_only = in->reduce_only = h->side == POS_BOTH;
	if (rung >= BY_PRICE && !rung_price(r, h, rung, sell, &in->price))
		market = true;		/* what is needed for a price is not known */
	snprintf(in->type, sizeof in->type, market ? "MARKET" : "LIMIT");
	if (!market)
		snprintf(in->tif, sizeof in->tif, "IOC");
	if (!market && rung < BY_PRICE)
		snprintf(in->price_match, sizeof in->price_match, rung == 1 ? "OPPONENT_5" : "OPPONENT_20");
	else if (!market)
		dec_print_short(in->price, in->price_s);
	in->qty = *qty = one_order(r, market, left);
	dec_print_short(in->qty, in->qty_s);
	return dec_sign(*qty) > 0;
}

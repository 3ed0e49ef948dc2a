/* Sections are those of the margin mathematics sheet, see margin.h. */
#include "core/calc.h"

#define MONEY	8	/* decimals of money and of prices asked for */
#define ROE	6
#define ENTRY	12	/* decimals of an average entry price */
#define FINE	16	/* decimals of a factor that is computed on with */

/* s: 1 long, -1 short; what has neither a side nor a price cannot be reckoned. */
static bool
usable(const struct leg *l, dec price)
{
	return dec_sign(l->amt) != 0 && dec_sign(l->size) > 0 && dec_sign(l->entry) > 0 &&
	    dec_sign(price) > 0;
}

static dec
with_side(const struct leg *l, dec d)
{
	return dec_sign(l->amt) < 0 ? dec_neg(d) : d;
}

/* Section 17, without a cut before the last. */
bool
calc_fee(dec *out, const struct leg *l, dec price, dec rate)
{
	dec q = dec_abs(l->amt), d;

	if (dec_sign(price) <= 0 || dec_sign(l->size) <= 0 || !dec_mul(&d, q, rate))
		return false;
	if (l->kind == LINEAR)
		return dec_mul(&d, d, price) && dec_rescale(out, d, MONEY, DEC_DOWN);
	return dec_mul(&d, d, l->size) && dec_div(out, d, price, MONEY, DEC_DOWN);
}

/*
 * Section 6. The size falls out: s (price - entry) L, by the price that the margin
 * is reckoned at. An inverse one is worth its margin in coins, so there the other
 * price divides.
 */
static bool
roe(dec *out, const struct leg *l, dec price, int leverage, dec by)
{
	dec gain;

	return dec_sub(&gain, price, l->entry) &&
	    dec_mul(&gain, with_side(l, gain), dec_int(leverage)) &&
	    dec_div(out, gain, by, ROE, DEC_DOWN);
}

bool
calc_roe_mark(dec *out, const struct leg *l, dec mark, int leverage)
{
	return leverage >= 1 && usable(l, mark) &&
	    roe(out, l, mark, leverage, l->kind == LINEAR ? mark : l->entry);
}

bool
calc_roe_entry(dec *out, const struct leg *l, dec price, int leverage)
{
	return leverage >= 1 && usable(l, price) &&
	    roe(out, l, price, leverage, l->kind == LINEAR ? l->entry : price);
}

bool
calc_target(dec *out, const struct leg *l, dec want, int leverage)
{
	dec n, d, lev = dec_int(leverage);

	if (leverage < 1 || !usable(l, l->entry))
		return false;
	if (l->kind == LINEAR) {
		if (!dec_add(&n, lev, with_side(l, want)))
			return false;
		d = lev;
	} else {
		n = lev;
		if (!dec_sub(&d, lev, with_side(l, want)))
			return false;
	}
	return dec_sign(n) > 0 && dec_sign(d) > 0 && dec_mul(&n, n, l->entry) &&
	    dec_div(out, n, d, MONEY, DEC_HALF_UP);
}

/*
 * Section 8: the price X at which closing leaves nothing.
 * linear:  amt X - amt EP - paid - |amt| X rate = 0
 * inverse: Q / EP - Q / X - paid - |Q| rate / X = 0
 */
bool
calc_break_even(dec *out, const struct leg *l, dec paid, dec close_rate)
{
	dec q, fee, n, d, x;

	if (!usable(l, l->entry) || !dec_mul(&q, l->amt, l->size) ||
	    !dec_mul(&fee, dec_abs(q), close_rate))
		return false;
	if (l->kind == LINEAR) {
		if (!dec_mul(&n, q, l->entry) || !dec_add(&n, n, paid) || !dec_sub(&d, q, fee))
			return false;
	} else if (!dec_add(&n, q, fee) || !dec_mul(&n, n, l->entry) ||
	    !dec_mul(&d, paid, l->entry) || !dec_sub(&d, q, d)) {
		return false;
	}
	if (dec_sign(d) == 0 || !dec_div(&x, n, d, MONEY, DEC_HALF_UP) || dec_sign(x) <= 0)
		return false;
	*out = x;
	return true;
}

bool
calc_break_even_fresh(dec *out, const struct leg *l, dec rate)
{
	dec d;

	return usable(l, l->entry) && dec_add(&d, dec_int(1), with_side(l, rate)) &&
	    dec_mul(&d, d, l->entry) && dec_rescale(out, d, ENTRY, DEC_DOWN);
}

/*
 * Section 15.2
 */

/* A limit order is taken at its price; a market one at the worse of what is seen. */
static bool
assumed(dec *out, const struct leg *l, dec mark, dec bid, dec ask)
{
	dec d;

	if (dec_sign(l->entry) > 0) {
		*out = l->entry;
		return true;
	}
	if (dec_sign(l->amt) < 0) {
		*out = dec_max(bid, mark);
		return true;
	}
	d = dec_sign(ask) > 0 ? ask : mark;
	return dec_mul(out, d, (dec){ 10005, 4 });
}

bool
calc_order_cost(struct order_cost *out, const struct leg *l, dec mark, dec best_bid, dec best_ask, int leverage)
{
	struct leg at = *l;
	struct order_cost c;
	dec n, pnl;

	if (dec_sign(l->amt) == 0 || dec_sign(l->size) <= 0 || dec_sign(mark) <= 0 ||
	    !assumed(&c.assumed, l, mark, best_bid, best_ask))
		return false;
	at.entry = c.assumed;
	if (!margin_notional(&n, &at, c.assumed) || !margin_initial(&c.im, n, leverage) ||
	    !margin_pnl(&pnl, &at, mark))
		return false;
	c.open_loss = dec_sign(pnl) < 0 ? dec_abs(pnl) : (dec){ 0, MONEY };
	if (!dec_add(&c.cost, c.im, c.open_loss))
		return false;
	*out = c;
	return true;
}

/*
 * Section 15.3
 */

/* What money buys, with gap = max(0, s (P - MP)) the loss of each at once:
 * linear:  A L / (P + L gap)
 * inverse: A L P / C x MP / (MP + L gap) */
static bool
affordable(dec *out, const struct max_open *m, dec money)
{
	dec gap, n, d;

	if (!dec_sub(&gap, m->price, m->mark))
		return false;
	gap = m->side == SIDE_SELL ? dec_neg(gap) : gap;
	if (!dec_mul(&gap, dec_max(gap, dec_int(0)), dec_int(m->leverage)) ||
	    !dec_mul(&n, money, dec_int(m->leverage)))
		return false;
	if (m->kind == LINEAR)
		return dec_add(&d, m->price, gap) && dec_div(out, n, d, FINE, DEC_FLOOR);
	if (!dec_mul(&n, n, m->price) || !dec_div(out, n, m->size, FINE, DEC_FLOOR) ||
	    !dec_add(&d, m->mark, gap))
		return false;
	return dec_sign(gap) == 0 || (dec_mul(&n, *out, m->mark) && dec_div(out, n, d, FINE, DEC_FLOOR));
}

/* The room that the greatest tier for this leverage leaves beside notional n; < 0: it is more than full. */
static bool
room(dec *out, const struct max_open *m, dec n)
{
	dec left = tiers_cap(m->tiers, m->leverage);

	if (!dec_sub(&left, left, n) || !dec_sub(&left, left, m->same_orders))
		return false;
	if (m->kind == LINEAR)
		return dec_div(out, left, m->price, FINE, DEC_FLOOR);
	return dec_mul(&left, left, m->price) && dec_div(out, left, m->size, FINE, DEC_FLOOR);
}

/* What is left of `of` beside the part of n that orders take: of x (n - orders) / n. *orders: what they have over. */
static bool
beside(dec *of, dec n, dec *orders)
{
	dec left, taken = dec_min(*orders, n);

	return dec_sub(&left, n, taken) && dec_mul(of, *of, left) && dec_div(of, *of, n, FINE, DEC_FLOOR) &&
	    dec_sub(orders, *orders, taken);
}

/* What an order of the other side closes, and whose margin opens as much again: orders of its side that
 * wait come first (section 3: max(|N|, |N - Ask|) is N up to 2 N). */
static bool
opposite(dec *close, dec *im, const struct max_open *m, dec n)
{
	dec orders = dec_max(m->same_orders, dec_int(0));

	*close = dec_abs(m->held);
	return margin_initial(im, n, m->leverage) && beside(close, n, &orders) && beside(im, n, &orders);
}

static bool
max_usable(const struct max_open *m)
{
	return m->leverage >= 1 && dec_sign(m->price) > 0 && dec_sign(m->mark) > 0 &&
	    dec_sign(m->size) > 0 && dec_sign(m->step) > 0 &&
	    (m->side == SIDE_BUY || m->side == SIDE_SELL);
}

bool
calc_max_open(dec *out, const struct max_open *m)
{
	struct leg held = { m->kind, m->held, m->price, m->size };
	bool against = dec_sign(m->held) == -(int)m->side;
	dec n = dec_int(0), im = dec_int(0), close = im, money, q, cap;

	if (!max_usable(m) || !margin_notional(&n, &held, m->mark))
		return false;
	n = dec_abs(n);
	if (against && dec_sign(n) > 0 && !opposite(&close, &im, m, n))
		return false;
	if (!dec_add(&money, m->available, im) || !affordable(&q, m, dec_max(money, dec_int(0))) ||
	    !dec_add(&q, q, close))
		return false;
	if (m->tiers != NULL) {
		if (!room(&cap, m, against ? dec_int(0) : n) || (against && !dec_add(&cap, cap, dec_abs(m->held))))
			return false;
		q = dec_min(q, dec_max(cap, dec_int(0)));
	}
	if (dec_sign(m->max_qty) > 0)
		q = dec_min(q, m->max_qty);
	return dec_floor(out, q, m->step);
}

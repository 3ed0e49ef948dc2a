/* One leg of a position: what it is worth and what it asks for. Sections are those
 * of the margin mathematics sheet. */
#include "state.h"

struct leg
pos_leg(const struct sym *s, const struct pos *p)
{
	return (struct leg){ s->c.market == COINM ? INVERSE : LINEAR, p->amt, p->entry, s->c.size };
}

/* Section 2: of an inverse fill at 8 decimals, half up. */
dec
sym_value(const struct sym *s, dec qty, dec price, bool *bad)
{
	dec d = { 0, 0 };

	if (s->c.market == USDM)
		return num_mul(bad, qty, price);
	return num_ok(bad, dec_div(&d, num_mul(bad, qty, s->c.size), price, MONEY, DEC_HALF_UP), &d);
}

dec
pos_notional(const struct sym *s, const struct pos *p, bool *bad)
{
	struct leg l = pos_leg(s, p);
	dec d = { 0, 0 };

	if (dec_sign(s->mark) == 0)
		return d;
	return num_ok(bad, margin_notional(&d, &l, s->mark), &d);
}

dec
pos_upnl(const struct sym *s, const struct pos *p, bool *bad)
{
	struct leg l = pos_leg(s, p);
	dec d = { 0, 0 };

	if (dec_sign(s->mark) == 0)
		return d;
	return num_ok(bad, margin_pnl(&d, &l, s->mark), &d);
}

dec
pos_maint(const struct sym *s, const struct pos *p, bool *bad)
{
	dec d = { 0, 0 };

	if (dec_sign(p->amt) == 0)
		return d;
	return num_ok(bad, margin_maintenance(&d, &s->c.tiers, pos_notional(s, p, bad)), &d);
}

/* Section 3: orders of opposite sides do not add up. */
dec
pos_exposure(const struct sym *s, const struct pos *p, dec bid, dec ask, bool *bad)
{
	dec n = pos_notional(s, p, bad);

	return dec_max(dec_abs(num_add(bad, n, bid)), dec_abs(num_sub(bad, n, ask)));
}

dec
margin_of(dec exposure, int leverage, bool *bad)
{
	dec d = { 0, 0 };

	return num_ok(bad, margin_initial(&d, exposure, leverage), &d);
}

/*
 * Section 8. Linear: entry + s paid / q. Inverse: 1 / (1 / entry - s paid / Q),
 * multiplied out. 0 where costs are so high that no price makes good for them.
 */
dec
pos_break_even(const struct sym *s, const struct pos *p, bool *bad)
{
	dec q = p->amt, d;

	if (dec_sign(q) == 0)
		return dec_int(0);
	if (s->c.market == USDM) {
		d = num_add(bad, num_mul(bad, p->entry, q), p->paid);
		return num_div(bad, d, q, FINE);
	}
	q = num_mul(bad, q, s->c.size);
	d = num_mul(bad, p->paid, num_scale(bad, p->entry, MONEY));
	d = num_sub(bad, q, d);
	if (dec_sign(d) != dec_sign(q))
		return dec_int(0);
	return num_div(bad, num_mul(bad, q, p->entry), d, FINE);
}

void
pos_brief(const struct hold *h, enum pos_mode m, struct engine_pos_brief *out, bool *bad)
{
	const struct pos *p = &h->pos[m];

	*out = (struct engine_pos_brief){
		.sym = h->s->index, .pos_mode = m, .amt = p->amt, .entry = p->entry,
		.break_even = pos_break_even(h->s, p, bad), .realized = p->realized,
		.upnl = pos_upnl(h->s, p, bad), .isolated = h->isolated, .iso_wallet = p->iso,
		.mark = h->s->mark, .maint = pos_maint(h->s, p, bad)
	};
}

dec
pos_opening(enum order_side side, dec q, dec *closable, bool *bad)
{
	dec c;

	if (dec_sign(*closable) != -(int)side)
		return q;
	c = dec_min(q, dec_abs(*closable));
	*closable = side == SIDE_BUY ? num_add(bad, *closable, c) : num_sub(bad, *closable, c);
	return num_sub(bad, q, c);
}

/* What an order costs: section 15.2 of the margin mathematics sheet. */
#include "state.h"

/* What q of the order would lose at once, valued at mark. Only what opens counts. */
static dec
open_loss(const struct hold *h, enum pos_mode m, enum order_side side, dec price, dec qty,
    const struct ord *instead, bool *bad)
{
	dec closable = h->pos[m].amt;
	const struct sym *s = h->s;
	const struct ord *o;

	if (dec_cmp(price, s->mark) * (int)side <= 0)
		return dec_int(0);
	/* Orders of the same side close first; with nothing to close none counts. */
	for (o = h->open; o != NULL && dec_sign(closable) == -(int)side; o = o->hnext)
		if (o->counted && o->o.pos_mode == m && o->o.side == side && o != instead)
			pos_opening(side, order_rest(o), &closable, bad);
	return sym_open_loss(s, side, price, pos_opening(side, qty, &closable, bad), bad);
}

/* Section 19.8: the additional requirement, its open loss, and the leverage cap. */
int
order_afford(struct engine *e, struct hold *h, enum pos_mode m, enum order_side side, dec price,
    dec q, const struct ord *instead, struct fault *f)
{
	const struct pos *p = &h->pos[m];
	const struct sym *s = h->s;
	dec bid = p->bid, ask = p->ask, *own = side == SIDE_BUY ? &bid : &ask, was, now, need;
	bool bad = false;

	*own = num_add(&bad, *own, sym_value(s, q, price, &bad));
	if (instead != NULL && instead->counted)
		*own = num_sub(&bad, *own, sym_value(s, order_rest(instead), instead->o.price, &bad));
	was = pos_exposure(s, p, p->bid, p->ask, &bad);
	now = pos_exposure(s, p, bid, ask, &bad);
	if (dec_cmp(now, was) > 0 && dec_cmp(now, tiers_cap(&s->c.tiers, h->leverage)) > 0)
		return eng_refuse(f, -2027,
		    "Exceeded the maximum allowable position at current leverage.");
	need = num_sub(&bad, margin_of(now, h->leverage, &bad), margin_of(was, h->leverage, &bad));
	need = num_add(&bad, need, open_loss(h, m, side, price, q, instead, &bad));
	if (instead != NULL)
		need = num_sub(&bad, need, open_loss(h, m, side, instead->o.price, order_rest(instead),
		    instead, &bad));
	if (!bad && dec_sign(need) <= 0)	/* what only closes may always be placed */
		return 0;
	if (bad || dec_cmp(need, hold_available(e, h, &bad)) > 0 || bad)
		return eng_refuse(f, -2019, "Margin is insufficient.");
	return 0;
}

/* What the fault language makes happen to orders and positions. */
#include <stdio.h>
#include <string.h>

#include "state.h"

/* One trade of an order against the house, told to everybody. */
static void
trade_with_house(struct engine *e, struct ord *o, dec price, dec q, bool maker)
{
	struct engine_event ev = { .kind = EV_TRADE, .acct = -1, .sym = o->o.sym };
	struct sym *s = o->h->s;
	struct hold *house = acct_hold(e, &e->maker, s);
	struct fill x = { ++s->trade_id, price, q };

	if (house == NULL)
		return;
	(void)acct_book(e, house, MODE_BOTH, side_other(o->o.side), &x, dec_int(0), false);
	order_settle(e, o, &x, maker);
	if (o->o.kind != KIND_USER)
		return;	/* not in the book: nobody sees a trade */
	s->last = price;
	ev.u.trade.id = x.id;
	ev.u.trade.price = price;
	ev.u.trade.qty = q;
	ev.u.trade.buyer_maker = maker == (o->o.side == SIDE_BUY);
	eng_emit(e, &ev);
	eng_price_moved(e, s);
}

int
engine_fill(struct engine *e, int acct, int sym, uint64_t id, const char *client_id, dec q,
    int64_t now_ms, struct fault *f)
{
	struct hold *h = order_begin(e, acct, sym, now_ms, f);
	struct ord *o;
	dec rest;

	if (h == NULL)
		return -1;
	if ((o = order_asked(e, h, id, client_id)) == NULL)
		return eng_refuse(f, -2011, "Unknown order sent.");
	rest = order_rest(o);
	if (dec_sign(q) <= 0 || dec_cmp(q, rest) > 0)
		q = rest;
	if (!dec_is_multiple(q, h->s->c.rules.step))
		return eng_misuse(f, "quantity: not a multiple of stepSize");
	q = num_scale(&e->bad, q, rest.scale);
	trade_with_house(e, o, o->o.price, q, true);
	return eng_finish(e, f);
}

int
engine_deleverage(struct engine *e, int acct, int sym, enum pos_mode leg, dec q, int64_t now_ms,
    struct fault *f)
{
	struct engine_order proto = { .kind = KIND_ADL, .tif = TIF_IOC, .pos_mode = leg,
		.reduce = true };
	struct hold *h;
	struct ord *o;
	dec held;

	if (eng_begin(e, acct, sym, now_ms, f) == -1)
		return -1;
	h = acct_hold_at(eng_acct(e, acct), sym);
	if (h == NULL || dec_sign(h->pos[leg].amt) == 0)
		return eng_misuse(f, "there is no position to deleverage");
	held = dec_abs(h->pos[leg].amt);
	if (dec_sign(q) <= 0 || dec_cmp(q, held) > 0)
		q = held;
	q = num_scale(&e->bad, num_ceil(&e->bad, q, h->s->c.rules.step), h->s->c.rules.step.scale);
	proto.side = dec_sign(h->pos[leg].amt) > 0 ? SIDE_SELL : SIDE_BUY;
	proto.price = h->s->mark;
	proto.qty = q;
	snprintf(proto.client_id, sizeof proto.client_id, "adl_autoclose");
	(void)order_cancel_hold(e, h);
	if ((o = order_new(e, h, &proto)) != NULL)
		trade_with_house(e, o, h->s->mark, q, false);
	return eng_finish(e, f);
}

int
engine_set_rules(struct engine *e, int sym, const struct rules *r, int64_t now_ms, struct fault *f)
{
	struct sym *s = eng_sym(e, sym);

	if (eng_begin(e, -1, sym, now_ms, f) == -1)
		return -1;
	if (strcmp(s->c.rules.symbol, r->symbol) != 0 || strcmp(s->c.rules.margin, r->margin) != 0)
		return eng_misuse(f, "the filters of another symbol");
	if (!r->complete || dec_sign(r->tick) <= 0 || dec_sign(r->step) <= 0)
		return eng_misuse(f, "filters without a tick or step size");
	/* Orders and books keep their digits: a finer scale would not fit them. */
	if (r->tick.scale != s->c.rules.tick.scale || r->step.scale != s->c.rules.step.scale)
		return eng_misuse(f, "tick and step size must keep their number of decimals");
	s->c.rules = *r;
	return eng_finish(e, f);
}

/* An open LIMIT order changes its price or quantity. */
#include <string.h>

#include "state.h"

/* A change on its way in. */
struct draft {
	const struct engine_change *c;
	dec	price, qty;	/* at the symbol's scales */
};

static int
check_state(const struct ord *o, const struct draft *d, struct fault *f)
{
	const struct sym *s = o->h->s;

	if (strcmp(s->c.rules.status, "TRADING") != 0)
		return eng_refuse(f, eng_code(s, -5024),
		    "The modification is not allowed as the symbol is not trading.");
	if (o->o.type != ORDER_LIMIT)
		return eng_refuse(f, eng_code(s, -5025), "Only limit order is supported.");
	if (d->c->side != o->o.side)
		return eng_refuse(f, -1117, "Invalid side.");
	if (d->c->reduce && !o->o.reduce)
		return eng_refuse(f, -5047, "The order is not a reduce only order.");
	if (s->c.max_amend > 0 && o->o.amended >= s->c.max_amend)
		return eng_refuse(f, eng_code(s, -5026),
		    "Exceed maximum modify order limit.");
	return 0;
}

/* A notional that is too small has a code of its own here. reduceOnly has to be
 * said again to be free of it; the exits of hedge mode cannot say it. */
static int
check_filters(const struct ord *o, struct draft *d, struct fault *f)
{
	const struct sym *s = o->h->s;
	bool exempt = o->o.reduce && (d->c->reduce || o->o.pos_mode != MODE_BOTH);
	struct rules_order r = { .side = o->o.side, .reduce = exempt, .price = d->c->price, .qty = d->c->qty };
	struct fault local = { 0 };

	if (d->c->match != MATCH_NONE) {
		if (order_match_price(s, o->o.side, d->c->match, &r.price, f) == -1)
			return -1;
	} else if (dec_sign(r.price) <= 0) {
		return eng_refuse(f, -4001, "Price less than 0.");
	}
	if (dec_sign(r.qty) <= 0)
		return eng_refuse(f, -4003, "Quantity less than or equal to zero.");
	if (order_filters(s, &r, s->mark, &d->price, &d->qty, &local) == 0)
		return 0;
	if (local.code == eng_code(s, -4164))
		local.code = -5029;
	return eng_refuse(f, local.code, "%s", local.text);
}

static int
check_bearing(struct engine *e, struct ord *o, const struct draft *d, struct fault *f)
{
	struct hold *h = o->h;
	bool bad = false;
	dec rest = num_sub(&bad, d->qty, o->o.filled), others;

	if (bad || dec_sign(rest) <= 0)	/* it ends: nothing is asked */
		return 0;
	if (order_liquidating(h, o->o.pos_mode, f) == -1)
		return -1;
	others = num_sub(&bad, h->pos[o->o.pos_mode].reducing, order_rest(o));
	if (o->o.reduce)
		return bad ? order_unknown(f) :
		    order_covered(h, o->o.pos_mode, o->o.side, rest, others, f);
	return order_afford(e, h, o->o.pos_mode, o->o.side, d->price, rest, o, f);
}

static int
check(struct engine *e, struct ord *o, struct draft *d, struct fault *f)
{
	if (check_state(o, d, f) == -1 || check_filters(o, d, f) == -1)
		return -1;
	if (dec_cmp(d->price, o->o.price) == 0 && dec_cmp(d->qty, o->o.qty) == 0)
		return eng_refuse(f, eng_code(o->h->s, -5027), "No need to modify the order.");
	return check_bearing(e, o, d, f);
}

static void
keep_amend(struct engine *e, const struct ord *o, const struct draft *d)
{
	struct acct *a = o->a;

	if (!eng_grow(&e->bad, &a->amends, a->namends, &a->camends, sizeof *a->amends))
		return;
	a->amends[a->namends++] = (struct engine_amend){
		.id = ++e->amend_id, .order_id = o->o.id, .sym = o->o.sym,
		.price_was = o->o.price, .price = d->price, .qty_was = o->o.qty, .qty = d->qty,
		.count = o->o.amended + 1, .modify_id = d->c->modify_id, .time_ms = e->now
	};
}

/* The change itself; as it may trade at its new price, it comes in like a taker. */
static void
amend(struct engine *e, struct ord *o, const struct draft *d)
{
	order_rest_out(e, o);
	keep_amend(e, o, d);
	o->o.price = d->price;
	o->o.qty = d->qty;
	o->o.match = d->c->match;
	o->o.modify_id = d->c->modify_id;
	o->o.stp = STP_NONE;
	o->o.amended++;
	o->o.update_ms = e->now;
	order_count(e, o);
	order_event(e, o, EXEC_AMENDMENT);
	order_match(e, o, o->o.price);
	if (o->open && !e->bad)
		order_rest_in(e, o);
	if (o->h->s->last_moved)
		algo_price(e, o->h->s);
}

static void
apply(struct engine *e, struct ord *o, const struct draft *d)
{
	if (dec_cmp(d->qty, o->o.filled) <= 0 || (o->o.tif == TIF_GTX &&
	    order_would_take(o->h->s, o->o.side, d->price)))
		order_end(e, o, STATUS_CANCELED, 0);
	else
		amend(e, o, d);
}

int
engine_modify(struct engine *e, int acct, int sym, uint64_t id, const char *client_id,
    const struct engine_change *c, int64_t now_ms, const struct engine_order **out, struct fault *f)
{
	struct hold *h = order_begin(e, acct, sym, now_ms, f);
	struct draft d = { .c = c };
	struct ord *o;
	int got;

	if (h == NULL)
		return -1;
	if ((o = order_asked(e, h, id, client_id)) == NULL)
		got = eng_refuse(f, -2013, "Order does not exist.");
	else if ((got = check(e, o, &d, f)) == 0)
		apply(e, o, &d);
	if (got == 0 && out != NULL)
		*out = &o->o;
	if (eng_finish(e, NULL) == -1)
		return eng_sound(e, f);
	return got;
}

/* Orders as they come in: refused or placed, cancelled. */
#include <stdio.h>
#include <string.h>

#include "state.h"

/* The exchange's texts: its error page, and answers seen on the wire. */
static const struct { int code; const char *text; } texts[] = {
	{ -1111, "Precision is over the maximum defined for this asset." },
	{ -1121, "Invalid symbol." },
	{ -4001, "Price less than 0." },
	{ -4002, "Price greater than max price." },
	{ -4003, "Quantity less than or equal to zero." },
	{ -4004, "Quantity less than min quantity." },
	{ -4005, "Quantity greater than max quantity." },
	{ -4013, "Price less than min price." },
	{ -4014, "Price not increased by tick size." },
	{ -4023, "Qty not increased by step size." },
	{ 0, NULL }
};

/* A request on its way in: numbers at the symbol's scales. */
struct draft {
	const struct engine_request *r;
	dec	price, qty;	/* price 0 for MARKET */
	dec	limit;		/* the worst price it may trade at */
	bool	market, rests;	/* rests: what does not trade waits in the book */
};

/* A number out of room while judging: nothing was done. */
static int
unknown(struct fault *f)
{
	return eng_refuse(f, -1000, "An unknown error occurred while processing the request.");
}

/* The codes whose text names a bound. */
static int
refuse_bound(const struct sym *s, int code, struct fault *f)
{
	char text[DEC_STR];
	bool bad = false;
	dec d;

	switch (code) {
	case -4016:
		d = num_mul(&bad, s->mark, s->rules.mult_up);
		dec_print(num_floor(&bad, d, s->rules.tick), text);
		return eng_refuse(f, code, "Limit price can't be higher than %s.", text);
	case -4024:
		d = num_mul(&bad, s->mark, s->rules.mult_down);
		dec_print(num_ceil(&bad, d, s->rules.tick), text);
		return eng_refuse(f, code, "Limit price can't be lower than %s.", text);
	case -4164:
		dec_print_short(s->rules.min_notional, text);
		return eng_refuse(f, code, "Order's notional must be no smaller than %s "
		    "(unless you choose reduce only).", text);
	}
	return unknown(f);
}

static int
refuse_code(const struct sym *s, int code, struct fault *f)
{
	int i;

	for (i = 0; texts[i].text != NULL; i++)
		if (texts[i].code == code)
			return eng_refuse(f, code, "%s", texts[i].text);
	return refuse_bound(s, code, f);
}

/* Filters, and the numbers at the symbol's scales. */
static int
check_filters(const struct sym *s, struct draft *d, struct fault *f)
{
	const struct engine_request *r = d->r;
	struct rules_order o = { r->side, d->market, r->reduce, dec_int(0), r->qty };
	struct finding found[FINDINGS_MAX];
	bool bad = false;

	if (!d->market) {
		if (dec_sign(r->price) <= 0)	/* the check takes 0 for absent */
			return refuse_code(s, -4001, f);
		o.price = r->price;
	}
	if (dec_sign(r->qty) <= 0)
		return refuse_code(s, -4003, f);
	if (rules_check(&s->rules, &o, s->mark, found) > 0)
		return refuse_code(s, found[0].code, f);
	d->qty = num_scale(&bad, r->qty, s->rules.step.scale);
	d->price = d->market ? dec_int(0) : num_scale(&bad, r->price, s->rules.tick.scale);
	return bad ? unknown(f) : 0;
}

/* MARKET: never further from the mark than marketTakeBound; and none at all if
 * even the best price of the other side is outside PERCENT_PRICE. */
static int
check_market(const struct sym *s, struct draft *d, struct fault *f)
{
	enum order_side side = d->r->side;
	const struct level *l = book_best(s, side_other(side));
	dec bound = s->rules.market_take_bound, edge;
	bool bad = false;

	if (side == SIDE_SELL)
		bound = dec_neg(bound);
	bound = num_add(&bad, dec_int(1), bound);
	d->limit = num_mul(&bad, s->mark, bound);
	edge = num_mul(&bad, s->mark, side == SIDE_BUY ? s->rules.mult_up : s->rules.mult_down);
	if (!bad && l != NULL && dec_sign(edge) != 0 && !book_crosses(side, edge, l->price))
		return eng_refuse(f, -4131,
		    "The counterparty's best price does not meet the PERCENT_PRICE filter limit.");
	return bad ? unknown(f) : 0;
}

/* -2022: nothing to reduce, or more than that. -4118: open reduce-only orders
 * hold the position already. What does not rest goes before those (er 4). */
static int
check_reduce(const struct sym *s, const struct acct *a, const struct draft *d, struct fault *f)
{
	const struct pos *p = &a->pos[s->index];
	const struct ord *o;
	bool bad = false;
	dec sum = d->qty;

	if (dec_sign(p->amt) != -(int)d->r->side || dec_cmp(d->qty, dec_abs(p->amt)) > 0)
		return eng_refuse(f, -2022, "ReduceOnly Order is rejected.");
	for (o = a->open; d->rests && o != NULL; o = o->anext)
		if (o->o.sym == s->index && o->o.reduce)
			sum = num_add(&bad, sum, order_rest(o));
	if (bad || dec_cmp(sum, dec_abs(p->amt)) > 0)
		return eng_refuse(f, -4118, "ReduceOnly Order Failed. "
		    "Please check your existing position and open orders.");
	return 0;
}

/* Section 15.2: what a MARKET order is taken to cost, the limit price else. */
static dec
assumed_price(const struct sym *s, const struct draft *d, bool *bad)
{
	static const dec up = { 10005, 4 };
	const struct level *l;

	if (!d->market)
		return d->price;
	l = book_best(s, side_other(d->r->side));
	if (d->r->side == SIDE_BUY)
		return l == NULL ? s->mark : num_mul(bad, l->price, up);
	return l == NULL ? s->mark : dec_max(l->price, s->mark);
}

/* What q of the order would lose at once, valued at mark. Only what opens counts. */
static dec
open_loss(const struct sym *s, const struct acct *a, const struct draft *d, dec price, bool *bad)
{
	dec closable = a->pos[s->index].amt, loss, q;
	const struct ord *o;

	for (o = a->open; o != NULL; o = o->anext)
		if (o->o.sym == s->index && o->counted && o->o.side == d->r->side)
			pos_opening(o->o.side, order_rest(o), &closable, bad);
	q = pos_opening(d->r->side, d->qty, &closable, bad);
	loss = d->r->side == SIDE_BUY ? num_sub(bad, price, s->mark) : num_sub(bad, s->mark, price);
	if (dec_sign(loss) <= 0)
		return dec_int(0);
	return num_money(bad, num_mul(bad, loss, q));
}

/* Section 19.8: the additional requirement, its open loss, and the leverage cap. */
static int
check_margin(const struct engine *e, const struct sym *s, const struct acct *a,
    const struct draft *d, struct fault *f)
{
	const struct pos *p = &a->pos[s->index];
	dec bid = p->bid, ask = p->ask, price, value, was, now, need;
	struct figures fig;
	bool bad = false;

	price = assumed_price(s, d, &bad);
	value = num_mul(&bad, price, d->qty);
	if (d->r->side == SIDE_BUY)
		bid = num_add(&bad, bid, value);
	else
		ask = num_add(&bad, ask, value);
	was = pos_exposure(s, p, p->bid, p->ask, &bad);
	now = pos_exposure(s, p, bid, ask, &bad);
	if (!bad && dec_cmp(now, was) <= 0)
		return 0;
	if (dec_cmp(now, tiers_cap(&s->tiers, p->leverage)) > 0)
		return eng_refuse(f, -2027,
		    "Exceeded the maximum allowable position at current leverage.");
	acct_figures(e, a, &fig, &bad);
	need = num_sub(&bad, pos_margin(p, now, &bad), pos_margin(p, was, &bad));
	need = num_add(&bad, need, open_loss(s, a, d, price, &bad));
	if (bad || dec_cmp(need, fig.available) > 0)
		return eng_refuse(f, -2019, "Margin is insufficient.");
	return 0;
}

/* What could trade at once at the limit or better, as far as it matters. */
static bool
fills_at_once(const struct sym *s, const struct draft *d)
{
	const struct side *b = book_side(s, side_other(d->r->side));
	bool bad = false;
	dec sum = { 0, 0 };
	int i;

	for (i = b->n - 1; i >= 0 && book_crosses(d->r->side, d->limit, b->v[i].price); i--) {
		sum = num_add(&bad, sum, b->v[i].qty);
		if (dec_cmp(sum, d->qty) >= 0)
			return !bad;
	}
	return false;
}

static int
check_tif(const struct sym *s, const struct draft *d, struct fault *f)
{
	const struct level *l;

	if (d->market)
		return 0;
	if (d->r->tif == TIF_FOK && !fills_at_once(s, d))
		return eng_refuse(f, -5021, "Due to the order could not be filled immediately, the FOK "
		    "order has been rejected. The order will not be recorded in the order history.");
	l = book_best(s, side_other(d->r->side));
	if (d->r->tif == TIF_GTX && l != NULL && book_crosses(d->r->side, d->limit, l->price))
		return eng_refuse(f, -5022, "Due to the order could not be executed as maker, the Post "
		    "Only order will be rejected. The order will not be recorded in the order history.");
	return 0;
}

/* The state of symbol and account, then the filters, in the order suggested by
 * the exchange's error pages (precedence is not documented). */
static int
check(const struct engine *e, const struct sym *s, const struct acct *a, struct draft *d,
    struct fault *f)
{
	const struct engine_request *r = d->r;

	d->market = r->type == ORDER_MARKET;
	d->rests = !d->market && (r->tif == TIF_GTC || r->tif == TIF_GTX);
	if (dec_sign(s->mark) == 0)
		return eng_refuse(f, -1122, "Invalid symbol status.");
	if (check_filters(s, d, f) == -1)
		return -1;
	d->limit = d->price;
	if (d->market && check_market(s, d, f) == -1)
		return -1;
	if (r->pos_mode != MODE_BOTH)
		return eng_refuse(f, -4061, "Order's position side does not match user's setting.");
	if (a->liquidating || a->pos[s->index].liquidating)
		return eng_refuse(f, -2023, "User in liquidation mode now.");
	if (r->client_id != NULL && strlen(r->client_id) >= ENGINE_CLIENT_ID)
		return eng_refuse(f, -4015, "Client order id length should not be more than 36 chars");
	if (r->client_id != NULL && r->client_id[0] != '\0' &&
	    order_find(e, a, s->index, r->client_id, true) != NULL)
		return eng_refuse(f, -4116, "ClientOrderId is duplicated.");
	if (r->reduce ? check_reduce(s, a, d, f) == -1 : check_margin(e, s, a, d, f) == -1)
		return -1;
	if (d->rests && a->pos[s->index].norders >= s->rules.max_orders)
		return eng_refuse(f, -2025, "Reach max open order limit.");
	return 0;
}

/* After matching: wait in the book, or end. */
static void
settle_rest(struct engine *e, struct sym *s, struct ord *o, const struct draft *d)
{
	if (!o->open || e->bad)
		return;
	if (d->rests)
		book_add(e, s, o);
	else
		order_end(e, o, STATUS_EXPIRED, d->market ? 9 : 2);
}

int
engine_place(struct engine *e, int acct, int sym, const struct engine_request *r, int64_t now_ms,
    const struct engine_order **out, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, sym);
	struct engine_order proto = { 0 };
	struct draft d = { .r = r };
	struct ord *o;

	if (a == NULL || s == NULL)
		return eng_misuse(f, "no such account or symbol");
	if (eng_sound(e, f) == -1 || check(e, s, a, &d, f) == -1 || check_tif(s, &d, f) == -1)
		return -1;
	e->now = now_ms;
	proto.side = r->side;
	proto.type = r->type;
	proto.tif = d.market ? TIF_GTC : r->tif;
	proto.stp = r->stp;
	proto.reduce = r->reduce;
	proto.price = d.price;
	proto.qty = d.qty;
	if (r->client_id != NULL)
		snprintf(proto.client_id, sizeof proto.client_id, "%s", r->client_id);
	if ((o = order_new(e, s, a, &proto)) == NULL)
		return eng_sound(e, f);
	order_match(e, s, o, d.limit);
	settle_rest(e, s, o, &d);
	eng_finish(e);
	if (out != NULL)
		*out = &o->o;
	return eng_sound(e, f);
}

int
engine_place_test(struct engine *e, int acct, int sym, const struct engine_request *r,
    struct fault *f)
{
	const struct acct *a = eng_acct(e, acct);
	const struct sym *s = eng_sym(e, sym);
	struct draft d = { .r = r };

	if (a == NULL || s == NULL)
		return eng_misuse(f, "no such account or symbol");
	return eng_sound(e, f) == -1 ? -1 : check(e, s, a, &d, f);
}

int
engine_cancel(struct engine *e, int acct, int sym, uint64_t id, const char *client_id,
    int64_t now_ms, const struct engine_order **out, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, sym);
	struct ord *o = NULL;

	if (a == NULL || s == NULL)
		return eng_misuse(f, "no such account or symbol");
	if (eng_sound(e, f) == -1)
		return -1;
	if (id == 0 && client_id != NULL)
		o = order_find(e, a, sym, client_id, true);
	else if (id >= s->first_id && id - s->first_id < (uint64_t)s->norders)
		o = s->orders[id - s->first_id];
	if (o == NULL || o->a != a || !o->open)
		return eng_refuse(f, -2011, "Unknown order sent.");
	e->now = now_ms;
	order_end(e, o, STATUS_CANCELED, 0);
	eng_finish(e);
	if (out != NULL)
		*out = &o->o;
	return eng_sound(e, f);
}

int
engine_cancel_all(struct engine *e, int acct, int sym, int64_t now_ms, int *n, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, sym);
	struct ord *o, *next;
	int count = 0;

	if (a == NULL || s == NULL)
		return eng_misuse(f, "no such account or symbol");
	if (eng_sound(e, f) == -1)
		return -1;
	e->now = now_ms;
	for (o = a->open; o != NULL; o = next) {
		next = o->anext;
		if (o->o.sym != sym)
			continue;
		order_end(e, o, STATUS_CANCELED, 0);
		count++;
	}
	eng_finish(e);
	if (n != NULL)
		*n = count;
	return eng_sound(e, f);
}

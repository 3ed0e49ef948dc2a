/* Orders as they come in: refused or placed. */
#include <stdio.h>

#include "state.h"

#define BOUNDLESS	((dec){ INT64_C(1000000000000000), 0 })

/* A request on its way in: numbers at the symbol's scales. */
struct draft {
	const struct engine_request *r;
	const struct algo *from;
	dec	price, qty;	/* price 0 for MARKET */
	dec	limit;		/* the worst price it may trade at */
	bool	market, rests;	/* rests: what does not trade waits in the book */
	bool	reduce;		/* also an exit of hedge mode */
};

/*
 * Numbers of a draft
 */

/* The trigger has asked for all there is: the filters do not judge that. */
static void
take_all(const struct hold *h, struct draft *d, struct rules_order *o)
{
	if (d->from == NULL || !d->from->o.close)
		return;
	d->qty = dec_abs(h->pos[d->r->pos_mode].amt);
	o->qty = dec_int(0);
	o->reduce = true;
}

static int
check_filters(const struct hold *h, struct draft *d, struct fault *f)
{
	const struct engine_request *r = d->r;
	struct rules_order o = { .side = r->side, .market = d->market, .reduce = d->reduce, .qty = r->qty };
	dec price, qty;

	if (!d->market && r->match != MATCH_NONE) {
		if (order_match_price(h->s, r->side, r->match, &o.price, f) == -1)
			return -1;
	} else if (!d->market) {
		if (dec_sign(r->price) <= 0)	/* the check takes 0 for absent */
			return eng_refuse(f, -4001, "Price less than 0.");
		o.price = r->price;
	}
	take_all(h, d, &o);
	if (dec_sign(r->qty) <= 0 && (d->from == NULL || !d->from->o.close))
		return eng_refuse(f, -4003, "Quantity less than or equal to zero.");
	if (order_filters(h->s, &o, h->s->mark, &price, &qty, f) == -1)
		return -1;
	d->price = price;
	if (dec_sign(o.qty) != 0)
		d->qty = qty;
	return 0;
}

/* MARKET: never further from the mark than marketTakeBound; and none at all if
 * even the best price of the other side is outside PERCENT_PRICE. */
static int
check_market(const struct sym *s, struct draft *d, struct fault *f)
{
	enum order_side side = d->r->side;
	const struct level *l = book_best(s, side_other(side));
	dec bound = s->c.rules.market_take_bound, edge;
	bool bad = false;

	d->limit = side == SIDE_BUY ? BOUNDLESS : dec_int(0);
	if (dec_sign(bound) != 0) {
		bound = num_add(&bad, dec_int(1), side == SIDE_BUY ? bound : dec_neg(bound));
		d->limit = num_mul(&bad, s->mark, bound);
	}
	edge = num_mul(&bad, s->mark, side == SIDE_BUY ? s->c.rules.mult_up : s->c.rules.mult_down);
	if (!bad && l != NULL && dec_sign(edge) != 0 && !book_crosses(side, edge, l->price))
		return eng_refuse(f, eng_code(s, -4131),
		    "The counterparty's best price does not meet the PERCENT_PRICE filter limit.");
	return bad ? order_unknown(f) : 0;
}

int
order_covered(const struct hold *h, enum pos_mode m, enum order_side side, dec q, dec others,
    struct fault *f)
{
	dec amt = h->pos[m].amt, held = dec_abs(amt), sum = { 0, 0 };
	bool bad = false;

	if (dec_sign(amt) != -(int)side || dec_cmp(q, held) > 0)
		return eng_refuse(f, -2022, "ReduceOnly Order is rejected.");
	sum = num_add(&bad, q, others);
	if (bad || dec_cmp(sum, held) > 0)
		return eng_refuse(f, eng_code(h->s, -4118), "ReduceOnly Order Failed. "
		    "Please check your existing position and open orders.");
	return 0;
}

/* What does not rest goes before open reduce-only orders (er 4). */
static int
check_reduce(const struct hold *h, const struct draft *d, struct fault *f)
{
	return order_covered(h, d->r->pos_mode, d->r->side, d->qty,
	    d->rests ? h->pos[d->r->pos_mode].reducing : dec_int(0), f);
}

/*
 * Margin
 */

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

static int
check_margin(struct engine *e, struct hold *h, const struct draft *d, struct fault *f)
{
	const struct engine_request *r = d->r;
	bool bad = false;
	dec price = assumed_price(h->s, d, &bad);

	if (bad)
		return order_unknown(f);
	return order_afford(e, h, r->pos_mode, r->side, price, d->qty, NULL, f);
}

/*
 * Time in force
 */

/* What could trade at once at the limit or better, as far as it matters. */
static bool
fills_at_once(const struct sym *s, const struct draft *d)
{
	const struct level *l = book_best(s, side_other(d->r->side));
	bool bad = false;
	dec sum = { 0, 0 };

	for (; l != NULL && book_crosses(d->r->side, d->limit, l->price); l = book_next(l)) {
		sum = num_add(&bad, sum, l->qty);
		if (dec_cmp(sum, d->qty) >= 0)
			return !bad;
	}
	return false;
}

bool
order_would_take(const struct sym *s, enum order_side side, dec limit)
{
	const struct level *l = book_best(s, side_other(side));

	return l != NULL && book_crosses(side, limit, l->price);
}

static int
check_tif(const struct sym *s, const struct draft *d, struct fault *f)
{
	if (d->market)
		return 0;
	if (d->r->tif == TIF_FOK && !fills_at_once(s, d))
		return eng_refuse(f, -5021, "Due to the order could not be filled immediately, the FOK "
		    "order has been rejected. The order will not be recorded in the order history.");
	if (d->r->tif == TIF_GTX && order_would_take(s, d->r->side, d->limit))
		return eng_refuse(f, -5022, "Due to the order could not be executed as maker, the Post "
		    "Only order will be rejected. The order will not be recorded in the order history.");
	return 0;
}

/* GTD is not offered on COIN-M. What an algo order brings along was judged then. */
static int
check_gtd(const struct engine *e, const struct sym *s, const struct draft *d, struct fault *f)
{
	if (d->market || d->r->tif != TIF_GTD || d->from != NULL)
		return 0;
	if (s->c.market == COINM)
		return eng_refuse(f, -1115, "Invalid timeInForce.");
	return order_gtd_ok(e, d->r->gtd_ms, f);
}

/*
 * All checks
 */

static int
check_type(const struct engine_request *r, struct fault *f)
{
	if (r->type != ORDER_LIMIT && r->type != ORDER_MARKET)
		return eng_refuse(f, -4120, "Order type not supported for this endpoint. "
		    "Please use the Algo Order API endpoints instead.");
	if (r->match != MATCH_NONE && r->type != ORDER_LIMIT)
		return eng_refuse(f, -5038,
		    "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT");
	return 0;
}

static int
check_client(const struct engine *e, const struct hold *h, const struct draft *d, struct fault *f)
{
	const char *id = d->r->client_id;

	if (order_client_ok(id, f) == -1)
		return -1;
	if (id != NULL && id[0] != '\0' && d->from == NULL &&
	    order_find(e, h->a, h->s->index, id, true) != NULL)
		return eng_refuse(f, -4116, "ClientOrderId is duplicated.");
	return 0;
}

int
order_liquidating(const struct hold *h, enum pos_mode m, struct fault *f)
{
	if (h->a->liquidating || h->a->wallet[h->s->asset].liquidating || h->pos[m].liquidating)
		return eng_refuse(f, -2023, "User in liquidation mode now.");
	return 0;
}

static void
read_request(struct draft *d)
{
	const struct engine_request *r = d->r;

	d->market = r->type == ORDER_MARKET;
	d->rests = !d->market && (r->tif == TIF_GTC || r->tif == TIF_GTX || r->tif == TIF_GTD);
	d->reduce = r->reduce || order_is_exit(r->side, r->pos_mode) ||
	    (d->from != NULL && d->from->o.close);
}

/* The state of symbol and account, then the filters, in the order suggested by
 * the exchange's error pages (precedence is not documented). */
static int
check(struct engine *e, struct hold *h, struct draft *d, struct fault *f)
{
	const struct engine_request *r = d->r;
	const struct sym *s = h->s;

	read_request(d);
	if (order_status_ok(s, f) == -1 || check_type(r, f) == -1 || check_filters(h, d, f) == -1)
		return -1;
	d->limit = d->price;
	if (d->market && check_market(s, d, f) == -1)
		return -1;
	if (order_mode(h->a, r->pos_mode, r->reduce, f) == -1 ||
	    order_liquidating(h, r->pos_mode, f) == -1)
		return -1;
	if (check_client(e, h, d, f) == -1 || check_gtd(e, s, d, f) == -1)
		return -1;
	if (d->reduce ? check_reduce(h, d, f) == -1 : check_margin(e, h, d, f) == -1)
		return -1;
	if (d->rests && h->norders >= s->c.rules.max_orders && s->c.rules.max_orders > 0)
		return eng_refuse(f, -2025, "Reach max open order limit.");
	return 0;
}

/*
 * Placing
 */

static void
draw_up(const struct engine *e, const struct hold *h, const struct draft *d,
    struct engine_order *o)
{
	const struct engine_request *r = d->r;

	*o = (struct engine_order){
		.side = r->side, .pos_mode = r->pos_mode, .type = r->type, .orig_type = r->type,
		.tif = d->market ? TIF_GTC : r->tif, .stp = r->stp, .match = r->match,
		.kind = KIND_USER, .reduce = d->reduce, .price = d->price, .qty = d->qty
	};
	if (o->tif == TIF_GTD)	/* seconds */
		o->gtd_ms = r->gtd_ms / 1000 * 1000;
	if (r->client_id != NULL && (d->from == NULL ||
	    order_find(e, h->a, h->s->index, r->client_id, true) == NULL))
		snprintf(o->client_id, sizeof o->client_id, "%s", r->client_id);
	if (d->from == NULL)
		return;
	o->orig_type = d->from->o.type;
	o->stop = d->from->o.trigger;
	o->close = d->from->o.close;
	o->protect = d->from->o.protect;
	o->by_mark = d->from->o.by_mark;
	o->algo_id = d->from->o.id;
	o->activate = d->from->o.activate;
	o->callback = d->from->o.callback;
}

/* After matching: wait in the book, or end. */
static void
settle_rest(struct engine *e, struct ord *o, const struct draft *d)
{
	if (!o->open || e->bad)
		return;
	if (!d->rests) {
		order_end(e, o, STATUS_EXPIRED, d->market ? 9 : 2);
		return;
	}
	order_rest_in(e, o);
	if (o->o.tif == TIF_GTD)
		timer_set(e, TIMER_GTD, o, &o->timer, o->o.gtd_ms);
}

int
order_enter(struct engine *e, struct hold *h, const struct engine_request *r, struct algo *from,
    struct ord **out, struct fault *f)
{
	struct draft d = { .r = r, .from = from };
	struct engine_order proto;
	struct ord *o;

	if (check(e, h, &d, f) == -1 || check_tif(h->s, &d, f) == -1)
		return -1;
	draw_up(e, h, &d, &proto);
	if ((o = order_new(e, h, &proto)) == NULL)
		return eng_sound(e, f);
	if (from != NULL)
		algo_made(e, from, o);
	order_match(e, o, d.limit);
	settle_rest(e, o, &d);
	if (h->s->last_moved)
		algo_price(e, h->s);
	*out = o;
	return eng_sound(e, f);
}

struct hold *
order_begin(struct engine *e, int acct, int sym, int64_t now_ms, struct fault *f)
{
	struct hold *h;

	if (acct < 0 || sym < 0) {
		eng_misuse(f, "no such account or symbol");
		return NULL;
	}
	if (eng_begin(e, acct, sym, now_ms, f) == -1)
		return NULL;
	if ((h = acct_hold(e, eng_acct(e, acct), eng_sym(e, sym))) == NULL)
		eng_sound(e, f);
	return h;
}

int
engine_place(struct engine *e, int acct, int sym, const struct engine_request *r, int64_t now_ms,
    const struct engine_order **out, struct fault *f)
{
	struct hold *h = order_begin(e, acct, sym, now_ms, f);
	struct ord *o = NULL;

	if (h == NULL)
		return -1;
	if (order_enter(e, h, r, NULL, &o, f) == -1) {
		(void)eng_finish(e, NULL);	/* what came due before it was done */
		(void)eng_sound(e, f);
		return -1;
	}
	if (out != NULL)
		*out = &o->o;
	return eng_finish(e, f);
}

int
engine_place_test(struct engine *e, int acct, int sym, const struct engine_request *r,
    int64_t now_ms, struct fault *f)
{
	struct hold *h = order_begin(e, acct, sym, now_ms, f);
	struct draft d = { .r = r };
	int got;

	if (h == NULL)
		return -1;
	got = check(e, h, &d, f);
	return eng_finish(e, NULL) == -1 ? eng_sound(e, f) : got;
}

/* Conditional orders as they come in: refused or kept waiting, cancelled, found. */
#include <stdio.h>
#include <string.h>

#include "state.h"

#define MOST_WAITING	200	/* of an account, over all symbols */

static const dec callback_least = { 1, 1 }, callback_most = { 20, 0 };	/* percent */

/* What a type of order has. */
static const struct kind { bool limit, trails, closes; } kinds[] = {
	[ORDER_STOP]		      = { true, false, false },
	[ORDER_STOP_MARKET]	      = { false, false, true },
	[ORDER_TAKE_PROFIT]	      = { true, false, false },
	[ORDER_TAKE_PROFIT_MARKET]    = { false, false, true },
	[ORDER_TRAILING_STOP_MARKET]  = { false, true, false }
};

static int
missing(struct fault *f, const char *name)
{
	return eng_refuse(f, -1102,
	    "Mandatory parameter '%s' was not sent, was empty/null, or malformed.", name);
}

static int
too_early(struct fault *f)
{
	return eng_refuse(f, -2021, "Order would immediately trigger.");
}

/*
 * Prices
 */

/* On the grid of PRICE_FILTER, which counts from minPrice. */
static bool
on_grid(const struct rules *r, dec price)
{
	dec off;

	return dec_sub(&off, price, r->min_price) && dec_is_multiple(off, r->tick);
}

static bool
over_max(const struct rules *r, dec price)
{
	return dec_sign(r->max_price) != 0 && dec_cmp(price, r->max_price) > 0;
}

static int
check_trigger(const struct hold *h, struct engine_algo *o, struct fault *f)
{
	const struct rules *r = &h->s->c.rules;

	if (dec_sign(o->trigger) == 0)
		return missing(f, "triggerprice");
	if (dec_sign(o->trigger) < 0)
		return eng_refuse(f, -4006, "Stop price less than zero.");
	if (over_max(r, o->trigger))
		return eng_refuse(f, -4007, "Stop price greater than max price.");
	if (r->price_precision >= 0 && dec_decimals(o->trigger) > r->price_precision)
		return eng_refuse(f, -1111, "Precision is over the maximum defined for this asset.");
	if (!on_grid(r, o->trigger))
		return eng_refuse(f, -4014, "Price not increased by tick size.");
	(void)dec_rescale(&o->trigger, o->trigger, r->tick.scale, DEC_DOWN);
	return 0;
}

/* A BUY trails from below the price, a SELL from above; without an activation
 * price it starts where the market is. */
static int
check_trail(const struct hold *h, struct engine_algo *o, dec ref, struct fault *f)
{
	const struct rules *r = &h->s->c.rules;

	if (dec_sign(o->callback) == 0)
		return missing(f, "callbackrate");
	if (dec_cmp(o->callback, callback_least) < 0 || dec_cmp(o->callback, callback_most) > 0)
		return eng_refuse(f, -2007, "Invalid callBack rate");
	o->trigger = dec_int(0);
	if (dec_sign(o->activate) == 0) {
		o->activate = ref;
		return 0;
	}
	if (dec_sign(o->activate) < 0 || over_max(r, o->activate) || !on_grid(r, o->activate))
		return eng_refuse(f, -4135, "Invalid activation price");
	return dec_cmp(o->activate, ref) * (int)o->side < 0 ? 0 : too_early(f);
}

/* The limit price of what triggers is held against the trigger price, and a
 * breach has codes of its own. */
static int
check_filters(const struct hold *h, struct engine_algo *o, dec ref, struct fault *f)
{
	const struct kind *k = &kinds[o->type];
	bool reduce = o->reduce || o->close || order_is_exit(o->side, o->pos_mode);
	struct rules_order r = { .side = o->side, .market = !k->limit, .reduce = reduce,
	    .price = o->price, .qty = o->qty };
	struct fault local = { 0 };

	if (dec_sign(o->price) < 0)
		return eng_refuse(f, -4001, "Price less than 0.");
	if (!o->close && dec_sign(o->qty) <= 0)
		return eng_refuse(f, -4003, "Quantity less than or equal to zero.");
	if (order_filters(h->s, &r, k->trails ? ref : o->trigger, &o->price, &o->qty, &local) == 0)
		return 0;
	if (local.code == -4016)
		local.code = eng_code(h->s, -4183);
	else if (local.code == -4024)
		local.code = eng_code(h->s, -4184);
	return eng_refuse(f, local.code, "%s", local.text);
}

/*
 * What fits together
 */

static int
check_close(const struct hold *h, const struct engine_algo *o, struct fault *f)
{
	const struct algo *a;

	if (!o->close)
		return 0;
	if (!kinds[o->type].closes)
		return eng_refuse(f, -4136, "Target strategy invalid for orderType %s, closePosition true.",
		    order_type_name(o->type));
	if (dec_sign(o->qty) != 0)
		return eng_refuse(f, -4137, "Quantity must be zero with closePosition equals true.");
	if (o->pos_mode != MODE_BOTH && !order_is_exit(o->side, o->pos_mode))
		return eng_refuse(f, -4138, "Reduce only must be true with closePosition equals true.");
	if (o->reduce)
		return eng_refuse(f, -1106, "Parameter 'reduceonly' sent when not required.");
	for (a = h->nalgos > 0 ? h->a->waiting : NULL; a != NULL; a = a->anext)
		if (a->h == h && a->o.close && a->o.side == o->side && a->o.type == o->type &&
		    a->o.pos_mode == o->pos_mode)
			return eng_refuse(f, -4130, "An open stop or take profit order with GTE and "
			    "closePosition in the direction is existing.");
	return 0;
}

static int
check_type(const struct engine_algo *o, struct fault *f)
{
	const struct kind *k = &kinds[o->type];

	if (o->type == ORDER_LIMIT || o->type == ORDER_MARKET)
		return eng_refuse(f, -1116, "Invalid orderType.");
	if (o->match != MATCH_NONE && !k->limit)
		return eng_refuse(f, -5038,
		    "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT");
	if (o->match > MATCH_QUEUE_20)
		return eng_refuse(f, -5037, "Invalid price match");
	if (k->limit && o->match == MATCH_NONE && dec_sign(o->price) == 0)
		return missing(f, "price");
	return 0;
}

static int
check_client(const struct hold *h, const char *client_id, struct fault *f)
{
	const struct algo *a;

	if (order_client_ok(client_id, f) == -1)
		return -1;
	for (a = h->a->waiting; client_id != NULL && client_id[0] != '\0' && a != NULL; a = a->anext)
		if (a->h->s->c.market == h->s->c.market && strcmp(a->o.client_id, client_id) == 0)
			return eng_refuse(f, -4116, "ClientOrderId is duplicated.");
	return 0;
}

static int
check_prices(struct hold *h, struct engine_algo *o, struct fault *f)
{
	struct algo probe = { .o = *o, .h = h };
	dec ref = algo_ref(&probe);

	if (kinds[o->type].trails)
		return check_trail(h, o, ref, f) == -1 ? -1 : check_filters(h, o, ref, f);
	if (check_trigger(h, o, f) == -1 || check_filters(h, o, ref, f) == -1)
		return -1;
	probe.o = *o;
	return algo_reached(&probe, ref) ? too_early(f) : 0;
}

static int
check(const struct engine *e, struct hold *h, const struct engine_algo_request *r,
    struct engine_algo *o, struct fault *f)
{
	if (order_status_ok(h->s, f) == -1 || check_type(o, f) == -1 ||
	    order_mode(h->a, o->pos_mode, o->reduce, f) == -1 || check_close(h, o, f) == -1 ||
	    check_prices(h, o, f) == -1 || check_client(h, r->client_id, f) == -1)
		return -1;
	if (r->tif == TIF_GTD && order_gtd_ok(e, r->gtd_ms, f) == -1)
		return -1;
	if (h->a->nalgos >= MOST_WAITING)
		return eng_refuse(f, -4045, "Reach max stop order limit.");
	return 0;
}

static struct engine_algo
draw_up(const struct engine_algo_request *r)
{
	return (struct engine_algo){
		.side = r->side, .pos_mode = r->pos_mode, .type = r->type, .tif = r->tif,
		.stp = r->stp, .match = r->match, .reduce = r->reduce, .close = r->close,
		.protect = r->protect, .by_mark = r->by_mark, .qty = r->qty,
		.price = kinds[r->type].limit && r->match == MATCH_NONE ? r->price : dec_int(0),
		.trigger = r->trigger, .activate = kinds[r->type].trails ? r->activate : dec_int(0),
		.callback = kinds[r->type].trails ? r->callback : dec_int(0),
		.gtd_ms = r->tif == TIF_GTD ? r->gtd_ms / 1000 * 1000 : 0	/* seconds */
	};
}

int
engine_algo_place(struct engine *e, int acct, int sym, const struct engine_algo_request *r,
    int64_t now_ms, const struct engine_algo **out, struct fault *f)
{
	struct hold *h = order_begin(e, acct, sym, now_ms, f);
	struct engine_algo o;
	struct algo *a;

	if (h == NULL)
		return -1;
	if (r->type > ORDER_TRAILING_STOP_MARKET)
		return eng_misuse(f, "no such type of order");
	o = draw_up(r);
	if (check(e, h, r, &o, f) == -1)
		return eng_finish(e, NULL) == -1 ? eng_sound(e, f) : -1;
	if (r->client_id != NULL && r->client_id[0] != '\0')
		snprintf(o.client_id, sizeof o.client_id, "%s", r->client_id);
	else
		order_client_id(e, o.client_id);
	if ((a = algo_new(e, h, &o)) == NULL)
		return eng_sound(e, f);
	algo_price(e, h->s);	/* a trailing one may be active at once */
	if (out != NULL)
		*out = &a->o;
	return eng_finish(e, f);
}

/*
 * Finding
 */

/* An account's algos stand in the order of their ids. */
static struct algo *
by_id(const struct acct *c, uint64_t id)
{
	int lo = 0, hi = c->nalgo_all, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (c->algos[mid]->o.id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < c->nalgo_all && c->algos[lo]->o.id == id ? c->algos[lo] : NULL;
}

static struct algo *
by_client(const struct acct *c, enum product m, const char *client_id)
{
	struct algo *a;
	int i;

	for (a = c->waiting; a != NULL; a = a->anext)
		if (a->h->s->c.market == m && strcmp(a->o.client_id, client_id) == 0)
			return a;
	for (i = c->nalgo_all - 1; i >= 0; i--) {
		a = c->algos[i];
		if (a->h->s->c.market == m && strcmp(a->o.client_id, client_id) == 0)
			return a;
	}
	return NULL;
}

static struct algo *
look_up(const struct acct *c, enum product m, uint64_t id, const char *client_id)
{
	struct algo *a = NULL;

	if (id != 0)
		a = by_id(c, id);
	else if (client_id != NULL && client_id[0] != '\0')
		a = by_client(c, m, client_id);
	return a != NULL && a->h->s->c.market == m ? a : NULL;
}

const struct engine_algo *
engine_algo(const struct engine *e, int acct, enum product m, uint64_t id, const char *client_id)
{
	const struct acct *c = eng_acct(e, acct);
	const struct algo *a = c == NULL ? NULL : look_up(c, m, id, client_id);

	return a == NULL ? NULL : &a->o;
}

const struct engine_algo *
engine_algo_at(const struct engine *e, int acct, int i)
{
	const struct acct *c = eng_acct(e, acct);

	return c == NULL || i < 0 || i >= c->nalgo_all ? NULL : &c->algos[i]->o;
}

/*
 * Cancelling, and the push from outside
 */

/* One that waits; NULL: refused. */
static struct algo *
waiting(struct engine *e, int acct, enum product m, uint64_t id, const char *client_id,
    int64_t now_ms, struct fault *f)
{
	struct algo *a;

	if (acct < 0) {
		eng_misuse(f, "no such account or symbol");
		return NULL;
	}
	if (eng_begin(e, acct, -1, now_ms, f) == -1)
		return NULL;
	a = look_up(eng_acct(e, acct), m, id, client_id);
	if (a != NULL && a->waiting)
		return a;
	if (eng_finish(e, f) == 0)
		eng_refuse(f, -2011, "Unknown order sent.");
	return NULL;
}

int
engine_algo_cancel(struct engine *e, int acct, enum product m, uint64_t id, const char *client_id,
    int64_t now_ms, const struct engine_algo **out, struct fault *f)
{
	struct algo *a = waiting(e, acct, m, id, client_id, now_ms, f);

	if (a == NULL)
		return -1;
	algo_end(e, a, ALGO_CANCELED);
	if (out != NULL)
		*out = &a->o;
	return eng_finish(e, f);
}

int
engine_algo_trigger(struct engine *e, int acct, enum product m, uint64_t id, const char *client_id,
    int64_t now_ms, struct fault *f)
{
	struct algo *a = waiting(e, acct, m, id, client_id, now_ms, f);

	if (a == NULL)
		return -1;
	algo_trigger(e, a);
	return eng_finish(e, f);
}

int
engine_algo_cancel_all(struct engine *e, int acct, int sym, int64_t now_ms, int *n, struct fault *f)
{
	struct hold *h = order_begin(e, acct, sym, now_ms, f);

	if (h == NULL)
		return -1;
	if (n != NULL)
		*n = h->nalgos;
	algo_cancel_hold(e, h, ALGO_CANCELED);
	return eng_finish(e, f);
}

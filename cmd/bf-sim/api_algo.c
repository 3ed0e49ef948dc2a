/* Conditional orders: the algo service. */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "no.h"
#include "number.h"

#define DAY		INT64_C(86400000)
#define LIST_DEFAULT	500
#define LIST_MAX	1000

static const struct choice types[] = {
	{ "STOP", ORDER_STOP }, { "STOP_MARKET", ORDER_STOP_MARKET },
	{ "TAKE_PROFIT", ORDER_TAKE_PROFIT }, { "TAKE_PROFIT_MARKET", ORDER_TAKE_PROFIT_MARKET },
	{ "TRAILING_STOP_MARKET", ORDER_TRAILING_STOP_MARKET }, { NULL, 0 }
};

/* The others go into the book as MARKET. */
static bool
has_price(enum order_type t)
{
	return t == ORDER_STOP || t == ORDER_TAKE_PROFIT;
}

/*
 * Reading one
 */

static int
read_kind(struct call *c, enum order_type *out)
{
	const char *v = NULL;
	int n = 0;

	if (want_text(c, "algoType", &v) == -1)
		return -1;
	if (strcmp(v, "CONDITIONAL") != 0)
		return no_invalid(&c->f, "algoType");
	if (want_text(c, "type", &v) == -1)
		return -1;
	if (!choose(types, v, &n))
		return no(&c->f, 400, -1116, "Invalid orderType.");
	*out = (enum order_type)n;
	return 0;
}

/* > 0 if it is there. */
static int
read_trigger(struct call *c, const char *name, dec *out)
{
	if (may_dec(c, name, out) == -1)
		return -1;
	if (params_get(&c->p, name) != NULL && dec_sign(*out) <= 0)
		return no(&c->f, 400, -4006, "Stop price less than zero.");
	return 0;
}

/* A quantity of 0 that was sent is not one that was not. */
static int
read_amounts(struct call *c, struct engine_algo_request *r)
{
	if (may_dec(c, "quantity", &r->qty) == -1 || may_dec(c, "price", &r->price) == -1 ||
	    read_match(c, &r->match) == -1 || read_trigger(c, "triggerPrice", &r->trigger) == -1)
		return -1;
	if (params_get(&c->p, "quantity") == NULL && !r->close)
		return no_missing(&c->f, "quantity");
	if (params_get(&c->p, "quantity") != NULL && dec_sign(r->qty) <= 0)
		return no(&c->f, 400, -4003, "Quantity less than or equal to zero.");
	if (has_price(r->type) && params_get(&c->p, "price") != NULL && dec_sign(r->price) <= 0)
		return no(&c->f, 400, -4001, "Price less than 0.");
	if (r->match != MATCH_NONE && params_get(&c->p, "price") != NULL)
		return no(&c->f, 400, -1106, "Parameter 'price' sent when not required.");
	return 0;
}

/* activationPrice: the name it had on /order, which clients still send. */
static int
read_trailing(struct call *c, struct engine_algo_request *r)
{
	const char *name = params_get(&c->p, "activatePrice") != NULL ? "activatePrice" :
	    "activationPrice";

	if (r->type != ORDER_TRAILING_STOP_MARKET)
		return 0;
	if (may_dec(c, name, &r->activate) == -1)
		return -1;
	if (params_get(&c->p, name) != NULL && dec_sign(r->activate) <= 0)
		return no(&c->f, 400, -4135, "Invalid activation price");
	return want_dec(c, "callbackRate", &r->callback);
}

static int
read_working(struct call *c, bool *by_mark)
{
	const char *v = params_get(&c->p, "workingType");

	if (v == NULL || strcmp(v, "CONTRACT_PRICE") == 0)
		return 0;
	if (strcmp(v, "MARK_PRICE") != 0)
		return no(&c->f, 400, -4031, "Invalid working type");
	*by_mark = true;
	return 0;
}

static int
read_flags(struct call *c, struct engine_algo_request *r)
{
	const char *tif = has_price(r->type) ? params_get(&c->p, "timeInForce") : NULL;

	if (may_bool(c, "closePosition", &r->close) == -1 ||
	    may_bool(c, "reduceOnly", &r->reduce) == -1 ||
	    may_bool(c, "priceProtect", &r->protect) == -1 || read_working(c, &r->by_mark) == -1)
		return -1;
	if (read_stp(c, &r->stp) == -1 || read_leg(c, &r->pos_mode) == -1)
		return -1;
	return read_tif(c, tif, &r->tif, &r->gtd_ms);
}

static int
read_algo(struct call *c, int *sym, struct engine_algo_request *r)
{
	bool result;	/* either way the answer is the order as it was placed */

	*r = (struct engine_algo_request){ .stp = STP_NONE };
	if (want_symbol(c, sym) == -1 || read_side(c, &r->side) == -1 ||
	    read_kind(c, &r->type) == -1 || read_flags(c, r) == -1 || read_amounts(c, r) == -1)
		return -1;
	if (read_trailing(c, r) == -1 || read_answer(c, &result) == -1)
		return -1;
	return read_client_id(c, "clientAlgoId", "newClientOrderId", &r->client_id);
}

/*
 * Writing one
 */

enum shape { AS_PLACED, AS_ASKED, AS_LISTED };

/* The order it has become, as a string; "" before. */
static void
put_actual(struct call *c, const struct engine_algo *a, enum shape as)
{
	dec avg = a->order == NULL ? (dec){ 0, 5 } : order_avg(c->s->engine, a->order);
	struct buf *b = &c->out;
	char id[24] = "";

	if (a->order_id != 0)
		snprintf(id, sizeof id, "%llu", (unsigned long long)a->order_id);
	jw_str(b, "actualOrderId", id);
	jw_dec(b, "actualPrice", avg);
	if (as == AS_LISTED)
		return;
	jw_str(b, "actualType", order_type_name(has_price(a->type) ? ORDER_LIMIT : ORDER_MARKET));
	jw_dec(b, "actualQty", a->order != NULL ? a->order->qty : a->qty);
}

/* What a set of orders of the app would have. */
static void
put_set(struct call *c, const struct rules *r, enum shape as)
{
	static const char *const names[] = { "tpTriggerPrice", "tpPrice", "slTriggerPrice", "slPrice" };

	if (as == AS_LISTED)
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			jw_dec(&c->out, names[i], (dec){ 0, r->tick.scale });
	jw_str(&c->out, "tpOrderType", "");
}

/* Empty where it is not a trailing one, or has none. */
static void
put_trailing(struct call *c, const struct engine_algo *a, const struct rules *r)
{
	if (dec_sign(a->activate) == 0)
		jw_str(&c->out, "activatePrice", "");
	else
		jw_dec(&c->out, "activatePrice", at_tick(r, a->activate));
	if (dec_sign(a->callback) == 0)
		jw_str(&c->out, "callbackRate", "");
	else
		number_short(&c->out, "callbackRate", a->callback);
}

static void
put_flags(struct buf *b, const struct engine_algo *a)
{
	jw_str(b, "selfTradePreventionMode", order_stp_name(a->stp));
	jw_str(b, "workingType", a->by_mark ? "MARK_PRICE" : "CONTRACT_PRICE");
	jw_str(b, "priceMatch", price_match_name(a->match));
	jw_bool(b, "closePosition", a->close);
	jw_bool(b, "priceProtect", a->protect);
	jw_bool(b, "reduceOnly", a->reduce);
}

static void
put_times(struct buf *b, const struct engine_algo *a)
{
	jw_i64(b, "createTime", a->time_ms);
	jw_i64(b, "updateTime", a->update_ms);
	jw_i64(b, "triggerTime", a->trigger_ms);
	jw_i64(b, "goodTillDate", a->gtd_ms);
}

static void
put_algo(struct call *c, const struct engine_algo *a, enum shape as)
{
	const struct rules *r = engine_rules(c->s->engine, a->sym);
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_u64(b, "algoId", a->id);
	jw_str(b, "clientAlgoId", a->client_id);
	jw_str(b, "algoType", "CONDITIONAL");
	jw_str(b, "orderType", order_type_name(a->type));
	jw_str(b, "symbol", r->symbol);
	jw_str(b, "side", order_side_name(a->side));
	jw_str(b, "positionSide", pos_mode_name(a->pos_mode));
	jw_str(b, "timeInForce", order_tif_name(a->tif));
	jw_dec(b, "quantity", dec_sign(a->qty) == 0 ? (dec){ 0, r->step.scale } : a->qty);
	jw_str(b, "algoStatus", algo_status_name(a->status));
	if (as != AS_PLACED)
		put_actual(c, a, as);
	jw_dec(b, "triggerPrice", at_tick(r, a->trigger));
	jw_dec(b, "price", at_tick(r, a->price));
	jw_null(b, "icebergQuantity");
	if (as != AS_PLACED)
		put_set(c, r, as);
	put_flags(b, a);
	if (as == AS_PLACED)
		put_trailing(c, a, r);
	put_times(b, a);
	jw_close(b, '}');
}

/*
 * Requests
 */

int
post_algo(struct call *c)
{
	const struct engine_algo *a = NULL;
	struct engine_algo_request r;
	int sym;

	if (read_algo(c, &sym, &r) == -1 || engine_said(c, engine_algo_place(c->s->engine, c->acct,
	    sym, &r, c->now, &a, &c->f)) == -1)
		return -1;
	put_algo(c, a, AS_PLACED);
	return 0;
}

/* algoId wins over clientAlgoId; both have spellings of their clients'. */
static int
want_algo_ids(struct call *c, uint64_t *id, const char **client_id)
{
	*id = 0;
	if (may_u64(c, "algoId", id) == -1 || (*id == 0 && may_u64(c, "algoid", id) == -1))
		return -1;
	if ((*client_id = params_get(&c->p, "clientAlgoId")) == NULL &&
	    (*client_id = params_get(&c->p, "clientalgoid")) == NULL)
		*client_id = params_get(&c->p, "newClientOrderId");
	if (*id == 0 && (*client_id == NULL || **client_id == '\0'))
		return no(&c->f, 400, -1102, "Either algoId or clientAlgoId must be sent.");
	return 0;
}

int
delete_algo(struct call *c)
{
	const struct engine_algo *a = NULL;
	const char *client_id;
	uint64_t id;

	if (want_algo_ids(c, &id, &client_id) == -1 || engine_said(c,
	    engine_algo_cancel(c->s->engine, c->acct, c->market, id, client_id, c->now, &a, &c->f)) == -1)
		return -1;
	jw_open(&c->out, NULL, '{');
	jw_u64(&c->out, "algoId", a->id);
	jw_str(&c->out, "clientAlgoId", a->client_id);
	jw_str(&c->out, "code", "200");
	jw_str(&c->out, "msg", "success");
	jw_close(&c->out, '}');
	return 0;
}

int
delete_all_algos(struct call *c)
{
	int sym;

	if (want_symbol(c, &sym) == -1 || engine_said(c, engine_algo_cancel_all(c->s->engine, c->acct,
	    sym, c->now, NULL, &c->f)) == -1)
		return -1;
	return say_done(c, "The operation of cancel all open order is done.");
}

static bool
is_open(const struct engine_algo *a)
{
	return a->status == ALGO_NEW || a->status == ALGO_TRIGGERING;
}

static bool
visible(const struct call *c, const struct engine_algo *a)
{
	bool filled = a->order != NULL && dec_sign(a->order->filled) != 0;

	return call_sees(c, a->time_ms) &&
	    still_kept(c, is_open(a) || a->status == ALGO_TRIGGERED, filled, a->time_ms);
}

int
get_algo(struct call *c)
{
	const struct engine_algo *a;
	const char *client_id;
	uint64_t id;

	if (want_algo_ids(c, &id, &client_id) == -1)
		return -1;
	a = engine_algo(c->s->engine, c->acct, c->market, id, client_id);
	if (a == NULL || !visible(c, a))
		return no(&c->f, 400, -2013, "Order does not exist.");
	put_algo(c, a, AS_ASKED);
	return 0;
}

int
get_open_algos(struct call *c)
{
	const struct engine_algo *a;
	uint64_t id = 0;
	struct which w;

	if (may_which(c, &w) == -1 || may_u64(c, "algoId", &id) == -1)
		return -1;
	jw_open(&c->out, NULL, '[');
	for (int i = 0; (a = engine_algo_at(c->s->engine, c->acct, i)) != NULL; i++)
		if (is_open(a) && which_has(c, &w, a->sym) && (id == 0 || a->id == id) &&
		    call_sees(c, a->time_ms))
			put_algo(c, a, AS_LISTED);
	jw_close(&c->out, ']');
	return 0;
}

static bool
fits(const struct call *c, const struct engine_algo *a, int sym, uint64_t from,
    const struct period *t)
{
	return a->sym == sym && a->id >= from && a->time_ms >= t->start && a->time_ms <= t->end &&
	    visible(c, a);
}

int
get_all_algos(struct call *c)
{
	const struct engine_algo *a;
	int64_t n = 0, skip;
	uint64_t from = 0;
	struct period t;
	int sym, i;

	if (want_symbol(c, &sym) == -1 || may_u64(c, "algoId", &from) == -1 ||
	    read_period(c, &t, 7 * DAY, 90 * DAY, LIST_DEFAULT, LIST_MAX) == -1)
		return -1;
	for (i = 0; (a = engine_algo_at(c->s->engine, c->acct, i)) != NULL; i++)
		n += fits(c, a, sym, from, &t);
	skip = from != 0 || t.has_start || n <= t.limit ? 0 : n - t.limit;
	jw_open(&c->out, NULL, '[');
	n = 0;
	for (i = 0; (a = engine_algo_at(c->s->engine, c->acct, i)) != NULL && n < t.limit; i++)
		if (fits(c, a, sym, from, &t) && skip-- <= 0) {
			put_algo(c, a, AS_LISTED);
			n++;
		}
	jw_close(&c->out, ']');
	return 0;
}

/* Orders: placing, modifying, cancelling, asking for one or the open ones. */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "no.h"

#define DAY	INT64_C(86400000)

/*
 * Reading an order
 */

bool
choose(const struct choice *v, const char *name, int *out)
{
	for (; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0) {
			*out = v->value;
			return true;
		}
	return false;
}

static const struct choice sides[] = { { "BUY", SIDE_BUY }, { "SELL", SIDE_SELL }, { NULL, 0 } };
static const struct choice tifs[] = {
	{ "GTC", TIF_GTC }, { "IOC", TIF_IOC }, { "FOK", TIF_FOK }, { "GTX", TIF_GTX },
	{ "GTD", TIF_GTD }, { NULL, 0 }
};
static const struct choice stps[] = {
	{ "NONE", STP_NONE }, { "EXPIRE_TAKER", STP_EXPIRE_TAKER },
	{ "EXPIRE_MAKER", STP_EXPIRE_MAKER }, { "EXPIRE_BOTH", STP_EXPIRE_BOTH }, { NULL, 0 }
};
static const struct choice legs[] = {
	{ "BOTH", MODE_BOTH }, { "LONG", MODE_LONG }, { "SHORT", MODE_SHORT }, { NULL, 0 }
};
static const struct choice matches[] = {
	{ "NONE", MATCH_NONE }, { "OPPONENT", MATCH_OPPONENT }, { "OPPONENT_5", MATCH_OPPONENT_5 },
	{ "OPPONENT_10", MATCH_OPPONENT_10 }, { "OPPONENT_20", MATCH_OPPONENT_20 },
	{ "QUEUE", MATCH_QUEUE }, { "QUEUE_5", MATCH_QUEUE_5 }, { "QUEUE_10", MATCH_QUEUE_10 },
	{ "QUEUE_20", MATCH_QUEUE_20 }, { NULL, 0 }
};
enum { TYPE_CONDITIONAL = 100 };
static const struct choice types[] = {
	{ "LIMIT", ORDER_LIMIT }, { "MARKET", ORDER_MARKET }, { "STOP", TYPE_CONDITIONAL },
	{ "STOP_MARKET", TYPE_CONDITIONAL }, { "TAKE_PROFIT", TYPE_CONDITIONAL },
	{ "TAKE_PROFIT_MARKET", TYPE_CONDITIONAL }, { "TRAILING_STOP_MARKET", TYPE_CONDITIONAL },
	{ NULL, 0 }
};

int
read_side(struct call *c, enum order_side *out)
{
	const char *v = NULL;
	int n = 0;

	if (want_text(c, "side", &v) == -1)
		return -1;
	if (!choose(sides, v, &n))
		return no(&c->f, 400, -1117, "Invalid side.");
	*out = n == SIDE_BUY ? SIDE_BUY : SIDE_SELL;
	return 0;
}

int
read_leg(struct call *c, enum pos_mode *out)
{
	const char *v = params_get(&c->p, "positionSide");
	int n = 0;

	if (v == NULL)
		return 0;
	if (!choose(legs, v, &n))
		return no(&c->f, 400, -4060, "Invalid position side.");
	*out = (enum pos_mode)n;
	return 0;
}

int
read_stp(struct call *c, enum order_stp *out)
{
	const char *v = params_get(&c->p, "selfTradePreventionMode");
	int n = 0;

	if (v == NULL)
		return 0;
	if (!choose(stps, v, &n))
		return no(&c->f, 400, -5039, "Invalid self trade prevention mode.");
	*out = (enum order_stp)n;
	return 0;
}

int
read_match(struct call *c, enum price_match *out)
{
	const char *v = params_get(&c->p, "priceMatch");
	int n = 0;

	if (v == NULL)
		return 0;
	if (!choose(matches, v, &n))
		return no(&c->f, 400, -5037, "Invalid price match.");
	*out = (enum price_match)n;
	return 0;
}

static int
no_need(struct call *c, const char *name)
{
	return no(&c->f, 400, -1106, "Parameter '%s' sent when not required.", name);
}

/* RPI is the exchange's, but no symbol of this one permits it; COIN-M has no GTD. */
int
read_tif(struct call *c, const char *text, enum order_tif *tif, int64_t *gtd_ms)
{
	const char *till = params_get(&c->p, "goodTillDate");
	int n = TIF_GTC;

	if (text != NULL && !choose(tifs, text, &n))
		return no(&c->f, 400, -1115, "Invalid timeInForce.");
	*tif = (enum order_tif)n;
	if (*tif == TIF_GTD)
		return want_i64(c, "goodTillDate", INT64_MIN, INT64_MAX, gtd_ms);
	return till == NULL || strcmp(till, "0") == 0 ? 0 : no_need(c, "goodTillDate");
}

int
read_client_id(struct call *c, const char *name, const char *alias, const char **out)
{
	const char *v = params_get(&c->p, name);

	if (v == NULL && alias != NULL)
		v = params_get(&c->p, alias);
	if (v != NULL && *v == '\0')
		return no(&c->f, 400, -4015, "Client order id is not valid.");
	*out = v;
	return 0;
}

static int
read_type(struct call *c, struct engine_request *r)
{
	const char *v = NULL;
	int n = 0;

	if (want_text(c, "type", &v) == -1)
		return -1;
	if (!choose(types, v, &n))
		return no(&c->f, 400, -1116, "Invalid orderType.");
	if (n == TYPE_CONDITIONAL)
		return no(&c->f, 400, -4120, "Order type not supported for this endpoint. "
		    "Please use the Algo Order API endpoints instead.");
	r->type = (enum order_type)n;
	return 0;
}

static int
read_time(struct call *c, struct engine_request *r)
{
	const char *v = params_get(&c->p, "timeInForce");

	if (r->type == ORDER_MARKET)
		return v == NULL ? 0 : no(&c->f, 400, -1114,
		    "TimeInForce parameter sent when not required.");
	if (v == NULL || *v == '\0')
		return no_missing(&c->f, "timeInForce");
	if (read_tif(c, v, &r->tif, &r->gtd_ms) == -1)
		return -1;
	if (r->tif == TIF_GTD && c->market == COINM)
		return no(&c->f, 400, -1115, "Invalid timeInForce.");
	return 0;
}

/* The price comes as such or by priceMatch, not by both. */
static int
read_numbers(struct call *c, struct engine_request *r)
{
	if (want_dec(c, "quantity", &r->qty) == -1 || read_match(c, &r->match) == -1)
		return -1;
	if (r->type == ORDER_LIMIT && r->match == MATCH_NONE)
		return want_dec(c, "price", &r->price);
	return params_get(&c->p, "price") == NULL ? 0 : no_need(c, "price");
}

int
read_answer(struct call *c, bool *result)
{
	const char *v = params_get(&c->p, "newOrderRespType");

	if (v != NULL && strcmp(v, "ACK") != 0 && strcmp(v, "RESULT") != 0)
		return no(&c->f, 400, -1136, "Invalid newOrderRespType.");
	*result = v != NULL && strcmp(v, "RESULT") == 0;
	return 0;
}

/* closePosition went away with the conditional types: who still sends it means
 * something else than what would happen. */
static int
read_close(struct call *c, const struct engine_request *r)
{
	bool close = false;

	if (may_bool(c, "closePosition", &close) == -1)
		return -1;
	return !close ? 0 : no(&c->f, 400, -4136, "Target strategy invalid for orderType %s,"
	    "closePosition true", order_type_name(r->type));
}

/* stp: what the endpoint means without a selfTradePreventionMode. */
static int
read_order(struct call *c, enum order_stp stp, int *sym, struct engine_request *r, bool *result)
{
	*r = (struct engine_request){ .stp = stp };
	if (want_symbol(c, sym) == -1 || read_side(c, &r->side) == -1 || read_type(c, r) == -1 ||
	    read_close(c, r) == -1 || read_time(c, r) == -1 || read_numbers(c, r) == -1)
		return -1;
	if (read_client_id(c, "newClientOrderId", NULL, &r->client_id) == -1 ||
	    may_bool(c, "reduceOnly", &r->reduce) == -1 || read_stp(c, &r->stp) == -1 ||
	    read_leg(c, &r->pos_mode) == -1)
		return -1;
	return read_answer(c, result);
}

/*
 * Placing
 */

/* ACK shows the order as it came in; RESULT tells what has become of it. */
int
post_order(struct call *c)
{
	const struct engine_order *o = NULL;
	struct engine_request r;
	bool result;
	int sym;

	if (read_order(c, c->ws ? STP_NONE : STP_EXPIRE_MAKER, &sym, &r, &result) == -1 ||
	    engine_said(c, engine_place(c->s->engine, c->acct, sym, &r, c->now, &o, &c->f)) == -1)
		return -1;
	put_order_ack(c, o, !result);
	return 0;
}

/* Nothing is placed, so the answer shows what was sent. */
static int
post_order_test(struct call *c)
{
	struct engine_order o = { 0 };
	const struct rules *rules;
	struct engine_request r;
	bool result;

	if (read_order(c, STP_NONE, &o.sym, &r, &result) == -1 ||
	    engine_place_test(c->s->engine, c->acct, o.sym, &r, c->now, &c->f) == -1)
		return -1;
	rules = engine_rules(c->s->engine, o.sym);
	o.side = r.side;
	o.pos_mode = r.pos_mode;
	o.type = o.orig_type = r.type;
	o.tif = r.tif;
	o.stp = r.stp;
	o.match = r.match;
	o.reduce = r.reduce;
	o.gtd_ms = r.gtd_ms;
	(void)dec_rescale(&o.price, r.price, rules->tick.scale, DEC_DOWN);
	(void)dec_rescale(&o.qty, r.qty, rules->step.scale, DEC_DOWN);
	snprintf(o.client_id, sizeof o.client_id, "%s", r.client_id == NULL ? "" : r.client_id);
	o.time_ms = o.update_ms = c->now;
	put_order_test(c, &o);
	return 0;
}

/*
 * Modifying and cancelling
 */

/* orderId wins over origClientOrderId. */
static int
want_ids(struct call *c, int *sym, uint64_t *id, const char **client_id)
{
	*id = 0;
	*client_id = params_get(&c->p, "origClientOrderId");
	if (want_symbol(c, sym) == -1 || may_u64(c, "orderId", id) == -1)
		return -1;
	if (*id == 0 && (*client_id == NULL || **client_id == '\0'))
		return no(&c->f, 400, -1102, "Either orderId or origClientOrderId must be sent.");
	return 0;
}

static int
read_change(struct call *c, struct engine_change *x)
{
	*x = (struct engine_change){ 0 };
	if (read_side(c, &x->side) == -1 || want_dec(c, "quantity", &x->qty) == -1 ||
	    read_match(c, &x->match) == -1)
		return -1;
	if (x->match == MATCH_NONE && want_dec(c, "price", &x->price) == -1)
		return -1;
	if (x->match != MATCH_NONE && params_get(&c->p, "price") != NULL)
		return no_need(c, "price");
	if (may_i64(c, "modifyId", INT64_MIN, INT64_MAX, &x->modify_id) == -1)
		return -1;
	return may_bool(c, "reduceOnly", &x->reduce);
}

int
put_order(struct call *c)
{
	const struct engine_order *o = NULL;
	struct engine_change x;
	const char *client_id;
	uint64_t id;
	int sym;

	if (want_ids(c, &sym, &id, &client_id) == -1 || read_change(c, &x) == -1 ||
	    engine_said(c, engine_modify(c->s->engine, c->acct, sym, id, client_id, &x, c->now, &o,
	    &c->f)) == -1)
		return -1;
	put_order_modified(c, o);
	return 0;
}

int
cancel_one(struct call *c, int sym, uint64_t id, const char *client_id)
{
	const struct engine_order *o = NULL;

	if (engine_said(c, engine_cancel(c->s->engine, c->acct, sym, id, client_id, c->now, &o,
	    &c->f)) == -1)
		return -1;
	put_order_ack(c, o, false);
	return 0;
}

static int
delete_order(struct call *c)
{
	const char *client_id;
	uint64_t id;
	int sym;

	if (want_ids(c, &sym, &id, &client_id) == -1)
		return -1;
	return cancel_one(c, sym, id, client_id);
}

static int
delete_all_orders(struct call *c)
{
	int sym;

	if (want_symbol(c, &sym) == -1 || engine_said(c, engine_cancel_all(c->s->engine, c->acct,
	    sym, c->now, NULL, &c->f)) == -1)
		return -1;
	return say_done(c, "The operation of cancel all open order is done.");
}

static int
post_countdown(struct call *c)
{
	char text[24];
	int64_t ms;
	int sym;

	if (want_symbol(c, &sym) == -1 ||
	    want_i64(c, "countdownTime", 0, INT64_C(253402300799000), &ms) == -1 ||
	    engine_said(c, engine_countdown(c->s->engine, c->acct, sym, ms, c->now, &c->f)) == -1)
		return -1;
	snprintf(text, sizeof text, "%lld", (long long)ms);
	jw_open(&c->out, NULL, '{');
	jw_str(&c->out, "symbol", engine_rules(c->s->engine, sym)->symbol);
	jw_str(&c->out, "countdownTime", text);
	jw_close(&c->out, '}');
	return 0;
}

/*
 * Asking
 */

bool
still_kept(const struct call *c, bool open, bool filled, int64_t time_ms)
{
	return open || c->now - time_ms <= (filled ? 90 : 3) * DAY;
}

static int
one_order(struct call *c, bool open)
{
	const struct engine_order *o;
	const char *client_id;
	uint64_t id;
	int sym;

	if (want_ids(c, &sym, &id, &client_id) == -1)
		return -1;
	o = engine_order(c->s->engine, c->acct, sym, id, client_id);
	if (o == NULL || (open && !order_open(o)) || !call_sees(c, o->time_ms) ||
	    !still_kept(c, order_open(o), dec_sign(o->filled) != 0, o->time_ms))
		return no(&c->f, 400, -2013, "Order does not exist.");
	put_order_full(c, NULL, o);
	return 0;
}

static int
get_order(struct call *c)
{
	return one_order(c, false);
}

static int
get_open_order(struct call *c)
{
	return one_order(c, true);
}

static int
get_open_orders(struct call *c)
{
	const struct engine_order *o;
	struct which w;

	if (may_which(c, &w) == -1)
		return -1;
	jw_open(&c->out, NULL, '[');
	for (o = engine_open_first(c->s->engine, c->acct); o != NULL; o = engine_open_next(o))
		if (which_has(c, &w, o->sym) && call_sees(c, o->time_ms))
			put_order_full(c, NULL, o);
	jw_close(&c->out, ']');
	return 0;
}

/* Weights and order counts: as each endpoint's page has them. */
const struct route api_order_routes[] = {
	/* method, path, weight, without symbol, orders 10 s and 1 min, security, trade, handler */
	{ "POST", "/fapi/v1/order", 0, 0, 1, 1, ASK_SIGNED, true, post_order },
	{ "PUT", "/fapi/v1/order", 0, 0, 1, 1, ASK_SIGNED, true, put_order },
	{ "DELETE", "/fapi/v1/order", 1, 0, 0, 0, ASK_SIGNED, true, delete_order },
	{ "GET", "/fapi/v1/order", 1, 0, 0, 0, ASK_SIGNED, false, get_order },
	{ "POST", "/fapi/v1/order/test", 1, 0, 0, 0, ASK_SIGNED, true, post_order_test },
	{ "POST", "/fapi/v1/batchOrders", 5, 0, 5, 1, ASK_SIGNED, true, post_batch },
	{ "PUT", "/fapi/v1/batchOrders", 5, 0, 5, 1, ASK_SIGNED, true, put_batch },
	{ "DELETE", "/fapi/v1/batchOrders", 1, 0, 0, 0, ASK_SIGNED, true, delete_batch },
	{ "DELETE", "/fapi/v1/allOpenOrders", 1, 0, 0, 0, ASK_SIGNED, true, delete_all_orders },
	{ "POST", "/fapi/v1/countdownCancelAll", 10, 0, 0, 0, ASK_SIGNED, true, post_countdown },
	{ "GET", "/fapi/v1/openOrder", 1, 0, 0, 0, ASK_SIGNED, false, get_open_order },
	{ "GET", "/fapi/v1/openOrders", 1, 40, 0, 0, ASK_SIGNED, false, get_open_orders },
	{ "POST", "/fapi/v1/algoOrder", 0, 0, 1, 1, ASK_SIGNED, true, post_algo },
	{ "DELETE", "/fapi/v1/algoOrder", 1, 0, 0, 0, ASK_SIGNED, true, delete_algo },
	{ "GET", "/fapi/v1/algoOrder", 1, 0, 0, 0, ASK_SIGNED, false, get_algo },
	{ "DELETE", "/fapi/v1/algoOpenOrders", 1, 0, 0, 0, ASK_SIGNED, true, delete_all_algos },
	{ "GET", "/fapi/v1/openAlgoOrders", 1, 40, 0, 0, ASK_SIGNED, false, get_open_algos },
	{ "GET", "/fapi/v1/allAlgoOrders", 5, 0, 0, 0, ASK_SIGNED, false, get_all_algos },

	{ "POST", "/dapi/v1/order", 0, 0, 0, 1, ASK_SIGNED, true, post_order },
	{ "PUT", "/dapi/v1/order", 1, 0, 0, 1, ASK_SIGNED, true, put_order },
	{ "DELETE", "/dapi/v1/order", 1, 0, 0, 0, ASK_SIGNED, true, delete_order },
	{ "GET", "/dapi/v1/order", 1, 0, 0, 0, ASK_SIGNED, false, get_order },
	{ "POST", "/dapi/v1/batchOrders", 5, 0, 5, 1, ASK_SIGNED, true, post_batch },
	{ "PUT", "/dapi/v1/batchOrders", 5, 0, 5, 1, ASK_SIGNED, true, put_batch },
	{ "DELETE", "/dapi/v1/batchOrders", 1, 0, 0, 0, ASK_SIGNED, true, delete_batch },
	{ "DELETE", "/dapi/v1/allOpenOrders", 1, 0, 0, 0, ASK_SIGNED, true, delete_all_orders },
	{ "POST", "/dapi/v1/countdownCancelAll", 10, 0, 0, 0, ASK_SIGNED, true, post_countdown },
	{ "GET", "/dapi/v1/openOrder", 1, 0, 0, 0, ASK_SIGNED, false, get_open_order },
	{ "GET", "/dapi/v1/openOrders", 1, 40, 0, 0, ASK_SIGNED, false, get_open_orders },
	{ "POST", "/dapi/v1/algoOrder", 0, 0, 1, 1, ASK_SIGNED, true, post_algo },
	{ "DELETE", "/dapi/v1/algoOrder", 1, 0, 0, 0, ASK_SIGNED, true, delete_algo },
	{ "GET", "/dapi/v1/algoOrder", 1, 0, 0, 0, ASK_SIGNED, false, get_algo },
	{ "DELETE", "/dapi/v1/algoOpenOrders", 1, 0, 0, 0, ASK_SIGNED, true, delete_all_algos },
	{ "GET", "/dapi/v1/openAlgoOrders", 1, 40, 0, 0, ASK_SIGNED, false, get_open_algos },
	{ "GET", "/dapi/v1/allAlgoOrders", 5, 0, 0, 0, ASK_SIGNED, false, get_all_algos },
	{ NULL, NULL, 0, 0, 0, 0, ASK_OPEN, false, NULL }
};

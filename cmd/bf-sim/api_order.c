/* Orders and their history. */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "no.h"
#include "number.h"

#define LIST_DEFAULT	500
#define LIST_MAX	1000

/*
 * Reading an order
 */

struct choice { const char *name; int value; };

static bool
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
	{ "GTC", TIF_GTC }, { "IOC", TIF_IOC }, { "FOK", TIF_FOK }, { "GTX", TIF_GTX }, { NULL, 0 }
};
static const struct choice stps[] = {
	{ "NONE", STP_NONE }, { "EXPIRE_TAKER", STP_EXPIRE_TAKER },
	{ "EXPIRE_MAKER", STP_EXPIRE_MAKER }, { "EXPIRE_BOTH", STP_EXPIRE_BOTH }, { NULL, 0 }
};
static const struct choice modes[] = {
	{ "BOTH", MODE_BOTH }, { "LONG", MODE_LONG }, { "SHORT", MODE_SHORT }, { NULL, 0 }
};
enum { TYPE_CONDITIONAL = 100 };
static const struct choice types[] = {
	{ "LIMIT", ORDER_LIMIT }, { "MARKET", ORDER_MARKET }, { "STOP", TYPE_CONDITIONAL },
	{ "STOP_MARKET", TYPE_CONDITIONAL }, { "TAKE_PROFIT", TYPE_CONDITIONAL },
	{ "TAKE_PROFIT_MARKET", TYPE_CONDITIONAL }, { "TRAILING_STOP_MARKET", TYPE_CONDITIONAL },
	{ NULL, 0 }
};

static int
read_side(struct call *c, struct engine_request *r)
{
	const char *v;
	int n = 0;

	if (want_text(c, "side", &v) == -1)
		return -1;
	if (!choose(sides, v, &n))
		return no(&c->f, 400, -1117, "Invalid side.");
	r->side = n == SIDE_BUY ? SIDE_BUY : SIDE_SELL;
	return 0;
}

static int
read_type(struct call *c, struct engine_request *r)
{
	const char *v;
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

/* GTD and RPI are the exchange's, but not of this one. */
static int
read_tif(struct call *c, struct engine_request *r)
{
	const char *v = params_get(&c->p, "timeInForce");
	int n = 0;

	if (r->type == ORDER_MARKET)
		return v == NULL ? 0 : no(&c->f, 400, -1114,
		    "TimeInForce parameter sent when not required.");
	if (v == NULL || *v == '\0')
		return no_missing(&c->f, "timeInForce");
	if (!choose(tifs, v, &n))
		return no(&c->f, 400, -1115, "Invalid timeInForce.");
	r->tif = (enum order_tif)n;
	return 0;
}

static int
read_numbers(struct call *c, struct engine_request *r)
{
	if (want_dec(c, "quantity", &r->qty) == -1)
		return -1;
	if (r->type == ORDER_LIMIT)
		return want_dec(c, "price", &r->price);
	if (params_get(&c->p, "price") != NULL)
		return no(&c->f, 400, -1106, "Parameter 'price' sent when not required.");
	return 0;
}

/* ^[.A-Z:/a-z0-9_-]{1,36}$ */
static int
read_client_id(struct call *c, struct engine_request *r)
{
	static const char set[] =
	    ".ABCDEFGHIJKLMNOPQRSTUVWXYZ:/abcdefghijklmnopqrstuvwxyz0123456789_-";
	const char *v = params_get(&c->p, "newClientOrderId");

	if (v == NULL)
		return 0;
	if (strlen(v) >= ENGINE_CLIENT_ID)
		return no(&c->f, 400, -4015, "Client order id length should not be more than 36 chars");
	if (*v == '\0' || v[strspn(v, set)] != '\0')
		return no(&c->f, 400, -4015, "Client order id is not valid.");
	r->client_id = v;
	return 0;
}

static int
read_flags(struct call *c, struct engine_request *r, bool *result)
{
	const char *stp = params_get(&c->p, "selfTradePreventionMode");
	const char *mode = params_get(&c->p, "positionSide");
	const char *resp = params_get(&c->p, "newOrderRespType");
	int n = 0;

	if (may_bool(c, "reduceOnly", &r->reduce) == -1)
		return -1;
	r->stp = STP_EXPIRE_MAKER;
	if (stp != NULL && !choose(stps, stp, &n))
		return no(&c->f, 400, -5039, "Invalid self trade prevention mode.");
	if (stp != NULL)
		r->stp = (enum order_stp)n;
	if (mode != NULL && !choose(modes, mode, &n))
		return no(&c->f, 400, -4060, "Invalid position side.");
	if (mode != NULL)
		r->pos_mode = (enum pos_mode)n;
	if (resp != NULL && strcmp(resp, "ACK") != 0 && strcmp(resp, "RESULT") != 0)
		return no(&c->f, 400, -1136, "Invalid newOrderRespType.");
	*result = resp != NULL && strcmp(resp, "RESULT") == 0;
	return 0;
}

/* What this exchange does not do is refused, never passed over. */
static int
read_absent(struct call *c)
{
	const char *v = params_get(&c->p, "priceMatch");

	if (v != NULL && strcmp(v, "NONE") != 0)
		return no(&c->f, 400, -5038, "The current order type does not support priceMatch.");
	v = params_get(&c->p, "closePosition");
	if (v != NULL && strcasecmp(v, "false") != 0)
		return no(&c->f, 400, -4120, "Order type not supported for this endpoint. "
		    "Please use the Algo Order API endpoints instead.");
	return 0;
}

static int
read_order(struct call *c, int *sym, struct engine_request *r, bool *result)
{
	if (want_symbol(c, sym) == -1 || read_side(c, r) == -1 || read_type(c, r) == -1 ||
	    read_tif(c, r) == -1 || read_numbers(c, r) == -1 || read_client_id(c, r) == -1 ||
	    read_flags(c, r, result) == -1)
		return -1;
	return read_absent(c);
}

/*
 * Writing an order
 */

/* ack: an acknowledgement, which says NEW whatever has come of it. */
static void
put_common(struct call *c, const struct engine_order *o, bool ack)
{
	dec none = { 0, o->qty.scale }, price = { 0, 0 };
	const struct rules *r = engine_rules(c->s->engine, o->sym);
	struct buf *b = &c->out;
	const char *type = order_type_name(o->type);

	price.scale = r->tick.scale;
	jw_u64(b, "orderId", o->id);
	jw_str(b, "symbol", r->symbol);
	jw_str(b, "status", ack ? "NEW" : order_status_name(o->status));
	jw_str(b, "clientOrderId", o->client_id);
	jw_dec(b, "price", o->type == ORDER_MARKET ? price : o->price);
	jw_dec(b, "origQty", o->qty);
	jw_dec(b, "executedQty", ack ? none : o->filled);
	jw_str(b, "timeInForce", order_tif_name(o->tif));
	jw_str(b, "type", type);
	jw_bool(b, "reduceOnly", o->reduce);
	jw_bool(b, "closePosition", false);
	jw_str(b, "side", order_side_name(o->side));
	jw_str(b, "positionSide", "BOTH");
	jw_dec(b, "stopPrice", price);
	jw_str(b, "workingType", "CONTRACT_PRICE");
	jw_bool(b, "priceProtect", false);
	jw_str(b, "origType", type);
	jw_str(b, "priceMatch", "NONE");
	jw_str(b, "selfTradePreventionMode", order_stp_name(o->stp));
	jw_i64(b, "goodTillDate", 0);
	jw_i64(b, "updateTime", ack ? o->time_ms : o->update_ms);
}

/* The answer to placing and cancelling. */
static void
put_answer(struct call *c, const struct engine_order *o, bool ack)
{
	jw_open(&c->out, NULL, '{');
	put_common(c, o, ack);
	jw_dec(&c->out, "cumQty", ack ? (dec){ 0, o->qty.scale } : o->filled);
	jw_close(&c->out, '}');
}

/* An order in queries. */
static void
put_order(struct call *c, const struct engine_order *o)
{
	dec quote = o->quote;

	jw_open(&c->out, NULL, '{');
	put_common(c, o, false);
	jw_dec(&c->out, "avgPrice", order_avg(c->s->engine, o));
	(void)dec_rescale(&quote, quote, engine_rules(c->s->engine, o->sym)->tick.scale +
	    engine_rules(c->s->engine, o->sym)->step.scale, DEC_DOWN);
	jw_dec(&c->out, "cumQuote", quote);
	jw_i64(&c->out, "time", o->time_ms);
	jw_close(&c->out, '}');
}

/*
 * Placing and cancelling
 */

/* LIMIT orders that wait are acknowledged as NEW by ACK; RESULT tells the end. */
int
post_order(struct call *c)
{
	struct engine_request r = { 0 };
	const struct engine_order *o;
	bool result;
	int sym;

	if (read_order(c, &sym, &r, &result) == -1)
		return -1;
	if (engine_said(c, engine_place(c->s->engine, c->s->acct, sym, &r, c->now, &o, &c->f)) == -1)
		return -1;
	put_answer(c, o, !result);
	return 0;
}

/* Nothing is placed, so the answer shows what was sent. */
int
post_order_test(struct call *c)
{
	struct engine_request r = { 0 };
	struct engine_order o = { 0 };
	const struct rules *rules;
	bool result;

	if (read_order(c, &o.sym, &r, &result) == -1 ||
	    engine_place_test(c->s->engine, c->s->acct, o.sym, &r, &c->f) == -1)
		return -1;
	rules = engine_rules(c->s->engine, o.sym);
	o.side = r.side;
	o.type = r.type;
	o.tif = r.tif;
	o.stp = r.stp;
	o.reduce = r.reduce;
	(void)dec_rescale(&o.price, r.price, rules->tick.scale, DEC_DOWN);
	(void)dec_rescale(&o.qty, r.qty, rules->step.scale, DEC_DOWN);
	snprintf(o.client_id, sizeof o.client_id, "%s", r.client_id == NULL ? "" : r.client_id);
	o.time_ms = o.update_ms = c->now;
	put_answer(c, &o, true);
	return 0;
}

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

int
delete_order(struct call *c)
{
	const struct engine_order *o;
	const char *client_id;
	uint64_t id;
	int sym;

	if (want_ids(c, &sym, &id, &client_id) == -1)
		return -1;
	if (engine_said(c, engine_cancel(c->s->engine, c->s->acct, sym, id, client_id, c->now, &o,
	    &c->f)) == -1)
		return -1;
	put_answer(c, o, false);
	return 0;
}

int
delete_all_orders(struct call *c)
{
	int sym;

	if (want_symbol(c, &sym) == -1)
		return -1;
	if (engine_said(c, engine_cancel_all(c->s->engine, c->s->acct, sym, c->now, NULL, &c->f)) == -1)
		return -1;
	return say_done(c, "The operation of cancel all open order is done.");
}

/* There are none: conditional types are refused. */
int
delete_algo_orders(struct call *c)
{
	int sym;

	if (want_symbol(c, &sym) == -1)
		return -1;
	return say_done(c, "The operation of cancel all open order is done.");
}

/*
 * Queries
 */

static int
one_order(struct call *c, bool open)
{
	const struct engine_order *o;
	const char *client_id;
	uint64_t id;
	int sym;

	if (want_ids(c, &sym, &id, &client_id) == -1)
		return -1;
	o = engine_order(c->s->engine, c->s->acct, sym, id, client_id);
	if (o == NULL || (open && !order_open(o)))
		return no(&c->f, 400, -2013, "Order does not exist.");
	put_order(c, o);
	return 0;
}

int
get_order(struct call *c)
{
	return one_order(c, false);
}

int
get_open_order(struct call *c)
{
	return one_order(c, true);
}

int
get_open_orders(struct call *c)
{
	const struct engine_order *o;
	int sym;

	if (may_symbol(c, &sym) == -1)
		return -1;
	jw_open(&c->out, NULL, '[');
	for (o = engine_open_first(c->s->engine, c->s->acct); o != NULL; o = engine_open_next(o))
		if (sym == -1 || o->sym == sym)
			put_order(c, o);
	jw_close(&c->out, ']');
	return 0;
}

/* What a history asks for. from: the least id; 0: the latest ones. */
struct span { int sym; uint64_t from, order; int64_t start, end, limit; };

static int
read_span(struct call *c, struct span *s, const char *from)
{
	*s = (struct span){ -1, 0, 0, 0, INT64_MAX, LIST_DEFAULT };
	if (may_symbol(c, &s->sym) == -1 || may_u64(c, from, &s->from) == -1 ||
	    may_i64(c, "startTime", 0, INT64_MAX, &s->start) == -1 ||
	    may_i64(c, "endTime", 0, INT64_MAX, &s->end) == -1)
		return -1;
	return may_i64(c, "limit", 1, LIST_MAX, &s->limit);
}

static bool
order_fits(const struct span *s, const struct engine_order *o)
{
	return (s->sym == -1 || o->sym == s->sym) && o->id >= s->from && o->time_ms >= s->start &&
	    o->time_ms <= s->end;
}

/* How many to pass over, so that with a start the first and without one the last remain. */
static int64_t
surplus(const struct span *s, int64_t n)
{
	return s->from != 0 || s->start != 0 || n <= s->limit ? 0 : n - s->limit;
}

int
get_all_orders(struct call *c)
{
	const struct engine_order *o;
	int64_t n = 0, skip;
	struct span s;
	int i;

	if (read_span(c, &s, "orderId") == -1)
		return -1;
	for (i = 0; (o = engine_order_at(c->s->engine, c->s->acct, i)) != NULL; i++)
		n += order_fits(&s, o);
	skip = surplus(&s, n);
	jw_open(&c->out, NULL, '[');
	n = 0;
	for (i = 0; (o = engine_order_at(c->s->engine, c->s->acct, i)) != NULL && n < s.limit; i++)
		if (order_fits(&s, o) && skip-- <= 0) {
			put_order(c, o);
			n++;
		}
	jw_close(&c->out, ']');
	return 0;
}

static void
put_trade(struct call *c, const struct engine_trade *t)
{
	const struct rules *r = engine_rules(c->s->engine, t->sym);
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, "symbol", r->symbol);
	jw_u64(b, "id", t->id);
	jw_u64(b, "orderId", t->order_id);
	jw_str(b, "pair", r->pair);
	jw_str(b, "side", order_side_name(t->side));
	jw_dec(b, "price", t->price);
	jw_dec(b, "qty", t->qty);
	number_money(b, "realizedPnl", t->pnl);
	jw_dec(b, "quoteQty", t->quote);
	number_money(b, "commission", t->commission);
	jw_str(b, "commissionAsset", "USDT");
	jw_i64(b, "time", t->time_ms);
	jw_str(b, "positionSide", "BOTH");
	jw_str(b, "baseQty", "0");
	jw_str(b, "marginAsset", r->margin);
	jw_bool(b, "buyer", t->side == SIDE_BUY);
	jw_bool(b, "maker", t->maker);
	jw_close(b, '}');
}

static bool
trade_fits(const struct span *s, const struct engine_trade *t)
{
	return t->sym == s->sym && t->id >= s->from && (s->order == 0 || t->order_id == s->order) &&
	    t->time_ms >= s->start && t->time_ms <= s->end;
}

int
get_user_trades(struct call *c)
{
	const struct engine_trade *t;
	int64_t n = 0, skip;
	struct span s;
	int i;

	if (read_span(c, &s, "fromId") == -1 || may_u64(c, "orderId", &s.order) == -1)
		return -1;
	if (s.sym == -1)
		return no_missing(&c->f, "symbol");
	for (i = 0; (t = engine_trade_at(c->s->engine, c->s->acct, i)) != NULL; i++)
		n += trade_fits(&s, t);
	skip = surplus(&s, n);
	jw_open(&c->out, NULL, '[');
	n = 0;
	for (i = 0; (t = engine_trade_at(c->s->engine, c->s->acct, i)) != NULL && n < s.limit; i++)
		if (trade_fits(&s, t) && skip-- <= 0) {
			put_trade(c, t);
			n++;
		}
	jw_close(&c->out, ']');
	return 0;
}

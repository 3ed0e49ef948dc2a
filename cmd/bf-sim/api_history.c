/* What was: orders, modifications, liquidations, fills, income. */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "no.h"
#include "number.h"

#define DAY	INT64_C(86400000)
#define WEEK	(7 * DAY)
#define MONTHS	(90 * DAY)	/* how far back the venue shows anything */

/* What is asked for. from: the least id; 0: the latest ones. */
struct query {
	struct which	 w;
	uint64_t	 from, order;	/* order: of that one only; 0: all */
	struct period	 t;
	const char	*type;		/* of income; NULL: all */
	int		 kind;		/* of a forced order; -1: all */
	int64_t		 page;		/* from 1; 0: not asked for */
};

/* A history: its i-th row (NULL past the last), whether it is asked for, and
 * its words. */
struct history {
	const void *(*at)(const struct call *c, int i);
	bool (*fits)(const struct call *c, const struct query *q, const void *row);
	void (*put)(struct call *c, const void *row);
};

static bool
in_time(const struct call *c, const struct query *q, int64_t ms)
{
	return ms >= q->t.start && ms <= q->t.end && call_sees(c, ms);
}

/* How many to pass over: with a beginning the first ones are meant, without one
 * the last. */
static int64_t
surplus(const struct call *c, const struct query *q, const struct history *h)
{
	const void *row;
	int64_t n = 0;

	if (q->page > 0)
		return (q->page - 1) * q->t.limit;
	if (q->from != 0 || q->t.has_start)
		return 0;
	for (int i = 0; (row = h->at(c, i)) != NULL; i++)
		n += h->fits(c, q, row);
	return n <= q->t.limit ? 0 : n - q->t.limit;
}

static int
put_rows(struct call *c, const struct query *q, const struct history *h)
{
	int64_t skip = surplus(c, q, h), n = 0;
	const void *row;

	jw_open(&c->out, NULL, '[');
	for (int i = 0; n < q->t.limit && (row = h->at(c, i)) != NULL; i++)
		if (h->fits(c, q, row) && skip-- <= 0) {
			h->put(c, row);
			n++;
		}
	jw_close(&c->out, ']');
	return 0;
}

static int
no_mix(struct call *c)
{
	return no(&c->f, 400, -1128, "Combination of optional parameters invalid.");
}

/* COIN-M wants to know which; USDⓈ-M, where a symbol may be left out, does not. */
static int
want_which(struct call *c, struct query *q)
{
	*q = (struct query){ .w.sym = -1, .kind = -1 };
	if (may_which(c, &q->w) == -1)
		return -1;
	if (c->market == COINM && q->w.sym == -1 && q->w.pair == NULL)
		return no(&c->f, 400, -1102, "Either symbol or pair must be sent.");
	return 0;
}

/* A period that may be as long as there is anything; but of a week if it has no start. */
static int
read_open_period(struct call *c, struct period *t, int limit, int most)
{
	if (read_period(c, t, MONTHS, MONTHS, limit, most) == -1)
		return -1;
	if (!t->has_start && t->end - WEEK > t->start)
		t->start = t->end - WEEK;
	return 0;
}

/*
 * Orders
 */

static const void *
order_at(const struct call *c, int i)
{
	return engine_order_at(c->s->engine, c->acct, i);
}

static bool
order_fits(const struct call *c, const struct query *q, const void *row)
{
	const struct engine_order *o = row;

	if (q->kind != -1 && (int)o->kind != q->kind)
		return false;
	return which_has(c, &q->w, o->sym) && o->id >= q->from && in_time(c, q, o->time_ms) &&
	    still_kept(c, order_open(o), dec_sign(o->filled) != 0, o->time_ms);
}

static void
order_put(struct call *c, const void *row)
{
	put_order_history(c, row);
}

static const struct history orders = { order_at, order_fits, order_put };

/* An id without a time: from there on, however long ago. */
static int
get_all_orders(struct call *c)
{
	bool coinm = c->market == COINM;
	struct query q;

	if (want_which(c, &q) == -1 || may_u64(c, "orderId", &q.from) == -1)
		return -1;
	if (q.w.pair != NULL && q.from != 0)
		return no_mix(c);
	if (read_period(c, &q.t, WEEK, MONTHS, coinm ? 50 : 500, coinm ? 100 : 1000) == -1)
		return -1;
	if (q.from != 0 && !q.t.has_start && !q.t.has_end)
		q.t.start = 0;
	return put_rows(c, &q, &orders);
}

static bool
forced_fits(const struct call *c, const struct query *q, const void *row)
{
	const struct engine_order *o = row;

	return (o->kind == KIND_LIQUIDATION || o->kind == KIND_ADL) && order_fits(c, q, row);
}

static int
get_force_orders(struct call *c)
{
	static const struct history forced = { order_at, forced_fits, order_put };
	static const struct choice kinds[] = {
		{ "LIQUIDATION", KIND_LIQUIDATION }, { "ADL", KIND_ADL }, { NULL, 0 }
	};
	const char *type = params_get(&c->p, "autoCloseType");
	struct query q = { .w.sym = -1, .kind = -1 };

	if (may_which(c, &q.w) == -1)
		return -1;
	if (type != NULL && !choose(kinds, type, &q.kind))
		return no_invalid(&c->f, "autoCloseType");
	if (read_open_period(c, &q.t, 50, 100) == -1)
		return -1;
	return put_rows(c, &q, &forced);
}

/*
 * Modifications
 */

static const void *
amend_at(const struct call *c, int i)
{
	return engine_amend_at(c->s->engine, c->acct, i);
}

static bool
amend_fits(const struct call *c, const struct query *q, const void *row)
{
	const struct engine_amend *a = row;

	return a->sym == q->w.sym && a->order_id == q->order && in_time(c, q, a->time_ms);
}

static void
put_change(struct buf *b, const char *key, dec before, dec after)
{
	jw_open(b, key, '{');
	jw_dec(b, "before", before);
	jw_dec(b, "after", after);
	jw_close(b, '}');
}

static void
amend_put(struct call *c, const void *row)
{
	const struct engine_amend *a = row;
	const struct engine_order *o = engine_order(c->s->engine, c->acct, a->sym, a->order_id, NULL);
	const struct rules *r = engine_rules(c->s->engine, a->sym);
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_u64(b, "amendmentId", a->id);
	jw_str(b, "symbol", r->symbol);
	jw_str(b, "pair", r->pair);
	jw_u64(b, "orderId", a->order_id);
	jw_str(b, "clientOrderId", o == NULL ? "" : o->client_id);
	jw_i64(b, "time", a->time_ms);
	jw_open(b, "amendment", '{');
	put_change(b, "price", a->price_was, a->price);
	put_change(b, "origQty", a->qty_was, a->qty);
	jw_i64(b, "count", a->count);
	if (a->modify_id != 0)
		jw_i64(b, "modifyId", a->modify_id);
	jw_close(b, '}');
	jw_close(b, '}');
}

static int
get_amendments(struct call *c)
{
	static const struct history amends = { amend_at, amend_fits, amend_put };
	const char *client_id = params_get(&c->p, "origClientOrderId");
	struct query q = { .w.sym = -1, .kind = -1 };
	const struct engine_order *o;

	if (want_symbol(c, &q.w.sym) == -1 || may_u64(c, "orderId", &q.order) == -1)
		return -1;
	if (q.order == 0 && (client_id == NULL || *client_id == '\0'))
		return no(&c->f, 400, -1102, "Either orderId or origClientOrderId must be sent.");
	if (read_period(c, &q.t, MONTHS, MONTHS, 50, 100) == -1)
		return -1;
	o = engine_order(c->s->engine, c->acct, q.w.sym, q.order, client_id);
	if (o == NULL)
		return no(&c->f, 400, -2013, "Order does not exist.");
	q.order = o->id;
	return put_rows(c, &q, &amends);
}

/*
 * Fills
 */

static const void *
trade_at(const struct call *c, int i)
{
	return engine_trade_at(c->s->engine, c->acct, i);
}

static bool
trade_fits(const struct call *c, const struct query *q, const void *row)
{
	const struct engine_trade *t = row;

	return which_has(c, &q->w, t->sym) && t->id >= q->from &&
	    (q->order == 0 || t->order_id == q->order) && in_time(c, q, t->time_ms);
}

static void
trade_put(struct call *c, const void *row)
{
	const struct engine_trade *t = row;
	const struct rules *r = engine_rules(c->s->engine, t->sym);
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, "symbol", r->symbol);
	jw_u64(b, "id", t->id);
	jw_u64(b, "orderId", t->order_id);
	jw_str(b, "pair", r->pair);
	jw_str(b, "side", order_side_name(t->side));
	jw_dec(b, "price", at_tick(r, t->price));
	jw_dec(b, "qty", t->qty);
	number_money(b, "realizedPnl", t->pnl);
	jw_dec(b, "quoteQty", c->market == COINM ? t->quote :
	    at_scale(t->quote, r->tick.scale + r->step.scale));
	if (c->market == COINM)
		number_money(b, "baseQty", t->base);
	else
		jw_dec(b, "baseQty", t->qty);
	number_money(b, "commission", t->commission);
	jw_str(b, "commissionAsset", engine_asset_at(c->s->engine, t->fee_asset)->name);
	jw_str(b, "marginAsset", r->margin);
	jw_i64(b, "time", t->time_ms);
	jw_str(b, "positionSide", pos_mode_name(t->pos_mode));
	jw_bool(b, "buyer", t->side == SIDE_BUY);
	jw_bool(b, "maker", t->maker);
	jw_close(b, '}');
}

static int
read_trade_query(struct call *c, struct query *q)
{
	bool timed = params_get(&c->p, "startTime") != NULL || params_get(&c->p, "endTime") != NULL;

	if (want_which(c, q) == -1)
		return -1;
	if (q->w.sym == -1 && q->w.pair == NULL)
		return no_missing(&c->f, "symbol");
	if (may_u64(c, "orderId", &q->order) == -1 || may_u64(c, "fromId", &q->from) == -1)
		return -1;
	if ((q->from != 0 && timed) || (q->w.pair != NULL && (q->from != 0 || q->order != 0)))
		return no_mix(c);
	return 0;
}

static int
get_user_trades(struct call *c)
{
	static const struct history trades = { trade_at, trade_fits, trade_put };
	struct query q;

	if (read_trade_query(c, &q) == -1 ||
	    read_period(c, &q.t, WEEK, MONTHS, c->market == COINM ? 50 : 500, 1000) == -1)
		return -1;
	if (q.from != 0)
		q.t.start = c->now - MONTHS;
	return put_rows(c, &q, &trades);
}

/*
 * Income
 */

static const void *
income_at(const struct call *c, int i)
{
	return engine_income_at(c->s->engine, c->acct, i);
}

static bool
income_fits(const struct call *c, const struct query *q, const void *row)
{
	const struct engine_income *n = row;

	if (engine_asset_at(c->s->engine, n->asset)->market != c->market ||
	    (q->w.sym != -1 && n->sym != q->w.sym))
		return false;
	return (q->type == NULL || strcmp(n->type, q->type) == 0) && in_time(c, q, n->time_ms);
}

/* tranId is a number on USDⓈ-M and a string on COIN-M. */
static void
income_put(struct call *c, const void *row)
{
	const struct engine_income *n = row;
	char tran[24], trade[24] = "";
	struct buf *b = &c->out;

	snprintf(tran, sizeof tran, "%llu", (unsigned long long)n->tran_id);
	if (n->trade_id != 0)
		snprintf(trade, sizeof trade, "%llu", (unsigned long long)n->trade_id);
	jw_open(b, NULL, '{');
	jw_str(b, "symbol", n->sym == -1 ? "" : engine_rules(c->s->engine, n->sym)->symbol);
	jw_str(b, "incomeType", n->type);
	number_money(b, "income", n->amount);
	jw_str(b, "asset", engine_asset_at(c->s->engine, n->asset)->name);
	jw_str(b, "info", n->info);
	jw_i64(b, "time", n->time_ms);
	if (c->market == COINM)
		jw_str(b, "tranId", tran);
	else
		jw_u64(b, "tranId", n->tran_id);
	jw_str(b, "tradeId", trade);
	jw_close(b, '}');
}

static int
get_income(struct call *c)
{
	static const struct history income = { income_at, income_fits, income_put };
	struct query q = { .w.sym = -1, .kind = -1, .type = params_get(&c->p, "incomeType") };

	if (may_symbol(c, &q.w.sym) == -1 || may_i64(c, "page", 1, INT32_MAX, &q.page) == -1)
		return -1;
	if (q.type != NULL && *q.type == '\0')
		q.type = NULL;
	if (read_open_period(c, &q.t, 100, 1000) == -1)
		return -1;
	return put_rows(c, &q, &income);
}

/* Weights: as each endpoint's page has them. */
const struct route api_history_routes[] = {
	/* method, path, weight, without symbol, orders 10 s and 1 min, security, trade, handler */
	{ "GET", "/fapi/v1/allOrders", 5, 0, 0, 0, ASK_SIGNED, false, get_all_orders },
	{ "GET", "/fapi/v1/userTrades", 5, 0, 0, 0, ASK_SIGNED, false, get_user_trades },
	{ "GET", "/fapi/v1/orderAmendment", 1, 0, 0, 0, ASK_SIGNED, false, get_amendments },
	{ "GET", "/fapi/v1/forceOrders", 20, 50, 0, 0, ASK_SIGNED, false, get_force_orders },
	{ "GET", "/fapi/v1/income", 30, 0, 0, 0, ASK_SIGNED, false, get_income },
	{ "GET", "/dapi/v1/allOrders", 5, 0, 0, 0, ASK_SIGNED, false, get_all_orders },
	{ "GET", "/dapi/v1/userTrades", 5, 0, 0, 0, ASK_SIGNED, false, get_user_trades },
	{ "GET", "/dapi/v1/orderAmendment", 1, 0, 0, 0, ASK_SIGNED, false, get_amendments },
	{ "GET", "/dapi/v1/forceOrders", 20, 50, 0, 0, ASK_SIGNED, false, get_force_orders },
	{ "GET", "/dapi/v1/income", 20, 0, 0, 0, ASK_SIGNED, false, get_income },
	{ NULL, NULL, 0, 0, 0, 0, ASK_OPEN, false, NULL }
};

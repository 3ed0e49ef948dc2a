/* Events of orders: TRADE_LITE, ORDER_TRADE_UPDATE, ALGO_UPDATE. */
#include <inttypes.h>
#include <stdio.h>

#include "user_in.h"

#define MARKET_OF(u, sym) (engine_contract((u)->s->engine, sym)->market)

/* A price or quantity as it is written; what there is none of is "0". */
static void
put_number(struct buf *b, const char *key, dec d)
{
	if (dec_sign(d) == 0)
		jw_str(b, key, "0");
	else
		jw_dec(b, key, d);
}

/* Money likewise. */
static void
put_money(struct buf *b, const char *key, dec d)
{
	if (dec_sign(d) == 0)
		jw_str(b, key, "0");
	else
		number_money(b, key, d);
}

/* A fill in few words, ahead of the whole story. */
static void
trade_lite(struct user *u, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = user_begin(u, "TRADE_LITE", ev->ms);

	jw_i64(b, "T", ev->ms);
	jw_str(b, "s", user_symbol(u, o->sym));
	jw_dec(b, "q", o->qty);
	put_number(b, "p", o->price);
	jw_bool(b, "m", ev->u.order.maker);
	jw_str(b, "c", o->client_id);
	jw_str(b, "S", order_side_name(o->side));
	jw_dec(b, "L", ev->u.order.last_price);
	jw_dec(b, "l", ev->u.order.last_qty);
	jw_u64(b, "t", ev->u.order.trade_id);
	jw_u64(b, "i", o->id);
	user_push(u, ev->acct, USDM, "TRADE_LITE");
}

/* A liquidation is shown as a type of its own. */
static const char *
type_of(const struct engine_order *o, enum order_type t)
{
	return o->kind == KIND_LIQUIDATION ? "LIQUIDATION" : order_type_name(t);
}

/* What the order is. */
static void
put_order(struct user *u, const struct engine_order *o)
{
	struct buf *b = &u->b;

	jw_str(b, "s", user_symbol(u, o->sym));
	jw_str(b, "c", o->client_id);
	jw_str(b, "S", order_side_name(o->side));
	jw_str(b, "o", type_of(o, o->type));
	jw_str(b, "f", order_tif_name(o->tif));
	jw_dec(b, "q", o->qty);
	put_number(b, "p", o->price);
	put_number(b, "ap", order_avg(u->s->engine, o));
	put_number(b, "sp", o->stop);
}

static void
put_fee(struct user *u, const struct engine_event *ev)
{
	if (ev->u.order.trade_id == 0 || ev->u.order.fee_asset == -1)
		return;
	jw_str(&u->b, "N", engine_asset_at(u->s->engine, ev->u.order.fee_asset)->name);
	number_money(&u->b, "n", ev->u.order.commission);
}

static void
put_modify_id(struct buf *b, const struct engine_event *ev)
{
	char text[24];

	if (ev->u.order.x != EXEC_AMENDMENT || ev->u.order.o->modify_id == 0)
		return;
	snprintf(text, sizeof text, "%" PRId64, ev->u.order.o->modify_id);
	jw_str(b, "M", text);
}

/* What happened to it. */
static void
put_execution(struct user *u, const struct engine_event *ev)
{
	const char *hostile = faults_shape(u->s->faults)->status_enum;
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = &u->b;

	jw_str(b, "x", exec_type_name(ev->u.order.x));
	jw_str(b, "X", hostile[0] != '\0' ? hostile : order_status_name(o->status));
	jw_u64(b, "i", o->id);
	put_modify_id(b, ev);
	put_number(b, "l", ev->u.order.last_qty);
	put_number(b, "z", o->filled);
	put_number(b, "L", ev->u.order.last_price);
	put_fee(u, ev);
	jw_i64(b, "T", ev->ms);
	jw_u64(b, "t", ev->u.order.trade_id);
	number_short(b, "b", ev->u.order.bid);
	number_short(b, "a", ev->u.order.ask);
	jw_bool(b, "m", ev->u.order.maker);
}

static void
put_conditions(struct buf *b, const struct engine_order *o)
{
	jw_bool(b, "R", o->reduce);
	jw_str(b, "wt", o->by_mark ? "MARK_PRICE" : "CONTRACT_PRICE");
	jw_str(b, "ot", type_of(o, o->orig_type));
	jw_str(b, "ps", pos_mode_name(o->pos_mode));
	jw_bool(b, "cp", o->close);
	if (o->orig_type == ORDER_TRAILING_STOP_MARKET) {
		put_number(b, "AP", o->activate);
		number_short(b, "cr", o->callback);
	}
	jw_bool(b, "pP", o->protect);
	jw_i64(b, "si", 0);
	jw_i64(b, "ss", 0);
}

static void
put_rest(struct user *u, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	struct buf *b = &u->b;
	char reason[16];

	put_money(b, "rp", ev->u.order.pnl);
	jw_str(b, "V", order_stp_name(o->stp));
	jw_str(b, "pm", price_match_name(o->match));
	if (MARKET_OF(u, o->sym) == USDM)
		jw_i64(b, "gtd", o->gtd_ms);
	else
		jw_str(b, "ma", engine_rules(u->s->engine, o->sym)->margin);
	snprintf(reason, sizeof reason, "%d", o->reason);
	jw_str(b, "er", reason);
}

void
user_order(struct user *u, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.order.o;
	enum product m = MARKET_OF(u, o->sym);
	struct buf *b;

	if (ev->u.order.x == EXEC_TRADE && m == USDM && !faults_shape(u->s->faults)->no_lite &&
	    user_heard(u, ev->acct, m, "TRADE_LITE"))
		trade_lite(u, ev);
	if (!user_heard(u, ev->acct, m, "ORDER_TRADE_UPDATE"))
		return;
	b = user_begin(u, "ORDER_TRADE_UPDATE", ev->ms);
	jw_i64(b, "T", ev->ms);
	user_alias(u, ev->acct, m);
	jw_open(b, "o", '{');
	put_order(u, o);
	put_execution(u, ev);
	put_conditions(b, o);
	put_rest(u, ev);
	jw_close(b, '}');
	user_push(u, ev->acct, m, "ORDER_TRADE_UPDATE");
}

/*
 * Conditional orders
 */

/* What became of it in the engine; "" and zeros before it triggers. */
static void
put_engine_order(struct user *u, const struct engine_algo *a)
{
	const struct engine_order *o = a->order;
	struct buf *b = &u->b;
	char id[24] = "";

	if (a->order_id != 0)
		snprintf(id, sizeof id, "%" PRIu64, a->order_id);
	jw_str(b, "ai", id);
	if (o != NULL) {
		put_number(b, "ap", order_avg(u->s->engine, o));
		put_number(b, "aq", o->filled);
	} else {
		jw_str(b, "ap", "0.00000");
		jw_str(b, "aq", "0.00000");
	}
	jw_str(b, "act", o != NULL ? order_type_name(o->type) : "0");
}

static void
put_algo(struct user *u, const struct engine_algo *a)
{
	struct buf *b = &u->b;

	jw_str(b, "caid", a->client_id);
	jw_u64(b, "aid", a->id);
	jw_str(b, "at", "CONDITIONAL");
	jw_str(b, "o", order_type_name(a->type));
	jw_str(b, "s", user_symbol(u, a->sym));
	jw_str(b, "S", order_side_name(a->side));
	jw_str(b, "ps", pos_mode_name(a->pos_mode));
	jw_str(b, "f", order_tif_name(a->tif));
	put_number(b, "q", a->qty);
	jw_str(b, "X", algo_status_name(a->status));
	put_engine_order(u, a);
	put_number(b, "tp", a->trigger);
	put_number(b, "p", a->price);
}

static void
put_algo_rest(struct buf *b, const struct engine_algo *a)
{
	jw_str(b, "V", order_stp_name(a->stp));
	jw_str(b, "wt", a->by_mark ? "MARK_PRICE" : "CONTRACT_PRICE");
	jw_str(b, "pm", price_match_name(a->match));
	jw_bool(b, "cp", a->close);
	jw_bool(b, "pP", a->protect);
	jw_bool(b, "R", a->reduce);
	jw_i64(b, "tt", a->trigger_ms);
	jw_i64(b, "gtd", a->gtd_ms);
	jw_str(b, "rm", a->reject);
	if (a->type == ORDER_TRAILING_STOP_MARKET)
		jw_bool(b, "ia", a->active);
}

void
user_algo(struct user *u, const struct engine_event *ev)
{
	const struct engine_algo *a = ev->u.algo.o;
	enum product m = MARKET_OF(u, a->sym);
	struct buf *b;

	if (!user_heard(u, ev->acct, m, "ALGO_UPDATE"))
		return;
	b = user_begin(u, "ALGO_UPDATE", ev->ms);
	jw_i64(b, "T", ev->ms);
	jw_open(b, "o", '{');
	put_algo(u, a);
	put_algo_rest(b, a);
	jw_close(b, '}');
	user_push(u, ev->acct, m, "ALGO_UPDATE");
}

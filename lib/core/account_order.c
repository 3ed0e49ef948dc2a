/* Open orders of an account: the rows of answers and events, and what has ended. */
#include <stdlib.h>
#include <string.h>

#include "core/account_in.h"

static const struct order_keys rest_keys = {
	"symbol", "orderId", "clientOrderId", "side", "positionSide", "reduceOnly", "closePosition",
	"price", "origQty", "executedQty", "status", "type", "stopPrice", "workingType", NULL, false
};
static const struct order_keys algo_keys = {
	"symbol", "algoId", "clientAlgoId", "side", "positionSide", "reduceOnly", "closePosition",
	"price", "quantity", NULL, "algoStatus", "orderType", "triggerPrice", "workingType",
	"stopPrice", true
};
const struct order_keys account_order_event_keys = {
	"s", "i", "c", "S", "ps", "R", "cp", "p", "q", "z", "X", "o", "sp", "wt", NULL, false
};
const struct order_keys account_algo_event_keys = {
	"s", "aid", "caid", "S", "ps", "R", "cp", "p", "q", NULL, "X", "o", "tp", "wt", NULL, true
};

/* A conditional order that has triggered lives on as an order of the engine, under its
 * own id: as a conditional one it is over. */
bool
account_ended(const struct open_order *o)
{
	static const char *const end[] = { "CANCELED", "FILLED", "EXPIRED",
	    "EXPIRED_IN_MATCH", "REJECTED" };
	static const char *const algo_end[] = { "CANCELED", "TRIGGERED", "FINISHED", "EXPIRED",
	    "REJECTED" };
	size_t i;

	for (i = 0; i < sizeof end / sizeof *end; i++)
		if (strcmp(o->status, o->algo ? algo_end[i] : end[i]) == 0)
			return true;
	return false;
}

void
row_order_id(struct row *r, const struct order_keys *k, struct open_order *o)
{
	const struct tok *status = scan_get(r->t, r->v, k->status);

	o->algo = k->algo;
	row_text(r, k->symbol, o->symbol, sizeof o->symbol);
	if (r->bad)
		return;
	r->name = o->symbol;
	o->id = (uint64_t)row_int(r, k->id, 1);
	if (row_blank(r, k->status) || status->kind != SCAN_STR)
		row_refuse(r, k->status);
	else if (!scan_str(status, o->status, sizeof o->status))
		memcpy(o->status, "UNKNOWN", sizeof "UNKNOWN");	/* too long to keep */
}

/* Price, trigger, quantities. A conditional order may lack what it has no use for. */
static void
read_numbers(struct row *r, const struct order_keys *k, struct open_order *o)
{
	const char *trigger = k->trigger;
	dec zero = dec_int(0);

	if (k->old_trigger != NULL && row_blank(r, trigger))
		trigger = k->old_trigger;
	o->trigger = row_maybe_dec(r, trigger, zero);
	o->price = k->algo ? row_maybe_dec(r, k->price, zero) : row_dec(r, k->price);
	o->qty = k->algo && o->close_all ? row_maybe_dec(r, k->qty, zero) : row_dec(r, k->qty);
	if (k->filled != NULL)
		o->filled = row_dec(r, k->filled);
	if (dec_sign(o->qty) < 0 || (!o->close_all && k->algo && dec_sign(o->qty) == 0))
		row_refuse(r, k->qty);
}

void
row_order(struct row *r, const struct order_keys *k, struct open_order *o)
{
	if (scan_get_is(r->t, r->v, k->side, "BUY"))
		o->side = SIDE_BUY;
	else if (scan_get_is(r->t, r->v, k->side, "SELL"))
		o->side = SIDE_SELL;
	else
		row_refuse(r, k->side);
	o->pos_side = row_side(r, k->pos_side);
	o->close_all = row_maybe_bool(r, k->close);
	o->reduce = row_maybe_bool(r, k->reduce) || o->close_all ||
	    (o->pos_side == POS_LONG && o->side == SIDE_SELL) ||
	    (o->pos_side == POS_SHORT && o->side == SIDE_BUY);
	o->by_mark = scan_get_is(r->t, r->v, k->working, "MARK_PRICE");
	read_numbers(r, k, o);
	scan_get_str(r->t, r->v, k->client, o->client_id, sizeof o->client_id);
	scan_get_str(r->t, r->v, k->type, o->type, sizeof o->type);
}

/* (A later time means that the id was given anew: an exchange that was set back, bf-sim.) */
bool
account_has_ended(const struct account *a, const struct open_order *o)
{
	const struct ended *e;

	for (e = a->ended; e < a->ended + ENDED_MAX; e++)
		if (e->id == o->id && e->algo == o->algo && o->update_ms <= e->at_ms &&
		    strcmp(e->symbol, o->symbol) == 0)
			return true;
	return false;
}

void
account_remember_end(struct account *a, const struct open_order *o)
{
	struct ended *e = &a->ended[a->nended++ % ENDED_MAX];

	e->id = o->id;
	e->algo = o->algo;
	e->at_ms = o->update_ms;
	memcpy(e->symbol, o->symbol, sizeof e->symbol);
}

/* One row of a list of open orders. 1: o is open; 0: it is not any more; -1: bad. */
static int
read_listed(struct row *r, const struct account *a, const struct order_keys *k, struct open_order *o)
{
	const struct open_order *old;

	memset(o, 0, sizeof *o);
	r->name = NULL;
	row_order_id(r, k, o);
	if (!r->bad)
		row_order(r, k, o);
	o->update_ms = row_maybe_int(r, "updateTime",
	    row_maybe_int(r, k->algo ? "createTime" : "time", 0));
	if (r->bad)
		return -1;
	if (account_ended(o) || account_has_ended(a, o))
		return 0;
	/* What is filled stays filled: the answer may lag behind the events. */
	if ((old = account_find_order(a, o->symbol, o->id, o->algo)) != NULL &&
	    dec_cmp(old->filled, o->filled) > 0)
		*o = *old;
	return 1;
}

/* An order that an event told of since the answer was asked for is not in it yet. */
static bool
is_news(const struct account *a, const struct account *b, const struct open_order *o)
{
	return a->asked_ms > 0 && o->update_ms > a->asked_ms &&
	    account_find_order(b, o->symbol, o->id, o->algo) == NULL;
}

/* The orders of the other kind stay. */
static int
keep_others(struct account *b, const struct account *a, bool algo, struct fault *f)
{
	for (int i = 0; i < a->nord; i++)
		if ((a->ord[i].algo != algo || is_news(a, b, &a->ord[i])) && account_add_order(b, &a->ord[i], f) == -1)
			return -1;
	return 0;
}

static int
read_list(struct account *b, const struct account *a, struct row *r, const struct tok *v,
    const struct order_keys *k, int64_t *as_of)
{
	struct open_order o;
	int got;

	if (v == NULL || v->kind != SCAN_ARR)
		return account_no_list(r->where, r->f);
	for (r->v = scan_first(v); r->v != NULL; r->v = scan_next(r->t, v, r->v)) {
		if ((got = read_listed(r, a, k, &o)) == 0)
			continue;
		if (got == 1 && account_find_order(b, o.symbol, o.id, o.algo) != NULL)
			row_refuse(r, k->algo ? "a single row: algoId" : "a single row: orderId");
		if (r->bad || account_add_order(b, &o, r->f) == -1)
			return -1;
		*as_of = o.update_ms > *as_of ? o.update_ms : *as_of;
	}
	return keep_others(b, a, k->algo, r->f);
}

static int
read_orders(struct account *a, struct row *r, const struct tok *v, const struct order_keys *k)
{
	struct account b = { 0 };
	int64_t as_of = 0;

	if (read_list(&b, a, r, v, k, &as_of) == -1) {
		account_free(&b);
		return -1;
	}
	free(a->ord);
	a->ord = b.ord;
	a->nord = b.nord;
	a->cord = b.cord;
	account_read_part(a, k->algo ? 0 : PART_ORDERS, as_of);
	return 0;
}

int
account_read_orders(struct account *a, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct row r = { .t = t, .where = "openOrders", .f = f };

	return read_orders(a, &r, v, &rest_keys);
}

int
account_read_algo(struct account *a, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct row r = { .t = t, .where = "openAlgoOrders", .f = f };

	return read_orders(a, &r, v, &algo_keys);
}

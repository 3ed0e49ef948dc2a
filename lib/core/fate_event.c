/* What the user stream tells of a request. */
#include <string.h>

#include "core/fate_in.h"
#include "core/span.h"

/* Their short names, and what REST calls the same. */
struct name { const char *event, *rest; bool must; };

static const struct name order_names[] = {
	{ "i", "orderId", true }, { "s", "symbol", true }, { "c", "clientOrderId", true },
	{ "S", "side", true }, { "ps", "positionSide", false }, { "X", "status", true },
	{ "o", "type", false }, { "ot", "origType", false }, { "f", "timeInForce", false },
	{ "p", "price", false }, { "q", "origQty", true }, { "z", "executedQty", true },
	{ "ap", "avgPrice", false }, { "sp", "stopPrice", false }, { "R", "reduceOnly", false },
	{ "cp", "closePosition", false }, { "pP", "priceProtect", false },
	{ "wt", "workingType", false }, { "pm", "priceMatch", false },
	{ "V", "selfTradePreventionMode", false }, { "gtd", "goodTillDate", false },
	{ "AP", "activatePrice", false }, { "cr", "priceRate", false }
};

static const struct name algo_names[] = {
	{ "aid", "algoId", true }, { "caid", "clientAlgoId", true }, { "at", "algoType", false },
	{ "o", "orderType", true }, { "s", "symbol", true }, { "S", "side", true },
	{ "ps", "positionSide", false }, { "f", "timeInForce", false }, { "q", "quantity", true },
	{ "X", "algoStatus", true }, { "ai", "actualOrderId", false }, { "ap", "actualPrice", false },
	{ "aq", "actualQty", false }, { "act", "actualType", false }, { "tp", "triggerPrice", false },
	{ "p", "price", false }, { "V", "selfTradePreventionMode", false },
	{ "wt", "workingType", false }, { "pm", "priceMatch", false }, { "cp", "closePosition", false },
	{ "pP", "priceProtect", false }, { "R", "reduceOnly", false }, { "tt", "triggerTime", false },
	{ "gtd", "goodTillDate", false }
};

static void
put_value(struct buf *out, const char *key, const struct tok *v)
{
	struct buf b = { 0 };

	span_put(&b, v);
	if (b.bad)
		out->bad = true;
	else
		jw_raw(out, key, b.p, b.len);
	buf_free(&b);
}

static bool
put_names(struct buf *out, const struct tok *t, const struct tok *o, const struct name *n, size_t count)
{
	const struct tok *v;

	for (; count > 0; count--, n++)
		if ((v = scan_get(t, o, n->event)) != NULL)
			put_value(out, n->rest, v);
		else if (n->must)
			return false;
	return true;
}

bool
fate_event_order(struct buf *out, const struct tok *t, const struct tok *rec)
{
	bool algo = scan_get_is(t, rec, "e", "ALGO_UPDATE"), all;
	const struct tok *o = scan_get(t, rec, "o");
	int64_t n;

	if ((!algo && !scan_get_is(t, rec, "e", "ORDER_TRADE_UPDATE")) || o == NULL || o->kind != SCAN_OBJ)
		return false;
	jw_open(out, NULL, '{');
	all = algo ? put_names(out, t, o, algo_names, sizeof algo_names / sizeof *algo_names) :
	    put_names(out, t, o, order_names, sizeof order_names / sizeof *order_names);
	if (!algo && scan_get_i64(t, o, "M", &n))	/* text here, a number there */
		jw_i64(out, "modifyId", n);
	if (scan_get_i64(t, rec, "T", &n))
		jw_i64(out, "updateTime", n);
	jw_close(out, '}');
	return all;
}

/*
 * What it proves
 */

/* By the ids alone: most events are of other orders, and cost no more than this. */
static bool
is_about(const struct fate *fa, const struct tok *t, const struct tok *o)
{
	const struct intent *in = &fa->in;
	int64_t id;

	if (in->op == OP_CANCEL_ALL || o == NULL || !scan_get_is(t, o, "s", in->symbol))
		return false;
	if (in->op != OP_PLACE && in->order_id != 0)
		return scan_get_i64(t, o, in->algo ? "aid" : "i", &id) && id > 0 &&
		    (uint64_t)id == in->order_id;
	return scan_get_is(t, o, in->algo ? "caid" : "c", in->client_id);
}

/* It is of a time before the request: of an earlier order with this id, or of an
 * earlier change, that arrives late. */
static bool
is_before(const struct fate *fa, const struct tok *t, const struct tok *rec)
{
	int64_t ms;

	return scan_get_i64(t, rec, "T", &ms) && ms < fate_from_ms(fa);
}

/* The change to the values asked for. With a modifyId it has to be ours: the same values
 * may come of another change. Without one, and by priceMatch, none can be told to be ours. */
static bool
is_amendment(const struct fate *fa, const struct tok *t, const struct tok *rec, const struct tok *to,
    const struct tok *order)
{
	const struct tok *o = scan_get(t, rec, "o");
	const struct intent *in = &fa->in;
	int64_t id = 0;
	dec qty;

	(void)scan_get_i64(t, o, "M", &id);
	if (!scan_get_is(t, o, "x", "AMENDMENT") || id != in->modify_id || is_before(fa, t, rec))
		return false;
	if (in->price_match[0] == '\0')
		return fate_as_asked(in, to, order);
	return id != 0 && (in->qty_s[0] == '\0' ||
	    (scan_get_dec(to, order, "origQty", &qty) && dec_cmp(qty, in->qty) == 0));
}

/* to, order: what the event shows, under the REST names. */
static bool
is_evidence(const struct fate *fa, const struct tok *t, const struct tok *rec, const struct tok *to,
    const struct tok *order)
{
	if (fate_differs(&fa->in, to, order, true) != NULL)
		return false;
	switch (fa->in.op) {
	case OP_PLACE:
		return fa->exists || !is_before(fa, t, rec);
	case OP_CANCEL:
		return fate_stage(&fa->in, to, order) == STAGE_ENDED;
	case OP_MODIFY:
		return is_amendment(fa, t, rec, to, order);
	case OP_CANCEL_ALL:
		break;
	}
	return false;
}

/* The order at v into early, unless what is there is later. */
static void
keep_early(struct fate *fa, const struct tok *t, const struct tok *v)
{
	struct scan sc = { 0 };
	bool older = false;

	if (!fa->early.bad && fa->early.len > 0 && scan_doc(&sc, fa->early.p, fa->early.len) > 0)
		older = !fate_not_older(&fa->in, sc.t, sc.t, t, v);
	scan_free(&sc);
	if (older)
		return;
	buf_reset(&fa->early);
	span_put(&fa->early, v);
}

/* A fill in few words: it proves that the order exists, but not what it is now. */
static void
hear_lite(struct fate *fa, const struct tok *t, const struct tok *rec)
{
	if (fa->in.op == OP_PLACE && !fa->in.algo && is_about(fa, t, rec) && !is_before(fa, t, rec) &&
	    scan_get_is(t, rec, "S", fa->in.side == SIDE_BUY ? "BUY" : "SELL"))
		fa->exists = true;
}

bool
fate_event(struct fate *fa, const struct tok *t, const struct tok *rec)
{
	const struct tok *o = scan_get(t, rec, "o");
	struct scan sc = { 0 };
	struct buf b = { 0 };
	bool got;

	if (fa->state == FATE_DONE)
		return false;
	if (scan_get_is(t, rec, "e", "TRADE_LITE"))
		hear_lite(fa, t, rec);
	if (!scan_get_is(t, rec, "e", fa->in.algo ? "ALGO_UPDATE" : "ORDER_TRADE_UPDATE") ||
	    !is_about(fa, t, o))
		return false;
	got = fate_event_order(&b, t, rec) && !b.bad && scan_doc(&sc, b.p, b.len) > 0 &&
	    is_evidence(fa, t, rec, sc.t, sc.t);
	if (got)
		keep_early(fa, sc.t, sc.t);
	if (got && fa->state == FATE_LOOK)
		got = fate_take_early(fa);
	scan_free(&sc);
	buf_free(&b);
	return got;
}

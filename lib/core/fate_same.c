/* Comparing what the exchange says of an order with what was asked. */
#include <string.h>

#include "core/fate_in.h"

/* The names that orders of either kind have for the same thing. */
static const struct names {
	const char *id, *client_id, *qty, *status;
} names[] = {
	{ "orderId", "clientOrderId", "origQty", "status" },
	{ "algoId", "clientAlgoId", "quantity", "algoStatus" }
};

static const struct { const char *word; bool algo; enum stage stage; } stages[] = {
	{ "NEW", false, STAGE_OPEN }, { "PARTIALLY_FILLED", false, STAGE_OPEN },
	{ "FILLED", false, STAGE_ENDED }, { "CANCELED", false, STAGE_ENDED },
	{ "EXPIRED", false, STAGE_ENDED }, { "EXPIRED_IN_MATCH", false, STAGE_ENDED },
	{ "REJECTED", false, STAGE_ENDED },
	{ "NEW", true, STAGE_OPEN }, { "TRIGGERING", true, STAGE_FIRING },
	{ "TRIGGERED", true, STAGE_FIRED }, { "FINISHED", true, STAGE_ENDED },
	{ "CANCELED", true, STAGE_ENDED }, { "EXPIRED", true, STAGE_ENDED },
	{ "REJECTED", true, STAGE_ENDED }
};

enum stage
fate_stage(const struct intent *in, const struct tok *t, const struct tok *v)
{
	const struct tok *status = scan_get(t, v, names[in->algo].status);

	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
		if (stages[i].algo == in->algo && scan_is(status, stages[i].word))
			return stages[i].stage;
	return STAGE_OTHER;
}

bool
fate_not_older(const struct intent *in, const struct tok *ta, const struct tok *a,
    const struct tok *tb, const struct tok *b)
{
	enum stage sa = fate_stage(in, ta, a), sb = fate_stage(in, tb, b);
	dec da, db;

	/* a status we do not know leaves the quantity to decide */
	if (sa != STAGE_OTHER && sb != STAGE_OTHER && sa != sb)
		return sb > sa;
	if (sa == STAGE_ENDED && sb == STAGE_OTHER)
		return false;
	if (!scan_get_dec(ta, a, "executedQty", &da) || !scan_get_dec(tb, b, "executedQty", &db))
		return true;
	return dec_cmp(db, da) >= 0;
}

bool
fate_same_id(const struct intent *in, const struct tok *t, const struct tok *v)
{
	int64_t id;

	if (in->op != OP_PLACE && in->order_id != 0)
		return scan_get_i64(t, v, names[in->algo].id, &id) && id > 0 &&
		    (uint64_t)id == in->order_id;
	return in->client_id[0] != '\0' && scan_get_is(t, v, names[in->algo].client_id, in->client_id);
}

/*
 * One check a member: true if it is what was asked for, or was not asked for
 */

static bool
is_dec(const struct tok *t, const struct tok *v, const char *name, dec want)
{
	dec d;

	return scan_get_dec(t, v, name, &d) && dec_cmp(d, want) == 0;
}

static bool
same_side(const struct intent *in, const struct tok *t, const struct tok *v)
{
	return in->side == 0 || scan_get_is(t, v, "side", in->side == SIDE_BUY ? "BUY" : "SELL");
}

static bool
same_pos_side(const struct intent *in, const struct tok *t, const struct tok *v)
{
	static const char *const pos[] = { "BOTH", "LONG", "SHORT" };

	return !in->has_pos_side || scan_get_is(t, v, "positionSide", pos[in->pos_side]);
}

/* The exchange may shrink an order that only reduces; one that closes the whole
 * position has no quantity of its own. */
static bool
same_qty(const struct intent *in, const struct tok *t, const struct tok *v)
{
	dec d;

	if (in->close_position || in->qty_s[0] == '\0')
		return true;
	if (!scan_get_dec(t, v, names[in->algo].qty, &d))
		return false;
	return dec_cmp(d, in->qty) == 0 || (intent_reduces(in) && dec_cmp(d, in->qty) < 0);
}

static bool
same_price(const struct intent *in, const struct tok *t, const struct tok *v)
{
	return in->price_s[0] == '\0' || in->price_match[0] != '\0' || is_dec(t, v, "price", in->price);
}

static bool
same_type(const struct intent *in, const struct tok *t, const struct tok *v)
{
	return !in->algo || scan_get_is(t, v, "orderType", in->type);
}

static bool
same_trigger(const struct intent *in, const struct tok *t, const struct tok *v)
{
	return !in->algo || in->trigger_s[0] == '\0' || is_dec(t, v, "triggerPrice", in->trigger);
}

static bool
same_close(const struct intent *in, const struct tok *t, const struct tok *v)
{
	bool close = false;

	return !in->close_position || (scan_get_bool(t, v, "closePosition", &close) && close);
}

/* Of a trailing stop; queries leave these out, or empty. */
static bool
same_optional(const struct tok *t, const struct tok *v, const char *name, const char *asked, dec want)
{
	dec d;

	return asked[0] == '\0' || !scan_get_dec(t, v, name, &d) || dec_sign(d) == 0 ||
	    dec_cmp(d, want) == 0;
}

static bool
same_activate(const struct intent *in, const struct tok *t, const struct tok *v)
{
	return same_optional(t, v, "activatePrice", in->activate_s, in->activate);
}

static bool
same_callback(const struct intent *in, const struct tok *t, const struct tok *v)
{
	return same_optional(t, v, "callbackRate", in->callback_s, in->callback);
}

static const struct {
	const char *name[2];	/* of a regular order, of an algo order */
	bool (*same)(const struct intent *, const struct tok *, const struct tok *);
} wholes[] = {
	{ { "positionSide", "positionSide" }, same_pos_side },
	{ { "type", "orderType" }, same_type },
	{ { "origQty", "quantity" }, same_qty },
	{ { "price", "price" }, same_price },
	{ { "stopPrice", "triggerPrice" }, same_trigger },
	{ { "closePosition", "closePosition" }, same_close },
	{ { "activatePrice", "activatePrice" }, same_activate },
	{ { "callbackRate", "callbackRate" }, same_callback }
};

const char *
fate_differs(const struct intent *in, const struct tok *t, const struct tok *v, bool whole)
{
	const struct names *n = &names[in->algo];
	/* the answer to a cancel of an algo order is its ids and no more */
	bool bare = in->algo && in->op == OP_CANCEL && !whole;

	if (!(bare && scan_get(t, v, "symbol") == NULL) && !scan_get_is(t, v, "symbol", in->symbol))
		return "symbol";
	if (!fate_same_id(in, t, v))
		return in->op != OP_PLACE && in->order_id != 0 ? n->id : n->client_id;
	if (in->op == OP_CANCEL)
		return NULL;
	if (!same_side(in, t, v))
		return "side";
	if (!whole || in->op != OP_PLACE)
		return NULL;
	for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++)
		if (!wholes[i].same(in, t, v))
			return wholes[i].name[in->algo];
	return NULL;
}

/*
 * Modifications
 */

/* By priceMatch the price asked for is not known: no order shows it. */
bool
fate_as_asked(const struct intent *in, const struct tok *t, const struct tok *v)
{
	if (in->price_match[0] != '\0' || (in->price_s[0] == '\0' && in->qty_s[0] == '\0'))
		return false;
	return (in->price_s[0] == '\0' || is_dec(t, v, "price", in->price)) &&
	    (in->qty_s[0] == '\0' || is_dec(t, v, "origQty", in->qty));
}

/* The values after the change are those asked for, as far as they were given. */
static bool
amended_to(const struct intent *in, const struct tok *t, const struct tok *change)
{
	const struct tok *price = scan_get(t, change, "price"), *qty = scan_get(t, change, "origQty");

	return (in->price_match[0] != '\0' || in->price_s[0] == '\0' ||
	    is_dec(t, price, "after", in->price)) &&
	    (in->qty_s[0] == '\0' || is_dec(t, qty, "after", in->qty));
}

/* A modifyId may be used again, so the time and the values count too. */
enum amended
fate_amended(const struct fate *fa, const struct tok *t, const struct tok *row)
{
	const struct tok *change = scan_get(t, row, "amendment");
	const struct intent *in = &fa->in;
	int64_t ms, id = 0;

	if (!fate_same_id(in, t, row) || !scan_get_i64(t, row, "time", &ms) || ms < fate_from_ms(fa))
		return AMENDED_OTHER;
	(void)scan_get_i64(t, change, "modifyId", &id);
	if (id != 0 && id != in->modify_id)
		return AMENDED_OTHER;
	if (!amended_to(in, t, change))
		return id != 0 ? AMENDED_CONFLICT : AMENDED_OTHER;
	return id == 0 && in->price_match[0] != '\0' ? AMENDED_MAYBE : AMENDED_OURS;
}

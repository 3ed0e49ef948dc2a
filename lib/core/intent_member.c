/* The members of an intent: names, forms, and which operation takes which. */
#include <string.h>

#include "core/intent_in.h"
#include "core/show.h"

#define GOOD_TILL_END	INT64_C(253402300799000)	/* the exchange takes less than this */

static const char *const pos_names[] = {
	[POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT"
};

/* Where each goes follows from triggers and trails: to the algo service if any. */
static const struct kind kinds[] = {
	{ .name = "LIMIT", .priced = true },
	{ .name = "MARKET" },
	{ .name = "STOP", .priced = true, .triggers = true },
	{ .name = "STOP_MARKET", .triggers = true, .closes = true },
	{ .name = "TAKE_PROFIT", .priced = true, .triggers = true },
	{ .name = "TAKE_PROFIT_MARKET", .triggers = true, .closes = true },
	{ .name = "TRAILING_STOP_MARKET", .trails = true },
};

const struct kind *
intent_kind_of(const char *type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, type) == 0)
			return &kinds[i];
	return NULL;
}

/* Whether word is one of the blank-separated words. */
static bool
listed(const char *words, const char *word)
{
	size_t n = strlen(word), k;

	for (; n > 0 && *words != '\0'; words += k + (words[k] == ' ')) {
		k = strcspn(words, " ");
		if (k == n && memcmp(words, word, n) == 0)
			return true;
	}
	return false;
}

static bool
read_word(const struct tok *v, char *out, size_t size, const char *words)
{
	return scan_str(v, out, size) && listed(words, out);
}

/*
 * What says "not used", as the exchange's own order objects do
 */

/* "-0" is no such thing: whoever wrote it computed something. */
bool
intent_is_off(const struct tok *v)
{
	dec d;

	if (v->kind == SCAN_NULL || scan_is(v, ""))
		return true;
	return (v->kind == SCAN_NUM || v->kind == SCAN_STR) && !v->esc && v->len > 0 && v->p[0] != '-' &&
	    scan_dec(v, &d) && dec_sign(d) == 0;
}

static bool
off_false(const struct tok *v)
{
	bool on = true;

	return scan_bool(v, &on) && !on;
}

static bool
off_none(const struct tok *v)
{
	return scan_is(v, "NONE") || scan_is(v, "");
}

/*
 * One reader a member
 */

static bool
read_symbol(struct intent *in, const struct tok *v)
{
	return scan_str(v, in->symbol, sizeof in->symbol) && in->symbol[0] != '\0' &&
	    show_clean(in->symbol, strlen(in->symbol));
}

static bool
read_side(struct intent *in, const struct tok *v)
{
	in->side = scan_is(v, "BUY") ? SIDE_BUY : SIDE_SELL;
	return in->side == SIDE_BUY || scan_is(v, "SELL");
}

static bool
read_pos_side(struct intent *in, const struct tok *v)
{
	in->has_pos_side = true;
	for (in->pos_side = POS_BOTH; in->pos_side <= POS_SHORT; in->pos_side++)
		if (scan_is(v, pos_names[in->pos_side]))
			return true;
	return false;
}

static bool
read_type(struct intent *in, const struct tok *v)
{
	const struct kind *k;

	if (!scan_str(v, in->type, sizeof in->type) || (k = intent_kind_of(in->type)) == NULL)
		return false;
	in->algo = k->triggers || k->trails;
	return true;
}

static bool
read_algo_type(struct intent *in, const struct tok *v)
{
	(void)in;
	return scan_is(v, "CONDITIONAL");
}

static bool
read_tif(struct intent *in, const struct tok *v)
{
	return read_word(v, in->tif, sizeof in->tif, "GTC IOC FOK GTX GTD RPI");
}

/* The digits as written: a number's or a string's, no exponent. */
static bool
read_decimal(const struct tok *v, char text[static DEC_STR], dec *d)
{
	if (v->kind == SCAN_NUM && v->len < DEC_STR) {
		memcpy(text, v->p, v->len);
		text[v->len] = '\0';
	} else if (!scan_str(v, text, DEC_STR))
		return false;
	return dec_parse(d, text);
}

static bool
read_qty(struct intent *in, const struct tok *v)
{
	return read_decimal(v, in->qty_s, &in->qty);
}

static bool
read_price(struct intent *in, const struct tok *v)
{
	return read_decimal(v, in->price_s, &in->price);
}

static bool
read_trigger(struct intent *in, const struct tok *v)
{
	return read_decimal(v, in->trigger_s, &in->trigger);
}

static bool
read_activate(struct intent *in, const struct tok *v)
{
	return read_decimal(v, in->activate_s, &in->activate);
}

static bool
read_callback(struct intent *in, const struct tok *v)
{
	return read_decimal(v, in->callback_s, &in->callback);
}

static bool
read_reduce_only(struct intent *in, const struct tok *v)
{
	in->has_reduce_only = true;
	return scan_bool(v, &in->reduce_only);
}

static bool
read_close(struct intent *in, const struct tok *v)
{
	return scan_bool(v, &in->close_position);
}

static bool
read_protect(struct intent *in, const struct tok *v)
{
	in->has_price_protect = true;
	return scan_bool(v, &in->price_protect);
}

static bool
read_working(struct intent *in, const struct tok *v)
{
	return read_word(v, in->working_type, sizeof in->working_type, "MARK_PRICE CONTRACT_PRICE");
}

static bool
read_client_id(struct intent *in, const struct tok *v)
{
	return scan_str(v, in->client_id, sizeof in->client_id) && client_id_ok(in->client_id);
}

static bool
read_resp_type(struct intent *in, const struct tok *v)
{
	return read_word(v, in->resp_type, sizeof in->resp_type, "ACK RESULT");
}

static bool
read_price_match(struct intent *in, const struct tok *v)
{
	return read_word(v, in->price_match, sizeof in->price_match,
	    "OPPONENT OPPONENT_5 OPPONENT_10 OPPONENT_20 QUEUE QUEUE_5 QUEUE_10 QUEUE_20");
}

static bool
read_stp(struct intent *in, const struct tok *v)
{
	return read_word(v, in->stp, sizeof in->stp, "NONE EXPIRE_TAKER EXPIRE_MAKER EXPIRE_BOTH");
}

static bool
read_good_till(struct intent *in, const struct tok *v)
{
	return scan_i64(v, &in->good_till_ms) && in->good_till_ms > 0 &&
	    in->good_till_ms < GOOD_TILL_END;
}

static bool
read_id(struct intent *in, const struct tok *v)
{
	int64_t id;

	if (!scan_i64(v, &id) || id <= 0)
		return false;
	in->order_id = (uint64_t)id;
	return true;
}

static bool
read_modify_id(struct intent *in, const struct tok *v)
{
	return scan_i64(v, &in->modify_id) && in->modify_id > 0;
}

static bool
read_flag(struct intent *in, const struct tok *v)
{
	bool any;

	(void)in;	/* whether it agrees with the rest is looked at later */
	return scan_bool(v, &any);
}

#define DECIMAL		"must be a decimal in plain notation"
#define CLIENT_ID	"must be 1 to 36 of A-Z a-z 0-9 . : / _ -"
#define BOOL		"must be true or false"
#define ID		"must be a positive integer"

/* A cancel or modify may be an order object with an op added, so what it does not need
 * it does not look at; cancel-all refuses what would seem to limit it. */
const struct member intent_members[MEMBERS] = {
[M_OP]		= { "op", 0, 0, 0, NULL, NULL, 0, "must be place, modify, cancel or cancel-all" },
[M_SYMBOL]	= { "symbol", P|C|A|M, 0, 0, read_symbol, NULL, -1121,
		    "must be a string of 1 to 63 bytes, all of them visible" },
[M_SIDE]	= { "side", P, M, A, read_side, NULL, -1117, "must be BUY or SELL" },
[M_POS_SIDE]	= { "positionSide", 0, P, A, read_pos_side, NULL, -4060, "must be BOTH, LONG or SHORT" },
[M_TYPE]	= { "type", P, M, A, read_type, NULL, -1116, "must be LIMIT, MARKET, STOP, STOP_MARKET, "
		    "TAKE_PROFIT, TAKE_PROFIT_MARKET or TRAILING_STOP_MARKET" },
[M_ALGO_TYPE]	= { "algoType", 0, P, 0, read_algo_type, NULL, -1102, "must be CONDITIONAL" },
[M_TIF]		= { "timeInForce", 0, P, 0, read_tif, NULL, -1115, "must be GTC, IOC, FOK, GTX, GTD or RPI" },
[M_QTY]		= { "quantity", 0, P|M, A, read_qty, NULL, -1102, DECIMAL },
[M_PRICE]	= { "price", 0, P|M, A, read_price, NULL, -1102, DECIMAL },
[M_MATCH]	= { "priceMatch", 0, P|M, 0, read_price_match, off_none, -5037,
		    "must be OPPONENT or QUEUE, alone or with _5, _10, _20" },
[M_TRIGGER]	= { "triggerPrice", 0, P|M, 0, read_trigger, intent_is_off, -1102, DECIMAL },
[M_STOP]	= { "stopPrice", 0, P|M, 0, read_trigger, intent_is_off, -1102, DECIMAL },
[M_WORKING]	= { "workingType", 0, P, 0, read_working, NULL, -4031, "must be MARK_PRICE or CONTRACT_PRICE" },
[M_PROTECT]	= { "priceProtect", 0, P, 0, read_protect, NULL, -1102, BOOL },
[M_CLOSE]	= { "closePosition", 0, P|M, A, read_close, off_false, -1102, BOOL },
[M_REDUCE]	= { "reduceOnly", 0, P|M, A, read_reduce_only, NULL, -1102, BOOL },
[M_ACTIVATE]	= { "activatePrice", 0, P|M, 0, read_activate, intent_is_off, -1102, DECIMAL },
[M_ACTIVATION]	= { "activationPrice", 0, P|M, 0, read_activate, intent_is_off, -1102, DECIMAL },
[M_CALLBACK]	= { "callbackRate", 0, P|M, 0, read_callback, intent_is_off, -1102, DECIMAL },
[M_NEW_ID]	= { "newClientOrderId", 0, P|C|M, A, read_client_id, NULL, -4015, CLIENT_ID },
[M_CLIENT_ALGO]	= { "clientAlgoId", 0, P|C|M, A, read_client_id, NULL, -4015, CLIENT_ID },
[M_RESP]	= { "newOrderRespType", 0, P, 0, read_resp_type, NULL, -1136, "must be ACK or RESULT" },
[M_STP]		= { "selfTradePreventionMode", 0, P, 0, read_stp, NULL, -5039,
		    "must be NONE, EXPIRE_TAKER, EXPIRE_MAKER or EXPIRE_BOTH" },
[M_GOOD_TILL]	= { "goodTillDate", 0, P, 0, read_good_till, intent_is_off, -5040,
		    "must be milliseconds below 253402300799000" },
[M_ORDER_ID]	= { "orderId", 0, C|M, P|A, read_id, NULL, -1102, ID },
[M_ORIG_ID]	= { "origClientOrderId", 0, C|M, P|A, read_client_id, NULL, -4015, CLIENT_ID },
[M_ALGO_ID]	= { "algoId", 0, C|M, P|A, read_id, NULL, -1102, ID },
[M_MODIFY_ID]	= { "modifyId", 0, M, 0, read_modify_id, intent_is_off, -1102, ID },
[M_ALGO]	= { "algo", 0, P|C|A|M, 0, read_flag, NULL, -1102, BOOL },
};

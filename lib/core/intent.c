#include <stdio.h>
#include <string.h>

#include "core/intent.h"
#include "core/show.h"

static const char *const op_names[] = {
	[OP_PLACE] = "place", [OP_CANCEL] = "cancel", [OP_CANCEL_ALL] = "cancel-all"
};
static const char *const pos_names[] = {
	[POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT"
};

#define GOOD_TILL_END	INT64_C(253402300799000)	/* the exchange takes less than this */

/*
 * "field value: rule (code)", or "field: rule (code)" without a value. The
 * value is shown as it was written, cut if it is long.
 */
static int
refuse(struct fault *f, int code, const char *field, const struct tok *v, const char *rule)
{
	char value[64] = "", num[16] = "";

	if (v != NULL)
		show_text(value, sizeof value, v->p, v->len);
	if (code != 0)
		snprintf(num, sizeof num, " (%d)", code);
	fault_set(f, FAULT_REJECTED, "%s%s%s: %s%s", field, v != NULL ? " " : "", value, rule, num);
	if (f != NULL)
		f->code = code;
	return -1;
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
 * One reader a member: false if the value has not the member's form
 */

#define TYPES		"LIMIT MARKET"
#define CONDITIONAL	"STOP STOP_MARKET TAKE_PROFIT TAKE_PROFIT_MARKET TRAILING_STOP_MARKET"

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
	return read_word(v, in->type, sizeof in->type, TYPES " " CONDITIONAL);
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
read_reduce_only(struct intent *in, const struct tok *v)
{
	in->has_reduce_only = true;
	return scan_bool(v, &in->reduce_only);
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

/* NONE is what the exchange answers where nothing was asked; it is not sent. */
static bool
read_price_match(struct intent *in, const struct tok *v)
{
	if (scan_is(v, "NONE"))
		return true;
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
read_order_id(struct intent *in, const struct tok *v)
{
	int64_t id;

	if (!scan_i64(v, &id) || id <= 0)
		return false;
	in->order_id = (uint64_t)id;
	return true;
}

/* A trigger that is switched off, as the exchange's own order objects have it. */
static bool
read_no_trigger(struct intent *in, const struct tok *v)
{
	bool on = true;
	dec d;

	(void)in;
	if (scan_bool(v, &on))
		return !on;
	return v->kind == SCAN_NULL || scan_is(v, "") || (scan_dec(v, &d) && dec_sign(d) == 0);
}

/*
 * What an intent may hold. Other members are nobody's business here.
 */

enum { P = 1 << OP_PLACE, C = 1 << OP_CANCEL, A = 1 << OP_CANCEL_ALL };

enum { M_SYMBOL, M_SIDE, M_POS_SIDE, M_TYPE, M_TIF, M_QTY, M_PRICE, M_REDUCE, M_NEW_ID,
	M_RESP, M_MATCH, M_STP, M_GOOD_TILL, M_ORDER_ID, M_ORIG_ID, M_OP };

#define DECIMAL		"must be a decimal in plain notation"
#define CLIENT_ID	"must be 1 to 36 of A-Z a-z 0-9 . : / _ -"
#define NOT_SERVED	"this version serves LIMIT and MARKET only"

static const struct member {
	const char	*name;
	unsigned	 need, may, bar;	/* the operations that ask for it, take it, refuse it;
						 * the others do not look at it */
	bool		(*read)(struct intent *, const struct tok *);
	int		 code;			/* of a value that cannot be read */
	const char	*rule;
} members[] = {
[M_SYMBOL]	= { "symbol", P|C|A, 0, 0, read_symbol, -1121,
		    "must be a string of 1 to 63 bytes, all of them visible" },
[M_SIDE]	= { "side", P, 0, A, read_side, -1117, "must be BUY or SELL" },
[M_POS_SIDE]	= { "positionSide", 0, P, A, read_pos_side, -4060, "must be BOTH, LONG or SHORT" },
[M_TYPE]	= { "type", P, 0, 0, read_type, -1116, "must be LIMIT or MARKET" },
[M_TIF]		= { "timeInForce", 0, P, 0, read_tif, -1115, "must be GTC, IOC, FOK, GTX, GTD or RPI" },
[M_QTY]		= { "quantity", 0, P, 0, read_qty, -1102, DECIMAL },
[M_PRICE]	= { "price", 0, P, 0, read_price, -1102, DECIMAL },
[M_REDUCE]	= { "reduceOnly", 0, P, 0, read_reduce_only, -1102, "must be true or false" },
[M_NEW_ID]	= { "newClientOrderId", 0, P|C, 0, read_client_id, -4015, CLIENT_ID },
[M_RESP]	= { "newOrderRespType", 0, P, 0, read_resp_type, -1136, "must be ACK or RESULT" },
[M_MATCH]	= { "priceMatch", 0, P, 0, read_price_match, -5037,
		    "must be OPPONENT or QUEUE, alone or with _5, _10, _20" },
[M_STP]		= { "selfTradePreventionMode", 0, P, 0, read_stp, -5039,
		    "must be NONE, EXPIRE_TAKER, EXPIRE_MAKER or EXPIRE_BOTH" },
[M_GOOD_TILL]	= { "goodTillDate", 0, P, 0, read_good_till, -5040,
		    "must be milliseconds below 253402300799000" },
[M_ORDER_ID]	= { "orderId", 0, C, P|A, read_order_id, -1102, "must be a positive integer" },
[M_ORIG_ID]	= { "origClientOrderId", 0, C, P|A, read_client_id, -4015, CLIENT_ID },
[M_OP]		= { "op", 0, 0, 0, NULL, 0, "must be place, cancel or cancel-all" },
/* Triggers: left out, the order would be another one, and at once. */
		  { "stopPrice", 0, P, 0, read_no_trigger, -4120, NOT_SERVED },
		  { "triggerPrice", 0, P, 0, read_no_trigger, -4120, NOT_SERVED },
		  { "closePosition", 0, P, 0, read_no_trigger, -4120, NOT_SERVED },
		  { "activationPrice", 0, P, 0, read_no_trigger, -4120, NOT_SERVED },
		  { "activatePrice", 0, P, 0, read_no_trigger, -4120, NOT_SERVED },
		  { "callbackRate", 0, P, 0, read_no_trigger, -4120, NOT_SERVED },
};

#define MEMBERS	(sizeof members / sizeof *members)

typedef const struct tok *found[MEMBERS];	/* the values by member; NULL: absent */

static int
find_members(found at, const struct tok *t, const struct tok *v, struct fault *f)
{
	const struct tok *k, *val;
	size_t i;

	if (v->kind != SCAN_OBJ)
		return refuse(f, 0, "intent", v, "must be a JSON object");
	for (k = scan_first(v); k != NULL; k = scan_next(t, v, val)) {
		val = k + 1;
		for (i = 0; i < MEMBERS && !scan_is(k, members[i].name); i++)
			;
		if (i == MEMBERS)
			continue;
		if (at[i] != NULL)
			return refuse(f, -1101, members[i].name, val, "given twice");
		at[i] = val;
	}
	if (scan_has_duplicate(t, v))
		return refuse(f, -1101, "intent", NULL, "some member is given twice");
	return 0;
}

static int
read_op(enum intent_op *op, const struct tok *v, struct fault *f)
{
	if (scan_is(v, "modify"))
		return refuse(f, 0, "op", v, "this version does not serve it; cancel, then place");
	for (*op = OP_PLACE; *op <= OP_CANCEL_ALL; ++*op)
		if (scan_is(v, op_names[*op]))
			return 0;
	*op = OP_PLACE;
	return v == NULL ? 0 : refuse(f, 0, "op", v, members[M_OP].rule);
}

static int
read_member(struct intent *out, const struct member *m, const struct tok *v, struct fault *f)
{
	unsigned op = 1u << out->op;
	char rule[48];

	if (v == NULL && (m->need & op))
		return refuse(f, -1102, m->name, NULL, "missing");
	if (v != NULL && (m->bar & op)) {
		snprintf(rule, sizeof rule, "not a parameter of %s", op_names[out->op]);
		return refuse(f, -1106, m->name, v, rule);
	}
	if (v == NULL || !((m->need | m->may) & op) || m->read(out, v))
		return 0;
	return refuse(f, m->code, m->name, v, m->rule);
}

/* One rule about members together: broken or not. */
struct rule { bool broken; int field, code; const char *text; };

static int
first_broken(const struct rule *r, size_t n, found at, struct fault *f)
{
	for (; n > 0; n--, r++)
		if (r->broken)
			return refuse(f, r->code, members[r->field].name, at[r->field], r->text);
	return 0;
}

/* Names the exchange gives to the orders of its own liquidations. */
static bool
reserved_id(const char *id)
{
	return strncmp(id, "autoclose-", 10) == 0 || strncmp(id, "adl_autoclose", 13) == 0 ||
	    strncmp(id, "settlement_autoclose-", 21) == 0;
}

static int
check_place(struct intent *in, found at, struct fault *f)
{
	bool market = strcmp(in->type, "MARKET") == 0, limit = !market;
	bool gtd = strcmp(in->tif, "GTD") == 0, match = in->price_match[0] != '\0';
	const struct rule rules[] = {
		{ !listed(TYPES, in->type), M_TYPE, -4120, NOT_SERVED },
		{ at[M_QTY] == NULL, M_QTY, -1102, "missing" },
		{ dec_sign(in->qty) <= 0, M_QTY, -4003, "must be above 0" },
		{ market && at[M_TIF] != NULL, M_TIF, -1114, "not for a MARKET order" },
		{ market && at[M_PRICE] != NULL, M_PRICE, -1106, "not for a MARKET order" },
		{ market && match, M_MATCH, -5038, "not for a MARKET order" },
		{ match && at[M_PRICE] != NULL, M_PRICE, -1106, "not together with priceMatch" },
		{ limit && !match && at[M_PRICE] == NULL, M_PRICE, -1102,
		    "missing; a LIMIT order needs price or priceMatch" },
		{ at[M_PRICE] != NULL && dec_sign(in->price) <= 0, M_PRICE, -4001, "must be above 0" },
		{ gtd && at[M_GOOD_TILL] == NULL, M_GOOD_TILL, -1102, "missing; GTD needs it" },
		{ !gtd && at[M_GOOD_TILL] != NULL, M_GOOD_TILL, -1106, "only with timeInForce GTD" },
		{ in->has_reduce_only && in->pos_side != POS_BOTH, M_REDUCE, -1106,
		    "not with positionSide LONG or SHORT, whose side says it" },
		{ reserved_id(in->client_id), M_NEW_ID, -4015, "reserved by the exchange" },
	};

	if (first_broken(rules, sizeof rules / sizeof *rules, at, f) == -1)
		return -1;
	if (limit && in->tif[0] == '\0')
		memcpy(in->tif, "GTC", 4);
	return 0;
}

static int
check_cancel(const struct intent *in, found at, struct fault *f)
{
	const struct rule rules[] = {
		{ at[M_ORIG_ID] != NULL && at[M_NEW_ID] != NULL, M_NEW_ID, -1128,
		    "not together with origClientOrderId" },
		{ in->order_id == 0 && in->client_id[0] == '\0', M_ORDER_ID, -1102,
		    "missing; cancel needs orderId or origClientOrderId" },
	};

	return first_broken(rules, sizeof rules / sizeof *rules, at, f);
}

int
intent_read(struct intent *out, const struct tok *t, const struct tok *v, struct fault *f)
{
	found at = { NULL };

	memset(out, 0, sizeof *out);
	if (find_members(at, t, v, f) == -1 || read_op(&out->op, at[M_OP], f) == -1)
		return -1;
	for (size_t i = 0; i < MEMBERS; i++)
		if (read_member(out, &members[i], at[i], f) == -1)
			return -1;
	switch (out->op) {
	case OP_PLACE:		return check_place(out, at, f);
	case OP_CANCEL:		return check_cancel(out, at, f);
	case OP_CANCEL_ALL:	break;
	}
	return 0;
}

/*
 * An order or a trade as the exchange tells it has symbol and side too, but
 * also the id it was given; a line of answers is not a line of new orders.
 */
static bool
is_answer(const struct tok *t, const struct tok *v)
{
	return scan_get(t, v, "orderId") != NULL &&
	    (scan_get(t, v, "status") != NULL || scan_get(t, v, "id") != NULL);
}

enum record_kind
intent_kind(const struct tok *t, const struct tok *v)
{
	if (scan_get(t, v, "e") != NULL)
		return REC_OTHER;
	if (scan_get(t, v, "op") != NULL)
		return REC_INTENT;
	if (scan_get(t, v, "symbol") == NULL || scan_get(t, v, "side") == NULL || is_answer(t, v))
		return REC_OTHER;
	return REC_INTENT;
}

bool
intent_reduces(const struct intent *in)
{
	return in->op != OP_PLACE || in->reduce_only ||
	    (in->pos_side == POS_LONG && in->side == SIDE_SELL) ||
	    (in->pos_side == POS_SHORT && in->side == SIDE_BUY);
}

/*
 * Client ids
 */

bool
client_id_ok(const char *id)
{
	size_t n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:/_-");

	return n >= 1 && n < CLIENT_ID_MAX && id[n] == '\0';
}

#define RANDOM36	19	/* digits of base 36 that hold 96 bits */

/* n in base 36, at least width digits, ending at end; returns its start. */
static char *
base36(char *end, i128 n, int width)
{
	for (; n > 0 || width > 0; n /= 36, width--)
		*--end = "0123456789abcdefghijklmnopqrstuvwxyz"[n % 36];
	return end;
}

void
client_id_make(char out[static CLIENT_ID_MAX], const char *prefix, int64_t now_ms,
    const unsigned char random[static 12])
{
	char tail[CLIENT_ID_MAX], *end = tail + sizeof tail, *p;
	i128 r = 0;
	size_t n, keep;

	for (int i = 0; i < 12; i++)
		r = r << 8 | random[i];
	p = base36(end, r, RANDOM36);
	*--p = '-';
	p = base36(p, now_ms < 0 ? 0 : now_ms, 1);
	n = (size_t)(end - p);
	keep = strlen(prefix);
	if (keep > CLIENT_ID_MAX - 1 - n)	/* what makes it unique is not cut */
		keep = CLIENT_ID_MAX - 1 - n;
	memcpy(out, prefix, keep);
	memcpy(out + keep, p, n);
	out[keep + n] = '\0';
}

/*
 * The request
 */

void
query_escape(struct buf *out, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	char pct[3] = { '%', 0, 0 };
	size_t n;

	for (;;) {
		n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~");
		buf_put(out, s, n);
		s += n;
		if (*s == '\0')
			return;
		pct[1] = hex[(unsigned char)*s >> 4];
		pct[2] = hex[(unsigned char)*s & 15];
		buf_put(out, pct, sizeof pct);
		s++;
	}
}

struct param { const char *name, *value; };	/* value "": not sent */

static void
put_params(struct buf *out, const struct param *p, size_t n)
{
	bool first = true;

	for (; n > 0; n--, p++) {
		if (p->value[0] == '\0')
			continue;
		if (!first)
			buf_chr(out, '&');
		first = false;
		buf_str(out, p->name);
		buf_chr(out, '=');
		query_escape(out, p->value);
	}
}

static void
query_place(const struct intent *in, struct buf *out)
{
	char good_till[24] = "";
	const struct param p[] = {
		{ "symbol", in->symbol },
		{ "side", in->side == SIDE_BUY ? "BUY" : "SELL" },
		{ "positionSide", in->has_pos_side ? pos_names[in->pos_side] : "" },
		{ "type", in->type },
		{ "timeInForce", in->tif },
		{ "quantity", in->qty_s },
		{ "price", in->price_s },
		{ "reduceOnly", !in->has_reduce_only ? "" : in->reduce_only ? "true" : "false" },
		{ "newClientOrderId", in->client_id },
		{ "newOrderRespType", in->resp_type },
		{ "priceMatch", in->price_match },
		{ "selfTradePreventionMode", in->stp },
		{ "goodTillDate", good_till },
	};

	if (in->good_till_ms != 0)
		snprintf(good_till, sizeof good_till, "%lld", (long long)in->good_till_ms);
	put_params(out, p, sizeof p / sizeof *p);
}

static void
query_cancel(const struct intent *in, struct buf *out)
{
	char id[24] = "";
	const struct param p[] = {
		{ "symbol", in->symbol },
		{ "orderId", id },
		{ "origClientOrderId", in->order_id == 0 ? in->client_id : "" },
	};

	if (in->order_id != 0)
		snprintf(id, sizeof id, "%llu", (unsigned long long)in->order_id);
	put_params(out, p, sizeof p / sizeof *p);
}

void
intent_query(const struct intent *in, struct buf *out)
{
	const struct param all = { "symbol", in->symbol };

	switch (in->op) {
	case OP_PLACE:		query_place(in, out); break;
	case OP_CANCEL:		query_cancel(in, out); break;
	case OP_CANCEL_ALL:	put_params(out, &all, 1); break;
	}
}

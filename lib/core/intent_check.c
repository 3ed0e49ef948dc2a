/*
 * Parameters of an intent that contradict each other, each with the exchange's
 * number for it. The order of the rules is ours: the first that is broken is said.
 */
#include <string.h>

#include "core/intent_in.h"

struct rule { bool broken; int field, code; const char *text; };

#define JUDGE(r, rules, f)	first_broken(r, rules, sizeof (rules) / sizeof *(rules), f)

static int
first_broken(const struct reading *r, const struct rule *rule, size_t n, struct fault *f)
{
	for (; n > 0; n--, rule++)
		if (rule->broken)
			return intent_refuse(f, rule->code, intent_members[rule->field].name,
			    r->raw[rule->field], rule->text);
	return 0;
}

/* Names the exchange gives to the orders of its own liquidations. */
static bool
reserved_id(const char *id)
{
	return strncmp(id, "autoclose-", 10) == 0 || strncmp(id, "adl_autoclose", 13) == 0 ||
	    strncmp(id, "settlement_autoclose-", 21) == 0;
}

static void
drop_zero(struct reading *r, int field, char text[static DEC_STR], dec *d)
{
	if (r->at[field] == NULL || !intent_is_off(r->at[field]))
		return;
	r->at[field] = NULL;
	text[0] = '\0';
	*d = (dec){ 0 };
}

/* An order object has a 0 where its order has no amount. */
static void
drop_zeros(struct reading *r)
{
	struct intent *in = r->in;

	if (in->close_position)
		drop_zero(r, M_QTY, in->qty_s, &in->qty);
	if (in->price_match[0] != '\0' || intent_is_market(in))
		drop_zero(r, M_PRICE, in->price_s, &in->price);
}

/* Of a member with an old name: the one to speak of. */
static int
named(const struct reading *r, int now, int old)
{
	return r->at[old] != NULL || (r->raw[now] == NULL && r->raw[old] != NULL) ? old : now;
}

/*
 * Place
 */

static int
check_names(const struct reading *r, struct fault *f)
{
	found const *at = &r->at;
	const struct rule rules[] = {
		{ (*at)[M_TRIGGER] != NULL && (*at)[M_STOP] != NULL, M_STOP, -1101,
		    "given twice: it is the old name of triggerPrice" },
		{ (*at)[M_ACTIVATE] != NULL && (*at)[M_ACTIVATION] != NULL, M_ACTIVATION, -1101,
		    "given twice: it is the old name of activatePrice" },
		{ (*at)[M_NEW_ID] != NULL && (*at)[M_CLIENT_ALGO] != NULL, M_NEW_ID, -1101,
		    "given twice: clientAlgoId is the same" },
		{ reserved_id(r->in->client_id), named(r, M_CLIENT_ALGO, M_NEW_ID), -4015,
		    "reserved by the exchange" },
		{ (*at)[M_ALGO_TYPE] != NULL && !r->in->algo, M_ALGO_TYPE, -1106, "only with a conditional type" },
		{ (*at)[M_ALGO] != NULL && r->algo != r->in->algo, M_ALGO, -1128, "does not fit the type" },
	};

	return JUDGE(r, rules, f);
}

static int
check_amount(const struct reading *r, const struct kind *k, struct fault *f)
{
	const struct intent *in = r->in;
	bool close = in->close_position, qty = r->at[M_QTY] != NULL;
	const struct rule rules[] = {
		{ close && !k->closes, M_CLOSE, -4136, "only for STOP_MARKET and TAKE_PROFIT_MARKET" },
		{ close && qty, M_QTY, -4137, "not together with closePosition, which closes all" },
		{ close && in->reduce_only, M_REDUCE, -4138, "not together with closePosition, which says it" },
		{ close && intent_opens(in), M_POS_SIDE, -4138,
		    "closePosition of LONG is a SELL, and of SHORT a BUY" },
		{ in->reduce_only && intent_opens(in), M_REDUCE, -2022,
		    "an exit from LONG is a SELL, and from SHORT a BUY" },
		{ !close && !qty, M_QTY, -1102, k->closes ? "missing; say it, or closePosition" : "missing" },
		{ qty && dec_sign(in->qty) <= 0, M_QTY, -4003, "must be above 0" },
	};

	return JUDGE(r, rules, f);
}

static int
check_price(const struct reading *r, const struct kind *k, struct fault *f)
{
	const struct intent *in = r->in;
	bool match = in->price_match[0] != '\0', price = r->at[M_PRICE] != NULL;
	const struct rule rules[] = {
		{ !k->priced && r->at[M_TIF] != NULL, M_TIF, -1114, "not for a market order" },
		{ !k->priced && price, M_PRICE, -1106, "not for a market order" },
		{ !k->priced && match, M_MATCH, -5038, "not for a market order" },
		{ match && price, M_PRICE, -1106, "not together with priceMatch" },
		{ k->priced && !match && !price, M_PRICE, -1102,
		    "missing; an order of this type needs price or priceMatch" },
		{ price && dec_sign(in->price) <= 0, M_PRICE, -4001, "must be above 0" },
		{ in->algo && strcmp(in->tif, "RPI") == 0, M_TIF, -1115, "not for a conditional order" },
	};

	return JUDGE(r, rules, f);
}

static int
check_trigger(const struct reading *r, const struct kind *k, struct fault *f)
{
	const struct intent *in = r->in;
	int t = named(r, M_TRIGGER, M_STOP), a = named(r, M_ACTIVATE, M_ACTIVATION);
	bool trigger = r->at[t] != NULL, activate = r->at[a] != NULL, callback = r->at[M_CALLBACK] != NULL;
	const dec least = { 1, 1 };	/* percent */
	const struct rule rules[] = {
		{ !in->algo && trigger, t, -1106, "only with a conditional type, such as STOP_MARKET" },
		{ k->trails && trigger, t, -1106, "not for a trailing stop; where it begins is activatePrice" },
		{ k->triggers && r->raw[t] == NULL, t, -1102, "missing" },
		{ k->triggers && dec_sign(in->trigger) <= 0, t, -4006, "must be above 0" },
		{ !k->trails && activate, a, -1106, "only for TRAILING_STOP_MARKET" },
		{ activate && dec_sign(in->activate) <= 0, a, -4135, "must be above 0" },
		{ !k->trails && callback, M_CALLBACK, -1106, "only for TRAILING_STOP_MARKET" },
		{ k->trails && r->raw[M_CALLBACK] == NULL, M_CALLBACK, -1102, "missing" },
		{ k->trails && dec_cmp(in->callback, least) < 0, M_CALLBACK, -2007, "must be 0.1 (percent) or more" },
		{ !in->algo && strcmp(in->working_type, "MARK_PRICE") == 0, M_WORKING, -1106,
		    "only with a conditional type" },
		{ !in->algo && in->price_protect, M_PROTECT, -1106, "only with a conditional type" },
	};

	return JUDGE(r, rules, f);
}

static int
check_good_till(const struct reading *r, struct fault *f)
{
	bool gtd = strcmp(r->in->tif, "GTD") == 0, till = r->at[M_GOOD_TILL] != NULL;
	const struct rule rules[] = {
		{ gtd && r->raw[M_GOOD_TILL] == NULL, M_GOOD_TILL, -1102, "missing; GTD needs it" },
		{ gtd && !till, M_GOOD_TILL, -5040, "must be above 0" },
		{ !gtd && till, M_GOOD_TILL, -1106, "only with timeInForce GTD" },
	};

	return JUDGE(r, rules, f);
}

static int
check_place(struct reading *r, struct fault *f)
{
	struct intent *in = r->in;
	const struct kind *k = intent_kind_of(in->type);

	if (check_names(r, f) == -1 || check_amount(r, k, f) == -1 || check_price(r, k, f) == -1 ||
	    check_trigger(r, k, f) == -1 || check_good_till(r, f) == -1)
		return -1;
	if (k->priced && in->tif[0] == '\0')
		memcpy(in->tif, "GTC", 4);
	if (!in->algo) {	/* an order object has them, the endpoint has not */
		in->working_type[0] = '\0';
		in->has_price_protect = false;
	}
	if (in->close_position)
		in->has_reduce_only = false;
	return 0;
}

/*
 * Those about an order that stands
 */

#define UNMOVABLE	"a conditional order cannot be modified; cancel it and place another"

static int
check_modify(const struct reading *r, struct fault *f)
{
	const struct intent *in = r->in;
	found const *at = &r->at;
	int t = named(r, M_TRIGGER, M_STOP), a = named(r, M_ACTIVATE, M_ACTIVATION);
	bool match = in->price_match[0] != '\0', price = (*at)[M_PRICE] != NULL;
	const struct rule rules[] = {
		{ (*at)[M_ALGO_ID] != NULL, M_ALGO_ID, -5025, UNMOVABLE },
		{ (*at)[M_CLIENT_ALGO] != NULL, M_CLIENT_ALGO, -5025, UNMOVABLE },
		{ (*at)[M_ALGO] != NULL && r->algo, M_ALGO, -5025, UNMOVABLE },
		{ (*at)[t] != NULL, t, -5025, UNMOVABLE },
		{ (*at)[a] != NULL, a, -5025, UNMOVABLE },
		{ (*at)[M_CALLBACK] != NULL, M_CALLBACK, -5025, UNMOVABLE },
		{ (*at)[M_CLOSE] != NULL, M_CLOSE, -5025, UNMOVABLE },
		{ (*at)[M_TYPE] != NULL && strcmp(in->type, "LIMIT") != 0, M_TYPE, -5025,
		    "only LIMIT orders can be modified" },
		{ (*at)[M_ORIG_ID] != NULL && (*at)[M_NEW_ID] != NULL, M_NEW_ID, -1128,
		    "not together with origClientOrderId" },
		{ in->order_id == 0 && in->client_id[0] == '\0', M_ORDER_ID, -1102,
		    "missing; modify needs orderId or origClientOrderId" },
		{ (*at)[M_QTY] == NULL && !price && !match, M_QTY, -1102,
		    "missing; modify needs quantity, price or priceMatch" },
		{ (*at)[M_QTY] != NULL && dec_sign(in->qty) <= 0, M_QTY, -4003, "must be above 0" },
		{ match && price, M_PRICE, -1106, "not together with priceMatch" },
		{ price && dec_sign(in->price) <= 0, M_PRICE, -4001, "must be above 0" },
	};

	return JUDGE(r, rules, f);
}

static int
check_cancel(struct reading *r, struct fault *f)
{
	found const *at = &r->at;
	bool regular = (*at)[M_ORDER_ID] != NULL || (*at)[M_ORIG_ID] != NULL || (*at)[M_NEW_ID] != NULL;
	bool algo = (*at)[M_ALGO_ID] != NULL || (*at)[M_CLIENT_ALGO] != NULL;
	int field = (*at)[M_ALGO_ID] != NULL ? M_ALGO_ID : M_CLIENT_ALGO;
	const struct rule rules[] = {
		{ regular && algo, field, -1128, "not together with the id of a regular order" },
		{ (*at)[M_ORIG_ID] != NULL && (*at)[M_NEW_ID] != NULL, M_NEW_ID, -1128,
		    "not together with origClientOrderId" },
		{ !regular && !algo, M_ORDER_ID, -1102,
		    "missing; cancel needs orderId, origClientOrderId, algoId or clientAlgoId" },
		{ (*at)[M_ALGO] != NULL && r->algo != algo, M_ALGO, -1128, "does not fit the id" },
	};

	if (JUDGE(r, rules, f) == -1)
		return -1;
	r->in->algo = algo;
	return 0;
}

int
intent_check(struct reading *r, struct fault *f)
{
	if (r->at[M_ALGO] != NULL)
		(void)scan_bool(r->at[M_ALGO], &r->algo);
	drop_zeros(r);
	switch (r->in->op) {
	case OP_PLACE:		return check_place(r, f);
	case OP_MODIFY:		return check_modify(r, f);
	case OP_CANCEL:		return check_cancel(r, f);
	case OP_CANCEL_ALL:	break;
	}
	r->in->algo = r->algo;
	return 0;
}

/*
 * An intent as the parameters of its request. Their order is that of the exchange's
 * tables, always the same for the same intent: a look at two queries shows what
 * differs, and the signature covers the bytes as they stand.
 */
#include "core/intent_in.h"

static const char *
pos_word(const struct intent *in)
{
	static const char *const words[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };

	return in->has_pos_side ? words[in->pos_side] : "";
}

static const char *
side_word(const struct intent *in)
{
	return in->side == SIDE_BUY ? "BUY" : in->side == SIDE_SELL ? "SELL" : "";
}

static const char *
bool_word(bool given, bool value)
{
	return !given ? "" : value ? "true" : "false";
}

static void
put_i64(struct params *ps, const char *name, int64_t n)
{
	if (n != 0)
		params_i64(ps, name, n);
}

/* By id if there is one, else by client id. */
static void
put_id(struct params *ps, const struct intent *in, const char *id, const char *client_id)
{
	if (in->order_id != 0)
		params_i64(ps, id, (int64_t)in->order_id);
	else
		params_add(ps, client_id, in->client_id);
}

/* symbol side positionSide type timeInForce quantity price, of both kinds */
static void
put_head(struct params *ps, const struct intent *in)
{
	params_add(ps, "symbol", in->symbol);
	params_add(ps, "side", side_word(in));
	params_add(ps, "positionSide", pos_word(in));
	params_add(ps, "type", in->type);
	params_add(ps, "timeInForce", in->tif);
	params_add(ps, "quantity", in->qty_s);
	params_add(ps, "price", in->price_s);
}

static void
put_place(struct params *ps, const struct intent *in)
{
	put_head(ps, in);
	params_add(ps, "reduceOnly", bool_word(in->has_reduce_only, in->reduce_only));
	params_add(ps, "newClientOrderId", in->client_id);
	params_add(ps, "newOrderRespType", in->resp_type);
	params_add(ps, "priceMatch", in->price_match);
	params_add(ps, "selfTradePreventionMode", in->stp);
	put_i64(ps, "goodTillDate", in->good_till_ms);
}

static void
put_algo(struct params *ps, const struct intent *in)
{
	params_add(ps, "algoType", "CONDITIONAL");
	put_head(ps, in);
	params_add(ps, "triggerPrice", in->trigger_s);
	params_add(ps, "workingType", in->working_type);
	params_add(ps, "priceMatch", in->price_match);
	params_add(ps, "closePosition", bool_word(in->close_position, true));
	params_add(ps, "priceProtect", bool_word(in->has_price_protect, in->price_protect));
	params_add(ps, "reduceOnly", bool_word(in->has_reduce_only, in->reduce_only));
	params_add(ps, "activatePrice", in->activate_s);
	params_add(ps, "callbackRate", in->callback_s);
	params_add(ps, "clientAlgoId", in->client_id);
	params_add(ps, "newOrderRespType", in->resp_type);
	params_add(ps, "selfTradePreventionMode", in->stp);
	put_i64(ps, "goodTillDate", in->good_till_ms);
}

/* reduceOnly changes no order: true only says that the order is one, for the minimum
 * notional. So a false, which every order object has, stays out. */
static void
put_modify(struct params *ps, const struct intent *in)
{
	params_add(ps, "symbol", in->symbol);
	params_add(ps, "side", side_word(in));
	put_id(ps, in, "orderId", "origClientOrderId");
	params_add(ps, "quantity", in->qty_s);
	params_add(ps, "price", in->price_s);
	params_add(ps, "priceMatch", in->price_match);
	put_i64(ps, "modifyId", in->modify_id);
	params_add(ps, "reduceOnly", bool_word(in->reduce_only, true));
}

static void
put_cancel(struct params *ps, const struct intent *in)
{
	if (in->algo) {		/* an algo id is the account's, not the symbol's */
		put_id(ps, in, "algoId", "clientAlgoId");
		return;
	}
	params_add(ps, "symbol", in->symbol);
	put_id(ps, in, "orderId", "origClientOrderId");
}

void
intent_params(const struct intent *in, struct params *out)
{
	out->n = 0;
	switch (in->op) {
	case OP_PLACE:
		if (in->algo)
			put_algo(out, in);
		else
			put_place(out, in);
		break;
	case OP_MODIFY:		put_modify(out, in); break;
	case OP_CANCEL:		put_cancel(out, in); break;
	case OP_CANCEL_ALL:	params_add(out, "symbol", in->symbol); break;
	}
}

void
intent_query(const struct intent *in, struct buf *out)
{
	struct params ps;

	intent_params(in, &ps);
	params_query(&ps, out);
}

enum ep
intent_endpoint(const struct intent *in)
{
	static const enum ep eps[OPS][2] = {	/* regular, algo */
		[OP_PLACE] = { EP_ORDER_PLACE, EP_ALGO_PLACE },
		[OP_CANCEL] = { EP_ORDER_CANCEL, EP_ALGO_CANCEL },
		[OP_CANCEL_ALL] = { EP_CANCEL_ALL, EP_CANCEL_ALL_ALGO },
		[OP_MODIFY] = { EP_ORDER_MODIFY, EP_ORDER_MODIFY }
	};

	return eps[in->op][in->algo];
}

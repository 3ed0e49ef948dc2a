/* How an order looks in answers: acknowledged, modified, asked for. */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "number.h"

/*
 * `sim numbers=hostile`: what an exchange might send one day, and still be
 * right (F99). Zeros become "-0.000" or nothing at all, others take an
 * exponent, quantities are bare numbers.
 */
static void
put_hostile(struct buf *b, const char *key, dec d, bool bare)
{
	char text[DEC_STR + 16], digits[DEC_STR];

	if (dec_sign(d) == 0) {
		jw_str(b, key, bare ? "-0.000" : "");
		return;
	}
	dec_print((dec){ d.c, 0 }, digits);
	snprintf(text, sizeof text, "%s%c-%d", digits, bare ? 'e' : 'E', d.scale);
	if (bare)
		jw_raw(b, key, text, strlen(text));
	else
		jw_str(b, key, text);
}

static bool
hostile(const struct call *c)
{
	return faults_shape(c->s->faults)->hostile_numbers;
}

static void
put_price(struct call *c, const char *key, dec d)
{
	if (hostile(c))
		put_hostile(&c->out, key, d, false);
	else
		jw_dec(&c->out, key, d);
}

static void
put_qty(struct call *c, const char *key, dec d)
{
	if (hostile(c))
		put_hostile(&c->out, key, d, true);
	else
		jw_dec(&c->out, key, d);
}

static const char *
status_of(const struct call *c, const struct engine_order *o, bool ack)
{
	const struct fault_shape *shape = faults_shape(c->s->faults);

	if (shape->status_enum[0] != '\0')
		return shape->status_enum;
	return ack ? "NEW" : order_status_name(o->status);
}

/* With that many decimals, if no others are lost. */
dec
at_scale(dec d, int scale)
{
	dec out;

	return dec_rescale(&out, d, scale, DEC_DOWN) && dec_cmp(out, d) == 0 ? out : d;
}

dec
at_tick(const struct rules *r, dec d)
{
	return at_scale(d, r->tick.scale);
}

/* ack: an acknowledgement, which says NEW whatever has come of it. */
static void
put_common(struct call *c, const struct engine_order *o, bool ack)
{
	const struct rules *r = engine_rules(c->s->engine, o->sym);
	dec none = { 0, o->qty.scale };
	struct buf *b = &c->out;

	jw_u64(b, "orderId", o->id);
	jw_str(b, "symbol", r->symbol);
	jw_str(b, "status", status_of(c, o, ack));
	jw_str(b, "clientOrderId", o->client_id);
	put_price(c, "price", at_tick(r, o->type == ORDER_MARKET ? dec_int(0) : o->price));
	put_qty(c, "origQty", o->qty);
	put_qty(c, "executedQty", ack ? none : o->filled);
	jw_str(b, "timeInForce", order_tif_name(o->tif));
	jw_str(b, "type", order_type_name(o->type));
	jw_bool(b, "reduceOnly", o->reduce);
	jw_bool(b, "closePosition", o->close);
	jw_str(b, "side", order_side_name(o->side));
	jw_str(b, "positionSide", pos_mode_name(o->pos_mode));
	put_price(c, "stopPrice", at_tick(r, o->stop));
	jw_str(b, "workingType", o->by_mark ? "MARK_PRICE" : "CONTRACT_PRICE");
	jw_bool(b, "priceProtect", o->protect);
	jw_str(b, "origType", order_type_name(o->orig_type));
	jw_str(b, "priceMatch", price_match_name(o->match));
	jw_str(b, "selfTradePreventionMode", order_stp_name(o->stp));
	if (c->market == USDM)
		jw_i64(b, "goodTillDate", o->gtd_ms);
	jw_i64(b, "updateTime", ack ? o->time_ms : o->update_ms);
	if (o->orig_type == ORDER_TRAILING_STOP_MARKET && !ack) {
		jw_dec(b, "activatePrice", at_tick(r, o->activate));
		number_short(b, "priceRate", o->callback);
	}
}

/* USD(T): contracts x size on COIN-M, a whole number of dollars. */
static void
put_cum_quote(struct call *c, const struct engine_order *o, bool ack)
{
	const struct rules *r = engine_rules(c->s->engine, o->sym);
	int scale = c->market == COINM ? 0 : r->tick.scale + r->step.scale;
	dec quote = ack ? dec_int(0) : o->quote;

	(void)dec_rescale(&quote, quote, scale, DEC_DOWN);
	put_price(c, "cumQuote", quote);
}

/* Coins; of USDⓈ-M just the quantity. */
static void
put_cum_base(struct call *c, const struct engine_order *o, bool ack)
{
	dec base = ack ? (dec){ 0, o->base.scale } : o->base;

	if (c->market == USDM)
		put_qty(c, "cumBase", ack ? (dec){ 0, o->qty.scale } : o->filled);
	else
		number_money(&c->out, "cumBase", base);
}

static void
put_average(struct call *c, const struct engine_order *o, bool ack)
{
	dec avg = ack ? (dec){ 0, 5 } : order_avg(c->s->engine, o);

	put_price(c, "avgPrice", avg);
}

static void
put_pair(struct call *c, const struct engine_order *o)
{
	jw_str(&c->out, "pair", engine_rules(c->s->engine, o->sym)->pair);
}

/* What acknowledgements no longer have, and `sim ack=full` brings back. */
static void
put_once(struct call *c, const struct engine_order *o, bool ack)
{
	if (!faults_shape(c->s->faults)->full_ack)
		return;
	put_average(c, o, ack);
	put_cum_base(c, o, ack);
	if (c->market == USDM)
		put_cum_quote(c, o, ack);
}

static void
put_answer(struct call *c, const struct engine_order *o, bool ack)
{
	put_common(c, o, ack);
	put_qty(c, "cumQty", ack ? (dec){ 0, o->qty.scale } : o->filled);
	put_once(c, o, ack);
}

void
put_order_ack(struct call *c, const struct engine_order *o, bool ack)
{
	jw_open(&c->out, NULL, '{');
	put_answer(c, o, ack);
	if (c->market == COINM)
		put_pair(c, o);
	jw_close(&c->out, '}');
}

void
put_order_modified(struct call *c, const struct engine_order *o)
{
	jw_open(&c->out, NULL, '{');
	put_answer(c, o, false);
	put_pair(c, o);
	if (o->modify_id != 0)
		jw_i64(&c->out, "modifyId", o->modify_id);
	jw_close(&c->out, '}');
}

void
put_order_test(struct call *c, const struct engine_order *o)
{
	jw_open(&c->out, NULL, '{');
	put_common(c, o, true);
	put_qty(c, "cumQty", (dec){ 0, o->qty.scale });
	put_average(c, o, true);
	put_cum_quote(c, o, true);
	jw_close(&c->out, '}');
}

void
put_order_full(struct call *c, const char *key, const struct engine_order *o)
{
	jw_open(&c->out, key, '{');
	put_common(c, o, false);
	put_average(c, o, false);
	if (c->market == USDM) {
		put_cum_quote(c, o, false);
	} else {
		put_pair(c, o);
		put_cum_base(c, o, false);
	}
	jw_i64(&c->out, "time", o->time_ms);
	jw_close(&c->out, '}');
}

void
put_order_history(struct call *c, const struct engine_order *o)
{
	jw_open(&c->out, NULL, '{');
	put_common(c, o, false);
	put_average(c, o, false);
	put_cum_quote(c, o, false);
	put_cum_base(c, o, false);
	put_pair(c, o);
	if (c->market == COINM)
		jw_i64(&c->out, "goodTillDate", o->gtd_ms);
	jw_i64(&c->out, "time", o->time_ms);
	jw_close(&c->out, '}');
}

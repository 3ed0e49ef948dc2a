/* Which open orders protect a position. */
#include <string.h>

#include "app.h"
#include "look.h"

static bool
of_leg(const struct open_order *o, const struct position *p)
{
	return o->pos_side == p->side && strcmp(o->symbol, p->symbol) == 0;
}

/* A stop loss: a trailing one too. */
static bool
is_stop(const struct open_order *o)
{
	return strstr(o->type, "STOP") != NULL;
}

/* It only takes off, and waits for a price: a stop or a take profit. */
static bool
guards(const struct open_order *o, const struct position *p)
{
	return of_leg(o, p) && o->reduce && (is_stop(o) || strstr(o->type, "TAKE_PROFIT") != NULL) &&
	    (o->side == SIDE_SELL) == (dec_sign(p->amt) > 0);
}

/* What is left of it, at most what there is to take. */
static dec
takes(const struct open_order *o, const struct position *p)
{
	dec left = dec_int(0), size = dec_abs(p->amt);

	if (o->close_all)
		return size;
	if (!dec_sub(&left, o->qty, o->filled))
		return dec_int(0);
	return dec_min(left, size);
}

void
protection_of(struct protection *out, const struct account *a, const struct position *p)
{
	const struct open_order *o;
	dec size = dec_abs(p->amt);

	memset(out, 0, sizeof *out);
	for (o = a->ord; o < a->ord + a->nord; o++) {
		out->open += of_leg(o, p);
		if (!guards(o, p))
			continue;
		out->guards++;
		if (is_stop(o) && !dec_add(&out->covered, out->covered, takes(o, p)))
			out->covered = size;	/* out of room: far more than there is */
	}
	out->covered = dec_min(out->covered, size);
	out->whole = dec_sign(size) > 0 && dec_cmp(out->covered, size) == 0;
}

static void
put_guard(struct buf *b, const struct open_order *o, const struct position *p)
{
	jw_open(b, NULL, '{');
	jw_str(b, "type", o->type);
	jw_str(b, "side", o->side == SIDE_BUY ? "BUY" : "SELL");
	put_maybe(b, "triggerPrice", dec_sign(o->trigger) > 0, &o->trigger);
	put_maybe(b, "price", dec_sign(o->price) > 0, &o->price);
	jw_str(b, "workingType", o->by_mark ? "MARK_PRICE" : "CONTRACT_PRICE");
	put_maybe(b, "quantity", !o->close_all, &o->qty);
	jw_bool(b, "closePosition", o->close_all);
	jw_u64(b, o->algo ? "algoId" : "orderId", o->id);
	jw_str(b, o->algo ? "clientAlgoId" : "clientOrderId", o->client_id);
	jw_dec(b, "covers", takes(o, p));
	jw_close(b, '}');
}

void
put_protection(struct buf *b, const char *key, const struct account *a, const struct position *p)
{
	jw_open(b, key, '[');
	for (const struct open_order *o = a->ord; o < a->ord + a->nord; o++)
		if (guards(o, p))
			put_guard(b, o, p);
	jw_close(b, ']');
}

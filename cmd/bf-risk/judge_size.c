/* The rules about how much: leverage, notional. Each compares what would be with what is: what does
 * not grow by the intent passes. */
#include "judge_in.h"

/*
 * What exposure may be, so that after <= limit (equity - cost (after - before)): the fee and
 * spread of what is added come off the equity, else a fill at the limit would at once be
 * reduced again. Solved for after, rounded down: limit (equity + cost before) / (1 + limit cost).
 */
static bool
room_for(dec limit, dec equity, dec cost, dec before, dec *out)
{
	dec top, bottom;

	return dec_mul(&top, cost, before) && dec_add(&top, top, equity) && dec_mul(&top, top, limit) &&
	    dec_mul(&bottom, limit, cost) && dec_add(&bottom, bottom, dec_int(1)) &&
	    dec_div(out, top, bottom, 12, DEC_FLOOR);
}

/* Leverage once what is added has been paid for. false: equity does not last, or out of room. */
static bool
leverage_after(dec before, dec after, dec equity, dec cost, dec *out)
{
	dec paid;

	return dec_sub(&paid, after, before) && dec_mul(&paid, dec_max(paid, dec_int(0)), cost) &&
	    dec_sub(&equity, equity, paid) && margin_leverage(out, after, equity);
}

static enum held
leverage_holds(const struct ask *q, const struct limit *lim, struct breach *b, dec before, dec after, const char *what)
{
	dec room, lev;

	if (dec_cmp(after, before) <= 0)
		return HOLDS;
	if (!q->has_equity)
		return UNSURE;
	if (dec_sign(q->equity) <= 0) {
		say(b, "the account has no equity to carry new risk");
		return BREAKS;
	}
	if (!room_for(lim->max, q->equity, q->l->cost, before, &room))
		return UNSURE;
	if (dec_cmp(after, room) <= 0)
		return HOLDS;
	if (!leverage_after(before, after, q->equity, q->l->cost, &lev)) {
		say(b, "%s would be without bound, limit %s", what, b->limit);
		return BREAKS;
	}
	value_is(b, lev);
	say(b, "%s would be %s, limit %s", what, b->value, b->limit);
	return BREAKS;
}

enum held
rule_max_lev(struct ask *q, const struct limit *lim, struct breach *b)
{
	if (!q->before.wallet_known || !q->after.wallet_known)
		return UNSURE;
	return leverage_holds(q, lim, b, q->before.gross, q->after.gross, "effective leverage");
}

enum held
rule_symbol_lev(struct ask *q, const struct limit *lim, struct breach *b)
{
	if (!q->before.symbol_known || !q->after.symbol_known)
		return UNSURE;
	return leverage_holds(q, lim, b, q->before.symbol, q->after.symbol, "leverage of the symbol");
}

static enum held
money_holds(const struct limit *lim, struct breach *b, bool known, dec before, dec after, const char *what)
{
	if (!known)
		return UNSURE;
	if (dec_cmp(after, before) <= 0 || dec_cmp(after, lim->max) <= 0)
		return HOLDS;
	if (after.scale > 8)	/* nobody reads more */
		(void)dec_rescale(&after, after, 8, DEC_UP);
	dec_print_short(after, b->value);
	say(b, "%s would be %s, limit %s", what, b->value, b->limit);
	return BREAKS;
}

enum held
rule_order_notional(struct ask *q, const struct limit *lim, struct breach *b)
{
	const struct open_order *o = q->old;
	dec v = dec_int(0), was = v, left;
	bool known = rules_notional(&v, &q->c->rules, q->x.qty, q->x.price) &&
	    (o == NULL || (dec_sub(&left, o->qty, o->filled) && rules_notional(&was, &q->c->rules, left, o->price)));

	return money_holds(lim, b, known, was, v, "the order's value");
}

enum held
rule_position_notional(struct ask *q, const struct limit *lim, struct breach *b)
{
	return money_holds(lim, b, q->before.symbol_known && q->after.symbol_known, q->before.symbol_value,
	    q->after.symbol_value, "the position's value");
}

enum held
rule_gross_notional(struct ask *q, const struct limit *lim, struct breach *b)
{
	return money_holds(lim, b, q->before.wallet_known && q->after.wallet_known, q->before.gross_value,
	    q->after.gross_value, "gross value of all positions");
}

enum held
rule_net_notional(struct ask *q, const struct limit *lim, struct breach *b)
{
	return money_holds(lim, b, q->before.wallet_known && q->after.wallet_known, q->before.net_value,
	    q->after.net_value, "net value of all positions");
}

/* The rules about prices: of the order, and of what it is judged by. */
#include <string.h>

#include "core/funding.h"

#include "judge_in.h"

static int64_t
age_of(const struct ask *q)
{
	int64_t arrived = q->was->now.mono_ms - q->s->mono_ms, told = q->was->now.ms - q->s->mark_ms;

	return arrived > told ? arrived : told;
}

/* What came down the pipe must be fresh on the pipe, and be of now by its own time. */
enum held
rule_mark_age(struct ask *q, const struct limit *lim, struct breach *b)
{
	int64_t age;

	if (q->c == NULL)
		return HOLDS;	/* there is no such symbol: said already */
	if (dec_sign(q->mark) <= 0) {
		say(b, "no fresh mark price of %s", q->in.symbol);
		return BREAKS;
	}
	age = age_of(q);
	if (!lim->on || age <= limit_times(lim->max, 1000))
		return HOLDS;
	value_is(b, (dec){ .c = age, .scale = 3 });
	say(b, "mark price of %s is stale: %lld ms old, at most %lld allowed", q->in.symbol, (long long)age,
	    (long long)limit_times(lim->max, 1000));
	return BREAKS;
}

/* Distance of the mark from another price, percent of that; 0: that is not known. */
static bool
jump_from(dec *out, dec mark, dec from)
{
	dec d;

	*out = dec_int(0);
	return dec_sign(from) <= 0 || (dec_sub(&d, mark, from) && ratio_of(out, dec_abs(d), from, 100));
}

enum held
rule_mark_jump(struct ask *q, const struct limit *lim, struct breach *b)
{
	dec jump, basis;

	if (dec_sign(q->s->ref) <= 0 && dec_sign(q->s->index) <= 0) {
		say(b, "neither an earlier mark nor the index of %s is known to hold its mark against", q->in.symbol);
		return UNSURE;
	}
	if (!jump_from(&jump, q->mark, q->s->ref) || !jump_from(&basis, q->mark, q->s->index))
		return UNSURE;
	if (dec_cmp(dec_max(jump, basis), lim->max) <= 0)
		return HOLDS;
	value_is(b, dec_max(jump, basis));
	say(b, "mark price of %s is %s %% from %s, limit %s %%", q->in.symbol, b->value,
	    dec_cmp(jump, basis) >= 0 ? "that of a moment ago" : "its index", b->limit);
	return BREAKS;
}

/* What the price is held against: the mark; of a conditional order its trigger, where it will be. */
static dec
band_centre(const struct ask *q)
{
	return dec_sign(q->in.trigger) > 0 ? q->in.trigger : dec_sign(q->in.activate) > 0 ? q->in.activate : q->mark;
}

/* The furthest price that would pass; "" if it cannot be told. */
static void
say_edge(const struct ask *q, const struct limit *lim, dec centre, struct breach *b)
{
	dec edge, bps, tick = q->c->rules.tick;
	char s[DEC_STR];

	if (!dec_mul(&bps, lim->max, dec_int(100)) || !ask_slipped(&edge, q, centre, bps) || dec_sign(tick) <= 0 ||
	    !(q->in.side == SIDE_BUY ? dec_floor : dec_ceil)(&edge, edge, tick))
		return;
	dec_print(edge, s);
	say(b, q->market_like ? "; a limit order at %s would pass" : "; price %s would pass", s);
}

enum held
rule_price_band(struct ask *q, const struct limit *lim, struct breach *b)
{
	dec centre = band_centre(q), d, off;
	char price[DEC_STR];

	if (!dec_sub(&d, q->own, centre) || !ratio_of(&off, q->in.side == SIDE_BUY ? d : dec_neg(d), centre, 100))
		return UNSURE;
	if (dec_cmp(off, lim->max) <= 0)
		return HOLDS;
	value_is(b, off);
	dec_print_short(q->own, price);
	say(b, "%sprice %s is %s %% %s %s, limit %s %%", q->market_like ? "worst " : "", price, b->value,
	    q->in.side == SIDE_BUY ? "above" : "below", dec_cmp(centre, q->mark) == 0 ? "the mark" : "its trigger", b->limit);
	say_edge(q, lim, centre, b);
	return BREAKS;
}

/* A market order in wild moments; where it may become a protected one, it has by now. */
enum held
rule_volatile_market(struct ask *q, const struct limit *lim, struct breach *b)
{
	dec vol;

	if (q->protect || strcmp(q->in.type, "MARKET") != 0)
		return HOLDS;
	if (!ask_volatility(&vol, q, lim)) {
		say(b, "volatility of %s is not known: no market order", q->in.symbol);
		return UNSURE;
	}
	if (dec_cmp(vol, lim->max) <= 0)
		return HOLDS;
	value_is(b, vol);
	say(b, "no market order while volatility of %s is %s %%, limit %s %%", q->in.symbol, b->value, b->limit);
	return BREAKS;
}

/*
 * Funding
 */

/* When it settles next; 0: not known. */
static int64_t
next_settlement(const struct contract *c, int64_t now_ms)
{
	int64_t step = (int64_t)c->funding_hours * 3600000;

	if (c->funding_ms <= 0 || c->funding_ms > now_ms)
		return c->funding_ms > 0 ? c->funding_ms : 0;
	return step <= 0 ? 0 : c->funding_ms + ((now_ms - c->funding_ms) / step + 1) * step;
}

static const struct position *
position_of(const struct ask *q)
{
	for (int i = 0; i < q->a->npos; i++)
		if (q->a->pos[i].side == q->x.pos_side && strcmp(q->a->pos[i].symbol, q->in.symbol) == 0)
			return &q->a->pos[i];
	return NULL;
}

static bool
add_signed(dec *amt, enum order_side side, dec qty)
{
	return side == SIDE_BUY ? dec_add(amt, *amt, qty) : dec_sub(amt, *amt, qty);
}

/* The position with all orders of this side filled, and this one, signed. */
static bool
projected(dec *amt, const struct ask *q)
{
	const struct position *p = position_of(q);
	dec left;

	*amt = p != NULL ? p->amt : dec_int(0);
	for (int i = 0; i < q->a->nord; i++) {
		const struct open_order *o = &q->a->ord[i];

		if (o->reduce || o->side != q->x.side || o->pos_side != q->x.pos_side || strcmp(o->symbol, q->in.symbol) != 0)
			continue;
		if (!dec_sub(&left, o->qty, o->filled) || !add_signed(amt, o->side, left))
			return false;
	}
	for (int i = 0; i < q->w->npending; i++) {
		const struct pending *o = &q->w->pending[i];

		if (o->market == q->market && o->side == q->x.side && o->pos_side == q->x.pos_side &&
		    strcmp(o->symbol, q->in.symbol) == 0 && !add_signed(amt, o->side, o->qty))
			return false;
	}
	return add_signed(amt, q->x.side, q->x.qty);
}

/* In the unit of the equity; 0: nothing is paid. */
static bool
funding_cost(dec *out, const struct ask *q)
{
	struct leg l = { .kind = q->c->kind, .size = q->c->size };
	dec pay, rate;

	if (!projected(&l.amt, q) || !ask_rate(&rate, q, q->c->rules.margin, true) ||
	    !funding_payment(&pay, &l, q->mark, q->c->funding_rate) || !dec_mul(&pay, pay, rate))
		return false;
	*out = dec_max(dec_neg(pay), dec_int(0));
	return true;
}

/* An order that receives, or shrinks what pays, costs nothing: it passes. */
enum held
rule_funding(struct ask *q, const struct limit *lim, struct breach *b)
{
	int64_t at = next_settlement(q->c, q->was->now.ms);
	dec cost, bps;

	if (strstr(q->c->rules.contract, "PERPETUAL") == NULL && q->c->rules.contract[0] != '\0')
		return HOLDS;
	if (at == 0) {
		say(b, "the funding rate of %s is not known: no new risk", q->in.symbol);
		return UNSURE;
	}
	if ((lim->window_ms > 0 && at - q->was->now.ms > lim->window_ms) ||
	    dec_sign(q->c->funding_rate) != (q->in.side == SIDE_BUY ? 1 : -1))
		return HOLDS;
	if (!q->has_equity || !funding_cost(&cost, q))
		return UNSURE;
	if (dec_sign(cost) == 0)
		return HOLDS;
	if (dec_sign(q->equity) <= 0) {
		say(b, "the account has no equity to carry new risk");
		return BREAKS;
	}
	if (!ratio_of(&bps, cost, q->equity, 10000))
		return UNSURE;
	if (dec_cmp(bps, lim->max) <= 0)
		return HOLDS;
	value_is(b, bps);
	say(b, "funding of %s in %lld min would cost %s bps of the equity, limit %s", q->in.symbol,
	    (long long)((at - q->was->now.ms) / 60000), b->value, b->limit);
	return BREAKS;
}

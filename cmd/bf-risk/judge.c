#include <string.h>

#include "judge.h"

/* The value of the orders of one symbol and side, by side of the book. */
struct books { dec buys, sells; };

static bool
same(const char *sym_a, enum pos_side a, const char *sym_b, enum pos_side b)
{
	return a == b && strcmp(sym_a, sym_b) == 0;
}

static bool
add_order(struct books *b, enum order_side side, dec price, dec qty)
{
	dec v;

	if (!dec_mul(&v, price, qty))
		return false;
	return side == SIDE_BUY ? dec_add(&b->buys, b->buys, v) : dec_add(&b->sells, b->sells, v);
}

/* All orders that could still fill on one position; exits need no room. */
static bool
books_of(const struct account *a, const char *symbol, enum pos_side side, const struct pending *p, int n,
    const struct pending *extra, struct books *out)
{
	dec left;

	*out = (struct books){ 0 };
	for (int i = 0; i < a->nord; i++) {
		const struct open_order *o = &a->ord[i];

		if (o->reduce || !same(o->symbol, o->pos_side, symbol, side))
			continue;
		if (!dec_sub(&left, o->qty, o->filled) || !add_order(out, o->side, o->price, left))
			return false;
	}
	for (int i = 0; i < n; i++)
		if (same(p[i].symbol, p[i].pos_side, symbol, side) &&
		    !add_order(out, p[i].side, p[i].price, p[i].qty))
			return false;
	if (extra != NULL && same(extra->symbol, extra->pos_side, symbol, side))
		return add_order(out, extra->side, extra->price, extra->qty);
	return true;
}

/* max(|N + buys|, |N - sells|), added to *sum. */
static bool
add_worst(dec *sum, dec notional, const struct books *b)
{
	dec up, down;

	return dec_add(&up, notional, b->buys) && dec_sub(&down, notional, b->sells) &&
	    dec_add(sum, *sum, dec_max(dec_abs(up), dec_abs(down)));
}

static bool
has_position(const struct account *a, const char *symbol, enum pos_side side)
{
	for (int i = 0; i < a->npos; i++)
		if (same(a->pos[i].symbol, a->pos[i].side, symbol, side))
			return true;
	return false;
}

/* A symbol that no position row stands for: its orders count from flat. Each
 * is met at its first order only. */
static bool
add_flat(const struct account *a, const struct pending *p, int n, const struct pending *extra, dec *sum)
{
	struct books b;

	for (int i = 0; i < a->nord; i++) {
		const struct open_order *o = &a->ord[i];
		bool first = !has_position(a, o->symbol, o->pos_side);

		for (int j = 0; j < i && first; j++)
			first = !same(a->ord[j].symbol, a->ord[j].pos_side, o->symbol, o->pos_side);
		if (first && (!books_of(a, o->symbol, o->pos_side, p, n, extra, &b) ||
		    !add_worst(sum, dec_int(0), &b)))
			return false;
	}
	for (int i = 0; i < n + (extra != NULL); i++) {
		const struct pending *o = i < n ? &p[i] : extra;
		bool first = !has_position(a, o->symbol, o->pos_side);

		for (int j = 0; j < a->nord && first; j++)
			first = !same(a->ord[j].symbol, a->ord[j].pos_side, o->symbol, o->pos_side);
		for (int j = 0; j < i && first; j++)
			first = !same(p[j].symbol, p[j].pos_side, o->symbol, o->pos_side);
		if (first && (!books_of(a, o->symbol, o->pos_side, p, n, extra, &b) ||
		    !add_worst(sum, dec_int(0), &b)))
			return false;
	}
	return true;
}

bool
position_notional(const struct position *p, dec *out)
{
	if (dec_sign(p->mark) > 0)
		return dec_mul(out, p->amt, p->mark);
	return dec_mul(out, p->amt, p->entry) && dec_add(out, *out, p->upnl);
}

bool
exposure(const struct account *a, const char *asset, const struct pending *p, int n,
    const struct pending *extra, dec *out)
{
	dec sum = dec_int(0), notional;
	struct books b;

	for (int i = 0; i < a->npos; i++) {
		const struct position *q = &a->pos[i];

		if (q->margin_asset[0] != '\0' && strcmp(q->margin_asset, asset) != 0)
			continue;
		if (!position_notional(q, &notional) ||
		    !books_of(a, q->symbol, q->side, p, n, extra, &b) || !add_worst(&sum, notional, &b))
			return false;
	}
	if (!add_flat(a, p, n, extra, &sum))
		return false;
	*out = sum;
	return true;
}

/* The greatest quantity on step whose exposure keeps to room (limit x equity),
 * found by halving: exposure only grows with the quantity once it binds. */
static bool
nearest_size(const struct account *a, const char *asset, const struct pending *p, int n,
    const struct pending *extra, dec room, dec step, dec *out)
{
	struct pending try = *extra;
	i128 lo = 0, hi;
	dec steps, e;

	*out = dec_int(0);
	if (!dec_div(&steps, extra->qty, step, 0, DEC_DOWN))
		return false;
	hi = steps.c;
	while (lo < hi) {
		i128 mid = lo + (hi - lo + 1) / 2;

		if (!dec_mul(&try.qty, step, (dec){ .c = mid }) || !exposure(a, asset, p, n, &try, &e))
			return false;
		if (dec_cmp(e, room) <= 0)
			lo = mid;
		else
			hi = mid - 1;
	}
	return dec_mul(out, step, (dec){ .c = lo });
}

/*
 * What exposure may be, so that after <= limit (equity - cost (after - before)):
 * the fee and spread of what is added come off the equity. Solved for after,
 * rounded down: limit (equity + cost before) / (1 + limit cost).
 */
static bool
room_for(dec limit, dec equity, dec cost, dec before, dec *out)
{
	dec top, bottom;

	return dec_mul(&top, cost, before) && dec_add(&top, top, equity) && dec_mul(&top, top, limit) &&
	    dec_mul(&bottom, limit, cost) && dec_add(&bottom, bottom, dec_int(1)) &&
	    dec_div(out, top, bottom, 12, DEC_FLOOR);
}

/* Leverage once what is added has been paid for. */
static bool
leverage_after(dec before, dec after, dec equity, dec cost, dec *out)
{
	dec paid;

	return dec_sub(&paid, after, before) && dec_mul(&paid, dec_max(paid, dec_int(0)), cost) &&
	    dec_sub(&equity, equity, paid) && margin_leverage(out, after, equity);
}

bool
judge(const struct account *a, const char *asset, const struct pending *p, int n,
    const struct pending *extra, dec limit, dec cost, dec step, struct verdict *out)
{
	struct account_sum sum;
	dec before, after, room;

	*out = (struct verdict){ 0 };
	if (!a->known || !account_sum(a, asset, &sum) || !exposure(a, asset, p, n, NULL, &before) ||
	    !exposure(a, asset, p, n, extra, &after))
		return false;
	out->bounded = margin_leverage(&out->before, before, sum.equity) &&
	    leverage_after(before, after, sum.equity, cost, &out->after);
	if (dec_cmp(after, before) <= 0) {
		out->pass = true;
		return true;
	}
	if (dec_sign(sum.equity) <= 0)
		return true;
	if (!room_for(limit, sum.equity, cost, before, &room))
		return false;
	out->pass = dec_cmp(after, room) <= 0;
	if (!out->pass && dec_sign(step) > 0)
		return nearest_size(a, asset, p, n, extra, room, step, &out->nearest);
	return true;
}

bool
size_reduction(dec *out, dec sum, dec equity, dec mark, dec abs, dec target, dec cost,
    dec step, dec max)
{
	dec over, per_unit, q, one = dec_int(1);

	if (dec_sign(abs) <= 0 || dec_sign(mark) <= 0 || dec_sign(step) <= 0)
		return false;
	/* q >= (sum - target equity) / (mark (1 - target cost)) */
	if (!dec_mul(&over, target, equity) || !dec_sub(&over, sum, over) ||
	    !dec_mul(&per_unit, target, cost) || !dec_sub(&per_unit, one, per_unit) ||
	    !dec_mul(&per_unit, per_unit, mark))
		return false;
	if (dec_sign(over) <= 0)
		return false;
	if (dec_sign(equity) <= 0 || dec_sign(per_unit) <= 0)
		q = abs;
	else if (!dec_div(&q, over, per_unit, 12, DEC_UP) || !dec_ceil(&q, q, step))
		return false;
	q = dec_min(q, abs);
	if (dec_sign(max) > 0)
		q = dec_min(q, max);
	*out = q;
	return dec_sign(q) > 0;
}

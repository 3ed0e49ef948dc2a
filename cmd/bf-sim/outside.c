/* Liquidity and trades of the world outside, in the same book as users' orders. */
#include <stdlib.h>

#include "state.h"

/*
 * A new outside quantity takes what users' orders it runs through, as far as it
 * reaches, and pushes the outside's own stale levels out of its way. Answers
 * what of it is left.
 */
static dec
uncross(struct engine *e, struct sym *s, const struct engine_level *n)
{
	dec left = n->qty, q;
	struct level *l;
	struct ord *m;

	while (!e->bad && dec_sign(left) > 0 && (l = book_best(s, side_other(n->side))) != NULL &&
	    book_crosses(n->side, n->price, l->price)) {
		if (dec_sign(l->outside) > 0) {
			book_outside(e, s, l->side, l->price, (dec){ 0, l->qty.scale });
			continue;
		}
		m = l->head;
		q = dec_min(left, order_allowed(m, order_rest(m)));
		if (dec_sign(q) == 0) {
			order_end(e, m, STATUS_EXPIRED, 4);
			continue;
		}
		left = num_sub(&e->bad, left, q);
		order_trade(e, s, m, NULL, n->side, l->price, q);
	}
	return left;
}

void
outside_set(struct engine *e, struct sym *s, const struct engine_level *level, int n, bool reset)
{
	int i;

	if (s->delivered)	/* nobody trades it any more */
		return;
	if (reset)
		book_outside_only(e, s, level, n);
	for (i = 0; i < n && !e->bad; i++)
		book_outside(e, s, level[i].side, level[i].price, uncross(e, s, &level[i]));
}

/* At the symbol's scales; false: it does not fit them, or is so large that sums of
 * it would run out of digits. */
static bool
at_scales(const struct sym *s, const struct engine_level *in, struct engine_level *out)
{
	*out = *in;
	return (in->side == SIDE_BUY || in->side == SIDE_SELL) && dec_sign(in->price) > 0 &&
	    dec_sign(in->qty) >= 0 && eng_is_money(in->price) && eng_is_money(in->qty) &&
	    dec_decimals(in->price) <= s->c.rules.tick.scale &&
	    dec_decimals(in->qty) <= s->c.rules.step.scale &&
	    dec_rescale(&out->price, in->price, s->c.rules.tick.scale, DEC_DOWN) &&
	    dec_rescale(&out->qty, in->qty, s->c.rules.step.scale, DEC_DOWN);
}

static int
wrong_level(struct fault *f)
{
	return eng_misuse(f, "an outside price or quantity does not fit tickSize and stepSize");
}

/* What is due by a last price that trades have moved. */
static void
look(struct engine *e, struct sym *s)
{
	if (s->last_moved)
		algo_price(e, s);
}

int
engine_outside(struct engine *e, int sym, const struct engine_level *level, int n, bool reset,
    int64_t now_ms, struct fault *f)
{
	struct engine_level *v;
	struct sym *s;
	int i;

	if (eng_begin(e, -1, sym, now_ms, f) == -1)
		return -1;
	if ((s = eng_sym(e, sym)) == NULL || n < 0)
		return eng_misuse(f, "no such symbol");
	if ((v = malloc((size_t)n * sizeof *v + 1)) == NULL) {
		e->bad = true;
		return eng_sound(e, f);
	}
	for (i = 0; i < n; i++)
		if (!at_scales(s, &level[i], &v[i])) {
			free(v);
			return wrong_level(f);
		}
	if (reset)	/* the maker's among them: what stays is not its own any more */
		s->nquotes = 0;
	outside_set(e, s, v, n, reset);
	free(v);
	look(e, s);
	return eng_finish(e, f);
}

/*
 * Trades
 */

/* The user who is first in the queue has his part of a trade; what is left of it. */
static dec
meet(struct engine *e, struct sym *s, struct level *l, enum order_side taker, dec left)
{
	struct ord *m = l->head;
	dec q = dec_min(left, order_allowed(m, order_rest(m)));

	if (dec_sign(q) == 0) {
		order_end(e, m, STATUS_EXPIRED, 4);
		return left;
	}
	left = num_sub(&e->bad, left, q);
	order_trade(e, s, m, NULL, taker, l->price, q);
	return left;
}

/* Users waiting at a price the trade went through. Answers what is left of it. */
static dec
through(struct engine *e, struct sym *s, struct level *l, enum order_side taker, dec left)
{
	while (!e->bad && dec_sign(left) > 0 && l->head != NULL)
		left = meet(e, s, l, taker, left);
	return left;
}

/* The queue of the price itself: the outside in front of an order, then that. */
static dec
down_the_queue(struct engine *e, struct sym *s, struct level *l, enum order_side taker, dec left)
{
	dec q;

	while (!e->bad && dec_sign(left) > 0 && l->head != NULL) {
		q = dec_min(left, book_outside_front(l));
		if (dec_sign(q) == 0) {
			left = meet(e, s, l, taker, left);
			continue;
		}
		book_outside_take(e, s, l, q);
		order_trade(e, s, NULL, NULL, taker, l->price, q);
		left = num_sub(&e->bad, left, q);
	}
	if (!e->bad)
		book_outside_take(e, s, l, dec_min(left, book_outside_front(l)));
	return left;
}

static void
outside_trade(struct engine *e, struct sym *s, enum order_side taker, dec price, dec qty)
{
	struct level *l, *next;
	dec left = qty;

	for (l = book_best(s, side_other(taker)); l != NULL && dec_sign(left) > 0 && !e->bad;
	    l = next) {
		if (!book_crosses(taker, price, l->price))
			break;
		next = book_next(l);
		if (dec_cmp(l->price, price) == 0)
			left = down_the_queue(e, s, l, taker, left);
		else
			left = through(e, s, l, taker, left);
	}
	if (dec_sign(left) > 0 && !e->bad)	/* of the outside alone */
		order_trade(e, s, NULL, NULL, taker, price, left);
	s->last = price;
}

int
engine_outside_trade(struct engine *e, int sym, enum order_side taker, dec price, dec qty,
    int64_t now_ms, struct fault *f)
{
	struct engine_level in = { taker, price, qty }, t;
	struct sym *s;

	if (eng_begin(e, -1, sym, now_ms, f) == -1)
		return -1;
	if ((s = eng_sym(e, sym)) == NULL)
		return eng_misuse(f, "no such symbol");
	if (!at_scales(s, &in, &t) || dec_sign(t.qty) == 0)
		return wrong_level(f);
	if (!s->delivered) {
		outside_trade(e, s, t.side, t.price, t.qty);
		look(e, s);
	}
	return eng_finish(e, f);
}

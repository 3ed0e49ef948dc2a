/* The rules about the stream of orders: rates, sameness, trades with oneself, how many wait. */
#include <string.h>

#include "judge_in.h"

#define REPEAT_MS	60000	/* "repeat" where the file does not say */

/* The i-th newest of what passed and is kept. */
static const struct passed *
newest(const struct world *w, unsigned i)
{
	if (i >= PASSED_MAX || i >= w->npassed)
		return NULL;
	return &w->passed[(w->npassed - 1 - i) % PASSED_MAX];
}

/* How many passed within so many ms; only those that are alike (at whatever price), if alike is not NULL. More than are kept:
 * as many as are kept. */
static int64_t
passed_within(const struct world *w, int64_t ms, const uint64_t *alike)
{
	const struct passed *p;
	int64_t n = 0;

	for (unsigned i = 0; (p = newest(w, i)) != NULL && w->now.mono_ms - p->mono_ms < ms; i++)
		n += alike == NULL || p->what >> 32 == *alike >> 32;
	return n;
}

static enum held
rate_holds(const struct ask *q, const struct limit *lim, struct breach *b, int64_t ms, const char *unit)
{
	int64_t n = passed_within(q->was, ms, NULL) + 1;

	if (dec_cmp(dec_int(n), lim->max) <= 0)
		return HOLDS;
	value_is(b, dec_int(n));
	say(b, "it would be order %s within a %s, limit %s", b->value, unit, b->limit);
	return BREAKS;
}

enum held
rule_rate_second(struct ask *q, const struct limit *lim, struct breach *b)
{
	return rate_holds(q, lim, b, 1000, "second");
}

enum held
rule_rate_minute(struct ask *q, const struct limit *lim, struct breach *b)
{
	return rate_holds(q, lim, b, 60000, "minute");
}

enum held
rule_duplicate(struct ask *q, const struct limit *lim, struct breach *b)
{
	uint64_t what = passed_what(q->asked);
	int64_t ms = limit_times(lim->max, 1);
	const struct passed *p;

	for (unsigned i = 0; (p = newest(q->was, i)) != NULL && q->was->now.mono_ms - p->mono_ms < ms; i++)
		if (p->what == what) {
			value_is(b, dec_int(q->was->now.mono_ms - p->mono_ms));
			say(b, "the same order passed %s ms ago, limit %s ms", b->value, b->limit);
			return BREAKS;
		}
	return HOLDS;
}

enum held
rule_repeat(struct ask *q, const struct limit *lim, struct breach *b)
{
	int64_t ms = lim->window_ms > 0 ? lim->window_ms : REPEAT_MS;
	uint64_t what = passed_what(q->asked);
	int64_t n = passed_within(q->was, ms, &what) + 1;

	if (dec_cmp(dec_int(n), lim->max) <= 0)
		return HOLDS;
	value_is(b, dec_int(n));
	say(b, "it would be number %s of its kind within %lld s, limit %s", b->value, (long long)(ms / 1000), b->limit);
	return BREAKS;
}

/* Whether an order of ours that waits at price would be hit; 0: it is no limit order, and may trade with anything. */
static bool
crosses(const struct ask *q, dec price)
{
	if (q->market_like || dec_sign(price) <= 0)
		return true;
	return q->in.side == SIDE_BUY ? dec_cmp(q->own, price) >= 0 : dec_cmp(q->own, price) <= 0;
}

/* Conditional orders wait apart from the book, and a post-only order does not trade by itself. */
enum held
rule_self_match(struct ask *q, const struct limit *lim, struct breach *b)
{
	char price[DEC_STR];

	(void)lim;
	b->limit[0] = '\0';
	if (q->in.algo || strcmp(q->in.tif, "GTX") == 0)
		return HOLDS;
	for (int i = 0; i < q->a->nord; i++) {
		const struct open_order *o = &q->a->ord[i];

		if (o->algo || o->side == q->in.side || strcmp(o->symbol, q->in.symbol) != 0 || !crosses(q, o->price))
			continue;
		dec_print_short(o->price, price);
		value_is(b, o->price);
		say(b, "it would trade with the own order %llu%s%s at %s", (unsigned long long)o->id,
		    *o->client_id != '\0' ? " " : "", o->client_id, price);
		return BREAKS;
	}
	for (int i = 0; i < q->w->npending; i++) {
		const struct pending *o = &q->w->pending[i];

		if (o->market_order || o->side == q->in.side || strcmp(o->symbol, q->in.symbol) != 0 || !crosses(q, o->price))
			continue;
		dec_print_short(o->price, price);
		value_is(b, o->price);
		say(b, "it would trade with the own order %s at %s, which is on its way", o->client_id, price);
		return BREAKS;
	}
	return HOLDS;
}

/* What fills when it arrives, or never, does not wait; nor is an order more for being modified. */
enum held
rule_open_orders(struct ask *q, const struct limit *lim, struct breach *b)
{
	int64_t n = 1;

	if (q->old != NULL || q->x.once)
		return HOLDS;
	for (int i = 0; i < q->a->nord; i++)
		n += !q->a->ord[i].reduce && strcmp(q->a->ord[i].symbol, q->in.symbol) == 0;
	for (int i = 0; i < q->w->npending; i++)
		n += !q->w->pending[i].once && strcmp(q->w->pending[i].symbol, q->in.symbol) == 0;
	if (dec_cmp(dec_int(n), lim->max) <= 0)
		return HOLDS;
	value_is(b, dec_int(n));
	say(b, "it would be open order %s of %s that could add risk, limit %s", b->value, q->in.symbol, b->limit);
	return BREAKS;
}

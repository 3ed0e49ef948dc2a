#include <stdlib.h>
#include <string.h>

#include "histint.h"
#include "num.h"

#define BUDGET		(144u << 20)	/* bytes of minute candles of all symbols together */
#define MINUTES_MAX	10080		/* and at most: 7 days */
#define HOURS_MAX	1000		/* 41 days */
#define FUNDINGS	200		/* kept, times the number of symbols */

/*
 * Rings
 */

static void
ring_init(struct ring *r, size_t each, size_t max)
{
	memset(r, 0, sizeof *r);
	r->each = each;
	r->max = max;
}

static bool
ring_grow(struct ring *r)
{
	size_t cap = r->cap == 0 ? 16 : 2 * r->cap;
	char *p;

	if (r->n < r->cap)
		return true;
	if (cap > r->max)
		cap = r->max;
	if (cap == r->cap || (p = malloc(cap * r->each)) == NULL)
		return false;
	for (size_t i = 0; i < r->n; i++)
		memcpy(p + i * r->each, ring_at(r, i), r->each);
	free(r->p);
	r->p = p;
	r->head = 0;
	r->cap = cap;
	return true;
}

/* Without memory the ring stays as small as it is. */
static void
ring_push(struct ring *r, const void *item)
{
	if (!ring_grow(r)) {
		if (r->cap == 0)
			return;
		r->head = (r->head + 1) % r->cap;
		r->n--;
	}
	r->n++;
	memcpy(ring_at(r, r->n - 1), item, r->each);
}

/*
 * Integers and decimals
 */

static int64_t
whole(dec d, int scale)
{
	bool ok = dec_rescale(&d, d, scale, DEC_HALF_UP);

	if (!ok || d.c > INT64_MAX)
		return INT64_MAX;
	return d.c < -INT64_MAX ? -INT64_MAX : (int64_t)d.c;
}

int64_t
hist_quote(const struct symbol *s, dec price, dec qty)
{
	bool bad = false;
	dec d;

	if (s->c->market == COINM) {
		d = num_mul(&bad, qty, s->c->size);
		if (!dec_div(&d, d, price, s->last.quote, DEC_HALF_UP))
			return 0;
	} else
		d = num_mul(&bad, qty, price);
	return bad ? 0 : whole(d, s->last.quote);
}

/*
 * Life
 */

/* Each kind costs a bar a minute, and LAST the volumes. */
static size_t
minutes_kept(int symbols)
{
	size_t each = CANDLE_KINDS * sizeof(struct bar) + sizeof(struct flow);
	size_t fit = BUDGET / each / (symbols > 0 ? (size_t)symbols : 1);

	return fit < MINUTES_MIN ? MINUTES_MIN : fit > MINUTES_MAX ? MINUTES_MAX : fit;
}

static void
symbol_init(struct symbol *s, const struct contract *c, size_t minutes)
{
	int exact = c->rules.tick.scale + c->rules.step.scale;

	s->c = c;
	s->last.price = c->rules.tick.scale;
	s->last.qty = c->rules.step.scale;
	s->last.quote = c->market == COINM || exact > PRICE ? PRICE : exact;
	s->fine = (struct scales){ PRICE, 0, 0 };
	s->second = s->day.minute = -1;
	s->prev = s->next = -1;
	ring_init(&s->trades, sizeof(struct kept_trade), HIST_TRADES);
	ring_init(&s->aggs, sizeof(struct kept_agg), HIST_TRADES);
	for (int k = 0; k < CANDLE_KINDS; k++) {
		series_init(&s->s[k][MINUTE], MINUTE_MS, minutes, k == CANDLE_LAST);
		series_init(&s->s[k][HOUR], HOUR_MS, HOURS_MAX, k == CANDLE_LAST);
	}
}

struct hist *
hist_new(const struct engine *e)
{
	struct hist *h = calloc(1, sizeof *h);
	int n = engine_symbols(e);

	if (h == NULL || (h->s = calloc(n > 0 ? (size_t)n : 1, sizeof *h->s)) == NULL) {
		free(h);
		return NULL;
	}
	h->e = e;
	h->n = n;
	h->first = h->last = -1;
	ring_init(&h->fundings, sizeof(struct hist_funding), FUNDINGS * (n > 0 ? (size_t)n : 1));
	for (int i = 0; i < n; i++)
		symbol_init(&h->s[i], engine_contract(e, i), minutes_kept(n));
	return h;
}

void
hist_free(struct hist *h)
{
	if (h == NULL)
		return;
	for (int i = 0; i < h->n; i++) {
		for (int k = 0; k < CANDLE_KINDS; k++) {
			series_free(&h->s[i].s[k][MINUTE]);
			series_free(&h->s[i].s[k][HOUR]);
		}
		free(h->s[i].trades.p);
		free(h->s[i].aggs.p);
	}
	free(h->s);
	free(h->fundings.p);
	free(h);
}

/*
 * Aggregate trades. The open ones stand in a queue by their begin; as all are
 * open equally long, the first one is the first that ends.
 */

static struct kept_agg *
newest_agg(const struct symbol *s)
{
	return ring_at(&s->aggs, s->aggs.n - 1);
}

static void
agg_close(struct hist *h, int sym)
{
	struct symbol *s = &h->s[sym];

	if (!s->open)
		return;
	s->open = false;
	*(s->prev < 0 ? &h->first : &h->s[s->prev].next) = s->next;
	*(s->next < 0 ? &h->last : &h->s[s->next].prev) = s->prev;
	s->prev = s->next = -1;
}

static void
agg_open(struct hist *h, int sym, const struct kept_trade *t)
{
	struct symbol *s = &h->s[sym];
	struct kept_agg a = { 1, t->id, t->id, t->price, t->qty, t->ms };

	if (s->aggs.n > 0)
		a.id = newest_agg(s)->id + 1;
	ring_push(&s->aggs, &a);
	if (s->aggs.n == 0)
		return;
	s->open = true;
	s->prev = h->last;
	*(h->last < 0 ? &h->first : &h->s[h->last].next) = sym;
	h->last = sym;
}

static void
agg_trade(struct hist *h, int sym, const struct kept_trade *t)
{
	struct symbol *s = &h->s[sym];
	struct kept_agg *a = s->open ? newest_agg(s) : NULL;

	if (a != NULL && a->price == t->price && (a->qty < 0) == (t->qty < 0) &&
	    t->ms - a->ms < HIST_AGG_MS) {
		a->last = t->id;
		a->qty += t->qty;
		return;
	}
	agg_close(h, sym);
	agg_open(h, sym, t);
}

/*
 * Events
 */

static void
add_both(struct symbol *s, enum candle_kind k, const struct stroke *st)
{
	series_add(&s->s[k][MINUTE], st);
	series_add(&s->s[k][HOUR], st);
}

static void
on_trade(struct hist *h, const struct engine_event *ev)
{
	struct symbol *s = &h->s[ev->sym];
	dec price = ev->u.trade.price, qty = ev->u.trade.qty;
	struct stroke st = {
		.ms = ev->ms, .price = whole(price, s->last.price), .qty = whole(qty, s->last.qty),
		.quote = hist_quote(s, price, qty), .id = ev->u.trade.id,
		.taker_buys = !ev->u.trade.buyer_maker, .count = true
	};
	struct kept_trade t = {
		st.id, st.price, ev->u.trade.buyer_maker ? -st.qty : st.qty, ev->ms
	};

	ring_push(&s->trades, &t);
	agg_trade(h, ev->sym, &t);
	s->last_qty = st.qty;
	add_both(s, CANDLE_LAST, &st);
}

static void
on_mark(struct hist *h, const struct engine_event *ev)
{
	struct symbol *s = &h->s[ev->sym];
	struct stroke st = { .ms = ev->ms, .count = ev->ms / 1000 != s->second };
	dec last = engine_last_price(h->e, ev->sym), d;

	s->second = ev->ms / 1000;
	if (dec_sign(last) <= 0)
		last = ev->u.mark.mark;
	series_start(&s->s[CANDLE_LAST][MINUTE], ev->ms, whole(last, s->last.price));
	series_start(&s->s[CANDLE_LAST][HOUR], ev->ms, whole(last, s->last.price));
	st.price = whole(ev->u.mark.mark, PRICE);
	add_both(s, CANDLE_MARK, &st);
	if (dec_sign(ev->u.mark.index) <= 0)
		return;
	st.price = whole(ev->u.mark.index, PRICE);
	add_both(s, CANDLE_INDEX, &st);
	if (!dec_sub(&d, ev->u.mark.mark, ev->u.mark.index) ||
	    !dec_div(&d, d, ev->u.mark.index, PRICE, DEC_HALF_UP))
		return;
	st.price = whole(d, PRICE);
	add_both(s, CANDLE_PREMIUM, &st);
}

static void
on_funding(struct hist *h, const struct engine_event *ev)
{
	struct hist_funding row = {
		ev->sym, ev->ms, ev->u.funding.rate, ev->u.funding.mark, ev->u.funding.special
	};

	ring_push(&h->fundings, &row);
}

void
hist_event(struct hist *h, const struct engine_event *ev)
{
	if (ev->sym < 0 || ev->sym >= h->n)
		return;
	if (ev->kind == EV_TRADE)
		on_trade(h, ev);
	else if (ev->kind == EV_MARK)
		on_mark(h, ev);
	else if (ev->kind == EV_FUNDING)
		on_funding(h, ev);
}

int64_t
hist_due(const struct hist *h)
{
	return h->first < 0 ? INT64_MAX : newest_agg(&h->s[h->first])->ms + HIST_AGG_MS;
}

void
hist_tick(struct hist *h, int64_t now_ms)
{
	while (hist_due(h) <= now_ms)
		agg_close(h, h->first);
}

void
hist_past(struct hist *h, enum candle_kind k, int sym, const struct candle *m)
{
	struct symbol *s = &h->s[sym];
	const struct scales *sc = k == CANDLE_LAST ? &s->last : &s->fine;
	struct bar b = {
		whole(m->o, sc->price), whole(m->h, sc->price), whole(m->l, sc->price),
		whole(m->c, sc->price), (uint32_t)m->trades, 0
	};
	struct flow fl = { 0, 0, 0, 0, 0 };

	if (k == CANDLE_LAST) {
		fl.v = whole(m->volume, sc->qty);
		fl.q = whole(m->quote, sc->quote);
		fl.tv = whole(m->taker_volume, sc->qty);
		fl.tq = whole(m->taker_quote, sc->quote);
		s->day.minute = -1;
	}
	series_past(&s->s[k][MINUTE], m->open_ms, &b, &fl);
	series_past(&s->s[k][HOUR], m->open_ms, &b, &fl);
}


#include "genint.h"

#define PPM	INT64_C(1000000)

enum { BIDS, ASKS };

/* 1 where larger prices are better, -1 where smaller ones are. */
static int
toward(int side)
{
	return side == BIDS ? 1 : -1;
}

static const struct regime_law *
law_of(const struct gen *g, const struct gen_symbol *s)
{
	return &gen_laws[g->group[s->group].regime];
}

static dec
price_of(const struct gen_symbol *s, int64_t ticks)
{
	dec tick = s->c->rules.tick;

	return (dec){ tick.c * ticks, tick.scale };
}

static dec
qty_of(const struct gen_symbol *s, int64_t steps)
{
	dec step = s->c->rules.step;

	return (dec){ step.c * steps, step.scale };
}

/*
 * What ought to stand there
 */

/* Quantities grow with the distance, and in a crash there are few bids. */
static int64_t
fresh_quantity(struct gen_symbol *s, const struct regime_law *l, int side, int k)
{
	int64_t usual = gen_part(s->unit, l->depth, 1000) * (4 + k) / 4;
	int64_t q = gen_part(usual, 100 + gen_below(&s->random, 900) + gen_below(&s->random, 900),
	    1000);

	if (side == BIDS && l == &gen_laws[REGIME_CRASH])
		q /= 2;
	if (q > s->most)
		q = s->most;
	return q < 1 ? 1 : q;
}

/* A quantity told before at that price; 0: none. The sides are sorted, *i only
 * goes on. */
static int64_t
told_quantity(const struct gen_side *told, int side, int64_t price, int *i)
{
	while (*i < told->n && (told->price[*i] - price) * toward(side) > 0)
		(*i)++;
	return *i < told->n && told->price[*i] == price ? told->qty[*i] : 0;
}

/*
 * The best price, and behind it those of a grid that stays where it is while the
 * price moves: few levels change. Some do on their own.
 */
static void
wanted_side(struct gen_symbol *s, const struct regime_law *l, int side, int64_t best, int64_t gap,
    struct gen_side *out)
{
	int64_t price = best, q;
	int i = 0, change = (int)gen_below(&s->random, 3 * l->levels);

	out->n = 0;
	out->hit = false;
	for (int k = 0; k < l->levels && price > 0; k++) {
		q = told_quantity(&s->side[side], side, price, &i);
		if (q == 0 || k == change || gen_below(&s->random, 1000) < l->busy / 16)
			q = fresh_quantity(s, l, side, k);
		out->price[out->n] = price;
		out->qty[out->n++] = q;
		price = side == BIDS ? (price - 1) / gap * gap : (price / gap + 1) * gap;
	}
}

/* Half the spread off the middle, rounded outward; never less than a tick apart. */
static void
wanted(struct gen_symbol *s, const struct regime_law *l, int64_t mid, struct gen_side out[2])
{
	int64_t half = gen_part(mid, l->spread, PPM), gap = gen_part(mid, l->gap, PPM) / s->tick;
	int64_t bid = (mid - half) / s->tick, ask = (mid + half + s->tick - 1) / s->tick;

	if (bid < 1)
		bid = 1;
	if (ask <= bid)
		ask = bid + 1;
	if (gap < 1)
		gap = 1;
	wanted_side(s, l, BIDS, bid, gap, &out[BIDS]);
	wanted_side(s, l, ASKS, ask, gap, &out[ASKS]);
}

/*
 * Telling it
 */

static void
put(const struct gen_symbol *s, int side, int64_t price, int64_t qty, struct engine_level *out,
    int *n)
{
	out[(*n)++] = (struct engine_level){
		side == BIDS ? SIDE_BUY : SIDE_SELL, price_of(s, price), qty_of(s, qty)
	};
}

/* Levels that go. */
static void
removed(const struct gen_symbol *s, int side, const struct gen_side *now, struct engine_level *out,
    int *n)
{
	const struct gen_side *was = &s->side[side];
	int i = 0;

	for (int k = 0; k < was->n; k++)
		if (told_quantity(now, side, was->price[k], &i) == 0)
			put(s, side, was->price[k], 0, out, n);
}

/* Levels that are new or other than they were. */
static void
changed(const struct gen_symbol *s, int side, const struct gen_side *now, struct engine_level *out,
    int *n)
{
	const struct gen_side *was = &s->side[side];
	int i = 0;

	for (int k = 0; k < now->n; k++)
		if (told_quantity(was, side, now->price[k], &i) != now->qty[k] ||
		    (was->hit && now->price[k] == was->price[0]))
			put(s, side, now->price[k], now->qty[k], out, n);
}

static int
tell(struct gen *g, struct gen_symbol *s, const struct gen_side now[2], int64_t now_ms,
    struct fault *f)
{
	struct engine_level level[4 * LEVELS_MAX];
	bool reset = s->lost;
	int n = 0;

	if (reset)
		s->side[BIDS].n = s->side[ASKS].n = 0;
	removed(s, BIDS, &now[BIDS], level, &n);
	removed(s, ASKS, &now[ASKS], level, &n);
	changed(s, BIDS, &now[BIDS], level, &n);
	changed(s, ASKS, &now[ASKS], level, &n);
	s->side[BIDS] = now[BIDS];
	s->side[ASKS] = now[ASKS];
	s->lost = false;
	return n == 0 ? 0 : engine_outside(g->e, s->sym, level, n, reset, now_ms, f);
}

/* Whether somebody has eaten into a side: its best price is worse than told. */
static bool
is_eaten(const struct gen *g, const struct gen_symbol *s, int side)
{
	struct engine_level top;

	if (s->side[side].n == 0)
		return false;
	if (engine_depth(g->e, s->sym, side == BIDS ? SIDE_BUY : SIDE_SELL, &top, 1) != 1)
		return true;
	return dec_cmp(top.price, price_of(s, s->side[side].price[0])) * toward(side) < 0;
}

/*
 * Trades: at the best price, toward where the price is going. What they leave of
 * the level is told with the new book.
 */

static int
trade(struct gen *g, struct gen_symbol *s, const struct regime_law *l, int side, int64_t now_ms,
    struct fault *f)
{
	struct gen_side *b = &s->side[side];
	int64_t q = gen_part(b->qty[0], 1 + gen_below(&s->random, 2 * l->size), 1000);

	if (q < 1)
		q = 1;
	if (q > b->qty[0])
		q = b->qty[0];
	if (engine_outside_trade(g->e, s->sym, side == BIDS ? SIDE_SELL : SIDE_BUY,
	    price_of(s, b->price[0]), qty_of(s, q), now_ms, f) == -1)
		return -1;
	b->hit = true;
	b->qty[0] -= q;
	return 0;
}

static int
trades(struct gen *g, struct gen_symbol *s, const struct regime_law *l, int64_t mid,
    int64_t now_ms, struct fault *f)
{
	int odds = l->trades, side;
	/* of 1000 to buy: mostly along the move */
	int64_t buys = mid > s->seen ? 700 : mid < s->seen ? 300 : 500;

	for (; odds > 0; odds -= 1000) {
		if (gen_below(&s->random, 1000) >= odds)
			continue;
		side = gen_below(&s->random, 1000) < buys ? ASKS : BIDS;
		if (s->side[side].n > 0 && s->side[side].qty[0] > 0 &&
		    trade(g, s, l, side, now_ms, f) == -1)
			return -1;
	}
	return 0;
}

int
gen_book(struct gen *g, struct gen_symbol *s, int64_t now_ms, struct fault *f)
{
	const struct regime_law *l = law_of(g, s);
	int64_t mid = gen_mid(g, s);
	struct gen_side now[2];

	if (!s->lost && (is_eaten(g, s, BIDS) || is_eaten(g, s, ASKS)))
		s->lost = true;
	if (!s->lost && trades(g, s, l, mid, now_ms, f) == -1)
		return -1;
	wanted(s, l, mid, now);
	s->seen = mid;
	return tell(g, s, now, now_ms, f);
}

/* A day before the beginning: a walk backward from the present price, one for
 * each base coin, and the candles of its symbols along it. */
#include <stdlib.h>

#include "genint.h"

#define MINUTE_MS	60000
#define PPB		INT64_C(1000000000)
#define SIGMA		350000	/* of a minute, ppb */
#define FINE_SCALE	8
#define SECONDS		60	/* samples of mark and index a minute */

/* The walk of a base coin, oldest first; price[DAY_MINUTES] is the present one. */
struct walk { int64_t price[DAY_MINUTES + 1], spread[DAY_MINUTES]; };

static void
walk_back(const struct gen *g, struct walk *w)
{
	for (int k = 0; k < g->ngroups; k++)
		w[k].price[DAY_MINUTES] = g->group[k].price;
	for (int i = DAY_MINUTES - 1; i >= 0; i--)
		for (int k = 0; k < g->ngroups; k++) {
			struct gen_random *r = &g->group[k].random;
			int64_t z = (gen_normal(r) + gen_normal(r)) * 707 / 1000;
			int64_t next = w[k].price[i + 1], pull = g->group[k].anchor - next;

			w[k].price[i] = next + gen_part(next, z * SIGMA / 1000, PPB) +
			    pull / DAY_MINUTES;
			w[k].spread[i] = gen_part(next, gen_below(r, SIGMA / 2), PPB);
		}
}

static dec
at_scale(int64_t v, int from, int to)
{
	dec d = { v, from };

	return dec_rescale(&d, d, to, DEC_HALF_UP) ? d : dec_int(0);
}

/* Prices at the group's scale, as decimals rounded to steps of `tick` (0: 8
 * decimals). */
static dec
price_at(int64_t v, int scale, dec tick)
{
	dec d = { v, scale };

	if (dec_sign(tick) == 0)
		return at_scale(v, scale, FINE_SCALE);
	return dec_floor(&d, d, tick) && dec_sign(d) > 0 ? d : tick;
}

/* The four prices of a minute, num/den of the walk's. */
static void
prices(const struct walk *w, int i, int scale, int64_t num, dec tick, struct candle *c)
{
	int64_t o = gen_part(w->price[i], num, PPB), e = gen_part(w->price[i + 1], num, PPB);
	int64_t off = gen_part(w->spread[i], num, PPB);

	c->o = price_at(o, scale, tick);
	c->c = price_at(e, scale, tick);
	c->h = price_at((o > e ? o : e) + off, scale, tick);
	c->l = price_at((o > e ? e : o) - off, scale, tick);
}

/* Volumes: some usual levels a minute, about half of it bought. */
static void
volumes(struct gen_symbol *s, struct candle *c)
{
	struct gen_random *r = &s->random;
	int64_t v = gen_part(s->unit, 500 + gen_below(r, 8000), 1000);
	int64_t part = 300 + gen_below(r, 400);
	dec step = s->c->rules.step;

	c->trades = 20 + gen_below(r, 400);
	c->volume = (dec){ step.c * v, step.scale };
	c->taker_volume = (dec){ step.c * gen_part(v, part, 1000), step.scale };
	if (s->c->market == COINM) {
		if (!dec_mul(&c->quote, c->volume, s->c->size) ||
		    !dec_div(&c->quote, c->quote, c->c, FINE_SCALE, DEC_HALF_UP) ||
		    !dec_mul(&c->taker_quote, c->taker_volume, s->c->size) ||
		    !dec_div(&c->taker_quote, c->taker_quote, c->c, FINE_SCALE, DEC_HALF_UP))
			c->quote = c->taker_quote = dec_int(0);
	} else if (!dec_mul(&c->quote, c->volume, c->c) ||
	    !dec_mul(&c->taker_quote, c->taker_volume, c->c))
		c->quote = c->taker_quote = dec_int(0);
}

static void
minute(const struct gen *g, struct gen_symbol *s, const struct walk *w, int i, int64_t open_ms,
    struct hist *h)
{
	static const dec none = { 0, 0 };
	int scale = g->group[s->group].scale;
	int64_t index = s->ratio / 1000, contract = gen_part(index, PPB + s->basis, PPB);
	int64_t off = gen_normal(&s->random) * 10;
	struct candle c = { .open_ms = open_ms, .close_ms = open_ms + MINUTE_MS - 1 };

	prices(w, i, scale, contract, s->c->rules.tick, &c);
	volumes(s, &c);
	hist_past(h, CANDLE_LAST, s->sym, &c);
	c.trades = SECONDS;
	c.volume = c.quote = c.taker_volume = c.taker_quote = none;
	prices(w, i, scale, contract, none, &c);
	hist_past(h, CANDLE_MARK, s->sym, &c);
	prices(w, i, scale, index, none, &c);
	hist_past(h, CANDLE_INDEX, s->sym, &c);
	c.o = c.c = at_scale(s->basis, 9, FINE_SCALE);
	c.h = at_scale(s->basis + (off < 0 ? -off : off), 9, FINE_SCALE);
	c.l = at_scale(s->basis - (off < 0 ? -off : off), 9, FINE_SCALE);
	hist_past(h, CANDLE_PREMIUM, s->sym, &c);
}

void
gen_past(const struct gen *g, struct hist *h, int64_t now_ms)
{
	struct walk *w = calloc((size_t)g->ngroups + 1, sizeof *w);
	int64_t begin = now_ms - now_ms % MINUTE_MS - DAY_MINUTES * INT64_C(60000);

	if (w == NULL)
		return;		/* a market without a past will do */
	walk_back(g, w);
	for (int k = 0; k < g->n; k++)
		for (int i = 0; i < DAY_MINUTES && g->s[k].live; i++)
			minute(g, &g->s[k], &w[g->s[k].group], i, begin + i * INT64_C(60000), h);
	free(w);
}

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "core/funding.h"
#include "genint.h"
#include "num.h"

#define RATIO		INT64_C(1000000000000)
#define PPB		INT64_C(1000000000)
#define PRICE_DIGITS	13
#define FINE_SCALE	8	/* decimals of mark and index */
#define NOTIONAL	30000	/* of a usual level, quote or USD */
#define PULL_STEPS	216000	/* back to the anchor: six hours */
#define SECOND_MS	1000

/*
 * What makes minutes of under 2 % of calm, trend and thin: the deviation of a
 * minute is 24.5 times that of a step, 0.03 to 0.05 %. A crash falls by some
 * 1.5 % a minute.
 */
const struct regime_law gen_laws[REGIMES] = {
	[REGIME_CALM] = { "calm", 12000, 0, 480, 2400, { 0, 620, 160, 30, 190 },
	    150, 450, 120, 0, 30, 1000, 24, 0 },
	[REGIME_TREND] = { "trend", 16000, 900, 300, 1500, { 700, 60, 140, 40, 60 },
	    250, 700, 200, 0, 40, 900, 24, 250 },
	[REGIME_SPIKE] = { "spike", 160000, 0, 30, 180, { 640, 220, 0, 80, 60 },
	    800, 1300, 500, 150, 200, 500, 24, 0 },
	[REGIME_CRASH] = { "crash", 90000, 25000, 60, 240, { 120, 280, 500, 0, 100 },
	    1000, 2200, 900, 300, 300, 350, 20, 900 },
	[REGIME_THIN] = { "thin", 20000, 0, 300, 1200, { 760, 140, 90, 10, 0 },
	    80, 300, 300, 250, 400, 100, 20, 0 }
};

const char *
regime_name(enum regime r)
{
	return gen_laws[r].name;
}

bool
regime_read(enum regime *out, const char *name)
{
	for (int i = 0; i < REGIMES; i++)
		if (strcmp(gen_laws[i].name, name) == 0) {
			*out = (enum regime)i;
			return true;
		}
	return false;
}

/* At the group's scale. */
static int64_t
index_of(const struct gen *g, const struct gen_symbol *s)
{
	return gen_part(g->group[s->group].price, s->ratio, RATIO);
}

int64_t
gen_mid(const struct gen *g, const struct gen_symbol *s)
{
	return gen_part(index_of(g, s), PPB + s->basis, PPB);
}

/*
 * Making
 */

/* d as an integer at scale, at least 1. */
static int64_t
at_scale(dec d, int scale)
{
	if (!dec_rescale(&d, d, scale, DEC_HALF_UP) || d.c > INT64_MAX / 4)
		return INT64_MAX / 4;
	return d.c < 1 ? 1 : (int64_t)d.c;
}

/* The scale at which d has 13 digits. */
static int
fine_scale(dec d)
{
	int scale = 0;
	dec x;

	while (scale < 18 && dec_rescale(&x, d, scale, DEC_DOWN) &&
	    x.c < (i128)1000000000000)
		scale++;
	return scale;
}

static dec
start_index(const struct engine *e, int sym)
{
	dec d = engine_index_price(e, sym);

	return dec_sign(d) > 0 ? d : engine_mark_price(e, sym);
}

static void
group_init(struct gen_group *p, const char *base, dec index, uint64_t seed)
{
	snprintf(p->base, sizeof p->base, "%s", base);
	p->scale = fine_scale(index);
	p->price = p->anchor = at_scale(index, p->scale);
	p->low = p->anchor / 4;
	p->high = p->anchor * 4;
	p->way = 1;
	p->until_ms = INT64_MIN;
	gen_random_init(&p->random, seed, base);
}

static int
group_of(struct gen *g, const char *base, dec index, uint64_t seed)
{
	int i;

	for (i = 0; i < g->ngroups; i++)
		if (strcmp(g->group[i].base, base) == 0)
			return i;
	group_init(&g->group[g->ngroups++], base, index, seed);
	return i;
}

/* The group stays where this symbol's prices are within its filter. */
static void
keep_within(struct gen_group *p, const struct gen_symbol *s)
{
	const struct rules *r = &s->c->rules;
	int64_t low = dec_sign(r->min_price) <= 0 ? 0 :
	    gen_part(at_scale(r->min_price, p->scale), RATIO, s->ratio) / 10 * 12;
	int64_t high = dec_sign(r->max_price) <= 0 ? INT64_MAX :
	    gen_part(at_scale(r->max_price, p->scale), RATIO, s->ratio) / 12 * 10;

	if (low > p->low && low < p->anchor)
		p->low = low;
	if (high < p->high && high > p->anchor)
		p->high = high;
}

/* A level of some 30,000 in quote currency; COIN-M: as many USD in contracts. */
static int64_t
usual_quantity(const struct gen_symbol *s, dec price)
{
	dec q = dec_int(NOTIONAL), step = s->c->rules.step;

	if (!dec_div(&q, q, s->c->market == COINM ? s->c->size : price, step.scale + 2, DEC_DOWN) ||
	    !dec_div(&q, q, step, 0, DEC_DOWN) || q.c > INT64_MAX / 1000000)
		return 4;
	return q.c < 4 ? 4 : (int64_t)q.c;
}

static void
symbol_init(struct gen *g, struct gen_symbol *s, int sym, uint64_t seed)
{
	dec mark = engine_mark_price(g->e, sym), index = start_index(g->e, sym), most;
	struct gen_group *p;

	s->sym = sym;
	s->c = engine_contract(g->e, sym);
	s->lost = true;
	if (dec_sign(mark) <= 0)
		return;
	s->live = true;
	s->group = group_of(g, s->c->rules.base, index, seed);
	p = &g->group[s->group];
	s->ratio = gen_part(at_scale(index, p->scale), RATIO, p->price);
	s->basis = gen_part(at_scale(mark, p->scale) - at_scale(index, p->scale), PPB,
	    at_scale(index, p->scale));
	s->tick = at_scale(s->c->rules.tick, p->scale);
	s->unit = usual_quantity(s, mark);
	s->most = dec_sign(s->c->rules.max_qty) > 0 &&
	    dec_div(&most, s->c->rules.max_qty, s->c->rules.step, 0, DEC_DOWN) &&
	    most.c < INT64_MAX ? (int64_t)most.c : INT64_MAX;
	gen_random_init(&s->random, seed, s->c->rules.symbol);
	keep_within(p, s);
}

struct gen *
gen_new(struct engine *e, struct hist *hist, uint64_t seed, int64_t now_ms)
{
	struct gen *g = calloc(1, sizeof *g);
	int n = engine_symbols(e);
	size_t room = n > 0 ? (size_t)n : 1;

	if (g == NULL)
		return NULL;
	g->group = calloc(room, sizeof *g->group);
	g->s = calloc(room, sizeof *g->s);
	if (g->group == NULL || g->s == NULL) {
		gen_free(g);
		return NULL;
	}
	g->e = e;
	g->n = n;
	gen_random_init(&g->random, seed, "");
	for (int i = 0; i < n; i++)
		symbol_init(g, &g->s[i], i, seed);
	gen_at(g, now_ms);
	if (hist != NULL)
		gen_past(g, hist, now_ms);
	return g;
}

void
gen_free(struct gen *g)
{
	if (g == NULL)
		return;
	free(g->group);
	free(g->s);
	free(g);
}

void
gen_at(struct gen *g, int64_t now_ms)
{
	int64_t rest = now_ms % GEN_STEP_MS;

	g->next_ms = rest == 0 ? now_ms : now_ms - rest + GEN_STEP_MS;
}

/*
 * Regimes
 */

static void
enter(struct gen_group *p, enum regime r, int64_t now_ms)
{
	const struct regime_law *l = &gen_laws[r];
	int64_t seconds = l->least_s + gen_below(&p->random, l->most_s - l->least_s + 1);

	p->regime = r;
	p->until_ms = now_ms + seconds * SECOND_MS;
	p->way = r == REGIME_CRASH || gen_below(&p->random, 2) == 0 ? -1 : 1;
}

static enum regime
following(struct gen_group *p)
{
	int64_t at = gen_below(&p->random, 1000);
	int i;

	for (i = 0; i < REGIMES - 1 && at >= gen_laws[p->regime].next[i]; i++)
		at -= gen_laws[p->regime].next[i];
	return (enum regime)i;
}

/* When the first of them crashes, so do all that are free to. */
static void
wander(struct gen *g, int64_t now_ms)
{
	enum regime r;

	for (int i = 0; i < g->ngroups; i++) {
		if (g->group[i].held || g->group[i].until_ms > now_ms)
			continue;
		/* the market opens calm */
		r = g->group[i].until_ms == INT64_MIN ? REGIME_CALM : following(&g->group[i]);
		enter(&g->group[i], r, now_ms);
		for (int k = 1; i == 0 && r == REGIME_CRASH && k < g->ngroups; k++)
			if (!g->group[k].held)
				enter(&g->group[k], r, now_ms);
	}
}

void
gen_regime(struct gen *g, int sym, enum regime r)
{
	for (int i = 0; i < g->n; i++) {
		struct gen_group *p = &g->group[g->s[i].group];

		if (!g->s[i].live || (sym >= 0 && i != sym))
			continue;
		p->held = r != REGIMES;
		if (p->held && (p->regime != r || p->until_ms == INT64_MIN))
			enter(p, r, g->next_ms);
		if (!p->held)
			p->until_ms = g->next_ms;
	}
}

enum regime
gen_regime_of(const struct gen *g, int sym)
{
	if (sym < 0 || sym >= g->n || !g->s[sym].live)
		return REGIME_CALM;
	return g->group[g->s[sym].group].regime;
}

/*
 * A step: indices, then the books of those where something happens
 */

/* Half of the variance is everybody's. */
static void
move_index(struct gen_group *p, int64_t common)
{
	const struct regime_law *l = &gen_laws[p->regime];
	int64_t z = (common + gen_normal(&p->random)) * 707 / 1000;
	int64_t ppb = z * l->sigma / 1000 + p->way * l->drift;

	p->price += gen_part(p->price, ppb, PPB) + (p->anchor - p->price) / PULL_STEPS;
	if (p->price < p->low)
		p->price = p->low;
	if (p->price > p->high)
		p->price = p->high;
}

static bool
is_trading(const struct gen *g, const struct gen_symbol *s)
{
	return strcmp(engine_rules(g->e, s->sym)->status, "TRADING") == 0;
}

/* Something is due anyway where the price has run off by 2 basis points. */
static bool
is_busy(const struct gen *g, struct gen_symbol *s)
{
	int64_t mid = gen_mid(g, s), off = mid > s->seen ? mid - s->seen : s->seen - mid;

	return gen_below(&s->random, 1000) < gen_laws[g->group[s->group].regime].busy ||
	    off > mid / 5000;
}

static int
books(struct gen *g, int64_t now_ms, struct fault *f)
{
	for (int i = 0; i < g->n; i++) {
		struct gen_symbol *s = &g->s[i];

		if (!s->live || !is_busy(g, s))
			continue;
		if (!is_trading(g, s))
			s->lost = true;
		else if (gen_book(g, s, now_ms, f) == -1)
			return -1;
	}
	return 0;
}

/*
 * A second: basis and mark
 */

/* Of a perpetual drawn to a premium that goes with the regime; of a delivery
 * contract to 5 % a year of the time that is left. */
static void
move_basis(const struct gen *g, struct gen_symbol *s, int64_t now_ms)
{
	const struct gen_group *p = &g->group[s->group];
	int64_t goal = (int64_t)p->way * gen_laws[p->regime].basis * 1000, left;

	if (s->c->delivery_ms != ENGINE_PERPETUAL) {
		left = s->c->delivery_ms > now_ms ? (s->c->delivery_ms - now_ms) / 60000 : 0;
		goal = left * (PPB / 20) / (365 * DAY_MINUTES);
	}
	s->basis += (goal - s->basis) / 120 + gen_normal(&s->random) * 8;
}

static int64_t
to_fine(int64_t v, int scale)
{
	dec d = { v, scale };

	return dec_rescale(&d, d, FINE_SCALE, DEC_HALF_UP) ? (int64_t)d.c : 0;
}

static dec
mean_basis(struct gen *g, struct gen_symbol *s, int64_t now_ms)
{
	int scale = g->group[s->group].scale;
	int64_t sum = 0;

	if (now_ms % (5 * SECOND_MS) == 0 || s->nsamples == 0) {
		s->sample[s->at] = to_fine(gen_mid(g, s) - index_of(g, s), scale);
		s->at = (s->at + 1) % BASIS_SAMPLES;
		s->nsamples += s->nsamples < BASIS_SAMPLES;
	}
	for (int i = 0; i < s->nsamples; i++)
		sum += s->sample[i];
	return (dec){ sum / s->nsamples, FINE_SCALE };
}

/* Sections 9.2 and 9.3 of the margin mathematics sheet. */
static bool
mark_of(struct gen *g, struct gen_symbol *s, dec index, int64_t now_ms, dec *mark)
{
	dec basis = mean_basis(g, s, now_ms), last = engine_last_price(g->e, s->sym);
	int64_t every = s->c->funding_hours * INT64_C(3600000);
	int64_t left = engine_next_funding(g->e, s->sym) - now_ms;

	if (s->c->delivery_ms != ENGINE_PERPETUAL)
		return dec_add(mark, index, basis);
	if (left < 0 || every == 0)
		left = 0;
	if (every == 0)
		every = 8 * INT64_C(3600000);
	if (left > every)
		left = every;
	return mark_perpetual(mark, index, engine_funding_rate(g->e, s->sym), left, every, basis,
	    last);
}

static int
seconds(struct gen *g, int64_t now_ms, struct fault *f)
{
	for (int i = 0; i < g->n; i++) {
		struct gen_symbol *s = &g->s[i];
		dec index, mark;

		if (!s->live || s->c->delivery_ms <= now_ms)
			continue;
		move_basis(g, s, now_ms);
		index = (dec){ to_fine(index_of(g, s), g->group[s->group].scale), FINE_SCALE };
		if (!mark_of(g, s, index, now_ms, &mark))
			return fault_set(f, FAULT_LOCAL, "%s: mark price: no room",
			    s->c->rules.symbol);
		if (engine_prices(g->e, s->sym, mark, index, now_ms, f) == -1)
			return -1;
	}
	return 0;
}

/*
 * Time
 */

int64_t
gen_due(const struct gen *g)
{
	return g->next_ms;
}

static int
step(struct gen *g, int64_t now_ms, struct fault *f)
{
	int64_t common = gen_normal(&g->random);

	wander(g, now_ms);
	for (int i = 0; i < g->ngroups; i++)
		move_index(&g->group[i], common);
	if (now_ms % SECOND_MS == 0 && seconds(g, now_ms, f) == -1)
		return -1;
	return books(g, now_ms, f);
}

/* The book is all of this market's: whoever sets a mark by hand brings no
 * engine's maker into it. */
static int
take_books(struct gen *g, struct fault *f)
{
	static const struct engine_maker none = { .gap = 1 };

	for (int i = 0; i < g->n; i++)
		if (engine_set_maker(g->e, g->s[i].sym, &none, f) == -1)
			return -1;
	return 0;
}

int
gen_open(struct gen *g, int64_t now_ms, struct fault *f)
{
	return take_books(g, f) == -1 ? -1 : books(g, now_ms, f);
}

int
gen_tick(struct gen *g, int64_t now_ms, struct fault *f)
{
	while (g->next_ms <= now_ms) {
		g->next_ms += GEN_STEP_MS;
		if (step(g, g->next_ms - GEN_STEP_MS, f) == -1)
			return -1;
	}
	return 0;
}

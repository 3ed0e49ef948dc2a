#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marks.h"
#include "replay.h"
#include "seed.h"

/* What is known of the marks before the first is set; 0: nothing. */
struct marks { struct sim *s; dec *v; int first; };

void
marks_unknown(const struct sim *s, const char *symbol, char why[static 160])
{
	int n = engine_symbols(s->engine), len;

	len = snprintf(why, 160, "there is no %s here; there are ", symbol);
	for (int i = 0; i < n && i < 4; i++)
		len += snprintf(why + len, (size_t)(160 - len), "%s%s",
		    engine_rules(s->engine, i)->symbol, i + 1 == n || i == 3 ? "" : ", ");
	if (n > 4)
		snprintf(why + len, (size_t)(160 - len), " and %d more", n - 4);
}

static void
note_record(void *ctx, const struct feed_record *r)
{
	struct marks *m = ctx;
	int sym = engine_symbol(m->s->engine, r->symbol);

	if (sym == -1 || dec_sign(r->price) <= 0)
		return;
	m->v[sym] = r->price;
	if (m->first == -1)
		m->first = sym;
}

static int
note_option(struct marks *m, const char *arg, struct fault *f)
{
	const char *at = strchr(arg, '=');
	char symbol[SYMBOL_MAX], why[160];
	dec price;
	int sym;

	if (at == NULL || at == arg || (size_t)(at - arg) >= sizeof symbol)
		return fault_set(f, FAULT_USAGE, "--mark %s: not SYMBOL=VALUE", arg);
	snprintf(symbol, sizeof symbol, "%.*s", (int)(at - arg), arg);
	if ((sym = engine_symbol(m->s->engine, symbol)) == -1) {
		marks_unknown(m->s, symbol, why);
		return fault_set(f, FAULT_USAGE, "--mark %s: %s", arg, why);
	}
	if (!dec_parse(&price, at + 1) || dec_sign(price) <= 0)
		return fault_set(f, FAULT_USAGE, "--mark %s: not a price", arg);
	m->v[sym] = price;
	return 0;
}

static void
note_known(struct marks *m)
{
	for (int i = 0; i < engine_symbols(m->s->engine); i++) {
		m->v[i] = engine_mark_price(m->s->engine, i);
		if (dec_sign(m->v[i]) == 0)
			m->v[i] = specs_price(engine_rules(m->s->engine, i)->symbol);
	}
}

/* With a market of its own the engine's maker stays away. */
static int
set_one(struct sim *s, int sym, dec price, bool market, struct fault *f)
{
	struct fault why;
	int r = market ? engine_prices(s->engine, sym, price, price, sim_now(s), &why) :
	    engine_mark(s->engine, sym, price, sim_now(s), &why);

	if (r == 0)
		return 0;
	return fault_set(f, why.kind == FAULT_LOCAL ? FAULT_LOCAL : FAULT_USAGE, "--mark %s: %s",
	    engine_rules(s->engine, sym)->symbol, why.text);
}

/* The feed begins. A record that gave no mark after all is noted like the others. */
static int
set_first(struct marks *m, struct fault *f)
{
	if (m->s->feed == NULL)
		return 0;
	if (replay_start(m->s, f) == -1)
		return -1;
	if (m->first == -1 || dec_sign(engine_mark_price(m->s->engine, m->first)) != 0)
		return 0;
	return set_one(m->s, m->first, m->v[m->first], false, f);
}

static int
set_noted(struct marks *m, const struct options *o, struct fault *f)
{
	note_known(m);
	for (int i = 0; i < o->mark.n; i++)
		if (note_option(m, o->mark.v[i], f) == -1)
			return -1;
	if (m->s->feed != NULL)
		feed_peek(m->s->feed, note_record, m);
	for (int i = 0; i < engine_symbols(m->s->engine); i++)
		if (i != m->first && dec_sign(m->v[i]) != 0 &&
		    set_one(m->s, i, m->v[i], o->market, f) == -1)
			return -1;
	if (set_first(m, f) == -1)
		return -1;
	sim_settle(m->s);
	return 0;
}

int
marks_set(struct sim *s, const struct options *o, struct fault *f)
{
	struct marks m = { .s = s, .first = -1 };
	int r;

	if ((m.v = calloc((size_t)engine_symbols(s->engine), sizeof *m.v)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	r = set_noted(&m, o, f);
	free(m.v);
	return r;
}

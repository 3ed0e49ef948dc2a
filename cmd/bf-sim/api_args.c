/* The parameters of a call, for handlers. */
#include <string.h>
#include <strings.h>

#include "api.h"
#include "no.h"
#include "number.h"

#define HOUR	INT64_C(3600000)
#define DAY	(24 * HOUR)

int
want_text(struct call *c, const char *name, const char **out)
{
	const char *v = params_get(&c->p, name);

	if (v == NULL || *v == '\0')
		return no_missing(&c->f, name);
	*out = v;
	return 0;
}

/*
 * Symbols and pairs
 */

bool
call_has(const struct call *c, int sym)
{
	return engine_contract(c->s->engine, sym)->market == c->market;
}

static int
read_symbol(struct call *c, const char *name, int *sym)
{
	*sym = engine_symbol(c->s->engine, name);
	if (*sym != -1 && call_has(c, *sym))
		return 0;
	return no(&c->f, 400, -1121, "Invalid symbol.");
}

int
want_symbol(struct call *c, int *sym)
{
	const char *name = NULL;

	return want_text(c, "symbol", &name) == -1 ? -1 : read_symbol(c, name, sym);
}

int
may_symbol(struct call *c, int *sym)
{
	const char *name = params_get(&c->p, "symbol");

	*sym = -1;
	if (name == NULL)
		return 0;
	return *name == '\0' ? no_missing(&c->f, "symbol") : read_symbol(c, name, sym);
}

static int
read_pair(struct call *c, const char *name, const char **pair)
{
	const struct engine *e = c->s->engine;

	for (int i = 0; i < engine_symbols(e); i++)
		if (call_has(c, i) && strcmp(engine_rules(e, i)->pair, name) == 0) {
			*pair = name;
			return 0;
		}
	return no(&c->f, 400, c->market == COINM ? -4087 : -4144, "Invalid pair.");
}

int
may_pair(struct call *c, const char **pair)
{
	const char *name = params_get(&c->p, "pair");

	*pair = NULL;
	if (name == NULL)
		return 0;
	return *name == '\0' ? no_missing(&c->f, "pair") : read_pair(c, name, pair);
}

int
may_which(struct call *c, struct which *w)
{
	*w = (struct which){ -1, NULL };
	if (may_symbol(c, &w->sym) == -1 || (c->market == COINM && may_pair(c, &w->pair) == -1))
		return -1;
	if (w->sym != -1 && w->pair != NULL)
		return no(&c->f, 400, -1128, "Combination of optional parameters invalid.");
	return 0;
}

bool
which_has(const struct call *c, const struct which *w, int sym)
{
	if (w->sym != -1)
		return sym == w->sym;
	if (w->pair != NULL && strcmp(engine_rules(c->s->engine, sym)->pair, w->pair) != 0)
		return false;
	return call_has(c, sym);
}

/*
 * Numbers
 */

int
may_i64(struct call *c, const char *name, int64_t lo, int64_t hi, int64_t *out)
{
	const char *v = params_get(&c->p, name);
	int64_t n;

	if (v == NULL)
		return 0;
	if (!number_i64(&n, v))
		return no_missing(&c->f, name);
	if (n < lo || n > hi)
		return no_invalid(&c->f, name);
	*out = n;
	return 0;
}

int
want_i64(struct call *c, const char *name, int64_t lo, int64_t hi, int64_t *out)
{
	const char *v = NULL;

	return want_text(c, name, &v) == -1 ? -1 : may_i64(c, name, lo, hi, out);
}

int
may_u64(struct call *c, const char *name, uint64_t *out)
{
	const char *v = params_get(&c->p, name);

	if (v != NULL && !number_u64(out, v))
		return no_missing(&c->f, name);
	return 0;
}

int
may_bool(struct call *c, const char *name, bool *out)
{
	const char *v = params_get(&c->p, name);

	if (v == NULL)
		return 0;
	if (strcasecmp(v, "true") != 0 && strcasecmp(v, "false") != 0)
		return no_missing(&c->f, name);
	*out = strcasecmp(v, "true") == 0;
	return 0;
}

int
may_dec(struct call *c, const char *name, dec *out)
{
	const char *v = params_get(&c->p, name);

	if (v != NULL && !dec_parse_sci(out, v, strlen(v)))
		return no_missing(&c->f, name);
	return 0;
}

int
want_dec(struct call *c, const char *name, dec *out)
{
	const char *v = NULL;

	return want_text(c, name, &v) == -1 ? -1 : may_dec(c, name, out);
}

/*
 * Periods
 */

/* Spans below a day have a code of their own, and so have COIN-M candles (200 days). */
static int
too_long(struct call *c, int64_t span)
{
	if (span < DAY)
		return no(&c->f, 400, -1127, "Lookup interval is too big. More than %d hours between "
		    "startTime and endTime.", (int)(span / HOUR));
	return no(&c->f, 400, c->market == COINM && span >= 200 * DAY ? -4088 : -4165,
	    "Maximum time interval is %d days.", (int)(span / DAY));
}

/* a + b of times, as far as there is room; b may be < 0. */
static int64_t
later(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? 0 : INT64_MAX;
	return sum < 0 ? 0 : sum;
}

/* What was not given follows from what was. */
static void
complete(struct period *p, int64_t span, int64_t now)
{
	if (!p->has_end)
		p->end = p->has_start ? later(p->start, span) : now;
	if (!p->has_start)
		p->start = later(p->end, -span);
}

int
read_period(struct call *c, struct period *p, int64_t span_ms, int64_t keep_ms, int limit, int most)
{
	int64_t n = limit, oldest = later(c->now, -keep_ms);

	*p = (struct period){ 0, INT64_MAX, limit, false, false };
	if (may_i64(c, "startTime", 0, INT64_MAX, &p->start) == -1 ||
	    may_i64(c, "endTime", 0, INT64_MAX, &p->end) == -1 ||
	    may_i64(c, "limit", 1, most, &n) == -1)
		return -1;
	p->limit = (int)n;
	p->has_start = params_get(&c->p, "startTime") != NULL;
	p->has_end = params_get(&c->p, "endTime") != NULL;
	if (p->has_start && p->has_end && p->start > p->end)
		return no(&c->f, 400, -1023, "Start time is greater than end time.");
	if (span_ms > 0 && p->has_start && p->has_end && p->end - p->start > span_ms)
		return too_long(c, span_ms);
	if (p->has_start && p->start == 0)
		p->start = 1;	/* histories take 0 for none */
	if (span_ms > 0)
		complete(p, span_ms, c->now);
	if (keep_ms > 0 && p->start < oldest)
		p->start = oldest;
	return 0;
}

/*
 * Answers and the engine
 */

bool
call_sees(const struct call *c, int64_t ms)
{
	return ms <= c->now - c->s->lag_ms;
}

int
engine_said(struct call *c, int r)
{
	sim_settle(c->s);
	return r;
}

int
say_done(struct call *c, const char *msg)
{
	jw_open(&c->out, NULL, '{');
	jw_i64(&c->out, "code", 200);
	jw_str(&c->out, "msg", msg);
	jw_close(&c->out, '}');
	return 0;
}

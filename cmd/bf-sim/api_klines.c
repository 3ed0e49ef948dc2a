/* Public market data over time: candles. */
#include <stdlib.h>
#include <string.h>

#include "api_handlers.h"
#include "no.h"
#include "number.h"

#define KLINES_MAX	1500
#define KLINES_SPAN	(200 * DAY_MS)	/* of COIN-M */

/*
 * Candles
 */

/* Prices of contracts have their own decimals, all others eight. */
static void
put_value(struct buf *b, enum candle_kind kind, dec d)
{
	if (kind == CANDLE_LAST)
		jw_dec(b, NULL, d);
	else
		number_money(b, NULL, d);
}

static void
put_amount(struct buf *b, enum candle_kind kind, dec d)
{
	if (kind == CANDLE_LAST)
		jw_dec(b, NULL, d);
	else
		jw_str(b, NULL, "0");
}

static void
put_candle(struct buf *b, enum candle_kind kind, const struct candle *k)
{
	jw_open(b, NULL, '[');
	jw_i64(b, NULL, k->open_ms);
	put_value(b, kind, k->o);
	put_value(b, kind, k->h);
	put_value(b, kind, k->l);
	put_value(b, kind, k->c);
	put_amount(b, kind, k->volume);
	jw_i64(b, NULL, k->close_ms);
	put_amount(b, kind, k->quote);
	jw_i64(b, NULL, k->trades);
	put_amount(b, kind, k->taker_volume);
	put_amount(b, kind, k->taker_quote);
	jw_str(b, NULL, "0");
	jw_close(b, ']');
}

/* "1s" exists on streams only: -1120 here. */
static int
want_interval(struct call *c, const char *name, const char **out)
{
	if (want_text(c, name, out) == -1)
		return -1;
	if (hist_interval(*out) == 0 || strcmp(*out, "1s") == 0)
		return no(&c->f, 400, -1120, "Invalid interval.");
	return 0;
}

/* COIN-M: at most 200 days, which also stand for an end that is not told. */
static int
bound(struct call *c, struct period *p)
{
	if (p->has_start && !p->has_end)
		p->end = p->start > INT64_MAX - KLINES_SPAN ? INT64_MAX : p->start + KLINES_SPAN;
	else if (p->has_end && !p->has_start)
		p->start = p->end > KLINES_SPAN ? p->end - KLINES_SPAN : 0;
	else if (p->has_start && p->end - p->start > KLINES_SPAN)
		return no(&c->f, 400, -4088, "Maximum time interval is 200 days.");
	return 0;
}

struct candle *
api_candles(struct call *c, enum candle_kind kind, int sym, const char *interval,
    const struct period *p, int *n)
{
	struct candle *v = malloc((size_t)p->limit * sizeof *v);
	bool onward = c->market == USDM && p->has_start;

	if (v == NULL) {
		fault_set(&c->f, FAULT_LOCAL, "out of memory");
		return NULL;
	}
	*n = hist_candles(c->s->hist, kind, sym, interval, p->start, onward ? INT64_MAX : p->end,
	    c->now, v, p->limit);
	while (*n > 0 && v[*n - 1].open_ms > p->end)
		--*n;
	return v;
}

static int
put_candles(struct call *c, enum candle_kind kind, int sym)
{
	const char *interval = NULL;
	struct candle *v = NULL;
	struct period p;
	int n = 0;

	if (want_interval(c, "interval", &interval) == -1 ||
	    read_period(c, &p, 0, 0, 500, KLINES_MAX) == -1 || (c->market == COINM && bound(c, &p) == -1))
		return -1;
	if (sym != -1 && (v = api_candles(c, kind, sym, interval, &p, &n)) == NULL)
		return -1;
	jw_open(&c->out, NULL, '[');
	for (int i = 0; i < n; i++)
		put_candle(&c->out, kind, &v[i]);
	jw_close(&c->out, ']');
	free(v);
	return answer(c);
}

static int
klines_of_symbol(struct call *c, enum candle_kind kind)
{
	int sym;

	return want_any_symbol(c, &sym) == -1 ? -1 : put_candles(c, kind, sym);
}

int
get_klines(struct call *c)
{
	return klines_of_symbol(c, CANDLE_LAST);
}

int
get_mark_klines(struct call *c)
{
	return klines_of_symbol(c, CANDLE_MARK);
}

int
get_premium_klines(struct call *c)
{
	return klines_of_symbol(c, CANDLE_PREMIUM);
}

/*
 * Pairs
 */

static int
of_pair(const struct call *c, const char *pair, const char *type)
{
	const struct rules *r;

	for (int i = 0; i < engine_symbols(c->s->engine); i++) {
		r = rules_of(c, i);
		if (strcmp(r->pair, pair) == 0 && (type == NULL || strcmp(r->contract, type) == 0))
			return i;
	}
	return -1;
}

int
want_any_pair(struct call *c, int *sym)
{
	const char *pair = NULL;

	if (want_text(c, "pair", &pair) == -1)
		return -1;
	*sym = of_pair(c, pair, NULL);
	return *sym == -1 ? no_pair(c) : 0;
}

int
want_contract(struct call *c, bool all, int *sym, const char **type)
{
	static const char *const types[] = { "PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER",
		"TRADIFI_PERPETUAL", "ALL" };
	size_t i, n = sizeof types / sizeof *types - !all;

	if (want_text(c, "contractType", type) == -1)
		return -1;
	for (i = 0; i < n && strcmp(*type, types[i]) != 0; i++)
		;
	if (i == n)
		return no(&c->f, 400, -4104, "Invalid contract type.");
	if (strcmp(*type, "ALL") != 0)
		*sym = of_pair(c, params_get(&c->p, "pair"), *type);
	return 0;
}

int
get_continuous_klines(struct call *c)
{
	const char *type = NULL;
	int sym;

	if (want_any_pair(c, &sym) == -1 || want_contract(c, false, &sym, &type) == -1)
		return -1;
	return put_candles(c, CANDLE_LAST, sym);
}

int
get_index_klines(struct call *c)
{
	int sym;

	return want_any_pair(c, &sym) == -1 ? -1 : put_candles(c, CANDLE_INDEX, sym);
}

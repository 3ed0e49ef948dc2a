/* Prices of the world outside: mark, index, last, and the market maker that
 * quotes around them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define LEVELS_MAX	200

/*
 * A price has moved
 */

static void
mark_moved(struct engine *e, struct sym *s)
{
	struct hold *h;

	for (size_t i = 0; i < s->nholds; i++) {
		h = s->holds[i];
		if (h->a->number < 0)
			continue;
		if (hold_held(h)) {
			hold_stale(h);
			eng_due(e, h->a);
		} else if (h->norders > 0) {
			hold_stale(h);
		}
	}
}

/* Accounts in multi-assets mode that have something in the asset. */
static void
index_moved(struct engine *e, int asset)
{
	struct acct *a;

	for (int i = 0; e->nmulti > 0 && i < e->nacct; i++) {
		a = e->acct[i];
		if (a->multi && (dec_sign(a->wallet[asset].balance) != 0 ||
		    a->wallet[asset].sums.ncross > 0))
			eng_due(e, a);
	}
}

/* A last price alone is cheap: it moves with every trade. */
void
eng_price_moved(struct engine *e, struct sym *s)
{
	if (dec_cmp(s->mark, s->seen_mark) != 0) {
		s->seen_mark = s->mark;
		mark_moved(e, s);
	}
	if (dec_cmp(s->index_price, s->seen_index) != 0) {
		s->seen_index = s->index_price;
		if (s->follows != -1 && !e->asset[s->follows].pinned) {
			e->asset[s->follows].info.index = s->index_price;
			index_moved(e, s->follows);
		}
	}
	algo_price(e, s);
}

/*
 * The market maker
 */

struct engine_maker
engine_get_maker(const struct engine *e, int sym)
{
	static const struct engine_maker none = { 0 };
	const struct sym *s = eng_sym(e, sym);

	return s == NULL ? none : s->c.maker;
}

int
engine_set_maker(struct engine *e, int sym, const struct engine_maker *m, struct fault *f)
{
	struct sym *s = eng_sym(e, sym);

	if (s == NULL)
		return eng_misuse(f, "no such symbol");
	if (m->levels < 0 || m->levels > LEVELS_MAX || m->gap < 1 || m->gap > 1000000)
		return eng_misuse(f, "market maker: levels 0..200, gap 1..1000000 ticks");
	if (dec_sign(m->spread) < 0 || dec_cmp(m->spread, dec_int(1)) >= 0)
		return eng_misuse(f, "market maker: spread must be a fraction below 1");
	if (m->levels > 0 && (dec_sign(m->qty) <= 0 || !dec_is_multiple(m->qty, s->c.rules.step) ||
	    dec_cmp(m->qty, s->c.rules.max_qty) > 0))
		return eng_misuse(f, "market maker: quantity must be a multiple of stepSize");
	s->c.maker = *m;
	return 0;
}

/* The levels of one side from best on; as many as the price filter leaves. */
static int
quote_side(struct engine *e, const struct sym *s, enum order_side side, dec best,
    struct engine_level *out)
{
	const struct engine_maker *m = &s->c.maker;
	dec gap = num_mul(&e->bad, s->c.rules.tick, dec_int(m->gap)), price = best;
	dec qty = num_scale(&e->bad, m->qty, s->c.rules.step.scale);
	int n;

	for (n = 0; n < m->levels && !e->bad; n++) {
		if (dec_cmp(price, s->c.rules.min_price) < 0 || (dec_sign(s->c.rules.max_price) > 0 &&
		    dec_cmp(price, s->c.rules.max_price) > 0))
			break;
		out[n] = (struct engine_level){ side, price, qty };
		price = side == SIDE_BUY ? num_sub(&e->bad, price, gap) :
		    num_add(&e->bad, price, gap);
	}
	return n;
}

static int
make_quotes(struct engine *e, const struct sym *s, struct engine_level *out)
{
	dec half, bid, ask;
	int n;

	if (s->c.maker.levels == 0 || strcmp(s->c.rules.status, "TRADING") != 0)
		return 0;
	half = num_mul(&e->bad, num_mul(&e->bad, s->mark, s->c.maker.spread), (dec){ 5, 1 });
	bid = num_floor(&e->bad, num_sub(&e->bad, s->mark, half), s->c.rules.tick);
	ask = num_ceil(&e->bad, num_add(&e->bad, s->mark, half), s->c.rules.tick);
	if (dec_cmp(ask, bid) <= 0)
		ask = num_add(&e->bad, bid, s->c.rules.tick);
	n = quote_side(e, s, SIDE_BUY, bid, out);
	return n + quote_side(e, s, SIDE_SELL, ask, out + n);
}

/* Whether an old quote stands among the new ones: both of a side go away from
 * the price in even steps, so it is asked by price only. */
static bool
among(const struct engine_level *v, int n, const struct engine_level *l)
{
	for (int i = 0; i < n; i++)
		if (v[i].side == l->side && dec_cmp(v[i].price, l->price) == 0)
			return true;
	return false;
}

/* Old quotes that are not renewed go, then the new ones are set: what stands as
 * it should is not touched. */
static void
requote(struct engine *e, struct sym *s)
{
	int most = 2 * s->c.maker.levels, n, k = 0, i;
	struct engine_level *v, *fresh;

	if (most + s->nquotes == 0)
		return;
	v = malloc((size_t)(most + s->nquotes) * sizeof *v);
	fresh = malloc((size_t)(most + 1) * sizeof *fresh);
	if (v == NULL || fresh == NULL) {
		e->bad = true;
		free(v);
		free(fresh);
		return;
	}
	n = make_quotes(e, s, fresh);
	for (i = 0; i < s->nquotes; i++)
		if (!among(fresh, n, &s->quotes[i])) {
			v[k] = s->quotes[i];
			v[k++].qty = dec_int(0);
		}
	memcpy(v + k, fresh, (size_t)n * sizeof *v);
	free(s->quotes);
	s->quotes = fresh;
	s->nquotes = n;
	if (!e->bad)
		outside_set(e, s, v, k + n, false);
	free(v);
}

/*
 * Marks
 */

/* As the exchange shows it: 8 decimals; within the price filter. */
static int
fed_price(const struct sym *s, dec price, dec *out, struct fault *f)
{
	if (!dec_rescale(out, price, MONEY, DEC_DOWN) || dec_sign(*out) <= 0 ||
	    dec_cmp(*out, s->c.rules.min_price) < 0 || (dec_sign(s->c.rules.max_price) > 0 &&
	    dec_cmp(*out, s->c.rules.max_price) > 0))
		return eng_misuse(f, "a fed price is outside the symbol's price filter");
	return 0;
}

static void
tell_mark(struct engine *e, struct sym *s, dec mark, dec index)
{
	struct engine_event ev = { .kind = EV_MARK, .acct = -1, .sym = s->index };

	if (dec_sign(s->last) == 0)
		s->last = num_floor(&e->bad, mark, s->c.rules.tick);
	s->mark = ev.u.mark.mark = mark;
	s->index_price = ev.u.mark.index = index;
	eng_emit(e, &ev);
}

/* In the order of section 19: mark, book, conditional orders, liquidation. */
static int
set_prices(struct engine *e, int sym, dec mark, dec index, bool quote, int64_t now_ms,
    struct fault *f)
{
	struct sym *s;
	dec m, i;

	if (eng_begin(e, -1, sym, now_ms, f) == -1)
		return -1;
	if ((s = eng_sym(e, sym)) == NULL)
		return eng_misuse(f, "no such symbol");
	if (fed_price(s, mark, &m, f) == -1 || fed_price(s, index, &i, f) == -1)
		return -1;
	tell_mark(e, s, m, i);
	if (quote)
		requote(e, s);
	eng_price_moved(e, s);
	return eng_finish(e, f);
}

int
engine_mark(struct engine *e, int sym, dec price, int64_t now_ms, struct fault *f)
{
	return set_prices(e, sym, price, price, true, now_ms, f);
}

int
engine_mark_index(struct engine *e, int sym, dec mark, dec index, int64_t now_ms, struct fault *f)
{
	return set_prices(e, sym, mark, index, true, now_ms, f);
}

int
engine_prices(struct engine *e, int sym, dec mark, dec index, int64_t now_ms, struct fault *f)
{
	return set_prices(e, sym, mark, index, false, now_ms, f);
}

int
engine_last(struct engine *e, int sym, dec price, int64_t now_ms, struct fault *f)
{
	struct sym *s;
	dec last;

	if (eng_begin(e, -1, sym, now_ms, f) == -1)
		return -1;
	if ((s = eng_sym(e, sym)) == NULL)
		return eng_misuse(f, "no such symbol");
	if (fed_price(s, price, &last, f) == -1)
		return -1;
	s->last = last;
	s->last_moved = true;
	eng_price_moved(e, s);
	return eng_finish(e, f);
}

int
engine_set_index(struct engine *e, int asset, dec usd, int64_t now_ms, struct fault *f)
{
	if (asset < 0 || asset >= e->nasset)
		return eng_misuse(f, "no such asset");
	if (dec_sign(usd) <= 0 || !eng_is_money(usd))
		return eng_misuse(f, "index: a positive price, at most 8 decimals");
	if (eng_begin(e, -1, -1, now_ms, f) == -1)
		return -1;
	e->asset[asset].info.index = usd;
	e->asset[asset].pinned = true;
	index_moved(e, asset);
	return eng_finish(e, f);
}

/*
 * Symbols
 */

int
engine_set_status(struct engine *e, int sym, const char *status, int64_t now_ms, struct fault *f)
{
	struct engine_event ev = { .kind = EV_CONTRACT, .acct = -1, .sym = sym };
	struct sym *s = eng_sym(e, sym);

	if (s == NULL)
		return eng_misuse(f, "no such symbol");
	if (status == NULL || status[0] == '\0' || strlen(status) >= sizeof s->c.rules.status)
		return eng_misuse(f, "status: TRADING, PRE_DELIVERING, SETTLING, CLOSE, ...");
	if (eng_begin(e, -1, sym, now_ms, f) == -1)
		return -1;
	if (strcmp(s->c.rules.status, status) != 0) {
		snprintf(s->c.rules.status, sizeof s->c.rules.status, "%s", status);
		eng_emit(e, &ev);
	}
	return eng_finish(e, f);
}

int
engine_set_first_id(struct engine *e, int sym, uint64_t id, struct fault *f)
{
	struct sym *s = eng_sym(e, sym);

	if (s == NULL)
		return eng_misuse(f, "no such symbol");
	if (s->norders > 0 || s->base_id != (s->c.first_id == 0 ? 1 : s->c.first_id) || id == 0 ||
	    id > (uint64_t)INT64_MAX - INT32_MAX)
		return eng_misuse(f, "first order id: not after an order, and a positive int64");
	s->c.first_id = s->base_id = id;
	return 0;
}

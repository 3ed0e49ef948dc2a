/* What perpetuals cost or earn who holds them, over all symbols: public, no key is needed. */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "core/carry.h"
#include "look.h"

#define USUAL_HOURS	8	/* of contracts that fundingInfo, the list of adjusted ones, does not have */

const struct column carry_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "RATE", "fundingRate", COL_DEC },
	{ "HOURS", "fundingIntervalHours", COL_RIGHT },
	{ "A YEAR %", "annual", COL_DEC },
	{ "PAYS", "pays", COL_LEFT },
	{ "NEXT", "nextFundingTime", COL_TIME },
	{ "BASIS BP", "basis", COL_DEC },
	{ NULL, NULL, 0 }
};

struct row {
	char	symbol[SYMBOL_MAX];
	enum market m;
	dec	rate, annual, mark, index, basis;
	bool	has_basis, named;
	struct carry_rates past;	/* of one asked for by name: each costs a request */
	int	hours;
	int64_t	next_ms;
};
struct rows { struct row *v; size_t n, cap; };

static bool
wanted(const char *symbol, char *const words[], int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(symbol, words[i]) == 0)
			return true;
	return n == 0;
}

static struct row *
add(struct rows *rs)
{
	struct row *v;

	if (rs->n == rs->cap) {
		if ((v = reallocarray(rs->v, rs->cap + 256, sizeof *v)) == NULL)
			return NULL;
		rs->v = v;
		rs->cap += 256;
	}
	v = &rs->v[rs->n];
	memset(v, 0, sizeof *v);
	return v;
}

/* A delivery contract has no funding: no rate, or no next time. */
static bool
read_row(struct row *r, const struct tok *t, const struct tok *v)
{
	if (!scan_get_str(t, v, "symbol", r->symbol, sizeof r->symbol) ||
	    !scan_get_dec(t, v, "lastFundingRate", &r->rate) || !scan_get_i64(t, v, "nextFundingTime", &r->next_ms) ||
	    r->next_ms <= 0)
		return false;
	r->has_basis = scan_get_dec(t, v, "markPrice", &r->mark) && scan_get_dec(t, v, "indexPrice", &r->index) &&
	    carry_basis(&r->basis, r->mark, r->index);
	r->hours = USUAL_HOURS;
	return true;
}

static struct row *
row_of(struct rows *rs, size_t from, const struct tok *t, const struct tok *v)
{
	for (size_t i = from; i < rs->n; i++)
		if (scan_get_is(t, v, "symbol", rs->v[i].symbol))
			return &rs->v[i];
	return NULL;
}

static int
read_market(struct rows *rs, struct session *s, char *const words[], int n, struct fault *f)
{
	size_t from = rs->n;
	const struct tok *t;
	struct row *r;
	int64_t hours;

	if (session_call(s, EP_PREMIUM_INDEX, "", false, f) == -1)
		return -1;
	t = s->doc.t;
	if (t->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "premiumIndex: not a list");
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v)) {
		if ((r = add(rs)) == NULL)
			return fault_set(f, FAULT_LOCAL, "out of memory");
		r->m = s->market;
		if (read_row(r, t, v) && wanted(r->symbol, words, n))
			rs->n++;
	}
	if (rs->n == from)
		return 0;
	if (session_call(s, EP_FUNDING_INFO, "", false, f) == -1)
		return -1;
	t = s->doc.t;
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if ((r = row_of(rs, from, t, v)) != NULL && scan_get_i64(t, v, "fundingIntervalHours", &hours) &&
		    hours >= 1 && hours <= 24)
			r->hours = (int)hours;
	for (size_t i = from; i < rs->n && n > 0; i++) {
		rs->v[i].named = true;
		if (funding_past(&rs->v[i].past, s, rs->v[i].symbol, f) == -1)
			return -1;
	}
	return 0;
}

/* Most first, by what a year comes to, either way. */
static int
by_annual(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int c = dec_cmp(dec_abs(y->annual), dec_abs(x->annual));

	return c != 0 ? c : strcmp(x->symbol, y->symbol);
}

/* What was paid on the mean, and how much the forecast is over it. */
static void
put_past(struct buf *b, const struct row *r)
{
	dec mean = dec_int(0), year = mean, more = mean;
	bool has = carry_mean(&mean, &r->past);

	put_maybe(b, "rateMean", has, &mean);
	jw_i64(b, "rates", r->past.n);
	put_maybe(b, "annualMean", has && carry_annual(&year, mean, r->hours), &year);
	put_maybe(b, "rateOverMean", has && dec_sub(&more, r->rate, mean), &more);
}

static int
put(struct app *a, const struct row *r, int64_t now, struct fault *f)
{
	struct buf *b = &a->rec;
	int sign = dec_sign(r->rate);

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.carry");
	jw_i64(b, "E", now);
	jw_str(b, "market", market_word(r->m));
	jw_str(b, "symbol", r->symbol);
	jw_dec(b, "fundingRate", r->rate);
	jw_i64(b, "fundingIntervalHours", r->hours);
	jw_dec(b, "annual", r->annual);
	if (sign == 0)
		jw_null(b, "pays");
	else
		jw_str(b, "pays", sign > 0 ? "LONG" : "SHORT");
	jw_i64(b, "nextFundingTime", r->next_ms);
	put_maybe(b, "basis", r->has_basis, &r->basis);
	put_maybe(b, "markPrice", dec_sign(r->mark) > 0, &r->mark);
	put_maybe(b, "indexPrice", dec_sign(r->index) > 0, &r->index);
	if (r->named)
		put_past(b, r);
	jw_close(b, '}');
	return emit(a, f);
}

static int
put_all(struct app *a, struct rows *rs, int64_t now, struct fault *f)
{
	for (size_t i = 0; i < rs->n; i++)
		if (!carry_annual(&rs->v[i].annual, rs->v[i].rate, rs->v[i].hours))
			return fault_set(f, FAULT_LOCAL, "%s: its rate is out of room", rs->v[i].symbol);
	if (rs->n > 0)
		qsort(rs->v, rs->n, sizeof *rs->v, by_annual);
	for (size_t i = 0; i < rs->n; i++)
		if (put(a, &rs->v[i], now, f) == -1)
			return -1;
	return 0;
}

/* Not by app_open, which wants a key. */
static void
open_public(struct app *a)
{
	a->v.profile = a->common.profile;
	a->v.market = a->common.market;
	a->v.only = a->common.market_given;
	a->v.need_key = false;
}

int
do_carry(struct app *a, char *const words[], int n, struct fault *f)
{
	struct session *s = NULL;
	struct rows rs = { 0 };
	enum market m;
	int r = 0;

	if (a->p.since != NULL || a->p.until != NULL || a->p.asset != NULL || a->p.hours != NULL)
		return fault_set(f, FAULT_USAGE, "carry takes symbols only: it is of now");
	open_public(a);
	for (int i = 0; i < n; i++)
		if (venue_find(&a->v, words[i], &m, NULL, f) == -1)
			return -1;
	m = a->v.market;
	for (int i = 0; i < MARKETS && r == 0; i++, m = market_other(m))
		if (i == 0 || (!a->v.only && venue_has(&a->v, m)))
			r = (s = venue_session(&a->v, m, f)) == NULL || app_hold(a, &s->prof, f) == -1 ? -1 :
			    read_market(&rs, s, words, n, f);
	if (r == 0 && s != NULL)
		r = put_all(a, &rs, session_now(s), f);
	free(rs.v);
	return r;
}

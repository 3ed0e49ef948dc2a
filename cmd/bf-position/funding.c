/* What holding the positions costs: at the next settlement, an hour, some hours, and so far. */
#include <stdlib.h>
#include <string.h>

#include "core/carry.h"
#include "core/funding.h"
#include "core/params.h"
#include "income.h"
#include "look.h"

#define PAST		30	/* settlements whose rates make the mean */
#define HOUR		INT64_C(3600000)
#define MINUTE		INT64_C(60000)

/* Short, so that a row fits a line of 80: the sign of the amount says the side. */
const struct column funding_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "AMOUNT", "positionAmt", COL_RIGHT },
	{ "RATE %", "cells.rate:fundingRate", COL_DEC },
	{ "MEAN %", "cells.mean:rateMean", COL_DEC | COL_MORE(1) },
	{ "MIN", "minutes", COL_RIGHT },
	{ "DUE", "cells.due:due", COL_RIGHT },
	{ "AHEAD", "cells.ahead:ahead", COL_RIGHT },
	{ "PAID", "cells.paid:paid", COL_RIGHT },
	{ "ASSET", "asset", COL_LEFT },
	{ NULL, NULL, 0 }
};

/* What a symbol has paid and received. */
struct paid { char symbol[SYMBOL_MAX], asset[24]; dec sum; int64_t n; };

struct holding {
	struct app	*a;
	struct session	*s;
	int64_t		 hours;		/* --hours */
	int64_t		 since, now;
	struct paid	*v;
	int		 n;
};

/*
 * So far
 */

static int
on_fee(void *arg, const struct income_row *r, struct fault *f)
{
	struct holding *h = arg;
	struct paid *v;
	int i = 0;

	while (i < h->n && (strcmp(h->v[i].symbol, r->symbol) != 0 || strcmp(h->v[i].asset, r->asset) != 0))
		i++;
	if (i == h->n) {
		if ((v = reallocarray(h->v, (size_t)h->n + 1, sizeof *v)) == NULL)
			return fault_set(f, FAULT_LOCAL, "out of memory");
		h->v = v;
		memset(&v[h->n], 0, sizeof *v);
		memcpy(v[h->n].symbol, r->symbol, sizeof r->symbol);
		memcpy(v[h->n].asset, r->asset, sizeof r->asset);
		h->n++;
	}
	h->v[i].n++;
	return dec_add(&h->v[i].sum, h->v[i].sum, r->amount) ? 0 :
	    fault_set(f, FAULT_LOCAL, "%s: the sum is out of room", r->symbol);
}

/* Regular settlements, and those that the exchange makes beside them. */
static int
read_paid(struct holding *h, struct fault *f)
{
	static const char *const type[] = { "FUNDING_FEE", "SPECIAL_FUNDING_FEE" };
	int r = 0;

	for (int i = 0; i < 2 && r == 0; i++) {
		struct income w = { .s = h->s, .type = type[i], .at_ms = h->since };

		r = income_walk(&w, h->now + 1000, on_fee, h, f);
		income_free(&w);
	}
	return r;
}

static const struct paid *
paid_of(const struct holding *h, const char *symbol)
{
	for (int i = 0; i < h->n; i++)
		if (strcmp(h->v[i].symbol, symbol) == 0)
			return &h->v[i];
	return NULL;
}

int
funding_past(struct carry_rates *out, struct session *s, const char *symbol, struct fault *f)
{
	struct buf q = { 0 };
	const struct tok *t;
	dec rate;
	int r;

	*out = (struct carry_rates){ 0 };
	buf_str(&q, "symbol=");
	query_escape(&q, symbol);
	buf_printf(&q, "&limit=%d", PAST);
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : session_call(s, EP_FUNDING_RATE, q.p, false, f);
	buf_free(&q);
	if (r == -1)
		return -1;
	t = s->doc.t;
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (!scan_get_dec(t, v, "fundingRate", &rate) || !carry_add(out, rate))
			return fault_set(f, FAULT_AGAIN, "fundingRate: a row without fundingRate");
	return 0;
}

/*
 * To come
 */

static bool
payment(dec *out, const struct contract *c, const struct position *p, dec rate)
{
	struct leg l = { .kind = c->kind, .amt = p->amt, .entry = p->entry, .size = c->size };

	return dec_sign(p->mark) > 0 && funding_payment(out, &l, p->mark, rate);
}

/* A contract without funding, a delivery, has none of these. */
struct forecast {
	bool	has, known;	/* known: how often, too */
	bool	has_due, has_hourly, has_ahead;
	int64_t	left, times;	/* until the next one; how many there are within --hours */
	dec	due, hourly, ahead;
};

static void
forecast_of(struct forecast *o, const struct holding *h, const struct contract *c, const struct position *p)
{
	*o = (struct forecast){ .has = c->funding_ms > 0 };
	o->known = o->has && c->funding_hours > 0;
	if (o->has && c->funding_ms > h->now)
		o->left = c->funding_ms - h->now;
	if (o->known)
		o->times = carry_settlements(o->left, c->funding_hours, h->hours * HOUR);
	o->has_due = o->has && payment(&o->due, c, p, c->funding_rate);
	o->has_hourly = o->has_due && o->known && carry_hourly(&o->hourly, o->due, c->funding_hours);
	o->has_ahead = o->has_due && o->known && dec_mul(&o->ahead, o->due, dec_int(o->times));
}

static void
put_forecast(struct buf *b, const struct holding *h, const struct contract *c, const struct position *p)
{
	struct forecast fc;

	forecast_of(&fc, h, c, p);
	put_maybe(b, "fundingRate", fc.has, &c->funding_rate);
	if (fc.known)
		jw_i64(b, "fundingIntervalHours", c->funding_hours);
	else
		jw_null(b, "fundingIntervalHours");
	if (fc.has) {
		jw_i64(b, "nextFundingTime", c->funding_ms);
		jw_i64(b, "minutes", fc.left / MINUTE);
	}
	put_maybe(b, "due", fc.has_due, &fc.due);
	put_maybe(b, "perHour", fc.has_hourly, &fc.hourly);
	jw_i64(b, "hours", h->hours);
	jw_i64(b, "settlements", fc.times);
	put_maybe(b, "ahead", fc.has_ahead, &fc.ahead);
}

/* The mean of the past, and what this position would pay at it. */
static void
put_past(struct buf *b, const struct holding *h, const struct contract *c, const struct position *p,
    const struct carry_rates *rates)
{
	const struct paid *v = paid_of(h, c->rules.symbol);
	dec mean, due, more;
	bool has = carry_mean(&mean, rates);

	put_maybe(b, "rateMean", has, &mean);
	jw_i64(b, "rates", rates->n);
	put_maybe(b, "dueAtMean", has && payment(&due, c, p, mean), &due);
	put_maybe(b, "rateOverMean", has && c->funding_ms > 0 && dec_sub(&more, c->funding_rate, mean), &more);
	jw_i64(b, "since", h->since);
	jw_dec(b, "paid", v != NULL ? v->sum : dec_int(0));
	jw_i64(b, "payments", v != NULL ? v->n : 0);
}

static bool
percent(dec *out, dec rate)
{
	return dec_mul(out, rate, dec_int(100));
}

static void
put_row_cells(struct buf *b, const struct holding *h, const struct contract *c, const struct position *p,
    const struct carry_rates *rates)
{
	int decimals = c->kind == LINEAR ? 4 : 6;
	const struct paid *v = paid_of(h, c->rules.symbol);
	struct forecast fc;
	dec d = dec_int(0);
	bool known;

	forecast_of(&fc, h, c, p);
	jw_open(b, "cells", '{');
	known = fc.has && percent(&d, c->funding_rate);
	put_cell_amount(b, "rate", known, d, 4);
	known = carry_mean(&d, rates) && percent(&d, d);
	put_cell_amount(b, "mean", known, d, 4);
	put_cell_amount(b, "due", fc.has_due, fc.due, decimals);
	put_cell_amount(b, "ahead", fc.has_ahead, fc.ahead, decimals);
	put_cell_amount(b, "paid", true, v != NULL ? v->sum : dec_int(0), decimals);
	jw_close(b, '}');
}

static int
put(struct holding *h, const struct contract *c, const struct position *p, struct fault *f)
{
	static const char *const side[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };
	struct buf *b = &h->a->rec;
	struct carry_rates rates;

	if (c->funding_ms == 0)
		rates = (struct carry_rates){ 0 };
	else if (funding_past(&rates, h->s, c->rules.symbol, f) == -1)
		return -1;
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.position.funding");
	jw_i64(b, "E", h->now);
	jw_str(b, "market", market_word(c->market));
	jw_str(b, "symbol", p->symbol);
	jw_str(b, "positionSide", side[p->side]);
	jw_dec(b, "positionAmt", p->amt);
	put_maybe(b, "markPrice", dec_sign(p->mark) > 0, &p->mark);
	jw_str(b, "asset", c->rules.margin);
	put_forecast(b, h, c, p);
	put_past(b, h, c, p, &rates);
	if (h->a->out.table)
		put_row_cells(b, h, c, p, &rates);
	jw_close(b, '}');
	return emit(h->a, f);
}

static void
on_mark(void *arg, const char *symbol, dec price, int64_t at_ms)
{
	(void)account_mark(arg, symbol, strlen(symbol), price, at_ms);
}

static int
of_market(struct holding *h, enum market m, char *const words[], int n, struct fault *f)
{
	struct account *acct = &h->a->acct[m];
	const struct contract *c;
	int64_t to;

	if ((h->s = venue_session(&h->a->v, m, f)) == NULL)
		return -1;
	h->now = session_now(h->s);
	if (income_span(h->a, 7, h->now, &h->since, &to, NULL, f) == -1 || read_paid(h, f) == -1 ||
	    listing_funding(&h->a->cs, h->s, on_mark, acct, f) == -1)
		return -1;
	h->now = session_now(h->s);
	for (int i = 0; i < acct->npos; i++) {
		if (dec_sign(acct->pos[i].amt) == 0 || !look_wanted(acct->pos[i].symbol, words, n))
			continue;
		if ((c = app_contract(h->a, acct->pos[i].symbol, f)) == NULL || put(h, c, &acct->pos[i], f) == -1)
			return -1;
	}
	return 0;
}

static bool
holds(const struct account *a)
{
	for (int i = 0; i < a->npos; i++)
		if (dec_sign(a->pos[i].amt) != 0)
			return true;
	return false;
}

int
do_funding(struct app *a, char *const words[], int n, struct fault *f)
{
	struct holding h = { .a = a, .hours = 24 };
	long hours;
	int r = 0;

	if (a->p.until != NULL || a->p.asset != NULL)
		return fault_set(f, FAULT_USAGE, "funding takes --since and --hours only");
	if (a->p.hours != NULL) {
		if (tool_number(&hours, "--hours", a->p.hours, 1, 24 * 366, f) == -1)
			return -1;
		h.hours = hours;
	}
	if (app_open(a, f) == -1)
		return -1;
	for (int i = 0; i < n; i++)	/* one that does not exist must not look like a flat one */
		if (app_contract(a, words[i], f) == NULL)
			return -1;
	if (app_accounts(a, false, f) == -1)
		return -1;
	for (int m = 0; m < MARKETS && r == 0; m++) {
		if (a->has[m] && holds(&a->acct[m]))
			r = of_market(&h, (enum market)m, words, n, f);
		free(h.v);
		h.v = NULL;
		h.n = 0;
	}
	return r;
}

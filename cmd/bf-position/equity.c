/* The balance over time, from the income ledger. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "income.h"
#include "io/chart.h"
#include "io/gnuplot.h"
#include "look.h"

#define HOUR		INT64_C(3600000)
#define HOURLY		(3 * INCOME_DAY)	/* spans up to this are shown by the hour */

const struct column equity_cols[] = {
	{ "TIME", "E", COL_DATE },
	{ "MARKET", "market", COL_LEFT },
	{ "ASSET", "asset", COL_LEFT },
	{ "INCOME", "income", COL_DEC | COL_SIGN },
	{ "ROWS", "rows", COL_RIGHT | COL_MORE(1) },
	{ "BALANCE", "balance", COL_DEC },
	{ NULL, NULL, 0 }
};

/* What came in within one hour or day. */
struct bucket { dec income; int64_t rows; };
struct curve {
	char	asset[24];
	struct bucket *b;	/* nb of them */
	dec	all;		/* from the first bucket to now */
	int64_t	rows;
};

struct equity {
	struct app	*a;
	struct session	*s;
	int64_t		 from, to, now;	/* both inclusive */
	bool		 open;		/* up to now, whenever that is */
	int64_t		 step;
	int		 nb;
	struct curve	*c;
	int		 n;
	struct balances	 bs;
};

static struct curve *
curve_of(struct equity *q, const char *asset)
{
	struct curve *c;

	for (int i = 0; i < q->n; i++)
		if (strcmp(q->c[i].asset, asset) == 0)
			return &q->c[i];
	if ((c = reallocarray(q->c, (size_t)q->n + 1, sizeof *c)) == NULL)
		return NULL;
	q->c = c;
	c = &c[q->n];
	memset(c, 0, sizeof *c);
	if ((c->b = calloc((size_t)q->nb, sizeof *c->b)) == NULL)
		return NULL;
	snprintf(c->asset, sizeof c->asset, "%s", asset);
	q->n++;
	return c;
}

static int
on_row(void *arg, const struct income_row *r, struct fault *f)
{
	struct equity *q = arg;
	int64_t i = (r->at_ms - q->from) / q->step;
	struct curve *c;
	bool ok;

	if (q->a->p.asset != NULL && strcmp(q->a->p.asset, r->asset) != 0)
		return 0;
	if ((c = curve_of(q, r->asset)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	ok = dec_add(&c->all, c->all, r->amount);
	if (q->open && i >= q->nb)
		i = q->nb - 1;	/* what came while it was read */
	if ((q->open || r->at_ms <= q->to) && i < q->nb) {
		ok = ok && dec_add(&c->b[i].income, c->b[i].income, r->amount);
		c->b[i].rows++;
		c->rows++;
	}
	return ok ? 0 : fault_set(f, FAULT_LOCAL, "%s: the sum is out of room", r->asset);
}

static int
put_bucket(struct equity *q, const struct curve *c, int i, dec balance, struct fault *f)
{
	struct buf *b = &q->a->rec;
	int64_t end = q->from + (i + 1) * q->step - 1;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.equity");
	jw_i64(b, "E", i < q->nb - 1 || end < q->to ? end : q->open ? q->now : q->to);
	jw_str(b, "market", market_word(q->s->market));
	jw_str(b, "asset", c->asset);
	jw_dec(b, "income", c->b[i].income);
	jw_i64(b, "rows", c->b[i].rows);
	jw_dec(b, "balance", balance);
	jw_close(b, '}');
	return emit(q->a, f);
}

/* Past the printer, which is for records: no headings, and nothing is escaped. */
static int
draw(struct equity *q, const struct curve *c, const struct point *v, struct fault *f)
{
	struct chart room = chart_terminal();
	struct buf text = { 0 };
	char title[96];
	int r;

	snprintf(title, sizeof title, "%s balance, %s, by the %s", c->asset, market_word(q->s->market),
	    q->step == HOUR ? "hour" : "day");
	printer_headless(&q->a->out);
	if (q->a->p.plot != NULL)
		return gnuplot_series(q->a->p.plot, title, v, q->nb, f);
	chart_series(&text, &room, title, v, q->nb, 8);
	r = text.bad ? fault_set(f, FAULT_LOCAL, "out of memory for a chart") : out_records(&q->a->out.out, &text, f);
	buf_free(&text);
	return r;
}

/* From the balance now back to the first bucket, and forward from there. */
static int
put_curve(struct equity *q, const struct curve *c, struct fault *f)
{
	struct point *v = calloc((size_t)q->nb, sizeof *v);
	dec d;
	int r = 0;

	if (v == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (!dec_sub(&d, balance_of(&q->bs, c->asset), c->all))
		r = fault_set(f, FAULT_LOCAL, "%s: the balance is out of room", c->asset);
	for (int i = 0; i < q->nb && r == 0; i++) {
		if (!dec_add(&d, d, c->b[i].income))
			r = fault_set(f, FAULT_LOCAL, "%s: the balance is out of room", c->asset);
		else if (q->a->p.plotted)
			v[i] = (struct point){ q->from + i * q->step, chart_value(d) };
		else
			r = put_bucket(q, c, i, d, f);
	}
	if (r == 0 && q->a->p.plotted)
		r = draw(q, c, v, f);
	free(v);
	return r;
}

/* What has a balance and no rows has a curve too, a straight one. */
static int
add_silent(struct equity *q, struct fault *f)
{
	const char *only = q->a->p.asset;

	for (int i = 0; i < q->bs.n; i++)
		if (dec_sign(q->bs.b[i].d) != 0 && (only == NULL || strcmp(only, q->bs.b[i].asset) == 0) &&
		    curve_of(q, q->bs.b[i].asset) == NULL)
			return fault_set(f, FAULT_LOCAL, "out of memory");
	return 0;
}

static int
begin(struct equity *q, enum market m, struct fault *f)
{
	if ((q->s = venue_session(&q->a->v, m, f)) == NULL || session_sync(q->s, false, f) == -1)
		return -1;
	q->now = session_now(q->s);
	if (income_span(q->a, 30, q->now, &q->from, &q->to, NULL, f) == -1)
		return -1;
	q->open = q->to > q->now;
	if (q->open)
		q->to = q->now;
	q->step = q->to - q->from <= HOURLY ? HOUR : INCOME_DAY;
	q->from -= q->from % q->step;	/* the balance after an hour or day of the clock, UTC */
	q->nb = (int)((q->to - q->from) / q->step) + 1;
	return 0;
}

static int
read_curves(struct equity *q, enum market m, struct fault *f)
{
	struct income w = { 0 };
	int r;

	if (begin(q, m, f) == -1)
		return -1;
	w.s = q->s;
	w.at_ms = q->from;
	r = income_balanced(&w, &q->bs, &q->now, on_row, q, f);
	income_free(&w);
	return r == -1 ? -1 : add_silent(q, f);
}

static void
equity_free(struct equity *q)
{
	for (int i = 0; i < q->n; i++)
		free(q->c[i].b);
	free(q->c);
	balances_free(&q->bs);
}

static int
check(const struct app *a, int n, char *const words[], struct fault *f)
{
	if (n > 0)
		return fault_set(f, FAULT_USAGE, "equity takes no operand: %.40s", words[0]);
	if (a->p.plotted && (a->common.as.jq != NULL || a->common.as.fields != NULL))
		return fault_set(f, FAULT_USAGE, "--plot draws, and prints no records: it does not go with %s",
		    a->common.as.jq != NULL ? "--jq" : "--fields");
	return a->p.plot == NULL ? 0 : gnuplot_check(a->p.plot, f);
}

int
do_equity(struct app *a, char *const words[], int n, struct fault *f)
{
	struct equity q[MARKETS] = { { .a = a }, { .a = a } };
	int curves = 0, r = 0;

	if (check(a, n, words, f) == -1 || app_open(a, f) == -1)
		return -1;
	for (int i = 0; i < MARKETS && r == 0; i++)
		if (app_looks_at(a, (enum market)i) && (r = read_curves(&q[i], (enum market)i, f)) == 0)
			curves += q[i].n;
	if (r == 0 && a->p.plotted && curves == 0)
		r = fault_set(f, FAULT_REJECTED, "equity: nothing to draw");
	if (r == 0 && a->p.plot != NULL && curves > 1)
		r = fault_set(f, FAULT_USAGE, "--plot=%s: one file holds one curve, and there are %d: choose by --asset and "
		    "--market", a->p.plot, curves);
	for (int i = 0; i < MARKETS; i++) {
		for (int k = 0; k < q[i].n && r == 0; k++)
			r = put_curve(&q[i], &q[i].c[k], f);
		equity_free(&q[i]);
	}
	return r;
}

/* The income ledger: windows of a week, pages of 1000, overlapped and each row once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/instant.h"
#include "core/params.h"
#include "income.h"

#define PAGE		1000
#define AHEAD_MS	1000	/* the exchange's clock may be before ours: more than the error it may have */
#define SLACK_MS	10000	/* a query takes its time, and may not reach back further than is kept */
#define TRIES		5
#define LATE_MS		60000	/* a row may show so long after its time */

/*
 * Rows
 */

/* What names a row: a transaction's number is unique within a type; of one exchange of assets both sides
 * have the same. */
static bool
name_of(struct buf *b, const struct tok *t, const struct tok *v)
{
	static const char *const key[] = { "incomeType", "tranId", "tradeId", "asset" };
	const struct tok *m;

	buf_reset(b);
	for (size_t i = 0; i < sizeof key / sizeof *key; i++) {
		m = scan_get(t, v, key[i]);
		if (i < 2 && m == NULL)
			return false;
		if (m != NULL)
			buf_put(b, m->p, m->len);
		buf_chr(b, '\n');
	}
	return true;
}

static bool
is_seen(const struct income *w, const struct buf *name)
{
	const char *p = w->seen.p, *end = w->seen.p + w->seen.len;

	for (; p < end; p += strlen(p) + 1)
		if (strcmp(p, name->p) == 0)
			return true;
	return false;
}

static int
read_row(struct income_row *r, const struct tok *t, const struct tok *v, struct fault *f)
{
	*r = (struct income_row){ .t = t, .v = v };
	if (!scan_get_i64(t, v, "time", &r->at_ms) || !scan_get_dec(t, v, "income", &r->amount) ||
	    !scan_get_str(t, v, "incomeType", r->type, sizeof r->type) ||
	    !scan_get_str(t, v, "asset", r->asset, sizeof r->asset))
		return fault_set(f, FAULT_AGAIN, "income: a row without time, income, incomeType or asset");
	if (!scan_get_str(t, v, "symbol", r->symbol, sizeof r->symbol))
		r->symbol[0] = '\0';
	return 0;
}

/* 1: new and handed over, 0: seen before, -1. */
static int
take(struct income *w, const struct income_row *r, struct buf *name, income_each *each, void *arg,
    struct fault *f)
{
	if (!name_of(name, r->t, r->v))
		return fault_set(f, FAULT_AGAIN, "income: a row without incomeType or tranId");
	if (r->at_ms > w->at_ms) {
		buf_reset(&w->seen);
		w->at_ms = r->at_ms;
	} else if (is_seen(w, name))
		return 0;
	buf_put(&w->seen, name->p, name->len + 1);
	if (name->bad || w->seen.bad)
		return fault_set(f, FAULT_LOCAL, "income: out of memory");
	return each(arg, r, f) == -1 ? -1 : 1;
}

/*
 * Pages
 */

struct page { int rows, fresh; int64_t last_ms; };

/* page 0: without that parameter. */
static int
ask(struct income *w, int64_t from, int64_t to, int page, struct fault *f)
{
	struct buf q = { 0 };
	int r;

	buf_printf(&q, "startTime=%lld&endTime=%lld&limit=%d", (long long)from, (long long)to, PAGE);
	if (page > 0)
		buf_printf(&q, "&page=%d", page);
	if (w->symbol != NULL) {
		buf_str(&q, "&symbol=");
		query_escape(&q, w->symbol);
	}
	if (w->type != NULL)
		buf_printf(&q, "&incomeType=%s", w->type);
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : session_call(w->s, EP_INCOME, q.p, false, f);
	buf_free(&q);
	return r;
}

static int
fetch(struct income *w, int64_t from, int64_t to, int page, struct page *pg, income_each *each, void *arg,
    struct fault *f)
{
	struct buf name = { 0 };
	struct income_row row;
	const struct tok *t;
	int r = ask(w, from, to, page, f);

	*pg = (struct page){ .last_ms = from };
	t = w->s->doc.t;
	if (r == 0 && t->kind != SCAN_ARR)
		r = fault_set(f, FAULT_AGAIN, "income: not a list");
	for (const struct tok *v = r == 0 ? scan_first(t) : NULL; v != NULL && r != -1; v = scan_next(t, t, v)) {
		if ((r = read_row(&row, t, v, f)) == -1)
			break;
		pg->rows++;
		if (row.at_ms < pg->last_ms || row.at_ms > to)
			r = fault_set(f, FAULT_AGAIN, "income: rows that are not in the order of their time: they cannot be "
			    "gone through without a gap");
		else if ((r = take(w, &row, &name, each, arg, f)) == 1)
			pg->fresh++;
		pg->last_ms = row.at_ms;
	}
	buf_free(&name);
	return r == -1 ? -1 : 0;
}

/* A millisecond with more rows than a page has: by the number of the page. */
static int
one_instant(struct income *w, int64_t at, income_each *each, void *arg, struct fault *f)
{
	struct page pg = { .rows = PAGE };

	for (int page = 1; pg.rows == PAGE; page++) {
		if (fetch(w, at, at, page, &pg, each, arg, f) == -1)
			return -1;
		if (pg.rows == PAGE && pg.fresh == 0 && page > 1)
			return fault_set(f, FAULT_AGAIN, "income: more than %d rows of one millisecond: the exchange tells no more",
			    PAGE);
	}
	return 0;
}

static int
one_window(struct income *w, int64_t from, int64_t to, income_each *each, void *arg, struct fault *f)
{
	struct page pg;

	while (from <= to) {
		if (fetch(w, from, to, 0, &pg, each, arg, f) == -1)
			return -1;
		if (pg.rows < PAGE)
			return 0;
		if (pg.last_ms > from) {
			from = pg.last_ms;	/* once more: it may go on behind the page */
			continue;
		}
		if (one_instant(w, from, each, arg, f) == -1)
			return -1;
		from++;
	}
	return 0;
}

/* All up to to_ms has been read: what follows need not begin at the last row, which may be old. */
static void
go_on(struct income *w, int64_t to_ms)
{
	if (w->at_ms >= to_ms - LATE_MS)
		return;
	w->at_ms = to_ms - LATE_MS;
	buf_reset(&w->seen);
}

int
income_walk(struct income *w, int64_t to_ms, income_each *each, void *arg, struct fault *f)
{
	int64_t from = w->at_ms, to;
	char text[INSTANT_STR];
	struct fault why;

	for (; from <= to_ms; from = to + 1) {
		to = from + INCOME_WINDOW - 1 < to_ms ? from + INCOME_WINDOW - 1 : to_ms;
		if (one_window(w, from, to, each, arg, f) == 0)
			continue;
		why = *f;
		instant_put(text, w->at_ms);
		fault_set(f, why.kind, "the ledger is not whole, it ends at %s: %s", text, why.text);
		f->http = why.http;
		f->code = why.code;
		f->retry_ms = why.retry_ms;
		return -1;
	}
	go_on(w, to_ms);
	return 0;
}

void
income_free(struct income *w)
{
	buf_free(&w->seen);
}

/*
 * Balances
 */

dec
balance_of(const struct balances *bs, const char *asset)
{
	for (int i = 0; i < bs->n; i++)
		if (strcmp(bs->b[i].asset, asset) == 0)
			return bs->b[i].d;
	return dec_int(0);
}

void
balances_free(struct balances *bs)
{
	free(bs->b);
	*bs = (struct balances){ 0 };
}

static int
read_balances(struct balances *out, struct session *s, struct fault *f)
{
	const struct tok *t;
	struct balance *b;

	if (session_call(s, EP_BALANCE, "", false, f) == -1)
		return -1;
	t = s->doc.t;
	if (t->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "balance: not a list");
	balances_free(out);
	if ((out->b = calloc((size_t)t->n + 1, sizeof *out->b)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v)) {
		b = &out->b[out->n++];
		if (!scan_get_str(t, v, "asset", b->asset, sizeof b->asset) || !scan_get_dec(t, v, "balance", &b->d))
			return fault_set(f, FAULT_AGAIN, "balance: a row without asset or balance");
	}
	return 0;
}

struct counted { income_each *each; void *arg; int64_t n; };

static int
count(void *arg, const struct income_row *r, struct fault *f)
{
	struct counted *c = arg;

	c->n++;
	return c->each(c->arg, r, f);
}

int
income_balanced(struct income *w, struct balances *out, int64_t *now_ms, income_each *each, void *arg,
    struct fault *f)
{
	struct counted c = { each, arg, 0 };

	if (income_walk(w, session_now(w->s) + AHEAD_MS, count, &c, f) == -1)
		return -1;
	for (int i = 0; i < TRIES; i++) {
		c.n = 0;
		if (read_balances(out, w->s, f) == -1 || income_walk(w, session_now(w->s) + AHEAD_MS, count, &c, f) == -1)
			return -1;
		*now_ms = session_now(w->s);
		if (c.n == 0)
			return 0;
	}
	return fault_set(f, FAULT_AGAIN, "the ledger moves faster than it can be read: no balance belongs to it");
}

/*
 * Times
 */

int
income_span(struct app *a, int days, int64_t now, int64_t *from, int64_t *to, bool *all, struct fault *f)
{
	bool whole = all != NULL && a->p.since != NULL && strcmp(a->p.since, "all") == 0;
	int64_t oldest = now - INCOME_KEEPS + SLACK_MS, end = now;
	char text[INSTANT_STR];

	if (a->p.until != NULL && instant_parse(&end, "--until", a->p.until, now, f) == -1)
		return -1;
	*to = a->p.until == NULL || end >= now ? INT64_MAX : end;
	*from = whole ? oldest : (end < now ? end : now) - days * INCOME_DAY;
	if (!whole && a->p.since != NULL && instant_parse(from, "--since", a->p.since, now, f) == -1)
		return -1;
	if (all != NULL)
		*all = whole;
	if (*from > now || *from > *to)
		return fault_set(f, FAULT_USAGE, "--since is after %s", *from > now ? "the time it is now" : "--until");
	if (*to < oldest)
		return fault_set(f, FAULT_USAGE, "--until is further back than the 90 days that the exchange keeps");
	if (*from >= oldest)
		return 0;
	*from = oldest;
	instant_put(text, oldest);
	say(a, "the exchange keeps 90 days: what was before %s is not to be had", text);
	return 0;
}

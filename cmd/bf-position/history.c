/* The income ledger, and what it adds up to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/instant.h"
#include "core/span.h"
#include "income.h"
#include "look.h"

#define TYPES_MAX	40	/* kinds of income; the exchange documents 24 */

const struct column history_cols[] = {
	{ "TIME", "time", COL_DATE },
	{ "TYPE", "incomeType", COL_LEFT },
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "INCOME", "income", COL_DEC | COL_SIGN },
	{ "ASSET", "asset", COL_LEFT },
	{ NULL, NULL, 0 }
};
/* From the opening, type by type, to the closing: read downwards it adds up. */
static const struct column summary_cols[] = {
	{ "MARKET", "market", COL_LEFT },
	{ "ASSET", "asset", COL_LEFT },
	{ "WHAT", "what", COL_LEFT },
	{ "AMOUNT", "amount", COL_DEC },
	{ NULL, NULL, 0 }
};

struct type_sum { char type[48]; dec sum; };
struct asset_sum {
	char	asset[24];
	dec	sum, later;	/* of the span; behind it */
	int64_t	rows;
	int	ntypes;
	struct type_sum type[TYPES_MAX];
};

/* One market's ledger on its way to the output. */
struct history {
	struct app	*a;
	struct session	*s;
	const char	*symbol;
	int64_t		 from, to, now;
	bool		 all;		/* from the account's beginning, as far as the exchange tells */
	struct asset_sum *v;
	int		 n, cap;
	struct balances	 bs;
};

/*
 * Adding up
 */

static struct asset_sum *
sum_of(struct history *h, const char *asset)
{
	struct asset_sum *v;

	for (int i = 0; i < h->n; i++)
		if (strcmp(h->v[i].asset, asset) == 0)
			return &h->v[i];
	if (h->n == h->cap) {
		if ((v = reallocarray(h->v, (size_t)h->cap + 8, sizeof *v)) == NULL)
			return NULL;
		h->v = v;
		h->cap += 8;
	}
	v = &h->v[h->n++];
	memset(v, 0, sizeof *v);
	snprintf(v->asset, sizeof v->asset, "%s", asset);
	return v;
}

/* More kinds than there is room for, of which none are known, count in the sum alone. */
static bool
add_type(struct asset_sum *s, const struct income_row *r)
{
	int i = 0;

	while (i < s->ntypes && strcmp(s->type[i].type, r->type) != 0)
		i++;
	if (i == TYPES_MAX)
		return true;
	if (i == s->ntypes) {
		s->ntypes++;
		snprintf(s->type[i].type, sizeof s->type[i].type, "%s", r->type);
		s->type[i].sum = dec_int(0);
	}
	return dec_add(&s->type[i].sum, s->type[i].sum, r->amount);
}

/* The exchange's own row, with what it is and of which market in front. */
static int
put_row(struct history *h, const struct income_row *r, struct fault *f)
{
	struct buf *b = &h->a->rec, row = { 0 };
	int ret;

	span_put(&row, r->v);
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.income");
	jw_i64(b, "E", r->at_ms);
	jw_str(b, "market", market_word(h->s->market));
	buf_chr(b, ',');
	buf_put(b, row.p + 1, row.len - 1);
	b->bad = b->bad || row.bad;
	buf_free(&row);
	ret = emit(h->a, f);
	return ret;
}

static int
on_row(void *arg, const struct income_row *r, struct fault *f)
{
	struct history *h = arg;
	struct asset_sum *s;
	bool ok;

	if (h->a->p.asset != NULL && strcmp(h->a->p.asset, r->asset) != 0)
		return 0;
	if ((s = sum_of(h, r->asset)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (r->at_ms > h->to)
		ok = dec_add(&s->later, s->later, r->amount);
	else {
		ok = dec_add(&s->sum, s->sum, r->amount) && add_type(s, r);
		s->rows++;
		if (put_row(h, r, f) == -1)
			return -1;
	}
	return ok ? 0 : fault_set(f, FAULT_LOCAL, "%s: the sum is out of room", r->asset);
}

/*
 * The report
 */

/* opening + sum = closing holds by itself, as the opening is computed from the other two: what proves
 * something is that the balance was 0 before the first row of all. */
static int
ends(struct history *h, const struct asset_sum *s, dec *opening, dec *closing, struct fault *f)
{
	if (!dec_sub(closing, balance_of(&h->bs, s->asset), s->later) || !dec_sub(opening, *closing, s->sum))
		return fault_set(f, FAULT_LOCAL, "%s: the balance is out of room", s->asset);
	if (h->all && dec_sign(*opening) != 0)
		say(h->a, "%s: the rows do not add up to the balance: something was there before the first of them",
		    s->asset);
	return 0;
}

static void
put_ends(struct history *h, dec opening, dec closing)
{
	struct buf *b = &h->a->rec;

	jw_dec(b, "opening", opening);
	jw_dec(b, "closing", closing);
	if (h->all)
		jw_bool(b, "balanced", dec_sign(opening) == 0);
	else
		jw_null(b, "balanced");
}

static int
put_record(struct history *h, const struct asset_sum *s, struct fault *f)
{
	struct buf *b = &h->a->rec;
	dec opening, closing;

	if (h->symbol == NULL && ends(h, s, &opening, &closing, f) == -1)
		return -1;
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.income.summary");
	jw_i64(b, "E", h->now);
	jw_str(b, "market", market_word(h->s->market));
	jw_str(b, "asset", s->asset);
	if (h->symbol != NULL)
		jw_str(b, "symbol", h->symbol);
	jw_i64(b, "since", h->from);
	jw_i64(b, "until", h->to < h->now ? h->to : h->now);
	jw_i64(b, "rows", s->rows);
	jw_open(b, "byType", '{');
	for (int i = 0; i < s->ntypes; i++)
		jw_dec(b, s->type[i].type, s->type[i].sum);
	jw_close(b, '}');
	jw_dec(b, "sum", s->sum);
	if (h->symbol == NULL)
		put_ends(h, opening, closing);
	jw_close(b, '}');
	return emit(h->a, f);
}

static int
put_line(struct history *h, const char *asset, const char *what, dec amount, struct fault *f)
{
	struct buf *b = &h->a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "market", market_word(h->s->market));
	jw_str(b, "asset", asset);
	jw_str(b, "what", what);
	jw_dec(b, "amount", amount);
	jw_close(b, '}');
	return emit(h->a, f);
}

static int
put_lines(struct history *h, const struct asset_sum *s, struct fault *f)
{
	dec opening, closing;

	if (h->symbol == NULL && (ends(h, s, &opening, &closing, f) == -1 ||
	    put_line(h, s->asset, "opening", opening, f) == -1))
		return -1;
	for (int i = 0; i < s->ntypes; i++)
		if (put_line(h, s->asset, s->type[i].type, s->type[i].sum, f) == -1)
			return -1;
	return h->symbol == NULL ? put_line(h, s->asset, "closing", closing, f) : put_line(h, s->asset, "sum", s->sum, f);
}

/* What has a balance and no rows is told too. */
static int
add_silent(struct history *h, struct fault *f)
{
	const char *only = h->a->p.asset;

	for (int i = 0; i < h->bs.n; i++)
		if (dec_sign(h->bs.b[i].d) != 0 && (only == NULL || strcmp(only, h->bs.b[i].asset) == 0) &&
		    sum_of(h, h->bs.b[i].asset) == NULL)
			return fault_set(f, FAULT_LOCAL, "out of memory");
	return 0;
}

static int
summaries(struct history *h, struct fault *f)
{
	if (h->symbol == NULL && add_silent(h, f) == -1)
		return -1;
	for (int i = 0; i < h->n; i++)
		if ((h->a->out.table ? put_lines : put_record)(h, &h->v[i], f) == -1)
			return -1;
	return 0;
}

/* Of a symbol there is no balance: the rows up to the end of the span are all. */
static int
walk(struct history *h, struct fault *f)
{
	struct income w = { .s = h->s, .symbol = h->symbol, .at_ms = h->from };
	int r;

	if (h->symbol != NULL) {
		h->now = session_now(h->s);
		r = income_walk(&w, h->to < h->now ? h->to : h->now + 1000, on_row, h, f);
	} else
		r = income_balanced(&w, &h->bs, &h->now, on_row, h, f);
	income_free(&w);
	return r;
}

static void
history_free(struct history *h)
{
	free(h->v);
	balances_free(&h->bs);
}

/*
 * Both markets: the rows first, the reports below
 */

static int
begin(struct history *h, struct app *a, enum market m, const char *symbol, struct fault *f)
{
	*h = (struct history){ .a = a, .symbol = symbol };
	if ((h->s = venue_session(&a->v, m, f)) == NULL || session_sync(h->s, false, f) == -1)
		return -1;
	return income_span(a, 7, session_now(h->s), &h->from, &h->to, &h->all, f);
}

int
do_history(struct app *a, char *const words[], int n, struct fault *f)
{
	struct history h[MARKETS] = { 0 };
	const char *symbol = n == 1 ? words[0] : NULL;
	bool in[MARKETS] = { false };
	enum market m;
	int r = 0;

	if (n > 1)
		return fault_set(f, FAULT_USAGE, "history: one symbol, or none for all");
	if (app_open(a, f) == -1 || (symbol != NULL && venue_find(&a->v, symbol, &m, NULL, f) == -1))
		return -1;
	for (int i = 0; i < MARKETS; i++)
		in[i] = symbol != NULL ? (int)m == i : app_looks_at(a, (enum market)i);
	for (int i = 0; i < MARKETS && r == 0; i++)
		if (in[i] && (r = begin(&h[i], a, (enum market)i, symbol, f)) == 0)
			r = walk(&h[i], f);
	if (r == 0)
		r = printer_section(&a->out, summary_cols, f);
	for (int i = 0; i < MARKETS; i++) {
		if (r == 0 && in[i])
			r = summaries(&h[i], f);
		history_free(&h[i]);
	}
	return r;
}

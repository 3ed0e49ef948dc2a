/* Contracts out of the exchange's own answers: exchangeInfo and leverageBracket. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/scan.h"
#include "specs.h"

/*
 * For symbols whose brackets are not told. USDⓈ-M: those of a quarterly contract
 * (October 2024). COIN-M, in coins of whatever worth: every decade a step; made
 * up.
 */
static const struct specs_step plain[] = {
	{ "50000", "1.00", 50 }, { "375000", "2.00", 25 }, { "2000000", "5.00", 10 },
	{ "4000000", "10.00", 5 }, { "10000000", "12.50", 4 }, { "20000000", "15.00", 3 },
	{ "40000000", "25.00", 2 }, { "120000000", "50.00", 1 }, { NULL, NULL, 0 }
};
static const struct specs_step plain_coin[] = {
	{ "100", "1.00", 50 }, { "1000", "2.00", 25 }, { "10000", "5.00", 10 },
	{ "100000", "10.00", 5 }, { "1000000", "12.50", 4 }, { "10000000", "15.00", 3 },
	{ "100000000", "25.00", 2 }, { "1000000000", "50.00", 1 }, { NULL, NULL, 0 }
};

/* A whole document. */
struct doc { const char *path; struct buf text; struct scan scan; };

static int
read_text(struct doc *d, struct fault *f)
{
	FILE *fp = fopen(d->path, "rb");
	char part[1 << 16];
	size_t n;
	bool bad;

	if (fp == NULL)
		return fault_set(f, FAULT_USAGE, "%s: %s", d->path, strerror(errno));
	while (d->text.len <= SCAN_MAX && (n = fread(part, 1, sizeof part, fp)) > 0)
		buf_put(&d->text, part, n);
	bad = ferror(fp) != 0;
	fclose(fp);
	if (bad)
		return fault_set(f, FAULT_USAGE, "%s: cannot be read", d->path);
	return d->text.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : 0;
}

static int
doc_open(struct doc *d, const char *path, struct fault *f)
{
	int n;

	*d = (struct doc){ .path = path };
	if (read_text(d, f) == -1)
		return -1;
	n = scan_doc(&d->scan, d->text.len > 0 ? d->text.p : "", d->text.len);
	if (n > 0)
		return 0;
	return fault_set(f, n == SCAN_MEMORY ? FAULT_LOCAL : FAULT_USAGE, "%s: byte %zu: %s", path,
	    d->scan.where, scan_strerror(n));
}

static void
doc_close(struct doc *d)
{
	scan_free(&d->scan);
	buf_free(&d->text);
}

/*
 * Brackets
 */

/* A list of elements, or one element alone. */
static const struct tok *
first_of(const struct doc *d)
{
	return d->scan.t[0].kind == SCAN_ARR ? scan_first(d->scan.t) : d->scan.t;
}

static const struct tok *
next_of(const struct doc *d, const struct tok *v)
{
	return d->scan.t[0].kind == SCAN_ARR ? scan_next(d->scan.t, d->scan.t, v) : NULL;
}

/* The element of this symbol; else of its pair (COIN-M v1); NULL. */
static const struct tok *
bracket_of(const struct doc *d, const struct rules *r)
{
	const struct tok *v, *of_pair = NULL;

	for (v = first_of(d); v != NULL; v = next_of(d, v)) {
		if (scan_get_is(d->scan.t, v, "symbol", r->symbol))
			return v;
		if (of_pair == NULL && scan_get_is(d->scan.t, v, "pair", r->pair))
			of_pair = v;
	}
	return of_pair;
}

static int
open_brackets(struct doc *d, const char *path, struct fault *f)
{
	const struct tok *v;

	if (doc_open(d, path, f) == -1)
		return -1;
	if ((v = first_of(d)) == NULL || scan_get(d->scan.t, v, "brackets") != NULL)
		return 0;
	return fault_set(f, FAULT_USAGE, "%s: not a leverageBracket answer: no brackets", path);
}

static int
read_tiers(struct contract *c, const struct doc *brackets, struct fault *f)
{
	const struct tok *v = brackets == NULL ? NULL : bracket_of(brackets, &c->rules);
	struct fault why = { 0 };

	if (v == NULL) {
		if (!specs_ladder(&c->tiers, c->market == COINM ? plain_coin : plain))
			return fault_set(f, FAULT_LOCAL, "a number out of room");
		return 0;
	}
	if (tiers_parse(&c->tiers, brackets->scan.t, v, &why) == -1)
		return fault_set(f, FAULT_USAGE, "%.60s: %.30s: %.60s", brackets->path,
		    c->rules.symbol, why.text);
	return 0;
}

/*
 * Contracts
 */

/* Whether it can be traded here at all: filters that say something, not over. */
static bool
tradable(const struct rules *r)
{
	static const char *const over[] = { "DELIVERING", "DELIVERED", "CLOSE", NULL };

	for (const char *const *s = over; *s != NULL; s++)
		if (strcmp(r->status, *s) == 0)
			return false;
	return r->complete && dec_sign(r->tick) > 0 && dec_sign(r->step) > 0 &&
	    dec_sign(r->max_qty) > 0 && *r->contract != '\0' && *r->base != '\0' &&
	    *r->quote != '\0';
}

static void
name_default(char *to, size_t size, const char *from)
{
	if (*to == '\0')
		snprintf(to, size, "%s", from);
}

/* The maker's quantity: a fiftieth of the largest order, on the step. */
static dec
maker_qty(const struct rules *r)
{
	dec most = r->max_qty, q;

	if (dec_sign(r->mkt_max_qty) > 0)
		most = dec_min(most, r->mkt_max_qty);
	if (!dec_div(&q, most, dec_int(50), DEC_SCALE_MAX / 2, DEC_DOWN) ||
	    !dec_floor(&q, q, r->step) || dec_cmp(q, r->min_qty) < 0)
		return dec_ceil(&q, dec_max(r->min_qty, r->step), r->step) ? q : r->step;
	return q;
}

static void
fill_in(struct contract *c, const struct tok *t, const struct tok *symbol)
{
	struct rules *r = &c->rules;
	int64_t n;

	name_default(r->pair, sizeof r->pair, r->symbol);
	name_default(r->margin, sizeof r->margin, c->market == COINM ? r->base : r->quote);
	name_default(r->status, sizeof r->status, "TRADING");
	if (r->max_orders == 0)
		r->max_orders = 200;
	c->delivery_ms = ENGINE_PERPETUAL;
	if (scan_get_i64(t, symbol, "deliveryDate", &n) && n > 0 && n < ENGINE_PERPETUAL)
		c->delivery_ms = n;
	if (scan_get_i64(t, symbol, "onboardDate", &n) && n > 0)
		c->onboard_ms = n;
	/* CURRENT_QUARTER, NEXT_MONTH...: no funding */
	c->funding_hours = strstr(r->contract, "QUARTER") != NULL ||
	    strstr(r->contract, "MONTH") != NULL ? 0 : 8;
}

/* COIN-M's contracts have a size, USDⓈ-M's have none. */
static int
read_market(struct contract *c, const char *path, const struct tok *t, const struct tok *symbol,
    struct fault *f)
{
	const struct tok *v = scan_get(t, symbol, "contractSize");

	c->market = v == NULL ? USDM : COINM;
	c->size = dec_int(1);
	if (v != NULL && (!scan_dec(v, &c->size) || dec_sign(c->size) <= 0))
		return fault_set(f, FAULT_USAGE, "%.60s: %.30s: contractSize is no positive number",
		    path, c->rules.symbol);
	return 0;
}

/* One element of symbols: 1, 0 if it cannot be traded here, or -1. */
static int
read_contract(struct contract *c, const struct doc *info, const struct tok *symbol,
    const struct doc *brackets, struct fault *f)
{
	const struct tok *t = info->scan.t;
	struct fault why = { 0 };
	int64_t n;

	memset(c, 0, sizeof *c);
	if (rules_parse(&c->rules, t, symbol, &why) == -1)
		return fault_set(f, FAULT_USAGE, "%.60s: %.90s", info->path, why.text);
	if (!tradable(&c->rules))
		return 0;
	if (read_market(c, info->path, t, symbol, f) == -1)
		return -1;
	fill_in(c, t, symbol);
	if (read_tiers(c, brackets, f) == -1)
		return -1;
	if (!specs_settle(c))
		return fault_set(f, FAULT_USAGE, "%.60s: %.30s: a number out of room", info->path,
		    c->rules.symbol);
	if (scan_get_i64(t, symbol, "maxMoveOrderLimit", &n) && n > 0 && n <= INT32_MAX)
		c->max_amend = (int)n;
	c->maker.qty = maker_qty(&c->rules);
	return 1;
}

/* Where it goes: the place of its namesake, or the end. */
static struct contract *
place_of(struct specs *io, const char *symbol)
{
	for (int i = 0; i < io->n; i++)
		if (strcmp(io->v[i].rules.symbol, symbol) == 0)
			return &io->v[i];
	return &io->v[io->n];
}

static int
read_all(struct specs *io, const struct doc *info, const struct doc *brackets, int *skipped,
    struct fault *f)
{
	const struct tok *t = info->scan.t, *list = scan_get(t, t, "symbols"), *v;
	struct contract c, *to;
	int got;

	if (list == NULL || list->kind != SCAN_ARR)
		return fault_set(f, FAULT_USAGE, "%s: not an exchangeInfo answer: no symbols",
		    info->path);
	to = realloc(io->v, ((size_t)io->n + list->n + 1) * sizeof *io->v);
	if (to == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	io->v = to;
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		if ((got = read_contract(&c, info, v, brackets, f)) == -1)
			return -1;
		*skipped += got == 0;
		if (got == 0)
			continue;
		to = place_of(io, c.rules.symbol);
		io->n += to == &io->v[io->n];
		*to = c;
	}
	return 0;
}

int
specs_read(struct specs *io, const char *info_path, const char *bracket_path, int *skipped,
    struct fault *f)
{
	struct doc info = { 0 }, brackets = { 0 };
	int r = -1;

	*skipped = 0;
	if (doc_open(&info, info_path, f) == -1)
		goto out;
	if (bracket_path != NULL && open_brackets(&brackets, bracket_path, f) == -1)
		goto out;
	r = read_all(io, &info, bracket_path == NULL ? NULL : &brackets, skipped, f);
out:
	doc_close(&brackets);
	doc_close(&info);
	return r;
}

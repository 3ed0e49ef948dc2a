/* Which market is asked: by --market, or by where a symbol is listed. */
#include <stdio.h>
#include <string.h>

#include "core/intent.h"
#include "info.h"

/* The key is read once: later it may not be. */
static int
place_open(struct app *a, enum market m, struct fault *f)
{
	struct place *p = &a->place[m], *other = &a->place[market_other(m)];

	if (p->open)
		return 0;
	if ((other->open ? session_open_beside(&p->s, &other->s, m, f) :
	    session_open(&p->s, a->common.profile, m, a->verb->need_key, f)) == -1)
		return -1;
	if (a->rounds.watch)
		p->s.stop = &rounds_stop;
	p->open = true;
	return 0;
}

int
info_market(struct app *a, enum market m, struct fault *f)
{
	const struct column *cols = a->verb->cols;

	if (place_open(a, m, f) == -1)
		return -1;
	a->s = &a->place[m].s;
	a->x = &a->place[m].x;
	if (m == MARKET_COINM && a->verb->coin_cols != NULL)
		cols = a->verb->coin_cols;
	return cols == a->out.cols ? 0 : printer_section(&a->out, cols, f);
}

int
info_served(const struct app *a, enum ep ep, struct fault *f)
{
	const struct endpoint *e = endpoint(ep);
	enum market m = a->s->market;

	if (e->path[m] != NULL)
		return 0;
	return fault_set(f, FAULT_USAGE, "%s: the exchange has it for %s (%s), not for %s", a->verb->name,
	    market_title(market_other(m)), e->path[market_other(m)], market_title(m));
}

/*
 * Finding what is named
 */

/* The markets to look at, in order. */
static int
markets(struct app *a, enum market list[static MARKETS], struct fault *f)
{
	list[0] = a->common.market;
	if (a->common.market_given)
		return 1;
	if (place_open(a, list[0], f) == -1)
		return -1;
	list[1] = MARKET_COINM;
	return profile_rest(&a->place[list[0]].s.prof, MARKET_COINM, NULL) == NULL ? 1 : 2;
}

/* The rules of the contract called so, or (pair) of one of a pair called so. 0;
 * 1: none; -1: f. */
static int
find(const struct xinfo *x, const char *word, bool pair, struct rules *r, struct fault *f)
{
	const struct tok *t = x->doc.t, *v;

	if (rules_find(r, t, t, word, f) == 0)
		return 0;
	if (f->code != -1121)
		return -1;
	if (!pair || (v = scan_find(t, scan_get(t, t, "symbols"), "pair", word)) == NULL)
		return 1;
	return rules_parse(r, t, v, f);
}

/* anew: once more, of what was read from a cache: perhaps it is listed since. */
static int
look(struct app *a, enum market m, const char *word, bool pair, bool anew, struct rules *r, struct fault *f)
{
	struct place *p = &a->place[m];

	if (place_open(a, m, f) == -1)
		return -1;
	if (anew && !p->x.from_cache)
		return 1;
	if ((anew || p->x.doc.n == 0) && xinfo_get(&p->x, &p->s, anew || a->refresh, f) == -1)
		return -1;
	return find(&p->x, word, pair, r, f);
}

/* One sentence: the near names of each market that was looked at. */
static int
not_listed(const struct app *a, const enum market *list, int n, const char *word, struct fault *f)
{
	char near_by[sizeof f->text] = "";
	const struct tok *t;
	struct near near;

	for (int i = 0; i < n; i++) {
		t = a->place[list[i]].x.doc.t;
		near_begin(&near, word);
		rules_near(&near, t, t);
		near_more(&near, near_by, sizeof near_by);
	}
	return rules_not_listed(word, near_by, f);
}

/* It is not known that the symbol is not listed there. */
static int
not_asked(enum market m, const char *word, struct fault *f)
{
	struct fault was = *f;

	fault_set(f, was.kind, "%.40s: not of %s, and %s could not be asked: %s", word, market_title(market_other(m)),
	    market_title(m), was.text);
	f->http = was.http;
	f->code = was.code;
	f->retry_ms = was.retry_ms;
	return -1;
}

static int
choose(struct app *a, const char *word, bool pair, struct rules *r, struct fault *f)
{
	enum market list[MARKETS];
	int n = markets(a, list, f), got;

	for (int anew = 0; anew < 2 && n != -1; anew++)
		for (int i = 0; i < n; i++) {
			if ((got = look(a, list[i], word, pair, anew == 1, r, f)) == 0)
				return info_market(a, list[i], f);
			if (got == -1)
				return i == 0 ? -1 : not_asked(list[i], word, f);
		}
	return n == -1 ? -1 : not_listed(a, list, n, word, f);
}

int
info_rules(struct app *a, const char *symbol, struct rules *r, struct fault *f)
{
	return choose(a, symbol, false, r, f);
}

static int
query(struct buf *q, const char *name, const char *value, struct fault *f)
{
	buf_reset(q);
	buf_str(q, name);
	query_escape(q, value);
	return q->bad ? fault_set(f, FAULT_LOCAL, "out of memory") : 0;
}

int
info_symbol(struct app *a, const char *symbol, struct buf *q, struct fault *f)
{
	struct rules r;

	return choose(a, symbol, false, &r, f) == -1 ? -1 : query(q, "symbol=", symbol, f);
}

int
info_pair(struct app *a, const char *word, struct buf *q, struct fault *f)
{
	struct rules r;

	if (choose(a, word, true, &r, f) == -1)
		return -1;
	if (r.pair[0] == '\0')
		return fault_set(f, FAULT_REJECTED, "exchangeInfo: %s: pair is missing", r.symbol);
	return query(q, "pair=", r.pair, f);
}

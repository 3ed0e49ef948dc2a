#include <stdio.h>
#include <string.h>

#include "io/venue.h"

/*
 * Opening
 */

static int
open_one(struct venue *v, enum market m, struct fault *f)
{
	if (!v->open[m] && session_open(&v->s[m], v->profile, m, v->need_key, f) == -1)
		return -1;
	v->open[m] = true;
	return 0;
}

/* Waits and stops alike, whichever market is asked. */
static int
open_second(struct venue *v, enum market m, struct fault *f)
{
	const struct session *first = &v->s[v->market];

	if (v->open[m])
		return 0;
	if (open_one(v, v->market, f) == -1 || session_open_beside(&v->s[m], first, m, f) == -1)
		return -1;
	v->s[m].timeout_ms = first->timeout_ms;
	v->s[m].stop = first->stop;
	v->open[m] = true;
	return 0;
}

struct session *
venue_session(struct venue *v, enum market m, struct fault *f)
{
	if ((m == v->market ? open_one(v, m, f) : open_second(v, m, f)) == -1)
		return NULL;
	return &v->s[m];
}

bool
venue_has(struct venue *v, enum market m)
{
	struct fault ignore;

	return open_one(v, v->market, &ignore) == 0 &&
	    profile_rest(&v->s[v->market].prof, m, &ignore) != NULL;
}

/* The first is closed last: the second's key and limits are its. */
void
venue_close(struct venue *v)
{
	enum market m = market_other(v->market);

	for (int i = 0; i < MARKETS; i++, m = market_other(m)) {
		if (v->open[m])
			session_close(&v->s[m]);
		v->open[m] = false;
		xinfo_free(&v->x[m]);
	}
}

/*
 * Finding a symbol
 */

/* The rules of the contract called so, or (pair) of one of a pair called so. 0; 1: none; -1: f. */
static int
in_rules(const struct xinfo *x, const char *word, bool pair, struct rules *r, struct fault *f)
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

/* As in_rules. anew: ask once more where the answer came from a cache: perhaps it is listed since. */
static int
look(struct venue *v, enum market m, const char *word, bool pair, bool anew, struct rules *r, struct fault *f)
{
	struct xinfo *x = &v->x[m];
	struct session *s = venue_session(v, m, f);

	if (s == NULL)
		return -1;
	if (anew && !x->from_cache)
		return 1;
	if ((anew || !xinfo_there(x)) && xinfo_get(x, s, anew || v->refresh, f) == -1)
		return -1;
	return in_rules(x, word, pair, r, f);
}

/* It is not known that the symbol is not listed there. */
static int
not_asked(enum market m, const char *symbol, struct fault *f)
{
	struct fault was = *f;

	fault_set(f, was.kind, "%.40s: not of %s, and %s could not be asked: %s", symbol,
	    market_title(market_other(m)), market_title(m), was.text);
	f->http = was.http;
	f->code = was.code;
	f->retry_ms = was.retry_ms;
	return -1;
}

/* One sentence: each market that was looked at, and its near names. */
static int
not_listed(const struct venue *v, const char *symbol, struct fault *f)
{
	char near_by[sizeof f->text] = "", where[sizeof f->text];
	const char *both = "";
	enum market m = v->market;
	const struct tok *t;
	struct near near;

	for (int i = 0; i < MARKETS; i++, m = market_other(m)) {
		if (!xinfo_there(&v->x[m]) || (v->only && i > 0))
			continue;
		t = v->x[m].doc.t;
		near_begin(&near, symbol);
		rules_near(&near, t, t);
		near_more(&near, near_by, sizeof near_by);
		both = i > 0 ? market_title(m) : "";
	}
	snprintf(where, sizeof where, " on %s%s%s%.160s", market_title(v->market), *both != '\0' ? " or " : "", both, near_by);
	return rules_not_listed(symbol, where, f);
}

static int
find(struct venue *v, const char *word, bool pair, enum market *m, struct rules *r, struct fault *f)
{
	int n = v->only || !venue_has(v, market_other(v->market)) ? 1 : MARKETS, got;
	struct rules rules;

	for (int anew = 0; anew < 2; anew++) {
		*m = v->market;
		for (int i = 0; i < n; i++, *m = market_other(*m)) {
			if ((got = look(v, *m, word, pair, anew == 1, r != NULL ? r : &rules, f)) == 0)
				return 0;
			if (got == -1)
				return i == 0 ? -1 : not_asked(*m, word, f);
		}
	}
	return not_listed(v, word, f);
}

int
venue_find(struct venue *v, const char *symbol, enum market *m, struct rules *r, struct fault *f)
{
	return find(v, symbol, false, m, r, f);
}

int
venue_find_pair(struct venue *v, const char *word, enum market *m, struct rules *r, struct fault *f)
{
	return find(v, word, true, m, r, f);
}

bool
venue_lists(struct venue *v, enum market m, const char *symbol, struct rules *r)
{
	struct fault ignore;

	return venue_has(v, m) && look(v, m, symbol, false, false, r, &ignore) == 0;
}

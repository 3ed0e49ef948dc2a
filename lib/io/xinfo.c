#include <sys/stat.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "io/clock.h"
#include "io/state.h"
#include "io/xinfo.h"

#define CACHE_AGE_S	3600

static const char *const cache_file[MARKETS] = {
	[MARKET_USDM] = "exchangeInfo.json", [MARKET_COINM] = "exchangeInfo-coinm.json",
};

/* Young enough, and younger than the profile's own file: a profile that was
 * written anew (a simulator started again) may name another exchange. */
static bool
cache_fresh(const struct profile *p, enum market m)
{
	char path[1024];
	struct stat st, own;
	int64_t age;

	snprintf(path, sizeof path, "%s/%s", p->cache_dir, cache_file[m]);
	if (stat(path, &st) == -1)
		return false;
	age = clock_wall_ms() / 1000 - (int64_t)st.st_mtime;
	if (age < -1 || age > CACHE_AGE_S)
		return false;
	snprintf(path, sizeof path, "%s/profiles/%s", p->conf_dir, p->name);
	return stat(path, &own) == -1 || own.st_mtim.tv_sec < st.st_mtim.tv_sec ||
	    (own.st_mtim.tv_sec == st.st_mtim.tv_sec && own.st_mtim.tv_nsec < st.st_mtim.tv_nsec);
}

static bool
usable(const struct scan *doc)
{
	const struct tok *v;

	return doc->n > 0 && (v = scan_get(doc->t, doc->t, "symbols")) != NULL &&
	    v->kind == SCAN_ARR && v->n > 0;
}

static void
tell_limits(const struct xinfo *x, struct limits *l)
{
	const struct tok *t = x->doc.t, *list = scan_get(t, t, "rateLimits"), *v;
	int64_t limit, num;

	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		if (!scan_get_i64(t, v, "limit", &limit) || limit <= 0 || limit > INT_MAX ||
		    !scan_get_i64(t, v, "intervalNum", &num))
			continue;
		if (scan_get_is(t, v, "rateLimitType", "REQUEST_WEIGHT")) {
			if (num == 1 && scan_get_is(t, v, "interval", "MINUTE"))
				limits_set(l, (int)limit, 0, 0);
		} else if (scan_get_is(t, v, "rateLimitType", "ORDERS")) {
			if (num == 10 && scan_get_is(t, v, "interval", "SECOND"))
				limits_set(l, 0, (int)limit, 0);
			if (num == 1 && scan_get_is(t, v, "interval", "MINUTE"))
				limits_set(l, 0, 0, (int)limit);
		}
	}
}

/* What is wrong with a cache is no fault. */
bool
xinfo_kept(struct xinfo *x, const struct profile *p, enum market m)
{
	struct xinfo got = { .from_cache = true };
	struct fault ignore;

	if (state_read(p->cache_dir, cache_file[m], &got.text, SCAN_MAX, &ignore) != 1 || got.text.p == NULL ||
	    scan_doc(&got.doc, got.text.p, got.text.len) <= 0 || !usable(&got.doc)) {
		xinfo_free(&got);
		return false;
	}
	xinfo_free(x);
	*x = got;
	return true;
}

static bool
from_cache(struct xinfo *x, struct session *s)
{
	return cache_fresh(&s->prof, s->market) && xinfo_kept(x, &s->prof, s->market);
}

bool
xinfo_cached(struct xinfo *x, struct session *s)
{
	if (!from_cache(x, s))
		return false;
	tell_limits(x, s->lim);
	return true;
}

/* A cache that cannot be written only costs the next tool a request. */
static void
keep(const struct xinfo *x, struct session *s)
{
	struct fault ignore;

	tell_limits(x, s->lim);
	if (state_dir(s->prof.cache_dir, &ignore) == 0)
		state_write(s->prof.cache_dir, cache_file[s->market], x->text.p, x->text.len, &ignore);
}

int
xinfo_set(struct xinfo *x, struct session *s, const char *text, size_t n, struct fault *f)
{
	struct xinfo got = { 0 };

	buf_put(&got.text, text, n);
	if (got.text.bad || scan_doc(&got.doc, got.text.p, got.text.len) <= 0 || !usable(&got.doc)) {
		fault_set(f, got.text.bad ? FAULT_LOCAL : FAULT_AGAIN,
		    got.text.bad ? "out of memory" : "exchangeInfo: the answer lists no symbols");
		xinfo_free(&got);
		return -1;
	}
	xinfo_free(x);
	*x = got;
	keep(x, s);
	return 0;
}

int
xinfo_get(struct xinfo *x, struct session *s, bool refresh, struct fault *f)
{
	if (!refresh && xinfo_cached(x, s))
		return 0;
	/* who has a key may need the rules to close a position: from the reserve too */
	if (session_call(s, EP_EXCHANGE_INFO, "", s->cred != NULL, f) == -1)
		return -1;
	if (!usable(&s->doc))
		return fault_set(f, FAULT_AGAIN, "exchangeInfo: the answer lists no symbols");
	xinfo_free(x);
	x->text = s->body;	/* the answer changes hands, tokens and all */
	x->doc = s->doc;
	memset(&s->body, 0, sizeof s->body);
	memset(&s->doc, 0, sizeof s->doc);
	keep(x, s);
	return 0;
}

void
xinfo_free(struct xinfo *x)
{
	scan_free(&x->doc);
	buf_free(&x->text);
	memset(x, 0, sizeof *x);
}

bool
xinfo_there(const struct xinfo *x)
{
	return x->doc.n > 0;
}

void
xinfo_listed(const struct xinfo *x, const char *name, struct listed *out)
{
	listed_find(out, x->doc.t, x->doc.t, name);
}

int
xinfo_rules(struct xinfo *x, struct session *s, const char *symbol, struct rules *out, struct fault *f)
{
	if (!xinfo_there(x) && xinfo_get(x, s, false, f) == -1)
		return -1;
	if (rules_find(out, x->doc.t, x->doc.t, symbol, f) == 0)
		return 0;
	if (!x->from_cache || f->code != -1121)
		return -1;
	if (xinfo_get(x, s, true, f) == -1)	/* perhaps listed since */
		return -1;
	return rules_find(out, x->doc.t, x->doc.t, symbol, f);
}

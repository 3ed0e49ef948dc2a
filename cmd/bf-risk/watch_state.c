/* What must outlive a restart, written down and read back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_in.h"

#define VERSION_OF_STATE	2

/* The money of a purse, by name: one row each way. */
static const struct { const char *name; size_t at; } money[] = {
	{ "anchor", offsetof(struct purse, anchor) }, { "anchorUpnl", offsetof(struct purse, anchor_upnl) },
	{ "realised", offsetof(struct purse, sums.realised) }, { "fees", offsetof(struct purse, sums.fees) },
	{ "funding", offsetof(struct purse, sums.funding) }, { "transfers", offsetof(struct purse, sums.transfers) },
	{ "other", offsetof(struct purse, sums.other) }, { "moved", offsetof(struct purse, moved) },
	{ "peak", offsetof(struct purse, peak) }, { "last", offsetof(struct purse, last) },
	{ "streakSum", offsetof(struct purse, streak_sum) },
};

static void
put_ring(const struct purse *p, struct buf *b)
{
	jw_open(b, "marks", '[');
	for (int i = 0; p->ring != NULL && i <= SLOTS; i++) {
		if (p->ring[i].slot <= 0)
			continue;
		jw_open(b, NULL, '[');
		jw_i64(b, NULL, p->ring[i].slot);
		jw_dec(b, NULL, p->ring[i].equity);
		jw_dec(b, NULL, p->ring[i].moved);
		jw_close(b, ']');
	}
	jw_close(b, ']');
}

static void
put_latched(const struct purse *p, struct buf *b)
{
	jw_open(b, "latched", '[');
	for (int r = 0; r < RULES; r++)
		if (p->latched & 1u << r)
			jw_str(b, NULL, rule_rows[r].name);
	jw_close(b, ']');
}

static void
put_purse(const struct purse *p, struct buf *b)
{
	jw_open(b, NULL, '{');
	jw_str(b, "market", market_word(p->m));
	jw_str(b, "asset", p->asset);
	jw_bool(b, "multi", p->multi);
	jw_i64(b, "day", p->day);
	jw_i64(b, "anchorTime", p->anchor_ms);
	for (size_t i = 0; i < sizeof money / sizeof *money; i++)
		jw_dec(b, money[i].name, *(const dec *)((const char *)p + money[i].at));
	jw_i64(b, "streak", p->streak);
	put_latched(p, b);
	jw_str(b, "flatten", p->flatten ? rule_rows[p->flatten_rule].name : "");
	put_ring(p, b);
	jw_close(b, '}');
}

/* Of rows that could not be read nothing is counted: they are still to be read by the next run. */
static int64_t
counted_until(const struct watch *wt, enum market m)
{
	int64_t ms = wt->low_ms[m];

	if (wt->owed[m].first)
		return ms;
	ms = wt->since_ms[m] > ms ? wt->since_ms[m] : ms;
	return wt->income_ms[m] > ms ? wt->income_ms[m] : ms;
}

void
watch_save(const struct watch *wt, struct buf *out)
{
	jw_open(out, NULL, '{');
	jw_i64(out, "version", VERSION_OF_STATE);
	jw_open(out, "since", '[');
	for (int m = 0; m < MARKETS; m++)
		jw_i64(out, NULL, counted_until(wt, (enum market)m));
	jw_close(out, ']');
	jw_i64(out, "zone", wt->l->r[R_DAILY_LOSS].zone_min);
	jw_open(out, "wallets", '[');
	for (int i = 0; i < wt->npurse; i++)
		if (wt->purse[i].anchored)
			put_purse(&wt->purse[i], out);
	jw_close(out, ']');
	jw_close(out, '}');
}

/*
 * Back
 */

static int
damaged(struct fault *f, const char *what)
{
	return fault_set(f, FAULT_LOCAL, "the day's figures are damaged: %s", what);
}

static bool
get_ring(struct purse *p, const struct tok *t, const struct tok *marks)
{
	if (marks == NULL || marks->kind != SCAN_ARR || marks->n > SLOTS + 1)
		return false;
	if (marks->n > 0 && (p->ring = calloc(SLOTS + 1, sizeof *p->ring)) == NULL)
		return false;
	for (const struct tok *v = scan_first(marks); v != NULL; v = scan_next(t, marks, v)) {
		const struct tok *n = scan_first(v), *e = n != NULL ? scan_next(t, v, n) : NULL;
		struct mark_of_equity m;

		if (v->kind != SCAN_ARR || v->n != 3 || !scan_i64(n, &m.slot) || m.slot <= 0 || !scan_dec(e, &m.equity) ||
		    !scan_dec(scan_next(t, v, e), &m.moved))
			return false;
		p->ring[m.slot % (SLOTS + 1)] = m;
	}
	return true;
}

static bool
get_latched(struct purse *p, const struct tok *t, const struct tok *list)
{
	char name[32];

	if (list == NULL || list->kind != SCAN_ARR)
		return false;
	for (const struct tok *v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		enum rule r = scan_str(v, name, sizeof name) ? rule_by_name(name) : RULES;

		if (r != R_DAILY_LOSS && r != R_DRAWDOWN && r != R_LOSING_STREAK)
			return false;
		p->latched |= 1u << r;
	}
	return true;
}

static bool
get_purse(struct purse *p, const struct tok *t, const struct tok *v)
{
	char word[32];
	int64_t streak;

	if (!scan_get_str(t, v, "market", word, sizeof word))
		return false;
	p->m = strcmp(word, market_word(MARKET_COINM)) == 0 ? MARKET_COINM : MARKET_USDM;
	if (strcmp(word, market_word(p->m)) != 0 || !scan_get_str(t, v, "asset", p->asset, sizeof p->asset) ||
	    p->asset[0] == '\0' || !scan_get_bool(t, v, "multi", &p->multi) || !scan_get_i64(t, v, "day", &p->day) ||
	    !scan_get_i64(t, v, "anchorTime", &p->anchor_ms) || !scan_get_i64(t, v, "streak", &streak) || streak < 0 ||
	    streak > 1000000)
		return false;
	p->streak = (int)streak;
	for (size_t i = 0; i < sizeof money / sizeof *money; i++)
		if (!scan_get_dec(t, v, money[i].name, (dec *)((char *)p + money[i].at)))
			return false;
	if (!scan_get_str(t, v, "flatten", word, sizeof word))
		return false;
	if ((p->flatten = word[0] != '\0') && (p->flatten_rule = rule_by_name(word)) == RULES)
		return false;
	p->anchored = true;
	return get_latched(p, t, scan_get(t, v, "latched")) && get_ring(p, t, scan_get(t, v, "marks"));
}

static int
add(struct watch *wt, const struct tok *t, const struct tok *v, struct fault *f)
{
	struct purse one = { 0 }, *p;
	int before = wt->npurse;

	if (!get_purse(&one, t, v)) {
		free(one.ring);
		return damaged(f, "a wallet");
	}
	p = watch_purse(wt, one.m, one.asset, one.multi);
	if (p == NULL || wt->npurse == before) {
		free(one.ring);
		return p == NULL ? fault_set(f, FAULT_LOCAL, "out of memory") : damaged(f, "a wallet is there twice");
	}
	*p = one;
	return 0;
}

/* A day of another zone goes on until the one that holds now begins a later one. */
int
watch_load(struct watch *wt, const struct tok *t, const struct tok *v, struct fault *f)
{
	const struct tok *list = scan_get(t, v, "wallets"), *since = scan_get(t, v, "since"), *s = NULL;
	int64_t version;

	if (!scan_get_i64(t, v, "version", &version) || version != VERSION_OF_STATE)
		return damaged(f, "no version that is known");
	if (since == NULL || since->kind != SCAN_ARR || since->n != MARKETS || list == NULL || list->kind != SCAN_ARR)
		return damaged(f, "since or wallets");
	for (int m = 0; m < MARKETS; m++) {
		s = m == 0 ? scan_first(since) : scan_next(t, since, s);
		if (!scan_i64(s, &wt->since_ms[m]) || wt->since_ms[m] < 0)
			return damaged(f, "since");
		day_owe(wt, (enum market)m);
	}
	for (const struct tok *w = scan_first(list); w != NULL; w = scan_next(t, list, w))
		if (add(wt, t, w, f) == -1)
			return -1;
	wt->dirty = wt->full = true;
	return 0;
}

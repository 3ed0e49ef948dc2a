/* --watch: records in, and what has changed by them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "look.h"
#include "watch.h"

/*
 * What has changed
 */

static struct seen *
seen_of(struct watch *w, const char *symbol, enum pos_side side)
{
	struct seen *list;

	for (int i = 0; i < w->nseen; i++)
		if (w->seen[i].side == side && strcmp(w->seen[i].symbol, symbol) == 0)
			return &w->seen[i];
	if ((list = realloc(w->seen, ((size_t)w->nseen + 1) * sizeof *list)) == NULL)
		return NULL;
	w->seen = list;
	list += w->nseen++;
	*list = (struct seen){ .side = side };
	snprintf(list->symbol, sizeof list->symbol, "%s", symbol);
	return list;
}

void
watch_changed(struct watch *w, enum market m, const char *symbol)
{
	const struct account *a = &w->a->acct[m];
	struct seen *s;

	for (int i = 0; i < a->npos; i++) {
		if ((symbol != NULL && strcmp(a->pos[i].symbol, symbol) != 0) ||
		    !look_wanted(a->pos[i].symbol, w->words, w->n) || (s = seen_of(w, a->pos[i].symbol, a->pos[i].side)) == NULL)
			continue;
		s->market = m;
		s->dirty = s->dirty || dec_sign(a->pos[i].amt) != 0 || s->held;
		s->held = dec_sign(a->pos[i].amt) != 0;
	}
	w->draw = true;
}

void
watch_stale(struct watch *w, enum market m, bool is)
{
	if (!w->a->has[m] || w->a->stale[m] == is)
		return;
	w->a->stale[m] = is;
	watch_changed(w, m, NULL);
}

/* Read again, as soon as that can be done; recorded accounts cannot be. */
static void
read_again(struct watch *w, enum market m)
{
	if (w->a->has[m] && w->a->p.nfrom == 0)
		w->again_ms[m] = w->mono_ms;
}

/* A position whose contract, brackets or leverage nobody told: one look, not one each record. */
static void
know_new(struct watch *w, enum market m)
{
	struct account *a = &w->a->acct[m];
	const struct contract *c;

	for (int i = 0; i < a->npos; i++) {
		if (dec_sign(a->pos[i].amt) == 0)
			continue;
		c = contracts_find(&w->a->cs, a->pos[i].symbol);
		if (c == NULL || c->tiers.n == 0 || a->pos[i].leverage == 0)
			read_again(w, m);
	}
}

/*
 * Records in
 */

static enum market
market_of(const char *symbol)
{
	return strstr(symbol, "USD_") != NULL ? MARKET_COINM : MARKET_USDM;
}

/* An account event's: by what it says, by its symbol, or by what only COIN-M's events have. */
static enum market
event_market(const struct tok *t)
{
	const struct tok *places[] = { scan_get(t, t, "o"), scan_get(t, t, "ac"),
		scan_first(scan_get(t, scan_get(t, t, "a"), "P")) };
	char symbol[SYMBOL_MAX];
	int64_t st;

	if (scan_get_i64(t, t, "st", &st))
		return st == 2 ? MARKET_COINM : MARKET_USDM;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (places[i] != NULL && scan_get_str(t, places[i], "s", symbol, sizeof symbol))
			return market_of(symbol);
	return scan_get(t, t, "i") != NULL ? MARKET_COINM : MARKET_USDM;
}

/* A mark price also tells the funding to come. true: it is another one. */
static bool
take_funding(struct contract *c, const struct tok *t)
{
	dec rate;
	int64_t at;
	bool other;

	if (c == NULL || !scan_get_dec(t, t, "r", &rate) || !scan_get_i64(t, t, "T", &at) || at <= 0)
		return false;
	other = at != c->funding_ms || dec_cmp(rate, c->funding_rate) != 0;
	c->funding_rate = rate;
	c->funding_ms = at;
	return other;
}

/* Whether a position of the symbol has another mark than this. */
static bool
marked_otherwise(const struct account *a, const char *symbol, dec mark)
{
	for (int i = 0; i < a->npos; i++)
		if (strcmp(a->pos[i].symbol, symbol) == 0 && dec_cmp(a->pos[i].mark, mark) != 0)
			return true;
	return false;
}

static void
on_mark(struct watch *w, const struct tok *t)
{
	char symbol[SYMBOL_MAX];
	struct account *a;
	struct fault why;
	int64_t at;
	enum market m;
	bool other;
	dec mark;

	if (!scan_get_str(t, t, "s", symbol, sizeof symbol) || !scan_get_dec(t, t, "p", &mark) ||
	    !scan_get_i64(t, t, "E", &at))
		return;
	m = market_of(symbol);
	a = &w->a->acct[m];
	other = take_funding(contracts_find(&w->a->cs, symbol), t);
	other = marked_otherwise(a, symbol, mark) || other;
	if (!w->a->has[m] || account_event(a, t, t, &why) != 1)
		return;
	if (at > a->as_of_ms)
		a->as_of_ms = at;
	if (other)
		watch_changed(w, m, symbol);
	w->draw = true;		/* the time of day */
}

static void
on_account(struct watch *w, const struct tok *t)
{
	enum market m = event_market(t);
	struct fault why;
	int got;

	if (!w->a->has[m] || (got = account_event(&w->a->acct[m], t, t, &why)) == 0)
		return;
	if (got == -1) {
		say(w->a, "%s; the account is read again", why.text);
		watch_stale(w, m, true);
		read_again(w, m);
		return;
	}
	account_contracts(&w->a->acct[m], &w->a->cs);
	know_new(w, m);
	watch_changed(w, m, NULL);
	w->wallets[m] = true;
}

/* "user" or "user-coinm" came up or went down. What was sent before we read the account is in what we read. */
static void
on_conn(struct watch *w, const struct tok *t)
{
	bool coin = scan_get_is(t, t, "conn", "user-coinm");
	enum market m = coin ? MARKET_COINM : MARKET_USDM;
	int64_t at = 0;

	if (!coin && !scan_get_is(t, t, "conn", "user"))
		return;
	(void)scan_get_i64(t, t, "E", &at);
	w->down[m] = scan_get_is(t, t, "state", "down");
	if (w->down[m])
		watch_stale(w, m, true);
	else if (at > w->read_ms[m])
		read_again(w, m);
}

static void
on_gap(struct watch *w, const struct tok *t)
{
	char stream[64];
	enum market m;

	if (!scan_get_str(t, t, "stream", stream, sizeof stream) || strncmp(stream, "user", 4) != 0)
		return;
	m = strcmp(stream, "user-coinm") == 0 ? MARKET_COINM : MARKET_USDM;
	watch_stale(w, m, true);
	read_again(w, m);
}

/* The stream found that REST tells another position than the events did. */
static void
on_reconcile(struct watch *w, const struct tok *t)
{
	if (scan_get_is(t, t, "what", "position_mismatch"))
		for (int m = 0; m < MARKETS; m++)
			read_again(w, (enum market)m);
}

void
watch_take(struct watch *w, const char *p, size_t n)
{
	static const struct { const char *e; void (*on)(struct watch *, const struct tok *); } row[] = {
		{ "markPriceUpdate", on_mark }, { "ACCOUNT_UPDATE", on_account }, { "ORDER_TRADE_UPDATE", on_account },
		{ "ALGO_UPDATE", on_account }, { "ACCOUNT_CONFIG_UPDATE", on_account }, { "bf.conn", on_conn },
		{ "bf.gap", on_gap }, { "bf.reconcile", on_reconcile },
	};
	const struct tok *e;

	if (scan_doc(&w->doc, p, n) <= 0) {
		if (!w->said_bad)
			say(w->a, "line %llu is no record: passed over, as are others like it", w->in.number);
		w->said_bad = true;
		return;
	}
	e = scan_get(w->doc.t, w->doc.t, "e");
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (scan_is(e, row[i].e)) {
			row[i].on(w, w->doc.t);
			return;
		}
}

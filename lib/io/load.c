/*
 * What there is to ask, one request after the other, and what each answer means: a plan. It is
 * worked off by session_call, or over calls beside other work.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/load.h"

#define CONFIG_MS	60000	/* settings change by event or by hand: seldom */
#define SYMBOLS_MAX	40	/* one answer for all symbols costs as much as 40 of one */

enum step {
	STEP_WALLETS, STEP_POSITIONS, STEP_ORDERS, STEP_ALGO, STEP_POSITIONS_AGAIN, STEP_SETTINGS, STEP_MODES,
	STEP_DONE
};

struct plan {
	struct account	*a;
	enum market	 m;
	enum load_orders orders;	/* to be read as well, */
	bool		 settings;	/* and these */
	enum step	 step;
	struct buf	 queries;	/* "symbol=..." of the orders to ask for, NUL-separated; none: one for all */
	const char	*query;		/* the one at hand */
	int		 left;		/* of them, this one counted; 0: one request for all */
	bool		 again;		/* some may fill between two answers: positions are read once more */
	struct buf	 list;		/* their answers, as one list */
};

static void
plan_free(struct plan *p)
{
	buf_free(&p->queries);
	buf_free(&p->list);
}

static void
plan_start(struct plan *p, struct account *a, enum market m, enum load_orders orders, bool settings)
{
	p->a = a;
	p->m = m;
	p->orders = orders;
	p->settings = settings;
	p->again = false;
	p->step = STEP_WALLETS;
}

static void
add_symbol(struct plan *p, const char *symbol)
{
	struct buf one = { 0 };

	buf_str(&one, "symbol=");
	query_escape(&one, symbol);
	buf_chr(&one, '\0');
	for (const char *q = p->queries.p, *end = q + p->queries.len; q < end; q += strlen(q) + 1)
		if (!one.bad && strcmp(q, one.p) == 0) {
			buf_free(&one);
			return;
		}
	buf_put(&p->queries, one.p, one.len);
	p->queries.bad = p->queries.bad || one.bad;
	buf_free(&one);
	p->left++;
}

static bool
is_held(const struct tok *t, const struct tok *row)
{
	dec amt;

	return !scan_get_dec(t, row, "positionAmt", &amt) || dec_sign(amt) != 0;
}

/*
 * Whether a row of positionRisk, or of a COIN-M account, may have orders that could add to a
 * position. USDⓈ-M tells the notionals of bids and asks; they are documented only as "ignore",
 * so the margin bound by orders must agree, and without one of them the answer cannot tell: ask.
 * Reduce-only orders have none, and need not be known to bound the exposure: of what is held
 * one asks now and then, with the settings. COIN-M tells that margin alone, which is 0 of orders against a
 * position too: of what is held one asks.
 */
static bool
may_have_orders(const struct tok *t, const struct tok *row, enum market m)
{
	dec bid, ask, margin;

	if (!scan_get_dec(t, row, "openOrderInitialMargin", &margin) || dec_sign(margin) != 0)
		return true;
	if (m == MARKET_COINM)
		return is_held(t, row);
	return (!scan_get_dec(t, row, "bidNotional", &bid) ||
	    !scan_get_dec(t, row, "askNotional", &ask) || dec_sign(bid) != 0 || dec_sign(ask) != 0);
}

/* The rows of an answer that say which symbols have orders. */
static int
note_symbols(struct plan *p, const struct tok *t, const struct tok *rows, struct fault *f)
{
	char symbol[SYMBOL_MAX];

	for (const struct tok *v = scan_first(rows); v != NULL; v = scan_next(t, rows, v)) {
		if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol))
			return fault_set(f, FAULT_UNKNOWN, "%s: a row without symbol",
			    p->m == MARKET_COINM ? "account: positions" : "positionRisk");
		if (may_have_orders(t, v, p->m)) {
			p->again = true;
			add_symbol(p, symbol);
		} else if (p->settings && is_held(t, v)) {
			add_symbol(p, symbol);
		}
	}
	return p->queries.bad ? fault_set(f, FAULT_LOCAL, "open orders: out of memory") : 0;
}

/* Of orders of a kind, those of symbols that have some already: a fresh answer each. */
static void
note_known(struct plan *p, bool algo)
{
	for (int i = 0; i < p->a->nord; i++)
		if (p->a->ord[i].algo == algo) {
			p->again = true;
			add_symbol(p, p->a->ord[i].symbol);
		}
}

static void
note_held(struct plan *p)
{
	for (int i = 0; i < p->a->npos; i++)
		if (dec_sign(p->a->pos[i].amt) != 0)
			add_symbol(p, p->a->pos[i].symbol);
}

/* The list of orders is begun: one request a symbol, or one for all. */
static void
begin_list(struct plan *p)
{
	if (p->left > SYMBOLS_MAX)
		p->left = 0;
	p->query = p->left > 0 ? p->queries.p : "";
	buf_reset(&p->list);
	buf_chr(&p->list, '[');
}

static void
reset_list(struct plan *p)
{
	buf_reset(&p->queries);
	p->left = 0;
}

/* What follows the orders of one kind, or the positions if there are none. */
static void
after_positions(struct plan *p)
{
	p->step = STEP_DONE;
	if (p->orders && p->left > 0) {
		begin_list(p);
		p->step = STEP_ORDERS;
	} else if (p->orders) {
		p->step = STEP_ORDERS;	/* none: an empty list, see plan_next */
		p->query = NULL;
	} else if (p->settings) {
		p->step = STEP_SETTINGS;
	}
}

static void
after_algo(struct plan *p)
{
	p->step = p->settings ? STEP_SETTINGS : STEP_DONE;
}

static void
after_orders(struct plan *p)
{
	bool all = p->settings && p->orders == LOAD_ALL;	/* no position tells of them: now and then all are asked for */

	reset_list(p);
	if (!all)
		note_known(p, true);
	if (p->orders == LOAD_HELD)
		note_held(p);
	if (all || p->left > 0) {
		begin_list(p);
		p->step = STEP_ALGO;
	} else {
		after_algo(p);
	}
}

/* One of several answers is put to the list. */
static int
gather(struct plan *p, const struct tok *t, struct fault *f)
{
	if (t->kind != SCAN_ARR)
		return fault_set(f, FAULT_UNKNOWN, "%s: not a list",
		    p->step == STEP_ALGO ? "openAlgoOrders" : "openOrders");
	if (t->n > 0) {
		if (p->list.len > 1)
			buf_chr(&p->list, ',');
		buf_put(&p->list, t->p + 1, t->len - 2);
	}
	return 0;
}

/* The list is whole. */
static int
list_read(struct plan *p, struct fault *f)
{
	struct scan doc = { 0 };
	int r;

	buf_chr(&p->list, ']');
	if (p->list.bad || scan_doc(&doc, p->list.p, p->list.len) <= 0)
		r = fault_set(f, FAULT_LOCAL, "open orders: out of memory");
	else if (p->step == STEP_ALGO)
		r = account_read_algo(p->a, doc.t, doc.t, f);
	else
		r = account_read_orders(p->a, doc.t, doc.t, f);
	scan_free(&doc);
	return r;
}

static int
none_open(struct plan *p, struct fault *f)
{
	static const char empty[] = "[]";
	struct tok t[1];

	return scan_json(empty, 2, t, 1, NULL) <= 0 ? fault_set(f, FAULT_LOCAL, "open orders: no room for an empty list") :
	    account_read_orders(p->a, t, t, f);
}

/* The next request; 0: there is none, all has been read; -1. */
static int
plan_next(struct plan *p, enum ep *ep, const char **query, struct fault *f)
{
	static const enum ep of[MARKETS][STEP_DONE] = {
		{ EP_ACCOUNT, EP_POSITION_RISK, EP_OPEN_ORDERS, EP_OPEN_ALGO_ORDERS, EP_POSITION_RISK,
		  EP_SYMBOL_CONFIG, EP_ACCOUNT_CONFIG },
		/* COIN-M has its settings in the positions. */
		{ EP_ACCOUNT, EP_POSITION_RISK, EP_OPEN_ORDERS, EP_OPEN_ALGO_ORDERS, EP_POSITION_RISK,
		  EP_POSITION_MODE, EP_POSITION_MODE },
	};

	if (p->step == STEP_ORDERS && p->query == NULL) {
		if (none_open(p, f) == -1)
			return -1;
		after_orders(p);
	}
	if (p->step == STEP_SETTINGS && p->m == MARKET_COINM)
		p->step = STEP_MODES;
	if (p->step == STEP_DONE)
		return 0;
	*ep = of[p->m][p->step];
	*query = p->step == STEP_ORDERS || p->step == STEP_ALGO ? p->query : "";
	return 1;
}

/* The modes of the account, which no position tells. */
static int
read_modes(struct plan *p, const struct tok *t, struct fault *f)
{
	bool hedge, multi = false;

	if (!scan_get_bool(t, t, "dualSidePosition", &hedge) ||
	    (p->m == MARKET_USDM && !scan_get_bool(t, t, "multiAssetsMargin", &multi)))
		return fault_set(f, FAULT_UNKNOWN, "account: dualSidePosition or multiAssetsMargin is missing");
	p->a->hedge = hedge;
	p->a->multi_assets = multi;
	return 0;
}

static int
answer_orders(struct plan *p, const struct tok *t, struct fault *f)
{
	if (gather(p, t, f) == -1)
		return -1;
	if (p->left > 1) {
		p->left--;
		p->query += strlen(p->query) + 1;
		return 0;
	}
	if (list_read(p, f) == -1)
		return -1;
	if (p->step == STEP_ALGO)
		after_algo(p);
	else if (p->again)	/* what filled between the two answers must not be missed by both */
		p->step = STEP_POSITIONS_AGAIN;
	else
		after_orders(p);
	return 0;
}

/* The answer to what plan_next gave. */
static int
plan_answer(struct plan *p, const struct tok *t, struct fault *f)
{
	int r = 0;

	switch (p->step) {
	case STEP_WALLETS:
		reset_list(p);
		if ((r = account_read_wallets(p->a, t, t, f)) == 0 && p->orders && p->m == MARKET_COINM)
			r = note_symbols(p, t, scan_get(t, t, "positions"), f);
		p->step = STEP_POSITIONS;
		break;
	case STEP_POSITIONS:
		if ((r = account_read_positions(p->a, t, t, f)) == 0 && p->orders && p->m == MARKET_USDM)
			r = note_symbols(p, t, t, f);
		if (p->orders)
			note_known(p, false);
		after_positions(p);
		break;
	case STEP_ORDERS:
	case STEP_ALGO:
		return answer_orders(p, t, f);
	case STEP_POSITIONS_AGAIN:
		r = account_read_positions(p->a, t, t, f);
		after_orders(p);
		break;
	case STEP_SETTINGS:
		r = account_read_config(p->a, t, t, f);
		p->step = STEP_MODES;
		break;
	case STEP_MODES:
		r = read_modes(p, t, f);
		p->step = STEP_DONE;
		break;
	case STEP_DONE:
		break;
	}
	return r;
}

static bool
settings_due(int64_t config_ms, int64_t now)
{
	return config_ms == 0 || now - config_ms > CONFIG_MS;
}

int
account_load(struct account *a, struct session *s, enum load_orders orders, bool urgent, int64_t *config_ms,
    struct fault *f)
{
	struct plan p = { 0 };
	const char *query;
	enum ep ep;
	int r;

	plan_start(&p, a, s->market, orders, settings_due(*config_ms, session_now(s)));
	while ((r = plan_next(&p, &ep, &query, f)) == 1) {
		a->asked_ms = session_now(s);
		if ((r = session_call(s, ep, query, urgent, f)) == -1 || (r = plan_answer(&p, s->doc.t, f)) == -1)
			break;
	}
	a->asked_ms = 0;
	if (r == 0) {
		a->known = true;
		a->as_of_ms = session_now(s);
		if (p.settings)
			*config_ms = a->as_of_ms;
	}
	plan_free(&p);
	return r;
}

/*
 * Beside other work
 */

struct loader {
	struct calls	*c;
	struct session	*s;
	struct plan	 p;
	bool		 busy, failed;
	bool		 waits;		/* for an answer; else the next request is to be sent */
	struct fault	 f;
	int64_t		 asked_ms;	/* exchange time of the request under way */
	int64_t		 began_mono_ms, config_ms;
};

int
loader_open(struct loader **out, struct calls *c, struct session *s, struct fault *f)
{
	struct loader *l = calloc(1, sizeof *l);

	if (l == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	l->c = c;
	l->s = s;
	*out = l;
	return 0;
}

void
loader_close(struct loader *l)
{
	if (l == NULL)
		return;
	plan_free(&l->p);
	free(l);
}

static void
loader_answer(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct loader *l = arg;

	(void)v;	/* the whole answer: t[0] */
	l->waits = false;
	if (f != NULL) {
		l->f = *f;
		l->failed = true;
		return;
	}
	l->p.a->asked_ms = l->asked_ms;
	l->failed = plan_answer(&l->p, t, &l->f) == -1;
	l->p.a->asked_ms = 0;
}

/* Send the next request. 1: under way; 0: there is none left; -1. */
static int
loader_ask(struct loader *l, struct fault *f)
{
	const char *query;
	enum ep ep;
	int r = plan_next(&l->p, &ep, &query, f);

	if (r != 1)
		return r;
	l->asked_ms = session_now(l->s);
	if (calls_take(l->c, ep, query, 0, true, f) == -1 ||
	    calls_send(l->c, ep, query, 0, 0, loader_answer, l, f) == -1)
		return -1;
	l->waits = true;
	return 1;
}

int
loader_start(struct loader *l, struct account *a, enum load_orders orders, struct fault *f)
{
	if (l->busy)
		return 0;
	l->began_mono_ms = clock_mono_ms();
	plan_start(&l->p, a, l->s->market, orders, settings_due(l->config_ms, session_now(l->s)));
	l->failed = false;
	l->busy = loader_ask(l, f) == 1;
	return l->busy ? 0 : -1;
}

int
loader_step(struct loader *l, int64_t *at_mono_ms, struct fault *f)
{
	struct account *a = l->p.a;
	int r;

	if (!l->busy || l->waits)
		return 0;
	if (l->failed) {
		*f = l->f;
		l->busy = false;
		return -1;
	}
	if ((r = loader_ask(l, f)) == 1)
		return 0;
	l->busy = false;
	if (r == -1)
		return -1;
	a->known = true;
	a->as_of_ms = session_now(l->s);
	if (l->p.settings)
		l->config_ms = a->as_of_ms;
	*at_mono_ms = l->began_mono_ms;
	return 1;
}

/*
 * Brackets
 */

/* The element of a leverageBracket answer: an array of one, or the object. */
static const struct tok *
bracket_element(const struct tok *t, const char *symbol)
{
	return t->kind == SCAN_ARR ? scan_find(t, t, "symbol", symbol) : t;
}

const struct tiers *
brackets_of(struct brackets *bs, struct session *s, const char *symbol, struct fault *f)
{
	const struct tok *el;
	struct bracket *nb;
	struct buf q = { 0 };
	int r;

	for (int i = 0; i < bs->n; i++)
		if (strcmp(bs->b[i].symbol, symbol) == 0)
			return &bs->b[i].tiers;
	buf_str(&q, "symbol=");
	query_escape(&q, symbol);
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    session_call(s, EP_LEVERAGE_BRACKET, q.p, false, f);
	buf_free(&q);
	if (r == -1)
		return NULL;
	if ((nb = realloc(bs->b, ((size_t)bs->n + 1) * sizeof *nb)) == NULL) {
		fault_set(f, FAULT_LOCAL, "out of memory");
		return NULL;
	}
	bs->b = nb;
	if ((el = bracket_element(s->doc.t, symbol)) == NULL) {
		fault_set(f, FAULT_UNKNOWN, "leverageBracket: no element for %s", symbol);
		return NULL;
	}
	if (tiers_parse(&nb[bs->n].tiers, s->doc.t, el, f) == -1)
		return NULL;
	snprintf(nb[bs->n].symbol, sizeof nb[bs->n].symbol, "%s", symbol);
	return &nb[bs->n++].tiers;
}

void
brackets_free(struct brackets *bs)
{
	free(bs->b);
	bs->b = NULL;
	bs->n = 0;
}

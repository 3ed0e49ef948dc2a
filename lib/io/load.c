#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/load.h"

#define CONFIG_MS	60000	/* settings change by event or by hand: seldom */
#define SYMBOLS_MAX	40	/* one answer for all symbols costs as much as 40 of one */

typedef int reader(struct account *, const struct tok *, const struct tok *, struct fault *);

static int
read_one(struct account *a, struct session *s, enum ep ep, reader *rd, bool urgent, struct fault *f)
{
	if (session_call(s, ep, "", urgent, f) == -1)
		return -1;
	return rd(a, s->doc.t, s->doc.t, f);
}

/* The modes of the account, which no position tells. */
static int
read_modes(struct account *a, const struct tok *t, const struct tok *v, struct fault *f)
{
	bool hedge, multi;

	if (!scan_get_bool(t, v, "dualSidePosition", &hedge) || !scan_get_bool(t, v, "multiAssetsMargin", &multi))
		return fault_set(f, FAULT_UNKNOWN, "accountConfig: dualSidePosition or multiAssetsMargin is missing");
	a->hedge = hedge;
	a->multi_assets = multi;
	return 0;
}

/*
 * The symbols of a positionRisk answer that have orders which could add to a
 * position: those with a bid or ask notional, or margin bound by orders. (Reduce-
 * only orders have none, and need not be known to bound the exposure.) Queries, NUL-separated; returns
 * how many, or -1.
 */
static int
symbols_with_orders(const struct tok *t, struct buf *out)
{
	char symbol[SYMBOL_MAX];
	dec bid, ask, margin;
	int n = 0;

	if (t->kind != SCAN_ARR)
		return 0;
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v)) {
		if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol))
			return -1;
		/* An answer without one of them cannot tell: ask. The first two are
		 * documented only as "ignore": the third must agree. */
		if (scan_get_dec(t, v, "bidNotional", &bid) && scan_get_dec(t, v, "askNotional", &ask) &&
		    scan_get_dec(t, v, "openOrderInitialMargin", &margin) &&
		    dec_sign(bid) == 0 && dec_sign(ask) == 0 && dec_sign(margin) == 0)
			continue;
		buf_str(out, "symbol=");
		query_escape(out, symbol);
		buf_chr(out, '\0');
		n++;
	}
	return n;
}

/* The open orders of n symbols as one list, which account_read_orders takes. */
static int
read_orders_of(struct account *a, struct session *s, const char *queries, int n, bool urgent, struct fault *f)
{
	struct buf all = { 0 };
	struct scan doc = { 0 };
	int r = 0;

	buf_chr(&all, '[');
	for (int i = 0; i < n && r == 0; i++, queries += strlen(queries) + 1) {
		if ((r = session_call(s, EP_OPEN_ORDERS, queries, urgent, f)) == -1)
			break;
		if (s->doc.t->kind != SCAN_ARR)
			r = fault_set(f, FAULT_UNKNOWN, "openOrders: not a list");
		else if (s->doc.t->n > 0) {
			if (all.len > 1)
				buf_chr(&all, ',');
			buf_put(&all, s->doc.t->p + 1, s->doc.t->len - 2);
		}
	}
	buf_chr(&all, ']');
	if (r == 0 && (all.bad || scan_doc(&doc, all.p, all.len) <= 0))
		r = fault_set(f, FAULT_LOCAL, "open orders: out of memory");
	if (r == 0)
		r = account_read_orders(a, doc.t, doc.t, f);
	scan_free(&doc);
	buf_free(&all);
	return r;
}

/* The positions just read say which symbols have orders. */
static int
read_orders(struct account *a, struct session *s, bool urgent, struct fault *f)
{
	struct buf queries = { 0 };
	int n, r;

	n = symbols_with_orders(s->doc.t, &queries);
	if (n == -1 || queries.bad)
		r = fault_set(f, FAULT_UNKNOWN, "positionRisk: a row without symbol");
	else if (n > SYMBOLS_MAX)
		r = read_one(a, s, EP_OPEN_ORDERS, account_read_orders, urgent, f);
	else
		r = read_orders_of(a, s, queries.p, n, urgent, f);
	buf_free(&queries);
	/* What filled between the two answers must not be missed by both. */
	if (r == 0 && n > 0)
		r = read_one(a, s, EP_POSITION_RISK, account_read_positions, urgent, f);
	return r;
}

int
account_load(struct account *a, struct session *s, bool orders, bool urgent, int64_t *config_ms,
    struct fault *f)
{
	int64_t now;

	if (read_one(a, s, EP_ACCOUNT, account_read_wallets, urgent, f) == -1 ||
	    read_one(a, s, EP_POSITION_RISK, account_read_positions, urgent, f) == -1 ||
	    (orders && read_orders(a, s, urgent, f) == -1))
		return -1;
	now = session_now(s);
	if (*config_ms == 0 || now - *config_ms > CONFIG_MS) {
		if (read_one(a, s, EP_SYMBOL_CONFIG, account_read_config, urgent, f) == -1 ||
		    read_one(a, s, EP_ACCOUNT_CONFIG, read_modes, urgent, f) == -1)
			return -1;
		*config_ms = now;
	}
	a->known = true;
	a->as_of_ms = session_now(s);
	return 0;
}

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

static struct leg
leg_of(const struct position *p)
{
	return (struct leg){ .kind = LINEAR, .amt = p->amt, .entry = p->entry, .size = dec_int(1) };
}

/* TMM1 and UPNL1: the other cross positions of the wallet, at their marks. */
static int
others(const struct account *a, const struct position *p, struct brackets *bs, struct session *s,
    dec *tmm, dec *upnl, struct fault *f)
{
	for (int i = 0; i < a->npos; i++) {
		const struct position *o = &a->pos[i];
		const struct tiers *ts;
		struct leg l = leg_of(o);
		dec n, mm, pnl;

		if (dec_sign(o->amt) == 0 || o->isolated || strcmp(o->symbol, p->symbol) == 0 ||
		    strcmp(o->margin_asset, p->margin_asset) != 0)
			continue;
		if ((ts = brackets_of(bs, s, o->symbol, f)) == NULL)
			return -1;
		if (!margin_notional(&n, &l, o->mark) || !margin_maintenance(&mm, ts, n) ||
		    !margin_pnl(&pnl, &l, o->mark) || !dec_add(tmm, *tmm, mm) || !dec_add(upnl, *upnl, pnl))
			return fault_set(f, FAULT_LOCAL, "%s: figures out of room", o->symbol);
	}
	return 0;
}

static bool
cross_wallet(const struct account *a, const char *asset, dec *out)
{
	for (int i = 0; i < a->nwal; i++)
		if (strcmp(a->wal[i].asset, asset) == 0) {
			*out = a->wal[i].cross;
			return true;
		}
	return false;
}

int
position_liquidation(dec *out, const struct account *a, const struct position *p,
    struct brackets *bs, struct session *s, struct fault *f)
{
	dec wb = p->isolated_wallet, tmm = dec_int(0), upnl = dec_int(0);
	struct liq_leg legs[2];
	int n = 0;

	if (p->isolated) {
		legs[n++].leg = leg_of(p);
	} else {
		if (!cross_wallet(a, p->margin_asset, &wb))
			return fault_set(f, FAULT_UNKNOWN, "no %s wallet is known", p->margin_asset);
		if (others(a, p, bs, s, &tmm, &upnl, f) == -1)
			return -1;
		/* Hedge mode: both sides of the contract share one price. */
		for (int i = 0; i < a->npos && n < 2; i++)
			if (!a->pos[i].isolated && dec_sign(a->pos[i].amt) != 0 &&
			    strcmp(a->pos[i].symbol, p->symbol) == 0)
				legs[n++].leg = leg_of(&a->pos[i]);
	}
	for (int i = 0; i < n; i++) {
		/* The list may move when it grows: look up once it is complete. */
		if (brackets_of(bs, s, p->symbol, f) == NULL)
			return -1;
		legs[i].tiers = brackets_of(bs, s, p->symbol, f);
	}
	if (n == 0 || !margin_liquidation(out, legs, n, wb, tmm, upnl))
		return fault_set(f, FAULT_LOCAL, "%s: liquidation price out of room", p->symbol);
	return 0;
}

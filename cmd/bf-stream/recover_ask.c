/* After a gap: the asking, which is done in the worker. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/intent.h"
#include "recover_in.h"

#define ROWS	1000	/* of an answer of trades or income, at the most */
#define PAGES	100	/* answers of one kind, at the most: a gap with more is told as incomplete */
#define WEEK_MS		INT64_C(604800000)	/* from a startTime on, an answer of trades is of no more */

/* One request; its answer is kept. */
static int
call(struct recovery *r, struct session *s, enum what what, enum ep ep, const char *query)
{
	void *more = r->got;

	if (worker_stopping(s))
		return fault_set(&r->f, FAULT_AGAIN, "stopped");
	if (session_call(s, ep, query, true, &r->f) == -1)
		return -1;
	if (r->n == r->cap) {
		int cap = r->cap == 0 ? 16 : 2 * r->cap;

		if ((more = realloc(r->got, (size_t)cap * sizeof *r->got)) == NULL)
			return recovery_no_memory(r);
		r->got = more;
		r->cap = cap;
	}
	r->got[r->n].what = what;
	r->got[r->n].text = s->body;
	memset(&s->body, 0, sizeof s->body);
	r->n++;
	return 0;
}

static int
add_symbol(struct recovery *r, const char *symbol)
{
	void *more;

	for (int i = 0; i < r->nsymbols; i++)
		if (strcmp(r->symbols[i].s, symbol) == 0)
			return 0;
	if (r->nsymbols == r->symbol_cap) {
		int cap = r->symbol_cap == 0 ? 16 : 2 * r->symbol_cap;

		if ((more = realloc(r->symbols, (size_t)cap * sizeof *r->symbols)) == NULL)
			return recovery_no_memory(r);
		r->symbols = more;
		r->symbol_cap = cap;
	}
	snprintf(r->symbols[r->nsymbols++].s, SYMBOL_MAX, "%s", symbol);
	return 0;
}

static bool
order_in(const struct tok *t, int64_t id, bool algo)
{
	int64_t is;

	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (scan_get_i64(t, v, algo ? "algoId" : "orderId", &is) && is == id)
			return true;
	return false;
}

/* What the exchange will not say of one order or one symbol does not keep the rest from being
 * told: an order that it has forgotten, a contract that is delisted meanwhile. */
static int
refused(struct recovery *r)
{
	if (r->f.kind != FAULT_REJECTED)
		return -1;
	memset(&r->f, 0, sizeof r->f);
	r->incomplete = true;
	return 0;
}

/* Orders that stood and stand no more: what became of them. Those of a symbol may have
 * been filled, all of them that stand perhaps in part. */
static int
ask_orders(struct recovery *r, struct session *s, bool algo)
{
	const struct tok *t = s->doc.t;
	struct ask_order *gone = calloc((size_t)r->norders + 1, sizeof *gone);
	int n = 0, ret = gone == NULL ? recovery_no_memory(r) : 0;
	struct buf q = { 0 };

	for (int i = 0; i < r->norders && ret == 0; i++) {
		const struct stand *o = &r->orders[i];

		if (o->algo != algo)
			continue;
		ret = add_symbol(r, o->symbol);
		if (!order_in(t, o->id, algo)) {
			snprintf(gone[n].symbol, sizeof gone[n].symbol, "%s", o->symbol);
			gone[n++].id = o->id;
		}
	}
	for (int i = 0; i < n && ret == 0; i++) {
		buf_reset(&q);
		if (algo) {
			buf_printf(&q, "algoId=%lld", (long long)gone[i].id);
		} else {
			buf_str(&q, "symbol=");
			query_escape(&q, gone[i].symbol);
			buf_printf(&q, "&orderId=%lld", (long long)gone[i].id);
		}
		ret = q.bad ? recovery_no_memory(r) : call(r, s, ORDER, algo ? EP_ALGO_ORDER_GET : EP_ORDER_GET, q.p);
		if (ret == -1)
			ret = refused(r);
	}
	buf_free(&q);
	free(gone);
	return ret;
}

static int
add_symbols_of(struct recovery *r, const struct tok *t)
{
	char symbol[SYMBOL_MAX];

	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (scan_get_str(t, v, "symbol", symbol, sizeof symbol) && symbol[0] != '\0' &&
		    add_symbol(r, symbol) == -1)
			return -1;
	return 0;
}

dec
recovery_amount(const struct recovery *r, const char *symbol, const char *side)
{
	for (int i = 0; i < r->nholdings; i++)
		if (strcmp(r->holdings[i].symbol, symbol) == 0 && strcmp(r->holdings[i].side, side) == 0)
			return r->holdings[i].amount;
	return dec_int(0);
}

/* Symbols whose position is another than known. */
static int
add_moved(struct recovery *r, const struct tok *t)
{
	char symbol[SYMBOL_MAX], side[8];
	dec amount;

	for (int i = 0; i < r->nholdings; i++) {
		bool there = false;

		for (const struct tok *v = scan_first(t); v != NULL && !there; v = scan_next(t, t, v))
			there = scan_get_is(t, v, "symbol", r->holdings[i].symbol) &&
			    scan_get_is(t, v, "positionSide", r->holdings[i].side);
		if (!there && add_symbol(r, r->holdings[i].symbol) == -1)
			return -1;
	}
	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (scan_get_str(t, v, "symbol", symbol, sizeof symbol) &&
		    scan_get_str(t, v, "positionSide", side, sizeof side) &&
		    scan_get_dec(t, v, "positionAmt", &amount) &&
		    dec_cmp(amount, recovery_amount(r, symbol, side)) != 0 && add_symbol(r, symbol) == -1)
			return -1;
	return 0;
}

/* The income names symbols that were traded and are flat again. */
static int
ask_income(struct recovery *r, struct session *s)
{
	struct buf q = { 0 };
	int ret = 0, page;

	for (page = 1; page <= PAGES && ret == 0; page++) {
		buf_reset(&q);
		buf_printf(&q, "startTime=%lld&limit=%d&page=%d", (long long)r->since, ROWS, page);
		ret = q.bad ? recovery_no_memory(r) : call(r, s, INCOME, EP_INCOME, q.p);
		if (ret == 0)
			ret = add_symbols_of(r, s->doc.t);
		if (ret == 0 && s->doc.t->n < ROWS)
			break;
	}
	r->incomplete |= page > PAGES;
	buf_free(&q);
	return ret;
}

static int64_t
last_id(const struct tok *t)
{
	int64_t id, last = -1;

	for (const struct tok *v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (scan_get_i64(t, v, "id", &id) && id > last)
			last = id;
	return last;
}

/* By time until there is one; then by id, which leaves no row out: from the last one on, for
 * a trade of the account with itself is two rows of one id. */
static int
ask_trades(struct recovery *r, struct session *s, const char *symbol)
{
	struct buf q = { 0 };
	int ret = 0, page;
	int64_t last = -1, from = r->since;

	for (page = 0; page < PAGES && ret == 0; page++) {
		buf_reset(&q);
		buf_str(&q, "symbol=");
		query_escape(&q, symbol);
		if (last >= 0)
			buf_printf(&q, "&fromId=%lld", (long long)last);
		else
			buf_printf(&q, "&startTime=%lld", (long long)from);
		buf_printf(&q, "&limit=%d", ROWS);
		ret = q.bad ? recovery_no_memory(r) : call(r, s, TRADES, EP_USER_TRADES, q.p);
		if (ret == -1 || (s->doc.t->n < ROWS && (last >= 0 || from + WEEK_MS >= r->to)))
			break;
		if (s->doc.t->n == 0)
			from += WEEK_MS;
		else if ((last = last_id(s->doc.t)) < 0)
			break;
	}
	r->incomplete |= page == PAGES;
	buf_free(&q);
	return ret == -1 ? refused(r) : 0;
}

void
recovery_ask(struct session *s, void *job)
{
	struct recovery *r = job;

	if (call(r, s, OPEN_ORDERS, EP_OPEN_ORDERS, "") == -1 || ask_orders(r, s, false) == -1 ||
	    call(r, s, OPEN_ALGO, EP_OPEN_ALGO_ORDERS, "") == -1 || ask_orders(r, s, true) == -1 ||
	    call(r, s, POSITIONS, EP_POSITION_RISK, "") == -1 || r->first ||
	    add_moved(r, s->doc.t) == -1 || ask_income(r, s) == -1)
		return;
	for (int i = 0; i < r->nsymbols; i++)
		if (ask_trades(r, s, r->symbols[i].s) == -1)
			return;
}

/*
 * Cancelling. All of a symbol at once where all of it is in scope, else by id. No journal: a cancel may be
 * sent again without harm, and one that went unanswered is settled by the next look.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kill.h"

#define BY_ID_MAX	10	/* orders in one cancel */
#define BLIND_MAX	3	/* rounds of cancelling what cannot be seen */

static bool
is_algo(const struct ask *k)
{
	return k->ep == EP_CANCEL_ALL_ALGO || k->ep == EP_ALGO_CANCEL;
}

static void
put_symbol(struct ask *k, const char *symbol)
{
	buf_str(&k->q, "symbol=");
	query_escape(&k->q, symbol);
	k->symbol = symbol;
}

/* what: how many orders it is about. */
static struct ask *
add(struct app *a, struct ask *k, int *n, enum market m, enum ep ep)
{
	k[*n] = (struct ask){ .a = a, .m = m, .ep = ep };
	return &k[(*n)++];
}

static struct ask *
find(struct ask *k, int n, enum market m, enum ep ep, const char *symbol, int room)
{
	for (int i = n - 1; i >= 0; i--)
		if (k[i].m == m && k[i].ep == ep && k[i].what < room && strcmp(k[i].symbol, symbol) == 0)
			return &k[i];
	return NULL;
}

static bool
is_blind(const struct app *a, enum market m, enum list l)
{
	return a->open[m] && a->scope.side == 0 && !a->view[m].known[l] && a->view[m].blind[l] < BLIND_MAX;
}

static void
add_all(struct app *a, struct ask *k, int *n, enum market m, enum list l)
{
	enum ep ep = l == LIST_ALGO ? EP_CANCEL_ALL_ALGO : EP_CANCEL_ALL;
	const struct view *v = &a->view[m];
	struct ask *one;

	for (int i = 0; i < v->nord[l]; i++) {
		if ((one = find(k, *n, m, ep, v->ord[l][i].symbol, INT32_MAX)) == NULL)
			put_symbol(one = add(a, k, n, m, ep), v->ord[l][i].symbol);
		one->what++;
	}
}

static void
add_blind(struct app *a, struct ask *k, int *n, enum market m, enum ep ep, const char *symbol)
{
	if (scope_symbol(&a->scope, symbol) && find(k, *n, m, ep, symbol, INT32_MAX) == NULL)
		put_symbol(add(a, k, n, m, ep), symbol);
}

/* A list that cannot be read: what of it may be guessed is cancelled all the same, some times. Symbols that
 * are named, that have or had a position, or that have orders of the other kind. */
static void
add_unlisted(struct app *a, struct ask *k, int *n, enum market m, enum list l)
{
	enum ep ep = l == LIST_ALGO ? EP_CANCEL_ALL_ALGO : EP_CANCEL_ALL;
	enum list o = l == LIST_ALGO ? LIST_ORDERS : LIST_ALGO;
	struct view *v = &a->view[m];

	if (!is_blind(a, m, l))
		return;
	v->blind[l]++;
	for (int i = 0; i < a->scope.n; i++)
		add_blind(a, k, n, m, ep, a->scope.symbol[i]);
	for (int i = 0; i < v->npos; i++)
		add_blind(a, k, n, m, ep, v->pos[i].symbol);
	for (int i = 0; i < v->nord[o]; i++)
		add_blind(a, k, n, m, ep, v->ord[o][i].symbol);
	for (int i = 0; i < a->ntrack; i++)
		if (a->track[i].m == m)
			add_blind(a, k, n, m, ep, a->track[i].symbol);
}

static void
add_algos(struct app *a, struct ask *k, int *n, enum market m)
{
	const struct view *v = &a->view[m];

	for (int i = 0; i < v->nord[LIST_ALGO]; i++) {
		struct ask *one = add(a, k, n, m, EP_ALGO_CANCEL);

		buf_printf(&one->q, "algoId=%llu", (unsigned long long)v->ord[LIST_ALGO][i].id);
		one->symbol = v->ord[LIST_ALGO][i].symbol;
		one->what = 1;
	}
}

static void
add_orders(struct app *a, struct ask *k, int *n, enum market m)
{
	const struct view *v = &a->view[m];
	struct ask *one;

	for (int i = 0; i < v->nord[LIST_ORDERS]; i++) {
		const struct standing *st = &v->ord[LIST_ORDERS][i];

		if ((one = find(k, *n, m, EP_BATCH_CANCEL, st->symbol, BY_ID_MAX)) == NULL) {
			put_symbol(one = add(a, k, n, m, EP_BATCH_CANCEL), st->symbol);
			buf_str(&one->q, "&orderIdList=%5B");
		} else
			buf_str(&one->q, "%2C");
		buf_printf(&one->q, "%llu", (unsigned long long)st->id);
		one->what++;
	}
	for (int i = 0; i < *n; i++)
		if (k[i].m == m && k[i].ep == EP_BATCH_CANCEL)
			buf_str(&k[i].q, "%5D");
}

static struct no *
no_of(const struct app *a, enum market m, enum list l, const char *symbol)
{
	for (int i = 0; i < a->nno; i++)
		if (a->no[i].m == m && a->no[i].l == l && strcmp(a->no[i].symbol, symbol) == 0)
			return &a->no[i];
	return NULL;
}

const char *
cancel_why(const struct app *a, enum market m, enum list l, const char *symbol)
{
	const struct no *no = no_of(a, m, l, symbol);

	return no != NULL ? no->why : "";
}

/* What is told of it if it still stands at the end. No memory: then it is not told. */
static void
remember(struct app *a, const struct ask *k)
{
	enum list l = is_algo(k) ? LIST_ALGO : LIST_ORDERS;
	struct no *no = no_of(a, k->m, l, k->symbol), *p;

	if (no == NULL && k->f.kind != FAULT_NONE &&
	    (p = realloc(a->no, (size_t)(a->nno + 1) * sizeof *p)) != NULL) {
		a->no = p;
		no = &p[a->nno++];
		no->m = k->m;
		no->l = l;
		snprintf(no->symbol, sizeof no->symbol, "%s", k->symbol);
	}
	if (no != NULL)
		snprintf(no->why, sizeof no->why, "%.190s", k->f.kind == FAULT_NONE ? "" : k->f.text);
}

/* For who sees a table, where a cancel is a line among many. */
static void
say_cancel(const struct app *a, const struct ask *k)
{
	const char *kind = is_algo(k) ? "conditional order" : "order";
	const char *done = k->f.kind == FAULT_NONE ? "accepted" : k->f.text;

	if (k->what > 0)
		say(a, "cancel %s, %d open %s%s: %s", k->symbol, k->what, kind, k->what == 1 ? "" : "s", done);
	else
		say(a, "cancel %s, %ss that could not be listed: %s", k->symbol, kind, done);
}

static void
put_cancel(struct app *a, const struct ask *k)
{
	bool done = k->f.kind == FAULT_NONE;

	remember(a, k);

	step(a, "cancel");
	jw_str(&a->rec, "market", market_word(k->m));
	jw_str(&a->rec, "symbol", k->symbol);
	jw_str(&a->rec, "kind", is_algo(k) ? "algo" : "orders");
	if (k->what > 0)
		jw_i64(&a->rec, "open", k->what);
	else
		jw_null(&a->rec, "open");
	jw_str(&a->rec, "outcome", done ? "accepted" : k->f.kind == FAULT_UNKNOWN ? "unknown" : "refused");
	if (!done)
		step_fault(a, &k->f);
	if (a->out.table)
		say_cancel(a, k);
	emit(a);
	if (!done)
		note(a, &k->f);
}

/* Requests for a market, at most. */
static int
room_for(const struct app *a, enum market m)
{
	const struct view *v = &a->view[m];
	int n = v->nord[LIST_ORDERS] + v->nord[LIST_ALGO], guessed = a->scope.n + v->npos + a->ntrack;

	return n + (is_blind(a, m, LIST_ORDERS) ? guessed + v->nord[LIST_ALGO] : 0) +
	    (is_blind(a, m, LIST_ALGO) ? guessed + v->nord[LIST_ORDERS] : 0);
}

void
cancel(struct app *a)
{
	bool all = look_open(a, LIST_ORDERS) >= 0 && look_open(a, LIST_ALGO) >= 0;
	int n = 0, room = 0;
	struct ask *k;

	for (enum market m = 0; m < MARKETS; m++)
		room += room_for(a, m);
	if (room == 0 || !may_go_on(a))
		return;
	if ((k = calloc((size_t)room, sizeof *k)) == NULL) {
		local_trouble(a, &(struct fault){ .kind = FAULT_LOCAL, .text = "out of memory for cancels" });
		return;
	}
	for (enum market m = 0; m < MARKETS; m++) {
		int before = n;

		if (a->scope.side == 0) {
			add_all(a, k, &n, m, LIST_ORDERS);
			add_all(a, k, &n, m, LIST_ALGO);
			add_unlisted(a, k, &n, m, LIST_ORDERS);
			add_unlisted(a, k, &n, m, LIST_ALGO);
		} else {
			add_orders(a, k, &n, m);
			add_algos(a, k, &n, m);
		}
		a->view[m].acted = a->view[m].acted || n > before;
		a->view[m].full = a->view[m].full || n > before;
	}
	ask_all(a, k, n);
	for (int i = 0; i < n; i++) {
		put_cancel(a, &k[i]);
		all = all && k[i].f.kind == FAULT_NONE;
	}
	if (all)
		a->cancelled_ms = since_ms(a);	/* until a look shows otherwise */
	ask_free(k, n);
	free(k);
}

/*
 * Cancelling. All of a symbol at once where all of it is in scope, else by id. No journal: a cancel may be
 * sent again without harm, and one that went unanswered is settled by the next look.
 */
#include <stdlib.h>
#include <string.h>

#include "kill.h"

#define BY_ID_MAX	10	/* orders in one cancel */

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

static bool
is_algo(const struct ask *k)
{
	return k->ep == EP_CANCEL_ALL_ALGO || k->ep == EP_ALGO_CANCEL;
}

static void
put_cancel(struct app *a, const struct ask *k)
{
	bool done = k->f.kind == FAULT_NONE;

	step(a, "cancel");
	jw_str(&a->rec, "market", market_word(k->m));
	jw_str(&a->rec, "symbol", k->symbol);
	jw_str(&a->rec, "kind", is_algo(k) ? "algo" : "orders");
	jw_i64(&a->rec, "open", k->what);
	jw_str(&a->rec, "outcome", done ? "accepted" : k->f.kind == FAULT_UNKNOWN ? "unknown" : "refused");
	if (!done)
		step_fault(a, &k->f);
	if (a->out.table)
		say(a, "cancel %s, %d open: %s", k->symbol, k->what, done ? "accepted" : k->f.text);
	emit(a);
	if (!done)
		note(a, &k->f);
}

void
cancel(struct app *a)
{
	bool all = look_open(a, LIST_ORDERS) >= 0 && look_open(a, LIST_ALGO) >= 0;
	int n = 0, room = 0;
	struct ask *k;

	for (enum market m = 0; m < MARKETS; m++)
		room += a->view[m].nord[LIST_ORDERS] + a->view[m].nord[LIST_ALGO];
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

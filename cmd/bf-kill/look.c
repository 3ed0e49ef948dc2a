/*
 * What stands: open orders, open conditional orders, positions. Read with as
 * little as will do, so that an unusual field elsewhere hinders nothing; but
 * what is needed and missing makes the whole look fail: missing is not zero.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kill.h"

void
view_free(struct view *v)
{
	free(v->ord);
	free(v->algo);
	free(v->pos);
	memset(v, 0, sizeof *v);
}

/* The array of an answer, with room in *list for as many. */
static int
ask(struct app *a, enum ep ep, void **list, size_t size, struct fault *f)
{
	const struct tok *t;

	if (session_call(&a->s, ep, "", true, f) == -1)
		return -1;
	t = a->s.doc.t;
	if (t->kind != SCAN_ARR)
		return fault_set(f, FAULT_UNKNOWN, "%s: the answer is no list", endpoint(ep)->path[a->s.market]);
	if ((*list = calloc(t->n + 1, size)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	return 0;
}

static int
count_orders(struct app *a, enum ep ep, struct standing **list, int *n, int *open, struct fault *f)
{
	const struct tok *t, *v;
	char symbol[SYMBOL_MAX];
	void *room = NULL;
	int i;

	*n = *open = 0;
	if (ask(a, ep, &room, sizeof **list, f) == -1)
		return -1;
	*list = room;
	t = a->s.doc.t;
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v)) {
		if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol))
			return fault_set(f, FAULT_UNKNOWN, "%s: an order without a symbol", endpoint(ep)->path[a->s.market]);
		for (i = 0; i < *n && strcmp((*list)[i].symbol, symbol) != 0; i++)
			;
		if (i == *n)
			snprintf((*list)[(*n)++].symbol, SYMBOL_MAX, "%s", symbol);
		(*list)[i].open++;
		++*open;
	}
	return 0;
}

static int
read_held(struct held *h, const struct tok *t, const struct tok *v, struct fault *f)
{
	if (!scan_get_str(t, v, "symbol", h->symbol, sizeof h->symbol) ||
	    !scan_get_dec(t, v, "positionAmt", &h->amt))
		return fault_set(f, FAULT_UNKNOWN, "positionRisk: a position without symbol or amount");
	if (scan_get_is(t, v, "positionSide", "LONG"))
		h->side = POS_LONG;
	else if (scan_get_is(t, v, "positionSide", "SHORT"))
		h->side = POS_SHORT;
	else if (scan_get_is(t, v, "positionSide", "BOTH"))
		h->side = POS_BOTH;
	else
		return fault_set(f, FAULT_UNKNOWN, "positionRisk: %s: no positionSide", h->symbol);
	return 0;
}

static int
read_positions(struct app *a, struct fault *f)
{
	const struct tok *t, *v;
	void *room = NULL;

	if (ask(a, EP_POSITION_RISK, &room, sizeof *a->view.pos, f) == -1)
		return -1;
	a->view.pos = room;
	t = a->s.doc.t;
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v)) {
		if (read_held(&a->view.pos[a->view.npos], t, v, f) == -1)
			return -1;
		if (dec_sign(a->view.pos[a->view.npos].amt) != 0)
			a->view.npos++;
	}
	return 0;
}

/* Positions last: an order that fills meanwhile is then seen as a position. */
int
view_take(struct app *a, struct fault *f)
{
	struct view *v = &a->view;

	view_free(v);
	if (count_orders(a, EP_OPEN_ORDERS, &v->ord, &v->nord, &v->open, f) == -1 ||
	    count_orders(a, EP_OPEN_ALGO_ORDERS, &v->algo, &v->nalgo, &v->open_algo, f) == -1)
		return -1;
	return read_positions(a, f);
}

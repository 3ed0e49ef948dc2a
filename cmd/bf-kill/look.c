/*
 * What stands: open orders, open conditional orders, positions, of each market. Read with as little as
 * will do, so that an unusual field elsewhere hinders nothing; but what is needed and missing makes a
 * list unknown: missing is not zero. A list that cannot be read does not keep the others from being
 * acted upon.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kill.h"

#define STANDS_MS	10000	/* so long a look at a market where nothing was done holds as a proof */

static const enum ep eps[LISTS] = {
	[LIST_ORDERS] = EP_OPEN_ORDERS, [LIST_ALGO] = EP_OPEN_ALGO_ORDERS, [LIST_POSITIONS] = EP_POSITION_RISK
};

static void
drop_list(struct view *v, enum list l)
{
	v->known[l] = false;
	if (l == LIST_POSITIONS) {
		free(v->pos);
		v->pos = NULL;
		v->npos = 0;
		return;
	}
	free(v->ord[l]);
	v->ord[l] = NULL;
	v->nord[l] = 0;
}

void
view_free(struct view *v)
{
	for (enum list l = 0; l < LISTS; l++)
		drop_list(v, l);
}

/*
 * Answers
 */

static int
read_orders(struct app *a, struct view *v, enum list l, const struct tok *t, const struct tok *list, struct fault *f)
{
	const char *id = l == LIST_ALGO ? "algoId" : "orderId";
	const struct tok *o;
	struct standing *st;
	int64_t n = 0;
	int in;

	if ((v->ord[l] = calloc(list->n + 1, sizeof *v->ord[l])) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (o = scan_first(list); o != NULL; o = scan_next(t, list, o)) {
		if ((in = scope_order(&a->scope, t, o)) == 0)
			continue;
		st = &v->ord[l][v->nord[l]];
		n = 0;
		if (in == -1 || !scan_get_str(t, o, "symbol", st->symbol, sizeof st->symbol) ||
		    (!scan_get_i64(t, o, id, &n) && a->scope.side != 0))
			return fault_set(f, FAULT_UNKNOWN, "%s: an order without symbol, side or id",
			    l == LIST_ALGO ? "openAlgoOrders" : "openOrders");
		st->id = (uint64_t)n;
		v->nord[l]++;
	}
	return 0;
}

static int
read_held(struct held *h, const struct tok *t, const struct tok *v, struct fault *f)
{
	if (!scan_get_str(t, v, "symbol", h->symbol, sizeof h->symbol) ||
	    !scan_get_dec(t, v, "positionAmt", &h->amt))
		return fault_set(f, FAULT_UNKNOWN, "positionRisk: a position without symbol or amount");
	if (!scan_get_dec(t, v, "markPrice", &h->mark))
		h->mark = dec_int(0);	/* the ladder then has no rungs by price */
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
read_positions(struct app *a, struct view *v, enum market m, const struct tok *t, const struct tok *list,
    struct fault *f)
{
	const struct tok *o;
	struct held *h;

	if ((v->pos = calloc(list->n + 1, sizeof *v->pos)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (o = scan_first(list); o != NULL; o = scan_next(t, list, o)) {
		h = &v->pos[v->npos];
		if (read_held(h, t, o, f) == -1)
			return -1;
		h->m = m;
		if (dec_sign(h->amt) != 0 && scope_position(&a->scope, h))
			v->npos++;
	}
	return 0;
}

static void
got(struct ask *k, const struct tok *t, const struct tok *v)
{
	enum list l = (enum list)k->what;
	struct view *w = &k->a->view[k->m];

	if (v->kind != SCAN_ARR)
		fault_set(&k->f, FAULT_UNKNOWN, "%s: the answer is no list", endpoint(k->ep)->path[k->m]);
	else if (l == LIST_POSITIONS)
		read_positions(k->a, w, k->m, t, v, &k->f);
	else
		read_orders(k->a, w, l, t, v, &k->f);
}

/*
 * Looks
 */

static void
add(struct app *a, struct ask *k, int *n, enum market m, enum list l, bool late)
{
	drop_list(&a->view[m], l);
	k[(*n)++] = (struct ask){ .a = a, .m = m, .ep = eps[l], .what = (int)l, .late = late, .got = got };
}

static void
run(struct app *a, struct ask *k, int n)
{
	ask_all(a, k, n);
	for (int i = 0; i < n; i++) {
		struct view *v = &a->view[k[i].m];
		enum list l = (enum list)k[i].what;

		if (k[i].f.kind != FAULT_NONE)
			drop_list(v, l);
		v->known[l] = k[i].f.kind == FAULT_NONE;
		v->why[l] = k[i].f;
	}
	ask_free(k, n);
}

static bool
all_known(const struct view *v)
{
	return v->known[LIST_ORDERS] && v->known[LIST_ALGO] && v->known[LIST_POSITIONS];
}

static bool
is_empty(const struct app *a, const struct view *v)
{
	return v->nord[LIST_ORDERS] == 0 && v->nord[LIST_ALGO] == 0 && (a->level < LEVEL_FLATTEN || v->npos == 0);
}

/* Nothing was there, nothing was done since, and that is not long ago. */
static bool
still_holds(const struct app *a, const struct view *v)
{
	return all_known(v) && is_empty(a, v) && !v->acted && !v->full && clock_mono_ms() - v->at_ms < STANDS_MS;
}

/* Only positions are left: lists of orders, which weigh eight times as much, wait until those are gone. */
static bool
only_positions(const struct app *a, const struct view *v)
{
	return all_known(v) && !v->full && a->level == LEVEL_FLATTEN && v->nord[LIST_ORDERS] == 0 &&
	    v->nord[LIST_ALGO] == 0 && v->npos > 0;
}

/* Positions after orders: one that fills meanwhile is then seen as a position. */
static void
look_whole(struct app *a, bool first)
{
	struct ask k[MARKETS * LISTS];
	bool part[MARKETS] = { false };
	int n = 0;

	for (int i = 0; i < a->nmarket; i++) {
		enum market m = a->market[i];
		struct view *v = &a->view[m];

		if (!a->open[m] || still_holds(a, v))
			continue;
		part[m] = only_positions(a, v) && !first;
		if (!part[m]) {
			v->at_ms = clock_mono_ms();
			v->full = v->acted = false;
			add(a, k, &n, m, LIST_ORDERS, false);
			add(a, k, &n, m, LIST_ALGO, false);
		}
		add(a, k, &n, m, LIST_POSITIONS, !first);
	}
	run(a, k, n);
	for (enum market m = 0; m < MARKETS; m++)
		if (part[m] && a->view[m].known[LIST_POSITIONS] && a->view[m].npos == 0)
			a->view[m].full = true;		/* its orders were not looked at */
}

/* Where all three were asked at once and nothing is there, positions once more, after the orders. */
static void
look_again(struct app *a)
{
	struct ask k[MARKETS];
	int n = 0;

	for (int i = 0; i < a->nmarket; i++) {
		const struct view *v = &a->view[a->market[i]];

		if (all_known(v) && is_empty(a, v) && a->level == LEVEL_FLATTEN)
			add(a, k, &n, a->market[i], LIST_POSITIONS, false);
	}
	run(a, k, n);
}

void
look(struct app *a, bool first)
{
	bool more = false;

	look_whole(a, first);
	if (first)
		look_again(a);
	for (int i = 0; i < a->nmarket; i++)
		more = more || a->view[a->market[i]].full;
	if (more && !first)
		look_whole(a, false);
}

bool
look_known(const struct app *a, struct fault *f)
{
	for (int i = 0; i < a->nmarket; i++)
		for (enum list l = 0; l < LISTS; l++)
			if (!a->view[a->market[i]].known[l]) {
				*f = a->view[a->market[i]].why[l];
				return false;
			}
	return true;
}

bool
look_clear(const struct app *a)
{
	struct fault ignore;

	for (int i = 0; i < a->nmarket; i++)
		if (!is_empty(a, &a->view[a->market[i]]) || a->view[a->market[i]].full)
			return false;
	return look_known(a, &ignore);
}

int
look_open(const struct app *a, enum list l)
{
	int n = 0;

	for (int i = 0; i < a->nmarket; i++) {
		const struct view *v = &a->view[a->market[i]];

		if (!v->known[l])
			return -1;
		n += l == LIST_POSITIONS ? v->npos : v->nord[l];
	}
	return n;
}

int
look_positions(const struct app *a)
{
	return look_open(a, LIST_POSITIONS);
}

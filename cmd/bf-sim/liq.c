/*
 * Watching margins: section 13 of the margin mathematics sheet, steps 1 and 2.
 * Warnings, the cancelling of orders, and the time until autoclose.c begins.
 */
#include <stdlib.h>

#include "scope.h"

/*
 * What belongs to a scope, and how it stands
 */

bool
scope_has(const struct scope *c, const struct hold *h)
{
	switch (c->kind) {
	case CROSS:
		return h->s->asset == c->asset && !h->isolated;
	case MULTI:
		return h->s->c.market == USDM && !h->isolated;
	case ISOLATED:
		break;
	}
	return h == c->h;
}

bool
scope_leg(const struct scope *c, const struct hold *h, enum pos_mode m)
{
	return dec_sign(h->pos[m].amt) != 0 && (c->kind != ISOLATED || m == c->leg);
}

/* Step 2 takes the orders of isolated symbols too: their margin comes from the
 * wallet that is in need. */
static bool
is_order(const struct scope *c, const struct ord *o)
{
	switch (c->kind) {
	case CROSS:
		return o->h->s->asset == c->asset;
	case MULTI:
		return o->h->s->c.market == USDM;
	case ISOLATED:
		break;
	}
	return o->h == c->h && o->o.pos_mode == c->leg;
}

static void
measure_leg(struct engine *e, struct scope *c)
{
	const struct sym *s = c->h->s;
	struct pos *p = hold_leg(c->h, c->leg);

	c->npos = dec_sign(p->amt) != 0 && dec_sign(s->mark) > 0;
	c->wallet = c->equity = p->iso;
	c->maint = dec_int(0);
	if (c->npos == 0)
		return;
	c->maint = pos_maint(s, p, &e->bad);
	c->equity = num_add(&e->bad, p->iso, pos_upnl(s, p, &e->bad));
}

void
scope_measure(struct engine *e, struct scope *c)
{
	struct figures f;

	if (c->kind == ISOLATED) {
		measure_leg(e, c);
		return;
	}
	if (c->kind == MULTI)
		acct_figures_multi(e, c->a, &f, &e->bad);
	else
		acct_figures(e, c->a, c->asset, &f, &e->bad);
	c->maint = f.s.cross_maint;
	c->equity = f.equity;
	c->wallet = f.cross;
	c->npos = f.s.ncross;
}

bool
scope_due(const struct scope *c)
{
	return c->npos > 0 && dec_cmp(c->maint, c->equity) >= 0;
}

/*
 * Step 2: orders
 */

static void
cancel_orders(struct engine *e, const struct scope *c)
{
	struct ord *o, *next;

	for (o = c->a->open; o != NULL; o = next) {
		next = o->anext;
		if (is_order(c, o))
			order_end(e, o, STATUS_EXPIRED, 5);
	}
}

static void
cancel_leg_algos(struct engine *e, const struct scope *c)
{
	struct algo *x, *next;

	for (x = c->h->s->algos; x != NULL; x = next) {
		next = x->snext;
		if (x->h == c->h && x->o.pos_mode == c->leg)
			algo_expire(e, x);
	}
}

static void
cancel_algos(struct engine *e, const struct scope *c)
{
	struct hold *h;
	int i;

	if (c->a->nalgos == 0)
		return;
	if (c->kind == ISOLATED) {
		cancel_leg_algos(e, c);
		return;
	}
	for (i = 0; i < c->a->nholds; i++) {
		h = c->a->holds[i];
		if (h->nalgos > 0 && (c->kind == CROSS ? h->s->asset == c->asset :
		    h->s->c.market == USDM))
			algo_cancel_hold(e, h, ALGO_EXPIRED);
	}
}

/*
 * Watching
 */

/* The flags of a scope, wherever they are kept. */
struct watch { bool *on, *warned; int64_t *since; };

static struct watch
watch_of(const struct scope *c)
{
	struct wallet *w;
	struct pos *p;

	if (c->kind == MULTI)
		return (struct watch){ &c->a->liquidating, &c->a->warned, &c->a->since_ms };
	if (c->kind == CROSS) {
		w = &c->a->wallet[c->asset];
		return (struct watch){ &w->liquidating, &w->warned, &w->since_ms };
	}
	p = hold_leg(c->h, c->leg);
	return (struct watch){ &p->liquidating, &p->warned, &p->since_ms };
}

static void
margin_call(struct engine *e, const struct scope *c)
{
	struct engine_event ev = { .kind = EV_MARGIN_CALL, .acct = c->a->number, .sym = -1 };
	struct engine_pos_brief *brief = calloc((size_t)c->a->nholds * 3, sizeof *brief);
	struct hold *h;
	int i, m, n = 0;

	if (brief == NULL) {
		e->bad = true;
		return;
	}
	for (i = 0; i < c->a->nholds; i++) {
		h = c->a->holds[i];
		for (m = MODE_BOTH; scope_has(c, h) && m <= MODE_SHORT; m++)
			if (scope_leg(c, h, (enum pos_mode)m))
				pos_brief(h, (enum pos_mode)m, &brief[n++], &e->bad);
	}
	if (c->kind == ISOLATED)
		ev.sym = c->h->s->index;
	if (c->kind == CROSS)
		ev.market = e->asset[c->asset].info.market;
	ev.u.call.cross = c->kind != ISOLATED;
	ev.u.call.cross_wallet = c->wallet;
	ev.u.call.pos = brief;
	ev.u.call.npos = n;
	eng_emit(e, &ev);
	free(brief);
}

/* The venue's threshold is not published; 80 % is assumed. */
static bool
high(struct engine *e, const struct scope *c)
{
	static const dec most = { 8, 1 };

	return c->npos > 0 && dec_cmp(c->maint, num_mul(&e->bad, c->equity, most)) >= 0;
}

static void
first_wait(struct engine *e, bool on, int64_t since)
{
	int64_t at = since + e->c.liquidation_ms;

	if (on && (e->next_liq == 0 || at < e->next_liq))
		e->next_liq = at;
}

/* The first of those that wait is gone: find the next one. */
static void
find_wait(struct engine *e)
{
	struct acct *a;
	int i, k, m;

	e->next_liq = 0;
	for (i = 0; i < e->nacct; i++) {
		a = e->acct[i];
		first_wait(e, a->liquidating, a->since_ms);
		for (k = 0; k < e->nasset; k++)
			first_wait(e, a->wallet[k].liquidating, a->wallet[k].since_ms);
		for (k = 0; k < a->nholds; k++)
			for (m = MODE_BOTH; m <= MODE_SHORT; m++)
				first_wait(e, a->holds[k]->pos[m].liquidating,
				    a->holds[k]->pos[m].since_ms);
	}
}

static void
stop_waiting(struct engine *e, const struct watch *w)
{
	if (!*w->on)
		return;
	*w->on = false;
	if (*w->since + e->c.liquidation_ms == e->next_liq)
		find_wait(e);
}

static void
healthy(struct engine *e, struct scope *c, const struct watch *w)
{
	bool warn = high(e, c);

	stop_waiting(e, w);
	if (warn && !*w->warned)
		margin_call(e, c);
	*w->warned = warn;
	if (c->npos == 0 && dec_sign(c->kind == MULTI ? c->equity : c->wallet) < 0)
		scope_clear(e, c, false);
}

static void
check_scope(struct engine *e, struct scope *c)
{
	struct watch w = watch_of(c);

	scope_measure(e, c);
	if (scope_due(c) && !*w.on) {
		cancel_orders(e, c);
		cancel_algos(e, c);
		*w.on = true;
		*w.since = e->now;
		first_wait(e, true, e->now);
		scope_measure(e, c);
	}
	if (!scope_due(c)) {
		healthy(e, c, &w);
		return;
	}
	if (e->now - *w.since < e->c.liquidation_ms)
		return;
	scope_liquidate(e, c);
	stop_waiting(e, &w);
	*w.warned = false;
}

static void
check_legs(struct engine *e, struct hold *h)
{
	struct scope c = { .kind = ISOLATED, .a = h->a, .h = h };
	int m;

	for (m = MODE_BOTH; m <= MODE_SHORT && !e->bad; m++) {
		c.leg = (enum pos_mode)m;
		if (dec_sign(h->pos[m].amt) != 0 || h->pos[m].liquidating)
			check_scope(e, &c);
	}
}

/* Nothing to look at, as most wallets have it. */
static bool
idle(const struct wallet *w)
{
	return w->sums.ncross == 0 && !w->liquidating && !w->warned &&
	    dec_cmp(w->balance, w->sums.iso) >= 0;
}

void
liq_check(struct engine *e, struct acct *a)
{
	struct scope c = { .a = a };
	int i;

	if (a->number < 0)
		return;
	for (i = 0; i < a->nholds && !e->bad; i++)
		if (a->holds[i]->isolated)
			check_legs(e, a->holds[i]);
	acct_fresh(e, a);
	for (c.asset = 0; c.asset < e->nasset && !e->bad; c.asset++)
		if ((!a->multi || e->asset[c.asset].info.market != USDM) &&
		    !idle(&a->wallet[c.asset]))
			check_scope(e, &c);
	c.kind = MULTI;
	if (a->multi && !e->bad)
		check_scope(e, &c);
}

int64_t
liq_due(const struct engine *e)
{
	return e->next_liq == 0 ? INT64_MAX : e->next_liq;
}

/* What an account could hold at worst, were all open and pending orders of one side to fill. */
#include <stdlib.h>

#include "world_in.h"

#define MONEY	8	/* decimals of a notional in coins, and of sums in USD */

/*
 * One leg
 */

static void
leg_begin(struct leg_sum *l, const struct world *w, const char *symbol, enum pos_side side)
{
	const struct sym *s = sym_find(w, symbol, strlen(symbol));

	memset(l, 0, sizeof *l);
	l->symbol = symbol;
	l->side = side;
	l->c = contracts_find(&w->cs, symbol);
	l->inverse = l->c != NULL ? l->c->kind == INVERSE : named_inverse(symbol);
	l->size = l->c != NULL ? l->c->size : dec_int(!l->inverse);
	l->mark = s != NULL ? s->mark : dec_int(0);
	if (s != NULL && s->exit_mono_ms > 0 && w->now.mono_ms - s->exit_mono_ms < PENDING_MS)
		l->exit_ms = s->exit_mono_ms;
	if (l->c != NULL) {
		l->asset = l->c->rules.margin;
		l->asset_n = strlen(l->asset);
	} else if (l->inverse) {	/* the coin before USD */
		l->asset = symbol;
		l->asset_n = (size_t)(strstr(symbol, "USD_") - symbol);
	}
}

/* What a position is worth: at its mark, or while none is known (an event opened it) at entry
 * and profit as last told. */
static bool
add_position(struct leg_sum *l, const struct position *p)
{
	dec size = l->inverse && dec_sign(p->size) > 0 ? p->size : l->size;
	struct leg leg = { l->inverse ? INVERSE : LINEAR, p->amt, p->entry, size };
	bool marked = dec_sign(p->mark) > 0 || dec_sign(l->mark) > 0;
	dec mark = dec_sign(p->mark) > 0 ? p->mark : l->mark, n, value;

	if (dec_sign(leg.size) <= 0 || (!marked && dec_sign(p->entry) <= 0))
		return false;
	if (!l->inverse) {
		if (marked ? !dec_mul(&n, p->amt, mark) : !dec_mul(&n, p->amt, p->entry) || !dec_add(&n, n, p->upnl))
			return false;
		return dec_add(&l->n.held, l->n.held, n);
	}
	if (!dec_mul(&value, p->amt, leg.size) || !margin_notional(&n, &leg, marked ? mark : p->entry) ||
	    (!marked && !dec_sub(&n, n, p->upnl)))	/* its profit is Q / entry - Q / mark */
		return false;
	return dec_add(&l->n.held, l->n.held, n) && dec_add(&l->value.held, l->value.held, value);
}

static bool
add_to(struct sides *s, enum order_side side, dec v, bool at_once)
{
	dec *all = side == SIDE_BUY ? &s->buys : &s->sells, *some = side == SIDE_BUY ? &s->buys_at_once : &s->sells_at_once;

	return dec_add(all, *all, v) && (!at_once || dec_add(some, *some, v));
}

static bool
add_order(struct leg_sum *l, enum order_side side, dec price, dec qty, bool at_once)
{
	dec n, value;

	if (dec_sign(price) <= 0 || dec_sign(l->size) <= 0 || dec_sign(qty) < 0)
		return false;
	if (!l->inverse)
		return dec_mul(&n, price, qty) && add_to(&l->n, side, n, at_once);
	return dec_mul(&value, qty, l->size) && dec_div(&n, value, price, MONEY, DEC_UP) &&
	    add_to(&l->n, side, n, at_once) && add_to(&l->value, side, value, at_once);
}

/* One on its way. What fills at once, but behind an exit, may find nothing to be set off against. */
static bool
add_pending(struct leg_sum *l, const struct pending *p)
{
	return add_order(l, p->side, p->price, p->qty, p->once && (l->exit_ms == 0 || p->mono_ms < l->exit_ms));
}

/* The dearer of two prices, of which either may be 0: an inverse contract is worth more coins at the lower. */
static dec
dearer(const struct leg_sum *l, dec a, dec b)
{
	if (dec_sign(a) <= 0 || dec_sign(b) <= 0)
		return dec_max(a, b);
	return l->inverse ? dec_min(a, b) : dec_max(a, b);
}

static bool
is_pending(const struct world *w, enum market m, const struct open_order *o)
{
	for (int i = 0; i < w->npending; i++)
		if (same_order(&w->pending[i], m, o))
			return true;
	return false;
}

/* An order without a price that was let through here counts as pending until its end. */
static bool
add_open(struct leg_sum *l, const struct world *w, enum market m, const struct open_order *o)
{
	dec price = order_priced(o) ? dearer(l, o->price, o->algo ? o->trigger : dec_int(0)) : l->mark, left;

	if (!order_priced(o) && is_pending(w, m, o))
		return true;
	return dec_sub(&left, o->qty, o->filled) && add_order(l, o->side, price, left, false);
}

/* What one side comes to at worst: orders with the position add to it. Those against it take it away first if they fill
 * at once; one that waits may find it closed by an exit. */
static bool
one_side(dec *out, dec held, dec orders, dec at_once)
{
	dec rest;

	if (dec_sign(held) >= 0)
		return dec_add(out, held, orders);
	if (!dec_sub(&rest, orders, at_once) || !dec_add(out, held, at_once))
		return false;
	*out = dec_max(*out, dec_int(0));
	return dec_add(out, *out, rest);
}

/* The larger of both, signed by which. */
static bool
side_worst(dec *out, const struct sides *s)
{
	dec up, down;

	if (!one_side(&up, s->held, s->buys, s->buys_at_once) ||
	    !one_side(&down, dec_neg(s->held), s->sells, s->sells_at_once))
		return false;
	*out = dec_cmp(up, down) >= 0 ? up : dec_neg(down);
	return true;
}

/* Of the sums over many: max(|held + buys|, |held - sells|). */
static bool
net_worst(dec *out, const struct sides *s)
{
	dec up, down;

	if (!dec_add(&up, s->held, s->buys) || !dec_sub(&down, s->held, s->sells))
		return false;
	*out = dec_max(dec_abs(up), dec_abs(down));
	return true;
}

static bool
leg_worst(struct worst *out, const struct leg_sum *l)
{
	if (!side_worst(&out->n, &l->n))
		return false;
	out->value = out->n;
	return !l->inverse || side_worst(&out->value, &l->value);
}

/*
 * One symbol
 */

static enum pos_side
position_leg(const struct account *a, const struct position *p)
{
	return a->hedge ? p->side : POS_BOTH;
}

static bool
could_open(const struct open_order *o)
{
	return !o->reduce && !o->close_all;
}

/* Whether an order of symbol and its sides works on this leg. */
static bool
works_on(const struct leg_sum *l, const struct account *a, const char *symbol, enum pos_side said, enum order_side side)
{
	return strcmp(symbol, l->symbol) == 0 && order_leg(a, said, side) == l->side;
}

static bool
fill_leg(struct leg_sum *l, const struct world *w, enum market m, const struct pending *extra)
{
	const struct account *a = &w->acct[m];

	for (const struct position *p = a->pos; p < a->pos + a->npos; p++)
		if (dec_sign(p->amt) != 0 && position_leg(a, p) == l->side && strcmp(p->symbol, l->symbol) == 0 &&
		    !add_position(l, p))
			return false;
	for (const struct open_order *o = a->ord; o < a->ord + a->nord; o++)
		if (could_open(o) && works_on(l, a, o->symbol, o->pos_side, o->side) && !add_open(l, w, m, o))
			return false;
	for (const struct pending *p = w->pending; p < w->pending + w->npending; p++)
		if (p->market == m && works_on(l, a, p->symbol, p->pos_side, p->side) &&
		    !add_pending(l, p))
			return false;
	return extra == NULL || !works_on(l, a, extra->symbol, extra->pos_side, extra->side) ||
	    add_pending(l, extra);
}

bool
worst_of(struct worst *out, const struct world *w, enum market m, const char *symbol, enum pos_side side,
    const struct pending *extra)
{
	const struct account *a = &w->acct[m];
	struct leg_sum l;
	struct worst got;

	if (!a->known)
		return false;
	if (!a->hedge)
		side = POS_BOTH;
	else if (side == POS_BOTH && extra != NULL)
		side = order_leg(a, extra->pos_side, extra->side);
	if (a->hedge && side == POS_BOTH)
		return false;
	leg_begin(&l, w, symbol, side);
	if (!fill_leg(&l, w, m, extra) || !leg_worst(&got, &l))
		return false;
	*out = got;
	return true;
}

/*
 * One wallet: all legs, found by symbol and side in a table, so that it is one walk
 */
struct legs { struct leg_sum *l; size_t n; uint32_t *at; size_t cap; const struct world *w; const char *asset; };

static bool
is_leg(const struct leg_sum *l, const char *symbol, enum pos_side side)
{
	return l->side == side && strcmp(l->symbol, symbol) == 0;
}

/* The leg of symbol and side, made if needed. at has places from 1, 0: empty; cap is a power of two, never full. */
static struct leg_sum *
leg_slot(struct legs *ls, const char *symbol, enum pos_side side)
{
	uint64_t h = fnv(FNV_BASIS ^ ls->w->seed ^ (uint64_t)side, symbol, strlen(symbol));
	size_t i = (size_t)(h ^ h >> 29) & (ls->cap - 1);

	while (ls->at[i] != 0 && !is_leg(&ls->l[ls->at[i] - 1], symbol, side))
		i = (i + 1) & (ls->cap - 1);
	if (ls->at[i] == 0) {
		leg_begin(&ls->l[ls->n], ls->w, symbol, side);
		ls->at[i] = (uint32_t)++ls->n;
	}
	return &ls->l[ls->at[i] - 1];
}

/* Whether a leg is of the wallet; one whose asset nobody told may be. */
static bool
is_ours(const struct legs *ls, const struct leg_sum *l)
{
	return ls->asset == NULL || l->asset_n == 0 ||
	    (strlen(ls->asset) == l->asset_n && memcmp(ls->asset, l->asset, l->asset_n) == 0);
}

static bool
fill_legs(struct legs *ls, enum market m)
{
	const struct world *w = ls->w;
	const struct account *a = &w->acct[m];
	struct leg_sum *l;

	for (const struct position *p = a->pos; p < a->pos + a->npos; p++) {
		if (dec_sign(p->amt) == 0)
			continue;
		l = leg_slot(ls, p->symbol, position_leg(a, p));
		if (l->asset_n == 0) {
			l->asset = p->margin_asset;
			l->asset_n = strlen(l->asset);
		}
		if (is_ours(ls, l) && !add_position(l, p))
			return false;
	}
	for (const struct open_order *o = a->ord; o < a->ord + a->nord; o++) {
		if (!could_open(o))
			continue;
		l = leg_slot(ls, o->symbol, order_leg(a, o->pos_side, o->side));
		if (is_ours(ls, l) && !add_open(l, w, m, o))
			return false;
	}
	for (const struct pending *p = w->pending; p < w->pending + w->npending; p++) {
		if (p->market != m)
			continue;
		l = leg_slot(ls, p->symbol, order_leg(a, p->pos_side, p->side));
		if (is_ours(ls, l) && !add_pending(l, p))
			return false;
	}
	return true;
}

/* Room for as many legs as there may be. */
static bool
legs_make(struct legs *ls, enum market m)
{
	const struct world *w = ls->w;
	size_t n = 1 + (size_t)w->npending + (size_t)w->acct[m].npos + (size_t)w->acct[m].nord;

	for (ls->cap = 16; ls->cap < n * 2; )
		ls->cap *= 2;
	ls->l = malloc(n * sizeof *ls->l);
	ls->at = calloc(ls->cap, sizeof *ls->at);
	return ls->l != NULL && ls->at != NULL;
}

/* v of l in USD, rounded away from 0. */
static bool
in_usd(dec *v, const struct leg_sum *l, const struct asset_rates *rates)
{
	for (int i = 0; i < rates->n; i++)
		if (strlen(rates->r[i].asset) == l->asset_n && memcmp(rates->r[i].asset, l->asset, l->asset_n) == 0)
			return dec_sign(rates->r[i].index) > 0 && dec_mul(v, *v, rates->r[i].index) &&
			    dec_rescale(v, *v, MONEY, DEC_UP);
	return false;
}

/* All of a leg in USD; an inverse one is worth so much already. */
static bool
leg_in_usd(struct leg_sum *l, const struct asset_rates *rates)
{
	struct sides *s = &l->n;

	if (l->inverse) {
		*s = l->value;
		return true;
	}
	return in_usd(&s->held, l, rates) && in_usd(&s->buys, l, rates) && in_usd(&s->sells, l, rates) &&
	    in_usd(&s->buys_at_once, l, rates) && in_usd(&s->sells_at_once, l, rates);
}

static bool
add_leg(struct exposure *e, struct sides *net, const struct leg_sum *l)
{
	const struct sides *s = l->inverse ? &l->value : &l->n;
	struct worst at;

	return leg_worst(&at, l) && dec_add(&e->gross, e->gross, dec_abs(at.n)) &&
	    dec_add(&e->gross_value, e->gross_value, dec_abs(at.value)) && dec_add(&net->held, net->held, s->held) &&
	    dec_add(&net->buys, net->buys, s->buys) && dec_add(&net->sells, net->sells, s->sells);
}

/* All but the leg own (NULL: none is left out). */
static bool
add_legs(struct exposure_rest *r, struct legs *ls, const struct leg_sum *own)
{
	for (struct leg_sum *l = ls->l; l < ls->l + ls->n; l++) {
		if (l == own || !is_ours(ls, l))
			continue;
		if ((ls->asset == NULL && !leg_in_usd(l, &ls->w->rates)) || !add_leg(&r->e, &r->net, l))
			return false;
	}
	return true;
}

bool
exposure_begin(struct exposure_rest *out, const struct world *w, enum market m, const char *asset, const struct pending *leg)
{
	struct legs ls = { .w = w, .asset = asset };
	const struct leg_sum *own = NULL;
	bool ok = w->acct[m].known && legs_make(&ls, m) && fill_legs(&ls, m);

	*out = (struct exposure_rest){ .rates = &w->rates, .in_usd = asset == NULL };
	if (ok && leg != NULL) {
		own = leg_slot(&ls, leg->symbol, order_leg(&w->acct[m], leg->pos_side, leg->side));
		out->own = *own;
		out->ours = is_ours(&ls, own);
	}
	ok = ok && add_legs(out, &ls, own);
	free(ls.l);
	free(ls.at);
	return ok;
}

bool
exposure_with(struct exposure *out, const struct exposure_rest *r, const struct pending *extra)
{
	struct leg_sum l = r->own;
	struct exposure e = r->e;
	struct sides net = r->net;

	if (r->ours && ((extra != NULL && !add_pending(&l, extra)) ||
	    (r->in_usd && !leg_in_usd(&l, r->rates)) || !add_leg(&e, &net, &l)))
		return false;
	if (!net_worst(&e.net_value, &net))
		return false;
	*out = e;
	return true;
}

bool
exposure_of(struct exposure *out, const struct world *w, enum market m, const char *asset, const struct pending *extra)
{
	struct exposure_rest r;

	return exposure_begin(&r, w, m, asset, extra) && exposure_with(out, &r, extra);
}

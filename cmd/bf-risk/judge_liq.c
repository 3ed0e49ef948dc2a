/*
 * The rule about the distance to liquidation: on a copy of the account the orders that lie the same way and
 * those on their way are filled, then this one, each at the worse of its price and the mark; and the
 * position that comes nearest to its liquidation price by that counts (section 12 of the margin mathematics sheet).
 */
#include <string.h>

#include "judge_in.h"

#define FINE	12	/* decimals of a distance; 4 are shown, cut off */

/* The margin that this account is about. */
static bool
same_wallet(const struct ask *q, const char *asset)
{
	return q->a->multi_assets || strcmp(asset, q->c->rules.margin) == 0;
}

static const struct position *
position_in(const struct account *a, const char *symbol, enum pos_side side)
{
	for (int i = 0; i < a->npos; i++)
		if (a->pos[i].side == side && strcmp(a->pos[i].symbol, symbol) == 0)
			return &a->pos[i];
	return NULL;
}

/* Leverage and margin type, of any side's row. */
static void
settings(const struct account *a, const char *symbol, struct fill *f)
{
	for (int i = 0; i < a->npos; i++)
		if (strcmp(a->pos[i].symbol, symbol) == 0) {
			f->leverage = a->pos[i].leverage;
			f->isolated = a->pos[i].isolated;
			return;
		}
}

/* Fill an order whole, its cost off the wallet. false: it cannot be told. */
static bool
fill_on(struct account *a, const struct ask *q, const struct contract *c, const struct pending *x, dec price)
{
	struct fill f = { .c = c, .side = x->side, .pos_side = x->pos_side, .qty = x->qty, .price = price };
	struct leg l = { .kind = c->kind, .amt = x->qty, .entry = price, .size = c->size };
	const struct sym *s = sym_find(q->w, x->symbol, strlen(x->symbol));

	if (dec_sign(x->qty) <= 0)
		return true;
	settings(a, x->symbol, &f);
	if (!margin_notional(&f.fee, &l, price) || !dec_mul(&f.fee, dec_abs(f.fee), q->l->cost) ||
	    !dec_rescale(&f.fee, f.fee, 12, DEC_UP) || account_fill(a, &f, NULL) == -1)
		return false;
	if (s != NULL && dec_sign(s->mark) > 0)
		account_mark(a, x->symbol, strlen(x->symbol), s->mark, s->mark_ms);
	return true;
}

/* The worse of its price and the mark; a conditional order is filled when the market is there. */
static dec
worse(const struct ask *q, const struct pending *x, bool at_market)
{
	const struct sym *s = sym_find(q->w, x->symbol, strlen(x->symbol));
	dec mark = s != NULL ? s->mark : dec_int(0);

	if (dec_sign(mark) <= 0 || (dec_sign(x->price) > 0 && !at_market && x->side == SIDE_BUY && dec_cmp(x->price, mark) > 0))
		return x->price;
	return dec_sign(x->price) > 0 && !at_market && x->side == SIDE_SELL ? dec_min(x->price, mark) : mark;
}

static bool
fill_open(struct account *a, const struct ask *q, const struct open_order *o)
{
	struct pending x = { .market = q->market, .side = o->side, .pos_side = o->pos_side, .price = o->price };

	if (o->reduce || o->side != q->x.side || o->pos_side != q->x.pos_side || strcmp(o->symbol, q->x.symbol) != 0)
		return true;
	memcpy(x.symbol, o->symbol, sizeof x.symbol);
	return dec_sub(&x.qty, o->qty, o->filled) && fill_on(a, q, q->c, &x, worse(q, &x, o->algo));
}

static bool
fill_pending(struct account *a, const struct ask *q, const struct pending *p)
{
	const struct contract *c;

	if (p->market != q->market)
		return true;
	if ((c = contracts_find(&q->w->cs, p->symbol)) == NULL)
		return false;
	return !same_wallet(q, c->rules.margin) || fill_on(a, q, c, p, worse(q, p, false));
}

/* The account of w once what comes before this order is filled. false: *out is not there. */
static bool
project(struct account *out, const struct ask *q, const struct world *w)
{
	const struct account *a = &w->acct[q->market];
	bool ok = true;

	if (account_copy(out, a, NULL) == -1)
		return false;
	for (int i = 0; i < a->nord && ok; i++)
		ok = fill_open(out, q, &a->ord[i]);
	for (int i = 0; i < w->npending && ok; i++)
		ok = fill_pending(out, q, &w->pending[i]);
	if (!ok)
		account_free(out);
	return ok;
}

void
tried_free(struct tried *t)
{
	if (t->has_figures)
		figures_free(&t->fg);
	if (t->there)
		account_free(&t->a);
	*t = (struct tried){ 0 };
}

/* Whether what p answers with is above its maintenance margin. false: it cannot be told. */
static bool
lives(bool *out, const struct tried *t, const struct position_figures *pf, const char *asset)
{
	const struct wallet_figures *wf;
	dec left, maint;

	if (pf->p->isolated) {
		if (!pf->has_maint || !pf->has_upnl || !dec_add(&left, pf->p->isolated_wallet, pf->upnl))
			return false;
		maint = pf->maint;
	} else if (t->fg.multi) {
		if (!t->fg.has_multi)
			return false;
		left = t->fg.sum.equity;
		maint = t->fg.sum.maint;
	} else {
		if ((wf = figures_wallet(&t->fg, asset)) == NULL || !wf->has_sums || !wf->has_maint ||
		    !dec_add(&left, wf->w->cross, wf->cross_upnl))
			return false;
		maint = wf->cross_maint;
	}
	*out = dec_cmp(left, maint) > 0;
	return true;
}

/* How far it is: percent of the mark, fine enough that no step toward it is lost; 0: reached; -1: it has no
 * liquidation price. */
static bool
away_of(dec *out, const struct tried *t, const struct ask *q, const struct position_figures *pf)
{
	bool ok;
	dec d, up;

	if (dec_sign(pf->p->mark) <= 0 || !pf->has_liq || !lives(&ok, t, pf, q->c->rules.margin))
		return false;
	*out = dec_int(ok ? -1 : 0);
	if (!ok || dec_sign(pf->liq) <= 0)
		return true;
	if (!dec_sub(&d, pf->p->mark, pf->liq) || !dec_sub(&up, pf->liq_above, pf->p->mark))
		return false;
	if (dec_sign(pf->liq_above) > 0)	/* two legs can die of a rise too */
		d = dec_min(dec_abs(d), dec_abs(up));
	return dec_mul(&d, dec_abs(d), dec_int(100)) &&
	    dec_div(out, d, pf->p->mark, FINE, DEC_DOWN);
}

/* The figures of p, mostly the ith: of many positions each would else be looked for among all. */
static const struct position_figures *
figures_near(const struct figures *fg, int i, const struct position *p)
{
	const struct position *q = i < fg->npos ? fg->pos[i].p : NULL;

	return q != NULL && q->side == p->side && strcmp(q->symbol, p->symbol) == 0 ? &fg->pos[i] :
	    figures_position(fg, p->symbol, p->side);
}

/* The same of the position that p, the ith, was; -1 also where there was none. */
static bool
away_before(dec *out, const struct ask *q, const struct position *p, int i)
{
	const struct tried *t = q->former.there ? &q->former : &q->trial;
	const struct position_figures *was = figures_near(&t->fg, i, p);

	*out = dec_int(-1);
	return was == NULL || away_of(out, t, q, was);
}

static bool
reckon(struct tried *t, const struct ask *q)
{
	t->has_figures = figures_make(&t->fg, &t->a, &q->w->cs, &q->w->rates, NULL) == 0;
	return t->has_figures;
}

static bool
try_open(struct tried *t, const struct ask *q, const struct world *w)
{
	t->there = project(&t->a, q, w);
	return t->there && reckon(t, q);
}

void
liq_before(struct ask *q)
{
	q->has_trial = try_open(&q->trial, q, q->w) && (q->w == q->was || try_open(&q->former, q, q->was));
}

/* Whether the order makes its own position heavier, and p answers for that. */
static bool
grows(const struct ask *q, const struct tried *after, const struct position *p)
{
	const struct position *was = position_in(&q->trial.a, q->x.symbol, q->x.pos_side),
	    *is = position_in(&after->a, q->x.symbol, q->x.pos_side);

	return (!p->isolated || p == is) && is != NULL && (was == NULL || dec_cmp(dec_abs(is->amt), dec_abs(was->amt)) > 0);
}

/* The least distance below least that the order brings about; -1: none. A position that is as near already, and comes no
 * nearer, is not its doing; at the end of all distance it is, if it grows. */
static bool
nearest_of(dec *out, const struct ask *q, const struct tried *t, dec least)
{
	dec d, before;

	*out = dec_int(-1);
	for (int i = 0; i < t->fg.npos; i++) {
		const struct position *p = t->fg.pos[i].p;

		if (!same_wallet(q, p->margin_asset))
			continue;
		if (!away_of(&d, t, q, &t->fg.pos[i]))
			return false;
		if (dec_sign(d) < 0 || dec_cmp(d, least) >= 0)
			continue;
		if (!away_before(&before, q, p, i))
			return false;
		if ((dec_sign(before) < 0 || dec_cmp(d, before) < 0 || (dec_sign(d) == 0 && grows(q, t, p))) &&
		    (dec_sign(*out) < 0 || dec_cmp(d, *out) < 0))
			*out = d;
	}
	return true;
}

static bool
try_order(dec *out, const struct ask *q, dec least)
{
	struct tried t = { 0 };
	bool ok;

	if (!q->has_trial || account_copy(&t.a, &q->trial.a, NULL) == -1)
		return false;
	t.there = true;
	ok = fill_on(&t.a, q, q->c, &q->x, q->fill) && reckon(&t, q) && nearest_of(out, q, &t, least);
	tried_free(&t);
	return ok;
}

enum held
rule_liq_distance(struct ask *q, const struct limit *lim, struct breach *b)
{
	dec away;

	if (!try_order(&away, q, lim->max)) {
		say(b, "the liquidation price after it cannot be told: no new risk");
		return UNSURE;
	}
	if (dec_sign(away) < 0)
		return HOLDS;
	if (dec_rescale(&away, away, 4, DEC_DOWN))
		value_is(b, away);
	say(b, "liquidation would be %s %% away, at least %s %%", b->value, b->limit);
	return BREAKS;
}

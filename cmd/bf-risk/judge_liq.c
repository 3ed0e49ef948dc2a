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

static const struct wallet *
wallet_in(const struct account *a, const char *asset)
{
	for (int i = 0; i < a->nwal; i++)
		if (strcmp(a->wal[i].asset, asset) == 0)
			return &a->wal[i];
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

static void
tried_free(struct tried *t)
{
	if (t->has_figures)
		figures_free(&t->fg);
	if (t->there)
		account_free(&t->a);
	*t = (struct tried){ 0 };
}

/* Whether what p answers with is above its maintenance margin. wf: its wallet; NULL: not known. false: it cannot be told. */
static bool
lives(bool *out, const struct figures *multi, const struct position_figures *pf, const struct wallet_figures *wf)
{
	dec left, maint;

	if (pf->p->isolated) {
		if (!pf->has_maint || !pf->has_upnl || !dec_add(&left, pf->p->isolated_wallet, pf->upnl))
			return false;
		maint = pf->maint;
	} else if (multi != NULL) {
		if (!multi->has_multi)
			return false;
		left = multi->sum.equity;
		maint = multi->sum.maint;
	} else {
		if (wf == NULL || !wf->has_sums || !wf->has_maint || !dec_add(&left, wf->w->cross, wf->cross_upnl))
			return false;
		maint = wf->cross_maint;
	}
	*out = dec_cmp(left, maint) > 0;
	return true;
}

/* How far it is: percent of the mark, fine enough that no step toward it is lost; 0: reached; -1: it has no
 * liquidation price. */
static bool
away_in(dec *out, const struct figures *multi, const struct position_figures *pf, const struct wallet_figures *wf)
{
	bool ok;
	dec d, up;

	if (dec_sign(pf->p->mark) <= 0 || !pf->has_liq || !lives(&ok, multi, pf, wf))
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

static bool
away_of(dec *out, const struct tried *t, const struct ask *q, const struct position_figures *pf)
{
	return away_in(out, t->fg.multi ? &t->fg : NULL, pf, figures_wallet(&t->fg, q->c->rules.margin));
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
	return t->there = project(&t->a, q, w);
}

/* Once per judgement, what does not hang on the quantity. */
static bool
quick_open(struct quick *k, const struct ask *q)
{
	const struct contracts *cs = &q->w->cs;
	const char *asset = q->c->rules.margin, *symbol = q->c->rules.symbol;
	const struct wallet *was = q->former.there ? wallet_in(&q->former.a, asset) : NULL;

	if (!figures_rest(&k->rest, &q->trial.a, cs, asset, symbol, limit_of(q->l, R_LIQ_DISTANCE, q->in.symbol)->max))
		return false;
	if (!figures_rest_wallet(&k->trial, &k->rest, &q->trial.a) ||
	    (q->former.there && (was == NULL || !figures_sums(&k->former, &q->former.a, cs, was) || !k->former.has_maint)) ||
	    account_copy(&k->a, &q->trial.a, NULL) == -1) {
		figures_rest_free(&k->rest);
		return false;
	}
	return true;
}

static void
quick_free(struct quick *k)
{
	if (!k->there)
		return;
	account_free(&k->a);
	figures_rest_free(&k->rest);
	k->there = false;
}

void
liq_before(struct ask *q)
{
	q->has_trial = try_open(&q->trial, q, q->w) && (q->w == q->was || try_open(&q->former, q, q->was));
	q->quick.there = q->has_trial && quick_open(&q->quick, q);
}

void
liq_free(struct ask *q)
{
	quick_free(&q->quick);
	tried_free(&q->trial);
	tried_free(&q->former);
}

/* Whether the order makes its own position heavier, and p answers for that. */
static bool
grows(const struct ask *q, const struct account *after, const struct position *p)
{
	const struct position *was = position_in(&q->trial.a, q->x.symbol, q->x.pos_side),
	    *is = position_in(after, q->x.symbol, q->x.pos_side);

	return (!p->isolated || p == is) && is != NULL && (was == NULL || dec_cmp(dec_abs(is->amt), dec_abs(was->amt)) > 0);
}

/* A position that is as near already, and comes no nearer, is not the order's doing; at the end of all distance it is, if it
 * grows. */
static bool
counts(const struct ask *q, const struct account *after, const struct position *p, dec d, dec before)
{
	return dec_sign(before) < 0 || dec_cmp(d, before) < 0 || (dec_sign(d) == 0 && grows(q, after, p));
}

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
		if (counts(q, &t->a, p, d, before) && (dec_sign(*out) < 0 || dec_cmp(d, *out) < 0))
			*out = d;
	}
	return true;
}

bool
liq_plainly(dec *out, struct ask *q, dec least)
{
	struct tried t = { 0 };
	bool ok;

	if (!q->has_trial || account_copy(&t.a, &q->trial.a, NULL) == -1)
		return false;
	t.there = true;
	ok = (q->trial.has_figures || reckon(&q->trial, q)) &&
	    (!q->former.there || q->former.has_figures || reckon(&q->former, q)) &&
	    fill_on(&t.a, q, q->c, &q->x, q->fill) && reckon(&t, q) && nearest_of(out, q, &t, least);
	tried_free(&t);
	return ok;
}

/*
 * The same, with what the order changes alone
 */

/* What it was filled into is as before. */
static void
take_out(struct account *a, const struct account *was, const char *symbol)
{
	a->npos = was->npos;
	for (int i = 0; i < a->npos; i++)
		if (strcmp(a->pos[i].symbol, symbol) == 0)
			a->pos[i] = was->pos[i];
	memcpy(a->wal, was->wal, (size_t)was->nwal * sizeof *was->wal);
}

static bool
quick_before(dec *out, const struct ask *q, const struct position *p)
{
	const struct tried *t = q->former.there ? &q->former : &q->trial;
	const struct wallet_figures *wf = q->former.there ? &q->quick.former : &q->quick.trial;
	const struct position *was = position_in(&t->a, p->symbol, p->side);
	struct position_figures pf;

	*out = dec_int(-1);
	if (was == NULL || dec_sign(was->amt) == 0)
		return true;
	figures_alone(&pf, &t->a, &q->w->cs, wf, was);
	return away_in(out, NULL, &pf, wf);
}

/* Take p's distance into *out, if it counts. */
static bool
quick_add(dec *out, const struct ask *q, const struct wallet_figures *wf, const struct position *p, dec least)
{
	struct position_figures pf;
	dec d, before;

	figures_alone(&pf, &q->quick.a, &q->w->cs, wf, p);
	if (!away_in(&d, NULL, &pf, wf))
		return false;
	if (dec_sign(d) < 0 || dec_cmp(d, least) >= 0)
		return true;
	if (!quick_before(&before, q, p))
		return false;
	if (counts(q, &q->quick.a, p, d, before) && (dec_sign(*out) < 0 || dec_cmp(d, *out) < 0))
		*out = d;
	return true;
}

/* The symbol's own positions, and those others that may be near. */
static bool
quick_least(dec *out, const struct ask *q, dec least)
{
	const struct account *a = &q->quick.a;
	struct wallet_figures wf;
	int i, at;

	*out = dec_int(-1);
	if (!figures_rest_wallet(&wf, &q->quick.rest, a))
		return false;
	for (i = 0; i < a->npos; i++)
		if (dec_sign(a->pos[i].amt) != 0 && strcmp(a->pos[i].symbol, q->x.symbol) == 0 &&
		    !quick_add(out, q, &wf, &a->pos[i], least))
			return false;
	for (i = 0; (!q->sizing || dec_sign(*out) < 0) && figures_rest_next(&i, &q->quick.rest, &wf, &at); )
		if (!quick_add(out, q, &wf, &a->pos[at], least))
			return false;
	return true;
}

bool
liq_nearest(dec *out, struct ask *q, dec least)
{
	struct quick *k = &q->quick;
	bool ok;

	if (!k->there || dec_cmp(least, k->rest.percent) != 0)
		return liq_plainly(out, q, least);
	ok = fill_on(&k->a, q, q->c, &q->x, q->fill) && quick_least(out, q, least);
	take_out(&k->a, &q->trial.a, q->x.symbol);
	return ok || liq_plainly(out, q, least);
}

enum held
rule_liq_distance(struct ask *q, const struct limit *lim, struct breach *b)
{
	dec away;

	if (!liq_nearest(&away, q, lim->max)) {
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

/* Initial margin of all that is held and could come to be held, section 3 of the margin mathematics sheet,
 * for the rule about margin use. */
#include <string.h>

#include "judge_in.h"

static int
leverage_of(const struct account *a, const char *symbol)
{
	for (int i = 0; i < a->npos; i++)
		if (a->pos[i].leverage > 0 && strcmp(a->pos[i].symbol, symbol) == 0)
			return a->pos[i].leverage;
	return 0;
}

/* Margin of one symbol and side at worst, added to *sum. false: its leverage or value is not known. */
static bool
add_margin(dec *sum, const struct ask *q, const struct world *w, const struct contract *c, enum pos_side side,
    const struct pending *x)
{
	int lev = leverage_of(&w->acct[q->market], c->rules.symbol);
	struct worst o;
	dec im, rate;

	if (!worst_of(&o, w, q->market, c->rules.symbol, side, x))
		return false;
	if (dec_sign(o.n) == 0)
		return true;
	return lev > 0 && margin_initial(&im, o.n, lev) && ask_rate(&rate, q, c->rules.margin, true) &&
	    dec_mul(&im, im, rate) && dec_add(sum, *sum, im);
}

/* The symbol of the intent, both sides in hedge mode. */
static bool
own_margin(dec *sum, const struct ask *q, const struct world *w, const struct pending *x)
{
	static const enum pos_side hedge[] = { POS_LONG, POS_SHORT }, one_way[] = { POS_BOTH };
	const enum pos_side *side = q->a->hedge ? hedge : one_way;

	*sum = dec_int(0);
	for (int i = 0; i < (q->a->hedge ? 2 : 1); i++)
		if (!add_margin(sum, q, w, q->c, side[i], x != NULL && x->pos_side == side[i] ? x : NULL))
			return false;
	return true;
}

/* What is open or pending, one after the other; "": nothing. */
static bool
order_at(const struct world *w, enum market m, int i, const char **symbol, enum pos_side *side)
{
	const struct account *a = &w->acct[m];

	if (i < a->nord) {
		*symbol = a->ord[i].symbol;
		*side = a->ord[i].pos_side;
	} else if ((i -= a->nord) < w->npending) {
		*symbol = w->pending[i].market == m ? w->pending[i].symbol : "";
		*side = w->pending[i].pos_side;
	} else
		return false;
	return true;
}

/* Whether one of the first n orders is of this symbol and side. */
static bool
ordered(const struct world *w, enum market m, int n, const char *symbol, enum pos_side side)
{
	enum pos_side s;
	const char *y;

	for (int i = 0; i < n && order_at(w, m, i, &y, &s); i++)
		if (s == side && strcmp(y, symbol) == 0)
			return true;
	return false;
}

/* Of the contracts that the margin is for. false: not known. */
static bool
counts(bool *out, const struct contract **c, const struct ask *q, const struct world *w, const char *symbol)
{
	if ((*c = contracts_find(&w->cs, symbol)) == NULL)
		return false;
	*out = q->a->multi_assets || strcmp((*c)->rules.margin, q->c->rules.margin) == 0;
	return true;
}

/* A position that no order is of: what it is, without looking for more. */
static bool
add_alone(dec *sum, const struct ask *q, const struct contract *c, const struct position *p)
{
	struct leg l = { .kind = c->kind, .amt = p->amt, .entry = p->entry, .size = c->size };
	dec n, im, rate;

	return p->leverage > 0 && margin_notional(&n, &l, p->mark) && margin_initial(&im, n, p->leverage) &&
	    ask_rate(&rate, q, c->rules.margin, true) && dec_mul(&im, im, rate) && dec_add(sum, *sum, im);
}

static bool
positions_margin(dec *sum, const struct ask *q, const struct world *w)
{
	const struct account *a = &w->acct[q->market];
	const struct contract *c;
	bool in;

	for (const struct position *p = a->pos; p < a->pos + a->npos; p++) {
		if (dec_sign(p->amt) == 0 || ordered(w, q->market, a->nord + w->npending, p->symbol, p->side))
			continue;
		if (!counts(&in, &c, q, w, p->symbol))
			return false;
		if (in && !(dec_sign(p->mark) > 0 ? add_alone(sum, q, c, p) : add_margin(sum, q, w, c, p->side, NULL)))
			return false;
	}
	return true;
}

/* Of the wallet (multi-assets mode: of all), as it is. */
static bool
all_margin(dec *sum, const struct ask *q, const struct world *w)
{
	const struct contract *c;
	const char *symbol;
	enum pos_side side;
	bool in;

	*sum = dec_int(0);
	for (int i = 0; order_at(w, q->market, i, &symbol, &side); i++) {
		if (*symbol == '\0' || ordered(w, q->market, i, symbol, side))
			continue;
		if (!counts(&in, &c, q, w, symbol) || (in && !add_margin(sum, q, w, c, side, NULL)))
			return false;
	}
	return positions_margin(sum, q, w);
}

void
margin_before(struct ask *q)
{
	q->has_im = all_margin(&q->im, q, q->was) && own_margin(&q->im_symbol, q, q->was, NULL);
}

enum held
rule_margin_use(struct ask *q, const struct limit *lim, struct breach *b)
{
	dec own, after, use;

	if (leverage_of(q->a, q->in.symbol) == 0) {
		say(b, "the leverage set for %s is not known: no new risk", q->in.symbol);
		return UNSURE;
	}
	if (!q->has_im || !q->has_equity || !own_margin(&own, q, q->w, &q->x) || !dec_sub(&after, q->im, q->im_symbol) ||
	    !dec_add(&after, after, own))
		return UNSURE;
	if (dec_cmp(after, q->im) <= 0)
		return HOLDS;
	if (dec_sign(q->equity) <= 0) {
		say(b, "the account has no equity to carry new risk");
		return BREAKS;
	}
	if (!ratio_of(&use, after, q->equity, 100))
		return UNSURE;
	if (dec_cmp(use, lim->max) <= 0)
		return HOLDS;
	value_is(b, use);
	say(b, "initial margin would be %s %% of the equity, limit %s %%", b->value, b->limit);
	return BREAKS;
}

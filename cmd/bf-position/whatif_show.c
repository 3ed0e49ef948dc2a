/* what-if: the account as it is and as it would be, and what the order costs. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "core/calc.h"
#include "look.h"
#include "whatif.h"

const struct column what_if_cols[] = {
	{ "FIGURE", "figure", COL_LEFT },
	{ "NOW", "now", COL_RIGHT },
	{ "THEN", "then", COL_RIGHT },
	{ NULL, NULL, 0 }
};

/* The figures of an account before or after. */
struct view {
	struct account a;
	struct figures fg;
	const struct position_figures *pf;	/* NULL: flat */
	const struct wallet_figures *wf;	/* NULL: no such wallet */
};

/*
 * Before and after
 */

static int
view_make(struct view *v, struct app *a, const struct what *w, bool after, struct fault *f)
{
	const char *symbol = w->c->rules.symbol;

	if (account_copy(&v->a, w->acct, f) == -1)
		return -1;
	if (after && a->p.leverage != NULL && what_row(&v->a, symbol) != NULL &&
	    account_set_leverage(&v->a, w->c, w->fi.leverage, f) == -1)
		return -1;
	if (after && account_fill(&v->a, &w->fi, f) == -1)
		return -1;
	(void)account_mark(&v->a, symbol, strlen(symbol), w->mark, INT64_MAX);
	if (figures_make(&v->fg, &v->a, &a->cs, &a->rates, f) == -1)
		return -1;
	v->pf = figures_position(&v->fg, symbol, w->fi.pos_side);
	v->wf = figures_wallet(&v->fg, w->c->rules.margin);
	return 0;
}

static void
view_free(struct view *v)
{
	figures_free(&v->fg);
	account_free(&v->a);
}

/*
 * Figures of a view
 */

static struct cell
cell(bool known, dec d)
{
	return (struct cell){ .known = known, .d = d };
}

/* What is 0 of a flat position. */
static struct cell
held_cell(const struct position_figures *pf, bool known, dec d)
{
	return pf == NULL ? cell(true, dec_int(0)) : cell(known, d);
}

/* A price or distance that may not be at all. */
static struct cell
price_cell(bool known, bool is, dec d)
{
	return (struct cell){ .known = known && is, .none = known && !is, .d = d };
}

enum { AMT, ENTRY, NOTIONAL, IM, MAINT, LIQ, AWAY, LEVERAGE, ACCOUNT_LEVERAGE, RATIO, BALANCE, AVAILABLE, NAMES };
static const char *const names[NAMES] = {
	[AMT] = "positionAmt", [ENTRY] = "entryPrice", [NOTIONAL] = "notional", [IM] = "initialMargin",
	[MAINT] = "maintMargin", [LIQ] = "liquidationPrice", [AWAY] = "distance", [LEVERAGE] = "effectiveLeverage",
	[ACCOUNT_LEVERAGE] = "accountLeverage", [RATIO] = "marginRatio", [BALANCE] = "walletBalance",
	[AVAILABLE] = "availableBalance"
};

/* Of the account: its wallet, or all assets as one. */
static struct cell
account_cell(const struct view *v, int which)
{
	static const struct wallet_figures nothing;
	const struct wallet_figures *wf = v->wf != NULL ? v->wf : &nothing;
	const struct figures *fg = &v->fg;

	switch (which) {
	case ACCOUNT_LEVERAGE:
		return fg->multi ? cell(fg->has_multi_leverage, fg->multi_leverage) : cell(wf->has_leverage, wf->leverage);
	case RATIO:
		return fg->multi ? cell(fg->has_multi_ratio, fg->multi_ratio) : cell(wf->has_ratio, wf->ratio);
	case BALANCE:
		return v->wf == NULL ? cell(false, dec_int(0)) : cell(true, wf->w->balance);
	default:
		return fg->multi ? cell(fg->has_multi, fg->sum.available) : cell(wf->has_available, wf->available);
	}
}

static struct cell
figure_of(const struct view *v, int which)
{
	static const struct position_figures flat;
	const struct position_figures *pf = v->pf, *p = pf != NULL ? pf : &flat;

	switch (which) {
	case AMT:	return held_cell(pf, true, pf == NULL ? dec_int(0) : pf->p->amt);
	case ENTRY:	return price_cell(true, pf != NULL, pf == NULL ? dec_int(0) : pf->p->entry);
	case NOTIONAL:	return held_cell(pf, p->has_notional, p->notional);
	case IM:	return held_cell(pf, p->has_im, p->im);
	case MAINT:	return held_cell(pf, p->has_maint, p->maint);
	case LIQ:	return price_cell(pf == NULL || p->has_liq, dec_sign(p->liq) > 0, p->liq);
	case AWAY:	return price_cell(pf == NULL || p->has_liq, p->has_away, p->away);
	case LEVERAGE:	return held_cell(pf, p->has_leverage, p->leverage);
	case RATIO:	return pf != NULL ? cell(p->has_ratio, p->ratio) : account_cell(v, RATIO);
	default:	return account_cell(v, which);
	}
}

/*
 * The answer
 */

static bool
same_side(const struct what *w, const struct open_order *o)
{
	return !o->algo && !o->reduce && o->side == w->fi.side && o->pos_side == w->fi.pos_side &&
	    strcmp(o->symbol, w->c->rules.symbol) == 0;
}

/* What waits on the same side counts against the bracket too. */
static dec
waiting(const struct what *w)
{
	dec sum = dec_int(0), left, n;

	for (const struct open_order *o = w->acct->ord; o < w->acct->ord + w->acct->nord; o++) {
		struct leg l = { .kind = w->c->kind, .size = w->c->size };

		if (same_side(w, o) && dec_sub(&left, o->qty, o->filled)) {
			l.amt = left;
			if (margin_notional(&n, &l, dec_sign(o->price) > 0 ? o->price : w->mark))
				(void)dec_add(&sum, sum, n);
		}
	}
	return sum;
}

static bool
greatest(const struct what *w, const struct view *now, dec *out)
{
	const struct rules *r = &w->c->rules;
	struct cell free = figure_of(now, AVAILABLE);
	struct max_open m = { .kind = w->c->kind, .size = w->c->size, .price = w->fi.price, .mark = w->mark,
		.available = free.d, .step = dec_sign(r->step) > 0 ? r->step : (dec){ .c = 1, .scale = 8 },
		.max_qty = w->market ? r->mkt_max_qty : r->max_qty, .held = now->pf == NULL ? dec_int(0) : now->pf->p->amt,
		.same_orders = waiting(w), .side = w->fi.side, .leverage = w->fi.leverage,
		.tiers = w->c->tiers.n > 0 ? &w->c->tiers : NULL };

	if (w->fi.reduce) {	/* never more than there is */
		*out = dec_abs(m.held);
		return true;
	}
	return free.known && !now->fg.multi && w->fi.leverage > 0 && calc_max_open(out, &m);
}

/* As a table, row by row. */
static void
put_cell(struct buf *b, const char *key, const struct cell *c)
{
	if (c != NULL && c->none)
		jw_str(b, key, "none");
	else
		put_maybe(b, key, c != NULL && c->known, c != NULL ? &c->d : NULL);
}

/* now NULL: of the order itself, which is not yet. */
static int
put_row(struct app *a, const char *name, const struct cell *now, const struct cell *then, struct fault *f)
{
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "figure", name);
	put_cell(b, "now", now);
	put_cell(b, "then", then);
	jw_close(b, '}');
	return emit(a, f);
}

/* The order's own figures. */
struct order_figures { const char *name; struct cell c; };
#define ORDER_FIGURES	6

static void
order_of(struct order_figures out[static ORDER_FIGURES], const struct what *w, const struct view *now)
{
	struct leg l = what_leg(w, w->market ? dec_int(0) : w->limit);
	struct order_cost cost = { 0 };
	dec most = dec_int(0), zero = dec_int(0);
	bool has = w->fi.leverage > 0 && calc_order_cost(&cost, &l, w->mark, w->bid, w->ask, w->fi.leverage);

	if (has && w->fi.reduce)	/* it binds nothing */
		cost.im = cost.open_loss = cost.cost = zero;
	out[0] = (struct order_figures){ "fee", cell(w->has_fee, w->fi.fee) };
	out[1] = (struct order_figures){ "assumedPrice", cell(has, cost.assumed) };
	out[2] = (struct order_figures){ "orderMargin", cell(has, cost.im) };
	out[3] = (struct order_figures){ "openLoss", cell(has, cost.open_loss) };
	out[4] = (struct order_figures){ "cost", cell(has, cost.cost) };
	has = greatest(w, now, &most);
	out[5] = (struct order_figures){ "maxQuantity", cell(has, most) };
}

static int
put_table(struct app *a, const struct order_figures of[static ORDER_FIGURES], const struct view v[static 2],
    struct fault *f)
{
	for (int i = 0; i < NAMES; i++) {
		struct cell now = figure_of(&v[0], i), then = figure_of(&v[1], i);

		if (put_row(a, names[i], &now, &then, f) == -1)
			return -1;
	}
	for (int i = 0; i < ORDER_FIGURES; i++)
		if (put_row(a, of[i].name, NULL, &of[i].c, f) == -1)
			return -1;
	return 0;
}

static void
put_view(struct buf *b, const char *key, const struct view *v)
{
	struct cell c;

	jw_open(b, key, '{');
	for (int i = 0; i < NAMES; i++) {
		c = figure_of(v, i);
		put_maybe(b, names[i], c.known, &c.d);
	}
	jw_close(b, '}');
}

static int
put_record(struct app *a, const struct what *w, const struct order_figures of[static ORDER_FIGURES],
    const struct view v[static 2], struct fault *f)
{
	static const char *const side[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.what-if");
	jw_i64(b, "E", w->acct->as_of_ms);
	jw_str(b, "market", market_word(w->c->market));
	jw_str(b, "symbol", w->c->rules.symbol);
	jw_str(b, "side", w->fi.side == SIDE_BUY ? "BUY" : "SELL");
	jw_str(b, "positionSide", side[w->fi.pos_side]);
	jw_str(b, "type", w->market ? "MARKET" : "LIMIT");
	jw_dec(b, "quantity", w->fi.qty);
	jw_dec(b, "price", w->fi.price);
	jw_dec(b, "markPrice", w->mark);
	jw_bool(b, "reduceOnly", w->fi.reduce);
	jw_i64(b, "leverage", w->fi.leverage);
	jw_str(b, "marginType", w->fi.isolated ? "isolated" : "crossed");
	for (int i = 0; i < ORDER_FIGURES; i++)
		put_maybe(b, of[i].name, of[i].c.known, &of[i].c.d);
	put_view(b, "before", &v[0]);
	put_view(b, "after", &v[1]);
	jw_close(b, '}');
	return emit(a, f);
}

int
what_answer(struct app *a, const struct what *w, struct fault *f)
{
	struct view v[2] = { { .pf = NULL }, { .pf = NULL } };
	struct order_figures of[ORDER_FIGURES];
	int r = view_make(&v[0], a, w, false, f);

	if (r == 0 && (r = view_make(&v[1], a, w, true, f)) == 0) {
		order_of(of, w, &v[0]);
		r = a->out.table ? put_table(a, of, v, f) : put_record(a, w, of, v, f);
	}
	view_free(&v[0]);
	view_free(&v[1]);
	return r;
}

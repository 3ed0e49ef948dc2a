/* --compare: each figure as the exchange told it, and as it is computed here. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "look.h"

static const struct column compare_cols[] = {
	{ "OF", "name", COL_LEFT },
	{ "SIDE", "positionSide", COL_LEFT | COL_SIDE },
	{ "FIGURE", "figure", COL_LEFT },
	{ "TOLD", "told", COL_RIGHT },
	{ "OWN", "own", COL_RIGHT },
	{ "SAME", "same", COL_LEFT },
	{ NULL, NULL, 0 }
};

/* One bf.compare record in the making; as a table each figure is a row. */
struct compare {
	struct app *a;
	struct fault *f;
	const char *name, *side;	/* symbol and leg, or asset and NULL */
	const struct tok *t, *row;	/* as told */
	dec	slack;			/* of the profit, beside its last digit */
	bool	same, bad;
};

/* One unit of the last digit told, and what one of the mark price adds to it (section 2 of the margin
 * mathematics sheet, see core/margin.h: the mark is shown cut off, and profit is reckoned from the whole one). */
static dec
allowed(dec told, dec slack)
{
	dec unit = { .c = 1, .scale = told.scale };

	(void)dec_add(&unit, unit, slack);
	return unit;
}

static bool
is_same(dec told, dec own, dec within)
{
	dec gap;

	return dec_sub(&gap, told, own) && dec_cmp(dec_abs(gap), within) <= 0;
}

/* How much the profit of a position moves with the last digit of its mark; 0: not known. */
static dec
pnl_slack(const struct position *p)
{
	struct leg l = { .kind = p->kind, .amt = p->amt, .entry = p->entry,
	    .size = p->kind == LINEAR ? dec_int(1) : p->size };
	dec here, there, next, unit = { .c = 1, .scale = 8 };

	if (dec_sign(p->mark) > 0 && dec_sign(l.size) > 0 && dec_add(&next, p->mark, unit) &&
	    margin_pnl(&here, &l, p->mark) && margin_pnl(&there, &l, next) && dec_sub(&here, there, here))
		return dec_abs(here);
	return dec_int(0);
}

static dec
wallet_slack(const struct account *a, const char *asset)
{
	dec sum = dec_int(0);

	for (int i = 0; i < a->npos; i++)
		if (dec_sign(a->pos[i].amt) != 0 && strcmp(a->pos[i].margin_asset, asset) == 0)
			(void)dec_add(&sum, sum, pnl_slack(&a->pos[i]));
	return sum;
}

static void
begin(struct compare *c, enum market m)
{
	struct buf *b = &c->a->rec;

		jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.compare");
	jw_i64(b, "E", c->a->acct[m].as_of_ms);
	jw_str(b, "market", market_word(m));
	jw_str(b, c->side != NULL ? "symbol" : "asset", c->name);
	if (c->side != NULL)
		jw_str(b, "positionSide", c->side);
	jw_open(b, "figures", '{');
}

static void
put_pair(struct buf *b, dec told, bool known, dec own, dec within, bool same)
{
	jw_dec(b, "told", told);
	put_maybe(b, "own", known, &own);
	jw_dec(b, "within", within);
	jw_bool(b, "same", same);
}

/* How: profit in it, none, or only told about: no difference is one. What was not told is passed over. */
enum how { EXACT, PROFIT, ABOUT };
static void
figure(struct compare *c, const char *key, bool known, dec own, enum how how)
{
	struct buf *b = &c->a->rec;
	dec told, within;
	bool same;

	if (c->bad || !scan_get_dec(c->t, c->row, key, &told))
		return;
	within = allowed(told, how == PROFIT ? c->slack : dec_int(0));
	same = known && is_same(told, own, within);
	c->same = c->same && (same || how == ABOUT);
	jw_open(b, c->a->out.table ? NULL : key, '{');
	if (c->a->out.table) {
		jw_str(b, "name", c->name);
		jw_str(b, "positionSide", c->side != NULL ? c->side : "");
		jw_str(b, "figure", key);
	}
	put_pair(b, told, known, own, within, same);
	if (how == ABOUT)
		jw_bool(b, "approximate", true);
	jw_close(b, '}');
	if (c->a->out.table && emit(c->a, c->f) == -1)
		c->bad = true;
}

static int
end(struct compare *c)
{
	struct buf *b = &c->a->rec;

	if (!c->same)
		c->a->worst = fault_worst(c->a->worst, FAULT_REJECTED);
	if (c->a->out.table)
		return c->bad ? -1 : 0;
	jw_close(b, '}');
	jw_bool(b, "same", c->same);
	jw_close(b, '}');
	return emit(c->a, c->f);
}

/* Whether the orders that bind margin were told. */
static bool
orders_told(const struct app *a, enum market m)
{
	return a->rec_in.orders[m];
}

static int
compare_position(struct app *a, const struct position_figures *pf, enum market m, struct fault *f)
{
	static const char *const side[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };
	const struct position *p = pf->p;
	struct compare c = { .a = a, .f = f, .name = p->symbol, .side = side[p->side] };
	dec iso = dec_int(0), im, open, all;
	bool known;

	if ((c.row = recorded_told(&a->rec_in, m, ANSWER_POSITIONS, p->symbol, p->side, &c.t)) == NULL)
		return 0;
	c.slack = pnl_slack(p);
	if (!a->out.table)
		begin(&c, m);
	c.same = true;
	figure(&c, "liquidationPrice", pf->has_liq, pf->liq, EXACT);
	figure(&c, "unRealizedProfit", pf->has_upnl, pf->upnl, PROFIT);
	figure(&c, "unrealizedProfit", pf->has_upnl, pf->upnl, PROFIT);	/* as account calls it */
	figure(&c, m == MARKET_COINM ? "notionalValue" : "notional", pf->has_notional, pf->notional, EXACT);
	known = !p->isolated || (pf->has_upnl && dec_add(&iso, p->isolated_wallet, pf->upnl));
	figure(&c, "isolatedMargin", known, iso, PROFIT);
	figure(&c, "maintMargin", pf->has_maint, pf->maint, EXACT);
	figure(&c, "positionInitialMargin", pf->has_im, pf->im, EXACT);
	if (orders_told(a, m) && pf->c != NULL && figures_symbol_margin(&im, &open, &a->acct[m], pf->c, p->side) &&
	    dec_add(&all, im, open)) {
		figure(&c, "openOrderInitialMargin", true, open, EXACT);
		figure(&c, "initialMargin", true, all, EXACT);
	}
	return end(&c);
}

static int
compare_wallet(struct app *a, const struct wallet_figures *wf, enum market m, struct fault *f)
{
	struct compare c = { .a = a, .f = f, .name = wf->w->asset };
	bool orders = orders_told(a, m), has_all;
	dec all = dec_int(0);

	if ((c.row = recorded_told(&a->rec_in, m, ANSWER_ACCOUNT, wf->w->asset, POS_BOTH, &c.t)) == NULL &&
	    (c.row = recorded_told(&a->rec_in, m, ANSWER_BALANCE, wf->w->asset, POS_BOTH, &c.t)) == NULL)
		return 0;
	c.slack = wallet_slack(&a->acct[m], wf->w->asset);
	if (!a->out.table)
		begin(&c, m);
	c.same = true;
	figure(&c, "unrealizedProfit", wf->has_sums, wf->upnl, PROFIT);
	figure(&c, "crossUnPnl", wf->has_sums, wf->cross_upnl, PROFIT);
	figure(&c, "marginBalance", wf->has_sums, wf->equity, PROFIT);
	figure(&c, "maintMargin", wf->has_maint, wf->maint, EXACT);
	if (orders) {	/* without them none of these is known */
		figure(&c, "positionInitialMargin", wf->has_im, wf->im, EXACT);
		figure(&c, "openOrderInitialMargin", wf->has_im, wf->open_im, EXACT);
		has_all = wf->has_im && dec_add(&all, wf->im, wf->open_im);
		figure(&c, "initialMargin", has_all, all, EXACT);
		figure(&c, "availableBalance", wf->has_available, wf->available, ABOUT);
	}
	return end(&c);
}

static int
compare_market(struct app *a, enum market m, char *const words[], int n, bool positions, struct fault *f)
{
	struct figures fg = { 0 };
	int r = figures_make(&fg, &a->acct[m], &a->cs, &a->rates, f);

	for (int i = 0; i < fg.npos && r == 0 && positions; i++)
		if (look_wanted(fg.pos[i].p->symbol, words, n))
			r = compare_position(a, &fg.pos[i], m, f);
	for (int i = 0; i < fg.nwal && r == 0 && !fg.multi; i++)
		if (look_in_use(&a->acct[m], fg.wal[i].w))
			r = compare_wallet(a, &fg.wal[i], m, f);
	figures_free(&fg);
	return r;
}

int
compare_all(struct app *a, char *const words[], int n, bool positions, struct fault *f)
{
	if (printer_section(&a->out, compare_cols, f) == -1)
		return -1;
	for (int m = 0; m < MARKETS; m++)
		if (a->has[m] && compare_market(a, (enum market)m, words, n, positions, f) == -1)
			return -1;
	return 0;
}

/* The account as it would be. */
#include <string.h>

#include "look.h"
#include "setting.h"

int
preview_begin(struct preview *p, struct app *a, enum market m, struct fault *f)
{
	if (account_copy(&p->before, &a->acct[m], f) == -1 || account_copy(&p->after, &a->acct[m], f) == -1 ||
	    figures_make(&p->fg[0], &p->before, &a->cs, &a->rates, f) == -1)
		return -1;
	p->has[0] = true;
	return 0;
}

int
preview_end(struct preview *p, struct app *a, struct fault *f)
{
	if (figures_make(&p->fg[1], &p->after, &a->cs, &a->rates, f) == -1)
		return -1;
	p->has[1] = true;
	return 0;
}

void
preview_free(struct preview *p)
{
	for (int i = 0; i < 2; i++)
		if (p->has[i])
			figures_free(&p->fg[i]);
	account_free(&p->before);
	account_free(&p->after);
	memset(p, 0, sizeof *p);
}

static bool
is_of(const struct position_figures *pf, const char *symbol)
{
	return symbol == NULL || strcmp(pf->p->symbol, symbol) == 0;
}

/* The figures of a position of the present, now and then. */
static const struct position_figures *
at(const struct preview *p, int then, const struct position_figures *now)
{
	if (then == 0)
		return now;
	return p->has[1] ? figures_position(&p->fg[1], now->p->symbol, now->p->side) : NULL;
}

static void
put_leg(struct buf *b, const struct preview *p, const struct position_figures *now)
{
	static const char *const liq[] = { "liquidationPriceBefore", "liquidationPriceAfter" };
	static const char *const lev[] = { "effectiveLeverageBefore", "effectiveLeverageAfter" };
	const struct position_figures *pf;

	for (int i = 0; i < 2; i++) {
		pf = at(p, i, now);
		put_maybe(b, liq[i], pf != NULL && pf->has_liq && dec_sign(pf->liq) > 0,
		    pf != NULL ? &pf->liq : NULL);
	}
	for (int i = 0; i < 2; i++) {
		pf = at(p, i, now);
		put_maybe(b, lev[i], pf != NULL && pf->has_leverage, pf != NULL ? &pf->leverage : NULL);
	}
}

static void
put_legs(struct buf *b, const struct preview *p, const char *symbol)
{
	static const char *const side[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };
	const struct position_figures *pf;

	jw_open(b, "positions", '[');
	for (int i = 0; i < p->fg[0].npos; i++) {
		pf = &p->fg[0].pos[i];
		if (!is_of(pf, symbol))
			continue;
		jw_open(b, NULL, '{');
		jw_str(b, "symbol", pf->p->symbol);
		jw_str(b, "positionSide", side[pf->p->side]);
		put_leg(b, p, pf);
		jw_close(b, '}');
	}
	jw_close(b, ']');
}

/* What could be used, before or after; false: not known. */
static bool
available(const struct preview *p, int then, const char *asset, dec *out)
{
	const struct figures *fg = &p->fg[then];
	const struct wallet_figures *wf = p->has[then] ? figures_wallet(fg, asset) : NULL;

	if (p->has[then] && fg->multi) {
		*out = fg->sum.available;
		return fg->has_multi;
	}
	*out = wf != NULL ? wf->available : dec_int(0);
	return wf != NULL && wf->has_available;
}

static void
put_available(struct buf *b, const char *key, const struct preview *p, int then, const char *asset)
{
	dec d;
	bool known = available(p, then, asset, &d);

	put_maybe(b, key, known, &d);
}

/* now NULL: there is no position, or there are several. */
static void
put_preview_cells(struct buf *b, const struct preview *p, const struct position_figures *now, const char *asset)
{
	static const char *const liq[] = { "liq", "liqThen" }, *const free[] = { "available", "availableThen" };
	const struct position_figures *pf;
	bool known;
	dec d;

	jw_open(b, "cells", '{');
	for (int i = 0; i < 2; i++) {
		pf = now != NULL ? at(p, i, now) : NULL;
		put_cell_price(b, liq[i], pf != NULL ? pf->c : NULL, pf != NULL && pf->has_liq,
		    pf != NULL ? pf->liq : dec_int(0));
		known = available(p, i, asset, &d);
		put_cell_amount(b, free[i], known, d, cell_decimals(asset));
	}
	jw_close(b, '}');
}

void
preview_put(struct app *a, const struct preview *p, const char *symbol, const char *asset)
{
	struct buf *b = &a->rec;
	const struct position flat = { 0 };
	const struct position_figures none = { .p = &flat };
	const struct position_figures *one = &none;
	int n = 0;

	for (int i = 0; i < p->fg[0].npos; i++)
		if (is_of(&p->fg[0].pos[i], symbol)) {
			one = &p->fg[0].pos[i];
			n++;
		}
	if (symbol == NULL || n > 1)
		put_legs(b, p, symbol);
	else
		put_leg(b, p, one);
	put_available(b, "availableBefore", p, 0, asset);
	put_available(b, "availableAfter", p, 1, asset);
	if (a->out.table)
		put_preview_cells(b, p, n == 1 ? one : NULL, asset);
}

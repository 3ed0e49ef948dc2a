/* The account as it would be. */
#include <string.h>

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
		    pf != NULL ? pf->liq : dec_int(0));
	}
	for (int i = 0; i < 2; i++) {
		pf = at(p, i, now);
		put_maybe(b, lev[i], pf != NULL && pf->has_leverage, pf != NULL ? pf->leverage : dec_int(0));
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

static void
put_available(struct buf *b, const char *key, const struct figures *fg, bool has, const char *asset)
{
	const struct wallet_figures *wf = has ? figures_wallet(fg, asset) : NULL;

	if (has && fg->multi)
		put_maybe(b, key, fg->has_multi, fg->sum.available);
	else
		put_maybe(b, key, wf != NULL && wf->has_available, wf != NULL ? wf->available : dec_int(0));
}

void
preview_put(struct buf *b, const struct preview *p, const char *symbol, const char *asset)
{
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
	put_available(b, "availableBefore", &p->fg[0], p->has[0], asset);
	put_available(b, "availableAfter", &p->fg[1], p->has[1], asset);
}

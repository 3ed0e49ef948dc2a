/* Positions and wallets as they are. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "look.h"

/* Short, so that a row fits a line of 80: a person's figures stand under "cells". */
const struct column position_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "SIDE", "positionSide", COL_LEFT | COL_SIDE },
	{ "AMOUNT", "positionAmt", COL_RIGHT },
	{ "ENTRY", "cells.entry:entryPrice", COL_RIGHT },
	{ "PNL", "cells.pnl:unRealizedProfit", COL_RIGHT | COL_SIGN },
	{ "MARGIN", "marginType", COL_LEFT | COL_MORE(1) },
	{ "LIQUIDATION", "cells.liq:liquidationPrice", COL_RIGHT },
	{ "OWN", "cells.own:liquidationPriceOwn", COL_RIGHT | COL_MORE(2) },
	{ "AWAY %", "cells.away:distance", COL_RIGHT },
	{ NULL, NULL, 0 }
};
const struct column balance_cols[] = {
	{ "ASSET", "asset", COL_LEFT },
	{ "WALLET", "walletBalance", COL_DEC },
	{ "EQUITY", "marginBalance", COL_DEC },
	{ "AVAILABLE", "availableBalance", COL_DEC },
	{ "LEVERAGE", "effectiveLeverage", COL_DEC | COL_MORE(1) },
	{ "MARGIN RATIO", "marginRatio", COL_DEC },
	{ NULL, NULL, 0 }
};

bool
look_wanted(const char *symbol, char *const words[], int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(symbol, words[i]) == 0)
			return true;
	return n == 0;
}

bool
look_in_use(const struct account *a, const struct wallet *w)
{
	if (dec_sign(w->balance) != 0)
		return true;
	for (int i = 0; i < a->npos; i++)
		if (dec_sign(a->pos[i].amt) != 0 && strcmp(a->pos[i].margin_asset, w->asset) == 0)
			return true;
	return false;
}

/*
 * What else the records tell of
 */

/* No row of COIN-M's positionRisk has the rank. */
static void
take_adl(struct account *a, const struct tok *t)
{
	static const char *const side[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };
	const struct tok *row;
	int64_t rank;

	for (int i = 0; i < a->npos; i++) {
		row = scan_find(t, t, "symbol", a->pos[i].symbol);
		if (scan_get_i64(t, scan_get(t, row, "adlQuantile"), side[a->pos[i].side], &rank) && rank >= 0 && rank <= 4)
			a->pos[i].adl = (int)rank;
	}
}

static bool
holds(const struct account *a)
{
	for (int i = 0; i < a->npos; i++)
		if (dec_sign(a->pos[i].amt) != 0)
			return true;
	return false;
}

static int
more(struct app *a, enum market m, struct fault *f)
{
	struct session *s = venue_session(&a->v, m, f);

	if (s == NULL || listing_funding(&a->cs, s, NULL, NULL, f) == -1)
		return -1;
	if (m != MARKET_COINM)
		return 0;
	if (session_call(s, EP_ADL_QUANTILE, "", false, f) == -1)
		return -1;
	take_adl(&a->acct[m], s->doc.t);
	return 0;
}

int
look_begin(struct app *a, char *const words[], int n, struct fault *f)
{
	if (app_open(a, f) == -1)
		return -1;
	if (a->p.nfrom > 0 && app_accounts(a, true, f) == -1)
		return -1;
	for (int i = 0; i < n; i++)	/* a symbol that does not exist must not look like a flat one */
		if (app_contract(a, words[i], f) == NULL)
			return -1;
	if (a->p.nfrom > 0)
		return 0;
	if (app_accounts(a, true, f) == -1)
		return -1;
	for (int m = 0; m < MARKETS; m++)
		if (a->has[m] && holds(&a->acct[m]) && more(a, (enum market)m, f) == -1)
			return -1;
	return 0;
}

/*
 * Printing
 */

static int
put_positions(struct app *a, const struct figures *fg, enum market m, char *const words[], int n, struct fault *f)
{
	for (int i = 0; i < fg->npos; i++)
		if (look_wanted(fg->pos[i].p->symbol, words, n)) {
			put_position(a, fg, &fg->pos[i], m);
			if (emit(a, f) == -1)
				return -1;
		}
	return 0;
}

int
look_put_wallets(struct app *a, const struct figures *fg, enum market m, struct fault *f)
{
	if (fg->multi) {
		put_wallet(a, fg, NULL, m);
		if (emit(a, f) == -1)
			return -1;
	}
	for (int i = 0; i < fg->nwal; i++)
		if (look_in_use(&a->acct[m], fg->wal[i].w)) {
			put_wallet(a, fg, &fg->wal[i], m);
			if (emit(a, f) == -1)
				return -1;
		}
	return 0;
}

int
look_figures(struct app *a, struct figures fg[static MARKETS], struct fault *f)
{
	for (int m = 0; m < MARKETS; m++)
		if (a->has[m] && figures_make(&fg[m], &a->acct[m], &a->cs, &a->rates, f) == -1)
			return -1;
	return 0;
}

void
look_figures_free(struct figures fg[static MARKETS])
{
	for (int m = 0; m < MARKETS; m++)
		figures_free(&fg[m]);
}

/* Headings without a row would say nothing. */
static bool
any_wallet(const struct app *a)
{
	for (int m = 0; m < MARKETS; m++)
		for (int i = 0; a->has[m] && i < a->acct[m].nwal; i++)
			if (look_in_use(&a->acct[m], &a->acct[m].wal[i]))
				return true;
	return false;
}

int
look_put_all(struct app *a, const struct figures fg[static MARKETS], char *const words[], int n, bool positions,
    struct fault *f)
{
	for (int m = 0; m < MARKETS && positions; m++)
		if (put_positions(a, &fg[m], (enum market)m, words, n, f) == -1)
			return -1;
	if (positions && any_wallet(a) && printer_section(&a->out, balance_cols, f) == -1)
		return -1;
	for (int m = 0; m < MARKETS; m++)
		if (look_put_wallets(a, &fg[m], (enum market)m, f) == -1)
			return -1;
	return 0;
}

int
look_put(struct app *a, char *const words[], int n, bool positions, struct fault *f)
{
	struct figures fg[MARKETS] = { { 0 } };
	int r = look_figures(a, fg, f);

	if (r == 0)
		r = look_put_all(a, fg, words, n, positions, f);
	look_figures_free(fg);
	return r;
}

static int
look(struct app *a, char *const words[], int n, bool positions, struct fault *f)
{
	if (look_begin(a, words, n, f) == -1)
		return -1;
	return a->p.compare ? compare_all(a, words, n, positions, f) : look_put(a, words, n, positions, f);
}

int
do_show(struct app *a, char *const words[], int n, struct fault *f)
{
	return look(a, words, n, true, f);
}

int
do_balances(struct app *a, char *const words[], int n, struct fault *f)
{
	if (n != 0)
		return fault_set(f, FAULT_USAGE, "balances takes no operand: %s", words[0]);
	return look(a, words, n, false, f);
}

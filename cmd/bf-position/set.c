/* One setting of a symbol: leverage, margin type. */
#include "setting.h"

/* Short, so that a row fits a line of 80: a person's figures stand under "cells". */
const struct column change_cols[] = {
	{ "WHAT", "symbol|what", COL_LEFT },
	{ "LEV", "leverage", COL_RIGHT },
	{ "MARGIN", "marginType|amount", COL_LEFT },
	{ "CHANGED", "changed", COL_LEFT },
	{ "LIQ NOW", "cells.liq:liquidationPriceBefore", COL_RIGHT },
	{ "LIQ THEN", "cells.liqThen:liquidationPriceAfter", COL_RIGHT },
	{ "AVAIL NOW", "cells.available:availableBefore", COL_RIGHT | COL_MORE(2) },
	{ "AVAIL THEN", "cells.availableThen:availableAfter", COL_RIGHT | COL_MORE(1) },
	{ NULL, NULL, 0 }
};
const struct column mode_cols[] = {
	{ "WHAT", "what", COL_LEFT },
	{ "MODE", "positionMode", COL_LEFT },
	{ "CHANGED", "changed", COL_LEFT },
	{ NULL, NULL, 0 }
};
const struct column assets_cols[] = {
	{ "WHAT", "what", COL_LEFT },
	{ "MODE", "multiAssets", COL_LEFT },
	{ "CHANGED", "changed", COL_LEFT },
	{ "AVAIL NOW", "cells.available:availableBefore", COL_RIGHT },
	{ "AVAIL THEN", "cells.availableThen:availableAfter", COL_RIGHT },
	{ NULL, NULL, 0 }
};

/* Asked for even if it is so already by what was read: the exchange may know better. */
static int
set(struct app *a, const char *symbol, const struct setting *want, struct fault *f)
{
	struct change ch = { 0 };
	int r = change_open(&ch, a, symbol, f);

	if (r == 0)
		r = change_preview(&ch, want, f);
	if (r == 0 && a->p.dry_run)
		change_pretend(&ch, want);
	else if (r == 0)
		r = change_send(&ch, want, f);
	if (r == 0)
		r = change_put(&ch, f);
	change_free(&ch);
	return r;
}

int
do_leverage(struct app *a, char *const words[], int n, struct fault *f)
{
	struct setting want = { 0 };
	long lev;

	if (n != 2)
		return fault_set(f, FAULT_USAGE, "leverage takes a symbol and a number: bf-position leverage BTCUSDT 5");
	if (tool_number(&lev, "leverage", words[1], 1, 125, f) == -1)
		return -1;
	want.leverage = lev;
	return set(a, words[0], &want, f);
}

int
do_margin_type(struct app *a, char *const words[], int n, struct fault *f)
{
	struct setting want = { 0 };

	if (n != 2)
		return fault_set(f, FAULT_USAGE, "margin-type takes a symbol and isolated or crossed");
	if (setting_type(want.type, "margin-type", words[1], f) == -1)
		return -1;
	return set(a, words[0], &want, f);
}

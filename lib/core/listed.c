#include <stdio.h>
#include <string.h>

#include "core/listed.h"

bool
listed_live(const char *status)
{
	static const char *const gone[] = {
		"PENDING_TRADING", "DELIVERING", "DELIVERED", "SETTLING", "CLOSE",
	};

	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
		if (strcmp(gone[i], status) == 0)
			return false;
	return true;
}

/* What of a symbol is asked for; a text too long to keep is left empty. */
static void
read_symbol(struct listed *out, const struct tok *t, const struct tok *v)
{
	scan_get_str(t, v, "symbol", out->symbol, sizeof out->symbol);
	scan_get_str(t, v, "pair", out->pair, sizeof out->pair);
	scan_get_str(t, v, "contractType", out->contract, sizeof out->contract);
	if (!scan_get_str(t, v, "status", out->status, sizeof out->status))
		scan_get_str(t, v, "contractStatus", out->status, sizeof out->status);	/* COIN-M */
}

/* Add a symbol that stands for the name as `as`: the first one that trades is kept. */
static void
add(struct listed *out, unsigned as, const struct tok *t, const struct tok *v)
{
	struct listed one = { 0 };

	if ((out->live & as) != 0)
		return;
	read_symbol(&one, t, v);
	one.as = out->as | as;
	one.live = out->live | (listed_live(one.status) ? as : 0);
	*out = one;
}

/* Whether name is the symbol's pair, "_" and its contract type. */
static bool
is_contract(const struct tok *t, const struct tok *v, const char *name)
{
	char made[SYMBOL_MAX + 32], pair[SYMBOL_MAX], type[32];

	if (!scan_get_str(t, v, "contractType", type, sizeof type) || *type == '\0' ||
	    !scan_get_str(t, v, "pair", pair, sizeof pair))
		return false;
	snprintf(made, sizeof made, "%s_%s", pair, type);
	return strcmp(made, name) == 0;
}

/* Whether a member of obj is the asset that name quotes in dollars. */
static bool
has_asset(const struct tok *t, const struct tok *obj, const char *asset)
{
	return scan_get_is(t, obj, "asset", asset) || scan_get_is(t, obj, "baseAsset", asset) ||
	    scan_get_is(t, obj, "quoteAsset", asset) || scan_get_is(t, obj, "marginAsset", asset);
}

static bool
asset_in(const struct tok *t, const struct tok *list, const char *asset)
{
	const struct tok *v;

	if (list == NULL || list->kind != SCAN_ARR)
		return false;
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v))
		if (has_asset(t, v, asset))
			return true;
	return false;
}

static void
find_asset(struct listed *out, const struct tok *t, const struct tok *info, const char *name)
{
	size_t n = strlen(name);
	char asset[SYMBOL_MAX];

	if (n < 4 || n >= sizeof asset || strcmp(name + n - 3, "USD") != 0)
		return;
	snprintf(asset, sizeof asset, "%.*s", (int)(n - 3), name);
	if (asset_in(t, scan_get(t, info, "assets"), asset) ||
	    asset_in(t, scan_get(t, info, "symbols"), asset)) {
		out->as |= LISTED_ASSET;
		out->live |= LISTED_ASSET;
	}
}

void
listed_find(struct listed *out, const struct tok *t, const struct tok *exchange_info,
    const char *name)
{
	const struct tok *list = scan_get(t, exchange_info, "symbols"), *v;

	*out = (struct listed){ 0 };
	if (list == NULL || list->kind != SCAN_ARR || *name == '\0')
		return;
	if ((v = scan_find(t, list, "symbol", name)) != NULL)
		add(out, LISTED_SYMBOL, t, v);
	for (v = scan_first(list); v != NULL && (out->as & LISTED_SYMBOL) == 0; v = scan_next(t, list, v)) {
		if (scan_get_is(t, v, "pair", name))
			add(out, LISTED_PAIR, t, v);
		else if (strchr(name, '_') != NULL && is_contract(t, v, name))
			add(out, LISTED_CONTRACT, t, v);
	}
	find_asset(out, t, exchange_info, name);
}

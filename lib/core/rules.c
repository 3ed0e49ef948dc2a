#include <stdio.h>
#include <string.h>

#include "core/near.h"
#include "core/rules.h"

/*
 * Reading exchangeInfo
 */

/* Which field of which filter goes where. Filters not named here are passed
 * over: MAX_NUM_ALGO_ORDERS, POSITION_RISK_CONTROL, and what may yet come. */
static const struct part {
	const char *filter, *field;
	size_t	    at;
} parts[] = {
	{ "PRICE_FILTER",    "minPrice",       offsetof(struct rules, min_price) },
	{ "PRICE_FILTER",    "maxPrice",       offsetof(struct rules, max_price) },
	{ "PRICE_FILTER",    "tickSize",       offsetof(struct rules, tick) },
	{ "LOT_SIZE",	     "minQty",	       offsetof(struct rules, min_qty) },
	{ "LOT_SIZE",	     "maxQty",	       offsetof(struct rules, max_qty) },
	{ "LOT_SIZE",	     "stepSize",       offsetof(struct rules, step) },
	{ "MARKET_LOT_SIZE", "minQty",	       offsetof(struct rules, mkt_min_qty) },
	{ "MARKET_LOT_SIZE", "maxQty",	       offsetof(struct rules, mkt_max_qty) },
	{ "MARKET_LOT_SIZE", "stepSize",       offsetof(struct rules, mkt_step) },
	{ "MIN_NOTIONAL",    "notional",       offsetof(struct rules, min_notional) },
	{ "PERCENT_PRICE",   "multiplierUp",   offsetof(struct rules, mult_up) },
	{ "PERCENT_PRICE",   "multiplierDown", offsetof(struct rules, mult_down) },
	{ NULL,		     "liquidationFee", offsetof(struct rules, liquidation_fee) },
	{ NULL,		     "marketTakeBound", offsetof(struct rules, market_take_bound) },
	{ NULL,		     "triggerProtect", offsetof(struct rules, trigger_protect) },
	{ NULL,		     "contractSize",   offsetof(struct rules, contract_size) },
};

#define PARTS	(sizeof parts / sizeof *parts)

static dec *
part_of(struct rules *r, const struct part *p)
{
	return (dec *)(void *)((char *)r + p->at);
}

/* Whether a value says nothing: missing, null, or an empty string. */
static bool
blank(const struct tok *v)
{
	return v == NULL || v->kind == SCAN_NULL || (v->kind == SCAN_STR && v->len == 0);
}

/* All parts of one filter, or those of the symbol itself (filter NULL). */
static int
read_parts(struct rules *r, const struct tok *t, const struct tok *obj, const char *filter,
    struct fault *f)
{
	const struct part *p;
	const struct tok *v;
	dec d;

	for (p = parts; p < parts + PARTS; p++) {
		if ((p->filter == NULL) != (filter == NULL) ||
		    (filter != NULL && strcmp(p->filter, filter) != 0))
			continue;
		if (blank(v = scan_get(t, obj, p->field)))
			continue;
		if (!scan_dec(v, &d) || dec_sign(d) < 0)
			return fault_set(f, FAULT_REJECTED, "exchangeInfo: %s: %s%s%s is no decimal",
			    r->symbol, filter != NULL ? filter : "", filter != NULL ? "." : "",
			    p->field);
		*part_of(r, p) = d;
	}
	return 0;
}

static int
read_filters(struct rules *r, const struct tok *t, const struct tok *list, struct fault *f)
{
	const struct tok *v;
	bool price = false, lot = false;
	char type[32];
	int64_t n;

	if (list == NULL || list->kind != SCAN_ARR)
		return 0;
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v)) {
		if (!scan_get_str(t, v, "filterType", type, sizeof type))
			continue;
		if (read_parts(r, t, v, type, f) == -1)
			return -1;
		if (strcmp(type, "PRICE_FILTER") == 0)
			price = !blank(scan_get(t, v, "tickSize"));
		else if (strcmp(type, "LOT_SIZE") == 0)
			lot = !blank(scan_get(t, v, "stepSize"));
		else if (strcmp(type, "MAX_NUM_ORDERS") == 0 &&
		    scan_get_i64(t, v, "limit", &n) && n > 0 && n <= INT32_MAX)
			r->max_orders = (int)n;
	}
	r->complete = price && lot;
	return 0;
}

/* Decimals allowed, -1 if not said or not sensible. */
static int
precision(const struct tok *t, const struct tok *symbol, const char *key)
{
	int64_t n;

	if (!scan_get_i64(t, symbol, key, &n) || n < 0 || n > DEC_SCALE_MAX)
		return -1;
	return (int)n;
}

int
rules_parse(struct rules *out, const struct tok *t, const struct tok *symbol, struct fault *f)
{
	struct rules r = { 0 };

	if (!scan_get_str(t, symbol, "symbol", r.symbol, sizeof r.symbol) || *r.symbol == '\0')
		return fault_set(f, FAULT_REJECTED, "exchangeInfo: symbol is missing or too long");
	/* A text too long to keep is left empty, like one that is missing. */
	scan_get_str(t, symbol, "pair", r.pair, sizeof r.pair);
	if (!scan_get_str(t, symbol, "status", r.status, sizeof r.status))
		scan_get_str(t, symbol, "contractStatus", r.status, sizeof r.status); /* COIN-M */
	scan_get_str(t, symbol, "contractType", r.contract, sizeof r.contract);
	scan_get_str(t, symbol, "baseAsset", r.base, sizeof r.base);
	scan_get_str(t, symbol, "quoteAsset", r.quote, sizeof r.quote);
	scan_get_str(t, symbol, "marginAsset", r.margin, sizeof r.margin);
	r.price_precision = precision(t, symbol, "pricePrecision");
	r.qty_precision = precision(t, symbol, "quantityPrecision");
	if (read_parts(&r, t, symbol, NULL, f) == -1 ||
	    read_filters(&r, t, scan_get(t, symbol, "filters"), f) == -1)
		return -1;
	*out = r;
	return 0;
}

/*
 * Finding a symbol
 */

/* For a terminal: what a user or a server sent may hold control bytes. */
static void
tame(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
}

int
rules_not_listed(const char *symbol, const char *near_by, struct fault *f)
{
	fault_set(f, FAULT_REJECTED, "symbol %.40s: not listed%s", symbol, near_by);
	if (f != NULL) {
		f->code = -1121;
		tame(f->text);
	}
	return -1;
}

void
rules_near(struct near *near, const struct tok *t, const struct tok *exchange_info)
{
	const struct tok *list = scan_get(t, exchange_info, "symbols"), *v;
	char name[SYMBOL_MAX];

	if (list == NULL || list->kind != SCAN_ARR)
		return;
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v))
		if (scan_get_str(t, v, "symbol", name, sizeof name))
			near_add(near, name);
}

int
rules_find(struct rules *out, const struct tok *t, const struct tok *exchange_info,
    const char *symbol, struct fault *f)
{
	const struct tok *list = scan_get(t, exchange_info, "symbols"), *v;
	struct near near;
	char near_by[200];

	if (list == NULL || list->kind != SCAN_ARR)
		return fault_set(f, FAULT_REJECTED, "exchangeInfo: symbols is missing");
	if ((v = scan_find(t, list, "symbol", symbol)) != NULL)
		return rules_parse(out, t, v, f);
	near_begin(&near, symbol);
	rules_near(&near, t, exchange_info);
	near_text(&near, near_by, sizeof near_by);
	return rules_not_listed(symbol, near_by, f);
}

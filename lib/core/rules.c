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

/*
 * Checking an order
 */

/* The values allowed for one number: low <= x <= high, x = base + k step. */
struct grid {
	dec	low, high;	/* high 0: no bound */
	dec	base, step;	/* step 0: no steps */
	bool	own;		/* step is the filter's, not of the precision */
	int	precision;	/* decimals; -1: no limit */
};

struct check {		/* one order on its way through the rules */
	const struct rules *r;
	const struct rules_order *o;
	struct grid price, qty;
	dec	up, down;	/* PERCENT_PRICE bounds of the price; 0: none */
	dec	worth;		/* of one unit, for the notional; 0: unknown */
	char	near_price[DEC_STR], near_qty[DEC_STR];	/* "": none would do */
	struct finding *out;
	int	n;
};

static void
found(struct check *c, int code, const char *field, const char *rule, dec limit)
{
	struct finding *fi = &c->out[c->n++];
	bool price = strcmp(field, "price") == 0;

	fi->code = code;
	fi->field = field;
	fi->rule = rule;
	dec_print(price ? c->o->price : c->o->qty, fi->value);
	dec_print(limit, fi->limit);
	memcpy(fi->nearest, price ? c->near_price : c->near_qty, DEC_STR);
}

/* x moved onto the grid, down or up. */
static bool
snap(dec *out, const struct grid *g, dec x, bool up)
{
	if (dec_sign(g->step) == 0) {
		*out = x;
		return true;
	}
	return dec_sub(&x, x, g->base) &&
	    (up ? dec_ceil(&x, x, g->step) : dec_floor(&x, x, g->step)) &&
	    dec_add(out, g->base, x);
}

/*
 * The value nearest to x that passes: up or down from inside the bounds, to
 * the bound from outside. "" if none does.
 */
static void
nearest(char out[static DEC_STR], const struct grid *g, dec x, bool up)
{
	bool capped = dec_sign(g->high) != 0;
	/* Zero itself is no price and no quantity. */
	dec low = dec_sign(g->low) != 0 ? g->low : g->step, high = g->high;

	*out = '\0';
	if (!snap(&low, g, low, true) || (capped && !snap(&high, g, high, false)))
		return;
	if (capped && dec_cmp(low, high) > 0)
		return;
	if (dec_cmp(x, low) <= 0)
		x = low;
	else if (capped && dec_cmp(x, high) >= 0)
		x = high;
	else if (!snap(&x, g, x, up))
		return;
	if (dec_sign(x) > 0 && (g->precision < 0 || dec_decimals(x) <= g->precision))
		dec_print(x, out);
}

static struct grid
grid(dec low, dec high, dec step, int decimals)
{
	struct grid g = { low, high, low, step, true, decimals };

	if (dec_sign(step) == 0) {	/* no step: as fine as can be written */
		g.own = false;
		g.base = dec_int(0);
		if (decimals >= 0)
			g.step = (dec){ 1, decimals };
	}
	return g;
}

/* The bounds PERCENT_PRICE sets; a multiplier of 0, or no mark: none. */
static void
price_band(struct check *c, dec mark)
{
	const struct rules *r = c->r;

	if (c->o->market || dec_sign(mark) <= 0)
		return;
	if (c->o->side == SIDE_BUY && !dec_mul(&c->up, mark, r->mult_up))
		c->up = dec_int(0);
	if (c->o->side == SIDE_SELL && !dec_mul(&c->down, mark, r->mult_down))
		c->down = dec_int(0);
}

/* The quantity that is worth min_notional; 0: exempt, or not to be judged. */
static dec
least_qty(const struct check *c, dec worth)
{
	dec q;

	if (c->o->reduce || dec_sign(worth) <= 0 || dec_sign(c->r->min_notional) == 0 ||
	    !dec_div(&q, c->r->min_notional, worth, 18, DEC_UP))
		return dec_int(0);
	return q;
}

/* What the order may be, and the nearest price and quantity that would pass:
 * a price must not get worse for us, a quantity not greater. */
static void
prepare(struct check *c, dec mark)
{
	const struct rules *r = c->r;
	const struct rules_order *o = c->o;
	bool own = dec_sign(r->mkt_min_qty) != 0 || dec_sign(r->mkt_max_qty) != 0 ||
	    dec_sign(r->mkt_step) != 0;
	struct grid g;
	dec p, worth;

	c->price = grid(r->min_price, r->max_price, r->tick, r->price_precision);
	c->qty = o->market && own ?
	    grid(r->mkt_min_qty, r->mkt_max_qty, r->mkt_step, r->qty_precision) :
	    grid(r->min_qty, r->max_qty, r->step, r->qty_precision);
	price_band(c, mark);
	g = c->price;
	g.low = dec_max(g.low, c->down);
	if (dec_sign(c->up) != 0)
		g.high = dec_sign(g.high) != 0 ? dec_min(g.high, c->up) : c->up;
	nearest(c->near_price, &g, o->price, o->side == SIDE_SELL);

	/* Without a price (MARKET, priceMatch) the mark values the order. */
	c->worth = o->market || dec_sign(o->price) == 0 ? mark : o->price;
	worth = c->worth;
	if (!o->market && dec_sign(o->price) != 0 && dec_parse(&p, c->near_price))
		worth = p;
	g = c->qty;
	g.low = dec_max(g.low, least_qty(c, worth));
	nearest(c->near_qty, &g, o->qty, false);
}

/* Codes of the rules of one number. */
struct codes { const char *field, *min, *max, *step; int sign, below, above, off; };

static void
check_grid(struct check *c, const struct grid *g, dec x, const struct codes *k)
{
	dec off;

	if (dec_sign(x) <= 0) {
		found(c, k->sign, k->field, k->min, g->low);
		return;
	}
	if (dec_cmp(x, g->low) < 0)
		found(c, k->below, k->field, k->min, g->low);
	if (dec_sign(g->high) != 0 && dec_cmp(x, g->high) > 0)
		found(c, k->above, k->field, k->max, g->high);
	if (g->own && (!dec_sub(&off, x, g->base) || !dec_is_multiple(off, g->step)))
		found(c, k->off, k->field, k->step, g->step);
}

static void
check_precision(struct check *c, dec x, int most, const char *field, const char *rule)
{
	if (most >= 0 && dec_decimals(x) > most)
		found(c, -1111, field, rule, dec_int(most));
}

static void
check_band(struct check *c)
{
	if (dec_sign(c->up) != 0 && dec_cmp(c->o->price, c->up) > 0)
		found(c, -4016, "price", "multiplierUp", c->up);
	if (dec_sign(c->down) != 0 && dec_cmp(c->o->price, c->down) < 0)
		found(c, -4024, "price", "multiplierDown", c->down);
}

/* Exits are exempt. */
static void
check_notional(struct check *c)
{
	dec n;

	if (c->o->reduce || dec_sign(c->o->qty) <= 0 || dec_sign(c->worth) <= 0)
		return;
	if (dec_mul(&n, c->o->qty, c->worth) && dec_cmp(n, c->r->min_notional) < 0)
		found(c, -4164, "quantity", "notional", c->r->min_notional);
}

static int
unknown_rules(const struct rules *r, struct finding *fi)
{
	*fi = (struct finding){ .code = -1121, .field = "symbol", .rule = "filters" };
	snprintf(fi->value, sizeof fi->value, "%.*s", DEC_STR - 1, r->symbol);
	return 1;
}

int
rules_check(const struct rules *r, const struct rules_order *o, dec mark,
    struct finding out[static FINDINGS_MAX])
{
	static const struct codes price = { "price", "minPrice", "maxPrice", "tickSize",
	    -4001, -4013, -4002, -4014 };
	static const struct codes lot = { "quantity", "minQty", "maxQty", "stepSize",
	    -4003, -4004, -4005, -4023 };
	struct check c = { .r = r, .o = o, .out = out };
	bool priced = !o->market && dec_sign(o->price) != 0;

	if (!r->complete)
		return unknown_rules(r, out);
	prepare(&c, mark);
	if (priced)
		check_precision(&c, o->price, r->price_precision, "price", "pricePrecision");
	check_precision(&c, o->qty, r->qty_precision, "quantity", "quantityPrecision");
	if (priced)
		check_grid(&c, &c.price, o->price, &price);
	if (dec_sign(o->qty) != 0 || !o->reduce)	/* closePosition has no quantity */
		check_grid(&c, &c.qty, o->qty, &lot);
	if (priced)
		check_band(&c);
	check_notional(&c);
	return c.n;
}

/*
 * Findings in words
 */

/* The limit follows. */
static const struct { const char *rule, *text; } words[] = {
	{ "pricePrecision",    "more decimals than pricePrecision" },
	{ "quantityPrecision", "more decimals than quantityPrecision" },
	{ "minPrice",	       "below minPrice" },
	{ "maxPrice",	       "above maxPrice" },
	{ "tickSize",	       "not a multiple of tickSize" },
	{ "minQty",	       "below minQty" },
	{ "maxQty",	       "above maxQty" },
	{ "stepSize",	       "not a multiple of stepSize" },
	{ "multiplierUp",      "above mark price x multiplierUp," },
	{ "multiplierDown",    "below mark price x multiplierDown," },
	{ "notional",	       "worth less than the minimum notional" },
	{ "filters",	       "its price and lot filters are not known" },
};

void
finding_text(const struct finding *fi, char *out, size_t size)
{
	const char *text = "breaks a rule";
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].rule, fi->rule) == 0)
			text = words[i].text;
	snprintf(out, size, "%s %s: %s%s%s%s%s (%d)", fi->field, fi->value, text,
	    *fi->limit != '\0' ? " " : "", fi->limit,
	    *fi->nearest != '\0' ? "; nearest " : "", fi->nearest, fi->code);
}

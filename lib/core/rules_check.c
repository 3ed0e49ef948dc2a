/* An order against the rules of its contract. */
#include <stdio.h>
#include <string.h>

#include "core/rules_grid.h"

enum number { PRICE, QTY, TRIGGER, NUMBERS };

/* Bounds of a multiplier; 0: none. */
struct band { dec up, down; };

struct check {		/* one order on its way through the rules */
	const struct rules *r;
	const struct rules_order *o;
	bool coinm, priced;
	struct grid grid[NUMBERS];
	struct band price;	/* PERCENT_PRICE */
	bool asked;		/* a least notional is asked for, and the worth is known */
	dec worth;		/* of one unit, at the mended price */
	char near[NUMBERS][DEC_STR];	/* "": none would do */
	struct finding *out;
	int n;
};

/*
 * Codes
 */

/* Codes of the rules of one number. */
struct codes { const char *field, *min, *max, *step; int sign, below, above, off; };

static const struct codes codes[NUMBERS] = {
	[PRICE]	  = { "price", "minPrice", "maxPrice", "tickSize", -4001, -4013, -4002, -4014 },
	[QTY]	  = { "quantity", "minQty", "maxQty", "stepSize", -4003, -4004, -4005, -4023 },
	[TRIGGER] = { "triggerPrice", "minPrice", "maxPrice", "tickSize", -4006, -4013, -4007, -4014 },
};
static const struct codes activation = { "activatePrice", "minPrice", "maxPrice", "tickSize",
    -4135, -4135, -4135, -4135 };

static const struct codes *
codes_of(const struct check *c, enum number k)
{
	return k == TRIGGER && c->o->activate ? &activation : &codes[k];
}

/* What means the same on both markets, but is numbered anew on COIN-M. */
static int
code_of(const struct check *c, int usdm)
{
	static const struct { int usdm, coinm; } row[] = {
		{ -4164, -4178 }, { -4183, -4151 }, { -4184, -4152 }
	};

	for (size_t i = 0; c->coinm && i < sizeof row / sizeof *row; i++)
		if (row[i].usdm == usdm)
			return row[i].coinm;
	return usdm;
}

/*
 * What would pass
 */

static dec
number(const struct check *c, enum number k)
{
	return k == PRICE ? c->o->price : k == QTY ? c->o->qty : c->o->trigger;
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
	if (!grid_snap(&low, g, low, true) || (capped && !grid_snap(&high, g, high, false)))
		return;
	if (capped && dec_cmp(low, high) > 0)
		return;
	if (dec_cmp(x, low) <= 0)
		x = low;
	else if (capped && dec_cmp(x, high) >= 0)
		x = high;
	else if (!grid_snap(&x, g, x, up))
		return;
	if (dec_sign(x) > 0 && (g->precision < 0 || dec_decimals(x) <= g->precision))
		dec_print(x, out);
}

static void
nearest_price(struct check *c, enum number k, const struct band *b)
{
	struct grid g = c->grid[k];

	if ((int)c->o->side == 0)
		return;		/* which way is safe is not known */
	g.low = dec_max(g.low, b->down);
	if (dec_sign(b->up) != 0)
		g.high = dec_sign(g.high) != 0 ? dec_min(g.high, b->up) : b->up;
	nearest(c->near[k], &g, number(c, k), c->o->side == SIDE_SELL);
}

/* What PERCENT_PRICE asks of a price beside ref: a buy is bounded from above, a
 * sell from below. A multiplier of 0, or no ref: nothing. */
static struct band
band(const struct check *c, dec ref)
{
	struct band b = { { 0, 0 }, { 0, 0 } };

	if (dec_sign(ref) <= 0)
		return b;
	if (c->o->side == SIDE_BUY && !dec_mul(&b.up, ref, c->r->mult_up))
		b.up = dec_int(0);
	if (c->o->side == SIDE_SELL && !dec_mul(&b.down, ref, c->r->mult_down))
		b.down = dec_int(0);
	return b;
}

/* The mended value of a number where there is one, else the number. */
static dec
mended(const struct check *c, enum number k)
{
	dec d;

	return *c->near[k] != '\0' && dec_parse(&d, c->near[k]) ? d : number(c, k);
}

static bool
triggers(const struct check *c)
{
	return dec_sign(c->o->trigger) != 0;
}

/* What values one unit: contracts have their size; else the price, and without one
 * (MARKET, priceMatch) the trigger, at which the order will begin, or the mark. A price
 * that must change counts as changed, so that what is nearest passes together. */
static void
value(struct check *c, dec mark)
{
	dec w = mark;

	if (c->coinm)
		w = c->r->contract_size;
	else if (c->priced)
		w = mended(c, PRICE);
	else if (triggers(c) && !c->o->activate)
		w = mended(c, TRIGGER);
	c->worth = w;
	c->asked = !c->o->reduce && dec_sign(w) > 0 && dec_sign(c->r->min_notional) > 0;
}

/* The quantity that is worth min_notional; 0: exempt, or not to be judged. */
static dec
least_qty(const struct check *c)
{
	dec q;

	if (!c->asked || !dec_div(&q, c->r->min_notional, c->worth, 18, DEC_UP))
		return dec_int(0);
	return q;
}

/* What the order may be, and the nearest values that would pass: each as the ones
 * before it are mended. */
static void
prepare(struct check *c, dec mark)
{
	struct grid g;
	dec ref = mark;

	c->coinm = dec_sign(c->r->contract_size) > 0;
	c->priced = !c->o->market && dec_sign(c->o->price) != 0;
	c->grid[PRICE] = c->grid[TRIGGER] = grid_price(c->r);
	c->grid[QTY] = grid_qty(c->r, c->o->market);
	if (triggers(c)) {
		nearest_price(c, TRIGGER, &(struct band){ { 0, 0 }, { 0, 0 } });
		if (!c->o->activate)
			ref = mended(c, TRIGGER);
	}
	if (c->priced) {
		c->price = band(c, ref);
		nearest_price(c, PRICE, &c->price);
	}
	value(c, mark);
	g = c->grid[QTY];
	g.low = dec_max(g.low, least_qty(c));
	nearest(c->near[QTY], &g, c->o->qty, false);
}

/*
 * What is broken
 */

static void
found(struct check *c, int code, enum number k, const char *rule, dec limit)
{
	struct finding *fi;

	if (c->n == FINDINGS_MAX)
		return;
	fi = &c->out[c->n++];
	fi->code = code;
	fi->field = codes_of(c, k)->field;
	fi->rule = rule;
	dec_print(number(c, k), fi->value);
	dec_print(limit, fi->limit);
	memcpy(fi->nearest, c->near[k], DEC_STR);
}

static void
check_precision(struct check *c, enum number k, const char *rule)
{
	dec x = number(c, k);
	int most = c->grid[k].precision;
	bool written = c->coinm && k == QTY && x.scale > 0;

	if (most >= 0 && (written || dec_decimals(x) > most))
		found(c, -1111, k, rule, dec_int(most));
}

static void
check_grid(struct check *c, enum number k)
{
	const struct codes *w = codes_of(c, k);
	const struct grid *g = &c->grid[k];
	dec x = number(c, k), off;

	if (dec_sign(x) <= 0) {
		found(c, w->sign, k, w->min, g->low);
		return;
	}
	if (dec_cmp(x, g->low) < 0)
		found(c, w->below, k, w->min, g->low);
	if (dec_sign(g->high) != 0 && dec_cmp(x, g->high) > 0)
		found(c, w->above, k, w->max, g->high);
	if (g->own && (!dec_sub(&off, x, g->base) || !dec_is_multiple(off, g->step)))
		found(c, w->off, k, w->step, g->step);
}

static void
check_band(struct check *c, enum number k, const struct band *b, const char *const rule[2], int up, int down)
{
	if (dec_sign(b->up) != 0 && dec_cmp(number(c, k), b->up) > 0)
		found(c, code_of(c, up), k, rule[0], b->up);
	if (dec_sign(b->down) != 0 && dec_cmp(number(c, k), b->down) < 0)
		found(c, code_of(c, down), k, rule[1], b->down);
}

static void
check_bands(struct check *c)
{
	static const char *const by_mark[] = { "multiplierUp", "multiplierDown" };
	static const char *const by_trigger[] = { "triggerMultiplierUp", "triggerMultiplierDown" };

	if (triggers(c) && !c->o->activate)
		check_band(c, PRICE, &c->price, by_trigger, -4183, -4184);
	else
		check_band(c, PRICE, &c->price, by_mark, -4016, -4024);
}

/* Exits are exempt. */
static void
check_notional(struct check *c)
{
	dec n;

	if (c->asked && dec_sign(c->o->qty) > 0 && dec_mul(&n, c->o->qty, c->worth) &&
	    dec_cmp(n, c->r->min_notional) < 0)
		found(c, c->o->modify ? -5029 : code_of(c, -4164), QTY, "notional", c->r->min_notional);
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
	struct check c = { .r = r, .o = o, .out = out };

	if (!r->complete)
		return unknown_rules(r, out);
	prepare(&c, mark);
	if (c.priced)
		check_precision(&c, PRICE, "pricePrecision");
	if (triggers(&c))
		check_precision(&c, TRIGGER, "pricePrecision");
	check_precision(&c, QTY, "quantityPrecision");
	if (c.priced)
		check_grid(&c, PRICE);
	if (triggers(&c))
		check_grid(&c, TRIGGER);
	if (dec_sign(o->qty) != 0 || (!o->reduce && !o->modify))	/* closePosition has none */
		check_grid(&c, QTY);
	check_bands(&c);
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
	{ "triggerMultiplierUp",   "above trigger price x multiplierUp," },
	{ "triggerMultiplierDown", "below trigger price x multiplierDown," },
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

#include "core/margin.h"

#define MONEY	8	/* decimals of money, as the exchange prints it */
#define ENTRY	12	/* decimals of an average entry price */
#define MEAN	20	/* decimals of a mean that is divided by */
#define FINE	24	/* decimals of a quotient that is computed on with */

/*
 * Tiers
 */

static int
missing(struct fault *f, int k, const char *field)
{
	return fault_set(f, FAULT_REJECTED,
	    "leverageBracket: brackets[%d]: %s is missing or out of range", k, field);
}

/* A member under one of two names, not below zero. */
static bool
member(const struct tok *t, const struct tok *obj, const char *key, const char *other, dec *out)
{
	const struct tok *v = scan_get(t, obj, key);

	if (v == NULL && other != NULL)
		v = scan_get(t, obj, other);
	return scan_dec(v, out) && dec_sign(*out) >= 0;
}

static int
tier_parse(struct tier *out, const struct tok *t, const struct tok *row, int k, struct fault *f)
{
	const struct tok *low;
	int64_t lev;

	/* COIN-M counts tiers in coins, and spells one name with an extra l. */
	if ((low = scan_get(t, row, "notionalFloor")) == NULL &&
	    (low = scan_get(t, row, "qtylFloor")) == NULL)
		low = scan_get(t, row, "qtyFloor");
	if (!scan_dec(low, &out->floor) || dec_sign(out->floor) < 0)
		return missing(f, k, "notionalFloor");
	if (!member(t, row, "notionalCap", "qtyCap", &out->cap) ||
	    dec_cmp(out->cap, out->floor) <= 0)
		return missing(f, k, "notionalCap");
	if (!member(t, row, "maintMarginRatio", NULL, &out->mmr) ||
	    dec_cmp(out->mmr, dec_int(1)) >= 0)
		return missing(f, k, "maintMarginRatio");
	if (!member(t, row, "cum", NULL, &out->cum))
		return missing(f, k, "cum");
	if (!scan_get_i64(t, row, "initialLeverage", &lev) || lev < 1 || lev > 1000)
		return missing(f, k, "initialLeverage");
	out->max_leverage = (int)lev;
	return 0;
}

/* cum of tier k follows from the floors and rates below it (section 4). */
static bool
tier_cum(struct tiers *ts, int k)
{
	struct tier *at = &ts->tier[k];
	dec step;

	if (k == 0) {
		at->cum = dec_int(0);
		return true;
	}
	return dec_sub(&step, at->mmr, at[-1].mmr) && dec_mul(&step, step, at->floor) &&
	    dec_add(&at->cum, at[-1].cum, step);
}

/*
 * An adjusted user's tiers are coef times as wide. cum is computed anew: it is
 * not documented whether the one printed is for the widened tiers.
 */
static bool
widen(struct tiers *ts, dec coef)
{
	int k;

	for (k = 0; k < ts->n; k++)
		if (!dec_mul(&ts->tier[k].floor, ts->tier[k].floor, coef) ||
		    !dec_mul(&ts->tier[k].cap, ts->tier[k].cap, coef) ||
		    !tier_cum(ts, k))
			return false;
	return true;
}

int
tiers_parse(struct tiers *out, const struct tok *t, const struct tok *element, struct fault *f)
{
	const struct tok *rows = scan_get(t, element, "brackets"), *v;
	const struct tok *c = scan_get(t, element, "notionalCoef");
	struct tiers ts = { 0 };
	dec coef = dec_int(1);

	if (rows == NULL || rows->kind != SCAN_ARR || rows->n == 0 || rows->n > TIERS_MAX)
		return fault_set(f, FAULT_REJECTED,
		    "leverageBracket: brackets is missing, empty or too long");
	if (c != NULL && (!scan_dec(c, &coef) || dec_sign(coef) <= 0))
		return fault_set(f, FAULT_REJECTED, "leverageBracket: notionalCoef is not positive");
	for (v = scan_first(rows); v != NULL; v = scan_next(t, rows, v)) {
		if (tier_parse(&ts.tier[ts.n], t, v, ts.n, f) == -1)
			return -1;
		if (ts.n > 0 && dec_cmp(ts.tier[ts.n].floor, ts.tier[ts.n - 1].floor) <= 0)
			return missing(f, ts.n, "an ascending notionalFloor");
		ts.n++;
	}
	if (dec_cmp(coef, dec_int(1)) != 0 && !widen(&ts, coef))
		return fault_set(f, FAULT_REJECTED, "leverageBracket: notionalCoef: no room");
	*out = ts;
	return 0;
}

const struct tier *
tiers_of(const struct tiers *ts, dec notional)
{
	dec n = dec_abs(notional);
	int k;

	if (ts->n == 0)
		return NULL;
	for (k = 0; k < ts->n - 1; k++)
		if (dec_cmp(n, ts->tier[k].cap) <= 0)
			break;
	return &ts->tier[k];
}

dec
tiers_cap(const struct tiers *ts, int leverage)
{
	dec cap = dec_int(0);
	int k;

	for (k = 0; k < ts->n; k++)
		if (ts->tier[k].max_leverage >= leverage)
			cap = dec_max(cap, ts->tier[k].cap);
	return cap;
}

/*
 * One leg
 */

/* USD size of an inverse leg, signed. */
static bool
usd(dec *out, const struct leg *l)
{
	return dec_mul(out, l->amt, l->size);
}

bool
margin_notional(dec *out, const struct leg *l, dec price)
{
	dec n;

	if (dec_sign(l->amt) == 0) {	/* a flat row may have no price: 0 */
		*out = dec_int(0);
		return true;
	}
	if (l->kind == LINEAR)
		return dec_mul(&n, l->amt, price) && dec_rescale(out, n, MONEY, DEC_DOWN);
	return usd(&n, l) && dec_div(out, n, price, MONEY, DEC_DOWN);
}

/* Section 2: the base quantity of an inverse fill is rounded, not cut off. */
bool
margin_fill_value(dec *out, const struct leg *l, dec price)
{
	dec q;

	if (l->kind == LINEAR)
		return dec_mul(out, dec_abs(l->amt), price);
	return usd(&q, l) && dec_div(out, dec_abs(q), price, MONEY, DEC_HALF_UP);
}

/* Inverse: Q (1/EP - 1/P) as Q (P - EP) / (EP P), so that it is cut off once. */
bool
margin_pnl(dec *out, const struct leg *l, dec price)
{
	dec gain, q, den;

	if (dec_sign(l->amt) == 0) {
		*out = dec_int(0);
		return true;
	}
	if (!dec_sub(&gain, price, l->entry))
		return false;
	if (l->kind == LINEAR)
		return dec_mul(&gain, gain, l->amt) && dec_rescale(out, gain, MONEY, DEC_DOWN);
	return usd(&q, l) && dec_mul(&gain, gain, q) && dec_mul(&den, l->entry, price) &&
	    dec_div(out, gain, den, MONEY, DEC_DOWN);
}

bool
margin_initial(dec *out, dec notional, int leverage)
{
	int64_t l = leverage;
	dec rate, m;

	if (leverage < 1)
		return false;
	rate = (dec){ (200000000 + l) / (2 * l), MONEY };	/* 1 / L, half up */
	return dec_mul(&m, dec_abs(notional), rate) && dec_rescale(out, m, MONEY, DEC_DOWN);
}

bool
margin_maintenance(dec *out, const struct tiers *ts, dec notional)
{
	const struct tier *at = tiers_of(ts, notional);
	dec m;

	return at != NULL && dec_mul(&m, dec_abs(notional), at->mmr) &&
	    dec_sub(&m, m, at->cum) && dec_rescale(out, m, MONEY, DEC_DOWN);
}

/* Linear: the mean of prices. Inverse: the harmonic mean, EP P over the mean of
 * both with their weights exchanged, (a P + b EP) / (a + b): so there is room for
 * any size. The contract size falls out. */
bool
margin_average(dec *out, const struct leg *l, dec amt, dec price)
{
	dec sum, a, b;

	if (dec_sign(l->amt) == 0)
		return dec_sign(amt) != 0 && dec_rescale(out, price, ENTRY, DEC_HALF_UP);
	if (dec_sign(l->amt) != dec_sign(amt) || !dec_add(&sum, l->amt, amt))
		return false;
	if (l->kind == LINEAR)
		return dec_mul(&a, l->amt, l->entry) && dec_mul(&b, amt, price) &&
		    dec_add(&a, a, b) && dec_div(out, a, sum, ENTRY, DEC_HALF_UP);
	return dec_mul(&a, l->amt, price) && dec_mul(&b, amt, l->entry) && dec_add(&a, a, b) &&
	    dec_div(&a, a, sum, MEAN, DEC_DOWN) && dec_mul(&b, l->entry, price) &&
	    dec_div(out, b, a, ENTRY, DEC_HALF_UP);
}

/*
 * Liquidation price, section 12.
 *
 * Each tier charges by a line, N mmr - cum, and cum makes the charge
 * continuous: the charge at N is that of the dearest line, since where two
 * lines cross the steeper takes over. So a wallet holds at a price if and only
 * if it holds under every combination of tiers. Each combination alone bounds
 * the price on one side, at the price of section 12.1; the narrowest bound is
 * the result. That is the price whose tiers are those of the notional there
 * (12.3), found without comparing a rounded notional with the edge of a tier.
 *
 * With x for P (linear) or 1/P (inverse), one combination holds where
 *	money - weight x >= 0
 * linear:  money = W + sum cum - sum s q EP,	weight = sum q mmr - sum s q
 * inverse: money = W + sum cum + sum s Q / EP,	weight = sum Q mmr + sum s Q
 * where W = WB - TMM1 + UPNL1.
 */
struct bounds {		/* it holds where low <= P <= high */
	dec	low, high;
	bool	capped;	/* high is set */
	bool	never;	/* it holds nowhere */
};

/* Take the bound of one combination; false: no room. */
static bool
narrow(struct bounds *b, enum contract_kind kind, dec money, dec weight)
{
	int m = dec_sign(money), w = dec_sign(weight);
	dec p;

	if (m >= 0 && w <= 0)
		return true;		/* it holds at every price */
	if (m <= 0 && w >= 0) {
		b->never = true;
		return true;
	}
	if (!(kind == LINEAR ? dec_div(&p, money, weight, MONEY, DEC_DOWN) :
	    dec_div(&p, weight, money, MONEY, DEC_DOWN)))
		return false;
	if ((w > 0) == (kind == INVERSE)) {
		b->low = dec_max(b->low, p);
	} else if (!b->capped || dec_cmp(p, b->high) < 0) {
		b->high = p;
		b->capped = true;
	}
	return true;
}

/* What a leg adds to money and weight before any tier. */
static bool
leg_sums(const struct leg *l, dec *money, dec *weight)
{
	dec q, v;

	if (l->kind == LINEAR)
		return dec_mul(&v, l->amt, l->entry) && dec_sub(money, *money, v) &&
		    dec_sub(weight, *weight, l->amt);
	return usd(&q, l) && dec_div(&v, q, l->entry, FINE, DEC_DOWN) &&
	    dec_add(money, *money, v) && dec_add(weight, *weight, q);
}

/* The same of one tier of the leg. */
static bool
tier_sums(const struct leg *l, const struct tier *at, dec *money, dec *weight)
{
	dec q = l->amt;

	if (l->kind == INVERSE && !usd(&q, l))
		return false;
	return dec_mul(&q, dec_abs(q), at->mmr) && dec_add(weight, *weight, q) &&
	    dec_add(money, *money, at->cum);
}

/* Every combination of tiers of the legs from here on. */
static bool
narrow_all(struct bounds *b, const struct liq_leg *legs, int n, dec money, dec weight)
{
	dec m, w;
	int k;

	for (k = 0; k < legs->tiers->n; k++) {
		m = money;
		w = weight;
		if (!tier_sums(&legs->leg, &legs->tiers->tier[k], &m, &w))
			return false;
		if (n > 1 ? !narrow_all(b, legs + 1, n - 1, m, w) :
		    !narrow(b, legs->leg.kind, m, w))
			return false;
	}
	return true;
}

static struct liq_bounds
found(const struct bounds *b)
{
	struct liq_bounds r = { .low = b->low, .high = b->capped ? b->high : dec_int(0) };

	if (b->never || (b->capped && (dec_cmp(b->low, b->high) > 0 || dec_sign(b->high) <= 0)))
		r = (struct liq_bounds){ .dead = true };
	return r;
}

/*
 * A wallet that is long in sum dies of a fall first. Two unequal legs can also
 * be bound from above, where the maintenance of both outgrows the gain; that
 * bound is the answer when no fall can do harm.
 */
dec
margin_bound(const struct liq_bounds *b)
{
	return dec_sign(b->low) > 0 ? b->low : b->high;
}

void
margin_narrow(struct liq_bounds *io, const struct liq_bounds *b)
{
	struct bounds both = { .low = dec_max(io->low, b->low), .never = io->dead || b->dead };

	both.capped = dec_sign(io->high) > 0 || dec_sign(b->high) > 0;
	both.high = dec_sign(io->high) <= 0 ? b->high : dec_sign(b->high) <= 0 ? io->high :
	    dec_min(io->high, b->high);
	*io = found(&both);
}

bool
margin_liquidation_bounds(struct liq_bounds *out, const struct liq_leg *legs, int n, dec wb, dec tmm1, dec upnl1)
{
	struct bounds b = { 0 };
	struct liq_leg held[2];
	dec money, weight = dec_int(0);
	int i, k = 0;

	if (!dec_sub(&money, wb, tmm1) || !dec_add(&money, money, upnl1))
		return false;
	for (i = 0; i < n && k < 2; i++) {
		if (dec_sign(legs[i].leg.amt) == 0)
			continue;
		if (legs[i].tiers == NULL || legs[i].tiers->n == 0 ||
		    !leg_sums(&legs[i].leg, &money, &weight))
			return false;
		held[k++] = legs[i];
	}
	if (k > 0 && !narrow_all(&b, held, k, money, weight))
		return false;
	*out = found(&b);
	return true;
}

bool
margin_liquidation(dec *out, const struct liq_leg *legs, int n, dec wb, dec tmm1, dec upnl1)
{
	struct liq_bounds b;

	if (!margin_liquidation_bounds(&b, legs, n, wb, tmm1, upnl1))
		return false;
	*out = margin_bound(&b);
	return true;
}

/* The same with nothing to maintain: the price where the equity is gone. */
bool
margin_bankruptcy(dec *out, const struct leg *l, dec wb)
{
	struct bounds b = { 0 };
	struct liq_bounds r;
	dec weight = dec_int(0);

	if (dec_sign(l->amt) != 0 && (!leg_sums(l, &wb, &weight) ||
	    !narrow(&b, l->kind, wb, weight)))
		return false;
	r = found(&b);
	*out = margin_bound(&r);
	return true;
}

/*
 * Ratios
 */

bool
margin_leverage(dec *out, dec sum_notional, dec equity)
{
	return dec_sign(equity) > 0 &&
	    dec_div(out, dec_abs(sum_notional), equity, 4, DEC_UP);
}

bool
margin_ratio(dec *out, dec maintenance, dec equity)
{
	return dec_sign(equity) > 0 && dec_div(out, maintenance, equity, MONEY, DEC_UP);
}

#include "core/funding.h"

#define MONEY	8	/* decimals of money and rates, as the exchange prints them */
#define FINE	12	/* decimals of what is computed on with */

static const dec narrow = { 5, 4 };	/* the clamp of the interest: 0.05 % */

/*
 * Mark price, section 9.2
 */

/* Index x (interval + rate x left) / interval: one quotient. */
static bool
first_price(dec *out, dec index, dec rate, int64_t left_ms, int64_t interval_ms)
{
	dec d;

	return dec_mul(&d, rate, dec_int(left_ms)) && dec_add(&d, d, dec_int(interval_ms)) &&
	    dec_mul(&d, d, index) && dec_div(out, d, dec_int(interval_ms), FINE, DEC_DOWN);
}

static dec
median(dec a, dec b, dec c)
{
	return dec_max(dec_min(a, b), dec_min(dec_max(a, b), c));
}

bool
mark_perpetual(dec *out, dec index, dec rate, int64_t left_ms, int64_t interval_ms, dec basis,
    dec last)
{
	dec p1, p2;

	if (dec_sign(index) <= 0 || interval_ms <= 0 || left_ms < 0 || left_ms > interval_ms)
		return false;
	if (!first_price(&p1, index, rate, left_ms, interval_ms) || !dec_add(&p2, index, basis))
		return false;
	if (dec_sign(last) == 0)	/* nothing was traded yet */
		return dec_add(&p1, p1, p2) && dec_div(out, p1, dec_int(2), MONEY, DEC_DOWN);
	return dec_rescale(out, median(p1, p2, last), MONEY, DEC_DOWN);
}

/*
 * The rate, section 11.1
 */

bool
funding_premium(dec *out, dec impact_bid, dec impact_ask, dec index)
{
	dec bid = dec_int(0), ask = dec_int(0);

	if (dec_sign(index) <= 0)
		return false;
	if (dec_sign(impact_bid) > 0 && !dec_sub(&bid, impact_bid, index))
		return false;
	if (dec_sign(impact_ask) > 0 && !dec_sub(&ask, index, impact_ask))
		return false;
	bid = dec_max(bid, dec_int(0));
	ask = dec_max(ask, dec_int(0));
	return dec_sub(&bid, bid, ask) && dec_div(out, bid, index, MONEY, DEC_DOWN);
}

dec
funding_impact_notional(int max_leverage)
{
	return dec_int(200 * (int64_t)max_leverage);
}

bool
premium_add(struct premium *p, dec sample)
{
	dec d;

	if (p->n == INT64_MAX || !dec_mul(&d, sample, dec_int(p->n + 1)) ||
	    !dec_add(&d, p->sum, d))
		return false;
	p->sum = d;
	p->n++;
	return true;
}

bool
premium_mean(dec *out, const struct premium *p)
{
	dec twice, n = dec_int(p->n);

	if (p->n <= 0) {
		*out = dec_int(0);
		return p->n == 0;
	}
	/* sum / (n (n + 1) / 2) */
	return dec_mul(&twice, p->sum, dec_int(2)) && dec_mul(&n, n, dec_int(p->n + 1)) &&
	    dec_div(out, twice, n, FINE, DEC_DOWN);
}

bool
funding_rate(dec *out, dec premium, dec interest, int hours, dec floor, dec cap)
{
	dec d;

	if (hours < 1 || hours > 24 || dec_cmp(floor, cap) > 0)
		return false;
	if (!dec_sub(&d, interest, premium))
		return false;
	d = dec_max(dec_neg(narrow), dec_min(narrow, d));
	if (!dec_add(&d, premium, d) || !dec_mul(&d, d, dec_int(hours)) ||
	    !dec_div(&d, d, dec_int(8), MONEY, DEC_HALF_UP))
		return false;
	return dec_rescale(out, dec_max(floor, dec_min(cap, d)), MONEY, DEC_HALF_UP);
}

/* Section 11.3; the sign of the notional is that of the position. */
bool
funding_payment(dec *out, const struct leg *l, dec mark, dec rate)
{
	dec d;

	return margin_notional(&d, l, mark) && dec_mul(&d, dec_neg(d), rate) &&
	    dec_rescale(out, d, MONEY, DEC_DOWN);
}

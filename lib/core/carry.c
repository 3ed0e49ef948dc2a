#include "core/carry.h"

#define MONEY		8	/* decimals of money and rates, as the exchange prints them */
#define HOUR_MS		INT64_C(3600000)
#define YEAR_PERCENT	(24 * 365 * 100)

static bool
interval_ok(int hours)
{
	return hours >= 1 && hours <= 24;
}

bool
carry_annual(dec *out, dec rate, int hours)
{
	dec d;

	return interval_ok(hours) && dec_mul(&d, rate, dec_int(YEAR_PERCENT)) &&
	    dec_div(out, d, dec_int(hours), 4, DEC_HALF_UP);
}

bool
carry_hourly(dec *out, dec amount, int hours)
{
	return interval_ok(hours) && dec_div(out, amount, dec_int(hours), MONEY, DEC_HALF_UP);
}

bool
carry_basis(dec *out, dec mark, dec index)
{
	dec d;

	return dec_sign(index) > 0 && dec_sub(&d, mark, index) && dec_mul(&d, d, dec_int(10000)) &&
	    dec_div(out, d, index, 2, DEC_HALF_UP);
}

int64_t
carry_settlements(int64_t left_ms, int hours, int64_t span_ms)
{
	if (left_ms < 0 || span_ms < left_ms || !interval_ok(hours))
		return 0;
	return 1 + (span_ms - left_ms) / (hours * HOUR_MS);
}

bool
carry_add(struct carry_rates *c, dec rate)
{
	dec d;

	if (c->n == INT64_MAX || !dec_add(&d, c->sum, rate))
		return false;
	c->sum = d;
	c->n++;
	return true;
}

bool
carry_mean(dec *out, const struct carry_rates *c)
{
	return c->n > 0 && dec_div(out, c->sum, dec_int(c->n), MONEY, DEC_HALF_UP);
}

/*
 * Decimal sums without a branch at each step: what has no room sets *bad and
 * gives 0. Whoever owns the flag looks at it once, before the result counts.
 */
#ifndef BF_SIM_NUM_H
#define BF_SIM_NUM_H

#include "core/dec.h"

#define MONEY	8	/* decimals of money, cut off toward zero, as the exchange does */
#define FINE	12	/* decimals of entry and break-even prices */

/* d by pointer: it is read after the call that made ok has filled it. */
static inline dec
num_ok(bool *bad, bool ok, const dec *d)
{
	if (ok)
		return *d;
	*bad = true;
	return dec_int(0);
}

static inline dec
num_add(bool *bad, dec a, dec b)
{
	dec d = { 0, 0 };

	return num_ok(bad, dec_add(&d, a, b), &d);
}

static inline dec
num_sub(bool *bad, dec a, dec b)
{
	dec d = { 0, 0 };

	return num_ok(bad, dec_sub(&d, a, b), &d);
}

static inline dec
num_mul(bool *bad, dec a, dec b)
{
	dec d = { 0, 0 };

	return num_ok(bad, dec_mul(&d, a, b), &d);
}

static inline dec
num_div(bool *bad, dec a, dec b, int scale)
{
	dec d = { 0, 0 };

	return num_ok(bad, dec_div(&d, a, b, scale, DEC_DOWN), &d);
}

static inline dec
num_scale(bool *bad, dec a, int scale)
{
	dec d = { 0, 0 };

	return num_ok(bad, dec_rescale(&d, a, scale, DEC_DOWN), &d);
}

/* Money: 8 decimals. */
static inline dec
num_money(bool *bad, dec a)
{
	return num_scale(bad, a, MONEY);
}

/* To a multiple of step, down or up. */
static inline dec
num_floor(bool *bad, dec a, dec step)
{
	dec d = { 0, 0 };

	return num_ok(bad, dec_floor(&d, a, step), &d);
}

static inline dec
num_ceil(bool *bad, dec a, dec step)
{
	dec d = { 0, 0 };

	return num_ok(bad, dec_ceil(&d, a, step), &d);
}

#endif

/* Volatility of one symbol, see world.h. Pure, and in decimals only. */
#include <string.h>

#include "world.h"

#define RETURN	12	/* decimals of a return */
#define SQUARE	24	/* of its square */
#define PERCENT	8
#define RETURN_MOST	1000	/* a greater return (a price absurd) counts as this: there is room for it */

void
vol_init(struct vol *v, int64_t window_ms)
{
	memset(v, 0, sizeof *v);
	if (window_ms > 0)
		v->bucket_ms = window_ms / VOL_WINDOW + (window_ms % VOL_WINDOW != 0);
}

/* The square of the return from one price to the next. */
static dec
square(dec from, dec to)
{
	dec r, most = dec_int(RETURN_MOST);

	if (!dec_sub(&r, to, from) || !dec_div(&r, r, from, RETURN, DEC_DOWN) || dec_cmp(r, most) > 0)
		r = most;
	return dec_mul(&r, r, r) ? r : dec_int((int64_t)RETURN_MOST * RETURN_MOST);
}

/* One bucket more, in which the square of the return was x: var + (x - var) 2 / (n + 1). */
static void
weigh(struct vol *v, dec x)
{
	dec old, new;

	if (!v->primed)
		v->var = x;
	else if (dec_mul(&old, v->var, dec_int(VOL_WINDOW - 1)) && dec_mul(&new, x, dec_int(2)) &&
	    dec_add(&new, new, old))
		dec_div(&v->var, new, dec_int(VOL_WINDOW + 1), SQUARE, DEC_HALF_UP);
	v->primed = true;
}

/* Bucket k, m after the newest one, begins with this price. */
static void
turn(struct vol *v, int64_t k, dec price)
{
	int64_t m = k - v->at;
	dec x = square(v->last, price);

	if (!dec_div(&x, x, dec_int(m), SQUARE, DEC_HALF_UP))
		return;
	for (int64_t i = 1; i <= m; i++) {
		memset(&v->b[(v->at + i) % VOL_BUCKETS], 0, sizeof *v->b);
		weigh(v, x);
	}
	v->at = k;
	v->last = price;
}

static void
begin(struct vol *v, int64_t k, dec price)
{
	memset(v->b, 0, sizeof v->b);
	v->at = k;
	v->last = price;
	v->var = dec_int(0);
	v->primed = false;
}

void
vol_add(struct vol *v, dec price, int64_t at_ms)
{
	int64_t k;
	size_t i;

	if (v->bucket_ms <= 0 || at_ms < 0 || dec_sign(price) <= 0)
		return;
	v->kept = false;
	k = at_ms / v->bucket_ms;
	if (dec_sign(v->last) <= 0 || k - v->at > VOL_WINDOW)
		begin(v, k, price);
	else if (k > v->at)
		turn(v, k, price);
	else if (k < v->at)
		return;
	i = (size_t)(k % VOL_BUCKETS);
	if (dec_sign(v->b[i].high) == 0)
		v->b[i].low = v->b[i].high = price;
	v->b[i].low = dec_min(v->b[i].low, price);
	v->b[i].high = dec_max(v->b[i].high, price);
}

/* The first bucket of the window that ends now; a mark may be a little ahead of us. */
static int64_t
first_bucket(const struct vol *v, int64_t now_ms)
{
	int64_t k = now_ms / v->bucket_ms;

	return (k > v->at ? k : v->at) - VOL_WINDOW;
}

bool
vol_range(dec *out, const struct vol *v, int64_t now_ms)
{
	dec low = dec_int(0), high = low, d;

	if (v->bucket_ms <= 0)
		return false;
	for (int64_t k = first_bucket(v, now_ms); k <= v->at; k++) {
		size_t i = k < 0 ? 0 : (size_t)(k % VOL_BUCKETS);

		if (k < 0 || dec_sign(v->b[i].high) <= 0)
			continue;
		low = dec_sign(low) == 0 ? v->b[i].low : dec_min(low, v->b[i].low);
		high = dec_max(high, v->b[i].high);
	}
	return dec_sign(low) > 0 && dec_sub(&d, high, low) && dec_mul(&d, d, dec_int(100)) &&
	    dec_div(out, d, low, PERCENT, DEC_UP);
}

bool
vol_range_again(dec *out, struct vol *v, int64_t now_ms)
{
	int64_t first = v->bucket_ms > 0 ? first_bucket(v, now_ms) : 0;

	if (!v->kept || v->kept_first != first)
		v->kept_known = vol_range(&v->kept_range, v, now_ms);
	v->kept = true;
	v->kept_first = first;
	if (v->kept_known)
		*out = v->kept_range;
	return v->kept_known;
}

/* The integer root, rounded down: one bit of it after the other, from the highest. */
static i128
root(i128 n)
{
	i128 r = 0, bit = (i128)1 << 126;

	while (bit > n)
		bit >>= 2;
	for (; bit != 0; bit >>= 2, r >>= 1)
		if (n >= r + bit) {
			n -= r + bit;
			r += bit << 1;
		}
	return r;
}

/* The square root of d >= 0 at half its scale, which must be even, rounded up. */
static dec
square_root(dec d)
{
	i128 r = root(d.c);

	return (dec){ .c = r * r < d.c ? r + 1 : r, .scale = d.scale / 2 };
}

bool
vol_ewma(dec *out, const struct vol *v, int64_t now_ms)
{
	dec d;

	if (v->bucket_ms <= 0 || !v->primed || v->at < first_bucket(v, now_ms) ||
	    !dec_mul(&d, v->var, dec_int(VOL_WINDOW)) || !dec_rescale(&d, d, SQUARE, DEC_UP) || dec_sign(d) < 0)
		return false;
	return dec_mul(&d, square_root(d), dec_int(100)) && dec_rescale(out, d, PERCENT, DEC_UP);
}

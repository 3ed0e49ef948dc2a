/*
 * A result has room for 38 digits, so that whatever is printed can be parsed
 * again. What is between operands and result is computed in 256 bits, so that
 * false means the result has no room, never that some step on the way had none.
 */
#include <assert.h>
#include <string.h>

#include "core/dec.h"

__extension__ typedef unsigned __int128 u128;

struct u256 { u128 hi, lo; };

#define E19	((u128)10000000000000000000u)
#define DIGITS	38
#define ROOM	(p10[DIGITS] - 1)	/* the greatest magnitude of a result */

static const u128 p10[DIGITS + 1] = {
	1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u,
	1000000000u, 10000000000u, 100000000000u, 1000000000000u,
	10000000000000u, 100000000000000u, 1000000000000000u,
	10000000000000000u, 100000000000000000u, 1000000000000000000u,
	E19, E19 * 10u, E19 * 100u, E19 * 1000u, E19 * 10000u, E19 * 100000u,
	E19 * 1000000u, E19 * 10000000u, E19 * 100000000u, E19 * 1000000000u,
	E19 * 10000000000u, E19 * 100000000000u, E19 * 1000000000000u,
	E19 * 10000000000000u, E19 * 100000000000000u, E19 * 1000000000000000u,
	E19 * 10000000000000000u, E19 * 100000000000000000u,
	E19 * 1000000000000000000u, E19 * E19
};

static u128
pow10_of(int n)
{
	assert(n >= 0 && n <= DIGITS);	/* else a dec was made with a bad scale */
	return p10[n];
}

static u128
mag(i128 c)
{
	return c < 0 ? -(u128)c : (u128)c;
}

/* Give *out the value, if there is room. */
static bool
set(dec *out, bool neg, u128 m, int scale)
{
	if (m > ROOM)
		return false;
	out->c = neg ? -(i128)m : (i128)m;
	out->scale = scale;
	return true;
}

static struct u256
mul128(u128 a, u128 b)
{
	u128 a1 = a >> 64, a0 = (uint64_t)a, b1 = b >> 64, b0 = (uint64_t)b;
	u128 mid, low = a0 * b0;
	struct u256 r;

	mid = a1 * b0 + (low >> 64);		/* cannot overflow */
	r.hi = a1 * b1 + (mid >> 64);
	mid = a0 * b1 + (uint64_t)mid;
	r.hi += mid >> 64;
	r.lo = mid << 64 | (uint64_t)low;
	return r;
}

/* *a *= b; false if that needs more than 256 bits. */
static bool
mul256(struct u256 *a, u128 b)
{
	struct u256 low = mul128(a->lo, b), high = mul128(a->hi, b);

	if (high.hi != 0 || __builtin_add_overflow(high.lo, low.hi, &high.lo))
		return false;
	a->hi = high.lo;
	a->lo = low.lo;
	return true;
}

static int
cmp256(struct u256 a, struct u256 b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo < b.lo ? -1 : a.lo > b.lo;
}

/* *a /= b, the remainder returned. b <= 2^127, unless a has 128 bits only. */
static u128
divmod256(struct u256 *a, u128 b)
{
	u128 rem = 0, low = a->lo;
	int i;

	if (a->hi != 0) {
		rem = a->hi % b;
		a->hi /= b;
	}
	if (rem == 0) {
		a->lo = low / b;
		return low - a->lo * b;
	}
	for (i = 0; i < 128; i++) {	/* rem < b, so doubling has room */
		rem = rem << 1 | low >> 127;
		low <<= 1;
		if (rem >= b) {
			rem -= b;
			low |= 1;	/* quotient bits follow the dividend out */
		}
	}
	a->lo = low;
	return rem;
}

/* Whether the cut-off quotient of this sign must grow by one. half: -1 if less
 * than half was cut off, 0 for exactly half, 1 for more. */
static bool
grows(enum dec_round mode, bool neg, int half)
{
	switch (mode) {
	case DEC_DOWN:	  return false;
	case DEC_UP:	  return true;
	case DEC_FLOOR:	  return neg;
	case DEC_CEIL:	  return !neg;
	case DEC_HALF_UP: return half >= 0;
	}
	return false;
}

/* num / den, rounded, at the given scale. */
static bool
quotient(dec *out, bool neg, struct u256 num, u128 den, int scale, enum dec_round mode)
{
	u128 rem = divmod256(&num, den);
	int half;

	if (num.hi != 0 || num.lo > ROOM)
		return false;
	if (rem != 0) {
		half = rem < den - rem ? -1 : rem > den - rem;
		num.lo += grows(mode, neg, half);
	}
	return set(out, neg, num.lo, scale);
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

struct number {		/* as written: c * 10^exp / 10^scale */
	u128	c;
	int	digits, scale;
	bool	neg;
};

static const char *
take_digits(struct number *x, const char *p, const char *end)
{
	uint64_t part = 0;
	int n;

	while (p < end && digit(*p)) {	/* 64-bit steps of up to 18 digits */
		for (part = 0, n = 0; n < 18 && p < end && digit(*p); n++)
			part = part * 10 + (uint64_t)(*p++ - '0');
		x->digits += n;
		if (x->digits > DIGITS)
			return NULL;
		x->c = x->c * p10[n] + part;
	}
	return p;
}

/* The part of a number before any exponent. NULL: not a number, or too long. */
static const char *
take_number(struct number *x, const char *p, const char *end)
{
	const char *from;

	memset(x, 0, sizeof *x);
	if (p < end && *p == '-') {
		x->neg = true;
		p++;
	}
	from = p;
	if ((p = take_digits(x, p, end)) == NULL || p == from)
		return NULL;
	if (*from == '0' && p - from > 1)
		return NULL;
	if (p == end || *p != '.')
		return p;
	from = ++p;
	if ((p = take_digits(x, p, end)) == NULL || p == from)
		return NULL;
	if (p - from > DEC_SCALE_MAX)
		return NULL;
	x->scale = (int)(p - from);
	return p;
}

/* Up to 18 digits and no exponent, as nearly all of the exchange's numbers are. false: something else, or wrong. */
static inline bool
usual(dec *out, const char *s, size_t n)
{
	const char *p = s, *end = s + n, *point;
	bool neg = n > 0 && *s == '-';
	int64_t c = 0;

	p += neg;
	if (end - p < 1 || end - p > 18 || (*p == '0' && end - p > 1 && p[1] != '.'))
		return false;
	for (point = p; p < end && digit(*p); p++)
		c = c * 10 + (*p - '0');
	if (p == point)
		return false;
	point = p;
	if (p < end && *p == '.')
		for (p++; p < end && digit(*p); p++)
			c = c * 10 + (*p - '0');
	if (p < end || p - point == 1)
		return false;
	*out = (dec){ neg ? -c : c, p > point ? (int)(p - point) - 1 : 0 };
	return true;
}

bool
dec_parse_n(dec *out, const char *s, size_t n)
{
	struct number x;
	const char *p;

	if (usual(out, s, n))
		return true;
	if (n == 0 || (p = take_number(&x, s, s + n)) == NULL)
		return false;
	return p == s + n && set(out, x.neg, x.c, x.scale);
}

bool
dec_parse(dec *out, const char *s)
{
	return dec_parse_n(out, s, strlen(s));
}

/* The exponent after 'e'; beyond +-999 it stays there: no room either way. */
static const char *
take_exponent(int *exp, const char *p, const char *end)
{
	bool neg = false;
	const char *from;

	if (p < end && (*p == '-' || *p == '+'))
		neg = *p++ == '-';
	for (from = p, *exp = 0; p < end && digit(*p); p++)
		if (*exp < 999)
			*exp = *exp * 10 + (*p - '0');
	if (neg)
		*exp = -*exp;
	return p == from ? NULL : p;
}

/* Bring x's scale into 0..DEC_SCALE_MAX without a change of value. */
static bool
settle(struct number *x)
{
	while (x->scale > DEC_SCALE_MAX && x->c != 0 && x->c % 10 == 0) {
		x->c /= 10;
		x->scale--;
	}
	if (x->c == 0)
		x->scale = x->scale < 0 ? 0 :
		    x->scale > DEC_SCALE_MAX ? DEC_SCALE_MAX : x->scale;
	if (x->scale > DEC_SCALE_MAX || x->scale < -DIGITS)
		return false;
	if (x->scale < 0) {
		if (__builtin_mul_overflow(x->c, p10[-x->scale], &x->c))
			return false;
		x->scale = 0;
	}
	return true;
}

bool
dec_parse_sci(dec *out, const char *s, size_t n)
{
	const char *p, *end;
	struct number x;
	int exp;

	if (usual(out, s, n))
		return true;
	if (n == 0)
		return false;
	end = s + n;
	if ((p = take_number(&x, s, end)) == NULL)
		return false;
	if (p < end && (*p == 'e' || *p == 'E')) {
		if ((p = take_exponent(&exp, p + 1, end)) == NULL)
			return false;
		x.scale -= exp;
	}
	return p == end && settle(&x) && set(out, x.neg, x.c, x.scale);
}

/* The digits of m, backward from end; returns where they start. */
static char *
put_digits(char *end, u128 m)
{
	uint64_t part;
	int n;

	do {	/* 64-bit division is much cheaper: 19 digits at a time */
		part = m < E19 ? (uint64_t)m : (uint64_t)(m % E19);
		m = m < E19 ? 0 : m / E19;
		for (n = 0; part != 0 || (m != 0 && n < 19) || n == 0; n++) {
			*--end = (char)('0' + part % 10);
			part /= 10;
		}
	} while (m != 0);
	return end;
}

void
dec_print(dec d, char out[static DEC_STR])
{
	char tmp[DEC_STR], *end = tmp + sizeof tmp, *p;
	int whole;

	assert(d.scale >= 0 && d.scale <= DEC_SCALE_MAX);
	p = put_digits(end, mag(d.c));
	while (end - p <= d.scale)
		*--p = '0';
	whole = (int)(end - p) - d.scale;
	if (d.c < 0)
		*out++ = '-';
	memcpy(out, p, (size_t)whole);
	out += whole;
	if (d.scale > 0) {
		*out++ = '.';
		memcpy(out, p + whole, (size_t)d.scale);
		out += d.scale;
	}
	*out = '\0';
}

/* The same value with the least scale. */
static dec
strip(dec d)
{
	if (d.c == 0)
		d.scale = 0;
	while (d.scale > 0 && d.c % 10 == 0) {
		d.c /= 10;
		d.scale--;
	}
	return d;
}

void
dec_print_short(dec d, char out[static DEC_STR])
{
	dec_print(strip(d), out);
}

int
dec_decimals(dec d)
{
	return strip(d).scale;
}

/* d in units of 10^-scale, scale >= d.scale, if plain arithmetic will do, as it
 * does for nearly all of the exchange's numbers: below 2^63 * 10^18 < 2^123. */
static inline bool
plain(i128 *out, dec d, int scale)
{
	int64_t c = (int64_t)d.c;

	if (c != d.c || scale - d.scale > 18)
		return false;
	*out = (i128)c * (int64_t)p10[scale - d.scale];
	return true;
}

/* |d| in units of 10^-scale, scale >= d.scale: 128 + 120 bits always fit. */
static struct u256
at_scale(dec d, int scale)
{
	return mul128(mag(d.c), pow10_of(scale - d.scale));
}

int
dec_cmp(dec a, dec b)
{
	int scale = a.scale > b.scale ? a.scale : b.scale;
	int sign = dec_sign(a);
	i128 x, y;

	if (plain(&x, a, scale) && plain(&y, b, scale))
		return (x > y) - (x < y);
	if (sign != dec_sign(b))
		return sign < dec_sign(b) ? -1 : 1;
	return sign * cmp256(at_scale(a, scale), at_scale(b, scale));
}

dec
dec_neg(dec d)
{
	d.c = (i128)-(u128)d.c;
	return d;
}

dec
dec_abs(dec d)
{
	return d.c < 0 ? dec_neg(d) : d;
}

dec
dec_min(dec a, dec b)
{
	return dec_cmp(b, a) < 0 ? b : a;
}

dec
dec_max(dec a, dec b)
{
	return dec_cmp(b, a) > 0 ? b : a;
}

/* m / 10^scale; trailing zeros are dropped as far as room asks for it. */
static bool
fit(dec *out, bool neg, struct u256 m, int scale)
{
	struct u256 q;

	while (scale > DEC_SCALE_MAX || m.hi != 0 || m.lo > ROOM) {
		q = m;
		if (scale == 0 || divmod256(&q, 10) != 0)
			return false;
		m = q;
		scale--;
	}
	return set(out, neg, m.lo, scale);
}

/* Signs and magnitudes in 256 bits: either of them alone may have no room. */
static bool
add_wide(dec *out, dec a, dec b)
{
	int scale = a.scale > b.scale ? a.scale : b.scale;
	struct u256 x = at_scale(a, scale), y = at_scale(b, scale), t;
	bool neg = a.c < 0;

	if ((a.c < 0) == (b.c < 0)) {	/* both below 2^248: no carry out */
		x.lo += y.lo;
		x.hi += y.hi + (x.lo < y.lo);
		return fit(out, neg, x, scale);
	}
	if (cmp256(x, y) < 0) {
		t = x; x = y; y = t;
		neg = !neg;
	}
	x.hi -= y.hi + (x.lo < y.lo);
	x.lo -= y.lo;
	return fit(out, neg, x, scale);
}

bool
dec_add(dec *out, dec a, dec b)
{
	int scale = a.scale > b.scale ? a.scale : b.scale;
	i128 x, y;

	if (plain(&x, a, scale) && plain(&y, b, scale) &&
	    set(out, x + y < 0, mag(x + y), scale))
		return true;
	return add_wide(out, a, b);
}

bool
dec_sub(dec *out, dec a, dec b)
{
	return dec_add(out, a, dec_neg(b));
}

bool
dec_mul(dec *out, dec a, dec b)
{
	int64_t x = (int64_t)a.c, y = (int64_t)b.c;
	i128 c = (i128)x * y;

	if (x == a.c && y == b.c && a.scale + b.scale <= DEC_SCALE_MAX &&
	    set(out, c < 0, mag(c), a.scale + b.scale))
		return true;
	return fit(out, (a.c < 0) != (b.c < 0), mul128(mag(a.c), mag(b.c)),
	    a.scale + b.scale);
}

bool
dec_div(dec *out, dec a, dec b, int scale, enum dec_round mode)
{
	struct u256 num = { 0, mag(a.c) }, den = { 0, mag(b.c) };
	int exp = b.scale + scale - a.scale;
	bool neg = (a.c < 0) != (b.c < 0);

	if (b.c == 0 || scale < 0 || scale > DEC_SCALE_MAX)
		return false;
	if (exp < 0)
		den = mul128(den.lo, pow10_of(-exp));
	for (; exp > 0; exp -= DIGITS)	/* beyond 256 bits: no room after / either */
		if (!mul256(&num, p10[exp < DIGITS ? exp : DIGITS]))
			return false;
	if (den.hi == 0)
		return quotient(out, neg, num, den.lo, scale, mode);
	/* den > 2 num: less than half of one unit */
	return set(out, neg, num.lo != 0 && grows(mode, neg, -1), scale);
}

bool
dec_rescale(dec *out, dec d, int scale, enum dec_round mode)
{
	struct u256 m = { 0, mag(d.c) };
	int64_t c = (int64_t)d.c;

	if (scale < 0 || scale > DEC_SCALE_MAX)
		return false;
	if (mode == DEC_DOWN && c == d.c && scale < d.scale && d.scale - scale <= 18) {
		*out = (dec){ c / (int64_t)p10[d.scale - scale], scale };
		return true;	/* as money is cut, thousands of times a second */
	}
	if (scale < d.scale)
		return quotient(out, d.c < 0, m, pow10_of(d.scale - scale), scale, mode);
	m = at_scale(d, scale);
	return m.hi == 0 && set(out, d.c < 0, m.lo, scale);
}

static bool
to_step(dec *out, dec d, dec step, enum dec_round mode)
{
	struct u256 m;
	dec k;

	if (step.c <= 0 || !dec_div(&k, d, step, 0, mode))
		return false;
	m = mul128(mag(k.c), mag(step.c));
	return m.hi == 0 && set(out, k.c < 0, m.lo, step.scale);
}

bool
dec_floor(dec *out, dec d, dec step)
{
	return to_step(out, d, step, DEC_FLOOR);
}

bool
dec_ceil(dec *out, dec d, dec step)
{
	return to_step(out, d, step, DEC_CEIL);
}

/* By remainder, not by quotient: d may hold more steps than a dec can count. */
bool
dec_is_multiple(dec d, dec step)
{
	int scale = d.scale > step.scale ? d.scale : step.scale;
	struct u256 num, den;
	i128 x, y;

	if (step.c <= 0)
		return false;
	if (plain(&x, d, scale) && plain(&y, step, scale))
		return x % y == 0;
	num = at_scale(d, scale);
	den = at_scale(step, scale);
	if (den.hi != 0)	/* then step was scaled, d was not: |d| < step */
		return d.c == 0;
	return divmod256(&num, den.lo) == 0;
}

/*
 * Exact decimals for money: prices, quantities, rates, balances. Never binary
 * floating point. Every operation that can run out of room says so.
 */
#ifndef BF_CORE_DEC_H
#define BF_CORE_DEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 i128;

/* c / 10^scale, exact; 0 <= scale <= DEC_SCALE_MAX. The scale is kept as
 * written, so that "1.10" prints as "1.10". All-zero bytes are the number 0. */
typedef struct { i128 c; int scale; } dec;

#define DEC_SCALE_MAX	36
#define DEC_STR		48	/* room for any printed dec and its NUL */

enum dec_round {
	DEC_DOWN,	/* toward zero: cut off */
	DEC_UP,		/* away from zero */
	DEC_FLOOR,	/* toward minus infinity */
	DEC_CEIL,	/* toward plus infinity */
	DEC_HALF_UP	/* to nearest, ties away from zero */
};

/*
 * Plain notation only: [-]digits[.digits]; no '+', no exponent, no bare '.',
 * no blanks, at most 38 digits and DEC_SCALE_MAX decimals. false, and *out
 * untouched, for anything else. dec_parse_n takes n bytes, no NUL needed.
 */
bool dec_parse(dec *out, const char *s);
bool dec_parse_n(dec *out, const char *s, size_t n);
/* The same, but an exponent is also taken ("1E-8"), as exchanges may send it. */
bool dec_parse_sci(dec *out, const char *s, size_t n);

/* Plain notation, never an exponent, never "-0". */
void dec_print(dec d, char out[static DEC_STR]);
/* As dec_print, without trailing zeros after the point. */
void dec_print_short(dec d, char out[static DEC_STR]);

static inline dec
dec_int(int64_t n)
{
	return (dec){ n, 0 };
}

static inline int
dec_sign(dec d)			/* -1, 0, 1 */
{
	return (d.c > 0) - (d.c < 0);
}

int  dec_cmp(dec a, dec b);		/* -1, 0, 1 by value: 1.0 equals 1.00; never fails */
dec  dec_neg(dec d);
dec  dec_abs(dec d);
dec  dec_min(dec a, dec b);
dec  dec_max(dec a, dec b);

/* Exact; false on overflow. out may be one of the operands. */
bool dec_add(dec *out, dec a, dec b);
bool dec_sub(dec *out, dec a, dec b);
bool dec_mul(dec *out, dec a, dec b);
/* The quotient at the given scale (0..DEC_SCALE_MAX); false if b is 0 or no room. */
bool dec_div(dec *out, dec a, dec b, int scale, enum dec_round mode);
/* The same value at another scale; rounding only if digits must go. */
bool dec_rescale(dec *out, dec d, int scale, enum dec_round mode);

/*
 * The multiple of step at or below (floor: toward minus infinity) or at or
 * above (ceil) d; the result has step's scale. false: step <= 0, or no room.
 */
bool dec_floor(dec *out, dec d, dec step);
bool dec_ceil(dec *out, dec d, dec step);
/* Whether d is an exact multiple of step; false if step <= 0. */
bool dec_is_multiple(dec d, dec step);
/* Decimals needed to write d, without trailing zeros: 0.1000 -> 1. */
int  dec_decimals(dec d);

#endif

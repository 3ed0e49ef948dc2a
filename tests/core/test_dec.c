/*
 * Known answers are figures Binance published (margin and profit examples,
 * rows of real accounts), results of Python's decimal module, and OpenSSL's
 * bignums, against which random operands run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>

#include "core/dec.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define MAX38	"99999999999999999999999999999999999999"

static dec
D(const char *s)
{
	dec d;

	if (!dec_parse(&d, s))
		fail_msg("a test's own number does not parse: %s", s);
	return d;
}

/* What an operation said: its printed result, or "no". */
static const char *
said(bool ok, dec d)
{
	static char text[DEC_STR];

	if (!ok)
		return "no";
	dec_print(d, text);
	return text;
}

static void
a_number_prints_as_it_was_written(void **state)
{
	static const char *const row[] = {
		"0", "1", "-1", "10", "1.10", "0.10", "-0.5", "0.00000001",
		"60000000000", "-60000000000.00000001", "11794.15000000",
		"9223372036854775807", "9223372036854775808",
		"18446744073709551616", "10000000000000000000",
		"100000000000000000000000000000000000.00",
		MAX38, ("-" MAX38), "99.999999999999999999999999999999999999",
		"0.000000000000000000000000000000000001",
		"-0.000000000000000000000000000000000001",
		"1.0000000000000000000", "1000000000000000000.0000000000000000000",
	};
	dec d;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		assert_string_equal(said(dec_parse(&d, row[i]), d), row[i]);
}

static void
zero_has_no_sign(void **state)
{
	static const struct { const char *in, *want; } row[] = {
		{ "-0", "0" }, { "-0.00", "0.00" }, { "0.0", "0.0" },
	};
	dec none;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		assert_string_equal(said(true, D(row[i].in)), row[i].want);
	memset(&none, 0, sizeof none);
	assert_string_equal(said(true, none), "0");
	assert_string_equal(said(true, dec_neg(none)), "0");
}

static void
what_is_no_plain_number_is_refused_and_out_is_untouched(void **state)
{
	static const char *const row[] = {
		"", "-", "+", "+1", ".", ".5", "1.", "-.5", "-1.", "--1", "1-",
		"01", "00", "00.1", "-01", "-00.1", " 1", "1 ", "1 2", "1\n",
		"1e5", "1E-8", "1e", "0x10", "1,5", "1_000", "NaN", "nan", "inf",
		"Infinity", "1.2.3", "1..2", "1.-2", "\xd9\xa1", "abc",
		"100000000000000000000000000000000000000",		/* 39 digits */
		"0.0000000000000000000000000000000000001",		/* 37 decimals */
		"10.0000000000000000000000000000000000000",
		"1000.000000000000000000000000000000000000",		/* 40 digits */
	};
	dec d = { 42, 1 };

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		if (dec_parse(&d, row[i]) || d.c != 42 || d.scale != 1)
			fail_msg("taken: %s", row[i]);
	}
	assert_false(dec_parse_n(&d, NULL, 0));
	assert_false(dec_parse_sci(&d, NULL, 0));
	assert_false(dec_parse_n(&d, "1\0002", 3));
	assert_true(dec_parse_n(&d, "1.25,", 4));
	assert_string_equal(said(true, d), "1.25");
}

static void
an_exponent_is_taken_where_asked_for(void **state)
{
	static const struct { const char *in, *want; } row[] = {
		{ "1E-8", "0.00000001" }, { "1e-08", "0.00000001" },
		{ "-2.5e+3", "-2500" }, { "1.0e1", "10" }, { "1.50E1", "15.0" },
		{ "12.50", "12.50" }, { "0e0", "0" }, { "0E+999999999999", "0" },
		{ "0.0E-50", "0.000000000000000000000000000000000000" },
		{ "1000E-38", "0.000000000000000000000000000000000010" },
		{ "1e37", "10000000000000000000000000000000000000" },
		{ "1e38", "no" }, { "1e-36", "0.000000000000000000000000000000000001" },
		{ "1e-37", "no" }, { "10e-37", "0.000000000000000000000000000000000001" },
		{ "1e99999999999999999999", "no" }, { "1e-99999999999999999999", "no" },
		{ "1e", "no" }, { "1e+", "no" }, { "1e1.5", "no" }, { "e5", "no" },
		{ ".1e5", "no" }, { "1.e5", "no" }, { "01e5", "no" }, { "1e5 ", "no" },
		{ "1ee5", "no" }, { "1e5e5", "no" }, { "", "no" },
	};
	dec d;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		assert_string_equal(said(dec_parse_sci(&d, row[i].in, strlen(row[i].in)), d),
		    row[i].want);
}

static void
short_print_drops_trailing_zeros_only_after_the_point(void **state)
{
	static const struct { const char *in, *want; int decimals; } row[] = {
		{ "0.1000", "0.1", 1 }, { "1.10", "1.1", 1 }, { "100", "100", 0 },
		{ "100.00", "100", 0 }, { "0.000", "0", 0 }, { "-5.0500", "-5.05", 2 },
		{ "0.00000001", "0.00000001", 8 },
	};
	char text[DEC_STR];

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		dec_print_short(D(row[i].in), text);
		assert_string_equal(text, row[i].want);
		assert_int_equal(dec_decimals(D(row[i].in)), row[i].decimals);
	}
}

static void
numbers_compare_by_value_at_any_two_scales(void **state)
{
	static const struct { const char *a, *b; int want; } row[] = {
		{ "1.0", "1.00", 0 }, { "0", "-0.000", 0 }, { "1", "2", -1 },
		{ "-1", "1", -1 }, { "-1", "-2", 1 }, { "0.1", "0.09", 1 },
		{ "0", "0.000000000000000000000000000000000001", -1 },
		{ "0", "-0.000000000000000000000000000000000001", 1 },
		{ MAX38, "0.000000000000000000000000000000000001", 1 },
		{ "-" MAX38, "-0.000000000000000000000000000000000001", -1 },
		{ MAX38, "99.999999999999999999999999999999999999", 1 },
		{ "99", "99.000000000000000000000000000000000000", 0 },
		{ "99", "99.000000000000000000000000000000000001", -1 },
		{ "-99", "-99.000000000000000000000000000000000001", 1 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		dec a = D(row[i].a), b = D(row[i].b);

		assert_int_equal(dec_cmp(a, b), row[i].want);
		assert_int_equal(dec_cmp(b, a), -row[i].want);
		assert_true(dec_cmp(dec_min(a, b), dec_max(a, b)) <= 0);
		assert_int_equal(dec_cmp(dec_neg(a), dec_neg(b)), -row[i].want);
	}
	assert_int_equal(dec_sign(D("-0.1")), -1);
	assert_int_equal(dec_sign(D("0.0")), 0);
	assert_int_equal(dec_sign(D("3")), 1);
	assert_string_equal(said(true, dec_abs(D("-3.10"))), "3.10");
	assert_string_equal(said(true, dec_int(INT64_MIN)), "-9223372036854775808");
}

static void
sums_differences_and_products_are_exact_or_refused(void **state)
{
	static const struct { const char *a; char op; const char *b, *want; } row[] = {
		{ "0.1", '+', "0.2", "0.3" }, { "1.10", '+', "1", "2.10" },
		{ "1", '-', "0.00000001", "0.99999999" }, { "1", '-', "1.0", "0.0" },
		{ MAX38, '+', "1", "no" }, { "-" MAX38, '-', "1", "no" },
		{ MAX38, '-', MAX38, "0" }, { MAX38, '+', "0.000", MAX38 },
		{ MAX38, '+', "0.1", "no" },
		/* the first operand alone has no room at the other's scale */
		{ "10000000000000000000000000000000000000", '-', "0.1",
		  "9999999999999999999999999999999999999.9" },
		{ "20", '*', "6679.50671178", "133590.13423560" },
		{ "2.3483", '*', "1.00045", "2.349356735" },
		{ "2.34", '*', "0.99982", "2.3395788" },
		{ "-2", '*', "0.5", "-1.0" }, { "0", '*', "-5.00", "0.00" },
		{ "60000000000", '*', "0.00000001", "600.00000000" },
		{ "9999999999999999999", '*', "9999999999999999999",
		  "99999999999999999980000000000000000001" },
		{ "10000000000000000000", '*', "10000000000000000000", "no" },
		{ "10000000000000000000.0", '*', "1000000000000000000.0",
		  "10000000000000000000000000000000000000" },
		{ "0.00000000000000000001", '*', "0.00000000000000000001", "no" },
		{ "0.00000000000000000005", '*', "0.20000000000000000000",
		  "0.000000000000000000010000000000000000" },
	};
	dec d;
	bool ok;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		dec a = D(row[i].a), b = D(row[i].b);

		ok = row[i].op == '+' ? dec_add(&d, a, b) :
		    row[i].op == '-' ? dec_sub(&d, a, b) : dec_mul(&d, a, b);
		assert_string_equal(said(ok, d), row[i].want);
	}
}

static void
published_quotients_come_out(void **state)
{
	static const struct {
		const char *a, *b; int scale; enum dec_round mode; const char *want;
	} row[] = {
		/* notional, margin and profit of published and real positions */
		{ "200", "38103.05510455", 8, DEC_HALF_UP, "0.00524892" },
		{ "200", "38103.05510455", 8, DEC_DOWN, "0.00524892" },
		{ "385.53806434", "20", 8, DEC_DOWN, "19.27690321" },
		{ "714.33806434", "20", 8, DEC_DOWN, "35.71690321" },
		{ "385.53806434", "250", 8, DEC_DOWN, "1.54215225" },
		{ "1", "6", 8, DEC_HALF_UP, "0.16666667" },
		{ "1", "3", 8, DEC_HALF_UP, "0.33333333" },
		{ "60030", "0.9995", 8, DEC_DOWN, "60060.03001500" },
		/* Python's decimal, 90 digits */
		{ "100", "11707.70000003", 20, DEC_DOWN, "0.00854138729210210018" },
		{ "100", "11788.66626667", 20, DEC_DOWN, "0.00848272380758875026" },
		{ "100000000000000000000000000", "3", 11, DEC_DOWN,
		  "33333333333333333333333333.33333333333" },
		{ "99999999999999999999999999", "7", 11, DEC_HALF_UP,
		  "14285714285714285714285714.14285714286" },
		{ "12345678901234567890123456", "98765.4321", 12, DEC_HALF_UP,
		  "124999998873437499901.582023251230" },
		{ "60000000000", "0.00000001", 0, DEC_DOWN, "6000000000000000000" },
		{ "60000000000", "0.00000001", 18, DEC_DOWN,
		  "6000000000000000000.000000000000000000" },
		{ "123456789012345678.123456789012345678", "2", 19, DEC_DOWN,
		  "61728394506172839.0617283945061728390" },
		{ MAX38, "0.3", 0, DEC_DOWN, "no" },
		{ MAX38, "0.000000000000000000000000000000000001", 36, DEC_DOWN, "no" },
		{ "0.000000000000000000000000000000000001", MAX38, 36, DEC_UP,
		  "0.000000000000000000000000000000000001" },
		{ "-0.000000000000000000000000000000000001", MAX38, 0, DEC_FLOOR, "-1" },
		{ "0.000000000000000000000000000000000001", MAX38, 0, DEC_HALF_UP, "0" },
		{ "0.000000000000000000000000000000000000", MAX38, 0, DEC_UP, "0" },
		{ "1", "0", 2, DEC_DOWN, "no" }, { "0", "0.00", 2, DEC_DOWN, "no" },
		{ "1", "2", -1, DEC_DOWN, "no" }, { "1", "2", 37, DEC_DOWN, "no" },
	};
	dec d;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		assert_string_equal(said(dec_div(&d, D(row[i].a), D(row[i].b),
		    row[i].scale, row[i].mode), d), row[i].want);
}

/* Binance's example of an inverse position: 1 contract of 100 USD from
 * 11707.70000003 to 11788.66626667 earned 0.00005866 BTC. */
static void
published_profit_of_an_inverse_position(void **state)
{
	dec in, out, d;

	(void)state;
	assert_true(dec_div(&in, D("100"), D("11707.70000003"), 20, DEC_DOWN));
	assert_true(dec_div(&out, D("100"), D("11788.66626667"), 20, DEC_DOWN));
	assert_true(dec_sub(&d, in, out));
	assert_string_equal(said(dec_rescale(&d, d, 8, DEC_DOWN), d), "0.00005866");
}

/* The same for a linear one: 20 from 6563.665 to 6679.50671178. */
static void
published_profit_of_a_linear_position(void **state)
{
	char text[DEC_STR];
	dec d;

	(void)state;
	assert_true(dec_sub(&d, D("6679.50671178"), D("6563.665")));
	assert_true(dec_mul(&d, d, D("20")));
	dec_print_short(d, text);
	assert_string_equal(text, "2316.8342356");
}

/* The rows of IEEE 754's rounding table: each mode names its direction. */
static void
each_mode_rounds_in_its_direction(void **state)
{
	static const struct { const char *in, *down, *up, *floor, *ceil, *half; } row[] = {
		{ "1.4",  "1",  "2",  "1",  "2",  "1" },
		{ "1.5",  "1",  "2",  "1",  "2",  "2" },
		{ "2.5",  "2",  "3",  "2",  "3",  "3" },
		{ "1.6",  "1",  "2",  "1",  "2",  "2" },
		{ "-1.4", "-1", "-2", "-2", "-1", "-1" },
		{ "-1.5", "-1", "-2", "-2", "-1", "-2" },
		{ "-2.5", "-2", "-3", "-3", "-2", "-3" },
		{ "0.4",  "0",  "1",  "0",  "1",  "0" },
		{ "-0.4", "0",  "-1", "-1", "0",  "0" },
		{ "7.0",  "7",  "7",  "7",  "7",  "7" },
		{ "-7.0", "-7", "-7", "-7", "-7", "-7" },
		{ "0.49999999999999999999", "0", "1", "0", "1", "0" },
	};
	dec d;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		const char *want[] = { row[i].down, row[i].up, row[i].floor,
		    row[i].ceil, row[i].half };

		for (int m = DEC_DOWN; m <= DEC_HALF_UP; m++) {
			assert_string_equal(said(dec_rescale(&d, D(row[i].in), 0,
			    (enum dec_round)m), d), want[m]);
			assert_string_equal(said(dec_div(&d, D(row[i].in), D("1.000"), 0,
			    (enum dec_round)m), d), want[m]);
		}
	}
	assert_string_equal(said(dec_rescale(&d, D("1.5"), 4, DEC_DOWN), d), "1.5000");
	assert_string_equal(said(dec_rescale(&d, D(MAX38), 1, DEC_DOWN), d), "no");
	assert_string_equal(said(dec_rescale(&d, D("1"), 37, DEC_DOWN), d), "no");
	assert_string_equal(said(dec_rescale(&d, D("1"), -1, DEC_DOWN), d), "no");
	assert_string_equal(said(dec_rescale(&d, D("43389.182066673336"), 8, DEC_DOWN), d),
	    "43389.18206667");
}

static void
a_price_goes_to_the_step_below_or_above(void **state)
{
	static const struct { const char *in, *step, *floor, *ceil; bool multiple; } row[] = {
		{ "0.0019",	 "0.001",	"0.001",	"0.002",	false },
		{ "-0.0019",	 "0.001",	"-0.002",	"-0.001",	false },
		{ "0.002",	 "0.001",	"0.002",	"0.002",	true },
		{ "0.0020000",	 "0.001",	"0.002",	"0.002",	true },
		{ "60000000000", "0.00000001",	"60000000000.00000000", "60000000000.00000000", true },
		{ "60000000000", "7",		"59999999997",	"60000000004",	false },
		{ "11794.17",	 "0.05",	"11794.15",	"11794.20",	false },
		{ "7",		 "0.50",	"7.00",		"7.00",		true },
		{ "12.3",	 "10",		"10",		"20",		false },
		{ "0",		 "0.1",		"0.0",		"0.0",		true },
		{ "0.000000000000000000000000000000000001", "1000", "0", "1000", false },
		{ "-0.000000000000000000000000000000000001", MAX38, "-" MAX38, "0", false },
		/* 2^92 steps at 36 decimals are a multiple of 2^128 */
		{ "1.000000000000000000000000000000000000", "4951760157141521099596496896",
		  "0", "4951760157141521099596496896", false },
		{ "5",		 "0",		"no",		"no",		false },
		{ "5",		 "-1",		"no",		"no",		false },
		{ MAX38,	 "0.1",		"no",		"no",		true },
		{ MAX38,	 "2",		"99999999999999999999999999999999999998", "no", false },
	};
	dec d;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		dec in = D(row[i].in), step = D(row[i].step);

		assert_string_equal(said(dec_floor(&d, in, step), d), row[i].floor);
		assert_string_equal(said(dec_ceil(&d, in, step), d), row[i].ceil);
		assert_int_equal(dec_is_multiple(in, step), row[i].multiple);
	}
}

static void
out_may_be_an_operand(void **state)
{
	dec a = D("1.5"), b = D("0.5");

	(void)state;
	assert_true(dec_add(&a, a, a));
	assert_true(dec_sub(&a, a, b));
	assert_true(dec_mul(&b, b, a));
	assert_true(dec_div(&b, a, b, 3, DEC_DOWN));
	assert_true(dec_floor(&a, a, D("2")));
	assert_string_equal(said(true, a), "2");
	assert_string_equal(said(true, b), "2.000");
}

/*
 * Random operands against OpenSSL's bignums
 */

static uint64_t seed;

static uint64_t
rnd(void)	/* xorshift64* */
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * UINT64_C(2685821657736338717);
}

/* All lengths and scales alike often; round numbers and small ones too. */
static dec
rnd_dec(void)
{
	char s[DEC_STR], *p = s;
	int n = 1 + (int)(rnd() % 38), point = (int)(rnd() % 37), zeros = 0;
	dec d;

	if (rnd() % 3 == 0)
		*p++ = '-';
	if (rnd() % 4 == 0)
		zeros = (int)(rnd() % (uint64_t)n);
	for (int i = 0; i < n; i++)
		p[i] = (char)('0' + (i >= n - zeros ? 0 : i == 0 ? 1 + rnd() % 9 : rnd() % 10));
	p[n] = '\0';
	if (!dec_parse(&d, s))
		fail_msg("%s", s);
	d.scale = rnd() % 8 == 0 ? 0 : point;
	return d;
}

static BN_CTX *ctx;

/* |d.c|, taken from its bytes; sign included. */
static void
bn_of(BIGNUM *out, dec d)
{
	unsigned char bytes[16];
	i128 c = d.c < 0 ? -d.c : d.c;

	for (int i = 15; i >= 0; i--, c >>= 8)
		bytes[i] = (unsigned char)(c & 0xff);
	BN_bin2bn(bytes, 16, out);
	BN_set_negative(out, d.c < 0);
}

static void
bn_shift(BIGNUM *x, int digits)		/* x *= 10^digits */
{
	for (; digits > 0; digits--)
		BN_mul_word(x, 10);
}

/* Whether num / 10^scale can be a dec: 38 digits and DEC_SCALE_MAX decimals
 * once zeros are dropped. */
static bool
bn_fits(const BIGNUM *num, int scale)
{
	BIGNUM *x = BN_dup(num), *max = NULL;
	bool fits;

	BN_dec2bn(&max, MAX38);
	for (; scale > 0; scale--) {
		BIGNUM *y = BN_dup(x);
		bool round = BN_div_word(y, 10) == 0;

		if (round)
			BN_copy(x, y);
		BN_free(y);
		if (!round)
			break;
	}
	fits = BN_ucmp(x, max) <= 0 && scale <= DEC_SCALE_MAX;
	BN_free(x);
	BN_free(max);
	return fits;
}

/* Whether d is num / 10^scale. */
static bool
bn_same(const BIGNUM *num, int scale, dec d)
{
	BIGNUM *x = BN_new(), *y = BN_dup(num);
	bool same;

	bn_of(x, d);
	bn_shift(x, scale);
	bn_shift(y, d.scale);
	same = BN_cmp(x, y) == 0 && d.scale >= 0 && d.scale <= DEC_SCALE_MAX;
	BN_free(x);
	BN_free(y);
	return same;
}

static void
check_exact(char op, dec a, dec b)
{
	BIGNUM *x = BN_new(), *y = BN_new();
	int scale = a.scale > b.scale ? a.scale : b.scale;
	dec d = { 0 };
	bool ok;

	bn_of(x, a);
	bn_of(y, b);
	if (op == '*') {
		ok = dec_mul(&d, a, b);
		scale = a.scale + b.scale;
		BN_mul(x, x, y, ctx);
	} else {
		ok = op == '+' ? dec_add(&d, a, b) : dec_sub(&d, a, b);
		bn_shift(x, scale - a.scale);
		bn_shift(y, scale - b.scale);
		assert_int_equal(dec_cmp(a, b), BN_cmp(x, y));
		(void)(op == '+' ? BN_add(x, x, y) : BN_sub(x, x, y));
	}
	assert_int_equal(ok, bn_fits(x, scale));
	assert_true(!ok || bn_same(x, scale, d));
	BN_free(x);
	BN_free(y);
}

/* One more, away from zero, by the definition of the modes? */
static bool
bn_grows(const BIGNUM *rem, const BIGNUM *den, bool neg, enum dec_round mode)
{
	BIGNUM *twice = BN_new();
	bool half;

	BN_lshift1(twice, rem);
	half = BN_ucmp(twice, den) >= 0;
	BN_free(twice);
	if (BN_is_zero(rem))
		return false;
	return mode == DEC_UP || (mode == DEC_FLOOR && neg) ||
	    (mode == DEC_CEIL && !neg) || (mode == DEC_HALF_UP && half);
}

static void
check_div(dec a, dec b, int scale, enum dec_round mode)
{
	BIGNUM *x = BN_new(), *y = BN_new(), *rem = BN_new(), *max = NULL;
	bool neg = (a.c < 0) != (b.c < 0), ok;
	dec d = { 0 };

	BN_dec2bn(&max, MAX38);
	bn_of(x, a);
	bn_of(y, b);
	bn_shift(x, scale + b.scale);
	bn_shift(y, a.scale);
	BN_div(x, rem, x, y, ctx);
	if (bn_grows(rem, y, neg, mode))
		(void)(neg ? BN_sub_word(x, 1) : BN_add_word(x, 1));
	ok = dec_div(&d, a, b, scale, mode);
	assert_int_equal(ok, BN_ucmp(x, max) <= 0);
	assert_true(!ok || (bn_same(x, scale, d) && d.scale == scale));
	if (scale == 0 && b.c > 0)
		assert_int_equal(dec_is_multiple(a, b), BN_is_zero(rem));
	BN_free(x);
	BN_free(y);
	BN_free(rem);
	BN_free(max);
}

static void
check_print(dec d)
{
	BIGNUM *x = BN_new();
	char text[DEC_STR], *want, digits[DEC_STR], *p = digits;
	dec back;

	dec_print(d, text);
	for (const char *q = text; *q != '\0'; q++)
		if (*q != '.' && (p > digits || (*q != '0' && *q != '-')))
			*p++ = *q;
	*p = '\0';
	bn_of(x, dec_abs(d));
	want = BN_bn2dec(x);
	assert_string_equal(digits[0] != '\0' ? digits : "0", want);
	assert_int_equal(text[0] == '-', d.c < 0);
	assert_true(dec_parse(&back, text) && back.c == d.c && back.scale == d.scale);
	OPENSSL_free(want);
	BN_free(x);
}

static void
random_operands_agree_with_a_bignum_library(void **state)
{
	(void)state;
	seed = 20190902;
	ctx = BN_CTX_new();
	for (int i = 0; i < 10000; i++) {
		dec a = rnd_dec(), b = rnd_dec();

		check_print(a);
		check_exact('+', a, b);
		check_exact('-', a, b);
		check_exact('*', a, b);
		a.scale = rnd() % 2 ? a.scale : b.scale;
		check_exact('-', a, b);
		if (b.c != 0) {
			check_div(a, b, (int)(rnd() % 37), (enum dec_round)(rnd() % 5));
			check_div(a, b, 0, (enum dec_round)(rnd() % 5));
		}
		check_div(a, dec_int(1), (int)(rnd() % 37), (enum dec_round)(rnd() % 5));
	}
	BN_CTX_free(ctx);
}

static void
laws_hold_for_random_operands(void **state)
{
	(void)state;
	seed = 77;
	for (int i = 0; i < 20000; i++) {
		dec a = rnd_dec(), b = rnd_dec(), c, lo, hi;
		int scale = (int)(rnd() % 37);

		if (dec_add(&c, a, b) && dec_sub(&c, c, b))
			assert_int_equal(dec_cmp(a, c), 0);
		if (dec_div(&lo, a, b, scale, DEC_FLOOR) && dec_div(&hi, a, b, scale, DEC_CEIL)) {
			assert_true(dec_cmp(lo, hi) <= 0);
			dec_sub(&c, hi, lo);
			assert_true(c.c == 0 || c.c == 1);
		}
		b = dec_abs(b);
		if (dec_floor(&lo, a, b)) {
			assert_true(dec_cmp(lo, a) <= 0 && dec_is_multiple(lo, b));
			assert_int_equal(lo.scale, b.scale);
			assert_int_equal(dec_is_multiple(a, b), dec_cmp(lo, a) == 0);
			if (dec_add(&c, lo, b))
				assert_true(dec_cmp(c, a) > 0);
		}
		if (dec_ceil(&hi, a, b)) {
			assert_true(dec_cmp(hi, a) >= 0 && dec_is_multiple(hi, b));
			if (dec_sub(&c, hi, b))
				assert_true(dec_cmp(c, a) < 0);
		}
		if (dec_rescale(&c, a, scale, DEC_DOWN) && scale >= a.scale)
			assert_int_equal(dec_cmp(a, c), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_prints_as_it_was_written),
		cmocka_unit_test(zero_has_no_sign),
		cmocka_unit_test(what_is_no_plain_number_is_refused_and_out_is_untouched),
		cmocka_unit_test(an_exponent_is_taken_where_asked_for),
		cmocka_unit_test(short_print_drops_trailing_zeros_only_after_the_point),
		cmocka_unit_test(numbers_compare_by_value_at_any_two_scales),
		cmocka_unit_test(sums_differences_and_products_are_exact_or_refused),
		cmocka_unit_test(published_quotients_come_out),
		cmocka_unit_test(published_profit_of_an_inverse_position),
		cmocka_unit_test(published_profit_of_a_linear_position),
		cmocka_unit_test(each_mode_rounds_in_its_direction),
		cmocka_unit_test(a_price_goes_to_the_step_below_or_above),
		cmocka_unit_test(out_may_be_an_operand),
		cmocka_unit_test(random_operands_agree_with_a_bignum_library),
		cmocka_unit_test(laws_hold_for_random_operands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

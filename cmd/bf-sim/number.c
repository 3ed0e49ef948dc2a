#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

static const char digits[] = "0123456789";

bool
number_i64(int64_t *out, const char *s)
{
	const char *d = s + (*s == '-');
	long long n;

	if (*d == '\0' || d[strspn(d, digits)] != '\0')
		return false;
	errno = 0;
	n = strtoll(s, NULL, 10);
	if (errno != 0)
		return false;
	*out = n;
	return true;
}

bool
number_u64(uint64_t *out, const char *s)
{
	unsigned long long n;

	if (*s == '\0' || s[strspn(s, digits)] != '\0')
		return false;
	errno = 0;
	n = strtoull(s, NULL, 10);
	if (errno != 0)
		return false;
	*out = n;
	return true;
}

void
number_put(struct buf *b, const char *key, dec d, int decimals)
{
	dec r;

	jw_dec(b, key, dec_rescale(&r, d, decimals, DEC_DOWN) ? r : d);
}

void
number_money(struct buf *b, const char *key, dec d)
{
	number_put(b, key, d, 8);
}

void
number_or_zero(struct buf *b, const char *key, dec d)
{
	if (dec_sign(d) == 0)
		jw_str(b, key, "0");
	else
		number_money(b, key, d);
}

void
number_short(struct buf *b, const char *key, dec d)
{
	char text[DEC_STR];

	dec_print_short(d, text);
	jw_str(b, key, text);
}

void
number_price(struct buf *b, const char *key, dec d)
{
	if (dec_sign(d) == 0)
		jw_str(b, key, "0.0");
	else
		number_short(b, key, d);
}

void
number_bare(struct buf *b, const char *key, dec d)
{
	char text[DEC_STR];

	dec_print_short(d, text);
	jw_raw(b, key, text, strlen(text));
}

/*
 * Hostile forms
 */

#define HOSTILE_DECIMALS 20

/* A decimal as text: digits before and after the point. */
struct text { bool minus, zero; const char *p; size_t n, whole, part; };

/* Whether s[0..n) is one; a point is asked for. */
static bool
text_read(struct text *t, const char *s, size_t n)
{
	size_t at = n > 0 && *s == '-';
	size_t begin = at;

	*t = (struct text){ .minus = at == 1, .zero = true, .p = s + at, .n = n - at };
	for (; at < n && s[at] >= '0' && s[at] <= '9'; at++)
		t->zero = t->zero && s[at] == '0';
	t->whole = at - begin;
	if (t->whole == 0 || at == n || s[at++] != '.')
		return false;
	for (; at < n && s[at] >= '0' && s[at] <= '9'; at++, t->part++)
		t->zero = t->zero && s[at] == '0';
	return at == n && t->part > 0;
}

/* All digits without the point and the zeros before them, and the exponent. */
static void
put_exponent(struct buf *b, const struct text *t)
{
	bool begun = false;

	buf_str(b, t->minus ? "\"-" : "\"");
	for (size_t i = 0; i < t->n; i++)
		if (t->p[i] != '.' && (begun || t->p[i] != '0')) {
			begun = true;
			buf_chr(b, t->p[i]);
		}
	buf_printf(b, "E-%zu\"", t->part);
}

static void
put_long(struct buf *b, const struct text *t)
{
	buf_str(b, t->minus ? "\"-" : "\"");
	buf_put(b, t->p, t->n);
	for (size_t i = t->part; i < HOSTILE_DECIMALS; i++)
		buf_chr(b, '0');
	buf_chr(b, '"');
}

static void
put_hostile(struct buf *b, const struct text *t, unsigned turn)
{
	static const char *const zeros[] = { "\"-0.000\"", "-0", "\"\"" };

	if (t->zero)
		buf_str(b, zeros[turn % 3]);
	else if (turn % 3 == 0)
		put_exponent(b, t);
	else if (turn % 3 == 1)
		buf_put(b, t->p - t->minus, t->n + t->minus);
	else
		put_long(b, t);
}

/* The string that begins at s[at] (a quote): its end, the closing quote. */
static size_t
string_end(const struct buf *b, size_t at)
{
	for (at++; at < b->len && b->p[at] != '"'; at++)
		at += b->p[at] == '\\';
	return at;
}

void
number_hostile(struct buf *b)
{
	struct buf out = { 0 };
	unsigned turn = 0;
	struct text t;
	size_t end;

	if (b->bad)
		return;
	for (size_t at = 0; at < b->len; at++) {
		if (b->p[at] != '"') {
			buf_chr(&out, b->p[at]);
			continue;
		}
		end = string_end(b, at);
		if (text_read(&t, b->p + at + 1, end - at - 1))
			put_hostile(&out, &t, turn++);
		else
			buf_put(&out, b->p + at, end - at + 1);
		at = end;
	}
	buf_free(b);
	*b = out;
}

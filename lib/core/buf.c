#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/utf8.h"

/* Room for n more bytes and a NUL, or false and bad. */
static bool
grow(struct buf *b, size_t n)
{
	size_t need, cap = b->cap < 128 ? 128 : b->cap;
	char *p;

	if (b->bad || __builtin_add_overflow(b->len, n, &need) ||
	    __builtin_add_overflow(need, 1, &need)) {
		b->bad = true;
		return false;
	}
	while (cap < need)
		if (__builtin_mul_overflow(cap, 2, &cap))
			cap = need;
	if ((p = realloc(b->p, cap)) == NULL) {
		b->bad = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

static inline bool
room(struct buf *b, size_t n)
{
	return (!b->bad && n < b->cap - b->len) || grow(b, n);
}

static inline void
put(struct buf *b, const void *p, size_t n)
{
	memcpy(b->p + b->len, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	if (!room(b, n))
		return;
	if (n == 0)
		p = "";		/* memcpy takes no NULL, not even of nothing */
	put(b, p, n);
}

void
buf_str(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_chr(struct buf *b, char c)
{
	if (!room(b, 1))
		return;
	b->p[b->len++] = c;
	b->p[b->len] = '\0';
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->bad = true;
		return;
	}
	if (!room(b, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->bad = false;
	if (b->p != NULL)
		b->p[0] = '\0';
}

void
buf_free(struct buf *b)
{
	free(b->p);
	memset(b, 0, sizeof *b);
}

/* Every value ends in one of these, and nothing else that may stand before a
 * value does: { [ : newline, or a prefix of the caller's. */
static bool
ends_value(char c)
{
	return c == '"' || c == '}' || c == ']' || (c >= '0' && c <= '9') ||
	    (c >= 'a' && c <= 'z');
}

/* What goes after the backslash; 'u' for \u00XX; 0: the byte stands for itself;
 * 'x': part of a longer character. */
static const char escapes[256] = {
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	['"'] = '"', ['\\'] = '\\', [0x80 ... 0xff] = 'x'
};

/* One byte or character that does not simply stand for itself; returns its bytes. */
static size_t
put_special(struct buf *b, const unsigned char *s, size_t n)
{
	char esc = escapes[*s], text[7] = { '\\', esc, '0', '0' };
	int len;

	if (esc == 'x') {
		len = utf8_len(s, n);
		if (len > 0)
			buf_put(b, s, (size_t)len);
		else
			buf_put(b, "\xef\xbf\xbd", 3);
		return (size_t)(len > 0 ? len : -len);
	}
	if (esc == 'u') {
		text[4] = (char)('0' + (*s >> 4));
		text[5] = "0123456789abcdef"[*s & 15];
		buf_put(b, text, 6);
	} else
		buf_put(b, text, 2);
	return 1;
}

/* The rest of a text from its first byte that needs a closer look, and the quote. */
static void
quote_rest(struct buf *b, const unsigned char *s, const unsigned char *end)
{
	const unsigned char *run;

	while (s < end) {
		s += put_special(b, s, (size_t)(end - s));
		for (run = s; s < end && escapes[*s] == 0; )
			s++;
		buf_put(b, run, (size_t)(s - run));
	}
	buf_chr(b, '"');
}

/* Most texts are short and plain: one check for room, one pass. */
static void
quote(struct buf *b, const char *str, size_t n)
{
	const unsigned char *s = (const unsigned char *)str, *end;
	char *p;

	if (!room(b, n + 2))
		return;
	p = b->p + b->len;
	*p++ = '"';
	end = n > 0 ? s + n : s;	/* s may be NULL then */
	while (s < end && escapes[*s] == 0)
		*p++ = (char)*s++;
	if (s == end)
		*p++ = '"';
	*p = '\0';
	b->len = (size_t)(p - b->p);
	if (s < end)
		quote_rest(b, s, end);
}

/* What stands before a value: a comma, a key. */
static void
before(struct buf *b, const char *key)
{
	if (b->len > 0 && ends_value(b->p[b->len - 1]))
		buf_chr(b, ',');
	if (key == NULL)
		return;
	quote(b, key, strlen(key));
	buf_chr(b, ':');
}

void
jw_open(struct buf *b, const char *key, char bracket)
{
	before(b, key);
	buf_chr(b, bracket);
}

void
jw_close(struct buf *b, char bracket)
{
	buf_chr(b, bracket);
}

void
jw_end(struct buf *b)
{
	buf_chr(b, '\n');
}

void
jw_strn(struct buf *b, const char *key, const char *s, size_t n)
{
	before(b, key);
	quote(b, s, n);
}

void
jw_str(struct buf *b, const char *key, const char *s)
{
	jw_strn(b, key, s, strlen(s));
}

static void
number(struct buf *b, const char *key, bool neg, uint64_t n)
{
	char tmp[24], *end = tmp + sizeof tmp, *p = end;

	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	if (neg)
		*--p = '-';
	before(b, key);
	buf_put(b, p, (size_t)(end - p));
}

void
jw_i64(struct buf *b, const char *key, int64_t n)
{
	number(b, key, n < 0, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

void
jw_u64(struct buf *b, const char *key, uint64_t n)
{
	number(b, key, false, n);
}

void
jw_dec(struct buf *b, const char *key, dec d)
{
	char *p;

	before(b, key);
	if (!room(b, DEC_STR + 2))
		return;
	p = b->p + b->len;
	*p = '"';
	dec_print(d, p + 1);
	p += strlen(p);
	memcpy(p, "\"", 2);
	b->len = (size_t)(p + 1 - b->p);
}

void
jw_bool(struct buf *b, const char *key, bool v)
{
	before(b, key);
	buf_str(b, v ? "true" : "false");
}

void
jw_null(struct buf *b, const char *key)
{
	before(b, key);
	buf_str(b, "null");
}

void
jw_raw(struct buf *b, const char *key, const char *p, size_t n)
{
	before(b, key);
	buf_put(b, p, n);
}

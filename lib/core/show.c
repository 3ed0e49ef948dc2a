#include <stdio.h>
#include <string.h>

#include "core/show.h"
#include "core/utf8.h"

#define ESC	24	/* room for an escape, NUL included */

/* Characters that are not seen, or change how their neighbours are seen. */
static const struct { unsigned first, last; } hidden[] = {
	{ 0x80, 0x9f },		/* C1 controls: U+009B alone starts a sequence */
	{ 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c }, { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
	{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
	{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

/* The code point of the valid character of len bytes at p. */
static unsigned
decode(const unsigned char *p, int len)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned u = p[0] & mask[len];

	for (int i = 1; i < len; i++)
		u = u << 6 | (p[i] & 0x3f);
	return u;
}

static bool
is_hidden(unsigned u)
{
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (u >= hidden[i].first && u <= hidden[i].last)
			return true;
	return false;
}

/*
 * The character at p, of which n > 0 bytes are there: its bytes, and in esc
 * what to write in its place, "" if it may stand as it is.
 */
static size_t
one(const unsigned char *p, size_t n, char esc[static ESC])
{
	int len = utf8_len(p, n);
	unsigned u;

	esc[0] = '\0';
	if (len < 0 || *p < ' ' || *p == 0x7f) {
		snprintf(esc, ESC, "\\x%02x", *p);
		return 1;
	}
	if (len > 1 && is_hidden(u = decode(p, len))) {
		if (u <= 0xffff)
			snprintf(esc, ESC, "\\u%04x", u);
		else	/* as JSON writes it: a pair of surrogates */
			snprintf(esc, ESC, "\\u%04x\\u%04x", 0xd7c0 + (u >> 10), 0xdc00 | (u & 0x3ff));
	}
	return (size_t)len;
}

size_t
show_text(char *out, size_t size, const char *p, size_t n)
{
	const char *from;
	char esc[ESC];
	size_t len, step, w = 0;

	for (; n > 0; p += step, n -= step, w += len) {
		step = one((const unsigned char *)p, n, esc);
		from = esc[0] != '\0' ? esc : p;
		len = esc[0] != '\0' ? strlen(esc) : step;
		if (len >= size - w)
			break;
		memcpy(out + w, from, len);
	}
	out[w] = '\0';
	return w;
}

bool
show_clean(const char *p, size_t n)
{
	char esc[ESC];
	size_t step;

	for (; n > 0; p += step, n -= step) {
		step = one((const unsigned char *)p, n, esc);
		if (esc[0] != '\0')
			return false;
	}
	return true;
}

void
show_put(struct buf *out, const char *p, size_t n)
{
	char esc[ESC];
	size_t step, run;

	while (n > 0) {
		for (run = 0; run < n && p[run] >= ' ' && p[run] < 0x7f; )
			run++;
		buf_put(out, p, run);
		p += run;
		n -= run;
		if (n == 0)
			break;
		step = one((const unsigned char *)p, n, esc);
		if (esc[0] != '\0')
			buf_str(out, esc);
		else
			buf_put(out, p, step);
		p += step;
		n -= step;
	}
}

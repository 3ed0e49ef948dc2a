/* UTF-8 by RFC 3629: no overlongs, no surrogates, nothing above U+10FFFF. */
#ifndef BF_CORE_UTF8_H
#define BF_CORE_UTF8_H

#include <stddef.h>

/*
 * Bytes of the character at p, of which n > 0 bytes are there. If it is
 * invalid: minus the bytes that one U+FFFD stands for (Unicode's "maximal
 * subpart": as many as began a valid character, at least 1).
 */
static inline int
utf8_len(const unsigned char *p, size_t n)
{
	unsigned char lo = 0x80, hi = 0xbf;
	int want, i;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return -1;
	want = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	switch (p[0]) {		/* where the second byte has less freedom */
	case 0xe0: lo = 0xa0; break;	/* overlong */
	case 0xed: hi = 0x9f; break;	/* surrogates */
	case 0xf0: lo = 0x90; break;	/* overlong */
	case 0xf4: hi = 0x8f; break;	/* above U+10FFFF */
	}
	for (i = 1; i < want; i++, lo = 0x80, hi = 0xbf)
		if ((size_t)i == n || p[i] < lo || p[i] > hi)
			return -i;
	return want;
}

/* Write the character u (valid, not a surrogate); returns its bytes, 1 to 4. */
static inline int
utf8_put(char out[static 4], unsigned u)
{
	if (u < 0x80) {
		out[0] = (char)u;
		return 1;
	}
	if (u < 0x800) {
		out[0] = (char)(0xc0 | u >> 6);
		out[1] = (char)(0x80 | (u & 0x3f));
		return 2;
	}
	if (u < 0x10000) {
		out[0] = (char)(0xe0 | u >> 12);
		out[1] = (char)(0x80 | (u >> 6 & 0x3f));
		out[2] = (char)(0x80 | (u & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | u >> 18);
	out[1] = (char)(0x80 | (u >> 12 & 0x3f));
	out[2] = (char)(0x80 | (u >> 6 & 0x3f));
	out[3] = (char)(0x80 | (u & 0x3f));
	return 4;
}

#endif

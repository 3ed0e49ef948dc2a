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
number_short(struct buf *b, const char *key, dec d)
{
	char text[DEC_STR];

	dec_print_short(d, text);
	jw_str(b, key, text);
}

void
number_bare(struct buf *b, const char *key, dec d)
{
	char text[DEC_STR];

	dec_print_short(d, text);
	jw_raw(b, key, text, strlen(text));
}

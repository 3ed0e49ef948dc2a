/* Client order ids. */
#include <string.h>

#include "core/intent.h"

bool
client_id_ok(const char *id)
{
	size_t n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:/_-");

	return n >= 1 && n < CLIENT_ID_MAX && id[n] == '\0';
}

#define RANDOM36	19	/* digits of base 36 that hold 96 bits */

/* n in base 36, at least width digits, ending at end; returns its start. */
static char *
base36(char *end, i128 n, int width)
{
	for (; n > 0 || width > 0; n /= 36, width--)
		*--end = "0123456789abcdefghijklmnopqrstuvwxyz"[n % 36];
	return end;
}

void
client_id_make(char out[static CLIENT_ID_MAX], const char *prefix, int64_t now_ms,
    const unsigned char random[static 12])
{
	char tail[CLIENT_ID_MAX], *end = tail + sizeof tail, *p;
	i128 r = 0;
	size_t n, keep;

	for (int i = 0; i < 12; i++)
		r = r << 8 | random[i];
	p = base36(end, r, RANDOM36);
	*--p = '-';
	p = base36(p, now_ms < 0 ? 0 : now_ms, 1);
	n = (size_t)(end - p);
	keep = strlen(prefix);
	if (keep > CLIENT_ID_MAX - 1 - n)	/* what makes it unique is not cut */
		keep = CLIENT_ID_MAX - 1 - n;
	memcpy(out, prefix, keep);
	memcpy(out + keep, p, n);
	out[keep + n] = '\0';
}


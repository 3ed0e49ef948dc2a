#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/amount.h"
#include "rec.h"
#include "rec_part.h"

/*
 * --rotate
 */

#define BYTES_MIN	1024
#define LAST_US		INT64_C(253402300799000000)	/* of the years of four digits */
#define MOST		(INT64_C(1) << 50)

/* One of the two, at *s, which it moves to what follows. */
static int
one(int64_t *bytes, int64_t *ms, const char **s)
{
	int64_t n, *to = ms;

	if (!amount_parse(&n, AMOUNT_AGE, *s, s)) {
		to = bytes;
		if (!amount_parse(&n, AMOUNT_BYTES, *s, s))
			return -1;
	}
	if (n == 0 || n > MOST || *to != 0)
		return -1;
	*to = n;
	return 0;
}

int
rotate_parse(int64_t *bytes, int64_t *ms, const char *s, struct fault *f)
{
	const char *p = s;
	int r;

	*bytes = *ms = 0;
	r = one(bytes, ms, &p);
	if (r == 0 && *p == ',') {
		p++;
		r = one(bytes, ms, &p);
	}
	if (r == -1 || *p != '\0')
		return fault_set(f, FAULT_USAGE,
		    "--rotate %.40s: bytes (k, M, G) or an age (s, m, h, d, w) or both, as in 64M,1h", s);
	if (*bytes != 0 && *bytes < BYTES_MIN)
		return fault_set(f, FAULT_USAGE, "--rotate %.40s: at least 1k", s);
	return 0;
}

/*
 * Names
 */

void
part_suffix(char out[static PART_SUFFIX], int64_t us, int nth)
{
	time_t t = (time_t)(us / 1000000);
	struct tm tm = { 0 };
	size_t n;

	gmtime_r(&t, &tm);
	n = strftime(out, PART_SUFFIX, "-%Y%m%dT%H%M%SZ", &tm);
	out[n] = '\0';
	if (nth > 1)
		snprintf(out + n, PART_SUFFIX - n, "-%d", nth);
}

/* Whether s begins as the pattern says, in which 0 is any digit; past it, or NULL. */
static const char *
like(const char *s, const char *pattern)
{
	for (; *pattern != '\0'; s++, pattern++)
		if (*pattern == '0' ? !isdigit((unsigned char)*s) : *s != *pattern)
			return NULL;
	return s;
}

enum part_kind
part_kind(const char *base, const char *name)
{
	size_t n = strlen(base);

	if (strncmp(name, base, n) != 0 || (name = like(name + n, "-00000000T000000Z")) == NULL)
		return PART_NONE;
	if (name[0] == '-' && isdigit((unsigned char)name[1]))
		for (name++; isdigit((unsigned char)*name); name++)
			;
	if (*name == '\0')
		return PART_PLAIN;
	return strcmp(name, ".gz.part") == 0 ? PART_HALF : PART_NONE;
}

int64_t
part_recv(const char *line, size_t n)
{
	static const char head[] = "{\"recv\":";
	char digits[24] = "";
	size_t len = 0;
	int64_t us;

	if (n < sizeof head - 1 || memcmp(line, head, sizeof head - 1) != 0)
		return -1;
	for (line += sizeof head - 1, n -= sizeof head - 1; len < 18 && len < n && isdigit((unsigned char)line[len]); len++)
		digits[len] = line[len];
	us = len == 0 ? -1 : strtoll(digits, NULL, 10);
	return us <= LAST_US ? us : -1;
}

size_t
part_whole(const char *p, size_t n)
{
	while (n > 0 && p[n - 1] != '\n')
		n--;
	return n;
}

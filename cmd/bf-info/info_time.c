#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/amount.h"
#include "info_time.h"

#define SECOND_MS	1000LL
#define MS_FIRST	100000000000LL	/* 1973; smaller figures are seconds */
#define MS_LAST		253402300799999LL	/* the end of 9999 */

/* Digits of a fixed count, and what they say. */
static bool
figure(const char **s, int n, int *out)
{
	for (*out = 0; n > 0; n--, (*s)++) {
		if (!isdigit((unsigned char)**s))
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return true;
}

/* ".25" to ".250": thousandths, one to three digits. */
static bool
thousandths(const char **s, int *out)
{
	int unit = 100;

	*out = 0;
	if (**s != '.')
		return true;
	if (!isdigit((unsigned char)*++*s))
		return false;
	for (; isdigit((unsigned char)**s) && unit > 0; (*s)++, unit /= 10)
		*out += (**s - '0') * unit;
	return true;
}

/* "T12:00", "T12:00:00", "T12:00:00.250", with a blank for the T. */
static bool
time_of_day(const char **s, struct tm *tm, int *ms)
{
	if (**s != 'T' && **s != 't' && **s != ' ')
		return true;
	++*s;
	if (!figure(s, 2, &tm->tm_hour) || *(*s)++ != ':' || !figure(s, 2, &tm->tm_min))
		return false;
	if (**s == ':') {
		++*s;
		if (!figure(s, 2, &tm->tm_sec) || !thousandths(s, ms))
			return false;
	}
	if (**s == 'Z' || **s == 'z')
		++*s;
	return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60;
}

/* A day there is: what timegm makes of the 30th of February is another one. */
static bool
date(int64_t *out, const char *s)
{
	struct tm tm = { 0 }, back;
	int year, month, ms = 0;
	time_t t;

	if (!figure(&s, 4, &year) || *s++ != '-' || !figure(&s, 2, &month) || *s++ != '-' ||
	    !figure(&s, 2, &tm.tm_mday) || !time_of_day(&s, &tm, &ms) || *s != '\0' || year < 1970)
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	back = tm;
	t = timegm(&back);
	if (back.tm_mon != tm.tm_mon || back.tm_mday != tm.tm_mday || back.tm_year != tm.tm_year)
		return false;
	*out = (int64_t)t * SECOND_MS + ms;
	return true;
}

/* "-7d" before now. */
static bool
ago(int64_t *out, const char *s, int64_t now_ms)
{
	const char *end;
	int64_t age;

	if (*s != '-' || !amount_parse(&age, AMOUNT_AGE, s + 1, &end) || *end != '\0' || age > now_ms)
		return false;
	*out = now_ms - age;
	return true;
}

/* All digits: 1, and the number; 0: something else, or too many of them. */
static bool
number(int64_t *out, const char *s)
{
	char *end;

	if (*s == '\0' || s[strspn(s, "0123456789")] != '\0')
		return false;
	errno = 0;
	*out = strtoll(s, &end, 10);
	return errno == 0;
}

int
info_time(int64_t *out, const char *name, const char *s, int64_t now_ms, struct fault *f)
{
	int64_t t;

	if (number(&t, s)) {
		if (t != 0 && t < MS_FIRST)
			return fault_set(f, FAULT_USAGE, "%s %s: milliseconds since 1970 are wanted; "
			    "perhaps %s000", name, s, s);
		if (t > MS_LAST)
			return fault_set(f, FAULT_USAGE, "%s %s: milliseconds since 1970, %lld at most",
			    name, s, MS_LAST);
	} else if (strcmp(s, "now") == 0) {
		t = now_ms;
	} else if (!date(&t, s) && !ago(&t, s, now_ms)) {
		return fault_set(f, FAULT_USAGE, "%s %.60s: no such time; as 2024-01-01, "
		    "2024-01-01T12:00:00Z (UTC), -7d, -12h, -30m, now, or milliseconds since 1970", name, s);
	}
	*out = t;
	return 0;
}

void
info_time_put(char out[static INFO_TIME_STR], int64_t ms)
{
	time_t t = (time_t)(ms / SECOND_MS);
	struct tm tm;
	size_t n;

	if (ms < 0 || ms > MS_LAST || gmtime_r(&t, &tm) == NULL) {
		snprintf(out, INFO_TIME_STR, "%" PRId64, ms);
		return;
	}
	n = strftime(out, INFO_TIME_STR, "%Y-%m-%dT%H:%M:%S", &tm);
	if (ms % SECOND_MS != 0)
		n += (size_t)snprintf(out + n, INFO_TIME_STR - n, ".%03d", (int)(ms % SECOND_MS));
	snprintf(out + n, INFO_TIME_STR - n, "Z");
}

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/amount.h"
#include "core/instant.h"

#define SECOND_MS	1000LL
#define DAY_MS		86400000LL
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

/* "T12:00", "T12:00:00", "T12:00:00.250", with a blank for the T: ms of the day. */
static bool
time_of_day(const char **s, int64_t *out)
{
	int hour, min, sec = 0, ms = 0;

	*out = 0;
	if (**s != 'T' && **s != 't' && **s != ' ')
		return true;
	++*s;
	if (!figure(s, 2, &hour) || *(*s)++ != ':' || !figure(s, 2, &min))
		return false;
	if (**s == ':') {
		++*s;
		if (!figure(s, 2, &sec) || !thousandths(s, &ms))
			return false;
	}
	if (**s == 'Z' || **s == 'z')
		++*s;
	*out = ((hour * 60LL + min) * 60 + sec) * SECOND_MS + ms;
	return hour < 24 && min < 60 && sec < 60;
}

/*
 * The Gregorian calendar, from 1970 on
 */

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Days from 1970-01-01 to the first of a year; 477 leap years were before 1970. */
static int64_t
days_before(int year)
{
	int y = year - 1;

	return 365LL * (year - 1970) + y / 4 - y / 100 + y / 400 - 477;
}

static bool
date(int64_t *out, const char *s)
{
	int year, month, day;
	int64_t ms, days;

	if (!figure(&s, 4, &year) || *s++ != '-' || !figure(&s, 2, &month) || *s++ != '-' ||
	    !figure(&s, 2, &day) || !time_of_day(&s, &ms) || *s != '\0' || year < 1970 ||
	    month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return false;
	days = days_before(year) + day - 1;
	for (int m = 1; m < month; m++)
		days += month_days(year, m);
	*out = days * DAY_MS + ms;
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
instant_parse(int64_t *out, const char *name, const char *s, int64_t now_ms, struct fault *f)
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
		return fault_set(f, FAULT_USAGE, "%s %.60s: no such time, as 2024-01-01, 2024-01-01T12:00Z, "
		    "-7d, now or milliseconds", name, s);
	}
	*out = t;
	return 0;
}

void
instant_put(char out[static INSTANT_STR], int64_t ms)
{
	int64_t days = ms / DAY_MS;
	int year = 1970, month = 1, sec = (int)(ms % DAY_MS / SECOND_MS), n;

	if (ms < 0 || ms > MS_LAST) {
		snprintf(out, INSTANT_STR, "%" PRId64, ms);
		return;
	}
	while (days_before(year + 1) <= days)
		year++;
	for (days -= days_before(year); days >= month_days(year, month); month++)
		days -= month_days(year, month);
	n = snprintf(out, INSTANT_STR, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, (int)days + 1,
	    sec / 3600, sec / 60 % 60, sec % 60);
	if (ms % SECOND_MS != 0)
		n += snprintf(out + n, INSTANT_STR - (size_t)n, ".%03d", (int)(ms % SECOND_MS));
	snprintf(out + n, INSTANT_STR - (size_t)n, "Z");
}

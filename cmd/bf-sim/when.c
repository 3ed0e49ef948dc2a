#include <string.h>

#include "number.h"
#include "when.h"

#define DAY	INT64_C(86400000)	/* ms */
#define LAST	INT64_C(253402300799999)	/* the last ms of 9999 */

/* n digits of *s, and past them. */
static bool
digits(const char **s, int n, int *out)
{
	*out = 0;
	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return true;
}

static bool
sign(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static int
month_days(int y, int m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[m - 1] + (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
}

static bool
date(const char **s, int64_t *days)
{
	int y, m, d;

	if (!digits(s, 4, &y) || !sign(s, '-') || !digits(s, 2, &m) || !sign(s, '-') ||
	    !digits(s, 2, &d) || y < 1970 || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
		return false;
	*days = d - 1;
	for (int i = 1; i < m; i++)
		*days += month_days(y, i);
	y--;
	*days += 365 * (y - 1969) + (y / 4 - 492) - (y / 100 - 19) + (y / 400 - 4);
	return true;
}

/* "21:00", "21:00:30", "21:00:30.25" */
static bool
clock_time(const char **s, int64_t *ms)
{
	int h, m, sec = 0, frac = 0, unit = 100;

	if (!digits(s, 2, &h) || !sign(s, ':') || !digits(s, 2, &m) || h > 23 || m > 59)
		return false;
	if (sign(s, ':')) {
		if (!digits(s, 2, &sec) || sec > 59)
			return false;
		if (sign(s, '.'))
			for (; **s >= '0' && **s <= '9' && unit > 0; (*s)++, unit /= 10)
				frac += (**s - '0') * unit;
	}
	*ms = ((h * INT64_C(60) + m) * 60 + sec) * 1000 + frac;
	return true;
}

bool
when_read(int64_t *ms, const char *s)
{
	int64_t days, time = 0;

	if (number_i64(ms, s))
		return *ms >= 0 && *ms <= LAST;
	if (!date(&s, &days))
		return false;
	if ((sign(&s, 'T') || sign(&s, ' ')) && !clock_time(&s, &time))
		return false;
	(void)sign(&s, 'Z');
	*ms = days * DAY + time;
	return *s == '\0';
}

bool
when_span(int64_t *ms, const char *s)
{
	static const struct { const char *name; int64_t ms; } units[] = {
		{ "", 1 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", DAY },
	};
	size_t n = strspn(s, "-0123456789");
	char digits_only[20];

	if (n >= sizeof digits_only)
		return false;
	memcpy(digits_only, s, n);
	digits_only[n] = '\0';
	if (!number_i64(ms, digits_only))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(s + n, units[i].name) == 0)
			return !__builtin_mul_overflow(*ms, units[i].ms, ms);
	return false;
}

#include <string.h>
#include <time.h>

#include "page.h"

#define MINUTE	INT64_C(60000)
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)
#define MONTH_MAX	(31 * DAY)

static const struct interval table[] = {
	{ "1m", MINUTE }, { "3m", 3 * MINUTE }, { "5m", 5 * MINUTE }, { "15m", 15 * MINUTE },
	{ "30m", 30 * MINUTE }, { "1h", HOUR }, { "2h", 2 * HOUR }, { "4h", 4 * HOUR },
	{ "6h", 6 * HOUR }, { "8h", 8 * HOUR }, { "12h", 12 * HOUR }, { "1d", DAY },
	{ "3d", 3 * DAY }, { "1w", 7 * DAY }, { "1M", 0 },
};
/* The statistics have no others than these. */
static const char *const periods[] = { "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d" };

static bool
is_period(const char *name)
{
	for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
		if (strcmp(periods[i], name) == 0)
			return true;
	return false;
}

const struct interval *
interval_find(const char *name, bool statistics)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(table[i].name, name) == 0 && (!statistics || is_period(name)))
			return &table[i];
	return NULL;
}

const char *
interval_names(bool statistics)
{
	return statistics ? "5m, 15m, 30m, 1h, 2h, 4h, 6h, 12h, 1d" :
	    "1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, 3d, 1w, 1M";
}

static int64_t
down_to(int64_t ms, int64_t len)
{
	int64_t rest = ms % len;

	return ms - (rest < 0 ? rest + len : rest);
}

/* The first of the month n months after that of ms. */
static int64_t
month(int64_t ms, long n)
{
	time_t s = (time_t)(down_to(ms, 1000) / 1000);
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL)
		return ms;
	n += tm.tm_mon;
	tm = (struct tm){ .tm_year = tm.tm_year + (int)(n / 12), .tm_mon = (int)(n % 12), .tm_mday = 1 };
	return (int64_t)timegm(&tm) * 1000;
}

int64_t
interval_floor(const struct interval *iv, int64_t ms)
{
	if (iv->ms == 0)
		return month(ms, 0);
	if (iv->ms == 7 * DAY)		/* 1970-01-05 was a Monday */
		return down_to(ms - 4 * DAY, iv->ms) + 4 * DAY;
	return down_to(ms, iv->ms);
}

int64_t
interval_add(const struct interval *iv, int64_t open, long n)
{
	return iv->ms == 0 ? month(open, n) : open + n * iv->ms;
}

void
pager_begin(struct pager *p, int64_t after)
{
	p->expect = after == -1 ? -1 : interval_add(p->iv, after, 1);
	p->next = p->expect > p->from ? p->expect : p->from;
	p->rows = 0;
}

/*
 * The limit with the best of rows for weight, of the steps 99 for 1, 499 for 2, 1000
 * for 5, 1500 for 10. For a range longer than a page that is 499; a smaller limit than
 * its step spares nothing.
 */
static int
best_limit(int64_t rows)
{
	return rows <= 99 ? 99 : 499;
}

/* How many may come from p->next on, at most. */
static int64_t
rows_left(const struct pager *p)
{
	int64_t len = p->iv->ms == 0 ? 28 * DAY : p->iv->ms, n = (p->to - 1 - p->next) / len + 1;

	return p->left >= 0 && p->left < n ? p->left : n;
}

/* Not more rows from start on than a page takes, whatever their phase. */
static int64_t
window_end(const struct pager *p)
{
	return p->iv->ms == 0 ? interval_add(p->iv, interval_floor(p->iv, p->next), p->limit) - 1 :
	    p->next + p->limit * p->iv->ms - 1;
}

bool
pager_ask(struct pager *p)
{
	int64_t n;

	if (p->next >= p->to || p->left == 0)
		return false;
	n = rows_left(p);
	p->limit = p->weighs ? best_limit(n) : p->most;
	if (p->left >= 0 && p->limit > p->left)
		p->limit = (int)p->left;
	p->start = p->next - (p->overlap && p->next > 0);
	p->end = p->to - 1;
	if (p->backward && p->end > window_end(p))
		p->end = window_end(p);
	if (p->span > 0 && p->end > p->start + p->span)
		p->end = p->start + p->span;
	p->rows = 0;
	return true;
}

/* How many candles lie from a to b, both on the grid; -1 if b is not on that of a. */
static long
between(const struct interval *iv, int64_t a, int64_t b)
{
	long n = 0;

	if (iv->ms != 0)
		return (b - a) % iv->ms != 0 ? -1 : (long)((b - a) / iv->ms);
	while (a < b) {
		a = interval_add(iv, a, 1);
		n++;
	}
	return a == b ? n : -1;
}

/* Of three days the phase is the exchange's own; all others open on a floor. */
static bool
on_grid(const struct interval *iv, int64_t open)
{
	return iv->ms == 3 * DAY ? open % DAY == 0 : interval_floor(iv, open) == open;
}

static int
odd(const struct pager *p, int64_t open, const char *what, struct fault *f)
{
	return fault_set(f, FAULT_AGAIN, "row %d of the answer from %lld on, of %lld: %s", p->rows,
	    (long long)p->start, (long long)open, what);
}

int
pager_take(struct pager *p, int64_t open, int64_t close, struct hole *hole, struct fault *f)
{
	long n = 0;

	if (++p->rows > p->limit)
		return odd(p, open, "more rows than were asked for", f);
	if (open < p->start || open < p->from || open > p->end)
		return odd(p, open, "it is not of the time asked for", f);
	if (p->expect != -1 && open < p->expect)
		return odd(p, open, open == interval_add(p->iv, p->expect, -1) ?
		    "it is there twice" : "it is out of order", f);
	if (!on_grid(p->iv, open) || (close != -1 && close != interval_add(p->iv, open, 1) - 1) ||
	    (p->expect != -1 && (n = between(p->iv, p->expect, open)) == -1))
		return odd(p, open, "it is of another interval", f);
	if (n > 0)
		*hole = (struct hole){ p->expect, interval_add(p->iv, open, -1), n };
	p->expect = interval_add(p->iv, open, 1);
	if (p->left > 0)
		p->left--;
	return n > 0;
}

/* Without rows there is nothing more from here to the end of the query. */
void
pager_end(struct pager *p)
{
	p->next = p->backward || p->rows == 0 ? p->end + 1 : p->expect;
}

#include <stdlib.h>
#include <string.h>

#include "candle.h"

#define FIRST_CAP	64	/* a series begins that small */

/*
 * Intervals
 */

static const struct { const char *name; int64_t ms; } intervals[] = {
	{ "1s", 1000 }, { "1m", MINUTE_MS }, { "3m", 3 * MINUTE_MS }, { "5m", 5 * MINUTE_MS },
	{ "15m", 15 * MINUTE_MS }, { "30m", 30 * MINUTE_MS }, { "1h", HOUR_MS },
	{ "2h", 2 * HOUR_MS }, { "4h", 4 * HOUR_MS }, { "6h", 6 * HOUR_MS },
	{ "8h", 8 * HOUR_MS }, { "12h", 12 * HOUR_MS }, { "1d", DAY_MS }, { "3d", 3 * DAY_MS },
	{ "1w", 7 * DAY_MS }, { "1M", MONTH }
};

int64_t
hist_interval(const char *name)
{
	for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++)
		if (strcmp(intervals[i].name, name) == 0)
			return intervals[i].ms;
	return 0;
}

static int64_t
down_to(int64_t ms, int64_t len)
{
	int64_t rest = ms % len;

	return ms - (rest < 0 ? rest + len : rest);
}

/* Day of the (proleptic Gregorian) month, from 1. Years are counted from March,
 * so that the leap day is the last of its year. */
static int64_t
day_of_month(int64_t days)
{
	int64_t z = days + 719468, era = down_to(z, 146097), doe = z - era;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t month = (5 * doy + 2) / 153;

	return doy - (153 * month + 2) / 5 + 1;
}

int64_t
interval_floor(int64_t len, int64_t ms)
{
	int64_t day = down_to(ms, DAY_MS);

	if (len == MONTH)
		return day - (day_of_month(day / DAY_MS) - 1) * DAY_MS;
	if (len == 7 * DAY_MS)		/* 1970-01-05 was a Monday */
		return down_to(ms - 4 * DAY_MS, len) + 4 * DAY_MS;
	return down_to(ms, len);
}

static int64_t
interval_next(int64_t len, int64_t open_ms)
{
	return len == MONTH ? interval_floor(MONTH, open_ms + 31 * DAY_MS) : open_ms + len;
}

int64_t
hist_floor(const char *interval, int64_t ms)
{
	int64_t len = hist_interval(interval);

	return len == 0 ? ms : interval_floor(len, ms);
}

/*
 * The ring
 */

void
series_init(struct series *s, int64_t unit_ms, size_t max, bool flows)
{
	memset(s, 0, sizeof *s);
	s->unit_ms = unit_ms;
	s->max = max;
	s->flows = flows;
}

void
series_free(struct series *s)
{
	free(s->bar);
	free(s->flow);
}

/* Open of the newest; n > 0. */
static int64_t
series_last(const struct series *s)
{
	return s->begin + ((int64_t)s->n - 1) * s->unit_ms;
}

/* Where the i-th oldest is. */
static size_t
place(const struct series *s, size_t i)
{
	return (s->head + i) % s->cap;
}

static void
unroll(const struct series *s, void *to, const void *from, size_t each)
{
	size_t first = s->cap - s->head;

	if (s->n == 0)
		return;
	if (first > s->n)
		first = s->n;
	memcpy(to, (const char *)from + s->head * each, first * each);
	memcpy((char *)to + first * each, from, (s->n - first) * each);
}

/* Room for one more. false: there is none, the oldest has to go. */
static bool
grow(struct series *s)
{
	size_t cap = s->cap == 0 ? FIRST_CAP : 2 * s->cap;
	struct bar *b;
	struct flow *fl = NULL;

	if (s->n < s->cap)
		return true;
	if (cap > s->max)
		cap = s->max;
	if (cap == s->cap || (b = malloc(cap * sizeof *b)) == NULL)
		return false;
	if (s->flows && (fl = malloc(cap * sizeof *fl)) == NULL) {
		free(b);
		return false;
	}
	unroll(s, b, s->bar, sizeof *b);
	if (fl != NULL)
		unroll(s, fl, s->flow, sizeof *fl);
	free(s->bar);
	free(s->flow);
	s->bar = b;
	s->flow = fl;
	s->head = 0;
	s->cap = cap;
	return true;
}

static void
set_flat(struct series *s, size_t at, int64_t price)
{
	s->bar[at] = (struct bar){ price, price, price, price, 0, 0 };
	if (s->flows)
		memset(&s->flow[at], 0, sizeof s->flow[at]);
}

/* The next unit begins at the last close. */
static bool
append(struct series *s, int64_t price)
{
	if (!grow(s)) {
		if (s->cap == 0)
			return false;
		s->head = place(s, 1);
		s->n--;
		s->begin += s->unit_ms;
		s->dropped = true;
	}
	s->n++;
	set_flat(s, place(s, s->n - 1), price);
	return true;
}

void
series_start(struct series *s, int64_t ms, int64_t price)
{
	if (s->n > 0)
		return;
	s->begin = s->lived = interval_floor(s->unit_ms, ms);
	(void)append(s, price);
}

/* The unit of ms is the last one, with the quiet ones before it. */
static struct bar *
reach(struct series *s, int64_t ms, int64_t price)
{
	int64_t unit = interval_floor(s->unit_ms, ms), far = (int64_t)s->max * s->unit_ms;

	series_start(s, ms, price);
	if (s->n == 0)
		return NULL;
	if (s->lived == INT64_MAX) {	/* the past was told first */
		s->lived = unit;
		s->prefixed = unit == series_last(s);
	}
	price = s->bar[place(s, s->n - 1)].c;
	if (unit - series_last(s) > far) {	/* nothing of it will be left */
		s->head = 0;
		s->n = 0;
		s->begin = unit - far;
		s->dropped = true;
		(void)append(s, price);
	}
	while (series_last(s) < unit)
		(void)append(s, price);
	return &s->bar[place(s, s->n - 1)];
}

static int64_t
sum(int64_t a, int64_t b)	/* stays at the end of its room */
{
	int64_t r;

	return __builtin_add_overflow(a, b, &r) ? INT64_MAX : r;
}

static void
extend(struct bar *b, int64_t high, int64_t low)
{
	if (high > b->h)
		b->h = high;
	if (low < b->l)
		b->l = low;
}

void
series_add(struct series *s, const struct stroke *k)
{
	struct bar *b = reach(s, k->ms, k->price);
	struct flow *fl;

	if (b == NULL)
		return;
	if (b->n == 0)
		b->o = b->h = b->l = k->price;
	extend(b, k->price, k->price);
	b->c = k->price;
	b->n += k->count || b->n == 0;
	if (!s->flows)
		return;
	fl = &s->flow[b - s->bar];
	if (fl->first == 0)
		fl->first = k->id;
	b->span = (uint32_t)(k->id - fl->first);
	fl->v = sum(fl->v, k->qty);
	fl->q = sum(fl->q, k->quote);
	if (k->taker_buys) {
		fl->tv = sum(fl->tv, k->qty);
		fl->tq = sum(fl->tq, k->quote);
	}
}

/*
 * The past
 */

/* One more before the oldest. */
static bool
prepend(struct series *s)
{
	if (!grow(s))
		return false;
	s->head = (s->head + s->cap - 1) % s->cap;
	s->n++;
	s->begin -= s->unit_ms;
	set_flat(s, s->head, s->bar[place(s, 1)].o);
	return true;
}

static void
add_flow(struct flow *to, const struct flow *fl)
{
	to->v = sum(to->v, fl->v);
	to->q = sum(to->q, fl->q);
	to->tv = sum(to->tv, fl->tv);
	to->tq = sum(to->tq, fl->tq);
}

/* b comes after all of the past and before all that was lived of this unit. */
static void
merge_past(struct series *s, struct bar *to, const struct bar *b, bool shared)
{
	bool first = to->n == 0;

	if (shared ? !s->prefixed : first)
		to->o = b->o;
	if (shared)
		s->prefixed = true;
	else
		to->c = b->c;
	if (first) {
		to->h = b->h;
		to->l = b->l;
	}
	extend(to, b->h, b->l);
	to->n += b->n;
}

void
series_past(struct series *s, int64_t open_ms, const struct bar *b, const struct flow *fl)
{
	int64_t unit = interval_floor(s->unit_ms, open_ms);
	size_t at;

	if (s->n == 0) {	/* nothing lived yet: it will come after */
		series_start(s, open_ms, b->o);
		s->lived = INT64_MAX;
	}
	if (s->n == 0 || unit > s->lived || (unit == s->lived && s->unit_ms == MINUTE_MS))
		return;
	while (unit < s->begin)
		if (!prepend(s))
			return;
	while (unit > series_last(s))
		if (!append(s, b->o))
			return;
	at = place(s, (size_t)((unit - s->begin) / s->unit_ms));
	merge_past(s, &s->bar[at], b, unit == s->lived);
	if (s->flows && fl != NULL)
		add_flow(&s->flow[at], fl);
}

/*
 * Questions
 */

static dec
scaled(int64_t c, int scale)
{
	return (dec){ c, scale };
}

struct total { i128 v, q, tv, tq; };

static void
put_total(struct candle *out, const struct total *t, const struct scales *sc)
{
	out->volume = (dec){ t->v, sc->qty };
	out->taker_volume = (dec){ t->tv, sc->qty };
	out->quote = (dec){ t->q, sc->quote };
	out->taker_quote = (dec){ t->tq, sc->quote };
}

static void
count_flow(const struct series *s, size_t at, struct total *t, struct candle *out)
{
	const struct flow *fl = &s->flow[at];

	t->v += fl->v;
	t->q += fl->q;
	t->tv += fl->tv;
	t->tq += fl->tq;
	if (fl->first == 0)
		return;
	if (out->first == 0)
		out->first = fl->first;
	out->last = fl->first + s->bar[at].span;
}

static void
join(struct bar *all, const struct bar *b, bool begun)
{
	if (!begun)
		*all = *b;
	else if (b->n > 0 && all->n == 0)
		all->o = b->o, all->h = b->h, all->l = b->l;
	else if (b->n > 0)
		extend(all, b->h, b->l);
	all->c = b->c;
}

bool
series_sum(const struct series *s, int64_t from, int64_t to, const struct scales *sc,
    struct candle *out)
{
	struct total t = { 0, 0, 0, 0 };
	struct bar all = { 0, 0, 0, 0, 0, 0 };
	int64_t samples = 0, at = from < s->begin ? s->begin : from;
	bool begun = false;
	size_t i;

	out->first = out->last = 0;
	if (s->n == 0 || to < s->begin)
		return false;
	if (at > series_last(s)) {	/* quiet since */
		all.o = s->bar[place(s, s->n - 1)].c;
		all.h = all.l = all.c = all.o;
		begun = true;
	}
	for (; at <= to && at <= series_last(s); at += s->unit_ms) {
		i = place(s, (size_t)((at - s->begin) / s->unit_ms));
		join(&all, &s->bar[i], begun);
		samples += s->bar[i].n;
		all.n = samples > 0;
		begun = true;
		if (s->flows)
			count_flow(s, i, &t, out);
	}
	out->o = scaled(all.o, sc->price);
	out->h = scaled(all.h, sc->price);
	out->l = scaled(all.l, sc->price);
	out->c = scaled(all.c, sc->price);
	out->trades = samples;
	put_total(out, &t, sc);
	return begun;
}

/* The first interval that is wanted. */
static int64_t
first_open(const struct series *s, int64_t len, int64_t start, int64_t end, int64_t now_ms, int n)
{
	int64_t lo = interval_floor(len, s->begin), at;

	if (s->dropped && lo < s->begin)	/* its begin is lost */
		lo = interval_next(len, lo);
	if (lo < start && (lo = interval_floor(len, start)) < start)
		lo = interval_next(len, lo);
	if (start > 0 && end == INT64_MAX)
		return lo;
	at = interval_floor(len, end < now_ms ? end : now_ms);
	while (--n > 0 && at > lo)
		at = interval_floor(len, at - 1);
	return at > lo ? at : lo;
}

int
series_candles(const struct series *s, const struct scales *sc, int64_t len, int64_t start,
    int64_t end, int64_t now_ms, struct candle *out, int n)
{
	int64_t open, next;
	int got = 0;

	if (s->n == 0 || n <= 0)
		return 0;
	if (now_ms < series_last(s))
		now_ms = series_last(s);
	if (start > now_ms)	/* nor is there room beyond the greatest time */
		return 0;
	open = first_open(s, len, start, end, now_ms, n);
	for (; got < n && open <= end && open <= now_ms; open = next) {
		next = interval_next(len, open);
		out[got].open_ms = open;
		out[got].close_ms = next - 1;
		got += series_sum(s, open, next - 1, sc, &out[got]);
	}
	return got;
}

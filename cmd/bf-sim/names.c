#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "user.h"

#define BOTH	(ROUTE_PUBLIC | ROUTE_MARKET)	/* undocumented: clients differ */
#define SECOND	INT64_C(1000)
#define MINUTE	(60 * SECOND)
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)

/* After "symbol@"; a name that begins with '!' is of the whole market. */
static const struct row {
	const char *name;
	enum stream_kind kind;
	unsigned routes;
	int	period_ms, levels;
} rows[] = {
	{ "markPrice", ST_MARK, ROUTE_MARKET, 0, 0 },
	{ "markPrice@1s", ST_MARK, ROUTE_MARKET, 0, 0 },
	{ "aggTrade", ST_AGG, ROUTE_MARKET, 0, 0 },
	{ "trade", ST_TRADE, BOTH, 0, 0 },
	{ "forceOrder", ST_FORCE, ROUTE_MARKET, 0, 0 },
	{ "bookTicker", ST_BOOK, ROUTE_PUBLIC, 0, 0 },
	{ "depth", ST_DEPTH, ROUTE_PUBLIC, 250, 0 },
	{ "depth@100ms", ST_DEPTH, ROUTE_PUBLIC, 100, 0 },
	{ "depth@250ms", ST_DEPTH, ROUTE_PUBLIC, 250, 0 },
	{ "depth@500ms", ST_DEPTH, ROUTE_PUBLIC, 500, 0 },
	{ "depth5", ST_PARTIAL, ROUTE_PUBLIC, 250, 5 },
	{ "depth5@100ms", ST_PARTIAL, ROUTE_PUBLIC, 100, 5 },
	{ "depth5@250ms", ST_PARTIAL, ROUTE_PUBLIC, 250, 5 },
	{ "depth5@500ms", ST_PARTIAL, ROUTE_PUBLIC, 500, 5 },
	{ "depth10", ST_PARTIAL, ROUTE_PUBLIC, 250, 10 },
	{ "depth10@100ms", ST_PARTIAL, ROUTE_PUBLIC, 100, 10 },
	{ "depth10@250ms", ST_PARTIAL, ROUTE_PUBLIC, 250, 10 },
	{ "depth10@500ms", ST_PARTIAL, ROUTE_PUBLIC, 500, 10 },
	{ "depth20", ST_PARTIAL, ROUTE_PUBLIC, 250, 20 },
	{ "depth20@100ms", ST_PARTIAL, ROUTE_PUBLIC, 100, 20 },
	{ "depth20@250ms", ST_PARTIAL, ROUTE_PUBLIC, 250, 20 },
	{ "depth20@500ms", ST_PARTIAL, ROUTE_PUBLIC, 500, 20 },
	{ "!markPrice@arr", ST_MARK_ALL, ROUTE_MARKET, 0, 0 },
	{ "!markPrice@arr@1s", ST_MARK_ALL, ROUTE_MARKET, 0, 0 },
	{ "!bookTicker", ST_BOOK_ALL, ROUTE_PUBLIC, 5000, 0 },
	{ "!forceOrder@arr", ST_FORCE_ALL, ROUTE_MARKET, 0, 0 },
};

static const struct { const char *name; int64_t ms; } intervals[] = {
	{ "1m", MINUTE }, { "3m", 3 * MINUTE }, { "5m", 5 * MINUTE }, { "15m", 15 * MINUTE },
	{ "30m", 30 * MINUTE }, { "1h", HOUR }, { "2h", 2 * HOUR }, { "4h", 4 * HOUR },
	{ "6h", 6 * HOUR }, { "8h", 8 * HOUR }, { "12h", 12 * HOUR }, { "1d", DAY },
	{ "3d", 3 * DAY }, { "1w", 7 * DAY },
};

static bool
read_kline(struct stream *st, const char *suffix)
{
	if (strncmp(suffix, "kline_", 6) != 0)
		return false;
	for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++)
		if (strcmp(suffix + 6, intervals[i].name) == 0) {
			st->kind = ST_KLINE;
			st->routes = ROUTE_MARKET;
			st->period_ms = 250;
			st->interval = intervals[i].name;
			st->interval_ms = intervals[i].ms;
			return true;
		}
	return false;
}

static bool
read_suffix(struct stream *st, const char *suffix)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].name, suffix) == 0) {
			st->kind = rows[i].kind;
			st->routes = rows[i].routes;
			st->period_ms = rows[i].period_ms;
			st->levels = rows[i].levels;
			return true;
		}
	return read_kline(st, suffix);
}

/* A listen key, with '@' and an event or without. */
static bool
read_user(struct stream *st, const char *name)
{
	size_t n = strcspn(name, "@");

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]))
			return false;
	if (n != USER_KEY)
		return false;
	st->kind = ST_USER;
	st->routes = ROUTE_USER;
	return true;
}

/* The symbol in lower case, as names have it. */
static int
find_symbol(const struct engine *e, const char *name, size_t n)
{
	const char *s;
	size_t k;

	for (int i = 0; i < engine_symbols(e); i++) {
		s = engine_rules(e, i)->symbol;
		for (k = 0; k < n && s[k] != '\0' && tolower((unsigned char)s[k]) == name[k]; k++)
			;
		if (k == n && s[k] == '\0')
			return i;
	}
	return -1;
}

bool
names_read(struct stream *st, const char *name, const struct engine *e)
{
	size_t n = strcspn(name, "@");

	memset(st, 0, sizeof *st);
	st->sym = -1;
	if (strlen(name) >= sizeof st->name)
		return false;
	snprintf(st->name, sizeof st->name, "%s", name);
	if (name[0] == '!')
		return read_suffix(st, name);
	if (read_user(st, name))
		return true;
	if (name[n] == '\0' || name[n + 1] == '!' || (st->sym = find_symbol(e, name, n)) == -1)
		return false;
	return read_suffix(st, name + n + 1);
}

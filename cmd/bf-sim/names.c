/* Names of streams: what each means, where it is served, and how often. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "streams.h"
#include "user.h"

/* The root is COIN-M's host, and for USDⓈ-M what is left of the legacy one. */
#define PUBLIC	(ROUTE_PUBLIC | ROUTE_ROOT)
#define MERGED	(ROUTE_MARKET | ROUTE_ROOT)	/* rows of both markets, on both hosts */
#define ANY	(ROUTE_PUBLIC | ROUTE_MARKET | ROUTE_ROOT)

/* Where a stream is served, and its period: of USDⓈ-M and of COIN-M symbols. */
struct terms { unsigned usdm, coinm; int usdm_ms, coinm_ms; };

/* After "symbol@". */
static const struct row {
	const char *name;
	enum stream_kind kind;
	struct terms on;
} symbol_rows[] = {
	{ "markPrice", ST_MARK, { ROUTE_MARKET, MERGED, 3000, 3000 } },
	{ "markPrice@1s", ST_MARK, { ROUTE_MARKET, MERGED, 1000, 1000 } },
	{ "aggTrade", ST_AGG, { ROUTE_MARKET, ROUTE_ROOT, 0, 0 } },	/* hist.h collects them */
	{ "trade", ST_TRADE, { ANY, ROUTE_ROOT, 0, 0 } },	/* undocumented: clients differ */
	{ "forceOrder", ST_FORCE, { ROUTE_MARKET, ROUTE_ROOT, 1000, 1000 } },
	{ "bookTicker", ST_BOOK, { PUBLIC, ROUTE_ROOT, 0, 0 } },
	{ "miniTicker", ST_MINI, { ROUTE_MARKET, ROUTE_ROOT, 2000, 500 } },
	{ "ticker", ST_TICKER, { ROUTE_MARKET, ROUTE_ROOT, 2000, 500 } },
	{ "compositeIndex", ST_SILENT, { ROUTE_MARKET, 0, 1000, 0 } },
	{ "rpiDepth@500ms", ST_SILENT, { PUBLIC, 0, 500, 0 } },
};

/* After "pair@"; COIN-M only. */
static const struct row pair_rows[] = {
	{ "indexPrice", ST_INDEX, { 0, ROUTE_ROOT, 0, 3000 } },
	{ "indexPrice@1s", ST_INDEX, { 0, ROUTE_ROOT, 0, 1000 } },
	{ "markPrice", ST_MARK_PAIR, { 0, MERGED, 0, 3000 } },
	{ "markPrice@1s", ST_MARK_PAIR, { 0, MERGED, 0, 1000 } },
};

/* Whole names. */
static const struct row whole_rows[] = {
	{ "!markPrice@arr", ST_MARK_ALL, { MERGED, 0, 3000, 0 } },
	{ "!markPrice@arr@1s", ST_MARK_ALL, { MERGED, 0, 1000, 0 } },
	{ "!bookTicker", ST_BOOK_ALL, { PUBLIC, 0, 5000, 0 } },
	{ "!forceOrder@arr", ST_FORCE_ALL, { MERGED, 0, 1000, 0 } },
	{ "!miniTicker@arr", ST_MINI_ALL, { MERGED, 0, 1000, 0 } },
	{ "!ticker@arr", ST_TICKER_ALL, { MERGED, 0, 1000, 0 } },
	{ "!contractInfo", ST_CONTRACT, { MERGED, 0, 0, 0 } },
	{ "!assetIndex@arr", ST_ASSET_ALL, { ROUTE_MARKET, 0, 1000, 0 } },
	{ "tradingSession", ST_SILENT, { ROUTE_MARKET, 0, 1000, 0 } },
};

/* Before the interval. what: of a symbol, a pair, or a pair and contract type. */
static const struct candles {
	const char *name;
	enum stream_kind kind;
	enum { OF_SYMBOL, OF_PAIR, OF_CONTRACT } what;
	struct terms on;
} candle_rows[] = {
	{ "kline_", ST_KLINE, OF_SYMBOL, { ROUTE_MARKET, MERGED, 250, 250 } },
	{ "continuousKline_", ST_CONTINUOUS, OF_CONTRACT, { ROUTE_MARKET, MERGED, 250, 250 } },
	{ "markPriceKline_", ST_MARK_KLINE, OF_SYMBOL, { 0, MERGED, 0, 250 } },
	{ "indexPriceKline_", ST_INDEX_KLINE, OF_PAIR, { 0, MERGED, 0, 250 } },
};

static const char *const intervals[] = {
	"1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M",
	"1s",	/* last: of continuous ones only */
};

static const struct row *
find_row(const struct row *row, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(row[i].name, name) == 0)
			return &row[i];
	return NULL;
}

#define FIND(rows, name) find_row(rows, sizeof (rows) / sizeof *(rows), name)

/* Kind, routes and period; false: not of this market. */
static bool
set_terms(struct stream *st, enum stream_kind kind, const struct terms *t, enum product m)
{
	st->kind = kind;
	st->routes = m == COINM ? t->coinm : t->usdm;
	st->period_ms = m == COINM ? t->coinm_ms : t->usdm_ms;
	return st->routes != 0;
}

/*
 * Symbols and pairs, in lower case as names have them
 */

/* n bytes in upper case; false: too long, or not in lower case. */
static bool
raise_case(char out[static SYMBOL_MAX], const char *s, size_t n)
{
	if (n == 0 || n >= SYMBOL_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (isupper((unsigned char)s[i]))
			return false;
		out[i] = (char)toupper((unsigned char)s[i]);
	}
	out[n] = '\0';
	return true;
}

/* The first COIN-M symbol of a pair; -1. */
static int
find_pair(const struct engine *e, const char *pair)
{
	for (int i = 0; i < engine_symbols(e); i++)
		if (engine_contract(e, i)->market == COINM && strcmp(engine_rules(e, i)->pair, pair) == 0)
			return i;
	return -1;
}

/* "BTCUSDT_PERPETUAL": the symbol of that pair and contract type; -1. */
static int
find_contract(const struct engine *e, const char *name)
{
	const struct rules *r;
	size_t n;

	for (int i = 0; i < engine_symbols(e); i++) {
		r = engine_rules(e, i);
		n = strlen(r->pair);
		if (strncmp(name, r->pair, n) == 0 && name[n] == '_' &&
		    strcmp(name + n + 1, r->contract) == 0)
			return i;
	}
	return -1;
}

/* The contract of a USD index: "ADAUSD" of the asset ADA; -1. */
static int
find_asset(const struct engine *e, const char *name)
{
	size_t n = strlen(name);
	char asset[SYMBOL_MAX];
	int i;

	if (n < 4 || strcmp(name + n - 3, "USD") != 0)
		return -1;
	snprintf(asset, sizeof asset, "%.*s", (int)(n - 3), name);
	i = engine_asset(e, USDM, asset);
	return i != -1 ? i : engine_asset(e, COINM, asset);
}

/*
 * What follows the '@'
 */

/* "depth", "depth5@100ms". */
static bool
read_depth(struct stream *st, const char *s, enum product m)
{
	static const struct { const char *name; int ms; } speeds[] = {
		{ "", 250 }, { "@100ms", 100 }, { "@250ms", 250 }, { "@500ms", 500 },
	};
	static const struct { const char *name; int levels; } sizes[] = {
		{ "5", 5 }, { "10", 10 }, { "20", 20 }, { "", 0 },
	};
	struct terms on = { PUBLIC, ROUTE_ROOT, 0, 0 };
	size_t i = 0, n;

	if (strncmp(s, "depth", 5) != 0)
		return false;
	s += 5;
	while (strncmp(s, sizes[i].name, n = strlen(sizes[i].name)) != 0)
		i++;
	for (size_t k = 0; k < sizeof speeds / sizeof *speeds; k++)
		if (strcmp(s + n, speeds[k].name) == 0) {
			on.usdm_ms = on.coinm_ms = speeds[k].ms;
			st->levels = sizes[i].levels;
			return set_terms(st, st->levels == 0 ? ST_DEPTH : ST_PARTIAL, &on, m);
		}
	return false;
}

static bool
read_interval(struct stream *st, const char *s)
{
	size_t n = sizeof intervals / sizeof *intervals - (st->kind != ST_CONTINUOUS);

	for (size_t i = 0; i < n; i++)
		if (strcmp(intervals[i], s) == 0) {
			st->interval = intervals[i];
			return true;
		}
	return false;
}

/* what: the part before the '@', in upper case. */
static bool
read_candle(struct stream *st, const char *what, const char *s, const struct engine *e)
{
	const struct candles *c = candle_rows;
	size_t i, n = sizeof candle_rows / sizeof *candle_rows;

	for (i = 0; i < n && strncmp(s, c[i].name, strlen(c[i].name)) != 0; i++)
		;
	if (i == n)
		return false;
	st->sym = c[i].what == OF_SYMBOL ? engine_symbol(e, what) :
	    c[i].what == OF_PAIR ? find_pair(e, what) : find_contract(e, what);
	if (st->sym == -1 ||
	    !set_terms(st, c[i].kind, &c[i].on, engine_contract(e, st->sym)->market))
		return false;
	snprintf(st->pair, sizeof st->pair, "%s", engine_rules(e, st->sym)->pair);
	return read_interval(st, s + strlen(c[i].name));
}

static bool
read_symbol(struct stream *st, const char *what, const char *s, const struct engine *e)
{
	const struct row *r = FIND(symbol_rows, s);
	enum product m;

	if ((st->sym = engine_symbol(e, what)) == -1)
		return false;
	m = engine_contract(e, st->sym)->market;
	return r != NULL ? set_terms(st, r->kind, &r->on, m) : read_depth(st, s, m);
}

static bool
read_pair(struct stream *st, const char *what, const char *s, const struct engine *e)
{
	const struct row *r = FIND(pair_rows, s);

	if (r == NULL || (st->sym = find_pair(e, what)) == -1)
		return false;
	snprintf(st->pair, sizeof st->pair, "%s", what);
	return set_terms(st, r->kind, &r->on, COINM);
}

static bool
read_asset(struct stream *st, const char *what, const char *s, const struct engine *e)
{
	static const struct terms on = { ROUTE_MARKET, 0, 1000, 0 };

	if (strcmp(s, "assetIndex") != 0 || (st->asset = find_asset(e, what)) == -1)
		return false;
	st->sym = -1;
	return set_terms(st, ST_ASSET, &on, USDM);
}

/* A listen key there is, with '@' and an event or without. */
static bool
read_user(struct stream *st, const char *name, size_t n, const struct user *u)
{
	static const struct terms on = { ROUTE_USER, ROUTE_ROOT, 0, 0 };
	enum product m;
	int acct;

	return user_key_of(u, name, n, &acct, &m) && set_terms(st, ST_USER, &on, m);
}

bool
names_read(struct stream *st, const char *name, const struct sim *s)
{
	size_t n = strcspn(name, "@");
	const struct row *r = FIND(whole_rows, name);
	const struct engine *e = s->engine;
	char what[SYMBOL_MAX];

	memset(st, 0, sizeof *st);
	st->sym = st->asset = -1;
	if (strlen(name) >= sizeof st->name)
		return false;
	snprintf(st->name, sizeof st->name, "%s", name);
	if (r != NULL)
		return set_terms(st, r->kind, &r->on, USDM);
	if (read_user(st, name, n, s->user))
		return true;
	if (name[n] == '\0' || !raise_case(what, name, n))
		return false;
	name += n + 1;
	return read_symbol(st, what, name, e) || read_candle(st, what, name, e) ||
	    read_pair(st, what, name, e) || read_asset(st, what, name, e);
}

#include <string.h>
#include <strings.h>

#include "core/show.h"
#include "core/streams.h"

#define BOOK_SPEEDS	"@100ms @500ms"

const struct stream_row stream_rows[] = {
/*	  name		 suffix		 all symbols		speeds	     interval route */
	{ "markPrice",	 "markPrice@1s", "!markPrice@arr@1s",	"@1s",	     false, ROUTE_MARKET,
	  "mark and index price, funding; every second" },
	{ "bookTicker",	 "bookTicker",	 "!bookTicker",		"",	     false, ROUTE_PUBLIC,
	  "best bid and ask, on every change" },
	{ "aggTrade",	 "aggTrade",	 NULL,			"",	     false, ROUTE_MARKET,
	  "trades, joined by price and taker" },
	{ "depth",	 "depth",	 NULL,			BOOK_SPEEDS, false, ROUTE_PUBLIC,
	  "changes of the order book; every 250 ms without a speed" },
	{ "depth5",	 "depth5",	 NULL,			BOOK_SPEEDS, false, ROUTE_PUBLIC,
	  "the best 5 levels; every 250 ms without a speed" },
	{ "depth10",	 "depth10",	 NULL,			BOOK_SPEEDS, false, ROUTE_PUBLIC,
	  "the best 10 levels" },
	{ "depth20",	 "depth20",	 NULL,			BOOK_SPEEDS, false, ROUTE_PUBLIC,
	  "the best 20 levels" },
	{ "kline",	 "kline",	 NULL,			"",	     true,  ROUTE_MARKET,
	  "candles, such as kline_1m" },
	{ "miniTicker",	 "miniTicker",	 "!miniTicker@arr",	"",	     false, ROUTE_MARKET,
	  "24 h open, high, low, close and volume" },
	{ "ticker",	 "ticker",	 "!ticker@arr",		"",	     false, ROUTE_MARKET,
	  "24 h statistics" },
	{ "forceOrder",	 "forceOrder",	 "!forceOrder@arr",	"",	     false, ROUTE_MARKET,
	  "liquidations, at most one a symbol and second" },
	{ "contractInfo", NULL,		 "!contractInfo",	"",	     false, ROUTE_MARKET,
	  "contracts listed, settled, or with new brackets; takes no symbol" },
	{ NULL, NULL, NULL, NULL, false, ROUTE_PUBLIC, NULL }
};

#define INTERVALS	"1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M"

/* A word of the command line in its parts, and the text for a fault. */
struct word {
	const char	*interval;	/* "5m", n bytes; NULL: none written */
	size_t		 interval_n;
	const char	*speed;		/* "@100ms", or "" */
	char		 shown[64];	/* the word, safe to print */
};

/* Whether list, blank-separated, has the n bytes at s as one of its words. */
static bool
listed(const char *list, const char *s, size_t n)
{
	size_t k;

	for (; n > 0 && *list != '\0'; list += k + (list[k] == ' ')) {
		k = strcspn(list, " ");
		if (k == n && memcmp(list, s, n) == 0)
			return true;
	}
	return false;
}

/* The bytes of text that are the stream's name: "kline" of "kline_5m". */
static size_t
name_len(const char *text)
{
	return strcspn(text, "@_");
}

/* The row of the stream text begins with. Wrong capitals still find it, so
 * that "markprice" is an error and never taken for a symbol. */
static const struct stream_row *
find(const char *text)
{
	const struct stream_row *r;
	size_t n = name_len(text);

	for (r = stream_rows; r->name != NULL; r++)
		if (strlen(r->name) == n && strncasecmp(r->name, text, n) == 0)
			return r;
	return NULL;
}

static void
split(struct word *w, const char *text)
{
	const char *rest = text + name_len(text);

	show_text(w->shown, sizeof w->shown, text, strlen(text));
	w->speed = rest + strcspn(rest, "@");
	w->interval = *rest == '_' ? rest + 1 : NULL;
	w->interval_n = w->interval != NULL ? (size_t)(w->speed - w->interval) : 0;
}

static int
check_word(const struct stream_row *r, const struct word *w, const char *text, struct fault *f)
{
	if (strncmp(r->name, text, strlen(r->name)) != 0)
		return fault_set(f, FAULT_USAGE, "stream %s: did you mean %s?", w->shown, r->name);
	if (r->interval && !listed(INTERVALS, w->interval, w->interval_n))
		return fault_set(f, FAULT_USAGE, "stream %s: needs an interval, as in %s_1m: %s",
		    w->shown, r->name, INTERVALS);
	if (!r->interval && w->interval != NULL)
		return fault_set(f, FAULT_USAGE, "stream %s: %s takes no interval", w->shown, r->name);
	if (*w->speed == '\0' || listed(r->speeds, w->speed, strlen(w->speed)))
		return 0;
	if (*r->speeds == '\0')
		return fault_set(f, FAULT_USAGE, "stream %s: %s takes no speed", w->shown, r->name);
	return fault_set(f, FAULT_USAGE, "stream %s: the speed must be one of: %s; or none",
	    w->shown, r->speeds);
}

/* A symbol goes into a name and an address: what has a meaning there would ask
 * for another stream. */
static int
check_symbol(const struct stream_row *r, const char *symbol, struct fault *f)
{
	char shown[64];
	size_t n;

	if (symbol == NULL)
		return r->all != NULL ? 0 : fault_set(f, FAULT_USAGE,
		    "stream %s: needs a symbol, there is no form for all", r->name);
	n = strlen(symbol);
	show_text(shown, sizeof shown, symbol, n);
	if (r->suffix == NULL)
		return fault_set(f, FAULT_USAGE, "stream %s: takes no symbol, but got %s", r->name, shown);
	if (n == 0 || strcspn(symbol, " /@!?&#%\"\\") != n || !show_clean(symbol, n))
		return fault_set(f, FAULT_USAGE, "stream %s: not a symbol: \"%s\"", r->name, shown);
	return 0;
}

static void
put_lower(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		buf_chr(out, *s >= 'A' && *s <= 'Z' ? (char)(*s + ('a' - 'A')) : *s);
}

static void
put_name(struct buf *out, const struct stream_row *r, const struct word *w, const char *symbol)
{
	if (symbol == NULL) {
		buf_str(out, r->all);
		return;
	}
	put_lower(out, symbol);
	buf_chr(out, '@');
	if (*w->speed == '\0') {
		buf_str(out, r->suffix);
	} else {	/* in place of the speed the row has, if any */
		buf_put(out, r->suffix, strcspn(r->suffix, "@"));
		buf_str(out, w->speed);
	}
	if (w->interval != NULL) {
		buf_chr(out, '_');
		buf_put(out, w->interval, w->interval_n);
	}
}

int
stream_name(struct buf *out, const struct stream_row **row, const char *word,
    const char *symbol, struct fault *f)
{
	const struct stream_row *r = find(word);
	struct word w;

	split(&w, word);
	if (r == NULL)
		return fault_set(f, FAULT_USAGE, "stream %s: unknown; there are markPrice, bookTicker, "
		    "aggTrade, depth, depth5, depth10, depth20, kline_1m, miniTicker, ticker, "
		    "forceOrder, contractInfo", w.shown);
	if (check_word(r, &w, word, f) == -1 || check_symbol(r, symbol, f) == -1)
		return -1;
	put_name(out, r, &w, symbol);
	if (row != NULL)
		*row = r;
	return 0;
}

bool
stream_known(const char *word)
{
	return find(word) != NULL;
}

/* Names of streams: of words, and back. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/show.h"
#include "core/streams.h"

#define PLAIN		"@3s"	/* the speed that the exchange writes as none */
#define INTERVALS	"1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M"

/* A word of the command line in its parts, and the text for a fault. */
struct word {
	const struct stream_row *row;	/* NULL: unknown */
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

const struct stream_row *
stream_find(const char *text)
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

	w->row = stream_find(text);
	show_text(w->shown, sizeof w->shown, text, strlen(text));
	w->speed = rest + strcspn(rest, "@");
	w->interval = *rest == '_' ? rest + 1 : NULL;
	w->interval_n = w->interval != NULL ? (size_t)(w->speed - w->interval) : 0;
}

/* "stream x: unknown; there are markPrice bookTicker ... of that market." */
static int
unknown(const char *shown, enum market m, struct fault *f)
{
	const struct stream_row *r;
	char list[256] = "";
	size_t n = 0;

	for (r = stream_rows; r->name != NULL; r++)
		if ((r->markets & 1u << m) != 0 && n < sizeof list)
			n += (size_t)snprintf(list + n, sizeof list - n, " %s%s", r->name,
			    r->interval ? "_1m" : "");
	return fault_set(f, FAULT_USAGE, "stream %.24s: unknown; there are%s", shown, list);
}

static const char *
intervals(const struct stream_row *r)
{
	return r->of == OF_CONTRACT ? "1s " INTERVALS : INTERVALS;
}

static int
check_word(const struct word *w, const char *text, enum market m, struct fault *f)
{
	const struct stream_row *r = w->row;

	if (r == NULL)
		return unknown(w->shown, m, f);
	if (strncmp(r->name, text, strlen(r->name)) != 0)
		return fault_set(f, FAULT_USAGE, "stream %s: did you mean %s?", w->shown, r->name);
	if (r->interval && !listed(intervals(r), w->interval, w->interval_n))
		return fault_set(f, FAULT_USAGE, "stream %s: needs an interval, as in %s_1m: %s",
		    w->shown, r->name, intervals(r));
	if (!r->interval && w->interval != NULL)
		return fault_set(f, FAULT_USAGE, "stream %s: %s takes no interval", w->shown, r->name);
	if (*w->speed == '\0' || listed(r->speeds, w->speed, strlen(w->speed)))
		return 0;
	if (*r->speeds == '\0')
		return fault_set(f, FAULT_USAGE, "stream %s: %s takes no speed", w->shown, r->name);
	return fault_set(f, FAULT_USAGE, "stream %s: the speed must be one of: %s; or none",
	    w->shown, r->speeds);
}

static const char *
what(enum stream_of of)
{
	static const char *const text[] = {
		[OF_SYMBOL] = "a symbol", [OF_PAIR] = "a pair", [OF_CONTRACT] = "a pair and contract type",
		[OF_ASSET] = "an asset", [OF_NONE] = "no symbol",
	};

	return text[of];
}

static int
check_market(const struct stream_row *r, enum market m, bool all, struct fault *f)
{
	if ((r->markets & 1u << m) == 0)
		return fault_set(f, FAULT_USAGE, "stream %s: %s has none, only %s has it", r->name,
		    market_title(m), market_title(market_other(m)));
	if (!all || (r->all_markets & 1u << m) != 0)
		return 0;
	return fault_set(f, FAULT_USAGE, "stream %s: needs %s, there is no form for all", r->name,
	    what(r->of));
}

/* Whether the n bytes at s, in any case, are a contract type that streams have. */
static bool
contract_type(const char *s)
{
	static const char *const type[] = { "perpetual", "current_quarter", "next_quarter",
	    "tradifi_perpetual" };

	for (size_t i = 0; i < sizeof type / sizeof *type; i++)
		if (strcasecmp(type[i], s) == 0)
			return true;
	return false;
}

/* A COIN-M symbol is its pair, "_", and PERP or a date: pairs alone name other
 * streams there. */
static int
check_form(const struct stream_row *r, enum market m, const char *symbol, const char *shown,
    struct fault *f)
{
	const char *tail = strchr(symbol, '_');

	if (r->of == OF_SYMBOL && m == MARKET_COINM && tail == NULL)
		return fault_set(f, FAULT_USAGE, "stream %s: takes a symbol such as BTCUSD_PERP, not %s",
		    r->name, shown);
	if ((r->of == OF_PAIR || r->of == OF_ASSET) && tail != NULL)
		return fault_set(f, FAULT_USAGE, "stream %s: takes %s such as BTCUSD, not %s", r->name,
		    what(r->of), shown);
	if (r->of == OF_CONTRACT && tail != NULL && !contract_type(tail + 1))
		return fault_set(f, FAULT_USAGE, "stream %s: takes a pair and one of _PERPETUAL, "
		    "_CURRENT_QUARTER, _NEXT_QUARTER, _TRADIFI_PERPETUAL, not %s", r->name, shown);
	return 0;
}

/* A symbol goes into a name and an address: what has a meaning there would ask
 * for another stream. */
static int
check_symbol(const struct stream_row *r, enum market m, const char *symbol, struct fault *f)
{
	size_t n = strlen(symbol);
	char shown[64];

	show_text(shown, sizeof shown, symbol, n);
	if (r->suffix == NULL)
		return fault_set(f, FAULT_USAGE, "stream %s: takes no symbol, but got %s", r->name, shown);
	if (n == 0 || *symbol == '_' || strcspn(symbol, " /@!?&#%\"\\") != n || !show_clean(symbol, n))
		return fault_set(f, FAULT_USAGE, "stream %s: not a symbol: \"%s\"", r->name, shown);
	return check_form(r, m, symbol, shown, f);
}

static void
put_lower(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		buf_chr(out, *s >= 'A' && *s <= 'Z' ? (char)(*s + ('a' - 'A')) : *s);
}

/* The bytes of a form ("markPrice@1s") before the speed it has, if any. */
static size_t
base_len(const struct stream_row *r, const char *form)
{
	const char *at = strrchr(form, '@');

	return at != NULL && listed(r->speeds, at, strlen(at)) ? (size_t)(at - form) : strlen(form);
}

static void
put_form(struct buf *out, const struct word *w, const char *form)
{
	if (*w->speed == '\0') {
		buf_str(out, form);
	} else {	/* in place of the one the form has */
		buf_put(out, form, base_len(w->row, form));
		if (strcmp(w->speed, PLAIN) != 0)
			buf_str(out, w->speed);
	}
	if (w->interval != NULL) {
		buf_chr(out, '_');
		buf_put(out, w->interval, w->interval_n);
	}
}

int
stream_name(struct buf *out, const struct stream_row **row, enum market m, const char *word,
    const char *symbol, struct fault *f)
{
	struct word w;

	split(&w, word);
	if (check_word(&w, word, m, f) == -1 || check_market(w.row, m, symbol == NULL, f) == -1 ||
	    (symbol != NULL && check_symbol(w.row, m, symbol, f) == -1))
		return -1;
	if (symbol != NULL) {
		put_lower(out, symbol);
		if (w.row->of == OF_CONTRACT && strchr(symbol, '_') == NULL)
			buf_str(out, "_perpetual");
		buf_chr(out, '@');
	}
	put_form(out, &w, symbol == NULL ? w.row->all : w.row->suffix);
	if (row != NULL)
		*row = w.row;
	return 0;
}

/* The word for what follows the "@", or for the whole name of a form for all:
 * "kline_1m" for "kline_1m", "markPrice@3s" for "markPrice". False: not of r. */
static bool
word_of(struct buf *word, const struct stream_row *r, const char *form, const char *text)
{
	size_t n = base_len(r, form);

	if (strncmp(text, form, n) != 0 || strchr("@_", text[n]) == NULL)
		return false;
	buf_reset(word);
	buf_str(word, r->name);
	if (text[n] != '\0')
		buf_str(word, text + n);
	else if (listed(r->speeds, PLAIN, strlen(PLAIN)))
		buf_str(word, PLAIN);
	return true;
}

/* Whether word and symbol (NULL: all) make name, to the letter. */
static bool
makes(const char *name, enum market m, const struct buf *word, const char *symbol)
{
	struct buf b = { 0 };
	bool same;

	same = !word->bad && stream_name(&b, NULL, m, word->p, symbol, NULL) == 0 && !b.bad &&
	    strcmp(b.p, name) == 0;
	buf_free(&b);
	return same;
}

bool
stream_parse(const char *name, enum market m, const struct stream_row **row, struct buf *word,
    struct buf *symbol)
{
	const struct stream_row *r;
	const char *at = strchr(name, '@');
	struct buf w = { 0 }, s = { 0 };
	bool all = false, found = false;

	if (at != NULL)
		buf_put(&s, name, (size_t)(at - name));
	for (r = stream_rows; r->name != NULL && !found && !s.bad; r += !found) {
		all = r->all != NULL && word_of(&w, r, r->all, name);
		found = (all || (at != NULL && r->suffix != NULL && word_of(&w, r, r->suffix, at + 1))) &&
		    makes(name, m, &w, all ? NULL : s.p);
	}
	if (found) {
		*row = r;
		buf_str(word, w.p);
		buf_str(symbol, all ? "" : s.p);
	}
	buf_free(&w);
	buf_free(&s);
	return found;
}

const struct stream_row *
stream_of_event(const char *e, size_t n)
{
	const struct stream_row *r;

	for (r = stream_rows; r->name != NULL; r++)
		if (listed(r->event, e, n))
			return r;
	return NULL;
}

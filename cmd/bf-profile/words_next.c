/* What may come next on the command line of a program. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "core/streams.h"
#include "words.h"

#define MANY		99
#define OPERANDS	64
#define MODES		"OPPONENT OPPONENT_5 OPPONENT_10 OPPONENT_20 QUEUE QUEUE_5 QUEUE_10 QUEUE_20"
#define INTERVALS	"1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M"

/*
 * Of a program whose first operand is one of verbs (and whose fourth is one of fourth), what the operands
 * from..to may be: words, and after a $ a kind of them.
 */
static const struct rule {
	const char *program, *verbs, *fourth;
	int from, to;
	const char *words;
} rules[] = {
	{ "bf-order", "buy|sell", NULL, 1, 1, "$symbols" },
	{ "bf-order", "buy|sell", NULL, 2, 2, "all" },
	{ "bf-order", "buy|sell", NULL, 3, 3, "@ market match stop take-profit trail" },
	{ "bf-order", "buy|sell", "match", 4, 4, MODES },
	{ "bf-order", "buy|sell", "stop|take-profit", 5, 5, "@" },
	{ "bf-order", "buy|sell", "trail", 5, 5, "from" },
	{ "bf-order", "modify|cancel|query|history|fills", NULL, 1, 1, "$symbols" },
	{ "bf-order", "cancel-all|open", NULL, 1, MANY, "$symbols" },
	{ "bf-order", "modify", NULL, 2, 2, "$orders" },
	{ "bf-order", "cancel|query", NULL, 2, MANY, "$orders" },
	{ "bf-order", "modify", NULL, 3, 3, "@ match" },
	{ "bf-order", "modify", "match", 4, 4, MODES },
	{ "bf-info", "symbols|brackets|price|mark|ticker|bookTicker|funding|insurance|adl|watch|filters|fees|openInterest",
	  NULL, 1, MANY, "$symbols" },
	{ "bf-info", "book|trades|aggTrades|historicalTrades|fundingRate|openInterestHist|topLongShortPositionRatio|"
	  "topLongShortAccountRatio|globalLongShortAccountRatio|takerRatio|klines|markPriceKlines|premiumIndexKlines",
	  NULL, 1, 1, "$symbols" },
	{ "bf-info", "continuousKlines|indexPriceKlines|deliveryPrice|basis", NULL, 1, 1, "$pairs" },
	{ "bf-info", "klines|markPriceKlines|premiumIndexKlines|continuousKlines|indexPriceKlines", NULL, 2, 2, INTERVALS },
	{ "bf-info", "constituents", NULL, 1, MANY, "$pairs" },
	{ "bf-info", "indexInfo", NULL, 1, MANY, "$indices" },
	{ "bf-info", "assetIndex", NULL, 1, MANY, "$asset-indices" },
	{ "bf-position", NULL, NULL, 0, 0, "$symbols" },
	{ "bf-position", "leverage|margin-type|ensure|margin|history", NULL, 1, 1, "$symbols" },
	{ "bf-position", "funding|carry", NULL, 1, MANY, "$symbols" },
	{ "bf-position", "margin-type", NULL, 2, 2, "isolated crossed" },
	{ "bf-position", "margin", NULL, 2, 2, "add remove" },
	{ "bf-position", "mode", NULL, 1, 1, "one-way hedge" },
	{ "bf-position", "multi-assets", NULL, 1, 1, "on off" },
	{ "bf-position", "what-if", NULL, 1, 1, "buy sell" },
	{ "bf-position", "what-if", NULL, 2, 2, "$symbols" },
	{ "bf-position", "what-if", NULL, 4, 4, "@ market" },
	{ "bf-position", "calc", NULL, 1, 1, "long short" },
	{ "bf-position", "calc", NULL, 3, 3, "$symbols" },
	{ "bf-stream", NULL, NULL, 0, 0, "$streams $symbols" },
	{ "bf-profile", "show|key|remove|default|doctor", NULL, 1, 1, "$profiles" },
	{ "bf-profile", "add", NULL, 1, 1, "demo live" },
	{ "bf-profile", "words", NULL, 1, 1, "symbols pairs indices assets asset-indices streams profiles orders" },
	{ "bf-profile", "words", NULL, 2, 2, "$symbols" },
};

/* Whether word is one of a list, which sep separates. */
static bool
one_of(const char *list, const char *word, size_t n, char sep)
{
	const char *s = list, *end;

	for (; *s != '\0'; s = *end == '\0' ? end : end + 1) {
		end = strchr(s, sep);
		if (end == NULL)
			end = s + strlen(s);
		if (n > 0 && (size_t)(end - s) == n && memcmp(s, word, n) == 0)
			return true;
	}
	return false;
}

struct line { const char *word[OPERANDS]; int n; };

/* An option: how many more words are of it; its value is of use where it says whose cache to look into. */
static int
skip_option(struct app *a, const char *valued, char *const words[], int n)
{
	const char *name = words[0] + (words[0][1] == '-' ? 2 : 1), *eq = strchr(name, '='), *value = NULL;
	size_t len = eq != NULL ? (size_t)(eq - name) : strlen(name);
	struct fault ignored;
	int more = 0;

	if (eq != NULL && eq[1] != '\0')
		value = eq + 1;
	else if (one_of(valued, name, len, ' ')) {
		more = n > 1 && strcmp(words[1], "=") == 0 ? 2 : 1;	/* bash takes "=" for a word of its own */
		value = n > more ? words[more] : NULL;
	}
	if (value != NULL && len == 7 && memcmp(name, "profile", len) == 0)
		a->common.profile = value;
	if (value != NULL && len == 6 && memcmp(name, "market", len) == 0)
		a->common.market_given = market_parse(&a->common.market, value, &ignored) == 0;
	return more;
}

static void
operands(struct app *a, struct line *l, const char *valued, char *const words[], int n)
{
	for (int i = 0; i < n && l->n < OPERANDS; i++)
		if (words[i][0] == '-' && words[i][1] != '\0')
			i += skip_option(a, valued, words + i, n - i);
		else
			l->word[l->n++] = words[i];
}

static bool
applies(const struct rule *r, const char *program, const struct line *l)
{
	if (strcmp(r->program, program) != 0 || l->n < r->from || l->n > r->to)
		return false;
	if (r->verbs != NULL && (l->n == 0 || !one_of(r->verbs, l->word[0], strlen(l->word[0]), '|')))
		return false;
	return r->fourth == NULL || (l->n > 3 && one_of(r->fourth, l->word[3], strlen(l->word[3]), '|'));
}

/* A blank-separated list; of a kind that cannot be had now, nothing. */
static void
put_words(struct app *a, struct buf *out, const char *list, const struct line *l)
{
	struct fault ignored;
	char word[64];
	size_t n;

	for (; *(list += strspn(list, " ")) != '\0'; list += n) {
		n = strcspn(list, " ");
		if (n >= sizeof word)
			continue;
		memcpy(word, list, n);
		word[n] = '\0';
		if (word[0] == '$')
			(void)words_kind(a, out, word + 1, l->n > 1 ? l->word[1] : NULL, &ignored);
		else
			buf_printf(out, "%s\n", word);
	}
}

/* Streams first, then symbols; bf-position's symbols go on too. */
static void
put_more(struct app *a, struct buf *out, const char *program, const char *first, const struct line *l)
{
	const char *last = l->word[l->n - 1];

	if (strcmp(program, "bf-stream") == 0)
		put_words(a, out, stream_find(last) != NULL || strcmp(last, "user") == 0 ? "$streams $symbols" : "$symbols", l);
	else if (strcmp(program, "bf-position") == 0 && !one_of(first, l->word[0], strlen(l->word[0]), ' '))
		put_words(a, out, "$symbols", l);
}

int
words_next(struct app *a, struct buf *out, char *const words[], int n, struct fault *f)
{
	struct line l = { .n = 0 };

	if (n < 3)
		return fault_set(f, FAULT_USAGE, "words next: PROGRAM, OPTIONS and WORDS are wanted; completions call it");
	operands(a, &l, words[1], words + 3, n - 3);
	if (l.n == 0)
		put_words(a, out, words[2], &l);
	else
		put_more(a, out, words[0], words[2], &l);
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (applies(&rules[i], words[0], &l))
			put_words(a, out, rules[i].words, &l);
	return 0;
}

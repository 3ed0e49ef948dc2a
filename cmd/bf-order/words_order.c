/* The words of an order: what follows the quantity, and the options that say the same. */
#include <string.h>

#include "words_in.h"

/*
 * One clause after the other
 */

static bool
is(const char *word, const char *text)
{
	return strcmp(word, text) == 0;
}

static bool
begins_clause(const char *word)
{
	static const char *const row[] = { "market", "match", "stop", "take-profit", "trail", "from" };

	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (is(word, row[i]))
			return true;
	return word[0] == '@';
}

const char *
words_operand(char *const words[], int n, int *at)
{
	if (*at >= n || begins_clause(words[*at]))
		return NULL;
	return words[(*at)++];
}

static int
set_once(const char **out, const char *value, const char *clause, struct fault *f)
{
	if (*out != NULL && value != NULL)
		return fault_set(f, FAULT_USAGE, "%.40s: said twice", clause);
	if (value != NULL)
		*out = value;
	return 0;
}

/* A clause that must have its operand. */
static int
set_word(const char **out, const char *value, const char *clause, const char *what, struct fault *f)
{
	if (value == NULL)
		return fault_set(f, FAULT_USAGE, "%.40s: expected %s after it", clause, what);
	return set_once(out, value, clause, f);
}

/* market, stop, take-profit, trail: 1 taken, 0 another word. */
static int
what_clause(struct order *o, char *const words[], int n, int *at, struct fault *f)
{
	static const char *const names[] = { NULL, "market", "stop", "take-profit", "trail" };
	const char *word = words[*at], **to;
	int k = MARKET;

	while (k <= TRAIL && !is(word, names[k]))
		k++;
	if (k > TRAIL)
		return 0;
	if (o->what != NOTHING)
		return fault_set(f, FAULT_USAGE, "%s: an order is only one of market, stop, take-profit, trail", word);
	o->what = (enum what)k;
	++*at;
	if (k == MARKET)
		return 1;
	to = k == TRAIL ? &o->callback : &o->trigger;
	return set_once(to, words_operand(words, n, at), word, f) == -1 ? -1 : 1;
}

static int
clause(struct order *o, char *const words[], int n, int *at, struct fault *f)
{
	const char *word = words[*at];
	int r;

	if ((r = what_clause(o, words, n, at, f)) != 0)
		return r;
	++*at;
	if (word[0] == '@' && word[1] != '\0')
		return set_word(&o->price, word + 1, "@", "a price", f);
	if (is(word, "@"))
		return set_word(&o->price, words_operand(words, n, at), word, "a price", f);
	if (is(word, "match"))
		return set_word(&o->match, words_operand(words, n, at), word, "a mode such as QUEUE", f);
	if (is(word, "from"))
		return set_word(&o->activate, words_operand(words, n, at), word, "a price", f);
	return fault_set(f, FAULT_USAGE, "%.60s: expected \"@ PRICE\", \"market\", \"match MODE\", \"stop PRICE\", "
	    "\"take-profit PRICE\" or \"trail PERCENT\"", word);
}

/* What is an option too is said one way only. */
static int
merge(struct order *o, const struct words *w, struct fault *f)
{
	const struct { const char **to; int word; } row[] = {
		{ &o->trigger, WORD_TRIGGER }, { &o->activate, WORD_ACTIVATE },
		{ &o->callback, WORD_CALLBACK }, { &o->match, WORD_PRICE_MATCH }
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (set_once(row[i].to, w->value[row[i].word], words_option_name(row[i].word), f) == -1)
			return -1;
	return 0;
}

int
words_order_read(struct order *o, const struct words *w, char *const words[], int n, struct fault *f)
{
	for (int at = 0; at < n; )
		if (clause(o, words, n, &at, f) == -1)
			return -1;
	return merge(o, w, f);
}

int
words_order_check(const struct order *o, const struct words *w, struct fault *f)
{
	bool priced = o->price != NULL || o->match != NULL, all = is(o->qty, "all");
	const char *tif = w->value[WORD_TIF];

	if (o->what == NOTHING && !priced)
		return fault_set(f, FAULT_USAGE, "say the price, as in \"@ 60000\", or \"market\"");
	if (o->price != NULL && o->match != NULL)
		return fault_set(f, FAULT_USAGE, "match: takes the price from the book, and \"@ %.40s\" says another", o->price);
	if ((o->what == MARKET || o->what == TRAIL) && priced)
		return fault_set(f, FAULT_USAGE, "%s: has no price of its own", o->what == MARKET ? "market" : "trail");
	if ((o->what == STOP || o->what == TAKE_PROFIT) && o->trigger == NULL)
		return fault_set(f, FAULT_USAGE, "%s: expected the price that triggers after it",
		    o->what == STOP ? "stop" : "take-profit");
	if (o->what == TRAIL && o->callback == NULL)
		return fault_set(f, FAULT_USAGE, "trail: expected a percentage after it, as in \"trail 1.5\"");
	if (all && ((o->what != STOP && o->what != TAKE_PROFIT) || priced))
		return fault_set(f, FAULT_USAGE, "all: goes with \"stop PRICE\" or \"take-profit PRICE\", and no other price");
	if (w->value[WORD_POST_ONLY] != NULL && (!priced || (tif != NULL && !is(tif, "GTX"))))
		return fault_set(f, FAULT_USAGE, "--post-only is for an order with a price, and no other --tif");
	return 0;
}

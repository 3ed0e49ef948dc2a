/* An order from arguments becomes the same intent a pipe would bring. What its
 * parameters may be, and which go together, is for the intent's reader to say. */
#include <stdint.h>
#include <string.h>

#include "words_in.h"

/*
 * Options
 */

enum { PLACE = 1, MODIFY = 2, CANCEL = 4, ALL = 8, QUERY = 16 };

static const struct word {
	const char *option, *member;	/* member NULL: not one by itself */
	int	    verbs;
	bool	    flag;
} words_table[WORDS] = {
	[WORD_TIF]		= { "--tif", NULL, PLACE, false },
	[WORD_POST_ONLY]	= { "--post-only", NULL, PLACE, true },
	[WORD_REDUCE_ONLY]	= { "--reduce-only", "reduceOnly", PLACE | MODIFY, true },
	[WORD_CLOSE_POSITION]	= { "--close-position", NULL, PLACE, true },
	[WORD_POSITION_SIDE]	= { "--position-side", "positionSide", PLACE, false },
	[WORD_CLIENT_ID]	= { "--client-id", NULL, PLACE | MODIFY | CANCEL | QUERY, false },
	[WORD_TRIGGER]		= { "--trigger-price", NULL, PLACE, false },
	[WORD_WORKING_TYPE]	= { "--working-type", "workingType", PLACE, false },
	[WORD_PRICE_PROTECT]	= { "--price-protect", "priceProtect", PLACE, true },
	[WORD_ACTIVATE]		= { "--activate-price", NULL, PLACE, false },
	[WORD_CALLBACK]		= { "--callback-rate", NULL, PLACE, false },
	[WORD_PRICE_MATCH]	= { "--price-match", NULL, PLACE | MODIFY, false },
	[WORD_STP]		= { "--stp", "selfTradePreventionMode", PLACE, false },
	[WORD_GOOD_TILL]	= { "--good-till", NULL, PLACE, false },
	[WORD_RESPONSE]		= { "--response", NULL, PLACE, false },
	[WORD_MODIFY_ID]	= { "--modify-id", "modifyId", MODIFY, false },
	[WORD_ALGO]		= { "--algo", NULL, CANCEL | ALL | QUERY, true },
};

const char *
words_option_name(int word)
{
	return words_table[word].option;
}

static int
verb_bit(const char *verb)
{
	static const struct { const char *name; int bit; } row[] = {
		{ "buy", PLACE }, { "sell", PLACE }, { "modify", MODIFY }, { "cancel", CANCEL },
		{ "cancel-all", ALL }, { "query", QUERY }
	};

	for (size_t i = 0; verb != NULL && i < sizeof row / sizeof *row; i++)
		if (strcmp(row[i].name, verb) == 0)
			return row[i].bit;
	return 0;
}

const char *
words_stray(const struct words *w, const char *verb)
{
	int bit = verb_bit(verb);

	for (int i = 0; i < WORDS; i++)
		if (w->value[i] != NULL && (words_table[i].verbs & bit) == 0)
			return words_table[i].option;
	return NULL;
}

/* Milliseconds of a time to come: whole ones, or a span from now. false: neither. */
static bool
good_till(const char *s, int64_t now_ms, int64_t *out)
{
	static const struct { char unit; int64_t ms; } row[] = {
		{ 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 }
	};
	size_t digits = strspn(s, "0123456789");
	int64_t n = 0;

	if (digits == 0 || digits > 15)
		return false;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (s[i] - '0');
	*out = n;
	if (s[digits] == '\0')
		return n > 0;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (s[digits] == row[i].unit && s[digits + 1] == '\0' && n > 0 && n < 1000000) {
			*out = now_ms + n * row[i].ms;
			return true;
		}
	return false;
}

static const char *
working_type(const char *s)
{
	if (strcmp(s, "mark") == 0 || strcmp(s, "MARK_PRICE") == 0)
		return "MARK_PRICE";
	if (strcmp(s, "contract") == 0 || strcmp(s, "CONTRACT_PRICE") == 0)
		return "CONTRACT_PRICE";
	return NULL;
}

int
words_option(struct words *w, int ch, char *arg, struct fault *f)
{
	int i = ch - OPT_WORDS;
	const char *value = arg;
	int64_t ms;

	if (i < 0 || i >= WORDS)
		return 0;
	if (words_table[i].flag)
		value = "true";
	else if (w->value[i] != NULL)
		return fault_set(f, FAULT_USAGE, "%s: given twice", words_table[i].option);
	else if (arg == NULL || *arg == '\0')
		return fault_set(f, FAULT_USAGE, "%s: its value is empty", words_table[i].option);
	if (i == WORD_WORKING_TYPE && (value = working_type(arg)) == NULL)
		return fault_set(f, FAULT_USAGE, "--working-type: %.40s: expected mark or contract", arg);
	if (i == WORD_GOOD_TILL && !good_till(arg, 0, &ms))
		return fault_set(f, FAULT_USAGE, "--good-till: %.40s: expected milliseconds, or a time from now "
		    "such as 90m, 12h, 3d", arg);
	w->value[i] = value;
	return 1;
}

/*
 * The intent
 */

static bool
is(const char *word, const char *text)
{
	return strcmp(word, text) == 0;
}

static void
put(struct buf *out, const char *member, const char *value)
{
	if (value != NULL)
		jw_str(out, member, value);
}

/* Options that are members as they stand. */
static void
put_words(struct buf *out, const struct words *w)
{
	for (int i = 0; i < WORDS; i++)
		if (words_table[i].member != NULL)
			put(out, words_table[i].member, w->value[i]);
}

static const char *
type_word(const struct order *o)
{
	bool priced = o->price != NULL || o->match != NULL;

	switch (o->what) {
	case NOTHING:	break;
	case MARKET:	return "MARKET";
	case STOP:	return priced ? "STOP" : "STOP_MARKET";
	case TAKE_PROFIT: return priced ? "TAKE_PROFIT" : "TAKE_PROFIT_MARKET";
	case TRAIL:	return "TRAILING_STOP_MARKET";
	}
	return "LIMIT";
}

/* GTC is said, too: what a journal or a dry run shows is then all there is. */
static const char *
tif_word(const struct words *w, const struct order *o)
{
	if (w->value[WORD_POST_ONLY] != NULL)
		return "GTX";
	if (w->value[WORD_TIF] != NULL)
		return w->value[WORD_TIF];
	if (w->value[WORD_GOOD_TILL] != NULL)
		return "GTD";
	return o->price != NULL || o->match != NULL ? "GTC" : NULL;
}

/* Whom an order at once is for wants to see what was filled. */
static const char *
response_word(const struct words *w, const struct order *o)
{
	const char *tif = tif_word(w, o);
	bool at_once = o->what == MARKET ||
	    (o->what == NOTHING && tif != NULL && (is(tif, "IOC") || is(tif, "FOK")));

	return w->value[WORD_RESPONSE] != NULL ? w->value[WORD_RESPONSE] : at_once ? "RESULT" : NULL;
}

static void
put_good_till(struct buf *out, const char *s, int64_t now_ms)
{
	int64_t ms;

	if (s != NULL && good_till(s, now_ms, &ms))
		jw_i64(out, "goodTillDate", ms);
}

static int
done(struct buf *out, struct fault *f)
{
	jw_close(out, '}');
	return out->bad ? fault_set(f, FAULT_LOCAL, "out of memory") : 0;
}

int
words_place(struct buf *out, const struct words *w, char *const words[], int n, int64_t now_ms, struct fault *f)
{
	struct order o = { .what = NOTHING };
	int at = 2;
	bool all;

	o.qty = words_operand(words, n, &at);
	if (n > 2 && o.qty == NULL && w->value[WORD_CLOSE_POSITION] != NULL)
		o.qty = "all";
	if (o.qty == NULL)
		return fault_set(f, FAULT_USAGE, "%s takes a symbol, a quantity, and @ PRICE or market", words[0]);
	if (words_order_read(&o, w, words + at, n - at, f) == -1 || words_order_check(&o, w, f) == -1)
		return -1;
	all = is(o.qty, "all");
	jw_open(out, NULL, '{');
	jw_str(out, "symbol", words[1]);
	jw_str(out, "side", is(words[0], "buy") ? "BUY" : "SELL");
	jw_str(out, "type", type_word(&o));
	put(out, "quantity", all ? NULL : o.qty);
	put(out, "closePosition", all ? "true" : w->value[WORD_CLOSE_POSITION]);
	put(out, "price", o.price);
	put(out, "priceMatch", o.match);
	put(out, "triggerPrice", o.trigger);
	put(out, "activatePrice", o.activate);
	put(out, "callbackRate", o.callback);
	put(out, "timeInForce", tif_word(w, &o));
	put_good_till(out, w->value[WORD_GOOD_TILL], now_ms);
	put_words(out, w);
	put(out, "newOrderRespType", response_word(w, &o));
	put(out, "newClientOrderId", w->value[WORD_CLIENT_ID]);
	return done(out, f);
}

/* Digits alone are an order id; --client-id says otherwise. */
static void
put_id(struct buf *out, const char *id, bool client, bool algo)
{
	if (!client && id[strspn(id, "0123456789")] == '\0')
		jw_str(out, algo ? "algoId" : "orderId", id);
	else
		jw_str(out, algo ? "clientAlgoId" : "origClientOrderId", id);
}

int
words_modify(struct buf *out, const struct words *w, char *const words[], int n, struct fault *f)
{
	const char *client = w->value[WORD_CLIENT_ID];
	int at = client == NULL ? 3 : 2;
	struct order o = { .what = NOTHING };

	if (n < at)
		return fault_set(f, FAULT_USAGE, "modify takes a symbol, an order id or client id, and what is to change");
	o.qty = words_operand(words, n, &at);
	if (words_order_read(&o, w, words + at, n - at, f) == -1)
		return -1;
	if (o.what != NOTHING || o.activate != NULL)
		return fault_set(f, FAULT_USAGE, "modify changes the quantity and the price only");
	if (o.qty == NULL && o.price == NULL && o.match == NULL)
		return fault_set(f, FAULT_USAGE, "modify takes a new quantity, \"@ PRICE\" or \"match MODE\"");
	if (o.price != NULL && o.match != NULL)
		return fault_set(f, FAULT_USAGE, "match: takes the price from the book, and \"@ %.40s\" says another", o.price);
	jw_open(out, NULL, '{');
	jw_str(out, "op", "modify");
	jw_str(out, "symbol", words[1]);
	put_id(out, client == NULL ? words[2] : client, client != NULL, false);
	put(out, "quantity", o.qty);
	put(out, "price", o.price);
	put(out, "priceMatch", o.match);
	put_words(out, w);
	return done(out, f);
}

int
words_cancel(struct buf *out, const struct words *w, const char *symbol, const char *id, struct fault *f)
{
	const char *client = w->value[WORD_CLIENT_ID];

	if ((id == NULL) == (client == NULL))
		return fault_set(f, FAULT_USAGE, "cancel takes a symbol and an order id or client id");
	if (id != NULL && *id == '\0')
		return fault_set(f, FAULT_USAGE, "cancel: an id is empty");
	jw_open(out, NULL, '{');
	jw_str(out, "op", "cancel");
	jw_str(out, "symbol", symbol);
	put_id(out, id == NULL ? client : id, id == NULL, w->value[WORD_ALGO] != NULL);
	return done(out, f);
}

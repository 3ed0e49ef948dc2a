#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "core/near.h"
#include "core/show.h"
#include "found.h"
#include "items.h"

#define SHOWN	64

struct reader {
	const struct ask *a;
	struct finder	 fi;
	struct wants	*out;
	int		 cap;
	struct items	 items;
	int		 streams, names;
	bool		 user, picked[MARKETS];
};

/*
 * Words by their kind
 */

enum kind { WORD_STREAM, WORD_NAME, WORD_USER, WORD_ITEM };

static enum kind
kind_of(const char *word)
{
	if (stream_find(word) != NULL)
		return WORD_STREAM;
	if (strcmp(word, "user") == 0)
		return WORD_USER;
	return *word == '!' || strchr(word, '@') != NULL ? WORD_NAME : WORD_ITEM;
}

static int
sort_words(struct reader *rd, struct fault *f)
{
	for (int i = 0; i < rd->a->n; i++)
		switch (kind_of(rd->a->words[i])) {
		case WORD_STREAM:
			rd->streams++;
			break;
		case WORD_NAME:
			rd->names++;
			break;
		case WORD_USER:
			rd->user = true;
			break;
		case WORD_ITEM:
			if (items_add(&rd->items, rd->a->words[i], f) == -1)
				return -1;
		}
	return rd->a->symbols_from == NULL ? 0 : items_read(&rd->items, rd->a->symbols_from, f);
}

/* A contract may be called so, and no stream is: capitals, digits and "_" alone. */
static bool
like_symbol(const char *word)
{
	return word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

/* Something is to be streamed, and each symbol is there for a stream. */
static int
check_sense(const struct reader *rd, struct fault *f)
{
	char shown[SHOWN] = "", near_by[160];
	struct near near;

	if (rd->items.n == 0 && rd->streams + rd->names == 0 && !rd->user)
		return fault_set(f, FAULT_USAGE, "no stream named; see bf-stream --help");
	if (rd->items.n == 0 || rd->streams > 0)
		return 0;
	show_text(shown, sizeof shown, rd->items.v[0].s.text, strlen(rd->items.v[0].s.text));
	if (rd->user)
		return fault_set(f, FAULT_USAGE,
		    "user takes no symbol, its events are of the whole account: %s", shown);
	near_begin(&near, rd->items.v[0].s.text);
	for (const struct stream_row *r = stream_rows; r->name != NULL; r++)
		near_add(&near, r->name);
	near_text(&near, near_by, sizeof near_by);
	return fault_set(f, FAULT_USAGE, "%s: no such stream%s; see bf-stream --help", shown,
	    like_symbol(rd->items.v[0].s.text) ? "; a stream goes with a symbol: bf-stream bookTicker BTCUSDT" : near_by);
}

/*
 * What a stream needs
 */

/* The names that do beside a stream's word, and those that stand in its full name. */
static const struct { unsigned word, name; const char *like; } takes[] = {
	[OF_SYMBOL]	= { LISTED_SYMBOL, LISTED_SYMBOL, "A_PERP" },
	[OF_PAIR]	= { LISTED_PAIR | LISTED_SYMBOL, LISTED_PAIR, "A" },
	[OF_CONTRACT]	= { LISTED_CONTRACT | LISTED_PAIR | LISTED_SYMBOL, LISTED_CONTRACT, "A" },
	[OF_ASSET]	= { LISTED_ASSET, LISTED_ASSET, "A" },
	[OF_NONE]	= { 0, 0, NULL },
};

/* Whether the word itself is in order, before any name is looked up. */
static int
check_word(const struct reader *rd, const char *word, struct fault *f)
{
	const struct stream_row *r = stream_find(word);
	enum market m = rd->a->market;
	struct buf b = { 0 };
	const char *with = NULL;
	int ret;

	if (rd->items.n > 0) {
		with = r == NULL || r->suffix == NULL ? rd->items.v[0].s.text : takes[r->of].like;
		if (r != NULL && (r->markets & 1u << m) == 0)	/* its symbols pick the other */
			m = market_other(m);
	}
	ret = stream_name(&b, NULL, m, word, with, f);
	buf_free(&b);
	return ret;
}

/* Its likes among the names there are, of all streams of the symbol before the "@". */
static int
no_name(const char *name, struct fault *f)
{
	char shown[SHOWN], one[NEAR_MAX], near_by[200];
	int n = (int)strcspn(name, "@");
	struct near near;

	near_begin(&near, name);
	for (const struct stream_row *r = stream_rows; r->name != NULL; r++) {
		if (r->all != NULL)
			near_add(&near, r->all);
		if (r->suffix == NULL || n >= SYMBOL_MAX)
			continue;
		snprintf(one, sizeof one, "%.*s@%s%s", n, name, r->suffix, r->interval ? "_1m" : "");
		for (char *p = one; *p != '@'; p++)
			*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + ('a' - 'A') : *p);
		near_add(&near, one);
	}
	near_text(&near, near_by, sizeof near_by);
	show_text(shown, sizeof shown, name, strlen(name));
	show_text(one, sizeof one, near_by, strlen(near_by));
	return fault_set(f, FAULT_USAGE, "stream %s: the exchange has no such name%s", shown, one);
}

/* A name of the exchange's in its parts, for each market that has it. */
struct own { struct need need; struct buf word[MARKETS], symbol; };

static void
own_free(struct own *o)
{
	for (int m = 0; m < MARKETS; m++)
		buf_free(&o->word[m]);
	buf_free(&o->symbol);
}

static int
own_read(struct own *o, const char *name, struct fault *f)
{
	bool found = false;

	*o = (struct own){ 0 };
	for (enum market m = MARKET_USDM; m < MARKETS; m++) {
		buf_reset(&o->symbol);
		if (!stream_parse(name, m, &o->need.row[m], &o->word[m], &o->symbol))
			continue;
		o->need.as[m] = takes[o->need.row[m]->of].name;
		found = true;
	}
	if (!found) {
		own_free(o);
		return no_name(name, f);
	}
	/* of either market, what stands before the "@"; the exchange's symbols are in capitals */
	buf_reset(&o->symbol);
	buf_put(&o->symbol, name, *name == '!' ? 0 : strcspn(name, "@"));
	for (size_t i = 0; i < o->symbol.len; i++)
		if (o->symbol.p[i] >= 'a' && o->symbol.p[i] <= 'z')
			o->symbol.p[i] = (char)(o->symbol.p[i] - ('a' - 'A'));
	if (!o->symbol.bad)
		return 0;
	own_free(o);
	return fault_set(f, FAULT_LOCAL, "out of memory");
}

static int
check_words(const struct reader *rd, struct fault *f)
{
	for (int i = 0; i < rd->a->n; i++) {
		const char *word = rd->a->words[i];
		enum kind k = kind_of(word);
		struct own o;

		if (k == WORD_STREAM && check_word(rd, word, f) == -1)
			return -1;
		if (k != WORD_NAME)
			continue;
		if (own_read(&o, word, f) == -1)
			return -1;
		own_free(&o);
	}
	return 0;
}

/*
 * Wants
 */

/* symbol: NULL for all. */
static int
add_want(struct reader *rd, enum market m, const struct stream_row *row, const char *name,
    const char *symbol, struct fault *f)
{
	struct wants *out = rd->out;
	struct want *w;

	if (out->n == rd->cap) {
		rd->cap = rd->cap == 0 ? 64 : 2 * rd->cap;
		if ((w = realloc(out->w, (size_t)rd->cap * sizeof *w)) == NULL)
			return fault_set(f, FAULT_LOCAL, "out of memory");
		out->w = w;
	}
	w = &out->w[out->n++];
	*w = (struct want){ .market = m, .row = row, .name = strdup(name) };
	if (w->name == NULL || (symbol != NULL && (w->symbol = strdup(symbol)) == NULL))
		return fault_set(f, FAULT_LOCAL, "out of memory");
	return 0;
}

/* The stream of the word for a symbol, pair ... (NULL: all) of a market. */
static int
add_named(struct reader *rd, enum market m, const char *word, const char *symbol, struct fault *f)
{
	const struct stream_row *row;
	struct buf b = { 0 };
	int r;

	if ((r = stream_name(&b, &row, m, word, symbol, f)) == 0)
		r = b.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
		    add_want(rd, m, row, b.p, symbol, f);
	buf_free(&b);
	return r;
}

/* A pair alone means its perpetual, which must trade too. */
static int
add_perpetual(struct reader *rd, enum market m, const char *word, const char *pair, struct fault *f)
{
	char name[SYMBOL_MAX + 16];
	struct subject s = { .text = name };
	struct need need = { 0 };

	snprintf(name, sizeof name, "%s_PERPETUAL", pair);
	need.row[m] = stream_find(word);
	need.as[m] = LISTED_CONTRACT;
	return rd->a->checked && find_market(&rd->fi, &s, &need, &m, f) == -1 ? -1 :
	    add_named(rd, m, word, name, f);
}

static int
add_for(struct reader *rd, const char *word, const struct need *need, struct subject *s, struct fault *f)
{
	char contract[SYMBOL_MAX + 32];
	const struct listed *l;
	enum market m;

	if (find_market(&rd->fi, s, need, &m, f) == -1)
		return -1;
	rd->picked[m] = true;
	l = &s->hit[m];
	switch (need->row[m]->of) {
	case OF_PAIR:
		return add_named(rd, m, word, (l->as & LISTED_SYMBOL) != 0 ? l->pair : s->text, f);
	case OF_CONTRACT:
		if ((l->as & LISTED_SYMBOL) != 0) {
			snprintf(contract, sizeof contract, "%s_%s", l->pair, l->contract);
			return add_named(rd, m, word, contract, f);
		}
		if ((l->as & LISTED_CONTRACT) == 0)
			return add_perpetual(rd, m, word, s->text, f);
		return add_named(rd, m, word, s->text, f);
	default:
		return add_named(rd, m, word, s->text, f);
	}
}

/* What is wrong with an item of the file, and where. */
static int
at_line(const struct reader *rd, const struct item *it, struct fault *f)
{
	char text[sizeof f->text];

	if (it->line == 0)
		return -1;
	snprintf(text, sizeof text, "%.60s:%llu: %.160s", rd->a->symbols_from, it->line, f->text);
	memcpy(f->text, text, sizeof text);
	return -1;
}

/* With --market the other one is not looked at. */
static int
keep_market(const struct reader *rd, struct need *need, const char *name, struct fault *f)
{
	enum market m = rd->a->market, other = m == MARKET_USDM ? MARKET_COINM : MARKET_USDM;
	char shown[SHOWN];

	if (!rd->fi.only)
		return 0;
	if (need->row[m] == NULL) {
		show_text(shown, sizeof shown, name, strlen(name));
		return fault_set(f, FAULT_USAGE, "stream %s: %s has none, only %s has it", shown,
		    market_title(m), market_title(other));
	}
	need->row[other] = NULL;
	return 0;
}

static int
add_stream(struct reader *rd, const char *word, struct fault *f)
{
	const struct stream_row *r = stream_find(word);
	struct need need = { 0 };

	if (rd->items.n == 0)
		return add_named(rd, rd->a->market, word, NULL, f);
	for (int m = 0; m < MARKETS; m++)
		if ((r->markets & 1u << m) != 0) {
			need.row[m] = r;
			need.as[m] = takes[r->of].word;
		}
	if (keep_market(rd, &need, word, f) == -1)
		return -1;
	for (int i = 0; i < rd->items.n; i++)
		if (add_for(rd, word, &need, &rd->items.v[i].s, f) == -1)
			return at_line(rd, &rd->items.v[i], f);
	return 0;
}

/* A form for all is of --market. */
static int
add_own_all(struct reader *rd, const char *name, const struct own *o, struct fault *f)
{
	enum market m = rd->a->market;
	struct buf b = { 0 };

	if (o->need.row[m] != NULL)
		return add_want(rd, m, o->need.row[m], name, NULL, f);
	(void)stream_name(&b, NULL, m, o->word[market_other(m)].p, NULL, f);	/* says why not */
	buf_free(&b);
	return -1;
}

/* A symbol picks the market. */
static int
add_own(struct reader *rd, const char *name, struct fault *f)
{
	enum market m = rd->a->market;
	struct subject s = { 0 };
	struct own o;
	int r;

	if (own_read(&o, name, f) == -1)
		return -1;
	s.text = o.symbol.p;
	if (*name == '!') {
		r = add_own_all(rd, name, &o, f);
	} else if ((r = keep_market(rd, &o.need, name, f)) == 0 &&
	    (r = find_market(&rd->fi, &s, &o.need, &m, f)) == 0) {
		rd->picked[m] = true;
		r = add_want(rd, m, o.need.row[m], name, s.text, f);
	}
	own_free(&o);
	return r;
}

static int
add_all(struct reader *rd, struct fault *f)
{
	for (int i = 0; i < rd->a->n; i++) {
		const char *word = rd->a->words[i];
		enum kind k = kind_of(word);

		if ((k == WORD_STREAM && add_stream(rd, word, f) == -1) ||
		    (k == WORD_NAME && add_own(rd, word, f) == -1))
			return -1;
	}
	return 0;
}

/*
 * The same stream twice is one
 */

static int
by_name(const void *a, const void *b)
{
	const struct want *x = *(const struct want *const *)a, *y = *(const struct want *const *)b;
	int c = strcmp(x->name, y->name);

	if (c == 0)
		c = (x->market > y->market) - (x->market < y->market);
	return c != 0 ? c : (x > y) - (x < y);	/* the first one stays */
}

static void
want_free(struct want *w)
{
	free(w->name);
	free(w->symbol);
	*w = (struct want){ 0 };
}

static int
drop_doubles(struct wants *w, struct fault *f)
{
	struct want **v = calloc((size_t)w->n + 1, sizeof(*v)), *last = NULL;
	int n = 0;

	if (v == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (int i = 0; i < w->n; i++)
		v[i] = &w->w[i];
	qsort(v, (size_t)w->n, sizeof(*v), by_name);
	for (int i = 0; i < w->n; i++)
		if (last != NULL && strcmp(last->name, v[i]->name) == 0 && last->market == v[i]->market)
			want_free(v[i]);
		else
			last = v[i];
	free(v);
	for (int i = 0; i < w->n; i++)
		if (w->w[i].name != NULL)
			w->w[n++] = w->w[i];
	w->n = n;
	return 0;
}

/* The account's events: of the market asked for, or of those that symbols picked. */
static void
set_user(const struct reader *rd)
{
	bool any = false;

	if (!rd->user)
		return;
	for (int m = 0; m < MARKETS && !rd->a->market_given; m++)
		any |= rd->out->user[m] = rd->picked[m];
	if (!any)
		rd->out->user[rd->a->market] = true;
}

int
wants_read(struct wants *out, const struct ask *a,
    struct session *(*open_session)(void *arg, enum market m, struct fault *f), void *arg,
    struct xinfo x[static MARKETS], struct fault *f)
{
	struct reader rd = { .a = a, .out = out, .fi = { .market = a->market, .checked = a->checked,
	    .only = a->market_given && a->checked, .open = open_session, .arg = arg, .x = x } };
	int r = -1;

	*out = (struct wants){ 0 };
	if (sort_words(&rd, f) == 0 && check_sense(&rd, f) == 0 && check_words(&rd, f) == 0 &&
	    add_all(&rd, f) == 0 && drop_doubles(out, f) == 0) {
		set_user(&rd);
		r = 0;
	}
	items_free(&rd.items);
	if (r == -1)
		wants_free(out);
	return r;
}

void
wants_free(struct wants *w)
{
	if (w == NULL)
		return;
	for (int i = 0; i < w->n; i++)
		want_free(&w->w[i]);
	free(w->w);
	*w = (struct wants){ 0 };
}

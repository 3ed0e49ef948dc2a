#include <stdio.h>
#include <string.h>

#include "core/near.h"
#include "core/show.h"
#include "found.h"

#define SHOWN	64

/* Whether text has the form of a COIN-M name: its pair ends in USD. "BTCUSD" may be
 * BTCUSDT misspelt, so there the "_" of a symbol or contract is asked for too. */
static bool
coinm_form(const char *text, bool symbol)
{
	size_t n = strcspn(text, "_");

	return n > 3 && memcmp(text + n - 3, "USD", 3) == 0 && (!symbol || text[n] == '_');
}

/* The market a name is looked for first. Only a guess: it saves asking the other. */
static enum market
first_market(const struct finder *fi, const struct subject *s)
{
	return coinm_form(s->text, true) ? MARKET_COINM : fi->market;
}

static int
load(struct finder *fi, enum market m, struct fault *f)
{
	if (fi->s[m] == NULL && (fi->s[m] = fi->open(fi->arg, m, f)) == NULL)
		return -1;
	if (!xinfo_there(&fi->x[m]) && xinfo_get(&fi->x[m], fi->s[m], false, f) == -1)
		return -1;
	fi->anew[m] |= !fi->x[m].from_cache;
	return 0;
}

/* Without exchangeInfo the form of a name tells its market, and it is of the kind that
 * is asked for. */
static unsigned
believed(const struct subject *s, enum market m, const struct need *need)
{
	if (need->as[m] == LISTED_ASSET)
		return LISTED_ASSET;
	if (coinm_form(s->text, false) != (m == MARKET_COINM))
		return 0;
	return need->row[m] == NULL ? LISTED_SYMBOL : need->as[m];
}

static void
believe(struct subject *s, enum market m, const struct need *need)
{
	struct listed *l = &s->hit[m];
	const char *tail = strchr(s->text, '_');

	*l = (struct listed){ 0 };
	l->as = l->live = believed(s, m, need);
	snprintf(l->symbol, sizeof l->symbol, "%s", s->text);
	snprintf(l->pair, sizeof l->pair, "%.*s", tail == NULL ? SYMBOL_MAX - 1 : (int)(tail - s->text), s->text);
	snprintf(l->contract, sizeof l->contract, "PERPETUAL");
	if (tail != NULL && strcmp(tail, "_PERP") != 0)
		snprintf(l->contract, sizeof l->contract, "%s", tail + 1);
}

/* What s is on a market, as kept from an earlier look or looked up now. */
static int
look(struct finder *fi, struct subject *s, enum market m, const struct need *need, struct fault *f)
{
	if (!fi->checked) {
		believe(s, m, need);
		return 0;
	}
	if (s->looked[m])
		return 0;
	if (load(fi, m, f) == -1)
		return -1;
	xinfo_listed(&fi->x[m], s->text, &s->hit[m]);
	s->looked[m] = true;
	return 0;
}

/* Ask the exchange itself where an older answer was looked at. 1: asked, so look again. */
static int
look_anew(struct finder *fi, struct subject *s, struct fault *f)
{
	int asked = 0;

	for (int m = 0; m < MARKETS && fi->checked; m++) {
		if (!s->looked[m] || fi->anew[m])
			continue;
		if (xinfo_get(&fi->x[m], fi->s[m], true, f) == -1)
			return -1;
		fi->anew[m] = true;
		s->looked[m] = false;
		asked = 1;
	}
	return asked;
}

/* 1: s is what the stream needs on some market that has it, *out; 0: it is not. */
static int
find(struct finder *fi, struct subject *s, const struct need *need, enum market *out, struct fault *f)
{
	enum market m = first_market(fi, s);
	bool first = true;

	for (int i = 0; i < MARKETS; i++, m = market_other(m)) {
		if (need->row[m] == NULL)
			continue;
		if (look(fi, s, m, need, f) == -1) {
			/* a market the profile has no address of is not asked for by a typing error */
			if (first || f->kind != FAULT_USAGE)
				return -1;
			continue;
		}
		first = false;
		*out = m;
		if ((s->hit[m].as & need->as[m]) != 0)
			return 1;
	}
	return 0;
}

/*
 * What to say when it is not there
 */

static const char *
kind(unsigned as)
{
	return (as & LISTED_SYMBOL) != 0 && (as & LISTED_PAIR) == 0 ? "symbol" :
	    (as & LISTED_CONTRACT) != 0 ? "contract" : (as & LISTED_PAIR) != 0 ? "pair" : "asset";
}

static int
rejected(struct fault *f)
{
	f->code = -1121;
	return -1;
}

/* Names of the kinds that do, each symbol's. */
static void
add_names(struct near *near, const struct tok *t, const struct tok *v, unsigned as)
{
	char name[NEAR_MAX], symbol[SYMBOL_MAX], pair[SYMBOL_MAX] = "", base[SYMBOL_MAX], type[32] = "";

	if ((as & LISTED_SYMBOL) != 0 && scan_get_str(t, v, "symbol", symbol, sizeof symbol))
		near_add(near, symbol);
	scan_get_str(t, v, "pair", pair, sizeof pair);
	if ((as & LISTED_PAIR) != 0 && *pair != '\0')
		near_add(near, pair);
	scan_get_str(t, v, "contractType", type, sizeof type);
	if ((as & LISTED_CONTRACT) != 0 && *pair != '\0' && *type != '\0' && strchr(type, ' ') == NULL) {
		snprintf(name, sizeof name, "%s_%s", pair, type);
		near_add(near, name);
	}
	if ((as & LISTED_ASSET) != 0 && scan_get_str(t, v, "baseAsset", base, sizeof base)) {
		snprintf(name, sizeof name, "%sUSD", base);
		near_add(near, name);
	}
}

/* The contracts of pair that trade, but for one, as "; of its pair: A, B". */
static void
of_pair(const struct xinfo *x, const char *pair, const char *but, char *out, size_t size)
{
	const struct tok *t = x->doc.t, *list = scan_get(t, t, "symbols"), *v;
	struct listed one;
	char symbol[SYMBOL_MAX];
	size_t n = 0;
	int left = NEAR;

	*out = '\0';
	for (v = scan_first(list); *pair != '\0' && left > 0 && v != NULL; v = scan_next(t, list, v)) {
		if (!scan_get_is(t, v, "pair", pair) || !scan_get_str(t, v, "symbol", symbol, sizeof symbol) ||
		    strcmp(symbol, but) == 0)
			continue;
		listed_find(&one, t, t, symbol);
		if ((one.live & LISTED_SYMBOL) == 0 || n >= size)
			continue;
		n += (size_t)snprintf(out + n, size - n, "%s%s", left == NEAR ? "; of its pair: " : ", ", symbol);
		left--;
	}
}

/* The rest of the sentence may hold what the exchange sent. */
static int
say(struct fault *f, const char *what, const struct subject *s, const char *is, const char *rest)
{
	char shown[SHOWN], tail[200];

	show_text(shown, sizeof shown, s->text, strlen(s->text));
	show_text(tail, sizeof tail, rest, strlen(rest));
	fault_set(f, FAULT_REJECTED, "%s %s: %s%s", what, shown, is, tail);
	return rejected(f);
}

static int
not_there(struct finder *fi, const struct subject *s, const struct need *need, struct fault *f)
{
	char rest[200], more[120] = "";
	const struct tok *t, *list, *v;
	struct near near;
	unsigned as = 0;

	near_begin(&near, s->text);
	for (int m = 0; m < MARKETS; m++) {
		if (!s->looked[m] || need->row[m] == NULL)
			continue;
		as |= need->as[m];
		t = fi->x[m].doc.t;
		list = scan_get(t, t, "symbols");
		for (v = scan_first(list); v != NULL; v = scan_next(t, list, v))
			add_names(&near, t, v, need->as[m]);
		if ((s->hit[m].as & LISTED_PAIR) != 0)
			of_pair(&fi->x[m], s->text, "", more, sizeof more);
	}
	for (const struct stream_row *r = stream_rows; r->name != NULL; r++)
		near_add(&near, r->name);	/* a misspelt stream is taken for a symbol */
	near_text(&near, rest, sizeof rest);
	snprintf(rest + strlen(rest), sizeof rest - strlen(rest), "%s", more);
	return say(f, kind(as), s, "not listed", rest);
}

static int
not_trading(const struct finder *fi, const struct subject *s, enum market m, struct fault *f)
{
	const struct listed *l = &s->hit[m];
	char is[80], rest[200], status[sizeof l->status];

	show_text(status, sizeof status, l->status, strlen(l->status));
	snprintf(is, sizeof is, "does not trade, its status is %s", status);
	of_pair(&fi->x[m], l->pair, l->symbol, rest, sizeof rest);
	return say(f, kind(l->as), s, is, rest);
}

/* Whether a market without the stream has the name: then that is what is wrong. 1, 0, -1. */
static int
elsewhere(struct finder *fi, struct subject *s, const struct need *need, struct fault *f)
{
	char shown[SHOWN];

	for (enum market m = MARKET_USDM; m < MARKETS; m++) {
		const struct stream_row *r = need->row[market_other(m)];

		if (need->row[m] != NULL || r == NULL)
			continue;
		if (look(fi, s, m, need, f) == -1) {
			if (f->kind != FAULT_USAGE)
				return -1;
		} else if ((s->hit[m].as & (LISTED_SYMBOL | LISTED_PAIR | LISTED_CONTRACT)) != 0) {
			show_text(shown, sizeof shown, s->text, strlen(s->text));
			fault_set(f, FAULT_USAGE, "stream %s: %s has none, only %s has it: %s", r->name,
			    market_title(m), market_title(market_other(m)), shown);
			return 1;
		}
	}
	return 0;
}

int
find_market(struct finder *fi, struct subject *s, const struct need *need, enum market *out,
    struct fault *f)
{
	int r, again = 0;
	bool trades;

	do {
		if ((r = find(fi, s, need, out, f)) == -1)
			return -1;
		trades = r == 1 && (s->hit[*out].live & need->as[*out]) != 0;
		if (trades)
			return 0;
		if (r == 0 && !fi->only && (again = elsewhere(fi, s, need, f)) != 0)
			return -1;
	} while ((again = look_anew(fi, s, f)) == 1);
	if (again == -1)
		return -1;
	return r == 1 ? not_trading(fi, s, *out, f) : not_there(fi, s, need, f);
}

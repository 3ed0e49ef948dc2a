/* what-if: an order that is not sent, tried on a copy of the account. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app.h"
#include "core/calc.h"
#include "look.h"
#include "whatif.h"

/*
 * The order
 */

static int
read_price(struct what *w, char *const words[], int n, struct fault *f)
{
	const char *s = n == 2 && strcmp(words[0], "@") == 0 ? words[1] :
	    n == 1 && words[0][0] == '@' ? words[0] + 1 : NULL;

	if (n == 1 && s == NULL)
		s = words[0];
	if (s == NULL || *s == '\0' || (s == words[0] && strcmp(s, "market") != 0))
		return fault_set(f, FAULT_USAGE, "what-if: expected @ PRICE or market after the quantity");
	w->market = strcmp(s, "market") == 0;
	if (w->market)
		return 0;
	if (!dec_parse(&w->limit, s) || dec_sign(w->limit) <= 0)
		return fault_set(f, FAULT_USAGE, "what-if: %.40s: not a price above 0", s);
	return 0;
}

static int
read_order(struct what *w, char *const words[], int n, struct fault *f)
{
	if (n < 4)
		return fault_set(f, FAULT_USAGE, "what-if takes an order: what-if buy BTCUSDT 0.5 @ 59000, or 0.5 market");
	if (strcmp(words[0], "buy") != 0 && strcmp(words[0], "sell") != 0)
		return fault_set(f, FAULT_USAGE, "what-if %.40s: expected buy or sell", words[0]);
	w->fi.side = words[0][0] == 'b' ? SIDE_BUY : SIDE_SELL;
	if (!dec_parse(&w->fi.qty, words[2]) || dec_sign(w->fi.qty) <= 0)
		return fault_set(f, FAULT_USAGE, "what-if: %.40s: not a quantity above 0", words[2]);
	return read_price(w, words + 3, n - 3, f);
}

/* Which leg, and whether it can only take off. */
static int
read_leg(struct what *w, const struct settings *p, struct fault *f)
{
	bool is_long = p->side != NULL && strcasecmp(p->side, "long") == 0;

	if (p->side != NULL && !is_long && strcasecmp(p->side, "short") != 0)
		return fault_set(f, FAULT_USAGE, "--position-side %.40s: not long or short", p->side);
	if (w->acct->hedge && p->side == NULL)
		return fault_set(f, FAULT_USAGE, "the account is in hedge mode: --position-side long or --position-side short");
	if (!w->acct->hedge && p->side != NULL)
		return fault_set(f, FAULT_USAGE, "--position-side: the account is in one-way mode");
	w->fi.pos_side = p->side == NULL ? POS_BOTH : is_long ? POS_LONG : POS_SHORT;
	w->fi.reduce = p->reduce_only || (p->side != NULL && is_long == (w->fi.side == SIDE_SELL));
	return 0;
}

/*
 * What it is judged by
 */

const struct position *
what_row(const struct account *a, const char *symbol)
{
	for (int i = 0; i < a->npos; i++)
		if (strcmp(a->pos[i].symbol, symbol) == 0)
			return &a->pos[i];
	return NULL;
}

/* symbolConfig of a symbol that no position tells of. */
static int
ask_setting(struct app *a, struct what *w, struct fault *f)
{
	const char *symbol = w->c->rules.symbol;
	struct session *s = NULL;
	const struct tok *t = NULL, *row = NULL;
	char type[16] = "";
	int64_t lev = 0;

	if (a->p.nfrom > 0)
		row = recorded_told(&a->rec_in, w->c->market, ANSWER_CONFIG, symbol, POS_BOTH, &t);
	else if ((s = venue_session(&a->v, w->c->market, f)) == NULL ||
	    session_call(s, EP_SYMBOL_CONFIG, "", false, f) == -1)
		return -1;
	if (s != NULL) {
		t = s->doc.t;
		row = scan_find(t, t, "symbol", symbol);
	}
	if (row != NULL && scan_get_i64(t, row, "leverage", &lev) && lev > 0 && lev <= 1000)
		w->fi.leverage = (int)lev;
	w->fi.isolated = row != NULL && scan_get_str(t, row, "marginType", type, sizeof type) &&
	    strcasecmp(type, "ISOLATED") == 0;
	return 0;
}

static int
read_setting(struct app *a, struct what *w, struct fault *f)
{
	const struct position *p = what_row(w->acct, w->c->rules.symbol);
	bool isolated;
	long lev;

	if (p != NULL && p->leverage > 0) {
		w->fi.leverage = p->leverage;
		w->fi.isolated = p->isolated;
	} else if (ask_setting(a, w, f) == -1)
		return -1;
	if (a->p.leverage != NULL) {
		if (tool_number(&lev, "--leverage", a->p.leverage, 1, 150, f) == -1)
			return -1;
		w->fi.leverage = (int)lev;
	}
	if (a->p.margin == NULL)
		return 0;
	isolated = strcasecmp(a->p.margin, "isolated") == 0;
	if (!isolated && strcasecmp(a->p.margin, "crossed") != 0 && strcasecmp(a->p.margin, "cross") != 0)
		return fault_set(f, FAULT_USAGE, "--margin-type %.40s: not isolated or crossed", a->p.margin);
	if (isolated != w->fi.isolated && p != NULL && dec_sign(p->amt) != 0)
		return fault_set(f, FAULT_REJECTED, "--margin-type: the margin type cannot change while there is a position");
	w->fi.isolated = isolated;
	return 0;
}

/* Whether it would trade at once, and so pay the taker's fee. */
static bool
at_once(const struct what *w)
{
	dec other = w->fi.side == SIDE_BUY ? w->ask : w->bid;

	if (dec_sign(other) <= 0)
		other = w->mark;
	return w->market || (w->fi.side == SIDE_BUY ? dec_cmp(w->limit, other) >= 0 : dec_cmp(w->limit, other) <= 0);
}

static int
read_fee(struct app *a, struct what *w, struct fault *f)
{
	dec maker = dec_int(0), taker = dec_int(0);
	int r = price_option(&w->rate, "--fee", a->p.fee, 0, f);

	if (r == 1 && (dec_cmp(w->rate, dec_int(1000)) > 0 || !dec_mul(&w->rate, w->rate, (dec){ .c = 1, .scale = 4 })))
		return fault_set(f, FAULT_USAGE, "--fee %.40s: not basis points from 0 to 1000", a->p.fee);
	if (r != 0) {
		w->has_fee = r == 1;
		return r == 1 ? 0 : -1;
	}
	w->has_fee = price_fees(a, w->c, &maker, &taker);
	w->rate = at_once(w) ? taker : maker;
	return 0;
}

struct leg
what_leg(const struct what *w, dec price)
{
	return (struct leg){ .kind = w->c->kind, .size = w->c->size, .entry = price,
	    .amt = w->fi.side == SIDE_BUY ? w->fi.qty : dec_neg(w->fi.qty) };
}

/* At its limit; a market order at the other side of the book, or the mark. */
static int
read_market(struct app *a, struct what *w, struct fault *f)
{
	dec other;
	struct leg l;

	if (price_mark(a, w->c, &w->mark, f) == -1)
		return -1;
	price_book(a, w->c, &w->bid, &w->ask);
	other = w->fi.side == SIDE_BUY ? w->ask : w->bid;
	w->fi.price = !w->market ? w->limit : dec_sign(other) > 0 ? other : w->mark;
	if (read_fee(a, w, f) == -1)
		return -1;
	l = what_leg(w, w->fi.price);
	if (w->has_fee && !calc_fee(&w->fi.fee, &l, w->fi.price, w->rate))
		return fault_set(f, FAULT_USAGE, "what-if: quantity and price have too many digits to be multiplied");
	return 0;
}

/* What the exchange would refuse it for is said; the question is answered all the same. */
static void
say_rules(struct app *a, const struct what *w)
{
	struct rules_order o = { .side = w->fi.side, .market = w->market, .reduce = w->fi.reduce,
		.price = w->limit, .qty = w->fi.qty };
	struct finding found[FINDINGS_MAX];
	char text[200];
	int n;

	if (!w->c->rules.complete)
		return;
	n = rules_check(&w->c->rules, &o, w->mark, found);
	for (int i = 0; i < n; i++) {
		finding_text(&found[i], text, sizeof text);
		say(a, "such an order would be refused: %s", text);
	}
}

int
do_what_if(struct app *a, char *const words[], int n, struct fault *f)
{
	struct what w = { .market = false };

	if (read_order(&w, words, n, f) == -1 || app_open(a, f) == -1)
		return -1;
	if (a->p.nfrom > 0 && app_accounts(a, true, f) == -1)
		return -1;
	if ((w.c = app_contract(a, words[1], f)) == NULL || app_accounts(a, true, f) == -1)
		return -1;
	w.fi.c = w.c;
	w.acct = &a->acct[w.c->market];
	if (read_leg(&w, &a->p, f) == -1 || read_setting(a, &w, f) == -1 || read_market(a, &w, f) == -1)
		return -1;
	say_rules(a, &w);
	return what_answer(a, &w, f);
}

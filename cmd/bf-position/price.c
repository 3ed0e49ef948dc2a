/* Prices and rates that no position tells. */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "look.h"

int
price_option(dec *out, const char *name, const char *s, int lo, struct fault *f)
{
	if (s == NULL)
		return 0;
	if (!dec_parse(out, s) || dec_cmp(*out, dec_int(lo)) < (lo == 0 ? 0 : 1))
		return fault_set(f, FAULT_USAGE, "%s %.40s: not a decimal %s %d", name, s, lo == 0 ? "of at least" : "above", lo);
	return 1;
}

/* The row of a symbol in an answer about it: an object, or a list (COIN-M: of one). */
static const struct tok *
ask(struct app *a, const struct contract *c, enum ep ep, const struct tok **t, struct fault *f)
{
	struct session *s = venue_session(&a->v, c->market, f);
	struct buf q = { 0 };
	int r;

	if (s == NULL)
		return NULL;
	buf_str(&q, "symbol=");
	query_escape(&q, c->rules.symbol);
	r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : session_call(s, ep, q.p, false, f);
	buf_free(&q);
	*t = s->doc.t;
	if (r == -1)
		return NULL;
	return (*t)->kind == SCAN_ARR ? scan_find(*t, *t, "symbol", c->rules.symbol) : *t;
}

static const struct tok *
row_of(struct app *a, const struct contract *c, enum answer what, enum ep ep, const struct tok **t, struct fault *f)
{
	if (a->p.nfrom > 0)
		return recorded_told(&a->rec_in, c->market, what, c->rules.symbol, POS_BOTH, t);
	return ask(a, c, ep, t, f);
}

static bool
position_mark(const struct account *acct, const char *symbol, dec *out)
{
	for (int i = 0; i < acct->npos; i++)
		if (strcmp(acct->pos[i].symbol, symbol) == 0 && dec_sign(acct->pos[i].mark) > 0) {
			*out = acct->pos[i].mark;
			return true;
		}
	return false;
}

int
price_mark(struct app *a, const struct contract *c, dec *out, struct fault *f)
{
	const struct tok *t = NULL, *row;
	int given = price_option(out, "--mark", a->p.mark, 0, f);

	if (given != 0)
		return given == 1 ? 0 : -1;
	if (position_mark(&a->acct[c->market], c->rules.symbol, out))
		return 0;
	f->kind = FAULT_NONE;
	row = row_of(a, c, ANSWER_PREMIUM, EP_PREMIUM_INDEX, &t, f);
	if (row != NULL && scan_get_dec(t, row, "markPrice", out) && dec_sign(*out) > 0)
		return 0;
	if (f->kind != FAULT_NONE)
		return -1;
	return fault_set(f, a->p.nfrom > 0 ? FAULT_USAGE : FAULT_AGAIN, "%s: no mark price is told%s", c->rules.symbol,
	    a->p.nfrom > 0 ? "; give it by --mark" : "");
}

void
price_book(struct app *a, const struct contract *c, dec *bid, dec *ask_price)
{
	const struct tok *t = NULL, *row;
	struct fault ignore = { 0 };

	*bid = *ask_price = dec_int(0);
	if (a->p.nfrom > 0 || (row = ask(a, c, EP_BOOK_TICKER, &t, &ignore)) == NULL)
		return;
	(void)scan_get_dec(t, row, "bidPrice", bid);
	(void)scan_get_dec(t, row, "askPrice", ask_price);
}

bool
price_fees(struct app *a, const struct contract *c, dec *maker, dec *taker)
{
	const struct tok *t = NULL, *row;
	struct fault ignore = { 0 };

	row = row_of(a, c, ANSWER_FEES, EP_COMMISSION_RATE, &t, &ignore);
	return row != NULL && scan_get_dec(t, row, "makerCommissionRate", maker) &&
	    scan_get_dec(t, row, "takerCommissionRate", taker);
}

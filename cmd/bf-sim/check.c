/* The invariants, for tests: each of these holds after every call. */
#include "state.h"

/*
 * Money. An account's wallet is what was paid in, plus PnL, minus fees, plus
 * what the fund gave. PnL is the cash of its trades, plus its position at
 * entry, up to the rounding of PnL and entry.
 */
static const char *
check_acct(const struct engine *e, const struct acct *a, bool *bad)
{
	dec sum = num_sub(bad, num_add(bad, a->paid_in, a->insurance), a->fees), d;
	const struct pos *p;
	int i;

	for (i = 0; i < e->nsym; i++) {
		p = &a->pos[i];
		sum = num_add(bad, sum, p->realized);
		d = num_add(bad, p->cash, num_mul(bad, p->amt, p->entry));
		d = dec_abs(num_sub(bad, d, p->realized));
		if (dec_cmp(d, p->dust) > 0)
			return "PnL is not the cash of the trades";
		if (dec_sign(p->amt) == 0 && (dec_sign(p->entry) != 0 || dec_sign(p->paid) != 0))
			return "a flat position has an entry price";
		if (dec_sign(p->iso) < 0)
			return "an isolated wallet is negative";
		if (dec_sign(p->iso) != 0 && (!p->isolated || dec_sign(p->amt) == 0))
			return "an isolated wallet without an isolated position";
		if (p->touched)
			return "a position is still to be swept";
	}
	if (dec_cmp(sum, a->wallet) != 0)
		return "a wallet is not the sum of its entries";
	return NULL;
}

/* Over all: coins and cash of a symbol sum to zero, and so does what came from
 * and went to the fund. */
static const char *
check_sums(const struct engine *e, bool *bad)
{
	dec insurance = num_add(bad, e->maker.insurance, e->fund.insurance);
	dec fees = num_add(bad, e->maker.fees, e->fund.fees), amt, cash;
	int i, k;

	for (k = 0; k < e->nsym; k++) {
		amt = num_add(bad, e->maker.pos[k].amt, e->fund.pos[k].amt);
		cash = num_add(bad, e->maker.pos[k].cash, e->fund.pos[k].cash);
		for (i = 0; i < e->nacct; i++) {
			amt = num_add(bad, amt, e->acct[i]->pos[k].amt);
			cash = num_add(bad, cash, e->acct[i]->pos[k].cash);
		}
		if (dec_sign(amt) != 0)
			return "positions do not sum to zero";
		if (dec_sign(cash) != 0)
			return "cash of trades does not sum to zero";
	}
	for (i = 0; i < e->nacct; i++) {
		insurance = num_add(bad, insurance, e->acct[i]->insurance);
		fees = num_add(bad, fees, e->acct[i]->fees);
	}
	if (dec_sign(insurance) != 0)
		return "insurance payments do not sum to zero";
	if (dec_cmp(fees, e->fees) != 0)
		return "commissions are not what accounts paid";
	return NULL;
}

/* Open orders and what is counted of them. */
static const char *
check_orders(const struct engine *e, const struct acct *a, bool *bad)
{
	struct { dec bid, ask, reduce; int n; } s[ENGINE_SYMBOLS] = { { { 0, 0 }, { 0, 0 },
		{ 0, 0 }, 0 } };
	const struct ord *o;
	const struct pos *p;
	dec v;
	int i;

	for (o = a->open; o != NULL; o = o->anext) {
		i = o->o.sym;
		v = num_mul(bad, o->o.price, order_rest(o));
		if (!order_open(&o->o) || !o->resting || dec_sign(order_rest(o)) <= 0)
			return "an open order is not one";
		if ((dec_sign(o->o.filled) == 0) != (o->o.status == STATUS_NEW))
			return "an order's status does not fit what is filled";
		s[i].n++;
		if (o->o.reduce && dec_sign(a->pos[i].amt) != -(int)o->o.side)
			return "a reduce-only order reduces nothing";
		if (o->o.reduce)
			s[i].reduce = num_add(bad, s[i].reduce, order_rest(o));
		else if (o->o.side == SIDE_BUY)
			s[i].bid = num_add(bad, s[i].bid, v);
		else
			s[i].ask = num_add(bad, s[i].ask, v);
	}
	for (i = 0; i < e->nsym; i++) {
		p = &a->pos[i];
		if (dec_cmp(p->bid, s[i].bid) != 0 || dec_cmp(p->ask, s[i].ask) != 0 ||
		    p->norders != s[i].n)
			return "bid, ask or count of open orders is off";
		if (dec_cmp(s[i].reduce, dec_abs(p->amt)) > 0)
			return "reduce-only orders exceed the position";
	}
	return NULL;
}

static const char *
check_side(const struct side *b, enum order_side side, bool *bad)
{
	const struct ord *o;
	dec sum;
	int i;

	for (i = 0; i < b->n; i++) {
		if (i > 0 && dec_cmp(b->v[i].price, b->v[i - 1].price) * (int)side <= 0)
			return "levels are not sorted";
		sum = dec_int(0);
		for (o = b->v[i].head; o != NULL; o = o->lnext) {
			if (o->o.side != side || !o->resting ||
			    dec_cmp(o->o.price, b->v[i].price) != 0)
				return "an order rests on the wrong level";
			if (o->lnext == NULL && b->v[i].tail != o)
				return "a level's queue has a loose end";
			sum = num_add(bad, sum, order_rest(o));
		}
		if (dec_sign(sum) <= 0 || dec_cmp(sum, b->v[i].qty) != 0)
			return "a level is not the sum of its orders";
	}
	return NULL;
}

static const char *
check_book(const struct sym *s, bool *bad)
{
	const struct level *bid = book_best(s, SIDE_BUY), *ask = book_best(s, SIDE_SELL);
	const char *why;

	if (bid != NULL && ask != NULL && dec_cmp(bid->price, ask->price) >= 0)
		return "the book is crossed";
	if (s->ndirty != 0)
		return "book changes were not published";
	if ((why = check_side(&s->bids, SIDE_BUY, bad)) != NULL)
		return why;
	return check_side(&s->asks, SIDE_SELL, bad);
}

/* What is reserved is not negative, and available is what it says. */
static const char *
check_margin(const struct engine *e, const struct acct *a, bool *bad)
{
	struct figures f;

	acct_figures(e, a, &f, bad);
	if (dec_sign(f.order_im) < 0 || dec_sign(f.pos_im) < 0 || dec_sign(f.maint) < 0 ||
	    dec_sign(f.open_loss) < 0 || dec_sign(f.available) < 0)
		return "a reserved margin is negative";
	if (dec_cmp(num_sub(bad, f.wallet, f.iso), f.cross) != 0)
		return "cross wallet and isolated wallets are not the wallet";
	return NULL;
}

const char *
engine_check(const struct engine *e)
{
	const char *why;
	bool bad = false;
	int i;

	if (e->bad)
		return "the engine has stopped";
	if ((why = check_sums(e, &bad)) != NULL ||
	    (why = check_acct(e, &e->maker, &bad)) != NULL ||
	    (why = check_acct(e, &e->fund, &bad)) != NULL)
		return why;
	for (i = 0; i < e->nacct; i++)
		if ((why = check_acct(e, e->acct[i], &bad)) != NULL ||
		    (why = check_orders(e, e->acct[i], &bad)) != NULL ||
		    (why = check_margin(e, e->acct[i], &bad)) != NULL)
			return why;
	for (i = 0; i < e->nsym; i++)
		if ((why = check_book(&e->sym[i], &bad)) != NULL)
			return why;
	return bad ? "a number is out of room" : NULL;
}

/* The invariants, for tests: each of these holds after every call. */
#include "state.h"

/*
 * Money. PnL of a leg is the cash of its trades, plus its position at entry, up
 * to the rounding of PnL and entry (inverse: of coins, and the position is worth
 * contracts x size / entry of them).
 */
static const char *
check_cash(const struct sym *s, const struct pos *p, bool *bad)
{
	dec v = { 0, 0 }, d;

	if (dec_sign(p->amt) != 0 && s->c.market == USDM)
		v = num_mul(bad, p->amt, p->entry);
	else if (dec_sign(p->amt) != 0)
		v = dec_neg(num_div(bad, num_mul(bad, p->amt, s->c.size), p->entry, FINE));
	d = dec_abs(num_sub(bad, num_add(bad, p->cash, v), p->realized));
	return dec_cmp(d, p->dust) > 0 ? "PnL is not the cash of the trades" : NULL;
}

static const char *
check_leg(const struct hold *h, enum pos_mode m, bool *bad)
{
	const struct pos *p = &h->pos[m];
	const char *why = check_cash(h->s, p, bad);

	if (why != NULL)
		return why;
	if (dec_sign(p->amt) == 0 && (dec_sign(p->entry) != 0 || dec_sign(p->paid) != 0))
		return "a flat position has an entry price";
	if (dec_sign(p->amt) != 0 && h->a->number >= 0 && h->a->hedge != (m != MODE_BOTH))
		return "a leg of the other position mode holds something";
	if ((m == MODE_LONG && dec_sign(p->amt) < 0) || (m == MODE_SHORT && dec_sign(p->amt) > 0))
		return "a leg of hedge mode has turned";
	if (dec_sign(p->iso) < 0)
		return "an isolated wallet is negative";
	if (dec_sign(p->iso) != 0 && (!h->isolated || dec_sign(p->amt) == 0))
		return "an isolated wallet without an isolated position";
	return NULL;
}

/* A wallet is what was paid in, plus PnL and funding, minus fees, plus what the
 * fund gave. */
static const char *
check_wallet(const struct acct *a, int asset, bool *bad)
{
	const struct wallet *w = &a->wallet[asset];
	dec sum = num_sub(bad, num_add(bad, w->paid_in, w->insurance), w->fees);
	int i, m;

	sum = num_add(bad, num_add(bad, sum, w->funding), w->dust);
	for (i = 0; i < a->nholds; i++)
		for (m = 0; a->holds[i]->s->asset == asset && m < 3; m++)
			sum = num_add(bad, sum, a->holds[i]->pos[m].realized);
	return dec_cmp(sum, w->balance) != 0 ? "a wallet is not the sum of its entries" : NULL;
}

static const char *
check_acct(const struct engine *e, const struct acct *a, bool *bad)
{
	const char *why;
	int i, m;

	for (i = 0; i < a->nholds; i++) {
		if (a->holds[i]->touched)
			return "a position is still to be swept";
		for (m = 0; m < 3; m++)
			if ((why = check_leg(a->holds[i], (enum pos_mode)m, bad)) != NULL)
				return why;
	}
	for (i = 0; i < e->nasset; i++)
		if ((why = check_wallet(a, i, bad)) != NULL)
			return why;
	return NULL;
}

/* Over all accounts and the house: coins and cash of a symbol sum to zero. */
static const char *
check_symbol_sums(const struct sym *s, bool *bad)
{
	dec amt = { 0, 0 }, cash = { 0, 0 }, longs = { 0, 0 };
	const struct pos *p;

	for (size_t i = 0; i < s->nholds; i++)
		for (int m = 0; m < 3; m++) {
			p = &s->holds[i]->pos[m];
			amt = num_add(bad, amt, p->amt);
			cash = num_add(bad, cash, p->cash);
			if (dec_sign(p->amt) > 0)
				longs = num_add(bad, longs, p->amt);
		}
	if (dec_sign(amt) != 0)
		return "positions do not sum to zero";
	if (dec_sign(cash) != 0)
		return "cash of trades does not sum to zero";
	if (dec_cmp(longs, s->open_interest) != 0)
		return "open interest is not the sum of the longs";
	return NULL;
}

/* And so does what came from and went to the fund, and funding. */
static const char *
check_asset_sums(const struct engine *e, int asset, bool *bad)
{
	const struct wallet *m = &e->maker.wallet[asset], *f = &e->fund.wallet[asset], *w;
	dec insurance = num_add(bad, m->insurance, f->insurance);
	dec funding = num_add(bad, m->funding, f->funding), fees = num_add(bad, m->fees, f->fees);

	for (int i = 0; i < e->nacct; i++) {
		w = &e->acct[i]->wallet[asset];
		insurance = num_add(bad, insurance, w->insurance);
		funding = num_add(bad, funding, w->funding);
		fees = num_add(bad, fees, w->fees);
	}
	if (dec_sign(insurance) != 0)
		return "insurance payments do not sum to zero";
	if (dec_sign(funding) != 0)
		return "funding payments do not sum to zero";
	if (dec_cmp(fees, e->asset[asset].fees) != 0)
		return "commissions are not what accounts paid";
	return NULL;
}

/*
 * Open orders and what is counted of them
 */

struct counts { dec bid, ask, reducing; int n; };

static const char *
check_order(const struct hold *h, const struct ord *o)
{
	dec amt = h->pos[o->o.pos_mode].amt;

	if (!o->open || !order_open(&o->o) || !o->resting || dec_sign(order_rest(o)) <= 0)
		return "an open order is not one";
	if ((dec_sign(o->o.filled) == 0) != (o->o.status == STATUS_NEW))
		return "an order's status does not fit what is filled";
	if (o->h != h || o->a != h->a || h->a->hedge != (o->o.pos_mode != MODE_BOTH))
		return "an order is of another account, symbol or position mode";
	if (o->o.reduce && dec_sign(amt) != -(int)o->o.side)
		return "a reduce-only order reduces nothing";
	if (o->o.reduce != o->covered || o->o.reduce == o->counted)
		return "an order is counted as what it is not";
	return NULL;
}

static const char *
count_orders(const struct hold *h, struct counts c[static 3], bool *bad)
{
	const struct ord *o;
	const char *why;
	struct counts *k;
	dec v;

	for (o = h->open; o != NULL; o = o->hnext) {
		if ((why = check_order(h, o)) != NULL)
			return why;
		k = &c[o->o.pos_mode];
		k->n++;
		v = sym_value(h->s, order_rest(o), o->o.price, bad);
		if (o->covered)
			k->reducing = num_add(bad, k->reducing, order_rest(o));
		else if (o->o.side == SIDE_BUY)
			k->bid = num_add(bad, k->bid, v);
		else
			k->ask = num_add(bad, k->ask, v);
	}
	return NULL;
}

static const char *
check_orders(const struct hold *h, bool *bad)
{
	struct counts c[3] = { { { 0, 0 }, { 0, 0 }, { 0, 0 }, 0 } };
	const char *why = count_orders(h, c, bad);
	const struct pos *p;
	int n = 0;

	if (why != NULL)
		return why;
	for (int m = 0; m < 3; m++) {
		p = &h->pos[m];
		n += c[m].n;
		if (dec_cmp(p->bid, c[m].bid) != 0 || dec_cmp(p->ask, c[m].ask) != 0 ||
		    p->norders != c[m].n)
			return "bid, ask or count of open orders is off";
		if (dec_cmp(p->reducing, c[m].reducing) != 0)
			return "the sum of reduce-only orders is off";
		if (dec_cmp(p->reducing, dec_abs(p->amt)) > 0)
			return "reduce-only orders exceed the position";
	}
	return n == h->norders ? NULL : "the count of a symbol's open orders is off";
}

/* The account's own list, and the counts of what waits. */
static const char *
check_lists(const struct acct *a)
{
	const struct ord *o;
	int orders = 0, algos = 0, i;

	for (i = 0; i < a->nholds; i++) {
		orders += a->holds[i]->norders;
		algos += a->holds[i]->nalgos;
	}
	for (o = a->open; o != NULL; o = o->anext)
		orders--;
	if (orders != 0)
		return "an account's open orders are not those of its symbols";
	return algos == a->nalgos ? NULL : "the count of conditional orders is off";
}

/*
 * Margins
 */

static bool
same(const struct sums *a, const struct sums *b)
{
	return dec_cmp(a->iso, b->iso) == 0 && dec_cmp(a->upnl, b->upnl) == 0 &&
	    dec_cmp(a->cross_upnl, b->cross_upnl) == 0 && dec_cmp(a->maint, b->maint) == 0 &&
	    dec_cmp(a->cross_maint, b->cross_maint) == 0 && dec_cmp(a->pos_im, b->pos_im) == 0 &&
	    dec_cmp(a->cross_pos_im, b->cross_pos_im) == 0 &&
	    dec_cmp(a->order_im, b->order_im) == 0 && dec_cmp(a->open_loss, b->open_loss) == 0 &&
	    a->ncross == b->ncross;
}

static void
add_sums(struct sums *io, const struct sums *s, bool *bad)
{
	io->iso = num_add(bad, io->iso, s->iso);
	io->upnl = num_add(bad, io->upnl, s->upnl);
	io->cross_upnl = num_add(bad, io->cross_upnl, s->cross_upnl);
	io->maint = num_add(bad, io->maint, s->maint);
	io->cross_maint = num_add(bad, io->cross_maint, s->cross_maint);
	io->pos_im = num_add(bad, io->pos_im, s->pos_im);
	io->cross_pos_im = num_add(bad, io->cross_pos_im, s->cross_pos_im);
	io->order_im = num_add(bad, io->order_im, s->order_im);
	io->open_loss = num_add(bad, io->open_loss, s->open_loss);
	io->ncross += s->ncross;
}

/* What holds keep is what one gets by adding anew, and so do wallets. */
static const char *
check_kept(const struct engine *e, const struct acct *a, int asset, bool *bad)
{
	struct sums all = { 0 }, s;
	const struct hold *h;

	for (int i = 0; i < a->nholds; i++) {
		h = a->holds[i];
		if (h->s->asset != asset)
			continue;
		hold_sums(e, h, &s, bad);
		if (!same(&s, &h->sums))
			return "the sums of a symbol are stale";
		add_sums(&all, &s, bad);
	}
	return same(&all, &a->wallet[asset].sums) ? NULL :
	    "the sums of a wallet are not those of its symbols";
}

/* What is reserved is not negative, and available is what it says. */
static const char *
check_margin(struct engine *e, struct acct *a, int asset, bool *bad)
{
	struct figures f;
	const char *why;

	acct_figures(e, a, asset, &f, bad);
	if ((why = check_kept(e, a, asset, bad)) != NULL)
		return why;
	if (dec_sign(f.s.order_im) < 0 || dec_sign(f.s.pos_im) < 0 || dec_sign(f.s.maint) < 0 ||
	    dec_sign(f.s.open_loss) < 0 || dec_sign(f.available) < 0)
		return "a reserved margin is negative";
	if (dec_cmp(num_sub(bad, f.wallet, f.s.iso), f.cross) != 0)
		return "cross wallet and isolated wallets are not the wallet";
	return NULL;
}

static const char *
check_user(struct engine *e, struct acct *a, int *held, bool *bad)
{
	const char *why;
	int i, m;

	if ((why = check_acct(e, a, bad)) != NULL || (why = check_lists(a)) != NULL)
		return why;
	for (i = 0; i < a->nholds; i++) {
		if ((why = check_orders(a->holds[i], bad)) != NULL)
			return why;
		for (m = 0; m < 3; m++)
			*held += dec_sign(a->holds[i]->pos[m].amt) != 0;
		if (a->multi && a->holds[i]->isolated && a->holds[i]->s->c.market == USDM)
			return "an isolated symbol in multi-assets mode";
	}
	for (i = 0; i < e->nasset; i++)
		if ((why = check_margin(e, a, i, bad)) != NULL)
			return why;
	return NULL;
}

static const char *
check_book(const struct sym *s, bool *bad)
{
	const struct level *bid = book_best(s, SIDE_BUY), *ask = book_best(s, SIDE_SELL);

	if (bid != NULL && ask != NULL && dec_cmp(bid->price, ask->price) >= 0)
		return "the book is crossed";
	return book_check(s, bad);
}

const char *
engine_check(const struct engine *ce)
{
	struct engine *e = (struct engine *)ce;	/* sums kept may be renewed */
	int held = 0, multi = 0, i;
	const char *why = NULL;
	bool bad = false;

	if (e->bad)
		return "the engine has stopped";
	if (e->touched != NULL || e->ndue != 0 || e->changed != NULL)
		return "something is left to be done";
	for (i = 0; i < e->nsym && why == NULL; i++)
		if ((why = check_symbol_sums(e->sym[i], &bad)) == NULL)
			why = check_book(e->sym[i], &bad);
	for (i = 0; i < e->nasset && why == NULL; i++)
		why = check_asset_sums(e, i, &bad);
	if (why != NULL || (why = check_acct(e, &e->maker, &bad)) != NULL ||
	    (why = check_acct(e, &e->fund, &bad)) != NULL)
		return why;
	for (i = 0; i < e->nacct; i++) {
		if ((why = check_user(e, e->acct[i], &held, &bad)) != NULL)
			return why;
		multi += e->acct[i]->multi;
	}
	if (held != e->nheld || multi != e->nmulti)
		return "a count of holders or of multi-assets accounts is off";
	return bad || e->bad ? "a number is out of room" : NULL;
}

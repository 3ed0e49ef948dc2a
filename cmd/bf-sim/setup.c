/* Accounts as they are set up: wallets, fees, positions out of nothing. */
#include <stdlib.h>

#include "state.h"

#define TIERS	10

/*
 * Accounts
 */

static struct acct *
acct_new(const struct engine *e)
{
	struct acct *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->wallet = calloc((size_t)e->nasset, sizeof *a->wallet);
	a->hold = calloc((size_t)e->nsym + 1, sizeof *a->hold);
	if (a->wallet != NULL && a->hold != NULL)
		return a;
	free(a->wallet);
	free(a->hold);
	free(a);
	return NULL;
}

int
engine_account_new(struct engine *e, dec usdt, struct fault *f)
{
	struct acct *a;

	if (eng_sound(e, f) == -1)
		return -1;
	if (!eng_is_money(usdt) || dec_sign(usdt) < 0)
		return eng_misuse(f, "wallet: 0 or more USDT, at most 8 decimals");
	if (!eng_grow(&e->bad, &e->acct, e->nacct, &e->cacct, sizeof *e->acct))
		return eng_sound(e, f);
	if ((a = acct_new(e)) == NULL) {
		e->bad = true;
		return eng_sound(e, f);
	}
	a->number = e->nacct;
	a->wallet[0].balance = a->wallet[0].paid_in = num_money(&e->bad, usdt);
	e->acct[e->nacct++] = a;
	return a->number;
}

int
engine_deposit(struct engine *e, int acct, int asset, dec amt, int64_t now_ms, struct fault *f)
{
	struct engine_balance b;
	struct wallet *w;
	struct acct *a;

	if (asset < 0 || asset >= e->nasset || !eng_is_money(amt) || dec_sign(amt) == 0)
		return eng_misuse(f, "deposit: no such asset, or no amount");
	if (eng_begin(e, acct, -1, now_ms, f) == -1)
		return -1;
	if ((a = eng_acct(e, acct)) == NULL)
		return eng_misuse(f, "no such account");
	if (dec_sign(amt) < 0 && (!engine_balance(e, acct, asset, &b) ||
	    dec_cmp(dec_abs(amt), b.withdraw) > 0))
		return eng_refuse(f, -2018, "Balance is insufficient.");
	w = &a->wallet[asset];
	w->balance = num_add(&e->bad, w->balance, amt);
	w->paid_in = num_add(&e->bad, w->paid_in, amt);
	w->update_ms = e->now;
	acct_income(e, a, "TRANSFER", NULL, asset, amt, 0);
	acct_event(e, a, dec_sign(amt) > 0 ? "DEPOSIT" : "WITHDRAW", asset, amt, NULL, -1, -1);
	eng_due(e, a);	/* it may save an account that waits for its liquidation */
	return eng_finish(e, f);
}

/*
 * Fees: section 17
 */

int
engine_set_tier(struct engine *e, int acct, int tier, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);

	if (a == NULL)
		return eng_misuse(f, "no such account");
	if (tier < 0 || tier >= TIERS)
		return eng_misuse(f, "fee tier: 0 .. 9");
	a->tier = tier;
	return 0;
}

int
engine_tier(const struct engine *e, int acct)
{
	const struct acct *a = eng_acct(e, acct);

	return a == NULL ? 0 : a->tier;
}

/* Of COIN-M only three levels are told anywhere; higher ones pay as the third. */
void
engine_fee_rates(const struct engine *e, int acct, int sym, dec *maker, dec *taker)
{
	static const struct { int maker, taker; } usdm[TIERS] = {	/* 1/1,000,000 */
		{ 0, 0 }, { 160, 400 }, { 140, 350 }, { 120, 320 }, { 100, 300 }, { 80, 270 },
		{ 60, 250 }, { 40, 220 }, { 20, 200 }, { 0, 170 }
	}, coinm[] = { { 100, 500 }, { 80, 400 }, { 70, 350 } };
	const struct sym *s = eng_sym(e, sym);
	int tier = engine_tier(e, acct);

	if (s != NULL && s->c.market == COINM) {
		tier = tier > 2 ? 2 : tier;
		*maker = (dec){ coinm[tier].maker, 6 };
		*taker = (dec){ coinm[tier].taker, 6 };
	} else if (tier == 0) {
		*maker = e->c.maker_fee;
		*taker = e->c.taker_fee;
	} else {
		*maker = (dec){ usdm[tier].maker, 6 };
		*taker = (dec){ usdm[tier].taker, 6 };
	}
}

/*
 * Positions out of nothing
 */

static enum pos_mode
leg_of(const struct acct *a, dec amt)
{
	if (!a->hedge)
		return MODE_BOTH;
	return dec_sign(amt) > 0 ? MODE_LONG : MODE_SHORT;
}

static int
bad_amount(const struct rules *r, dec amt, struct fault *f)
{
	dec near = dec_abs(amt);
	char have[48], want[48], step[48], most[48];

	if (dec_cmp(near, r->max_qty) > 0)
		near = r->max_qty;
	if (!dec_floor(&near, near, r->step) || dec_sign(near) == 0)
		near = r->step;
	dec_print(amt, have);
	dec_print(near, want);
	dec_print(r->step, step);
	dec_print(r->max_qty, most);
	return fault_set(f, FAULT_USAGE, "seeded quantity %s: a multiple of stepSize %s, at most %s; "
	    "%s%s would do", have, step, most, dec_sign(amt) < 0 ? "-" : "", want);
}

static int
check_seed(const struct sym *s, const struct hold *h, enum pos_mode leg, dec amt, dec entry,
    struct fault *f)
{
	const struct rules *r = &s->c.rules;

	if (dec_sign(s->mark) == 0)
		return eng_misuse(f, "a seeded position needs a mark price first");
	if (h != NULL && (dec_sign(h->pos[leg].amt) != 0 || h->norders != 0))
		return eng_misuse(f, "a seeded position needs a flat account");
	if (dec_sign(amt) == 0 || !dec_is_multiple(amt, r->step) ||
	    dec_cmp(dec_abs(amt), r->max_qty) > 0)
		return bad_amount(r, amt, f);
	if (dec_decimals(entry) > MONEY || dec_sign(entry) <= 0 ||
	    dec_cmp(entry, r->min_price) < 0 ||
	    (dec_sign(r->max_price) > 0 && dec_cmp(entry, r->max_price) > 0))
		return eng_misuse(f, "seeded entry price: outside the symbol's price filter");
	return 0;
}

int
engine_seed_position(struct engine *e, int acct, int sym, dec amt, dec entry, int64_t now_ms,
    struct fault *f)
{
	enum order_side side = dec_sign(amt) > 0 ? SIDE_BUY : SIDE_SELL;
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, sym);
	struct hold *h, *house;
	struct fill x = { .price = entry };

	if (a == NULL || s == NULL)
		return eng_misuse(f, "no such account or symbol");
	if (eng_begin(e, acct, sym, now_ms, f) == -1 ||
	    check_seed(s, acct_hold_at(a, sym), leg_of(a, amt), amt, entry, f) == -1)
		return -1;
	if ((h = acct_hold(e, a, s)) == NULL || (house = acct_hold(e, &e->maker, s)) == NULL)
		return eng_sound(e, f);
	x.qty = num_scale(&e->bad, dec_abs(amt), s->c.rules.step.scale);
	acct_book(e, h, leg_of(a, amt), side, &x, dec_int(0), false);
	acct_book(e, house, MODE_BOTH, side_other(side), &x, dec_int(0), false);
	return eng_finish(e, f);
}

/* lev x wallet of notional, at the mark. */
static bool
quantity_of(const struct sym *s, dec lev, dec wallet, dec *q)
{
	dec n;

	if (!dec_mul(&n, dec_abs(lev), wallet))
		return false;
	if (s->c.market == COINM)
		return dec_mul(&n, n, s->mark) && dec_div(&n, n, s->c.size, MONEY, DEC_DOWN) &&
		    dec_floor(q, n, s->c.rules.step);
	return dec_div(&n, n, s->mark, MONEY, DEC_DOWN) && dec_floor(q, n, s->c.rules.step);
}

int
engine_seed_leverage(struct engine *e, int acct, int sym, dec lev, int64_t now_ms, struct fault *f)
{
	struct acct *a = eng_acct(e, acct);
	struct sym *s = eng_sym(e, sym);
	dec q;

	if (a == NULL || s == NULL)
		return eng_misuse(f, "no such account or symbol");
	if (dec_sign(s->mark) == 0)
		return eng_misuse(f, "a seeded position needs a mark price first");
	if (!quantity_of(s, lev, a->wallet[s->asset].balance, &q))
		return eng_misuse(f, "seeded leverage: out of room");
	if (dec_sign(lev) < 0)
		q = dec_neg(q);
	return engine_seed_position(e, acct, sym, q, s->mark, now_ms, f);
}

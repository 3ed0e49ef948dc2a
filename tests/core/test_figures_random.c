/*
 * Random accounts, always the same ones: what must hold of each, checked by other figures than
 * those that found it. A failure names the number of the account.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/cost.h"
#include "figures_rig.h"

#define ACCOUNTS	1500

static uint64_t seed;
static int number;	/* of the account */
static int twice;	/* positions with two prices */

/* 0..n-1 (splitmix64) */
static unsigned
any(unsigned n)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ z >> 31) % n);
}

/* low..high in steps of 10^-scale */
static dec
between(unsigned low, unsigned high, int scale)
{
	return (dec){ low + any(high - low + 1), scale };
}

static void
contracts(bool inverse)
{
	static const char *const names[2][4] = {
		{ "AUSDT", "BUSDT", "CUSDT", "DUSDC" }, { "BTCUSD_PERP", "BTCUSD_261225", "ETHUSD_PERP", "BTCUSD_270326" }
	};
	struct contract *c;

	for (int i = 0; i < 4; i++) {
		c = contract(names[inverse][i], inverse ? (i == 2 ? "ETH" : "BTC") : i == 3 ? "USDC" : "USDT",
		    inverse ? "100" : "0");
		tier(c, inverse ? "5" : "50000", "0.004", "0", 125);
		tier(c, inverse ? "10" : "600000", "0.005", inverse ? "0.005" : "50", 100);
		tier(c, inverse ? "20" : "3000000", "0.01", inverse ? "0.055" : "3050", 50);
		tier(c, inverse ? "400" : "80000000", "0.025", inverse ? "0.355" : "48050", 20);
	}
	wallet(inverse ? "BTC" : "USDT", "0");
	wallet(inverse ? "ETH" : "USDC", "0");
}

static void
position(const char *symbol, enum pos_side side, bool inverse)
{
	struct position p = { .side = side, .leverage = 1 + (int)any(50), .isolated = any(3) == 0 };
	dec value;
	struct fault f;

	snprintf(p.symbol, sizeof p.symbol, "%s", symbol);
	p.amt = inverse ? between(1, any(2) ? 200 : 90000, 0) : between(1, any(2) ? 2000 : 900000, 3);
	if (side == POS_SHORT || (side == POS_BOTH && any(2)))
		p.amt = dec_neg(p.amt);
	p.entry = between(300000, 500000, 2);
	assert_true(dec_mul(&p.mark, p.entry, between(9000, 11000, 4)));
	assert_true(dec_rescale(&p.mark, p.mark, 8, DEC_DOWN));
	if (p.isolated) {	/* 1 % to 60 % of what it is worth */
		assert_true(dec_mul(&value, dec_abs(p.amt), inverse ? D("0.025") : p.entry));
		assert_true(dec_mul(&value, value, between(10, 600, 3)));
		assert_true(dec_rescale(&p.isolated_wallet, value, 8, DEC_DOWN));
	}
	assert_int_equal(account_add_position(&a, &p, &f), 0);
}

/* One to four symbols; wallets that hold, mostly. */
static void
random_account(bool inverse, bool multi)
{
	dec sum[2] = { { 0, 0 }, { 0, 0 } }, v, mark = { 0, 0 };

	fresh(NULL);
	contracts(inverse);
	a.hedge = any(2);
	a.multi_assets = multi;
	for (size_t i = 0; i < cs.cap; i++) {
		if (cs.c[i] == NULL || any(4) == 0)
			continue;
		position(cs.c[i]->rules.symbol, a.hedge ? POS_LONG : POS_BOTH, inverse);
		mark = a.pos[a.npos - 1].mark;
		if (a.hedge && any(2)) {
			position(cs.c[i]->rules.symbol, POS_SHORT, inverse);
			a.pos[a.npos - 1].mark = mark;
		}
	}
	account_contracts(&a, &cs);
	for (int i = 0; i < a.npos; i++) {
		struct leg l = { a.pos[i].kind, a.pos[i].amt, a.pos[i].entry, a.pos[i].size };
		int w = strcmp(a.pos[i].margin_asset, a.wal[0].asset) != 0;

		if (multi)
			a.pos[i].isolated = false;
		assert_true(margin_notional(&v, &l, a.pos[i].entry) && dec_add(&sum[w], sum[w], dec_abs(v)));
	}
	for (int w = 0; w < 2; w++) {
		assert_true(dec_mul(&v, sum[w], between(20, 700, 3)));
		assert_true(dec_rescale(&a.wal[w].cross, v, 8, DEC_DOWN));
		a.wal[w].balance = a.wal[w].cross;
		for (int i = 0; i < a.npos; i++)
			if (a.pos[i].isolated && strcmp(a.pos[i].margin_asset, a.wal[w].asset) == 0)
				assert_true(dec_add(&a.wal[w].balance, a.wal[w].balance, a.pos[i].isolated_wallet));
	}
}

/* Equity less maintenance of what position i lives or dies with, its symbol at this price. */
static dec
left_at(int i, dec price, const struct asset_rates *rates)
{
	const struct position_figures *p;
	const struct wallet_figures *w;
	const struct position *q = &a.pos[i];
	struct account b;
	struct fault f;
	dec d = { 0, 0 };

	assert_int_equal(account_copy(&b, &a, &f), 0);
	for (int k = 0; k < b.npos; k++)
		if (strcmp(b.pos[k].symbol, q->symbol) == 0)
			b.pos[k].mark = price;
	figures_free(&fg);
	assert_int_equal(figures_make(&fg, &b, &cs, rates, &f), 0);
	p = figures_position(&fg, q->symbol, q->side);
	w = figures_wallet(&fg, q->margin_asset);
	if (q->isolated)
		assert_true(p->has_maint && dec_add(&d, q->isolated_wallet, p->upnl) && dec_sub(&d, d, p->maint));
	else if (a.multi_assets)
		assert_true(fg.has_multi && dec_sub(&d, fg.sum.equity, fg.sum.maint));
	else
		assert_true(w->has_maint && dec_add(&d, w->w->cross, w->cross_upnl) &&
		    dec_sub(&d, d, w->cross_maint));
	account_free(&b);
	return d;
}

/* At the price found the sign turns; where none was found it never does. */
static void
check_price(int i, dec liq, const struct asset_rates *rates)
{
	static const char *const probe[] = { "0.01", "1", "100", "2000", "3400", "5000", "9000", "70000", "9000000" };
	static const char *const step[] = { "0.000001", "0.00001", "0.0001", "0.001" };
	dec off, low = { 0, 0 }, high = { 0, 0 }, rounding = D("0.0000001");

	if (dec_sign(liq) == 0) {
		low = left_at(i, D("0.01"), rates);
		for (size_t k = 1; k < LEN(probe); k++)
			if (dec_sign(left_at(i, D(probe[k]), rates)) != dec_sign(low))
				fail_msg("account %d, position %d: no price, but one at %s", number, i, probe[k]);
		return;
	}
	/* just inside and just outside; further out where so little is at stake that figures of 8
	 * decimals cannot tell yet */
	for (size_t k = 0; k < LEN(step); k++) {
		assert_true(dec_mul(&off, liq, D(step[k])) && dec_rescale(&off, off, 8, DEC_UP));
		assert_true(dec_sub(&low, liq, off) && dec_add(&high, liq, off));
		low = left_at(i, low, rates);
		high = left_at(i, high, rates);
		if (dec_cmp(dec_abs(low), rounding) > 0 && dec_cmp(dec_abs(high), rounding) > 0)
			break;
	}
	if (dec_sign(low) * dec_sign(high) >= 0) {
		char at[DEC_STR], l[DEC_STR], h[DEC_STR];

		dec_print(liq, at);
		dec_print(low, l);
		dec_print(high, h);
		fail_msg("account %d, position %d: %s: %s below, %s above", number, i, at, l, h);
	}
}

static int
check_account(const struct asset_rates *rates)
{
	dec liq, above, again;
	int priced = 0;

	for (int i = 0; i < a.npos; i++) {
		make(rates);
		assert_true(of(a.pos[i].symbol, a.pos[i].side)->has_liq);
		liq = of(a.pos[i].symbol, a.pos[i].side)->liq;
		above = of(a.pos[i].symbol, a.pos[i].side)->liq_above;
		/* by itself and with all others it is the same */
		assert_true(liquidation(&again, rates, &a.pos[i]));
		assert_int_equal(dec_cmp(liq, again), 0);
		priced += dec_sign(liq) != 0;
		/* prices so small that 8 decimals, cut off, say nothing of a coin's figures */
		if (dec_sign(liq) == 0 || dec_cmp(liq, D("0.1")) > 0)
			check_price(i, liq, rates);
		if (dec_sign(above) != 0) {
			assert_true(dec_cmp(above, liq) > 0);
			check_price(i, above, rates);
			twice++;
		}
	}
	return priced;
}

static void
test_liquidation(void **state)
{
	int priced = 0;

	(void)state;
	seed = 20261127;
	for (number = 0; number < ACCOUNTS; number++) {
		random_account(number % 2, false);
		priced += check_account(NULL);
	}
	assert_true(priced > ACCOUNTS);
}

/* Legs that nearly outweigh each other, with little behind them: some die both ways. */
static void
test_liquidation_hedged(void **state)
{
	dec d, cost;

	(void)state;
	seed = 12;
	twice = 0;
	for (number = 0; number < ACCOUNTS; number++) {
		fresh(NULL);
		contracts(false);
		a.hedge = true;
		position("BUSDT", POS_LONG, false);
		position("BUSDT", POS_SHORT, false);
		a.pos[0].isolated = a.pos[1].isolated = false;
		a.pos[1].mark = a.pos[0].mark;
		assert_true(dec_mul(&d, a.pos[0].amt, between(980, 1000, 3)) && dec_rescale(&d, d, 4, DEC_UP));
		a.pos[1].amt = dec_neg(d);
		a.pos[1].entry = a.pos[0].entry;
		account_contracts(&a, &cs);
		/* what the legs do not outweigh, and a little of the whole */
		assert_true(dec_sub(&d, a.pos[0].amt, d) && dec_mul(&d, d, a.pos[0].entry) &&
		    dec_mul(&cost, a.pos[0].amt, a.pos[0].entry) && dec_mul(&cost, cost, between(0, 15, 3)) &&
		    dec_sub(&d, d, cost) && dec_rescale(&d, d, 8, DEC_DOWN));
		a.wal[0].balance = a.wal[0].cross = dec_abs(d);
		check_account(NULL);
	}
	assert_true(twice > 20);
}

/* In multi-assets mode too, whose assets count less for than against. */
static void
test_liquidation_multi(void **state)
{
	struct asset_rate r[2] = { { .asset = "USDT" }, { .asset = "USDC" } };
	struct asset_rates rates = { r, 2 };
	int priced = 0;

	(void)state;
	seed = 16;
	for (number = 0; number < ACCOUNTS / 3; number++) {
		r[0].index = between(90, 110, 2);
		r[1].index = between(90, 110, 2);
		for (int k = 0; k < 2; k++) {
			r[k].bid_buffer = between(0, 20, 3);
			r[k].ask_buffer = between(0, 20, 3);
		}
		random_account(false, true);
		priced += check_account(&rates);
	}
	assert_true(priced > ACCOUNTS / 3);
}

/* One random order of a symbol at a random price near the mark. */
static struct fill
random_fill(struct position *p, bool reduce)
{
	struct fill fi = { .c = contracts_find(&cs, p->symbol), .pos_side = p->side, .reduce = reduce,
		.side = any(2) ? SIDE_BUY : SIDE_SELL };

	fi.qty = p->kind == INVERSE ? between(1, 90000, 0) : between(1, 900000, 3);
	fi.price = between(280000, 520000, 2);
	fi.fee = between(0, 500000, 8);
	return fi;
}

/* Whatever reduces does not open: the sign stays or it is flat, and nothing grows. */
static void
test_reduction_never_flips(void **state)
{
	struct fault f;
	int done_ok = 0;

	(void)state;
	seed = 7;
	for (number = 0; number < ACCOUNTS; number++) {
		random_account(number % 2, false);
		for (int i = 0; i < a.npos; i++) {
			struct fill fi = random_fill(&a.pos[i], true);
			dec was = a.pos[i].amt, now;
			int got = account_fill(&a, &fi, &f);

			now = a.pos[i].amt;
			if ((got == 0) != (dec_sign(was) == -(int)fi.side))
				fail_msg("account %d: %s", number, got == 0 ? "a reduction that adds" : f.text);
			if (dec_sign(now) == -dec_sign(was) || dec_cmp(dec_abs(now), dec_abs(was)) > 0 ||
			    (got == -1 && (f.code != -2022 || dec_cmp(now, was) != 0)) ||
			    (got == 0 && dec_cmp(now, was) == 0))
				fail_msg("account %d: position %d is not reduced", number, i);
			done_ok += got == 0;
		}
	}
	assert_true(done_ok > ACCOUNTS / 2);
}

static dec
equity_of(const char *asset)
{
	struct wallet_figures s;

	assert_true(figures_sums(&s, &a, &cs, account_find_wallet(&a, asset)));
	return s.equity;
}

/*
 * A fill at the mark costs its fee and nothing else, whether it opens, closes or turns: what the
 * wallets and profits are worth together changes by the fee. Each figure is cut at 1e-8 and an
 * entry rounded at 1e-12.
 */
static void
test_fill_costs_its_fee(void **state)
{
	struct fault f;

	(void)state;
	seed = 18;
	for (number = 0; number < ACCOUNTS; number++) {
		random_account(number % 2, false);
		for (int i = 0; i < a.npos; i++) {
			struct fill fi = random_fill(&a.pos[i], false);
			dec was, now, iso = { 0, 0 };
			struct wallet *w;

			account_mark(&a, a.pos[i].symbol, strlen(a.pos[i].symbol), fi.price, number + 1);
			was = equity_of(fi.c->rules.margin);
			if (account_fill(&a, &fi, &f) == -1)
				fail_msg("account %d: %s", number, f.text);
			now = equity_of(fi.c->rules.margin);
			assert_true(dec_sub(&was, was, now) && dec_sub(&was, was, fi.fee));
			if (dec_cmp(dec_abs(was), D("0.00000006")) > 0)
				fail_msg("account %d: position %d: equity moved by more than the fee", number, i);
			/* and the wallet is its cross part and the isolated ones */
			w = account_find_wallet(&a, fi.c->rules.margin);
			for (int k = 0; k < a.npos; k++)
				if (a.pos[k].isolated && strcmp(a.pos[k].margin_asset, w->asset) == 0)
					assert_true(dec_add(&iso, iso, a.pos[k].isolated_wallet));
			assert_true(dec_add(&iso, iso, w->cross));
			assert_int_equal(dec_cmp(iso, w->balance), 0);
		}
	}
}

/* Something that its figures follow from becomes another. */
static void
disturb(void)
{
	struct position *p = &a.pos[any((unsigned)a.npos)], *q = &a.pos[any((unsigned)a.npos)], swap;
	struct contract *c = contracts_find(&cs, p->symbol);
	char name[SYMBOL_MAX];

	switch (any(12)) {
	case 0: p->amt = dec_neg(p->amt); break;
	case 1: p->amt = any(2) ? dec_int(0) : between(1, 900000, 3); break;
	case 2: p->entry = between(300000, 500000, 2); break;
	case 3: p->leverage = (int)any(50); break;
	case 4: p->isolated = !p->isolated; break;
	case 5: p->isolated_wallet = between(1, 900000, (int)any(10)); break;
	case 6: swap = *p; *p = *q; *q = swap; break;
	case 11:	/* the same figures of another symbol */
		memcpy(name, p->symbol, sizeof name);
		memcpy(p->symbol, q->symbol, sizeof name);
		memcpy(q->symbol, name, sizeof name);
		break;
	case 7: c->tiers.tier[any(4)].mmr = between(1, 90, 3); break;
	case 8: c->tiers.tier[0].cap = between(1000, 55000, any(2) ? 0 : 4); break;
	case 9: c->tiers.n = (int)any(5); break;
	default: a.wal[any(2)].cross = between(1, 900000000, 4); break;
	}
	for (unsigned n = any(3); n > 0; n--) {	/* 0: never seen */
		p = &a.pos[any((unsigned)a.npos)];
		p->mark = any(20) == 0 ? dec_int(0) : between(270000, 550000, 2);
	}
}

static bool
alike(dec x, dec y)
{
	return x.c == y.c && x.scale == y.scale;
}

static bool
sums_alike(const struct wallet_figures *x, const struct wallet_figures *y)
{
	return x->w == y->w && x->has_sums == y->has_sums && alike(x->notional, y->notional) && alike(x->net, y->net) &&
	    alike(x->upnl, y->upnl) && alike(x->cross_upnl, y->cross_upnl) && alike(x->equity, y->equity) &&
	    x->has_maint == y->has_maint && alike(x->maint, y->maint) && alike(x->cross_maint, y->cross_maint) &&
	    x->has_im == y->has_im && alike(x->im, y->im) && x->has_leverage == y->has_leverage &&
	    alike(x->leverage, y->leverage) && x->has_ratio == y->has_ratio && alike(x->ratio, y->ratio);
}

/* What is kept of the positions never shows: whatever changed, the sums are those made anew, to the last digit. */
static void
test_sums_again(void **state)
{
	struct figures_kept kept = { 0 };
	struct wallet_figures x, y;
	int known = 0, asked = 0;

	(void)state;
	seed = 11;
	for (number = 0; number < ACCOUNTS; number++) {
		random_account(number % 2, number % 7 == 0);
		for (int step = 0; a.npos > 0 && step < 30; step++) {
			for (int i = 0; i < a.nwal; i++) {
				bool anew = figures_sums(&x, &a, &cs, &a.wal[i]);

				if (figures_sums_again(&y, &a, &cs, &a.wal[i], &kept) != anew || (anew && !sums_alike(&x, &y)))
					fail_msg("account %d, step %d: other sums of %s", number, step, a.wal[i].asset);
				known += anew;
				asked++;
			}
			disturb();
		}
		figures_kept_free(&kept);
	}
	assert_in_range(known, asked / 10, asked - 1);
}

/* The preview of one order (cost.h) and the account with that order filled agree: it is one arithmetic. */
static void
test_preview_is_the_fill(void **state)
{
	struct wallet_figures s;
	struct intent in;
	struct fault f;
	struct cost cost;
	int levered = 0, priced = 0;
	dec liq;

	(void)state;
	seed = 99;
	for (number = 0; number < ACCOUNTS; number++) {
		random_account(number % 2, false);
		for (int i = 1; i < a.npos; i++)	/* settings are the symbol's */
			if (strcmp(a.pos[i].symbol, a.pos[i - 1].symbol) == 0) {
				a.pos[i].isolated = a.pos[i - 1].isolated;
				a.pos[i].leverage = a.pos[i - 1].leverage;
			}
		for (int i = 0; i < a.npos; i++) {
			struct position *p = &a.pos[i];
			struct fill fi = random_fill(p, any(3) == 0);
			struct cost_in c = { .in = &in, .rules = &fi.c->rules, .mark = p->mark, .acct = &a,
				.tiers = &fi.c->tiers, .taker = between(0, 10, 4), .rates = true };

			make(NULL);	/* what the exchange tells of the others */
			for (int k = 0; k < a.npos; k++)
				if (account_held(&a.pos[k]))
					a.pos[k].maint_margin = of(a.pos[k].symbol, a.pos[k].side)->maint;
			in = (struct intent){ .op = OP_PLACE, .side = fi.side, .pos_side = fi.pos_side, .qty = fi.qty,
				.price = p->mark, .reduce_only = fi.reduce, .tif = "GTC", .type = "LIMIT" };
			snprintf(in.symbol, sizeof in.symbol, "%s", p->symbol);
			cost_of(&cost, &c);
			fi.price = p->mark;
			fi.fee = cost.fee;
			if (dec_sign(p->amt) == -(int)fi.side)	/* an exit pays for what it takes */
				fi.qty = intent_reduces(&in) ? dec_min(fi.qty, dec_abs(p->amt)) : fi.qty;
			if (dec_cmp(fi.qty, in.qty) != 0) {
				in.qty = fi.qty;
				cost_of(&cost, &c);
				fi.fee = cost.fee;
			}
			assert_true(cost.has_fee && cost.has_amt);
			if (account_fill(&a, &fi, &f) == -1)
				continue;
			assert_int_equal(dec_cmp(cost.amt, p->amt), 0);
			assert_true(figures_sums(&s, &a, &cs, account_find_wallet(&a, fi.c->rules.margin)));
			if (s.has_leverage != cost.has_leverage || (s.has_leverage && dec_cmp(s.leverage, cost.leverage) != 0))
				fail_msg("account %d: position %d: the leverage after it", number, i);
			assert_true(liquidation(&liq, NULL, p));
			if (!cost.has_liq || dec_cmp(liq, cost.liq) != 0) {
				char x[DEC_STR], y[DEC_STR];

				dec_print(liq, x);
				dec_print(cost.liq, y);
				fail_msg("account %d: position %d: liquidation at %s, previewed %s", number, i, x,
				    cost.has_liq ? y : "as unknown");
			}
			levered += s.has_leverage;
			priced += dec_sign(liq) > 0;
		}
	}
	assert_true(levered > ACCOUNTS && priced > ACCOUNTS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_liquidation),
		cmocka_unit_test(test_liquidation_hedged),
		cmocka_unit_test(test_liquidation_multi),
		cmocka_unit_test(test_reduction_never_flips),
		cmocka_unit_test(test_fill_costs_its_fee),
		cmocka_unit_test(test_sums_again),
		cmocka_unit_test(test_preview_is_the_fill),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}

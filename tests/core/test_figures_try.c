/*
 * What a fill, a leverage, a margin would do to an account. Section numbers are those of
 * "Futures margin mathematics"; WORKED: checked by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "figures_rig.h"

static struct fault f;

static struct fill
an_order(const struct contract *c, enum pos_side leg, enum order_side side, const char *qty, const char *price)
{
	return (struct fill){ .c = c, .side = side, .pos_side = leg, .qty = D(qty), .price = D(price),
		.leverage = 20 };
}

static void
fills(const struct fill *fi)
{
	if (account_fill(&a, fi, &f) == -1)
		fail_msg("%s", f.text);
}

static void
refused(int got, int code)
{
	assert_int_equal(got, -1);
	assert_int_equal(f.kind, FAULT_REJECTED);
	assert_int_equal(f.code, code);
	assert_true(f.text[0] != '\0');
}

/* Section 7, WORKED. */
static void
test_average(void **state)
{
	struct contract *c = flat("BTCUSDT", "USDT", "0", "0.004", "0");
	struct fill fi = an_order(c, POS_BOTH, SIDE_BUY, "0.5", "60000");

	wallet("USDT", "10000");
	fills(&fi);
	fi = an_order(c, POS_BOTH, SIDE_BUY, "0.25", "63000");
	fills(&fi);
	figure(true, a.pos[0].amt, "0.75");
	figure(true, a.pos[0].entry, "61000");
	assert_int_equal(a.pos[0].leverage, 20);
	assert_string_equal(a.pos[0].margin_asset, "USDT");
	figure(true, a.wal[0].cross, "10000");
	figure(true, a.pos[0].mark, "0");	/* nobody has told one */
	assert_true(account_mark(&a, "BTCUSDT", 7, D("62000"), 1));
	/* a reduction leaves the entry, and books 0.3 x 3000 (section 5) */
	fi = an_order(c, POS_BOTH, SIDE_SELL, "0.3", "64000");
	fi.fee = D("9.6");
	fills(&fi);
	figure(true, a.pos[0].entry, "61000");
	figure(true, a.pos[0].amt, "0.45");
	figure(true, a.pos[0].upnl, "450");	/* at the mark, which stays */
	figure(true, a.wal[0].balance, "10890.4");
	figure(true, a.wal[0].cross, "10890.4");
	/* through zero: the rest begins anew */
	fi = an_order(c, POS_BOTH, SIDE_SELL, "1", "60000");
	fills(&fi);
	figure(true, a.pos[0].amt, "-0.55");
	figure(true, a.pos[0].entry, "60000");
	figure(true, a.wal[0].balance, "10440.4");
	assert_int_equal(a.npos, 1);

	fresh(state);
	c = flat("BTCUSD_PERP", "BTC", "100", "0.004", "0");
	wallet("BTC", "1");
	fi = an_order(c, POS_BOTH, SIDE_BUY, "50", "60000");
	fills(&fi);
	fi = an_order(c, POS_BOTH, SIDE_BUY, "30", "64000");
	fills(&fi);
	figure(true, a.pos[0].entry, "61440");	/* not 61500 */
	fi = an_order(c, POS_BOTH, SIDE_SELL, "20", "64000");
	fills(&fi);
	figure(true, a.wal[0].balance, "1.00130208");
	figure(true, a.pos[0].amt, "60");
}

/* The isolated wallet: order value x IMR in, pro rata out; profit and fee are the cross wallet's. */
static void
test_isolated(void **state)
{
	struct contract *c = flat("BTCUSDT", "USDT", "0", "0.004", "0");
	struct fill fi = an_order(c, POS_BOTH, SIDE_SELL, "0.5", "60000");

	(void)state;
	wallet("USDT", "10000");
	fi.isolated = true;
	fi.fee = D("15");
	fills(&fi);
	figure(true, a.pos[0].isolated_wallet, "1500");
	figure(true, a.wal[0].balance, "9985");
	figure(true, a.wal[0].cross, "8485");
	fi = an_order(c, POS_BOTH, SIDE_BUY, "0.2", "59000");	/* the row knows that it is isolated */
	fills(&fi);
	figure(true, a.pos[0].isolated_wallet, "900");
	figure(true, a.wal[0].balance, "10185");
	figure(true, a.wal[0].cross, "9285");
	fi.qty = D("0.4");	/* through zero: all of it out, and 0.1 x 59000 / 20 in */
	fills(&fi);
	figure(true, a.pos[0].amt, "0.1");
	figure(true, a.pos[0].isolated_wallet, "295");
	figure(true, a.wal[0].balance, "10485");
	figure(true, a.wal[0].cross, "10190");
	fi = an_order(c, POS_BOTH, SIDE_SELL, "7", "59000");
	fi.reduce = true;
	fills(&fi);
	figure(true, a.pos[0].amt, "0");
	figure(true, a.pos[0].isolated_wallet, "0");
	figure(true, a.pos[0].entry, "0");
	figure(true, a.wal[0].cross, "10485");
}

/* Section 8: what was paid and earned already. */
static void
test_break_even(void **state)
{
	struct contract *c = flat("BTCUSDT", "USDT", "0", "0.004", "0");
	struct fill fi = an_order(c, POS_BOTH, SIDE_BUY, "2", "60000");

	wallet("USDT", "10000");
	fi.fee = D("60");
	fills(&fi);
	figure(true, a.pos[0].break_even, "60030");
	fi = an_order(c, POS_BOTH, SIDE_SELL, "1", "60100");
	fi.fee = D("30");
	fills(&fi);		/* 60 + 30 paid, 100 earned, on 1 that is left */
	figure(true, a.pos[0].break_even, "59990");
	fi = an_order(c, POS_BOTH, SIDE_SELL, "3", "61000");
	fi.fee = D("90");
	fills(&fi);		/* 60 of the fee are the new one's */
	figure(true, a.pos[0].amt, "-2");
	figure(true, a.pos[0].break_even, "60970");
	/* not known before: not known after */
	a.pos[0].break_even = D("0");
	fi = an_order(c, POS_BOTH, SIDE_SELL, "1", "61000");
	fills(&fi);
	figure(true, a.pos[0].break_even, "0");

	fresh(state);
	c = flat("BTCUSD_PERP", "BTC", "100", "0.004", "0");
	wallet("BTC", "1");
	fi = an_order(c, POS_BOTH, SIDE_SELL, "20", "60000");
	fi.fee = D("0.0001");
	fills(&fi);
	begins(true, a.pos[0].break_even, "59820.5384");	/* 1 / (1 / 60000 + 0.0001 / 2000) */
}

/* Hedge mode: each side has its book, and an exit takes no more than there is. */
static void
test_hedge(void **state)
{
	struct contract *c = flat("BTCUSDT", "USDT", "0", "0.004", "0");
	struct fill fi = an_order(c, POS_SHORT, SIDE_SELL, "2", "60000");

	(void)state;
	wallet("USDT", "10000");
	hold("BTCUSDT", POS_LONG, "1", "50000", "60000", NULL)->leverage = 7;
	fills(&fi);
	assert_int_equal(a.npos, 2);
	figure(true, a.pos[1].amt, "-2");
	figure(true, a.pos[1].mark, "60000");	/* of the symbol */
	assert_int_equal(a.pos[1].leverage, 7);
	figure(true, a.pos[0].amt, "1");
	fi = an_order(c, POS_LONG, SIDE_SELL, "3", "60000");
	fills(&fi);
	figure(true, a.pos[0].amt, "0");
	figure(true, a.wal[0].balance, "20000");
	refused(account_fill(&a, &fi, &f), -2022);
	fi.pos_side = POS_BOTH;
	refused(account_fill(&a, &fi, &f), -4061);
}

static void
test_refused(void **state)
{
	struct contract *c = flat("BTCUSDT", "USDT", "0", "0.004", "0");
	struct fill good = an_order(c, POS_BOTH, SIDE_BUY, "1", "60000"), fi;
	const char *big = "99999999999999999999999999999999999999";

	(void)state;
	refused(account_fill(&a, &good, &f), 0);	/* no wallet */
	wallet("USDT", "10000");
	hold("BTCUSDT", POS_BOTH, "1", "60000", "60000", "3000")->leverage = 0;
	fi = good;
	fi.reduce = true;
	refused(account_fill(&a, &fi, &f), -2022);
	fi = good;
	fi.pos_side = POS_LONG;
	refused(account_fill(&a, &fi, &f), -4061);
	fi = good;
	fi.qty = D("0");
	refused(account_fill(&a, &fi, &f), 0);
	fi = good;
	fi.price = D("0");
	refused(account_fill(&a, &fi, &f), 0);
	fi = good;
	fi.fee = D("-1");
	refused(account_fill(&a, &fi, &f), 0);
	fi = good;
	fi.leverage = 0;		/* how much margin goes in is not known */
	refused(account_fill(&a, &fi, &f), 0);
	fi = good;
	fi.qty = D(big);
	refused(account_fill(&a, &fi, &f), 0);
	a.known = false;
	refused(account_fill(&a, &good, &f), 0);
	/* nothing of all this has left a trace */
	figure(true, a.pos[0].amt, "1");
	figure(true, a.pos[0].isolated_wallet, "3000");
	figure(true, a.wal[0].cross, "10000");
	assert_int_equal(a.npos, 1);
}

static void
test_leverage(void **state)
{
	struct contract *c = contract("BTCUSDT", "USDT", "0");

	tier(c, "50000", "0.004", "0", 125);
	tier(c, "600000", "0.005", "50", 50);
	wallet("USDT", "3500");
	hold("BTCUSDT", POS_BOTH, "1", "60000", "60000", NULL);
	refused(account_set_leverage(&a, c, 0, &f), -4028);
	refused(account_set_leverage(&a, c, 126, &f), -4028);
	refused(account_set_leverage(&a, c, 51, &f), -2027);	/* 60000 is in the second tier */
	assert_int_equal(account_set_leverage(&a, c, 50, &f), 0);
	assert_int_equal(a.pos[0].leverage, 50);
	assert_int_equal(account_set_leverage(&a, c, 20, &f), 0);
	refused(account_set_leverage(&a, c, 10, &f), -2028);	/* 3000 more, of 500 */
	assert_int_equal(a.pos[0].leverage, 20);
	/* what waits counts too: 600000 in sum is the end of the tier */
	order("BTCUSDT", POS_BOTH, SIDE_BUY, "11", "54000");
	refused(account_set_leverage(&a, c, 50, &f), -2027);
	/* isolated: not lowered, raised it is */
	fresh(state);
	c = flat("BTCUSDT", "USDT", "0", "0.004", "0");
	wallet("USDT", "100000");
	hold("BTCUSDT", POS_BOTH, "1", "60000", "60000", "3000");
	refused(account_set_leverage(&a, c, 19, &f), -4161);
	assert_int_equal(account_set_leverage(&a, c, 21, &f), 0);
	figure(true, a.pos[0].isolated_wallet, "3000");
	fresh(state);
	c = flat("BTCUSD_PERP", "BTC", "100", "0.004", "0");
	wallet("BTC", "1");
	hold("BTCUSD_PERP", POS_BOTH, "1", "60000", "60000", "0.01");
	refused(account_set_leverage(&a, c, 19, &f), -4150);
}

static void
test_margin(void **state)
{
	struct contract *c = flat("BTCUSDT", "USDT", "0", "0.004", "0");

	(void)state;
	wallet("USDT", "1000");
	refused(account_move_margin(&a, c, POS_BOTH, D("1"), &f), -4054);
	hold("BTCUSDT", POS_BOTH, "1", "60000", "60100", "3500");
	refused(account_move_margin(&a, c, POS_BOTH, D("0"), &f), -4055);
	refused(account_move_margin(&a, c, POS_LONG, D("1"), &f), -4060);
	refused(account_move_margin(&a, c, POS_BOTH, D("1000.01"), &f), -4050);
	assert_int_equal(account_move_margin(&a, c, POS_BOTH, D("1000"), &f), 0);
	figure(true, a.pos[0].isolated_wallet, "4500");
	figure(true, a.wal[0].cross, "0");
	figure(true, a.wal[0].balance, "1000");
	/* out: down to the initial margin at mark, 3005 of 4500 + 100 */
	refused(account_move_margin(&a, c, POS_BOTH, D("-1595.01"), &f), -4051);
	assert_int_equal(account_move_margin(&a, c, POS_BOTH, D("-1595"), &f), 0);
	figure(true, a.pos[0].isolated_wallet, "2905");
	figure(true, a.wal[0].cross, "1595");
	/* and no more than is in it, whatever the profit */
	a.pos[0].mark = D("70000");
	refused(account_move_margin(&a, c, POS_BOTH, D("-2905.01"), &f), -4051);
	assert_int_equal(account_move_margin(&a, c, POS_BOTH, D("-2905"), &f), 0);
	figure(true, a.pos[0].isolated_wallet, "0");
	a.pos[0].isolated = false;
	refused(account_move_margin(&a, c, POS_BOTH, D("1"), &f), -4049);
}

static void
test_margin_type(void **state)
{
	struct contract *c = flat("BTCUSDT", "USDT", "0", "0.004", "0");

	(void)state;
	wallet("USDT", "1000");
	hold("BTCUSDT", POS_BOTH, "1", "60000", "60100", NULL);
	refused(account_set_isolated(&a, c, true, &f), -4048);
	assert_int_equal(account_set_isolated(&a, c, false, &f), 0);	/* it is so already */
	a.pos[0].amt = D("0");
	order("BTCUSDT", POS_BOTH, SIDE_BUY, "1", "50000");
	refused(account_set_isolated(&a, c, true, &f), -4047);
	a.nord = 0;
	a.multi_assets = true;
	refused(account_set_isolated(&a, c, true, &f), -4168);
	a.multi_assets = false;
	assert_int_equal(account_set_isolated(&a, c, true, &f), 0);
	assert_true(a.pos[0].isolated);
}

#define T(f)	cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_average),
		T(test_isolated),
		T(test_break_even),
		T(test_hedge),
		T(test_refused),
		T(test_leverage),
		T(test_margin),
		T(test_margin_type),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}

/*
 * The figures of whole accounts. Examples of "Futures margin mathematics": "12.5 #1" and the
 * like name the example there (where the other sections are tested: test_calc.c). FAQ: Binance's
 * support page, DOC: a sample of its documentation, REAL: a row of a real account, WORKED:
 * checked by a second method.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "figures_rig.h"

/* Section 3. */
static void
test_open_orders(void **state)
{
	const struct wallet_figures *w;
	struct contract *c;
	dec im, open;

	(void)state;
	/* REAL: N = 385.53806434, bids 328.8, asks 329.7; all three as the exchange told them */
	c = flat("BTCUSDT", "USDT", "0", "0.004", "0");
	wallet("USDT", "1000");
	hold("BTCUSDT", POS_BOTH, "1", "300", "385.53806434", NULL);
	order("BTCUSDT", POS_BOTH, SIDE_BUY, "1", "328.8");
	order("BTCUSDT", POS_BOTH, SIDE_SELL, "1", "329.7");
	assert_true(figures_symbol_margin(&im, &open, &a, c, POS_BOTH));
	figure(true, im, "19.27690321");
	figure(true, open, "16.44");
	make(NULL);
	w = figures_wallet(&fg, "USDT");
	figure(w->has_im, w->im, "19.27690321");
	figure(w->has_im, w->open_im, "16.44");
	figure(w->has_maint, w->maint, "1.54215225");
	/* 1000 + 85.53806434 - 35.71690321 */
	figure(w->has_available, w->available, "1049.82116113");
	/* an order on the other side is free up to twice what is held; half of it filled counts half */
	a.nord = 0;
	order("BTCUSDT", POS_BOTH, SIDE_SELL, "2", "385.53806434");
	assert_true(figures_symbol_margin(&im, &open, &a, c, POS_BOTH));
	figure(true, open, "0");
	a.ord[0].qty = D("3");
	a.ord[0].filled = D("1.5");
	assert_true(figures_symbol_margin(&im, &open, &a, c, POS_BOTH));
	figure(true, open, "0");
	a.ord[0].filled = D("0");
	assert_true(figures_symbol_margin(&im, &open, &a, c, POS_BOTH));
	figure(true, open, "19.27690322");	/* (3 - 1 - 1) x 385.53806434 / 20, and each margin cut off */
}

/* What binds no margin: exits, and conditional orders that wait. */
static void
test_free_orders(void **state)
{
	struct contract *c = flat("BTCUSDT", "USDT", "0", "0.004", "0");
	dec im, open;

	(void)state;
	wallet("USDT", "1000");
	hold("BTCUSDT", POS_BOTH, "1", "400", "400", NULL);
	order("BTCUSDT", POS_BOTH, SIDE_BUY, "1", "400")->algo = true;
	order("BTCUSDT", POS_BOTH, SIDE_BUY, "1", "400")->reduce = true;
	memcpy(order("BTCUSDT", POS_BOTH, SIDE_BUY, "1", "400")->type, "STOP", 5);
	memcpy(order("BTCUSDT", POS_BOTH, SIDE_BUY, "1", "400")->type, "TAKE_PROFIT_MARKET", 19);
	order("ETHUSDT", POS_BOTH, SIDE_BUY, "1", "400")->algo = true;	/* of a contract not known */
	assert_true(figures_symbol_margin(&im, &open, &a, c, POS_BOTH));
	figure(true, open, "0");
	make(NULL);
	figure(fg.wal[0].has_im, fg.wal[0].open_im, "0");
	/* a market order is worth its quantity at mark */
	order("BTCUSDT", POS_BOTH, SIDE_BUY, "0.5", "0");
	assert_true(figures_symbol_margin(&im, &open, &a, c, POS_BOTH));
	figure(true, open, "10");
	/* of a contract not known: what it binds cannot be told */
	a.ord[4].algo = false;
	make(NULL);
	assert_false(fg.wal[0].has_im || fg.wal[0].has_available);
	assert_true(fg.wal[0].has_sums && fg.wal[0].has_ratio);
}

/* Each side by itself in hedge mode; and orders where nothing is held. */
static void
test_open_orders_hedge(void **state)
{
	struct contract *c = flat("BTCUSDT", "USDT", "0", "0.004", "0");
	dec im, open;

	(void)state;
	wallet("USDT", "1000");
	hold("BTCUSDT", POS_LONG, "1", "400", "400", NULL);
	hold("BTCUSDT", POS_SHORT, "0", "0", "400", NULL);
	order("BTCUSDT", POS_LONG, SIDE_BUY, "1", "300");
	order("BTCUSDT", POS_SHORT, SIDE_SELL, "1", "500");
	order("BTCUSDT", POS_LONG, SIDE_SELL, "5", "500")->reduce = true;
	assert_true(figures_symbol_margin(&im, &open, &a, c, POS_LONG));
	figure(true, im, "20");
	figure(true, open, "15");
	assert_true(figures_symbol_margin(&im, &open, &a, c, POS_SHORT));
	figure(true, im, "0");
	figure(true, open, "25");
	make(NULL);
	figure(fg.wal[0].has_im, fg.wal[0].open_im, "40");
	/* without a leverage nothing of it is known; where nothing is, nothing is needed */
	a.pos[0].leverage = a.pos[1].leverage = 0;
	assert_false(figures_symbol_margin(&im, &open, &a, c, POS_SHORT));
	assert_true(figures_symbol_margin(&im, &open, &a, c, POS_BOTH));
	figure(true, open, "0");
	a.known = false;
	assert_false(figures_symbol_margin(&im, &open, &a, c, POS_BOTH));
}

/* FAQ of section 3 and 4: 100 contracts at 25000. */
static void
test_inverse(void **state)
{
	const struct position_figures *p;
	struct contract *c;
	dec im, open;

	(void)state;
	c = flat("BTCUSD_PERP", "BTC", "100", "0.004", "0");
	wallet("BTC", "1");
	hold("BTCUSD_PERP", POS_BOTH, "100", "25000", "25000", NULL);
	make(NULL);
	p = of("BTCUSD_PERP", POS_BOTH);
	figure(p->has_notional, p->notional, "0.4");
	figure(p->has_value, p->value, "10000");
	figure(p->has_im, p->im, "0.02");
	figure(p->has_maint, p->maint, "0.0016");
	assert_int_equal(p->tier, 1);
	figure(p->has_leverage, p->leverage, "0.4");
	/* a buy of as many at 20000 needs 0.5 more: 0.025 */
	order("BTCUSD_PERP", POS_BOTH, SIDE_BUY, "100", "20000");
	assert_true(figures_symbol_margin(&im, &open, &a, c, POS_BOTH));
	figure(true, open, "0.025");
}

/* Section 12.5 #1. */
static void
test_cross_two_contracts(void **state)
{
	const struct position_figures *p;
	dec liq;

	(void)state;
	flat("BTCUSDT", "USDT", "0", "0.025", "16300");
	flat("ETHUSDT", "USDT", "0", "0.1", "135365");
	wallet("USDT", "1535443.01");
	hold("ETHUSDT", POS_BOTH, "3683.979", "1456.84", "1335.18", NULL);
	hold("BTCUSDT", POS_BOTH, "109.488", "32481.98", "31967.27", NULL);
	make(NULL);
	p = of("BTCUSDT", POS_BOTH);
	begins(p->has_liq, p->liq, "26316.89");
	begins(of("ETHUSDT", POS_BOTH)->has_maint, of("ETHUSDT", POS_BOTH)->maint, "356512.508");
	begins(true, of("ETHUSDT", POS_BOTH)->upnl, "-448192.89");
	/* its own mark does not matter; that of the other one does */
	assert_true(liquidation(&liq, NULL, &a.pos[1]));
	begins(true, liq, "26316.89");
	a.pos[1].mark = D("0");
	assert_true(liquidation(&liq, NULL, &a.pos[1]));
	begins(true, liq, "26316.89");
	assert_false(liquidation(&liq, NULL, &a.pos[0]));
	make(NULL);
	begins(of("BTCUSDT", POS_BOTH)->has_liq, of("BTCUSDT", POS_BOTH)->liq, "26316.89");
	assert_false(of("ETHUSDT", POS_BOTH)->has_liq || fg.wal[0].has_sums);
}

/* 12.5 #2, its bankruptcy price, and section 18: isolated, one-way. */
static void
test_isolated(void **state)
{
	const struct position_figures *p;

	(void)state;
	flat("BTCUSDT", "USDT", "0", "0.004", "0");
	wallet("USDT", "100");
	hold("BTCUSDT", POS_BOTH, "0.003", "10359.38", "10348.27548846", "3.19230721")->leverage = 10;
	make(NULL);
	p = of("BTCUSDT", POS_BOTH);
	begins(p->has_liq, p->liq, "9332.61");
	begins(p->has_bankruptcy, p->bankruptcy, "9295.2776");
	figure(p->has_upnl, p->upnl, "-0.03331353");
	begins(p->has_notional, p->notional, "31.0448");
	begins(p->has_leverage, p->leverage, "9.83");
	figure(p->has_away, p->away, "9.81");		/* 1015.6674... of 10348.275... */
	begins(p->has_away, p->away_price, "1015.6675");
	/* MM 0.12417930 of 3.15899368, rounded up */
	figure(p->has_ratio, p->ratio, "0.03930977");
	/* the cross wallet has no part in it */
	figure(fg.wal[0].has_ratio, fg.wal[0].ratio, "0");
	figure(fg.wal[0].has_sums, fg.wal[0].equity, "103.15899368");
	figure(fg.wal[0].has_available, fg.wal[0].available, "100");
}

/* 12.5 #3 and #4, DOC: both sides of a hedge, each with its own wallet. */
static void
test_isolated_hedge(void **state)
{
	const struct position_figures *l, *s;

	(void)state;
	flat("BTCUSDT", "USDT", "0", "0.005", "50");
	wallet("USDT", "100");
	hold("BTCUSDT", POS_LONG, "20", "6563.665", "6679.50671178", "13200.70726908");
	hold("BTCUSDT", POS_SHORT, "-10", "6563.86", "6679.50671178", "6570.42511771");
	make(NULL);
	l = of("BTCUSDT", POS_LONG);
	s = of("BTCUSDT", POS_SHORT);
	begins(l->has_liq, l->liq, "5930.78");
	begins(s->has_liq, s->liq, "7189.95");
	figure(l->has_notional, l->notional, "133590.1342356");
	figure(l->has_upnl, l->upnl, "2316.8342356");
	figure(s->has_upnl, s->upnl, "-1156.4671178");
	figure(l->has_roe, l->roe, "0.3468");		/* DOC: 34.686 % */
	/* sums: isolatedMargin 15517.54150468 and 5413.95799991, as the exchange told them */
	figure(fg.wal[0].has_sums, fg.wal[0].equity, "21031.49950459");
	figure(fg.wal[0].has_sums, fg.wal[0].net, "66795.0671178");
	figure(fg.wal[0].has_sums, fg.wal[0].notional, "200385.2013534");
	figure(fg.wal[0].has_sums, fg.wal[0].cross_upnl, "0");
}

/* 12.5 #5: both legs in the cross wallet; MM 300 and a loss of 200 of another contract. */
static void
test_cross_hedge(void **state)
{
	struct contract *c;
	const struct position_figures *l, *s;

	(void)state;
	c = contract("BTCUSDT", "USDT", "0");
	tier(c, "50000", "0.004", "0", 125);
	tier(c, "600000", "0.005", "50", 100);
	flat("ETHUSDT", "USDT", "0", "0.1", "0");
	wallet("USDT", "5000");
	hold("ETHUSDT", POS_LONG, "1", "3200", "3000", NULL);
	hold("BTCUSDT", POS_LONG, "2", "60000", "60000", NULL);
	hold("BTCUSDT", POS_SHORT, "-0.5", "62000", "60000", NULL);
	make(NULL);
	l = of("BTCUSDT", POS_LONG);
	s = of("BTCUSDT", POS_SHORT);
	begins(l->has_liq, l->liq, "56754.0323");
	begins(s->has_liq, s->liq, "56754.0323");	/* one price for both */
	assert_int_equal(l->tier, 2);
	assert_int_equal(s->tier, 1);
	figure(l->has_maint, l->maint, "550");		/* each of its own notional */
	figure(s->has_maint, s->maint, "120");
	/* 970 of 5000 - 200 + 1000 */
	figure(fg.wal[0].has_ratio, fg.wal[0].ratio, "0.16724138");
	figure(s->has_away, s->away, "5.40");
}

/* 12.5 #9, and what has no price (12.4). */
static void
test_hedged_and_none(void **state)
{
	const struct position_figures *p;

	flat("BTCUSDT", "USDT", "0", "0.005", "50");
	wallet("USDT", "500");
	hold("BTCUSDT", POS_LONG, "1", "60000", "60500", NULL);
	hold("BTCUSDT", POS_SHORT, "-1", "61000", "60500", NULL);
	make(NULL);
	p = of("BTCUSDT", POS_LONG);
	figure(p->has_liq, p->liq, "160000");
	figure(p->has_away, p->away, "164.46");

	fresh(state);				/* a long that its wallet pays for whole */
	flat("BTCUSDT", "USDT", "0", "0.004", "0");
	wallet("USDT", "60000");
	hold("BTCUSDT", POS_BOTH, "1", "60000", "60000", NULL);
	make(NULL);
	p = of("BTCUSDT", POS_BOTH);
	figure(p->has_liq, p->liq, "0");
	assert_false(p->has_away);

	fresh(state);				/* a wallet that holds at no price is there already */
	flat("BTCUSDT", "USDT", "0", "0.005", "50");
	wallet("USDT", "-5000");
	hold("BTCUSDT", POS_LONG, "1", "60000", "60000", NULL);
	hold("BTCUSDT", POS_SHORT, "-1", "60000", "60000", NULL);
	make(NULL);
	p = of("BTCUSDT", POS_LONG);
	figure(p->has_liq, p->liq, "0");
	figure(p->has_away, p->away, "0");
	assert_false(p->has_ratio);		/* no equity: without bound */

	fresh(state);				/* beyond its price */
	flat("BTCUSDT", "USDT", "0", "0.004", "0");
	wallet("USDT", "0");
	hold("BTCUSDT", POS_BOTH, "-1", "60000", "70000", "3000");
	make(NULL);
	p = of("BTCUSDT", POS_BOTH);
	begins(p->has_liq, p->liq, "62749.0040");
	figure(p->has_away, p->away, "0");
	figure(p->has_away, p->away_price, "0");
}

/* 12.5 #6, #7, #8: inverse. */
static void
test_inverse_liquidation(void **state)
{
	const struct position_figures *p;

	flat("BTCUSD_PERP", "BTC", "100", "0.004", "0");
	wallet("BTC", "1");
	hold("BTCUSD_PERP", POS_BOTH, "2", "37643.10000021", "38103.05510455", "0.00268058");
	make(NULL);
	p = of("BTCUSD_PERP", POS_BOTH);
	figure(p->has_liq, p->liq, "25119.9744576");	/* REAL, all decimals */
	figure(p->has_upnl, p->upnl, "0.00006413");
	figure(p->has_notional, p->notional, "0.00524892");
	begins(p->has_bankruptcy, p->bankruptcy, "25019.8949");
	figure(fg.wal[0].has_sums, fg.wal[0].equity, "1.00274471");	/* and isolatedMargin */

	fresh(state);				/* #7: another contract of the coin shares the wallet */
	flat("BTCUSD_PERP", "BTC", "100", "0.004", "0");
	flat("BTCUSD_261225", "BTC", "100", "0.4", "0");
	wallet("BTC", "0.02");
	hold("BTCUSD_261225", POS_LONG, "1.25", "62500", "50000", NULL);
	hold("BTCUSD_PERP", POS_LONG, "200", "60000", "60000", NULL);
	hold("BTCUSD_PERP", POS_SHORT, "-50", "62000", "60000", NULL);
	make(NULL);
	p = of("BTCUSD_261225", POS_LONG);
	figure(p->has_maint, p->maint, "0.001");
	figure(p->has_upnl, p->upnl, "-0.0005");
	begins(of("BTCUSD_PERP", POS_LONG)->has_liq, of("BTCUSD_PERP", POS_LONG)->liq, "55680.8945");
	begins(of("BTCUSD_PERP", POS_SHORT)->has_liq, of("BTCUSD_PERP", POS_SHORT)->liq, "55680.8945");

	fresh(state);				/* #8 */
	flat("ETHUSD_PERP", "ETH", "10", "0.004", "0");
	wallet("ETH", "0");
	hold("ETHUSD_PERP", POS_BOTH, "-100", "60000", "60000", "0.005");
	make(NULL);
	p = of("ETHUSD_PERP", POS_BOTH);
	begins(p->has_liq, p->liq, "85371.4286");
	a.pos[0].isolated_wallet = D("0.01666667");	/* covered in coins: never */
	make(NULL);
	p = of("ETHUSD_PERP", POS_BOTH);
	figure(p->has_liq, p->liq, "0");
	assert_false(p->has_away);
	figure(p->has_bankruptcy, p->bankruptcy, "0");
}

/* 12.3: the tier of the price found, not of the price now. */
static void
test_tier_of_the_price(void **state)
{
	struct contract *c = contract("ETHUSDT", "USDT", "0");
	const struct position_figures *p;

	(void)state;
	tier(c, "50000", "0.004", "0", 125);
	tier(c, "600000", "0.005", "50", 100);
	tier(c, "3000000", "0.0065", "950", 75);
	tier(c, "12000000", "0.01", "11450", 50);
	tier(c, "50000000", "0.02", "131450", 25);
	wallet("USDT", "0");
	hold("ETHUSDT", POS_BOTH, "1000", "3500", "2900", "150000");
	make(NULL);
	p = of("ETHUSDT", POS_BOTH);
	assert_int_equal(p->tier, 3);
	begins(p->has_liq, p->liq, "3372.2727");
	figure(p->has_away, p->away, "0");
}

/* Section 15.1: identities of a wallet with both kinds of position. */
static void
test_wallet(void **state)
{
	const struct wallet_figures *w;
	struct wallet_figures alone;

	(void)state;
	flat("BTCUSDT", "USDT", "0", "0.004", "0");
	flat("ETHUSDT", "USDT", "0", "0.005", "0");
	flat("XRPUSDC", "USDC", "0", "0.01", "0");
	wallet("USDT", "1000");
	wallet("USDC", "50");
	hold("BTCUSDT", POS_BOTH, "0.1", "60000", "61000", NULL);
	hold("ETHUSDT", POS_BOTH, "-2", "3000", "3100", "500");
	hold("XRPUSDC", POS_BOTH, "10", "1", "2", NULL);
	make(NULL);
	w = figures_wallet(&fg, "USDT");
	figure(w->has_sums, w->notional, "12300");	/* 6100 + 6200 */
	figure(w->has_sums, w->net, "-100");
	figure(w->has_sums, w->upnl, "-100");		/* 100 - 200 */
	figure(w->has_sums, w->cross_upnl, "100");
	figure(w->has_sums, w->equity, "1400");		/* 1000 + 500 - 100 */
	figure(w->has_maint, w->maint, "55.4");
	figure(w->has_maint, w->cross_maint, "24.4");
	figure(w->has_im, w->im, "615");
	figure(w->has_available, w->available, "795");	/* 1000 + 100 - 305 */
	figure(w->has_leverage, w->leverage, "8.7858");	/* 12300 / 1400, up */
	figure(w->has_ratio, w->ratio, "0.02218182");	/* 24.4 / 1100, up */
	figure(true, figures_wallet(&fg, "USDC")->notional, "20");
	assert_null(figures_wallet(&fg, "BTC"));
	/* the part of it says the same, without orders */
	assert_true(figures_sums(&alone, &a, &cs, &a.wal[0]));
	figure(alone.has_sums, alone.equity, "1400");
	figure(alone.has_ratio, alone.ratio, "0.02218182");
	figure(alone.has_im, alone.im, "615");
	assert_false(alone.has_available);
	/* not less than nothing */
	a.wal[0].cross = D("100");
	make(NULL);
	figure(true, figures_wallet(&fg, "USDT")->available, "0");
}

/* Missing is not zero. */
static void
test_unknown(void **state)
{
	struct wallet_figures w;
	struct contract *c;
	dec liq;

	(void)state;
	c = flat("BTCUSDT", "USDT", "0", "0.004", "0");
	wallet("USDT", "1000");
	hold("BTCUSDT", POS_BOTH, "0.1", "60000", "61000", NULL);
	make(NULL);
	assert_true(fg.pos[0].has_liq && fg.pos[0].has_maint && fg.wal[0].has_maint);
	c->tiers.n = 0;
	make(NULL);
	assert_false(fg.pos[0].has_liq || fg.pos[0].has_maint || fg.wal[0].has_maint ||
	    fg.wal[0].has_ratio || fg.pos[0].has_ratio || fg.pos[0].has_away);
	assert_true(fg.wal[0].has_leverage && fg.pos[0].has_leverage && fg.wal[0].has_available);
	a.pos[0].leverage = 0;
	make(NULL);
	assert_false(fg.pos[0].has_im || fg.pos[0].has_roe || fg.wal[0].has_im || fg.wal[0].has_available);
	a.pos[0].mark = D("0");
	assert_false(figures_sums(&w, &a, &cs, &a.wal[0]));
	make(NULL);
	assert_false(fg.pos[0].has_notional || fg.pos[0].has_value || fg.pos[0].has_upnl ||
	    fg.wal[0].has_sums || fg.pos[0].has_leverage);
	/* a position that may be of this wallet or not; positions that were not read */
	a.pos[0].mark = D("61000");
	hold("FOOBAR", POS_BOTH, "1", "1", "1", NULL);
	assert_false(figures_sums(&w, &a, &cs, &a.wal[0]));
	a.npos = 1;
	assert_true(figures_sums(&w, &a, &cs, &a.wal[0]));
	a.known = false;
	assert_false(figures_sums(&w, &a, &cs, &a.wal[0]));
	a.known = true;
	/* no contracts at all: what follows from the row still does */
	make(NULL);
	figures_free(&fg);
	assert_int_equal(figures_make(&fg, &a, NULL, NULL, NULL), 0);
	assert_null(fg.pos[0].c);
	figure(fg.pos[0].has_upnl, fg.pos[0].upnl, "100");
	/* an inverse contract of a size not told */
	hold("ETHUSD_PERP", POS_BOTH, "5", "2000", "2100", NULL);
	wallet("ETH", "1");
	assert_false(figures_sums(&w, &a, &cs, &a.wal[1]));
	assert_true(figures_sums(&w, &a, &cs, &a.wal[0]));
	assert_false(liquidation(&liq, NULL, &a.pos[1]));
	/* flat: nothing to be liquidated */
	a.pos[1].amt = D("0");
	assert_true(liquidation(&liq, NULL, &a.pos[1]));
	figure(true, liq, "0");
}

/* Section 16.3, FAQ, as an account; and 16.4. */
static void
test_multi(void **state)
{
	struct asset_rate r[] = {
		{ "USDT", D("0.99"), D("0.01"), D("0.005") }, { "USDC", D("1"), D("0"), D("0") }
	};
	struct asset_rates rates = { r, 2 };
	const struct position_figures *p;
	dec liq;

	(void)state;
	flat("BTCUSDT", "USDT", "0", "0.008", "0");
	flat("ETHUSDC", "USDC", "0", "0.01", "0");
	wallet("USDT", "200");
	wallet("USDC", "220");
	wallet("LDUSDT", "0");			/* nothing in it: needs no rate */
	hold("BTCUSDT", POS_BOTH, "0.5", "20000", "20000", NULL)->leverage = 100;
	hold("ETHUSDC", POS_BOTH, "20", "600", "600", NULL)->leverage = 50;
	a.multi_assets = true;
	make(&rates);
	assert_true(fg.multi && fg.has_multi);
	figure(true, fg.sum.equity, "416.02");
	figure(true, fg.sum.im, "339.495");
	figure(true, fg.sum.available, "76.525");
	figure(true, fg.sum.maint, "199.596");
	begins(fg.has_multi_ratio, fg.multi_ratio, "0.4798");
	figure(true, fg.multi_notional, "21900");
	figure(fg.has_multi_leverage, fg.multi_leverage, "52.6417");
	/* one wallet is not the margin */
	assert_false(fg.wal[0].has_leverage || fg.wal[0].has_ratio || fg.wal[0].has_available);
	assert_true(fg.wal[0].has_sums && fg.wal[0].has_maint);
	/* WORKED: there USDT is owed, and counts at its ask rate:
	 * (200 + 220 / 0.99495 - 120 / 0.99495 - 10000) / (0.5 x 0.008 - 0.5) */
	p = of("BTCUSDT", POS_BOTH);
	begins(p->has_liq, p->liq, "19555.4283");
	figure(p->has_ratio, p->ratio, "0.47977502");
	/* (416.02 - 80 x 0.99495 - 12000) / (20 x 0.01 - 20) */
	begins(of("ETHUSDC", POS_BOTH)->has_liq, of("ETHUSDC", POS_BOTH)->liq, "589.0695");
	assert_true(liquidation(&liq, &rates, &a.pos[0]));
	begins(true, liq, "19555.4283");
	/* a rate that is missing where it is needed */
	rates.n = 1;
	make(&rates);
	assert_false(fg.has_multi || fg.has_multi_ratio || of("BTCUSDT", POS_BOTH)->has_liq);
	assert_false(liquidation(&liq, NULL, &a.pos[0]));
}

#define T(f)	cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_open_orders),
		T(test_free_orders),
		T(test_open_orders_hedge),
		T(test_inverse),
		T(test_cross_two_contracts),
		T(test_isolated),
		T(test_isolated_hedge),
		T(test_cross_hedge),
		T(test_hedged_and_none),
		T(test_inverse_liquidation),
		T(test_tier_of_the_price),
		T(test_wallet),
		T(test_unknown),
		T(test_multi),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}

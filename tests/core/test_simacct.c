/* The account half of the simulated exchange: margins, PnL, fees, modes, what is
 * kept. Known answers are those of the margin mathematics sheet (its section in
 * the comment), which are the venue's or were checked by a second method. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/specs.h"
#include "../../cmd/bf-sim/state.h"
#include "rig.h"

#define START	INT64_C(1760000000000)	/* Thu 9 Oct 2025 */

static dec
cut(dec d, int scale)
{
	assert_true(dec_rescale(&d, d, scale, DEC_DOWN));
	return d;
}

/* All built-in contracts, without PERCENT_PRICE and without market makers. */
static void
rig_open(struct rig *r)
{
	struct engine_config c = engine_config_default();
	struct specs built = { 0 };
	int i;

	memset(r, 0, sizeof *r);
	c.start_ms = r->now = START;
	assert_int_equal(specs_builtin(&built, START, &r->f), 0);
	for (i = 0; i < built.n; i++) {
		built.v[i].maker.levels = 0;
		built.v[i].rules.mult_up = built.v[i].rules.mult_down = dec_int(0);
	}
	c.contracts = built.v;
	c.ncontracts = built.n;
	if ((r->e = engine_new(&c, &r->f)) == NULL)
		fail_msg("%s", r->f.text);
	specs_free(&built);
}

/* The delivery contract of BTCUSD. */
static int
quarterly(struct rig *r)
{
	for (int i = 0; i < engine_symbols(r->e); i++)
		if (strncmp(engine_rules(r->e, i)->symbol, "BTCUSD_2", 8) == 0)
			return i;
	fail_msg("no delivery contract");
	return -1;
}

static void
mark(struct rig *r, int s, const char *price)
{
	ok(r, engine_mark(r->e, s, D(price), ++r->now, &r->f));
}

/* An account with what it has: USDT, then coins of either market. */
static int
account(struct rig *r, const char *usdt)
{
	int a = engine_account_new(r->e, D(usdt), &r->f);

	assert_true(a >= 0);
	return a;
}

static void
deposit(struct rig *r, int a, enum product m, const char *asset, const char *amt)
{
	ok(r, engine_deposit(r->e, a, engine_asset(r->e, m, asset), D(amt), ++r->now, &r->f));
}

static void
seed(struct rig *r, int a, int s, const char *amt, const char *entry)
{
	ok(r, engine_seed_position(r->e, a, s, D(amt), D(entry), ++r->now, &r->f));
}

/* Place a limit order; 0 or the code of the refusal. */
static int
place_leg(struct rig *r, int a, int s, enum pos_mode leg, enum order_side side, const char *qty,
    const char *price)
{
	struct engine_request q = { .side = side, .pos_mode = leg, .type = ORDER_LIMIT,
		.stp = STP_EXPIRE_MAKER, .qty = D(qty), .price = D(price) };
	int got;

	memset(&r->f, 0, sizeof r->f);
	got = engine_place(r->e, a, s, &q, ++r->now, NULL, &r->f);
	rig_check(r);
	return got == 0 ? 0 : r->f.code;
}

static int
place(struct rig *r, int a, int s, enum order_side side, const char *qty, const char *price)
{
	return place_leg(r, a, s, MODE_BOTH, side, qty, price);
}

/* maker sells or buys qty at price to taker. */
static void
trade(struct rig *r, int maker, int taker, int s, enum order_side taken, const char *qty,
    const char *price)
{
	assert_int_equal(place(r, maker, s, side_other(taken), qty, price), 0);
	assert_int_equal(place(r, taker, s, taken, qty, price), 0);
}

static struct engine_position
pos_of(struct rig *r, int a, int s, enum pos_mode leg)
{
	struct engine_position p;

	assert_true(engine_position(r->e, a, s, leg, &p));
	return p;
}

static struct engine_position
pos(struct rig *r, int a, int s)
{
	return pos_of(r, a, s, MODE_BOTH);
}

static struct engine_balance
balance(struct rig *r, int a, enum product m, const char *asset)
{
	struct engine_balance b;

	assert_true(engine_balance(r->e, a, engine_asset(r->e, m, asset), &b));
	return b;
}

/*
 * Margin
 */

static void
test_orders_of_opposite_sides_share_their_margin(void **state)	/* 3, real row */
{
	struct engine_position p;
	struct rig r;
	int s, a;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSDT");
	a = account(&r, "1000");
	mark(&r, s, "38553.806434");
	seed(&r, a, s, "0.01", "38553.8");
	assert_int_equal(place(&r, a, s, SIDE_BUY, "0.01", "32880"), 0);
	assert_int_equal(place(&r, a, s, SIDE_SELL, "0.01", "32970"), 0);
	p = pos(&r, a, s);
	assert_dec(p.notional, "385.53806434");
	assert_dec(p.bid, "328.8");
	assert_dec(p.ask, "329.7");
	assert_dec(p.pos_im, "19.27690321");
	assert_dec(p.im, "35.71690321");
	assert_dec(p.order_im, "16.44");
	assert_dec(p.maint, "1.54215225");	/* 4 */
	assert_int_equal(p.open_orders, 2);
	rig_close(&r);
}

static void
test_hedge_legs_ask_for_their_own_margin(void **state)
{
	struct engine_balance b;
	struct rig r;
	int s, a;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSDT");
	a = account(&r, "10000");
	mark(&r, s, "60000");
	ok(&r, engine_set_hedge(r.e, a, true, ++r.now, &r.f));
	seed(&r, a, s, "0.2", "60000");
	seed(&r, a, s, "-0.1", "60000");
	assert_dec(pos_of(&r, a, s, MODE_LONG).pos_im, "600");
	assert_dec(pos_of(&r, a, s, MODE_SHORT).pos_im, "300");
	/* An order of one leg does not lean on the position of the other. */
	assert_int_equal(place_leg(&r, a, s, MODE_SHORT, SIDE_SELL, "0.1", "61000"), 0);
	assert_dec(pos_of(&r, a, s, MODE_SHORT).order_im, "305");
	assert_dec(pos_of(&r, a, s, MODE_LONG).order_im, "0");
	b = balance(&r, a, USDM, "USDT");
	assert_dec(b.pos_im, "900");
	assert_dec(b.order_im, "305");
	assert_dec(b.maint, "72");	/* 12000 and 6000 at 0.4 %, not netted */
	rig_close(&r);
}

static void
test_inverse_margin_and_pnl(void **state)	/* 2, 3, 4, 5 */
{
	struct engine_position p;
	struct rig r;
	int s, a;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSD_PERP");
	a = account(&r, "0");
	deposit(&r, a, COINM, "BTC", "1");
	mark(&r, s, "25000");
	seed(&r, a, s, "100", "25000");
	p = pos(&r, a, s);
	assert_dec(p.notional, "0.4");
	assert_dec(p.im, "0.02");
	assert_dec(p.maint, "0.0016");
	a = account(&r, "0");
	mark(&r, s, "11788.66626667");
	seed(&r, a, s, "1", "11707.70000003");
	assert_dec(pos(&r, a, s).upnl, "0.00005866");
	mark(&r, s, "38103.05510455");
	a = account(&r, "0");
	seed(&r, a, s, "2", "37643.10000021");
	assert_dec(pos(&r, a, s).notional, "0.00524892");
	assert_dec(pos(&r, a, s).upnl, "0.00006413");
	rig_close(&r);
}

static void
test_entries_are_averaged_and_closes_booked(void **state)	/* 5, 7 */
{
	struct rig r;
	int s, a, b;

	(void)state;
	rig_open(&r);
	a = account(&r, "100000");
	b = account(&r, "100000");
	s = sym(&r, "BTCUSDT");
	mark(&r, s, "61000");
	trade(&r, a, b, s, SIDE_BUY, "0.5", "60000");
	trade(&r, a, b, s, SIDE_BUY, "0.25", "63000");
	assert_dec(pos(&r, b, s).entry, "61000");
	assert_dec(engine_open_interest(r.e, s), "0.75");
	trade(&r, a, b, s, SIDE_SELL, "0.3", "64000");
	assert_dec(pos(&r, b, s).entry, "61000");
	assert_dec(engine_trade_at(r.e, b, 2)->pnl, "900");
	assert_dec(engine_open_interest(r.e, s), "0.45");
	s = sym(&r, "BTCUSD_PERP");
	deposit(&r, a, COINM, "BTC", "1");
	deposit(&r, b, COINM, "BTC", "1");
	mark(&r, s, "61000");
	trade(&r, a, b, s, SIDE_BUY, "50", "60000");
	trade(&r, a, b, s, SIDE_BUY, "30", "64000");
	assert_dec(pos(&r, b, s).entry, "61440");
	trade(&r, a, b, s, SIDE_SELL, "20", "64000");
	assert_dec(engine_trade_at(r.e, b, 5)->pnl, "0.00130208");
	assert_dec(engine_open_interest(r.e, s), "60");
	/* One-way positions turn: the old part is closed, the rest begins anew. */
	trade(&r, a, b, s, SIDE_SELL, "100", "62000");
	assert_dec(pos(&r, b, s).amt, "-40");
	assert_dec(pos(&r, b, s).entry, "62000");
	rig_close(&r);
}

static void
test_break_even_counts_what_was_paid(void **state)	/* 8, real rows */
{
	struct rig r;
	int s, a, b;

	(void)state;
	rig_open(&r);
	a = account(&r, "100000");
	b = account(&r, "100000");
	deposit(&r, a, USDM, "BNB", "10");
	deposit(&r, b, USDM, "BNB", "10");
	ok(&r, engine_set_index(r.e, engine_asset(r.e, USDM, "BNB"), D("600"), ++r.now, &r.f));
	engine_set_burn(r.e, a, true);
	engine_set_burn(r.e, b, true);
	s = sym(&r, "DOGEUSDT");
	mark(&r, s, "2.34");
	trade(&r, a, b, s, SIDE_BUY, "100", "2.34");
	assert_dec(pos(&r, a, s).break_even, "2.3395788");
	trade(&r, b, a, s, SIDE_BUY, "100", "2.34");	/* flat again */
	assert_dec(pos(&r, a, s).break_even, "0");
	trade(&r, a, b, s, SIDE_BUY, "100", "2.3483");
	assert_dec(pos(&r, b, s).break_even, "2.349356735");
	s = sym(&r, "BTCUSD_PERP");
	deposit(&r, a, COINM, "BTC", "1");
	deposit(&r, b, COINM, "BTC", "1");
	mark(&r, s, "60000");
	trade(&r, a, b, s, SIDE_BUY, "7", "60000");	/* EP x (1 + rate), exactly */
	assert_dec(cut(pos(&r, b, s).break_even, 6), "60030");
	assert_dec(cut(pos(&r, a, s).break_even, 6), "59994");
	rig_close(&r);
}

/*
 * Liquidation price: 12.5
 */

static void
test_liquidation_price_of_a_linear_hedge(void **state)	/* #5 */
{
	struct rig r;
	int s, eth, a;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSDT");
	eth = sym(&r, "ETHUSDT");
	a = account(&r, "5000");
	mark(&r, s, "60000");
	mark(&r, eth, "3500");
	ok(&r, engine_set_hedge(r.e, a, true, ++r.now, &r.f));
	seed(&r, a, eth, "20", "3510");		/* MM 300, PnL -200 */
	seed(&r, a, s, "2", "60000");
	seed(&r, a, s, "-0.5", "62000");
	assert_dec(pos_of(&r, a, eth, MODE_LONG).maint, "300");
	assert_dec(pos_of(&r, a, eth, MODE_LONG).upnl, "-200");
	assert_dec(cut(pos_of(&r, a, s, MODE_LONG).liq, 4), "56754.0322");
	assert_dec(cut(pos_of(&r, a, s, MODE_SHORT).liq, 4), "56754.0322");
	assert_dec(pos_of(&r, a, s, MODE_BOTH).liq, "0");
	rig_close(&r);
}

static void
test_liquidation_price_of_an_inverse_hedge(void **state)	/* #7 */
{
	struct rig r;
	int s, q, a;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSD_PERP");
	q = quarterly(&r);
	a = account(&r, "0");
	deposit(&r, a, COINM, "BTC", "0.02");
	mark(&r, s, "60000");
	mark(&r, q, "60000");
	ok(&r, engine_set_hedge(r.e, a, true, ++r.now, &r.f));
	seed(&r, a, q, "150", "60120.2406");	/* MM 0.001, PnL -0.0005 */
	seed(&r, a, s, "200", "60000");
	seed(&r, a, s, "-50", "62000");
	assert_dec(pos_of(&r, a, q, MODE_LONG).maint, "0.001");
	assert_dec(pos_of(&r, a, q, MODE_LONG).upnl, "-0.0005");
	assert_dec(cut(pos_of(&r, a, s, MODE_LONG).liq, 3), "55680.894");
	assert_dec(cut(pos_of(&r, a, s, MODE_SHORT).liq, 3), "55680.894");
	rig_close(&r);
}

static void
test_an_isolated_inverse_position(void **state)	/* #6 */
{
	struct engine_position p;
	struct engine_balance b;
	struct rig r;
	int s, a;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSD_PERP");
	a = account(&r, "0");
	deposit(&r, a, COINM, "BTC", "0.01");
	mark(&r, s, "38103.05510455");
	ok(&r, engine_set_isolated(r.e, a, s, true, ++r.now, &r.f));
	seed(&r, a, s, "2", "37643.10000021");
	assert_dec(pos(&r, a, s).iso_wallet, "0.00026565");	/* value x 1/20 */
	ok(&r, engine_move_margin(r.e, a, s, MODE_BOTH, D("0.00241493"), ++r.now, &r.f));
	p = pos(&r, a, s);
	assert_dec(p.iso_wallet, "0.00268058");
	assert_dec(p.iso_margin, "0.00274471");
	assert_dec(p.liq, "25119.9744576");
	b = balance(&r, a, COINM, "BTC");
	assert_dec(b.cross_wallet, "0.00731942");
	assert_dec(b.available, "0.00731942");
	assert_dec(engine_move_at(r.e, a, 0)->amount, "0.00241493");
	assert_int_equal(engine_move_margin(r.e, a, s, MODE_BOTH, D("-0.003"), ++r.now, &r.f), -1);
	assert_int_equal(r.f.code, -4051);
	rig_close(&r);
}

/*
 * Balances and the cost of orders
 */

static void
test_cost_is_margin_and_open_loss(void **state)	/* 15.2, FAQ */
{
	static const struct { enum order_side side; const char *wallet; int code; } row[] = {
		{ SIDE_BUY, "462.66", -2019 }, { SIDE_BUY, "462.67", 0 },
		{ SIDE_SELL, "469.2", -2019 }, { SIDE_SELL, "469.21", 0 },
	};
	struct engine_balance b;
	struct rig r;
	int s, a;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		rig_open(&r);
		s = sym(&r, "BTCUSDT");
		a = account(&r, row[i].wallet);
		mark(&r, s, "9259.84");
		assert_int_equal(place(&r, a, s, row[i].side, "1", "9253.3"), row[i].code);
		b = balance(&r, a, USDM, "USDT");
		if (row[i].code == 0) {
			assert_dec(b.order_im, "462.665");
			assert_dec(b.available, "0.005");
		} else {
			assert_dec(b.available, row[i].wallet);
		}
		rig_close(&r);
	}
}

/* WORKED: 1000 with a long of 0.2 at 60000 has 400 available. Selling 0.4 turns it and
 * asks for no margin, but at 57100 the short would lose 580 at once; at 58100 380. */
static void
test_turning_a_position_costs_its_open_loss(void **state)	/* 3, 15.2, 19.8 */
{
	struct rig r;
	int s, a;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSDT");
	a = account(&r, "1000");
	mark(&r, s, "60000");
	seed(&r, a, s, "0.2", "60000");
	assert_dec(balance(&r, a, USDM, "USDT").available, "400");
	assert_int_equal(place(&r, a, s, SIDE_SELL, "0.4", "57100"), -2019);
	assert_int_equal(place(&r, a, s, SIDE_SELL, "0.4", "58100"), 0);
	assert_dec(balance(&r, a, USDM, "USDT").available, "20");
	ok(&r, engine_cancel_all(r.e, a, s, r.now, NULL, &r.f));
	assert_int_equal(place(&r, a, s, SIDE_SELL, "0.2", "57100"), 0);	/* closes */
	rig_close(&r);
}

/* WORKED: 0.1 at 60000 with 100x; the other side of it, 0.2, at 59700. The loss of
 * 30 and the fees of 3 and 5.97 come out of the 63 before the short's margin: 24.03
 * is all there is, though 59.7 is asked. The fund pays nothing. */
static void
test_a_turned_isolated_position_has_what_the_loss_left(void **state)	/* 7 */
{
	struct engine_position p;
	struct rig r;
	int s, a, m;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSDT");
	a = account(&r, "63");
	m = account(&r, "100000");
	mark(&r, s, "60000");
	isolate(&r, a, s);
	leverage(&r, a, s, 100);
	trade(&r, m, a, s, SIDE_BUY, "0.1", "60000");
	assert_dec(pos(&r, a, s).iso_wallet, "60");
	mark(&r, s, "59700");
	trade(&r, m, a, s, SIDE_SELL, "0.2", "59700");
	p = pos(&r, a, s);
	assert_dec(p.amt, "-0.1");
	assert_dec(p.iso_wallet, "24.03");
	assert_dec(balance(&r, a, USDM, "USDT").cross_wallet, "0");
	mark(&r, s, "59699");
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "24.03");
	assert_dec(engine_insurance(r.e, 0), "1000000");
	rig_close(&r);
}

/* WORKED: 0.2 at 60000 with 100x has 120. Half of it, closed at 58800, loses 120
 * and 2.94 of fee, and releases 60: the 20 of the cross wallet go, and 42.94 of the
 * other half's 60. */
static void
test_what_is_closed_beyond_bankruptcy_eats_the_collateral_of_the_rest(void **state)
{
	struct rig r;
	int s, a, m;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSDT");
	a = account(&r, "140");
	m = account(&r, "100000");
	mark(&r, s, "60000");
	isolate(&r, a, s);
	leverage(&r, a, s, 100);
	seed(&r, a, s, "0.2", "60000");
	assert_dec(balance(&r, a, USDM, "USDT").cross_wallet, "20");
	trade(&r, m, a, s, SIDE_SELL, "0.1", "58800");
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "17.06");	/* 140 - 120 - 2.94 */
	assert_dec(balance(&r, a, USDM, "USDT").cross_wallet, "0");
	assert_dec(pos(&r, a, s).iso_wallet, "17.06");
	mark(&r, s, "60000");
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "17.06");
	rig_close(&r);
}

/* WORKED: a cross wallet of 160 with a profit of 400 bears a margin of 300; with all
 * of that the position is due at (300 - 6000) / (0.0004 - 0.1). */
static void
test_profit_pays_for_an_isolated_position(void **state)	/* 15.1, 12.2 */
{
	struct engine_balance b;
	struct rig r;
	int s, eth, a, m;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSDT");
	eth = sym(&r, "ETHUSDT");
	a = account(&r, "160");
	m = account(&r, "100000");
	mark(&r, s, "60000");
	mark(&r, eth, "3000");
	seed(&r, a, eth, "1", "3000");
	mark(&r, eth, "3400");
	assert_dec(balance(&r, a, USDM, "USDT").available, "390");	/* 160 + 400 - 170 */
	isolate(&r, a, s);
	trade(&r, m, a, s, SIDE_BUY, "0.1", "60000");
	assert_dec(pos(&r, a, s).iso_wallet, "300");
	assert_dec(cut(pos(&r, a, s).liq, 4), "57228.9156");
	b = balance(&r, a, USDM, "USDT");
	assert_dec(b.cross_wallet, "-143");
	assert_dec(b.available, "87");		/* 157 - 300 + 400 - 170 */
	assert_dec(b.withdraw, "0");
	mark(&r, s, "60001");
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "157");
	rig_close(&r);
}

static void
test_profit_is_margin_but_cannot_be_withdrawn(void **state)	/* 15.1 */
{
	struct engine_balance b;
	struct rig r;
	int s, a, usdt;

	(void)state;
	rig_open(&r);
	usdt = engine_asset(r.e, USDM, "USDT");
	s = sym(&r, "BTCUSDT");
	a = account(&r, "1000");
	mark(&r, s, "60000");
	seed(&r, a, s, "0.1", "60000");
	mark(&r, s, "66000");
	b = balance(&r, a, USDM, "USDT");
	assert_dec(b.wallet, "1000");
	assert_dec(b.upnl, "600");
	assert_dec(b.margin, "1600");
	assert_dec(b.available, "1270");	/* 1600 - 330 */
	assert_dec(b.withdraw, "670");
	assert_int_equal(engine_deposit(r.e, a, usdt, D("-670.01"), ++r.now, &r.f), -1);
	assert_int_equal(r.f.code, -2018);
	deposit(&r, a, USDM, "USDT", "-670");
	assert_string_equal(engine_income_at(r.e, a, 0)->type, "TRANSFER");
	assert_dec(engine_income_at(r.e, a, 0)->amount, "-670");
	rig_close(&r);
}

/*
 * Multi-assets mode
 */

/* The FAQ's two contracts: IM 1 % and MM 0.8 %, IM 2 % and MM 1 %. */
static void
rig_open_faq(struct rig *r)
{
	struct engine_config c = engine_config_default();
	struct contract v[2];
	struct specs built = { 0 };
	int usdt;

	memset(r, 0, sizeof *r);
	c.start_ms = r->now = START;
	assert_int_equal(specs_builtin(&built, START, &r->f), 0);
	v[0] = v[1] = built.v[0];
	v[0].maker.levels = v[1].maker.levels = 0;
	snprintf(v[1].rules.symbol, sizeof v[1].rules.symbol, "ETHUSDC");
	snprintf(v[1].rules.quote, sizeof v[1].rules.quote, "USDC");
	snprintf(v[1].rules.margin, sizeof v[1].rules.margin, "USDC");
	v[0].tiers = (struct tiers){ 1, { { D("0"), D("1000000"), D("0.008"), D("0"), 125 } } };
	v[1].tiers = (struct tiers){ 1, { { D("0"), D("1000000"), D("0.01"), D("0"), 75 } } };
	c.contracts = v;
	c.ncontracts = 2;
	assert_non_null(r->e = engine_new(&c, &r->f));
	specs_free(&built);
	usdt = engine_asset(r->e, USDM, "USDT");
	r->e->asset[usdt].info.bid_buffer = D("0.01");
	r->e->asset[usdt].info.ask_buffer = D("0.005");
	ok(r, engine_set_index(r->e, usdt, D("0.99"), ++r->now, &r->f));
}

static void
test_multi_assets_of_the_faq(void **state)	/* 16.3 */
{
	struct engine_balance t;
	struct rig r;
	int a;

	(void)state;
	rig_open_faq(&r);
	a = account(&r, "200");
	deposit(&r, a, USDM, "USDC", "220");
	mark(&r, 0, "20000");
	mark(&r, 1, "600");
	ok(&r, engine_set_leverage(r.e, a, 0, 100, ++r.now, NULL, &r.f));
	ok(&r, engine_set_leverage(r.e, a, 1, 50, ++r.now, NULL, &r.f));
	ok(&r, engine_set_multi(r.e, a, true, ++r.now, &r.f));
	seed(&r, a, 0, "0.5", "20000");
	seed(&r, a, 1, "20", "600");
	assert_true(engine_totals(r.e, a, &t));
	assert_dec(t.margin, "416.02");
	assert_dec(t.im, "339.495");
	assert_dec(t.available, "76.525");
	assert_dec(t.maint, "199.596");
	assert_dec(balance(&r, a, USDM, "USDT").available, "76.91341273");
	assert_dec(balance(&r, a, USDM, "USDC").available, "76.525");
	assert_dec(balance(&r, a, USDM, "USDT").wallet, "200");
	/* 16.4: the BTC contract dies where uniMM reaches uniEquity. With x of loss per
	 * USDT at the ask rate: (416.02 - 199.596) / 0.99495 + 80 = 297.5224..., and
	 * 0.5 (20000 - P) + 0.004 P = that. */
	assert_dec(cut(pos(&r, a, 0).liq, 2), "19561.44");
	rig_close(&r);
}

static void
test_collateral_follows_its_symbol_unless_set_by_hand(void **state)
{
	struct engine_balance t;
	struct rig r;
	int a, btc;

	(void)state;
	rig_open(&r);
	a = account(&r, "0");
	btc = engine_asset(r.e, USDM, "BTC");
	deposit(&r, a, USDM, "BTC", "1");
	ok(&r, engine_set_multi(r.e, a, true, ++r.now, &r.f));
	mark(&r, sym(&r, "BTCUSDT"), "60000");
	assert_true(engine_totals(r.e, a, &t));
	assert_dec(t.margin, "57000");		/* bid rate: 5 % off */
	ok(&r, engine_prices(r.e, sym(&r, "BTCUSDT"), D("60100"), D("50000"), ++r.now, &r.f));
	assert_true(engine_totals(r.e, a, &t));
	assert_dec(t.margin, "47500");
	ok(&r, engine_set_index(r.e, btc, D("40000"), ++r.now, &r.f));
	mark(&r, sym(&r, "BTCUSDT"), "61000");
	assert_true(engine_totals(r.e, a, &t));
	assert_dec(t.margin, "38000");
	rig_close(&r);
}

/*
 * Fees: 17
 */

static void
test_fees_in_the_margin_asset_or_in_bnb(void **state)
{
	const struct engine_trade *t;
	struct rig r;
	int s, a, b, bnb;

	(void)state;
	rig_open(&r);
	a = account(&r, "100000");
	b = account(&r, "100000");
	bnb = engine_asset(r.e, USDM, "BNB");
	s = sym(&r, "BTCUSDT");
	mark(&r, s, "60000");
	mark(&r, sym(&r, "BNBUSDT"), "600");
	trade(&r, a, b, s, SIDE_BUY, "0.05", "60000");
	assert_dec(engine_trade_at(r.e, b, 0)->commission, "1.5");
	engine_set_burn(r.e, b, true);
	trade(&r, a, b, s, SIDE_BUY, "0.05", "60000");	/* no BNB: as before */
	assert_dec(engine_trade_at(r.e, b, 1)->commission, "1.5");
	deposit(&r, b, USDM, "BNB", "0.003");
	trade(&r, a, b, s, SIDE_BUY, "0.05", "60000");
	t = engine_trade_at(r.e, b, 2);
	assert_dec(t->commission, "0.00225");		/* 1.35 USDT */
	assert_int_equal(t->fee_asset, bnb);
	assert_dec(balance(&r, b, USDM, "BNB").wallet, "0.00075");
	assert_dec(engine_fees(r.e, bnb), "0.00225");
	trade(&r, a, b, s, SIDE_BUY, "0.05", "60000");	/* not enough of it */
	assert_int_equal(engine_trade_at(r.e, b, 3)->fee_asset, engine_asset_of(r.e, s));
	assert_dec(balance(&r, b, USDM, "USDT").wallet, "99995.5");
	s = sym(&r, "BTCUSD_PERP");
	deposit(&r, a, COINM, "BTC", "1");
	deposit(&r, b, COINM, "BTC", "1");
	mark(&r, s, "60000");
	trade(&r, a, b, s, SIDE_BUY, "30", "60000");	/* base coin only */
	assert_dec(engine_trade_at(r.e, b, 4)->commission, "0.000025");
	rig_close(&r);
}

static void
test_fee_tiers(void **state)
{
	static const struct { int tier; const char *symbol, *maker, *taker; } row[] = {
		{ 0, "BTCUSDT", "0.0002", "0.0005" }, { 1, "BTCUSDT", "0.00016", "0.0004" },
		{ 9, "BTCUSDT", "0", "0.00017" }, { 0, "BTCUSD_PERP", "0.0001", "0.0005" },
		{ 1, "BTCUSD_PERP", "0.00008", "0.0004" }, { 2, "BTCUSD_PERP", "0.00007", "0.00035" },
		{ 9, "BTCUSD_PERP", "0.00007", "0.00035" },
	};
	dec maker, taker;
	struct rig r;
	int a;

	(void)state;
	rig_open(&r);
	a = account(&r, "0");
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(engine_set_tier(r.e, a, row[i].tier, &r.f), 0);
		engine_fee_rates(r.e, a, sym(&r, row[i].symbol), &maker, &taker);
		assert_dec(maker, row[i].maker);
		assert_dec(taker, row[i].taker);
	}
	assert_int_equal(engine_set_tier(r.e, a, 10, &r.f), -1);
	rig_close(&r);
}

/*
 * Settings
 */

static void
refused(struct rig *r, int got, int code)
{
	assert_int_equal(got, -1);
	assert_int_equal(r->f.kind, FAULT_REJECTED);
	if (r->f.code != code)
		fail_msg("%d, not %d: %s", r->f.code, code, r->f.text);
	rig_check(r);
}

static void
test_position_mode_is_one_of_both_markets(void **state)
{
	struct rig r;
	int s, c, a;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSDT");
	c = sym(&r, "BTCUSD_PERP");
	a = account(&r, "1000");
	deposit(&r, a, COINM, "BTC", "1");
	mark(&r, s, "60000");
	mark(&r, c, "60000");
	refused(&r, engine_set_hedge(r.e, a, false, ++r.now, &r.f), -4059);
	assert_int_equal(place(&r, a, c, SIDE_BUY, "1", "59000"), 0);
	refused(&r, engine_set_hedge(r.e, a, true, ++r.now, &r.f), -4067);
	ok(&r, engine_cancel_all(r.e, a, c, ++r.now, NULL, &r.f));
	ok(&r, engine_set_hedge(r.e, a, true, ++r.now, &r.f));
	assert_true(engine_hedge(r.e, a));
	seed(&r, a, c, "-1", "60000");
	assert_dec(pos_of(&r, a, c, MODE_SHORT).amt, "-1");
	refused(&r, engine_set_hedge(r.e, a, false, ++r.now, &r.f), -4068);
	rig_close(&r);
}

static void
test_multi_assets_mode_and_isolated_margin_exclude_each_other(void **state)
{
	struct engine_algo_request q = { .side = SIDE_SELL, .type = ORDER_STOP_MARKET };
	struct rig r;
	int s, c, a;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSDT");
	c = sym(&r, "BTCUSD_PERP");
	a = account(&r, "1000");
	mark(&r, s, "60000");
	mark(&r, c, "60000");
	refused(&r, engine_set_multi(r.e, a, false, ++r.now, &r.f), -4171);
	ok(&r, engine_set_isolated(r.e, a, s, true, ++r.now, &r.f));
	refused(&r, engine_set_isolated(r.e, a, s, true, ++r.now, &r.f), -4046);
	refused(&r, engine_set_multi(r.e, a, true, ++r.now, &r.f), -4167);
	ok(&r, engine_set_isolated(r.e, a, s, false, ++r.now, &r.f));
	assert_int_equal(place(&r, a, s, SIDE_BUY, "0.01", "59000"), 0);
	refused(&r, engine_set_multi(r.e, a, true, ++r.now, &r.f), -4170);
	refused(&r, engine_set_isolated(r.e, a, s, true, ++r.now, &r.f), -4047);
	ok(&r, engine_cancel_all(r.e, a, s, ++r.now, NULL, &r.f));
	q.qty = D("0.01");
	q.trigger = D("55000");
	ok(&r, engine_algo_place(r.e, a, s, &q, ++r.now, NULL, &r.f));
	refused(&r, engine_set_isolated(r.e, a, s, true, ++r.now, &r.f), -4047);
	ok(&r, engine_algo_cancel_all(r.e, a, s, ++r.now, NULL, &r.f));
	ok(&r, engine_set_multi(r.e, a, true, ++r.now, &r.f));
	assert_true(engine_multi(r.e, a));
	refused(&r, engine_set_isolated(r.e, a, s, true, ++r.now, &r.f), -4168);
	ok(&r, engine_set_isolated(r.e, a, c, true, ++r.now, &r.f));	/* linear only */
	seed(&r, a, s, "0.01", "60000");
	ok(&r, engine_set_multi(r.e, a, false, ++r.now, &r.f));
	refused(&r, engine_set_isolated(r.e, a, s, true, ++r.now, &r.f), -4048);
	rig_close(&r);
}

static void
test_leverage(void **state)
{
	struct rig r;
	int s, c, a;
	dec cap;

	(void)state;
	rig_open(&r);
	s = sym(&r, "BTCUSDT");
	c = sym(&r, "BTCUSD_PERP");
	a = account(&r, "1000");
	deposit(&r, a, COINM, "BTC", "0.02");
	mark(&r, s, "60000");
	mark(&r, c, "60000");
	refused(&r, engine_set_leverage(r.e, a, s, 0, ++r.now, NULL, &r.f), -4028);
	refused(&r, engine_set_leverage(r.e, a, s, 126, ++r.now, NULL, &r.f), -4028);
	ok(&r, engine_set_leverage(r.e, a, s, 10, ++r.now, &cap, &r.f));
	assert_int_equal(pos(&r, a, s).leverage, 10);
	assert_int_equal(dec_cmp(cap, pos(&r, a, s).max_notional), 0);
	seed(&r, a, s, "0.1", "60000");
	refused(&r, engine_set_leverage(r.e, a, s, 5, ++r.now, NULL, &r.f), -2028);
	ok(&r, engine_set_isolated(r.e, a, c, true, ++r.now, &r.f));
	seed(&r, a, c, "100", "60000");
	refused(&r, engine_set_leverage(r.e, a, c, 10, ++r.now, NULL, &r.f), -4150);
	refused(&r, engine_move_margin(r.e, a, s, MODE_BOTH, D("1"), ++r.now, &r.f), -4049);
	refused(&r, engine_move_margin(r.e, a, c, MODE_LONG, D("1"), ++r.now, &r.f), -4060);
	refused(&r, engine_move_margin(r.e, a, c, MODE_BOTH, D("0"), ++r.now, &r.f), -4055);
	refused(&r, engine_move_margin(r.e, a, c, MODE_BOTH, D("1"), ++r.now, &r.f), -4050);
	rig_close(&r);
}

/*
 * Time
 */

static void
test_a_day_goes_by_at_once_as_it_does_in_steps(void **state)
{
	struct rig r, q;
	int s, k;

	(void)state;
	rig_open(&r);
	rig_open(&q);
	for (k = 0; k < 2; k++) {
		struct rig *p = k == 0 ? &r : &q;

		s = sym(p, "BTCUSDT");
		account(p, "10000");
		ok(p, engine_prices(p->e, s, D("60000"), D("59990"), ++p->now, &p->f));
		seed(p, 0, s, "0.1", "60000");
	}
	r.now += 86400000;
	ok(&r, engine_tick(r.e, r.now, &r.f));
	for (k = 0; k < 24 * 60; k++)
		ok(&q, engine_tick(q.e, q.now += 60000, &q.f));
	assert_string_equal(S(balance(&r, 0, USDM, "USDT").wallet),
	    S(balance(&q, 0, USDM, "USDT").wallet));
	for (k = 0; engine_income_at(r.e, 0, k) != NULL; k++) {
		assert_string_equal(engine_income_at(r.e, 0, k)->type, "FUNDING_FEE");
		assert_int_equal(engine_income_at(r.e, 0, k)->time_ms % 28800000, 0);
		assert_int_equal(engine_income_at(r.e, 0, k)->time_ms,
		    engine_income_at(q.e, 0, k)->time_ms);
	}
	assert_int_equal(k, 3);
	assert_true(engine_due(r.e) > r.now);
	rig_close(&r);
	rig_close(&q);
}

/*
 * A soak: anything, in any order; all invariants after each step.
 */
struct soak { struct rig r; uint64_t seed; int steps, done; };

static unsigned
rnd(struct soak *k, unsigned n)
{
	return (unsigned)(mix64(k->seed += MIX_STEP) % n);
}

static const struct { const char *name, *price; } markets[] = {
	{ "BTCUSDT", "60000" }, { "ETHUSDT", "3000" }, { "BTCUSDC", "60000" },
	{ "BTCUSD_PERP", "60000" }, { "ETHUSD_PERP", "3000" }, { "BTCUSDT_251226", "60000" },
	{ "BTCUSD_251226", "60000" }
};

static dec
near_price(struct soak *k, int s, unsigned permille)
{
	dec p = engine_mark_price(k->r.e, s);
	int64_t f = 1000 - (int64_t)permille + (int64_t)rnd(k, 2 * permille + 1);

	assert_true(dec_mul(&p, p, (dec){ f, 3 }));
	assert_true(dec_floor(&p, p, engine_rules(k->r.e, s)->tick));
	return p;
}

static dec
some_qty(struct soak *k, int s)
{
	dec q;

	if (engine_contract(k->r.e, s)->market == COINM)
		return dec_int(1 + rnd(k, 400));
	assert_true(dec_mul(&q, engine_rules(k->r.e, s)->step, dec_int(1 + rnd(k, 700))));
	return q;
}

static enum pos_mode
some_leg(struct soak *k, int a)
{
	return engine_hedge(k->r.e, a) ? (rnd(k, 2) ? MODE_LONG : MODE_SHORT) : MODE_BOTH;
}

static int
soak_place(struct soak *k, int a, int s)
{
	struct engine_request q = { .side = rnd(k, 2) ? SIDE_BUY : SIDE_SELL, .pos_mode = some_leg(k, a),
		.type = rnd(k, 4) ? ORDER_LIMIT : ORDER_MARKET, .tif = (enum order_tif)rnd(k, 4),
		.stp = (enum order_stp)rnd(k, 4), .qty = some_qty(k, s),
		.price = near_price(k, s, 12) };

	if (!engine_hedge(k->r.e, a))
		q.reduce = rnd(k, 4) == 0;
	return engine_place(k->r.e, a, s, &q, k->r.now, NULL, &k->r.f);
}

static int
soak_algo(struct soak *k, int a, int s)
{
	struct engine_algo_request q = { .side = rnd(k, 2) ? SIDE_BUY : SIDE_SELL,
		.pos_mode = some_leg(k, a), .type = ORDER_STOP_MARKET, .stp = STP_NONE,
		.trigger = near_price(k, s, 20), .by_mark = rnd(k, 2) };

	if (rnd(k, 3) == 0)
		q.close = true;
	else
		q.qty = some_qty(k, s);
	if (rnd(k, 2))
		q.type = ORDER_TAKE_PROFIT_MARKET;
	return engine_algo_place(k->r.e, a, s, &q, k->r.now, NULL, &k->r.f);
}

static int
soak_modify(struct soak *k, int a)
{
	const struct engine_order *o = engine_open_first(k->r.e, a);
	struct engine_change c;

	if (o == NULL)
		return -1;
	c = (struct engine_change){ .side = o->side, .price = near_price(k, o->sym, 10),
		.qty = some_qty(k, o->sym) };
	return engine_modify(k->r.e, a, o->sym, o->id, NULL, &c, k->r.now, NULL, &k->r.f);
}

static int
soak_setting(struct soak *k, int a, int s)
{
	struct engine *e = k->r.e;

	switch (rnd(k, 7)) {
	case 0:
		return engine_set_leverage(e, a, s, 1 + (int)rnd(k, 50), k->r.now, NULL, &k->r.f);
	case 1:
		return engine_set_isolated(e, a, s, rnd(k, 2), k->r.now, &k->r.f);
	case 2:
		return engine_set_hedge(e, a, rnd(k, 2), k->r.now, &k->r.f);
	case 3:
		return engine_set_multi(e, a, rnd(k, 2), k->r.now, &k->r.f);
	case 4:
		engine_set_burn(e, a, rnd(k, 2));
		return engine_set_tier(e, a, (int)rnd(k, 10), &k->r.f);
	case 5:
		return engine_deposit(e, a, (int)rnd(k, (unsigned)engine_assets(e)),
		    (dec){ (int64_t)rnd(k, 2000) - 900, 2 }, k->r.now, &k->r.f);
	}
	return engine_move_margin(e, a, s, some_leg(k, a), (dec){ (int64_t)rnd(k, 2000) - 900,
	    engine_contract(e, s)->market == COINM ? 5 : 1 }, k->r.now, &k->r.f);
}

/* Outside liquidity around the mark. */
static int
soak_outside(struct soak *k, int s)
{
	const struct rules *r = engine_rules(k->r.e, s);
	struct engine_level l[20];
	dec d = engine_mark_price(k->r.e, s), p;

	for (int i = 0; i < 20; i++) {
		l[i].side = i < 10 ? SIDE_BUY : SIDE_SELL;
		assert_true(dec_mul(&p, d, (dec){ i < 10 ? 9998 - i : 9992 + i, 4 }));
		assert_true(dec_floor(&l[i].price, p, r->tick));
		l[i].qty = some_qty(k, s);
	}
	return engine_outside(k->r.e, s, l, 20, true, k->r.now, &k->r.f);
}

static int
soak_market(struct soak *k, int s)
{
	switch (rnd(k, 5)) {
	case 0:		/* now and then a crash, or a spike */
		return engine_mark(k->r.e, s, near_price(k, s, rnd(k, 8) ? 15 : 150), k->r.now,
		    &k->r.f);
	case 1:
		return engine_prices(k->r.e, s, near_price(k, s, 10), near_price(k, s, 10), k->r.now,
		    &k->r.f);
	case 2:
		return engine_outside_trade(k->r.e, s, rnd(k, 2) ? SIDE_BUY : SIDE_SELL,
		    near_price(k, s, 6), some_qty(k, s), k->r.now, &k->r.f);
	case 3:
		return engine_last(k->r.e, s, near_price(k, s, 6), k->r.now, &k->r.f);
	}
	return soak_outside(k, s);
}

static void
soak_step(struct soak *k)
{
	int a = (int)rnd(k, (unsigned)engine_accounts(k->r.e)), got;
	int s = sym(&k->r, markets[rnd(k, LEN(markets))].name);
	const char *why;

	k->r.now += rnd(k, 40) == 0 ? rnd(k, 240000000) : rnd(k, 3000);
	switch (rnd(k, 13)) {
	case 0: case 1: case 2:
		got = soak_market(k, s);
		break;
	case 3:
		got = soak_setting(k, a, s);
		break;
	case 4:
		got = rnd(k, 4) ? soak_modify(k, a) :
		    engine_cancel_all(k->r.e, a, s, k->r.now, NULL, &k->r.f);
		break;
	case 5:
		got = rnd(k, 4) ? soak_algo(k, a, s) :
		    engine_algo_cancel_all(k->r.e, a, s, k->r.now, NULL, &k->r.f);
		break;
	case 6:
		got = engine_seed_leverage(k->r.e, a, s, dec_int((int)rnd(k, 81) - 40), k->r.now,
		    &k->r.f);
		break;
	default:
		got = soak_place(k, a, s);
	}
	k->done += got == 0;
	if ((why = engine_check(k->r.e)) != NULL)
		fail_msg("seed of step %d: %s", k->steps, why);
	k->steps++;
}

static void
soak_open(struct soak *k, uint64_t seed)
{
	struct engine_config c = engine_config_default();
	int i, a, m;

	memset(k, 0, sizeof *k);
	k->seed = seed;
	c.start_ms = k->r.now = START;
	c.insurance = D("50");		/* soon empty: then ADL */
	c.liquidation_ms = seed % 2 ? 0 : 1500;
	assert_non_null(k->r.e = engine_new(&c, &k->r.f));
	for (i = 0; i < (int)LEN(markets); i++)
		ok(&k->r, engine_mark(k->r.e, sym(&k->r, markets[i].name), D(markets[i].price),
		    k->r.now, &k->r.f));
	for (i = 0; i < 8; i++) {
		a = account(&k->r, i < 2 ? "100000" : "800");
		for (m = 0; m < engine_assets(k->r.e); m++)
			ok(&k->r, engine_deposit(k->r.e, a, m, engine_asset_at(k->r.e, m)->market ==
			    COINM ? D("0.05") : D("1"), k->r.now, &k->r.f));
		if (i % 3 == 1)
			ok(&k->r, engine_set_hedge(k->r.e, a, true, k->r.now, &k->r.f));
		if (i % 4 >= 2)
			ok(&k->r, engine_set_multi(k->r.e, a, true, k->r.now, &k->r.f));
	}
}

static void
test_soak(void **state)
{
	const char *steps = getenv("BF_SOAK_STEPS"), *seeds = getenv("BF_SOAK_SEEDS");
	int n = steps == NULL ? 1500 : atoi(steps), m = seeds == NULL ? 6 : atoi(seeds);
	struct soak k;

	(void)state;
	for (int i = 0; i < m; i++) {
		soak_open(&k, (uint64_t)i + 1);
		while (k.steps < n)
			soak_step(&k);
		assert_true(k.done > n / 4);
		engine_free(k.r.e);
	}
}

/*
 * Taken out and put back
 */

static void
copy_account(const struct engine *e, struct engine *to, int a)
{
	struct engine_leg_state l;
	struct engine_hold_state h;
	struct engine_balance b;
	struct fault f;
	int i, m;

	assert_int_equal(engine_account_new(to, dec_int(0), &f), a);
	assert_true(!engine_hedge(e, a) || engine_set_hedge(to, a, true, START, &f) == 0);
	assert_true(!engine_multi(e, a) || engine_set_multi(to, a, true, START, &f) == 0);
	for (i = 0; i < engine_assets(e); i++) {
		assert_true(engine_balance(e, a, i, &b));
		assert_int_equal(engine_restore_wallet(to, a, i, b.wallet, b.update_ms, &f), 0);
	}
	for (i = 0; i < engine_symbols(e); i++) {
		if (!engine_hold_state(e, a, i, &h))
			continue;
		assert_int_equal(engine_restore_hold(to, a, &h, &f), 0);
		for (m = 0; m < 3; m++)
			if (engine_leg_state(e, a, i, (enum pos_mode)m, &l) &&
			    engine_restore_leg(to, a, &l, &f) == -1)
				fail_msg("leg: %s", f.text);
	}
}

static int
by_id(const void *x, const void *y)
{
	const struct engine_order *const *a = x, *const *b = y;

	return (*a)->id < (*b)->id ? -1 : (*a)->id > (*b)->id;
}

static void
copy_orders(const struct engine *e, struct engine *to)
{
	const struct engine_order *v[20000], *o;
	const struct engine_algo *g;
	struct engine_symbol_state st;
	struct fault f;
	int a, i, n;

	for (i = 0; i < engine_symbols(e); i++) {	/* before the orders, for once */
		engine_symbol_state(e, i, &st);
		assert_int_equal(engine_restore_symbol(to, i, &st, &f), 0);
	}
	for (a = n = 0; a < engine_accounts(e); a++)
		for (i = 0; (o = engine_order_at(e, a, i)) != NULL && n < (int)LEN(v); i++)
			v[n++] = o;
	qsort(v, (size_t)n, sizeof *v, by_id);
	for (i = 0; i < n; i++)
		if (engine_restore_order(to, v[i], &f) == -1)
			fail_msg("order: %s", f.text);
	for (a = 0; a < engine_accounts(e); a++) {
		for (i = 0; engine_trade_at(e, a, i) != NULL; i++)
			engine_restore_trade(to, a, engine_trade_at(e, a, i), &f);
		for (i = 0; engine_income_at(e, a, i) != NULL; i++)
			assert_int_equal(engine_restore_income(to, a, engine_income_at(e, a, i), &f), 0);
		for (i = 0; engine_amend_at(e, a, i) != NULL; i++)
			assert_int_equal(engine_restore_amend(to, a, engine_amend_at(e, a, i), &f), 0);
	}
	for (a = 0; a < engine_accounts(e); a++)
		for (i = 0; (g = engine_algo_at(e, a, i)) != NULL; i++)
			if (g->status == ALGO_NEW)
				engine_restore_algo(to, g, &f);
}

static void
assert_same(const struct engine *e, const struct engine *to, int a)
{
	struct engine_position p, q;
	struct engine_balance b, c;
	int i, m;

	for (i = 0; i < engine_symbols(e); i++)
		for (m = 0; m < 3; m++) {
			assert_true(engine_position(e, a, i, (enum pos_mode)m, &p));
			assert_true(engine_position(to, a, i, (enum pos_mode)m, &q));
			assert_int_equal(dec_cmp(p.amt, q.amt), 0);
			assert_int_equal(dec_cmp(p.liq, q.liq), 0);
			assert_int_equal(dec_cmp(p.break_even, q.break_even), 0);
			assert_int_equal(dec_cmp(p.im, q.im), 0);
			assert_int_equal(p.open_orders, q.open_orders);
		}
	for (i = 0; i < engine_assets(e); i++) {
		assert_true(engine_balance(e, a, i, &b));
		assert_true(engine_balance(to, a, i, &c));
		assert_int_equal(dec_cmp(b.wallet, c.wallet), 0);
		assert_int_equal(dec_cmp(b.available, c.available), 0);
	}
}

/* The maker holds the other side of all of them, at prices of 12 decimals. */
static void
test_large_inverse_positions_are_put_back(void **state)
{
	struct engine_leg_state l = { .amt = dec_int(900000), .entry = D("61234.123456789012"),
		.paid = D("0.1234567890123456"), .realized = D("3.5"), .update_ms = START };
	struct engine_symbol_state st = { .next_id = 1, .mark = D("60000"), .index = D("60000"),
		.last = D("60000") };
	struct rig r;
	int a, i;

	(void)state;
	rig_open(&r);
	l.sym = sym(&r, "BTCUSD_PERP");
	ok(&r, engine_restore_symbol(r.e, l.sym, &st, &r.f));
	for (i = 0; i < 4; i++) {
		a = account(&r, "0");
		ok(&r, engine_restore_wallet(r.e, a, engine_asset_of(r.e, l.sym), D("10000"), START,
		    &r.f));
		ok(&r, engine_restore_leg(r.e, a, &l, &r.f));
		l.amt = dec_int(900001 + i);
		l.entry = D("61235.123456790013");
	}
	mark(&r, l.sym, "60001");
	assert_dec(pos(&r, 0, l.sym).amt, "900000");
	rig_close(&r);
}

/* What was put back takes the orders of those who can pay, and asking leaves no trace. */
static void
takes_an_order(struct soak *k, struct engine *to)
{
	struct engine_symbol_state was, now;
	struct engine_request q = { .side = SIDE_BUY, .type = ORDER_LIMIT, .qty = D("0.002"),
		.price = near_price(k, 0, 1) };
	int i, taken = 0;

	for (i = 0; i < engine_accounts(to); i++) {
		q.pos_mode = engine_hedge(to, i) ? MODE_LONG : MODE_BOTH;
		taken += engine_place_test(to, i, 0, &q, k->r.now, &k->r.f) == 0;
	}
	assert_true(taken > 0);
	rig_check(&k->r);
	assert_null(engine_check(to));
	engine_symbol_state(to, 0, &now);
	engine_symbol_state(k->r.e, 0, &was);
	assert_true(was.next_id == now.next_id);
}

static void
test_what_is_put_back_is_what_was_taken_out(void **state)
{
	struct engine_config c = engine_config_default();
	struct engine_symbol_state was, now;
	struct engine *to;
	struct soak k;
	int i;

	(void)state;
	soak_open(&k, 77);
	while (k.steps < 800)
		soak_step(&k);
	c.start_ms = START;
	assert_non_null(to = engine_new(&c, &k.r.f));
	for (i = 0; i < engine_accounts(k.r.e); i++)
		copy_account(k.r.e, to, i);
	copy_orders(k.r.e, to);
	for (i = 0; i < engine_accounts(k.r.e); i++)
		assert_same(k.r.e, to, i);
	for (i = 0; i < engine_symbols(to); i++) {
		engine_symbol_state(k.r.e, i, &was);
		engine_symbol_state(to, i, &now);
		assert_true(was.next_id == now.next_id && was.trade_id == now.trade_id);
	}
	takes_an_order(&k, to);
	engine_free(to);
	engine_free(k.r.e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders_of_opposite_sides_share_their_margin),
		cmocka_unit_test(test_hedge_legs_ask_for_their_own_margin),
		cmocka_unit_test(test_inverse_margin_and_pnl),
		cmocka_unit_test(test_entries_are_averaged_and_closes_booked),
		cmocka_unit_test(test_break_even_counts_what_was_paid),
		cmocka_unit_test(test_liquidation_price_of_a_linear_hedge),
		cmocka_unit_test(test_liquidation_price_of_an_inverse_hedge),
		cmocka_unit_test(test_an_isolated_inverse_position),
		cmocka_unit_test(test_cost_is_margin_and_open_loss),
		cmocka_unit_test(test_turning_a_position_costs_its_open_loss),
		cmocka_unit_test(test_a_turned_isolated_position_has_what_the_loss_left),
		cmocka_unit_test(test_what_is_closed_beyond_bankruptcy_eats_the_collateral_of_the_rest),
		cmocka_unit_test(test_profit_pays_for_an_isolated_position),
		cmocka_unit_test(test_profit_is_margin_but_cannot_be_withdrawn),
		cmocka_unit_test(test_multi_assets_of_the_faq),
		cmocka_unit_test(test_collateral_follows_its_symbol_unless_set_by_hand),
		cmocka_unit_test(test_fees_in_the_margin_asset_or_in_bnb),
		cmocka_unit_test(test_fee_tiers),
		cmocka_unit_test(test_position_mode_is_one_of_both_markets),
		cmocka_unit_test(test_multi_assets_mode_and_isolated_margin_exclude_each_other),
		cmocka_unit_test(test_leverage),
		cmocka_unit_test(test_a_day_goes_by_at_once_as_it_does_in_steps),
		cmocka_unit_test(test_soak),
		cmocka_unit_test(test_large_inverse_positions_are_put_back),
		cmocka_unit_test(test_what_is_put_back_is_what_was_taken_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

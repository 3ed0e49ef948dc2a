/*
 * What an order would cost and do. Most figures are worked examples that were published
 * with Binance's support pages and API samples, or checked by a second method, as
 * collected in "Futures margin mathematics": "3", "12.5 #1" and the like name the
 * example there. Where such an example is of a position, the order here makes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/cost.h"
#include "decimal.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

/* What is known, and the order; every test begins with new_rig. */
static struct position pos[4];
static struct wallet wal[1];
static struct account acct;
static struct rules rules;
static struct intent in;
static struct tiers tiers;
static struct cost_in c;
static struct cost out;

static void
copy(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text);
}

/* Flat, one-way, cross; a GTC LIMIT BUY at leverage 20. size "0": linear. */
static void
new_rig(const char *size, const char *wallet)
{
	bool inverse = strcmp(size, "0") != 0;

	memset(pos, 0, sizeof pos);
	rules = (struct rules){ .complete = true, .contract_size = D(size) };
	copy(rules.symbol, sizeof rules.symbol, inverse ? "BTCUSD_PERP" : "BTCUSDT");
	copy(rules.margin, sizeof rules.margin, inverse ? "BTC" : "USDT");
	wal[0] = (struct wallet){ .balance = D(wallet), .cross = D(wallet) };
	copy(wal[0].asset, sizeof wal[0].asset, rules.margin);
	acct = (struct account){ .pos = pos, .wal = wal, .nwal = 1, .known = true };
	in = (struct intent){ .op = OP_PLACE, .side = SIDE_BUY };
	copy(in.symbol, sizeof in.symbol, rules.symbol);
	copy(in.type, sizeof in.type, "LIMIT");
	copy(in.tif, sizeof in.tif, "GTC");
	tiers = (struct tiers){ 2, { { D("0"), D("50000"), D("0.004"), D("0"), 125 },
		{ D("50000"), D("600000"), D("0.005"), D("50"), 100 } } };
	c = (struct cost_in){ .in = &in, .rules = &rules, .acct = &acct, .tiers = &tiers, .leverage = 20 };
}

static void
one_tier(const char *mmr, const char *cum)
{
	tiers = (struct tiers){ 1, { { D("0"), D("100000000000"), D(mmr), D(cum), 125 } } };
}

static void
order(enum order_side side, enum pos_side leg, const char *qty, const char *price)
{
	in.side = side;
	in.pos_side = leg;
	in.qty = D(qty);
	in.price = D(price);
}

static struct position *
hold(const char *symbol, enum pos_side side, const char *amt, const char *entry, const char *mark)
{
	struct position *p = &pos[acct.npos++];

	copy(p->symbol, sizeof p->symbol, symbol);
	copy(p->margin_asset, sizeof p->margin_asset, rules.margin);
	p->side = side;
	p->amt = D(amt);
	p->entry = D(entry);
	p->mark = D(mark);
	p->leverage = 20;
	acct.hedge = side != POS_BOTH;
	return p;
}

static struct position *
hold_isolated(enum pos_side side, const char *amt, const char *entry, const char *wallet)
{
	struct position *p = hold(rules.symbol, side, amt, entry, entry);

	p->isolated = true;
	p->isolated_wallet = D(wallet);
	return p;
}

/* By value, not by the number of zeros. NULL: not known. */
static void
figure(const char *what, bool has, dec got, const char *want)
{
	char s[DEC_STR] = "not known";

	if (has)
		dec_print(got, s);
	if (has != (want != NULL) || (has && dec_cmp(got, D(want)) != 0))
		fail_msg("%s: %s, not %s", what, s, want != NULL ? want : "unknown");
}

/* The first so many decimals, as published. */
static void
begins(const char *what, bool has, dec got, const char *want)
{
	dec cut = dec_int(0), w = D(want);

	assert_true(has && dec_rescale(&cut, got, w.scale, DEC_HALF_UP));
	figure(what, true, cut, want);
}

static void
rates(const char *maker, const char *taker)
{
	c.maker = D(maker);
	c.taker = D(taker);
	c.rates = true;
}

/* Sections 3, 15.2 and 17: notional, margin, commission. */
static void
test_order(void **state)
{
	static const struct {
		const char *size, *qty, *price, *taker, *notional, *margin, *fee;
	} row[] = {
		{ "0",   "1",    "9253.30", "0.0005", "9253.30", "462.665",    "4.62665" },	/* 15.2, FAQ */
		{ "0",   "0.05", "60000",   "0.0005", "3000",	 "150",	       "1.5" },		/* 17 */
		{ "100", "100",  "25000",   "0.0005", "10000",	 "0.02",       "0.0002" },	/* 3, FAQ */
		{ "100", "100",  "60000",   "0.0005", "10000",	 "0.00833333", "0.00008333" },	/* 15.2 */
		{ "100", "30",   "60000",   "0.0005", "3000",	 "0.0025",     "0.000025" },	/* 17 */
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		new_rig(row[i].size, "1000000");
		order(SIDE_BUY, POS_BOTH, row[i].qty, row[i].price);
		rates("0.0002", row[i].taker);
		cost_of(&out, &c);
		figure("price", out.has_price, out.price, row[i].price);
		figure("notional", out.has_notional, out.notional, row[i].notional);
		figure("margin", out.has_margin, out.margin, row[i].margin);
		figure("fee", out.has_fee, out.fee, row[i].fee);
		figure("amt", out.has_amt, out.amt, row[i].qty);
	}
}

/* Which price, and which rate. */
static void
test_price_and_rate(void **state)
{
	(void)state;
	new_rig("0", "10000");
	rates("0.0002", "0.0005");
	order(SIDE_BUY, POS_BOTH, "0.1", "60000");
	copy(in.tif, sizeof in.tif, "GTX");
	cost_of(&out, &c);
	figure("maker", out.has_fee, out.fee, "1.2");
	copy(in.tif, sizeof in.tif, "RPI");
	cost_of(&out, &c);
	figure("RPI", out.has_fee, out.fee, NULL);
	copy(in.tif, sizeof in.tif, "");
	in.price = D("0");
	cost_of(&out, &c);
	figure("no mark", out.has_price, out.price, NULL);
	figure("no mark", out.has_notional, out.notional, NULL);
	figure("no mark", out.has_amt, out.amt, NULL);
	c.mark = D("61000");
	cost_of(&out, &c);
	figure("market", out.has_price, out.price, "61000");
	figure("taker", out.has_fee, out.fee, "3.05");
	in.trigger = D("62000");
	in.algo = true;
	cost_of(&out, &c);
	figure("trigger", out.has_price, out.price, "62000");
	/* contracts have their size whatever the price */
	new_rig("100", "1");
	order(SIDE_BUY, POS_BOTH, "7", "0");
	cost_of(&out, &c);
	figure("contracts", out.has_notional, out.notional, "700");
	figure("contracts", out.has_margin, out.margin, NULL);
}

/* Section 7: what the position becomes; a flip begins anew, an exit never flips. */
static void
test_position(void **state)
{
	static const struct { const char *was; enum order_side side; const char *qty; bool reduce; const char *amt; } row[] = {
		{ "0",	  SIDE_SELL, "0.3", false, "-0.3" },
		{ "0.5",  SIDE_BUY,  "0.3", false, "0.8" },
		{ "0.5",  SIDE_SELL, "0.3", false, "0.2" },
		{ "0.5",  SIDE_SELL, "0.8", false, "-0.3" },
		{ "0.5",  SIDE_SELL, "0.8", true,  "0" },
		{ "-0.5", SIDE_BUY,  "0.8", true,  "0" },
		{ "-0.5", SIDE_SELL, "0.8", true,  "-0.5" },
		{ "0",	  SIDE_SELL, "0.8", true,  "0" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		new_rig("0", "10000");
		hold("BTCUSDT", POS_BOTH, row[i].was, "60000", "60000");
		order(row[i].side, POS_BOTH, row[i].qty, "60000");
		in.reduce_only = row[i].reduce;
		cost_of(&out, &c);
		figure("amt", out.has_amt, out.amt, row[i].amt);
		figure("margin", out.has_margin && row[i].reduce, out.margin, row[i].reduce ? "0" : NULL);
		if (dec_sign(out.amt) == 0) {
			figure("flat", out.has_liq, out.liq, "0");
			figure("flat", out.has_leverage, out.leverage, "0");
		}
	}
	/* all of it, whatever that is; against it there is nothing to close */
	in = (struct intent){ .op = OP_PLACE, .side = SIDE_SELL, .algo = true, .close_position = true, .trigger = D("50000") };
	copy(in.symbol, sizeof in.symbol, "BTCUSDT");
	pos[0].amt = D("0.7");
	cost_of(&out, &c);
	figure("all", out.has_amt, out.amt, "0");
	figure("all", out.has_notional, out.notional, "35000");
	in.side = SIDE_BUY;
	cost_of(&out, &c);
	figure("none", out.has_amt, out.amt, "0.7");
	c.acct = NULL;
	cost_of(&out, &c);
	figure("not known", out.has_notional, out.notional, NULL);
}

/* The linear examples of section 12.5. */
static void
test_liquidation_linear(void **state)
{
	struct position *p;

	(void)state;
	new_rig("0", "1535443.01");		/* #1: two contracts, FAQ */
	one_tier("0.025", "16300");
	p = hold("ETHUSDT", POS_BOTH, "3683.979", "1456.84", "1335.18");
	p->maint_margin = D("356512.508");
	order(SIDE_BUY, POS_BOTH, "109.488", "32481.98");
	cost_of(&out, &c);
	begins("#1", out.has_liq, out.liq, "26316.89");

	new_rig("0", "1000");			/* #2: isolated; half of twice as much is closed */
	one_tier("0.004", "0");
	hold_isolated(POS_BOTH, "0.006", "10359.38", "6.38461442");
	order(SIDE_SELL, POS_BOTH, "0.003", "10359.38");
	in.reduce_only = true;
	cost_of(&out, &c);
	begins("#2", out.has_liq, out.liq, "9332.61");

	new_rig("0", "100000");			/* #4: short leg, isolated */
	one_tier("0.005", "50");
	hold_isolated(POS_SHORT, "-20", "6563.86", "13140.85023542");
	order(SIDE_BUY, POS_SHORT, "10", "6563.86");
	cost_of(&out, &c);
	begins("#4", out.has_liq, out.liq, "7189.95");

	new_rig("0", "5000");			/* #5: both legs, cross */
	hold("BTCUSDT", POS_SHORT, "-0.5", "62000", "60000");
	p = hold("ETHUSDT", POS_LONG, "1", "3200", "3000");
	p->maint_margin = D("300");
	order(SIDE_BUY, POS_LONG, "2", "60000");
	cost_of(&out, &c);
	begins("#5", out.has_liq, out.liq, "56754.0323");

	new_rig("0", "500");			/* #9: hedged, the legs are bound from above */
	one_tier("0.005", "50");
	hold("BTCUSDT", POS_SHORT, "-1", "61000", "60000");
	order(SIDE_BUY, POS_LONG, "1", "60000");
	cost_of(&out, &c);
	figure("#9", out.has_liq, out.liq, "160000");
}

/* Section 7 and 12.1 together: 0.5 at 60000 and then 0.25 at 63000 are 0.75 at 61000. An
 * isolated wallet of 2250 then: (2250 - 0.75 x 61000) / (0.75 x 0.004 - 0.75). */
static void
test_liquidation_average(void **state)
{
	(void)state;
	new_rig("0", "100000");
	one_tier("0.004", "0");
	hold_isolated(POS_BOTH, "0.5", "60000", "1462.5");
	order(SIDE_BUY, POS_BOTH, "0.25", "63000");	/* 15750 / 20 = 787.5 more */
	cost_of(&out, &c);
	figure("margin", out.has_margin, out.margin, "787.5");
	begins("linear", out.has_liq, out.liq, "58232.9317");
	/* 5000 USD at 60000 and 3000 USD at 64000 are 8000 USD at 61440 (harmonic), in a
	 * wallet of 0.01 BTC: 8000 x 1.004 / (0.01 + 8000 / 61440). */
	new_rig("100", "0.01");
	one_tier("0.004", "0");
	hold("BTCUSD_PERP", POS_BOTH, "50", "60000", "60000");
	order(SIDE_BUY, POS_BOTH, "30", "64000");
	c.mark = D("64000");
	cost_of(&out, &c);
	figure("amt", out.has_amt, out.amt, "80");
	begins("inverse", out.has_liq, out.liq, "57286.1813");
}

/* The inverse examples. */
static void
test_liquidation_inverse(void **state)
{
	struct position *p;

	(void)state;
	new_rig("100", "1");			/* #6: isolated, all 8 decimals */
	one_tier("0.004", "0");
	hold_isolated(POS_BOTH, "4", "37643.10000021", "0.00536116");
	order(SIDE_SELL, POS_BOTH, "2", "37643.10000021");
	cost_of(&out, &c);
	figure("#6", out.has_liq, out.liq, "25119.97445760");

	new_rig("100", "0.02");			/* #7: both legs, and another contract of the coin */
	one_tier("0.004", "0");
	hold("BTCUSD_PERP", POS_SHORT, "-50", "62000", "60000");
	p = hold("BTCUSD_261225", POS_LONG, "1.25", "62500", "50000");
	p->maint_margin = D("0.001");
	order(SIDE_BUY, POS_LONG, "200", "60000");
	cost_of(&out, &c);
	begins("#7", out.has_liq, out.liq, "55680.8945");
	p->maint_margin = D("0");		/* as /dapi tells it: not at all */
	cost_of(&out, &c);
	figure("#7 untold", out.has_liq, out.liq, NULL);

	new_rig("10", "1");			/* #8: a short, isolated */
	one_tier("0.004", "0");
	hold_isolated(POS_BOTH, "-200", "60000", "0.01");
	order(SIDE_BUY, POS_BOTH, "100", "60000");
	cost_of(&out, &c);
	begins("#8", out.has_liq, out.liq, "85371.4286");
	pos[0].isolated_wallet = D("0.03333334");	/* covered in coins: never */
	cost_of(&out, &c);
	figure("#8 covered", out.has_liq, out.liq, "0");
}

/* Effective leverage: all notional over the equity of the wallet, rounded up. */
static void
test_leverage(void **state)
{
	(void)state;
	new_rig("0", "10000");
	order(SIDE_BUY, POS_BOTH, "0.5", "60000");
	c.mark = D("60000");
	cost_of(&out, &c);
	figure("30000 / 10000", out.has_leverage, out.leverage, "3");
	rates("0.0002", "0.0005");
	cost_of(&out, &c);
	figure("30000 / 9985", out.has_leverage, out.leverage, "3.0046");
	c.rates = false;
	in.price = D("60003");			/* trades at once: a loss of 1.5 against the mark */
	cost_of(&out, &c);
	figure("30000 / 9998.5", out.has_leverage, out.leverage, "3.0005");
	/* a buy that waits 10 % below, with a long one held: filled when the market is there */
	hold("BTCUSDT", POS_BOTH, "0.5", "60000", "60000");
	in.price = D("54000");
	cost_of(&out, &c);
	figure("54000 / 7000", out.has_leverage, out.leverage, "7.7143");
	/* and others count with their PnL at their mark: (54000 + 6000) / (7000 + 1000) */
	hold("ETHUSDT", POS_BOTH, "2", "2500", "3000");
	cost_of(&out, &c);
	figure("60000 / 8000", out.has_leverage, out.leverage, "7.5");
	/* equity gone: without bound */
	wal[0].cross = D("1000");
	cost_of(&out, &c);
	figure("no equity", out.has_leverage, out.leverage, NULL);
	/* an isolated one moves margin, which the wallet as a whole does not feel */
	new_rig("0", "10000");
	c.isolated = true;
	c.mark = D("60000");
	order(SIDE_SELL, POS_BOTH, "0.5", "60000");
	cost_of(&out, &c);
	figure("isolated", out.has_leverage, out.leverage, "3");
	/* hedge mode: both legs are valued where the order fills, (27000 + 5400) / (10000 + 600) */
	new_rig("0", "10000");
	hold("BTCUSDT", POS_SHORT, "-0.1", "60000", "60000");
	order(SIDE_BUY, POS_LONG, "0.5", "54000");
	c.mark = D("60000");
	cost_of(&out, &c);
	figure("32400 / 10600", out.has_leverage, out.leverage, "3.0567");
	/* a mark not asked for is that of the position */
	c.mark = D("0");
	in.price = D("0");
	cost_of(&out, &c);
	figure("the position's mark", out.has_price, out.price, "60000");
	/* inverse: 0.4 BTC of 0.2 */
	new_rig("100", "0.2");
	order(SIDE_BUY, POS_BOTH, "100", "25000");
	c.mark = D("25000");
	cost_of(&out, &c);
	figure("0.4 / 0.2", out.has_leverage, out.leverage, "2");
}

/* What is not known is not told; what is known still is. */
static void
test_unknown(void **state)
{
	(void)state;
	new_rig("0", "10000");
	order(SIDE_BUY, POS_BOTH, "0.5", "60000");
	c.acct = NULL;
	c.tiers = NULL;
	c.leverage = 0;
	cost_of(&out, &c);
	figure("notional", out.has_notional, out.notional, "30000");
	assert_false(out.has_fee || out.has_margin || out.has_amt || out.has_leverage || out.has_liq);
	c.acct = &acct;
	cost_of(&out, &c);
	figure("no settings", out.has_amt, out.amt, "0.5");
	assert_false(out.has_margin || out.has_leverage || out.has_liq);
	c.leverage = 20;
	cost_of(&out, &c);
	figure("no tiers", out.has_leverage, out.leverage, "3");
	assert_false(out.has_liq);
	c.tiers = &tiers;
	acct.multi_assets = true;
	cost_of(&out, &c);
	assert_true(out.has_amt && !out.has_leverage && !out.has_liq);
	acct.multi_assets = false;
	acct.hedge = true;			/* the order is of the other mode */
	cost_of(&out, &c);
	assert_true(out.has_margin && !out.has_amt && !out.has_liq);
	acct.hedge = false;
	acct.known = false;
	cost_of(&out, &c);
	assert_false(out.has_amt);
	acct.known = true;
	in.op = OP_MODIFY;
	cost_of(&out, &c);
	figure("modify", out.has_margin, out.margin, "1500");
	assert_false(out.has_amt || out.has_leverage || out.has_liq);
	in.op = OP_CANCEL;
	cost_of(&out, &c);
	assert_false(out.has_price || out.has_notional);
	/* a position of no known wallet may be one of this one */
	in.op = OP_PLACE;
	hold("XYZ", POS_BOTH, "1", "1", "1")->margin_asset[0] = '\0';
	cost_of(&out, &c);
	assert_true(out.has_amt && !out.has_leverage && !out.has_liq);
	/* out of room is not known */
	acct.npos = 0;
	in.qty = D("99999999999999999999999999");
	in.price = D("99999999999999999999999999");
	cost_of(&out, &c);
	assert_false(out.has_notional || out.has_margin || out.has_leverage || out.has_liq);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_price_and_rate),
		cmocka_unit_test(test_position),
		cmocka_unit_test(test_liquidation_linear),
		cmocka_unit_test(test_liquidation_average),
		cmocka_unit_test(test_liquidation_inverse),
		cmocka_unit_test(test_leverage),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The rules over events of bf-risk: each begins, acts and ends; sizes worked by hand beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "riskrig.h"

static uint64_t
rnd(uint64_t *s)
{
	*s = *s * 6364136223846793005ull + 1442695040888963407ull;
	return *s >> 33;
}

/* 10000 USDT and 1 BTC at 60000: leverage 6. */
static struct riskrig *
six(const char *limit, enum action act)
{
	struct riskrig *r = rig_new();

	put_wallet(r, MARKET_USDM, "USDT", "10000");
	put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	limit_on(r, R_MAX_LEV, limit, act);
	return r;
}

static void
test_max_lev(void **state)
{
	struct riskrig *r = six("5", ACT_REDUCE);
	const char *s;

	(void)state;
	r->l.cost = D("0.001");
	/* (60000 - 4.75 x 10000) / (60000 x (1 - 4.75 x 0.001)) = 0.20932 */
	s = look(r);
	has(s, "{\"symbol\":\"BTCUSDT\",\"side\":\"SELL\",\"type\":\"MARKET\",\"quantity\":\"0.210\",\"reduceOnly\":\"true\","
	    "\"newClientOrderId\":\"bfr-1\",\"by\":\"bf-risk\",\"rule\":\"max-lev\",\"value\":\"6.0000\",\"limit\":\"5\"}\n");
	has(s, "\"e\":\"bf.risk\"");
	has(s, "\"action\":\"reduce\"");
	has(s, "\"reason\":\"because of max-lev\"");
	assert_string_equal(r->out.say, "effective leverage 6.0000 above the limit: reducing BTCUSDT");
	assert_int_equal(r->w.blocked, 0);
	mark_at(r, "BTCUSDT", "59990");
	assert_string_equal(look(r), "");
	ends(r, "FILLED", "0.210");
	assert_true(r->out.read[MARKET_USDM]);
	loaded(r, MARKET_USDM);
	assert_string_equal(look(r), "");	/* it does not show it yet */
	set_amt(r, "BTCUSDT", "0.790");
	loaded(r, MARKET_USDM);
	s = look(r);
	has(s, "\"cleared\":true");
	assert_int_equal(count_of(s, "\n"), 1);
	assert_string_equal(look(r), "");
	rig_free(r);
}

static void
test_without_mark(void **state)
{
	struct riskrig *r = six("5", ACT_REDUCE);

	(void)state;
	account_position(&r->w.acct[MARKET_USDM], "BTCUSDT", POS_BOTH)->mark = dec_int(0);
	has(look(r), "\"quantity\":\"0.209\"");	/* 12500 / 60000 = 0.2083 */
	rig_free(r);
}

static void
test_no_equity(void **state)
{
	struct riskrig *r = six("5", ACT_REDUCE);
	const char *s;

	(void)state;
	mark_at(r, "BTCUSDT", "45000");
	s = look(r);
	has(s, "\"quantity\":\"1.000\"");
	has(s, "\"value\":null");
	has(r->out.say, "without bound (no equity left)");
	rig_free(r);
}

/* Said once, and once when it is over. */
static void
test_blind(void **state)
{
	static const char none[] = "no leverage can be told", again[] = "can be told again";
	struct riskrig *r = rig_new();

	(void)state;
	snprintf(r->l.asset, sizeof r->l.asset, "USDT");
	limit_on(r, R_MAX_LEV, "5", ACT_NOTICE);
	look(r);
	has(r->out.say, none);
	look(r);
	lacks(r->out.say, none);
	put_wallet(r, MARKET_USDM, "USDT", "10000");
	look(r);
	has(r->out.say, again);
	look(r);
	lacks(r->out.say, again);
	rig_free(r);
}

static void
test_inverse(void **state)
{
	struct riskrig *r = rig_new();

	(void)state;
	put_wallet(r, MARKET_COINM, "BTC", "1");
	put_position(r, "BTCUSD_PERP", POS_BOTH, "-3000", "60000", "60000");
	limit_on(r, R_MAX_LEV, "4", ACT_REDUCE);
	/* 5 BTC held: (5 - 3.8) / (100 / 60000) = 720 contracts */
	has(look(r), "{\"symbol\":\"BTCUSD_PERP\",\"side\":\"BUY\",\"type\":\"MARKET\",\"quantity\":\"720\",\"reduceOnly\":\"true\"");
	rig_free(r);
}

static void
test_hedge(void **state)
{
	struct riskrig *r = rig_new();
	const char *s;

	(void)state;
	r->w.acct[MARKET_USDM].hedge = true;
	put_wallet(r, MARKET_USDM, "USDT", "10000");
	put_position(r, "BTCUSDT", POS_SHORT, "-1.000", "60000", "60000");
	put_position(r, "BTCUSDT", POS_LONG, "0.200", "60000", "60000");
	limit_on(r, R_MAX_LEV, "5", ACT_REDUCE);
	s = look(r);	/* (72000 - 47500) / 60000 = 0.4083 */
	has(s, "\"side\":\"BUY\",\"type\":\"MARKET\",\"quantity\":\"0.409\",\"positionSide\":\"SHORT\"");
	lacks(s, "reduceOnly");
	rig_free(r);
}

/* The heaviest first, the next when the first has ended; what is not traded is passed over. */
static void
test_heaviest(void **state)
{
	struct riskrig *r = six("1", ACT_REDUCE);
	const char *s;

	(void)state;
	put_position(r, "ETHUSDT", POS_BOTH, "-8", "3000", "3000");
	s = look(r);
	has(s, "\"symbol\":\"BTCUSDT\",\"side\":\"SELL\"");
	lacks(s, "\"symbol\":\"ETHUSDT\",\"side\"");
	ends(r, "FILLED", "1.000");
	set_amt(r, "BTCUSDT", "0");
	loaded(r, MARKET_USDM);
	has(look(r), "\"symbol\":\"ETHUSDT\",\"side\":\"BUY\"");
	rig_free(r);
	r = six("1", ACT_REDUCE);
	put_position(r, "ETHUSDT", POS_BOTH, "-8", "3000", "3000");
	snprintf(contracts_find(&r->w.cs, "BTCUSDT")->rules.status, 24, "SETTLING");
	has(look(r), "\"symbol\":\"ETHUSDT\",\"side\":\"BUY\"");
	rig_free(r);
}

static void
test_liq_distance(void **state)
{
	struct riskrig *r = rig_new();
	const char *s;

	(void)state;
	put_wallet(r, MARKET_USDM, "USDT", "3500");
	put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	limit_on(r, R_LIQ_DISTANCE, "10", ACT_REDUCE);
	/* 3500 + P - 60000 = 0.01 P: P = 57070.70; 4.88 % away. Target 10.5 %: P <= 53700 needs
	 * a <= 3500 / (60000 - 0.99 x 53700) = 0.51192, so 0.489 off. */
	s = look(r);
	has(s, "\"rule\":\"liq-distance\",\"value\":\"4.88");
	has(s, "\"side\":\"SELL\",\"type\":\"MARKET\",\"quantity\":\"0.489\"");
	assert_true(r->w.blocked & 1u << R_LIQ_DISTANCE);
	ends(r, "FILLED", "0.489");
	set_amt(r, "BTCUSDT", "0.511");
	loaded(r, MARKET_USDM);
	s = look(r);
	has(s, "\"cleared\":true");
	lacks(s, "\"side\"");
	assert_int_equal(r->w.blocked, 0);
	rig_free(r);
}

/* Legs that outweigh each other die of a rise, since both maintenances grow with it: 1 % of 2 x P is 2000 at 100000. At
 * 97000 that is 3.09 % away, and the short's: less of it is what helps. A wallet that lives at no price is not far from
 * anything. */
static void
test_liq_distance_above(void **state)
{
	struct riskrig *r = rig_new();
	const char *s;

	(void)state;
	r->w.acct[MARKET_USDM].hedge = true;
	put_wallet(r, MARKET_USDM, "USDT", "2000");
	put_position(r, "BTCUSDT", POS_LONG, "1.000", "60000", "97000");
	put_position(r, "BTCUSDT", POS_SHORT, "-1.000", "60000", "97000");
	limit_on(r, R_LIQ_DISTANCE, "10", ACT_REDUCE);
	s = look(r);
	has(s, "\"rule\":\"liq-distance\",\"value\":\"3.09");
	has(s, "\"side\":\"BUY\",\"type\":\"MARKET\"");
	has(s, "\"positionSide\":\"SHORT\"");
	lacks(s, "\"positionSide\":\"LONG\"");
	rig_free(r);
	r = rig_new();
	put_wallet(r, MARKET_USDM, "USDT", "-90000");
	put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	limit_on(r, R_LIQ_DISTANCE, "10", ACT_NOTICE);
	has(look(r), "\"rule\":\"liq-distance\",\"value\":\"0");
	rig_free(r);
}

static void
test_margin_ratio(void **state)
{
	struct riskrig *r = rig_new();
	const char *s;

	(void)state;
	put_wallet(r, MARKET_USDM, "USDT", "3500");
	put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	limit_on(r, R_MARGIN_RATIO, "10", ACT_REDUCE);
	s = look(r);	/* 600 / 3500 = 17.14 %; 600 a <= 0.095 x 3500: a <= 0.55416 */
	has(s, "\"value\":\"17.142858");
	has(s, "\"quantity\":\"0.446\"");
	rig_free(r);
}

static void
test_isolated_ratio(void **state)
{
	struct riskrig *r = rig_new();
	struct position *p;

	(void)state;
	put_wallet(r, MARKET_USDM, "USDT", "100000");
	p = put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	p->isolated = true;
	p->isolated_wallet = D("3000");
	limit_on(r, R_MARGIN_RATIO, "30", ACT_BLOCK);
	assert_string_equal(look(r), "");	/* 600 / 3000 = 20 % */
	mark_at(r, "BTCUSDT", "58500");		/* 585 / 1500 = 39 % */
	has(look(r), "\"value\":\"39.000000");
	assert_true(r->w.blocked & 1u << R_MARGIN_RATIO);
	rig_free(r);
}

/*
 * The margin of an isolated position goes with what is closed of it: no part of it off brings the price of liquidation
 * farther away, or the ratio down, so all of it is closed. Those beside it are left.
 */
static void
test_isolated_reduces(void **state)
{
	static const enum rule rules[] = { R_LIQ_DISTANCE, R_MARGIN_RATIO };
	static const char *const max[] = { "10", "15" };
	const char *s;

	(void)state;
	for (size_t i = 0; i < LEN(rules); i++) {
		struct riskrig *r = rig_new();
		struct position *p;

		put_wallet(r, MARKET_USDM, "USDT", "100000");
		p = put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
		p->isolated = true;
		p->isolated_wallet = D("3000");		/* 57000 / 0.99 = 57575.76: 4.04 % away; ratio 20 % */
		r->w.acct[MARKET_USDM].wal[0].cross = D("97000");
		put_position(r, "ETHUSDT", POS_BOTH, "1.000", "3000", "3000");
		limit_on(r, rules[i], max[i], ACT_REDUCE);
		s = look(r);
		has(s, i == 0 ? "\"value\":\"4.04" : "\"value\":\"20");
		has(s, "\"symbol\":\"BTCUSDT\",\"side\":\"SELL\",\"type\":\"MARKET\",\"quantity\":\"1.000\"");
		assert_int_equal(count_of(s, "newClientOrderId"), 1);
		rig_free(r);
	}
}

/* BTCUSDT's volatility becomes this percent of 60000, from now on. */
static void
stir(struct riskrig *r, const char *high)
{
	struct sym *y = sym_slot(&r->w, "BTCUSDT", 7);

	r->w.now.ms += 700000;
	r->w.now.mono_ms += 700000;
	vol_init(&y->vol, 300000);
	vol_add(&y->vol, D("60000"), r->w.now.ms);
	vol_add(&y->vol, D(high), r->w.now.ms + 1);
}

static void
shrunk(struct riskrig *r, const char *by, const char *to)
{
	ends(r, "FILLED", by);
	set_amt(r, "BTCUSDT", to);
	loaded(r, MARKET_USDM);
}

static void
test_volatility(void **state)
{
	static const struct step steps[] = { { { 2, 0 }, { 75, 0 } }, { { 4, 0 }, { 50, 0 } }, { { 6, 0 }, { 0, 0 } } };
	struct riskrig *r = rig_new();
	struct limit *l = limit_on(r, R_VOLATILITY, "2", ACT_REDUCE);
	struct sym *y;

	(void)state;
	memcpy(l->step, steps, sizeof steps);
	l->nstep = 3;
	l->hysteresis = dec_int(20);
	put_wallet(r, MARKET_USDM, "USDT", "100000");
	put_position(r, "BTCUSDT", POS_BOTH, "1.001", "60000", "60000");
	stir(r, "60600");			/* 1 % */
	assert_string_equal(look(r), "");
	stir(r, "61500");			/* 2.5 %: keep 0.75075, 0.25025 off */
	has(look(r), "\"quantity\":\"0.251\"");
	y = sym_find(&r->w, "BTCUSDT", 7);
	assert_true(y->blocked & 1u << R_VOLATILITY);
	assert_int_equal(r->w.blocked, 0);	/* other symbols are not */
	shrunk(r, "0.251", "0.750");
	assert_string_equal(look(r), "");
	stir(r, "62700");			/* 4.5 %: keep 0.5005 of what was held in calm */
	has(look(r), "\"quantity\":\"0.250\"");	/* 0.2495 */
	shrunk(r, "0.250", "0.500");
	stir(r, "61980");			/* 3.3 %: not below 3.2, still in it */
	assert_string_equal(look(r), "");
	stir(r, "61080");			/* 1.8 %: not below 1.6, in the first */
	assert_string_equal(look(r), "");
	assert_true(y->blocked != 0);
	stir(r, "60900");			/* 1.5 % */
	has(look(r), "\"cleared\":true");
	assert_int_equal(y->blocked, 0);
	stir(r, "64200");			/* 7 %: all of it */
	has(look(r), "\"quantity\":\"0.500\"");
	rig_free(r);
}

/* What somebody else opens while it lasts is brought down to the step too; what is added to it is taken off again. */
static void
test_volatility_added(void **state)
{
	struct riskrig *r = rig_new();
	struct limit *l = limit_on(r, R_VOLATILITY, "2", ACT_REDUCE);

	(void)state;
	l->step[0] = (struct step){ dec_int(2), dec_int(75) };
	l->step[1] = (struct step){ dec_int(4), dec_int(50) };
	l->nstep = 2;
	put_wallet(r, MARKET_USDM, "USDT", "100000");
	stir(r, "61500");			/* 2.5 %, and nothing held */
	has(look(r), "\"rule\":\"volatility\"");
	put_position(r, "BTCUSDT", POS_BOTH, "0.400", "60000", "61500");
	has(look(r), "\"quantity\":\"0.100\"");	/* 75 % are 0.3 */
	shrunk(r, "0.100", "0.300");
	assert_string_equal(look(r), "");
	set_amt(r, "BTCUSDT", "0.800");
	has(look(r), "\"quantity\":\"0.500\"");
	shrunk(r, "0.500", "0.300");
	stir(r, "62700");
	has(look(r), "\"quantity\":\"0.100\"");	/* half of 0.4 */
	shrunk(r, "0.100", "0.200");
	set_amt(r, "BTCUSDT", "0");
	assert_string_equal(look(r), "");
	set_amt(r, "BTCUSDT", "-0.100");	/* begins anew */
	has(look(r), "\"side\":\"BUY\",\"type\":\"MARKET\",\"quantity\":\"0.050\"");
	rig_free(r);
}

/* Without marks it is not known to be calm: what was goes on until one comes. */
static void
test_volatility_unknown(void **state)
{
	struct riskrig *r = rig_new();
	struct limit *l = limit_on(r, R_VOLATILITY, "2", ACT_BLOCK);
	struct sym *y;

	(void)state;
	l->hysteresis = dec_int(20);
	put_wallet(r, MARKET_USDM, "USDT", "100000");
	put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	stir(r, "61500");
	has(look(r), "\"rule\":\"volatility\"");
	y = sym_find(&r->w, "BTCUSDT", 7);
	assert_string_equal(later(r, 10 * 60000), "");
	assert_true(y->blocked & 1u << R_VOLATILITY);
	r->w.now.ms -= 60000;			/* a clock that goes back */
	assert_string_equal(look(r), "");
	assert_true(y->blocked & 1u << R_VOLATILITY);
	vol_add(&y->vol, D("61500"), r->w.now.ms);
	has(later(r, 1000), "\"cleared\":true");
	assert_int_equal(y->blocked, 0);
	rig_free(r);
}

static void
test_unprotected(void **state)
{
	struct riskrig *r = rig_new();
	const char *s;

	(void)state;
	put_wallet(r, MARKET_USDM, "USDT", "100000");
	put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	limit_on(r, R_UNPROTECTED, "30", ACT_NOTICE);
	put_open(r, "BTCUSDT", "STOP_MARKET", SIDE_SELL, "0.400", "0", true, 5);	/* not all of it */
	put_open(r, "BTCUSDT", "TAKE_PROFIT_MARKET", SIDE_SELL, "1.000", "0", true, 6);
	put_open(r, "BTCUSDT", "STOP_MARKET", SIDE_BUY, "1.000", "0", true, 7);
	assert_string_equal(look(r), "");
	assert_string_equal(later(r, 30000), "");
	s = later(r, 1);
	has(s, "\"e\":\"bf.unprotected\"");
	has(s, "\"positionSide\":\"BOTH\",\"code\":0");
	has(s, "\"intent\":null}");
	has(s, "\"e\":\"bf.risk\"");
	has(s, "\"value\":\"0.600\",\"limit\":\"30\"");
	assert_int_equal(r->w.blocked, 0);
	assert_string_equal(later(r, 5000), "");
	put_open(r, "BTCUSDT", "TRAILING_STOP_MARKET", SIDE_SELL, "0.600", "0", true, 8);
	s = look(r);
	has(s, "\"cleared\":true");
	lacks(s, "bf.unprotected");
	rig_free(r);
}

/* Orders that add are cancelled; with those that only reduce among them, one by one. */
static void
test_cancel(void **state)
{
	struct riskrig *r = six("5", ACT_CANCEL);
	const char *s;

	(void)state;
	put_open(r, "BTCUSDT", "LIMIT", SIDE_BUY, "1", "50000", false, 11);
	put_open(r, "BTCUSDT", "LIMIT", SIDE_SELL, "0.5", "70000", false, 12);	/* only takes off */
	put_open(r, "BTCUSDT", "STOP_MARKET", SIDE_SELL, "1", "0", true, 13);
	put_open(r, "ETHUSDT", "LIMIT", SIDE_SELL, "1", "3000", false, 14);
	put_open(r, "ETHUSDT", "STOP_MARKET", SIDE_BUY, "1", "0", false, 15);
	s = look(r);
	has(s, "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"orderId\":11,");
	has(s, "{\"op\":\"cancel-all\",\"symbol\":\"ETHUSDT\",\"by\":");
	has(s, "{\"op\":\"cancel-all\",\"symbol\":\"ETHUSDT\",\"algo\":true,");
	assert_int_equal(count_of(s, "\"op\""), 3);
	lacks(s, "\"side\"");
	assert_string_equal(later(r, 4000), "");
	assert_int_equal(count_of(later(r, 1000), "\"op\""), 3);	/* they stand still */
	rig_free(r);
}

/* Orders against a position that together go beyond it: those that it has room for are kept, the others could add. */
static void
test_cancel_sum(void **state)
{
	struct riskrig *r = six("5", ACT_CANCEL);
	const char *s;

	(void)state;
	put_open(r, "BTCUSDT", "LIMIT", SIDE_SELL, "0.6", "70000", false, 21);
	put_open(r, "BTCUSDT", "LIMIT", SIDE_SELL, "0.6", "71000", false, 22);
	put_open(r, "BTCUSDT", "LIMIT", SIDE_SELL, "0.4", "72000", false, 23);
	put_open(r, "BTCUSDT", "LIMIT", SIDE_SELL, "1.0", "73000", true, 24);
	s = look(r);
	has(s, "{\"op\":\"cancel\",\"symbol\":\"BTCUSDT\",\"orderId\":22,");
	assert_int_equal(count_of(s, "\"op\""), 1);
	rig_free(r);
}

/*
 * Whatever is open, what only reduces is never cancelled, and what is left cannot turn a position around: held, random
 * orders, and what the lines say is taken away.
 */
static void
one_book(uint64_t seed)
{
	static const char *const symbols[] = { "BTCUSDT", "ETHUSDT" }, *const types[] = { "LIMIT", "STOP_MARKET" };
	struct riskrig *r = six("5", ACT_CANCEL);
	const struct account *a = &r->w.acct[MARKET_USDM];
	bool gone[12] = { false };
	char qty[DEC_STR], text[128];
	int n = (int)(rnd(&seed) % 12) + 1;
	const char *s;

	put_position(r, "ETHUSDT", POS_BOTH, rnd(&seed) % 2 ? "-2.000" : "2.000", "3000", "3000");
	for (int i = 0; i < n; i++) {
		dec_print((dec){ .c = (i128)(rnd(&seed) % 2500) + 1, .scale = 3 }, qty);
		put_open(r, symbols[rnd(&seed) % 2], types[rnd(&seed) % 2], rnd(&seed) % 2 ? SIDE_BUY : SIDE_SELL, qty, "100",
		    rnd(&seed) % 3 == 0, 100 + (uint64_t)i);
	}
	s = look(r);
	for (int i = 0; i < n; i++) {
		const struct open_order *o = &a->ord[i];

		snprintf(text, sizeof text, "{\"op\":\"cancel-all\",\"symbol\":\"%s\",%s", o->symbol,
		    o->algo ? "\"algo\":true" : "\"by\"");
		gone[i] = strstr(s, text) != NULL;
		snprintf(text, sizeof text, "\"%s\":%d,", o->algo ? "algoId" : "orderId", 100 + i);
		gone[i] = gone[i] || strstr(s, text) != NULL;
		assert_false(gone[i] && o->reduce);
	}
	for (int p = 0; p < a->npos; p++) {
		dec with = dec_int(0), against = with;

		for (int i = 0; i < n; i++)
			if (!gone[i] && !a->ord[i].reduce && strcmp(a->ord[i].symbol, a->pos[p].symbol) == 0) {
				dec *sum = (a->ord[i].side == SIDE_BUY) == (dec_sign(a->pos[p].amt) > 0) ? &with : &against;

				assert_true(dec_add(sum, *sum, a->ord[i].qty));
			}
		assert_int_equal(dec_sign(with), 0);
		assert_true(dec_cmp(against, dec_abs(a->pos[p].amt)) <= 0);
	}
	rig_free(r);
}

static void
test_cancels_no_exit(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 500; seed++)
		one_book(seed);
}

/* All of it, in chunks of what one order may have, one in flight a symbol; also when the breach has passed. */
static void
test_flatten(void **state)
{
	struct riskrig *r = six("5", ACT_FLATTEN);
	const char *s;

	(void)state;
	put_position(r, "ETHUSDT", POS_BOTH, "-1", "3000", "3000");
	contracts_find(&r->w.cs, "BTCUSDT")->rules.mkt_max_qty = D("0.6");
	s = look(r);
	has(s, "\"symbol\":\"BTCUSDT\",\"side\":\"SELL\",\"type\":\"MARKET\",\"quantity\":\"0.600\"");
	has(s, "\"symbol\":\"ETHUSDT\",\"side\":\"BUY\",\"type\":\"MARKET\",\"quantity\":\"1.000\"");
	assert_int_equal(count_of(s, "newClientOrderId"), 2);
	assert_true(r->w.blocked & 1u << R_MAX_LEV);
	fresh(r);
	watch_answer(r->wt, &r->w, "bfr-1", NULL, true, "FILLED", D("0.6"), &r->out);
	set_amt(r, "BTCUSDT", "0.400");
	loaded(r, MARKET_USDM);
	s = look(r);	/* leverage is 2.7 now */
	has(s, "\"quantity\":\"0.400\"");
	has(s, "\"cleared\":true");
	assert_int_equal(count_of(s, "newClientOrderId"), 1);
	fresh(r);
	watch_answer(r->wt, &r->w, "bfr-2", NULL, true, "FILLED", D("1"), &r->out);
	watch_answer(r->wt, &r->w, "bfr-3", NULL, true, "FILLED", D("0.4"), &r->out);
	set_amt(r, "BTCUSDT", "0");
	set_amt(r, "ETHUSDT", "0");
	loaded(r, MARKET_USDM);
	assert_string_equal(look(r), "");
	assert_int_equal(r->w.blocked, 0);
	rig_free(r);
}

static void
test_trip(void **state)
{
	struct riskrig *r = six("5", ACT_TRIP);

	(void)state;
	has(look(r), "\"quantity\":\"1.000\"");
	assert_string_equal(r->out.trip, "max-lev: because of max-lev");
	mark_at(r, "BTCUSDT", "59000");
	look(r);
	assert_string_equal(r->out.trip, "");
	rig_free(r);
}

static void
test_notice_block(void **state)
{
	struct riskrig *r = rig_new();
	const char *s;

	(void)state;
	put_wallet(r, MARKET_USDM, "USDT", "3500");
	put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	put_open(r, "BTCUSDT", "LIMIT", SIDE_BUY, "1", "50000", false, 11);
	limit_on(r, R_MARGIN_RATIO, "10", ACT_NOTICE);
	s = look(r);
	assert_int_equal(count_of(s, "\n"), 1);
	assert_int_equal(r->w.blocked, 0);
	r->l.r[R_MARGIN_RATIO].act = ACT_BLOCK;
	mark_at(r, "BTCUSDT", "60001");
	assert_string_equal(look(r), "");
	assert_int_equal(r->w.blocked, 1u << R_MARGIN_RATIO);
	rig_free(r);
}

/* Two rules that want off one position: one order, the larger. */
static void
test_two_rules(void **state)
{
	struct riskrig *r = rig_new();
	const char *s;

	(void)state;
	put_wallet(r, MARKET_USDM, "USDT", "3500");
	put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	limit_on(r, R_LIQ_DISTANCE, "10", ACT_REDUCE);	/* 0.489, as above */
	limit_on(r, R_MARGIN_RATIO, "10", ACT_REDUCE);	/* 0.446 */
	limit_on(r, R_MAX_LEV, "8", ACT_REDUCE);	/* (60000 - 7.6 x 3500) / 60000 = 0.5566 */
	s = look(r);
	assert_int_equal(count_of(s, "newClientOrderId"), 1);
	has(s, "\"quantity\":\"0.557\"");
	has(s, "\"rule\":\"max-lev\",\"value\":\"17.1429\"");
	rig_free(r);
}

/* What does not fill is followed by what reaches further. */
static void
test_ladder(void **state)
{
	static const char *const want[] = {
		"\"type\":\"MARKET\"", "\"type\":\"MARKET\"",
		"\"type\":\"LIMIT\",\"timeInForce\":\"IOC\",\"priceMatch\":\"OPPONENT_20\"",
		"\"type\":\"LIMIT\",\"timeInForce\":\"IOC\",\"priceMatch\":\"OPPONENT_5\"",
		"\"type\":\"LIMIT\",\"timeInForce\":\"IOC\",\"price\":\"57000.00\"",	/* 60000 x 0.95 */
		"\"type\":\"LIMIT\",\"timeInForce\":\"IOC\",\"price\":\"57000.00\"",
		"\"type\":\"MARKET\"", "\"type\":\"LIMIT\""
	};
	struct riskrig *r = six("5", ACT_FLATTEN);

	(void)state;
	for (size_t i = 0; i < LEN(want); i++) {
		const char *s = later(r, i < 2 ? 0 : 60000);

		has(s, want[i]);
		has(s, "\"reduceOnly\":\"true\"");
		assert_string_equal(r->out.trip, "");
		ends(r, "EXPIRED", "0");
		if (i + 1 < LEN(want))
			assert_string_equal(r->out.trip, "");
		loaded(r, MARKET_USDM);
	}
	assert_int_equal(count_of(look(r), "newClientOrderId"), 0);	/* a pause */
	has(later(r, 60000), "\"type\":\"MARKET\"");
	rig_free(r);
}

/* A thin book fills a part of each: the next order follows within a second, however often. */
static void
test_thin_book(void **state)
{
	struct riskrig *r = six("5", ACT_FLATTEN);
	char left[DEC_STR];

	(void)state;
	for (int i = 1; i <= 20; i++) {
		if (count_of(look(r), "newClientOrderId") == 0)
			has(later(r, 1000), "newClientOrderId");
		ends(r, "EXPIRED", "0.010");
		dec_print((dec){ .c = 100 - i, .scale = 2 }, left);
		set_amt(r, "BTCUSDT", left);
		loaded(r, MARKET_USDM);
	}
	rig_free(r);
}

static void
test_stuck(void **state)
{
	struct riskrig *r = six("5", ACT_FLATTEN);

	(void)state;
	for (int i = 0; i < 8; i++) {
		has(later(r, 60000), "newClientOrderId");
		ends(r, "EXPIRED", "0");
		if (i == 7) {
			has(r->out.lines.p, "\"stuck\":true");
			has(r->out.trip, "max-lev: 8 orders in a row did not reduce BTCUSDT");
		}
		loaded(r, MARKET_USDM);
	}
	rig_free(r);
}

/* An order nobody knows is given up only when it cannot arrive any more; unread in the pipe its time has not begun. */
static void
test_never_arrived(void **state)
{
	struct riskrig *r = six("5", ACT_REDUCE);

	(void)state;
	has(look(r), "bfr-1");
	later(r, 25);
	assert_true(r->out.query);
	assert_string_equal(r->out.query_id, "bfr-1");
	assert_string_equal(r->out.query_symbol, "BTCUSDT");
	later(r, 14000);
	watch_unread(r->wt, r->w.now.mono_ms);
	later(r, 15000);
	fresh(r);
	watch_answer(r->wt, &r->w, "bfr-1", NULL, false, "", dec_int(0), &r->out);
	assert_string_equal(r->out.say, "");
	later(r, 1);
	fresh(r);
	watch_answer(r->wt, &r->w, "bfr-1", NULL, false, "", dec_int(0), &r->out);
	assert_string_equal(r->out.say, "reducing order bfr-1 never reached the exchange");
	loaded(r, MARKET_USDM);
	has(later(r, 1), "bfr-2");
	rig_free(r);
}

/* The account that does not show it is believed in the end: who was added to must not stay unguarded. */
static void
test_lag(void **state)
{
	struct riskrig *r = six("5", ACT_REDUCE);

	(void)state;
	has(look(r), "bfr-1");
	event(r, "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1700006400001,\"T\":1700006400001,\"o\":{\"s\":\"BTCUSDT\",\"i\":77,"
	    "\"c\":\"bfr-1\",\"S\":\"SELL\",\"o\":\"MARKET\",\"x\":\"TRADE\",\"X\":\"FILLED\",\"z\":\"0.209\",\"t\":1,\"rp\":\"0\"}}");
	assert_true(r->out.read[MARKET_USDM]);
	later(r, 9999);
	loaded(r, MARKET_USDM);
	assert_int_equal(count_of(look(r), "newClientOrderId"), 0);
	later(r, 1);
	loaded(r, MARKET_USDM);
	has(look(r), "bfr-2");
	rig_free(r);
}

static void
test_missing(void **state)
{
	struct riskrig *r = rig_new();

	(void)state;
	put_wallet(r, MARKET_USDM, "USDT", "10000");
	put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	contracts_find(&r->w.cs, "BTCUSDT")->tiers.n = 0;	/* no brackets */
	limit_on(r, R_LIQ_DISTANCE, "10", ACT_REDUCE);
	look(r);
	has(r->out.say, "BTCUSDT: rule liq-distance cannot be judged");
	assert_true(r->w.blocked & 1u << R_LIQ_DISTANCE);
	later(r, 2000);
	assert_string_equal(r->out.say, "");
	assert_true(r->w.blocked & 1u << R_LIQ_DISTANCE);
	snprintf(r->l.asset, sizeof r->l.asset, "USTD");
	loaded(r, MARKET_USDM);
	look(r);
	has(r->out.say, "no USTD wallet");
	has(r->out.say, "nothing is guarded, no new risk");
	rig_free(r);
}

/* All wallets as one margin, in USD: 5000 USDT at 1, and 5000 USDC at 0.9 x 0.99. */
static void
test_united(void **state)
{
	struct riskrig *r = rig_new();

	(void)state;
	r->w.acct[MARKET_USDM].multi_assets = true;
	put_wallet(r, MARKET_USDM, "USDT", "5000");
	put_wallet(r, MARKET_USDM, "USDC", "5000");
	put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	assert_non_null(r->w.rates.r = calloc(2, sizeof *r->w.rates.r));
	r->w.rates.n = 2;
	r->w.rates.r[0] = (struct asset_rate){ "USDT", dec_int(1), dec_int(0), dec_int(0) };
	r->w.rates.r[1] = (struct asset_rate){ "USDC", D("0.9"), D("0.01"), D("0.01") };
	limit_on(r, R_MAX_LEV, "6", ACT_REDUCE);
	/* equity 5000 + 4455 = 9455: 60000 / 9455 = 6.3459; (60000 - 5.7 x 9455) / 60000 = 0.10178 */
	has(look(r), "\"quantity\":\"0.102\"");
	rig_free(r);
}

/*
 * A model exchange that fills a part, in random accounts at random prices: no order is larger than what is held, none
 * has the wrong side, one a symbol at a time; in the end leverage holds, or nothing is left.
 */
static dec
random_amt(uint64_t *s)
{
	dec d = { .c = (i128)(rnd(s) % 3000) + 1, .scale = 3 };

	return rnd(s) % 2 ? d : dec_neg(d);
}

/* A part of a position closed at its mark: what it gained goes to the wallet of its margin. */
static void
close_part(struct riskrig *r, struct account *a, struct position *p, dec part)
{
	struct leg leg = { .kind = p->kind, .amt = dec_sign(p->amt) > 0 ? part : dec_neg(part), .entry = p->entry,
		.size = p->size };
	dec gain;

	assert_true(margin_pnl(&gain, &leg, p->mark) && dec_add(&a->wal[0].cross, a->wal[0].cross, gain));
	a->wal[0].balance = a->wal[0].cross;
	assert_true(dec_sub(&p->amt, p->amt, leg.amt));
	account_mark(a, p->symbol, strlen(p->symbol), p->mark, ++r->w.now.ms);
	r->w.version++;
}

/* Fill what was written; *n: how many orders. */
static void
exchange(struct riskrig *r, uint64_t *seed, int *n)
{
	char *line, *next, status[16], id[CLIENT_ID_MAX], symbol[SYMBOL_MAX];
	char *copy = strdup(r->out.lines.p);

	assert_non_null(copy);
	*n = 0;
	for (line = copy; *line != '\0'; line = next) {
		struct position *p;
		const struct contract *c;
		struct account *a;
		struct intent in;
		dec qty, part;

		next = strchr(line, '\n');
		*next++ = '\0';
		assert_true(scan_doc(&r->sc, line, strlen(line)) > 0);
		/* It passes whatever is blocked: exits are not asked. */
		if (intent_kind(r->sc.t, r->sc.t) == REC_INTENT)
			assert_true(intent_read(&in, r->sc.t, r->sc.t, &r->f) == 0 && intent_reduces(&in));
		if (!scan_get_dec(r->sc.t, r->sc.t, "quantity", &qty))
			continue;
		++*n;
		assert_true(scan_get_str(r->sc.t, r->sc.t, "symbol", symbol, sizeof symbol));
		assert_true(scan_get_str(r->sc.t, r->sc.t, "newClientOrderId", id, sizeof id));
		assert_non_null(c = contracts_find(&r->w.cs, symbol));
		a = &r->w.acct[c->market];
		assert_true(in.reduce_only != a->hedge && in.has_pos_side == a->hedge);
		assert_non_null(p = account_position(a, symbol, in.pos_side));
		assert_true(scan_get_is(r->sc.t, r->sc.t, "side", dec_sign(p->amt) > 0 ? "SELL" : "BUY"));
		assert_true(dec_sign(qty) > 0 && dec_cmp(qty, dec_abs(p->amt)) <= 0);
		assert_true(dec_is_multiple(qty, c->rules.step));
		part = rnd(seed) % 3 == 0 ? (dec){ .c = (i128)(rnd(seed) % (uint64_t)(qty.c + 1)), .scale = qty.scale } : qty;
		snprintf(status, sizeof status, "%s", dec_cmp(part, qty) == 0 ? "FILLED" : "EXPIRED");
		close_part(r, a, p, part);
		watch_answer(r->wt, &r->w, id, NULL, true, status, part, &r->out);
	}
	free(copy);
}

/* Of BTC's contracts too: 1 BTC, and up to 6 of them held. */
static void
put_inverse(struct riskrig *r, uint64_t *seed)
{
	static const enum pos_side sides[] = { POS_LONG, POS_SHORT };
	bool hedge = r->w.acct[MARKET_COINM].hedge = r->w.acct[MARKET_USDM].hedge;
	char amt[DEC_STR];

	put_wallet(r, MARKET_COINM, "BTC", "1");
	for (int i = 0; i < (hedge ? 2 : 1); i++) {
		int n = (int)(rnd(seed) % 3600) + 1;

		snprintf(amt, sizeof amt, "%d", hedge ? (i == 1 ? -n : n) : rnd(seed) % 2 ? -n : n);
		put_position(r, "BTCUSD_PERP", hedge ? sides[i] : POS_BOTH, amt, "60000", "60000");
	}
}

/* No wallet has more leverage than the rule allows. */
static void
rested(struct riskrig *r)
{
	const struct limit *l = &r->l.r[R_MAX_LEV];

	for (int m = 0; m < MARKETS && l->on; m++) {
		struct account *a = &r->w.acct[m];
		struct account_sum s;
		dec most;

		assert_true(account_sum(a, a->wal[0].asset, &s) && dec_mul(&most, s.equity, l->max));
		if (dec_sign(s.notional) > 0 && dec_cmp(s.notional, most) > 0)
			fail_msg("market %d: leverage is above its limit at rest", m);
	}
}

static void
one_account(uint64_t seed)
{
	static const enum rule rules[] = { R_MAX_LEV, R_LIQ_DISTANCE, R_MARGIN_RATIO };
	static const char *const max[] = { "5", "12", "20" };
	struct riskrig *r = rig_new();
	char amt[DEC_STR], mark[DEC_STR], text[DEC_STR];
	enum pos_side side = POS_BOTH;
	int n, idle = 0;

	put_wallet(r, MARKET_USDM, "USDT", "10000");
	for (size_t i = 0; i < LEN(rules); i++)
		if (i == seed % 3 || rnd(&seed) % 2)
			limit_on(r, rules[i], max[i], rnd(&seed) % 4 ? ACT_REDUCE : ACT_FLATTEN);
	dec_print(random_amt(&seed), amt);
	if ((r->w.acct[MARKET_USDM].hedge = rnd(&seed) % 3 == 0)) {
		dec_print(dec_abs(random_amt(&seed)), amt);
		put_position(r, "BTCUSDT", POS_LONG, amt, "60000", "60000");
		dec_print(dec_neg(dec_abs(random_amt(&seed))), amt);
		put_position(r, "BTCUSDT", POS_SHORT, amt, "60000", "60000");
		side = POS_SHORT;
	} else {
		put_position(r, "BTCUSDT", POS_BOTH, amt, "60000", "60000");
	}
	dec_print(random_amt(&seed), amt);
	put_position(r, "ETHUSDT", side, side == POS_BOTH || amt[0] == '-' ? amt : "-1.5", "3000", "3000");
	put_inverse(r, &seed);
	for (int i = 0; i < 400 && idle < 12; i++) {
		if (i < 40) {
			snprintf(mark, sizeof mark, "%d", 57000 + (int)(rnd(&seed) % 6000));
			mark_at(r, "BTCUSDT", mark);
			mark_at(r, "BTCUSD_PERP", mark);
			snprintf(text, sizeof text, "%d", 2700 + (int)(rnd(&seed) % 600));
			mark_at(r, "ETHUSDT", text);
		}
		later(r, 40000);
		exchange(r, &seed, &n);
		idle = n == 0 && i >= 40 ? idle + 1 : 0;
		loaded(r, MARKET_USDM);
		loaded(r, MARKET_COINM);
	}
	assert_int_equal(idle, 12);	/* it came to rest */
	rested(r);
	rig_free(r);
}

static void
test_never_flips(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++)
		one_account(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_max_lev), cmocka_unit_test(test_without_mark), cmocka_unit_test(test_no_equity),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_inverse), cmocka_unit_test(test_hedge), cmocka_unit_test(test_heaviest),
		cmocka_unit_test(test_liq_distance), cmocka_unit_test(test_liq_distance_above),
		cmocka_unit_test(test_margin_ratio), cmocka_unit_test(test_isolated_ratio), cmocka_unit_test(test_isolated_reduces),
		cmocka_unit_test(test_volatility), cmocka_unit_test(test_volatility_added),
		cmocka_unit_test(test_volatility_unknown), cmocka_unit_test(test_unprotected), cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_cancel_sum), cmocka_unit_test(test_cancels_no_exit),
		cmocka_unit_test(test_flatten), cmocka_unit_test(test_trip), cmocka_unit_test(test_notice_block),
		cmocka_unit_test(test_two_rules), cmocka_unit_test(test_ladder), cmocka_unit_test(test_thin_book),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_never_arrived), cmocka_unit_test(test_lag), cmocka_unit_test(test_missing),
		cmocka_unit_test(test_united), cmocka_unit_test(test_never_flips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

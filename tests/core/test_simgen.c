/* The synthetic market: the same seed gives the same events, books make sense,
 * regimes do what they are called, and there is a past. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/gen.h"
#include "../../cmd/bf-sim/specs.h"
#include "decimal.h"

#define START	INT64_C(1795730400000)	/* 2026-11-26 22:00 UTC */
#define MINUTE	INT64_C(60000)

struct rig {
	struct engine	*e;
	struct hist	*h;
	struct gen	*g;
	uint64_t	 hash;		/* of all events (FNV-1a) */
	long		 trades, books;
	dec		 volume;	/* of BTCUSDT */
	int		 btc;
	struct fault	 f;
};

static void
eat(uint64_t *h, const void *p, size_t n)
{
	for (const unsigned char *b = p; n-- > 0; b++)
		*h = (*h ^ *b) * 0x100000001b3u;
}

static void
eat_dec(uint64_t *h, dec d)
{
	char s[DEC_STR];

	dec_print(d, s);
	eat(h, s, strlen(s));
}

static void
on_event(void *arg, const struct engine_event *ev)
{
	struct rig *r = arg;

	eat(&r->hash, &ev->ms, sizeof ev->ms);
	eat(&r->hash, &ev->sym, sizeof ev->sym);
	if (ev->kind == EV_TRADE) {
		r->trades++;
		eat_dec(&r->hash, ev->u.trade.price);
		eat_dec(&r->hash, ev->u.trade.qty);
		if (ev->sym == r->btc)
			assert_true(dec_add(&r->volume, r->volume, ev->u.trade.qty));
	} else if (ev->kind == EV_BOOK) {
		r->books++;
		for (int i = 0; i < ev->u.book.n; i++) {
			eat_dec(&r->hash, ev->u.book.level[i].price);
			eat_dec(&r->hash, ev->u.book.level[i].qty);
		}
	} else if (ev->kind == EV_MARK) {
		eat_dec(&r->hash, ev->u.mark.mark);
		eat_dec(&r->hash, ev->u.mark.index);
	}
	if (r->h != NULL)
		hist_event(r->h, ev);
}

static struct rig *
make(uint64_t seed, bool past)
{
	struct engine_config c = engine_config_default();
	struct rig *r = calloc(1, sizeof *r);
	dec price;

	assert_non_null(r);
	r->hash = 0xcbf29ce484222325u;
	c.start_ms = START;
	c.sink = on_event;
	c.arg = r;
	assert_non_null(r->e = engine_new(&c, &r->f));
	assert_non_null(r->h = hist_new(r->e));
	r->btc = engine_symbol(r->e, "BTCUSDT");
	for (int i = 0; i < engine_symbols(r->e); i++) {
		price = specs_price(engine_rules(r->e, i)->symbol);
		assert_int_equal(engine_prices(r->e, i, price, price, START, &r->f), 0);
	}
	assert_non_null(r->g = gen_new(r->e, past ? r->h : NULL, seed, START));
	return r;
}

static void
unmake(struct rig *r)
{
	gen_free(r->g);
	hist_free(r->h);
	engine_free(r->e);
	free(r);
}

static void
run_to(struct rig *r, int64_t ms)
{
	if (gen_tick(r->g, ms, &r->f) == -1)
		fail_msg("%s", r->f.text);
}

/* In 1/100 of a percent. */
static int
move(dec from, dec to)
{
	dec d;

	assert_true(dec_sub(&d, to, from));
	assert_true(dec_mul(&d, d, dec_int(10000)));
	assert_true(dec_div(&d, d, from, 0, DEC_DOWN));
	return (int)d.c;
}

static uint64_t
hash_of(uint64_t seed)
{
	struct rig *r = make(seed, true);
	uint64_t hash;

	run_to(r, START + 3 * MINUTE);
	hash = r->hash;
	unmake(r);
	return hash;
}

static void
test_seed(void **state)
{
	uint64_t a = hash_of(7);

	(void)state;
	assert_true(a == hash_of(7));
	assert_true(a != hash_of(8));
}

/* Steps told one by one or all at once are the same. */
static void
test_steps(void **state)
{
	struct rig *r = make(7, true);

	(void)state;
	for (int64_t ms = START; ms <= START + 3 * MINUTE; ms += 37)
		run_to(r, ms);
	run_to(r, START + 3 * MINUTE);
	assert_int_equal(gen_due(r->g), START + 3 * MINUTE + GEN_STEP_MS);
	assert_true(r->hash == hash_of(7));
	unmake(r);
}

static void
check_book(struct rig *r, int sym)
{
	struct engine_level b[40], a[40];
	int nb = engine_depth(r->e, sym, SIDE_BUY, b, 40), na = engine_depth(r->e, sym, SIDE_SELL, a, 40);
	dec mark = engine_mark_price(r->e, sym);

	assert_true(nb >= 15 && na >= 15);
	assert_true(dec_cmp(b[0].price, a[0].price) < 0);
	assert_true(abs(move(mark, b[0].price)) < 100 && abs(move(mark, a[0].price)) < 100);
	for (int i = 0; i < nb; i++)
		assert_true(dec_is_multiple(b[i].price, engine_rules(r->e, sym)->tick));
}

static void
test_books(void **state)
{
	struct rig *r = make(3, false);

	(void)state;
	for (int k = 0; k < 60; k++) {
		run_to(r, START + 2000 + k * MINUTE);
		for (int i = 0; i < engine_symbols(r->e); i++)
			check_book(r, i);
	}
	assert_null(engine_check(r->e));
	assert_true(r->trades > 5000 && r->books > 10000);
	unmake(r);
}

/* Minutes of the index of BTCUSDT: the largest move either way. */
static int
widest(struct rig *r, enum regime what, int minutes, int *all)
{
	int64_t ms = START + 1000;
	int most = 0, m;
	dec first, before, now;

	gen_regime(r->g, -1, what);
	run_to(r, ms);
	first = before = engine_index_price(r->e, r->btc);
	for (int i = 0; i < minutes; i++) {
		run_to(r, ms += MINUTE);
		now = engine_index_price(r->e, r->btc);
		m = abs(move(before, now));
		most = m > most ? m : most;
		before = now;
	}
	*all = move(first, before);
	assert_int_equal(gen_regime_of(r->g, r->btc), what);
	return most;
}

static void
test_regimes(void **state)
{
	static const struct { enum regime what; int least, most; } row[] = {
		{ REGIME_CALM, 1, 20 }, { REGIME_TREND, 1, 40 }, { REGIME_THIN, 1, 40 },
		{ REGIME_SPIKE, 40, 250 }, { REGIME_CRASH, 130, 400 }
	};
	int all, most;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct rig *r = make(11 + i, false);

		most = widest(r, row[i].what, 20, &all);
		if (most < row[i].least || most > row[i].most)
			fail_msg("%s: %d bp a minute", regime_name(row[i].what), most);
		if (row[i].what == REGIME_CRASH)
			assert_true(all < -1500);	/* 15 % in 20 minutes */
		if (row[i].what == REGIME_TREND)
			assert_true(abs(all) > 40);
		unmake(r);
	}
}

/* What stands within 1 % of the price. */
static dec
depth(struct rig *r)
{
	struct engine_level b[40];
	dec sum = dec_int(0);
	int n = engine_depth(r->e, r->btc, SIDE_BUY, b, 40);

	for (int i = 0; i < n && move(b[0].price, b[i].price) > -100; i++)
		assert_true(dec_add(&sum, sum, b[i].qty));
	return sum;
}

static void
test_thin(void **state)
{
	struct rig *r = make(5, false), *t = make(5, false);
	dec thin;

	(void)state;
	gen_regime(r->g, r->btc, REGIME_CALM);
	gen_regime(t->g, t->btc, REGIME_THIN);
	run_to(r, START + 5 * MINUTE);
	run_to(t, START + 5 * MINUTE);
	assert_true(dec_mul(&thin, depth(t), dec_int(4)));
	assert_true(dec_cmp(thin, depth(r)) < 0);
	assert_true(t->trades < r->trades);
	unmake(r);
	unmake(t);
}

/* One base coin, one index. */
static void
test_one_index(void **state)
{
	struct rig *r = make(9, false);
	int perp = engine_symbol(r->e, "BTCUSD_PERP"), usdc = engine_symbol(r->e, "BTCUSDC");
	dec was[2] = { engine_index_price(r->e, r->btc), engine_index_price(r->e, perp) };

	(void)state;
	gen_regime(r->g, -1, REGIME_SPIKE);
	run_to(r, START + 10 * MINUTE);
	assert_true(abs(move(was[0], engine_index_price(r->e, r->btc)) -
	    move(was[1], engine_index_price(r->e, perp))) <= 1);
	assert_true(abs(move(engine_index_price(r->e, perp), engine_mark_price(r->e, perp))) < 40);
	assert_true(abs(move(engine_index_price(r->e, usdc), engine_mark_price(r->e, usdc))) < 40);
	unmake(r);
}

static void
test_past(void **state)
{
	static struct candle c[1500];
	struct rig *r = make(2, true);
	struct hist_day d;
	int n;

	(void)state;
	for (int i = 0; i < engine_symbols(r->e); i++)
		for (int k = 0; k < CANDLE_KINDS; k++) {
			n = hist_candles(r->h, (enum candle_kind)k, i, "1m", 0, INT64_MAX, START, c,
			    1500);
			assert_int_equal(n, 1441);
			for (int m = 1; m < n - 1; m++) {
				assert_int_equal(dec_cmp(c[m].o, c[m - 1].c), 0);
				assert_true(dec_cmp(c[m].l, c[m].h) <= 0);
			}
			if (k == CANDLE_LAST)
				assert_true(abs(move(engine_mark_price(r->e, i), c[1439].c)) < 10);
		}
	assert_true(hist_day(r->h, r->btc, START, &d));
	assert_true(dec_sign(d.volume) > 0 && d.count > 10000);
	unmake(r);
}

/* A waiting order is reached by the market sooner or later, and a big one is
 * not the end of the book. */
static void
test_orders(void **state)
{
	struct rig *r = make(4, false);
	struct engine_request q = { .side = SIDE_BUY, .type = ORDER_LIMIT, .tif = TIF_GTC };
	const struct engine_order *o;
	struct engine_level top;
	int acct = engine_account_new(r->e, D("1000000"), &r->f);
	int64_t ms = START + 2000;

	(void)state;
	run_to(r, ms);
	assert_int_equal(engine_depth(r->e, r->btc, SIDE_BUY, &top, 1), 1);
	q.price = top.price;
	q.qty = D("0.010");
	assert_int_equal(engine_place(r->e, acct, r->btc, &q, ms, &o, &r->f), 0);
	while (order_open(o) && ms < START + 60 * MINUTE)
		run_to(r, ms += 1000);
	assert_int_equal(o->status, STATUS_FILLED);
	q.side = SIDE_SELL;
	q.type = ORDER_MARKET;
	q.qty = D("100");
	assert_int_equal(engine_place(r->e, acct, r->btc, &q, ms, &o, &r->f), 0);
	run_to(r, ms + 20000);
	check_book(r, r->btc);
	assert_null(engine_check(r->e));
	unmake(r);
}

static void
test_jump(void **state)
{
	struct rig *r = make(1, false);

	(void)state;
	run_to(r, START + 1000);
	gen_at(r->g, START + 86400000 + 1);
	assert_int_equal(gen_due(r->g), START + 86400000 + 100);
	run_to(r, START + 86400000 + 1000);
	unmake(r);
}

static void
test_names(void **state)
{
	enum regime r;

	(void)state;
	for (int i = 0; i < REGIMES; i++) {
		assert_true(regime_read(&r, regime_name((enum regime)i)));
		assert_int_equal(r, i);
	}
	assert_false(regime_read(&r, "stormy"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_books),
		cmocka_unit_test(test_regimes),
		cmocka_unit_test(test_thin),
		cmocka_unit_test(test_one_index),
		cmocka_unit_test(test_past),
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_names)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

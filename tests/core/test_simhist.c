/* What the simulated market remembers: candles against sums made by hand,
 * aggregates, 24 h figures, and that it all stays within its bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/hist.h"
#include "decimal.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define START	INT64_C(1795730400000)	/* 2026-11-26 22:00 UTC */
#define MINUTE	INT64_C(60000)

struct rig { struct engine *e; struct hist *h; int btc, perp; uint64_t id; };

static struct rig
make(void)
{
	struct engine_config c = engine_config_default();
	struct rig r = { NULL, NULL, 0, 0, 0 };
	struct fault f;

	c.start_ms = START;
	assert_non_null(r.e = engine_new(&c, &f));
	assert_non_null(r.h = hist_new(r.e));
	r.btc = engine_symbol(r.e, "BTCUSDT");
	r.perp = engine_symbol(r.e, "BTCUSD_PERP");
	assert_true(r.btc >= 0 && r.perp >= 0);
	return r;
}

static void
unmake(struct rig *r)
{
	hist_free(r->h);
	engine_free(r->e);
}

static const char *
S(dec d)
{
	static char ring[8][DEC_STR];
	static unsigned k;
	char *p = ring[k++ % LEN(ring)];

	dec_print(d, p);
	return p;
}

#define assert_dec(d, want)	assert_string_equal(S(d), want)

static void
deal(struct rig *r, int sym, int64_t ms, dec price, dec qty, bool buyer_maker)
{
	struct engine_event ev = { .kind = EV_TRADE, .ms = ms, .acct = -1, .sym = sym };

	ev.u.trade.id = ++r->id;
	ev.u.trade.price = price;
	ev.u.trade.qty = qty;
	ev.u.trade.buyer_maker = buyer_maker;
	hist_event(r->h, &ev);
}

static void
mark(struct rig *r, int sym, int64_t ms, const char *price, const char *index)
{
	struct engine_event ev = { .kind = EV_MARK, .ms = ms, .acct = -1, .sym = sym };

	ev.u.mark.mark = D(price);
	ev.u.mark.index = D(index);
	hist_event(r->h, &ev);
}

static void
test_floor(void **state)
{
	static const struct { const char *interval; int64_t ms, want; } row[] = {
		{ "1s", 1795731390123, 1795731390000 }, { "1m", 1795731390123, 1795731360000 },
		{ "3m", 1795731390123, 1795731300000 }, { "15m", 1795731390123, 1795731300000 },
		{ "1h", 1795731390123, 1795730400000 }, { "4h", 1795731390123, 1795723200000 },
		{ "8h", 1795731390123, 1795708800000 }, { "12h", 1795731390123, 1795694400000 },
		{ "1d", 1795731390123, 1795651200000 },
		{ "1w", 1795731390123, 1795392000000 },		/* Monday 2026-11-23 */
		{ "1M", 1795731390123, 1793491200000 },		/* 2026-11-01 */
		{ "1M", 1709251199000, 1706745600000 },		/* 2024-02-29 */
		{ "1w", 1709251199000, 1708905600000 },		/* Monday 2024-02-26 */
		{ "1M", 1703984400000, 1701388800000 },		/* 2023-12-31 */
		{ "1M", 1709251200000, 1709251200000 }		/* 2024-03-01 itself */
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		if (hist_floor(row[i].interval, row[i].ms) != row[i].want)
			fail_msg("%s of %lld: %lld", row[i].interval, (long long)row[i].ms,
			    (long long)hist_floor(row[i].interval, row[i].ms));
	assert_int_equal(hist_interval("7m"), 0);
	assert_int_equal(hist_interval("1M"), 1);
	assert_int_equal(hist_interval("1w"), 7 * 86400000);
}

/* One trade as the naive sums see it: ticks of 0.1, steps of 0.001. */
struct raw { int64_t ms, price, qty; bool sell; };

static void
naive(const struct raw *t, size_t n, int64_t from, int64_t to, int64_t before, struct candle *out)
{
	int64_t v = 0, q = 0, tv = 0, o = before, h = before, l = before, c = before, k = 0;

	for (size_t i = 0; i < n; i++) {
		if (t[i].ms < from || t[i].ms > to)
			continue;
		if (k++ == 0)
			o = h = l = t[i].price;
		h = t[i].price > h ? t[i].price : h;
		l = t[i].price < l ? t[i].price : l;
		c = t[i].price;
		v += t[i].qty;
		q += t[i].qty * t[i].price;
		tv += t[i].sell ? 0 : t[i].qty;
	}
	out->o = (dec){ o, 1 };
	out->h = (dec){ h, 1 };
	out->l = (dec){ l, 1 };
	out->c = (dec){ c, 1 };
	out->volume = (dec){ v, 3 };
	out->quote = (dec){ q, 4 };
	out->taker_volume = (dec){ tv, 3 };
	out->trades = k;
}

static void
compare(const struct candle *a, const struct candle *b)
{
	assert_int_equal(dec_cmp(a->o, b->o), 0);
	assert_int_equal(dec_cmp(a->h, b->h), 0);
	assert_int_equal(dec_cmp(a->l, b->l), 0);
	assert_int_equal(dec_cmp(a->c, b->c), 0);
	assert_int_equal(dec_cmp(a->volume, b->volume), 0);
	assert_int_equal(dec_cmp(a->quote, b->quote), 0);
	assert_int_equal(dec_cmp(a->taker_volume, b->taker_volume), 0);
	assert_int_equal(a->trades, b->trades);
}

#define TRADES	3000
static struct raw raws[TRADES];

/* Trades with pauses of up to 12 minutes. */
static int64_t
trade_away(struct rig *r)
{
	uint32_t x = 12345;
	int64_t ms = START + 17, price = 600000;

	for (size_t i = 0; i < TRADES; i++) {
		x = x * 1664525u + 1013904223u;
		ms += x % 97 == 0 ? x % 720000 : x % 9000;
		price += (int64_t)(x >> 16) % 41 - 20;
		raws[i] = (struct raw){ ms, price, 1 + (x >> 8) % 500, (x >> 5) % 2 == 0 };
		deal(r, r->btc, ms, (dec){ price, 1 }, (dec){ raws[i].qty, 3 }, raws[i].sell);
	}
	return ms;
}

static void
test_candles(void **state)
{
	static const char *const names[] = { "1m", "3m", "15m", "1h", "4h", "1d" };
	static struct candle got[1500];
	struct rig r = make();
	int64_t now = trade_away(&r), before;
	struct candle want;
	int n;

	(void)state;
	for (size_t k = 0; k < LEN(names); k++) {
		n = hist_candles(r.h, CANDLE_LAST, r.btc, names[k], 0, INT64_MAX, now, got, 1500);
		assert_true(n > 0);
		before = raws[0].price;
		for (int i = 0; i < n; i++) {
			assert_int_equal(got[i].open_ms, hist_floor(names[k], got[i].open_ms));
			assert_true(i == 0 || got[i].open_ms == got[i - 1].close_ms + 1);
			naive(raws, TRADES, got[i].open_ms, got[i].close_ms, before, &want);
			compare(&got[i], &want);
			before = (int64_t)want.c.c;
		}
		assert_int_equal(got[n - 1].open_ms, hist_floor(names[k], now));
	}
	unmake(&r);
}

static void
test_ranges(void **state)
{
	static const char *const last[] = { "1m", "1h", "3d", "1w", "1M" };
	static struct candle got[10];
	struct rig r = make();
	int n;

	(void)state;
	for (int i = 0; i < 60; i++)
		deal(&r, r.btc, START + i * MINUTE, (dec){ 600000 + i, 1 }, D("1"), false);
	n = hist_candles(r.h, CANDLE_LAST, r.btc, "1m", 0, INT64_MAX, START + 59 * MINUTE, got, 10);
	assert_int_equal(n, 10);
	assert_int_equal(got[0].open_ms, START + 50 * MINUTE);
	n = hist_candles(r.h, CANDLE_LAST, r.btc, "1m", START + 1, INT64_MAX, START + 59 * MINUTE,
	    got, 10);
	assert_int_equal(n, 10);
	assert_int_equal(got[0].open_ms, START + MINUTE);
	n = hist_candles(r.h, CANDLE_LAST, r.btc, "1m", 0, START + 5 * MINUTE, START + 59 * MINUTE,
	    got, 3);
	assert_int_equal(n, 3);
	assert_int_equal(got[2].open_ms, START + 5 * MINUTE);
	/* time goes by without a trade: flat */
	assert_true(hist_candle(r.h, CANDLE_LAST, r.btc, "1m", START + 100 * MINUTE, &got[0]));
	assert_int_equal(got[0].open_ms, START + 100 * MINUTE);
	assert_dec(got[0].c, "60005.90");
	assert_int_equal(got[0].trades, 0);
	assert_int_equal(hist_candles(r.h, CANDLE_LAST, r.btc, "1m", START + 200 * MINUTE,
	    INT64_MAX, START + 100 * MINUTE, got, 10), 0);
	for (size_t k = 0; k < sizeof last / sizeof *last; k++)	/* a time as great as there is */
		assert_int_equal(hist_candles(r.h, CANDLE_LAST, r.btc, last[k], INT64_MAX, INT64_MAX,
		    START + 100 * MINUTE, got, 10), 0);
	assert_int_equal(hist_candles(r.h, CANDLE_LAST, r.btc, "2m", 0, INT64_MAX, START, got, 10), 0);
	unmake(&r);
}

static void
test_seconds(void **state)
{
	struct candle got[8];
	struct rig r = make();

	(void)state;
	deal(&r, r.btc, START + 100, D("60000"), D("1"), false);
	deal(&r, r.btc, START + 900, D("60001"), D("2"), true);
	deal(&r, r.btc, START + 3000, D("60003"), D("1"), false);
	assert_int_equal(hist_candles(r.h, CANDLE_LAST, r.btc, "1s", 0, INT64_MAX, START + 3500,
	    got, 8), 4);
	assert_dec(got[0].volume, "3.000");
	assert_dec(got[2].o, "60001.00");
	assert_int_equal(got[2].trades, 0);
	assert_dec(got[3].c, "60003.00");
	assert_int_equal(hist_candles(r.h, CANDLE_MARK, r.btc, "1s", 0, INT64_MAX, START, got, 8), 0);
	unmake(&r);
}

static void
test_aggregates(void **state)
{
	struct hist_agg a[8];
	struct rig r = make();

	(void)state;
	assert_int_equal(hist_agg_last(r.h, r.btc), 0);
	assert_int_equal(hist_due(r.h), INT64_MAX);
	deal(&r, r.btc, START, D("60000"), D("1"), true);
	deal(&r, r.btc, START + 99, D("60000"), D("2"), true);
	assert_int_equal(hist_due(r.h), START + 100);
	assert_int_equal(hist_agg_last(r.h, r.btc), 0);
	deal(&r, r.perp, START + 99, D("60000"), D("2"), true);
	deal(&r, r.btc, START + 99, D("60000"), D("1"), false);	/* the other side */
	deal(&r, r.btc, START + 99, D("60000.1"), D("1"), false);	/* another price */
	deal(&r, r.btc, START + 199, D("60000.1"), D("1"), false);	/* too late */
	assert_int_equal(hist_agg_last(r.h, r.btc), 3);
	assert_int_equal(hist_due(r.h), START + 199);
	hist_tick(r.h, START + 199);
	assert_int_equal(hist_agg_last(r.h, r.perp), 1);
	assert_int_equal(hist_due(r.h), START + 299);
	hist_tick(r.h, START + 300);
	assert_int_equal(hist_agg_last(r.h, r.btc), 4);
	assert_int_equal(hist_due(r.h), INT64_MAX);
	assert_int_equal(hist_aggs(r.h, r.btc, 0, 0, INT64_MAX, a, 8), 4);
	assert_dec(a[0].qty, "3.000");
	assert_int_equal(a[0].first, 1);
	assert_int_equal(a[0].last, 2);
	assert_true(a[0].buyer_maker);
	assert_int_equal(hist_aggs(r.h, r.btc, 0, 0, INT64_MAX, a, 2), 2);
	assert_int_equal(a[0].id, 3);
	assert_int_equal(hist_aggs(r.h, r.btc, 2, 0, INT64_MAX, a, 2), 2);
	assert_int_equal(a[0].id, 2);
	assert_int_equal(hist_aggs(r.h, r.btc, 0, START + 1, START + 99, a, 8), 2);
	assert_int_equal(a[0].id, 2);
	unmake(&r);
}

static void
test_trades_are_bounded(void **state)
{
	static struct hist_trade t[HIST_TRADES + 10];
	struct rig r = make();

	(void)state;
	for (int i = 0; i < 2500; i++)
		deal(&r, r.btc, START + i * 50, (dec){ 600000 + i % 7, 1 }, D("0.001"), false);
	assert_int_equal(hist_trades(r.h, r.btc, 0, t, HIST_TRADES + 10), HIST_TRADES);
	assert_int_equal(t[0].id, 1501);
	assert_int_equal(t[HIST_TRADES - 1].id, 2500);
	assert_int_equal(hist_trades(r.h, r.btc, 2000, t, 5), 5);
	assert_int_equal(t[0].id, 2000);
	assert_int_equal(hist_trades(r.h, r.btc, 0, t, 5), 5);
	assert_int_equal(t[0].id, 2496);
	unmake(&r);
}

/* 40 days of a trade a minute: minutes are bounded, and hours tell the rest. */
static void
test_minutes_are_bounded(void **state)
{
	static struct candle got[20000];
	struct rig r = make();
	int64_t now = START + 40 * 1440 * MINUTE;
	int n;

	(void)state;
	for (int64_t ms = START; ms <= now; ms += MINUTE)
		deal(&r, r.btc, ms, D("60000"), D("1"), false);
	n = hist_candles(r.h, CANDLE_LAST, r.btc, "1m", 0, INT64_MAX, now, got, 20000);
	assert_int_equal(n, 10080);
	n = hist_candles(r.h, CANDLE_LAST, r.btc, "1d", 0, INT64_MAX, now, got, 100);
	assert_int_equal(n, 41);
	assert_dec(got[20].volume, "1440.000");
	unmake(&r);
}

static void
test_past(void **state)
{
	static struct candle got[2000];
	struct rig r = make();
	struct candle c = { .trades = 3 };
	struct hist_day d;
	int64_t now = START + 10 * MINUTE;

	(void)state;
	mark(&r, r.btc, now + 5000, "60100", "60100");
	c.volume = D("2");
	c.quote = D("120000");
	for (int i = -1440; i < 10; i++) {
		c.open_ms = START + i * MINUTE;
		c.o = D(i == -1440 ? "59000" : i == 0 ? "60050" : "60000");
		c.c = D("60000");
		c.h = D(i == -50 ? "61000" : "60060");
		c.l = D(i == 5 ? "58000" : "59000");
		hist_past(r.h, CANDLE_LAST, r.btc, &c);
	}
	deal(&r, r.btc, now + 6000, D("60200"), D("1"), false);
	assert_int_equal(hist_candles(r.h, CANDLE_LAST, r.btc, "1m", 0, INT64_MAX, now + 6000, got,
	    2000), 1451);
	assert_dec(got[0].o, "59000.00");
	assert_dec(got[1450].o, "60200.00");
	assert_dec(got[1450].volume, "1.000");
	/* the hour of both: ten told minutes and a lived one */
	assert_true(hist_candle(r.h, CANDLE_LAST, r.btc, "1h", now + 6000, &got[0]));
	assert_dec(got[0].o, "60050.00");
	assert_dec(got[0].l, "58000.00");
	assert_dec(got[0].c, "60200.00");
	assert_dec(got[0].volume, "21.000");
	assert_int_equal(got[0].trades, 31);
	/* 24 h: 1440 told minutes and the present one */
	assert_true(hist_day(r.h, r.btc, now + 6000, &d));
	assert_dec(d.volume, "2881.000");
	assert_dec(d.high, "61000.00");
	assert_dec(d.last, "60200.00");
	assert_dec(d.last_qty, "1.000");
	assert_int_equal(d.count, 4321);
	assert_int_equal(d.open_ms, now - 86400000);
	assert_dec(d.open, "60000.00");
	assert_dec(d.change, "200.00");
	assert_dec(d.percent, "0.333");
	unmake(&r);
}

/* COIN-M: contracts, and coins of 100 USD each. */
static void
test_inverse(void **state)
{
	struct candle c;
	struct hist_day d;
	struct rig r = make();

	(void)state;
	deal(&r, r.perp, START, D("61440"), D("30"), false);
	assert_true(hist_candle(r.h, CANDLE_LAST, r.perp, "1m", START, &c));
	assert_dec(c.volume, "30");
	assert_dec(c.quote, "0.04882813");	/* 3000 / 61440 */
	assert_true(hist_day(r.h, r.perp, START, &d));
	assert_int_equal(dec_decimals(d.volume), 0);
	assert_true(dec_cmp(d.average, D("61439.9")) > 0 && dec_cmp(d.average, D("61440.1")) < 0);
	unmake(&r);
}

static void
test_marks(void **state)
{
	struct candle c;
	struct rig r = make();

	(void)state;
	assert_false(hist_candle(r.h, CANDLE_MARK, r.btc, "1m", START, &c));
	mark(&r, r.btc, START, "60030", "60000");
	mark(&r, r.btc, START + 500, "60060.5", "60000");
	mark(&r, r.btc, START + 1000, "60015", "60000");
	assert_true(hist_candle(r.h, CANDLE_MARK, r.btc, "1m", START + 1000, &c));
	assert_dec(c.h, "60060.50000000");
	assert_int_equal(c.trades, 2);		/* seconds */
	assert_true(hist_candle(r.h, CANDLE_PREMIUM, r.btc, "5m", START + 1000, &c));
	assert_dec(c.o, "0.00050000");
	assert_dec(c.c, "0.00025000");
	assert_true(hist_candle(r.h, CANDLE_INDEX, r.btc, "1h", START + 1000, &c));
	assert_dec(c.c, "60000.00000000");
	/* a market without a trade has a price nevertheless */
	assert_true(hist_candle(r.h, CANDLE_LAST, r.btc, "1m", START + 1000, &c));
	assert_dec(c.c, "60030.00");
	unmake(&r);
}

static void
test_fundings(void **state)
{
	struct engine_event ev = { .kind = EV_FUNDING, .acct = -1 };
	struct hist_funding got[8];
	struct rig r = make();

	(void)state;
	for (int i = 0; i < 6; i++) {
		ev.ms = START + i * 3600000;
		ev.sym = i % 2 == 0 ? r.btc : r.perp;
		ev.u.funding.rate = D("0.0001");
		ev.u.funding.mark = D("60000");
		hist_event(r.h, &ev);
	}
	assert_int_equal(hist_fundings(r.h, -1, 0, INT64_MAX, got, 8), 6);
	assert_int_equal(hist_fundings(r.h, r.btc, 0, INT64_MAX, got, 2), 2);
	assert_int_equal(got[0].ms, START + 2 * 3600000);
	assert_int_equal(hist_fundings(r.h, r.btc, START, INT64_MAX, got, 2), 2);
	assert_int_equal(got[0].ms, START);
	unmake(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_floor),
		cmocka_unit_test(test_candles),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_aggregates),
		cmocka_unit_test(test_trades_are_bounded),
		cmocka_unit_test(test_minutes_are_bounded),
		cmocka_unit_test(test_past),
		cmocka_unit_test(test_inverse),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_fundings)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

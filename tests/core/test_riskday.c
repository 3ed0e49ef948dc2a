/* The day's figures of bf-risk: what counts as a loss and what does not, when a day ends, and what a restart keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "riskrig.h"

/* 10000 USDT, 1 BTC at 60000. */
static struct riskrig *
one_btc(void)
{
	struct riskrig *r = rig_new();

	put_wallet(r, MARKET_USDM, "USDT", "10000");
	put_position(r, "BTCUSDT", POS_BOTH, "1.000", "60000", "60000");
	return r;
}

static bool
blocked(const struct riskrig *r, enum rule rule)
{
	return r->w.blocked & 1u << rule;
}

static void
account_update(struct riskrig *r, const char *why, const char *change)
{
	char text[300];

	snprintf(text, sizeof text, "{\"e\":\"ACCOUNT_UPDATE\",\"E\":%lld,\"T\":%lld,\"a\":{\"m\":\"%s\",\"B\":[{\"a\":\"USDT\","
	    "\"wb\":\"0\",\"cw\":\"0\",\"bc\":\"%s\"}],\"P\":[]}}", (long long)r->w.now.ms, (long long)r->w.now.ms, why, change);
	event(r, text);
}

static void
fill(struct riskrig *r, int order, int trade, const char *status, const char *rp, const char *fee)
{
	char text[400];

	snprintf(text, sizeof text, "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":%lld,\"T\":%lld,\"o\":{\"s\":\"BTCUSDT\",\"i\":%d,\"t\":%d,"
	    "\"c\":\"mine\",\"x\":\"%s\",\"X\":\"%s\",\"rp\":\"%s\",\"N\":\"USDT\",\"n\":\"%s\"}}", (long long)r->w.now.ms,
	    (long long)r->w.now.ms, order, trade, trade > 0 ? "TRADE" : status, status, rp, fee);
	event(r, text);
}

static void
income(struct riskrig *r, const char *type, const char *amount, int64_t at_ms, int id)
{
	char text[300];

	snprintf(text, sizeof text, "{\"symbol\":\"\",\"incomeType\":\"%s\",\"income\":\"%s\",\"asset\":\"USDT\",\"time\":%lld,"
	    "\"tranId\":%d,\"tradeId\":\"\"}", type, amount, (long long)at_ms, id);
	assert_true(scan_doc(&r->sc, text, strlen(text)) > 0);
	assert_int_equal(watch_income(r->wt, MARKET_USDM, r->sc.t, r->sc.t, &r->f), 0);
}

/* Stop and start: the same world, the state through its file. */
static void
restart(struct riskrig *r)
{
	struct buf b = { 0 };

	watch_save(r->wt, &b);
	watch_free(r->wt);
	assert_int_equal(watch_open(&r->wt, &r->l, next_id, r, &r->f), 0);
	assert_true(scan_doc(&r->sc, b.p, b.len) > 0);
	if (watch_load(r->wt, r->sc.t, r->sc.t, &r->f) == -1)
		fail_msg("%s", r->f.text);
	buf_free(&b);
}

/* Realised, unrealised, fees and funding, and each is told. Holds until the day is over, though the loss is made good. */
static void
test_daily_loss(void **state)
{
	struct riskrig *r = one_btc();
	const char *s;

	(void)state;
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK);
	assert_string_equal(look(r), "");
	assert_true(r->out.save);
	fill(r, 1, 1, "FILLED", "-200", "20");
	account_update(r, "FUNDING_FEE", "-10");
	put_wallet(r, MARKET_USDM, "USDT", "9770");	/* 10000 - 200 - 20 - 10 */
	mark_at(r, "BTCUSDT", "59730");			/* - 270: 500 is not above 500 */
	assert_string_equal(look(r), "");
	assert_false(blocked(r, R_DAILY_LOSS));
	mark_at(r, "BTCUSDT", "59729.9");
	s = look(r);
	has(s, "\"rule\":\"daily-loss\",\"value\":\"500.1");
	has(s, "\"realised\":\"-200\",\"unrealised\":\"-270.1");
	has(s, "\"fees\":\"-20\",\"funding\":\"-10\",\"transfers\":\"0\"");
	has(s, "\"action\":\"block\",\"reason\":\"because of daily-loss\"");
	assert_true(blocked(r, R_DAILY_LOSS));
	mark_at(r, "BTCUSDT", "61000");
	assert_string_equal(look(r), "");
	assert_true(blocked(r, R_DAILY_LOSS));
	assert_string_equal(later(r, 23 * HOUR), "");
	assert_true(blocked(r, R_DAILY_LOSS));
	has(later(r, HOUR), "\"cleared\":true");
	assert_false(blocked(r, R_DAILY_LOSS));
	mark_at(r, "BTCUSDT", "60501");		/* 499 below the new anchor */
	assert_string_equal(look(r), "");
	mark_at(r, "BTCUSDT", "60499");
	has(look(r), "\"value\":\"501.");
	rig_free(r);
}

static void
test_percent(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_DAILY_LOSS, "5", ACT_FLATTEN)->percent = true;
	look(r);
	mark_at(r, "BTCUSDT", "59500");
	assert_string_equal(look(r), "");
	mark_at(r, "BTCUSDT", "59499");
	has(look(r), "\"value\":\"5.0100\",\"limit\":\"5\"");
	has(r->out.lines.p, "\"side\":\"SELL\",\"type\":\"MARKET\",\"quantity\":\"1.000\"");
	rig_free(r);
}

static void
test_transfers(void **state)
{
	static const char *const why[] = { "WITHDRAW", "ASSET_TRANSFER", "ADMIN_WITHDRAW", "COIN_SWAP_WITHDRAW" };
	struct riskrig *r = one_btc();
	char left[DEC_STR];

	(void)state;
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK);
	limit_on(r, R_DRAWDOWN, "6", ACT_BLOCK);
	look(r);
	for (int i = 0; i < (int)LEN(why); i++) {
		later(r, 1000);
		account_update(r, why[i], "-2000");
		dec_print(dec_int(10000 - 2000 * (i + 1)), left);
		put_wallet(r, MARKET_USDM, "USDT", left);
		assert_string_equal(look(r), "");
	}
	later(r, 1000);
	account_update(r, "DEPOSIT", "7000");
	put_wallet(r, MARKET_USDM, "USDT", "9000");
	assert_string_equal(look(r), "");
	mark_at(r, "BTCUSDT", "59499");
	has(look(r), "\"transfers\":\"-1000\"");
	has(r->out.lines.p, "\"value\":\"501.");
	lacks(r->out.lines.p, "\"rule\":\"drawdown\"");	/* 501 of 9000 */
	mark_at(r, "BTCUSDT", "59459");
	has(look(r), "\"rule\":\"drawdown\",\"value\":\"6.0112\"");	/* 541 of 9000 */
	rig_free(r);
}

/* The account is read before the event of a withdrawal comes: no loss is seen in between. Without it, it is one. */
static void
test_transfer_read_first(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK);
	limit_on(r, R_DRAWDOWN, "5", ACT_BLOCK);
	look(r);
	put_wallet(r, MARKET_USDM, "USDT", "4000");
	loaded(r, MARKET_USDM);
	assert_string_equal(look(r), "");
	assert_true(r->out.income);
	assert_string_equal(later(r, 1000), "");
	account_update(r, "WITHDRAW", "-6000");
	assert_string_equal(look(r), "");
	assert_string_equal(later(r, 5000), "");
	later(r, 20000);
	put_wallet(r, MARKET_USDM, "USDT", "3000");	/* nothing tells of this one */
	loaded(r, MARKET_USDM);
	assert_string_equal(look(r), "");
	has(later(r, 3000), "\"rule\":\"daily-loss\",\"value\":\"1000");
	rig_free(r);
}

static void
test_midnight_in_a_zone(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK)->zone_min = 330;	/* +05:30: midnight is 18:30 UTC */
	look(r);
	mark_at(r, "BTCUSDT", "59000");
	look(r);
	assert_true(blocked(r, R_DAILY_LOSS));
	later(r, 18 * HOUR + HOUR / 2 - 1000);
	assert_true(blocked(r, R_DAILY_LOSS));
	has(later(r, 1000), "\"cleared\":true");
	assert_false(blocked(r, R_DAILY_LOSS));
	/* A clock that goes back does not begin an earlier day. */
	mark_at(r, "BTCUSDT", "58000");
	look(r);
	assert_true(blocked(r, R_DAILY_LOSS));
	r->w.now.ms -= 48 * HOUR;
	r->w.now.mono_ms += 1000;
	look(r);
	assert_true(blocked(r, R_DAILY_LOSS));
	r->w.now.ms += 48 * HOUR;
	later(r, HOUR);
	assert_true(blocked(r, R_DAILY_LOSS));
	rig_free(r);
}

static void
test_rolling(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK)->rolling = true;
	look(r);
	later(r, 6 * HOUR);
	mark_at(r, "BTCUSDT", "60400");
	look(r);
	later(r, 6 * HOUR);		/* 12:00: 10400 */
	mark_at(r, "BTCUSDT", "59800");
	assert_string_equal(look(r), "");	/* 200 below what was 12 h ago */
	later(r, 12 * HOUR + HOUR / 2);	/* the oldest mark is that of 06:00, 10000 */
	assert_false(blocked(r, R_DAILY_LOSS));
	later(r, 6 * HOUR);		/* 06:30 + 24 h: that of 12:00, 10400 */
	assert_true(blocked(r, R_DAILY_LOSS));
	restart(r);
	look(r);
	assert_true(blocked(r, R_DAILY_LOSS));
	mark_at(r, "BTCUSDT", "60100");
	has(look(r), "\"cleared\":true");	/* 300 now: a rolling day has no other end */
	rig_free(r);
}

static void
test_drawdown(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_DRAWDOWN, "10", ACT_BLOCK);
	look(r);
	mark_at(r, "BTCUSDT", "62000");		/* peak 12000 */
	look(r);
	later(r, 24 * HOUR);
	mark_at(r, "BTCUSDT", "60800");		/* 10 % */
	assert_string_equal(look(r), "");
	mark_at(r, "BTCUSDT", "60799");
	has(look(r), "\"rule\":\"drawdown\",\"value\":\"10.0084\"");
	mark_at(r, "BTCUSDT", "62000");
	look(r);
	assert_true(blocked(r, R_DRAWDOWN));	/* until the next day, */
	later(r, 24 * HOUR);
	assert_false(blocked(r, R_DRAWDOWN));
	rig_free(r);
}

/* A close is an order with realised profit, summed at its end: 3 losers in a row are at most allowed here. */
static void
test_losing_streak(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_LOSING_STREAK, "2", ACT_BLOCK);
	look(r);
	fill(r, 1, 1, "PARTIALLY_FILLED", "5", "0");
	fill(r, 1, 2, "FILLED", "-6", "0");		/* -1 */
	fill(r, 2, 3, "FILLED", "-1", "0");
	fill(r, 2, 3, "FILLED", "-1", "0");		/* the same again */
	fill(r, 3, 4, "FILLED", "0", "1");		/* opens */
	look(r);
	assert_false(blocked(r, R_LOSING_STREAK));
	fill(r, 4, 5, "FILLED", "1", "0");		/* wins */
	fill(r, 5, 6, "FILLED", "-1", "0");
	fill(r, 6, 7, "FILLED", "-1", "0");
	fill(r, 7, 8, "PARTIALLY_FILLED", "-1", "0");
	look(r);
	assert_false(blocked(r, R_LOSING_STREAK));
	fill(r, 7, 0, "CANCELED", "0", "0");
	has(look(r), "\"rule\":\"losing-streak\",\"value\":\"3\",\"limit\":\"2\"");
	assert_true(blocked(r, R_LOSING_STREAK));
	fill(r, 8, 9, "FILLED", "100", "0");
	look(r);
	assert_true(blocked(r, R_LOSING_STREAK));	/* until the next day */
	restart(r);
	look(r);
	assert_true(blocked(r, R_LOSING_STREAK));
	later(r, 24 * HOUR);
	assert_false(blocked(r, R_LOSING_STREAK));
	rig_free(r);
}

/* A restart on the same day keeps what it began with; what happened meanwhile comes from income rows, once. */
static void
test_restart(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK);
	look(r);
	later(r, HOUR);
	account_update(r, "FUNDING_FEE", "-10");
	put_wallet(r, MARKET_USDM, "USDT", "9990");
	look(r);
	restart(r);
	assert_true(watch_since(r->wt) == T0 + HOUR);
	r->w.now.ms += HOUR;
	income(r, "FUNDING_FEE", "-10", T0 + HOUR, 1);			/* was counted */
	income(r, "TRANSFER", "-5000", T0 + HOUR + 1, 2);
	income(r, "TRANSFER", "-5000", T0 + HOUR + 1, 2);			/* a page again */
	income(r, "TRANSFER", "-1000", T0 + HOUR + 1, 3);
	income(r, "COMMISSION", "-90", T0 + HOUR + 2, 2);
	put_wallet(r, MARKET_USDM, "USDT", "3900");
	assert_string_equal(look(r), "");		/* 100 lost */
	mark_at(r, "BTCUSDT", "59590");
	has(look(r), "\"value\":\"510.");
	has(r->out.lines.p, "\"fees\":\"-90\",\"funding\":\"-10\",\"transfers\":\"-6000\"");
	restart(r);
	has(look(r), "\"rule\":\"daily-loss\"");
	assert_true(blocked(r, R_DAILY_LOSS));
	restart(r);
	r->w.now.ms += 24 * HOUR;
	look(r);
	assert_false(blocked(r, R_DAILY_LOSS));		/* another day */
	rig_free(r);
}

static void
test_damaged(void **state)
{
	static const char *const bad[] = {
		"{}", "{\"version\":2,\"since\":1,\"wallets\":[]}", "{\"version\":1,\"since\":1}",
		"{\"version\":1,\"since\":-1,\"wallets\":[]}", "{\"version\":1,\"since\":1,\"wallets\":[{}]}", "[]", "7",
	};
	struct riskrig *r = one_btc();
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_true(scan_doc(&r->sc, bad[i], strlen(bad[i])) > 0);
		assert_int_equal(watch_load(r->wt, r->sc.t, r->sc.t, &r->f), -1);
		assert_int_equal(r->f.kind, FAULT_LOCAL);
	}
	look(r);
	watch_save(r->wt, &b);
	/* Any member's name or number gone wrong. */
	for (size_t i = 0; i < b.len; i++) {
		char was = b.p[i];
		struct watch *wt;

		b.p[i] = was == '}' || was == ']' ? was : '~';
		if (was != '~' && scan_doc(&r->sc, b.p, b.len) > 0) {
			assert_int_equal(watch_open(&wt, &r->l, next_id, r, &r->f), 0);
			(void)watch_load(wt, r->sc.t, r->sc.t, &r->f);
			watch_free(wt);
		}
		b.p[i] = was;
	}
	buf_free(&b);
	rig_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_daily_loss), cmocka_unit_test(test_percent), cmocka_unit_test(test_transfers),
		cmocka_unit_test(test_transfer_read_first), cmocka_unit_test(test_midnight_in_a_zone),
		cmocka_unit_test(test_rolling), cmocka_unit_test(test_drawdown), cmocka_unit_test(test_losing_streak),
		cmocka_unit_test(test_restart), cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

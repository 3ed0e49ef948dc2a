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
income_of(struct riskrig *r, const char *type, const char *asset, const char *amount, int64_t at_ms, int id)
{
	char text[300];

	snprintf(text, sizeof text, "{\"symbol\":\"\",\"incomeType\":\"%s\",\"income\":\"%s\",\"asset\":\"%s\",\"time\":%lld,"
	    "\"tranId\":%d,\"tradeId\":\"\"}", type, amount, asset, (long long)at_ms, id);
	assert_true(scan_doc(&r->sc, text, strlen(text)) > 0);
	if (watch_income(r->wt, &r->w, MARKET_USDM, r->sc.t, r->sc.t, &r->f) == -1)
		fail_msg("%s", r->f.text);
}

static void
income(struct riskrig *r, const char *type, const char *amount, int64_t at_ms, int id)
{
	income_of(r, type, "USDT", amount, at_ms, id);
}

static void
income_read(struct riskrig *r)
{
	watch_income_read(r->wt, &r->w, MARKET_USDM, true);
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
	assert_true(r->out.income[MARKET_USDM]);
	income_read(r);
	assert_string_equal(later(r, 1000), "");
	account_update(r, "WITHDRAW", "-6000");
	assert_string_equal(look(r), "");
	assert_string_equal(later(r, 5000), "");
	later(r, 20000);
	put_wallet(r, MARKET_USDM, "USDT", "3000");	/* nothing tells of this one */
	loaded(r, MARKET_USDM);
	assert_string_equal(look(r), "");
	assert_true(r->out.income[MARKET_USDM]);
	assert_string_equal(later(r, 3000), "");	/* the rows of it are not there yet */
	income_read(r);
	has(later(r, 1), "\"rule\":\"daily-loss\",\"value\":\"1000");
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
	income_read(r);
	look(r);
	assert_true(blocked(r, R_DAILY_LOSS));
	mark_at(r, "BTCUSDT", "60100");
	has(look(r), "\"cleared\":true");	/* 300 now: a rolling day has no other end */
	rig_free(r);
}

/* An amount is money: of a wallet of coins what they are worth. 30,000 USD long at 60000: 0.1 BTC lost at 50000 is 5000 USD. */
static void
test_amount_of_coins(void **state)
{
	struct riskrig *r = rig_new();

	(void)state;
	put_wallet(r, MARKET_COINM, "BTC", "1");
	put_position(r, "BTCUSD_PERP", POS_BOTH, "300", "60000", "60000");
	limit_on(r, R_DAILY_LOSS, "5000", ACT_BLOCK);
	look(r);
	mark_at(r, "BTCUSD_PERP", "50000");
	assert_string_equal(look(r), "");
	mark_at(r, "BTCUSD_PERP", "49999");	/* 0.10001200 x 49999 */
	has(look(r), "\"rule\":\"daily-loss\",\"value\":\"5000.50\",\"limit\":\"5000\"");
	assert_true(blocked(r, R_DAILY_LOSS));
	rig_free(r);
}

/* Percent of what was there when the day that rolls began, not of the calendar day's beginning. */
static void
test_rolling_percent(void **state)
{
	struct riskrig *r = one_btc();
	struct limit *l = limit_on(r, R_DAILY_LOSS, "25", ACT_BLOCK);

	(void)state;
	l->rolling = l->percent = true;
	look(r);				/* 00:00: 10000 */
	mark_at(r, "BTCUSDT", "58000");
	later(r, 20 * HOUR);			/* 8000 */
	later(r, 6 * HOUR);			/* 02:00 of the next day, which began with 8000 */
	mark_at(r, "BTCUSDT", "57400");		/* 7400: 7.5 % of 8000, the oldest mark of 24 h */
	assert_string_equal(look(r), "");
	account_update(r, "DEPOSIT", "2000");
	put_wallet(r, MARKET_USDM, "USDT", "12000");
	look(r);
	mark_at(r, "BTCUSDT", "55501");		/* 7501 of 10000 */
	assert_string_equal(look(r), "");
	mark_at(r, "BTCUSDT", "55499");
	has(look(r), "\"rule\":\"daily-loss\",\"value\":\"25.0100\"");
	rig_free(r);
	r = one_btc();
	limit_on(r, R_DAILY_LOSS, "25", ACT_BLOCK)->percent = true;
	r->l.r[R_DAILY_LOSS].rolling = true;
	look(r);				/* 10000 */
	later(r, 4 * HOUR);
	mark_at(r, "BTCUSDT", "70000");
	later(r, 19 * HOUR);			/* 20000, and a day begins with it */
	later(r, HOUR / 2);
	assert_false(blocked(r, R_DAILY_LOSS));
	r->l.r[R_DAILY_LOSS].zone_min = 60;
	later(r, 1000);
	mark_at(r, "BTCUSDT", "57000");		/* 7000: 30 % of 10000, the oldest mark; 15 % of 20000 */
	has(look(r), "\"value\":\"30.0000\",\"limit\":\"25\"");
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
	r->w.health.stream_up = true;
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
	assert_true(watch_since(r->wt, MARKET_USDM) == T0 + HOUR);
	r->w.now.ms += HOUR;
	income(r, "FUNDING_FEE", "-10", T0 + HOUR, 1);			/* was counted */
	income(r, "TRANSFER", "-5000", T0 + HOUR + 1, 2);
	income(r, "TRANSFER", "-5000", T0 + HOUR + 1, 2);			/* a page again */
	income(r, "TRANSFER", "-1000", T0 + HOUR + 1, 3);
	income(r, "COMMISSION", "-90", T0 + HOUR + 2, 2);
	put_wallet(r, MARKET_USDM, "USDT", "3900");
	income_read(r);
	assert_string_equal(look(r), "");		/* 100 lost */
	mark_at(r, "BTCUSDT", "59590");
	has(look(r), "\"value\":\"510.");
	has(r->out.lines.p, "\"fees\":\"-90\",\"funding\":\"-10\",\"transfers\":\"-6000\"");
	restart(r);
	income_read(r);
	has(look(r), "\"rule\":\"daily-loss\"");
	assert_true(blocked(r, R_DAILY_LOSS));
	restart(r);
	income_read(r);
	r->w.now.ms += 24 * HOUR;
	look(r);
	assert_false(blocked(r, R_DAILY_LOSS));		/* another day */
	rig_free(r);
}

/* Without a stream: rows tell, read twice as they come late; each counts once, and an unrelated jump right after is held
 * back too. */
static void
test_rows_alone(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK);
	look(r);
	later(r, 1000);
	put_wallet(r, MARKET_USDM, "USDT", "9980");
	loaded(r, MARKET_USDM);
	look(r);
	assert_true(r->out.income[MARKET_USDM]);
	income(r, "COMMISSION", "-20", T0 + 500, 1);
	income_read(r);
	look(r);
	assert_false(r->out.income[MARKET_USDM]);
	later(r, 1000);
	put_wallet(r, MARKET_USDM, "USDT", "3980");	/* within seconds of the other */
	loaded(r, MARKET_USDM);
	assert_string_equal(look(r), "");
	assert_true(r->out.income[MARKET_USDM]);
	income(r, "COMMISSION", "-20", T0 + 500, 1);
	income_read(r);				/* the row is late */
	assert_string_equal(later(r, 1), "");
	assert_string_equal(later(r, 2000), "");
	assert_true(r->out.income[MARKET_USDM]);
	income(r, "COMMISSION", "-20", T0 + 500, 1);
	income(r, "TRANSFER", "-6000", T0 + 1500, 2);
	income_read(r);
	assert_string_equal(later(r, 1), "");
	assert_string_equal(later(r, 5000), "");
	mark_at(r, "BTCUSDT", "59519");
	has(look(r), "\"value\":\"501.");
	has(r->out.lines.p, "\"fees\":\"-20\",\"funding\":\"0\",\"transfers\":\"-6000\"");
	rig_free(r);
}

/* More rows than are kept in mind: none counts twice however often they are read. */
static void
test_many_rows(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK);
	look(r);
	for (int64_t at = T0 + 1; at < T0 + 400000; at += 200000) {
		later(r, 200000);
		put_wallet(r, MARKET_USDM, "USDT", at > T0 + 1 ? "9600" : "9800");
		loaded(r, MARKET_USDM);
		look(r);
		assert_true(r->out.income[MARKET_USDM]);
		for (int n = 0; n < 2; n++) {
			for (int i = 0; i < 10000; i++)
				if (at + i * 10 > watch_since(r->wt, MARKET_USDM))
					income(r, "COMMISSION", "-0.02", at + i * 10, (int)(at - T0) + i);
			income_read(r);
		}
	}
	mark_at(r, "BTCUSDT", "59899");
	has(look(r), "\"loss\":\"501.");
	has(r->out.lines.p, "\"fees\":\"-400.00\"");
	rig_free(r);
}

/* What a gap in the account's stream has swallowed is told by rows, and what it tells again counts once. */
static void
test_gap(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK);
	limit_on(r, R_LOSING_STREAK, "1", ACT_NOTICE);
	look(r);
	event(r, "{\"e\":\"bf.conn\",\"E\":1,\"conn\":\"user\",\"state\":\"up\",\"why\":\"\"}");
	look(r);
	assert_true(r->out.income[MARKET_USDM]);
	income_read(r);
	later(r, 1000);
	fill(r, 1, 1, "FILLED", "-10", "1");		/* T0 + 1000 */
	put_wallet(r, MARKET_USDM, "USDT", "9989");
	assert_string_equal(look(r), "");
	event(r, "{\"e\":\"bf.gap\",\"E\":1,\"by\":\"bf-stream\",\"stream\":\"user\",\"why\":\"down\"}");
	later(r, 1000);
	assert_true(r->out.income[MARKET_USDM]);
	fill(r, 3, 3, "FILLED", "-7", "0");		/* T0 + 2000: its row comes, too */
	income(r, "REALIZED_PNL", "-10", T0 + 1000, 1);	/* of before */
	income(r, "REALIZED_PNL", "-30", T0 + 1500, 2);	/* swallowed: two fills of one order */
	income(r, "COMMISSION", "-2", T0 + 1500, 2);
	income(r, "REALIZED_PNL", "-1", T0 + 1500, 3);
	income(r, "REALIZED_PNL", "-7", T0 + 2000, 4);
	income_read(r);
	put_wallet(r, MARKET_USDM, "USDT", "9949");
	has(look(r), "\"rule\":\"losing-streak\",\"value\":\"3\"");
	has(r->out.lines.p, "\"realised\":\"-48\"");
	has(r->out.lines.p, "\"fees\":\"-3\"");
	later(r, 2500);
	assert_true(r->out.income[MARKET_USDM]);		/* the second reading */
	fill(r, 4, 4, "FILLED", "-5", "0");		/* by event now */
	income(r, "REALIZED_PNL", "-5", r->w.now.ms, 5);
	income_read(r);
	put_wallet(r, MARKET_USDM, "USDT", "9944");
	mark_at(r, "BTCUSDT", "59500");
	has(look(r), "\"realised\":\"-53\"");
	has(r->out.lines.p, "\"loss\":\"556.");
	rig_free(r);
}

/* While rows cannot be read nothing is known of transfers: no loss is told, and no new risk passes. */
static void
test_rows_fail(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_DAILY_LOSS, "500", ACT_FLATTEN);
	look(r);
	restart(r);
	put_wallet(r, MARKET_USDM, "USDT", "4000");
	loaded(r, MARKET_USDM);
	assert_string_equal(look(r), "");
	assert_true(r->out.income[MARKET_USDM]);
	watch_income_read(r->wt, &r->w, MARKET_USDM, false);
	assert_string_equal(look(r), "");
	assert_true(blocked(r, R_DAILY_LOSS));
	has(r->out.say, "USDT: rule daily-loss cannot be judged");
	assert_false(r->out.income[MARKET_USDM]);
	account_update(r, "DEPOSIT", "100");		/* its row will count */
	restart(r);
	look(r);
	later(r, 2000);
	assert_true(r->out.income[MARKET_USDM]);
	income(r, "TRANSFER", "-6000", T0 + 1, 1);
	income_read(r);
	assert_string_equal(look(r), "");
	assert_false(blocked(r, R_DAILY_LOSS));
	rig_free(r);
}

/* What was lost after midnight while this did not run is lost today. */
static void
test_midnight_away(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK);
	look(r);
	restart(r);
	r->w.now.ms += 25 * HOUR;
	income(r, "REALIZED_PNL", "-400", T0 + 23 * HOUR, 1);
	income(r, "REALIZED_PNL", "-450", T0 + 24 * HOUR + 1, 2);
	income(r, "COMMISSION", "-51", T0 + 24 * HOUR + 1, 2);
	income(r, "TRANSFER", "-1000", T0 + 24 * HOUR + 2, 3);
	income_read(r);
	put_wallet(r, MARKET_USDM, "USDT", "8099");
	has(look(r), "\"value\":\"501.");
	has(r->out.lines.p, "\"anchor\":\"9600");
	has(r->out.lines.p, "\"realised\":\"-450\"");
	has(r->out.lines.p, "\"fees\":\"-51\",\"funding\":\"0\",\"transfers\":\"-1000\"");
	assert_true(blocked(r, R_DAILY_LOSS));
	rig_free(r);
}

/* All wallets as one margin: what comes and goes counts by the index of its asset, also what was counted by rows. */
static void
test_united(void **state)
{
	struct riskrig *r = one_btc();

	(void)state;
	r->w.acct[MARKET_USDM].multi_assets = true;
	put_wallet(r, MARKET_USDM, "BTC", "1");
	assert_non_null(r->w.rates.r = calloc(2, sizeof *r->w.rates.r));
	r->w.rates.n = 2;
	r->w.rates.r[0] = (struct asset_rate){ "USDT", dec_int(1), dec_int(0), dec_int(0) };
	r->w.rates.r[1] = (struct asset_rate){ "BTC", D("60000"), dec_int(0), dec_int(0) };
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK);
	look(r);						/* 70000 USD */
	restart(r);
	put_wallet(r, MARKET_USDM, "BTC", "0.5");
	income_of(r, "TRANSFER", "BTC", "-0.5", T0 + 1, 1);
	income_read(r);
	assert_string_equal(look(r), "");
	later(r, 1000);
	put_wallet(r, MARKET_USDM, "BTC", "0.4");		/* a jump: held back, its rows asked for */
	loaded(r, MARKET_USDM);
	assert_string_equal(look(r), "");
	assert_true(r->out.income[MARKET_USDM]);
	income_of(r, "TRANSFER", "BTC", "-0.1", T0 + 500, 2);
	income_read(r);
	assert_string_equal(later(r, 5000), "");
	mark_at(r, "BTCUSDT", "59499");
	has(look(r), "\"value\":\"501.");
	has(r->out.lines.p, "\"transfers\":\"-36000");
	rig_free(r);
}

/* A rate that is not known yet: the row waits. */
static void
test_united_without_rates(void **state)
{
	struct riskrig *r = one_btc();
	static const char row[] = "{\"incomeType\":\"TRANSFER\",\"income\":\"-5\",\"asset\":\"USDT\",\"time\":1700006400001,\"tranId\":1}";

	(void)state;
	r->w.acct[MARKET_USDM].multi_assets = true;
	limit_on(r, R_DAILY_LOSS, "500", ACT_BLOCK);
	assert_non_null(r->w.rates.r = calloc(1, sizeof *r->w.rates.r));
	r->w.rates.n = 1;
	r->w.rates.r[0] = (struct asset_rate){ "USDT", dec_int(1), dec_int(0), dec_int(0) };
	look(r);
	restart(r);
	r->w.rates.n = 0;
	assert_true(scan_doc(&r->sc, row, strlen(row)) > 0);
	assert_int_equal(watch_income(r->wt, &r->w, MARKET_USDM, r->sc.t, r->sc.t, &r->f), -1);
	assert_int_equal(r->f.kind, FAULT_AGAIN);
	r->w.rates.n = 1;
	assert_int_equal(watch_income(r->wt, &r->w, MARKET_USDM, r->sc.t, r->sc.t, &r->f), 0);
	income_read(r);
	put_wallet(r, MARKET_USDM, "USDT", "9995");
	look(r);
	mark_at(r, "BTCUSDT", "59499");
	has(look(r), "\"transfers\":\"-5\"");
	rig_free(r);
}

static void
test_damaged(void **state)
{
	static const char *const bad[] = {
		"{}", "{\"version\":9,\"since\":[1,1],\"wallets\":[]}", "{\"version\":2,\"since\":[1,1]}",
		"{\"version\":2,\"since\":[1,-1],\"wallets\":[]}", "{\"version\":2,\"since\":[1,1],\"wallets\":[{}]}",
		"{\"version\":2,\"since\":[1],\"wallets\":[]}", "{\"version\":2,\"since\":1,\"wallets\":[]}", "[]", "7",
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
		cmocka_unit_test(test_rolling), cmocka_unit_test(test_rolling_percent),
		cmocka_unit_test(test_amount_of_coins),
		cmocka_unit_test(test_drawdown), cmocka_unit_test(test_losing_streak),
		cmocka_unit_test(test_restart), cmocka_unit_test(test_rows_alone), cmocka_unit_test(test_many_rows),
		cmocka_unit_test(test_gap), cmocka_unit_test(test_rows_fail), cmocka_unit_test(test_midnight_away),
		cmocka_unit_test(test_united), cmocka_unit_test(test_united_without_rates), cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

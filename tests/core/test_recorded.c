/* Recorded answers: what they are, and which accounts follow from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "io/recorded.h"
#include "scratch.h"

/* margin mathematics sheet, section 12.5 number 6: a real COIN-M row. */
#define COIN_ROW "[{\"symbol\":\"BTCUSD_PERP\",\"positionAmt\":\"2\",\"entryPrice\":\"37643.10000021\"," \
	"\"markPrice\":\"38103.05510455\",\"unRealizedProfit\":\"0.00006413\",\"liquidationPrice\":\"25119.97445760\"," \
	"\"leverage\":\"2\",\"maxQty\":\"1500\",\"marginType\":\"isolated\",\"isolatedMargin\":\"0.00274471\"," \
	"\"isAutoAddMargin\":\"false\",\"positionSide\":\"BOTH\",\"notionalValue\":\"0.00524892\"," \
	"\"isolatedWallet\":\"0.00268058\",\"updateTime\":1700000000000}]"
#define COIN_BRACKET "[{\"symbol\":\"BTCUSD_PERP\",\"brackets\":[{\"bracket\":1,\"initialLeverage\":125,\"qtyCap\":5," \
	"\"qtylFloor\":0,\"maintMarginRatio\":0.004,\"cum\":0}]}]"
#define COIN_PAIR "[{\"pair\":\"BTCUSD\",\"brackets\":[{\"bracket\":1,\"initialLeverage\":125,\"qtyCap\":5," \
	"\"qtylFloor\":0,\"maintMarginRatio\":0.004,\"cum\":0}]}]"

static struct fault f;

static void
give(struct recorded *r, const char *text)
{
	static int n;
	char name[32];

	snprintf(name, sizeof name, "in%d", n++);
	scratch_text(name, 0600, text);
	memset(&f, 0, sizeof f);
	if (recorded_read(r, in_scratch(name), &f) == -1)
		fail_msg("%s", f.text);
}

static void
finish(struct recorded *r)
{
	if (recorded_end(r, &f) == -1)
		fail_msg("%s", f.text);
}

static void
assert_dec(dec d, const char *want)
{
	dec w;

	assert_true(dec_parse(&w, want));
	if (dec_cmp(d, w) != 0) {
		char s[DEC_STR];

		dec_print(d, s);
		assert_string_equal(s, want);
	}
}

/* A position row as USDⓈ-M's second version has it, of the symbol and amount. */
static const char *
row(const char *symbol, const char *amt)
{
	static char text[2][512];
	static int i;

	i = !i;
	snprintf(text[i], sizeof text[i], "{\"symbol\":\"%s\",\"positionAmt\":\"%s\",\"entryPrice\":\"100\",\"markPrice\":"
	    "\"110\",\"unRealizedProfit\":\"10\",\"liquidationPrice\":\"0\",\"leverage\":\"5\",\"marginType\":\"cross\","
	    "\"isolatedMargin\":\"0\",\"positionSide\":\"BOTH\",\"isolatedWallet\":\"0\",\"updateTime\":5}", symbol, amt);
	return text[i];
}

static void
test_coin(void **state)
{
	static const char *const orders[][2] = { { COIN_ROW, COIN_BRACKET }, { COIN_BRACKET, COIN_ROW },
		{ COIN_ROW, COIN_PAIR }, { COIN_PAIR, COIN_ROW } };
	const struct position_figures *pf;

	(void)state;
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		struct recorded r = { .has = { false } };
		struct figures fg;

		give(&r, orders[i][0]);
		give(&r, orders[i][1]);
		finish(&r);
		assert_true(r.has[MARKET_COINM]);
		assert_false(r.has[MARKET_USDM]);
		assert_int_equal(figures_make(&fg, &r.acct[MARKET_COINM], &r.cs, &r.rates, &f), 0);
		pf = figures_position(&fg, "BTCUSD_PERP", POS_BOTH);
		assert_non_null(pf);
		assert_dec(pf->p->size, "100");
		assert_string_equal(pf->p->margin_asset, "BTC");
		assert_true(pf->has_liq);
		assert_dec(pf->liq, "25119.9744576");
		assert_dec(pf->upnl, "0.00006413");
		figures_free(&fg);
		recorded_free(&r);
	}
}

/* By shape or by path, under each name a body may have. */
static void
test_wrapped(void **state)
{
	static const char *const wrap[] = { "%s", "{\"body\":%s}", "{\"response\":%s}", "{\"result\":%s}",
		"{\"http\":\"GET\",\"path\":\"/dapi/v1/positionRisk\",\"body\":%s}",
		"{\"path\":\"/dapi/v1/positionRisk?pair=BTCUSD\",\"response\":%s}" };
	char text[2048];

	(void)state;
	for (size_t i = 0; i < sizeof wrap / sizeof *wrap; i++) {
		struct recorded r = { .has = { false } };
		const char *body = strstr(wrap[i], "%s");

		snprintf(text, sizeof text, "%.*s%s%s", (int)(body - wrap[i]), wrap[i], COIN_ROW, body + 2);
		give(&r, text);
		finish(&r);
		assert_int_equal(r.acct[MARKET_COINM].npos, 1);
		recorded_free(&r);
	}
}

static void
test_later_counts(void **state)
{
	struct recorded r = { .has = { false } };
	char text[4096];

	(void)state;
	/* whole, a part of one symbol, and again */
	snprintf(text, sizeof text, "{\"path\":\"/fapi/v2/positionRisk\",\"body\":[%s,%s]}\n", row("AUSDT", "1"), row("BUSDT", "2"));
	snprintf(text + strlen(text), sizeof text - strlen(text),
	    "{\"path\":\"/fapi/v2/positionRisk\",\"params\":\"symbol=AUSDT\",\"body\":[%s]}\n", row("AUSDT", "3"));
	give(&r, text);
	finish(&r);
	assert_int_equal(r.acct[MARKET_USDM].npos, 2);
	assert_dec(account_position(&r.acct[MARKET_USDM], "AUSDT", POS_BOTH)->amt, "3");
	assert_dec(account_position(&r.acct[MARKET_USDM], "BUSDT", POS_BOTH)->amt, "2");
	recorded_free(&r);

	snprintf(text, sizeof text, "[%s,%s]", row("AUSDT", "1"), row("BUSDT", "2"));
	give(&r, text);
	snprintf(text, sizeof text, "[%s]", row("AUSDT", "4"));
	give(&r, text);
	finish(&r);
	assert_int_equal(r.acct[MARKET_USDM].npos, 1);
	assert_dec(r.acct[MARKET_USDM].pos[0].amt, "4");
	recorded_free(&r);
}

static void
test_told(void **state)
{
	struct recorded r = { .has = { false } };
	const struct tok *t, *v;
	dec d;

	(void)state;
	give(&r, COIN_ROW);
	finish(&r);
	v = recorded_told(&r, MARKET_COINM, ANSWER_POSITIONS, "BTCUSD_PERP", POS_BOTH, &t);
	assert_true(scan_get_dec(t, v, "isolatedMargin", &d));
	assert_dec(d, "0.00274471");
	assert_null(recorded_told(&r, MARKET_COINM, ANSWER_POSITIONS, "BTCUSD_PERP", POS_LONG, &t));
	assert_null(recorded_told(&r, MARKET_COINM, ANSWER_POSITIONS, "ETHUSD_PERP", POS_BOTH, &t));
	assert_null(recorded_told(&r, MARKET_USDM, ANSWER_POSITIONS, "BTCUSD_PERP", POS_BOTH, &t));
	assert_null(recorded_told(&r, MARKET_COINM, ANSWER_BALANCE, "BTC", POS_BOTH, &t));
	recorded_free(&r);
}

/* account alone: its rows, at the marks that follow from them, or that premiumIndex tells. */
#define ACCOUNT "{\"totalWalletBalance\":\"100\",\"multiAssetsMargin\":false,\"assets\":[{\"asset\":\"USDT\"," \
	"\"walletBalance\":\"100\",\"crossWalletBalance\":\"100\",\"availableBalance\":\"90\"}],\"positions\":[{\"symbol\":" \
	"\"AUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"-2\",\"entryPrice\":\"50\",\"unrealizedProfit\":\"-10\"," \
	"\"leverage\":\"5\",\"isolated\":false,\"notional\":\"-110\",\"updateTime\":7}]}"

static void
test_account_alone(void **state)
{
	struct recorded r = { .has = { false } };
	const struct position *p;

	(void)state;
	give(&r, ACCOUNT);
	finish(&r);
	p = account_position(&r.acct[MARKET_USDM], "AUSDT", POS_BOTH);
	assert_non_null(p);
	assert_dec(p->mark, "55");
	assert_int_equal(p->leverage, 5);
	recorded_free(&r);

	give(&r, ACCOUNT);
	give(&r, "{\"symbol\":\"AUSDT\",\"markPrice\":\"56\",\"indexPrice\":\"55\",\"lastFundingRate\":\"0.0001\","
	    "\"nextFundingTime\":9,\"time\":8}");
	finish(&r);
	assert_dec(account_position(&r.acct[MARKET_USDM], "AUSDT", POS_BOTH)->mark, "56");
	assert_dec(contracts_find(&r.cs, "AUSDT")->funding_rate, "0.0001");
	recorded_free(&r);
}

/* An order that was placed, an error, and an empty list say nothing; the rest of the file counts. */
static void
test_passed_over(void **state)
{
	struct recorded r = { .has = { false } };
	char text[2048];

	(void)state;
	snprintf(text, sizeof text,
	    "{\"http\":\"POST\",\"path\":\"/fapi/v1/order\",\"body\":{\"orderId\":1}}\n"
	    "{\"http\":\"GET\",\"path\":\"/fapi/v1/userTrades\",\"body\":[{\"id\":1}]}\n"
	    "{\"http\":\"GET\",\"path\":\"/fapi/v2/positionRisk\",\"body\":{\"code\":-1003,\"msg\":\"Too many requests\"}}\n"
	    "\n{\"http\":\"GET\",\"path\":\"/fapi/v2/positionRisk\",\"body\":[%s]}\n[]\n", row("AUSDT", "1"));
	give(&r, text);
	finish(&r);
	assert_int_equal(r.acct[MARKET_USDM].npos, 1);
	assert_false(r.orders[MARKET_USDM]);
	recorded_free(&r);
}

static void
test_refused(void **state)
{
	static const struct { const char *text, *says; } bad[] = {
		{ "{\"serverTime\":1}", "line 1" },
		{ "{\"path\":\"/fapi/v1/time\",\"body\":{\"serverTime\":1}}\n{\"a\":1}\n", "line 2" },
		{ "[]\n{\"body\":", "line 2: not JSON" },
		{ "", "empty" },
		{ "7", "line 1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct recorded r = { .has = { false } };

		scratch_text("bad", 0600, bad[i].text);
		assert_int_equal(recorded_read(&r, in_scratch("bad"), &f), -1);
		assert_int_equal(f.kind, FAULT_USAGE);
		assert_non_null(strstr(f.text, bad[i].says));
		assert_non_null(strstr(f.text, "/bad"));
		recorded_free(&r);
	}
}

/* A row that lacks a figure it must have is refused, not taken for 0. */
static void
test_row_refused(void **state)
{
	struct recorded r = { .has = { false } };

	(void)state;
	give(&r, "[{\"symbol\":\"AUSDT\",\"positionAmt\":\"1\",\"entryPrice\":\"\",\"markPrice\":\"1\","
	    "\"unRealizedProfit\":\"0\",\"liquidationPrice\":\"0\",\"positionSide\":\"BOTH\"}]");
	assert_int_equal(recorded_end(&r, &f), -1);
	assert_non_null(strstr(f.text, "entryPrice"));
	recorded_free(&r);
	assert_int_equal(recorded_end(&r, &f), -1);	/* nothing was read */
	assert_int_equal(recorded_read(&r, in_scratch("nowhere"), &f), -1);
	assert_int_equal(f.kind, FAULT_LOCAL);
	recorded_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_coin), cmocka_unit_test(test_wrapped), cmocka_unit_test(test_later_counts),
		cmocka_unit_test(test_told), cmocka_unit_test(test_account_alone), cmocka_unit_test(test_passed_over),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_row_refused),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

/* The contracts of bf-sim: built in, and read from recorded answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../../cmd/bf-sim/specs.h"
#include "recorded.h"
#include "scratch.h"

static const char *
short_of(dec d)
{
	static char text[4][DEC_STR];
	static int i;

	i = (i + 1) % 4;
	dec_print_short(d, text[i]);
	return text[i];
}

static const struct contract *
find(const struct specs *s, const char *symbol)
{
	for (int i = 0; i < s->n; i++)
		if (strcmp(s->v[i].rules.symbol, symbol) == 0)
			return &s->v[i];
	fail_msg("%s: not there", symbol);
	return NULL;
}

static struct specs
builtin(int64_t now_ms)
{
	struct specs s;
	struct fault f;

	assert_int_equal(specs_builtin(&s, now_ms, &f), 0);
	return s;
}

/* Any file of BF_TEST_DATA, unpacked; its path is good until the next call. */
static const char *
unpacked(const char *name, const char *as)
{
	static char path[2][512];
	static int i;
	char *text = recorded(name);
	FILE *fp;

	i ^= 1;
	snprintf(path[i], sizeof path[i], "%s/%s", scratch, as);
	assert_non_null(fp = fopen(path[i], "w"));
	assert_int_equal(fwrite(text, 1, strlen(text), fp), strlen(text));
	assert_int_equal(fclose(fp), 0);
	free(text);
	return path[i];
}

static const char *
written(const char *text)
{
	static char path[512];
	FILE *fp;

	snprintf(path, sizeof path, "%s/written.json", scratch);
	assert_non_null(fp = fopen(path, "w"));
	fputs(text, fp);
	assert_int_equal(fclose(fp), 0);
	return path;
}

static void
test_order(void **state)
{
	/* 2026-11-22 */
	static const char *const want[] = { "BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT", "BNBUSDT",
		"BTCUSDC", "1000PEPEUSDT", "测试USDT", "BTCUSDT_261225", "BTCUSD_PERP",
		"ETHUSD_PERP", "BTCUSD_261225" };
	struct specs s = builtin(INT64_C(1795305600000));

	(void)state;
	assert_int_equal(s.n, sizeof want / sizeof *want);
	for (int i = 0; i < s.n; i++)
		assert_string_equal(s.v[i].rules.symbol, want[i]);
	specs_free(&s);
}

/* Known deliveries: the exchangeInfo recordings of 2021 and 2025 name them. */
static void
test_deliveries(void **state)
{
	static const struct { int64_t now; const char *symbol; int64_t at; } row[] = {
		{ 1626858243909, "BTCUSDT_210924", 1632470400000 },
		{ 1632470399999, "BTCUSDT_210924", 1632470400000 },
		{ 1632470400000, "BTCUSDT_211231", 1640937600000 },
		{ 1640937599999, "BTCUSD_211231", 1640937600000 },
		{ 1767225600000, "BTCUSD_260327", 1774598400000 },
		{ 1640995199999, "BTCUSDT_220325", 1648195200000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct specs s = builtin(row[i].now);
		const struct contract *c = find(&s, row[i].symbol);

		assert_true(c->delivery_ms == row[i].at);
		assert_string_equal(c->rules.contract, "CURRENT_QUARTER");
		assert_int_equal(c->funding_hours, 0);
		specs_free(&s);
	}
}

/* As exchangeInfo and fundingInfo had them; the cap of funding: section 11.2 of
 * the margin mathematics sheet. */
static void
test_builtin(void **state)
{
	struct specs s = builtin(INT64_C(1795305600000));
	const struct contract *c = find(&s, "BTCUSDT");
	int four = 0;

	(void)state;
	assert_string_equal(short_of(c->rules.tick), "0.1");
	assert_string_equal(short_of(c->rules.min_price), "556.8");
	assert_string_equal(short_of(c->rules.mkt_max_qty), "120");
	assert_string_equal(short_of(c->rules.min_notional), "50");
	assert_string_equal(short_of(c->funding_cap), "0.003");
	assert_true(c->first_id == 28319421);
	assert_true(c->delivery_ms == ENGINE_PERPETUAL);
	c = find(&s, "BTCUSD_PERP");
	assert_int_equal(c->market, COINM);
	assert_string_equal(c->rules.margin, "BTC");
	assert_string_equal(short_of(c->size), "100");
	assert_string_equal(short_of(c->rules.mkt_max_qty), "60000");
	assert_true(c->first_id > UINT64_C(1) << 53);
	assert_string_equal(short_of(find(&s, "ETHUSD_PERP")->size), "10");
	assert_string_equal(short_of(find(&s, "SOLUSDT")->funding_cap), "0.00375");
	for (int i = 0; i < s.n; i++)
		four += s.v[i].funding_hours == 4;
	assert_int_equal(four, 1);
	specs_free(&s);
}

/* Section 4 of the margin mathematics sheet: the deductions of both tables. */
static void
test_tiers(void **state)
{
	static const char *const eth[] = { "0", "50", "950", "11450", "131450", "381450", "2006450",
		"9506450", "17506450", "27506450", "80506450", "280506450" };
	static const char *const btc[] = { "0", "0.005", "0.055", "0.355", "1.605", "6.605",
		"11.605", "21.605", "121.605", "496.605" };
	struct specs s = builtin(INT64_C(1795305600000));
	const struct tiers *ts = &find(&s, "ETHUSDT")->tiers;

	(void)state;
	assert_int_equal(ts->n, 12);
	for (int i = 0; i < ts->n; i++)
		assert_string_equal(short_of(ts->tier[i].cum), eth[i]);
	ts = &find(&s, "BTCUSD_PERP")->tiers;
	assert_int_equal(ts->n, 10);
	for (int i = 0; i < ts->n; i++)
		assert_string_equal(short_of(ts->tier[i].cum), btc[i]);
	specs_free(&s);
}

/* What every contract must be, wherever it came from. */
static void
sane(const struct contract *c)
{
	assert_true(dec_sign(c->rules.tick) > 0 && dec_sign(c->rules.step) > 0);
	assert_true(dec_is_multiple(c->maker.qty, c->rules.step));
	assert_true(dec_cmp(c->maker.qty, c->rules.min_qty) >= 0);
	assert_true(dec_cmp(c->maker.qty, c->rules.max_qty) <= 0);
	assert_true(dec_sign(c->size) > 0);
	assert_true(c->tiers.n > 0 && c->max_amend > 0 && c->first_id > 0);
	assert_true(dec_sign(c->funding_cap) > 0 && dec_sign(c->funding_floor) < 0);
	assert_true(*c->rules.pair != '\0' && *c->rules.margin != '\0');
}

static void
test_sane(void **state)
{
	struct specs s = builtin(INT64_C(1795305600000));

	(void)state;
	for (int i = 0; i < s.n; i++) {
		sane(&s.v[i]);
		assert_true(dec_is_multiple(specs_price(s.v[i].rules.symbol), s.v[i].rules.tick));
		assert_true(dec_sign(specs_price(s.v[i].rules.symbol)) > 0);
	}
	assert_int_equal(dec_sign(specs_price("BTCUSDT_")), 0);
	assert_int_equal(dec_sign(specs_price("NOSUCH")), 0);
	specs_free(&s);
}

static void
test_mainnet(void **state)
{
	const char *info = unpacked("usdm/rest-exchangeInfo-mainnet-2021-07-22.json.gz", "info.json");
	struct specs s = { 0 };
	const struct contract *c;
	struct fault f;
	int skipped;

	(void)state;
	assert_int_equal(specs_read(&s, info, NULL, &skipped, &f), 0);
	assert_int_equal(s.n + skipped, 122);
	assert_int_equal(skipped, 1);		/* the one without a contractType */
	c = find(&s, "BTCUSDT_210924");
	assert_true(c->delivery_ms == INT64_C(1632470400000));
	assert_true(c->onboard_ms == INT64_C(1623830400000));
	assert_int_equal(c->funding_hours, 0);
	assert_string_equal(short_of(find(&s, "BTCUSDT")->rules.tick), "0.01");
	for (int i = 0; i < s.n; i++)
		sane(&s.v[i]);
	specs_free(&s);
}

static void
test_coinm(void **state)
{
	const char *info = unpacked("coinm/rest-exchangeInfo-mainnet-2021-07-22.json.gz", "info.json");
	struct specs s = { 0 };
	struct fault f;
	int skipped;

	(void)state;
	assert_int_equal(specs_read(&s, info, NULL, &skipped, &f), 0);
	assert_int_equal(s.n + skipped, 36);
	for (int i = 0; i < s.n; i++) {
		sane(&s.v[i]);
		assert_int_equal(s.v[i].market, COINM);
		assert_string_equal(s.v[i].rules.margin, s.v[i].rules.base);
	}
	assert_string_equal(short_of(find(&s, "BTCUSD_PERP")->size), "100");
	assert_string_equal(short_of(find(&s, "ADAUSD_PERP")->size), "10");
	specs_free(&s);
}

/* 647 symbols, onto the built-in ones, with real brackets; and fast. */
static void
test_testnet(void **state)
{
	const char *info = unpacked("usdm/rest-exchangeInfo-testnet-2025-11-26.json.gz", "info.json");
	const char *br = unpacked("usdm/derived-leverageBracket-mainnet-2024-10-24.json.gz", "br.json");
	struct specs s = builtin(INT64_C(1795305600000));
	struct timespec a, b;
	struct fault f;
	int skipped;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(specs_read(&s, info, br, &skipped, &f), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	print_message("%d contracts, %d skipped, %.1f ms\n", s.n, skipped,
	    (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6);
	assert_true(s.n > 600);
	assert_string_equal(s.v[0].rules.symbol, "BTCUSDT");	/* replaced in its place */
	assert_int_equal(s.v[0].rules.max_orders, 10000);
	assert_int_equal(s.v[0].max_amend, 1000);
	assert_true(s.v[0].delivery_ms == ENGINE_PERPETUAL);
	assert_int_equal(s.v[0].tiers.n, 12);
	assert_string_equal(short_of(find(&s, "BTCUSD_PERP")->size), "100");	/* untouched */
	assert_string_equal(short_of(find(&s, "1000PEPEUSDT")->tiers.tier[0].cap), "20000");
	for (int i = 0; i < s.n; i++)
		sane(&s.v[i]);
	specs_free(&s);
}

static void
test_coin_brackets(void **state)
{
	static const char info[] = "{\"symbols\":[{\"symbol\":\"XUSD_PERP\",\"pair\":\"XUSD\","
	    "\"contractType\":\"PERPETUAL\",\"contractStatus\":\"TRADING\",\"contractSize\":10,"
	    "\"baseAsset\":\"X\",\"quoteAsset\":\"USD\",\"marginAsset\":\"X\",\"filters\":["
	    "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"1\",\"maxPrice\":\"9\",\"tickSize\":\"0.1\"},"
	    "{\"filterType\":\"LOT_SIZE\",\"minQty\":\"1\",\"maxQty\":\"99\",\"stepSize\":\"1\"}]}]}";
	static const char brackets[] = "[{\"pair\":\"XUSD\",\"brackets\":[{\"bracket\":1,"
	    "\"initialLeverage\":75,\"qtyCap\":50,\"qtylFloor\":0,\"maintMarginRatio\":0.004,"
	    "\"cum\":0.0}]}]";
	char path[600];
	struct specs s = { 0 };
	struct fault f;
	int skipped;

	(void)state;
	snprintf(path, sizeof path, "%s", written(info));
	assert_int_equal(specs_read(&s, path, NULL, &skipped, &f), 0);
	assert_int_equal(s.v[0].tiers.n, 8);
	specs_free(&s);
	snprintf(path, sizeof path, "%s/i.json", scratch);
	assert_int_equal(rename(written(info), path), 0);
	assert_int_equal(specs_read(&s, path, written(brackets), &skipped, &f), 0);
	assert_int_equal(s.v[0].tiers.n, 1);
	assert_int_equal(s.v[0].tiers.tier[0].max_leverage, 75);
	assert_string_equal(short_of(s.v[0].funding_cap), "0.003");
	specs_free(&s);
}

static void
test_bad_files(void **state)
{
	static const struct { const char *text, *says; } row[] = {
		{ "", "written.json: byte 0" },
		{ "{\"symbols\":[", "written.json: byte" },
		{ "[]", "no symbols" },
		{ "{\"symbols\":7}", "no symbols" },
		{ "{\"symbols\":[{\"symbol\":\"\"}]}", "symbol is missing" },
		{ "{\"symbols\":[{\"symbol\":\"A\",\"liquidationFee\":\"x\"}]}", "A: liquidationFee" },
	};
	struct specs s = { 0 };
	struct fault f;
	int skipped;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		memset(&f, 0, sizeof f);
		assert_int_equal(specs_read(&s, written(row[i].text), NULL, &skipped, &f), -1);
		assert_int_equal(f.kind, FAULT_USAGE);
		if (strstr(f.text, row[i].says) == NULL)
			fail_msg("%s: not in: %s", row[i].says, f.text);
	}
	assert_int_equal(specs_read(&s, "/nonexistent", NULL, &skipped, &f), -1);
	assert_int_equal(f.kind, FAULT_USAGE);
	assert_int_equal(specs_read(&s, written("{\"symbols\":[{\"symbol\":\"A\"}]}"), NULL, &skipped,
	    &f), 0);
	assert_int_equal(skipped, 1);
	assert_int_equal(s.n, 0);
	specs_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_deliveries),
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_tiers),
		cmocka_unit_test(test_sane),
		cmocka_unit_test(test_mainnet),
		cmocka_unit_test(test_coinm),
		cmocka_unit_test(test_testnet),
		cmocka_unit_test(test_coin_brackets),
		cmocka_unit_test(test_bad_files),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

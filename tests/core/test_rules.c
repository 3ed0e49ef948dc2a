/*
 * Rules and codes are those of Binance's error list and filter pages; the
 * BTCUSDT values are the live ones of September 2026. Whole exchangeInfo
 * answers, of 2021 and 2025, are read if BF_TEST_DATA says where they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rules.h"
#include "decimal.h"
#include "recorded.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

static struct scan sc;

static void
same(dec got, const char *want)
{
	char s[DEC_STR];

	dec_print(got, s);
	assert_string_equal(s, want);
}

static void
load(const char *json)
{
	if (scan_doc(&sc, json, strlen(json)) <= 0)
		fail_msg("bad test: %s", json);
}

#define FILTERS									\
	"{\"tickSize\":\"0.10\",\"filterType\":\"PRICE_FILTER\","			\
	"\"minPrice\":\"556.80\",\"maxPrice\":\"4529764\"},"			\
	"{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"1000\","	\
	"\"stepSize\":\"0.001\"},"						\
	"{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0.001\","		\
	"\"maxQty\":\"120\",\"stepSize\":\"0.001\"},"				\
	"{\"filterType\":\"MAX_NUM_ORDERS\",\"limit\":200},"			\
	"{\"filterType\":\"MAX_NUM_ALGO_ORDERS\",\"limit\":10},"		\
	"{\"filterType\":\"MIN_NOTIONAL\",\"notional\":\"50\"},"		\
	"{\"filterType\":\"PERCENT_PRICE\",\"multiplierUp\":\"1.0500\","	\
	"\"multiplierDown\":\"0.9500\",\"multiplierDecimal\":\"4\"},"		\
	"{\"positionControlSide\":\"NONE\",\"filterType\":\"POSITION_RISK_CONTROL\"}"

#define BTCUSDT									\
	"{\"symbol\":\"BTCUSDT\",\"pair\":\"BTCUSDT\",\"contractType\":\"PERPETUAL\","	\
	"\"status\":\"TRADING\",\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\","	\
	"\"marginAsset\":\"USDT\",\"pricePrecision\":2,\"quantityPrecision\":3,"	\
	"\"triggerProtect\":\"0.0500\",\"liquidationFee\":\"0.012500\","	\
	"\"marketTakeBound\":\"0.05\",\"filters\":[" FILTERS "]}"

static struct rules
btcusdt(void)
{
	struct rules r;
	struct fault f;

	load(BTCUSDT);
	assert_int_equal(rules_parse(&r, sc.t, sc.t, &f), 0);
	return r;
}

static void
test_parse(void **state)
{
	struct rules r = btcusdt();

	(void)state;
	assert_string_equal(r.symbol, "BTCUSDT");
	assert_string_equal(r.status, "TRADING");
	assert_string_equal(r.contract, "PERPETUAL");
	assert_string_equal(r.margin, "USDT");
	assert_int_equal(r.price_precision, 2);
	assert_int_equal(r.qty_precision, 3);
	same(r.min_price, "556.80");
	same(r.tick, "0.10");
	same(r.max_qty, "1000");
	same(r.mkt_max_qty, "120");
	same(r.min_notional, "50");
	same(r.mult_up, "1.0500");
	same(r.mult_down, "0.9500");
	same(r.liquidation_fee, "0.012500");
	same(r.market_take_bound, "0.05");
	same(r.trigger_protect, "0.0500");
	assert_int_equal(r.max_orders, 200);
	assert_true(r.complete);
}

/* What has been seen on the wire, or may come: read without complaint. */
static void
test_parse_oddities(void **state)
{
	static const struct { const char *json; bool complete; int precision; } row[] = {
		{ "{\"symbol\":\"X\"}", false, -1 },
		{ "{\"symbol\":\"X\",\"filters\":[]}", false, -1 },
		{ "{\"symbol\":\"X\",\"filters\":null}", false, -1 },
		{ "{\"symbol\":\"X\",\"filters\":[\"\",7,{}]}", false, -1 },
		{ "{\"symbol\":\"X\",\"contractType\":\"\",\"pair\":\"\"}", false, -1 },
		{ "{\"symbol\":\"X\",\"contractType\":\"CURRENT_QUARTER DELIVERING\"}", false, -1 },
		{ "{\"symbol\":\"X\",\"pricePrecision\":4,\"filters\":[{\"filterType\":\"NEW\"}]}", false, 4 },
		{ "{\"symbol\":\"X\",\"pricePrecision\":-1}", false, -1 },
		{ "{\"symbol\":\"\xe5\xb8\x81\xe5\xae\x89USDT\",\"liquidationFee\":\"\"}", false, -1 },
		/* the sample of the documentation: all in one filter */
		{ "{\"symbol\":\"BLZUSDT\",\"filters\":[{\"filterType\":\"PRICE_FILTER\","
		  "\"maxPrice\":\"300\",\"minPrice\":\"0.0001\",\"tickSize\":\"0.0001\","
		  "\"maxQty\":\"10000000\",\"minQty\":\"1\",\"stepSize\":\"1\",\"limit\":200}]}", false, -1 },
		/* switched off is there, too */
		{ "{\"symbol\":\"X\",\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0\","
		  "\"maxPrice\":\"\",\"tickSize\":\"0\"},{\"filterType\":\"LOT_SIZE\","
		  "\"stepSize\":\"0\"}]}", true, -1 },
	};
	struct rules r;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		load(row[i].json);
		assert_int_equal(rules_parse(&r, sc.t, sc.t, &f), 0);
		assert_int_equal(r.complete, row[i].complete);
		assert_int_equal(r.price_precision, row[i].precision);
	}
}

static void
test_parse_refuses(void **state)
{
	static const struct { const char *json, *field; } row[] = {
		{ "[]", "symbol" },
		{ "{}", "symbol" },
		{ "{\"symbol\":\"\"}", "symbol" },
		{ "{\"symbol\":7}", "symbol" },
		{ "{\"symbol\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
		  "symbol" },
		{ "{\"symbol\":\"X\",\"liquidationFee\":\"abc\"}", "liquidationFee" },
		{ "{\"symbol\":\"X\",\"contractSize\":\"100 USD\"}", "contractSize" },
		{ "{\"symbol\":\"X\",\"contractSize\":-100}", "contractSize" },
		{ "{\"symbol\":\"X\",\"contractSize\":[100]}", "contractSize" },
		{ "{\"symbol\":\"X\",\"filters\":[{\"filterType\":\"PRICE_FILTER\","
		  "\"tickSize\":\"-0.1\"}]}", "PRICE_FILTER.tickSize" },
		{ "{\"symbol\":\"X\",\"filters\":[{\"filterType\":\"LOT_SIZE\","
		  "\"minQty\":{}}]}", "LOT_SIZE.minQty" },
	};
	struct rules r = { .max_orders = 7 };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		load(row[i].json);
		assert_int_equal(rules_parse(&r, sc.t, sc.t, &f), -1);
		assert_int_equal(f.kind, FAULT_REJECTED);
		if (strstr(f.text, row[i].field) == NULL)
			fail_msg("%s does not name %s", f.text, row[i].field);
	}
	assert_int_equal(r.max_orders, 7);
}

static void
test_find(void **state)
{
	static const struct { const char *asked, *near; } row[] = {
		{ "BTCUSD", "near: BTCUSDT, BTCUSDC, BTCUSDT_260925" },
		{ "btcusdt", "near: BTCUSDT, BTCUSDC, ETHUSDT" },
		{ "ETHUSTD", "near: ETHUSDT" },
		{ "BTC", "near: BTCUSDT, BTCUSDC, BTCUSDT_260925" },
		{ "1000SHIB", "near: 1000SHIBUSDT" },
		{ "BTCUSDT_270925", "near: BTCUSDT_260925, BTCUSDT" },
		{ "XYZ", NULL },
		{ "", NULL },
		{ "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL },
	};
	static const char info[] = "{\"symbols\":[{\"symbol\":\"BTCUSDT\"},"
	    "{\"symbol\":\"BTCUSDC\"},{\"symbol\":\"ETHUSDT\"},{\"symbol\":\"1000SHIBUSDT\"},"
	    "{\"symbol\":\"BTCUSDT_260925\"},{\"nosymbol\":1}]}";
	struct rules r;
	struct fault f;

	(void)state;
	load(info);
	assert_int_equal(rules_find(&r, sc.t, sc.t, "BTCUSDT_260925", &f), 0);
	assert_string_equal(r.symbol, "BTCUSDT_260925");
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(rules_find(&r, sc.t, sc.t, row[i].asked, &f), -1);
		assert_int_equal(f.kind, FAULT_REJECTED);
		assert_int_equal(f.code, -1121);
		if (row[i].near == NULL ? strstr(f.text, "near") != NULL :
		    strcmp(strstr(f.text, "near"), row[i].near) != 0)
			fail_msg("%s: %s", row[i].asked, f.text);
	}
	assert_int_equal(rules_find(&r, sc.t, sc.t, "X\n\x1b[2J", &f), -1);
	assert_null(strpbrk(f.text, "\n\x1b"));
	load("{\"code\":-1003}");
	assert_int_equal(rules_find(&r, sc.t, sc.t, "BTCUSDT", &f), -1);
	assert_int_equal(f.code, 0);
}

/*
 * Checks. want: "code field nearest" of each finding, in order.
 */
struct order_row {
	enum order_side side;
	const char *price;	/* NULL: MARKET */
	const char *qty;
	bool reduce;
	const char *mark, *want;
};
/* With a trigger (NULL: none), or a modification. */
enum row_kind { NEW, MODIFY, ACTIVATE };
struct trigger_row { struct order_row order; const char *trigger; enum row_kind kind; };

static void
check_kind(const struct rules *r, const struct order_row *row, const char *trigger, enum row_kind kind)
{
	struct finding fi[FINDINGS_MAX];
	struct rules_order o = { .side = row->side, .market = row->price == NULL, .reduce = row->reduce,
		.price = row->price != NULL ? D(row->price) : D("0"), .qty = D(row->qty),
		.trigger = trigger != NULL ? D(trigger) : D("0"),
		.modify = kind == MODIFY, .activate = kind == ACTIVATE };
	char got[1024] = "";
	int n = rules_check(r, &o, D(row->mark), fi);

	for (int i = 0; i < n; i++)
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%d %s %s",
		    i > 0 ? ", " : "", fi[i].code, fi[i].field, fi[i].nearest);
	if (strcmp(got, row->want) != 0)
		fail_msg("%s %s @ %s (mark %s): %s, not %s", row->side == SIDE_BUY ? "BUY" : "SELL",
		    row->qty, row->price != NULL ? row->price : "market", row->mark, got, row->want);
}

static void
check(const struct rules *r, const struct order_row *row)
{
	check_kind(r, row, NULL, NEW);
}

/* BTCUSD_PERP as of August 2025: another name for the status, contracts of 100 USD,
 * whole quantities, no MIN_NOTIONAL. */
static void
test_parse_coinm(void **state)
{
	static const char text[] = "{\"symbol\":\"BTCUSD_PERP\",\"pair\":\"BTCUSD\",\"contractType\":\"PERPETUAL\","
	    "\"contractStatus\":\"TRADING\",\"contractSize\":100,\"marginAsset\":\"BTC\",\"baseAsset\":\"BTC\","
	    "\"quoteAsset\":\"USD\",\"pricePrecision\":1,\"quantityPrecision\":0,\"equalQtyPrecision\":4,"
	    "\"triggerProtect\":\"0.05\",\"liquidationFee\":\"0.015\",\"marketTakeBound\":\"0.05\",\"filters\":["
	    "{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"1000\",\"maxPrice\":\"4520958\",\"tickSize\":\"0.1\"},"
	    "{\"filterType\":\"LOT_SIZE\",\"minQty\":\"1\",\"maxQty\":\"1000000\",\"stepSize\":\"1\"},"
	    "{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"1\",\"maxQty\":\"60000\",\"stepSize\":\"1\"},"
	    "{\"filterType\":\"PERCENT_PRICE\",\"multiplierUp\":\"1.0500\",\"multiplierDown\":\"0.9500\"}]}";
	static const struct order_row row[] = {
		{ SIDE_BUY, "60000", "1", false, "60000", "" },	/* no notional is too small */
		{ SIDE_BUY, NULL, "60001", false, "60000", "-4005 quantity 60000" },
		{ SIDE_BUY, "60000", "1.5", false, "0", "-1111 quantity 1, -4023 quantity 1" },
		{ SIDE_SELL, "60000.05", "1", false, "0", "-1111 price 60000.1, -4014 price 60000.1" },
	};
	struct rules r;
	struct fault f;

	(void)state;
	load(text);
	assert_int_equal(rules_parse(&r, sc.t, sc.t, &f), 0);
	assert_string_equal(r.status, "TRADING");
	assert_string_equal(r.pair, "BTCUSD");
	assert_string_equal(r.margin, "BTC");
	same(r.contract_size, "100");
	same(r.min_notional, "0");
	same(r.step, "1");
	assert_int_equal(r.qty_precision, 0);
	assert_true(r.complete);
	for (size_t i = 0; i < LEN(row); i++)
		check(&r, &row[i]);
	r = btcusdt();
	same(r.contract_size, "0");
}

static void
test_check(void **state)
{
	static const struct order_row row[] = {
		{ SIDE_BUY, "60000.00", "0.010", false, "60000", "" },
		{ SIDE_BUY, "60000.1", "0.01", false, "0", "" },
		{ SIDE_SELL, "60000.000", "0.0100", false, "60000.5", "" },
		/* price: a buy gets no dearer, a sale no cheaper */
		{ SIDE_BUY, "60000.03", "0.01", false, "0", "-4014 price 60000.00" },
		{ SIDE_SELL, "60000.03", "0.01", false, "0", "-4014 price 60000.10" },
		{ SIDE_BUY, "60000.031", "0.01", false, "0",
		  "-1111 price 60000.00, -4014 price 60000.00" },
		{ SIDE_BUY, "556.70", "1", false, "0", "-4013 price 556.80" },
		{ SIDE_BUY, "556.75", "1", false, "0", "-4013 price 556.80, -4014 price 556.80" },
		{ SIDE_SELL, "4529764.1", "1", false, "0", "-4002 price 4529764.00" },
		{ SIDE_BUY, "-1", "1", false, "0", "-4001 price 556.80" },
		/* a tick counts from minPrice, here the same grid */
		{ SIDE_BUY, "556.90", "1", false, "0", "" },
		/* percent: BUY not above mark x 1.05, SELL not below mark x 0.95 */
		{ SIDE_BUY, "63000.0", "0.01", false, "60000", "" },
		{ SIDE_BUY, "63000.1", "0.01", false, "60000", "-4016 price 63000.00" },
		{ SIDE_SELL, "63000.1", "0.01", false, "60000", "" },
		{ SIDE_SELL, "57000.0", "0.01", false, "60000", "" },
		{ SIDE_SELL, "56999.9", "0.01", false, "60000", "-4024 price 57000.00" },
		{ SIDE_SELL, "56999.9", "0.01", false, "60000.11111111", "-4024 price 57000.20" },
		{ SIDE_BUY, "63000.15", "0.01", false, "60000",
		  "-4014 price 63000.00, -4016 price 63000.00" },
		/* quantity: down, but never below what is asked for at least */
		{ SIDE_BUY, "60000", "0.0015", false, "0", "-1111 quantity 0.001, -4023 quantity 0.001" },
		{ SIDE_BUY, "60000", "0.0005", false, "0",
		  "-1111 quantity 0.001, -4004 quantity 0.001, -4023 quantity 0.001, "
		  "-4164 quantity 0.001" },
		{ SIDE_BUY, "60000", "1000.5", false, "0", "-4005 quantity 1000.000" },
		{ SIDE_BUY, "60000", "0", false, "0", "-4003 quantity 0.001" },
		{ SIDE_BUY, "60000", "-1", false, "0", "-4003 quantity 0.001" },
		/* notional: the smallest quantity that reaches it */
		{ SIDE_BUY, "20000", "0.001", false, "0", "-4164 quantity 0.003" },
		{ SIDE_BUY, "25000", "0.001", false, "0", "-4164 quantity 0.002" },
		{ SIDE_BUY, "25000", "0.002", false, "0", "" },
		{ SIDE_BUY, "20000", "0.001", true, "0", "" },
		{ SIDE_SELL, "20000", "0.001", true, "20000", "" },
		/* MARKET: its own lot filter, the mark as price */
		{ SIDE_BUY, NULL, "120", false, "60000", "" },
		{ SIDE_BUY, NULL, "120.001", false, "60000", "-4005 quantity 120.000" },
		{ SIDE_BUY, "60000", "120.001", false, "60000", "" },
		{ SIDE_BUY, NULL, "0.001", false, "20000", "-4164 quantity 0.003" },
		{ SIDE_BUY, NULL, "0.001", false, "0", "" },
		{ SIDE_BUY, NULL, "0.001", true, "20000", "" },
		/* absent: priceMatch has no price, closePosition no quantity */
		{ SIDE_BUY, "0", "0.01", false, "60000", "" },
		{ SIDE_BUY, "0", "0.001", false, "20000", "-4164 quantity 0.003" },
		{ SIDE_SELL, NULL, "0", true, "60000", "" },
		/* everything at once, in order */
		{ SIDE_BUY, "99999999.999", "0.0000001", false, "60000",
		  "-1111 price 63000.00, -1111 quantity 0.001, -4002 price 63000.00, "
		  "-4014 price 63000.00, -4004 quantity 0.001, -4023 quantity 0.001, "
		  "-4016 price 63000.00, -4164 quantity 0.001" },
	};
	struct rules r = btcusdt();

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		check(&r, &row[i]);
}

/* Grids that start elsewhere, parts that are off, bounds that leave nothing. */
static void
test_check_grids(void **state)
{
	static const struct order_row offset[] = {
		{ SIDE_BUY, "1.2", "1.5", false, "0", "-4014 price 1.05, -4023 quantity 1.1" },
		{ SIDE_SELL, "1.2", "2.1", false, "0", "-4014 price 1.55" },
		{ SIDE_BUY, "1.05", "0.1", false, "0", "" },
		{ SIDE_BUY, "3", "9.9", false, "0",
		  "-4002 price 2.05, -4014 price 2.05, -4005 quantity 5.1, -4023 quantity 5.1" },
	};
	static const struct order_row off[] = {
		{ SIDE_BUY, "0.00000001", "123456789.12345678", false, "5", "" },
		{ SIDE_BUY, "1.00000000001", "1", false, "5", "-1111 price 1.00000000" },
	};
	static const struct order_row none[] = {
		{ SIDE_BUY, "0.15", "1", false, "0.01", "-4014 price , -4016 price " },
	};
	struct rules r = { .complete = true, .price_precision = -1, .qty_precision = -1,
		.min_price = D("0.05"), .max_price = D("2.1"), .tick = D("0.5"),
		.min_qty = D("0.1"), .max_qty = D("5.9"), .step = D("1") };
	struct rules open = { .complete = true, .price_precision = 8, .qty_precision = 8 };
	struct rules tight = { .complete = true, .price_precision = 2, .qty_precision = 0,
		.min_price = D("0.1"), .tick = D("0.1"), .mult_up = D("1.1") };

	(void)state;
	for (size_t i = 0; i < LEN(offset); i++)
		check(&r, &offset[i]);
	for (size_t i = 0; i < LEN(off); i++)
		check(&open, &off[i]);
	for (size_t i = 0; i < LEN(none); i++)
		check(&tight, &none[i]);
}

static void
test_check_without_rules(void **state)
{
	struct finding fi[FINDINGS_MAX];
	struct rules r = { .symbol = "BTCUSDT" };
	struct rules_order o = { .side = SIDE_BUY, .market = true, .qty = D("1") };
	char text[160];

	(void)state;
	assert_int_equal(rules_check(&r, &o, D("1"), fi), 1);
	assert_int_equal(fi[0].code, -1121);
	finding_text(&fi[0], text, sizeof text);
	assert_string_equal(text, "symbol BTCUSDT: its price and lot filters are not known (-1121)");
}

static void
test_text(void **state)
{
	struct rules r = btcusdt();
	struct rules_order o = { .side = SIDE_BUY, .price = D("60000.03"), .qty = D("0.0001") };
	struct finding fi[FINDINGS_MAX];
	char text[160];

	(void)state;
	assert_int_equal(rules_check(&r, &o, D("0"), fi), 5);
	finding_text(&fi[1], text, sizeof text);
	assert_string_equal(text, "price 60000.03: not a multiple of tickSize 0.10; "
	    "nearest 60000.00 (-4014)");
	finding_text(&fi[0], text, sizeof text);
	assert_string_equal(text, "quantity 0.0001: more decimals than quantityPrecision 3; "
	    "nearest 0.001 (-1111)");
	finding_text(&fi[4], text, sizeof text);
	assert_string_equal(text, "quantity 0.0001: worth less than the minimum notional 50; "
	    "nearest 0.001 (-4164)");
	finding_text(&fi[0], text, 10);
	assert_string_equal(text, "quantity ");
}

/*
 * Real answers
 */

/* Whether even the greatest order at this price is worth too little. */
static bool
worthless(const struct rules *r, const struct rules_order *o, dec mark)
{
	dec n = o->market ? r->mkt_max_qty : r->max_qty, p = o->price;

	if (o->market)
		p = dec_sign(o->trigger) != 0 && !o->activate ? o->trigger : mark;
	return dec_mul(&n, n, p) && dec_cmp(n, r->min_notional) < 0;
}

/* Put in whatever nearest says; how many rules were broken, -1 if no quantity
 * would do. */
static int
mend(const struct rules *r, struct rules_order *o, dec mark, char text[static 200])
{
	struct finding fi[FINDINGS_MAX];
	int n = rules_check(r, o, mark, fi);
	bool none = false;

	for (int i = 0; i < n; i++) {
		finding_text(&fi[i], text, 200);
		if (*fi[i].nearest != '\0')
			*(*fi[i].field == 'p' ? &o->price : *fi[i].field == 'q' ? &o->qty : &o->trigger) =
			    D(fi[i].nearest);
		else if (*fi[i].field == 'q')
			none = true;
		else
			fail_msg("%s: %s", r->symbol, text);
	}
	if (none && !worthless(r, o, mark))
		fail_msg("%s: %s", r->symbol, text);
	return none ? -1 : n;
}

/* What is nearest must pass when tried, all of it at once. */
static void
nearest_passes(const struct rules *r, struct rules_order o, dec mark)
{
	char text[200] = "";

	if (mend(r, &o, mark, text) > 0 && mend(r, &o, mark, text) != 0)
		fail_msg("%s: the nearest does not pass: %s", r->symbol, text);
}

/* Whether a number is on the grid base + k step. */
static bool
on_grid(dec x, dec base, dec step)
{
	dec off;

	return dec_sign(step) == 0 || (dec_sub(&off, x, base) && dec_is_multiple(off, step));
}

/* A rounded number is on its grid, is not on the wrong side of what it was, and is no
 * more than a step away; 0, and what is off its bounds, stays. */
static void
rounded_well(dec was, dec now, bool did, bool up, dec low, dec step)
{
	dec gap;

	assert_int_equal(did, dec_cmp(was, now) != 0 || was.scale != now.scale);
	if (!on_grid(now, low, step))	/* the least there is would be more, or 0 */
		assert_true(dec_cmp(was, now) == 0 && (dec_cmp(was, low) < 0 || dec_cmp(was, step) < 0));
	assert_true(up ? dec_cmp(now, was) >= 0 : dec_cmp(now, was) <= 0);
	assert_true(dec_sub(&gap, was, now) && (dec_sign(step) == 0 || dec_cmp(dec_abs(gap), step) < 0));
}

static void
try_round(const struct rules *r, struct rules_order o)
{
	const struct rules_order was = o;
	bool up = o.side == SIDE_SELL, own = o.market && dec_sign(r->mkt_max_qty) != 0;
	struct rounded did, again;

	assert_true(rules_round(r, &o, true, &did));
	rounded_well(was.qty, o.qty, did.qty, false, own ? r->mkt_min_qty : r->min_qty, own ? r->mkt_step : r->step);
	if (!o.market)
		rounded_well(was.price, o.price, did.price, up, r->min_price, r->tick);
	rounded_well(was.trigger, o.trigger, did.trigger, up, r->min_price, r->tick);
	assert_true(rules_round(r, &o, false, &again));
	assert_false(again.qty || again.price || again.trigger);
}

/* Every symbol is read, and every kind of bad order can be mended by nearest. */
static void
read_all(const char *name, int symbols, int incomplete)
{
	static const char *const off[] = { "0.00000001", "0.98765432101", "1.0123456789",
	    "1.4", "0.3", "1", "100000" };
	char *text = recorded(name);
	const struct tok *list, *v;
	struct rules r;
	struct fault f;
	dec mark, half, up = D("1000");

	load(text);
	list = scan_get(sc.t, sc.t, "symbols");
	for (v = scan_first(list); v != NULL; v = scan_next(sc.t, list, v), symbols--) {
		assert_int_equal(rules_parse(&r, sc.t, v, &f), 0);
		incomplete -= !r.complete;
		if (!r.complete || dec_sign(r.tick) == 0)
			continue;
		assert_true(dec_mul(&mark, dec_max(r.min_price, r.tick), up));
		assert_true(dec_mul(&half, r.max_price, D("0.5")));
		mark = dec_min(mark, half);
		for (size_t i = 0; i < LEN(off); i++) {
			struct rules_order o = { .side = i % 2 == 0 ? SIDE_BUY : SIDE_SELL, .price = mark,
				.qty = r.min_qty };

			assert_true(dec_mul(&o.price, mark, D(off[i])));
			nearest_passes(&r, o, mark);
			assert_true(dec_mul(&o.qty, r.min_qty, D(off[i])));
			nearest_passes(&r, o, mark);
			o.market = true;
			nearest_passes(&r, o, mark);
			try_round(&r, o);
			/* conditional: the same, triggered off the mark */
			assert_true(dec_mul(&o.trigger, mark, D(off[(i + 3) % LEN(off)])));
			nearest_passes(&r, o, mark);
			o.market = false;
			nearest_passes(&r, o, mark);
			try_round(&r, o);
			o.activate = true;
			nearest_passes(&r, o, mark);
			o.reduce = true;
			o.activate = false;
			nearest_passes(&r, o, mark);
		}
	}
	assert_int_equal(symbols, 0);
	assert_int_equal(incomplete, 0);
	assert_int_equal(rules_find(&r, sc.t, sc.t, "NOSUCHCOINUSDT", &f), -1);
	free(text);
}

/* Contracts of 100 USD for BTC, of 10 for every other coin. */
static void
test_real_sizes(void **state)
{
	char *text = recorded("coinm/rest-exchangeInfo-mainnet-2021-07-22.json.gz");
	const struct tok *list, *v;
	struct rules r;
	struct fault f;
	int n = 0;

	(void)state;
	load(text);
	list = scan_get(sc.t, sc.t, "symbols");
	for (v = scan_first(list); v != NULL; v = scan_next(sc.t, list, v), n++) {
		assert_int_equal(rules_parse(&r, sc.t, v, &f), 0);
		same(r.contract_size, strcmp(r.base, "BTC") == 0 ? "100" : "10");
		same(r.min_notional, "0");
		assert_string_equal(r.status, "TRADING");
		assert_string_equal(r.margin, r.base);
		assert_string_equal(r.quote, "USD");
	}
	assert_int_equal(n, 36);
	free(text);
}

/* A real answer with a byte changed here and there, or cut: it is no JSON, or a symbol of
 * it is refused by name, or it is read; never anything else. */
static void
test_real_mangled(void **state)
{
	static const char put[] = "\"{}[],:\\-e.x\x01\xff 9";
	char *text = recorded("usdm/rest-exchangeInfo-testnet-2025-11-26.json.gz");
	size_t begin = (size_t)(strstr(text, "\"BTCUSDT\"") - text);
	uint32_t seed = 12345;
	int read = 0, refused = 0, broken = 0;

	(void)state;
	for (int i = 0; i < 400; i++) {
		char was, *at;
		const struct tok *list, *v;
		struct rules r;
		struct fault f;

		seed = seed * 1664525u + 1013904223u;
		at = text + begin + (seed >> 8) % 2000;
		was = *at;
		*at = put[i % (int)(sizeof put - 1)];
		if (scan_doc(&sc, text, i % 7 == 0 ? (size_t)(at - text) : strlen(text)) <= 0) {
			broken++;
		} else if ((list = scan_get(sc.t, sc.t, "symbols")) != NULL) {
			for (v = scan_first(list); v != NULL; v = scan_next(sc.t, list, v)) {
				if (rules_parse(&r, sc.t, v, &f) == 0) {
					read++;
					continue;
				}
				assert_int_equal(f.kind, FAULT_REJECTED);
				assert_int_equal(strncmp(f.text, "exchangeInfo: ", 14), 0);
				refused++;
			}
		}
		*at = was;
	}
	assert_true(read > 647 && refused > 0 && broken > 100);
	free(text);
}

static void
test_real(void **state)
{
	(void)state;
	read_all("usdm/rest-exchangeInfo-mainnet-2021-07-22.json.gz", 122, 0);
	read_all("usdm/rest-exchangeInfo-testnet-2025-11-26.json.gz", 647, 0);
	read_all("coinm/rest-exchangeInfo-mainnet-2021-07-22.json.gz", 36, 0);
}

/* BTCUSD_PERP as above, and, which no contract has, a MIN_NOTIONAL of 500 USD. */
static struct rules
btcusd_perp(void)
{
	return (struct rules){ .complete = true, .price_precision = 1, .qty_precision = 0,
		.min_price = D("1000"), .max_price = D("4520958"), .tick = D("0.1"),
		.min_qty = D("1"), .max_qty = D("1000000"), .step = D("1"),
		.mkt_min_qty = D("1"), .mkt_max_qty = D("60000"), .mkt_step = D("1"),
		.mult_up = D("1.0500"), .mult_down = D("0.9500"), .contract_size = D("100"),
		.min_notional = D("500") };
}

/*
 * Conditional orders. The limit price is held against the trigger: seen on the wire in
 * 2023, a BUY triggered at 3 is told "Limit price can't be higher than 3.15" (-4183), one
 * at 78.5 "82.42".
 */
static void
test_check_triggers(void **state)
{
	static const struct trigger_row row[] = {
		{ { SIDE_SELL, NULL, "0.01", false, "60000", "" }, "58000", NEW },
		{ { SIDE_BUY, "61000", "0.01", false, "60000", "" }, "60500", NEW },
		/* the grid of prices, toward the market for a stop: a sale's up, a buy's down */
		{ { SIDE_SELL, NULL, "0.01", true, "60000", "-4014 triggerPrice 58000.10" }, "58000.03", NEW },
		{ { SIDE_BUY, NULL, "0.01", true, "60000", "-4014 triggerPrice 62000.00" }, "62000.03", NEW },
		{ { SIDE_SELL, NULL, "0.01", true, "60000",
		  "-1111 triggerPrice 58000.10, -4014 triggerPrice 58000.10" }, "58000.031", NEW },
		{ { SIDE_SELL, NULL, "0.01", true, "60000", "-4006 triggerPrice 556.80" }, "-1", NEW },
		{ { SIDE_SELL, NULL, "0.1", true, "60000", "-4013 triggerPrice 556.80" }, "500", NEW },
		{ { SIDE_BUY, NULL, "0.01", true, "60000", "-4007 triggerPrice 4529764.00" }, "4529764.1", NEW },
		/* however far from the mark */
		{ { SIDE_BUY, NULL, "0.01", false, "60000", "" }, "63000", NEW },
		{ { SIDE_BUY, NULL, "0.01", false, "60000", "" }, "63000.1", NEW },
		{ { SIDE_SELL, NULL, "0.01", false, "60000", "" }, "56999.9", NEW },
		{ { SIDE_SELL, NULL, "0.01", false, "0", "" }, "40000", NEW },
		{ { SIDE_SELL, NULL, "0.01", true, "60000", "" }, "40000", NEW },
		{ { SIDE_SELL, NULL, "0", true, "60000", "" }, "40000", NEW },
		/* the limit price beside its trigger, wherever the mark is */
		{ { SIDE_BUY, "60900", "0.01", true, "50000", "" }, "58000", NEW },
		{ { SIDE_BUY, "60900.1", "0.01", false, "60000", "-4183 price 60900.00" }, "58000", NEW },
		{ { SIDE_SELL, "54999.9", "0.01", false, "60000", "-4184 price 55100.00" }, "58000", NEW },
		{ { SIDE_SELL, "54999.9", "0.01", true, "0", "-4184 price 55100.00" }, "58000", NEW },
		/* worth: its own price, else the trigger */
		{ { SIDE_BUY, "25000", "0.001", false, "0", "-4164 quantity 0.002" }, "24000", NEW },
		{ { SIDE_BUY, NULL, "0.001", false, "0", "-4164 quantity 0.003" }, "20000", NEW },
		{ { SIDE_BUY, NULL, "120.001", false, "0", "-4005 quantity 120.000" }, "20000", NEW },
		{ { SIDE_BUY, "20000", "120.001", false, "0", "" }, "20000", NEW },
		/* where a trailing stop begins to follow */
		{ { SIDE_SELL, NULL, "0.01", false, "60000", "" }, "90000", ACTIVATE },
		{ { SIDE_SELL, NULL, "0.01", false, "60000", "-4135 activatePrice 90000.10" }, "90000.03", ACTIVATE },
		{ { SIDE_BUY, NULL, "0.01", false, "60000", "-4135 activatePrice 556.80" }, "-5", ACTIVATE },
		/* a modification: what is absent stays as it is */
		{ { SIDE_BUY, "60000", "0.0001", false, "0", "-1111 quantity 0.001, -4004 quantity 0.001, "
		  "-4023 quantity 0.001, -5029 quantity 0.001" }, NULL, MODIFY },
		{ { SIDE_BUY, "25000", "0.001", false, "0", "-5029 quantity 0.002" }, NULL, MODIFY },
		{ { SIDE_BUY, "25000", "0.001", true, "0", "" }, NULL, MODIFY },
		{ { SIDE_BUY, "25000", "0", false, "0", "" }, NULL, MODIFY },
		{ { SIDE_BUY, "0", "0.01", false, "60000", "" }, NULL, MODIFY },
		{ { SIDE_BUY, "63000.1", "0.01", false, "60000", "-4016 price 63000.00" }, NULL, MODIFY },
		/* everything at once */
		{ { SIDE_BUY, "99999999.999", "0.0000001", false, "60000",
		  "-1111 price 4529764.00, -1111 triggerPrice 4529764.00, -1111 quantity 0.001, "
		  "-4002 price 4529764.00, -4014 price 4529764.00, -4007 triggerPrice 4529764.00, "
		  "-4014 triggerPrice 4529764.00, -4004 quantity 0.001, -4023 quantity 0.001, "
		  "-4183 price 4529764.00, -4164 quantity 0.001" },
		  "88888888.888", NEW },
	};
	struct rules r = btcusdt();

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		check_kind(&r, &row[i].order, row[i].trigger, row[i].kind);
}

/* The same on COIN-M, by its own codes; worth there is contracts times their size. */
static void
test_check_coinm(void **state)
{
	static const struct trigger_row row[] = {
		{ { SIDE_BUY, "60000", "5", false, "60000", "" }, NULL, NEW },
		{ { SIDE_BUY, "60000", "4", false, "60000", "-4178 quantity 5" }, NULL, NEW },
		{ { SIDE_BUY, NULL, "4", false, "0", "-4178 quantity 5" }, NULL, NEW },
		{ { SIDE_BUY, "60000", "4", true, "60000", "" }, NULL, NEW },
		{ { SIDE_BUY, "60000", "4", false, "60000", "-5029 quantity 5" }, NULL, MODIFY },
		/* contracts are written without decimals */
		{ { SIDE_BUY, "60000", "10.0", false, "60000", "-1111 quantity 10" }, NULL, NEW },
		{ { SIDE_BUY, "60000", "10.5", false, "60000", "-1111 quantity 10, -4023 quantity 10" }, NULL, NEW },
		{ { SIDE_BUY, "63000.1", "10", false, "60000", "-4016 price 63000.0" }, NULL, NEW },
		{ { SIDE_SELL, "56999.9", "10", false, "60000", "-4024 price 57000.0" }, NULL, NEW },
		{ { SIDE_BUY, "60900.1", "10", false, "60000", "-4151 price 60900.0" }, "58000", NEW },
		{ { SIDE_SELL, "54999.9", "10", false, "60000", "-4152 price 55100.0" }, "58000", NEW },
		{ { SIDE_BUY, NULL, "10", false, "60000", "" }, "63000.1", NEW },
		{ { SIDE_SELL, NULL, "10", false, "60000", "" }, "56999.9", NEW },
	};
	struct rules r = btcusd_perp();

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		check_kind(&r, &row[i].order, row[i].trigger, row[i].kind);
}

/* The table of rules.h. "x": not changed, and nothing said. */
static void
test_round(void **state)
{
	static const struct {
		enum order_side side; const char *qty, *price, *trigger, *want;
	} row[] = {
		{ SIDE_BUY, "0.0019", "60000.09", "61000.09", "0.001 60000.00 61000.00" },
		{ SIDE_SELL, "0.0019", "60000.01", "61000.01", "0.001 60000.10 61000.10" },
		{ SIDE_BUY, "0.001", "60000.1", "61000.10", "x x x" },
		{ SIDE_SELL, "0.0010", "60000.100", "0", "x x x" },
		/* closePosition, priceMatch: nothing comes of nothing */
		{ SIDE_SELL, "0", "0", "58000.03", "x x 58000.10" },
		/* below the least there is nothing to round to, above the most is no grid */
		{ SIDE_BUY, "0.0009", "556.75", "0", "x 556.70 x" },
		{ SIDE_BUY, "1000.0005", "0.05", "0.01", "1000.000 x x" },
		{ SIDE_BUY, "-0.0015", "-1.05", "0", "x x x" },
	};
	struct rules r = btcusdt(), coinm = btcusd_perp();
	struct rules_order o;
	struct rounded did;
	struct finding fi[FINDINGS_MAX];
	char got[160], s[3][DEC_STR];

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		o = (struct rules_order){ .side = row[i].side, .qty = D(row[i].qty), .price = D(row[i].price),
			.trigger = D(row[i].trigger) };
		assert_true(rules_round(&r, &o, i % 2 == 0, &did));
		dec_print(o.qty, s[0]);
		dec_print(o.price, s[1]);
		dec_print(o.trigger, s[2]);
		snprintf(got, sizeof got, "%s %s %s", did.qty ? s[0] : "x", did.price ? s[1] : "x",
		    did.trigger ? s[2] : "x");
		assert_string_equal(got, row[i].want);
		if (!did.qty)
			same(o.qty, row[i].qty);
		if (!did.price)
			same(o.price, row[i].price);
	}
	o = (struct rules_order){ .side = SIDE_BUY, .market = true, .qty = D("10.0") };
	assert_true(rules_round(&coinm, &o, false, &did) && did.qty && !did.price);
	same(o.qty, "10");
	o.qty = D("10.9");
	assert_true(rules_round(&coinm, &o, false, &did) && did.qty);
	same(o.qty, "10");
	/* of a modification that does not say its side: the quantity only */
	o = (struct rules_order){ .modify = true, .price = D("60000.03"), .qty = D("0.0019") };
	assert_true(rules_round(&r, &o, false, &did) && did.qty && !did.price);
	same(o.price, "60000.03");
	assert_int_equal(rules_check(&r, &o, D("60000"), fi), 1);
	assert_int_equal(fi[0].code, -4014);
	assert_string_equal(fi[0].nearest, "");
	/* a grid that begins above 0: below its beginning there is no grid */
	coinm.min_qty = D("5");
	o = (struct rules_order){ .side = SIDE_BUY, .price = D("60000"), .qty = D("4.5") };
	assert_true(rules_round(&coinm, &o, false, &did) && !did.qty);
	same(o.qty, "4.5");
	/* out of room: nothing is changed */
	o = (struct rules_order){ .side = SIDE_SELL, .qty = D("0.0019"),
		.price = D("99999999999999999999999999999999999999") };
	assert_false(rules_round(&r, &o, false, &did));
	same(o.qty, "0.0019");
}

/* Any order, rounded, breaks no rule of the grid, and nothing it did not break before. */
static void
test_round_passes(void **state)
{
	struct rules both[] = { btcusdt(), btcusd_perp() };
	uint32_t seed = 7;
	struct finding fi[FINDINGS_MAX];
	struct rules_order o;
	struct rounded did;
	int mended = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		const struct rules *r = &both[i % 2];
		dec *x[] = { &o.qty, &o.price, &o.trigger };

		o = (struct rules_order){ .side = i % 3 == 0 ? SIDE_BUY : SIDE_SELL, .market = i % 5 == 0,
			.reduce = i % 7 == 0, .activate = i % 11 == 0 };
		for (size_t k = 0; k < LEN(x); k++) {
			seed = seed * 1664525u + 1013904223u;
			*x[k] = (dec){ (i128)(seed >> 5) % 100000000, (int)(seed >> 1) % 6 };
		}
		try_round(r, o);
		nearest_passes(r, o, D("60000"));
		assert_true(rules_round(r, &o, false, &did));
		mended += did.qty + did.price + did.trigger;
		for (int n = rules_check(r, &o, D("60000"), fi) - 1; n >= 0; n--)
			if ((strcmp(fi[n].rule, "tickSize") == 0 || strcmp(fi[n].rule, "stepSize") == 0 ||
			    fi[n].code == -1111) && dec_cmp(D(fi[n].value), *fi[n].field == 'q' ? r->min_qty : r->tick) >= 0)
				fail_msg("%s %s: %s", fi[n].field, fi[n].value, fi[n].rule);
	}
	assert_true(mended > 20000);
}

/* What an order is worth. Inverse: published, 100 contracts of 100 USD are 10000 USD
 * at any price. */
static void
test_notional(void **state)
{
	struct rules r = btcusdt(), coinm = btcusd_perp();
	dec n;

	(void)state;
	assert_true(rules_notional(&n, &r, D("20"), D("6679.50671178")));
	same(n, "133590.13423560");
	assert_true(rules_notional(&n, &coinm, D("100"), D("25000")));
	same(n, "10000");
	assert_false(rules_notional(&n, &r, D("99999999999999999999"), D("99999999999999999999")));
}

static int
cleanup(void **state)
{
	(void)state;
	scan_free(&sc);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_oddities),
		cmocka_unit_test(test_parse_coinm),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_check_grids),
		cmocka_unit_test(test_check_triggers),
		cmocka_unit_test(test_check_coinm),
		cmocka_unit_test(test_check_without_rules),
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_round_passes),
		cmocka_unit_test(test_notional),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_real),
		cmocka_unit_test(test_real_sizes),
		cmocka_unit_test(test_real_mangled),
	};

	return cmocka_run_group_tests(tests, NULL, cleanup);
}

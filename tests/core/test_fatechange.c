/* What may be concluded of cancels and modifications: F15, F16, F18. */
#include "faterig.h"

/*
 * Cancels
 */

/* F15, F16 */
static void
test_cancel_explained(void **state)
{
	static const struct { bool algo; const char *body; enum outcome out; const char *part; } row[] = {
		{ false, ORDER("FILLED", "1"), OUT_RESULT, "FILLED" },
		{ false, ORDER("CANCELED", "0.4"), OUT_RESULT, "\"executedQty\":\"0.4\"" },
		{ false, ORDER("EXPIRED_IN_MATCH", "0"), OUT_RESULT, "EXPIRED_IN_MATCH" },
		{ false, ORDER("NEW", "0"), OUT_REFUSED, "-2011; the order is still open (NEW)" },
		{ false, ORDER("FOO", "0"), OUT_REFUSED, "FOO" },
		{ false, "-2013", OUT_REFUSED, "there is no such order" },
		{ false, "0", OUT_REFUSED, "-2011" },
		{ true, ALGO("CANCELED"), OUT_RESULT, "CANCELED" },
		{ true, ALGO("FINISHED"), OUT_RESULT, "FINISHED" },
		{ true, ALGO("TRIGGERED"), OUT_REFUSED, "it has triggered" },
		{ true, "-5000", OUT_REFUSED, "-2011" },
	};
	int64_t due;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		begin(cancel_order(row[i].algo));
		answer_no(FAULT_REJECTED, 400, -2011);
		assert_int_equal(fate_next(&fa, mono, &due), ASK_ORDER);	/* at once */
		look(ASK_ORDER, row[i].body);
		assert_out(row[i].out, row[i].part);
		assert_false(fa.was_unknown);
		if (row[i].out == OUT_REFUSED)
			assert_int_equal(fa.f.code, -2011);
	}
	begin(cancel_order(false));
	answer_no(FAULT_REJECTED, 400, -2013);
	fate_give_up(&fa);
	assert_out(OUT_REFUSED, "-2013");
}

static void
test_cancel_in_doubt(void **state)
{
	(void)state;
	begin(cancel_order(false));
	in_doubt();
	look(ASK_ORDER, ORDER("NEW", "0"));
	look(ASK_ORDER, ORDER("CANCELED", "0"));
	assert_out(OUT_RESULT, "CANCELED");
	begin(cancel_order(false));
	in_doubt();
	look_until_bound(ASK_ORDER, ORDER("PARTIALLY_FILLED", "0.1"));
	look(ASK_ORDER, ORDER("PARTIALLY_FILLED", "0.1"));
	look(ASK_ORDER, ORDER("PARTIALLY_FILLED", "0.1"));
	assert_out(OUT_ABSENT, "still open (PARTIALLY_FILLED)");
	begin(cancel_order(false));	/* F63: a status we do not know says nothing */
	in_doubt();
	look_until_bound(ASK_ORDER, ORDER("FOO", "0"));
	look(ASK_ORDER, ORDER("FOO", "0"));
	look(ASK_ORDER, ORDER("FOO", "0"));
	assert_looking();
	begin(cancel_order(false));
	in_doubt();
	look_until_bound(ASK_ORDER, "-2013");
	look(ASK_ORDER, "-2013");
	look(ASK_ORDER, "-2013");
	assert_out(OUT_ABSENT, "no such order");
	begin(cancel_order(true));
	in_doubt();
	look(ASK_ORDER, ALGO("TRIGGERING"));
	look(ASK_ORDER, "{\"algoId\":7,\"clientAlgoId\":\"x1\",\"symbol\":\"BTCUSDT\",\"side\":\"SELL\","
	    "\"algoStatus\":\"TRIGGERED\",\"actualOrderId\":\"" ID "\"}");
	assert_out(OUT_ABSENT, "order " ID " stands in its place");
}

static void
test_cancel_algo_not_served(void **state)
{
	(void)state;
	begin_on(cancel_order(true), MARKET_COINM);
	in_doubt();
	look(ASK_ORDER, "-5000");
	look(ASK_OPEN, "[" ALGO("NEW") "]");
	look(ASK_ORDER, "-5000");
	look(ASK_OPEN, "[]");
	look(ASK_HISTORY, "[" ALGO("CANCELED") "]");
	assert_out(OUT_RESULT, "CANCELED");
	begin_on(cancel_order(true), MARKET_COINM);
	in_doubt();
	do {
		look(ASK_ORDER, "-5000");
		look(ASK_OPEN, "[" ALGO("NEW") "]");
	} while (fa.state == FATE_LOOK && mono < 60000);
	assert_out(OUT_ABSENT, "still open");
	begin_on(cancel_order(true), MARKET_COINM);
	in_doubt();
	while (mono < 60000) {
		look(ASK_ORDER, "-5000");
		look(ASK_OPEN, "[]");
		look(ASK_HISTORY, "-5000");
	}
	assert_looking();
}

static void
test_cancel_by_order_id(void **state)
{
	struct intent in = cancel_order(false);

	(void)state;
	in.client_id[0] = '\0';
	in.order_id = UINT64_C(8389765606284283461);
	begin(in);
	answer(ORDER("CANCELED", "0"));
	assert_out(OUT_RESULT, "CANCELED");
	in.order_id++;			/* equal as doubles */
	begin(in);
	answer(ORDER("CANCELED", "0"));
	assert_looking();
	look(ASK_ORDER, ORDER("CANCELED", "0"));
	assert_out(OUT_UNKNOWN, "orderId");
}

static void
test_cancel_all(void **state)
{
	(void)state;
	for (int algo = 0; algo < 2; algo++) {
		begin(cancel_every(algo));
		in_doubt();
		look_until_bound(ASK_OPEN, "[]");
		look(ASK_OPEN, "[]");
		look(ASK_OPEN, "0");		/* nothing heard takes nothing back */
		look(ASK_OPEN, "[]");
		assert_out(OUT_RESULT, algo ? "\"openAlgoOrders\":[]" : "\"openOrders\":[]");
	}
	begin(cancel_every(false));
	in_doubt();
	look_until_bound(ASK_OPEN, "[{\"time\":1699999990000}]");
	look(ASK_OPEN, "[{\"time\":1699999990000},{\"time\":1700000000100}]");
	look(ASK_OPEN, "[{\"time\":1699999990000}]");
	assert_out(OUT_ABSENT, "1 order is still open");
	begin(cancel_every(false));	/* placed since: says nothing of it */
	in_doubt();
	look_until_bound(ASK_OPEN, "[" ORDER("NEW", "0") "]");
	look(ASK_OPEN, "[" ORDER("NEW", "0") "]");
	look(ASK_OPEN, "[" ORDER("NEW", "0") "]");
	assert_looking();
	begin(cancel_every(false));	/* a clock that was set back makes new orders look old */
	in_doubt();
	look(ASK_OPEN, "[]");
	leap = -20000;
	look(ASK_OPEN, "[{\"time\":1699999990000}]");
	while (mono < 60000)
		look(ASK_OPEN, "[{\"time\":1699999990000}]");
	assert_looking();
	begin(cancel_every(false));
	leap = 60000;
	fate_recover(&fa, mono);
	look(ASK_OPEN, "0");
	leap = 30000;
	for (int i = 0; i < 6; i++)
		look(ASK_OPEN, "[{\"time\":1699999990000}]");
	assert_looking();
	begin(cancel_every(false));
	answer("{\"symbol\":\"BTCUSDT\"}");
	assert_looking();
}

/*
 * Modifications
 */

#define CHANGED(status)	ORDER_OF(status, "BUY", "2", "9100.0", "0")
#define ROW(ms, id, price, qty) "[{\"amendmentId\":5,\"symbol\":\"BTCUSDT\",\"pair\":\"BTCUSDT\",\"orderId\":" ID \
	",\"clientOrderId\":\"x1\",\"time\":" ms ",\"amendment\":{\"price\":{\"before\":\"9000\",\"after\":\"" price \
	"\"},\"origQty\":{\"before\":\"1\",\"after\":\"" qty "\"},\"count\":1" id "}}]"
#define MINE	",\"modifyId\":77"

static void
modify_until_bound(const char *order)
{
	while (wait_ask() != ASK_NOTHING && now_ms() <= fa.bound) {
		look(ASK_ORDER, order);
		look(ASK_AMENDMENTS, "[]");
	}
	for (int i = 0; i < 2 && fa.state == FATE_LOOK; i++) {
		look(ASK_ORDER, order);
		look(ASK_AMENDMENTS, "[]");
	}
}

static void
test_modify_in_doubt(void **state)
{
	static const struct { int64_t id; const char *order, *rows; enum outcome out; const char *part; } row[] = {
		/* the amendment with our number, or with our values and no number */
		{ 77, CHANGED("NEW"), ROW("1700000000100", MINE, "9100", "2"), OUT_RESULT, "\"status\":\"NEW\"" },
		{ 77, ORDER("NEW", "0"), ROW("1700000000100", MINE, "9100.0", "2"), OUT_RESULT, "\"price\":\"9100.0\"" },
		{ 0, ORDER("NEW", "0"), ROW("1700000000100", "", "9100", "2"), OUT_RESULT, "\"origQty\":\"2\"" },
		{ 77, "-2013", ROW("1700000000100", MINE, "9100", "2"), OUT_RESULT, "\"modifyId\":77" },
		/* the number is ours, the values are not */
		{ 77, ORDER("NEW", "0"), ROW("1700000000100", MINE, "9200", "2"), OUT_UNKNOWN, "modifyId" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		begin(modification(row[i].id));
		in_doubt();
		look(ASK_ORDER, row[i].order);
		look(ASK_AMENDMENTS, row[i].rows);
		assert_out(row[i].out, row[i].part);
	}
}

/* Amendments that are somebody else's, or older. */
static void
test_modify_of_others(void **state)
{
	static const char *const rows_of[] = {
		"[]", "-2013", ROW("1700000000100", "", "9200", "2"),
		ROW("1700000000100", ",\"modifyId\":78", "9100", "2"), ROW("1699999998000", MINE, "9100", "2"),
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows_of); i++) {
		begin(modification(77));
		in_doubt();
		while (fa.state == FATE_LOOK && mono < 60000) {
			look(ASK_ORDER, ORDER("NEW", "0"));
			look(ASK_AMENDMENTS, rows_of[i]);
		}
		assert_out(OUT_ABSENT, "NEW, 1 @ 9000");
		assert_true(mono > WINDOW + LAG);
	}
}

static void
test_modify_shown(void **state)
{
	(void)state;
	begin(modification(77));
	in_doubt();
	look(ASK_ORDER, CHANGED("NEW"));	/* may be from before an earlier change */
	look(ASK_AMENDMENTS, "0");
	assert_looking();
	while (now_ms() <= fa.bound) {
		look(ASK_ORDER, CHANGED("NEW"));
		look(ASK_AMENDMENTS, "0");
		(void)wait_ask();
	}
	look(ASK_ORDER, CHANGED("NEW"));
	assert_out(OUT_RESULT, "9100");
	begin(modification(77));	/* F18: ended with these values */
	in_doubt();
	look(ASK_ORDER, CHANGED("FILLED"));
	assert_out(OUT_RESULT, "FILLED");
	begin(modification(77));
	in_doubt();
	modify_until_bound(ORDER("FILLED", "1"));
	assert_out(OUT_ABSENT, "FILLED, 1 @ 9000");
	begin(modification(77));	/* to less than is executed: that cancels it */
	in_doubt();
	modify_until_bound(ORDER_OF("CANCELED", "BUY", "3", "9000", "2"));
	assert_out(OUT_UNKNOWN, "perhaps by this modification");
	begin(modification(77));
	in_doubt();
	modify_until_bound(ORDER("CANCELED", "0.5"));
	assert_out(OUT_ABSENT, "CANCELED");
}

/* By priceMatch the price is not known beforehand: only the number can tell. */
static void
test_modify_price_match(void **state)
{
	struct intent in = modification(0);

	(void)state;
	in.price_s[0] = '\0';
	memcpy(in.price_match, "QUEUE", 6);
	begin(in);
	in_doubt();
	while (mono < 60000) {
		look(ASK_ORDER, CHANGED("NEW"));
		look(ASK_AMENDMENTS, ROW("1700000000100", "", "9050", "2"));
	}
	assert_looking();
	in.modify_id = 77;
	begin(in);
	in_doubt();
	look(ASK_ORDER, CHANGED("NEW"));
	look(ASK_AMENDMENTS, ROW("1700000000100", MINE, "9050", "2"));
	assert_out(OUT_RESULT, "9050");
}

static void
test_modify_explained(void **state)
{
	static const struct { enum market m; int code; const char *body; enum outcome out; const char *part; } row[] = {
		{ MARKET_USDM, -5027, CHANGED("NEW"), OUT_RESULT, "9100" },
		{ MARKET_COINM, -4197, CHANGED("NEW"), OUT_RESULT, "9100" },
		{ MARKET_USDM, -2013, CHANGED("FILLED"), OUT_RESULT, "FILLED" },
		{ MARKET_USDM, -2013, ORDER("FILLED", "1"), OUT_REFUSED, "FILLED, 1 @ 9000" },
		{ MARKET_USDM, -2011, ORDER("CANCELED", "0"), OUT_REFUSED, "CANCELED" },
		{ MARKET_USDM, -5026, ORDER("NEW", "0"), OUT_REFUSED, "-5026" },
		{ MARKET_COINM, -4198, ORDER("NEW", "0"), OUT_REFUSED, "-4198" },
		{ MARKET_USDM, -5025, "-2013", OUT_REFUSED, "-5025" },
		{ MARKET_USDM, -5027, "0", OUT_REFUSED, "-5027" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		begin_on(modification(0), row[i].m);
		answer_no(FAULT_REJECTED, 400, row[i].code);
		look(ASK_ORDER, row[i].body);
		assert_out(row[i].out, row[i].part);
		assert_false(fa.was_unknown);
	}
	begin(modification(0));
	answer_no(FAULT_REJECTED, 400, -4014);
	assert_out(OUT_REFUSED, "-4014");
}

#define TEST(f)	cmocka_unit_test_teardown(f, rig_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cancel_explained), TEST(test_cancel_in_doubt),
		TEST(test_cancel_algo_not_served), TEST(test_cancel_by_order_id), TEST(test_cancel_all),
		TEST(test_modify_in_doubt), TEST(test_modify_of_others), TEST(test_modify_shown),
		TEST(test_modify_price_match), TEST(test_modify_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

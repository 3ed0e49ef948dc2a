/*
 * The leverage rule of bf-risk and its table of marks. Every figure is worked
 * by hand; the arithmetic stands beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-risk/judge.h"
#include "../../cmd/bf-risk/marks.h"
#include "decimal.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

static void
same(dec got, const char *want)
{
	char s[DEC_STR];

	dec_print(got, s);
	if (dec_cmp(got, D(want)) != 0)
		fail_msg("%s, not %s", s, want);
}

/* An account as the rows below describe it; entry is the mark unless upnl is set. */
struct pos { const char *symbol; enum pos_side side; const char *amt, *mark, *upnl, *asset; };
struct ord { const char *symbol; enum pos_side side; enum order_side way; const char *qty, *filled, *price; bool reduce; };
struct more { const char *symbol; enum pos_side side; enum order_side way; const char *qty, *price; };

static struct position pos_room[8];
static struct open_order ord_room[8];
static struct wallet wal_room[1];

static struct account
account(const char *wallet, const struct pos *p, const struct ord *o)
{
	struct account a = { .pos = pos_room, .ord = ord_room, .wal = wal_room, .known = true };

	memset(pos_room, 0, sizeof pos_room);
	memset(ord_room, 0, sizeof ord_room);
	memset(wal_room, 0, sizeof wal_room);
	strcpy(wal_room[0].asset, "USDT");
	wal_room[0].balance = wal_room[0].cross = D(wallet);
	a.nwal = 1;
	for (; p != NULL && p->symbol != NULL; p++) {
		struct position *q = &pos_room[a.npos++];

		strcpy(q->symbol, p->symbol);
		strcpy(q->margin_asset, p->asset != NULL ? p->asset : "USDT");
		q->side = p->side;
		q->amt = D(p->amt);
		q->mark = q->entry = D(p->mark);
		q->upnl = D(p->upnl != NULL ? p->upnl : "0");
	}
	for (; o != NULL && o->symbol != NULL; o++) {
		struct open_order *q = &ord_room[a.nord++];

		strcpy(q->symbol, o->symbol);
		q->pos_side = o->side;
		q->side = o->way;
		q->qty = D(o->qty);
		q->filled = D(o->filled);
		q->price = D(o->price);
		q->reduce = o->reduce;
	}
	return a;
}

static struct pending
pending(const struct more *m)
{
	struct pending p = { .side = m->way, .pos_side = m->side, .qty = D(m->qty), .price = D(m->price) };

	strcpy(p.symbol, m->symbol);
	return p;
}

#define BTC	"BTCUSDT", POS_BOTH
#define ETH	"ETHUSDT", POS_BOTH

static void
test_exposure(void **state)
{
	static const struct {
		const char *what;
		struct pos p[3];
		struct ord o[3];
		struct more pending, extra;
		const char *want;
	} row[] = {
		{ "a position alone: 1 x 60000",
		  { { BTC, "1", "60000", NULL, NULL } }, { { 0 } }, { 0 }, { 0 }, "60000" },
		{ "one whose mark is unknown counts by entry and profit: 0.5 x 0 + 30000",
		  { { BTC, "0.5", "0", "30000", NULL } }, { { 0 } }, { 0 }, { 0 }, "30000" },
		{ "a short counts as much: |-2 x 3000|",
		  { { ETH, "-2", "3000", NULL, NULL } }, { { 0 } }, { 0 }, { 0 }, "6000" },
		{ "an open buy adds: 60000 + 0.5 x 50000",
		  { { BTC, "1", "60000", NULL, NULL } },
		  { { BTC, SIDE_BUY, "0.5", "0", "50000", false } }, { 0 }, { 0 }, "85000" },
		{ "only what is left of it: 60000 + 0.3 x 50000",
		  { { BTC, "1", "60000", NULL, NULL } },
		  { { BTC, SIDE_BUY, "0.5", "0.2", "50000", false } }, { 0 }, { 0 }, "75000" },
		{ "a sell of a long adds nothing: max(60000, |60000 - 35000|)",
		  { { BTC, "1", "60000", NULL, NULL } },
		  { { BTC, SIDE_SELL, "0.5", "0", "70000", false } }, { 0 }, { 0 }, "60000" },
		{ "unless it turns it around: |60000 - 3 x 60000|",
		  { { BTC, "1", "60000", NULL, NULL } },
		  { { BTC, SIDE_SELL, "3", "0", "60000", false } }, { 0 }, { 0 }, "120000" },
		{ "buys and sells do not cancel out: max(85000, |60000 - 35000|)",
		  { { BTC, "1", "60000", NULL, NULL } },
		  { { BTC, SIDE_BUY, "0.5", "0", "50000", false },
		    { BTC, SIDE_SELL, "0.5", "0", "70000", false } }, { 0 }, { 0 }, "85000" },
		{ "a reduceOnly order needs no room",
		  { { BTC, "1", "60000", NULL, NULL } },
		  { { BTC, SIDE_SELL, "3", "0", "60000", true } }, { 0 }, { 0 }, "60000" },
		{ "a sell of a short adds: |-6000 - 3000|",
		  { { ETH, "-2", "3000", NULL, NULL } },
		  { { ETH, SIDE_SELL, "1", "0", "3000", false } }, { 0 }, { 0 }, "9000" },
		{ "open, just passed and new add up: 60000 + 25000 + 6000 + 12000",
		  { { BTC, "1", "60000", NULL, NULL } },
		  { { BTC, SIDE_BUY, "0.5", "0", "50000", false } },
		  { BTC, SIDE_BUY, "0.1", "60000" }, { BTC, SIDE_BUY, "0.2", "60000" }, "103000" },
		{ "orders of a flat symbol: max(10 x 3000, 4 x 3000)",
		  { { 0 } },
		  { { ETH, SIDE_BUY, "10", "0", "3000", false },
		    { ETH, SIDE_SELL, "4", "0", "3000", false } }, { 0 }, { 0 }, "30000" },
		{ "a flat symbol is met once, open, just passed and new: 30000 + 3000 + 6000",
		  { { BTC, "0", "60000", NULL, NULL } },
		  { { ETH, SIDE_BUY, "10", "0", "3000", false } },
		  { ETH, SIDE_BUY, "1", "3000" }, { ETH, SIDE_BUY, "2", "3000" }, "39000" },
		{ "just passed and new on a flat symbol, without open orders: 3000 + 6000",
		  { { 0 } }, { { 0 } },
		  { ETH, SIDE_BUY, "1", "3000" }, { ETH, SIDE_BUY, "2", "3000" }, "9000" },
		{ "symbols add up: 60000 + 6000",
		  { { BTC, "1", "60000", NULL, NULL }, { ETH, "-2", "3000", NULL, NULL } },
		  { { 0 } }, { 0 }, { 0 }, "66000" },
		{ "both sides of a hedge add up, an entry too: 60000 + 60000 + 6000",
		  { { "BTCUSDT", POS_LONG, "1", "60000", NULL, NULL },
		    { "BTCUSDT", POS_SHORT, "-1", "60000", NULL, NULL } }, { { 0 } }, { 0 },
		  { "BTCUSDT", POS_LONG, SIDE_BUY, "0.1", "60000" }, "126000" },
		{ "what is margined in another asset is not ours",
		  { { BTC, "1", "60000", NULL, NULL }, { "BTCUSDC", POS_BOTH, "1", "60000", NULL, "USDC" } },
		  { { 0 } }, { 0 }, { 0 }, "60000" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		struct account a = account("10000", row[i].p, row[i].o);
		struct pending p, x;
		dec got = { 0 };

		if (row[i].pending.symbol != NULL)
			p = pending(&row[i].pending);
		if (row[i].extra.symbol != NULL)
			x = pending(&row[i].extra);
		print_message("%s\n", row[i].what);
		assert_true(exposure(&a, "USDT", &p, row[i].pending.symbol != NULL,
		    row[i].extra.symbol != NULL ? &x : NULL, &got));
		same(got, row[i].want);
	}
}

static void
test_judge(void **state)
{
	static const struct {
		const char *what, *wallet;
		struct pos p[2];
		struct ord o[2];
		struct more extra;
		const char *limit;
		bool pass;
		const char *before, *after, *nearest;	/* NULL: without bound */
	} row[] = {
		{ "below: (30000 + 18000) / 10000", "10000",
		  { { BTC, "0.5", "60000", NULL, NULL } }, { { 0 } },
		  { BTC, SIDE_BUY, "0.3", "60000" }, "5", true, "3", "4.8", "0" },
		{ "above: (30000 + 24000) / 10000; 20000 / 60000 is 0.333 on step", "10000",
		  { { BTC, "0.5", "60000", NULL, NULL } }, { { 0 } },
		  { BTC, SIDE_BUY, "0.4", "60000" }, "5", false, "3", "5.4", "0.333" },
		{ "and the quantity named passes: (30000 + 19980) / 10000", "10000",
		  { { BTC, "0.5", "60000", NULL, NULL } }, { { 0 } },
		  { BTC, SIDE_BUY, "0.333", "60000" }, "5", true, "3", "4.998", "0" },
		{ "at the limit passes: (30000 + 0.4 x 50000) / 10000", "10000",
		  { { BTC, "0.5", "60000", NULL, NULL } }, { { 0 } },
		  { BTC, SIDE_BUY, "0.4", "50000" }, "5", true, "3", "5", "0" },
		{ "a hair above does not, though it shows as 5.0001: 50000.02 / 10000", "10000",
		  { { BTC, "0.5", "60000", NULL, NULL } }, { { 0 } },
		  { BTC, SIDE_BUY, "0.4", "50000.05" }, "5", false, "3", "5.0001", "0.399" },
		{ "through flat: |30000 - 120000| / 10000; (30000 + 50000) / 60000 is 1.333 on step", "10000",
		  { { BTC, "0.5", "60000", NULL, NULL } }, { { 0 } },
		  { BTC, SIDE_SELL, "2", "60000" }, "5", false, "3", "9", "1.333" },
		{ "open orders take their room: (30000 + 15000 + 6000) / 10000; 5000 / 60000", "10000",
		  { { BTC, "0.5", "60000", NULL, NULL } },
		  { { BTC, SIDE_BUY, "0.3", "0", "50000", false } },
		  { BTC, SIDE_BUY, "0.1", "60000" }, "5", false, "4.5", "5.1", "0.083" },
		{ "already above, nothing that grows passes", "5000",
		  { { BTC, "0.5", "60000", NULL, NULL } }, { { 0 } },
		  { BTC, SIDE_BUY, "0.001", "60000" }, "5", false, "6", "6.012", "0" },
		{ "but what does not grow does: max(30000, 24000) / 5000", "5000",
		  { { BTC, "0.5", "60000", NULL, NULL } }, { { 0 } },
		  { BTC, SIDE_SELL, "0.1", "60000" }, "5", true, "6", "6", "0" },
		{ "an unrealised loss is no equity: (25000 + 5000) / (10000 - 5000)", "10000",
		  { { BTC, "0.5", "50000", "-5000", NULL } }, { { 0 } },
		  { BTC, SIDE_BUY, "0.1", "50000" }, "5", false, "5", "6", "0" },
		{ "no equity: nothing passes, and leverage has no bound", "5000",
		  { { BTC, "0.5", "50000", "-5000", NULL } }, { { 0 } },
		  { BTC, SIDE_BUY, "0.001", "50000" }, "125", false, NULL, NULL, "0" },
		{ "no equity: what does not grow passes", "4000",
		  { { BTC, "0.5", "50000", "-5000", NULL } }, { { 0 } },
		  { BTC, SIDE_SELL, "0.001", "50000" }, "5", true, NULL, NULL, "0" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		struct account a = account(row[i].wallet, row[i].p, row[i].o);
		struct pending x = pending(&row[i].extra);
		struct verdict v;

		print_message("%s\n", row[i].what);
		assert_true(judge(&a, "USDT", NULL, 0, &x, D(row[i].limit), D("0"), D("0.001"), &v));
		assert_int_equal(v.pass, row[i].pass);
		assert_int_equal(v.bounded, row[i].before != NULL);
		if (v.bounded) {
			same(v.before, row[i].before);
			same(v.after, row[i].after);
		}
		same(v.nearest, row[i].nearest);
	}
}

/* Fee and spread of what is added come off the equity: at 10 basis points
 * 5 (10000 + 0.001 x 30000) / 1.005 = 49900.49, so 19900.49 / 60000 = 0.3316. */
static void
test_judge_cost(void **state)
{
	struct pos held[] = { { BTC, "0.5", "60000", NULL, NULL }, { 0 } };
	struct more m = { BTC, SIDE_BUY, "0.332", "60000" };
	struct account a = account("10000", held, NULL);
	struct pending x = pending(&m);
	struct verdict v;

	(void)state;
	assert_true(judge(&a, "USDT", NULL, 0, &x, D("5"), D("0.001"), D("0.001"), &v));
	assert_false(v.pass);
	same(v.nearest, "0.331");
	same(v.after, "5.0020");	/* 49920 / (10000 - 19.92) = 5.00196 */
	x.qty = v.nearest;
	assert_true(judge(&a, "USDT", NULL, 0, &x, D("5"), D("0.001"), D("0.001"), &v));
	assert_true(v.pass);
}

/* What is not known is not judged: false, and the caller refuses. */
static void
test_judge_unknown(void **state)
{
	struct pos held[] = { { BTC, "0.5", "60000", NULL, NULL }, { 0 } };
	struct pos unnamed[] = { { BTC, "0.5", "60000", NULL, "" }, { 0 } };
	struct more m = { BTC, SIDE_BUY, "0.001", "60000" };
	struct pending x = pending(&m);
	struct account a = account("10000", held, NULL);
	struct verdict v;

	(void)state;
	assert_true(judge(&a, "USDT", NULL, 0, &x, D("5"), D("0"), D("0.001"), &v));
	assert_false(judge(&a, "USDC", NULL, 0, &x, D("5"), D("0"), D("0.001"), &v));
	assert_false(v.pass);
	a.known = false;
	assert_false(judge(&a, "USDT", NULL, 0, &x, D("5"), D("0"), D("0.001"), &v));
	assert_false(v.pass);
	a = account("10000", unnamed, NULL);
	assert_false(judge(&a, "USDT", NULL, 0, &x, D("5"), D("0"), D("0.001"), &v));
	assert_false(v.pass);
}

static void
test_size_reduction(void **state)
{
	static const struct {
		const char *what, *sum, *equity, *mark, *abs, *target, *cost, *step, *max;
		const char *want;	/* NULL: nothing to do */
	} row[] = {
		{ "10000 / 60000 = 0.1667 up to the step; 0.166 would leave 5.004",
		  "60000", "10000", "60000", "1", "5", "0", "0.001", "0", "0.167" },
		{ "10 bp: 10000 / (60000 x 0.995) = 0.16750 up to the step",
		  "60000", "10000", "60000", "1", "5", "0.001", "0.001", "0", "0.168" },
		{ "an exact multiple is not rounded up further: 12000 / 60000",
		  "60000", "9600", "60000", "1", "5", "0", "0.001", "0", "0.2" },
		{ "never more than the position",
		  "90000", "10000", "60000", "0.1", "5", "0", "0.001", "0", "0.1" },
		{ "not even by the rounding up",
		  "60000", "10000", "60000", "0.1667", "5", "0", "0.001", "0", "0.1667" },
		{ "no equity: all of it",
		  "60000", "0", "60000", "1", "5", "0.001", "0.001", "0", "1" },
		{ "less than none: all of it",
		  "60000", "-2000", "60000", "1", "5", "0.001", "0.001", "0", "1" },
		{ "a reduction that costs as much as it frees: all of it (50 x 2 % = 1)",
		  "600000", "10000", "60000", "10", "50", "0.02", "0.001", "0", "10" },
		{ "at most what one market order may have",
		  "60000", "-2000", "60000", "1", "5", "0.001", "0.001", "0.4", "0.4" },
		{ "whole coins: (4000 - 3000) / 0.2 = 5000",
		  "4000", "1000", "0.2", "20000", "3", "0", "1", "0", "5000" },
		{ "at the target there is nothing to do",
		  "50000", "10000", "60000", "1", "5", "0.001", "0.001", "0", NULL },
		{ "below it neither",
		  "10000", "10000", "60000", "1", "5", "0.001", "0.001", "0", NULL },
		{ "no position", "60000", "10000", "60000", "0", "5", "0", "0.001", "0", NULL },
		{ "no price", "60000", "10000", "0", "1", "5", "0", "0.001", "0", NULL },
		{ "no step", "60000", "10000", "60000", "1", "5", "0", "0", "0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		dec got = { 0 };
		bool any = size_reduction(&got, D(row[i].sum), D(row[i].equity), D(row[i].mark), D(row[i].abs),
		    D(row[i].target), D(row[i].cost), D(row[i].step), D(row[i].max));

		print_message("%s\n", row[i].what);
		assert_int_equal(any, row[i].want != NULL);
		if (any)
			same(got, row[i].want);
	}
}

/* The promise itself, over a grid: after the trade leverage is at most the
 * target, and one step less would not have been enough. */
static void
test_size_reduction_is_least(void **state)
{
	static const char *const equities[] = { "4000", "7310.55", "9999.99", "60000" };
	static const char *const targets[] = { "0.5", "2.85", "9.5", "47.5" };
	const dec mark = D("61234.5"), cost = D("0.001"), step = D("0.001"), abs = D("50");
	dec sum;

	(void)state;
	assert_true(dec_mul(&sum, mark, abs));
	for (size_t i = 0; i < LEN(equities) * LEN(targets); i++) {
		const dec equity = D(equities[i / LEN(targets)]), target = D(targets[i % LEN(targets)]);
		dec q, less, left, eq, room;

		assert_true(size_reduction(&q, sum, equity, mark, abs, target, cost, step, dec_int(0)));
		assert_true(dec_is_multiple(q, step));
		assert_true(dec_sub(&less, q, step));
		for (int j = 0; j < 2; j++) {
			assert_true(dec_mul(&left, j == 0 ? q : less, mark));
			assert_true(dec_mul(&eq, left, cost) && dec_sub(&eq, equity, eq));
			assert_true(dec_sub(&left, sum, left) && dec_mul(&room, target, eq));
			assert_int_equal(dec_cmp(left, room) <= 0, j == 0);
		}
	}
}

static void
test_marks(void **state)
{
	struct marks ms = { .seed = 42 };
	char name[SYMBOL_MAX + 1];
	struct mark *m;
	size_t n;

	(void)state;
	assert_null(marks_find(&ms, "BTCUSDT", 7));
	for (int i = 0; i < 2000; i++) {
		n = (size_t)snprintf(name, sizeof name, "S%dUSDT", i);
		assert_non_null(m = marks_slot(&ms, name, n));
		assert_int_equal(m->event_ms, 0);
		m->event_ms = i + 1;
	}
	for (int i = 0; i < 2000; i++) {	/* also after the table has grown */
		n = (size_t)snprintf(name, sizeof name, "S%dUSDT", i);
		assert_non_null(m = marks_find(&ms, name, n));
		assert_string_equal(m->symbol, name);
		assert_int_equal(m->event_ms, i + 1);
		assert_ptr_equal(m, marks_slot(&ms, name, n));
	}
	assert_int_equal(ms.n, 2000);
	assert_null(marks_find(&ms, "S1USD", 5));	/* a part of a name is another name */
	assert_null(marks_find(&ms, "", 0));
	assert_null(marks_slot(&ms, "", 0));
	memset(name, 'X', sizeof name);
	assert_non_null(marks_slot(&ms, name, SYMBOL_MAX - 1));
	assert_null(marks_slot(&ms, name, SYMBOL_MAX));
	marks_free(&ms);
	assert_null(marks_find(&ms, "S1USDT", 6));
}

/* A pipe full of invented symbols costs a bounded amount of memory. */
static void
test_marks_are_bounded(void **state)
{
	struct marks ms = { .seed = 1 };
	char name[SYMBOL_MAX];
	size_t n;

	(void)state;
	for (int i = 0; i < MARKS_MAX; i++) {
		n = (size_t)snprintf(name, sizeof name, "%d", i);
		assert_non_null(marks_slot(&ms, name, n));
	}
	assert_null(marks_slot(&ms, "ONEMORE", 7));
	assert_non_null(marks_slot(&ms, "0", 1));
	assert_null(marks_find(&ms, "ONEMORE", 7));
	marks_free(&ms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exposure),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_judge_cost),
		cmocka_unit_test(test_judge_unknown),
		cmocka_unit_test(test_size_reduction),
		cmocka_unit_test(test_size_reduction_is_least),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_marks_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

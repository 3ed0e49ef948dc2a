/* Orders that are refused again and again: when the same one rests, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-order/repeat.h"

static struct intent
order(const char *qty, const char *id)
{
	struct intent in = { .op = OP_PLACE, .side = SIDE_BUY };

	snprintf(in.symbol, sizeof in.symbol, "BTCUSDT");
	snprintf(in.type, sizeof in.type, "MARKET");
	snprintf(in.qty_s, sizeof in.qty_s, "%s", qty);
	snprintf(in.client_id, sizeof in.client_id, "%s", id);
	return in;
}

static bool
rests(const struct repeats *rs, const struct intent *in, int64_t now)
{
	int64_t left = 0;
	int code = 0;

	return repeats(rs, in, now, &code, &left);
}

static void
test_three_of_a_kind(void **state)
{
	static struct repeats rs;
	struct intent a = order("1", "a"), again = order("1", "b"), other = order("2", "c");
	int64_t left = 0;
	int code = 0;

	(void)state;
	memset(&rs, 0, sizeof rs);
	repeat_note(&rs, &a, -2019, 1000);
	repeat_note(&rs, &again, -2019, 1001);
	assert_false(rests(&rs, &a, 1001));
	repeat_note(&rs, &a, -2019, 1002);
	assert_true(repeats(&rs, &again, 1003, &code, &left));
	assert_int_equal(code, -2019);
	assert_int_equal(left, 9999);
	assert_false(rests(&rs, &other, 1003));
	assert_false(rests(&rs, &a, 11002));		/* once more */
	repeat_note(&rs, &a, -2019, 11003);
	assert_true(rests(&rs, &a, 11004));		/* refused again: at once */
}

static void
test_another_reason_or_a_success_begins_anew(void **state)
{
	static struct repeats rs;
	struct intent a = order("1", "a");

	(void)state;
	memset(&rs, 0, sizeof rs);
	repeat_note(&rs, &a, -2019, 1);
	repeat_note(&rs, &a, -2019, 2);
	repeat_note(&rs, &a, -4131, 3);
	repeat_note(&rs, &a, -2019, 4);
	assert_false(rests(&rs, &a, 4));
	repeat_note(&rs, &a, 0, 5);
	repeat_note(&rs, &a, -2019, 6);
	repeat_note(&rs, &a, -2019, 7);
	assert_false(rests(&rs, &a, 7));
}

static void
test_many_orders_do_not_grow_it(void **state)
{
	static struct repeats rs;
	struct intent in;
	char qty[16];

	(void)state;
	memset(&rs, 0, sizeof rs);
	for (int i = 1; i < 1000; i++) {
		snprintf(qty, sizeof qty, "%d", i);
		in = order(qty, "a");
		for (int k = 0; k < 3; k++)
			repeat_note(&rs, &in, -2019, i);
		assert_true(rests(&rs, &in, i));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_of_a_kind),
		cmocka_unit_test(test_another_reason_or_a_success_begins_anew),
		cmocka_unit_test(test_many_orders_do_not_grow_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

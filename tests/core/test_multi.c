/* Multi-assets mode. FAQ: the example of the exchange's support page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/margin.h"
#include "core/multi.h"
#include "decimal.h"

static void
same(dec got, const char *want)
{
	char s[DEC_STR];

	dec_print_short(got, s);
	assert_string_equal(s, want);
}

/* FAQ: 200 USDT with 0.5 BTC at 20000, 220 USDC with 20 ETH at 600. */
static void
test_the_published_example(void **state)
{
	struct multi_asset usdt = { D("200"), D("100"), D("80"), D("0.99"), D("0.01"), D("0.005") };
	struct multi_asset usdc = { D("220"), D("240"), D("120"), D("1"), D("0"), D("0") };
	struct multi_sum s = { 0 };
	dec d;

	(void)state;
	assert_true(multi_bid(&d, usdt.index, usdt.bid_buffer));
	same(d, "0.9801");
	assert_true(multi_ask(&d, usdt.index, usdt.ask_buffer));
	same(d, "0.99495");
	assert_true(multi_add(&s, &usdt));
	assert_true(multi_add(&s, &usdc));
	same(s.equity, "416.02");
	same(s.im, "339.495");
	same(s.maint, "199.596");
	same(s.available, "76.525");
	assert_true(multi_available(&d, &s, &usdt));
	same(d, "76.91341273");	/* the page shows 76.9134 */
	assert_true(margin_ratio(&d, s.maint, s.equity));
	assert_true(dec_rescale(&d, d, 4, DEC_HALF_UP));
	same(d, "0.4798");
}

/* WORKED: min(e x bid, e x ask) of -100 is -100 x 1.1; what is short of margin
 * leaves nothing available. */
static void
test_a_debt_counts_at_the_ask_rate(void **state)
{
	struct multi_asset a = { D("-100"), D("0"), D("0"), D("1"), D("0.1"), D("0.1") };
	struct multi_sum s = { 0 };
	dec d;

	(void)state;
	assert_true(multi_add(&s, &a));
	same(s.equity, "-110");
	same(s.available, "-110");
	assert_true(multi_available(&d, &s, &a));
	same(d, "0");
}

static void
test_a_rate_of_nothing_is_refused_and_changes_nothing(void **state)
{
	struct multi_asset a = { D("1"), D("1"), D("1"), D("0"), D("0"), D("0") };
	struct multi_sum s = { D("5"), D("5"), D("5"), D("0") };
	dec d = D("7");

	(void)state;
	assert_false(multi_add(&s, &a));
	same(s.equity, "5");
	assert_false(multi_available(&d, &s, &a));
	assert_false(multi_bid(&d, D("1"), D("1")));
	assert_false(multi_bid(&d, D("-1"), D("2")));
	assert_false(multi_ask(&d, D("-1"), D("0")));
	same(d, "7");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_published_example),
		cmocka_unit_test(test_a_debt_counts_at_the_ask_rate),
		cmocka_unit_test(test_a_rate_of_nothing_is_refused_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

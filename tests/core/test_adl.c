/* The queue of auto-deleveraging. WORKED: computed from the published formula
 * with Python's decimal module. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/adl.h"
#include "decimal.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

static void
test_scores(void **state)
{
	static const struct { const char *wallet, *upnl, *maint, *want; } row[] = {
		{ "1000", "500", "40", "0.013333333333" },	/* WORKED: 0.5 x 40 / 1500 */
		{ "1000", "-500", "40", "0.000000000000" },	/* a loss has no score */
		{ "-600", "500", "40", "0.000000000000" },	/* nor has an equity below 0 */
		{ "0.5", "3", "1", "0.857142857142" },		/* 3 / max(1, 0.5) x 1 / 3.5 */
		{ "1000000000000", "999999999999.12345678", "1", "0.000000000000" },
	};
	char s[DEC_STR];
	dec d;

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_true(adl_score(&d, D(row[i].wallet), D(row[i].upnl), D(row[i].maint)));
		dec_print(d, s);
		assert_string_equal(s, row[i].want);
	}
}

static void
test_quantiles_are_fifths_of_the_queue(void **state)
{
	static const struct { int rank, n; const char *score; int want; } row[] = {
		{ 0, 1, "0.1", 4 }, { 0, 1, "0", 0 },
		{ 0, 5, "0.1", 0 }, { 1, 5, "0.1", 1 }, { 2, 5, "0.1", 2 }, { 3, 5, "0.1", 3 },
		{ 4, 5, "0.1", 4 },
		{ 0, 10, "0.1", 0 }, { 1, 10, "0.1", 0 }, { 2, 10, "0.1", 1 }, { 7, 10, "0.1", 3 },
		{ 8, 10, "0.1", 4 }, { 9, 10, "0.1", 4 },
		{ 0, 2, "0.1", 2 }, { 1, 2, "0.1", 4 },
		{ 9, 10, "0", 0 }, { -1, 10, "1", 0 }, { 10, 10, "1", 0 },
		{ INT32_MAX - 1, INT32_MAX, "1", 4 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(row); i++)
		assert_int_equal(adl_quantile(row[i].rank, row[i].n, D(row[i].score)), row[i].want);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scores),
		cmocka_unit_test(test_quantiles_are_fifths_of_the_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

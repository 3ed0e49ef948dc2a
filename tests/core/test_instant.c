/* Instants as people write them. The figures are those of `date -u -d ... +%s`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/instant.h"

#define NOW	1795741795123	/* 2026-11-27T01:09:55.123Z */

static void
test_read(void **state)
{
	static const struct { const char *s; int64_t want; } row[] = {
		{ "0", 0 },
		{ "1704067200000", 1704067200000 },
		{ "253402300799999", 253402300799999 },
		{ "2024-01-01", 1704067200000 },
		{ "1970-01-01", 0 },
		{ "2024-02-29", 1709164800000 },
		{ "2000-02-29", 951782400000 },
		{ "9999-12-31", 253402214400000 },
		{ "2024-01-01T12:00", 1704110400000 },
		{ "2024-01-01T12:00Z", 1704110400000 },
		{ "2024-01-01T12:00:01", 1704110401000 },
		{ "2024-01-01T12:00:01Z", 1704110401000 },
		{ "2024-01-01t12:00:01z", 1704110401000 },
		{ "2024-01-01 12:00:01", 1704110401000 },
		{ "2024-01-01T12:00:01.2Z", 1704110401200 },
		{ "2024-01-01T12:00:01.25Z", 1704110401250 },
		{ "2024-01-01T23:59:59.999Z", 1704153599999 },
		{ "now", NOW },
		{ "-0s", NOW },
		{ "-45s", NOW - 45000 },
		{ "-30m", NOW - 1800000 },
		{ "-12h", NOW - 43200000 },
		{ "-7d", NOW - 604800000 },
		{ "-2w", NOW - 1209600000 },
	};
	struct fault f;
	int64_t t;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		t = -5;
		if (instant_parse(&t, "--since", row[i].s, NOW, &f) == -1)
			fail_msg("%s: %s", row[i].s, f.text);
		if (t != row[i].want)
			fail_msg("%s: %lld", row[i].s, (long long)t);
	}
}

static void
test_refused(void **state)
{
	static const char *const row[] = {
		"", " ", "-", "-d", "7d", "-7", "-7y", "-7dd", "--7d", "-+7d", "- 7d", "-99999999999999999999d",
		"-99999999999d", "-30000d", "1.5", "1e12", "+1704067200000", "1704067200", "1704067200000x",
		"253402300800000", "99999999999999999999", "2024", "2024-01", "2024-1-1", "24-01-01", "1969-12-31",
		"2024-00-10", "2024-13-01", "2024-01-00", "2024-01-32", "2023-02-29", "2100-02-29", "2024-04-31",
		"2024-01-01T", "2024-01-01T1", "2024-01-01T24:00", "2024-01-01T12:60", "2024-01-01T12:00:60",
		"2024-01-01T12:00:00.", "2024-01-01T12:00:00.1234", "2024-01-01T12:00.5", "2024-01-01T12:00:00+01:00",
		"2024-01-01T12:00:00ZZ", "2024-01-01x", "yesterday", "Now"
	};
	struct fault f;
	int64_t t;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		t = -5;
		if (instant_parse(&t, "--until", row[i], NOW, &f) != -1)
			fail_msg("\"%s\" was taken for %lld", row[i], (long long)t);
		assert_int_equal(f.kind, FAULT_USAGE);
		assert_int_equal(t, -5);
		assert_non_null(strstr(f.text, "--until"));
	}
	/* seconds: the value meant is named */
	assert_int_equal(instant_parse(&t, "--since", "1704067200", NOW, &f), -1);
	assert_non_null(strstr(f.text, "1704067200000"));
}

static void
test_written(void **state)
{
	static const struct { int64_t ms; const char *want; } row[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 1704110400000, "2024-01-01T12:00:00Z" },
		{ 1704110400250, "2024-01-01T12:00:00.250Z" },
		{ 1704153599009, "2024-01-01T23:59:59.009Z" },
		{ 4133404800000, "2100-12-25T08:00:00Z" },	/* the delivery of a perpetual */
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
		{ 253402300800000, "253402300800000" },
		{ -1, "-1" },
		{ INT64_MIN, "-9223372036854775808" },
		{ INT64_MAX, "9223372036854775807" },
	};
	char out[INSTANT_STR];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		instant_put(out, row[i].ms);
		assert_string_equal(out, row[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read), cmocka_unit_test(test_refused), cmocka_unit_test(test_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

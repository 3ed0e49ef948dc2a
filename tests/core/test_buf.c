/*
 * What the writer writes is read back by our scanner and by libjq. U+FFFD goes
 * where Python's bytes.decode("utf-8", "replace") puts it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jv.h>

#include "core/buf.h"
#include "core/scan.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define S(text)	(text), sizeof (text) - 1
#define FFFD	"\xef\xbf\xbd"

static void
bytes_are_appended_and_a_nul_follows(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_put(&b, NULL, 0);
	assert_string_equal(b.p, "");
	buf_str(&b, "ab");
	buf_chr(&b, 'c');
	buf_put(&b, "d\0e", 3);
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.p, "abcd\0e", 7);
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.p, "");
	buf_printf(&b, "%s=%d", "x", -7);
	buf_printf(&b, "%s", "");
	assert_string_equal(b.p, "x=-7");
	assert_int_equal(b.len, 4);
	assert_false(b.bad);
	buf_free(&b);
	assert_null(b.p);
	buf_reset(&b);
	buf_free(&b);
}

static void
it_grows_to_any_size(void **state)
{
	struct buf b = { 0 };
	char *big = malloc(300001);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		buf_printf(&b, "%0*d", i % 300, 0);
		buf_chr(&b, (char)('a' + i % 26));
		assert_true(b.len < b.cap && b.p[b.len] == '\0');
	}
	assert_non_null(big);
	memset(big, 'z', 300000);
	big[300000] = '\0';
	buf_reset(&b);
	buf_str(&b, big);
	buf_printf(&b, "%s", big);
	assert_int_equal(b.len, 600000);
	assert_int_equal(strlen(b.p), 600000);
	free(big);
	buf_free(&b);
}

static void
without_room_it_is_bad_and_stays_as_it_was(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_str(&b, "abc");
	buf_put(&b, "x", SIZE_MAX);
	assert_true(b.bad);
	buf_put(&b, "x", SIZE_MAX - 3);
	buf_str(&b, "more");
	buf_printf(&b, "%d", 1);
	jw_str(&b, "k", "v");
	jw_i64(&b, NULL, 1);
	jw_end(&b);
	assert_true(b.bad);
	assert_string_equal(b.p, "abc");
	assert_int_equal(b.len, 3);
	buf_reset(&b);
	jw_null(&b, NULL);
	assert_false(b.bad);
	assert_string_equal(b.p, "null");
	buf_free(&b);
}

static void
commas_go_between_the_values_of_one_container(void **state)
{
	struct buf b = { 0 };
	dec d;

	(void)state;
	assert_true(dec_parse(&d, "0.10"));
	jw_open(&b, NULL, '{');
	jw_str(&b, "s", "x");
	jw_i64(&b, "i", -1);
	jw_open(&b, "a", '[');
	jw_close(&b, ']');
	jw_open(&b, "o", '{');
	jw_close(&b, '}');
	jw_dec(&b, "d", d);
	jw_bool(&b, "t", true);
	jw_bool(&b, "f", false);
	jw_null(&b, "n");
	jw_raw(&b, "r", S("[1,2]"));
	jw_u64(&b, "u", 7);
	jw_open(&b, "v", '[');
	jw_open(&b, NULL, '[');
	jw_i64(&b, NULL, 1);
	jw_str(&b, NULL, "two");
	jw_close(&b, ']');
	jw_open(&b, NULL, '{');
	jw_str(&b, "k", "");
	jw_close(&b, '}');
	jw_null(&b, NULL);
	jw_close(&b, ']');
	jw_close(&b, '}');
	jw_end(&b);
	jw_i64(&b, NULL, 2);
	jw_end(&b);
	jw_open(&b, NULL, '[');
	jw_close(&b, ']');
	jw_end(&b);
	assert_string_equal(b.p,
	    "{\"s\":\"x\",\"i\":-1,\"a\":[],\"o\":{},\"d\":\"0.10\",\"t\":true,"
	    "\"f\":false,\"n\":null,\"r\":[1,2],\"u\":7,"
	    "\"v\":[[1,\"two\"],{\"k\":\"\"},null]}\n2\n[]\n");
	buf_free(&b);
}

/* Text that looks like structure must not mislead the commas. */
static void
commas_do_not_depend_on_what_texts_hold(void **state)
{
	static const char *const row[] = { "{", "[", ":", ",", "\n", "", "\\", "\"", " " };
	struct buf b = { 0 };
	struct scan sc = { 0 };

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		buf_reset(&b);
		jw_open(&b, NULL, '{');
		jw_str(&b, row[i], row[i]);
		jw_str(&b, "k", row[i]);
		jw_open(&b, "a", '[');
		jw_str(&b, NULL, row[i]);
		jw_str(&b, NULL, row[i]);
		jw_close(&b, ']');
		jw_close(&b, '}');
		assert_int_equal(scan_doc(&sc, b.p, b.len), 9);
		assert_int_equal(sc.t[0].n, 3);
	}
	scan_free(&sc);
	buf_free(&b);
}

static void
a_prefix_of_the_caller_gets_no_comma(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_str(&b, "data: ");
	jw_i64(&b, NULL, 1);
	assert_string_equal(b.p, "data: 1");
	buf_free(&b);
}

static void
texts_are_escaped(void **state)
{
	static const struct { const char *s; size_t n; const char *want; } row[] = {
		{ S(""), "\"\"" }, { S("BTCUSDT"), "\"BTCUSDT\"" },
		{ S("\"\\/"), "\"\\\"\\\\/\"" },
		{ S("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\"" },
		{ S("\0\x01\x0b\x0e\x1f"), "\"\\u0000\\u0001\\u000b\\u000e\\u001f\"" },
		{ S("a\x7f" "b"), "\"a\x7f" "b\"" },
		{ S("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ S("12345678\n12345678"), "\"12345678\\n12345678\"" },
		{ S("\xff"), "\"" FFFD "\"" }, { S("\xc3"), "\"" FFFD "\"" },
		{ S("\x80\x80"), "\"" FFFD FFFD "\"" }, { S("\xc0\xaf"), "\"" FFFD FFFD "\"" },
		{ S("\xe2\x82"), "\"" FFFD "\"" }, { S("\xe2\x82x"), "\"" FFFD "x\"" },
		{ S("\xe2(\xa1"), "\"" FFFD "(" FFFD "\"" }, { S("\xf0\x9f\x98"), "\"" FFFD "\"" },
		{ S("\xed\xa0\x80"), "\"" FFFD FFFD FFFD "\"" },
		{ S("\xf4\x90\x80\x80"), "\"" FFFD FFFD FFFD FFFD "\"" },
		{ S("\xc3\xc3\xa9"), "\"" FFFD "\xc3\xa9\"" }, { S("\xc3\""), "\"" FFFD "\\\"\"" },
	};
	struct buf b = { 0 };
	char want[128];

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		buf_reset(&b);
		jw_strn(&b, NULL, row[i].s, row[i].n);
		assert_string_equal(b.p, row[i].want);
		if (memchr(row[i].s, '\0', row[i].n) != NULL)
			continue;
		buf_reset(&b);		/* the same as a key */
		jw_str(&b, row[i].s, "");
		snprintf(want, sizeof want, "%s:\"\"", row[i].want);
		assert_string_equal(b.p, want);
	}
	buf_reset(&b);
	jw_strn(&b, NULL, NULL, 0);
	assert_string_equal(b.p, "\"\"");
	buf_free(&b);
}

static void
integers_have_all_their_digits(void **state)
{
	static const struct { int64_t n; const char *want; } row[] = {
		{ 0, "0" }, { -1, "-1" }, { 10, "10" }, { 1562305380000, "1562305380000" },
		{ INT64_MAX, "9223372036854775807" }, { INT64_MIN, "-9223372036854775808" },
	};
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		buf_reset(&b);
		jw_i64(&b, NULL, row[i].n);
		assert_string_equal(b.p, row[i].want);
	}
	buf_reset(&b);
	jw_u64(&b, NULL, UINT64_MAX);
	assert_string_equal(b.p, "18446744073709551615");
	buf_free(&b);
}

static uint64_t seed = 3629;

static uint64_t
rnd(void)	/* xorshift64* */
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * UINT64_C(2685821657736338717)) >> 16;
}

/* libjq puts U+FFFD in its own places, so it only judges whole characters. */
static void
random_bytes_become_valid_json(void **state)
{
	static const char *const part[] = { "\"", "\\", "\n", "a", "BTCUSDT", "\x1f",
	    "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\x7f", "/", "\xef\xbf\xbd" };
	char s[64], back[512];
	struct buf b = { 0 };
	struct tok t;
	jv j;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t n = 0;
		bool whole = i % 2 == 0;

		for (uint64_t k = rnd() % 10; k > 0; k--)
			if (whole || rnd() % 2) {
				const char *p = part[rnd() % LEN(part)];

				memcpy(s + n, p, strlen(p) + 1);
				n += strlen(p);
			} else
				s[n++] = (char)(1 + rnd() % 255);
		s[n] = '\0';
		buf_reset(&b);
		jw_strn(&b, NULL, s, n);
		assert_int_equal(scan_json(b.p, b.len, &t, 1, NULL), 1);
		assert_true(scan_str(&t, back, sizeof back));
		j = jv_parse_sized(b.p, (int)b.len);
		assert_int_equal(jv_get_kind(j), JV_KIND_STRING);
		assert_string_equal(jv_string_value(j), back);
		jv_free(j);
		if (whole)
			assert_string_equal(back, s);
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_appended_and_a_nul_follows),
		cmocka_unit_test(it_grows_to_any_size),
		cmocka_unit_test(without_room_it_is_bad_and_stays_as_it_was),
		cmocka_unit_test(commas_go_between_the_values_of_one_container),
		cmocka_unit_test(commas_do_not_depend_on_what_texts_hold),
		cmocka_unit_test(a_prefix_of_the_caller_gets_no_comma),
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(integers_have_all_their_digits),
		cmocka_unit_test(random_bytes_become_valid_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/show.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define S(s)	s, sizeof (s) - 1

static const struct { const char *in; size_t n; const char *want; } row[] = {
	{ S(""), "" },
	{ S("plain text 123"), "plain text 123" },
	{ S("测试USDT é €"), "测试USDT é €" },
	{ S("\x1b[2J\a"), "\\x1b[2J\\x07" },
	{ S("a\0b\tc\r\n"), "a\\x00b\\x09c\\x0d\\x0a" },
	{ S("\x7f"), "\\x7f" },
	{ S("\xff\xfe"), "\\xff\\xfe" },
	{ S("\xc3"), "\\xc3" },				/* cut */
	{ S("\xe6\xb5"), "\\xe6\\xb5" },
	{ S("\xc0\xaf"), "\\xc0\\xaf" },		/* overlong */
	{ S("\xed\xa0\x80"), "\\xed\\xa0\\x80" },	/* surrogate */
	{ S("\xc2\x9b" "31m"), "\\u009b31m" },		/* C1 CSI */
	{ S("BTC\xe2\x80\xae" "TDSU"), "BTC\\u202eTDSU" },	/* right-to-left override */
	{ S("\xe2\x81\xa6x\xe2\x81\xa9"), "\\u2066x\\u2069" },
	{ S("\xe2\x80\x8b\xef\xbb\xbf"), "\\u200b\\ufeff" },
	{ S("\xf3\xa0\x81\x81"), "\\udb40\\udc41" },	/* a tag character */
	{ S("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80" },
	{ S("a\\n \"q\""), "a\\n \"q\"" },
	{ S("\x1b]52;c;eA==\a"), "\\x1b]52;c;eA==\\x07" },
	{ S("\xe2\x80\xa8"), "\\u2028" },
	{ S("\xff\xc0\xaf\xe2\x82"), "\\xff\\xc0\\xaf\\xe2\\x82" },
};

static void
a_terminal_sees_what_is_there_and_obeys_nothing(void **state)
{
	struct buf b = { 0 };
	char out[128];

	(void)state;
	for (size_t i = 0; i < LEN(row); i++) {
		assert_int_equal(show_text(out, sizeof out, row[i].in, row[i].n), strlen(row[i].want));
		assert_string_equal(out, row[i].want);
		assert_int_equal(show_clean(row[i].in, row[i].n), strcmp(row[i].in, row[i].want) == 0 &&
		    strlen(row[i].want) == row[i].n);
		assert_true(show_clean(out, strlen(out)));
		buf_reset(&b);
		show_put(&b, row[i].in, row[i].n);
		assert_int_equal(b.len, strlen(row[i].want));
		assert_memory_equal(b.p == NULL ? "" : b.p, row[i].want, b.len);
	}
	buf_free(&b);
}

static void
what_does_not_fit_is_left_out_by_whole_characters(void **state)
{
	static const char in[] = "ab测\x1b" "c";	/* shown: ab测\x1bc, 10 bytes */
	static const size_t whole[] = { 0, 0, 1, 2, 2, 2, 5, 5, 5, 5, 9, 10 };	/* by size */
	char out[16];

	(void)state;
	for (size_t size = 1; size < LEN(whole); size++) {
		memset(out, '#', sizeof out);
		assert_int_equal(show_text(out, size, in, sizeof in - 1), whole[size]);
		assert_int_equal(out[whole[size]], '\0');
		assert_int_equal(out[size], '#');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_sees_what_is_there_and_obeys_nothing),
		cmocka_unit_test(what_does_not_fit_is_left_out_by_whole_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Verbs: found by name, and options that are not theirs refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/verb.h"

enum { SINCE = OPT_TOOL, LIMIT, WATCH };

static const struct opt opts[] = {
	{ WATCH, "watch", NULL, "again and again" },
	OPTS_COMMON,
	{ SINCE, "since", "TIME", "from then on" },
	{ LIMIT, "limit", "N", "no more" },
	OPTS_END
};
static const struct tool tool = { "bf-x", "bf-x [options]", opts };
static const struct row { const char *name; int n; } rows[] = { { "open", 1 }, { "history", 2 }, { NULL, 3 } };
static struct fault f;

static const struct row *
find(const char *word)
{
	return verb_find(&tool, rows, sizeof *rows, word, &f);
}

static void
test_find(void **state)
{
	(void)state;
	assert_ptr_equal(find("open"), &rows[0]);
	assert_ptr_equal(find("history"), &rows[1]);
	assert_null(find("Open"));
	assert_int_equal(f.kind, FAULT_USAGE);
	assert_string_equal(f.text, "Open: no such command; near: open; see bf-x --help");
	assert_null(find("hystory"));
	assert_string_equal(f.text, "hystory: no such command; near: history; see bf-x --help");
	assert_null(find(""));
	assert_string_equal(f.text, ": no such command; see bf-x --help");
	assert_null(find("BTCUSDT"));
	assert_string_equal(f.text, "BTCUSDT: no such command; see bf-x --help");
}

static void
test_bits(void **state)
{
	(void)state;
	assert_true(verb_bit(SINCE) == 1);
	assert_true(verb_bit(WATCH) == 4);
	assert_true(verb_bit(OPT_TOOL + 63) == UINT64_C(1) << 63);
	assert_true(verb_bit(OPT_TOOL + 64) == 0);
	assert_true(verb_bit(OPT_PROFILE) == 0);
	assert_true(verb_bit('o') == 0);
}

static int
check(uint64_t given, unsigned takes)
{
	static const struct verb_opt some[] = { { SINCE, 1 }, { WATCH, 2 | 4 } };

	return verb_check(&tool, some, 2, given, "open", takes, &f);
}

static void
test_check(void **state)
{
	(void)state;
	assert_int_equal(check(0, 0), 0);
	assert_int_equal(check(verb_bit(LIMIT), 0), 0);	/* every verb takes it */
	assert_int_equal(check(verb_bit(SINCE) | verb_bit(WATCH), 1 | 4), 0);
	assert_int_equal(check(verb_bit(SINCE) | verb_bit(WATCH), 1), -1);
	assert_int_equal(f.kind, FAULT_USAGE);
	assert_string_equal(f.text, "--watch: not an option of open; see bf-x --help");
	assert_int_equal(check(verb_bit(SINCE) | verb_bit(LIMIT), 2), -1);
	assert_string_equal(f.text, "--since: not an option of open; see bf-x --help");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <getopt.h>

#include <cmocka.h>

#include "io/opt.h"

static const struct opt opts[] = {
	OPTS_COMMON,
	OPTS_OUTPUT,
	{ 's', "step", "DEC", "round to a multiple of DEC" },
	{ OPT_TOOL + 1, "draw", "[FILE]", "in the terminal or into a file" },
	{ OPT_TOOL, "an-option-with-a-very-long-name", "ARGUMENT", "far out" },
	OPTS_END
};

static struct fault fault;

/* The first thing opt_next says of two words; optind starts anew. */
static int
first(const char *a, const char *b)
{
	static char word[3][64];
	static char *argv[4];

	snprintf(word[0], sizeof word[0], "/usr/bin/bf-x");
	snprintf(word[1], sizeof word[1], "%s", a);
	if (b != NULL)
		snprintf(word[2], sizeof word[2], "%s", b);
	argv[0] = word[0];
	argv[1] = word[1];
	argv[2] = b != NULL ? word[2] : NULL;
	argv[3] = NULL;
	optind = 0;
	memset(&fault, 0, sizeof fault);
	return opt_next(b != NULL ? 3 : 2, argv, opts, &fault);
}

static void
an_option_comes_with_its_argument(void **state)
{
	static const struct { const char *a, *b; int ch; const char *arg; } row[] = {
		{ "-s", "0.1", 's', "0.1" },
		{ "-s0.1", NULL, 's', "0.1" },
		{ "--step=0.1", NULL, 's', "0.1" },
		{ "--step", "0.1", 's', "0.1" },
		{ "--step", "-1", 's', "-1" },
		{ "--jq=", NULL, OPT_JQ, "" },
		{ "--profile", "demo", OPT_PROFILE, "demo" },
		{ "-h", NULL, 'h', NULL },
		{ "--version", NULL, OPT_VERSION, NULL },
		{ "BTCUSDT", "-h", 'h', NULL },		/* operands may come first */
		{ "--", "-h", -1, NULL },
		{ "BTCUSDT", NULL, -1, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(first(row[i].a, row[i].b), row[i].ch);
		if (row[i].arg != NULL)
			assert_string_equal(optarg, row[i].arg);
		assert_int_equal(fault.kind, FAULT_NONE);
	}
}

static void
a_wrong_option_is_named_and_help_is_pointed_to(void **state)
{
	static const struct { const char *a, *b, *text; } row[] = {
		{ "--nope", NULL, "unknown option --nope; see bf-x --help" },
		{ "--nope=3", NULL, "unknown option --nope; see bf-x --help" },
		{ "-z", NULL, "unknown option -z; see bf-x --help" },
		{ "--step", NULL, "option --step needs an argument (DEC); see bf-x --help" },
		{ "-s", NULL, "option --step needs an argument (DEC); see bf-x --help" },
		{ "--help=1", NULL, "option --help takes no argument; see bf-x --help" },
		{ "--jq", NULL, "option --jq needs an argument (FILTER); see bf-x --help" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(first(row[i].a, row[i].b), '?');
		assert_int_equal(fault.kind, FAULT_USAGE);
		assert_string_equal(fault.text, row[i].text);
	}
}

static void
an_argument_in_brackets_may_be_left_out(void **state)
{
	(void)state;
	assert_int_equal(first("--draw=x.svg", NULL), OPT_TOOL + 1);
	assert_string_equal(optarg, "x.svg");
	assert_int_equal(first("--draw", NULL), OPT_TOOL + 1);
	assert_null(optarg);
	assert_int_equal(first("--draw", "x.svg"), OPT_TOOL + 1);	/* an operand */
	assert_null(optarg);
	assert_int_equal(optind, 2);
}

static void
operands_are_left_in_order_behind_the_options(void **state)
{
	char a[] = "bf-x", b[] = "one", c[] = "-s", d[] = "1", e[] = "two", g[] = "--", h[] = "-3";
	char *argv[] = { a, b, c, d, e, g, h, NULL };

	(void)state;
	optind = 0;
	assert_int_equal(opt_next(7, argv, opts, &fault), 's');
	assert_int_equal(opt_next(7, argv, opts, &fault), -1);
	assert_int_equal(7 - optind, 3);
	assert_string_equal(argv[optind], "one");
	assert_string_equal(argv[optind + 1], "two");
	assert_string_equal(argv[optind + 2], "-3");
}

static void
help_is_aligned(void **state)
{
	struct buf b = { 0 };

	(void)state;
	opt_help(&b, "bf-x [options] SYMBOL...\nbf-x --all\n\nWords.", opts);
	assert_false(b.bad);
	assert_string_equal(b.p,
	    "Usage: bf-x [options] SYMBOL...\n"
	    "       bf-x --all\n"
	    "\n"
	    "       Words.\n"
	    "\n"
	    "      --profile=NAME       the profile to use: live, demo, sim or your own\n"
	    "      --market=usdm|coinm  which futures; default usdm\n"
	    "  -o, --output=table|ndjson|csv|tsv\n"
	    "                           how to print; a table on a terminal, else ndjson\n"
	    "      --fields=NAME,...    print these members only, in this order\n"
	    "      --jq=FILTER          run a jq filter on each record printed\n"
	    "  -s, --step=DEC           round to a multiple of DEC\n"
	    "      --draw[=FILE]        in the terminal or into a file\n"
	    "      --an-option-with-a-very-long-name=ARGUMENT\n"
	    "                           far out\n"
	    "  -h, --help               show this help\n"
	    "      --version            show the version\n"
	    "      --schema             show a JSON Schema of the records it prints\n");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_option_comes_with_its_argument),
		cmocka_unit_test(a_wrong_option_is_named_and_help_is_pointed_to),
		cmocka_unit_test(an_argument_in_brackets_may_be_left_out),
		cmocka_unit_test(operands_are_left_in_order_behind_the_options),
		cmocka_unit_test(help_is_aligned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

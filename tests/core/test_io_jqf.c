/* --jq, and the printer that runs it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>

#include <cmocka.h>

#include "io/jqf.h"
#include "io/table.h"
#include "scratch.h"

static struct fault fault;

/* All results of a program on a record, as printed; a fault's kind in fault. */
static const char *
run(const char *program, const char *rec)
{
	static struct buf b;
	struct jqf *q;

	buf_free(&b);
	buf_str(&b, "");
	memset(&fault, 0, sizeof fault);
	if (jqf_open(&q, program, &fault) == -1)
		return "";
	(void)jqf_run(q, rec, strlen(rec), &b, &fault);
	jqf_close(q);
	return b.p;
}

static void
each_result_is_a_compact_line(void **state)
{
	static const struct { const char *program, *rec, *want; } row[] = {
		{ ".", "{ \"b\" : 1, \"a\" : [ 1 , 2 ] }\n", "{\"b\":1,\"a\":[1,2]}\n" },
		{ ".a[]", "{\"a\":[1,\"x\",null]}", "1\n\"x\"\nnull\n" },
		{ "empty", "{}", "" },
		{ "select(.s == \"BTCUSDT\") | .p", "{\"s\":\"BTCUSDT\",\"p\":\"1.10\"}", "\"1.10\"\n" },
		{ ".p | tonumber > 1", "{\"p\":\"1.10\"}", "true\n" },
		{ "\"a\\nb\"", "{}", "\"a\\nb\"\n" },
		{ ".s", "{\"s\":\"\xe6\xb5\x8b\"}", "\"\xe6\xb5\x8b\"\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_string_equal(run(row[i].program, row[i].rec), row[i].want);
		assert_int_equal(fault.kind, FAULT_NONE);
	}
}

static void
ids_beyond_doubles_are_strings_with_all_their_digits(void **state)
{
	static const struct { const char *program, *rec, *want; } row[] = {
		{ ".id", "{\"id\":8389765606284283461}", "\"8389765606284283461\"\n" },
		{ ".id", "{\"id\":9007199254740992}", "9007199254740992\n" },
		{ ".id", "{\"id\":9007199254740993}", "\"9007199254740993\"\n" },
		{ ".id", "{\"id\":-9007199254740993}", "\"-9007199254740993\"\n" },
		{ ".id", "{\"id\":-9007199254740992}", "-9007199254740992\n" },
		{ ".a[0] == .a[1]", "{\"a\":[8389765606284283461,8389765606284283462]}", "false\n" },
		{ ".id", "{\"id\":\"8389765606284283461\"}", "\"8389765606284283461\"\n" },
		{ ".", "{\"a\":\"x 8389765606284283461\",\"b\":[1,12345678901234567890],\"c\":{}}",
		    "{\"a\":\"x 8389765606284283461\",\"b\":[1,\"12345678901234567890\"],\"c\":{}}\n" },
		{ ".", "12345678901234567890", "\"12345678901234567890\"\n" },
		{ ". > 1", "1234567890123456789012.5", "true\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		assert_string_equal(run(row[i].program, row[i].rec), row[i].want);
}

static void
a_filter_that_does_not_compile_says_why(void **state)
{
	static const struct { const char *program, *want; } row[] = {
		{ ".a[[", "syntax error" },
		{ "nope", "nope/0 is not defined" },
		{ "$x", "$x is not defined" },
		{ "import \"m\" as m; .", "does not compile" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		run(row[i].program, "{}");
		assert_int_equal(fault.kind, FAULT_USAGE);
		assert_non_null(strstr(fault.text, row[i].want));
		assert_null(strchr(fault.text, '\n'));
	}
}

static void
a_runtime_error_rejects_and_keeps_what_came_before(void **state)
{
	(void)state;
	assert_string_equal(run("1, error(\"x\"), 2", "{}"), "1\n");
	assert_int_equal(fault.kind, FAULT_REJECTED);
	assert_non_null(strstr(fault.text, "x"));
	run(".a.b", "{\"a\":1}");
	assert_int_equal(fault.kind, FAULT_REJECTED);
	run("error({code:1})", "{}");
	assert_non_null(strstr(fault.text, "{\"code\":1}"));
	run("halt", "{}");
	assert_int_equal(fault.kind, FAULT_REJECTED);
	run(".", "{\"a\":01}");		/* jq would take it */
	assert_int_equal(fault.kind, FAULT_REJECTED);
	run(".", "{\"a\":nan}");
	assert_int_equal(fault.kind, FAULT_REJECTED);
}

/* libjq 1.6 crashes on each of these if its caller is not careful. */
static void
one_filter_serves_many_records_whatever_happened_before(void **state)
{
	static const char *const programs[] = {
		"path(..)", "first(path(..))", "limit(1; .a[])", "try error(\"x\") catch .",
		"label $f | .a[] | ., break $f", "input", "[inputs]", "debug", "halt",
		"paths", "getpath([\"a\",0])", "reduce .a[] as $x (0; . + $x)", ".a | error",
		"del(.a[0])", ".a[0] |= 5", "input_filename", "get_search_list", "env | type",
	};
	static const char rec[] = "{\"a\":[1,2,{\"b\":3}]}";
	struct buf b = { 0 };
	struct jqf *q;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		assert_int_equal(jqf_open(&q, programs[i], &fault), 0);
		(void)jqf_run(q, rec, sizeof rec - 1, &b, &fault);
		len = b.len;
		for (int k = 0; k < 3; k++) {
			buf_reset(&b);
			(void)jqf_run(q, rec, sizeof rec - 1, &b, &fault);
			assert_int_equal(b.len, len);
		}
		buf_reset(&b);
		jqf_close(q);
	}
	buf_free(&b);
}

/*
 * The printer
 */

static const struct column cols[] = {
	{ "SYMBOL", "s", false }, { "PRICE", "p", true }, { "LEV", "x.lev", true }, { "ID", "id", true },
	{ NULL, NULL, false }
};

/* What the printer writes for these records. */
static char *
printed(const char *format, const char *jq, const char *recs)
{
	struct buf rec = { 0 };
	struct printer p;
	int fd = open(in_scratch("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	memset(&fault, 0, sizeof fault);
	assert_int_equal(printer_open(&p, fd, &(struct print_as){ .format = format, .jq = jq }, cols, &fault), 0);
	buf_str(&rec, recs);
	(void)printer_put(&p, &rec, &fault);
	assert_int_equal(rec.len, 0);
	assert_int_equal(printer_close(&p, NULL), 0);
	close(fd);
	buf_free(&rec);
	return scratch_get("out", NULL);
}

static void
a_table_is_aligned_and_harmless(void **state)
{
	static const struct { const char *jq, *recs, *want; } row[] = {
		{ NULL, "", "SYMBOL  PRICE  LEV  ID\n" },
		{ NULL, "{\"s\":\"BTCUSDT\",\"p\":\"50000.10\",\"x\":{\"lev\":20},\"id\":8389765606284283461}\n"
		    "{\"s\":\"\xe6\xb5\x8b\xe8\xaf\x95USDT\",\"p\":7,\"x\":{}}\n"
		    "{\"s\":\"A\\u001b[31m\\n\",\"p\":null,\"x\":5,\"id\":[1,2]}\n",
		    "SYMBOL            PRICE  LEV                   ID\n"
		    "BTCUSDT        50000.10   20  8389765606284283461\n"
		    "\xe6\xb5\x8b\xe8\xaf\x95USDT              7    -                    -\n"
		    "A\\x1b[31m\\x0a         -    -                  1,2\n" },
		{ ".s", "{\"s\":\"BTCUSDT\"}\n", "SYMBOL   PRICE  LEV  ID\nBTCUSDT      -    -   -\n" },
	};
	char *got;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		got = printed("table", row[i].jq, row[i].recs);
		assert_string_equal(got, row[i].want);
		free(got);
	}
}

static void
ndjson_passes_byte_for_byte_or_through_the_filter(void **state)
{
	static const char recs[] = "{\"s\": \"\xe2\x80\xae\", \"id\":8389765606284283461}\n{\"s\":\"b\"}\n";
	char *got;

	(void)state;
	got = printed(NULL, NULL, recs);	/* a file is no terminal */
	assert_string_equal(got, recs);
	free(got);
	got = printed("ndjson", "select(.s == \"b\") | .s, .s", recs);
	assert_string_equal(got, "\"b\"\n\"b\"\n");
	free(got);
	got = printed("ndjson", "if .s == \"b\" then .s else error(\"no\") end", recs);
	assert_string_equal(got, "\"b\"\n");	/* a bad record does not stop the next */
	assert_int_equal(fault.kind, FAULT_REJECTED);
	free(got);
}

static void
a_terminal_gets_a_table_or_escaped_json(void **state)
{
	struct buf rec = { 0 };
	struct printer p;
	char got[256], *name;
	int master = posix_openpt(O_RDWR | O_NOCTTY), fd = -1;
	ssize_t n;

	(void)state;
	if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1 ||
	    (name = ptsname(master)) == NULL || (fd = open(name, O_RDWR | O_NOCTTY)) == -1) {
		print_message("skipped: this machine gives no pseudo-terminal\n");
		skip();
	}
	assert_int_equal(printer_open(&p, fd, NULL, cols, &fault), 0);
	assert_true(p.table);
	assert_int_equal(printer_close(&p, &fault), 0);
	assert_true(read(master, got, sizeof got) > 0);
	assert_int_equal(printer_open(&p, fd, &(struct print_as){ .format = "ndjson" }, cols, &fault), 0);
	buf_str(&rec, "{\"s\":\"\xe2\x80\xae\x7f\xc2\x9b\"}\n");
	assert_int_equal(printer_put(&p, &rec, &fault), 0);
	n = read(master, got, sizeof got);	/* at once: a person waits */
	assert_int_equal(n, 28);
	assert_memory_equal(got, "{\"s\":\"\\u202e\\u007f\\u009b\"}\r\n", 28);
	assert_int_equal(printer_close(&p, &fault), 0);
	close(fd);
	close(master);
	buf_free(&rec);
}

static void
a_wrong_format_or_filter_is_misuse(void **state)
{
	struct printer p;

	(void)state;
	assert_int_equal(printer_open(&p, 1, &(struct print_as){ .format = "xml" }, cols, &fault), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
	assert_int_equal(printer_open(&p, 1, &(struct print_as){ .format = "ndjson", .jq = ".[" }, cols, &fault), -1);
	assert_int_equal(fault.kind, FAULT_USAGE);
}

static void
a_full_disk_speaks_at_the_close(void **state)
{
	struct buf rec = { 0 };
	struct printer p;
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(printer_open(&p, fd, &(struct print_as){ .format = i == 0 ? "ndjson" : "table" }, cols, &fault), 0);
		buf_str(&rec, "{}\n");
		assert_int_equal(printer_put(&p, &rec, &fault), 0);
		assert_int_equal(printer_close(&p, &fault), -1);
		assert_int_equal(fault.kind, FAULT_LOCAL);
	}
	close(fd);
	buf_free(&rec);
}

#define T(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_result_is_a_compact_line),
		cmocka_unit_test(ids_beyond_doubles_are_strings_with_all_their_digits),
		cmocka_unit_test(a_filter_that_does_not_compile_says_why),
		cmocka_unit_test(a_runtime_error_rejects_and_keeps_what_came_before),
		cmocka_unit_test(one_filter_serves_many_records_whatever_happened_before),
		T(a_table_is_aligned_and_harmless),
		T(ndjson_passes_byte_for_byte_or_through_the_filter),
		cmocka_unit_test(a_terminal_gets_a_table_or_escaped_json),
		cmocka_unit_test(a_wrong_format_or_filter_is_misuse),
		cmocka_unit_test(a_full_disk_speaks_at_the_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

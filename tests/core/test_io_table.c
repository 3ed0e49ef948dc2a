#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <cmocka.h>

#include "io/table.h"
#include "scratch.h"

static const struct column cols[] = {
	{ "NAME", "n", COL_LEFT }, { "PRICE", "p", COL_DEC }, { "AT", "t", COL_TIME }, { "QTY", "q", COL_DEC },
	{ NULL, NULL, 0 }
};
static struct fault f;

/* What is printed of these records, of n of them. live: each row at once. */
static char *
printed(const struct print_as *as, const struct column *columns, const char *const *rec, int n, bool live)
{
	struct printer p;
	struct buf b = { 0 };
	int fd = open(in_scratch("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(printer_open(&p, fd, as, columns, &f), 0);
	if (live)
		printer_live(&p);
	for (int i = 0; i < n; i++) {
		buf_str(&b, rec[i]);
		buf_chr(&b, '\n');
		assert_int_equal(printer_put(&p, &b, &f), 0);
	}
	assert_int_equal(printer_close(&p, &f), 0);
	buf_free(&b);
	close(fd);
	return scratch_get("out", NULL);
}

static char *
table_of(const struct column *columns, const char *const *rec, int n, bool live)
{
	return printed(&(struct print_as){ .format = "table" }, columns, rec, n, live);
}

static void
prints(const struct print_as *as, const struct column *columns, const char *const *rec, int n, const char *want)
{
	char *got = printed(as, columns, rec, n, false);

	assert_string_equal(got, want);
	free(got);
}

static char *
table(const char *const *rec, int n, bool live)
{
	return table_of(cols, rec, n, live);
}

#define ROWS(r) (r), (int)(sizeof(r) / sizeof *(r))

static void
points_stand_one_below_the_other(void **state)
{
	static const char *const rec[] = {
		"{\"n\":\"a\",\"p\":\"60000.10\",\"t\":1597370495002,\"q\":\"1\"}",
		"{\"n\":\"b\",\"p\":\"0.20001000\",\"t\":0,\"q\":\"0.500\"}",
		"{\"n\":\"c\",\"p\":-3,\"t\":null,\"q\":null}",
		"{\"n\":\"d\",\"p\":\"x\",\"q\":\"12.250\"}",
		"{\"n\":\"e\",\"p\":\"\",\"q\":\"15E-1\"}",
	};
	char *got = table(ROWS(rec), false);

	(void)state;
	assert_string_equal(got,
	    "NAME        PRICE            AT     QTY\n"
	    "a     60000.10     02:01:35.002   1\n"
	    "b         0.20001             -   0.500\n"
	    "c        -3                   -       -\n"
	    "d               x             -  12.250\n"
	    "e               -             -   1.5\n");
	free(got);
}

static void
zeros_are_cut_where_they_say_nothing_in_any_row(void **state)
{
	static const char *const rec[] = {
		"{\"n\":\"a\",\"p\":\"60000.00000000\",\"q\":\"2.00\"}",
		"{\"n\":\"b\",\"p\":\"3000.00000000\",\"q\":\"10.00\"}",
	};
	char *got = table(ROWS(rec), false);

	(void)state;
	assert_string_equal(got,
	    "NAME  PRICE  AT    QTY\n"
	    "a     60000   -   2.00\n"
	    "b      3000   -  10.00\n");
	free(got);
}

static void
a_live_table_only_grows(void **state)
{
	static const char *const rec[] = {
		"{\"n\":\"a\",\"p\":\"1.5\"}", "{\"n\":\"b\",\"p\":\"1000000.25\"}", "{\"n\":\"c\",\"p\":\"1.5\"}",
	};
	char *got = table(ROWS(rec), true);

	(void)state;
	assert_string_equal(got,
	    "NAME  PRICE  AT  QTY\n"
	    "a       1.5   -    -\n"
	    "b     1000000.25   -    -\n"
	    "c           1.5    -    -\n");
	free(got);
}

/* 1597370495002: date -u -d @1597370495 says 2020-08-14 02:01:35. */
static void
a_date_stands_before_the_time_of_day(void **state)
{
	static const struct column dated[] = { { "AT", "t|u", COL_DATE }, { NULL, NULL, 0 } };
	static const char *const rec[] = { "{\"t\":1597370495002}", "{\"u\":0}", "{\"t\":\"x\"}", "{}" };
	char *got = table_of(dated, ROWS(rec), false);

	(void)state;
	assert_string_equal(got,
	    "                     AT\n"
	    "2020-08-14 02:01:35.002\n"
	    "                      -\n"
	    "                      x\n"
	    "                      -\n");
	free(got);
}

/* What a terminal of that many columns shows of these records. */
static void
shown_as(char *text, size_t size, const struct print_as *as, const struct column *columns, const char *const *rec, int n,
    unsigned short wide)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), fd;
	struct winsize w = { .ws_row = 24, .ws_col = wide };
	struct buf b = { 0 };
	struct printer p;
	ssize_t got;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	assert_true((fd = open(ptsname(master), O_RDWR | O_NOCTTY)) >= 0);
	assert_int_equal(ioctl(fd, TIOCSWINSZ, &w), 0);
	assert_int_equal(printer_open(&p, fd, as, columns, &f), 0);
	for (int i = 0; i < n; i++) {
		buf_str(&b, rec[i]);
		assert_int_equal(printer_put(&p, &b, &f), 0);
	}
	assert_int_equal(printer_close(&p, &f), 0);
	buf_free(&b);
	got = read(master, text, size - 1);
	assert_true(got > 0);
	text[got] = '\0';
	close(fd);
	close(master);
}

static void
shown(char *text, size_t size, const char *const *rec, int n, unsigned short wide)
{
	shown_as(text, size, NULL, cols, rec, n, wide);
}

static void
a_narrow_terminal_has_no_room_for_what_is_empty(void **state)
{
	static const char *const rec[] = { "{\"n\":\"a\",\"q\":\"1.5\"}", "{\"n\":\"b\",\"q\":\"2\"}" };
	static const char *const none[] = { "{\"n\":\"a\",\"p\":\"1\"}" };
	char text[512];

	(void)state;
	shown(text, sizeof text, ROWS(rec), 20);
	assert_string_equal(text, "NAME  PRICE  AT  QTY\r\na         -   -  1.5\r\nb         -   -  2\r\n");
	shown(text, sizeof text, ROWS(rec), 19);
	assert_string_equal(text, "NAME  QTY\r\na     1.5\r\nb     2\r\n");
	shown(text, sizeof text, ROWS(none), 10);	/* the last column too */
	assert_string_equal(text, "NAME  PRICE\r\na         1\r\n");
}

/* The last text has 41 characters: what is left of the terminal, or 16, is the least it gets. */
static void
what_says_least_goes_first(void **state)
{
	static const struct column more[] = {
		{ "A", "a", COL_LEFT }, { "B", "b", COL_LEFT | COL_MORE(1) }, { "D", "d", COL_DATE | COL_MORE(2) },
		{ "TEXT", "t", COL_LEFT | COL_CUT }, { NULL, NULL, 0 }
	};
	static const char *const rec[] = {
		"{\"a\":\"aaaa\",\"b\":\"bbbb\",\"d\":1597370495002,\"t\":\"a text of some length, 41 characters long\"}"
	};
	static const struct { unsigned short wide; const char *want; } row[] = {
		{ 78, "A     B                           D  TEXT\r\n"
		    "aaaa  bbbb  2020-08-14 02:01:35.002  a text of some length, 41 characters long\r\n" },
		{ 60, "A     B                           D  TEXT\r\n"
		    "aaaa  bbbb  2020-08-14 02:01:35.002  a text of some lengt...\r\n" },
		{ 46, "A     B                  D  TEXT\r\n"
		    "aaaa  bbbb  08-14 02:01:35  a text of some ...\r\n" },
		{ 40, "A                  D  TEXT\r\n"
		    "aaaa  08-14 02:01:35  a text of some ...\r\n" },
		{ 30, "A     B     TEXT\r\n"
		    "aaaa  bbbb  a text of some ...\r\n" },
		{ 22, "A     TEXT\r\n"
		    "aaaa  a text of som...\r\n" },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		shown_as(text, sizeof text, NULL, more, rec, 1, row[i].wide);
		assert_string_equal(text, row[i].want);
	}
}

static const struct column money[] = {
	{ "SIDE", "s", COL_LEFT | COL_SIDE }, { "PNL", "p", COL_DEC | COL_SIGN }, { "QTY", "q", COL_DEC }, { NULL, NULL, 0 }
};
static const char *const trades[] = {
	"{\"s\":\"BUY\",\"p\":\"1.5\",\"q\":\"-1\"}\n", "{\"s\":\"SELL\",\"p\":\"-20\",\"q\":\"2\"}\n", "{\"s\":\"BOTH\",\"p\":\"0.0\"}\n"
};

static void
colour_is_of_sign_and_side_and_moves_nothing(void **state)
{
	char text[512];

	(void)state;
	setenv("TERM", "xterm", 1);
	shown_as(text, sizeof text, NULL, money, ROWS(trades), 80);
	assert_string_equal(text,
	    "\033[1mSIDE\033[0m    \033[1mPNL\033[0m  \033[1mQTY\033[0m\r\n"
	    "\033[32mBUY\033[0m     \033[32m1.5\033[0m   -1\r\n"
	    "\033[31mSELL\033[0m  \033[31m-20\033[0m      2\r\n"
	    "BOTH    0.0    -\r\n");
}

static void
colour_is_only_where_it_is_wanted(void **state)
{
	static const struct { const char *term, *no; bool colour; } row[] = {
		{ "xterm", NULL, true }, { "xterm", "", true }, { "xterm", "1", false }, { "xterm", "0", false },
		{ "dumb", NULL, false }, { "", NULL, false }, { NULL, NULL, false }
	};
	char text[512], *file;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (row[i].term == NULL)
			unsetenv("TERM");
		else
			setenv("TERM", row[i].term, 1);
		if (row[i].no == NULL)
			unsetenv("NO_COLOR");
		else
			setenv("NO_COLOR", row[i].no, 1);
		shown_as(text, sizeof text, NULL, money, ROWS(trades), 80);
		assert_int_equal(strchr(text, '\033') != NULL, row[i].colour);
		shown_as(text, sizeof text, &(struct print_as){ .format = "csv" }, money, ROWS(trades), 80);
		assert_null(strchr(text, '\033'));
	}
	setenv("TERM", "xterm", 1);
	file = table_of(money, ROWS(trades), false);
	assert_null(strchr(file, '\033'));
	free(file);
}

static const struct column raw[] = {
	{ "NAME", "n|m", COL_LEFT }, { "WHEN", "cells.when:t", COL_DATE }, { "EYE", "cells.x:", COL_LEFT },
	{ "PRICE", "p", COL_DEC }, { "LIST", "l", COL_LEFT }, { NULL, NULL, 0 }
};

static void
csv_has_values_as_they_are(void **state)
{
	static const char *const rec[] = {
		"{\"n\":\"a,b\",\"t\":1597370495002,\"p\":\"1.10000000\",\"l\":[1,{\"x\":\"y\"}],\"cells\":{\"when\":1,\"x\":2}}",
		"{\"m\":\"say \\\"hi\\\"\\nthere\",\"t\":null,\"p\":0.10,\"l\":{}}", "{\"n\":\"\",\"p\":8389765606284283461}", "12",
	};

	(void)state;
	prints(&(struct print_as){ .format = "csv" }, raw, ROWS(rec),
	    "n,t,p,l\n"
	    "\"a,b\",1597370495002,1.10000000,\"[1,{\"\"x\"\":\"\"y\"\"}]\"\n"
	    "\"say \"\"hi\"\"\nthere\",,0.10,{}\n"
	    ",,8389765606284283461,\n"
	    "12,,,\n");
	prints(&(struct print_as){ .format = "csv" }, raw, NULL, 0, "n,t,p,l\n");
}

static void
csv_calls_no_formula(void **state)
{
	static const struct { const char *json, *want; } row[] = {
		{ "\"=1+2\"", "\"'=1+2\"" }, { "\"@SUM(A1)\"", "\"'@SUM(A1)\"" }, { "\"+cmd|' /C calc'!A0\"", "\"'+cmd|' /C calc'!A0\"" },
		{ "\"-2+3\"", "\"'-2+3\"" }, { "\"\\t=1\"", "\"'\t=1\"" }, { "\"\\r=1\"", "\"'\r=1\"" },
		{ "\"-0.5\"", "-0.5" }, { "-1E-7", "-1E-7" }, { "\"+1.5\"", "+1.5" }, { "\"-my:id_1/x.y\"", "-my:id_1/x.y" },
		{ "\"a=b\"", "a=b" },
	};
	static const struct column one[] = { { "V", "v", COL_LEFT }, { NULL, NULL, 0 } };
	char rec[80], want[80];
	const char *list[] = { rec };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		snprintf(rec, sizeof rec, "{\"v\":%s}", row[i].json);
		snprintf(want, sizeof want, "v\n%s\n", row[i].want);
		prints(&(struct print_as){ .format = "csv" }, one, list, 1, want);
	}
}

static void
tsv_escapes_what_would_break_it(void **state)
{
	static const char *const rec[] = { "{\"n\":\"a\\tb\\nc\\rd\\\\e, \\\"f\\\" =1\",\"p\":\"2.0\",\"l\":[\"x\\ty\"]}" };

	(void)state;
	prints(&(struct print_as){ .format = "tsv" }, raw, ROWS(rec),
	    "n\tt\tp\tl\n"
	    "a\\tb\\nc\\rd\\\\e, \"f\" =1\t\t2.0\t[\"x\\\\ty\"]\n");
}

static void
fields_are_the_record_s_in_their_order(void **state)
{
	static const char *const rec[] = {
		"{\"n\":\"a\\u00e9\",\"p\":\"1.50000000\",\"o\":{\"X\":[5,6.0]},\"id\":8389765606284283461}", "{\"n\":\"b\",\"p\":null,\"id\":1e3}",
	};
	struct print_as as = { .fields = "id,o.X.1,p,n", .format = "ndjson" };

	(void)state;
	prints(&as, NULL, ROWS(rec),
	    "{\"id\":8389765606284283461,\"o.X.1\":6.0,\"p\":\"1.50000000\",\"n\":\"a\\u00e9\"}\n"
	    "{\"id\":1e3,\"o.X.1\":null,\"p\":null,\"n\":\"b\"}\n");
	as.format = "csv";
	prints(&as, cols, ROWS(rec), "id,o.X.1,p,n\n8389765606284283461,6.0,1.50000000,a\xc3\xa9\n1e3,,,b\n");
	as.format = "tsv";
	prints(&as, cols, ROWS(rec), "id\to.X.1\tp\tn\n8389765606284283461\t6.0\t1.50000000\ta\xc3\xa9\n1e3\t\t\tb\n");
	as.format = "table";
	prints(&as, cols, ROWS(rec),
	    "id                   o.X.1    p  n\n"	/* 1e3 is not written as a decimal: text */
	    "8389765606284283461    6.0  1.5  a\xc3\xa9\n"
	    "1e3                      -    -  b\n");
}

static void
fields_come_after_the_filter(void **state)
{
	static const char *const rec[] = { "{\"n\":\"a\",\"p\":\"1.0\"}" };

	(void)state;
	prints(&(struct print_as){ .fields = "m,1", .jq = "{m:.n}, [7,.p]" }, cols, ROWS(rec),
	    "{\"m\":\"a\",\"1\":null}\n{\"m\":null,\"1\":\"1.0\"}\n");
}

static void
a_filter_s_scalar_has_no_fields(void **state)
{
	struct buf b = { 0 };
	struct printer p;
	int fd = open("/dev/null", O_WRONLY);

	(void)state;
	assert_int_equal(printer_open(&p, fd, &(struct print_as){ .fields = "m", .jq = ".n" }, cols, &f), 0);
	buf_str(&b, "{\"n\":12}\n");
	assert_int_equal(printer_put(&p, &b, &f), -1);
	assert_int_equal(f.kind, FAULT_REJECTED);
	assert_non_null(strstr(f.text, "no object"));
	assert_int_equal(printer_close(&p, &f), 0);
	buf_free(&b);
	close(fd);
}

static void
a_wrong_list_of_fields_is_misuse(void **state)
{
	static const struct { const char *list, *says; } row[] = {
		{ "", "names no member" }, { ",", "empty name" }, { "a,", "empty name" }, { "a..b", "empty name in a..b" },
		{ ".a", "empty name in .a" }, { "a,b,a", "a is named twice" }, { "a|b", "use --jq" }, { "a:b", "use --jq" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "so long" },
	};
	struct buf many = { 0 };
	struct printer p;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(printer_open(&p, 1, &(struct print_as){ .fields = row[i].list }, cols, &f), -1);
		assert_int_equal(f.kind, FAULT_USAGE);
		assert_non_null(strstr(f.text, row[i].says));
	}
	for (int i = 0; i < COLUMNS_MAX; i++)
		buf_printf(&many, "%sf%d", i > 0 ? "," : "", i);
	assert_int_equal(printer_open(&p, 1, &(struct print_as){ .fields = many.p }, cols, &f), 0);
	printer_drop(&p);
	buf_str(&many, ",more");
	assert_int_equal(printer_open(&p, 1, &(struct print_as){ .fields = many.p }, cols, &f), -1);
	assert_string_equal(f.text, "--fields: at most 64 members");
	buf_free(&many);
}

static void
rows_need_columns(void **state)
{
	static const char *const forms[] = { "table", "csv", "tsv" };
	struct printer p;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(printer_open(&p, 1, &(struct print_as){ .format = forms[i] }, NULL, &f), -1);
		assert_int_equal(f.kind, FAULT_USAGE);
		assert_non_null(strstr(f.text, "--fields"));
		assert_non_null(strstr(f.text, forms[i]));
	}
}

/* Two sections, then two rounds: each table has its headings. */
static void
sections_and_rounds_have_headings_of_their_own(void **state)
{
	static const struct column other[] = { { "Q", "q", COL_LEFT }, { NULL, NULL, 0 } };
	static const struct column first[] = { { "N", "n", COL_LEFT }, { NULL, NULL, 0 } };
	static const struct { const char *format, *sections, *rounds; } row[] = {
		{ "table", "N\na\n\nQ\n1\n", "N\na\n\nN\na\n" }, { "csv", "n\na\n\nq\n1\n", "n\na\na\n" }, { "tsv", "n\na\n\nq\n1\n", "n\na\na\n" },
	};
	struct buf b = { 0 };
	struct printer p;
	char *got;
	int fd;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof row / sizeof *row; i++) {
		fd = open(in_scratch("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_int_equal(printer_open(&p, fd, &(struct print_as){ .format = row[i / 2].format }, first, &f), 0);
		for (int k = 0; k < 2; k++) {
			buf_str(&b, i % 2 == 0 && k == 1 ? "{\"q\":1}\n" : "{\"n\":\"a\"}\n");
			assert_int_equal(printer_put(&p, &b, &f), 0);
			if (i % 2 == 1)
				assert_int_equal(printer_round(&p, &f), 0);
			else if (k == 0)
				assert_int_equal(printer_section(&p, other, &f), 0);
		}
		if (i % 2 == 1)
			printer_done(&p);
		assert_int_equal(printer_close(&p, &f), 0);
		close(fd);
		got = scratch_get("out", NULL);
		assert_string_equal(got, i % 2 == 0 ? row[i / 2].sections : row[i / 2].rounds);
		free(got);
	}
	buf_free(&b);
}

/* Each is one of S07: a control, DEL, a C1 control, what turns the direction, what is not seen. */
static void
nothing_drives_the_terminal_in_any_format(void **state)
{
	static const char *const bad[] = {
		"\x7f", "\xc2\x80", "\xc2\x9b", "\xc2\x9f", "\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9",
		"\xe2\x80\x8b", "\xe2\x80\x8d", "\xe2\x80\x8f", "\xef\xbb\xbf", "\xf3\xa0\x81\x81",
	};
	static const char *const forms[] = { "ndjson", "table", "csv", "tsv" };
	char rec[80], text[512];
	const char *list[] = { rec };
	char *file;

	(void)state;
	setenv("TERM", "dumb", 1);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		for (size_t k = 0; k < 4; k++) {
			struct print_as as = { .format = forms[k] };

			snprintf(rec, sizeof rec, "{\"n\":\"<%s>\\u001b[2J\"}", bad[i]);
			shown_as(text, sizeof text, &as, cols, list, 1, 80);
			assert_null(strstr(text, bad[i]));
			assert_null(strchr(text, '\033'));
			as.fields = "n";
			shown_as(text, sizeof text, &as, cols, list, 1, 80);
			assert_null(strstr(text, bad[i]));
			assert_null(strchr(text, '\033'));
			as.fields = NULL;
			if (k == 1)
				continue;
			file = printed(&as, cols, list, 1, false);	/* a pipe has the bytes as sent */
			assert_non_null(strstr(file, bad[i]));
			free(file);
		}
}

/* What a terminal of that many columns shows of an endless run: each record as it comes, or all at once. */
static void
flows(char *text, size_t size, const struct column *columns, const char *const *rec, int n, unsigned short wide, bool burst)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), fd;
	struct winsize w = { .ws_row = 24, .ws_col = wide };
	struct buf b = { 0 };
	struct printer p;
	ssize_t got;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	assert_true((fd = open(ptsname(master), O_RDWR | O_NOCTTY)) >= 0);
	assert_int_equal(ioctl(fd, TIOCSWINSZ, &w), 0);
	assert_int_equal(printer_open(&p, fd, NULL, columns, &f), 0);
	if (burst)
		printer_bursts(&p);
	else
		printer_live(&p);
	for (int i = 0; i < n; i++) {
		buf_str(&b, rec[i]);
		assert_int_equal(printer_put(&p, &b, &f), 0);
	}
	assert_int_equal(printer_ready(&p, &f), 0);
	assert_int_equal(printer_close(&p, &f), 0);
	buf_free(&b);
	got = read(master, text, size - 1);
	assert_true(got > 0);
	text[got] = '\0';
	close(fd);
	close(master);
}

static const struct column flow[] = {
	{ "NAME", "n", COL_LEFT }, { "PRICE", "p", COL_RIGHT }, { "MORE", "m", COL_RIGHT | COL_MORE(1) },
	{ "QTY", "q", COL_RIGHT }, { NULL, NULL, 0 }
};

/* The second row asks for 30 columns: MORE goes, and the headings come again. */
static void
a_column_goes_where_later_rows_are_wider(void **state)
{
	static const char *const rec[] = {
		"{\"n\":\"a\",\"p\":\"1\",\"m\":\"2\",\"q\":\"3\"}",
		"{\"n\":\"abcdefgh\",\"p\":\"12345678\",\"m\":\"2\",\"q\":\"1234\"}",
		"{\"n\":\"b\",\"p\":\"1\",\"m\":\"2\",\"q\":\"3\"}",
	};
	char text[512];

	(void)state;
	flows(text, sizeof text, flow, ROWS(rec), 29, false);
	assert_string_equal(text, "NAME  PRICE  MORE  QTY\r\na         1     2    3\r\n"
	    "NAME         PRICE   QTY\r\nabcdefgh  12345678  1234\r\nb                1     3\r\n");
	flows(text, sizeof text, flow, ROWS(rec), 30, false);
	assert_string_equal(text, "NAME  PRICE  MORE  QTY\r\na         1     2    3\r\n"
	    "abcdefgh  12345678     2  1234\r\nb                1     2     3\r\n");
}

/* No column may go: what one cell takes too much, the blanks of the next ones give. */
static void
a_row_that_is_too_wide_takes_blanks_from_its_neighbours(void **state)
{
	static const struct column must[] = {
		{ "NAME", "n", COL_LEFT }, { "PRICE", "p", COL_RIGHT }, { "QTY", "q", COL_DEC }, { NULL, NULL, 0 }
	};
	static const char *const rec[] = {
		"{\"n\":\"a\",\"p\":\"1234567\",\"q\":\"100\"}", "{\"n\":\"abcdefgh\",\"p\":\"1\",\"q\":\"2.5\"}",
		"{\"n\":\"b\",\"p\":\"2\",\"q\":\"3\"}",
	};
	char text[512];

	(void)state;
	flows(text, sizeof text, must, ROWS(rec), 22, false);
	assert_string_equal(text, "NAME    PRICE  QTY\r\na     1234567  100\r\nabcdefgh    1  2.5\r\nb           2    3\r\n");
}

static void
what_comes_at_once_is_laid_out_together(void **state)
{
	static const char *const rec[] = { "{\"n\":\"a\",\"p\":\"1\"}", "{\"n\":\"abcdefgh\",\"p\":\"12\"}" };
	char text[512];

	(void)state;
	flows(text, sizeof text, flow, ROWS(rec), 60, true);
	assert_string_equal(text, "NAME      PRICE  MORE  QTY\r\na             1     -    -\r\nabcdefgh     12     -    -\r\n");
	flows(text, sizeof text, flow, ROWS(rec), 60, false);
	assert_string_equal(text, "NAME  PRICE  MORE  QTY\r\na         1     -    -\r\nabcdefgh     12     -    -\r\n");
}

static void
a_short_list_is_shown_and_what_holds_more_is_counted(void **state)
{
	static const struct column one[] = { { "NAME", "n", COL_LEFT }, { NULL, NULL, 0 } };
	static const char *const rec[] = {
		"{\"n\":[\"BTC\",2,null]}", "{\"n\":[[\"1\",\"2\"]]}", "{\"n\":[]}", "{\"n\":{\"a\":1}}",
		"{\"n\":[\"a list of more\",\"than 24 characters\"]}", "{\"n\":[\"\\u001b[2J\"]}",
	};
	char text[512];

	(void)state;
	shown_as(text, sizeof text, NULL, one, ROWS(rec), 80);
	assert_string_equal(text, "NAME\r\nBTC,2,null\r\n[1]\r\n-\r\n{\"a\":1}\r\n[2]\r\n\\x1b[2J\r\n");
}

/* As the client id "c" and the account's "a" of one record beside a price "c" and an ask "a" of another. */
static void
a_column_of_numbers_takes_no_other_member(void **state)
{
	static const struct column two[] = {
		{ "PRICE", "c|p", COL_RIGHT | COL_NUM | COL_MORE(1) }, { "ASK", "a", COL_RIGHT | COL_NUM }, { NULL, NULL, 0 }
	};
	static const char *const rec[] = {
		"{\"c\":\"2.5\",\"p\":\"9\",\"a\":\"3\"}", "{\"c\":\"an-id\",\"p\":\"7\",\"a\":{\"m\":\"ORDER\"}}", "{\"c\":\"an-id\"}",
	};
	char text[512];

	(void)state;
	shown_as(text, sizeof text, NULL, two, ROWS(rec), 80);
	assert_string_equal(text, "PRICE  ASK\r\n  2.5    3\r\n    7    -\r\n    -    -\r\n");
	prints(&(struct print_as){ .format = "csv" }, two, ROWS(rec), "c,a\n2.5,3\n7,\n,\n");
}

#define TEST(t)	cmocka_unit_test_setup_teardown(t, scratch_make, scratch_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(points_stand_one_below_the_other), TEST(zeros_are_cut_where_they_say_nothing_in_any_row),
		TEST(a_live_table_only_grows), TEST(a_date_stands_before_the_time_of_day),
		TEST(a_narrow_terminal_has_no_room_for_what_is_empty), TEST(what_says_least_goes_first),
		TEST(colour_is_of_sign_and_side_and_moves_nothing), TEST(colour_is_only_where_it_is_wanted),
		TEST(csv_has_values_as_they_are), TEST(csv_calls_no_formula), TEST(tsv_escapes_what_would_break_it),
		TEST(fields_are_the_record_s_in_their_order), TEST(fields_come_after_the_filter),
		TEST(a_filter_s_scalar_has_no_fields), TEST(a_wrong_list_of_fields_is_misuse), TEST(rows_need_columns),
		TEST(sections_and_rounds_have_headings_of_their_own), TEST(nothing_drives_the_terminal_in_any_format),
		TEST(a_column_goes_where_later_rows_are_wider), TEST(a_row_that_is_too_wide_takes_blanks_from_its_neighbours),
		TEST(what_comes_at_once_is_laid_out_together), TEST(a_short_list_is_shown_and_what_holds_more_is_counted),
		TEST(a_column_of_numbers_takes_no_other_member),
	};

	setenv("TERM", "dumb", 1);
	setenv("LC_ALL", "C", 1);
	unsetenv("NO_COLOR");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

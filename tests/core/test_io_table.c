#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include <cmocka.h>

#include "io/table.h"
#include "scratch.h"

static const struct column cols[] = {
	{ "NAME", "n", COL_LEFT }, { "PRICE", "p", COL_DEC }, { "AT", "t", COL_TIME }, { "QTY", "q", COL_DEC },
	{ NULL, NULL, 0 }
};
static struct fault f;

/* A table of these records, of n of them. live: each row is printed at once. */
static char *
table_of(const struct column *columns, const char *const *rec, int n, bool live)
{
	struct printer p;
	struct buf b = { 0 };
	int fd = open(in_scratch("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(printer_open(&p, fd, "table", NULL, columns, &f), 0);
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
shown(char *text, size_t size, const char *const *rec, int n, unsigned short wide)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), fd;
	struct winsize w = { .ws_row = 24, .ws_col = wide };
	struct buf b = { 0 };
	struct printer p;
	ssize_t got;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	assert_true((fd = open(ptsname(master), O_RDWR | O_NOCTTY)) >= 0);
	assert_int_equal(ioctl(fd, TIOCSWINSZ, &w), 0);
	assert_int_equal(printer_open(&p, fd, NULL, NULL, cols, &f), 0);
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

#define TEST(t)	cmocka_unit_test_setup_teardown(t, scratch_make, scratch_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(points_stand_one_below_the_other), TEST(zeros_are_cut_where_they_say_nothing_in_any_row),
		TEST(a_live_table_only_grows), TEST(a_date_stands_before_the_time_of_day),
		TEST(a_narrow_terminal_has_no_room_for_what_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

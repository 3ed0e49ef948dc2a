#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <signal.h>

#include <cmocka.h>

#include "io/lines.h"
#include "scratch.h"

static struct fault fault;

/* A reader of a pipe that holds s and then ends. */
static void
feed(struct lines *l, const char *s, size_t n)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], s, n), n);
	close(fd[1]);
	lines_init(l, fd[0]);
}

static enum line_result
next(struct lines *l, const char **p, size_t *n)
{
	enum line_result r;

	while ((r = lines_next(l, p, n)) == LINE_NONE)
		assert_int_equal(lines_fill(l, &fault), 0);
	return r;
}

static void
expect(struct lines *l, enum line_result want, const char *text)
{
	const char *p = NULL;
	size_t n = 0;

	assert_int_equal(next(l, &p, &n), want);
	if (text == NULL)
		return;
	assert_int_equal(n, strlen(text));
	assert_memory_equal(p, text, n);
}

static void
done(struct lines *l)
{
	expect(l, LINE_END, NULL);
	expect(l, LINE_END, NULL);
	close(l->fd);
	lines_free(l);
}

static void
lines_come_without_their_newline_or_crlf(void **state)
{
	struct lines l;

	(void)state;
	feed(&l, "one\n\ntwo\r\n\r\nthree\r\r\n", 20);
	expect(&l, LINE_OK, "one");
	expect(&l, LINE_OK, "");
	expect(&l, LINE_OK, "two");
	expect(&l, LINE_OK, "");
	expect(&l, LINE_OK, "three\r");
	assert_int_equal(l.number, 5);
	done(&l);
}

static void
a_last_line_without_newline_is_partial(void **state)
{
	struct lines l;

	(void)state;
	feed(&l, "one\ntw", 6);
	expect(&l, LINE_OK, "one");
	expect(&l, LINE_PARTIAL, "tw");
	assert_int_equal(l.number, 2);
	done(&l);
	feed(&l, "", 0);
	done(&l);
}

static void
bytes_that_come_one_by_one_make_the_same_lines(void **state)
{
	static const char text[] = "{\"a\":1}\nb\r\n";
	struct lines l;
	const char *p;
	int fd[2];
	size_t n;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	lines_init(&l, fd[0]);
	for (size_t i = 0; i < sizeof text - 1; i++) {
		assert_int_equal(lines_next(&l, &p, &n), LINE_NONE);
		assert_int_equal(write(fd[1], text + i, 1), 1);
		assert_int_equal(lines_fill(&l, &fault), 0);
		if (text[i] == '\n')
			expect(&l, LINE_OK, i < 8 ? "{\"a\":1}" : "b");
	}
	close(fd[1]);
	done(&l);
}

/* A file of one line of n bytes and a short one after it. */
static void
long_file(struct lines *l, size_t n, const char *end)
{
	char *p = malloc(n + 16);

	assert_non_null(p);
	memset(p, 'x', n);
	strcpy(p + n, end);
	scratch_put("long", 0600, p, n + strlen(end));
	free(p);
	lines_init(l, open(in_scratch("long"), O_RDONLY));
}

static void
a_line_may_be_as_long_as_the_limit_and_not_longer(void **state)
{
	static const struct { size_t n; const char *end; enum line_result want; } row[] = {
		{ LINE_MAX_BYTES, "\nok\n", LINE_OK },
		{ LINE_MAX_BYTES, "\r\nok\n", LINE_OK },
		{ LINE_MAX_BYTES + 1, "\nok\n", LINE_LONG },
		{ LINE_MAX_BYTES * 2, "\nok\n", LINE_LONG },
		{ LINE_MAX_BYTES * 2, "", LINE_LONG },
		{ 200000, "\nok\n", LINE_OK },
	};
	struct lines l;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		long_file(&l, row[i].n, row[i].end);
		expect(&l, row[i].want, NULL);
		if (row[i].end[0] != '\0')
			expect(&l, LINE_OK, "ok");
		assert_int_equal(l.number, row[i].end[0] != '\0' ? 2 : 1);
		assert_true(l.cap <= 4 * LINE_MAX_BYTES);
		done(&l);
	}
}

static void
a_read_error_is_local_trouble(void **state)
{
	struct lines l;

	(void)state;
	lines_init(&l, open("/", O_RDONLY));
	assert_int_equal(lines_fill(&l, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	close(l.fd);
	lines_free(&l);
}

/*
 * Out
 */

static void
nothing_leaves_before_a_flush_and_then_all(void **state)
{
	struct buf rec = { 0 };
	struct out o;
	char got[64];
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	out_init(&o, fd[1]);
	assert_int_equal(out_line(&o, "one", 3, &fault), 0);
	buf_str(&rec, "{}\n{}\n");
	assert_int_equal(out_records(&o, &rec, &fault), 0);
	assert_int_equal(rec.len, 0);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(read(fd[0], got, sizeof got), -1);
	assert_int_equal(out_flush(&o, &fault), 0);
	assert_int_equal(read(fd[0], got, sizeof got), 10);
	assert_memory_equal(got, "one\n{}\n{}\n", 10);
	close(fd[0]);
	close(fd[1]);
	buf_free(&rec);
	out_free(&o);
}

/* A slow reader on a pipe that somebody made non-blocking: all still arrives. */
static void
a_non_blocking_output_is_waited_for(void **state)
{
	char line[1000], part[4096];
	struct out o;
	int fd[2], i, status;
	ssize_t got;
	pid_t pid;

	(void)state;
	memset(line, 'x', sizeof line);
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
	if ((pid = fork()) == 0) {
		close(fd[1]);
		for (i = 0; (got = read(fd[0], part, sizeof part)) > 0; i += (int)got)
			usleep(100);
		_exit(i == 500 * 1001 ? 0 : 1);
	}
	close(fd[0]);
	out_init(&o, fd[1]);
	for (i = 0; i < 500; i++)
		assert_int_equal(out_line(&o, line, sizeof line, &fault), 0);
	assert_int_equal(out_flush(&o, &fault), 0);
	close(fd[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	out_free(&o);
}

static void
a_reader_that_left_and_a_full_disk_are_told_apart(void **state)
{
	struct out o;
	int fd[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	out_init(&o, fd[1]);
	assert_int_equal(out_line(&o, "x", 1, &fault), 0);
	assert_int_equal(out_flush(&o, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_true(o.gone);
	assert_int_equal(out_line(&o, "x", 1, &fault), -1);
	out_free(&o);
	close(fd[1]);

	out_init(&o, open("/dev/full", O_WRONLY));
	assert_int_equal(out_line(&o, "x", 1, &fault), 0);
	assert_int_equal(out_flush(&o, &fault), -1);
	assert_int_equal(fault.kind, FAULT_LOCAL);
	assert_false(o.gone);
	assert_non_null(strstr(fault.text, "No space left"));
	assert_int_equal(o.b.len, 2);	/* still there for another try */
	close(o.fd);
	out_free(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_without_their_newline_or_crlf),
		cmocka_unit_test(a_last_line_without_newline_is_partial),
		cmocka_unit_test(bytes_that_come_one_by_one_make_the_same_lines),
		cmocka_unit_test_setup_teardown(a_line_may_be_as_long_as_the_limit_and_not_longer,
		    scratch_make, scratch_remove),
		cmocka_unit_test(a_read_error_is_local_trouble),
		cmocka_unit_test(nothing_leaves_before_a_flush_and_then_all),
		cmocka_unit_test(a_non_blocking_output_is_waited_for),
		cmocka_unit_test(a_reader_that_left_and_a_full_disk_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>

#include <cmocka.h>

#include "io/lines.h"
#include "io/table.h"
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

static void
bytes_may_be_brought_by_the_caller(void **state)
{
	struct lines l;
	const char *p;
	char *room;
	size_t n;

	(void)state;
	lines_init(&l, -1);
	for (int i = 0; i < 1000; i++) {
		assert_non_null(room = lines_room(&l, &n));
		assert_true(n >= 7);
		memcpy(room, i % 2 == 0 ? "half of" : " a line\n", i % 2 == 0 ? 7 : 8);
		lines_filled(&l, i % 2 == 0 ? 7 : 8);
		if (i % 2 == 0)
			assert_int_equal(lines_next(&l, &p, &n), LINE_NONE);
		else
			expect(&l, LINE_OK, "half of a line");
	}
	l.eof = true;
	assert_int_equal(lines_next(&l, &p, &n), LINE_END);
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

/*
 * Without blocking. The reader is this very process: had a write blocked, nobody would
 * read, and the alarm of main ends the test.
 */

#define MANY	(1u << 20)

/* Lines of many lengths, n bytes in all. */
static char *
load(size_t n)
{
	char *p = malloc(n);
	size_t len = 0, left;

	assert_non_null(p);
	for (size_t i = 0; i < n; i += left) {
		len = len * 31 % 5003 + 1;
		left = len < n - i ? len : n - i;
		memset(p + i, 'a' + (int)(len % 26), left);
		p[i + left - 1] = '\n';
	}
	return p;
}

static bool
nonblocking(int fd)
{
	return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

/* A patient out over fd that holds all of it. */
static void
begin(struct out *o, int fd, const char *all, size_t n)
{
	struct buf rec = { 0 };

	out_init(o, fd);
	o->patient = true;
	buf_put(&rec, all, n);
	assert_int_equal(out_records(o, &rec, &fault), 0);
	assert_int_equal(o->b.len, n);
	buf_free(&rec);
}

/* Try and read in turn, `part` bytes at most each time, until all has arrived: exactly as
 * it was put. */
static void
all_arrives(struct out *o, int in, const char *all, size_t n, size_t part)
{
	char *got = malloc(n + 1);
	size_t have = 0;
	ssize_t r;
	int done = 0;

	assert_non_null(got);
	while (done == 0 || have < n) {
		done = out_try(o, &fault);
		assert_in_range(done, 0, 1);
		assert_int_equal(done == 1, o->b.len == 0);
		assert_true(have + o->b.len <= n);
		r = read(in, got + have, part < n + 1 - have ? part : n + 1 - have);
		assert_true(r > 0);
		have += (size_t)r;
	}
	assert_int_equal(have, n);
	assert_memory_equal(got, all, n);
	assert_int_equal(out_try(o, &fault), 1);	/* nothing is written twice */
	free(got);
}

static void
a_full_pipe_is_not_waited_for_and_nothing_is_lost(void **state)
{
	static const struct { int size; size_t part; } row[] = {
		{ 0, 65536 }, { 0, 1 << 20 }, { 0, 4096 }, { 0, 1000 }, { 4096, 4096 }, { 4096, 100 },
		{ 8192, 8192 }, { 8192, 5000 }, { 1 << 20, 1 << 20 }, { 1 << 20, 70000 },
	};
	char *all = load(MANY);
	struct out o;
	int fd[2];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		assert_int_equal(pipe(fd), 0);
#ifdef F_SETPIPE_SZ
		if (row[i].size > 0 && fcntl(fd[1], F_SETPIPE_SZ, row[i].size) == -1) {
			close(fd[0]);
			close(fd[1]);
			continue;	/* more than this user may have */
		}
#endif
		begin(&o, fd[1], all, MANY);
		all_arrives(&o, fd[0], all, MANY, row[i].part);
		assert_false(nonblocking(fd[1]));
		out_free(&o);
		close(fd[0]);
		close(fd[1]);
	}
	free(all);
}

/* Short records that are put and tried one by one, so that pages of the pipe are
 * filled in all ways. */
static void
a_pipe_that_fills_in_small_pieces_does_not_block(void **state)
{
	char *all = load(MANY), *got = malloc(MANY);
	size_t at = 0, have = 0, n;
	struct out o;
	ssize_t r;
	int fd[2];

	(void)state;
	assert_non_null(got);
	assert_int_equal(pipe(fd), 0);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	out_init(&o, fd[1]);
	o.patient = true;
	for (unsigned turn = 1; have < MANY; turn++) {
		n = turn * 7919 % 6000 + 1;
		if (n > MANY - at)
			n = MANY - at;
		if (n > 0) {
			struct buf rec = { 0 };

			buf_put(&rec, all + at, n);
			assert_int_equal(out_records(&o, &rec, &fault), 0);
			buf_free(&rec);
			at += n;
		}
		assert_in_range(out_try(&o, &fault), 0, 1);
		if (turn % 5 == 0 || at == MANY) {
			r = read(fd[0], got + have, turn * 104729 % 30000 + 1 < MANY - have ?
			    turn * 104729 % 30000 + 1 : MANY - have);
			if (r > 0)
				have += (size_t)r;
		}
	}
	assert_int_equal(o.b.len, 0);
	assert_memory_equal(got, all, MANY);
	out_free(&o);
	close(fd[0]);
	close(fd[1]);
	free(all);
	free(got);
}

static void
an_empty_pipe_is_filled_by_one_call(void **state)
{
	char *all = load(65536);
	struct out o;
	int fd[2], held = 0;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	begin(&o, fd[1], all, 65536);
	assert_int_equal(out_try(&o, &fault), 1);
	assert_int_equal(ioctl(fd[0], FIONREAD, &held), 0);
	assert_int_equal(held, 65536);
	out_free(&o);
	close(fd[0]);
	close(fd[1]);
	free(all);
}

static void
a_full_socket_is_not_waited_for_and_nothing_is_lost(void **state)
{
	char *all = load(MANY);
	struct out o;
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	begin(&o, fd[1], all, MANY);
	assert_int_equal(out_try(&o, &fault), 0);	/* a megabyte is more than it holds */
	all_arrives(&o, fd[0], all, MANY, 10000);
	assert_false(nonblocking(fd[1]));
	out_free(&o);
	close(fd[0]);
	close(fd[1]);
	free(all);
}

static void
a_terminal_that_is_not_read_is_not_waited_for(void **state)
{
	char *all = load(MANY), *got = malloc(MANY), *to = got;
	struct pollfd pfd;
	struct out o;
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave, done = 0;
	const char *name;
	ssize_t r;

	(void)state;
	if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1 ||
	    (name = ptsname(master)) == NULL || (slave = open(name, O_RDWR | O_NOCTTY)) == -1) {
		print_message("skipped: no pseudo-terminal here\n");
		skip();
		return;
	}
	begin(&o, slave, all, MANY);
	assert_int_equal(out_try(&o, &fault), 0);
	assert_true(o.b.len > 0);
	assert_false(nonblocking(slave));
	pfd = (struct pollfd){ .fd = master, .events = POLLIN };
	while (done == 0 || to - got < MANY) {
		char part[4096];

		assert_int_equal(poll(&pfd, 1, 5000), 1);
		assert_true((r = read(master, part, sizeof part)) > 0);
		for (ssize_t i = 0; i < r; i++)
			if (part[i] != '\r')	/* the terminal's own */
				*to++ = part[i];
		assert_in_range(done = out_try(&o, &fault), 0, 1);
	}
	assert_int_equal(to - got, MANY);
	assert_memory_equal(got, all, MANY);
	out_free(&o);
	close(slave);
	close(master);
	free(all);
	free(got);
}

static void
a_file_takes_all_at_once(void **state)
{
	char *all = load(MANY), *got;
	struct out o;
	size_t n;
	int fd;

	(void)state;
	scratch_text("out", 0600, "");
	fd = open(in_scratch("out"), O_WRONLY);
	begin(&o, fd, all, MANY - 1);
	assert_int_equal(out_try(&o, &fault), 1);
	got = scratch_get("out", &n);
	assert_int_equal(n, MANY - 1);
	assert_memory_equal(got, all, n);
	out_free(&o);
	close(fd);
	free(all);
	free(got);
}

static void
a_reader_that_left_is_told_by_a_try_too(void **state)
{
	struct out o;
	int fd[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(i == 0 ? pipe(fd) : socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
		begin(&o, fd[1], "one\n", 4);
		assert_int_equal(out_try(&o, &fault), 1);
		out_free(&o);
		close(fd[0]);
		begin(&o, fd[1], "two\n", 4);
		assert_int_equal(out_try(&o, &fault), -1);
		assert_int_equal(fault.kind, FAULT_LOCAL);
		assert_true(o.gone);
		assert_int_equal(out_try(&o, &fault), -1);
		assert_int_equal(out_line(&o, "x", 1, &fault), -1);
		out_free(&o);
		close(fd[1]);
	}
	begin(&o, open("/dev/full", O_WRONLY), "one\n", 4);
	assert_int_equal(out_try(&o, &fault), -1);
	assert_non_null(strstr(fault.text, "No space left"));
	assert_false(o.gone);
	assert_int_equal(o.b.len, 4);
	close(o.fd);
	out_free(&o);
}

/* A try that stopped in the middle of a line, and then a flush. */
static void
a_flush_goes_on_where_a_try_stopped(void **state)
{
	char *all = load(MANY), *got = malloc(MANY);
	struct out o;
	size_t have = 0;
	int fd[2], status;
	pid_t pid;

	(void)state;
	assert_non_null(got);
	assert_int_equal(pipe(fd), 0);
	begin(&o, fd[1], all, MANY - 10);
	assert_int_equal(out_try(&o, &fault), 0);
	assert_true(read(fd[0], got, 5000) == 5000);
	assert_int_equal(out_try(&o, &fault), 0);
	if ((pid = fork()) == 0) {
		struct buf rec = { 0 };

		close(fd[0]);
		buf_put(&rec, all + MANY - 10, 10);
		_exit(out_records(&o, &rec, &fault) == 0 && out_flush(&o, &fault) == 0 ? 0 : 1);
	}
	close(fd[1]);
	for (ssize_t r = 5000; r > 0; have += (size_t)r, r = read(fd[0], got + have, MANY - have))
		;
	assert_int_equal(have, MANY);
	assert_memory_equal(got, all, MANY);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	out_free(&o);
	close(fd[0]);
	free(all);
	free(got);
}

/* As NDJSON to a pipe and as a live table: more than any pipe holds is put, with
 * nobody reading. */
static void
a_patient_printer_never_writes_by_itself(void **state)
{
	static const struct column cols[] = { { "symbol", "s", COL_LEFT }, { NULL, NULL, 0 } };
	struct printer p;
	struct buf rec = { 0 };
	int fd[2], held;

	(void)state;
	for (int table = 0; table < 2; table++) {
		assert_int_equal(pipe(fd), 0);
		assert_int_equal(printer_open(&p, fd[1], &(struct print_as){ .format = table ? "table" : "ndjson" }, cols, &fault), 0);
		printer_live(&p);
		p.out.patient = true;
		for (int i = 0; i < 20000; i++) {
			buf_printf(&rec, "{\"s\":\"SYMBOL%06d\",\"pad\":\"%0100d\"}\n", i, i);
			assert_int_equal(printer_put(&p, &rec, &fault), 0);
		}
		assert_int_equal(ioctl(fd[0], FIONREAD, &held), 0);
		assert_int_equal(held, 0);
		assert_true(p.out.b.len > 20000 * 12);
		assert_int_equal(out_try(&p.out, &fault), 0);
		signal(SIGPIPE, SIG_IGN);
		close(fd[0]);
		assert_int_equal(printer_close(&p, &fault), -1);
		close(fd[1]);
	}
	buf_free(&rec);
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
		cmocka_unit_test(bytes_may_be_brought_by_the_caller),
		cmocka_unit_test(nothing_leaves_before_a_flush_and_then_all),
		cmocka_unit_test(a_non_blocking_output_is_waited_for),
		cmocka_unit_test(a_reader_that_left_and_a_full_disk_are_told_apart),
		cmocka_unit_test(a_full_pipe_is_not_waited_for_and_nothing_is_lost),
		cmocka_unit_test(a_pipe_that_fills_in_small_pieces_does_not_block),
		cmocka_unit_test(an_empty_pipe_is_filled_by_one_call),
		cmocka_unit_test(a_full_socket_is_not_waited_for_and_nothing_is_lost),
		cmocka_unit_test(a_terminal_that_is_not_read_is_not_waited_for),
		cmocka_unit_test_setup_teardown(a_file_takes_all_at_once, scratch_make, scratch_remove),
		cmocka_unit_test(a_reader_that_left_is_told_by_a_try_too),
		cmocka_unit_test(a_flush_goes_on_where_a_try_stopped),
		cmocka_unit_test(a_patient_printer_never_writes_by_itself),
	};

	alarm(100);	/* what blocks would block for ever */
	return cmocka_run_group_tests(tests, NULL, NULL);
}

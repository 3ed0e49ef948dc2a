#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/limit.h"

#define T0	INT64_C(1700000040000)	/* a whole minute */

static char dir[200];
static struct profile prof;

static const struct endpoint *get, *place;

static int
setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	get = endpoint(EP_ORDER_GET);
	place = endpoint(EP_ORDER_PLACE);
	memset(&prof, 0, sizeof prof);
	snprintf(dir, sizeof dir, "%.100s/bf-limit-XXXXXX", tmp != NULL ? tmp : "/tmp");
	snprintf(prof.state_dir, sizeof prof.state_dir, "%s", mkdtemp(dir));
	return 0;
}

static int
teardown(void **state)
{
	char cmd[300];

	(void)state;
	snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
	return system(cmd);
}

static struct limits *
opened(void)
{
	struct limits *l;
	struct fault f;

	if (limits_open(&l, &prof, &f) == -1)
		fail_msg("%s", f.text);
	return l;
}

/* How many single takes succeed at t. */
static int
drain(struct limits *l, const struct endpoint *e, int weight, bool urgent, int64_t t)
{
	struct fault f;
	int n = 0;

	while (n < 100000 && limits_take(l, e, weight, urgent, t, &f) == 0)
		n++;
	return n;
}

static void
test_weight(void **state)
{
	struct limits *l = opened();
	struct fault f;

	(void)state;
	assert_int_equal(drain(l, get, 1, false, T0 + 15000), 1680);	/* 70 % of 2400 */
	assert_int_equal(limits_take(l, get, 1, false, T0 + 15000, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(f.retry_ms, 45000);
	assert_int_equal(drain(l, get, 1, true, T0 + 15000), 720);	/* the reserve */
	assert_int_equal(limits_take(l, get, 1, true, T0 + 59999, &f), -1);
	assert_int_equal(f.retry_ms, 1);
	assert_int_equal(drain(l, get, 40, true, T0 + 60000), 60);	/* the next minute */
	limits_close(l);
}

static void
test_orders(void **state)
{
	struct limits *l = opened();
	struct fault f;

	(void)state;
	assert_int_equal(drain(l, place, 0, false, T0), 210);
	assert_int_equal(limits_take(l, place, 0, false, T0, &f), -1);
	assert_int_equal(f.retry_ms, 10000);
	assert_int_equal(drain(l, place, 0, true, T0), 90);
	/* 300 so far; the minute ends the rest, and what it refused was given back
	 * to the 10 s window */
	assert_int_equal(drain(l, place, 0, false, T0 + 10000), 210);
	assert_int_equal(drain(l, place, 0, false, T0 + 20000), 210);
	assert_int_equal(drain(l, place, 0, false, T0 + 30000), 120);	/* 840 = 70 % of 1200 */
	assert_int_equal(drain(l, place, 0, true, T0 + 30000), 180);
	assert_int_equal(drain(l, place, 0, true, T0 + 50000), 180);	/* 1200 */
	limits_close(l);
}

static void
test_told(void **state)
{
	struct limits *l = opened();

	(void)state;
	limits_set(l, 100, 10, 20);
	assert_int_equal(drain(l, get, 1, true, T0), 100);
	limits_told(l, 90, 3, -1, T0 + 60000);
	assert_int_equal(drain(l, get, 1, true, T0 + 60000), 10);
	assert_int_equal(drain(l, place, 0, true, T0 + 60000), 7);
	limits_told(l, 5, -1, -1, T0 + 60000);		/* never lowers */
	assert_int_equal(drain(l, get, 1, true, T0 + 60000), 0);
	limits_told(l, 500, -1, -1, T0 + 120000);	/* over the limit: no underflow */
	assert_int_equal(drain(l, get, 1, true, T0 + 120000), 0);
	limits_set(l, 0, 0, 0);				/* unchanged */
	assert_int_equal(drain(l, get, 1, true, T0 + 180000), 100);
	limits_close(l);
}

static void
test_profile_cap(void **state)
{
	struct limits *l;
	struct fault f;

	(void)state;
	prof.max_orders_per_minute = 5;
	l = opened();
	assert_int_equal(drain(l, place, 0, false, T0), 5);
	assert_int_equal(limits_take(l, place, 0, false, T0 + 30000, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_non_null(strstr(f.text, "max_orders_per_minute"));
	assert_int_equal(limits_take(l, place, 0, true, T0 + 30000, &f), 0);	/* reducing */
	assert_int_equal(limits_take(l, place, 0, false, T0 + 60000, &f), 0);
	limits_close(l);
}

static void
test_ban(void **state)
{
	struct limits *l = opened(), *other = opened();
	struct fault f;

	(void)state;
	limits_ban(l, T0 + 5000);
	limits_ban(l, T0 + 2000);		/* only ever prolonged */
	assert_int_equal(limits_banned_until(other), T0 + 5000);
	assert_int_equal(limits_take(other, get, 1, true, T0 + 1000, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(f.retry_ms, 4000);
	assert_int_equal(limits_take(other, get, 1, false, T0 + 5000, &f), 0);
	limits_close(l);
	limits_close(other);
	l = opened();				/* a restart does not forget it */
	assert_int_equal(limits_take(l, get, 1, true, T0 + 1000, &f), -1);
	/* a "ban" longer than any comes from another clock */
	assert_int_equal(limits_take(l, get, 1, true, T0 - INT64_C(300000000), &f), 0);
	limits_close(l);
}

/* A clock a little ahead shares the later window; one far ahead does not stop
 * the others (a simulator that was started anew in its past). */
static void
test_clocks_differ(void **state)
{
	struct limits *l = opened();

	(void)state;
	limits_set(l, 100, 0, 0);
	assert_int_equal(drain(l, get, 1, true, T0 + 60000), 100);
	assert_int_equal(drain(l, get, 1, true, T0 + 59990), 0);
	assert_int_equal(drain(l, get, 1, true, T0 - 86400000), 100);
	limits_close(l);
}

/* Several processes hammer one window; exactly the limit gets through. */
static void
test_processes(void **state)
{
	enum { CHILDREN = 8 };
	struct limits *l = opened();
	int fd[2], n, got, sum = 0;
	struct fault f;

	(void)state;
	limits_close(l);
	assert_int_equal(pipe(fd), 0);
	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0) {
			if (limits_open(&l, &prof, &f) == -1)
				_exit(1);
			n = 0;
			for (int j = 0; j < 1000; j++)
				n += limits_take(l, get, 1, true, T0, &f) == 0;
			limits_close(l);
			_exit(write(fd[1], &n, sizeof n) == sizeof n ? 0 : 1);
		}
	for (int i = 0; i < CHILDREN; i++) {
		assert_int_equal(read(fd[0], &got, sizeof got), sizeof got);
		sum += got;
		wait(NULL);
	}
	assert_int_equal(sum, 2400);
	close(fd[0]);
	close(fd[1]);
}

/* Many start at once where nothing is: all must end up on one file. */
static void
test_start_together(void **state)
{
	enum { CHILDREN = 12 };
	struct limits *l;
	struct fault f;
	int fd[2], st, bad = 0;
	char go;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0) {
			close(fd[1]);
			if (read(fd[0], &go, 1) != 0 || limits_open(&l, &prof, &f) == -1)
				_exit(1);
			for (int j = 0; j < 50; j++)
				if (limits_take(l, get, 1, true, T0, &f) == -1)
					_exit(1);
			_exit(0);
		}
	close(fd[0]);
	close(fd[1]);
	for (int i = 0; i < CHILDREN; i++)
		if (wait(&st) == -1 || st != 0)
			bad++;
	assert_int_equal(bad, 0);
	l = opened();
	assert_int_equal(drain(l, get, 1, true, T0), 2400 - CHILDREN * 50);
	limits_close(l);
}

/* kill -9 at any point: the file stays good and never counts less than was taken. */
static void
test_killed(void **state)
{
	struct limits *l = opened();
	int fd[2], n = 0, rest;
	struct fault f;
	char c;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (limits_open(&l, &prof, &f) == -1)
				_exit(1);
			for (;;)
				if (limits_take(l, get, 1, true, T0, &f) == 0 &&
				    write(fd[1], "x", 1) != 1)
					_exit(1);
		}
		for (int j = 0; j < 20; j++) {
			assert_int_equal(read(fd[0], &c, 1), 1);
			n++;
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		fcntl(fd[0], F_SETFL, O_NONBLOCK);
		while (read(fd[0], &c, 1) == 1)
			n++;
		fcntl(fd[0], F_SETFL, 0);
		if (n > 1500)
			break;
	}
	rest = drain(l, get, 1, true, T0);
	assert_true(n + rest <= 2400);
	assert_true(n + rest >= 2400 - 20);	/* at most one lost per kill */
	close(fd[0]);
	close(fd[1]);
	limits_close(l);
}

static void
put_file(const char *p, size_t n)
{
	char path[300];
	int fd;

	snprintf(path, sizeof path, "%s/limits", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	close(fd);
}

static void
test_damaged(void **state)
{
	static const char junk[4096] = { 1, 2, 3 };
	static const size_t size[] = { 0, 1, 4095, 4096 };
	char path[300];
	struct stat st;

	(void)state;
	snprintf(path, sizeof path, "%s/limits", dir);
	for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
		struct limits *l;

		put_file(junk, size[i]);
		l = opened();
		assert_int_equal(drain(l, get, 40, true, T0), 60);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, 4096);
		assert_int_equal(st.st_mode & 0777, 0600);
		limits_close(l);
	}
	/* a symbolic link is replaced, not followed */
	unlink(path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	limits_close(opened());
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

/* Whoever maps the old file keeps it when another version makes it anew. */
static void
test_replaced(void **state)
{
	struct limits *l = opened(), *later;
	char path[300], was[300];

	(void)state;
	snprintf(path, sizeof path, "%s/limits", dir);
	snprintf(was, sizeof was, "%s/limits.was", dir);
	assert_int_equal(rename(path, was), 0);
	later = opened();
	assert_int_equal(drain(l, get, 40, true, T0), 60);
	assert_int_equal(drain(later, get, 40, true, T0), 60);
	limits_close(l);
	limits_close(later);
}

/* Limits that others could set are not used. */
static void
test_loose(void **state)
{
	struct limits *l = opened();
	char path[500];

	(void)state;
	snprintf(path, sizeof path, "%s/limits", prof.state_dir);
	assert_int_equal(drain(l, get, 40, true, T0), 60);
	limits_close(l);
	assert_int_equal(chmod(path, 0666), 0);
	l = opened();
	assert_int_equal(drain(l, get, 40, true, T0), 60);
	limits_close(l);
}

/* Without a directory: it counts all the same, but for itself. */
static void
test_alone(void **state)
{
	struct limits *l;
	struct fault f;

	(void)state;
	assert_int_equal(limits_alone(&l, &prof, &f), 0);
	assert_int_equal(drain(l, get, 40, true, T0), 60);
	limits_ban(l, T0 + 500);
	assert_int_equal(limits_take(l, get, 1, true, T0, &f), -1);
	limits_close(l);
	l = opened();
	assert_int_equal(drain(l, get, 40, true, T0), 60);
	limits_close(l);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_weight), TEST(test_orders), TEST(test_told), TEST(test_profile_cap),
		TEST(test_ban), TEST(test_clocks_differ), TEST(test_processes),
		TEST(test_start_together), TEST(test_killed), TEST(test_damaged), TEST(test_replaced),
		TEST(test_loose), TEST(test_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

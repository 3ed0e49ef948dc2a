#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "io/notify.h"
#include "scratch.h"

/* What is kept of the environment is kept for the life of a process: each case is a child. */

static int heard = -1;		/* the manager's socket */
static char name[300];

static void
listen_at(const char *path, size_t n)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	assert_true(n <= sizeof sa.sun_path);
	memcpy(sa.sun_path, path, n);
	heard = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_not_equal(heard, -1);
	assert_int_equal(bind(heard, (struct sockaddr *)&sa, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
}

static void
hears(const char *want)
{
	char got[512];
	ssize_t n = recv(heard, got, sizeof got - 1, MSG_DONTWAIT);

	got[n < 0 ? 0 : n] = '\0';
	assert_string_equal(got, want);
}

/* In a child with that environment. */
static void
in_child(const char *socket_name, const char *usec, const char *pid, void (*run)(void))
{
	int status;
	pid_t child = fork();

	assert_int_not_equal(child, -1);
	if (child == 0) {
		setenv("NOTIFY_SOCKET", socket_name, 1);
		usec != NULL ? setenv("WATCHDOG_USEC", usec, 1) : unsetenv("WATCHDOG_USEC");
		pid != NULL ? setenv("WATCHDOG_PID", pid, 1) : unsetenv("WATCHDOG_PID");
		notify_take();
		run();
		_exit(getenv("NOTIFY_SOCKET") != NULL || getenv("WATCHDOG_USEC") != NULL || getenv("WATCHDOG_PID") != NULL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int
setup(void **state)
{
	if (scratch_make(state) == -1)
		return -1;
	snprintf(name, sizeof name, "%s/notify", scratch);
	listen_at(name, strlen(name) + 1);
	return 0;
}

static int
teardown(void **state)
{
	close(heard);
	return scratch_remove(state);
}

static void
whole_life(void)
{
	notify_ready();
	notify_ready();
	notify_alive();
	notify_status("%d of %s", 2, "three\nSTOPPING=1\x1b[2J");
	notify_unwatch();
	notify_alive();
	notify_stopping();
}

static void
what_is_said(void **state)
{
	static const char *const want[] = { "READY=1", "WATCHDOG=1", "STATUS=2 of three STOPPING=1 [2J",
		"WATCHDOG_USEC=0", "STOPPING=1", "" };

	(void)state;
	in_child(name, "3000000", NULL, whole_life);
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		hears(want[i]);
}

static void
without_a_watchdog_no_signs_of_life(void **state)
{
	static const char *const usec[] = { NULL, "0", "", "-1", "3 s", "99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof usec / sizeof *usec; i++) {
		in_child(name, usec[i], NULL, whole_life);
		hears("READY=1");
		hears("STATUS=2 of three STOPPING=1 [2J");
		hears("STOPPING=1");
		hears("");
	}
}

static void
a_watchdog_of_another_process_is_none_of_ours(void **state)
{
	(void)state;
	in_child(name, "3000000", "1", notify_alive);
	hears("");
	in_child(name, "3000000", "1", notify_ready);
	hears("READY=1");
}

static void
abstract_names(void **state)
{
	char mine[108];
	int n;

	(void)state;
#ifndef __linux__
	print_message("sockets without a file are Linux's alone\n");
	skip();
#endif
	n = snprintf(mine, sizeof mine, "@bf-test-%ld", (long)getpid());
	close(heard);
	mine[0] = '\0';
	listen_at(mine, (size_t)n);
	mine[0] = '@';
	in_child(mine, NULL, NULL, notify_ready);
	hears("READY=1");
}

static void
nobody_listens(void **state)
{
	static char long_name[200];
	const char *const bad[] = { "", "relative", "vsock:2:1234", "@", "/", "/nonexistent/notify", long_name };

	(void)state;
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[0] = '/';
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		in_child(bad[i], "1000000", NULL, whole_life);
	hears("");
}

static void
gone_after_the_start(void)
{
	unlink(name);
	close(heard);
	whole_life();
}

static void
a_socket_that_goes_or_is_full_ends_nothing(void **state)
{
	(void)state;
	in_child(name, "1000000", NULL, gone_after_the_start);
}

static void
turns(void)
{
	for (int64_t ms = 1000; ms <= 4000; ms += 100)
		notify_turn(ms);
}

static void
turns_that_come_often_are_told_four_times_a_watchdogs_time(void **state)
{
	(void)state;
	in_child(name, "4000000", NULL, turns);
	for (int i = 0; i < 4; i++)
		hears("WATCHDOG=1");
	hears("");
}

static void
checks(void)
{
	struct fault f = { 0 };

	assert_true(notify_watched());
	assert_int_equal(notify_check("it", 2999, &f), 0);
	assert_int_equal(f.kind, FAULT_NONE);
	assert_int_equal(notify_check("--deadman 10", 3000, &f), -1);
	assert_int_equal(f.kind, FAULT_USAGE);
	assert_string_equal(f.text, "WATCHDOG_USEC: the watchdog waits 3000 ms, and --deadman 10 gives a sign of life "
	    "every 3000 ms: set WatchdogSec= to 7 or more");
}

static void
a_watchdog_that_is_too_short_is_told_with_the_mend(void **state)
{
	(void)state;
	in_child(name, "3000000", NULL, checks);
}

static void
long_status(void)
{
	char text[400];

	memset(text, 'a', sizeof text);
	memcpy(text + 199, "\xc3\xa4", 2);
	text[399] = '\0';
	notify_status("%s", text);
}

static void
a_long_status_is_cut_between_characters(void **state)
{
	char want[300] = "STATUS=";

	(void)state;
	memset(want + 7, 'a', 199);
	want[7 + 199] = '\0';
	in_child(name, NULL, NULL, long_status);
	hears(want);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		T(what_is_said),
		T(without_a_watchdog_no_signs_of_life),
		T(a_watchdog_of_another_process_is_none_of_ours),
		T(abstract_names),
		T(nobody_listens),
		T(a_socket_that_goes_or_is_full_ends_nothing),
		T(turns_that_come_often_are_told_four_times_a_watchdogs_time),
		T(a_watchdog_that_is_too_short_is_told_with_the_mend),
		T(a_long_status_is_cut_between_characters),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}

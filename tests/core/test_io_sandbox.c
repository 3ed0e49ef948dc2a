/* What a process can still do in the sandbox: each question is put by a child of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "io/sandbox_in.h"
#include "io/state.h"
#include "io/sys.h"
#include "scratch.h"

#if defined(__SANITIZE_ADDRESS__)
#define TRACED	1	/* its ptrace and clone are let through */
#endif

static struct fault fault;
static struct profile p;
static int open_port, other_port, open_fd = -1, other_fd = -1;

static int
listener(int *port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
	*port = ntohs(sa.sin_port);
	return fd;
}

static int
setup(void **state)
{
	if (scratch_make(state) == -1)
		return -1;
	memset(&p, 0, sizeof p);
	open_fd = listener(&open_port);
	other_fd = listener(&other_port);
	snprintf(p.name, sizeof p.name, "sim");
	snprintf(p.rest, sizeof p.rest, "http://127.0.0.1:%d", open_port);
	snprintf(p.ws, sizeof p.ws, "ws://127.0.0.1:%d", open_port);
	snprintf(p.state_dir, sizeof p.state_dir, "%s/state/bf/sim", scratch);
	snprintf(p.cache_dir, sizeof p.cache_dir, "%s/cache/bf/sim", scratch);
	scratch_put("home/secret", 0600, "x", 1);
	scratch_put("out/there", 0600, "x", 1);
	return 0;
}

static int
teardown(void **state)
{
	close(open_fd);
	close(other_fd);
	return scratch_remove(state);
}

/* The exit status of ask() in a child that has entered; 100: it could not enter. */
static int
inside(const struct sandbox *want, int (*ask)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(sandbox_enter(want, &fault) == -1 ? 100 : ask());
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));		/* never killed by it */
	return WEXITSTATUS(status);
}

/* The usual sandbox of a tool. */
static int
held(int (*ask)(void))
{
	return inside(&(struct sandbox){ .prof = &p }, ask);
}

/* 0 or the errno. */
static int
opened(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600), e = errno;

	if (fd == -1)
		return e;
	close(fd);
	return 0;
}

static int
connected(int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0 ? 0 : errno;
}

static bool
has(int version)
{
	if (landlock_version() >= version)
		return true;
	print_message("not tested: this kernel's Landlock is %d, not %d\n", landlock_version(), version);
	return false;
}

static bool
filters(void)
{
	if (seccomp_there())
		return true;
	print_message("not tested: no seccomp here\n");
	return false;
}

/*
 * What must fail
 */

static int read_home(void) { return opened(in_scratch("home/secret"), O_RDONLY); }
static int write_home(void) { return opened(in_scratch("home/secret"), O_WRONLY); }
static int make_file(void) { return opened(in_scratch("home/new"), O_WRONLY | O_CREAT); }
static int write_etc(void) { return opened("/etc/passwd", O_WRONLY); }
static int other_connect(void) { return connected(other_port); }
static int other_bind(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&sa, sizeof sa) == 0 ? 0 : errno;
}

static void
files_of_others_are_not_there(void **state)
{
	(void)state;
	if (!has(1))
		return;
	assert_int_equal(held(read_home), EACCES);
	assert_int_equal(held(write_home), EACCES);
	assert_int_equal(held(make_file), EACCES);
	assert_int_equal(held(write_etc), EACCES);
}

static void
other_ports_are_closed(void **state)
{
	(void)state;
	if (!has(4))
		return;
	assert_int_equal(held(other_connect), EACCES);
	assert_int_equal(held(other_bind), EACCES);
}

static int
run_program(void)
{
	char *const argv[] = { (char *)(uintptr_t)"true", NULL }, *const env[] = { NULL };

	execve("/bin/true", argv, env);
	return errno;
}

#ifndef TRACED
static int
fork_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid == -1 ? errno : 0;
}

static int trace_parent(void) { return syscall(SYS_ptrace, 16L, (long)getppid(), 0L, 0L) == -1 ? errno : 0; }
static int dumpable(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == -1 ? errno : 0; }
#endif
static int raw_socket(void) { return socket(AF_PACKET, SOCK_RAW, 0) == -1 ? errno : 0; }
static int key_strokes(void) { return ioctl(STDIN_FILENO, TIOCSTI, "x") == -1 ? errno : 0; }
static int unlisted(void) { return syscall(SYS_mount, "", "", "", 0L, NULL) == -1 ? errno : 0; }
static int listens(void) { return listen(socket(AF_INET, SOCK_STREAM, 0), 1) == -1 ? errno : 0; }
static int hurts(void) { return kill(getppid(), SIGWINCH) == -1 ? errno : 0; }
static int asks_after(void) { return kill(getpid(), 0) == -1 ? errno : 0; }

static void
no_program_is_started_or_traced(void **state)
{
	(void)state;
	if (!filters())
		return;
	assert_int_equal(held(run_program), EPERM);
#ifndef TRACED
	assert_int_equal(held(fork_child), EPERM);
	assert_int_equal(held(trace_parent), EPERM);
	assert_int_equal(held(dumpable), EINVAL);
#endif
	assert_int_equal(held(hurts), EPERM);
}

static void
what_is_not_listed_is_not_there(void **state)
{
	(void)state;
	if (!filters())
		return;
	assert_int_equal(held(unlisted), ENOSYS);
	assert_int_equal(held(listens), ENOSYS);
	assert_int_equal(held(raw_socket), EAFNOSUPPORT);
	assert_int_equal(held(key_strokes), EPERM);
}

static int
rights(void)
{
	char line[128];
	FILE *fp = fopen("/proc/self/status", "re");
	int good = 0;

	while (fp != NULL && fgets(line, sizeof line, fp) != NULL)
		good += strcmp(line, "NoNewPrivs:\t1\n") == 0 || strcmp(line, "CapEff:\t0000000000000000\n") == 0 ||
		    strcmp(line, "CapPrm:\t0000000000000000\n") == 0;
	return good;
}

static void
no_right_is_left_or_gained(void **state)
{
	(void)state;
	assert_int_equal(held(rights), 3);
	assert_int_equal(inside(&(struct sandbox){ .runs = true }, rights), 3);
	assert_int_equal(inside(&(struct sandbox){ .serves = true }, rights), 3);
}

/*
 * What must not
 */

static int
names(void)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;

	if (getaddrinfo("localhost", "443", &hints, &list) != 0)
		return 1;
	freeaddrinfo(list);
	return 0;
}

static int open_connect(void) { return connected(open_port); }
static int resolver(void) { return opened("/etc/hosts", O_RDONLY); }

static int
keeps_state(void)
{
	struct buf b = { 0 };

	if (state_write(p.state_dir, "a", "1", 1, &fault) == -1 || state_write(p.state_dir, "a", "22", 2, &fault) == -1 ||
	    state_write(p.cache_dir, "b", "1", 1, &fault) == -1)
		return 1;
	if (state_read(p.state_dir, "a", &b, 10, &fault) != 1 || b.len != 2)
		return 2;
	buf_free(&b);
	return opened(in_scratch("state/bf/.limits/page"), O_RDWR | O_CREAT);
}

static void *
nothing(void *arg)
{
	return arg;
}

static int
threads(void)
{
	pthread_t t;
	void *got;

	return sys_thread(&t, nothing, &t) == 0 && pthread_join(t, &got) == 0 && got == &t ? 0 : 1;
}

static int
waits(void)
{
	int fd[2];

	return sys_pipe(fd) == 0 && poll(&(struct pollfd){ .fd = fd[0], .events = POLLIN }, 1, 1) == 0 ? 0 : 1;
}

static void
what_a_tool_needs_works(void **state)
{
	(void)state;
	assert_int_equal(held(names), 0);
	assert_int_equal(held(resolver), 0);
	assert_int_equal(held(open_connect), 0);
	assert_int_equal(held(keeps_state), 0);
	assert_int_equal(held(threads), 0);
	assert_int_equal(held(waits), 0);
	assert_int_equal(held(asks_after), 0);
}

static int writes_there(void) { return opened(in_scratch("out/new"), O_WRONLY | O_CREAT | O_EXCL); }
static int
renames_there(void)
{
	return writes_there() == 0 && rename(in_scratch("out/new"), in_scratch("out/there")) == 0 ? 0 : errno;
}

static void
folders_that_are_named_may_be_changed(void **state)
{
	struct sandbox want = { .prof = &p, .write = { NULL, in_scratch("out/file") } };

	(void)state;
	assert_int_equal(inside(&want, writes_there), 0);
	assert_int_equal(unlink(in_scratch("out/new")), 0);
	assert_int_equal(inside(&want, renames_there), 0);
	if (has(1))
		assert_int_equal(inside(&want, make_file), EACCES);
}

/* Of a user without a home the nearest folder that is there is the root of all. */
static void
a_state_folder_that_cannot_be_made_opens_nothing_else(void **state)
{
	char name[257];
	int n;

	(void)state;
	if (!has(1))
		return;
	memset(name, 'a', sizeof name - 1);	/* longer than a name can be */
	name[sizeof name - 1] = '\0';
	n = snprintf(p.state_dir, sizeof p.state_dir, "%s/home/%s/sim", scratch, name);
	assert_in_range(n, 1, sizeof p.state_dir - 1);
	assert_int_equal(held(read_home), EACCES);
	assert_int_equal(held(make_file), EACCES);
}

static void
a_link_in_its_place_opens_nothing(void **state)
{
	(void)state;
	if (!has(1))
		return;
	assert_int_equal(symlink(in_scratch("home"), in_scratch("link")), 0);
	snprintf(p.state_dir, sizeof p.state_dir, "%s/link", scratch);
	snprintf(p.cache_dir, sizeof p.cache_dir, "%s/link", scratch);
	assert_int_equal(held(read_home), EACCES);
	assert_int_equal(held(make_file), EACCES);
}

static char own_terminal[64], other_terminal[64];

/* Its master stays open. */
static int
make_terminal(char name[static 64])
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(fd >= 0);
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	assert_int_equal(ptsname_r(fd, name, 64), 0);
	return fd;
}

static int write_own_terminal(void) { return opened(own_terminal, O_WRONLY | O_NOCTTY); }
static int read_own_terminal(void) { return opened(own_terminal, O_RDONLY | O_NOCTTY); }
static int write_other_terminal(void) { return opened(other_terminal, O_WRONLY | O_NOCTTY); }
static int read_other_terminal(void) { return opened(other_terminal, O_RDONLY | O_NOCTTY); }

static void
a_terminal_is_ours_alone_and_not_read(void **state)
{
	int own = make_terminal(own_terminal), other = make_terminal(other_terminal), kept = dup(STDIN_FILENO), fd;

	(void)state;
	assert_true((fd = open(own_terminal, O_RDWR | O_NOCTTY)) >= 0);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	if (has(1)) {
		assert_int_equal(held(write_own_terminal), 0);
		assert_int_equal(held(read_own_terminal), EACCES);
		assert_int_equal(held(write_other_terminal), EACCES);
		assert_int_equal(held(read_other_terminal), EACCES);
	}
	assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	close(kept);
	close(fd);
	close(own);
	close(other);
}

static void
one_that_reads_reads_everything_and_writes_nothing(void **state)
{
	const struct sandbox want = { .reads = true };

	(void)state;
	assert_int_equal(inside(&want, read_home), 0);
	if (has(1))
		assert_int_equal(inside(&want, write_home), EACCES);
	if (has(4))
		assert_int_equal(inside(&want, open_connect), EACCES);
}

static void
a_server_listens_and_starts_nothing(void **state)
{
	const struct sandbox want = { .serves = true };

	(void)state;
	assert_int_equal(inside(&want, listens), 0);
	assert_int_equal(inside(&want, write_home), 0);
	if (filters())
		assert_int_equal(inside(&want, run_program), EPERM);
}

static void
behind_a_proxy_its_port_alone_is_open(void **state)
{
	(void)state;
	snprintf(p.proxy, sizeof p.proxy, "http://127.0.0.1:%d", other_port);
	assert_int_equal(held(other_connect), 0);
	if (has(4))
		assert_int_equal(held(open_connect), EACCES);
}

static int
again(void)
{
	return sandbox_enter(&(struct sandbox){ .reads = true }, &fault) == 0 ? read_home() : 100;
}

static void
a_second_time_changes_nothing(void **state)
{
	(void)state;
	if (has(1))
		assert_int_equal(held(again), EACCES);
	assert_int_equal(held(asks_after), 0);
}

static void
what_there_is_is_told(void **state)
{
	struct sandbox_means has = sandbox_means();

	(void)state;
	assert_true(has.no_new_privs);
	assert_int_equal(has.landlock, landlock_version());
	assert_int_equal(has.seccomp, seccomp_there());
}

int
main(void)
{
#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(files_of_others_are_not_there), T(other_ports_are_closed), T(no_program_is_started_or_traced),
		T(what_is_not_listed_is_not_there), T(no_right_is_left_or_gained), T(what_a_tool_needs_works),
		T(folders_that_are_named_may_be_changed), T(a_state_folder_that_cannot_be_made_opens_nothing_else),
		T(a_link_in_its_place_opens_nothing), T(a_terminal_is_ours_alone_and_not_read), T(one_that_reads_reads_everything_and_writes_nothing),
		T(a_server_listens_and_starts_nothing), T(behind_a_proxy_its_port_alone_is_open),
		T(a_second_time_changes_nothing), T(what_there_is_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

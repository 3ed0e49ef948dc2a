#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#include <unistd.h>

#include "io/clock.h"
#include "io/sys.h"

#define FDS_MAX		65536	/* descriptors tried where a system cannot close a range */

int
sys_pipe(int fd[static 2])
{
	if (pipe(fd) == -1)
		return -1;
	return fcntl(fd[0], F_SETFD, FD_CLOEXEC) | fcntl(fd[1], F_SETFD, FD_CLOEXEC);
}

int
sys_write(int fd, const void *p, size_t n)
{
	const char *s = p;
	ssize_t put;

	while (n > 0) {
		put = write(fd, s, n);
		if (put == -1 && errno != EINTR)
			return -1;
		if (put > 0) {
			s += put;
			n -= (size_t)put;
		}
	}
	return 0;
}

int
sys_thread(pthread_t *t, void *(*run)(void *), void *arg)
{
	sigset_t all, was;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	r = pthread_create(t, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return r;
}

int64_t
sys_dice(int64_t below)
{
	uint32_t r = 0;

	if (getentropy(&r, sizeof r) == -1)
		r = (uint32_t)clock_mono_us();
	return below < 1 ? 0 : (int64_t)r % below;
}

void
sys_close_from(int from)
{
	long max = sysconf(_SC_OPEN_MAX);

#ifdef SYS_close_range
	if (syscall(SYS_close_range, (unsigned)from, ~0u, 0u) == 0)
		return;
#endif
	for (int fd = from; fd < (max < 0 || max > FDS_MAX ? FDS_MAX : max); fd++)
		close(fd);
}

int
sys_catch(int sig, void (*fn)(int sig), bool once)
{
	struct sigaction act = { .sa_handler = fn, .sa_flags = once ? (int)SA_RESETHAND : 0 }, was;

	sigemptyset(&act.sa_mask);
	if (sigaction(sig, NULL, &was) == -1)
		return -1;
	return was.sa_handler == SIG_IGN ? 0 : sigaction(sig, &act, NULL);
}

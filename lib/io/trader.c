#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/sys.h"
#include "io/trader.h"

volatile int trader_stop;

static volatile sig_atomic_t in_flight;
static int wake[2] = { -1, -1 };
static void (*abandon)(void);

/* Only what is safe in a handler. */
static void
on_signal(int sig)
{
	int e = errno;

	if (trader_stop > 0 && in_flight)
		abandon();
	if (trader_stop > 0) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
	trader_stop = trader_stop + 1;
	(void)!write(wake[1], "", 1);
	errno = e;
}

/* Descriptor fd stands: 1, or is on /dev/null now: 0. Lower ones stand already. */
static int
hold(int fd)
{
	if (fcntl(fd, F_GETFD) != -1)
		return 1;
	return open("/dev/null", O_RDWR) == fd ? 0 : -1;
}

static int
make_wake(void)
{
	if (sys_pipe(wake) == -1)
		return -1;
	return fcntl(wake[0], F_SETFL, O_NONBLOCK) | fcntl(wake[1], F_SETFL, O_NONBLOCK);
}

int
trader_begin(void (*leave)(void), struct fault *f)
{
	int in = hold(STDIN_FILENO), out = hold(STDOUT_FILENO), err = hold(STDERR_FILENO);

	if (in == -1 || out == -1 || err == -1)
		return fault_set(f, FAULT_LOCAL, "/dev/null: %s", strerror(errno));
	abandon = leave;
	if (make_wake() == -1 || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    sys_catch(SIGINT, on_signal, false) == -1 || sys_catch(SIGTERM, on_signal, false) == -1 ||
	    sys_catch(SIGHUP, on_signal, false) == -1)
		return fault_set(f, FAULT_LOCAL, "signals cannot be caught: %s", strerror(errno));
	return out == 1 ? 0 : fault_set(f, FAULT_LOCAL, "standard output is closed");
}

int
trader_input(int fd, struct fault *f)
{
	const char *what;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fault_set(f, FAULT_LOCAL, "standard input: %s", strerror(errno));
	if (!S_ISFIFO(st.st_mode) && !S_ISREG(st.st_mode))
		return 0;
	what = S_ISREG(st.st_mode) ? "file" : "fifo";
	if ((st.st_mode & (S_ISREG(st.st_mode) ? 022 : 002)) != 0)
		return fault_set(f, FAULT_USAGE, "standard input is a %s that others may write orders into "
		    "(mode %04o); chmod %s it", what, (unsigned)st.st_mode & 07777, S_ISREG(st.st_mode) ? "go-w" : "o-w");
	/* not of a fifo: a pipe that sudo hands on is its maker's, and looks the same */
	if (S_ISREG(st.st_mode) && st.st_uid != geteuid() && st.st_uid != 0)
		return fault_set(f, FAULT_USAGE, "standard input is a file of another user (uid %lu), who may write "
		    "orders into it", (unsigned long)st.st_uid);
	return 0;
}

int
trader_wake_fd(void)
{
	return wake[0];
}

void
trader_in_flight(bool yes)
{
	in_flight = yes;
}

int
trader_client_id(char out[static CLIENT_ID_MAX], const char *prefix, int64_t now_ms, struct fault *f)
{
	unsigned char random[12];

	if (getentropy(random, sizeof random) == -1)
		return fault_set(f, FAULT_LOCAL, "no random bytes for a client id: %s", strerror(errno));
	client_id_make(out, prefix, now_ms, random);
	return 0;
}

int
trader_number(int64_t *out, struct fault *f)
{
	uint64_t n;

	do
		if (getentropy(&n, sizeof n) == -1)
			return fault_set(f, FAULT_LOCAL, "no random bytes for a number: %s", strerror(errno));
	while ((n &= (UINT64_C(1) << 53) - 1) == 0);
	*out = (int64_t)n;
	return 0;
}

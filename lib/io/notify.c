#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/notify.h"

#define STATUS_MAX	200	/* bytes of a status */

#ifdef MSG_NOSIGNAL
#define FLAGS	(MSG_DONTWAIT | MSG_NOSIGNAL)
#else
#define FLAGS	MSG_DONTWAIT	/* a datagram that is not taken raises no SIGPIPE */
#endif

static bool taken, ready;
static int to = -1;		/* connected; -1: nobody listens */
static int64_t watch_us;	/* the watchdog's time; 0: there is none */
static int64_t alive_ms;	/* monotonic: the last sign of life of notify_turn */

/* false: no address that a Unix socket can have. */
static bool
address(const char *name, struct sockaddr_un *sa, socklen_t *len)
{
	size_t n = strlen(name);

	memset(sa, 0, sizeof *sa);
	sa->sun_family = AF_UNIX;
	if ((name[0] != '/' && name[0] != '@') || n < 2 || n >= sizeof sa->sun_path)
		return false;
	memcpy(sa->sun_path, name, n);
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
	if (name[0] == '@') {	/* such a name has no NUL at its end */
		sa->sun_path[0] = '\0';
		--*len;
	}
	return true;
}

/* Connected now, while every path can be seen and every call made. Never one of descriptors 0 to 2: those
 * may be closed yet, and what is printed must not go there. */
static int
open_socket(const char *name)
{
	struct sockaddr_un sa;
	socklen_t len;
	int s, fd = -1;

	if (!address(name, &sa, &len) || (s = socket(AF_UNIX, SOCK_DGRAM, 0)) == -1)
		return -1;
	if (connect(s, (const struct sockaddr *)&sa, len) == 0)
		fd = fcntl(s, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(s);
	return fd;
}

/* A whole positive number, or 0. */
static int64_t
number(const char *s)
{
	size_t n = s == NULL ? 0 : strspn(s, "0123456789");

	return n > 0 && n < 19 && s[n] == '\0' ? strtoll(s, NULL, 10) : 0;
}

void
notify_take(void)
{
	const char *name = getenv("NOTIFY_SOCKET"), *pid = getenv("WATCHDOG_PID");

	if (taken)
		return;
	taken = true;
	if (name != NULL)
		to = open_socket(name);
	if (to != -1 && (pid == NULL || number(pid) == getpid()))
		watch_us = number(getenv("WATCHDOG_USEC"));
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

bool
notify_watched(void)
{
	return watch_us > 0;
}

int
notify_check(const char *what, int64_t every_ms, struct fault *f)
{
	if (watch_us == 0 || watch_us / 1000 > every_ms)
		return 0;
	return fault_set(f, FAULT_USAGE, "WATCHDOG_USEC: the watchdog waits %" PRId64 " ms, and %s gives a sign of life every "
	    "%" PRId64 " ms: set WatchdogSec= to %" PRId64 " or more", watch_us / 1000, what, every_ms, every_ms * 2 / 1000 + 1);
}

static void
tell(const char *text)
{
	if (to != -1)
		while (send(to, text, strlen(text), FLAGS) == -1 && errno == EINTR)
			continue;
}

void
notify_ready(void)
{
	if (!ready)
		tell("READY=1");
	ready = true;
}

void
notify_alive(void)
{
	if (watch_us > 0)
		tell("WATCHDOG=1");
}

void
notify_turn(int64_t mono_ms)
{
	if (watch_us == 0 || (alive_ms != 0 && mono_ms - alive_ms < watch_us / 4000))
		return;
	alive_ms = mono_ms;
	notify_alive();
}

/* A newline would begin another word of the protocol. Cut between characters: what is no UTF-8 is not taken. */
static void
one_line(char *s)
{
	size_t n = strlen(s);

	if (n == STATUS_MAX) {
		while (n > 0 && ((unsigned char)s[n - 1] & 0xc0) == 0x80)
			n--;
		if (n > 0 && (unsigned char)s[n - 1] >= 0xc0)
			n--;
		s[n] = '\0';
	}
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = ' ';
}

void
notify_status(const char *fmt, ...)
{
	char text[sizeof "STATUS=" + STATUS_MAX] = "STATUS=";
	char *line = text + sizeof "STATUS=" - 1;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, STATUS_MAX + 1, fmt, ap);
	va_end(ap);
	one_line(line);
	tell(text);
}

void
notify_unwatch(void)
{
	if (watch_us > 0)
		tell("WATCHDOG_USEC=0");
	watch_us = 0;
}

void
notify_stopping(void)
{
	tell("STOPPING=1");
}

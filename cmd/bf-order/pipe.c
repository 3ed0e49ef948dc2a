/* Intents from standard input. */
#include <sys/stat.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "io/trader.h"
#include "app.h"

int
check_input(int fd, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fault_set(f, FAULT_LOCAL, "standard input: %s", strerror(errno));
	if ((S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode)) && (st.st_mode & 022) != 0)
		return fault_set(f, FAULT_USAGE, "standard input is a %s that others may write orders into "
		    "(mode %04o); chmod go-w it", S_ISREG(st.st_mode) ? "file" : "fifo",
		    (unsigned)st.st_mode & 07777);
	return 0;
}

/* Until there is input, or a reason to stop. */
static void
wait_input(struct app *a, const struct lines *in)
{
	struct pollfd p[] = {
		{ .fd = in->fd, .events = POLLIN },
		{ .fd = trader_wake_fd(), .events = POLLIN },
		{ .fd = STDOUT_FILENO }
	};

	if (poll(p, sizeof p / sizeof *p, -1) > 0)
		reader_gone(a, p[2].revents);
}

/* Lines nobody will treat: all of a file, of a pipe those that have come. */
static void
say_unread(struct app *a, struct lines *in)
{
	unsigned long long n = 0;
	enum line_result got;
	struct stat st;
	struct fault f;
	bool file = fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode);
	const char *p;
	size_t len;

	while ((got = lines_next(in, &p, &len)) != LINE_END) {
		if (got != LINE_NONE)
			n++;
		else if (!file || lines_fill(in, &f) == -1)
			break;
	}
	if (n > 0)
		say(a, "stopped; %s%llu line%s not read", got == LINE_END ? "" : "at least ",
		    n, n == 1 ? "" : "s");
	else if (got != LINE_END)
		say(a, "stopped; what still comes is not read");
}

/* A line that is not all there. */
static void
treat_cut(struct app *a, const char *rule, const char *why)
{
	buf_reset(&a->job.text);
	say(a, "line %llu: %s", a->line, why);
	reject(a, FAULT_REJECTED, rule, 0, "", "", "line %llu: %s", a->line, why);
}

static void
one_line(struct app *a, enum line_result got, const char *p, size_t n)
{
	if (got == LINE_OK)
		treat_line(a, p, n);
	else if (got == LINE_PARTIAL)
		treat_cut(a, "partial-line", "the last line has no newline: it may be cut, and was not executed");
	else {
		treat_cut(a, "line-too-long", "longer than 16 MiB; stopping");
		a->halt = true;
	}
}

int
run_pipe(struct app *a, struct fault *f)
{
	enum line_result got;
	struct lines in;
	const char *p;
	size_t n;
	int r = 0;

	lines_init(&in, STDIN_FILENO);
	while (r == 0 && !a->halt && trader_stop == 0) {
		if ((got = lines_next(&in, &p, &n)) == LINE_END)
			break;
		a->line = in.number;
		if (got != LINE_NONE) {
			one_line(a, got, p, n);
			continue;
		}
		wait_input(a, &in);
		if (!a->halt && trader_stop == 0)
			r = lines_fill(&in, f);
	}
	if (trader_stop != 0)
		say(a, "asked to stop");
	if (a->halt || trader_stop != 0)
		say_unread(a, &in);
	lines_free(&in);
	return r;
}

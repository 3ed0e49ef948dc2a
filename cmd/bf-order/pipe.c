/* Intents from standard input. */
#include <sys/stat.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "io/trader.h"
#include "app.h"

#define AHEAD	20	/* lines that are read before the desk has its turn */

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
	job_reset(a->job);
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
		run_out(a);
		treat_cut(a, "line-too-long", "longer than 16 MiB; stopping");
		a->halt = true;
	}
}

/* Whether to go on reading; what is under way is seen to the end in any case. */
static bool
goes_on(struct app *a)
{
	a->end = trader_stop != 0 || a->drop;
	return !a->end && !a->halt;
}

/* A turn of the desk, until there is input (in NULL: none is wanted), a signal, or news. true: there is
 * input. */
static bool
turn(struct app *a, const struct lines *in, int timeout_ms)
{
	struct pollfd p[] = {
		{ .fd = in != NULL ? in->fd : -1, .events = POLLIN },
		{ .fd = goes_on(a) ? trader_wake_fd() : -1, .events = POLLIN },
		{ .fd = a->drop ? -1 : STDOUT_FILENO }
	};

	trader_in_flight(desk_pending(a->desk) > 0);
	desk_turn(a->desk, p, sizeof p / sizeof *p, timeout_ms);
	trader_in_flight(desk_pending(a->desk) > 0);
	reader_gone(a, p[2].revents);
	return in != NULL && p[0].revents != 0;
}

void
run_for(struct app *a, int64_t ms)
{
	int64_t end = clock_mono_ms() + ms, left;

	while (desk_pending(a->desk) > 0 && goes_on(a) && (left = end - clock_mono_ms()) > 0)
		turn(a, NULL, (int)left);
}

void
run_out(struct app *a)
{
	while (desk_pending(a->desk) > 0) {
		goes_on(a);
		turn(a, NULL, -1);
	}
}

void
run_out_of(struct app *a, enum market m, const char *symbol)
{
	while (desk_about(a->desk, m, symbol)) {
		goes_on(a);
		turn(a, NULL, -1);
	}
}

/* Lines that are there, as far as it is of use to read ahead. The last answer of the reader. */
static enum line_result
take_lines(struct app *a, struct lines *in)
{
	enum line_result got = LINE_OK;
	const char *p;
	size_t n;

	for (int i = 0; i < AHEAD && goes_on(a) && !desk_full(a->desk); i++) {
		if ((got = lines_next(in, &p, &n)) == LINE_END || got == LINE_NONE)
			return got;
		a->line = in->number;
		one_line(a, got, p, n);
	}
	return got;
}

int
run_pipe(struct app *a, struct fault *f)
{
	enum line_result got = LINE_NONE;
	struct lines in;
	int r = 0;

	lines_init(&in, STDIN_FILENO);
	while (r == 0 && goes_on(a)) {
		if ((got = take_lines(a, &in)) == LINE_END)
			break;
		if (!goes_on(a))
			break;
		if (turn(a, got == LINE_NONE ? &in : NULL, got == LINE_NONE || desk_full(a->desk) ? -1 : 0))
			r = lines_fill(&in, f);
	}
	if (trader_stop != 0)
		say(a, "asked to stop");
	run_out(a);
	if (!goes_on(a))
		say_unread(a, &in);
	lines_free(&in);
	return r;
}

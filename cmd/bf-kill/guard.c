/*
 * Waiting for the moment, with everything opened in advance: a record on standard input that a filter
 * says yes to, or SIGUSR1. A record that cannot be judged is said, and does not trip.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "io/jqf.h"
#include "io/lines.h"
#include "io/notify.h"
#include "io/sys.h"
#include "kill.h"

#define REWARM_MS	45000	/* connections that idle longer may be closed by the exchange */
#define HANDSHAKE_MS	1000	/* after warming them, in shorter turns: the desk's are not polled for here */
#define COMPLAIN_MS	10000	/* between two complaints about records */

static volatile sig_atomic_t asked;
static int usr[2] = { -1, -1 };

struct guard {
	struct app	*a;
	struct jqf	*jq;
	struct lines	 in;
	struct buf	 got;
	bool		 reading;
	int64_t		 fed_ms;	/* monotonic: the last record */
	int64_t		 rewarm_ms, complain_ms;
	unsigned long	 bad;		/* records that could not be judged, not complained of yet */
};

static void
on_usr1(int sig)
{
	int e = errno;

	(void)sig;
	asked = 1;
	(void)!write(usr[1], "", 1);
	errno = e;
}

int
guard_signal(struct fault *f)
{
	if (sys_pipe(usr) == -1 || fcntl(usr[1], F_SETFL, O_NONBLOCK) == -1 || sys_catch(SIGUSR1, on_usr1, false) == -1)
		return fault_set(f, FAULT_LOCAL, "SIGUSR1 cannot be caught: %s", strerror(errno));
	return 0;
}

static bool
says_true(const struct buf *b)
{
	const char *p = b->p, *end;

	for (; p != NULL && *p != '\0'; p = end + 1) {
		if ((end = strchr(p, '\n')) == NULL)
			return false;
		if (end - p == 4 && memcmp(p, "true", 4) == 0)
			return true;
	}
	return false;
}

static void
complain(struct guard *g, const char *why)
{
	int64_t now = clock_mono_ms();

	g->bad++;
	if (now < g->complain_ms)
		return;
	say(g->a, "line %llu does not trip: %s%s", g->in.number, why, g->bad > 1 ? "; and others before it" : "");
	g->complain_ms = now + COMPLAIN_MS;
	g->bad = 0;
}

/* true: it trips. */
static bool
judge(struct guard *g, const char *p, size_t n)
{
	struct fault f = { 0 };
	int r;

	buf_reset(&g->got);
	g->fed_ms = clock_mono_ms();
	if (n == 0)
		return false;
	r = jqf_run(g->jq, p, n, &g->got, &f);
	if (!g->got.bad && says_true(&g->got)) {
		buf_put(&g->a->trigger, p, n);
		return true;
	}
	if (r == -1)
		complain(g, f.text);
	return false;
}

static bool
at_end(struct guard *g)
{
	g->reading = false;
	if (g->a->on_eof_trip)
		say(g->a, "standard input has ended: tripping, as --on-eof says");
	return g->a->on_eof_trip;
}

static bool
judge_all(struct guard *g)
{
	struct fault f = { 0 };
	const char *p;
	size_t n;

	if (lines_fill(&g->in, &f) == -1) {
		say(g->a, "standard input: %s", f.text);
		note(g->a, &f);
		return at_end(g);
	}
	for (;;)
		switch (lines_next(&g->in, &p, &n)) {
		case LINE_OK:
			if (judge(g, p, n))
				return true;
			break;
		case LINE_PARTIAL:
			complain(g, "it has no newline, and may be cut");
			break;
		case LINE_LONG:
			complain(g, "it is too long");
			break;
		case LINE_END:
			return at_end(g);
		case LINE_NONE:
			return false;
		}
}

static void
keep_warm(struct guard *g)
{
	struct app *a = g->a;
	struct fault ignore;

	if (a->level == LEVEL_BLOCK || clock_mono_ms() < g->rewarm_ms)
		return;
	g->rewarm_ms = clock_mono_ms() + REWARM_MS;
	for (int i = 0; i < a->nmarket; i++)
		if (a->open[a->market[i]])
			(void)session_sync(&a->s[a->market[i]], false, &ignore);
	rewarm(a);
}

/* One turn. true: it trips. */
static bool
turn(struct guard *g)
{
	struct app *a = g->a;
	struct pollfd p[3] = { { .fd = usr[0], .events = POLLIN }, { .fd = trader_wake_fd(), .events = POLLIN },
		{ .fd = g->in.fd, .events = POLLIN } };
	int np = g->reading ? 3 : 2;
	int ms = clock_mono_ms() < g->rewarm_ms - REWARM_MS + HANDSHAKE_MS ? 20 : 500;
	bool fed = a->when == NULL || clock_mono_ms() - g->fed_ms <= a->deadman_s * 1000;

	keep_warm(g);
	if (a->desk != NULL)
		desk_turn(a->desk, NULL, 0, 0);
	if (a->dm != NULL)
		deadman_turn(a, fed, p, np, ms);
	else
		(void)ask_turn(a, NULL, 0, p, np, ms);
	if (asked)
		return true;
	return g->reading && p[2].revents != 0 && judge_all(g);
}

/* What it says why, where nobody gave a reason. */
static void
give_reason(struct app *a, char text[static 256])
{
	if (a->reason_given)
		return;
	if (asked)
		snprintf(text, 256, "SIGUSR1");
	else if (a->trigger.len == 0)
		snprintf(text, 256, "standard input has ended");
	else
		snprintf(text, 256, "when %.240s", a->when);
	a->reason = text;
}

static int
go(struct app *a)
{
	static char text[256];

	a->began_ms = clock_mono_ms();
	a->end_ms = a->began_ms + a->timeout_ms;
	a->sent0 = 0;
	a->sent0 = requests(a);
	give_reason(a, text);
	notify_unwatch();	/* it has its own time limit */
	notify_status("tripped: %s", a->reason);
	return do_kill(a);
}

static int
untripped(struct guard *g)
{
	struct app *a = g->a;
	int status = fault_status(fault_worst(a->local, a->worst));

	if (g->bad > 0)
		say(a, "%lu more record%s could not be judged", g->bad, g->bad == 1 ? "" : "s");
	say(a, trader_stop != 0 ? "asked to stop: ended without a trip" :
	    "standard input has ended without a trip");
	if (a->dm == NULL)
		return status;
	return status != 0 ? (deadman_end(a), status) : deadman_end(a);
}

/* jq takes "NaN" for a number less than all others, and infinities for very large ones: here it is an error,
 * and does not trip. */
static int
open_filter(struct guard *g, struct fault *f)
{
	struct buf b = { 0 };
	int r;

	if (jqf_open(&g->jq, g->a->when, f) == -1)	/* alone: what is wrong is said of what was given */
		return -1;
	jqf_close(g->jq);
	g->jq = NULL;
	buf_str(&b, "def bf_tonumber: tonumber; def tonumber: bf_tonumber | "
	    "if isnan or fabs > 1e300 then error(\"not a number\") else . end; ");
	buf_str(&b, g->a->when);
	r = b.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : jqf_open(&g->jq, b.p, f);
	buf_free(&b);
	return r;
}

static int
open_guard(struct guard *g, struct fault *f)
{
	struct app *a = g->a;

	if (deadman_check(a, f) == -1 || (a->when != NULL && open_filter(g, f) == -1))
		return -1;
	if (a->level == LEVEL_BLOCK && a->deadman_s == 0)
		return 0;
	if (open_all(a, f) == -1)
		return -1;
	warm(a);
	return a->deadman_s > 0 ? deadman_open(a, f) : 0;
}

int
guard(struct app *a)
{
	struct guard g = { .a = a, .reading = a->when != NULL };
	struct fault f = { 0 };
	bool trips = false;
	int status;

	lines_init(&g.in, STDIN_FILENO);
	a->end_ms = INT64_MAX;	/* there is no hurry before the trip */
	if (open_guard(&g, &f) == -1)
		status = tool_fail(a->tool, STDERR_FILENO, &f);
	else {
		say(a, "ready");
		if (a->deadman_s == 0)
			notify_ready();
		g.fed_ms = clock_mono_ms();
		g.rewarm_ms = g.fed_ms + REWARM_MS;
		while (!trips && trader_stop == 0 && (g.reading || (a->deadman_s > 0 && a->when == NULL)))
			trips = turn(&g);
		status = trips ? go(a) : untripped(&g);
	}
	lines_free(&g.in);
	jqf_close(g.jq);
	buf_free(&g.got);
	return status;
}

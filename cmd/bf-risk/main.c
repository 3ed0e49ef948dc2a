/*
 * bf-risk: a filter that holds an account within its rules. Intents that would break one are
 * rejected or clipped; what is held is watched, and reduced, cancelled or flattened when it breaks one;
 * everything else passes byte for byte.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "io/clock.h"
#include "io/notify.h"
#include "io/sys.h"
#include "io/trader.h"
#include "asked.h"

static const struct tool tool = {
	"bf-risk",
	"bf-risk [--rules FILE] [--max-lev N] [options] < records\n"
	"bf-risk --check [--rules FILE] [options]\n"
	"bf-risk explain [--n NUMBER] [FILE ...]\n"
	"bf-risk replay [--rules FILE] [--from FILE] [options] [FILE ...]\n"
	"Hold an account within its rules: reject, clip, reduce.",
	asked_opts
};

#define NOTIFY_MS	5000	/* between signs of life: a turn of the loop and what it may wait */

int64_t
max_age_ms(const struct app *a)
{
	dec ms;

	return dec_mul(&ms, a->lim.r[R_MARK_AGE].max, dec_int(1000)) && dec_rescale(&ms, ms, 0, DEC_DOWN) ?
	    (int64_t)ms.c : 10000;
}

void
tick(struct app *a)
{
	struct session *s = &a->v.s[a->v.market];

	a->w.now.mono_ms = clock_mono_ms();
	a->w.now.ms = session_now(s);
}

/*
 * The loop
 */

/* Every whole line that has been read. */
static int
drain(struct app *a, struct fault *f)
{
	const char *p;
	size_t n;

	tick(a);
	a->patience_mono_ms = a->w.now.mono_ms + REQUEST_MS;
	a->prices_asked = 0;
	for (;;) {
		int r = 0;

		switch (lines_next(&a->in, &p, &n)) {
		case LINE_NONE:
		case LINE_END:
			return 0;
		case LINE_OK:	/* byte for byte: a CR taken off stands there still */
			r = treat_line(a, p, n + (p[n] == '\r'), f);
			break;
		case LINE_PARTIAL:
			r = reject_line(a, "partial-line", "the last line has no newline: it may be cut, and is not passed on", f);
			break;
		case LINE_LONG:
			r = reject_line(a, "line-too-long", "the line is too long, and is not passed on", f);
			break;
		}
		if (r == -1)
			return -1;
	}
}

static int
patience(const struct app *a)
{
	int64_t left = 1000;

	if (a->wish.wake_mono_ms > 0 && a->wish.wake_mono_ms - a->w.now.mono_ms < left)
		left = a->wish.wake_mono_ms - a->w.now.mono_ms;
	return left < 0 ? 0 : (int)left;
}

/* What is not of the pipe: time passes, answers come. */
static int
beside(struct app *a, struct fault *f)
{
	tick(a);
	a->patience_mono_ms = a->w.now.mono_ms + REQUEST_MS;
	fetch_due(a);
	if (unread())
		watch_unread(a->watch, a->w.now.mono_ms);
	a->wish.wake_mono_ms = 0;
	watch_run(a->watch, &a->w, &a->wish);
	if (act(a, f) == -1)
		return -1;
	return out_flush(&a->out, f);
}

/* A sign of life, and the first one, is that the accounts are known, and that marks come if any ever came. */
static void
give_sign(const struct app *a)
{
	for (enum market m = 0; m < MARKETS; m++)
		if (a->feed[m].on && (!a->w.acct[m].known || a->w.down[m]))
			return;
	if (a->marked_mono_ms != 0 && a->w.now.mono_ms - a->marked_mono_ms > max_age_ms(a))
		return;
	notify_ready();
	notify_turn(a->w.now.mono_ms);
}

#define FDS	(2 + 2 * LANES * 4)

static volatile sig_atomic_t stopped;	/* by this signal */

static void
on_signal(int sig)
{
	stopped = sig;
}

/* What was written and may still fill, or never reach the exchange: nobody watches it from now on. */
static void
say_in_flight(struct app *a)
{
	char names[400];

	if (watch_sent(a->watch, names, sizeof names) > 0)
		say(a, "ends with reducing orders in flight, which it does not follow any more: %s", names);
}

static int
loop(struct app *a, struct fault *f)
{
	struct pollfd p[FDS];
	int timeout, n;

	while (!a->in.eof && stopped == 0) {
		if (beside(a, f) == -1)
			return -1;
		give_sign(a);
		p[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
		p[1] = (struct pollfd){ .fd = STDOUT_FILENO };	/* POLLERR: the reader went */
		timeout = patience(a);
		n = 2 + fetch_poll(a, p + 2, FDS - 2, &timeout);
		if (poll(p, (nfds_t)n, timeout) == -1) {
			if (errno != EINTR)
				return fault_set(f, FAULT_LOCAL, "waiting for input: %s", strerror(errno));
			for (int i = 0; i < n; i++)
				p[i].revents = 0;
		}
		tick(a);
		fetch_step(a);
		if (p[1].revents & (POLLERR | POLLNVAL)) {
			a->out.gone = true;
			return fault_set(f, FAULT_LOCAL, "the reader of the output went away");
		}
		if (p[0].revents != 0 && (lines_fill(&a->in, f) == -1 || drain(a, f) == -1))
			return -1;
	}
	return out_flush(&a->out, f);
}

/*
 * A run
 */

static int
client_id(void *arg, char out[static CLIENT_ID_MAX])
{
	struct app *a = arg;
	struct fault f = { 0 };

	if (trader_client_id(out, "bfr-", a->w.now.ms, &f) == 0)
		return 0;
	(void)tool_fail(a->tool, STDERR_FILENO, &f);
	return -1;
}

static int
open_log(struct app *a, struct fault *f)
{
	int fd;

	if (a->log_file == NULL)
		return 0;
	if ((fd = open(a->log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) == -1)
		return fault_set(f, FAULT_LOCAL, "--log %s: %s", a->log_file, strerror(errno));
	out_init(&a->log, fd);
	a->logging = true;
	return 0;
}

/* Whether one of the markets that are looked at has such a contract, as far as that is known. */
static bool
is_listed(const struct app *a, const char *symbol)
{
	struct listed what;

	for (int m = 0; m < MARKETS; m++) {
		if (!a->feed[m].on)
			continue;
		if (!xinfo_there(&a->v.x[m]))
			return true;
		xinfo_listed(&a->v.x[m], symbol, &what);
		if (what.as & LISTED_SYMBOL)
			return true;
	}
	return false;
}

/* A rule for a symbol that does not exist holds nothing: a slip of the pen leaves the other one without it. */
static void
say_unlisted(const struct app *a)
{
	const struct limits *l = &a->lim;

	for (int i = 0; i < l->nown; i++)
		if (!is_listed(a, l->own[i].symbol))
			say(a, "%s:%d: [%s %s]: no such contract is listed: the section holds nothing", l->file, l->own[i].l.line,
			    rule_rows[l->own[i].rule].name, l->own[i].symbol);
	for (int i = 0; i < l->nallow; i++)
		if (!is_listed(a, l->allow[i]))
			say(a, "symbols: allow %s: no such contract is listed", l->allow[i]);
	for (int i = 0; i < l->ndeny; i++)
		if (!is_listed(a, l->deny[i]))
			say(a, "symbols: deny %s: no such contract is listed: it denies nothing", l->deny[i]);
}

static int
run_filter(struct app *a, struct fault *f)
{
	struct fault no_journal;
	int r;

	if (notify_check("bf-risk", NOTIFY_MS, f) == -1)
		return -1;
	if (getentropy(&a->w.seed, sizeof a->w.seed) == -1)
		return fault_set(f, FAULT_LOCAL, "no random numbers from the system");
	a->w.cs.seed = a->w.seed;
	limits_windows(&a->lim, &a->w.vol_window_ms, &a->w.ref_window_ms);
	a->w.max_future_ms = max_age_ms(a);
	a->day_fd = -1;
	if (watch_open(&a->watch, &a->lim, client_id, a, f) == -1 || open_log(a, f) == -1 || fetch_open(a, f) == -1)
		return -1;
	watch_recv_window(a->watch, a->v.s[a->v.market].prof.recv_window);
	if (journal_open(&a->journal, &a->v.s[a->v.market].prof, NULL, &no_journal) == -1)
		a->journal = NULL;	/* it only tells sooner what the exchange tells too */
	if (day_open(a, f) == -1)
		return -1;
	say_unlisted(a);
	(void)sys_catch(SIGTERM, on_signal, false);
	(void)sys_catch(SIGINT, on_signal, false);
	(void)sys_catch(SIGHUP, on_signal, false);
	r = loop(a, f);
	notify_stopping();
	say_in_flight(a);
	return r;
}

static void
app_free(struct app *a)
{
	fetch_close(a);
	journal_close(a->journal);
	day_close(a);
	if (a->logging) {
		close(a->log.fd);
		out_free(&a->log);
	}
	watch_free(a->watch);
	world_free(&a->w);
	told_free(&a->told);
	limits_free(&a->lim);
	lines_free(&a->in);
	scan_free(&a->sc);
	buf_free(&a->wish.lines);
	buf_free(&a->rec);
}

/* explain, replay, --check: records of their own, for a person a table. */
static int
run_verb(struct app *a, struct asked *q, const char *verb, char *const words[], int n, struct fault *f)
{
	const struct column *cols = *verb == 'e' ? explain_columns : *verb == 'r' ? replay_columns : check_columns;
	struct printer out = { 0 };
	struct fault cf = { 0 };
	int r;

	if (printer_open(&out, STDOUT_FILENO, &a->common.as, cols, f) == -1)
		return -1;
	q->past.files = words;
	q->past.nfiles = n;
	q->past.from = q->from;
	if (*verb == 'e')
		r = do_explain(&out, &q->past, f);
	else if (*verb == 'r')
		r = do_replay(&out, &q->past, &a->lim, f);
	else
		r = do_check(&out, &a->lim, clock_wall_ms(), f);
	if (r == -1)
		printer_headless(&out);
	if (printer_close(&out, &cf) == -1 && r != -1) {
		*f = cf;
		r = -1;
	}
	a->rejected = r == 1;
	return r == 1 ? 0 : r;
}

static int
run(struct app *a, struct asked *q, char *const words[], int n, struct fault *f)
{
	bool verb = n > 0 && (strcmp(words[0], "explain") == 0 || strcmp(words[0], "replay") == 0);

	if (n > 0 && !verb)
		return fault_set(f, FAULT_USAGE, "%s: neither explain nor replay; bf-risk reads records on standard input", words[0]);
	if (asked_limits(a, q, f) == -1)
		return -1;
	if (verb)
		return run_verb(a, q, words[0], words + 1, n - 1, f);
	if (q->check)
		return run_verb(a, q, "check", NULL, 0, f);
	if (a->common.as.jq != NULL || a->common.as.fields != NULL ||
	    (a->common.as.format != NULL && strcmp(a->common.as.format, "ndjson") != 0))
		return fault_set(f, FAULT_USAGE, "-o, --fields and --jq are of --check, explain and replay; "
		    "of a pipe the records go by as they came");
	if (asked_rule(q, f) == -1 || trader_input(STDIN_FILENO, f) == -1)
		return -1;
	return run_filter(a, f);
}

int
main(int argc, char *argv[])
{
	static struct app a = { .tool = &tool, .common.as.tool = &tool, .refresh_ms = 2000, .day_fd = -1 };
	static struct asked q;
	struct fault f = { 0 };
	int ch, r;

	if (tool_prepare(&f) == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	cred_prepare();
	while ((ch = opt_next(argc, argv, asked_opts, &f)) != -1) {
		if ((r = asked_take(&a, &q, ch, optarg, &f)) == 0 && (r = tool_common(&a.common, ch, optarg, &f)) == 0)
			return tool_answer(&tool, ch, &f, STDOUT_FILENO, STDERR_FILENO);
		if (r == -1)
			return tool_fail(&tool, STDERR_FILENO, &f);
	}
	lines_init(&a.in, STDIN_FILENO);
	out_init(&a.out, STDOUT_FILENO);
	r = run(&a, &q, argv + optind, argc - optind, &f);
	app_free(&a);
	if (r == -1 && a.out.gone)
		return tool_sigpipe();
	out_free(&a.out);
	if (stopped != 0 && r != -1) {	/* so that who waits sees what ended it */
		signal(stopped, SIG_DFL);
		raise(stopped);
	}
	if (r == -1)
		return tool_fail(&tool, STDERR_FILENO, &f);
	return fault_status(fault_worst(a.worst, a.rejected ? FAULT_REJECTED : FAULT_NONE));
}

/* --watch: the account read once, and from then on what the pipe tells: marks and account events. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "io/clock.h"
#include "io/sys.h"
#include "look.h"
#include "watch.h"

#define TELL_MS		250	/* a position is told of again not before */
#define RETRY_MS	5000	/* a read that failed */

static volatile sig_atomic_t caught, resized;

static void
on_signal(int sig)
{
	if (sig == SIGWINCH)
		resized = 1;
	else
		caught = sig;
}

/*
 * Reading
 */

static int
reload(struct watch *w, enum market m, struct fault *f)
{
	struct app *a = w->a;
	struct fault why;

	if (w->again_ms[m] == 0 || w->mono_ms < w->again_ms[m])
		return 0;
	w->read_ms[m] = session_now(&a->v.s[m]);
	if (app_reload(a, m, &why) == 0) {
		w->again_ms[m] = 0;
		if (!w->down[m])
			watch_stale(w, m, false);
		watch_changed(w, m, NULL);
		w->wallets[m] = true;
		return 0;
	}
	watch_stale(w, m, true);
	if (why.kind != FAULT_AGAIN && why.kind != FAULT_UNKNOWN) {
		*f = why;
		return -1;
	}
	say(a, "%s; it is read again in %d seconds", why.text, RETRY_MS / 1000);
	w->again_ms[m] = w->mono_ms + RETRY_MS;
	return 0;
}

static void
drain(struct watch *w)
{
	enum line_result r;
	const char *p;
	size_t n;

	while ((r = lines_next(&w->in, &p, &n)) == LINE_OK || r == LINE_LONG || r == LINE_PARTIAL)
		if (r == LINE_OK)
			watch_take(w, p, n);
}

/* Whether a table is kept up to date, and not a record printed for each change. */
static bool
is_drawn(const struct watch *w)
{
	return w->a->out.table && w->a->out.form == PRINT_TABLE;
}

/*
 * Records out
 */

static int
tell(struct watch *w, struct seen *s, const struct figures fg[static MARKETS], struct fault *f)
{
	struct app *a = w->a;
	const struct position_figures *pf = figures_position(&fg[s->market], s->symbol, s->side);
	struct position_figures flat = { .p = account_position(&a->acct[s->market], s->symbol, s->side) };

	s->dirty = false;
	s->told_ms = w->mono_ms;
	if (pf == NULL && flat.p == NULL)
		return 0;
	flat.has_upnl = flat.has_notional = true;	/* of nothing: 0 */
	put_position(a, &fg[s->market], pf != NULL ? pf : &flat, s->market);
	return emit(a, f);
}

static int
tell_wallets(struct watch *w, const struct figures fg[static MARKETS], struct fault *f)
{
	bool any = w->wallets[0] || w->wallets[1];

	if (any && printer_section(&w->a->out, balance_cols, f) == -1)	/* of CSV */
		return -1;
	for (int m = 0; m < MARKETS; m++) {
		if (w->wallets[m] && look_put_wallets(w->a, &fg[m], (enum market)m, f) == -1)
			return -1;
		w->wallets[m] = false;
	}
	return any ? printer_section(&w->a->out, position_cols, f) : 0;
}

/* Whether a position may be told of now. */
static bool
is_due(const struct watch *w, const struct seen *s)
{
	return s->dirty && (w->ended || s->told_ms == 0 || w->mono_ms - s->told_ms >= TELL_MS);
}

static int
tell_due(struct watch *w, struct fault *f)
{
	struct figures fg[MARKETS] = { { 0 } };
	bool any = w->wallets[0] || w->wallets[1];
	int r = 0;

	for (int i = 0; i < w->nseen; i++)
		any = any || is_due(w, &w->seen[i]);
	if (!any)
		return 0;
	r = look_figures(w->a, fg, f);
	for (int i = 0; i < w->nseen && r == 0; i++)
		if (is_due(w, &w->seen[i]))
			r = tell(w, &w->seen[i], fg, f);
	if (r == 0)
		r = tell_wallets(w, fg, f);
	look_figures_free(fg);
	return r == 0 ? out_flush(&w->a->out.out, f) : r;
}

/*
 * The loop
 */

static int
show(struct watch *w, struct fault *f)
{
	if (!is_drawn(w))
		return tell_due(w, f);
	if (!w->a->out.tty)
		return 0;	/* a table that nobody sees grow is printed at the end */
	if (resized != 0)
		w->draw = true;
	resized = 0;
	return screen_draw(w, f);
}

/* How long poll may sleep: until something is due. */
static int
patience(const struct watch *w)
{
	int64_t t = 1000, left;

	for (int i = 0; i < w->nseen; i++)
		if (w->seen[i].dirty && !is_drawn(w) && (left = w->seen[i].told_ms + TELL_MS - w->mono_ms) < t)
			t = left;
	for (int m = 0; m < MARKETS; m++)
		if (w->again_ms[m] != 0 && (left = w->again_ms[m] - w->mono_ms) < t)
			t = left;
	if (w->screen.on && w->draw && (left = w->drawn_ms + DRAW_MS - w->mono_ms) < t)
		t = left;
	return t < 0 ? 0 : (int)t;
}

static int
step(struct watch *w, struct fault *f)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };

	if (poll(&pfd, 1, patience(w)) == -1 && errno != EINTR)
		return fault_set(f, FAULT_LOCAL, "waiting for input: %s", strerror(errno));
	w->mono_ms = clock_mono_ms();
	if (pfd.revents != 0 && lines_fill(&w->in, f) == -1)
		return -1;
	drain(w);
	w->ended = w->in.eof;
	for (int m = 0; m < MARKETS; m++)
		if (reload(w, (enum market)m, f) == -1)
			return -1;
	return show(w, f);
}

static int
begin(struct watch *w, struct fault *f)
{
	struct app *a = w->a;

	if (isatty(STDIN_FILENO))
		return fault_set(f, FAULT_USAGE, "--watch reads bf-stream's records: bf-stream markPrice user | bf-position --watch");
	if (app_open(a, f) == -1)
		return -1;
	for (int m = 0; m < MARKETS && a->p.nfrom == 0; m++)
		w->read_ms[m] = session_now(&a->v.s[a->v.market]);
	if (look_begin(a, w->words, w->n, f) == -1)
		return -1;
	w->mono_ms = clock_mono_ms();
	for (int m = 0; m < MARKETS; m++)
		if (a->has[m]) {
			watch_changed(w, (enum market)m, NULL);
			w->wallets[m] = true;
		}
	(void)sys_catch(SIGINT, on_signal, false);
	(void)sys_catch(SIGTERM, on_signal, false);
	(void)sys_catch(SIGWINCH, on_signal, false);
	if (!is_drawn(w))
		printer_live(&a->out);	/* with --fields a table grows */
	return is_drawn(w) && a->out.tty ? screen_begin(w, f) : 0;
}

/* By the signal, so that who started us sees it. */
static void
die(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };

	sigaction(caught, &sa, NULL);
	raise(caught);
}

int
do_watch(struct app *a, char *const words[], int n, struct fault *f)
{
	struct watch w = { .a = a, .words = words, .n = n, .draw = true };
	int r;

	lines_init(&w.in, STDIN_FILENO);
	r = begin(&w, f);
	if (r == 0)
		r = show(&w, f);
	while (r == 0 && !w.ended && caught == 0)
		r = step(&w, f);
	screen_end(&w);
	if (r == 0 && is_drawn(&w))
		r = look_put(a, words, n, true, f);	/* what was last known stays to be read */
	lines_free(&w.in);
	scan_free(&w.doc);
	free(w.seen);
	if (r == 0 && caught != 0) {
		struct fault ignore;

		(void)printer_close(&a->out, &ignore);
		die();
	}
	return r;
}

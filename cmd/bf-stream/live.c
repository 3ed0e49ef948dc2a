/* Streams from the exchange: the loop and what hangs on it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/notify.h"
#include "io/sandbox.h"
#include "io/sys.h"
#include "stream.h"
#include "user.h"

#define MESSAGE_MAX	(16u << 20)
#define SYNC_MS		(10 * 60 * 1000)	/* how often the clock's offset is looked at */
#define INTERVAL_TICK	250			/* the loop's own tick will do for longer ones */

static struct ws_loop *running;
static _Atomic bool broken_off;		/* what the main thread asks for while the loop does not run yet */

static void
on_signal(int sig)
{
	(void)sig;
	stop_asked = 1;
	broken_off = true;
	if (running != NULL)
		ws_stop(running);
}

struct session *
app_session(void *app, enum market m, struct fault *f)
{
	struct app *a = app;

	/* From here on there may be waits for the exchange: a signal ends them. */
	(void)sys_catch(SIGINT, on_signal, false);
	(void)sys_catch(SIGTERM, on_signal, false);
	if (a->s[m].base == NULL) {
		if (session_open(&a->s[m], a->common.profile, m, false, f) == -1)
			return NULL;
		a->s[m].stop = &broken_off;
	}
	return &a->s[m];
}

/* Times of this round. The exchange's is by the offset that all tools share. */
static void
look_at_clock(struct app *a)
{
	for (int m = 0; m < MARKETS; m++)
		if (a->s[m].base != NULL) {
			a->now = session_now(&a->s[m]);
			a->clock_known = a->s[m].off.known;
			break;
		}
	a->mono = clock_mono_ms();
}

static struct user *
user_of(struct app *a, const struct ws_conn *c)
{
	for (int m = 0; m < MARKETS; m++)
		if (a->user[m] != NULL && user_has(a->user[m], c))
			return a->user[m];
	return NULL;
}

static void
on_state(void *arg, struct ws_conn *c, enum ws_state st, const struct ws_why *why)
{
	struct app *a = arg;
	struct user *u = user_of(a, c);

	look_at_clock(a);
	if (st == WS_OPEN) {
		notify_ready();
		notify_status("streaming");
	}
	if (u != NULL)
		user_state(u, c, st, why);
	else
		feed_state(a, c, st, why);
}

/* What one wait of the loop brought came together: one look at the clock for all. */
static void
begin_round(struct app *a)
{
	int64_t mono;

	if (a->round)
		return;
	a->round = true;
	mono = clock_mono_ms();
	a->now += mono - a->mono;
	a->mono = mono;
}

static void
on_text(void *arg, struct ws_conn *c, const char *p, size_t n)
{
	struct app *a = arg;
	struct user *u = user_of(a, c);

	begin_round(a);
	if (u != NULL)
		user_text(u, p, n);
	else
		feed_text(a, c, p, n);
}

static int
on_path(void *arg, struct ws_conn *c, char *out, size_t size)
{
	struct app *a = arg;
	struct user *u = user_of(a, c);

	return u != NULL ? user_path(u, out, size) : feed_path(a, c, out, size);
}

/* In the worker; what it finds is kept for all tools. */
static void
sync_clock(struct session *s, void *job)
{
	struct fault ignore;

	(void)job;
	(void)session_sync(s, false, &ignore);
}

static void
synced(void *arg, void *job)
{
	struct app *a = arg;
	struct fault ignore;

	(void)job;
	for (int m = 0; m < MARKETS; m++)
		if (a->s[m].base != NULL)
			(void)offset_load(&a->s[m].prof, a->s[m].base, &a->s[m].off, &ignore);
}

static void
ask_for_time(struct app *a)
{
	for (int m = 0; m < MARKETS; m++)
		if (a->job[m].base != NULL)	/* where they share an address the second finds it measured */
			(void)worker_do(a->worker, (enum market)m, 0, sync_clock, synced, a, NULL);
	a->synced = a->mono;
}

static void
flush_record(struct app *a)
{
	struct fault f = { 0 };

	if (a->rec != NULL && recorder_flush(a->rec, clock_wall_us(), &f) == -1)
		app_stop(a, &f);
}

static bool
users_up(const struct app *a)
{
	for (int m = 0; m < MARKETS; m++)
		if (a->user[m] != NULL && !user_up(a->user[m]))
			return false;
	return true;
}

static void
on_tick(void *arg, int64_t mono_ms)
{
	struct app *a = arg;

	look_at_clock(a);
	feeds_tick(a);
	for (int m = 0; m < MARKETS; m++)
		if (a->user[m] != NULL)
			user_tick(a->user[m], mono_ms);
	if (a->books != NULL)
		books_tick(a->books, a->now);
	watch_tick(a);
	if (users_up(a) && feeds_fed(a) && !a->stopping)
		notify_turn(a->mono);
	if (a->mono - a->synced > SYNC_MS)
		ask_for_time(a);
	flush_record(a);
	app_said(a, false);
	app_drain(a);
}

static void
on_interval(void *arg)
{
	struct app *a = arg;

	look_at_clock(a);
	books_tick(a->books, a->now);
	app_drain(a);
}

static void
on_idle(void *arg)
{
	struct app *a = arg;

	a->round = false;
	flush_record(a);
	app_drain(a);
}

static void
on_ready(void *arg)
{
	app_drain(arg);
}

static void
on_gone(void *arg)
{
	struct app *a = arg;

	a->reader_gone = true;
	app_stop(a, NULL);
}

static const struct ws_events events = {
	.state = on_state, .text = on_text, .path = on_path, .tick = on_tick, .idle = on_idle,
};

/* A session for the worker, and one for the loop, of each market in use. */
static int
open_sessions(struct app *a, struct session *job[static MARKETS], struct fault *f)
{
	bool used[MARKETS] = { false };

	for (int i = 0; i < a->wants.n; i++)
		used[a->wants.w[i].market] = true;
	for (int m = 0; m < MARKETS; m++) {
		job[m] = NULL;
		if (!used[m] && !a->wants.user[m])
			continue;
		if (app_session(a, (enum market)m, f) == NULL ||
		    session_open(&a->job[m], a->common.profile, (enum market)m, a->wants.user[m], f) == -1)
			return -1;
		job[m] = &a->job[m];
	}
	return 0;
}

static int
open_users(struct app *a, struct fault *f)
{
	for (int m = 0; m < MARKETS; m++)
		if (a->wants.user[m] && user_open(&a->user[m], a, (enum market)m, f) == -1)
			return -1;
	return 0;
}

static int
open_all(struct app *a, struct fault *f)
{
	struct session *job[MARKETS];
	const struct session *any;

	if (open_sessions(a, job, f) == -1)
		return -1;
	any = job[MARKET_USDM] != NULL ? job[MARKET_USDM] : job[MARKET_COINM];
	if (sandbox_enter(&(struct sandbox){ .prof = &any->prof, .write = { a->opt.record } }, f) == -1 ||
	    (a->opt.record != NULL &&	/* not sooner: it starts a thread */
	    recorder_open(&a->rec, a->opt.record, a->opt.rotate_bytes, a->opt.rotate_ms, f) == -1))
		return -1;
	look_at_clock(a);
	if (plan_make(&a->plan, &a->wants, f) == -1 || lines_make(&a->lines, &a->wants, f) == -1 ||
	    ws_open(&a->loop, MESSAGE_MAX, any->prof.ca_file, &events, a, f) == -1 ||
	    ws_proxy(a->loop, any->prof.proxy, f) == -1 ||
	    worker_open(&a->worker, a->loop, job, f) == -1 ||
	    ws_watch_out(a->loop, STDOUT_FILENO, on_ready, on_gone, a) == -1)
		return f->kind != FAULT_NONE ? -1 : fault_set(f, FAULT_LOCAL, "cannot watch the output");
	if (a->opt.book > 0 && books_open(&a->books, (int)a->opt.book, (int)a->opt.interval,
	    a->tool->name, &snap_ops, a) == -1)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (a->books != NULL && a->opt.interval > 0 && a->opt.interval < INTERVAL_TICK &&
	    ws_every(a->loop, (int)a->opt.interval, on_interval, a) == -1)
		return fault_set(f, FAULT_LOCAL, "cannot set a timer");
	return feeds_open(a, f) == -1 ? -1 : open_users(a, f);
}

static void
drop_job(void *job)
{
	struct job_head *h = job;

	if (h != NULL)
		h->drop(job);
}

int
live_run(struct app *a, struct fault *f)
{
	int r = open_all(a, f);

	if (r == 0) {
		running = a->loop;
		ask_for_time(a);
		if (!stop_asked)
			ws_run(a->loop);
		running = NULL;
		notify_stopping();
		/* what had come before the end is told, as far as it can be without waiting */
		for (int m = 0; m < MARKETS; m++)
			if (a->user[m] != NULL)
				user_flush(a->user[m]);
		if (!a->reader_gone && a->fault.kind == FAULT_NONE)
			app_drain(a);
	}
	worker_close(a->worker, drop_job);
	for (int m = 0; m < MARKETS; m++)
		user_free(a->user[m]);
	ws_close(a->loop);
	a->loop = NULL;
	feeds_free(a);
	plan_free(&a->plan);
	lines_drop(&a->lines);
	if (r == 0)
		app_finish(a);
	for (int m = 0; m < MARKETS; m++)
		session_close(&a->job[m]);
	return r;
}

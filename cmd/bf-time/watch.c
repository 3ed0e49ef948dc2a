#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "drift.h"
#include "app.h"
#include "io/sys.h"

#define EVERY_S		10
#define LOOK_MS		1000	/* how often the wall clock is looked at for a step */

const struct column watch_cols[] = {
	{ "SERVER TIME", "serverTime", COL_TIME },
	{ "OFFSET ms", "offset", COL_RIGHT },
	{ "ERROR ms", "error", COL_RIGHT },
	{ "ROUND TRIP ms", "rttMin", COL_RIGHT },
	{ "P50", "rttP50", COL_RIGHT | COL_MORE(1) },
	{ "MAX", "rttMax", COL_RIGHT },
	{ "DRIFT ppm", "drift", COL_RIGHT },
	{ NULL, NULL, 0 }
};

struct watch {
	struct app	*a;
	struct drift	 drift;
	int64_t		 gap_ms;	/* wall minus monotonic clock, when last looked at and in order */
	int64_t		 next_ms;	/* monotonic: the next measuring */
	long		 done, failed;
	struct fault	 worst;		/* the last of the worst kind */
};

static _Atomic bool stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = true;
}

/* The record in rec, which is done but for its end, and is given up. */
static int
tell(struct watch *w, struct buf *rec, struct fault *f)
{
	int r;

	jw_close(rec, '}');
	jw_end(rec);
	r = print(w->a, rec, f);
	buf_free(rec);
	return r;
}

/* {"e":"bf.clock"} in a pipe; a person, whose table has no room for it, gets a sentence. */
static int
tell_step(struct watch *w, int64_t step_ms, struct fault *f)
{
	struct buf rec = { 0 };

	if (w->a->out.table) {
		tool_say(w->a->tool, STDERR_FILENO, "the wall clock was set %s by %lld ms; measuring anew",
		    step_ms > 0 ? "ahead" : "back", step_ms > 0 ? (long long)step_ms : -(long long)step_ms);
		return 0;
	}
	jw_open(&rec, NULL, '{');
	jw_str(&rec, "e", "bf.clock");
	jw_i64(&rec, "E", stamp(w->a));
	jw_str(&rec, "by", w->a->tool->name);
	jw_str(&rec, "why", "clock_step");
	jw_i64(&rec, "step_ms", step_ms);
	return tell(w, &rec, f);
}

/* Look at the wall clock; after a step the next measuring is due at once. */
static int
look(struct watch *w, struct fault *f)
{
	int64_t gap = clock_gap_ms(), step = clock_step_ms(w->gap_ms, gap);

	if (step == 0)
		return 0;
	w->gap_ms = gap;
	w->next_ms = 0;
	return tell_step(w, step, f);
}

/* The drift is that of the monotonic clock, which no step disturbs. */
static int
tell_time(struct watch *w, const struct time_figures *fig, struct fault *f)
{
	int64_t ppb, error;
	struct buf rec = { 0 };

	drift_add(&w->drift, fig->at_us - fig->gap_us, fig->low_us + fig->gap_us, fig->high_us + fig->gap_us);
	put_time(&rec, w->a, fig);
	if (drift_ppb(&w->drift, &ppb, &error)) {
		put_thousandths(&rec, "drift", ppb);
		put_thousandths(&rec, "driftError", error);
	} else {
		jw_null(&rec, "drift");
		jw_null(&rec, "driftError");
	}
	return tell(w, &rec, f);
}

/* One measuring. One that fails for the moment is told, and the watch goes on. */
static int
turn(struct watch *w, struct fault *f)
{
	struct time_figures fig;

	w->done++;
	if (measure(w->a, &fig, f) == 0) {
		w->gap_ms = w->a->s.off.wall_minus_mono_ms;
		return tell_time(w, &fig, f) == -1 ? -1 : judge(w->a, f);
	}
	if (stopped)
		return 0;
	if (f->kind != FAULT_AGAIN && f->kind != FAULT_CLOCK)
		return -1;
	w->failed++;
	tool_say(w->a->tool, STDERR_FILENO, "%s", f->text);
	if (fault_worst(f->kind, w->worst.kind) == f->kind)
		w->worst = *f;
	return 0;
}

/* Until the next measuring is due, a signal comes, or the reader goes away. */
static int
rest(struct watch *w, struct fault *f)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = 0 };
	int64_t left;

	while (!stopped && (left = w->next_ms - clock_mono_ms()) > 0) {
		if (poll(&out, 1, left < LOOK_MS ? (int)left : LOOK_MS) == -1 && errno != EINTR)
			return fault_set(f, FAULT_LOCAL, "waiting for input: %s", strerror(errno));
		if (out.revents & (POLLERR | POLLNVAL)) {
			w->a->out.out.gone = true;
			return fault_set(f, FAULT_LOCAL, "the reader of the output went away");
		}
		if (look(w, f) == -1)
			return -1;
	}
	return 0;
}

static int
go_on(struct watch *w, struct fault *f)
{
	int64_t every = (w->a->every > 0 ? w->a->every : EVERY_S) * 1000;

	while (!stopped) {
		w->next_ms = clock_mono_ms() + every;
		if (turn(w, f) == -1)
			return -1;
		if (w->a->count > 0 && w->done >= w->a->count)
			break;
		if (rest(w, f) == -1)
			return -1;
	}
	return 0;
}

int
watch(struct app *a, struct fault *f)
{
	struct watch w = { .a = a, .gap_ms = clock_gap_ms() };

	(void)sys_catch(SIGINT, on_signal, true);
	(void)sys_catch(SIGTERM, on_signal, true);
	(void)sys_catch(SIGHUP, on_signal, true);
	a->s.stop = &stopped;
	printer_live(&a->out);
	if (go_on(&w, f) == -1)
		return -1;
	return w.failed == 0 ? 0 : fault_set(f, w.worst.kind, "%ld of %ld measurings failed: %s",
	    w.failed, w.done, w.worst.text);
}

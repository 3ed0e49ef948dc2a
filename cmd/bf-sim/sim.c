#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "api.h"
#include "options.h"
#include "sim.h"
#include "store.h"
#include "streams.h"
#include "user.h"

#define RUN_MS	20	/* so long at a time what is due, before the wire has its turn */

/*
 * Clocks
 */

static int64_t
real_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
sim_now(const struct sim *s)
{
	const struct sim_clock *c = &s->clock;

	if (c->held_ms != 0)
		return c->held_ms;
	if (c->kind == CLOCK_REAL)
		return real_ms() + c->offset_ms;
	if (c->kind == CLOCK_STEP || c->speed_num == 0)
		return c->base_ms;
	return c->base_ms + (int64_t)((i128)(serve_now() - c->mono_ms) * c->speed_num / c->speed_den);
}

int64_t
sim_when(const struct sim *s, int64_t exchange_ms)
{
	const struct sim_clock *c = &s->clock;
	int64_t now = sim_now(s);
	i128 wait = (i128)exchange_ms - now;

	if (exchange_ms == INT64_MAX)
		return INT64_MAX;
	if (wait <= 0)
		return serve_now();
	if (c->kind == CLOCK_STEP || (c->kind == CLOCK_VIRTUAL && c->speed_num == 0))
		return INT64_MAX;
	if (c->kind == CLOCK_VIRTUAL)
		wait = (wait * c->speed_den + c->speed_num - 1) / c->speed_num;
	return wait > INT64_MAX / 2 ? INT64_MAX : serve_now() + (int64_t)wait;
}

static bool
races(const struct sim *s)
{
	return s->clock.kind == CLOCK_VIRTUAL && s->clock.speed_num == 0 &&
	    (s->feed == NULL || s->fed || !feed_waits(s->feed));
}

/*
 * What is due. The feed is among it unless the clock is real: then it keeps the
 * pace of the wire's clock, and main.c looks after it.
 */

static bool
feed_is_here(const struct sim *s)
{
	return s->feed != NULL && s->clock.kind != CLOCK_REAL;
}

static int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
next_due(const struct sim *s)
{
	int64_t due = min64(engine_due(s->engine), faults_due(s->faults, s));

	if (s->gen != NULL)
		due = min64(due, gen_due(s->gen));
	if (feed_is_here(s))
		due = min64(due, feed_due(s->feed));
	due = min64(due, api_slow_due(s->api));
	due = min64(due, hist_due(s->hist));
	due = min64(due, user_due(s->user));
	return min64(due, pushes_due(s->pushes));
}

/* The exchange cannot go on: serve_run ends, and says so. */
static void
break_off(struct sim *s, const struct fault *f)
{
	if (s->broken.kind == FAULT_NONE)
		s->broken = *f;
	if (s->serve != NULL)
		serve_halt(s->serve);	/* what was answered in this turn was not kept */
}

/* Causes first, then what is told of them. */
static void
do_due(struct sim *s, int64_t at)
{
	struct fault f = { 0 };

	if (faults_due(s->faults, s) <= at)
		faults_tick(s->faults, s, at);
	if (engine_due(s->engine) <= at)
		(void)engine_tick(s->engine, at, &f);	/* it has stopped: main.c sees that */
	if (s->gen != NULL && gen_due(s->gen) <= at && gen_tick(s->gen, at, &f) == -1)
		break_off(s, &f);
	if (feed_is_here(s) && feed_due(s->feed) <= at)
		feed_tick(s->feed, at);
	if (api_slow_due(s->api) <= at)
		api_slow_tick(s->api, at);
	if (hist_due(s->hist) <= at)
		hist_tick(s->hist, at);
	sim_settle(s);
	if (user_due(s->user) <= at)
		user_tick(s->user, at);
	if (pushes_due(s->pushes) <= at)
		pushes_tick(s->pushes, at);
}

/* until: serve_now time at which the wire has its turn. False: there is more. */
static bool
run_to(struct sim *s, int64_t to, int64_t until)
{
	int64_t due = 0;

	while (!engine_stopped(s->engine) && s->broken.kind == FAULT_NONE &&
	    (due = next_due(s)) <= to && serve_now() < until) {
		if (due > s->clock.last_ms)
			s->clock.last_ms = due;
		s->clock.held_ms = s->clock.last_ms;
		do_due(s, s->clock.held_ms);
		s->clock.held_ms = 0;
	}
	if (due <= to)
		return false;
	if (to > s->clock.last_ms)
		s->clock.last_ms = to;
	return true;
}

void
sim_catch_up(struct sim *s)
{
	(void)run_to(s, sim_now(s), serve_now() + RUN_MS);
}

void
sim_run(struct sim *s)
{
	int64_t until = serve_now() + RUN_MS, due;

	while (run_to(s, sim_now(s), until) && races(s) && (due = next_due(s)) != INT64_MAX)
		s->clock.base_ms = due;
}

int64_t
sim_due(const struct sim *s)
{
	int64_t due = next_due(s);

	return races(s) && due != INT64_MAX ? serve_now() : sim_when(s, due);
}

int
sim_step(struct sim *s, int64_t ms, struct fault *f)
{
	int64_t to = sim_now(s);

	if (s->clock.kind == CLOCK_REAL)
		return fault_set(f, FAULT_USAGE, "a real clock cannot be stepped: --clock step or virtual");
	if (ms < 0 || ms > INT64_MAX - to)
		return fault_set(f, FAULT_USAGE, "a clock is stepped forward only");
	to += ms;
	(void)run_to(s, to, INT64_MAX);
	s->clock.base_ms = to;
	s->clock.mono_ms = serve_now();
	return 0;
}

void
sim_jump(struct sim *s, int64_t ms)
{
	if (s->clock.kind == CLOCK_REAL)
		s->clock.offset_ms += ms;
	else
		s->clock.base_ms += ms;
	if (ms < 0)
		s->clock.last_ms += ms;
	if (s->gen != NULL)	/* a held clock has not seen it yet */
		gen_at(s->gen, sim_now(s) + (s->clock.held_ms != 0 ? ms : 0));
}

/*
 * Events
 */

void
sim_say(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	tool_say(&options_tool, STDERR_FILENO, "%s", text);
}

/* The ledger first: it tells what was, whatever becomes of the messages. */
void
sim_event(void *arg, const struct engine_event *ev)
{
	struct sim *s = arg;

	ledger_event(s->ledger, ev);
	hist_event(s->hist, ev);
	if (s->store != NULL)
		store_event(s->store, ev);
	if (!s->live)
		return;
	pushes_event(s->pushes, ev);
	user_event(s->user, ev);
}

void
sim_settle(struct sim *s)
{
	int64_t now = sim_now(s);
	struct fault f;

	ledger_settle(s->ledger, now);
	if (!s->live)		/* a start that fails leaves no trace in the store */
		return;
	pushes_settle(s->pushes, now);
	if (s->store != NULL && store_flush(s->store, s, &f) == -1)
		break_off(s, &f);
}

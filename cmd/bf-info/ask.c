#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "ask.h"
#include "info.h"
#include "io/clock.h"
#include "io/sys.h"

#define BAN_MAX_MS	600000	/* a longer one is not waited for */
#define WAIT_LONG_MS	2000	/* from this on a wait is worth a sentence */

static volatile sig_atomic_t caught;
static _Atomic bool stop;	/* the same, for waits and for the session: a transfer is broken off */

static void
on_signal(int sig)
{
	caught = sig;
	atomic_store(&stop, true);
}

bool
ask_interrupted(void)
{
	return caught != 0;
}

void
ask_die(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };

	sigaction(caught, &sa, NULL);
	raise(caught);
}

bool
ask_wait(int64_t ms)
{
	return clock_wait(clock_mono_ms() + ms, &stop);
}

void
ask_catch(struct session *s)
{
	(void)sys_catch(SIGINT, on_signal, false);
	(void)sys_catch(SIGTERM, on_signal, false);
	s->stop = &stop;
}

int
ask_begin(struct ask *k, struct fault *f)
{
	struct session *s = k->app->s;

	ask_catch(s);
	k->mono = clock_mono_ms();
	if (ask_call(k, EP_TIME, "", f) == -1)
		return -1;
	k->mono = clock_mono_ms();
	if (!scan_get_i64(s->doc.t, s->doc.t, "serverTime", &k->server) || k->server <= 0)
		return fault_set(f, FAULT_AGAIN, "the exchange's time is not in its answer");
	return 0;
}

int64_t
ask_now(const struct ask *k)
{
	return k->server + clock_mono_ms() - k->mono;
}

int64_t
ask_patience(int n)
{
	static const int64_t wait[] = { 250, 750, 2000, 4000, 8000, 15000, 30000 };

	return n < (int)(sizeof wait / sizeof *wait) ? wait[n] : -1;
}

static void
tell(struct ask *k, int64_t ms, const struct fault *f)
{
	if (k->told || ms < WAIT_LONG_MS || !isatty(STDERR_FILENO))
		return;
	k->told = true;
	if (k->quiet != NULL)
		k->quiet(k->arg);
	tool_say(k->app->tool, STDERR_FILENO, "waiting %lld s: %s", (long long)(ms + 999) / 1000, f->text);
}

int
ask_call(struct ask *k, enum ep ep, const char *query, struct fault *f)
{
	int64_t ms;
	int tries = 0;

	for (;;) {
		if (caught == 0 && session_call(k->app->s, ep, query, false, f) == 0)
			return 0;
		if (caught != 0)
			return fault_set(f, FAULT_AGAIN, "interrupted: what was to come is not printed");
		if (f->kind != FAULT_AGAIN || f->retry_ms > BAN_MAX_MS)
			return -1;
		ms = f->retry_ms > 0 ? f->retry_ms + 50 : k->patient ? ask_patience(tries++) : -1;
		if (ms == -1)
			return -1;
		tell(k, ms, f);
		if (!ask_wait(ms))
			return fault_set(f, FAULT_AGAIN, "interrupted: what was to come is not printed");
	}
}

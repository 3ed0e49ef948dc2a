#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "options.h"
#include "sim.h"
#include "streams.h"
#include "user.h"

int64_t
sim_now(const struct sim *s)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 + s->skew_ms;
}

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
	if (!s->live)
		return;
	pushes_event(s->pushes, ev);
	user_event(s->user, ev);
}

void
sim_settle(struct sim *s)
{
	int64_t now = sim_now(s);

	ledger_settle(s->ledger, now);
	if (s->live)
		pushes_settle(s->pushes, now);
}

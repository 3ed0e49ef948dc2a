#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "io/clock.h"
#include "replay.h"
#include "replay_file.h"
#include "replay_line.h"

#define SLICE_MS	100	/* so long at most until `stop` is seen, if its signal came between a look and a sleep */
#define HELD_MS		5	/* the same while output is held up */
#define TICK_US		1000	/* the clock has no less: what is due within it goes together */

struct run {
	long			 speed;
	const struct replay_ops	*ops;
	void			*arg;
	volatile sig_atomic_t	*stop;
	struct pace		 pace;
	struct scan		 sc;
	const char		*file;	/* in hand, for sentences */
};

/* What was printed can go out before a wait. Returns how long to wait at a time, ms, or -1. */
static int
before_wait(struct run *u, struct fault *f)
{
	int r = u->ops->wait == NULL ? 0 : u->ops->wait(u->arg, f);

	return r == -1 ? -1 : r > 0 ? HELD_MS : SLICE_MS;
}

/* Until an event is due, or stopped. */
static int
wait_until(struct run *u, int64_t due_us, struct fault *f)
{
	int64_t left;
	int ms;

	while (!*u->stop && (left = due_us - clock_mono_ms() * 1000) >= TICK_US) {
		struct timespec ts = { 0, 0 };

		if ((ms = before_wait(u, f)) == -1)
			return -1;
		if (left > (int64_t)ms * 1000)
			left = (int64_t)ms * 1000;
		ts.tv_nsec = (long)left * 1000;
		(void)nanosleep(&ts, NULL);	/* a signal ends it: the loop looks */
	}
	return 0;
}

static int
one(void *arg, const struct replay_rec *r, struct fault *f)
{
	struct run *u = arg;
	int64_t now, left;

	if (*u->stop)
		return 1;
	if (u->speed > 0) {
		now = clock_mono_ms() * 1000;
		left = pace_wait(&u->pace, r->us, u->speed, now);
		if (left >= TICK_US && wait_until(u, now + left, f) == -1)
			return -1;
		if (*u->stop)
			return 1;
	}
	return u->ops->each(u->arg, r, f);
}

static void
say(const struct run *u, unsigned long long line, const char *what)
{
	char text[400];

	if (u->ops->say == NULL)
		return;
	snprintf(text, sizeof text, "%.200s: line %llu %s", u->file, line, what);
	u->ops->say(u->arg, text);
}

/* More bytes, waiting for them if need be. */
static int
fill(struct run *u, struct rfile *r, struct fault *f)
{
	struct pollfd pfd = { .fd = r->fd, .events = POLLIN };
	int ms, got = 0;

	if (!r->file && rfile_reads(r)) {
		while (got == 0 && !*u->stop) {
			if ((ms = before_wait(u, f)) == -1)
				return -1;
			if ((got = poll(&pfd, 1, ms)) == -1 && errno != EINTR)
				return fault_set(f, FAULT_LOCAL, "%.120s: waiting for more of it: %s", u->file, strerror(errno));
			if (got == -1)
				got = 0;
		}
		if (*u->stop)
			return 0;
	}
	return rfile_fill(r, f);
}

/* A line: 0 go on, 1 enough, -1 with f. */
static int
line(struct run *u, const char *p, size_t n, unsigned long long number, bool whole, struct fault *f)
{
	struct fault why = { 0 };

	switch (replay_line(&u->sc, p, n, one, u, &why)) {
	case REPLAY_OK:
		return 0;
	case REPLAY_ENOUGH:
		return 1;
	case REPLAY_FAULT:
		*f = why;
		return -1;
	case REPLAY_BAD:
		break;
	}
	/* A JSON object that was cut is none, so one that can be read is whole without its newline too. */
	if (!whole) {
		say(u, number, "is cut short, and passed over");
		return 0;
	}
	return fault_set(f, FAULT_USAGE, "%.120s: line %llu: %.80s", u->file, number, why.text);
}

static int
lines(struct run *u, struct rfile *r, struct fault *f)
{
	const char *p = NULL;
	size_t n = 0;
	int got = 0;

	while (got == 0 && !*u->stop)
		switch (lines_next(&r->l, &p, &n)) {
		case LINE_NONE:
			got = fill(u, r, f);
			break;
		case LINE_OK:
			got = line(u, p, n, r->l.number, true, f);
			break;
		case LINE_PARTIAL:
			got = line(u, p, n, r->l.number, false, f);
			break;
		case LINE_LONG:
			return fault_set(f, FAULT_USAGE, "%.120s: line %llu: longer than %u bytes", u->file,
			    r->l.number, LINE_MAX_BYTES);
		case LINE_END:
			if (r->cut)
				say(u, r->l.number, "is the last one: the compressed data end before their end");
			return 0;
		}
	return got;
}

int
replay_run(char *const files[], int n, long speed, const struct replay_ops *ops, void *arg,
    volatile sig_atomic_t *stop, struct fault *f)
{
	struct run u = { .speed = speed, .ops = ops, .arg = arg, .stop = stop };
	struct rfile r;
	int got = 0;

	for (int i = 0; i < n && got == 0 && !*stop; i++) {
		got = rfile_open(&r, files[i], f);
		u.file = r.name;
		if (got == 0)
			got = lines(&u, &r, f);
		rfile_close(&r);
	}
	scan_free(&u.sc);
	return got == -1 ? -1 : 0;
}

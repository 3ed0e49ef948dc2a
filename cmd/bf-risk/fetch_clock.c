/* The exchange's time, measured beside the pipe: what session_sync does, without waiting. */
#include "io/clock.h"
#include "risk.h"

#define FAILURES	2	/* without any answer: no use asking on */
#define RETRY_MS	1000	/* at least; PAUSE_TIMES as long as it took */
#define REFRESH_MS	60000	/* the same, while an older offset stands */

static bool
serves(const struct offset *o, int64_t max_ms)
{
	return o->known && clock_wall_ms() - o->measured_ms < max_ms && o->error_ms <= OFFSET_ERROR_MS;
}

bool
measure_stands(const struct feed *fd)
{
	return serves(&fd->s->off, OFFSET_AGE_MS);
}

/* What another process has measured. */
void
measure_open(struct feed *fd)
{
	struct fault ignore;
	struct offset o;

	if (offset_load(&fd->s->prof, fd->s->base, &o, &ignore) == 1)
		fd->s->off = o;
}

void
measure_anew(struct feed *fd)
{
	fd->s->off.known = false;
	fd->clock.due_mono_ms = 0;
}

static void
put_off(struct feed *fd)
{
	struct measure *k = &fd->clock;
	int64_t now = clock_mono_ms(), wait = PAUSE_TIMES * (now - k->began_mono_ms);

	if (serves(&fd->s->off, OFFSET_FRESH_MS))
		k->due_mono_ms = 0;
	else
		k->due_mono_ms = now + (measure_stands(fd) ? REFRESH_MS : wait > RETRY_MS ? wait : RETRY_MS);
}

static void
ended(struct feed *fd, const struct fault *why)
{
	struct measure *k = &fd->clock;
	struct offset o = { 0 };
	struct fault f = *why, ignore;

	k->busy = false;
	if (k->n > 0 && offset_best(&o, NULL, k->got, k->n)) {
		o.wall_minus_mono_ms = k->gap_us / 1000;
		fd->s->off = o;
		offset_store(&fd->s->prof, fd->s->base, &o, &ignore);
		if (!measure_stands(fd))
			fault_set(&f, FAULT_CLOCK, "the exchange's time is known only to %lld ms, more than %d; nothing was signed",
			    (long long)o.error_ms, OFFSET_ERROR_MS);
	} else if (k->n > 0) {
		fault_set(&f, FAULT_CLOCK, "the exchange's time could not be measured: no round trip below 500 ms; nothing was signed");
	}
	put_off(fd);
	if (measure_stands(fd)) {
		if (fd->a->w.down[fd->m])
			fd->tried_mono_ms = 0;	/* now the account can be read */
		return;
	}
	fd->began_mono_ms = k->began_mono_ms;
	fetch_failed(fd->a, fd->m, &f);
}

static void
came(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct feed *fd = arg;
	struct measure *k = &fd->clock;
	int64_t now_us = clock_mono_us(), ms;

	k->asking = false;
	k->tries++;
	if (f == NULL && scan_get_i64(t, v, "serverTime", &ms))
		k->got[k->n++] = (struct time_sample){ k->sent_us + k->gap_us, now_us + k->gap_us, ms };
	if (f != NULL)
		fd->fault = *f;
}

static void
ask(struct feed *fd)
{
	struct measure *k = &fd->clock;
	struct fault f = { 0 };

	k->sent_us = clock_mono_us();
	k->asking = true;
	if (calls_take(fd->calls, EP_TIME, "", 0, true, &f) == 0 &&
	    calls_send(fd->calls, EP_TIME, "", 0, REQUEST_MS, came, fd, &f) == 0)
		return;
	k->asking = false;
	ended(fd, &f);
}

void
measure_due(struct feed *fd)
{
	struct measure *k = &fd->clock;
	struct fault none = { .kind = FAULT_AGAIN, .text = "the exchange's time is not in its answer" };

	if (k->asking || (!k->busy && (serves(&fd->s->off, OFFSET_FRESH_MS) || clock_mono_ms() < k->due_mono_ms)))
		return;
	if (!k->busy) {
		*k = (struct measure){ .busy = true, .gap_us = clock_gap_us(), .began_mono_ms = clock_mono_ms() };
		fd->fault = none;
	}
	if (k->tries == TIME_SAMPLES || (k->tries >= FAILURES && k->n == 0))
		ended(fd, &fd->fault);
	else
		ask(fd);
}

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/scan.h"
#include "io/clock.h"
#include "io/state.h"

#ifdef CLOCK_BOOTTIME
#define CLOCK_MONO	CLOCK_BOOTTIME	/* goes on during suspend, as the exchange does */
#else
#define CLOCK_MONO	CLOCK_MONOTONIC
#endif

#define OFFSET_FILE	"clock.json"
#define COINM_FILE	"clock.coinm.json"	/* where COIN-M has an address of its own */
#define SAMPLE_RTT_MAX	INT64_C(500000)		/* us */
#define SERVER_MAX	INT64_C(100000000000000)	/* ms: the year 5138 */
#define GAP_TRIES	8
#define GAP_CLOSE_US	2
#define KEEP_BETTER_MS	60000
#define SLICE_MS	200

/* Microseconds, cut. */
static int64_t
now(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_wall_us(void)
{
	return now(CLOCK_REALTIME);
}

int64_t
clock_wall_ms(void)
{
	return now(CLOCK_REALTIME) / 1000;
}

int64_t
clock_mono_us(void)
{
	return now(CLOCK_MONO);
}

int64_t
clock_mono_ms(void)
{
	return now(CLOCK_MONO) / 1000;
}

/* Another process may run between two reads of a clock: keep the closest pair. */
int64_t
clock_gap_us(void)
{
	int64_t a, b, wall, gap = 0, best = INT64_MAX;
	int i;

	for (i = 0; i < GAP_TRIES && best > GAP_CLOSE_US; i++) {
		a = now(CLOCK_MONO);
		wall = now(CLOCK_REALTIME);
		b = now(CLOCK_MONO);
		if (b - a < best) {
			best = b - a;
			gap = wall - b;
		}
	}
	return gap;
}

/* Rounds down, not towards zero. */
static int64_t
floor_ms(int64_t us)
{
	return us / 1000 - (us % 1000 < 0);
}

static int64_t
ceil_ms(int64_t us)
{
	return -floor_ms(-us);
}

int64_t
clock_gap_ms(void)
{
	return floor_ms(clock_gap_us());
}

int64_t
clock_step_ms(int64_t gap_then_ms, int64_t gap_now_ms)
{
	int64_t step = gap_now_ms - gap_then_ms;

	return step > CLOCK_STEP_MS || step < -CLOCK_STEP_MS ? step : 0;
}

bool
clock_stepped(int64_t gap_then_ms, int64_t *mono_ms)
{
	int64_t mono = now(CLOCK_MONO);
	int64_t gap = floor_ms(now(CLOCK_REALTIME) - mono);

	*mono_ms = mono / 1000;
	return clock_step_ms(gap_then_ms, gap) != 0 && clock_step_ms(gap_then_ms, clock_gap_ms()) != 0;
}

/* In slices: a signal between the look and the sleep would be slept through. */
bool
clock_wait(int64_t mono_ms, const _Atomic bool *stop)
{
	struct timespec t;
	int64_t left;

	while (!atomic_load(stop) && (left = mono_ms - clock_mono_ms()) > 0) {
		if (left > SLICE_MS)
			left = SLICE_MS;
		t = (struct timespec){ .tv_nsec = (long)left * 1000000 };
		nanosleep(&t, NULL);
	}
	return !atomic_load(stop);
}

void
clock_boot_id(char out[static 40])
{
	ssize_t n = 0;
	int fd;

	if ((fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)) != -1) {
		n = read(fd, out, 39);
		close(fd);
	}
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

/*
 * From samples to an offset
 */

static int64_t
rtt(const struct time_sample *s)
{
	return s->t4_us - s->t1_us;
}

static int64_t
low(const struct time_sample *s)
{
	return s->server_ms * 1000 - s->t4_us;
}

/* serverTime is cut to whole milliseconds: the truth is up to one later. */
static int64_t
high(const struct time_sample *s)
{
	return s->server_ms * 1000 + 1000 - s->t1_us;
}

static bool
sane(const struct time_sample *s)
{
	return rtt(s) >= 0 && s->server_ms > 0 && s->server_ms < SERVER_MAX;
}

static bool
good(const struct time_sample *s, const struct time_sample *best)
{
	return sane(s) && rtt(s) <= SAMPLE_RTT_MAX && (best == NULL || rtt(s) <= 2 * rtt(best) + 1000);
}

/* How far the intervals in which the true offset lies are from each other; 0 if
 * they meet. */
static int64_t
apart(const struct time_sample *a, const struct time_sample *b)
{
	return low(a) > high(b) ? low(a) - high(b) : low(b) > high(a) ? low(b) - high(a) : 0;
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The distribution, by the nearest rank: every figure is a round trip that was. */
static void
round_trips(struct time_figures *fig, const struct time_sample *s, int n)
{
	int64_t t[TIME_SAMPLES_MAX];
	int i, k = 0;

	for (i = 0; i < n; i++)
		if (rtt(&s[i]) >= 0)
			t[k++] = rtt(&s[i]);
	fig->answered = n;
	if (k == 0)
		return;
	qsort(t, (size_t)k, sizeof *t, by_size);
	fig->rtt_min_us = t[0];
	fig->rtt_p50_us = t[(k * 50 + 99) / 100 - 1];
	fig->rtt_p90_us = t[(k * 90 + 99) / 100 - 1];
	fig->rtt_max_us = t[k - 1];
}

static const struct time_sample *
fastest(const struct time_sample *s, int n)
{
	const struct time_sample *best = NULL;
	int i;

	for (i = 0; i < n; i++)
		if (good(&s[i], NULL) && (best == NULL || rtt(&s[i]) < rtt(best)))
			best = &s[i];
	return best;
}

bool
offset_best(struct offset *out, struct time_figures *fig, const struct time_sample *s, int n)
{
	const struct time_sample *best;
	struct time_figures unasked;
	int64_t extra = 0;
	int i;

	if (n > TIME_SAMPLES_MAX)
		n = TIME_SAMPLES_MAX;
	if (fig == NULL)
		fig = &unasked;
	round_trips(fig, s, n);
	fig->used = 0;
	if ((best = fastest(s, n)) == NULL)
		return false;
	/* good samples that contradict the best one make it less sure */
	for (i = 0; i < n; i++)
		if (good(&s[i], best)) {
			fig->used++;
			if (apart(best, &s[i]) > extra)
				extra = apart(best, &s[i]);
		}
	fig->low_us = low(best) - extra;
	fig->high_us = high(best) + extra;
	fig->at_us = best->t4_us;
	out->offset_ms = floor_ms(low(best));
	out->error_ms = ceil_ms(fig->high_us - out->offset_ms * 1000);
	out->rtt_ms = ceil_ms(rtt(best));
	out->measured_ms = floor_ms(best->t4_us);
	out->known = true;
	return true;
}

/*
 * The offset that the tools share
 */

static const char *
file_of(const struct profile *p, const char *base)
{
	return strcmp(base, p->rest) == 0 ? OFFSET_FILE : COINM_FILE;
}

static bool
surer(const struct offset *had, const struct offset *o)
{
	int64_t age = o->measured_ms - had->measured_ms;

	return had->error_ms < o->error_ms && age >= 0 && age < KEEP_BETTER_MS &&
	    had->offset_ms <= o->offset_ms + o->error_ms && o->offset_ms <= had->offset_ms + had->error_ms;
}

int
offset_store(const struct profile *p, const char *base, const struct offset *o, struct fault *f)
{
	struct offset had;
	char boot[40];
	struct buf b = { 0 };
	int r;

	if (offset_load(p, base, &had, f) == 1 && surer(&had, o))
		return 0;
	clock_boot_id(boot);
	jw_open(&b, NULL, '{');
	jw_i64(&b, "offset_ms", o->offset_ms);
	jw_i64(&b, "error_ms", o->error_ms);
	jw_i64(&b, "rtt_ms", o->rtt_ms);
	jw_i64(&b, "measured_ms", o->measured_ms);
	jw_i64(&b, "wall_minus_mono_ms", o->wall_minus_mono_ms);
	jw_str(&b, "boot", boot);
	jw_str(&b, "rest", base);
	jw_close(&b, '}');
	jw_end(&b);
	if (b.bad)
		r = fault_set(f, FAULT_LOCAL, "out of memory");
	else
		r = state_write(p->state_dir, file_of(p, base), b.p, b.len, f);
	buf_free(&b);
	return r;
}

/* A member in milliseconds; no more than any time there will be. */
static bool
get_ms(const struct tok *t, const char *key, int64_t *out)
{
	return scan_get_i64(t, t, key, out) && *out > -SERVER_MAX && *out < SERVER_MAX;
}

static bool
offset_parse(struct offset *o, const char *base, const char *s, size_t n)
{
	struct tok t[32];
	char boot[40];
	int64_t age;

	clock_boot_id(boot);
	if (scan_json(s, n, t, 32, NULL) <= 0 || t[0].kind != SCAN_OBJ ||
	    !get_ms(t, "offset_ms", &o->offset_ms) || !get_ms(t, "error_ms", &o->error_ms) ||
	    !get_ms(t, "rtt_ms", &o->rtt_ms) || !get_ms(t, "measured_ms", &o->measured_ms) ||
	    !get_ms(t, "wall_minus_mono_ms", &o->wall_minus_mono_ms) ||
	    !scan_get_is(t, t, "boot", boot) || !scan_get_is(t, t, "rest", base))
		return false;
	age = clock_wall_ms() - o->measured_ms;
	return age > -CLOCK_STEP_MS && age < OFFSET_AGE_MS &&
	    o->error_ms >= 0 && o->error_ms <= OFFSET_ERROR_MS &&
	    clock_step_ms(o->wall_minus_mono_ms, clock_gap_ms()) == 0;
}

int
offset_load(const struct profile *p, const char *base, struct offset *o, struct fault *f)
{
	struct offset got = { 0 };
	struct buf b = { 0 };
	int r;

	if ((r = state_read(p->state_dir, file_of(p, base), &b, 4096, f)) == 1) {
		if (b.p != NULL && offset_parse(&got, base, b.p, b.len)) {
			got.known = true;
			*o = got;
		} else
			r = 0;
	}
	buf_free(&b);
	return r;
}

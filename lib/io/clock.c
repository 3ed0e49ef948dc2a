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
#define SAMPLE_RTT_MAX	500
#define GAP_TRIES	8

static int64_t
now(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_wall_ms(void)
{
	return now(CLOCK_REALTIME);
}

int64_t
clock_mono_ms(void)
{
	return now(CLOCK_MONO);
}

/* Another process may run between two reads of a clock: keep the closest pair. */
int64_t
clock_gap_ms(void)
{
	int64_t a, b, wall, gap = 0, best = INT64_MAX;
	int i;

	for (i = 0; i < GAP_TRIES && best > 1; i++) {
		a = clock_mono_ms();
		wall = clock_wall_ms();
		b = clock_mono_ms();
		if (b - a < best) {
			best = b - a;
			gap = wall - b;
		}
	}
	return gap;
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

/* How far the interval in which the true offset lies (server - t4 .. server -
 * t1) is from that of another sample; 0 if they meet. */
static int64_t
apart(const struct time_sample *a, const struct time_sample *b)
{
	int64_t alo = a->server - a->t4, ahi = a->server - a->t1;
	int64_t blo = b->server - b->t4, bhi = b->server - b->t1;

	return alo > bhi ? alo - bhi : blo > ahi ? blo - ahi : 0;
}

bool
offset_best(struct offset *out, const struct time_sample *s, int n)
{
	const struct time_sample *best = NULL;
	int64_t rtt, extra = 0;
	int i;

	for (i = 0; i < n; i++) {
		rtt = s[i].t4 - s[i].t1;
		if (rtt < 0 || rtt > SAMPLE_RTT_MAX || s[i].server <= 0)
			continue;
		if (best == NULL || rtt < best->t4 - best->t1)
			best = &s[i];
	}
	if (best == NULL)
		return false;
	rtt = best->t4 - best->t1;
	/* good samples that contradict the best one make it less sure */
	for (i = 0; i < n; i++)
		if (s[i].t4 >= s[i].t1 && s[i].t4 - s[i].t1 <= 2 * rtt + 1 &&
		    s[i].t4 - s[i].t1 <= SAMPLE_RTT_MAX && s[i].server > 0 &&
		    apart(best, &s[i]) > extra)
			extra = apart(best, &s[i]);
	/* server - t4 is the middle less half the round trip; the truth is at
	 * most a round trip later, and all three times are cut to whole ms */
	out->offset_ms = best->server - best->t4;
	out->error_ms = rtt + 1 + extra;
	out->rtt_ms = rtt;
	out->measured_ms = best->t4;
	out->known = true;
	return true;
}

int
offset_store(const struct profile *p, const struct offset *o, struct fault *f)
{
	char boot[40];
	struct buf b = { 0 };
	int r;

	clock_boot_id(boot);
	jw_open(&b, NULL, '{');
	jw_i64(&b, "offset_ms", o->offset_ms);
	jw_i64(&b, "error_ms", o->error_ms);
	jw_i64(&b, "rtt_ms", o->rtt_ms);
	jw_i64(&b, "measured_ms", o->measured_ms);
	jw_i64(&b, "wall_minus_mono_ms", o->wall_minus_mono_ms);
	jw_str(&b, "boot", boot);
	jw_str(&b, "rest", p->rest);
	jw_close(&b, '}');
	jw_end(&b);
	if (b.bad)
		r = fault_set(f, FAULT_LOCAL, "out of memory");
	else
		r = state_write(p->state_dir, OFFSET_FILE, b.p, b.len, f);
	buf_free(&b);
	return r;
}

static bool
offset_parse(struct offset *o, const struct profile *p, const char *s, size_t n)
{
	struct tok t[32];
	char boot[40];
	int64_t age;

	clock_boot_id(boot);
	if (scan_json(s, n, t, 32, NULL) <= 0 || t[0].kind != SCAN_OBJ ||
	    !scan_get_i64(t, t, "offset_ms", &o->offset_ms) ||
	    !scan_get_i64(t, t, "error_ms", &o->error_ms) ||
	    !scan_get_i64(t, t, "rtt_ms", &o->rtt_ms) ||
	    !scan_get_i64(t, t, "measured_ms", &o->measured_ms) ||
	    !scan_get_i64(t, t, "wall_minus_mono_ms", &o->wall_minus_mono_ms) ||
	    !scan_get_is(t, t, "boot", boot) || !scan_get_is(t, t, "rest", p->rest))
		return false;
	age = clock_wall_ms() - o->measured_ms;
	return age > -CLOCK_STEP_MS && age < OFFSET_AGE_MS && o->error_ms >= 0 &&
	    llabs(clock_gap_ms() - o->wall_minus_mono_ms) <= CLOCK_STEP_MS;
}

int
offset_load(const struct profile *p, struct offset *o, struct fault *f)
{
	struct offset got = { 0 };
	struct buf b = { 0 };
	int r;

	if ((r = state_read(p->state_dir, OFFSET_FILE, &b, 4096, f)) == 1) {
		if (b.p != NULL && offset_parse(&got, p, b.p, b.len)) {
			got.known = true;
			*o = got;
		} else
			r = 0;
	}
	buf_free(&b);
	return r;
}

#include <curl/curl.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/rest.h"
#include "io/state.h"
#include "io/sys.h"
#include "io/wire.h"

#define TIMEOUT_MS	5000
#define SAMPLES		5
#define REFRESH_WAIT_MS	60000		/* after a measuring that failed, while an older offset stands */
#define READ_RETRIES	2
#define READ_WAIT_MS	2000		/* a full window that ends so soon is waited for */
#define NAP_MS		50		/* a wait looks so often whether it is to end */

struct rest {
	struct wire	 w;
	int		 sent;		/* transmissions of the last session_call */
	int64_t		 refresh_ms;	/* monotonic: an offset that still stands is not measured before */
};

/*
 * The session
 */

static int
rest_new(struct session *s, struct fault *f)
{
	if ((s->rest = calloc(1, sizeof *s->rest)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	return wire_open(&s->rest->w, s, &s->body, f);
}

/* The counters; and the offset, which is only a cache: one that cannot be read
 * is measured anew. */
static int
shared_open(struct session *s, struct fault *f)
{
	struct fault ignore;

	if (state_dir(s->prof.state_dir, f) == -1 || limits_open(&s->lim, &s->prof,
	    s->cred == NULL ? NULL : cred_key(s->cred), f) == -1)
		return -1;
	(void)offset_load(&s->prof, s->base, &s->off, &ignore);
	return 0;
}

static int
open_with(struct session *s, const char *profile, enum market m, bool need_key, bool alone,
    struct fault *f)
{
	memset(s, 0, sizeof *s);
	s->market = m;
	s->timeout_ms = TIMEOUT_MS;
	if (profile_load(&s->prof, profile, f) == -1 ||
	    (s->base = profile_rest(&s->prof, m, f)) == NULL ||
	    (need_key && profile_need_chosen(&s->prof, f) == -1) ||
	    (need_key && cred_load(&s->cred, &s->prof, f) == -1) ||
	    (alone ? limits_alone(&s->lim, &s->prof, f) : shared_open(s, f)) == -1 ||
	    rest_new(s, f) == -1) {
		session_close(s);
		return -1;
	}
	return 0;
}

int
session_open(struct session *s, const char *profile, enum market m, bool need_key, struct fault *f)
{
	return open_with(s, profile, m, need_key, false, f);
}

int
session_open_alone(struct session *s, const char *profile, enum market m, struct fault *f)
{
	return open_with(s, profile, m, true, true, f);
}

int
session_open_beside(struct session *s, const struct session *first, enum market m, struct fault *f)
{
	struct fault ignore;

	memset(s, 0, sizeof *s);
	s->market = m;
	s->timeout_ms = first->timeout_ms;
	s->prof = first->prof;
	s->cred = first->cred;
	s->lim = first->lim;
	s->beside = true;
	if ((s->base = profile_rest(&s->prof, m, f)) == NULL || rest_new(s, f) == -1) {
		session_close(s);
		return -1;
	}
	(void)offset_load(&s->prof, s->base, &s->off, &ignore);
	return 0;
}

int
session_open_with(struct session *s, const struct profile *p, struct cred *c, enum market m, struct fault *f)
{
	memset(s, 0, sizeof *s);
	s->market = m;
	s->timeout_ms = TIMEOUT_MS;
	s->prof = *p;
	s->cred = c;
	if ((s->base = profile_rest(&s->prof, m, f)) == NULL || shared_open(s, f) == -1 || rest_new(s, f) == -1) {
		session_close(s);
		return -1;
	}
	return 0;
}

/* The ledger of the spot API's host: limit_file.c names ledgers by `rest`. */
static int
spot_limits(struct session *s, const struct session *first, struct fault *f)
{
	struct profile at = first->prof;

	memcpy(at.rest, at.sapi, sizeof at.rest);
	at.max_orders_per_minute = 0;	/* no order goes there */
	return limits_open(&s->lim, &at, NULL, f) == 0 ? 0 : limits_alone(&s->lim, &at, f);
}

int
session_open_spot(struct session *s, struct session *first, struct fault *f)
{
	memset(s, 0, sizeof *s);
	if (first->prof.sapi[0] == '\0')
		return fault_set(f, FAULT_USAGE, "profile %s has no address of the spot API, which knows what a key "
		    "may do: add sapi", first->prof.name);
	s->market = MARKET_USDM;
	s->timeout_ms = first->timeout_ms;
	s->prof = first->prof;
	s->base = s->prof.sapi;
	s->cred = first->cred;
	s->beside = true;
	s->clock = first;
	s->off = first->off;
	if (spot_limits(s, first, f) == -1 || rest_new(s, f) == -1) {
		session_close(s);
		return -1;
	}
	return 0;
}

void
session_close(struct session *s)
{
	if (s->rest != NULL)
		wire_close(&s->rest->w);
	free(s->rest);
	if (!s->beside || s->clock != NULL)
		limits_close(s->lim);
	if (!s->beside)
		cred_free(s->cred);
	scan_free(&s->doc);
	buf_free(&s->body);
	memset(s, 0, sizeof *s);
}

int
session_transmissions(const struct session *s)
{
	return s->rest->sent;
}

/*
 * One transfer
 */

/*
 * libcurl leaves SIGPIPE alone under NOSIGNAL, and a TLS library may write to a
 * dead socket without asking for silence. It is held off for this thread only,
 * and one that came is taken away: what happens to the process when the reader of
 * its output goes is not changed, not even for a moment.
 */
static CURLcode
perform(CURL *c)
{
	sigset_t quiet, was, before, after;
	CURLcode rc;
	int sig;

	sigemptyset(&quiet);
	sigaddset(&quiet, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &quiet, &was);
	sigpending(&before);
	rc = curl_easy_perform(c);
	sigpending(&after);
	if (sigismember(&after, SIGPIPE) == 1 && sigismember(&before, SIGPIPE) == 0)
		sigwait(&quiet, &sig);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return rc;
}

static int
call_once(struct session *s, const struct endpoint *e, const char *path, const char *query,
    bool urgent, struct fault *f)
{
	struct wire *w = &s->rest->w;
	int64_t stamp = s->stamp_ms;
	long sent = w->sent;
	int r;

	s->stamp_ms = 0;
	s->doc.n = 0;
	if (limits_take(s->lim, e, s->market, endpoint_weight(e, s->market, query), urgent,
	    session_now(s), f) == -1 || wire_begin(w, s, e, path, query, stamp, s->timeout_ms, f) == -1)
		return -1;
	r = wire_end(w, s, e, perform(w->easy), &s->doc, f);
	s->rest->sent += (int)(w->sent - sent);
	return r;
}

/*
 * Time
 */

/* The monotonic clock carries the time on over a step of the wall clock; but
 * after one nothing is signed before the offset was measured anew. */
int64_t
session_now(struct session *s)
{
	int64_t mono;

	if (s->off.measured_ms == 0)
		return clock_wall_ms();
	if (clock_stepped(s->off.wall_minus_mono_ms, &mono))
		s->off.known = false;
	return mono + s->off.wall_minus_mono_ms + s->off.offset_ms;
}

/* Whether the offset stands: known, no step since, not older than that. */
static bool
offset_stands(struct session *s, int64_t max_ms)
{
	int64_t age = session_now(s) - s->off.offset_ms - s->off.measured_ms;

	return s->off.known && age < max_ms && s->off.error_ms <= OFFSET_ERROR_MS;
}

/* The same, and it need not be measured anew: it is fresh, or trying has failed
 * just now. */
static bool
offset_serves(struct session *s)
{
	return offset_stands(s, OFFSET_FRESH_MS) ||
	    (offset_stands(s, OFFSET_AGE_MS) && clock_mono_ms() < s->rest->refresh_ms);
}

/* What another process has measured meanwhile. */
static void
offset_adopt(struct session *s)
{
	struct offset o;
	struct fault ignore;

	if (offset_load(&s->prof, s->base, &o, &ignore) == 1 &&
	    (!s->off.known || o.measured_ms > s->off.measured_ms))
		s->off = o;
}

static int
sample(struct session *s, int64_t gap_us, bool urgent, struct time_sample *out, struct fault *f)
{
	const struct endpoint *e = endpoint(EP_TIME);

	if (call_once(s, e, e->path[s->market], "", urgent, f) == -1)
		return -1;
	if (!scan_get_i64(s->doc.t, s->doc.t, "serverTime", &out->server_ms))
		return fault_set(f, FAULT_AGAIN, "the exchange's time is not in its answer");
	out->t1_us = s->rest->w.began_us + gap_us;
	out->t4_us = s->rest->w.ended_us + gap_us;
	return 0;
}

/* Up to want samples; how many came. The few that signing needs are urgent. Ends
 * early where more asking is no use: a limit, a stop, too many failures. */
static int
samples(struct session *s, int want, int64_t gap_us, struct time_sample *got, struct fault *f)
{
	int i, n = 0;

	for (i = 0; i < want && (s->stop == NULL || !*s->stop); i++) {
		if (sample(s, gap_us, i < SAMPLES, &got[n], f) == 0)
			n++;
		else if (f->kind != FAULT_AGAIN || f->retry_ms > 0 || i - n > (n > 0 ? want / 10 : 0))
			break;
	}
	return n;
}

int
session_measure(struct session *s, int want, struct time_figures *fig, struct fault *f)
{
	struct time_sample got[TIME_SAMPLES_MAX];
	struct offset o = { 0 };
	int64_t gap_us = clock_gap_us();
	struct fault ignore;
	int n, sent = s->rest->sent;

	memset(f, 0, sizeof *f);
	n = samples(s, want, gap_us, got, f);
	s->rest->sent = sent;	/* these are not of the call they are made for */
	if (fig != NULL)
		*fig = (struct time_figures){ .asked = want, .gap_us = gap_us };
	if (n == 0)
		return f->kind != FAULT_NONE ? -1 : fault_set(f, FAULT_AGAIN, "stopped before the time was measured");
	if (!offset_best(&o, fig, got, n))
		return fault_set(f, FAULT_CLOCK, "the exchange's time could not be measured: "
		    "no round trip below 500 ms; nothing was signed");
	o.wall_minus_mono_ms = gap_us / 1000;
	s->off = o;
	offset_store(&s->prof, s->base, &o, &ignore);	/* only spares others the measuring */
	return 0;
}

static int
clock_sync(struct session *s, bool force, struct fault *f)
{
	if (session_sync(s->clock, force, f) == -1)
		return -1;
	s->off = s->clock->off;
	return 0;
}

int
session_sync(struct session *s, bool force, struct fault *f)
{
	if (s->clock != NULL)
		return clock_sync(s, force, f);
	if (!force && !offset_serves(s))
		offset_adopt(s);
	if ((force || !offset_serves(s)) && session_measure(s, SAMPLES, NULL, f) == -1) {
		if (force || f->kind != FAULT_AGAIN || !offset_stands(s, OFFSET_AGE_MS))
			return -1;
		s->rest->refresh_ms = clock_mono_ms() + REFRESH_WAIT_MS;
	}
	if (s->off.error_ms > OFFSET_ERROR_MS)
		return fault_set(f, FAULT_CLOCK, "the exchange's time is known only to %lld ms, "
		    "more than %d; nothing was signed", (long long)s->off.error_ms, OFFSET_ERROR_MS);
	return 0;
}

/*
 * Calls
 */

static bool
ended(const struct session *s)
{
	return s->stop != NULL && *s->stop;
}

static void
pause_ms(const struct session *s, int64_t ms)
{
	int64_t nap;

	for (; ms > 0 && !ended(s); ms -= nap) {
		nap = s->stop != NULL && ms > NAP_MS ? NAP_MS : ms;
		nanosleep(&(struct timespec){ .tv_sec = nap / 1000, .tv_nsec = nap % 1000 * 1000000 }, NULL);
	}
}

/* Whether a failed read may be asked again; waits what is due. */
static bool
ask_again(const struct session *s, int *tries, bool *waited, const struct fault *f)
{
	if (f->kind != FAULT_AGAIN || ended(s))
		return false;
	if (f->retry_ms > 0) {		/* a window that is about to end, nothing else */
		if (*waited || f->http != 0 || f->retry_ms > READ_WAIT_MS)
			return false;
		*waited = true;
		pause_ms(s, f->retry_ms + sys_dice(50));
		return true;
	}
	if (*tries >= READ_RETRIES)
		return false;
	pause_ms(s, sys_dice(INT64_C(200) << *tries));
	++*tries;
	return true;
}

static int
call_path(struct session *s, const struct endpoint *e, const char **path, struct fault *f)
{
	*path = e->path[s->market];
	if (*path == NULL)
		return fault_set(f, FAULT_USAGE, "%s is not served for %s",
		    e->path[!s->market], market_title(s->market));
	if (e->security != SEC_NONE && s->cred == NULL)
		return fault_set(f, FAULT_USAGE, "%s needs a key, and none was loaded", *path);
	if (ended(s))
		return fault_set(f, FAULT_AGAIN, "%s was not asked: the program is ending", *path);
	return 0;
}

int
session_call(struct session *s, enum ep ep, const char *query, bool urgent, struct fault *f)
{
	const struct endpoint *e = endpoint(ep);
	int64_t stamp = s->stamp_ms;
	bool resigned = stamp != 0, waited = false;
	const char *path;
	int tries = 0;

	s->rest->sent = 0;
	s->stamp_ms = 0;
	if (call_path(s, e, &path, f) == -1 ||
	    (e->security == SEC_SIGNED && session_sync(s, false, f) == -1))
		return -1;
	for (;;) {
		s->stamp_ms = stamp;
		if (call_once(s, e, path, query, urgent, f) == 0)
			return 0;
		s->stamp_ms = 0;
		if (f->kind == FAULT_CLOCK && f->code == -1021 && !resigned) {
			resigned = true;
			if (session_sync(s, true, f) == -1)
				return -1;
		} else if (e->mutates || !ask_again(s, &tries, &waited, f))
			return -1;
	}
}

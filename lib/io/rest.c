#include <curl/curl.h>
#include <openssl/crypto.h>

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/rest.h"
#include "io/secure.h"
#include "io/state.h"
#include "io/sys.h"

#define TIMEOUT_MS	5000
#define HEAD_MAX	(64u << 10)	/* bytes of all headers of an answer */
#define BODY_MAX	(16u << 20)	/* exchangeInfo is 1 MiB; tokens take 12 times as much at worst */
#define KEY_MAX		256
#define SAMPLES		5
#define REFRESH_WAIT_MS	60000		/* after a measuring that failed, while an older offset stands */
#define READ_RETRIES	2
#define READ_WAIT_MS	2000		/* a full window that ends so soon is waited for */
#define NAP_MS		50		/* a wait looks so often whether it is to end */

struct rest {
	CURL		*easy;
	struct curl_slist *plain, *keyed;	/* headers without and with the key */
	struct buf	 url;
	struct buf	*body;		/* where the answer goes: the session's */
	_Atomic bool	*const *stop;	/* the session's too */
	size_t		 head;		/* bytes of headers so far */
	bool		 too_big;
	bool		 once;		/* this request must not be repeated */
	int		 tries;		/* transmissions of this request, begun or refused */
	int		 sent;		/* transmissions of the last session_call */
	int64_t		 began_us, ended_us;	/* monotonic: before the first byte, after the last */
	int64_t		 refresh_ms;	/* monotonic: an offset that still stands is not measured before */
	char		 error[CURL_ERROR_SIZE];
};

/*
 * Called by libcurl when a connection stands and the request is about to go
 * out. libcurl repeats a request by itself when a kept connection turns out to
 * be dead, a POST too; here is where that stops.
 */
static int
on_send(void *arg, char *ip, char *local, int port, int local_port)
{
	struct rest *r = arg;

	(void)ip, (void)local, (void)port, (void)local_port;
	if (r->tries++ > 0 && r->once)
		return CURL_PREREQFUNC_ABORT;
	r->sent++;
	r->began_us = clock_mono_us();
	return CURL_PREREQFUNC_OK;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct rest *r = arg;

	n *= size;
	if (n > BODY_MAX - r->body->len) {
		r->too_big = true;
		return CURL_WRITEFUNC_ERROR;
	}
	buf_put(r->body, p, n);
	return r->body->bad ? CURL_WRITEFUNC_ERROR : n;
}

static size_t
on_head(char *p, size_t size, size_t n, void *arg)
{
	struct rest *r = arg;

	(void)p;
	r->head += n * size;
	if (r->head > HEAD_MAX) {
		r->too_big = true;
		return CURL_WRITEFUNC_ERROR;
	}
	return n * size;
}

static bool
stopped(_Atomic bool *const *stop)
{
	return *stop != NULL && **stop;
}

/* Called by libcurl at least once a second, whatever it waits for. */
static int
on_progress(void *arg, curl_off_t down, curl_off_t down_now, curl_off_t up, curl_off_t up_now)
{
	const struct rest *r = arg;

	(void)down, (void)down_now, (void)up, (void)up_now;
	return stopped(r->stop);
}

static bool
rest_setup(struct rest *r, const struct profile *p)
{
	CURL *e = r->easy;
	bool ok = rest_secure(e, p);

#define SET(o, v)	(ok = curl_easy_setopt(e, (o), (v)) == CURLE_OK && ok)
	SET(CURLOPT_MAXCONNECTS, 1L);	/* no dead one is kept beside a fresh one */
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_TCP_KEEPIDLE, 15L);
	SET(CURLOPT_TCP_KEEPINTVL, 15L);
	SET(CURLOPT_ERRORBUFFER, r->error);
	SET(CURLOPT_PREREQFUNCTION, on_send);
	SET(CURLOPT_PREREQDATA, (void *)r);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, (void *)r);
	SET(CURLOPT_HEADERFUNCTION, on_head);
	SET(CURLOPT_HEADERDATA, (void *)r);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, (void *)r);
#undef SET
	return ok;
}

static bool
header_add(struct curl_slist **list, const char *line)
{
	struct curl_slist *l = curl_slist_append(*list, line);

	if (l != NULL)
		*list = l;
	return l != NULL;
}

/* The key goes into a header: nothing in it may end the line. */
static int
headers_make(struct rest *r, const struct cred *c, struct fault *f)
{
	char line[KEY_MAX + 32];
	const char *key = c == NULL ? "" : cred_key(c), *p;
	bool ok;

	if (strlen(key) > KEY_MAX)
		return fault_set(f, FAULT_USAGE, "the API key is longer than %d bytes", KEY_MAX);
	for (p = key; *p != '\0'; p++)
		if (!isgraph((unsigned char)*p) || (unsigned char)*p > 126)
			return fault_set(f, FAULT_USAGE, "the API key holds a byte that no key has (0x%02x)",
			    (unsigned char)*p);
	snprintf(line, sizeof line, "X-MBX-APIKEY: %s", key);
	ok = header_add(&r->plain, "Expect:") && header_add(&r->keyed, "Expect:") &&
	    (c == NULL || header_add(&r->keyed, line));
	OPENSSL_cleanse(line, sizeof line);
	return ok ? 0 : fault_set(f, FAULT_LOCAL, "out of memory");
}

static void
rest_free(struct rest *r)
{
	struct curl_slist *h;

	if (r == NULL)
		return;
	curl_easy_cleanup(r->easy);
	for (h = r->keyed; h != NULL; h = h->next)
		OPENSSL_cleanse(h->data, strlen(h->data));
	curl_slist_free_all(r->plain);
	curl_slist_free_all(r->keyed);
	buf_free(&r->url);
	free(r);
}

static int
rest_new(struct session *s, struct fault *f)
{
	static bool started;
	struct rest *r;

	if (!started) {
		secure_environment();
		if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
			return fault_set(f, FAULT_LOCAL, "libcurl does not start");
		started = true;
	}
	if ((s->rest = r = calloc(1, sizeof *r)) == NULL || (r->easy = curl_easy_init()) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	r->body = &s->body;
	r->stop = &s->stop;
	if (!rest_setup(r, &s->prof))
		return fault_set(f, FAULT_LOCAL, "libcurl lacks what a safe connection needs");
	return headers_make(r, s->cred, f);
}

/*
 * The session
 */

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

void
session_close(struct session *s)
{
	rest_free(s->rest);
	limits_close(s->lim);
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

/* The address with its query; signed over exactly the bytes that go out. */
static int
url_make(struct session *s, const struct endpoint *e, const char *path, const char *query,
    struct fault *f)
{
	struct buf *u = &s->rest->url, sig = { 0 };
	int64_t stamp = s->stamp_ms != 0 ? s->stamp_ms : session_now(s);
	size_t from;

	s->stamp_ms = 0;
	buf_reset(u);
	buf_str(u, s->base);
	buf_str(u, path);
	if (*query != '\0' || e->security == SEC_SIGNED)
		buf_chr(u, '?');
	from = u->len;
	buf_str(u, query);
	if (e->security == SEC_SIGNED) {
		buf_printf(u, "%stimestamp=%lld&recvWindow=%d", *query != '\0' ? "&" : "",
		    (long long)stamp, s->prof.recv_window);
		if (!u->bad && cred_sign(s->cred, u->p + from, u->len - from, &sig, f) == -1) {
			buf_free(&sig);
			return -1;
		}
		buf_str(u, "&signature=");
		buf_put(u, sig.p, sig.len);
	}
	from = sig.bad || u->bad;
	buf_free(&sig);
	return from ? fault_set(f, FAULT_LOCAL, "out of memory") : 0;
}

static void
method_set(CURL *c, const char *method)
{
	bool body = strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
	bool plain = strcmp(method, "POST") == 0 || strcmp(method, "GET") == 0;

	if (body) {		/* an empty one, so that Content-Length: 0 is said */
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, "");
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, 0L);
	} else
		curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, plain ? NULL : method);
}

/* A number in a header; the greatest if it came more than once; -1 if absent
 * or not a plain number. */
static long long
header_number(CURL *c, const char *name)
{
	struct curl_header *h;
	long long n, most = -1;
	const char *p;
	size_t i, of = 1;

	for (i = 0; i < of; i++) {
		if (curl_easy_header(c, name, i, CURLH_HEADER, -1, &h) != CURLHE_OK)
			break;
		of = h->amount;
		for (n = 0, p = h->value; *p >= '0' && *p <= '9'; p++)
			if (n < 100000000000LL)
				n = n * 10 + (*p - '0');
		if (p > h->value && *p == '\0' && n > most)
			most = n;
	}
	return most;
}

static int
header_count(CURL *c, const char *name)
{
	long long n = header_number(c, name);

	return n > INT_MAX ? INT_MAX : (int)n;
}

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

/* Whether the kept connection should not be used: the other side has closed it,
 * or has said what nobody asked for. libcurl looks only once a second, and an
 * order that meets such a connection would be unknown for nothing. */
static bool
kept_is_stale(CURL *c)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	struct pollfd p = { .events = POLLIN };

	if (curl_easy_getinfo(c, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK || fd == CURL_SOCKET_BAD)
		return false;
	p.fd = fd;
	return poll(&p, 1, 0) > 0;
}

static void
reply_fill(struct reply *a, struct rest *r, CURLcode rc)
{
	char *type = NULL;
	long http = 0;

	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &http);
	curl_easy_getinfo(r->easy, CURLINFO_CONTENT_TYPE, &type);
	a->transport = r->tries == 0 ? TRANSPORT_NOT_SENT :
	    rc == CURLE_OK && http > 0 ? TRANSPORT_OK : TRANSPORT_LOST;
	a->http = (int)http;
	a->type = type != NULL ? type : "";
	a->body = r->body->p != NULL ? r->body->p : "";
	a->n = r->body->len;
	a->retry_after = http > 0 ? header_number(r->easy, "Retry-After") : -1;
	if (r->too_big)
		a->detail = "the answer is longer than any good one";
	else if (r->once && r->tries > 1)
		a->detail = "the kept connection died before an answer; not sent a second time";
	else if (rc == CURLE_ABORTED_BY_CALLBACK && stopped(r->stop))
		a->detail = "broken off: the program is ending";
	else
		a->detail = r->error[0] != '\0' ? r->error : curl_easy_strerror(rc);
}

static void
rest_send(struct session *s, const struct endpoint *e, struct reply *a)
{
	struct rest *r = s->rest;
	CURL *c = r->easy;
	CURLcode rc;

	buf_reset(r->body);
	s->doc.n = 0;
	r->head = 0;
	r->too_big = false;
	r->tries = 0;
	r->once = e->mutates;
	r->error[0] = '\0';
	method_set(c, e->method);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, e->security == SEC_NONE ? r->plain : r->keyed);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)s->timeout_ms);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)s->timeout_ms);
	curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, (long)kept_is_stale(c));
	rc = curl_easy_setopt(c, CURLOPT_URL, r->url.p);
	if (rc == CURLE_OK)
		rc = perform(c);
	r->ended_us = clock_mono_us();
	OPENSSL_cleanse(r->url.p, r->url.cap);
	buf_reset(&r->url);
	reply_fill(a, r, rc);
}

/* Counters from the headers. They belong to the window in which the exchange
 * counted: if ours changed meanwhile, that is uncertain and they are left. */
static void
tell_limits(struct session *s, int64_t t0, int64_t t1)
{
	CURL *c = s->rest->easy;
	bool same_1m = t0 / 60000 == t1 / 60000, same_10s = t0 / 10000 == t1 / 10000;

	limits_told(s->lim, same_1m ? header_count(c, "x-mbx-used-weight-1m") : -1,
	    same_10s ? header_count(c, "x-mbx-order-count-10s") : -1,
	    same_1m ? header_count(c, "x-mbx-order-count-1m") : -1, t1);
}

/* What a refusal for load means for all processes of this address, or of the account. */
static void
obey(struct session *s, const struct fault *f, int64_t now_ms)
{
	bool minute = strstr(f->text, "MINUTE") != NULL;

	if (f->code == -1015)	/* orders of the account, not requests of this address */
		limits_told(s->lim, -1, minute ? -1 : INT_MAX, minute ? INT_MAX : -1, now_ms);
	else if (f->http == 429 || f->http == 418 || f->http == 403 || f->code == -1003)
		limits_ban(s->lim, now_ms + (f->retry_ms > 0 ? f->retry_ms : 60000) + sys_dice(500));
}

static int
call_once(struct session *s, const struct endpoint *e, const char *path, const char *query,
    bool urgent, struct fault *f)
{
	struct reply a = { 0 };
	int64_t t0 = session_now(s), t1;

	s->doc.n = 0;
	if (limits_take(s->lim, e, s->market, endpoint_weight(e, s->market, query), urgent,
	    t0, f) == -1 ||
	    url_make(s, e, path, query, f) == -1)
		return -1;
	rest_send(s, e, &a);
	t1 = session_now(s);
	if (a.http > 0)
		tell_limits(s, t0, t1);
	if (s->body.bad) {
		buf_free(&s->body);
		a.transport = TRANSPORT_LOST;
		a.n = 0;
		a.detail = "out of memory";
	}
	if (reply_judge(&a, e->mutates, t1, f) == -1) {
		obey(s, f, t1);
		return -1;
	}
	if (scan_doc(&s->doc, s->body.p, s->body.len) <= 0)
		return fault_set(f, e->mutates ? FAULT_UNKNOWN : FAULT_LOCAL,
		    "an answer arrived that could not be kept: out of memory");
	return 0;
}

/*
 * Time
 */

/* The monotonic clock carries the time on over a step of the wall clock; but
 * after one nothing is signed before the offset was measured anew. */
int64_t
session_now(struct session *s)
{
	if (s->off.measured_ms == 0)
		return clock_wall_ms();
	if (clock_step_ms(s->off.wall_minus_mono_ms, clock_gap_ms()) != 0)
		s->off.known = false;
	return clock_mono_ms() + s->off.wall_minus_mono_ms + s->off.offset_ms;
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
	out->t1_us = s->rest->began_us + gap_us;
	out->t4_us = s->rest->ended_us + gap_us;
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

int
session_sync(struct session *s, bool force, struct fault *f)
{
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

static void
pause_ms(const struct session *s, int64_t ms)
{
	int64_t nap;

	for (; ms > 0 && !stopped(&s->stop); ms -= nap) {
		nap = s->stop != NULL && ms > NAP_MS ? NAP_MS : ms;
		nanosleep(&(struct timespec){ .tv_sec = nap / 1000, .tv_nsec = nap % 1000 * 1000000 }, NULL);
	}
}

/* Whether a failed read may be asked again; waits what is due. */
static bool
ask_again(const struct session *s, int *tries, bool *waited, const struct fault *f)
{
	if (f->kind != FAULT_AGAIN || stopped(&s->stop))
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
	if (stopped(&s->stop))
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

#include <sys/random.h>

#include <curl/curl.h>
#include <openssl/crypto.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/rest.h"
#include "io/state.h"

#define TIMEOUT_MS	5000
#define HEAD_MAX	(64u << 10)	/* bytes of all headers of an answer */
#define BODY_MAX	(16u << 20)	/* exchangeInfo is 1 MiB; tokens take 12 times as much at worst */
#define KEY_MAX		256
#define SAMPLES		5
#define ERROR_MAX_MS	500		/* an offset less sure than this signs nothing */
#define READ_RETRIES	2
#define READ_WAIT_MS	2000		/* a full window that ends so soon is waited for */
#define CA_DIR		"/etc/ssl/certs"

struct rest {
	CURL		*easy;
	struct curl_slist *plain, *keyed;	/* headers without and with the key */
	struct buf	 url;
	struct buf	*body;		/* where the answer goes: the session's */
	size_t		 head;		/* bytes of headers so far */
	bool		 too_big;
	bool		 once;		/* this request must not be repeated */
	int		 tries;		/* transmissions of this request, begun or refused */
	int		 sent;		/* transmissions of the last session_call */
	int64_t		 began_ms, ended_ms;	/* monotonic: before the first byte, after the last */
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
	r->began_ms = clock_mono_ms();
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

/* Whether the directory of certificates has hashed links: it is then much
 * faster than the one big file. */
static bool
ca_hashed(void)
{
	const struct dirent *d;
	bool found = false;
	DIR *dir;

	if ((dir = opendir(CA_DIR)) == NULL)
		return false;
	while (!found && (d = readdir(dir)) != NULL)
		found = strlen(d->d_name) == 10 && strcmp(d->d_name + 8, ".0") == 0 &&
		    strspn(d->d_name, "0123456789abcdef") == 8;
	closedir(dir);
	return found;
}

static bool
rest_setup(struct rest *r, const struct profile *p)
{
	CURL *e = r->easy;
	bool ok = true;

#define SET(o, v)	(ok = curl_easy_setopt(e, (o), (v)) == CURLE_OK && ok)
	SET(CURLOPT_PROTOCOLS_STR, p->loopback ? "http,https" : "https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_PROXY, "");		/* nothing from the environment */
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_MAXCONNECTS, 1L);	/* no dead one is kept beside a fresh one */
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_TCP_KEEPIDLE, 15L);
	SET(CURLOPT_TCP_KEEPINTVL, 15L);
	SET(CURLOPT_USERAGENT, "bf/" BF_VERSION);
	SET(CURLOPT_ERRORBUFFER, r->error);
	SET(CURLOPT_PREREQFUNCTION, on_send);
	SET(CURLOPT_PREREQDATA, (void *)r);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, (void *)r);
	SET(CURLOPT_HEADERFUNCTION, on_head);
	SET(CURLOPT_HEADERDATA, (void *)r);
	if (strncmp(p->rest, "https:", 6) == 0 && ca_hashed()) {
		SET(CURLOPT_CAINFO, NULL);
		SET(CURLOPT_CAPATH, CA_DIR);
	}
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
		unsetenv("SSLKEYLOGFILE");	/* would write the TLS keys to a file */
		/* What an ambient OPENSSL_CONF asks for is not for a trading key;
		 * and the default file costs a tenth of a one-shot tool's time. */
		OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
		if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
			return fault_set(f, FAULT_LOCAL, "libcurl does not start");
		started = true;
	}
	if ((s->rest = r = calloc(1, sizeof *r)) == NULL || (r->easy = curl_easy_init()) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	r->body = &s->body;
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

	if (state_dir(s->prof.state_dir, f) == -1 || limits_open(&s->lim, &s->prof, f) == -1)
		return -1;
	(void)offset_load(&s->prof, &s->off, &ignore);
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

static int
weight_of(const struct endpoint *e, const char *query)
{
	if (e->weight_all == 0 || strncmp(query, "symbol=", 7) == 0 ||
	    strstr(query, "&symbol=") != NULL)
		return e->weight;
	return e->weight_all;
}

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
	buf_str(u, s->prof.rest);
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

/* libcurl leaves SIGPIPE alone under NOSIGNAL, and a TLS library may write to
 * a dead socket without asking for silence. */
static CURLcode
perform(CURL *c)
{
	struct sigaction quiet = { .sa_handler = SIG_IGN }, was;
	CURLcode rc;

	sigaction(SIGPIPE, &quiet, &was);
	rc = curl_easy_perform(c);
	sigaction(SIGPIPE, &was, NULL);
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
	r->ended_ms = clock_mono_ms();
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

static uint32_t
dice(uint32_t below)
{
	uint32_t n = 0;

	if (getentropy(&n, sizeof n) == -1)
		n = (uint32_t)clock_mono_ms();
	return below == 0 ? 0 : n % below;
}

/* What a refusal for load means for all processes of the profile. */
static void
obey(struct session *s, const struct fault *f, int64_t now_ms)
{
	bool minute = strstr(f->text, "MINUTE") != NULL;

	if (f->code == -1015)	/* orders of the account, not requests of this address */
		limits_told(s->lim, -1, minute ? -1 : INT_MAX, minute ? INT_MAX : -1, now_ms);
	else if (f->http == 429 || f->http == 418 || f->http == 403 || f->code == -1003)
		limits_ban(s->lim, now_ms + (f->retry_ms > 0 ? f->retry_ms : 60000) + dice(500));
}

static int
call_once(struct session *s, const struct endpoint *e, const char *path, const char *query,
    bool urgent, struct fault *f)
{
	struct reply a = { 0 };
	int64_t t0 = session_now(s), t1;

	s->doc.n = 0;
	if (limits_take(s->lim, e, weight_of(e, query), urgent, t0, f) == -1 ||
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
	if (llabs(clock_gap_ms() - s->off.wall_minus_mono_ms) > CLOCK_STEP_MS)
		s->off.known = false;
	return clock_mono_ms() + s->off.wall_minus_mono_ms + s->off.offset_ms;
}

/* Whether the offset stands: known, no step since, not too old. */
static bool
offset_stands(struct session *s)
{
	int64_t age = session_now(s) - s->off.offset_ms - s->off.measured_ms;

	return s->off.known && age < OFFSET_AGE_MS;
}

static int
sample(struct session *s, int64_t gap, struct time_sample *out, struct fault *f)
{
	const struct endpoint *e = endpoint(EP_TIME);

	if (call_once(s, e, s->market == MARKET_COINM && e->coinm != NULL ? e->coinm : e->usdm, "",
	    true, f) == -1)
		return -1;
	if (!scan_get_i64(s->doc.t, s->doc.t, "serverTime", &out->server))
		return fault_set(f, FAULT_AGAIN, "the exchange's time is not in its answer");
	out->t1 = s->rest->began_ms + gap;
	out->t4 = s->rest->ended_ms + gap;
	return 0;
}

static int
measure(struct session *s, struct fault *f)
{
	struct time_sample got[SAMPLES];
	struct offset o = { 0 };
	int64_t gap = clock_gap_ms();
	struct fault ignore;
	int i, n = 0, sent = s->rest->sent;

	for (i = 0; i < SAMPLES; i++) {
		if (sample(s, gap, &got[n], f) == 0)
			n++;
		else if (f->kind != FAULT_AGAIN || f->retry_ms > 0 || i - n >= 1)
			break;	/* no use, or failed twice */
	}
	s->rest->sent = sent;	/* these are not of the call they are made for */
	if (n == 0)
		return -1;
	if (!offset_best(&o, got, n))
		return fault_set(f, FAULT_CLOCK, "the exchange's time could not be measured: "
		    "no round trip below 500 ms; nothing was signed");
	o.wall_minus_mono_ms = gap;
	s->off = o;
	offset_store(&s->prof, &o, &ignore);	/* only spares others the measuring */
	return 0;
}

int
session_sync(struct session *s, bool force, struct fault *f)
{
	if (force || (!offset_stands(s) && offset_load(&s->prof, &s->off, f) != 1))
		if (measure(s, f) == -1)
			return -1;
	if (s->off.error_ms > ERROR_MAX_MS)
		return fault_set(f, FAULT_CLOCK, "the exchange's time is known only to %lld ms, "
		    "more than %d; nothing was signed", (long long)s->off.error_ms, ERROR_MAX_MS);
	return 0;
}

/*
 * Calls
 */

static void
pause_ms(int64_t ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* Whether a failed read may be asked again; waits what is due. */
static bool
ask_again(int *tries, bool *waited, const struct fault *f)
{
	if (f->kind != FAULT_AGAIN)
		return false;
	if (f->retry_ms > 0) {		/* a window that is about to end, nothing else */
		if (*waited || f->http != 0 || f->retry_ms > READ_WAIT_MS)
			return false;
		*waited = true;
		pause_ms(f->retry_ms + dice(50));
		return true;
	}
	if (*tries >= READ_RETRIES)
		return false;
	pause_ms(dice(200u << *tries));
	++*tries;
	return true;
}

static int
call_path(struct session *s, const struct endpoint *e, const char **path, struct fault *f)
{
	*path = s->market == MARKET_COINM ? e->coinm : e->usdm;
	if (*path == NULL)
		return fault_set(f, FAULT_USAGE, "%s is not served for %s in this version",
		    e->usdm, s->market == MARKET_COINM ? "COIN-M" : "USD-M");
	if (e->security != SEC_NONE && s->cred == NULL)
		return fault_set(f, FAULT_USAGE, "%s needs a key, and none was loaded", *path);
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
		} else if (e->mutates || !ask_again(&tries, &waited, f))
			return -1;
	}
}

/* How a request is put on a connection of libcurl, and what came back. */
#include <openssl/crypto.h>

#include <ctype.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/secure.h"
#include "io/wire.h"

#define HEAD_MAX	(64u << 10)	/* bytes of all headers of an answer */
#define BODY_MAX	(16u << 20)	/* exchangeInfo is 1 MiB; tokens take 12 times as much at worst */
#define KEY_MAX		256

/*
 * Called by libcurl when a connection stands and the request is about to go
 * out. libcurl repeats a request by itself when a kept connection turns out to
 * be dead, a POST too; here is where that stops.
 */
static int
on_send(void *arg, char *ip, char *local, int port, int local_port)
{
	struct wire *w = arg;

	(void)ip, (void)local, (void)port, (void)local_port;
	if (w->tries++ > 0 && w->once)
		return CURL_PREREQFUNC_ABORT;
	w->sent++;
	w->began_us = clock_mono_us();
	return CURL_PREREQFUNC_OK;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct wire *w = arg;

	n *= size;
	if (n > BODY_MAX - w->body->len) {
		w->too_big = true;
		return CURL_WRITEFUNC_ERROR;
	}
	buf_put(w->body, p, n);
	return w->body->bad ? CURL_WRITEFUNC_ERROR : n;
}

static size_t
on_head(char *p, size_t size, size_t n, void *arg)
{
	struct wire *w = arg;

	n *= size;
	w->head += n;
	if (w->head > HEAD_MAX) {
		w->too_big = true;
		return CURL_WRITEFUNC_ERROR;
	}
	heads_line(&w->heads, p, n);
	return n;
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
	const struct wire *w = arg;

	(void)down, (void)down_now, (void)up, (void)up_now;
	return stopped(w->stop);
}

/* The sockets are known to us so that a kept one can be looked at. */
static curl_socket_t
on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct wire *w = arg;
	curl_socket_t fd;
	int i;

	(void)purpose;
	fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	for (i = 0; i < WIRE_FDS && w->fd[i] != CURL_SOCKET_BAD; i++)
		;
	if (i < WIRE_FDS)
		w->fd[i] = fd;
	return fd;
}

static int
on_close(void *arg, curl_socket_t fd)
{
	struct wire *w = arg;

	for (int i = 0; i < WIRE_FDS; i++)
		if (w->fd[i] == fd)
			w->fd[i] = CURL_SOCKET_BAD;
	return close(fd);
}

static bool
setup(struct wire *w, const struct profile *p)
{
	CURL *e = w->easy;
	bool ok = rest_secure(e, p);

#define SET(o, v)	(ok = curl_easy_setopt(e, (o), (v)) == CURLE_OK && ok)
	SET(CURLOPT_MAXCONNECTS, 1L);	/* no dead one is kept beside a fresh one */
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_TCP_KEEPIDLE, 15L);
	SET(CURLOPT_TCP_KEEPINTVL, 15L);
	SET(CURLOPT_ERRORBUFFER, w->error);
	SET(CURLOPT_PREREQFUNCTION, on_send);
	SET(CURLOPT_PREREQDATA, (void *)w);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, (void *)w);
	SET(CURLOPT_HEADERFUNCTION, on_head);
	SET(CURLOPT_HEADERDATA, (void *)w);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
	SET(CURLOPT_OPENSOCKETDATA, (void *)w);
	SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
	SET(CURLOPT_CLOSESOCKETDATA, (void *)w);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, (void *)w);
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
headers_make(struct wire *w, const struct cred *c, struct fault *f)
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
	ok = header_add(&w->plain, "Expect:") && header_add(&w->keyed, "Expect:") &&
	    (c == NULL || header_add(&w->keyed, line));
	OPENSSL_cleanse(line, sizeof line);
	return ok ? 0 : fault_set(f, FAULT_LOCAL, "out of memory");
}

static bool
once(void)
{
	static bool started;

	if (!started) {
		secure_environment();
		started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	}
	return started;
}

int
wire_open(struct wire *w, struct session *s, struct buf *body, struct fault *f)
{
	memset(w, 0, sizeof *w);
	for (int i = 0; i < WIRE_FDS; i++)
		w->fd[i] = CURL_SOCKET_BAD;
	if (!once())
		return fault_set(f, FAULT_LOCAL, "libcurl does not start: memory, or its TLS library");
	if ((w->easy = curl_easy_init()) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	w->body = body;
	w->stop = &s->stop;
	w->proxy = s->prof.proxy;
	if (!setup(w, &s->prof))
		return fault_set(f, FAULT_LOCAL, "this libcurl lacks what a safe connection needs: one of 7.88 or later with TLS has it");
	return headers_make(w, s->cred, f);
}

void
wire_close(struct wire *w)
{
	struct curl_slist *h;

	curl_easy_cleanup(w->easy);
	for (h = w->keyed; h != NULL; h = h->next)
		OPENSSL_cleanse(h->data, strlen(h->data));
	curl_slist_free_all(w->plain);
	curl_slist_free_all(w->keyed);
	buf_free(&w->target);
	memset(w, 0, sizeof *w);
}

/*
 * One transfer
 */

/* The path and the query; signed over exactly the bytes that go out. */
static int
target_make(struct wire *w, struct session *s, const struct endpoint *e, const char *path, const char *query,
    int64_t stamp, struct fault *f)
{
	struct buf *t = &w->target;
	size_t from, end;

	buf_reset(t);
	buf_str(t, path);
	if (*query != '\0' || e->security == SEC_SIGNED)
		buf_chr(t, '?');
	from = t->len;
	buf_str(t, query);
	if (e->security == SEC_SIGNED) {
		buf_printf(t, "%stimestamp=%lld&recvWindow=%d", *query != '\0' ? "&" : "",
		    (long long)(stamp != 0 ? stamp : session_now(s)), s->prof.recv_window);
		end = t->len;
		buf_str(t, "&signature=");
		if (!t->bad && cred_sign(s->cred, t->p + from, end - from, t, f) == -1)
			return -1;
	}
	return t->bad ? fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent") : 0;
}

static bool
method_set(CURL *c, const char *method)
{
	bool body = strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0;
	bool plain = strcmp(method, "POST") == 0 || strcmp(method, "GET") == 0, ok = true;

#define SET(o, v)	(ok = curl_easy_setopt(c, (o), (v)) == CURLE_OK && ok)
	if (body) {		/* an empty one, so that Content-Length: 0 is said */
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDS, "");
		SET(CURLOPT_POSTFIELDSIZE, 0L);
	} else
		SET(CURLOPT_HTTPGET, 1L);
	SET(CURLOPT_CUSTOMREQUEST, plain ? NULL : method);
#undef SET
	return ok;
}

/*
 * What is as in the request before is not said again. The target is an option of its own beside
 * the URL, which stays the same: libcurl takes a URL apart and puts it together again several
 * times a request, a byte at a time, and that took longer than all of bf-order's own work.
 */
static bool
options_set(struct wire *w, const struct session *s, const struct endpoint *e, int timeout_ms)
{
	struct curl_slist *headers = e->security == SEC_NONE ? w->plain : w->keyed;
	struct wire_said *was = &w->said, now = { s->base, e->method, headers, timeout_ms, wire_stale(w) };
	bool all = was->base == NULL, ok = true;
	CURL *c = w->easy;

#define SET(o, v)	(ok = curl_easy_setopt(c, (o), (v)) == CURLE_OK && ok)
	if (now.base != was->base)
		SET(CURLOPT_URL, now.base);
	if (all || strcmp(now.method, was->method) != 0)
		ok = method_set(c, now.method) && ok;
	if (all || now.headers != was->headers)
		SET(CURLOPT_HTTPHEADER, now.headers);
	if (all || now.timeout_ms != was->timeout_ms) {
		SET(CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
		SET(CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	}
	if (all || now.fresh != was->fresh)
		SET(CURLOPT_FRESH_CONNECT, (long)now.fresh);
	SET(CURLOPT_REQUEST_TARGET, w->target.p);
#undef SET
	*was = ok ? now : (struct wire_said){ 0 };	/* then all of it, next time */
	return ok;
}

/* libcurl looks only once a second, and an order that meets such a connection would be
 * unknown for nothing. */
bool
wire_stale(const struct wire *w)
{
	struct pollfd p[WIRE_FDS];
	nfds_t n = 0;

	for (int i = 0; i < WIRE_FDS; i++)
		if (w->fd[i] != CURL_SOCKET_BAD)
			p[n++] = (struct pollfd){ .fd = w->fd[i], .events = POLLIN };
	return n > 0 && poll(p, n, 0) > 0;
}

/* What libcurl says; of a request that did not come to the exchange, that there is a proxy. */
static const char *
own_words(struct wire *w, CURLcode rc)
{
	const char *said = w->error[0] != '\0' ? w->error : curl_easy_strerror(rc);

	if (w->proxy[0] == '\0' || w->tries > 0)
		return said;
	snprintf(w->detail, sizeof w->detail, "by way of the proxy %s: %s", w->proxy + strlen("http://"), said);
	return w->detail;
}

static void
reply_fill(struct reply *a, struct wire *w, CURLcode rc)
{
	char *type = NULL;
	long http = 0;

	curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &http);
	curl_easy_getinfo(w->easy, CURLINFO_CONTENT_TYPE, &type);
	a->transport = w->tries == 0 ? TRANSPORT_NOT_SENT :
	    rc == CURLE_OK && http > 0 ? TRANSPORT_OK : TRANSPORT_LOST;
	if (w->tries == 0)	/* a proxy's */
		http = 0;
	a->http = (int)http;
	a->type = type != NULL ? type : "";
	a->body = w->body->p != NULL ? w->body->p : "";
	a->n = w->body->len;
	a->retry_after = http > 0 ? w->heads.n[HEAD_RETRY_AFTER] : -1;
	if (w->too_big)
		a->detail = "the answer is longer than any good one";
	else if (w->once && w->tries > 1)
		a->detail = "the kept connection died before an answer; not sent a second time";
	else if (rc == CURLE_ABORTED_BY_CALLBACK && stopped(w->stop))
		a->detail = "broken off: the program is ending";
	else
		a->detail = own_words(w, rc);
}

int
wire_begin(struct wire *w, struct session *s, const struct endpoint *e, const char *path,
    const char *query, int64_t stamp_ms, int timeout_ms, struct fault *f)
{
	bool ok;

	if (target_make(w, s, e, path, query, stamp_ms, f) == -1)
		return -1;
	buf_reset(w->body);
	w->head = 0;
	heads_forget(&w->heads);
	w->too_big = false;
	w->tries = 0;
	w->once = e->mutates;
	w->error[0] = '\0';
	w->t0 = session_now(s);
	ok = options_set(w, s, e, timeout_ms);
	OPENSSL_cleanse(w->target.p, w->target.len);
	return ok ? 0 : fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
}

/* Counters from the headers. They belong to the window in which the exchange
 * counted: if ours changed meanwhile, that is uncertain and they are left. */
static void
tell_limits(const struct wire *w, struct session *s, int64_t t1)
{
	bool same_1m = w->t0 / 60000 == t1 / 60000, same_10s = w->t0 / 10000 == t1 / 10000;

	limits_told(s->lim, same_1m ? heads_count(&w->heads, HEAD_WEIGHT_1M) : -1,
	    same_10s ? heads_count(&w->heads, HEAD_ORDERS_10S) : -1,
	    same_1m ? heads_count(&w->heads, HEAD_ORDERS_1M) : -1, t1);
}

int
wire_end(struct wire *w, struct session *s, const struct endpoint *e, CURLcode rc,
    struct scan *doc, struct fault *f)
{
	struct reply a = { 0 };
	int64_t t1 = session_now(s);

	w->ended_us = clock_mono_us();
	reply_fill(&a, w, rc);
	if (a.http > 0)
		tell_limits(w, s, t1);
	if (w->body->bad) {
		buf_free(w->body);
		a.transport = TRANSPORT_LOST;
		a.n = 0;
		a.detail = "out of memory";
	}
	if (reply_judge(&a, e->mutates, t1, f) == -1) {
		limits_obey(s->lim, f, t1);
		return -1;
	}
	if (scan_doc(doc, w->body->p, w->body->len) <= 0)
		return fault_set(f, e->mutates ? FAULT_UNKNOWN : FAULT_LOCAL,
		    "an answer arrived that could not be kept: out of memory");
	return 0;
}

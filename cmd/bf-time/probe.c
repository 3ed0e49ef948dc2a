#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/scan.h"
#include "io/lookup.h"
#include "io/secure.h"
#include "app.h"

#define BODY_MAX	4096	/* a time is 28 bytes */
#define HEAD_MAX	(64u << 10)
#define RETRY_MAX_S	259200	/* three days are the longest ban */
#define BAN_MS		60000	/* where the exchange does not say how long */

/* Printed as they come: wide enough from the first row on for what is usual. */
const struct column probe_cols[] = {
	{ "USE       ", "use", COL_LEFT },
	{ "ADDRESS        ", "address", COL_LEFT },
	{ "CONNECT", "connect", COL_RIGHT },
	{ "TLS", "tls", COL_RIGHT },
	{ "1ST BYTE", "firstByte", COL_RIGHT },
	{ "DAYS", "certDays", COL_RIGHT },
	{ "OK", "ok", COL_LEFT },
	{ NULL, NULL, 0 }
};

/* A host of the profile, and how it is asked. */
struct host {
	const char	*use;
	enum market	 market;
	bool		 rest;		/* asked for the time; else any answer will do */
	char		 url[300];	/* with http or https, and the path */
	char		 name[256];	/* "fapi.binance.com", "[::1]" */
	int		 port;
};

/* What one address gave. Times in us, each phase its own; -1: not come to that. */
struct trial {
	int64_t		 connect_us, tls_us, first_us;
	char		 version[16];	/* of TLS; "" if none */
	bool		 dated;
	int		 cert_days;
	long		 http;		/* status; 0: no answer */
	long long	 retry_after;	/* s; -1: not said */
	bool		 ok;
	char		 why[256];
	/* during the transfer */
	CURL		*easy;
	struct buf	 body;
	size_t		 head;
	char		 error[CURL_ERROR_SIZE];
};

/*
 * One transfer
 */

/* The connection stands: what its certificate and protocol are. */
static int
on_send(void *arg, char *ip, char *local, int port, int local_port)
{
	const struct curl_tlssessioninfo *tls = NULL;
	struct trial *t = arg;
	const SSL *ssl;
	X509 *cert;
	int seconds;

	(void)ip, (void)local, (void)port, (void)local_port;
	if (curl_easy_getinfo(t->easy, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK || tls == NULL ||
	    tls->backend != CURLSSLBACKEND_OPENSSL || (ssl = tls->internals) == NULL)
		return CURL_PREREQFUNC_OK;
	snprintf(t->version, sizeof t->version, "%s", SSL_get_version(ssl));
	if ((cert = SSL_get1_peer_certificate(ssl)) != NULL)
		t->dated = ASN1_TIME_diff(&t->cert_days, &seconds, NULL, X509_get0_notAfter(cert)) == 1;
	X509_free(cert);
	return CURL_PREREQFUNC_OK;
}

/* The beginning is enough; the rest is not waited for. */
static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct trial *t = arg;

	n *= size;
	if (t->body.len + n > BODY_MAX)
		return CURL_WRITEFUNC_ERROR;
	buf_put(&t->body, p, n);
	return t->body.bad ? CURL_WRITEFUNC_ERROR : n;
}

static size_t
on_head(char *p, size_t size, size_t n, void *arg)
{
	struct trial *t = arg;

	(void)p;
	t->head += n * size;
	return t->head > HEAD_MAX ? CURL_WRITEFUNC_ERROR : n * size;
}

static bool
prepare(struct trial *t, const struct app *a, const struct host *h, struct curl_slist *to)
{
	CURL *e = t->easy;
	bool ok = rest_secure(e, &a->s.prof);

#define SET(o, v)	(ok = curl_easy_setopt(e, (o), (v)) == CURLE_OK && ok)
	SET(CURLOPT_URL, h->url);
	SET(CURLOPT_CONNECT_TO, to);	/* keeps Host, SNI and the check of the name */
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)a->s.timeout_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)a->s.timeout_ms);
	SET(CURLOPT_ERRORBUFFER, t->error);
	SET(CURLOPT_PREREQFUNCTION, on_send);
	SET(CURLOPT_PREREQDATA, (void *)t);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, (void *)t);
	SET(CURLOPT_HEADERFUNCTION, on_head);
	SET(CURLOPT_HEADERDATA, (void *)t);
#undef SET
	return ok;
}

static long long
retry_after(CURL *e)
{
	curl_off_t s = 0;

	if (curl_easy_getinfo(e, CURLINFO_RETRY_AFTER, &s) != CURLE_OK || s <= 0)
		return -1;
	return s < RETRY_MAX_S ? (long long)s : RETRY_MAX_S;
}

/* The phases, from libcurl's times since the beginning; 0 there: not reached. */
static void
take_times(struct trial *t)
{
	curl_off_t name = 0, connect = 0, tls = 0, ready = 0, first = 0;

	curl_easy_getinfo(t->easy, CURLINFO_NAMELOOKUP_TIME_T, &name);
	curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &connect);
	curl_easy_getinfo(t->easy, CURLINFO_APPCONNECT_TIME_T, &tls);
	curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
	curl_easy_getinfo(t->easy, CURLINFO_STARTTRANSFER_TIME_T, &first);
	t->connect_us = connect > 0 ? connect - name : -1;
	t->tls_us = tls > 0 ? tls - connect : -1;
	t->first_us = ready > 0 && t->http > 0 ? first - ready : -1;
}

static bool
is_time(const struct buf *body)
{
	struct tok t[16];
	int64_t ms;

	return body->p != NULL && scan_json(body->p, body->len, t, 16, NULL) > 0 && t[0].kind == SCAN_OBJ &&
	    scan_get_i64(t, t, "serverTime", &ms) && ms > 0;
}

/* REST must tell the time; of a host for streams any answer to a plain GET shows
 * that it is there. */
static void
verdict(struct trial *t, const struct host *h, CURLcode rc)
{
	if (t->http == 0)
		snprintf(t->why, sizeof t->why, "%s", t->error[0] != '\0' ? t->error : curl_easy_strerror(rc));
	else if (h->rest && t->http != 200)
		snprintf(t->why, sizeof t->why, "HTTP %ld", t->http);
	else if (h->rest && (rc != CURLE_OK || !is_time(&t->body)))
		snprintf(t->why, sizeof t->why, "the answer is no time");
	t->ok = t->why[0] == '\0';
}

static CURLcode
perform(CURL *c)
{
	struct sigaction quiet = { .sa_handler = SIG_IGN }, was;
	CURLcode rc;

	sigaction(SIGPIPE, &quiet, &was);	/* a TLS library may write to a dead socket */
	rc = curl_easy_perform(c);
	sigaction(SIGPIPE, &was, NULL);
	return rc;
}

static int
attempt(struct trial *t, const struct app *a, const struct host *h, const char *address, struct fault *f)
{
	struct curl_slist *to;
	char text[ADDRESS_SIZE + 16];
	bool v6 = strchr(address, ':') != NULL;
	CURLcode rc;
	int r = 0;

	snprintf(text, sizeof text, v6 ? "::[%s]:%d" : "::%s:%d", address, h->port);
	to = curl_slist_append(NULL, text);
	t->easy = curl_easy_init();
	if (to == NULL || t->easy == NULL || !prepare(t, a, h, to))
		r = fault_set(f, FAULT_LOCAL, "libcurl: out of memory, or too little in it");
	else {
		rc = perform(t->easy);
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->http);
		t->retry_after = retry_after(t->easy);
		take_times(t);
		verdict(t, h, rc);
	}
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(to);
	buf_free(&t->body);
	return r;
}

/*
 * What is told
 */

static void
put_us(struct buf *b, const char *key, int64_t us)
{
	if (us >= 0)
		put_thousandths(b, key, us);
	else
		jw_null(b, key);
}

static void
put_probe(struct buf *b, struct app *a, const struct host *h, const char *address, const struct trial *t)
{
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.probe");
	jw_i64(b, "E", stamp(a));
	jw_str(b, "profile", a->s.prof.name);
	jw_str(b, "use", h->use);
	jw_str(b, "host", h->name);
	jw_i64(b, "port", h->port);
	if (address != NULL)
		jw_str(b, "address", address);
	else
		jw_null(b, "address");
	put_us(b, "connect", t->connect_us);
	put_us(b, "tls", t->tls_us);
	put_us(b, "firstByte", t->first_us);
	if (t->version[0] != '\0')
		jw_str(b, "tlsVersion", t->version);
	else
		jw_null(b, "tlsVersion");
	if (t->dated)
		jw_i64(b, "certDays", t->cert_days);
	else
		jw_null(b, "certDays");
	if (t->http > 0)
		jw_i64(b, "http", t->http);
	else
		jw_null(b, "http");
	jw_bool(b, "ok", t->ok);
	jw_str(b, "why", t->why);
	jw_close(b, '}');
	jw_end(b);
}

static int
tell(struct app *a, const struct host *h, const char *address, const struct trial *t, struct fault *f)
{
	struct buf rec = { 0 };
	int r;

	put_probe(&rec, a, h, address, t);
	r = print(a, &rec, f);
	buf_free(&rec);
	if (!t->ok)
		tool_say(a->tool, STDERR_FILENO, "%s %s%s%s: %s", h->use, h->name,
		    address != NULL ? " at " : "", address != NULL ? address : "", t->why);
	return r;
}

/*
 * The hosts
 */

/* base: "wss://host:port" as the profile has it. */
static void
host_fill(struct host *h, const char *base)
{
	const char *name = strstr(base, "://") + 3, *colon;
	bool safe = strncmp(base, "https:", 6) == 0 || strncmp(base, "wss:", 4) == 0;
	size_t n;

	colon = strchr(*name == '[' ? name + strcspn(name, "]") : name, ':');
	n = colon != NULL ? (size_t)(colon - name) : strlen(name);
	snprintf(h->name, sizeof h->name, "%.*s", (int)n, name);
	h->port = colon != NULL ? atoi(colon + 1) : safe ? 443 : 80;
	snprintf(h->url, sizeof h->url, "http%s://%s%s", safe ? "s" : "", name,
	    h->rest ? endpoint(EP_TIME)->path[h->market] : "/");
}

/* One address. Its request counts, and a ban is everybody's. */
static int
one(struct app *a, const struct host *h, const char *address, bool *ok, struct fault *f)
{
	struct trial t = { .connect_us = -1, .tls_us = -1, .first_us = -1, .retry_after = -1 };

	if (limits_take(a->s.lim, endpoint(EP_TIME), h->market, 1, false, session_now(&a->s), f) == -1 ||
	    attempt(&t, a, h, address, f) == -1)
		return -1;
	if (t.http == 429 || t.http == 418)
		limits_ban(a->s.lim, session_now(&a->s) + (t.retry_after > 0 ? t.retry_after * 1000 : BAN_MS));
	*ok = *ok || t.ok;
	return tell(a, h, address, &t, f);
}

/* Every address of a host; whether one answers. */
static int
each_address(struct app *a, const struct host *h, bool *ok, struct fault *f)
{
	struct addresses of;
	struct trial none = { .connect_us = -1, .tls_us = -1, .first_us = -1 };

	if (lookup_within(h->name, a->s.timeout_ms, &of, none.why) == -1)
		return tell(a, h, NULL, &none, f);
	for (int i = 0; i < of.n; i++)
		if (one(a, h, of.text[i], ok, f) == -1)
			return -1;
	return 0;
}

int
probe(struct app *a, struct fault *f)
{
	const struct profile *p = &a->s.prof;
	struct host host[] = {
		{ .use = "rest", .market = MARKET_USDM, .rest = true },
		{ .use = "ws", .market = MARKET_USDM },
		{ .use = "coinm_rest", .market = MARKET_COINM, .rest = true },
		{ .use = "coinm_ws", .market = MARKET_COINM },
	};
	const char *base[] = { p->rest, p->ws, p->coinm_rest, p->coinm_ws };
	char dead[160] = "";
	size_t i;
	bool ok;

	printer_live(&a->out);
	for (i = 0; i < sizeof host / sizeof *host; i++) {
		if (*base[i] == '\0' || (a->common.market_given && a->common.market != host[i].market))
			continue;
		ok = false;
		host_fill(&host[i], base[i]);
		if (each_address(a, &host[i], &ok, f) == -1)
			return -1;
		if (!ok)
			snprintf(dead + strlen(dead), sizeof dead - strlen(dead), "%s%s",
			    *dead != '\0' ? ", " : "", host[i].use);
	}
	return *dead == '\0' ? 0 : fault_set(f, FAULT_AGAIN, "no address answers: %s", dead);
}

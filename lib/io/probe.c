#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/scan.h"
#include "io/lookup.h"
#include "io/probe.h"
#include "io/secure.h"

#define BODY_MAX	4096	/* a time is 28 bytes */
#define HEAD_MAX	(64u << 10)
#define RETRY_MAX_S	259200	/* three days are the longest ban */
#define BAN_MS		60000	/* where the exchange does not say how long */

/* One transfer under way. */
struct trial {
	struct probe	*p;
	CURL		*easy;
	struct buf	 body;
	size_t		 head;
	char		 error[CURL_ERROR_SIZE];
};

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
	snprintf(t->p->version, sizeof t->p->version, "%s", SSL_get_version(ssl));
	if ((cert = SSL_get1_peer_certificate(ssl)) != NULL)
		t->p->dated = ASN1_TIME_diff(&t->p->cert_days, &seconds, NULL, X509_get0_notAfter(cert)) == 1;
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
prepare(struct trial *t, const struct session *s, const struct probe_host *h, struct curl_slist *to)
{
	CURL *e = t->easy;
	bool ok = rest_secure(e, &s->prof);

#define SET(o, v)	(ok = curl_easy_setopt(e, (o), (v)) == CURLE_OK && ok)
	SET(CURLOPT_URL, h->url);
	SET(CURLOPT_CONNECT_TO, to);	/* keeps Host, SNI and the check of the name */
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)s->timeout_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)s->timeout_ms);
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
take_times(struct probe *p, CURL *e)
{
	curl_off_t name = 0, connect = 0, tls = 0, ready = 0, first = 0;

	curl_easy_getinfo(e, CURLINFO_NAMELOOKUP_TIME_T, &name);
	curl_easy_getinfo(e, CURLINFO_CONNECT_TIME_T, &connect);
	curl_easy_getinfo(e, CURLINFO_APPCONNECT_TIME_T, &tls);
	curl_easy_getinfo(e, CURLINFO_PRETRANSFER_TIME_T, &ready);
	curl_easy_getinfo(e, CURLINFO_STARTTRANSFER_TIME_T, &first);
	p->connect_us = connect > 0 ? connect - name : -1;
	p->tls_us = tls > 0 ? tls - connect : -1;
	p->first_us = ready > 0 && p->http > 0 ? first - ready : -1;
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
verdict(struct trial *t, const struct probe_host *h, CURLcode rc)
{
	struct probe *p = t->p;

	if (p->http == 0)
		snprintf(p->why, sizeof p->why, "%s", t->error[0] != '\0' ? t->error : curl_easy_strerror(rc));
	else if (h->rest && p->http != 200)
		snprintf(p->why, sizeof p->why, "HTTP %ld", p->http);
	else if (h->rest && (rc != CURLE_OK || !is_time(&t->body)))
		snprintf(p->why, sizeof p->why, "the answer is no time");
	p->ok = p->why[0] == '\0';
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

/* "::ADDRESS:PORT", which leaves Host, SNI and the check of the name as they are. */
static struct curl_slist *
connect_to(const char *address, int port)
{
	char text[ADDRESS_SIZE + 16];

	snprintf(text, sizeof text, strchr(address, ':') != NULL ? "::[%s]:%d" : "::%s:%d", address, port);
	return curl_slist_append(NULL, text);
}

static int
attempt(struct trial *t, const struct session *s, const struct probe_host *h, const char *address, struct fault *f)
{
	struct curl_slist *to = address == NULL ? NULL : connect_to(address, h->port);
	CURLcode rc;
	int r = 0;

	t->easy = curl_easy_init();
	if ((to == NULL && address != NULL) || t->easy == NULL || !prepare(t, s, h, to))
		r = fault_set(f, FAULT_LOCAL, "libcurl: out of memory, or too little in it");
	else {
		rc = perform(t->easy);
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->p->http);
		t->p->retry_after = retry_after(t->easy);
		take_times(t->p, t->easy);
		verdict(t, h, rc);
	}
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(to);
	buf_free(&t->body);
	return r;
}

void
probe_none(struct probe *t)
{
	*t = (struct probe){ .connect_us = -1, .tls_us = -1, .first_us = -1, .retry_after = -1 };
}

int
probe_try(struct probe *t, struct session *s, const struct probe_host *h, const char *address, struct fault *f)
{
	struct trial trial = { .p = t };

	probe_none(t);
	if (limits_take(s->lim, endpoint(EP_TIME), h->market, 1, false, session_now(s), f) == -1 ||
	    attempt(&trial, s, h, address, f) == -1)
		return -1;
	if (t->http == 429 || t->http == 418)
		limits_ban(s->lim, session_now(s) + (t->retry_after > 0 ? t->retry_after * 1000 : BAN_MS));
	return 0;
}

/*
 * The hosts
 */

/* base: "wss://host:port" as the profile has it. */
static void
host_fill(struct probe_host *h, const char *base)
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

bool
probe_host(struct probe_host *h, const struct profile *p, int i)
{
	static const struct { const char *use; enum market market; bool rest; } row[PROBE_HOSTS] = {
		[PROBE_REST] = { "rest", MARKET_USDM, true },
		[PROBE_WS] = { "ws", MARKET_USDM, false },
		[PROBE_COINM_REST] = { "coinm_rest", MARKET_COINM, true },
		[PROBE_COINM_WS] = { "coinm_ws", MARKET_COINM, false },
		[PROBE_WSAPI] = { "wsapi", MARKET_USDM, false },
		[PROBE_COINM_WSAPI] = { "coinm_wsapi", MARKET_COINM, false },
	};
	const char *const base[PROBE_HOSTS] = {
		p->rest, p->ws, p->coinm_rest, p->coinm_ws, p->wsapi, p->coinm_wsapi
	};

	*h = (struct probe_host){ .use = row[i].use, .market = row[i].market, .rest = row[i].rest };
	if (*base[i] == '\0')
		return false;
	host_fill(h, base[i]);
	return true;
}

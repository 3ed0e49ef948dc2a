/*
 * The loop. libwebsockets does the framing; what is in these files is what it
 * leaves open. Behaviour noted is that of versions 4.1.6 to 4.3.
 */
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/secure.h"
#include "io/ws_in.h"

#define TICK_MS		250
#define RX_CHUNK	(64 * 1024)
#define FDS_MAX		256	/* connections, those on their way out, and what is watched */
#define KEEP_IDLE_S	15
#define KEEP_EVERY_S	10
#define KEEP_PROBES	3
#define LWS_WAIT_S	20	/* lws's own patience; longer than that of ws_conn.c */

/* lws tells the first protocol of things that belong to none. */
static int
callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws_conn *c;

	switch (reason) {
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS:
		tls_setup(ws_loop_of(wsi), user);
		return 0;
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		return tls_check(lws_wsi_user(wsi), user, len != 0);
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		for (c = ws_loop_of(wsi)->conns; c != NULL; c = c->next)
			dial_looked(c);
		return 0;
	default:
		return conn_callback(wsi, reason, user, in, len);
	}
}

static const struct lws_protocols protocols[] = {
	{ .name = WS_PROTOCOL, .callback = callback, .rx_buffer_size = RX_CHUNK },
	{ .name = WS_FILE_PROTOCOL, .callback = watch_callback },
	{ 0 }
};

struct ws_loop *
ws_loop_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

static void
on_tick(lws_sorted_usec_list_t *sul)
{
	struct ws_loop *l = lws_container_of(sul, struct ws_loop, tick);
	struct ws_conn *c;

	for (c = l->conns; c != NULL; c = c->next)
		conn_tick(c);
	for (c = l->conns; c != NULL && !l->stop; c = c->next)
		if (c->own && !c->removed && c->ev.tick != NULL)
			c->ev.tick(c->arg, clock_mono_ms());
	if (!l->stop && l->ev.tick != NULL)
		l->ev.tick(l->arg, clock_mono_ms());
	if (!l->stop)
		lws_sul_schedule(l->ctx, 0, &l->tick, on_tick, TICK_MS * LWS_US_PER_MS);
}

static struct lws_vhost *
vhost_make(struct ws_loop *l, const char *name, uint64_t options)
{
	struct lws_context_creation_info i = { 0 };

	i.port = CONTEXT_PORT_NO_LISTEN;
	i.vhost_name = name;
	i.protocols = protocols;
	i.options = options;
	i.timeout_secs = LWS_WAIT_S;
	i.connect_timeout_secs = LWS_WAIT_S;
	i.ka_time = KEEP_IDLE_S;
	i.ka_interval = KEEP_EVERY_S;
	i.ka_probes = KEEP_PROBES;
	return lws_create_vhost(l->ctx, &i);
}

static bool
context_make(struct ws_loop *l)
{
	struct lws_context_creation_info i = { 0 };

	secure_environment();	/* lws would send ws and wss through http_proxy */
	lws_set_log_level(LLL_WARN | LLL_INFO, why_listen);
	i.port = CONTEXT_PORT_NO_LISTEN;
	i.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	i.user = l;
	i.fd_limit_per_thread = FDS_MAX;
	i.timeout_secs = LWS_WAIT_S;
	i.pt_serv_buf_size = RX_CHUNK;		/* one read */
	i.max_http_header_data = 16 * 1024;	/* of the answer to an upgrade */
	return (l->ctx = lws_create_context(&i)) != NULL &&
	    (l->plain = vhost_make(l, "plain", 0)) != NULL;
}

int
ws_open(struct ws_loop **out, size_t max_message, const char *ca_file,
    const struct ws_events *ev, void *arg, struct fault *f)
{
	struct ws_loop *l = calloc(1, sizeof *l);

	*out = NULL;
	if (l == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	l->ev = *ev;
	l->arg = arg;
	l->max = max_message;
	if (ca_file != NULL && strlen(ca_file) >= sizeof l->ca_file) {
		free(l);
		return fault_set(f, FAULT_USAGE, "the name of the file of certificates is too long");
	}
	if (ca_file != NULL)
		memcpy(l->ca_file, ca_file, strlen(ca_file) + 1);
	if (!context_make(l)) {
		if (l->ctx != NULL)
			lws_context_destroy(l->ctx);
		free(l);
		return fault_set(f, FAULT_LOCAL, "cannot set up WebSockets");
	}
	lws_sul_schedule(l->ctx, 0, &l->tick, on_tick, TICK_MS * LWS_US_PER_MS);
	*out = l;
	return 0;
}

static bool
vhost_proxy(const struct ws_loop *l, struct lws_vhost *v)
{
	return l->proxy[0] == '\0' || lws_set_proxy(v, l->proxy + strlen("http://")) == 0;
}

int
ws_proxy(struct ws_loop *l, const char *proxy, struct fault *f)
{
	if (*proxy == '\0')
		return 0;
	if (strncmp(proxy, "http://", 7) != 0 || strlen(proxy) >= sizeof l->proxy)
		return fault_set(f, FAULT_USAGE, "%s: no proxy of the form http://HOST:PORT", proxy);
	memcpy(l->proxy, proxy, strlen(proxy) + 1);
	if (!vhost_proxy(l, l->plain) || (l->secure != NULL && !vhost_proxy(l, l->secure)))
		return fault_set(f, FAULT_LOCAL, "cannot set up the proxy %s for WebSockets", proxy);
	return 0;
}

/* What reading the certificates costs is paid by those who need them only. */
static int
secure_make(struct ws_loop *l, struct fault *f)
{
	if (l->secure == NULL)
		l->secure = vhost_make(l, "secure", tls_options(l));
	if (l->secure != NULL && !vhost_proxy(l, l->secure))
		return fault_set(f, FAULT_LOCAL, "cannot set up the proxy %s for WebSockets", l->proxy);
	if (l->ca_bad)
		return fault_set(f, FAULT_USAGE, "%s: cannot be read as certificates to trust",
		    l->ca_file);
	return l->secure != NULL ? 0 : fault_set(f, FAULT_LOCAL, "cannot set up TLS");
}

/* "ws://host:port", "wss://host", "ws://[::1]:port" into its parts. */
static int
base_split(struct ws_conn *c, const char *base, struct fault *f)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	const char *p, *end;
	char *rest;
	size_t n;
	bool v6;

	c->tls = strncmp(base, "wss://", 6) == 0;
	if (!c->tls && strncmp(base, "ws://", 5) != 0)
		return fault_set(f, FAULT_USAGE, "%s: not a ws:// or wss:// address", base);
	p = base + (c->tls ? 6 : 5);
	v6 = *p == '[';
	p += v6;
	n = v6 ? strspn(p, "0123456789abcdefABCDEF:.") : strspn(p, letters);
	end = p + n;
	if (n == 0 || n >= sizeof c->host || (v6 && *end++ != ']'))
		return fault_set(f, FAULT_USAGE, "%s: no host, or not one that can be", base);
	snprintf(c->host, sizeof c->host, "%.*s", (int)n, p);
	c->port = c->tls ? 443 : 80;
	if (*end == ':') {
		c->port = (int)strtol(end + 1, &rest, 10);
		end = rest == end + 1 || strspn(end + 1, "0123456789") > 5 ? "?" : rest;
	}
	if (*end == '/')
		end++;
	if (*end != '\0' || c->port < 1 || c->port > 65535)
		return fault_set(f, FAULT_USAGE, "%s: no address of the form ws://HOST[:PORT]", base);
	if (v6 && c->tls)	/* lws cuts the name at the colon, and would compare with nothing */
		return fault_set(f, FAULT_USAGE, "%s: wss needs a name or an IPv4 address", base);
	snprintf(c->host_header, sizeof c->host_header, v6 ? "[%s]:%d" :
	    c->port == (c->tls ? 443 : 80) ? "%s" : "%s:%d", c->host, c->port);
	return 0;
}

struct ws_conn *
ws_add(struct ws_loop *l, const char *base, void *tag, struct fault *f)
{
	struct ws_conn *c = calloc(1, sizeof *c);

	if (c == NULL) {
		fault_set(f, FAULT_LOCAL, "out of memory");
		return NULL;
	}
	if (base_split(c, base, f) == -1 || (c->tls && secure_make(l, f) == -1)) {
		free(c);
		return NULL;
	}
	c->loop = l;
	c->ev = l->ev;
	c->arg = l->arg;
	c->tag = tag;
	c->tx_tail = &c->tx;
	c->next = l->conns;
	l->conns = c;
	conn_start(c);
	return c;
}

struct ws_conn *
ws_add_for(struct ws_loop *l, const char *base, const struct ws_events *ev, void *arg, struct fault *f)
{
	struct ws_conn *c = ws_add(l, base, NULL, f);

	if (c != NULL) {	/* nothing of it is told before the loop runs */
		c->ev = *ev;
		c->arg = arg;
		c->own = true;
	}
	return c;
}

void *
ws_tag(const struct ws_conn *c)
{
	return c->tag;
}

int64_t
ws_since(const struct ws_conn *c)
{
	return c->phase == WS_UP ? c->opened_ms : 0;
}

/* Not sooner than here, where no callback of a connection is under way. */
static void
removed_free(struct ws_loop *l)
{
	struct ws_conn **p = &l->conns, *c;

	while ((c = *p) != NULL)
		if (c->removed) {
			*p = c->next;
			conn_free(c);
		} else
			p = &c->next;
	l->reap = false;
}

void
loop_settle(struct ws_loop *l)
{
	if (l->reap)
		removed_free(l);
	if (l->ev.idle != NULL)
		l->ev.idle(l->arg);
}

void
ws_run(struct ws_loop *l)
{
	while (!l->stop) {
		watch_arm(l);
		if (lws_service(l->ctx, 0) < 0)
			break;
		loop_settle(l);
	}
}

void
ws_stop(struct ws_loop *l)
{
	l->stop = 1;
	lws_cancel_service(l->ctx);	/* else poll sleeps on */
}

void
ws_close(struct ws_loop *l)
{
	struct ws_conn *c;

	if (l == NULL)
		return;
	l->stop = 1;
	for (c = l->conns; c != NULL; c = c->next)
		ws_remove(c);
	lws_sul_schedule(l->ctx, 0, &l->tick, on_tick, LWS_SET_TIMER_USEC_CANCEL);
	watch_free(l);
	lws_context_destroy(l->ctx);
	removed_free(l);
	free(l);
}

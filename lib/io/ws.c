/*
 * libwebsockets does the framing; what is here is what it leaves open: whole
 * messages, a bounded one, reconnecting with jitter, and noticing peers that
 * went without saying so. Behaviour noted is that of versions 4.1.6 to 4.3.
 */
#include <fcntl.h>
#include <libwebsockets.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "io/clock.h"
#include "io/ws.h"

#define BACKOFF_MIN_MS	250
#define BACKOFF_MAX_MS	30000
#define HEALTHY_MS	60000	/* open this long: the next backoff starts anew */
#define TICK_MS		250
#define RX_CHUNK	(64 * 1024)

struct message { struct message *next; size_t n; unsigned char bytes[]; };

struct ws_conn {
	struct ws_loop	*loop;
	struct ws_conn	*next;
	void		*tag;
	struct lws	*wsi;
	lws_sorted_usec_list_t again;
	struct buf	 rx;
	struct message	*tx, **tx_tail;
	int64_t		 opened_ms;
	int		 attempt;
	bool		 open, last, connecting;
	char		 why[160];
	char		 path[WS_PATH_MAX];
};

struct ws_loop {
	struct lws_context *ctx;
	struct ws_events    ev;
	void		   *arg;
	struct ws_conn	   *conns;
	char		    host[256];
	int		    port;
	bool		    tls;
	size_t		    max;
	volatile int	    stop;
	lws_sorted_usec_list_t tick;
	void		  (*gone)(void *);
	void		   *gone_arg;
};

/* Ping a silent peer after 25 s, hang up at 40 s: a dead path sends no FIN. */
static const lws_retry_bo_t idle_policy = {
	.secs_since_valid_ping = 25,
	.secs_since_valid_hangup = 40,
};

static void connect_now(struct ws_conn *c);

static void
on_again(lws_sorted_usec_list_t *sul)
{
	connect_now(lws_container_of(sul, struct ws_conn, again));
}

/* Full jitter: a random part of a window that doubles, so that many clients
 * cut at once do not come back at once. */
static void
schedule(struct ws_conn *c)
{
	uint32_t r = 0;
	int64_t window = BACKOFF_MIN_MS;

	for (int i = 0; i < c->attempt && window < BACKOFF_MAX_MS; i++)
		window *= 2;
	if (window > BACKOFF_MAX_MS)
		window = BACKOFF_MAX_MS;
	c->attempt++;
	(void)RAND_bytes((unsigned char *)&r, sizeof r);
	lws_sul_schedule(c->loop->ctx, 0, &c->again, on_again,
	    (lws_usec_t)(r % (uint32_t)(window + 1)) * LWS_US_PER_MS + 1000);
}

static void
drop_queue(struct ws_conn *c)
{
	while (c->tx != NULL) {
		struct message *m = c->tx;

		c->tx = m->next;
		free(m);
	}
	c->tx_tail = &c->tx;
}

/* The connection is no more, for whatever reason: tell, and come back. */
static void
went(struct ws_conn *c, const char *why)
{
	struct ws_loop *l = c->loop;

	if (c->why[0] == '\0')
		snprintf(c->why, sizeof c->why, "%s", why);
	c->wsi = NULL;
	c->connecting = false;
	if (c->open && clock_mono_ms() - c->opened_ms >= HEALTHY_MS)
		c->attempt = 0;
	c->open = false;
	buf_reset(&c->rx);
	drop_queue(c);
	if (l->stop)
		return;
	l->ev.state(l->arg, c, WS_CLOSED, c->why);
	c->why[0] = '\0';
	if (!c->last && !l->stop)
		schedule(c);
}

static void
connect_now(struct ws_conn *c)
{
	struct ws_loop *l = c->loop;
	struct lws_client_connect_info i = { 0 };

	if (l->ev.path(l->arg, c, c->path, sizeof c->path) == -1) {
		if (!c->last && !l->stop)
			schedule(c);
		return;
	}
	i.context = l->ctx;
	i.address = i.host = i.origin = l->host;
	i.port = l->port;
	i.path = c->path;
	i.protocol = NULL;
	i.local_protocol_name = "bf";
	i.ssl_connection = l->tls ? LCCSCF_USE_SSL : 0;
	i.ssl_connection |= LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
	i.retry_and_idle_policy = &idle_policy;
	i.userdata = c;
	i.pwsi = &c->wsi;
	l->ev.state(l->arg, c, WS_CONNECTING, "");
	/* A failure at once may or may not have destroyed a wsi, and so may or
	 * may not have come by WSI_DESTROY: connecting tells whether it did. */
	c->connecting = true;
	if (lws_client_connect_via_info(&i) == NULL && c->connecting)
		went(c, "cannot connect");
	c->connecting = false;
}

static void
received(struct ws_conn *c, struct lws *wsi, const void *in, size_t len)
{
	struct ws_loop *l = c->loop;

	lws_validity_confirmed(wsi);	/* lws itself counts only pongs as life */
	if (c->rx.len + len > l->max) {
		ws_kick(c, "message too long");
		return;
	}
	buf_put(&c->rx, in, len);
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) != 0)
		return;
	if (c->rx.bad)
		ws_kick(c, "out of memory");
	else if (c->rx.len > 0)
		l->ev.text(l->arg, c, c->rx.p, c->rx.len);
	buf_reset(&c->rx);
}

static int
writable(struct ws_conn *c, struct lws *wsi)
{
	struct message *m = c->tx;

	if (m == NULL)
		return 0;
	if (lws_write(wsi, m->bytes + LWS_PRE, m->n, LWS_WRITE_TEXT) < (int)m->n)
		return -1;
	c->tx = m->next;
	if (c->tx == NULL)
		c->tx_tail = &c->tx;
	else
		lws_callback_on_writable(wsi);
	free(m);
	return 0;
}

static void
peer_closing(struct ws_conn *c, const unsigned char *in, size_t len)
{
	unsigned code = len >= 2 ? (unsigned)in[0] << 8 | in[1] : 1005;

	if (c->why[0] == '\0')
		snprintf(c->why, sizeof c->why, "closed by peer, code %u%s%.*s", code,
		    len > 2 ? ": " : "", len > 2 ? (int)(len - 2) : 0, len > 2 ? (const char *)in + 2 : "");
}

static int
callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws_conn *c = user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		c->open = true;
		c->opened_ms = clock_mono_ms();
		c->loop->ev.state(c->loop->arg, c, WS_OPEN, "");
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		received(c, wsi, in, len);
		return c->why[0] != '\0' ? -1 : 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return c->why[0] != '\0' ? -1 : writable(c, wsi);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		peer_closing(c, in, len);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		if (c != NULL && c->why[0] == '\0')
			snprintf(c->why, sizeof c->why, "%.*s", (int)(in != NULL ? len : 14),
			    in != NULL ? (const char *)in : "cannot connect");
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		/* The one callback that comes in every case: 4.1.6 gives no
		 * CONNECTION_ERROR when an upgrade is never answered. */
		if (c != NULL && (c->wsi == wsi || c->wsi == NULL))
			went(c, "connection lost");
		break;
	default:
		break;
	}
	return 0;
}

static int
gone_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws_loop *l = lws_context_user(lws_get_context(wsi));

	(void)user, (void)in, (void)len;
	if (reason == LWS_CALLBACK_RAW_CLOSE_FILE && l->gone != NULL && !l->stop)
		l->gone(l->gone_arg);
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "bf", .callback = callback, .rx_buffer_size = RX_CHUNK },
	{ .name = "gone", .callback = gone_callback },
	{ 0 }
};

static void
on_tick(lws_sorted_usec_list_t *sul)
{
	struct ws_loop *l = lws_container_of(sul, struct ws_loop, tick);

	l->ev.tick(l->arg, clock_mono_ms());
	if (!l->stop)
		lws_sul_schedule(l->ctx, 0, &l->tick, on_tick, TICK_MS * LWS_US_PER_MS);
}

/* "ws://host:port", "wss://host", "ws://[::1]:port" into its parts. */
static int
split_base(struct ws_loop *l, const char *base, struct fault *f)
{
	const char *p, *end;

	l->tls = strncmp(base, "wss://", 6) == 0;
	if (!l->tls && strncmp(base, "ws://", 5) != 0)
		return fault_set(f, FAULT_USAGE, "%s: not a ws:// or wss:// address", base);
	p = base + (l->tls ? 6 : 5);
	l->port = l->tls ? 443 : 80;
	if (*p == '[' && (end = strchr(p, ']')) != NULL) {
		p++;
		snprintf(l->host, sizeof l->host, "%.*s", (int)(end - p), p);
		end++;
	} else {
		end = p + strcspn(p, ":/");
		snprintf(l->host, sizeof l->host, "%.*s", (int)(end - p), p);
	}
	if (*end == ':')
		l->port = (int)strtol(end + 1, NULL, 10);
	if (l->host[0] == '\0' || l->port < 1 || l->port > 65535)
		return fault_set(f, FAULT_USAGE, "%s: no host or a wrong port", base);
	return 0;
}

int
ws_open(struct ws_loop **out, const char *base, size_t max_message,
    const struct ws_events *ev, void *arg, struct fault *f)
{
	struct lws_context_creation_info i = { 0 };
	struct ws_loop *l = calloc(1, sizeof *l);

	*out = NULL;
	if (l == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	l->ev = *ev;
	l->arg = arg;
	l->max = max_message;
	if (split_base(l, base, f) == -1) {
		free(l);
		return -1;
	}
	/* lws would send ws and wss through it, whatever no_proxy says. */
	unsetenv("http_proxy");
	unsetenv("HTTP_PROXY");
	lws_set_log_level(0, NULL);
	i.port = CONTEXT_PORT_NO_LISTEN;
	i.protocols = protocols;
	i.user = l;
	i.fd_limit_per_thread = 64;
	i.timeout_secs = 15;
	if (l->tls)
		i.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	if ((l->ctx = lws_create_context(&i)) == NULL) {
		free(l);
		return fault_set(f, FAULT_LOCAL, "cannot set up WebSockets");
	}
	lws_sul_schedule(l->ctx, 0, &l->tick, on_tick, TICK_MS * LWS_US_PER_MS);
	*out = l;
	return 0;
}

struct ws_conn *
ws_add(struct ws_loop *l, void *tag)
{
	struct ws_conn *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->loop = l;
	c->tag = tag;
	c->tx_tail = &c->tx;
	c->next = l->conns;
	l->conns = c;
	lws_sul_schedule(l->ctx, 0, &c->again, on_again, 1);
	return c;
}

void *
ws_tag(const struct ws_conn *c)
{
	return c->tag;
}

void
ws_kick(struct ws_conn *c, const char *why)
{
	if (c->wsi == NULL)
		return;
	snprintf(c->why, sizeof c->why, "%s", why);
	lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

int
ws_send(struct ws_conn *c, const char *p, size_t n)
{
	struct message *m;

	if (!c->open || (m = malloc(sizeof *m + LWS_PRE + n)) == NULL)
		return -1;
	m->next = NULL;
	m->n = n;
	memcpy(m->bytes + LWS_PRE, p, n);
	*c->tx_tail = m;
	c->tx_tail = &m->next;
	lws_callback_on_writable(c->wsi);
	return 0;
}

int
ws_watch_gone(struct ws_loop *l, int fd, void (*gone)(void *arg), void *arg)
{
	lws_sock_file_fd_type u;
	struct stat st;
	int flags;

	/* Files and terminals are always ready: watching them would spin. */
	if (fstat(fd, &st) == -1 || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		return 0;
	l->gone = gone;
	l->gone_arg = arg;
	if ((flags = fcntl(fd, F_GETFL)) == -1 || (u.filefd = dup(fd)) == -1)
		return -1;
	if (lws_adopt_descriptor_vhost(lws_get_vhost_by_name(l->ctx, "default"),
	    LWS_ADOPT_RAW_FILE_DESC, u, "gone", NULL) == NULL) {
		close(u.filefd);
		return -1;
	}
	/* lws made it non-blocking, and with it the descriptor of the shell and
	 * of every sibling that shares it. Nothing is read or written here. */
	return fcntl(fd, F_SETFL, flags);
}

void
ws_run(struct ws_loop *l)
{
	while (!l->stop && lws_service(l->ctx, 0) >= 0)
		l->ev.idle(l->arg);
}

void
ws_stop(struct ws_loop *l)
{
	l->stop = 1;
	lws_cancel_service(l->ctx);	/* else poll sleeps on */
}

void
ws_no_reconnect(struct ws_conn *c)
{
	c->last = true;
}

void
ws_close(struct ws_loop *l)
{
	struct ws_conn *c;

	if (l == NULL)
		return;
	l->stop = 1;
	for (c = l->conns; c != NULL; c = c->next)
		lws_sul_schedule(l->ctx, 0, &c->again, on_again, LWS_SET_TIMER_USEC_CANCEL);
	lws_sul_schedule(l->ctx, 0, &l->tick, on_tick, LWS_SET_TIMER_USEC_CANCEL);
	lws_context_destroy(l->ctx);
	while ((c = l->conns) != NULL) {
		l->conns = c->next;
		drop_queue(c);
		buf_free(&c->rx);
		free(c);
	}
	free(l);
}

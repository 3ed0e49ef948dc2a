/*
 * The life of a connection: dial, ask for the upgrade, hand messages over, and come
 * back after a wait when it went.
 *
 * A connection that is given up is parted from its wsi at once (the wsi's user
 * becomes NULL): the wsi closes in its own time, which a peer can draw out, while
 * the connection goes on to its next attempt, or is freed.
 */
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/sys.h"
#include "io/ws_in.h"

#define BACKOFF_MIN_MS	250
#define BACKOFF_MAX_MS	30000
#define HEALTHY_MS	60000	/* open this long: the next backoff starts anew */
#define BYE_S		3	/* for a close frame to leave and be answered */

static void on_again(lws_sorted_usec_list_t *sul);
static void on_kick(lws_sorted_usec_list_t *sul);

void
conn_timer(struct ws_conn *c, lws_sorted_usec_list_t *sul, sul_cb_t fn, int64_t ms)
{
	lws_sul_schedule(c->loop->ctx, 0, sul, fn, ms < 0 ? LWS_SET_TIMER_USEC_CANCEL :
	    (lws_usec_t)ms * LWS_US_PER_MS + 1);
}

/* Nothing more is waited for. */
static void
waits_end(struct ws_conn *c)
{
	conn_timer(c, &c->again, on_again, -1);
	conn_timer(c, &c->kick, on_kick, -1);
	dial_end(c);
}

/* Full jitter: a random part of a window that doubles, so that many clients cut
 * at once do not come back at once; after the wait the peer asked for. */
static void
schedule(struct ws_conn *c, int64_t at_least_ms)
{
	int64_t window = BACKOFF_MIN_MS;

	for (int i = 0; i < c->attempt && window < BACKOFF_MAX_MS; i++)
		window *= 2;
	if (window > BACKOFF_MAX_MS)
		window = BACKOFF_MAX_MS;
	c->attempt++;
	conn_timer(c, &c->again, on_again, at_least_ms + sys_dice(window + 1));
}

/* Requests to the WebSocket API hold a signature. */
static void
message_free(struct message *m)
{
	explicit_bzero(m->bytes, LWS_PRE + m->n);
	free(m);
}

static void
queue_drop(struct ws_conn *c)
{
	while (c->tx != NULL) {
		struct message *m = c->tx;

		c->tx = m->next;
		message_free(m);
	}
	c->tx_tail = &c->tx;
}

static void
tell(struct ws_conn *c, enum ws_state st, const struct ws_why *why)
{
	if (!c->removed && !c->loop->stop && c->ev.state != NULL)
		c->ev.state(c->arg, c, st, why);
}

void
conn_went(struct ws_conn *c)
{
	long wait_s = c->why.retry_after_s;

	waits_end(c);
	if (c->phase == WS_UP && clock_mono_ms() - c->opened_ms >= HEALTHY_MS)
		c->attempt = 0;
	c->phase = WS_IDLE;
	c->wsi = NULL;
	c->kicked = false;
	buf_reset(&c->rx);
	queue_drop(c);
	tell(c, WS_CLOSED, &c->why);
	memset(&c->why, 0, sizeof c->why);
	if (!c->removed && !c->loop->stop)
		schedule(c, (int64_t)wait_s * 1000);
}

void
conn_part(struct ws_conn *c, enum lws_close_status code)
{
	struct lws *wsi = c->wsi;

	c->wsi = NULL;
	if (wsi == NULL)
		return;
	lws_set_wsi_user(wsi, NULL);
	lws_set_opaque_user_data(wsi, (void *)(intptr_t)code);
	if (c->phase == WS_UP) {
		lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, BYE_S);
		lws_callback_on_writable(wsi);
	} else
		lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void
conn_cut(struct ws_conn *c, enum lws_close_status code)
{
	conn_part(c, code);
	conn_went(c);
}

/* What goes into the request line must not end it. */
static bool
path_good(const char *p)
{
	if (*p != '/')
		return false;
	for (; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f)
			return false;
	return true;
}

static void
on_again(lws_sorted_usec_list_t *sul)
{
	struct ws_conn *c = lws_container_of(sul, struct ws_conn, again);
	struct ws_loop *l = c->loop;
	int wait;

	if (c->removed || l->stop)
		return;
	wait = c->ev.path(c->arg, c, c->path, sizeof c->path);
	if (c->removed || l->stop)
		return;
	if (wait != 0) {
		if (wait > 0)
			conn_timer(c, &c->again, on_again, wait);
		else
			schedule(c, 0);
		return;
	}
	memset(&c->why, 0, sizeof c->why);
	tell(c, WS_CONNECTING, NULL);
	if (c->removed || l->stop)
		return;
	if (path_good(c->path))
		dial_begin(c);
	else {
		why_set(&c->why, "the path to connect to is no path");
		conn_went(c);
	}
}

void
conn_start(struct ws_conn *c)
{
	conn_timer(c, &c->again, on_again, 0);
}

/*
 * What lws tells
 */

/* A fault of the peer that lws does not look for: cut, with the code RFC 6455
 * has for it (7.4.1). */
static void
breach(struct ws_conn *c, enum lws_close_status code, const char *what)
{
	why_set(&c->why, "cut: %s", what);
	conn_cut(c, code);
}

static void
received(struct ws_conn *c, struct lws *wsi, const char *in, size_t len)
{
	struct ws_loop *l = c->loop;
	size_t left = lws_remaining_packet_payload(wsi);

	c->heard = l->moved = true;
	if (c->kicked)
		return;
	if (lws_frame_is_binary(wsi)) {
		breach(c, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "a binary message came");
		return;
	}
	if (len > l->max - c->rx.len || left > l->max - c->rx.len - len) {
		breach(c, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "a message came that is longer than any good one");
		return;
	}
	if (c->rx.len == 0 && left == 0 && lws_is_final_fragment(wsi)) {
		if (len > 0)		/* whole at once: the usual case */
			c->ev.text(c->arg, c, in, len);
		return;
	}
	buf_put(&c->rx, in, len);
	if (c->rx.bad) {
		buf_free(&c->rx);
		breach(c, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, "out of memory");
	} else if (left == 0 && lws_is_final_fragment(wsi)) {
		if (c->rx.len > 0)
			c->ev.text(c->arg, c, c->rx.p, c->rx.len);
		buf_reset(&c->rx);
	}
}

static int
writable(struct ws_conn *c, struct lws *wsi)
{
	struct message *m = c->tx;

	if (m == NULL)
		return 0;
	c->loop->moved = true;
	if (lws_write(wsi, m->bytes + LWS_PRE, m->n, LWS_WRITE_TEXT) < (int)m->n)
		return -1;
	c->tx = m->next;
	if (c->tx == NULL)
		c->tx_tail = &c->tx;
	else
		lws_callback_on_writable(wsi);
	message_free(m);
	return 0;
}

static void
opened(struct ws_conn *c, struct lws *wsi)
{
	c->wsi = wsi;
	c->phase = WS_UP;
	c->family = c->addrs.family[c->addr];
	c->opened_ms = clock_mono_ms();
	c->heard = false;
	dial_end(c);
	c->loop->moved = true;
	tell(c, WS_OPEN, NULL);
}

static void
destroyed(struct ws_conn *c, struct lws *wsi)
{
	bool dial = c->phase == WS_DIAL;

	why_ended(c, wsi, NULL, 0);
	if (c->dialing)
		c->died = true;
	else if (c->wsi != wsi)
		return;
	else if (dial) {
		c->wsi = NULL;
		dial_next(c);
	} else
		conn_went(c);
}

/*
 * What a wsi gets whose connection has parted from it. It leaves when it can be
 * written to, as politely as it was told. Not from within a receive callback: lws
 * (4.1.6) goes on to read while it waits for the answer to its close frame, and
 * after a -1 there it no more minds the end of its buffer.
 */
static int
parted(struct lws *wsi, enum lws_callback_reasons reason)
{
	enum lws_close_status code = (enum lws_close_status)(intptr_t)lws_get_opaque_user_data(wsi);

	switch (reason) {
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (code == LWS_CLOSE_STATUS_NOSTATUS)
			return 0;	/* its close frame has left */
		lws_set_opaque_user_data(wsi, NULL);
		lws_close_reason(wsi, code, NULL, 0);
		return -1;
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return -1;
	case LWS_CALLBACK_WSI_DESTROY:
		(void)why_heard();	/* nobody asks any more */
		return 0;
	default:
		return 0;
	}
}

static int
user_agent(struct lws *wsi, void *in, size_t len)
{
	static const unsigned char text[] = "bf/" BF_VERSION;
	unsigned char **p = in;

	return lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_USER_AGENT, text, sizeof text - 1,
	    p, *p + len) != 0 ? -1 : 0;
}

int
conn_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct ws_conn *c = user;
	int r = 0;

	if (c == NULL)
		return parted(wsi, reason);
	switch (reason) {
	case LWS_CALLBACK_WSI_CREATE:
		dial_tcp(c);
		break;
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		dial_tcp(c);
		c->phase = WS_ASK;
		r = user_agent(wsi, in, len);
		break;
	case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
		if (lws_http_client_http_response(wsi) != 101) {
			why_refused(c, wsi);
			r = -1;
		}
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		opened(c, wsi);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		received(c, wsi, in, len);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		c->heard = true;
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		r = writable(c, wsi);
		break;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		why_closed(c, in, len);
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		why_ended(c, wsi, in, in != NULL ? len : 0);
		break;
	case LWS_CALLBACK_CLIENT_CLOSED:	/* its socket can still be asked */
		why_ended(c, wsi, NULL, 0);
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		/* The one callback that comes in every case: 4.1.6 gives no
		 * CONNECTION_ERROR when an upgrade is never answered. */
		destroyed(c, wsi);
		return 0;
	default:
		return 0;
	}
	/* It may have been given up meanwhile, by us or in an event. */
	return lws_wsi_user(wsi) == NULL ? parted(wsi, reason) : r;
}

/*
 * What the owner asks
 */

void
conn_tick(struct ws_conn *c)
{
	if (c->removed || c->wsi == NULL || c->phase != WS_UP || !c->heard)
		return;
	c->heard = false;
	lws_validity_confirmed(c->wsi);	/* lws itself counts only pongs as life */
}

static void
on_kick(lws_sorted_usec_list_t *sul)
{
	struct ws_conn *c = lws_container_of(sul, struct ws_conn, kick);

	conn_cut(c, LWS_CLOSE_STATUS_GOINGAWAY);
}

void
ws_kick(struct ws_conn *c, const char *why)
{
	if (c->removed || c->kicked || c->phase == WS_IDLE)
		return;
	why_set(&c->why, "%s", why);
	c->kicked = true;
	conn_timer(c, &c->kick, on_kick, 0);
}

int
ws_send(struct ws_conn *c, const char *p, size_t n)
{
	struct message *m;

	if (c->phase != WS_UP || c->wsi == NULL || c->kicked ||
	    (m = malloc(sizeof *m + LWS_PRE + n)) == NULL)
		return -1;
	m->next = NULL;
	m->n = n;
	memcpy(m->bytes + LWS_PRE, p, n);
	*c->tx_tail = m;
	c->tx_tail = &m->next;
	lws_callback_on_writable(c->wsi);
	return 0;
}

void
ws_remove(struct ws_conn *c)
{
	if (c->removed)
		return;
	c->removed = true;
	c->loop->reap = true;
	waits_end(c);
	conn_part(c, LWS_CLOSE_STATUS_NORMAL);
}

void
conn_free(struct ws_conn *c)
{
	waits_end(c);
	queue_drop(c);
	buf_free(&c->rx);
	free(c);
}

/*
 * The loop as the guest of another one. lws is asked for its descriptors only by
 * what its build may lack (LWS_WITH_EXTERNAL_POLL), so the ones that matter are
 * given out here, and lws_service does its own poll besides. A negative time makes
 * that one wait for nothing; it is so in lws 4.1 to 4.3.
 */
#include "io/ws_in.h"

#define MAKING_MS	4	/* a connection is being made: its descriptor changes under way */
#define PASSES_MAX	64	/* of one step; what is left is there to poll for */

void
poll_in(int *timeout_ms, int64_t ms)
{
	if (ms < 0)
		ms = 0;
	if (*timeout_ms < 0 || ms < *timeout_ms)
		*timeout_ms = (int)ms;
}

void
poll_due(int *timeout_ms, const lws_sorted_usec_list_t *sul)
{
	if (!lws_dll2_is_detached(&sul->list))
		poll_in(timeout_ms, (sul->us - lws_now_usecs() + LWS_US_PER_MS - 1) / LWS_US_PER_MS);
}

int
poll_add(struct pollfd *p, int n, int max, int fd, int events, int *timeout_ms)
{
	if (n == max) {
		poll_in(timeout_ms, MAKING_MS);
		return n;
	}
	p[n] = (struct pollfd){ .fd = fd, .events = (short)events };
	return n + 1;
}

static int
conn_poll(struct ws_conn *c, struct pollfd *p, int n, int max, int *timeout_ms)
{
	bool more;

	poll_due(timeout_ms, &c->again);
	poll_due(timeout_ms, &c->guard);
	poll_due(timeout_ms, &c->kick);
	if (c->phase == WS_IDLE || c->removed)
		return n;
	if (c->phase != WS_UP || c->wsi == NULL) {
		poll_in(timeout_ms, MAKING_MS);
		return n;
	}
	more = c->tx != NULL || lws_partial_buffered(c->wsi) != 0;
	return poll_add(p, n, max, (int)lws_get_socket_fd(c->wsi), more ? POLLIN | POLLOUT : POLLIN,
	    timeout_ms);
}

int
ws_poll(struct ws_loop *l, struct pollfd *p, int max, int *timeout_ms)
{
	int n = 0;

	watch_arm(l);
	poll_due(timeout_ms, &l->tick);
	for (struct ws_conn *c = l->conns; c != NULL; c = c->next)
		n = conn_poll(c, p, n, max, timeout_ms);
	n = watch_poll(l, p, n, max, timeout_ms);
	/* TLS may hold what has left the socket. */
	if (lws_service_adjust_timeout(l->ctx, 1, 0) == 0)
		*timeout_ms = 0;
	return n;
}

/*
 * What is received may ask for something to be sent, and lws sends only in a later
 * pass: a second one follows always (the pong to a ping, which nothing here sees),
 * and more as long as messages move.
 */
void
ws_step(struct ws_loop *l)
{
	int pass = 0;

	if (l->stop)
		return;
	do {
		l->moved = false;
		watch_arm(l);
		if (lws_service(l->ctx, -1) < 0)
			break;
	} while (++pass < 2 || (l->moved && pass < PASSES_MAX));
	loop_settle(l);
}

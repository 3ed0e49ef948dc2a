/*
 * A lane is a handle of libcurl with a connection pool of its own that keeps one
 * connection, so that it is known whether that one still stands before a request is put
 * on it.
 */
#include <stdlib.h>
#include <string.h>

#include "io/calls.h"
#include "io/wire.h"

#define WATCH	WIRE_FDS

struct lane {
	struct calls	*c;
	struct wire	 w;
	CURLM		*m;
	struct buf	 body;
	struct scan	 doc;
	const struct endpoint *e;
	calls_done	*done;		/* NULL: only to have a connection */
	void		*arg;
	bool		 busy, ended;	/* ended: libcurl has finished with it */
	int64_t		 timer_ms;	/* monotonic, when libcurl wants to be called; -1: never */
	struct { curl_socket_t fd; short events; } watch[WATCH];	/* events 0: none */
};

struct calls {
	struct session	*s;
	struct lane	**lane;		/* each stays where it is */
	int		 n, max;
	struct pollfd	*polled;	/* of the last calls_poll */
	int		 npolled;
};

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
	struct lane *l = arg;
	int i, at = -1;

	(void)easy, (void)unused;
	for (i = 0; i < WATCH; i++) {
		if (l->watch[i].events != 0 && l->watch[i].fd == fd)
			at = i;
		else if (at == -1 && l->watch[i].events == 0)
			at = i;
		if (at == i && l->watch[i].events != 0)
			break;
	}
	if (at == -1)
		return 0;
	l->watch[at].fd = fd;
	l->watch[at].events = what == CURL_POLL_IN ? POLLIN : what == CURL_POLL_OUT ? POLLOUT :
	    what == CURL_POLL_INOUT ? POLLIN | POLLOUT : 0;
	return 0;
}

static int
on_timer(CURLM *m, long ms, void *arg)
{
	struct lane *l = arg;

	(void)m;
	l->timer_ms = ms < 0 ? -1 : clock_mono_ms() + ms;
	return 0;
}

static void
lane_free(struct lane *l)
{
	if (l == NULL)
		return;
	if (l->busy)
		curl_multi_remove_handle(l->m, l->w.easy);
	wire_close(&l->w);	/* before the pool: its sockets are told to it */
	if (l->m != NULL)
		curl_multi_cleanup(l->m);
	buf_free(&l->body);
	scan_free(&l->doc);
	free(l);
}

static struct lane *
lane_new(struct calls *c, struct fault *f)
{
	struct lane *l = calloc(1, sizeof *l);

	if (l == NULL) {
		fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
		return NULL;
	}
	l->c = c;
	l->timer_ms = -1;
	if (wire_open(&l->w, c->s, &l->body, f) == -1) {
		lane_free(l);
		return NULL;
	}
	if ((l->m = curl_multi_init()) == NULL ||
	    curl_multi_setopt(l->m, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK ||
	    curl_multi_setopt(l->m, CURLMOPT_SOCKETDATA, (void *)l) != CURLM_OK ||
	    curl_multi_setopt(l->m, CURLMOPT_TIMERFUNCTION, on_timer) != CURLM_OK ||
	    curl_multi_setopt(l->m, CURLMOPT_TIMERDATA, (void *)l) != CURLM_OK ||
	    curl_multi_setopt(l->m, CURLMOPT_MAXCONNECTS, 1L) != CURLM_OK) {
		lane_free(l);
		fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
		return NULL;
	}
	return l;
}

int
calls_open(struct calls **out, struct session *s, int max, struct fault *f)
{
	struct calls *c = calloc(1, sizeof *c);

	*out = NULL;
	if (c == NULL || (c->lane = calloc((size_t)max, sizeof(struct lane *))) == NULL) {
		free(c);
		return fault_set(f, FAULT_LOCAL, "out of memory");
	}
	c->s = s;
	c->max = max;
	*out = c;
	return 0;
}

void
calls_close(struct calls *c)
{
	if (c == NULL)
		return;
	for (int i = 0; i < c->n; i++)
		lane_free(c->lane[i]);
	free(c->lane);
	free(c);
}

int
calls_take(struct calls *c, enum ep ep, const char *query, int orders, bool urgent, struct fault *f)
{
	const struct endpoint *e = endpoint(ep);
	struct session *s = c->s;

	return limits_take_orders(s->lim, e, s->market, endpoint_weight(e, s->market, query), orders,
	    urgent, session_now(s), f);
}

/* Whether the lane has a connection: better than one that has yet to make it. */
static bool
is_warm(const struct lane *l)
{
	for (int i = 0; i < WIRE_FDS; i++)
		if (l->w.fd[i] != CURL_SOCKET_BAD)
			return true;
	return false;
}

static struct lane *
lane_for(struct calls *c, struct fault *f)
{
	struct lane *cold = NULL, *l;

	for (int i = 0; i < c->n; i++) {
		l = c->lane[i];
		if (!l->busy && is_warm(l))
			return l;
		if (!l->busy && cold == NULL)
			cold = l;
	}
	if (cold != NULL)
		return cold;
	if (c->n == c->max) {
		fault_set(f, FAULT_AGAIN, "too many requests are under way; nothing was sent");
		return NULL;
	}
	if ((l = lane_new(c, f)) != NULL)
		c->lane[c->n++] = l;
	return l;
}

/* Let libcurl do what it can without waiting. */
static void
drive(struct lane *l, curl_socket_t fd, int events)
{
	int running = 0;

	if (fd == CURL_SOCKET_TIMEOUT)
		l->timer_ms = -1;
	curl_multi_socket_action(l->m, fd, events, &running);
	if (running == 0)
		l->ended = true;
}

int
calls_send(struct calls *c, enum ep ep, const char *query, int64_t stamp_ms, int timeout_ms,
    calls_done *done, void *arg, struct fault *f)
{
	const struct endpoint *e = endpoint(ep);
	struct session *s = c->s;
	struct lane *l;

	if (e->path[s->market] == NULL)
		return fault_set(f, FAULT_USAGE, "%s is not served for %s; nothing was sent",
		    e->path[!s->market], market_title(s->market));
	if ((l = lane_for(c, f)) == NULL || wire_begin(&l->w, s, e, e->path[s->market], query, stamp_ms,
	    timeout_ms > 0 ? timeout_ms : s->timeout_ms, f) == -1)
		return -1;
	l->e = e;
	l->done = done;
	l->arg = arg;
	l->ended = false;
	l->doc.n = 0;
	if (curl_multi_add_handle(l->m, l->w.easy) != CURLM_OK)
		return fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
	l->busy = true;
	drive(l, CURL_SOCKET_TIMEOUT, 0);
	return 0;
}

int
calls_free(const struct calls *c)
{
	int n = c->max - c->n;

	for (int i = 0; i < c->n; i++)
		n += !c->lane[i]->busy;
	return n;
}

void
calls_warm(struct calls *c, int n)
{
	struct fault ignore;

	for (; n > 0 && calls_free(c) > 0; n--)
		if (calls_take(c, EP_TIME, "", 0, false, &ignore) == -1 ||
		    calls_send(c, EP_TIME, "", 0, 0, NULL, NULL, &ignore) == -1)
			return;
}

/*
 * The loop
 */

int
calls_poll(struct calls *c, struct pollfd *p, int max, int *timeout_ms)
{
	int64_t now = clock_mono_ms(), left;
	int n = 0;

	for (int i = 0; i < c->n; i++) {
		const struct lane *l = c->lane[i];

		if (!l->busy)
			continue;
		for (int k = 0; k < WATCH && n < max; k++)
			if (l->watch[k].events != 0)
				p[n++] = (struct pollfd){ .fd = l->watch[k].fd, .events = l->watch[k].events };
		left = l->ended ? 0 : l->timer_ms < 0 ? -1 : l->timer_ms > now ? l->timer_ms - now : 0;
		if (left >= 0 && (*timeout_ms < 0 || left < *timeout_ms))
			*timeout_ms = (int)left;
	}
	c->polled = p;
	c->npolled = n;
	return n;
}

static int
events_of(const struct pollfd *p)
{
	return (p->revents & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) |
	    (p->revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
	    (p->revents & (POLLERR | POLLNVAL) ? CURL_CSELECT_ERR : 0);
}

static void
lane_turn(struct lane *l, const struct pollfd *p, int n)
{
	for (int i = 0; i < n && !l->ended; i++)
		for (int k = 0; k < WATCH && !l->ended && p[i].revents != 0; k++)
			if (l->watch[k].events != 0 && l->watch[k].fd == p[i].fd) {
				drive(l, p[i].fd, events_of(&p[i]));
				break;
			}
	if (!l->ended && l->timer_ms >= 0 && l->timer_ms <= clock_mono_ms())
		drive(l, CURL_SOCKET_TIMEOUT, 0);
}

static void
lane_finish(struct lane *l)
{
	CURLcode rc = CURLE_OK;
	struct fault f = { 0 };
	CURLMsg *msg;
	int left, r;

	while ((msg = curl_multi_info_read(l->m, &left)) != NULL)
		if (msg->msg == CURLMSG_DONE)
			rc = msg->data.result;
	curl_multi_remove_handle(l->m, l->w.easy);
	l->timer_ms = -1;
	r = wire_end(&l->w, l->c->s, l->e, rc, &l->doc, &f);
	if (l->done != NULL)	/* still busy: what it is told lives in the lane */
		l->done(l->arg, r == -1 ? &f : NULL, r == -1 ? NULL : l->doc.t, r == -1 ? NULL : l->doc.t);
	l->busy = false;
}

void
calls_step(struct calls *c)
{
	for (int i = 0; i < c->n; i++)
		if (c->lane[i]->busy)
			lane_turn(c->lane[i], c->polled, c->npolled);
	c->npolled = 0;
	for (int i = 0; i < c->n; i++)
		if (c->lane[i]->busy && c->lane[i]->ended)
			lane_finish(c->lane[i]);
}

long
calls_sent(const struct calls *c)
{
	long n = 0;

	for (int i = 0; i < c->n; i++)
		n += c->lane[i]->w.sent;
	return n;
}

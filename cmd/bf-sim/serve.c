#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "serve_in.h"

int64_t
serve_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A connection's part of a turn. */

/* Whether what it sends is still of interest. */
static bool
hears(const struct conn *c)
{
	return c->st <= ST_CLOSING;
}

/* Whether to read now. What is of no interest is read as well, to see the end. */
static bool
wants_input(const struct conn *c)
{
	return !c->eof && !c->held && (!hears(c) || c->in.len - c->off < AHEAD_MAX);
}

static void
conn_read(struct serve *s, struct conn *c)
{
	ssize_t n = recv(c->fd, s->rbuf, sizeof s->rbuf, 0);

	if (n == 0)
		c->eof = true;
	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		conn_die(c);
	if (n <= 0 || !hears(c))
		return;
	if (c->off > 0) {
		memmove(c->in.p, c->in.p + c->off, c->in.len - c->off);
		c->in.len -= c->off;
		c->off = 0;
	}
	buf_put(&c->in, s->rbuf, (size_t)n);
	if (c->in.bad)
		conn_die(c);
}

/* The client sends no more; a request already here still gets its answer. */
static void
at_eof(struct conn *c)
{
	switch (c->st) {
	case ST_READ:
		if (!c->held)
			conn_finish(c, SERVE_FIN);
		break;
	case ST_WAIT:
	case ST_LAST:
	case ST_DEAD:
		break;
	case ST_OPEN:
	case ST_CLOSING:
	case ST_SILENT:
	case ST_DRAIN:
		conn_die(c);
		break;
	}
}

/* When it wants to be looked at without any input. */
static int64_t
conn_deadline(const struct conn *c)
{
	switch (c->st) {
	case ST_WAIT:
		return c->reply != NULL ? c->due : NEVER;
	case ST_OPEN:
		return c->ping_at < c->pong_by ? c->ping_at : c->pong_by;
	case ST_CLOSING:
	case ST_LAST:
	case ST_DRAIN:
		return c->until;
	default:
		return NEVER;
	}
}

static void
conn_due(struct serve *s, struct conn *c, int64_t now)
{
	if (c->st == ST_WAIT)
		conn_emit(s, c);
	else if (c->st != ST_OPEN)
		conn_die(c);
	else if (now >= c->pong_by)
		conn_fail(s, c, WS_POLICY, "Pong timeout");
	else
		conn_ping(s, c, now);
}

static void
advance(struct serve *s, struct conn *c, size_t slot, int64_t now)
{
	bool more = true;

	if (now >= conn_deadline(c))
		conn_due(s, c, now);
	while (more)
		switch (c->st) {
		case ST_READ:
			more = conn_request(s, c, slot);
			break;
		case ST_OPEN:
		case ST_CLOSING:
			more = conn_frame(s, c);
			break;
		default:
			more = false;
			break;
		}
	if (c->in.len == c->off && c->off > 0) {
		if (c->in.cap > READ_MAX)
			buf_free(&c->in);	/* a rare big message */
		buf_reset(&c->in);
		c->off = 0;
	}
	if (c->eof)
		at_eof(c);
}

static void
conn_send(struct serve *s, struct conn *c)
{
	if (s->halted)
		return;
	if (!c->blocked && s->hole_until == 0)
		conn_flush(c);
	if (c->st == ST_LAST && c->out.count == 0)
		conn_end(c);
	if (c->held && c->out.bytes <= UNSENT_MAX)
		s->dirty = true;
}

/* Tell of a WebSocket that is over; free what is dead. */
static void
reap(struct serve *s, size_t slot)
{
	struct conn *c = s->conns[slot];
	serve_id id = c->id;

	if (c->ws && c->st != ST_OPEN && !c->told) {
		c->told = true;
		c->id = 0;
		s->dirty = true;
		s->app.closed(s->app.ctx, id, c->user);
	}
	if (c->st != ST_DEAD)
		return;
	s->conns[slot] = NULL;
	conn_free(c);
	while (s->top > 0 && s->conns[s->top - 1] == NULL)
		s->top--;
}

/* Do all that can be done without waiting: read what has come, let the
 * application answer, then send to each connection once. */
static void
settle(struct serve *s)
{
	int64_t now;

	do {
		s->dirty = false;
		now = serve_now();
		for (size_t i = 0; i < s->top; i++)
			if (s->conns[i] != NULL)
				advance(s, s->conns[i], i, now);
		for (size_t i = 0; i < s->top; i++)
			if (s->conns[i] != NULL)
				conn_send(s, s->conns[i]);
		for (size_t i = 0; i < s->top; i++)
			if (s->conns[i] != NULL)
				reap(s, i);
	} while (s->dirty);
}

/* The loop. */

static bool
set_fd(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags != -1 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != -1 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != -1;
}

static bool
set_socket(const struct serve *s, int fd)
{
	int on = 1;

	if (!set_fd(fd))
		return false;
#ifdef SO_NOSIGPIPE
	setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
	if (s->o.sndbuf > 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &s->o.sndbuf, sizeof s->o.sndbuf);
	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
}

/* Owns fd, whatever comes of it. */
static void
conn_add(struct serve *s, int fd, const struct sockaddr_in *from)
{
	struct conn *c = NULL;
	size_t slot;

	for (slot = 0; slot < s->top && s->conns[slot] != NULL; )
		slot++;
	if (slot == (size_t)s->o.conns_max || !set_socket(s, fd) ||
	    (c = calloc(1, sizeof *c)) == NULL) {
		close(fd);
		return;
	}
	c->fd = fd;
	inet_ntop(AF_INET, &from->sin_addr, c->peer, sizeof c->peer);
	s->conns[slot] = c;
	if (slot == s->top)
		s->top++;
}

static void
turn_away(int fd)
{
	struct linger now = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

static void
accept_all(struct serve *s)
{
	struct sockaddr_in from;
	socklen_t len;
	int fd;

	for (int i = 0; i < ACCEPT_COUNT; i++) {
		len = sizeof from;
		fd = accept(s->listen, (struct sockaddr *)&from, &len);
		if (fd != -1 && serve_now() < s->refuse_until)
			turn_away(fd);
		else if (fd != -1)
			conn_add(s, fd, &from);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			s->accept_at = serve_now() + ACCEPT_PAUSE;
			return;
		} else if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

static struct pollfd
watch_fd(int fd, bool in, bool out)
{
	return (struct pollfd){ .fd = in || out ? fd : -1,
	    .events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0)) };
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
app_deadline(const struct serve *s)
{
	int64_t t = s->app.deadline != NULL ? s->app.deadline(s->app.ctx) : -1;

	return t < 0 ? NEVER : t;
}

/* Fill the poll array; *until is the next deadline of all. */
static nfds_t
prepare(struct serve *s, int64_t now, int64_t *until)
{
	struct conn *c;
	bool hole = now < s->hole_until;

	if (!hole)
		s->hole_until = 0;
	*until = app_deadline(s);
	if (hole)
		*until = earlier(*until, s->hole_until);
	s->fds[FD_WAKE] = watch_fd(s->wake[0], true, false);
	s->fds[FD_LISTEN] = watch_fd(s->listen, now >= s->accept_at && !hole, false);
	s->fds[FD_WATCH] = watch_fd(s->watch, s->watch != -1, false);
	if (now < s->accept_at)
		*until = earlier(*until, s->accept_at);
	for (size_t i = 0; i < s->top; i++) {
		if ((c = s->conns[i]) == NULL) {
			s->fds[FD_CONNS + i] = watch_fd(-1, false, false);
			continue;
		}
		s->fds[FD_CONNS + i] = watch_fd(c->fd, !hole && wants_input(c), !hole && c->out.count > 0);
		*until = earlier(*until, conn_deadline(c));
	}
	return (nfds_t)(FD_CONNS + s->top);
}

static int
wait_ms(int64_t now, int64_t until, int timeout_ms)
{
	int64_t ms = until == NEVER ? -1 : until > now ? until - now : 0;

	if (timeout_ms >= 0 && (ms < 0 || timeout_ms < ms))
		ms = timeout_ms;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Whatever poll says besides is found out by reading or writing. */
static void
conn_event(struct serve *s, struct conn *c, const struct pollfd *p)
{
	if (p->revents == 0)
		return;
	if ((p->revents & ~POLLIN) != 0)
		c->blocked = false;
	if ((p->events & POLLIN) != 0 && (p->revents & ~POLLOUT) != 0)
		conn_read(s, c);
}

static void
dispatch(struct serve *s)
{
	size_t top = s->top;
	char junk[64];

	while (s->fds[FD_WAKE].revents != 0 && read(s->wake[0], junk, sizeof junk) > 0)
		;
	for (size_t i = 0; i < top; i++)
		if (s->conns[i] != NULL)
			conn_event(s, s->conns[i], &s->fds[FD_CONNS + i]);
	if (s->fds[FD_LISTEN].revents != 0)
		accept_all(s);
	if (s->fds[FD_WATCH].revents != 0 && s->app.input != NULL)
		s->app.input(s->app.ctx, s->watch);
}

int
serve_step(struct serve *s, int timeout_ms)
{
	int64_t now, until;
	nfds_t n;

	settle(s);
	now = serve_now();
	n = prepare(s, now, &until);
	if (poll(s->fds, n, wait_ms(now, until, timeout_ms)) >= 0)
		dispatch(s);
	else if (errno != EINTR && errno != EAGAIN)
		return -1;
	now = serve_now();
	if (s->app.tick != NULL && now >= app_deadline(s))
		s->app.tick(s->app.ctx, now);
	settle(s);
	return 0;
}

int
serve_run(struct serve *s)
{
	while (!s->stop)
		if (serve_step(s, -1) == -1)
			return -1;
	return 0;
}

void
serve_stop(struct serve *s)
{
	int saved = errno;
	ssize_t n;

	s->stop = 1;
	n = write(s->wake[1], "", 1);
	(void)n;	/* a full pipe wakes as well */
	errno = saved;
}

void
serve_halt(struct serve *s)
{
	s->halted = true;
	serve_stop(s);
}

void
serve_watch(struct serve *s, int fd)
{
	s->watch = fd;
}

/* Opening and closing. */

static bool
set_defaults(struct serve_opts *o)
{
	if (o->conns_max == 0)
		o->conns_max = 1024;
	if (o->ping_ms == 0)
		o->ping_ms = 180 * 1000;
	if (o->pong_ms == 0)
		o->pong_ms = 600 * 1000;
	if (o->queue_max == 0)
		o->queue_max = 1u << 20;
	return o->port >= 0 && o->port <= 65535 && o->conns_max > 0 &&
	    o->conns_max <= (int)SLOT_MASK && o->sndbuf >= 0;
}

static void
raise_files(rlim_t want)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1 || r.rlim_cur >= want)
		return;
	r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
	setrlimit(RLIMIT_NOFILE, &r);	/* without it connections wait, that is all */
}

static bool
open_listen(struct serve *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof a;
	int on = 1;

	a.sin_port = htons((uint16_t)s->o.port);
	if (inet_pton(AF_INET, s->o.address != NULL ? s->o.address : "127.0.0.1",
	    &a.sin_addr) != 1) {
		errno = EINVAL;
		return false;
	}
	if ((s->listen = socket(AF_INET, SOCK_STREAM, 0)) == -1 || !set_fd(s->listen))
		return false;
	setsockopt(s->listen, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(s->listen, (struct sockaddr *)&a, sizeof a) == -1 ||
	    listen(s->listen, SOMAXCONN) == -1 ||
	    getsockname(s->listen, (struct sockaddr *)&a, &len) == -1)
		return false;
	s->port = ntohs(a.sin_port);
	return true;
}

static bool
open_rest(struct serve *s)
{
	s->conns = calloc((size_t)s->o.conns_max, sizeof(*s->conns));
	s->fds = calloc((size_t)s->o.conns_max + FD_CONNS, sizeof(*s->fds));
	if (s->conns == NULL || s->fds == NULL || pipe(s->wake) == -1)
		return false;
	return set_fd(s->wake[0]) && set_fd(s->wake[1]) && open_listen(s);
}

struct serve *
serve_open(const struct serve_opts *opts, const struct serve_app *app)
{
	struct serve *s = calloc(1, sizeof *s);
	int saved;

	if (s == NULL)
		return NULL;
	s->app = *app;
	s->listen = s->wake[0] = s->wake[1] = s->watch = -1;
	if (opts != NULL)
		s->o = *opts;
	if (!set_defaults(&s->o)) {
		free(s);
		errno = EINVAL;
		return NULL;
	}
	raise_files((rlim_t)s->o.conns_max + 64);
	if (!open_rest(s)) {
		saved = errno;
		serve_free(s);
		errno = saved;
		return NULL;
	}
	return s;
}

void
serve_free(struct serve *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->top; i++)
		if (s->conns[i] != NULL)
			conn_free(s->conns[i]);
	free(s->conns);
	free(s->fds);
	if (s->listen != -1)
		close(s->listen);
	if (s->wake[0] != -1)
		close(s->wake[0]);
	if (s->wake[1] != -1)
		close(s->wake[1]);
	free(s);
}

int
serve_port(const struct serve *s)
{
	return s->port;
}

#include <sys/types.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "serve.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL	0	/* macOS: SO_NOSIGPIPE does it */
#endif

#define SLOT_BITS	16
#define SLOT_MASK	((1u << SLOT_BITS) - 1)
#define READ_MAX	(64u << 10)	/* bytes of one recv */
#define AHEAD_MAX	(HTTP_HEAD_MAX + HTTP_BODY_MAX + READ_MAX)	/* unread input kept */
#define UNSENT_MAX	(256u << 10)	/* more unsent: the next request waits */
#define IOV_COUNT	64
#define ACCEPT_COUNT	64		/* new connections of one turn */
#define ACCEPT_PAUSE	100		/* ms, when files run out */
#define END_MS		2000		/* for the client's close frame, or its end */
#define LAST_MS		5000		/* a last answer may stand still for so long */
#define NEVER		INT64_MAX

enum { FD_WAKE, FD_LISTEN, FD_WATCH, FD_CONNS };	/* places in the poll array */

struct serve_frame {
	char	*p;
	size_t	 len;
	unsigned refs;
};

struct queue {
	struct serve_frame **f;	/* a ring */
	size_t	head, count, cap;
	size_t	sent;		/* bytes of the first frame that have left */
	size_t	bytes;		/* that have not, of all */
};

enum state {
	ST_READ,	/* HTTP: waits for the next request */
	ST_WAIT,	/* HTTP: the application has it, or its delay runs */
	ST_OPEN,	/* WebSocket */
	ST_CLOSING,	/* WebSocket: our close frame is out, theirs is not in */
	ST_LAST,	/* sends what is queued, then ends */
	ST_SILENT,	/* sends what is queued, then nothing, ever */
	ST_DRAIN,	/* has sent its end, reads away what comes until theirs */
	ST_DEAD		/* freed at the end of the turn */
};

struct conn {
	serve_id	 id;		/* 0: nothing the application could answer */
	enum state	 st;
	int		 fd;
	bool		 eof;		/* the client will send no more */
	bool		 blocked;	/* the kernel takes no more for now */
	bool		 held;		/* requests wait for the queue to shrink */
	int64_t		 until;		/* of ST_CLOSING, ST_LAST, ST_DRAIN */
	struct buf	 in;
	size_t		 off;		/* in.p[off] is the first unread byte */
	struct queue	 out;
	struct http_state hs;
	bool		 head, close, upgrade, continued;	/* of this request */
	char		 accept[WS_ACCEPT_LEN + 1];
	struct serve_frame *reply;	/* waits for due */
	int64_t		 due;
	enum serve_fault fault;		/* after the reply; in ST_LAST how to end */
	bool		 ws, told;	/* accepted; closed was called */
	void		*user;
	unsigned	 mute;
	struct ws_message msg;
	int64_t		 ping_at, pong_by;
	int64_t		 ping[4];	/* payloads that may still be answered */
	unsigned	 pings;
};

struct serve {
	struct serve_app app;
	struct serve_opts o;
	int		 listen, wake[2], watch, port;
	volatile sig_atomic_t stop;
	bool		 dirty;		/* settle has something to do */
	int64_t		 accept_at;	/* no accepting before */
	uint64_t	 serial;
	struct conn	**conns;	/* by slot; holes are NULL */
	size_t		 top;		/* no connection at or above */
	struct pollfd	*fds;
	char		 rbuf[READ_MAX];
};

int64_t
serve_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Frames and queues. */

/* Takes over the buffer's bytes, or frees them. */
static struct serve_frame *
frame_take(struct buf *b)
{
	struct serve_frame *f = b->bad ? NULL : malloc(sizeof *f);

	if (f == NULL) {
		buf_free(b);
		return NULL;
	}
	*f = (struct serve_frame){ b->p, b->len, 1 };
	return f;
}

static struct serve_frame *
frame_ws(enum ws_op op, const char *p, size_t n)
{
	unsigned char head[WS_HEAD_MAX];
	struct buf b = { 0 };

	buf_put(&b, head, ws_head(head, op, true, n));
	buf_put(&b, p, n);
	return frame_take(&b);
}

struct serve_frame *
serve_frame_text(const char *text, size_t n)
{
	return frame_ws(WS_TEXT, text, n);
}

void
serve_frame_free(struct serve_frame *f)
{
	if (f == NULL || --f->refs > 0)
		return;
	free(f->p);
	free(f);
}

static bool
queue_grow(struct queue *q)
{
	size_t cap = q->cap == 0 ? 8 : q->cap * 2;
	struct serve_frame **f = calloc(cap, sizeof(*f));

	if (f == NULL)
		return false;
	for (size_t i = 0; i < q->count; i++)
		f[i] = q->f[(q->head + i) % q->cap];
	free(q->f);
	q->f = f;
	q->cap = cap;
	q->head = 0;
	return true;
}

/* Borrows f. */
static bool
queue_put(struct queue *q, struct serve_frame *f)
{
	if (f->len == 0)
		return true;
	if (q->count == q->cap && !queue_grow(q))
		return false;
	q->f[(q->head + q->count++) % q->cap] = f;
	q->bytes += f->len;
	f->refs++;
	return true;
}

/* n bytes have left. */
static void
queue_took(struct queue *q, size_t n)
{
	struct serve_frame *f;

	q->bytes -= n;
	n += q->sent;
	while (q->count > 0 && n >= (f = q->f[q->head])->len) {
		n -= f->len;
		serve_frame_free(f);
		q->head = (q->head + 1) % q->cap;
		q->count--;
	}
	q->sent = n;
}

static void
queue_clear(struct queue *q)
{
	queue_took(q, q->bytes);
	free(q->f);
	*q = (struct queue){ 0 };
}

static int
queue_iov(const struct queue *q, struct iovec iov[static IOV_COUNT])
{
	struct serve_frame *f;
	int n;

	for (n = 0; n < IOV_COUNT && (size_t)n < q->count; n++) {
		f = q->f[(q->head + (size_t)n) % q->cap];
		iov[n] = (struct iovec){ f->p, f->len };
	}
	iov[0].iov_base = (char *)iov[0].iov_base + q->sent;
	iov[0].iov_len -= q->sent;
	return n;
}

/* Connections: sending, and their ends. */

static void
die(struct conn *c)
{
	c->st = ST_DEAD;
}

/* Send what is queued as far as the kernel takes it. */
static void
flush(struct conn *c)
{
	struct iovec iov[IOV_COUNT];
	struct msghdr m;
	ssize_t n;

	while (c->out.count > 0 && c->st != ST_DEAD) {
		memset(&m, 0, sizeof m);
		m.msg_iov = iov;
		/* its type differs: size_t on Linux, int on macOS */
		m.msg_iovlen = (__typeof__(m.msg_iovlen))queue_iov(&c->out, iov);
		if ((n = sendmsg(c->fd, &m, MSG_NOSIGNAL)) >= 0) {
			queue_took(&c->out, (size_t)n);
			if (c->st == ST_LAST)
				c->until = serve_now() + LAST_MS;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			c->blocked = true;
			return;
		} else if (errno != EINTR)
			die(c);
	}
}

/* Queue a frame and give up the reference to it. */
static void
put(struct conn *c, struct serve_frame *f)
{
	if (f == NULL || !queue_put(&c->out, f))
		die(c);
	serve_frame_free(f);
}

/* The same for a WebSocket, which may not fall behind for more than the cap. */
static void
put_ws(struct serve *s, struct conn *c, struct serve_frame *f)
{
	if (f != NULL && c->out.bytes > 0 && c->out.bytes + f->len > s->o.queue_max)
		flush(c);	/* it may just have been a busy turn */
	if (f != NULL && c->out.bytes > 0 && c->out.bytes + f->len > s->o.queue_max)
		die(c);
	put(c, f);
	s->dirty = true;
}

static void
finish(struct conn *c, enum serve_fault how)
{
	if (c->st == ST_DEAD)
		return;
	c->st = ST_LAST;
	c->fault = how;
	c->until = serve_now() + LAST_MS;
}

/* Everything is sent: end. Closing with unread input would reset the
 * connection and could cost the client the answer, so first it is drained. */
static void
end(struct conn *c)
{
	struct linger now = { 1, 0 };

	if (c->fault == SERVE_RST)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	if (c->fault == SERVE_RST || c->eof || shutdown(c->fd, SHUT_WR) == -1) {
		die(c);
		return;
	}
	c->st = ST_DRAIN;
	c->until = serve_now() + END_MS;
}

static void
conn_free(struct conn *c)
{
	if (c->fd != -1)
		close(c->fd);
	queue_clear(&c->out);
	serve_frame_free(c->reply);
	ws_message_free(&c->msg);
	buf_free(&c->in);
	free(c);
}

/* HTTP. */

/* The reply's time has come. */
static void
emit(struct serve *s, struct conn *c)
{
	struct serve_frame *f = c->reply;

	c->reply = NULL;
	c->st = ST_READ;
	put(c, f);
	s->dirty = true;
	if (c->st == ST_DEAD)
		return;
	if (c->fault == SERVE_STALL)
		c->st = ST_SILENT;
	else if (c->fault != SERVE_OK)
		finish(c, c->fault);
	else if (c->close)
		finish(c, SERVE_FIN);
}

static struct serve_frame *
encode(const struct conn *c, const struct serve_answer *a)
{
	struct serve_frame *f;
	struct buf b = { 0 };

	http_head(&b, a->status, a->type, a->headers, a->len, c->close);
	if (!c->head && a->status >= 200 && a->status != 204 && a->status != 304)
		buf_put(&b, a->body, a->len);
	if ((f = frame_take(&b)) != NULL && a->fault != SERVE_OK && f->len > a->keep)
		f->len = a->keep;
	return f;
}

static bool
answer(struct serve *s, struct conn *c, const struct serve_answer *a)
{
	struct serve_frame *f = encode(c, a);

	c->id = 0;
	s->dirty = true;
	if (f == NULL) {
		die(c);
		return false;
	}
	c->reply = f;
	c->fault = a->fault;
	/* + 1: serve_now() has lost up to a millisecond, and an answer is never early */
	c->due = a->delay_ms > 0 ? serve_now() + a->delay_ms + 1 : 0;
	if (c->due == 0)
		emit(s, c);
	return c->st != ST_DEAD;
}

/* What the wire itself does not want, in the words of the usual front end. */
static void
refuse(struct serve *s, struct conn *c, int status)
{
	struct serve_answer a = { .status = status, .type = "text/html" };
	struct buf b = { 0 };

	buf_printf(&b, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n"
	    "<center><h1>%d %s</h1></center>\r\n</body>\r\n</html>\r\n",
	    status, http_reason(status), status, http_reason(status));
	a.body = b.p;
	a.len = b.bad ? 0 : b.len;
	a.headers = status == 426 ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" : NULL;
	c->close = true;
	answer(s, c, &a);
	buf_free(&b);
}

/* 0, or the status for a handshake that cannot be answered with yes. */
static int
handshake(struct conn *c, const struct http_req *r)
{
	struct http_span v;

	if (!http_field(r, "Sec-WebSocket-Version", &v) || !http_is(v, "13"))
		return 426;
	if (!http_field(r, "Sec-WebSocket-Key", &v) || !ws_accept_key(v.p, v.n, c->accept))
		return 400;
	return 0;
}

/* A whole request: to the application. */
static void
hand_over(struct serve *s, struct conn *c, size_t slot, const struct http_req *r)
{
	int status;

	c->head = http_is(r->method, "HEAD");
	c->close = r->close;
	c->upgrade = r->upgrade;
	c->continued = false;
	c->st = ST_WAIT;
	if (r->upgrade && (status = handshake(c, r)) != 0) {
		refuse(s, c, status);
		return;
	}
	c->id = ++s->serial << SLOT_BITS | slot;
	s->app.request(s->app.ctx, c->id, r);
}

/* False: nothing more to do with what has come so far. */
static bool
next_request(struct serve *s, struct conn *c, size_t slot)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct buf b = { 0 };
	struct http_req r;
	size_t size;
	int got;

	c->held = c->out.bytes > UNSENT_MAX;
	if (c->held || c->in.len == c->off)
		return false;
	got = http_parse(&c->hs, c->in.p + c->off, c->in.len - c->off, &r);
	if (got == HTTP_MORE && c->hs.expect && !c->continued) {
		c->continued = true;
		buf_put(&b, go_on, sizeof go_on - 1);
		put(c, frame_take(&b));
	}
	if (got == HTTP_MORE)
		return false;
	if (got != HTTP_DONE) {
		c->head = false;
		refuse(s, c, got);
		return false;
	}
	size = c->hs.size;
	c->hs = (struct http_state){ 0 };
	hand_over(s, c, slot, &r);
	c->off += size;
	return true;
}

/* WebSocket. */

static void
put_control(struct serve *s, struct conn *c, enum ws_op op, const char *p, size_t n)
{
	if ((c->mute & SERVE_MUTE_CONTROL) == 0)
		put_ws(s, c, frame_ws(op, p, n));
}

static void
put_close(struct serve *s, struct conn *c, int code, const char *reason)
{
	char payload[WS_CONTROL_MAX];

	put_control(s, c, WS_CLOSE, payload, ws_close_payload(payload, code, reason));
}

/* The client broke the rules: say so and go. */
static void
fail(struct serve *s, struct conn *c, int code, const char *reason)
{
	put_close(s, c, code, reason);
	finish(c, SERVE_FIN);
}

/* Start the time of pings and pongs: it stands still while these are muted. */
static void
arm(struct serve *s, struct conn *c)
{
	bool on = (c->mute & SERVE_MUTE_CONTROL) == 0;
	int64_t now = serve_now();

	c->ping_at = on && s->o.ping_ms > 0 ? now + s->o.ping_ms : NEVER;
	c->pong_by = on && s->o.pong_ms > 0 ? now + s->o.pong_ms : NEVER;
}

static void
put_ping(struct serve *s, struct conn *c, int64_t now)
{
	struct buf b = { 0 };

	c->ping_at = now + s->o.ping_ms;
	c->ping[c->pings++ % 4] = now;
	buf_printf(&b, "%lld", (long long)now);
	if (b.bad)
		die(c);
	else
		put_control(s, c, WS_PING, b.p, b.len);
	buf_free(&b);
}

/* Only the echo of a ping proves life: a pong of the client's own does not. */
static void
on_pong(struct serve *s, struct conn *c, const struct ws_frame *f)
{
	char text[24];
	int64_t sent;

	if (f->len == 0 || f->len >= sizeof text)
		return;
	memcpy(text, f->data, f->len);
	text[f->len] = '\0';
	sent = strtoll(text, NULL, 10);
	for (unsigned i = 0; i < 4 && i < c->pings; i++)
		if (c->ping[i] == sent && s->o.pong_ms > 0)
			c->pong_by = serve_now() + s->o.pong_ms;
}

static void
on_close(struct serve *s, struct conn *c, const struct ws_frame *f)
{
	if (c->st == ST_OPEN && (c->mute & SERVE_MUTE_CONTROL) != 0) {
		c->st = ST_SILENT;
		return;
	}
	if (c->st == ST_OPEN)
		put_close(s, c, ws_close_code(f), "");
	finish(c, SERVE_FIN);
}

static void
on_control(struct serve *s, struct conn *c, const struct ws_frame *f)
{
	if (f->op == WS_CLOSE) {
		on_close(s, c, f);
		return;
	}
	if (c->st != ST_OPEN)
		return;
	if (f->op == WS_PING)
		put_control(s, c, WS_PONG, f->data, f->len);
	else
		on_pong(s, c, f);
	if (s->app.control != NULL)
		s->app.control(s->app.ctx, c->id, c->user, f->op);
}

static void
on_data(struct serve *s, struct conn *c, const struct ws_frame *f)
{
	int got;

	if (c->st != ST_OPEN)
		return;
	got = ws_collect(&c->msg, f);
	if (got == WS_GOT && s->app.message != NULL)
		s->app.message(s->app.ctx, c->id, c->user, c->msg.p, c->msg.n,
		    c->msg.op == WS_BINARY);
	else if (got != WS_GOT && got != WS_MORE)
		fail(s, c, got, "");
}

static bool
next_frame(struct serve *s, struct conn *c)
{
	struct ws_frame f;
	int got;

	if (c->in.len == c->off)
		return false;
	got = ws_parse(c->in.p + c->off, c->in.len - c->off, &f);
	if (got == WS_MORE)
		return false;
	if (got != WS_GOT) {
		fail(s, c, got, "");
		return false;
	}
	c->off += f.size;
	if (f.op >= WS_CLOSE)
		on_control(s, c, &f);
	else
		on_data(s, c, &f);
	return true;
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
		die(c);
	if (n <= 0 || !hears(c))
		return;
	if (c->off > 0) {
		memmove(c->in.p, c->in.p + c->off, c->in.len - c->off);
		c->in.len -= c->off;
		c->off = 0;
	}
	buf_put(&c->in, s->rbuf, (size_t)n);
	if (c->in.bad)
		die(c);
}

/* The client sends no more; a request already here still gets its answer. */
static void
at_eof(struct conn *c)
{
	switch (c->st) {
	case ST_READ:
		if (!c->held)
			finish(c, SERVE_FIN);
		break;
	case ST_WAIT:
	case ST_LAST:
	case ST_DEAD:
		break;
	case ST_OPEN:
	case ST_CLOSING:
	case ST_SILENT:
	case ST_DRAIN:
		die(c);
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
		emit(s, c);
	else if (c->st != ST_OPEN)
		die(c);
	else if (now >= c->pong_by)
		fail(s, c, WS_POLICY, "Pong timeout");
	else
		put_ping(s, c, now);
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
			more = next_request(s, c, slot);
			break;
		case ST_OPEN:
		case ST_CLOSING:
			more = next_frame(s, c);
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
	if (!c->blocked)
		flush(c);
	if (c->st == ST_LAST && c->out.count == 0)
		end(c);
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
conn_add(struct serve *s, int fd)
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
	s->conns[slot] = c;
	if (slot == s->top)
		s->top++;
}

static void
accept_all(struct serve *s)
{
	int fd;

	for (int i = 0; i < ACCEPT_COUNT; i++) {
		if ((fd = accept(s->listen, NULL, NULL)) != -1)
			conn_add(s, fd);
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

	*until = app_deadline(s);
	s->fds[FD_WAKE] = watch_fd(s->wake[0], true, false);
	s->fds[FD_LISTEN] = watch_fd(s->listen, now >= s->accept_at, false);
	s->fds[FD_WATCH] = watch_fd(s->watch, s->watch != -1, false);
	if (now < s->accept_at)
		*until = earlier(*until, s->accept_at);
	for (size_t i = 0; i < s->top; i++) {
		if ((c = s->conns[i]) == NULL) {
			s->fds[FD_CONNS + i] = watch_fd(-1, false, false);
			continue;
		}
		s->fds[FD_CONNS + i] = watch_fd(c->fd, wants_input(c), c->out.count > 0);
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
serve_watch(struct serve *s, int fd)
{
	s->watch = fd;
}

/* What the application asks for. */

static struct conn *
conn_of(const struct serve *s, serve_id id)
{
	size_t slot = (size_t)(id & SLOT_MASK);
	struct conn *c = slot < s->top ? s->conns[slot] : NULL;

	return id != 0 && c != NULL && c->id == id ? c : NULL;
}

/* An answered request has no id any more, so ST_WAIT means unanswered here. */
static struct conn *
conn_in(const struct serve *s, serve_id id, enum state st)
{
	struct conn *c = conn_of(s, id);

	return c != NULL && c->st == st ? c : NULL;
}

bool
serve_alive(const struct serve *s, serve_id id)
{
	return conn_in(s, id, ST_WAIT) != NULL || conn_in(s, id, ST_OPEN) != NULL;
}

bool
serve_answer(struct serve *s, serve_id id, const struct serve_answer *a)
{
	struct conn *c = conn_in(s, id, ST_WAIT);

	return c != NULL && answer(s, c, a);
}

static struct serve_frame *
encode_accept(const struct conn *c, const char *headers)
{
	struct buf lines = { 0 }, b = { 0 };

	buf_printf(&lines, "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: %s\r\n%s", c->accept, headers != NULL ? headers : "");
	if (!lines.bad)
		http_head(&b, 101, NULL, lines.p, 0, false);
	b.bad |= lines.bad;
	buf_free(&lines);
	return frame_take(&b);
}

bool
serve_accept(struct serve *s, serve_id id, const char *headers, void *user)
{
	struct conn *c = conn_in(s, id, ST_WAIT);

	if (c == NULL || !c->upgrade)
		return false;
	s->dirty = true;
	c->st = ST_OPEN;
	put(c, encode_accept(c, headers));
	if (c->st == ST_DEAD)
		return false;
	c->ws = true;
	c->user = user;
	arm(s, c);
	return true;
}

bool
serve_send(struct serve *s, serve_id id, struct serve_frame *f)
{
	struct conn *c = conn_in(s, id, ST_OPEN);

	if (c == NULL || f == NULL)
		return false;
	if ((c->mute & SERVE_MUTE_TEXT) != 0)
		return true;
	f->refs++;
	put_ws(s, c, f);
	return c->st == ST_OPEN;
}

bool
serve_send_text(struct serve *s, serve_id id, const char *text, size_t n)
{
	struct serve_frame *f = serve_frame_text(text, n);
	bool ok = serve_send(s, id, f);

	serve_frame_free(f);
	return ok;
}

bool
serve_close(struct serve *s, serve_id id, int code, const char *reason)
{
	struct conn *c = conn_in(s, id, ST_OPEN);

	if (c == NULL)
		return false;
	put_close(s, c, code, reason != NULL ? reason : "");
	s->dirty = true;
	if (c->st == ST_DEAD)
		return true;
	c->st = ST_CLOSING;
	c->until = serve_now() + END_MS;
	return true;
}

bool
serve_cut(struct serve *s, serve_id id, enum serve_fault how)
{
	const struct serve_answer nothing = { .status = 200, .fault = how };
	struct conn *c = conn_in(s, id, ST_OPEN);

	if (c == NULL)
		return how != SERVE_OK && serve_answer(s, id, &nothing);
	if (how != SERVE_FIN && how != SERVE_RST)
		return false;
	if (how == SERVE_RST)
		queue_clear(&c->out);
	finish(c, how);
	s->dirty = true;
	return true;
}

bool
serve_mute(struct serve *s, serve_id id, unsigned what)
{
	struct conn *c = conn_in(s, id, ST_OPEN);

	if (c == NULL)
		return false;
	c->mute = what;
	arm(s, c);
	return true;
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
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
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

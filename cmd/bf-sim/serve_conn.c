/* Connections: sending, and their ends. */
#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve_in.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL	0	/* macOS: SO_NOSIGPIPE does it */
#endif

void
conn_die(struct conn *c)
{
	c->st = ST_DEAD;
}

/* Send what is queued as far as the kernel takes it. */
void
conn_flush(struct conn *c)
{
	struct iovec iov[IOV_COUNT];
	struct msghdr m;
	ssize_t n;

	while (c->out.count > 0 && c->st != ST_DEAD) {
		memset(&m, 0, sizeof m);
		m.msg_iov = iov;
		/* its type differs: size_t on Linux, int on macOS */
		m.msg_iovlen = (__typeof__(m.msg_iovlen))serve_queue_iov(&c->out, iov);
		if ((n = sendmsg(c->fd, &m, MSG_NOSIGNAL)) >= 0) {
			serve_queue_took(&c->out, (size_t)n);
			if (c->st == ST_LAST)
				c->until = serve_now() + LAST_MS;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			c->blocked = true;
			return;
		} else if (errno != EINTR)
			conn_die(c);
	}
}

/* Queue a frame and give up the reference to it. */
void
conn_put(struct conn *c, struct serve_frame *f)
{
	if (f == NULL || !serve_queue_put(&c->out, f))
		conn_die(c);
	serve_frame_free(f);
}

/* The same for a WebSocket, which may not fall behind for more than the cap. */
void
conn_put_ws(struct serve *s, struct conn *c, struct serve_frame *f)
{
	if (f != NULL && c->out.bytes > 0 && c->out.bytes + f->len > s->o.queue_max)
		conn_flush(c);	/* it may just have been a busy turn */
	if (f != NULL && c->out.bytes > 0 && c->out.bytes + f->len > s->o.queue_max)
		conn_die(c);
	conn_put(c, f);
	s->dirty = true;
}

void
conn_finish(struct conn *c, enum serve_fault how)
{
	if (c->st == ST_DEAD)
		return;
	c->st = ST_LAST;
	c->fault = how;
	c->until = serve_now() + LAST_MS;
}

/* Everything is sent: end. Closing with unread input would reset the
 * connection and could cost the client the answer, so first it is drained. */
void
conn_end(struct conn *c)
{
	struct linger now = { 1, 0 };

	if (c->fault == SERVE_RST)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	if (c->fault == SERVE_RST || c->eof || shutdown(c->fd, SHUT_WR) == -1) {
		conn_die(c);
		return;
	}
	c->st = ST_DRAIN;
	c->until = serve_now() + END_MS;
}

void
conn_free(struct conn *c)
{
	if (c->fd != -1)
		close(c->fd);
	serve_queue_clear(&c->out);
	serve_frame_free(c->reply);
	ws_message_free(&c->msg);
	buf_free(&c->in);
	free(c);
}

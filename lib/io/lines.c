#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/lines.h"

#define CHUNK	(64u << 10)

/*
 * In
 */

void
lines_init(struct lines *l, int fd)
{
	memset(l, 0, sizeof *l);
	l->fd = fd;
}

void
lines_free(struct lines *l)
{
	free(l->buf);
	memset(l, 0, sizeof *l);
	l->fd = -1;
}

/* Give up what is buffered: it is part of a line that is too long. */
static enum line_result
skip(struct lines *l)
{
	l->start = l->end = l->scanned = 0;
	l->skipping = true;
	return LINE_NONE;
}

/* No newline in what is there. */
static enum line_result
unfinished(struct lines *l, const char **p, size_t *n)
{
	size_t len = l->end - l->start;

	l->scanned = len;
	if (l->skipping || len > LINE_MAX_BYTES + 1)	/* 1: a CR that would go */
		skip(l);
	if (!l->eof)
		return LINE_NONE;
	if (l->skipping) {
		l->skipping = false;
		l->number++;
		return LINE_LONG;
	}
	if (len == 0)
		return LINE_END;
	*p = l->buf + l->start;
	*n = len;
	l->start = l->end = l->scanned = 0;
	l->number++;
	return LINE_PARTIAL;
}

enum line_result
lines_next(struct lines *l, const char **p, size_t *n)
{
	char *line = l->buf == NULL ? NULL : l->buf + l->start, *nl = NULL;
	bool skipping = l->skipping;
	size_t len;

	if (l->end > l->start + l->scanned)
		nl = memchr(line + l->scanned, '\n', l->end - l->start - l->scanned);
	if (nl == NULL)
		return unfinished(l, p, n);
	len = (size_t)(nl - line);
	l->start += len + 1;
	l->scanned = 0;
	l->skipping = false;
	l->number++;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (skipping || len > LINE_MAX_BYTES)
		return LINE_LONG;
	*p = line;
	*n = len;
	return LINE_OK;
}

/* Room for a chunk after end: by moving the rest to the front, then by growth. */
static bool
make_room(struct lines *l)
{
	size_t cap = l->cap;
	char *p;

	if (l->start == l->end)
		l->start = l->end = 0;
	if (cap - l->end >= CHUNK)
		return true;
	if (l->start > 0) {
		memmove(l->buf, l->buf + l->start, l->end - l->start);
		l->end -= l->start;
		l->start = 0;
	}
	while (cap - l->end < CHUNK)
		cap = cap == 0 ? 2 * CHUNK : 2 * cap;
	if (cap == l->cap)
		return true;
	if ((p = realloc(l->buf, cap)) == NULL)
		return false;
	l->buf = p;
	l->cap = cap;
	return true;
}

char *
lines_room(struct lines *l, size_t *n)
{
	if (!make_room(l))
		return NULL;
	*n = l->cap - l->end;
	return l->buf + l->end;
}

void
lines_filled(struct lines *l, size_t n)
{
	l->end += n;
}

static void
wait_for(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	(void)poll(&pfd, 1, -1);
}

/* A signal ends the wait with nothing read, so that the caller can look at
 * what the signal set. */
int
lines_fill(struct lines *l, struct fault *f)
{
	ssize_t got;

	if (l->eof)
		return 0;
	if (!make_room(l))
		return fault_set(f, FAULT_LOCAL, "out of memory for a line of input");
	got = read(l->fd, l->buf + l->end, CHUNK);
	if (got == -1 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		wait_for(l->fd, POLLIN);	/* O_NONBLOCK set by whoever shares it */
		got = read(l->fd, l->buf + l->end, CHUNK);
	}
	if (got == -1 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (got == -1)
		return fault_set(f, FAULT_LOCAL, "reading input: %s", strerror(errno));
	l->end += (size_t)got;
	l->eof = got == 0;
	return 0;
}

/*
 * Out
 */

void
out_init(struct out *o, int fd)
{
	memset(o, 0, sizeof *o);
	o->fd = fd;
	o->again = -1;
}

void
out_free(struct out *o)
{
	if (o->kind != 0 && o->again != -1)
		close(o->again);
	o->again = -1;
	o->kind = 0;
	buf_free(&o->b);
}

static int
write_fault(struct out *o, int error, struct fault *f)
{
	char name[32] = "standard output";

	if (o->fd != STDOUT_FILENO)
		snprintf(name, sizeof name, "file descriptor %d", o->fd);
	if (error != EPIPE)
		return fault_set(f, FAULT_LOCAL, "writing to %s: %s", name, strerror(error));
	o->gone = true;
	buf_reset(&o->b);
	return fault_set(f, FAULT_LOCAL, "the reader of %s has gone", name);
}

static int
after_append(struct out *o, struct fault *f)
{
	if (o->b.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory for output");
	if (o->gone || (!o->patient && o->b.len >= CHUNK))
		return out_flush(o, f);
	return 0;
}

int
out_line(struct out *o, const char *p, size_t n, struct fault *f)
{
	size_t len = o->b.len;

	buf_put(&o->b, p, n);
	buf_chr(&o->b, '\n');
	if (o->b.bad)
		o->b.len = len;		/* no half line */
	return after_append(o, f);
}

int
out_records(struct out *o, struct buf *rec, struct fault *f)
{
	if (rec->bad) {
		buf_reset(rec);
		return fault_set(f, FAULT_LOCAL, "out of memory for a record");
	}
	buf_put(&o->b, rec->p, rec->len);
	buf_reset(rec);
	return after_append(o, f);
}

/* Write n bytes; returns how many went before an error (errno). */
static size_t
write_all(int fd, const char *p, size_t n)
{
	size_t done = 0;
	ssize_t put;

	while (done < n) {
		put = write(fd, p + done, n - done);
		if (put >= 0)
			done += (size_t)put;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			wait_for(fd, POLLOUT);
		else if (errno != EINTR)
			break;
	}
	return done;
}

/* The first n bytes have gone. */
static void
advance(struct out *o, size_t n)
{
	if (n == o->b.len) {
		buf_reset(&o->b);
		return;
	}
	memmove(o->b.p, o->b.p + n, o->b.len - n);
	o->b.len -= n;
}

int
out_flush(struct out *o, struct fault *f)
{
	size_t n = o->b.len, done;
	int error;

	if (o->gone)
		return write_fault(o, EPIPE, f);
	if (n == 0)
		return 0;
	done = write_all(o->fd, o->b.p, n);
	error = errno;
	advance(o, done);		/* a retry goes on exactly here */
	return done == n ? 0 : write_fault(o, error, f);
}

/*
 * Without blocking
 */

enum { KIND_FILE = 1, KIND_PIPE, KIND_SOCKET, KIND_TERMINAL };

/* Of a terminal a description of our own, on which O_NONBLOCK is nobody else's. -1
 * where it has no name here (that of another container). */
static int
open_again(int fd)
{
	char name[128];

	if (ttyname_r(fd, name, sizeof name) != 0)
		return -1;
	return open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static int
look(struct out *o)
{
	struct stat st;

	if (fstat(o->fd, &st) == -1)
		return KIND_FILE;	/* the write will say what is wrong */
	if (S_ISFIFO(st.st_mode))
		return KIND_PIPE;
	if (S_ISSOCK(st.st_mode))
		return KIND_SOCKET;
	if (!S_ISCHR(st.st_mode) || !isatty(o->fd))
		return KIND_FILE;
	o->again = open_again(o->fd);
	return KIND_TERMINAL;
}

/* Whether a write may be tried: there is room, or an error to be told of. */
static bool
ready(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	return poll(&pfd, 1, 0) == 1;
}

/*
 * How much a pipe takes at once without blocking. An empty one takes its capacity.
 * Of another one poll tells that PIPE_BUF bytes have room (POSIX; on Linux one of its
 * pages is free), and no more.
 */
static size_t
pipe_room(int fd)
{
#ifdef F_GETPIPE_SZ
	int held = -1, size;

	if (ioctl(fd, FIONREAD, &held) == 0 && held == 0 && (size = fcntl(fd, F_GETPIPE_SZ)) > PIPE_BUF)
		return ready(fd) ? (size_t)size : 0;
#endif
	return ready(fd) ? PIPE_BUF : 0;
}

/* Where a terminal cannot be opened again: poll promises room for a byte, and in
 * fact there is room for some. */
#define TERMINAL_PIECE	64u

/* One write of at most n bytes that does not block. -1 with errno; EAGAIN: no room. */
static ssize_t
write_some(struct out *o, const char *p, size_t n)
{
	size_t room = n;

	switch (o->kind) {
	case KIND_SOCKET:
		return send(o->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	case KIND_PIPE:
		room = pipe_room(o->fd);
		break;
	case KIND_TERMINAL:
		if (o->again != -1)
			return write(o->again, p, n);
		room = ready(o->fd) ? TERMINAL_PIECE : 0;
		break;
	default:
		break;
	}
	if (room == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(o->fd, p, n < room ? n : room);
}

int
out_try(struct out *o, struct fault *f)
{
	size_t n = o->b.len, done = 0;
	ssize_t put = 0;
	int error;

	if (o->gone)
		return write_fault(o, EPIPE, f);
	if (o->kind == 0)
		o->kind = look(o);
	while (done < n && (put >= 0 || errno == EINTR)) {
		put = write_some(o, o->b.p + done, n - done);
		if (put > 0)
			done += (size_t)put;
	}
	if (done == n) {
		buf_reset(&o->b);
		return 1;
	}
	error = errno;
	advance(o, done);
	return error == EAGAIN || error == EWOULDBLOCK ? 0 : write_fault(o, error, f);
}

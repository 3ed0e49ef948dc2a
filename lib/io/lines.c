#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
}

void
out_free(struct out *o)
{
	buf_free(&o->b);
}

static int
after_append(struct out *o, struct fault *f)
{
	if (o->b.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory for output");
	if (o->gone || o->b.len >= CHUNK)
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

int
out_flush(struct out *o, struct fault *f)
{
	size_t done;

	if (o->gone)
		return write_fault(o, EPIPE, f);
	done = write_all(o->fd, o->b.p, o->b.len);
	if (done == o->b.len) {
		buf_reset(&o->b);
		return 0;
	}
	memmove(o->b.p, o->b.p + done, o->b.len - done);	/* a retry goes on exactly here */
	o->b.len -= done;
	return write_fault(o, errno, f);
}

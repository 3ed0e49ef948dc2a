/* Lines in and out of a pipe. */
#ifndef BF_IO_LINES_H
#define BF_IO_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/fault.h"

#define LINE_MAX_BYTES	(16u << 20)

/* A reader over a file descriptor: large reads, lines as spans. */
struct lines {
	int	fd;
	char   *buf;
	size_t	start, end, cap;
	size_t	scanned;	/* bytes after start already searched */
	bool	eof, skipping;
	unsigned long long number;	/* of the line last given out, from 1 */
};

enum line_result {
	LINE_NONE,	/* no whole line now (lines_fill would be needed) */
	LINE_OK,
	LINE_PARTIAL,	/* the last line, and it lacks its newline: it may be cut, do not act on it */
	LINE_LONG,	/* longer than LINE_MAX_BYTES: dropped up to its newline */
	LINE_END
};

void lines_init(struct lines *l, int fd);
void lines_free(struct lines *l);
/* The next line, without its newline (a CR before it is dropped too). *p is
 * good until the next call. Never reads. */
enum line_result lines_next(struct lines *l, const char **p, size_t *n);
/* Read once (blocks if nothing is there; poll first to avoid it). 0 also when a
 * signal came first: look at its flag. -1 on a read error or lack of memory
 * (FAULT_LOCAL). */
int lines_fill(struct lines *l, struct fault *f);
/* For who brings the bytes himself (fd is not used then): room for *n > 0 of them,
 * or NULL (no memory); and how many of it were filled. At the end set eof. */
char *lines_room(struct lines *l, size_t *n);
void lines_filled(struct lines *l, size_t n);

/*
 * A writer: append whole records, flush in few writes. Never emits a partial
 * line by its own choice. b is what has not gone yet.
 */
struct out {
	int	   fd;
	struct buf b;
	bool	   gone;	/* the reader has left */
	bool	   patient;	/* appending never writes: the owner calls out_try */
	int	   kind;	/* of fd, as out_try found it; 0: it has not looked */
	int	   again;	/* a terminal, opened once more for out_try */
};

void out_init(struct out *o, int fd);
void out_free(struct out *o);
/* Append a line of n bytes plus newline; flushes by itself above 64 KiB, unless
 * patient. */
int out_line(struct out *o, const char *p, size_t n, struct fault *f);
/* Append what is in rec (whole records with their newlines) and empty rec. */
int out_records(struct out *o, struct buf *rec, struct fault *f);
/* Write all out. On EPIPE sets gone (the reader left) and answers -1 with
 * FAULT_LOCAL; other errors (full disk) FAULT_LOCAL with the reason. */
int out_flush(struct out *o, struct fault *f);
/*
 * Write what the reader can take now, without ever blocking on it. 1: all has gone;
 * 0: the rest waits in b, and the next call (or out_flush) goes on exactly there, be it in
 * the middle of a line; -1: as out_flush. Wait for POLLOUT before trying again.
 *
 * fd may be blocking and stays so: O_NONBLOCK belongs to the open file, which the shell
 * and other programs have too. Of a pipe it is relied on that no other process writes to
 * it at the same moment; files, and devices but terminals, are just written.
 */
int out_try(struct out *o, struct fault *f);

#endif

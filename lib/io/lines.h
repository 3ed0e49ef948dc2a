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

/*
 * A writer: append whole records, flush in few writes. Never emits a partial
 * line by its own choice.
 */
struct out { int fd; struct buf b; bool gone; };

void out_init(struct out *o, int fd);
void out_free(struct out *o);
/* Append a line of n bytes plus newline; flushes by itself above 64 KiB. */
int out_line(struct out *o, const char *p, size_t n, struct fault *f);
/* Append what is in rec (whole records with their newlines) and empty rec. */
int out_records(struct out *o, struct buf *rec, struct fault *f);
/* Write all out. On EPIPE sets gone (the reader left) and answers -1 with
 * FAULT_LOCAL; other errors (full disk) FAULT_LOCAL with the reason. */
int out_flush(struct out *o, struct fault *f);

#endif

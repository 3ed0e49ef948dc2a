/*
 * A file that a run appends its records to, and that a later run of the same command
 * goes on with: killed at any moment and started again, it holds what an
 * uninterrupted run would have written. Its first line says what it is of.
 */
#ifndef BF_INFO_SAVE_H
#define BF_INFO_SAVE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fault.h"
#include "core/scan.h"
#include "io/lines.h"

struct save {
	const char *path;
	int	fd;		/* -1: closed */
	struct out out;
	int64_t	from;		/* of the first line that was there: where the file begins; INT64_MAX: it is new */
	struct buf tail;	/* the last whole lines there were, with their newlines; never the first of the file */
	int64_t	end;		/* bytes of whole lines */
};

/*
 * Open or make path and lock it. head: the first line (n bytes, no newline), a flat
 * JSON object; a file that is there must begin with one whose members are equal, but
 * for "E" and "from", and its "from" must not be later. A torn line at the end is cut
 * off. FAULT_USAGE: of something else, named; not a plain file; in use by another run.
 * FAULT_LOCAL: the system says no. save_close also after a failure.
 */
int save_open(struct save *s, const char *path, const char *head, size_t n, struct fault *f);
/* Take the last line off again, of which p is the beginning in s->tail. */
int save_cut(struct save *s, const char *p, struct fault *f);
/* The last line of s->tail, without its newline, and before it is *end (NULL: from
 * the end); moves *end to its beginning. false: no more. */
bool save_back(const struct save *s, const char **end, const char **line, size_t *n);
/* Append what is in rec, and empty it. */
int save_put(struct save *s, struct buf *rec, struct fault *f);
/* All is written; with sync, also on the disk. */
int save_flush(struct save *s, bool sync, struct fault *f);
void save_close(struct save *s);

#endif

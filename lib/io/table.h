/* Records as a table for a person, or as NDJSON for a pipe. */
#ifndef BF_IO_TABLE_H
#define BF_IO_TABLE_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/fault.h"
#include "io/jqf.h"
#include "io/lines.h"

#define COLUMNS_MAX	64

/*
 * A column: heading, member of the record ("a.b" for nested, "a.0" for the first of an array), and how it is
 * shown: on the left, on the right, milliseconds as a time of day or with its date
 * (UTC), or decimals with their points one below the other.
 * Ends with head NULL; COLUMNS_MAX at most. For a person's eye: a long array or
 * object shows as how many it holds, a number without zeros that say nothing (of
 * aligned decimals: that say nothing in any row). On a terminal too narrow for a
 * table, columns that are empty in every row are left out.
 */
enum { COL_LEFT, COL_RIGHT, COL_TIME, COL_DEC, COL_DATE };
struct column { const char *head, *member; int how; };	/* member: "o.s", "b.0.1"; "k.c|c": either */

/*
 * Where a tool's records go. On NDJSON each record is a line (after --jq); as
 * a table they are collected and laid out at the end. Zero it, printer_open,
 * printer_put per record, printer_close (flushes; a full disk speaks here). Who
 * must not wait for the reader sets out.patient after printer_open, and calls
 * out_try(&out): then nothing but printer_close writes.
 */
struct printer {
	struct out	 out;
	struct jqf	*jq;
	bool		 table;
	bool		 tty;		/* NDJSON to a person: what could drive a terminal is escaped */
	const struct column *cols;
	struct buf	 cells;		/* NUL-separated, row by row */
	struct buf	 one;		/* a record on its way through jq or to a person */
	int		 rows;
	bool		 live;		/* of a table: each row is printed at once */
	bool		 headed;	/* the headings have been printed */
	int		 wide[COLUMNS_MAX];	/* widths so far; they only grow */
	bool		 hidden[COLUMNS_MAX];	/* empty, and a terminal has no room for it */
	int		 lead[COLUMNS_MAX];	/* of COL_DEC: before the point, */
	int		 frac[COLUMNS_MAX];	/* and from the point on */
};

/* Of an endless run: print each row of a table as it comes, the columns as
 * wide as the widest cell until then. The caller flushes out when idle. */
void printer_live(struct printer *p);

/* format: "table", "ndjson" or NULL (table if fd is a terminal and no jq);
 * jq: NULL if none. FAULT_USAGE for a wrong format or filter. */
int printer_open(struct printer *p, int fd, const char *format, const char *jq,
    const struct column *cols, struct fault *f);
/* Of a table: what follows is another one, with these columns. */
int printer_section(struct printer *p, const struct column *cols, struct fault *f);
/* rec: whole record(s) with newline; emptied. */
int printer_put(struct printer *p, struct buf *rec, struct fault *f);
/* The same for one record without newline, of which nothing is kept: in a pipe it is
 * copied once. */
int printer_line(struct printer *p, const char *rec, size_t n, struct fault *f);
int printer_close(struct printer *p, struct fault *f);

#endif

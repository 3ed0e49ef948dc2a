/* Records as a table for a person, as NDJSON for a pipe, as CSV or TSV for a spreadsheet. */
#ifndef BF_IO_TABLE_H
#define BF_IO_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fault.h"
#include "io/jqf.h"
#include "io/lines.h"

#define COLUMNS_MAX	64

/*
 * A column: heading, member of the record ("a.b" for nested, "a.0" for the first of an array,
 * "k.c|c" for either), and how it is shown: on the left, on the right, milliseconds as a
 * time of day or with its date (UTC), or decimals with their points one below the
 * other. COL_AUTO: as decimals if all are, else on the left.
 * Ends with head NULL; COLUMNS_MAX at most. For a person's eye: a short array of
 * plain values shows as these, a longer one or an object as how many it holds, a number
 * without zeros that say nothing (of aligned decimals: that say nothing in any row).
 *
 * What is made for the eye, and stands in the record otherwise, has after a colon what
 * CSV and TSV show in its place: "cells.pnl:unRealizedProfit"; with nothing after the
 * colon they leave the column out.
 *
 * how also says, on a terminal: COL_SIGN a decimal that is green above zero and red
 * below; COL_SIDE a word that is green (BUY, LONG, bid) or red (SELL, SHORT, ask).
 * COL_NIL: a zero says that there is none, and shows as "-". COL_NUM: of a member that is no
 * number, as one that has the same letter in another record, the next is taken. Where
 * it is too narrow columns that are empty in every row are left out, dates are shortened
 * to days and seconds, and then the columns with COL_MORE go, 1 first; of a last column
 * with COL_CUT the end is cut off.
 */
enum { COL_LEFT, COL_RIGHT, COL_TIME, COL_DEC, COL_DATE, COL_AUTO };
enum { COL_SIGN = 1 << 4, COL_SIDE = 1 << 5, COL_CUT = 1 << 6, COL_NIL = 1 << 7, COL_NUM = 1 << 12 };
#define COL_MORE(n)	((n) << 8)	/* 1 to COL_MORE_MAX */
#define COL_MORE_MAX	15
struct column { const char *head, *member; int how; };

/* How a user wants records printed (-o, --jq, --fields); NULL: not said. tool: who tells on
 * stderr what the terminal had no room for, and of members that no record had; NULL: nobody. */
struct tool;
struct print_as { const char *format, *jq, *fields; const struct tool *tool; };

enum print_form { PRINT_NDJSON, PRINT_TABLE, PRINT_CSV, PRINT_TSV };

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
	enum print_form	 form;
	bool		 table;		/* rows for our own columns are wanted, be it as CSV; with --fields: records */
	bool		 tty;		/* to a person: what could drive a terminal is escaped */
	bool		 colour;
	const struct column *cols;
	struct column	*own;		/* of --fields, heap; head NULL after the last */
	char		*names;		/* what they point into, heap */
	int		 nown;		/* 0: no --fields */
	uint64_t	 had;		/* bit i: a record had own[i] */
	unsigned long long records;	/* that --fields was taken from */
	const struct tool *tool;
	struct buf	 cells;		/* NUL-separated, row by row */
	struct buf	 one;		/* a record on its way through jq or to a person */
	int		 rows;		/* of a table: not yet printed; of CSV: all */
	bool		 live;		/* of a table: each row is printed at once, */
	bool		 bursts;	/* or with those that came with it */
	bool		 headed;	/* the headings have been printed */
	bool		 again;		/* a round has been printed */
	bool		 told;		/* that columns were left out */
	int		 wide[COLUMNS_MAX];	/* widths so far; they only grow */
	int		 how[COLUMNS_MAX];	/* COL_AUTO decided */
	bool		 hidden[COLUMNS_MAX];	/* a terminal has no room for it */
	bool		 said[COLUMNS_MAX];	/* a row had something there */
	int		 lead[COLUMNS_MAX];	/* of COL_DEC: before the point, */
	int		 frac[COLUMNS_MAX];	/* and from the point on */
	bool		 brief;		/* dates without year and milliseconds */
};

/* Of an endless run: print each row of a table as it comes, the columns as
 * wide as the widest cell until then, as far as the terminal has room. The caller
 * flushes out when idle. */
void printer_live(struct printer *p);
/* The same, but what comes at once is laid out together: rows wait for printer_ready, which appends them to
 * out, or for many others. */
void printer_bursts(struct printer *p);
int printer_ready(struct printer *p, struct fault *f);
/* Of a long run that comes in parts: the rows of this part go out, laid out together. */
int printer_part(struct printer *p, struct fault *f);

/*
 * as: NULL for all that is usual: without a format a table if fd is a terminal and no jq
 * is given, else NDJSON. FAULT_USAGE: a wrong format, filter or list of members; or rows
 * are asked for of records that have no columns (cols NULL), without --fields.
 */
int printer_open(struct printer *p, int fd, const struct print_as *as, const struct column *cols, struct fault *f);
/* Of a table: what follows is another one, with these columns. With --fields all is one. */
int printer_section(struct printer *p, const struct column *cols, struct fault *f);
/* rec: whole record(s) with newline; emptied. */
int printer_put(struct printer *p, struct buf *rec, struct fault *f);
/* The same for one record without newline, of which nothing is kept: in a pipe it is
 * copied once. */
int printer_line(struct printer *p, const char *rec, size_t n, struct fault *f);
/* What was put until now, laid out and appended to text instead of written; a table that
 * follows has its headings again. Set out.patient before the first record. */
int printer_take(struct printer *p, struct buf *text, struct fault *f);
/* The records of a round are over: of a table its rows go out, and the next one has its headings again,
 * after a blank line. */
int printer_round(struct printer *p, struct fault *f);
/* No more rows come: those of a round that was broken off are forgotten, and no headings follow. */
void printer_done(struct printer *p);
/* No headings if no row has come: the run has failed, or prints no records. */
void printer_headless(struct printer *p);
int printer_close(struct printer *p, struct fault *f);
/* The same, and nothing more is written. */
void printer_drop(struct printer *p);

#endif

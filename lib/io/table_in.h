/* What the files of table share. */
#ifndef BF_IO_TABLE_IN_H
#define BF_IO_TABLE_IN_H

#include "core/scan.h"
#include "io/table.h"

#define COL_HOW	0xf	/* the part of how that says where it stands */

/* table_cell.c */
int  columns_count(const struct column *c);
/* What leads to one value among several paths, "k.c|c|p", up to a colon; NULL if none does. With COL_NUM
 * in how: to a number. */
const struct tok *cell_pick(const struct tok *t, const char *paths, int how);
/* The member "a.b" of a record, or "a.0", of an array; n bytes of path. NULL if it is missing. */
const struct tok *cell_member(const struct tok *t, const char *path, size_t n);
/* A cell for a person, appended with a NUL. */
void cell_put(struct buf *cells, const struct tok *v, int how);
/* A string's text, escapes seen through, or else what stands there. tty: made harmless. */
void cell_text(struct buf *b, const struct tok *v, bool tty);
/* How much of a plain decimal to show. */
size_t cell_without_zeros(const char *p, size_t n);

/* table_layout.c: the rows collected, and before the first of them the headings, appended to b. */
void table_lay_out(struct printer *p, struct buf *b);

/* table_csv.c: CSV and TSV. */
void csv_head(const struct printer *p, struct buf *b);
void csv_row(const struct printer *p, const struct tok *t, struct buf *b);

/* table_fields.c: --fields. */
int  fields_read(struct printer *p, const char *list, struct fault *f);
/* The record as an object of these members, with newline. FAULT_REJECTED: it is no object or array. */
int  fields_object(struct printer *p, const struct tok *t, struct buf *b, struct fault *f);
/* Which of the members a record has. */
void fields_seen(struct printer *p, const struct tok *t);
/* Tell of those that none had. */
void fields_tell(const struct printer *p);

#endif

/* The diffs that wait for a snapshot, oldest first, in at most BOOK_HELD_MAX bytes. Of
 * book.c only. */
#ifndef BF_CORE_BOOK_HELD_H
#define BF_CORE_BOOK_HELD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/book_read.h"

/* Zero it at first; held_clear at the end. */
struct held { char *p; size_t from, to, cap; };

/* A copy of d at the end. When there is no room left the oldest quarter goes, all if d
 * alone has no room. false: out of memory, and unchanged. */
bool held_add(struct held *h, const struct depth *d);
/* To walk them: held_next of NULL is the oldest; NULL at the end. */
const struct depth *held_next(const struct held *h, const struct depth *d);
/* Drop what is older than d. */
void held_drop_before(struct held *h, const struct depth *d);
void held_clear(struct held *h);

#endif

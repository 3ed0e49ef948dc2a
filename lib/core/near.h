/* The names most like one that does not exist, for a sentence. */
#ifndef BF_CORE_NEAR_H
#define BF_CORE_NEAR_H

#include <stddef.h>

#define NEAR		3	/* names given at most */
#define NEAR_MAX	96	/* bytes of a name with its NUL; a longer one is like nothing */

struct near { const char *asked; char name[NEAR][NEAR_MAX]; int rank[NEAR]; };

/* asked is kept, not copied. */
void near_begin(struct near *near, const char *asked);
/* A name there is. Like asked: equal but for case, one or two edits away, or the
 * beginning of the other. Of equals the first added stays first. */
void near_add(struct near *near, const char *name);
/* "; near: A, B", for the end of a sentence; "" if none is like it. What the
 * names hold goes out as it is. */
void near_text(const struct near *near, char *out, size_t size);
/* Those of another list behind what out holds of near_text: "; near: A, B, C"; out "": alone. */
void near_more(const struct near *near, char *out, size_t size);

#endif

/*
 * Orders that the exchange has refused, each time for the same reason. After a few times in
 * a row the same order is not sent for a while; then once more.
 */
#ifndef BF_ORDER_REPEAT_H
#define BF_ORDER_REPEAT_H

#include "core/intent.h"

#define REPEATS_MAX	3	/* refusals of the same order in a row */
#define REPEATS_KEPT	32

struct repeat { uint64_t order; int code, n; int64_t until_ms; };	/* n 0: free; until_ms: monotonic */
struct repeats { struct repeat r[REPEATS_KEPT]; unsigned next; };	/* zero it at first */

/* The same order: all that is sent but its client id. */
bool repeats(const struct repeats *rs, const struct intent *in, int64_t mono_ms, int *code, int64_t *left_ms);
/* It was refused with this code; 0: it was taken, and what went before is forgotten. */
void repeat_note(struct repeats *rs, const struct intent *in, int code, int64_t mono_ms);

#endif

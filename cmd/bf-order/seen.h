/*
 * Client ids that were sent: in this run, and by the journal in the last day.
 * Kept for one to two days, so that memory has a bound.
 */
#ifndef BF_ORDER_SEEN_H
#define BF_ORDER_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fault.h"

struct seen { void *now, *before; int64_t since_ms; };	/* zero it at first */

bool seen_has(const struct seen *s, const char *id);
/* Remember id; now_ms turns the generations. FAULT_LOCAL: out of memory. */
int  seen_add(struct seen *s, const char *id, int64_t now_ms, struct fault *f);
/* Forget id: it was proven that no byte of it left. */
void seen_drop(struct seen *s, const char *id);
void seen_free(struct seen *s);

#endif

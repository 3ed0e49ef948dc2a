/*
 * After a gap in the account's stream: what REST says against what is known. The asking
 * is done in the worker, the comparing in the loop.
 */
#ifndef BF_STREAM_RECOVER_H
#define BF_STREAM_RECOVER_H

#include "known.h"
#include "stream.h"

struct recovery;

/*
 * Begin. first: nothing was known before, what is there is only taken note of. from, to:
 * the gap, exchange time; begun: when this stream's account began: nothing older is missed.
 * done gets the recovery when all answers are there, or one
 * could not be had (recovery_failed); the owner frees it. NULL: out of memory.
 */
struct recovery *recovery_begin(struct app *a, enum market m, struct known *k, bool first,
    int64_t from, int64_t to, int64_t begun, int delay_ms, void (*done)(void *arg, void *r), void *arg);
void recovery_free(void *r);
const struct fault *recovery_failed(const struct recovery *r);	/* NULL: it has all */
/*
 * Compare, note, and tell: a bf.recovered record for each fill and each order that nobody
 * told of, bf.reconcile for each position that is another one than known, and one more at
 * the end with the counts. Of a first one nothing is told; of a quiet one no counts, if they
 * are all 0.
 */
void recovery_apply(struct recovery *r, struct known *k, bool quiet);

#endif

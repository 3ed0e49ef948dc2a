/*
 * The order journal: NDJSON, append-only, one file a day in
 * STATE/journal/YYYY-MM-DD.ndjson (exchange date, UTC), each line with a
 * checksum, several processes at once. Durable (fdatasync) before the first byte
 * of an order leaves.
 *
 * What a record costs: some microseconds, in five calls of the system; being durable
 * costs what the disk takes for an fdatasync, once for all records of a group.
 * bench/journal.c measures both.
 */
#ifndef BF_IO_JOURNAL_H
#define BF_IO_JOURNAL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fault.h"
#include "io/conf.h"

struct journal;

/* Whether the profile has one, or that cannot be seen. journal_open makes one where there is none. */
bool journal_exists(const struct profile *p);
/* file NULL: the profile's own by day; else that one file. */
int journal_open(struct journal **out, const struct profile *p, const char *file, struct fault *f);
void journal_close(struct journal *j);

/*
 * Append one record: {"e":"bf.journal","E":ms,"what":what,"id":client id,
 * "data":data,"crc":"8 hex"}; crc is CRC-32 (that of zip) over the line's bytes
 * before ,"crc". durable: on the disk when it returns.
 * what: "intent" before sending, "result", "refused", "unknown", "resolved"
 * (an UNKNOWN that was settled), "absent". data: one JSON value. id: 39 bytes at most,
 * named as io/order.h says.
 * A line is whole or not there. What a writer that died or a power cut left of a line at
 * the end stays, and the next writer begins a line of its own after it.
 */
int journal_put(struct journal *j, int64_t now_ms, const char *what, const char *client_id,
    const char *data, size_t n, bool durable, struct fault *f);

/*
 * Append the intent of an order, durable, unless another process has put one
 * of the same client id since the first walk (without a walk: in this file at
 * all); then nothing is written and it returns 1. Of two processes that are
 * given the same order at the same time only one may send it: the exchange
 * refuses an id only while an order of that id is open. It holds over midnight too.
 * Ids that begin with "~" (cancels) are never taken: anyone may cancel, and again.
 */
int journal_claim(struct journal *j, int64_t now_ms, const char *client_id, const char *data, size_t n,
    struct fault *f);

/*
 * The same for several intents with one write and one fdatasync: taken[i] says whether
 * another process, or an earlier one of v, had claimed v[i] (its line was not written then).
 * Durable when it returns 0. -1: none of them may be sent.
 */
struct journal_claim { const char *client_id, *data; size_t n; bool taken; };
int journal_claim_all(struct journal *j, int64_t now_ms, struct journal_claim *v, int n, struct fault *f);

/* Durability off: for measuring, and for who takes it on (a power cut may lose intents
 * whose orders stand). The line is still written before the first byte leaves. */
void journal_sync(struct journal *j, bool on);

/*
 * Walk all whole, undamaged lines of the last days files, oldest first. A torn
 * last line is passed over; any other damaged line is counted in *damaged. each
 * may write; other than 0 from it ends the walk and is its answer.
 */
struct journal_line { const char *line; size_t n; int64_t at_ms; char what[16], id[40]; const char *data; size_t data_n; };
int journal_walk(struct journal *j, int days, int64_t now_ms,
    int (*each)(void *arg, const struct journal_line *l), void *arg, int *damaged, struct fault *f);
/* The newest lines alone: of the files of today and its neighbours as much of the end as bytes. For who
 * asks often; damage is passed over. */
int journal_recent(struct journal *j, off_t bytes, int64_t now_ms,
    int (*each)(void *arg, const struct journal_line *l), void *arg, struct fault *f);
/* Where the damage is, once for each damaged line of a walk: "FILE: line N: what is wrong".
 * FILE is as the caller or the profile named it: show it as text of others. tell NULL: not. */
void journal_on_damage(struct journal *j, void (*tell)(void *arg, const char *sentence), void *arg);

#endif

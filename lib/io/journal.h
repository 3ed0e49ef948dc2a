/*
 * The order journal: NDJSON, append-only, one file a day in
 * STATE/journal/YYYY-MM-DD.ndjson (exchange date, UTC), each line with a
 * checksum, several writers at once. Durable (fdatasync) before the first byte
 * of an order leaves.
 */
#ifndef BF_IO_JOURNAL_H
#define BF_IO_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fault.h"
#include "io/conf.h"

struct journal;

/* file NULL: the profile's own by day; else that one file. */
int journal_open(struct journal **out, const struct profile *p, const char *file, struct fault *f);
void journal_close(struct journal *j);

/*
 * Append one record: {"e":"bf.journal","E":ms,"what":what,"id":client id,
 * "data":data,"crc":"8 hex"}; crc is CRC-32 over the line's bytes before
 * ,"crc". durable: on the disk when it returns.
 * what: "intent" before sending, "result", "refused", "unknown", "resolved"
 * (an UNKNOWN that was settled), "absent". data: one JSON value.
 */
int journal_put(struct journal *j, int64_t now_ms, const char *what, const char *client_id,
    const char *data, size_t n, bool durable, struct fault *f);

/*
 * Append the intent of an order, durable, unless another process has put one
 * of the same client id since the first walk (without a walk: in this file at
 * all); then nothing is written and it returns 1. Of two processes that are
 * given the same order at the same time only one may send it: the exchange
 * refuses an id only while an order of that id is open.
 */
int journal_claim(struct journal *j, int64_t now_ms, const char *client_id, const char *data, size_t n,
    struct fault *f);

/*
 * Walk all whole, undamaged lines of the last days files, oldest first. A torn
 * last line is passed over; any other damaged line is counted in *damaged. each
 * may write; other than 0 from it ends the walk and is its answer.
 */
struct journal_line { const char *line; size_t n; int64_t at_ms; char what[16], id[40]; const char *data; size_t data_n; };
int journal_walk(struct journal *j, int days, int64_t now_ms,
    int (*each)(void *arg, const struct journal_line *l), void *arg, int *damaged, struct fault *f);

#endif

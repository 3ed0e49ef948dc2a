/*
 * --record: what was received, with the time of receiving, into a file of whole lines,
 * and its rotation.
 *
 * A line is the exchange's combined envelope with one member more:
 *	{"recv":1723161256789012,"stream":"btcusdt@aggTrade","data":{...}}
 * recv: microseconds of this machine's clock; data: the record, byte for byte. The
 * toolkit's own notices have "stream":"".
 *
 * FILE is the part being written, plain text, mode 0600; only whole lines are written, by
 * one write each time, and a line that could only be written in part (a full disk) is
 * taken back. A part of the size or age given becomes FILE-YYYYMMDDTHHMMSSZ (UTC of its
 * first record; -2, -3 ... if taken), and is compressed to that name and ".gz" by a
 * thread, first under ".part", while recording goes on; one left uncompressed by a run
 * that was killed is compressed at the next start. A part is never larger than the size
 * given, unless one line is. An existing FILE is appended to, after a torn last line was
 * cut off (kill -9 may stop a write in the kernel, between two pages); one that is no
 * recording is refused and left alone. A second process on the same FILE is refused (lock).
 */
#ifndef BF_STREAM_REC_H
#define BF_STREAM_REC_H

#include <stddef.h>
#include <stdint.h>

#include "core/fault.h"

struct recorder;

/* "64M", "1h", "64M,1h", "100k": bytes (k, M, G of 1024) and age (s, m, h, d, w) of a
 * part; what is not named is 0: never. FAULT_USAGE. */
int rotate_parse(int64_t *bytes, int64_t *ms, const char *s, struct fault *f);

int recorder_open(struct recorder **out, const char *path, int64_t rotate_bytes, int64_t rotate_ms,
    struct fault *f);
/* Take one record; written at the next flush, or by itself when 64 KiB are waiting. stream
 * is escaped; data is one JSON object without line breaks. -1: FAULT_LOCAL; lines that could
 * not be written still wait, and as long as they cannot be, no more are taken. */
int recorder_put(struct recorder *r, int64_t recv_us, const char *stream, size_t stream_n,
    const char *data, size_t n, struct fault *f);
/* Write what waits, and rotate if it is time; to be called when idle. */
int recorder_flush(struct recorder *r, int64_t now_us, struct fault *f);
/* Flushes; waits for the compression of this run's parts. -1 also if one of them could not
 * be compressed: it stays as it is. NULL is fine. */
int recorder_close(struct recorder *r, struct fault *f);

#endif

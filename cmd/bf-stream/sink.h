/*
 * Where records wait for a reader that is slow. Pure: no I/O, no clock.
 *
 * A record of a stream whose latest value counts takes the place of the older one of
 * the same stream and symbol that still waits, so that each symbol keeps its turn;
 * others wait in the order they came. No stream and symbol ever goes back.
 *
 * All together take no more than the bytes given. When they would, the oldest are lost,
 * such as have more of their kind behind them before a stream's only latest value, and
 * market data before the account's events, which are never lost: for them the run ends.
 * What is lost is said in a bf.gap record at the place where it is missing, one a stream
 * and symbol (as long as nothing of the same lies between):
 *	{"e":"bf.gap","E":..,"by":"bf-stream","stream":..,"s":..,"lost":N,"from":E,"to":E,
 *	 "why":"slow reader"}
 * from, to: event times of the first and last one lost, if they had any. What was
 * conflated is not lost and not said.
 */
#ifndef BF_STREAM_SINK_H
#define BF_STREAM_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fault.h"

enum slow {
	SLOW_AUTO,	/* by the kind: latest conflate, every drop, account stop */
	SLOW_CONFLATE,	/* keep the latest of each stream and symbol, whatever the kind but the account's */
	SLOW_BUFFER,	/* keep all; when full as DROP for market data, as STOP for the account's */
	SLOW_DROP,	/* the same under the name of what becomes of market data */
	SLOW_STOP	/* keep all; when full end the run */
};
int slow_parse(enum slow *out, const char *s, struct fault *f);

enum sink_kind {
	SINK_LATEST,	/* only the latest of a stream and symbol matters */
	SINK_EVERY,	/* each one matters: trades, diffs of a book, liquidations */
	SINK_ACCOUNT,	/* each one matters and must not be lost: the account's events */
	SINK_NOTICE	/* ours (bf.*): never conflated, never dropped, with a bound of their own */
};

/* What a record is filed under. */
struct sink_key {
	const char *stream;	/* "btcusdt@aggTrade", "user", "" */
	const char *symbol; size_t symbol_n;	/* within the stream; may be empty */
	bool	    keep;	/* of a latest-value stream: do not conflate this one away (a closed candle) */
	int64_t	    E;		/* its event time, for the gap's from and to; 0 unknown */
};

struct sink;
/* max_bytes: the bound, of all that waits with its bookkeeping; notices (bf.gap is one) come
 * on top, as many bytes again and a MiB: more of them end the run, whatever the policy. FAULT_USAGE: less than 4096. */
int sink_open(struct sink **out, enum slow how, size_t max_bytes, struct fault *f);
void sink_free(struct sink *s);
/* File a copy of the record (n bytes, without newline); k may be NULL of a notice. 0: done
 * (perhaps others were lost for it, or it was, being larger than the bound). -1: no memory
 * (it is not filed, but more may be put); or full, and the policy is to stop: f (FAULT_LOCAL)
 * says so, a bf.gap is the last record that waits, and nothing more may be put. now_ms:
 * exchange time, for the E of a bf.gap. */
int sink_put(struct sink *s, enum sink_kind kind, const struct sink_key *k, const char *rec, size_t n,
    int64_t now_ms, struct fault *f);
/* Append the next record and a newline; false: none waits, or out is bad (no memory: the
 * record still waits). */
bool sink_next(struct sink *s, struct buf *out);
bool sink_empty(const struct sink *s);
/* Bytes and records that wait, notices and all; records conflated away and lost, ever. */
struct sink_stats { size_t bytes, records; uint64_t conflated, lost; };
struct sink_stats sink_stats(const struct sink *s);

#endif

/* --book: the local book of each symbol, kept by core/book, and what is told of it. Pure but
 * for what its owner does when asked; times come in as arguments. */
#ifndef BF_STREAM_BOOKS_H
#define BF_STREAM_BOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/endpoint.h"
#include "core/scan.h"

struct books;

struct books_ops {
	/* Ask for a depth snapshot of the symbol, some time; answered by books_snapshot or
	 * books_no_snapshot. Never called for a symbol that is waiting for one, nor before a
	 * diff of it has come. Offline: NULL. */
	void (*want)(void *arg, enum market m, const char *symbol);
	/* A record for the pipe, without newline: a book (stream is the name of its depth stream),
	 * or a notice (stream ""). It may be taken apart. rec->bad: memory ran out, and something
	 * is missing: the owner must not go on as if nothing was. */
	void (*put)(void *arg, const char *stream, const char *symbol, int64_t E, struct buf *rec);
};

/* levels: how many a side are shown. interval_ms: 0: on each change of those; else no
 * more often than that, at books_tick. A book that stays crossed for a second is void. by
 * and ops are borrowed. -1: out of memory. */
int books_open(struct books **out, int levels, int interval_ms, const char *by, const struct books_ops *ops,
    void *arg);
void books_free(struct books *b);

/*
 * A depthUpdate of the diff stream. now_ms: exchange time, for the notices. A gap makes one
 *	{"e":"bf.gap","E":..,"by":..,"stream":..,"s":..,"what":"book","why":..,"from":<u>,"to":<U>}
 * (why: "pu N does not follow u M", "crossed", "connection lost", "bad diff", "bad snapshot",
 * "no snapshot: WHY", "out of memory"; from: the u of the last good book, to: the U of the diff that does not follow it; null
 * where there is none), and the symbol is silent until a snapshot has joined; then
 * {"e":"bf.recovered",..,"what":"book","u":..} follows, once, before the first book. Nothing crossed
 * is ever put, nor a book older than one put before. One stream feeds a book: diffs of the symbol
 * from another one are passed over until books_lost ends the first.
 */
void books_diff(struct books *b, enum market m, const char *stream, const char *symbol,
    const struct tok *t, const struct tok *v, int64_t now_ms);
/* The REST answer for a symbol. now_ms as above. One that is no depth answer, or older than
 * the diffs held (out of a cache), is asked for again after 250 ms, 500, 1000, ... 8000. So
 * is one after a break that comes within 10 s of the last; the first break asks at once. */
void books_snapshot(struct books *b, enum market m, const char *symbol, const struct tok *t, const struct tok *v,
    int64_t now_ms);
/* It could not be had: asked for again at the next tick after wait_ms, or after the wait
 * above if that is longer. why: what the exchange said; NULL: it was not asked, the window of
 * snapshots is full. The second refusal in a row is told, as a bf.gap with "no snapshot: WHY", and
 * so is the second answer that is none; once until the book is there. */
void books_no_snapshot(struct books *b, enum market m, const char *symbol, int64_t wait_ms, const char *why,
    int64_t now_ms);
/* The connection of these streams went: each book that hangs on it is void. */
void books_lost(struct books *b, enum market m, const char *stream, int64_t now_ms);
/* Why no book of the symbol was ever put, for a sentence; NULL: one was. */
const char *books_lacks(const struct books *b, enum market m, const char *symbol);
/* Time went by: interval, crossed books, snapshots to ask for again. Every 10 ms to 250 ms. */
void books_tick(struct books *b, int64_t now_ms);

#endif

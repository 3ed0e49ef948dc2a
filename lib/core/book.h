/*
 * The local order book of one symbol by the rule of the futures exchanges: diffs
 * are kept back until a snapshot has come; the first one applied must span the
 * snapshot's lastUpdateId (U <= lastUpdateId <= u); each later one must follow the
 * one before (pu equal to its u). Otherwise the book is void until the next
 * snapshot. Pure: no clock, no I/O; digits are kept as the exchange wrote them.
 */
#ifndef BF_CORE_BOOK_H
#define BF_CORE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/dec.h"
#include "core/scan.h"

#define BOOK_LEVELS_MAX	20000		/* levels kept a side: the worst go first */
#define BOOK_HELD_MAX	(8u << 20)	/* bytes of diffs kept back: the oldest go first */

struct book;	/* opaque: 48 bytes or less a level */

enum book_state {
	BOOK_EMPTY,	/* no snapshot yet: diffs are held */
	BOOK_JOINING,	/* a snapshot, but no diff that joins it yet: may be shown */
	BOOK_LIVE,	/* in step with the exchange */
};

enum book_result {
	BOOK_APPLIED,	/* the book may have changed */
	BOOK_HELD,	/* kept back until a snapshot comes */
	BOOK_OLD,	/* from before the book: dropped, which is normal */
	BOOK_GAP,	/* does not follow: the book is void; this diff is held for the next snapshot */
	BOOK_BAD	/* not a diff: a member is missing or no number; nothing changed, the book is void */
};

/* NULL: out of memory. A book that runs out of memory later is void (BOOK_GAP). */
struct book *book_new(void);
void book_free(struct book *b);

/* One depthUpdate (the object at v of t). A level given twice: the last one counts.
 * Deleting a level that is not there is normal. A price or quantity is BAD if it is
 * negative, has an exponent, or more digits than an int64_t holds (9.2e18 without its
 * point). A u that goes back while E goes on by 10 s is a GAP: the ids began anew. */
enum book_result book_diff(struct book *b, const struct tok *t, const struct tok *v);
/* A depth answer of REST (lastUpdateId, bids, asks), and then the diffs held.
 * BOOK_APPLIED: state is JOINING or LIVE. BOOK_OLD: it is older than what is held
 * joins to (the first held U is above lastUpdateId): ask again, all is kept.
 * BOOK_GAP: a hole among the diffs held; what follows it is held. BOOK_BAD. */
enum book_result book_snapshot(struct book *b, const struct tok *t, const struct tok *v);
/* Throw all away: BOOK_EMPTY. keep: not the diffs held. */
void book_void(struct book *b, bool keep);

/* How the last BOOK_GAP came: the u of the book it ended, and the pu and U of the diff that
 * does not follow. false: there was none, or memory ran out. */
struct book_gap { uint64_t u, pu, U; bool has_pu; };	/* has_pu: false: negative, as in partial depth */
bool book_gap(const struct book *b, struct book_gap *out);

enum book_state book_state(const struct book *b);
uint64_t book_u(const struct book *b);		/* of the last diff applied, or the snapshot; 0: none */
int64_t  book_E(const struct book *b), book_T(const struct book *b);	/* of the same; 0: it had none */
int book_levels(const struct book *b, bool bids);
/* The n-th best level, from 0; false: there are fewer. */
bool book_level(const struct book *b, bool bids, int n, dec *price, dec *qty);
/* Whether the best bid is at or above the best ask: not to be shown. */
bool book_crossed(const struct book *b);
/* Whether the best `levels` of either side changed since this was asked last with the
 * same number (true the first time, and after book_void). */
bool book_changed(struct book *b, int levels);
/* The best levels as the exchange's own partial depth event, appended without a
 * newline: {"e":"depthUpdate","E":..,"T":..,"s":..,"u":..,"b":[[p,q],..],"a":[..]}. */
void book_put(const struct book *b, const char *symbol, int levels, struct buf *out);

#endif

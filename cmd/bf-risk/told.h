/*
 * Positions as the account's stream told them, against those that were read: one that changed behind the stream's back is
 * said, for the stream was believed. Pure.
 */
#ifndef BF_RISK_TOLD_H
#define BF_RISK_TOLD_H

#include "world.h"

#define TOLD_MS	3000	/* an event may come so much later than the answer that shows the same */

struct told_pos { char symbol[SYMBOL_MAX]; enum pos_side side; dec amt; int64_t since_mono_ms; };
/* Zero it at first; told_free. */
struct told {
	bool	believed[MARKETS];	/* a stream of this market's account has shown itself */
	struct told_pos *p[MARKETS];
	int	n[MARKETS], cap[MARKETS];
};

void told_free(struct told *d);
/* A record of the pipe. */
void told_event(struct told *d, const struct world *w, const struct tok *t, const struct tok *rec);
/* m's account was read: a bf.reconcile for each position that is another one than was told, for TOLD_MS. Where no stream is
 * believed, what was read is what is told. */
void told_loaded(struct told *d, const struct world *w, enum market m, struct buf *out);

#endif

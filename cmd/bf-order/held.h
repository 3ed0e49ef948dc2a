/*
 * How large a position could become, for the cap on it. What is read counts: what is held and
 * what is open on the same side, and on top of it what we have sent since. A position of the
 * other side must be traded through first, and counts against it; but not as far as orders
 * stand that close it, for those may fill first.
 */
#ifndef BF_ORDER_HELD_H
#define BF_ORDER_HELD_H

#include "app.h"

/* Of one symbol, in units of its quantity; [0] bought, [1] sold. */
struct held_one {
	char	symbol[SYMBOL_MAX];
	int64_t	at_ms;		/* monotonic, when reading began; 0: not read */
	int64_t	sent_ms;	/* monotonic, when we last sent something that counts */
	dec	reach[2];	/* long and short at most; negative: the other side is larger */
	dec	credit[2];	/* how much of the other side's position reach counts on */
};

/* Read it anew: reach and credit. */
int  held_read(struct held_one *h, struct session *s, struct fault *f);
/* Of what counts on the other side's position qty closes it first. false: out of room. */
bool held_close(struct held_one *h, int side, dec qty);

#endif

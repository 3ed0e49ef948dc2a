/* The feed and what its records do to the exchange. */
#ifndef BF_SIM_REPLAY_H
#define BF_SIM_REPLAY_H

#include "options.h"
#include "sim.h"

/* What a file tells of its market before it begins. */
struct replay_first { int64_t E; bool book; };	/* 0: not known; depth, tops or trades are in it */

/* Open it as s->feed; nothing is read yet but what feed_peek sees. FAULT_USAGE,
 * FAULT_LOCAL. */
int replay_open(struct sim *s, const struct options *o, struct fault *f);
struct replay_first replay_look(struct sim *s);
/* The engine, its accounts and the other marks are there: begin. */
int replay_start(struct sim *s, struct fault *f);
void replay_free(struct replay *r);

#endif

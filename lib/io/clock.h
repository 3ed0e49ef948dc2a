/* Time: the local clocks, and the exchange's by a stored offset. */
#ifndef BF_IO_CLOCK_H
#define BF_IO_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fault.h"
#include "io/conf.h"

int64_t clock_wall_ms(void);	/* CLOCK_REALTIME */
int64_t clock_mono_ms(void);	/* CLOCK_MONOTONIC; with suspend where the system has it */
int64_t clock_gap_ms(void);	/* wall minus mono, read together: it changes when the wall clock steps */
void clock_boot_id(char out[static 40]);	/* of this boot of the machine; "" if unknown */

/* exchange = wall + offset_ms; the truth lies within error_ms of it. */
struct offset {
	int64_t	offset_ms, error_ms;
	int64_t	rtt_ms;		/* of the best sample */
	int64_t	measured_ms;	/* wall time of measuring */
	int64_t	wall_minus_mono_ms;	/* at measuring: a change since then is a clock step */
	bool	known;
};

/* A wall clock that moved this far against the monotonic one has stepped. */
#define CLOCK_STEP_MS	250
/* An offset older than this is measured anew. */
#define OFFSET_AGE_MS	3600000

/* Combine samples (sent, answered: monotonic-based wall ms; server: serverTime)
 * into out: lowest round trip wins, slow ones (> 500 ms, > 2x best) are
 * rejected, the estimate is biased to the past by half the round trip.
 * measured_ms is the winner's t4; wall_minus_mono_ms is the caller's to set.
 * false, and *out untouched: no sample would do. Pure. */
struct time_sample { int64_t t1, t4, server; };
bool offset_best(struct offset *out, const struct time_sample *s, int n);

/* Stored in the profile's state directory, for the other tools. */
int offset_store(const struct profile *p, const struct offset *o, struct fault *f);
/* 1: read, 0: none stored, or no longer to be trusted (older than 1 h, another
 * boot, wall clock stepped by more than 250 ms since), -1: fault. */
int offset_load(const struct profile *p, struct offset *o, struct fault *f);

#endif

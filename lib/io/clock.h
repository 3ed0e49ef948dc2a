/* Time: the local clocks, and the exchange's by a stored offset. */
#ifndef BF_IO_CLOCK_H
#define BF_IO_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/fault.h"
#include "io/conf.h"

int64_t clock_wall_ms(void);	/* CLOCK_REALTIME */
int64_t clock_wall_us(void);
int64_t clock_mono_ms(void);	/* CLOCK_MONOTONIC; with suspend where the system has it */
int64_t clock_mono_us(void);	/* the same clock as clock_mono_ms */
int64_t clock_gap_ms(void);	/* wall minus mono, read together: it changes when the wall clock steps */
int64_t clock_gap_us(void);
/* Sleep until that time of clock_mono_ms, but no longer than *stop is false. Returns !*stop. */
bool clock_wait(int64_t mono_ms, const _Atomic bool *stop);
void clock_boot_id(char out[static 40]);	/* of this boot of the machine; "" if unknown */

/* exchange = wall + offset_ms; the truth lies within error_ms of it. */
struct offset {
	int64_t	offset_ms, error_ms;
	int64_t	rtt_ms;		/* of the best sample */
	int64_t	measured_ms;	/* wall time of measuring */
	int64_t	wall_minus_mono_ms;	/* at measuring: a change since then is a clock step */
	bool	known;
};

/* A wall clock that moved further than this against the monotonic one has stepped. */
#define CLOCK_STEP_MS	250
/* How far it stepped between two gaps, wall minus mono: ahead if positive; 0 if
 * it did not. (Slewing moves both clocks and is no step.) Pure. */
int64_t clock_step_ms(int64_t gap_then_ms, int64_t gap_now_ms);
/* Whether it stepped since that gap, and the monotonic time. One look at both clocks tells; only
 * if that looks like a step, which a process that was put aside between them does too, is the gap
 * measured with care. */
bool clock_stepped(int64_t gap_then_ms, int64_t *mono_ms);

/* An offset older than this is measured anew when it is needed next; if that
 * cannot be done it stands until it is OFFSET_AGE_MS old. */
#define OFFSET_FRESH_MS	1800000
#define OFFSET_AGE_MS	3600000
/* An offset less sure than this signs nothing. */
#define OFFSET_ERROR_MS	500

/* One asking for the time. t1: before the first byte was sent, t4: after the last
 * of the answer came; microseconds of the wall clock, but carried by the monotonic
 * one, so that no step comes between. server: its serverTime, whole milliseconds. */
struct time_sample { int64_t t1_us, t4_us, server_ms; };
#define TIME_SAMPLES_MAX	100

/* What a measuring saw. */
struct time_figures {
	int	asked;		/* this and gap_us are set by who asks */
	int64_t	gap_us;		/* wall minus monotonic clock, then */
	int	answered;
	int	used;		/* of those: near enough to the best to count */
	int64_t	rtt_min_us, rtt_p50_us, rtt_p90_us, rtt_max_us;	/* of all answered; nearest rank */
	int64_t	low_us, high_us;	/* the exchange's time minus the wall clock lies between */
	int64_t	at_us;		/* wall time of the best sample */
};

/*
 * Combine n samples into out: the lowest round trip wins. Slow ones (> 500 ms, or
 * > 2x the best and a millisecond) are rejected. The true offset lies in server -
 * t4 .. server + 1 ms - t1; the estimate is its lower end, which is the middle less
 * half the round trip: never ahead of the exchange. Cut to whole milliseconds
 * outward. measured_ms is the winner's t4; wall_minus_mono_ms is the caller's to
 * set. fig (may be NULL): all but asked and gap_us. false: no sample would do; then *out is
 * untouched, and of *fig only answered and the round trips are set. Pure.
 */
bool offset_best(struct offset *out, struct time_figures *fig, const struct time_sample *s, int n);

/*
 * Kept in the profile's state directory for the other tools, by base: the address
 * of the exchange it was measured of. The markets of a profile share it where they
 * have one address, and have one each where not.
 * A stored one that is surer, less than a minute old and not contradicted by o
 * stays: whoever measures badly does not spoil it for all.
 */
int offset_store(const struct profile *p, const char *base, const struct offset *o, struct fault *f);
/* 1: read, 0: none stored, or not to be trusted (older than OFFSET_AGE_MS or from the
 * future, less sure than OFFSET_ERROR_MS, another boot or address, the wall clock
 * stepped since), -1: fault. */
int offset_load(const struct profile *p, const char *base, struct offset *o, struct fault *f);

#endif

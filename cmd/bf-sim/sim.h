/*
 * The exchange as a whole: the engine and what stands around it. One thread;
 * sim_now is the exchange's clock.
 *
 * Time. Everything the exchange does is timed on its own clock: the real one
 * (with an offset), a virtual one that runs X times as fast, or one that only
 * moves when it is told to (--clock step, and POST /sim/v1/clock). Only the wire
 * (delays of answers, pings, dead clients) lives on serve_now. Every part has a
 * NAME_due (exchange time) and a NAME_tick, and sim_run calls them in the order
 * of their time, so that a step of a day does what a day would have done.
 */
#ifndef BF_SIM_SIM_H
#define BF_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "accounts.h"
#include "auth.h"
#include "engine.h"
#include "faults.h"
#include "feed.h"
#include "gen.h"
#include "hist.h"
#include "ledger.h"
#include "limits.h"
#include "random.h"
#include "serve.h"

struct api;
struct streams;
struct pushes;
struct user;
struct store;
struct replay;
struct options;

/* What the `user` of serve.h's callbacks points to begins with this. */
enum conn_kind { CONN_STREAMS = 1, CONN_API = 2 };

enum clock_kind { CLOCK_REAL, CLOCK_VIRTUAL, CLOCK_STEP };

struct sim_clock {
	enum clock_kind kind;
	int64_t	 offset_ms;	/* CLOCK_REAL: added to this machine's time */
	int64_t	 skew_ms;	/* how wrong it is on purpose (--skew, `sim skew`); in offset_ms, base_ms */
	int64_t	 base_ms, mono_ms;	/* others: exchange time base_ms was at serve_now mono_ms */
	int64_t	 speed_num, speed_den;	/* CLOCK_VIRTUAL: exchange ms per real ms; 0/1: max */
	int64_t	 held_ms;	/* while what is due is done: the time it is done at; else 0 */
	int64_t	 last_ms;	/* all that was due until then is done */
};

struct sim {
	struct engine	*engine;
	struct accounts	 accounts;
	struct serve	*serve;
	struct api	*api;
	struct streams	*streams;
	struct pushes	*pushes;
	struct user	*user;
	struct hist	*hist;
	struct gen	*gen;		/* NULL: none */
	struct feed	*feed;		/* NULL: none */
	struct replay	*replay;	/* what applies it; NULL: none */
	struct ledger	*ledger;
	struct store	*store;		/* NULL: none */
	struct limits	*limits;
	struct faults	*faults;
	struct random	 random;
	struct sim_clock clock;
	int64_t		 latency_ms;	/* from the arrival of an order to the book (--latency) */
	int64_t		 lag_ms;	/* REST reads are that old (`sim lag`) */
	uint64_t	 placed;	/* orders of `sim place` */
	bool		 live;		/* started: the engine's events are for clients too */
	bool		 fed;		/* a client of market data is there: the feed may go on */
	struct fault	 broken;	/* what ends the exchange; FAULT_NONE: nothing */
};

/* Exchange time, ms. */
int64_t sim_now(const struct sim *s);
/* The serve_now time at which the exchange's clock will show this; INT64_MAX if
 * it never will by itself. */
int64_t sim_when(const struct sim *s, int64_t exchange_ms);
/* Do all that is due until now, in the order of time: for some milliseconds at
 * most, then sim_due is now. A clock without a pace of its own (max) moves by it. */
void sim_run(struct sim *s);
/* Only what is due until now: before a request is looked at. */
void sim_catch_up(struct sim *s);
/* When sim_run is wanted, serve_now time. */
int64_t sim_due(const struct sim *s);
/* Move a virtual or stepped clock on (ms >= 0), doing what is due on the way;
 * -1: FAULT_USAGE, a real clock only jumps (`sim time+=`). */
int sim_step(struct sim *s, int64_t ms, struct fault *f);
/* Let any clock jump, without doing what would have been due in between twice. */
void sim_jump(struct sim *s, int64_t ms);
/* After each call that changed the engine: what waits for its end is sent. */
void sim_settle(struct sim *s);
/* The engine's sink. */
void sim_event(void *arg, const struct engine_event *ev);
/* A sentence on stderr. */
void sim_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

/*
 * The exchange as a whole: the engine and what stands around it. One account,
 * one thread; sim_now is the exchange's clock.
 */
#ifndef BF_SIM_SIM_H
#define BF_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "auth.h"
#include "engine.h"
#include "faults.h"
#include "feed.h"
#include "ledger.h"
#include "limits.h"
#include "random.h"
#include "serve.h"

struct api;
struct streams;
struct pushes;
struct user;

struct sim {
	struct engine	*engine;
	int		 acct;
	struct serve	*serve;
	struct api	*api;
	struct streams	*streams;
	struct pushes	*pushes;
	struct user	*user;
	struct ledger	*ledger;
	struct feed	*feed;		/* NULL: none */
	struct limits	 limits;
	struct faults	 faults;
	struct auth	 auth;
	struct random	 random;
	int64_t		 skew_ms;	/* the exchange's clock minus this machine's */
	bool		 live;		/* started: the engine's events are for clients too */
	bool		 fed;		/* a client of market data is there: the feed may go on */
};

/* Exchange time, ms. */
int64_t sim_now(const struct sim *s);
/* After each call that changed the engine: what waits for its end is sent. */
void sim_settle(struct sim *s);
/* The engine's sink. */
void sim_event(void *arg, const struct engine_event *ev);
/* A sentence on stderr. */
void sim_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

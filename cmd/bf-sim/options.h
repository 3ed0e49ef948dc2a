/* The command line of bf-sim. */
#ifndef BF_SIM_OPTIONS_H
#define BF_SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/dec.h"
#include "core/fault.h"
#include "io/tool.h"

#define OPTION_LIST 64

struct option_list { const char *v[OPTION_LIST]; int n; };

enum options_clock { OPTIONS_CLOCK_REAL, OPTIONS_CLOCK_VIRTUAL, OPTIONS_CLOCK_STEP };

struct options {
	long	port;
	const char *listen;		/* --listen ADDRESS; NULL: 127.0.0.1 */
	const char *profile, *ledger, *feed, *accounts, *state;
	const char *info, *brackets;	/* --exchange-info, --brackets */
	dec	speed, account;
	bool	has_speed;		/* --speed was given; max is a speed of 0 */
	bool	has_account;		/* an option about the one account was given */
	enum options_clock clock;
	int64_t	start_ms;		/* --start; 0: now (a feed: its first E) */
	bool	wait;			/* --feed-start subscriber */
	bool	market;			/* --synthetic: the synthetic market, by seed */
	const char *regime;		/* NULL: they change */
	struct option_list mark, position, leverage, margin_type, symbols, balance;
	struct option_list fault, faults;	/* rules; files of rules */
	dec	chaos;			/* 0: none */
	bool	hedge, multi;
	unsigned rights;		/* --key-permissions: rights.h */
	long	latency_ms;		/* --latency; -1: not given (a book of a feed has its own) */
	long	skew_ms, weight_limit, order_limit, listen_key_life;
	bool	seeded;
	uint64_t seed;
};

extern const struct tool options_tool;

/* 0: read. 1: nothing is to be run, and *status is the exit status. -1: f. */
int options_read(struct options *o, int argc, char *argv[], int *status, struct fault *f);

#endif

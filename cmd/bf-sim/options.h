/* The command line of bf-sim. */
#ifndef BF_SIM_OPTIONS_H
#define BF_SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/dec.h"
#include "core/fault.h"
#include "faults.h"
#include "io/tool.h"

#define OPTION_LIST 64

struct option_list { const char *v[OPTION_LIST]; int n; };

struct options {
	long	port;
	const char *profile, *ledger, *feed;
	dec	speed, account;
	bool	wait;			/* --feed-start subscriber */
	struct option_list mark, position, leverage, margin_type;
	struct faults faults;
	long	skew_ms, weight_limit, order_limit, listen_key_life;
	bool	seeded;
	uint64_t seed;
};

extern const struct tool options_tool;

/* 0: read. 1: nothing is to be run, and *status is the exit status. -1: f. */
int options_read(struct options *o, int argc, char *argv[], int *status, struct fault *f);

#endif

/* The state of the exchange at its start: marks, settings, positions. */
#ifndef BF_SIM_SEED_H
#define BF_SIM_SEED_H

#include "options.h"
#include "sim.h"

/* FAULT_USAGE names the option that asks for what cannot be. */
int seed_exchange(struct sim *s, const struct options *o, struct fault *f);

#endif

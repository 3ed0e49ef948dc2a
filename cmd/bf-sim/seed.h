/* The state of the exchange at its start: contracts, accounts, marks, settings,
 * positions. */
#ifndef BF_SIM_SEED_H
#define BF_SIM_SEED_H

#include "options.h"
#include "plan.h"
#include "sim.h"
#include "specs.h"

/* The contracts that options ask for. FAULT_USAGE, FAULT_LOCAL. */
int seed_specs(struct specs *out, const struct options *o, int64_t now_ms, struct fault *f);
/* The accounts of file or options into s->accounts; a plan for each, which the
 * caller gives to plans_free. */
int seed_plans(struct sim *s, struct plan **plans, const struct options *o, struct fault *f);
/* All the rest, in a new engine: what the store knows is put back, what it does
 * not know begins as planned. FAULT_USAGE names the option, or the file's line,
 * that asks for what cannot be. */
int seed_exchange(struct sim *s, const struct options *o, const struct plan *plans,
    struct fault *f);

#endif

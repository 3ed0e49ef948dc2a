/* The built-in contracts of bf-sim. */
#ifndef BF_SIM_SPECS_H
#define BF_SIM_SPECS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/margin.h"
#include "core/rules.h"
#include "engine.h"

struct spec {
	struct rules	rules;
	struct tiers	tiers;
	uint64_t	first_id;	/* of its first order */
	struct engine_maker maker;	/* the default market maker */
};

/* Names of all, NULL-ended. */
const char *const *spec_names(void);
/* false: no such contract. */
bool spec_read(struct spec *out, const char *name);

#endif

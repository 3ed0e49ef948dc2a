/*
 * Where a person finds the mend of a failure: a command to run, as "bf-time --check 500",
 * or a section of a page, as "bf(7), LIMITS". Texts are static and of ASCII.
 */
#ifndef BF_CORE_HINT_H
#define BF_CORE_HINT_H

#include <stdbool.h>

#include "core/fault.h"

/* By the exchange's code, the HTTP status, what the sentence is about, and the kind, the first
 * that is known; tool is the program that says it ("bf-order"). NULL only for FAULT_NONE. */
const char *hint_of(const struct fault *f, const char *tool);

/* Of a bf.reject: by its rule, then by its code (0: none). Never NULL. */
const char *hint_of_rule(const char *rule, int code, const char *tool);

/* Whether a sentence says already what to look at or to run. */
bool hint_named(const char *sentence);

#endif

/* What tools with verbs ("bf-order open") do alike: find one, and refuse an option that it has no use for. */
#ifndef BF_IO_VERB_H
#define BF_IO_VERB_H

#include <stddef.h>
#include <stdint.h>

#include "core/fault.h"
#include "core/near.h"
#include "io/tool.h"

/*
 * The row called word. table is an array of a tool's own structs of size bytes each, whose first
 * member is the name; that of the last is NULL. NULL: none is called so, and f (verb_unknown) says
 * what comes near.
 */
const void *verb_find(const struct tool *t, const void *table, size_t size, const char *word, struct fault *f);
/* FAULT_USAGE: near->asked is no verb, with the names that come near. Returns -1. */
int verb_unknown(const struct tool *t, const struct near *near, struct fault *f);

/* An option that only some verbs take, and of which kinds those are: bits that each tool names itself. */
struct verb_opt { int ch; unsigned of; };
/* The bit of an option in a set of those that were given. 0 of one that is not numbered from OPT_TOOL
 * on, or is more than 63 behind it: such a one is not judged here. */
uint64_t verb_bit(int ch);
/* FAULT_USAGE if one of the n options of some was given that goes with none of the kinds in takes:
 * to pass it over would be to pass over a slip. name: the verb, for the sentence. */
int verb_check(const struct tool *t, const struct verb_opt *some, size_t n, uint64_t given, const char *name,
    unsigned takes, struct fault *f);

#endif

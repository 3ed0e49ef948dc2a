/*
 * The kill latch: plain files in the state directory of a profile that `ls` shows. `latch` is of the whole
 * profile, `latch-SYMBOL`, `latch-long`, `latch-SYMBOL-long` (or short) of a part of it. Whatever is there
 * latches, even an unreadable or damaged one, or a directory. Looked for by name, in a few system calls, so
 * that every order that adds risk can ask just before it leaves.
 */
#ifndef BF_IO_LATCH_H
#define BF_IO_LATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fault.h"
#include "core/rules.h"
#include "io/conf.h"

/* What is latched: all; one symbol; what adds to long (SIDE_BUY) or short (SIDE_SELL) positions; or that of one
 * symbol. */
struct latch_scope { const char *symbol; enum order_side side; };	/* NULL, 0: all */

/* Whether the whole profile is. 1: latched (why gets "BY: REASON", cut; may be NULL), 0: not, -1: fault
 * (treat as latched). */
int latch_test(const struct profile *p, char *why, size_t size, struct fault *f);
/* The same of just this scope, whatever the wider ones are. */
int latch_test_one(const struct profile *p, const struct latch_scope *scope, char *why, size_t size, struct fault *f);
/* Whether an order of this symbol and side, which adds risk, is kept from leaving: by any scope it falls in.
 * side 0: by either. As latch_test. */
int latch_test_for(const struct profile *p, const char *symbol, enum order_side side, char *why, size_t size,
    struct fault *f);
/* Whether the latch of just this scope is set. As latch_test. */
int  latch_test_one(const struct profile *p, const struct latch_scope *scope, char *why, size_t size, struct fault *f);
/* Trip it: by (program), reason. Already tripped is success and keeps the first reason. */
int latch_trip(const struct profile *p, const struct latch_scope *scope, const char *by, const char *reason,
    int64_t now_ms, struct fault *f);
/* 1: was latched and is no more, 0: was not. reset_reason goes to the log: `latch.log`, one bf.kill record
 * for each trip and each reset, kept across both. */
int latch_reset(const struct profile *p, const struct latch_scope *scope, const char *by, const char *reset_reason,
    int64_t now_ms, struct fault *f);
/* Each latch that is set, with its file's name. */
int latch_each(const struct profile *p, void (*each)(void *arg, const char *name, const char *why), void *arg,
    struct fault *f);

#endif

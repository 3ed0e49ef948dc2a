/* --watch of what asks once: the same question again and again. */
#ifndef BF_IO_ROUNDS_H
#define BF_IO_ROUNDS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "io/table.h"
#include "io/tool.h"

#define ROUNDS_EVERY_S	2
#define ROUNDS_EVERY_MAX	86400
#define ROUNDS_COUNT_MAX	1000000000L

/* The options: --watch, --every SECONDS, --count N; 0: not given. */
struct rounds { bool watch; long every, count; };

/* FAULT_USAGE: --every or --count, but no --watch. verb: for the sentence. */
int rounds_check(const struct rounds *o, const char *verb, struct fault *f);

/* Set by SIGINT, SIGTERM and SIGHUP once rounds_run has begun: what a round waits for may look at it
 * (struct session has it as stop). */
extern _Atomic bool rounds_stop;

/*
 * Call round, which puts records into p, every so many seconds, begun to begun, until count of them
 * are over or a signal comes: then 0. On a terminal a table is drawn in place, under a line with
 * title and time, and the last one stays to be read; elsewhere the records of each round
 * follow one another, tables with a blank line between.
 *
 * A first round that fails ends it, and so does any failure but FAULT_AGAIN; such a later
 * one is told of once, and the next round goes on.
 */
int rounds_run(const struct rounds *o, struct printer *p, const struct tool *tool, const char *title,
    int (*round)(void *arg, struct fault *f), void *arg, struct fault *f);

#endif

/*
 * The price feed: NDJSON of markPriceUpdate records, from a file (paced by the
 * records' own E) or as they come from a pipe.
 */
#ifndef BF_SIM_FEED_H
#define BF_SIM_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "core/dec.h"
#include "core/fault.h"
#include "core/rules.h"

#define FEED_NEVER INT64_MAX

struct feed_record { char symbol[SYMBOL_MAX]; dec price; int64_t E; unsigned long long line; };

struct feed_opts {
	const char *path;	/* "-": standard input */
	dec	speed;		/* how many times faster than recorded; 0: at once */
	bool	wait;		/* only the first record before feed_go */
};
/* What the feed says: a record, or a line that is none. */
struct feed_app {
	void *ctx;
	void (*record)(void *ctx, const struct feed_record *r);
	void (*bad)(void *ctx, unsigned long long line, const char *why);
	void (*end)(void *ctx);
};

struct feed;

/* FAULT_USAGE: it cannot be opened. */
struct feed *feed_open(const struct feed_opts *o, const struct feed_app *app, struct fault *f);
void feed_close(struct feed *fd);

/*
 * A file's first record of each symbol, by looking ahead: for each of them
 * record is called. Nothing is used up. Nothing happens for pipes.
 */
void feed_peek(struct feed *fd, void (*record)(void *ctx, const struct feed_record *r), void *ctx);

/* The fd to watch for input; -1: none (a file, the end, or still waiting). */
int feed_fd(const struct feed *fd);
/* It can be read: treat all lines that are there. */
void feed_input(struct feed *fd);

/* A file: start with the first record, at now_ms (any clock). */
void feed_start(struct feed *fd, int64_t now_ms);
/* Whether it has used its first record and waits for feed_go. */
bool feed_waits(const struct feed *fd);
/* The subscriber is there: go on. */
void feed_go(struct feed *fd, int64_t now_ms);
/* When feed_tick is wanted; FEED_NEVER. */
int64_t feed_due(const struct feed *fd);
/* Treat what is due; a bounded number of records a call. */
void feed_tick(struct feed *fd, int64_t now_ms);

#endif

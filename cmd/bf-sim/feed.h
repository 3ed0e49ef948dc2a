/*
 * The market from outside: NDJSON of the exchange's own records, recorded or
 * live, from a file (paced by the records' own E) or as they come from a pipe.
 * What it understands: markPriceUpdate, depthUpdate (diff and partial),
 * bookTicker, aggTrade, trade, kline, continuous_kline, forceOrder (passed
 * over), and the depth snapshot of REST ({"lastUpdateId":..}); bare or in a
 * stream's envelope, arrays split.
 */
#ifndef BF_SIM_FEED_H
#define BF_SIM_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "core/dec.h"
#include "core/fault.h"
#include "core/rules.h"
#include "engine.h"

#define FEED_NEVER INT64_MAX

enum feed_kind {
	FEED_MARK,	/* price, index (0: none told) */
	FEED_DEPTH,	/* levels; reset: a whole book (snapshot or partial) */
	FEED_BOOK,	/* the best bid and ask: two levels, qty 0 of a side: unknown */
	FEED_TRADE,	/* price, qty, taker */
	FEED_KLINE	/* price: the close so far */
};

struct feed_record {
	enum feed_kind kind;
	char	symbol[SYMBOL_MAX];
	int64_t	E;			/* 0: none (a snapshot) */
	unsigned long long line;
	dec	price, index, qty;	/* price: of a whole book or two tops their middle */
	enum order_side taker;
	const struct engine_level *level; int nlevel;	/* good until the callback returns */
	bool	reset;
	uint64_t U, u, pu;		/* of a diff */
};

struct feed_opts {
	const char *path;	/* "-": standard input. A snapshot without a symbol is that of its
				 * stream's name, or of the only symbol the feed has named */
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
 * A file's first price of each symbol, by looking ahead: for each of them
 * record is called (any kind that has a price; a book: its middle as price), and
 * for the first record that has a time, by which the file is paced. Nothing is
 * used up. Nothing happens for pipes.
 */
void feed_peek(struct feed *fd, void (*record)(void *ctx, const struct feed_record *r), void *ctx);

/* The fd to watch for input; -1: none (a file, the end, or still waiting). */
int feed_fd(const struct feed *fd);
/* It can be read: treat all lines that are there. */
void feed_input(struct feed *fd);

/* A file: start with the first record, at now_ms (serve_now time). */
void feed_start(struct feed *fd, int64_t now_ms);
/* Whether it has used its first record and waits for feed_go. */
bool feed_waits(const struct feed *fd);
/* The subscriber is there: go on. */
void feed_go(struct feed *fd, int64_t now_ms);
/* When feed_tick is wanted (serve_now time); FEED_NEVER. */
int64_t feed_due(const struct feed *fd);
/* Treat what is due; a bounded number of records a call. */
void feed_tick(struct feed *fd, int64_t now_ms);

/*
 * Applying records to the engine: the paper market (paper.c). Keeps the book in
 * sequence: a diff whose pu is not the last u drops the book until a snapshot
 * or a partial comes (or, without any snapshot, starts from the diffs alone);
 * until a symbol's own depth has been seen its bookTicker is the book; until its
 * own markPrice has been seen, trades, tops or klines give the mark.
 */
struct paper;
struct paper *paper_new(struct engine *e);
void paper_free(struct paper *p);
/* -1: the engine's fault (FAULT_USAGE: the record makes no sense; said once a
 * symbol is the caller's affair). Unknown symbols are passed over: 0. */
int paper_apply(struct paper *p, const struct feed_record *r, int64_t now_ms, struct fault *f);

#endif

/*
 * Walking over a range of candles, or of statistics by period, a page at a time. Pure:
 * what was asked for and what came in, the next query and the holes out.
 */
#ifndef BF_INFO_PAGE_H
#define BF_INFO_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fault.h"

/* A length of candles. ms 0: a calendar month. */
struct interval { const char *name; int64_t ms; };

/* The one of that name; NULL if there is none. statistics: of those that the
 * statistics have. "1s" is of streams only. */
const struct interval *interval_find(const char *name, bool statistics);
/* All names, as "1m, 3m, ..., 1M". */
const char *interval_names(bool statistics);
/* When the candle that holds ms opens (UTC; weeks on Monday, months on the first). */
int64_t interval_floor(const struct interval *iv, int64_t ms);
/* When the n-th candle after the one that opens at open opens; n may be negative. */
int64_t interval_add(const struct interval *iv, int64_t open, long n);

/* How the exchange answers, and what is wanted. */
struct pager {
	const struct interval *iv;
	int64_t	from, to;	/* what opens in [from, to) */
	long	left;		/* rows still wanted; -1: all */
	int	most;		/* rows of a page at most */
	bool	weighs;		/* the weight of a query grows with its limit, as of klines */
	bool	backward;	/* of a longer range the last rows come, not the first: ask by windows */
	bool	overlap;	/* whether the start of a query counts is not told: begin 1 ms before */
	int64_t	span;		/* end - start of a query at most, ms; 0: any */

	/* the query */
	int64_t	start, end;	/* both inclusive */
	int	limit;

	/* for the pager itself */
	int64_t	next;		/* nothing before it is asked for any more */
	int64_t	expect;		/* when the next candle opens; -1: none has come yet */
	int	rows;		/* of the page at hand */
};

/* Candles that are missing: the first and the last of them, by their opening. */
struct hole { int64_t from, to; long missing; };

/* Set the four members iv, from, to, left and the kind of answer first. after: the
 * opening of the candle that came last in an earlier run, -1 if none; or, after a
 * hole told of last, that of its last one. */
void pager_begin(struct pager *p, int64_t after);
/* The next query into start, end and limit; false when the range is done. */
bool pager_ask(struct pager *p);
/*
 * A row of the answer: what it opened at, and what it says it closes at (-1: it does
 * not say). 1: and hole lies before it, 0: follows on the last one; -1: the row is
 * not of this range or interval, out of order or repeated: FAULT_AGAIN that names it.
 */
int pager_take(struct pager *p, int64_t open, int64_t close, struct hole *hole, struct fault *f);
/* The answer is at its end. */
void pager_end(struct pager *p);

#endif

/* The inside of hist.c and histask.c. */
#ifndef BF_SIM_HISTINT_H
#define BF_SIM_HISTINT_H

#include "candle.h"

#define MINUTES_MIN	1500	/* kept at least: what one klines answer can ask for */
#define PRICE		8	/* decimals of mark, index and premium */

enum { MINUTE, HOUR, UNITS };

/* A ring of things that grows up to max, and then drops the oldest. */
struct ring { size_t n, head, cap, max, each; char *p; };

/* As they are kept: integers at the symbol's scales. */
struct kept_trade { uint64_t id; int64_t price, qty, ms; };	/* qty < 0: buyer is maker */
struct kept_agg { uint64_t id, first, last; int64_t price, qty, ms; };

/* The whole minutes of the last 24 h, as of one minute. */
struct day {
	int64_t	minute;		/* up to this one, without it; -1: not known */
	bool	any;
	struct candle sum;
};

struct symbol {
	const struct contract *c;
	struct scales last, fine;	/* of LAST, and of the other kinds */
	struct ring	trades, aggs;
	struct series	s[CANDLE_KINDS][UNITS];
	bool		open;		/* the newest aggregate still is */
	int		prev, next;	/* in the queue of those */
	int64_t		last_qty;
	int64_t		second;		/* of the last mark that was counted */
	struct day	day;
};

struct hist {
	const struct engine *e;
	int		n;
	struct symbol	*s;
	int		first, last;	/* symbols with an open aggregate, the oldest first; -1 */
	struct ring	fundings;
};

/* The i-th oldest. */
static inline void *
ring_at(const struct ring *r, size_t i)
{
	return r->p + (r->head + i) % r->cap * r->each;
}

static inline dec
scaled(int64_t c, int scale)
{
	return (dec){ c, scale };
}

/* Quote of a fill; COIN-M: base coin, contracts x size / price. */
int64_t hist_quote(const struct symbol *s, dec price, dec qty);

#endif

/*
 * Candles in little room (inside of the history): a ring of one unit's candles, a
 * minute or an hour each, without holes, as integers at a fixed scale; larger
 * intervals are added up when asked for.
 */
#ifndef BF_SIM_CANDLE_H
#define BF_SIM_CANDLE_H

#include "hist.h"

#define MINUTE_MS	INT64_C(60000)
#define HOUR_MS		INT64_C(3600000)
#define DAY_MS		INT64_C(86400000)
#define MONTH		INT64_C(1)	/* as a length: hist_interval's word for it */

/* n 0: nothing happened, all four are the close before. */
struct bar { int64_t o, h, l, c; uint32_t n, span; };	/* span: last - first trade id */
struct flow { int64_t v, q, tv, tq; uint64_t first; };	/* volume, quote, the taker's part */

struct series {
	int64_t	unit_ms;
	int64_t	begin;		/* open of the oldest one */
	int64_t	lived;		/* open of the first not told by series_past */
	size_t	n, head, cap, max;
	bool	flows;		/* has volumes */
	bool	prefixed;	/* series_past has told the begin of the one at lived */
	bool	dropped;	/* older ones were there once */
	struct bar	*bar;
	struct flow	*flow;
};

/* Decimals of the integers. */
struct scales { int price, qty, quote; };

/* One trade, or (qty 0) a sample. */
struct stroke {
	int64_t	ms, price, qty, quote;
	uint64_t id;
	bool	taker_buys;
	bool	count;		/* false: it only moves the price */
};

void series_init(struct series *s, int64_t unit_ms, size_t max, bool flows);
void series_free(struct series *s);
/* Without memory, fewer are kept. A time before the last one belongs to that. */
void series_add(struct series *s, const struct stroke *k);
/* Begin with a price nothing has been done at yet. */
void series_start(struct series *s, int64_t ms, int64_t price);
/* A candle of the past, as hist_past wants it; a minute, or part of an hour. */
void series_past(struct series *s, int64_t open_ms, const struct bar *b, const struct flow *fl);
/* Those with open in [from, to] added up; false: none of them is kept. */
bool series_sum(const struct series *s, int64_t from, int64_t to, const struct scales *sc,
    struct candle *out);
/* What hist_candles says, of intervals of len. */
int series_candles(const struct series *s, const struct scales *sc, int64_t len, int64_t start,
    int64_t end, int64_t now_ms, struct candle *out, int n);

int64_t interval_floor(int64_t len, int64_t ms);

#endif

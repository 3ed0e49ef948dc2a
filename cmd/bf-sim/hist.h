/*
 * What the market remembers of itself: trades, aggregate trades, candles, 24 h
 * figures, funding settlements. Fed with the engine's events; bounded in size
 * whatever the time that goes by. No I/O, no clock.
 *
 * The bound, of a symbol: 80 kB of trades and aggregates, 200 kB of hours (41
 * days; for intervals of 1h and more), 25 h of minutes (300 kB), or as many as
 * fit into 144 MB for all symbols together, but no more than 7 days (2 MB). So
 * 12 symbols take at most 28 MB, 500 symbols 190 MB after a day and 290 MB ever.
 * Room is taken as it is needed; without memory less is remembered.
 */
#ifndef BF_SIM_HIST_H
#define BF_SIM_HIST_H

#include "engine.h"

#define HIST_TRADES	1000	/* kept per symbol */
#define HIST_AGG_MS	100	/* fills of one price and taker side within so long are one */

struct hist_trade { uint64_t id; dec price, qty; int64_t ms; bool buyer_maker; };
struct hist_agg {
	uint64_t id, first, last;	/* aggregate id; trade ids */
	dec	 price, qty;
	int64_t	 ms;			/* of its first fill */
	bool	 buyer_maker;
};
enum candle_kind { CANDLE_LAST, CANDLE_MARK, CANDLE_INDEX, CANDLE_PREMIUM, CANDLE_KINDS };
struct candle {
	int64_t	 open_ms, close_ms;	/* close_ms: the last ms of it */
	dec	 o, h, l, c;
	dec	 volume, quote;		/* base and quote; COIN-M: contracts and base coin */
	dec	 taker_volume, taker_quote;
	int64_t	 trades;		/* other kinds: samples */
	uint64_t first, last;		/* trade ids; 0: none, or none kept (hist_past) */
};
struct hist_day {			/* 24 h up to now */
	dec	 open, high, low, last, last_qty, volume, quote, change, percent, average;
	int64_t	 open_ms, close_ms, count;
	uint64_t first, last_id;
};
struct hist_funding { int sym; int64_t ms; dec rate, mark; bool special; };

struct hist;
struct hist *hist_new(const struct engine *e);
void hist_free(struct hist *h);
void hist_event(struct hist *h, const struct engine_event *ev);
/* Time has gone by: aggregates end. (Candles need no telling: one without a trade
 * has the last close and no volume.) */
void hist_tick(struct hist *h, int64_t now_ms);
/* When hist_tick is wanted, exchange time; INT64_MAX. */
int64_t hist_due(const struct hist *h);
/* A candle of the past, before anything else is known of that minute (a
 * generator's prehistory): must be older than all known ones of the kind, and
 * given in the order of time. */
void hist_past(struct hist *h, enum candle_kind k, int sym, const struct candle *minute);

/* Intervals: "1s" (only for continuous klines) "1m" ... "1w" "1M". 0: none such. */
int64_t hist_interval(const char *name);	/* ms; a month: 1 */
/* The begin of the interval that ms is in, UTC (weeks begin on Monday). */
int64_t hist_floor(const char *interval, int64_t ms);

/* The newest n of what is asked, oldest first, into out; returns how many.
 * from_id: ids >= it, oldest first (0: the newest). start, end: ms, inclusive;
 * 0 and INT64_MAX: all. With a start, aggregates and fundings are the oldest n
 * from there, as the venue has it. The newest aggregate may still be open. "1s"
 * candles reach as far back as the trades that are kept. */
int hist_trades(const struct hist *h, int sym, uint64_t from_id, struct hist_trade *out, int n);
int hist_aggs(const struct hist *h, int sym, uint64_t from_id, int64_t start, int64_t end,
    struct hist_agg *out, int n);
uint64_t hist_agg_last(const struct hist *h, int sym);	/* id of the last finished one; 0 */
/* With start and no end: the oldest n from there; the last one may still be open. */
int hist_candles(const struct hist *h, enum candle_kind k, int sym, const char *interval,
    int64_t start, int64_t end, int64_t now_ms, struct candle *out, int n);
bool hist_candle(const struct hist *h, enum candle_kind k, int sym, const char *interval,
    int64_t now_ms, struct candle *out);	/* the present one */
bool hist_day(const struct hist *h, int sym, int64_t now_ms, struct hist_day *out);
/* sym -1: all symbols. */
int hist_fundings(const struct hist *h, int sym, int64_t start, int64_t end,
    struct hist_funding *out, int n);

#endif

/* A candle: the exchange's array of twelve in, one record out. Pure. */
#ifndef BF_INFO_CANDLE_H
#define BF_INFO_CANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fault.h"
#include "core/scan.h"

/* The places of the array. */
enum {
	CANDLE_OPEN_MS, CANDLE_O, CANDLE_H, CANDLE_L, CANDLE_C, CANDLE_VOLUME, CANDLE_CLOSE_MS,
	CANDLE_QUOTE, CANDLE_TRADES, CANDLE_TAKER, CANDLE_TAKER_QUOTE, CANDLE_PLACES
};

struct candle {
	int64_t	open_ms, close_ms;
	const struct tok *v[CANDLE_PLACES];	/* of the answer's tokens; all numbers */
};

/* Whose candle it is. */
struct candle_of {
	const char *kind;	/* "last", "mark", "index", "premium", "continuous" */
	const char *s;		/* symbol or pair */
	const char *contract;	/* contract type of a continuous one; NULL */
	const char *interval;
};

/* Read a row. FAULT_AGAIN naming the place that is missing or no number. */
int candle_read(struct candle *k, const struct tok *t, const struct tok *row, struct fault *f);

/*
 * Append {"e":"bf.kline","E":..,"kind":..,"s":..,"ct":..,"i":..,"t":..,"T":..,"o":..,
 * "h":..,"l":..,"c":..,"v":..,"q":..,"n":..,"V":..,"Q":..,"x":..} without its newline: the
 * letters of the stream's kline object, the digits as they came. ct is
 * only in a continuous one. E is the close of a candle that is closed, and else now_ms.
 */
void candle_put(struct buf *b, const struct candle *k, const struct candle_of *of, bool closed,
    int64_t now_ms);

#endif

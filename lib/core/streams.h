/*
 * Market streams, one row each: the name a user writes, the form it has on the
 * wire, and the route that carries it.
 */
#ifndef BF_CORE_STREAMS_H
#define BF_CORE_STREAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/endpoint.h"
#include "core/fault.h"

enum route { ROUTE_PUBLIC, ROUTE_MARKET, ROUTE_PRIVATE };

struct stream_row {
	const char	*name;		/* "markPrice", "depth", "kline" */
	const char	*suffix;	/* after "<symbol>@": "markPrice@1s"; NULL: takes no symbol */
	const char	*all;		/* the all-symbols form, "!markPrice@arr@1s"; NULL: needs a symbol */
	const char	*speeds;	/* blank-separated allowed "@..." speeds; "" none */
	bool		 interval;	/* "kline_1m": an interval belongs to the name */
	enum route	 route;
	const char	*help;
};

/* The table, ended by a row whose name is NULL. */
extern const struct stream_row stream_rows[];

/*
 * One word of the command line ("markPrice", "depth@100ms", "kline_5m") and a
 * symbol (NULL: all) to the exchange's stream name ("btcusdt@depth@100ms"),
 * appended to out. ASCII letters of the symbol are lowered, other bytes kept.
 * FAULT_USAGE for an unknown stream, speed or interval, or when a symbol is
 * needed or not taken; the text names what would do, and out is as before.
 * row may be NULL. The name is not percent-encoded: a symbol may be UTF-8.
 */
int stream_name(struct buf *out, const struct stream_row **row, const char *word,
    const char *symbol, struct fault *f);

/* Whether word names a stream (as opposed to being a symbol), if need be with
 * wrong capitals, speed or interval: stream_name then says what is wrong. */
bool stream_known(const char *word);

#endif

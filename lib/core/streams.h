/*
 * The streams of both markets, one row each: the name a user writes, the form it
 * has on the wire, the route that carries it, and what may be expected of it.
 */
#ifndef BF_CORE_STREAMS_H
#define BF_CORE_STREAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/endpoint.h"
#include "core/fault.h"

/* USDⓈ-M has an address for each; COIN-M one for all. */
enum route { ROUTE_PUBLIC, ROUTE_MARKET, ROUTE_PRIVATE, ROUTES };

/* What stands before the "@" of a stream's name. */
enum stream_of {
	OF_SYMBOL,	/* btcusdt */
	OF_PAIR,	/* btcusd: of all contracts of a pair */
	OF_CONTRACT,	/* btcusdt_perpetual: a pair and a contract type */
	OF_ASSET,	/* btcusd: of the asset index */
	OF_NONE		/* nothing: only the form for all */
};

/* How an event tells that none is missing before it. */
enum stream_chain {
	CHAIN_NONE,	/* it does not */
	CHAIN_COUNT,	/* its serial is that of the last one and 1 */
	CHAIN_PU	/* its "pu" is the serial of the last one */
};

#define ON_USDM		(1u << MARKET_USDM)
#define ON_COINM	(1u << MARKET_COINM)

struct stream_row {
	const char	*name;		/* "markPrice", "depth", "kline" */
	enum stream_of	 of;
	unsigned	 markets;	/* ON_USDM | ON_COINM */
	const char	*suffix;	/* after the "@": "markPrice@1s"; NULL: OF_NONE */
	const char	*all;		/* the all-symbols form, "!markPrice@arr@1s"; NULL: needs a symbol */
	unsigned	 all_markets;	/* where that form is */
	const char	*speeds;	/* blank-separated allowed "@..." speeds; "" none */
	bool		 interval;	/* "kline_1m": an interval belongs to the name */
	enum route	 route;
	const char	*event;		/* `e` of its events; of several kinds, blank-separated */
	bool		 latest;	/* a newer event of the same symbol makes an older one worthless */
	const char	*serial;	/* the member that grows from event to event of one symbol: "a", "u", "E" */
	enum stream_chain chain;
	const char	*key;		/* the member that tells symbols of one stream apart: "s", "o.s", "e" */
	int		 silence_ms;	/* longer without an event is odd (the usual interval, with room); 0: any silence is normal */
	const char	*help;
};

/* The table, ended by a row whose name is NULL. */
extern const struct stream_row stream_rows[];

/*
 * One word of the command line ("markPrice", "depth@100ms", "kline_5m") and a
 * symbol, pair, asset or PAIR_CONTRACT as the row has it (NULL: all) to the
 * exchange's stream name ("btcusdt@depth@100ms"), appended to out. ASCII letters
 * of the symbol are lowered, other bytes kept. A pair alone where a contract is
 * wanted means its perpetual. FAULT_USAGE for an unknown stream, speed or interval,
 * for a stream the market does not have, or when a symbol is needed or not taken;
 * the text names what would do, and out is as before. row may be NULL. The name is
 * not percent-encoded: a symbol may be UTF-8.
 */
int stream_name(struct buf *out, const struct stream_row **row, enum market m, const char *word,
    const char *symbol, struct fault *f);

/* The row of the stream that word names; NULL: none, it may be a symbol. Found with wrong
 * capitals, speed or interval too: then it is no symbol, and stream_name says what is wrong. */
const struct stream_row *stream_find(const char *word);

/*
 * The other way round: the exchange's own name ("btcusdt@depth@100ms",
 * "!markPrice@arr@1s", "btcusdt_perpetual@continuousKline_1m") into the row, the
 * word that stream_name takes, and the symbol as written before the "@" (both
 * appended; symbol stays empty for the form for all). false: it is no such name.
 */
bool stream_parse(const char *name, enum market m, const struct stream_row **row, struct buf *word,
    struct buf *symbol);

/* The row of an event by its `e` (n bytes), for records that come without the name
 * of a stream: a depthUpdate is taken for the row `depth`. NULL: none such. */
const struct stream_row *stream_of_event(const char *e, size_t n);

#endif

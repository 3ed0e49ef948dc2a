/*
 * WebSocket streams: connections, what they subscribe to, and the way of a
 * message to all who want it. What the messages say is in pushes.c (market) and
 * user.c (account); names are read in names.c.
 *
 * Where a connection stands decides what it may hear: /public, /market and
 * /private of USDⓈ-M; the root is COIN-M's whole host and, for USDⓈ-M symbols,
 * the legacy host, which since 2026-04-23 serves the public streams only.
 */
#ifndef BF_SIM_STREAMS_H
#define BF_SIM_STREAMS_H

#include "core/buf.h"
#include "sim.h"

#define STREAM_NAME	220	/* a listen key, '@' and an event; a UTF-8 symbol and a suffix */

enum stream_kind {
	ST_MARK,		/* <symbol>@markPrice[@1s] */
	ST_MARK_ALL,		/* !markPrice@arr[@1s] */
	ST_MARK_PAIR,		/* <pair>@markPrice[@1s], COIN-M */
	ST_INDEX,		/* <pair>@indexPrice[@1s], COIN-M */
	ST_BOOK, ST_BOOK_ALL,	/* bookTicker */
	ST_AGG, ST_TRADE,
	ST_FORCE, ST_FORCE_ALL,
	ST_DEPTH, ST_PARTIAL,	/* depth, depth5/10/20 */
	ST_KLINE, ST_CONTINUOUS, ST_INDEX_KLINE, ST_MARK_KLINE,
	ST_MINI, ST_MINI_ALL, ST_TICKER, ST_TICKER_ALL,
	ST_CONTRACT,		/* !contractInfo */
	ST_ASSET, ST_ASSET_ALL,	/* <asset>@assetIndex, !assetIndex@arr */
	ST_SILENT,		/* never says anything: compositeIndex, tradingSession, rpiDepth,
				 * and every name that is none */
	ST_USER,
	ST_KINDS
};

struct client;

/* Levels that changed since the last message, by side and price. */
struct changes { struct engine_level *v; int n, cap; };

/* A stream by its name; there as long as somebody has it on his list. */
struct stream {
	char	name[STREAM_NAME];
	enum stream_kind kind;
	unsigned routes;		/* ROUTE_*: where it may be asked for */
	int	sym;			/* of a pair: its first symbol; -1: all, or no symbol */
	char	pair[SYMBOL_MAX];	/* of pair streams; "" */
	int	asset;			/* ST_ASSET */
	int	period_ms;		/* at most one message so often; 0: each at once */
	int	levels;			/* ST_PARTIAL */
	const char *interval;		/* candles: "1m" */
	struct client **sub;		/* who hears it */
	int	nsub, csub;
	int	refs;			/* who asked for it, on whatever route */
	uint64_t serial;		/* one after the other, as they were first asked for */
	struct stream *same;		/* next one of the kind and symbol; not of silent ones */
	struct stream *bucket;		/* next one in the table of names */
	/* of pushes.c */
	size_t	place;			/* in the queue of what waits, + 1; 0: not there */
	int64_t	at;			/* its time there: exchange time */
	int64_t	due;			/* nothing is told before */
	uint64_t last_u;		/* update id (aggTrade: aggregate) told last */
	uint64_t last_id;		/* aggTrade: trade seen last */
	int64_t	open_ms, close_ms;	/* candles: the one told last; 0: none */
	struct changes changes;
};

struct streams *streams_new(struct sim *s);
void streams_free(struct streams *ss);

/* An upgrade: taken, or answered 404 (or as a fault rule's handshake says). */
void streams_open(struct streams *ss, serve_id id, const struct http_req *r);
/* The callbacks of serve.h; user is what streams_open gave. */
void streams_message(struct streams *ss, serve_id id, void *user, const char *p, size_t n, bool binary);
void streams_control(struct streams *ss, serve_id id, void *user);
void streams_closed(struct streams *ss, void *user);
/* Begin to close all connections; whether there are any. */
bool streams_close(struct streams *ss);
/* Messages a fault rule holds back: when (serve_now time), and send those due. */
int64_t streams_due(const struct streams *ss);
void streams_tick(struct streams *ss, int64_t mono_ms);
/* A fault rule given at run time: for the connections there are; whether there
 * are any of its route. */
bool streams_fault(struct streams *ss, const struct fault_rule *r);

/* --- names.c --- */
/* Read a name; false: no stream of ours (the exchange accepts it and is silent). */
bool names_read(struct stream *st, const char *name, const struct sim *s);

/* --- for pushes.c and user.c --- */

/* v with room for one more than n elements; NULL, and v as it was, without memory. */
void *streams_room(void *v, int n, int *cap, size_t size);
/* The first stream of this kind and symbol, the next by `same`; NULL. Not all
 * need have a subscriber. */
struct stream *streams_first(const struct streams *ss, enum stream_kind kind, int sym);
/* A message to all subscribers of one stream. */
void streams_push(struct streams *ss, struct stream *st, const struct buf *payload);
/* The same payload on all streams of this kind and symbol. */
void streams_push_all(struct streams *ss, enum stream_kind kind, int sym, const struct buf *payload);
/* Whether such a stream has a subscriber. */
bool streams_wanted(const struct streams *ss, enum stream_kind kind, int sym);
/* An event of the account with this listen key; and whether anybody would hear it. */
void streams_push_user(struct streams *ss, const char *key, const char *event,
    const struct buf *payload);
bool streams_wanted_user(const struct streams *ss, const char *key, const char *event);

/* --- pushes.c --- */
struct pushes *pushes_new(struct sim *s);
void pushes_free(struct pushes *p);
/* A subscriber has come to a stream, the last of its list; and one has left it. */
void pushes_begin(struct pushes *p, struct stream *st);
void pushes_end(struct pushes *p, struct stream *st, const struct client *c);
void pushes_event(struct pushes *p, const struct engine_event *ev);
/* After each call of the engine. */
void pushes_settle(struct pushes *p, int64_t now_ms);
/* When pushes_tick is wanted (exchange time; INT64_MAX), and that. */
int64_t pushes_due(const struct pushes *p);
void pushes_tick(struct pushes *p, int64_t now_ms);

#endif

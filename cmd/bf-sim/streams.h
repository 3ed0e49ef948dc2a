/*
 * WebSocket streams: connections, what they subscribe to, and the way of a
 * message to all who want it. What the messages say is in pushes.c (market)
 * and user.c (account).
 */
#ifndef BF_SIM_STREAMS_H
#define BF_SIM_STREAMS_H

#include "core/buf.h"
#include "sim.h"

#define STREAM_NAME	160	/* a listen key, '@' and an event fit */

enum stream_kind {
	ST_MARK, ST_MARK_ALL, ST_BOOK, ST_BOOK_ALL, ST_AGG, ST_TRADE, ST_FORCE, ST_FORCE_ALL,
	ST_DEPTH, ST_PARTIAL, ST_KLINE, ST_USER
};

struct client;

/* Levels that changed since the last message, by side and price. */
struct changes { struct engine_level *v; int n, cap; };

struct kline {
	int64_t	open_ms;		/* 0: none yet */
	uint64_t first, last;		/* trade ids */
	dec	o, h, l, c, vol, quote, taker_vol, taker_quote;
	int64_t	trades;
};

/* A stream by its name; there as long as somebody is subscribed, or longer. */
struct stream {
	char	name[STREAM_NAME];
	enum stream_kind kind;
	unsigned routes;		/* ROUTE_*: where it may be asked for */
	int	sym;			/* -1: all, or ST_USER */
	int	period_ms;		/* at most one message so often; 0: each at once */
	int	levels;			/* ST_PARTIAL */
	const char *interval;		/* ST_KLINE: "1m" */
	int64_t	interval_ms;
	struct client **sub;
	int	nsub, csub;
	/* of pushes.c */
	bool	pending;		/* there is something to tell */
	int64_t	due;			/* not before (serve_now time) */
	uint64_t last_u;		/* update id told last */
	struct changes changes;
	struct kline kline;
};

struct streams *streams_new(struct sim *s);
void streams_free(struct streams *ss);

/* An upgrade: taken, or answered 404. */
void streams_open(struct streams *ss, serve_id id, const struct http_req *r);
/* The callbacks of serve.h; user is what streams_open gave. */
void streams_message(struct streams *ss, serve_id id, void *user, const char *p, size_t n, bool binary);
void streams_control(struct streams *ss, serve_id id, void *user);
void streams_closed(struct streams *ss, void *user);
/* Begin to close all connections; whether there are any. */
bool streams_close(struct streams *ss);

/* --- for pushes.c and user.c --- */

/* The i-th known stream; NULL past the last. */
struct stream *streams_at(struct streams *ss, int i);
/* A message to all subscribers of one stream. */
void streams_push(struct streams *ss, struct stream *st, const struct buf *payload);
/* The same payload on all streams of this kind and symbol. */
void streams_push_all(struct streams *ss, enum stream_kind kind, int sym, const struct buf *payload);
/* Whether such a stream has a subscriber. */
bool streams_wanted(struct streams *ss, enum stream_kind kind, int sym);
/* An event of the account with this listen key. */
void streams_push_user(struct streams *ss, const char *key, const char *event,
    const struct buf *payload);

/* --- pushes.c --- */
struct pushes *pushes_new(struct sim *s);
void pushes_free(struct pushes *p);
/* The first subscriber of a stream has come. */
void pushes_begin(struct sim *s, struct stream *st);
void pushes_event(struct pushes *p, const struct engine_event *ev);
/* After each call of the engine. */
void pushes_settle(struct pushes *p, int64_t now_ms);
/* When pushes_tick is wanted (serve_now time), and that. */
int64_t pushes_due(struct pushes *p);
void pushes_tick(struct pushes *p, int64_t mono_ms, int64_t now_ms);

#endif

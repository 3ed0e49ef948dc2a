/*
 * WebSocket client connections and their loop (libwebsockets). Reconnects by
 * itself with full jitter, 0.25 s to 30 s, reset after 60 s of health.
 */
#ifndef BF_IO_WS_H
#define BF_IO_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fault.h"

struct ws_loop;
struct ws_conn;

#define WS_PATH_MAX 2000	/* bytes with the NUL: lws cuts a request line at 2048 */

enum ws_state { WS_CONNECTING, WS_OPEN, WS_CLOSED };

struct ws_events {
	/* the connection came up, or went; why: a short text ("" if none). Before
	 * a reconnect the URL is asked for again (a new listenKey). */
	void (*state)(void *arg, struct ws_conn *c, enum ws_state st, const char *why);
	/* one whole text message; p is good during the call. */
	void (*text)(void *arg, struct ws_conn *c, const char *p, size_t n);
	/* the path and query to connect to now, into out; -1: not now, try later */
	int  (*path)(void *arg, struct ws_conn *c, char *out, size_t size);
	/* about every 250 ms, for watchdogs and keepalives */
	void (*tick)(void *arg, int64_t mono_ms);
	/* all that had arrived has been handed over: the moment to flush */
	void (*idle)(void *arg);
};

/* base: "ws://127.0.0.1:1234" or "wss://fstream.binance.com". max_message:
 * longer messages cut the connection. */
int ws_open(struct ws_loop **out, const char *base, size_t max_message,
    const struct ws_events *ev, void *arg, struct fault *f);
/* Add a connection; it connects when the loop runs. tag: the caller's own. */
struct ws_conn *ws_add(struct ws_loop *l, void *tag);
void *ws_tag(const struct ws_conn *c);
/* Drop a connection and let it reconnect (a stale one). */
void ws_kick(struct ws_conn *c, const char *why);
/* Queue a text message. */
int ws_send(struct ws_conn *c, const char *p, size_t n);
/* Watch fd (a pipe or socket that is only written to) for its reader going
 * away. 0 also where fd is of another kind and cannot tell. */
int ws_watch_gone(struct ws_loop *l, int fd, void (*gone)(void *arg), void *arg);
/* Run until ws_stop; safe to call ws_stop from a callback or signal handler. */
void ws_run(struct ws_loop *l);
void ws_stop(struct ws_loop *l);
void ws_close(struct ws_loop *l);
/* Ask for a connection attempt of c to be the last: no reconnect after it. */
void ws_no_reconnect(struct ws_conn *c);

#endif

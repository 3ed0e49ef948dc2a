/*
 * WebSocket client connections and their loop (libwebsockets), over ws and wss.
 * Reconnects by itself with full jitter, 0.25 s to 30 s, reset after 60 s of
 * health; a refusal with Retry-After is waited for. Redirects are never followed,
 * no proxy but ws_proxy's is used, permessage-deflate never offered. The certificate and the
 * host's name are checked, TLS is 1.2 or newer.
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

/* Why a connection went; all 0 and "" where there is nothing to say. */
struct ws_why {
	char	text[160];	/* "closed by peer, code 1008: Too many requests"; safe to show */
	int	http;		/* the status that came instead of 101 */
	int	code;		/* of a close frame; 0: there was none */
	long	retry_after_s;	/* asked for with that status, from 1 to 259200; 0: not */
	bool	tls;		/* the certificate or TLS itself was refused: trying again mends nothing soon */
};

struct ws_events {
	/* the connection came up, or went (why; else NULL). */
	void (*state)(void *arg, struct ws_conn *c, enum ws_state st, const struct ws_why *why);
	/* one whole text message; p is good during the call. Valid UTF-8 is not promised. */
	void (*text)(void *arg, struct ws_conn *c, const char *p, size_t n);
	/* The path and query to connect to now, into out (before every attempt: a
	 * new listenKey, another set of streams). 0: go; > 0: ask again in so many
	 * ms; -1: not now, after a backoff. */
	int  (*path)(void *arg, struct ws_conn *c, char *out, size_t size);
	/* about every 250 ms, for watchdogs and keepalives */
	void (*tick)(void *arg, int64_t mono_ms);
	/* all that had arrived has been handed over: the moment to flush */
	void (*idle)(void *arg);
};

/* max_message: longer messages cut the connection. ca_file: certificates to trust
 * in place of the system's ("" or NULL: the system's). */
int ws_open(struct ws_loop **out, size_t max_message, const char *ca_file,
    const struct ws_events *ev, void *arg, struct fault *f);
/* All connections added from now on by way of this proxy, "http://HOST:PORT", by CONNECT;
 * "": none. Its own name is looked up by lws, which waits for it: better an address. */
int ws_proxy(struct ws_loop *l, const char *proxy, struct fault *f);
/* Add a connection to base ("ws://127.0.0.1:1234", "wss://fstream.binance.com");
 * it connects when the loop runs. tag: the caller's own. NULL with f: a wrong
 * address, or out of memory. May be called from a callback. */
struct ws_conn *ws_add(struct ws_loop *l, const char *base, void *tag, struct fault *f);
/*
 * The same for a part that shares the loop with others: this connection's state, text
 * and path are told to ev with arg in place of the loop's, and tick too, beside the loop's
 * (idle is not). ev is copied; its path and text must be there.
 */
struct ws_conn *ws_add_for(struct ws_loop *l, const char *base, const struct ws_events *ev, void *arg,
    struct fault *f);
void *ws_tag(const struct ws_conn *c);
/* Monotonic ms of coming up; 0: it is not up. */
int64_t ws_since(const struct ws_conn *c);
/* Drop a connection and let it reconnect (a stale one). */
void ws_kick(struct ws_conn *c, const char *why);
/* End a connection for good, with a close frame if it is up: no more events of it
 * are told, c is freed by the loop in its own time and must not be used any more.
 * May be called from a callback, its own too. */
void ws_remove(struct ws_conn *c);
/* Queue a text message; -1: not open, or out of memory. */
int ws_send(struct ws_conn *c, const char *p, size_t n);

/*
 * Other descriptors in the same loop; each stays the caller's, and its flags are
 * left as they are (O_NONBLOCK is shared with the shell).
 */
/* Call ready whenever fd (a pipe or socket) can be read, or is at its end. */
int ws_watch_in(struct ws_loop *l, int fd, void (*ready)(void *arg), void *arg);
/* Watch fd, that is only written to: gone when its reader went away (0 also where
 * fd is of another kind and cannot tell), and ready, once after each ws_want_out,
 * when it can take more. A file is always ready. */
int ws_watch_out(struct ws_loop *l, int fd, void (*ready)(void *arg), void (*gone)(void *arg), void *arg);
void ws_want_out(struct ws_loop *l);
/* Call fn every ms (>= 10) as nearly as can be without burning the processor. */
int ws_every(struct ws_loop *l, int ms, void (*fn)(void *arg), void *arg);

/*
 * As the guest of another loop, in place of ws_run: before that waits, the descriptors to
 * poll for into p[0..max) (their number; one that does not fit is looked at by time), and
 * *timeout_ms (-1: no bound) is lowered to when something is due; after it, ws_step does
 * what there is to do, without waiting. A connection that is up costs no more than its own
 * descriptor; while one is being made, or looked up, the loop is asked back every few ms.
 * Not from within an event; what an event sends leaves before ws_step returns.
 */
struct pollfd;
int  ws_poll(struct ws_loop *l, struct pollfd *p, int max, int *timeout_ms);
void ws_step(struct ws_loop *l);

/* Run until ws_stop; safe to call ws_stop from a callback, another thread or a
 * signal handler. */
void ws_run(struct ws_loop *l);
void ws_stop(struct ws_loop *l);
void ws_close(struct ws_loop *l);

#endif

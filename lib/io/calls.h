/*
 * Several requests at once, each over a kept connection of its own (a lane), in the
 * caller's loop. Each is transmitted once: nothing here repeats one.
 */
#ifndef BF_IO_CALLS_H
#define BF_IO_CALLS_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/params.h"
#include "io/rest.h"

struct calls;	/* the lanes of one session */

/* s: whose profile, key, limits and clock are used, and stays the caller's; its own
 * connection is not. max: lanes at most; they are opened when needed. */
int  calls_open(struct calls **out, struct session *s, int max, struct fault *f);
void calls_close(struct calls *c);	/* what is under way is dropped, its done is not called; NULL is fine */

/* Take what a request costs off the limits; as limits_take. */
int  calls_take(struct calls *c, enum ep ep, const char *query, int orders, bool urgent, struct fault *f);

/* How a request ended: f NULL and the value v, or f as reply_judge fills it
 * (FAULT_UNKNOWN only for what changes state). t and v are good during the call. */
typedef void calls_done(void *arg, const struct fault *f, const struct tok *t, const struct tok *v);

/*
 * Sign with stamp_ms (exchange time; 0: now) and send; its cost must have been taken.
 * query: encoded, without timestamp. timeout_ms 0: the session's. -1: no lane is free
 * (FAULT_AGAIN), or memory; then nothing was sent. done is called from calls_step,
 * once, never from here.
 */
int  calls_send(struct calls *c, enum ep ep, const char *query, int64_t stamp_ms, int timeout_ms,
    calls_done *done, void *arg, struct fault *f);
/* Lanes that are free or could be opened. */
int  calls_free(const struct calls *c);
/* Connections made ready without a request that counts (a GET of /time, weight 1): up to n
 * lanes. Failures are no failures: the first request connects then. */
void calls_warm(struct calls *c, int n);

/* The loop: add what to poll for to p[0..max), the number; *timeout_ms is lowered if
 * something is due sooner. Then, after poll, do what is to be done. */
int  calls_poll(struct calls *c, struct pollfd *p, int max, int *timeout_ms);
void calls_step(struct calls *c);

/* Requests handed to a connection so far, by the transport's own count. */
long calls_sent(const struct calls *c);

#endif

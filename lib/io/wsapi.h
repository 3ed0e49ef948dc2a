/*
 * The WebSocket API (request and answer over one connection): order.place and its
 * like. Answers are matched by id alone. Nothing is ever sent again: what was under
 * way when the connection went is unknown.
 */
#ifndef BF_IO_WSAPI_H
#define BF_IO_WSAPI_H

#include <stdbool.h>
#include <stdint.h>

#include "core/params.h"
#include "io/rest.h"
#include "io/ws.h"

struct wsapi;

/* How a request ended, as calls_done; tag is the request's. May come long after the
 * caller has stopped waiting. */
typedef void wsapi_done(void *arg, void *tag, const struct fault *f, const struct tok *t, const struct tok *v);

/* None of the functions here but wsapi_send, wsapi_forget and wsapi_up is to be called
 * from within these. */
struct wsapi_events {
	wsapi_done *done;
	/* It can be used now (up, and logged on where the key allows it), or cannot:
	 * why is a sentence. Those under way are told done (FAULT_UNKNOWN) before. */
	void (*state)(void *arg, bool up, const char *why);
};

/*
 * A connection in the loop l for session s, whose key, limits and clock are used.
 * It connects (5 weight, one of the connection window), logs on with session.logon
 * if the key is Ed25519 (2 weight more; else each request carries key and signature),
 * reconnects by itself, and is replaced before the 24 h cut when nothing is under way.
 * The time is asked for here, and waited for, if none is known to log on with; later ones
 * are the owner's to ask for (session_sync), as s->off then says. -1: the profile has no
 * address of it, or a wrong one.
 */
int  wsapi_open(struct wsapi **out, struct ws_loop *l, struct session *s, const struct wsapi_events *ev,
    void *arg, struct fault *f);
void wsapi_close(struct wsapi *w);	/* done is not called any more; NULL is fine */
bool wsapi_up(const struct wsapi *w);

/* The method of an endpoint on this market ("order.place"), or NULL if the
 * WebSocket API has none. */
const char *wsapi_method(enum ep ep, enum market m);

/*
 * Sign with stamp_ms (0: now) and send once. Cost must have been taken off the limits.
 * The tag is registered before a byte leaves, and stays until done or wsapi_forget; the
 * bytes leave with the next ws_step. -1: FAULT_AGAIN, not up; FAULT_LOCAL: memory;
 * FAULT_USAGE: no such method; FAULT_KEY: it could not be signed; nothing was sent then.
 */
int  wsapi_send(struct wsapi *w, enum ep ep, const struct params *ps, int64_t stamp_ms, void *tag,
    struct fault *f);
/* No answer to this one is waited for any more; one that comes is passed over. */
void wsapi_forget(struct wsapi *w, void *tag);
/* Requests handed to the connection so far, session.logon not counted; answers that
 * belonged to nothing: of an id that is not waited for, without an id, or no answers at all. */
long wsapi_sent(const struct wsapi *w);
long wsapi_strays(const struct wsapi *w);

#endif

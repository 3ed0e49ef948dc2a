/*
 * HTTP to the exchange over one kept connection. A request that changes state
 * is transmitted at most once: libcurl's own repeat on a dead kept connection
 * is caught.
 */
#ifndef BF_IO_REST_H
#define BF_IO_REST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/endpoint.h"
#include "core/fault.h"
#include "core/reply.h"
#include "core/scan.h"
#include "io/clock.h"
#include "io/conf.h"
#include "io/cred.h"
#include "io/limit.h"

/*
 * A session with a market place: profile, key, clock, limits and connection in
 * one. Zero it, set nothing by hand; session_close at the end.
 */
struct session {
	struct profile	 prof;
	enum market	 market;
	const char	*base;		/* where market's REST is; of prof */
	struct cred	*cred;		/* NULL: public requests only */
	struct limits	*lim;
	struct offset	 off;
	struct rest	*rest;
	int		 timeout_ms;	/* of a whole request; 5000 */
	bool		 beside;	/* key and limits are another session's */
	struct session	*clock;		/* whose time this one goes by, and then the limits are its own; NULL */
	_Atomic bool	*stop;		/* set by another thread: transfers and waits are broken off; NULL */
	int64_t		 stamp_ms;	/* timestamp of the next signed call, 0: now. For one that was
					 * journalled first; such a call is never signed anew. */
	/* the answer of the last call, good until the next */
	struct buf	 body;
	struct scan	 doc;		/* tokens of body; doc.t[0] is the value */
};

/* Load profile name (NULL: not given), directories, limits; with need_key also
 * the key, and then a chosen profile is required. No network yet. */
int session_open(struct session *s, const char *profile, enum market m, bool need_key, struct fault *f);
/* With the key, but without the state that processes share: for what must be
 * done although that cannot be used (a full or read-only disk). */
int session_open_alone(struct session *s, const char *profile, enum market m, struct fault *f);
/* Of the other market beside one that is open: it shares first's profile, key and limits, so
 * that a key is read once; first must be closed last. */
int session_open_beside(struct session *s, const struct session *first, enum market m, struct fault *f);
/* With a profile and a key that are not on the disk yet; c is taken over, also on -1. */
int session_open_with(struct session *s, const struct profile *p, struct cred *c, enum market m, struct fault *f);
/* Of the spot API of first's profile (its sapi), which tells what a key may do: EP_KEY_RIGHTS and
 * nothing else. It shares the key, and the time, for the exchange has one. What is asked and a ban are
 * counted by its own address, so that a refusal there stops no futures order. FAULT_USAGE: the
 * profile knows no such address. first must be closed last. */
int session_open_spot(struct session *s, struct session *first, struct fault *f);
void session_close(struct session *s);

/* Exchange time now by wall clock and offset. */
int64_t session_now(struct session *s);
/* Make sure the offset is known: stored, or measured now (5 samples of /time) if
 * it is half an hour old; where that fails an old one stands until it is an hour
 * old. force: measure in any case. FAULT_CLOCK when the error is over 500 ms.
 * Called by itself before the first signed request. */
int session_sync(struct session *s, bool force, struct fault *f);
/* Measure by so many samples (1 to TIME_SAMPLES_MAX; those beyond 5 take nothing of
 * the reserved budget), and keep the offset, however sure, in s->off and for other
 * processes. fig, NULL if not wanted: what was seen. On 0, f tells why samples are
 * missing; its kind is FAULT_NONE if none are. FAULT_CLOCK: no round trip would do. */
int session_measure(struct session *s, int samples, struct time_figures *fig, struct fault *f);

/*
 * One request: waits for nothing, takes its weight, signs after that, sends,
 * judges. query: parameters without timestamp, recvWindow, signature ("" if
 * none), already encoded. urgent: may use the reserved budget. On 0 the answer
 * stands in s->body / s->doc. -1 with f as reply_judge says; FAULT_UNKNOWN
 * only for requests that change state. Reads that got -1021 are measured and
 * signed anew once; a mutation rejected by -1021 is not executed, so it too is
 * re-signed and sent once more (the only second transmission there is: the
 * first one was refused by name); not one stamped by stamp_ms, whose caller has
 * to journal the new time first. Reads are tried again on FAULT_AGAIN without
 * a wait asked for, at most twice, with jitter; and once after our own window
 * if that ends within 2 s.
 */
int session_call(struct session *s, enum ep ep, const char *query, bool urgent, struct fault *f);

/* Transmissions of the last call, by the transport's own count (for tests). */
int session_transmissions(const struct session *s);

#endif

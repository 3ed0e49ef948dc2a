/*
 * Requests that change state, many at a time, each exactly once: waited for their
 * turn, counted against the limits, journalled, signed, sent one single time, and
 * looked up while their outcome is unknown. Requests about one symbol keep their
 * order, others overlap.
 */
#ifndef BF_IO_DESK_H
#define BF_IO_DESK_H

#include <poll.h>
#include <stdbool.h>

#include "core/fate.h"
#include "io/journal.h"
#include "io/rest.h"

struct desk;

enum via { VIA_AUTO, VIA_REST, VIA_WS };

struct desk_conf {
	/* The session of a market, opened when first needed; NULL with f. */
	struct session *(*session)(void *arg, enum market m, struct fault *f);
	struct journal	*j;
	enum via	 via;		/* VIA_AUTO: the WebSocket API if the key can log a session on
					 * (Ed25519), else REST, which batches; what the WebSocket API
					 * has no method for goes by REST in any case. VIA_WS: while it is
					 * not up one waits for it 5 s, and then is refused (FAULT_AGAIN);
					 * what reduces risk then goes by REST */
	int		 in_flight;	/* requests under way at most; 0: 4 */
	int		 batch;		/* intents in one request at most, 1 to 5; 0: 5 */
	bool		 batch_any;	/* also several of one symbol (the exchange takes them in any order) */
	int		 resolve_ms;	/* how long to look up an UNKNOWN; 0: 30 s */
	int		 lag_ms;	/* lag budget of the exchange's reads; 0: 10 s */
	int		 wait_ms;	/* how long after its coming one may wait for a limit; 0: not at all */
	bool		 evidence;	/* open the user stream with the first UNKNOWN */
	bool		 test;		/* to the test endpoint: nothing is placed, journalled, or looked up */
	volatile const int *stop;	/* set by a signal: finish, do not begin; may be NULL */
	/* Last look before one leaves: -1 with f refuses it. May be NULL. */
	int		(*may_send)(void *arg, void *tag, struct fault *f);
	/* How one ended: once for each that was added. On OUT_RESULT result is one JSON
	 * object, n bytes. Never from desk_add. */
	void		(*done)(void *arg, void *tag, enum outcome out, const char *result, size_t n,
	    const struct fault *f);
	/* One that was told as OUT_UNKNOWN, or is of an earlier run, is settled after all: rec
	 * is a bf.recovered record with newline. May be NULL. */
	void		(*settled)(void *arg, const struct buf *rec);
	/* Progress, for stderr; may be NULL. */
	void		(*notice)(void *arg, const char *sentence);
	void		*arg;
};

int  desk_open(struct desk **out, const struct desk_conf *conf, struct fault *f);
/* Those under way are given up; the journal has them. done is not called. */
void desk_close(struct desk *d);

/* Have n connections of a market ready; nothing is waited for. */
void desk_warm(struct desk *d, enum market m, int n);

/*
 * One request. in: of a place with its client id set; text, n: the intent's line for the
 * journal, which must read back as in. Copied. -1: memory.
 */
int  desk_add(struct desk *d, enum market m, const struct intent *in, const char *text, size_t n,
    void *tag, struct fault *f);
/* Those whose outcome is not told yet. */
int  desk_pending(const struct desk *d);
/* Those that were told as unknown, here or by an earlier run, and still are: they are
 * looked up further, as long as turns are made. */
int  desk_unknown(const struct desk *d);
/* Whether something about this symbol is on it whose outcome is not told yet. */
bool desk_about(const struct desk *d, enum market m, const char *symbol);
/* Whether one more would wait behind others for more than a turn: no need to read ahead. */
bool desk_full(const struct desk *d);

/* Requests handed to REST connections so far, look-ups included. */
long desk_sent(const struct desk *d);

/* A record of an account event that came another way (the pipe). */
void desk_event(struct desk *d, const struct tok *t, const struct tok *rec);

/* One turn: wait until something happens, at most timeout_ms (-1: no bound), also on
 * p[0..n) whose revents are set; do it. */
void desk_turn(struct desk *d, struct pollfd *p, int n, int timeout_ms);

/*
 * Look up every intent of the journal (3 days) that has no outcome, and append one
 * bf.recovered record each to out. Never places. max_ms: time for it. Returns the
 * number still unknown; -1 on a fault. To be called first, or again while nothing is pending.
 */
int  desk_recover(struct desk *d, int max_ms, struct buf *out, struct fault *f);

/* How many intents of the journal (3 days) have no outcome, and how many of its lines are damaged.
 * Only reads. -1 on a fault. */
int  desk_unsettled(struct journal *j, int64_t now_ms, int *damaged, struct fault *f);

/* Whether a line of the journal with this name is of the order id: placed (its client id), or
 * cancelled (client id, or "#" and order id). Of a cancel the name has as much of the id as there
 * is room for, and a mark of market and symbol; a name of before without one is read as well. */
bool desk_names(const char *name, const char *id);

#endif

/*
 * A connection and the streams on it, and the one that is to take its place.
 *
 * Before the exchange ends a connection (24 h), another one with the same streams is
 * opened. What the newcomer gives is held back until the old one has given the
 * same: for each symbol of each stream the hand-over is at a record both have, so that
 * none is lost and none comes twice. Then the old one is ended.
 */
#ifndef BF_STREAM_FEED_H
#define BF_STREAM_FEED_H

#include "stream.h"

/* A record of the newcomer that waits for its key to be handed over. */
struct held { struct key *key; struct mark mark; size_t at, n; };

struct link {
	struct feed	*feed;
	struct ws_conn	*conn;
	bool		 open;
	int		 named;		/* streams asked for on it so far */
	int		 unanswered;	/* SUBSCRIBE messages */
	long		 id;		/* of the last one */
	int64_t		 ready;		/* mono: all asked for and answered; 0: not yet */
	int64_t		 ready_at;	/* the same, exchange time */
	int64_t		 E;		/* the latest event time of what it gave; 0: none */
	struct held	*held; int nheld, cap;
	struct buf	 bytes;		/* of what is held */
};

struct feed {
	struct app	*a;
	const struct part *part;
	struct link	*cur, *next;	/* next: the newcomer; NULL */
	bool		 down;		/* and that was told */
	int64_t		 heard;		/* mono of the last message on cur, or of its coming up */
	int64_t		 lost;		/* exchange time from which on records may be lost; 0 */
	int64_t		 renew;		/* mono: a newcomer is due */
	int64_t		 kicked;	/* mono of the last kick for silence, and how many in a row */
	int		 kicks;
};

/* over.c */
/* A record of the newcomer: held, or, when its key is handed over, for delivery (true). */
bool over_newcomer(struct feed *fd, struct key *k, const struct mark *m, const struct tok *v);
/* Whether a record of the old connection is for delivery. */
bool over_wants(const struct feed *fd, const struct key *k, const struct mark *m);
/* The old connection has delivered a record of the key: hand over if the newcomer has it too. */
void over_old(struct feed *fd, struct key *k);
/* Whether every key that the newcomer knows has been handed over. */
bool over_done(const struct feed *fd);
/* Whether the old one has given all that was sent before the newcomer was subscribed: its
 * events are of later than that. */
bool over_caught_up(const struct feed *fd);
/* Whether what is lost of a stream is not in its next record too. */
bool gap_matters(const struct app *a, const struct line *ln);
/* It has not, and ends: tell of the streams that may have lost a record by that. */
void over_unsure(struct feed *fd);
/* Hand over what is left, whatever the old one has given. */
void over_force(struct feed *fd);
/* No key of this feed is handed over any more: the newcomer is the old one now, or gone. */
void over_reset(struct feed *fd);

#endif

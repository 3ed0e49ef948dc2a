/* Streams over connections, within what the exchange allows. Pure. */
#ifndef BF_STREAM_PLAN_H
#define BF_STREAM_PLAN_H

#include "ask.h"

#define STREAMS_PER_CONN	1024	/* the exchange's bound */
#define FRAME_NAMES		100	/* names a SUBSCRIBE message carries at most */
#define FRAME_BYTES		4000	/* and its length */
#define FRAMES_PER_S		4	/* the exchange cuts at more than 10 messages a second, pings and all */

/* The streams of one connection. */
struct part {
	enum market	  market;
	enum route	  route;
	char		  name[24];	/* "market", "market-2", "coinm", "coinm-2": for notices */
	const struct want **w;		/* n of them, of the wants given */
	int		  n;
};
struct plan { struct part *p; int n; };

/* wants are of one or both markets; `user` is not planned here. On COIN-M all routes are
 * one. Parts are filled evenly: 1025 streams make 513 and 512. */
int plan_make(struct plan *out, const struct wants *w, struct fault *f);
void plan_free(struct plan *p);

/* The path of a connection with as many names as its address carries (bytes are
 * percent-encoded): "/market/stream?streams=a/b" ("/stream?streams=" on COIN-M).
 * Returns how many of part's streams are in it. */
int part_path(const struct part *p, char *out, size_t size);
/* The next SUBSCRIBE message for the streams from `from` on, into out (emptied first), with
 * the id given; returns the index after the last one it names. */
int part_frame(const struct part *p, int from, long id, struct buf *out);

#endif

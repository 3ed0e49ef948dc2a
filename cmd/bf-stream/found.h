/* Symbols, pairs, contracts and assets of the command line, looked up in exchangeInfo. */
#ifndef BF_STREAM_FOUND_H
#define BF_STREAM_FOUND_H

#include <stdbool.h>

#include "core/listed.h"
#include "core/streams.h"
#include "io/xinfo.h"

/* Where to look. Zero it, set the first six. */
struct finder {
	enum market	 market;	/* looked at first */
	bool		 only;		/* and no other: --market was given; what is needed says so too */
	bool		 checked;	/* false: offline, a name is believed to be what its form says */
	struct session *(*open)(void *arg, enum market m, struct fault *f);
	void		*arg;
	struct xinfo	*x;		/* MARKETS of them */
	struct session	*s[MARKETS];
	bool		 anew[MARKETS];	/* the exchange itself was asked: a cache may be old */
};

/* A name, and what it was found to be. Zero it, set text. */
struct subject {
	const char	*text;		/* "BTCUSDT", "BTCUSD", "BTCUSD_CURRENT_QUARTER" */
	bool		 looked[MARKETS];
	struct listed	 hit[MARKETS];
};

/* What a subject must be: the row of its stream on each market (NULL: not there), and
 * the kinds of name (enum listed_as) that do. */
struct need {
	const struct stream_row *row[MARKETS];
	unsigned	 as[MARKETS];
};

/*
 * The market on which s is what the stream needs, and trades. FAULT_USAGE: it is that, but
 * on a market without the stream. FAULT_REJECTED, code -1121: it is not listed, with
 * what comes near, or does not trade any more. Others: exchangeInfo cannot be had.
 */
int find_market(struct finder *fi, struct subject *s, const struct need *need, enum market *out,
    struct fault *f);

#endif

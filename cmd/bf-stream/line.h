/*
 * What is known of each stream that was asked for: how far it has come, whether it
 * lives, how late it is. Pure: times come in as arguments.
 */
#ifndef BF_STREAM_LINE_H
#define BF_STREAM_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "ask.h"
#include "core/scan.h"

#define RECENT	8	/* serials remembered beside the greatest, for streams that must not lose one */

/* How far one symbol of a stream has come. */
struct key {
	struct key *next;	/* in its bucket */
	struct line *line;
	char	   *symbol; size_t symbol_n;
	bool	    any;	/* something has been taken */
	uint64_t    serial;	/* the greatest taken */
	uint64_t    hash;	/* of the record with it */
	int64_t	    E;		/* its event time */
	uint64_t    floor;	/* records before it were taken from another connection */
	struct { uint64_t serial, hash; } recent[RECENT];
	int	    at;		/* the oldest of recent */
	/* while another connection takes over */
	bool	    over;	/* it has this key already */
	int	    held;	/* records of it that wait for that */
	uint64_t    first;	/* the serial of the first of them */
};

enum health {
	HEALTH_OK,
	HEALTH_NEVER,	/* asked for, and nothing has ever come */
	HEALTH_SILENT,	/* nothing comes any more */
	HEALTH_REPEATS	/* what comes is nothing new */
};

/* One stream. */
struct line {
	const struct want *w;
	int	    nth;	/* of the wants */
	int64_t	    asked;	/* monotonic ms of being asked for; 0: no connection was ever made */
	int64_t	    since;	/* of its last subscription; 0: not subscribed */
	int64_t	    heard, fresh;	/* of the last record, and of the last new one; 0: none */
	enum health health;
	struct key *last;	/* of the record before; NULL: none yet */
	bool	    late;	/* its events come later than they should */
	uint64_t    again, behind;	/* records dropped as seen already; that came after a newer one */
};

struct lines_of {		/* all of them */
	struct line *line; int n;
	int	   *slot; int slots;		/* name -> index + 1 */
	int	    last;		/* of the name that was found before, or 0 */
	struct key **bucket; int buckets, keys;
};

int  lines_make(struct lines_of *l, const struct wants *w, struct fault *f);
void lines_drop(struct lines_of *l);
/* The stream of that market by its exchange's name; NULL: not asked for. */
struct line *line_find(struct lines_of *l, enum market m, const char *name, size_t n);
/* The key of a symbol ("" for none) in it; NULL: out of memory. */
struct key *line_key(struct lines_of *l, struct line *ln, const char *symbol, size_t n);

/* Of a record: its serial by the row, hash of its bytes, event time (0: it has none). */
struct mark { uint64_t serial, hash; int64_t E; };
void record_mark(struct mark *m, const struct stream_row *row, const struct tok *t, const struct tok *v);

enum taken {
	TAKE_NEW,
	TAKE_AGAIN,	/* the same record was taken before: drop it */
	TAKE_OLD	/* of a latest-value stream, older than what was taken: drop it */
};
/* Judge a record and note it. A record older than the greatest of a stream that must
 * not lose one is new unless it is among the recent ones. Serials that went back while time
 * went on have begun anew (a contract listed again, a testnet that was reset). */
enum taken key_take(struct key *k, const struct mark *m);

/* The health of a stream at mono_ms; limit_ms: silence that is too long. */
enum health line_health(const struct line *ln, int64_t mono_ms, int64_t limit_ms);

#endif

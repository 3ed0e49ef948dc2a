/* What bf-stream does with the messages of its connections. */
#ifndef BF_STREAM_STREAM_H
#define BF_STREAM_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fault.h"
#include "core/scan.h"
#include "core/streams.h"
#include "io/rest.h"
#include "io/table.h"
#include "io/tool.h"
#include "io/ws.h"

#define FEEDS_MAX	32
#define NAMES_MAX	(WS_PATH_MAX - 64)	/* bytes of stream names in one address */

/* One connection: a route and the streams on it. */
struct feed {
	enum route	route;
	const char     *path;		/* "public", "market"; NULL for user */
	char		name[16];	/* "market", "market-2"; "user" */
	struct buf	streams;	/* "a/b/c"; empty for user */
	bool		used;
	bool		down;		/* and that has been told */
	struct ws_conn *conn;
};

struct app {
	const struct tool *tool;
	struct session	s;
	struct ws_loop *loop;
	struct feed	feed[FEEDS_MAX];	/* the first of each route by enum route, then more */
	int		nfeed;
	struct printer	out;
	struct scan	sc;
	struct buf	rec;
	char		key[256];	/* listenKey; "" when one must be asked for */
	int64_t		key_ms;		/* monotonic time of the last keepalive */
	long		left;		/* records still wanted; -1 without end */
	bool		reader_gone;
	struct fault	fault;		/* kind FAULT_NONE: ended as asked */
};

extern const struct ws_events stream_events;

/* The columns of a table of what these words of the command line ask for. */
const struct column *columns_for(char *const words[], int n);

/* End the run with f (NULL: as asked). */
void app_stop(struct app *a, const struct fault *f);

/* user.c: a path with a valid listenKey; -1 with the reason in f. */
int  user_path(struct app *a, char *out, size_t size, struct fault *f);
/* Keep the listenKey alive when it is due; a lost one costs the connection. */
void user_tick(struct app *a, int64_t mono_ms);
/* Look at an event of the user stream: an expired key costs the connection. */
void user_event(struct app *a, const struct tok *t, const struct tok *rec);

#endif

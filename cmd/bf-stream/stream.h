/* bf-stream: what its parts share. */
#ifndef BF_STREAM_STREAM_H
#define BF_STREAM_STREAM_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "ask.h"
#include "books.h"
#include "core/buf.h"
#include "core/fault.h"
#include "core/scan.h"
#include "io/rest.h"
#include "io/table.h"
#include "io/tool.h"
#include "io/work.h"
#include "io/ws.h"
#include "line.h"
#include "plan.h"
#include "rec.h"
#include "sink.h"

struct feed;
struct user;

/* Options of this tool, as given. */
struct choices {
	long	    count;		/* -1: no end */
	const char *symbols_from;
	long	    book, interval;	/* levels, 0: none; ms, 0: at each change */
	enum slow   slow;
	size_t	    buffer;		/* bytes */
	long	    max_lag, lag_exit, max_silence;	/* ms; 0: never, or as the stream has it */
	long	    renew;		/* s */
	const char *record;
	int64_t	    rotate_bytes, rotate_ms;
	char	  **replay; int replays;
	long	    speed;		/* thousandths */
	char	  **snapshot; int snapshots;
};

struct app {
	const struct tool *tool;
	struct common	 common;
	struct choices	 opt;
	struct session	 s[MARKETS];	/* of the loop: profile and clock; base NULL: not opened */
	struct session	 job[MARKETS];	/* of the worker, with the key where one is needed */
	struct xinfo	 x[MARKETS];
	struct ws_loop	*loop;
	struct worker	*worker;
	struct printer	 out;
	struct sink	*sink;
	struct recorder	*rec;		/* NULL: not recording */
	struct books	*books;		/* NULL: no --book */
	struct user	*user[MARKETS];	/* NULL: not asked for */
	struct wants	 wants;
	struct plan	 plan;
	struct lines_of	 lines;
	struct feed	*feeds;		/* one for each part of the plan */
	struct scan	 sc;		/* of the message at hand */
	struct buf	 text, note;	/* a record, a notice in the making */

	int64_t		 mono, now;	/* of this round of the loop: monotonic, exchange time */
	bool		 round;		/* something came in it: the clock has been looked at */
	bool		 clock_known;
	int64_t		 synced;	/* mono of the last look at the clock */
	long		 left;		/* records still wanted; -1 without end */
	bool		 replaying;	/* there is no loop, and writing may block */
	bool		 held;		/* stdout cannot take more now */
	bool		 full;		/* the sink takes no more: the run ends for a slow reader */
	int64_t		 held_since;
	bool		 stopping, reader_gone;
	unsigned	 said;		/* sentences of app_say since said_since (mono) */
	int64_t		 said_since;
	unsigned long	 unsaid;	/* those left out */
	struct fault	 fault;		/* kind FAULT_NONE: ended as asked */
};

/* What every job for the worker begins with: how to be rid of it when the run ends
 * before it was done. */
struct job_head { void (*drop)(void *job); };

/* Exchange time as this process knows it, ms. */
int64_t app_now(struct app *a);
/* End the run with f (NULL: as asked). */
void app_stop(struct app *a, const struct fault *f);

/* A record goes out (n bytes, no newline): recorded, counted, filed for the reader. */
void app_emit(struct app *a, enum sink_kind kind, const struct sink_key *k, const char *rec, size_t n);
/* A notice: begin one, add members to the buffer it gives, and send it.
 * {"e":"bf.<kind>","E":<now>,"by":"bf-stream", ... } */
struct buf *app_note(struct app *a, const char *kind);
void app_note_end(struct app *a);
/* A sentence on standard error about something that came, of which there may be very many:
 * some are said, the others counted. app_said: how many, when it is time for that. */
void app_say(struct app *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void app_said(struct app *a, bool end);
/* What is ready goes to the reader as far as he takes it. */
void app_drain(struct app *a);
/* Of a run that ended by --count, or because too much waited: what waits goes to the reader, as
 * long as he takes; a signal ends that. */
void app_finish(struct app *a);

/* live.c: streams from the exchange, until the end; and the session of a market, opened at
 * need, for wants_read. */
struct session *app_session(void *app, enum market m, struct fault *f);
int live_run(struct app *a, struct fault *f);
/* play.c: streams from recorded files. */
int play_run(struct app *a, struct fault *f);
extern volatile sig_atomic_t stop_asked;

/* feed.c: the connections of the plan. */
int  feeds_open(struct app *a, struct fault *f);
void feeds_free(struct app *a);
int  feed_path(struct app *a, struct ws_conn *c, char *out, size_t size);
void feed_state(struct app *a, struct ws_conn *c, enum ws_state st, const struct ws_why *why);
void feed_text(struct app *a, struct ws_conn *c, const char *p, size_t n);
void feeds_tick(struct app *a);
/* Every connection is up, and not all is silent that should speak on it. */
bool feeds_fed(const struct app *a);
/* A change of a connection, as a notice (or a sentence, where a table is printed). */
void conn_note(struct app *a, const char *conn, const char *state, const char *why);

/* take.c: a record of a stream, wherever it came from. deliver: judged new. */
struct key *take_key(struct app *a, struct line *ln, const struct tok *t, const struct tok *v);
bool take_other_market(const struct line *ln, const struct tok *t, const struct tok *v);
void take_deliver(struct app *a, struct key *k, const struct mark *m, const struct tok *t, const struct tok *v);

/* watch.c: streams that say nothing, nothing new, or say it late. */
void watch_lag(struct app *a, struct line *ln, int64_t E);
void watch_tick(struct app *a);
/* Silence of a stream that is too long, ms; 0: none is. */
int64_t watch_limit(const struct app *a, const struct line *ln);

/* snap.c: the snapshots that books ask for. */
extern const struct books_ops snap_ops;		/* want asks in the worker */
extern const struct books_ops snap_offline;
int snap_load(struct app *a, struct fault *f);	/* --snapshot */

/* columns.c: of a table of what these streams give. */
const struct column *columns_for(const struct wants *w, bool book);

#endif

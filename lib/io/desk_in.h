/* What the parts of the desk share; for lib/io/desk*.c only. */
#ifndef BF_IO_DESK_IN_H
#define BF_IO_DESK_IN_H

#include "io/calls.h"
#include "io/desk.h"
#include "io/ustream.h"
#include "io/ws.h"
#include "io/wsapi.h"

#define FLIGHT_MAX	10	/* intents in one request: cancels; of orders the exchange takes 5 */
#define LOOKERS		4	/* lanes beside those of orders: for look-ups */
#define KEY_LANE	1	/* and for the listenKey of the user stream */

struct flight;

/* One intent, from its coming to its end. */
struct entry {
	struct entry	*next;
	struct desk	*d;
	void		*tag;
	enum market	 market;
	struct intent	 in;
	struct buf	 text;		/* its line */
	char		 name[40];	/* in the journal and in sentences */
	struct fate	 fate;
	bool		 urgent;	/* may use what is reserved: it reduces risk */
	bool		 sent;		/* journalled and handed over; fate holds from here on */
	bool		 resigned;	/* it is sent a second time, as the first was refused for its time */
	bool		 asking;	/* a look-up of it is under way: not freed before that ends */
	enum fate_ask	 asked;
	int64_t		 asked_ms;	/* exchange time of asking */
	bool		 marked;	/* the journal has that it is unknown */
	bool		 told;		/* its outcome was told (OUT_UNKNOWN), or it is of an earlier run */
	bool		 over;		/* nothing more is wanted of it */
	bool		 stuck;		/* over, and unknown for good: stays on the list, and desk_recover
					 * looks it up anew */
	bool		 unreadable;	/* a line of the journal that says too little to look anything up */
	bool		 looking;	/* since_ms is of that */
	struct flight	*flight;
	int64_t		 since_ms;	/* monotonic: when it came; of one that is looked up, when that began */
	int64_t		 due_ms;	/* monotonic: waits for a limit until then */
};

/* A request under way. */
struct flight {
	struct flight	*next;
	struct desk	*d;
	enum market	 market;
	enum ep		 ep;
	bool		 batch, ws, late;	/* late: nobody waits for its answer any more */
	bool		 measured, unsure;	/* the time, after a refusal for it; unsure: that failed */
	struct entry	*e[FLIGHT_MAX];		/* NULL: that one has ended */
	int		 n;
	int64_t		 end_ms;		/* monotonic; ws only: REST has its own */
};

struct side {
	struct session	*s;
	struct calls	*calls;
	struct wsapi	*ws;		/* NULL: not wanted, or not to be had */
	bool		 ws_tried;
	struct ustream	*us;
	bool		 us_tried;
	int64_t		 clock_due;	/* monotonic: the time is not measured again before */
};

struct desk {
	struct desk_conf c;
	struct side	 side[MARKETS];
	struct ws_loop	*loop;		/* NULL until a WebSocket is wanted */
	const char	*ca_file, *proxy;	/* of the profile */
	struct entry	*first, **end;
	struct flight	*flights;
	int		 nflights;	/* that somebody waits for */
	int		 pending, unknown;
	bool		 stop_said, foreign_said;
	bool		 news;		/* something was told in this turn: who waits for it is not kept waiting */
	struct buf	 query;		/* of what is sent next */
	struct buf	*recovered;	/* desk_recover: where records go; NULL: to settled */
};

/* desk.c */
struct side *desk_side(struct desk *d, enum market m, struct fault *f);
/* The WebSocket loop, made when first needed; NULL with f. */
struct ws_loop *desk_loop(struct desk *d, struct fault *f);
/* name NULL: as the journal names such an intent. NULL: out of memory. */
struct entry *desk_entry(struct desk *d, enum market m, const struct intent *in, const char *name,
    const char *text, size_t n);
void desk_say(const struct desk *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool desk_stopped(const struct desk *d);

/* desk_turn.c: whose turn it is, and starting it. *timeout_ms is lowered to what is due. */
void send_work(struct desk *d, int *timeout_ms);

/* desk_send.c */
enum way { WAY_REST, WAY_WS, WAY_WAITS, WAY_NONE };
/* How e goes. Who asks for the WebSocket API by name gets it or nothing; but what reduces
 * risk goes in any case. */
enum way send_way(struct side *s, const struct entry *e);
enum sending { SEND_WAITS, SEND_REFUSED, SEND_OFF };	/* OFF: fl is not the caller's any more */
/* fl has its entries, endpoint and way. WAITS: for a limit, then it is to be tried again. */
enum sending flight_send(struct flight *fl);
/* The entry is no longer of its flight; a late flight without any is forgotten. */
void flight_leave(struct entry *e);

/* desk_look.c: what becomes of those that were sent. */
/* The answer to one of them; or -1021, and then it is sent once more. */
void look_answer(struct entry *e, const struct fault *f, const struct tok *t, const struct tok *v);
/* A record of an account event; e has been sent once at least. */
void look_event(struct entry *e, const struct tok *t, const struct tok *rec);
/* Refused before it was sent, or sent once more. */
void look_refused(struct entry *e, const struct fault *f);
/* The fate of e may have moved: do what follows. */
void look_follow(struct entry *e);
void look_work(struct desk *d, int *timeout_ms);

/* desk_name.c */
void journal_name(char out[static 40], enum market m, const struct intent *in);

/* desk_journal.c */
/* Journal n of one request, durable; taken[i]: another process has it. -1: none may be sent. */
int  journal_entries(struct desk *d, struct entry *const e[], int n, int64_t stamp_ms, int recv_window,
    bool taken[], struct fault *f);
void journal_outcome(struct desk *d, const struct entry *e, const char *what);
/* A bf.recovered record of a settled one. */
void recovered_record(struct buf *out, const struct entry *e, int64_t now_ms);

static inline void
sooner(int *timeout_ms, int64_t ms)
{
	if (ms < 0)
		ms = 0;
	if (*timeout_ms < 0 || ms < *timeout_ms)
		*timeout_ms = ms > 60000 ? 60000 : (int)ms;
}

#endif

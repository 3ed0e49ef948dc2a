/* bf-risk: the state of a run, and the parts of its loop. */
#ifndef BF_RISK_RISK_H
#define BF_RISK_RISK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/account.h"
#include "core/intent.h"
#include "io/lines.h"
#include "io/load.h"
#include "io/rest.h"
#include "io/tool.h"
#include "io/xinfo.h"
#include "judge.h"
#include "marks.h"

#define REQUEST_MS	1500	/* time for one request */
#define PENDING_MAX	256
#define PENDING_MS	10000	/* by then an intent that was read shows in the account, or never */
#define UNREAD_MS	60000	/* a reader that is always behind is not waited for longer */
#define POLL_MIN_MS	25	/* an order in flight is asked for after this, */
#define POLL_MAX_MS	400	/* then after twice as long, up to this */
#define SETTLE_MAX_MS	1600	/* the same for reading the account after it: dearer */
#define LAG_MS		10000	/* how far the exchange's answers may lag behind an order; recvWindow
				 * and this after it left, an unseen one is none */
#define PAUSE_TIMES	3	/* after a try that failed: so much longer than it took */

/* The reducing order of ours that is on its way, until the account shows what
 * it did. One at a time. */
struct inflight {
	bool	active;
	bool	ended;			/* it is over; the account is not known to show it */
	char	symbol[SYMBOL_MAX];
	enum pos_side pos_side;
	dec	held;			/* |amt| when it left */
	dec	executed;		/* of an ended one */
	char	client_id[CLIENT_ID_MAX];
	int64_t	left_ms, since_ms, asked_ms;	/* monotonic; since: it was not read yet, or ended */
	int64_t	wait_ms;		/* until the next question */
};

struct app {
	const struct tool *tool;
	struct common	common;
	struct session	s;
	struct account	acct;
	struct xinfo	xinfo;
	struct scan	sc;
	struct lines	in;
	struct out	out;
	struct buf	rec;
	struct marks	marks;
	struct pending	pending[PENDING_MAX];
	int		npending;
	struct inflight	fly;
	/* options */
	dec		max_lev, target_lev, cost;
	const char     *asset;
	long		refresh_ms, max_age_ms;
	/* state */
	int64_t		mono_ms, now_ms;	/* monotonic and exchange time of the lines at hand */
	int64_t		loaded_ms;	/* monotonic time of the last full read; 0 never */
	int64_t		tried_ms;
	int64_t		config_ms;	/* of account_load */
	bool		said_down, said_stale, said_blind, said_stuck;
	bool		rejected;
};

/* Look at the clocks. Once for all lines of one read, not for each; and again
 * after whatever may have waited for an answer. */
void tick(struct app *a);
/* Have the contract rules at hand: a reduction must not wait for them. */
void learn_rules(struct app *a);
/* Say so when the account, just read, cannot be guarded. */
void check_sum(struct app *a);
/* Read the account if it is due (or force); on a failure say so once. */
void refresh(struct app *a, int64_t mono_ms, bool force);

/* A mark price record came (or the account changed): reduce if too heavy. */
int  monitor(struct app *a, int64_t mono_ms, struct fault *f);
/* Ask after the order in flight when it is due. */
int  follow(struct app *a, int64_t mono_ms, struct fault *f);
/* An order event that may be of the order in flight. */
void follow_event(struct app *a, const struct tok *t, const struct tok *rec);

/* One line in, at least one line out: passed on as it came, or rejected. */
int  treat_line(struct app *a, const char *line, size_t n, int64_t mono_ms, struct fault *f);
/* A line that cannot be read: a bf.reject, and a sentence. */
int  reject_line(struct app *a, const char *rule, const char *why, struct fault *f);

#endif

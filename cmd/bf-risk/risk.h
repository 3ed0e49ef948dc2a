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
#define PENDING_MS	10000	/* by then an intent let through shows in the account, or never */
#define INFLIGHT_MS	15000	/* recvWindow + the venue's lag: after that an unseen order is none */
#define POLL_MIN_MS	25	/* an order in flight is asked for after this, */
#define POLL_MAX_MS	400	/* then after twice as long, up to this */

/* The reducing order of ours that is on its way. One at a time. */
struct inflight {
	bool	active;
	char	symbol[SYMBOL_MAX];
	char	client_id[CLIENT_ID_MAX];
	int64_t	since_ms, asked_ms;	/* monotonic */
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
	bool		said_down, said_stale;
	bool		rejected;
};

/* Look at the clocks. Once for all lines of one read, not for each; and again
 * after whatever may have waited for an answer. */
void tick(struct app *a);
/* Have the contract rules at hand: a reduction must not wait for them. */
void learn_rules(struct app *a);
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

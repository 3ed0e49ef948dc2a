/* bf-risk: the state of a run, and the parts of its loop. What decides is in judge.h and watch.h. */
#ifndef BF_RISK_RISK_H
#define BF_RISK_RISK_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "core/buf.h"
#include "io/calls.h"
#include "io/lines.h"
#include "io/listing.h"
#include "io/load.h"
#include "io/tool.h"
#include "io/venue.h"
#include "judge.h"
#include "limits.h"
#include "log.h"
#include "watch.h"
#include "world.h"

#define REQUEST_MS	1500	/* time for one request that the pipe has to wait for */
#define LANES		3	/* connections a market: the account, an order asked after, one more */
#define PAUSE_TIMES	3	/* after a read that failed: so much longer than it took */
#define IDLE_TIMES	10	/* a market without money in it is read so much more seldom */

/* What is read of one market, beside the pipe. */
struct feed {
	bool	on;
	struct session	*s;
	struct calls	*calls;
	struct loader	*load;
	int64_t	tried_mono_ms;		/* when the last read ended */
	int64_t	began_mono_ms;		/* of the one under way */
	int64_t	rules_mono_ms;		/* when contract rules were read; 0: never */
	bool	said_down, said_blind;
	struct fault fault;		/* of the last read that failed */
	bool	asking;			/* after an order of ours: one at a time */
	char	asked_id[CLIENT_ID_MAX];
	struct buf brackets;		/* the answer of leverageBracket, as text; looked into when a symbol is new */
	bool	no_brackets;		/* it could not be had; said */
};

struct app {
	const struct tool *tool;
	struct common	common;
	struct venue	v;
	struct feed	feed[MARKETS];
	struct world	w;
	struct limits	lim;
	struct watch	*watch;
	struct wish	wish;
	struct scan	sc;
	struct lines	in;
	struct out	out;
	struct buf	rec;
	/* options */
	long		refresh_ms;
	const char	*rules_file, *log_file;
	/* the log, and the lock of the day's figures */
	struct out	log;
	bool		logging, log_failed;
	int		day_fd;		/* -1: another bf-risk of this profile keeps them */
	unsigned long long decisions;
	/* state */
	bool		said_stale, said_unsaved;
	int64_t		latch_mono_ms;	/* when the latch was last looked for */
	int64_t		rates_mono_ms;	/* when assetIndex was last read */
	bool		rejected;
	enum fault_kind	worst;		/* beside rejects: a latch, a log */
};

#define say(a, ...) tool_say(((const struct app *)(a))->tool, STDERR_FILENO, __VA_ARGS__)

/* main.c */
/* Look at the clocks. Once for all lines of one read, not for each; and again after whatever may have
 * waited for an answer. */
void tick(struct app *a);
/* How old a mark price may be. */
int64_t max_age_ms(const struct app *a);

/* fetch.c: what is asked of the exchange. */
/* Sessions, lanes, contract rules, the first read of the accounts. -1: what must stop the pipe at once (a wrong
 * key, a wrong word, this machine); an exchange that cannot be reached must not. */
int  fetch_open(struct app *a, struct fault *f);
void fetch_close(struct app *a);
/* Begin what is due; poll set and patience; what has come. */
void fetch_due(struct app *a);
int  fetch_poll(struct app *a, struct pollfd *p, int max, int *timeout_ms);
void fetch_step(struct app *a);
/* Read m's account now and wait for it, REQUEST_MS at most. */
void fetch_now(struct app *a, enum market m);
/* A read that failed: no new risk, and a pause. */
void fetch_failed(struct app *a, enum market m, const struct fault *f);
/* Contract rules may have changed: read them anew. */
void fetch_rules(struct app *a, enum market m);
/* The contracts of what an event has told of, from what is at hand. */
void fetch_learn(struct app *a);
/* Have what a decision on this symbol needs: contract, brackets, a price if none comes down the pipe. -1: the
 * contract is not to be had, f says why if anybody could be asked. */
int  fetch_symbol(struct app *a, const char *symbol, struct fault *f);

/* act.c: what the rules over events want done. */
int  act(struct app *a, struct fault *f);
/* The day's figures of an earlier run, and what has happened since. */
int  day_open(struct app *a, struct fault *f);
void day_close(struct app *a);
/* The kill latch, for the rule over intents. */
void look_latch(struct app *a, const char *symbol, enum order_side side);
/* The next program does not keep up. */
bool unread(void);

/* line.c */
/* One line in, at least one line out: passed on as it came, changed, or rejected. */
int  treat_line(struct app *a, const char *line, size_t n, struct fault *f);
/* A line that cannot be read: a bf.reject, and a sentence. */
int  reject_line(struct app *a, const char *rule, const char *why, struct fault *f);
/* An intent with members replaced, all else as it came, with newline. value NULL: left out. */
struct member { const char *name; char value[DEC_STR]; bool drop, done; };
void rewrite(struct buf *out, const struct tok *t, struct member *m, int n);

#endif

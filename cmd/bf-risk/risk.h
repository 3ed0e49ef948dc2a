/* bf-risk: the state of a run, and the parts of its loop. What decides is in judge.h and watch.h. */
#ifndef BF_RISK_RISK_H
#define BF_RISK_RISK_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "core/buf.h"
#include "io/calls.h"
#include "io/journal.h"
#include "io/clock.h"
#include "io/lines.h"
#include "io/listing.h"
#include "io/load.h"
#include "io/tool.h"
#include "io/venue.h"
#include "judge.h"
#include "limits.h"
#include "log.h"
#include "rewrite.h"
#include "told.h"
#include "watch.h"
#include "world.h"

#define REQUEST_MS	1500	/* the pipe waits so long at most, for all its questions of one read of the input */
#define BESIDE_MS	5000	/* time for one request beside the pipe */
#define LANES		8	/* connections a market at most: one for each kind of question */
#define PAUSE_TIMES	3	/* after what failed: so much longer than it took */
#define IDLE_TIMES	10	/* a market without money in it is read so much more seldom */
#define TIME_SAMPLES	5

/* The exchange's time is being measured. */
struct measure {
	bool	busy, asking;		/* asking: one of the samples */
	int	tries, n;
	int64_t	gap_us, sent_us;
	int64_t	began_mono_ms, due_mono_ms;	/* not before due */
	struct time_sample got[TIME_SAMPLES];
};

/* Income rows of the day are being read, page by page. */
struct incomes {
	bool	wanted, asking, said;
	int	page;
	int64_t	since_ms, due_mono_ms;
};

/* What is read of one market, beside the pipe. */
struct feed {
	bool	on;
	struct app	*a;
	enum market	 m;
	struct session	*s;
	struct calls	*calls;
	struct loader	*load;
	bool	reading;		/* the account */
	int64_t	tried_mono_ms;		/* when the last read ended */
	int64_t	began_mono_ms;		/* of the one under way */
	bool	said_down, said_blind;
	bool	settled;		/* all was asked for once */
	struct fault fault;		/* of the last read that failed */
	int64_t	quiet_mono_ms;		/* until then the pipe waits for nothing of this market */
	struct measure clock;
	struct incomes income;
	bool	asking;			/* after an order of ours: one at a time */
	char	asked_id[CLIENT_ID_MAX];
	bool	asking_rules, asking_brackets, asking_price, asking_rates;
	bool	said_rules, said_brackets;	/* that they could not be had */
	int64_t	rules_due_mono_ms;	/* when contract rules are to be read; 0: they were not yet */
	int64_t	brackets_due_mono_ms;	/* not asked for before this */
	struct buf brackets;		/* the answer of leverageBracket, as text; looked into when a symbol is new */
};

struct app {
	const struct tool *tool;
	struct common	common;
	struct venue	v;
	struct feed	feed[MARKETS];
	struct world	w;
	struct limits	lim;
	struct watch	*watch;
	struct journal	*journal;	/* bf-order's, to read; NULL: it cannot be */
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
	int64_t		marked_mono_ms;	/* the last mark price that was not too old came; 0: none did */
	int64_t		latch_mono_ms;	/* when the latch was last looked for */
	int64_t		rates_mono_ms, rates_due_mono_ms;	/* when assetIndex was last read, and is to be */
	int64_t		patience_mono_ms;	/* until when the pipe may wait for answers */
	int		prices_asked;	/* for what one read of the input brought */
	struct told	told;		/* what the account's stream said of the positions */
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
/* Read m's account now and wait for it, if the pipe may wait. */
void fetch_now(struct app *a, enum market m);
/* Wait for what is under way at fd's market, until a->patience_mono_ms; and after waiting in vain not again soon. */
void fetch_wait(struct feed *fd, const bool *under_way);
/* A read that failed: no new risk, and a pause. */
void fetch_failed(struct app *a, enum market m, const struct fault *f);

/* fetch_income.c: the income rows that the day wants. */
/* Want those of a market; ask for the next of them if it is time; at the start all of them at once, waited for. */
void fetch_income(struct feed *fd);
void fetch_income_due(struct feed *fd);
void fetch_day(struct app *a);

/* fetch_learn.c: contracts and prices. */
/* Contract rules may have changed: read them anew. */
void fetch_rules(struct app *a, enum market m);
/* Contract rules when they are due. */
void learn_due(struct feed *fd);
/* The contracts of all that is held or open, from what is at hand; nobody is asked. */
void learn_account(struct feed *fd);
/* The contracts of what an event has told of, from what is at hand. */
void fetch_learn(struct app *a);
/* Have what a decision on this symbol needs: contract, brackets, a price if none comes down the pipe. What cannot be
 * had before a->patience_mono_ms is not waited for, and comes for the next. -1: the contract is not to be had, f says
 * why if anybody could be asked. */
int  fetch_symbol(struct app *a, const char *symbol, struct fault *f);

/* fetch_clock.c: the exchange's time, measured beside the pipe. */
void measure_open(struct feed *fd);
/* Whether the offset serves: without one nothing is signed. */
bool measure_stands(const struct feed *fd);
/* Begin if it is due; the next sample. */
void measure_due(struct feed *fd);
/* It does not serve: measure at once. */
void measure_anew(struct feed *fd);

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

#endif

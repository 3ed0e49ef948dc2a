/* bf-order: what its parts share. */
#ifndef BF_ORDER_APP_H
#define BF_ORDER_APP_H

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/intent.h"
#include "io/desk.h"
#include "io/journal.h"
#include "io/rounds.h"
#include "io/table.h"
#include "io/tool.h"
#include "io/venue.h"
#include "marks.h"
#include "repeat.h"
#include "seen.h"
#include "words.h"

/* Options but for those that are parameters of an order (words.h). */
struct settings {
	bool	    dry_run, test, round, pass, mine, no_sync;
	long	    resolve_s, timeout_ms, lag_ms, wait_ms;	/* 0: the default */
	long	    in_flight, batch;				/* 0: the default */
	bool	    batch_any;
	enum via    via;
	const char *journal, *prefix;	/* NULL: not given */
	const char *since, *until;	/* of lists: as written */
	long	    limit;		/* of lists: rows at most; 0: all there are in the span */
	struct rounds rounds;		/* of open */
};

struct halves;		/* of a cancel-all; job.c */

/* A member of an intent that leaves otherwise than it came: value NULL, it is left out. Text
 * as JSON, or digits. */
#define CHANGES_MAX	12
struct change { const char *name; char value[PARAM_VALUE]; bool drop; };

/* One intent, from its line to its outcome. */
struct job {
	struct app	*a;
	struct intent	 in;
	enum market	 market;
	struct buf	 text;		/* as it is sent and journalled: one JSON object */
	struct change	 change[CHANGES_MAX];
	int		 nchange;
	const struct tok *t, *v;	/* as it was read; only while it is looked at */
	struct rules	 rules;
	bool		 known;		/* rules hold */
	dec		 mark;		/* 0: unknown */
	dec		 was;		/* of a modification: the quantity the order has; 0: unknown */
	int64_t		 judged_ms;	/* monotonic: when it passed the gates */
	unsigned long long line;	/* of the input; 0: none */
	const char	*rule;		/* of a refusal at the last look; NULL: none */
	struct halves	*halves;
};

#define KNOWN_MAX	32
struct known { char symbol[SYMBOL_MAX]; enum market market; struct rules rules; int64_t at_ms; };	/* at_ms 0: empty */

struct app {
	const struct tool *tool;
	struct common	 common;
	struct settings	 p;
	struct words	 w;
	bool		 words;		/* an order from arguments: sentences too */
	struct venue	 v;
	struct journal	*j;
	struct desk	*desk;
	struct printer	 out;
	struct buf	 rec;		/* the record to print next */
	struct scan	 sc;
	struct marks	 marks;
	struct seen	 seen;
	struct repeats	 repeats;
	struct known	 known[KNOWN_MAX];
	unsigned	 next_known;
	int64_t		 info_ms[MARKETS];	/* monotonic, when a market's list was first had */
	struct held	*held;		/* positions, for the caps and --dry-run; NULL: not read yet */
	int64_t		 refreshed_ms[MARKETS];	/* monotonic, of exchangeInfo; 0: not yet */
	int		 hedge;		/* the account's position mode: 1 hedge, 0 one-way, -1 not asked yet */
	struct job	*job;		/* the one at hand: what is said is about it */
	unsigned long long line;	/* of the input; 0: none */
	int64_t		 unlatched_ms;	/* monotonic, when the kill latch was last seen not to be set; 0: never */
	int64_t		 looked_ms;	/* monotonic, when what is unknown was last looked up */
	enum fault_kind	 worst;
	bool		 recovered;	/* of earlier runs there was something to tell */
	bool		 unsure;	/* the time was not known when earlier orders were looked for */
	bool		 halt;		/* read nothing more */
	bool		 drop;		/* and begin nothing more of what was read */
	volatile int	 end;		/* that, or a signal: for the desk */
};

/* out.c: what leaves. All note in a->worst what they say. */
#define say(a, ...) tool_say(((const struct app *)(a))->tool, STDERR_FILENO, __VA_ARGS__)
#define see(a, f) tool_see_fault(((const struct app *)(a))->tool, STDERR_FILENO, f)
void saw(struct app *a, enum fault_kind kind);
/* Exchange time, as far as it is known. */
int64_t app_now(struct app *a);
/* Print what is in a->rec (whole records with newline). If that fails it is said on stderr, and a halts. */
void emit(struct app *a);
/* To a person: that there is nothing to show, which a pipe sees by itself. */
void say_none(struct app *a, const char *sentence);
/* Read nothing more and begin nothing more. */
void stop_all(struct app *a);
/* Whether standard output has lost its reader; then all stops. */
bool reader_gone(struct app *a, short revents);
/* The intent at hand leaves as bf.reject; always false. limit, value may be "". */
bool reject(struct app *a, enum fault_kind kind, const char *rule, int code, const char *limit,
    const char *value, const char *fmt, ...) __attribute__((format(printf, 7, 8)));
/* The same as bf.error; always false. */
bool refuse(struct app *a, const struct fault *f);

/* gate.c: whether the intent at hand may be sent. If not, it has left. */
bool gate(struct app *a);
/* The last look before it leaves: the latch, the caps at today's price. -1: j->rule and f say why not. */
int  gate_last(struct job *j, struct fault *f);
/* The exchange broke a rule we thought kept: read them anew, once a minute. */
void refresh_rules(struct app *a, enum market m, int code);

/* known.c: market and rules of the symbol of j, into j. -1121: there is none. */
int  rules_known(struct app *a, struct job *j, struct fault *f);
/* After that has failed, of an exit, which goes all the same: its market by what the other one
 * lists, or else by its name. true: its rules are known too. */
bool rules_for_exit(struct app *a, struct job *j);
void rules_forget(struct app *a);

/* fit.c: what the account is asked, so that the user need not say it. */
/* Hedge mode or one-way, and the intent made to fit. If it cannot be, it has left. */
bool fit_mode(struct app *a);
/* What a modification leaves open is as the order has it. */
bool fit_modify(struct app *a);
/* The exchange said that the mode is another one (-4061): ask anew next time. */
void fit_forget(struct app *a, int code);

/* held.c: the position cap. What the position could be worth after the intent; -1: not known, f
 * says why. If it is above cap, what is under way is given a moment to end first. */
int  held_after(struct app *a, const struct job *j, dec cap, dec *notional, struct fault *f);
/* It goes onto the desk: count it until the next reading. */
void held_add(struct app *a, const struct job *j);
/* It was surely refused; and a result, which may say that an order of ours has ended. */
void held_refused(struct app *a, const struct job *j);
void held_told(struct app *a, const char *result, size_t n);
void held_free(struct app *a);

/* start.c */
/* The first session, of the market that is looked at first; says which profile it is. */
int  app_open(struct app *a, bool need_key, struct fault *f);
/* After that and the journal: from here on the profile p is all there is (io/sandbox.h). */
int  app_hold(struct app *a, const struct profile *p, struct fault *f);
/* That, the journal and the desk; then nothing has been sent, nor looked up. */
int  start(struct app *a, struct fault *f);
/* The same for what sends: warm, and what earlier runs left unknown is looked up first. */
int  start_sending(struct app *a, struct fault *f);

/* job_text.c */
/* Have member name leave with this value (NULL: not at all), as a string. */
void job_change(struct job *j, const char *name, const char *value);
/* The text of the intent, with what has changed. */
void job_compose(struct job *j);
/* Of a composed text that does not say which kind of order: conditional ones. */
void text_algo(struct buf *text);
void job_reset(struct job *j);

/* job.c: from an intent that was read to its outcome. */
/* It has passed the gates: onto the desk. */
void job_send(struct app *a);
/* What the desk tells. */
void job_done(void *arg, void *tag, enum outcome out, const char *result, size_t n, const struct fault *f);
int  job_may_send(void *arg, void *tag, struct fault *f);
void job_settled(void *arg, const struct buf *rec);
/* Settle what earlier runs left without an outcome. -1: f says why not. */
int  settle_earlier(struct app *a, struct fault *f);
/* The same for what this run left, a short look. */
void settle_again(struct app *a);
/* Once more what earlier runs left, where the time was not known at the start. -1: it could not
 * be, and nothing that adds risk may be sent. */
int  settle_late(struct app *a, struct fault *f);

/* treat.c: one line of input, or an intent made of arguments. */
void treat_line(struct app *a, const char *line, size_t n);

/* pipe.c */
/* Lines of standard input until its end, or a halt. */
int  run_pipe(struct app *a, struct fault *f);
/* Until all that is on the desk has an outcome. */
void run_out(struct app *a);
/* The same, but no longer than ms. */
void run_for(struct app *a, int64_t ms);
/* The same of what is about one symbol. */
void run_out_of(struct app *a, enum market m, const char *symbol);

/* A command: words[0] is its name. -1 with f: usage, or it could not begin. */
typedef int verb_run(struct app *a, char *const words[], int n, struct fault *f);

/* verbs.c: what sends. */
verb_run do_pipe, do_place, do_modify, do_cancel, do_cancel_all, do_recover;

/* list.c: what stands and what was, regular and conditional orders together. */
verb_run do_open, do_query, do_history, do_fills;
extern const struct column order_cols[], fill_cols[], recover_cols[], cancel_all_cols[];

/* The open orders that cancel-all is to cancel: of these symbols (n 0: of all), of both kinds,
 * whose client id begins with prefix (NULL: all). each: -1 ends it. */
struct target { enum market market; char symbol[SYMBOL_MAX]; bool algo; uint64_t id; char client_id[CLIENT_ID_MAX]; };
int targets(struct app *a, char *const symbols[], int n, const char *prefix,
    int (*each)(struct app *a, const struct target *t, struct fault *f), struct fault *f);
/* How many of both kinds stand on a symbol: the proof after cancel-all. */
int survivors(struct app *a, enum market m, const char *symbol, int *open, struct fault *f);

/* dry.c */
void dry_free(struct app *a);
/* Tables of it: of orders with their cost, and of requests that cost nothing. */
extern const struct column dry_cols[], dry_cancel_cols[];
/* --dry-run's record of each request that j would be: its shape and what it would cost. */
void dry_run(struct app *a, struct job *j);

/* show.c: the journal for a person. */
verb_run do_journal;
extern const struct column journal_cols[];

#endif

/* bf-kill: what its parts share. */
#ifndef BF_KILL_KILL_H
#define BF_KILL_KILL_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/intent.h"
#include "io/calls.h"
#include "io/desk.h"
#include "io/journal.h"
#include "io/latch.h"
#include "io/rest.h"
#include "io/table.h"
#include "io/tool.h"
#include "io/trader.h"
#include "io/xinfo.h"

enum level { LEVEL_BLOCK, LEVEL_CANCEL, LEVEL_FLATTEN };

#define SCOPE_MAX	64	/* --symbol */

/* What is stopped; nothing given: all. */
struct scope { const char *symbol[SCOPE_MAX]; int n; enum order_side side; };

/* A position in scope that is not zero. */
struct held { enum market m; char symbol[SYMBOL_MAX]; enum pos_side side; dec amt, mark; };

/* An open order in scope. */
struct standing { char symbol[SYMBOL_MAX]; uint64_t id; };

/* The three lists a look asks a market for. */
enum list { LIST_ORDERS, LIST_ALGO, LIST_POSITIONS, LISTS };

/* One market, as the last look saw it. Missing is not zero: a list that could not be read is not known. */
struct view {
	bool		 known[LISTS];
	struct fault	 why[LISTS];	/* where it is not */
	struct standing	*ord[2];	/* LIST_ORDERS, LIST_ALGO */
	int		 nord[2];
	struct held	*pos;
	int		 npos;
	int64_t		 at_ms;		/* monotonic: when the look began that read all three */
	bool		 acted;		/* something was sent since */
	bool		 full;		/* the next look is of all three */
	int		 blind[2];	/* rounds in which orders were cancelled that no list showed */
};

/* What was tried for a position, over all rounds. */
struct track {
	enum market	 m;
	char		 symbol[SYMBOL_MAX];
	enum pos_side	 side;
	int		 rung;
	bool		 tried;		/* since the last look */
	bool		 stuck;		/* no further tries */
	int		 no_reduce;	/* refused as not reducing, in a row */
	dec		 last;		/* amount at the last try */
	char		 why[200];	/* the last refusal, or why it is stuck */
};

/* Why the orders of a symbol, of a kind, could not be cancelled; empty: they could. */
struct no { enum market m; enum list l; char symbol[SYMBOL_MAX], why[200]; };

/* One request that needs no journal: a read, a cancel, a countdown. */
enum ask_state { ASK_WAITS, ASK_OUT, ASK_DONE };
struct app;
struct ask {
	struct app	*a;
	enum market	 m;
	enum ep		 ep;
	struct buf	 q;
	bool		 late;		/* not before those of its market without this mark have ended */
	void		(*got)(struct ask *k, const struct tok *t, const struct tok *v);	/* the answer; may set f */
	int		 what;		/* the caller's */
	const char	*symbol;	/* the caller's */
	enum ask_state	 state;
	bool		 again;		/* it was sent once more, as the first was refused for its time */
	int64_t		 due_ms;	/* waits for a limit until then */
	struct fault	 f;		/* FAULT_NONE: it is answered */
};

struct deadman;

struct app {
	const struct tool *tool;
	struct common	 common;
	const char	*reason, *journal_file, *when, *positions;
	bool		 reason_given, timeout_given, on_eof_trip, disarm;
	enum level	 level;
	struct scope	 scope;
	long		 deadman_s, lag_ms;	/* lag_ms 0: the default */
	const char	*sim;
	bool		 drilling;	/* on an exchange of its own */
	struct profile	 prof;
	enum market	 market[MARKETS];	/* those in scope */
	int		 nmarket;
	bool		 open[MARKETS];
	struct session	 s[MARKETS];
	struct calls	*calls[MARKETS];
	struct xinfo	 x[MARKETS];
	int64_t		 x_due[MARKETS];	/* monotonic: exchangeInfo is not asked for before */
	struct journal	*j;
	struct fault	 no_journal;	/* why j is NULL */
	struct desk	*desk;
	struct printer	 out;
	struct buf	 rec;
	struct buf	 trigger;	/* the record that tripped it */
	struct view	 view[MARKETS];
	struct track	*track;
	int		 ntrack, ctrack;
	struct part	*lost;		/* orders whose outcome is unknown */
	struct no	*no;
	int		 nno;
	struct deadman	*dm;
	int64_t		 began_ms;	/* monotonic: the trigger */
	int64_t		 end_ms;	/* monotonic: begin nothing after it */
	int64_t		 timeout_ms, waited_ms;	/* waited for bans, added to it */
	int64_t		 blocked_ms, cancelled_ms, flat_ms;	/* since began_ms; -1: not yet */
	long		 sent0, extra;	/* requests: before the trigger, and by other ways since */
	enum fault_kind	 local;		/* latch, output: stays whatever else succeeds */
	enum fault_kind	 worst;		/* of the actions: forgiven once proven flat */
	bool		 slow;		/* the exchange is liquidating: no hurry */
	bool		 ban_said;
	bool		 mute;		/* standard output failed, and it was said */
};

/* steps.c: what is printed */
#define say(a, ...) tool_say(((const struct app *)(a))->tool, STDERR_FILENO, __VA_ARGS__)
#define see(a, f) tool_see_fault(((const struct app *)(a))->tool, STDERR_FILENO, f)
int64_t now_ms(struct app *a);		/* exchange time */
int64_t since_ms(const struct app *a);	/* since the trigger */
/* What a table shows of a step of this name. */
const struct column *columns_of(const char *name);
/* Begin a bf.kill record; emit closes and prints it. */
void step(struct app *a, const char *name);
void step_fault(struct app *a, const struct fault *f);
void emit(struct app *a);
/* Records that are whole already. */
void emit_records(struct app *a, struct buf *rec);
/* Said, and told by the exit status; but nothing stops for it. */
void local_trouble(struct app *a, const struct fault *f);
void note(struct app *a, const struct fault *f);

/* scope.c */
bool scope_symbol(const struct scope *sc, const char *symbol);
/* A position, an order: of t's object v. -1: what is needed to tell is missing. */
int  scope_position(const struct scope *sc, const struct held *h);
int  scope_order(const struct scope *sc, const struct tok *t, const struct tok *v);
/* Each part of it that has a latch of its own. */
void scope_latches(const struct scope *sc, void (*each)(void *arg, const struct latch_scope *one), void *arg);

/* open.c: sessions, journal, desk, lanes. -1: nothing can be done. */
int  open_all(struct app *a, struct fault *f);
/* Have connections and rules ready, for a trip that takes no set-up. */
void warm(struct app *a);
void rewarm(struct app *a);
long requests(const struct app *a);
void app_free(struct app *a);

/* net.c */
int64_t left_ms(const struct app *a);
bool may_go_on(const struct app *a);
/* Wait, while the desk looks up what is unknown. */
void wait_ms(struct app *a, int64_t ms);
/* One turn of k[0..n): start what may go, wait at most timeout_ms (also on p[0..np)), take answers. The
 * number that has not ended. */
int  ask_turn(struct app *a, struct ask *k, int n, struct pollfd *p, int np, int timeout_ms);
void ask_all(struct app *a, struct ask *k, int n);
void ask_free(struct ask *k, int n);

/* look.c: what stands. */
void look(struct app *a, bool first);
/* All lists known, nothing in them that the level is to remove. */
bool look_clear(const struct app *a);
bool look_known(const struct app *a, struct fault *f);
int  look_open(const struct app *a, enum list l);	/* orders of a kind, in both markets; -1: not known */
int  look_positions(const struct app *a);
void view_free(struct view *v);

/* cancel.c, flatten.c, ladder.c */
void cancel(struct app *a);
const char *cancel_why(const struct app *a, enum market m, enum list l, const char *symbol);
void flatten(struct app *a);
/* These records settle orders that were lost. */
void flatten_settled(struct app *a, const struct buf *rec);
void flatten_free(struct app *a);
struct track *track_of(struct app *a, const struct held *h);
/* Whether nothing but stuck positions is left. */
bool flatten_stuck(struct app *a);
void flatten_done(void *arg, void *tag, enum outcome out, const char *result, size_t n, const struct fault *f);
/* Each order for a position at its rung, in parts. */
struct part { struct app *a; struct track *t; struct held h; struct intent in; struct part *next; };
#define RUNGS	7
/* The intent of one part of left at rung; *qty: how much. false: nothing can be ordered (dust). */
bool ladder_intent(const struct rules *r, const struct held *h, int rung, dec left, struct intent *in, dec *qty);
const char *ladder_word(int rung);

/* prove.c: rounds of looking and acting, until it is proven or time is up. The status to exit with. */
int  kill_all(struct app *a);
/* None of it can be done, f says why. */
int  kill_none(struct app *a, const struct fault *f);

/* main.c */
void trip(struct app *a);
int  do_kill(struct app *a);	/* latch, and what the level asks; the session may be open already */

/* guard.c: --when and --deadman */
int  guard_signal(struct fault *f);	/* SIGUSR1 trips from here on */
int  guard(struct app *a);

/* deadman.c */
/* Whether a service manager's watchdog gives it the time it needs. */
int  deadman_check(const struct app *a, struct fault *f);
int  deadman_open(struct app *a, struct fault *f);
void deadman_free(struct deadman *d);
/* One turn, waiting at most timeout_ms or for p. fed: records keep coming, or none are asked for. */
void deadman_turn(struct app *a, bool fed, struct pollfd *p, int np, int timeout_ms);
/* The end: disarm, or say that it runs out. The status. */
int  deadman_end(struct app *a);

/* drill.c */
int  drill(struct app *a, int positions);

#endif

/* bf-kill: what its parts share. */
#ifndef BF_KILL_KILL_H
#define BF_KILL_KILL_H

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/intent.h"
#include "io/journal.h"
#include "io/order.h"
#include "io/rest.h"
#include "io/table.h"
#include "io/tool.h"
#include "io/xinfo.h"

/* A position that is not zero. */
struct held { char symbol[SYMBOL_MAX]; enum pos_side side; dec amt; };

/* A symbol with open orders of one kind. */
struct standing { char symbol[SYMBOL_MAX]; int open; };

/* One look at the account. */
struct view {
	struct standing	*ord, *algo;
	struct held	*pos;
	int		 nord, nalgo, npos;	/* symbols, symbols, positions */
	int		 open, open_algo;	/* orders */
};

struct app {
	const struct tool *tool;
	struct common	 common;
	const char	*reason, *journal_file;
	bool		 cancel_only;
	struct session	 s;
	struct journal	*j;
	struct order_ctx ctx;
	struct printer	 out;
	struct buf	 rec;
	struct xinfo	 x;
	struct view	 view;
	int64_t		 end_ms;	/* monotonic: begin nothing after it */
	enum fault_kind	 local;		/* latch, output: stays whatever else succeeds */
	enum fault_kind	 worst;		/* of the actions: forgiven once proven flat */
	bool		 pending;	/* the outcome of some flattening order is unknown */
	bool		 mute;		/* standard output failed, and it was said */
};

/* steps.c: what is printed */
#define say(a, ...) tool_say(((const struct app *)(a))->tool, STDERR_FILENO, __VA_ARGS__)
/* Begin a bf.kill record; emit closes and prints it. */
void step(struct app *a, const char *name);
void step_fault(struct app *a, const struct fault *f);
void emit(struct app *a);
/* Records that are whole already. */
void emit_records(struct app *a, struct buf *rec);

/* look.c: what stands. -1: not known, f says why. */
int  view_take(struct app *a, struct fault *f);
void view_free(struct view *v);

/* act.c: cancel, flatten, prove. The status to exit with. */
int  kill_all(struct app *a);
/* None of it can be done, f says why. */
int  kill_none(struct app *a, const struct fault *f);

#endif

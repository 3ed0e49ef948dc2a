/* bf-info: what its subcommands share. */
#ifndef BF_INFO_INFO_H
#define BF_INFO_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fault.h"
#include "core/rules.h"
#include "core/scan.h"
#include "io/rest.h"
#include "io/rounds.h"
#include "io/table.h"
#include "io/tool.h"
#include "io/venue.h"

struct verb;

struct app {
	const struct tool *tool;
	const struct verb *verb;	/* the one that runs */
	struct common	common;
	/* options; what was not given is 0, NULL or -1 as said */
	bool		refresh;
	const char     *status, *type, *quote;	/* filters of symbols */
	int64_t		from, to;	/* ms; -1: not given */
	bool		from_now, to_now;	/* reckoned from now, by this machine's clock; */
	int64_t		now_was;	/* which showed this then: the exchange's now is put in its place */
	long		limit;		/* -1: not given */
	const char     *save;		/* --save FILE */
	const char     *plot;		/* --plot[=FILE]: "" in the terminal, else the file; NULL */
	struct rounds	rounds;		/* --watch; every is of the verb watch too */
	const char     *period;		/* of the statistics; NULL */
	const char     *contract;	/* --contract: PERPETUAL, ...; NULL */

	/* The market at hand: that of --market until a symbol, a pair or info_market
	 * chooses. NULL for a verb that is offline. */
	struct session *s;
	struct xinfo   *x;		/* empty until info_rules or xinfo_get */
	struct venue	v;		/* both markets */
	struct printer	out;
	struct buf	rec;
};

typedef int verb_fn(struct app *a, char *const words[], int n, struct fault *f);

/* Options that only some verbs take; given to another one they are refused by name. */
enum takes {
	TAKES_KINDS = 1 << 0,		/* --status --type --quote */
	TAKES_LIMIT = 1 << 1,		/* --limit */
	TAKES_TIMES = 1 << 2,		/* --since --until */
	TAKES_SAVE = 1 << 3,		/* --save */
	TAKES_PLOT = 1 << 4,		/* --plot */
	TAKES_ROUNDS = 1 << 5,		/* --every and --count, without --watch */
	TAKES_PERIOD = 1 << 6,		/* --period */
	TAKES_CONTRACT = 1 << 7,	/* --contract */
	TAKES_WATCH = 1 << 8		/* --watch --every --count */
};

/* A subcommand. Write rows with designated initializers: what is left out is 0. */
struct verb {
	const char	*name;
	verb_fn		*run;
	const struct column *cols;
	bool		 need_key;
	bool		 offline;	/* opens no session */
	const struct column *coin_cols;	/* of COIN-M where they differ; NULL: cols */
	unsigned	 takes;		/* of enum takes */
	const char	*args;		/* for the usage: "SYMBOL ...", "[SYMBOL ...]", "SYMBOL INTERVAL"; NULL: none */
	const char	*help;		/* a few words for --help */
	const char	*also;		/* the exchange's own names for it, blank-separated; NULL */
};

/* What is in a->rec goes out as a record (printer_put). */
int info_put(struct app *a, struct fault *f);
/* One element of an answer, as it came, as one record. */
int info_put_raw(struct app *a, const struct tok *v, struct fault *f);
/* FAULT_USAGE unless there are min to max words (max -1: any number); the text says
 * what the verb takes. */
int info_words(const struct app *a, int n, int min, int max, struct fault *f);

/* Before the next: what options and verb say of the markets. No session is opened. */
void info_begin(struct app *a);
/*
 * Make m the market at hand: a->s and a->x are its session, opened the first time
 * (with the key if the verb needs one), and its xinfo; a table goes on with the
 * columns of that market. -1: the profile has no address for it, no key, ...
 */
int info_market(struct app *a, enum market m, struct fault *f);
/* FAULT_USAGE, naming the verb, unless the market at hand has the endpoint. */
int info_served(const struct app *a, enum ep ep, struct fault *f);
/*
 * The rules of a symbol, out of exchangeInfo as kept (or asked anew with --refresh;
 * or if nobody knows it). Without --market the market at hand becomes the one that
 * has the symbol: USDⓈ-M is asked first, then COIN-M if the profile has an address
 * for it. FAULT_REJECTED, -1121, with near names of all markets asked.
 */
int info_rules(struct app *a, const char *symbol, struct rules *r, struct fault *f);
/*
 * Begin a query for a checked symbol: "symbol=..." into q, emptied first; the market
 * at hand is then that of the symbol, as with info_rules.
 */
int info_symbol(struct app *a, const char *symbol, struct buf *q, struct fault *f);
/* The same for a pair ("pair=BTCUSD"); a symbol is taken for its pair. */
int info_pair(struct app *a, const char *word, struct buf *q, struct fault *f);

/* The subcommands that page over a range, plot, or watch (range.c, watch.c): ended by
 * a NULL name. */
extern const struct verb range_verbs[];

#endif

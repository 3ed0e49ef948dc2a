/* bf-info: a run over a range of candles, statistics, fundings or trades. */
#ifndef BF_INFO_RANGE_H
#define BF_INFO_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "ask.h"
#include "core/endpoint.h"
#include "core/rules.h"
#include "info.h"
#include "page.h"
#include "plot.h"
#include "progress.h"
#include "save.h"

/* How the exchange is asked. */
enum shape {
	SHAPE_CANDLES,	/* startTime, endTime, interval; rows are arrays */
	SHAPE_PERIODS,	/* startTime, endTime, period; rows are objects with a time */
	SHAPE_TIMES,	/* startTime, endTime; several rows may have one time */
	SHAPE_IDS	/* fromId (and to find the first, times within an hour) */
};

/* What there is to ask for. */
struct series {
	const char     *name;		/* the subcommand */
	enum ep		ep;
	enum shape	shape;
	const char     *kind;		/* of a candle */
	bool		pair[MARKETS];	/* asked by pair, not by symbol */
	bool		contract[MARKETS];	/* takes a contractType too */
	const char     *time, *id, *value, *coin_value;	/* members of a row; value: what is plotted
					 * (of COIN-M coin_value, if there is one) */
	int		most;		/* rows of a page */
	int64_t		keep_ms;	/* how far back it reaches; 0: to the beginning */
	bool		by_id;		/* where to begin is told by id, not by time */
};

struct run {
	struct app     *a;
	const struct series *of;
	const struct interval *iv;	/* NULL: none */
	char		contract[32];	/* type of contract; "" if none is asked for */
	char		s[SYMBOL_MAX];	/* symbol or pair */
	char		name[160];	/* "klines BTCUSDT 1m" */
	struct buf	q, page;	/* what all queries begin with; one query */
	int64_t		from, to;	/* [from, to); from is an id if of->by_id */
	int64_t		oldest;		/* what the exchange has begins here; 0: at the beginning */
	bool		newest;		/* only the newest rows are wanted: no from */
	long		left;		/* rows wanted; -1: all of the range */
	struct ask	ask;
	struct save	save;		/* fd -1: not saving */
	struct progress	progress;
	long long	rows;
	long		missing, holes;
	int64_t		first, last;	/* times of the first row and the last; -1 */
	int64_t		after;		/* that of the last one that a file had already; -1 */
	struct bar     *bars;		/* of --plot */
	struct point   *points;
	int		n, cap, decimals;
};

/* range.c: the whole of a subcommand. */
int range_run(struct app *a, const struct series *of, char *const words[], int n, struct fault *f);
/* Send the query of r->page; the answer is an array of the session's. */
int run_call(struct run *r, struct fault *f);
/* A record is done (no newline): what is in a->rec, of the time at, goes to where records
 * go; when it is a table, with its time for the eye. */
int run_put(struct run *r, int64_t at, struct fault *f);
/* The same for rows that are missing. */
int run_hole(struct run *r, const struct hole *h, struct fault *f);
/* All that came so far is on its way; the run is at `at`. */
int run_page(struct run *r, int64_t at, struct fault *f);
/* Keep for the chart. value: its number, of row's member. */
int run_point(struct run *r, const struct tok *t, const struct tok *row, int64_t at, struct fault *f);
int run_bar(struct run *r, const struct bar *b, int decimals, struct fault *f);

/* range_words.c: whether the words and options are right; iv, contract, s, name and q by
 * them, and an id in from, where one is given. */
int run_words(struct run *r, char *const words[], int n, struct fault *f);
/* range_span.c: from, to, oldest, newest and left, by --since, --until, --limit and the
 * exchange's time. */
int run_span(struct run *r, struct fault *f);
/* grid.c: candles and statistics. */
int grid_walk(struct run *r, struct fault *f);
/* rows.c: fundings and trades. */
int rows_walk(struct run *r, struct fault *f);
/* watch.c */
verb_fn do_watch;

#endif

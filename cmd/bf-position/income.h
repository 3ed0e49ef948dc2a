/* bf-position: the income ledger of a market, row by row. */
#ifndef BF_POSITION_INCOME_H
#define BF_POSITION_INCOME_H

#include "app.h"

#define INCOME_DAY	INT64_C(86400000)
#define INCOME_KEEPS	(90 * INCOME_DAY)	/* how far back the exchange shows anything */
#define INCOME_WINDOW	(7 * INCOME_DAY)	/* of one query; what it shows without times */

/* A row; t and v are good until the call that brought it returns. */
struct income_row {
	int64_t	at_ms;
	dec	amount;
	char	type[48], asset[24];
	char	symbol[SYMBOL_MAX];	/* "" : of no symbol */
	const struct tok *t, *v;
};
/* Must not ask the session for anything. -1 with f ends the walk. */
typedef int income_each(void *arg, const struct income_row *r, struct fault *f);

/*
 * A walk through it. Zero it, set the first four; income_free. The rows come oldest first and each once,
 * however many fall on one millisecond, whatever the pages repeat at their seams.
 */
struct income {
	struct session	*s;
	const char	*symbol, *type;	/* NULL: all */
	int64_t		 at_ms;		/* from here on, inclusive; moved on by income_walk */
	/* private */
	struct buf	 seen;		/* names of the rows of at_ms so far, NUL-separated */
};
/* Up to and with to_ms; then again to go on. -1: what came so far is not all. */
int  income_walk(struct income *w, int64_t to_ms, income_each *each, void *arg, struct fault *f);
void income_free(struct income *w);

/* Wallet balances by asset. */
struct balances { struct balance { char asset[24]; dec d; } *b; int n; };
/* 0 of what is not there. */
dec  balance_of(const struct balances *bs, const char *asset);
void balances_free(struct balances *bs);
/*
 * Walk up to now, and read balances that belong to exactly the rows walked: none came in between.
 * now_ms is when. FAULT_AGAIN: there were always new ones.
 */
int  income_balanced(struct income *w, struct balances *out, int64_t *now_ms, income_each *each, void *arg,
    struct fault *f);

/*
 * --since (days: without it; "all": as far as the exchange goes back) and --until into *from and *to, the
 * exchange's time being now. *all, NULL if that is not taken: it was "all". Further back than the exchange
 * goes is cut off, and said. *to is INT64_MAX without --until, or if it is yet to come.
 */
int  income_span(struct app *a, int days, int64_t now, int64_t *from, int64_t *to, bool *all, struct fault *f);

#endif

/* Exits that failed: what is held where one was refused, and what stands without its stop. */
#ifndef BF_ORDER_EXITS_H
#define BF_ORDER_EXITS_H

#include "app.h"

/* The exchange refused to reduce (-2022, -4118): read the position once, and add to f what is held
 * and which open orders reduce it already. */
void exit_explain(struct app *a, const struct job *j, struct fault *f);

/*
 * A bf.unprotected record, and a sentence, where the exchange has not taken a conditional order
 * that only reduces, or has rejected it at its trigger.
 */
/* The outcome of j is that it does not stand: f. */
void guard_failed(struct app *a, const struct job *j, const struct fault *f);
/* Or it is a result that says so. */
void guard_result(struct app *a, const struct job *j, const char *result, size_t n);
/* recs: bf.recovered records, whole lines; notices are put behind them. */
void guards_settled(struct app *a, struct buf *recs);
/* An ALGO_UPDATE that came down the pipe, of whosever order. */
void guard_event(struct app *a, const struct tok *t);

#endif

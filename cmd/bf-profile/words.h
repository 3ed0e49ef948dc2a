/* Words for completions, one a line. */
#ifndef BF_PROFILE_WORDS_H
#define BF_PROFILE_WORDS_H

#include "core/buf.h"
#include "core/fault.h"
#include "io/conf.h"

/* The ids of the orders of a symbol that may still stand, by the journal of yesterday and today. */
int words_orders(struct buf *out, const struct profile *p, const char *symbol, struct fault *f);

struct app;

/* The words of a kind ("symbols", "orders" with its symbol) appended to out, a line each. What is not here gives
 * none. FAULT_USAGE: no such kind. */
int words_kind(struct app *a, struct buf *out, const char *kind, const char *symbol, struct fault *f);

/*
 * What may come next on a command line: words[0] the program, [1] its options that take a value
 * ("tif profile o"), [2] the words that can come first, then the line so far. Appended to out.
 */
int words_next(struct app *a, struct buf *out, char *const words[], int n, struct fault *f);

#endif

/* Mark prices, asked for when needed and kept for a second. */
#ifndef BF_ORDER_MARKS_H
#define BF_ORDER_MARKS_H

#include "io/rest.h"
#include "core/rules.h"

#define MARKS	32

struct mark { char symbol[SYMBOL_MAX]; dec price; int64_t at_ms; };	/* monotonic */
struct marks { struct mark m[MARKS]; int n, next; };

/* -1: the exchange gives none, f says why. */
int mark_price(struct marks *ms, struct session *s, const char *symbol, dec *out, struct fault *f);

#endif

/* Mark prices, asked for when needed and kept for a second. */
#ifndef BF_ORDER_MARKS_H
#define BF_ORDER_MARKS_H

#include "io/rest.h"
#include "core/rules.h"

#define MARKS	32

struct mark { char symbol[SYMBOL_MAX]; dec price; int64_t at_ms, good_ms; };	/* monotonic, and for how long */
struct marks { struct mark m[MARKS]; int n, next; };

/* What came down the pipe: a markPriceUpdate of exchange time at_ms, now being now_ms. One
 * that is not fresh is passed over. */
void mark_told(struct marks *ms, const char *symbol, dec price, int64_t at_ms, int64_t now_ms);
/* -1: the exchange gives none, f says why. */
int mark_price(struct marks *ms, struct session *s, const char *symbol, dec *out, struct fault *f);

#endif

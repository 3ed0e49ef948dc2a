/* A question about a symbol. */
#ifndef BF_ORDER_ASK_H
#define BF_ORDER_ASK_H

#include "io/rest.h"

/* "symbol=BTCUSDT", the symbol encoded; with NULL or "" nothing. */
void put_symbol(struct buf *q, const char *symbol);
/* session_call of a query that may have run out of memory. */
int  ask_list(struct session *s, enum ep ep, const struct buf *q, bool urgent, struct fault *f);
/* The same of a symbol, and nothing else. */
int  ask_symbol(struct session *s, enum ep ep, const char *symbol, bool urgent, struct fault *f);

#endif

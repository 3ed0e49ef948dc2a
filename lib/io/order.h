/*
 * An order, exactly once, for who sends one at a time and waits: the desk with a single
 * place. Journalled, sent one single time, and if its outcome is unknown looked up until it
 * is known or time is up.
 */
#ifndef BF_IO_ORDER_H
#define BF_IO_ORDER_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/fate.h"
#include "core/fault.h"
#include "core/intent.h"
#include "io/journal.h"
#include "io/rest.h"

struct order_ctx {
	struct session	*s;
	struct journal	*j;
	int		 resolve_ms;	/* how long to look an UNKNOWN up; 0: 30 s */
	int		 lag_ms;	/* lag budget of the venue's reads; 0: 10 s */
	volatile const int *stop;	/* set by a signal: finish, do not begin; may be NULL */
	void	       (*notice)(void *arg, const char *sentence);	/* progress for stderr; may be NULL */
	void	       *arg;
	struct desk    *desk;		/* private */
};

/* At the end, before s and j are closed. */
void order_end(struct order_ctx *c);

/*
 * Do what in says (in->client_id must be set for a place). intent, n: the line it came
 * from, for the journal. Journal failure before sending: OUT_REFUSED, FAULT_LOCAL, nothing
 * sent. result: on OUT_RESULT the answer as one JSON object without newline; when found by
 * look-up, the order as the query gave it. The echo (symbol, side, clientOrderId) must
 * equal the intent, else OUT_UNKNOWN.
 */
enum outcome order_send(struct order_ctx *c, const struct intent *in, const char *intent,
    size_t n, struct buf *result, struct fault *f);

/*
 * In the journal: what "intent" has data {"intent":LINE,"timestamp":MS,
 * "recvWindow":MS,"market":"usdm" or "coinm"}; timestamp is the one signed, so the
 * exchange itself refuses the request once timestamp + recvWindow has passed. A place has its
 * client id for id; a modification "=" and its modifyId; a cancel "~" and the client id, or "~#"
 * and the order id; a cancel-all "~*" and the symbol; of conditional orders "~@", "~@#" and
 * "~@*". Cancels end in "." and 8 digits that tell market, symbol and id apart.
 */

/*
 * Settle every intent of the journal (3 days) that has no outcome: ask the
 * exchange, write what it found to the journal, and append one bf.recovered
 * record per intent to out. Never places. Returns the number still unknown,
 * -1 on a fault.
 */
int order_recover(struct order_ctx *c, struct buf *out, struct fault *f);

#endif

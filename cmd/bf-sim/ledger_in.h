/* The inside of the ledger, shared by its two files. */
#ifndef BF_SIM_LEDGER_IN_H
#define BF_SIM_LEDGER_IN_H

#include "core/buf.h"
#include "ledger.h"

/* What the liquidation orders of one call did to one account in one symbol. */
struct closed { int acct, sym; enum order_side side; dec qty, quote, base; };

struct ledger {
	int	fd;
	int	error;		/* errno of the first line that did not get out */
	int64_t	feed_ms;
	const struct engine *engine;
	const struct accounts *accounts;	/* NULL: not told */
	struct buf line;
	struct closed *closed; int nclosed, cclosed;
};

/* Begin a line; NULL if nobody keeps it. */
struct buf *ledger_begin(struct ledger *l, const char *what, int64_t now);
/* End it: whole, and at once. */
void ledger_end(struct ledger *l);
/* Whose line it is, where there are several. */
void ledger_name(struct ledger *l, const struct account *who);

#endif

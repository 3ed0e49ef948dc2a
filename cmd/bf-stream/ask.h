/* The words of the command line into streams: which of them exist, for which symbols,
 * on which market. */
#ifndef BF_STREAM_ASK_H
#define BF_STREAM_ASK_H

#include <stdbool.h>

#include "core/endpoint.h"
#include "core/fault.h"
#include "core/streams.h"
#include "io/rest.h"
#include "io/xinfo.h"

/* One stream asked for. */
struct want {
	enum market		 market;
	const struct stream_row *row;
	char			*name;		/* as the exchange has it, not encoded: "btcusdt@aggTrade" */
	char			*symbol;	/* as the exchange has it: "BTCUSDT"; NULL: the form for all */
};

struct wants {
	struct want	*w;
	int		 n;
	bool		 user[MARKETS];		/* the account's events of that market */
};

struct ask {
	char *const	*words; int n;
	const char	*symbols_from;	/* a file of symbols, one or more a line, # begins a comment; "-": stdin; NULL */
	enum market	 market; bool market_given;
	bool		 checked;	/* false: offline (--replay); names are not checked against the exchange */
};

/*
 * STREAM words, exchange's own names (with "@" or a leading "!"), `user` and symbols in
 * any order; symbols from the file too. Each STREAM is wanted for each symbol, or for all
 * without any; the same stream twice is one. A symbol that is of one market only picks
 * that, unless --market was given: then it is looked for on that one only. `user` is of --market, or of each market that a symbol
 * picked. Symbols are looked up in exchangeInfo (open_session gives the session of a market,
 * opened at need, NULL with f if it cannot be): a name that does not exist, or whose
 * contract does not trade any more (status PENDING_TRADING, SETTLING, CLOSE... but TRADING
 * and PRE_* do), is FAULT_REJECTED with what comes near. Pairs, assets and contract types
 * are checked against what the symbols have.
 */
int wants_read(struct wants *out, const struct ask *a,
    struct session *(*open_session)(void *arg, enum market m, struct fault *f), void *arg,
    struct xinfo x[static MARKETS], struct fault *f);
void wants_free(struct wants *w);

#endif

/* Both markets of a profile, each opened when it is first needed, and which of them
 * has a symbol. */
#ifndef BF_IO_VENUE_H
#define BF_IO_VENUE_H

#include "io/rest.h"
#include "io/xinfo.h"

/* Zero it, set the first five; venue_close at the end. */
struct venue {
	const char	*profile;	/* as --profile has it; NULL */
	enum market	 market;	/* looked at first */
	bool		 only;		/* and no other: --market was given */
	bool		 need_key;
	bool		 refresh;	/* the rules are asked for, whatever is kept of them */
	struct session	 s[MARKETS];
	bool		 open[MARKETS];
	struct xinfo	 x[MARKETS];
};

/* The session of a market; the second shares profile, key and limits of the first.
 * NULL with f. */
struct session *venue_session(struct venue *v, enum market m, struct fault *f);
/* Whether the profile has an address of it. */
bool venue_has(struct venue *v, enum market m);
/* The market that lists symbol and, r not NULL, its rules. FAULT_REJECTED, code -1121, with what
 * comes near, if none does. A cache that does not know it is refreshed once. */
int  venue_find(struct venue *v, const char *symbol, enum market *m, struct rules *r, struct fault *f);
/* The same by the name of a pair too: then the rules are of one of its contracts. */
int  venue_find_pair(struct venue *v, const char *word, enum market *m, struct rules *r, struct fault *f);
/* Whether m lists symbol, with its rules; false too where that cannot be asked. */
bool venue_lists(struct venue *v, enum market m, const char *symbol, struct rules *r);
void venue_close(struct venue *v);

#endif

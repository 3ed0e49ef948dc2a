/* A history of the exchange, whatever its length: by windows of time, and within one by id. */
#ifndef BF_ORDER_LIST_PAGE_H
#define BF_ORDER_LIST_PAGE_H

#include "list.h"

#define WINDOW_MS	(7 * LIST_DAY)	/* no query may span more */

/* One listing of one symbol. Zero it, set the first four; feed_free at the end. */
struct feed {
	struct session	*s;
	const struct listing *l;
	const char	*symbol;
	int		 most;		/* rows the exchange gives at most */
	int64_t		 from, to;	/* the window, both inclusive */
	struct rows	 page;
	size_t		 at;		/* of page: the next one */
	int64_t		 last, last_ms;	/* the greatest id of the window so far, -1: none; and its time */
	bool		 by_time;	/* the exchange does not take an id: page by an overlap of time */
	bool		 done;		/* the window has no more */
	bool		 absent;	/* the exchange has no such list */
};

/* Look at another window next. */
void feed_window(struct feed *fe, int64_t from, int64_t to);
/* The next row of the window, good until the call after; NULL at its end, and on a failure: then
 * f->kind is not FAULT_NONE. It stays the next one until feed_step. */
const struct row *feed_next(struct feed *fe, struct fault *f);
void feed_step(struct feed *fe);
void feed_free(struct feed *fe);

#endif

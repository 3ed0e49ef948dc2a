/* How far a long run is: one line on a terminal's stderr, drawn over and over. */
#ifndef BF_INFO_PROGRESS_H
#define BF_INFO_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"

struct progress {
	bool	on;
	bool	drawn;
	const char *name;	/* "BTCUSDT 1m" */
	int64_t	from, to;	/* of what 100 % is */
	int64_t	begun_ms, drawn_ms;	/* monotonic */
	int64_t	begun_at;	/* where in from..to this run began */
};

/* On only if stderr is a terminal, and nothing else is printed on one. */
void progress_begin(struct progress *p, const char *name, int64_t from, int64_t at, int64_t to, bool prints);
/* At `at` now, with so many rows; drawn a few times a second, after a little while. */
void progress_at(struct progress *p, int64_t at, long long rows);
/* Take the line away. */
void progress_clear(void *progress);

/* The line itself, for cols columns, without an end. Pure. ms: since the run began. */
void progress_line(struct buf *out, const struct progress *p, int64_t at, long long rows, int64_t ms, int cols);

#endif

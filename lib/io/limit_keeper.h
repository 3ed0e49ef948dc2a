/*
 * Where the counts of limit.h are kept: a table of functions. limit.c decides
 * (windows, reserve, limits, sentences) and knows no files; a keeper holds
 * numbers for all who count together and changes them. One keeper serves one venue
 * and one account. The mapped files of one machine are one (limit_file.h).
 *
 * Each function is one atomic step on the keeper's side, such as a compare-and-swap
 * loop or one script of a server. None waits for more than that step. They may be
 * called by several threads at once. -1 with f: it could not be done; then limit.c
 * lets nothing leave.
 */
#ifndef BF_IO_LIMIT_KEEPER_H
#define BF_IO_LIMIT_KEEPER_H

#include <stdint.h>

#include "core/fault.h"
#include "io/conf.h"
#include "io/limit.h"

/* What is counted. Those of an address first, then of an account, then of a profile. */
enum limit_count {
	COUNT_WEIGHT_1M, COUNT_FUNDING_5M, COUNT_DATA_5M, COUNT_CONNECT_5M, COUNT_SNAPSHOT_10S,
	COUNT_ORDERS_10S, COUNT_ORDERS_1M,
	COUNT_PROFILE_1M,	/* orders of a profile with max_orders_per_minute */
	COUNTS
};

/* By whom a count is shared. */
enum limit_scope {
	SCOPE_IP,	/* all who reach the venue from this address */
	SCOPE_ACCOUNT,	/* all who use the API key there */
	SCOPE_PROFILE,	/* all who use the profile */
	SCOPES
};

static inline enum limit_scope
limit_scope(enum limit_count c)
{
	return c < COUNT_ORDERS_10S ? SCOPE_IP : c < COUNT_PROFILE_1M ? SCOPE_ACCOUNT : SCOPE_PROFILE;
}

/* A share of one count. */
struct limit_part {
	enum limit_count count;
	uint32_t	window;	/* its index: exchange time / length */
	uint32_t	n;	/* take: so much; raise: so much is used in all */
	uint32_t	limit;	/* take: not more than this may be used afterwards */
};

/* What is kept beside the counts. */
struct limit_known {
	int64_t		ban_ms;		/* silence until then, exchange time; 0: none */
	uint32_t	limit[COUNTS];	/* as the exchange told; 0: never told */
	uint32_t	window[COUNTS], used[COUNTS];	/* how much of which window; 0 of 0: nothing yet */
};

/* No ban is longer (3 days, and a minute for jitter): a later end is of another clock,
 * such as a simulator's that was started anew. */
#define LIMIT_BAN_MAX_MS	INT64_C(259260000)

struct limits_keeper {
	/* Read bans, limits, and what is used. */
	int (*known)(void *k, struct limit_known *out, struct fault *f);
	/*
	 * Take n parts, all or none, no count twice. 0: taken. i > 0: none, for part i-1
	 * would pass its limit. A count stands in one window at a time: that of the part,
	 * or the next one (somebody's clock is a little ahead), which then is taken from;
	 * if it stands in any other, nothing has been used of the part's. Two who take at
	 * once never pass the limit together; one may be refused though the other was too.
	 * Who dies in between may have taken for nothing, never left something uncounted.
	 */
	int (*take)(void *k, const struct limit_part *p, int n, struct fault *f);
	/* Raise what is used to that of each part, in its window (or the next, as take);
	 * never lower it. */
	int (*raise)(void *k, const struct limit_part *p, int n, struct fault *f);
	/* Set limits; 0: leave that one. */
	int (*set)(void *k, const uint32_t limit[static COUNTS], struct fault *f);
	/* Prolong the ban to until_ms: never shorten it, but replace an end that is more than
	 * LIMIT_BAN_MAX_MS later. It must outlast a restart of everybody. */
	int (*ban)(void *k, int64_t until_ms, struct fault *f);
	void (*close)(void *k);
};

/* Limits that k keeps; k is theirs from here on, and closed by limits_close, or here
 * on a fault. api_key of limits_open is the keeper's to know. */
int limits_kept(struct limits **out, const struct profile *p, const struct limits_keeper *keeper,
    void *k, struct fault *f);

#endif

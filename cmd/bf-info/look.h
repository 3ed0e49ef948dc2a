/* The rules of contracts as plain facts, and what changed between two looks. Pure. */
#ifndef BF_INFO_LOOK_H
#define BF_INFO_LOOK_H

#include "core/buf.h"
#include "core/fault.h"
#include "core/scan.h"

/*
 * A look is a JSON array of flat objects, one a contract and line: {"symbol":"BTCUSDT",
 * "status":"TRADING","tickSize":"0.10",...}. In it are what exchangeInfo says of the
 * contract (filters by the names that bf-info filters gives them, others as
 * "FILTER.member"; lists as they came), the interval, cap and floor of fundingInfo, and
 * "brackets[1].notionalCap" ... of the leverage brackets. Zero it at first.
 */
struct look { struct buf text; struct scan doc; };

/* Read a text, which then is the look's and is emptied; FAULT_LOCAL if it is no look. */
int look_read(struct look *l, struct buf *text, struct fault *f);
/*
 * Make one of answers: exchangeInfo, fundingInfo, leverageBracket (NULL: not known).
 * FAULT_AGAIN if they are not what they should be.
 */
int look_make(struct look *l, const struct scan *info, const struct scan *funding,
    const struct scan *brackets, struct fault *f);
void look_free(struct look *l);
/* The contract called so; NULL: there is none. */
const struct tok *look_find(const struct look *l, const char *symbol);

/* A change: field, and what it was and is (NULL: it was not there). -1 ends the comparison. */
typedef int look_changed(void *arg, const char *field, const struct tok *was, const struct tok *is);
/*
 * Compare a contract of two looks, field by field; t and u are the tokens they are of.
 * What is the same number is no change. Brackets count only if both looks know them.
 */
int look_compare(const struct tok *t, const struct tok *was, const struct tok *u, const struct tok *is,
    look_changed *changed, void *arg);
/* Append the object to keep: is, with the brackets of was (may be NULL) if it knows none. */
void look_keep(struct buf *out, const struct tok *t, const struct tok *was, const struct tok *u,
    const struct tok *is);

#endif

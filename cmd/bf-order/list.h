/* bf-order's lists: the two kinds of order as the exchange lists them, and rows kept
 * until they are printed. */
#ifndef BF_ORDER_LIST_H
#define BF_ORDER_LIST_H

#include "app.h"
#include "ask.h"

#define LIST_DAY	INT64_C(86400000)
#define LIST_KEEPS	(90 * LIST_DAY)	/* how far back the exchange shows anything */

/* Names of a list of the exchange: its endpoint and the members of its records. */
struct listing {
	const char	*what;		/* for a sentence: "conditional orders" */
	enum ep		 open, one, all;	/* what stands; one of them; all there were */
	const char	*id, *client_id, *time;	/* "orderId", ...; client_id NULL: has none */
	const char	*ask_client;	/* the parameter for one by its client id */
	const char	*ask_from;	/* the parameter "from this id on" of all */
	bool		 from_alone;	/* which excludes times */
};
enum { REGULAR, CONDITIONAL, KINDS };
extern const struct listing listings[KINDS];

/* Records as they came, of which what is sorted by is known. Zero it; rows_free. */
struct row { int64_t at_ms, id; size_t from, n; };
struct rows { struct buf text; struct row *v; size_t n, cap; };

/*
 * Append what the array that s was answered with holds; prefix, NULL: all: only those whose client
 * id begins so. FAULT_AGAIN: no such list, or a record without id or time.
 */
int  rows_take(struct rows *r, const struct session *s, const struct listing *l, const char *prefix,
    struct fault *f);
void rows_sort(struct rows *r);		/* by time, then id */
void rows_empty(struct rows *r);	/* the room stays */
void rows_free(struct rows *r);
/* The record as a line of output. */
void row_print(struct app *a, const struct rows *r, const struct row *row);

/* Whether the exchange said that it has no such endpoint. */
bool no_such_path(const struct fault *f);
/* The same fault in other words. Returns -1. */
int  reworded(struct fault *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The prefix of --mine or --prefix; NULL: none. FAULT_USAGE: both, and they differ. */
int  wanted_prefix(const struct app *a, const char **prefix, struct fault *f);

#endif

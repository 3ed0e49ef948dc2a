/* bf-info: what its listings share, and their tables. */
#ifndef BF_INFO_LIST_H
#define BF_INFO_LIST_H

#include "info.h"

/* Ended by a NULL name, each. */
extern const struct verb rules_verbs[], price_verbs[], funding_verbs[], book_verbs[], stats_verbs[],
    index_verbs[];

/* What is done with one element v of an answer whose tokens are t. */
typedef int put_fn(struct app *a, const struct tok *t, const struct tok *v, struct fault *f);

/* As it came. */
put_fn list_raw;

/* One element of an answer that holds a list: as it came in a pipe; for a person a row
 * for each member v of the list called key, which row fills. */
typedef void row_fn(struct buf *b, const struct tok *t, const struct tok *el, const struct tok *v);
int list_rows(struct app *a, const struct tok *t, const struct tok *el, const char *key, row_fn *row,
    struct fault *f);

/* Ask, and hand on the answer: each element if it is an array, else the one object. */
int list_call(struct app *a, enum ep ep, const char *query, put_fn *put, struct fault *f);
/* The same for each of the symbols, on the market that has it; of none: for all of
 * the market at hand, in one request. */
int list_symbols(struct app *a, enum ep ep, char *const words[], int n, put_fn *put, struct fault *f);

/* An answer that is kept while another one is asked for. Zero it at first. */
struct kept { struct buf text; struct scan doc; const struct tok *at; };
/* Take over the answer that stands in the session. FAULT_AGAIN unless it is an array,
 * or one object. */
int  kept_take(struct kept *k, struct session *s, const char *what, struct fault *f);
/* The element with this symbol; NULL if there is none. Quick if asked in order. */
const struct tok *kept_find(struct kept *k, const char *symbol);
void kept_free(struct kept *k);

/*
 * Members of our own records. What is missing, empty, or no decimal (no whole number)
 * is null.
 */
void put_dec(struct buf *b, const char *key, const struct tok *v);
void put_int(struct buf *b, const char *key, const struct tok *v);
/* A span of the answer, or null if it is missing. */
void put_span(struct buf *b, const char *key, const struct tok *v);
/* Milliseconds as "2024-01-01T12:00:00Z": for a table, whose times are of a day. */
void put_date(struct buf *b, const char *key, const struct tok *v);

#endif

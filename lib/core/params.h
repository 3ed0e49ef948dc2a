/* The parameters of one request, in the order they go out, for every way they go:
 * a query, an element of a batch, the params of the WebSocket API. */
#ifndef BF_CORE_PARAMS_H
#define BF_CORE_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"

#define PARAMS_MAX	28
#define PARAM_VALUE	72	/* bytes with the NUL: a symbol, a decimal, a client id */

/* name: not copied, of static storage. integer: a JSON number where JSON is asked for. */
struct param { const char *name; char value[PARAM_VALUE]; bool integer; };
struct params { int n; struct param p[PARAMS_MAX]; };

/* Add one; value "" is left out. Too long a value, or one too many, is a mistake of
 * ours (assert): values come from fields of a bounded size. */
void params_add(struct params *ps, const char *name, const char *value);
void params_i64(struct params *ps, const char *name, int64_t value);

/* Append "a=b&c=d", values percent-encoded (query_escape). */
void params_query(const struct params *ps, struct buf *out);
/* Append "a":"b","c":1 as members to an object that is open (jw_*). */
void params_members(const struct params *ps, struct buf *out);

/* Append one value percent-encoded as UTF-8, upper-case hex, unreserved kept. */
void query_escape(struct buf *out, const char *s);

#endif

/*
 * The parameters of a request, decoded. Lenient, as the exchange is: unknown
 * ones are kept and looked at by nobody; of one that stands in both the query
 * and the body, the query's value counts.
 */
#ifndef BF_SIM_PARAMS_H
#define BF_SIM_PARAMS_H

#include "core/fault.h"
#include "core/scan.h"
#include "http.h"

#define PARAMS_MAX 64

struct param { const char *name, *value; };
/* Zero it at first; params_free at the end. */
struct params { struct param v[PARAMS_MAX]; int n; char *text; };

/* -1: FAULT_REJECTED with http 400 and -1100 (a bad escape, a NUL, no UTF-8),
 * -1101 (twice in one place, or too many), FAULT_LOCAL without memory. */
int params_read(struct params *p, struct http_span query, struct http_span body, struct fault *f);
/*
 * The members of a JSON object: params of the WebSocket API, an element of
 * batchOrders. Strings without their quotes and escapes, all else as its JSON
 * text; null is as if it had not been sent. t: the tokens obj points into.
 * Fails as params_read does; -1102 if it is no object.
 */
int params_json(struct params *p, const struct tok *t, const struct tok *obj, struct fault *f);
void params_free(struct params *p);

/* One decoded value, as text. false: a bad escape, a NUL, or no room. */
bool params_decode(struct http_span s, char *out, size_t size);

/* The value; NULL if it was not sent. */
const char *params_get(const struct params *p, const char *name);

#endif

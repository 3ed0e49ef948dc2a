/*
 * Whether a request is really its sender's: the key header, the timestamp, the
 * signature over the bytes as they came. Written on its own, sharing nothing
 * with the client side, so that a mistake there is not mirrored here.
 */
#ifndef BF_SIM_AUTH_H
#define BF_SIM_AUTH_H

#include <stdint.h>

#include "accounts.h"
#include "core/fault.h"
#include "http.h"
#include "params.h"

/* The key header (NULL: none): 401, -2014 or -2015 (with the request's ip). */
int auth_key(const struct accounts *as, const struct http_span *key, const char *ip,
    const struct account **out, struct fault *f);
/* timestamp and recvWindow: -1102, -1021 with its two texts; recvWindow above
 * 60000 is -1130. */
int auth_time(const struct params *p, int64_t now_ms, struct fault *f);
/*
 * The signature of a REST request (-1102, -1022): over the raw query followed by
 * the raw body, without the signature and the '&' before it. It must be the last
 * parameter of one of the two; percent-encoded or not.
 */
int auth_signed(const struct account *a, const struct params *p, struct http_span query,
    struct http_span body, struct fault *f);
/*
 * The signature of a WebSocket API request: over all parameters but it, sorted
 * by name, k=v joined by '&', values as JSON text without quotes; values
 * percent-encoded or not, either passes.
 */
int auth_ws(const struct account *a, const struct params *p, struct fault *f);

#endif

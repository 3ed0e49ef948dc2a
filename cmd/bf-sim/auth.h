/*
 * Who asks, and whether it is really them: the key header, the timestamp, the
 * HMAC over the bytes as they came. Written on its own, sharing nothing with
 * the client side, so that a mistake there is not mirrored here.
 */
#ifndef BF_SIM_AUTH_H
#define BF_SIM_AUTH_H

#include <stdint.h>

#include "core/fault.h"
#include "http.h"
#include "params.h"

#define AUTH_KEY 64	/* characters of a key and of a secret */

struct auth { char key[AUTH_KEY + 1], secret[AUTH_KEY + 1]; };

/* The key header: 401, -2014 or -2015. */
int auth_key(const struct auth *a, const struct http_span *key, struct fault *f);
/*
 * timestamp and recvWindow (-1102, -1021), then the signature (-1102, -1022):
 * HMAC-SHA256 of the raw query followed by the raw body, without the signature
 * and the '&' before it. It must be the last parameter of one of the two.
 */
int auth_signed(const struct auth *a, const struct params *p, struct http_span query,
    struct http_span body, int64_t now_ms, struct fault *f);

#endif

/*
 * The exchange counts weight per IP and orders per account, so all processes
 * of a profile count together: a mapped file of atomics, safe under kill -9.
 */
#ifndef BF_IO_LIMIT_H
#define BF_IO_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/endpoint.h"
#include "core/fault.h"
#include "io/conf.h"

struct limits;	/* opaque: the mapping */

int limits_open(struct limits **out, const struct profile *p, struct fault *f);
/* Counters of this process alone, for what must not wait for a disk: bans and
 * what others have used are not known then. */
int limits_alone(struct limits **out, const struct profile *p, struct fault *f);
void limits_close(struct limits *l);

/*
 * Take what a request costs at exchange time now_ms. urgent: may use the
 * reserved 30 % (guard requests, reducing orders). 0: taken. -1: FAULT_AGAIN
 * with retry_ms (window full, or a ban stands: then no urgent either).
 */
int limits_take(struct limits *l, const struct endpoint *e, int weight, bool urgent,
    int64_t now_ms, struct fault *f);
/* The exchange's own counters, from headers: used weight 1m, orders 10 s and
 * 1 m; -1: absent. Raises ours, never lowers them. */
void limits_told(struct limits *l, int weight_1m, int orders_10s, int orders_1m, int64_t now_ms);
/* The limits of exchangeInfo: weight a minute, orders per 10 s, per minute; 0: unchanged. */
void limits_set(struct limits *l, int weight_1m, int orders_10s, int orders_1m);
/* A ban or 429: nothing leaves before until_ms (exchange time). Only ever prolonged. */
void limits_ban(struct limits *l, int64_t until_ms);
int64_t limits_banned_until(struct limits *l);

#endif

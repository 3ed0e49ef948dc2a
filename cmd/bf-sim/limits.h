/*
 * Rate limits as the exchange keeps them: fixed windows of its clock; weight
 * per IP, orders per account; both markets together. Bans per IP.
 */
#ifndef BF_SIM_LIMITS_H
#define BF_SIM_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fault.h"

struct limits;

/* 0: the exchange's own, 2400 a minute and 300 in 10 s, 1200 a minute. orders
 * holds for both windows. */
struct limits *limits_new(long weight, long orders);
void limits_free(struct limits *l);

/*
 * Count a request of this IP (text, "127.0.0.1"). -1: 429 and -1003 over the
 * limit (counted all the same), 418 once banned: after LIMITS_PATIENCE answers
 * of 429 in a minute, for 2 minutes at first; a request during a ban doubles it,
 * up to 3 days. retry_ms is set.
 */
#define LIMITS_PATIENCE 10
int limits_weight(struct limits *l, const char *ip, long weight, int64_t now_ms, struct fault *f);
/* The own pools: fundingRate and fundingInfo, 500 in 5 min; from POOL_DATA on,
 * each path of /futures/data, 1000 in 5 min. */
enum { POOL_FUNDING, POOL_DATA, POOLS = POOL_DATA + 8 };
int limits_pool(struct limits *l, const char *ip, int pool, int64_t now_ms, struct fault *f);
/* Count n10 orders in the 10 s window and n1m in the minute. -1: 429 and -1015. */
int limits_order(struct limits *l, int acct, int n10, int n1m, int64_t now_ms, struct fault *f);

/* Response headers, each with its CRLF; acct >= 0: its order counts too; weight:
 * the used weight. */
void limits_headers(struct limits *l, const char *ip, bool weight, int acct, int64_t now_ms,
    struct buf *out);
/* The elements of exchangeInfo.rateLimits as an array member; orders: only those.
 * COIN-M lists no 10 s row. */
void limits_json(const struct limits *l, const char *key, bool orders, bool coinm, struct buf *out);
/* rateLimits[] of a WebSocket API answer: with the present counts; acct -1: no
 * order limiters. */
void limits_counts(struct limits *l, const char *key, const char *ip, int acct, int64_t now_ms,
    struct buf *out);
/* For the fault language: `sim used=N`, `orders10s=N`, `ban=S`. ip NULL: all. */
void limits_set_used(struct limits *l, const char *ip, long used, bool add, int64_t now_ms);
void limits_set_orders10s(struct limits *l, int acct, long n, int64_t now_ms);
void limits_ban(struct limits *l, const char *ip, int64_t seconds, int64_t now_ms);

#endif

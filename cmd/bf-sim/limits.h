/*
 * Rate limits as the exchange keeps them: fixed windows of its clock; weight
 * per IP (here there is one), orders per account.
 */
#ifndef BF_SIM_LIMITS_H
#define BF_SIM_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/fault.h"

struct limits {
	long	weight_max, order10s_max, order1m_max;
	int64_t	minute, ten;	/* the windows counted in: number of the minute, of the 10 s */
	long	used, orders10s, orders1m;
	long	refused;	/* 429 answers in this minute */
	int64_t	banned_until, ban_ms;	/* exchange time; the last ban's length */
};

/* 0: the exchange's own, 2400 a minute and 300 in 10 s, 1200 a minute. orders
 * holds for both windows. */
void limits_init(struct limits *l, long weight, long orders);

/*
 * Count a request. -1: 429 and -1003 over the limit (counted all the same),
 * 418 once banned: after LIMITS_PATIENCE answers of 429 in a minute, for 2
 * minutes at first; a request during a ban doubles it. retry_ms is set.
 */
#define LIMITS_PATIENCE 10
int limits_weight(struct limits *l, long weight, int64_t now_ms, struct fault *f);
/* Count an order. -1: 429 and -1015. */
int limits_order(struct limits *l, int64_t now_ms, struct fault *f);

/* Response headers, each with its CRLF; orders: the order counts too. */
void limits_headers(struct limits *l, int64_t now_ms, bool orders, struct buf *out);
/* The elements of exchangeInfo.rateLimits; orders: only those. */
void limits_json(const struct limits *l, const char *key, bool orders, struct buf *out);

#endif

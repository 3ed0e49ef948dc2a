/*
 * What an answer of the exchange means for a request that changes state: by
 * HTTP status, then code, then exact text. What is not in the table is
 * UNKNOWN for a mutation and an error for a read.
 */
#ifndef BF_CORE_REPLY_H
#define BF_CORE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fault.h"

/* How a transfer ended, as the transport saw it. */
enum transport {
	TRANSPORT_OK,		/* a complete HTTP answer arrived */
	TRANSPORT_NOT_SENT,	/* proven: no byte of the request left */
	TRANSPORT_LOST		/* sent, or perhaps sent; no complete answer */
};

struct reply {
	enum transport	transport;
	int		http;		/* 0 if none */
	const char	*type;		/* Content-Type, "" if none */
	const char	*body;		/* n bytes, borrowed */
	size_t		n;
	long long	retry_after;	/* seconds from Retry-After; -1 if absent or odd */
	const char	*detail;	/* the transport's own words, for the text; "" if none */
};

/*
 * 0: success with one complete JSON value in the body. -1: f filled (kind,
 * http, code, retry_ms, a text without secrets and with control bytes
 * escaped). now_ms: exchange time, to turn "banned until" into a wait.
 * FAULT_AGAIN only where no order can have been accepted; with the words of
 * the catalogue: NOT-SENT and RETRY-LATER are FAULT_AGAIN, structural rejects
 * FAULT_REJECTED, -2014/-2015/-1022/-1002/401 FAULT_KEY, -1021 FAULT_CLOCK.
 * -4116 (duplicate client id) of a mutation is FAULT_UNKNOWN: look it up.
 *
 * Only a 200 can be a success: an object or array, for a mutation not {}. The
 * caller still has to check that the fields it needs are there. A 200 that is
 * an error ({"code":-2019,...}) is judged by its code. retry_ms is set where a
 * wait is asked for (429, 418, 403, -1003, -1015, -1016), also beside UNKNOWN
 * when a 429 or 418 arrived cut short. f may be NULL.
 */
int reply_judge(const struct reply *r, bool mutates, int64_t now_ms, struct fault *f);

#endif

/*
 * The exchange counts weight per IP and orders per account, so all processes
 * count together: mapped files of atomics, safe under kill -9. One ledger an
 * address the exchange sees (an IP, as far as this user's processes go; USDⓈ-M and
 * COIN-M of a venue share it, and so do all profiles of that venue), one an
 * account (an API key). What keeps the ledgers is behind a table of functions, so
 * that another machine's processes can be counted with by another keeper.
 */
#ifndef BF_IO_LIMIT_H
#define BF_IO_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/endpoint.h"
#include "core/fault.h"
#include "io/conf.h"

struct limits;	/* opaque: the ledgers of a venue and an account */

/* api_key: whose orders are counted; NULL: none are (public data). FAULT_LOCAL: the
 * ledgers cannot be used. One may be used by several threads. */
int limits_open(struct limits **out, const struct profile *p, const char *api_key, struct fault *f);
/* Counters of this process alone, for what must not wait for a disk: bans and
 * what others have used are not known then. */
int limits_alone(struct limits **out, const struct profile *p, struct fault *f);
void limits_close(struct limits *l);

/*
 * Take what a request costs at exchange time now_ms: its weight, one of the
 * endpoint's own window if it has one, and its orders; all or nothing. urgent: may
 * use the reserved 30 % (guard requests, reducing orders); of the other windows the
 * last 10 % are a margin. In the last second of a window of weight or requests no
 * more than that share may be used, as what leaves then may be counted in the next.
 * 0: taken. -1: FAULT_AGAIN with retry_ms (window full, or a ban stands: then no
 * urgent either); FAULT_REJECTED (more than any window allows); FAULT_LOCAL (the
 * counts cannot be used).
 */
int limits_take(struct limits *l, const struct endpoint *e, enum market m, int weight, bool urgent,
    int64_t now_ms, struct fault *f);
/* The same for a request of several orders (a batch): orders in place of the endpoint's. */
int limits_take_orders(struct limits *l, const struct endpoint *e, enum market m, int weight, int orders,
    bool urgent, int64_t now_ms, struct fault *f);
/* Take n of a window that is not of a request (RATE_CONNECT, RATE_SNAPSHOT); as
 * limits_take. */
int limits_spend(struct limits *l, enum rate r, int n, int64_t now_ms, struct fault *f);
/* The exchange's own counters, from headers: used weight 1m, orders 10 s and
 * 1 m; -1: absent. Raises ours, never lowers them. */
void limits_told(struct limits *l, int weight_1m, int orders_10s, int orders_1m, int64_t now_ms);
/* The limits of exchangeInfo or of the account: weight a minute, orders per 10 s, per minute; 0: unchanged. */
void limits_set(struct limits *l, int weight_1m, int orders_10s, int orders_1m);
/* A ban or 429 of this address: nothing leaves before until_ms (exchange time), of
 * no process, and after no restart. Only ever prolonged. */
void limits_ban(struct limits *l, int64_t until_ms);
/* What a refusal for load (f, of an answer that came at now_ms) means for all who share
 * the address, or the account. Other faults mean nothing here. */
void limits_obey(struct limits *l, const struct fault *f, int64_t now_ms);
/* What is used of the present windows, and the limits that hold (the exchange's own, where it
 * has told them). FAULT_LOCAL: it cannot be read. */
struct limits_used { uint32_t weight, weight_max, orders_10s, orders_10s_max, orders_1m, orders_1m_max; };
int limits_used(struct limits *l, int64_t now_ms, struct limits_used *out, struct fault *f);
/* Its end, which may be past; 0: never one; INT64_MAX: not to be known. */
int64_t limits_banned_until(struct limits *l);

#endif

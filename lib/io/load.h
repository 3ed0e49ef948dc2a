/* The state of the account, read by REST, for the tools that judge it. Either market. */
#ifndef BF_IO_LOAD_H
#define BF_IO_LOAD_H

#include "core/account.h"
#include "core/margin.h"
#include "core/intent.h"
#include "io/calls.h"
#include "io/rest.h"

/* Which orders: none; all; or, for who only shows, of conditional ones those of the symbols held. */
enum load_orders { LOAD_NONE, LOAD_ALL, LOAD_HELD };

/*
 * Read wallets, positions and (with orders) what is open, conditional orders too; settings
 * (leverage, margin type, modes) the first time and then every minute. a->known and
 * a->as_of_ms (exchange time) are set when all came; on a fault each part of a stands as it
 * was read last. Weight 10 (COIN-M 6), and 10 (30) for settings; with orders 40 for conditional
 * ones, which no position tells of, once for each settings' read and then as long as there are
 * any, and where positions tell of orders 5 more and 1 a symbol. urgent: may use the reserved
 * budget. config_ms: 0 at first, kept by the caller between calls.
 */
int account_load(struct account *a, struct session *s, enum load_orders orders, bool urgent, int64_t *config_ms,
    struct fault *f);

/* The same beside other work, over calls (of the same session). */
struct loader;
int  loader_open(struct loader **out, struct calls *c, struct session *s, struct fault *f);
void loader_close(struct loader *l);	/* before calls_close; NULL is fine */
/* Begin to read into a, part by part as it comes, unless that is under way. Events may be applied to a
 * meanwhile: what they have changed since a part was asked for stays. orders, as account_load. -1: it could
 * not begin (limits, lanes). */
int  loader_start(struct loader *l, struct account *a, enum load_orders orders, struct fault *f);
/* After calls_step. 1: a has been read whole, at_mono_ms is when that began; 0: not yet, or nothing is under
 * way; -1: it failed. */
int  loader_step(struct loader *l, int64_t *at_mono_ms, struct fault *f);

/* Brackets of the symbols of an account, asked for once. Zero it at first. */
struct brackets { struct bracket *b; int n; };
struct bracket { char symbol[SYMBOL_MAX]; struct tiers tiers; };
/* The tiers of a symbol; asked of the exchange the first time. NULL with f on a fault. */
const struct tiers *brackets_of(struct brackets *bs, struct session *s, const char *symbol, struct fault *f);
void brackets_free(struct brackets *bs);

#endif

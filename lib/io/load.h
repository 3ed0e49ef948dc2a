/* The state of the account, read by REST, for the tools that judge it. */
#ifndef BF_IO_LOAD_H
#define BF_IO_LOAD_H

#include "core/account.h"
#include "core/margin.h"
#include "core/intent.h"
#include "io/rest.h"

/*
 * Read wallets, positions and (with orders) what is open on symbols that have
 * orders; settings (leverage, margin type, modes) the first time and then every
 * minute. a->known and a->as_of_ms (exchange time) are set when all came; on a
 * fault each part of a stands as it was read last. Weight 10, and 10 for
 * settings; where there are orders 5 more and 1 a symbol. urgent: may use the
 * reserved budget. config_ms: 0 at first, kept by the caller between calls.
 */
int account_load(struct account *a, struct session *s, bool orders, bool urgent, int64_t *config_ms,
    struct fault *f);

/* Brackets of the symbols of an account, asked for once. Zero it at first. */
struct brackets { struct bracket *b; int n; };
struct bracket { char symbol[SYMBOL_MAX]; struct tiers tiers; };
/* The tiers of a symbol; asked of the exchange the first time. NULL with f on a fault. */
const struct tiers *brackets_of(struct brackets *bs, struct session *s, const char *symbol, struct fault *f);
void brackets_free(struct brackets *bs);

/*
 * Our own liquidation price of p within a: isolated by its own wallet, cross
 * with all other cross positions of the same margin asset held constant.
 * *out 0: none. -1: brackets could not be read, or out of room.
 */
int position_liquidation(dec *out, const struct account *a, const struct position *p,
    struct brackets *bs, struct session *s, struct fault *f);

#endif

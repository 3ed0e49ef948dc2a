/* Contracts as the exchange lists them: rules, brackets and funding into a core/contract table. */
#ifndef BF_IO_LISTING_H
#define BF_IO_LISTING_H

#include "core/account.h"
#include "core/contract.h"
#include "core/figures.h"
#include "io/venue.h"

/* Know the contract of symbol, with its brackets if asked for (one request, the first time). NULL with f:
 * not listed (FAULT_REJECTED, -1121), or cannot be asked. */
struct contract *listing_contract(struct contracts *cs, struct venue *v, const char *symbol, bool brackets,
    struct fault *f);
/* The contracts of all positions and orders of a, with brackets; then account_contracts(a, cs). The
 * brackets of more than a few symbols are asked for in one request. -1: those that can be had are there. */
int  listing_account(struct contracts *cs, struct venue *v, enum market m, struct account *a, struct fault *f);
/* Funding (rate, next settlement, interval) of the contracts of a market that cs knows. Mark prices come
 * along: at marks, if not NULL, each is handed over with its exchange time. */
int  listing_funding(struct contracts *cs, struct session *s,
    void (*mark)(void *arg, const char *symbol, dec price, int64_t at_ms), void *arg, struct fault *f);
/* assetIndex of USDⓈ-M, for multi-assets mode. Zero *out at first; asset_rates_free. */
int  listing_rates(struct asset_rates *out, struct session *s, struct fault *f);
/* The same from an answer. */
int  asset_rates_read(struct asset_rates *out, const struct tok *t, const struct tok *v, struct fault *f);
void asset_rates_free(struct asset_rates *r);

#endif

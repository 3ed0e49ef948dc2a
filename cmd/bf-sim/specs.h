/* The contracts of bf-sim: built in, or read from the exchange's own answers. */
#ifndef BF_SIM_SPECS_H
#define BF_SIM_SPECS_H

#include "engine.h"

struct specs { struct contract *v; int n; };

/*
 * The built-in ones, in this order: BTCUSDT ETHUSDT SOLUSDT DOGEUSDT BNBUSDT
 * BTCUSDC 1000PEPEUSDT 测试USDT, the BTCUSDT delivery of the quarter that now_ms
 * is in (last Friday, 08:00 UTC), BTCUSD_PERP ETHUSD_PERP and the BTCUSD delivery.
 * FAULT_LOCAL without memory.
 */
int specs_builtin(struct specs *out, int64_t now_ms, struct fault *f);
/*
 * From files: an exchangeInfo answer of either market (by futuresType, or
 * contractSize), and, may be NULL, leverageBracket answers (symbols without one
 * get a plain ladder). Appends; symbols already there are replaced. FAULT_USAGE
 * names file and symbol; symbols that cannot be traded here (no filters) are
 * skipped with a count in *skipped.
 */
int specs_read(struct specs *io, const char *info_path, const char *bracket_path, int *skipped,
    struct fault *f);
void specs_free(struct specs *s);
/* A first mark price for a built-in symbol; 0: none known. */
dec specs_price(const char *symbol);

/* --- between specs.c and specs_read.c --- */

/* A ladder of brackets: cap in the tiers' unit, rate of maintenance in percent,
 * greatest leverage; ends with cap NULL. false: a number out of room. */
struct specs_step { const char *cap, *percent; int leverage; };
bool specs_ladder(struct tiers *out, const struct specs_step *steps);
/* What follows from names, filters and tiers: ids, funding, amendments, and the
 * market maker but for its quantity. false: a number out of room. */
bool specs_settle(struct contract *c);

#endif

/*
 * Margin mathematics, linear (USDⓈ-M) and inverse (COIN-M). Formulas from
 * Binance's published pages as collected in "Futures margin mathematics";
 * symbols as there: q size, EP entry, MP mark, N notional, MM maintenance
 * margin, mmr/cum rate and deduction of a tier, WB wallet balance.
 *
 * Money results are cut off at 8 decimals, toward zero, as the exchange prints
 * them. Every function returns false when a number runs out of room, and then
 * leaves *out alone.
 */
#ifndef BF_CORE_MARGIN_H
#define BF_CORE_MARGIN_H

#include <stdbool.h>

#include "core/dec.h"
#include "core/fault.h"
#include "core/scan.h"

enum contract_kind { LINEAR, INVERSE };

#define TIERS_MAX	32

struct tier { dec floor, cap, mmr, cum; int max_leverage; };	/* floor < N <= cap */
struct tiers { int n; struct tier tier[TIERS_MAX]; };

/* The brackets[] of one leverageBracket element, notionalCoef applied (cum is
 * then computed anew). FAULT_REJECTED when fields are missing or floors do not
 * ascend. */
int tiers_parse(struct tiers *out, const struct tok *t, const struct tok *element, struct fault *f);
/* The tier of a notional (absolute value); the last one above every cap; NULL if n is 0. */
const struct tier *tiers_of(const struct tiers *ts, dec notional);
/* The greatest notional cap whose tier still allows this leverage; 0 if none. */
dec tiers_cap(const struct tiers *ts, int leverage);

/*
 * One leg. amt: signed; base coin (linear) or contracts (inverse), negative is
 * short. size: contract size in USD for inverse, 1 for linear.
 */
struct leg { enum contract_kind kind; dec amt, entry, size; };

bool margin_notional(dec *out, const struct leg *l, dec price);		/* signed */
bool margin_fill_value(dec *out, const struct leg *l, dec price);	/* |N| of a fill: inverse at 8 decimals half up */
bool margin_pnl(dec *out, const struct leg *l, dec price);		/* unrealised, at price */
bool margin_initial(dec *out, dec notional, int leverage);		/* |N| x IMR, IMR rounded half-up to 8 decimals */
bool margin_maintenance(dec *out, const struct tiers *ts, dec notional);/* |N| x mmr - cum */
/* Average entry after adding amt at price to l (same direction or from flat;
 * false otherwise), at 12 decimals, rounded half-up. */
bool margin_average(dec *out, const struct leg *l, dec amt, dec price);

/*
 * Liquidation price, section 12: WB, TMM1 and UPNL1 as there (0, 0 and the
 * isolated wallet for an isolated position). Tier consistency is kept: the
 * tiers of the result are those of the notional at the result. legs: 1, or 2
 * for hedge mode under cross margin. *out is 0 where no price exists: the
 * wallet holds at every price, or at none (then margin_ratio is over 1). False
 * also when a leg has no tiers. Of two prices, below and above, it is the one
 * below: margin_liquidation_bounds has both.
 */
struct liq_leg { struct leg leg; const struct tiers *tiers; };
/* It holds from low to high, 0: nothing bounds it on that side. A long dies below, a short above, two legs can
 * do both. dead: it holds at no price; low and high are then 0. */
struct liq_bounds { dec low, high; bool dead; };
bool margin_liquidation_bounds(struct liq_bounds *out, const struct liq_leg *legs, int n, dec wb, dec tmm1, dec upnl1);
dec  margin_bound(const struct liq_bounds *b);	/* the one price of margin_liquidation */
void margin_narrow(struct liq_bounds *io, const struct liq_bounds *b);	/* to where both hold */
bool margin_liquidation(dec *out, const struct liq_leg *legs, int n, dec wb, dec tmm1, dec upnl1);
/* Bankruptcy price of an isolated leg, or of a leg given the whole wallet. */
bool margin_bankruptcy(dec *out, const struct leg *l, dec wb);

/* sum|N| / equity at 4 decimals, rounded up (never shown smaller than it is).
 * false also when equity <= 0: leverage is then without bound. */
bool margin_leverage(dec *out, dec sum_notional, dec equity);
/* MM / equity as a fraction at 8 decimals, rounded up; false when equity <= 0. */
bool margin_ratio(dec *out, dec maintenance, dec equity);

#endif

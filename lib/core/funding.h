/*
 * Mark price and funding of perpetual contracts (sections 9 and 11 of the margin
 * mathematics sheet, see margin.h): formulas only, no clock and no book. Rates are
 * fractions: 0.0001 is 0.01 %. false: a number out of room, or an argument outside
 * its range; *out is then left alone.
 */
#ifndef BF_CORE_FUNDING_H
#define BF_CORE_FUNDING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/dec.h"
#include "core/margin.h"

/*
 * The mark price of a perpetual: median of P1 = index x (1 + rate x left /
 * interval), P2 = index + basis and P3 = last, at 8 decimals, cut off. rate: of
 * the last funding; left_ms until the next, 0..interval_ms; basis: mean of (mid -
 * index) over the last 2.5 min. last 0 (no trade yet): the mean of P1 and P2.
 */
bool mark_perpetual(dec *out, dec index, dec rate, int64_t left_ms, int64_t interval_ms, dec basis,
    dec last);

/* One premium sample: [max(0, bid - index) - max(0, index - ask)] / index at 8
 * decimals, cut off. bid and ask: impact prices, 0 where the book is too thin
 * (that side then counts 0). */
bool funding_premium(dec *out, dec impact_bid, dec impact_ask, dec index);
/* 200 (USDT, USD) x the greatest leverage of the contract. */
dec  funding_impact_notional(int max_leverage);
/*
 * Average of the samples: sum of i x P_i / sum of i, later ones weigh more. Zero
 * it at the start of an interval. The mean is at 12 decimals; 0 without samples.
 */
struct premium { dec sum; int64_t n; };
bool premium_add(struct premium *p, dec sample);
bool premium_mean(dec *out, const struct premium *p);
/*
 * F = (P + clamp(I - P, -0.05 %, +0.05 %)) / (8 / hours), within [floor, cap], at
 * 8 decimals half up. interest: I, of 8 hours. hours: 8, 4, 1 (any 1..24).
 */
bool funding_rate(dec *out, dec premium, dec interest, int hours, dec floor, dec cap);
/* What the holder of the leg receives (< 0: pays) at this mark: -s x N x F, at 8
 * decimals, cut off. */
bool funding_payment(dec *out, const struct leg *l, dec mark, dec rate);

#endif

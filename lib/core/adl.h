/* The queue of auto-deleveraging: section 14 of the margin mathematics sheet (margin.h). */
#ifndef BF_CORE_ADL_H
#define BF_CORE_ADL_H

#include <stdbool.h>

#include "core/dec.h"

/* Score = max(0, uPnL) / max(1, WB) x margin ratio, where the ratio is MM / (WB +
 * uPnL), 0 if that is not > 0. 12 decimals, cut off. */
bool adl_score(dec *out, dec wallet, dec upnl, dec maint);
/* The quantile 0..4 (4: first in line) of the rank-th of n holders of a side,
 * rank 0 being the lowest score. A score of 0 is always 0. */
int  adl_quantile(int rank, int n, dec score);

#endif

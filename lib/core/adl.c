#include "core/adl.h"

#define FINE	12	/* decimals of a score */
#define STEP	15	/* and of its two factors */

bool
adl_score(dec *out, dec wallet, dec upnl, dec maint)
{
	dec equity, gain, ratio;

	if (!dec_add(&equity, wallet, upnl))
		return false;
	if (dec_sign(equity) <= 0 || dec_sign(upnl) <= 0) {
		*out = (dec){ 0, FINE };
		return true;
	}
	return dec_div(&gain, upnl, dec_max(dec_int(1), wallet), STEP, DEC_DOWN) &&
	    dec_div(&ratio, maint, equity, STEP, DEC_DOWN) && dec_mul(&gain, gain, ratio) &&
	    dec_rescale(out, gain, FINE, DEC_DOWN);
}

/* The fifth of the queue that the holder stands in: the first in line is
 * always in the last fifth. */
int
adl_quantile(int rank, int n, dec score)
{
	int64_t place = (int64_t)rank + 1;

	if (dec_sign(score) <= 0 || rank < 0 || rank >= n)
		return 0;
	return (int)((place * 5 + n - 1) / n - 1);
}

/*
 * How fast one clock gains on another, from intervals in which their difference
 * was known to lie. The slope is bounded, not fitted: every line that passes
 * through all intervals has one between least and most. Pure.
 */
#ifndef BF_TIME_DRIFT_H
#define BF_TIME_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

#define DRIFT_KEPT	64

struct drift {		/* zero it at first */
	struct drift_fix { int64_t at_us, low_us, high_us; } fix[DRIFT_KEPT];
	int	n;
	bool	bound;			/* least and most are set */
	int64_t	least_ppb, most_ppb;	/* parts in 10^9 */
};

/*
 * At at_us of the reference clock the difference lay between low_us and high_us.
 * Times must rise; one less than a second after an older fix says nothing with it.
 * false: no straight line passes through them all, a clock has jumped or changed
 * its pace; then the older half of the fixes is forgotten, and again, until one does.
 */
bool drift_add(struct drift *d, int64_t at_us, int64_t low_us, int64_t high_us);

/* The middle of the bounds and the distance to them, in parts in 10^9; false while
 * they are further than DRIFT_ERROR_MAX from it: then it would say nothing about a
 * clock that is driven by a crystal. */
#define DRIFT_ERROR_MAX	INT64_C(100000)
bool drift_ppb(const struct drift *d, int64_t *ppb, int64_t *error_ppb);

#endif

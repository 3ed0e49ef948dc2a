#include <string.h>

#include "core/dec.h"
#include "drift.h"

#define SPAN_MIN_US	1000000
#define PPB		1000000000
#define SLOPE_MAX	INT64_C(1000000000000)	/* beyond what any pair of clocks does */

/* A difference of us within span, rounded down or up. */
static int64_t
slope(int64_t us, int64_t span, bool up)
{
	i128 n = (i128)us * PPB, q = n / span;

	if (n % span != 0 && (n > 0) == up)
		q += up ? 1 : -1;
	return q > SLOPE_MAX ? SLOPE_MAX : q < -SLOPE_MAX ? -SLOPE_MAX : (int64_t)q;
}

/* Every other fix goes: the first stays, and with it the span. What they have said
 * about the bounds is kept there. */
static void
thin_out(struct drift *d)
{
	int i;

	for (i = 1; 2 * i < d->n; i++)
		d->fix[i] = d->fix[2 * i];
	d->n = i;
}

static void
narrow(struct drift *d, const struct drift_fix *had, const struct drift_fix *now)
{
	int64_t span = now->at_us - had->at_us;
	int64_t least = slope(now->low_us - had->high_us, span, false);
	int64_t most = slope(now->high_us - had->low_us, span, true);

	if (!d->bound || least > d->least_ppb)
		d->least_ppb = least;
	if (!d->bound || most < d->most_ppb)
		d->most_ppb = most;
	d->bound = true;
}

/* The bounds with fix k, from it and those before it. */
static void
bounds_with(struct drift *d, int k)
{
	int i;

	for (i = 0; i < k; i++)
		if (d->fix[k].at_us - d->fix[i].at_us >= SPAN_MIN_US)
			narrow(d, &d->fix[i], &d->fix[k]);
}

static bool
straight(const struct drift *d)
{
	return !d->bound || d->least_ppb <= d->most_ppb;
}

/* The older half of the fixes goes; what the others say on their own. Two would not
 * do: the jump itself is a straight line between them. */
static void
forget(struct drift *d)
{
	int gone = d->n < 6 ? d->n - 1 : d->n / 2, k;

	d->n -= gone;
	memmove(d->fix, d->fix + gone, (size_t)d->n * sizeof *d->fix);
	d->bound = false;
	for (k = 1; k < d->n; k++)
		bounds_with(d, k);
}

bool
drift_add(struct drift *d, int64_t at_us, int64_t low_us, int64_t high_us)
{
	bool ok;

	if (d->n == DRIFT_KEPT)
		thin_out(d);
	d->fix[d->n++] = (struct drift_fix){ at_us, low_us, high_us };
	bounds_with(d, d->n - 1);
	ok = straight(d);
	while (!straight(d))
		forget(d);
	return ok;
}

bool
drift_ppb(const struct drift *d, int64_t *ppb, int64_t *error_ppb)
{
	int64_t wide = d->most_ppb - d->least_ppb;

	if (!d->bound || wide > 2 * DRIFT_ERROR_MAX)
		return false;
	*ppb = d->least_ppb + wide / 2;
	*error_ppb = wide - wide / 2;
	return true;
}

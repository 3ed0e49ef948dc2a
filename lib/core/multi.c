#include "core/multi.h"

#define MONEY	8	/* decimals of money, as the exchange prints it */

/* index x factor, where that is a price. */
static bool
rate(dec *out, dec index, dec factor)
{
	dec d;

	if (!dec_mul(&d, index, factor) || dec_sign(d) <= 0 || dec_sign(factor) <= 0)
		return false;
	*out = d;
	return true;
}

bool
multi_bid(dec *out, dec index, dec bid_buffer)
{
	dec factor;

	return dec_sub(&factor, dec_int(1), bid_buffer) && rate(out, index, factor);
}

bool
multi_ask(dec *out, dec index, dec ask_buffer)
{
	dec factor;

	return dec_add(&factor, dec_int(1), ask_buffer) && rate(out, index, factor);
}

/* sum + amt x rate, cut off. */
static bool
grow(dec *sum, dec amt, dec by)
{
	dec d;

	return dec_mul(&d, amt, by) && dec_rescale(&d, d, MONEY, DEC_DOWN) &&
	    dec_add(sum, *sum, d);
}

/* Section 16.2: min(equity x bid, equity x ask) is the bid rate for what one
 * has and the ask rate for what one owes. */
bool
multi_add(struct multi_sum *io, const struct multi_asset *a)
{
	struct multi_sum s = *io;
	dec bid, ask;

	if (!multi_bid(&bid, a->index, a->bid_buffer) || !multi_ask(&ask, a->index, a->ask_buffer))
		return false;
	if (!grow(&s.equity, a->equity, dec_sign(a->equity) < 0 ? ask : bid) ||
	    !grow(&s.im, a->im, ask) || !grow(&s.maint, a->maint, ask) ||
	    !dec_sub(&s.available, s.equity, s.im))
		return false;
	*io = s;
	return true;
}

bool
multi_available(dec *out, const struct multi_sum *s, const struct multi_asset *a)
{
	dec ask, d;

	if (!multi_ask(&ask, a->index, a->ask_buffer) ||
	    !dec_div(&d, s->available, ask, MONEY, DEC_DOWN))
		return false;
	*out = dec_max(d, (dec){ 0, MONEY });
	return true;
}

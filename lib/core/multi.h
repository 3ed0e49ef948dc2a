/*
 * Multi-assets mode: one margin of several assets, counted in USD (section 16 of
 * the margin mathematics sheet, see margin.h). false: a number out of room, or a
 * rate that is not > 0.
 */
#ifndef BF_CORE_MULTI_H
#define BF_CORE_MULTI_H

#include <stdbool.h>

#include "core/dec.h"

/* One asset: what it holds and what it must answer for, in itself; index in USD,
 * buffers as fractions. */
struct multi_asset { dec equity, im, maint, index, bid_buffer, ask_buffer; };

bool multi_bid(dec *out, dec index, dec bid_buffer);	/* index x (1 - buffer) */
bool multi_ask(dec *out, dec index, dec ask_buffer);	/* index x (1 + buffer) */

/* In USD: uniEquity, uniIM, uniMM, and uniAvailable = equity - IM (may be < 0).
 * Positive equity counts at the bid rate, negative at the ask rate. 8 decimals. */
struct multi_sum { dec equity, im, maint, available; };
bool multi_add(struct multi_sum *io, const struct multi_asset *a);	/* zero it first */
/* What is available of one asset: uniAvailable / ask, 0 at least. */
bool multi_available(dec *out, const struct multi_sum *s, const struct multi_asset *a);

#endif

/* Depth messages in short, as tests write them down. */
#ifndef BF_TESTS_BOOKRIG_H
#define BF_TESTS_BOOKRIG_H

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

/*
 * Messages in short: a diff "U-u<pu BIDS / ASKS", a snapshot "@lastUpdateId BIDS / ASKS",
 * a level "PRICExQUANTITY". Event time is 1000 + u unless "E=ms" stands at the end.
 */

static inline const char *
short_levels(struct buf *out, const char *key, const char *p)
{
	int price, qty;

	jw_open(out, key, '[');
	for (p += strspn(p, " "); *p >= '0' && *p <= '9'; p += strspn(p, " ")) {
		price = (int)strcspn(p, "x");
		qty = (int)strcspn(p + price + 1, " ");
		jw_open(out, NULL, '[');
		jw_strn(out, NULL, p, (size_t)price);
		jw_strn(out, NULL, p + price + 1, (size_t)qty);
		jw_close(out, ']');
		p += price + 1 + qty;
	}
	jw_close(out, ']');
	return p;
}

static inline void
from_short(struct buf *out, const char *p)
{
	bool snap = *p == '@';
	const char *E = strstr(p, "E=");
	char *end;
	unsigned long long U, u = 0;
	long long pu;

	buf_reset(out);
	jw_open(out, NULL, '{');
	U = u = strtoull(p + snap, &end, 10);
	if (!snap) {
		u = strtoull(end + 1, &end, 10);
		pu = strtoll(end + 1, &end, 10);
		jw_str(out, "e", "depthUpdate");
		jw_str(out, "s", "BTCUSDT");
		jw_u64(out, "U", U);
		jw_i64(out, "pu", pu);
	}
	jw_u64(out, snap ? "lastUpdateId" : "u", u);
	if (E != NULL)
		jw_i64(out, "E", strtoll(E + 2, NULL, 10));
	else
		jw_i64(out, "E", 1000 + (int64_t)(u % 1000000));
	p = short_levels(out, snap ? "bids" : "b", end);
	short_levels(out, snap ? "asks" : "a", p + strspn(p, " /"));
	jw_close(out, '}');
}

#endif

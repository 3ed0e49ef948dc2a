/*
 * Picked out of the lines as libcurl hands them over: its own list of headers is walked from end
 * to end for each name that is looked up.
 */
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "io/heads.h"

static const char *const names[HEADS] = {
	[HEAD_RETRY_AFTER] = "retry-after", [HEAD_WEIGHT_1M] = "x-mbx-used-weight-1m",
	[HEAD_ORDERS_10S] = "x-mbx-order-count-10s", [HEAD_ORDERS_1M] = "x-mbx-order-count-1m",
};

void
heads_forget(struct heads *h)
{
	for (int i = 0; i < HEADS; i++)
		h->n[i] = -1;
}

/* The n bytes after a header's colon; -1 if they are not a plain number. */
static int64_t
head_number(const char *p, size_t n)
{
	const char *end = p + n, *from;
	int64_t v = 0;

	for (; p < end && (*p == ' ' || *p == '\t'); p++)
		;
	for (from = p; p < end && *p >= '0' && *p <= '9'; p++)
		if (v < 100000000000LL)
			v = v * 10 + (*p - '0');
	if (p == from)
		return -1;
	for (; p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'); p++)
		;
	return p == end ? v : -1;
}

void
heads_line(struct heads *h, const char *p, size_t n)
{
	size_t len;
	int64_t v;

	if (n >= 5 && memcmp(p, "HTTP/", 5) == 0)	/* the head before it was that of an interim answer */
		heads_forget(h);
	for (int i = 0; i < HEADS; i++) {
		len = strlen(names[i]);
		if (n > len && p[len] == ':' && strncasecmp(p, names[i], len) == 0 &&
		    (v = head_number(p + len + 1, n - len - 1)) > h->n[i])
			h->n[i] = v;
	}
}

int
heads_count(const struct heads *h, enum head i)
{
	return h->n[i] > INT_MAX ? INT_MAX : (int)h->n[i];
}

#include <stdlib.h>
#include <string.h>

#include "core/book.h"
#include "core/book_held.h"

/* Sizes of diffs are multiples of 8, so each lies where its numbers may lie. */
_Static_assert(sizeof (struct depth) % 8 == 0 && sizeof (struct level) % 8 == 0, "alignment");

const struct depth *
held_next(const struct held *h, const struct depth *d)
{
	const char *next;

	if (h->from == h->to)
		return NULL;
	next = d == NULL ? h->p + h->from : (const char *)d + depth_size(d);
	return next == h->p + h->to ? NULL : (const struct depth *)(const void *)next;
}

void
held_drop_before(struct held *h, const struct depth *d)
{
	h->from = (size_t)((const char *)d - h->p);
}

void
held_clear(struct held *h)
{
	free(h->p);
	memset(h, 0, sizeof *h);
}

/* Drop the oldest until no more than n bytes are left. A quarter at a time, as the rest
 * is then moved to the front. */
static void
shrink(struct held *h, size_t n)
{
	const struct depth *d;

	while (h->to - h->from > n) {
		d = held_next(h, NULL);
		h->from += depth_size(d);
	}
}

static bool
room(struct held *h, size_t n)
{
	size_t cap;
	char *p;

	if (n > h->cap - h->to && h->from > 0) {
		memmove(h->p, h->p + h->from, h->to - h->from);
		h->to -= h->from;
		h->from = 0;
	}
	if (n <= h->cap - h->to)
		return true;
	for (cap = h->cap == 0 ? 4096 : h->cap * 2; cap - h->to < n; )
		cap *= 2;
	if (cap > BOOK_HELD_MAX)
		cap = BOOK_HELD_MAX;
	if ((p = realloc(h->p, cap)) == NULL)
		return false;
	h->p = p;
	h->cap = cap;
	return true;
}

bool
held_add(struct held *h, const struct depth *d)
{
	size_t n = depth_size(d);

	if (n > BOOK_HELD_MAX) {
		held_clear(h);
		return true;
	}
	if (h->to - h->from > BOOK_HELD_MAX - n)
		shrink(h, (BOOK_HELD_MAX - n) * 3 / 4);
	if (!room(h, n))
		return false;
	memcpy(h->p + h->to, d, n);
	h->to += n;
	return true;
}

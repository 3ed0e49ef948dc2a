/* The last mark price of every symbol seen on the pipe. */
#ifndef BF_RISK_MARKS_H
#define BF_RISK_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "core/dec.h"
#include "core/rules.h"

struct mark {
	char	symbol[SYMBOL_MAX];
	size_t	n;
	dec	price;
	int64_t	event_ms;	/* E of the record: exchange time */
	int64_t	mono_ms;	/* when it arrived here */
};

/* A hash table that only grows, up to MARKS_MAX symbols. seed: random, so that
 * nobody can prepare colliding names. Zero it, then set seed; marks_free. */
#define MARKS_MAX 65536
struct marks { struct mark *m; size_t n, cap; uint64_t seed; };

void marks_free(struct marks *ms);
/* The slot of a symbol (n bytes), or NULL if it was never seen. */
struct mark *marks_find(const struct marks *ms, const char *symbol, size_t n);
/* The slot, made if needed; NULL: symbol too long, too many, out of memory. */
struct mark *marks_slot(struct marks *ms, const char *symbol, size_t n);

#endif

#include <stdlib.h>
#include <string.h>

#include "marks.h"

void
marks_free(struct marks *ms)
{
	free(ms->m);
	ms->m = NULL;
	ms->n = ms->cap = 0;
}

static uint64_t
hash(const struct marks *ms, const char *s, size_t n)
{
	uint64_t h = 14695981039346656037ull ^ ms->seed;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 1099511628211ull;
	return h ^ h >> 29;
}

/* The slot where symbol is, or would be put. cap is a power of two, never full. */
static struct mark *
probe(const struct marks *ms, const char *symbol, size_t n)
{
	size_t i = hash(ms, symbol, n) & (ms->cap - 1);

	while (ms->m[i].n != 0 && (ms->m[i].n != n || memcmp(ms->m[i].symbol, symbol, n) != 0))
		i = (i + 1) & (ms->cap - 1);
	return &ms->m[i];
}

struct mark *
marks_find(const struct marks *ms, const char *symbol, size_t n)
{
	struct mark *m;

	if (ms->cap == 0 || n == 0)
		return NULL;
	m = probe(ms, symbol, n);
	return m->n == 0 ? NULL : m;
}

static int
grow(struct marks *ms)
{
	struct marks big = { .cap = ms->cap == 0 ? 256 : ms->cap * 2, .seed = ms->seed };

	if ((big.m = calloc(big.cap, sizeof *big.m)) == NULL)
		return -1;
	for (size_t i = 0; i < ms->cap; i++)
		if (ms->m[i].n != 0)
			*probe(&big, ms->m[i].symbol, ms->m[i].n) = ms->m[i];
	big.n = ms->n;
	free(ms->m);
	*ms = big;
	return 0;
}

struct mark *
marks_slot(struct marks *ms, const char *symbol, size_t n)
{
	struct mark *m = marks_find(ms, symbol, n);

	if (m != NULL)
		return m;
	if (n == 0 || n >= SYMBOL_MAX || ms->n >= MARKS_MAX)
		return NULL;
	if (ms->n * 2 >= ms->cap && grow(ms) == -1)
		return NULL;
	m = probe(ms, symbol, n);
	memcpy(m->symbol, symbol, n);
	m->symbol[n] = '\0';
	m->n = n;
	ms->n++;
	return m;
}

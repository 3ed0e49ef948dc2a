#include <stdlib.h>
#include <string.h>

#include "core/contract.h"

void
contracts_free(struct contracts *cs)
{
	for (size_t i = 0; i < cs->cap; i++)
		free(cs->c[i]);
	free(cs->c);
	cs->c = NULL;
	cs->n = cs->cap = 0;
}

static uint64_t
hash(const struct contracts *cs, const char *s, size_t n)
{
	uint64_t h = 14695981039346656037ull ^ cs->seed;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 1099511628211ull;
	return h ^ h >> 29;
}

static bool
named(const struct contract *c, const char *symbol, size_t n)
{
	return n < sizeof c->rules.symbol && memcmp(c->rules.symbol, symbol, n) == 0 &&
	    c->rules.symbol[n] == '\0';
}

/* The slot where symbol is, or would be put. cap is a power of two, never full. */
static struct contract **
probe(const struct contracts *cs, const char *symbol, size_t n)
{
	size_t i = hash(cs, symbol, n) & (cs->cap - 1);

	while (cs->c[i] != NULL && !named(cs->c[i], symbol, n))
		i = (i + 1) & (cs->cap - 1);
	return &cs->c[i];
}

struct contract *
contracts_find_n(const struct contracts *cs, const char *symbol, size_t n)
{
	return cs->cap == 0 || n == 0 ? NULL : *probe(cs, symbol, n);
}

struct contract *
contracts_find(const struct contracts *cs, const char *symbol)
{
	return contracts_find_n(cs, symbol, strlen(symbol));
}

static int
grow(struct contracts *cs)
{
	struct contracts big = { .cap = cs->cap == 0 ? 64 : cs->cap * 2, .seed = cs->seed };

	if ((big.c = calloc(big.cap, sizeof *big.c)) == NULL)
		return -1;
	for (size_t i = 0; i < cs->cap; i++)
		if (cs->c[i] != NULL)
			*probe(&big, cs->c[i]->rules.symbol, strlen(cs->c[i]->rules.symbol)) = cs->c[i];
	big.n = cs->n;
	free(cs->c);
	*cs = big;
	return 0;
}

static struct contract *
add(struct contracts *cs, const char *symbol)
{
	struct contract *c;

	if ((cs->n + 1) * 2 > cs->cap && grow(cs) == -1)
		return NULL;
	if ((c = calloc(1, sizeof *c)) == NULL)
		return NULL;
	*probe(cs, symbol, strlen(symbol)) = c;
	cs->n++;
	return c;
}

struct contract *
contracts_set(struct contracts *cs, const struct rules *r, enum market m)
{
	struct contract *c = contracts_find(cs, r->symbol);

	if (*r->symbol == '\0' || (c == NULL && (c = add(cs, r->symbol)) == NULL))
		return NULL;
	c->rules = *r;
	c->market = m;
	c->kind = dec_sign(r->contract_size) > 0 ? INVERSE : LINEAR;
	c->size = c->kind == INVERSE ? r->contract_size : dec_int(1);
	return c;
}

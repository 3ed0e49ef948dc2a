/* What is known of contracts of either market: rules, kind, size, brackets. Pure. */
#ifndef BF_CORE_CONTRACT_H
#define BF_CORE_CONTRACT_H

#include <stddef.h>
#include <stdint.h>

#include "core/endpoint.h"
#include "core/margin.h"
#include "core/rules.h"

struct contract {
	struct rules	 rules;		/* symbol, margin asset, filters, status */
	enum market	 market;
	enum contract_kind kind;
	dec		 size;		/* USD a contract; 1 of a linear one */
	struct tiers	 tiers;		/* n 0: not known */
	/* Funding, of perpetuals; as last told. */
	dec		 funding_rate;	/* estimate for the next settlement, a fraction */
	int64_t		 funding_ms;	/* the next settlement; 0: not known, or none */
	int		 funding_hours;	/* interval; 0: not known */
};

/* By symbol; only grows. A contract keeps its address. Zero it, then set seed (random, so that
 * nobody can prepare colliding names). */
struct contracts { struct contract **c; size_t n, cap; uint64_t seed; };

void contracts_free(struct contracts *cs);
struct contract *contracts_find(const struct contracts *cs, const char *symbol);	/* or NULL */
struct contract *contracts_find_n(const struct contracts *cs, const char *symbol, size_t n);
/* The contract of r->symbol, made if needed, its rules set to r: kind and size follow from
 * r->contract_size. Tiers and funding stay. NULL: out of memory. */
struct contract *contracts_set(struct contracts *cs, const struct rules *r, enum market m);

#endif

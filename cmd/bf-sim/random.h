/* Numbers, letters and digits by chance: of the system, or of a seed. */
#ifndef BF_SIM_RANDOM_H
#define BF_SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* splitmix64: numbers that are MIX_STEP apart become such as have nothing to do
 * with one another. */
#define MIX_STEP	0x9e3779b97f4a7c15u
static inline uint64_t
mix64(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

struct random { bool seeded; uint64_t state; };

/* n letters and digits and a NUL. false: the system gives no random bytes. */
bool random_text(struct random *r, char *out, size_t n);

#endif

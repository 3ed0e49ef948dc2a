#include "genint.h"
#include "random.h"

static uint64_t
rotate(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

/* Each name has a sequence of its own, so that one symbol more does not change
 * the others. */
void
gen_random_init(struct gen_random *r, uint64_t seed, const char *name)
{
	uint64_t x = mix64(seed + MIX_STEP);

	for (; *name != '\0'; name++)
		x = (x ^ (unsigned char)*name) * 0x100000001b3u;
	for (int i = 0; i < 4; i++)
		r->s[i] = mix64(x += MIX_STEP);
}

static uint64_t
next(struct gen_random *r)
{
	uint64_t out = rotate(r->s[1] * 5, 7) * 9, t = r->s[1] << 17;

	r->s[2] ^= r->s[0];
	r->s[3] ^= r->s[1];
	r->s[1] ^= r->s[2];
	r->s[0] ^= r->s[3];
	r->s[2] ^= t;
	r->s[3] = rotate(r->s[3], 45);
	return out;
}

int64_t
gen_below(struct gen_random *r, int64_t n)
{
	return (int64_t)((next(r) >> 32) * (uint64_t)n >> 32);
}

/* The sum of four uniform numbers has the deviation 1/sqrt(3). */
int64_t
gen_normal(struct gen_random *r)
{
	uint64_t a = next(r), b = next(r);
	int64_t sum = (int64_t)((a >> 32) + (a & 0xffffffffu) + (b >> 32) + (b & 0xffffffffu));

	return (sum - (INT64_C(1) << 33)) * 1732 / (INT64_C(1) << 32);
}

int64_t
gen_part(int64_t v, int64_t num, int64_t den)
{
	return (int64_t)((i128)v * num / den);
}

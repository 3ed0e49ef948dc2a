#include <openssl/rand.h>

#include "random.h"

static uint64_t
splitmix(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static bool
next(struct random *r, unsigned char *out)
{
	if (r->seeded)
		*out = (unsigned char)(splitmix(&r->state) >> 32);
	return r->seeded || RAND_bytes(out, 1) == 1;
}

bool
random_text(struct random *r, char *out, size_t n)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char c;

	for (size_t i = 0; i < n; ) {
		if (!next(r, &c))
			return false;
		if (c < 248)	/* 4 x 62: none more likely than others */
			out[i++] = set[c % 62];
	}
	out[n] = '\0';
	return true;
}

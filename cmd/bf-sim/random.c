#include <openssl/rand.h>

#include "random.h"

static bool
next(struct random *r, unsigned char *out)
{
	if (r->seeded)
		*out = (unsigned char)(mix64(r->state += MIX_STEP) >> 32);
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

/* What the loads of the bench sign and frame by themselves: they are measured without our client. */
#ifndef BF_BENCH_SIGNED_H
#define BF_BENCH_SIGNED_H

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

/* HMAC-SHA256 of text under secret, in hex. */
static inline void
hex_hmac(const char *secret, const char *text, char out[static 65])
{
	unsigned char mac[32];
	unsigned n = 0;

	HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text, strlen(text), mac, &n);
	for (unsigned i = 0; i < n; i++)
		snprintf(out + 2 * (size_t)i, 3, "%02x", mac[i]);
}

#endif

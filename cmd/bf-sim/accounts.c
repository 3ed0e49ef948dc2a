#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "accounts.h"

#define MAC_BYTES	32
#define SIG_MAX		1024	/* bytes: RSA of 8192 bits */

const struct account *
accounts_find(const struct accounts *as, struct http_span key)
{
	for (int i = 0; i < as->n; i++)
		if (strlen(as->v[i].key) == key.n &&
		    CRYPTO_memcmp(as->v[i].key, key.p, key.n) == 0)
			return &as->v[i];
	return NULL;
}

const struct account *
accounts_of(const struct accounts *as, int acct)
{
	if (acct >= 0 && acct < as->n && as->v[acct].acct == acct)
		return &as->v[acct];
	for (int i = 0; i < as->n; i++)
		if (as->v[i].acct == acct)
			return &as->v[i];
	return NULL;
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
unhex(const char *s, unsigned char out[static MAC_BYTES])
{
	int hi, lo;

	if (strlen(s) != 2 * MAC_BYTES)
		return false;
	for (size_t i = 0; i < MAC_BYTES; i++) {
		hi = nibble(s[2 * i]);
		lo = nibble(s[2 * i + 1]);
		if (hi == -1 || lo == -1)
			return false;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

static bool
mac_ok(const struct account *a, const char *msg, size_t n, const char *sig)
{
	unsigned char want[EVP_MAX_MD_SIZE], got[MAC_BYTES];
	unsigned int len = 0;

	return unhex(sig, got) &&
	    HMAC(EVP_sha256(), a->secret, (int)strlen(a->secret), (const unsigned char *)msg, n, want,
	    &len) != NULL && len == MAC_BYTES && CRYPTO_memcmp(want, got, MAC_BYTES) == 0;
}

/* How many bytes the base64 text (with its padding) stands for; 0: it is none. */
static size_t
unbase64(const char *s, unsigned char out[static SIG_MAX])
{
	size_t n = strlen(s), pad = 0;
	int got;

	if (n == 0 || n % 4 != 0 || n / 4 * 3 > SIG_MAX)
		return 0;
	while (pad < 2 && s[n - 1 - pad] == '=')
		pad++;
	if (strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") != n - pad)
		return 0;
	got = EVP_DecodeBlock(out, (const unsigned char *)s, (int)n);
	return got < 0 ? 0 : (size_t)got - pad;
}

static bool
key_ok(const struct account *a, const char *msg, size_t n, const char *sig)
{
	unsigned char raw[SIG_MAX];
	size_t len = unbase64(sig, raw);
	EVP_MD_CTX *md;
	bool ok;

	if (len == 0 || a->public_key == NULL || (md = EVP_MD_CTX_new()) == NULL)
		return false;
	/* RSA: PKCS#1 v1.5 is what it does unless told otherwise. */
	ok = EVP_DigestVerifyInit(md, NULL, a->kind == KEY_RSA ? EVP_sha256() : NULL, NULL,
	    a->public_key) == 1 &&
	    EVP_DigestVerify(md, raw, len, (const unsigned char *)msg, n) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

bool
account_verify(const struct account *a, const char *msg, size_t n, const char *sig)
{
	return a->kind == KEY_HMAC ? mac_ok(a, msg, n, sig) : key_ok(a, msg, n, sig);
}

void
accounts_free(struct accounts *as)
{
	for (int i = 0; i < as->n; i++)
		EVP_PKEY_free(as->v[i].public_key);
	if (as->v != NULL)
		OPENSSL_cleanse(as->v, (size_t)as->n * sizeof *as->v);
	free(as->v);
	*as = (struct accounts){ 0 };
}

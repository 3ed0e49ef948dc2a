/* Signing. */
#include <string.h>

#include <openssl/crypto.h>

#include "io/cred_in.h"

#define BLOCK		64		/* bytes that SHA-256 takes at a time */
#define DIGEST		32		/* bytes of its hash */

/* One of the two hashes of an HMAC: of the block, each byte of it changed by with, then p. */
static bool
hash_block(EVP_MD_CTX *ctx, const struct cred *c, const unsigned char block[static BLOCK],
    unsigned char with, const unsigned char *p, size_t n, unsigned char out[static DIGEST])
{
	unsigned char pad[BLOCK];
	unsigned len = DIGEST;
	bool ok;

	for (int i = 0; i < BLOCK; i++)
		pad[i] = block[i] ^ with;
	ok = EVP_DigestInit_ex2(ctx, c->sha256, NULL) == 1 && EVP_DigestUpdate(ctx, pad, BLOCK) == 1 &&
	    EVP_DigestUpdate(ctx, p, n) == 1 && EVP_DigestFinal_ex(ctx, out, &len) == 1;
	OPENSSL_cleanse(pad, sizeof pad);
	return ok;
}

/* HMAC-SHA-256 (RFC 2104). libcrypto's own looks both algorithms up and builds contexts at
 * every call, which took longer than all of its hashing; between calls nothing is kept. */
static bool
hmac(const struct cred *c, const unsigned char *msg, size_t n, unsigned char out[static DIGEST])
{
	unsigned char block[BLOCK] = { 0 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = strlen(c->secret);
	unsigned hashed = DIGEST;
	bool ok = ctx != NULL;

	if (len <= BLOCK)
		memcpy(block, c->secret, len);
	else
		ok = ok && EVP_Digest(c->secret, len, block, &hashed, c->sha256, NULL) == 1;
	ok = ok && hash_block(ctx, c, block, 0x36, msg, n, out) && hash_block(ctx, c, block, 0x5c, out, DIGEST, out);
	OPENSSL_cleanse(block, sizeof block);
	EVP_MD_CTX_free(ctx);		/* wipes */
	return ok;
}

static int
sign_hmac(const struct cred *c, const unsigned char *msg, size_t n, struct buf *out)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char mac[DIGEST];
	char text[2 * DIGEST];

	if (!hmac(c, msg, n, mac))
		return -1;
	for (int i = 0; i < DIGEST; i++) {
		text[2 * i] = hex[mac[i] >> 4];
		text[2 * i + 1] = hex[mac[i] & 15];
	}
	buf_put(out, text, sizeof text);
	return 0;
}

/* Base64; plain: as it is, else as it goes into a query. */
static void
put_base64(struct buf *out, const unsigned char *sig, size_t n, bool plain)
{
	unsigned char chunk[5];
	int i;

	for (; n > 0; sig += n < 3 ? n : 3, n -= n < 3 ? n : 3) {
		EVP_EncodeBlock(chunk, sig, n < 3 ? (int)n : 3);
		for (i = 0; i < 4; i++)
			if (plain)
				buf_chr(out, (char)chunk[i]);
			else if (chunk[i] == '+' || chunk[i] == '/' || chunk[i] == '=')
				buf_printf(out, "%%%02X", chunk[i]);
			else
				buf_chr(out, (char)chunk[i]);
	}
}

static int
sign_pkey(const struct cred *c, const unsigned char *msg, size_t n, bool plain, struct buf *out)
{
	const EVP_MD *md = c->kind == KIND_RSA ? EVP_sha256() : NULL;	/* Ed25519 hashes itself */
	unsigned char sig[1024];	/* RSA-8192 */
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = sizeof sig;
	int r = -1;

	if (ctx != NULL && EVP_PKEY_size(c->pkey) <= (int)sizeof sig &&
	    EVP_DigestSignInit(ctx, NULL, md, NULL, c->pkey) == 1 &&
	    EVP_DigestSign(ctx, sig, &len, msg, n) == 1) {
		put_base64(out, sig, len, plain);
		r = 0;
	}
	EVP_MD_CTX_free(ctx);
	return r;
}

static int
sign(const struct cred *c, const char *msg, size_t n, bool plain, struct buf *out, struct fault *f)
{
	const unsigned char *m = (const unsigned char *)msg;
	int r = c->kind == KIND_HMAC ? sign_hmac(c, m, n, out) : sign_pkey(c, m, n, plain, out);

	if (r == -1)
		return fault_set(f, FAULT_KEY, "the request could not be signed with this key");
	return out->bad ? fault_set(f, FAULT_LOCAL, "out of memory for a signature") : 0;
}

int
cred_sign(const struct cred *c, const char *msg, size_t n, struct buf *out, struct fault *f)
{
	return sign(c, msg, n, false, out, f);
}

int
cred_sign_plain(const struct cred *c, const char *msg, size_t n, struct buf *out, struct fault *f)
{
	return sign(c, msg, n, true, out, f);
}

bool
cred_logs_on(const struct cred *c)
{
	return c->kind == KIND_ED25519;
}

/*
 * Keys for tests: the profile they are loaded by, the published pair, and private keys
 * written by OpenSSL.
 */
#ifndef BF_TESTS_KEYRIG_H
#define BF_TESTS_KEYRIG_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "io/cred.h"
#include "scratch.h"

/* The exchange's own example (its documentation, "SIGNED Endpoint Examples for POST /fapi/v1/order"). */
#define KEY	"dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83"
#define SECRET	"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
#define ORDER	"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC" \
		"&recvWindow=5000&timestamp=1591702613943"

static struct fault fault;
static struct profile p;
static struct cred *c;

static inline int
keys_setup(void **state)
{
	unsetenv("BF_API_KEY");
	unsetenv("BF_API_SECRET");
	unsetenv("BF_KEY_FD");
	memset(&p, 0, sizeof p);
	snprintf(p.name, sizeof p.name, "demo");
	snprintf(p.conf_dir, sizeof p.conf_dir, "/etc/bf");
	if (scratch_make(state) == -1)
		return -1;
	snprintf(p.key_file, sizeof p.key_file, "%s/k", scratch);
	return 0;
}

static inline int
load(void)
{
	memset(&fault, 0, sizeof fault);
	return cred_load(&c, &p, &fault);
}

/* Loading fails with these words, and tells nothing of what the file holds. */
static inline void
refused(enum fault_kind kind, const char *words)
{
	assert_int_equal(load(), -1);
	assert_null(c);
	assert_int_equal(fault.kind, kind);
	if (strstr(fault.text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, fault.text);
	assert_null(strstr(fault.text, "CANARY"));
	assert_null(strstr(fault.text, "2b5eb1"));
}

static inline char *
sign(const char *msg)
{
	static struct buf b;

	buf_reset(&b);
	assert_int_equal(cred_sign(c, msg, strlen(msg), &b, &fault), 0);
	return b.p;
}

static inline void
write_pem(const char *name, EVP_PKEY *k, const EVP_CIPHER *cipher)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	long n;

	assert_non_null(k);
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, k, cipher, "pw", cipher != NULL ? 2 : 0, NULL, NULL), 1);
	n = BIO_get_mem_data(bio, &pem);
	scratch_put(name, 0600, pem, (size_t)n);
	BIO_free(bio);
}

/* RFC 8032, 7.1, test 1. */
static inline EVP_PKEY *
ed25519_seed(void)
{
	static const unsigned char seed[32] = {
		0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
		0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
		0x1c, 0xae, 0x7f, 0x60
	};

	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
}

/* Undo what a query needs, and let OpenSSL's other half judge. */
static inline int
verify(EVP_PKEY *k, const char *msg, const char *query_sig)
{
	unsigned char text[1024], sig[1024];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int n = 0, len, ok;
	unsigned ch;

	for (; *query_sig != '\0'; query_sig++) {
		ch = (unsigned char)*query_sig;
		if (ch == '%') {
			assert_int_equal(sscanf(query_sig + 1, "%2X", &ch), 1);
			query_sig += 2;
		} else
			assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", (int)ch));
		text[n++] = (unsigned char)ch;
	}
	len = EVP_DecodeBlock(sig, text, n);
	while (len > 0 && text[n - 1] == '=') {
		len--;
		n--;
	}
	ok = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, k) == 1 &&
	    EVP_DigestVerify(ctx, sig, (size_t)len, (const unsigned char *)msg, strlen(msg)) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static inline EVP_PKEY *
new_rsa(int bits)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	EVP_PKEY *k = NULL;

	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits), 1);
	assert_int_equal(EVP_PKEY_keygen(ctx, &k), 1);
	EVP_PKEY_CTX_free(ctx);
	return k;
}

#endif

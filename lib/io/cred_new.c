/* A new pair of keys. */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "io/cred_in.h"

/* The private half: what holds it on the way is wiped memory, OpenSSL's own. */
static bool
put_private(struct secret *pem, const EVP_PKEY *k)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *p = NULL;
	long n;
	bool ok;

	ok = bio != NULL && PEM_write_bio_PrivateKey(bio, k, NULL, NULL, 0, NULL, NULL) == 1 &&
	    (n = BIO_get_mem_data(bio, &p)) > 0 && secret_put(pem, p, (size_t)n);
	BIO_free(bio);
	return ok;
}

static bool
put_public(struct buf *out, EVP_PKEY *k)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL;
	long n;
	bool ok;

	ok = bio != NULL && PEM_write_bio_PUBKEY(bio, k) == 1 && (n = BIO_get_mem_data(bio, &p)) > 0;
	if (ok)
		buf_put(out, p, (size_t)n);
	BIO_free(bio);
	return ok && !out->bad;
}

int
cred_generate(struct secret *pem, struct buf *public, struct fault *f)
{
	EVP_PKEY *k;
	bool ok;

	secret_arena();
	k = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	ok = k != NULL && put_private(pem, k) && put_public(public, k);
	EVP_PKEY_free(k);
	ERR_clear_error();
	return ok ? 0 : fault_set(f, FAULT_LOCAL, "no Ed25519 key could be made: libcrypto or memory");
}

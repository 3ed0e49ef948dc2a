/*
 * Who may ask: API keys and the accounts they stand for, from --accounts FILE
 * or one made at the start.
 */
#ifndef BF_SIM_ACCOUNTS_H
#define BF_SIM_ACCOUNTS_H

#include <openssl/types.h>

#include "engine.h"
#include "http.h"

#define ACCOUNT_KEY	128	/* bytes of a key or secret with its NUL, at most */
#define ACCOUNTS_MAX	1024

enum key_kind { KEY_HMAC, KEY_RSA, KEY_ED25519 };

struct account {
	char	name[32];		/* of the file's section; "default" */
	char	key[ACCOUNT_KEY];	/* X-MBX-APIKEY */
	enum key_kind kind;
	char	secret[ACCOUNT_KEY];	/* HMAC only */
	EVP_PKEY *public_key;		/* RSA, Ed25519 */
	bool	can_trade;
	unsigned rights;		/* of the key: rights.h */
	int	acct;			/* the engine's number */
	char	alias[16];		/* accountAlias */
	bool	made;			/* at the start, not read from a file */
};
struct accounts { struct account *v; int n; };

/* The account of a key; NULL. The text need not end with a NUL. */
const struct account *accounts_find(const struct accounts *as, struct http_span key);
const struct account *accounts_of(const struct accounts *as, int acct);
/* Whether sig is the key's signature of the message: hex HMAC-SHA256, or base64
 * of RSA PKCS#1 v1.5 SHA-256 or of Ed25519. */
bool account_verify(const struct account *a, const char *msg, size_t n, const char *sig);
/* Wipe and free. */
void accounts_free(struct accounts *as);

#endif

/* Keys and signatures. Secrets live in locked memory and are wiped. */
#ifndef BF_IO_CRED_H
#define BF_IO_CRED_H

#include <stddef.h>

#include "core/buf.h"
#include "core/fault.h"
#include "io/conf.h"

struct cred;	/* opaque: api key, secret or private key */

/* To be called first thing in main of every tool: no core dumps, not dumpable,
 * umask 077, what an environment can do to OpenSSL undone, and the environment's
 * secret taken out of it (copied to locked memory, wiped, unset), so that no child
 * inherits it and nobody reads it there. */
void cred_prepare(void);

/*
 * The key of a profile: key_file or own file (lines key=, secret=, or
 * key=, private_key=PATH of a PEM; type=hmac|rsa|ed25519), then secret_cmd
 * (run without a shell's help on input: /bin/sh -c of the configured text),
 * then BF_API_KEY with BF_API_SECRET. Bad files are refused with the reason
 * (mode, owner, symlink, size, empty, not regular): FAULT_KEY... FAULT_USAGE
 * when there is none at all. cred_free wipes; NULL is fine.
 */
int cred_load(struct cred **out, const struct profile *p, struct fault *f);
void cred_free(struct cred *c);

const char *cred_key(const struct cred *c);	/* for the X-MBX-APIKEY header */

/* Append the signature of msg to out, as it goes into a query: hex for HMAC,
 * percent-encoded base64 for RSA and Ed25519. */
int cred_sign(const struct cred *c, const char *msg, size_t n, struct buf *out, struct fault *f);

#endif

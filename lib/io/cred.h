/* Keys and signatures. Secrets live in locked memory and are wiped. */
#ifndef BF_IO_CRED_H
#define BF_IO_CRED_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/fault.h"
#include "io/conf.h"
#include "io/secret.h"

struct cred;	/* opaque: api key, secret or private key */

/* To be called first thing in main of every tool: no core dumps, not dumpable,
 * umask 077, what an environment can do to OpenSSL undone, and the environment's
 * secret taken out of it (copied to locked memory, wiped, unset), so that no child
 * inherits it and nobody reads it there; BF_KEY_FD's descriptor is no child's either. */
void cred_prepare(void);

/*
 * The key of a profile, from the first of these that is there: key_file or own file;
 * the descriptor BF_KEY_FD (a number from 3 up), which has the same text; secret_cmd
 * (run without a shell's help on input: /bin/sh -c of the configured text);
 * BF_API_KEY with BF_API_SECRET.
 *
 * The text: a line key=, and either secret= or a private key: private_key=PATH of a PEM,
 * or the PEM itself, its BEGIN line after private_key= or alone. type=hmac|rsa|ed25519
 * binds: without it a secret is HMAC's, and a private key says itself what it is.
 *
 * Bad files are refused with the reason (mode, owner, symlink, size, empty, not
 * regular), a private key with a password too: FAULT_KEY... FAULT_USAGE when there is
 * none at all. A file is read from its beginning, so that the programs of a pipe can
 * share a descriptor; a pipe gives its bytes to one. It is read once in the life of a
 * process, however many keys are loaded, and closed. cred_free wipes; NULL is fine.
 */
int cred_load(struct cred **out, const struct profile *p, struct fault *f);
void cred_free(struct cred *c);
/* The same for a profile whose own file is about to be written (profile_load_text): if the key is
 * taken from there, from this text. */
int cred_load_text(struct cred **out, const struct profile *p, const struct secret *text, struct fault *f);
/* Where cred_load would look: "file", "descriptor", "command", "environment", "none". */
const char *cred_place(const struct profile *p);
/* The first four characters of the API key, if a file or the configuration has it: "" if not. No
 * command is run, no descriptor read. FAULT_KEY: the file cannot be used. */
int cred_peek(char out[static 5], const struct profile *p, struct fault *f);
/* What such a text, or key file, is: whether a key= and whether a secret or a private key stands in it. */
struct key_text { bool key, secret; };
int cred_look(struct key_text *out, const struct secret *text, const char *from, struct fault *f);
/* The text of a key from an open descriptor, with the care of BF_KEY_FD; from: what it is called. */
int cred_read_fd(int fd, const char *from, struct secret *s, struct fault *f);
/* The text of a key file, or of a profile's own file that has a key, with the same care. */
int cred_text_of(const char *path, struct secret *s, struct fault *f);
/* A new Ed25519 key pair: the private key as PEM appended to pem, the public one to public. */
int cred_generate(struct secret *pem, struct buf *public, struct fault *f);

const char *cred_key(const struct cred *c);	/* for the X-MBX-APIKEY header */
const char *cred_type(const struct cred *c);	/* "hmac", "rsa", "ed25519" */

/* Append the signature of msg to out, as it goes into a query: hex for HMAC,
 * percent-encoded base64 for RSA and Ed25519. msg may lie in out. */
int cred_sign(const struct cred *c, const char *msg, size_t n, struct buf *out, struct fault *f);
/* The same as it goes into JSON: base64 is not percent-encoded. */
int cred_sign_plain(const struct cred *c, const char *msg, size_t n, struct buf *out, struct fault *f);
/* Whether the WebSocket API takes this key for session.logon: only an Ed25519 one. */
bool cred_logs_on(const struct cred *c);

#endif

/* What the parts of cred share, and nobody else. */
#ifndef BF_IO_CRED_IN_H
#define BF_IO_CRED_IN_H

#include <openssl/evp.h>

#include "io/cred.h"

#define WORD_MAX	256		/* longest api key and HMAC secret, with NUL */

enum kind { KIND_UNSAID, KIND_HMAC, KIND_RSA, KIND_ED25519 };
extern const char *const cred_kind_name[];

struct cred {		/* itself in locked memory */
	enum kind	 kind;
	char		 key[WORD_MAX];
	char		 secret[WORD_MAX];	/* of HMAC: its ASCII bytes are the key */
	EVP_MD		*sha256;		/* of HMAC: looked up once, not for each request */
	EVP_PKEY	*pkey;			/* of RSA and Ed25519 */
};

/* cred_file.c. The file, if it is one that nobody else can use. */
int cred_read_file(const char *path, struct secret *s, struct fault *f);
/* Text only, so that what follows may treat it as a string. */
int cred_check_text(const struct secret *s, const char *path, struct fault *f);

/* cred_text.c */
struct said {		/* spans of the file */
	const char	*key, *secret, *private_key;
	char		*pem;		/* the private key itself, NUL behind it */
	enum kind	 kind;
};

/* text is cut up: said points into it. others: what is not of a key may stand there. */
int cred_parse(struct said *said, char *text, const char *path, bool others, struct fault *f);
/* have_key: the API key is known from elsewhere. */
int cred_apply(struct cred *c, const struct said *said, const char *from, bool have_key, struct fault *f);
int cred_set_key(struct cred *c, const char *key, const char *from, struct fault *f);
int cred_set_secret(struct cred *c, const char *secret, const char *from, struct fault *f);
/* The first private key in text. */
int cred_parse_pem(struct cred *c, const char *text, const char *path, struct fault *f);
/* Ends a line at its newline, and its value at its last non-blank. Returns the next line. */
char *cred_cut_line(char *line);

/* cred_source.c. What the environment has is taken out of it, once. */
void cred_take_fd(void);
void cred_take_env(void);
bool cred_fd_named(void);	/* BF_KEY_FD said something */
bool cred_env_said(void);	/* BF_API_KEY or BF_API_SECRET did */
int cred_from_cmd(struct cred *c, const struct profile *p, struct fault *f);
int cred_from_key_fd(struct cred *c, struct fault *f);
int cred_from_env(struct cred *c, const struct profile *p, struct fault *f);

#endif

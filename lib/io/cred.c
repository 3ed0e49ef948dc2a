#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <openssl/crypto.h>

#include "io/cred_in.h"
#include "io/notify.h"
#include "io/secure.h"

#if defined(__SANITIZE_ADDRESS__)
#define TRACED	1	/* LeakSanitizer looks at us by ptrace */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TRACED	1
#endif
#endif

void
cred_prepare(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__) && !defined(TRACED)
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	(void)umask(077);
	notify_take();
	secure_environment();
	secret_arena();
	cred_take_env();
	cred_take_fd();
}

static int
from_file(struct cred *c, const char *path, bool others, struct fault *f)
{
	struct secret s = { 0 };
	struct said said;
	int r = cred_read_file(path, &s, f);

	if (r == 0)
		r = cred_parse(&said, s.p, path, others, f);
	if (r == 0)
		r = cred_apply(c, &said, path, false, f);
	secret_free(&s);
	return r;
}

/* text stays as it is. */
static int
from_text(struct cred *c, const char *path, const struct secret *text, struct fault *f)
{
	struct secret s = { 0 };
	struct said said;
	int r = secret_copy(&s, text, f);

	if (r == 0)
		r = cred_check_text(&s, path, f);
	if (r == 0)
		r = cred_parse(&said, s.p, path, true, f);
	if (r == 0)
		r = cred_apply(c, &said, path, false, f);
	secret_free(&s);
	return r;
}

static int
fill(struct cred *c, const struct profile *p, struct fault *f)
{
	if (p->key_file[0] != '\0')
		return from_file(c, p->key_file, false, f);
	if (p->own_file[0] != '\0')
		return from_file(c, p->own_file, true, f);
	if (cred_fd_named())
		return cred_from_key_fd(c, f);
	if (p->secret_cmd[0] != '\0')
		return cred_from_cmd(c, p, f);
	return cred_from_env(c, p, f);
}

/* text: instead of the own file; or NULL. */
static int
load(struct cred **out, const struct profile *p, const struct secret *text, struct fault *f)
{
	struct cred *c;

	*out = NULL;
	secret_arena();
	cred_take_env();
	cred_take_fd();
	if ((c = OPENSSL_secure_zalloc(sizeof *c)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of locked memory for a key");
	if ((text != NULL ? from_text(c, p->own_file, text, f) : fill(c, p, f)) == -1) {
		cred_free(c);
		return -1;
	}
	*out = c;
	return 0;
}

int
cred_load(struct cred **out, const struct profile *p, struct fault *f)
{
	return load(out, p, NULL, f);
}

int
cred_load_text(struct cred **out, const struct profile *p, const struct secret *text, struct fault *f)
{
	return load(out, p, p->key_file[0] == '\0' && p->own_file[0] != '\0' ? text : NULL, f);
}

void
cred_free(struct cred *c)
{
	if (c == NULL)
		return;
	EVP_PKEY_free(c->pkey);		/* wipes */
	EVP_MD_free(c->sha256);
	OPENSSL_secure_clear_free(c, sizeof *c);
}

const char *
cred_key(const struct cred *c)
{
	return c->key;
}

const char *
cred_type(const struct cred *c)
{
	return cred_kind_name[c->kind];
}

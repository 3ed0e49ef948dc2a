#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "core/buf.h"
#include "io/state.h"
#include "profile.h"

#define PROFILE_MAX	4096	/* bytes of a profile */

static bool
name_ok(const char *s)
{
	static const char set[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t n = strspn(s, set);

	/* These two are built in: what is meant for them must never come here. */
	return n >= 1 && n <= 63 && s[n] == '\0' && strcmp(s, "live") != 0 && strcmp(s, "demo") != 0;
}

/* Where the other tools look: ${XDG_CONFIG_HOME:-~/.config}/bf/profiles. */
static int
find_dir(char *out, size_t size, struct fault *f)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *sub = "";
	const struct passwd *pw;
	int n;

	if (base == NULL || base[0] != '/') {
		sub = "/.config";
		base = getenv("HOME");
		if ((base == NULL || base[0] != '/') && (pw = getpwuid(geteuid())) != NULL)
			base = pw->pw_dir;
	}
	if (base == NULL || base[0] != '/')
		return fault_set(f, FAULT_USAGE, "--profile-out: no home directory: set HOME");
	n = snprintf(out, size, "%s%s/bf/profiles", base, sub);
	if (n < 0 || (size_t)n >= size)
		return fault_set(f, FAULT_USAGE, "--profile-out: the path of the home is too long");
	return 0;
}

int
profile_locate(struct profile_file *p, const char *arg, struct fault *f)
{
	const char *slash = strrchr(arg, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - arg);

	if (slash == NULL && !name_ok(arg))
		return fault_set(f, FAULT_USAGE, "--profile-out %s: a name is of letters, digits, - "
		    "and _, and not live or demo", arg);
	if (slash != NULL && (slash[1] == '\0' || strlen(slash + 1) >= sizeof p->name ||
	    n >= sizeof p->dir))
		return fault_set(f, FAULT_USAGE, "--profile-out %s: not a path of a file", arg);
	snprintf(p->name, sizeof p->name, "%s", slash == NULL ? arg : slash + 1);
	if (slash == NULL)
		return find_dir(p->dir, sizeof p->dir, f);
	snprintf(p->dir, sizeof p->dir, "%.*s", n == 0 ? 1 : (int)n, arg);
	return 0;
}

const struct account *
profile_account(const struct accounts *as)
{
	for (int i = 0; i < as->n; i++)
		if (as->v[i].kind == KEY_HMAC)
			return &as->v[i];
	return NULL;
}

int
profile_write(const struct profile_file *p, const struct account *a, const char *host, int port,
    struct fault *f)
{
	struct buf b = { 0 };
	int r;

	buf_printf(&b, "# written by bf-sim, removed when it ends\n"
	    "rest = http://%s:%d\nws = ws://%s:%d\n"
	    "type = hmac\nkey = %s\nsecret = %s\n", host, port, host, port, a->key, a->secret);
	r = b.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    state_write(p->dir, p->name, b.p, b.len, f);
	if (b.p != NULL)
		OPENSSL_cleanse(b.p, b.len);
	buf_free(&b);
	return r;
}

void
profile_remove(const struct profile_file *p, const struct account *a)
{
	char path[sizeof p->dir + sizeof p->name + 1];
	struct buf b = { 0 };
	struct fault f;

	if (state_read(p->dir, p->name, &b, PROFILE_MAX, &f) == 1 && !b.bad &&
	    strstr(b.p, a->key) != NULL) {
		snprintf(path, sizeof path, "%s/%s", p->dir, p->name);
		(void)unlink(path);
	}
	buf_free(&b);
}

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ini.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "accounts_read.h"
#include "number.h"
#include "rights.h"

#define FILE_MAX	(1u << 20)	/* bytes */
#define RSA_BITS	2048
#define BLANKS		" \t,"

struct parse {
	const char	*path, *at, *end;
	int		 line;
	bool		 failed, continued, secrets;
	struct accounts	*as;
	struct plan	*plan;		/* one for each account */
	unsigned	 seen;		/* keys of this section, by their place in the table */
	struct fault	*f;
};

static int
bad(struct parse *x, const char *name, const char *value, const char *why)
{
	if (!x->failed)
		fault_set(x->f, FAULT_USAGE, "%s:%d: %s%s%s%s%s", x->path, x->line, name,
		    *name != '\0' ? ": " : "", value, *value != '\0' ? ": " : "", why);
	x->failed = true;
	return 0;
}

static struct account *
last(struct parse *x)
{
	return &x->as->v[x->as->n - 1];
}

/*
 * Keys. Each setter answers what is wrong with the value, or NULL.
 */

/* Goes into a header: one word of ASCII. */
static const char *
copy_word(char out[static ACCOUNT_KEY], const char *v)
{
	size_t n = strlen(v);

	for (size_t i = 0; i < n; i++)
		if (v[i] <= 0x20 || v[i] >= 0x7f)
			return "holds a blank or a character that is not ASCII";
	if (n >= ACCOUNT_KEY)
		return "longer than 127 characters";
	memcpy(out, v, n + 1);
	return NULL;
}

static const char *
set_key(struct parse *x, const char *v)
{
	for (int i = 0; i + 1 < x->as->n; i++)
		if (strcmp(x->as->v[i].key, v) == 0)
			return "another account has this key";
	return copy_word(last(x)->key, v);
}

static const char *
set_secret(struct parse *x, const char *v)
{
	x->secrets = true;
	last(x)->kind = KEY_HMAC;
	return copy_word(last(x)->secret, v);
}

static FILE *
open_beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	int dir = slash == NULL || name[0] == '/' ? 0 : (int)(slash - path) + 1;
	char full[1024];

	if (snprintf(full, sizeof full, "%.*s%s", dir, path, name) >= (int)sizeof full) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return fopen(full, "re");
}

static const char *
set_public_key(struct parse *x, const char *v)
{
	struct account *a = last(x);
	FILE *fp = open_beside(x->path, v);

	if (fp == NULL)
		return strerror(errno);
	a->public_key = PEM_read_PUBKEY(fp, NULL, NULL, NULL);
	fclose(fp);
	if (a->public_key == NULL)
		return "not a public key in PEM (BEGIN PUBLIC KEY)";
	if (EVP_PKEY_base_id(a->public_key) == EVP_PKEY_ED25519)
		a->kind = KEY_ED25519;
	else if (EVP_PKEY_base_id(a->public_key) != EVP_PKEY_RSA)
		return "neither an RSA nor an Ed25519 key";
	else if (EVP_PKEY_bits(a->public_key) < RSA_BITS)
		return "an RSA key has at least 2048 bits";
	else
		a->kind = KEY_RSA;
	return NULL;
}

static const char *
read_flag(bool *out, const char *v)
{
	static const char *const yes[] = { "yes", "true", "on", "1" }, *const no[] = { "no", "false", "off", "0" };

	for (int i = 0; i < 4; i++) {
		if (strcmp(v, yes[i]) == 0 || strcmp(v, no[i]) == 0) {
			*out = strcmp(v, yes[i]) == 0;
			return NULL;
		}
	}
	return "yes or no";
}

static const char *
set_hedge(struct parse *x, const char *v)
{
	return read_flag(&x->plan[x->as->n - 1].hedge, v);
}

static const char *
set_multi(struct parse *x, const char *v)
{
	return read_flag(&x->plan[x->as->n - 1].multi, v);
}

static const char *
set_burn(struct parse *x, const char *v)
{
	return read_flag(&x->plan[x->as->n - 1].burn, v);
}

static const char *
set_trade(struct parse *x, const char *v)
{
	return read_flag(&last(x)->can_trade, v);
}

static const char *
set_rights(struct parse *x, const char *v)
{
	return rights_parse(&last(x)->rights, v);
}

static const char *
set_tier(struct parse *x, const char *v)
{
	int64_t n;

	if (!number_i64(&n, v) || n < 0 || n > 9)
		return "not from 0 to 9";
	x->plan[x->as->n - 1].tier = (int)n;
	return NULL;
}

static const char *
add_items(struct parse *x, enum plan_kind kind, const char *v)
{
	size_t n;

	for (v += strspn(v, BLANKS); *v != '\0'; v += n, v += strspn(v, BLANKS)) {
		n = strcspn(v, BLANKS);
		if (plan_add(&x->plan[x->as->n - 1], kind, x->line, v, n, x->f) == -1)
			return "out of memory";
	}
	return NULL;
}

static const char *
add_balance(struct parse *x, const char *v)
{
	return add_items(x, PLAN_BALANCE, v);
}

static const char *
add_position(struct parse *x, const char *v)
{
	return add_items(x, PLAN_POSITION, v);
}

static const char *
add_leverage(struct parse *x, const char *v)
{
	return add_items(x, PLAN_LEVERAGE, v);
}

static const char *
add_margin_type(struct parse *x, const char *v)
{
	return add_items(x, PLAN_MARGIN_TYPE, v);
}

enum { AT_KEY, AT_SECRET, AT_PUBLIC };

static const struct {
	const char *name;
	const char *(*set)(struct parse *x, const char *v);
	bool	list;		/* may be said again, and go on in indented lines */
	bool	hidden;		/* its value is not shown */
} keys[] = {
	[AT_KEY] = { "key", set_key, false, false },
	[AT_SECRET] = { "secret", set_secret, false, true },
	[AT_PUBLIC] = { "public_key_file", set_public_key, false, false },
	{ "balance", add_balance, true, false },
	{ "position", add_position, true, false },
	{ "leverage", add_leverage, true, false },
	{ "margin_type", add_margin_type, true, false },
	{ "hedge", set_hedge, false, false },
	{ "multi_assets", set_multi, false, false },
	{ "fee_tier", set_tier, false, false },
	{ "bnb_burn", set_burn, false, false },
	{ "can_trade", set_trade, false, false },
	{ "permissions", set_rights, false, false },
};
#define NKEYS	(sizeof keys / sizeof *keys)

static int
one_key(struct parse *x, const char *name, const char *value)
{
	const char *why;
	size_t k;

	for (k = 0; k < NKEYS && strcmp(name, keys[k].name) != 0; )
		k++;
	if (k == NKEYS)
		return bad(x, name, "", "unknown key");
	if ((x->seen & 1u << k) != 0 && !keys[k].list)
		return bad(x, name, "", x->continued ?
		    "an indented line continues the one above it: do not indent keys" : "said twice");
	if (*value == '\0')
		return bad(x, name, "", "empty");
	if ((why = keys[k].set(x, value)) != NULL)
		return bad(x, name, keys[k].hidden ? "" : value, why);
	x->seen |= 1u << k;
	return 1;
}

/*
 * Sections
 */

/* What an account must have, said at the end of its section. */
static bool
whole(struct parse *x)
{
	bool secret = (x->seen & 1u << AT_SECRET) != 0, public = (x->seen & 1u << AT_PUBLIC) != 0;

	if (x->as->n == 0)
		return true;
	if ((x->seen & 1u << AT_KEY) == 0)
		return bad(x, "", last(x)->name, "the account has no key");
	if (secret == public)
		return bad(x, "", last(x)->name, "wants either secret or public_key_file");
	account_alias(last(x));
	return true;
}

static bool
name_ok(const char *s)
{
	static const char set[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t n = strspn(s, set);

	return n >= 1 && n < sizeof ((struct account *)0)->name && s[n] == '\0';
}

static int
begin_account(struct parse *x, const char *name)
{
	struct accounts *as = x->as;

	if (!whole(x))
		return 0;
	if (!name_ok(name))
		return bad(x, "", name, "an account's name is of 1 to 31 letters, digits, - and _");
	for (int i = 0; i < as->n; i++)
		if (strcmp(as->v[i].name, name) == 0)
			return bad(x, "", name, "this account is there already");
	if (as->n == ACCOUNTS_MAX)
		return bad(x, "", name, "more than 1024 accounts");
	as->v[as->n] = (struct account){ .can_trade = true, .rights = RIGHTS_GOOD, .acct = -1 };
	snprintf(as->v[as->n].name, sizeof as->v[as->n].name, "%s", name);
	x->plan[as->n] = (struct plan){ .file = x->path };
	as->n++;
	x->seen = 0;
	return 1;
}

/* A line `name = value`, told by inih. */
static int
entry(void *user, const char *section, const char *name, const char *value)
{
	struct parse *x = user;

	if (x->failed)
		return 0;
	if (value == NULL)
		return bad(x, "", "", "not `key = value`");
	if (*section == '\0')
		return bad(x, name, "", "stands before the first [account]");
	if ((x->as->n == 0 || strcmp(section, last(x)->name) != 0) && !begin_account(x, section))
		return 0;
	return one_key(x, name, value);
}

/* The next line for inih, like fgets. */
static char *
next_line(char *str, int num, void *stream)
{
	struct parse *x = stream;
	const char *nl;
	size_t n;

	if (x->at == x->end || x->failed)
		return NULL;
	nl = memchr(x->at, '\n', (size_t)(x->end - x->at));
	n = (size_t)(nl == NULL ? x->end - x->at : nl - x->at);
	x->line++;
	x->continued = n > 0 && (x->at[0] == ' ' || x->at[0] == '\t');
	if (n + 3 > (size_t)num) {
		bad(x, "", "", "the line is too long; lists may go on in indented lines");
		return NULL;
	}
	memcpy(str, x->at, n);
	memcpy(str + n, "\n", 2);
	x->at += n + (nl != NULL);
	return str;
}

static int
parse_text(struct parse *x, const char *text, size_t n)
{
	int line;

	x->at = text;
	x->end = text + n;
	if (memchr(text, '\0', n) != NULL)
		return fault_set(x->f, FAULT_USAGE, "%s: holds a NUL byte", x->path);
	line = ini_parse_stream(next_line, x, entry, x);
	if (line < 0)
		return fault_set(x->f, FAULT_LOCAL, "%s: out of memory", x->path);
	if (line > 0 && (!x->failed || line < x->line)) {
		x->failed = false;
		x->line = line;
		bad(x, "", "", "not `key = value`, [account] or # comment");
	}
	if (x->failed || !whole(x))
		return -1;
	if (x->as->n == 0)
		return fault_set(x->f, FAULT_USAGE, "%s: has no [account]", x->path);
	return 0;
}

/*
 * The file
 */

static int
read_all(int fd, char *text, size_t *n)
{
	ssize_t got;

	for (*n = 0; *n < FILE_MAX; *n += (size_t)got) {
		got = read(fd, text + *n, FILE_MAX - *n);
		if (got == -1 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			return (int)got;
	}
	errno = EFBIG;
	return -1;
}

static int
read_open(struct parse *x, int fd, char *text)
{
	struct stat st;
	size_t n = 0;

	if (fstat(fd, &st) == -1 || (S_ISREG(st.st_mode) && read_all(fd, text, &n) == -1))
		return fault_set(x->f, FAULT_USAGE, "--accounts %s: %s", x->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fault_set(x->f, FAULT_USAGE, "--accounts %s: not a regular file", x->path);
	if (parse_text(x, text, n) == -1)
		return -1;
	if (x->secrets && (st.st_mode & 077) != 0)
		return fault_set(x->f, FAULT_USAGE, "%s holds secrets and others may use it "
		    "(mode %04o): chmod 600 %s", x->path, (unsigned)st.st_mode & 07777, x->path);
	return 0;
}

int
accounts_read(struct accounts *as, struct plan **plans, const char *path, struct fault *f)
{
	struct parse x = { .path = path, .as = as, .f = f };
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), r;
	char *text = NULL;

	if (fd == -1)
		return fault_set(f, FAULT_USAGE, "--accounts %s: %s", path, strerror(errno));
	*as = (struct accounts){ calloc(ACCOUNTS_MAX, sizeof *as->v), 0 };
	x.plan = calloc(ACCOUNTS_MAX, sizeof *x.plan);
	text = malloc(FILE_MAX + 1);
	r = as->v == NULL || x.plan == NULL || text == NULL ?
	    fault_set(f, FAULT_LOCAL, "out of memory") : read_open(&x, fd, text);
	close(fd);
	if (text != NULL)
		OPENSSL_cleanse(text, FILE_MAX + 1);
	free(text);
	if (r == 0) {
		*plans = x.plan;
		return 0;
	}
	plans_free(x.plan, as->n);
	return -1;
}

void
plans_free(struct plan *plans, int n)
{
	for (int i = 0; plans != NULL && i < n; i++)
		plan_free(&plans[i]);
	free(plans);
}

int
accounts_make(struct accounts *as, struct random *r, struct fault *f)
{
	struct account *a = calloc(1, sizeof *a);

	if (a == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	as->v = a;
	as->n = 1;
	*a = (struct account){ .name = "default", .can_trade = true, .rights = RIGHTS_GOOD,
	    .acct = -1, .made = true };
	if (!random_text(r, a->key, 64) || !random_text(r, a->secret, 64))
		return fault_set(f, FAULT_LOCAL, "no random bytes for a key");
	account_alias(a);
	return 0;
}

void
account_alias(struct account *a)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint64_t h = 0xcbf29ce484222325u;	/* FNV-1a */

	for (const char *s = a->key; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	for (int i = 0; i < 8; i++, h /= 52)
		a->alias[i] = set[h % 52];
	a->alias[8] = '\0';
}

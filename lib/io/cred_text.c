/* What the text of a key says. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "io/cred_in.h"

const char *const cred_kind_name[] = {
	[KIND_HMAC] = "hmac", [KIND_RSA] = "rsa", [KIND_ED25519] = "ed25519",
};

char *
cred_cut_line(char *line)
{
	char *nl = strchr(line, '\n'), *end = nl == NULL ? line + strlen(line) : nl;

	while (end > line && strchr(" \t\r", end[-1]) != NULL)
		end--;
	*end = '\0';
	return nl == NULL ? NULL : nl + 1;
}

static char *
skip_blank(char *s)
{
	return s + strspn(s, " \t");
}

/* Splits "name = value"; NULL if it is not such a line. */
static char *
split(char *line)
{
	char *eq = line + strcspn(line, "=:"), *end;	/* ':' too: as in an INI file */

	if (*eq == '\0')
		return NULL;
	for (end = eq; end > line && (end[-1] == ' ' || end[-1] == '\t'); )
		end--;
	*end = '\0';
	return skip_blank(eq + 1);
}

static bool
parse_kind(enum kind *k, const char *v)
{
	int i;

	for (i = KIND_HMAC; i <= KIND_ED25519; i++)
		if (strcmp(v, cred_kind_name[i]) == 0) {
			*k = (enum kind)i;
			return true;
		}
	return false;
}

/* What is wrong with a member, or NULL. others: names that are not ours may stand there. */
static const char *
member(struct said *said, const char *name, const char *value, bool others)
{
	const char **where = NULL;

	if (strcmp(name, "type") == 0) {
		if (said->kind != KIND_UNSAID)
			return "type is said twice";
		return parse_kind(&said->kind, value) ? NULL : "type is not hmac, rsa or ed25519";
	}
	if (strncmp(value, "-----BEGIN", 10) == 0)
		return "a PEM is no value of this: it is given as private_key=";
	if (strcmp(name, "key") == 0)
		where = &said->key;
	else if (strcmp(name, "secret") == 0)
		where = &said->secret;
	else if (strcmp(name, "private_key") == 0)
		where = &said->private_key;
	else
		return others ? NULL : "not key=, secret=, private_key= or type=";
	if (*where != NULL || (where == &said->private_key && said->pem != NULL))
		return "said twice";
	if (*value == '\0')
		return "nothing after the =";
	*where = value;
	return NULL;
}

/* Where a private key begins: the line itself or the value of private_key=; or NULL. */
static char *
pem_begin(char *line)
{
	char *s = skip_blank(line);

	if (strncmp(s, "private_key", 11) == 0) {
		s = skip_blank(s + 11);
		if (*s != '=' && *s != ':')
			return NULL;
		s = skip_blank(s + 1);
	}
	return strncmp(s, "-----BEGIN", 10) == 0 ? s : NULL;
}

/* Takes the lines of a private key, *more after its first, up to *next (NULL: the text
 * ends there). What is wrong, or NULL. */
static const char *
take_pem(struct said *said, char *begin, char **next, int *more)
{
	char *line = begin;

	if (said->pem != NULL || said->private_key != NULL)
		return "a second private key";
	for (*more = 1; (line = strchr(line, '\n')) != NULL; ++*more)
		if (strncmp(skip_blank(++line), "-----END", 8) == 0) {
			*next = cred_cut_line(line);
			said->pem = begin;
			return NULL;
		}
	return "the private key has no END line";
}

int
cred_parse(struct said *said, char *text, const char *path, bool others, struct fault *f)
{
	const char *why;
	char *line, *next, *value;
	int n = 0, more;

	memset(said, 0, sizeof *said);
	for (line = text; line != NULL; line = next) {
		n++;
		if ((value = pem_begin(line)) != NULL) {
			if ((why = take_pem(said, value, &next, &more)) != NULL)
				return fault_set(f, FAULT_KEY, "key file, line %d: %s: %s", n, why, path);
			n += more;
			continue;
		}
		next = cred_cut_line(line);
		line = skip_blank(line);
		if (*line == '\0' || *line == '#' || *line == ';')
			continue;
		value = split(line);
		if (value == NULL && others)
			continue;	/* a continued line of something else */
		why = value == NULL ? "not name=value" : member(said, line, value, others);
		if (why != NULL)
			return fault_set(f, FAULT_KEY, "key file, line %d: %s: %s", n, why, path);
	}
	return 0;
}

/* One word of ASCII that fits: it goes into a header, or is a secret. */
static bool
is_word(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n >= WORD_MAX)
		return false;
	for (; *s != '\0'; s++)
		if (*s <= 0x20 || *s >= 0x7f)
			return false;
	return true;
}

int
cred_set_key(struct cred *c, const char *key, const char *from, struct fault *f)
{
	if (!is_word(key))
		return fault_set(f, FAULT_KEY, "the API key is not one word of ASCII: %s", from);
	memcpy(c->key, key, strlen(key) + 1);
	return 0;
}

int
cred_set_secret(struct cred *c, const char *secret, const char *from, struct fault *f)
{
	if (strncmp(secret, "-----BEGIN", 10) == 0)
		return fault_set(f, FAULT_KEY,
		    "the secret is a PEM: name its file with private_key= in a key file: %s", from);
	if (!is_word(secret))
		return fault_set(f, FAULT_KEY, "the secret is not one word of ASCII: %s", from);
	if (c->sha256 == NULL && (c->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL)) == NULL)
		return fault_set(f, FAULT_LOCAL, "SHA-256 is not there: libcrypto does not start");
	c->kind = KIND_HMAC;
	memcpy(c->secret, secret, strlen(secret) + 1);
	return 0;
}

/*
 * Private keys
 */

static int
no_password(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static int
judge_pkey(struct cred *c, const char *path, struct fault *f)
{
	switch (EVP_PKEY_base_id(c->pkey)) {
	case EVP_PKEY_ED25519:
		c->kind = KIND_ED25519;
		return 0;
	case EVP_PKEY_RSA:
		if (EVP_PKEY_bits(c->pkey) < 2048)
			return fault_set(f, FAULT_KEY, "an RSA key of less than 2048 bits: %s", path);
		c->kind = KIND_RSA;
		return 0;
	}
	return fault_set(f, FAULT_KEY, "neither an RSA nor an Ed25519 private key: %s", path);
}

int
cred_parse_pem(struct cred *c, const char *text, const char *path, struct fault *f)
{
	BIO *bio;

	if (strstr(text, "ENCRYPTED") != NULL)
		return fault_set(f, FAULT_KEY, "the private key has a password: take it off with "
		    "openssl pkey, mode 0600, or hand it out by secret_cmd: %s", path);
	if ((bio = BIO_new_mem_buf(text, -1)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory for a private key");
	c->pkey = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	ERR_clear_error();	/* nobody else is to find ours in the queue */
	if (c->pkey == NULL)
		return fault_set(f, FAULT_KEY, "not a private key in PEM (PKCS#8): %s", path);
	return judge_pkey(c, path, f);
}

/* A relative name is one beside the key file. */
static int
set_private_key(struct cred *c, const char *name, const char *beside, struct fault *f)
{
	const char *slash = strrchr(beside, '/');
	struct secret s = { 0 };
	char path[PATH_MAX];
	int r;

	if (name[0] != '/' && slash == NULL)
		return fault_set(f, FAULT_KEY, "private_key= must be a whole path: %s", beside);
	if (name[0] == '/')
		snprintf(path, sizeof path, "%s", name);
	else
		snprintf(path, sizeof path, "%.*s/%s", (int)(slash - beside), beside, name);
	r = cred_read_file(path, &s, f);
	if (r == 0)
		r = cred_parse_pem(c, s.p, path, f);
	secret_free(&s);
	return r;
}

/*
 * Key and secret of a text
 */

/* Whether exactly one of secret and private key is there, and type= agrees so far. */
static int
check_said(const struct said *said, const char *from, struct fault *f)
{
	bool pkey = said->private_key != NULL || said->pem != NULL;

	if ((said->secret != NULL) == pkey)
		return fault_set(f, FAULT_KEY, "either secret= or private_key= must stand in it: %s", from);
	if (!pkey && said->kind != KIND_UNSAID && said->kind != KIND_HMAC)
		return fault_set(f, FAULT_KEY, "type=%s needs private_key=, not secret=: %s",
		    cred_kind_name[said->kind], from);
	if (pkey && said->kind == KIND_HMAC)
		return fault_set(f, FAULT_KEY, "type=hmac needs secret=, not private_key=: %s", from);
	return 0;
}

int
cred_apply(struct cred *c, const struct said *said, const char *from, bool have_key, struct fault *f)
{
	int r;

	if (said->key == NULL && !have_key)
		return fault_set(f, FAULT_KEY, "no key= line%s: %s", said->pem == NULL ? "" :
		    " beside the private key", from);
	if (said->key != NULL && cred_set_key(c, said->key, from, f) == -1)
		return -1;
	if (check_said(said, from, f) == -1)
		return -1;
	if (said->secret != NULL)
		return cred_set_secret(c, said->secret, from, f);
	r = said->pem != NULL ? cred_parse_pem(c, said->pem, from, f) :
	    set_private_key(c, said->private_key, from, f);
	if (r == 0 && said->kind != KIND_UNSAID && said->kind != c->kind)
		return fault_set(f, FAULT_KEY, "type=%s, but the private key is of type %s: %s",
		    cred_kind_name[said->kind], cred_kind_name[c->kind], from);
	return r;
}

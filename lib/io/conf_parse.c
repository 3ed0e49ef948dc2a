/*
 * The text of a configuration. inih parses; the lines are ours, so that errors have their
 * number and a secret is never shown to it.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <ini.h>

#include "io/conf_in.h"

static int
bad(struct parse *x, const char *name, const char *why)
{
	if (!x->failed)
		fault_set(x->f, FAULT_USAGE, "%s:%d: %s%s%s", x->path, x->line, name,
		    name[0] != '\0' ? ": " : "", why);
	x->failed = true;
	return 0;
}

static bool
secret_name(const char *s, size_t n)
{
	static const char *const name[] = { "key", "secret", "private_key", "type" };
	size_t i;

	for (i = 0; i < sizeof name / sizeof *name; i++)
		if (strlen(name[i]) == n && memcmp(s, name[i], n) == 0)
			return true;
	return false;
}

static bool
begins(const char *s, size_t n, const char *word)
{
	return n >= strlen(word) && memcmp(s, word, strlen(word)) == 0;
}

/* Whether a private key begins on this line, by itself or as private_key's value. */
static bool
pem_begins(const char *s, size_t n)
{
	static const char name[] = "private_key";
	const char *end = s + n;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (begins(s, (size_t)(end - s), name))
		for (s += sizeof name - 1; s < end && strchr(" \t=:", *s) != NULL; )
			s++;
	return begins(s, (size_t)(end - s), "-----BEGIN");
}

/* Whether the line is of a private key, whose base64 may look like name=value. */
static bool
pem_line(struct parse *x, const char *s, size_t n)
{
	bool was = x->pem;

	if (pem_begins(s, n))
		was = x->pem = true;
	while (n > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		n--;
	}
	if (begins(s, n, "-----END"))
		x->pem = false;
	return was;
}

/* Whether the line is one of a key, which is cred's to read. */
static bool
secret_line(struct parse *x, const char *s, size_t n)
{
	size_t from = 0, to;

	if (pem_line(x, s, n))
		return true;
	while (from < n && (s[from] == ' ' || s[from] == '\t'))
		from++;
	for (to = from; to < n && (isalnum((unsigned char)s[to]) || s[to] == '_'); )
		to++;
	return secret_name(s + from, to - from);
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
	if (!x->own && pem_begins(x->at, n)) {
		bad(x, "", "no private key here: put it in a file and name that with key_file");
		return NULL;
	}
	if (x->own && secret_line(x, x->at, n)) {
		x->has_secret = true;
		memcpy(str, "#\n", 3);
	} else if (n + 3 > (size_t)num) {
		bad(x, "", "the line is too long");
		return NULL;
	} else {
		memcpy(str, x->at, n);
		memcpy(str + n, "\n", 2);
	}
	x->at += n + (nl != NULL);
	return str;
}

bool
conf_name_ok(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return n >= 1 && n <= 63 && s[n] == '\0';
}

static int
before_sections(struct parse *x, const char *name, const char *value)
{
	if (strcmp(name, "default") != 0)
		return bad(x, name, "only `default = NAME` stands before the first [profile]");
	if (!conf_name_ok(value))
		return bad(x, name, "not a profile name");
	if (x->chosen[0] != '\0')
		return bad(x, name, "said twice");
	snprintf(x->chosen, sizeof x->chosen, "%s", value);
	x->chosen_line = x->line;
	return 1;
}

/* Another profile's keys are only looked at for errors. */
static int
one_key(struct parse *x, const char *name, const char *value)
{
	bool ours = x->own || (x->want != NULL && strcmp(x->section, x->want) == 0);
	bool *seen = ours ? x->seen_want : x->seen;
	struct profile scratch = { 0 }, *p = ours ? x->p : &scratch;
	const char *why;
	int k;

	for (k = 0; k < KEY_COUNT && strcmp(name, conf_key[k]) != 0; )
		k++;
	if (k == KEY_COUNT && secret_name(name, strlen(name)))
		return bad(x, name, "no secrets here: put them in a file and name it with key_file");
	if (k == KEY_COUNT)
		return bad(x, name, "unknown key");
	if (seen[k] && k != KEY_SYMBOLS && x->continued)
		return bad(x, name, "an indented line continues the one above it: do not indent keys");
	if (seen[k] && !x->continued)
		return bad(x, name, "said twice");
	if (value[0] == '\0')
		return bad(x, name, "empty");
	if ((why = conf_set(p, (enum key)k, value, seen[k])) != NULL)
		return bad(x, name, why);
	if (ours && !seen[k] && x->told != NULL)
		x->told(x->arg, conf_key[k], x->path, x->line);
	seen[k] = true;
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
		return bad(x, "", "not `key = value`");
	if (x->own && section[0] != '\0')
		return bad(x, "", "a profile's own file has no [section]");
	if (!x->own && section[0] == '\0')
		return before_sections(x, name, value);
	if (!x->own && (!conf_name_ok(section) || strlen(section) >= SECTION_MAX))
		return bad(x, "", "the section's name is no profile name");
	if (strcmp(section, x->section) != 0) {
		snprintf(x->section, sizeof x->section, "%s", section);
		memset(x->seen, 0, sizeof x->seen);
		if (x->section_found != NULL && x->section_found(x, section) == -1)
			return bad(x, "", "too many profiles, or no memory");
	}
	if (x->want != NULL && strcmp(section, x->want) == 0)
		x->found = true;
	return one_key(x, name, value);
}

int
conf_parse(struct parse *x, const char *text, size_t n)
{
	int line;

	x->at = text;
	x->end = text + n;
	if (memchr(text, '\0', n) != NULL)
		return fault_set(x->f, FAULT_USAGE, "%s: holds a NUL byte", x->path);
	line = ini_parse_stream(next_line, x, entry, x);
	if (x->pem && !x->failed)	/* what follows BEGIN was not looked at */
		bad(x, "", "the private key has no END line");
	if (line < 0)
		return fault_set(x->f, FAULT_LOCAL, "%s: out of memory", x->path);
	if (line > 0 && (!x->failed || line < x->line)) {
		x->failed = false;
		x->line = line;
		bad(x, "", "not `key = value`, [profile] or # comment");
	}
	return x->failed ? -1 : 0;
}

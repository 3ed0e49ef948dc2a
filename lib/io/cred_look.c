/* What is to be known of a key without using it. */
#include <string.h>

#include "io/cred_in.h"

const char *
cred_place(const struct profile *p)
{
	if (p->key_file[0] != '\0' || p->own_file[0] != '\0')
		return "file";
	if (cred_fd_named())
		return "descriptor";
	if (p->secret_cmd[0] != '\0')
		return "command";
	return cred_env_said() ? "environment" : "none";
}

static void
shorten(char out[static 5], const char *key)
{
	size_t n = strnlen(key, 4);

	memcpy(out, key, n);
	out[n] = '\0';
}

int
cred_peek(char out[static 5], const struct profile *p, struct fault *f)
{
	const char *path = p->key_file[0] != '\0' ? p->key_file : p->own_file;
	struct secret s = { 0 };
	struct said said;
	int r;

	shorten(out, p->api_key);
	if (*path == '\0')
		return 0;
	if ((r = cred_read_file(path, &s, f)) == 0 &&
	    (r = cred_parse(&said, s.p, path, path == p->own_file, f)) == 0 && said.key != NULL)
		shorten(out, said.key);
	secret_free(&s);
	return r;
}

int
cred_look(struct key_text *out, const struct secret *text, const char *from, struct fault *f)
{
	struct secret s = { 0 };
	struct said said = { 0 };
	int r = secret_copy(&s, text, f);

	if (r == 0)
		r = cred_parse(&said, s.p, from, true, f);
	out->key = said.key != NULL;
	out->secret = said.secret != NULL || said.private_key != NULL || said.pem != NULL;
	secret_free(&s);
	return r;
}

int
cred_text_of(const char *path, struct secret *s, struct fault *f)
{
	return cred_read_file(path, s, f);
}

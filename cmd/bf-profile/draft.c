#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "draft.h"
#include "io/sandbox.h"
#include "io/state.h"

#define LINE_WIDE	120	/* of a list of symbols; a parser may take no more than 200 */

static const char *const key_of[SETTINGS] = {
	[SET_EXCHANGE] = "exchange", [SET_REST] = "rest", [SET_WS] = "ws",
	[SET_COINM_REST] = "coinm_rest", [SET_COINM_WS] = "coinm_ws", [SET_WSAPI] = "wsapi",
	[SET_COINM_WSAPI] = "coinm_wsapi", [SET_SAPI] = "sapi", [SET_CA_FILE] = "ca_file",
	[SET_PROXY] = "proxy", [SET_KEY_FILE] = "key_file", [SET_API_KEY] = "api_key",
	[SET_SECRET_CMD] = "secret_cmd", [SET_ORDER] = "max_order_notional",
	[SET_POSITION] = "max_position_notional", [SET_DISTANCE] = "max_price_distance",
	[SET_RATE] = "max_orders_per_minute", [SET_SYMBOLS] = "symbols", [SET_WINDOW] = "recv_window",
};

const char *
setting_key(int i)
{
	return key_of[i];
}

void
draft_free(struct draft *d)
{
	secret_free(&d->key);
	secret_free(&d->text);
	buf_free(&d->public);
}

/*
 * The key
 */

static int
no_room(struct fault *f)
{
	return fault_set(f, FAULT_USAGE, "the key is longer than %u bytes, which none is", KEY_BYTES);
}

/* The secret alone: a word, or a PEM. Its lines, with what makes them a key. */
static int
key_lines(struct app *a, struct draft *d, const struct secret *bare, struct fault *f)
{
	size_t n = bare->n;
	bool pem = strncmp(bare->p, "-----BEGIN", 10) == 0, ok = true;

	while (n > 0 && strchr(" \t\r\n", bare->p[n - 1]) != NULL)
		n--;
	if (n == 0)
		return fault_set(f, FAULT_USAGE, "the secret is empty");
	if (a->set[SET_API_KEY] != NULL)
		ok = secret_str(&d->key, "key = ") && secret_str(&d->key, a->set[SET_API_KEY]) && secret_str(&d->key, "\n");
	ok = ok && secret_str(&d->key, pem ? "" : "secret = ") && secret_put(&d->key, bare->p, n) &&
	    secret_str(&d->key, "\n");
	return ok ? 0 : no_room(f);
}

/* What a descriptor gave is a key file's text, or the secret alone. */
static int
key_given(struct app *a, struct draft *d, const struct secret *given, struct fault *f)
{
	struct key_text is;

	if (cred_look(&is, given, "the key", f) == -1)
		return -1;
	if (is.key && is.secret) {
		if (a->set[SET_API_KEY] != NULL)
			return fault_set(f, FAULT_USAGE, "--api-key: the key that was given has a key= line of its own");
		return secret_put(&d->key, given->p, given->n) &&
		    (given->p[given->n - 1] == '\n' || secret_str(&d->key, "\n")) ? 0 : no_room(f);
	}
	if (is.key)
		return fault_set(f, FAULT_USAGE, "the key that was given has a key= line, but no secret= or private key");
	if (a->set[SET_API_KEY] == NULL)
		return fault_set(f, FAULT_USAGE, "the key that was given has no key= line: say --api-key KEY");
	return is.secret && strncmp(given->p, "-----BEGIN", 10) != 0 ?
	    fault_set(f, FAULT_USAGE, "the key that was given has secret= or private_key= without key=: add that line") :
	    key_lines(a, d, given, f);
}

static int
key_read(struct app *a, struct draft *d, struct fault *f)
{
	struct secret given = { 0 };
	char from[40];
	int r;

	snprintf(from, sizeof from, "--key-fd %ld", a->key_fd);
	r = cred_read_fd((int)a->key_fd, from, &given, f);
	if (r == 0)
		r = key_given(a, d, &given, f);
	secret_free(&given);
	return r;
}

int
draft_key(struct app *a, struct draft *d, struct fault *f)
{
	struct secret bare = d->key;
	int r = 0;

	if (a->set[SET_KEY_FILE] != NULL || a->set[SET_SECRET_CMD] != NULL || a->no_key)
		return 0;
	memset(&d->key, 0, sizeof d->key);
	if (secret_alloc(&d->key, KEY_BYTES, f) == -1)
		r = -1;
	else if (a->generate != NULL)
		r = cred_generate(&d->key, &d->public, f);
	else if (a->key_fd != -1)
		r = key_read(a, d, f);
	else
		r = key_lines(a, d, &bare, f);
	secret_free(&bare);
	return r;
}

/*
 * The file
 */

static bool
put_line(struct secret *s, const char *key, const char *value)
{
	return secret_str(s, key) && secret_str(s, " = ") && secret_str(s, value) && secret_str(s, "\n");
}

/* A long list goes on in indented lines. */
static bool
put_symbols(struct secret *s, const char *v)
{
	size_t wide = 0, n;
	bool ok = secret_str(s, "symbols =");

	while (ok && *(v += strspn(v, " ,")) != '\0') {
		n = strcspn(v, " ,");
		if (wide > LINE_WIDE) {
			ok = secret_str(s, "\n\t");
			wide = 0;
		} else
			ok = secret_str(s, " ");
		ok = ok && secret_put(s, v, n);
		wide += n + 1;
		v += n;
	}
	return ok && secret_str(s, "\n");
}

/* A relative name is one of here; in the file it would be one of there. One that begins with a variable is
 * left as it is. */
static bool
put_path(struct secret *s, const char *key, const char *name)
{
	char dir[PATH_MAX];

	if (name[0] == '/' || name[0] == '$')
		return put_line(s, key, name);
	return getcwd(dir, sizeof dir) != NULL && secret_str(s, key) && secret_str(s, " = ") && secret_str(s, dir) &&
	    secret_str(s, "/") && secret_str(s, name) && secret_str(s, "\n");
}

static bool
put_setting(struct secret *s, int i, const char *value)
{
	if (i == SET_SYMBOLS)
		return put_symbols(s, value);
	if (i == SET_KEY_FILE || i == SET_CA_FILE)
		return put_path(s, key_of[i], value);
	return put_line(s, key_of[i], value);
}

/* The parser takes what follows a blank and a semicolon for a comment. */
static int
check_value(int i, const char *value, struct fault *f)
{
	if (strstr(value, " ;") != NULL || strstr(value, "\t;") != NULL)
		return fault_set(f, FAULT_USAGE, "%s: a `;` behind a blank begins a comment in the file: put it into a script", key_of[i]);
	return 0;
}

int
draft_text(const struct app *a, struct draft *d, struct fault *f)
{
	struct secret *s = &d->text;
	bool ok;

	if (secret_alloc(s, KEY_BYTES, f) == -1)
		return -1;
	ok = secret_str(s, "# written by bf-profile\n");
	for (int i = 0; i < SETTINGS; i++) {
		if (a->set[i] == NULL || (i == SET_API_KEY && d->key.p != NULL))
			continue;
		if (check_value(i, a->set[i], f) == -1)
			return -1;
		ok = ok && put_setting(s, i, a->set[i]);
	}
	if (a->allow_withdrawals)
		ok = ok && secret_str(s, "allow_withdrawals = yes\n");
	if (d->key.p != NULL) {
		if (a->generate != NULL || a->type != NULL)
			ok = ok && put_line(s, "type", a->generate != NULL ? "ed25519" : a->type);
		ok = ok && secret_put(s, d->key.p, d->key.n);
	}
	return ok ? 0 : fault_set(f, FAULT_USAGE, "the profile is longer than %u bytes", KEY_BYTES);
}

/*
 * The try
 */

/* No cap: say so once, where it is about money. */
static void
warn_caps(const struct app *a, const struct profile *p)
{
	if (strcmp(p->exchange, "live") != 0 || profile_caps(p) > 0)
		return;
	tool_say(a->tool, STDERR_FILENO, "profile %s has no caps: any order goes through, of any size; "
	    "see --max-order-notional and bf(7), PROFILES", p->name);
}

/* The key is there and no command is to be run any more: what remains is to ask the exchange,
 * and to write the file and perhaps the default, each beside others. */
static int
hold(const struct app *a, const struct draft *d, const struct profile *p, struct fault *f)
{
	char dir[sizeof d->path], conf[512];
	struct sandbox want = { .prof = p, .write = { d->path } };

	snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(d->path, '/') - d->path), d->path);
	if (state_dir(dir, f) == -1 || conf_path(conf, f) == -1)
		return -1;
	if (a->make_default)
		want.write[1] = conf;
	return sandbox_enter(&want, f);
}

/* One signed read, and what the key may do. */
static int
try_there(struct app *a, const struct draft *d, const struct profile *p, struct cred *c, struct fault *f)
{
	struct session s;
	int r;

	if (hold(a, d, p, f) == -1) {
		cred_free(c);
		return -1;
	}
	if (session_open_with(&s, p, c, a->common.market, f) == -1)
		return -1;
	r = session_call(&s, EP_ACCOUNT, "", false, f);
	if (r == 0)
		r = doctor_key(a, &s, f);
	session_close(&s);
	return r;
}

int
draft_try(struct app *a, const struct draft *d, struct fault *f)
{
	struct profile p;
	struct cred *c;
	struct fault cf;
	int r;

	if (profile_load_text(&p, d->name, d->text.p, d->text.n, f) == -1)
		return -1;
	if (!d->known)
		warn_caps(a, &p);
	if (a->generate != NULL || a->no_key)
		return 0;
	if (cred_load_text(&c, &p, &d->text, f) == -1)
		return -1;
	if (a->type != NULL && strcmp(a->type, cred_type(c)) != 0) {
		r = fault_set(f, FAULT_KEY, "--type %s: the key is of type %s", a->type, cred_type(c));
		cred_free(c);
		return r;
	}
	if (a->offline) {
		cred_free(c);
		return 0;
	}
	if ((r = try_there(a, d, &p, c, &cf)) == -1)
		fault_set(f, cf.kind, "%s; %s%s%s", cf.text, d->known ? "the API key is not in profile " : "nothing was written",
		    d->known ? d->name : "",
		    cf.kind == FAULT_KEY || cf.kind == FAULT_USAGE ? "" : " (--offline does not ask)");
	return r;
}

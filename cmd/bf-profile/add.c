/* A new profile: nothing is written before all of it is known to do. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "draft.h"

/* Where it will be; FAULT_USAGE if it is there and must not go. */
static int
place(const struct app *a, struct draft *d, struct fault *f)
{
	struct profile p = { 0 };
	struct stat st;

	if (conf_dir(p.conf_dir, f) == -1)
		return -1;
	memcpy(p.name, d->name, sizeof p.name);
	profile_own_path(&p, d->path);
	if (lstat(d->path, &st) == -1 || (a->force && S_ISREG(st.st_mode)))
		return 0;
	return S_ISREG(st.st_mode) ? fault_set(f, FAULT_USAGE, "profile %s is there already: --force writes it anew, "
	    "bf-profile show %s tells what it says", d->name, d->name) :
	    fault_set(f, FAULT_USAGE, "%s: not a regular file", d->path);
}

/* What would be written; of the key only that there is one. */
static int
show_draft(const struct draft *d, struct fault *f)
{
	const char *end = d->key.p == NULL ? d->text.p + d->text.n : d->text.p + d->text.n - d->key.n;
	struct buf b = { 0 };
	int r;

	buf_printf(&b, "# %s\n", d->path);
	buf_put(&b, d->text.p, (size_t)(end - d->text.p));
	if (d->key.p != NULL)
		buf_str(&b, "# and the key, which is not shown\n");
	r = tool_print(STDOUT_FILENO, &b, f);
	buf_free(&b);
	return r;
}

static int
store(struct app *a, const struct draft *d, struct fault *f)
{
	bool there;

	if (conf_put(d->path, 0600, d->text.p, d->text.n, a->force, &there, f) == -1)
		return there ? fault_set(f, FAULT_USAGE, "profile %s came to be just now: --force writes it anew", d->name) : -1;
	tool_say(a->tool, STDERR_FILENO, "profile %s is written: %s", d->name, d->path);
	if (a->make_default && conf_set_default(d->name, f) == -1)
		return -1;
	return 0;
}

/* A new pair: its public half is for the exchange, which gives an API key for it. */
static int
go_on_with_pair(struct app *a, const struct draft *d, struct fault *f)
{
	char *name[] = { (char *)d->name };

	if (d->public.p == NULL)
		return 0;
	if (tool_print(STDOUT_FILENO, &d->public, f) == -1)
		return -1;
	tool_say(a->tool, STDERR_FILENO, "register this public key at the exchange, then: "
	    "bf-profile key %s --api-key KEY", d->name);
	a->generate = NULL;
	return may_ask(a) ? set_key(a, name, 1, f) : 0;
}

static int
make(struct app *a, struct draft *d, struct fault *f)
{
	if (draft_key(a, d, f) == -1 || draft_text(a, d, f) == -1 || draft_try(a, d, f) == -1)
		return -1;
	if (a->dry_run)
		return show_draft(d, f);
	return store(a, d, f) == -1 ? -1 : go_on_with_pair(a, d, f);
}

int
add(struct app *a, char *const words[], int n, struct fault *f)
{
	static struct draft d;
	int r;

	if (guide_name(a, words, n, &d, f) == -1 || place(a, &d, f) == -1)
		return -1;
	r = guide(a, &d, f);
	if (r == 0)
		r = make(a, &d, f);
	draft_free(&d);
	return r;
}

/*
 * The API key of a profile that has the rest
 */

/* Copy the lines of the file but for its key=, and put that first. No line of a private key begins so. */
static bool
with_key(struct secret *to, const struct secret *from, const char *api_key)
{
	const char *line = from->p, *end, *word;
	bool ok = secret_str(to, "key = ") && secret_str(to, api_key) && secret_str(to, "\n");

	for (; ok && *line != '\0'; line = end) {
		end = line + strcspn(line, "\n");
		end += *end == '\n';
		word = line + strspn(line, " \t");
		if (strncmp(word, "key", 3) == 0 && strchr("=:", word[3 + strspn(word + 3, " \t")]) != NULL)
			continue;
		ok = secret_put(to, line, (size_t)(end - line));
	}
	return ok;
}

static int
read_own(struct draft *d, struct fault *f)
{
	struct stat st;

	if (lstat(d->path, &st) == -1)
		return fault_set(f, FAULT_USAGE, "%s has no file of its own with a key: bf-profile add %s", d->name, d->name);
	return cred_text_of(d->path, &d->key, f);
}

static int
put_key(struct app *a, struct draft *d, struct fault *f)
{
	struct key_text is;

	if (read_own(d, f) == -1 || cred_look(&is, &d->key, d->path, f) == -1)
		return -1;
	if (!is.secret)
		return fault_set(f, FAULT_USAGE, "%s: no secret or private key to go with an API key; "
		    "bf-profile add %s --force", d->path, d->name);
	if (secret_alloc(&d->text, KEY_BYTES, f) == -1)
		return -1;
	if (!with_key(&d->text, &d->key, a->set[SET_API_KEY]))
		return fault_set(f, FAULT_USAGE, "the profile is longer than %u bytes", KEY_BYTES);
	if (draft_try(a, d, f) == -1)
		return -1;
	return store(a, d, f);
}

int
set_key(struct app *a, char *const words[], int n, struct fault *f)
{
	static struct draft d;
	const char *why;
	int r;

	if (n != 1)
		return fault_set(f, FAULT_USAGE, "key: the NAME of one profile is wanted");
	d.known = a->force = true;
	if (guide_name(a, words, n, &d, f) == -1 || place(a, &d, f) == -1)
		return -1;
	if (a->set[SET_API_KEY] == NULL) {
		if (!may_ask(a))
			return fault_set(f, FAULT_USAGE, "key: --api-key KEY is missing");
		if (ask("API key that the exchange gave for it (empty: later)", "", d.answer[SET_API_KEY],
		    sizeof d.answer[SET_API_KEY], f) == -1)
			return -1;
		if (d.answer[SET_API_KEY][0] == '\0')
			return 0;
		a->set[SET_API_KEY] = d.answer[SET_API_KEY];
	}
	if ((why = profile_value_wrong("api_key", a->set[SET_API_KEY])) != NULL)
		return fault_set(f, FAULT_USAGE, "--api-key: %s", why);
	r = put_key(a, &d, f);
	draft_free(&d);
	return r;
}

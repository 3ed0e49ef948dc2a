/* What the options do not say: asked for, or named as missing. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "draft.h"

static int
missing(const char *what, struct fault *f)
{
	return fault_set(f, FAULT_USAGE, "add: %s; on a terminal it is asked for (bf-profile(1), EXAMPLES)", what);
}

/* Asked until the value is one; "none" and an empty answer leave it out. */
static int
ask_setting(struct app *a, struct draft *d, int i, const char *question, const char *preset, struct fault *f)
{
	const char *why;

	if (a->set[i] != NULL)
		return 0;
	for (;;) {
		if (ask(question, preset, d->answer[i], sizeof d->answer[i], f) == -1)
			return -1;
		if (strcmp(d->answer[i], "none") == 0 || d->answer[i][0] == '\0')
			return 0;
		if ((why = profile_value_wrong(setting_key(i), d->answer[i])) == NULL)
			break;
		tool_say(a->tool, STDERR_FILENO, "%s", why);
	}
	a->set[i] = d->answer[i];
	return 0;
}

int
guide_name(struct app *a, char *const words[], int n, struct draft *d, struct fault *f)
{
	if (n > 1)
		return fault_set(f, FAULT_USAGE, "%s: one NAME, and no more", words[1]);
	if (n == 1)
		snprintf(d->name, sizeof d->name, "%s", profile_name_check(words[0], f) == 0 ? words[0] : "");
	else if (!may_ask(a))
		return missing("NAME is missing", f);
	else if (ask("Name of the profile", "demo", d->name, sizeof d->name, f) == -1)
		return -1;
	return n == 1 && d->name[0] == '\0' ? -1 : profile_name_check(d->name, f);
}

static bool
is_place(const struct app *a, const struct draft *d)
{
	return strcmp(d->name, "live") == 0 || strcmp(d->name, "demo") == 0 || a->set[SET_EXCHANGE] != NULL ||
	    (a->set[SET_REST] != NULL && a->set[SET_WS] != NULL);
}

static int
guide_place(struct app *a, struct draft *d, struct fault *f)
{
	if (is_place(a, d))
		return 0;
	if (a->set[SET_REST] != NULL || a->set[SET_WS] != NULL)
		return missing(a->set[SET_WS] == NULL ? "--ws URL is missing: it goes with --rest" :
		    "--rest URL is missing: it goes with --ws", f);
	if (!may_ask(a))
		return missing("--exchange live|demo is missing, or --rest and --ws", f);
	while (a->set[SET_EXCHANGE] == NULL)
		if (ask_setting(a, d, SET_EXCHANGE, "Exchange: demo (the testnet) or live", "demo", f) == -1)
			return -1;
	return 0;
}

/*
 * The key
 */

/* How many of the ways to a key are said. */
static int
ways(const struct app *a)
{
	return (a->set[SET_KEY_FILE] != NULL) + (a->set[SET_SECRET_CMD] != NULL) + (a->key_fd != -1) +
	    (a->generate != NULL) + a->no_key;
}

static int
check_ways(const struct app *a, struct fault *f)
{
	static const char *const type[] = { "hmac", "rsa", "ed25519" };
	int i = 0;

	if (ways(a) > 1)
		return fault_set(f, FAULT_USAGE, "one of --key-file, --key-fd, --secret-cmd, --generate and --no-key, not two");
	if (a->generate != NULL && strcmp(a->generate, "ed25519") != 0)
		return fault_set(f, FAULT_USAGE, "--generate %s: ed25519 is what can be made", a->generate);
	while (a->type != NULL && i < 3 && strcmp(a->type, type[i]) != 0)
		i++;
	if (i == 3)
		return fault_set(f, FAULT_USAGE, "--type %s: hmac, rsa or ed25519", a->type);
	if (a->set[SET_API_KEY] != NULL && (a->generate != NULL || a->no_key || a->set[SET_KEY_FILE] != NULL))
		return fault_set(f, FAULT_USAGE, "--api-key does not go with %s", a->generate != NULL ?
		    "--generate: the exchange gives it for the public key; then bf-profile key" :
		    a->no_key ? "--no-key" : "--key-file, which has a key= line");
	if (a->type != NULL && (a->no_key || a->generate != NULL))
		return fault_set(f, FAULT_USAGE, "--type does not go with %s", a->no_key ? "--no-key" : "--generate");
	return 0;
}

static int
ask_api_key(struct app *a, struct draft *d, struct fault *f)
{
	while (a->set[SET_API_KEY] == NULL)
		if (ask_setting(a, d, SET_API_KEY, "API key, as the exchange shows it", "", f) == -1)
			return -1;
	return 0;
}

/* The bare secret, to d->key. */
static int
ask_own(struct app *a, struct draft *d, const char *question, struct fault *f)
{
	if (ask_api_key(a, d, f) == -1 || secret_alloc(&d->key, KEY_BYTES, f) == -1)
		return -1;
	return ask_secret(question, &d->key, f);
}

static int
ask_kind(struct app *a, struct draft *d, const char *kind, struct fault *f)
{
	if (strcmp(kind, "new") == 0)
		a->generate = "ed25519";
	else if (strcmp(kind, "hmac") == 0)
		return ask_own(a, d, "Secret", f);
	else if (strcmp(kind, "rsa") == 0 || strcmp(kind, "ed25519") == 0)
		return ask_own(a, d, "Private key, from BEGIN to END", f);
	else if (strcmp(kind, "file") == 0)
		return ask_setting(a, d, SET_KEY_FILE, "Key file", "", f);
	else if (strcmp(kind, "command") == 0)
		return ask_api_key(a, d, f) == -1 ? -1 :
		    ask_setting(a, d, SET_SECRET_CMD, "Command that prints the secret", "", f);
	else
		a->no_key = strcmp(kind, "none") == 0;
	return 0;
}

static int
guide_key(struct app *a, struct draft *d, struct fault *f)
{
	char kind[32];

	if (check_ways(a, f) == -1)
		return -1;
	if (ways(a) == 1)
		return 0;
	if (!may_ask(a))
		return missing("the key is missing: --key-fd N, --key-file FILE, --secret-cmd CMD, "
		    "--generate ed25519 or --no-key", f);
	if (a->type != NULL)
		return ask_kind(a, d, a->type, f);
	while (ways(a) == 0 && d->key.p == NULL)
		if (ask("Key: new (Ed25519, made here), hmac, rsa, ed25519, file, command, none",
		    a->set[SET_API_KEY] != NULL ? "hmac" : "new", kind, sizeof kind, f) == -1 || ask_kind(a, d, kind, f) == -1)
			return -1;
	return check_ways(a, f);
}

/*
 * Caps and default
 */

static int
guide_caps(struct app *a, struct draft *d, struct fault *f)
{
	static const struct { int i; const char *question; } cap[] = {
		{ SET_ORDER, "Most that one order may be worth, in the quote asset" },
		{ SET_POSITION, "Most that the position of a symbol may be worth" },
		{ SET_DISTANCE, "Farthest from the mark price, in percent" },
		{ SET_RATE, "Most orders in a minute" },
		{ SET_SYMBOLS, "Only these symbols" },
	};

	for (size_t i = 0; i < sizeof cap / sizeof *cap; i++)
		if (ask_setting(a, d, cap[i].i, cap[i].question, "none", f) == -1)
			return -1;
	return 0;
}

static int
guide_default(struct app *a, struct fault *f)
{
	static struct profile_name ignored[PROFILE_NAMES];
	char chosen[64];
	int r;

	if (a->make_default)
		return 0;
	if (profile_names(ignored, chosen, f) == -1)
		return -1;
	if (chosen[0] != '\0')
		return 0;
	if ((r = ask_yes("Use it where no profile is named", false, f)) == -1)
		return -1;
	a->make_default = r == 1;
	return 0;
}

/* What was given is looked at before anything is asked. */
static int
check_settings(const struct app *a, struct fault *f)
{
	char name[40];
	const char *why;

	for (int i = 0; i < SETTINGS; i++) {
		if (a->set[i] == NULL || (why = profile_value_wrong(setting_key(i), a->set[i])) == NULL)
			continue;
		snprintf(name, sizeof name, "%s", setting_key(i));
		for (char *s = name; *s != '\0'; s++)
			*s = *s == '_' ? '-' : *s;
		return fault_set(f, FAULT_USAGE, "--%s: %s", name, why);
	}
	return 0;
}

int
guide(struct app *a, struct draft *d, struct fault *f)
{
	if (check_settings(a, f) == -1 || guide_place(a, d, f) == -1 || guide_key(a, d, f) == -1)
		return -1;
	return may_ask(a) ? (guide_caps(a, d, f) == -1 ? -1 : guide_default(a, f)) : 0;
}

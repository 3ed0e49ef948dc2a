/* Take a profile away, or make it the default. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"
#include "ask.h"
#include "io/journal.h"

static const struct profile_name *
find(const char *name, char chosen[static 64], struct fault *f)
{
	static struct profile_name all[PROFILE_NAMES];
	int n = profile_names(all, chosen, f);

	for (int i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0)
			return &all[i];
	if (n != -1)
		fault_set(f, FAULT_USAGE, "no profile %s; bf-profile lists them", name);
	return NULL;
}

static bool
is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* What is left: it is about orders that may stand, or another's to keep. */
static void
tell_rest(const struct app *a, const struct profile *p, bool loaded, const struct profile_name *name, const char *chosen)
{
	if (loaded && p->key_file[0] != '\0' && is_there(p->key_file))
		tool_say(a->tool, STDERR_FILENO, "its key file stays: %s", p->key_file);
	if (loaded && is_there(p->state_dir))
		tool_say(a->tool, STDERR_FILENO, "its state stays%s: %s", journal_exists(p) ?
		    ", and the journal of its orders" : "", p->state_dir);
	if ((name->from & (PROFILE_SECTION | PROFILE_BUILT_IN)) != 0)
		tool_say(a->tool, STDERR_FILENO, "%s itself stays: it is %s", name->name,
		    (name->from & PROFILE_SECTION) != 0 ? "a section of the configuration too" : "built in");
	else if (strcmp(name->name, chosen) == 0)
		tool_say(a->tool, STDERR_FILENO, "the configuration still says default = %s; "
		    "bf-profile default NAME changes it", chosen);
}

/* 1: yes, 0: no. */
static int
sure(const struct app *a, const char *path, struct fault *f)
{
	char question[700];

	if (a->yes)
		return 1;
	if (!may_ask(a))
		return fault_set(f, FAULT_USAGE, "remove: --yes is missing; on a terminal it is asked for");
	snprintf(question, sizeof question, "Remove %s", path);
	return ask_yes(question, false, f);
}

int
remove_profile(struct app *a, char *const words[], int n, struct fault *f)
{
	const struct profile_name *name;
	struct profile p = { 0 };
	char chosen[64], path[512];
	struct fault ignored;
	bool loaded;
	int r;

	if (n != 1)
		return fault_set(f, FAULT_USAGE, "remove: the NAME of one profile is wanted");
	if ((name = find(words[0], chosen, f)) == NULL)
		return -1;
	if ((name->from & PROFILE_FILE) == 0)
		return fault_set(f, FAULT_USAGE, (name->from & PROFILE_SECTION) != 0 ?
		    "profile %s is a section of the configuration: take [%s] out there" :
		    "profile %s is built in%.0s: there is nothing to remove", name->name, name->name);
	loaded = profile_load(&p, name->name, &ignored) == 0;
	snprintf(p.name, sizeof p.name, "%s", name->name);
	if (conf_dir(p.conf_dir, f) == -1)
		return -1;
	profile_own_path(&p, path);
	if ((r = sure(a, path, f)) != 1)
		return r;
	if (unlink(path) == -1)
		return fault_set(f, FAULT_LOCAL, "%s: %s", path, strerror(errno));
	tool_say(a->tool, STDERR_FILENO, "removed: %s", path);
	tell_rest(a, &p, loaded, name, chosen);
	return 0;
}

int
set_default(struct app *a, char *const words[], int n, struct fault *f)
{
	struct profile p;

	if (n != 1)
		return fault_set(f, FAULT_USAGE, "default: the NAME of one profile is wanted");
	if (profile_load(&p, words[0], f) == -1 || conf_set_default(words[0], f) == -1)
		return -1;
	tool_say(a->tool, STDERR_FILENO, "default is %s%s", words[0], strcmp(p.exchange, "live") == 0 ?
	    ": whatever names no profile is for real money now" : "");
	return 0;
}

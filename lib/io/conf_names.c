/* Which profiles there are. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/conf_in.h"

struct names { struct profile_name *v; int n; };

/* -1: no room. */
static int
names_add(struct names *l, const char *name, unsigned from)
{
	int i;

	for (i = 0; i < l->n && strcmp(l->v[i].name, name) != 0; )
		i++;
	if (i == PROFILE_NAMES)
		return -1;
	if (i == l->n) {
		l->n++;
		l->v[i].from = 0;
		memcpy(l->v[i].name, name, strlen(name) + 1);
	}
	l->v[i].from |= from;
	return 0;
}

static int
on_section(struct parse *x, const char *name)
{
	return names_add(x->arg, name, PROFILE_SECTION);
}

/* What is no name of a profile (a temporary file) is passed over. */
static int
add_files(struct names *l, struct fault *f)
{
	char path[512 + 16];
	struct dirent *e;
	DIR *d;
	int r = 0;

	if (conf_dir(path, f) == -1)
		return -1;
	memcpy(path + strlen(path), "/profiles", 10);
	if ((d = opendir(path)) == NULL)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		    fault_set(f, FAULT_LOCAL, "%s: %s", path, strerror(errno));
	while (r == 0 && (e = readdir(d)) != NULL)
		if (conf_name_ok(e->d_name))
			r = names_add(l, e->d_name, PROFILE_FILE);
	closedir(d);
	return r == 0 ? 0 : fault_set(f, FAULT_LOCAL, "%s: more than %d profiles", path, PROFILE_NAMES);
}

/* As in the table of what is built in; then by the alphabet. */
static int
by_name(const void *va, const void *vb)
{
	const struct profile_name *a = va, *b = vb;
	bool first = (a->from & PROFILE_BUILT_IN) != 0, second = (b->from & PROFILE_BUILT_IN) != 0;

	return first != second ? (first ? -1 : 1) : first ? -strcmp(a->name, b->name) : strcmp(a->name, b->name);
}

int
profile_names(struct profile_name out[static PROFILE_NAMES], char chosen[static 64], struct fault *f)
{
	struct names l = { .v = out };
	struct profile ignored = { 0 };
	struct parse x = { .p = &ignored, .f = f, .section_found = on_section, .arg = &l };
	const char *name;
	char path[512];

	for (size_t i = 0; (name = conf_built_in_name(i)) != NULL; i++)
		names_add(&l, name, PROFILE_BUILT_IN);
	x.path = path;
	if (conf_path(path, f) == -1 || conf_parse_config(&x, f) == -1 ||
	    add_files(&l, f) == -1)
		return -1;
	memcpy(chosen, x.chosen, sizeof x.chosen);
	qsort(out, (size_t)l.n, sizeof *out, by_name);
	return l.n;
}

int
profile_name_check(const char *name, struct fault *f)
{
	return conf_name_ok(name) ? 0 : fault_set(f, FAULT_USAGE,
	    "\"%.70s\": not a profile name (letters, digits, _ and -, at most 63)", name);
}

#include <string.h>

#include "io/verb.h"

const void *
verb_find(const struct tool *t, const void *table, size_t size, const char *word, struct fault *f)
{
	const char *row = table, *name;
	struct near near;

	near_begin(&near, word);
	for (; (name = *(const char *const *)(const void *)row) != NULL; row += size) {
		if (strcmp(name, word) == 0)
			return row;
		near_add(&near, name);
	}
	verb_unknown(t, &near, f);
	return NULL;
}

int
verb_unknown(const struct tool *t, const struct near *near, struct fault *f)
{
	char text[100];

	near_text(near, text, sizeof text);
	return fault_set(f, FAULT_USAGE, "%.40s: no such command%s; see %s --help", near->asked, text, t->name);
}

uint64_t
verb_bit(int ch)
{
	return ch >= OPT_TOOL && ch < OPT_TOOL + 64 ? UINT64_C(1) << (ch - OPT_TOOL) : 0;
}

int
verb_check(const struct tool *t, const struct verb_opt *some, size_t n, uint64_t given, const char *name,
    unsigned takes, struct fault *f)
{
	const struct opt *o = t->opts;

	for (size_t i = 0; i < n; i++) {
		if ((given & verb_bit(some[i].ch)) == 0 || (takes & some[i].of) != 0)
			continue;
		while (o->ch != some[i].ch)
			o++;
		return fault_set(f, FAULT_USAGE, "--%s: not an option of %s; see %s --help", o->name, name, t->name);
	}
	return 0;
}

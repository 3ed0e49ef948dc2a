#include <string.h>
#include <strings.h>

#include "io/verb.h"
#include "list.h"
#include "verbs.h"

#define WIDE		66	/* columns of a usage line */

static const struct verb *const tables[] = {
	rules_verbs, price_verbs, funding_verbs, book_verbs, stats_verbs, index_verbs, range_verbs
};

#define TABLES	(sizeof tables / sizeof *tables)

/* To walk them all: NULL at first; NULL after the last. */
static const struct verb *
next(const struct verb *v, size_t *table)
{
	if (v == NULL) {
		*table = 0;
		v = tables[0];
	} else
		v++;
	while (v->name == NULL)
		if (++*table == TABLES)
			return NULL;
		else
			v = tables[*table];
	return v;
}

static bool
is_called(const struct verb *v, const char *word)
{
	size_t n = strlen(word);
	const char *s = v->also;

	if (strcasecmp(v->name, word) == 0)
		return true;
	for (; s != NULL; s = *s == ' ' ? s + 1 : NULL) {
		if (strncasecmp(s, word, n) == 0 && (s[n] == ' ' || s[n] == '\0'))
			return true;
		s += strcspn(s, " ");
	}
	return false;
}

const struct verb *
info_verb(const struct tool *tool, const char *word, struct fault *f)
{
	const struct verb *v = NULL;
	size_t table = 0;
	struct near near;

	near_begin(&near, word);
	while ((v = next(v, &table)) != NULL) {
		if (is_called(v, word))
			return v;
		near_add(&near, v->name);
	}
	verb_unknown(tool, &near, f);
	return NULL;
}

/*
 * --help
 */

static bool
same_args(const struct verb *a, const struct verb *b)
{
	return strcmp(a->args == NULL ? "" : a->args, b->args == NULL ? "" : b->args) == 0;
}

/* Whether a verb before v, of the first ones on, takes the same words. */
static bool
came_before(const struct verb *v)
{
	const struct verb *w = NULL;
	size_t table = 0;

	while ((w = next(w, &table)) != v)
		if (same_args(w, v))
			return true;
	return false;
}

/* All that take the same words as v, on lines that are not too wide. */
static void
usage_of(struct buf *b, const struct verb *v)
{
	const struct verb *w = NULL;
	size_t table = 0, begin = 0;

	while ((w = next(w, &table)) != NULL) {
		if (!same_args(w, v))
			continue;
		if (begin > 0 && b->len - begin + strlen(w->name) < WIDE - (v->args == NULL ? 0 : strlen(v->args)))
			buf_printf(b, "|%s", w->name);
		else {
			if (begin > 0)
				buf_printf(b, "%s%s\n", v->args == NULL ? "" : " ", v->args == NULL ? "" : v->args);
			begin = b->len + 1;
			buf_printf(b, "bf-info [options] %s", w->name);
		}
	}
	buf_printf(b, "%s%s\n", v->args == NULL ? "" : " ", v->args == NULL ? "" : v->args);
}

void
info_usage(struct buf *b)
{
	const struct verb *v = NULL;
	size_t table = 0;

	while ((v = next(v, &table)) != NULL)
		if (!came_before(v))
			usage_of(b, v);
	buf_chr(b, '\n');
	while ((v = next(v, &table)) != NULL)
		buf_printf(b, "%-27s %s\n", v->name, v->help == NULL ? "" : v->help);
}

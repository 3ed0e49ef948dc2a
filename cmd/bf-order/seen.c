#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "seen.h"

#define DAY_MS	86400000

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
drop(void **root, const char *id)
{
	void *node = tfind(id, root, by_text);
	char *copy;

	if (node == NULL)
		return;
	copy = *(char **)node;
	tdelete(id, root, by_text);
	free(copy);
}

static void
empty(void **root)
{
	while (*root != NULL)
		drop(root, *(char **)*root);
}

bool
seen_has(const struct seen *s, const char *id)
{
	return tfind(id, &s->now, by_text) != NULL || tfind(id, &s->before, by_text) != NULL;
}

int
seen_add(struct seen *s, const char *id, int64_t now_ms, struct fault *f)
{
	char *copy;

	if (s->since_ms == 0)
		s->since_ms = now_ms;
	if (now_ms - s->since_ms > DAY_MS) {
		empty(&s->before);
		s->before = s->now;
		s->now = NULL;
		s->since_ms = now_ms;
	}
	if (seen_has(s, id))
		return 0;
	if ((copy = strdup(id)) == NULL || tsearch(copy, &s->now, by_text) == NULL) {
		free(copy);
		return fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
	}
	return 0;
}

void
seen_drop(struct seen *s, const char *id)
{
	drop(&s->now, id);
	drop(&s->before, id);
}

void
seen_free(struct seen *s)
{
	empty(&s->now);
	empty(&s->before);
}

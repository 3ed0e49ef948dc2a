#include <stdlib.h>
#include <string.h>

#include "io/wsapi_in.h"

#define ASKED_MAX	1024	/* with more, the oldest that are forgotten are not remembered */

/* So that what is never answered does not pile up. */
static void
trim(struct asked_list *l)
{
	for (int i = 0; i < l->n && l->n >= ASKED_MAX; i++)
		if (l->p[i].forgotten)
			(void)asked_take(l, i--);
}

bool
asked_add(struct asked_list *l, const struct asked *a)
{
	struct asked *p;
	int cap = l->cap == 0 ? 16 : 2 * l->cap;

	trim(l);
	if (l->n == l->cap) {
		if ((p = realloc(l->p, (size_t)cap * sizeof *p)) == NULL)
			return false;
		l->p = p;
		l->cap = cap;
	}
	l->p[l->n++] = *a;
	return true;
}

int
asked_find(const struct asked_list *l, int64_t id)
{
	for (int i = 0; i < l->n; i++)
		if (l->p[i].id == id)
			return i;
	return -1;
}

struct asked
asked_take(struct asked_list *l, int i)
{
	struct asked a = l->p[i];

	memmove(l->p + i, l->p + i + 1, (size_t)(--l->n - i) * sizeof a);
	return a;
}

void
asked_forget(struct asked_list *l, const void *tag)
{
	for (int i = 0; i < l->n; i++)
		if (!l->p[i].forgotten && l->p[i].tag == tag) {
			l->p[i].forgotten = true;
			return;
		}
}

int
asked_waited(const struct asked_list *l)
{
	int n = 0;

	for (int i = 0; i < l->n; i++)
		n += !l->p[i].forgotten;
	return n;
}

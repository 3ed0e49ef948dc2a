#include <stdlib.h>
#include <string.h>

#include "plan.h"

/* As the file calls them. */
static const char *const words[] = {
	[PLAN_BALANCE] = "balance", [PLAN_MARGIN_TYPE] = "margin_type",
	[PLAN_LEVERAGE] = "leverage", [PLAN_POSITION] = "position",
};

int
plan_add(struct plan *p, enum plan_kind kind, int line, const char *text, size_t n,
    struct fault *f)
{
	struct plan_item *more = realloc(p->item, ((size_t)p->n + 1) * sizeof *more);
	char *copy;

	if (more == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	p->item = more;
	if ((copy = malloc(n + 1)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	memcpy(copy, text, n);
	copy[n] = '\0';
	more += p->n++;
	more->kind = kind;
	more->line = line;
	more->text = copy;
	return 0;
}

void
plan_free(struct plan *p)
{
	for (int i = 0; i < p->n; i++)
		free(p->item[i].text);
	free(p->item);
	*p = (struct plan){ 0 };
}

int
plan_bad(const struct plan *p, const struct plan_item *it, struct fault *f, const char *why)
{
	if (p->file != NULL)
		return fault_set(f, FAULT_USAGE, "%s:%d: %s: %s: %s", p->file, it->line,
		    words[it->kind], it->text, why);
	return fault_set(f, FAULT_USAGE, "--%s %s: %s",
	    it->kind == PLAN_MARGIN_TYPE ? "margin-type" : words[it->kind], it->text, why);
}

/* Which contracts there are. */
#include <string.h>

#include "seed.h"

#define WORDS 1024	/* of --symbols */

/* Whether one of the lists (words with commas or blanks between) has the name;
 * found: each word's turn is noted there, by its number. */
static bool
listed(const struct option_list *l, const char *name, bool found[static WORDS])
{
	size_t len = strlen(name), n;
	bool yes = false;
	int k = 0;

	for (int i = 0; i < l->n; i++)
		for (const char *s = l->v[i]; *(s += strspn(s, " ,")) != '\0'; s += n, k++) {
			n = strcspn(s, " ,");
			if (n == len && memcmp(s, name, n) == 0 && k < WORDS)
				yes = found[k] = true;
		}
	return yes;
}

static int
all_found(const struct option_list *l, const bool found[static WORDS], struct fault *f)
{
	size_t n;
	int k = 0;

	for (int i = 0; i < l->n; i++)
		for (const char *s = l->v[i]; *(s += strspn(s, " ,")) != '\0'; s += n, k++) {
			n = strcspn(s, " ,");
			if (k >= WORDS || !found[k])
				return fault_set(f, FAULT_USAGE, "--symbols %s: %.*s is not built in",
				    l->v[i], (int)n, s);
		}
	return 0;
}

static int
restrict_to(struct specs *sp, const struct option_list *l, struct fault *f)
{
	bool found[WORDS] = { false };
	int n = 0;

	for (int i = 0; i < sp->n; i++)
		if (listed(l, sp->v[i].rules.symbol, found))
			sp->v[n++] = sp->v[i];
	sp->n = n;
	if (all_found(l, found, f) == -1)
		return -1;
	return n > 0 ? 0 : fault_set(f, FAULT_USAGE, "--symbols %s: names none", l->v[0]);
}

int
seed_specs(struct specs *out, const struct options *o, int64_t now_ms, struct fault *f)
{
	int skipped = 0;

	if (specs_builtin(out, now_ms, f) == -1)
		return -1;
	if (o->symbols.n > 0 && restrict_to(out, &o->symbols, f) == -1)
		return -1;
	if (o->info != NULL && specs_read(out, o->info, o->brackets, &skipped, f) == -1)
		return -1;
	if (skipped > 0)
		sim_say("--exchange-info %s: %d symbols cannot be traded here; passed over", o->info,
		    skipped);
	return 0;
}

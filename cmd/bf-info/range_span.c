/* From where to where a range goes, and how many rows of it are wanted. */
#include <unistd.h>

#include "core/instant.h"
#include "range.h"

#define NEWEST		500	/* rows without --since and --limit */
#define HOUR_MS		INT64_C(3600000)

static int
too_old(const struct run *r, int64_t from, struct fault *f)
{
	char is[INSTANT_STR], nearest[INSTANT_STR];

	instant_put(is, from);
	instant_put(nearest, r->oldest / 60000 * 60000 + 60000);
	return fault_set(f, FAULT_USAGE, "--since %s: the exchange keeps %s for %lld hours; the nearest is %s", is,
	    r->of->name, (long long)(r->of->keep_ms / HOUR_MS), nearest);
}

static int
given_range(struct run *r, int64_t now, struct fault *f)
{
	char from[INSTANT_STR], to[INSTANT_STR];

	r->newest = false;
	r->left = r->a->limit;
	r->from = r->a->from;
	if (r->from >= r->to) {
		instant_put(from, r->from);
		instant_put(to, r->to);
		return fault_set(f, FAULT_USAGE, "--since %s: not before %s, %s", from,
		    r->a->to == -1 || r->a->to > now ? "now" : "--until", to);
	}
	/* a file that is there goes on at its end */
	return r->from < r->oldest && (r->a->save == NULL || access(r->a->save, F_OK) == -1) ?
	    too_old(r, r->from, f) : 0;
}

/* Without --since: so many rows until --until, or now. */
static int
newest_range(struct run *r, struct fault *f)
{
	long most = r->of->most;

	r->left = r->a->limit != -1 ? r->a->limit : r->a->plot != NULL && r->iv != NULL ? plot_room() :
	    most < NEWEST ? most : NEWEST;
	if (r->iv == NULL) {
		if (r->a->to != -1)
			return fault_set(f, FAULT_USAGE, "--until: only with --since");
		return r->left <= most ? 0 : fault_set(f, FAULT_USAGE, "--limit %ld: without %s %s has "
		    "its newest %ld only", r->left, r->of->by_id ? "an id" : "--since", r->of->name, most);
	}
	r->newest = false;
	r->from = interval_add(r->iv, interval_floor(r->iv, r->to - 1), 1 - r->left);
	if (r->from < r->oldest)
		r->from = r->oldest;
	r->left = -1;
	return 0;
}

/* "-7d" is a week before the exchange's now, whatever this machine's clock shows. */
static void
from_now(const struct run *r, int64_t now)
{
	struct app *a = r->a;

	if (a->from_now)
		a->from += now - a->now_was;
	if (a->to_now)
		a->to += now - a->now_was;
	if (a->from_now && a->from < 0)
		a->from = 0;
}

int
run_span(struct run *r, struct fault *f)
{
	int64_t now = ask_now(&r->ask);

	from_now(r, now);
	r->oldest = r->of->keep_ms == 0 ? 0 : now - r->of->keep_ms;
	r->to = r->a->to == -1 || r->a->to > now ? now + 1 : r->a->to;
	if (r->of->by_id && !r->newest) {
		r->to = INT64_MAX;
		r->left = r->a->limit;
		return 0;
	}
	return r->a->from != -1 ? given_range(r, now, f) : newest_range(r, f);
}

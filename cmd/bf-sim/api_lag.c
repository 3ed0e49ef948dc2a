/* `sim lag`: reads answered by a replica that has not caught up. Orders and trades
 * have their times (call_sees); what has none is kept as it was told. */
#include <stdlib.h>
#include <string.h>

#include "api.h"

#define STALE_MAX	1000

struct stale {
	const struct route *route;
	int	 acct;
	uint64_t params;		/* a hash of them */
	int64_t	 ms;			/* exchange time it was told at */
	struct buf text;
	struct stale *next;
};

/* Those that show a state, by the end of their paths. */
static bool
shows_state(const struct route *r)
{
	static const char *const ends[] = {
		"/depth", "/rpiDepth", "/bookTicker", "/positionRisk", "/balance", "/account",
	};
	size_t len = strlen(r->path), n;

	if (strcmp(r->method, "GET") != 0)
		return false;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (len > (n = strlen(ends[i])) && strcmp(r->path + len - n, ends[i]) == 0)
			return true;
	return false;
}

/* FNV-1a, the NUL too */
static uint64_t
mix(uint64_t h, const char *s)
{
	do
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	while (*s++ != '\0');
	return h;
}

/* Of what is asked: not of when, and by which signature. */
static uint64_t
hash(const struct params *p)
{
	static const char *const others[] = { "timestamp", "recvWindow", "signature", "apiKey" };
	uint64_t h = UINT64_C(14695981039346656037);
	size_t k, n = sizeof others / sizeof *others;

	for (int i = 0; i < p->n; i++) {
		for (k = 0; k < n && strcmp(p->v[i].name, others[k]) != 0; k++)
			;
		if (k == n)
			h = mix(mix(h, p->v[i].name), p->v[i].value);
	}
	return h;
}

static struct stale *
find(const struct call *c, uint64_t params, int *count)
{
	struct stale *k = *api_stale(c->s->api);

	for (*count = 0; k != NULL; k = k->next, ++*count)
		if (k->route == c->route && k->acct == c->acct && k->params == params)
			return k;
	return NULL;
}

bool
lag_answer(struct call *c)
{
	const struct stale *k;
	int n;

	if (c->s->lag_ms == 0 || !shows_state(c->route) || (k = find(c, hash(&c->p), &n)) == NULL ||
	    c->now - k->ms >= c->s->lag_ms)
		return false;
	buf_put(&c->out, k->text.p, k->text.len);
	return true;
}

/* Without memory, or room in the list, the next answer is a fresh one. */
void
lag_keep(struct call *c)
{
	struct stale *k;
	int n;

	if (c->s->lag_ms == 0 || c->out.bad || !shows_state(c->route))
		return;
	if ((k = find(c, hash(&c->p), &n)) == NULL) {
		if (n == STALE_MAX || (k = calloc(1, sizeof *k)) == NULL)
			return;
		*k = (struct stale){ .route = c->route, .acct = c->acct, .params = hash(&c->p),
			.next = *api_stale(c->s->api) };
		*api_stale(c->s->api) = k;
	}
	buf_reset(&k->text);
	buf_put(&k->text, c->out.p, c->out.len);
	k->ms = k->text.bad ? INT64_MIN / 2 : c->now;
}

void
lag_free(struct stale *all)
{
	struct stale *k;

	while ((k = all) != NULL) {
		all = k->next;
		buf_free(&k->text);
		free(k);
	}
}

/*
 * What is kept of orders: by id, by client id, by account; and what is forgotten
 * by the venue's retention rules: orders that ended without a fill three days
 * after their making, everything else after ninety.
 */
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "state.h"

#define MANY	4096	/* histories this long are not moved for a few rows */

/*
 * Client ids
 */

static uint64_t
hash_of(int acct, int sym, const char *id)	/* FNV-1a */
{
	uint64_t h = 14695981039346656037u ^ (uint64_t)acct << 8 ^ (uint64_t)sym;

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * 1099511628211u;
	return h ^ h >> 32;
}

static struct ord **
bucket_of(const struct engine *e, int acct, int sym, const char *id)
{
	return &e->bucket[hash_of(acct, sym, id) & (e->nbucket - 1)];
}

static bool
rehash(struct engine *e)
{
	size_t n = e->nbucket == 0 ? 256 : 2 * e->nbucket, i, k;
	struct ord **b = calloc(n, sizeof *b), *o, *next, **tail;

	if (b == NULL)
		return false;
	for (i = 0; i < e->nbucket; i++)
		for (o = e->bucket[i]; o != NULL; o = next) {
			next = o->cnext;
			o->cnext = NULL;
			k = hash_of(o->o.acct, o->o.sym, o->o.client_id) & (n - 1);
			for (tail = &b[k]; *tail != NULL; tail = &(*tail)->cnext)
				;	/* newer stay before older */
			*tail = o;
		}
	free(e->bucket);
	e->bucket = b;
	e->nbucket = n;
	return true;
}

static void
remember(struct engine *e, struct ord *o)
{
	struct ord **b;

	if (e->nhashed >= e->nbucket && !rehash(e)) {
		e->bad = true;
		return;
	}
	b = bucket_of(e, o->o.acct, o->o.sym, o->o.client_id);
	o->cnext = *b;
	*b = o;
	e->nhashed++;
}

static void
unremember(struct engine *e, const struct ord *o)
{
	struct ord **link = bucket_of(e, o->o.acct, o->o.sym, o->o.client_id);

	while (*link != NULL && *link != o)
		link = &(*link)->cnext;
	if (*link == NULL)
		return;
	*link = o->cnext;
	e->nhashed--;
}

/* An open one first, else the latest that bore it. */
struct ord *
order_find(const struct engine *e, const struct acct *a, int sym, const char *client_id,
    bool open_only)
{
	struct ord *o, *closed = NULL;

	if (e->nbucket == 0)
		return NULL;
	for (o = *bucket_of(e, a->number, sym, client_id); o != NULL; o = o->cnext) {
		if (o->a != a || o->o.sym != sym || strcmp(o->o.client_id, client_id) != 0)
			continue;
		if (o->open)
			return o;
		if (closed == NULL)
			closed = o;
	}
	return open_only ? NULL : closed;
}

/* 22 letters and digits, like the venue's own; splitmix64 of a counter. */
void
order_client_id(struct engine *e, char out[static ENGINE_CLIENT_ID])
{
	static const char set[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	uint64_t x = 0;
	int i;

	for (i = 0; i < 22; i++) {
		if (i % 8 == 0)
			x = mix64(e->seed += MIX_STEP);
		out[i] = set[x % 62];
		x /= 62;
	}
	out[i] = '\0';
}

/*
 * Ids
 */

static bool
push_id(struct engine *e, struct sym *s, struct ord *o)
{
	uint64_t want = s->corders == 0 ? 64 : 2 * s->corders;
	struct ord **p;

	if (s->norders == s->corders) {
		if ((p = realloc(s->orders, (size_t)want * sizeof *p)) == NULL) {
			e->bad = true;
			return false;
		}
		s->orders = p;
		s->corders = want;
	}
	s->orders[s->norders++] = o;
	return true;
}

struct ord *
order_by_id(const struct sym *s, uint64_t id)
{
	return id < s->base_id || id - s->base_id >= s->norders ? NULL : s->orders[id - s->base_id];
}

struct ord *
order_asked(const struct engine *e, const struct hold *h, uint64_t id, const char *client_id)
{
	struct ord *o = NULL;

	if (id != 0)
		o = order_by_id(h->s, id);
	else if (client_id != NULL)
		o = order_find(e, h->a, h->s->index, client_id, true);
	return o != NULL && o->h == h && o->open ? o : NULL;
}

bool
kept_next(struct engine *e, struct sym *s, uint64_t id)
{
	if (s->norders == 0 && id > s->base_id)
		s->base_id = id;
	while (s->base_id + s->norders < id)
		if (!push_id(e, s, NULL))
			return false;
	return s->base_id + s->norders == id;
}

bool
kept_add(struct engine *e, struct ord *o)
{
	struct acct *a = o->a;
	struct sym *s = o->h->s;

	if (!eng_grow(&e->bad, &a->orders, a->norders, &a->corders, sizeof *a->orders))
		return false;
	o->o.id = s->base_id + s->norders;
	if (!push_id(e, s, o))
		return false;
	a->orders[a->norders++] = o;
	remember(e, o);
	return !e->bad;
}

/*
 * Forgetting
 */

static void
forget(struct engine *e, struct ord *o)
{
	struct sym *s = o->h->s;

	unremember(e, o);
	s->orders[o->o.id - s->base_id] = NULL;
	if (o->algo != NULL) {
		o->algo->ord = NULL;
		o->algo->o.order = NULL;
	}
	free(o);
}

/*
 * Of the account's orders made before a time, from the from-th on, forget those
 * that ended (without a fill, if unfilled). Answers where the later ones begin.
 */
static int
forget_before(struct engine *e, struct acct *a, int from, int64_t before, bool unfilled)
{
	struct ord *o;
	int i, n = from;

	for (i = from; i < a->norders && a->orders[i]->o.time_ms < before; i++) {
		o = a->orders[i];
		if (o->open || (unfilled && dec_sign(o->o.filled) != 0))
			a->orders[n++] = o;
		else
			forget(e, o);
	}
	if (n < i)
		memmove(&a->orders[n], &a->orders[i], (size_t)(a->norders - i) * sizeof *a->orders);
	a->norders -= i - n;
	return n;
}

static void
forget_orders(struct engine *e, struct acct *a)
{
	int was = a->norders;

	(void)forget_before(e, a, 0, e->now - KEPT_LONG, false);
	a->judged -= was - a->norders;
	if (a->judged < 0)
		a->judged = 0;
	a->judged = forget_before(e, a, a->judged, e->now - KEPT_SHORT, true);
}

/* The first k of *n rows go; of a long history only when it is worth the move. */
static void
drop(void *rows, int *n, size_t size, int k)
{
	if (k == 0 || (*n > MANY && k < *n / 16))
		return;
	*n -= k;
	memmove(rows, (char *)rows + (size_t)k * size, (size_t)*n * size);
}

static void
forget_rows(struct acct *a, int64_t before)
{
	int k;

	for (k = 0; k < a->ntrades && a->trades[k].time_ms < before; k++)
		;
	drop(a->trades, &a->ntrades, sizeof *a->trades, k);
	for (k = 0; k < a->nincome && a->income[k].time_ms < before; k++)
		;
	drop(a->income, &a->nincome, sizeof *a->income, k);
	for (k = 0; k < a->namends && a->amends[k].time_ms < before; k++)
		;
	drop(a->amends, &a->namends, sizeof *a->amends, k);
	for (k = 0; k < a->nmoves && a->moves[k].time_ms < before; k++)
		;
	drop(a->moves, &a->nmoves, sizeof *a->moves, k);
}

/* Ids forgotten at the front need no place any more. */
static void
trim(struct sym *s)
{
	uint64_t k;

	for (k = 0; k < s->norders && s->orders[k] == NULL; k++)
		;
	if (k < s->norders - k && k < MANY)
		return;
	s->norders -= k;
	s->base_id += k;
	if (k > 0)
		memmove(s->orders, s->orders + k, (size_t)s->norders * sizeof *s->orders);
}

/* Open orders stand in the order of their making: the oldest is the first. */
static void
end_old(struct engine *e, struct acct *a)
{
	struct ord *o, *next;

	for (o = a->open; o != NULL && o->o.time_ms < e->now - GTC_LIFE; o = next) {
		next = o->anext;
		order_end(e, o, STATUS_CANCELED, 0);
	}
}

void
order_forget(struct engine *e)
{
	int i;

	for (i = 0; i < e->nacct; i++)
		end_old(e, e->acct[i]);
	eng_finish(e, NULL);
	for (i = 0; i < e->nacct; i++) {
		forget_orders(e, e->acct[i]);
		forget_rows(e->acct[i], e->now - KEPT_LONG);
	}
	for (i = 0; i < e->nsym; i++)
		trim(e->sym[i]);
}

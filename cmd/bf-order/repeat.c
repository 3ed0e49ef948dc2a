#include <string.h>

#include "repeat.h"

#define REST_MS		10000

/* FNV-1a. A clash with another order would only make that one wait. */
static uint64_t
hash(const char *p, size_t n)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * UINT64_C(1099511628211);
	return h;
}

/* 0: out of memory. */
static uint64_t
order_of(const struct intent *in)
{
	struct intent same = *in;
	struct buf q = { 0 };
	uint64_t h;

	same.client_id[0] = '\0';
	intent_query(&same, &q);
	h = q.bad || q.len == 0 ? 0 : hash(q.p, q.len);
	buf_free(&q);
	return h;
}

static const struct repeat *
find(const struct repeats *rs, uint64_t order)
{
	for (int i = 0; i < REPEATS_KEPT && order != 0; i++)
		if (rs->r[i].n > 0 && rs->r[i].order == order)
			return &rs->r[i];
	return NULL;
}

static bool
none(const struct repeats *rs)
{
	for (int i = 0; i < REPEATS_KEPT; i++)
		if (rs->r[i].n > 0)
			return false;
	return true;
}

bool
repeats(const struct repeats *rs, const struct intent *in, int64_t mono_ms, int *code, int64_t *left_ms)
{
	const struct repeat *r;

	if (in->op != OP_PLACE || none(rs) || (r = find(rs, order_of(in))) == NULL ||
	    r->n < REPEATS_MAX || r->until_ms <= mono_ms)
		return false;
	*code = r->code;
	*left_ms = r->until_ms - mono_ms;
	return true;
}

void
repeat_note(struct repeats *rs, const struct intent *in, int code, int64_t mono_ms)
{
	const struct repeat *found;
	struct repeat *r;
	uint64_t order;

	if (in->op != OP_PLACE || (code == 0 && none(rs)) || (order = order_of(in)) == 0)
		return;
	found = find(rs, order);
	if (found == NULL && code == 0)
		return;
	r = found != NULL ? &rs->r[found - rs->r] : &rs->r[rs->next++ % REPEATS_KEPT];
	if (found == NULL || r->code != code)
		*r = (struct repeat){ .order = order, .code = code };
	r->n = code == 0 ? 0 : r->n + 1;
	if (r->n >= REPEATS_MAX)
		r->until_ms = mono_ms + REST_MS;
}

/* What is to be done at a time: a heap, the earliest first; of one time in the
 * order of their arming. */
#include <stdlib.h>

#include "state.h"

/* Where the owner of a timer keeps its place. */
static size_t *
slot_of(const struct timer *t)
{
	switch (t->kind) {
	case TIMER_GTD:
		return &((struct ord *)t->what)->timer;
	case TIMER_ALGO_GTD:
		return &((struct algo *)t->what)->timer;
	case TIMER_COUNTDOWN:
		break;
	}
	return &((struct hold *)t->what)->countdown;
}

static bool
earlier(const struct timer *a, const struct timer *b)
{
	return a->at != b->at ? a->at < b->at : a->n < b->n;
}

static void
put(struct engine *e, size_t i, struct timer t)
{
	e->timer[i] = t;
	*slot_of(&t) = i + 1;
}

/* Place i is free for t, or for what has to move. */
static void
sift(struct engine *e, size_t i, struct timer t)
{
	size_t up, down;

	for (; i > 0 && earlier(&t, &e->timer[up = (i - 1) / 2]); i = up)
		put(e, i, e->timer[up]);
	for (; (down = 2 * i + 1) < e->ntimer; i = down) {
		if (down + 1 < e->ntimer && earlier(&e->timer[down + 1], &e->timer[down]))
			down++;
		if (!earlier(&e->timer[down], &t))
			break;
		put(e, i, e->timer[down]);
	}
	put(e, i, t);
}

static bool
room(struct engine *e)
{
	size_t want = e->ctimer == 0 ? 16 : 2 * e->ctimer;
	struct timer *p;

	if (e->ntimer < e->ctimer)
		return true;
	if ((p = realloc(e->timer, want * sizeof *p)) == NULL) {
		e->bad = true;
		return false;
	}
	e->timer = p;
	e->ctimer = want;
	return true;
}

void
timer_set(struct engine *e, enum timer_kind kind, void *what, size_t *slot, int64_t at)
{
	timer_clear(e, slot);
	if (room(e))
		sift(e, e->ntimer++, (struct timer){ at, ++e->timer_n, kind, what });
}

void
timer_clear(struct engine *e, size_t *slot)
{
	size_t i = *slot - 1;

	if (*slot == 0)
		return;
	*slot = 0;
	if (i != --e->ntimer)
		sift(e, i, e->timer[e->ntimer]);
}

int64_t
timer_due(const struct engine *e)
{
	return e->ntimer == 0 ? INT64_MAX : e->timer[0].at;
}

void
timer_run(struct engine *e, int64_t now_ms)
{
	struct timer t;

	if (timer_due(e) > now_ms)
		return;
	t = e->timer[0];
	timer_clear(e, slot_of(&t));
	if (e->now < t.at)
		e->now = t.at;
	switch (t.kind) {
	case TIMER_GTD:
		order_end(e, t.what, STATUS_EXPIRED, 0);
		break;
	case TIMER_ALGO_GTD:
		algo_expire(e, t.what);
		break;
	case TIMER_COUNTDOWN:
		(void)order_cancel_hold(e, t.what);
		break;
	}
}

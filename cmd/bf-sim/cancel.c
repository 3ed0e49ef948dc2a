/* Cancelling: one order, all of a symbol, and all of it by and by. */
#include "state.h"

int
engine_cancel(struct engine *e, int acct, int sym, uint64_t id, const char *client_id,
    int64_t now_ms, const struct engine_order **out, struct fault *f)
{
	struct hold *h = order_begin(e, acct, sym, now_ms, f);
	struct ord *o;

	if (h == NULL)
		return -1;
	if ((o = order_asked(e, h, id, client_id)) == NULL) {
		(void)eng_finish(e, NULL);
		return eng_refuse(f, -2011, "Unknown order sent.");
	}
	order_end(e, o, STATUS_CANCELED, 0);
	if (out != NULL)
		*out = &o->o;
	return eng_finish(e, f);
}

int
order_cancel_hold(struct engine *e, struct hold *h)
{
	struct ord *o, *next;
	int n = 0;

	for (o = h->open; o != NULL; o = next, n++) {
		next = o->hnext;
		order_end(e, o, STATUS_CANCELED, 0);
	}
	return n;
}

int
engine_cancel_all(struct engine *e, int acct, int sym, int64_t now_ms, int *n, struct fault *f)
{
	struct hold *h = order_begin(e, acct, sym, now_ms, f);
	int count;

	if (h == NULL)
		return -1;
	count = order_cancel_hold(e, h);
	if (n != NULL)
		*n = count;
	return eng_finish(e, f);
}

int
engine_countdown(struct engine *e, int acct, int sym, int64_t ms, int64_t now_ms, struct fault *f)
{
	struct hold *h;

	if ((h = order_begin(e, acct, sym, now_ms, f)) == NULL)
		return -1;
	if (ms < 0 || ms > INT64_MAX - e->now)
		return eng_misuse(f, "countdown: milliseconds from now, or 0");
	if (ms == 0)
		timer_clear(e, &h->countdown);
	else
		timer_set(e, TIMER_COUNTDOWN, h, &h->countdown, e->now + ms);
	return eng_finish(e, f);
}

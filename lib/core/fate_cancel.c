/* What the look-ups of a cancel, and of a cancel-all, show. */
#include <stdio.h>
#include <string.h>

#include "core/fate_in.h"

static enum look
cancel_fired(struct fate *fa, const struct look_answer *a)
{
	char id[24] = "";

	(void)scan_get_str(a->t, a->v, "actualOrderId", id, sizeof id);
	snprintf(fa->seen, sizeof fa->seen, "it has triggered; order %s stands in its place",
	    id[0] != '\0' ? id : "(without a number yet)");
	if (fa->explain)
		return LOOK_MISS;
	fate_absent(fa, fa->seen);
	return LOOK_DONE;
}

static enum look
cancel_shown(struct fate *fa, const struct look_answer *a)
{
	if (fate_differs(&fa->in, a->t, a->v, true) != NULL)
		return look_adopt(fa, a->t, a->v);	/* which says so */
	switch (fate_stage(&fa->in, a->t, a->v)) {
	case STAGE_OPEN:
		look_see(fa, a, "the order is still open");
		return LOOK_MISS;
	case STAGE_FIRED:
		return cancel_fired(fa, a);
	case STAGE_ENDED:
		return look_adopt(fa, a->t, a->v);
	case STAGE_FIRING:
	case STAGE_OTHER:
		break;
	}
	look_see(fa, a, "the order is neither open nor ended");
	return LOOK_FAILED;
}

enum look
fate_cancel_order(struct fate *fa, const struct look_answer *a)
{
	if (look_object(a))
		return cancel_shown(fa, a);
	if (look_no_such_order(a)) {
		look_see_none(fa);
		return LOOK_MISS;
	}
	if (!fa->in.algo || !look_not_served(a))
		return LOOK_FAILED;
	fa->untold = true;
	return look_more(fa, ASK_OPEN);
}

static enum look
cancel_list(struct fate *fa, const struct look_answer *a, enum look otherwise)
{
	struct look_answer one = *a;

	if (!look_list(a))
		return LOOK_FAILED;
	if ((one.v = look_among(fa, a)) != NULL)
		return cancel_shown(fa, &one);
	snprintf(fa->seen, sizeof fa->seen, "it is not among the open orders");
	return otherwise;
}

enum look
fate_cancel_open(struct fate *fa, const struct look_answer *a)
{
	fa->ask = ASK_HISTORY;
	return cancel_list(fa, a, LOOK_MORE);
}

/* The list goes back 7 days: what is not in it may be older. */
enum look
fate_cancel_history(struct fate *fa, const struct look_answer *a)
{
	return cancel_list(fa, a, LOOK_FAILED);
}

enum look
fate_cancel_conclude(struct fate *fa, const struct look_answer *a)
{
	if (look_old(fa, a) && strcmp(fa->seen, "there is no such order") == 0)
		return look_out_of_history(fa);
	fate_absent(fa, fa->seen);
	return LOOK_DONE;
}

/* Whether the order was there before the request, so that it would have been cancelled. */
static bool
stood_before(const struct fate *fa, const struct tok *t, const struct tok *v)
{
	int64_t ms;

	if (fa->set_back)
		return false;
	return !scan_get_i64(t, v, fa->in.algo ? "createTime" : "time", &ms) || ms < fate_from_ms(fa);
}

static enum look
all_some(struct fate *fa, const struct look_answer *a)
{
	const struct tok *v;
	unsigned old = 0;

	fa->empties = 0;
	for (v = scan_first(a->v); v != NULL; v = scan_next(a->t, a->v, v))
		old += stood_before(fa, a->t, v);
	if (old > 0)
		snprintf(fa->seen, sizeof fa->seen, "%u order%s still open", old, old == 1 ? " is" : "s are");
	else
		snprintf(fa->seen, sizeof fa->seen, "orders are open, but they may be newer than the request");
	return old > 0 ? LOOK_MISS : LOOK_FAILED;
}

/* Before the bound an empty list proves nothing: a read that lags may not show an order
 * yet, and the request may still come to be executed, on orders placed since. */
enum look
fate_all_open(struct fate *fa, const struct look_answer *a)
{
	if (!look_list(a))
		return LOOK_FAILED;
	if (a->v->n > 0)
		return all_some(fa, a);
	fa->seen[0] = '\0';
	fa->empties = a->after ? fa->empties + 1 : 0;
	if (fa->empties < MISSES)
		return LOOK_FAILED;
	buf_reset(&fa->found);
	jw_open(&fa->found, NULL, '{');
	jw_str(&fa->found, "symbol", fa->in.symbol);
	jw_raw(&fa->found, fa->in.algo ? "openAlgoOrders" : "openOrders", "[]", 2);
	jw_close(&fa->found, '}');
	fate_found(fa);
	return LOOK_DONE;
}

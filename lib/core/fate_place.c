/* What the look-ups of a place show. */
#include <stdlib.h>

#include "core/fate_in.h"

static enum look
place_absent(struct fate *fa)
{
	if (fa->exists)		/* heard in the meantime */
		return LOOK_SHORT;
	fate_absent(fa, "the exchange does not know it, and can no longer accept it");
	return LOOK_DONE;
}

enum look
fate_place_order(struct fate *fa, const struct look_answer *a)
{
	if (look_object(a))
		return look_adopt(fa, a->t, a->v);
	if (look_no_such_order(a))
		return fa->exists ? LOOK_FAILED : LOOK_MISS;
	if (!fa->in.algo || !look_not_served(a))
		return LOOK_FAILED;
	fa->untold = true;
	return look_more(fa, ASK_OPEN);
}

static enum look
trades_first(struct fate *fa)
{
	fa->ntraded = 0;
	fa->trades_from = 0;
	return look_more(fa, ASK_TRADES);
}

enum look
fate_place_open(struct fate *fa, const struct look_answer *a)
{
	const struct tok *v;

	if (!look_list(a))
		return LOOK_SHORT;
	if ((v = look_among(fa, a)) != NULL)
		return look_adopt(fa, a->t, v);
	if (!a->after && !fa->untold)
		return LOOK_SHORT;
	return fa->in.algo ? look_more(fa, ASK_HISTORY) : trades_first(fa);
}

enum look
fate_place_history(struct fate *fa, const struct look_answer *a)
{
	const struct tok *v;

	if (!look_list(a))
		return fa->untold ? LOOK_FAILED : LOOK_SHORT;
	if ((v = look_among(fa, a)) != NULL)
		return look_adopt(fa, a->t, v);
	if (a->v->n >= ALGOS_MAX)
		return LOOK_SHORT;
	if (fa->untold)
		return fa->exists ? LOOK_FAILED : LOOK_MISS;
	return a->after ? place_absent(fa) : LOOK_SHORT;
}

/*
 * The orders behind own trades. All that our order can have done while it is neither open nor
 * to be found by its id is to have been filled, and so it is one of those.
 */

uint64_t
fate_traded_least(const struct fate *fa)
{
	uint64_t least = 0;

	for (int i = 0; i < fa->ntraded; i++)
		if (least == 0 || fa->traded[i] < least)
			least = fa->traded[i];
	return least;
}

static void
traded_drop(struct fate *fa, uint64_t id)
{
	for (int i = 0; i < fa->ntraded; i++)
		if (fa->traded[i] == id) {
			fa->traded[i] = fa->traded[--fa->ntraded];
			return;
		}
}

static bool
traded_add(struct fate *fa, uint64_t id)
{
	int room = fa->traded_room == 0 ? 16 : 2 * fa->traded_room;
	uint64_t *v;

	for (int i = 0; i < fa->ntraded; i++)
		if (fa->traded[i] == id)
			return true;
	if (fa->ntraded == FATE_TRADED_MAX)
		return false;
	if (fa->ntraded == fa->traded_room) {
		if ((v = realloc(fa->traded, (size_t)room * sizeof *v)) == NULL)
			return false;
		fa->traded = v;
		fa->traded_room = room;
	}
	fa->traded[fa->ntraded++] = id;
	return true;
}

/* The order behind one trade, if it is of our side. */
static bool
note_traded(struct fate *fa, const struct look_answer *a, const struct tok *v)
{
	int64_t order, trade;

	if (!scan_get_i64(a->t, v, "id", &trade) || trade < 0 || trade == INT64_MAX ||
	    !scan_get_i64(a->t, v, "orderId", &order) || order <= 0)
		return false;
	if ((uint64_t)trade >= fa->trades_from)
		fa->trades_from = (uint64_t)trade + 1;
	return !scan_get_is(a->t, v, "side", fa->in.side == SIDE_BUY ? "BUY" : "SELL") ||
	    traded_add(fa, (uint64_t)order);
}

enum look
fate_place_trades(struct fate *fa, const struct look_answer *a)
{
	uint64_t from = fa->trades_from;
	const struct tok *v;

	if (!look_list(a) || !a->after)
		return LOOK_SHORT;
	for (v = scan_first(a->v); v != NULL; v = scan_next(a->t, a->v, v))
		if (!note_traded(fa, a, v))
			return LOOK_SHORT;
	if (a->v->n >= TRADES_MAX)	/* there may be more; a page that does not go on is none */
		return fa->trades_from > from ? look_more(fa, ASK_TRADES) : LOOK_SHORT;
	return fa->ntraded == 0 ? place_absent(fa) : look_more(fa, ASK_TRADED);
}

/* Trades do not carry the client id, orders do. Each page must have the order it begins with:
 * one that is not shown may be ours. */
enum look
fate_place_traded(struct fate *fa, const struct look_answer *a)
{
	uint64_t least = fate_traded_least(fa);
	const struct tok *v;
	int64_t id;

	if (!look_list(a) || !a->after)
		return LOOK_SHORT;
	for (v = scan_first(a->v); v != NULL; v = scan_next(a->t, a->v, v))
		if (fate_same_id(&fa->in, a->t, v) && !fate_is_older(fa, a->t, v))
			return look_adopt(fa, a->t, v);
		else if (scan_get_i64(a->t, v, "orderId", &id) && id > 0 && scan_get(a->t, v, "clientOrderId") != NULL)
			traded_drop(fa, (uint64_t)id);
	if (fa->ntraded == 0)
		return place_absent(fa);
	return fate_traded_least(fa) > least ? look_more(fa, ASK_TRADED) : LOOK_SHORT;
}

enum look
fate_place_conclude(struct fate *fa, const struct look_answer *a)
{
	if (look_old(fa, a))
		return look_out_of_history(fa);
	return fa->untold ? place_absent(fa) : look_more(fa, ASK_OPEN);
}

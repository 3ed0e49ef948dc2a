/* What an intent does to a position, and how it is said in each position mode. */
#include <string.h>

#include "core/intent_in.h"

static bool
exits(const struct intent *in)
{
	return (in->pos_side == POS_LONG && in->side == SIDE_SELL) ||
	    (in->pos_side == POS_SHORT && in->side == SIDE_BUY);
}

bool
intent_opens(const struct intent *in)
{
	return (in->pos_side == POS_LONG && in->side == SIDE_BUY) ||
	    (in->pos_side == POS_SHORT && in->side == SIDE_SELL);
}

bool
intent_reduces(const struct intent *in)
{
	if (in->op != OP_PLACE)
		return in->op != OP_MODIFY;
	return in->reduce_only || in->close_position || exits(in);
}

bool
intent_is_market(const struct intent *in)
{
	const struct kind *k = intent_kind_of(in->type);

	return k != NULL && !k->priced;
}

static void
drop_reduce_only(struct intent *in)
{
	in->reduce_only = in->has_reduce_only = false;
}

static void
fit_hedge(struct intent *in)
{
	bool out = in->reduce_only || in->close_position;

	if (in->pos_side == POS_BOTH)
		in->pos_side = (in->side == SIDE_BUY) == out ? POS_SHORT : POS_LONG;
	in->has_pos_side = true;
	drop_reduce_only(in);
}

static void
fit_one_way(struct intent *in)
{
	if (in->pos_side == POS_BOTH)
		return;
	if (exits(in) && !in->close_position)
		in->reduce_only = in->has_reduce_only = true;
	in->pos_side = POS_BOTH;
	in->has_pos_side = false;
}

int
intent_fit(struct intent *in, bool hedge, bool *changed, struct fault *f)
{
	const struct intent was = *in;

	*changed = false;
	if (in->op != OP_PLACE)
		return 0;
	if (intent_opens(in) && (in->reduce_only || in->close_position)) {
		fault_set(f, FAULT_REJECTED, "positionSide %s: a %s opens it, and cannot be an exit (-2022)",
		    in->pos_side == POS_LONG ? "LONG" : "SHORT", in->side == SIDE_BUY ? "BUY" : "SELL");
		if (f != NULL)
			f->code = -2022;
		return -1;
	}
	if (hedge)
		fit_hedge(in);
	else
		fit_one_way(in);
	*changed = in->pos_side != was.pos_side || in->has_pos_side != was.has_pos_side ||
	    in->reduce_only != was.reduce_only || in->has_reduce_only != was.has_reduce_only;
	return 0;
}

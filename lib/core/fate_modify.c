/* What the look-ups of a modification show. */
#include <stdio.h>

#include "core/fate_in.h"
#include "core/span.h"

/* The order is cancelled if what was asked for is executed already, and a post-only
 * one if it would take: neither leaves a trace of the modification. */
static bool
may_have_ended_it(const struct fate *fa, const struct look_answer *a)
{
	dec done;

	if (fate_stage(&fa->in, a->t, a->v) != STAGE_ENDED || scan_get_is(a->t, a->v, "status", "FILLED"))
		return false;
	return scan_get_is(a->t, a->v, "timeInForce", "GTX") || fa->in.qty_s[0] == '\0' ||
	    !scan_get_dec(a->t, a->v, "executedQty", &done) || dec_cmp(fa->in.qty, done) <= 0;
}

/*
 * Whether an order with the values asked for proves anything: a read that lags may
 * show them from before an earlier change. What has ended changes no more; and "nothing
 * to change" is the exchange's own word for it.
 */
static bool
is_proof(const struct fate *fa, const struct look_answer *a)
{
	int code = fa->first.code;

	return fate_as_asked(&fa->in, a->t, a->v) && (a->after ||
	    fate_stage(&fa->in, a->t, a->v) == STAGE_ENDED ||
	    (fa->explain && (code == -5027 || code == -4197)));
}

enum look
fate_modify_order(struct fate *fa, const struct look_answer *a)
{
	fa->maybe = false;
	buf_reset(&fa->found);
	if (look_no_such_order(a)) {
		look_see_none(fa);
		return look_more(fa, ASK_AMENDMENTS);
	}
	if (!look_object(a))
		return LOOK_FAILED;
	if (is_proof(fa, a) || fate_differs(&fa->in, a->t, a->v, true) != NULL)
		return look_adopt(fa, a->t, a->v);
	if (fate_as_asked(&fa->in, a->t, a->v)) {	/* kept, for when the amendment proves it */
		span_put(&fa->found, a->v);
		look_see(fa, a, "the order shows these values");
	} else {
		fa->maybe = may_have_ended_it(fa, a);
		look_see(fa, a, "the order shows other values");
	}
	return look_more(fa, ASK_AMENDMENTS);
}

/* What the row tells, under the names an order has. */
static void
amended_found(struct fate *fa, const struct tok *t, const struct tok *row)
{
	static const struct { const char *in, *name, *as; } row_of[] = {
		{ NULL, "orderId", "orderId" }, { NULL, "symbol", "symbol" }, { NULL, "pair", "pair" },
		{ NULL, "clientOrderId", "clientOrderId" }, { "price", "after", "price" },
		{ "origQty", "after", "origQty" }, { "", "modifyId", "modifyId" },
		{ NULL, "time", "updateTime" }
	};
	const struct tok *change = scan_get(t, row, "amendment"), *v;
	struct buf value = { 0 };

	buf_reset(&fa->found);
	jw_open(&fa->found, NULL, '{');
	for (size_t i = 0; i < sizeof row_of / sizeof *row_of; i++) {
		v = row_of[i].in == NULL ? row : row_of[i].in[0] == '\0' ? change :
		    scan_get(t, change, row_of[i].in);
		if ((v = scan_get(t, v, row_of[i].name)) == NULL)
			continue;
		buf_reset(&value);
		span_put(&value, v);
		fa->found.bad = fa->found.bad || value.bad;
		if (!value.bad)
			jw_raw(&fa->found, row_of[i].as, value.p, value.len);
	}
	jw_close(&fa->found, '}');
	buf_free(&value);
	fate_found(fa);
}

enum look
fate_modify_amendments(struct fate *fa, const struct look_answer *a)
{
	const struct tok *v;
	bool maybe = false;

	if (look_no_such_order(a))
		return LOOK_MISS;
	if (!look_list(a))
		return LOOK_FAILED;
	for (v = scan_first(a->v); v != NULL; v = scan_next(a->t, a->v, v))
		switch (fate_amended(fa, a->t, v)) {
		case AMENDED_OURS:
			if (fa->found.len > 0)
				fate_found(fa);
			else
				amended_found(fa, a->t, v);
			return LOOK_DONE;
		case AMENDED_CONFLICT:
			fate_unknown(fa, "the exchange shows a modification with this modifyId but other "
			    "values; it must be looked at by hand");
			return LOOK_DONE;
		case AMENDED_MAYBE:
			maybe = true;
			break;
		case AMENDED_OTHER:
			break;
		}
	return maybe || a->v->n >= AMENDS_MAX ? LOOK_FAILED : LOOK_MISS;
}

enum look
fate_modify_conclude(struct fate *fa, const struct look_answer *a)
{
	char why[200];

	if (fa->maybe) {
		snprintf(why, sizeof why, "%s; it has ended, perhaps by this modification", fa->seen);
		fate_unknown(fa, why);
		return LOOK_DONE;
	}
	return fate_cancel_conclude(fa, a);
}

/* Looking up: what an answer counts for, and what follows. */
#include <stdio.h>

#include "core/fate_in.h"

/* The exchange forgets an order that closed without a fill after 3 days. */
#define HISTORY_MS	(INT64_C(71) * 3600 * 1000)
#define WAIT_MS		30000	/* far beyond the time-out of any request */

enum look
look_more(struct fate *fa, enum fate_ask ask)
{
	fa->ask = ask;
	return LOOK_MORE;
}

bool
look_no_such_order(const struct look_answer *a)
{
	return a->f != NULL && a->f->code == -2013;
}

bool
look_not_served(const struct look_answer *a)
{
	return a->f != NULL && !look_no_such_order(a) && (a->f->http == 404 || a->f->code == -5000);
}

void
look_see(struct fate *fa, const struct look_answer *a, const char *what)
{
	char status[24] = "?", qty[DEC_STR] = "", price[DEC_STR] = "";
	dec d;

	(void)scan_get_str(a->t, a->v, fa->in.algo ? "algoStatus" : "status", status, sizeof status);
	if (fa->in.op == OP_MODIFY && scan_get_dec(a->t, a->v, "origQty", &d))
		dec_print_short(d, qty);
	if (fa->in.op == OP_MODIFY && scan_get_dec(a->t, a->v, "price", &d))
		dec_print_short(d, price);
	snprintf(fa->seen, sizeof fa->seen, "%s (%s%s%.24s%s%.24s)", what, status, qty[0] ? ", " : "",
	    qty, price[0] ? " @ " : "", price);
}

void
look_see_none(struct fate *fa)
{
	snprintf(fa->seen, sizeof fa->seen, "there is no such order");
}

const struct tok *
look_among(const struct fate *fa, const struct look_answer *a)
{
	const struct tok *v;

	for (v = scan_first(a->v); v != NULL; v = scan_next(a->t, a->v, v))
		if (fate_same_id(&fa->in, a->t, v))
			return v;
	return NULL;
}

bool
look_list(const struct look_answer *a)
{
	return a->f == NULL && a->v != NULL && a->v->kind == SCAN_ARR;
}

bool
look_object(const struct look_answer *a)
{
	return a->f == NULL && a->v != NULL && a->v->kind == SCAN_OBJ;
}

enum look
look_out_of_history(struct fate *fa)
{
	fate_unknown(fa, "not in the exchange's history, which ends after 3 days for orders "
	    "without a fill");
	return LOOK_DONE;
}

bool
look_old(const struct fate *fa, const struct look_answer *a)
{
	return a->now_ms - fa->stamp > HISTORY_MS;
}

enum look
look_adopt(struct fate *fa, const struct tok *t, const struct tok *v)
{
	fate_adopt(fa, t, v);
	return LOOK_DONE;
}

static look_reader *const readers[OPS][ASK_AMENDMENTS + 1] = {
	[OP_PLACE] = { [ASK_ORDER] = fate_place_order, [ASK_OPEN] = fate_place_open,
		[ASK_TRADES] = fate_place_trades, [ASK_TRADED] = fate_place_traded,
		[ASK_HISTORY] = fate_place_history },
	[OP_CANCEL] = { [ASK_ORDER] = fate_cancel_order, [ASK_OPEN] = fate_cancel_open,
		[ASK_HISTORY] = fate_cancel_history },
	[OP_CANCEL_ALL] = { [ASK_OPEN] = fate_all_open },
	[OP_MODIFY] = { [ASK_ORDER] = fate_modify_order, [ASK_AMENDMENTS] = fate_modify_amendments }
};
static look_reader *const conclude[OPS] = {
	[OP_PLACE] = fate_place_conclude, [OP_CANCEL] = fate_cancel_conclude,
	[OP_CANCEL_ALL] = fate_cancel_conclude, [OP_MODIFY] = fate_modify_conclude
};

/*
 * The exchange's clock must not run ahead of the monotonic one: if it leaps (F22), what
 * was accepted just before is not shown any sooner for it. How long the request waited
 * for its answer is not known, but no longer than WAIT_MS.
 */
static void
mind_clock(struct fate *fa, int64_t now_ms, int64_t mono_ms)
{
	int64_t ahead;

	if (fa->ref_now == 0) {
		ahead = now_ms - fa->stamp - (mono_ms - fa->since_ms);
		if (!fa->recovered && ahead > WAIT_MS)
			fa->bound += ahead;
		fa->ref_now = now_ms;
		fa->ref_mono = fa->due_ms;	/* asked since then */
	}
	ahead = (now_ms - fa->ref_now) - (mono_ms - fa->ref_mono);
	if (ahead > 0) {
		fa->bound += ahead;
		fa->ref_now += ahead;
	}
}

/* Less time has passed by it since the request was signed than by the monotonic one
 * since it was unknown; but for the 1 s that is never sure. */
static bool
is_set_back(const struct fate *fa, int64_t now_ms)
{
	if (fa->recovered)
		return now_ms < fa->ref_now;
	return now_ms - fa->stamp < fa->due_ms - fa->since_ms - 1000;
}

static enum look
count(struct fate *fa, enum look got, const struct look_answer *a)
{
	if (got == LOOK_MISS || got == LOOK_FAILED)
		fa->misses = got == LOOK_MISS && a->after ? fa->misses + 1 : 0;
	return got == LOOK_MISS && fa->misses >= MISSES ? conclude[fa->in.op](fa, a) : got;
}

void
fate_looked(struct fate *fa, enum fate_ask ask, const struct fault *f, const struct tok *t,
    const struct tok *v, int64_t now_ms, int64_t mono_ms)
{
	struct look_answer a = { .f = f, .t = t, .v = v, .now_ms = now_ms };
	enum look got;

	if (fa->state != FATE_LOOK || ask != fa->ask || readers[fa->in.op][ask] == NULL)
		return;
	mind_clock(fa, now_ms, mono_ms);
	fa->set_back = fa->set_back || is_set_back(fa, now_ms);
	a.after = now_ms > fa->bound;
	got = readers[fa->in.op][ask](fa, &a);
	if (got != LOOK_DONE && fa->explain) {
		fate_refused(fa);
		return;
	}
	got = count(fa, got, &a);
	if (got == LOOK_MORE)
		fa->due_ms = mono_ms;
	else if (got != LOOK_DONE)
		fate_again(fa, mono_ms);
}

/* Look, cancel, flatten, look again; until nothing stands, or time is up. */
#include <stdio.h>
#include <string.h>

#include "kill.h"

#define PAUSE_MS	250	/* between rounds, at first */
#define PAUSE_MAX	2000
#define LIGHT_ROUNDS	(2 * RUNGS)
#define SLOW_MS		2000	/* while the exchange liquidates */
#define LAST_MS		2000	/* kept for a last look */

/*
 * Requests of the journal without an outcome, of whatever tool, could still become a position: settle
 * them, or there is no proof. The number left; *news: some were there, so what was seen may be old.
 */
static int
settle(struct app *a, bool *news, struct fault *f)
{
	int64_t left = left_ms(a);
	struct buf got = { 0 };
	int r;

	if (a->desk == NULL) {
		*f = a->no_journal;
		return -1;
	}
	r = desk_recover(a->desk, left < LAST_MS + 200 ? 200 : (int)left - LAST_MS, &got, f);
	*news = r != 0 || got.len > 0;
	if (got.len > 0) {
		flatten_settled(a, &got);
		emit_records(a, &got);
	}
	buf_free(&got);
	if (r > 0)
		fault_set(f, FAULT_UNKNOWN, "the outcome of %d request%s in the journal is unknown", r, r == 1 ? "" : "s");
	return r;
}

static void
put_count(struct app *a, const char *name, int n)
{
	if (n >= 0)
		jw_i64(&a->rec, name, n);
	else
		jw_null(&a->rec, name);
}

static void
put_proof(struct app *a, int unsettled)
{
	step(a, "proof");
	put_count(a, "openOrders", look_open(a, LIST_ORDERS));
	put_count(a, "openAlgoOrders", look_open(a, LIST_ALGO));
	put_count(a, "positions", look_positions(a));
	put_count(a, "unsettled", unsettled);
	emit(a);
}

/* What a look shows for the first time. */
static void
mark_times(struct app *a)
{
	int orders = look_open(a, LIST_ORDERS), algo = look_open(a, LIST_ALGO);

	if (a->cancelled_ms == -1 && orders == 0 && algo == 0)
		a->cancelled_ms = since_ms(a);
	if (a->flat_ms == -1 && look_positions(a) == 0)
		a->flat_ms = since_ms(a);
	if (orders > 0 || algo > 0)
		a->cancelled_ms = -1;
	if (look_positions(a) > 0)
		a->flat_ms = -1;
}

static void
say_stands(struct app *a, struct fault *f)
{
	int n[LISTS];

	for (enum list l = 0; l < LISTS; l++)
		n[l] = look_open(a, l) > 0 ? look_open(a, l) : 0;
	if (look_known(a, f))
		fault_set(f, FAULT_REJECTED, "still standing: %d open order(s), %d conditional order(s), %d position(s)",
		    n[LIST_ORDERS], n[LIST_ALGO], n[LIST_POSITIONS]);
}

static void
look_whole_next(struct app *a)
{
	for (int m = 0; m < MARKETS; m++)
		a->view[m].full = true;
}

/*
 * One round: look, and act on what stands; when nothing does, settle what may be in flight, and look once
 * more if there was anything. True: proven.
 */
static bool
one_round(struct app *a, int n, struct fault *f)
{
	bool news = false;
	int unsettled;

	look(a, n == 0);
	mark_times(a);
	if (!look_clear(a)) {
		say_stands(a, f);
		if (n > 0 && !a->out.table)	/* a person is told by say_stands, at the end */
			put_proof(a, -1);
		cancel(a);
		if (a->level == LEVEL_FLATTEN)
			flatten(a);
		return false;
	}
	unsettled = settle(a, &news, f);
	if (unsettled == 0 && news) {
		look_whole_next(a);
		look(a, false);
		mark_times(a);
	}
	put_proof(a, unsettled);
	if (unsettled == 0 && !look_clear(a))
		say_stands(a, f);
	return unsettled == 0 && look_clear(a);
}

/*
 * The end
 */

static void
open_left(struct app *a, enum market m, const char *kind)
{
	jw_open(&a->rec, NULL, '{');
	jw_str(&a->rec, "market", market_word(m));
	jw_str(&a->rec, "kind", kind);
}

static void
put_unknown(struct app *a, enum market m)
{
	static const char *const kinds[LISTS] = { "orders", "algo", "positions" };
	const struct view *v = &a->view[m];

	for (enum list l = 0; l < LISTS; l++) {
		if (v->known[l])
			continue;
		open_left(a, m, kinds[l]);
		jw_str(&a->rec, "why", v->why[l].text[0] != '\0' ? v->why[l].text : "not looked at");
		jw_close(&a->rec, '}');
	}
}

static void
put_orders(struct app *a, enum market m, enum list l)
{
	const struct view *v = &a->view[m];

	for (int i = 0; i < v->nord[l]; i++) {
		open_left(a, m, l == LIST_ALGO ? "algo" : "orders");
		jw_str(&a->rec, "symbol", v->ord[l][i].symbol);
		if (v->ord[l][i].id != 0)
			jw_u64(&a->rec, l == LIST_ALGO ? "algoId" : "orderId", v->ord[l][i].id);
		jw_str(&a->rec, "why", cancel_why(a, m, l, v->ord[l][i].symbol));
		jw_close(&a->rec, '}');
	}
}

static void
put_positions(struct app *a, enum market m)
{
	const struct view *v = &a->view[m];
	const struct track *t;

	for (int i = 0; i < v->npos; i++) {
		t = track_of(a, &v->pos[i]);
		open_left(a, m, "position");
		jw_str(&a->rec, "symbol", v->pos[i].symbol);
		if (v->pos[i].side != POS_BOTH)
			jw_str(&a->rec, "positionSide", v->pos[i].side == POS_LONG ? "LONG" : "SHORT");
		jw_dec(&a->rec, "positionAmt", v->pos[i].amt);
		jw_str(&a->rec, "why", t != NULL ? t->why : "");
		jw_close(&a->rec, '}');
	}
}

static void
put_left(struct app *a)
{
	jw_open(&a->rec, "left", '[');
	for (int i = 0; i < a->nmarket; i++) {
		put_unknown(a, a->market[i]);
		put_orders(a, a->market[i], LIST_ORDERS);
		put_orders(a, a->market[i], LIST_ALGO);
		if (a->level == LEVEL_FLATTEN)
			put_positions(a, a->market[i]);
	}
	jw_close(&a->rec, ']');
}

static void
put_ms(struct app *a, const char *name, int64_t ms)
{
	if (ms >= 0)
		jw_i64(&a->rec, name, ms);
	else
		jw_null(&a->rec, name);
}

static void
put_end(struct app *a, bool proven, const struct fault *f)
{
	step(a, "end");
	if (a->level == LEVEL_CANCEL)
		jw_bool(&a->rec, "cancelled", proven);
	jw_bool(&a->rec, "flat", proven && look_positions(a) == 0);
	put_ms(a, "blockedMs", a->blocked_ms);
	put_ms(a, "cancelledMs", a->cancelled_ms);
	put_ms(a, "flatMs", a->flat_ms);
	jw_i64(&a->rec, "requests", requests(a));
	put_left(a);
	if (!proven)
		step_fault(a, f);
	emit(a);
}

static void
say_one(struct app *a, const char *symbol, const char *what, const char *why)
{
	say(a, "left: %s %s%s%s", symbol, what, why[0] != '\0' ? ": " : "", why);
}

/* Each symbol once. */
static void
say_orders(struct app *a, enum market m, enum list l)
{
	const struct standing *o = a->view[m].ord[l];
	int before, n = a->view[m].nord[l];

	for (int i = 0; i < n; i++) {
		for (before = 0; before < i && strcmp(o[before].symbol, o[i].symbol) != 0; before++)
			;
		if (before == i)
			say_one(a, o[i].symbol, l == LIST_ALGO ? "conditional orders" : "orders",
			    cancel_why(a, m, l, o[i].symbol));
	}
}

static void
say_left(struct app *a)
{
	const struct track *t;
	char amt[DEC_STR];

	for (int i = 0; i < a->nmarket; i++) {
		enum market m = a->market[i];

		say_orders(a, m, LIST_ORDERS);
		say_orders(a, m, LIST_ALGO);
		for (int k = 0; k < a->view[m].npos && a->level == LEVEL_FLATTEN; k++) {
			t = track_of(a, &a->view[m].pos[k]);
			dec_print_short(a->view[m].pos[k].amt, amt);
			say_one(a, a->view[m].pos[k].symbol, amt, t != NULL ? t->why : "");
		}
		for (enum list l = 0; l < LISTS; l++)
			if (!a->view[m].known[l])
				say_one(a, market_title(m), l == LIST_ORDERS ? "orders, not known" : l == LIST_ALGO ?
				    "conditional orders, not known" : "positions, not known", a->view[m].why[l].text);
	}
}

int
kill_none(struct app *a, const struct fault *f)
{
	put_end(a, false, f);
	say_left(a);
	say(a, "NOT proven %s: %s", a->level == LEVEL_CANCEL ? "cancelled" : "flat", f->text);
	see(a, f);
	return fault_status(fault_worst(a->local, fault_worst(a->worst, f->kind)));
}

/* Where only positions are left a look weighs little, and the ladder is to be climbed in seconds. */
static int64_t
pause_of(const struct app *a, int n)
{
	bool light = look_open(a, LIST_ORDERS) == 0 && look_open(a, LIST_ALGO) == 0 && !a->view[MARKET_USDM].full &&
	    !a->view[MARKET_COINM].full;

	if (light)
		return n <= LIGHT_ROUNDS ? PAUSE_MS : PAUSE_MAX;
	return n < 4 ? PAUSE_MS << n : PAUSE_MAX;
}

/* How long to wait after round n; -1: another would be in vain. */
static int64_t
pause_after(struct app *a, int n, const struct fault *f)
{
	int64_t ms = pause_of(a, n);

	if (f->kind == FAULT_KEY || f->kind == FAULT_USAGE || f->kind == FAULT_LOCAL || f->retry_ms > left_ms(a))
		return -1;
	if (look_open(a, LIST_ORDERS) == 0 && look_open(a, LIST_ALGO) == 0 && flatten_stuck(a))
		return -1;
	if (a->slow && ms < SLOW_MS)
		ms = SLOW_MS;
	if (f->retry_ms > ms)
		return f->retry_ms;
	return n == 0 && f->kind == FAULT_REJECTED && !a->slow ? 0 : ms;
}

/* Whether the key, or this machine, keeps all markets from being looked at: one alone does not end it. */
static bool
some_market_answers(const struct app *a)
{
	for (int i = 0; i < a->nmarket; i++) {
		const struct view *v = &a->view[a->market[i]];

		if (v->known[LIST_ORDERS] || v->known[LIST_ALGO] || v->known[LIST_POSITIONS])
			return true;
	}
	return false;
}

/* Nothing is left to be done where one can look; what cannot be looked at for good will not come. */
static bool
in_vain(struct app *a, struct fault *f)
{
	bool hard = f->kind == FAULT_KEY || f->kind == FAULT_USAGE || f->kind == FAULT_LOCAL;

	if (!hard || !some_market_answers(a))
		return hard;
	for (int i = 0; i < a->nmarket; i++) {
		const struct view *v = &a->view[a->market[i]];

		if (v->nord[LIST_ORDERS] > 0 || v->nord[LIST_ALGO] > 0 ||
		    (a->level == LEVEL_FLATTEN && v->npos > 0 && !flatten_stuck(a)))
			return false;
	}
	return true;
}

static bool
acted(const struct app *a)
{
	return a->view[MARKET_USDM].acted || a->view[MARKET_COINM].acted;
}

static void
say_proven(const struct app *a)
{
	if (a->level == LEVEL_CANCEL)
		say(a, "proven free of orders: blocked after %lld ms, cancelled after %lld ms; %ld requests",
		    (long long)a->blocked_ms, (long long)a->cancelled_ms, requests(a));
	else
		say(a, "proven flat: blocked after %lld ms, cancelled after %lld ms, flat after %lld ms; %ld requests",
		    (long long)a->blocked_ms, (long long)a->cancelled_ms, (long long)a->flat_ms, requests(a));
}

int
kill_all(struct app *a)
{
	struct fault f = { 0 };
	bool last = false;
	int64_t pause;

	for (int n = 0; !last; n++) {
		last = !may_go_on(a) && n > 0;	/* then it only looks, at what the one before did */
		if (one_round(a, n, &f)) {
			put_end(a, true, &f);
			say_proven(a);
			return fault_status(a->local);
		}
		if (in_vain(a, &f))
			break;
		if (f.kind == FAULT_KEY || f.kind == FAULT_USAGE || f.kind == FAULT_LOCAL)
			f.kind = FAULT_REJECTED;	/* of one market; the other goes on */
		if ((pause = pause_after(a, n, &f)) == -1)
			break;
		wait_ms(a, pause);
	}
	if (!last && acted(a)) {	/* what is left is what is left now */
		look(a, false);
		say_stands(a, &f);
	}
	return kill_none(a, &f);
}

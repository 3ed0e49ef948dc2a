/* One line in; if it is an intent, exactly one outcome out. */
#include <stdio.h>
#include <string.h>

#include "io/trader.h"
#include "exits.h"

#define INTENT_MAX	(64u << 10)	/* bytes: some hundreds wait, each is kept twice */

/* A client id of ours, a modifyId of ours: what it is known by afterwards. */
static int
name_it(struct app *a, struct job *j, struct fault *f)
{
	struct intent *in = &j->in;
	char text[24];

	if (in->op == OP_PLACE && in->client_id[0] == '\0') {
		if (trader_client_id(in->client_id, "bf-", clock_wall_ms(), f) == -1)
			return -1;
		job_change(j, "newClientOrderId", in->client_id);
	}
	if (in->op == OP_MODIFY && in->modify_id == 0) {
		if (trader_number(&in->modify_id, f) == -1)
			return -1;
		snprintf(text, sizeof text, "%lld", (long long)in->modify_id);
		job_change(j, "modifyId", text);
	}
	(void)a;
	return 0;
}

static void
treat_intent(struct app *a, const struct tok *t, size_t n)
{
	struct job *j = a->job;
	struct fault f = { 0 };

	if (n > INTENT_MAX) {
		reject(a, FAULT_REJECTED, "intent", 0, "65536", "", "an intent of %zu bytes is longer than any good one", n);
		return;
	}
	j->t = j->v = t;
	if (intent_read(&j->in, t, t, &f) == -1) {
		job_compose(j);
		reject(a, FAULT_REJECTED, "intent", f.code, "", "", "%s", f.text);
		return;
	}
	if (name_it(a, j, &f) == 0)
		job_compose(j);
	if (f.kind == FAULT_NONE && j->text.bad)
		fault_set(&f, FAULT_LOCAL, "out of memory; nothing was sent");
	if (f.kind != FAULT_NONE)
		refuse(a, &f);
	else if (gate(a))
		job_send(a);
}

static bool
is(const struct tok *e, const char *word)
{
	return e != NULL && scan_is(e, word);
}

/* Caps hold against whoever writes to us, and so not by a price that is written there. */
static bool
mark_counts(const struct app *a)
{
	const struct profile *p = &a->v.s[a->v.market].prof;

	return dec_sign(p->max_order_notional) != 0 || dec_sign(p->max_position_notional) != 0 ||
	    dec_sign(p->max_price_distance) != 0;
}

/* Events are news too: prices, and what became of orders. */
static void
hear(struct app *a, const struct tok *t, const struct tok *e)
{
	char symbol[SYMBOL_MAX];
	int64_t at;
	dec p;

	if (is(e, "markPriceUpdate")) {
		if (!mark_counts(a) && scan_get_str(t, t, "s", symbol, sizeof symbol) && scan_get_dec(t, t, "p", &p) &&
		    scan_get_i64(t, t, "E", &at))
			mark_told(&a->marks, symbol, p, at, app_now(a));
	} else if (is(e, "ORDER_TRADE_UPDATE") || is(e, "ALGO_UPDATE") || is(e, "TRADE_LITE"))
		desk_event(a->desk, t, t);
	if (is(e, "ALGO_UPDATE"))
		guard_event(a, t);
}

/* Refusals of those before us are outcomes: they go on. The rest is only
 * passed on if asked for. */
static void
treat_other(struct app *a, const struct tok *t, const char *line, size_t n)
{
	const struct tok *e = scan_get(t, t, "e");
	bool refusal = is(e, "bf.reject") || is(e, "bf.error");

	if (refusal)
		saw(a, FAULT_REJECTED);
	else
		hear(a, t, e);
	if (!refusal && !a->p.pass)
		return;
	buf_put(&a->rec, line, n);
	buf_chr(&a->rec, '\n');
	emit(a);
}

/* What cannot be read may have been an order, or the end of one: stop. What came before it is
 * seen to its end first. */
static void
malformed(struct app *a, const char *why, size_t where)
{
	run_out(a);
	say(a, "line %llu: not a JSON object: %s at byte %zu; stopping", a->line, why, where + 1);
	reject(a, FAULT_REJECTED, "json", 0, "", "", "line %llu: not a JSON object: %s at byte %zu",
	    a->line, why, where + 1);
	a->halt = true;
}

void
treat_line(struct app *a, const char *line, size_t n)
{
	int got = scan_doc(&a->sc, line, n);

	job_reset(a->job);
	a->job->line = a->line;
	if (got == SCAN_EMPTY)
		return;
	if (got < 0)
		malformed(a, scan_strerror(got), a->sc.where);
	else if (a->sc.t->kind != SCAN_OBJ)
		malformed(a, "another kind of value", 0);
	else if (intent_kind(a->sc.t, a->sc.t) == REC_INTENT)
		treat_intent(a, a->sc.t, n);
	else
		treat_other(a, a->sc.t, line, n);
}

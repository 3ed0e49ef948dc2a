/* What is done with one line of the pipe. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "risk.h"

static int
reject(struct app *a, const char *rule, int code, const char *msg, const char *limit, const char *value,
    const char *line, size_t n, struct fault *f)
{
	a->rejected = true;
	tool_say(a->tool, STDERR_FILENO, "line %llu: %s", a->in.number, msg);
	tool_reject_record(&a->rec, a->tool->name, rule, code, msg, limit, value, session_now(&a->s), line, n);
	return out_records(&a->out, &a->rec, f);
}

int
reject_line(struct app *a, const char *rule, const char *why, struct fault *f)
{
	return reject(a, rule, 0, why, "", "", NULL, 0, f);
}

/* The price to judge an order of this symbol at; false, and why, if there is
 * none fresh. What the pipe carries must be fresh on the pipe: a stream that
 * died must not be papered over. Other symbols are asked for. */
static bool
reference_price(struct app *a, const char *symbol, int64_t mono_ms, dec *out, struct fault *f)
{
	struct mark *m = marks_find(&a->marks, symbol, strlen(symbol));
	int64_t now = session_now(&a->s);
	struct buf q = { 0 };
	int64_t at;
	bool ok;

	if (m != NULL) {
		*out = m->price;
		if (mono_ms - m->mono_ms > a->max_age_ms || now - m->event_ms > a->max_age_ms) {
			fault_set(f, FAULT_REJECTED, "mark price of %s is stale: %lld ms old, at most %ld allowed", symbol,
			    (long long)(now - m->event_ms), a->max_age_ms);
			return false;
		}
		return true;
	}
	buf_str(&q, "symbol=");
	query_escape(&q, symbol);
	ok = !q.bad && session_call(&a->s, EP_PREMIUM_INDEX, q.p, false, f) == 0;
	buf_free(&q);
	if (!ok)
		return false;
	if (!scan_get_dec(a->s.doc.t, a->s.doc.t, "markPrice", out) ||
	    !scan_get_i64(a->s.doc.t, a->s.doc.t, "time", &at) || now - at > a->max_age_ms) {
		fault_set(f, FAULT_REJECTED, "no fresh mark price of %s", symbol);
		return false;
	}
	return true;
}

/* The mark price of a position held is too old to judge by. */
static bool
old_marks(const struct app *a, int64_t mono_ms)
{
	for (int i = 0; i < a->acct.npos; i++) {
		const struct position *p = &a->acct.pos[i];

		if (dec_sign(p->amt) != 0 && (p->mark_ms > 0 ? a->now_ms - p->mark_ms : mono_ms - a->loaded_ms) > a->max_age_ms)
			return true;
	}
	return false;
}

/* An order as the judge wants it: MARKET at the mark, LIMIT at its price, or
 * at the mark if that is worse (a sell far below it fills at the mark); a conditional
 * one at its trigger, too. A modify says too little of its order to be judged. */
static bool
as_pending(const struct intent *in, dec mark, int64_t mono_ms, struct pending *out)
{
	*out = (struct pending){ 0 };
	snprintf(out->symbol, sizeof out->symbol, "%s", in->symbol);
	snprintf(out->client_id, sizeof out->client_id, "%s", in->client_id);
	out->side = in->side;
	out->pos_side = in->pos_side;
	out->qty = in->qty;
	out->price = dec_max(dec_max(in->price, mark), dec_max(in->trigger, in->activate));
	out->mono_ms = mono_ms;
	return in->op == OP_PLACE && dec_sign(out->price) > 0 && dec_sign(out->qty) > 0;
}

static void
say_over(const struct app *a, const struct verdict *v, char *msg, size_t size, char limit[DEC_STR],
    char value[DEC_STR])
{
	char nearest[DEC_STR];

	dec_print(a->max_lev, limit);
	if (!v->bounded) {
		value[0] = '\0';
		snprintf(msg, size, "max-lev: the account has no equity to carry new risk");
		return;
	}
	dec_print(v->after, value);
	dec_print(v->nearest, nearest);
	if (dec_sign(v->nearest) > 0)
		snprintf(msg, size, "max-lev: effective leverage would be %s, limit %s; quantity %s would pass",
		    value, limit, nearest);
	else
		snprintf(msg, size, "max-lev: effective leverage would be %s, limit %s; no quantity would pass",
		    value, limit);
}

/* Judge an intent that adds risk. 0: passes; 1: rejected, and the record is out; -1. */
static int
judge_intent(struct app *a, const struct intent *in, const char *line, size_t n, int64_t mono_ms, struct fault *f)
{
	char msg[256], limit[DEC_STR] = "", value[DEC_STR] = "";
	struct pending extra;
	struct fault jf = { 0 };
	struct verdict v;
	struct rules r;
	dec mark;

	refresh(a, mono_ms, !a->said_down && old_marks(a, mono_ms));
	if (a->loaded_ms == 0 || a->said_down || mono_ms - a->loaded_ms > a->refresh_ms * 2 + a->max_age_ms)
		return reject(a, "account-unknown", 0, "the account's state is not known: no new risk",
		    "", "", line, n, f) == -1 ? -1 : 1;
	if (xinfo_rules(&a->xinfo, &a->s, in->symbol, &r, &jf) == -1)
		return reject(a, "symbol", jf.code, jf.text, "", in->symbol, line, n, f) == -1 ? -1 : 1;
	if (!reference_price(a, in->symbol, mono_ms, &mark, &jf))
		return reject(a, "stale-mark", jf.code, jf.text, "", "", line, n, f) == -1 ? -1 : 1;
	if (strcmp(r.margin, a->asset) != 0) {
		snprintf(msg, sizeof msg, "%s is margined in %s, and this bf-risk guards %s", in->symbol, r.margin, a->asset);
		return reject(a, "asset", 0, msg, a->asset, r.margin, line, n, f) == -1 ? -1 : 1;
	}
	if (a->npending == PENDING_MAX || !as_pending(in, mark, mono_ms, &extra) ||
	    !judge(&a->acct, a->asset, a->pending, a->npending, &extra, a->max_lev, a->cost, r.step, &v))
		return reject(a, "account-unknown", 0, "the order cannot be judged: no new risk",
		    "", "", line, n, f) == -1 ? -1 : 1;
	if (!v.pass) {
		say_over(a, &v, msg, sizeof msg, limit, value);
		return reject(a, "max-lev", 0, msg, limit, value, line, n, f) == -1 ? -1 : 1;
	}
	a->pending[a->npending++] = extra;
	return 0;
}

static int
treat_intent(struct app *a, const struct tok *t, const char *line, size_t n, int64_t mono_ms, struct fault *f)
{
	struct fault rf = { 0 };
	struct intent in;
	int r;

	if (intent_read(&in, t, t, &rf) == -1)
		return reject(a, "intent", rf.code, rf.text, "", "", line, n, f);
	if (!intent_reduces(&in)) {
		if ((r = judge_intent(a, &in, line, n, mono_ms, f)) != 0)
			return r == -1 ? -1 : 0;
	}
	return out_line(&a->out, line, n, f);
}

/* The members of a mark price that matter, in one walk: nearly all lines are such. */
static void
mark_members(const struct tok *t, const struct tok **s, const struct tok **p, const struct tok **event)
{
	const struct tok *k = t + 1, **to;

	for (uint32_t left = t->n; left > 0; left--, k = t + k[1].next) {
		if (k->len != 1 || k->esc)
			continue;
		to = *k->p == 's' ? s : *k->p == 'p' ? p : *k->p == 'E' ? event : NULL;
		if (to != NULL && *to == NULL)
			*to = k + 1;
	}
}

/* A mark price: remembered if it is news. true if it is one of a symbol held.
 * One from the future would never grow old, and keep out those that follow. */
static bool
note_mark(struct app *a, const struct tok *t, int64_t mono_ms)
{
	const struct tok *s = NULL, *p = NULL, *event = NULL;
	int64_t now = a->now_ms, event_ms;
	struct mark *m;
	dec price;

	mark_members(t, &s, &p, &event);
	if (s == NULL || s->kind != SCAN_STR || s->esc || !scan_dec(p, &price) ||
	    dec_sign(price) <= 0 || !scan_i64(event, &event_ms) || event_ms > now + a->max_age_ms ||
	    (m = marks_slot(&a->marks, s->p, s->len)) == NULL || event_ms < m->event_ms)
		return false;
	m->price = price;
	m->event_ms = event_ms;
	m->mono_ms = mono_ms;
	if (now - event_ms > a->max_age_ms) {
		if (!a->said_stale)
			tool_say(a->tool, STDERR_FILENO, "mark prices are older than %ld ms: not acted upon", a->max_age_ms);
		a->said_stale = true;
		return false;
	}
	a->said_stale = false;
	return account_mark(&a->acct, s->p, s->len, price, event_ms);
}

/* It counts among the open orders now, or has ended. An open market order has
 * no price to count by: it stays here until its end. */
static void
forget_pending(struct app *a, const struct tok *t)
{
	const struct tok *o = scan_get(t, t, "o");
	dec price;

	if ((scan_get_is(t, o, "X", "NEW") || scan_get_is(t, o, "X", "PARTIALLY_FILLED")) &&
	    (!scan_get_dec(t, o, "p", &price) || dec_sign(price) <= 0))
		return;
	for (int i = 0; i < a->npending; i++)
		if (a->pending[i].client_id[0] != '\0' && scan_get_is(t, o, "c", a->pending[i].client_id)) {
			a->pending[i] = a->pending[--a->npending];
			return;
		}
}

static int
treat_event(struct app *a, const struct tok *t, const struct tok *e, int64_t mono_ms, struct fault *f)
{
	struct fault ef = { 0 };

	if (scan_is(e, "markPriceUpdate"))
		return note_mark(a, t, mono_ms) ? monitor(a, mono_ms, f) : 0;
	switch (account_event(&a->acct, t, t, &ef)) {
	case 1:
		if (scan_is(e, "ORDER_TRADE_UPDATE")) {
			forget_pending(a, t);
			follow_event(a, t, t);
		}
		return monitor(a, mono_ms, f);
	case -1:
		tool_say(a->tool, STDERR_FILENO, "line %llu: %s", a->in.number, ef.text);
		refresh(a, mono_ms, true);
		break;
	}
	return 0;
}

int
treat_line(struct app *a, const char *line, size_t n, int64_t mono_ms, struct fault *f)
{
	const struct tok *t, *e;
	int r;

	if ((r = scan_doc(&a->sc, line, n)) <= 0)
		return r == SCAN_EMPTY ? 0 : reject_line(a, "json", scan_strerror(r), f);
	t = a->sc.t;
	if (t->kind != SCAN_OBJ)
		return reject_line(a, "json", "not a JSON object", f);
	e = scan_get(t, t, "e");	/* intents have none */
	if (e == NULL && intent_kind(t, t) == REC_INTENT) {
		tick(a);
		r = treat_intent(a, t, line, n, a->mono_ms, f);
		tick(a);
		return r;
	}
	if (out_line(&a->out, line, n, f) == -1)
		return -1;
	return e != NULL && e->kind == SCAN_STR ? treat_event(a, t, e, mono_ms, f) : 0;
}

/* What is done with one line of the pipe. */
#include <stdio.h>
#include <string.h>

#include "core/hint.h"
#include "risk.h"

/*
 * Rejects
 */

static void
tell(const struct app *a, const char *why, const char *rule, int code)
{
	say(a, "line %llu: %s", a->in.number, why);
	tool_see(a->tool, STDERR_FILENO, why, hint_of_rule(rule, code, a->tool->name));
}

static int
put_reject(struct app *a, struct fault *f)
{
	a->rejected = true;
	return out_records(&a->out, &a->rec, f);
}

int
reject_line(struct app *a, const char *rule, const char *why, struct fault *f)
{
	tell(a, why, rule, 0);
	tool_reject_record(&a->rec, a->tool->name, rule, 0, why, "", "", a->w.now.ms, NULL, 0);
	return put_reject(a, f);
}

/* An intent that is none: the exchange would say so, with this code. */
static int
reject_malformed(struct app *a, const struct fault *why, const char *line, size_t n, struct fault *f)
{
	tell(a, why->text, "intent", why->code);
	tool_reject_record(&a->rec, a->tool->name, "intent", why->code, why->text, "", "", a->w.now.ms, line, n);
	return put_reject(a, f);
}

static void
put_reasons(struct buf *b, const struct verdict *v)
{
	jw_open(b, "reasons", '[');
	for (int i = 0; i < v->n; i++) {
		jw_open(b, NULL, '{');
		jw_str(b, "rule", v->b[i].name);
		jw_str(b, "limit", v->b[i].limit);
		jw_str(b, "value", v->b[i].value);
		jw_str(b, "msg", v->b[i].text);
		jw_close(b, '}');
	}
	jw_close(b, ']');
}

/* The first reason stands where a reader of one looks for it; all of them in a list. */
static void
reject_record(struct app *a, const struct verdict *v, const char *line, size_t n)
{
	const struct breach *first = &v->b[0];
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.reject");
	jw_i64(b, "E", a->w.now.ms);
	jw_str(b, "by", a->tool->name);
	jw_str(b, "rule", first->name);
	jw_i64(b, "code", first->code);
	jw_str(b, "msg", first->text);
	jw_str(b, "limit", first->limit);
	jw_str(b, "value", first->value);
	if (v->n > 1)
		put_reasons(b, v);
	if (v->has_nearest)
		jw_dec(b, "nearest", v->nearest);
	jw_raw(b, "intent", line, n);
	jw_close(b, '}');
	jw_end(b);
}

static int
reject(struct app *a, const struct verdict *v, const char *line, size_t n, struct fault *f)
{
	for (int i = 0; i < v->n; i++)
		tell(a, v->b[i].text, v->b[i].name, v->b[i].code);
	if (v->kind != FAULT_REJECTED)
		a->worst = fault_worst(a->worst, v->kind);
	reject_record(a, v, line, n);
	return put_reject(a, f);
}

/*
 * Intents
 */

/* It passes, but smaller, or as a limit order: a notice, and the intent as it leaves. */
static int
put_changed(struct app *a, const struct tok *t, const struct verdict *v, struct fault *f)
{
	struct new_member m[4];
	int n = 0;

	memset(m, 0, sizeof m);
	if (v->clipped) {
		m[n].name = "quantity";
		dec_print_short(v->qty, m[n++].value);
	}
	if (v->protect) {
		m[n].name = "type";
		snprintf(m[n++].value, DEC_STR, "LIMIT");
		m[n].name = "price";
		dec_print(v->price, m[n++].value);
		m[n].name = "timeInForce";
		snprintf(m[n++].value, DEC_STR, "IOC");
	}
	jw_open(&a->rec, NULL, '{');
	jw_str(&a->rec, "e", "bf.risk");
	jw_i64(&a->rec, "E", a->w.now.ms);
	jw_str(&a->rec, "by", a->tool->name);
	jw_str(&a->rec, "rule", v->n > 0 ? v->b[0].name : "volatile-market");
	jw_str(&a->rec, "action", v->clipped ? "clip" : "protect");
	if (v->n > 0)
		jw_str(&a->rec, "msg", v->b[0].text);
	if (v->clipped)
		jw_dec(&a->rec, "quantity", v->qty);
	if (v->protect)
		jw_dec(&a->rec, "price", v->price);
	jw_raw(&a->rec, "intent", t->p, t->len);
	jw_close(&a->rec, '}');
	jw_end(&a->rec);
	rewrite(&a->rec, t, m, n);
	return out_records(&a->out, &a->rec, f);
}

/* The mark price of a position held is too old to judge by: the exchange's answer has a newer one. */
static bool
old_marks(const struct app *a, enum market m)
{
	const struct account *acct = &a->w.acct[m];
	int64_t age;

	for (int i = 0; i < acct->npos; i++) {
		const struct position *p = &acct->pos[i];

		age = p->mark_ms > 0 ? a->w.now.ms - p->mark_ms : a->w.now.mono_ms - a->w.loaded_mono_ms[m];
		if (dec_sign(p->amt) != 0 && age > max_age_ms(a))
			return true;
	}
	return false;
}

/* Have at hand what the rules look at. */
static void
prepare(struct app *a, const struct intent *in, struct fault *why)
{
	enum order_side side = in->side;
	struct fault ignore;
	enum market m;

	fetch_symbol(a, in->symbol, why);
	if (world_market(&a->w, in->symbol, &m)) {
		if (!a->w.down[m] && old_marks(a, m))
			fetch_now(a, m);
		account_row(&a->w.acct[m], in->symbol, &ignore);
	}
	if (in->pos_side != POS_BOTH)
		side = in->pos_side == POS_LONG ? SIDE_BUY : SIDE_SELL;
	look_latch(a, in->symbol, side);
	tick(a);
}

static void
log_decision(struct app *a, const char *line, size_t n, const struct verdict *v)
{
	struct fault f = { 0 };

	a->decisions++;
	if (!a->logging)
		return;
	decision_put(&a->log.b, line, n, v, &a->w, &a->lim, a->decisions);
	if (out_flush(&a->log, &f) == 0)
		return;
	if (!a->log_failed)
		say(a, "the log: %s; no new risk without it", f.text);
	a->log_failed = true;
	a->worst = fault_worst(a->worst, FAULT_LOCAL);
}

static int
reject_unlogged(struct app *a, const char *line, size_t n, struct fault *f)
{
	static const char why[] = "decisions cannot be logged: no new risk";

	tell(a, why, "log", 0);
	tool_reject_record(&a->rec, a->tool->name, "log", 0, why, "", "", a->w.now.ms, line, n);
	return put_reject(a, f);
}

/* Why the symbol is not known, with what comes near it; no record of a decision has that. */
static void
name_symbol(struct verdict *v, const struct fault *why)
{
	for (int i = 0; i < v->n && why->text[0] != '\0'; i++)
		if (strcmp(v->b[i].name, "symbol") == 0)
			snprintf(v->b[i].text, sizeof v->b[i].text, "%.*s", (int)sizeof v->b[i].text - 1, why->text);
}

/* An order that adds risk. */
static int
judge_intent(struct app *a, const struct tok *t, struct intent *in, const char *line, size_t n, struct fault *f)
{
	static struct verdict v;	/* large, and of one thread */
	struct fault why = { 0 };

	if (a->log_failed)
		return reject_unlogged(a, line, n, f);
	prepare(a, in, &why);
	judge(&v, &a->w, &a->lim, in);
	log_decision(a, line, n, &v);
	if (a->log_failed)	/* this one is not in it */
		return reject_unlogged(a, line, n, f);
	name_symbol(&v, &why);
	if (!v.pass)
		return reject(a, &v, line, n, f);
	if (v.clipped)
		in->qty = v.qty;
	if (v.protect) {
		in->price = v.price;
		snprintf(in->type, sizeof in->type, "LIMIT");
		snprintf(in->tif, sizeof in->tif, "IOC");
	}
	world_passed(&a->w, in, v.market, v.counted);
	return v.clipped || v.protect ? put_changed(a, t, &v, f) : out_line(&a->out, line, n, f);
}

static int
treat_intent(struct app *a, const struct tok *t, const char *line, size_t n, struct fault *f)
{
	struct fault why = { 0 };
	struct intent in;

	if (intent_read(&in, t, t, &why) == -1)
		return reject_malformed(a, &why, line, n, f);
	if (!intent_reduces(&in))
		return judge_intent(a, t, &in, line, n, f);
	world_exit(&a->w, &in);
	return out_line(&a->out, line, n, f);
}

/*
 * Events
 */

/* Marks that are too old are not acted upon; that is said once. */
static bool
mark_news(struct app *a, const struct tok *t)
{
	bool held = world_mark(&a->w, t, t);

	if (a->w.mark_at_ms != 0 && a->w.now.ms - a->w.mark_at_ms > a->w.max_future_ms) {
		if (!a->said_stale)
			say(a, "mark prices are older than %lld ms: not acted upon", (long long)max_age_ms(a));
		a->said_stale = true;
		return false;
	}
	a->said_stale = false;
	a->marked_mono_ms = a->w.now.mono_ms;
	return held;
}

static int
treat_event(struct app *a, const struct tok *t, const struct tok *e, struct fault *f)
{
	struct fault why = { 0 };

	if (scan_is(e, "markPriceUpdate")) {
		if (!mark_news(a, t))
			return 0;
	} else {
		int r = world_event(&a->w, t, t, &why);

		if (r == -1) {
			say(a, "line %llu: %s", a->in.number, why.text);
			a->wish.read[MARKET_USDM] = a->wish.read[MARKET_COINM] = true;
		}
		if (r == 1)
			fetch_learn(a);
		told_event(&a->told, &a->w, t, t);
		watch_event(a->watch, &a->w, t, t, &a->wish);
		if (r != 1)
			return act(a, f);
	}
	watch_run(a->watch, &a->w, &a->wish);
	return act(a, f);
}

int
treat_line(struct app *a, const char *line, size_t n, struct fault *f)
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
		r = treat_intent(a, t, line, n, f);
		tick(a);
		return r;
	}
	if (out_line(&a->out, line, n, f) == -1)
		return -1;
	return e != NULL && e->kind == SCAN_STR ? treat_event(a, t, e, f) : 0;
}

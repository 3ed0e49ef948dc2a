/* Exits that failed: what is held where one was refused, and what stands without its stop. */
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "exits.h"

#define IDS_MAX	100	/* bytes of ids in a sentence of 256 */

static const char *const sides[] = { [POS_BOTH] = "BOTH", [POS_LONG] = "LONG", [POS_SHORT] = "SHORT" };

/*
 * What is held
 */

struct covering { dec qty; char ids[IDS_MAX]; int n; };

/* Whether a row is of the intent's position: of its symbol, and in hedge mode of its leg. */
static bool
is_of(const struct intent *in, const struct tok *t, const struct tok *v)
{
	return scan_get_is(t, v, "symbol", in->symbol) &&
	    (in->pos_side == POS_BOTH || scan_get_is(t, v, "positionSide", sides[in->pos_side]));
}

static int
ask_rows(struct session *s, enum ep ep, const char *symbol, struct fault *f)
{
	if (ask_symbol(s, ep, symbol, true, f) == -1)
		return -1;
	return s->doc.t->kind == SCAN_ARR ? 0 :
	    fault_set(f, FAULT_AGAIN, "%s is not a list", endpoint(ep)->path[s->market]);
}

/* A position without a row is flat: the answer was whole. COIN-M answers with all. */
static int
read_position(dec *held, struct session *s, const struct intent *in, struct fault *f)
{
	const struct tok *t, *v;
	dec amt;

	*held = dec_int(0);
	if (ask_rows(s, EP_POSITION_RISK, s->market == MARKET_USDM ? in->symbol : NULL, f) == -1)
		return -1;
	t = s->doc.t;
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (is_of(in, t, v) && (!scan_get_dec(t, v, "positionAmt", &amt) || !dec_add(held, *held, amt)))
			return fault_set(f, FAULT_AGAIN, "positionAmt is not in the exchange's answer");
	return 0;
}

static bool
covers(const struct intent *in, const struct tok *t, const struct tok *v)
{
	bool reduces = false;

	if (!is_of(in, t, v) || !scan_get_is(t, v, "side", in->side == SIDE_BUY ? "BUY" : "SELL"))
		return false;
	return in->pos_side != POS_BOTH || (scan_get_bool(t, v, "reduceOnly", &reduces) && reduces);
}

/* As many ids as there is room for; "..." stands for the others. */
static void
add_id(struct covering *c, const struct tok *id)
{
	size_t len = strlen(c->ids);

	if (len + id->len + 8 < sizeof c->ids)
		snprintf(c->ids + len, sizeof c->ids - len, "%s%.*s", c->n > 0 ? ", " : "", (int)id->len, id->p);
	else if (strstr(c->ids, "...") == NULL)
		snprintf(c->ids + len, sizeof c->ids - len, ", ...");
	c->n++;
}

static int
read_covering(struct covering *c, struct session *s, const struct intent *in, struct fault *f)
{
	const struct tok *t, *v, *id;
	dec qty, done;

	if (ask_rows(s, EP_OPEN_ORDERS, in->symbol, f) == -1)
		return -1;
	t = s->doc.t;
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v)) {
		if (!covers(in, t, v))
			continue;
		if ((id = scan_get(t, v, "orderId")) == NULL || !scan_get_dec(t, v, "origQty", &qty) ||
		    !scan_get_dec(t, v, "executedQty", &done) || !dec_sub(&qty, qty, done) ||
		    !dec_add(&c->qty, c->qty, qty))
			return fault_set(f, FAULT_AGAIN, "an open order of %s could not be read", in->symbol);
		add_id(c, id);
	}
	return 0;
}

static void
add_text(struct fault *f, const char *text)
{
	size_t n = strlen(f->text);

	snprintf(f->text + n, sizeof f->text - n, "; %s", text);
}

/* What may be reduced by the intent's side: of a leg all of it, else only what stands against it. */
static bool
reduces_it(const struct intent *in, dec held)
{
	return in->pos_side != POS_BOTH || (dec_sign(held) > 0) == (in->side == SIDE_SELL);
}

static int
held_text(char *out, size_t size, struct session *s, const struct intent *in, struct fault *f)
{
	struct covering c = { .qty = dec_int(0) };
	char amt[DEC_STR], qty[DEC_STR];
	dec held;

	if (read_position(&held, s, in, f) == -1)
		return -1;
	dec_print_short(held, amt);
	if (dec_sign(held) == 0) {
		snprintf(out, size, "the position is flat: nothing to reduce");
		return 0;
	}
	if (!reduces_it(in, held)) {
		snprintf(out, size, "the position is %s, which a %s does not reduce", amt,
		    in->side == SIDE_BUY ? "BUY" : "SELL");
		return 0;
	}
	if (read_covering(&c, s, in, f) == -1)
		return -1;
	dec_print_short(c.qty, qty);
	if (c.n == 0)
		snprintf(out, size, "the position is %s, and no open order reduces it", amt);
	else
		snprintf(out, size, "the position is %s, and open orders reduce it by %s: %s", amt, qty, c.ids);
	return 0;
}

void
exit_explain(struct app *a, const struct job *j, struct fault *f)
{
	struct fault why = { 0 };
	struct session *s;
	char text[320];

	if (j->in.op != OP_PLACE || f->http == 0 || (f->code != -2022 && f->code != -4118))
		return;
	if ((s = venue_session(&a->v, j->market, &why)) == NULL ||
	    held_text(text, sizeof text, s, &j->in, &why) == -1)
		snprintf(text, sizeof text, "what is held could not be read: %.100s", why.text);
	add_text(f, text);
}

/*
 * What stands without its stop
 */

static bool
is_guard(const struct intent *in)
{
	return in->op == OP_PLACE && in->algo && intent_reduces(in);
}

/* intent NULL: it is not known. told: a sentence has said why. */
static void
put_notice(struct app *a, struct buf *b, const char *symbol, const char *side, int code, const char *why,
    bool told, const char *intent, size_t n)
{
	char msg[400];

	snprintf(msg, sizeof msg, "no stop stands by this order: %s", why);
	say(a, "%s: %s", symbol, told ? "no stop stands by this order" : msg);
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.unprotected");
	jw_i64(b, "E", app_now(a));
	jw_str(b, "by", a->tool->name);
	jw_str(b, "symbol", symbol);
	jw_str(b, "positionSide", side);
	jw_i64(b, "code", code);
	jw_str(b, "msg", msg);
	if (intent != NULL)
		jw_raw(b, "intent", intent, n);
	else
		jw_null(b, "intent");
	jw_close(b, '}');
	jw_end(b);
}

static void
notify(struct app *a, const struct job *j, int code, const char *why, bool told)
{
	put_notice(a, &a->rec, j->in.symbol, sides[j->in.pos_side], code, why, told, j->text.p, j->text.len);
	if (a->out.table)
		buf_reset(&a->rec);
	else
		emit(a);
}

void
guard_failed(struct app *a, const struct job *j, const struct fault *f)
{
	if (is_guard(&j->in))
		notify(a, j, f->code, f->text, true);
}

void
guard_result(struct app *a, const struct job *j, const char *result, size_t n)
{
	char why[160] = "the exchange rejected it at its trigger";
	struct scan sc = { 0 };

	if (is_guard(&j->in) && scan_doc(&sc, result, n) > 0 && scan_get_is(sc.t, sc.t, "algoStatus", "REJECTED"))
		notify(a, j, 0, why, false);
	scan_free(&sc);
}

/* One record of a look at earlier requests. */
static void
one_settled(struct app *a, struct scan *sc, struct buf *out)
{
	const struct tok *t = sc->t, *v = scan_get(t, t, "intent");
	struct intent in;
	struct fault bad;
	char why[256] = "";

	if ((!scan_get_is(t, t, "outcome", "absent") && !scan_get_is(t, t, "outcome", "refused")) || v == NULL ||
	    intent_read(&in, t, v, &bad) == -1 || !is_guard(&in))
		return;
	(void)scan_get_str(t, t, "msg", why, sizeof why);
	put_notice(a, out, in.symbol, sides[in.pos_side], 0, why, false, v->p, v->len);
}

void
guards_settled(struct app *a, struct buf *recs)
{
	const char *p = recs->p, *end = p + recs->len, *nl;
	struct buf more = { 0 };
	struct scan sc = { 0 };

	for (; p < end && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL; p = nl + 1)
		if (scan_doc(&sc, p, (size_t)(nl - p)) > 0)
			one_settled(a, &sc, &more);
	scan_free(&sc);
	if (!a->out.table && more.len > 0)
		buf_put(recs, more.p, more.len);
	recs->bad = recs->bad || more.bad;
	buf_free(&more);
}

/* Without a positionSide that closes by itself, an order says that it only reduces. */
static bool
only_reduces(const struct tok *t, const struct tok *o)
{
	bool yes = false;

	if (scan_get_is(t, o, "ps", "LONG"))
		return scan_get_is(t, o, "S", "SELL");
	if (scan_get_is(t, o, "ps", "SHORT"))
		return scan_get_is(t, o, "S", "BUY");
	return (scan_get_bool(t, o, "R", &yes) && yes) || (scan_get_bool(t, o, "cp", &yes) && yes);
}

void
guard_event(struct app *a, const struct tok *t)
{
	const struct tok *o = scan_get(t, t, "o");
	char symbol[SYMBOL_MAX], side[8] = "BOTH", why[160] = "rejected at its trigger";

	if (o == NULL || !scan_get_is(t, t, "e", "ALGO_UPDATE") || !scan_get_is(t, o, "X", "REJECTED") ||
	    !only_reduces(t, o) || !scan_get_str(t, o, "s", symbol, sizeof symbol))
		return;
	(void)scan_get_str(t, o, "ps", side, sizeof side);
	(void)scan_get_str(t, o, "rm", why, sizeof why);
	put_notice(a, &a->rec, symbol, side, 0, why, false, NULL, 0);
	if (a->out.table)
		buf_reset(&a->rec);
	else
		emit(a);
}

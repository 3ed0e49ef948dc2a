#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/span.h"
#include "io/order.h"

#define RESOLVE_MS	30000
#define LAG_MS		10000
#define RECOVER_DAYS	3
/* The exchange forgets an order that closed without a fill after 3 days. */
#define HISTORY_MS	(INT64_C(71) * 3600 * 1000)
#define MISSES		2	/* looks in a row that must find nothing */
#define TRADES_MAX	1000	/* trades in one answer */
#define TRADED_MAX	32	/* orders behind them that are asked for */

/* A request whose outcome is not known, while it is looked up. */
struct pending {
	struct intent	in;
	char		id[40];		/* its name in the journal */
	int64_t		stamp;		/* exchange time it was signed with */
	int64_t		bound;		/* from then on it cannot be executed any more, and reads show it */
	bool		exists;		/* the exchange said so: absence is out of the question */
	int		misses, empties;
	bool		done;
	enum outcome	out;
	struct buf	found;		/* what the exchange says of it, one line */
	struct fault	f;
};

/* What one look showed. A miss counts only after the bound. */
enum look { LOOK_FAILED, LOOK_MISS, LOOK_DONE };

static void
say(const struct order_ctx *c, const char *sentence)
{
	if (c->notice != NULL)
		c->notice(c->arg, sentence);
}

static bool
stopped(const struct order_ctx *c)
{
	return c->stop != NULL && *c->stop != 0;
}

/*
 * The journal. A place is named by its client id; a cancel by "~" and what it
 * cancels, a byte no client id has, so that the two never settle each other.
 */

static void
journal_name(char out[static 40], const struct intent *in)
{
	if (in->op == OP_PLACE)
		snprintf(out, 40, "%s", in->client_id);
	else if (in->op == OP_CANCEL_ALL)
		snprintf(out, 40, "~*%.37s", in->symbol);
	else if (in->order_id != 0)
		snprintf(out, 40, "~#%llu", (unsigned long long)in->order_id);
	else
		snprintf(out, 40, "~%s", in->client_id);
}

/* Before sending. The request is signed with this very time, so that the
 * exchange itself refuses it after timestamp + recvWindow. */
static int
journal_intent(struct order_ctx *c, const struct pending *p, const char *intent, size_t n,
    struct fault *f)
{
	struct buf b = { 0 };
	int r;

	jw_open(&b, NULL, '{');
	jw_raw(&b, "intent", intent, n);
	jw_i64(&b, "timestamp", p->stamp);
	jw_i64(&b, "recvWindow", c->s->prof.recv_window);
	jw_close(&b, '}');
	if (b.bad)
		r = fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
	else if (p->in.op != OP_PLACE)
		r = journal_put(c->j, p->stamp, "intent", p->id, b.p, b.len, true, f);
	else if ((r = journal_claim(c->j, p->stamp, p->id, b.p, b.len, f)) == 1)
		r = fault_set(f, FAULT_REJECTED, "%s: another process has sent it, by the journal; "
		    "an order is sent once; nothing was sent", p->id);
	buf_free(&b);
	return r;
}

/* What came of it. If this is lost, the next start looks the order up again. */
static void
journal_outcome(struct order_ctx *c, const struct pending *p, const char *what)
{
	struct buf b = { 0 };
	char text[400];
	struct fault f;
	int r = -1;

	if (p->out == OUT_RESULT) {
		buf_put(&b, p->found.p, p->found.len);
	} else {
		jw_open(&b, NULL, '{');
		jw_str(&b, "category", fault_word(p->f.kind));
		jw_i64(&b, "http", p->f.http);
		jw_i64(&b, "code", p->f.code);
		jw_str(&b, "msg", p->f.text);
		jw_close(&b, '}');
	}
	fault_set(&f, FAULT_LOCAL, "out of memory");
	if (!b.bad)
		r = journal_put(c->j, session_now(c->s), what, p->id, b.p, b.len, false, &f);
	if (r == -1) {
		snprintf(text, sizeof text, "%s: %s, but the journal could not be written: %s",
		    p->id, what, f.text);
		say(c, text);
	}
	buf_free(&b);
}

/*
 * Comparing what the exchange says with what was asked
 */

static bool
keep(struct buf *out, const struct tok *v)
{
	buf_reset(out);
	span_put(out, v);
	return !out->bad;
}

static bool
same_id(const struct intent *in, const struct tok *t, const struct tok *v)
{
	int64_t id;

	if (in->order_id != 0)
		return scan_get_i64(t, v, "orderId", &id) && (uint64_t)id == in->order_id;
	return scan_get_is(t, v, "clientOrderId", in->client_id);
}

static bool
same_qty(const struct intent *in, const struct tok *t, const struct tok *v)
{
	dec d;

	if (!scan_get_dec(t, v, "origQty", &d))
		return false;
	/* the exchange may shrink an order that only reduces */
	return dec_cmp(d, in->qty) == 0 || (intent_reduces(in) && dec_cmp(d, in->qty) < 0);
}

static bool
same_price(const struct intent *in, const struct tok *t, const struct tok *v)
{
	dec d;

	if (in->price_s[0] == '\0' || in->price_match[0] != '\0')
		return true;
	return scan_get_dec(t, v, "price", &d) && dec_cmp(d, in->price) == 0;
}

/* The first member of an order at v that is not what in asked for; NULL: all
 * are. whole: v comes from a query, with quantity and price. */
static const char *
differs(const struct intent *in, const struct tok *t, const struct tok *v, bool whole)
{
	static const char *const pos[] = { "BOTH", "LONG", "SHORT" };

	if (!scan_get_is(t, v, "symbol", in->symbol))
		return "symbol";
	if (!same_id(in, t, v))
		return in->order_id != 0 ? "orderId" : "clientOrderId";
	if (in->op != OP_PLACE)
		return NULL;
	if (!scan_get_is(t, v, "side", in->side == SIDE_BUY ? "BUY" : "SELL"))
		return "side";
	if (in->has_pos_side && whole && !scan_get_is(t, v, "positionSide", pos[in->pos_side]))
		return "positionSide";
	if (whole && !same_qty(in, t, v))
		return "origQty";
	if (whole && !same_price(in, t, v))
		return "price";
	return NULL;
}

/* Take v as the outcome, if it is the order asked for. */
static void
adopt(struct pending *p, const struct tok *t, const struct tok *v, bool whole)
{
	const char *field = differs(&p->in, t, v, whole);

	p->done = true;
	p->out = OUT_UNKNOWN;
	if (field != NULL)
		fault_set(&p->f, FAULT_UNKNOWN, "%s: the exchange shows an order whose %s is not the "
		    "intent's; it must be looked at by hand", p->id, field);
	else if (!keep(&p->found, v))
		fault_set(&p->f, FAULT_UNKNOWN, "%s: out of memory", p->id);
	else
		p->out = OUT_RESULT;
}

static void
absent(struct pending *p, const char *why)
{
	p->done = true;
	p->out = OUT_ABSENT;
	fault_set(&p->f, FAULT_REJECTED, "%s: not executed: %s", p->id, why);
}

/*
 * Looking up
 */

static int
ask(struct order_ctx *c, struct pending *p, enum ep ep, const char *more, struct fault *f)
{
	struct buf q = { 0 };
	int r;

	buf_str(&q, "symbol=");
	query_escape(&q, p->in.symbol);
	buf_str(&q, more);
	if (q.bad)
		r = fault_set(f, FAULT_LOCAL, "out of memory");
	else
		r = session_call(c->s, ep, q.p, true, f);
	buf_free(&q);
	return r;
}

static int
ask_order(struct order_ctx *c, struct pending *p, uint64_t order_id, struct fault *f)
{
	struct buf q = { 0 };
	int r;

	if (order_id != 0)
		buf_printf(&q, "&orderId=%llu", (unsigned long long)order_id);
	else {
		buf_str(&q, "&origClientOrderId=");
		query_escape(&q, p->in.client_id);
	}
	if (q.bad)
		r = fault_set(f, FAULT_LOCAL, "out of memory");
	else
		r = ask(c, p, EP_ORDER_GET, q.p, f);
	buf_free(&q);
	return r;
}

/* Whether open orders hold it (then it is adopted): 1, 0, or -1 not known. */
static int
in_open_orders(struct order_ctx *c, struct pending *p)
{
	const struct tok *t, *v;

	if (ask(c, p, EP_OPEN_ORDERS, "", &p->f) == -1)
		return -1;
	t = c->s->doc.t;
	if (t->kind != SCAN_ARR)
		return -1;
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (scan_get_is(t, v, "clientOrderId", p->in.client_id)) {
			adopt(p, t, v, true);
			return 1;
		}
	return 0;
}

/* The orders behind the trades of that side since it was sent; their number,
 * or -1 if they are not all known. */
static int
traded_orders(struct order_ctx *c, struct pending *p, uint64_t ids[static TRADED_MAX])
{
	const struct tok *t, *v;
	char more[80];
	int64_t id;
	int n = 0, i;

	snprintf(more, sizeof more, "&startTime=%lld&limit=%d", (long long)p->stamp - 1000, TRADES_MAX);
	if (ask(c, p, EP_USER_TRADES, more, &p->f) == -1)
		return -1;
	t = c->s->doc.t;
	if (t->kind != SCAN_ARR || t->n >= TRADES_MAX)
		return -1;
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v)) {
		if (!scan_get_is(t, v, "side", p->in.side == SIDE_BUY ? "BUY" : "SELL"))
			continue;
		if (!scan_get_i64(t, v, "orderId", &id) || id <= 0)
			return -1;
		for (i = 0; i < n && ids[i] != (uint64_t)id; i++)
			;
		if (i < n)
			continue;
		if (n == TRADED_MAX)
			return -1;
		ids[n++] = (uint64_t)id;
	}
	return n;
}

/* Trades do not carry the client id: ask for the orders they belong to. */
static int
in_trades(struct order_ctx *c, struct pending *p)
{
	uint64_t ids[TRADED_MAX];
	int i, n = traded_orders(c, p, ids);

	if (n == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if (ask_order(c, p, ids[i], &p->f) == -1)
			return -1;
		if (scan_get_is(c->s->doc.t, c->s->doc.t, "clientOrderId", p->in.client_id)) {
			adopt(p, c->s->doc.t, c->s->doc.t, true);
			return 1;
		}
	}
	return 0;
}

static enum look
look_place(struct order_ctx *c, struct pending *p)
{
	if (ask_order(c, p, 0, &p->f) == 0) {
		adopt(p, c->s->doc.t, c->s->doc.t, true);
		return LOOK_DONE;
	}
	if (p->f.code != -2013)
		return LOOK_FAILED;
	return p->exists ? LOOK_FAILED : LOOK_MISS;
}

static void
conclude_place(struct order_ctx *c, struct pending *p)
{
	if (session_now(c->s) - p->stamp > HISTORY_MS) {
		p->done = true;
		p->out = OUT_UNKNOWN;
		fault_set(&p->f, FAULT_UNKNOWN, "%s: not in the exchange's history, which ends after "
		    "3 days for orders without a fill", p->id);
		return;
	}
	if (in_open_orders(c, p) == 0 && in_trades(c, p) == 0)
		absent(p, "the exchange does not know it, and can no longer accept it");
}

static bool
is_open(const struct tok *t, const struct tok *v)
{
	return scan_get_is(t, v, "status", "NEW") || scan_get_is(t, v, "status", "PARTIALLY_FILLED");
}

static bool
is_closed(const struct tok *t, const struct tok *v)
{
	static const char *const words[] = { "CANCELED", "FILLED", "EXPIRED", "EXPIRED_IN_MATCH",
		"REJECTED" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (scan_get_is(t, v, "status", words[i]))
			return true;
	return false;
}

static enum look
look_cancel(struct order_ctx *c, struct pending *p)
{
	const struct tok *t;

	if (ask_order(c, p, p->in.order_id, &p->f) == -1)
		return p->f.code == -2013 ? LOOK_MISS : LOOK_FAILED;
	t = c->s->doc.t;
	if (is_open(t, t)) {
		fault_set(&p->f, FAULT_UNKNOWN, "%s: the order is still open", p->id);
		return LOOK_MISS;
	}
	if (!is_closed(t, t))
		return LOOK_FAILED;
	adopt(p, t, t, false);
	return LOOK_DONE;
}

static enum look
look_cancel_all(struct order_ctx *c, struct pending *p)
{
	const struct tok *t;

	if (ask(c, p, EP_OPEN_ORDERS, "", &p->f) == -1)
		return LOOK_FAILED;
	t = c->s->doc.t;
	if (t->kind != SCAN_ARR)
		return LOOK_FAILED;
	if (t->n > 0) {
		fault_set(&p->f, FAULT_UNKNOWN, "%s: %u orders are still open", p->id, (unsigned)t->n);
		p->empties = 0;
		return LOOK_MISS;
	}
	if (++p->empties < MISSES)
		return LOOK_FAILED;
	buf_reset(&p->found);
	jw_open(&p->found, NULL, '{');
	jw_str(&p->found, "symbol", p->in.symbol);
	jw_raw(&p->found, "openOrders", "[]", 2);
	jw_close(&p->found, '}');
	p->done = true;
	p->out = p->found.bad ? OUT_UNKNOWN : OUT_RESULT;
	return LOOK_DONE;
}

/* One look at one request, and what follows from it. */
static void
look(struct order_ctx *c, struct pending *p)
{
	bool after = session_now(c->s) > p->bound;	/* before asking */
	enum look got;

	if (p->in.op == OP_PLACE)
		got = look_place(c, p);
	else if (p->in.op == OP_CANCEL)
		got = look_cancel(c, p);
	else
		got = look_cancel_all(c, p);
	if (got == LOOK_DONE)
		return;
	p->misses = got == LOOK_MISS && after ? p->misses + 1 : 0;
	if (p->misses < MISSES)
		return;
	if (p->in.op == OP_PLACE)
		conclude_place(c, p);
	else
		absent(p, p->f.code == -2013 ? "there is no such order" : "what it should cancel is still open");
}

/* Wait, but let a request to stop be seen (and said) at once; the first one
 * only makes the next look come early. */
static void
wait_ms(const struct order_ctx *c, int64_t ms, bool *told)
{
	const struct timespec slice = { .tv_nsec = 50 * 1000000 };
	int64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end) {
		if (stopped(c) && !*told) {
			*told = true;
			say(c, "asked to stop: what was sent is still looked up first");
			return;
		}
		nanosleep(&slice, NULL);
	}
}

static int64_t
step_ms(int k)
{
	static const int steps[] = { 200, 500, 1000, 2000, 4000 };

	return k < (int)(sizeof steps / sizeof *steps) ? steps[k] : 5000;
}

/*
 * Look all of them up until each is settled or time is up. at_once: they are
 * old, the first look needs no wait. Returns the number not settled.
 */
static int
settle(struct order_ctx *c, struct pending *p, int n, bool at_once)
{
	int64_t end = clock_mono_ms() + (c->resolve_ms > 0 ? c->resolve_ms : RESOLVE_MS), left, step;
	bool told = false;
	int i, k, open = n;

	for (k = 0; open > 0; k++) {
		left = end - clock_mono_ms();
		step = step_ms(k);
		if (!at_once || k > 0)
			wait_ms(c, step < left ? step : left, &told);
		for (i = open = 0; i < n; i++) {
			/* one after the other: many, and an exchange that is
			 * silent, must not outlast the time by far */
			if (!p[i].done && (i == 0 || clock_mono_ms() < end + c->s->timeout_ms))
				look(c, &p[i]);
			open += !p[i].done;
		}
		if (clock_mono_ms() >= end)
			break;
	}
	return open;
}

static void
pending_bound(const struct order_ctx *c, struct pending *p, int64_t recv_window)
{
	p->bound = p->stamp + recv_window + (c->lag_ms > 0 ? c->lag_ms : LAG_MS);
}

/*
 * Sending
 */

static int
may_begin(const struct order_ctx *c, const struct intent *in, struct fault *f)
{
	if (stopped(c))
		return fault_set(f, FAULT_AGAIN, "asked to stop; nothing was sent");
	if (in->op == OP_PLACE && !client_id_ok(in->client_id))
		return fault_set(f, FAULT_USAGE, "an order needs a client id; nothing was sent");
	return session_sync(c->s, false, f);
}

static int
send_once(struct order_ctx *c, struct pending *p)
{
	static const enum ep eps[] = {
		[OP_PLACE] = EP_ORDER_PLACE, [OP_CANCEL] = EP_ORDER_CANCEL, [OP_CANCEL_ALL] = EP_CANCEL_ALL
	};
	struct buf q = { 0 };
	int r;

	intent_query(&p->in, &q);
	if (q.bad)
		r = fault_set(&p->f, FAULT_LOCAL, "out of memory; nothing was sent");
	else {
		c->s->stamp_ms = p->stamp;
		r = session_call(c->s, eps[p->in.op], q.p, intent_reduces(&p->in), &p->f);
	}
	buf_free(&q);
	return r;
}

/* Journal, send; once more if the first was refused by name for its time. On 0
 * the answer stands in the session, on -1 the fault in p; *begun: the journal
 * has it. */
static int
transmit(struct order_ctx *c, struct pending *p, const char *intent, size_t n, bool *begun)
{
	int tries;

	for (tries = 0;; tries++) {
		p->stamp = session_now(c->s);
		pending_bound(c, p, c->s->prof.recv_window);
		if (journal_intent(c, p, intent, n, &p->f) == -1)
			return -1;
		*begun = true;
		if (send_once(c, p) == 0)
			return 0;
		if (p->f.code != -1021 || tries > 0 || session_sync(c->s, true, &p->f) == -1)
			return -1;
	}
}

/* An answer of success: is it the answer to this? */
static void
accept_answer(struct order_ctx *c, struct pending *p)
{
	const struct tok *t = c->s->doc.t;
	int64_t code;

	if (p->in.op != OP_CANCEL_ALL) {
		adopt(p, t, t, false);
		return;
	}
	p->done = true;
	p->out = scan_get_i64(t, t, "code", &code) && code == 200 && keep(&p->found, t) ?
	    OUT_RESULT : OUT_UNKNOWN;
	if (p->out == OUT_UNKNOWN)
		fault_set(&p->f, FAULT_UNKNOWN, "%s: an answer that is none to this request", p->id);
}

/* Cancelled, filled, expired, or never there: say which, from one look. */
static void
explain_cancel(struct order_ctx *c, struct pending *p)
{
	struct fault first = p->f;

	p->done = false;
	look_cancel(c, p);
	if (!p->done || p->out != OUT_RESULT) {
		p->out = OUT_REFUSED;
		p->f = first;
	}
	p->done = true;
}

static void
resolve(struct order_ctx *c, struct pending *p)
{
	char text[400];
	struct fault why = p->f;

	p->out = OUT_UNKNOWN;
	p->done = false;
	p->exists = p->f.code == -4116;
	journal_outcome(c, p, "unknown");
	snprintf(text, sizeof text, "%s: outcome unknown (%.200s); looking it up", p->id, p->f.text);
	say(c, text);
	if (settle(c, p, 1, false) > 0) {
		fault_set(&p->f, FAULT_UNKNOWN, "%s: still unknown (%.180s)", p->id, why.text);
		p->f.http = why.http;
		p->f.code = why.code;
	} else if (p->out == OUT_RESULT)
		journal_outcome(c, p, "resolved");
	else if (p->out == OUT_ABSENT)
		journal_outcome(c, p, "absent");
}

/* After transmit failed, with the journal begun. */
static void
refused_or_unknown(struct order_ctx *c, struct pending *p)
{
	if (p->f.kind == FAULT_UNKNOWN) {
		resolve(c, p);
		return;
	}
	p->out = OUT_REFUSED;
	if (p->in.op == OP_CANCEL && (p->f.code == -2011 || p->f.code == -2013))
		explain_cancel(c, p);
	journal_outcome(c, p, p->out == OUT_RESULT ? "result" : "refused");
}

enum outcome
order_send(struct order_ctx *c, const struct intent *in, const char *intent, size_t n,
    struct buf *result, struct fault *f)
{
	struct pending p = { .in = *in, .out = OUT_REFUSED };
	bool begun = false;

	buf_reset(result);
	if (may_begin(c, in, f) == -1)
		return OUT_REFUSED;
	journal_name(p.id, in);
	if (transmit(c, &p, intent, n, &begun) == 0) {
		accept_answer(c, &p);
		if (p.out == OUT_RESULT)
			journal_outcome(c, &p, "result");
		else
			resolve(c, &p);		/* it may stand all the same */
	} else if (begun)
		refused_or_unknown(c, &p);
	if (p.out == OUT_RESULT) {
		buf_put(result, p.found.p, p.found.len);
		if (result->bad) {
			p.out = OUT_UNKNOWN;
			fault_set(&p.f, FAULT_UNKNOWN, "%s: accepted, but out of memory to say more", p.id);
		}
	}
	if (p.out != OUT_RESULT && f != NULL)
		*f = p.f;
	buf_free(&p.found);
	return p.out;
}

/*
 * Recovery
 */

/* Intents of the journal without an outcome so far. */
struct open_intent { char id[40]; struct buf data; };
struct open_list { struct open_intent *v; int n, cap; bool bad; };

static void
open_drop(struct open_list *o, int i)
{
	buf_free(&o->v[i].data);
	memmove(&o->v[i], &o->v[i + 1], (size_t)(--o->n - i) * sizeof *o->v);
}

static int
open_find(const struct open_list *o, const char *id)
{
	int i = o->n - 1;	/* the outcome mostly follows at once */

	while (i >= 0 && strcmp(o->v[i].id, id) != 0)
		i--;
	return i;
}

static void
open_add(struct open_list *o, const struct journal_line *l)
{
	struct open_intent *v;
	int cap;

	if (o->n == o->cap) {
		cap = o->cap == 0 ? 16 : o->cap * 2;
		if ((v = realloc(o->v, (size_t)cap * sizeof *v)) == NULL) {
			o->bad = true;
			return;
		}
		o->v = v;
		o->cap = cap;
	}
	v = &o->v[o->n++];
	memset(v, 0, sizeof *v);
	memcpy(v->id, l->id, sizeof v->id);
	buf_put(&v->data, l->data, l->data_n);
	o->bad = o->bad || v->data.bad;
}

static int
on_line(void *arg, const struct journal_line *l)
{
	struct open_list *o = arg;
	int i = open_find(o, l->id);

	if (strcmp(l->what, "intent") == 0) {
		if (i != -1)		/* signed anew: the later time counts */
			open_drop(o, i);
		open_add(o, l);
	} else if (strcmp(l->what, "unknown") != 0 && i != -1)
		open_drop(o, i);
	return o->bad ? -1 : 0;
}

static void
open_free(struct open_list *o)
{
	while (o->n > 0)
		open_drop(o, o->n - 1);
	free(o->v);
}

/* What the journal says of one, ready to be looked up. */
static void
pending_read(const struct order_ctx *c, struct pending *p, const struct open_intent *o)
{
	struct scan sc = { 0 };
	const struct tok *v;
	int64_t window;

	memcpy(p->id, o->id, sizeof p->id);
	p->out = OUT_UNKNOWN;
	if (scan_doc(&sc, o->data.p, o->data.len) <= 0 ||
	    !scan_get_i64(sc.t, sc.t, "timestamp", &p->stamp) ||
	    !scan_get_i64(sc.t, sc.t, "recvWindow", &window) ||
	    (v = scan_get(sc.t, sc.t, "intent")) == NULL ||
	    intent_read(&p->in, sc.t, v, &p->f) == -1) {
		p->done = true;
		fault_set(&p->f, FAULT_UNKNOWN, "%s: the journal's line cannot be read", p->id);
	} else {
		if (p->in.op == OP_PLACE)	/* it may have been given by us */
			snprintf(p->in.client_id, sizeof p->in.client_id, "%.36s", p->id);
		pending_bound(c, p, window);
		fault_set(&p->f, FAULT_UNKNOWN, "%s: there was no time to look it up", p->id);
	}
	scan_free(&sc);
}

static void
recovered_record(struct order_ctx *c, struct buf *out, const struct pending *p,
    const struct open_intent *o)
{
	static const char *const words[] = { [OUT_RESULT] = "result", [OUT_ABSENT] = "absent",
		[OUT_UNKNOWN] = "unknown" };
	struct scan sc = { 0 };
	const struct tok *v = NULL;

	if (scan_doc(&sc, o->data.p, o->data.len) > 0)
		v = scan_get(sc.t, sc.t, "intent");
	jw_open(out, NULL, '{');
	jw_str(out, "e", "bf.recovered");
	jw_i64(out, "E", session_now(c->s));
	jw_str(out, "clientOrderId", p->in.client_id);
	jw_str(out, "outcome", words[p->out]);
	if (p->out == OUT_RESULT)
		jw_raw(out, "order", p->found.p, p->found.len);
	else
		jw_null(out, "order");
	if (p->out != OUT_RESULT)
		jw_str(out, "msg", p->f.text);
	if (v != NULL)
		jw_raw(out, "intent", v->p, v->len);
	else
		jw_null(out, "intent");
	jw_close(out, '}');
	jw_end(out);
	scan_free(&sc);
}

/* Settle n open intents; the number still unknown. */
static int
recover_all(struct order_ctx *c, struct pending *p, const struct open_list *o, struct buf *out)
{
	int i, unknown = 0;
	char text[100];

	for (i = 0; i < o->n; i++)
		pending_read(c, &p[i], &o->v[i]);
	snprintf(text, sizeof text, "%d request%s of an earlier run without an outcome: looking up",
	    o->n, o->n == 1 ? "" : "s");
	say(c, text);
	settle(c, p, o->n, true);
	for (i = 0; i < o->n; i++) {
		if (p[i].out == OUT_RESULT)
			journal_outcome(c, &p[i], "resolved");
		else if (p[i].out == OUT_ABSENT)
			journal_outcome(c, &p[i], "absent");
		else
			unknown++;
		recovered_record(c, out, &p[i], &o->v[i]);
		buf_free(&p[i].found);
	}
	return unknown;
}

int
order_recover(struct order_ctx *c, struct buf *out, struct fault *f)
{
	struct open_list o = { 0 };
	struct pending *p = NULL;
	int damaged = 0, unknown = -1;
	char text[100];

	if (journal_walk(c->j, RECOVER_DAYS, session_now(c->s), on_line, &o, &damaged, f) == -1 ||
	    o.bad) {
		if (o.bad)
			fault_set(f, FAULT_LOCAL, "journal: out of memory");
		open_free(&o);
		return -1;
	}
	if (damaged > 0) {
		snprintf(text, sizeof text, "journal: %d damaged lines were passed over", damaged);
		say(c, text);
	}
	if (o.n == 0)
		unknown = 0;
	else if ((p = calloc((size_t)o.n, sizeof *p)) == NULL)
		fault_set(f, FAULT_LOCAL, "journal: out of memory");
	else if ((unknown = recover_all(c, p, &o, out), out->bad))
		unknown = fault_set(f, FAULT_LOCAL, "out of memory");
	free(p);
	open_free(&o);
	return unknown;
}

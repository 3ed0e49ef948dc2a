/*
 * Whose turn it is, and sending it. In the order: is it to stop, is the clock sure, is there
 * room in the limits, does the caller still want it, the journal, the signature, the wire.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/desk_in.h"

#define WS_WAIT_MS	5000	/* how long one waits for a connection that VIA_WS asks for */
#define CLOCK_MS	2000	/* between measurements of the time that fail */
#define WHO_MAX		64	/* symbols in a look at who is next; more wait a turn */

/*
 * Whose turn it is
 */

/* What stands before later ones of a symbol. */
struct ahead { enum market m; const char *symbol; bool waits, unknown; const struct entry *last; };
struct turn { struct ahead a[WHO_MAX]; int n; bool unknown; };

static struct ahead *
ahead_of(struct turn *t, const struct entry *e)
{
	for (int i = 0; i < t->n; i++)
		if (t->a[i].m == e->market && strcmp(t->a[i].symbol, e->in.symbol) == 0)
			return &t->a[i];
	if (t->n == WHO_MAX)
		return NULL;
	t->a[t->n] = (struct ahead){ .m = e->market, .symbol = e->in.symbol };
	return &t->a[t->n++];
}

static bool
is_unknown(const struct entry *e)
{
	return e->sent && e->fate.state == FATE_LOOK && !e->fate.explain;
}

/* Whether e is about the very order that u is, and so must wait until that is known, or told
 * as unknown. */
static bool
same_order(const struct entry *e, const struct entry *u)
{
	return e->in.op != OP_PLACE && e->in.op != OP_CANCEL_ALL &&
	    ((e->in.client_id[0] != '\0' && strcmp(e->in.client_id, u->in.client_id) == 0) ||
	    (e->in.order_id != 0 && e->in.order_id == u->in.order_id));
}

static bool
waits_for_order(const struct desk *d, const struct entry *e)
{
	for (const struct entry *u = d->first; u != NULL && u != e; u = u->next)
		if (!u->over && !u->told && is_unknown(u) && same_order(e, u))
			return true;
	return false;
}

/*
 * Whether e may go now: none of its symbol before it is undecided. One whose outcome is
 * unknown does not hold up what reduces risk, unless that is about this very order; but it
 * holds up all that adds risk, on every symbol.
 */
static bool
may_go(const struct desk *d, const struct turn *t, const struct ahead *a, const struct entry *e)
{
	if (a == NULL || a->waits)
		return false;
	if (!e->urgent)
		return !t->unknown && !a->unknown;
	return !a->unknown || !waits_for_order(d, e);
}

static void
pass_by(struct ahead *a, const struct entry *e)
{
	if (a == NULL)
		return;
	if (is_unknown(e))
		a->unknown = true;
	else
		a->waits = true;
}

static bool
cancels_alike(const struct entry *a, const struct entry *b)
{
	return b->in.op == OP_CANCEL && !b->in.algo && b->market == a->market &&
	    (a->in.order_id != 0) == (b->in.order_id != 0) && strcmp(a->in.symbol, b->in.symbol) == 0;
}

/* Of e's kind, for one request with it; none: NULL ends. */
static enum ep
batch_ep(const struct entry *e)
{
	switch (e->in.op) {
	case OP_PLACE:	return e->in.algo ? EP_COUNT : EP_BATCH_PLACE;
	case OP_MODIFY:	return EP_BATCH_MODIFY;
	case OP_CANCEL:	return e->in.algo ? EP_COUNT : EP_BATCH_CANCEL;
	case OP_CANCEL_ALL: break;
	}
	return EP_COUNT;
}

/*
 * Sending
 */

void
flight_leave(struct entry *e)
{
	struct flight *fl = e->flight, **p;
	int i, left = 0;

	if (fl == NULL)
		return;
	e->flight = NULL;
	for (i = 0; i < fl->n; i++) {
		if (fl->e[i] == e)
			fl->e[i] = NULL;
		left += fl->e[i] != NULL;
	}
	if (left > 0 || !fl->late)
		return;
	if (fl->ws)
		wsapi_forget(fl->d->side[fl->market].ws, fl);
	for (p = &fl->d->flights; *p != fl; p = &(*p)->next)
		;
	*p = fl->next;
	free(fl);
}

/* Nobody waits for its answer any more. */
static void
flight_end(struct flight *fl)
{
	struct flight **p;

	fl->d->nflights -= !fl->late;
	for (int i = 0; i < fl->n; i++)
		if (fl->e[i] != NULL)
			fl->e[i]->flight = NULL;
	for (p = &fl->d->flights; *p != fl; p = &(*p)->next)
		;
	*p = fl->next;
	free(fl);
}

/* The fault of one element of a batch's answer; NULL: it is an order. */
static const struct fault *
element_fault(const struct tok *t, const struct tok *v, int64_t now_ms, struct fault *f)
{
	struct reply a = { .transport = TRANSPORT_OK, .http = 200, .type = "application/json", .body = v->p,
	    .n = v->len, .retry_after = -1, .detail = "" };
	int64_t code;

	memset(f, 0, sizeof *f);
	if (v->kind != SCAN_OBJ) {
		fault_set(f, FAULT_UNKNOWN, "an element of a batch's answer that is no object");
		return f;
	}
	if (!scan_get_i64(t, v, "code", &code) || code == 200)
		return NULL;
	return reply_judge(&a, true, now_ms, f) == -1 ? f : NULL;
}

/* The answer of a batch to its parts, in the order asked. */
static void
batch_done(struct flight *fl, const struct tok *t, const struct tok *v)
{
	struct session *s = fl->d->side[fl->market].s;
	const struct tok *el = scan_first(v);
	struct fault f;

	if (v->kind != SCAN_ARR || v->n != (uint32_t)fl->n) {
		fault_set(&f, FAULT_UNKNOWN, "the answer to %d orders is not a list of as many", fl->n);
		for (int i = 0; i < fl->n; i++)
			if (fl->e[i] != NULL)
				look_answer(fl->e[i], &f, NULL, NULL);
		return;
	}
	for (int i = 0; i < fl->n; i++, el = scan_next(t, v, el))
		if (fl->e[i] != NULL)
			look_answer(fl->e[i], element_fault(t, el, session_now(s), &f), t, el);
}

static void
flight_done(struct flight *fl, const struct fault *f, const struct tok *t, const struct tok *v)
{
	if (f == NULL && fl->batch) {
		batch_done(fl, t, v);
		return;
	}
	for (int i = 0; i < fl->n; i++)
		if (fl->e[i] != NULL)
			look_answer(fl->e[i], f, t, v);
}

static void
rest_done(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct flight *fl = arg;

	flight_done(fl, f, t, v);
	flight_end(fl);
}

void
send_ws_done(void *arg, void *tag, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct flight *fl = tag;

	(void)arg;
	flight_done(fl, f, t, v);
	flight_end(fl);
}

/* The parameters of one request for all of fl, as a query. */
static void
flight_query(struct flight *fl, struct buf *out)
{
	struct params ps = { 0 };
	struct buf list = { 0 };
	bool by_id = fl->e[0]->in.order_id != 0;

	buf_reset(out);
	if (!fl->batch) {
		intent_query(&fl->e[0]->in, out);
		return;
	}
	jw_open(&list, NULL, '[');
	for (int i = 0; i < fl->n; i++) {
		if (fl->ep == EP_BATCH_CANCEL && by_id) {
			jw_u64(&list, NULL, fl->e[i]->in.order_id);
			continue;
		}
		if (fl->ep == EP_BATCH_CANCEL) {
			jw_str(&list, NULL, fl->e[i]->in.client_id);
			continue;
		}
		intent_params(&fl->e[i]->in, &ps);
		jw_open(&list, NULL, '{');
		params_members(&ps, &list);
		jw_close(&list, '}');
	}
	jw_close(&list, ']');
	if (fl->ep == EP_BATCH_CANCEL) {
		buf_str(out, "symbol=");
		query_escape(out, fl->e[0]->in.symbol);
		buf_str(out, by_id ? "&orderIdList=" : "&origClientOrderIdList=");
	} else
		buf_str(out, "batchOrders=");
	if (list.bad)
		out->bad = true;
	else
		query_escape(out, list.p);
	buf_free(&list);
}

static bool
flight_urgent(const struct flight *fl)
{
	for (int i = 0; i < fl->n; i++)
		if (!fl->e[i]->urgent)
			return false;
	return true;
}

static void
flight_refused(struct flight *fl, const struct fault *f)
{
	for (int i = 0; i < fl->n; i++)
		if (fl->e[i] != NULL)
			look_refused(fl->e[i], f);
}

static bool
may_wait(const struct entry *e, int64_t until)
{
	return until - e->since_ms <= e->d->c.wait_ms;
}

/* Wait for a limit, if that is wanted and time is left: those that have none are refused.
 * false: none waits, and none was refused. */
static bool
flight_waits(struct flight *fl, const struct fault *f)
{
	const struct desk *d = fl->d;
	int64_t until = clock_mono_ms() + f->retry_ms + 5;
	int i, n = 0;

	if (f->kind != FAULT_AGAIN || f->retry_ms <= 0)
		return false;
	for (i = 0; i < fl->n; i++)
		n += may_wait(fl->e[i], until);
	for (i = 0; n > 0 && i < fl->n; i++) {
		struct entry *e = fl->e[i];

		if (!may_wait(e, until)) {
			look_refused(e, f);
			continue;
		}
		if (e->due_ms == 0)
			desk_say(d, "%s waits %lld ms: %s", e->name, (long long)f->retry_ms + 5, f->text);
		e->due_ms = until;
	}
	return n > 0;
}

/* Those the caller no longer wants leave; the number that is left. */
static int
last_look(struct flight *fl)
{
	const struct desk *d = fl->d;
	struct fault f;
	int i, n = 0;

	for (i = 0; i < fl->n; i++) {
		memset(&f, 0, sizeof f);
		if (d->c.may_send != NULL && d->c.may_send(d->c.arg, fl->e[i]->tag, &f) == -1)
			look_refused(fl->e[i], &f);
		else
			fl->e[n++] = fl->e[i];
	}
	return fl->n = n;
}

/* The journal; those that another process has sent leave. -1: none may be sent. */
static int
put_down(struct flight *fl, int64_t stamp, struct fault *f)
{
	struct session *s = fl->d->side[fl->market].s;
	bool taken[FLIGHT_MAX] = { false };
	struct fault tf;
	int i, n = 0;

	if (fl->d->c.test)
		return 0;
	if (journal_entries(fl->d, fl->e, fl->n, stamp, s->prof.recv_window, taken, f) == -1)
		return -1;
	for (i = 0; i < fl->n; i++)
		if (taken[i]) {
			fault_set(&tf, FAULT_REJECTED, "%s: another process has sent it, by the journal; "
			    "an order is sent once; nothing was sent", fl->e[i]->name);
			look_refused(fl->e[i], &tf);
		} else
			fl->e[n++] = fl->e[i];
	fl->n = n;
	return 0;
}

/* d->query is that of fl. */
static int
hand_over(struct flight *fl, int64_t stamp, struct fault *f)
{
	struct side *s = &fl->d->side[fl->market];
	struct params ps = { 0 };

	if (fl->ws) {
		intent_params(&fl->e[0]->in, &ps);
		fl->end_ms = clock_mono_ms() + s->s->timeout_ms;
		return wsapi_send(s->ws, fl->ep, &ps, stamp, fl, f);
	}
	if (fl->d->query.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
	return calls_send(s->calls, fl->ep, fl->d->query.p, stamp, 0, rest_done, fl, f);
}

/* From the journal on, fate says what became of it. fl is given up. */
static void
launch(struct flight *fl, int64_t stamp)
{
	struct desk *d = fl->d;
	struct session *s = d->side[fl->market].s;
	struct fault f = { 0 };
	int i;

	for (i = 0; i < fl->n; i++) {
		struct entry *e = fl->e[i];

		fate_free(&e->fate);
		fate_begin(&e->fate, &e->in, e->name, fl->market, stamp, s->prof.recv_window, d->c.lag_ms);
		e->sent = true;
		e->flight = fl;
	}
	fl->next = d->flights;
	d->flights = fl;
	d->nflights++;
	if (hand_over(fl, stamp, &f) == 0)
		return;
	f.http = 0;
	flight_done(fl, &f, NULL, NULL);	/* nothing left */
	flight_end(fl);
}

/* Take what it costs. A batch that the limits have no room for goes by its first alone. */
static int
flight_take(struct flight *fl, struct fault *f)
{
	struct desk *d = fl->d;
	struct side *s = &d->side[fl->market];
	int r;

	for (;;) {
		flight_query(fl, &d->query);
		if (d->query.bad)
			return fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
		r = calls_take(s->calls, fl->ep, d->query.p, fl->n * (endpoint(fl->ep)->orders > 0), flight_urgent(fl), f);
		if (r == 0 || fl->n == 1 || endpoint(fl->ep)->orders == 0)
			return r;
		fl->n = 1;
		fl->batch = false;
		fl->ep = intent_endpoint(&fl->e[0]->in);
	}
}

enum sending { SEND_WAITS, SEND_REFUSED, SEND_OFF };	/* OFF: fl is not the caller's any more */

static enum sending
flight_send(struct flight *fl)
{
	struct desk *d = fl->d;
	struct side *s = &d->side[fl->market];
	struct fault f = { 0 };
	int64_t stamp;
	int r, n;

	if ((r = session_sync(s->s, false, &f)) == 0)
		r = flight_take(fl, &f);
	if (r == -1 && flight_waits(fl, &f))
		return SEND_WAITS;
	n = fl->n;		/* d->query is of so many */
	if (r == 0 && last_look(fl) > 0) {
		stamp = session_now(s->s);
		r = put_down(fl, stamp, &f);
		if (r == 0 && fl->n > 0) {
			if (fl->n != n)		/* some have left */
				flight_query(fl, &d->query);
			launch(fl, stamp);
			return SEND_OFF;
		}
	}
	if (r == -1)
		flight_refused(fl, &f);
	return SEND_REFUSED;
}

/*
 * The way
 */

static bool
wants_ws(struct desk *d, struct side *s)
{
	return d->c.via == VIA_WS || (d->c.via == VIA_AUTO && cred_logs_on(s->s->cred));
}

static void
ws_state(void *arg, bool up, const char *why)
{
	if (!up)
		desk_say(arg, "the WebSocket API is away: %s", why);
}

static void
ws_begin(struct desk *d, struct side *s)
{
	static const struct wsapi_events ev = { .done = send_ws_done, .state = ws_state };
	struct fault f = { 0 };
	struct ws_loop *l;

	s->ws_tried = true;
	if ((l = desk_loop(d, &f)) == NULL || wsapi_open(&s->ws, l, s->s, &ev, d, &f) == -1)
		desk_say(d, "the WebSocket API cannot be used: %s", f.text);
}

enum way { WAY_REST, WAY_WS, WAY_WAITS, WAY_NONE };

/* How e goes. Who asks for the WebSocket API by name gets it or nothing; but what reduces
 * risk goes in any case. */
static enum way
way(struct desk *d, struct side *s, const struct entry *e)
{
	if (d->c.test || wsapi_method(intent_endpoint(&e->in), e->market) == NULL || !wants_ws(d, s))
		return WAY_REST;
	if (!s->ws_tried)
		ws_begin(d, s);
	if (s->ws != NULL && wsapi_up(s->ws))
		return WAY_WS;
	if (d->c.via != VIA_WS)
		return WAY_REST;
	if (s->ws != NULL && clock_mono_ms() - e->since_ms < WS_WAIT_MS)
		return WAY_WAITS;
	return e->urgent ? WAY_REST : WAY_NONE;
}

/*
 * Choosing
 */

/* Whether another may go along with first. */
static bool
goes_along(const struct desk *d, const struct turn *t, const struct ahead *a, const struct entry *first,
    const struct entry *e)
{
	if (e->market != first->market || batch_ep(e) != batch_ep(first) || e->urgent != first->urgent)
		return false;
	if (first->in.op == OP_CANCEL)
		return cancels_alike(first, e) && !waits_for_order(d, e);
	return may_go(d, t, a, e) || (d->c.batch_any && a != NULL && a->last == first);
}

static bool
is_ready(const struct entry *e, int64_t now)
{
	return !e->sent && !e->over && e->due_ms <= now;
}

/* More of its kind into fl. Cancels of one symbol go together whenever they can; orders
 * only where they would have to wait for a place. */
static void
fill(struct flight *fl, struct turn *t, struct entry *first, int places, int64_t now)
{
	struct desk *d = fl->d;
	enum ep ep = batch_ep(first);
	int max = ep == EP_BATCH_CANCEL ? FLIGHT_MAX : d->c.batch, more = 0;
	struct turn mine = *t;
	struct entry *e;

	if (ep == EP_COUNT || fl->ws || d->c.test || d->c.batch == 1)
		return;
	ahead_of(&mine, first)->waits = true;
	ahead_of(&mine, first)->last = first;
	for (e = first->next; e != NULL; e = e->next) {
		struct ahead *a = ahead_of(&mine, e);

		if (is_ready(e, now) && goes_along(d, &mine, a, first, e)) {
			if (fl->n < max)
				fl->e[fl->n++] = e;
			more++;
			if (a != NULL && first->in.op != OP_CANCEL) {
				a->waits = true;
				a->last = first;
			}
			continue;
		}
		if (a != NULL && !e->over && !e->told)
			pass_by(a, e);
		if (first->in.op == OP_CANCEL && a != NULL && strcmp(e->in.symbol, first->in.symbol) == 0)
			break;	/* what comes between keeps its place */
	}
	if (ep != EP_BATCH_CANCEL && more < places)
		fl->n = 1;	/* there is a place for each */
	if (fl->n > 1) {
		fl->batch = true;
		fl->ep = ep;
	}
}

/* Start first, with what goes along. true: it is off. */
static bool
start(struct desk *d, struct turn *t, struct entry *first, int places, int64_t now)
{
	struct flight *fl;
	struct fault f = { 0 };
	struct side *s = desk_side(d, first->market, &f);
	enum sending sent;
	enum way w;

	if (s == NULL) {
		look_refused(first, &f);
		return true;
	}
	w = way(d, s, first);
	if (w == WAY_WAITS || (w == WAY_REST && calls_free(s->calls) == 0))
		return false;
	if (w == WAY_NONE) {
		fault_set(&f, FAULT_AGAIN, "the WebSocket API is not to be had, and no other way is wanted; nothing was sent");
		look_refused(first, &f);
		return true;
	}
	if ((fl = calloc(1, sizeof *fl)) == NULL) {
		fault_set(&f, FAULT_LOCAL, "out of memory; nothing was sent");
		look_refused(first, &f);
		return true;
	}
	*fl = (struct flight){ .d = d, .market = first->market, .ws = w == WAY_WS, .n = 1,
	    .ep = d->c.test ? EP_ORDER_TEST : intent_endpoint(&first->in) };
	fl->e[0] = first;
	fill(fl, t, first, places, now);
	if ((sent = flight_send(fl)) != SEND_OFF)
		free(fl);
	return sent != SEND_WAITS;
}

static void
refuse_waiting(struct desk *d)
{
	struct fault f = { 0 };
	struct entry *e;

	fault_set(&f, FAULT_AGAIN, "stopped before its turn; nothing was sent");
	for (e = d->first; e != NULL; e = e->next)
		if (!e->sent && !e->over)
			look_refused(e, &f);
}

/* Answers that did not come in time. */
static void
late(struct desk *d, int *timeout_ms)
{
	int64_t now = clock_mono_ms();
	struct flight *fl, *next;
	struct fault f;

	for (fl = d->flights; fl != NULL; fl = next) {
		next = fl->next;
		if (!fl->ws || fl->late)
			continue;
		if (fl->end_ms > now) {
			sooner(timeout_ms, fl->end_ms - now);
			continue;
		}
		fl->late = true;
		d->nflights--;
		fault_set(&f, FAULT_UNKNOWN, "no answer within %d ms", d->side[fl->market].s->timeout_ms);
		for (int i = 0; i < fl->n; i++)
			if (fl->e[i] != NULL)
				look_answer(fl->e[i], &f, NULL, NULL);
	}
}

/* A logon that was refused for its time asks for a new one, which it must not do itself. */
static void
mind_clocks(struct desk *d, int64_t now)
{
	struct fault ignore;

	for (int m = 0; m < MARKETS; m++) {
		struct side *s = &d->side[m];

		if (s->ws == NULL || s->s->off.known || now < s->clock_due)
			continue;
		s->clock_due = now + CLOCK_MS;
		(void)session_sync(s->s, true, &ignore);
	}
}

void
send_work(struct desk *d, int *timeout_ms)
{
	int64_t now = clock_mono_ms();
	struct turn t = { 0 };
	struct entry *e;

	late(d, timeout_ms);
	mind_clocks(d, now);
	if (desk_stopped(d))
		refuse_waiting(d);
	for (e = d->first; e != NULL && !t.unknown; e = e->next)
		t.unknown = !e->over && !e->told && is_unknown(e);
	for (e = d->first; e != NULL; e = e->next) {
		struct ahead *a;

		if (e->over || e->told)
			continue;
		a = ahead_of(&t, e);
		if (!e->sent && e->due_ms > now)
			sooner(timeout_ms, e->due_ms - now);
		if (is_ready(e, now) && d->nflights < d->c.in_flight && may_go(d, &t, a, e) &&
		    !start(d, &t, e, d->c.in_flight - d->nflights, now))
			sooner(timeout_ms, e->due_ms > now ? e->due_ms - now : 20);
		if (!e->over)
			pass_by(a, e);
	}
}

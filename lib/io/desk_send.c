/*
 * Sending a flight. In the order: is the clock sure, is there room in the limits, does the
 * caller still want it, the journal, the signature, the wire. And its answer, handed to each.
 */
#include <stdlib.h>
#include <string.h>

#include "io/desk_in.h"

#define WS_WAIT_MS	5000	/* how long one waits for a connection that VIA_WS asks for */

/*
 * Flights, and their answers
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

static void
ws_done(void *arg, void *tag, const struct fault *f, const struct tok *t, const struct tok *v)
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

enum sending
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
	static const struct wsapi_events ev = { .done = ws_done, .state = ws_state };
	struct fault f = { 0 };
	struct ws_loop *l;

	s->ws_tried = true;
	if ((l = desk_loop(d, &f)) == NULL || wsapi_open(&s->ws, l, s->s, &ev, d, &f) == -1)
		desk_say(d, "the WebSocket API cannot be used: %s", f.text);
}

enum way
send_way(struct side *s, const struct entry *e)
{
	struct desk *d = e->d;

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

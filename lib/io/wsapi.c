/*
 * The life of a connection to the WebSocket API: connect, log on, carry requests out
 * and answers in, and say what became of those under way when it went.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/limit.h"
#include "io/sys.h"
#include "io/wsapi.h"
#include "io/wsapi_in.h"

#define CONNECT_WEIGHT	5
#define LOGON_WEIGHT	2
#define LOGON_MS	10000		/* for the answer to session.logon */
#define REFUSED_MS	60000		/* until the next attempt with a key that was refused */
#define LATER_MS	5000		/* and where it was refused for something that passes */
#define PATIENCE_MS	60000		/* the longest that is slept before the limits are asked again */
#define LIFE_MS		(23 * 3600 * INT64_C(1000))	/* the exchange ends it after 24 h */
#define SPREAD_MS	(10 * 60 * 1000)

enum stage { STAGE_DOWN, STAGE_LOGON, STAGE_UP };

struct wsapi {
	struct ws_conn	*conn;
	struct session	*s;
	struct wsapi_events ev;
	void		*arg;
	enum stage	 stage;
	char		 why[sizeof ((struct ws_why *)0)->text];	/* told last, while it is down */
	int64_t		 last_id, logon_id;
	int64_t		 logon_by, not_before, replace_at;	/* monotonic */
	struct asked_list asked;
	long		 sent, strays;
	struct buf	 out;
	struct scan	 doc;
};

/*
 * Requests without an answer
 */

void
wsapi_forget(struct wsapi *w, void *tag)
{
	asked_forget(&w->asked, tag);
}

/* No answer comes any more. */
static void
asked_lost(struct wsapi *w, const char *why)
{
	struct reply r = { .transport = TRANSPORT_LOST, .type = "", .body = "", .retry_after = -1, .detail = why };
	struct asked a;
	struct fault f;

	while (w->asked.n > 0) {
		a = asked_take(&w->asked, 0);
		if (a.forgotten)
			continue;
		(void)reply_judge(&r, endpoint(a.ep)->mutates, session_now(w->s), &f);
		w->ev.done(w->arg, a.tag, &f, NULL, NULL);
	}
}

/*
 * Up and down
 */

static void
up(struct wsapi *w)
{
	w->stage = STAGE_UP;
	w->why[0] = '\0';
	w->ev.state(w->arg, true, NULL);
}

/* The same sentence is not said again and again while it stays down. */
static void
down(struct wsapi *w, const char *why)
{
	bool said = w->stage != STAGE_UP && strncmp(w->why, why, sizeof w->why - 1) == 0;

	w->stage = STAGE_DOWN;
	snprintf(w->why, sizeof w->why, "%s", why);
	asked_lost(w, w->why);
	if (!said)
		w->ev.state(w->arg, false, w->why);
}

/* End this connection; the next one is made after wait_ms at the earliest. */
static void
leave(struct wsapi *w, const char *why, int64_t wait_ms)
{
	w->not_before = clock_mono_ms() + wait_ms;
	ws_kick(w->conn, why);
	down(w, why);
}

/* A signature does not stay in memory longer than it must. */
static void
wipe(struct buf *b)
{
	if (b->p != NULL)
		explicit_bzero(b->p, b->cap);
	buf_reset(b);
}

/* Handed to lws, and written when it is served next. */
static int
hand_over(struct wsapi *w, struct fault *f)
{
	int r = ws_send(w->conn, w->out.p, w->out.len);

	wipe(&w->out);
	if (r == -1)
		return fault_set(f, FAULT_AGAIN, "not sent: the connection to the WebSocket API is closing");
	return 0;
}

static void
log_on(struct wsapi *w)
{
	static const struct params none;
	struct proof by = { .security = SEC_SIGNED, .cred = w->s->cred, .stamp_ms = session_now(w->s) };
	struct fault f;

	w->logon_id = ++w->last_id;
	w->logon_by = clock_mono_ms() + LOGON_MS;
	w->stage = STAGE_LOGON;
	buf_reset(&w->out);
	if (request_put(&w->out, w->logon_id, "session.logon", &none, &by, &f) == -1 || hand_over(w, &f) == -1)
		leave(w, f.text, LATER_MS);
}

static void
logged_on(struct wsapi *w, const struct fault *f)
{
	char why[sizeof w->why];
	bool passes;

	if (f == NULL) {
		up(w);
		return;
	}
	if (f->kind == FAULT_CLOCK)	/* whoever signs next measures it first */
		w->s->off.known = false;
	passes = f->kind == FAULT_AGAIN || f->kind == FAULT_CLOCK;
	snprintf(why, sizeof why, "session.logon was refused: %.120s", f->text);
	leave(w, why, f->retry_ms > 0 ? f->retry_ms : passes ? LATER_MS : REFUSED_MS);
}

/*
 * What the connection tells
 */

static void
opened(struct wsapi *w)
{
	w->replace_at = clock_mono_ms() + LIFE_MS - sys_dice(SPREAD_MS);
	if (cred_logs_on(w->s->cred))
		log_on(w);
	else
		up(w);
}

static void
closed(struct wsapi *w, const struct ws_why *why)
{
	struct fault f = { .http = why->http, .retry_ms = why->retry_after_s * 1000LL };

	limits_obey(w->s->lim, &f, session_now(w->s));
	down(w, why->text[0] != '\0' ? why->text : "the connection ended");
}

static void
on_state(void *arg, struct ws_conn *c, enum ws_state st, const struct ws_why *why)
{
	(void)c;
	if (st == WS_OPEN)
		opened(arg);
	else if (st == WS_CLOSED)
		closed(arg, why);
}

/* A handshake is counted as a request, and as a connection. */
static int
connect_take(struct wsapi *w, struct fault *f)
{
	int weight = CONNECT_WEIGHT + (cred_logs_on(w->s->cred) ? LOGON_WEIGHT : 0);
	int64_t now = session_now(w->s);

	if (limits_take(w->s->lim, endpoint(EP_PING), w->s->market, weight, false, now, f) == -1)
		return -1;
	return limits_spend(w->s->lim, RATE_CONNECT, 1, now, f);
}

static int
on_path(void *arg, struct ws_conn *c, char *out, size_t size)
{
	struct wsapi *w = arg;
	int64_t left = w->not_before - clock_mono_ms();
	struct fault f;

	(void)c;
	if (left <= 0 && connect_take(w, &f) == -1) {
		down(w, f.text);
		left = f.retry_ms > 0 ? f.retry_ms + 1 : PATIENCE_MS;
	}
	if (left > 0)
		return (int)(left < PATIENCE_MS ? left : PATIENCE_MS);
	snprintf(out, size, "%s", w->s->market == MARKET_COINM ? "/ws-dapi/v1" : "/ws-fapi/v1");
	return 0;
}

static void
on_tick(void *arg, int64_t mono_ms)
{
	struct wsapi *w = arg;

	if (w->stage == STAGE_LOGON && mono_ms >= w->logon_by)
		leave(w, "session.logon was not answered", 0);
	else if (w->stage == STAGE_UP && mono_ms >= w->replace_at && asked_waited(&w->asked) == 0)
		leave(w, "replaced, before the exchange ends it after 24 hours", 0);
}

/*
 * Answers
 */

/* They belong to the window in which the exchange counted: where ours changed
 * meanwhile that is uncertain, and they are left. */
static void
tell_limits(struct wsapi *w, const struct answer *a, int64_t t0, int64_t t1)
{
	bool same_1m = t0 / 60000 == t1 / 60000, same_10s = t0 / 10000 == t1 / 10000;

	limits_told(w->s->lim, same_1m ? a->weight_1m : -1, same_10s ? a->orders_10s : -1,
	    same_1m ? a->orders_1m : -1, t1);
}

/* To which request, nobody knows. A key that was revoked is told so. */
static void
nameless(struct wsapi *w, const struct fault *f)
{
	char why[sizeof w->why];

	w->strays++;
	if (f == NULL || f->kind != FAULT_KEY)
		return;
	snprintf(why, sizeof why, "the key is not accepted any more: %.110s", f->text);
	leave(w, why, 0);
}

static void
settle(struct wsapi *w, const struct answer *a, const struct asked *q, const struct fault *f)
{
	if (q->forgotten)
		return;
	w->ev.done(w->arg, q->tag, f, f == NULL ? w->doc.t : NULL, f == NULL ? a->value : NULL);
}

static void
answered(struct wsapi *w, const struct answer *a, int64_t now)
{
	int i = a->named ? asked_find(&w->asked, a->id) : -1;
	struct asked q = { .at_ms = now };
	struct fault f, *failed = NULL;

	if (i != -1)
		q = asked_take(&w->asked, i);
	if (reply_judge(&a->reply, i != -1 && endpoint(q.ep)->mutates, now, &f) == -1)
		failed = &f;
	tell_limits(w, a, q.at_ms, now);
	if (failed != NULL)
		limits_obey(w->s->lim, failed, now);
	if (i != -1)
		settle(w, a, &q, failed);
	else if (!a->named)
		nameless(w, failed);
	else if (w->stage == STAGE_LOGON && a->id == w->logon_id)
		logged_on(w, failed);
	else
		w->strays++;
}

static void
on_text(void *arg, struct ws_conn *c, const char *p, size_t n)
{
	struct wsapi *w = arg;
	int64_t now = session_now(w->s);
	struct answer a;

	(void)c;
	if (answer_read(&a, &w->doc, p, n, now))
		answered(w, &a, now);
	else
		w->strays++;
}

/*
 * What the owner asks
 */

static const struct ws_events events = { .state = on_state, .text = on_text, .path = on_path, .tick = on_tick };

int
wsapi_open(struct wsapi **out, struct ws_loop *l, struct session *s, const struct wsapi_events *ev,
    void *arg, struct fault *f)
{
	const char *base = profile_wsapi(&s->prof, s->market, f);
	struct wsapi *w;
	struct fault ignore;

	*out = NULL;
	if (base == NULL)
		return -1;
	if (s->cred == NULL)
		return fault_set(f, FAULT_USAGE, "the WebSocket API needs a key, and none was loaded");
	if ((w = calloc(1, sizeof *w)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	w->s = s;
	w->ev = *ev;
	w->arg = arg;
	if ((w->conn = ws_add_for(l, base, &events, w, f)) == NULL) {
		free(w);
		return -1;
	}
	/* It logs on by the exchange's time, later, when asking for that would hold up
	 * the loop. Where it cannot be had now, the logon shows it. */
	if (cred_logs_on(s->cred) && s->off.measured_ms == 0)
		(void)session_sync(s, false, &ignore);
	*out = w;
	return 0;
}

void
wsapi_close(struct wsapi *w)
{
	if (w == NULL)
		return;
	ws_remove(w->conn);
	buf_free(&w->out);
	scan_free(&w->doc);
	free(w->asked.p);
	free(w);
}

bool
wsapi_up(const struct wsapi *w)
{
	return w->stage == STAGE_UP;
}

int
wsapi_send(struct wsapi *w, enum ep ep, const struct params *ps, int64_t stamp_ms, void *tag,
    struct fault *f)
{
	const char *method = wsapi_method(ep, w->s->market);
	struct asked a = { .id = w->last_id + 1, .tag = tag, .ep = ep, .at_ms = session_now(w->s) };
	struct proof by = { .security = endpoint(ep)->security, .cred = w->s->cred,
	    .logged_on = cred_logs_on(w->s->cred), .stamp_ms = stamp_ms != 0 ? stamp_ms : a.at_ms,
	    .recv_window = w->s->prof.recv_window };

	if (method == NULL)
		return fault_set(f, FAULT_USAGE, "the WebSocket API of %s has no such request",
		    market_title(w->s->market));
	if (w->stage != STAGE_UP)
		return fault_set(f, FAULT_AGAIN, "not sent: the WebSocket API is not connected%s%.150s",
		    w->why[0] != '\0' ? ": " : "", w->why);
	buf_reset(&w->out);
	if (request_put(&w->out, a.id, method, ps, &by, f) == -1) {
		buf_free(&w->out);
		return -1;
	}
	if (!asked_add(&w->asked, &a)) {
		wipe(&w->out);
		return fault_set(f, FAULT_LOCAL, "out of memory");
	}
	if (hand_over(w, f) == -1) {
		(void)asked_take(&w->asked, w->asked.n - 1);
		return -1;
	}
	w->last_id++;
	w->sent++;
	return 0;
}

long
wsapi_sent(const struct wsapi *w)
{
	return w->sent;
}

long
wsapi_strays(const struct wsapi *w)
{
	return w->strays;
}

/* What becomes of those that were sent: answers, look-ups, evidence, and the end. */
#include <stdio.h>
#include <string.h>

#include "io/desk_in.h"

#define LIMIT_WAIT_MS	1000	/* a look-up that no limit lets through */
#define BUSY_MS		20	/* all lanes are taken */

/*
 * The end
 */

/* The name of what the journal is told; NULL: nothing new. */
static const char *
word_for(const struct entry *e)
{
	switch (e->fate.out) {
	case OUT_RESULT:	return e->marked ? "resolved" : "result";
	case OUT_REFUSED:	return "refused";
	case OUT_ABSENT:	return "absent";
	case OUT_UNKNOWN:	break;
	}
	return e->marked ? NULL : "unknown";
}

/* It was told before that it is unknown; now it is settled, or never will be. */
static void
settled(struct entry *e)
{
	struct desk *d = e->d;
	struct buf one = { 0 };

	if (e->fate.out == OUT_UNKNOWN)
		return;		/* stays counted */
	d->unknown--;
	d->news = true;
	recovered_record(d->recovered != NULL ? d->recovered : &one, e, session_now(d->side[e->market].s));
	if (d->recovered == NULL && d->c.settled != NULL && !one.bad)
		d->c.settled(d->c.arg, &one);
	buf_free(&one);
}

static void
tell(struct entry *e, enum outcome out, const struct fault *f)
{
	struct desk *d = e->d;
	const struct buf *b = &e->fate.found;

	d->pending--;
	d->news = true;
	if (out == OUT_UNKNOWN)
		d->unknown++;
	d->c.done(d->c.arg, e->tag, out, out == OUT_RESULT ? b->p : NULL, out == OUT_RESULT ? b->len : 0, f);
}

static void
finish(struct entry *e)
{
	const char *word = word_for(e);

	if (word != NULL)
		journal_outcome(e->d, e, word);
	e->over = true;
	e->stuck = e->fate.out == OUT_UNKNOWN;
	if (e->told)
		settled(e);
	else
		tell(e, e->fate.out, &e->fate.f);
	e->told = e->told || e->stuck;
}

void
look_refused(struct entry *e, const struct fault *f)
{
	if (e->resigned) {		/* the journal has that it was sent: it must have this too */
		e->sent = true;
		fate_answer(&e->fate, f, NULL, NULL, clock_mono_ms());
		look_follow(e);
		return;
	}
	e->over = true;
	tell(e, OUT_REFUSED, f);
}

/*
 * The unknown
 */

static void
evidence_record(void *arg, const struct tok *t, const struct tok *v)
{
	desk_event(arg, t, v);
}

/* A stream that says what is done on the account; what it says while it is being made is lost,
 * and then the look-ups say it. */
static void
evidence_open(struct desk *d, enum market m)
{
	struct side *s = &d->side[m];
	struct fault f = { 0 };
	struct ws_loop *l;

	if (!d->c.evidence || s->us_tried)
		return;
	s->us_tried = true;
	if ((l = desk_loop(d, &f)) == NULL ||
	    ustream_open(&s->us, l, s->calls, s->s, evidence_record, d, &f) == -1)
		desk_say(d, "the user stream cannot be used: %s", f.text);
}

static void
became_unknown(struct entry *e)
{
	struct desk *d = e->d;

	e->marked = true;
	journal_outcome(d, e, "unknown");
	desk_say(d, "%s: outcome unknown (%.200s); looking it up", e->name, e->fate.first.text);
	evidence_open(d, e->market);
}

/* Time is up for whoever waits; the looking goes on. */
static void
give_up(struct entry *e)
{
	struct fault f = e->fate.first;

	if (e->fate.explain) {		/* the refusal stands, unexplained */
		fate_give_up(&e->fate);
		finish(e);
		return;
	}
	fault_set(&f, FAULT_UNKNOWN, "%s: still unknown (%.180s)", e->name, e->fate.first.text);
	f.http = e->fate.first.http;
	f.code = e->fate.first.code;
	tell(e, OUT_UNKNOWN, &f);
	e->told = true;
}

void
look_follow(struct entry *e)
{
	if (e->over)
		return;
	if (e->fate.state == FATE_DONE) {
		finish(e);
		return;
	}
	if (e->fate.state != FATE_LOOK)
		return;
	if (!e->looking) {
		e->looking = true;
		e->since_ms = clock_mono_ms();
	}
	if (!e->fate.explain && !e->marked)
		became_unknown(e);
}

/*
 * Answers
 */

static void
test_answer(struct entry *e, const struct fault *f, const struct tok *v)
{
	e->over = true;
	e->d->pending--;
	e->d->news = true;
	e->d->c.done(e->d->c.arg, e->tag, f == NULL ? OUT_RESULT : OUT_REFUSED,
	    f == NULL ? v->p : NULL, f == NULL ? v->len : 0, f);
}

/* Once for all that went in one request. */
static bool
measure(struct flight *fl, struct fault *why)
{
	if (!fl->measured && !fl->unsure)
		fl->unsure = session_sync(fl->d->side[fl->market].s, true, why) == -1;
	fl->measured = true;
	return !fl->unsure;
}

/* Refused by name for its time: measure, and send it once more under a new one. Not where an
 * event has shown it all the same. true: so it is. */
static bool
sign_anew(struct entry *e, const struct fault *f, struct fault *why)
{
	if (f == NULL || f->code != -1021 || f->kind != FAULT_CLOCK || e->resigned ||
	    e->fate.state != FATE_SENT || e->fate.early.len > 0 || e->fate.exists)
		return false;
	if (!measure(e->flight, why))
		return false;
	e->resigned = true;
	e->sent = false;
	e->due_ms = 0;
	return true;
}

void
look_event(struct entry *e, const struct tok *t, const struct tok *rec)
{
	struct fault f;
	bool got = fate_event(&e->fate, t, rec);

	if (!e->sent && (got || e->fate.exists)) {	/* it must not leave once more */
		e->sent = true;
		fault_set(&f, FAULT_UNKNOWN, "refused for its time, but an event shows it");
		fate_answer(&e->fate, &f, NULL, NULL, clock_mono_ms());
		got = true;
	}
	if (got)
		look_follow(e);
}

void
look_answer(struct entry *e, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct fault why = { 0 };

	if (e->over)
		return;
	if (e->d->c.test) {
		test_answer(e, f, v);
		return;
	}
	if (sign_anew(e, f, &why))
		return;
	fate_answer(&e->fate, why.kind != FAULT_NONE ? &why : f, t, v, clock_mono_ms());
	look_follow(e);
}

/*
 * Looking up
 */

static void
looked(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct entry *e = arg;
	struct fault ignore;

	e->asking = false;
	if (f != NULL && f->code == -1021)
		(void)session_sync(e->d->side[e->market].s, true, &ignore);
	if (e->over)
		return;
	fate_looked(&e->fate, e->asked, f, t, v, e->asked_ms, clock_mono_ms());
	look_follow(e);
}

/* Whether a lane is left beside those for requests that may still come: as many as can be under
 * way, less those of this market that have theirs (the other market's may end and give their
 * places to this one), and one for the listenKey. */
static bool
has_lane(const struct desk *d, enum market m)
{
	int kept = d->c.in_flight + KEY_LANE;

	for (const struct flight *fl = d->flights; fl != NULL; fl = fl->next)
		kept -= fl->market == m && !fl->ws;
	return calls_free(d->side[m].calls) > kept;
}

static void
ask(struct entry *e, enum fate_ask what, int *timeout_ms)
{
	struct side *s = &e->d->side[e->market];
	int64_t now = clock_mono_ms();
	struct buf q = { 0 };
	struct fault f = { 0 };
	enum ep ep = fate_query(&e->fate, what, &q);

	if (!has_lane(e->d, e->market))
		e->due_ms = now + BUSY_MS;
	else if (q.bad || session_sync(s->s, false, &f) == -1 ||
	    calls_take(s->calls, ep, q.p, 0, true, &f) == -1)
		e->due_ms = now + (f.retry_ms > 0 ? f.retry_ms : LIMIT_WAIT_MS);
	else {
		e->asked = what;
		e->asked_ms = session_now(s->s);
		e->due_ms = 0;
		if (calls_send(s->calls, ep, q.p, 0, 0, looked, e, &f) == 0)
			e->asking = true;
		else if (f.kind == FAULT_USAGE)	/* this market has no such question */
			fate_looked(&e->fate, what, &f, NULL, NULL, e->asked_ms, now);
		else
			e->due_ms = now + LIMIT_WAIT_MS;
	}
	if (e->due_ms > now)
		sooner(timeout_ms, e->due_ms - now);
	buf_free(&q);
}

static void
look_one(struct entry *e, int *timeout_ms)
{
	int64_t now = clock_mono_ms(), due = INT64_MAX, left;
	enum fate_ask what;

	if (!e->told) {
		left = e->since_ms + e->d->c.resolve_ms - now;
		if (left <= 0 && !e->asking) {
			give_up(e);
			if (e->over)
				return;
		} else
			sooner(timeout_ms, left > 0 ? left : BUSY_MS);
	}
	if (e->asking)
		return;
	if (e->due_ms > now) {
		sooner(timeout_ms, e->due_ms - now);
		return;
	}
	what = fate_next(&e->fate, now, &due);
	if (what != ASK_NOTHING)
		ask(e, what, timeout_ms);
	else if (due != INT64_MAX)
		sooner(timeout_ms, due - now);
	look_follow(e);
}

void
look_work(struct desk *d, int *timeout_ms)
{
	bool any = false;
	struct entry *e;

	for (e = d->first; e != NULL; e = e->next)
		if (e->sent && !e->over && e->fate.state == FATE_LOOK) {
			any = any || !e->told;
			look_one(e, timeout_ms);
		}
	if (any && desk_stopped(d) && !d->stop_said) {
		d->stop_said = true;
		desk_say(d, "stopping: what was sent is still looked up first");
	}
}

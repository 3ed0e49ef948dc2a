/* What the desk writes to the journal, and what it reads back from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/desk_in.h"

#define RECOVER_DAYS	3	/* the exchange forgets an order that closed without a fill then */

/*
 * Writing
 */

static void
put_intent(struct buf *b, const struct entry *e, int64_t stamp_ms, int recv_window)
{
	const struct session *s = e->d->side[e->market].s;

	jw_open(b, NULL, '{');
	jw_raw(b, "intent", e->text.p, e->text.len);
	jw_str(b, "profile", s->prof.name);
	jw_i64(b, "timestamp", stamp_ms);
	jw_i64(b, "recvWindow", recv_window);
	jw_str(b, "market", market_word(e->market));
	jw_close(b, '}');
}

/* Of one market and one operation: places are claimed, the others only put down. */
int
journal_entries(struct desk *d, struct entry *const e[], int n, int64_t stamp_ms, int recv_window,
    bool taken[], struct fault *f)
{
	struct journal_claim c[FLIGHT_MAX];
	struct buf b[FLIGHT_MAX] = { { 0 } };
	int i, r = 0;

	for (i = 0; i < n; i++) {
		put_intent(&b[i], e[i], stamp_ms, recv_window);
		c[i] = (struct journal_claim){ .client_id = e[i]->name, .data = b[i].p, .n = b[i].len };
		if (b[i].bad)
			r = fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
	}
	if (r == 0 && e[0]->in.op == OP_PLACE)
		r = journal_claim_all(d->c.j, stamp_ms, c, n, f);
	else
		for (i = 0; r == 0 && i < n; i++)
			r = journal_put(d->c.j, stamp_ms, "intent", c[i].client_id, c[i].data, c[i].n,
			    i == n - 1, f);
	for (i = 0; i < n; i++) {
		taken[i] = r == 0 && e[0]->in.op == OP_PLACE && c[i].taken;
		buf_free(&b[i]);
	}
	return r;
}

/* What came of it. If this is lost, the next start looks it up again. */
void
journal_outcome(struct desk *d, const struct entry *e, const char *what)
{
	const struct fault *of = strcmp(what, "unknown") == 0 && e->fate.state != FATE_DONE ?
	    &e->fate.first : &e->fate.f;
	struct buf b = { 0 };
	struct fault f;
	int r = -1;

	if (e->fate.state == FATE_DONE && e->fate.out == OUT_RESULT)
		buf_put(&b, e->fate.found.p, e->fate.found.len);
	else {
		jw_open(&b, NULL, '{');
		jw_str(&b, "category", fault_word(of->kind));
		jw_i64(&b, "http", of->http);
		jw_i64(&b, "code", of->code);
		jw_str(&b, "msg", of->text);
		jw_close(&b, '}');
	}
	fault_set(&f, FAULT_LOCAL, "out of memory");
	if (!b.bad)
		r = journal_put(d->c.j, session_now(d->side[e->market].s), what, e->name, b.p, b.len, false, &f);
	if (r == -1)
		desk_say(d, "%s: %s, but the journal could not be written: %s", e->name, what, f.text);
	buf_free(&b);
}

/*
 * Reading back
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

static bool
on_desk(const struct desk *d, const char *id)
{
	for (const struct entry *e = d->first; e != NULL; e = e->next)
		if ((!e->over || e->stuck) && strcmp(e->name, id) == 0)
			return true;
	return false;
}

/* A journal that several profiles share: what is not of ours cannot be looked up here, where it
 * would seem never to have been. */
static bool
is_foreign(struct desk *d, const struct tok *t, const struct session *s, const char *id)
{
	char name[sizeof s->prof.name];

	if (t == NULL || !scan_get_str(t, t, "profile", name, sizeof name) || strcmp(name, s->prof.name) == 0)
		return false;
	if (!d->foreign_said)
		desk_say(d, "%s in this journal is of profile %s, and so are others perhaps: left to it", id, name);
	d->foreign_said = true;
	return true;
}

/* What the journal says of one, put on the desk to be looked up. A line that cannot be
 * read stays unknown. */
static int
take_up(struct desk *d, const struct open_intent *o, struct fault *f)
{
	struct scan sc = { 0 };
	const struct tok *v = NULL;
	int64_t stamp = 0, window = 0;
	struct intent in = { 0 };
	enum market m = MARKET_USDM;
	struct fault bad = { 0 };
	struct entry *e;
	struct side *s;
	bool ok;

	ok = scan_doc(&sc, o->data.p, o->data.len) > 0 && scan_get_i64(sc.t, sc.t, "timestamp", &stamp) &&
	    scan_get_i64(sc.t, sc.t, "recvWindow", &window) && window <= INT32_MAX &&
	    (v = scan_get(sc.t, sc.t, "intent")) != NULL && intent_read(&in, sc.t, v, &bad) == 0;
	if (scan_get_is(sc.n > 0 ? sc.t : NULL, sc.n > 0 ? sc.t : NULL, "market", market_word(MARKET_COINM)))
		m = MARKET_COINM;
	if ((s = desk_side(d, m, f)) != NULL && is_foreign(d, sc.n > 0 ? sc.t : NULL, s->s, o->id)) {
		scan_free(&sc);
		return 0;
	}
	if (ok && in.op == OP_PLACE)	/* it may have been given by us */
		snprintf(in.client_id, sizeof in.client_id, "%.36s", o->id);
	if (s == NULL || (e = desk_entry(d, m, &in, o->id, v != NULL ? v->p : "null",
	    v != NULL ? v->len : 4)) == NULL) {
		scan_free(&sc);
		return f->kind != FAULT_NONE ? -1 : fault_set(f, FAULT_LOCAL, "journal: out of memory");
	}
	fate_begin(&e->fate, &in, o->id, m, stamp, (int)window, d->c.lag_ms);
	e->sent = e->told = e->marked = true;
	d->unknown++;
	if (ok)
		fate_recover(&e->fate, clock_mono_ms());
	else {
		e->fate.state = FATE_DONE;
		e->fate.out = OUT_UNKNOWN;
		fault_set(&e->fate.f, FAULT_UNKNOWN, "%s: the journal's line cannot be read", o->id);
		e->over = e->stuck = e->unreadable = true;
	}
	scan_free(&sc);
	return 0;
}

void
recovered_record(struct buf *out, const struct entry *e, int64_t now_ms)
{
	static const char *const words[] = { [OUT_RESULT] = "result", [OUT_REFUSED] = "refused",
		[OUT_ABSENT] = "absent", [OUT_UNKNOWN] = "unknown" };
	const struct fate *fa = &e->fate;
	enum outcome o = fa->state == FATE_DONE ? fa->out : OUT_UNKNOWN;

	jw_open(out, NULL, '{');
	jw_str(out, "e", "bf.recovered");
	jw_i64(out, "E", now_ms);
	jw_str(out, "clientOrderId", e->in.client_id);
	jw_str(out, "outcome", words[o]);
	if (o == OUT_RESULT)
		jw_raw(out, "order", fa->found.p, fa->found.len);
	else {
		jw_null(out, "order");
		jw_str(out, "msg", fa->f.text);
	}
	jw_raw(out, "intent", e->text.p, e->text.len);
	jw_close(out, '}');
	jw_end(out);
}

static bool
any_looked_up(const struct desk *d)
{
	for (const struct entry *e = d->first; e != NULL; e = e->next)
		if (e->told && !e->over)
			return true;
	return false;
}

/* What a look has left unknown may show otherwise now. */
static void
look_anew(struct entry *e)
{
	int64_t stamp = e->fate.stamp, bound = e->fate.bound;

	fate_free(&e->fate);
	fate_begin(&e->fate, &e->in, e->name, e->market, stamp, 0, 0);
	e->fate.bound = bound;
	e->over = e->stuck = false;
}

/* Turns until all are settled or time is up; then those that are not are told as well. */
static void
look_all_up(struct desk *d, int max_ms, struct buf *out)
{
	int64_t end = clock_mono_ms() + max_ms, now;
	struct entry *e;

	for (e = d->first; e != NULL; e = e->next) {
		if (e->stuck && !e->unreadable && !e->asking)
			look_anew(e);
		if (e->told && !e->over)
			fate_recover(&e->fate, clock_mono_ms());
	}
	d->recovered = out;
	while (any_looked_up(d) && !desk_stopped(d) && (now = clock_mono_ms()) < end)
		desk_turn(d, NULL, 0, (int)(end - now));
	d->recovered = NULL;
	for (e = d->first; e != NULL; e = e->next)
		if (e->told && (!e->over || e->fate.out == OUT_UNKNOWN)) {
			if (e->fate.f.text[0] == '\0')
				fault_set(&e->fate.f, FAULT_UNKNOWN, "%s: not settled yet", e->name);
			recovered_record(out, e, session_now(d->side[e->market].s));
		}
}

int
desk_unsettled(struct journal *j, int64_t now_ms, int *damaged, struct fault *f)
{
	struct open_list o = { 0 };
	int r;

	*damaged = 0;
	memset(f, 0, sizeof *f);
	r = journal_walk(j, RECOVER_DAYS, now_ms, on_line, &o, damaged, f);
	if (o.bad)
		r = fault_set(f, FAULT_LOCAL, "journal: out of memory");
	else if (r == 0)
		r = o.n;
	open_free(&o);
	return r;
}

int
desk_recover(struct desk *d, int max_ms, struct buf *out, struct fault *f)
{
	struct open_list o = { 0 };
	struct fault tf;
	struct session *s;
	int damaged = 0, i, r = 0, before, fresh;

	memset(f, 0, sizeof *f);
	if ((s = d->c.session(d->c.arg, MARKET_USDM, f)) == NULL)
		return -1;
	(void)session_sync(s, false, &tf);	/* the journal's days are the exchange's */
	if (journal_walk(d->c.j, RECOVER_DAYS, session_now(s), on_line, &o, &damaged, &tf) == -1 || o.bad) {
		*f = tf;
		if (o.bad)
			fault_set(f, FAULT_LOCAL, "journal: out of memory");
		open_free(&o);
		return -1;
	}
	if (damaged > 0)
		desk_say(d, "journal: %d damaged line%s passed over", damaged, damaged == 1 ? " was" : "s were");
	before = d->unknown;
	for (i = 0; r == 0 && i < o.n; i++)
		if (!on_desk(d, o.v[i].id))
			r = take_up(d, &o.v[i], f);
	fresh = d->unknown - before;
	if (fresh > 0)
		desk_say(d, "%d request%s of an earlier run without an outcome: looking up", fresh,
		    fresh == 1 ? "" : "s");
	open_free(&o);
	if (r == -1)
		return -1;
	look_all_up(d, max_ms, out);
	return out->bad ? fault_set(f, FAULT_LOCAL, "out of memory") : d->unknown;
}

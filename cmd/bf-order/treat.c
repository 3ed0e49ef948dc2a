/* One line in; if it is an intent, exactly one outcome out. */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "io/trader.h"
#include "app.h"

#define AGAIN_MS	5000	/* between looks at what is unknown */
#define LOOK_MS		600	/* time for two looks */

/*
 * The intent's text
 */

static void
put_string(struct buf *b, const struct tok *v)
{
	buf_chr(b, '"');
	buf_put(b, v->p, v->len);
	buf_chr(b, '"');
}

static void
put_value(struct buf *b, const struct job *j, const struct tok *key, const struct tok *v)
{
	const char *now = j->new_qty && scan_is(key, "quantity") ? j->in.qty_s :
	    j->new_price && scan_is(key, "price") ? j->in.price_s : NULL;

	if (now != NULL)
		buf_printf(b, "\"%s\"", now);
	else if (v->kind == SCAN_STR)
		put_string(b, v);
	else
		buf_put(b, v->p, v->len);
}

void
compose(struct job *j)
{
	const struct tok *k, *v;
	struct buf *b = &j->text;

	buf_reset(b);
	buf_chr(b, '{');
	for (k = scan_first(j->v); k != NULL; k = scan_next(j->t, j->v, v)) {
		v = k + 1;
		if (b->len > 1)
			buf_chr(b, ',');
		put_string(b, k);
		buf_chr(b, ':');
		put_value(b, j, k, v);
	}
	if (j->named)
		buf_printf(b, ",\"newClientOrderId\":\"%s\"", j->in.client_id);
	buf_chr(b, '}');
}

static int
name_it(struct app *a, struct fault *f)
{
	struct job *j = &a->job;

	if (j->in.op != OP_PLACE || j->in.client_id[0] != '\0')
		return 0;
	if (trader_client_id(j->in.client_id, "bf-", session_now(&a->s), f) == -1)
		return -1;
	j->named = true;
	compose(j);
	return j->text.bad ? fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent") : 0;
}

/*
 * Outcomes
 */

static void
dry_run(struct app *a)
{
	static const enum ep eps[] = {
		[OP_PLACE] = EP_ORDER_PLACE, [OP_CANCEL] = EP_ORDER_CANCEL, [OP_CANCEL_ALL] = EP_CANCEL_ALL
	};
	const struct endpoint *e = endpoint(eps[a->job.in.op]);
	struct buf *b = &a->rec, q = { 0 };

	intent_query(&a->job.in, &q);
	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.dryrun");
	jw_i64(b, "E", session_now(&a->s));
	jw_str(b, "by", a->tool->name);
	jw_str(b, "method", e->method);
	jw_str(b, "path", e->path[a->s.market]);
	jw_strn(b, "query", q.p, q.len);
	jw_raw(b, "intent", a->job.text.p, a->job.text.len);
	jw_close(b, '}');
	jw_end(b);
	b->bad = b->bad || q.bad;
	buf_free(&q);
	if (a->words && a->out.table)
		a->out.table = false;	/* not an order: no columns for it */
	emit(a);
}

/* What was unknown, and now is known not to stand. */
static void
recovered(struct app *a, const struct fault *f)
{
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.recovered");
	jw_i64(b, "E", session_now(&a->s));
	jw_str(b, "clientOrderId", a->job.in.client_id);
	jw_str(b, "outcome", "absent");
	jw_null(b, "order");
	jw_str(b, "msg", f->text);
	jw_raw(b, "intent", a->job.text.p, a->job.text.len);
	jw_close(b, '}');
	jw_end(b);
	if (a->out.table)
		buf_reset(b);
	else
		emit(a);
}

static void
after(struct app *a, enum outcome out, struct buf *result, struct fault *f)
{
	switch (out) {
	case OUT_RESULT:
		buf_put(&a->rec, result->p, result->len);
		buf_chr(&a->rec, '\n');
		emit(a);
		return;
	case OUT_ABSENT:
		recovered(a, f);
		break;
	case OUT_UNKNOWN:
		a->unknown++;
		f->kind = FAULT_UNKNOWN;
		if (!a->words)
			say(a, "line %llu: %s", a->line, f->text);
		break;
	case OUT_REFUSED:
		if (f->kind == FAULT_AGAIN && f->http == 0)	/* proven: never left */
			seen_drop(&a->seen, a->job.in.client_id);
		break;
	}
	refuse(a, f);
	refresh_rules(a, f->code);
	if (f->kind == FAULT_KEY) {	/* the next one would fare the same */
		say(a, "%s; stopping", f->text);
		a->halt = true;
	}
}

static void
transmit(struct app *a)
{
	struct job *j = &a->job;
	struct pollfd p = { .fd = STDOUT_FILENO };
	struct buf result = { 0 };
	struct fault f = { 0 };
	enum outcome out;

	if (poll(&p, 1, 0) == 1 && reader_gone(a, p.revents)) {
		say(a, "line %llu: not sent: %.*s", a->line, (int)(j->text.len < 800 ? j->text.len : 800), j->text.p);
		return;
	}
	if (j->in.op == OP_PLACE && seen_add(&a->seen, j->in.client_id, session_now(&a->s), &f) == -1) {
		refuse(a, &f);
		return;
	}
	if (a->p.dry_run) {
		dry_run(a);
		return;
	}
	trader_in_flight(true);
	out = order_send(&a->ctx, &j->in, j->text.p, j->text.len, &result, &f);
	trader_in_flight(false);
	after(a, out, &result, &f);
	buf_free(&result);
}

/*
 * Lines
 */

static void
treat_intent(struct app *a, const struct tok *t)
{
	struct job *j = &a->job;
	struct fault f = { 0 };

	j->t = j->v = t;
	compose(j);
	if (j->text.bad)
		fault_set(&f, FAULT_LOCAL, "out of memory; nothing was sent");
	if (f.kind == FAULT_NONE && intent_read(&j->in, t, t, &f) == -1) {
		reject(a, FAULT_REJECTED, "intent", f.code, "", "", "%s", f.text);
		return;
	}
	if (f.kind != FAULT_NONE || name_it(a, &f) == -1)
		refuse(a, &f);
	else if (gate(a))
		transmit(a);
}

/* Refusals of those before us are outcomes: they go on. The rest is only
 * passed on if asked for. */
static void
treat_other(struct app *a, const struct tok *t, const char *line, size_t n)
{
	bool refusal = scan_get_is(t, t, "e", "bf.reject") || scan_get_is(t, t, "e", "bf.error");

	if (refusal)
		saw(a, FAULT_REJECTED);
	if (!refusal && !a->p.pass)
		return;
	buf_put(&a->rec, line, n);
	buf_chr(&a->rec, '\n');
	emit(a);
}

/* What cannot be read may have been an order, or the end of one: stop. */
static void
malformed(struct app *a, const char *why, size_t where)
{
	say(a, "line %llu: not a JSON object: %s at byte %zu; stopping", a->line, why, where + 1);
	reject(a, FAULT_REJECTED, "json", 0, "", "", "line %llu: not a JSON object: %s at byte %zu",
	    a->line, why, where + 1);
	a->halt = true;
}

static void
job_reset(struct job *j)
{
	struct buf text = j->text;

	memset(j, 0, sizeof *j);
	j->text = text;
	buf_reset(&j->text);
}

void
treat_line(struct app *a, const char *line, size_t n)
{
	int got = scan_doc(&a->sc, line, n);

	job_reset(&a->job);
	if (got == SCAN_EMPTY)
		return;
	if (got < 0)
		malformed(a, scan_strerror(got), a->sc.where);
	else if (a->sc.t->kind != SCAN_OBJ)
		malformed(a, "another kind of value", 0);
	else if (intent_kind(a->sc.t, a->sc.t) == REC_INTENT)
		treat_intent(a, a->sc.t);
	else
		treat_other(a, a->sc.t, line, n);
}

/*
 * What was left unknown
 */

int
settle_earlier(struct app *a, struct fault *f)
{
	int left;

	trader_in_flight(true);
	left = order_recover(&a->ctx, &a->rec, f);
	trader_in_flight(false);
	if (left == -1)
		return -1;
	if (a->rec.len > 0)
		emit(a);
	a->unknown = left;
	a->looked_ms = clock_mono_ms();
	if (left > 0) {
		saw(a, FAULT_UNKNOWN);
		say(a, "the outcome of %d earlier request%s is still unknown", left, left == 1 ? "" : "s");
	}
	return 0;
}

/* The records of those that are settled; that others are not is known. */
static void
keep_settled(struct app *a, const struct buf *got)
{
	const char *p = got->p, *end = p + got->len, *nl;
	struct scan sc = { 0 };

	for (; p < end && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL; p = nl + 1)
		if (scan_doc(&sc, p, (size_t)(nl - p)) <= 0 || !scan_get_is(sc.t, sc.t, "outcome", "unknown"))
			buf_put(&a->rec, p, (size_t)(nl - p) + 1);
	scan_free(&sc);
}

void
settle_again(struct app *a)
{
	struct order_ctx c = a->ctx;
	struct buf got = { 0 };
	struct fault f;
	int left;

	if (clock_mono_ms() - a->looked_ms < AGAIN_MS)
		return;
	c.resolve_ms = LOOK_MS;
	c.notice = NULL;
	left = order_recover(&c, &got, &f);
	a->looked_ms = clock_mono_ms();
	if (left == -1)
		say(a, "%s", f.text);
	else
		a->unknown = left;
	keep_settled(a, &got);
	buf_free(&got);
	if (a->rec.len > 0)
		emit(a);
}

/* An intent that was read, until it has its outcome. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/trader.h"
#include "exits.h"

#define AGAIN_MS	5000	/* between looks at what is unknown */
#define LOOK_MS		600	/* time for two looks */

/* A cancel-all of an intent that does not say which kind is two requests, one a kind of order;
 * its outcome is both. */
struct halves {
	int		 left;
	bool		 ok[2];		/* regular, conditional */
	enum outcome	 worst;
	struct fault	 f;
};

static void
job_free(struct job *j)
{
	buf_free(&j->text);
	free(j);
}

/*
 * Onto the desk
 */

static struct job *
copy(const struct job *j)
{
	struct job *k = malloc(sizeof *k);

	if (k == NULL)
		return NULL;
	*k = *j;
	k->t = k->v = NULL;
	memset(&k->text, 0, sizeof k->text);
	buf_put(&k->text, j->text.p, j->text.len);
	if (k->text.bad) {
		job_free(k);
		return NULL;
	}
	return k;
}

static int
put_on(struct app *a, const struct job *j, struct halves *h, bool algo, struct fault *f)
{
	struct job *k = copy(j);
	int r;

	if (k == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
	k->halves = h;
	if (algo)
		k->in.algo = true;
	if (h != NULL && algo)		/* its line in the journal must say which half it is */
		text_algo(&k->text);
	r = k->text.bad ? fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent") :
	    desk_add(a->desk, k->market, &k->in, k->text.p, k->text.len, k, f);
	if (r == -1)
		job_free(k);
	return r;
}

static int
put_halves(struct app *a, const struct job *j, struct fault *f)
{
	struct halves *h = calloc(1, sizeof *h);

	if (h == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
	h->left = 2;
	/* a false there, beside the true of one half, would be two */
	job_change(a->job, "algo", NULL);
	job_compose(a->job);
	if (put_on(a, j, h, false, f) == -1) {
		free(h);
		return -1;
	}
	if (put_on(a, j, h, true, f) == 0)
		return 0;
	h->left = 1;		/* the other one is on the desk already, and tells */
	h->worst = OUT_REFUSED;
	h->f = *f;
	return 0;
}

void
job_send(struct app *a)
{
	struct job *j = a->job;
	struct fault f = { 0 };
	int r;

	if (a->p.dry_run) {
		dry_run(a, j);
		return;
	}
	if (a->p.test && (j->in.op != OP_PLACE || j->in.algo || j->market != MARKET_USDM)) {
		reject(a, FAULT_USAGE, "test", 0, "", "", "the exchange's test endpoint takes new LIMIT and MARKET "
		    "orders of USDⓈ-M only; see --dry-run");
		return;
	}
	if (j->in.op == OP_PLACE && seen_add(&a->seen, j->in.client_id, clock_wall_ms(), &f) == -1) {
		refuse(a, &f);
		return;
	}
	j->judged_ms = clock_mono_ms();
	r = j->in.op == OP_CANCEL_ALL && !j->in.algo ? put_halves(a, j, &f) : put_on(a, j, NULL, j->in.algo, &f);
	if (r == -1)
		refuse(a, &f);
	else if (!a->p.test)
		held_add(a, j);
}

int
job_may_send(void *arg, void *tag, struct fault *f)
{
	struct app *a = arg;
	struct job *j = tag;
	struct pollfd p = { .fd = STDOUT_FILENO };

	if (poll(&p, 1, 0) == 1 && reader_gone(a, p.revents)) {
		say(a, "line %llu: not sent: %.*s", j->line, (int)(j->text.len < 800 ? j->text.len : 800), j->text.p);
		return fault_set(f, FAULT_LOCAL, "the reader of standard output has gone; nothing was sent");
	}
	return gate_last(j, f);
}

/*
 * Outcomes
 */

/* What was unknown, and now is known not to stand. */
static void
absent(struct app *a, const struct job *j, const struct fault *f)
{
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.recovered");
	jw_i64(b, "E", session_now(&a->v.s[j->market]));
	jw_str(b, "clientOrderId", j->in.client_id);
	jw_str(b, "outcome", "absent");
	jw_null(b, "order");
	jw_str(b, "msg", f->text);
	jw_raw(b, "intent", j->text.p, j->text.len);
	jw_close(b, '}');
	jw_end(b);
	if (a->out.table)
		buf_reset(b);
	else
		emit(a);
}

static void
result_out(struct app *a, const struct job *j, const char *result, size_t n)
{
	repeat_note(&a->repeats, &j->in, 0, clock_mono_ms());
	held_told(a, result, n);
	if (a->out.table && j->in.op == OP_CANCEL_ALL)	/* the exchange's answer names no symbol */
		buf_printf(&a->rec, "{\"symbol\":\"%s\",\"msg\":\"the conditional orders are cancelled\"}", j->in.symbol);
	else
		buf_put(&a->rec, result, n);
	buf_chr(&a->rec, '\n');
	emit(a);
	guard_result(a, j, result, n);
	if (a->p.test && a->words)
		say(a, "the exchange has checked the order and would take it; nothing was placed");
}

/* Orders and conditional ones are cancelled apart: an id is looked for among one kind only. */
static void
name_other_kind(const struct app *a, const struct intent *in, struct fault *f)
{
	size_t len = strlen(f->text);

	if (in->op != OP_CANCEL || in->algo || f->http == 0 || (f->code != -2011 && f->code != -2013))
		return;
	snprintf(f->text + len, sizeof f->text - len, a->words ? "; a conditional order is cancelled with --algo" :
	    "; a conditional order is cancelled by algoId or clientAlgoId");
}

static void
no_result(struct app *a, struct job *j, enum outcome out, const struct fault *of)
{
	struct fault f = *of;

	if (out != OUT_UNKNOWN)
		held_refused(a, j);
	name_other_kind(a, &j->in, &f);
	if (j->rule != NULL) {
		reject(a, f.kind, j->rule, f.code, "", "", "%s", f.text);
		return;
	}
	if (out == OUT_ABSENT)
		absent(a, j, &f);
	if (out == OUT_REFUSED)
		exit_explain(a, j, &f);
	if (out == OUT_UNKNOWN) {
		f.kind = FAULT_UNKNOWN;
		if (!a->words) {
			say(a, "line %llu: %s", j->line, f.text);
			see(a, &f);
		}
	}
	if (out == OUT_REFUSED && f.kind == FAULT_AGAIN && f.http == 0)	/* proven: never left */
		seen_drop(&a->seen, j->in.client_id);
	if (out == OUT_REFUSED && f.kind == FAULT_REJECTED && f.http != 0)
		repeat_note(&a->repeats, &j->in, f.code, clock_mono_ms());
	refuse(a, &f);
	if (out == OUT_ABSENT || (out == OUT_REFUSED && f.http != 0))
		guard_failed(a, j, of);
	refresh_rules(a, j->market, f.code);
	fit_forget(a, f.code);
	if (f.kind == FAULT_KEY && !a->halt) {	/* the next one would fare the same */
		say(a, "%s; stopping", f.text);
		see(a, &f);
		stop_all(a);
	}
}

/* Both kinds have been cancelled: the proof is that none is left. Without it the outcome is
 * not known. */
static void
prove_none(struct app *a, const struct job *j)
{
	struct fault f = { 0 };
	struct buf *b = &a->rec;
	int open = 0;

	if (survivors(a, j->market, j->in.symbol, &open, &f) == -1) {
		say(a, "%s: cancelled, but what is left could not be read: %s", j->in.symbol, f.text);
		saw(a, FAULT_UNKNOWN);
		open = -1;
	}
	if (open > 0) {
		fault_set(&f, FAULT_REJECTED, "%s: %d order%s still open after cancel-all", j->in.symbol, open,
		    open == 1 ? " is" : "s are");
		refuse(a, &f);
		return;
	}
	jw_open(b, NULL, '{');
	jw_i64(b, "code", 200);
	jw_str(b, "msg", open == 0 ? "all open orders are cancelled, regular and conditional" :
	    "regular and conditional orders were cancelled; whether any is left could not be read");
	jw_str(b, "symbol", j->in.symbol);
	if (open == 0)
		jw_i64(b, "open", 0);
	else
		jw_null(b, "open");
	jw_close(b, '}');
	jw_end(b);
	emit(a);
}

/* One half is over; the second tells the outcome of both. */
static void
half_done(struct app *a, struct job *j, enum outcome out, const struct fault *f)
{
	struct halves *h = j->halves;

	/* COIN-M has the call for conditional orders by hearsay only: where it is not, they are
	 * looked for below all the same */
	if (out == OUT_REFUSED && j->in.algo && j->market == MARKET_COINM && f->http == 404)
		out = OUT_RESULT;
	h->ok[j->in.algo] = out == OUT_RESULT;
	if (out != OUT_RESULT && (h->f.kind == FAULT_NONE || out == OUT_UNKNOWN)) {
		h->worst = out;
		h->f = *f;
	}
	if (--h->left > 0)
		return;
	if (h->ok[0] && h->ok[1])
		prove_none(a, j);
	else
		no_result(a, j, h->worst, &h->f);
	free(h);
}

/* It is told while another may be looked at. */
void
job_done(void *arg, void *tag, enum outcome out, const char *result, size_t n, const struct fault *f)
{
	struct app *a = arg;
	struct job *j = tag, *was = a->job;
	unsigned long long line = a->line;

	a->job = j;
	a->line = j->line;
	if (j->halves != NULL)
		half_done(a, j, out, f);
	else if (out == OUT_RESULT)
		result_out(a, j, result, n);
	else
		no_result(a, j, out, f);
	a->job = was;
	a->line = line;
	job_free(j);
}

void
job_settled(void *arg, const struct buf *rec)
{
	struct app *a = arg;

	if (a->out.table)
		return;
	buf_put(&a->rec, rec->p, rec->len);
	guards_settled(a, &a->rec);
	emit(a);
}

/*
 * What was left unknown
 */

/* In a table they are one of their own, before that of the command. */
static int
emit_recovered(struct app *a, struct fault *f)
{
	const struct column *cols = a->out.cols;

	if (cols == recover_cols || !a->out.table) {
		emit(a);
		return 0;
	}
	if (printer_section(&a->out, recover_cols, f) == -1)
		return -1;
	emit(a);
	return printer_section(&a->out, cols, f);
}

int
settle_earlier(struct app *a, struct fault *f)
{
	int left;

	trader_in_flight(true);
	left = desk_recover(a->desk, a->p.resolve_s > 0 ? (int)a->p.resolve_s * 1000 : 30000, &a->rec, f);
	trader_in_flight(false);
	if (left == -1)
		return -1;
	guards_settled(a, &a->rec);
	a->recovered = a->rec.len > 0;
	if (a->recovered && emit_recovered(a, f) == -1)
		return -1;
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
	struct buf got = { 0 };
	struct fault f;

	if (desk_pending(a->desk) > 0 || clock_mono_ms() - a->looked_ms < AGAIN_MS)
		return;
	if (desk_recover(a->desk, LOOK_MS, &got, &f) == -1)
		(void)tool_fail(a->tool, STDERR_FILENO, &f);
	a->looked_ms = clock_mono_ms();
	keep_settled(a, &got);
	buf_free(&got);
	guards_settled(a, &a->rec);
	if (a->rec.len > 0)
		emit(a);
}

int
settle_late(struct app *a, struct fault *f)
{
	if (!a->unsure)
		return 0;
	run_for(a, LOOK_MS);
	if (desk_pending(a->desk) > 0)
		return fault_set(f, FAULT_AGAIN, "orders of earlier runs are still to be looked for; nothing was sent");
	if (session_sync(&a->v.s[a->v.market], false, f) == -1 || settle_earlier(a, f) == -1)
		return -1;
	a->unsure = false;
	return 0;
}

/*
 * A raw flow under today's rules: the account begins as the exchange's recorded answers say, moves with the
 * recorded events, and is taken as read every few seconds of the recording's time. What the rules over events would
 * have done is carried out as if it had filled at the mark, so that the next one is about what would then be left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/recorded.h"
#include "replay.h"

#define READ_MS		2000	/* as --every has it unless told */
#define ROUNDS		1000	/* of wishes after one record: more would be a loop of ours */
#define DONE_MAX	64

struct flow {
	struct replay *r;
	struct world *w;
	struct watch *wt;
	struct wish wish;
	struct scan sc;
	unsigned long ids;
	int64_t	read_ms;
	bool	began;
	struct { char id[CLIENT_ID_MAX]; dec qty; } done[DONE_MAX]; unsigned ndone;	/* orders carried out: a ring */
	const struct past_line *line;
};

static int
next_id(void *arg, char out[static CLIENT_ID_MAX])
{
	struct flow *fl = arg;

	snprintf(out, CLIENT_ID_MAX, "replay-%lu", ++fl->ids);
	return 0;
}

/* The recorded account into the world, which owns it then. */
static void
settle_in(struct world *w, struct recorded *rec)
{
	w->cs = rec->cs;
	w->rates = rec->rates;
	for (int m = 0; m < MARKETS; m++) {
		w->acct[m] = rec->acct[m];
		w->served[m] = rec->has[m];
	}
	memset(&rec->cs, 0, sizeof rec->cs);
	memset(&rec->rates, 0, sizeof rec->rates);
	memset(rec->acct, 0, sizeof rec->acct);
	for (int m = 0; m < MARKETS; m++)
		account_contracts(&w->acct[m], &w->cs);
}

static int
read_from(struct world *w, char *const from[], int n, struct fault *f)
{
	struct recorded rec = { 0 };
	int r = 0;

	for (int i = 0; i < n && r == 0; i++)
		r = recorded_read(&rec, from[i], f);
	if (r == 0 && (r = recorded_end(&rec, f)) == 0)
		settle_in(w, &rec);
	recorded_free(&rec);
	return r;
}

int
flow_open(struct flow **out, struct replay *r, char *const from[], int nfrom, struct fault *f)
{
	struct flow *fl = calloc(1, sizeof *fl);
	dec future;

	if (fl == NULL || (fl->w = calloc(1, sizeof *fl->w)) == NULL) {
		free(fl);
		return fault_set(f, FAULT_LOCAL, "out of memory");
	}
	fl->r = r;
	limits_windows(r->l, &fl->w->vol_window_ms, &fl->w->ref_window_ms);
	if (!dec_mul(&future, r->l->r[R_MARK_AGE].max, dec_int(1000)) || !dec_rescale(&future, future, 0, DEC_DOWN))
		future = dec_int(10000);
	fl->w->max_future_ms = (int64_t)future.c;
	*out = fl;
	if (read_from(fl->w, from, nfrom, f) == -1 || watch_open(&fl->wt, r->l, next_id, fl, f) == -1) {
		flow_free(fl);
		*out = NULL;
		return -1;
	}
	return 0;
}

void
flow_free(struct flow *fl)
{
	if (fl == NULL)
		return;
	watch_free(fl->wt);
	buf_free(&fl->wish.lines);
	scan_free(&fl->sc);
	world_free(fl->w);
	free(fl->w);
	free(fl);
}

/* The account as read anew: as it stands. */
static void
read_account(struct flow *fl, enum market m)
{
	struct world *w = fl->w;

	if (!w->served[m])
		return;
	w->loaded_mono_ms[m] = w->now.mono_ms;
	world_loaded(w, m, false);
	watch_loaded(fl->wt, w, m, &fl->wish);
}

/* The recording's time is all there is; it never goes back. */
static void
set_time(struct flow *fl, int64_t ms)
{
	struct world *w = fl->w;

	if (ms > w->now.ms)
		w->now.ms = w->now.mono_ms = ms;
	if (!fl->began || w->now.ms - fl->read_ms >= READ_MS) {
		fl->began = true;
		fl->read_ms = w->now.ms;
		for (int m = 0; m < MARKETS; m++)
			read_account(fl, (enum market)m);
	}
}

/*
 * Wishes
 */

static void
remember(struct flow *fl, const char *id, dec qty)
{
	snprintf(fl->done[fl->ndone % DONE_MAX].id, CLIENT_ID_MAX, "%s", id);
	fl->done[fl->ndone++ % DONE_MAX].qty = qty;
}

static void
act_on(struct flow *fl, const struct tok *t)
{
	struct fault f;
	struct intent in;
	dec qty;

	if (intent_kind(t, t) != REC_INTENT) {
		fl->r->sum.notices++;
		return;
	}
	if (intent_read(&in, t, t, &f) == -1)
		return;
	*(in.op == OP_PLACE ? &fl->r->sum.reductions : &fl->r->sum.cancels) += 1;
	flow_carry_out(fl->w, &in, fl->r->l->cost, &qty);
	if (in.op == OP_PLACE && dec_sign(qty) > 0)
		remember(fl, in.client_id, qty);
}

/* {"e":"bf.replay","E","file","line","action":{..}}: a line it would have written, or the trip. */
static int
print_action(struct flow *fl, const char *p, size_t n, const char *trip, struct fault *f)
{
	struct buf *b = &fl->r->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.replay");
	jw_i64(b, "E", fl->w->now.ms);
	if (fl->line != NULL) {
		jw_str(b, "file", fl->line->file);
		jw_u64(b, "line", fl->line->number);
	}
	if (trip == NULL) {
		jw_raw(b, "action", p, n);
	} else {
		jw_open(b, "action", '{');
		jw_str(b, "action", "trip");
		jw_str(b, "why", trip);
		jw_close(b, '}');
	}
	jw_close(b, '}');
	jw_end(b);
	return replay_print(fl->r, f);
}

static int
act_lines(struct flow *fl, struct fault *f)
{
	struct buf lines = fl->wish.lines;
	const char *p = lines.p, *end, *nl;
	int r = 0;

	memset(&fl->wish.lines, 0, sizeof fl->wish.lines);
	if (lines.bad)
		r = fault_set(f, FAULT_LOCAL, "out of memory");
	for (end = lines.len > 0 ? p + lines.len : p; r == 0 && p < end; p = nl + 1) {
		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			break;
		if (scan_doc(&fl->sc, p, (size_t)(nl - p)) <= 0)
			continue;
		r = print_action(fl, p, (size_t)(nl - p), NULL, f);
		act_on(fl, fl->sc.t);
	}
	buf_free(&lines);
	return r;
}

static int
act_trip(struct flow *fl, struct fault *f)
{
	struct health *h = &fl->w->health;
	char why[sizeof fl->wish.trip];

	memcpy(why, fl->wish.trip, sizeof why);
	fl->wish.trip[0] = '\0';
	if (h->latched)
		return 0;
	h->latched = true;
	snprintf(h->latch_why, sizeof h->latch_why, "bf-risk: %.150s", why);
	fl->r->sum.trips++;
	return print_action(fl, NULL, 0, why, f);
}

static void
answer(struct flow *fl)
{
	char id[CLIENT_ID_MAX];
	unsigned i, n = fl->ndone < DONE_MAX ? fl->ndone : DONE_MAX;

	memcpy(id, fl->wish.query_id, sizeof id);
	fl->wish.query = false;
	for (i = 0; i < n && strcmp(fl->done[i].id, id) != 0; )
		i++;
	if (i < n)
		watch_answer(fl->wt, fl->w, id, NULL, true, "FILLED", fl->done[i].qty, &fl->wish);
	else
		watch_answer(fl->wt, fl->w, id, NULL, false, "", dec_int(0), &fl->wish);
}

/* 1: there was something, look again; 0: nothing more; -1. */
static int
one_round(struct flow *fl, struct fault *f)
{
	bool any = false;

	if (fl->wish.lines.len > 0 || fl->wish.lines.bad) {
		any = true;
		if (act_lines(fl, f) == -1)
			return -1;
	}
	if (fl->wish.trip[0] != '\0' && act_trip(fl, f) == -1)
		return -1;
	if (fl->wish.query) {
		any = true;
		answer(fl);
	}
	for (int m = 0; m < MARKETS; m++)
		if (fl->wish.read[m]) {
			fl->wish.read[m] = false;
			any = any || fl->w->served[m];
			read_account(fl, (enum market)m);
		}
	for (int m = 0; m < MARKETS; m++) {	/* a recording has no rows of income */
		any = any || fl->wish.income[m];
		if (fl->wish.income[m])
			watch_income_read(fl->wt, fl->w, (enum market)m, true);
		fl->wish.income[m] = false;
	}
	fl->wish.save = false;
	fl->wish.say[0] = '\0';
	return any;
}

static int
look(struct flow *fl, struct fault *f)
{
	int r = 1;

	for (int i = 0; i < ROUNDS && r == 1; i++) {
		fl->wish.wake_mono_ms = 0;
		watch_run(fl->wt, fl->w, &fl->wish);
		r = one_round(fl, f);
	}
	return r == -1 ? -1 : 0;
}

/* What was to be looked at before the next record came. */
static int
wake_until(struct flow *fl, int64_t ms, struct fault *f)
{
	for (int i = 0; i < ROUNDS; i++) {
		int64_t wake = fl->wish.wake_mono_ms;

		if (wake == 0 || wake >= ms)
			return 0;
		set_time(fl, wake > fl->w->now.ms ? wake : fl->w->now.ms + 1);
		if (look(fl, f) == -1)
			return -1;
	}
	return 0;
}

/*
 * Records
 */

static int
judge_one(struct flow *fl, const struct past_line *line, const struct tok *rec, enum outcome was, struct fault *f)
{
	struct verdict v = { 0 };
	struct fault why = { 0 };
	struct intent in;

	if (intent_read(&in, line->t, rec, &why) == -1) {
		v.n = 1;
		v.b[0].name = "intent";
		v.b[0].code = why.code;
		snprintf(v.b[0].text, sizeof v.b[0].text, "%s", why.text);
		return replay_intent(fl->r, line, rec, was, &v, fl->w, dec_int(0), f);
	}
	if (intent_reduces(&in)) {
		world_exit(fl->w, &in);
		return replay_exit(fl->r, line, rec, f);
	}
	judge(&v, fl->w, fl->r->l, &in);
	if (replay_intent(fl->r, line, rec, was, &v, fl->w, in.qty, f) == -1)
		return -1;
	if (!v.pass)
		return 0;
	if (v.clipped)
		in.qty = v.qty;
	world_passed(fl->w, &in, v.market, v.counted);
	return 0;
}

/* What bf-risk itself wrote down as rejected was an intent, too. */
static const struct tok *
rejected_intent(const struct past_line *line)
{
	const struct tok *intent;

	if (!scan_get_is(line->t, line->rec, "e", "bf.reject") || !scan_get_is(line->t, line->rec, "by", "bf-risk"))
		return NULL;
	intent = scan_get(line->t, line->rec, "intent");
	return intent != NULL && intent->kind == SCAN_OBJ ? intent : NULL;
}

static void
event(struct flow *fl, const struct past_line *line)
{
	struct fault why;

	if (scan_get_is(line->t, line->rec, "e", "markPriceUpdate")) {
		(void)world_mark(fl->w, line->t, line->rec);
		return;
	}
	if (world_event(fl->w, line->t, line->rec, &why) == -1)
		fl->r->sum.unread++;
	watch_event(fl->wt, fl->w, line->t, line->rec, &fl->wish);
}

int
flow_record(struct flow *fl, const struct past_line *line, struct fault *f)
{
	const struct tok *intent = rejected_intent(line);
	int r = 0;

	fl->line = line;
	if (line->ms > 0 && (fl->w->now.ms == 0 || wake_until(fl, line->ms, f) == 0))
		set_time(fl, line->ms);
	else if (line->ms > 0)
		return -1;
	if (intent != NULL)
		r = judge_one(fl, line, intent, OUT_REJECT, f);
	else if (intent_kind(line->t, line->rec) == REC_INTENT && !scan_get_is(line->t, line->rec, "by", "bf-risk"))
		r = judge_one(fl, line, line->rec, OUT_PASS, f);
	else
		event(fl, line);
	return r == -1 ? -1 : look(fl, f);
}

int
flow_end(struct flow *fl, struct fault *f)
{
	fl->line = NULL;
	return one_round(fl, f) == -1 ? -1 : 0;
}

/* Yesterday's flow under today's rules. */
#include <string.h>

#include "replay.h"

const struct column replay_columns[] = {
	{ "TIME", "E", COL_DATE },
	{ "LINE", "line", COL_RIGHT | COL_MORE(1) },
	{ "SYMBOL", "intent.symbol|action.symbol", COL_LEFT },
	{ "SIDE", "intent.side|action.side", COL_LEFT | COL_SIDE | COL_MORE(2) },
	{ "QUANTITY", "intent.quantity|action.quantity", COL_DEC | COL_MORE(3) },
	{ "WAS", "was", COL_LEFT },
	{ "NOW", "now", COL_LEFT },
	{ "RULE", "rules.0.rule|action.rule", COL_LEFT },
	{ "WHY", "rules.0.text|action.action", COL_LEFT | COL_CUT },
	{ NULL, NULL, 0 }
};

static const struct column summary_columns[] = {
	{ "INTENTS", "intents", COL_RIGHT },
	{ "EXITS", "exits", COL_RIGHT | COL_MORE(1) },
	{ "PASSED", "passed.then", COL_RIGHT },
	{ "PASS NOW", "passed.now", COL_RIGHT },
	{ "BLOCKED", "blocked.then", COL_RIGHT },
	{ "BLOCK NOW", "blocked.now", COL_RIGHT },
	{ "REDUCTIONS", "actions.reductions", COL_RIGHT },
	{ "CANCELS", "actions.cancels", COL_RIGHT },
	{ "TRIPS", "actions.trips", COL_RIGHT },
	{ NULL, NULL, 0 }
};

int
replay_print(struct replay *r, struct fault *f)
{
	if (r->rec.bad)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	return printer_put(r->out, &r->rec, f);
}

static void
count_rule(struct tally *s, const char *name)
{
	int i;

	for (i = 0; i < s->nrule && strcmp(s->rule[i].name, name) != 0; )
		i++;
	if (i == NAMES_MAX)
		return;
	if (i == s->nrule)
		s->rule[s->nrule++].name = name;
	s->rule[i].n++;
}

/* What a blocked order was worth, at the price at which it counts. */
static void
count_notional(struct tally *s, const struct verdict *v, const struct world *w, const char *symbol, dec qty)
{
	const struct contract *c = contracts_find(&w->cs, symbol);
	dec worth;

	if (c != NULL && rules_notional(&worth, &c->rules, qty, v->counted))
		(void)dec_add(&s->notional[v->market], s->notional[v->market], worth);
}

static void
count(struct tally *s, enum outcome was, enum outcome now)
{
	const enum outcome o[2] = { was, now };

	s->intents++;
	for (int i = 0; i < 2; i++)
		*(o[i] == OUT_REJECT ? &s->blocked[i] : &s->passed[i]) += 1;
	for (int i = 0; i < 2; i++)
		s->changed[i] += o[i] == OUT_CLIP || o[i] == OUT_PROTECT;
}

static void
put_head(struct replay *r, const struct past_line *line)
{
	int64_t n;

	jw_open(&r->rec, NULL, '{');
	jw_str(&r->rec, "e", "bf.replay");
	jw_i64(&r->rec, "E", line->ms);
	if (scan_get_is(line->t, line->rec, "e", "bf.decision") && scan_get_i64(line->t, line->rec, "n", &n))
		jw_i64(&r->rec, "n", n);
	jw_str(&r->rec, "file", line->file);
	jw_u64(&r->rec, "line", line->number);
}

int
replay_intent(struct replay *r, const struct past_line *line, const struct tok *intent, enum outcome was,
    const struct verdict *v, const struct world *w, dec qty, struct fault *f)
{
	enum outcome now = outcome_of(v);
	char symbol[SYMBOL_MAX] = "";

	count(&r->sum, was, now);
	if (now == OUT_REJECT) {
		for (int i = 0; i < v->n; i++)
			count_rule(&r->sum, v->b[i].name);
		scan_get_str(line->t, intent, "symbol", symbol, sizeof symbol);
		count_notional(&r->sum, v, w, symbol, qty);
	}
	if (was == now && !r->all)
		return 0;
	put_head(r, line);
	jw_str(&r->rec, "was", outcome_word(was));
	jw_str(&r->rec, "now", outcome_word(now));
	change_json(&r->rec, v);
	breaches_json(&r->rec, v);
	jw_raw(&r->rec, "intent", intent->p, intent->len);
	jw_close(&r->rec, '}');
	jw_end(&r->rec);
	return replay_print(r, f);
}

int
replay_exit(struct replay *r, const struct past_line *line, const struct tok *intent, struct fault *f)
{
	count(&r->sum, OUT_PASS, OUT_PASS);
	r->sum.exits++;
	if (!r->all)
		return 0;
	put_head(r, line);
	jw_str(&r->rec, "was", "pass");
	jw_str(&r->rec, "now", "pass");
	jw_raw(&r->rec, "intent", intent->p, intent->len);
	jw_close(&r->rec, '}');
	jw_end(&r->rec);
	return replay_print(r, f);
}

static void
put_pair(struct buf *b, const char *key, const long n[2])
{
	jw_open(b, key, '{');
	jw_i64(b, "then", n[0]);
	jw_i64(b, "now", n[1]);
	jw_close(b, '}');
}

static int
put_summary(struct replay *r, struct fault *f)
{
	const struct tally *s = &r->sum;
	struct buf *b = &r->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.replay.summary");
	jw_i64(b, "E", r->ms);
	jw_i64(b, "intents", s->intents);
	jw_i64(b, "exits", s->exits);
	put_pair(b, "passed", s->passed);
	put_pair(b, "changed", s->changed);
	put_pair(b, "blocked", s->blocked);
	jw_open(b, "rules", '{');
	for (int i = 0; i < s->nrule; i++)
		jw_i64(b, s->rule[i].name, s->rule[i].n);
	jw_close(b, '}');
	jw_open(b, "notional", '{');
	for (int m = 0; m < MARKETS; m++)
		jw_dec(b, market_word((enum market)m), s->notional[m]);
	jw_close(b, '}');
	jw_open(b, "actions", '{');
	jw_i64(b, "notices", s->notices);
	jw_i64(b, "reductions", s->reductions);
	jw_i64(b, "cancels", s->cancels);
	jw_i64(b, "trips", s->trips);
	jw_close(b, '}');
	jw_i64(b, "unread", s->unread);
	jw_close(b, '}');
	jw_end(b);
	return replay_print(r, f);
}

/* Event rules of yesterday that today's file does not have block nothing today. */
static void
unblock(struct world *w, const struct limits *l)
{
	for (int r = 0; r < RULES; r++) {
		bool on = l->r[r].on;

		for (int i = 0; i < l->nown && !on; i++)
			on = l->own[i].rule == (enum rule)r && l->own[i].l.on;
		if (!on)
			w->blocked &= ~(1u << r);
		for (size_t i = 0; i < w->csym; i++)
			if (w->sym[i].n != 0 && !limit_of(l, (enum rule)r, w->sym[i].symbol)->on)
				w->sym[i].blocked &= ~(1u << r);
	}
}

/* A decision: on its own world, under today's limits. */
static int
one_decision(struct replay *r, const struct past_line *line, struct fault *f)
{
	struct verdict v = { 0 };
	struct decided d;
	enum outcome was;
	int ret;

	if ((ret = decided_read(&d, line, f)) == 0 && !outcome_read(&was, line->t, d.verdict))
		ret = fault_set(f, FAULT_REJECTED, "verdict: pass: missing or malformed");
	if (ret == -1) {
		struct fault why = *f;

		fault_set(f, why.kind, "%s:%llu: %s", line->file, line->number, why.text);
	} else {
		unblock(d.w, r->l);
		judge(&v, d.w, r->l, &d.in);
		ret = replay_intent(r, line, d.intent, was, &v, d.w, d.in.qty, f);
	}
	decided_free(&d);
	return ret;
}

static int
one_record(struct replay *r, struct flow *fl, const struct past_line *line, struct fault *f)
{
	if (line->ms > r->ms)
		r->ms = line->ms;
	if (is_decision(line))
		return one_decision(r, line, f);
	if (fl != NULL)
		return flow_record(fl, line, f);
	if (intent_kind(line->t, line->rec) == REC_INTENT)
		return fault_set(f, FAULT_USAGE, "%s:%llu: an intent, and no account to judge it on: --from FILES", line->file,
		    line->number);
	return 0;
}

int
do_replay(struct printer *out, const struct past_opts *o, const struct limits *l, struct fault *f)
{
	struct replay r = { .out = out, .l = l, .all = o->all };
	struct past_line line;
	struct past *p = NULL;
	struct flow *fl = NULL;
	int ret;

	if ((ret = past_open(&p, o->files, o->nfiles, f)) == 0 && o->nfrom > 0)
		ret = flow_open(&fl, &r, o->from, o->nfrom, f);
	while (ret == 0 && (ret = past_next(p, &line, f)) == 1)
		ret = one_record(&r, fl, &line, f);
	if (ret == 0 && fl != NULL)
		ret = flow_end(fl, f);
	if (ret == 0 && (ret = printer_section(out, summary_columns, f)) == 0)
		ret = put_summary(&r, f);
	flow_free(fl);
	past_close(p);
	buf_free(&r.rec);
	return ret;
}

/*
 * A decision made again from its record, with what each rule found: also those that held, of which a verdict
 * does not tell the value. That comes from asking once more under a limit that nothing could meet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "verbs.h"
#include "verdicts.h"

const struct column check_columns[] = {
	{ "RULE", "rule", COL_LEFT },
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "MAX", "max", COL_DEC },
	{ "UNIT", "unit", COL_LEFT },
	{ "ACTION", "action", COL_LEFT },
	{ "ON BREACH", "on-breach", COL_LEFT },
	{ "TARGET", "target|steps", COL_RIGHT | COL_MORE(1) },
	{ NULL, NULL, 0 }
};
/* A table of its own: reasons are long. */
static const struct column why_columns[] = {
	{ "RULE", "rule", COL_LEFT },
	{ "SYMBOL", "symbol", COL_LEFT },
	{ "FROM", "from", COL_LEFT | COL_MORE(1) },
	{ "REASON", "reason", COL_LEFT | COL_CUT },
	{ NULL, NULL, 0 }
};
const struct column explain_columns[] = {
	{ "N", "n", COL_RIGHT | COL_MORE(1) },
	{ "TIME", "E", COL_DATE },
	{ "SAME", "same", COL_LEFT | COL_MORE(2) },
	{ "SYMBOL", "intent.symbol", COL_LEFT },
	{ "SIDE", "intent.side", COL_LEFT | COL_SIDE | COL_MORE(3) },
	{ "QUANTITY", "intent.quantity", COL_DEC | COL_MORE(4) },
	{ "OUTCOME", "outcome", COL_LEFT },
	{ "WHY", "text", COL_LEFT | COL_CUT },
	{ NULL, NULL, 0 }
};

int
do_check(struct printer *out, const struct limits *l, int64_t now_ms, struct fault *f)
{
	struct buf rec = { 0 };
	int r;

	limits_put(l, &rec, now_ms);
	r = rec.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : printer_put(out, &rec, f);
	if (r == 0 && out->table && (r = printer_section(out, why_columns, f)) == 0) {
		limits_put(l, &rec, now_ms);
		r = printer_put(out, &rec, f);
	}
	buf_free(&rec);
	return r;
}

/* What the rule measures on this intent, as its breach has it; "" if it cannot be had. */
static void
value_of(const struct decided *d, enum rule r, struct verdict *scratch, char *out, size_t size)
{
	const struct rule_row *row = &rule_rows[r];
	struct limits *strict = malloc(sizeof *strict);

	out[0] = '\0';
	if (strict == NULL)
		return;
	limits_init(strict);	/* its lists are none */
	for (int i = 0; i < RULES; i++)
		strict->r[i].on = false;
	strict->cost = d->l.cost;
	strict->r[R_PRICE_BAND] = *limit_of(&d->l, R_PRICE_BAND, d->in.symbol);	/* its slippage */
	strict->r[R_PRICE_BAND].max = dec_int(1000000);
	strict->r[r] = *limit_of(&d->l, r, d->in.symbol);
	strict->r[r].max = row->minimum ? dec_int(1000000000) : dec_int(0);
	strict->r[r].clip = strict->r[r].protect = false;
	judge(scratch, d->w, strict, &d->in);
	for (int i = 0; i < scratch->n && out[0] == '\0'; i++)
		if (scratch->b[i].rule == r)
			snprintf(out, size, "%s", scratch->b[i].value);
	free(strict);
}

static const struct breach *
breach_of(const struct verdict *v, enum rule r)
{
	for (int i = 0; i < v->n; i++)
		if (v->b[i].rule == r)
			return &v->b[i];
	return NULL;
}

/* One sentence more. */
static void
sentence(struct buf *text, const char *s)
{
	if (text->len > 0)
		buf_str(text, "; ");
	buf_str(text, s);
}

/* A rule that holds: "max-lev: 3.2, limit 5: holds". */
static void
put_held(struct buf *out, struct buf *text, const struct decided *d, enum rule r, struct verdict *scratch)
{
	const struct limit *lim = limit_of(&d->l, r, d->in.symbol);
	const struct rule_row *row = &rule_rows[r];
	char value[sizeof scratch->b->value] = "", limit[DEC_STR], line[256];

	dec_print(lim->max, limit);
	if (row->unit != UNIT_NONE)
		value_of(d, r, scratch, value, sizeof value);
	jw_open(out, NULL, '{');
	jw_str(out, "rule", row->name);
	jw_bool(out, "holds", true);
	if (row->unit != UNIT_NONE) {
		jw_str(out, "limit", limit);
		jw_str(out, "unit", unit_word(row->unit));
	}
	if (value[0] != '\0')
		jw_str(out, "value", value);
	jw_close(out, '}');
	snprintf(line, sizeof line, "%s: holds", row->name);
	if (row->unit != UNIT_NONE)
		snprintf(line, sizeof line, "%s: %s%s%s %s: holds", row->name, value, value[0] != '\0' ? ", " : "",
		    row->minimum ? "at least" : "limit", limit);
	sentence(text, line);
}

static void
put_broken(struct buf *out, struct buf *text, const struct breach *b)
{
	jw_open(out, NULL, '{');
	jw_str(out, "rule", b->name);
	jw_bool(out, "holds", false);
	if (b->limit[0] != '\0')
		jw_str(out, "limit", b->limit);
	if (b->value[0] != '\0')
		jw_str(out, "value", b->value);
	jw_str(out, "text", b->text);
	jw_close(out, '}');
	sentence(text, b->text);
}

/* Every rule that was asked, those that did not hold first. */
static int
put_rules(struct buf *out, const struct decided *d, struct fault *f)
{
	struct verdict *v = calloc(2, sizeof *v);
	struct buf text = { 0 };

	if (v == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	judge(v, d->w, &d->l, &d->in);
	jw_str(out, "outcome", outcome_word(outcome_of(v)));
	change_json(out, v);
	jw_open(out, "rules", '[');
	for (int i = 0; i < v->n; i++)
		put_broken(out, &text, &v->b[i]);
	for (int r = 0; r < RULES; r++)
		if (rule_rows[r].intents && limit_of(&d->l, (enum rule)r, d->in.symbol)->on &&
		    breach_of(v, (enum rule)r) == NULL)
			put_held(out, &text, d, (enum rule)r, v + 1);
	jw_close(out, ']');
	jw_strn(out, "text", text.p != NULL ? text.p : "", text.len);
	out->bad = out->bad || text.bad;
	buf_free(&text);
	free(v);
	return 0;
}

static void
put_span(struct buf *out, const char *key, const struct tok *v)
{
	if (v != NULL && (v->kind == SCAN_OBJ || v->kind == SCAN_ARR))
		jw_raw(out, key, v->p, v->len);
}

/* The record of one decision. *same: it came out as it was. */
static int
put_explain(struct buf *out, const struct past_line *line, bool *same, struct fault *f)
{
	struct fault why = { 0 };
	struct buf again = { 0 };
	struct decided d;
	int r = 0, read;

	*same = false;
	jw_open(out, NULL, '{');
	jw_str(out, "e", "bf.explain");
	jw_i64(out, "E", line->ms);
	if ((read = decided_read(&d, line, &why)) == 0)
		read = decision_again(line->t, line->rec, same, &again, &why);
	*same = *same && read == 0;
	jw_i64(out, "n", d.n);
	jw_bool(out, "same", *same);
	if (read == -1)
		jw_str(out, "text", why.text);
	else
		r = put_rules(out, &d, f);
	put_span(out, "intent", d.intent);
	put_span(out, "verdict", d.verdict);
	if (read == 0)
		jw_raw(out, "again", again.p, again.len);
	jw_close(out, '}');
	jw_end(out);
	out->bad = out->bad || again.bad;
	decided_free(&d);
	buf_free(&again);
	if (read == -1 && why.kind == FAULT_LOCAL) {
		*f = why;
		return -1;
	}
	return r;
}

static bool
wanted(const struct past_opts *o, const struct past_line *line)
{
	int64_t n;

	return is_decision(line) && (!o->has_n || (scan_get_i64(line->t, line->rec, "n", &n) && n == o->n));
}

/* All of them. *found, *other: how many, and how many came out otherwise. */
static int
explain_all(struct printer *out, struct past *p, const struct past_opts *o, long *found, long *other, struct fault *f)
{
	struct past_line line;
	struct buf rec = { 0 };
	bool same;
	int r;

	while ((r = past_next(p, &line, f)) == 1) {
		if (!wanted(o, &line))
			continue;
		if ((r = put_explain(&rec, &line, &same, f)) == 0 && rec.bad)
			r = fault_set(f, FAULT_LOCAL, "out of memory");
		if (r == 0)
			r = printer_put(out, &rec, f);
		if (r == -1)
			break;
		++*found;
		*other += !same;
	}
	buf_free(&rec);
	return r;
}

int
do_explain(struct printer *out, const struct past_opts *o, struct fault *f)
{
	struct past *p;
	long found = 0, other = 0;
	int r;

	if (past_open(&p, o->files, o->nfiles, f) == -1)
		return -1;
	r = explain_all(out, p, o, &found, &other, f);
	past_close(p);
	if (r == -1)
		return -1;
	if (found == 0 && o->has_n)
		return fault_set(f, FAULT_REJECTED, "no decision number %ld", o->n);
	if (found == 0)
		return fault_set(f, FAULT_REJECTED, "no bf.decision record: bf-risk --log FILE writes them");
	return other > 0;
}

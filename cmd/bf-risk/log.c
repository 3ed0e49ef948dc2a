/* Decisions written down, and made again. */
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define PASSED_MS	60000	/* rates look back so far */

/*
 * The verdict
 */

static void
put_breach(const struct breach *b, struct buf *out)
{
	jw_open(out, NULL, '{');
	jw_str(out, "rule", b->name != NULL ? b->name : rule_rows[b->rule].name);
	if (b->code != 0)
		jw_i64(out, "code", b->code);
	jw_str(out, "limit", b->limit);
	jw_str(out, "value", b->value);
	jw_str(out, "text", b->text);
	jw_close(out, '}');
}

void
verdict_json(const struct verdict *v, struct buf *out)
{
	jw_open(out, NULL, '{');
	jw_bool(out, "pass", v->pass);
	if (!v->pass)
		jw_str(out, "kind", fault_word(v->kind));
	jw_str(out, "market", market_word(v->market));
	if (v->clipped)
		jw_dec(out, "clipped", v->qty);
	if (v->protect)
		jw_dec(out, "protect", v->price);
	if (v->has_nearest)
		jw_dec(out, "nearest", v->nearest);
	jw_dec(out, "counted", v->counted);
	jw_open(out, "breaches", '[');
	for (int i = 0; i < v->n; i++)
		put_breach(&v->b[i], out);
	jw_close(out, ']');
	jw_close(out, '}');
}

/*
 * Writing
 */

/* How far back a limit looks among what has passed; without a window of its own, as far as there is. */
static int64_t
looks_back(enum rule r, const struct limit *l)
{
	dec ms;

	if (!l->on)
		return 0;
	if (r == R_REPEAT)
		return l->window_ms > 0 ? l->window_ms : INT64_MAX;
	if (r != R_DUPLICATE)
		return 0;
	return dec_rescale(&ms, l->max, 0, DEC_UP) && ms.c >= 0 && ms.c < INT64_MAX ? (int64_t)ms.c : INT64_MAX;
}

static int64_t
passed_ms(const struct limits *l)
{
	int64_t most = PASSED_MS, ms;

	for (int r = 0; r < RULES; r++)
		if ((ms = looks_back((enum rule)r, &l->r[r])) > most)
			most = ms;
	for (int i = 0; i < l->nown; i++)
		if ((ms = looks_back(l->own[i].rule, &l->own[i].l)) > most)
			most = ms;
	return most;
}

/* The symbol of an intent's bytes; "" if they are none. */
static void
symbol_of(const char *intent, size_t n, char out[SYMBOL_MAX])
{
	struct scan sc = { 0 };

	if (scan_doc(&sc, intent, n) <= 0 || !scan_get_str(sc.t, sc.t, "symbol", out, SYMBOL_MAX))
		out[0] = '\0';
	scan_free(&sc);
}

static bool
white(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void
decision_put(struct buf *out, const char *intent, size_t n, const struct verdict *v, const struct world *w,
    const struct limits *l, unsigned long long number)
{
	char symbol[SYMBOL_MAX];

	symbol_of(intent, n, symbol);
	while (n > 0 && white(intent[n - 1]))	/* a CR before the newline */
		n--;
	jw_open(out, NULL, '{');
	jw_str(out, "e", "bf.decision");
	jw_i64(out, "E", w->now.ms);
	jw_str(out, "by", "bf-risk");
	jw_u64(out, "n", number);
	jw_raw(out, "intent", intent, n);
	buf_str(out, ",\"verdict\":");
	verdict_json(v, out);
	buf_str(out, ",\"limits\":");
	limits_json(l, out);
	buf_str(out, ",\"world\":");
	world_json(w, symbol, passed_ms(l), out);
	jw_close(out, '}');
	jw_end(out);
}

/*
 * Deciding again
 */

static int
no_record(const char *why, struct fault *f)
{
	return fault_set(f, FAULT_REJECTED, "not a record of a decision: %s", why);
}

/* w, l and in from the record. */
static int
restore(struct world *w, struct limits *l, struct intent *in, const struct tok *t, const struct tok *rec, struct fault *f)
{
	const struct tok *limits = scan_get(t, rec, "limits"), *world = scan_get(t, rec, "world");
	const struct tok *intent = scan_get(t, rec, "intent");

	if (!scan_get_is(t, rec, "e", "bf.decision"))
		return no_record("e is not bf.decision", f);
	if (intent == NULL || limits == NULL || world == NULL)
		return no_record("intent, limits or world is missing", f);
	return intent_read(in, t, intent, f) == -1 || limits_read(l, t, limits, f) == -1 ||
	    world_read(w, t, world, f) == -1 ? -1 : 0;
}

int
decision_again(const struct tok *t, const struct tok *rec, bool *same, struct buf *again, struct fault *f)
{
	const struct tok *was = scan_get(t, rec, "verdict");
	struct world *w = calloc(1, sizeof *w);
	struct limits l = { 0 };
	struct verdict v = { 0 };
	struct intent in = { 0 };
	size_t from = again->len;
	int r = -1;

	if (w == NULL)
		fault_set(f, FAULT_LOCAL, "out of memory");
	else if (was == NULL)
		no_record("verdict is missing", f);
	else if ((r = restore(w, &l, &in, t, rec, f)) == 0) {
		judge(&v, w, &l, &in);
		verdict_json(&v, again);
		*same = !again->bad && again->len - from == was->len && memcmp(again->p + from, was->p, was->len) == 0;
	}
	limits_free(&l);
	if (w != NULL)
		world_free(w);
	free(w);
	return r;
}

#include <stdlib.h>
#include <string.h>

#include "verdicts.h"

const char *
outcome_word(enum outcome o)
{
	static const char *const word[] = {
		[OUT_PASS] = "pass", [OUT_CLIP] = "clip", [OUT_PROTECT] = "protect", [OUT_REJECT] = "reject",
	};

	return word[o];
}

enum outcome
outcome_of(const struct verdict *v)
{
	return !v->pass ? OUT_REJECT : v->clipped ? OUT_CLIP : v->protect ? OUT_PROTECT : OUT_PASS;
}

bool
outcome_read(enum outcome *out, const struct tok *t, const struct tok *verdict)
{
	struct verdict v = { 0 };

	if (!scan_get_bool(t, verdict, "pass", &v.pass))
		return false;
	v.clipped = scan_get(t, verdict, "clipped") != NULL;
	v.protect = scan_get(t, verdict, "protect") != NULL;
	*out = outcome_of(&v);
	return true;
}

bool
is_decision(const struct past_line *line)
{
	return scan_get_is(line->t, line->rec, "e", "bf.decision");
}

int
decided_read(struct decided *d, const struct past_line *line, struct fault *f)
{
	const struct tok *t = line->t, *limits = scan_get(t, line->rec, "limits"), *world = scan_get(t, line->rec, "world");
	int64_t n = 0;

	memset(d, 0, sizeof *d);
	limits_init(&d->l);
	d->intent = scan_get(t, line->rec, "intent");
	d->verdict = scan_get(t, line->rec, "verdict");
	if (!scan_get_i64(t, line->rec, "n", &n))
		return fault_set(f, FAULT_REJECTED, "n: missing or malformed");
	d->n = n;
	if (d->intent == NULL || d->intent->kind != SCAN_OBJ || d->verdict == NULL || limits == NULL || world == NULL)
		return fault_set(f, FAULT_REJECTED, "%s: missing", d->intent == NULL || d->intent->kind != SCAN_OBJ ?
		    "intent" : d->verdict == NULL ? "verdict" : limits == NULL ? "limits" : "world");
	if (intent_read(&d->in, t, d->intent, f) == -1)
		return -1;
	if ((d->w = calloc(1, sizeof *d->w)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	limits_free(&d->l);
	return limits_read(&d->l, t, limits, f) == -1 || world_read(d->w, t, world, f) == -1 ? -1 : 0;
}

void
decided_free(struct decided *d)
{
	limits_free(&d->l);
	if (d->w != NULL)
		world_free(d->w);
	free(d->w);
	d->w = NULL;
}

void
breaches_json(struct buf *out, const struct verdict *v)
{
	jw_open(out, "rules", '[');
	for (int i = 0; i < v->n; i++) {
		const struct breach *b = &v->b[i];

		jw_open(out, NULL, '{');
		jw_str(out, "rule", b->name);
		if (b->limit[0] != '\0')
			jw_str(out, "limit", b->limit);
		if (b->value[0] != '\0')
			jw_str(out, "value", b->value);
		jw_str(out, "text", b->text);
		jw_close(out, '}');
	}
	jw_close(out, ']');
}

void
change_json(struct buf *out, const struct verdict *v)
{
	if (v->pass && v->clipped)
		jw_dec(out, "quantity", v->qty);
	if (v->pass && v->protect)
		jw_dec(out, "price", v->price);
	if (!v->pass && v->has_nearest)
		jw_dec(out, "nearest", v->nearest);
}

/* The limits of a decision, read back. The record may have been tampered with: nothing is believed for its place. */
#include <stdlib.h>
#include <string.h>

#include "limits_in.h"

static int
bad(struct fault *f, const char *what)
{
	return fault_set(f, FAULT_REJECTED, "limits: %s: missing or malformed", what);
}

/* A member that may be absent, and then stays as it is. */
static bool
get_dec(const struct tok *t, const struct tok *v, const char *key, dec *out)
{
	*out = dec_int(0);
	return scan_get(t, v, key) == NULL || scan_get_dec(t, v, key, out);
}

static bool
get_flag(const struct tok *t, const struct tok *v, const char *key, bool *out)
{
	*out = false;
	return scan_get(t, v, key) == NULL || scan_get_bool(t, v, key, out);
}

static bool
get_int(const struct tok *t, const struct tok *v, const char *key, int64_t lo, int64_t hi, int64_t *out)
{
	*out = 0;
	return scan_get(t, v, key) == NULL || (scan_get_i64(t, v, key, out) && *out >= lo && *out <= hi);
}

static bool
get_text(const struct tok *t, const struct tok *v, const char *key, char *out, size_t size)
{
	out[0] = '\0';
	return scan_get(t, v, key) == NULL || scan_get_str(t, v, key, out, size);
}

static bool
get_action(const struct tok *t, const struct tok *v, enum action *out)
{
	for (int a = ACT_NOTICE; a <= ACT_TRIP; a++)
		if (scan_get_is(t, v, "action", action_word((enum action)a))) {
			*out = (enum action)a;
			return true;
		}
	return false;
}

static bool
get_steps(const struct tok *t, const struct tok *v, struct limit *l)
{
	char text[STEPS_MAX * (2 * DEC_STR + 2)], why[WHY_MAX];

	l->nstep = 0;
	return scan_get(t, v, "steps") == NULL || (scan_get_str(t, v, "steps", text, sizeof text) &&
	    limit_set(l, &rule_rows[R_VOLATILITY], KEY_STEPS, text, why));
}

static bool
read_limit(struct limit *l, const struct tok *t, const struct tok *v)
{
	int64_t zone, line;

	memset(l, 0, sizeof *l);
	if (!get_dec(t, v, "max", &l->max) || !get_dec(t, v, "target", &l->target) ||
	    !get_dec(t, v, "slippage", &l->slippage) || !get_dec(t, v, "hysteresis", &l->hysteresis) ||
	    !get_flag(t, v, "percent", &l->percent) || !get_flag(t, v, "clip", &l->clip) ||
	    !get_flag(t, v, "protect", &l->protect) || !get_flag(t, v, "ewma", &l->ewma) ||
	    !get_flag(t, v, "rolling", &l->rolling) || !get_action(t, v, &l->act) || !get_steps(t, v, l) ||
	    !get_int(t, v, "window", 0, 86400000, &l->window_ms) || !get_int(t, v, "zone", -840, 840, &zone) ||
	    !get_int(t, v, "line", LINE_OPTION, INT32_MAX, &line) ||
	    !get_text(t, v, "reason", l->reason, sizeof l->reason))
		return false;
	l->zone_min = (int)zone;
	l->line = (int)line;
	l->on = true;
	return true;
}

static int
read_rule(struct limits *l, const struct tok *t, const struct tok *v, struct fault *f)
{
	char name[32], symbol[SYMBOL_MAX];
	struct symbol_limit *more;
	enum rule r;

	if (!scan_get_str(t, v, "rule", name, sizeof name) || (r = rule_by_name(name)) == RULES)
		return bad(f, "rule");
	if (!get_text(t, v, "symbol", symbol, sizeof symbol))
		return bad(f, "symbol");
	if (symbol[0] == '\0')
		return read_limit(&l->r[r], t, v) ? 0 : bad(f, name);
	if ((more = realloc(l->own, (size_t)(l->nown + 1) * sizeof *more)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	l->own = more;
	more += l->nown;
	memset(more, 0, sizeof *more);
	memcpy(more->symbol, symbol, sizeof symbol);
	more->rule = r;
	if (!read_limit(&more->l, t, v))
		return bad(f, name);
	l->nown++;
	return 0;
}

static bool
read_list(char (**list)[SYMBOL_MAX], int *n, const struct tok *t, const struct tok *arr)
{
	char symbol[SYMBOL_MAX], why[WHY_MAX];
	const struct tok *v;

	if (arr == NULL)
		return true;
	if (arr->kind != SCAN_ARR)
		return false;
	for (v = scan_first(arr); v != NULL; v = scan_next(t, arr, v))
		if (!scan_str(v, symbol, sizeof symbol) || !list_add(list, n, symbol, why))
			return false;
	return true;
}

int
limits_read(struct limits *l, const struct tok *t, const struct tok *v, struct fault *f)
{
	const struct tok *rules = scan_get(t, v, "rules"), *r;
	int64_t cost_line, asset_line;

	limits_init(l);
	for (int i = 0; i < RULES; i++)
		limit_init(&l->r[i], &rule_rows[i]);
	if (rules == NULL || rules->kind != SCAN_ARR)
		return bad(f, "rules");
	if (!scan_get_dec(t, v, "cost", &l->cost) || dec_sign(l->cost) < 0)
		return bad(f, "cost");
	if (!get_text(t, v, "asset", l->asset, sizeof l->asset) || !get_text(t, v, "file", l->file, sizeof l->file))
		return bad(f, "asset or file");
	if (!get_int(t, v, "costLine", LINE_OPTION, INT32_MAX, &cost_line) ||
	    !get_int(t, v, "assetLine", LINE_OPTION, INT32_MAX, &asset_line))
		return bad(f, "costLine or assetLine");
	l->cost_line = (int)cost_line;
	l->asset_line = (int)asset_line;
	if (!read_list(&l->allow, &l->nallow, t, scan_get(t, v, "allow")) ||
	    !read_list(&l->deny, &l->ndeny, t, scan_get(t, v, "deny")))
		return bad(f, "allow or deny");
	for (r = scan_first(rules); r != NULL; r = scan_next(t, rules, r))
		if (read_rule(l, t, r, f) == -1)
			return -1;
	return 0;
}

/* What the sections of a rules file may not say together. */
#include "limits_in.h"

/* The j-th limit of a rule that is on: -1 the common one, then those of symbols; NULL: it is not. */
static struct limit *
one_of(struct limits *l, enum rule r, int j)
{
	if (j == -1)
		return l->r[r].on ? &l->r[r] : NULL;
	return l->own[j].rule == r ? &l->own[j].l : NULL;
}

/* Rules that measure with one window of the world: what one says holds for all. */
static int
one_window(struct limits *l, const enum rule *r, int n, struct fault *f)
{
	const struct limit *first = NULL;
	struct limit *one;

	for (int i = 0; i < n; i++)
		for (int j = -1; j < l->nown; j++) {
			if ((one = one_of(l, r[i], j)) == NULL || one->window_ms < 0 || one->line <= 0)
				continue;
			if (first != NULL && one->window_ms != first->window_ms)
				return fault_set(f, FAULT_USAGE, "%s:%d: %s: window %lld: the rule in line %d has %lld, and "
				    "there is one for all", l->file, one->line, rule_rows[r[i]].name,
				    (long long)one->window_ms / 1000, first->line, (long long)first->window_ms / 1000);
			first = one;
		}
	if (first == NULL)
		return 0;
	for (int i = 0; i < n; i++)
		for (int j = -1; j < l->nown; j++)
			if ((one = one_of(l, r[i], j)) != NULL)
				one->window_ms = first->window_ms;
	return 0;
}

/* A limit that another one never lets bind is a mistake of one of the two. */
static int
never_binds(const struct limits *l, enum rule a, enum rule b, struct fault *f)
{
	const struct limit *less = &l->r[a], *more = &l->r[b];
	char x[DEC_STR], y[DEC_STR];

	if (!less->on || !more->on || dec_cmp(less->max, more->max) <= 0)
		return 0;
	dec_print(less->max, x);
	dec_print(more->max, y);
	return fault_set(f, FAULT_USAGE, "%s:%d: %s: max %s: above max %s of %s (line %d), so that it would never bind",
	    l->file, less->line, rule_rows[a].name, x, y, rule_rows[b].name, more->line);
}

int
limits_whole(struct limits *l, struct fault *f)
{
	static const enum rule vol[] = { R_VOLATILITY, R_VOLATILE_MARKET }, jump[] = { R_MARK_JUMP };

	if (one_window(l, vol, 2, f) == -1 || one_window(l, jump, 1, f) == -1 ||
	    never_binds(l, R_RATE_SECOND, R_RATE_MINUTE, f) == -1 ||
	    never_binds(l, R_NET_NOTIONAL, R_GROSS_NOTIONAL, f) == -1 ||
	    never_binds(l, R_POSITION_NOTIONAL, R_GROSS_NOTIONAL, f) == -1 ||
	    never_binds(l, R_SYMBOL_LEV, R_MAX_LEV, f) == -1)
		return -1;
	for (int r = 0; r < RULES; r++)
		if (l->r[r].window_ms < 0)
			l->r[r].window_ms = (int64_t)rule_rows[r].window_s * 1000;
	for (int i = 0; i < l->nown; i++)
		if (l->own[i].l.window_ms < 0)
			l->own[i].l.window_ms = (int64_t)rule_rows[l->own[i].rule].window_s * 1000;
	return 0;
}

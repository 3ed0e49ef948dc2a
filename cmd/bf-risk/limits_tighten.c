/* What options do to the limits: tighten them. Looser would make the file's word worth nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/near.h"
#include "core/show.h"
#include "limits_in.h"

/* "FILE:LINE" or what it is else, for a sentence. */
static const char *
from(const struct limits *l, int line, char *out, size_t size)
{
	if (line > 0)
		snprintf(out, size, "%s:%d", l->file, line);
	else
		snprintf(out, size, line == LINE_OPTION ? "another option" : "the default");
	return out;
}

/* Not the default any more: somebody has said it. */
static bool
said(const struct limit *l)
{
	return l->on && l->line != 0;
}

static bool
looser(const struct rule_row *row, dec a, dec than)
{
	return row->minimum ? dec_cmp(a, than) < 0 : dec_cmp(a, than) > 0;
}

static void
number(const struct limit *l, char out[static DEC_STR + 1])
{
	char text[DEC_STR];

	dec_print(l->max, text);
	snprintf(out, DEC_STR + 1, "%s%s", text, l->percent ? "%" : "");
}

static int
too_loose(const struct limits *l, const struct limit *held, const char *value, const char *what, struct fault *f)
{
	char have[DEC_STR + 1], where[300];

	number(held, have);
	return fault_set(f, FAULT_USAGE, "%s %s: looser than %s of %s; an option can only tighten", what, value, have,
	    from(l, held->line, where, sizeof where));
}

/* The new maximum in place; a target of before that is above it is no target. */
static void
replace(struct limit *held, const struct rule_row *row, const struct limit *new)
{
	held->on = true;
	held->max = new->max;
	held->percent = new->percent;
	held->line = LINE_OPTION;
	if (dec_sign(held->target) != 0 && looser(row, held->target, held->max))
		held->target = dec_int(0);
}

static int
tighten_max(struct limits *l, enum rule r, const char *value, const char *what, struct fault *f)
{
	const struct rule_row *row = &rule_rows[r];
	struct limit new = l->r[r], *held = &l->r[r];
	char why[WHY_MAX], where[300], shown[64];

	show_text(shown, sizeof shown, value, strlen(value));
	if (!limit_set_max(&new, row, value, why))
		return fault_set(f, FAULT_USAGE, "%s %s: %s", what, shown, why);
	if (said(held) && held->percent != new.percent)
		return fault_set(f, FAULT_USAGE, "%s %s: %s has it %s percent; say it alike", what, shown,
		    from(l, held->line, where, sizeof where), held->percent ? "in" : "not in");
	if (held->nstep > 0)
		return fault_set(f, FAULT_USAGE, "%s %s: the steps of %s hold; change them there", what, shown,
		    from(l, held->line, where, sizeof where));
	if (said(held) && looser(row, new.max, held->max))
		return too_loose(l, held, shown, what, f);
	replace(held, row, &new);
	for (int i = 0; i < l->nown; i++)
		if (l->own[i].rule == r && l->own[i].l.nstep == 0 && looser(row, l->own[i].l.max, new.max))
			replace(&l->own[i].l, row, &new);
	return 0;
}

/* --limit symbols=A,B: no others than were allowed. */
static int
tighten_symbols(struct limits *l, const char *value, const char *what, struct fault *f)
{
	char (*list)[SYMBOL_MAX] = NULL, why[WHY_MAX], where[300], shown[64];
	int n = 0;

	show_text(shown, sizeof shown, value, strlen(value));
	if (!list_add(&list, &n, value, why)) {
		free(list);
		return fault_set(f, FAULT_USAGE, "%s %s: %s", what, shown, why);
	}
	for (int i = 0; i < n; i++)
		if (list_has(l->deny, l->ndeny, list[i]) || (l->nallow > 0 && !list_has(l->allow, l->nallow, list[i]))) {
			fault_set(f, FAULT_USAGE, "%s: %s is not allowed by %s; an option can only tighten", what, list[i],
			    from(l, l->r[R_SYMBOLS].line, where, sizeof where));
			free(list);
			return -1;
		}
	free(l->allow);
	l->allow = list;
	l->nallow = n;
	l->r[R_SYMBOLS].on = true;
	l->r[R_SYMBOLS].line = LINE_OPTION;
	return 0;
}

int
limits_tighten(struct limits *l, enum rule r, const char *value, const char *what, struct fault *f)
{
	char shown[64];

	if (r == R_SYMBOLS)
		return tighten_symbols(l, value, what, f);
	if (rule_rows[r].unit != UNIT_NONE)
		return tighten_max(l, r, value, what, f);
	show_text(shown, sizeof shown, value, strlen(value));
	if (strcmp(value, "on") != 0)
		return fault_set(f, FAULT_USAGE, "%s %s: this rule has no number: on", what, shown);
	if (!l->r[r].on)
		l->r[r].line = LINE_OPTION;
	l->r[r].on = true;
	return 0;
}

int
limits_option(struct limits *l, const char *arg, struct fault *f)
{
	char name[32], what[48], near_by[NEAR * NEAR_MAX], shown[64];
	size_t n = strcspn(arg, "=");
	struct near near;
	enum rule r;

	show_text(shown, sizeof shown, arg, n);
	if (arg[n] != '=')
		return fault_set(f, FAULT_USAGE, "--limit %s: not NAME=VALUE", shown);
	snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), arg);
	if ((r = rule_by_name(name)) != RULES) {
		snprintf(what, sizeof what, "--limit %s", name);
		return limits_tighten(l, r, arg + n + 1, what, f);
	}
	near_begin(&near, name);
	for (int i = 0; i < RULES; i++)
		near_add(&near, rule_rows[i].name);
	near_text(&near, near_by, sizeof near_by);
	return fault_set(f, FAULT_USAGE, "--limit %s: there is no such rule%s", shown, near_by);
}

int
limits_target(struct limits *l, const char *value, const char *what, struct fault *f)
{
	struct limit *held = &l->r[R_MAX_LEV], new = *held;
	char why[WHY_MAX], shown[64], have[DEC_STR], where[300];

	show_text(shown, sizeof shown, value, strlen(value));
	dec_print(held->max, have);
	if (!held->on)
		return fault_set(f, FAULT_USAGE, "%s %s: there is no max-lev: --max-lev N", what, shown);
	if (!limit_set(&new, &rule_rows[R_MAX_LEV], KEY_TARGET, value, why))
		return fault_set(f, FAULT_USAGE, "%s %s: %s", what, shown, why);
	if (held->act != ACT_REDUCE)
		return fault_set(f, FAULT_USAGE, "%s %s: the action of max-lev is %s, which has none", what, shown,
		    action_word(held->act));
	if (dec_cmp(new.target, held->max) > 0)
		return fault_set(f, FAULT_USAGE, "%s %s: above max-lev %s", what, shown, have);
	if (dec_sign(held->target) > 0 && dec_cmp(new.target, held->target) > 0) {
		dec_print(held->target, have);
		return fault_set(f, FAULT_USAGE, "%s %s: looser than %s of %s; an option can only tighten", what, shown,
		    have, from(l, held->line, where, sizeof where));
	}
	held->target = new.target;
	return 0;
}

/* A dearer order counts for more: tighter is more. */
int
limits_cost(struct limits *l, const char *bps, const char *what, struct fault *f)
{
	char shown[64], have[DEC_STR], where[300];
	dec cost, held;

	show_text(shown, sizeof shown, bps, strlen(bps));
	if (!cost_set(&cost, bps))
		return fault_set(f, FAULT_USAGE, "%s %s: not basis points from 0 to 1000", what, shown);
	if (l->cost_line != 0 && dec_cmp(cost, l->cost) < 0 && dec_mul(&held, l->cost, dec_int(10000))) {
		dec_print_short(held, have);
		return fault_set(f, FAULT_USAGE, "%s %s: looser than %s of %s; an option can only tighten", what, shown,
		    have, from(l, l->cost_line, where, sizeof where));
	}
	l->cost = cost;
	l->cost_line = LINE_OPTION;
	return 0;
}

int
limits_asset(struct limits *l, const char *name, const char *what, struct fault *f)
{
	char shown[64], where[300];

	show_text(shown, sizeof shown, name, strlen(name));
	if (!asset_ok(name))
		return fault_set(f, FAULT_USAGE, "%s %s: not the name of an asset", what, shown);
	if (l->asset[0] != '\0' && strcmp(l->asset, name) != 0)
		return fault_set(f, FAULT_USAGE, "%s %s: %s says %s", what, shown,
		    from(l, l->asset_line, where, sizeof where), l->asset);
	if (l->asset[0] == '\0')
		l->asset_line = LINE_OPTION;
	snprintf(l->asset, sizeof l->asset, "%s", name);
	return 0;
}

int
limits_on_breach(struct limits *l, const char *word, const char *what, struct fault *f)
{
	bool clip = strcmp(word, "clip") == 0;
	char shown[64];

	show_text(shown, sizeof shown, word, strlen(word));
	if (!clip && strcmp(word, "reject") != 0)
		return fault_set(f, FAULT_USAGE, "%s %s: neither reject nor clip", what, shown);
	for (int r = 0; r < RULES; r++)
		if (rule_rows[r].clips && (!clip || (l->r[r].reason[0] == '\0')))
			l->r[r].clip = clip;
	for (int i = 0; i < l->nown && !clip; i++)
		l->own[i].l.clip = false;
	return 0;
}

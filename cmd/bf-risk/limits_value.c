/* What a value in the rules file must be, and what several of them may not say together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/show.h"
#include "limits_in.h"

const char *const key_names[KEYS] = {
	[KEY_MAX] = "max", [KEY_TARGET] = "target", [KEY_SLIPPAGE] = "slippage", [KEY_WINDOW] = "window",
	[KEY_ACTION] = "action", [KEY_ON_BREACH] = "on-breach", [KEY_STEPS] = "steps", [KEY_MEASURE] = "measure",
	[KEY_HYSTERESIS] = "hysteresis", [KEY_DAY] = "day", [KEY_ALLOW] = "allow", [KEY_DENY] = "deny",
	[KEY_REASON] = "reason",
};

/* word among the blank-separated ones. */
static bool
among(const char *words, const char *word)
{
	size_t n = strlen(word);

	while (*(words += strspn(words, " ")) != '\0') {
		if (strcspn(words, " ") == n && memcmp(words, word, n) == 0)
			return true;
		words += strcspn(words, " ");
	}
	return false;
}

bool
key_known(const struct rule_row *row, enum key k)
{
	if (k == KEY_REASON)
		return true;
	if (k == KEY_MAX)
		return row->unit != UNIT_NONE;
	if (k == KEY_ON_BREACH)
		return row->intents;
	if (k == KEY_ACTION && row->events)
		return true;
	return among(row->keys, key_names[k]);
}

static bool
no(char why[static WHY_MAX], const char *text)
{
	snprintf(why, WHY_MAX, "%s", text);
	return false;
}

static bool
whole(dec d)
{
	return dec_decimals(d) == 0;
}

/* A decimal of the row's range; most NULL: no bound. */
static bool
in_range(dec *out, const char *v, const char *least, const char *most, bool is_whole, char why[static WHY_MAX])
{
	dec lo = { 0 }, hi, d;

	if (least != NULL)
		dec_parse(&lo, least);
	if (dec_parse(&d, v) && (!is_whole || whole(d)) && (least != NULL ? dec_cmp(d, lo) >= 0 : dec_sign(d) > 0) &&
	    (most == NULL || (dec_parse(&hi, most) && dec_cmp(d, hi) <= 0))) {
		*out = d;
		return true;
	}
	snprintf(why, WHY_MAX, "not a %s %s%s%s%s", is_whole ? "whole number" : "decimal",
	    least != NULL ? "from " : "above ", least != NULL ? least : "0",
	    most == NULL ? "" : least != NULL ? " to " : " and up to ", most == NULL ? "" : most);
	return false;
}

bool
limit_set_max(struct limit *l, const struct rule_row *row, const char *v, char why[static WHY_MAX])
{
	size_t n = strlen(v);
	char number[DEC_STR];

	if (row == &rule_rows[R_DAILY_LOSS] && n > 1 && n < sizeof number && v[n - 1] == '%') {
		memcpy(number, v, n - 1);
		number[n - 1] = '\0';
		if (!in_range(&l->max, number, NULL, "100", false, why))
			return false;
		l->percent = true;
		return true;
	}
	if (strchr(v, '%') != NULL)
		return no(why, row->unit == UNIT_PERCENT ? "a number of percent, without the sign" :
		    "this limit is no percentage");
	l->percent = false;
	return in_range(&l->max, v, row->least, row->most, row->unit == UNIT_COUNT || row->unit == UNIT_MS, why);
}

static bool
set_window(struct limit *l, enum rule r, const char *v, char why[static WHY_MAX])
{
	bool minutes = r == R_FUNDING;
	dec d;

	if (!in_range(&d, v, minutes ? "0" : r == R_VOLATILITY || r == R_VOLATILE_MARKET ? "10" : "1",
	    minutes ? "1440" : r == R_REPEAT || r == R_MARK_JUMP ? "3600" : "86400", true, why))
		return false;
	dec_rescale(&d, d, 0, DEC_DOWN);
	l->window_ms = (int64_t)d.c * (minutes ? 60000 : 1000);
	return true;
}

static bool
set_action(struct limit *l, const struct rule_row *row, const char *v, char why[static WHY_MAX])
{
	size_t n = 0;

	if (row == &rule_rows[R_VOLATILE_MARKET]) {
		l->protect = strcmp(v, "protect") == 0;
		return l->protect || strcmp(v, "reject") == 0 || no(why, "neither reject nor protect");
	}
	for (int a = ACT_NOTICE; a <= ACT_TRIP; a++)
		if ((row->actions & 1u << a) != 0 && strcmp(v, action_word((enum action)a)) == 0) {
			l->act = (enum action)a;
			return true;
		}
	n += (size_t)snprintf(why, WHY_MAX, "this rule knows");
	for (int a = ACT_NOTICE; a <= ACT_TRIP; a++)
		if ((row->actions & 1u << a) != 0 && n < WHY_MAX)
			n += (size_t)snprintf(why + n, WHY_MAX - n, "%s %s", a == ACT_NOTICE ? "" : ",",
			    action_word((enum action)a));
	return false;
}

static bool
set_on_breach(struct limit *l, const struct rule_row *row, const char *v, char why[static WHY_MAX])
{
	l->clip = strcmp(v, "clip") == 0;
	if (l->clip && !row->clips)
		return no(why, "no smaller quantity can cure a breach of this rule: only reject");
	return l->clip || strcmp(v, "reject") == 0 || no(why, "neither reject nor clip");
}

/* One "AT:KEEP" of n bytes, behind those there are. */
static bool
add_step(struct limit *l, const char *v, size_t n, char why[static WHY_MAX])
{
	const char *colon = memchr(v, ':', n);
	struct step s;

	if (l->nstep == STEPS_MAX) {
		snprintf(why, WHY_MAX, "more than %d steps", STEPS_MAX);
		return false;
	}
	if (colon == NULL || !dec_parse_n(&s.at, v, (size_t)(colon - v)) ||
	    !dec_parse_n(&s.keep, colon + 1, n - (size_t)(colon - v) - 1))
		return no(why, "not AT:KEEP AT:KEEP ..., as in 2:75 4:50 6:0");
	if (dec_sign(s.at) <= 0 || dec_cmp(s.at, dec_int(100)) > 0)
		return no(why, "a step begins above 0 and up to 100 percent");
	if (dec_sign(s.keep) < 0 || dec_cmp(s.keep, dec_int(100)) >= 0)
		return no(why, "a step keeps from 0 to less than 100 percent of the position");
	if (l->nstep > 0 && dec_cmp(s.at, l->step[l->nstep - 1].at) <= 0)
		return no(why, "the steps do not climb");
	if (l->nstep > 0 && dec_cmp(s.keep, l->step[l->nstep - 1].keep) >= 0)
		return no(why, "a higher step must keep less");
	l->step[l->nstep++] = s;
	return true;
}

static bool
set_steps(struct limit *l, const char *v, char why[static WHY_MAX])
{
	size_t n;

	l->nstep = 0;
	while (*(v += strspn(v, " ,\t")) != '\0') {
		n = strcspn(v, " ,\t");
		if (!add_step(l, v, n, why))
			return false;
		v += n;
	}
	return l->nstep > 0 || no(why, "no steps");
}

/* "UTC", "rolling", "+02:00". */
static bool
set_day(struct limit *l, const char *v, char why[static WHY_MAX])
{
	static const char form[] = "s00:00";
	int min = 0;

	l->rolling = strcmp(v, "rolling") == 0;
	l->zone_min = 0;
	if (l->rolling || strcmp(v, "UTC") == 0)
		return true;
	for (int i = 0; i < 6; i++)
		if (form[i] == 's' ? v[i] != '+' && v[i] != '-' : form[i] == ':' ? v[i] != ':' : v[i] < '0' || v[i] > '9')
			return no(why, "not UTC, rolling, or hours from UTC as in +02:00");
	min = ((v[1] - '0') * 10 + (v[2] - '0')) * 60 + (v[4] - '0') * 10 + (v[5] - '0');
	if (v[6] != '\0' || v[4] > '5' || min > 14 * 60)
		return no(why, "not UTC, rolling, or hours from UTC as in +02:00");
	l->zone_min = v[0] == '-' ? -min : min;
	return true;
}

bool
limit_set(struct limit *l, const struct rule_row *row, enum key k, const char *v, char why[static WHY_MAX])
{
	switch (k) {
	case KEY_MAX:
		return limit_set_max(l, row, v, why);
	case KEY_TARGET:
		return in_range(&l->target, v, NULL, row->unit == UNIT_PERCENT ? "100" : NULL, false, why);
	case KEY_SLIPPAGE:
		return in_range(&l->slippage, v, "0", "1000", false, why);
	case KEY_WINDOW:
		return set_window(l, (enum rule)(row - rule_rows), v, why);
	case KEY_ACTION:
		return set_action(l, row, v, why);
	case KEY_ON_BREACH:
		return set_on_breach(l, row, v, why);
	case KEY_STEPS:
		return set_steps(l, v, why);
	case KEY_MEASURE:
		l->ewma = strcmp(v, "ewma") == 0;
		return l->ewma || strcmp(v, "range") == 0 || no(why, "neither range nor ewma");
	case KEY_HYSTERESIS:
		return in_range(&l->hysteresis, v, "0", "99", false, why);
	case KEY_DAY:
		return set_day(l, v, why);
	case KEY_ALLOW:
	case KEY_DENY:
	case KEY_REASON:
	case KEYS:
		break;
	}
	return no(why, "not a value");
}

static enum key
blame(enum key k, char why[static WHY_MAX], const char *text)
{
	snprintf(why, WHY_MAX, "%s", text);
	return k;
}

/* Steps are where a symbol's position shrinks; without them the rule has one threshold. */
static enum key
check_volatility(const struct limit *l, const bool seen[static KEYS], char why[static WHY_MAX])
{
	if (seen[KEY_STEPS] && seen[KEY_MAX])
		return blame(KEY_MAX, why, "the steps say where they begin: not both");
	if (seen[KEY_STEPS] && seen[KEY_ACTION] && l->act != ACT_REDUCE)
		return blame(KEY_ACTION, why, "steps reduce: only action reduce goes with them");
	if (!seen[KEY_STEPS] && l->act == ACT_REDUCE)
		return blame(KEY_ACTION, why, "reduce to what? steps are missing");
	return KEYS;
}

static enum key
check_target(const struct limit *l, const struct rule_row *row, char why[static WHY_MAX])
{
	char max[DEC_STR];

	dec_print(l->max, max);
	if (l->act != ACT_REDUCE) {
		snprintf(why, WHY_MAX, "only action reduce leads to a target, and this one is %s", action_word(l->act));
		return KEY_TARGET;
	}
	if (row->minimum ? dec_cmp(l->target, l->max) < 0 : dec_cmp(l->target, l->max) > 0) {
		snprintf(why, WHY_MAX, "%s max %s", row->minimum ? "below" : "above", max);
		return KEY_TARGET;
	}
	return KEYS;
}

/* A market order is judged at the mark and its slippage: in basis points, max in percent. */
static enum key
check_band(const struct limit *l, const bool seen[static KEYS], char why[static WHY_MAX])
{
	char bps[DEC_STR];
	dec max;

	if (!dec_mul(&max, l->max, dec_int(100)) || dec_cmp(l->slippage, max) <= 0)
		return KEYS;
	dec_print_short(l->slippage, bps);
	snprintf(why, WHY_MAX, "a market order counts with slippage %s bps%s: none would ever pass", bps,
	    seen[KEY_SLIPPAGE] ? "" : " (the default)");
	return seen[KEY_SLIPPAGE] ? KEY_SLIPPAGE : KEY_MAX;
}

enum key
limit_check(const struct limit *l, const struct rule_row *row, const bool seen[static KEYS], char why[static WHY_MAX])
{
	enum rule r = (enum rule)(row - rule_rows);

	if (!seen[KEY_REASON])
		return blame(KEY_REASON, why, "missing: say why this limit is as it is");
	if (key_known(row, KEY_MAX) && !seen[KEY_MAX] && !seen[KEY_STEPS])
		return blame(KEY_MAX, why, r == R_VOLATILITY ? "missing, and so are steps" : "missing");
	if (r == R_SYMBOLS && !seen[KEY_ALLOW] && !seen[KEY_DENY])
		return blame(KEY_ALLOW, why, "missing, and so is deny");
	if (r == R_VOLATILITY)
		return check_volatility(l, seen, why);
	if (r == R_VOLATILE_MARKET && seen[KEY_SLIPPAGE] && !l->protect)
		return blame(KEY_SLIPPAGE, why, "only action protect makes a limit order of it");
	if (r == R_PRICE_BAND)
		return check_band(l, seen, why);
	return seen[KEY_TARGET] ? check_target(l, row, why) : KEYS;
}

bool
symbol_ok(const char *s, char why[static WHY_MAX])
{
	size_t n = strlen(s);

	if (n == 0 || n >= SYMBOL_MAX || !show_clean(s, n))
		return no(why, "not a symbol");
	if (strcspn(s, " \t,;") != n)
		return no(why, "more than one symbol: one section each");
	for (; *s != '\0'; s++)
		if (*s >= 'a' && *s <= 'z')
			return no(why, "not a symbol: they are in capitals");
	return true;
}

bool
list_has(char (*list)[SYMBOL_MAX], int n, const char *symbol)
{
	for (int i = 0; i < n; i++)
		if (strcmp(list[i], symbol) == 0)
			return true;
	return false;
}

static bool
list_push(char (**list)[SYMBOL_MAX], int *n, const char *symbol, char why[static WHY_MAX])
{
	char (*more)[SYMBOL_MAX];

	if (!symbol_ok(symbol, why))
		return false;
	if (list_has(*list, *n, symbol))
		return no(why, "names a symbol twice");
	if (*n == ALLOW_MAX)
		return no(why, "too many symbols");
	if ((more = realloc(*list, (size_t)(*n + 1) * sizeof **list)) == NULL)
		return no(why, "out of memory");
	*list = more;
	memset((*list)[*n], 0, SYMBOL_MAX);
	memcpy((*list)[(*n)++], symbol, strlen(symbol));
	return true;
}

bool
list_add(char (**list)[SYMBOL_MAX], int *n, const char *v, char why[static WHY_MAX])
{
	char symbol[SYMBOL_MAX];
	int before = *n;
	size_t len;

	for (; *(v += strspn(v, " ,\t")) != '\0'; v += len) {
		if ((len = strcspn(v, " ,\t")) >= sizeof symbol)
			return no(why, "not a symbol");
		memcpy(symbol, v, len);
		symbol[len] = '\0';
		if (!list_push(list, n, symbol, why))
			return false;
	}
	return *n > before || no(why, "no symbol");
}

bool
cost_set(dec *out, const char *bps)
{
	dec d;

	return dec_parse(&d, bps) && dec_sign(d) >= 0 && dec_cmp(d, dec_int(1000)) <= 0 &&
	    dec_mul(out, d, (dec){ .c = 1, .scale = 4 });
}

bool
asset_ok(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n < sizeof ((struct limits *)0)->asset &&
	    strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == n;
}

/* The limits as records for --check, and as one value that decisions carry. */
#include <stdio.h>
#include <string.h>

#include "limits_in.h"

static void
put_from(struct buf *out, const struct limits *l, int line)
{
	char from[sizeof l->file + 16];

	if (line > 0)
		snprintf(from, sizeof from, "%s:%d", l->file, line);
	else
		snprintf(from, sizeof from, line == LINE_OPTION ? "option" : "default");
	jw_str(out, "from", from);
}

/* As the file would have it. */
static void
put_steps(struct buf *out, const struct limit *l)
{
	char at[DEC_STR], keep[DEC_STR], text[STEPS_MAX * (2 * DEC_STR + 2)] = "";
	size_t n = 0;

	for (int i = 0; i < l->nstep; i++) {
		dec_print(l->step[i].at, at);
		dec_print(l->step[i].keep, keep);
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s:%s", i > 0 ? " " : "", at, keep);
	}
	if (l->nstep > 0)
		jw_str(out, "steps", text);
}

static void
put_day(struct buf *out, const struct limit *l)
{
	int min = l->zone_min < 0 ? -l->zone_min : l->zone_min;
	char day[16];

	snprintf(day, sizeof day, "%c%02d:%02d", l->zone_min < 0 ? '-' : '+', min / 60 % 24, min % 60);
	jw_str(out, "day", l->rolling ? "rolling" : min == 0 ? "UTC" : day);
}

static void
put_list(struct buf *out, const char *key, char (*list)[SYMBOL_MAX], int n)
{
	if (n == 0)
		return;
	jw_open(out, key, '[');
	for (int i = 0; i < n; i++)
		jw_str(out, NULL, list[i]);
	jw_close(out, ']');
}

/* What the rule does: over events its action, over intents on-breach. */
static void
put_deed(struct buf *out, enum rule r, const struct limit *l)
{
	const struct rule_row *row = &rule_rows[r];

	if (row->events)
		jw_str(out, "action", action_word(l->act));
	if (r == R_VOLATILE_MARKET)
		jw_str(out, "action", l->protect ? "protect" : "reject");
	if (row->intents)
		jw_str(out, "on-breach", l->clip ? "clip" : "reject");
}

static void
put_keys(struct buf *out, enum rule r, const struct limit *l)
{
	const struct rule_row *row = &rule_rows[r];

	if (dec_sign(l->target) != 0)
		jw_dec(out, "target", l->target);
	if (key_known(row, KEY_SLIPPAGE) && (r != R_VOLATILE_MARKET || l->protect))
		jw_dec(out, "slippage", l->slippage);
	if (key_known(row, KEY_WINDOW))
		jw_i64(out, "window", l->window_ms / (r == R_FUNDING ? 60000 : 1000));
	if (key_known(row, KEY_MEASURE))
		jw_str(out, "measure", l->ewma ? "ewma" : "range");
	put_steps(out, l);
	if (key_known(row, KEY_HYSTERESIS))
		jw_dec(out, "hysteresis", l->hysteresis);
	if (key_known(row, KEY_DAY))
		put_day(out, l);
}

static void
put_rule(struct buf *out, const struct limits *ls, enum rule r, const struct limit *l, const char *symbol, int64_t now_ms)
{
	const struct rule_row *row = &rule_rows[r];

	jw_open(out, NULL, '{');
	jw_str(out, "e", "bf.rule");
	jw_i64(out, "E", now_ms);
	jw_str(out, "rule", row->name);
	if (symbol != NULL)
		jw_str(out, "symbol", symbol);
	if (row->unit != UNIT_NONE) {
		jw_dec(out, "max", l->max);
		jw_str(out, "unit", l->percent ? "percent" : unit_word(row->unit));
	}
	if (r == R_SYMBOLS) {
		put_list(out, "allow", ls->allow, ls->nallow);
		put_list(out, "deny", ls->deny, ls->ndeny);
	}
	put_keys(out, r, l);
	put_deed(out, r, l);
	jw_str(out, "what", row->what);
	if (l->reason[0] != '\0')
		jw_str(out, "reason", l->reason);
	put_from(out, ls, l->line);
	jw_close(out, '}');
	jw_end(out);
}

/* What [bf-risk] says, or an option. */
static void
put_general(struct buf *out, const struct limits *l, const char *name, const char *max, const char *unit, const char *what,
    int line, int64_t now_ms)
{
	jw_open(out, NULL, '{');
	jw_str(out, "e", "bf.rule");
	jw_i64(out, "E", now_ms);
	jw_str(out, "rule", name);
	jw_str(out, "max", max);
	if (unit != NULL)
		jw_str(out, "unit", unit);
	jw_str(out, "what", what);
	put_from(out, l, line);
	jw_close(out, '}');
	jw_end(out);
}

static void
put_generals(struct buf *out, const struct limits *l, int64_t now_ms)
{
	char cost[DEC_STR];
	dec bps;

	if (dec_mul(&bps, l->cost, dec_int(10000))) {
		dec_print_short(bps, cost);
		put_general(out, l, "cost", cost, unit_word(UNIT_BPS), "fee and spread that an order is taken to cost", l->cost_line,
		    now_ms);
	}
	if (l->asset[0] != '\0')
		put_general(out, l, "asset", l->asset, NULL, "the wallet that is guarded, and no other", l->asset_line, now_ms);
}

void
limits_put(const struct limits *l, struct buf *out, int64_t now_ms)
{
	put_generals(out, l, now_ms);
	for (int r = 0; r < RULES; r++) {
		if (l->r[r].on)
			put_rule(out, l, (enum rule)r, &l->r[r], NULL, now_ms);
		for (int i = 0; i < l->nown; i++)
			if (l->own[i].rule == (enum rule)r && l->own[i].l.on)
				put_rule(out, l, (enum rule)r, &l->own[i].l, l->own[i].symbol, now_ms);
	}
}

/*
 * As one value
 */

static void
json_dec(struct buf *out, const char *key, dec d)
{
	if (d.c != 0 || d.scale != 0)
		jw_dec(out, key, d);
}

static void
json_int(struct buf *out, const char *key, int64_t n)
{
	if (n != 0)
		jw_i64(out, key, n);
}

static void
json_flag(struct buf *out, const char *key, bool v)
{
	if (v)
		jw_bool(out, key, true);
}

/* What is 0, false or empty is left out. */
static void
json_limit(struct buf *out, enum rule r, const struct limit *l, const char *symbol)
{
	jw_open(out, NULL, '{');
	jw_str(out, "rule", rule_rows[r].name);
	if (symbol != NULL)
		jw_str(out, "symbol", symbol);
	json_dec(out, "max", l->max);
	json_dec(out, "target", l->target);
	json_dec(out, "slippage", l->slippage);
	json_flag(out, "percent", l->percent);
	json_int(out, "window", l->window_ms);
	jw_str(out, "action", action_word(l->act));
	json_flag(out, "clip", l->clip);
	json_flag(out, "protect", l->protect);
	json_flag(out, "ewma", l->ewma);
	put_steps(out, l);
	json_dec(out, "hysteresis", l->hysteresis);
	json_flag(out, "rolling", l->rolling);
	json_int(out, "zone", l->zone_min);
	if (l->reason[0] != '\0')
		jw_str(out, "reason", l->reason);
	json_int(out, "line", l->line);
	jw_close(out, '}');
}

void
limits_json(const struct limits *l, struct buf *out)
{
	jw_open(out, NULL, '{');
	if (l->file[0] != '\0')
		jw_str(out, "file", l->file);
	jw_dec(out, "cost", l->cost);
	json_int(out, "costLine", l->cost_line);
	jw_str(out, "asset", l->asset);
	json_int(out, "assetLine", l->asset_line);
	put_list(out, "allow", l->allow, l->nallow);
	put_list(out, "deny", l->deny, l->ndeny);
	jw_open(out, "rules", '[');
	for (int r = 0; r < RULES; r++)
		if (l->r[r].on)
			json_limit(out, (enum rule)r, &l->r[r], NULL);
	for (int i = 0; i < l->nown; i++)
		if (l->own[i].l.on)
			json_limit(out, l->own[i].rule, &l->own[i].l, l->own[i].symbol);
	jw_close(out, ']');
	jw_close(out, '}');
}

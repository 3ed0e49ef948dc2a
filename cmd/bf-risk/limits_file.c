/*
 * A rules file. inih splits the lines; sections are read here, so that one without keys is seen, too, and none is
 * cut.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "core/near.h"
#include "core/show.h"
#include "io/conf.h"
#include "limits_in.h"

#define GENERAL		"bf-risk"	/* the section of what is no rule */
#define TITLE_MAX	(SYMBOL_MAX + 24)

enum { IN_NOTHING, IN_GENERAL, IN_RULE };

struct parse {
	struct limits	*l;
	const char	*path, *at, *end;
	int		 line;
	bool		 failed;
	bool		 continued;	/* the line begins with a blank */
	int		 where;
	int		 general_line;	/* of [bf-risk]; 0: not seen */
	/* The section at hand. */
	enum rule	 rule;
	char		 symbol[SYMBOL_MAX];	/* "" the common one */
	char		 title[2 * TITLE_MAX];	/* as in the file */
	struct limit	 cur;
	bool		 seen[KEYS];
	int		 key_line[KEYS];
	struct fault	*f;
};

static int bad(struct parse *x, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The first fault of the file; answers what ends inih's run. */
static int
bad(struct parse *x, int line, const char *fmt, ...)
{
	char why[WHY_MAX + 96];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	if (!x->failed)
		fault_set(x->f, FAULT_USAGE, "%s:%d: %s", x->path, line, why);
	x->failed = true;
	return 0;
}

/* A value that is wrong: as it stands, so far as it can be shown. */
static int
bad_value(struct parse *x, int line, const char *key, const char *value, const char *why)
{
	char shown[64];

	show_text(shown, sizeof shown, value, strlen(value));
	return bad(x, line, "%s: %s%s%s: %s", x->title, key, shown[0] != '\0' ? " " : "", shown, why);
}

/*
 * Sections
 */

static void
put_own(struct parse *x)
{
	struct symbol_limit *more = realloc(x->l->own, (size_t)(x->l->nown + 1) * sizeof *more);

	if (more == NULL) {
		bad(x, x->line, "out of memory");
		return;
	}
	x->l->own = more;
	more += x->l->nown++;
	memset(more, 0, sizeof *more);
	memcpy(more->symbol, x->symbol, sizeof more->symbol);
	more->rule = x->rule;
	more->l = x->cur;
}

/* The value of a key that limit_check blames, for the sentence. */
static void
key_value(const struct parse *x, enum key k, char out[static DEC_STR])
{
	out[0] = '\0';
	if (!x->seen[k])
		return;
	if (k == KEY_MAX)
		dec_print(x->cur.max, out);
	else if (k == KEY_TARGET)
		dec_print(x->cur.target, out);
	else if (k == KEY_SLIPPAGE)
		dec_print(x->cur.slippage, out);
	else if (k == KEY_ACTION)
		snprintf(out, DEC_STR, "%s", action_word(x->cur.act));
}

/* All of a section has been read: does it make sense as a whole? Then it holds. */
static void
end_section(struct parse *x)
{
	char why[WHY_MAX], value[DEC_STR];
	enum key k;

	if (x->failed || x->where != IN_RULE)
		return;
	if ((k = limit_check(&x->cur, &rule_rows[x->rule], x->seen, why)) != KEYS) {
		key_value(x, k, value);
		bad_value(x, x->seen[k] ? x->key_line[k] : x->cur.line, key_names[k], value, why);
		return;
	}
	x->cur.on = true;
	if (x->rule == R_VOLATILITY && x->cur.nstep > 0) {
		x->cur.max = x->cur.step[0].at;
		x->cur.act = ACT_REDUCE;
	}
	if (x->symbol[0] != '\0')
		put_own(x);
	else
		x->l->r[x->rule] = x->cur;
}

static void
no_section(struct parse *x, const char *name)
{
	char near_by[NEAR * NEAR_MAX], shown[64];
	struct near near;

	near_begin(&near, name);
	for (int r = 0; r < RULES; r++)
		near_add(&near, rule_rows[r].name);
	near_add(&near, GENERAL);
	near_text(&near, near_by, sizeof near_by);
	show_text(shown, sizeof shown, name, strlen(name));
	bad(x, x->line, "[%s]: there is no such rule%s", shown, near_by);
}

/* Where this section stands already; 0: nowhere. */
static int
said_before(const struct parse *x)
{
	const struct limits *l = x->l;

	if (x->symbol[0] == '\0')
		return l->r[x->rule].line;
	for (int i = 0; i < l->nown; i++)
		if (l->own[i].rule == x->rule && strcmp(l->own[i].symbol, x->symbol) == 0)
			return l->own[i].l.line;
	return 0;
}

static void
begin_rule(struct parse *x, const char *name, const char *symbol)
{
	char why[WHY_MAX];
	int before;

	if ((x->rule = rule_by_name(name)) == RULES) {
		no_section(x, name);
		return;
	}
	snprintf(x->title, sizeof x->title, "%s%s%s", name, symbol[0] != '\0' ? " " : "", symbol);
	if (symbol[0] != '\0' && !rule_rows[x->rule].per_symbol) {
		bad(x, x->line, "[%s]: this rule is not about one symbol", x->title);
		return;
	}
	if (symbol[0] != '\0' && !symbol_ok(symbol, why)) {
		char shown[64];

		show_text(shown, sizeof shown, symbol, strlen(symbol));
		bad(x, x->line, "%s: %s: %s", name, shown, why);
		return;
	}
	snprintf(x->symbol, sizeof x->symbol, "%s", symbol);
	if ((before = said_before(x)) > 0) {
		bad(x, x->line, "[%s]: said twice, first in line %d", x->title, before);
		return;
	}
	x->where = IN_RULE;
	limit_init(&x->cur, &rule_rows[x->rule]);
	x->cur.window_ms = -1;	/* not said */
	x->cur.line = x->line;
	memset(x->seen, 0, sizeof x->seen);
}

/* "[rule]" or "[rule SYMBOL]": name has n bytes. */
static void
begin_section(struct parse *x, const char *s, size_t n)
{
	char name[TITLE_MAX] = "", *symbol;

	if (n >= sizeof name) {
		bad(x, x->line, "the section's name is too long");
		return;
	}
	memcpy(name, s, n);
	symbol = name + strcspn(name, " \t");
	if (*symbol != '\0') {
		*symbol++ = '\0';
		symbol += strspn(symbol, " \t");
	}
	if (strcmp(name, GENERAL) != 0) {
		begin_rule(x, name, symbol);
		return;
	}
	if (*symbol != '\0' || x->general_line != 0) {
		bad(x, x->line, *symbol != '\0' ? "["GENERAL"]: takes no symbol" : "["GENERAL"]: said twice");
		return;
	}
	x->where = IN_GENERAL;
	x->general_line = x->line;
	snprintf(x->title, sizeof x->title, GENERAL);
}

/* A line that begins with '['. false: it is none, and inih may say so. */
static bool
section_line(struct parse *x, const char *s, size_t n)
{
	const char *close = memchr(s, ']', n), *rest;

	end_section(x);
	x->where = IN_NOTHING;
	if (x->failed || close == NULL)
		return !x->failed;
	for (rest = close + 1; rest < s + n && strchr(" \t\r", *rest) != NULL; )
		rest++;
	if (rest < s + n && *rest != ';' && *rest != '#')
		bad(x, x->line, "something stands behind the ] of a section");
	else
		begin_section(x, s + 1, (size_t)(close - s) - 1);
	return !x->failed;
}

/*
 * Lines and keys
 */

/* The next line for inih, like fgets. */
static char *
next_line(char *str, int num, void *stream)
{
	struct parse *x = stream;
	const char *nl;
	size_t n, blank;

	if (x->at == x->end || x->failed)
		return NULL;
	nl = memchr(x->at, '\n', (size_t)(x->end - x->at));
	n = (size_t)(nl == NULL ? x->end - x->at : nl - x->at);
	x->line++;
	if (n + 3 > (size_t)num) {
		bad(x, x->line, "the line is longer than %d bytes: go on in an indented one", num - 3);
		return NULL;
	}
	x->continued = n > 0 && (x->at[0] == ' ' || x->at[0] == '\t');
	if (x->continued && n > (blank = strspn(x->at, " \t")) && x->at[blank] == '[') {
		bad(x, x->line, "an indented line continues the one above it: do not indent sections");
		return NULL;
	}
	if (n > 0 && x->at[0] == '[' && !section_line(x, x->at, n))
		return NULL;
	memcpy(str, x->at, n);
	memcpy(str + n, "\n", 2);
	x->at += n + (nl != NULL);
	return str;
}

static int
general_key(struct parse *x, const char *name, const char *value)
{
	struct limits *l = x->l;
	bool cost = strcmp(name, "cost") == 0;
	int *line = cost ? &l->cost_line : &l->asset_line;
	char shown[64];

	if (!cost && strcmp(name, "asset") != 0) {
		show_text(shown, sizeof shown, name, strlen(name));
		return bad(x, x->line, "%s: unknown key %s; it takes cost, asset", x->title, shown);
	}
	if (*line != 0)
		return bad(x, x->line, "%s: %s: said twice", x->title, name);
	if (cost && !cost_set(&l->cost, value))
		return bad_value(x, x->line, name, value, "not basis points from 0 to 1000");
	if (!cost && !asset_ok(value))
		return bad_value(x, x->line, name, value, "not the name of an asset");
	if (!cost)
		snprintf(l->asset, sizeof l->asset, "%s", value);
	*line = x->line;
	return 1;
}

static int
no_key(struct parse *x, const char *name)
{
	const struct rule_row *row = &rule_rows[x->rule];
	char near_by[NEAR * NEAR_MAX], shown[64], takes[128] = "";
	struct near near;
	size_t n = 0;

	near_begin(&near, name);
	for (int k = 0; k < KEYS; k++)
		if (key_known(row, (enum key)k)) {
			near_add(&near, key_names[k]);
			n += (size_t)snprintf(takes + n, sizeof takes - n, "%s%s", n > 0 ? ", " : "; it takes ", key_names[k]);
		}
	near_text(&near, near_by, sizeof near_by);
	show_text(shown, sizeof shown, name, strlen(name));
	return bad(x, x->line, "%s: unknown key %s%s", x->title, shown, near_by[0] != '\0' ? near_by : takes);
}

/* An indented "max = 5": surely not the end of a sentence. */
static bool
looks_like_key(const char *s)
{
	size_t n = strcspn(s, " \t=:");

	for (int k = 0; k < KEYS; k++)
		if (strlen(key_names[k]) == n && memcmp(s, key_names[k], n) == 0)
			return s[n + strspn(s + n, " \t")] == '=';
	return false;
}

static int
set_reason(struct parse *x, const char *value, bool more)
{
	size_t n = more ? strlen(x->cur.reason) : 0, len = strlen(value);

	if (more && looks_like_key(value))
		return bad(x, x->line, "%s: an indented line continues the one above it: do not indent keys", x->title);
	if (!show_clean(value, len))
		return bad_value(x, x->line, "reason", value, "holds a control character, or is not UTF-8");
	if (n + len + 2 > sizeof x->cur.reason)
		return bad(x, x->line, "%s: reason: longer than %zu bytes", x->title, sizeof x->cur.reason - 1);
	snprintf(x->cur.reason + n, sizeof x->cur.reason - n, "%s%s", n > 0 ? " " : "", value);
	return 1;
}

static int
set_list(struct parse *x, enum key k, const char *value)
{
	struct limits *l = x->l;
	char why[WHY_MAX];

	if (!(k == KEY_ALLOW ? list_add(&l->allow, &l->nallow, value, why) : list_add(&l->deny, &l->ndeny, value, why)))
		return bad_value(x, x->line, key_names[k], value, why);
	for (int i = 0; i < l->ndeny; i++)
		if (list_has(l->allow, l->nallow, l->deny[i]))
			return bad_value(x, x->line, key_names[k], l->deny[i], "both allowed and denied");
	return 1;
}

/* A line that goes on: of what may be long. */
static bool
may_continue(enum key k)
{
	return k == KEY_REASON || k == KEY_ALLOW || k == KEY_DENY;
}

static int
rule_key(struct parse *x, const char *name, const char *value)
{
	const struct rule_row *row = &rule_rows[x->rule];
	char why[WHY_MAX];
	int k;

	for (k = 0; k < KEYS && strcmp(strcmp(name, "limit") == 0 ? "max" : name, key_names[k]) != 0; )
		k++;
	if (k == KEYS || !key_known(row, (enum key)k))
		return no_key(x, name);
	if (x->seen[k] && x->continued && !may_continue((enum key)k))
		return bad(x, x->line, "%s: an indented line continues the one above it: do not indent keys", x->title);
	if (x->seen[k] && !x->continued)
		return bad(x, x->line, "%s: %s: said twice", x->title, name);
	if (value[0] == '\0')
		return bad(x, x->line, "%s: %s: empty", x->title, name);
	if (!x->seen[k])
		x->key_line[k] = x->line;
	if (k == KEY_REASON ? set_reason(x, value, x->seen[k]) == 0 :
	    k == KEY_ALLOW || k == KEY_DENY ? set_list(x, (enum key)k, value) == 0 : false)
		return 0;
	if (k != KEY_REASON && k != KEY_ALLOW && k != KEY_DENY && !limit_set(&x->cur, row, (enum key)k, value, why))
		return bad_value(x, x->line, name, value, why);
	x->seen[k] = true;
	return 1;
}

/* A line `name = value`, told by inih; its section is known already. */
static int
entry(void *user, const char *section, const char *name, const char *value)
{
	struct parse *x = user;
	char shown[64];

	(void)section;
	if (x->failed)
		return 0;
	if (value == NULL)
		return bad(x, x->line, "not `key = value`");
	show_text(shown, sizeof shown, name, strlen(name));
	if (x->where == IN_NOTHING)
		return bad(x, x->line, "%s: before the first [rule]", shown);
	return x->where == IN_GENERAL ? general_key(x, name, value) : rule_key(x, name, value);
}

/*
 * The whole
 */

static int
parse_text(struct parse *x)
{
	int line;

	if (x->end - x->at >= 3 && memcmp(x->at, "\xef\xbb\xbf", 3) == 0)
		x->at += 3;
	line = ini_parse_stream(next_line, x, entry, x);
	if (line < 0)
		return fault_set(x->f, FAULT_LOCAL, "%s: out of memory", x->path);
	if (line > 0 && (!x->failed || line < x->line)) {
		x->failed = false;
		bad(x, line, "not `key = value`, [rule] or # comment");
	}
	end_section(x);
	return x->failed ? -1 : limits_whole(x->l, x->f);
}

int
limits_file(struct limits *l, const char *file, struct fault *f)
{
	struct parse x = { .l = l, .path = file, .f = f };
	size_t n;
	char *text;
	int r;

	if (strlen(file) >= sizeof l->file)
		return fault_set(f, FAULT_USAGE, "%s: the path is too long", file);
	if (!show_clean(file, strlen(file)))
		return fault_set(f, FAULT_USAGE, "%s: holds a control character", file);
	if (conf_text(&text, &n, file, f) == -1)
		return -1;
	memcpy(l->file, file, strlen(file) + 1);
	x.at = text;
	x.end = text + n;
	r = parse_text(&x);
	free(text);
	return r;
}

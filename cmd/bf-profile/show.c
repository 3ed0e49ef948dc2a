/* What holds for one profile, each value with the place that says it. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "io/clock.h"

const struct column show_cols[] = {
	{ "NAME", "name", COL_LEFT },
	{ "VALUE", "value", COL_LEFT },
	{ "FROM", "cells.from:from", COL_LEFT | COL_CUT },
	{ NULL, NULL, 0 }
};

enum how { TEXT, DECIMAL, NUMBER, YES_NO };

#define ROW(key, how)	{ #key, how, offsetof(struct profile, key) }
static const struct row { const char *key; enum how how; size_t at; } rows[] = {
	ROW(exchange, TEXT), ROW(rest, TEXT), ROW(ws, TEXT), ROW(coinm_rest, TEXT), ROW(coinm_ws, TEXT),
	ROW(wsapi, TEXT), ROW(coinm_wsapi, TEXT), ROW(sapi, TEXT), ROW(ca_file, TEXT), ROW(proxy, TEXT),
	ROW(key_file, TEXT), ROW(secret_cmd, TEXT), ROW(api_key, TEXT),
	ROW(max_order_notional, DECIMAL), ROW(max_position_notional, DECIMAL),
	ROW(max_price_distance, DECIMAL), ROW(max_orders_per_minute, NUMBER), ROW(symbols, TEXT),
	ROW(recv_window, NUMBER), ROW(allow_withdrawals, YES_NO)
};
#define ROWS	(sizeof rows / sizeof *rows)

/* Where each was said last: "FILE:LINE"; "" if nowhere. */
struct places { char of[ROWS][560]; };

static void
told(void *arg, const char *key, const char *path, int line)
{
	struct places *p = arg;

	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].key, key) == 0)
			snprintf(p->of[i], sizeof p->of[i], "%s:%d", path, line);
}

/* "" if it is not set. */
static void
value_of(const struct row *r, const struct profile *p, char out[static 1100])
{
	const char *at = (const char *)p + r->at;
	bool yes;
	dec d;
	int n;

	out[0] = '\0';
	if (r->how == TEXT)
		snprintf(out, 1100, "%s", at);
	else if (r->how == DECIMAL) {
		memcpy(&d, at, sizeof d);
		if (dec_sign(d) > 0)
			dec_print(d, out);
	} else if (r->how == NUMBER) {
		memcpy(&n, at, sizeof n);
		if (n > 0)
			snprintf(out, 1100, "%d", n);
	} else {
		memcpy(&yes, at, sizeof yes);
		snprintf(out, 1100, "%s", yes ? "yes" : "no");
	}
}

/* Of what was said nowhere: why it is as it is. */
static const char *
why_so(const struct row *r, const struct profile *p, const char *value)
{
	if (value[0] == '\0')
		return "not set";
	if (r->how != TEXT)
		return "default";
	return p->exchange[0] != '\0' ? "built in" : "as rest and ws";
}

/* Of a path under the home folder "~" and the rest: so that a row fits a line of 80. */
static void
put_eye(struct buf *rec, const char *from)
{
	const char *home = getenv("HOME");
	size_t n = home != NULL ? strlen(home) : 0;
	bool under = n > 1 && strncmp(from, home, n) == 0 && from[n] == '/';
	char text[600];

	snprintf(text, sizeof text, "%s%s", under ? "~" : "", under ? from + n : from);
	jw_open(rec, "cells", '{');
	jw_str(rec, "from", text);
	jw_close(rec, '}');
}

static int
put(struct app *a, const struct profile *p, const char *name, const char *value, const char *from, struct fault *f)
{
	struct buf rec = { 0 };
	int r;

	jw_open(&rec, NULL, '{');
	jw_str(&rec, "e", "bf.profile.value");
	jw_i64(&rec, "E", clock_wall_ms());
	jw_str(&rec, "profile", p->name);
	jw_str(&rec, "name", name);
	if (value[0] != '\0')
		jw_str(&rec, "value", value);
	else
		jw_null(&rec, "value");
	jw_str(&rec, "from", from);
	if (a->out.table)
		put_eye(&rec, from);
	jw_close(&rec, '}');
	jw_end(&rec);
	r = printer_put(&a->out, &rec, f);
	buf_free(&rec);
	return r;
}

/* Of the API key the first characters, whoever has it. */
static int
put_row(struct app *a, const struct profile *p, size_t i, const struct places *at, struct fault *f)
{
	char value[1100];

	value_of(&rows[i], p, value);
	if (strcmp(rows[i].key, "api_key") == 0 && strlen(value) > 4)
		memcpy(value + 4, "...", 4);
	return put(a, p, rows[i].key, value, at->of[i][0] != '\0' ? at->of[i] : why_so(&rows[i], p, value), f);
}

static int
put_key(struct app *a, const struct profile *p, struct fault *f)
{
	const char *place = cred_place(p), *from = p->key_file[0] != '\0' ? p->key_file : p->own_file;
	struct fault why = { .kind = FAULT_NONE };
	char key[5 + 3];

	if (cred_peek(key, p, &why) == -1)
		tool_say(a->tool, STDERR_FILENO, "%s", why.text);
	if (key[0] != '\0')
		memcpy(key + strlen(key), "...", 4);
	return put(a, p, "key", key, strcmp(place, "file") == 0 ? from : strcmp(place, "none") == 0 ? "not set" : place, f);
}

int
show(struct app *a, char *const words[], int n, struct fault *f)
{
	static struct places at;
	struct profile p;
	int r;

	if (n > 1)
		return fault_set(f, FAULT_USAGE, "%s: show takes one NAME", words[1]);
	if (profile_load_told(&p, n > 0 ? words[0] : a->common.profile, told, &at, f) == -1)
		return -1;
	r = put(a, &p, "profile", p.name, p.chosen ? n > 0 || a->common.profile != NULL ? "as asked for" :
	    "BF_PROFILE or the configuration's default" : "nothing chose one: for public data", f);
	for (size_t i = 0; i < ROWS && r == 0; i++)
		r = put_row(a, &p, i, &at, f);
	return r == 0 ? put_key(a, &p, f) : r;
}

/* What a client says on its connection: its requests, and their answers. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conns.h"
#include "core/scan.h"

#define TOKENS	2200	/* of a client's message: SUBS_MAX names fit */

/* The exchange cuts who sends more than 10 in a second, pings and pongs counted. */
static bool
too_many(struct client *c)
{
	int64_t second = serve_now() / 1000;

	if (c->second != second) {
		c->second = second;
		c->messages = 0;
	}
	if (++c->messages <= MESSAGES_MAX)
		return false;
	(void)serve_close(c->ss->s->serve, c->id, WS_POLICY, "Too many requests");
	return true;
}

void
streams_control(struct streams *ss, serve_id id, void *user)
{
	(void)ss;
	(void)id;
	(void)too_many(user);
}

/* A client's request: its parts are tokens of the message. */
struct ask { struct client *c; const struct tok *t, *params, *id; struct buf out; };

/* The id in its own JSON form. */
static void
put_id(struct ask *a)
{
	if (a->id == NULL)
		jw_null(&a->out, "id");
	else if (a->id->kind == SCAN_STR)	/* p: without its quotes */
		jw_raw(&a->out, "id", a->id->p - 1, (size_t)a->id->len + 2);
	else
		jw_raw(&a->out, "id", a->id->p, a->id->len);
}

static void
say_error(struct ask *a, int code, const char *msg)
{
	jw_open(&a->out, NULL, '{');
	jw_open(&a->out, "error", '{');
	jw_i64(&a->out, "code", code);
	jw_str(&a->out, "msg", msg);
	jw_close(&a->out, '}');
	if (a->id != NULL)
		put_id(a);
	jw_close(&a->out, '}');
}

/* result: ready JSON. */
static void
say_result(struct ask *a, const struct buf *result)
{
	jw_open(&a->out, NULL, '{');
	if (result == NULL)
		jw_null(&a->out, "result");
	else
		jw_raw(&a->out, "result", result->p, result->len);
	put_id(a);
	jw_close(&a->out, '}');
}

/* Each name of params, subscribed or left. */
static void
change(struct ask *a, void (*each)(struct client *, const char *))
{
	char name[STREAM_NAME];
	const struct tok *v;

	if (a->params == NULL || a->params->kind != SCAN_ARR) {
		say_error(a, 2, "Invalid request: params must be an array");
		return;
	}
	if (each == streams_subscribe && a->c->nsub + (int)a->params->n > SUBS_MAX) {
		say_error(a, 2, "Invalid request: too many subscriptions");
		return;
	}
	for (v = scan_first(a->params); v != NULL; v = scan_next(a->t, a->params, v))
		if (v->kind != SCAN_STR) {
			say_error(a, 2, "Invalid request: stream name must be a string");
			return;
		}
	say_result(a, NULL);
	for (v = scan_first(a->params); v != NULL; v = scan_next(a->t, a->params, v))
		if (scan_str(v, name, sizeof name))
			each(a->c, name);
}

static void
do_subscribe(struct ask *a)
{
	change(a, streams_subscribe);
}

static void
do_unsubscribe(struct ask *a)
{
	change(a, streams_unsubscribe);
}

static int
by_name(const void *x, const void *y)
{
	const struct sub *a = x, *b = y;

	return strcmp(a->st->name, b->st->name);
}

static void
do_list(struct ask *a)
{
	struct client *c = a->c;
	struct buf b = { 0 };

	if (c->nsub > 1)
		qsort(c->sub, (size_t)c->nsub, sizeof *c->sub, by_name);
	jw_open(&b, NULL, '[');
	for (int i = 0; i < c->nsub; i++)
		jw_str(&b, NULL, c->sub[i].st->name);
	jw_close(&b, ']');
	say_result(a, &b);
	a->out.bad |= b.bad;
	buf_free(&b);
}

/* params[0] must be "combined"; *second gets params[1] or NULL. */
static bool
property(struct ask *a, uint32_t most, const struct tok **second)
{
	const struct tok *first = a->params == NULL || a->params->kind != SCAN_ARR ? NULL :
	    scan_first(a->params);

	if (first == NULL || first->kind != SCAN_STR) {
		say_error(a, 2, "Invalid request: property name must be a string");
		return false;
	}
	if (!scan_is(first, "combined")) {
		say_error(a, 0, "Unknown property");
		return false;
	}
	*second = scan_next(a->t, a->params, first);
	if (a->params->n > most) {
		say_error(a, 2, "Invalid request: too many parameters");
		return false;
	}
	return true;
}

static void
do_get_property(struct ask *a)
{
	struct buf b = { 0 };
	const struct tok *v;

	if (!property(a, 1, &v))
		return;
	buf_str(&b, a->c->combined ? "true" : "false");
	say_result(a, &b);
	buf_free(&b);
}

static void
do_set_property(struct ask *a)
{
	const struct tok *v;

	if (!property(a, 2, &v))
		return;
	if (v == NULL || (v->kind != SCAN_TRUE && v->kind != SCAN_FALSE)) {
		say_error(a, 1, "Invalid value type: expected Boolean");
		return;
	}
	a->c->combined = v->kind == SCAN_TRUE;
	say_result(a, NULL);
}

static const struct { const char *name; void (*act)(struct ask *a); } methods[] = {
	{ "SUBSCRIBE", do_subscribe }, { "UNSUBSCRIBE", do_unsubscribe },
	{ "LIST_SUBSCRIPTIONS", do_list }, { "SET_PROPERTY", do_set_property },
	{ "GET_PROPERTY", do_get_property },
};

/* Clients send numbers and strings, and want them back as they were. */
static bool
id_ok(const struct tok *id)
{
	return id == NULL || id->kind == SCAN_STR || id->kind == SCAN_NULL ||
	    (id->kind == SCAN_NUM && isdigit((unsigned char)id->p[0]) &&
	    memchr(id->p, '.', id->len) == NULL);
}

/* Where it went wrong, as the exchange's parser counts: from 1. */
static void
say_bad_json(struct ask *a, const char *p, size_t n, size_t where)
{
	size_t line = 1, column = 1;
	char text[96];

	for (size_t i = 0; i < where && i < n; i++) {
		line += p[i] == '\n';
		column = p[i] == '\n' ? 1 : column + 1;
	}
	snprintf(text, sizeof text, "Invalid JSON: expected value at line %zu column %zu", line, column);
	say_error(a, 3, text);
}

static void
obey(struct ask *a, const char *p, size_t n, struct tok t[static TOKENS])
{
	const struct tok *method;
	size_t where = 0;

	a->t = t;
	if (scan_json(p, n, t, TOKENS, &where) < 1) {
		say_bad_json(a, p, n, where);
		return;
	}
	method = scan_get(t, t, "method");
	a->params = scan_get(t, t, "params");
	a->id = scan_get(t, t, "id");
	if (!id_ok(a->id)) {
		a->id = NULL;
		say_error(a, 2, "Invalid request: request ID must be an unsigned integer");
		return;
	}
	if (method == NULL || method->kind != SCAN_STR) {
		say_error(a, 2, "Invalid request: missing field `method` at line 1 column 1");
		return;
	}
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (scan_is(method, methods[i].name)) {
			methods[i].act(a);
			return;
		}
	say_error(a, 2, "Invalid request: unknown variant, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, "
	    "`LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY` at line 1 column 1");
}

void
streams_message(struct streams *ss, serve_id id, void *user, const char *p, size_t n, bool binary)
{
	struct ask a = { .c = user };
	struct tok t[TOKENS];

	(void)binary;
	if (too_many(a.c))
		return;
	obey(&a, p, n, t);
	if (!a.out.bad)
		(void)serve_send_text(ss->s->serve, id, a.out.p, a.out.len);
	buf_free(&a.out);
}

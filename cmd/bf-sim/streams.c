#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/scan.h"
#include "names.h"
#include "params.h"
#include "streams.h"

#define SUBS_MAX	1024	/* streams of one connection */
#define MESSAGES_MAX	10	/* a client's, in one second */
#define TOKENS		2200	/* of a client's message: SUBS_MAX names fit */

/* st NULL: unknown here or of another route; accepted, and silent. */
struct sub { char name[STREAM_NAME]; struct stream *st; };

struct client {
	struct streams *ss;
	serve_id id;
	unsigned route;
	bool	 combined;
	struct sub *sub;
	int	 nsub, csub;
	int64_t	 second;		/* the one messages are counted in */
	int	 messages;
	const struct fault_rule *rule;	/* NULL: none, or done */
	long	 pushed;
	struct client *prev, *next;
};

struct streams {
	struct sim *s;
	struct stream **v;
	int	n, cap;
	struct client *clients;
};

struct streams *
streams_new(struct sim *s)
{
	struct streams *ss = calloc(1, sizeof *ss);

	if (ss != NULL)
		ss->s = s;
	return ss;
}

static void
stream_free(struct stream *st)
{
	free(st->sub);
	free(st->changes.v);
	free(st);
}

static void
client_free(struct client *c)
{
	free(c->sub);
	free(c);
}

void
streams_free(struct streams *ss)
{
	struct client *c;

	if (ss == NULL)
		return;
	while ((c = ss->clients) != NULL) {
		ss->clients = c->next;
		client_free(c);
	}
	for (int i = 0; i < ss->n; i++)
		stream_free(ss->v[i]);
	free(ss->v);
	free(ss);
}

/* v with room for one more than n elements; NULL, and v as it was, without memory. */
static void *
room(void *v, int n, int *cap, size_t size)
{
	int want = *cap == 0 ? 8 : 2 * *cap;

	if (n < *cap)
		return v;
	v = realloc(v, (size_t)want * size);
	if (v != NULL)
		*cap = want;
	return v;
}

/*
 * Streams
 */

/* The stream of that name; NULL: no such one here, or no memory. */
static struct stream *
stream_get(struct streams *ss, const char *name)
{
	struct stream *st, read, **v;
	int i;

	for (i = 0; i < ss->n; i++)
		if (strcmp(ss->v[i]->name, name) == 0)
			return ss->v[i];
	if (!names_read(&read, name, ss->s->engine) ||
	    (v = room(ss->v, ss->n, &ss->cap, sizeof(*v))) == NULL)
		return NULL;
	ss->v = v;
	if ((st = malloc(sizeof *st)) == NULL)
		return NULL;
	*st = read;
	return ss->v[ss->n++] = st;
}

static bool
stream_join(struct stream *st, struct client *c)
{
	struct client **v = room(st->sub, st->nsub, &st->csub, sizeof(*v));

	if (v == NULL)
		return false;
	st->sub = v;
	st->sub[st->nsub++] = c;
	if (st->kind != ST_USER)
		c->ss->s->fed = true;
	pushes_begin(c->ss->s, st);
	return true;
}

static void
subscribe(struct client *c, const char *name)
{
	struct stream *st;
	struct sub *v;
	int i;

	for (i = 0; i < c->nsub; i++)
		if (strcmp(c->sub[i].name, name) == 0)
			return;
	if (strlen(name) >= STREAM_NAME ||
	    (v = room(c->sub, c->nsub, &c->csub, sizeof *v)) == NULL)
		return;
	c->sub = v;
	st = stream_get(c->ss, name);
	if (st != NULL && ((st->routes & c->route) == 0 || !stream_join(st, c)))
		st = NULL;
	snprintf(v[c->nsub].name, sizeof v->name, "%s", name);
	v[c->nsub++].st = st;
}

static void
stream_leave(struct stream *st, const struct client *c)
{
	int i;

	for (i = 0; i < st->nsub && st->sub[i] != c; i++)
		;
	if (i < st->nsub)
		st->sub[i] = st->sub[--st->nsub];
}

static void
unsubscribe(struct client *c, const char *name)
{
	int i;

	for (i = 0; i < c->nsub && strcmp(c->sub[i].name, name) != 0; i++)
		;
	if (i == c->nsub)
		return;
	if (c->sub[i].st != NULL)
		stream_leave(c->sub[i].st, c);
	memmove(&c->sub[i], &c->sub[i + 1], (size_t)(c->nsub - i - 1) * sizeof *c->sub);
	c->nsub--;
}

struct stream *
streams_at(struct streams *ss, int i)
{
	return i < ss->n ? ss->v[i] : NULL;
}

/*
 * Pushing
 */

/* The rule's hour has come? Then it happens, once. queued: the last message has
 * not left yet, so a reset, which would eat it, waits for the next one. */
static void
misbehave(struct client *c, bool queued)
{
	const struct fault_rule *r = c->rule;

	if (r == NULL || c->pushed < r->after || (queued && r->act == WS_FAULT_RST))
		return;
	c->rule = NULL;
	switch (r->act) {
	case WS_FAULT_FIN:
		(void)serve_cut(c->ss->s->serve, c->id, SERVE_FIN);
		break;
	case WS_FAULT_RST:
		(void)serve_cut(c->ss->s->serve, c->id, SERVE_RST);
		break;
	case WS_FAULT_CLOSE:
		(void)serve_close(c->ss->s->serve, c->id, r->close_code, "");
		break;
	case WS_FAULT_MUTE:
		(void)serve_mute(c->ss->s->serve, c->id, SERVE_MUTE_TEXT);
		break;
	case WS_FAULT_NONE:
		break;
	}
}

static struct serve_frame *
wrapped(const struct stream *st, const struct buf *payload)
{
	struct serve_frame *f = NULL;
	struct buf b = { 0 };

	jw_open(&b, NULL, '{');
	jw_str(&b, "stream", st->name);
	jw_raw(&b, "data", payload->p, payload->len);
	jw_close(&b, '}');
	if (!b.bad)
		f = serve_frame_text(b.p, b.len);
	buf_free(&b);
	return f;
}

void
streams_push(struct streams *ss, struct stream *st, const struct buf *payload)
{
	struct serve_frame *bare = NULL, *wrap = NULL, **f;
	struct client *c;

	for (int i = 0; i < st->nsub && !payload->bad; i++) {
		c = st->sub[i];
		misbehave(c, false);
		f = c->combined ? &wrap : &bare;
		if (*f == NULL)
			*f = c->combined ? wrapped(st, payload) :
			    serve_frame_text(payload->p, payload->len);
		if (serve_send(ss->s->serve, c->id, *f)) {
			c->pushed++;
			misbehave(c, true);
		}
	}
	serve_frame_free(bare);
	serve_frame_free(wrap);
}

void
streams_push_all(struct streams *ss, enum stream_kind kind, int sym, const struct buf *payload)
{
	for (int i = 0; i < ss->n; i++)
		if (ss->v[i]->kind == kind && ss->v[i]->sym == sym)
			streams_push(ss, ss->v[i], payload);
}

bool
streams_wanted(struct streams *ss, enum stream_kind kind, int sym)
{
	for (int i = 0; i < ss->n; i++)
		if (ss->v[i]->kind == kind && ss->v[i]->sym == sym && ss->v[i]->nsub > 0)
			return true;
	return false;
}

void
streams_push_user(struct streams *ss, const char *key, const char *event, const struct buf *payload)
{
	size_t n = strlen(key);
	const char *rest;

	for (int i = 0; i < ss->n; i++) {
		if (ss->v[i]->kind != ST_USER || strncmp(ss->v[i]->name, key, n) != 0)
			continue;
		rest = ss->v[i]->name + n;
		if (*rest == '\0' || (*rest == '@' && strcmp(rest + 1, event) == 0))
			streams_push(ss, ss->v[i], payload);
	}
}

/*
 * Opening
 */

/* Take prefix off s. */
static bool
eat(struct http_span *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (s->n < n || memcmp(s->p, prefix, n) != 0 || (s->n > n && s->p[n] != '/'))
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

/* Without a route a connection is of the public one, as since 2026-04-23. */
static unsigned
read_route(struct http_span *path)
{
	static const struct { const char *name; unsigned route; } routes[] = {
		{ "/public", ROUTE_PUBLIC }, { "/market", ROUTE_MARKET }, { "/private", ROUTE_USER },
	};

	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
		if (eat(path, routes[i].name))
			return routes[i].route;
	return ROUTE_PUBLIC;
}

/* The next part of s up to sep, taken off; false at the end. */
static bool
next_part(struct http_span *s, char sep, struct http_span *part)
{
	const char *end;

	if (s->n == 0)
		return false;
	end = memchr(s->p, sep, s->n);
	part->p = s->p;
	part->n = end == NULL ? s->n : (size_t)(end - s->p);
	s->p += part->n + (end != NULL);
	s->n -= part->n + (end != NULL);
	return true;
}

static bool
all_digits(const char *s)
{
	return s[strspn(s, "0123456789")] == '\0';
}

/* "a/b/c"; a number is a client's way to tell its connections apart. key: the
 * names are events of it. */
static void
subscribe_list(struct client *c, struct http_span list, const char *key)
{
	char name[STREAM_NAME], full[2 * STREAM_NAME];
	struct http_span part;

	while (c->nsub < SUBS_MAX && next_part(&list, '/', &part)) {
		if (!params_decode(part, name, sizeof name) || all_digits(name))
			continue;
		if (key != NULL) {
			snprintf(full, sizeof full, "%s@%s", key, name);
			subscribe(c, full);
		} else
			subscribe(c, name);
	}
}

static bool
named(struct http_span pair, const char *name, struct http_span *value)
{
	size_t n = strlen(name);

	if (pair.n <= n || memcmp(pair.p, name, n) != 0 || pair.p[n] != '=')
		return false;
	*value = (struct http_span){ pair.p + n + 1, pair.n - n - 1 };
	return true;
}

/* streams=a/b, listenKey=K (all its events), listenKey=K&events=A/B, repeated. */
static void
subscribe_query(struct client *c, struct http_span query)
{
	char key[STREAM_NAME] = "";
	struct http_span pair, v;

	while (next_part(&query, '&', &pair)) {
		if (named(pair, "events", &v) && key[0] != '\0') {
			subscribe_list(c, v, key);
			key[0] = '\0';
			continue;
		}
		if (named(pair, "streams", &v))
			subscribe_list(c, v, NULL);
		else if (named(pair, "listenKey", &v)) {
			if (key[0] != '\0')
				subscribe(c, key);
			if (!params_decode(v, key, sizeof key))
				key[0] = '\0';
		}
	}
	if (key[0] != '\0')
		subscribe(c, key);
}

static void
refuse(struct streams *ss, serve_id id, int status)
{
	struct serve_answer a = { .status = status, .type = "text/html", .keep = SERVE_ALL };

	a.body = "Not Found";
	a.len = strlen(a.body);
	(void)serve_answer(ss->s->serve, id, &a);
}

void
streams_open(struct streams *ss, serve_id id, const struct http_req *r)
{
	struct http_span path = r->path;
	struct client *c = calloc(1, sizeof *c);
	bool stream = false;

	if (c == NULL) {
		refuse(ss, id, 500);
		return;
	}
	c->ss = ss;
	c->id = id;
	c->route = read_route(&path);
	if (!eat(&path, "/ws") && !(stream = eat(&path, "/stream"))) {
		free(c);
		refuse(ss, id, 404);
		return;
	}
	c->combined = stream;
	if (!serve_accept(ss->s->serve, id, NULL, c)) {
		free(c);
		return;
	}
	if ((c->next = ss->clients) != NULL)
		c->next->prev = c;
	ss->clients = c;
	ledger_ws(ss->s->ledger, r->path, r->query, sim_now(ss->s));
	c->rule = faults_ws(&ss->s->faults, c->route);
	if (path.n > 1)
		subscribe_list(c, (struct http_span){ path.p + 1, path.n - 1 }, NULL);
	subscribe_query(c, r->query);
	misbehave(c, false);
}

void
streams_closed(struct streams *ss, void *user)
{
	struct client *c = user;

	for (int i = 0; i < c->nsub; i++)
		if (c->sub[i].st != NULL)
			stream_leave(c->sub[i].st, c);
	if (c->next != NULL)
		c->next->prev = c->prev;
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		ss->clients = c->next;
	client_free(c);
}

bool
streams_close(struct streams *ss)
{
	struct client *c;

	for (c = ss->clients; c != NULL; c = c->next)
		(void)serve_close(ss->s->serve, c->id, WS_AWAY, "");
	return ss->clients != NULL;
}

/*
 * Control messages
 */

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
	if (each == subscribe && a->c->nsub + (int)a->params->n > SUBS_MAX) {
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
	change(a, subscribe);
}

static void
do_unsubscribe(struct ask *a)
{
	change(a, unsubscribe);
}

static int
by_name(const void *x, const void *y)
{
	const struct sub *a = x, *b = y;

	return strcmp(a->name, b->name);
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
		jw_str(&b, NULL, c->sub[i].name);
	jw_close(&b, ']');
	say_result(a, &b);
	a->out.bad |= b.bad;
	buf_free(&b);
}

/* params[0] must be "combined"; *second gets params[1] or NULL. */
static bool
property(struct ask *a, const struct tok **second)
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
	return true;
}

static void
do_get_property(struct ask *a)
{
	struct buf b = { 0 };
	const struct tok *v;

	if (!property(a, &v))
		return;
	buf_str(&b, a->c->combined ? "true" : "false");
	say_result(a, &b);
	buf_free(&b);
}

static void
do_set_property(struct ask *a)
{
	const struct tok *v;

	if (!property(a, &v))
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

static void
obey(struct ask *a, const char *p, size_t n, struct tok t[static TOKENS])
{
	const struct tok *method;

	a->t = t;
	if (scan_json(p, n, t, TOKENS, NULL) < 1) {
		say_error(a, 3, "Invalid JSON: expected value at line 1 column 1");
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

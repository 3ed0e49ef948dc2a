/* What an upgrade asks for: its path, its route, its first streams. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "conns.h"
#include "params.h"

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

static unsigned
read_route(struct http_span *path)
{
	static const struct { const char *name; unsigned route; } routes[] = {
		{ "/public", ROUTE_PUBLIC }, { "/market", ROUTE_MARKET }, { "/private", ROUTE_USER },
	};

	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
		if (eat(path, routes[i].name))
			return routes[i].route;
	return ROUTE_ROOT;
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
			streams_subscribe(c, full);
		} else
			streams_subscribe(c, name);
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

/* A key without a list of events: all of them. */
static void
whole_key(struct client *c, char key[static STREAM_NAME])
{
	if (key[0] != '\0' && c->nsub < SUBS_MAX)
		streams_subscribe(c, key);
	key[0] = '\0';
}

/* streams=a/b, listenKey=K (all its events), listenKey=K&events=A/B, repeated. */
static void
subscribe_query(struct client *c, struct http_span query)
{
	char key[STREAM_NAME] = "";
	struct http_span pair, v;

	while (next_part(&query, '&', &pair))
		if (named(pair, "events", &v) && v.n > 0 && key[0] != '\0') {
			subscribe_list(c, v, key);
			key[0] = '\0';
		} else if (named(pair, "streams", &v))
			subscribe_list(c, v, NULL);
		else if (named(pair, "listenKey", &v)) {
			whole_key(c, key);
			if (!params_decode(v, key, sizeof key))
				key[0] = '\0';
		}
	whole_key(c, key);
}

static void
refuse(struct streams *ss, serve_id id, int status)
{
	struct serve_answer a = { .status = status, .type = "text/html", .keep = SERVE_ALL };

	a.body = http_reason(status);
	a.len = strlen(a.body);
	(void)serve_answer(ss->s->serve, id, &a);
}

/* A rule's answer in the place of 101. */
static void
refuse_as_told(struct streams *ss, serve_id id, const struct fault_rule *r)
{
	struct serve_answer a = { .status = r->status, .keep = SERVE_ALL,
	    .headers = r->headers[0] != '\0' ? r->headers : NULL };
	struct canned body;

	faults_canned(r, sim_now(ss->s), &body);
	a.type = body.type;
	a.body = body.body;
	a.len = strlen(body.body);
	(void)serve_answer(ss->s->serve, id, &a);
}

static struct client *
client_new(struct streams *ss, serve_id id, unsigned route, bool combined)
{
	struct client *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->kind = CONN_STREAMS;
	c->ss = ss;
	c->id = id;
	c->route = route;
	c->combined = combined;
	c->born_ms = sim_now(ss->s);
	return c;
}

static void
enlist(struct streams *ss, struct client *c)
{
	int64_t due = trouble_due(c), end = c->born_ms + LIFE_MS;

	if ((c->next = ss->clients) != NULL)
		c->next->prev = c;
	ss->clients = c;
	due = due < end ? due : end;
	if (due < ss->due)
		ss->due = due;
}

static void
open_client(struct client *c, const struct http_req *r, struct http_span rest)
{
	const struct fault_rule *no = trouble_take(c);
	struct streams *ss = c->ss;

	if (no != NULL)
		refuse_as_told(ss, c->id, no);
	if (no != NULL || !serve_accept(ss->s->serve, c->id, NULL, c)) {
		trouble_free(c);
		free(c);
		return;
	}
	enlist(ss, c);
	ledger_ws(ss->s->ledger, r->path, r->query, c->born_ms);
	if (rest.n > 1)
		subscribe_list(c, (struct http_span){ rest.p + 1, rest.n - 1 }, NULL);
	subscribe_query(c, r->query);
	trouble_happen(c, false);
}

void
streams_open(struct streams *ss, serve_id id, const struct http_req *r)
{
	struct http_span path = r->path;
	bool combined = false;
	struct client *c;
	unsigned route;

	if (http_is(path, "/ws-fapi/v1") || http_is(path, "/ws-dapi/v1")) {
		wsapi_open(ss->s, id, r, http_is(path, "/ws-dapi/v1") ? COINM : USDM);
		return;
	}
	route = read_route(&path);
	if (!eat(&path, "/ws") && !(combined = eat(&path, "/stream")))
		refuse(ss, id, 404);
	else if ((c = client_new(ss, id, route, combined)) == NULL)
		refuse(ss, id, 500);
	else
		open_client(c, r, path);
}

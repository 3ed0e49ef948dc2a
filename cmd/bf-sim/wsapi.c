/* The WebSocket API: its connections. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wsapi.h"

#define HANDSHAKE_WEIGHT 5
#define PINGS_MAX	5	/* and pongs, in one second */

/*
 * References: the wire's own, and one of each thing that waits
 */

struct socket *
socket_hold(struct socket *w)
{
	w->refs++;
	return w;
}

void
socket_release(struct socket *w)
{
	struct socket **all;

	if (--w->refs > 0)
		return;
	all = api_sockets(w->s->api);
	if (w->prev != NULL)
		w->prev->next = w->next;
	else
		*all = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	trouble_free(&w->c);
	free(w);
}

void
wsapi_free(struct socket *all)
{
	struct socket *w;

	while ((w = all) != NULL) {
		all = w->next;
		trouble_free(&w->c);
		free(w);
	}
}

/*
 * Messages held back by a fault, faults of an age, and the end of a long life
 */

struct wake { struct late late; struct socket *w; };

static void
wake_drop(struct late *l)
{
	socket_release(((struct wake *)l)->w);
	free(l);
}

static void wake_at(struct socket *w, int64_t at, bool wire);

static void
look(struct socket *w)
{
	int64_t at = trouble_due(&w->c), end = w->c.born_ms + LIFE_MS;

	if (sim_now(w->s) >= end) {
		(void)serve_close(w->s->serve, w->c.id, WS_NORMAL, "");
		return;
	}
	wake_at(w, at < end ? at : end, false);
}

static void
wake_run(struct late *l)
{
	struct socket *w = ((struct wake *)l)->w;
	int64_t next = INT64_MAX;

	if (!w->closed && l->wire) {
		trouble_release(&w->c, serve_now(), &next);
		if (next != INT64_MAX)
			wake_at(w, next, true);
	} else if (!w->closed) {
		trouble_happen(&w->c, false);
		look(w);
	}
	wake_drop(l);
}

/* Without memory it is not looked at again. */
static void
wake_at(struct socket *w, int64_t at, bool wire)
{
	struct wake *k = calloc(1, sizeof *k);

	if (k == NULL)
		return;
	k->w = socket_hold(w);
	k->late = (struct late){ at, wire, wake_run, wake_drop, NULL };
	api_wait(w->s->api, &k->late);
}

void
socket_send(struct socket *w, const char *p, size_t n)
{
	struct serve_frame *f;
	bool idle = w->c.held == NULL;

	if (w->closed || (f = serve_frame_text(p, n)) == NULL)
		return;
	trouble_send(&w->c, f);
	serve_frame_free(f);
	if (idle && w->c.held != NULL)
		wake_at(w, w->c.held->at, true);
}

/*
 * The handshake
 */

static void
refuse(struct sim *s, serve_id id, int status, const char *headers, const struct canned *body)
{
	struct serve_answer a = {
		.status = status, .type = body->type, .headers = headers, .body = body->body,
		.len = strlen(body->body), .keep = SERVE_ALL
	};

	(void)serve_answer(s->serve, id, &a);
}

static void
refuse_limit(struct sim *s, serve_id id, const struct fault *f)
{
	struct canned body = { .type = NULL };
	struct buf b = { 0 };
	char retry[48];

	api_error(&b, NULL, f);
	if (!b.bad)
		snprintf(body.body, sizeof body.body, "%s", b.p);
	buf_free(&b);
	snprintf(retry, sizeof retry, "Retry-After: %lld\r\n", (f->retry_ms + 999) / 1000);
	refuse(s, id, f->http, f->retry_ms > 0 ? retry : NULL, &body);
}

/* A rule's answer in the place of 101. */
static void
refuse_as_told(struct socket *w, const struct fault_rule *r)
{
	struct canned body;

	faults_canned(r, sim_now(w->s), &body);
	refuse(w->s, w->c.id, r->status, r->headers[0] != '\0' ? r->headers : NULL, &body);
}

/* ?returnRateLimits=false */
static bool
wants_limits(const struct http_req *r)
{
	struct http_span nothing = { "", 0 };
	struct params p = { 0 };
	const char *v = NULL;
	struct fault f;
	bool wants;

	if (params_read(&p, r->query, nothing, &f) == 0)
		v = params_get(&p, "returnRateLimits");
	wants = v == NULL || strcasecmp(v, "false") != 0;
	params_free(&p);
	return wants;
}

static struct socket *
socket_new(struct sim *s, serve_id id, const struct http_req *r, enum product m, const char *ip)
{
	struct socket *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->c.kind = CONN_API;
	w->c.ss = s->streams;
	w->c.id = id;
	w->c.route = ROUTE_API;
	w->c.born_ms = sim_now(s);
	w->s = s;
	w->market = m;
	w->limits = wants_limits(r);
	w->refs = 1;
	snprintf(w->ip, sizeof w->ip, "%s", ip);
	return w;
}

static void
enlist(struct socket *w)
{
	struct socket **all = api_sockets(w->s->api);

	if ((w->next = *all) != NULL)
		w->next->prev = w;
	*all = w;
	trouble_happen(&w->c, false);
	look(w);
}

void
wsapi_open(struct sim *s, serve_id id, const struct http_req *r, enum product m)
{
	struct canned failed = { .type = "text/html" };
	const struct fault_rule *no;
	struct socket *w;
	struct fault f;
	char ip[48];

	snprintf(ip, sizeof ip, "%s", serve_peer(s->serve, id));
	if (limits_weight(s->limits, ip, HANDSHAKE_WEIGHT, sim_now(s), &f) == -1) {
		refuse_limit(s, id, &f);
		return;
	}
	if ((w = socket_new(s, id, r, m, ip)) == NULL) {
		refuse(s, id, 500, NULL, &failed);
		return;
	}
	if ((no = trouble_take(&w->c)) != NULL)
		refuse_as_told(w, no);
	if (no != NULL || !serve_accept(s->serve, id, NULL, w)) {
		trouble_free(&w->c);
		free(w);
		return;
	}
	ledger_ws(s->ledger, r->path, r->query, w->c.born_ms);
	enlist(w);
}

bool
wsapi_fault(struct sim *s, const struct fault_rule *r)
{
	bool met = false;

	if ((r->routes & ROUTE_API) == 0)
		return false;
	for (struct socket *w = *api_sockets(s->api); w != NULL; w = w->next) {
		if (w->closed)
			continue;
		met = true;
		trouble_add(&w->c, r);
		trouble_happen(&w->c, false);
		if (trouble_due(&w->c) != INT64_MAX)
			wake_at(w, trouble_due(&w->c), false);
	}
	return met;
}

/*
 * What the wire calls
 */

/* Text or binary: what counts is whether it is JSON. */
void
wsapi_message(struct sim *s, serve_id id, void *user, const char *p, size_t n, bool binary)
{
	(void)s;
	(void)id;
	(void)binary;
	wsask(user, p, n);
}

void
wsapi_control(struct sim *s, serve_id id, void *user)
{
	int64_t second = serve_now() / 1000;
	struct socket *w = user;

	if (second != w->second) {
		w->second = second;
		w->pings = 0;
	}
	if (++w->pings > PINGS_MAX)
		(void)serve_close(s->serve, id, WS_POLICY, "Too many requests");
}

void
wsapi_closed(struct sim *s, void *user)
{
	struct socket *w = user;

	(void)s;
	w->closed = true;
	socket_release(w);
}

bool
wsapi_close(struct sim *s)
{
	bool any = false;

	for (struct socket *w = *api_sockets(s->api); w != NULL; w = w->next)
		if (!w->closed) {
			(void)serve_close(s->serve, w->c.id, WS_AWAY, "");
			any = true;
		}
	return any;
}

/* Requests over REST, from their bytes to the answer's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api.h"
#include "control.h"
#include "no.h"

/* A request with what the ledger wants of it, kept while its execution waits. */
struct job {
	struct late	 late;		/* first */
	struct call	 call;
	struct ledger_request asked;	/* spans into text */
	struct http_span key;
	bool		 has_key;
	char		*text;
	char		 ip[48];
	serve_id	 id;		/* 0: answered already */
	struct fault_rule *rule;	/* its own copy; NULL: none */
	bool		 acted;		/* the rule's `sim` is done */
};

struct line { struct late *first, *last; };
struct api {
	struct sim	*s;
	struct line	 wire, exchange;	/* by the clock they wait for */
	struct socket	*sockets;		/* wsapi.c's */
	struct stale	*stale;			/* api_lag.c's */
};

struct api *
api_new(struct sim *s)
{
	struct api *a = calloc(1, sizeof *a);

	if (a != NULL)
		a->s = s;
	return a;
}

static struct late *
line_take(struct line *l)
{
	struct late *first = l->first;

	l->first = first->next;
	if (l->first == NULL)
		l->last = NULL;
	return first;
}

static void
line_drop(struct line *l)
{
	struct late *first;

	while (l->first != NULL) {
		first = line_take(l);
		first->drop(first);
	}
}

void
api_free(struct api *a)
{
	if (a == NULL)
		return;
	line_drop(&a->wire);
	line_drop(&a->exchange);
	wsapi_free(a->sockets);
	lag_free(a->stale);
	free(a);
}

struct socket **
api_sockets(struct api *a)
{
	return &a->sockets;
}

struct stale **
api_stale(struct api *a)
{
	return &a->stale;
}

/*
 * What waits
 */

void
api_wait(struct api *a, struct late *l)
{
	struct line *in = l->wire ? &a->wire : &a->exchange;
	struct late **at = &in->first;

	/* Nearly all come in the order of their hour. */
	if (in->last != NULL && in->last->due <= l->due)
		at = &in->last->next;
	while (*at != NULL && (*at)->due <= l->due)
		at = &(*at)->next;
	l->next = *at;
	*at = l;
	if (l->next == NULL)
		in->last = l;
}

int64_t
api_slow_due(const struct api *a)
{
	return a->exchange.first == NULL ? INT64_MAX : a->exchange.first->due;
}

int64_t
api_due(const struct api *a)
{
	int64_t wire = a->wire.first == NULL ? INT64_MAX : a->wire.first->due;
	int64_t slow = a->exchange.first == NULL ? INT64_MAX :
	    sim_when(a->s, a->exchange.first->due);

	return wire < slow ? wire : slow;
}

static void
line_run(struct line *l, int64_t now)
{
	struct late *first;

	while (l->first != NULL && l->first->due <= now) {
		first = line_take(l);
		first->run(first);
	}
}

void
api_slow_tick(struct api *a, int64_t now_ms)
{
	line_run(&a->exchange, now_ms);
}

void
api_tick(struct api *a, int64_t now_ms)
{
	line_run(&a->wire, now_ms);
	api_slow_tick(a, sim_now(a->s));
}

/*
 * A job's life
 */

static void
job_free(struct job *j)
{
	params_free(&j->call.p);
	buf_free(&j->call.out);
	free(j->rule);
	free(j->text);
	free(j);
}

static void
job_drop(struct late *l)
{
	job_free((struct job *)l);
}

/* Copy a span to *to and move that on. */
static struct http_span
keep(struct http_span s, char **to)
{
	struct http_span kept = { *to, s.n };

	if (s.n > 0)
		memcpy(*to, s.p, s.n);
	*to += s.n;
	return kept;
}

static bool
job_text(struct job *j, const struct http_req *r, struct http_span key)
{
	char *to;

	j->text = to = malloc(r->method.n + r->path.n + r->query.n + r->body.n + key.n + 1);
	if (to == NULL)
		return false;
	j->asked.method = keep(r->method, &to);
	j->asked.path = keep(r->path, &to);
	j->asked.query = keep(r->query, &to);
	j->asked.body = keep(r->body, &to);
	j->key = keep(key, &to);
	return true;
}

static struct job *
job_new(struct sim *s, serve_id id, const struct http_req *r)
{
	struct job *j = calloc(1, sizeof *j);
	struct http_span key = { "", 0 };

	if (j == NULL)
		return NULL;
	j->has_key = http_field(r, "X-MBX-APIKEY", &key);
	if (!job_text(j, r, key)) {
		free(j);
		return NULL;
	}
	snprintf(j->ip, sizeof j->ip, "%s", serve_peer(s->serve, id));
	j->call.s = s;
	j->call.now = sim_now(s);
	j->call.ip = j->ip;
	j->call.acct = -1;
	j->id = id;
	j->late.drop = job_drop;
	return j;
}

/*
 * Checks, in the exchange's order
 */

static int
find_route(struct job *j)
{
	const struct ledger_request *r = &j->asked;

	j->call.market = r->path.n >= 5 && memcmp(r->path.p, "/dapi", 5) == 0 ? COINM : USDM;
	if ((j->call.route = api_route(r->method, r->path)) != NULL)
		return 0;
	return no(&j->call.f, 404, -5000, "Path %.*s, Method %.*s is invalid",
	    (int)(r->path.n > 150 ? 150 : r->path.n), r->path.p,
	    (int)(r->method.n > 16 ? 16 : r->method.n), r->method.p);
}

static int
check_sender(struct job *j)
{
	struct call *c = &j->call;

	if (c->route->ask == ASK_OPEN)
		return 0;
	if (auth_key(&c->s->accounts, j->has_key ? &j->key : NULL, c->ip, &c->who, &c->f) == -1)
		return -1;
	c->acct = c->who->acct;
	if (c->route->ask == ASK_KEYED)
		return 0;
	if (auth_time(&c->p, c->now, &c->f) == -1 ||
	    auth_signed(c->who, &c->p, j->asked.query, j->asked.body, &c->f) == -1)
		return -1;
	return api_right(c);
}

/* readable: what params_read said. */
static int
check(struct job *j, int readable, const struct fault *unreadable)
{
	struct call *c = &j->call;
	int routed = find_route(j);
	struct fault unrouted = c->f;

	if (api_open(c) == -1 || api_limits(c) == -1)
		return -1;
	if (routed == -1) {
		c->f = unrouted;
		return -1;
	}
	if (readable == -1) {
		c->f = *unreadable;
		return -1;
	}
	return check_sender(j);
}

/*
 * Answers
 */

/* Whether the answer is a rule's. */
static bool
canned(const struct job *j)
{
	return j->rule != NULL && j->rule->status != 0;
}

/* The true answer. */
static void
true_answer(struct job *j, struct serve_answer *a)
{
	struct call *c = &j->call;

	a->status = 200;
	if (c->f.kind != FAULT_NONE) {
		a->status = c->f.http != 0 ? c->f.http : 500;
		buf_reset(&c->out);
		api_error(&c->out, NULL, &c->f);
	}
	if (c->out.bad) {
		a->status = 500;
		return;
	}
	a->body = c->out.p;
	a->len = c->out.len;
}

/* Take the lines of a header out. */
static void
unset_header(struct buf *h, const char *name)
{
	size_t len = strlen(name), n;
	char *p, *end, *next;

	if (h->bad || len == 0)
		return;
	for (p = h->p; p != NULL && *p != '\0'; p = next) {
		end = strchr(p, '\n');
		next = end == NULL ? h->p + h->len : end + 1;
		if (strncasecmp(p, name, len) != 0 || p[len] != ':')
			continue;
		n = (size_t)(next - p);
		memmove(p, next, (size_t)(h->p + h->len - next) + 1);
		h->len -= n;
		next = p;
	}
}

static void
put_headers(struct job *j, struct buf *h)
{
	struct call *c = &j->call;
	bool counted = c->route != NULL && (c->route->orders10 > 0 || c->route->orders1m > 0) &&
	    c->f.kind == FAULT_NONE && !canned(j);

	limits_headers(c->s->limits, c->ip, c->route == NULL || c->route->weight != WEIGHT_FUNDING,
	    counted ? c->acct : -1, sim_now(c->s), h);
	if (c->f.retry_ms > 0 && !canned(j))
		buf_printf(h, "Retry-After: %lld\r\n", (c->f.retry_ms + 999) / 1000);
	if (j->rule == NULL)
		return;
	unset_header(h, j->rule->unset);
	buf_str(h, j->rule->headers);
}

static void
put_fault(const struct fault_rule *r, struct serve_answer *a)
{
	a->delay_ms = (int)r->delay_ms;
	a->drip = (size_t)r->drip_bytes;
	a->drip_ms = (int)r->drip_ms;
	a->fault = r->net;
	a->keep = r->cut >= 0 ? (size_t)r->cut : r->net == SERVE_OK ? SERVE_ALL : 0;
}

/* The rule's `sim`, once. */
static void
act(struct job *j)
{
	struct fault f;

	if (j->rule == NULL || j->rule->sim[0] == '\0' || j->acted)
		return;
	j->acted = true;
	if (control_do(j->call.s, j->rule->sim, &f) == -1)
		sim_say("%s", f.text);
}

/* Answer, and write it down. Afterwards nobody waits any more. */
static void
reply(struct job *j)
{
	struct serve_answer a = { .keep = SERVE_ALL };
	struct sim *s = j->call.s;
	struct buf h = { 0 };
	struct canned can;

	act(j);
	if (canned(j)) {
		faults_canned(j->rule, sim_now(s), &can);
		a.status = j->rule->status;
		a.type = can.type;
		a.body = can.body;
		a.len = strlen(can.body);
	} else
		true_answer(j, &a);
	put_headers(j, &h);
	a.headers = h.bad ? NULL : h.p;
	if (j->rule != NULL)
		put_fault(j->rule, &a);
	(void)serve_answer(s->serve, j->id, &a);
	j->id = 0;
	j->asked.http = a.fault == SERVE_OK ? a.status : 0;
	j->asked.code = canned(j) || j->call.f.kind == FAULT_NONE ? 0 : j->call.f.code;
	j->asked.said = canned(j) ? j->rule->code : 0;
	j->asked.client_id = api_client_id(&j->call.p);
	j->asked.who = j->call.who;
	ledger_request(s->ledger, &j->asked, sim_now(s));
	buf_free(&h);
}

/*
 * Requests
 */

/* What a rule does to an order that is changed or cancelled comes first: then
 * the request finds it so (a fill while cancelling). */
static void
perform(struct job *j)
{
	if (strcmp(j->call.route->method, "PUT") == 0 || strcmp(j->call.route->method, "DELETE") == 0)
		act(j);
	api_perform(&j->call);
}

/* A waiting job's hour has come. */
static void
job_run(struct late *l)
{
	struct job *j = (struct job *)l;

	if (l->wire || api_in_time(&j->call) == 0)
		perform(j);
	if (j->id != 0)
		reply(j);
	job_free(j);
}

static void
put_off(struct api *a, struct job *j, bool wire)
{
	j->late.wire = wire;
	j->late.due = wire ? serve_now() + j->rule->late_ms : j->call.now + a->s->latency_ms;
	j->late.run = job_run;
	api_wait(a, &j->late);
}

/* The rule for this request, copied: rules come and go while jobs wait. */
static void
find_rule(struct job *j)
{
	const struct fault_rule *r = faults_http(j->call.s->faults, j->asked.method, j->asked.path,
	    api_reduces(&j->call.p));

	if (r != NULL && (j->rule = malloc(sizeof *j->rule)) != NULL)
		*j->rule = *r;
}

/* true: the job waits. */
static bool
begin(struct api *a, struct job *j)
{
	struct fault f = { 0 };
	int readable = params_read(&j->call.p, j->asked.query, j->asked.body, &f);
	const struct fault_rule *r;

	find_rule(j);
	r = j->rule;
	if ((r != NULL && r->exec == EXEC_NO) || check(j, readable, &f) == -1)
		return false;
	if (r != NULL && r->exec == EXEC_LATE) {
		if (r->status != 0 || r->net != SERVE_OK)
			reply(j);
		put_off(a, j, true);
		return true;
	}
	if (api_slow(&j->call)) {
		put_off(a, j, false);
		return true;
	}
	perform(j);
	return false;
}

void
api_request(struct api *a, serve_id id, const struct http_req *r)
{
	static const struct serve_answer failed = { .status = 500, .keep = SERVE_ALL };
	struct job *j = job_new(a->s, id, r);

	if (j == NULL) {
		(void)serve_answer(a->s->serve, id, &failed);
		return;
	}
	if (begin(a, j))
		return;
	reply(j);
	job_free(j);
}

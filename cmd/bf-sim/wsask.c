/* A request to the WebSocket API: its method, its checks, its answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "no.h"
#include "wsapi.h"

#define SESSION_WEIGHT	2

static wsask_handler wsask_logon, wsask_status, wsask_logout;

static const struct method methods[] = {
	{ "session.logon", NULL, NULL, NULL, SESSION_WEIGHT, wsask_logon, true },
	{ "session.status", NULL, NULL, NULL, SESSION_WEIGHT, wsask_status, false },
	{ "session.logout", NULL, NULL, NULL, SESSION_WEIGHT, wsask_logout, false },
	{ "depth", "GET", "/fapi/v1/depth", NULL, 0, NULL, false },
	{ "ticker.price", "GET", "/fapi/v2/ticker/price", NULL, 0, NULL, false },
	{ "ticker.book", "GET", "/fapi/v1/ticker/bookTicker", NULL, 0, NULL, false },
	{ "order.place", "POST", "/fapi/v1/order", "/dapi/v1/order", 0, NULL, false },
	{ "order.modify", "PUT", "/fapi/v1/order", "/dapi/v1/order", 0, NULL, false },
	{ "order.cancel", "DELETE", "/fapi/v1/order", "/dapi/v1/order", 0, NULL, false },
	{ "order.status", "GET", "/fapi/v1/order", "/dapi/v1/order", 0, NULL, false },
	{ "algoOrder.place", "POST", "/fapi/v1/algoOrder", NULL, 0, NULL, false },
	{ "algoOrder.cancel", "DELETE", "/fapi/v1/algoOrder", NULL, 0, NULL, false },
	{ "account.balance", "GET", "/fapi/v2/balance", "/dapi/v1/balance", 5, NULL, false },
	{ "v2/account.balance", "GET", "/fapi/v3/balance", NULL, 5, NULL, false },
	{ "account.status", "GET", "/fapi/v2/account", "/dapi/v1/account", 5, NULL, false },
	{ "v2/account.status", "GET", "/fapi/v3/account", NULL, 5, NULL, false },
	{ "account.position", "GET", "/fapi/v2/positionRisk", "/dapi/v1/positionRisk", 5, NULL, false },
	{ "v2/account.position", "GET", "/fapi/v3/positionRisk", NULL, 5, NULL, false },
	{ "userDataStream.start", "POST", "/fapi/v1/listenKey", "/dapi/v1/listenKey", 0, NULL, false },
	{ "userDataStream.ping", "PUT", "/fapi/v1/listenKey", "/dapi/v1/listenKey", 0, NULL, false },
	{ "userDataStream.stop", "DELETE", "/fapi/v1/listenKey", "/dapi/v1/listenKey", 0, NULL, false },
};
#define NMETHODS (sizeof methods / sizeof *methods)

static void
ask_free(struct wsask *a)
{
	params_free(&a->call.p);
	buf_free(&a->call.out);
	free(a->rule);
	socket_release(a->w);
	free(a);
}

static void
ask_drop(struct late *l)
{
	ask_free((struct wsask *)l);
}

/*
 * The envelope
 */

/* The id goes back as it came: a string, an integer or null. */
static int
read_id(struct wsask *a, const struct tok *id)
{
	int64_t n;

	snprintf(a->id, sizeof a->id, "null");
	if (id == NULL || id->kind == SCAN_NULL)
		return 0;
	if (id->kind == SCAN_STR && id->len + 3 <= sizeof a->id)
		snprintf(a->id, sizeof a->id, "\"%.*s\"", (int)id->len, id->p);
	else if (id->kind == SCAN_NUM && id->len < sizeof a->id && scan_i64(id, &n))
		snprintf(a->id, sizeof a->id, "%.*s", (int)id->len, id->p);
	else
		return no_missing(&a->call.f, "id");
	return 0;
}

/* A version may stand before a name that has none: "v1/order.place". */
static const struct method *
method_of(const char *name, enum product m)
{
	const struct method *found = NULL;

	for (size_t i = 0; i < NMETHODS && found == NULL; i++)
		if (strcmp(methods[i].name, name) == 0)
			found = &methods[i];
	if (found == NULL && strncmp(name, "v1/", 3) == 0 && strncmp(name + 3, "v1/", 3) != 0)
		return method_of(name + 3, m);
	if (found != NULL && found->own == NULL && m == COINM && found->coinm == NULL)
		return NULL;
	return found;
}

static int
read_method(struct wsask *a, const struct tok *t, const struct tok *root)
{
	struct call *c = &a->call;

	if (!scan_get_str(t, root, "method", a->name, sizeof a->name) || a->name[0] == '\0')
		return scan_get(t, root, "method") == NULL ? no_missing(&c->f, "method") :
		    no(&c->f, 400, -1020, "This operation is not supported.");
	if ((a->m = method_of(a->name, c->market)) == NULL)
		return no(&c->f, 400, -1020, "This operation is not supported.");
	if (a->m->own == NULL)
		c->route = api_route(wsask_span(a->m->http),
		    wsask_span(c->market == COINM ? a->m->coinm : a->m->usdm));
	return a->m->own != NULL || c->route != NULL ? 0 :
	    no(&c->f, 400, -1020, "This operation is not supported.");
}

static int
read_params(struct wsask *a, const struct tok *t, const struct tok *root)
{
	const struct tok *params = scan_get(t, root, "params");
	const char *v;
	bool limits;

	if (scan_get_bool(t, root, "returnRateLimits", &limits))
		a->limits = limits;
	if (params == NULL || params->kind == SCAN_NULL)
		return 0;
	if (params_json(&a->call.p, t, params, &a->call.f) == -1)
		return -1;
	if ((v = params_get(&a->call.p, "returnRateLimits")) != NULL)
		a->limits = strcasecmp(v, "false") != 0;
	return 0;
}

static int
read_ask(struct wsask *a, const char *p, size_t n)
{
	struct scan sc = { 0 };
	int r;

	if (scan_doc(&sc, p, n) <= 0 || sc.t[0].kind != SCAN_OBJ)
		r = no(&a->call.f, 400, -1135, "Invalid JSON Request");
	else if ((r = read_id(a, scan_get(sc.t, sc.t, "id"))) == 0 &&
	    (r = read_method(a, sc.t, sc.t)) == 0)
		r = read_params(a, sc.t, sc.t);
	scan_free(&sc);
	return r;
}

/*
 * Checks, in the order of REST
 */

static int
check_limits(struct wsask *a)
{
	struct call *c = &a->call;

	if (a->m == NULL || a->m->weight == 0)
		return api_limits(c);
	return limits_weight(c->s->limits, c->ip, a->m->weight, c->now, &c->f);
}

/* An apiKey that is sent counts more than the session's. */
static int
find_sender(struct wsask *a, bool *session)
{
	const char *key = params_get(&a->call.p, "apiKey");
	struct call *c = &a->call;
	struct http_span span;

	*session = key == NULL && a->w->who != NULL;
	if (*session)
		c->who = a->w->who;
	else {
		span = wsask_span(key != NULL ? key : "");
		if (auth_key(&c->s->accounts, key != NULL ? &span : NULL, c->ip, &c->who, &c->f) == -1)
			return -1;
	}
	c->acct = c->who->acct;
	return 0;
}

static int
check_sender(struct wsask *a)
{
	struct call *c = &a->call;
	enum ask wants = a->m->own == NULL ? c->route->ask : a->m->sign ? ASK_SIGNED : ASK_OPEN;
	bool session;

	if (wants == ASK_OPEN)
		return 0;
	if (find_sender(a, &session) == -1)
		return -1;
	if (wants == ASK_KEYED)
		return 0;
	if (auth_time(&c->p, c->now, &c->f) == -1)
		return -1;
	if ((!session || params_get(&c->p, "signature") != NULL) &&
	    auth_ws(c->who, &c->p, &c->f) == -1)
		return -1;
	return a->m->own != NULL ? 0 : api_right(c);
}

/* readable: what read_ask said. */
static int
check(struct wsask *a, int readable)
{
	struct call *c = &a->call;
	struct fault unreadable = c->f;

	if (api_open(c) == -1 || check_limits(a) == -1)
		return -1;
	if (readable == -1) {
		c->f = unreadable;
		return -1;
	}
	return check_sender(a);
}

/*
 * Sessions
 */

static int
put_session(struct wsask *a)
{
	struct buf *b = &a->call.out;
	const struct socket *w = a->w;

	jw_open(b, NULL, '{');
	if (w->who != NULL) {
		jw_str(b, "apiKey", w->who->key);
		jw_i64(b, "authorizedSince", w->since_ms);
	} else {
		jw_null(b, "apiKey");
		jw_null(b, "authorizedSince");
	}
	jw_i64(b, "connectedSince", w->c.born_ms);
	jw_bool(b, "returnRateLimits", w->limits);
	jw_i64(b, "serverTime", sim_now(a->call.s));
	jw_close(b, '}');
	return 0;
}

static int
wsask_logon(struct wsask *a)
{
	const struct account *who = a->call.who;

	if (who->kind != KEY_ED25519)
		return no(&a->call.f, 400, -4056, "Invalid API key type.");
	a->w->who = who;
	a->w->since_ms = a->call.now;
	return put_session(a);
}

static int
wsask_status(struct wsask *a)
{
	return put_session(a);
}

static int
wsask_logout(struct wsask *a)
{
	a->w->who = NULL;
	return put_session(a);
}

/*
 * Doing it
 */

static void
perform(struct wsask *a)
{
	if (a->m->own != NULL) {
		(void)a->m->own(a);
		return;
	}
	if (strcmp(a->m->http, "PUT") == 0 || strcmp(a->m->http, "DELETE") == 0)
		wsask_act(a);
	api_perform(&a->call);
}

/* A waiting request's hour has come. */
static void
ask_run(struct late *l)
{
	struct wsask *a = (struct wsask *)l;

	if (l->wire || api_in_time(&a->call) == 0)
		perform(a);
	if (!a->answered)
		wsask_reply(a);
	ask_free(a);
}

static void
put_off(struct wsask *a, bool wire)
{
	a->late.wire = wire;
	a->late.due = wire ? serve_now() + a->rule->late_ms : a->call.now + a->call.s->latency_ms;
	a->late.run = ask_run;
	a->late.drop = ask_drop;
	api_wait(a->call.s->api, &a->late);
}

/* The rule `on WS order.place: ...`, copied: rules come and go while requests wait. */
static void
find_rule(struct wsask *a)
{
	struct call *c = &a->call;
	const struct fault_rule *r = faults_http(c->s->faults, wsask_span("WS"), wsask_span(a->name),
	    api_reduces(&c->p));

	if (r != NULL && (a->rule = malloc(sizeof *a->rule)) != NULL)
		*a->rule = *r;
}

/* true: it waits. */
static bool
begin(struct wsask *a, int readable)
{
	const struct fault_rule *r;

	find_rule(a);
	r = a->rule;
	if ((r != NULL && r->exec == EXEC_NO) || check(a, readable) == -1)
		return false;
	if (r != NULL && r->exec == EXEC_LATE) {
		if (r->status != 0 || r->net != SERVE_OK)
			wsask_reply(a);
		put_off(a, true);
		return true;
	}
	if (a->m->own == NULL && api_slow(&a->call)) {
		put_off(a, false);
		return true;
	}
	perform(a);
	return false;
}

void
wsask(struct socket *w, const char *p, size_t n)
{
	struct wsask *a = calloc(1, sizeof *a);

	if (a == NULL) {
		(void)serve_close(w->s->serve, w->c.id, WS_INTERNAL, "");
		return;
	}
	a->w = socket_hold(w);
	a->call.s = w->s;
	a->call.now = sim_now(w->s);
	a->call.market = w->market;
	a->call.ip = w->ip;
	a->call.acct = -1;
	a->call.ws = true;
	a->limits = w->limits;
	snprintf(a->id, sizeof a->id, "null");
	if (begin(a, read_ask(a, p, n)))
		return;
	wsask_reply(a);
	ask_free(a);
}

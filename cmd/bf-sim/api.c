#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "no.h"
#include "number.h"

static const struct route routes[] = {
	/* method, path, weight, without symbol, orders, security, handler */
	{ "GET", "/fapi/v1/ping", 1, 0, 0, ASK_OPEN, get_ping },
	{ "GET", "/fapi/v1/time", 1, 0, 0, ASK_OPEN, get_time },
	{ "GET", "/fapi/v1/exchangeInfo", 1, 0, 0, ASK_OPEN, get_exchange_info },
	{ "GET", "/fapi/v1/depth", WEIGHT_DEPTH, 0, 0, ASK_OPEN, get_depth },
	{ "GET", "/fapi/v1/premiumIndex", 1, 10, 0, ASK_OPEN, get_premium_index },
	{ "GET", "/fapi/v1/fundingInfo", 0, 0, 0, ASK_OPEN, get_nothing },
	{ "GET", "/fapi/v1/fundingRate", 0, 0, 0, ASK_OPEN, get_nothing },
	{ "GET", "/fapi/v1/ticker/bookTicker", 2, 5, 0, ASK_OPEN, get_book_ticker },
	{ "GET", "/fapi/v1/ticker/price", 1, 2, 0, ASK_OPEN, get_price },
	{ "GET", "/fapi/v2/ticker/price", 1, 2, 0, ASK_OPEN, get_price },
	{ "POST", "/fapi/v1/order", 0, 0, 1, ASK_SIGNED, post_order },
	{ "POST", "/fapi/v1/order/test", 1, 0, 0, ASK_SIGNED, post_order_test },
	{ "GET", "/fapi/v1/order", 1, 0, 0, ASK_SIGNED, get_order },
	{ "DELETE", "/fapi/v1/order", 1, 0, 0, ASK_SIGNED, delete_order },
	{ "GET", "/fapi/v1/openOrder", 1, 0, 0, ASK_SIGNED, get_open_order },
	{ "GET", "/fapi/v1/openOrders", 1, 40, 0, ASK_SIGNED, get_open_orders },
	{ "GET", "/fapi/v1/allOrders", 5, 0, 0, ASK_SIGNED, get_all_orders },
	{ "GET", "/fapi/v1/userTrades", 5, 0, 0, ASK_SIGNED, get_user_trades },
	{ "DELETE", "/fapi/v1/allOpenOrders", 1, 0, 0, ASK_SIGNED, delete_all_orders },
	{ "GET", "/fapi/v1/openAlgoOrders", 1, 40, 0, ASK_SIGNED, get_nothing },
	{ "DELETE", "/fapi/v1/algoOpenOrders", 1, 0, 0, ASK_SIGNED, delete_algo_orders },
	{ "GET", "/fapi/v3/account", 5, 0, 0, ASK_SIGNED, get_account },
	{ "GET", "/fapi/v2/account", 5, 0, 0, ASK_SIGNED, get_account2 },
	{ "GET", "/fapi/v3/balance", 5, 0, 0, ASK_SIGNED, get_balance },
	{ "GET", "/fapi/v2/balance", 5, 0, 0, ASK_SIGNED, get_balance },
	{ "GET", "/fapi/v3/positionRisk", 5, 0, 0, ASK_SIGNED, get_position_risk },
	{ "GET", "/fapi/v2/positionRisk", 5, 0, 0, ASK_SIGNED, get_position_risk2 },
	{ "GET", "/fapi/v1/symbolConfig", 5, 0, 0, ASK_SIGNED, get_symbol_config },
	{ "GET", "/fapi/v1/accountConfig", 5, 0, 0, ASK_SIGNED, get_account_config },
	{ "GET", "/fapi/v1/leverageBracket", 1, 0, 0, ASK_SIGNED, get_leverage_bracket },
	{ "GET", "/fapi/v1/commissionRate", 20, 0, 0, ASK_SIGNED, get_commission_rate },
	{ "GET", "/fapi/v1/positionSide/dual", 30, 0, 0, ASK_SIGNED, get_position_mode },
	{ "POST", "/fapi/v1/positionSide/dual", 1, 0, 0, ASK_SIGNED, post_position_mode },
	{ "GET", "/fapi/v1/multiAssetsMargin", 30, 0, 0, ASK_SIGNED, get_assets_mode },
	{ "POST", "/fapi/v1/leverage", 1, 0, 0, ASK_SIGNED, post_leverage },
	{ "POST", "/fapi/v1/marginType", 1, 0, 0, ASK_SIGNED, post_margin_type },
	{ "POST", "/fapi/v1/positionMargin", 1, 0, 0, ASK_SIGNED, post_position_margin },
	{ "GET", "/fapi/v1/rateLimit/order", 1, 0, 0, ASK_SIGNED, get_order_limits },
	{ "POST", "/fapi/v1/listenKey", 1, 0, 0, ASK_KEYED, post_listen_key },
	{ "PUT", "/fapi/v1/listenKey", 1, 0, 0, ASK_KEYED, put_listen_key },
	{ "DELETE", "/fapi/v1/listenKey", 1, 0, 0, ASK_KEYED, delete_listen_key },
};
#define NROUTES	(sizeof routes / sizeof *routes)

/* A request with what the ledger wants of it, kept while its execution waits. */
struct job {
	struct call	 call;
	struct ledger_request asked;	/* spans into text */
	struct http_span key;
	bool		 has_key;
	char		*text;
	serve_id	 id;		/* 0: answered already */
	const struct fault_rule *rule;	/* NULL: none */
	int64_t		 due;		/* of a late execution */
	struct job	*next;
};

struct api { struct sim *s; struct job *late; };

struct api *
api_new(struct sim *s)
{
	struct api *a = calloc(1, sizeof *a);

	if (a != NULL)
		a->s = s;
	return a;
}

static void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	params_free(&j->call.p);
	buf_free(&j->call.out);
	free(j->text);
	free(j);
}

void
api_free(struct api *a)
{
	struct job *j;

	if (a == NULL)
		return;
	while ((j = a->late) != NULL) {
		a->late = j->next;
		job_free(j);
	}
	free(a);
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

static struct job *
job_new(struct sim *s, serve_id id, const struct http_req *r)
{
	struct job *j = calloc(1, sizeof *j);
	struct http_span key = { "", 0 };
	char *to;

	if (j == NULL)
		return NULL;
	j->has_key = http_field(r, "X-MBX-APIKEY", &key);
	j->text = to = malloc(r->method.n + r->path.n + r->query.n + r->body.n + key.n + 1);
	if (to == NULL) {
		free(j);
		return NULL;
	}
	j->call.s = s;
	j->call.now = sim_now(s);
	j->asked.method = keep(r->method, &to);
	j->asked.path = keep(r->path, &to);
	j->asked.query = keep(r->query, &to);
	j->asked.body = keep(r->body, &to);
	j->key = keep(key, &to);
	j->id = id;
	return j;
}

/*
 * Checks, in the exchange's order
 */

static int
find_route(struct job *j)
{
	for (size_t i = 0; i < NROUTES; i++)
		if (http_is(j->asked.path, routes[i].path) &&
		    http_is(j->asked.method, routes[i].method)) {
			j->call.route = &routes[i];
			return 0;
		}
	return no(&j->call.f, 404, -5000, "Path %.*s, Method %.*s is invalid",
	    (int)(j->asked.path.n > 150 ? 150 : j->asked.path.n), j->asked.path.p,
	    (int)(j->asked.method.n > 16 ? 16 : j->asked.method.n), j->asked.method.p);
}

static int
depth_weight(const struct params *p)
{
	const char *limit = params_get(p, "limit");
	int64_t n = 500;

	if (limit != NULL)
		(void)number_i64(&n, limit);
	return n <= 50 ? 2 : n <= 100 ? 5 : n <= 500 ? 10 : 20;
}

static int
weight_of(const struct call *c)
{
	if (c->route == NULL)
		return 1;
	if (c->route->weight == WEIGHT_DEPTH)
		return depth_weight(&c->p);
	if (c->route->weight_all != 0 && params_get(&c->p, "symbol") == NULL)
		return c->route->weight_all;
	return c->route->weight;
}

static int
check_sender(struct job *j)
{
	const struct auth *a = &j->call.s->auth;
	struct call *c = &j->call;

	if (c->route->ask == ASK_OPEN)
		return 0;
	if (auth_key(a, j->has_key ? &j->key : NULL, &c->f) == -1)
		return -1;
	if (c->route->ask == ASK_KEYED)
		return 0;
	return auth_signed(a, &c->p, j->asked.query, j->asked.body, c->now, &c->f);
}

/* readable: what params_read said. */
static int
check(struct job *j, int readable, const struct fault *unreadable)
{
	struct call *c = &j->call;
	int routed = find_route(j);
	struct fault f;

	if (limits_weight(&c->s->limits, weight_of(c), c->now, &f) == -1) {
		c->f = f;
		return -1;
	}
	if (routed == -1)
		return -1;
	if (readable == -1) {
		c->f = *unreadable;
		return -1;
	}
	if (check_sender(j) == -1)
		return -1;
	if (c->route->orders > 0 && limits_order(&c->s->limits, c->now, &c->f) == -1)
		return -1;
	return 0;
}

/*
 * Answers
 */

static void
error_body(struct buf *b, const struct fault *f)
{
	jw_open(b, NULL, '{');
	jw_i64(b, "code", f->code);
	jw_str(b, "msg", f->text);
	jw_close(b, '}');
}

/* The true answer. */
static void
true_answer(struct job *j, struct serve_answer *a)
{
	struct call *c = &j->call;

	a->status = 200;
	if (c->f.kind != FAULT_NONE) {
		a->status = c->f.http;
		buf_reset(&c->out);
		error_body(&c->out, &c->f);
	}
	if (c->out.bad) {
		a->status = 500;
		return;
	}
	a->body = c->out.p;
	a->len = c->out.len;
}

static void
put_headers(struct job *j, struct buf *h)
{
	struct call *c = &j->call;
	bool orders = c->route != NULL && c->route->orders > 0 && c->f.kind == FAULT_NONE &&
	    (j->rule == NULL || j->rule->status == 0);

	limits_headers(&c->s->limits, sim_now(c->s), orders, h);
	if (c->f.retry_ms > 0 && (j->rule == NULL || j->rule->status == 0))
		buf_printf(h, "Retry-After: %lld\r\n", (c->f.retry_ms + 999) / 1000);
	if (j->rule != NULL)
		buf_str(h, j->rule->headers);
}

static void
put_fault(const struct fault_rule *r, struct serve_answer *a)
{
	a->delay_ms = (int)r->delay_ms;
	a->fault = r->net;
	a->keep = r->cut >= 0 ? (size_t)r->cut : r->net == SERVE_OK ? SERVE_ALL : 0;
}

static const char *
client_id(const struct params *p)
{
	const char *id = params_get(p, "newClientOrderId");

	return id != NULL ? id : params_get(p, "origClientOrderId");
}

/* Answer, and write it down. Afterwards nobody waits any more. */
static void
reply(struct job *j)
{
	struct serve_answer a = { .keep = SERVE_ALL };
	struct sim *s = j->call.s;
	struct buf h = { 0 };
	struct canned canned;

	if (j->rule != NULL && j->rule->status != 0) {
		faults_canned(j->rule, sim_now(s), &canned);
		a.status = j->rule->status;
		a.type = canned.type;
		a.body = canned.body;
		a.len = strlen(canned.body);
	} else
		true_answer(j, &a);
	put_headers(j, &h);
	a.headers = h.bad ? NULL : h.p;
	if (j->rule != NULL)
		put_fault(j->rule, &a);
	(void)serve_answer(s->serve, j->id, &a);
	j->id = 0;
	j->asked.http = a.fault == SERVE_OK ? a.status : 0;
	j->asked.client_id = client_id(&j->call.p);
	ledger_request(s->ledger, &j->asked, sim_now(s));
	buf_free(&h);
}

static void
perform(struct job *j)
{
	struct call *c = &j->call;

	c->now = sim_now(c->s);
	if (c->route->handle(c) == 0)
		return;
	if (c->f.http == 0) {	/* not the exchange's no: our own trouble */
		sim_say("%.*s: %s", (int)j->asked.path.n, j->asked.path.p, c->f.text);
		no(&c->f, 500, -1000, "An unknown error occurred while processing the request.");
	}
}

/*
 * Requests
 */

static bool
reduces(const struct params *p)
{
	const char *v = params_get(p, "reduceOnly");

	return v != NULL && strcmp(v, "true") == 0;
}

static void
put_off(struct api *a, struct job *j)
{
	struct job **at = &a->late;

	j->due = serve_now() + j->rule->late_ms;
	while (*at != NULL && (*at)->due <= j->due)
		at = &(*at)->next;
	j->next = *at;
	*at = j;
}

static void
treat(struct api *a, struct job *j)
{
	struct fault f = { 0 };
	int readable = params_read(&j->call.p, j->asked.query, j->asked.body, &f);
	const struct fault_rule *r = faults_http(&a->s->faults, j->asked.method, j->asked.path,
	    reduces(&j->call.p));

	j->rule = r;
	if (r != NULL && r->exec == EXEC_NO) {
		reply(j);
		job_free(j);
		return;
	}
	if (check(j, readable, &f) == 0) {
		if (r != NULL && r->exec == EXEC_LATE) {
			if (r->status != 0 || r->net != SERVE_OK)
				reply(j);
			put_off(a, j);
			return;
		}
		perform(j);
	}
	reply(j);
	job_free(j);
}

void
api_request(struct api *a, serve_id id, const struct http_req *r)
{
	static const struct serve_answer failed = { .status = 500, .keep = SERVE_ALL };
	struct job *j = job_new(a->s, id, r);

	if (j == NULL)
		(void)serve_answer(a->s->serve, id, &failed);
	else
		treat(a, j);
}

int64_t
api_due(const struct api *a)
{
	return a->late == NULL ? INT64_MAX : a->late->due;
}

void
api_tick(struct api *a, int64_t now_ms)
{
	struct job *j;

	while ((j = a->late) != NULL && j->due <= now_ms) {
		a->late = j->next;
		perform(j);
		if (j->id != 0)
			reply(j);
		job_free(j);
	}
}

/*
 * For handlers
 */

int
want_text(struct call *c, const char *name, const char **out)
{
	const char *v = params_get(&c->p, name);

	if (v == NULL || *v == '\0')
		return no_missing(&c->f, name);
	*out = v;
	return 0;
}

static int
read_symbol(struct call *c, const char *name, int *sym)
{
	*sym = engine_symbol(c->s->engine, name);
	return *sym == -1 ? no(&c->f, 400, -1121, "Invalid symbol.") : 0;
}

int
want_symbol(struct call *c, int *sym)
{
	const char *name = NULL;

	return want_text(c, "symbol", &name) == -1 ? -1 : read_symbol(c, name, sym);
}

int
may_symbol(struct call *c, int *sym)
{
	const char *name = params_get(&c->p, "symbol");

	*sym = -1;
	if (name == NULL)
		return 0;
	return *name == '\0' ? no_missing(&c->f, "symbol") : read_symbol(c, name, sym);
}

int
may_i64(struct call *c, const char *name, int64_t lo, int64_t hi, int64_t *out)
{
	const char *v = params_get(&c->p, name);
	int64_t n;

	if (v == NULL)
		return 0;
	if (!number_i64(&n, v))
		return no_missing(&c->f, name);
	if (n < lo || n > hi)
		return no_invalid(&c->f, name);
	*out = n;
	return 0;
}

int
may_u64(struct call *c, const char *name, uint64_t *out)
{
	const char *v = params_get(&c->p, name);

	if (v != NULL && !number_u64(out, v))
		return no_missing(&c->f, name);
	return 0;
}

int
may_bool(struct call *c, const char *name, bool *out)
{
	const char *v = params_get(&c->p, name);

	if (v == NULL)
		return 0;
	if (strcasecmp(v, "true") != 0 && strcasecmp(v, "false") != 0)
		return no_missing(&c->f, name);
	*out = strcasecmp(v, "true") == 0;
	return 0;
}

int
want_dec(struct call *c, const char *name, dec *out)
{
	const char *v = NULL;

	if (want_text(c, name, &v) == -1)
		return -1;
	return dec_parse_sci(out, v, strlen(v)) ? 0 : no_missing(&c->f, name);
}

int
engine_said(struct call *c, int r)
{
	sim_settle(c->s);
	return r;
}

int
say_done(struct call *c, const char *msg)
{
	jw_open(&c->out, NULL, '{');
	jw_i64(&c->out, "code", 200);
	jw_str(&c->out, "msg", msg);
	jw_close(&c->out, '}');
	return 0;
}

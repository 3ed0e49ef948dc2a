/* What is asked of every request, whichever way it came: route, weight, rights. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api.h"
#include "no.h"
#include "number.h"
#include "rights.h"

#define ROUTES_MAX	512
#define WINDOW_DEFAULT	5000	/* ms, recvWindow */

/*
 * Routes, sorted by path, then method, at the first question
 */

struct wanted { struct http_span method, path; };

static int
span_cmp(struct http_span a, const char *b)
{
	size_t n = strlen(b), least = a.n < n ? a.n : n;
	int c = least == 0 ? 0 : memcmp(a.p, b, least);

	return c != 0 ? c : a.n < n ? -1 : a.n > n;
}

static int
wanted_cmp(const void *key, const void *elem)
{
	const struct wanted *w = key;
	const struct route *r = *(const struct route *const *)elem;
	int c = span_cmp(w->path, r->path);

	return c != 0 ? c : span_cmp(w->method, r->method);
}

static int
route_cmp(const void *a, const void *b)
{
	const struct route *ra = *(const struct route *const *)a;
	const struct route *rb = *(const struct route *const *)b;
	int c = strcmp(ra->path, rb->path);

	return c != 0 ? c : strcmp(ra->method, rb->method);
}

static size_t
add_routes(const struct route **sorted, size_t n, const struct route *table)
{
	for (; table->method != NULL; table++) {
		assert(n < ROUTES_MAX);
		sorted[n++] = table;
	}
	return n;
}

const struct route *
api_route(struct http_span method, struct http_span path)
{
	static const struct route *sorted[ROUTES_MAX];
	static size_t n;
	struct wanted w = { method, path };
	const struct route *const *found;

	if (n == 0) {
		n = add_routes(sorted, n, api_market_routes);
		n = add_routes(sorted, n, api_order_routes);
		n = add_routes(sorted, n, api_history_routes);
		n = add_routes(sorted, n, api_account_routes);
		qsort(sorted, n, sizeof *sorted, route_cmp);
	}
	found = bsearch(&w, sorted, n, sizeof *sorted, wanted_cmp);
	return found == NULL ? NULL : *found;
}

/*
 * Limits
 */

/* Weights by `limit`: the first row that reaches so far. */
struct step { int64_t upto; int weight; };
static const struct step depth_steps[] = { { 50, 2 }, { 100, 5 }, { 500, 10 }, { INT64_MAX, 20 } };
static const struct step kline_steps[] = { { 99, 1 }, { 499, 2 }, { 1000, 5 }, { INT64_MAX, 10 } };

static int
weight_by_limit(const struct params *p, const struct step *s)
{
	const char *limit = params_get(p, "limit");
	int64_t n = 500;

	if (limit != NULL)
		(void)number_i64(&n, limit);
	while (n > s->upto)
		s++;
	return s->weight;
}

/* pair and marginAsset are COIN-M's: USDⓈ-M does not look at them. */
static bool
narrowed(const struct call *c)
{
	const struct params *p = &c->p;

	return params_get(p, "symbol") != NULL || (c->market == COINM &&
	    (params_get(p, "pair") != NULL || params_get(p, "marginAsset") != NULL));
}

static int
weight_of(const struct call *c)
{
	if (c->route == NULL)
		return 1;
	if (c->route->weight == WEIGHT_DEPTH)
		return weight_by_limit(&c->p, depth_steps);
	if (c->route->weight == WEIGHT_KLINES)
		return weight_by_limit(&c->p, kline_steps);
	if (c->route->weight_all != 0 && !narrowed(c))
		return c->route->weight_all;
	return c->route->weight;
}

/* Each path of /futures/data has its own. */
static int
data_pool(const struct route *r)
{
	int pool = POOL_DATA;

	for (const struct route *t = api_market_routes; t != r; t++)
		pool += t->weight == WEIGHT_DATA;
	assert(pool < POOLS);
	return pool;
}

int
api_limits(struct call *c)
{
	struct limits *l = c->s->limits;
	int weight = weight_of(c);

	if (weight == WEIGHT_FUNDING)
		return limits_pool(l, c->ip, POOL_FUNDING, c->now, &c->f);
	if (weight == WEIGHT_DATA)
		return limits_pool(l, c->ip, data_pool(c->route), c->now, &c->f);
	return limits_weight(l, c->ip, weight, c->now, &c->f);
}

/*
 * Rights
 */

int
api_open(struct call *c)
{
	if (c->now >= faults_shape(c->s->faults)->maintenance_until)
		return 0;
	return no(&c->f, 503, -1016, "This service is no longer available.");
}

int
api_right(struct call *c)
{
	const struct route *r = c->route;

	if (r->trade && (!c->who->can_trade || (c->who->rights & RIGHT_FUTURES) == 0))
		return no(&c->f, 401, -2015,
		    "Invalid API-key, IP, or permissions for action, request ip: %s", c->ip);
	if (r->orders10 == 0 && r->orders1m == 0)
		return 0;
	return limits_order(c->s->limits, c->acct, r->orders10, r->orders1m, c->now, &c->f);
}

static bool
says(const struct params *p, const char *name, const char *value)
{
	const char *v = params_get(p, name);

	return v != NULL && strcasecmp(v, value) == 0;
}

bool
api_reduces(const struct params *p)
{
	return says(p, "reduceOnly", "true") || says(p, "closePosition", "true") ||
	    (says(p, "positionSide", "LONG") && says(p, "side", "SELL")) ||
	    (says(p, "positionSide", "SHORT") && says(p, "side", "BUY"));
}

bool
api_slow(const struct call *c)
{
	return c->s->latency_ms > 0 && c->route->trade && strcmp(c->route->method, "GET") != 0;
}

/* Only what may add an order has the second look. */
static bool
looked_at_twice(const struct route *r)
{
	const char *name = strrchr(r->path, '/');

	return (strcmp(r->method, "POST") == 0 || strcmp(r->method, "PUT") == 0) &&
	    (strcmp(name, "/order") == 0 || strcmp(name, "/batchOrders") == 0);
}

int
api_in_time(struct call *c)
{
	const char *w = params_get(&c->p, "recvWindow"), *ts = params_get(&c->p, "timestamp");
	int64_t window = WINDOW_DEFAULT, at;

	if (!looked_at_twice(c->route) || ts == NULL || !number_i64(&at, ts))
		return 0;
	if (w != NULL)
		(void)number_i64(&window, w);
	if (sim_now(c->s) - at <= window)
		return 0;
	return no(&c->f, 400, c->market == COINM ? -4188 : -5028,
	    "Timestamp for this request is outside of the ME recvWindow.");
}

const char *
api_client_id(const struct params *p)
{
	static const char *const names[] = {
		"newClientOrderId", "clientAlgoId", "origClientOrderId"
	};
	const char *id = NULL;

	for (size_t i = 0; i < sizeof names / sizeof *names && id == NULL; i++)
		id = params_get(p, names[i]);
	return id;
}

/*
 * Doing it
 */

void
api_perform(struct call *c)
{
	c->now = sim_now(c->s);
	if (lag_answer(c))
		return;
	if (c->route->handle(c) == 0) {
		lag_keep(c);
		return;
	}
	if (c->f.http != 0)
		return;
	/* not the exchange's no: our own trouble */
	sim_say("%s: %s", c->route->path, c->f.text);
	no(&c->f, 500, -1000, "An unknown error occurred while processing the request.");
}

void
api_error(struct buf *b, const char *key, const struct fault *f)
{
	jw_open(b, key, '{');
	jw_i64(b, "code", f->code);
	jw_str(b, "msg", f->text);
	jw_close(b, '}');
}

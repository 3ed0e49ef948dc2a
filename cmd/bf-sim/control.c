/* The control path: /sim/v1/... */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "control.h"
#include "number.h"
#include "when.h"

#define BODY_MAX	65536
#define STEP_MAX	(INT64_C(366) * 86400000)

/* A control request: what it asks, and the answer to it. */
struct ask_control {
	struct sim *s;
	const struct http_req *r;
	struct buf out;
	struct fault f;
};
typedef int control_handler(struct ask_control *a);	/* -1: f */

static void
answer(struct sim *s, serve_id id, int status, const char *type, const struct buf *b)
{
	struct serve_answer an = { .status = status, .type = type, .body = b->p, .len = b->len,
		.keep = SERVE_ALL };

	(void)serve_answer(s->serve, id, &an);
}

/* Each line of the body that is not empty; comments begin with '#'. */
static int
each_line(struct ask_control *a, int (*line)(struct ask_control *a, const char *text))
{
	struct http_span b = a->r->body;
	char text[1024];
	size_t n;

	while (b.n > 0) {
		const char *end = memchr(b.p, '\n', b.n);

		n = end == NULL ? b.n : (size_t)(end - b.p);
		if (n >= sizeof text)
			return fault_set(&a->f, FAULT_USAGE, "a line of more than %zu bytes", sizeof text);
		if (memchr(b.p, '\0', n) != NULL)
			return fault_set(&a->f, FAULT_USAGE, "a NUL in a line");
		memcpy(text, b.p, n);
		text[n > 0 && text[n - 1] == '\r' ? n - 1 : n] = '\0';
		b.p += end == NULL ? n : n + 1;
		b.n -= end == NULL ? n : n + 1;
		if (text[strspn(text, " \t")] == '\0' || text[strspn(text, " \t")] == '#')
			continue;
		if (line(a, text) == -1)
			return -1;
	}
	return 0;
}

static int
done(struct ask_control *a)
{
	jw_open(&a->out, NULL, '{');
	jw_bool(&a->out, "ok", true);
	jw_i64(&a->out, "now", sim_now(a->s));
	jw_close(&a->out, '}');
	return 0;
}

/*
 * Handlers
 */

static int
get_faults(struct ask_control *a)
{
	faults_list(a->s->faults, &a->out);
	return 0;
}

static int
add_rule(struct ask_control *a, const char *text)
{
	return faults_add(a->s->faults, text, &a->f);
}

/* Rules given now: `t=' counts from the start all the same. */
static int
post_faults(struct ask_control *a)
{
	if (each_line(a, add_rule) == -1)
		return -1;
	faults_tick(a->s->faults, a->s, sim_now(a->s));
	return done(a);
}

static int
delete_faults(struct ask_control *a)
{
	faults_clear(a->s->faults);
	return done(a);
}

static int
do_line(struct ask_control *a, const char *text)
{
	text += strspn(text, " \t");
	if (strncmp(text, "sim ", 4) == 0)
		text += 4;
	return control_do(a->s, text, &a->f);
}

static int
post_do(struct ask_control *a)
{
	return each_line(a, do_line) == -1 ? -1 : done(a);
}

/* step=TIME or set=TIME, in the query or the body: how far the clock is to go; -1. */
static int64_t
clock_way(const struct ask_control *a, const struct params *p)
{
	const char *step = params_get(p, "step"), *set = params_get(p, "set");
	int64_t ms;

	if (step != NULL && set == NULL && when_span(&ms, step) && ms <= STEP_MAX)
		return ms;
	if (step == NULL && set != NULL && when_read(&ms, set) && ms - sim_now(a->s) <= STEP_MAX)
		return ms - sim_now(a->s);
	return -1;
}

static int
post_clock(struct ask_control *a)
{
	struct params p = { 0 };
	int64_t ms = -1;
	struct fault f;

	if (params_read(&p, a->r->query, a->r->body, &f) == 0)
		ms = clock_way(a, &p);
	params_free(&p);
	if (ms < 0)
		return fault_set(&a->f, FAULT_USAGE, "step=TIME or set=TIME is wanted, such as step=90s or "
		    "set=2026-01-01T08:00:00Z: not back, and at most 366 days on");
	return sim_step(a->s, ms, &a->f) == -1 ? -1 : done(a);
}

static void
put_accounts(struct ask_control *a)
{
	struct engine_balance b;

	jw_open(&a->out, "accounts", '[');
	for (int i = 0; i < a->s->accounts.n; i++) {
		const struct account *ac = &a->s->accounts.v[i];

		jw_open(&a->out, NULL, '{');
		jw_str(&a->out, "name", ac->name);
		jw_i64(&a->out, "account", ac->acct);
		if (engine_balance(a->s->engine, ac->acct, 0, &b)) {
			number_money(&a->out, "wallet", b.wallet);
			number_money(&a->out, "available", b.available);
		}
		jw_close(&a->out, '}');
	}
	jw_close(&a->out, ']');
}

static void
put_symbols(struct ask_control *a)
{
	jw_open(&a->out, "symbols", '[');
	for (int i = 0; i < engine_symbols(a->s->engine); i++) {
		jw_open(&a->out, NULL, '{');
		jw_str(&a->out, "symbol", engine_rules(a->s->engine, i)->symbol);
		jw_str(&a->out, "status", engine_rules(a->s->engine, i)->status);
		number_money(&a->out, "mark", engine_mark_price(a->s->engine, i));
		number_money(&a->out, "last", engine_last_price(a->s->engine, i));
		if (a->s->gen != NULL)
			jw_str(&a->out, "regime", regime_name(gen_regime_of(a->s->gen, i)));
		jw_close(&a->out, '}');
	}
	jw_close(&a->out, ']');
}

static int
get_status(struct ask_control *a)
{
	static const char *const clocks[] = { "real", "virtual", "step" };
	int64_t due = engine_due(a->s->engine);

	jw_open(&a->out, NULL, '{');
	jw_i64(&a->out, "now", sim_now(a->s));
	jw_str(&a->out, "clock", clocks[a->s->clock.kind]);
	if (due != INT64_MAX)
		jw_i64(&a->out, "due", due);
	jw_bool(&a->out, "stopped", engine_stopped(a->s->engine));
	put_accounts(a);
	put_symbols(a);
	jw_close(&a->out, '}');
	return 0;
}

static const struct { const char *method, *path; control_handler *handle; const char *type; } table[] = {
	{ "GET", "/sim/v1/status", get_status, NULL },
	{ "GET", "/sim/v1/faults", get_faults, "text/plain" },
	{ "POST", "/sim/v1/faults", post_faults, NULL },
	{ "DELETE", "/sim/v1/faults", delete_faults, NULL },
	{ "POST", "/sim/v1/do", post_do, NULL },
	{ "POST", "/sim/v1/clock", post_clock, NULL },
};

/* "localhost" or a number, with a port or without: any other name may be one
 * that a web page has made lead here. */
static bool
is_here(struct http_span host)
{
	char name[32];
	size_t n;

	if (host.n >= sizeof name)
		return false;
	snprintf(name, sizeof name, "%.*s", (int)host.n, host.p);
	n = strcspn(name, ":");
	if (strspn(name + n, ":0123456789") != strlen(name + n))
		return false;
	name[n] = '\0';
	return strcasecmp(name, "localhost") == 0 ||
	    (strncmp(name, "127.", 4) == 0 && strspn(name, ".0123456789") == n);
}

/* From this machine, and not sent by a web page. */
static bool
allowed(const struct sim *s, serve_id id, const struct http_req *r)
{
	struct http_span v;
	const char *ip = serve_peer(s->serve, id);

	return strncmp(ip, "127.", 4) == 0 && !http_field(r, "Origin", &v) &&
	    (!http_field(r, "Host", &v) || is_here(v));
}

static void
fail(struct sim *s, serve_id id, int status, const char *why)
{
	struct buf b = { 0 };

	jw_open(&b, NULL, '{');
	jw_str(&b, "error", why);
	jw_close(&b, '}');
	answer(s, id, status, NULL, &b);
	buf_free(&b);
}

static void
handle(struct sim *s, serve_id id, const struct http_req *r, control_handler *h, const char *type)
{
	struct ask_control a = { .s = s, .r = r };

	if (h(&a) == -1)
		fail(s, id, a.f.kind == FAULT_LOCAL ? 500 : 400, a.f.text);
	else
		answer(s, id, 200, type, &a.out);
	buf_free(&a.out);
}

bool
control_request(struct sim *s, serve_id id, const struct http_req *r)
{
	static const char root[] = "/sim/v1/";
	size_t n = sizeof root - 1;

	if (r->path.n < n || memcmp(r->path.p, root, n) != 0)
		return false;
	if (!allowed(s, id, r)) {
		fail(s, id, 403, "the control path is for this machine's own programs");
		return true;
	}
	if (r->body.n > BODY_MAX) {
		fail(s, id, 413, "the body is too long");
		return true;
	}
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (http_is(r->path, table[i].path) && http_is(r->method, table[i].method)) {
			handle(s, id, r, table[i].handle, table[i].type);
			return true;
		}
	fail(s, id, 404, "no such control; there are GET status, GET POST DELETE faults, "
	    "POST do, POST clock: see bf-sim(1)");
	return true;
}

/* bf-sim: an exchange for USDⓈ-M and COIN-M futures on 127.0.0.1. */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts_read.h"
#include "api.h"
#include "control.h"
#include "io/lines.h"
#include "io/sandbox.h"
#include "options.h"
#include "profile.h"
#include "replay.h"
#include "seed.h"
#include "store.h"
#include "streams.h"
#include "user.h"

#define QUEUE_MAX	(4u << 20)	/* bytes a client may be behind before it is cut */
#define PARTING_MS	300

static struct serve *running;	/* for the signal handler */

static void
on_signal(int sig)
{
	(void)sig;
	serve_stop(running);
}

/*
 * What the wire calls
 */

/* "/ws-fapi/v1" and "/ws-dapi/v1", with a slash at the end or without. */
static bool
is_ws_api(struct http_span path, enum product *m)
{
	if (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	*m = http_is(path, "/ws-dapi/v1") ? COINM : USDM;
	return *m == COINM || http_is(path, "/ws-fapi/v1");
}

static void
on_request(void *ctx, serve_id id, const struct http_req *r)
{
	struct sim *s = ctx;
	enum product m;

	sim_catch_up(s);
	if (r->upgrade && is_ws_api(r->path, &m))
		wsapi_open(s, id, r, m);
	else if (r->upgrade)
		streams_open(s->streams, id, r);
	else if (!control_request(s, id, r))
		api_request(s->api, id, r);
}

static enum conn_kind
kind_of(const void *user)
{
	return *(const enum conn_kind *)user;
}

static void
on_message(void *ctx, serve_id id, void *user, const char *p, size_t n, bool binary)
{
	struct sim *s = ctx;

	sim_catch_up(s);
	if (kind_of(user) == CONN_API)
		wsapi_message(s, id, user, p, n, binary);
	else
		streams_message(s->streams, id, user, p, n, binary);
}

static void
on_control(void *ctx, serve_id id, void *user, enum ws_op op)
{
	struct sim *s = ctx;

	(void)op;
	if (kind_of(user) == CONN_API)
		wsapi_control(s, id, user);
	else
		streams_control(s->streams, id, user);
}

static void
on_closed(void *ctx, serve_id id, void *user)
{
	struct sim *s = ctx;

	(void)id;
	if (kind_of(user) == CONN_API)
		wsapi_closed(s, user);
	else
		streams_closed(s->streams, user);
}

static void
on_input(void *ctx, int fd)
{
	struct sim *s = ctx;

	(void)fd;
	sim_catch_up(s);
	feed_input(s->feed);
	serve_watch(s->serve, feed_fd(s->feed));
}

/* The feed waits for a client, and one is there. */
static bool
may_go(const struct sim *s)
{
	return s->feed != NULL && s->fed && feed_waits(s->feed);
}

/* The feed keeps the wire's time, or else the exchange's (sim.c). */
static bool
feed_on_wire(const struct sim *s)
{
	return s->feed != NULL && s->clock.kind == CLOCK_REAL;
}

static int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
on_deadline(void *ctx)
{
	struct sim *s = ctx;
	int64_t due;

	if (may_go(s))
		return serve_now();
	due = min64(sim_due(s), min64(api_due(s->api), streams_due(s->streams)));
	if (feed_on_wire(s))
		due = min64(due, feed_due(s->feed));
	return due < 0 ? 0 : due;
}

static void
on_tick(void *ctx, int64_t now_ms)
{
	struct sim *s = ctx;

	if (may_go(s)) {
		feed_go(s->feed, feed_on_wire(s) ? now_ms : sim_now(s));
		serve_watch(s->serve, feed_fd(s->feed));
	}
	sim_run(s);
	if (feed_on_wire(s))
		feed_tick(s->feed, now_ms);
	api_tick(s->api, now_ms);
	streams_tick(s->streams, now_ms);
	if (engine_stopped(s->engine))
		serve_stop(s->serve);
}

/*
 * Start and end
 */

/* Where the clock begins if --start does not say: where the recording or the
 * kept state does; 0: nowhere. */
static int64_t
first_time(struct sim *s)
{
	int64_t start = s->feed != NULL ? replay_look(s).E : 0;

	return start == 0 && s->store != NULL ? store_time(s->store) : start;
}

static void
set_clock(struct sim *s, const struct options *o)
{
	struct sim_clock *c = &s->clock;
	int64_t now = sim_now(s), start = o->start_ms;

	c->skew_ms = o->skew_ms;
	c->offset_ms = o->skew_ms + (start != 0 ? start - now : 0);
	if (o->clock == OPTIONS_CLOCK_REAL)
		return;
	if (start == 0)
		start = first_time(s);
	c->kind = o->clock == OPTIONS_CLOCK_VIRTUAL ? CLOCK_VIRTUAL : CLOCK_STEP;
	c->base_ms = (start != 0 ? start : now) + o->skew_ms;
	c->mono_ms = serve_now();
	c->speed_den = 1;
	for (int i = 0; i < o->speed.scale; i++)
		c->speed_den *= 10;
	c->speed_num = (int64_t)o->speed.c;
}

/* faults_add names the rule; the option is named here. */
static int
add_faults(struct sim *s, const struct options *o, struct fault *f)
{
	struct fault why;

	for (int i = 0; i < o->fault.n; i++)
		if (faults_add(s->faults, o->fault.v[i], &why) == -1)
			return fault_set(f, why.kind, "--fault: %s", why.text);
	for (int i = 0; i < o->faults.n; i++)
		if (faults_read(s->faults, o->faults.v[i], &why) == -1)
			return fault_set(f, why.kind, "--faults: %s", why.text);
	if (dec_sign(o->chaos) > 0)
		faults_chaos(s->faults, o->chaos, o->seed);
	return 0;
}

static int
open_engine(struct sim *s, const struct options *o, struct fault *f)
{
	struct engine_config c = engine_config_default();
	struct specs sp = { 0 };

	if (seed_specs(&sp, o, sim_now(s), f) == 0) {
		c.contracts = sp.v;
		c.ncontracts = sp.n;
		c.start_ms = sim_now(s);
		c.sink = sim_event;
		c.arg = s;
		s->engine = engine_new(&c, f);
	}
	specs_free(&sp);
	return s->engine != NULL ? 0 : -1;
}

static int
open_sources(struct sim *s, const struct options *o, struct fault *f)
{
	if ((s->faults = faults_new()) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (add_faults(s, o, f) == -1)
		return -1;
	if (o->feed != NULL && replay_open(s, o, f) == -1)
		return -1;
	if (o->state != NULL && (s->store = store_open(o->state, f)) == NULL)
		return -1;
	s->random = (struct random){ o->seeded, o->seed };
	s->latency_ms = o->latency_ms > 0 ? o->latency_ms : 0;
	set_clock(s, o);
	return 0;
}

static int
open_parts(struct sim *s, const struct options *o, struct fault *f)
{
	if (open_engine(s, o, f) == -1 ||
	    (s->ledger = ledger_open(o->ledger, s->engine, f)) == NULL)
		return -1;
	ledger_accounts(s->ledger, &s->accounts);
	s->limits = limits_new(o->weight_limit, o->order_limit);
	s->hist = hist_new(s->engine);
	s->api = api_new(s);
	s->streams = streams_new(s);
	s->pushes = pushes_new(s);
	s->user = user_new(s, o->listen_key_life * 1000);
	if (s->limits == NULL || s->hist == NULL || s->api == NULL || s->streams == NULL ||
	    s->pushes == NULL || s->user == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	return 0;
}

static int
open_market(struct sim *s, const struct options *o, struct fault *f)
{
	uint64_t seed = o->seed;
	enum regime r;

	if (!o->market)
		return 0;
	if (!o->seeded && RAND_bytes((unsigned char *)&seed, sizeof seed) != 1)
		return fault_set(f, FAULT_LOCAL, "no random bytes for a market");
	if ((s->gen = gen_new(s->engine, s->hist, seed, sim_now(s))) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (o->regime != NULL && regime_read(&r, o->regime))
		gen_regime(s->gen, -1, r);
	return gen_open(s->gen, sim_now(s), f);
}

static int
open_exchange(struct sim *s, const struct options *o, struct fault *f)
{
	struct plan *plans = NULL;
	int r;

	if (open_sources(s, o, f) == -1)
		return -1;
	r = seed_plans(s, &plans, o, f);
	if (r == 0)
		r = open_parts(s, o, f);
	if (r == 0)
		r = seed_exchange(s, o, plans, f);
	plans_free(plans, s->accounts.n);
	return r == 0 ? open_market(s, o, f) : -1;
}

static bool
is_loopback(const char *address)
{
	return address == NULL || strncmp(address, "127.", 4) == 0;
}

/* Where clients on this machine find it. */
static const char *
host_of(const struct options *o)
{
	return o->listen == NULL || strcmp(o->listen, "0.0.0.0") == 0 ? "127.0.0.1" : o->listen;
}

static int
open_wire(struct sim *s, const struct options *o, struct fault *f)
{
	struct serve_app app = {
		.ctx = s, .request = on_request, .message = on_message, .control = on_control,
		.closed = on_closed, .deadline = on_deadline, .tick = on_tick, .input = on_input,
	};
	struct serve_opts so = { .address = o->listen, .port = (int)o->port,
		.queue_max = QUEUE_MAX };

	if ((s->serve = serve_open(&so, &app)) == NULL)
		return fault_set(f, FAULT_LOCAL, "listening on %s, port %ld: %s",
		    o->listen != NULL ? o->listen : "127.0.0.1", o->port, strerror(errno));
	if (!is_loopback(o->listen))
		sim_say("--listen %s: anybody who reaches this machine can use the exchange, "
		    "unencrypted", o->listen);
	if (s->feed != NULL)
		serve_watch(s->serve, feed_fd(s->feed));
	s->live = true;
	sim_settle(s);
	*f = s->broken;
	return s->broken.kind == FAULT_NONE ? 0 : -1;
}

/* Say goodbye to those who listen: a close frame, and a moment to answer it. */
static void
part(struct sim *s)
{
	int64_t until = serve_now() + PARTING_MS, now;
	bool streams, api;

	while ((now = serve_now()) < until) {
		streams = streams_close(s->streams);
		api = wsapi_close(s);
		if ((!streams && !api && !serve_parting(s->serve)) ||
		    serve_step(s->serve, (int)(until - now)) == -1)
			return;
	}
}

static void
close_parts(struct sim *s)
{
	store_close(s->store);
	serve_free(s->serve);
	user_free(s->user);
	pushes_free(s->pushes);
	streams_free(s->streams);
	api_free(s->api);
	gen_free(s->gen);
	hist_free(s->hist);
	limits_free(s->limits);
	faults_free(s->faults);
	feed_close(s->feed);
	replay_free(s->replay);
	ledger_close(s->ledger);
	engine_free(s->engine);
	accounts_free(&s->accounts);
	OPENSSL_cleanse(&s->random, sizeof s->random);
}

/* The key of the account that was made, or the names of those that were read:
 * their keys are known. */
static void
put_accounts(struct buf *b, const struct accounts *as)
{
	if (as->n == 1 && as->v[0].made) {
		jw_str(b, "key", as->v[0].key);
		jw_str(b, "secret", as->v[0].secret);
		return;
	}
	jw_open(b, "accounts", '[');
	for (int i = 0; i < as->n; i++)
		jw_str(b, NULL, as->v[i].name);
	jw_close(b, ']');
}

static int
say_ready(const struct sim *s, const struct options *o, struct fault *f)
{
	char url[64];
	struct out out;
	int r;

	out_init(&out, STDOUT_FILENO);
	jw_open(&out.b, NULL, '{');
	jw_str(&out.b, "e", "bf.sim");
	jw_i64(&out.b, "E", sim_now(s));
	snprintf(url, sizeof url, "http://%s:%d", host_of(o), serve_port(s->serve));
	jw_str(&out.b, "rest", url);
	snprintf(url, sizeof url, "ws://%s:%d", host_of(o), serve_port(s->serve));
	jw_str(&out.b, "ws", url);
	put_accounts(&out.b, &s->accounts);
	if (o->profile != NULL)
		jw_str(&out.b, "profile", o->profile);
	else
		jw_null(&out.b, "profile");
	jw_close(&out.b, '}');
	jw_end(&out.b);
	r = out.b.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : out_flush(&out, f);
	out_free(&out);
	return r;
}

static void
catch_signals(struct serve *serve)
{
	struct sigaction sa = { .sa_handler = on_signal };

	running = serve;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
}

/* Until a signal, or something that cannot be lived with. */
static int
serve_clients(struct sim *s, struct fault *f)
{
	if (serve_run(s->serve) == -1)
		return fault_set(f, FAULT_LOCAL, "waiting for clients: %s", strerror(errno));
	part(s);
	if (s->broken.kind != FAULT_NONE) {
		*f = s->broken;
		return -1;
	}
	if (engine_stopped(s->engine))
		return fault_set(f, FAULT_LOCAL, "the exchange has stopped: out of memory or of digits");
	return ledger_failed(s->ledger, f) ? -1 : 0;
}

static int
run(struct sim *s, const struct options *o, struct fault *f)
{
	const struct account *a = NULL;
	struct profile_file file;
	int r;

	if (o->profile != NULL && profile_locate(&file, o->profile, f) == -1)
		return -1;
	if (open_exchange(s, o, f) == -1)
		return -1;
	if (o->profile != NULL && (a = profile_account(&s->accounts)) == NULL)
		return fault_set(f, FAULT_USAGE,
		    "--profile-out: no account of --accounts %s has a secret to put there", o->accounts);
	if (open_wire(s, o, f) == -1)
		return -1;
	catch_signals(s->serve);
	if (a != NULL && profile_write(&file, a, host_of(o), serve_port(s->serve), f) == -1)
		return -1;
	r = sandbox_enter(&(struct sandbox){ .serves = true }, f);
	if (r == 0)
		r = say_ready(s, o, f);
	if (r == 0)
		r = serve_clients(s, f);
	if (a != NULL)
		profile_remove(&file, a);
	return r;
}

/* It holds secrets: no core, and no file that others may read. */
static void
keep_private(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)umask(077);
}

int
main(int argc, char *argv[])
{
	struct options o;
	struct sim s = { 0 };
	struct fault f = { 0 };
	int status, r;

	keep_private();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);	/* a file that may not grow is said by its name */
	r = options_read(&o, argc, argv, &status, &f);
	if (r == 1)
		return status;
	if (r == 0)
		r = run(&s, &o, &f);
	signal(SIGTERM, SIG_IGN);	/* the wire they would stop goes away */
	signal(SIGINT, SIG_IGN);
	close_parts(&s);
	return r == -1 ? tool_fail(&options_tool, STDERR_FILENO, &f) : 0;
}

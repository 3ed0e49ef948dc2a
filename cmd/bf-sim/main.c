/* bf-sim: a USDⓈ-M futures exchange on 127.0.0.1. */
#include <errno.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api.h"
#include "io/lines.h"
#include "options.h"
#include "profile.h"
#include "seed.h"
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
 * The feed
 */

static void
feed_record(void *ctx, const struct feed_record *r)
{
	struct sim *s = ctx;
	int sym = engine_symbol(s->engine, r->symbol);
	struct fault f;

	ledger_feed_time(s->ledger, r->E);
	if (sym == -1)
		return;
	if (engine_mark(s->engine, sym, r->price, sim_now(s), &f) == -1)
		sim_say("feed line %llu: %s", r->line, f.text);
	sim_settle(s);
}

static void
feed_bad(void *ctx, unsigned long long line, const char *why)
{
	(void)ctx;
	sim_say("feed line %llu: %s; passed over", line, why);
}

static void
feed_end(void *ctx)
{
	struct sim *s = ctx;

	ledger_feed_end(s->ledger, sim_now(s));
	if (s->serve != NULL)
		serve_watch(s->serve, -1);
}

/*
 * What the wire calls
 */

static void
on_request(void *ctx, serve_id id, const struct http_req *r)
{
	struct sim *s = ctx;

	if (r->upgrade)
		streams_open(s->streams, id, r);
	else
		api_request(s->api, id, r);
}

static void
on_message(void *ctx, serve_id id, void *user, const char *p, size_t n, bool binary)
{
	streams_message(((struct sim *)ctx)->streams, id, user, p, n, binary);
}

static void
on_control(void *ctx, serve_id id, void *user, enum ws_op op)
{
	(void)op;
	streams_control(((struct sim *)ctx)->streams, id, user);
}

static void
on_closed(void *ctx, serve_id id, void *user)
{
	(void)id;
	streams_closed(((struct sim *)ctx)->streams, user);
}

static void
on_input(void *ctx, int fd)
{
	struct sim *s = ctx;

	(void)fd;
	feed_input(s->feed);
	serve_watch(s->serve, feed_fd(s->feed));
}

/* The feed waits for a client, and one is there. */
static bool
may_go(const struct sim *s)
{
	return s->feed != NULL && s->fed && feed_waits(s->feed);
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
	int64_t due = min64(pushes_due(s->pushes), api_due(s->api)), key = user_due(s->user);

	if (may_go(s))
		return serve_now();
	if (s->feed != NULL)
		due = min64(due, feed_due(s->feed));
	if (key != INT64_MAX)
		due = min64(due, serve_now() + key - sim_now(s));
	return due < 0 ? 0 : due;
}

static void
on_tick(void *ctx, int64_t now_ms)
{
	struct sim *s = ctx;

	if (may_go(s)) {
		feed_go(s->feed, now_ms);
		serve_watch(s->serve, feed_fd(s->feed));
	}
	if (s->feed != NULL)
		feed_tick(s->feed, now_ms);
	api_tick(s->api, now_ms);
	user_tick(s->user, sim_now(s));
	pushes_tick(s->pushes, now_ms, sim_now(s));
	if (engine_stopped(s->engine))
		serve_stop(s->serve);
}

/*
 * Start and end
 */

static int
open_parts(struct sim *s, const struct options *o, struct fault *f)
{
	struct feed_app app = { s, feed_record, feed_bad, feed_end };
	struct feed_opts fo = { o->feed, o->speed, o->wait };
	struct engine_config c = engine_config_default();

	c.sink = sim_event;
	c.arg = s;
	s->skew_ms = o->skew_ms;
	s->random = (struct random){ o->seeded, o->seed };
	s->faults = o->faults;
	limits_init(&s->limits, o->weight_limit, o->order_limit);
	if (!random_text(&s->random, s->auth.key, AUTH_KEY) ||
	    !random_text(&s->random, s->auth.secret, AUTH_KEY))
		return fault_set(f, FAULT_LOCAL, "no random bytes for a key");
	if ((s->engine = engine_new(&c, f)) == NULL ||
	    (s->ledger = ledger_open(o->ledger, s->engine, f)) == NULL)
		return -1;
	if (o->feed != NULL && (s->feed = feed_open(&fo, &app, f)) == NULL)
		return -1;
	s->api = api_new(s);
	s->streams = streams_new(s);
	s->pushes = pushes_new(s);
	s->user = user_new(s, o->listen_key_life * 1000);
	if (s->api == NULL || s->streams == NULL || s->pushes == NULL || s->user == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	return seed_exchange(s, o, f);
}

static int
open_wire(struct sim *s, const struct options *o, struct fault *f)
{
	struct serve_app app = {
		.ctx = s, .request = on_request, .message = on_message, .control = on_control,
		.closed = on_closed, .deadline = on_deadline, .tick = on_tick, .input = on_input,
	};
	struct serve_opts so = { .port = (int)o->port, .queue_max = QUEUE_MAX };

	if ((s->serve = serve_open(&so, &app)) == NULL)
		return fault_set(f, FAULT_LOCAL, "listening on 127.0.0.1, port %ld: %s", o->port,
		    strerror(errno));
	if (s->feed != NULL)
		serve_watch(s->serve, feed_fd(s->feed));
	s->live = true;
	return 0;
}

/* Say goodbye to those who listen: a close frame, and a moment to answer it. */
static void
part(struct sim *s)
{
	int64_t until = serve_now() + PARTING_MS, now;

	while (streams_close(s->streams) && (now = serve_now()) < until)
		if (serve_step(s->serve, (int)(until - now)) == -1)
			return;
}

static void
close_parts(struct sim *s)
{
	serve_free(s->serve);
	user_free(s->user);
	pushes_free(s->pushes);
	streams_free(s->streams);
	api_free(s->api);
	feed_close(s->feed);
	ledger_close(s->ledger);
	engine_free(s->engine);
	OPENSSL_cleanse(&s->auth, sizeof s->auth);
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
	snprintf(url, sizeof url, "http://127.0.0.1:%d", serve_port(s->serve));
	jw_str(&out.b, "rest", url);
	snprintf(url, sizeof url, "ws://127.0.0.1:%d", serve_port(s->serve));
	jw_str(&out.b, "ws", url);
	jw_str(&out.b, "key", s->auth.key);
	jw_str(&out.b, "secret", s->auth.secret);
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

static int
run(struct sim *s, const struct options *o, struct fault *f)
{
	struct profile_file file;
	int r;

	if (o->profile != NULL && profile_locate(&file, o->profile, f) == -1)
		return -1;
	if (open_parts(s, o, f) == -1 || open_wire(s, o, f) == -1)
		return -1;
	catch_signals(s->serve);
	if (o->profile != NULL && profile_write(&file, &s->auth, serve_port(s->serve), f) == -1)
		return -1;
	r = say_ready(s, o, f);
	if (r == 0 && serve_run(s->serve) == -1)
		r = fault_set(f, FAULT_LOCAL, "waiting for clients: %s", strerror(errno));
	if (o->profile != NULL)
		profile_remove(&file, &s->auth);
	if (r == 0)
		part(s);
	if (r == 0 && engine_stopped(s->engine))
		r = fault_set(f, FAULT_LOCAL, "the exchange has stopped: out of memory or of digits");
	return r == 0 && ledger_failed(s->ledger, f) ? -1 : r;
}

int
main(int argc, char *argv[])
{
	struct options o;
	struct sim s = { .acct = -1 };
	struct fault f = { 0 };
	int status, r;

	umask(077);
	signal(SIGPIPE, SIG_IGN);
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

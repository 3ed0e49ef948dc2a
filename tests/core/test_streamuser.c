/* The account's stream: its key, its connections and its gaps, step by step. The file itself
 * is under test, and this is its wire, its worker and its REST. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "../../cmd/bf-stream/user.c"

#include <cmocka.h>

struct ws_conn { bool removed, kicked; };
static struct ws_conn conns[16];
static int nconns;

struct ws_conn *
ws_add(struct ws_loop *l, const char *base, void *tag, struct fault *f)
{
	(void)l, (void)base, (void)tag, (void)f;
	assert_true(nconns < 16);
	conns[nconns] = (struct ws_conn){ 0 };
	return &conns[nconns++];
}
void ws_kick(struct ws_conn *c, const char *why) { (void)why; c->kicked = true; }
void app_say(struct app *a, const char *fmt, ...) { (void)a, (void)fmt; }
void ws_remove(struct ws_conn *c) { c->removed = true; }

/* One job at a time is looked at: what it was is seen by its done. */
static void (*job_done)(void *, void *);
static struct key_job *job;
int
worker_do(struct worker *w, enum market m, int delay, void (*run)(struct session *, void *),
    void (*done)(void *, void *), void *arg, void *x)
{
	(void)w, (void)m, (void)delay, (void)run, (void)arg;
	free(job);
	job = x;
	job_done = done;
	return 0;
}

/* Recoveries: the last one asked for. */
static struct asked { bool first; int64_t from, to; int n; void (*done)(void *, void *); void *arg; } asked;
static int applied, token;
static bool was_quiet;
static struct fault trouble;
struct recovery *
recovery_begin(struct app *a, enum market m, struct known *k, bool first, int64_t from, int64_t to,
    int64_t begun, int delay_ms, void (*done)(void *, void *), void *arg)
{
	(void)a, (void)m, (void)k, (void)begun, (void)delay_ms;
	asked = (struct asked){ first, from, to, asked.n + 1, done, arg };
	return (void *)&token;
}
void recovery_free(void *r) { (void)r; }
const struct fault *recovery_failed(const struct recovery *r)
{ (void)r; return trouble.kind == FAULT_NONE ? NULL : &trouble; }

static char out[65536];		/* what went to the reader, in its order */
void
recovery_apply(struct recovery *r, struct known *k, bool quiet)
{
	(void)r, (void)k;
	was_quiet = quiet;
	applied++;
	snprintf(out + strlen(out), sizeof out - strlen(out), "R ");
}
void app_stop(struct app *a, const struct fault *f) { (void)f; a->stopping = true; }
void
app_emit(struct app *a, enum sink_kind kind, const struct sink_key *k, const char *rec, size_t n)
{
	(void)a, (void)kind, (void)k;
	if (n < 200)
		snprintf(out + strlen(out), sizeof out - strlen(out), "%.*s ", (int)n, rec);
	else
		snprintf(out + strlen(out), sizeof out - strlen(out), "LONG ");
}
struct buf *app_note(struct app *a, const char *kind) { (void)kind; buf_reset(&a->note); return &a->note; }
void app_note_end(struct app *a) { (void)a; }
void
conn_note(struct app *a, const char *conn, const char *state, const char *why)
{
	(void)a, (void)conn, (void)why;
	snprintf(out + strlen(out), sizeof out - strlen(out), "%s ", state);
}
int session_call(struct session *s, enum ep ep, const char *q, bool g, struct fault *f)
{ (void)s, (void)ep, (void)q, (void)g, (void)f; return 0; }
void tool_say(const struct tool *t, int fd, const char *fmt, ...) { (void)t, (void)fd, (void)fmt; }

static struct app app;
static struct user *u;
static const struct ws_why why = { .text = "test" };

static void
at(int64_t ms)
{
	app.now += ms;
	app.mono += ms;
	user_tick(u, app.mono);
}

static void
key_comes(const char *key)
{
	snprintf(job->key, sizeof job->key, "%s", key);
	job_done(u, job);
	job = NULL;		/* it is done's */
}

static void
filling_ends(void)
{
	asked.done(asked.arg, &token);
}

static int
begin(void **state)
{
	char path[WS_PATH_MAX];
	struct fault f = { 0 };

	(void)state;
	memset(&app, 0, sizeof app);
	nconns = applied = 0;
	asked.n = 0;
	trouble.kind = FAULT_NONE;
	app.now = 1700000000000;
	app.mono = 1000000;
	app.clock_known = true;
	snprintf(app.s[0].prof.ws, sizeof app.s[0].prof.ws, "ws://127.0.0.1:1");
	if (user_open(&u, &app, MARKET_USDM, &f) == -1)
		return -1;
	(void)user_path(u, path, sizeof path);
	key_comes("k1");
	user_state(u, u->conn, WS_OPEN, NULL);
	filling_ends();
	out[0] = '\0';
	return 0;
}

static int
end(void **state)
{
	(void)state;
	user_free(u);
	free(job);
	job = NULL;
	scan_free(&app.sc);
	buf_free(&app.note);
	return 0;
}

static void
down(void)
{
	user_state(u, u->conn, WS_CLOSED, &why);
}

static void
text(const char *p)
{
	user_text(u, p, strlen(p));
}

static void
test_a_gap_that_goes_on_is_not_filled(void **state)
{
	int64_t lost;

	(void)state;
	at(60000);
	text("{\"e\":\"X\",\"E\":1}");
	lost = app.now;
	at(1000);
	down();
	at(1000);
	user_state(u, u->conn, WS_OPEN, NULL);
	assert_int_equal(asked.n, 2);
	assert_int_equal(asked.from, lost);
	at(1000);
	down();
	filling_ends();		/* of what was before it went again */
	at(1000);
	user_state(u, u->conn, WS_OPEN, NULL);
	assert_int_equal(asked.n, 3);
	assert_false(asked.first);
	assert_true(asked.from >= lost && asked.from <= lost + 3000);
	assert_int_equal(asked.to, app.now);
}

static void
test_a_second_gap_is_filled_right_after_the_first(void **state)
{
	(void)state;
	at(60000);
	down();
	user_state(u, u->conn, WS_OPEN, NULL);
	assert_int_equal(asked.n, 2);
	at(500);
	down();
	at(500);
	user_state(u, u->conn, WS_OPEN, NULL);
	text("{\"e\":\"Y\",\"E\":2}");
	assert_int_equal(asked.n, 2);	/* one at a time */
	out[0] = '\0';
	filling_ends();
	assert_int_equal(asked.n, 3);
	assert_int_equal(asked.to, app.now);
	assert_string_equal(out, "R ");	/* the event is of after the second one */
	filling_ends();
	assert_string_equal(out, "R R {\"e\":\"Y\",\"E\":2} ");
	assert_int_equal(asked.n, 3);
	at(61000);			/* and the late look */
	assert_int_equal(asked.n, 4);
}

static void
test_a_successor_that_comes_up_late_fills_the_gap(void **state)
{
	(void)state;
	at(24 * 3600 * 1000);
	assert_non_null(u->next);
	down();			/* before it was up */
	at(3000);
	user_state(u, u->next, WS_OPEN, NULL);
	assert_null(u->next);
	assert_false(u->down);
	assert_int_equal(asked.n, 2);
	assert_int_equal(asked.to, app.now);
	filling_ends();
	at(5000);
	assert_int_equal(nconns, 2);
}

/* The keepalive's answer. */
static void
kept(const char *key, int code)
{
	assert_ptr_equal(job_done, kept_key);
	if (key != NULL)
		snprintf(job->key, sizeof job->key, "%s", key);
	if (code != 0) {
		fault_set(&job->f, FAULT_REJECTED, "no such key");
		job->f.code = code;
	}
	job_done(u, job);
	job = NULL;		/* it is done's */
}

static void
reconnect(void)
{
	char path[WS_PATH_MAX];

	assert_true(u->conn->kicked);
	down();
	(void)user_path(u, path, sizeof path);
	assert_ptr_equal(job_done, got_key);
	key_comes("k2");
	user_state(u, u->conn, WS_OPEN, NULL);
}

/* It may have died right after the last event: what came in between was lost. */
static void
test_a_key_that_was_dead_leaves_a_gap_back_to_the_last_event(void **state)
{
	int64_t last;

	(void)state;
	at(1000);
	text("{\"e\":\"X\",\"E\":1}");
	last = app.now;
	for (int i = 0; i < 26; i++)
		at(60000);
	kept(NULL, -1125);
	reconnect();
	assert_int_equal(asked.n, 2);
	assert_int_equal(asked.from, last);
	assert_int_equal(asked.to, app.now);
}

/* Deleted and made anew by a sibling: the exchange keeps the new one alive, for it. */
static void
test_a_key_that_another_program_replaced_is_noticed(void **state)
{
	int64_t begun = app.now;

	(void)state;
	for (int i = 0; i < 26; i++)
		at(60000);
	kept("k1", 0);
	assert_false(u->conn->kicked);
	begun = app.now;
	for (int i = 0; i < 26; i++)
		at(60000);
	kept("k2", 0);
	reconnect();
	assert_int_equal(asked.from, begun);
}

static void
test_a_lost_connection_has_its_key_looked_at(void **state)
{
	(void)state;
	at(1000);
	down();
	at(250);
	kept(NULL, -1125);
	assert_string_equal(u->key, "");
}

/* More than may wait: all goes on in the order it came. */
static void
test_events_that_are_too_many_to_wait_keep_their_order(void **state)
{
	static char big[3 << 20];
	int n;

	(void)state;
	at(1000);
	down();
	user_state(u, u->conn, WS_OPEN, NULL);
	out[0] = '\0';
	text("{\"e\":\"A\",\"E\":1}");
	for (int i = 0; i < 3; i++) {
		n = snprintf(big, sizeof big, "{\"e\":\"B%d\",\"x\":\"", i);
		memset(big + n, 'x', sizeof big - (size_t)n - 3);
		memcpy(big + sizeof big - 3, "\"}", 3);
		text(big);
	}
	text("{\"e\":\"C\",\"E\":2}");
	filling_ends();
	assert_string_equal(out, "{\"e\":\"A\",\"E\":1} LONG LONG R LONG {\"e\":\"C\",\"E\":2} ");
}

/* The old one may have been dead for a while when it was replaced. */
static void
test_after_a_replacement_rest_is_asked_for_its_last_minute(void **state)
{
	(void)state;
	at(24 * 3600 * 1000);
	assert_non_null(u->next);
	user_state(u, u->next, WS_OPEN, NULL);
	at(2500);
	at(250);
	assert_null(u->next);
	assert_int_equal(asked.n, 2);
	assert_false(asked.first);
	assert_true(asked.from <= app.now - 45000);
	filling_ends();
	assert_true(was_quiet);
	at(120000);		/* once is enough */
	assert_int_equal(asked.n, 2);
}

int
main(void)
{
#define ONE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	static const struct CMUnitTest tests[] = {
		ONE(test_a_gap_that_goes_on_is_not_filled),
		ONE(test_a_second_gap_is_filled_right_after_the_first),
		ONE(test_a_successor_that_comes_up_late_fills_the_gap),
		ONE(test_a_key_that_was_dead_leaves_a_gap_back_to_the_last_event),
		ONE(test_a_key_that_another_program_replaced_is_noticed),
		ONE(test_a_lost_connection_has_its_key_looked_at),
		ONE(test_after_a_replacement_rest_is_asked_for_its_last_minute),
		ONE(test_events_that_are_too_many_to_wait_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The WebSocket client as the guest of a poll loop that is not its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/clock.h"
#include "io/ws.h"
#include "scratch.h"
#include "wsfork.h"

#define FDS	8
#define PATIENCE_MS	25000

static struct ws_loop *loop;
static struct ws_conn *conn;
static struct fault f;
static int nopens, nends, ntexts, nticks, nidles;
static size_t nbytes;
static const char *reply;	/* sent from within the text event */

static void
told_state(void *arg, struct ws_conn *c, enum ws_state st, const struct ws_why *why)
{
	(void)arg, (void)c, (void)why;
	nopens += st == WS_OPEN;
	nends += st == WS_CLOSED;
}

static void
told_text(void *arg, struct ws_conn *c, const char *p, size_t n)
{
	(void)arg, (void)p;
	ntexts++;
	nbytes += n;
	if (reply != NULL)
		assert_int_equal(ws_send(c, reply, strlen(reply)), 0);
}

static int
told_path(void *arg, struct ws_conn *c, char *out, size_t size)
{
	(void)arg, (void)c;
	snprintf(out, size, "/ws");
	return 0;
}

static void
told_tick(void *arg, int64_t mono_ms)
{
	(void)arg, (void)mono_ms;
	nticks++;
}

static void
told_idle(void *arg)
{
	(void)arg;
	nidles++;
}

static void
begin(const char *ca, const char *scheme)
{
	static const struct ws_events events = { told_state, told_text, told_path, told_tick, told_idle };
	char base[64];

	nopens = nends = ntexts = nticks = nidles = 0;
	nbytes = 0;
	reply = NULL;
	assert_int_equal(ws_open(&loop, 1 << 20, ca, &events, NULL, &f), 0);
	snprintf(base, sizeof base, "%s://127.0.0.1:%d", scheme, peer_now->port);
	conn = ws_add(loop, base, NULL, &f);
	assert_non_null(conn);
}

static int
teardown(void **state)
{
	(void)state;
	ws_close(loop);
	loop = NULL;
	peer_end();
	return 0;
}

/* One turn of a loop as its owner has it. */
static void
turn(void)
{
	struct pollfd p[FDS];
	int timeout = PATIENCE_MS, n = ws_poll(loop, p, FDS, &timeout);

	poll(p, (nfds_t)n, timeout);
	ws_step(loop);
}

#define until(what)	do { \
	int64_t end_ = clock_mono_ms() + PATIENCE_MS; \
	while (!(what) && clock_mono_ms() < end_) \
		turn(); \
	assert_true(what); \
} while (0)

/* What ws_poll asks to be waited for. */
static int
asks(struct pollfd p[static FDS], int *timeout)
{
	*timeout = -1;
	return ws_poll(loop, p, FDS, timeout);
}

static void
messages_go_both_ways(void **state)
{
	struct pollfd p[FDS];
	int timeout;

	(void)state;
	PEER("up;text={\"a\":1};heard;text=b;ping=5;hold");
	begin(NULL, "ws");
	assert_int_equal(asks(p, &timeout), 0);		/* nothing is dialled yet; that is due at once */
	assert_in_range(timeout, 0, 4);
	until(ntexts == 1);
	assert_int_equal(nopens, 1);
	assert_int_equal(ws_send(conn, "hello", 5), 0);
	until(ntexts == 2);
	assert_non_null(peer_line("text hello", 0));
	until(peer_line("pong 5 same", 0) != NULL);
	assert_true(nidles > 0);
}

static void
a_connection_that_is_up_costs_its_descriptor_and_nothing_else(void **state)
{
	struct pollfd p[FDS];
	int timeout;

	(void)state;
	PEER("up;text=a;hold");
	begin(NULL, "ws");
	until(ntexts == 1);
	assert_int_equal(asks(p, &timeout), 1);
	assert_int_equal(p[0].events, POLLIN);
	assert_in_range(timeout, 0, 250);		/* to the next tick */
	timeout = 0;
	assert_int_equal(ws_poll(loop, p, FDS, &timeout), 1);
	assert_int_equal(timeout, 0);			/* only ever lowered */
	timeout = -1;
	assert_int_equal(ws_poll(loop, p, 0, &timeout), 0);
	assert_in_range(timeout, 0, 4);			/* no room: by time */
}

/* Steps that waited would see a tick each, and 100 take 25 seconds. */
static void
a_step_waits_for_nothing(void **state)
{
	int before;

	(void)state;
	PEER("up;text=a;hold");
	begin(NULL, "ws");
	until(ntexts == 1);
	before = nticks;
	for (int i = 0; i < 100; i++)
		ws_step(loop);
	assert_true(nticks - before < 50);
	before = nticks;
	until(nticks > before + 1);			/* and yet time goes on */
}

static void
what_is_sent_has_left_when_the_step_ends(void **state)
{
	(void)state;
	PEER("up;text=a;heard;heard;heard;hold");
	begin(NULL, "ws");
	until(ntexts == 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ws_send(conn, i == 0 ? "one" : i == 1 ? "two" : "three", i == 2 ? 5 : 3), 0);
	ws_step(loop);
	assert_true(peer_saw("text three"));		/* without another step */
	assert_non_null(peer_line("text one", 0));
}

static void
so_has_what_an_event_sends(void **state)
{
	struct pollfd p[FDS];
	int timeout;

	(void)state;
	PEER("up;text=a;heard;text=b;heard;hold");
	begin(NULL, "ws");
	until(ntexts == 1);
	reply = "answer";
	assert_int_equal(ws_send(conn, "go", 2), 0);
	ws_step(loop);
	assert_int_equal(asks(p, &timeout), 1);
	while (ntexts == 1) {
		assert_int_equal(poll(p, 1, PATIENCE_MS), 1);
		ws_step(loop);
	}
	assert_true(peer_saw("text answer"));
}

/* lws answers a ping in the pass after the one that read it, and nobody is told. */
static void
so_has_the_answer_to_a_ping(void **state)
{
	struct pollfd p[FDS];
	int timeout;

	(void)state;
	PEER("up;text=a;heard;ping=5;text=b;hold");	/* b only after the pong */
	begin(NULL, "ws");
	until(ntexts == 1);
	assert_int_equal(ws_send(conn, "go", 2), 0);
	ws_step(loop);
	assert_int_equal(asks(p, &timeout), 1);
	while (ntexts == 1) {
		assert_int_equal(poll(p, 1, PATIENCE_MS), 1);
		ws_step(loop);
	}
	assert_non_null(peer_line("pong 5 same", 0));
}

/* A peer that does not read: the rest waits for room, and for that alone. */
static void
room_is_asked_for_only_while_there_is_something_to_send(void **state)
{
	static char big[60000];
	struct pollfd p[FDS];
	int timeout, n = 0;

	(void)state;
	memset(big, 'x', sizeof big);
	PEER("up;text=a;heard;hold");
	begin(NULL, "ws");
	until(ntexts == 1);
	kill(peer_now->pid, SIGSTOP);
	do {
		assert_int_equal(ws_send(conn, big, sizeof big), 0);
		ws_step(loop);
		assert_int_equal(asks(p, &timeout), 1);
	} while (p[0].events == POLLIN && ++n < 1000);
	assert_int_equal(p[0].events, POLLIN | POLLOUT);
	assert_in_range(timeout, 0, 250);
	kill(peer_now->pid, SIGCONT);
	until(asks(p, &timeout) == 1 && p[0].events == POLLIN);
	assert_int_equal(nends, 0);
}

static void
what_ends_comes_back(void **state)
{
	(void)state;
	PEER("up;text=a;rst", "up;text=b;hold");
	begin(NULL, "ws");
	until(ntexts == 2);
	assert_true(nends == 1 && nopens == 2);
}

static int nready;

static void
ready(void *arg)
{
	char byte;

	assert_int_equal(read(*(int *)arg, &byte, 1), 1);
	nready++;
}

static void
other_descriptors_are_waited_for_too(void **state)
{
	struct pollfd p[FDS];
	int fd[2], timeout;

	(void)state;
	PEER("up;text=a;hold");
	begin(NULL, "ws");
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(ws_watch_in(loop, fd[0], ready, &fd[0]), 0);
	until(ntexts == 1);
	nready = 0;
	assert_int_equal(asks(p, &timeout), 2);
	assert_int_equal(write(fd[1], "x", 1), 1);
	assert_int_equal(poll(p, 2, 0), 1);
	ws_step(loop);
	assert_int_equal(nready, 1);
	close(fd[0]);
	close(fd[1]);
}

static int others, own;

static void
other_text(void *arg, struct ws_conn *c, const char *p, size_t n)
{
	(void)c, (void)p, (void)n;
	++*(int *)arg;
}

static void
own_tick(void *arg, int64_t mono_ms)
{
	(void)arg, (void)mono_ms;
	own++;
}

/* Parts that share a loop get what is theirs. */
static void
a_connection_may_have_events_of_its_own(void **state)
{
	static const struct ws_events mine = { .text = other_text, .path = told_path, .tick = own_tick };
	char base[64];

	(void)state;
	PEER("up;text=a", "up;text=b;text=c;hold");
	begin(NULL, "ws");
	others = own = 0;
	until(ntexts == 1 && nends == 1);
	ws_remove(conn);
	snprintf(base, sizeof base, "ws://127.0.0.1:%d", peer_now->port);
	assert_non_null(ws_add_for(loop, base, &mine, &others, &f));
	until(others == 2 && own > 0);
	assert_int_equal(ntexts, 1);
	assert_null(ws_add_for(loop, "http://x", &mine, &others, &f));
	assert_int_equal(f.kind, FAULT_USAGE);
}

/* TLS keeps what has left the socket: it is not waited for in vain. */
static void
nothing_stays_behind_in_tls(void **state)
{
	char pem[300], key[300];

	(void)state;
	snprintf(pem, sizeof pem, "%s", in_scratch("p.pem"));
	snprintf(key, sizeof key, "%s", in_scratch("p.key"));
	if (access(pem, R_OK) == -1) {
		print_message("skipped: openssl makes no certificate here\n");
		skip();
	}
	peer_begin((const char *const []){ "up;frame=81:20000;frame=81:70000;frame=81:1;heard;text=b;hold" }, 1, pem, key);
	begin(pem, "wss");
	until(ntexts == 3);
	assert_int_equal(nbytes, 90001);
	assert_int_equal(ws_send(conn, "hello", 5), 0);
	ws_step(loop);
	assert_true(peer_saw("text hello"));
	until(ntexts == 4);
}

static int
group_setup(void **state)
{
	pid_t pid;
	int null;

	if (scratch_make(state) == -1)
		return -1;
	if ((pid = fork()) == 0) {
		if (chdir(scratch) == -1 || (null = open("/dev/null", O_RDWR)) == -1 || dup2(null, 1) == -1 ||
		    dup2(null, 2) == -1)
			_exit(1);
		execlp("openssl", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		    "ec_paramgen_curve:P-256", "-nodes", "-keyout", "p.key", "-out", "p.pem", "-days", "2",
		    "-subj", "/CN=peer", "-addext", "subjectAltName=IP:127.0.0.1", (char *)NULL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	return 0;
}

int
main(void)
{
#define T(fn)	cmocka_unit_test_teardown(fn, teardown)
	const struct CMUnitTest test[] = {
		T(messages_go_both_ways),
		T(a_connection_that_is_up_costs_its_descriptor_and_nothing_else),
		T(a_step_waits_for_nothing),
		T(what_is_sent_has_left_when_the_step_ends),
		T(so_has_what_an_event_sends),
		T(so_has_the_answer_to_a_ping),
		T(room_is_asked_for_only_while_there_is_something_to_send),
		T(what_ends_comes_back),
		T(other_descriptors_are_waited_for_too),
		T(a_connection_may_have_events_of_its_own),
		T(nothing_stays_behind_in_tls),
	};
#undef T

	return cmocka_run_group_tests(test, group_setup, scratch_remove);
}

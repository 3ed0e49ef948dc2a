/* The worker thread beside a loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "io/work.h"
#include "peer.h"

#define JOBS	100

static struct ws_loop *loop;
static struct worker *worker;
static struct session s;
static struct fault f;
static pthread_t loops;			/* the loop's thread */
static int64_t deadline;

struct job { int i, result; int64_t ran_ms; struct fault f; };
static struct job job[JOBS];
static int order_run[JOBS], nrun;	/* the worker's */
static int order_done[JOBS], ndone, ndropped, want;

static void
told_tick(void *arg, int64_t now)
{
	(void)arg;
	if (now > deadline)
		ws_stop(loop);
}

static int
setup(void **state)
{
	static const struct ws_events ev = { .tick = told_tick };
	struct session *both[MARKETS] = { [MARKET_USDM] = &s };

	(void)state;
	peer_start();
	home_make(peer->port, "");
	if (session_open(&s, NULL, MARKET_USDM, true, &f) == -1 ||
	    ws_open(&loop, 1000, NULL, &ev, NULL, &f) == -1 ||
	    worker_open(&worker, loop, both, &f) == -1)
		fail_msg("%s", f.text);
	memset(job, 0, sizeof job);
	for (int i = 0; i < JOBS; i++)
		job[i].i = i;
	nrun = ndone = ndropped = want = 0;
	loops = pthread_self();
	deadline = clock_mono_ms() + 20000;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	worker_close(worker, NULL);
	ws_close(loop);
	session_close(&s);
	peer_stop();
	home_remove();
	return 0;
}

static void
note(struct session *own, void *arg)
{
	struct job *j = arg;

	assert_ptr_equal(own, &s);
	assert_false(pthread_equal(pthread_self(), loops));
	j->ran_ms = clock_mono_ms();
	order_run[nrun] = j->i;
	__atomic_fetch_add(&nrun, 1, __ATOMIC_RELEASE);
}

static void
done(void *arg, void *p)
{
	struct job *j = p;

	assert_ptr_equal(arg, &want);
	assert_true(pthread_equal(pthread_self(), loops));
	order_done[ndone++] = j->i;
	if (ndone == want)
		ws_stop(loop);
}

static void
drop(void *p)
{
	(void)p;
	ndropped++;
}

static void
give(int i, int delay_ms, void (*run)(struct session *, void *))
{
	assert_int_equal(worker_do(worker, MARKET_USDM, delay_ms, run, done, &want, &job[i]), 0);
}

static void
test_order(void **state)
{
	(void)state;
	want = JOBS;
	for (int i = 0; i < JOBS; i++)
		give(i, 0, note);
	ws_run(loop);
	assert_int_equal(ndone, JOBS);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(order_run[i], i);
		assert_int_equal(order_done[i], i);
	}
}

/* One that waits does not hold up those behind it, and is not early. */
static void
test_delay(void **state)
{
	int64_t began = clock_mono_ms();

	(void)state;
	want = 4;
	give(0, 300, note);
	give(1, 150, note);
	give(2, 0, note);
	give(3, 0, note);
	ws_run(loop);
	assert_int_equal(ndone, 4);
	assert_int_equal(order_done[0], 2);
	assert_int_equal(order_done[1], 3);
	assert_int_equal(order_done[2], 1);
	assert_int_equal(order_done[3], 0);
	assert_true(job[1].ran_ms - began >= 150 && job[0].ran_ms - began >= 300);
}

static void
again(void *arg, void *p)
{
	struct job *j = p;

	(void)arg;
	if (++j->result == 5)
		ws_stop(loop);
	else
		assert_int_equal(worker_do(worker, MARKET_USDM, 1, note, again, NULL, j), 0);
}

static void
test_from_done(void **state)
{
	(void)state;
	assert_int_equal(worker_do(worker, MARKET_USDM, 0, note, again, NULL, &job[7]), 0);
	ws_run(loop);
	assert_int_equal(job[7].result, 5);
	assert_int_equal(nrun, 5);
}

static void
ask(struct session *own, void *arg)
{
	struct job *j = arg;

	j->result = session_call(own, EP_ORDER_GET, "symbol=BTCUSDT&orderId=1", true, &j->f);
	assert_false(worker_stopping(own));
}

static void
test_call(void **state)
{
	(void)state;
	want = 2;
	SCRIPT({ .body = "{\"a\":1}", .cut = -1 }, { .cut = -1, .body = "{\"code\":-2013,\"msg\":\"no\"}",
	    .head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n" });
	give(0, 0, ask);
	give(1, 0, ask);
	ws_run(loop);
	assert_int_equal(ndone, 2);
	assert_int_equal(job[0].result, 0);
	assert_int_equal(job[1].result, -1);
	assert_int_equal(job[1].f.code, -2013);
}

static void
hang(struct session *own, void *arg)
{
	struct job *j = arg;

	own->timeout_ms = 60000;
	j->result = session_call(own, EP_ORDER_GET, "symbol=BTCUSDT&orderId=1", true, &j->f);
	j->i = worker_stopping(own);
}

/* Whatever it is at, it ends soon: a peer that took the request and says nothing. */
static void
test_close_while_hanging(void **state)
{
	int64_t began;

	(void)state;
	SCRIPT({ .stall_ms = 60000, .cut = 0 });
	give(0, 0, hang);
	give(1, 0, note);
	give(2, 60000, note);
	while (peer->nlog == 0)
		poll(NULL, 0, 5);
	began = clock_mono_ms();
	worker_close(worker, drop);
	worker = NULL;
	assert_true(clock_mono_ms() - began < 2000);
	assert_int_equal(ndropped, 3);		/* the one at hand too: its done was never called */
	assert_int_equal(ndone, 0);
	assert_int_equal(nrun, 0);
	assert_int_equal(job[0].result, -1);
	assert_int_equal(job[0].f.kind, FAULT_AGAIN);
	assert_non_null(strstr(job[0].f.text, "ending"));
	assert_true(job[0].i);
	assert_null(s.stop);
}

static void
place(struct session *own, void *arg)
{
	struct job *j = arg;

	own->timeout_ms = 60000;
	j->result = session_call(own, EP_ORDER_PLACE, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1", true, &j->f);
}

/* What is broken off after it left is unknown, not failed. */
static void
test_close_with_an_order_out(void **state)
{
	(void)state;
	SCRIPT({ .stall_ms = 60000, .cut = 0 });
	give(0, 0, place);
	while (peer->nlog == 0)
		poll(NULL, 0, 5);
	worker_close(worker, drop);
	worker = NULL;
	assert_int_equal(job[0].f.kind, FAULT_UNKNOWN);
	assert_int_equal(peer_saw("POST /fapi/v1/order?"), 1);
}

/* Nor does a wait between two tries last, and nothing is asked any more. */
static void
test_close_between_tries(void **state)
{
	_Atomic bool stop = true;

	(void)state;
	worker_close(worker, drop);
	worker = NULL;
	s.stop = &stop;
	SCRIPT({ .body = "{}", .cut = -1 });
	assert_int_equal(session_call(&s, EP_ORDER_GET, "symbol=BTCUSDT&orderId=1", true, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(peer->nlog, 0);
	s.stop = NULL;
	assert_int_equal(session_call(&s, EP_ORDER_GET, "symbol=BTCUSDT&orderId=1", true, &f), 0);
}

/* Done, but the loop did not look: dropped, once. */
static void
test_close_undelivered(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		give(i, 0, note);
	while (__atomic_load_n(&nrun, __ATOMIC_ACQUIRE) < 10)
		poll(NULL, 0, 1);
	worker_close(worker, drop);
	worker = NULL;
	assert_int_equal(ndropped, 10);
	assert_int_equal(ndone, 0);
	want = 1;
	deadline = clock_mono_ms() + 300;
	ws_run(loop);				/* and the loop is none the worse */
	assert_int_equal(ndone, 0);
}

/* The disposition of SIGPIPE is nobody's to change, not even during a transfer. */
static void
test_sigpipe(void **state)
{
	struct sigaction was, now;

	(void)state;
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_DFL }, &was);
	SCRIPT({ .stall_ms = 300, .body = "{}", .cut = -1 });
	want = 1;
	give(0, 0, ask);
	while (peer->nlog == 0)
		poll(NULL, 0, 5);
	sigaction(SIGPIPE, NULL, &now);
	assert_true(now.sa_handler == SIG_DFL);
	ws_run(loop);
	assert_int_equal(job[0].result, 0);
	sigaction(SIGPIPE, &was, NULL);
}

#define EACH(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest test[] = {
		EACH(test_order), EACH(test_delay), EACH(test_from_done), EACH(test_call),
		EACH(test_close_while_hanging), EACH(test_close_with_an_order_out),
		EACH(test_close_between_tries), EACH(test_close_undelivered), EACH(test_sigpipe),
	};

	return cmocka_run_group_tests(test, NULL, NULL);
}

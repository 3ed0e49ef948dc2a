/* When the offset is measured, taken over from another process, or kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/rest.h"
#include "io/state.h"
#include "peer.h"

#define MINUTE	INT64_C(60000)

static struct session s;
static struct fault f;

static int
setup(void **state)
{
	(void)state;
	peer_start();
	home_make(peer->port, "");
	if (session_open(&s, NULL, MARKET_USDM, false, &f) == -1)
		fail_msg("%s", f.text);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	session_close(&s);
	peer_stop();
	home_remove();
	return 0;
}

static void
measured(void)
{
	peer->times = 0;
	if (session_sync(&s, true, &f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(peer->times, 5);
	peer->times = 0;
}

/* As if so much time had gone by since the session's offset was measured; the
 * stored one is out of the way. */
static void
age(int64_t ms)
{
	struct fault ignore;

	s.off.measured_ms -= ms;
	assert_int_equal(state_write(s.prof.state_dir, "clock.json", "", 0, &ignore), 0);
}

static void
test_fresh(void **state)
{
	(void)state;
	measured();
	age(29 * MINUTE);
	assert_int_equal(session_sync(&s, false, &f), 0);
	assert_int_equal(peer->times, 0);
}

static void
test_old(void **state)
{
	(void)state;
	peer->skew_ms = 7000;
	measured();
	assert_true(s.off.offset_ms > 6000);
	peer->skew_ms = 7400;
	age(31 * MINUTE);
	assert_int_equal(session_sync(&s, false, &f), 0);
	assert_int_equal(peer->times, 5);
	assert_true(s.off.offset_ms > 7200);
	assert_int_equal(session_sync(&s, false, &f), 0);	/* and is fresh now */
	assert_int_equal(peer->times, 5);
}

/* The exchange does not answer: what is half an hour old still stands, and is not
 * tried anew with each request; what is an hour old does not. */
static void
test_failing(void **state)
{
	int64_t was;

	(void)state;
	measured();
	was = s.off.offset_ms;
	age(31 * MINUTE);
	peer_die();
	assert_int_equal(session_sync(&s, false, &f), 0);
	assert_int_equal(s.off.offset_ms, was);
	assert_int_equal(f.kind, FAULT_AGAIN);		/* it was tried */
	memset(&f, 0, sizeof f);
	assert_int_equal(session_sync(&s, false, &f), 0);
	assert_int_equal(f.kind, FAULT_NONE);		/* it was not */
	assert_int_equal(session_sync(&s, true, &f), -1);	/* asked for, it must succeed */
	age(30 * MINUTE);
	assert_int_equal(session_sync(&s, false, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
}

/* Another process has measured meanwhile. */
static void
test_adopted(void **state)
{
	struct offset o;

	(void)state;
	measured();
	o = s.off;
	age(31 * MINUTE);
	o.offset_ms += 3;
	assert_int_equal(offset_store(&s.prof, s.base, &o, &f), 0);
	assert_int_equal(session_sync(&s, false, &f), 0);
	assert_int_equal(peer->times, 0);
	assert_int_equal(s.off.offset_ms, o.offset_ms);
}

/* A measuring that was so unsure that nothing is signed does not last an hour. */
static void
test_unsure(void **state)
{
	(void)state;
	measured();
	s.off.error_ms = OFFSET_ERROR_MS + 1;
	age(0);
	assert_int_equal(session_sync(&s, false, &f), 0);
	assert_int_equal(peer->times, 5);
	assert_true(s.off.error_ms <= OFFSET_ERROR_MS);
}

/* One market's clock is not the other's where they have different addresses. */
static void
test_markets(void **state)
{
	struct session c;
	char more[100];

	(void)state;
	measured();
	session_close(&s);
	home_remove();
	snprintf(more, sizeof more, "coinm_rest = http://localhost:%d\ncoinm_ws = ws://localhost:%d\n",
	    peer->port, peer->port);
	home_make(peer->port, more);
	assert_int_equal(session_open(&s, NULL, MARKET_USDM, false, &f), 0);
	measured();
	session_close(&s);			/* the peer has one connection at a time */
	assert_int_equal(session_open(&c, NULL, MARKET_COINM, false, &f), 0);
	assert_false(c.off.known);
	peer->skew_ms = 5000;
	assert_int_equal(session_sync(&c, false, &f), 0);
	assert_int_equal(peer->times, 5);
	assert_true(c.off.offset_ms > 4000);
	session_close(&c);
	assert_int_equal(session_open(&s, NULL, MARKET_USDM, false, &f), 0);
	assert_true(s.off.known && s.off.offset_ms < 1000);
}

static void
test_measure(void **state)
{
	static _Atomic bool stop;
	struct time_figures fig;

	(void)state;
	assert_int_equal(session_measure(&s, 17, &fig, &f), 0);
	assert_int_equal(f.kind, FAULT_NONE);
	assert_int_equal(peer->times, 17);
	assert_int_equal(fig.asked, 17);
	assert_int_equal(fig.answered, 17);
	assert_true(fig.used >= 1 && fig.used <= 17);
	assert_int_equal(s.off.measured_ms, fig.at_us / 1000);
	assert_int_equal(session_transmissions(&s), 0);
	stop = true;
	s.stop = &stop;
	assert_int_equal(session_measure(&s, 5, &fig, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(peer->times, 17);
}

#define TEST(t)	cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fresh), TEST(test_old), TEST(test_failing), TEST(test_adopted), TEST(test_unsure),
		TEST(test_markets), TEST(test_measure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

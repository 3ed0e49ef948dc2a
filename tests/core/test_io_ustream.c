/* The account's stream: its key asked for through calls (a stand-in here, told what to
 * answer), its connection to a peer that plays by script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "io/clock.h"
#include "io/ustream.h"
#include "scratch.h"
#include "wsfork.h"

#define FDS		8
#define PATIENCE_MS	25000
#define KEY1	"pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1"

/*
 * Requests: what they are answered is next
 */

struct calls { int asked[EP_COUNT], taken; calls_done *done; void *arg; };

static struct calls lanes;
static const char *answer;	/* a body; NULL: why_not */
static struct fault why_not, no_room;
static bool hold;		/* it is under way until answer_now */

int
calls_take(struct calls *c, enum ep ep, const char *query, int orders, bool urgent, struct fault *f)
{
	assert_true(*query == '\0' && orders == 0 && urgent && endpoint(ep)->security == SEC_KEY);
	c->taken++;
	if (no_room.kind == FAULT_NONE)
		return 0;
	*f = no_room;
	memset(&no_room, 0, sizeof no_room);
	return -1;
}

int
calls_send(struct calls *c, enum ep ep, const char *query, int64_t stamp_ms, int timeout_ms,
    calls_done *done, void *arg, struct fault *f)
{
	(void)query, (void)f;
	assert_true(stamp_ms == 0 && timeout_ms == 0 && c->done == NULL);
	c->asked[ep]++;
	c->done = done;
	c->arg = arg;
	return 0;
}

static void
answer_now(void)
{
	calls_done *done = lanes.done;
	struct scan sc = { 0 };

	lanes.done = NULL;
	if (answer != NULL) {
		assert_true(scan_doc(&sc, answer, strlen(answer)) > 0);
		done(lanes.arg, NULL, sc.t, sc.t);
	} else
		done(lanes.arg, &why_not, NULL, NULL);
	scan_free(&sc);
}

/*
 * The loop
 */

static struct session s;
static struct ws_loop *loop;
static struct ustream *u;
static struct fault f;
static int nrecords;
static char last[200];
static int64_t skip_ms;		/* monotonic time is ahead by that */

static void
on_record(void *arg, const struct tok *t, const struct tok *v)
{
	assert_ptr_equal(arg, &nrecords);
	assert_ptr_equal(t, v);
	nrecords++;
	snprintf(last, sizeof last, "%.*s", (int)v->len, v->p);
}

static void
turn(void)
{
	struct pollfd p[FDS];
	int timeout = 20, n = ws_poll(loop, p, FDS, &timeout);

	poll(p, (nfds_t)n, timeout);
	ws_step(loop);
	ustream_step(u, clock_mono_ms() + skip_ms);
	if (lanes.done != NULL && !hold)
		answer_now();
}

#define until(what)	do { \
	int64_t end_ = clock_mono_ms() + PATIENCE_MS; \
	while (!(what) && clock_mono_ms() < end_) \
		turn(); \
	assert_true(what); \
} while (0)

static void
begin(enum market m)
{
	static const struct ws_events none;
	char conf[300];

	snprintf(conf, sizeof conf, "[x]\nrest = http://127.0.0.1:%d\nws = ws://127.0.0.1:%d\nkey_file = k\n",
	    peer_now->port, peer_now->port);
	scratch_text(".config/bf/config", 0600, conf);
	scratch_text(".config/bf/k", 0600, "key=k\nsecret=s\n");
	memset(&lanes, 0, sizeof lanes);
	memset(&no_room, 0, sizeof no_room);
	nrecords = 0;
	skip_ms = 0;
	hold = false;
	answer = "{\"listenKey\":\"" KEY1 "\"}";
	if (session_open(&s, "x", m, true, &f) == -1 || ws_open(&loop, 1 << 20, NULL, &none, NULL, &f) == -1 ||
	    ustream_open(&u, loop, &lanes, &s, on_record, &nrecords, &f) == -1)
		fail_msg("%s", f.text);
}

static int
setup(void **state)
{
	unsetenv("BF_CONFIG");
	unsetenv("BF_PROFILE");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CACHE_HOME");
	return scratch_make(state) == -1 ? -1 : setenv("HOME", scratch, 1);
}

static int
teardown(void **state)
{
	ustream_close(u);
	u = NULL;
	ws_close(loop);
	loop = NULL;
	session_close(&s);
	peer_end();
	return scratch_remove(state);
}

static void
records_are_handed_over(void **state)
{
	(void)state;
	PEER("up;text={\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"i\":8389765929445198309}};text=nonsense;text=[1];"
	    "text={\"e\":\"TRADE_LITE\"};hold");
	begin(MARKET_USDM);
	assert_false(ustream_up(u));
	until(nrecords == 1 || nrecords == 2);
	until(nrecords == 2);
	assert_true(ustream_up(u));
	assert_string_equal(last, "{\"e\":\"TRADE_LITE\"}");
	assert_non_null(peer_line("asked GET /private/ws/" KEY1 " HTTP", 0));
	assert_int_equal(lanes.asked[EP_LISTEN_KEY_NEW], 1);
	assert_int_equal(lanes.taken, 1);
}

static void
coin_m_has_no_route(void **state)
{
	(void)state;
	PEER("up;hold");
	begin(MARKET_COINM);
	until(ustream_up(u));
	assert_non_null(peer_line("asked GET /ws/" KEY1 " HTTP", 0));
}

/* No room, a failure, an answer without a key, a key that would end the line: asked again. */
static void
the_key_is_asked_for_until_there_is_one(void **state)
{
	static const char *const bad[] = { NULL, "{}", "{\"listenKey\":\"\"}", "{\"listenKey\":\"a b\"}", "{\"listenKey\":7}" };

	(void)state;
	PEER("up;hold");
	begin(MARKET_USDM);
	no_room = (struct fault){ .kind = FAULT_AGAIN, .retry_ms = 30 };
	fault_set(&why_not, FAULT_AGAIN, "no");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		answer = bad[i];
		skip_ms += 40000;		/* past every wait */
		until(lanes.asked[EP_LISTEN_KEY_NEW] == (int)i + 1);
		assert_null(peer_line("asked", 0));
	}
	answer = "{\"listenKey\":\"" KEY1 "\"}";
	skip_ms += 40000;
	until(ustream_up(u));
}

static void
the_key_is_kept_alive(void **state)
{
	(void)state;
	PEER("up;hold");
	begin(MARKET_USDM);
	until(ustream_up(u));
	assert_int_equal(lanes.asked[EP_LISTEN_KEY_KEEP], 0);
	skip_ms = 25 * 60 * 1000;
	until(lanes.asked[EP_LISTEN_KEY_KEEP] == 1);
	turn();
	assert_int_equal(lanes.asked[EP_LISTEN_KEY_KEEP], 1);
	assert_true(ustream_up(u));
	assert_int_equal(lanes.asked[EP_LISTEN_KEY_CLOSE], 0);
}

#define EXPIRED	"{\"e\":\"listenKeyExpired\",\"listenKey\":\"x\"}"

static void
a_key_that_is_lost_is_replaced(void **state)
{
	static const char *const how[] = { "expired", "unknown", "other", "refused" };

	(void)state;
	for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
		if (i == 0)
			PEER("up;text=" EXPIRED ";closed", "up;hold");
		else if (i == 3)
			PEER("http=401 Unauthorized||x", "up;hold");
		else
			PEER("up;closed", "up;hold");
		begin(MARKET_USDM);
		if (i == 0 || i == 3)
			until(lanes.asked[EP_LISTEN_KEY_NEW] == 1);
		else
			until(ustream_up(u));
		answer = i == 1 ? NULL : "{\"listenKey\":\"second\"}";
		fault_set(&why_not, FAULT_REJECTED, "no such key");
		why_not.code = -1125;
		skip_ms = i == 0 || i == 3 ? 0 : 25 * 60 * 1000;
		if (i == 1 || i == 2)
			until(lanes.asked[EP_LISTEN_KEY_KEEP] == 1);
		answer = "{\"listenKey\":\"second\"}";
		until(peer_line("asked GET /private/ws/second HTTP", 0) != NULL);
		until(ustream_up(u));
		assert_int_equal(nrecords, 0);
		assert_int_equal(lanes.asked[EP_LISTEN_KEY_NEW], 2);
		ustream_close(u);
		u = NULL;
		ws_close(loop);
		loop = NULL;
		session_close(&s);
		peer_end();
	}
}

static void
it_may_be_closed_while_a_request_is_under_way(void **state)
{
	(void)state;
	PEER("up;hold");
	begin(MARKET_USDM);
	hold = true;
	until(lanes.asked[EP_LISTEN_KEY_NEW] == 1);
	ustream_close(u);
	u = NULL;
	answer_now();			/* the answer that nobody waits for */
	assert_int_equal(ustream_open(&u, loop, &lanes, &s, on_record, &nrecords, &f), 0);
	until(lanes.asked[EP_LISTEN_KEY_NEW] == 2);	/* and one that never comes: closed by teardown */
}

int
main(void)
{
#define T(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest test[] = {
		T(records_are_handed_over),
		T(coin_m_has_no_route),
		T(the_key_is_asked_for_until_there_is_one),
		T(the_key_is_kept_alive),
		T(a_key_that_is_lost_is_replaced),
		T(it_may_be_closed_while_a_request_is_under_way),
	};
#undef T

	return cmocka_run_group_tests(test, NULL, NULL);
}

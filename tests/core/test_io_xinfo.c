#include <sys/time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/state.h"
#include "io/xinfo.h"
#include "peer.h"

#define SYMBOL(name) "{\"symbol\":\"" name "\",\"status\":\"TRADING\"}"
#define INFO(symbols) "{\"rateLimits\":[" \
	"{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":100}," \
	"{\"rateLimitType\":\"ORDERS\",\"interval\":\"SECOND\",\"intervalNum\":10,\"limit\":10}," \
	"{\"rateLimitType\":\"ORDERS\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":50}]," \
	"\"symbols\":[" symbols "]}"
#define ONE	{ .body = INFO(SYMBOL("BTCUSDT")), .cut = -1 }
#define TWO	{ .body = INFO(SYMBOL("BTCUSDT") "," SYMBOL("ETHUSDT")), .cut = -1 }

static struct session s;
static struct xinfo x;
static struct rules r;
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
	xinfo_free(&x);
	session_close(&s);
	peer_stop();
	home_remove();
	return 0;
}

static void
test_cache(void **state)
{
	struct timeval old[2];
	char path[600];

	(void)state;
	SCRIPT(ONE);
	assert_int_equal(xinfo_get(&x, &s, false, &f), 0);
	assert_false(x.from_cache);
	assert_int_equal(xinfo_get(&x, &s, false, &f), 0);
	assert_true(x.from_cache);
	assert_int_equal(peer->nlog, 1);
	assert_int_equal(xinfo_get(&x, &s, true, &f), 0);
	assert_false(x.from_cache);
	assert_int_equal(peer->nlog, 2);
	/* an hour and a little old */
	gettimeofday(&old[0], NULL);
	old[0].tv_sec -= 3610;
	old[1] = old[0];
	snprintf(path, sizeof path, "%s/exchangeInfo.json", s.prof.cache_dir);
	assert_int_equal(utimes(path, old), 0);
	assert_int_equal(xinfo_get(&x, &s, false, &f), 0);
	assert_int_equal(peer->nlog, 3);
}

static void
test_damaged(void **state)
{
	static const char *const text[] = { "", "{\"symbols\":[", "{\"symbols\":[]}", "[]", "{}" };

	(void)state;
	assert_int_equal(state_dir(s.prof.cache_dir, &f), 0);
	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		SCRIPT(ONE);
		assert_int_equal(state_write(s.prof.cache_dir, "exchangeInfo.json", text[i],
		    strlen(text[i]), &f), 0);
		assert_int_equal(xinfo_get(&x, &s, false, &f), 0);
		assert_false(x.from_cache);
		assert_int_equal(peer->nlog, 1);
	}
	/* an answer without symbols is not kept, and what was known stands */
	SCRIPT({ .body = "{\"symbols\":[]}", .cut = -1 });
	assert_int_equal(xinfo_get(&x, &s, true, &f), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(xinfo_rules(&x, &s, "BTCUSDT", &r, &f), 0);
	assert_int_equal(xinfo_get(&x, &s, false, &f), 0);
	assert_true(x.from_cache);
}

static void
test_rules(void **state)
{
	(void)state;
	SCRIPT(ONE, TWO);
	assert_int_equal(xinfo_get(&x, &s, false, &f), 0);
	assert_int_equal(xinfo_get(&x, &s, false, &f), 0);
	assert_int_equal(xinfo_rules(&x, &s, "ETHUSDT", &r, &f), 0);	/* listed since */
	assert_string_equal(r.symbol, "ETHUSDT");
	assert_int_equal(peer->nlog, 2);
	assert_int_equal(xinfo_rules(&x, &s, "XXX", &r, &f), -1);	/* just asked: not again */
	assert_int_equal(f.code, -1121);
	assert_int_equal(peer->nlog, 2);
}

static void
test_limits(void **state)
{
	const struct endpoint *e = endpoint(EP_ORDER_GET);
	int64_t t;
	int n = 0;

	(void)state;
	SCRIPT(ONE);
	assert_int_equal(xinfo_get(&x, &s, false, &f), 0);
	t = session_now(&s) + 120000;
	while (limits_take(s.lim, e, MARKET_USDM, 1, true, t, &f) == 0)
		n++;
	assert_int_equal(n, 100);
}

#define COINM	{ .body = INFO("{\"symbol\":\"BTCUSD_PERP\",\"pair\":\"BTCUSD\"," \
		"\"contractType\":\"PERPETUAL\",\"contractStatus\":\"TRADING\",\"contractSize\":100}"), .cut = -1, \
		.end = END_FIN }
#define USDM	{ .body = INFO(SYMBOL("BTCUSDT")), .cut = -1, .end = END_FIN }

/* Each market has its answer, its cache, and its address. */
static void
test_markets(void **state)
{
	struct session c = { 0 };
	struct xinfo cx = { 0 };
	struct listed l;

	(void)state;
	assert_int_equal(session_open(&c, NULL, MARKET_COINM, false, &f), 0);
	SCRIPT(USDM, COINM);
	assert_int_equal(xinfo_get(&x, &s, false, &f), 0);
	assert_false(xinfo_there(&cx));
	assert_int_equal(xinfo_get(&cx, &c, false, &f), 0);
	assert_true(xinfo_there(&cx));
	assert_false(cx.from_cache);
	assert_int_equal(peer_saw("GET /fapi/v1/exchangeInfo"), 1);
	assert_int_equal(peer_saw("GET /dapi/v1/exchangeInfo"), 1);
	assert_int_equal(xinfo_get(&x, &s, false, &f), 0);
	assert_int_equal(xinfo_get(&cx, &c, false, &f), 0);
	assert_true(x.from_cache && cx.from_cache);
	assert_int_equal(peer->nlog, 2);
	assert_int_equal(xinfo_rules(&cx, &c, "BTCUSD_PERP", &r, &f), 0);
	assert_string_equal(r.status, "TRADING");
	assert_int_equal(dec_cmp(r.contract_size, dec_int(100)), 0);
	xinfo_listed(&cx, "BTCUSD", &l);
	assert_int_equal(l.as, LISTED_PAIR);
	xinfo_listed(&x, "BTCUSD_PERP", &l);
	assert_int_equal(l.as, 0);
	xinfo_free(&cx);
	session_close(&c);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cache), TEST(test_damaged), TEST(test_rules), TEST(test_limits),
		TEST(test_markets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/venue.h"
#include "peer.h"

#define SYMBOL(name)	"{\"symbol\":\"" name "\",\"status\":\"TRADING\"}"
#define INFO(symbols)	{ .body = "{\"symbols\":[" symbols "]}", .cut = -1, .end = END_FIN }
#define USDM		INFO(SYMBOL("BTCUSDT") "," SYMBOL("ETHUSDT"))
#define COINM		INFO("{\"symbol\":\"BTCUSD_PERP\",\"pair\":\"BTCUSD\",\"contractStatus\":\"TRADING\",\"contractSize\":100}")
#define BUSY		{ .head = "HTTP/1.1 503 Service Unavailable\r\n", .body = "{}", .cut = -1, .end = END_FIN }

#define ASKED(api)	peer_saw("GET /" api "/v1/exchangeInfo HTTP")

static struct venue v;
static struct fault f;
static struct rules r;
static enum market m;

static int
setup(void **state)
{
	(void)state;
	peer_start();
	home_make(peer->port, "");
	v = (struct venue){ .need_key = true };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	venue_close(&v);
	peer_stop();
	home_remove();
	return 0;
}

/* Where a symbol was found, "" if nowhere. */
static const char *
found(const char *symbol)
{
	return venue_find(&v, symbol, &m, &r, &f) == -1 ? "" : market_word(m);
}

static void
test_find(void **state)
{
	(void)state;
	SCRIPT(USDM, COINM);
	assert_string_equal(found("BTCUSDT"), "usdm");
	assert_string_equal(r.symbol, "BTCUSDT");
	assert_int_equal(peer->nlog, 1);	/* the other market is not asked for nothing */
	assert_false(v.open[MARKET_COINM]);
	assert_string_equal(found("BTCUSD_PERP"), "coinm");
	assert_true(dec_cmp(r.contract_size, (dec){ 100, 0 }) == 0);
	assert_string_equal(found("ETHUSDT"), "usdm");
	assert_int_equal(venue_find(&v, "BTCUSDT", &m, NULL, &f), 0);
	assert_int_equal(ASKED("fapi"), 1);
	assert_int_equal(ASKED("dapi"), 1);
}

/* Neither market, just asked, has it: the names of both that come near. */
static void
test_not_listed(void **state)
{
	(void)state;
	SCRIPT(USDM, COINM);
	assert_string_equal(found("BTCUSD"), "");
	assert_int_equal(f.kind, FAULT_REJECTED);
	assert_int_equal(f.code, -1121);
	assert_non_null(strstr(f.text, "BTCUSDT"));
	assert_non_null(strstr(f.text, "BTCUSD_PERP"));
	assert_non_null(strstr(f.text, "not listed on USDⓈ-M or COIN-M"));
	assert_int_equal(peer->nlog, 2);
}

/* With --market one market is looked at, and named. */
static void
test_not_listed_there(void **state)
{
	(void)state;
	v.only = true;
	SCRIPT(USDM);
	assert_string_equal(found("BTCUSD"), "");
	assert_non_null(strstr(f.text, "not listed on USDⓈ-M; near: BTCUSDT"));
	assert_null(strstr(f.text, "COIN-M"));
	assert_int_equal(peer->nlog, 1);
}

/* What a cache does not know may be listed since: asked once more, of each market, and not again. */
static void
test_cache(void **state)
{
	(void)state;
	SCRIPT(USDM, COINM);
	assert_string_equal(found("XRPUSDT"), "");
	venue_close(&v);
	SCRIPT(INFO(SYMBOL("BTCUSDT") "," SYMBOL("XRPUSDT")), COINM);
	assert_string_equal(found("BTCUSDT"), "usdm");
	assert_int_equal(peer->nlog, 0);
	assert_string_equal(found("XRPUSDT"), "usdm");
	assert_int_equal(peer->nlog, 1);
	assert_string_equal(found("NOSUCH"), "");
	assert_int_equal(ASKED("fapi"), 1);
	assert_int_equal(ASKED("dapi"), 1);
	assert_string_equal(found("NOSUCH"), "");
	assert_int_equal(peer->nlog, 2);
}

/* --market: no other is asked. */
static void
test_only(void **state)
{
	(void)state;
	v.only = true;
	SCRIPT(USDM);
	assert_string_equal(found("BTCUSD_PERP"), "");
	assert_int_equal(f.code, -1121);
	venue_close(&v);
	v.market = MARKET_COINM;
	SCRIPT(COINM);
	assert_string_equal(found("BTCUSD_PERP"), "coinm");
	assert_false(v.open[MARKET_USDM]);
	assert_int_equal(ASKED("fapi"), 0);
}

/* That a symbol is not listed is not said of a market that could not be asked. */
static void
test_not_asked(void **state)
{
	(void)state;
	SCRIPT(USDM, BUSY);
	assert_string_equal(found("BTCUSD_PERP"), "");
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(f.http, 503);
	assert_non_null(strstr(f.text, "COIN-M could not be asked"));
	SCRIPT(BUSY);
	venue_close(&v);
	v.market = MARKET_COINM;
	assert_string_equal(found("BTCUSD_PERP"), "");
	assert_int_equal(f.kind, FAULT_AGAIN);
}

/* The second shares key and limits with the first, waits and stops as it does. */
static void
test_sessions(void **state)
{
	struct session *first, *second;
	static _Atomic bool stop;

	(void)state;
	assert_true(venue_has(&v, MARKET_USDM));
	assert_true(venue_has(&v, MARKET_COINM));
	first = venue_session(&v, MARKET_USDM, &f);
	assert_non_null(first);
	first->timeout_ms = 1234;
	first->stop = &stop;
	second = venue_session(&v, MARKET_COINM, &f);
	assert_non_null(second);
	assert_ptr_equal(venue_session(&v, MARKET_COINM, &f), second);
	assert_ptr_equal(second->cred, first->cred);
	assert_ptr_equal(second->lim, first->lim);
	assert_int_equal(second->market, MARKET_COINM);
	assert_int_equal(second->timeout_ms, 1234);
	assert_ptr_equal(second->stop, &stop);
	venue_close(&v);
	assert_false(v.open[MARKET_USDM] || v.open[MARKET_COINM]);
	venue_close(&v);
}

/* The second one asked for opens the first too. */
static void
test_second_alone(void **state)
{
	(void)state;
	assert_non_null(venue_session(&v, MARKET_COINM, &f));
	assert_true(v.open[MARKET_USDM]);
}

/* A profile without an address of COIN-M: it is not looked for there. */
static void
test_one_market(void **state)
{
	char path[300];
	FILE *fp;

	(void)state;
	snprintf(path, sizeof path, "%s/.config/bf/config", home);
	assert_non_null(fp = fopen(path, "w"));
	fprintf(fp, "[peer]\nrest = https://futures.example.org\nws = wss://futures.example.org\n");
	fclose(fp);
	assert_true(venue_has(&v, MARKET_USDM));
	assert_false(venue_has(&v, MARKET_COINM));
	assert_null(venue_session(&v, MARKET_COINM, &f));
	assert_int_equal(f.kind, FAULT_USAGE);
}

static void
test_no_profile(void **state)
{
	(void)state;
	setenv("BF_PROFILE", "nowhere", 1);
	assert_null(venue_session(&v, MARKET_USDM, &f));
	assert_int_equal(f.kind, FAULT_USAGE);
	assert_false(venue_has(&v, MARKET_USDM));
	assert_string_equal(found("BTCUSDT"), "");
	assert_int_equal(f.kind, FAULT_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_find, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_listed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_listed_there, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cache, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sessions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_second_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_market, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_profile, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Positions against what the account's stream told of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../cmd/bf-risk/told.h"
#include "core/buf.h"
#include "decimal.h"

static struct world *w;
static struct told d;
static struct scan sc;
static struct buf out;

static int
begin(void **state)
{
	(void)state;
	w = calloc(1, sizeof *w);
	w->served[MARKET_USDM] = w->served[MARKET_COINM] = true;
	w->now = (struct now){ 1700000000000, 1000000 };
	return w == NULL ? -1 : 0;
}

static int
end(void **state)
{
	(void)state;
	world_free(w);
	free(w);
	told_free(&d);
	scan_free(&sc);
	buf_free(&out);
	return 0;
}

static void
event(const char *json)
{
	assert_true(scan_doc(&sc, json, strlen(json)) > 0);
	told_event(&d, w, sc.t, sc.t);
}

/* The account was read after ms more, and holds this of symbol. */
static const char *
read_after(int ms, const char *symbol, const char *amt)
{
	enum market m = strstr(symbol, "USD_") != NULL ? MARKET_COINM : MARKET_USDM;
	struct position *p = calloc(1, sizeof *p);

	snprintf(p->symbol, sizeof p->symbol, "%s", symbol);
	p->amt = D(amt);
	free(w->acct[m].pos);
	w->acct[m].pos = p;
	w->acct[m].npos = w->acct[m].cpos = 1;
	w->now.ms += ms;
	w->now.mono_ms += ms;
	buf_reset(&out);
	told_loaded(&d, w, m, &out);
	return out.p == NULL ? "" : out.p;
}

#define UPDATE(s, pa) "{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"P\":[{\"s\":\"" s "\",\"ps\":\"BOTH\",\"pa\":\"" pa "\"}]}}"
#define CONN(what, state) "{\"e\":\"bf.conn\",\"conn\":\"" what "\",\"state\":\"" state "\"}"

static void
test_story(void **state)
{
	(void)state;
	/* without a stream, what is read is what is so */
	assert_string_equal(read_after(0, "BTCUSDT", "1"), "");
	assert_string_equal(read_after(9000, "BTCUSDT", "2"), "");
	event(CONN("user", "up"));
	assert_string_equal(read_after(9000, "BTCUSDT", "2"), "");
	/* the answer was faster than the event */
	assert_string_equal(read_after(1000, "BTCUSDT", "3"), "");
	event(UPDATE("BTCUSDT", "3"));
	assert_string_equal(read_after(9000, "BTCUSDT", "3"), "");
	/* nobody told */
	assert_string_equal(read_after(1000, "BTCUSDT", "-1"), "");
	assert_string_equal(read_after(TOLD_MS - 1, "BTCUSDT", "-1"), "");
	assert_non_null(strstr(read_after(1, "BTCUSDT", "-1"),
	    "\"what\":\"position_mismatch\",\"s\":\"BTCUSDT\",\"ps\":\"BOTH\",\"was\":\"3\",\"is\":\"-1\"}\n"));
	assert_string_equal(read_after(9000, "BTCUSDT", "-1"), "");	/* once */
	/* of a symbol never told of: flat it was */
	assert_string_equal(read_after(1000, "ETHUSDT", "5"), "");
	assert_non_null(strstr(read_after(TOLD_MS, "ETHUSDT", "5"), "\"s\":\"ETHUSDT\",\"ps\":\"BOTH\",\"was\":\"0\",\"is\":\"5\"}"));
}

static void
test_down(void **state)
{
	(void)state;
	read_after(0, "BTCUSDT", "1");
	event(CONN("user", "up"));
	w->health.stream_lost[MARKET_USDM] = true;	/* as world_event notes it */
	event(CONN("user", "down"));
	read_after(1000, "BTCUSDT", "2");
	assert_string_equal(read_after(9000, "BTCUSDT", "2"), "");
	/* the stream of one market says nothing of the other */
	event(UPDATE("BTCUSDT", "2"));
	read_after(0, "BTCUSD_PERP", "1");
	read_after(1000, "BTCUSD_PERP", "2");
	assert_string_equal(read_after(9000, "BTCUSD_PERP", "2"), "");
	event(CONN("user-coinm", "up"));
	read_after(1000, "BTCUSD_PERP", "3");
	assert_non_null(strstr(read_after(9000, "BTCUSD_PERP", "3"), "\"was\":\"2\",\"is\":\"3\"}"));
}

/* Nothing in a record can harm. */
static void
test_strange(void **state)
{
	(void)state;
	event("{\"e\":\"ACCOUNT_UPDATE\"}");
	event("{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"P\":{}}}");
	event("{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"P\":[1,null,{},{\"s\":\"\",\"pa\":\"1\"},{\"s\":\"X\",\"pa\":1e99},{\"s\":7}]}}");
	event("{\"e\":\"bf.conn\"}");
	assert_string_equal(read_after(0, "BTCUSDT", "1"), "");
	for (int i = 0; i < 100; i++) {		/* many */
		char json[200];

		snprintf(json, sizeof json, "{\"e\":\"ACCOUNT_UPDATE\",\"a\":{\"P\":[{\"s\":\"S%dUSDT\",\"pa\":\"0\"}]}}", i);
		event(json);
	}
	assert_string_equal(read_after(9000, "S99USDT", "0"), "");
}

int
main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(test_ ## t, begin, end)
	const struct CMUnitTest tests[] = { T(story), T(down), T(strange) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The account by REST: what is asked in which order and at what weight, and what stands after anything that goes wrong
 * on the way. The answers are canned, the requests are as the peer wrote them down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/load.h"
#include "peer.h"

#define PATIENCE_MS	20000
#define MANY		41

#define WALLET(asset, amount) "{\"asset\":\"" asset "\",\"walletBalance\":\"" amount "\",\"crossWalletBalance\":\"" amount \
	"\",\"availableBalance\":\"" amount "\",\"updateTime\":1}"
#define ACCOUNT		"{\"assets\":[" WALLET("USDT", "1000") "]}"
#define POS_REST	"\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"2\",\"entryPrice\":\"100\"," \
	"\"markPrice\":\"100\",\"unRealizedProfit\":\"0\",\"liquidationPrice\":\"0\",\"isolatedWallet\":\"0\"}"
#define POS(symbol, amt, entry, orders, iso) "{\"symbol\":\"" symbol "\",\"positionSide\":\"BOTH\",\"positionAmt\":\"" amt \
	"\",\"entryPrice\":\"" entry "\",\"breakEvenPrice\":\"" entry "\",\"markPrice\":\"100\",\"unRealizedProfit\":\"0\"," \
	"\"liquidationPrice\":\"0\",\"isolatedMargin\":\"0\",\"isolatedWallet\":\"" iso "\",\"marginAsset\":\"USDT\"," \
	"\"openOrderInitialMargin\":\"" orders "\",\"bidNotional\":\"" orders "\",\"askNotional\":\"0\",\"adl\":1,\"updateTime\":1}"
#define HELD		"[" POS("BTCUSDT", "1", "100", "0", "0") "]"
#define QUOTED		"[" POS("BTCUSDT", "1", "100", "5", "0") "]"
#define FILLED		"[" POS("BTCUSDT", "3", "100", "0", "0") "]"
#define ORDER(id, symbol) "{\"symbol\":\"" symbol "\",\"orderId\":" id ",\"clientOrderId\":\"c" id "\",\"status\":\"NEW\"," \
	"\"type\":\"LIMIT\",\"side\":\"BUY\",\"positionSide\":\"BOTH\",\"price\":\"90\",\"stopPrice\":\"0\",\"origQty\":\"2\"," \
	"\"executedQty\":\"0\",\"reduceOnly\":false,\"closePosition\":false,\"timeInForce\":\"GTC\",\"updateTime\":1,\"time\":1}"
#define ORDERS		"[" ORDER("7", "BTCUSDT") "]"
#define CONFIG		"[{\"symbol\":\"BTCUSDT\",\"marginType\":\"CROSSED\",\"leverage\":20,\"maxNotionalValue\":\"1\"}]"
#define MODES		"{\"dualSidePosition\":false,\"multiAssetsMargin\":false}"

#define OK(json)	{ .body = json, .cut = -1 }
#define BROKEN		{ .head = "HTTP/1.1 500 Internal Server Error\r\n", .body = "{\"code\":-1000,\"msg\":\"no\"}", .cut = -1 }

static char many_rows[MANY * 400];
static struct session s;
static struct calls *c;
static struct loader *l;
static struct account a;
static struct fault f;

static void
open_market(enum market m)
{
	memset(&s, 0, sizeof s);
	if (session_open(&s, NULL, m, true, &f) == -1 || session_sync(&s, true, &f) == -1 ||
	    calls_open(&c, &s, 2, &f) == -1 || loader_open(&l, c, &s, &f) == -1)
		fail_msg("%s", f.text);
	memset(&f, 0, sizeof f);
}

static void
close_market(void)
{
	loader_close(l);
	calls_close(c);
	session_close(&s);
}

static int
setup(void **state)
{
	char *p = many_rows;

	(void)state;
	*p++ = '[';	/* before the fork: the peer has it too */
	for (int i = 0; i < MANY; i++)
		p += snprintf(p, 400, "%s{\"symbol\":\"S%dUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"0\",\"entryPrice\":\"0\","
		    "\"markPrice\":\"1\",\"openOrderInitialMargin\":\"1\",\"bidNotional\":\"1\",\"askNotional\":\"0\","
		    "\"updateTime\":1}", i > 0 ? "," : "", i);
	snprintf(p, 2, "]");
	peer_start();
	home_make(peer->port, "");
	open_market(MARKET_USDM);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close_market();
	account_free(&a);
	peer_stop();
	home_remove();
	return 0;
}

static int
turn(void)
{
	struct pollfd p[16];
	int timeout = 100, n = calls_poll(c, p, 16, &timeout);
	int64_t at;

	poll(p, (nfds_t)n, timeout);
	calls_step(c);
	return loader_step(l, &at, &f);
}

/* 1: read whole, -1: failed with f. */
static int
ends(void)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;
	int r = 0;

	while (r == 0 && clock_mono_ms() < end)
		r = turn();
	assert_int_not_equal(r, 0);
	return r;
}

static int
load(void)
{
	memset(&f, 0, sizeof f);
	return loader_start(l, &a, LOAD_ALL, &f) == -1 ? -1 : ends();
}

static void
loads(void)
{
	if (load() != 1)
		fail_msg("%s", f.text);
	assert_true(a.known);
}

/* What was asked for: "account positionRisk openOrders?symbol=BTCUSDT", and what it weighs. */
static void
asked(const char *want, int weight)
{
	static const struct { const char *path; enum ep ep; } eps[] = {
		{ "account", EP_ACCOUNT }, { "positionRisk", EP_POSITION_RISK }, { "openOrders", EP_OPEN_ORDERS },
		{ "openAlgoOrders", EP_OPEN_ALGO_ORDERS }, { "symbolConfig", EP_SYMBOL_CONFIG },
		{ "accountConfig", EP_ACCOUNT_CONFIG }, { "dual", EP_POSITION_MODE },
	};
	char got[2000] = "", path[300];
	int sum = 0;

	for (int i = 0; i < peer->nlog && i < PEER_LOG; i++) {
		char *at = strstr(peer->log[i], " "), *q;

		snprintf(path, sizeof path, "%.*s", (int)strcspn(at + 1, " "), at + 1);
		at = strrchr(path, '/') + 1;
		if ((q = strstr(at, "?timestamp=")) != NULL || (q = strstr(at, "&timestamp=")) != NULL)
			*q = '\0';
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", *got != '\0' ? " " : "", at);
		q = strchr(at, '?');
		for (size_t k = 0; k < sizeof eps / sizeof *eps; k++)
			if (strncmp(at, eps[k].path, strlen(eps[k].path)) == 0 &&
			    strcspn(at, "?") == strlen(eps[k].path))
				sum += endpoint_weight(endpoint(eps[k].ep), s.market, q != NULL ? q + 1 : "");
	}
	assert_string_equal(got, want);
	assert_int_equal(sum, weight);
}

static void
is(dec got, const char *want)
{
	char text[DEC_STR];

	dec_print_short(got, text);
	assert_string_equal(text, want);
}

static void
amounts(const char *want)
{
	assert_non_null(account_position(&a, "BTCUSDT", POS_BOTH));
	is(account_position(&a, "BTCUSDT", POS_BOTH)->amt, want);
}

/* With settings the first time, then without; what nobody tells of is not asked for. */
static void
test_weights(void **state)
{
	(void)state;
	SCRIPT(OK(ACCOUNT), OK("[]"), OK("[]"), OK(CONFIG), OK(MODES));
	loads();
	asked("account positionRisk openAlgoOrders symbolConfig accountConfig", 60);
	SCRIPT(OK(ACCOUNT), OK("[]"));
	loads();
	asked("account positionRisk", 10);
	SCRIPT(OK(ACCOUNT), OK(HELD));		/* held, and no order that could add */
	loads();
	asked("account positionRisk", 10);
	SCRIPT(OK(ACCOUNT), OK(QUOTED), OK(ORDERS), OK(QUOTED));
	loads();
	asked("account positionRisk openOrders?symbol=BTCUSDT positionRisk", 16);
	assert_int_equal(a.nord, 1);
}

/* What filled between the answers is seen in one of them; an order that was known is asked after although no position
 * tells of it any more. */
static void
test_fills(void **state)
{
	(void)state;
	SCRIPT(OK(ACCOUNT), OK(QUOTED), OK("[]"), OK(FILLED), OK("[]"), OK(CONFIG), OK(MODES));
	loads();
	amounts("3");
	assert_int_equal(a.nord, 0);
	SCRIPT(OK(ACCOUNT), OK(QUOTED), OK(ORDERS), OK(QUOTED));
	loads();
	assert_int_equal(a.nord, 1);
	SCRIPT(OK(ACCOUNT), OK(HELD), OK("[]"), OK(FILLED));
	loads();
	asked("account positionRisk openOrders?symbol=BTCUSDT positionRisk", 16);
	amounts("3");
	assert_int_equal(a.nord, 0);
}

/* One answer for all is cheaper than one for each of more than 40; two are asked for one by one. */
static void
test_many(void **state)
{
	static const char two[] = "[" POS("BTCUSDT", "1", "100", "5", "0") "," POS("ETHUSDT", "0", "0", "5", "0") "]";

	(void)state;
	SCRIPT(OK(ACCOUNT), OK(many_rows), OK(ORDERS), OK(many_rows), OK("[]"), OK(CONFIG), OK(MODES));
	loads();
	asked("account positionRisk openOrders positionRisk openAlgoOrders symbolConfig accountConfig", 105);
	assert_int_equal(a.nord, 1);
	account_free(&a);
	SCRIPT(OK(ACCOUNT), OK(two), OK(ORDERS), OK("[" ORDER("8", "ETHUSDT") "]"), OK(two));
	loads();
	asked("account positionRisk openOrders?symbol=BTCUSDT openOrders?symbol=ETHUSDT positionRisk", 17);
	assert_int_equal(a.nord, 2);
}

/* At each step: an error, what is no JSON, a wrong kind, a cut. What was read last stands, and the next read mends it. */
static void
test_failures(void **state)
{
	static const struct act steps[] = { OK("{\"assets\":[" WALLET("USDT", "500") "]}"),
	    OK("[" POS("BTCUSDT", "9", "100", "5", "0") "]"), OK("[]"), OK("[" POS("BTCUSDT", "9", "100", "5", "0") "]") };
	static const struct act bad[] = { BROKEN, OK("<html>"), OK("7"), OK("null"), OK("[{}]"),
	    { .body = ACCOUNT, .cut = 90, .end = END_FIN } };

	(void)state;
	SCRIPT(OK(ACCOUNT), OK(QUOTED), OK(ORDERS), OK(QUOTED), OK("[]"), OK(CONFIG), OK(MODES));
	loads();
	for (int k = 0; k < 4; k++)
		for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
			struct act act[6];

			SCRIPT(OK(ACCOUNT), OK(QUOTED), OK(ORDERS), OK(QUOTED));
			loads();
			memcpy(act, steps, sizeof steps);
			act[k] = bad[i];
			act[k + 1] = bad[i];
			peer_script(act, k + 2);
			assert_int_equal(load(), -1);
			assert_true(f.kind == FAULT_AGAIN || f.kind == FAULT_UNKNOWN);
			assert_true(f.text[0] != '\0');
			assert_true(a.known);
			is(a.wal[0].balance, k > 0 ? "500" : "1000");
			amounts(k > 1 ? "9" : "1");
			assert_int_equal(a.nord, k > 2 ? 0 : 1);
			assert_int_equal(a.asked_ms, 0);
		}
	SCRIPT(OK(ACCOUNT), OK(HELD), OK("[]"), OK(HELD));
	loads();
	amounts("1");
}

/* An answer that contradicts itself is no account, and names what is wrong. */
static void
test_contradictions(void **state)
{
	static const struct { const char *body, *names; } row[] = {
		{ "[" POS("BTCUSDT", "2", "100", "0", "0") "," POS("BTCUSDT", "2", "100", "0", "0") "]", "single row" },
		{ "[" POS("BTCUSDT", "2", "0", "0", "0") "]", "entryPrice" },
		{ "[" POS("BTCUSDT", "2", "", "0", "0") "]", "entryPrice" },
		{ "[{\"marginType\":\"isolated\"," POS_REST "]", "isolatedWallet" },
		{ "[{\"symbol\":\"BTCUSDT\",\"positionAmt\":\"2\"}]", "positionSide" },
		{ "[{\"positionAmt\":\"2\"}]", "symbol" },
	};

	(void)state;
	SCRIPT(OK(ACCOUNT), OK(HELD), OK("[]"), OK("[]"), OK(CONFIG), OK(MODES));
	loads();
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct act act[] = { OK(ACCOUNT), { .body = row[i].body, .cut = -1 } };

		peer_script(act, 2);
		assert_int_equal(load(), -1);
		assert_int_equal(f.kind, FAULT_UNKNOWN);
		if (strstr(f.text, row[i].names) == NULL)
			fail_msg("%zu: %s", i, f.text);
		amounts("1");
	}
}

/* An event that came while the answer was on its way knows better; what it did not tell of is as answered. */
static void
test_events(void **state)
{
	static const struct act slow = { .cut = -1, .stall_ms = 300,
	    .body = "[" POS("BTCUSDT", "1", "100", "0", "0") "," POS("ETHUSDT", "4", "100", "0", "0") "]" };
	struct act act[] = { OK(ACCOUNT), slow, OK("[]"), OK("[]"), OK("[]"), OK(CONFIG), OK(MODES) };
	struct scan sc = { 0 };
	char event[400];
	int64_t end = clock_mono_ms() + PATIENCE_MS;

	(void)state;
	peer_script(act, 7);
	memset(&f, 0, sizeof f);
	assert_int_equal(loader_start(l, &a, LOAD_ALL, &f), 0);
	assert_int_equal(loader_start(l, &a, LOAD_ALL, &f), 0);	/* one at a time */
	while (peer->nlog < 2 && clock_mono_ms() < end)
		assert_int_equal(turn(), 0);
	snprintf(event, sizeof event, "{\"e\":\"ACCOUNT_UPDATE\",\"E\":%lld,\"T\":%lld,\"a\":{\"m\":\"ORDER\",\"B\":[{\"a\":\"USDT\","
	    "\"wb\":\"990\",\"cw\":\"990\",\"bc\":\"0\"}],\"P\":[{\"s\":\"BTCUSDT\",\"pa\":\"2\",\"ep\":\"100\",\"up\":\"0\","
	    "\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"}]}}", (long long)session_now(&s) + 50, (long long)session_now(&s) + 50);
	assert_true(scan_doc(&sc, event, strlen(event)) > 0);
	assert_int_equal(account_event(&a, sc.t, sc.t, &f), 1);
	if (ends() != 1)
		fail_msg("%s", f.text);
	asked("account positionRisk openOrders?symbol=BTCUSDT openOrders?symbol=ETHUSDT openAlgoOrders symbolConfig accountConfig",
	    10 + 2 + 40 + 10);
	amounts("2");
	is(account_position(&a, "ETHUSDT", POS_BOTH)->amt, "4");
	is(a.wal[0].balance, "990");
	scan_free(&sc);
}

/* A limit that was told of holds the next one back, and that is a failure to begin. */
static void
test_limit(void **state)
{
	(void)state;
	SCRIPT({ .head = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 35\r\n", .body = "{\"code\":-1003,\"msg\":\"Too many.\"}",
	    .cut = -1 });
	assert_int_equal(load(), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(peer->nlog, 1);
	assert_int_equal(load(), -1);
	assert_int_equal(f.kind, FAULT_AGAIN);
	assert_int_equal(peer->nlog, 1);
}

/* Orders of COIN-M are seen from its account, for its positions do not tell of them; hedge mode is asked for alone. */
static void
test_coinm(void **state)
{
#define COIN_ROW(margin) "{\"symbol\":\"BTCUSD_PERP\",\"positionAmt\":\"0\",\"openOrderInitialMargin\":\"" margin "\"}"
	(void)state;
	close_market();
	open_market(MARKET_COINM);
	SCRIPT(OK("{\"assets\":[" WALLET("BTC", "1") "],\"positions\":[" COIN_ROW("0") "]}"), OK("[]"), OK("[]"),
	    OK("{\"dualSidePosition\":true}"));
	loads();
	asked("account positionRisk openAlgoOrders dual", 6 + 40 + 30);
	assert_true(a.hedge);
	SCRIPT(OK("{\"assets\":[" WALLET("BTC", "1") "],\"positions\":[" COIN_ROW("0.1") "]}"), OK("[]"),
	    OK("[" ORDER("7", "BTCUSD_PERP") "]"), OK("[]"));
	loads();
	asked("account positionRisk openOrders?symbol=BTCUSD_PERP positionRisk", 6 + 1 + 1);
	assert_int_equal(a.nord, 1);
}

/* Brackets are asked for once a symbol; an answer without it is none. */
static void
test_brackets(void **state)
{
#define LADDER(symbol) "[{\"symbol\":\"" symbol "\",\"brackets\":[{\"bracket\":1,\"initialLeverage\":20,\"notionalCap\":1000," \
	"\"notionalFloor\":0,\"maintMarginRatio\":0.01,\"cum\":0}]}]"
	struct brackets bs = { 0 };

	(void)state;
	SCRIPT(OK(LADDER("ETHUSDT")), OK("[]"), OK("{}"), OK(LADDER("BTCUSDT")));
	for (int i = 0; i < 3; i++)
		assert_null(brackets_of(&bs, &s, "BTCUSDT", &f));
	assert_non_null(brackets_of(&bs, &s, "BTCUSDT", &f));
	assert_non_null(brackets_of(&bs, &s, "BTCUSDT", &f));
	assert_int_equal(peer->nlog, 4);
	brackets_free(&bs);
}

int
main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(test_ ## t, setup, teardown)
	const struct CMUnitTest tests[] = { T(weights), T(fills), T(many), T(failures), T(contradictions), T(events), T(limit),
	    T(coinm), T(brackets) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

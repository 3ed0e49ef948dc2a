/*
 * Conditional orders, modes, contradictions, copies. DOC: samples of Binance's
 * documentation, here and there shortened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "account_rig.h"
#include "recorded.h"

/* DOC: openAlgoOrders */
#define ALGO(id, status, qty, close)							\
	"{\"algoId\":" id ",\"clientAlgoId\":\"a" id "\",\"algoType\":\"CONDITIONAL\","	\
	"\"orderType\":\"STOP_MARKET\",\"symbol\":\"BTCUSDT\",\"side\":\"SELL\","	\
	"\"positionSide\":\"BOTH\",\"timeInForce\":\"GTC\",\"quantity\":\"" qty "\","	\
	"\"algoStatus\":\"" status "\",\"triggerPrice\":\"750.000\",\"price\":\"0.000\","	\
	"\"workingType\":\"MARK_PRICE\",\"closePosition\":" close ",\"reduceOnly\":false,"	\
	"\"createTime\":1750514941540,\"updateTime\":1750514941540,\"triggerTime\":0}"

#define ORDER(id)	"{\"symbol\":\"BTCUSDT\",\"orderId\":" id ",\"clientOrderId\":\"x\","	\
	"\"side\":\"BUY\",\"positionSide\":\"BOTH\",\"price\":\"10\",\"origQty\":\"1\","	\
	"\"executedQty\":\"0\",\"status\":\"NEW\",\"type\":\"STOP\",\"stopPrice\":\"9\","	\
	"\"workingType\":\"CONTRACT_PRICE\",\"closePosition\":false,\"time\":5}"

/* The two kinds are two lists with ids of their own. */
static void
test_two_kinds(void **state)
{
	(void)state;
	reads(account_read_orders, "[" ORDER("7") "," ORDER("8") "]");
	reads(account_read_algo, "[" ALGO("7", "NEW", "0.01", "false") "," ALGO("9", "NEW", "", "true") "]");
	assert_int_equal(a.nord, 4);
	reads(account_read_orders, "[" ORDER("7") "]");
	assert_int_equal(a.nord, 3);
	for (int i = 0; i < a.nord; i++) {
		const struct open_order *o = &a.ord[i];

		if (!o->algo) {
			assert_string_equal(o->type, "STOP");
			same(o->trigger, "9");
			assert_false(o->by_mark || o->reduce || o->close_all);
			continue;
		}
		assert_string_equal(o->type, "STOP_MARKET");
		assert_string_equal(o->status, "NEW");
		same(o->trigger, "750");
		same(o->price, "0");
		same(o->qty, o->id == 7 ? "0.01" : "0");
		assert_true(o->by_mark);
		assert_true(o->close_all == (o->id == 9) && o->reduce == o->close_all);
		assert_string_equal(o->client_id, o->id == 7 ? "a7" : "a9");
	}
	reads(account_read_algo, "[]");
	assert_int_equal(a.nord, 1);
	assert_false(a.ord[0].algo);
	assert_false(a.known);	/* openAlgoOrders is no needed part, and does not stand for one */
	reads(account_read_positions, "[]");
	reads(account_read_wallets, "[]");
	assert_true(a.known);
}

static void
test_algo_refused(void **state)
{
	(void)state;
	reads(account_read_algo, "[" ALGO("7", "NEW", "0.01", "false") "]");
	refuses(account_read_algo, "{}", "openAlgoOrders");
	refuses(account_read_algo, "[" ALGO("7", "NEW", "", "false") "]", "quantity");
	refuses(account_read_algo, "[" ALGO("7", "NEW", "0", "false") "]", "quantity");
	refuses(account_read_algo, "[" ALGO("0", "NEW", "1", "false") "]", "algoId");
	refuses(account_read_algo, "[" ALGO("7", "", "1", "false") "]", "algoStatus");
	refuses(account_read_algo, "[" ALGO("7", "NEW", "1", "7") "]", "closePosition");
	refuses(account_read_algo, "[" ALGO("7", "NEW", "1", "false") "," ALGO("7", "NEW", "1", "false") "]",
	    "algoId");
	refuses(account_read_orders, "[" ORDER("7") "," ORDER("7") "]", "orderId");
	/* what has ended is not open; what nobody has heard of is */
	reads(account_read_algo, "[" ALGO("1", "CANCELED", "1", "false") "," ALGO("2", "FINISHED", "1", "false")
	    "," ALGO("3", "EXPIRED", "1", "false") "," ALGO("4", "REJECTED", "1", "false") ","
	    ALGO("5", "TRIGGERED", "1", "false") "," ALGO("6", "TRIGGERING", "1", "false") ","
	    ALGO("7", "PAUSED", "1", "false") "]");
	assert_int_equal(a.nord, 2);
}

/* DOC: ALGO_UPDATE */
#define UPDATE(T, X, tp)								\
	"{\"e\":\"ALGO_UPDATE\",\"T\":" T ",\"E\":" T ",\"o\":{\"caid\":\"Q5x\",\"aid\":2148719,"	\
	"\"at\":\"CONDITIONAL\",\"o\":\"TAKE_PROFIT\",\"s\":\"BNBUSDT\",\"S\":\"SELL\",\"ps\":\"LONG\","	\
	"\"f\":\"GTC\",\"q\":\"0.01\",\"X\":\"" X "\",\"ai\":\"\",\"tp\":\"" tp "\",\"p\":\"740\","	\
	"\"wt\":\"CONTRACT_PRICE\",\"cp\":false,\"pP\":false,\"R\":false,\"ia\":false}}"

static void
test_algo_life(void **state)
{
	static const char *const end[] = { "CANCELED", "EXPIRED", "REJECTED", "FINISHED", "TRIGGERED" };

	for (size_t i = 0; i < LEN(end); i++) {
		char text[1024];

		fresh(state);
		event(1, UPDATE("100", "NEW", "750"));
		event(0, UPDATE("101", "NEW", "750"));	/* a second push says nothing new */
		assert_int_equal(a.nord, 1);
		assert_true(a.ord[0].algo && a.ord[0].id == 2148719 && a.ord[0].reduce);
		assert_string_equal(a.ord[0].type, "TAKE_PROFIT");
		same(a.ord[0].trigger, "750");
		same(a.ord[0].price, "740");
		event(1, UPDATE("102", "NEW", "751"));
		event(1, UPDATE("110", "TRIGGERING", "751"));
		/* an engine order with the same number is another order */
		event(1, "{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":111,\"o\":{\"s\":\"BNBUSDT\",\"i\":2148719,"
		    "\"S\":\"SELL\",\"ps\":\"LONG\",\"o\":\"LIMIT\",\"q\":\"0.01\",\"p\":\"740\",\"z\":\"0\","
		    "\"X\":\"NEW\",\"sp\":\"751\"}}");
		assert_int_equal(a.nord, 2);
		snprintf(text, sizeof text, "{\"e\":\"ALGO_UPDATE\",\"T\":120,\"o\":{\"aid\":2148719,"
		    "\"s\":\"BNBUSDT\",\"X\":\"%s\"}}", end[i]);
		event(1, text);
		assert_int_equal(a.nord, 1);
		assert_false(a.ord[0].algo);
		/* the end was the conditional one's, not the engine's of that number */
		event(1, "{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":119,\"o\":{\"s\":\"BNBUSDT\",\"i\":2148719,"
		    "\"S\":\"SELL\",\"ps\":\"LONG\",\"o\":\"LIMIT\",\"q\":\"0.01\",\"p\":\"740\",\"z\":\"0.005\","
		    "\"X\":\"PARTIALLY_FILLED\",\"sp\":\"751\"}}");
		same(a.ord[0].filled, "0.005");
		event(0, UPDATE("115", "NEW", "750"));	/* late */
		assert_int_equal(a.nord, 1);
	}
	event(-1, UPDATE("200", "", "1"));
	event(-1, "{\"e\":\"ALGO_UPDATE\",\"T\":200}");
	event(-1, "{\"e\":\"ALGO_UPDATE\",\"T\":200,\"o\":{\"s\":\"BNBUSDT\",\"X\":\"NEW\"}}");
}

/* One row of positionRisk v3. */
#define ROW(side, amt, entry, type, wallet)						\
	"{\"symbol\":\"BTCUSDT\",\"positionSide\":\"" side "\",\"positionAmt\":\"" amt "\","	\
	"\"entryPrice\":\"" entry "\",\"markPrice\":\"60000\",\"unRealizedProfit\":\"0\","	\
	"\"liquidationPrice\":\"0\",\"marginType\":\"" type "\",\"isolatedWallet\":\"" wallet "\"}"

/* What cannot be true together is refused, with the field named. */
static void
test_contradictions(void **state)
{
	(void)state;
	refuses(account_read_positions, "[" ROW("BOTH", "1", "0", "cross", "0") "]", "BTCUSDT: entryPrice");
	refuses(account_read_positions, "[" ROW("BOTH", "1", "-5", "cross", "0") "]", "entryPrice");
	refuses(account_read_positions, "[" ROW("BOTH", "1", "60000", "isolated", "0") "]", "isolatedWallet");
	refuses(account_read_positions, "[" ROW("BOTH", "1", "60000", "isolated", "") "]", "isolatedMargin");
	refuses(account_read_positions, "[" ROW("LONG", "-1", "60000", "cross", "0") "]", "positionAmt");
	refuses(account_read_positions, "[" ROW("SHORT", "1", "60000", "cross", "0") "]", "positionAmt");
	refuses(account_read_positions, "[" ROW("BOTH", "0", "0", "cross", "0") ","
	    ROW("BOTH", "0", "0", "cross", "0") "]", "positionSide");
	/* positions of both modes at once */
	refuses(account_read_positions, "[" ROW("BOTH", "1", "60000", "cross", "0") ","
	    ROW("LONG", "1", "60000", "cross", "0") "]", "positionSide");
	refuses(account_read_positions, "[" ROW("SHORT", "-1", "60000", "cross", "0") ","
	    ROW("BOTH", "1", "60000", "cross", "0") "]", "positionSide");
	/* but all of a wallet may have been taken out of a profit */
	reads(account_read_positions, "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"1\","
	    "\"entryPrice\":\"50000\",\"markPrice\":\"60000\",\"unRealizedProfit\":\"10000\","
	    "\"liquidationPrice\":\"0\",\"marginType\":\"isolated\",\"isolatedWallet\":\"0\"}]");
	/* a flat BOTH row beside them is no contradiction, in any order, and does not end hedge mode */
	reads(account_read_positions, "[" ROW("LONG", "1", "60000", "cross", "0") ","
	    ROW("SHORT", "-2", "60000", "cross", "0") "," ROW("BOTH", "0", "0", "cross", "0") "]");
	assert_true(a.hedge);
	reads(account_read_positions, "[" ROW("BOTH", "0", "0", "cross", "0") ","
	    ROW("LONG", "0", "0", "cross", "0") "," ROW("SHORT", "0", "0", "cross", "0") "]");
	assert_true(a.hedge);
	reads(account_read_positions, "[" ROW("BOTH", "0", "0", "cross", "0") "]");
	assert_false(a.hedge);
}

#define NEWS(rows)	"{\"e\":\"ACCOUNT_UPDATE\",\"T\":20,\"a\":{\"B\":[],\"P\":[" rows "]}}"
#define POS(s, pa, ep, mt, iw, ps)							\
	"{\"s\":\"" s "\",\"pa\":\"" pa "\",\"ep\":\"" ep "\",\"up\":\"0\",\"mt\":\"" mt "\","	\
	"\"iw\":\"" iw "\",\"ps\":\"" ps "\"}"

static void
test_event_contradictions(void **state)
{
	(void)state;
	refuses(account_event, NEWS(POS("BTCUSDT", "1", "0", "cross", "0", "BOTH")), "BTCUSDT: ep");
	refuses(account_event, NEWS(POS("BTCUSDT", "1", "9", "isolated", "0", "BOTH")), "iw");
	refuses(account_event, NEWS(POS("BTCUSDT", "-1", "9", "cross", "0", "LONG")), "pa");
	refuses(account_event, NEWS(POS("BTCUSDT", "1", "9", "cross", "0", "BOTH") ","
	    POS("BTCUSDT", "2", "9", "cross", "0", "BOTH")), "ps");
	/* one of a symbol never heard of adds it */
	event(1, NEWS(POS("NEWUSDT", "1", "9", "cross", "0", "BOTH")));
	assert_int_equal(a.npos, 1);
	assert_string_equal(a.pos[0].symbol, "NEWUSDT");
	assert_string_equal(a.pos[0].margin_asset, "USDT");
	assert_int_equal(a.pos[0].kind, LINEAR);
	same(a.pos[0].size, "1");
}

static void
test_copy(void **state)
{
	struct account b;
	struct fault f;

	(void)state;
	assert_int_equal(account_copy(&b, &a, &f), 0);	/* of nothing */
	account_free(&b);
	reads(account_read_positions, "[" ROW("BOTH", "1", "60000", "cross", "0") "]");
	reads(account_read_orders, "[" ORDER("7") "]");
	reads(account_read_wallets, "[{\"asset\":\"USDT\",\"balance\":\"5\",\"crossWalletBalance\":\"5\","
	    "\"availableBalance\":\"5\"}]");
	assert_int_equal(account_copy(&b, &a, &f), 0);
	assert_true(account_mark(&b, "BTCUSDT", 7, dec_int(61000), 1));
	b.ord[0].qty = b.wal[0].cross = dec_int(77);
	same(b.pos[0].upnl, "1000");
	assert_true(b.known);
	/* the first one feels nothing of it, nor of its end */
	account_free(&b);
	same(a.pos[0].upnl, "0");
	same(a.ord[0].qty, "1");
	same(a.wal[0].cross, "5");
}

/* Samples of ALGO_UPDATE as another project has kept them. */
static void
test_sample_events(void **state)
{
	static const struct { const char *name; int want, orders; } row[] = {
		{ "algo_update_new", 1, 1 }, { "algo_update_canceled", 0, 0 }
	};
	char path[128], *text;

	for (size_t i = 0; i < LEN(row); i++) {
		fresh(state);
		snprintf(path, sizeof path, "usdm/nautilus-crates/%s.json", row[i].name);
		text = recorded(path);
		event(row[i].want, text);
		assert_int_equal(a.nord, row[i].orders);
		free(text);
	}
}

#define T(f)	cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_two_kinds),
		T(test_algo_refused),
		T(test_algo_life),
		T(test_contradictions),
		T(test_event_contradictions),
		T(test_copy),
		T(test_sample_events),
	};

	return cmocka_run_group_tests(tests, NULL, cleanup);
}

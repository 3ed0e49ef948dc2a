/* What bf-risk knows: marks, events, what was let through (cmd/bf-risk/world*.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "worldrig.h"

static void
is(dec got, const char *want)
{
	char text[DEC_STR];

	dec_print_short(got, text);
	assert_string_equal(text, want);
}

static struct sym *
the(const struct world *w, const char *symbol)
{
	struct sym *s = sym_find(w, symbol, strlen(symbol));

	assert_non_null(s);
	return s;
}

/*
 * Marks
 */

static void
test_a_mark_is_kept_with_its_index_and_funding(void **state)
{
	struct world *w = world_new();
	const struct contract *c = contracts_find(&w->cs, "BTCUSDT");

	(void)state;
	assert_false(mark(w, "BTCUSDT", "60000.10", T0 - 500));	/* nothing is held */
	is(the(w, "BTCUSDT")->mark, "60000.1");
	is(the(w, "BTCUSDT")->index, "60000.1");
	assert_int_equal(the(w, "BTCUSDT")->mark_ms, T0 - 500);
	assert_int_equal(the(w, "BTCUSDT")->mono_ms, 1000000);
	assert_true(the(w, "BTCUSDT")->piped);
	is(c->funding_rate, "0.0001");
	assert_int_equal(c->funding_ms, T0 + 3600000);
	/* a delivery contract has no funding: what is known stays */
	feed(w, "{'e':'markPriceUpdate','E':1780000000000,'s':'BTCUSDT','p':'60001','i':'60002','r':'','T':0}");
	is(the(w, "BTCUSDT")->mark, "60001");
	is(the(w, "BTCUSDT")->index, "60002");
	assert_int_equal(c->funding_ms, T0 + 3600000);
	world_end(w);
}

static void
test_a_mark_from_the_future_or_the_past_is_not_believed(void **state)
{
	struct world *w = world_new();

	(void)state;
	mark(w, "BTCUSDT", "60000", T0 + 2001);
	assert_null(sym_find(w, "BTCUSDT", 7));
	mark(w, "BTCUSDT", "60000", T0 + 2000);
	mark(w, "BTCUSDT", "50000", T0 + 1999);
	is(the(w, "BTCUSDT")->mark, "60000");
	mark(w, "BTCUSDT", "60001", T0 + 2000);		/* of the same time: the later one */
	is(the(w, "BTCUSDT")->mark, "60001");
	mark(w, "BTCUSDT", "1", INT64_MAX);
	mark(w, "BTCUSDT", "0", T0 + 2000);
	mark(w, "BTCUSDT", "-5", T0 + 2000);
	is(the(w, "BTCUSDT")->mark, "60001");
	world_end(w);
}

static void
test_what_is_no_mark_price_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"{'e':'markPriceUpdate'}",
		"{'e':'markPriceUpdate','E':1780000000000,'s':'BTCUSDT'}",
		"{'e':'markPriceUpdate','E':1780000000000,'s':'BTCUSDT','p':''}",
		"{'e':'markPriceUpdate','E':'x','s':'BTCUSDT','p':'1'}",
		"{'e':'markPriceUpdate','E':1780000000000,'s':7,'p':'1'}",
		"{'e':'markPriceUpdate','E':1780000000000,'s':'','p':'1'}",
		("{'e':'markPriceUpdate','E':1780000000000,'s':"
		"'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA','p':'1'}"),
		"{'e':'markPriceUpdate','E':1780000000000,'s':'A\\u0000B','p':'1'}",
	};
	struct world *w = world_new();

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(feed(w, bad[i]), 0);
	assert_int_equal(w->nsym, 0);
	feed(w, "{'e':'markPriceUpdate','E':1780000000000,'s':'\\u0042TCUSDT','p':'60000'}");
	is(the(w, "BTCUSDT")->mark, "60000");	/* an escape is the character it stands for */
	world_end(w);
}

/* A stream that died must not look fresh; but a position is valued at the better mark. */
static void
test_asked_for_marks_do_not_replace_those_of_the_pipe(void **state)
{
	struct world *w = world_new();

	(void)state;
	put_position(w, "BTCUSDT", "BOTH", "0.01", "60000", "60000");
	w->now.ms += 60000;
	w->now.mono_ms += 60000;
	assert_false(world_price(w, "BTCUSDT", 7, D("1"), D("0"), T0 - 1, false));	/* older */
	is(w->acct[MARKET_USDM].pos[0].mark, "60000");
	assert_true(world_price(w, "BTCUSDT", 7, D("61000"), D("61001"), T0 + 60000, false));
	is(the(w, "BTCUSDT")->mark, "60000");
	assert_int_equal(the(w, "BTCUSDT")->mono_ms, 1000000);
	is(w->acct[MARKET_USDM].pos[0].mark, "61000");
	is(w->acct[MARKET_USDM].pos[0].upnl, "10");
	/* a symbol the pipe does not carry */
	assert_false(world_price(w, "ETHUSDT", 7, D("2000"), D("2001"), T0, false));
	is(the(w, "ETHUSDT")->index, "2001");
	assert_false(the(w, "ETHUSDT")->piped);
	world_price(w, "ETHUSDT", 7, D("2002"), D("0"), T0 + 1, false);
	is(the(w, "ETHUSDT")->mark, "2002");
	is(the(w, "ETHUSDT")->index, "2001");
	mark(w, "ETHUSDT", "2003", T0 + 2);
	assert_true(the(w, "ETHUSDT")->piped);
	world_end(w);
}

/* At 1 a second with a window of 5 s: the reference is 5 to 10 s old once there are enough, and a
 * jump is to be seen for 5 s at least. */
static void
test_the_reference_is_a_mark_of_a_window_ago(void **state)
{
	struct world *w = world_new();
	int seen = 0;

	(void)state;
	for (int i = 0; i < 60; i++) {
		int64_t at = T0 + i * 1000;

		w->now.ms = at;
		mark(w, "BTCUSDT", i < 33 ? "60000" : "70000", at);
		if (i >= 10) {
			assert_in_range((uintmax_t)(at - the(w, "BTCUSDT")->ref_ms), 5000, 10000);
			seen += dec_cmp(the(w, "BTCUSDT")->ref, the(w, "BTCUSDT")->mark) != 0;
		}
	}
	assert_in_range((uintmax_t)seen, 5, 11);
	world_end(w);
}

static void
test_many_symbols(void **state)
{
	struct world *w = world_new();
	char name[32];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "S%dUSDT", i);
		w->now.ms = T0 + i;
		mark(w, name, "1.5", T0 + i);
	}
	assert_int_equal(w->nsym, 3000);
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "S%dUSDT", i);
		assert_int_equal(the(w, name)->mark_ms, T0 + i);
	}
	for (size_t i = 0; i < SYMS_MAX; i++) {
		snprintf(name, sizeof name, "X%zuUSDT", i);
		mark(w, name, "1.5", T0);
	}
	assert_int_equal(w->nsym, SYMS_MAX);	/* and no more: those are not known */
	world_end(w);
}

/*
 * Account events
 */

static void
test_the_market_of_an_event(void **state)
{
	struct world *w = world_new();
	struct account *u = &w->acct[MARKET_USDM], *c = &w->acct[MARKET_COINM];

	(void)state;
	put_position(w, "BTCUSDT", "BOTH", "0.01", "60000", "60000");
	put_position(w, "BTCUSD_PERP", "BOTH", "5", "60000", "60000");
	assert_int_equal(u->npos, 1);
	assert_int_equal(c->npos, 1);
	assert_string_equal(c->pos[0].symbol, "BTCUSD_PERP");
	/* "st" says it, whatever the name */
	assert_int_equal(feed(w, "{'e':'ACCOUNT_UPDATE','E':1780000000001,'T':1780000000001,'st':2,'a':{'m':'DEPOSIT',"
	    "'B':[{'a':'ETH','wb':'3','cw':'3'}],'P':[]}}"), 1);
	assert_int_equal(c->nwal, 2);
	/* balances alone: by whose wallet it is */
	assert_int_equal(feed(w, "{'e':'ACCOUNT_UPDATE','E':1780000000002,'T':1780000000002,'a':{'m':'FUNDING_FEE',"
	    "'B':[{'a':'USDT','wb':'999','cw':'999'}],'P':[]}}"), 1);
	is(u->wal[0].balance, "999");
	/* an asset that neither has, or both: not guessed */
	assert_int_equal(feed(w, "{'e':'ACCOUNT_UPDATE','E':1780000000003,'T':1780000000003,'a':{'m':'DEPOSIT',"
	    "'B':[{'a':'XRP','wb':'9','cw':'9'}],'P':[]}}"), -1);
	w->served[MARKET_COINM] = false;
	assert_int_equal(feed(w, "{'e':'ACCOUNT_UPDATE','E':1780000000003,'T':1780000000003,'a':{'m':'DEPOSIT',"
	    "'B':[{'a':'XRP','wb':'9','cw':'9'}],'P':[]}}"), 1);
	/* of a market that is not looked at */
	assert_int_equal(put_order(w, "BTCUSD_PERP", "BUY", "BOTH", "1", "60000", "NEW", "x", 9), 0);
	assert_int_equal(c->nord, 0);
	world_end(w);
}

static void
test_a_damaged_event_says_so(void **state)
{
	struct world *w = world_new();

	(void)state;
	assert_int_equal(feed(w, "{'e':'ACCOUNT_UPDATE','E':1780000000001,'T':1780000000001,'a':{'B':[],'P':[{'s':'BTCUSDT',"
	    "'ps':'BOTH','pa':'x','ep':'1','up':'0','mt':'cross','iw':'0'}]}}"), -1);
	assert_int_equal(w->acct[MARKET_USDM].npos, 0);
	assert_int_equal(feed(w, "{'e':'ORDER_TRADE_UPDATE','E':1780000000001,'T':1780000000001,'st':1}"), -1);
	assert_int_equal(feed(w, "{'e':'aggTrade','s':'BTCUSDT','p':'1'}"), 0);
	assert_int_equal(feed(w, "{'e':7}"), 0);
	assert_int_equal(feed(w, "[1,2]"), 0);
	/* what says that events were missed */
	assert_int_equal(feed(w, "{'e':'bf.gap','stream':'user','why':'x'}"), -1);
	assert_int_equal(feed(w, "{'e':'bf.gap','stream':'btcusdt@aggTrade','why':'x'}"), 0);
	assert_int_equal(feed(w, "{'e':'bf.recovered','what':'fill','market':'usdm','fill':{}}"), -1);
	assert_int_equal(feed(w, "{'e':'bf.recovered','what':'book','s':'BTCUSDT'}"), 0);
	assert_int_equal(feed(w, "{'e':'bf.reconcile','what':'position_mismatch','market':'usdm'}"), -1);
	assert_int_equal(feed(w, "{'e':'bf.reconcile','what':'done','market':'usdm'}"), 0);
	world_end(w);
}

static void
test_the_life_of_the_stream(void **state)
{
	struct world *w = world_new();
	struct health *h = &w->health;

	(void)state;
	feed(w, "{'e':'bf.conn','conn':'market','state':'up','why':''}");
	assert_false(h->stream_seen);
	assert_int_equal(feed(w, "{'e':'bf.conn','conn':'user','state':'up','why':''}"), 1);
	assert_true(h->stream_seen && h->stream_up);
	assert_int_equal(h->stream_mono_ms, 1000000);
	feed(w, "{'e':'bf.conn','conn':'user-coinm','state':'up','why':''}");
	w->now.mono_ms = 1005000;
	feed(w, "{'e':'bf.conn','conn':'user','state':'down','why':'x'}");
	assert_false(h->stream_up);
	assert_int_equal(h->stream_mono_ms, 1000000);
	/* the other market's lives: of two both must */
	feed(w, "{'e':'bf.conn','conn':'user-coinm','state':'replaced','why':''}");
	assert_false(h->stream_up);
	w->now.mono_ms = 1006000;
	feed(w, "{'e':'bf.conn','conn':'user','state':'up','why':''}");
	assert_true(h->stream_up);
	w->now.mono_ms = 1009000;
	feed(w, "{'e':'TRADE_LITE','s':'BTCUSDT'}");
	assert_int_equal(h->stream_mono_ms, 1009000);
	world_end(w);
}

/*
 * What was let through
 */

static const char limit_order[] = "{'symbol':'BTCUSDT','side':'BUY','type':'LIMIT','quantity':'0.01','price':'59000',"
    "'newClientOrderId':'a1'}";
static const char market_order[] = "{'symbol':'BTCUSDT','side':'BUY','type':'MARKET','quantity':'0.01',"
    "'newClientOrderId':'m1'}";

static void
pass(struct world *w, const char *text, const char *price)
{
	struct intent in = order(text);

	world_passed(w, &in, MARKET_USDM, D(price));
}

static void
test_a_limit_order_seen_open_is_pending_no_more(void **state)
{
	struct world *w = world_new();

	(void)state;
	pass(w, limit_order, "60000");
	assert_int_equal(w->npending, 1);
	is(w->pending[0].price, "60000");
	assert_int_equal(w->npassed, 1);
	assert_int_equal(put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "59000", "NEW", "other", 1), 1);
	assert_int_equal(w->npending, 1);
	assert_int_equal(put_order(w, "ETHUSDT", "BUY", "BOTH", "0.01", "59000", "NEW", "a1", 2), 1);
	assert_int_equal(w->npending, 1);	/* of another symbol: another one's */
	assert_int_equal(put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "59000", "NEW", "a1", 3), 1);
	assert_int_equal(w->npending, 0);
	world_end(w);
}

static void
test_a_market_order_is_pending_until_its_end(void **state)
{
	struct world *w = world_new();

	(void)state;
	pass(w, market_order, "60000");
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "0", "NEW", "m1", 1);
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "0", "PARTIALLY_FILLED", "m1", 1);
	assert_int_equal(w->npending, 1);
	world_loaded(w, MARKET_USDM, false);	/* open, but without a price: nothing else counts it */
	assert_int_equal(w->npending, 1);
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "0", "FILLED", "m1", 1);
	assert_int_equal(w->npending, 0);
	/* an end whose beginning was never told */
	pass(w, market_order, "60000");
	assert_int_equal(put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "0", "EXPIRED", "m1", 2), 1);
	assert_int_equal(w->npending, 0);
	world_end(w);
}

static void
test_a_conditional_order_seen_waiting_is_pending_no_more(void **state)
{
	struct world *w = world_new();

	(void)state;
	pass(w, "{'symbol':'BTCUSDT','side':'BUY','type':'STOP_MARKET','quantity':'0.01','triggerPrice':'65000',"
	    "'clientAlgoId':'s1'}", "65000");
	assert_int_equal(feed(w, "{'e':'ALGO_UPDATE','E':1780000000000,'T':1780000000000,'o':{'caid':'s1','aid':7,"
	    "'at':'CONDITIONAL','o':'STOP_MARKET','s':'BTCUSDT','S':'BUY','ps':'BOTH','f':'GTC','q':'0.01','X':'NEW','ai':'',"
	    "'ap':'0','aq':'0','act':'0','tp':'65000','p':'0','V':'NONE','wt':'CONTRACT_PRICE','pm':'NONE','cp':false,"
	    "'pP':false,'R':false,'tt':0,'gtd':0,'rm':''}}"), 1);
	assert_int_equal(w->npending, 0);
	assert_int_equal(w->acct[MARKET_USDM].nord, 1);
	world_end(w);
}

static void
test_reading_the_account_forgets_what_is_open_or_old(void **state)
{
	struct world *w = world_new();

	(void)state;
	pass(w, limit_order, "59000");
	pass(w, market_order, "60000");
	put_order(w, "BTCUSDT", "BUY", "BOTH", "0.01", "59000", "NEW", "zz", 3);
	memcpy(w->acct[MARKET_USDM].ord[0].client_id, "a1", 3);	/* as a reading would find it */
	world_loaded(w, MARKET_COINM, false);	/* the other market's says nothing */
	assert_int_equal(w->npending, 2);
	world_loaded(w, MARKET_USDM, false);
	assert_int_equal(w->npending, 1);
	assert_string_equal(w->pending[0].client_id, "m1");
	w->now.mono_ms += 9999;
	world_loaded(w, MARKET_USDM, false);
	assert_int_equal(w->npending, 1);
	w->now.mono_ms += 1;
	world_loaded(w, MARKET_USDM, false);
	assert_int_equal(w->npending, 0);
	world_end(w);
}

/* The next program has not read it: it has not been sent, and its time has not begun; but not for ever. */
static void
test_an_unread_pipe_holds_the_time_of_what_is_pending(void **state)
{
	struct world *w = world_new();

	(void)state;
	pass(w, market_order, "60000");
	w->now.mono_ms += 50000;
	world_loaded(w, MARKET_USDM, true);
	assert_int_equal(w->npending, 1);
	w->now.mono_ms += 9999;		/* read since, and not 10 s ago */
	world_loaded(w, MARKET_USDM, false);
	assert_int_equal(w->npending, 1);
	w->now.mono_ms += 1;
	world_loaded(w, MARKET_USDM, true);	/* 60 s: waited for no longer */
	assert_int_equal(w->npending, 0);
	world_end(w);
}

static void
test_what_makes_two_orders_the_same(void **state)
{
	static const struct { const char *text; bool same, alike; } row[] = {
		{ "{'symbol':'BTCUSDT','side':'BUY','type':'LIMIT','quantity':'0.0100','price':59000.0}", true, true },
		{ "{'symbol':'BTCUSDT','side':'BUY','type':'LIMIT','quantity':'0.01','price':'59000','newClientOrderId':'b'}", true, true },
		{ "{'symbol':'BTCUSDT','side':'SELL','type':'LIMIT','quantity':'0.01','price':'59000'}", false, false },
		{ "{'symbol':'BTCUSDC','side':'BUY','type':'LIMIT','quantity':'0.01','price':'59000'}", false, false },
		{ "{'symbol':'BTCUSDT','side':'BUY','type':'LIMIT','quantity':'0.02','price':'59000'}", false, false },
		{ "{'symbol':'BTCUSDT','side':'BUY','type':'LIMIT','quantity':'0.01','price':'59001'}", false, true },
		{ "{'symbol':'BTCUSDT','side':'BUY','type':'MARKET','quantity':'0.01'}", false, false },
		{ "{'symbol':'BTCUSDT','side':'BUY','positionSide':'LONG','type':'LIMIT','quantity':'0.01','price':'59000'}", false, false },
		{ "{'symbol':'BTCUSDT','side':'BUY','type':'STOP','quantity':'0.01','price':'59000','triggerPrice':'1'}", false, false },
	};
	struct intent a = order(limit_order), b;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		b = order(row[i].text);
		if ((passed_what(&a) == passed_what(&b)) != row[i].same ||
		    (passed_what(&a) >> 32 == passed_what(&b) >> 32) != row[i].alike)
			fail_msg("%s", row[i].text);
	}
	scan_free(&rig_scan);
	memset(&rig_scan, 0, sizeof rig_scan);
}

static void
test_more_pending_and_passed_than_there_is_room(void **state)
{
	struct world *w = world_new();

	(void)state;
	for (int i = 0; i < PASSED_MAX + 10; i++) {
		w->now.mono_ms = i;
		pass(w, limit_order, "59000");
	}
	assert_int_equal(w->npending, PENDING_MAX);
	for (int i = 0; i < w->npending; i++)	/* the newest are there */
		assert_true(w->pending[i].mono_ms >= PASSED_MAX + 10 - PENDING_MAX);
	assert_int_equal(w->npassed, PASSED_MAX + 10);
	assert_int_equal(w->passed[(w->npassed - 1) % PASSED_MAX].mono_ms, PASSED_MAX + 9);
	assert_int_equal(w->passed[w->npassed % PASSED_MAX].mono_ms, 10);	/* the oldest */
	world_end(w);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_mark_is_kept_with_its_index_and_funding),
		cmocka_unit_test(test_a_mark_from_the_future_or_the_past_is_not_believed),
		cmocka_unit_test(test_what_is_no_mark_price_changes_nothing),
		cmocka_unit_test(test_asked_for_marks_do_not_replace_those_of_the_pipe),
		cmocka_unit_test(test_the_reference_is_a_mark_of_a_window_ago),
		cmocka_unit_test(test_many_symbols),
		cmocka_unit_test(test_the_market_of_an_event),
		cmocka_unit_test(test_a_damaged_event_says_so),
		cmocka_unit_test(test_the_life_of_the_stream),
		cmocka_unit_test(test_a_limit_order_seen_open_is_pending_no_more),
		cmocka_unit_test(test_a_market_order_is_pending_until_its_end),
		cmocka_unit_test(test_a_conditional_order_seen_waiting_is_pending_no_more),
		cmocka_unit_test(test_reading_the_account_forgets_what_is_open_or_old),
		cmocka_unit_test(test_an_unread_pipe_holds_the_time_of_what_is_pending),
		cmocka_unit_test(test_what_makes_two_orders_the_same),
		cmocka_unit_test(test_more_pending_and_passed_than_there_is_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

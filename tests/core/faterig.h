/* What the tests of core/fate have in common: intents, a virtual clock, and answers. */
#ifndef BF_TESTS_FATERIG_H
#define BF_TESTS_FATERIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fate.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))

#define STAMP		INT64_C(1700000000000)	/* exchange time of signing */
#define WINDOW		5000
#define LAG		10000
#define BOUND		(STAMP + WINDOW + LAG)
#define ID		"8389765606284283461"	/* more digits than a double has */

static struct fate fa;
static int64_t mono;	/* the virtual clock; the exchange's is STAMP at 0 */
static int64_t leap;	/* how far the exchange's clock has been set ahead */

static inline int64_t
now_ms(void)
{
	return STAMP + mono + leap;
}

static inline void
set_dec(dec *d, char text[static DEC_STR], const char *s)
{
	snprintf(text, DEC_STR, "%s", s);
	assert_true(dec_parse(d, s));
}

/* BUY 1 BTCUSDT @ 9000 as x1. */
static inline struct intent
limit_order(void)
{
	struct intent in = { .op = OP_PLACE, .symbol = "BTCUSDT", .side = SIDE_BUY, .type = "LIMIT",
		.tif = "GTC", .client_id = "x1" };

	set_dec(&in.qty, in.qty_s, "1");
	set_dec(&in.price, in.price_s, "9000");
	return in;
}

/* SELL 1 BTCUSDT at the market once 8000 is touched. */
static inline struct intent
stop_order(void)
{
	struct intent in = { .op = OP_PLACE, .symbol = "BTCUSDT", .side = SIDE_SELL,
		.type = "STOP_MARKET", .algo = true, .client_id = "x1" };

	set_dec(&in.qty, in.qty_s, "1");
	set_dec(&in.trigger, in.trigger_s, "8000");
	return in;
}

static inline struct intent
cancel_order(bool algo)
{
	return (struct intent){ .op = OP_CANCEL, .symbol = "BTCUSDT", .algo = algo, .client_id = "x1" };
}

static inline struct intent
cancel_every(bool algo)
{
	return (struct intent){ .op = OP_CANCEL_ALL, .symbol = "BTCUSDT", .algo = algo };
}

/* x1 to 2 @ 9100. */
static inline struct intent
modification(int64_t modify_id)
{
	struct intent in = { .op = OP_MODIFY, .symbol = "BTCUSDT", .side = SIDE_BUY, .client_id = "x1",
		.modify_id = modify_id };

	set_dec(&in.qty, in.qty_s, "2");
	set_dec(&in.price, in.price_s, "9100");
	return in;
}

static inline void
begin_on(struct intent in, enum market m)
{
	fate_free(&fa);
	mono = leap = 0;
	fate_begin(&fa, &in, "x1", m, STAMP, WINDOW, LAG);
}

static inline void
begin(struct intent in)
{
	begin_on(in, MARKET_USDM);
}

static inline int
rig_free(void **state)
{
	(void)state;
	fate_free(&fa);
	fa = (struct fate){ 0 };
	return 0;
}

static inline struct fault
fault_of(enum fault_kind kind, int http, int code)
{
	struct fault f;

	fault_set(&f, kind, "HTTP %d, %d", http, code);
	f.http = http;
	f.code = code;
	return f;
}

/* The answer to the request: a body, or a fault. */
static inline void
answer(const char *body)
{
	struct scan sc = { 0 };

	assert_true(scan_doc(&sc, body, strlen(body)) > 0);
	fate_answer(&fa, NULL, sc.t, sc.t, mono);
	scan_free(&sc);
}

static inline void
answer_no(enum fault_kind kind, int http, int code)
{
	struct fault f = fault_of(kind, http, code);

	fate_answer(&fa, &f, NULL, NULL, mono);
}

static inline void
in_doubt(void)
{
	answer_no(FAULT_UNKNOWN, 503, -1001);
}

/* Wait until something is to be asked. */
static inline enum fate_ask
wait_ask(void)
{
	int64_t due;

	if (fate_next(&fa, mono, &due) == ASK_NOTHING && due != INT64_MAX)
		mono = due;
	return fate_next(&fa, mono, &due);
}

/* What a look brings: a body, or a number for a fault. It takes 20 ms. */
static inline void
looked_at(int64_t now, const char *body, int code)
{
	struct fault f = fault_of(FAULT_REJECTED, code == -5000 ? 404 : code == 0 ? 0 : 400, code);
	enum fate_ask ask = wait_ask();
	struct scan sc = { 0 };

	mono += 20;
	if (body != NULL)
		assert_true(scan_doc(&sc, body, strlen(body)) > 0);
	fate_looked(&fa, ask, body == NULL ? &f : NULL, sc.t, sc.t, now, mono);
	scan_free(&sc);
}

/* One look: what has to be asked, and what comes of it: a body, or a number. */
static inline void
look(enum fate_ask ask, const char *body)
{
	enum fate_ask got = wait_ask();

	if (got != ask)
		fail_msg("asks %d, not %d, at %lld ms (%s)", (int)got, (int)ask, (long long)mono, fa.f.text);
	if (body[0] == '-' || body[0] == '0')
		looked_at(now_ms(), NULL, atoi(body));
	else
		looked_at(now_ms(), body, 0);
}

/* The same until after the bound. */
static inline void
look_until_bound(enum fate_ask ask, const char *body)
{
	while (wait_ask() != ASK_NOTHING && now_ms() <= fa.bound)
		look(ask, body);
}

static inline bool
event(const char *body)
{
	struct scan sc = { 0 };
	bool got;

	assert_true(scan_doc(&sc, body, strlen(body)) > 0);
	got = fate_event(&fa, sc.t, sc.t);
	scan_free(&sc);
	return got;
}

static inline void
assert_out(enum outcome out, const char *part)
{
	if (fa.state != FATE_DONE || fa.out != out)
		fail_msg("state %d, out %d instead of %d: %s", (int)fa.state, (int)fa.out, (int)out,
		    fa.out == OUT_RESULT ? fa.found.p : fa.f.text);
	if (strstr(out == OUT_RESULT ? fa.found.p : fa.f.text, part) == NULL)
		fail_msg("%s: not in: %s", part, out == OUT_RESULT ? fa.found.p : fa.f.text);
}

static inline void
assert_looking(void)
{
	assert_int_equal(fa.state, FATE_LOOK);
}

#define ORDER_OF(status, side, qty, price, done) \
	"{\"orderId\":" ID ",\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"x1\",\"side\":\"" side \
	"\",\"positionSide\":\"BOTH\",\"status\":\"" status "\",\"origQty\":\"" qty "\",\"price\":\"" price \
	"\",\"executedQty\":\"" done "\",\"time\":1700000000100}"
#define ORDER(status, done)	ORDER_OF(status, "BUY", "1.000", "9000.00", done)
#define ALGO_OF(status, type, qty, trigger) \
	"{\"algoId\":4000000016522655,\"clientAlgoId\":\"x1\",\"algoType\":\"CONDITIONAL\",\"orderType\":\"" type \
	"\",\"symbol\":\"BTCUSDT\",\"side\":\"SELL\",\"positionSide\":\"BOTH\",\"quantity\":\"" qty \
	"\",\"algoStatus\":\"" status "\",\"actualOrderId\":\"\",\"triggerPrice\":\"" trigger \
	"\",\"price\":\"0.00\",\"closePosition\":false,\"createTime\":1700000000100}"
#define ALGO(status)	ALGO_OF(status, "STOP_MARKET", "1.000", "8000.00")

#endif

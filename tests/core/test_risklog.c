/* Decisions written down with all they rest on, and made again (cmd/bf-risk/log.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../cmd/bf-risk/log.h"
#include "worldrand.h"

static void
tighten(struct limits *l, enum rule r, const char *value)
{
	struct fault f = { 0 };

	if (limits_tighten(l, r, value, rule_rows[r].name, &f) == -1)
		fail_msg("bad test: %s", f.text);
}

/* Every rule over intents that can be on without a list. */
static void
some_limits(struct limits *l)
{
	memset(l, 0, sizeof *l);
	limits_init(l);
	tighten(l, R_MAX_LEV, "3");
	tighten(l, R_SYMBOL_LEV, "2.5");
	tighten(l, R_ORDER_NOTIONAL, "1500");
	tighten(l, R_POSITION_NOTIONAL, "2000");
	tighten(l, R_GROSS_NOTIONAL, "5000");
	tighten(l, R_NET_NOTIONAL, "4000");
	tighten(l, R_MARGIN_USE, "60");
	tighten(l, R_LIQ_DISTANCE, "5");
	tighten(l, R_PRICE_BAND, "4");
	tighten(l, R_MARK_JUMP, "10");
	tighten(l, R_RATE_SECOND, "5");
	tighten(l, R_RATE_MINUTE, "50");
	tighten(l, R_DUPLICATE, "700");
	tighten(l, R_REPEAT, "20");
	tighten(l, R_FUNDING, "30");
	tighten(l, R_VOLATILE_MARKET, "3");
	tighten(l, R_USER_STREAM, "60");
}

static void
decide(struct buf *out, const char *text, size_t n, const struct world *w, const struct limits *l, struct verdict *v)
{
	struct scan sc = { 0 };
	struct fault f = { 0 };
	struct intent in;

	if (scan_doc(&sc, text, n) <= 0 || intent_read(&in, sc.t, sc.t, &f) == -1)
		fail_msg("bad test: %s: %s", text, f.text);
	judge(v, w, l, &in);
	decision_put(out, text, n, v, w, l, 42);
	assert_false(out->bad);
	scan_free(&sc);
}

/* Decide again on a record: -1, or whether it is the same. */
static int
again(const struct buf *rec, struct buf *verdict, struct fault *f)
{
	struct scan sc = { 0 };
	bool same = false;
	int r;

	if (scan_doc(&sc, rec->p, rec->len) <= 0)
		fail_msg("no JSON: %s", rec->p);
	assert_false(scan_has_duplicate(sc.t, sc.t));
	r = decision_again(sc.t, sc.t, &same, verdict, f);
	scan_free(&sc);
	return r == -1 ? -1 : same;
}

static struct world *
quiet_world(void)
{
	struct world *w = world_new();

	put_position(w, "BTCUSDT", "BOTH", "0.01", "60000", "60000");
	mark(w, "BTCUSDT", "60000", T0);	/* with index and funding */
	w->acct[MARKET_USDM].pos[0].leverage = 10;
	w->health.stream_seen = w->health.stream_up = true;
	w->health.stream_mono_ms = w->now.mono_ms;
	return w;
}

static void
test_what_a_record_says(void **state)
{
	static const char text[] = "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"quantity\":\"0.500\",\"price\":\"60000\"} \r";
	struct world *w = quiet_world();
	struct limits l;
	struct verdict v;
	struct buf rec = { 0 }, verdict = { 0 };
	struct fault f = { 0 };

	(void)state;
	some_limits(&l);
	decide(&rec, text, sizeof text - 1, w, &l, &v);
	assert_false(v.pass);
	assert_memory_equal(rec.p, "{\"e\":\"bf.decision\",\"E\":1780000000000,\"by\":\"bf-risk\",\"n\":42,\"intent\":{\"symbol\":", 78);
	assert_non_null(strstr(rec.p, "\"quantity\":\"0.500\",\"price\":\"60000\"},\"verdict\":{\"pass\":false,\"kind\":\"rejected\""));
	assert_non_null(strstr(rec.p, "{\"rule\":\"max-lev\",\"limit\":\"3\","));
	assert_non_null(strstr(rec.p, "\"limits\":{"));
	assert_non_null(strstr(rec.p, "\"world\":{\"ms\":1780000000000,"));
	assert_int_equal(rec.p[rec.len - 1], '\n');
	assert_ptr_equal(strchr(rec.p, '\n'), rec.p + rec.len - 1);
	assert_int_equal(again(&rec, &verdict, &f), 1);
	assert_non_null(strstr(rec.p, verdict.p));
	buf_free(&rec);
	buf_free(&verdict);
	limits_free(&l);
	world_end(w);
}

/* Any world, any of these intents: what was decided is decided again, byte for byte. */
static void
test_any_decision_is_made_again(void **state)
{
	static const char *const types[] = { "LIMIT", "MARKET", "STOP_MARKET", "STOP" };
	unsigned passed = 0, rejected = 0;

	(void)state;
	for (unsigned round = 0; round < 150; round++) {
		bool quiet = dice(3) == 0;
		struct world *w = quiet ? quiet_world() : random_world(dice(100));
		struct limits l;

		some_limits(&l);
		for (unsigned k = dice(6); k > 0; k--)	/* equally near to what is not listed */
			add_contract(w, (const char *const[]){ "ETHUSDA", "ETHUSDB", "ETHUSDD", "ETHUSDE", "ETHUSDF" }[k - 1], "USDT", "0");
		w->acct[MARKET_USDM].multi_assets = dice(6) == 0;
		l.r[R_MAX_LEV].clip = dice(2);
		l.r[R_VOLATILE_MARKET].protect = dice(2);
		for (unsigned k = 0; k < 10; k++) {
			const char *symbol = dice(8) == 0 ? "ETHUSDX" : quiet ? "BTCUSDT" : pick(symbols, SYMBOLS);
			const char *type = types[dice(4)];
			struct buf rec = { 0 }, verdict = { 0 };
			struct fault f = { 0 };
			struct verdict v;
			char text[512];
			int n;

			n = snprintf(text, sizeof text, "{\"symbol\":\"%s\",\"side\":\"%s\",\"type\":\"%s\",\"quantity\":\"0.%03u\"", symbol,
			    dice(2) ? "BUY" : "SELL", type, dice(30) + 1);
			if (strcmp(type, "LIMIT") == 0 || strcmp(type, "STOP") == 0)
				n += snprintf(text + n, sizeof text - (size_t)n, ",\"price\":\"%u\"", 59000 + dice(2000));
			if (type[0] == 'S')
				n += snprintf(text + n, sizeof text - (size_t)n, ",\"triggerPrice\":\"%u.5\"", 59000 + dice(2000));
			n += snprintf(text + n, sizeof text - (size_t)n, "}");
			if (dice(6) == 0)
				n = snprintf(text, sizeof text, "{\"op\":\"modify\",\"symbol\":\"%s\",\"side\":\"BUY\",\"quantity\":\"0.9\","
				    "\"price\":\"59000\",\"orderId\":%u}", symbol, dice(30) + 1);
			if (dice(4) == 0 && sym_find(w, symbol, strlen(symbol)) != NULL)
				sym_slot(w, symbol, strlen(symbol))->exit_mono_ms = w->now.mono_ms - dice(12000);
			decide(&rec, text, (size_t)n, w, &l, &v);
			passed += v.pass;
			rejected += !v.pass;
			if (again(&rec, &verdict, &f) != 1)
				fail_msg("again: %s %s, of %s", f.text, verdict.p == NULL ? "" : verdict.p, rec.p);
			buf_free(&rec);
			buf_free(&verdict);
			if (v.pass && dice(2)) {
				struct intent in = order(text);

				world_passed(w, &in, v.market, v.counted);
			}
		}
		limits_free(&l);
		world_end(w);
	}
	assert_true(passed > 20 && rejected > 20);
}

static void
replace(struct buf *b, const char *from, const char *to)
{
	const char *at = strstr(b->p, from);
	struct buf new = { 0 };

	if (at == NULL)
		fail_msg("bad test: no %s in %s", from, b->p);
	buf_put(&new, b->p, (size_t)(at - b->p));
	buf_str(&new, to);
	buf_str(&new, at + strlen(from));
	buf_free(b);
	*b = new;
}

/* Who changes what it rests on, or what it says, is found out. */
static void
test_another_state_is_another_verdict(void **state)
{
	static const char text[] = "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"quantity\":\"0.010\",\"price\":\"60000\"}";
	static const struct { const char *from, *to; int want; } row[] = {
		{ "\"balance\":\"1000.00\"", "\"balance\":\"1000.00\"", 1 },
		{ "\"cross\":\"1000.00\"", "\"cross\":\"100.00\"", 0 },
		{ "\"pass\":true", "\"pass\":false", 0 },
		{ "\"quantity\":\"0.010\"", "\"quantity\":\"0.900\"", 0 },
		{ "\"amt\":\"0.01\"", "\"amt\":\"0.90\"", 0 },
		{ "\"amt\":\"0.01\"", "\"amt\":\"x\"", -1 },
		{ "\"e\":\"bf.decision\"", "\"e\":\"bf.risk\"", -1 },
		{ "\"verdict\":", "\"x\":", -1 },
		{ "\"world\":", "\"x\":", -1 },
		{ "\"limits\":", "\"x\":", -1 },
		{ "\"intent\":", "\"x\":", -1 },
		{ "\"side\":\"BUY\",\"type\"", "\"side\":\"UP\",\"type\"", -1 },
	};
	struct world *w = quiet_world();
	struct limits l;
	struct verdict v;

	(void)state;
	some_limits(&l);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf rec = { 0 }, verdict = { 0 };
		struct fault f = { 0 };

		decide(&rec, text, sizeof text - 1, w, &l, &v);
		if (!v.pass)
			fail_msg("bad test: %s", rec.p);
		replace(&rec, row[i].from, row[i].to);
		if (again(&rec, &verdict, &f) != row[i].want)
			fail_msg("%s: %s", row[i].to, f.text);
		assert_int_equal(f.text[0] != '\0', row[i].want == -1);
		buf_free(&rec);
		buf_free(&verdict);
	}
	limits_free(&l);
	world_end(w);
}

/* What passed longer ago than any limit looks is not written; what the repeat looks at is. */
static void
test_how_far_back_a_record_goes(void **state)
{
	static const char text[] = "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"quantity\":\"0.010\",\"price\":\"60000\"}";
	struct world *w = quiet_world();
	struct buf rec = { 0 };
	struct limits l;
	struct verdict v;

	(void)state;
	some_limits(&l);
	l.r[R_REPEAT].window_ms = 90000;
	w->passed[w->npassed++] = (struct passed){ w->now.mono_ms - 90001, 0xaaaa };
	w->passed[w->npassed++] = (struct passed){ w->now.mono_ms - 90000, 0xbbbb };
	decide(&rec, text, sizeof text - 1, w, &l, &v);
	assert_null(strstr(rec.p, "000000000000aaaa"));
	assert_non_null(strstr(rec.p, "000000000000bbbb"));
	l.r[R_REPEAT].on = false;
	buf_reset(&rec);
	decide(&rec, text, sizeof text - 1, w, &l, &v);
	assert_null(strstr(rec.p, "000000000000bbbb"));
	buf_free(&rec);
	limits_free(&l);
	world_end(w);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_record_says),
		cmocka_unit_test(test_any_decision_is_made_again),
		cmocka_unit_test(test_another_state_is_another_verdict),
		cmocka_unit_test(test_how_far_back_a_record_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

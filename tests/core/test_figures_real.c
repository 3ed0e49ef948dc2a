/*
 * Recorded positions of real accounts, recomputed from wallets, entry prices, marks and brackets,
 * against what the exchange said. "To the last digit" allows one unit in it: the entry price the
 * exchange prints is itself rounded. A profit it reckons at a mark of more decimals than the 8 it
 * prints, cut off: so that may be more by up to 1e-8 for each coin held (DOGEUSDT shows it).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/calc.h"
#include "figures_rig.h"
#include "recorded.h"

static struct scan sc, line;

/* Every contract of a leverageBracket answer; all of the recorded ones are margined in USDT or USDC. */
static void
brackets(const char *name)
{
	char *text = recorded(name);
	char symbol[SYMBOL_MAX];
	struct contract *c;
	struct fault f;

	assert_true(scan_doc(&sc, text, strlen(text)) > 0);
	for (const struct tok *v = scan_first(sc.t); v != NULL; v = scan_next(sc.t, sc.t, v)) {
		assert_true(scan_get_str(sc.t, v, "symbol", symbol, sizeof symbol));
		c = contract(symbol, strstr(symbol, "USDC") != NULL ? "USDC" : "USDT", "0");
		if (tiers_parse(&c->tiers, sc.t, v, &f) == -1)
			fail_msg("%s: %s", symbol, f.text);
	}
	free(text);
}

/* One unit of the last digit printed, and slack. */
static void
nearly(const char *what, const char *symbol, bool has, dec got, const struct tok *t, const struct tok *row,
    const char *key, dec slack)
{
	char g[DEC_STR], w[DEC_STR];
	dec want, off;

	if (!scan_get_dec(t, row, key, &want))
		fail_msg("%s: no %s", symbol, key);
	if (!has || !dec_add(&slack, slack, (dec){ 1, want.scale }) || !dec_sub(&off, got, want) ||
	    dec_cmp(dec_abs(off), slack) > 0) {
		dec_print(got, g);
		dec_print(want, w);
		fail_msg("%s: %s: %s, the exchange said %s", symbol, what, has ? g : "not known", w);
	}
}

static void
agrees(const char *what, const char *symbol, bool has, dec got, const struct tok *t, const struct tok *row,
    const char *key)
{
	nearly(what, symbol, has, got, t, row, key, dec_int(0));
}

/* The rows of a positionRisk answer that are held, one by one. Returns how many. */
static int
check_rows(const struct tok *t, const struct tok *v)
{
	const struct position_figures *p;
	char symbol[SYMBOL_MAX];
	struct fault f;
	int n = 0;

	if (account_read_positions(&a, t, v, &f) == -1)
		fail_msg("%s", f.text);
	account_contracts(&a, &cs);
	make(NULL);
	for (const struct tok *row = scan_first(v); row != NULL; row = scan_next(t, v, row)) {
		dec margin, cut;

		assert_true(scan_get_str(t, row, "symbol", symbol, sizeof symbol));
		if ((p = figures_position(&fg, symbol, POS_BOTH)) == NULL)
			continue;
		agrees("liquidation price", symbol, p->has_liq, p->liq, t, row, "liquidationPrice");
		assert_true(dec_mul(&cut, dec_abs(p->p->amt), D("0.00000001")));
		nearly("profit", symbol, p->has_upnl, p->upnl, t, row, "unRealizedProfit", cut);
		agrees("notional", symbol, p->has_notional, p->notional, t, row, "notional");
		assert_true(dec_add(&margin, p->p->isolated_wallet, p->upnl));
		nearly("isolated margin", symbol, true, margin, t, row, "isolatedMargin", cut);
		assert_true(p->has_away && dec_sign(p->away) > 0);
		n++;
	}
	return n;
}

static void
test_isolated_positions(void **state)
{
	char *text = recorded("usdm/rest-real-positionRisk-isolated.json");

	(void)state;
	brackets("usdm/derived-leverageBracket-mainnet-2024-10-24.json.gz");
	assert_true(scan_doc(&sc, text, strlen(text)) > 0);
	assert_int_equal(check_rows(sc.t, sc.t), 4);
	free(text);
}

/* Break-even of positions opened at one price, at the taker's 0.05 %: 12 decimals, of which the
 * last is off where the entry was rounded. */
static void
test_break_even(void **state)
{
	char *text = recorded("usdm/rest-real-positionRisk-isolated.json");
	struct fault f;
	int n = 0;

	(void)state;
	assert_true(scan_doc(&sc, text, strlen(text)) > 0);
	assert_int_equal(account_read_positions(&a, sc.t, sc.t, &f), 0);
	for (struct position *p = a.pos; p < a.pos + a.npos; p++) {
		struct leg l = { p->kind, p->amt, p->entry, p->size };
		dec got, off;

		if (strcmp(p->symbol, "DOGEUSDT") == 0)
			continue;	/* traded since: what it paid and earned is not told */
		assert_true(calc_break_even_fresh(&got, &l, D("0.0005")));
		assert_true(dec_sub(&off, got, p->break_even));
		assert_true(dec_cmp(dec_abs(off), D("0.000000000001")) <= 0);
		n++;
	}
	assert_int_equal(n, 3);
	free(text);
}

/* The answer of one step of the recorded trade cycle. */
static const struct tok *
step(char *text, int k)
{
	char key[32], *at, *end;

	snprintf(key, sizeof key, "{\"step\":%d,", k);
	if ((at = strstr(text, key)) == NULL)
		fail_msg("no step %d", k);
	end = strchr(at, '\n');
	assert_true(scan_doc(&line, at, end != NULL ? (size_t)(end - at) : strlen(at)) > 0);
	return scan_get(line.t, line.t, "body");
}

/* A fill as the exchange told it (userTrades), tried on the account. */
static void
fill(const struct tok *t, const struct tok *row)
{
	struct fill fi = { .c = contracts_find(&cs, "AAPLUSDT"), .pos_side = POS_BOTH };
	struct fault f;
	struct leg l;
	dec fee;

	fi.side = scan_get_is(t, row, "side", "BUY") ? SIDE_BUY : SIDE_SELL;
	assert_true(scan_get_dec(t, row, "qty", &fi.qty) && scan_get_dec(t, row, "price", &fi.price) &&
	    scan_get_dec(t, row, "commission", &fi.fee));
	l = (struct leg){ LINEAR, fi.qty, fi.price, dec_int(1) };
	assert_true(calc_fee(&fee, &l, fi.price, D("0.0004")));
	agrees("commission", "AAPLUSDT", true, fee, t, row, "commission");
	if (account_fill(&a, &fi, &f) == -1)
		fail_msg("%s", f.text);
}

/*
 * 12 real calls around one tiny trade: bought at 313.20 and sold at 313.19. Fees, entry and
 * break-even price and the balance at the end are the exchange's. (Its isolated wallet is not:
 * it took margin for an assumed price of its own.)
 */
static void
test_trade_cycle(void **state)
{
	char *text = recorded("usdm/rest-real-trade-cycle-aaplusdt-2026-08-08.ndjson");
	const struct tok *body, *row;
	struct position *p;
	struct fault f;

	(void)state;
	brackets("usdm/rest-leverageBracket-AAPLUSDT-2026-08-08.json");
	body = step(text, 1);
	assert_int_equal(account_read_wallets(&a, line.t, body, &f), 0);
	body = step(text, 2);
	assert_int_equal(check_rows(line.t, body), 0);
	body = step(text, 11);
	row = scan_first(body);
	fill(line.t, row);
	p = account_position(&a, "AAPLUSDT", POS_BOTH);
	assert_true(p->isolated);
	figure(true, p->entry, "313.2");
	figure(true, p->break_even, "313.32528");
	figure(true, p->isolated_wallet, "0.3132");	/* 6.264 / 20 */
	figure(true, a.wal[0].balance, "24.30238498");
	fill(line.t, scan_next(line.t, body, row));
	figure(true, account_position(&a, "AAPLUSDT", POS_BOTH)->amt, "0");
	body = step(text, 12);
	agrees("balance", "USDT", true, a.wal[0].balance, line.t, scan_first(body), "balance");
	figure(true, a.wal[0].balance, "24.29967947");
	figure(true, a.wal[0].cross, "24.29967947");
	/* and the position as it stood in between */
	body = step(text, 9);
	assert_int_equal(check_rows(line.t, body), 1);
	free(text);
}

static int
end(void **state)
{
	scan_free(&sc);
	scan_free(&line);
	return done(state);
}

#define T(f)	cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_isolated_positions),
		T(test_break_even),
		T(test_trade_cycle),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}

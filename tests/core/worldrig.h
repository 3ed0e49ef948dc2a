/* A world for tests of bf-risk: contracts, an account of each market, records into it. */
#ifndef BF_TESTS_WORLDRIG_H
#define BF_TESTS_WORLDRIG_H

#include <stdlib.h>
#include <string.h>

#include "../../cmd/bf-risk/world.h"
#include "decimal.h"

#define T0	INT64_C(1780000000000)

#define MAYBE	__attribute__((unused)) static	/* not every test takes it */

static struct scan rig_scan;

/* The tokens of a JSON text; good until the next call. Text with ' for ". */
static const struct tok *
J(const char *text)
{
	static char copy[1 << 16];
	size_t n = strlen(text);

	assert_true(n < sizeof copy);
	memcpy(copy, text, n + 1);
	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	if (scan_doc(&rig_scan, copy, n) <= 0)
		fail_msg("bad test: %s", text);
	return rig_scan.t;
}

MAYBE int
feed(struct world *w, const char *text)
{
	const struct tok *t = J(text);
	struct fault f = { 0 };

	return world_event(w, t, t, &f);
}

MAYBE bool
mark(struct world *w, const char *symbol, const char *price, int64_t at_ms)
{
	char text[256];
	const struct tok *t;

	snprintf(text, sizeof text, "{'e':'markPriceUpdate','E':%lld,'s':'%s','p':'%s','i':'%s','r':'0.00010000','T':%lld}",
	    (long long)at_ms, symbol, price, price, (long long)T0 + 3600000);
	t = J(text);
	return world_mark(w, t, t);
}

MAYBE void
add_contract(struct world *w, const char *symbol, const char *asset, const char *size)
{
	struct rules r = { .complete = true, .price_precision = 2, .qty_precision = 3 };
	struct contract *c;

	snprintf(r.symbol, sizeof r.symbol, "%s", symbol);
	snprintf(r.pair, sizeof r.pair, "%s", symbol);
	snprintf(r.margin, sizeof r.margin, "%s", asset);
	snprintf(r.status, sizeof r.status, "TRADING");
	snprintf(r.contract, sizeof r.contract, "PERPETUAL");
	r.contract_size = D(size);
	r.tick = D("0.10");
	r.step = r.min_qty = D("0.001");
	c = contracts_set(&w->cs, &r, dec_sign(r.contract_size) > 0 ? MARKET_COINM : MARKET_USDM);
	assert_non_null(c);
	c->tiers.n = 2;
	c->tiers.tier[0] = (struct tier){ D("0"), D("50000"), D("0.004"), D("0"), 125 };
	c->tiers.tier[1] = (struct tier){ D("50000"), D("600000"), D("0.005"), D("50"), 100 };
}

MAYBE void
read_part(struct account *a, int (*part)(struct account *, const struct tok *, const struct tok *, struct fault *),
    const char *text)
{
	const struct tok *t = J(text);
	struct fault f = { 0 };

	if (part(a, t, t, &f) == -1)
		fail_msg("bad test: %s", f.text);
}

/* Flat, with money. */
static struct world *
world_new(void)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	w->now = (struct now){ T0, 1000000 };
	w->seed = w->cs.seed = 77;
	w->vol_window_ms = 60000;
	w->ref_window_ms = 5000;
	w->max_future_ms = 2000;
	w->served[MARKET_USDM] = w->served[MARKET_COINM] = true;
	add_contract(w, "BTCUSDT", "USDT", "0");
	add_contract(w, "ETHUSDT", "USDT", "0");
	add_contract(w, "ETHUSDC", "USDC", "0");
	add_contract(w, "BTCUSD_PERP", "BTC", "100");
	for (int m = 0; m < MARKETS; m++)
		account_contracts(&w->acct[m], &w->cs);
	read_part(&w->acct[MARKET_USDM], account_read_wallets, "["
	    "{'asset':'USDT','balance':'1000.00','crossWalletBalance':'1000.00','availableBalance':'1000.00'},"
	    "{'asset':'USDC','balance':'0.00','crossWalletBalance':'0.00','availableBalance':'0.00'},"
	    "{'asset':'BNB','balance':'0.00','crossWalletBalance':'0.00','availableBalance':'0.00'}]");
	read_part(&w->acct[MARKET_COINM], account_read_wallets, "["
	    "{'asset':'BTC','balance':'1.5','crossWalletBalance':'1.5','availableBalance':'1.5'}]");
	for (int m = 0; m < MARKETS; m++) {
		read_part(&w->acct[m], account_read_positions, "[]");
		read_part(&w->acct[m], account_read_orders, "[]");
		assert_true(w->acct[m].known);
		w->loaded_mono_ms[m] = w->now.mono_ms;
	}
	return w;
}

static void
world_end(struct world *w)
{
	world_free(w);
	free(w);
	scan_free(&rig_scan);
	memset(&rig_scan, 0, sizeof rig_scan);
}

MAYBE struct intent
order(const char *text)
{
	const struct tok *t = J(text);
	struct intent in;
	struct fault f = { 0 };

	if (intent_read(&in, t, t, &f) == -1)
		fail_msg("bad test: %s", f.text);
	return in;
}

MAYBE void
put_position(struct world *w, const char *symbol, const char *side, const char *amt, const char *entry,
    const char *price)
{
	char text[512];

	snprintf(text, sizeof text, "{'e':'ACCOUNT_UPDATE','E':%lld,'T':%lld,'a':{'m':'ORDER','B':[],'P':[{'s':'%s','ps':'%s',"
	    "'pa':'%s','ep':'%s','up':'0','mt':'cross','iw':'0'}]}}", (long long)w->now.ms, (long long)w->now.ms, symbol, side,
	    amt, entry);
	assert_int_equal(feed(w, text), 1);
	world_price(w, symbol, strlen(symbol), D(price), D("0"), w->now.ms, true);
}

MAYBE int
put_order(struct world *w, const char *symbol, const char *side, const char *ps, const char *qty, const char *price,
    const char *status, const char *id, unsigned number)
{
	char text[512];

	snprintf(text, sizeof text, "{'e':'ORDER_TRADE_UPDATE','E':%lld,'T':%lld,'o':{'s':'%s','c':'%s','S':'%s','o':'LIMIT',"
	    "'q':'%s','p':'%s','X':'%s','i':%u,'z':'0','R':false,'ps':'%s','cp':false}}", (long long)w->now.ms,
	    (long long)w->now.ms, symbol, id, side, qty, price, status, number, ps);
	return feed(w, text);
}

#endif

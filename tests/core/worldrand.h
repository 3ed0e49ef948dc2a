/* Random records and worlds, for tests that must hold of any. */
#ifndef BF_TESTS_WORLDRAND_H
#define BF_TESTS_WORLDRAND_H

#include "worldrig.h"

static uint64_t seed = 1;

static unsigned
dice(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static const char *
pick(const char *const *s, unsigned n)
{
	return s[dice(n)];
}

/* A decimal with up to 12 decimals; two calls in one expression are fine. */
static const char *
number(void)
{
	static char text[8][64];
	static int at;
	char *s = text[at++ % 8];

	snprintf(s, 64, "%u.%0*u", dice(100000) + 1, (int)dice(9) + 1, dice(10));
	return s;
}

static const char *const symbols[] = { "BTCUSDT", "ETHUSDT", "ETHUSDC", "BTCUSD_PERP", "\xe5\xb8\x81USDT" };
#define SYMBOLS	(sizeof symbols / sizeof *symbols)

/*
 * Random records, some of them of earlier or later times, some damaged
 */

static long long
some_time(const struct world *w)
{
	return (long long)w->now.ms + (long long)dice(8000) - 6000;
}

static void
one_record(struct world *w, char *text, size_t size)
{
	static const char *const sides[] = { "BUY", "SELL" }, *const legs[] = { "BOTH", "LONG", "SHORT" };
	static const char *const status[] = { "NEW", "NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "WHATEVER" };
	static const char *const states[] = { "up", "down", "replaced" };
	const char *s = pick(symbols, SYMBOLS), *leg = legs[dice(12) == 0 ? 1 + dice(2) : 0];
	long long at = some_time(w);

	switch (dice(7)) {
	case 0:
	case 1:
		snprintf(text, size, "{'e':'markPriceUpdate','E':%lld,'s':'%s','p':'%s','i':'%s','r':'-0.0003','T':%lld}", at, s,
		    number(), number(), at + 1000);
		break;
	case 2:
		snprintf(text, size, "{'e':'ACCOUNT_UPDATE','E':%lld,'T':%lld,'st':%u,'a':{'m':'ORDER','B':[{'a':'USDT','wb':'%s',"
		    "'cw':'%s'}],'P':[{'s':'%s','ps':'%s','pa':'%s%s','ep':'%s','up':'%s','mt':'%s','iw':'%s'}]}}", at, at,
		    strstr(s, "USD_") != NULL ? 2 : 1, number(), number(), s, leg, dice(2) ? "-" : "", dice(3) ? number() : "0",
		    number(), number(), dice(2) ? "isolated" : "cross", number());
		break;
	case 3:
	case 4:
		snprintf(text, size, "{'e':'ORDER_TRADE_UPDATE','E':%lld,'T':%lld,'o':{'s':'%s','c':'c%u','S':'%s','o':'LIMIT','q':'%s',"
		    "'p':'%s','X':'%s','i':%u,'z':'0','R':%s,'ps':'%s','cp':false}}", at, at, s, dice(40), pick(sides, 2), number(),
		    dice(4) ? number() : "0", pick(status, 7), dice(30) + 1, dice(5) ? "false" : "true", leg);
		break;
	case 5:
		snprintf(text, size, "{'e':'ALGO_UPDATE','E':%lld,'T':%lld,'o':{'caid':'c%u','aid':%u,'at':'CONDITIONAL','o':'STOP',"
		    "'s':'%s','S':'%s','ps':'%s','q':'%s','X':'%s','ai':'','aq':'0','tp':'%s','p':'%s','wt':'MARK_PRICE','cp':false,"
		    "'R':false}}", at, at, dice(40), dice(30) + 1, s, pick(sides, 2), leg, number(), pick(status, 5), number(), number());
		break;
	default:
		snprintf(text, size, "{'e':'bf.conn','conn':'%s','state':'%s','why':''}", dice(2) ? "user" : "user-coinm", pick(states, 3));
	}
}

static void
let_through(struct world *w)
{
	struct intent in = { .op = OP_PLACE, .side = dice(2) ? SIDE_BUY : SIDE_SELL, .qty = D(number()), .price = D(number()) };
	enum market m;

	snprintf(in.symbol, sizeof in.symbol, "%s", pick(symbols, SYMBOLS));
	snprintf(in.type, sizeof in.type, "%s", dice(2) ? "LIMIT" : "MARKET");
	snprintf(in.client_id, sizeof in.client_id, "c%u", dice(40));
	world_market(w, in.symbol, &m);
	if (w->npending < PENDING_MAX)
		world_passed(w, &in, m, in.price);
}

MAYBE struct world *
random_world(unsigned records)
{
	struct world *w = world_new();
	char text[1024];

	for (unsigned i = 0; i < records; i++) {
		w->now.ms += dice(400);
		w->now.mono_ms += dice(400);
		one_record(w, text, sizeof text);
		feed(w, text);
		if (dice(5) == 0)
			let_through(w);
		if (dice(60) == 0)
			world_loaded(w, (enum market)dice(2), dice(2));
	}
	w->blocked = dice(2) ? dice(1000) | 1u << 31 : 0;
	for (size_t i = 0; i < SYMBOLS; i++) {
		struct sym *s = sym_find(w, symbols[i], strlen(symbols[i]));

		if (s != NULL)
			s->blocked = dice(3) == 0 ? dice(1000) : 0;
	}
	w->down[MARKET_COINM] = dice(2);
	w->health.latched = dice(2);
	w->health.clock_error_ms = (int64_t)dice(5) - 1;
	snprintf(w->health.latch_why, sizeof w->health.latch_why, "%s", dice(2) ? "a \"reason\"\n\xe5\xb8\x81" : "");
	w->rates.r = calloc(1, sizeof *w->rates.r);
	assert_non_null(w->rates.r);
	w->rates.n = 1;
	w->rates.r[0] = (struct asset_rate){ "USDT", D("1.00010000"), D("0.0005"), D("0.0005") };
	return w;
}

#endif

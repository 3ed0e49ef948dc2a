/* A world to judge intents in: contracts, one account a market, marks; and limits. Every test
 * begins with rig(). */
#ifndef BF_TESTS_JUDGERIG_H
#define BF_TESTS_JUDGERIG_H

#include "../../cmd/bf-risk/judge.h"
#include "decimal.h"

#define LEN(a)	(sizeof (a) / sizeof *(a))
#define T0	INT64_C(1700000000000)
#define MONO0	INT64_C(5000000)

static struct world w;
static struct limits l;
static struct verdict v;
static struct position pos_room[MARKETS][16];
static struct open_order ord_room[MARKETS][16];
static struct wallet wal_room[MARKETS][4];

static inline void
copy(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text);
}

/* size "0": linear. Two tiers of maintenance; the first to 50000 (of a coin: 5). */
static inline struct contract *
contract(enum market m, const char *symbol, const char *margin, const char *size, const char *step, const char *tick)
{
	struct rules r = { .complete = true, .contract_size = D(size), .step = D(step), .mkt_step = D(step), .min_qty = D(step),
		.mkt_min_qty = D(step), .tick = D(tick), .max_qty = D("100000") };
	struct contract *c;

	copy(r.symbol, sizeof r.symbol, symbol);
	copy(r.margin, sizeof r.margin, margin);
	copy(r.status, sizeof r.status, "TRADING");
	copy(r.contract, sizeof r.contract, "PERPETUAL");
	assert_non_null(c = contracts_set(&w.cs, &r, m));
	if (m == MARKET_USDM)
		c->tiers = (struct tiers){ 2, { { D("0"), D("50000"), D("0.004"), D("0"), 125 },
			{ D("50000"), D("600000"), D("0.005"), D("50"), 100 } } };
	else
		c->tiers = (struct tiers){ 2, { { D("0"), D("5"), D("0.004"), D("0"), 125 },
			{ D("5"), D("10"), D("0.005"), D("0.005"), 100 } } };
	return c;
}

static inline void
wallet(enum market m, const char *asset, const char *amount)
{
	struct account *a = &w.acct[m];
	struct wallet *q = NULL;

	for (int i = 0; i < a->nwal; i++)
		if (strcmp(a->wal[i].asset, asset) == 0)
			q = &a->wal[i];
	if (q == NULL)
		q = &a->wal[a->nwal++];
	*q = (struct wallet){ .balance = D(amount), .cross = D(amount) };
	copy(q->asset, sizeof q->asset, asset);
}

static inline void
mark(const char *symbol, const char *price)
{
	struct sym *s = sym_slot(&w, symbol, strlen(symbol));

	assert_non_null(s);
	s->mark = s->index = D(price);
	s->mark_ms = w.now.ms;
	s->mono_ms = w.now.mono_ms;
}

static inline struct position *
hold(const char *symbol, enum pos_side side, const char *amt, const char *entry, const char *at)
{
	struct contract *c = contracts_find(&w.cs, symbol);
	struct account *a = &w.acct[c->market];
	struct position *p = &a->pos[a->npos++];
	struct leg leg = { .kind = c->kind, .amt = D(amt), .entry = D(entry), .size = c->size };

	*p = (struct position){ .side = side, .kind = c->kind, .size = c->size, .amt = D(amt), .entry = D(entry),
		.mark = D(at), .leverage = 20, .mark_ms = w.now.ms };
	copy(p->symbol, sizeof p->symbol, symbol);
	copy(p->margin_asset, sizeof p->margin_asset, c->rules.margin);
	if (dec_sign(p->mark) > 0)
		assert_true(margin_pnl(&p->upnl, &leg, p->mark));
	return p;
}

static inline struct open_order *
open_order(const char *symbol, enum pos_side side, enum order_side way, const char *qty, const char *filled, const char *price)
{
	struct account *a = &w.acct[contracts_find(&w.cs, symbol)->market];
	struct open_order *o = &a->ord[a->nord++];

	*o = (struct open_order){ .id = 100 + (unsigned)a->nord, .pos_side = side, .side = way, .qty = D(qty), .filled = D(filled),
		.price = D(price) };
	copy(o->symbol, sizeof o->symbol, symbol);
	copy(o->type, sizeof o->type, "LIMIT");
	snprintf(o->client_id, sizeof o->client_id, "own-%d", a->nord);
	return o;
}

/* 10000 USDT and 1 BTC, flat; BTCUSDT 60000, ETHUSDT 3000; no costs; every rule of the file off. */
static inline void
rig(void)
{
	contracts_free(&w.cs);
	free(w.sym);
	memset(&w, 0, sizeof w);
	w.now = (struct now){ T0, MONO0 };
	for (int m = 0; m < MARKETS; m++) {
		w.acct[m] = (struct account){ .pos = pos_room[m], .ord = ord_room[m], .wal = wal_room[m], .known = true,
			.parts = ~0u, .as_of_ms = T0 };
		w.served[m] = true;
		w.loaded_mono_ms[m] = MONO0 - 1000;
	}
	contract(MARKET_USDM, "BTCUSDT", "USDT", "0", "0.001", "0.10");
	contract(MARKET_USDM, "ETHUSDT", "USDT", "0", "0.001", "0.01");
	contract(MARKET_USDM, "BTCUSDC", "USDC", "0", "0.001", "0.1");
	contract(MARKET_COINM, "BTCUSD_PERP", "BTC", "100", "1", "0.1");
	wallet(MARKET_USDM, "USDT", "10000");
	wallet(MARKET_COINM, "BTC", "1");
	mark("BTCUSDT", "60000");
	mark("ETHUSDT", "3000");
	mark("BTCUSDC", "60000");
	mark("BTCUSD_PERP", "50000");
	w.health.clock_error_ms = 5;
	limits_free(&l);
	limits_init(&l);
	l.cost = D("0");
}

static inline struct limit *
limit(enum rule r, const char *max)
{
	l.r[r].on = true;
	l.r[r].max = D(max);
	return &l.r[r];
}

/* price NULL: a market order. */
static inline struct intent
order(const char *symbol, enum pos_side side, enum order_side way, const char *qty, const char *price)
{
	struct intent in = { .op = OP_PLACE, .side = way, .pos_side = side, .has_pos_side = side != POS_BOTH, .qty = D(qty),
		.price = D(price != NULL ? price : "0") };

	copy(in.symbol, sizeof in.symbol, symbol);
	copy(in.type, sizeof in.type, price != NULL ? "LIMIT" : "MARKET");
	copy(in.tif, sizeof in.tif, price != NULL ? "GTC" : "");
	copy(in.qty_s, sizeof in.qty_s, qty);
	copy(in.price_s, sizeof in.price_s, price != NULL ? price : "");
	return in;
}

static inline bool
passes(struct intent in)
{
	judge(&v, &w, &l, &in);
	for (int i = 0; i < v.n; i++)
		print_message("\t%s\n", v.b[i].text);
	return v.pass;
}

static inline const struct breach *
breach(const char *name)
{
	for (int i = 0; i < v.n; i++)
		if (strcmp(v.b[i].name, name) == 0)
			return &v.b[i];
	fail_msg("no breach %s", name);
	return NULL;
}

static inline void
same(dec got, const char *want)
{
	char s[DEC_STR];

	dec_print(got, s);
	if (dec_cmp(got, D(want)) != 0)
		fail_msg("%s, not %s", s, want);
}

/* It breaks this rule alone, with this value (NULL: any) and text in it. */
static inline void
breaks(struct intent in, const char *name, const char *value, const char *text)
{
	assert_false(passes(in));
	assert_int_equal(v.n, 1);
	assert_string_equal(v.b[0].name, name);
	if (value != NULL)
		assert_string_equal(v.b[0].value, value);
	if (strstr(v.b[0].text, text) == NULL)
		fail_msg("\"%s\" has not \"%s\"", v.b[0].text, text);
}

#endif

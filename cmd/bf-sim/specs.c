/* The built-in contracts. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "specs.h"

/*
 * Filters. BTCUSDT as live on 2026-09-15 and the COIN-M perpetuals as of 2025,
 * and so are tick, step and least notional of the others. Their remaining
 * values (price and quantity ranges, market quantity, fees of liquidation) are
 * plausible, not recorded; and so are the COIN-M delivery's. A symbol that ends
 * in '_' is a delivery contract: its date is put behind it.
 */
static const struct row {
	enum product market;
	const char *symbol, *pair, *base, *quote;
	int	price_precision, qty_precision;
	const char *min_price, *max_price, *tick;
	const char *min_qty, *max_qty, *mkt_max_qty;	/* step = min_qty */
	const char *min_notional;
	const char *liquidation_fee, *take_bound, *protect;
	const char *size;
	int64_t	onboard_ms;
	int	funding_hours;
	const char *maker_qty, *price;
} rows[] = {
	{ USDM, "BTCUSDT", "BTCUSDT", "BTC", "USDT", 2, 3, "556.80", "4529764", "0.10",
	  "0.001", "1000", "120", "50", "0.012500", "0.05", "0.0500", "1",
	  1569398400000, 8, "2.000", "60000" },
	{ USDM, "ETHUSDT", "ETHUSDT", "ETH", "USDT", 2, 3, "39.86", "306177", "0.01",
	  "0.001", "10000", "2000", "20", "0.012500", "0.05", "0.0500", "1",
	  1569398400000, 8, "40.000", "3000" },
	{ USDM, "SOLUSDT", "SOLUSDT", "SOL", "USDT", 4, 2, "0.4200", "6857.0000", "0.0100",
	  "0.01", "1000000", "10000", "5", "0.015000", "0.05", "0.0500", "1",
	  1600066800000, 8, "500.00", "150" },
	{ USDM, "DOGEUSDT", "DOGEUSDT", "DOGE", "USDT", 6, 0, "0.002440", "30.000000", "0.000010",
	  "1", "50000000", "30000000", "5", "0.015000", "0.05", "0.0500", "1",
	  1594364400000, 8, "300000", "0.2" },
	{ USDM, "BNBUSDT", "BNBUSDT", "BNB", "USDT", 3, 2, "6.600", "100000", "0.010",
	  "0.01", "100000", "2000", "5", "0.015000", "0.05", "0.0500", "1",
	  1581318000000, 8, "100.00", "600" },
	{ USDM, "BTCUSDC", "BTCUSDC", "BTC", "USDC", 1, 3, "556.8", "4529764", "0.1",
	  "0.001", "800", "100", "50", "0.012500", "0.05", "0.0500", "1",
	  1704285000000, 8, "2.000", "60000" },
	{ USDM, "1000PEPEUSDT", "1000PEPEUSDT", "1000PEPE", "USDT", 7, 0, "0.0000001", "200",
	  "0.0000001", "1", "100000000", "50000000", "5", "0.015000", "0.10", "0.1000", "1",
	  1683158400000, 4, "5000000", "0.01" },
	{ USDM, "测试USDT", "测试USDT", "测试", "USDT", 5, 0, "0.00010", "1000", "0.00010",
	  "1", "10000000", "500000", "5", "0.015000", "0.10", "0.1000", "1",
	  1759996800000, 8, "20000", "1" },
	{ USDM, "BTCUSDT_", "BTCUSDT", "BTC", "USDT", 1, 3, "576.3", "1000000", "0.1",
	  "0.001", "500", "100", "50", "0.010000", "0.05", "0.0500", "1",
	  0, 0, "1.000", "60000" },
	{ COINM, "BTCUSD_PERP", "BTCUSD", "BTC", "USD", 1, 0, "1000", "4520958", "0.1",
	  "1", "1000000", "60000", "0", "0.015000", "0.05", "0.0500", "100",
	  1597042800000, 8, "1000", "60000" },
	{ COINM, "ETHUSD_PERP", "ETHUSD", "ETH", "USD", 2, 0, "50", "306159", "0.01",
	  "1", "1000000", "500000", "0", "0.015000", "0.05", "0.0500", "10",
	  1597734000000, 8, "10000", "3000" },
	{ COINM, "BTCUSD_", "BTCUSD", "BTC", "USD", 1, 0, "1000", "4520958", "0.1",
	  "1", "1000000", "10000", "0", "0.015000", "0.05", "0.0500", "100",
	  0, 0, "500", "60000" },
};
#define NROWS	((int)(sizeof rows / sizeof *rows))

/*
 * Leverage brackets. USDⓈ-M: a recorded data file of October 2024; real ones
 * change often. 测试USDT has those of 1000PEPEUSDT.
 */
static const struct specs_step btc[] = {
	{ "50000", "0.40", 125 }, { "600000", "0.50", 100 }, { "3000000", "0.65", 75 },
	{ "12000000", "1.00", 50 }, { "70000000", "2.00", 25 }, { "100000000", "2.50", 20 },
	{ "230000000", "5.00", 10 }, { "480000000", "10.00", 5 }, { "600000000", "12.50", 4 },
	{ "800000000", "15.00", 3 }, { "1200000000", "25.00", 2 }, { "1800000000", "50.00", 1 },
	{ NULL, NULL, 0 }
};
static const struct specs_step eth[] = {
	{ "50000", "0.40", 125 }, { "600000", "0.50", 100 }, { "3000000", "0.65", 75 },
	{ "12000000", "1.00", 50 }, { "50000000", "2.00", 25 }, { "65000000", "2.50", 20 },
	{ "150000000", "5.00", 10 }, { "320000000", "10.00", 5 }, { "400000000", "12.50", 4 },
	{ "530000000", "15.00", 3 }, { "800000000", "25.00", 2 }, { "1200000000", "50.00", 1 },
	{ NULL, NULL, 0 }
};
static const struct specs_step sol[] = {
	{ "20000", "0.50", 100 }, { "100000", "0.65", 75 }, { "800000", "1.00", 50 },
	{ "4000000", "2.00", 25 }, { "8000000", "2.50", 20 }, { "40000000", "5.00", 10 },
	{ "80000000", "10.00", 5 }, { "100000000", "12.50", 4 }, { "200000000", "25.00", 2 },
	{ "400000000", "50.00", 1 }, { NULL, NULL, 0 }
};
static const struct specs_step doge[] = {
	{ "10000", "0.50", 75 }, { "50000", "0.70", 50 }, { "750000", "1.00", 40 },
	{ "800000", "2.00", 25 }, { "1600000", "2.50", 20 }, { "8000000", "5.00", 10 },
	{ "16000000", "10.00", 5 }, { "20000000", "12.50", 4 }, { "40000000", "25.00", 2 },
	{ "80000000", "50.00", 1 }, { NULL, NULL, 0 }
};
static const struct specs_step bnb[] = {
	{ "10000", "0.50", 75 }, { "50000", "0.60", 50 }, { "200000", "1.00", 40 },
	{ "1500000", "2.00", 25 }, { "3000000", "2.50", 20 }, { "15000000", "5.00", 10 },
	{ "30000000", "10.00", 5 }, { "37500000", "12.50", 4 }, { "75000000", "25.00", 2 },
	{ "150000000", "50.00", 1 }, { NULL, NULL, 0 }
};
static const struct specs_step usdc[] = {
	{ "50000", "0.40", 125 }, { "500000", "0.50", 100 }, { "10000000", "1.00", 50 },
	{ "80000000", "2.50", 20 }, { "150000000", "5.00", 10 }, { "300000000", "10.00", 5 },
	{ "450000000", "12.50", 4 }, { "600000000", "15.00", 3 }, { "800000000", "25.00", 2 },
	{ "1000000000", "50.00", 1 }, { NULL, NULL, 0 }
};
static const struct specs_step pepe[] = {
	{ "20000", "0.65", 75 }, { "200000", "1.00", 50 }, { "300000", "1.50", 40 },
	{ "1500000", "2.00", 25 }, { "3000000", "2.50", 20 }, { "15000000", "5.00", 10 },
	{ "30000000", "10.00", 5 }, { "37500000", "12.50", 4 }, { "75000000", "25.00", 2 },
	{ "150000000", "50.00", 1 }, { NULL, NULL, 0 }
};
static const struct specs_step quarter[] = {
	{ "50000", "1.00", 50 }, { "375000", "2.00", 25 }, { "2000000", "5.00", 10 },
	{ "4000000", "10.00", 5 }, { "10000000", "12.50", 4 }, { "20000000", "15.00", 3 },
	{ "40000000", "25.00", 2 }, { "120000000", "50.00", 1 }, { NULL, NULL, 0 }
};
/*
 * COIN-M, in coins: the rates and floors of 2021; the leverages and the last cap
 * are plausible. ETH: twenty times as many coins, as each is worth about a
 * twentieth.
 */
static const struct specs_step btc_coin[] = {
	{ "5", "0.40", 125 }, { "10", "0.50", 100 }, { "20", "1.00", 50 }, { "50", "2.50", 20 },
	{ "100", "5.00", 10 }, { "200", "10.00", 5 }, { "400", "12.50", 4 }, { "1000", "15.00", 3 },
	{ "1500", "25.00", 2 }, { "3000", "50.00", 1 }, { NULL, NULL, 0 }
};
static const struct specs_step eth_coin[] = {
	{ "100", "0.40", 125 }, { "200", "0.50", 100 }, { "400", "1.00", 50 },
	{ "1000", "2.50", 20 }, { "2000", "5.00", 10 }, { "4000", "10.00", 5 },
	{ "8000", "12.50", 4 }, { "20000", "15.00", 3 }, { "30000", "25.00", 2 },
	{ "60000", "50.00", 1 }, { NULL, NULL, 0 }
};
static const struct specs_step *const ladders[] = {
	btc, eth, sol, doge, bnb, usdc, pepe, pepe, quarter, btc_coin, eth_coin, btc_coin
};
_Static_assert(sizeof ladders / sizeof *ladders == sizeof rows / sizeof *rows,
    "a ladder for each contract");

/* A literal of the tables: a bad one is our own mistake. */
static dec
lit(const char *s)
{
	dec d = { 0, 0 };
	bool ok = dec_parse(&d, s);

	assert(ok);
	(void)ok;
	return d;
}

static void
copy(char *to, size_t size, const char *s)
{
	snprintf(to, size, "%s", s);
}

/* cum_1 = 0; cum_k = cum_(k-1) + floor_k x (mmr_k - mmr_(k-1)). */
bool
specs_ladder(struct tiers *out, const struct specs_step *s)
{
	struct tier *t;
	dec step;

	for (out->n = 0; s->cap != NULL; s++, out->n++) {
		t = &out->tier[out->n];
		t->cap = lit(s->cap);
		t->max_leverage = s->leverage;
		t->floor = t->cum = dec_int(0);
		if (!dec_div(&t->mmr, lit(s->percent), dec_int(100), 4, DEC_HALF_UP))
			return false;
		if (out->n == 0)
			continue;
		t->floor = t[-1].cap;
		if (!dec_sub(&step, t->mmr, t[-1].mmr) || !dec_mul(&step, step, t->floor) ||
		    !dec_add(&t->cum, t[-1].cum, step))
			return false;
	}
	return true;
}

/*
 * Order ids: small for BTCUSDT and above 2^53 for the others, as on the venue,
 * so that a client which reads ids as doubles is caught. Each of the others
 * begins elsewhere, 2^24 ids apart at least, by a hash of its name.
 */
static uint64_t
first_id(const struct contract *c)
{
	uint64_t h = 14695981039346656037u;	/* FNV-1a */

	if (strcmp(c->rules.symbol, "BTCUSDT") == 0)
		return 28319421;
	if (strcmp(c->rules.symbol, "ETHUSDT") == 0)
		return 8389765606284283461u;
	for (const char *p = c->rules.symbol; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	return 8389766058155948588u + ((h ^ h >> 32) & 0xffffffu) * 0x1000000u;
}

bool
specs_settle(struct contract *c)
{
	/* section 11.2: the cap is 0.75 x the maintenance rate at the greatest leverage */
	dec part = { 75, 2 };

	c->first_id = first_id(c);
	c->max_amend = 10000;
	c->interest = (dec){ 1, 4 };
	c->funding_cap = dec_int(0);
	if (!dec_mul(&c->funding_cap, c->tiers.tier[0].mmr, part))
		return false;
	c->funding_floor = dec_neg(c->funding_cap);
	c->maker.spread = (dec){ 1, 4 };
	c->maker.levels = 20;
	c->maker.gap = 5;
	return true;
}

/*
 * Delivery dates
 */

#define DAY_MS	INT64_C(86400000)

/* The last Friday of a month (0..11), 08:00 UTC, in ms. */
static int64_t
last_friday(int year, int month)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month + 1, .tm_mday = 0, .tm_hour = 8 };
	int64_t ms = (int64_t)timegm(&tm) * 1000;	/* the day before the next month's first */

	return ms - (int64_t)((tm.tm_wday + 2) % 7) * DAY_MS;
}

/* The delivery of the quarter that ms is in; of the next one from then on. */
static int64_t
delivery_of(int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm = { 0 };
	int64_t at;
	int month;

	gmtime_r(&t, &tm);
	month = tm.tm_mon / 3 * 3 + 2;
	at = last_friday(tm.tm_year + 1900, month);
	return ms < at ? at : last_friday(tm.tm_year + 1900 + (month == 11), (month + 3) % 12);
}

/* "BTCUSD_" and the date as YYMMDD. */
static void
dated(char out[static SYMBOL_MAX], const char *stem, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm = { 0 };

	gmtime_r(&t, &tm);
	snprintf(out, SYMBOL_MAX, "%.32s%02d%02d%02d", stem, tm.tm_year % 100, tm.tm_mon + 1,
	    tm.tm_mday);
}

/*
 * Contracts
 */

static void
read_rules(struct rules *r, const struct row *w)
{
	copy(r->symbol, sizeof r->symbol, w->symbol);
	copy(r->pair, sizeof r->pair, w->pair);
	copy(r->status, sizeof r->status, "TRADING");
	copy(r->contract, sizeof r->contract, "PERPETUAL");
	copy(r->base, sizeof r->base, w->base);
	copy(r->quote, sizeof r->quote, w->quote);
	copy(r->margin, sizeof r->margin, w->market == COINM ? w->base : w->quote);
	r->price_precision = w->price_precision;
	r->qty_precision = w->qty_precision;
	r->min_price = lit(w->min_price);
	r->max_price = lit(w->max_price);
	r->tick = lit(w->tick);
	r->min_qty = r->mkt_min_qty = lit(w->min_qty);
	r->step = r->mkt_step = lit(w->min_qty);
	r->max_qty = lit(w->max_qty);
	r->mkt_max_qty = lit(w->mkt_max_qty);
	r->min_notional = lit(w->min_notional);
	r->mult_up = lit("1.0500");
	r->mult_down = lit("0.9500");
	r->max_orders = 200;
	r->liquidation_fee = lit(w->liquidation_fee);
	r->market_take_bound = lit(w->take_bound);
	r->trigger_protect = lit(w->protect);
	r->complete = true;
}

static bool
read_row(struct contract *c, const struct row *w, const struct specs_step *ladder, int64_t delivery)
{
	c->market = w->market;
	c->size = lit(w->size);
	c->onboard_ms = w->onboard_ms;
	c->delivery_ms = ENGINE_PERPETUAL;
	c->funding_hours = w->funding_hours;
	read_rules(&c->rules, w);
	if (w->symbol[strlen(w->symbol) - 1] == '_') {
		dated(c->rules.symbol, w->symbol, delivery);
		copy(c->rules.contract, sizeof c->rules.contract, "CURRENT_QUARTER");
		c->delivery_ms = delivery;
		c->onboard_ms = delivery - 182 * DAY_MS;	/* two quarters before */
	}
	c->maker.qty = lit(w->maker_qty);
	return specs_ladder(&c->tiers, ladder) && specs_settle(c);
}

int
specs_builtin(struct specs *out, int64_t now_ms, struct fault *f)
{
	struct contract *v = calloc((size_t)NROWS, sizeof *v);
	int64_t delivery = delivery_of(now_ms);

	*out = (struct specs){ NULL, 0 };
	if (v == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (int i = 0; i < NROWS; i++)
		if (!read_row(&v[i], &rows[i], ladders[i], delivery)) {
			free(v);
			return fault_set(f, FAULT_LOCAL, "%s: a number out of room", rows[i].symbol);
		}
	*out = (struct specs){ v, NROWS };
	return 0;
}

void
specs_free(struct specs *s)
{
	free(s->v);
	*s = (struct specs){ NULL, 0 };
}

/* Whether a symbol is that of the row: of a delivery contract, whatever its date. */
static bool
is_row(const struct row *w, const char *symbol)
{
	size_t n = strlen(w->symbol);

	if (w->symbol[n - 1] != '_')
		return strcmp(w->symbol, symbol) == 0;
	return strncmp(w->symbol, symbol, n) == 0 && strlen(symbol) == n + 6 &&
	    strspn(symbol + n, "0123456789") == 6;
}

dec
specs_price(const char *symbol)
{
	for (const struct row *w = rows; w < rows + NROWS; w++)
		if (is_row(w, symbol))
			return lit(w->price);
	return dec_int(0);
}

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "specs.h"

/*
 * Filters. BTCUSDT as live on 2026-09-15, and so are the tick, step and least
 * notional of the others. Their remaining values (price and quantity ranges,
 * market quantity, fees of liquidation) are plausible, not recorded; and so are
 * all PERCENT_PRICE and marketTakeBound values but BTCUSDT's.
 *
 * Order ids: small for BTCUSDT and above 2^53 for the others, as on the venue,
 * so that a client which reads ids as doubles is caught.
 */
static const struct row {
	const char *symbol, *base;
	int	price_precision, qty_precision;
	const char *min_price, *max_price, *tick;
	const char *min_qty, *max_qty, *mkt_max_qty;	/* step = min_qty */
	const char *min_notional, *mult_up, *mult_down;
	const char *liquidation_fee, *take_bound, *protect;
	uint64_t first_id;
	const char *maker_qty;
} rows[] = {
	{ "BTCUSDT", "BTC", 2, 3, "556.80", "4529764", "0.10",
	  "0.001", "1000", "120", "50", "1.0500", "0.9500",
	  "0.012500", "0.05", "0.0500", 28319421, "2.000" },
	{ "ETHUSDT", "ETH", 2, 3, "39.86", "306177", "0.01",
	  "0.001", "10000", "2000", "20", "1.0500", "0.9500",
	  "0.012500", "0.05", "0.0500", 8389765606284283461u, "40.000" },
	{ "SOLUSDT", "SOL", 4, 2, "0.4200", "6857.0000", "0.0100",
	  "0.01", "1000000", "10000", "5", "1.0500", "0.9500",
	  "0.015000", "0.05", "0.0500", 8389765606284283461u, "500.00" },
	{ "DOGEUSDT", "DOGE", 6, 0, "0.002440", "30.000000", "0.000010",
	  "1", "50000000", "30000000", "5", "1.0500", "0.9500",
	  "0.015000", "0.05", "0.0500", 8389765606284283461u, "300000" }
};
#define NROWS	(sizeof rows / sizeof *rows)

/*
 * Leverage brackets: cap in USDT, rate of maintenance in percent, greatest
 * leverage. A recorded data file of October 2024; real ones change often.
 */
struct bracket { const char *cap, *percent; int leverage; };

static const struct bracket btc[] = {
	{ "50000", "0.40", 125 }, { "600000", "0.50", 100 }, { "3000000", "0.65", 75 },
	{ "12000000", "1.00", 50 }, { "70000000", "2.00", 25 }, { "100000000", "2.50", 20 },
	{ "230000000", "5.00", 10 }, { "480000000", "10.00", 5 }, { "600000000", "12.50", 4 },
	{ "800000000", "15.00", 3 }, { "1200000000", "25.00", 2 }, { "1800000000", "50.00", 1 },
	{ NULL, NULL, 0 }
};
static const struct bracket eth[] = {
	{ "50000", "0.40", 125 }, { "600000", "0.50", 100 }, { "3000000", "0.65", 75 },
	{ "12000000", "1.00", 50 }, { "50000000", "2.00", 25 }, { "65000000", "2.50", 20 },
	{ "150000000", "5.00", 10 }, { "320000000", "10.00", 5 }, { "400000000", "12.50", 4 },
	{ "530000000", "15.00", 3 }, { "800000000", "25.00", 2 }, { "1200000000", "50.00", 1 },
	{ NULL, NULL, 0 }
};
static const struct bracket sol[] = {
	{ "20000", "0.50", 100 }, { "100000", "0.65", 75 }, { "800000", "1.00", 50 },
	{ "4000000", "2.00", 25 }, { "8000000", "2.50", 20 }, { "40000000", "5.00", 10 },
	{ "80000000", "10.00", 5 }, { "100000000", "12.50", 4 }, { "200000000", "25.00", 2 },
	{ "400000000", "50.00", 1 }, { NULL, NULL, 0 }
};
static const struct bracket doge[] = {
	{ "10000", "0.50", 75 }, { "50000", "0.70", 50 }, { "750000", "1.00", 40 },
	{ "800000", "2.00", 25 }, { "1600000", "2.50", 20 }, { "8000000", "5.00", 10 },
	{ "16000000", "10.00", 5 }, { "20000000", "12.50", 4 }, { "40000000", "25.00", 2 },
	{ "80000000", "50.00", 1 }, { NULL, NULL, 0 }
};
static const struct bracket *const brackets[NROWS] = { btc, eth, sol, doge };

static const char *const names[NROWS + 1] = {
	"BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT", NULL
};

const char *const *
spec_names(void)
{
	return names;
}

/* A literal of the tables above: a bad one is our own mistake. */
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

static void
read_rules(struct rules *r, const struct row *w)
{
	copy(r->symbol, sizeof r->symbol, w->symbol);
	copy(r->pair, sizeof r->pair, w->symbol);
	copy(r->status, sizeof r->status, "TRADING");
	copy(r->contract, sizeof r->contract, "PERPETUAL");
	copy(r->base, sizeof r->base, w->base);
	copy(r->quote, sizeof r->quote, "USDT");
	copy(r->margin, sizeof r->margin, "USDT");
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
	r->mult_up = lit(w->mult_up);
	r->mult_down = lit(w->mult_down);
	r->max_orders = 200;
	r->liquidation_fee = lit(w->liquidation_fee);
	r->market_take_bound = lit(w->take_bound);
	r->trigger_protect = lit(w->protect);
	r->complete = true;
}

/* cum_1 = 0; cum_k = cum_(k-1) + floor_k x (mmr_k - mmr_(k-1)). */
static bool
read_tiers(struct tiers *ts, const struct bracket *b)
{
	struct tier *t;
	dec step;

	for (ts->n = 0; b->cap != NULL; b++, ts->n++) {
		t = &ts->tier[ts->n];
		t->cap = lit(b->cap);
		t->max_leverage = b->leverage;
		t->floor = t->cum = dec_int(0);
		if (!dec_div(&t->mmr, lit(b->percent), dec_int(100), 4, DEC_HALF_UP))
			return false;
		if (ts->n == 0)
			continue;
		t->floor = t[-1].cap;
		if (!dec_sub(&step, t->mmr, t[-1].mmr) || !dec_mul(&step, step, t->floor) ||
		    !dec_add(&t->cum, t[-1].cum, step))
			return false;
	}
	return true;
}

bool
spec_read(struct spec *out, const char *name)
{
	size_t i;

	for (i = 0; i < NROWS; i++)
		if (strcmp(rows[i].symbol, name) == 0)
			break;
	if (i == NROWS)
		return false;
	memset(out, 0, sizeof *out);
	read_rules(&out->rules, &rows[i]);
	out->first_id = rows[i].first_id;
	out->maker.spread = lit("0.0001");
	out->maker.levels = 20;
	out->maker.gap = 5;
	out->maker.qty = lit(rows[i].maker_qty);
	return read_tiers(&out->tiers, brackets[i]);
}

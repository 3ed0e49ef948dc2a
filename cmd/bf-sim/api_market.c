/* Public market data: the table, and the present state of the market. */
#include <stdlib.h>

#include "api_handlers.h"
#include "no.h"
#include "number.h"

#define FUNDINGS	4096	/* looked at for one answer */

/*
 * What the handlers share
 */

int
answer(struct call *c)
{
	if (faults_shape(c->s->faults)->hostile_numbers)
		number_hostile(&c->out);
	return 0;
}

int
no_room(struct call *c)
{
	return fault_set(&c->f, FAULT_LOCAL, "a number out of room");
}

int
no_symbol(struct call *c)
{
	return no(&c->f, 400, -1121, "Invalid symbol.");
}

int
no_pair(struct call *c)
{
	return no(&c->f, 400, c->market == COINM ? -4087 : -4144, "Invalid pair.");
}

int
want_any_symbol(struct call *c, int *sym)
{
	const char *name = NULL;

	if (want_text(c, "symbol", &name) == -1)
		return -1;
	*sym = engine_symbol(c->s->engine, name);
	return *sym == -1 ? no_symbol(c) : 0;
}

const struct rules *
rules_of(const struct call *c, int sym)
{
	return engine_rules(c->s->engine, sym);
}

int
each(struct call *c, put_sym *put)
{
	struct which w;

	if (may_which(c, &w) == -1)
		return -1;
	if (w.sym != -1 && c->market == USDM) {
		put(c, w.sym);
		return answer(c);
	}
	jw_open(&c->out, NULL, '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++)
		if (which_has(c, &w, i))
			put(c, i);
	jw_close(&c->out, ']');
	return answer(c);
}

static int
get_ping(struct call *c)
{
	buf_str(&c->out, "{}");
	return 0;
}

static int
get_time(struct call *c)
{
	jw_open(&c->out, NULL, '{');
	jw_i64(&c->out, "serverTime", c->now);
	jw_close(&c->out, '}');
	return 0;
}

int
get_nothing(struct call *c)
{
	buf_str(&c->out, "[]");
	return 0;
}

void
put_names(struct call *c, int sym)
{
	jw_str(&c->out, "symbol", rules_of(c, sym)->symbol);
	if (c->market == COINM)
		jw_str(&c->out, "pair", rules_of(c, sym)->pair);
}

/*
 * Tickers
 */

static void
put_price(struct call *c, int sym)
{
	jw_open(&c->out, NULL, '{');
	jw_str(&c->out, "symbol", rules_of(c, sym)->symbol);
	if (c->market == COINM)
		jw_str(&c->out, "ps", rules_of(c, sym)->pair);
	jw_dec(&c->out, "price", engine_last_price(c->s->engine, sym));
	jw_i64(&c->out, "time", c->now);
	jw_close(&c->out, '}');
}

static int
get_price(struct call *c)
{
	return each(c, put_price);
}

/* A symbol without a trade: its last price, and nothing has changed. */
static struct hist_day
day_of(const struct call *c, int sym)
{
	dec last = engine_last_price(c->s->engine, sym), none = { 0, rules_of(c, sym)->step.scale };
	struct hist_day d;

	if (hist_day(c->s->hist, sym, c->now, &d))
		return d;
	return (struct hist_day){ .open = last, .high = last, .low = last, .last = last,
		.last_qty = none, .volume = none, .quote = none, .average = last,
		.change = { 0, last.scale }, .open_ms = c->now - DAY_MS, .close_ms = c->now };
}

static void
put_day(struct call *c, int sym)
{
	struct hist_day d = day_of(c, sym);
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	put_names(c, sym);
	jw_dec(b, "priceChange", d.change);
	number_put(b, "priceChangePercent", d.percent, 3);
	jw_dec(b, "weightedAvgPrice", d.average);
	jw_dec(b, "lastPrice", d.last);
	jw_dec(b, "lastQty", d.last_qty);
	jw_dec(b, "openPrice", d.open);
	jw_dec(b, "highPrice", d.high);
	jw_dec(b, "lowPrice", d.low);
	jw_dec(b, "volume", d.volume);
	jw_dec(b, c->market == COINM ? "baseVolume" : "quoteVolume", d.quote);
	jw_i64(b, "openTime", d.open_ms);
	jw_i64(b, "closeTime", d.close_ms);
	jw_u64(b, "firstId", d.first);
	jw_u64(b, "lastId", d.last_id);
	jw_i64(b, "count", d.count);
	jw_close(b, '}');
}

static int
get_day(struct call *c)
{
	return each(c, put_day);
}

static int
get_interest(struct call *c)
{
	struct buf *b = &c->out;
	int sym;

	if (want_symbol(c, &sym) == -1)
		return -1;
	jw_open(b, NULL, '{');
	put_names(c, sym);
	jw_dec(b, "openInterest", engine_open_interest(c->s->engine, sym));
	if (c->market == COINM)
		jw_str(b, "contractType", rules_of(c, sym)->contract);
	jw_i64(b, "time", c->now);
	jw_close(b, '}');
	return answer(c);
}

/*
 * Mark price and funding
 */

/* COIN-M's delivery contracts have empty rates. */
static void
put_premium(struct call *c, int sym)
{
	const struct contract *k = engine_contract(c->s->engine, sym);
	const struct engine *e = c->s->engine;
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	put_names(c, sym);
	number_money(b, "markPrice", engine_mark_price(e, sym));
	number_money(b, "indexPrice", engine_index_price(e, sym));
	number_money(b, "estimatedSettlePrice", engine_settle_price(e, sym));
	if (k->funding_hours == 0 && c->market == COINM) {
		jw_str(b, "lastFundingRate", "");
		jw_str(b, "interestRate", "");
	} else {
		number_money(b, "lastFundingRate", engine_funding_rate(e, sym));
		number_money(b, "interestRate", k->funding_hours == 0 ? dec_int(0) : k->interest);
	}
	jw_i64(b, "nextFundingTime", engine_next_funding(e, sym));
	jw_i64(b, "time", c->now);
	jw_close(b, '}');
}

static int
get_premium_index(struct call *c)
{
	return each(c, put_premium);
}

static void
put_funding(struct call *c, const struct hist_funding *h)
{
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, "symbol", rules_of(c, h->sym)->symbol);
	jw_i64(b, "fundingTime", h->ms);
	number_money(b, "fundingRate", h->rate);
	if (c->market == USDM) {
		number_money(b, "markPrice", h->mark);
		/* the testnet's rows have none */
		if (!faults_shape(c->s->faults)->testnet)
			jw_str(b, "rateType", h->special ? "Special" : "Regular");
	}
	jw_close(b, '}');
}

/* The settlements asked for that are of the call's market; v has room for FUNDINGS. */
static int
fundings(struct call *c, int sym, const struct period *p, struct hist_funding *v)
{
	int n = hist_fundings(c->s->hist, sym, p->start, p->end, v, FUNDINGS), kept = 0;

	for (int i = 0; i < n; i++)
		if (call_has(c, v[i].sym) && call_sees(c, v[i].ms))
			v[kept++] = v[i];
	return kept;
}

/* From a start on the oldest, else the newest: 200 of them if no limit is set. */
static int
get_funding_rate(struct call *c)
{
	struct hist_funding *v;
	struct period p;
	int sym, n, i = 0;

	if ((c->market == COINM ? want_symbol(c, &sym) : may_symbol(c, &sym)) == -1 ||
	    read_period(c, &p, 0, 0, 100, 1000) == -1)
		return -1;
	if (!p.has_start && !p.has_end && params_get(&c->p, "limit") == NULL)
		p.limit = 200;
	if ((v = malloc(FUNDINGS * sizeof *v)) == NULL)
		return fault_set(&c->f, FAULT_LOCAL, "out of memory");
	n = fundings(c, sym, &p, v);
	if (!p.has_start && n > p.limit)
		i = n - p.limit;
	jw_open(&c->out, NULL, '[');
	for (int end = n - i > p.limit ? i + p.limit : n; i < end; i++)
		put_funding(c, &v[i]);
	jw_close(&c->out, ']');
	free(v);
	return answer(c);
}

const struct route api_market_routes[] = {
	/* method, path, weight, without symbol, orders, security, trade, handler */
	{ "GET", "/fapi/v1/ping", 1, 0, 0, 0, ASK_OPEN, false, get_ping },
	{ "GET", "/fapi/v1/time", 1, 0, 0, 0, ASK_OPEN, false, get_time },
	{ "GET", "/fapi/v1/exchangeInfo", 1, 0, 0, 0, ASK_OPEN, false, get_exchange_info },
	{ "GET", "/fapi/v1/depth", WEIGHT_DEPTH, 0, 0, 0, ASK_OPEN, false, get_depth },
	{ "GET", "/fapi/v1/rpiDepth", 20, 0, 0, 0, ASK_OPEN, false, get_rpi_depth },
	{ "GET", "/fapi/v1/trades", 5, 0, 0, 0, ASK_OPEN, false, get_trades },
	{ "GET", "/fapi/v1/historicalTrades", 200, 0, 0, 0, ASK_KEYED, false, get_old_trades },
	{ "GET", "/fapi/v1/aggTrades", 20, 0, 0, 0, ASK_OPEN, false, get_aggs },
	{ "GET", "/fapi/v1/klines", WEIGHT_KLINES, 0, 0, 0, ASK_OPEN, false, get_klines },
	{ "GET", "/fapi/v1/continuousKlines", WEIGHT_KLINES, 0, 0, 0, ASK_OPEN, false,
	    get_continuous_klines },
	{ "GET", "/fapi/v1/indexPriceKlines", WEIGHT_KLINES, 0, 0, 0, ASK_OPEN, false,
	    get_index_klines },
	{ "GET", "/fapi/v1/markPriceKlines", WEIGHT_KLINES, 0, 0, 0, ASK_OPEN, false,
	    get_mark_klines },
	{ "GET", "/fapi/v1/premiumIndexKlines", WEIGHT_KLINES, 0, 0, 0, ASK_OPEN, false,
	    get_premium_klines },
	{ "GET", "/fapi/v1/premiumIndex", 1, 10, 0, 0, ASK_OPEN, false, get_premium_index },
	{ "GET", "/fapi/v1/fundingRate", WEIGHT_FUNDING, 0, 0, 0, ASK_OPEN, false,
	    get_funding_rate },
	{ "GET", "/fapi/v1/fundingInfo", WEIGHT_FUNDING, 0, 0, 0, ASK_OPEN, false,
	    get_funding_info },
	{ "GET", "/fapi/v1/ticker/24hr", 1, 40, 0, 0, ASK_OPEN, false, get_day },
	{ "GET", "/fapi/v1/ticker/price", 1, 2, 0, 0, ASK_OPEN, false, get_price },
	{ "GET", "/fapi/v2/ticker/price", 1, 2, 0, 0, ASK_OPEN, false, get_price },
	{ "GET", "/fapi/v1/ticker/bookTicker", 2, 5, 0, 0, ASK_OPEN, false, get_book_ticker },
	{ "GET", "/fapi/v1/openInterest", 1, 0, 0, 0, ASK_OPEN, false, get_interest },
	{ "GET", "/fapi/v1/indexInfo", 1, 0, 0, 0, ASK_OPEN, false, get_index_info },
	{ "GET", "/fapi/v1/assetIndex", 1, 10, 0, 0, ASK_OPEN, false, get_asset_index },
	{ "GET", "/fapi/v1/constituents", 2, 0, 0, 0, ASK_OPEN, false, get_constituents },
	{ "GET", "/fapi/v1/insuranceBalance", 1, 0, 0, 0, ASK_OPEN, false, get_insurance },
	{ "GET", "/fapi/v1/symbolAdlRisk", 1, 0, 0, 0, ASK_OPEN, false, get_adl_risk },
	{ "GET", "/fapi/v1/tradingSchedule", 5, 0, 0, 0, ASK_OPEN, false, get_schedule },
	{ "GET", "/futures/data/openInterestHist", WEIGHT_DATA, 0, 0, 0, ASK_OPEN, false,
	    get_interest_history },
	{ "GET", "/futures/data/topLongShortPositionRatio", WEIGHT_DATA, 0, 0, 0, ASK_OPEN, false,
	    get_ratio },
	{ "GET", "/futures/data/topLongShortAccountRatio", WEIGHT_DATA, 0, 0, 0, ASK_OPEN, false,
	    get_ratio },
	{ "GET", "/futures/data/globalLongShortAccountRatio", WEIGHT_DATA, 0, 0, 0, ASK_OPEN, false,
	    get_ratio },
	{ "GET", "/futures/data/takerlongshortRatio", WEIGHT_DATA, 0, 0, 0, ASK_OPEN, false,
	    get_taker_ratio },
	{ "GET", "/futures/data/takerBuySellVol", WEIGHT_DATA, 0, 0, 0, ASK_OPEN, false,
	    get_taker_volume },
	{ "GET", "/futures/data/basis", WEIGHT_DATA, 0, 0, 0, ASK_OPEN, false, get_basis },
	{ "GET", "/futures/data/delivery-price", WEIGHT_DATA, 0, 0, 0, ASK_OPEN, false,
	    get_delivery_price },

	{ "GET", "/dapi/v1/ping", 1, 0, 0, 0, ASK_OPEN, false, get_ping },
	{ "GET", "/dapi/v1/time", 1, 0, 0, 0, ASK_OPEN, false, get_time },
	{ "GET", "/dapi/v1/exchangeInfo", 1, 0, 0, 0, ASK_OPEN, false, get_exchange_info },
	{ "GET", "/dapi/v1/depth", WEIGHT_DEPTH, 0, 0, 0, ASK_OPEN, false, get_depth },
	{ "GET", "/dapi/v1/trades", 5, 0, 0, 0, ASK_OPEN, false, get_trades },
	{ "GET", "/dapi/v1/historicalTrades", 200, 0, 0, 0, ASK_KEYED, false, get_old_trades },
	{ "GET", "/dapi/v1/aggTrades", 20, 0, 0, 0, ASK_OPEN, false, get_aggs },
	{ "GET", "/dapi/v1/klines", WEIGHT_KLINES, 0, 0, 0, ASK_OPEN, false, get_klines },
	{ "GET", "/dapi/v1/continuousKlines", WEIGHT_KLINES, 0, 0, 0, ASK_OPEN, false,
	    get_continuous_klines },
	{ "GET", "/dapi/v1/indexPriceKlines", WEIGHT_KLINES, 0, 0, 0, ASK_OPEN, false,
	    get_index_klines },
	{ "GET", "/dapi/v1/markPriceKlines", WEIGHT_KLINES, 0, 0, 0, ASK_OPEN, false,
	    get_mark_klines },
	{ "GET", "/dapi/v1/premiumIndexKlines", WEIGHT_KLINES, 0, 0, 0, ASK_OPEN, false,
	    get_premium_klines },
	{ "GET", "/dapi/v1/premiumIndex", 10, 0, 0, 0, ASK_OPEN, false, get_premium_index },
	{ "GET", "/dapi/v1/fundingRate", 1, 0, 0, 0, ASK_OPEN, false, get_funding_rate },
	{ "GET", "/dapi/v1/fundingInfo", 0, 0, 0, 0, ASK_OPEN, false, get_funding_info },
	{ "GET", "/dapi/v1/ticker/24hr", 1, 40, 0, 0, ASK_OPEN, false, get_day },
	{ "GET", "/dapi/v1/ticker/price", 1, 2, 0, 0, ASK_OPEN, false, get_price },
	{ "GET", "/dapi/v1/ticker/bookTicker", 2, 5, 0, 0, ASK_OPEN, false, get_book_ticker },
	{ "GET", "/dapi/v1/openInterest", 1, 0, 0, 0, ASK_OPEN, false, get_interest },
	{ "GET", "/dapi/v1/constituents", 1, 0, 0, 0, ASK_OPEN, false, get_constituents },
	{ NULL, NULL, 0, 0, 0, 0, ASK_OPEN, false, NULL }
};

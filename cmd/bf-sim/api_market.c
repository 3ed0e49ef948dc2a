/* Public market data. */
#include <stdio.h>

#include "api.h"
#include "market.h"
#include "no.h"
#include "number.h"

#define DEPTH_MAX	1000
#define PERPETUAL	INT64_C(4133404800000)	/* deliveryDate of what never ends */
#define ONBOARD		INT64_C(1569398400000)

int
get_ping(struct call *c)
{
	buf_str(&c->out, "{}");
	return 0;
}

int
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

/*
 * exchangeInfo
 */

static void
filter_open(struct buf *b, const char *type)
{
	jw_open(b, NULL, '{');
	jw_str(b, "filterType", type);
}

static void
put_lot(struct buf *b, const char *type, dec min, dec max, dec step)
{
	filter_open(b, type);
	number_short(b, "minQty", min);
	number_short(b, "maxQty", max);
	number_short(b, "stepSize", step);
	jw_close(b, '}');
}

static void
put_filters(struct buf *b, const struct rules *r)
{
	jw_open(b, "filters", '[');
	filter_open(b, "PRICE_FILTER");
	jw_dec(b, "minPrice", r->min_price);
	jw_dec(b, "maxPrice", r->max_price);
	jw_dec(b, "tickSize", r->tick);
	jw_close(b, '}');
	put_lot(b, "LOT_SIZE", r->min_qty, r->max_qty, r->step);
	put_lot(b, "MARKET_LOT_SIZE", r->mkt_min_qty, r->mkt_max_qty, r->mkt_step);
	filter_open(b, "MAX_NUM_ORDERS");
	jw_i64(b, "limit", r->max_orders);
	jw_close(b, '}');
	filter_open(b, "MIN_NOTIONAL");
	jw_dec(b, "notional", r->min_notional);
	jw_close(b, '}');
	filter_open(b, "PERCENT_PRICE");
	jw_dec(b, "multiplierUp", r->mult_up);
	jw_dec(b, "multiplierDown", r->mult_down);
	jw_str(b, "multiplierDecimal", "4");
	jw_close(b, '}');
	filter_open(b, "POSITION_RISK_CONTROL");
	jw_str(b, "positionControlSide", "NONE");
	jw_close(b, '}');
	jw_close(b, ']');
}

static void
put_list(struct buf *b, const char *key, const char *const *v)
{
	jw_open(b, key, '[');
	for (; *v != NULL; v++)
		jw_str(b, NULL, *v);
	jw_close(b, ']');
}

/* The conditional types are listed though they go elsewhere, as on the exchange. */
static void
put_kinds(struct buf *b)
{
	static const char *const types[] = { "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT",
		"TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET", NULL };
	static const char *const tifs[] = { "GTC", "IOC", "FOK", "GTX", NULL };
	static const char *const sets[] = { "GRID", "COPY", NULL };

	put_list(b, "orderTypes", types);
	put_list(b, "timeInForce", tifs);
	put_list(b, "permissionSets", sets);
}

static void
put_symbol(struct buf *b, const struct rules *r)
{
	jw_open(b, NULL, '{');
	jw_str(b, "symbol", r->symbol);
	jw_str(b, "pair", r->pair);
	jw_str(b, "contractType", r->contract);
	jw_i64(b, "deliveryDate", PERPETUAL);
	jw_i64(b, "onboardDate", ONBOARD);
	jw_str(b, "status", r->status);
	jw_str(b, "maintMarginPercent", "2.5000");
	jw_str(b, "requiredMarginPercent", "5.0000");
	jw_str(b, "baseAsset", r->base);
	jw_str(b, "quoteAsset", r->quote);
	jw_str(b, "marginAsset", r->margin);
	jw_i64(b, "pricePrecision", r->price_precision);
	jw_i64(b, "quantityPrecision", r->qty_precision);
	jw_i64(b, "baseAssetPrecision", 8);
	jw_i64(b, "quotePrecision", 8);
	jw_str(b, "underlyingType", "COIN");
	jw_open(b, "underlyingSubType", '[');
	jw_close(b, ']');
	jw_dec(b, "triggerProtect", r->trigger_protect);
	jw_dec(b, "liquidationFee", r->liquidation_fee);
	jw_dec(b, "marketTakeBound", r->market_take_bound);
	jw_i64(b, "maxMoveOrderLimit", 10000);
	put_filters(b, r);
	put_kinds(b);
	jw_close(b, '}');
}

int
get_exchange_info(struct call *c)
{
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, "timezone", "UTC");
	jw_i64(b, "serverTime", c->now);
	jw_str(b, "futuresType", "U_MARGINED");
	limits_json(&c->s->limits, "rateLimits", false, b);
	jw_open(b, "exchangeFilters", '[');
	jw_close(b, ']');
	jw_open(b, "assets", '[');
	jw_open(b, NULL, '{');
	jw_str(b, "asset", "USDT");
	jw_bool(b, "marginAvailable", true);
	jw_str(b, "autoAssetExchange", "-10000");
	jw_close(b, '}');
	jw_close(b, ']');
	jw_open(b, "symbols", '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++)
		put_symbol(b, engine_rules(c->s->engine, i));
	jw_close(b, ']');
	jw_close(b, '}');
	return 0;
}

/*
 * Prices
 */

/* One symbol as an object, or all as an array. */
static int
each(struct call *c, void (*put)(struct call *, int))
{
	int sym;

	if (may_symbol(c, &sym) == -1)
		return -1;
	if (sym != -1) {
		put(c, sym);
		return 0;
	}
	jw_open(&c->out, NULL, '[');
	for (sym = 0; sym < engine_symbols(c->s->engine); sym++)
		put(c, sym);
	jw_close(&c->out, ']');
	return 0;
}

int
get_depth(struct call *c)
{
	static const int64_t allowed[] = { 5, 10, 20, 50, 100, 500, 1000 };
	int64_t limit = 500;
	size_t i;
	int sym;

	if (want_symbol(c, &sym) == -1 || may_i64(c, "limit", INT64_MIN, DEPTH_MAX, &limit) == -1)
		return -1;
	for (i = 0; i < sizeof allowed / sizeof *allowed && allowed[i] != limit; i++)
		;
	if (i == sizeof allowed / sizeof *allowed)
		return no(&c->f, 400, -4021, "%lld is not valid depth limit", (long long)limit);
	jw_open(&c->out, NULL, '{');
	jw_u64(&c->out, "lastUpdateId", engine_update_id(c->s->engine, sym));
	jw_i64(&c->out, "E", c->now);
	jw_i64(&c->out, "T", c->now);
	market_levels(c->s->engine, sym, SIDE_BUY, "bids", (int)limit, &c->out);
	market_levels(c->s->engine, sym, SIDE_SELL, "asks", (int)limit, &c->out);
	jw_close(&c->out, '}');
	return 0;
}

static void
put_premium(struct call *c, int sym)
{
	dec mark = engine_mark_price(c->s->engine, sym);
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, "symbol", engine_rules(c->s->engine, sym)->symbol);
	number_money(b, "markPrice", mark);
	number_money(b, "indexPrice", mark);
	number_money(b, "estimatedSettlePrice", mark);
	jw_str(b, "lastFundingRate", "0.00000000");
	jw_str(b, "interestRate", "0.00000000");
	jw_i64(b, "nextFundingTime", market_next_funding(c->now));
	jw_i64(b, "time", c->now);
	jw_close(b, '}');
}

int
get_premium_index(struct call *c)
{
	return each(c, put_premium);
}

static void
put_book_ticker(struct call *c, int sym)
{
	struct engine_level bid, ask;
	struct buf *b = &c->out;

	market_top(c->s->engine, sym, &bid, &ask);
	jw_open(b, NULL, '{');
	jw_str(b, "symbol", engine_rules(c->s->engine, sym)->symbol);
	jw_dec(b, "bidPrice", bid.price);
	jw_dec(b, "bidQty", bid.qty);
	jw_dec(b, "askPrice", ask.price);
	jw_dec(b, "askQty", ask.qty);
	jw_i64(b, "time", c->now);
	jw_u64(b, "lastUpdateId", engine_update_id(c->s->engine, sym));
	jw_close(b, '}');
}

int
get_book_ticker(struct call *c)
{
	return each(c, put_book_ticker);
}

static void
put_price(struct call *c, int sym)
{
	jw_open(&c->out, NULL, '{');
	jw_str(&c->out, "symbol", engine_rules(c->s->engine, sym)->symbol);
	jw_dec(&c->out, "price", engine_last_price(c->s->engine, sym));
	jw_i64(&c->out, "time", c->now);
	jw_close(&c->out, '}');
}

int
get_price(struct call *c)
{
	return each(c, put_price);
}

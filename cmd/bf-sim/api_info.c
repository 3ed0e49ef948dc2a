/* Public market data that hardly changes: rules, indices, the insurance fund. */
#include <stdio.h>
#include <string.h>

#include "api_handlers.h"
#include "core/multi.h"
#include "no.h"
#include "num.h"
#include "number.h"

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

/* Filters that only one of the markets has. */
static void
put_usdm_filters(struct buf *b, const struct rules *r)
{
	filter_open(b, "MIN_NOTIONAL");
	jw_dec(b, "notional", r->min_notional);
	jw_close(b, '}');
	filter_open(b, "POSITION_RISK_CONTROL");
	jw_str(b, "positionControlSide", "NONE");
	jw_close(b, '}');
}

static void
put_filters(struct buf *b, const struct contract *k)
{
	const struct rules *r = &k->rules;

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
	filter_open(b, "PERCENT_PRICE");
	jw_dec(b, "multiplierUp", r->mult_up);
	jw_dec(b, "multiplierDown", r->mult_down);
	jw_str(b, "multiplierDecimal", "4");
	jw_close(b, '}');
	if (k->market == USDM)
		put_usdm_filters(b, r);
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
put_kinds(struct buf *b, enum product m)
{
	static const char *const types[] = { "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT",
		"TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET", NULL };
	static const char *const usdm[] = { "GTC", "IOC", "FOK", "GTX", "GTD", NULL };
	static const char *const coinm[] = { "GTC", "IOC", "FOK", "GTX", NULL };
	static const char *const sets[] = { "GRID", "COPY", NULL };

	put_list(b, "orderTypes", types);
	put_list(b, "timeInForce", m == COINM ? coinm : usdm);
	if (m == USDM)
		put_list(b, "permissionSets", sets);
}

static void
put_state(struct buf *b, const struct contract *k)
{
	const struct rules *r = &k->rules;

	jw_str(b, "symbol", r->symbol);
	jw_str(b, "pair", r->pair);
	jw_str(b, "contractType", r->contract);
	jw_i64(b, "deliveryDate", k->delivery_ms);
	jw_i64(b, "onboardDate", k->onboard_ms);
	jw_str(b, k->market == COINM ? "contractStatus" : "status", r->status);
	if (k->market == COINM)
		number_bare(b, "contractSize", k->size);
	jw_str(b, "maintMarginPercent", "2.5000");
	jw_str(b, "requiredMarginPercent", "5.0000");
	jw_str(b, "baseAsset", r->base);
	jw_str(b, "quoteAsset", r->quote);
	jw_str(b, "marginAsset", r->margin);
}

static void
put_symbol(struct buf *b, const struct contract *k)
{
	const struct rules *r = &k->rules;

	jw_open(b, NULL, '{');
	put_state(b, k);
	jw_i64(b, "pricePrecision", r->price_precision);
	jw_i64(b, "quantityPrecision", r->qty_precision);
	jw_i64(b, "baseAssetPrecision", 8);
	jw_i64(b, "quotePrecision", 8);
	if (k->market == COINM)
		jw_i64(b, "equalQtyPrecision", 4);
	jw_str(b, "underlyingType", "COIN");
	jw_open(b, "underlyingSubType", '[');
	jw_close(b, ']');
	jw_dec(b, "triggerProtect", r->trigger_protect);
	jw_dec(b, "liquidationFee", r->liquidation_fee);
	jw_dec(b, "marketTakeBound", r->market_take_bound);
	jw_i64(b, "maxMoveOrderLimit", k->max_amend);
	put_filters(b, k);
	put_kinds(b, k->market);
	jw_close(b, '}');
}

static void
put_assets(struct call *c)
{
	const struct engine_asset_info *a;
	struct buf *b = &c->out;
	bool stable;

	jw_open(b, "assets", '[');
	for (int i = 0; i < engine_assets(c->s->engine); i++) {
		a = engine_asset_at(c->s->engine, i);
		if (a->market != USDM)
			continue;
		stable = strstr(a->name, "USD") != NULL;
		jw_open(b, NULL, '{');
		jw_str(b, "asset", a->name);
		jw_bool(b, "marginAvailable", a->margin);
		jw_str(b, "autoAssetExchange", stable ? "-10000" : "-0.00100000");
		jw_close(b, '}');
	}
	jw_close(b, ']');
}

int
get_exchange_info(struct call *c)
{
	const struct buf *odd = &faults_shape(c->s->faults)->exchange_info;
	struct buf *b = &c->out;

	if (odd->len > 0) {
		buf_put(b, odd->p, odd->len);
		return 0;
	}
	jw_open(b, NULL, '{');
	jw_str(b, "timezone", "UTC");
	jw_i64(b, "serverTime", c->now);
	if (c->market == USDM)
		jw_str(b, "futuresType", "U_MARGINED");
	limits_json(c->s->limits, "rateLimits", false, c->market == COINM, b);
	jw_open(b, "exchangeFilters", '[');
	jw_close(b, ']');
	if (c->market == USDM)
		put_assets(c);
	jw_open(b, "symbols", '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++)
		if (call_has(c, i))
			put_symbol(b, engine_contract(c->s->engine, i));
	jw_close(b, ']');
	jw_close(b, '}');
	return 0;
}

/* Every contract with funding is listed; updateTime is null, as seen live. */
int
get_funding_info(struct call *c)
{
	const struct contract *k;
	struct buf *b = &c->out;

	jw_open(b, NULL, '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++) {
		k = engine_contract(c->s->engine, i);
		if (!call_has(c, i) || k->funding_hours == 0)
			continue;
		jw_open(b, NULL, '{');
		jw_str(b, "symbol", k->rules.symbol);
		number_money(b, "adjustedFundingRateCap", k->funding_cap);
		number_money(b, "adjustedFundingRateFloor", k->funding_floor);
		jw_i64(b, "fundingIntervalHours", k->funding_hours);
		jw_bool(b, "disclaimer", false);
		if (c->market == USDM)
			jw_null(b, "updateTime");
		jw_close(b, '}');
	}
	jw_close(b, ']');
	return answer(c);
}

/*
 * Indices
 */

/* There are no composite indices here: an unknown symbol is an error, the others
 * are none. */
int
get_index_info(struct call *c)
{
	int sym;

	return may_symbol(c, &sym) == -1 ? -1 : get_nothing(c);
}

/* USD per unit: the engine's, else what a contract with this base has; 0. */
static dec
index_of(const struct call *c, const struct engine_asset_info *a)
{
	const struct engine *e = c->s->engine;

	if (dec_sign(a->index) > 0)
		return a->index;
	for (int i = 0; i < engine_symbols(e); i++)
		if (strcmp(rules_of(c, i)->base, a->name) == 0 &&
		    dec_sign(engine_index_price(e, i)) > 0)
			return engine_index_price(e, i);
	return dec_int(0);
}

/* Buffers, and the rates they make of the index. */
static bool
put_rates(struct buf *b, const char *const key[4], dec index, dec bid, dec ask)
{
	dec low, high;

	if (!multi_bid(&low, index, bid) || !multi_ask(&high, index, ask))
		return false;
	number_money(b, key[0], bid);
	number_money(b, key[1], ask);
	number_money(b, key[2], low);
	number_money(b, key[3], high);
	return true;
}

/* The buffers of the automatic exchange: half the others, as in the official
 * sample; nothing is exchanged here. */
static bool
put_index(struct call *c, const struct engine_asset_info *a, const char *name, dec index)
{
	static const char *const plain[4] = { "bidBuffer", "askBuffer", "bidRate", "askRate" };
	static const char *const automatic[4] = { "autoExchangeBidBuffer", "autoExchangeAskBuffer",
		"autoExchangeBidRate", "autoExchangeAskRate" };
	struct buf *b = &c->out;
	bool bad = false, ok;
	dec bid = num_div(&bad, a->bid_buffer, dec_int(2), MONEY);
	dec ask = num_div(&bad, a->ask_buffer, dec_int(2), MONEY);

	jw_open(b, NULL, '{');
	jw_str(b, "symbol", name);
	jw_i64(b, "time", c->now);
	number_money(b, "index", index);
	ok = put_rates(b, plain, index, a->bid_buffer, a->ask_buffer) &&
	    put_rates(b, automatic, index, bid, ask);
	jw_close(b, '}');
	return ok && !bad;
}

/* Whether an asset of this name came before: a coin may be one of both markets. */
static bool
seen_before(const struct call *c, int asset)
{
	const char *name = engine_asset_at(c->s->engine, asset)->name;

	for (int i = 0; i < asset; i++)
		if (strcmp(engine_asset_at(c->s->engine, i)->name, name) == 0)
			return true;
	return false;
}

/* "BTCUSD": collateral, and since 2026-06-30 what COIN-M settles in. */
int
get_asset_index(struct call *c)
{
	const char *only = params_get(&c->p, "symbol");
	const struct engine_asset_info *a;
	char name[ENGINE_ASSET + 4];
	int n = 0;
	dec index;

	if (only == NULL)
		jw_open(&c->out, NULL, '[');
	for (int i = 0; i < engine_assets(c->s->engine); i++) {
		a = engine_asset_at(c->s->engine, i);
		snprintf(name, sizeof name, "%sUSD", a->name);
		index = index_of(c, a);
		if (dec_sign(index) == 0 || seen_before(c, i) ||
		    (only != NULL && strcmp(only, name) != 0))
			continue;
		if (!put_index(c, a, name, index))
			return no_room(c);
		n++;
	}
	if (only == NULL)
		jw_close(&c->out, ']');
	return only != NULL && n == 0 ? no_symbol(c) : answer(c);
}

/* A symbol, or a pair's name: any contract of it. */
static int
want_index(struct call *c, int *sym)
{
	const char *name = NULL;

	if (want_text(c, "symbol", &name) == -1)
		return -1;
	for (*sym = 0; *sym < engine_symbols(c->s->engine); ++*sym)
		if (call_has(c, *sym) && (strcmp(rules_of(c, *sym)->symbol, name) == 0 ||
		    strcmp(rules_of(c, *sym)->pair, name) == 0))
			return 0;
	return no_symbol(c);
}

/* The one venue an index is made from here is this one. */
int
get_constituents(struct call *c)
{
	struct buf *b = &c->out;
	int sym;

	if (want_index(c, &sym) == -1)
		return -1;
	jw_open(b, NULL, '{');
	jw_str(b, "symbol", params_get(&c->p, "symbol"));
	jw_i64(b, "time", c->now);
	jw_open(b, "constituents", '[');
	jw_open(b, NULL, '{');
	jw_str(b, "exchange", "bf-sim");
	jw_str(b, "symbol", rules_of(c, sym)->pair);
	number_money(b, "price", engine_index_price(c->s->engine, sym));
	jw_str(b, "weight", "1.00000000");
	jw_close(b, '}');
	jw_close(b, ']');
	jw_close(b, '}');
	return answer(c);
}

/*
 * The insurance fund, the risk of ADL
 */

static void
put_fund(struct call *c, int asset)
{
	const struct engine *e = c->s->engine;
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_open(b, "symbols", '[');
	for (int i = 0; i < engine_symbols(e); i++)
		if (engine_asset_of(e, i) == asset)
			jw_str(b, NULL, rules_of(c, i)->symbol);
	jw_close(b, ']');
	jw_open(b, "assets", '[');
	jw_open(b, NULL, '{');
	jw_str(b, "asset", engine_asset_at(e, asset)->name);
	number_money(b, "marginBalance", engine_insurance(e, asset));
	jw_i64(b, "updateTime", c->now);
	jw_close(b, '}');
	jw_close(b, ']');
	jw_close(b, '}');
}

/* Whether some contract settles in the asset. */
static bool
settles(const struct call *c, int asset)
{
	for (int i = 0; i < engine_symbols(c->s->engine); i++)
		if (call_has(c, i) && engine_asset_of(c->s->engine, i) == asset)
			return true;
	return false;
}

int
get_insurance(struct call *c)
{
	int sym;

	if (may_symbol(c, &sym) == -1)
		return -1;
	if (sym != -1) {
		put_fund(c, engine_asset_of(c->s->engine, sym));
		return answer(c);
	}
	jw_open(&c->out, NULL, '[');
	for (int i = 0; i < engine_assets(c->s->engine); i++)
		if (settles(c, i))
			put_fund(c, i);
	jw_close(&c->out, ']');
	return answer(c);
}

/*
 * How likely deleveraging is, by what the fund holds against what is open: our
 * own reading, the venue does not tell its rule. Below a hundredth it is medium,
 * an empty fund is high.
 */
static const char *
adl_risk(const struct call *c, int sym)
{
	const struct engine *e = c->s->engine;
	dec fund = engine_insurance(e, engine_asset_of(e, sym)), open = { 0, 0 };

	if (dec_sign(fund) <= 0)
		return "high";
	if (!dec_mul(&open, engine_open_interest(e, sym), engine_mark_price(e, sym)) ||
	    !dec_mul(&fund, fund, dec_int(100)))
		return "medium";
	return dec_cmp(fund, open) < 0 ? "medium" : "low";
}

static void
put_adl_risk(struct call *c, int sym)
{
	const int64_t half_hour = 30 * 60 * 1000;

	jw_open(&c->out, NULL, '{');
	jw_str(&c->out, "symbol", rules_of(c, sym)->symbol);
	jw_str(&c->out, "adlRisk", adl_risk(c, sym));
	jw_i64(&c->out, "updateTime", c->now - c->now % half_hour);
	jw_close(&c->out, '}');
}

int
get_adl_risk(struct call *c)
{
	return each(c, put_adl_risk);
}

/* No contract here follows a stock exchange: the calendars are empty. */
int
get_schedule(struct call *c)
{
	static const char *const markets[] = { "EQUITY", "COMMODITY", "KR_EQUITY", "HK_EQUITY",
		"CN_EQUITY", "FX" };
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_i64(b, "updateTime", c->now);
	jw_open(b, "marketSchedules", '{');
	for (size_t i = 0; i < sizeof markets / sizeof *markets; i++) {
		jw_open(b, markets[i], '{');
		jw_open(b, "sessions", '[');
		jw_close(b, ']');
		jw_close(b, '}');
	}
	jw_close(b, '}');
	jw_close(b, '}');
	return answer(c);
}

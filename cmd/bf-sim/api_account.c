/* The account: its table of routes, its balances. */
#include "api_handlers.h"
#include "no.h"
#include "number.h"
#include "rights.h"

/*
 * Balances
 */

static void
put_wallet(struct buf *b, const struct engine_balance *w)
{
	number_money(b, "crossWalletBalance", w->cross_wallet);
	number_money(b, "crossUnPnl", w->cross_upnl);
	number_money(b, "availableBalance", w->available);
}

static void
put_asset(struct call *c, const struct engine_asset_info *a, const struct engine_balance *w,
    bool available)
{
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, "asset", a->name);
	number_money(b, "walletBalance", w->wallet);
	number_money(b, "unrealizedProfit", w->upnl);
	number_money(b, "marginBalance", w->margin);
	number_money(b, "maintMargin", w->maint);
	number_money(b, "initialMargin", w->im);
	number_money(b, "positionInitialMargin", w->pos_im);
	number_money(b, "openOrderInitialMargin", w->order_im);
	put_wallet(b, w);
	number_money(b, "maxWithdrawAmount", w->withdraw);
	if (available)
		jw_bool(b, "marginAvailable", a->margin);
	jw_i64(b, "updateTime", w->update_ms);
	jw_close(b, '}');
}

/* available: with marginAvailable, as v2 has it. */
static int
put_assets(struct call *c, bool available)
{
	const struct engine_asset_info *a;
	struct engine_balance w;

	jw_open(&c->out, "assets", '[');
	for (int i = 0; i < engine_assets(c->s->engine); i++) {
		a = engine_asset_at(c->s->engine, i);
		if (a->market != c->market)
			continue;
		if (!engine_balance(c->s->engine, c->acct, i, &w))
			return no_room(c);
		put_asset(c, a, &w, available);
	}
	jw_close(&c->out, ']');
	return 0;
}

static void
put_totals(struct buf *b, const struct engine_balance *t)
{
	number_money(b, "totalInitialMargin", t->im);
	number_money(b, "totalMaintMargin", t->maint);
	number_money(b, "totalWalletBalance", t->wallet);
	number_money(b, "totalUnrealizedProfit", t->upnl);
	number_money(b, "totalMarginBalance", t->margin);
	number_money(b, "totalPositionInitialMargin", t->pos_im);
	number_money(b, "totalOpenOrderInitialMargin", t->order_im);
	number_money(b, "totalCrossWalletBalance", t->cross_wallet);
	number_money(b, "totalCrossUnPnl", t->cross_upnl);
	number_money(b, "availableBalance", t->available);
	number_money(b, "maxWithdrawAmount", t->withdraw);
}

void
put_rights(struct call *c, bool burn, bool dual)
{
	const struct engine *e = c->s->engine;
	struct buf *b = &c->out;

	jw_i64(b, "feeTier", engine_tier(e, c->acct));
	if (burn)
		jw_bool(b, "feeBurn", engine_burn(e, c->acct));
	jw_bool(b, "canTrade", c->who->can_trade);
	jw_bool(b, "canDeposit", true);
	jw_bool(b, "canWithdraw", true);
	if (dual)
		jw_bool(b, "dualSidePosition", engine_hedge(e, c->acct));
	jw_i64(b, "updateTime", 0);
	if (c->market == COINM)
		return;
	jw_bool(b, "multiAssetsMargin", engine_multi(e, c->acct));
	jw_i64(b, "tradeGroupId", -1);
}

static int
put_account(struct call *c, bool v2)
{
	struct engine_balance t;

	if (!engine_totals(c->s->engine, c->acct, &t))
		return no_room(c);
	jw_open(&c->out, NULL, '{');
	if (v2)
		put_rights(c, true, false);
	put_totals(&c->out, &t);
	if (put_assets(c, v2) == -1 || put_account_positions(c, v2) == -1)
		return -1;
	jw_close(&c->out, '}');
	return answer(c);
}

static int
get_account3(struct call *c)
{
	return put_account(c, false);
}

static int
get_account2(struct call *c)
{
	return put_account(c, true);
}

static int
get_coin_account(struct call *c)
{
	jw_open(&c->out, NULL, '{');
	put_rights(c, false, false);
	if (put_assets(c, false) == -1 || put_account_positions(c, false) == -1)
		return -1;
	jw_close(&c->out, '}');
	return answer(c);
}

static void
put_balance(struct call *c, const struct engine_asset_info *a, const struct engine_balance *w)
{
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, "accountAlias", c->who->alias);
	jw_str(b, "asset", a->name);
	number_money(b, "balance", w->wallet);
	put_wallet(b, w);
	number_money(b, c->market == COINM ? "withdrawAvailable" : "maxWithdrawAmount", w->withdraw);
	if (c->market == USDM)
		jw_bool(b, "marginAvailable", a->margin);
	jw_i64(b, "updateTime", w->update_ms);
	jw_close(b, '}');
}

static int
get_balance(struct call *c)
{
	const struct engine_asset_info *a;
	struct engine_balance w;

	jw_open(&c->out, NULL, '[');
	for (int i = 0; i < engine_assets(c->s->engine); i++) {
		a = engine_asset_at(c->s->engine, i);
		if (a->market != c->market)
			continue;
		if (!engine_balance(c->s->engine, c->acct, i, &w))
			return no_room(c);
		put_balance(c, a, &w);
	}
	jw_close(&c->out, ']');
	return answer(c);
}

/* Spot endpoints that ccxt asks for when it loads markets; the testnet refuses
 * them. */
static int
get_spot_list(struct call *c)
{
	if (faults_shape(c->s->faults)->testnet)
		return no(&c->f, 403, -1011, "This IP cannot access this route.");
	return get_nothing(c);
}

/* What the key may do; of the spot API, which the testnet has none of. */
static int
get_key_rights(struct call *c)
{
	if (faults_shape(c->s->faults)->testnet)
		return no(&c->f, 403, -1011, "This IP cannot access this route.");
	rights_put(&c->out, c->who->rights, c->now);
	return answer(c);
}

const struct route api_account_routes[] = {
	/* method, path, weight, without symbol, orders, security, trade, handler */
	{ "GET", "/fapi/v3/account", 5, 0, 0, 0, ASK_SIGNED, false, get_account3 },
	{ "GET", "/fapi/v2/account", 5, 0, 0, 0, ASK_SIGNED, false, get_account2 },
	{ "GET", "/fapi/v3/balance", 5, 0, 0, 0, ASK_SIGNED, false, get_balance },
	{ "GET", "/fapi/v2/balance", 5, 0, 0, 0, ASK_SIGNED, false, get_balance },
	{ "GET", "/fapi/v3/positionRisk", 5, 0, 0, 0, ASK_SIGNED, false, get_risk3 },
	{ "GET", "/fapi/v2/positionRisk", 5, 0, 0, 0, ASK_SIGNED, false, get_risk2 },
	{ "GET", "/fapi/v1/accountConfig", 5, 0, 0, 0, ASK_SIGNED, false, get_account_config },
	{ "GET", "/fapi/v1/symbolConfig", 5, 0, 0, 0, ASK_SIGNED, false, get_symbol_config },
	{ "GET", "/fapi/v1/leverageBracket", 1, 0, 0, 0, ASK_SIGNED, false, get_brackets },
	{ "GET", "/fapi/v1/commissionRate", 20, 0, 0, 0, ASK_SIGNED, false, get_commission_rate },
	{ "GET", "/fapi/v1/positionSide/dual", 30, 0, 0, 0, ASK_SIGNED, false, get_position_mode },
	{ "POST", "/fapi/v1/positionSide/dual", 1, 0, 0, 0, ASK_SIGNED, true, post_position_mode },
	{ "GET", "/fapi/v1/multiAssetsMargin", 30, 0, 0, 0, ASK_SIGNED, false, get_assets_mode },
	{ "POST", "/fapi/v1/multiAssetsMargin", 1, 0, 0, 0, ASK_SIGNED, true, post_assets_mode },
	{ "GET", "/fapi/v1/feeBurn", 30, 0, 0, 0, ASK_SIGNED, false, get_burn },
	{ "POST", "/fapi/v1/feeBurn", 1, 0, 0, 0, ASK_SIGNED, true, post_burn },
	{ "POST", "/fapi/v1/leverage", 1, 0, 0, 0, ASK_SIGNED, true, post_leverage },
	{ "POST", "/fapi/v1/marginType", 1, 0, 0, 0, ASK_SIGNED, true, post_margin_type },
	{ "POST", "/fapi/v1/positionMargin", 1, 0, 0, 0, ASK_SIGNED, true, post_position_margin },
	{ "GET", "/fapi/v1/positionMargin/history", 1, 0, 0, 0, ASK_SIGNED, true,
	    get_margin_history },
	{ "GET", "/fapi/v1/adlQuantile", 5, 0, 0, 0, ASK_SIGNED, false, get_adl_quantile },
	{ "GET", "/fapi/v1/apiTradingStatus", 1, 10, 0, 0, ASK_SIGNED, false, get_trading_status },
	{ "GET", "/fapi/v1/rateLimit/order", 1, 0, 0, 0, ASK_SIGNED, false, get_order_limits },
	{ "GET", "/fapi/v1/pmAccountInfo", 5, 0, 0, 0, ASK_SIGNED, false, get_portfolio },
	{ "POST", "/fapi/v1/stock/contract", 50, 0, 0, 0, ASK_SIGNED, false, post_stock_contract },
	{ "POST", "/fapi/v1/listenKey", 1, 0, 0, 0, ASK_KEYED, false, post_listen_key },
	{ "PUT", "/fapi/v1/listenKey", 1, 0, 0, 0, ASK_KEYED, false, put_listen_key },
	{ "DELETE", "/fapi/v1/listenKey", 1, 0, 0, 0, ASK_KEYED, false, delete_listen_key },

	{ "GET", "/dapi/v1/account", 5, 0, 0, 0, ASK_SIGNED, false, get_coin_account },
	{ "GET", "/dapi/v1/balance", 1, 0, 0, 0, ASK_SIGNED, false, get_balance },
	{ "GET", "/dapi/v1/positionRisk", 1, 0, 0, 0, ASK_SIGNED, false, get_coin_risk },
	{ "GET", "/dapi/v1/leverageBracket", 1, 0, 0, 0, ASK_SIGNED, false, get_pair_brackets },
	{ "GET", "/dapi/v2/leverageBracket", 1, 2, 0, 0, ASK_SIGNED, false, get_brackets },
	{ "GET", "/dapi/v1/commissionRate", 20, 0, 0, 0, ASK_SIGNED, false, get_commission_rate },
	{ "GET", "/dapi/v1/positionSide/dual", 30, 0, 0, 0, ASK_SIGNED, false, get_position_mode },
	{ "POST", "/dapi/v1/positionSide/dual", 1, 0, 0, 0, ASK_SIGNED, true, post_position_mode },
	{ "POST", "/dapi/v1/leverage", 1, 0, 0, 0, ASK_SIGNED, true, post_leverage },
	{ "POST", "/dapi/v1/marginType", 1, 0, 0, 0, ASK_SIGNED, true, post_margin_type },
	{ "POST", "/dapi/v1/positionMargin", 1, 0, 0, 0, ASK_SIGNED, true, post_position_margin },
	{ "GET", "/dapi/v1/positionMargin/history", 1, 0, 0, 0, ASK_SIGNED, true,
	    get_margin_history },
	{ "GET", "/dapi/v1/adlQuantile", 5, 0, 0, 0, ASK_SIGNED, false, get_adl_quantile },
	{ "GET", "/dapi/v1/pmAccountInfo", 5, 0, 0, 0, ASK_SIGNED, false, get_portfolio },
	{ "POST", "/dapi/v1/listenKey", 1, 0, 0, 0, ASK_KEYED, false, post_listen_key },
	{ "PUT", "/dapi/v1/listenKey", 1, 0, 0, 0, ASK_KEYED, false, put_listen_key },
	{ "DELETE", "/dapi/v1/listenKey", 1, 0, 0, 0, ASK_KEYED, false, delete_listen_key },

	{ "GET", "/sapi/v1/capital/config/getall", 10, 0, 0, 0, ASK_SIGNED, false, get_spot_list },
	{ "GET", "/sapi/v1/account/apiRestrictions", 1, 0, 0, 0, ASK_SIGNED, false, get_key_rights },
	{ "GET", "/sapi/v1/margin/allPairs", 1, 0, 0, 0, ASK_SIGNED, false, get_spot_list },
	{ NULL, NULL, 0, 0, 0, 0, ASK_OPEN, false, NULL }
};

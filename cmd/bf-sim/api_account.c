/* The account: balances, positions, settings, its listen key. */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "no.h"
#include "number.h"
#include "user.h"

/*
 * Positions
 */

static void
put_name(struct call *c, int sym)
{
	jw_str(&c->out, "symbol", engine_rules(c->s->engine, sym)->symbol);
	jw_str(&c->out, "positionSide", "BOTH");
}

/* "0" for none, else 8 decimals, as the exchange writes it. */
static void
put_or_zero(struct buf *b, const char *key, dec d)
{
	if (dec_sign(d) == 0)
		jw_str(b, key, "0");
	else
		number_money(b, key, d);
}

static void
put_margins(struct buf *b, const struct engine_position *p)
{
	number_money(b, "initialMargin", p->im);
	number_money(b, "maintMargin", p->maint);
	number_money(b, "positionInitialMargin", p->pos_im);
	number_money(b, "openOrderInitialMargin", p->order_im);
}

static void
put_risk(struct call *c, int sym, const struct engine_position *p)
{
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	put_name(c, sym);
	jw_dec(b, "positionAmt", p->amt);
	number_short(b, "entryPrice", p->entry);
	number_short(b, "breakEvenPrice", p->break_even);
	number_money(b, "markPrice", p->mark);
	number_money(b, "unRealizedProfit", p->upnl);
	put_or_zero(b, "liquidationPrice", p->liq);
	number_money(b, "isolatedMargin", p->iso_margin);
	number_money(b, "notional", p->notional);
	jw_str(b, "marginAsset", "USDT");
	number_money(b, "isolatedWallet", p->iso_wallet);
	put_margins(b, p);
	number_money(b, "bidNotional", p->bid_notional);
	number_money(b, "askNotional", p->ask_notional);
	jw_i64(b, "adl", p->adl);
	jw_i64(b, "updateTime", p->update_ms);
	jw_close(b, '}');
}

static void
put_risk2(struct call *c, int sym, const struct engine_position *p)
{
	struct buf *b = &c->out;
	char leverage[16];

	snprintf(leverage, sizeof leverage, "%d", p->leverage);
	jw_open(b, NULL, '{');
	put_name(c, sym);
	jw_dec(b, "positionAmt", p->amt);
	number_short(b, "entryPrice", p->entry);
	number_short(b, "breakEvenPrice", p->break_even);
	number_money(b, "markPrice", p->mark);
	number_money(b, "unRealizedProfit", p->upnl);
	put_or_zero(b, "liquidationPrice", p->liq);
	jw_str(b, "leverage", leverage);
	number_short(b, "maxNotionalValue", p->max_notional);
	jw_str(b, "marginType", p->isolated ? "isolated" : "cross");
	number_money(b, "isolatedMargin", p->iso_margin);
	jw_str(b, "isAutoAddMargin", "false");
	put_or_zero(b, "notional", p->notional);
	put_or_zero(b, "isolatedWallet", p->iso_wallet);
	jw_i64(b, "updateTime", p->update_ms);
	jw_bool(b, "isolated", p->isolated);
	jw_i64(b, "adlQuantile", p->adl);
	jw_close(b, '}');
}

static void
put_position(struct call *c, int sym, const struct engine_position *p)
{
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	put_name(c, sym);
	jw_dec(b, "positionAmt", p->amt);
	number_money(b, "unrealizedProfit", p->upnl);
	number_money(b, "isolatedMargin", p->iso_margin);
	number_money(b, "notional", p->notional);
	number_money(b, "isolatedWallet", p->iso_wallet);
	number_money(b, "initialMargin", p->im);
	number_money(b, "maintMargin", p->maint);
	jw_i64(b, "updateTime", p->update_ms);
	jw_close(b, '}');
}

static void
put_position2(struct call *c, int sym, const struct engine_position *p)
{
	struct buf *b = &c->out;
	char leverage[16];

	snprintf(leverage, sizeof leverage, "%d", p->leverage);
	jw_open(b, NULL, '{');
	put_name(c, sym);
	put_margins(b, p);
	number_money(b, "unrealizedProfit", p->upnl);
	jw_str(b, "leverage", leverage);
	jw_bool(b, "isolated", p->isolated);
	number_short(b, "entryPrice", p->entry);
	number_short(b, "maxNotional", p->max_notional);
	number_money(b, "bidNotional", p->bid_notional);
	number_money(b, "askNotional", p->ask_notional);
	jw_dec(b, "positionAmt", p->amt);
	number_money(b, "isolatedMargin", p->iso_margin);
	number_money(b, "notional", p->notional);
	number_money(b, "isolatedWallet", p->iso_wallet);
	jw_i64(b, "updateTime", p->update_ms);
	jw_close(b, '}');
}

typedef void put_pos(struct call *c, int sym, const struct engine_position *p);

/* An array of one symbol or all; held: only those with a position or orders. */
static int
put_positions(struct call *c, const char *key, int only, bool held, put_pos *put)
{
	struct engine_position p;

	jw_open(&c->out, key, '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++) {
		if (only != -1 && i != only)
			continue;
		if (!engine_position(c->s->engine, c->s->acct, i, &p))
			return fault_set(&c->f, FAULT_LOCAL, "a position out of room");
		if (!held || dec_sign(p.amt) != 0 || p.open_orders > 0)
			put(c, i, &p);
	}
	jw_close(&c->out, ']');
	return 0;
}

int
get_position_risk(struct call *c)
{
	int sym;

	return may_symbol(c, &sym) == -1 ? -1 : put_positions(c, NULL, sym, true, put_risk);
}

int
get_position_risk2(struct call *c)
{
	int sym;

	return may_symbol(c, &sym) == -1 ? -1 : put_positions(c, NULL, sym, false, put_risk2);
}

/*
 * Balances
 */

static int
read_balance(struct call *c, struct engine_balance *b)
{
	if (!engine_balance(c->s->engine, c->s->acct, b))
		return fault_set(&c->f, FAULT_LOCAL, "a balance out of room");
	return 0;
}

static void
put_totals(struct buf *b, const struct engine_balance *bal)
{
	number_money(b, "totalInitialMargin", bal->im);
	number_money(b, "totalMaintMargin", bal->maint);
	number_money(b, "totalWalletBalance", bal->wallet);
	number_money(b, "totalUnrealizedProfit", bal->upnl);
	number_money(b, "totalMarginBalance", bal->margin);
	number_money(b, "totalPositionInitialMargin", bal->pos_im);
	number_money(b, "totalOpenOrderInitialMargin", bal->order_im);
	number_money(b, "totalCrossWalletBalance", bal->cross_wallet);
	number_money(b, "totalCrossUnPnl", bal->cross_upnl);
	number_money(b, "availableBalance", bal->available);
	number_money(b, "maxWithdrawAmount", bal->withdraw);
}

static void
put_asset(struct buf *b, const struct engine_balance *bal)
{
	jw_open(b, "assets", '[');
	jw_open(b, NULL, '{');
	jw_str(b, "asset", "USDT");
	number_money(b, "walletBalance", bal->wallet);
	number_money(b, "unrealizedProfit", bal->upnl);
	number_money(b, "marginBalance", bal->margin);
	number_money(b, "maintMargin", bal->maint);
	number_money(b, "initialMargin", bal->im);
	number_money(b, "positionInitialMargin", bal->pos_im);
	number_money(b, "openOrderInitialMargin", bal->order_im);
	number_money(b, "crossWalletBalance", bal->cross_wallet);
	number_money(b, "crossUnPnl", bal->cross_upnl);
	number_money(b, "availableBalance", bal->available);
	number_money(b, "maxWithdrawAmount", bal->withdraw);
	jw_bool(b, "marginAvailable", true);
	jw_i64(b, "updateTime", bal->update_ms);
	jw_close(b, '}');
	jw_close(b, ']');
}

static void
put_rights(struct buf *b)
{
	jw_i64(b, "feeTier", 0);
	jw_bool(b, "canTrade", true);
	jw_bool(b, "canDeposit", true);
	jw_bool(b, "canWithdraw", true);
	jw_bool(b, "dualSidePosition", false);
	jw_i64(b, "updateTime", 0);
	jw_bool(b, "multiAssetsMargin", false);
	jw_i64(b, "tradeGroupId", -1);
}

static int
put_account(struct call *c, bool v2)
{
	struct engine_balance bal;

	if (read_balance(c, &bal) == -1)
		return -1;
	jw_open(&c->out, NULL, '{');
	if (v2)
		put_rights(&c->out);
	put_totals(&c->out, &bal);
	put_asset(&c->out, &bal);
	if (put_positions(c, "positions", -1, !v2, v2 ? put_position2 : put_position) == -1)
		return -1;
	jw_close(&c->out, '}');
	return 0;
}

int
get_account(struct call *c)
{
	return put_account(c, false);
}

int
get_account2(struct call *c)
{
	return put_account(c, true);
}

int
get_balance(struct call *c)
{
	struct engine_balance bal;
	struct buf *b = &c->out;

	if (read_balance(c, &bal) == -1)
		return -1;
	jw_open(b, NULL, '[');
	jw_open(b, NULL, '{');
	jw_str(b, "accountAlias", "SgsR");
	jw_str(b, "asset", "USDT");
	number_money(b, "balance", bal.wallet);
	number_money(b, "crossWalletBalance", bal.cross_wallet);
	number_money(b, "crossUnPnl", bal.cross_upnl);
	number_money(b, "availableBalance", bal.available);
	number_money(b, "maxWithdrawAmount", bal.withdraw);
	jw_bool(b, "marginAvailable", true);
	jw_i64(b, "updateTime", bal.update_ms);
	jw_close(b, '}');
	jw_close(b, ']');
	return 0;
}

/*
 * Settings
 */

int
get_account_config(struct call *c)
{
	jw_open(&c->out, NULL, '{');
	put_rights(&c->out);
	jw_close(&c->out, '}');
	return 0;
}

static void
put_config(struct call *c, int sym, const struct engine_position *p)
{
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, "symbol", engine_rules(c->s->engine, sym)->symbol);
	jw_str(b, "marginType", p->isolated ? "ISOLATED" : "CROSSED");
	jw_bool(b, "isAutoAddMargin", false);
	jw_i64(b, "leverage", p->leverage);
	number_short(b, "maxNotionalValue", p->max_notional);
	jw_close(b, '}');
}

int
get_symbol_config(struct call *c)
{
	int sym;

	return may_symbol(c, &sym) == -1 ? -1 : put_positions(c, NULL, sym, false, put_config);
}

static void
put_brackets(struct call *c, int sym)
{
	const struct tiers *ts = engine_tiers(c->s->engine, sym);
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, "symbol", engine_rules(c->s->engine, sym)->symbol);
	jw_open(b, "brackets", '[');
	for (int i = 0; i < ts->n; i++) {
		jw_open(b, NULL, '{');
		jw_i64(b, "bracket", i + 1);
		jw_i64(b, "initialLeverage", ts->tier[i].max_leverage);
		number_bare(b, "notionalCap", ts->tier[i].cap);
		number_bare(b, "notionalFloor", ts->tier[i].floor);
		number_bare(b, "maintMarginRatio", ts->tier[i].mmr);
		number_bare(b, "cum", ts->tier[i].cum);
		jw_close(b, '}');
	}
	jw_close(b, ']');
	jw_close(b, '}');
}

int
get_leverage_bracket(struct call *c)
{
	int sym;

	if (may_symbol(c, &sym) == -1)
		return -1;
	jw_open(&c->out, NULL, '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++)
		if (sym == -1 || i == sym)
			put_brackets(c, i);
	jw_close(&c->out, ']');
	return 0;
}

int
get_commission_rate(struct call *c)
{
	int sym;

	if (want_symbol(c, &sym) == -1)
		return -1;
	jw_open(&c->out, NULL, '{');
	jw_str(&c->out, "symbol", engine_rules(c->s->engine, sym)->symbol);
	number_put(&c->out, "makerCommissionRate", engine_maker_fee(c->s->engine), 6);
	number_put(&c->out, "takerCommissionRate", engine_taker_fee(c->s->engine), 6);
	jw_str(&c->out, "rpiCommissionRate", "0");
	jw_close(&c->out, '}');
	return 0;
}

int
get_position_mode(struct call *c)
{
	buf_str(&c->out, "{\"dualSidePosition\":false}");
	return 0;
}

/* One-way mode only. */
int
post_position_mode(struct call *c)
{
	const char *v;
	bool dual = false;

	if (want_text(c, "dualSidePosition", &v) == -1 || may_bool(c, "dualSidePosition", &dual) == -1)
		return -1;
	if (dual)
		return no(&c->f, 400, -1020, "This operation is not supported.");
	return no(&c->f, 400, -4059, "No need to change position side.");
}

int
get_assets_mode(struct call *c)
{
	buf_str(&c->out, "{\"multiAssetsMargin\":false}");
	return 0;
}

int
post_leverage(struct call *c)
{
	int64_t leverage = 0;
	const char *v;
	dec cap;
	int sym;

	if (want_symbol(c, &sym) == -1 || want_text(c, "leverage", &v) == -1)
		return -1;
	if (!number_i64(&leverage, v))
		return no_missing(&c->f, "leverage");
	if (leverage < 1 || leverage > 125)
		return no(&c->f, 400, -4028, "Leverage %lld is not valid", (long long)leverage);
	if (engine_said(c, engine_set_leverage(c->s->engine, c->s->acct, sym, (int)leverage, c->now,
	    &cap, &c->f)) == -1)
		return -1;
	jw_open(&c->out, NULL, '{');
	jw_i64(&c->out, "leverage", leverage);
	number_short(&c->out, "maxNotionalValue", cap);
	jw_str(&c->out, "symbol", engine_rules(c->s->engine, sym)->symbol);
	jw_close(&c->out, '}');
	return 0;
}

int
post_margin_type(struct call *c)
{
	const char *v;
	bool isolated;
	int sym;

	if (want_symbol(c, &sym) == -1 || want_text(c, "marginType", &v) == -1)
		return -1;
	isolated = strcmp(v, "ISOLATED") == 0;
	if (!isolated && strcmp(v, "CROSSED") != 0)
		return no_invalid(&c->f, "marginType");
	if (engine_said(c, engine_set_isolated(c->s->engine, c->s->acct, sym, isolated, c->now,
	    &c->f)) == -1)
		return -1;
	return say_done(c, "success");
}

int
post_position_margin(struct call *c)
{
	int64_t type = 0;
	dec amount;
	int sym;

	if (want_symbol(c, &sym) == -1 || want_dec(c, "amount", &amount) == -1 ||
	    may_i64(c, "type", 1, 2, &type) == -1)
		return -1;
	if (type == 0)
		return no_missing(&c->f, "type");
	if (dec_sign(amount) <= 0)
		return no(&c->f, 400, -4055, "Amount must be positive.");
	if (engine_said(c, engine_move_margin(c->s->engine, c->s->acct, sym,
	    type == 1 ? amount : dec_neg(amount), c->now, &c->f)) == -1)
		return -1;
	jw_open(&c->out, NULL, '{');
	number_bare(&c->out, "amount", amount);
	jw_i64(&c->out, "code", 200);
	jw_str(&c->out, "msg", "Successfully modify position margin.");
	jw_i64(&c->out, "type", type);
	jw_close(&c->out, '}');
	return 0;
}

int
get_order_limits(struct call *c)
{
	limits_json(&c->s->limits, NULL, true, &c->out);
	return 0;
}

/*
 * The listen key
 */

static int
say_key(struct call *c, const char *key)
{
	if (key == NULL)
		return no(&c->f, 400, -1125, "This listenKey does not exist.");
	jw_open(&c->out, NULL, '{');
	jw_str(&c->out, "listenKey", key);
	jw_close(&c->out, '}');
	return 0;
}

int
post_listen_key(struct call *c)
{
	const char *key = user_key_new(c->s->user, c->now);

	return key == NULL ? fault_set(&c->f, FAULT_LOCAL, "no random bytes") : say_key(c, key);
}

int
put_listen_key(struct call *c)
{
	return say_key(c, user_key_keep(c->s->user, c->now));
}

int
delete_listen_key(struct call *c)
{
	user_key_close(c->s->user);
	buf_str(&c->out, "{}");
	return 0;
}

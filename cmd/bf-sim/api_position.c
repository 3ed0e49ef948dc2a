/* Positions, as positionRisk and account show them. */
#include <stdio.h>
#include <string.h>

#include "api_handlers.h"
#include "no.h"
#include "number.h"

/*
 * Legs
 */

int
legs_of(const struct call *c, enum pos_mode out[static 2])
{
	bool hedge = engine_hedge(c->s->engine, c->acct);

	out[0] = hedge ? MODE_LONG : MODE_BOTH;
	out[1] = MODE_SHORT;
	return hedge ? 2 : 1;
}

/* One leg in an answer. */
struct row { int sym; enum pos_mode leg; struct engine_position p; };

typedef void put_row(struct call *c, const struct row *r);

static int
read_row(struct call *c, int sym, enum pos_mode leg, struct row *r)
{
	r->sym = sym;
	r->leg = leg;
	return engine_position(c->s->engine, c->acct, sym, leg, &r->p) ? 0 : no_room(c);
}

/* A symbol's legs; held: if any of them has a position or orders. */
static int
put_symbol(struct call *c, int sym, bool held, put_row *put)
{
	enum pos_mode leg[2];
	int n = legs_of(c, leg);
	struct row row[2];
	bool any = !held;

	for (int i = 0; i < n; i++) {
		if (read_row(c, sym, leg[i], &row[i]) == -1)
			return -1;
		any = any || dec_sign(row[i].p.amt) != 0 || row[i].p.open_orders > 0;
	}
	for (int i = 0; any && i < n; i++)
		put(c, &row[i]);
	return 0;
}

/* An array of one symbol's legs, or of all (sym -1). */
static int
put_positions(struct call *c, const char *key, int sym, bool held, put_row *put)
{
	jw_open(&c->out, key, '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++)
		if (call_has(c, i) && (sym == -1 || i == sym) && put_symbol(c, i, held, put) == -1)
			return -1;
	jw_close(&c->out, ']');
	return 0;
}

static void
put_leg(struct call *c, const struct row *r)
{
	jw_str(&c->out, "symbol", rules_of(c, r->sym)->symbol);
	jw_str(&c->out, "positionSide", pos_mode_name(r->leg));
	jw_dec(&c->out, "positionAmt", r->p.amt);
}

static void
put_leverage(struct call *c, const struct row *r)
{
	char text[16];

	snprintf(text, sizeof text, "%d", r->p.leverage);
	jw_str(&c->out, "leverage", text);
}

static void
put_margins(struct buf *b, const struct engine_position *p)
{
	number_or_zero(b, "initialMargin", p->im);
	number_or_zero(b, "maintMargin", p->maint);
	number_or_zero(b, "positionInitialMargin", p->pos_im);
	number_or_zero(b, "openOrderInitialMargin", p->order_im);
}

static void
put_prices(struct buf *b, const struct engine_position *p)
{
	number_price(b, "entryPrice", p->entry);
	number_price(b, "breakEvenPrice", p->break_even);
	number_money(b, "markPrice", p->mark);
	number_money(b, "unRealizedProfit", p->upnl);
	number_or_zero(b, "liquidationPrice", p->liq);
}

/*
 * positionRisk
 */

static void
put_risk3(struct call *c, const struct row *r)
{
	const struct engine_position *p = &r->p;
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	put_leg(c, r);
	put_prices(b, p);
	number_or_zero(b, "isolatedMargin", p->iso_margin);
	number_or_zero(b, "notional", p->notional);
	jw_str(b, "marginAsset", rules_of(c, r->sym)->margin);
	number_or_zero(b, "isolatedWallet", p->iso_wallet);
	put_margins(b, p);
	jw_i64(b, "adl", p->adl);
	number_or_zero(b, "bidNotional", p->bid);
	number_or_zero(b, "askNotional", p->ask);
	jw_i64(b, "updateTime", p->update_ms);
	jw_close(b, '}');
}

static void
put_risk2(struct call *c, const struct row *r)
{
	const struct engine_position *p = &r->p;
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	put_leg(c, r);
	put_prices(b, p);
	put_leverage(c, r);
	number_short(b, "maxNotionalValue", p->max_notional);
	jw_str(b, "marginType", p->isolated ? "isolated" : "cross");
	number_money(b, "isolatedMargin", p->iso_margin);
	jw_str(b, "isAutoAddMargin", "false");
	number_or_zero(b, "notional", p->notional);
	number_or_zero(b, "isolatedWallet", p->iso_wallet);
	jw_i64(b, "updateTime", p->update_ms);
	jw_bool(b, "isolated", p->isolated);
	jw_i64(b, "adlQuantile", p->adl);
	jw_close(b, '}');
}

static void
put_coin_risk(struct call *c, const struct row *r)
{
	const struct engine_position *p = &r->p;
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	put_leg(c, r);
	put_prices(b, p);
	put_leverage(c, r);
	number_short(b, "maxQty", p->max_notional);
	jw_str(b, "marginType", p->isolated ? "isolated" : "cross");
	number_money(b, "isolatedMargin", p->iso_margin);
	jw_str(b, "isAutoAddMargin", "false");
	number_or_zero(b, "notionalValue", p->notional);
	number_or_zero(b, "isolatedWallet", p->iso_wallet);
	jw_i64(b, "updateTime", p->update_ms);
	jw_close(b, '}');
}

int
get_risk3(struct call *c)
{
	bool all = faults_shape(c->s->faults)->positions_all;
	int sym;

	if (may_symbol(c, &sym) == -1 || put_positions(c, NULL, sym, !all, put_risk3) == -1)
		return -1;
	return answer(c);
}

int
get_risk2(struct call *c)
{
	int sym;

	if (may_symbol(c, &sym) == -1 || put_positions(c, NULL, sym, false, put_risk2) == -1)
		return -1;
	return answer(c);
}

/* COIN-M has a BOTH row in hedge mode too, which is flat. */
static int
put_coin_symbol(struct call *c, int sym)
{
	struct row both;

	if (engine_hedge(c->s->engine, c->acct)) {
		if (read_row(c, sym, MODE_BOTH, &both) == -1)
			return -1;
		put_coin_risk(c, &both);
	}
	return put_symbol(c, sym, false, put_coin_risk);
}

/* By marginAsset or pair; without either all contracts that are TRADING. */
int
get_coin_risk(struct call *c)
{
	const char *asset = params_get(&c->p, "marginAsset"), *pair = NULL;
	const struct rules *r;

	if (may_pair(c, &pair) == -1)
		return -1;
	if (asset != NULL && pair != NULL)
		return no(&c->f, 400, -1128, "Combination of optional parameters invalid.");
	if (asset != NULL && engine_asset(c->s->engine, COINM, asset) == -1)
		return no(&c->f, 400, -1108, "Invalid asset.");
	jw_open(&c->out, NULL, '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++) {
		r = rules_of(c, i);
		if (!call_has(c, i) || (pair != NULL && strcmp(r->pair, pair) != 0) ||
		    (asset != NULL && strcmp(r->margin, asset) != 0) ||
		    (asset == NULL && pair == NULL && strcmp(r->status, "TRADING") != 0))
			continue;
		if (put_coin_symbol(c, i) == -1)
			return -1;
	}
	jw_close(&c->out, ']');
	return answer(c);
}

/*
 * positions[] of account
 */

static void
put_position3(struct call *c, const struct row *r)
{
	const struct engine_position *p = &r->p;
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	put_leg(c, r);
	number_money(b, "unrealizedProfit", p->upnl);
	number_money(b, "isolatedMargin", p->iso_margin);
	number_or_zero(b, "notional", p->notional);
	number_or_zero(b, "isolatedWallet", p->iso_wallet);
	number_or_zero(b, "initialMargin", p->im);
	number_or_zero(b, "maintMargin", p->maint);
	jw_i64(b, "updateTime", p->update_ms);
	jw_close(b, '}');
}

/* What USDⓈ-M's second version and COIN-M begin with. */
static void
put_position_head(struct call *c, const struct row *r)
{
	const struct engine_position *p = &r->p;
	struct buf *b = &c->out;

	put_leg(c, r);
	put_margins(b, p);
	number_money(b, "unrealizedProfit", p->upnl);
	put_leverage(c, r);
	jw_bool(b, "isolated", p->isolated);
	number_price(b, "entryPrice", p->entry);
	number_price(b, "breakEvenPrice", p->break_even);
}

static void
put_position2(struct call *c, const struct row *r)
{
	const struct engine_position *p = &r->p;
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	put_position_head(c, r);
	number_short(b, "maxNotional", p->max_notional);
	number_or_zero(b, "bidNotional", p->bid);
	number_or_zero(b, "askNotional", p->ask);
	number_money(b, "isolatedMargin", p->iso_margin);
	number_or_zero(b, "notional", p->notional);
	number_or_zero(b, "isolatedWallet", p->iso_wallet);
	jw_i64(b, "updateTime", p->update_ms);
	jw_close(b, '}');
}

static void
put_coin_position(struct call *c, const struct row *r)
{
	const struct engine_position *p = &r->p;
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	put_position_head(c, r);
	number_short(b, "maxQty", p->max_notional);
	number_or_zero(b, "notionalValue", p->notional);
	number_or_zero(b, "isolatedWallet", p->iso_wallet);
	jw_i64(b, "updateTime", p->update_ms);
	jw_close(b, '}');
}

int
put_account_positions(struct call *c, bool v2)
{
	if (c->market == COINM)
		return put_positions(c, "positions", -1, false, put_coin_position);
	return put_positions(c, "positions", -1, !v2, v2 ? put_position2 : put_position3);
}

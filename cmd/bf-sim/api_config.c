/* The account's settings. */
#include <string.h>

#include "api_handlers.h"
#include "no.h"
#include "number.h"

#define MARGIN_HISTORY_MS (30 * DAY_MS)

int
get_account_config(struct call *c)
{
	jw_open(&c->out, NULL, '{');
	put_rights(c, false, true);
	jw_close(&c->out, '}');
	return 0;
}

/*
 * By symbol
 */

/* Leverage and margin type are the symbol's, whichever the leg. */
static int
read_symbol_row(struct call *c, int sym, struct engine_position *p)
{
	enum pos_mode leg[2];

	(void)legs_of(c, leg);
	return engine_position(c->s->engine, c->acct, sym, leg[0], p) ? 0 : no_room(c);
}

int
get_symbol_config(struct call *c)
{
	struct engine_position p;
	struct buf *b = &c->out;
	int sym;

	if (may_symbol(c, &sym) == -1)
		return -1;
	jw_open(b, NULL, '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++) {
		if (!call_has(c, i) || (sym != -1 && i != sym))
			continue;
		if (read_symbol_row(c, i, &p) == -1)
			return -1;
		jw_open(b, NULL, '{');
		jw_str(b, "symbol", rules_of(c, i)->symbol);
		jw_str(b, "marginType", p.isolated ? "ISOLATED" : "CROSSED");
		jw_bool(b, "isAutoAddMargin", false);
		jw_i64(b, "leverage", p.leverage);
		number_short(b, "maxNotionalValue", p.max_notional);
		jw_close(b, '}');
	}
	jw_close(b, ']');
	return answer(c);
}

/* COIN-M counts in coins, and its floor is misspelt. */
static void
put_brackets(struct call *c, const char *key, const char *name, int sym)
{
	const struct tiers *ts = engine_tiers(c->s->engine, sym);
	bool coin = c->market == COINM;
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, key, name);
	jw_open(b, "brackets", '[');
	for (int i = 0; i < ts->n; i++) {
		jw_open(b, NULL, '{');
		jw_i64(b, "bracket", i + 1);
		jw_i64(b, "initialLeverage", ts->tier[i].max_leverage);
		number_bare(b, coin ? "qtyCap" : "notionalCap", ts->tier[i].cap);
		number_bare(b, coin ? "qtylFloor" : "notionalFloor", ts->tier[i].floor);
		number_bare(b, "maintMarginRatio", ts->tier[i].mmr);
		number_bare(b, "cum", ts->tier[i].cum);
		jw_close(b, '}');
	}
	jw_close(b, ']');
	jw_close(b, '}');
}

int
get_brackets(struct call *c)
{
	int sym;

	if (may_symbol(c, &sym) == -1)
		return -1;
	jw_open(&c->out, NULL, '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++)
		if (call_has(c, i) && (sym == -1 || i == sym))
			put_brackets(c, "symbol", rules_of(c, i)->symbol, i);
	jw_close(&c->out, ']');
	return 0;
}

/* Whether a symbol is the first of its pair in the market. */
static bool
first_of_pair(const struct call *c, int sym)
{
	for (int i = 0; i < sym; i++)
		if (call_has(c, i) && strcmp(rules_of(c, i)->pair, rules_of(c, sym)->pair) == 0)
			return false;
	return true;
}

/* COIN-M v1: one row a pair, that of its first contract. */
int
get_pair_brackets(struct call *c)
{
	const char *pair = NULL;

	if (may_pair(c, &pair) == -1)
		return -1;
	jw_open(&c->out, NULL, '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++)
		if (call_has(c, i) && first_of_pair(c, i) &&
		    (pair == NULL || strcmp(rules_of(c, i)->pair, pair) == 0))
			put_brackets(c, "pair", rules_of(c, i)->pair, i);
	jw_close(&c->out, ']');
	return 0;
}

int
get_commission_rate(struct call *c)
{
	dec maker, taker;
	int sym;

	if (want_symbol(c, &sym) == -1)
		return -1;
	engine_fee_rates(c->s->engine, c->acct, sym, &maker, &taker);
	jw_open(&c->out, NULL, '{');
	jw_str(&c->out, "symbol", rules_of(c, sym)->symbol);
	number_put(&c->out, "makerCommissionRate", maker, 6);
	number_put(&c->out, "takerCommissionRate", taker, 6);
	if (c->market == USDM)
		jw_str(&c->out, "rpiCommissionRate", "0");
	jw_close(&c->out, '}');
	return answer(c);
}

static void
put_quantile(struct call *c, int sym, const char *key, enum pos_mode leg, bool count)
{
	struct engine_position p;

	if (!engine_position(c->s->engine, c->acct, sym, leg, &p))
		p.adl = 0;
	jw_i64(&c->out, key, count ? p.adl : 0);
}

/*
 * In one-way mode the position counts as LONG or SHORT, and as BOTH. In hedge mode
 * cross legs have HEDGE instead, which is a mark without a value.
 */
static void
put_quantiles(struct call *c, int sym, const struct engine_position *p)
{
	bool hedge = engine_hedge(c->s->engine, c->acct);
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, "symbol", rules_of(c, sym)->symbol);
	jw_open(b, "adlQuantile", '{');
	put_quantile(c, sym, "LONG", hedge ? MODE_LONG : MODE_BOTH, hedge || dec_sign(p->amt) > 0);
	put_quantile(c, sym, "SHORT", hedge ? MODE_SHORT : MODE_BOTH, hedge || dec_sign(p->amt) < 0);
	if (hedge && !p->isolated)
		jw_i64(b, "HEDGE", 0);
	else
		put_quantile(c, sym, "BOTH", MODE_BOTH, !hedge);
	jw_close(b, '}');
	jw_close(b, '}');
}

/* Those with a position, or the one asked for. */
int
get_adl_quantile(struct call *c)
{
	struct engine_position p, q;
	enum pos_mode leg[2];
	int sym, n = legs_of(c, leg);

	if (may_symbol(c, &sym) == -1)
		return -1;
	jw_open(&c->out, NULL, '[');
	for (int i = 0; i < engine_symbols(c->s->engine); i++) {
		if (!call_has(c, i) || (sym != -1 && i != sym))
			continue;
		if (!engine_position(c->s->engine, c->acct, i, leg[0], &p) ||
		    !engine_position(c->s->engine, c->acct, i, leg[n - 1], &q))
			return no_room(c);
		if (i == sym || dec_sign(p.amt) != 0 || dec_sign(q.amt) != 0)
			put_quantiles(c, i, &p);
	}
	jw_close(&c->out, ']');
	return 0;
}

/*
 * Modes
 */

/* A mandatory true or false. */
static int
want_bool(struct call *c, const char *name, bool *out)
{
	const char *v;

	return want_text(c, name, &v) == -1 ? -1 : may_bool(c, name, out);
}

static int
say_bool(struct call *c, const char *name, bool v)
{
	jw_open(&c->out, NULL, '{');
	jw_bool(&c->out, name, v);
	jw_close(&c->out, '}');
	return 0;
}

/* What the engine said of a setting. */
static int
done(struct call *c, int r)
{
	return engine_said(c, r) == -1 ? -1 : say_done(c, "success");
}

int
get_position_mode(struct call *c)
{
	return say_bool(c, "dualSidePosition", engine_hedge(c->s->engine, c->acct));
}

int
post_position_mode(struct call *c)
{
	bool dual = false;

	if (want_bool(c, "dualSidePosition", &dual) == -1)
		return -1;
	return done(c, engine_set_hedge(c->s->engine, c->acct, dual, c->now, &c->f));
}

int
get_assets_mode(struct call *c)
{
	return say_bool(c, "multiAssetsMargin", engine_multi(c->s->engine, c->acct));
}

int
post_assets_mode(struct call *c)
{
	bool multi = false;

	if (want_bool(c, "multiAssetsMargin", &multi) == -1)
		return -1;
	return done(c, engine_set_multi(c->s->engine, c->acct, multi, c->now, &c->f));
}

int
get_burn(struct call *c)
{
	return say_bool(c, "feeBurn", engine_burn(c->s->engine, c->acct));
}

int
post_burn(struct call *c)
{
	bool burn = false;

	if (want_bool(c, "feeBurn", &burn) == -1)
		return -1;
	engine_set_burn(c->s->engine, c->acct, burn);
	return say_done(c, "success");
}

/*
 * Leverage and margin
 */

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
	if (leverage < 1 || leverage > INT32_MAX)
		return no(&c->f, 400, -4028, "Leverage %lld is not valid", (long long)leverage);
	if (engine_said(c, engine_set_leverage(c->s->engine, c->acct, sym, (int)leverage, c->now,
	    &cap, &c->f)) == -1)
		return -1;
	jw_open(&c->out, NULL, '{');
	jw_i64(&c->out, "leverage", leverage);
	number_short(&c->out, c->market == COINM ? "maxQty" : "maxNotionalValue", cap);
	jw_str(&c->out, "symbol", rules_of(c, sym)->symbol);
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
	return done(c, engine_set_isolated(c->s->engine, c->acct, sym, isolated, c->now, &c->f));
}

int
post_position_margin(struct call *c)
{
	enum pos_mode leg = MODE_BOTH;
	int64_t type = 0;
	dec amount;
	int sym;

	if (want_symbol(c, &sym) == -1 || want_dec(c, "amount", &amount) == -1 ||
	    want_i64(c, "type", 1, 2, &type) == -1 || read_leg(c, &leg) == -1)
		return -1;
	if (dec_sign(amount) <= 0)
		return no(&c->f, 400, -4055, "Amount must be positive.");
	if (engine_said(c, engine_move_margin(c->s->engine, c->acct, sym, leg,
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

static void
put_move(struct call *c, const struct engine_margin_move *m)
{
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_str(b, "symbol", rules_of(c, m->sym)->symbol);
	jw_i64(b, "type", dec_sign(m->amount) < 0 ? 2 : 1);
	if (c->market == USDM)
		jw_str(b, "deltaType", "USER_ADJUST");
	number_money(b, "amount", dec_abs(m->amount));
	jw_str(b, "asset", rules_of(c, m->sym)->margin);
	jw_i64(b, "time", m->time_ms);
	jw_str(b, "positionSide", pos_mode_name(m->pos_mode));
	jw_close(b, '}');
}

/* type 0: either. */
static bool
move_wanted(const struct call *c, const struct engine_margin_move *m, int sym, int64_t type,
    const struct period *p)
{
	if (m->sym != sym || m->time_ms < p->start || m->time_ms > p->end ||
	    !call_sees(c, m->time_ms))
		return false;
	return type == 0 || (type == 2) == (dec_sign(m->amount) < 0);
}

/* The newest of the period, oldest first. */
int
get_margin_history(struct call *c)
{
	const struct engine *e = c->s->engine;
	const struct engine_margin_move *m;
	int sym, n = 0, most = c->market == COINM ? 50 : 500;
	int64_t type = 0;
	struct period p;

	if (want_symbol(c, &sym) == -1 || may_i64(c, "type", 1, 2, &type) == -1 ||
	    read_period(c, &p, MARGIN_HISTORY_MS, MARGIN_HISTORY_MS, most, 500) == -1)
		return -1;
	for (int i = 0; (m = engine_move_at(e, c->acct, i)) != NULL; i++)
		n += move_wanted(c, m, sym, type, &p);
	jw_open(&c->out, NULL, '[');
	for (int i = 0; (m = engine_move_at(e, c->acct, i)) != NULL; i++)
		if (move_wanted(c, m, sym, type, &p) && n-- <= p.limit)
			put_move(c, m);
	jw_close(&c->out, ']');
	return answer(c);
}

/*
 * The rest
 */

static void
put_number(struct buf *b, const char *key, dec d)
{
	char text[DEC_STR];

	dec_print_short(d, text);
	jw_raw(b, key, text, strlen(text));
}

static void
put_told(struct buf *b, const struct told *t)
{
	jw_open(b, NULL, '{');
	jw_str(b, "indicator", t->what);
	put_number(b, "value", t->value);
	put_number(b, "triggerValue", t->trigger);
	jw_i64(b, "plannedRecoverTime", t->until);
	jw_bool(b, "isLocked", dec_cmp(t->value, t->trigger) > 0);
	jw_close(b, '}');
}

/* Those of one symbol, or of the account (-1), as a member if there are any. */
static void
put_told_of(struct call *c, int sym)
{
	const struct fault_shape *sh = faults_shape(c->s->faults);
	bool open = false;

	for (int i = 0; i < sh->ntold; i++) {
		const struct told *t = &sh->told[i];

		if (t->sym != sym || t->acct != c->acct || t->until <= c->now)
			continue;
		if (!open)
			jw_open(&c->out, sym == -1 ? "ACCOUNT" : rules_of(c, sym)->symbol, '[');
		open = true;
		put_told(&c->out, t);
	}
	if (open)
		jw_close(&c->out, ']');
}

/* Nobody is restricted here but by `sim indicator=`, and that only in word. */
int
get_trading_status(struct call *c)
{
	struct buf *b = &c->out;
	int sym;

	if (may_symbol(c, &sym) == -1)
		return -1;
	jw_open(b, NULL, '{');
	jw_open(b, "indicators", '{');
	for (int i = -1; i < engine_symbols(c->s->engine); i++)
		if (sym == -1 || i == sym)
			put_told_of(c, i);
	jw_close(b, '}');
	jw_i64(b, "updateTime", c->now);
	jw_close(b, '}');
	return 0;
}

int
get_order_limits(struct call *c)
{
	limits_json(c->s->limits, NULL, true, c->market == COINM, &c->out);
	return 0;
}

/* Nobody here has a portfolio margin account. */
int
get_portfolio(struct call *c)
{
	const char *asset;

	if (want_text(c, "asset", &asset) == -1)
		return -1;
	return no(&c->f, 400, -1109, "Invalid account.");
}

int
post_stock_contract(struct call *c)
{
	return say_done(c, "success");
}

/* Accounts and what they hold. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts_read.h"
#include "marks.h"
#include "number.h"
#include "seed.h"
#include "store.h"

/* One account being made. */
struct maker {
	struct sim *s;
	const struct plan *plan;
	int	acct;
	bool	*said;		/* by symbol: its leverage was told */
	struct fault *f;
};

static int
bad(const struct maker *m, const struct plan_item *it, const char *why)
{
	return plan_bad(m->plan, it, m->f, why);
}

/* The engine's no to what was asked. */
static int
refused(const struct maker *m, const struct plan_item *it, const struct fault *why)
{
	(void)bad(m, it, why->text);
	if (why->kind == FAULT_LOCAL)
		m->f->kind = FAULT_LOCAL;
	return -1;
}

/* "SYMBOL=VALUE" or "SYMBOL:VALUE": the symbol's number, or -1 and f. */
static int
read_pair(const struct maker *m, const struct plan_item *it, char sep, const char **value)
{
	const char *at = strchr(it->text, sep);
	char why[160], symbol[SYMBOL_MAX];
	int sym;

	if (at == NULL || at == it->text || (size_t)(at - it->text) >= sizeof symbol) {
		snprintf(why, sizeof why, "not SYMBOL%cVALUE", sep);
		return bad(m, it, why);
	}
	snprintf(symbol, sizeof symbol, "%.*s", (int)(at - it->text), it->text);
	if ((sym = engine_symbol(m->s->engine, symbol)) == -1) {
		marks_unknown(m->s, symbol, why);
		return bad(m, it, why);
	}
	*value = at + 1;
	return sym;
}

/*
 * Wallets
 */

/* "USDT=100" or "coinm.BTC=0.5": the asset's number, or -1 and f. */
static int
read_balance(const struct maker *m, const struct plan_item *it, dec *amt)
{
	static const char coinm[] = "coinm.";
	const char *name = it->text, *at = strchr(name, '=');
	enum product p = USDM;
	char asset[ENGINE_ASSET];
	int a;

	if (at == NULL || !dec_parse(amt, at + 1) || dec_sign(*amt) < 0)
		return bad(m, it, "not ASSET=AMT with a decimal of 0 or more");
	if (strncmp(name, coinm, sizeof coinm - 1) == 0) {
		name += sizeof coinm - 1;
		p = COINM;
	}
	snprintf(asset, sizeof asset, "%.*s", (int)(at - name), name);
	if ((size_t)(at - name) >= sizeof asset || (a = engine_asset(m->s->engine, p, asset)) == -1)
		return bad(m, it, p == COINM ? "COIN-M has no such wallet" :
		    "there is no such wallet; those of COIN-M are called coinm.ASSET");
	return a;
}

static int
set_balance(struct maker *m, const struct plan_item *it)
{
	struct fault why;
	dec amt;
	int a = read_balance(m, it, &amt);

	if (a == -1)
		return -1;
	if (a == 0 || dec_sign(amt) == 0)	/* pay_usdt did it */
		return 0;
	if (engine_deposit(m->s->engine, m->acct, a, amt, sim_now(m->s), &why) == -1)
		return refused(m, it, &why);
	return 0;
}

static int
usdt_of(const struct maker *m, dec *usdt)
{
	const struct plan_item *it = m->plan->item;
	dec amt;
	int a;

	*usdt = m->plan->usdt;
	for (int i = 0; i < m->plan->n; i++) {
		if (it[i].kind != PLAN_BALANCE)
			continue;
		if ((a = read_balance(m, &it[i], &amt)) == -1)
			return -1;
		if (a == 0)
			*usdt = amt;
	}
	return 0;
}

/*
 * Settings
 */

static int
set_margin_type(struct maker *m, const struct plan_item *it)
{
	struct fault why;
	const char *v;
	int sym = read_pair(m, it, '=', &v);

	if (sym == -1)
		return -1;
	if (strcasecmp(v, "isolated") != 0 && strcasecmp(v, "crossed") != 0)
		return bad(m, it, "isolated or crossed");
	if (strcasecmp(v, "isolated") == 0 && engine_set_isolated(m->s->engine, m->acct, sym, true,
	    sim_now(m->s), &why) == -1 && why.code != -4046)
		return refused(m, it, &why);
	return 0;
}

static int
set_leverage(struct maker *m, const struct plan_item *it)
{
	struct fault why;
	const char *v;
	int64_t n;
	int sym = read_pair(m, it, '=', &v);

	if (sym == -1)
		return -1;
	if (!number_i64(&n, v) || n < 1 || n > 125)
		return bad(m, it, "not from 1 to 125");
	if (engine_set_leverage(m->s->engine, m->acct, sym, (int)n, sim_now(m->s), NULL, &why) == -1)
		return refused(m, it, &why);
	m->said[sym] = true;
	return 0;
}

/*
 * Positions
 */

/* "20x" or "0.5[@60000]". */
static bool
read_position(const char *v, dec mark, bool *by_leverage, dec *amt, dec *entry)
{
	const char *at = strchr(v, '@');
	size_t n = at == NULL ? strlen(v) : (size_t)(at - v);

	*entry = mark;
	*by_leverage = at == NULL && n > 1 && v[n - 1] == 'x';
	if (*by_leverage)
		n--;
	if (!dec_parse_n(amt, v, n) || dec_sign(*amt) == 0)
		return false;
	return at == NULL || (dec_parse(entry, at + 1) && dec_sign(*entry) > 0);
}

/* What the position will be worth, in its wallet's asset. */
static bool
value_of(const struct sim *s, int sym, dec amt, bool by_leverage, dec wallet, dec *out)
{
	const struct contract *c = engine_contract(s->engine, sym);
	dec mark = engine_mark_price(s->engine, sym);

	amt = dec_abs(amt);
	if (by_leverage)
		return dec_mul(out, amt, wallet);
	if (c->market == USDM)
		return dec_mul(out, amt, mark);
	return dec_mul(out, amt, c->size) && dec_div(out, *out, mark, 8, DEC_UP);
}

/*
 * So that what is asked for can be held, and margin is left to trade with: where
 * the leverage of a new account would bind more than half of the wallet, it is
 * raised to the greatest that the position's bracket allows.
 */
static int
fit_leverage(struct maker *m, int sym, dec amt, bool by_leverage, struct fault *why)
{
	struct engine *e = m->s->engine;
	const struct tiers *ts = engine_tiers(e, sym);
	enum pos_mode leg = !m->plan->hedge ? MODE_BOTH : dec_sign(amt) > 0 ? MODE_LONG : MODE_SHORT;
	struct engine_position p = { 0 };
	struct engine_balance bal = { 0 };
	dec n, half;

	if (!engine_balance(e, m->acct, engine_asset_of(e, sym), &bal) ||
	    !engine_position(e, m->acct, sym, leg, &p) || dec_sign(p.mark) == 0)
		return 0;	/* the engine will say what is missing */
	if (!value_of(m->s, sym, amt, by_leverage, bal.wallet, &n) ||
	    !dec_mul(&half, bal.wallet, (dec){ p.leverage * 5, 1 }))
		return fault_set(why, FAULT_USAGE, "out of room");
	if (ts->n == 0 || (dec_cmp(n, half) <= 0 && dec_cmp(n, p.max_notional) <= 0))
		return 0;
	return engine_set_leverage(e, m->acct, sym, tiers_of(ts, n)->max_leverage, sim_now(m->s), NULL,
	    why);
}

static int
set_position(struct maker *m, const struct plan_item *it)
{
	struct engine *e = m->s->engine;
	struct fault why;
	bool by_leverage;
	const char *v;
	dec amt, entry;
	int sym = read_pair(m, it, ':', &v), r;

	if (sym == -1)
		return -1;
	if (!read_position(v, engine_mark_price(e, sym), &by_leverage, &amt, &entry))
		return bad(m, it, "AMT, AMT@ENTRY or 20x");
	r = m->said[sym] ? 0 : fit_leverage(m, sym, amt, by_leverage, &why);
	if (r == 0)
		r = by_leverage ?
		    engine_seed_leverage(e, m->acct, sym, amt, sim_now(m->s), &why) :
		    engine_seed_position(e, m->acct, sym, amt, entry, sim_now(m->s), &why);
	return r == -1 ? refused(m, it, &why) : 0;
}

/*
 * Accounts
 */

static int (*const set[])(struct maker *m, const struct plan_item *it) = {
	[PLAN_BALANCE] = set_balance, [PLAN_MARGIN_TYPE] = set_margin_type,
	[PLAN_LEVERAGE] = set_leverage, [PLAN_POSITION] = set_position,
};

/* In the order of the kinds: one needs the other. */
static int
set_all(struct maker *m)
{
	for (int kind = 0; kind <= PLAN_POSITION; kind++)
		for (int i = 0; i < m->plan->n; i++)
			if ((int)m->plan->item[i].kind == kind && set[kind](m, &m->plan->item[i]) == -1)
				return -1;
	return 0;
}

/* The USDT comes now, as any deposit does: its income row makes the rows add up to
 * the wallet, and ccxt takes a wallet without an updateTime for none. */
static int
pay_usdt(struct maker *m)
{
	struct fault why;
	dec usdt;

	if (usdt_of(m, &usdt) == -1)
		return -1;
	if (dec_sign(usdt) == 0 ||
	    engine_deposit(m->s->engine, m->acct, 0, usdt, sim_now(m->s), &why) == 0)
		return 0;
	return fault_set(m->f, why.kind, "wallet: 0 or more USDT, at most 8 decimals, below 10^15");
}

/* The modes come before anything that depends on them. */
static int
furnish(struct maker *m)
{
	struct engine *e = m->s->engine;
	int64_t now = sim_now(m->s);
	int r;

	if (pay_usdt(m) == -1 || engine_set_tier(e, m->acct, m->plan->tier, m->f) == -1 ||
	    (m->plan->hedge && engine_set_hedge(e, m->acct, true, now, m->f) == -1) ||
	    (m->plan->multi && engine_set_multi(e, m->acct, true, now, m->f) == -1))
		return -1;
	engine_set_burn(e, m->acct, m->plan->burn);
	if ((m->said = calloc((size_t)engine_symbols(e), sizeof *m->said)) == NULL)
		return fault_set(m->f, FAULT_LOCAL, "out of memory");
	r = set_all(m);
	free(m->said);
	return r;
}

static int
open_account(struct sim *s, struct account *a, struct fault *f)
{
	a->acct = engine_account_new(s->engine, dec_int(0), f);
	return a->acct == -1 ? -1 : 0;
}

int
seed_exchange(struct sim *s, const struct options *o, const struct plan *plans, struct fault *f)
{
	struct accounts *as = &s->accounts;

	for (int i = 0; i < as->n; i++)
		if (open_account(s, &as->v[i], f) == -1)
			return -1;
	if (s->store != NULL && store_load(s->store, s, f) == -1)
		return -1;
	if (marks_set(s, o, f) == -1)
		return -1;
	for (int i = 0; i < as->n; i++) {
		struct maker m = { s, &plans[i], as->v[i].acct, NULL, f };

		if ((s->store == NULL || !store_has(s->store, &as->v[i])) && furnish(&m) == -1)
			return -1;
	}
	sim_settle(s);
	return 0;
}

static int
plan_options(struct plan *p, const struct options *o, struct fault *f)
{
	const struct { enum plan_kind kind; const struct option_list *l; } list[] = {
		{ PLAN_BALANCE, &o->balance }, { PLAN_MARGIN_TYPE, &o->margin_type },
		{ PLAN_LEVERAGE, &o->leverage }, { PLAN_POSITION, &o->position },
	};

	p->usdt = o->account;
	p->hedge = o->hedge;
	p->multi = o->multi;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		for (int k = 0; k < list[i].l->n; k++)
			if (plan_add(p, list[i].kind, 0, list[i].l->v[k], strlen(list[i].l->v[k]), f) == -1)
				return -1;
	return 0;
}

int
seed_plans(struct sim *s, struct plan **plans, const struct options *o, struct fault *f)
{
	if (o->accounts != NULL)
		return accounts_read(&s->accounts, plans, o->accounts, f);
	if (accounts_make(&s->accounts, &s->random, f) == -1)
		return -1;
	s->accounts.v[0].rights = o->rights;
	/* The key that was made at the first start stays, so that profiles do. */
	if (s->store != NULL && !o->seeded)
		store_key(s->store, &s->accounts.v[0]);
	if ((*plans = calloc(1, sizeof **plans)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	return plan_options(*plans, o, f);
}

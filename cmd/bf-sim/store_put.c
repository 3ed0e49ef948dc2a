/* What was noted is written. */
#include <stdio.h>
#include <string.h>

#include "store_in.h"

#define LAZY_MS		1000	/* so often what only the market moved is written */
#define FORGET_MS	INT64_C(3600000)
#define RETENTION_MS	(INT64_C(90) * 24 * 3600 * 1000)	/* what the venue keeps */

static int64_t
id_of(const struct store *st, int acct)
{
	return st->seen[acct].k.id;
}

static int
put_wallet(struct store *st, int acct, int asset, struct fault *f)
{
	struct engine_balance b;
	struct wallet_row row = { .asset = asset };

	if (!engine_balance(st->engine, acct, asset, &b))
		return 0;
	row.balance = b.wallet;
	row.update_ms = b.update_ms;
	return store_put(st, TABLE_WALLETS, id_of(st, acct), &row, f);
}

static int
put_hold(struct store *st, int acct, int sym, struct fault *f)
{
	struct engine_hold_state h;
	struct engine_leg_state l;

	if (engine_hold_state(st->engine, acct, sym, &h) &&
	    store_put(st, TABLE_HOLDS, id_of(st, acct), &h, f) == -1)
		return -1;
	for (int leg = MODE_BOTH; leg <= MODE_SHORT; leg++)
		if (engine_leg_state(st->engine, acct, sym, (enum pos_mode)leg, &l) &&
		    store_put(st, TABLE_LEGS, id_of(st, acct), &l, f) == -1)
			return -1;
	return 0;
}

static int
put_note(struct store *st, const struct note *n, struct fault *f)
{
	const struct engine_order *o;
	const struct engine_algo *a;
	enum product m;

	switch (n->kind) {
	case NOTE_WALLET:
		return put_wallet(st, n->acct, n->what, f);
	case NOTE_HOLD:
		return put_hold(st, n->acct, n->what, f);
	case NOTE_ORDER:
		o = engine_order(st->engine, n->acct, n->what, n->id, NULL);
		return o == NULL ? 0 : store_put(st, TABLE_ORDERS, id_of(st, n->acct), o, f);
	case NOTE_ALGO:
		m = engine_contract(st->engine, n->what)->market;
		a = engine_algo(st->engine, n->acct, m, n->id, NULL);
		return a == NULL ? 0 : store_put(st, TABLE_ALGOS, id_of(st, n->acct), a, f);
	}
	return 0;
}

static int
put_symbol(struct store *st, int sym, struct fault *f)
{
	struct symbol_row row = { .sym = sym };

	engine_symbol_state(st->engine, sym, &row.st);
	st->moved[sym] = st->stirred[sym] = false;
	return store_put(st, TABLE_SYMBOLS, 0, &row, f);
}

static void
known_now(const struct store *st, const struct account *a, struct known *k)
{
	*k = (struct known){ .id = id_of(st, a->acct), .hedge = engine_hedge(st->engine, a->acct),
	    .multi = engine_multi(st->engine, a->acct), .burn = engine_burn(st->engine, a->acct),
	    .tier = engine_tier(st->engine, a->acct) };
	memcpy(k->name, a->name, sizeof k->name);
	memcpy(k->key, a->key, sizeof k->key);
	if (a->made)
		memcpy(k->secret, a->secret, sizeof k->secret);
}

/* Looked at every turn: most of it changes without an event. */
static bool
is_written(const struct store *st, const struct account *a)
{
	const struct known *k = &st->seen[a->acct].k;

	return k->id != 0 && k->hedge == engine_hedge(st->engine, a->acct) &&
	    k->multi == engine_multi(st->engine, a->acct) &&
	    k->burn == engine_burn(st->engine, a->acct) &&
	    k->tier == engine_tier(st->engine, a->acct) && strcmp(k->key, a->key) == 0 &&
	    strcmp(k->name, a->name) == 0;
}

/* All of an account that has no row yet. */
static int
put_whole(struct store *st, int acct, struct fault *f)
{
	for (int i = 0; i < engine_assets(st->engine); i++)
		if (put_wallet(st, acct, i, f) == -1)
			return -1;
	for (int i = 0; i < engine_symbols(st->engine); i++)
		if (put_hold(st, acct, i, f) == -1)
			return -1;
	return 0;
}

static int
put_account(struct store *st, const struct account *a, struct fault *f)
{
	struct known k;
	sqlite3_stmt *q = st->put_account;
	const char *text[] = { k.name, k.key, k.secret };
	int num[4], r;

	known_now(st, a, &k);
	num[0] = k.hedge;
	num[1] = k.multi;
	num[2] = k.burn;
	num[3] = k.tier;
	if (k.id != 0)
		sqlite3_bind_int64(q, 1, k.id);
	else
		sqlite3_bind_null(q, 1);
	for (int i = 0; i < 3; i++)
		sqlite3_bind_text(q, i + 2, text[i], -1, SQLITE_TRANSIENT);
	for (int i = 0; i < 4; i++)
		sqlite3_bind_int(q, i + 5, num[i]);
	r = store_run(st, q, f);
	sqlite3_clear_bindings(q);
	if (r == 0 && k.id == 0) {
		k.id = st->seen[a->acct].k.id = sqlite3_last_insert_rowid(st->db);
		r = put_whole(st, a->acct, f);
	}
	st->seen[a->acct].k = k;
	return r;
}

/*
 * Histories of an account grow at their end: what is there behind the last row
 * written is new.
 */

static int
count_of(const struct engine *e, int acct, bool (*there)(const struct engine *e, int acct, int i))
{
	int lo = 0, hi = 1, mid;

	while (there(e, acct, hi - 1) && hi < 1 << 29)
		hi *= 2;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (there(e, acct, mid))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
trade_there(const struct engine *e, int acct, int i)
{
	return engine_trade_at(e, acct, i) != NULL;
}

static bool
amend_there(const struct engine *e, int acct, int i)
{
	return engine_amend_at(e, acct, i) != NULL;
}

static bool
same_trade(const struct engine_trade *a, const struct engine_trade *b)
{
	return a->id == b->id && a->sym == b->sym && a->order_id == b->order_id;
}

static int
put_trades(struct store *st, int acct, struct fault *f)
{
	struct seen *s = &st->seen[acct];
	int n = count_of(st->engine, acct, trade_there), i = n;

	while (i > 0 && !same_trade(engine_trade_at(st->engine, acct, i - 1), &s->trade))
		i--;
	for (; i < n; i++) {
		s->trade = *engine_trade_at(st->engine, acct, i);
		if (store_put(st, TABLE_TRADES, s->k.id, &s->trade, f) == -1)
			return -1;
	}
	s->traded = false;
	return 0;
}

static int
put_amends(struct store *st, int acct, struct fault *f)
{
	struct seen *s = &st->seen[acct];
	int n = count_of(st->engine, acct, amend_there), i = n;
	const struct engine_amend *a;

	while (i > 0 && engine_amend_at(st->engine, acct, i - 1)->id > s->amend)
		i--;
	for (; i < n; i++) {
		a = engine_amend_at(st->engine, acct, i);
		if (store_put(st, TABLE_AMENDS, s->k.id, a, f) == -1)
			return -1;
		s->amend = a->id;
	}
	s->amended = false;
	return 0;
}

static bool
move_there(const struct engine *e, int acct, int i)
{
	return engine_move_at(e, acct, i) != NULL;
}

static int
put_moves(struct store *st, int acct, struct fault *f)
{
	struct seen *s = &st->seen[acct];
	int n = count_of(st->engine, acct, move_there);

	for (int i = n - s->moves; i < n; i++)
		if (i >= 0 && store_put(st, TABLE_MOVES, s->k.id, engine_move_at(st->engine, acct, i), f) == -1)
			return -1;
	s->moves = 0;
	return 0;
}

static int
put_accounts(struct store *st, const struct sim *s, struct fault *f)
{
	const struct account *a;

	for (int i = 0; i < s->accounts.n; i++) {
		a = &s->accounts.v[i];
		if (!is_written(st, a) && put_account(st, a, f) == -1)
			return -1;
		if (st->seen[a->acct].traded && put_trades(st, a->acct, f) == -1)
			return -1;
		if (st->seen[a->acct].amended && put_amends(st, a->acct, f) == -1)
			return -1;
		if (st->seen[a->acct].moves > 0 && put_moves(st, a->acct, f) == -1)
			return -1;
	}
	return 0;
}

static int
put_symbols(struct store *st, bool lazy, struct fault *f)
{
	for (int i = 0; i < st->nsym; i++)
		if ((st->moved[i] || (lazy && st->stirred[i])) && put_symbol(st, i, f) == -1)
			return -1;
	return 0;
}

/* Rows that the exchange itself no longer shows. */
static int
forget(struct store *st, int64_t now, struct fault *f)
{
	sqlite3_stmt *q;
	char sql[160];
	int r = 0;

	for (int i = 0; i < TABLES && r == 0; i++) {
		if (store_tables[i].forget == NULL)
			continue;
		snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s", store_tables[i].name,
		    store_tables[i].forget);
		if (store_prepare(st, &q, sql, f) == -1)
			return -1;
		sqlite3_bind_int64(q, 1, now - RETENTION_MS);
		r = store_run(st, q, f);
		sqlite3_finalize(q);
	}
	st->forget_at = now + FORGET_MS;
	return r;
}

static int
put_all(struct store *st, const struct sim *s, bool lazy, struct fault *f)
{
	int64_t now = sim_now(s);

	if (put_accounts(st, s, f) == -1)
		return -1;
	for (int i = 0; i < st->nnote; i++)
		if (put_note(st, &st->note[i], f) == -1)
			return -1;
	for (int i = 0; i < st->nincome; i++)
		if (store_put(st, TABLE_INCOME, id_of(st, st->income_acct[i]), &st->income[i], f) == -1)
			return -1;
	st->nnote = st->nincome = 0;
	if (put_symbols(st, lazy, f) == -1)
		return -1;
	sqlite3_bind_int64(st->put_time, 1, now);
	if (store_run(st, st->put_time, f) == -1)
		return -1;
	st->time_ms = now;
	return now >= st->forget_at ? forget(st, now, f) : 0;
}

static bool
has_news(const struct store *st, const struct sim *s)
{
	if (st->nnote > 0 || st->nincome > 0)
		return true;
	for (int i = 0; i < s->accounts.n; i++)
		if (!is_written(st, &s->accounts.v[i]))
			return true;
	return false;
}

int
store_flush(struct store *st, struct sim *s, struct fault *f)
{
	bool lazy;

	if (st->engine == NULL)
		return 0;
	if (st->broken || st->no_memory)
		return fault_set(f, FAULT_LOCAL, "--state %s: it could not be written", st->path);
	lazy = serve_now() >= st->lazy_at;
	if (!lazy && !has_news(st, s))
		return 0;
	if (lazy)
		st->lazy_at = serve_now() + LAZY_MS;
	if (store_run(st, st->begin, f) == 0 && put_all(st, s, lazy, f) == 0 &&
	    store_run(st, st->commit, f) == 0)
		return 0;
	st->broken = true;
	(void)sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

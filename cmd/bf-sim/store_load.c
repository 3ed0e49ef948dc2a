/* The state out of the file into a new engine. */
#include <stdlib.h>
#include <string.h>

#include "accounts_read.h"
#include "store_in.h"

/* By its name, else by its key; NULL. */
static const struct known *
find(const struct store *st, const struct account *a)
{
	for (int i = 0; i < st->nknown; i++)
		if (strcmp(st->known[i].name, a->name) == 0)
			return &st->known[i];
	for (int i = 0; i < st->nknown; i++)
		if (strcmp(st->known[i].key, a->key) == 0)
			return &st->known[i];
	return NULL;
}

bool
store_has(const struct store *st, const struct account *a)
{
	return find(st, a) != NULL;
}

void
store_key(const struct store *st, struct account *a)
{
	for (int i = 0; i < st->nknown; i++)
		if (strcmp(st->known[i].name, a->name) == 0 && st->known[i].secret[0] != '\0') {
			memcpy(a->key, st->known[i].key, sizeof a->key);
			memcpy(a->secret, st->known[i].secret, sizeof a->secret);
			account_alias(a);
		}
}

/*
 * One row each
 */

union row {
	struct wallet_row wallet;
	struct symbol_row symbol;
	struct engine_hold_state hold;
	struct engine_leg_state leg;
	struct engine_order order;
	struct engine_trade trade;
	struct engine_income income;
	struct engine_amend amend;
	struct engine_margin_move move;
	struct engine_algo algo;
};

static int
restore(struct engine *e, enum table t, int acct, union row *r, struct fault *f)
{
	switch (t) {
	case TABLE_WALLETS:
		return engine_restore_wallet(e, acct, r->wallet.asset, r->wallet.balance,
		    r->wallet.update_ms, f);
	case TABLE_HOLDS:
		return engine_restore_hold(e, acct, &r->hold, f);
	case TABLE_LEGS:
		return engine_restore_leg(e, acct, &r->leg, f);
	case TABLE_SYMBOLS:
		return engine_restore_symbol(e, r->symbol.sym, &r->symbol.st, f);
	case TABLE_ORDERS:
		r->order.acct = acct;
		return engine_restore_order(e, &r->order, f);
	case TABLE_TRADES:
		return engine_restore_trade(e, acct, &r->trade, f);
	case TABLE_INCOME:
		return engine_restore_income(e, acct, &r->income, f);
	case TABLE_AMENDS:
		return engine_restore_amend(e, acct, &r->amend, f);
	case TABLE_MOVES:
		return engine_restore_move(e, acct, &r->move, f);
	case TABLE_ALGOS:
		r->algo.acct = acct;
		return engine_restore_algo(e, &r->algo, f);
	case TABLES:
		break;
	}
	return 0;
}

/* What was written last is known. */
static void
remember(struct store *st, enum table t, int acct, const union row *r)
{
	if (t == TABLE_TRADES)
		st->seen[acct].trade = r->trade;
	if (t == TABLE_AMENDS && r->amend.id > st->seen[acct].amend)
		st->seen[acct].amend = r->amend.id;
}

/* The account's number here; -1: it is not among today's. */
static int
acct_of(const struct store *st, int64_t id)
{
	for (int i = 0; i < st->nseen; i++)
		if (st->seen[i].k.id == id)
			return i;
	return -1;
}

static int
load_row(struct store *st, enum table t, sqlite3_stmt *q, int *lost, struct fault *f)
{
	int acct = store_tables[t].account ? acct_of(st, sqlite3_column_int64(q, 0)) : 0, got;
	struct fault why;
	union row r;

	if (acct == -1)
		return 0;
	memset(&r, 0, sizeof r);
	if ((got = store_get(st, t, q, &r, f)) == -1)
		return -1;
	if (got == 0) {
		++*lost;
		return 0;
	}
	if (restore(st->sim->engine, t, acct, &r, &why) == -1)
		return fault_set(f, why.kind == FAULT_LOCAL ? FAULT_LOCAL : FAULT_USAGE,
		    "--state %s: %s: %s", st->path, store_tables[t].name, why.text);
	remember(st, t, acct, &r);
	return 0;
}

static int
load_table(struct store *st, enum table t, int *lost, struct fault *f)
{
	sqlite3_stmt *q;
	int r, err = 0;

	if (store_select(st, t, &q, f) == -1)
		return -1;
	while ((r = sqlite3_step(q)) == SQLITE_ROW && err == 0)
		err = load_row(st, t, q, lost, f);
	if (err == 0 && r != SQLITE_DONE)
		err = store_fault(st, f);
	sqlite3_finalize(q);
	return err;
}

/*
 * All of it
 */

/* The modes come before anything that depends on them. */
static int
load_account(struct store *st, struct sim *s, const struct account *a, struct fault *f)
{
	const struct known *k = find(st, a);
	int64_t now = sim_now(s);

	if (k == NULL)
		return 0;
	st->seen[a->acct].k = *k;
	engine_set_burn(s->engine, a->acct, k->burn);
	if (engine_set_tier(s->engine, a->acct, k->tier, f) == -1 ||
	    (k->hedge && engine_set_hedge(s->engine, a->acct, true, now, f) == -1) ||
	    (k->multi && engine_set_multi(s->engine, a->acct, true, now, f) == -1))
		return -1;
	return 0;
}

static int
prepare(struct store *st, struct sim *s, struct fault *f)
{
	st->nseen = engine_accounts(s->engine);
	st->nsym = engine_symbols(s->engine);
	st->seen = calloc((size_t)st->nseen, sizeof *st->seen);
	st->moved = calloc((size_t)st->nsym, sizeof *st->moved);
	st->stirred = calloc((size_t)st->nsym, sizeof *st->stirred);
	if (st->seen == NULL || st->moved == NULL || st->stirred == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	st->sim = s;
	st->engine = s->engine;
	return 0;
}

int
store_load(struct store *st, struct sim *s, struct fault *f)
{
	int lost = 0;

	if (prepare(st, s, f) == -1)
		return -1;
	for (int i = 0; i < s->accounts.n; i++)
		if (load_account(st, s, &s->accounts.v[i], f) == -1)
			return -1;
	for (int t = 0; t < TABLES; t++)
		if (load_table(st, (enum table)t, &lost, f) == -1)
			return -1;
	st->nnote = st->nincome = 0;	/* what is there is written */
	if (lost > 0)
		sim_say("--state %s: %d rows are of symbols that are not listed any more; passed over",
		    st->path, lost);
	return st->nknown > 0;
}

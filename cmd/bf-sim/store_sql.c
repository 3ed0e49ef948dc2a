/* Tables, and rows out of structs. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "store_in.h"

#define F(k, type, m)	{ #m, FIELD_##k, offsetof(type, m), sizeof ((type *)0)->m }
#define M(k, type, name, m)	{ name, FIELD_##k, offsetof(type, m), sizeof ((type *)0)->m }
#define E(type, name, m, last)	{ name, FIELD_ENUM, offsetof(type, m), (size_t)(last) + 1 }
#define LEG(m)		E(T, #m, m, MODE_SHORT)
#define TYPE(m)		E(T, #m, m, ORDER_TRAILING_STOP_MARKET)
#define TERMS		E(T, "tif", tif, TIF_GTD), E(T, "stp", stp, STP_EXPIRE_BOTH), \
			E(T, "price_match", match, MATCH_QUEUE_20)
#define LIST(a)		a, sizeof a / sizeof *a

#define T struct wallet_row
static const struct field wallets[] = { F(ASSET, T, asset), F(DEC, T, balance),
	F(I64, T, update_ms) };
#undef T
#define T struct engine_hold_state
static const struct field holds[] = { M(SYMBOL, T, "symbol", sym), F(INT, T, leverage),
	F(BOOL, T, isolated) };
#undef T
#define T struct engine_leg_state
static const struct field legs[] = { M(SYMBOL, T, "symbol", sym), LEG(leg), F(DEC, T, amt),
	F(DEC, T, entry), F(DEC, T, paid), F(DEC, T, realized), F(DEC, T, iso),
	F(I64, T, update_ms) };
#undef T
#define T struct symbol_row
static const struct field symbols[] = { M(SYMBOL, T, "symbol", sym),
	M(U64, T, "next_id", st.next_id), M(U64, T, "trade_id", st.trade_id),
	M(U64, T, "update_id", st.update_id), M(DEC, T, "mark", st.mark),
	M(DEC, T, "index_price", st.index), M(DEC, T, "last", st.last) };
#undef T
#define T struct engine_order
static const struct field orders[] = { M(SYMBOL, T, "symbol", sym), F(U64, T, id),
	F(TEXT, T, client_id), F(SIDE, T, side), LEG(pos_mode), TYPE(type), TYPE(orig_type), TERMS,
	E(T, "kind", kind, KIND_SETTLEMENT), F(BOOL, T, reduce), F(BOOL, T, close),
	F(BOOL, T, protect), F(BOOL, T, by_mark), F(DEC, T, price), F(DEC, T, stop), F(DEC, T, qty),
	F(DEC, T, filled), F(DEC, T, quote), F(DEC, T, base), F(DEC, T, coins),
	E(T, "status", status, STATUS_EXPIRED_IN_MATCH), F(INT, T, reason), F(I64, T, gtd_ms),
	F(I64, T, modify_id), F(INT, T, amended), F(U64, T, algo_id), F(DEC, T, activate),
	F(DEC, T, callback), F(I64, T, time_ms), F(I64, T, update_ms) };
#undef T
#define T struct engine_trade
static const struct field trades[] = { M(SYMBOL, T, "symbol", sym), F(U64, T, id),
	F(U64, T, order_id), F(SIDE, T, side), LEG(pos_mode), F(BOOL, T, maker),
	F(DEC, T, price), F(DEC, T, qty), F(DEC, T, quote), F(DEC, T, base), F(DEC, T, commission),
	F(ASSET, T, fee_asset), F(DEC, T, pnl), F(I64, T, time_ms) };
#undef T
#define T struct engine_income
static const struct field income[] = { F(INCOME, T, type), M(SYMBOL, T, "symbol", sym),
	F(ASSET, T, asset), F(DEC, T, amount), F(TEXT, T, info), F(U64, T, tran_id),
	F(U64, T, trade_id), F(I64, T, time_ms) };
#undef T
#define T struct engine_amend
static const struct field amends[] = { F(U64, T, id), F(U64, T, order_id),
	M(SYMBOL, T, "symbol", sym), F(DEC, T, price_was), F(DEC, T, price), F(DEC, T, qty_was),
	F(DEC, T, qty), F(INT, T, count), F(I64, T, modify_id), F(I64, T, time_ms) };
#undef T
#define T struct engine_margin_move
static const struct field moves[] = { M(SYMBOL, T, "symbol", sym), LEG(pos_mode),
	F(DEC, T, amount), F(I64, T, time_ms) };
#undef T
#define T struct engine_algo
static const struct field algos[] = { M(SYMBOL, T, "symbol", sym), F(U64, T, id),
	F(TEXT, T, client_id), F(SIDE, T, side), LEG(pos_mode), TYPE(type), TERMS, F(BOOL, T, reduce),
	F(BOOL, T, close), F(BOOL, T, protect), F(BOOL, T, by_mark), F(DEC, T, qty), F(DEC, T, price),
	M(DEC, T, "trigger_price", trigger), F(DEC, T, activate), F(DEC, T, callback),
	F(BOOL, T, active), F(DEC, T, extreme), E(T, "status", status, ALGO_EXPIRED),
	F(U64, T, order_id), F(TEXT, T, reject), F(I64, T, time_ms), F(I64, T, update_ms),
	F(I64, T, trigger_ms), F(I64, T, gtd_ms) };
#undef T

const struct table_spec store_tables[TABLES] = {
	[TABLE_WALLETS] = { "wallets", true, LIST(wallets), "account, asset", NULL },
	[TABLE_HOLDS] = { "holds", true, LIST(holds), "account, symbol", NULL },
	[TABLE_LEGS] = { "legs", true, LIST(legs), "account, symbol, leg", NULL },
	[TABLE_SYMBOLS] = { "symbols", false, LIST(symbols), "symbol", NULL },
	[TABLE_ORDERS] = { "orders", true, LIST(orders), "symbol, id", "status > 1 AND time_ms < ?1" },
	[TABLE_TRADES] = { "trades", true, LIST(trades), "symbol, id, order_id", "time_ms < ?1" },
	[TABLE_INCOME] = { "income", true, LIST(income), NULL, "time_ms < ?1" },
	[TABLE_AMENDS] = { "amends", true, LIST(amends), "id", "time_ms < ?1" },
	[TABLE_MOVES] = { "moves", true, LIST(moves), NULL, "time_ms < ?1" },
	[TABLE_ALGOS] = { "algos", true, LIST(algos), "id", "status <> 0 AND time_ms < ?1" },
};
/* `forget` counts on these. */
_Static_assert(STATUS_NEW == 0 && STATUS_PARTIALLY_FILLED == 1 && ALGO_NEW == 0, "layout");

/*
 * SQL
 */

int
store_fault(const struct store *st, struct fault *f)
{
	return fault_set(f, FAULT_LOCAL, "--state %s: %s", st->path, sqlite3_errmsg(st->db));
}

int
store_exec(struct store *st, const char *sql, struct fault *f)
{
	return sqlite3_exec(st->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fault(st, f);
}

int
store_prepare(struct store *st, sqlite3_stmt **out, const char *sql, struct fault *f)
{
	return sqlite3_prepare_v3(st->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK ?
	    0 : store_fault(st, f);
}

int
store_run(struct store *st, sqlite3_stmt *q, struct fault *f)
{
	int r = sqlite3_step(q) == SQLITE_DONE ? 0 : store_fault(st, f);

	sqlite3_reset(q);
	return r;
}

static const char *
column_type(enum field_kind k)
{
	switch (k) {
	case FIELD_INT:
	case FIELD_ENUM:
	case FIELD_SIDE:
	case FIELD_I64:
	case FIELD_U64:
	case FIELD_BOOL:
		return "INTEGER";
	case FIELD_SYMBOL:
	case FIELD_ASSET:
	case FIELD_DEC:
	case FIELD_TEXT:
	case FIELD_INCOME:
		break;
	}
	return "TEXT";
}

/* CREATE TABLE; the order of rows is that of their making. */
static int
make_table(struct store *st, const struct table_spec *t, struct fault *f)
{
	struct buf b = { 0 };
	int r;

	buf_printf(&b, "CREATE TABLE %s (seq INTEGER PRIMARY KEY", t->name);
	if (t->account)
		buf_str(&b, ", account INTEGER NOT NULL");
	for (int i = 0; i < t->n; i++)
		buf_printf(&b, ", %s %s NOT NULL", t->field[i].name, column_type(t->field[i].kind));
	if (t->unique != NULL)
		buf_printf(&b, ", UNIQUE (%s)", t->unique);
	buf_str(&b, ")");
	r = b.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : store_exec(st, b.p, f);
	buf_free(&b);
	return r;
}

int
store_make_tables(struct store *st, struct fault *f)
{
	for (int i = 0; i < TABLES; i++)
		if (make_table(st, &store_tables[i], f) == -1)
			return -1;
	return 0;
}

static void
put_columns(struct buf *b, const struct table_spec *t)
{
	if (t->account)
		buf_str(b, "account, ");
	for (int i = 0; i < t->n; i++)
		buf_printf(b, "%s%s", i > 0 ? ", " : "", t->field[i].name);
}

static int
prepare_put(struct store *st, enum table k, struct fault *f)
{
	const struct table_spec *t = &store_tables[k];
	struct buf b = { 0 };
	int r;

	buf_printf(&b, "INSERT INTO %s (", t->name);
	put_columns(&b, t);
	buf_str(&b, ") VALUES (?1");
	for (int i = 1; i < t->n + (t->account ? 1 : 0); i++)
		buf_printf(&b, ", ?%d", i + 1);
	buf_str(&b, ")");
	if (t->unique != NULL)
		buf_printf(&b, " ON CONFLICT (%s) DO UPDATE SET ", t->unique);
	for (int i = 0; t->unique != NULL && i < t->n; i++)
		buf_printf(&b, "%s%s = excluded.%s", i > 0 ? ", " : "", t->field[i].name,
		    t->field[i].name);
	r = b.bad ? fault_set(f, FAULT_LOCAL, "out of memory") :
	    store_prepare(st, &st->put[k], b.p, f);
	buf_free(&b);
	return r;
}

int
store_prepare_tables(struct store *st, struct fault *f)
{
	for (int i = 0; i < TABLES; i++)
		if (prepare_put(st, (enum table)i, f) == -1)
			return -1;
	return 0;
}

int
store_select(struct store *st, enum table k, sqlite3_stmt **q, struct fault *f)
{
	struct buf b = { 0 };
	int r;

	buf_str(&b, "SELECT ");
	put_columns(&b, &store_tables[k]);
	buf_printf(&b, " FROM %s ORDER BY seq", store_tables[k].name);
	r = b.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : store_prepare(st, q, b.p, f);
	buf_free(&b);
	return r;
}

/*
 * A struct into a row
 */

static void
bind_asset(const struct store *st, sqlite3_stmt *q, int at, int asset)
{
	const struct engine_asset_info *a = asset < 0 ? NULL : engine_asset_at(st->engine, asset);
	char name[ENGINE_ASSET + 8];

	snprintf(name, sizeof name, "%s%s", a != NULL && a->market == COINM ? "coinm." : "",
	    a != NULL ? a->name : "");
	sqlite3_bind_text(q, at, name, -1, SQLITE_TRANSIENT);
}

static void
bind_field(const struct store *st, sqlite3_stmt *q, int at, const struct field *fd,
    const char *member)
{
	char text[DEC_STR];
	int sym;

	switch (fd->kind) {
	case FIELD_SYMBOL:
		sym = *(const int *)(const void *)member;
		sqlite3_bind_text(q, at, sym < 0 ? "" : engine_rules(st->engine, sym)->symbol, -1,
		    SQLITE_STATIC);
		break;
	case FIELD_ASSET:
		bind_asset(st, q, at, *(const int *)(const void *)member);
		break;
	case FIELD_INT:
	case FIELD_ENUM:
	case FIELD_SIDE:
		sqlite3_bind_int(q, at, *(const int *)(const void *)member);
		break;
	case FIELD_I64:
	case FIELD_U64:		/* the exchange's are below 2^63 */
		sqlite3_bind_int64(q, at, *(const int64_t *)(const void *)member);
		break;
	case FIELD_BOOL:
		sqlite3_bind_int(q, at, *(const bool *)(const void *)member);
		break;
	case FIELD_DEC:
		dec_print(*(const dec *)(const void *)member, text);
		sqlite3_bind_text(q, at, text, -1, SQLITE_TRANSIENT);
		break;
	case FIELD_TEXT:
		sqlite3_bind_text(q, at, member, -1, SQLITE_TRANSIENT);
		break;
	case FIELD_INCOME:
		sqlite3_bind_text(q, at, *(const char *const *)(const void *)member, -1, SQLITE_STATIC);
		break;
	}
}

int
store_put(struct store *st, enum table k, int64_t account, const void *row, struct fault *f)
{
	const struct table_spec *t = &store_tables[k];
	sqlite3_stmt *q = st->put[k];
	int at = 1;

	if (t->account)
		sqlite3_bind_int64(q, at++, account);
	for (int i = 0; i < t->n; i++)
		bind_field(st, q, at++, &t->field[i], (const char *)row + t->field[i].at);
	return store_run(st, q, f);
}

/*
 * A row into a struct
 */

/* Static texts of the types of income there are; NULL. */
static const char *
income_type(const char *s)
{
	static const char *const known[] = { "TRANSFER", "WELCOME_BONUS", "REALIZED_PNL",
	    "FUNDING_FEE", "COMMISSION", "INSURANCE_CLEAR", "REFERRAL_KICKBACK",
	    "COMMISSION_REBATE", "API_REBATE", "CONTEST_REWARD", "CROSS_COLLATERAL_TRANSFER",
	    "OPTIONS_PREMIUM_FEE", "OPTIONS_SETTLE_PROFIT", "INTERNAL_TRANSFER", "AUTO_EXCHANGE",
	    "DELIVERED_SETTELMENT", "COIN_SWAP_DEPOSIT", "COIN_SWAP_WITHDRAW",
	    "POSITION_LIMIT_INCREASE_FEE", "STRATEGY_UMFUTURES_TRANSFER", "FEE_RETURN",
	    "BFUSD_REWARD" };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i], s) == 0)
			return known[i];
	return NULL;
}

static int
asset_of(const struct store *st, const char *s)
{
	bool coinm = strncmp(s, "coinm.", 6) == 0;

	return engine_asset(st->engine, coinm ? COINM : USDM, coinm ? s + 6 : s);
}

/* Whether an int, an enum's or a side's, can have the number. */
static bool
is_value(const struct field *fd, int64_t n)
{
	if (fd->kind == FIELD_SIDE)
		return n == SIDE_BUY || n == SIDE_SELL;
	if (fd->kind == FIELD_ENUM)
		return n >= 0 && n < (int64_t)fd->size;
	return n >= INT_MIN && n <= INT_MAX;
}

/* 1, 0: a name that is not there any more, -1: not what was written. */
static int
read_field(const struct store *st, sqlite3_stmt *q, int at, const struct field *fd, char *member)
{
	const char *s = (const char *)sqlite3_column_text(q, at);
	int64_t n = sqlite3_column_int64(q, at);
	int num;

	if (s == NULL)
		return -1;
	switch (fd->kind) {
	case FIELD_SYMBOL:
	case FIELD_ASSET:
		num = *s == '\0' ? -1 : fd->kind == FIELD_ASSET ? asset_of(st, s) :
		    engine_symbol(st->engine, s);
		memcpy(member, &num, sizeof num);
		return num != -1 || *s == '\0';
	case FIELD_INT:
	case FIELD_ENUM:
	case FIELD_SIDE:
		num = (int)n;
		memcpy(member, &num, sizeof num);
		return is_value(fd, n) ? 1 : -1;
	case FIELD_I64:
	case FIELD_U64:
		memcpy(member, &n, sizeof n);
		return 1;
	case FIELD_BOOL:
		*(bool *)(void *)member = n != 0;
		return 1;
	case FIELD_DEC:
		return dec_parse((dec *)(void *)member, s) ? 1 : -1;
	case FIELD_TEXT:
		if (strlen(s) >= fd->size)
			return -1;
		memcpy(member, s, strlen(s) + 1);
		return 1;
	case FIELD_INCOME:
		s = income_type(s);
		memcpy(member, &s, sizeof s);
		return s != NULL ? 1 : -1;
	}
	return -1;
}

int
store_get(struct store *st, enum table k, sqlite3_stmt *q, void *row, struct fault *f)
{
	const struct table_spec *t = &store_tables[k];
	int at = t->account ? 1 : 0, all = 1, got;

	for (int i = 0; i < t->n; i++) {
		got = read_field(st, q, at++, &t->field[i], (char *)row + t->field[i].at);
		if (got == -1)
			return fault_set(f, FAULT_USAGE, "--state %s: damaged: %s.%s", st->path, t->name,
			    t->field[i].name);
		all &= got;
	}
	return all;
}

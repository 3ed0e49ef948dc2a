/*
 * The inside of the store. Every table keeps one kind of struct of engine.h;
 * which member goes into which column is told by a list of fields, from which
 * the SQL is made. Decimals are text, symbols and assets are names ("BTCUSDT",
 * "coinm.BTC"), enums their numbers: a change of one is a new STORE_LAYOUT.
 */
#ifndef BF_SIM_STORE_IN_H
#define BF_SIM_STORE_IN_H

#include <sqlite3.h>

#include "store.h"

#define STORE_APPLICATION 0x62665353	/* "bfSS" */
#define STORE_LAYOUT	1

enum field_kind {
	FIELD_SYMBOL,	/* int: a symbol's number */
	FIELD_ASSET,	/* int: an asset's number; -1: none */
	FIELD_INT,
	FIELD_ENUM,	/* an int from 0 to below size */
	FIELD_SIDE,
	FIELD_I64, FIELD_U64,
	FIELD_BOOL, FIELD_DEC,
	FIELD_TEXT,	/* char[] */
	FIELD_INCOME	/* const char *: a type of income */
};
struct field { const char *name; enum field_kind kind; size_t at, size; };

enum table {
	TABLE_WALLETS, TABLE_HOLDS, TABLE_LEGS, TABLE_SYMBOLS, TABLE_ORDERS, TABLE_TRADES,
	TABLE_INCOME, TABLE_AMENDS, TABLE_MOVES, TABLE_ALGOS, TABLES
};
struct table_spec {
	const char *name;
	bool	account;	/* the first column is an account's id */
	const struct field *field; int n;
	const char *unique;	/* a row replaces the one alike in these; NULL: rows are added */
	const char *forget;	/* which rows 90 days (?1) make old; NULL: none */
};
extern const struct table_spec store_tables[TABLES];

/* Rows that no struct of engine.h has. */
struct wallet_row { int asset; dec balance; int64_t update_ms; };
struct symbol_row { int sym; struct engine_symbol_state st; };

/* An account as the file knows it. */
struct known {
	int64_t	id;
	char	name[32], key[ACCOUNT_KEY], secret[ACCOUNT_KEY];
	bool	hedge, multi, burn;
	int	tier;
};

/* Something that has changed. */
enum note_kind { NOTE_ORDER, NOTE_WALLET, NOTE_HOLD, NOTE_ALGO };
struct note { enum note_kind kind; int acct, what; uint64_t id; };

/* What is known of an account in the engine. */
struct seen {
	struct known	k;		/* as it was written; id 0: not yet */
	bool		traded, amended;	/* there is more of it since the last turn */
	struct engine_trade trade;	/* the last one written */
	uint64_t	amend;		/* id of the last one written */
	int		moves;		/* of isolated margin, since the last turn */
};

struct store {
	sqlite3		*db;
	char		 path[512];
	sqlite3_stmt	*begin, *commit, *put_account, *put_time;
	sqlite3_stmt	*put[TABLES];
	struct sim	*sim;		/* from store_load on */
	const struct engine *engine;	/* likewise */
	struct known	*known; int nknown;	/* as they were when the file was opened */
	struct seen	*seen; int nseen;	/* by account number */
	struct note	*note; int nnote, cnote;
	struct engine_income *income; int *income_acct; int nincome, cincome;
	bool		*moved, *stirred; int nsym;	/* symbols: to be written now; by and by */
	int64_t		 time_ms;	/* exchange time written last */
	int64_t		 lazy_at, forget_at;	/* serve_now, exchange time */
	bool		 no_memory, broken;
};

/* --- store_sql.c --- */
/* FAULT_LOCAL with SQLite's own words. */
int store_fault(const struct store *st, struct fault *f);
int store_exec(struct store *st, const char *sql, struct fault *f);
int store_prepare(struct store *st, sqlite3_stmt **out, const char *sql, struct fault *f);
/* Run a statement that gives no rows. */
int store_run(struct store *st, sqlite3_stmt *q, struct fault *f);
int store_make_tables(struct store *st, struct fault *f);
int store_prepare_tables(struct store *st, struct fault *f);
/* Write one row; account: its id, of no account where the table has none. */
int store_put(struct store *st, enum table t, int64_t account, const void *row, struct fault *f);
/* Read the row that q stands on (its columns: account, then fields) into row. 1; 0: it is of a
 * symbol or asset that is not there any more. FAULT_USAGE: damaged. */
int store_get(struct store *st, enum table t, sqlite3_stmt *q, void *row, struct fault *f);
/* SELECT of a table in the order of its rows. */
int store_select(struct store *st, enum table t, sqlite3_stmt **q, struct fault *f);

#endif

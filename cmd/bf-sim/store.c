/* Opening and closing the file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "store_in.h"

#define ACCOUNTS_TABLE \
	"CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, " \
	"key TEXT NOT NULL, secret TEXT NOT NULL, hedge INTEGER NOT NULL, multi INTEGER NOT NULL, " \
	"burn INTEGER NOT NULL, tier INTEGER NOT NULL);" \
	"CREATE TABLE times (name TEXT PRIMARY KEY, ms INTEGER NOT NULL)"
#define PUT_ACCOUNT \
	"INSERT INTO accounts (id, name, key, secret, hedge, multi, burn, tier) " \
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET " \
	"name = excluded.name, key = excluded.key, secret = excluded.secret, " \
	"hedge = excluded.hedge, multi = excluded.multi, burn = excluded.burn, tier = excluded.tier"
#define PUT_TIME \
	"INSERT INTO times (name, ms) VALUES ('exchange', ?1) ON CONFLICT (name) DO UPDATE SET ms = ?1"

/*
 * Opening
 */

/* The file is there, ours alone, and not another's device. */
static int
make_file(struct store *st, const char *path, struct fault *f)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	struct stat sb = { 0 };

	if (fd == -1 || fstat(fd, &sb) == -1) {
		fault_set(f, FAULT_LOCAL, "--state %s: %s", path, strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	close(fd);
	if (!S_ISREG(sb.st_mode))
		return fault_set(f, FAULT_USAGE, "--state %s: not a regular file", path);
	if ((sb.st_mode & 077) != 0)
		return fault_set(f, FAULT_USAGE, "--state %s: others may use it (mode %04o): chmod 600 it",
		    path, (unsigned)sb.st_mode & 07777);
	if (snprintf(st->path, sizeof st->path, "%s", path) >= (int)sizeof st->path)
		return fault_set(f, FAULT_USAGE, "--state %s: the path is too long", path);
	return 0;
}

static int
open_file(struct store *st, struct fault *f)
{
	char path[sizeof st->path + 2];

	/* SQLite has its own ideas of names that begin with ':'. */
	snprintf(path, sizeof path, "%s%s", st->path[0] == '/' ? "" : "./", st->path);
	return sqlite3_open_v2(path, &st->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK ? 0 :
	    store_fault(st, f);
}

/* What SQLite says of a file at first sight. */
static int
first_fault(const struct store *st, struct fault *f)
{
	switch (sqlite3_errcode(st->db)) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return fault_set(f, FAULT_USAGE, "--state %s: in use by another bf-sim", st->path);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return fault_set(f, FAULT_USAGE, "--state %s: not a file of bf-sim's: %s", st->path,
		    sqlite3_errmsg(st->db));
	default:
		return store_fault(st, f);
	}
}

static int
number(struct store *st, const char *sql, int64_t *out, struct fault *f)
{
	sqlite3_stmt *q = NULL;
	int r;

	*out = 0;
	if (sqlite3_prepare_v2(st->db, sql, -1, &q, NULL) != SQLITE_OK)
		return first_fault(st, f);
	r = sqlite3_step(q);
	if (r == SQLITE_ROW)
		*out = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return r == SQLITE_ROW || r == SQLITE_DONE ? 0 : first_fault(st, f);
}

/* 1: new and empty, 0: ours. */
static int
whose(struct store *st, struct fault *f)
{
	int64_t app, layout, things;

	if (number(st, "PRAGMA application_id", &app, f) == -1 ||
	    number(st, "PRAGMA user_version", &layout, f) == -1 ||
	    number(st, "SELECT count(*) FROM sqlite_master", &things, f) == -1)
		return -1;
	if (app == 0 && layout == 0 && things == 0)
		return 1;
	if (app != STORE_APPLICATION)
		return fault_set(f, FAULT_USAGE, "--state %s: a database of another program", st->path);
	if (layout != STORE_LAYOUT)
		return fault_set(f, FAULT_USAGE, "--state %s: its layout is %lld, this bf-sim knows %d",
		    st->path, (long long)layout, STORE_LAYOUT);
	return 0;
}

static int
make_tables(struct store *st, struct fault *f)
{
	char sql[96];

	snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
	    STORE_APPLICATION, STORE_LAYOUT);
	if (store_exec(st, ACCOUNTS_TABLE, f) == -1 || store_exec(st, sql, f) == -1)
		return -1;
	return store_make_tables(st, f);
}

/* In exclusive mode the lock of the first transaction is kept until the end. */
static int
open_tables(struct store *st, struct fault *f)
{
	int fresh;

	if (sqlite3_exec(st->db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(st->db, "BEGIN EXCLUSIVE; COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return first_fault(st, f);
	if ((fresh = whose(st, f)) == -1)
		return -1;
	if (sqlite3_exec(st->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN EXCLUSIVE",
	    NULL, NULL, NULL) != SQLITE_OK)
		return first_fault(st, f);
	if (fresh == 1 && make_tables(st, f) == -1)
		return -1;
	return store_exec(st, "COMMIT", f);
}

static void
copy_text(char *out, size_t size, sqlite3_stmt *q, int at)
{
	const char *s = (const char *)sqlite3_column_text(q, at);

	snprintf(out, size, "%s", s != NULL ? s : "");
}

static int
add_known(struct store *st, sqlite3_stmt *q, struct fault *f)
{
	struct known *k = realloc(st->known, ((size_t)st->nknown + 1) * sizeof *k);

	if (k == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	st->known = k;
	k += st->nknown++;
	k->id = sqlite3_column_int64(q, 0);
	copy_text(k->name, sizeof k->name, q, 1);
	copy_text(k->key, sizeof k->key, q, 2);
	copy_text(k->secret, sizeof k->secret, q, 3);
	k->hedge = sqlite3_column_int(q, 4) != 0;
	k->multi = sqlite3_column_int(q, 5) != 0;
	k->burn = sqlite3_column_int(q, 6) != 0;
	k->tier = sqlite3_column_int(q, 7);
	return 0;
}

static int
read_known(struct store *st, struct fault *f)
{
	sqlite3_stmt *q;
	int r, err = 0;

	if (store_prepare(st, &q, "SELECT id, name, key, secret, hedge, multi, burn, tier FROM accounts "
	    "ORDER BY id", f) == -1)
		return -1;
	while ((r = sqlite3_step(q)) == SQLITE_ROW && err == 0)
		err = add_known(st, q, f);
	sqlite3_finalize(q);
	if (err == -1)
		return -1;
	return r == SQLITE_DONE ? number(st, "SELECT ms FROM times", &st->time_ms, f) : store_fault(st, f);
}

static int
prepare_all(struct store *st, struct fault *f)
{
	if (store_prepare(st, &st->begin, "BEGIN", f) == -1 ||
	    store_prepare(st, &st->commit, "COMMIT", f) == -1 ||
	    store_prepare(st, &st->put_account, PUT_ACCOUNT, f) == -1 ||
	    store_prepare(st, &st->put_time, PUT_TIME, f) == -1)
		return -1;
	return store_prepare_tables(st, f);
}

struct store *
store_open(const char *path, struct fault *f)
{
	struct store *st = calloc(1, sizeof *st);

	if (st == NULL) {
		fault_set(f, FAULT_LOCAL, "out of memory");
		return NULL;
	}
	if (make_file(st, path, f) == 0 && open_file(st, f) == 0 && open_tables(st, f) == 0 &&
	    prepare_all(st, f) == 0 && read_known(st, f) == 0)
		return st;
	store_close(st);
	return NULL;
}

void
store_close(struct store *st)
{
	struct fault f;

	if (st == NULL)
		return;
	st->lazy_at = 0;
	if (st->sim != NULL && st->sim->live)
		(void)store_flush(st, st->sim, &f);
	sqlite3_finalize(st->begin);
	sqlite3_finalize(st->commit);
	sqlite3_finalize(st->put_account);
	sqlite3_finalize(st->put_time);
	for (int i = 0; i < TABLES; i++)
		sqlite3_finalize(st->put[i]);
	sqlite3_close(st->db);
	if (st->known != NULL)
		OPENSSL_cleanse(st->known, (size_t)st->nknown * sizeof *st->known);
	free(st->known);
	free(st->seen);
	free(st->note);
	free(st->income);
	free(st->income_acct);
	free(st->moved);
	free(st->stirred);
	free(st);
}

int64_t
store_time(const struct store *st)
{
	return st->time_ms;
}

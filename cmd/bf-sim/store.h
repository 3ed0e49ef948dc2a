/*
 * The exchange's state in an SQLite file, so that paper trading lasts: accounts
 * (by their name and key), wallets, settings, positions, orders, conditional
 * orders, histories, counters of ids. Written after each call of the engine
 * (sim_settle) in one transaction, before the answers of that turn leave.
 */
#ifndef BF_SIM_STORE_H
#define BF_SIM_STORE_H

#include "sim.h"

/* Open or make the file (0600). FAULT_LOCAL; FAULT_USAGE: it is another
 * program's, of a newer layout, or in use by another bf-sim. */
struct store *store_open(const char *path, struct fault *f);
/* Whether the file knows the account (by its name, else its key). */
bool store_has(const struct store *st, const struct account *a);
/* The key and secret that an account of this name, made at the start and not
 * read from a file, had then; nothing changes if it is not known. */
void store_key(const struct store *st, struct account *a);
/* The exchange time that was written last; 0: none. */
int64_t store_time(const struct store *st);
/* Put the state back into a new engine: 1, or 0 if the file held none yet. -1. */
int store_load(struct store *st, struct sim *s, struct fault *f);
/* What an event changed is noted. */
void store_event(struct store *st, const struct engine_event *ev);
/* Write what was noted. -1: once, and then for ever (FAULT_LOCAL). */
int store_flush(struct store *st, struct sim *s, struct fault *f);
/* Writes what is left (the engine must still be there) and closes. */
void store_close(struct store *st);

#endif

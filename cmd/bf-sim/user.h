/*
 * User data streams: their listen keys, one per account and market, and their
 * events.
 */
#ifndef BF_SIM_USER_H
#define BF_SIM_USER_H

#include "sim.h"

#define USER_KEY 64	/* characters of a listen key: [A-Za-z0-9] */

struct user *user_new(struct sim *s, int64_t life_ms);
void user_free(struct user *u);

/* The key, made if there is none, and its life begun anew. NULL: no random bytes. */
const char *user_key_new(struct user *u, int acct, enum product m, int64_t now_ms);
/* The key with its life begun anew; NULL: there is none. */
const char *user_key_keep(struct user *u, int acct, enum product m, int64_t now_ms);
void user_key_close(struct user *u, int acct, enum product m);
/* Whose key this is (n bytes): true, *acct and *m; false: nobody's. */
bool user_key_of(const struct user *u, const char *key, size_t n, int *acct, enum product *m);
/* End it now, with the event (`sim expire_listenkey`); acct -1: all. */
void user_key_expire(struct user *u, int acct, int64_t now_ms);

/* Exchange time; INT64_MAX: never. */
int64_t user_due(const struct user *u);
void user_tick(struct user *u, int64_t now_ms);

/* An event of the engine, for those who listen. */
void user_event(struct user *u, const struct engine_event *ev);
/* `sim margin_call`: one as things stand, whatever the ratio. */
void user_margin_call(struct user *u, int acct, int64_t now_ms);

#endif

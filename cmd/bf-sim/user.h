/* The user data stream: its listen key and its events. */
#ifndef BF_SIM_USER_H
#define BF_SIM_USER_H

#include "sim.h"

#define USER_KEY 64	/* characters of a listen key */

struct user;

struct user *user_new(struct sim *s, int64_t life_ms);
void user_free(struct user *u);

/* The key, made if there is none, and its life begun anew. NULL: no random bytes. */
const char *user_key_new(struct user *u, int64_t now_ms);
/* The key with its life begun anew; NULL: there is none. */
const char *user_key_keep(struct user *u, int64_t now_ms);
void user_key_close(struct user *u);
/* Whether key is the one that lives. */
bool user_key_is(const struct user *u, const char *key);

/* When user_tick is wanted, exchange time; INT64_MAX: never. */
int64_t user_due(const struct user *u);
void user_tick(struct user *u, int64_t now_ms);

/* An event of the engine, for those who listen. */
void user_event(struct user *u, const struct engine_event *ev);

#endif

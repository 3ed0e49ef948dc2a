/* The inside of user.h: user.c (listen keys, and which event goes where),
 * user_order.c (orders), user_account.c (money, positions, settings). */
#ifndef BF_SIM_USER_IN_H
#define BF_SIM_USER_IN_H

#include "number.h"
#include "user.h"

struct user_key { char text[USER_KEY + 1]; int64_t until; };	/* "": none */

struct user {
	struct sim *s;
	int64_t	life_ms;
	struct user_key (*key)[2];	/* by the engine's account and market */
	int	nkey;			/* accounts there is room for */
	int64_t	due;			/* no key ends before */
	struct buf b;			/* room for a message */
};

/* --- user.c --- */
/* Whether anybody of the account hears such an event of this market. */
bool user_heard(struct user *u, int acct, enum product m, const char *e);
/* '{' with "e" and "E"; user_push closes it and sends it. */
struct buf *user_begin(struct user *u, const char *e, int64_t ms);
void user_push(struct user *u, int acct, enum product m, const char *e);
/* COIN-M events have the account's alias: "i". */
void user_alias(struct user *u, int acct, enum product m);
const char *user_symbol(const struct user *u, int sym);

/* --- user_order.c, user_account.c --- */
void user_order(struct user *u, const struct engine_event *ev);
void user_algo(struct user *u, const struct engine_event *ev);
void user_account(struct user *u, const struct engine_event *ev);
void user_config(struct user *u, const struct engine_event *ev);
void user_call(struct user *u, const struct engine_event *ev);

#endif

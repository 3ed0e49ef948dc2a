/*
 * The account's events of one market: the life of its listenKey, its connection, and
 * after any gap what was missed, asked of REST and marked, so that a fill is reported
 * exactly once.
 */
#ifndef BF_STREAM_USER_H
#define BF_STREAM_USER_H

#include "stream.h"

/* Begin: asks for a key (in the worker) and adds the connection. */
int user_open(struct user **out, struct app *a, enum market m, struct fault *f);
void user_free(struct user *u);
/* Its conn's events, handed on by the owner of the loop. */
int  user_path(struct user *u, char *out, size_t size);		/* as ws_events.path */
void user_state(struct user *u, struct ws_conn *c, enum ws_state st, const struct ws_why *why);
void user_text(struct user *u, const char *p, size_t n);
void user_tick(struct user *u, int64_t mono_ms);
/* At the end: events that wait for what was missed before them are told without it. */
void user_flush(struct user *u);
/* The connection is this user's. */
bool user_has(const struct user *u, const struct ws_conn *c);
/* It is open. */
bool user_up(const struct user *u);

#endif

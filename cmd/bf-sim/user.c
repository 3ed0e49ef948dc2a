/* Listen keys, and which event of the engine goes where. */
#include <stdlib.h>
#include <string.h>

#include "streams.h"
#include "user_in.h"

struct user *
user_new(struct sim *s, int64_t life_ms)
{
	struct user *u = calloc(1, sizeof *u);

	if (u == NULL)
		return NULL;
	u->s = s;
	u->life_ms = life_ms;
	u->due = INT64_MAX;
	return u;
}

void
user_free(struct user *u)
{
	if (u == NULL)
		return;
	buf_free(&u->b);
	free(u->key);
	free(u);
}

/*
 * Listen keys
 */

/* NULL: none, and none was ever made for this account. */
static struct user_key *
slot(const struct user *u, int acct, enum product m)
{
	return acct >= 0 && acct < u->nkey ? &u->key[acct][m] : NULL;
}

static struct user_key *
live(const struct user *u, int acct, enum product m)
{
	struct user_key *k = slot(u, acct, m);

	return k != NULL && k->text[0] != '\0' ? k : NULL;
}

static bool
room_for(struct user *u, int acct)
{
	int want = acct < 8 ? 8 : 2 * acct;
	struct user_key (*v)[2];

	if (acct < 0 || acct < u->nkey)
		return acct >= 0;
	if ((v = realloc(u->key, (size_t)want * sizeof *v)) == NULL)
		return false;
	memset(v + u->nkey, 0, (size_t)(want - u->nkey) * sizeof *v);
	u->key = v;
	u->nkey = want;
	return true;
}

const char *
user_key_keep(struct user *u, int acct, enum product m, int64_t now_ms)
{
	struct user_key *k = live(u, acct, m);

	if (k == NULL)
		return NULL;
	k->until = now_ms + u->life_ms;
	if (k->until < u->due)
		u->due = k->until;
	return k->text;
}

const char *
user_key_new(struct user *u, int acct, enum product m, int64_t now_ms)
{
	struct user_key *k;

	if (!room_for(u, acct))
		return NULL;
	k = slot(u, acct, m);
	if (k->text[0] == '\0' && !random_text(&u->s->random, k->text, USER_KEY)) {
		k->text[0] = '\0';
		return NULL;
	}
	return user_key_keep(u, acct, m, now_ms);
}

void
user_key_close(struct user *u, int acct, enum product m)
{
	struct user_key *k = slot(u, acct, m);

	if (k != NULL)
		k->text[0] = '\0';
}

bool
user_key_of(const struct user *u, const char *key, size_t n, int *acct, enum product *m)
{
	for (int i = 0; i < u->nkey && n == USER_KEY; i++)
		for (int k = 0; k < 2; k++)
			if (u->key[i][k].text[0] != '\0' && memcmp(u->key[i][k].text, key, n) == 0) {
				*acct = i;
				*m = (enum product)k;
				return true;
			}
	return false;
}

/* Connections stay open, and silent. */
static void
expire(struct user *u, int acct, enum product m, int64_t now_ms)
{
	struct buf *b = user_begin(u, "listenKeyExpired", now_ms);

	jw_str(b, "listenKey", u->key[acct][m].text);
	user_push(u, acct, m, "listenKeyExpired");
	user_key_close(u, acct, m);
}

void
user_key_expire(struct user *u, int acct, int64_t now_ms)
{
	for (int i = 0; i < u->nkey; i++)
		for (int m = USDM; m <= COINM; m++)
			if ((acct == -1 || acct == i) && live(u, i, (enum product)m) != NULL)
				expire(u, i, (enum product)m, now_ms);
}

int64_t
user_due(const struct user *u)
{
	return u->due;
}

void
user_tick(struct user *u, int64_t now_ms)
{
	const struct user_key *k;

	if (now_ms < u->due)
		return;
	u->due = INT64_MAX;
	for (int i = 0; i < u->nkey; i++)
		for (int m = USDM; m <= COINM; m++) {
			if ((k = live(u, i, (enum product)m)) == NULL)
				continue;
			if (k->until <= now_ms)
				expire(u, i, (enum product)m, now_ms);
			else if (k->until < u->due)
				u->due = k->until;
		}
}

/*
 * Messages
 */

const char *
user_symbol(const struct user *u, int sym)
{
	return engine_rules(u->s->engine, sym)->symbol;
}

bool
user_heard(struct user *u, int acct, enum product m, const char *e)
{
	const struct user_key *k = live(u, acct, m);

	return k != NULL && streams_wanted_user(u->s->streams, k->text, e);
}

struct buf *
user_begin(struct user *u, const char *e, int64_t ms)
{
	buf_reset(&u->b);
	jw_open(&u->b, NULL, '{');
	jw_str(&u->b, "e", e);
	jw_i64(&u->b, "E", ms);
	return &u->b;
}

void
user_push(struct user *u, int acct, enum product m, const char *e)
{
	const struct user_key *k = live(u, acct, m);

	jw_close(&u->b, '}');
	if (k != NULL)
		streams_push_user(u->s->streams, k->text, e, &u->b);
}

void
user_alias(struct user *u, int acct, enum product m)
{
	const struct account *a = m == COINM ? accounts_of(&u->s->accounts, acct) : NULL;

	if (m == COINM)
		jw_str(&u->b, "i", a != NULL ? a->alias : "");
}

static void (*const writers[])(struct user *, const struct engine_event *) = {
	[EV_ORDER] = user_order, [EV_ACCOUNT] = user_account, [EV_CONFIG] = user_config,
	[EV_MARGIN_CALL] = user_call, [EV_ALGO] = user_algo,
};

void
user_event(struct user *u, const struct engine_event *ev)
{
	if (ev->acct >= 0 && (size_t)ev->kind < sizeof writers / sizeof *writers &&
	    writers[ev->kind] != NULL && live(u, ev->acct, ev->market) != NULL)
		writers[ev->kind](u, ev);
}

/* Listen keys of user data streams, one per account and market. */
#include <string.h>

#include "api_handlers.h"
#include "no.h"
#include "user.h"

static int
no_key(struct call *c)
{
	return no(&c->f, 400, -1125, "This listenKey does not exist.");
}

static int
say_key(struct call *c, const char *key)
{
	jw_open(&c->out, NULL, '{');
	jw_str(&c->out, "listenKey", key);
	jw_close(&c->out, '}');
	return 0;
}

/* Some clients name their key: then it must be the account's. */
static bool
own_key(const struct call *c)
{
	const char *key = params_get(&c->p, "listenKey");
	enum product m;
	int acct;

	return key == NULL || (user_key_of(c->s->user, key, strlen(key), &acct, &m) &&
	    acct == c->acct && m == c->market);
}

int
post_listen_key(struct call *c)
{
	const char *key = user_key_new(c->s->user, c->acct, c->market, c->now);

	return key == NULL ? fault_set(&c->f, FAULT_LOCAL, "no random bytes") : say_key(c, key);
}

int
put_listen_key(struct call *c)
{
	const char *key = own_key(c) ?
	    user_key_keep(c->s->user, c->acct, c->market, c->now) : NULL;

	return key == NULL ? no_key(c) : say_key(c, key);
}

int
delete_listen_key(struct call *c)
{
	if (!own_key(c))
		return no_key(c);
	user_key_close(c->s->user, c->acct, c->market);
	buf_str(&c->out, "{}");
	return 0;
}

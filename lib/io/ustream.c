/*
 * The listenKey is never deleted: the exchange hands the same one to every caller of an
 * account, and a sibling may be using it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/limit.h"
#include "io/sys.h"
#include "io/ustream.h"

#define KEY_MAX		200
#define KEEP_MS		(25 * 60 * 1000)	/* the key lives 60 min */
#define KEEP_AGAIN_MS	(60 * 1000)
#define KEEP_FAILS	3			/* then a new key is asked for */
#define AGAIN_MIN_MS	250
#define AGAIN_MAX_MS	30000
#define ASK_PATH_MS	20			/* how often it is asked for while a key is on its way */
#define WAIT_MAX_MS	60000
#define LIFE_MS		(23 * 3600 * INT64_C(1000))	/* the exchange ends it after 24 h */

struct ustream {
	struct ustream	*next;			/* of the orphans */
	struct calls	*c;
	struct session	*s;
	struct ws_conn	*conn;
	ustream_record	*record;
	void		*arg;
	char		 key[KEY_MAX + 1];	/* "": one must be asked for */
	bool		 asking;		/* a request is under way */
	bool		 closed;		/* and nobody waits for it any more */
	bool		 up;
	int		 fails;			/* in a row */
	int64_t		 mono;			/* as the last turn had it */
	int64_t		 due;			/* monotonic: to ask, or to keep, not before */
	int64_t		 replace_at;
	struct scan	 doc;
};

/* Closed with a request under way, whose end may come, or never (calls_close). */
static struct ustream *orphans;

static void
stream_free(struct ustream *u)
{
	scan_free(&u->doc);
	explicit_bzero(u->key, sizeof u->key);
	free(u);
}

/*
 * The key
 */

/* It goes into a path: nothing but what it is made of. */
static bool
key_good(const char *k)
{
	return *k != '\0' && k[strspn(k, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")] == '\0';
}

/* Full jitter over a window that doubles; or as long as the exchange asked for. */
static int64_t
wait_ms(const struct ustream *u, const struct fault *f)
{
	int64_t window = AGAIN_MIN_MS;

	if (f != NULL && f->retry_ms > 0)
		return f->retry_ms < WAIT_MAX_MS ? f->retry_ms + 1 : WAIT_MAX_MS;
	for (int i = 1; i < u->fails && window < AGAIN_MAX_MS; i++)
		window *= 2;
	return sys_dice((window < AGAIN_MAX_MS ? window : AGAIN_MAX_MS) + 1);
}

static int64_t
keep_due(const struct ustream *u)
{
	return u->mono + KEEP_MS - sys_dice(KEEP_MS / 5);
}

static void
key_lost(struct ustream *u, const char *why)
{
	u->key[0] = '\0';
	u->fails = 0;
	u->due = 0;
	ws_kick(u->conn, why);
}

/* Whether the request that ended is of a stream that is still wanted. */
static bool
ended(struct ustream *u)
{
	struct ustream **p = &orphans;

	u->asking = false;
	if (!u->closed)
		return true;
	while (*p != u)
		p = &(*p)->next;
	*p = u->next;
	stream_free(u);
	return false;
}

static void
got_key(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct ustream *u = arg;

	if (!ended(u))
		return;
	if (f == NULL && scan_get_str(t, v, "listenKey", u->key, sizeof u->key) && key_good(u->key)) {
		u->fails = 0;
		u->due = keep_due(u);
		return;
	}
	u->key[0] = '\0';
	u->fails++;
	u->due = u->mono + wait_ms(u, f);
}

/* Since 2024 it says which key it kept: that may be another one by now. */
static void
kept(struct ustream *u, const struct tok *t, const struct tok *v)
{
	char key[sizeof u->key];

	u->fails = 0;
	u->due = keep_due(u);
	if (scan_get_str(t, v, "listenKey", key, sizeof key) && strcmp(key, u->key) != 0)
		key_lost(u, "the listenKey was replaced by another program");
	explicit_bzero(key, sizeof key);
}

static void
kept_key(void *arg, const struct fault *f, const struct tok *t, const struct tok *v)
{
	struct ustream *u = arg;

	if (!ended(u) || u->key[0] == '\0')
		return;
	if (f == NULL)
		kept(u, t, v);
	else if (f->code == -1125 || ++u->fails >= KEEP_FAILS)
		key_lost(u, "the listenKey is not kept any more");
	else
		u->due = u->mono + (f->retry_ms > KEEP_AGAIN_MS ? f->retry_ms : KEEP_AGAIN_MS);
}

static void
ask(struct ustream *u, enum ep ep, calls_done *done)
{
	struct fault f = { 0 };

	if (calls_take(u->c, ep, "", 0, true, &f) == 0 &&
	    calls_send(u->c, ep, "", 0, 0, done, u, &f) == 0)
		u->asking = true;
	else		/* the limits, or no lane is free: nothing was asked */
		u->due = u->mono + (f.retry_ms > 0 ? wait_ms(u, &f) : AGAIN_MIN_MS);
}

void
ustream_step(struct ustream *u, int64_t mono_ms)
{
	u->mono = mono_ms;
	if (u->asking || mono_ms < u->due)
		return;
	if (u->key[0] == '\0')
		ask(u, EP_LISTEN_KEY_NEW, got_key);
	else
		ask(u, EP_LISTEN_KEY_KEEP, kept_key);
}

/*
 * The connection
 */

static int
on_path(void *arg, struct ws_conn *c, char *out, size_t size)
{
	struct ustream *u = arg;
	struct fault f = { 0 };

	(void)c;
	if (u->key[0] == '\0')
		return ASK_PATH_MS;
	if (limits_spend(u->s->lim, RATE_CONNECT, 1, session_now(u->s), &f) == -1)
		return f.retry_ms > 0 && f.retry_ms < WAIT_MAX_MS ? (int)f.retry_ms + 1 : WAIT_MAX_MS;
	snprintf(out, size, "%s/ws/%s", u->s->market == MARKET_COINM ? "" : "/private", u->key);
	return 0;
}

/* An upgrade that was refused: for load, which all have to know of, or for the key. */
static void
refused(struct ustream *u, const struct ws_why *why)
{
	struct fault f = { .http = why->http, .retry_ms = why->retry_after_s * 1000LL };

	limits_obey(u->s->lim, &f, session_now(u->s));
	if (why->http == 400 || why->http == 401 || why->http == 404)
		key_lost(u, "the listenKey was refused");
}

static void
on_state(void *arg, struct ws_conn *c, enum ws_state st, const struct ws_why *why)
{
	struct ustream *u = arg;

	(void)c;
	u->up = st == WS_OPEN;
	if (st == WS_OPEN)
		u->replace_at = clock_mono_ms() + LIFE_MS;
	else if (st == WS_CLOSED)
		refused(u, why);
}

/* The socket of a key that expired stays open, and silent. */
static void
on_text(void *arg, struct ws_conn *c, const char *p, size_t n)
{
	struct ustream *u = arg;

	(void)c;
	if (scan_doc(&u->doc, p, n) <= 0 || u->doc.t[0].kind != SCAN_OBJ)
		return;
	if (scan_get_is(u->doc.t, u->doc.t, "e", "listenKeyExpired"))
		key_lost(u, "the listenKey expired");
	else
		u->record(u->arg, u->doc.t, u->doc.t);
}

static void
on_tick(void *arg, int64_t mono_ms)
{
	struct ustream *u = arg;

	if (u->up && mono_ms >= u->replace_at)
		ws_kick(u->conn, "replaced, before the exchange ends it after 24 hours");
}

static const struct ws_events events = { .state = on_state, .text = on_text, .path = on_path, .tick = on_tick };

int
ustream_open(struct ustream **out, struct ws_loop *l, struct calls *c, struct session *s,
    ustream_record *record, void *arg, struct fault *f)
{
	const char *base = profile_ws(&s->prof, s->market, f);
	struct ustream *u;

	*out = NULL;
	if (base == NULL)
		return -1;
	if ((u = calloc(1, sizeof *u)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	u->c = c;
	u->s = s;
	u->record = record;
	u->arg = arg;
	if ((u->conn = ws_add_for(l, base, &events, u, f)) == NULL) {
		free(u);
		return -1;
	}
	*out = u;
	return 0;
}

void
ustream_close(struct ustream *u)
{
	if (u == NULL)
		return;
	ws_remove(u->conn);
	if (u->asking) {
		u->closed = true;
		u->next = orphans;
		orphans = u;
	} else
		stream_free(u);
}

bool
ustream_up(const struct ustream *u)
{
	return u->up;
}

/*
 * The account's stream: its listenKey is asked for, kept alive, replaced when it is lost.
 * It is never deleted: a sibling may be using the same one, for the exchange hands the
 * same key to every caller of an account.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/span.h"
#include "io/sys.h"
#include "known.h"
#include "recover.h"
#include "user.h"

#define KEEPALIVE_MS	(25 * 60 * 1000)	/* the key lives 60 min */
#define KEEP_RETRY_MS	(60 * 1000)
#define KEEP_RETRIES	3			/* then a new key is asked for */
#define WAIT_MS		50			/* until the path is asked for again, while a key is on its way */
#define AGAIN_MAX_MS	30000
#define WAITING_MAX	10000			/* ms that events wait for what was missed before them */
#define WAITING_BYTES	(8u << 20)
#define LATE_MS		(60 * 1000)		/* rows of REST may come so late: asked once more */
#define LIFE_S		(23 * 3600)		/* the exchange ends a connection after 24 h */
#define BLIND_MS	(60 * 1000)		/* a dead peer is noticed within 40 s, and there is an overlap */
#define OVERLAP_MS	2000			/* with two connections, each gets every event */

struct user {
	struct app     *a;
	enum market	m;
	char		name[16];
	struct ws_conn *conn, *next;	/* next: to take the place of conn */
	int64_t		next_up;	/* mono; 0 */
	int64_t		renew;		/* mono */
	char		key[256];	/* listenKey; "" when one must be asked for */
	bool		asking, keeping;
	int		fails;		/* in a row, of asking for a key */
	int64_t		keep_at;	/* mono: keepalive due */
	int		keep_fails;
	bool		down;
	bool		ever;		/* it was up */
	int64_t		begun;		/* exchange time of first being up */
	int64_t		heard;		/* exchange time of the last sign of life of the connection */
	int64_t		proved;		/* and of its key: an event, or the exchange's own word */
	int64_t		lost_from;	/* the gap that is to be filled; 0: none */
	struct known   *known;
	struct recovery *filling;	/* under way, events wait for it; NULL */
	int64_t		waiting_since;	/* mono; 0: events do not wait */
	struct buf	waiting;	/* lines */
	struct scan	sc;
	int		fill_fails;
	int64_t		fill_at;	/* mono: fill (again) then; 0 */
	int64_t		from, to;	/* the gap that fill is of */
	bool		late;		/* the second look at a gap is under way or done */
	bool		quiet;		/* fill is of no gap: it tells only of what it finds */
	int64_t		looked;		/* mono of the last fill of that kind */
	bool		again;		/* another gap came while one is being filled: fill that next */
};

static void fill(struct user *u, int delay_ms);

/*
 * The key
 */

struct key_job {
	struct job_head	head;
	struct user    *u;
	char		key[256];
	struct fault	f;
};

static void
drop_key_job(void *job)
{
	struct key_job *j = job;

	explicit_bzero(j->key, sizeof j->key);
	free(j);
}

/* A key goes into a path: nothing but the letters and digits it is made of. */
static bool
key_ok(const char *k)
{
	size_t n = strlen(k);

	return n > 0 && n < 200 && strspn(k,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static void
ask_key(struct session *s, void *job)
{
	struct key_job *j = job;

	if (session_call(s, EP_LISTEN_KEY_NEW, "", true, &j->f) == -1)
		return;
	if (!scan_get_str(s->doc.t, s->doc.t, "listenKey", j->key, sizeof j->key) || !key_ok(j->key)) {
		j->key[0] = '\0';
		fault_set(&j->f, FAULT_AGAIN, "the exchange gave no usable listenKey");
	}
}

static void
got_key(void *arg, void *job)
{
	struct user *u = arg;
	struct key_job *j = job;

	u->asking = false;
	if (j->f.kind == FAULT_NONE) {
		memcpy(u->key, j->key, sizeof u->key);
		u->keep_at = u->a->mono + KEEPALIVE_MS - sys_dice(KEEPALIVE_MS / 5);
		u->keep_fails = u->fails = 0;
		u->proved = u->a->now;
	} else if (j->f.kind == FAULT_AGAIN || j->f.kind == FAULT_UNKNOWN) {
		tool_say(u->a->tool, STDERR_FILENO, "listenKey: %s; trying again", j->f.text);
		u->fails++;
	} else {
		app_stop(u->a, &j->f);
	}
	drop_key_job(j);
}

static void
keep_key(struct session *s, void *job)
{
	struct key_job *j = job;

	/* Since 2024 it says which one it kept: it may be another by now. */
	if (session_call(s, EP_LISTEN_KEY_KEEP, "", true, &j->f) == 0 &&
	    !scan_get_str(s->doc.t, s->doc.t, "listenKey", j->key, sizeof j->key))
		j->key[0] = '\0';
}

static void
lose_key(struct user *u, const char *why)
{
	u->key[0] = '\0';
	if (u->next != NULL) {
		ws_remove(u->next);
		u->next = NULL;
		u->next_up = 0;
	}
	ws_kick(u->conn, why);
}

/* The exchange knows the key no more, nobody knows since when: the socket of a key that
 * is dead stays open and silent. */
static void
key_was_dead(struct user *u, const char *why)
{
	if (u->ever && (u->lost_from == 0 || u->lost_from > u->proved))
		u->lost_from = u->proved;
	u->keep_fails = 0;
	lose_key(u, why);
}

static void
kept_key(void *arg, void *job)
{
	struct user *u = arg;
	struct key_job *j = job;

	u->keeping = false;
	if (j->f.kind == FAULT_NONE) {
		u->keep_at = u->a->mono + KEEPALIVE_MS - sys_dice(KEEPALIVE_MS / 5);
		u->keep_fails = 0;
		if (j->key[0] != '\0' && u->key[0] != '\0' && strcmp(j->key, u->key) != 0)
			key_was_dead(u, "listenKey replaced by another program");
		else
			u->proved = u->a->now;
	} else {
		tool_say(u->a->tool, STDERR_FILENO, "listenKey keepalive: %s", j->f.text);
		u->keep_at = u->a->mono + KEEP_RETRY_MS;
		if (u->key[0] != '\0' && (j->f.code == -1125 || ++u->keep_fails >= KEEP_RETRIES))
			key_was_dead(u, "listenKey lost");
	}
	drop_key_job(j);
}

static bool
key_job(struct user *u, int delay_ms, void (*run)(struct session *, void *), void (*done)(void *, void *))
{
	struct key_job *j = calloc(1, sizeof *j);
	struct fault f;

	if (j != NULL) {
		j->head.drop = drop_key_job;
		j->u = u;
		if (worker_do(u->a->worker, u->m, delay_ms, run, done, u, j) == 0)
			return true;
	}
	free(j);
	fault_set(&f, FAULT_LOCAL, "out of memory");
	app_stop(u->a, &f);
	return false;
}

/* A first failure is tried again soon, the next ones with growing waits. */
static int
key_delay(const struct user *u)
{
	int64_t ms = 250;

	for (int i = 1; i < u->fails && ms < AGAIN_MAX_MS; i++)
		ms *= 2;
	return u->fails == 0 ? 0 : (int)(ms / 2 + sys_dice(ms));
}

/*
 * The gap
 */

/* Who has a listenKey reads the account: of one that an event names only the beginning
 * goes on. 0: the event names none. */
static int
hide_key(struct buf *out, const struct tok *t, const char *p, size_t n)
{
	const struct tok *v = scan_get(t, t, "listenKey");
	size_t shown;

	if (v == NULL || v->kind != SCAN_STR)
		return 0;
	shown = v->esc || v->len < 16 ? 0 : 4;
	buf_put(out, p, (size_t)(v->p - p) + shown);
	buf_str(out, "...");
	buf_put(out, v->p + v->len, (size_t)(p + n - (v->p + v->len)));
	return out->bad ? -1 : 1;
}

static void
emit(struct user *u, const struct sink_key *k, const char *p, size_t n)
{
	struct buf text = { 0 };
	struct fault f;
	int r = hide_key(&text, u->sc.t, p, n);

	if (r == -1) {
		fault_set(&f, FAULT_LOCAL, "out of memory");
		app_stop(u->a, &f);
	} else {
		app_emit(u->a, SINK_ACCOUNT, k, r == 1 ? text.p : p, r == 1 ? text.len : n);
	}
	buf_free(&text);
}

static void
take_line(struct user *u, const char *p, size_t n)
{
	struct app *a = u->a;
	struct sink_key k = { .stream = "user" };
	const struct tok *t;
	char symbol[SYMBOL_MAX];
	int64_t id, order, E;
	struct fault f;

	if (scan_doc(&u->sc, p, n) <= 0 || known_event(u->known, p, n))
		return;		/* it was looked at before it was kept */
	t = u->sc.t;
	if (scan_get_i64(t, t, "E", &E))
		k.E = E;
	if (event_trade(t, t, symbol, &id, &order)) {
		bool lite = scan_get_is(t, t, "e", "TRADE_LITE");

		/* REST has told of it, under bf.recovered: a fill is told once. */
		if (lite ? known_has_trade(u->known, symbol, id, order) :
		    known_trade(u->known, symbol, id, order)) {
			if (!lite)
				(void)known_take(u->known, t, t);
			return;
		}
	}
	if (known_take(u->known, t, t) == -1) {
		fault_set(&f, FAULT_LOCAL, "out of memory");
		app_stop(a, &f);
	}
	emit(u, &k, p, n);
	if (scan_get_is(t, t, "e", "listenKeyExpired"))
		/* The socket stays open and silent after this: leave it. */
		lose_key(u, "listenKey expired");
}

static void
flush_waiting(struct user *u)
{
	const char *p = u->waiting.p, *end = p == NULL ? p : p + u->waiting.len, *nl;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		take_line(u, p, (size_t)(nl - p));
	}
	buf_reset(&u->waiting);
}

static void
stop_waiting(struct user *u)
{
	u->waiting_since = 0;
	flush_waiting(u);
}

void
user_flush(struct user *u)
{
	if (u->waiting_since != 0)
		stop_waiting(u);
}

static void
filled(void *arg, void *r)
{
	struct user *u = arg;
	const struct fault *f = recovery_failed(r);
	struct buf *b;

	u->filling = NULL;
	if (f == NULL) {
		recovery_apply(r, u->known, u->quiet);
		u->fill_fails = 0;
		u->fill_at = 0;
		/* A gap that goes on, or another one since, was not asked for. */
		if (!u->down && !u->again && u->lost_from == u->from)
			u->lost_from = 0;
		if (u->from != 0 && !u->late && !u->again) {	/* what REST writes down late */
			u->late = true;
			u->fill_at = u->a->mono + LATE_MS;
		}
	} else if (f->kind == FAULT_KEY || f->kind == FAULT_LOCAL) {
		app_stop(u->a, f);
	} else {
		b = app_note(u->a, "reconcile");
		jw_str(b, "what", "failed");
		jw_str(b, "market", market_word(u->m));
		jw_i64(b, "from", u->from);
		jw_i64(b, "to", u->to);
		jw_str(b, "why", f->text);
		app_note_end(u->a);
		if (u->a->out.table)
			tool_say(u->a->tool, STDERR_FILENO, "what was missed is not known: %s; trying again", f->text);
		u->fill_at = u->a->mono + (f->retry_ms > 0 && f->retry_ms < LATE_MS ? f->retry_ms :
		    (int64_t)(u->fill_fails < 4 ? 2000 << u->fill_fails : AGAIN_MAX_MS));
		u->fill_fails++;
	}
	recovery_free(r);
	if (u->again && !u->down)
		fill(u, 0);	/* events go on waiting for it */
	else if (u->waiting_since != 0)
		stop_waiting(u);
}

static void
fill(struct user *u, int delay_ms)
{
	struct fault f;

	u->fill_at = 0;
	u->again = false;
	u->filling = recovery_begin(u->a, u->m, u->known, u->from == 0, u->from, u->to, u->begun, delay_ms,
	    filled, u);
	if (u->filling == NULL) {
		fault_set(&f, FAULT_LOCAL, "out of memory");
		app_stop(u->a, &f);
	}
}

/*
 * The connection
 */

int
user_open(struct user **out, struct app *a, enum market m, struct fault *f)
{
	struct user *u = calloc(1, sizeof *u);
	const char *base = profile_ws(&a->s[m].prof, m, f);

	*out = u;
	if (base == NULL)
		return -1;
	if (u == NULL || (u->known = known_new()) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	u->a = a;
	u->m = m;
	snprintf(u->name, sizeof u->name, "%s", m == MARKET_COINM ? "user-coinm" : "user");
	return (u->conn = ws_add(a->loop, base, u, f)) == NULL ? -1 : 0;
}

void
user_free(struct user *u)
{
	if (u == NULL)
		return;
	known_free(u->known);
	scan_free(&u->sc);
	buf_free(&u->waiting);
	explicit_bzero(u->key, sizeof u->key);
	free(u);
}

bool
user_has(const struct user *u, const struct ws_conn *c)
{
	return c == u->conn || c == u->next;
}

int
user_path(struct user *u, char *out, size_t size)
{
	struct fault f = { 0 };

	if (u->key[0] == '\0') {
		if (!u->asking)
			u->asking = key_job(u, key_delay(u), ask_key, got_key);
		return WAIT_MS;
	}
	if (limits_spend(u->a->s[u->m].lim, RATE_CONNECT, 1, u->a->now, &f) == -1)
		return f.retry_ms > 0 && f.retry_ms < 60000 ? (int)f.retry_ms + 1 : 60000;
	snprintf(out, size, "%s/ws/%s", u->m == MARKET_COINM ? "" : "/private", u->key);
	return 0;
}

static void
up(struct user *u)
{
	struct app *a = u->a;

	u->down = false;
	u->heard = a->now;
	u->renew = a->mono + (a->opt.renew > 0 ? a->opt.renew : LIFE_S) * INT64_C(1000) - sys_dice(1000);
	conn_note(a, u->name, "up", "");
	if (!u->ever) {
		u->ever = true;
		u->begun = a->clock_known ? a->now : 0;
		/* What REST tells now must not be noted over a later event. */
		u->waiting_since = a->mono;
		fill(u, 0);
		return;
	}
	if (u->quiet && u->fill_at != 0 && u->from < u->lost_from)	/* a look that is due is part of it */
		u->lost_from = u->from;
	u->from = u->lost_from;
	u->to = a->now;
	u->late = u->quiet = false;
	u->waiting_since = a->mono;
	if (u->filling == NULL)
		fill(u, 0);
	else
		u->again = true;	/* after the one under way */
}

static void
gone(struct user *u, const char *why)
{
	if (u->waiting_since != 0)
		stop_waiting(u);
	if (u->ever && u->lost_from == 0)
		u->lost_from = u->heard;
	/* Perhaps it is the key: ask soon, but not after each attempt. */
	if (u->keep_at > u->a->mono + KEEP_RETRY_MS)
		u->keep_at = u->a->mono;
	if (u->down)
		return;
	u->down = true;
	conn_note(u->a, u->name, "down", why);
}

/* The old connection may have been dead, or behind, and the new one too young for what was
 * lost by that. REST knows; but it is not asked for ever. */
static void
look_back(struct user *u)
{
	struct app *a = u->a;

	if (u->down || u->filling != NULL || u->fill_at != 0)	/* it is asked anyway */
		return;
	u->from = a->now - BLIND_MS;
	u->to = a->now;
	u->late = u->quiet = true;
	u->fill_at = u->looked == 0 || a->mono - u->looked > LATE_MS ? a->mono : u->looked + LATE_MS;
	u->looked = u->fill_at;
}

static void
replace(struct user *u, const char *why)
{
	ws_remove(u->conn);
	u->conn = u->next;
	u->next = NULL;
	u->next_up = 0;
	u->renew = u->a->mono + (u->a->opt.renew > 0 ? u->a->opt.renew : LIFE_S) * INT64_C(1000) - sys_dice(1000);
	conn_note(u->a, u->name, "replaced", why);
	look_back(u);
}

void
user_state(struct user *u, struct ws_conn *c, enum ws_state st, const struct ws_why *why)
{
	if (st == WS_CONNECTING)
		return;
	if (c == u->next) {
		if (st == WS_OPEN && u->down) {
			replace(u, "the old one was down");
			up(u);		/* and what was missed in between is asked for */
		} else if (st == WS_OPEN) {
			u->next_up = u->a->mono;
		} else {	/* the other one lives on: try again later */
			ws_remove(u->next);
			u->next = NULL;
			u->next_up = 0;
			u->renew = u->a->mono + 60000;
		}
	} else if (st == WS_OPEN) {
		up(u);
	} else if (u->next_up != 0) {
		replace(u, why->text);
	} else {
		gone(u, why->text);
	}
}

void
user_text(struct user *u, const char *p, size_t n)
{
	struct app *a = u->a;
	struct buf line = { 0 };
	bool wait;
	int r;

	u->heard = u->proved = a->now;
	if ((r = scan_doc(&a->sc, p, n)) <= 0 || a->sc.t->kind != SCAN_OBJ) {
		app_say(a, "%s stream: passed over a message: %s", u->name,
		    r <= 0 ? scan_strerror(r) : "not an object");
		return;
	}
	if (scan_get(a->sc.t, a->sc.t, "e") == NULL)
		return;
	span_put(&line, a->sc.t);
	if (u->waiting_since != 0 && u->waiting.len + n >= WAITING_BYTES)
		flush_waiting(u);	/* in their order */
	wait = u->waiting_since != 0;
	if (wait) {
		buf_chr(&line, '\n');
		buf_put(&u->waiting, line.p, line.len);	/* a whole line, or none */
	}
	if (line.bad || u->waiting.bad) {
		struct fault f;

		fault_set(&f, FAULT_LOCAL, "out of memory");
		app_stop(a, &f);
	} else if (!wait) {
		take_line(u, line.p, line.len);
	}
	buf_free(&line);
}

void
user_tick(struct user *u, int64_t mono_ms)
{
	struct fault f = { 0 };

	if (!u->down && u->ever)
		u->heard = u->a->now - 45000 > u->heard ? u->a->now - 45000 : u->heard;	/* a dead peer is noticed within 40 s */
	if (u->key[0] != '\0' && !u->keeping && mono_ms >= u->keep_at)
		u->keeping = key_job(u, 0, keep_key, kept_key);
	if (u->waiting_since != 0 && mono_ms - u->waiting_since > WAITING_MAX)
		stop_waiting(u);
	if (u->fill_at != 0 && mono_ms >= u->fill_at && u->filling == NULL && !u->down)
		fill(u, 0);
	if (u->next == NULL && !u->down && u->ever && u->key[0] != '\0' && mono_ms >= u->renew) {
		const char *base = profile_ws(&u->a->s[u->m].prof, u->m, &f);

		u->next_up = 0;
		u->next = base == NULL ? NULL : ws_add(u->a->loop, base, u, &f);
		u->renew = mono_ms + 60000;
	} else if (u->next_up != 0 && mono_ms - u->next_up > OVERLAP_MS) {
		replace(u, "its time was up");
	}
}

bool
user_up(const struct user *u)
{
	return u->ever && !u->down;
}

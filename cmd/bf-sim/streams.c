#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conns.h"

struct streams *
streams_new(struct sim *s)
{
	struct streams *ss = calloc(1, sizeof *ss);

	if (ss == NULL)
		return NULL;
	ss->s = s;
	ss->due = ss->due_mono = INT64_MAX;
	ss->nsym = engine_symbols(s->engine);
	ss->nbucket = 256;
	ss->bucket = calloc((size_t)ss->nbucket, sizeof(*ss->bucket));
	ss->first = calloc((size_t)ST_KINDS * (size_t)(ss->nsym + 1), sizeof(*ss->first));
	if (ss->bucket == NULL || ss->first == NULL) {
		streams_free(ss);
		return NULL;
	}
	return ss;
}

static void
stream_free(struct stream *st)
{
	free(st->sub);
	free(st->changes.v);
	free(st);
}

static void
client_free(struct client *c)
{
	trouble_free(c);
	free(c->sub);
	free(c);
}

void
streams_free(struct streams *ss)
{
	struct client *c;
	struct stream *st;

	if (ss == NULL)
		return;
	while ((c = ss->clients) != NULL) {
		ss->clients = c->next;
		client_free(c);
	}
	for (int i = 0; i < ss->nbucket && ss->bucket != NULL; i++)
		while ((st = ss->bucket[i]) != NULL) {
			ss->bucket[i] = st->bucket;
			stream_free(st);
		}
	free(ss->bucket);
	free(ss->first);
	free(ss);
}

void *
streams_room(void *v, int n, int *cap, size_t size)
{
	int want = *cap == 0 ? 8 : 2 * *cap;

	if (n < *cap)
		return v;
	v = realloc(v, (size_t)want * size);
	if (v != NULL)
		*cap = want;
	return v;
}

/*
 * Streams: a table by name, and a list of each kind and symbol
 */

/* FNV-1a */
static struct stream **
bucket_of(const struct streams *ss, const char *name)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *name != '\0'; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(1099511628211);
	return &ss->bucket[h % (uint64_t)ss->nbucket];
}

static struct stream *
find(const struct streams *ss, const char *name)
{
	struct stream *st = *bucket_of(ss, name);

	while (st != NULL && strcmp(st->name, name) != 0)
		st = st->bucket;
	return st;
}

static struct stream **
list_of(const struct streams *ss, enum stream_kind kind, int sym)
{
	return &ss->first[(size_t)kind * (size_t)(ss->nsym + 1) + (size_t)(sym + 1)];
}

/* Without memory for a wider table the chains get longer, that is all. */
static void
widen(struct streams *ss)
{
	struct stream **old = ss->bucket, **to, *st;
	int nold = ss->nbucket;

	if (ss->n < nold || (ss->bucket = calloc(2 * (size_t)nold, sizeof(*to))) == NULL) {
		ss->bucket = old;
		return;
	}
	ss->nbucket = 2 * nold;
	for (int i = 0; i < nold; i++)
		while ((st = old[i]) != NULL) {
			old[i] = st->bucket;
			to = bucket_of(ss, st->name);
			st->bucket = *to;
			*to = st;
		}
	free(old);
}

/* The stream of that name, a silent one if the name is none; NULL: no memory. */
static struct stream *
stream_get(struct streams *ss, const char *name)
{
	struct stream *st = find(ss, name), **to;

	if (st != NULL)
		return st;
	if ((st = malloc(sizeof *st)) == NULL)
		return NULL;
	if (!names_read(st, name, ss->s)) {
		*st = (struct stream){ .kind = ST_SILENT, .sym = -1 };
		snprintf(st->name, sizeof st->name, "%s", name);
	}
	st->serial = ++ss->serial;
	ss->n++;
	widen(ss);
	to = bucket_of(ss, name);
	st->bucket = *to;
	*to = st;
	if (st->kind == ST_SILENT)	/* nobody looks for these, and there may be a million */
		return st;
	for (to = list_of(ss, st->kind, st->sym); *to != NULL; to = &(*to)->same)
		;
	*to = st;
	return st;
}

/* Nobody has asked for it any more. */
static void
stream_drop(struct streams *ss, struct stream *st)
{
	struct stream **at;

	for (at = bucket_of(ss, st->name); *at != st; at = &(*at)->bucket)
		;
	*at = st->bucket;
	for (at = list_of(ss, st->kind, st->sym); *at != NULL && *at != st; at = &(*at)->same)
		;
	if (*at == st)
		*at = st->same;
	ss->n--;
	stream_free(st);
}

struct stream *
streams_first(const struct streams *ss, enum stream_kind kind, int sym)
{
	return *list_of(ss, kind, sym);
}

bool
streams_wanted(const struct streams *ss, enum stream_kind kind, int sym)
{
	const struct stream *st;

	for (st = streams_first(ss, kind, sym); st != NULL; st = st->same)
		if (st->nsub > 0)
			return true;
	return false;
}

/*
 * Subscribing
 */

static bool
stream_join(struct stream *st, struct client *c)
{
	struct client **v = streams_room(st->sub, st->nsub, &st->csub, sizeof(*v));

	if (v == NULL)
		return false;
	st->sub = v;
	st->sub[st->nsub++] = c;
	if (st->kind == ST_USER)
		return true;
	c->ss->s->fed = true;
	pushes_begin(c->ss->s->pushes, st);
	return true;
}

static void
stream_leave(struct stream *st, const struct client *c)
{
	int i;

	for (i = 0; i < st->nsub && st->sub[i] != c; i++)
		;
	if (i == st->nsub)
		return;
	st->sub[i] = st->sub[--st->nsub];
	pushes_end(c->ss->s->pushes, st, c);
}

void
streams_subscribe(struct client *c, const char *name)
{
	struct stream *st;
	struct sub *v;

	if (strlen(name) >= STREAM_NAME ||
	    (v = streams_room(c->sub, c->nsub, &c->csub, sizeof *v)) == NULL)
		return;
	c->sub = v;
	if ((st = stream_get(c->ss, name)) == NULL)
		return;
	for (int i = 0; i < c->nsub; i++)
		if (v[i].st == st)
			return;
	st->refs++;
	v[c->nsub++] = (struct sub){ st, (st->routes & c->route) != 0 && stream_join(st, c) };
}

static void
leave(struct client *c, const struct sub *b)
{
	if (b->heard)
		stream_leave(b->st, c);
	if (--b->st->refs == 0)
		stream_drop(c->ss, b->st);
}

void
streams_unsubscribe(struct client *c, const char *name)
{
	const struct stream *st = find(c->ss, name);
	int i;

	for (i = 0; i < c->nsub && c->sub[i].st != st; i++)
		;
	if (st == NULL || i == c->nsub)
		return;
	leave(c, &c->sub[i]);
	memmove(&c->sub[i], &c->sub[i + 1], (size_t)(c->nsub - i - 1) * sizeof *c->sub);
	c->nsub--;
}

/*
 * Pushing. One payload is encoded, and framed, once for all who hear it bare,
 * and once a stream for those who hear it wrapped.
 */

static struct serve_frame *
wrapped(const struct stream *st, const struct buf *payload)
{
	struct serve_frame *f = NULL;
	struct buf b = { 0 };

	jw_open(&b, NULL, '{');
	jw_str(&b, "stream", st->name);
	jw_raw(&b, "data", payload->p, payload->len);
	jw_close(&b, '}');
	if (!b.bad)
		f = serve_frame_text(b.p, b.len);
	buf_free(&b);
	return f;
}

static void
push(struct stream *st, const struct buf *payload, struct serve_frame **bare)
{
	struct serve_frame *wrap = NULL;
	struct client *c;

	for (int i = 0; i < st->nsub && !payload->bad; i++) {
		c = st->sub[i];
		if (c->combined && wrap == NULL)
			wrap = wrapped(st, payload);
		else if (!c->combined && *bare == NULL)
			*bare = serve_frame_text(payload->p, payload->len);
		trouble_send(c, c->combined ? wrap : *bare);
	}
	serve_frame_free(wrap);
}

void
streams_push(struct streams *ss, struct stream *st, const struct buf *payload)
{
	struct serve_frame *bare = NULL;

	(void)ss;
	push(st, payload, &bare);
	serve_frame_free(bare);
}

void
streams_push_all(struct streams *ss, enum stream_kind kind, int sym, const struct buf *payload)
{
	struct serve_frame *bare = NULL;

	for (struct stream *st = streams_first(ss, kind, sym); st != NULL; st = st->same)
		push(st, payload, &bare);
	serve_frame_free(bare);
}

/* The streams a user's event goes to: all events of the key, and this one. */
struct listeners { struct stream *st[2]; };

static struct listeners
listeners(const struct streams *ss, const char *key, const char *event)
{
	char name[STREAM_NAME];

	snprintf(name, sizeof name, "%s@%s", key, event);
	return (struct listeners){ { find(ss, key), find(ss, name) } };
}

bool
streams_wanted_user(const struct streams *ss, const char *key, const char *event)
{
	struct listeners l = listeners(ss, key, event);

	return (l.st[0] != NULL && l.st[0]->nsub > 0) || (l.st[1] != NULL && l.st[1]->nsub > 0);
}

void
streams_push_user(struct streams *ss, const char *key, const char *event, const struct buf *payload)
{
	struct listeners l = listeners(ss, key, event);
	struct serve_frame *bare = NULL;

	for (int i = 0; i < 2; i++)
		if (l.st[i] != NULL && l.st[i]->kind == ST_USER)
			push(l.st[i], payload, &bare);
	serve_frame_free(bare);
}

/*
 * Connections: their end, and their time
 */

void
streams_closed(struct streams *ss, void *user)
{
	struct client *c = user;

	for (int i = 0; i < c->nsub; i++)
		leave(c, &c->sub[i]);
	if (c->next != NULL)
		c->next->prev = c->prev;
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		ss->clients = c->next;
	client_free(c);
}

bool
streams_close(struct streams *ss)
{
	struct client *c;

	for (c = ss->clients; c != NULL; c = c->next)
		(void)serve_close(ss->s->serve, c->id, WS_AWAY, "");
	return ss->clients != NULL;
}

static int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
streams_due(const struct streams *ss)
{
	if (ss->due <= sim_now(ss->s))
		return 0;
	return min64(ss->due_mono, ss->due == INT64_MAX ? INT64_MAX : sim_when(ss->s, ss->due));
}

/* Exchange time: the end of the day a connection may last, troubles of an age. */
static void
look(struct streams *ss, struct client *c, int64_t now)
{
	if (now - c->born_ms >= LIFE_MS)
		(void)serve_close(ss->s->serve, c->id, WS_NORMAL, "");
	else
		trouble_happen(c, false);
}

void
streams_tick(struct streams *ss, int64_t mono_ms)
{
	int64_t now = sim_now(ss->s);
	struct client *c;

	if (now < ss->due && mono_ms < ss->due_mono)
		return;
	ss->due = ss->due_mono = INT64_MAX;
	for (c = ss->clients; c != NULL; c = c->next) {
		if (!serve_alive(ss->s->serve, c->id))
			continue;	/* streams_closed is on its way */
		look(ss, c, now);
		trouble_release(c, mono_ms, &ss->due_mono);
		if (serve_alive(ss->s->serve, c->id))
			ss->due = min64(ss->due, min64(c->born_ms + LIFE_MS, trouble_due(c)));
	}
}

bool
streams_fault(struct streams *ss, const struct fault_rule *r)
{
	bool met = false;

	for (struct client *c = ss->clients; c != NULL; c = c->next) {
		if ((c->route & r->routes) == 0 || !serve_alive(ss->s->serve, c->id))
			continue;
		met = true;
		trouble_add(c, r);
		trouble_happen(c, false);
		ss->due = min64(ss->due, trouble_due(c));
	}
	return met;
}

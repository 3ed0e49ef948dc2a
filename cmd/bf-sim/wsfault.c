/* Faults of WebSockets: what happens to a connection, and to its messages. */
#include <stdlib.h>
#include <string.h>

#include "conns.h"

static const bool shapes[] = {	/* what is done to messages, not to the connection */
	[WS_FAULT_DROP] = true, [WS_FAULT_DUP] = true, [WS_FAULT_SWAP] = true,
	[WS_FAULT_DELAY] = true, [WS_FAULT_HANDSHAKE] = false,
};

/* Without memory the connection is spared. */
void
trouble_add(struct client *c, const struct fault_rule *r)
{
	struct trouble *t = calloc(1, sizeof *t), **end;

	if (t == NULL)
		return;
	t->act = r->act;
	t->close_code = r->close_code;
	t->count = r->act == WS_FAULT_DELAY ? r->delay_ms : r->count;
	t->nraw = r->nraw;
	memcpy(t->raw, r->raw, sizeof t->raw);
	t->after = r->after;
	t->at = r->age_ms < 0 ? INT64_MAX : c->born_ms + r->age_ms;
	for (end = &c->troubles; *end != NULL; end = &(*end)->next)
		;
	*end = t;
}

/* What ends a connection. */
static bool
ends(enum fault_ws act)
{
	return act == WS_FAULT_FIN || act == WS_FAULT_RST || act == WS_FAULT_CLOSE;
}

/* A rule of one use leaves the list as it is taken; after one that ends the
 * connection the others wait for the next. */
const struct fault_rule *
trouble_take(struct client *c)
{
	const struct fault_rule *r;
	int i = 0;

	while ((r = faults_ws(c->ss->s->faults, c->route, i)) != NULL) {
		if (r->act == WS_FAULT_HANDSHAKE)
			return r;
		trouble_add(c, r);
		if (ends(r->act))
			break;
		i += !r->used;
	}
	return NULL;
}

static bool
ripe(const struct client *c, const struct trouble *t)
{
	if (t->done)
		return false;
	if (t->at == INT64_MAX)
		return c->pushed >= t->after;
	return (t->after > 0 && c->pushed >= t->after) || sim_now(c->ss->s) >= t->at;
}

static void
send_ping(struct client *c, const struct trouble *t)
{
	unsigned char payload[WS_CONTROL_MAX];
	size_t n = t->count < 0 || (size_t)t->count > sizeof payload ? sizeof payload : (size_t)t->count;

	for (size_t i = 0; i < n; i++)	/* any bytes: they need not be text */
		payload[i] = (unsigned char)(37 * i + 11);
	(void)serve_ping(c->ss->s->serve, c->id, payload, n);
}

/* Whether the connection goes on. */
static bool
happens(struct client *c, const struct trouble *t)
{
	struct serve *s = c->ss->s->serve;

	switch (t->act) {
	case WS_FAULT_FIN:
		(void)serve_cut(s, c->id, SERVE_FIN);
		return false;
	case WS_FAULT_RST:
		(void)serve_cut(s, c->id, SERVE_RST);
		return false;
	case WS_FAULT_CLOSE:
		(void)serve_close(s, c->id, t->close_code, "");
		return false;
	case WS_FAULT_MUTE:
		(void)serve_mute(s, c->id, SERVE_MUTE_TEXT);
		break;
	case WS_FAULT_BLACKHOLE:
		(void)serve_mute(s, c->id, SERVE_MUTE_ALL);
		break;
	case WS_FAULT_PING:
		send_ping(c, t);
		break;
	case WS_FAULT_RAW:
		(void)serve_send_raw(s, c->id, t->raw, (size_t)t->nraw);
		break;
	default:
		break;
	}
	return true;
}

/* A reset would eat a message that has not left: it waits for the next one. */
void
trouble_happen(struct client *c, bool queued)
{
	for (struct trouble *t = c->troubles; t != NULL; t = t->next) {
		if (shapes[t->act] || !ripe(c, t) || (queued && t->act == WS_FAULT_RST))
			continue;
		t->done = true;
		if (!happens(c, t))
			return;
	}
}

int64_t
trouble_due(const struct client *c)
{
	int64_t due = INT64_MAX;

	for (const struct trouble *t = c->troubles; t != NULL; t = t->next)
		if (!t->done && !shapes[t->act] && t->at < due)
			due = t->at;
	return due;
}

/*
 * Messages
 */

/* Now, or late; never before one that is late already. */
static void
deliver(struct client *c, struct serve_frame *f, long delay_ms)
{
	struct held *h;

	if (delay_ms <= 0 && c->held == NULL) {
		(void)serve_send(c->ss->s->serve, c->id, f);
		return;
	}
	if ((h = malloc(sizeof *h)) == NULL)
		return;		/* lost: it is a fault anyway */
	*h = (struct held){ serve_frame_ref(f), serve_now() + delay_ms, NULL };
	if (c->held == NULL)
		c->held_end = &c->held;
	*c->held_end = h;
	c->held_end = &h->next;
	if (h->at < c->ss->due_mono)
		c->ss->due_mono = h->at;
}

/* The first of two is kept back; it follows the second. */
static void
swap(struct client *c, struct trouble *t, struct serve_frame *f, long delay_ms)
{
	if (c->swap == NULL) {
		c->swap = serve_frame_ref(f);
		return;
	}
	t->done = true;
	deliver(c, f, delay_ms);
	deliver(c, c->swap, delay_ms);
	serve_frame_free(c->swap);
	c->swap = NULL;
}

static bool
take_one(struct trouble *t)
{
	if (t->count <= 0)
		return false;
	t->done = --t->count == 0;
	return true;
}

static void
shape(struct client *c, struct serve_frame *f)
{
	struct trouble *exchange = NULL;
	long delay_ms = 0;
	int times = 1;

	for (struct trouble *t = c->troubles; t != NULL; t = t->next) {
		if (!shapes[t->act] || !ripe(c, t))
			continue;
		if (t->act == WS_FAULT_DELAY)
			delay_ms = t->count;
		else if (t->act == WS_FAULT_SWAP)
			exchange = t;
		else if (times > 0 && take_one(t))
			times = t->act == WS_FAULT_DROP ? 0 : 2;
	}
	if (times > 0 && exchange != NULL)
		swap(c, exchange, f, delay_ms);
	else
		for (; times > 0; times--)
			deliver(c, f, delay_ms);
}

void
trouble_send(struct client *c, struct serve_frame *f)
{
	if (f == NULL)
		return;
	if (c->troubles == NULL) {
		(void)serve_send(c->ss->s->serve, c->id, f);
		c->pushed++;
		return;
	}
	trouble_happen(c, false);
	shape(c, f);
	c->pushed++;
	trouble_happen(c, true);
}

void
trouble_release(struct client *c, int64_t mono_ms, int64_t *next)
{
	struct held *h;

	while ((h = c->held) != NULL && h->at <= mono_ms) {
		c->held = h->next;
		(void)serve_send(c->ss->s->serve, c->id, h->f);
		serve_frame_free(h->f);
		free(h);
	}
	if (h != NULL && h->at < *next)
		*next = h->at;
}

void
trouble_free(struct client *c)
{
	struct trouble *t;
	struct held *h;

	while ((t = c->troubles) != NULL) {
		c->troubles = t->next;
		free(t);
	}
	while ((h = c->held) != NULL) {
		c->held = h->next;
		serve_frame_free(h->f);
		free(h);
	}
	serve_frame_free(c->swap);
	c->swap = NULL;
}

/* The desk's loop, and the list of what is on it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/desk_in.h"

#define IN_FLIGHT	4
#define BATCH		5	/* orders in one request, the exchange's own bound */
#define RESOLVE_MS	30000
#define LAG_MS		10000
#define MESSAGE_MAX	(4u << 20)	/* of a WebSocket */
#define AHEAD		256	/* intents that may wait */
#define POLL_MAX	128

void
desk_say(const struct desk *d, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (d->c.notice == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	d->c.notice(d->c.arg, text);
}

bool
desk_stopped(const struct desk *d)
{
	return d->c.stop != NULL && *d->c.stop != 0;
}

int
desk_open(struct desk **out, const struct desk_conf *conf, struct fault *f)
{
	struct desk *d = calloc(1, sizeof *d);

	*out = d;
	if (d == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	d->c = *conf;
	if (d->c.in_flight <= 0)
		d->c.in_flight = IN_FLIGHT;
	if (d->c.batch <= 0 || d->c.batch > BATCH)
		d->c.batch = BATCH;
	if (d->c.resolve_ms <= 0)
		d->c.resolve_ms = RESOLVE_MS;
	if (d->c.lag_ms <= 0)
		d->c.lag_ms = LAG_MS;
	d->end = &d->first;
	return 0;
}

static void
entry_free(struct entry *e)
{
	fate_free(&e->fate);
	buf_free(&e->text);
	free(e);
}

void
desk_close(struct desk *d)
{
	struct flight *fl;
	struct entry *e;

	if (d == NULL)
		return;
	for (int m = 0; m < MARKETS; m++) {
		ustream_close(d->side[m].us);
		wsapi_close(d->side[m].ws);
		calls_close(d->side[m].calls);
	}
	ws_close(d->loop);
	while ((fl = d->flights) != NULL) {
		d->flights = fl->next;
		free(fl);
	}
	while ((e = d->first) != NULL) {
		d->first = e->next;
		entry_free(e);
	}
	buf_free(&d->query);
	free(d);
}

/*
 * A market: its lanes, and its WebSocket if one is wanted
 */

struct ws_loop *
desk_loop(struct desk *d, struct fault *f)
{
	static const struct ws_events none = { 0 };	/* each connection has its own */

	if (d->loop != NULL)
		return d->loop;
	if (ws_open(&d->loop, MESSAGE_MAX, d->ca_file, &none, d, f) == -1)
		return NULL;
	if (ws_proxy(d->loop, d->proxy, f) == -1) {
		ws_close(d->loop);
		d->loop = NULL;
	}
	return d->loop;
}

struct side *
desk_side(struct desk *d, enum market m, struct fault *f)
{
	struct side *s = &d->side[m];

	if (s->calls != NULL)
		return s;
	if ((s->s = d->c.session(d->c.arg, m, f)) == NULL ||
	    calls_open(&s->calls, s->s, d->c.in_flight + LOOKERS + KEY_LANE, f) == -1)
		return NULL;
	d->ca_file = s->s->prof.ca_file;
	d->proxy = s->s->prof.proxy;
	return s;
}

void
desk_warm(struct desk *d, enum market m, int n)
{
	struct fault ignore;
	struct side *s = desk_side(d, m, &ignore);

	if (s != NULL)
		calls_warm(s->calls, n);
}

/*
 * Entries
 */

struct entry *
desk_entry(struct desk *d, enum market m, const struct intent *in, const char *name, const char *text, size_t n)
{
	struct entry *e = calloc(1, sizeof *e);

	if (e == NULL)
		return NULL;
	e->d = d;
	e->market = m;
	e->in = *in;
	if (name == NULL)
		journal_name(e->name, m, in);
	else
		snprintf(e->name, sizeof e->name, "%s", name);
	e->urgent = intent_reduces(in);
	e->since_ms = clock_mono_ms();
	buf_put(&e->text, text, n);
	if (e->text.bad) {
		entry_free(e);
		return NULL;
	}
	*d->end = e;
	d->end = &e->next;
	return e;
}

int
desk_add(struct desk *d, enum market m, const struct intent *in, const char *text, size_t n,
    void *tag, struct fault *f)
{
	struct entry *e;

	if (in->op == OP_PLACE && !client_id_ok(in->client_id))
		return fault_set(f, FAULT_USAGE, "an order needs a client id; nothing was sent");
	if (in->op == OP_MODIFY && in->modify_id == 0)
		return fault_set(f, FAULT_USAGE, "a modification needs a modifyId; nothing was sent");
	if ((e = desk_entry(d, m, in, NULL, text, n)) == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory; nothing was sent");
	e->tag = tag;
	d->pending++;
	return 0;
}

/* Not while a look-up may still come back to it. */
static void
sweep(struct desk *d)
{
	struct entry **p = &d->first, *e;

	while ((e = *p) != NULL)
		if (e->over && !e->stuck && !e->asking) {
			flight_leave(e);
			*p = e->next;
			entry_free(e);
		} else
			p = &e->next;
	d->end = p;
}

int
desk_pending(const struct desk *d)
{
	return d->pending;
}

int
desk_unknown(const struct desk *d)
{
	return d->unknown;
}

bool
desk_about(const struct desk *d, enum market m, const char *symbol)
{
	const struct entry *e = d->first;

	while (e != NULL && (e->over || e->told || e->market != m || strcmp(e->in.symbol, symbol) != 0))
		e = e->next;
	return e != NULL;
}

bool
desk_full(const struct desk *d)
{
	return d->pending >= AHEAD;
}

long
desk_sent(const struct desk *d)
{
	long n = 0;

	for (int m = 0; m < MARKETS; m++)
		n += d->side[m].calls != NULL ? calls_sent(d->side[m].calls) : 0;
	return n;
}

void
desk_event(struct desk *d, const struct tok *t, const struct tok *rec)
{
	for (struct entry *e = d->first; e != NULL; e = e->next)
		if ((e->sent || e->resigned) && !e->over)
			look_event(e, t, rec);
}

/*
 * A turn
 */

void
desk_turn(struct desk *d, struct pollfd *p, int n, int timeout_ms)
{
	struct pollfd all[POLL_MAX];
	int k = n < POLL_MAX ? n : POLL_MAX, m;

	d->news = false;
	look_work(d, &timeout_ms);
	send_work(d, &timeout_ms);
	sweep(d);
	if (d->news)
		timeout_ms = 0;
	if (k > 0)
		memcpy(all, p, (size_t)k * sizeof *p);
	for (m = 0; m < MARKETS; m++)
		if (d->side[m].calls != NULL)
			k += calls_poll(d->side[m].calls, all + k, POLL_MAX - k, &timeout_ms);
	if (d->loop != NULL)
		k += ws_poll(d->loop, all + k, POLL_MAX - k, &timeout_ms);
	if (poll(all, (nfds_t)k, timeout_ms) < 0)
		for (int i = 0; i < k; i++)
			all[i].revents = 0;
	for (int i = 0; i < n; i++)
		p[i].revents = all[i].revents;
	if (d->loop != NULL)
		ws_step(d->loop);
	for (m = 0; m < MARKETS; m++) {
		if (d->side[m].calls != NULL)
			calls_step(d->side[m].calls);
		if (d->side[m].us != NULL)
			ustream_step(d->side[m].us, clock_mono_ms());
	}
}

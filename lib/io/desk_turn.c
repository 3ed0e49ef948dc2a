/*
 * Whose turn it is: requests about one symbol keep their order, others overlap; what adds risk
 * waits while an outcome is unknown; and what goes together in one request.
 */
#include <stdlib.h>
#include <string.h>

#include "io/desk_in.h"

#define CLOCK_MS	2000	/* between measurements of the time that fail */
#define WHO_MAX		64	/* symbols in a look at who is next; more wait a turn */

/*
 * Who may go
 */

/* What stands before later ones of a symbol. */
struct ahead { enum market m; const char *symbol; bool waits, unknown; const struct entry *last; };
struct turn { struct ahead a[WHO_MAX]; int n; bool unknown; };

static struct ahead *
ahead_of(struct turn *t, const struct entry *e)
{
	for (int i = 0; i < t->n; i++)
		if (t->a[i].m == e->market && strcmp(t->a[i].symbol, e->in.symbol) == 0)
			return &t->a[i];
	if (t->n == WHO_MAX)
		return NULL;
	t->a[t->n] = (struct ahead){ .m = e->market, .symbol = e->in.symbol };
	return &t->a[t->n++];
}

static bool
is_unknown(const struct entry *e)
{
	return e->sent && e->fate.state == FATE_LOOK && !e->fate.explain;
}

/* Whether e is about the very order that u is, and so must wait until that is known, or told
 * as unknown. */
static bool
same_order(const struct entry *e, const struct entry *u)
{
	return e->in.op != OP_PLACE && e->in.op != OP_CANCEL_ALL &&
	    ((e->in.client_id[0] != '\0' && strcmp(e->in.client_id, u->in.client_id) == 0) ||
	    (e->in.order_id != 0 && e->in.order_id == u->in.order_id));
}

static bool
waits_for_order(const struct desk *d, const struct entry *e)
{
	for (const struct entry *u = d->first; u != NULL && u != e; u = u->next)
		if (!u->over && !u->told && is_unknown(u) && same_order(e, u))
			return true;
	return false;
}

/*
 * Whether e may go now: none of its symbol before it is undecided. One whose outcome is
 * unknown does not hold up what reduces risk, unless that is about this very order; but it
 * holds up all that adds risk, on every symbol.
 */
static bool
may_go(const struct desk *d, const struct turn *t, const struct ahead *a, const struct entry *e)
{
	if (a == NULL || a->waits)
		return false;
	if (!e->urgent)
		return !t->unknown && !a->unknown;
	return !a->unknown || !waits_for_order(d, e);
}

static void
pass_by(struct ahead *a, const struct entry *e)
{
	if (a == NULL)
		return;
	if (is_unknown(e))
		a->unknown = true;
	else
		a->waits = true;
}

static bool
cancels_alike(const struct entry *a, const struct entry *b)
{
	return b->in.op == OP_CANCEL && !b->in.algo && b->market == a->market &&
	    (a->in.order_id != 0) == (b->in.order_id != 0) && strcmp(a->in.symbol, b->in.symbol) == 0;
}

/* Of e's kind, for one request with it; none: NULL ends. */
static enum ep
batch_ep(const struct entry *e)
{
	switch (e->in.op) {
	case OP_PLACE:	return e->in.algo ? EP_COUNT : EP_BATCH_PLACE;
	case OP_MODIFY:	return EP_BATCH_MODIFY;
	case OP_CANCEL:	return e->in.algo ? EP_COUNT : EP_BATCH_CANCEL;
	case OP_CANCEL_ALL: break;
	}
	return EP_COUNT;
}

/*
 * Choosing
 */

/* Whether another may go along with first. */
static bool
goes_along(const struct desk *d, const struct turn *t, const struct ahead *a, const struct entry *first,
    const struct entry *e)
{
	if (e->market != first->market || batch_ep(e) != batch_ep(first) || e->urgent != first->urgent)
		return false;
	if (first->in.op == OP_CANCEL)
		return cancels_alike(first, e) && !waits_for_order(d, e);
	return may_go(d, t, a, e) || (d->c.batch_any && a != NULL && a->last == first);
}

static bool
is_ready(const struct entry *e, int64_t now)
{
	return !e->sent && !e->over && e->due_ms <= now;
}

/* More of its kind into fl. Cancels of one symbol go together whenever they can; orders
 * only where they would have to wait for a place. */
static void
fill(struct flight *fl, struct turn *t, struct entry *first, int places, int64_t now)
{
	struct desk *d = fl->d;
	enum ep ep = batch_ep(first);
	int max = ep == EP_BATCH_CANCEL ? FLIGHT_MAX : d->c.batch, more = 0;
	struct turn mine = *t;
	struct entry *e;

	if (ep == EP_COUNT || fl->ws || d->c.test || d->c.batch == 1)
		return;
	ahead_of(&mine, first)->waits = true;
	ahead_of(&mine, first)->last = first;
	for (e = first->next; e != NULL; e = e->next) {
		struct ahead *a = ahead_of(&mine, e);

		if (is_ready(e, now) && goes_along(d, &mine, a, first, e)) {
			if (fl->n < max)
				fl->e[fl->n++] = e;
			more++;
			if (a != NULL && first->in.op != OP_CANCEL) {
				a->waits = true;
				a->last = first;
			}
			continue;
		}
		if (a != NULL && !e->over && !e->told)
			pass_by(a, e);
		if (first->in.op == OP_CANCEL && a != NULL && strcmp(e->in.symbol, first->in.symbol) == 0)
			break;	/* what comes between keeps its place */
	}
	if (ep != EP_BATCH_CANCEL && more < places)
		fl->n = 1;	/* there is a place for each */
	if (fl->n > 1) {
		fl->batch = true;
		fl->ep = ep;
	}
}

/* Start first, with what goes along. true: it is off. */
static bool
start(struct desk *d, struct turn *t, struct entry *first, int places, int64_t now)
{
	struct flight *fl;
	struct fault f = { 0 };
	struct side *s = desk_side(d, first->market, &f);
	enum sending sent;
	enum way w;

	if (s == NULL) {
		look_refused(first, &f);
		return true;
	}
	w = send_way(s, first);
	if (w == WAY_WAITS || (w == WAY_REST && calls_free(s->calls) == 0))
		return false;
	if (w == WAY_NONE) {
		fault_set(&f, FAULT_AGAIN, "the WebSocket API is not to be had, and no other way is wanted; nothing was sent");
		look_refused(first, &f);
		return true;
	}
	if ((fl = calloc(1, sizeof *fl)) == NULL) {
		fault_set(&f, FAULT_LOCAL, "out of memory; nothing was sent");
		look_refused(first, &f);
		return true;
	}
	*fl = (struct flight){ .d = d, .market = first->market, .ws = w == WAY_WS, .n = 1,
	    .ep = d->c.test ? EP_ORDER_TEST : intent_endpoint(&first->in) };
	fl->e[0] = first;
	fill(fl, t, first, places, now);
	if ((sent = flight_send(fl)) != SEND_OFF)
		free(fl);
	return sent != SEND_WAITS;
}

static void
refuse_waiting(struct desk *d)
{
	struct fault f = { 0 };
	struct entry *e;

	fault_set(&f, FAULT_AGAIN, "stopped before its turn; nothing was sent");
	for (e = d->first; e != NULL; e = e->next)
		if (!e->sent && !e->over)
			look_refused(e, &f);
}

/* Answers that did not come in time. */
static void
late(struct desk *d, int *timeout_ms)
{
	int64_t now = clock_mono_ms();
	struct flight *fl, *next;
	struct fault f;

	for (fl = d->flights; fl != NULL; fl = next) {
		next = fl->next;
		if (!fl->ws || fl->late)
			continue;
		if (fl->end_ms > now) {
			sooner(timeout_ms, fl->end_ms - now);
			continue;
		}
		fl->late = true;
		d->nflights--;
		fault_set(&f, FAULT_UNKNOWN, "no answer within %d ms", d->side[fl->market].s->timeout_ms);
		for (int i = 0; i < fl->n; i++)
			if (fl->e[i] != NULL)
				look_answer(fl->e[i], &f, NULL, NULL);
	}
}

/* A logon that was refused for its time asks for a new one, which it must not do itself. */
static void
mind_clocks(struct desk *d, int64_t now)
{
	struct fault ignore;

	for (int m = 0; m < MARKETS; m++) {
		struct side *s = &d->side[m];

		if (s->ws == NULL || s->s->off.known || now < s->clock_due)
			continue;
		s->clock_due = now + CLOCK_MS;
		(void)session_sync(s->s, true, &ignore);
	}
}

/* Start those that may go, in the order they came; or only those that reduce risk. */
static void
send_pass(struct desk *d, bool urgent_only, int64_t now, int *timeout_ms)
{
	struct turn t = { 0 };
	struct ahead *a;
	struct entry *e;

	for (e = d->first; e != NULL && !t.unknown; e = e->next)
		t.unknown = !e->over && !e->told && is_unknown(e);
	for (e = d->first; e != NULL; e = e->next) {
		if (e->over || e->told)
			continue;
		a = ahead_of(&t, e);
		if (!e->sent && e->due_ms > now)
			sooner(timeout_ms, e->due_ms - now);
		if ((e->urgent || !urgent_only) && is_ready(e, now) && d->nflights < d->c.in_flight &&
		    may_go(d, &t, a, e) && !start(d, &t, e, d->c.in_flight - d->nflights, now))
			sooner(timeout_ms, e->due_ms > now ? e->due_ms - now : 20);
		if (!e->over)
			pass_by(a, e);
	}
}

/* Where places are scarce, what reduces risk is given them first. */
void
send_work(struct desk *d, int *timeout_ms)
{
	int64_t now = clock_mono_ms();

	late(d, timeout_ms);
	mind_clocks(d, now);
	if (desk_stopped(d))
		refuse_waiting(d);
	if (d->pending > d->c.in_flight)
		send_pass(d, true, now, timeout_ms);
	send_pass(d, false, now, timeout_ms);
}

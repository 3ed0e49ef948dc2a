/* The cap on a position: what was read of it, and what we have done since. */
#include <stdlib.h>
#include <string.h>

#include "held.h"

#define FRESH_MS	2000	/* a reading is kept so long, and none is believed sooner after we sent
				 * something: the exchange's reads lag behind its answers */
#define DRAIN_MS	500	/* for what is under way to end, before an order is refused for it */
#define HELD_MAX	64
#define OURS		256

/* An order of ours that counts since the last reading; client_id "": none. */
struct ours { char client_id[CLIENT_ID_MAX]; struct held_one *h; int side; dec qty; };
struct held { struct held_one one[HELD_MAX]; int n, next; struct ours ours[OURS]; unsigned next_ours; };

static int
at(enum order_side s)
{
	return s == SIDE_SELL;
}

/* Those of h are no longer told apart: it is read anew, or its place is wanted. */
static void
forget(struct held *all, const struct held_one *h)
{
	for (int i = 0; i < OURS; i++)
		if (all->ours[i].h == h)
			memset(&all->ours[i], 0, sizeof all->ours[i]);
}

static struct held_one *
place(struct app *a, const char *symbol)
{
	struct held *all = a->held;
	struct held_one *h;

	if (all == NULL && (all = a->held = calloc(1, sizeof *all)) == NULL)
		return NULL;
	for (int i = 0; i < all->n; i++)
		if (strcmp(all->one[i].symbol, symbol) == 0)
			return &all->one[i];
	h = &all->one[all->next++ % HELD_MAX];
	if (all->n < HELD_MAX)
		all->n++;
	forget(all, h);
	memset(h, 0, sizeof *h);
	memcpy(h->symbol, symbol, strlen(symbol) + 1);
	return h;
}

/* May be read anew: nothing of ours is under way, and the last was long enough ago. */
static bool
may_read(const struct app *a, const struct held_one *h, int64_t now)
{
	return h->at_ms == 0 || (desk_pending(a->desk) == 0 && now - h->at_ms >= FRESH_MS &&
	    now - h->sent_ms >= FRESH_MS);
}

static int
refresh(struct app *a, struct held_one *h, enum market m, struct fault *f)
{
	int64_t now = clock_mono_ms();

	if (!may_read(a, h, now))
		return 0;
	forget(a->held, h);
	if (held_read(h, &a->v.s[m], f) == -1)
		return -1;
	h->at_ms = now;
	return 0;
}

/* What the intent adds on its side: of a modification the difference. */
static bool
adds(const struct job *j, dec *out)
{
	return dec_sub(out, j->in.qty, j->was);
}

static int
reckon(const struct held_one *h, const struct job *j, dec *notional, struct fault *f)
{
	dec price = dec_max(dec_max(j->in.price, j->in.trigger), dec_max(j->in.activate, j->mark)), qty;

	if (!adds(j, &qty) || !dec_add(&qty, h->reach[at(j->in.side)], qty) ||
	    !rules_notional(notional, &j->rules, dec_max(qty, dec_int(0)), price))
		return fault_set(f, FAULT_LOCAL, "a position with more digits than can be reckoned with");
	return 0;
}

int
held_after(struct app *a, const struct job *j, dec cap, dec *notional, struct fault *f)
{
	struct held_one *h = place(a, j->in.symbol);

	if (h == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	if (refresh(a, h, j->market, f) == -1 || reckon(h, j, notional, f) == -1)
		return -1;
	if (dec_cmp(*notional, cap) <= 0 || desk_pending(a->desk) == 0)
		return 0;
	run_for(a, DRAIN_MS);	/* some of it may be gone by then */
	return refresh(a, h, j->market, f) == -1 ? -1 : reckon(h, j, notional, f);
}

static bool
capped(const struct app *a, const struct job *j)
{
	return dec_sign(a->v.s[j->market].prof.max_position_notional) != 0 &&
	    (j->in.op == OP_PLACE || j->in.op == OP_MODIFY);
}

static void
remember(struct held *all, struct held_one *h, const struct job *j)
{
	struct ours *o = &all->ours[all->next_ours++ % OURS];

	*o = (struct ours){ .h = h, .side = at(j->in.side), .qty = j->in.qty };
	memcpy(o->client_id, j->in.client_id, sizeof o->client_id);
}

void
held_add(struct app *a, const struct job *j)
{
	struct held_one *h;
	int i = at(j->in.side);
	dec more, sum;
	bool ok = true;

	if (!capped(a, j) || (h = place(a, j->in.symbol)) == NULL)
		return;
	h->sent_ms = clock_mono_ms();
	if (j->in.close_position)
		ok = held_close(h, i, h->credit[i]);
	else if (intent_reduces(&j->in))
		ok = held_close(h, i, j->in.qty);
	else if ((ok = adds(j, &more) && dec_add(&sum, h->reach[i], dec_max(more, dec_int(0))))) {
		h->reach[i] = sum;
		if (j->in.op == OP_PLACE)
			remember(a->held, h, j);
	}
	if (!ok)
		h->at_ms = 0;
}

static struct ours *
find(struct held *all, const char *client_id)
{
	for (int i = 0; all != NULL && *client_id != '\0' && i < OURS; i++)
		if (all->ours[i].h != NULL && strcmp(all->ours[i].client_id, client_id) == 0)
			return &all->ours[i];
	return NULL;
}

/* So much of it will not fill any more. It is forgotten, so that this is counted once. */
static void
give_back(struct ours *o, dec qty)
{
	dec left;

	if (dec_sign(qty) > 0 && dec_sub(&left, o->h->reach[o->side], dec_min(qty, o->qty)))
		o->h->reach[o->side] = left;
	memset(o, 0, sizeof *o);
}

void
held_refused(struct app *a, const struct job *j)
{
	struct ours *o = j->in.op == OP_PLACE ? find(a->held, j->in.client_id) : NULL;

	if (o != NULL)
		give_back(o, o->qty);
}

/* A conditional order that is cancelled has not been triggered. */
static bool
unfilled(const struct tok *t, const struct ours *o, dec *out)
{
	dec done;

	*out = o->qty;
	if (scan_get_is(t, t, "algoStatus", "CANCELED"))
		return true;
	return (scan_get_is(t, t, "status", "CANCELED") || scan_get_is(t, t, "status", "EXPIRED") ||
	    scan_get_is(t, t, "status", "EXPIRED_IN_MATCH")) &&
	    scan_get_dec(t, t, "executedQty", &done) && dec_sub(out, o->qty, done);
}

void
held_told(struct app *a, const char *result, size_t n)
{
	char id[CLIENT_ID_MAX];
	struct scan sc = { 0 };
	struct ours *o;
	dec rest;

	if (a->held == NULL)
		return;
	if (scan_doc(&sc, result, n) > 0 && (scan_get_str(sc.t, sc.t, "clientOrderId", id, sizeof id) ||
	    scan_get_str(sc.t, sc.t, "clientAlgoId", id, sizeof id)) &&
	    (o = find(a->held, id)) != NULL && unfilled(sc.t, o, &rest))
		give_back(o, rest);
	scan_free(&sc);
}

void
held_free(struct app *a)
{
	free(a->held);
	a->held = NULL;
}

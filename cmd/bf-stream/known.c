#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"

struct trade { uint64_t symbol; int64_t id; };

/* A set that forgets its oldest: a ring, and slots that point into it. */
struct ring {
	struct trade *at;	/* n places */
	int	     *slot;	/* 2n: index + 1 */
	int	      n, next;
	bool	      full;
};

struct known {
	struct ring	trades, events, ends;
	struct stand   *order; int orders, order_cap;
	struct holding *holding; int holdings, holding_cap;
	bool		whole;
};

static uint64_t
hash(const char *p, size_t n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * UINT64_C(0x100000001b3);
	return h;
}

/*
 * The ring
 */

static bool
ring_make(struct ring *r, int n)
{
	r->n = n;
	r->at = calloc((size_t)n, sizeof *r->at);
	r->slot = calloc((size_t)n * 2, sizeof *r->slot);
	return r->at != NULL && r->slot != NULL;
}

static unsigned
place(const struct ring *r, struct trade x)
{
	uint64_t h = (x.symbol ^ (uint64_t)x.id) * UINT64_C(0x9e3779b97f4a7c15);

	return (unsigned)((h >> 20) % (unsigned)(2 * r->n));
}

/* The slot of x, or the empty one where it would go. */
static unsigned
ring_find(const struct ring *r, struct trade x)
{
	unsigned i = place(r, x), m = 2 * (unsigned)r->n;

	for (; r->slot[i] != 0; i = (i + 1) % m) {
		const struct trade *y = &r->at[r->slot[i] - 1];

		if (y->symbol == x.symbol && y->id == x.id)
			break;
	}
	return i;
}

/* Empty a slot, and move up those behind it that it had pushed on. */
static void
ring_drop(struct ring *r, unsigned i)
{
	unsigned m = 2 * (unsigned)r->n, j = i, home;

	for (;;) {
		r->slot[i] = 0;
		do {
			j = (j + 1) % m;
			if (r->slot[j] == 0)
				return;
			home = place(r, r->at[r->slot[j] - 1]);
		} while (i <= j ? i < home && home <= j : i < home || home <= j);
		r->slot[i] = r->slot[j];
		i = j;
	}
}

static bool
ring_has(const struct ring *r, struct trade x)
{
	return r->slot[ring_find(r, x)] != 0;
}

static bool
ring_add(struct ring *r, struct trade x)
{
	if (ring_has(r, x))
		return true;
	if (r->full)
		ring_drop(r, ring_find(r, r->at[r->next]));
	r->at[r->next] = x;
	r->slot[ring_find(r, x)] = r->next + 1;
	if (++r->next == r->n) {
		r->next = 0;
		r->full = true;
	}
	return false;
}

struct known *
known_new(void)
{
	struct known *k = calloc(1, sizeof *k);

	if (k != NULL && (!ring_make(&k->trades, TRADES_KNOWN) || !ring_make(&k->events, EVENTS_KNOWN) ||
	    !ring_make(&k->ends, EVENTS_KNOWN))) {
		known_free(k);
		k = NULL;
	}
	return k;
}

void
known_free(struct known *k)
{
	if (k == NULL)
		return;
	free(k->trades.at);
	free(k->trades.slot);
	free(k->events.at);
	free(k->events.slot);
	free(k->ends.at);
	free(k->ends.slot);
	free(k->order);
	free(k->holding);
	free(k);
}

bool
known_event(struct known *k, const char *p, size_t n)
{
	return ring_add(&k->events, (struct trade){ hash(p, n), (int64_t)n });
}

static struct trade
part(const char *symbol, int64_t id, int64_t order)
{
	/* the factor spreads order ids, which are near one another, over all the bits */
	return (struct trade){ hash(symbol, strlen(symbol)) ^ (uint64_t)order * UINT64_C(0x9e3779b97f4a7c15), id };
}

bool
known_trade(struct known *k, const char *symbol, int64_t id, int64_t order)
{
	return ring_add(&k->trades, part(symbol, id, order));
}

bool
known_has_trade(const struct known *k, const char *symbol, int64_t id, int64_t order)
{
	return ring_has(&k->trades, part(symbol, id, order));
}

bool
known_whole(const struct known *k)
{
	return k->whole;
}

void
known_set_whole(struct known *k)
{
	k->whole = true;
}

/*
 * Orders and positions
 */

/* Room for one more of a list. */
static bool
more(void **list, int n, int *cap, size_t size)
{
	int want = *cap == 0 ? 16 : 2 * *cap;
	void *p;

	if (n < *cap)
		return true;
	if ((p = realloc(*list, (size_t)want * size)) == NULL)
		return false;
	*list = p;
	*cap = want;
	return true;
}

struct stand *
known_orders(struct known *k, int *n)
{
	*n = k->orders;
	return k->order;
}

struct holding *
known_holdings(struct known *k, int *n)
{
	*n = k->holdings;
	return k->holding;
}

struct stand *
known_order(struct known *k, bool algo, const char *symbol, int64_t id)
{
	for (int i = 0; i < k->orders; i++)
		if (k->order[i].id == id && k->order[i].algo == algo && strcmp(k->order[i].symbol, symbol) == 0)
			return &k->order[i];
	return NULL;
}

struct holding *
known_holding(struct known *k, const char *symbol, const char *side)
{
	for (int i = 0; i < k->holdings; i++)
		if (strcmp(k->holding[i].symbol, symbol) == 0 && strcmp(k->holding[i].side, side) == 0)
			return &k->holding[i];
	return NULL;
}

/* A state may be told late: what was executed never grows less. */
int
known_put_order(struct known *k, const struct stand *is, bool ended)
{
	struct stand *o = known_order(k, is->algo, is->symbol, is->id);
	struct trade end = { hash(is->symbol, strlen(is->symbol)) + is->algo, is->id };
	dec executed = is->executed;
	void *list = k->order;

	if (ended) {
		if (o != NULL)
			*o = k->order[--k->orders];
		(void)ring_add(&k->ends, end);
		return 0;
	}
	if (ring_has(&k->ends, end))
		return 0;
	if (o == NULL) {
		if (!more(&list, k->orders, &k->order_cap, sizeof *k->order))
			return -1;
		k->order = list;
		o = &k->order[k->orders++];
	} else {
		executed = dec_max(o->executed, executed);
	}
	*o = *is;
	o->executed = executed;
	return 0;
}

int
known_put_holding(struct known *k, const char *symbol, const char *side, dec amount)
{
	struct holding *h = known_holding(k, symbol, side);
	void *list = k->holding;

	if (dec_sign(amount) == 0) {
		if (h != NULL)
			*h = k->holding[--k->holdings];
		return 0;
	}
	if (h == NULL) {
		if (!more(&list, k->holdings, &k->holding_cap, sizeof *k->holding))
			return -1;
		k->holding = list;
		h = &k->holding[k->holdings++];
		memset(h, 0, sizeof *h);
		snprintf(h->symbol, sizeof h->symbol, "%s", symbol);
		snprintf(h->side, sizeof h->side, "%s", side);
	}
	h->amount = amount;
	return 0;
}

/*
 * Events
 */

/* Statuses after which nothing more comes of an order; one that is not known here is
 * taken for such only if the order was filled. */
static bool
is_end(const struct tok *t, const struct tok *o)
{
	static const char *const ends[] = {
		"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "REJECTED", "FINISHED", "TRIGGERED",
	};

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (scan_get_is(t, o, "X", ends[i]))
			return true;
	return false;
}

static int
take_order(struct known *k, const struct tok *t, const struct tok *o, bool algo)
{
	struct stand is = { .algo = algo };

	if (!scan_get_str(t, o, "s", is.symbol, sizeof is.symbol) || !scan_get_i64(t, o, algo ? "aid" : "i", &is.id))
		return 0;
	if (!algo) {
		(void)scan_get_dec(t, o, "z", &is.executed);
		(void)scan_get_dec(t, o, "p", &is.price);
		(void)scan_get_dec(t, o, "q", &is.qty);
	}
	return known_put_order(k, &is, is_end(t, o));
}

static int
take_positions(struct known *k, const struct tok *t, const struct tok *v)
{
	const struct tok *list = scan_get(t, scan_get(t, v, "a"), "P"), *p;
	char symbol[SYMBOL_MAX], side[8];
	dec amount;

	if (list == NULL || list->kind != SCAN_ARR)
		return 0;
	for (p = scan_first(list); p != NULL; p = scan_next(t, list, p))
		if (scan_get_str(t, p, "s", symbol, sizeof symbol) && scan_get_str(t, p, "ps", side, sizeof side) &&
		    scan_get_dec(t, p, "pa", &amount) && known_put_holding(k, symbol, side, amount) == -1)
			return -1;
	return 0;
}

int
known_take(struct known *k, const struct tok *t, const struct tok *v)
{
	if (scan_get_is(t, v, "e", "ORDER_TRADE_UPDATE"))
		return take_order(k, t, scan_get(t, v, "o"), false);
	if (scan_get_is(t, v, "e", "ALGO_UPDATE"))
		return take_order(k, t, scan_get(t, v, "o"), true);
	if (scan_get_is(t, v, "e", "ACCOUNT_UPDATE"))
		return take_positions(k, t, v);
	return 0;
}

bool
event_trade(const struct tok *t, const struct tok *v, char symbol[static SYMBOL_MAX], int64_t *id, int64_t *order)
{
	const struct tok *o = v;

	if (scan_get_is(t, v, "e", "ORDER_TRADE_UPDATE"))
		o = scan_get(t, v, "o");
	else if (!scan_get_is(t, v, "e", "TRADE_LITE"))
		return false;
	return scan_get_i64(t, o, "t", id) && *id > 0 && scan_get_i64(t, o, "i", order) &&
	    scan_get_str(t, o, "s", symbol, SYMBOL_MAX);
}

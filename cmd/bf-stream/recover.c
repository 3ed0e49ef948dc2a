#include <stdlib.h>
#include <string.h>

#include "core/span.h"
#include "recover_in.h"

#define OVERLAP_MS	10000	/* asked for from before the gap: clocks, and rows written late */

int
recovery_no_memory(struct recovery *r)
{
	return fault_set(&r->f, FAULT_LOCAL, "out of memory");
}

static void *
copy(const void *p, size_t n)
{
	void *c = malloc(n == 0 ? 1 : n);

	if (c != NULL && n > 0)
		memcpy(c, p, n);
	return c;
}

struct recovery *
recovery_begin(struct app *a, enum market m, struct known *k, bool first, int64_t from, int64_t to,
    int64_t begun, int delay_ms, void (*done)(void *arg, void *r), void *arg)
{
	struct recovery *r = calloc(1, sizeof *r);
	const struct stand *orders;
	const struct holding *holdings;

	if (r == NULL)
		return NULL;
	r->head.drop = recovery_free;
	r->a = a;
	r->m = m;
	r->first = first;
	r->from = from;
	r->to = to;
	r->since = from - OVERLAP_MS > begun ? from - OVERLAP_MS : begun;
	orders = known_orders(k, &r->norders);
	holdings = known_holdings(k, &r->nholdings);
	r->orders = copy(orders, (size_t)r->norders * sizeof *orders);
	r->holdings = copy(holdings, (size_t)r->nholdings * sizeof *holdings);
	if (r->orders == NULL || r->holdings == NULL || worker_do(a->worker, m, delay_ms, recovery_ask, done, arg, r) == -1) {
		recovery_free(r);
		return NULL;
	}
	return r;
}

void
recovery_free(void *p)
{
	struct recovery *r = p;

	if (r == NULL)
		return;
	for (int i = 0; i < r->n; i++)
		buf_free(&r->got[i].text);
	free(r->got);
	free(r->orders);
	free(r->holdings);
	free(r->symbols);
	scan_free(&r->sc);
	free(r);
}

const struct fault *
recovery_failed(const struct recovery *r)
{
	return r->f.kind == FAULT_NONE ? NULL : &r->f;
}

static struct buf *
note(struct recovery *r, const char *kind, const char *what)
{
	struct buf *b = app_note(r->a, kind);

	jw_str(b, "what", what);
	jw_str(b, "market", market_word(r->m));
	jw_i64(b, "from", r->from);
	jw_i64(b, "to", r->to);
	return b;
}

/* A row of REST as it came, under its own name. */
static void
tell_row(struct recovery *r, const char *what, const struct tok *row)
{
	struct buf *b = note(r, "recovered", what), text = { 0 };

	span_put(&text, row);
	jw_raw(b, what, text.p == NULL ? "null" : text.p, text.p == NULL ? 4 : text.len);
	b->bad |= text.bad;
	buf_free(&text);
	app_note_end(r->a);
}

/* A fill that no event told of. Rows from before the gap are known, or older than what is
 * remembered: those of the overlap only tell of what was on its way. */
static void
take_trade(struct recovery *r, struct known *k, const struct tok *t, const struct tok *v)
{
	char symbol[SYMBOL_MAX];
	int64_t id, order, ms;

	if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol) || !scan_get_i64(t, v, "id", &id) ||
	    !scan_get_i64(t, v, "orderId", &order) || !scan_get_i64(t, v, "time", &ms) ||
	    known_trade(k, symbol, id, order) || ms < r->since)
		return;
	tell_row(r, "fill", v);
	r->fills++;
}

/* Of what moved when the stream was there again an event tells. */
static bool
moved_since(const struct recovery *r, const struct tok *t, const struct tok *v)
{
	int64_t ms;

	return scan_get_i64(t, v, "updateTime", &ms) && ms > r->to + CLOCK_STEP_MS;
}

/* 0 is what is not known, or has no meaning. */
static bool
another(dec a, dec b)
{
	return dec_sign(a) != 0 && dec_sign(b) != 0 && dec_cmp(a, b) != 0;
}

static bool
amended(const struct stand *a, const struct stand *b)
{
	return another(a->price, b->price) || another(a->qty, b->qty);
}

/* It is as it was when REST was asked: no event has told of another price since, and knows
 * better. */
static bool
as_asked(const struct recovery *r, const struct stand *o)
{
	for (int i = 0; i < r->norders; i++)
		if (r->orders[i].id == o->id && r->orders[i].algo == o->algo &&
		    strcmp(r->orders[i].symbol, o->symbol) == 0)
			return !amended(&r->orders[i], o);
	return false;
}

/* Whether the order is another one than was told. */
static bool
changed(const struct recovery *r, const struct known *k, const struct stand *o, const struct stand *is, bool stands)
{
	if (o == NULL)
		return stands && known_whole(k);
	return !stands || dec_cmp(o->executed, is->executed) < 0 || (as_asked(r, o) && amended(o, is));
}

/* An order, standing or not. */
static void
take_order(struct recovery *r, struct known *k, const struct tok *t, const struct tok *v, bool stands)
{
	struct stand is = { .algo = scan_get(t, v, "algoId") != NULL };
	const struct stand *o;

	if (!scan_get_str(t, v, "symbol", is.symbol, sizeof is.symbol) ||
	    !scan_get_i64(t, v, is.algo ? "algoId" : "orderId", &is.id))
		return;
	if (!is.algo) {
		(void)scan_get_dec(t, v, "executedQty", &is.executed);
		(void)scan_get_dec(t, v, "price", &is.price);
		(void)scan_get_dec(t, v, "origQty", &is.qty);
	}
	o = known_order(k, is.algo, is.symbol, is.id);
	if (!r->first && !moved_since(r, t, v) && changed(r, k, o, &is, stands)) {
		tell_row(r, "order", v);
		r->changed++;
	}
	if (o != NULL && !as_asked(r, o)) {
		is.price = o->price;
		is.qty = o->qty;
	}
	if (known_put_order(k, &is, !stands) == -1)
		recovery_no_memory(r);
}

static void
tell_moved(struct recovery *r, const char *symbol, const char *side, dec was, dec is)
{
	struct buf *b = note(r, "reconcile", "position_mismatch");

	jw_str(b, "s", symbol);
	jw_str(b, "ps", side);
	jw_dec(b, "was", was);
	jw_dec(b, "is", is);
	app_note_end(r->a);
	r->moved++;
}

/* An event has told of it since REST was asked, and knows better. */
static bool
told_since(const struct recovery *r, const struct holding *h, const char *symbol, const char *side)
{
	return dec_cmp(h == NULL ? dec_int(0) : h->amount, recovery_amount(r, symbol, side)) != 0;
}

static void
take_position(struct recovery *r, struct known *k, const struct tok *t, const struct tok *v)
{
	char symbol[SYMBOL_MAX], side[8];
	struct holding *h;
	dec amount;

	if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol) ||
	    !scan_get_str(t, v, "positionSide", side, sizeof side) || !scan_get_dec(t, v, "positionAmt", &amount))
		return;
	h = known_holding(k, symbol, side);
	if (told_since(r, h, symbol, side)) {
		if (h != NULL)
			h->found = true;
		return;
	}
	if (!r->first && (h != NULL || known_whole(k)) && !moved_since(r, t, v) &&
	    dec_cmp(h == NULL ? dec_int(0) : h->amount, amount) != 0)
		tell_moved(r, symbol, side, h == NULL ? dec_int(0) : h->amount, amount);
	if (known_put_holding(k, symbol, side, amount) == -1)
		recovery_no_memory(r);
	if ((h = known_holding(k, symbol, side)) != NULL)
		h->found = true;
}

/* A position that the whole list does not have is flat. */
static void
take_flat(struct recovery *r, struct known *k)
{
	struct holding *h;
	int n;

	for (int i = 0; h = known_holdings(k, &n), i < n; ) {
		if (h[i].found || told_since(r, &h[i], h[i].symbol, h[i].side)) {
			h[i++].found = false;
			continue;
		}
		if (!r->first)
			tell_moved(r, h[i].symbol, h[i].side, h[i].amount, dec_int(0));
		(void)known_put_holding(k, h[i].symbol, h[i].side, dec_int(0));
	}
}

/* An order that the list did not have may stand all the same: lists lag behind. */
static bool
stands_yet(const struct tok *t)
{
	static const char *const words[] = { "NEW", "PARTIALLY_FILLED", "TRIGGERING" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (scan_get_is(t, t, "status", words[i]) || scan_get_is(t, t, "algoStatus", words[i]))
			return true;
	return false;
}

static void
take(struct recovery *r, struct known *k, const struct answer *x)
{
	const struct tok *t, *v;

	if (scan_doc(&r->sc, x->text.p, x->text.len) <= 0)
		return;
	t = r->sc.t;
	if (x->what == ORDER) {
		take_order(r, k, t, t, stands_yet(t));
		return;
	}
	if (t->kind != SCAN_ARR)
		return;
	for (v = scan_first(t); v != NULL; v = scan_next(t, t, v))
		if (x->what == TRADES)
			take_trade(r, k, t, v);
		else if (x->what == POSITIONS)
			take_position(r, k, t, v);
		else if (x->what != INCOME)
			take_order(r, k, t, v, true);
	if (x->what == POSITIONS)
		take_flat(r, k);
}

void
recovery_apply(struct recovery *r, struct known *k, bool quiet)
{
	struct buf *b;

	/* fills first: an order's end is told after what filled it */
	for (int i = 0; i < r->n; i++)
		if (r->got[i].what == TRADES)
			take(r, k, &r->got[i]);
	for (int i = 0; i < r->n; i++)
		if (r->got[i].what != TRADES)
			take(r, k, &r->got[i]);
	/* of what stood before there was a first look it cannot be said whether it is new */
	r->incomplete |= !r->first && !known_whole(k);
	known_set_whole(k);
	if (r->first || (quiet && !r->incomplete && r->fills + r->changed + r->moved == 0))
		return;
	if (r->incomplete) {
		(void)note(r, "reconcile", "incomplete");
		app_note_end(r->a);
	}
	b = note(r, "reconcile", "done");
	jw_i64(b, "fills", r->fills);
	jw_i64(b, "orders", r->changed);
	jw_i64(b, "positions", r->moved);
	app_note_end(r->a);
}

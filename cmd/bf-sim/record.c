#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

#define PARTIAL_MAX	20	/* levels a side of the largest partial book */

/* What is being read. */
struct reader {
	const struct tok *t, *o;
	const char	*stream, *only;
	struct record_levels *room;
	struct feed_record *r;
	const char	**why;
};

static enum verdict
bad(struct reader *x, const char *why)
{
	*x->why = why;
	return LINE_BAD;
}

/* An id, or -1 where the venue has none: 0. */
static bool
read_id(const struct reader *x, const char *key, uint64_t *out)
{
	int64_t id;

	if (!scan_get_i64(x->t, x->o, key, &id))
		return false;
	*out = id > 0 ? (uint64_t)id : 0;
	return true;
}

/* No price or quantity is larger than that; beyond it sums would have no room. */
static bool
is_sane(dec d)
{
	return dec_sign(d) >= 0 && dec_cmp(d, dec_int(INT64_C(1000000000000000))) <= 0;
}

static bool
read_price(const struct tok *t, const struct tok *o, const char *key, dec *out)
{
	return scan_get_dec(t, o, key, out) && dec_sign(*out) > 0 && is_sane(*out);
}

/*
 * Levels
 */

static bool
room_for(struct record_levels *room, const struct tok *list)
{
	size_t want = (size_t)room->n + list->n;
	struct engine_level *v;

	if (want <= (size_t)room->cap)
		return true;
	if ((v = realloc(room->v, want * sizeof *v)) == NULL)
		return false;
	room->v = v;
	room->cap = (int)want;
	return true;
}

static bool
read_level(const struct tok *t, const struct tok *pair, struct engine_level *l)
{
	const struct tok *p;

	if (pair->kind != SCAN_ARR || pair->n < 2)
		return false;
	p = scan_first(pair);
	return scan_dec(p, &l->price) && dec_sign(l->price) > 0 && is_sane(l->price) &&
	    scan_dec(scan_next(t, pair, p), &l->qty) && is_sane(l->qty);
}

static bool
read_side(struct reader *x, const char *key, enum order_side side)
{
	const struct tok *list = scan_get(x->t, x->o, key);
	struct engine_level l = { .side = side };

	if (list == NULL || list->kind != SCAN_ARR || !room_for(x->room, list))
		return false;
	for (const struct tok *v = scan_first(list); v != NULL; v = scan_next(x->t, list, v)) {
		if (!read_level(x->t, v, &l))
			return false;
		x->room->v[x->room->n++] = l;
	}
	return true;
}

/* The middle of the best of both sides; 0 where one is empty. */
static dec
middle(const struct engine_level *l, int n)
{
	dec bid = { 0, 0 }, ask = { 0, 0 }, mid;

	for (int i = 0; i < n; i++) {
		if (dec_sign(l[i].qty) == 0)
			continue;
		if (l[i].side == SIDE_BUY)
			bid = dec_max(bid, l[i].price);
		else
			ask = dec_sign(ask) == 0 ? l[i].price : dec_min(ask, l[i].price);
	}
	if (dec_sign(bid) == 0 || dec_sign(ask) == 0 || !dec_add(&mid, bid, ask) ||
	    !dec_div(&mid, mid, dec_int(2), 8, DEC_DOWN))
		return dec_int(0);
	return mid;
}

static bool
read_levels(struct reader *x, const char *bids, const char *asks)
{
	if (!read_side(x, bids, SIDE_BUY) || !read_side(x, asks, SIDE_SELL))
		return false;
	x->r->level = x->room->v;
	x->r->nlevel = x->room->n;
	return true;
}

/*
 * Partial books and diffs have the same e. A stream's name tells them apart
 * ("@depth20"); of a bare record only its look: a partial book is sorted best
 * bid first and has 5, 10 or 20 levels a side, a diff is sorted upward.
 */

static bool
is_size(int n)
{
	return n == 5 || n == 10 || n == PARTIAL_MAX;
}

static bool
looks_partial(const struct engine_level *l, int n)
{
	int bids = 0;

	while (bids < n && l[bids].side == SIDE_BUY)
		bids++;
	if (!is_size(bids) || !is_size(n - bids))
		return false;
	for (int i = 0; i < n; i++) {
		if (dec_sign(l[i].qty) == 0)
			return false;
		if (i > 0 && i != bids && dec_cmp(l[i].price, l[i - 1].price) != (i < bids ? -1 : 1))
			return false;
	}
	return true;
}

static bool
is_partial(const struct reader *x)
{
	const char *at = strchr(x->stream, '@');

	if (at == NULL)
		return looks_partial(x->r->level, x->r->nlevel);
	return strncmp(at, "@depth", 6) == 0 && isdigit((unsigned char)at[6]);
}

/*
 * The kinds
 */

static enum verdict
read_depth(struct reader *x)
{
	struct feed_record *r = x->r;

	r->kind = FEED_DEPTH;
	if (!read_levels(x, "b", "a"))
		return bad(x, "b, a: not two lists of levels");
	if (!read_id(x, "U", &r->U) || !read_id(x, "u", &r->u))
		return bad(x, "U, u: no update ids");
	if (!read_id(x, "pu", &r->pu))
		r->pu = 0;
	r->reset = is_partial(x);
	if (r->reset)
		r->price = middle(r->level, r->nlevel);
	return LINE_RECORD;
}

static enum verdict
read_mark(struct reader *x)
{
	x->r->kind = FEED_MARK;
	if (!read_price(x->t, x->o, "p", &x->r->price))
		return bad(x, "p: no price");
	if (!read_price(x->t, x->o, "i", &x->r->index))
		x->r->index = dec_int(0);
	return LINE_RECORD;
}

static bool
read_top(struct reader *x, const char *price, const char *qty, enum order_side side)
{
	struct engine_level l = { .side = side };

	if (!scan_get_dec(x->t, x->o, price, &l.price) || !scan_get_dec(x->t, x->o, qty, &l.qty) ||
	    !is_sane(l.price) || !is_sane(l.qty))
		return false;
	if (dec_sign(l.price) == 0)
		l.qty = dec_int(0);
	x->room->v[x->room->n++] = l;
	return true;
}

static enum verdict
read_book(struct reader *x)
{
	static const struct tok two = { .n = 2 };

	x->r->kind = FEED_BOOK;
	if (!room_for(x->room, &two))
		return bad(x, "out of memory");
	if (!read_top(x, "b", "B", SIDE_BUY) || !read_top(x, "a", "A", SIDE_SELL))
		return bad(x, "b, B, a, A: no best bid and ask");
	x->r->level = x->room->v;
	x->r->nlevel = x->room->n;
	x->r->price = middle(x->r->level, x->r->nlevel);
	if (!read_id(x, "u", &x->r->u))
		x->r->u = 0;
	return LINE_RECORD;
}

/* X of a trade: only MARKET was done in the book. */
static enum verdict
read_trade(struct reader *x)
{
	const struct tok *how = scan_get(x->t, x->o, "X");
	bool maker;

	x->r->kind = FEED_TRADE;
	if (how != NULL && !scan_is(how, "MARKET"))
		return LINE_PASS;
	if (!read_price(x->t, x->o, "p", &x->r->price))
		return bad(x, "p: no price");
	if (!read_price(x->t, x->o, "q", &x->r->qty))
		return bad(x, "q: no quantity");
	if (!scan_get_bool(x->t, x->o, "m", &maker))
		return bad(x, "m: neither true nor false");
	x->r->taker = maker ? SIDE_SELL : SIDE_BUY;
	return LINE_RECORD;
}

static enum verdict
read_kline(struct reader *x)
{
	x->r->kind = FEED_KLINE;
	if (!read_price(x->t, scan_get(x->t, x->o, "k"), "c", &x->r->price))
		return bad(x, "k.c: no price");
	return LINE_RECORD;
}

/* A pair's perpetual: BTCUSDT, but BTCUSD_PERP. Its deliveries bear a date that
 * is not told. */
static enum verdict
read_continuous(struct reader *x)
{
	char *s = x->r->symbol;
	size_t n;

	if (!scan_get_is(x->t, x->o, "ct", "PERPETUAL"))
		return LINE_PASS;
	if (!scan_get_str(x->t, x->o, "ps", s, SYMBOL_MAX - sizeof "_PERP"))
		return bad(x, "ps: no pair");
	n = strlen(s);
	if (n > 3 && strcmp(s + n - 3, "USD") == 0)
		memcpy(s + n, "_PERP", sizeof "_PERP");
	return read_kline(x);
}

static const struct kind {
	const char *e;
	enum verdict (*read)(struct reader *x);
	bool	pair;		/* has no s */
} kinds[] = {
	{ "depthUpdate", read_depth, false },
	{ "bookTicker", read_book, false },
	{ "markPriceUpdate", read_mark, false },
	{ "aggTrade", read_trade, false },
	{ "trade", read_trade, false },
	{ "kline", read_kline, false },
	{ "continuous_kline", read_continuous, true }
};

/* The symbol of "btcusdt@depth". */
static bool
stream_symbol(const char *stream, char out[static SYMBOL_MAX])
{
	size_t n = strcspn(stream, "@");

	if (n == 0 || n >= SYMBOL_MAX || stream[0] == '!' || stream[n] == '\0')
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(isascii((unsigned char)stream[i]) ?
		    toupper((unsigned char)stream[i]) : stream[i]);
	out[n] = '\0';
	return true;
}

static enum verdict
read_snapshot(struct reader *x)
{
	struct feed_record *r = x->r;

	r->kind = FEED_DEPTH;
	r->reset = true;
	if (!scan_get_str(x->t, x->o, "symbol", r->symbol, sizeof r->symbol) &&
	    !scan_get_str(x->t, x->o, "s", r->symbol, sizeof r->symbol) &&
	    !stream_symbol(x->stream, r->symbol))
		snprintf(r->symbol, sizeof r->symbol, "%s", x->only);
	if (r->symbol[0] == '\0')
		return bad(x, "a snapshot without a symbol");
	if (!read_id(x, "lastUpdateId", &r->u))
		return bad(x, "lastUpdateId: no update id");
	r->U = r->u;
	if (!read_levels(x, "bids", "asks"))
		return bad(x, "bids, asks: not two lists of levels");
	r->price = middle(r->level, r->nlevel);
	return LINE_RECORD;
}

enum verdict
record_read(const struct tok *t, const struct tok *o, const char *stream, const char *only,
    struct record_levels *room, struct feed_record *r, const char **why)
{
	struct reader x = { t, o, stream, only, room, r, why };
	const struct tok *e;

	memset(r, 0, sizeof *r);
	room->n = 0;
	if (o->kind != SCAN_OBJ)
		return bad(&x, "not a JSON object");
	if ((e = scan_get(t, o, "e")) == NULL)
		return scan_get(t, o, "lastUpdateId") == NULL ? LINE_PASS : read_snapshot(&x);
	for (const struct kind *k = kinds; k < kinds + sizeof kinds / sizeof *kinds; k++) {
		if (!scan_is(e, k->e))
			continue;
		if (!k->pair && !scan_get_str(t, o, "s", r->symbol, sizeof r->symbol))
			return bad(&x, "s: no symbol");
		if (!scan_get_i64(t, o, "E", &r->E) || r->E <= 0)
			return bad(&x, "E: no time");
		return k->read(&x);
	}
	return LINE_PASS;
}

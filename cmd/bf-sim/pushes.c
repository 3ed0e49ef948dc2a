/* Market streams: what each message says, and when. */
#include <stdlib.h>
#include <string.h>

#include "market.h"
#include "number.h"
#include "streams.h"

#define REPEAT_MS	1000	/* a mark price is told again so often */
#define TOP_MAX		20

/* Fills of one price and direction, told as one. */
struct agg { bool any, buyer_maker; dec price, qty; uint64_t first, last; int64_t ms; };

struct pushes {
	struct sim *s;
	int64_t	repeat;			/* when marks are told again (serve_now time) */
	struct agg agg[ENGINE_SYMBOLS];
	uint64_t nagg[ENGINE_SYMBOLS];
	bool	book[ENGINE_SYMBOLS];	/* levels changed since the last settling */
	struct engine_level bid[ENGINE_SYMBOLS], ask[ENGINE_SYMBOLS];	/* told last */
	struct buf b;			/* room for a message */
};

struct pushes *
pushes_new(struct sim *s)
{
	struct pushes *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->s = s;
	p->repeat = serve_now() + REPEAT_MS;
	return p;
}

void
pushes_free(struct pushes *p)
{
	if (p == NULL)
		return;
	buf_free(&p->b);
	free(p);
}

static const char *
symbol(const struct pushes *p, int sym)
{
	return engine_rules(p->s->engine, sym)->symbol;
}

static struct buf *
begin(struct pushes *p)
{
	buf_reset(&p->b);
	return &p->b;
}

/* "e", "E" and "s" of a message. */
static void
put_head(struct pushes *p, const char *e, int sym, int64_t now)
{
	jw_open(&p->b, NULL, '{');
	jw_str(&p->b, "e", e);
	jw_i64(&p->b, "E", now);
	jw_str(&p->b, "s", symbol(p, sym));
}

static void
put_tail(struct pushes *p, int sym)
{
	jw_str(&p->b, "ps", symbol(p, sym));
	jw_i64(&p->b, "st", 1);
	jw_close(&p->b, '}');
}

/*
 * Mark prices
 */

static void
put_mark(struct pushes *p, int sym, int64_t now)
{
	dec mark = engine_mark_price(p->s->engine, sym);

	put_head(p, "markPriceUpdate", sym, now);
	number_money(&p->b, "p", mark);
	number_money(&p->b, "ap", mark);
	number_money(&p->b, "P", mark);
	number_money(&p->b, "i", mark);
	jw_str(&p->b, "r", "0.00000000");
	jw_i64(&p->b, "T", market_next_funding(now));
	jw_i64(&p->b, "st", 1);
	jw_close(&p->b, '}');
}

static void
push_mark(struct pushes *p, int sym, int64_t now)
{
	if (!streams_wanted(p->s->streams, ST_MARK, sym))
		return;
	begin(p);
	put_mark(p, sym, now);
	streams_push_all(p->s->streams, ST_MARK, sym, &p->b);
}

/* only: the one that changed, or -1. */
static void
push_marks(struct pushes *p, int only, int64_t now)
{
	struct buf *b = begin(p);

	if (!streams_wanted(p->s->streams, ST_MARK_ALL, -1))
		return;
	jw_open(b, NULL, '[');
	for (int i = 0; i < engine_symbols(p->s->engine); i++)
		if ((only == -1 || i == only) && dec_sign(engine_mark_price(p->s->engine, i)) != 0)
			put_mark(p, i, now);
	jw_close(b, ']');
	streams_push_all(p->s->streams, ST_MARK_ALL, -1, b);
}

static void
on_mark(struct pushes *p, const struct engine_event *ev)
{
	push_mark(p, ev->sym, ev->ms);
	push_marks(p, ev->sym, ev->ms);
}

static void
repeat_marks(struct pushes *p, int64_t now)
{
	for (int i = 0; i < engine_symbols(p->s->engine); i++)
		if (dec_sign(engine_mark_price(p->s->engine, i)) != 0)
			push_mark(p, i, now);
	push_marks(p, -1, now);
}

/*
 * Trades and candles
 */

static void
push_agg(struct pushes *p, int sym, int64_t now)
{
	struct agg *a = &p->agg[sym];
	struct buf *b = begin(p);

	if (!a->any)
		return;
	a->any = false;
	put_head(p, "aggTrade", sym, now);
	jw_u64(b, "a", ++p->nagg[sym]);
	jw_dec(b, "p", a->price);
	jw_dec(b, "q", a->qty);
	jw_dec(b, "nq", a->qty);
	jw_u64(b, "f", a->first);
	jw_u64(b, "l", a->last);
	jw_i64(b, "T", a->ms);
	jw_bool(b, "m", a->buyer_maker);
	jw_i64(b, "st", 1);
	jw_close(b, '}');
	streams_push_all(p->s->streams, ST_AGG, sym, b);
}

static void
add_agg(struct pushes *p, const struct engine_event *ev)
{
	struct agg *a = &p->agg[ev->sym];

	if (a->any && a->buyer_maker == ev->u.trade.buyer_maker &&
	    dec_cmp(a->price, ev->u.trade.price) == 0 && dec_add(&a->qty, a->qty, ev->u.trade.qty)) {
		a->last = ev->u.trade.id;
		return;
	}
	push_agg(p, ev->sym, ev->ms);
	*a = (struct agg){ true, ev->u.trade.buyer_maker, ev->u.trade.price, ev->u.trade.qty,
		ev->u.trade.id, ev->u.trade.id, ev->ms };
}

static void
push_trade(struct pushes *p, const struct engine_event *ev)
{
	struct buf *b = begin(p);

	put_head(p, "trade", ev->sym, ev->ms);
	jw_i64(b, "T", ev->ms);
	jw_u64(b, "t", ev->u.trade.id);
	jw_dec(b, "p", ev->u.trade.price);
	jw_dec(b, "q", ev->u.trade.qty);
	jw_str(b, "X", "MARKET");
	jw_bool(b, "m", ev->u.trade.buyer_maker);
	jw_i64(b, "st", 1);
	jw_close(b, '}');
	streams_push_all(p->s->streams, ST_TRADE, ev->sym, b);
}

static void
put_candle(struct pushes *p, const struct stream *st, bool closed)
{
	const struct kline *k = &st->kline;
	struct buf *b = &p->b;

	jw_open(b, "k", '{');
	jw_i64(b, "t", k->open_ms);
	jw_i64(b, "T", k->open_ms + st->interval_ms - 1);
	jw_str(b, "s", symbol(p, st->sym));
	jw_str(b, "i", st->interval);
	jw_u64(b, "f", k->first);
	jw_u64(b, "L", k->last);
	jw_dec(b, "o", k->o);
	jw_dec(b, "c", k->c);
	jw_dec(b, "h", k->h);
	jw_dec(b, "l", k->l);
	jw_dec(b, "v", k->vol);
	jw_i64(b, "n", k->trades);
	jw_bool(b, "x", closed);
	jw_dec(b, "q", k->quote);
	jw_dec(b, "V", k->taker_vol);
	jw_dec(b, "Q", k->taker_quote);
	jw_str(b, "B", "0");
	jw_close(b, '}');
}

static void
push_candle(struct pushes *p, struct stream *st, bool closed, int64_t now)
{
	begin(p);
	put_head(p, "kline", st->sym, now);
	put_candle(p, st, closed);
	jw_i64(&p->b, "st", 1);
	jw_close(&p->b, '}');
	streams_push(p->s->streams, st, &p->b);
}

/* The candle of a week begins on Monday; 1970 began on a Thursday. */
static int64_t
candle_open(const struct stream *st, int64_t now)
{
	const int64_t day = INT64_C(24) * 3600 * 1000, shift = st->interval_ms == 7 * day ? 4 * day : 0;

	return (now - shift) / st->interval_ms * st->interval_ms + shift;
}

/* Close the candle if its time is over, and open the one of now. */
static void
turn_candle(struct pushes *p, struct stream *st, int64_t now)
{
	struct kline *k = &st->kline;
	int64_t open = candle_open(st, now);
	dec last = engine_last_price(p->s->engine, st->sym);
	dec none = { 0, engine_rules(p->s->engine, st->sym)->step.scale };

	if (k->open_ms == open)
		return;
	if (k->open_ms != 0)
		push_candle(p, st, true, now);
	*k = (struct kline){ .open_ms = open, .o = last, .h = last, .l = last, .c = last,
		.vol = none, .quote = none, .taker_vol = none, .taker_quote = none };
	st->pending = true;
}

static void
add_candle(struct pushes *p, struct stream *st, const struct engine_event *ev)
{
	struct kline *k = &st->kline;
	dec price = ev->u.trade.price, qty = ev->u.trade.qty, quote = { 0, 0 };

	turn_candle(p, st, ev->ms);
	if (k->trades++ == 0) {
		k->first = ev->u.trade.id;
		k->o = k->h = k->l = price;
	}
	k->last = ev->u.trade.id;
	k->h = dec_max(k->h, price);
	k->l = dec_min(k->l, price);
	k->c = price;
	(void)(dec_mul(&quote, price, qty) && dec_add(&k->quote, k->quote, quote) &&
	    dec_add(&k->vol, k->vol, qty));
	if (!ev->u.trade.buyer_maker)
		(void)(dec_add(&k->taker_vol, k->taker_vol, qty) &&
		    dec_add(&k->taker_quote, k->taker_quote, quote));
	st->pending = true;
}

static void
on_trade(struct pushes *p, const struct engine_event *ev)
{
	struct stream *st;

	add_agg(p, ev);
	if (streams_wanted(p->s->streams, ST_TRADE, ev->sym))
		push_trade(p, ev);
	for (int i = 0; (st = streams_at(p->s->streams, i)) != NULL; i++)
		if (st->kind == ST_KLINE && st->sym == ev->sym && st->nsub > 0)
			add_candle(p, st, ev);
}

static void
on_force(struct pushes *p, const struct engine_event *ev)
{
	const struct engine_order *o = ev->u.force.o;
	struct buf *b = begin(p);

	jw_open(b, NULL, '{');
	jw_str(b, "e", "forceOrder");
	jw_i64(b, "E", ev->ms);
	jw_open(b, "o", '{');
	jw_str(b, "s", symbol(p, ev->sym));
	jw_str(b, "S", order_side_name(o->side));
	jw_str(b, "o", order_type_name(o->type));
	jw_str(b, "f", order_tif_name(o->tif));
	jw_dec(b, "q", o->qty);
	jw_dec(b, "p", o->price);
	jw_dec(b, "ap", order_avg(p->s->engine, o));
	jw_str(b, "X", order_status_name(o->status));
	jw_dec(b, "l", o->filled);
	jw_dec(b, "z", o->filled);
	jw_i64(b, "T", o->update_ms);
	put_tail(p, ev->sym);
	jw_close(b, '}');
	streams_push_all(p->s->streams, ST_FORCE, ev->sym, b);
	streams_push_all(p->s->streams, ST_FORCE_ALL, -1, b);
}

/*
 * The book
 */

/* Where a level stands in the changes, or belongs: bids first, by price. */
static int
find_change(const struct changes *c, const struct engine_level *l, bool *found)
{
	int lo = 0, hi = c->n, mid, cmp;

	*found = false;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		cmp = c->v[mid].side != l->side ? (l->side == SIDE_BUY ? 1 : -1) :
		    dec_cmp(c->v[mid].price, l->price);
		if (cmp == 0) {
			*found = true;
			return mid;
		}
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
change_room(struct changes *c)
{
	int want = c->cap == 0 ? 64 : 2 * c->cap;
	struct engine_level *v;

	if (c->n < c->cap)
		return true;
	if ((v = realloc(c->v, (size_t)want * sizeof *v)) == NULL)
		return false;
	c->v = v;
	c->cap = want;
	return true;
}

static bool
add_change(struct changes *c, const struct engine_level *l)
{
	bool found;
	int i = find_change(c, l, &found);

	if (!found) {
		if (!change_room(c))
			return false;
		memmove(&c->v[i + 1], &c->v[i], (size_t)(c->n - i) * sizeof *c->v);
		c->n++;
	}
	c->v[i] = *l;
	return true;
}

/* Without memory the stream loses its way: a gap in pu shows it to the client. */
static void
add_changes(struct stream *st, const struct engine_event *ev)
{
	for (int i = 0; i < ev->u.book.n; i++)
		if (!add_change(&st->changes, &ev->u.book.level[i])) {
			st->changes.n = 0;
			st->last_u = ev->u.book.u;
			return;
		}
	st->pending = true;
}

static void
on_book(struct pushes *p, const struct engine_event *ev)
{
	struct stream *st;

	p->book[ev->sym] = true;
	for (int i = 0; (st = streams_at(p->s->streams, i)) != NULL; i++) {
		if (st->sym != ev->sym || st->nsub == 0)
			continue;
		if (st->kind == ST_DEPTH)
			add_changes(st, ev);
		else if (st->kind == ST_PARTIAL)
			st->pending = true;
	}
}

static void
put_side(struct pushes *p, const struct changes *c, enum order_side side, const char *key)
{
	jw_open(&p->b, key, '[');
	for (int i = 0; i < c->n; i++)
		if (c->v[i].side == side)
			market_level(&p->b, c->v[i].price, c->v[i].qty);
	jw_close(&p->b, ']');
}

static void
push_depth(struct pushes *p, struct stream *st, int64_t now)
{
	uint64_t u = engine_update_id(p->s->engine, st->sym);
	const struct engine *e = p->s->engine;
	struct buf *b = begin(p);

	put_head(p, "depthUpdate", st->sym, now);
	jw_i64(b, "T", now);
	jw_u64(b, "U", st->last_u + (st->last_u < u));
	jw_u64(b, "u", u);
	jw_u64(b, "pu", st->last_u);
	if (st->kind == ST_DEPTH) {
		put_side(p, &st->changes, SIDE_BUY, "b");
		put_side(p, &st->changes, SIDE_SELL, "a");
	} else {
		market_levels(e, st->sym, SIDE_BUY, "b", st->levels, b);
		market_levels(e, st->sym, SIDE_SELL, "a", st->levels, b);
	}
	put_tail(p, st->sym);
	st->changes.n = 0;
	st->last_u = u;
	streams_push(p->s->streams, st, b);
}

static void
put_top(struct pushes *p, int sym, int64_t now)
{
	struct buf *b = &p->b;

	put_head(p, "bookTicker", sym, now);
	jw_u64(b, "u", engine_update_id(p->s->engine, sym));
	jw_dec(b, "b", p->bid[sym].price);
	jw_dec(b, "B", p->bid[sym].qty);
	jw_dec(b, "a", p->ask[sym].price);
	jw_dec(b, "A", p->ask[sym].qty);
	jw_i64(b, "T", now);
	put_tail(p, sym);
}

static bool
differs(const struct engine_level *a, const struct engine_level *b)
{
	return dec_cmp(a->price, b->price) != 0 || dec_cmp(a->qty, b->qty) != 0;
}

/* The best quotes, if they are not those told last. */
static void
look_at_top(struct pushes *p, int sym, int64_t now)
{
	struct engine_level bid, ask;
	struct stream *st;

	market_top(p->s->engine, sym, &bid, &ask);
	if (!differs(&bid, &p->bid[sym]) && !differs(&ask, &p->ask[sym]))
		return;
	p->bid[sym] = bid;
	p->ask[sym] = ask;
	for (int i = 0; (st = streams_at(p->s->streams, i)) != NULL; i++)
		st->pending |= st->kind == ST_BOOK_ALL;
	if (!streams_wanted(p->s->streams, ST_BOOK, sym))
		return;
	begin(p);
	put_top(p, sym, now);
	streams_push_all(p->s->streams, ST_BOOK, sym, &p->b);
}

static void
push_tops(struct pushes *p, struct stream *st, int64_t now)
{
	for (int i = 0; i < engine_symbols(p->s->engine); i++) {
		begin(p);
		put_top(p, i, now);
		streams_push(p->s->streams, st, &p->b);
	}
}

/*
 * When
 */

void
pushes_event(struct pushes *p, const struct engine_event *ev)
{
	switch (ev->kind) {
	case EV_MARK:
		on_mark(p, ev);
		break;
	case EV_TRADE:
		on_trade(p, ev);
		break;
	case EV_BOOK:
		on_book(p, ev);
		break;
	case EV_FORCE:
		on_force(p, ev);
		break;
	default:
		break;
	}
}

void
pushes_settle(struct pushes *p, int64_t now_ms)
{
	for (int i = 0; i < engine_symbols(p->s->engine); i++) {
		push_agg(p, i, now_ms);
		if (p->book[i])
			look_at_top(p, i, now_ms);
		p->book[i] = false;
	}
}

/* A stream that shows a state shows it to its first subscriber at once; one
 * that shows changes begins here. */
void
pushes_begin(struct sim *s, struct stream *st)
{
	if (st->kind == ST_USER)
		return;
	if (st->nsub == 1) {
		st->changes.n = 0;
		st->kline.open_ms = 0;
		st->due = 0;
		st->last_u = st->sym == -1 ? 0 : engine_update_id(s->engine, st->sym);
	}
	if (st->kind != ST_DEPTH)
		st->pending = true;
}

/* Streams that wait for their hour. */
static bool
waits(const struct stream *st)
{
	return st->nsub > 0 && st->pending;
}

int64_t
pushes_due(struct pushes *p)
{
	int64_t due = p->repeat;
	const struct stream *st;

	for (int i = 0; (st = streams_at(p->s->streams, i)) != NULL; i++)
		if (waits(st) && st->due < due)
			due = st->due;
	return due;
}

static void
show(struct pushes *p, struct stream *st, int64_t now)
{
	st->pending = false;
	switch (st->kind) {
	case ST_MARK:
		begin(p);
		put_mark(p, st->sym, now);
		streams_push(p->s->streams, st, &p->b);
		break;
	case ST_BOOK:
		begin(p);
		market_top(p->s->engine, st->sym, &p->bid[st->sym], &p->ask[st->sym]);
		put_top(p, st->sym, now);
		streams_push(p->s->streams, st, &p->b);
		break;
	case ST_BOOK_ALL:
		push_tops(p, st, now);
		break;
	case ST_DEPTH:
	case ST_PARTIAL:
		push_depth(p, st, now);
		break;
	case ST_KLINE:
		turn_candle(p, st, now);
		st->pending = false;
		push_candle(p, st, false, now);
		break;
	default:
		break;
	}
}

void
pushes_tick(struct pushes *p, int64_t mono_ms, int64_t now_ms)
{
	struct stream *st;

	for (int i = 0; (st = streams_at(p->s->streams, i)) != NULL; i++) {
		if (st->kind == ST_KLINE && st->nsub > 0 && st->kline.open_ms != 0)
			turn_candle(p, st, now_ms);
		if (!waits(st) || st->due > mono_ms)
			continue;
		st->due = mono_ms + st->period_ms;
		show(p, st, now_ms);
	}
	if (mono_ms < p->repeat)
		return;
	p->repeat = mono_ms - p->repeat < REPEAT_MS ? p->repeat + REPEAT_MS : mono_ms + REPEAT_MS;
	repeat_marks(p, now_ms);
}

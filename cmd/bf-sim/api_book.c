/* Public market data: the book and the trades. */
#include "api_handlers.h"
#include "no.h"
#include "num.h"

#define DEPTH_MAX	1000

/*
 * The book
 */

static void
put_levels(struct call *c, const char *key, int sym, enum order_side side, int n)
{
	struct engine_level level[DEPTH_MAX];

	n = engine_depth(c->s->engine, sym, side, level, n);
	jw_open(&c->out, key, '[');
	for (int i = 0; i < n; i++) {
		jw_open(&c->out, NULL, '[');
		jw_dec(&c->out, NULL, level[i].price);
		jw_dec(&c->out, NULL, level[i].qty);
		jw_close(&c->out, ']');
	}
	jw_close(&c->out, ']');
}

static int
put_book(struct call *c, int sym, int limit)
{
	jw_open(&c->out, NULL, '{');
	jw_u64(&c->out, "lastUpdateId", engine_update_id(c->s->engine, sym));
	if (c->market == COINM)
		put_names(c, sym);
	jw_i64(&c->out, "E", c->now);
	jw_i64(&c->out, "T", c->now);
	put_levels(c, "bids", sym, SIDE_BUY, limit);
	put_levels(c, "asks", sym, SIDE_SELL, limit);
	jw_close(&c->out, '}');
	return answer(c);
}

static int
no_limit(struct call *c, int64_t limit)
{
	return no(&c->f, 400, -4021, "%lld is not valid depth limit", (long long)limit);
}

int
get_depth(struct call *c)
{
	static const int64_t allowed[] = { 5, 10, 20, 50, 100, 500, 1000 };
	int64_t limit = 500;
	int sym;

	if (want_symbol(c, &sym) == -1 || may_i64(c, "limit", INT64_MIN, DEPTH_MAX, &limit) == -1)
		return -1;
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
		if (allowed[i] == limit)
			return put_book(c, sym, (int)limit);
	return no_limit(c, limit);
}

/* There are no RPI orders here: the same book. */
int
get_rpi_depth(struct call *c)
{
	int64_t limit = DEPTH_MAX;
	int sym;

	if (want_symbol(c, &sym) == -1 || may_i64(c, "limit", INT64_MIN, DEPTH_MAX, &limit) == -1)
		return -1;
	return limit == DEPTH_MAX ? put_book(c, sym, DEPTH_MAX) : no_limit(c, limit);
}

static struct engine_level
best(const struct call *c, int sym, enum order_side side)
{
	const struct rules *r = rules_of(c, sym);
	struct engine_level l = { .price = { 0, r->tick.scale }, .qty = { 0, r->step.scale } };

	(void)engine_depth(c->s->engine, sym, side, &l, 1);
	return l;
}

static void
put_book_ticker(struct call *c, int sym)
{
	struct engine_level bid = best(c, sym, SIDE_BUY), ask = best(c, sym, SIDE_SELL);
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	put_names(c, sym);
	jw_dec(b, "bidPrice", bid.price);
	jw_dec(b, "bidQty", bid.qty);
	jw_dec(b, "askPrice", ask.price);
	jw_dec(b, "askQty", ask.qty);
	jw_i64(b, "time", c->now);
	jw_u64(b, "lastUpdateId", engine_update_id(c->s->engine, sym));
	jw_close(b, '}');
}

int
get_book_ticker(struct call *c)
{
	return each(c, put_book_ticker);
}

/*
 * Trades
 */

/* What a trade is worth: USDⓈ-M in the quote asset; COIN-M in coins, 8 decimals
 * half up. */
static dec
worth(const struct call *c, int sym, dec price, dec qty, bool *bad)
{
	dec usd, coins = { 0, 0 };

	if (c->market == USDM)
		return num_mul(bad, price, qty);
	usd = num_mul(bad, qty, engine_contract(c->s->engine, sym)->size);
	return num_ok(bad, dec_div(&coins, usd, price, MONEY, DEC_HALF_UP), &coins);
}

static int
put_trades(struct call *c, int sym, uint64_t from, int limit)
{
	struct hist_trade v[HIST_TRADES];
	struct buf *b = &c->out;
	bool bad = false;
	int n = hist_trades(c->s->hist, sym, from, v, limit);

	jw_open(b, NULL, '[');
	for (int i = 0; i < n && call_sees(c, v[i].ms); i++) {
		jw_open(b, NULL, '{');
		jw_u64(b, "id", v[i].id);
		jw_dec(b, "price", v[i].price);
		jw_dec(b, "qty", v[i].qty);
		jw_dec(b, c->market == COINM ? "baseQty" : "quoteQty",
		    worth(c, sym, v[i].price, v[i].qty, &bad));
		jw_i64(b, "time", v[i].ms);
		jw_bool(b, "isBuyerMaker", v[i].buyer_maker);
		if (c->market == USDM)
			jw_bool(b, "isRPITrade", false);
		jw_close(b, '}');
	}
	jw_close(b, ']');
	return bad ? no_room(c) : answer(c);
}

/* 0 in *from: none given. */
static int
may_from_id(struct call *c, uint64_t *from)
{
	*from = 0;
	if (may_u64(c, "fromId", from) == -1)
		return -1;
	if (*from == 0 && params_get(&c->p, "fromId") != NULL)
		*from = 1;
	return 0;
}

int
get_trades(struct call *c)
{
	int64_t limit = 500;
	int sym;

	if (want_symbol(c, &sym) == -1 || may_i64(c, "limit", 1, HIST_TRADES, &limit) == -1)
		return -1;
	return put_trades(c, sym, 0, (int)limit);
}

int
get_old_trades(struct call *c)
{
	int64_t limit = 100;
	uint64_t from = 0;
	int sym;

	if (want_symbol(c, &sym) == -1 || may_i64(c, "limit", 1, 500, &limit) == -1 ||
	    may_from_id(c, &from) == -1)
		return -1;
	return put_trades(c, sym, from, (int)limit);
}

static void
put_agg(struct call *c, const struct hist_agg *a)
{
	struct buf *b = &c->out;

	jw_open(b, NULL, '{');
	jw_u64(b, "a", a->id);
	jw_dec(b, "p", a->price);
	jw_dec(b, "q", a->qty);
	if (c->market == USDM)
		jw_dec(b, "nq", a->qty);	/* without RPI orders: there are none */
	jw_u64(b, "f", a->first);
	jw_u64(b, "l", a->last);
	jw_i64(b, "T", a->ms);
	jw_bool(b, "m", a->buyer_maker);
	jw_close(b, '}');
}

/* From an id or a start on the oldest come first, else the newest are meant. */
int
get_aggs(struct call *c)
{
	struct hist_agg v[HIST_TRADES];
	struct period p;
	uint64_t from = 0;
	int sym, n, i = 0;

	if (want_symbol(c, &sym) == -1 || may_from_id(c, &from) == -1 ||
	    read_period(c, &p, 0, 0, 500, HIST_TRADES) == -1)
		return -1;
	if (from != 0 && (p.has_start || p.has_end))
		return no(&c->f, 400, -1128, "Combination of optional parameters invalid.");
	if (p.has_start && p.has_end && p.end - p.start >= 3600 * 1000)
		return no(&c->f, 400, -1127, "More than 1 hours between startTime and endTime.");
	n = hist_aggs(c->s->hist, sym, from, p.start, p.end, v, HIST_TRADES);
	while (n > 0 && !call_sees(c, v[n - 1].ms))
		n--;
	if (from == 0 && !p.has_start && n > p.limit)
		i = n - p.limit;
	jw_open(&c->out, NULL, '[');
	for (int end = n - i > p.limit ? i + p.limit : n; i < end; i++)
		put_agg(c, &v[i]);
	jw_close(&c->out, ']');
	return answer(c);
}

/* The book as a ladder of prices, and the recent trades. */
#include <stdlib.h>

#include "list.h"
#include "plot.h"

#define LEVELS		10	/* asked for without --limit: a screenful */
#define LEVELS_DRAWN	500	/* the same for a chart */
#define LEVELS_MAX	1000
#define TRADES_MAX	1000
#define BPS		10000

static const struct column ladder_cols[] = {
	{ "SIDE", "side", COL_LEFT | COL_SIDE }, { "PRICE", "price", COL_DEC },
	{ "QTY", "qty", COL_DEC }, { "CUM QTY", "cumQty", COL_DEC }, { "CUM VALUE", "cumValue", COL_DEC },
	{ "BPS", "bps", COL_DEC }, { NULL, NULL, 0 }
};
static const struct column ladder_coin_cols[] = {
	{ "SIDE", "side", COL_LEFT | COL_SIDE }, { "PRICE", "price", COL_DEC },
	{ "CONTRACTS", "qty", COL_DEC }, { "CUM CONTRACTS", "cumQty", COL_DEC }, { "CUM USD", "cumValue", COL_DEC },
	{ "BPS", "bps", COL_DEC }, { NULL, NULL, 0 }
};
static const struct column trade_cols[] = {
	{ "TIME", "time", COL_TIME }, { "PRICE", "price", COL_DEC }, { "QTY", "qty", COL_DEC },
	{ "IN QUOTE", "quoteQty", COL_DEC }, { "BUYER MAKER", "isBuyerMaker", COL_LEFT }, { "ID", "id", COL_RIGHT },
	{ NULL, NULL, 0 }
};
static const struct column trade_coin_cols[] = {
	{ "TIME", "time", COL_TIME }, { "PRICE", "price", COL_DEC }, { "CONTRACTS", "qty", COL_DEC },
	{ "IN COIN", "baseQty", COL_DEC }, { "BUYER MAKER", "isBuyerMaker", COL_LEFT }, { "ID", "id", COL_RIGHT },
	{ NULL, NULL, 0 }
};

/*
 * The ladder
 */

/* What has come together from the best price down to a level. known: the value is. */
struct sum { dec qty, value; bool known; };
struct side { struct chart_level *v; struct sum *sum; int n; };

static bool
read_level(const struct tok *t, const struct tok *el, struct chart_level *l)
{
	const struct tok *p = el->kind == SCAN_ARR && el->n >= 2 ? scan_first(el) : NULL;

	return p != NULL && scan_dec(p, &l->price) && dec_sign(l->price) > 0 &&
	    scan_dec(scan_next(t, el, p), &l->qty) && dec_sign(l->qty) >= 0;
}

/* Add the next level. size: of a contract in USD; 0: the quantity is of coins, worth
 * their price. A sum out of room is not known, and so are those after it. */
static void
sum_up(struct sum *s, const struct sum *before, const struct chart_level *l, dec size)
{
	static const struct sum none = { .known = true };
	dec worth;

	*s = before != NULL ? *before : none;
	s->known = s->known && dec_mul(&worth, l->qty, dec_sign(size) > 0 ? size : l->price) &&
	    dec_add(&s->qty, s->qty, l->qty) && dec_add(&s->value, s->value, worth);
}

/* A side of the book, best first. Whoever calls frees it. */
static int
read_side(struct side *s, const struct tok *t, const char *key, dec size, struct fault *f)
{
	const struct tok *list = scan_get(t, t, key), *v;

	if (list == NULL || list->kind != SCAN_ARR)
		return fault_set(f, FAULT_AGAIN, "depth: %s is missing", key);
	s->v = calloc((size_t)list->n + 1, sizeof *s->v);
	s->sum = calloc((size_t)list->n + 1, sizeof *s->sum);
	if (s->v == NULL || s->sum == NULL)
		return fault_set(f, FAULT_LOCAL, "out of memory");
	for (v = scan_first(list); v != NULL; v = scan_next(t, list, v), s->n++) {
		if (!read_level(t, v, &s->v[s->n]))
			return fault_set(f, FAULT_AGAIN, "depth: %s: %.*s is no price and quantity", key,
			    v->len < 60 ? (int)v->len : 60, v->p);
		sum_up(&s->sum[s->n], s->n > 0 ? &s->sum[s->n - 1] : NULL, &s->v[s->n], size);
	}
	return 0;
}

static void
side_free(struct side *s)
{
	free(s->v);
	free(s->sum);
}

/* In hundredths of a percent of mid; null if there is none. */
static void
put_bps(struct buf *b, dec d, dec mid)
{
	if (dec_sign(mid) > 0 && dec_mul(&d, d, dec_int(BPS)) && dec_div(&d, d, mid, 2, DEC_HALF_UP))
		jw_dec(b, "bps", d);
	else
		jw_null(b, "bps");
}

static int
put_level(struct app *a, const char *name, const struct side *s, int i, dec mid, struct fault *f)
{
	const struct chart_level *l = &s->v[i];
	const struct sum *sum = &s->sum[i];
	struct buf *b = &a->rec;
	dec away = { 0 };
	bool known;

	jw_open(b, NULL, '{');
	jw_str(b, "side", name);
	jw_dec(b, "price", l->price);
	jw_dec(b, "qty", l->qty);
	if (sum->known) {
		jw_dec(b, "cumQty", sum->qty);
		jw_dec(b, "cumValue", sum->value);
	} else {
		jw_null(b, "cumQty");
		jw_null(b, "cumValue");
	}
	known = dec_sub(&away, l->price, mid);
	put_bps(b, away, known ? mid : dec_int(0));
	jw_close(b, '}');
	return info_put(a, f);
}

/* Between the two sides: what is between them. */
static int
put_spread(struct app *a, dec spread, dec mid, struct fault *f)
{
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "side", "spread");
	if (dec_sign(mid) > 0)
		jw_dec(b, "price", spread);
	else
		jw_null(b, "price");
	put_bps(b, spread, mid);
	jw_close(b, '}');
	return info_put(a, f);
}

/* Asks from the highest down, the spread, bids from the best down. */
static int
put_ladder(struct app *a, const struct side *bids, const struct side *asks, struct fault *f)
{
	dec mid = { 0 }, spread = { 0 };

	if (bids->n == 0 || asks->n == 0 || !dec_add(&mid, bids->v[0].price, asks->v[0].price) ||
	    !dec_div(&mid, mid, dec_int(2), 12, DEC_HALF_UP) ||
	    !dec_sub(&spread, asks->v[0].price, bids->v[0].price))
		mid = dec_int(0);
	for (int i = asks->n; i-- > 0;)
		if (put_level(a, "ask", asks, i, mid, f) == -1)
			return -1;
	if (put_spread(a, spread, mid, f) == -1)
		return -1;
	for (int i = 0; i < bids->n; i++)
		if (put_level(a, "bid", bids, i, mid, f) == -1)
			return -1;
	return 0;
}

/* USD a contract; 0 of USDⓈ-M. */
static dec
contract_size(const struct app *a, const char *symbol)
{
	const struct tok *t = a->x->doc.t, *v = scan_find(t, scan_get(t, t, "symbols"), "symbol", symbol);
	dec size;

	return scan_get_dec(t, v, "contractSize", &size) ? size : dec_int(0);
}

/* The answer in the session: as it came in a pipe, as a ladder or a chart for a person. */
static int
put_book(struct app *a, const char *symbol, struct fault *f)
{
	const struct tok *t = a->s->doc.t;
	struct side bids = { 0 }, asks = { 0 };
	dec size = contract_size(a, symbol);
	int r;

	if (!a->out.table && a->plot == NULL)
		return info_put_raw(a, t, f);
	r = read_side(&bids, t, "bids", size, f);
	if (r == 0)
		r = read_side(&asks, t, "asks", size, f);
	if (r == 0)
		r = a->plot == NULL ? put_ladder(a, &bids, &asks, f) :
		    plot_depth(a, symbol, bids.v, bids.n, asks.v, asks.n, f);
	side_free(&bids);
	side_free(&asks);
	return r;
}

/* The exchange takes no other number of levels. */
static int
levels(const struct app *a, long *out, struct fault *f)
{
	static const long allowed[] = { 5, 10, 20, 50, 100, 500, LEVELS_MAX };
	size_t i = 0, n = sizeof allowed / sizeof *allowed;

	*out = a->limit != -1 ? a->limit : a->plot != NULL ? LEVELS_DRAWN : LEVELS;
	while (i < n - 1 && allowed[i] < *out)
		i++;
	if (allowed[i] == *out)
		return 0;
	return fault_set(f, FAULT_USAGE, "--limit %ld: levels of a book are 5, 10, 20, 50, 100, 500 or 1000; "
	    "nearest %ld", *out, allowed[i]);
}

/* One symbol: the answer of USDⓈ-M does not name it. */
static int
do_book(struct app *a, char *const words[], int n, struct fault *f)
{
	struct buf q = { 0 };
	long limit;
	int r;

	if (info_words(a, n, 1, 1, f) == -1 || levels(a, &limit, f) == -1 || plot_check(a, f) == -1)
		return -1;
	if ((r = info_symbol(a, words[0], &q, f)) == 0) {
		buf_printf(&q, "&limit=%ld", limit);
		r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : session_call(a->s, EP_DEPTH, q.p, false, f);
	}
	if (r == 0)
		r = put_book(a, words[0], f);
	buf_free(&q);
	return r;
}

/*
 * Trades
 */

/* One symbol: the records do not name it. */
static int
do_trades(struct app *a, char *const words[], int n, struct fault *f)
{
	struct buf q = { 0 };
	int r;

	if (info_words(a, n, 1, 1, f) == -1)
		return -1;
	if (a->limit > TRADES_MAX)
		return fault_set(f, FAULT_USAGE, "--limit %ld: recent trades are 1 to %d; nearest %d", a->limit,
		    TRADES_MAX, TRADES_MAX);
	if ((r = info_symbol(a, words[0], &q, f)) == 0) {
		if (a->limit != -1)
			buf_printf(&q, "&limit=%ld", a->limit);
		r = q.bad ? fault_set(f, FAULT_LOCAL, "out of memory") : list_call(a, EP_TRADES, q.p, list_raw, f);
	}
	buf_free(&q);
	return r;
}

const struct verb book_verbs[] = {
	{ .name = "book", .run = do_book, .cols = ladder_cols, .coin_cols = ladder_coin_cols,
	  .takes = TAKES_LIMIT | TAKES_PLOT | TAKES_WATCH, .args = "SYMBOL", .help = "the book; on a terminal a ladder of prices",
	  .also = "depth" },
	{ .name = "trades", .run = do_trades, .cols = trade_cols, .coin_cols = trade_coin_cols,
	  .takes = TAKES_LIMIT | TAKES_WATCH, .args = "SYMBOL", .help = "the newest trades" },
	{ .name = NULL }
};

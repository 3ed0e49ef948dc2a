/* Prices: mark, last, the 24 hours, the best bid and ask. */
#include "list.h"

#define BPS	10000	/* of 1 */

static const struct column price_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "LAST", "lastPrice", COL_DEC }, { "MARK", "markPrice", COL_DEC },
	{ "BPS", "lastMinusMarkBps", COL_DEC }, { "INDEX", "indexPrice", COL_DEC | COL_MORE(1) },
	{ "BASIS BPS", "basisBps", COL_DEC }, { NULL, NULL, 0 }
};
static const struct column mark_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "MARK", "markPrice", COL_DEC }, { "INDEX", "indexPrice", COL_DEC },
	{ "FUNDING", "lastFundingRate", COL_DEC }, { "NEXT FUNDING", "nextFundingTime", COL_TIME },
	{ NULL, NULL, 0 }
};
static const struct column ticker_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "LAST", "lastPrice", COL_DEC }, { "CHANGE %", "priceChangePercent", COL_DEC | COL_SIGN },
	{ "HIGH", "highPrice", COL_DEC }, { "LOW", "lowPrice", COL_DEC }, { "VOLUME", "volume", COL_DEC | COL_MORE(2) },
	{ "IN QUOTE", "quoteVolume", COL_DEC | COL_MORE(1) }, { NULL, NULL, 0 }
};
static const struct column ticker_coin_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "LAST", "lastPrice", COL_DEC }, { "CHANGE %", "priceChangePercent", COL_DEC | COL_SIGN },
	{ "HIGH", "highPrice", COL_DEC }, { "LOW", "lowPrice", COL_DEC }, { "CONTRACTS", "volume", COL_DEC | COL_MORE(2) },
	{ "IN COIN", "baseVolume", COL_DEC | COL_MORE(1) }, { NULL, NULL, 0 }
};
static const struct column best_cols[] = {
	{ "SYMBOL", "symbol", COL_LEFT }, { "BID QTY", "bidQty", COL_DEC }, { "BID", "bidPrice", COL_DEC },
	{ "ASK", "askPrice", COL_DEC }, { "ASK QTY", "askQty", COL_DEC },
	{ NULL, NULL, 0 }
};

static int
do_mark(struct app *a, char *const words[], int n, struct fault *f)
{
	return list_symbols(a, EP_PREMIUM_INDEX, words, n, list_raw, f);
}

static int
do_ticker(struct app *a, char *const words[], int n, struct fault *f)
{
	return list_symbols(a, EP_TICKER_24H, words, n, list_raw, f);
}

static int
do_best(struct app *a, char *const words[], int n, struct fault *f)
{
	return list_symbols(a, EP_BOOK_TICKER, words, n, list_raw, f);
}

/*
 * Last, mark and index side by side
 */

/* A price; 0 if it is missing, or none. */
static dec
price(const struct tok *t, const struct tok *v, const char *key)
{
	dec d;

	return scan_get_dec(t, v, key, &d) && dec_sign(d) > 0 ? d : dec_int(0);
}

static void
put_price(struct buf *b, const char *key, dec d)
{
	if (dec_sign(d) > 0)
		jw_dec(b, key, d);
	else
		jw_null(b, key);
}

/* a - b, and the same in hundredths of a percent of b; null unless both are known. */
static void
put_difference(struct buf *out, const char *key, const char *bps_key, dec a, dec b)
{
	bool known = dec_sign(a) > 0 && dec_sign(b) > 0;
	dec d = { 0 }, bps;

	known = known && dec_sub(&d, a, b);
	if (known)
		jw_dec(out, key, d);
	else
		jw_null(out, key);
	if (known && dec_mul(&bps, d, dec_int(BPS)) && dec_div(&bps, bps, b, 2, DEC_HALF_UP))
		jw_dec(out, bps_key, bps);
	else
		jw_null(out, bps_key);
}

static int
put_prices(struct app *a, const char *symbol, const struct tok *lt, const struct tok *l,
    const struct tok *mt, const struct tok *m, struct fault *f)
{
	dec last = price(lt, l, "price"), mark = price(mt, m, "markPrice"), index = price(mt, m, "indexPrice");
	struct buf *b = &a->rec;

	jw_open(b, NULL, '{');
	jw_str(b, "e", "bf.price");
	jw_i64(b, "E", session_now(a->s));
	jw_str(b, "symbol", symbol);
	put_price(b, "lastPrice", last);
	put_price(b, "markPrice", mark);
	put_price(b, "indexPrice", index);
	put_difference(b, "lastMinusMark", "lastMinusMarkBps", last, mark);
	put_difference(b, "markMinusIndex", "markMinusIndexBps", mark, index);
	put_difference(b, "basis", "basisBps", last, index);
	put_int(b, "lastTime", scan_get(lt, l, "time"));
	put_int(b, "markTime", scan_get(mt, m, "time"));
	jw_close(b, '}');
	return info_put(a, f);
}

/* One request for each of the two, and then what belongs together. */
static int
prices(struct app *a, const char *query, struct kept *last, struct fault *f)
{
	const struct tok *t, *v;
	char symbol[SYMBOL_MAX];

	if (session_call(a->s, EP_TICKER_PRICE, query, false, f) == -1 ||
	    kept_take(last, a->s, "ticker/price", f) == -1 ||
	    session_call(a->s, EP_PREMIUM_INDEX, query, false, f) == -1)
		return -1;
	t = a->s->doc.t;
	for (v = t->kind == SCAN_ARR ? scan_first(t) : t; v != NULL; v = v == t ? NULL : scan_next(t, t, v)) {
		if (!scan_get_str(t, v, "symbol", symbol, sizeof symbol))
			return fault_set(f, FAULT_AGAIN, "premiumIndex: an element without symbol");
		if (put_prices(a, symbol, last->doc.t, kept_find(last, symbol), t, v, f) == -1)
			return -1;
	}
	return 0;
}

static int
do_price(struct app *a, char *const words[], int n, struct fault *f)
{
	struct kept last = { 0 };
	struct buf q = { 0 };
	int r = n == 0 ? prices(a, "", &last, f) : 0;

	for (int i = 0; i < n && r == 0; i++)
		if ((r = info_symbol(a, words[i], &q, f)) == 0)
			r = prices(a, q.p, &last, f);
	kept_free(&last);
	buf_free(&q);
	return r;
}

const struct verb price_verbs[] = {
	{ .name = "price", .run = do_price, .cols = price_cols, .takes = TAKES_WATCH, .args = "[SYMBOL ...]",
	  .help = "last, mark, index price, and how far apart", .also = "ticker/price" },
	{ .name = "mark", .run = do_mark, .cols = mark_cols, .takes = TAKES_WATCH, .args = "[SYMBOL ...]",
	  .help = "mark and index price, funding rate", .also = "premiumIndex markPrice" },
	{ .name = "ticker", .run = do_ticker, .cols = ticker_cols, .coin_cols = ticker_coin_cols, .takes = TAKES_WATCH,
	  .args = "[SYMBOL ...]", .help = "the last 24 hours", .also = "ticker/24hr 24hr" },
	{ .name = "bookTicker", .run = do_best, .cols = best_cols, .takes = TAKES_WATCH, .args = "[SYMBOL ...]",
	  .help = "best bid and ask", .also = "ticker/bookTicker" },
	{ .name = NULL }
};

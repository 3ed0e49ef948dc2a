/* What a person is shown of each kind of event, on a terminal. */
#include <string.h>

#include "stream.h"

static const struct column mark[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "MARK", "p", COL_RIGHT },
	{ "INDEX", "i", COL_RIGHT }, { "FUNDING", "r", COL_RIGHT }, { "NEXT", "T", COL_TIME | COL_MORE(1) },
	{ NULL, NULL, 0 }
};
static const struct column book[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "QTY", "B", COL_RIGHT },
	{ "BID", "b", COL_RIGHT }, { "ASK", "a", COL_RIGHT }, { "QTY", "A", COL_RIGHT },
	{ NULL, NULL, 0 }
};
static const struct column trade[] = {
	{ "TIME", "T", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "PRICE", "p", COL_RIGHT },
	{ "QTY", "q", COL_RIGHT }, { "BUYER MAKER", "m", COL_LEFT }, { NULL, NULL, 0 }
};
static const struct column depth[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "FROM", "U", COL_RIGHT },
	{ "TO", "u", COL_RIGHT }, { "BIDS", "b", COL_LEFT }, { "ASKS", "a", COL_LEFT }, { NULL, NULL, 0 }
};
static const struct column kline[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s|k.s|ps", COL_LEFT }, { "CANDLE", "k.i", COL_LEFT | COL_MORE(3) },
	{ "OPEN", "k.o", COL_RIGHT | COL_MORE(2) }, { "HIGH", "k.h", COL_RIGHT }, { "LOW", "k.l", COL_RIGHT },
	{ "CLOSE", "k.c", COL_RIGHT }, { "VOLUME", "k.v", COL_RIGHT }, { "DONE", "k.x", COL_LEFT | COL_MORE(1) },
	{ NULL, NULL, 0 }
};
static const struct column force[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "o.s", COL_LEFT }, { "SIDE", "o.S", COL_LEFT | COL_SIDE },
	{ "QTY", "o.q", COL_RIGHT }, { "PRICE", "o.p", COL_RIGHT }, { "AVERAGE", "o.ap", COL_RIGHT },
	{ NULL, NULL, 0 }
};
static const struct column user[] = {
	{ "TIME", "E", COL_TIME }, { "EVENT", "e", COL_LEFT }, { "SYMBOL", "o.s", COL_LEFT },
	{ "SIDE", "o.S", COL_LEFT | COL_SIDE }, { "TYPE", "o.o", COL_LEFT | COL_MORE(2) }, { "STATUS", "o.X", COL_LEFT },
	{ "QTY", "o.q", COL_RIGHT }, { "PRICE", "o.p", COL_RIGHT }, { "FILLED", "o.z", COL_RIGHT | COL_MORE(3) },
	{ "AVERAGE", "o.ap", COL_RIGHT | COL_MORE(1) }, { "ORDER", "o.i", COL_RIGHT | COL_MORE(4) }, { NULL, NULL, 0 }
};
/* Several kinds at once, or one without a table of its own. The same letter is another
 * thing in another kind: p of a 24 h ticker is the change, and q its quote volume. */
static const struct column any[] = {
	{ "TIME", "E", COL_TIME }, { "EVENT", "e", COL_LEFT }, { "SYMBOL", "s|o.s|k.s|ps|i", COL_LEFT },
	{ "PRICE", "k.c|c|p|o.p", COL_RIGHT | COL_NUM }, { "QTY", "k.v|v|q|o.q", COL_RIGHT | COL_NUM | COL_MORE(2) },
	{ "BID", "b", COL_RIGHT | COL_NUM }, { "ASK", "a", COL_RIGHT | COL_NUM }, { "STATUS", "o.X", COL_LEFT | COL_MORE(1) }, { NULL, NULL, 0 }
};
/* With indexes of assets among them, whose b, a and q are none of these. */
static const struct column few[] = {
	{ "TIME", "E", COL_TIME }, { "EVENT", "e", COL_LEFT }, { "SYMBOL", "s|o.s|k.s|ps|i", COL_LEFT },
	{ "PRICE", "k.c|c|p|o.p|i", COL_RIGHT | COL_NUM }, { NULL, NULL, 0 }
};
static const struct column asset[] = {
	{ "TIME", "E", COL_TIME }, { "INDEX", "s", COL_LEFT }, { "PRICE", "i", COL_RIGHT },
	{ "BID RATE", "B", COL_RIGHT }, { "ASK RATE", "A", COL_RIGHT }, { NULL, NULL, 0 }
};
static const struct column pair[] = {
	{ "TIME", "E", COL_TIME }, { "PAIR", "s|i", COL_LEFT }, { "INDEX", "p", COL_RIGHT }, { NULL, NULL, 0 }
};

static const struct column levels[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "QTY", "b.0.1", COL_RIGHT },
	{ "BID", "b.0.0", COL_RIGHT }, { "ASK", "a.0.0", COL_RIGHT }, { "QTY", "a.0.1", COL_RIGHT },
	{ "UPDATE", "u", COL_RIGHT | COL_MORE(1) }, { NULL, NULL, 0 }
};
static const struct column day[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "LAST", "c", COL_RIGHT },
	{ "OPEN", "o", COL_RIGHT | COL_MORE(1) }, { "HIGH", "h", COL_RIGHT }, { "LOW", "l", COL_RIGHT },
	{ "VOLUME", "v", COL_RIGHT | COL_MORE(2) }, { "CHANGE %", "P", COL_RIGHT | COL_SIGN }, { NULL, NULL, 0 }
};
/* It does not tell the change. */
static const struct column mini[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "LAST", "c", COL_RIGHT },
	{ "OPEN", "o", COL_RIGHT | COL_MORE(2) }, { "HIGH", "h", COL_RIGHT }, { "LOW", "l", COL_RIGHT },
	{ "VOLUME", "v", COL_RIGHT }, { "TURNOVER", "q", COL_RIGHT | COL_MORE(1) }, { NULL, NULL, 0 }
};
static const struct column contract[] = {
	{ "TIME", "E", COL_TIME }, { "SYMBOL", "s", COL_LEFT }, { "CONTRACT", "ct", COL_LEFT },
	{ "STATUS", "cs", COL_LEFT }, { "BRACKETS", "bks", COL_LEFT }, { NULL, NULL, 0 }
};

/* By the event, of which several streams may give the same. */
static const struct { const char *event; const struct column *cols; } tables[] = {
	{ "markPriceUpdate", mark }, { "bookTicker", book }, { "aggTrade", trade }, { "trade", trade },
	{ "depthUpdate", depth }, { "kline", kline }, { "continuous_kline", kline },
	{ "indexPrice_kline", kline }, { "markPrice_kline", kline }, { "forceOrder", force },
	{ "assetIndexUpdate", asset }, { "indexPriceUpdate", pair },
	{ "24hrMiniTicker", mini }, { "24hrTicker", day }, { "contractInfo", contract },
};

static const struct column *
of_row(const struct stream_row *r, bool local_book)
{
	if (local_book && strcmp(r->name, "depth") == 0)
		return levels;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		if (strcmp(tables[i].event, r->event) == 0)
			return r->latest && tables[i].cols == depth ? levels : tables[i].cols;
	return any;
}

const struct column *
columns_for(const struct wants *w, bool local_book)
{
	bool account = w->user[MARKET_USDM] || w->user[MARKET_COINM], assets = false;
	const struct column *cols = account ? user : NULL, *c;
	bool same = true;

	for (int i = 0; i < w->n; i++) {
		c = of_row(w->w[i].row, local_book);
		same = same && (cols == NULL || cols == c);
		assets = assets || c == asset;
		cols = c;
	}
	if (!same)
		return assets ? few : any;
	return cols == NULL ? (local_book ? levels : any) : cols;
}
